"""jobs/*.py through `ray job submit`, on a head of our own with token authentication on."""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from benchmarks import pile
from tests.e2e.kbray_process import SAMPLES, Kbray, wait_until

ROOT = SAMPLES.parent


@dataclass(frozen=True)
class Head:
    """A Ray head, and the environment in which its own commands find it."""

    url: str
    environment: dict[str, str]

    def submit(self, kbray: Kbray, *entrypoint: object, options: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
        runtime = {"env_vars": {name: value for name, value in kbray.environment.items() if name.startswith("KBRAY_")}}
        words = ["--working-dir", ".", "--runtime-env-json", json.dumps(runtime), *options, "--", "python", *map(str, entrypoint)]
        while True:
            done = self.job("submit", *words)
            if "No available agent to submit job" not in done.stdout + done.stderr:
                return done
            time.sleep(1)  # the head is still coming up; the test's own time limit ends this

    def job(self, verb: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """`ray job VERB …` against this head."""
        command = [_ray(), "job", verb, "--address", self.url, *words]
        return subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)


def _ray() -> str:
    return str(Path(sys.executable).with_name("ray"))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def head() -> Iterator[Head]:
    port, dashboard = _free_port(), _free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("RAY_", "KBRAY_"))} | {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_USAGE_STATS_ENABLED": "0",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    with tempfile.TemporaryDirectory(prefix="kray-", ignore_cleanup_errors=True) as folder:
        command = [_ray(), "start", "--head", "--block", "--num-cpus=2", f"--port={port}", f"--temp-dir={folder}"]
        command += [f"--dashboard-port={dashboard}", "--node-ip-address=127.0.0.1", "--object-store-memory=200000000"]
        started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: _answers(dashboard))
            yield Head(f"http://127.0.0.1:{dashboard}", environment)
        finally:
            everything = [*psutil.Process(started.pid).children(recursive=True), psutil.Process(started.pid)]
            started.terminate()
            _, alive = psutil.wait_procs(everything, timeout=5)
            for process in alive:
                process.kill()
            psutil.wait_procs(alive, timeout=10)
            started.wait()


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_the_jobs_do_what_the_commands_do(head: Head, fresh: Callable[..., Kbray]) -> None:
    kbray = fresh()
    kbray.run("sync", SAMPLES)

    processed = head.submit(kbray, "jobs/process.py", "--max-files", 3)

    said = processed.stdout + processed.stderr
    assert processed.returncode == 0 or "exit code 1" in said, said
    counts = kbray.json("status")["files"]
    assert (counts["processed"] + counts["failed"], counts["synced"]) == (3, counts["total"] - 3)
    assert kbray.json("status")["runs"][0]["ray_job_id"]

    ran = head.submit(kbray, "jobs/run.py", SAMPLES)

    assert ran.returncode == 1, ran.stdout + ran.stderr  # one sample is broken on purpose
    assert kbray.json("status")["files"]["indexed"] == counts["total"] - 1
    assert "processed" in ran.stdout


def test_a_job_that_is_stopped_ends_in_order(head: Head, fresh: Callable[..., Kbray], tmp_path: Path) -> None:
    kbray = fresh()
    pile.make(tmp_path / "pile", 800)
    kbray.run("sync", tmp_path / "pile")
    submitted = head.submit(kbray, "jobs/process.py", options=["--no-wait", "--submission-id", "stopped"])
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    wait_until(lambda: kbray.count("processed") > 0)

    began = time.monotonic()
    stopped = head.job("stop", "stopped")

    assert stopped.returncode == 0, stopped.stdout + stopped.stderr
    assert time.monotonic() - began < 10
    status = kbray.json("status")
    assert status["runs"][0]["state"] == "interrupted"
    assert (status["stuck_parts"], status["files"]["failed"]) == (0, 0)
    assert status["files"]["processed"] < 800
