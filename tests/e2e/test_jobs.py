"""jobs/*.py through `ray job submit`, and `kbray … --submit`, on a head of our own with token authentication on."""

import signal
import time
from pathlib import Path
from urllib.request import urlopen

from benchmarks import pile
from kbray.flow import metrics
from tests.e2e.head import Head, said
from tests.e2e.kbray_process import LAST_FILES, PATIENCE_S, SAMPLES, wait_until


def test_the_jobs_do_what_the_commands_do(head: Head) -> None:
    kbray = head.kbray
    kbray.run("sync", SAMPLES)
    assert head.job("list", token="0" * 64).returncode != 0

    processed = head.submit("jobs/process.py", "--max-files", 3)

    counts = kbray.json("status")["files"]
    assert (counts["processed"] + counts["failed"], counts["synced"]) == (3, counts["total"] - 3)
    assert kbray.json("status")["runs"][0]["ray_job_id"]
    assert f"kbray process: exit code {min(1, counts['failed'])}" in said(processed)
    assert (processed.returncode == 0) == (counts["failed"] == 0)

    out, talk = (run := head.command("run", SAMPLES)).communicate(timeout=PATIENCE_S)

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

    out, talk = command.communicate(timeout=PATIENCE_S)

    assert command.returncode == 0, out + talk
    assert "it is submitted again" in talk
    assert head.kbray.count("processed") == 60


def test_a_job_that_is_stopped_ends_in_order(head: Head, tmp_path: Path) -> None:
    kbray = head.kbray
    pile.make(tmp_path / "pile", 800)
    kbray.run("sync", tmp_path / "pile")
    submitted = head.submit("jobs/process.py", options=["--no-wait", "--submission-id", "stopped"])
    assert submitted.returncode == 0, said(submitted)
    wait_until(lambda: kbray.count("processed") > 0)

    began = time.monotonic()
    stopped = head.job("stop", "stopped")

    assert stopped.returncode == 0, said(stopped)
    assert time.monotonic() - began < 10
    status = kbray.json("status")
    assert status["runs"][0]["state"] == "interrupted"
    assert (status["stuck_parts"], status["files"]["failed"]) == (0, 0)
    assert status["files"]["processed"] < 800

    before = kbray.count("processed")
    command = head.command("process")
    wait_until(lambda: kbray.count("processed") > before)
    command.send_signal(signal.SIGINT)
    out, talk = command.communicate(timeout=PATIENCE_S)

    assert command.returncode == 130, out + talk
    assert "Stopping the job" in talk
    assert "INFO" not in talk, "Ray's client talked, too"
    assert kbray.json("status")["runs"][0]["state"] == "interrupted"
    assert kbray.count("processed") < 800
