"""The command line. Nothing heavy is imported before a command needs it, so that `kbray --help` answers at once."""

import atexit
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from kbray import __version__
from kbray.cli.app import app, hoist_global_options
from kbray.cli.render import discard, say
from kbray.errors import ConfigError, DocumentError, KbrayError, TransientError, format_traceback
from kbray.signals import end_as_python_does

EXIT_FILES_FAILED = 1
EXIT_USAGE = 2
EXIT_INFRASTRUCTURE = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code; here, and only here, errors become sentences.

    Exit codes: 0 all well, 1 some files failed, 2 usage or configuration, 3 infrastructure, 130 stopped by Ctrl-C. Where nobody
    reads what it prints any more, it ends by SIGPIPE (141).
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stdout is None or sys.stderr is None:  # as some services start us
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - until the end
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdout, sys.stderr):
        # A name the terminal's encoding can't write must not end the command; test doubles have no reconfigure.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # TextIO lacks it, TextIOWrapper has it
    end_as_python_does()
    try:
        words = hoist_global_options(given)
        app(args=words, prog_name="kbray", obj=words)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # which typer makes an exit code of that means something else here
            _end_by_pipe()
        raise
    except KbrayError as error:
        say(f"kbray: {error.message}")
        if isinstance(error, TransientError):
            say(error.hint)
        if "--debug" in given:
            say(format_traceback(error))
        sys.exit(exit_code(error))
    except Exception as error:  # noqa: BLE001 - the last frame before the user: a defect becomes a sentence and a log file
        say(_defect(error, given))
        sys.exit(EXIT_INFRASTRUCTURE)


def job(command: str) -> None:
    """The main function of `jobs/COMMAND.py`: its exit code is told last, for Ray keeps it to itself."""
    try:
        main([command, *sys.argv[1:]])
    except SystemExit as end:
        say(f"kbray {command}: exit code {end.code or 0}")
        raise


def exit_code(error: KbrayError) -> int:
    """The process's exit code for an error that ended a command."""
    if isinstance(error, ConfigError):
        return EXIT_USAGE
    return EXIT_FILES_FAILED if isinstance(error, DocumentError) else EXIT_INFRASTRUCTURE


def _end_by_pipe() -> NoReturn:
    """As `seq` and `cat` end when `head` has read enough: quietly, by SIGPIPE. It is only now let in, for while there is work a
    connection that breaks must be an error, not the end."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            discard(stream)
    atexit._run_exitfuncs()  # a signal ends a process without them, and the embedded database would run on
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.raise_signal(signal.SIGPIPE)
    raise AssertionError("SIGPIPE ends a process")


def _defect(error: Exception, given: list[str]) -> str:
    """Tell of an error nobody foresaw; its traceback goes to a file, or to the terminal with --debug."""
    trace = f"kbray {__version__}, Python {sys.version.split()[0]}\n{format_traceback(error)}"
    first_line = str(error).partition("\n")[0][:300]
    what = f"kbray: an unexpected error: {type(error).__name__}: {first_line}"
    if "--debug" in given:
        return f"{what}\n{trace}"
    from kbray.cli.logs import write_defect

    path: Path | None = write_defect(trace)
    where = f"The details are in {path}" if path else "Run the command again with --debug to see the details"
    return f"{what}\n{where}; please report it."
