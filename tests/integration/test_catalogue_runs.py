"""Runs live by their heartbeats, end once, and leave nothing behind."""

import os
import pickle
import signal
import socket
import subprocess
import sys
from typing import Any

import pytest

from kbray.catalogue import Catalogue, process, runs
from kbray.errors import FencedOut
from kbray.model import FileId, RunId
from kbray.signals import handled, interrupt
from tests.integration.pile import GOOD, LEASE_S, claimed, commit, kill, pdf, sql, states, synced, work

pytestmark = pytest.mark.integration


def test_a_run_begins_beats_and_ends(catalogue: Catalogue, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # As Ray sets it for the entrypoint of a job.
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", '{"metadata": {"job_submission_id": "raysubmit_1"}}')
    run = catalogue.start_run("process\x00", {"paths": ["/b\udcff"], "n": 3, "nul": "\x00"})

    begun = catalogue.run(run)
    assert (begun.command, begun.state, begun.host, begun.pid) == ("process\ufffd", "running", socket.gethostname(), os.getpid())
    assert (begun.ray_job_id, begun.ended_at, begun.message) == ("raysubmit_1", None, None)
    assert catalogue.beat(run) == "running"
    assert catalogue.run(run).heartbeat_at > begun.heartbeat_at
    catalogue.end_run(run, "failed", "The disk is full.")
    ended = catalogue.run(run)
    assert (ended.state, ended.message, ended.ended_at is not None) == ("failed", "The disk is full.", True)
    assert sql(database_url, "SELECT arguments->>'n' FROM runs") == [("3",)]


def test_a_run_that_ended_stays_as_it_ended(catalogue: Catalogue) -> None:
    run = catalogue.start_run("process", {})
    catalogue.end_run(run, "interrupted", "Ctrl-C")

    catalogue.end_run(run, "succeeded")
    catalogue.request_stop(run)

    assert (catalogue.run(run).state, catalogue.run(run).message) == ("interrupted", "Ctrl-C")
    with pytest.raises(FencedOut, match=f"Run {run} "):
        catalogue.beat(run)


def test_a_run_that_never_was(catalogue: Catalogue) -> None:
    with pytest.raises(KeyError):
        catalogue.run(RunId(99))
    with pytest.raises(FencedOut):
        catalogue.beat(RunId(99))


def test_the_end_of_a_run_frees_what_it_holds_without_counting_it(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("a.pdf", parts=2), pdf("b.pdf", parts=2))
    run = catalogue.start_run("process", {})
    refs = work(catalogue, run)
    held = claimed(catalogue, run, refs[0])
    for ref in refs[2:]:
        commit(catalogue, claimed(catalogue, run, ref))

    catalogue.end_run(run, "interrupted")

    assert states(catalogue, FileId(1)) == ["pending", "pending"]
    assert states(catalogue, FileId(2)) == ["done", "pending"]  # it was for this run to finish the file
    assert not commit(catalogue, held).accepted
    assert not catalogue.finish(run, FileId(2), GOOD)
    heir = catalogue.start_run("process", {})
    claims = [claimed(catalogue, heir, ref) for ref in work(catalogue, heir)]
    assert [(claim.attempt, claim.interruptions) for claim in claims] == [(1, 0)] * 3


def test_only_the_dead_are_reaped(catalogue: Catalogue, database_url: str) -> None:
    silent, vanished, elsewhere, alive, ended = (catalogue.start_run("process", {"n": n}) for n in range(5))
    kill(database_url, silent)
    kill(database_url, vanished, silent=False)
    sql(database_url, "UPDATE runs SET machine = 'another', pid = 1, process_started = 1 WHERE id = :run", run=elsewhere)
    catalogue.end_run(ended, "succeeded")
    kill(database_url, ended)

    told = catalogue.runs(lease_s=LEASE_S)
    assert [run.state for run in told] == ["succeeded", "running", "running", "dead", "dead"]
    assert [run.ended_at for run in told[3:]] == [run.heartbeat_at for run in told[3:]]
    assert catalogue.reap(LEASE_S) == [silent, vanished]
    assert catalogue.reap(LEASE_S) == []
    assert catalogue.run(vanished).ended_at == catalogue.run(vanished).heartbeat_at, "not the time when it was found"

    assert [run.state for run in catalogue.runs()] == ["succeeded", "running", "running", "dead", "dead"]
    assert [run.id for run in catalogue.runs(limit=2)] == [ended, alive]
    with pytest.raises(FencedOut):
        catalogue.beat(silent)
    assert catalogue.run(silent).message == "It gave no sign of life; what it held was freed."


def test_a_silent_run_that_is_heard_again_before_it_is_reaped_lives(catalogue: Catalogue, database_url: str) -> None:
    run = catalogue.start_run("process", {})
    kill(database_url, run)
    catalogue.beat(run)

    assert catalogue.reap(LEASE_S) == []
    assert catalogue.beat(run) == "running"


def test_a_process_that_was_killed_is_known_to_be_gone() -> None:
    show = "import pickle, sys; from kbray.catalogue import process; sys.stdout.buffer.write(pickle.dumps(process.this()))"
    child = subprocess.run([sys.executable, "-c", show], check=True, capture_output=True)

    identity = pickle.loads(child.stdout)

    assert identity.machine == process.machine()
    assert process.gone(identity)
    assert not process.gone(process.this())


def test_a_zombie_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = process._started(child.pid)
    assert started is not None
    identity = process.Identity("here", process.machine(), child.pid, started)
    assert not process.gone(identity)

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert process.gone(identity)
    child.communicate()


def test_a_run_that_asks_twice_to_begin_is_one(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kbray.catalogue._token", lambda: 42)

    assert catalogue.start_run("process", {}) == catalogue.start_run("process", {})


def test_a_command_that_is_stopped_while_its_run_begins_ends_it(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C between the commit and whoever would have ended the run: it looked as if it were dead."""
    do = catalogue._do

    def committed(what: Any, *arguments: Any) -> Any:
        done = do(what, *arguments)
        if what is runs.start:
            signal.raise_signal(signal.SIGINT)
        return done

    monkeypatch.setattr(catalogue, "_do", committed)
    with handled(interrupt), pytest.raises(KeyboardInterrupt):  # heard under `nohup`, too
        catalogue.start_run("process", {})
    assert [run.state for run in catalogue.runs()] == ["interrupted"]
