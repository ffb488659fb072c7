"""pg_dump, pg_restore and psql of the wheel: the catalogue as one file, and back.

A dump is in pg_dump's custom format, which `pg_restore` of this version or a newer one reads without kbray. It comes back as
one transaction: what pg_restore writes is handed to psql between what has to be done before and after it, and COMMIT is the last
word. Whoever is killed on the way, nothing has happened.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import IO

from kbray.catalogue import embedded
from kbray.catalogue.connection import Database
from kbray.errors import ConfigError, DatabaseUnavailable

_HEADER_LINES = 60
_UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"  # pg_restore writes it whatever server it is meant for
_ERROR = re.compile(r"^.*(?:error|ERROR|FATAL):\s+(.+)$", re.MULTILINE)
_LOST = 2  # psql: the connection went bad


def dump(database: Database, snapshot: str, tables: Sequence[tuple[str, str]], file: Path) -> None:
    """These tables (schema, name), as the exported snapshot sees them, are in `file`.

    Raises: ConfigError: the server is newer than pg_dump. DatabaseUnavailable: pg_dump failed.
    """
    address, environment = database.for_programs()
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [
                str(embedded.programs() / "pg_dump"),
                *("--format=custom", "--no-password", f"--snapshot={snapshot}", f"--file={file}", f"--dbname={address}"),
                *(f'--table="{schema}"."{name}"' for schema, name in tables),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env={**os.environ, **environment},
            check=False,
        )
        if done.returncode:
            raise DatabaseUnavailable(f"The catalogue {database.place} could not be dumped: {_reason(said)}.")


def check_version(server: int) -> None:
    """Args: server: the major version of the server to be dumped.

    Raises: ConfigError: it is newer than pg_dump.
    """
    if server > embedded.VERSION:
        raise ConfigError(
            f"The database is PostgreSQL {server}, and this kbray brings pg_dump {embedded.VERSION}, which can't read newer "
            "servers: upgrade kbray, or dump the database with the server's own pg_dump."
        )


def restore(database: Database, file: Path, before: str, after: str) -> None:
    """In one transaction: the SQL of `before`, the tables of the dump, the SQL of `after`.

    Raises: DatabaseUnavailable: it did not come to the end, and nothing has changed.
    """
    address, environment = database.for_programs()
    programs = embedded.programs()
    with ExitStack() as stack:
        said, complained = stack.enter_context(tempfile.TemporaryFile()), stack.enter_context(tempfile.TemporaryFile())
        psql = subprocess.Popen(
            [
                str(programs / "psql"),
                *("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", f"--dbname={address}"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env={**os.environ, **environment},
        )
        stack.callback(_end, psql)
        script = subprocess.Popen(
            [str(programs / "pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complained,
        )
        stack.callback(_end, script)
        assert psql.stdin is not None
        assert script.stdout is not None
        try:
            psql.stdin.write(f"BEGIN;\n{before}\n".encode())
            for line in islice(script.stdout, _HEADER_LINES):
                if line != _UNKNOWN_BEFORE_17:
                    psql.stdin.write(line)
            shutil.copyfileobj(script.stdout, psql.stdin, 1024 * 1024)
            if script.wait():
                raise DatabaseUnavailable(f"The catalogue in the bundle can't be read: {_reason(complained)}.")
            psql.stdin.write(f"\n{after}\nCOMMIT;\n".encode())
            psql.stdin.close()
        except BrokenPipeError:
            pass  # psql has ended, and says why
        if ended := psql.wait():
            why = "the connection was lost" if ended == _LOST else _reason(said)
            raise DatabaseUnavailable(f"The catalogue could not be put into {database.place}, which is as it was: {why}.")


def _end(process: subprocess.Popen[bytes]) -> None:
    """It has ended, if need be by force: psql has heard no COMMIT then."""
    if process.poll() is None:
        process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):  # something is left in it that nobody reads any more
                stream.close()
    process.wait()


def _reason(said: IO[bytes]) -> str:
    """The first error a program told of, without its own name and place."""
    said.seek(0)
    text = said.read().decode(errors="replace")
    found = _ERROR.search(text)
    return (found[1] if found else " ".join(text.split())[-300:]).strip().rstrip(".") or "it gives no reason"
