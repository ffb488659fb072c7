"""A kbray with a home of its own, run as a user does and watched from outside."""

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

import psutil
import psycopg

from kbray.catalogue import embedded

EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What a run used at one moment. Memory in bytes; `total_pss` counts a shared page once, split among its users."""

    elapsed_s: float
    done: int  # files
    driver_rss: int
    total_pss: int
    processes: int
    files_open: int
    spilled: int


@dataclass
class Session:
    """`home` is empty at first; its database server is stopped by `end`."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    def kbray(self, *arguments: object) -> str:
        """Its stdout. Raises: SystemExit: it failed for another reason than files that fail."""
        done = subprocess.run(self._command(*arguments), env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(done.stderr)
        return done.stdout

    def timed(self, *arguments: object) -> float:
        """Seconds that the command takes."""
        started = time.monotonic()
        self.kbray(*arguments)
        return time.monotonic() - started

    def json(self, *arguments: object) -> Any:
        return json.loads(self.kbray(*arguments, "--json"))

    def watch(self, *arguments: object, every_s: float = EVERY_S) -> tuple[list[Sample], float]:
        """The command with a sample of what it uses every second, and the seconds it took."""
        started, samples = time.monotonic(), list[Sample]()
        null = subprocess.DEVNULL
        driver = subprocess.Popen(self._command(*arguments), env=self._environment, stdout=null, stderr=null)
        while driver.poll() is None:
            time.sleep(every_s)
            if sample := self._sample(driver.pid, started):
                samples.append(sample)
        if driver.returncode not in (0, 1):
            raise SystemExit(f"kbray {arguments[0]} ended with {driver.returncode}")
        return samples, time.monotonic() - started

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows from the catalogue itself."""
        with psycopg.connect(embedded.start(self.home)) as connection:
            return connection.execute(sql.encode()).fetchall()

    def steady_s(self) -> float:
        """From the first part that was claimed to the last that was committed, in the latest run: start-up apart."""
        sql = "SELECT extract(epoch FROM max(ended_at) - min(started_at)) FROM attempts WHERE run_id = (SELECT max(id) FROM runs)"
        return float(self.query(sql)[0][0])

    def cpu_s(self) -> float:
        """CPU seconds of the parse stage in the latest run."""
        return float(self.query("SELECT sum(cpu_s) FROM attempts WHERE run_id = (SELECT max(id) FROM runs)")[0][0])

    def parse_s(self) -> float:
        """Seconds in which a part was in parse, added up, in the latest run."""
        return float(self.query("SELECT sum(parse_s) FROM attempts WHERE run_id = (SELECT max(id) FROM runs)")[0][0])

    def end(self) -> None:
        embedded.stop(self.home, force=True)

    @property
    def _environment(self) -> dict[str, str]:
        return os.environ | {"KBRAY_HOME": str(self.home), "KBRAY_RAY_DASHBOARD": "false"} | self.settings

    def _command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "kbray", *map(str, arguments)]

    def _sample(self, pid: int, started: float) -> Sample | None:
        try:
            driver = psutil.Process(pid)
            everything = [driver, *driver.children(recursive=True)]
            done = self.query("SELECT count(*) FROM files WHERE status IN ('processed', 'failed')")[0][0]
            return Sample(
                elapsed_s=time.monotonic() - started,
                done=done,
                driver_rss=driver.memory_info().rss,
                total_pss=sum(_of(process, lambda p: p.memory_full_info().pss) for process in everything),
                processes=len(everything),
                files_open=sum(_of(process, lambda p: p.num_fds()) for process in everything),
                spilled=sum(path.stat().st_size for path in (self.home / "spill").rglob("*") if path.is_file()),
            )
        except (psutil.NoSuchProcess, FileNotFoundError):
            return None


def _of(process: psutil.Process, measure: Callable[[psutil.Process], int]) -> int:
    """Nothing of a process that has ended."""
    try:
        return measure(process)
    except psutil.Error:
        return 0


@contextmanager
def session(folder: Path, **settings: str) -> Iterator[Session]:
    """In a subfolder of `folder`, with settings by their environment names."""
    made = Session(folder / "home", settings)
    try:
        yield made
    finally:
        made.end()


def peaks(samples: list[Sample]) -> dict[str, object]:
    """The largest of each, for people."""
    return {
        "all_processes_peak_pss_mb": round(max(sample.total_pss for sample in samples) / 1e6),
        "processes_peak": max(sample.processes for sample in samples),
        "files_open_peak": max(sample.files_open for sample in samples),
        "spilled_peak_mb": round(max(sample.spilled for sample in samples) / 1e6),
    }


def growth(samples: list[Sample], files: int) -> dict[str, object]:
    """The driver's memory once a tenth of the files is done, and at the end."""
    early = next((sample.driver_rss for sample in samples if sample.done >= files * 0.1), samples[0].driver_rss)
    late = next(sample.driver_rss for sample in reversed(samples) if sample.driver_rss)
    return {
        "driver_rss_at_tenth_mb": round(early / 1e6, 1),
        "driver_rss_at_end_mb": round(late / 1e6, 1),
        "driver_growth": round(late / early - 1, 3),
    }
