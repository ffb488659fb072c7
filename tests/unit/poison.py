"""Parsers gone wrong, for the tests of the sandbox; they run in its child, which imports this module by name."""

import ctypes
import importlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from kbray.errors import CorruptDocument
from kbray.model import Element, Parsed, Unit

MiB = 1024 * 1024


def well() -> str:
    return "well"


def parsed(count: int) -> Parsed:
    return Parsed("test", tuple(Element("paragraph", f"text {number}", page=number) for number in range(count)), (Unit("1", 7),))


def large() -> bytes:
    return b"x" * (50 * MiB)


def pid() -> int:
    return os.getpid()


def has_pandas() -> bool:
    try:
        importlib.import_module("pandas")
    except ImportError:
        return False
    return True


def environment() -> dict[str, str]:
    return dict(os.environ)


def segfault() -> None:
    ctypes.string_at(0)


def leave(code: int) -> None:
    os._exit(code)


def loop() -> NoReturn:
    while True:
        pass


def native_loop() -> None:
    """Holds the interpreter's lock and never comes back, as a bug in C would."""
    ctypes.PyDLL(None).pause()


def eat_memory() -> NoReturn:
    eaten = []
    while True:
        eaten.append(b"x" * (8 * MiB))


def _fork(then: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        then()
        os._exit(0)
    return child


def fork_and_hang(note: str) -> None:
    """A child, a grandchild in a session of its own, and an orphan of it."""

    def escape() -> None:
        os.setsid()
        Path(note).write_text(str(_fork(lambda: time.sleep(300))))

    os.waitpid(_fork(escape), 0)
    _fork(lambda: time.sleep(300))
    time.sleep(300)


def fork_and_return() -> list[int]:
    """Leaves a process behind, and a program too."""
    orphan = _fork(lambda: time.sleep(300))
    program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
    return [orphan, program.pid]


def fork_and_die() -> None:
    """Its child holds the socket to the parent open."""
    _fork(lambda: time.sleep(300))
    os._exit(3)


def spawn_and_eat() -> None:
    """Not the child but its own child eats the memory."""
    subprocess.run([sys.executable, "-c", "x = []\nwhile True: x.append(b'x' * (1 << 23))"], check=True)


def litter() -> str:
    """Temporary files that nobody removes."""
    folder = Path(tempfile.mkdtemp())
    (folder / "left").write_text("x")
    Path(tempfile.gettempdir(), "right").write_text("x")
    return tempfile.gettempdir()


def temporary_files() -> list[str]:
    return sorted(path.name for path in Path(tempfile.gettempdir()).iterdir())


def write_much(size: int) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * size)
        file.flush()


def noise() -> str:
    os.write(2, b"noise " * 100_000)
    return "said"


def call_out() -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def call_out_by_program() -> str:
    """A program of its own is not held by what is forbidden in Python."""
    code = "import socket\ntry: socket.create_connection(('127.0.0.1', 9), timeout=2)\nexcept OSError as e: print(e.errno)"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def corrupt() -> None:
    raise CorruptDocument("The table has no rows.", page=7, chapter="ch7")


def value_error() -> None:
    raise ValueError("not a number")


def key_error() -> None:
    os.environ["MISSING"]


def decode_error() -> None:
    b"\xff".decode("utf-8")


def exit_python() -> None:
    sys.exit("bye")


class Odd(BaseException):
    """Neither an Exception, nor to be pickled, nor to be printed."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(lambda: one + two)

    def __str__(self) -> str:
        raise RuntimeError("not even my name")


def odd() -> None:
    raise Odd(1, 2)


def unpicklable() -> object:
    return lambda: None


class Foreign:
    """Not of the model, so it must not be made in the parent."""


def foreign() -> object:
    return Foreign()


def burn(seconds: float) -> int:
    """Burns so much CPU time, however busy the machine is."""
    ends, turns = time.process_time() + seconds, 0
    while time.process_time() < ends:
        turns += 1
    return turns


def keep(size: int) -> int:
    """Leaks so many bytes."""
    _KEPT.append(b"x" * size)
    return os.getpid()


_KEPT: list[bytes] = []
