"""The parse child: whatever a parser does, its caller gets a sentence, the next call works, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kbray.config import GiB, MiB, Settings
from kbray.errors import CorruptDocument, DocumentTooLarge, KbrayError, ParserCrashed, ParseTimeout, format_traceback, signature
from kbray.model import Census, Effort, Window
from kbray.parse.sandbox import parent
from kbray.parse.sandbox.parent import Sandbox
from kbray.parse.sandbox.tree import MARK, Tree, Usage
from tests.unit import poison


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """Generous limits, shared, since a start costs a quarter of a second."""
    with Sandbox(Settings(parse_timeout_s=60, parse_memory_bytes=512 * MiB)) as sandbox:
        yield sandbox


def processes(folder: Path) -> list[int]:
    """The processes of sandboxes that keep their temporary files in this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK, "").startswith(str(folder)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def gone(pid: int) -> bool:
    """Whether it ends within seconds: a process that was killed takes its time to go on a loaded machine."""
    end = time.monotonic() + 5
    try:
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
    except psutil.NoSuchProcess:
        pass
    return True


@pytest.fixture
def tight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Small limits; after the test no process and no temporary folder of it may be left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with Sandbox(Settings(parse_timeout_s=1, parse_memory_bytes=200 * MiB)) as sandbox:
        sandbox.call(poison.well)
        assert len(processes(folder)) == 1
        yield sandbox
    assert processes(folder) == []
    assert list(folder.iterdir()) == []


def test_a_result_comes_home(box: Sandbox) -> None:
    assert box.call(poison.parsed, 3) == poison.parsed(3)


def test_a_large_result_comes_home(box: Sandbox) -> None:
    box.spent()
    assert len(box.call(poison.large)) == 50 * MiB
    assert box.spent().peak_bytes > 50 * MiB


def test_it_parses_and_counts(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("One paragraph.\n\nAnother one.\n")
    assert box.census(path, "note.txt") == Census("text/plain")
    found = box.parse(path, "text/plain", Window())
    assert [element.text for element in found.elements] == ["One paragraph.", "Another one."]


def test_cpu_and_memory_are_told(box: Sandbox) -> None:
    box.spent()
    box.call(poison.burn, 0.3)
    box.call(poison.burn, 0.3)
    spent = box.spent()
    assert 0.5 < spent.cpu_s < 1.2
    assert spent.parse_s >= 0.6
    assert 10 * MiB < spent.peak_bytes < 512 * MiB
    assert box.spent() == Effort()


@pytest.mark.parametrize("wait", [0.0, 0.2])
def test_a_segmentation_fault_is_told_with_its_stack(tight: Sandbox, wait: float) -> None:
    time.sleep(wait)
    with pytest.raises(ParserCrashed, match=r"killed by SIGSEGV \(segmentation fault\)") as caught:
        tight.call(poison.segfault)
    assert "in segfault" in format_traceback(caught.value)
    assert tight.call(poison.well) == "well"


def test_an_exit_is_a_crash(tight: Sandbox) -> None:
    with pytest.raises(ParserCrashed, match="ended with code 3"):
        tight.call(poison.leave, 3)
    assert tight.call(poison.well) == "well"


def test_an_endless_loop_ends_in_time(tight: Sandbox) -> None:
    started = time.monotonic()
    with pytest.raises(ParseTimeout, match="more than 1 seconds"):
        tight.call(poison.loop)
    assert 1 <= time.monotonic() - started < 5
    spent = tight.spent()
    assert 0.1 < spent.cpu_s < 3
    assert spent.peak_bytes > 10 * MiB
    assert tight.call(poison.well) == "well"


def test_a_loop_that_holds_the_interpreter_ends_in_time(tight: Sandbox) -> None:
    with pytest.raises(ParseTimeout):
        tight.call(poison.native_loop)
    assert tight.call(poison.well) == "well"


@pytest.mark.parametrize("eater", [poison.eat_memory, poison.spawn_and_eat])
def test_a_memory_bomb_is_stopped(eater: object) -> None:
    with Sandbox(Settings(parse_timeout_s=60, parse_memory_bytes=200 * MiB)) as sandbox:
        with pytest.raises(DocumentTooLarge, match="more than 200 MiB of memory"):
            sandbox.call(eater)  # type: ignore[arg-type]
        assert 200 * MiB < sandbox.spent().peak_bytes < 4096 * MiB
        assert sandbox.call(poison.well) == "well"


def test_a_call_is_not_looked_at_before_its_memory_could_be_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look takes time, and what a child holds when a call begins is known."""
    looks: list[Tree] = []

    def sample(tree: Tree) -> Usage:
        looks.append(tree)
        return Usage(0, 0.0)

    monkeypatch.setattr(parent, "_LONGEST_S", 60.0)
    with Sandbox(Settings(parse_memory_bytes=512 * GiB)) as sandbox:
        sandbox.call(time.sleep, 0)
        monkeypatch.setattr(Tree, "sample", sample)
        sandbox.call(time.sleep, 0.1)
        monkeypatch.setattr(parent, "_LONGEST_S", 0.05)
        assert looks == []
        sandbox.call(time.sleep, 0.2)
        assert looks


def test_children_die_with_a_hanging_parser(tight: Sandbox, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(ParseTimeout):
        tight.call(poison.fork_and_hang, str(note))
    assert gone(int(note.read_text())), "the orphan in a session of its own lives on"
    assert tight.call(poison.well) == "well"


def test_children_that_a_parser_forgot_are_ended(tight: Sandbox) -> None:
    left = tight.call(poison.fork_and_return)
    assert len(left) == 2
    assert all(gone(pid) for pid in left)
    assert tight.call(poison.well) == "well"


def test_a_death_is_seen_though_a_child_holds_the_socket(tight: Sandbox) -> None:
    with pytest.raises(ParserCrashed, match="ended with code 3"):
        tight.call(poison.fork_and_die)
    assert tight.call(poison.well) == "well"


def test_temporary_files_vanish_after_each_call(tight: Sandbox) -> None:
    folder = tight.call(poison.litter)
    before = tight.call(poison.temporary_files)
    assert "right" not in before
    assert "left" not in before
    tight.close()
    assert not Path(folder).exists()


def test_what_a_killed_owner_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import os, kbray.parse.sandbox.scratch as s; print(s.Scratch('x').path, flush=True); os.kill(os.getpid(), 9)"
    env = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    left = Path(done.stdout.strip())
    assert left.parent == tmp_path
    assert left.exists()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    from kbray.parse.sandbox.scratch import Scratch, sweep

    mine = Scratch("x")
    sweep()
    assert not left.exists()
    assert mine.path.exists()
    mine.remove()
    assert not mine.path.exists()


_KILLED_SYNC = """
import os, sys, threading
from pathlib import Path
from kbray.config import Settings
from kbray.model import Census, Seen
from kbray.ops.sync.censuses import CensusPool
from kbray.ops.sync.intake import Reader
from kbray.ops.sync.opened import Room
from kbray.ops.sync.walk import Place
from kbray.objects.folder import Folder
from kbray.parse import boxes
from kbray.parse.media import ZIP

class Killed:
    def census(self, path, name):
        return Census(ZIP)
    def attachments(self, path, media_type, folder):
        boxes.unpack(path, media_type, folder, Settings())
        print(folder, flush=True)
        os.kill(os.getpid(), 9)

path = Path(sys.argv[1])
with CensusPool(Killed, 1) as pool, Room(1, 1) as room:
    reader = Reader(Folder(path.parent / "objects"), pool, Settings(), None, room, threading.Event(), threading.Event())
    reader.take(Place(Seen(str(path), path.stat().st_size, 0), path.name, str(path)))
"""


def test_what_a_killed_sync_took_out_of_an_archive_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    call = [sys.executable, "-c", _KILLED_SYNC, str(tmp_path / "a.zip")]
    done = subprocess.run(call, env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False)
    left = Path(done.stdout.strip())
    assert (left / "0").read_text() == "a"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    from kbray.parse.sandbox.scratch import sweep

    sweep()
    assert not left.exists()


def test_files_it_may_write_are_bounded() -> None:
    with Sandbox(Settings(max_unpacked_bytes=5 * MiB)) as sandbox:
        sandbox.call(poison.write_much, 4 * MiB)
        with pytest.raises(OSError, match="File too large"):
            sandbox.call(poison.write_much, 6 * MiB)


def test_noise_goes_nowhere(box: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    assert box.call(poison.noise) == "said"
    assert capfd.readouterr() == ("", "")


def test_no_network(box: Sandbox) -> None:
    with pytest.raises(PermissionError, match="may not use the network"):
        box.call(poison.call_out)


def test_no_pandas_which_pyarrow_would_load(box: Sandbox) -> None:
    assert not box.call(poison.has_pandas)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="network namespaces need Linux and, here, root")
def test_no_network_for_programs_it_starts(box: Sandbox) -> None:
    assert box.call(poison.call_out_by_program) == "101"  # ENETUNREACH: there is no interface, not even lo


def test_no_secrets_and_the_same_surroundings_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("KBRAY_DATABASE_URL", "postgresql://user:secret@host/db")
    with Sandbox(Settings()) as sandbox:
        seen = sandbox.call(poison.environment)
    assert not [name for name, value in seen.items() if "secret" in value]
    assert (seen["PYTHONHASHSEED"], seen["TZ"], seen["LC_ALL"]) == ("0", "UTC", "C.UTF-8")
    assert seen["DO_NOT_TRACK"] == seen["SCARF_NO_ANALYTICS"] == "1"


def test_a_document_error_comes_home_as_itself(box: Sandbox) -> None:
    with pytest.raises(CorruptDocument, match="no rows") as caught:
        box.call(poison.corrupt)
    assert (caught.value.page, caught.value.chapter) == (7, "ch7")
    assert "in corrupt" in format_traceback(caught.value)


@pytest.mark.parametrize(
    ("function", "kind", "message"),
    [
        (poison.value_error, ValueError, "not a number"),
        (poison.key_error, KeyError, "MISSING"),
        (poison.decode_error, KbrayError, "UnicodeDecodeError: 'utf-8' codec"),
        (poison.exit_python, KbrayError, "SystemExit: bye"),
        (poison.odd, KbrayError, "Odd: "),
        (poison.unpicklable, (KbrayError, AttributeError), "pickle"),
        (poison.foreign, ParserCrashed, "poison.Foreign may not come out"),
    ],
)
def test_any_exception_comes_home(box: Sandbox, function: object, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        box.call(function)  # type: ignore[arg-type]
    assert box.call(poison.well) == "well"


def test_the_signature_names_the_guilty_function(box: Sandbox) -> None:
    with pytest.raises(ValueError, match="not a number") as caught:
        box.call(poison.value_error)
    assert "poison.py:value_error" in signature("internal_error", "parse", str(caught.value), format_traceback(caught.value))


def test_a_child_killed_between_calls_is_replaced(tight: Sandbox) -> None:
    os.kill(tight.call(poison.pid), signal.SIGKILL)
    time.sleep(0.05)
    assert tight.call(poison.well) == "well"


def test_a_child_that_keeps_too_much_is_replaced() -> None:
    with Sandbox(Settings(parse_memory_bytes=400 * MiB)) as sandbox:
        first = sandbox.call(poison.keep, 1)
        assert sandbox.call(poison.keep, 200 * MiB) == first
        assert sandbox.call(poison.keep, 1) != first


def test_the_child_lives_on_when_the_thread_that_started_it_ends() -> None:
    """On Linux the parent-death signal follows the thread, not the process."""
    with Sandbox(Settings()) as sandbox:
        seen: list[int] = []
        thread = threading.Thread(target=lambda: seen.append(sandbox.call(poison.pid)))
        thread.start()
        thread.join()
        time.sleep(0.1)
        assert sandbox.call(poison.pid) == seen[0]


def test_threads_share_one_child() -> None:
    with Sandbox(Settings()) as sandbox:
        seen: list[int] = []
        threads = [threading.Thread(target=lambda: seen.append(sandbox.call(poison.pid))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 8
        assert len(set(seen)) == 1


@pytest.mark.parametrize("how", ["loop", "native_loop", "well"])
def test_it_dies_with_its_killed_parent(how: str, tmp_path: Path) -> None:
    code = f"""
import os, sys, threading, time
sys.path.insert(0, {str(Path(poison.__file__).parents[2])!r})
from tests.unit import poison
from kbray.config import Settings
from kbray.parse.sandbox.parent import Sandbox
box = Sandbox(Settings())
print(box.call(poison.pid), flush=True)
threading.Thread(target=lambda: box.call(poison.{how}), daemon=True).start()
time.sleep(0.3)
os.kill(os.getpid(), 9)
"""
    env = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    child = int(done.stdout)
    ends = time.monotonic() + 5
    while not gone(child) and time.monotonic() < ends:
        time.sleep(0.02)
    assert gone(child)
