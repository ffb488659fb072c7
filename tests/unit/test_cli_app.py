"""The command line before anything heavy is needed: parsing, exit codes, start-up time."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import kbray
from kbray import cli
from kbray.cli import index, process, session
from kbray.cli import run as run_command
from kbray.cli.app import app, hoist_global_options
from kbray.cli.stopping import stoppable
from kbray.errors import (
    ClusterUnavailable,
    ConfigError,
    CorruptDocument,
    DatabaseUnavailable,
    FencedOut,
    KbrayError,
    ObjectStoreUnavailable,
)
from kbray.flow.drive import Outcome
from kbray.model import Progress, RunId

COMMANDS = ("run", "sync", "process", "status", "errors", "files", "show", "reset", "cleanup", "export", "doctor", "db")
HEAVY = (
    "sqlalchemy",
    "psycopg",
    "ray",
    "torch",
    "pydantic",
    "pydantic_settings",
    "unstructured",
    "numpy",
    "pyarrow",
    "boto3",
    "rich",
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBRAY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """kbray with these arguments: exit code, stdout, stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(arguments)
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return call


Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("kbray.cli", HEAVY),
        ("kbray.ops.search", ("ray", "torch", "transformers", "numpy", "pyarrow", "onnxruntime", "openvino", "alembic")),
    ],
)
def test_nothing_heavy_is_imported(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import {module}, sys; print([m for m in {heavy!r} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_help_costs_little_more_than_that_of_an_empty_program() -> None:
    """In processor time, best of three in turn: a slow machine is slow for both. The seconds are in docs/benchmarks.md."""
    empty = "import typer; app = typer.Typer(); app.command()(lambda: None); app(['--help'])"
    ours = "from kbray.cli import main; main(['--help'])"
    spent = [(_processor_s(empty)[0], _processor_s(ours)[0]) for _ in range(3)]
    assert min(our for _, our in spent) < 3 * min(bare for bare, _ in spent)
    assert all(name in _processor_s(ours)[1] for name in COMMANDS)


def _processor_s(code: str) -> tuple[float, str]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"kbray {kbray.__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"kbray {command}" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("sync",),
        ("files", "--status", "lost"),
        ("process", "--max-files", "0"),
        ("export", "--format", "docx", "--all"),
        ("sync", "--home"),
    ],
)
def test_usage_errors_leave_with_2_and_nothing_on_stdout(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err


@pytest.mark.parametrize(
    "arguments",
    [
        ("reset",),
        ("reset", "--stuck", "--failed"),
        ("reset", "--failed", "7"),
        ("export",),
        ("export", "--all", "7"),
        ("export", "--all", "--json"),
    ],
)
def test_arguments_that_contradict_each_other_leave_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("kbray: Say what to") or "--json" in err


def test_a_wrong_setting_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBRAY_WORKRES", "2")
    code, out, err = run("status")
    assert (code, out) == (2, "")
    assert err == "kbray: Unknown setting KBRAY_WORKRES in the environment. Did you mean KBRAY_WORKERS?\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("c"), 2),
        (DatabaseUnavailable("d"), 3),
        (FencedOut("f"), 3),
        (CorruptDocument("x"), 1),
        (KbrayError("k"), 3),
    ],
)
def test_errors_become_a_sentence_and_an_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: KbrayError, code: int
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(session, "settings", fail)
    found, out, err = run("status")
    assert (found, out) == (code, "")
    assert err.splitlines()[0] == f"kbray: {error.message}"
    assert "Traceback" not in err
    assert "Traceback" in run("status", "--debug")[2]


@pytest.mark.parametrize("outage", [ClusterUnavailable, DatabaseUnavailable, ObjectStoreUnavailable])
def test_after_an_outage_the_command_that_met_it_is_run_again(outage: type[KbrayError]) -> None:
    """Which may be any: a full disk is met by sync, too."""
    assert re.search(r"run the (same )?command again", outage.hint)
    assert not re.search(r"`kbray (sync|process|index|run)", outage.hint)


def test_what_a_run_left_is_taken_up_by_the_command_that_was_given() -> None:
    outcome = Outcome(RunId(1), "succeeded", Progress(3, 2, 0, 3, 2, 0, 5.0), left=1)
    for describe in (process.describe, index.describe, index.describe_vectors):
        assert "run `kbray run` again to go on" in describe(outcome, "run")
    assert "run `kbray process` again to go on" in process.describe(outcome)


