"""Ctrl-C and kill against a real `kbray sync`: what was read is kept, the run tells how it ended, the next one goes on."""

import os
import pty
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kbray.catalogue import Catalogue

pytestmark = pytest.mark.integration

FILES = 3000


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for number in range(FILES):
        path = tmp_path / "tree" / f"{number % 10}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"file {number}")
    return tmp_path / "tree"


def start(tree: Path, database_url: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", "from kbray.cli import main; main()", "sync", str(tree)],
        env={**os.environ, "KBRAY_HOME": str(tree.parent / "home"), "KBRAY_DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_files(catalogue: Catalogue, number: int) -> None:
    ends = time.monotonic() + 60
    while len(catalogue.files(limit=FILES)) < number:
        assert time.monotonic() < ends, "no files were recorded"
        time.sleep(0.02)


def test_ctrl_c_ends_in_order(tree: Path, catalogue: Catalogue, database_url: str) -> None:
    process = start(tree, database_url)
    wait_for_files(catalogue, 1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped before the end; run it again to go on." in out
    assert "Stopping: files being read are finished." in err
    assert "Traceback" not in err
    recorded = len(catalogue.files(limit=FILES))
    assert 0 < recorded < FILES
    assert f" {recorded:,} new" in out
    assert [run.state for run in catalogue.runs()] == ["interrupted"]


def test_a_terminal_that_is_closed_ends_in_order(tree: Path, catalogue: Catalogue, database_url: str) -> None:
    """As a window that is closed, or a line that breaks: its foreground is told, and nobody reads what it writes."""
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", IN_A_TERMINAL, sys.executable, "-m", "kbray", "sync", str(tree)],
        env={**os.environ, "KBRAY_HOME": str(tree.parent / "home"), "KBRAY_DATABASE_URL": database_url},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    wait_for_files(catalogue, 1)
    os.close(terminal)
    assert process.wait(60) == 130
    assert 0 < len(catalogue.files(limit=FILES)) < FILES
    assert [run.state for run in catalogue.runs()] == ["interrupted"]
    assert catalogue.places_with_problems() == []


IN_A_TERMINAL = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # where the tests run under nohup it is ignored
os.close(os.open(os.ttyname(0), os.O_RDWR))  # who leads a session and opens a terminal is told when that is closed
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_a_killed_sync_is_taken_up_again(tree: Path, catalogue: Catalogue, database_url: str) -> None:
    process = start(tree, database_url)
    wait_for_files(catalogue, 1)
    process.kill()
    process.communicate(timeout=60)
    again = start(tree, database_url)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert [line for line in err.splitlines() if " files seen, " not in line] == [], "only how far it is, if it takes ten seconds"
    assert len(catalogue.files(limit=FILES + 1)) == FILES
    assert f"{FILES:,} files seen" in out
    assert [run.state for run in catalogue.runs()] == ["succeeded", "dead"]


def test_ctrl_c_while_a_cluster_does_not_answer_a_submission(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "kbray", "--submit", address, "process"],
            env={**os.environ, "KBRAY_HOME": str(tmp_path)},
            stderr=subprocess.PIPE,
            text=True,
        )
        connection, _ = silent.accept()
        with connection:
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (130, False), err
    assert f"`ray job list --address {address}` tells whether it took the job." in err
