"""Sync against a real database and a real folder of objects: nothing is lost or read twice, all that is odd is told."""

import gzip
import hashlib
import io
import os
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import pytest

from kbray.catalogue import Catalogue
from kbray.config import Settings
from kbray.errors import ObjectStoreUnavailable, ParserCrashed
from kbray.model import Census
from kbray.objects.folder import Folder
from kbray.ops import sync as syncing
from kbray.ops.runs import RecordedRun
from kbray.ops.sync import SyncOutcome, censuses, intake
from kbray.ops.sync.walk import Place, roots_of
from kbray.parse.boxes import postscript
from kbray.parse.sandbox.parent import Sandbox
from tests.writers.pdf import Page, write_pdf

pytestmark = pytest.mark.integration


class FakeCensus:
    """Takes no time: everything is text, unless its name says otherwise."""

    def __init__(self) -> None:
        self.closed = False

    def census(self, path: Path, name: str) -> Census:
        assert path.is_file()
        if name.startswith("killer"):
            raise ParserCrashed("The parser's process died.")
        if name.startswith("defect"):
            raise ZeroDivisionError("a defect of ours")
        return Census("application/pdf", pages=140) if name.endswith(".pdf") else Census("text/plain")

    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
        raise NotImplementedError("nothing is a message to it")

    def interrupt(self) -> None:
        raise NotImplementedError("it never unpacks")

    def close(self) -> None:
        self.closed = True


@dataclass
class Bench:
    """A folder to sync, and what it is synced into."""

    tree: Path
    home: Path
    catalogue: Catalogue
    more: dict[str, object] = field(default_factory=dict)
    takers: list[FakeCensus] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, **self.more)  # type: ignore[arg-type]  # values of known settings

    @property
    def store(self) -> Folder:
        return Folder(self.home / "objects")

    def make(self) -> censuses.CensusTaker:
        self.takers.append(FakeCensus())
        return self.takers[-1]

    def sync(self, *roots: Path | str, **options: object) -> SyncOutcome:
        found = roots_of([str(root) for root in roots or (self.tree,)])
        with RecordedRun(self.catalogue, "sync", {}, lease_s=60, heartbeat_s=5) as run:
            return syncing.sync(
                self.catalogue,
                self.store,
                self.make,
                self.settings,
                found,
                run,
                **options,  # type: ignore[arg-type]
            )

    def write(self, name: str, text: str = "content") -> Path:
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def places(self) -> dict[str, tuple[bool, str | None]]:
        """Path below the tree → (is it gone, its problem)."""
        found: dict[str, tuple[bool, str | None]] = {}
        for row in self.catalogue.files():
            for place in self.catalogue.file(row.id).locations:
                found[os.path.relpath(place.uri, self.tree)] = (place.gone_at is not None, place.problem)
        return found

    def problems(self) -> dict[str, str]:
        return {os.path.relpath(uri, self.tree): message for uri, message in self.catalogue.places_with_problems()}


@pytest.fixture
def bench(tmp_path: Path, catalogue: Catalogue) -> Bench:
    (tmp_path / "tree").mkdir()
    return Bench(tmp_path / "tree", tmp_path / "home", catalogue)


