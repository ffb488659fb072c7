"""What docker-compose.yml's database does on its first start, on a server of our own."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from kbray.catalogue import Catalogue, embedded
from tests.integration.conftest import at

SCRIPT = Path(__file__).parents[2] / "deploy" / "postgres" / "kbray.sh"


@pytest.fixture
def bare_server() -> Iterator[str]:
    """The URL of a server without kbray's database on it, where the image's own entrypoint would leave it."""
    with tempfile.TemporaryDirectory(prefix="kbray-test-") as folder:  # not under pytest's: see conftest.py
        url = embedded.start(Path(folder), settings={"fsync": "off"})
        with psycopg.connect(at(url, "postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE kbray")
        yield url
        embedded.stop(Path(folder), force=True)


def test_kbray_owns_its_database_and_nothing_else(bare_server: str) -> None:
    (socket,) = parse_qs(urlsplit(bare_server).query)["host"]
    environment = {
        "PATH": f"{embedded.programs()}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": socket,
        "POSTGRES_USER": "postgres",
        "POSTGRES_DB": "postgres",
        "KBRAY_POSTGRES_PASSWORD": "it's \\ a :'password'",
    }
    subprocess.run([SCRIPT], env=environment, check=True, capture_output=True, timeout=60)

    ours = bare_server.replace("postgres@", "kbray@").replace("postgres:@", "kbray:@")
    assert ours != bare_server
    with Catalogue(ours) as catalogue:
        catalogue.upgrade()
    with psycopg.connect(ours, autocommit=True) as connection:
        told = connection.execute(
            "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert told.fetchone() == ("kbray", False, False, False)
        connection.execute("SET ROLE pg_read_all_data")
        assert connection.execute("SELECT count(*) FROM files").fetchone() == (0,)
        connection.execute("RESET ROLE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY files TO PROGRAM 'cat'")
    with psycopg.connect(at(bare_server, "postgres")) as connection:
        stored = connection.execute("SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'kbray'")
        assert stored.fetchone() == (True,)
