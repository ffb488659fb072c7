"""What reaches a terminal or a program: safe, exact, and in words for people."""

import io
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kbray.cli import render
from kbray.errors import OutputUnavailable
from kbray.model import Failure


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain name.pdf", "plain name.pdf"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("two\nlines\ttab", "two\\nlines\\ttab"),
        ("caf\udce9", "caf\\udce9"),
        ("pdf.\u202efdp.exe", "pdf.\\u202efdp.exe"),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),
        ("草枕\u3000上.epub", "草枕\u3000上.epub"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("line\u2028sep", "line\\u2028sep"),
    ],
)
def test_plain_escapes_what_would_act_on_a_terminal(name: str, shown: str) -> None:
    assert render.plain(name) == shown


def test_json_of_a_dataclass_with_dates_paths_and_odd_names(capsys: pytest.CaptureFixture[str]) -> None:
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    render.out_json(
        {
            "failure": Failure("code", "naïve \x1b\udce9", "parse", "s", page=3),
            "when": when,
            "path": Path("/a/b"),
            "pair": (1, None),
        }
    )
    out = capsys.readouterr().out
    assert "\x1b" not in out
    found = json.loads(out)
    assert found["failure"]["message"] == "naïve \x1b\udce9"
    assert found["failure"]["page"] == 3
    assert (found["when"], found["path"], found["pair"]) == ("2026-01-02T03:04:05+00:00", "/a/b", [1, None])


def test_json_is_ascii_where_stdout_knows_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert render.to_json({"name": "草枕"}) == '{"name": "\\u8349\\u6795"}'


def test_tables_off_a_terminal_are_tab_separated_lines(capsys: pytest.CaptureFixture[str]) -> None:
    render.out_table(("id", "name"), [(1, "a\tb"), (2, None)])
    assert capsys.readouterr().out == "1\ta\\tb\n2\t\n"


def test_tables_on_a_terminal_take_markup_as_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    render.out_table(("id", "name"), [(1, "[red]x[/red].pdf")], right=("id",))
    assert "[red]x[/red].pdf" in capsys.readouterr().out


@pytest.mark.parametrize("width", [40, 60])
def test_where_a_terminal_is_too_narrow_for_a_table_each_cell_has_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    columns = ("id", "status", "pages", "type", "sha256", "name", "error")
    render.out_table(columns, [(1, "indexed", 2, "pdf", "77c8817ea016", "Pages-tree-refs.pdf", None)] * 2)
    told = capsys.readouterr().out
    record = "id      1\nstatus  indexed\npages   2\ntype    pdf\nsha256  77c8817ea016\nname    Pages-tree-refs.pdf\n"
    assert told == f"{record}\n{record}" if width == 40 else "77c8817ea016" in told


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (1.24, "1.2 s"),
        (9.96, "10 s"),
        (59.6, "1 min 0 s"),
        (190, "3 min 10 s"),
        (7500, "2 h 5 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert render.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (250_000_000, "250 MB"), (4e15, "4000.0 TB")]
)
def test_sizes(count: int, text: str) -> None:
    assert render.size(count) == text


def test_counts_are_told_in_the_right_number() -> None:
    assert [render.count(n, "file") for n in (0, 1, 2000)] == ["0 files", "1 file", "2,000 files"]
    assert render.count(2, "copy", "copies") == "2 copies"


def test_a_clock_that_went_back_gives_no_negative_time() -> None:
    now = datetime.now(UTC)
    assert render.since(now, now - timedelta(seconds=5)) == "0.0 s"


def test_talk_that_nobody_reads_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`kbray run DIR 2>&1 | head`: the thread that keeps the lease tells the progress."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        render.say("first")
        render.say("second")


def test_data_that_nobody_reads_end_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        with pytest.raises(BrokenPipeError):
            render.out("first")
        render.discard(stdout)


def test_data_that_can_not_be_written_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        with pytest.raises(OutputUnavailable, match=r"What is printed can't be written: No space left on device\."):
            render.out("first")


def test_a_closed_terminal_takes_what_is_written_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, terminal = os.openpty()
    closed = io.TextIOWrapper(os.fdopen(terminal, "wb"), write_through=True)
    os.close(kept)
    monkeypatch.setattr(sys, "stderr", closed)
    render.say("still at work")
    render.say("and now")
    closed.close()


def test_data_for_a_closed_terminal_go_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, terminal = os.openpty()
    closed = io.TextIOWrapper(os.fdopen(terminal, "wb"), write_through=True)
    os.close(kept)
    monkeypatch.setattr(sys, "stdout", closed)
    render.out("137 files seen")
    closed.close()
