"""jobs/*.py through `ray job submit`, and `kbray … --submit`, on a head of our own with token authentication on."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from benchmarks import pile
from kbray.flow import metrics
from tests.e2e.kbray_process import LAST_FILES, SAMPLES, Kbray, wait_until

ROOT = SAMPLES.parent


class Head:
    """A Ray head on which kbray is installed and has its settings, and the environment in which its own commands find it."""

    def __init__(self, kbray: Kbray, folder: Path) -> None:
        self.kbray = kbray
        self._folder = folder
        self._port, self._dashboard, self.metrics = _free_port(), _free_port(), _free_port()
        self.url = f"http://127.0.0.1:{self._dashboard}"
        ours = {key: value for key, value in kbray.environment.items() if not key.startswith("RAY_")}
        self.environment = ours | {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_USAGE_STATS_ENABLED": "0",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        self._started: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [_ray(), "start", "--head", "--block", "--num-cpus=2", f"--port={self._port}", f"--temp-dir={self._folder}"]
        command += [f"--dashboard-port={self._dashboard}", f"--metrics-export-port={self.metrics}"]
        command += ["--node-ip-address=127.0.0.1", "--object-store-memory=200000000"]
        self._started = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # The last of it to come up: what jobs are handed to.
        wait_until(lambda: "No available agent" not in _all(self.job("list")) and self.job("list").returncode == 0)

    def end(self) -> None:
        if self._started is None:
            return
        everything = [*psutil.Process(self._started.pid).children(recursive=True), psutil.Process(self._started.pid)]
        self._started.terminate()
        _, alive = psutil.wait_procs(everything, timeout=5)
        for process in alive:
            process.kill()
        psutil.wait_procs(alive, timeout=10)
        self._started.wait()
        self._started = None

    def submit(self, *entrypoint: object, options: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
        while True:
            done = self.job("submit", "--working-dir", ".", *options, "--", "python", *map(str, entrypoint))
            if "No available agent to submit job" not in _all(done):
                return done
            time.sleep(1)  # the head is still coming up; the test's own time limit ends this

    def job(self, verb: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """`ray job VERB …` against this head."""
        command = [_ray(), "job", verb, "--address", self.url, *words]
        return subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)

    def command(self, *words: object) -> "subprocess.Popen[str]":
        """`kbray WORDS --submit` here, from a machine without settings of its own."""
        here = {key: value for key, value in self.environment.items() if not key.startswith("KBRAY_")}
        command = [sys.executable, "-m", "kbray", *map(str, words), "--submit", self.url]
        pipe = subprocess.PIPE
        self.kbray.started.append(subprocess.Popen(command, env=here, stdout=pipe, stderr=pipe, text=True))
        return self.kbray.started[-1]


def _all(done: "subprocess.CompletedProcess[str]") -> str:
    return done.stdout + done.stderr


def _ray() -> str:
    return str(Path(sys.executable).with_name("ray"))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def head(kbray: Kbray) -> Iterator[Head]:
    with tempfile.TemporaryDirectory(prefix="kray-", ignore_cleanup_errors=True) as folder:
        made = Head(kbray, Path(folder))
        try:
            made.start()
            yield made
        finally:
            made.end()


def test_the_jobs_do_what_the_commands_do(head: Head) -> None:
    kbray = head.kbray
    kbray.run("sync", SAMPLES)

    processed = head.submit("jobs/process.py", "--max-files", 3)

    counts = kbray.json("status")["files"]
    assert (counts["processed"] + counts["failed"], counts["synced"]) == (3, counts["total"] - 3)
    assert kbray.json("status")["runs"][0]["ray_job_id"]
    assert f"kbray process: exit code {min(1, counts['failed'])}" in _all(processed)
    assert (processed.returncode == 0) == (counts["failed"] == 0)

    out, talk = (run := head.command("run", SAMPLES)).communicate(timeout=240)

    assert run.returncode == 1, out + talk  # one sample is broken on purpose
    assert kbray.count("indexed") == counts["total"] - 1
    assert "processed" in out
    assert kbray.json("status")["runs"][-1]["ray_job_id"] is None, "the first sync was no job"
    with urlopen(f"http://127.0.0.1:{head.metrics}/metrics") as answer:
        shown = answer.read().decode()
    assert [name for name in metrics.NAMES if f"ray_{name}" not in shown] == []


def test_a_job_whose_cluster_dies_is_submitted_again(head: Head, tmp_path: Path) -> None:
    pile.make(tmp_path / "pile", 60)
    head.kbray.run("sync", tmp_path / "pile")
    command = head.command("process")
    with head.kbray.held(LAST_FILES):
        wait_until(lambda: head.kbray.count("processed") > 0)
        head.end()
    head.start()

    out, talk = command.communicate(timeout=240)

    assert command.returncode == 0, out + talk
    assert "it is submitted again" in talk
    assert head.kbray.count("processed") == 60


def test_a_job_that_is_stopped_ends_in_order(head: Head, tmp_path: Path) -> None:
    kbray = head.kbray
    pile.make(tmp_path / "pile", 800)
    kbray.run("sync", tmp_path / "pile")
    submitted = head.submit("jobs/process.py", options=["--no-wait", "--submission-id", "stopped"])
    assert submitted.returncode == 0, _all(submitted)
    wait_until(lambda: kbray.count("processed") > 0)

    began = time.monotonic()
    stopped = head.job("stop", "stopped")

    assert stopped.returncode == 0, _all(stopped)
    assert time.monotonic() - began < 10
    status = kbray.json("status")
    assert status["runs"][0]["state"] == "interrupted"
    assert (status["stuck_parts"], status["files"]["failed"]) == (0, 0)
    assert status["files"]["processed"] < 800
