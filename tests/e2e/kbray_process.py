"""Running kbray as a user does: as a process, with a home of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from kbray.catalogue import embedded

SAMPLES = Path(__file__).parents[2] / "samples"

PATIENCE_S = 500
"""How long what must happen may take on a slow machine; what hangs is ended by pytest's own limit."""
LAST_FILES = "SELECT 1 FROM files ORDER BY id DESC LIMIT 20 FOR NO KEY UPDATE"
"""Held, no run is over before the test has disturbed it."""


@dataclass(frozen=True)
class Kbray:
    """A kbray with its own `home`, so its own database and objects unless `settings` name others."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    started: "list[subprocess.Popen[str]]" = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        # Without vectors, unless a test is about them: their model takes ten seconds to start.
        own = {"KBRAY_HOME": str(self.home), "KBRAY_RAY_DASHBOARD": "false", "KBRAY_VECTORS": "false"}
        return {key: value for key, value in os.environ.items() if not key.startswith("KBRAY_")} | own | self.settings

    def start(self, *arguments: object, session: bool = False) -> "subprocess.Popen[str]":
        """session: as on a terminal of its own, so that a signal can be sent to it and to all that it starts."""
        command = [sys.executable, "-m", "kbray", *map(str, arguments)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, env=self.environment, stdout=pipe, stderr=pipe, text=True, start_new_session=session)
        self.started.append(process)
        return self.started[-1]

    def end(self) -> None:
        """Nothing that was started runs on; a test that failed may have left something."""
        while self.started:
            with self.started.pop() as process:
                process.kill()

    def run(self, *arguments: object, expect: int = 0) -> str:
        """Its stdout; the exit code must be `expect`."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == expect, f"kbray {arguments} ended with {process.returncode}\n{out}\n{err}"
        return out

    def json(self, *arguments: object, expect: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", expect=expect))

    @property
    def database(self) -> str:
        """The URL of its database; an embedded one is started."""
        return self.settings.get("KBRAY_DATABASE_URL") or embedded.start(self.home)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(statement.encode()).fetchall()

    def count(self, status: str) -> int:
        """Files that stand so, asked of the database: `kbray status` takes a second, in which the rest may be done."""
        return len(self.rows(f"SELECT 1 FROM files WHERE status = '{status}'"))

    @contextmanager
    def held(self, lock: str) -> Iterator[None]:
        """What `lock` locks stays so meanwhile: whoever wants to change it waits."""
        connection = psycopg.connect(self.database)
        try:
            connection.execute(lock.encode())
            yield
        finally:
            connection.close()

    def results(self) -> dict[str, bytes]:
        """Key → bytes of every result in a local object folder."""
        root = self.home / "objects"
        return {str(path.relative_to(root)): path.read_bytes() for path in sorted((root / "docs").rglob("*")) if path.is_file()}


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Return once `condition` holds.

    Raises: TimeoutError: it did not within `seconds`.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("what was waited for did not happen")
        time.sleep(0.2)