@pytest.fixture
def opened(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that sync opens."""
    names: list[str] = []
    real = os.open

    def watched(path: str | Path, *arguments: int) -> int:
        if Path(path).is_relative_to(bench.tree):
            names.append(Path(path).name)
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", watched)
    return names


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_new_files_are_recorded_with_their_parts_and_uploaded(bench: Bench) -> None:
    bench.write("a.txt", "alpha")
    bench.write("deep/b.pdf", "beta")
    outcome = bench.sync()
    assert (outcome.files_seen, outcome.new, outcome.bytes, outcome.problems) == (2, 2, 9, 0)
    rows = {row.name: row for row in bench.catalogue.files()}
    assert rows["a.txt"].sha256 == sha("alpha")
    assert (rows["b.pdf"].pages, rows["b.pdf"].media_type, rows["b.pdf"].status) == (140, "application/pdf", "synced")
    windows = [(p.window.first_page, p.window.last_page) for p in bench.catalogue.file(rows["b.pdf"].id).parts]
    assert windows == [(1, 64), (65, 128), (129, 140)]
    assert {info.key for info in bench.store.list("raw/")} == {f"raw/{sha('alpha')}", f"raw/{sha('beta')}"}
    assert bench.store.get(f"raw/{sha('beta')}") == b"beta"
    assert [run.state for run in bench.catalogue.runs()] == ["succeeded"]


def test_a_second_sync_reads_nothing_and_starts_no_child(bench: Bench, opened: list[str]) -> None:
    for number in range(300):  # more than one batch
        bench.write(f"{number % 7}/{number}.txt", str(number))
    assert bench.sync().new == 300
    assert len(opened) >= 300
    children = len(bench.takers)
    opened.clear()
    outcome = bench.sync()
    assert (outcome.files_seen, outcome.unchanged, outcome.new, outcome.bytes) == (300, 300, 0, 0)
    assert opened == []
    assert len(bench.takers) == children
    assert all(taker.closed for taker in bench.takers)


def test_only_what_changed_is_read_again(bench: Bench, opened: list[str]) -> None:
    bench.write("same.txt")
    changed = bench.write("changed.txt", "before")
    touched = bench.write("touched.txt", "touched")
    bench.sync()
    opened.clear()
    changed.write_text("after!")
    os.utime(touched, ns=(1, 1))
    outcome = bench.sync()
    assert sorted(set(opened)) == ["changed.txt", "touched.txt"]
    assert (outcome.changed, outcome.unchanged, outcome.new) == (1, 2, 0)
    assert {row.sha256 for row in bench.catalogue.files()} == {sha("content"), sha("before"), sha("after!"), sha("touched")}
    opened.clear()
    assert bench.sync().unchanged == 3
    assert opened == []


def test_reread_trusts_neither_size_nor_time_and_uploads_what_the_store_lost(bench: Bench) -> None:
    bench.write("a.txt", "alpha")
    bench.sync()
    bench.store.delete([f"raw/{sha('alpha')}"])
    assert bench.sync().bytes == 0
    assert not bench.store.exists(f"raw/{sha('alpha')}")
    outcome = bench.sync(reread=True)
    assert (outcome.bytes, outcome.unchanged, outcome.new) == (5, 1, 0)
    assert bench.store.exists(f"raw/{sha('alpha')}")


def test_the_same_content_twice_is_one_file_in_two_places(bench: Bench) -> None:
    bench.write("caf\u00e9.txt", "same")
    bench.write("cafe\u0301.txt", "same")
    bench.write("copy of it.txt", "same")
    outcome = bench.sync()
    assert (outcome.files_seen, outcome.new, outcome.copies) == (3, 1, 2)
    (row,) = bench.catalogue.files()
    places = [place.uri for place in bench.catalogue.file(row.id).locations]
    assert sorted(places) == sorted(str(path) for path in bench.tree.iterdir())


def test_names_that_are_no_utf8_come_back_and_stay_unchanged(bench: Bench) -> None:
    try:
        (bench.tree / os.fsdecode(b"caf\xe9.txt")).write_text("latin")
    except OSError:
        pytest.skip("this file system refuses such names")
    assert bench.sync().new == 1
    assert bench.sync().unchanged == 1
    (row,) = bench.catalogue.files()
    assert row.name == "caf%E9.txt"


def test_a_file_that_is_gone_is_marked_never_deleted_and_may_come_back(bench: Bench) -> None:
    stays, goes = bench.write("stays.txt", "s"), bench.write("sub/goes.txt", "g")
    bench.write("subway.txt", "its folder's name is a beginning of this one")
    bench.sync()
    goes.unlink()
    assert bench.sync().gone == 1
    assert bench.places() == {"stays.txt": (False, None), "sub/goes.txt": (True, None), "subway.txt": (False, None)}
    assert len(bench.catalogue.files()) == 3
    assert bench.sync().gone == 0  # said once
    goes.write_text("g")
    assert bench.sync().gone == 0
    assert bench.places()["sub/goes.txt"] == (False, None)
    assert stays.exists()


def test_only_the_walked_root_can_lose_files(bench: Bench) -> None:
    bench.write("a/1.txt", "1")
    other = bench.write("b/2.txt", "2")
    bench.sync()
    other.unlink()
    assert bench.sync(bench.tree / "a").gone == 0
    assert bench.places()["b/2.txt"] == (False, None)


def test_a_folder_that_lost_all_its_files_at_once_may_be_a_drive_that_is_not_mounted(bench: Bench) -> None:
    for name in ("drive/a.txt", "drive/sub/b.txt", "here/c.txt"):
        bench.write(name, name)
    bench.sync(bench.tree / "drive", bench.tree / "here")
    drive = bench.tree / "drive"
    drive.rename(bench.home / "unplugged")
    drive.mkdir()
    (drive / ".hidden").write_text("what the mount point itself has")

    away = bench.sync(drive, bench.tree / "here")
    assert (away.gone, away.problems, away.unchanged) == (0, 1, 1)
    assert "2 files were" in bench.problems()["drive"]
    assert bench.catalogue.files(gone=True) == []
    assert bench.sync(drive).problems == 1  # as long as it is so

    (drive / ".hidden").unlink()
    drive.rmdir()
    (bench.home / "unplugged").rename(drive)
    back = bench.sync(drive)
    assert (back.unchanged, back.gone, back.problems) == (2, 0, 0)
    assert bench.problems() == {}

    (drive / "a.txt").unlink()
    assert bench.sync(drive).gone == 1
    (drive / "sub/b.txt").unlink()
    assert bench.sync(drive).gone == 0
    assert bench.sync(drive, emptied=True).gone == 1
    assert bench.problems() == {}


def test_a_mount_point_below_the_folder_keeps_what_was_on_its_drive(bench: Bench) -> None:
    """It has not changed since before the drive was mounted, as a folder does out of which files are taken."""
    inbox, drive = bench.tree / "inbox", bench.tree / "media/drive"
    for name in ("here.txt", "media/drive/a.txt", "media/drive/sub/b.txt", "inbox/c.txt", "inbox/d/e.txt"):
        bench.write(name, name)
    bench.sync()
    drive.rename(bench.home / "unplugged")
    drive.mkdir()
    (drive / ".hidden").write_text("what the mount point itself has")
    made = time.time() - 1_000_000
    os.utime(drive, (made, made))
    (inbox / "c.txt").unlink()
    (inbox / "d/e.txt").unlink()

    away = bench.sync()
    assert (away.gone, away.problems) == (2, 1)
    assert list(bench.problems()) == ["media/drive"]
    assert "2 files were" in bench.problems()["media/drive"]
    assert {uri for uri, (gone, _) in bench.places().items() if gone} == {"inbox/c.txt", "inbox/d/e.txt"}
    assert bench.sync().problems == 1  # as long as it is so

    (drive / ".hidden").unlink()
    drive.rmdir()
    (bench.home / "unplugged").rename(drive)
    assert (bench.sync().gone, bench.problems()) == (0, {})

    drive.rename(bench.home / "unplugged")
    drive.mkdir()
    os.utime(drive, (made, made))
    assert (bench.sync().gone, bench.sync(emptied=True).gone, bench.problems()) == (0, 2, {})


@pytest.mark.skipif(os.geteuid() != 0, reason="a drive is mounted, which only root may")
def test_a_mount_point_that_went_with_its_drive_keeps_what_was_on_it(bench: Bench) -> None:
    """Desktops and automounters make the folder when a drive comes, and remove it when it goes."""
    drive, inner = bench.tree / "media/drive", bench.tree / "media/drive/inner"
    bench.write("here.txt")
    bench.write("media/folder/b.txt", "b")

    def plug(folder: Path) -> None:
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)

    def unplug() -> None:
        for folder in (inner, drive):
            if folder.is_mount():
                subprocess.run(["umount", folder], check=True)
        drive.rmdir()

    plug(drive)
    try:
        (drive / "a.txt").write_text("a")
        plug(inner)
        (inner / "c.txt").write_text("c")
        bench.sync()
        unplug()
        (bench.tree / "media/folder/b.txt").unlink()
        (bench.tree / "media/folder").rmdir()

        away = bench.sync()
        assert (away.gone, away.problems) == (1, 1), "a folder that was none is gone"
        assert list(bench.problems()) == ["media/drive"]
        assert "A drive was mounted there, and is not now, and 2 files were on it" in bench.problems()["media/drive"]
        assert bench.sync().problems == 1  # as long as it is so
        drive.mkdir()  # made anew, and empty
        assert (bench.sync().gone, list(bench.problems())) == (0, ["media/drive"])
        drive.rmdir()

        plug(drive)
        (drive / "a.txt").write_text("a")
        back = bench.sync()
        assert (back.gone, list(bench.problems())) == (0, ["media/drive/inner"]), "each drive by itself"
        unplug()
        assert (bench.sync().gone, bench.sync(emptied=True).gone, bench.problems()) == (0, 2, {})
        assert (bench.sync().gone, bench.problems()) == (0, {})
    finally:
        if drive.exists():
            unplug()


@pytest.mark.skipif(os.geteuid() != 0, reason="drives are mounted, which only root may")
@pytest.mark.parametrize("root", [".", "media/drive"])
def test_another_drive_at_the_same_place_does_not_make_the_first_ones_files_gone(bench: Bench, root: str) -> None:
    """Nor does the second time it is met, by when its own files are known."""
    drive = bench.tree / "media/drive"
    drives = [bench.home / "one", bench.home / "other"]
    for folder in drives:
        folder.mkdir(parents=True)
    drive.mkdir(parents=True)
    top = bench.tree / root

    def plug(folder: Path) -> None:
        if drive.is_mount():
            subprocess.run(["umount", drive], check=True)
        subprocess.run(["mount", "--bind", folder, drive], check=True)

    try:
        for folder in drives:
            subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
            (folder / f"{folder.name}.txt").write_text(folder.name)
        (drives[0] / "deleted.txt").write_text("deleted")
        plug(drives[0])
        bench.sync(top)
        (drives[0] / "deleted.txt").unlink()
        assert (bench.sync(top).gone, bench.problems()) == (1, {}), "of the only drive there was"
        plug(drives[1])
        for _ in range(2):
            met = bench.sync(top)
            assert (met.gone, met.problems) == (0, 1)
            assert list(bench.problems()) == ["media/drive"]
            assert (
                "More than one drive has been mounted there, and one was that can't be found" in bench.problems()["media/drive"]
            )
        plug(drives[0])
        assert (bench.sync(top).gone, list(bench.problems())) == (0, ["media/drive"])
        assert (bench.sync(top, emptied=True).gone, bench.problems()) == (1, {})
        assert (bench.sync(top).gone, bench.problems()) == (0, {})
        assert {uri for uri, (gone, _) in bench.places().items() if not gone} >= {"media/drive/one.txt"}
    finally:
        for folder in (drive, *drives):
            subprocess.run(["umount", folder], check=folder.is_mount())


def test_a_folder_whose_link_leads_nowhere_keeps_what_was_in_it(bench: Bench) -> None:
    drive = bench.tree.parent / "drive"
    drive.mkdir()
    (drive / "a.txt").write_text("a")
    (bench.tree / "link").symlink_to(drive)
    bench.write("b.txt", "b")
    goes = bench.write("c.txt", "c")
    bench.sync()
    drive.rename(bench.tree.parent / "unplugged")
    goes.unlink()
    assert bench.sync().gone == 1
    assert bench.places()["link/a.txt"] == (False, None)
    (bench.tree.parent / "unplugged").rename(drive)
    assert bench.sync().unchanged == 2
    assert bench.problems() == {}


def test_nothing_is_called_gone_where_a_folder_could_not_be_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("locked/secret.txt", "s")
    bench.write("open/here.txt", "h")
    goes = bench.write("open/goes.txt", "g")
    bench.sync()
    goes.unlink()
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("/locked"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scandir)
        outcome = bench.sync(bench.tree, bench.tree / "locked")
    assert outcome.problems == 1
    assert bench.places() == {
        "locked/secret.txt": (False, None),
        "open/here.txt": (False, None),
        "open/goes.txt": (True, None),
    }
    assert bench.problems() == {"locked": "The folder can't be read: Permission denied."}
    assert bench.sync().problems == 0
    assert bench.problems() == {}


def test_an_unreadable_file_is_a_problem_until_it_can_be_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("a.txt", "a")
    bench.write("locked.txt", "l")
    real = os.open

    def refuse(path: Path, *arguments: int) -> int:
        if str(path).endswith("locked.txt"):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        outcome = bench.sync()
        assert (outcome.new, outcome.problems) == (1, 1)
        assert bench.problems() == {"locked.txt": "It can't be read: Permission denied."}
        assert bench.sync().problems == 1
    outcome = bench.sync()
    assert (outcome.new, outcome.problems, outcome.unchanged) == (1, 0, 1)
    assert bench.problems() == {}


def test_a_file_that_vanishes_before_it_is_read_is_no_problem(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("known.txt", "k")
    bench.sync()
    bench.write("known.txt", "changed")
    bench.write("fleeting.txt", "f")
    bench.write("stays.txt", "s")
    real = os.open

    def vanish(path: Path, *arguments: int) -> int:
        if Path(path).name in ("known.txt", "fleeting.txt"):
            Path(path).unlink(missing_ok=True)
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", vanish)
    outcome = bench.sync()
    assert (outcome.new, outcome.problems, outcome.gone) == (1, 0, 1)
    assert bench.places() == {"known.txt": (True, None), "stays.txt": (False, None)}


def test_a_file_that_changes_while_it_is_read_gets_one_more_chance(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("once.txt", "first")
    bench.write("always.txt", "first")
    census = FakeCensus.census
    times = {"once.txt": 0, "always.txt": 0}

    def write_meanwhile(self: FakeCensus, path: Path, name: str) -> Census:
        times[name] += 1
        if name == "always.txt" or times[name] == 1:
            path.write_text(f"version {times[name]} of {name}")
        return census(self, path, name)

    monkeypatch.setattr(FakeCensus, "census", write_meanwhile)
    outcome = bench.sync()
    assert times == {"once.txt": 2, "always.txt": 2}
    assert (outcome.new, outcome.problems) == (1, 1)
    assert bench.problems() == {"always.txt": "It changes while it is read; sync again when nothing writes to it."}
    # What lies in the store is what its name says, and only that.
    assert [info.key for info in bench.store.list("raw/")] == [f"raw/{sha('version 1 of once.txt')}"]
    assert bench.store.get(f"raw/{sha('version 1 of once.txt')}") == b"version 1 of once.txt"


def test_a_file_that_kills_its_census_is_recorded_by_its_first_bytes(bench: Bench) -> None:
    (bench.tree / "killer.pdf").write_bytes(b"%PDF-1.7\nnot really")
    bench.write("other.txt")
    assert bench.sync().new == 2
    row = next(row for row in bench.catalogue.files() if row.name == "killer.pdf")
    assert (row.media_type, row.pages, row.status) == ("application/pdf", None, "synced")
    assert len(bench.catalogue.file(row.id).parts) == 1


def test_a_defect_of_ours_costs_one_file_not_the_sync(bench: Bench) -> None:
    bench.write("defect.txt", "d")
    bench.write("fine.txt", "f")
    outcome = bench.sync()
    assert (outcome.new, outcome.problems) == (1, 1)
    assert bench.problems() == {"defect.txt": "It can't be taken in: ZeroDivisionError: a defect of ours."}


def test_files_over_the_limit_are_problems_that_name_the_setting(bench: Bench) -> None:
    bench.more["max_file_bytes"] = 100
    bench.write("big.txt", "x" * 101)
    bench.write("small.txt", "x" * 100)
    outcome = bench.sync()
    assert (outcome.new, outcome.problems) == (1, 1)
    assert "max_file_bytes allows 100" in bench.problems()["big.txt"]
    bench.more["max_file_bytes"] = 101
    assert bench.sync().new == 1
    assert bench.problems() == {}


def test_pipes_links_to_nowhere_and_loops(bench: Bench) -> None:
    os.mkfifo(bench.tree / "pipe")
    (bench.tree / "dangling").symlink_to("nowhere")
    (bench.tree / "loop").symlink_to(bench.tree)
    bench.write("a b/ü 草.txt", "u")
    outcome = bench.sync()
    assert (outcome.files_seen, outcome.new, outcome.problems) == (1, 1, 2)
    assert sorted(bench.problems()) == ["dangling", "pipe"]


def test_a_pipe_in_the_place_of_a_file_does_not_hang(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bench.write("a.txt")
    real = os.open

    def swap(name: Path, *arguments: int) -> int:
        if path.is_file():
            path.unlink()
            os.mkfifo(path)
        return real(name, *arguments)

    monkeypatch.setattr(os, "open", swap)
    assert bench.sync().problems == 1


def test_kbrays_own_home_is_not_taken_in(bench: Bench) -> None:
    bench.home = bench.tree / "library"
    bench.write("book.txt", "b")
    assert bench.sync().new == 1
    outcome = bench.sync()
    assert (outcome.files_seen, outcome.unchanged) == (1, 1)


def test_a_full_store_ends_the_sync_and_the_run_tells_why(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        bench.write(f"{number}.txt", str(number))

    def full(self: Folder, key: str, path: Path) -> None:
        raise ObjectStoreUnavailable("No space is left.")

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "put_file", full)
        with pytest.raises(ObjectStoreUnavailable):
            bench.sync()
    run = bench.catalogue.runs()[0]
    assert (run.state, run.message) == ("failed", "No space is left.")
    assert bench.sync().new == 40


def test_a_stop_records_what_was_read_and_marks_nothing_gone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    goes = bench.write("goes.txt", "g")
    bench.sync()
    goes.unlink()
    for number in range(600):
        bench.write(f"{number:03}.txt", str(number))
    stop = threading.Event()
    outcome = bench.sync(stop=stop, report=lambda so_far: stop.set() if so_far.files_seen >= 256 else None)
    assert outcome.interrupted
    assert 256 <= outcome.new < 600
    assert outcome.new == len(bench.catalogue.files()) - 1
    assert bench.places()["goes.txt"] == (False, None)
    outcome = bench.sync()
    assert (outcome.files_seen, outcome.gone, outcome.interrupted) == (600, 1, False)
    assert len(bench.catalogue.files()) == 601


def test_somebody_may_ask_the_run_to_stop(bench: Bench) -> None:
    bench.write("a.txt")
    with RecordedRun(bench.catalogue, "sync", {}, lease_s=60, heartbeat_s=0) as run:
        bench.catalogue.request_stop(run.id)
        outcome = syncing.sync(bench.catalogue, bench.store, bench.make, bench.settings, roots_of([str(bench.tree)]), run)
    assert outcome.interrupted


def test_a_run_that_is_cut_off_is_interrupted(bench: Bench) -> None:
    with pytest.raises(KeyboardInterrupt), RecordedRun(bench.catalogue, "sync", {}, lease_s=60, heartbeat_s=5):
        raise KeyboardInterrupt
    assert [(run.state, run.message) for run in bench.catalogue.runs()] == [("interrupted", "It was stopped at once.")]


def test_what_is_in_flight_is_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow reading is, the walk waits for it."""
    for number in range(intake.IN_FLIGHT * 3):
        bench.write(f"{number}.txt", str(number))
    started, most, lock = [0], [0], threading.Lock()
    recorded = [0]
    take = intake.Reader.take

    def slow(self: intake.Reader, place: Place, in_turn: bool) -> intake.Intake:
        with lock:
            started[0] += 1
        time.sleep(0.002)
        return take(self, place, in_turn)

    submit = ThreadPoolExecutor.submit

    def counted(self: object, function: Callable[..., object], *arguments: object) -> object:
        with lock:
            recorded[0] += 1
            most[0] = max(most[0], recorded[0] - started[0])
        return submit(self, function, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(intake.Reader, "take", slow)
    monkeypatch.setattr(ThreadPoolExecutor, "submit", counted)
    assert bench.sync().new == intake.IN_FLIGHT * 3
    assert most[0] <= intake.IN_FLIGHT


def test_progress_is_told(bench: Bench) -> None:
    for number in range(300):
        bench.write(f"{number}.txt", str(number))
    told: list[SyncOutcome] = []
    final = bench.sync(report=told.append)
    seen = [outcome.files_seen for outcome in told]
    assert seen == sorted(seen)
    assert seen[-1] == 300 == final.files_seen


def test_a_root_that_is_a_file_and_roots_inside_each_other(bench: Bench) -> None:
    file = bench.write("sub/a.txt", "a")
    outcome = bench.sync(file, bench.tree, bench.tree / "sub")
    assert (outcome.new, outcome.problems) == (1, 0)
    assert bench.sync(file).unchanged == 1


def test_with_real_children(bench: Bench) -> None:
    bench.write("page.html", "<!DOCTYPE html><html><body><p>Hello</p></body></html>")
    bench.write("notes.txt", "Plain words.\n" * 10)
    (bench.tree / "empty.pdf").touch()
    with RecordedRun(bench.catalogue, "sync", {}, lease_s=60, heartbeat_s=5) as run:
        syncing.sync(
            bench.catalogue,
            bench.store,
            lambda: Sandbox(bench.settings),
            bench.settings,
            roots_of([str(bench.tree)]),
            run,
        )
    types = {row.name: row.media_type for row in bench.catalogue.files()}
    assert types["page.html"] == "text/html"
    assert types["notes.txt"] == "text/plain"
    assert types["empty.pdf"] == "application/x-empty"


def mail(*attachments: tuple[str, bytes], subject: str = "Tea") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "zoe@example.org", "bob@example.org", subject
    message.set_content("see below")
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def test_attachments_are_files_of_their_own(bench: Bench) -> None:
    """New with the message, unchanged with it, gone where it no longer holds them, back with it."""
    with Sandbox(Settings()) as box:
        bench.make = lambda: box  # type: ignore[method-assign]
        order, notes = b"The order of the tea.", b"Notes about the tea."
        letter = bench.write("in/order.eml", "")
        inner = mail(("notes.txt", notes), subject="Inner")
        letter.write_bytes(mail(("order.txt", order), ("empty.txt", b""), ("inner.eml", inner)))
        met = bench.sync()
        assert (met.files_seen, met.new, met.problems) == (4, 4, 0)
        places = {uri: f"{letter}/{uri}" for uri in ("order.txt", "inner.eml", "inner.eml/notes.txt")}
        known = bench.catalogue.locations([*places.values(), f"{letter}/empty.txt"])
        assert known[places["order.txt"]].sha256 == hashlib.sha256(order).hexdigest()
        assert known[places["inner.eml/notes.txt"]].sha256 == hashlib.sha256(notes).hexdigest()
        assert known.keys() == set(places.values())
        assert bench.store.get(f"raw/{hashlib.sha256(notes).hexdigest()}") == notes

        again = bench.sync()
        assert (again.files_seen, again.unchanged, again.gone) == (4, 4, 0)
        reread = bench.sync(reread=True)
        assert (reread.unchanged, reread.copies, reread.gone) == (4, 0, 0)

        letter.write_bytes(mail(("order.txt", order + b" And more.")))
        changed = bench.sync()
        assert (changed.changed, changed.gone) == (2, 2)
        assert bench.sync().unchanged == 2  # what it no longer holds doesn't come back

        letter.rename(bench.home / "elsewhere")
        assert bench.sync(emptied=True).gone == 2
        (bench.home / "elsewhere").rename(letter)
        back = bench.sync()
        assert (back.unchanged, back.gone) == (2, 0)
        assert bench.sync().gone == 0


def test_files_inside_a_pdf_are_files_of_their_own(bench: Bench) -> None:
    """And what is inside them; a PDF without any is not opened twice."""
    with Sandbox(Settings()) as box:
        bench.make = lambda: box  # type: ignore[method-assign]
        plain = write_pdf(bench.tree / "plain.pdf", [Page().at(72, 100, "Nothing more")]).read_bytes()
        order = mail(("order.txt", b"The order of the tea."))
        portfolio = write_pdf(bench.tree / "all.pdf", [Page().at(72, 100, "A cover")], attached={"a.pdf": plain, "b.eml": order})
        met = bench.sync()
        assert (met.files_seen, met.new, met.copies, met.problems) == (5, 4, 1, 0)
        known = bench.catalogue.locations([f"{portfolio}/{name}" for name in ("a.pdf", "b.eml", "b.eml/order.txt")])
        assert len(known) == 3
        assert known[f"{portfolio}/a.pdf"].sha256 == hashlib.sha256(plain).hexdigest()
        again = bench.sync()
        assert (again.files_seen, again.unchanged, again.gone) == (5, 5, 0)
        portfolio.unlink()
        assert bench.sync().gone == 4


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def test_files_in_archives_are_files_of_their_own(bench: Bench) -> None:
    """In folders, in archives in archives, in messages in mailboxes; they come and go with the archive, as attachments do."""
    with Sandbox(Settings()) as box:
        bench.make = lambda: box  # type: ignore[method-assign]
        order = mail(("order.txt", b"The order of the tea."))
        mailbox = b"From a Sat Jan  3 01:05:34 1996\n" + order + b"\nFrom b Sat Jan  3 01:05:34 1996\n" + order + b"\n"
        notes = gzip.compress(b"Notes about the tea.", mtime=0)
        inner = zipped(("deep/a.txt", b"Alpha"), (".hidden", b"x"))
        archive = bench.write("in/box.zip", "")
        archive.write_bytes(zipped(("inner.zip", inner), ("mail/tea.mbox", mailbox), ("notes.txt.gz", notes)))
        met = bench.sync()
        inside = (
            "inner.zip",
            "inner.zip/deep/a.txt",
            "mail/tea.mbox",
            "mail/tea.mbox/000001 Tea.eml",
            "mail/tea.mbox/000001 Tea.eml/order.txt",
            "mail/tea.mbox/000002 Tea.eml",  # the same message: what is attached to it has its place there
            "notes.txt.gz",
            "notes.txt.gz/notes.txt",
        )
        known = bench.catalogue.locations([f"{archive}/{name}" for name in inside])
        assert len(known) == len(inside)
        assert (met.files_seen, met.new, met.copies, met.problems) == (9, 8, 1, 0)
        assert known[f"{archive}/inner.zip/deep/a.txt"].sha256 == hashlib.sha256(b"Alpha").hexdigest()
        assert bench.store.get(f"raw/{hashlib.sha256(b'Alpha').hexdigest()}") == b"Alpha"

        again = bench.sync()
        assert (again.files_seen, again.unchanged, again.gone) == (9, 9, 0)
        archive.write_bytes(zipped(("notes.txt.gz", notes)))
        changed = bench.sync()
        assert (changed.changed, changed.unchanged, changed.gone) == (1, 2, 6)
        archive.unlink()
        assert bench.sync(emptied=True).gone == 3


@pytest.mark.skipif(postscript.installed() is None, reason="Ghostscript is not installed")
def test_postscript_has_its_pdf_in_it(bench: Bench) -> None:
    """And has none while it isn't allowed, which is no problem of the place."""
    path = bench.write("in/paper.ps", "%!PS\n/Helvetica findfont 12 scalefont setfont 72 700 moveto (Genes) show showpage\n")
    with Sandbox(Settings()) as box:
        bench.make = lambda: box  # type: ignore[method-assign]
        assert (bench.sync().files_seen, bench.sync().problems) == (1, 0)
    with Sandbox(Settings(ghostscript=True)) as box:
        bench.make = lambda: box  # type: ignore[method-assign]
        assert bench.sync(reread=True).files_seen == 2
        (known,) = bench.catalogue.locations([f"{path}/paper.pdf"]).values()
        assert known.media_type == "application/pdf"
        assert bench.sync().unchanged == 2
        assert bench.sync(reread=True).changed == 0  # the same PDF comes of it each time


def test_a_folder_called_as_a_message_beside_it_hides_nothing(bench: Bench) -> None:
    with Sandbox(Settings()) as box:
        bench.make = lambda: box  # type: ignore[method-assign]
        letter = mail(("order.txt", b"The order of the tea."))
        archive = bench.write("in/box.zip", "")
        archive.write_bytes(zipped(("a.eml", letter), ("a.eml/order.txt", b"Another one.")))
        assert bench.sync().files_seen == 4
        known = bench.catalogue.locations([f"{archive}/a.eml/{name}" for name in ("order.txt", "order (2).txt")])
        assert len({location.sha256 for location in known.values()}) == 2
        assert bench.sync().unchanged == 4


def test_archives_without_end_are_opened_so_far_and_told(bench: Bench) -> None:
    """One in the other, too deep; one that holds the same archive many times over; and what comes out is bounded in all."""
    with Sandbox(Settings()) as box:
        bench.make = lambda: box  # type: ignore[method-assign]
        data = b"the end"
        for depth in range(8):
            data = zipped((f"{depth}.zip" if depth else "end.txt", data))
        deep = bench.write("in/deep.zip", "")
        deep.write_bytes(data)
        met = bench.sync()
        assert (met.files_seen, met.problems) == (6, 1)
        ((place, why),) = bench.catalogue.places_with_problems()
        assert place.endswith("7.zip/6.zip/5.zip/4.zip/3.zip")
        assert "5 files lie around it" in why
        deep.unlink()

        data = b"words"
        for _ in range(4):
            data = zipped(*((f"{number}.zip", data) for number in range(16)))
        bench.write("in/many.zip", "").write_bytes(data)
        met = bench.sync()
        assert (met.files_seen, met.problems) == (1 + 4 * 16, 0)  # and not 16 + 16² + 16³ + 16⁴


def test_three_thousand_unchanged_files_take_less_than_three_seconds(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # the first sync is not what is measured
    for number in range(3000):
        bench.write(f"{number % 30}/{number}.txt", str(number))
    bench.sync()
    start = time.perf_counter()
    assert bench.sync().unchanged == 3000
    assert time.perf_counter() - start < 2.0