def test_what_another_run_did_meanwhile_is_told() -> None:
    """It was: 0 files processed, 0 failed; and nothing left."""
    both = Outcome(RunId(1), "succeeded", Progress(101, 4, 1, 197, 4, 1, 110.0), left=0)
    alone = Outcome(RunId(1), "succeeded", Progress(5, 4, 1, 5, 4, 1, 5.0), left=0)
    for describe in (process.describe, index.describe, index.describe_vectors):
        assert "\nAnother run did the other 96 files: `kbray runs` tells which." in describe(both)
        assert "nother run" not in describe(alone)


def test_a_defect_leaves_a_log_file_not_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError("1/0\nand forty lines of SQL")

    monkeypatch.setattr(session, "settings", fail)
    code, out, err = run("status")
    (log,) = (tmp_path / "home" / "logs").iterdir()
    assert (code, out) == (3, "")
    assert err == f"kbray: an unexpected error: ZeroDivisionError: 1/0\nThe details are in {log}; please report it.\n"
    assert "and forty lines of SQL" in log.read_text()
    assert "Traceback" in run("status", "--debug")[2]


def test_a_defect_with_broken_settings_is_logged_elsewhere(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError("1/0")

    monkeypatch.setattr(session, "settings", fail)
    monkeypatch.setenv("KBRAY_NONSENSE", "1")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert run("status")[0] == 3
    assert len(list((tmp_path / "temporary").iterdir())) == 1


@pytest.mark.parametrize("arguments", [("--help",), ("files", "--help"), ("--version",)])
def test_when_nobody_reads_it_ends_as_other_tools_do(arguments: tuple[str, ...]) -> None:
    """By SIGPIPE, without a word; exit code 1 would say that files failed."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-m", "kbray", *arguments], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


def test_without_stdout_it_works() -> None:
    """As under some services."""
    done = subprocess.run(["sh", "-c", '"$0" -m kbray --version >&-', sys.executable], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([".venv/bin/kbray"], ".venv/bin/kbray"),
        ([".venv/bin/python", "-m", "kbray"], ".venv/bin/python -m kbray"),
        (["python", "jobs/run.py"], "python -m kbray"),
    ],
)
def test_the_next_commands_are_called_as_this_one_was(words: list[str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", words)
    monkeypatch.setattr(sys, "argv", ["/site-packages/kbray/__main__.py" if "-m" in words else words[-1]])
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert run_command.called() == told
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/kbray")
    assert run_command.called() == "kbray"


def test_global_options_may_stand_anywhere() -> None:
    assert hoist_global_options(["files", "--home", "/h", "--json", "--debug", "--objects-url=s3://b"]) == [
        "--home",
        "/h",
        "--debug",
        "--objects-url=s3://b",
        "files",
        "--json",
    ]
    assert hoist_global_options(["sync", "--", "--home", "x"]) == ["sync", "--", "--home", "x"]
    assert hoist_global_options(["sync", "--home"]) == ["sync", "--home"]


def test_first_signal_asks_second_stops(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with stoppable("the work is put down") as stop:
        assert not stop.is_set()
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        assert "Stopping: the work is put down." in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_terminal_that_closes_asks_once_however_often_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The shell passes SIGHUP on, then the kernel sends it to the same processes."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with stoppable("the work is put down") as stop:
            signal.raise_signal(signal.SIGHUP)
            assert stop.is_set()
            signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)  # on the way out
    finally:
        signal.signal(signal.SIGHUP, before)


def test_nohup_keeps_its_promise() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable("the work is put down") as stop:
            signal.raise_signal(signal.SIGHUP)
            assert not stop.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_a_command_uses_is_closed_when_it_is_ended(number: signal.Signals) -> None:
    """Else the embedded database ran on."""
    ended = subprocess.run([sys.executable, "-c", COMMAND, str(int(number))], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + number, "closed\n", "")


COMMAND = """
import atexit, signal, sys
from kbray.cli import main
from kbray.cli.app import app
atexit.register(print, "closed")
signal.signal(int(sys.argv[1]), signal.SIG_DFL)  # where the tests run under nohup it is ignored
@app.command("end")
def end() -> None:
    signal.raise_signal(int(sys.argv[1]))
main(["end"])
"""


def test_onnx_runtime_keeps_nothing_of_us_to_send(tmp_path: Path) -> None:
    """It made a number for the machine and a database of events in the user's cache, and sent them to Microsoft."""
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY" and "XDG" not in key}
    subprocess.run(
        [sys.executable, "-c", "import kbray, onnxruntime"], env=environment | {"HOME": str(tmp_path)}, check=True, timeout=60
    )
    assert list(tmp_path.rglob("*")) == []


def test_the_app_is_the_entry_point() -> None:
    assert app.info.name == "kbray"
