"""An S3 server on loopback for tests: moto's, in this process. tests/conftest.py makes its fixtures known."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from kbray.config import Settings


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where it listens."""

    endpoint_url: str

    def client(self) -> Any:
        return boto3.client("s3", endpoint_url=self.endpoint_url, region_name="us-east-1")

    def settings(self, home: Path, objects_url: str | None = None, **changes: Any) -> Settings:
        return Settings(home=home, objects_url=objects_url, s3_endpoint_url=self.endpoint_url, **({"patience_s": 2} | changes))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """The server, with keys in the environment that mean nothing; they are taken out again."""
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    given = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3Server(f"http://{host}:{port}")
    server.stop()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture
def bucket(s3_server: S3Server, request: pytest.FixtureRequest) -> str:
    """A new empty bucket."""
    name = f"test-{abs(hash(request.node.nodeid)):x}"
    s3_server.client().create_bucket(Bucket=name)
    return name
