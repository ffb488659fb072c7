"""Progress in words, and how often they are said."""

import os
import pty
import sys
import time

import pytest

from kbray.cli import progress
from kbray.model import Progress
from kbray.ops.sync import SyncOutcome


def at(elapsed_s: float, pages_done: int, **more: object) -> Progress:
    values: dict[str, object] = {
        "files_total": 10,
        "files_done": 4,
        "files_failed": 1,
        "pages_total": 5000,
        "pages_failed": 0,
        **more,
    }
    return Progress(elapsed_s=elapsed_s, pages_done=pages_done, **values)  # type: ignore[arg-type]  # keys are known here


def test_one_line_tells_done_failed_left_speed_and_time() -> None:
    assert progress.describe(at(65, 1000), 20.0) == (
        "1 min 5 s: files 4 done, 1 failed, 5 left; pages 1,000 done, 0 failed, 4,000 left; 20.0 pages/s, about 3 min 20 s left"
    )


def test_where_pages_are_not_counted_files_are() -> None:
    assert progress.describe(at(65, 0, pages_total=0), 2.0) == (
        "1 min 5 s: files 4 done, 1 failed, 5 left; 2.0 files/s, a few seconds left"
    )


def test_without_a_speed_there_is_no_guess() -> None:
    assert progress.describe(at(1, 0, message="Ray is starting"), 0.0).endswith(
        "pages 0 done, 0 failed, 5,000 left (Ray is starting)"
    )


def test_pace_is_that_of_the_last_minute() -> None:
    pace = progress.Pace()
    pace.add(at(0, 0))
    assert pace.per_s == 0
    for second in range(10, 310, 10):  # 300 s at 1 page/s …
        pace.add(at(second, second))
    for second in range(310, 380, 10):  # … then over a minute at 10
        pace.add(at(second, 300 + (second - 300) * 10))
    assert pace.per_s == pytest.approx(10.0)


def test_what_went_by_before_the_first_was_done_is_no_part_of_the_pace() -> None:
    pace = progress.Pace()
    for second in range(50):  # Ray starts, a model is loaded
        pace.add(at(second, 0, files_failed=0))
    for second in range(50, 59):
        pace.add(at(second, 1 + 10 * (second - 50)))
        assert pace.per_s == 0, "nothing is told from a few seconds"
    pace.add(at(60, 101))
    assert pace.per_s == pytest.approx(10.0)


def test_no_time_is_told_once_nothing_was_counted_for_longer_than_it() -> None:
    """Text is read at 30 pages a second, and then only scans are left, of which one takes seconds."""
    pace = progress.Pace()
    told = {}
    for second in range(1, 71):
        now = at(second, min(4970, 30 * second + 3770))
        pace.add(now)
        told[second] = progress.describe(now, pace.per_s, pace.quiet_s)
    assert "30.0 pages/s, a few seconds left" in told[40]
    assert "pages/s, a few seconds left" in told[41]
    for second in range(43, 71):
        assert told[second].endswith("pages/s"), "they were a few seconds for half a minute"
    pace.add(now := at(71, 4985))
    assert "left" in progress.describe(now, pace.per_s, pace.quiet_s).rpartition("pages/s")[2]


def test_off_a_terminal_a_line_every_ten_seconds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    with progress.process_display() as report:
        for _ in range(50):  # 25 s, told every half second
            clock[0] += 0.5
            report(at(clock[0] - 100, 10))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.split(":")[0] for line in captured.err.splitlines()] == ["10 s", "20 s"]


def test_on_a_terminal_the_display_is_live_even_while_its_descriptor_goes_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """As while Ray is up, whose noise on descriptor 2 goes to a log."""
    ours, theirs = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(theirs, "w") as terminal, open(os.devnull, "w") as nowhere:  # noqa: PTH123
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress.sync_display() as report:
            os.dup2(nowhere.fileno(), terminal.fileno())
            report(SyncOutcome(files_seen=7, new=3))
            time.sleep(0.5)  # it is drawn four times a second
        shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "7 files seen, 3 new" in shown
