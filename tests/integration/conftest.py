"""A real PostgreSQL for the session, and a fresh migrated database for each test that asks for one."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from kbray.catalogue import Catalogue, embedded
from kbray.model import RunId

_IN_A_HURRY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_number = itertools.count()


def at(url: str, database: str) -> str:
    """The same server, another database."""
    return url.replace("/kbray?", f"/{database}?")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The URL of a server of our own, with a migrated database `template` on it; it ends with the session.

    Not under pytest's folder: another pytest that starts closes that to all other users, and the server of root runs as one.
    """
    with tempfile.TemporaryDirectory(prefix="kbray-test-") as folder:
        home = Path(folder)
        yield _migrated(embedded.start(home, settings=_IN_A_HURRY))
        assert embedded.stop(home, force=True)
        assert not embedded.running(home)


def _migrated(url: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template")
    with Catalogue(at(url, "template")) as catalogue:
        catalogue.upgrade()
    return url


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A database without tables."""
    with fresh_database(server_url, "template1") as url:
        yield url


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    """A database with the newest schema and nothing in it."""
    with fresh_database(server_url) as url:
        yield url


@pytest.fixture
def catalogue(database_url: str) -> Iterator[Catalogue]:
    """A Catalogue on `database_url`."""
    with Catalogue(database_url, patience_s=5, pool_size=8) as found:
        yield found


@pytest.fixture
def run(catalogue: Catalogue) -> RunId:
    """A run of this process; tests of commands have a `run` of their own."""
    return catalogue.start_run("process", {})


@contextmanager
def fresh_database(server_url: str, template: str = "template") -> Iterator[str]:
    """A database like `template`, gone after the block."""
    name = f"test_{next(_number)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield at(server_url, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
