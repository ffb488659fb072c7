"""Sync of archives under trouble: what was cut off is told and taken up again, and what comes out never depends on chance."""

import io
import os
import random
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kbray import objects
from kbray.catalogue import Catalogue
from kbray.config import MiB, Settings
from kbray.errors import ObjectStoreUnavailable, TransientError
from kbray.model import Census
from kbray.ops import sync as syncing
from kbray.ops.runs import RecordedRun
from kbray.ops.sync import Report, SyncOutcome
from kbray.ops.sync.censuses import CensusTaker
from kbray.ops.sync.walk import roots_of
from kbray.parse.sandbox.parent import Sandbox
from tests.integration.conftest import fresh_database
from tests.integration.faulty import FaultyS3
from tests.integration.s3 import S3Server
from tests.unit import poison

pytestmark = pytest.mark.integration


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def numbered(name: str, count: int) -> dict[str, bytes]:
    return {f"{number}.txt": f"{name} {number}\n".encode() * 20 for number in range(count)}


def letters(count: int) -> bytes:
    """A mailbox; to each message a note is attached."""
    box = b""
    for number in range(count):
        message = EmailMessage()
        message["From"], message["Subject"] = "zoe@example.org", f"Tea {number}"
        message.set_content("see below")
        message.add_attachment(f"note {number}".encode(), maintype="text", subtype="plain", filename="note.txt")
        message.set_boundary(f"boundary{number}")
        box += b"From a Sat Jan  3 01:05:34 1996\n" + message.as_bytes() + b"\n"
    return box


def pile(folder: Path) -> Path:
    """Archives of every kind of content: many files, archives in them (some twice), a mailbox, the same words in two places."""
    inner = {f"{number}.zip": zipped(numbered(f"inner {number % 20}", 5)) for number in range(25)}
    rest = {"tea.mbox": letters(40), "same.txt": b"The same words.", "again/same.md": b"The same words."}
    folder.mkdir(exist_ok=True)
    (folder / "all.zip").write_bytes(zipped({**numbered("big", 400), **inner, **rest}))
    for number in range(8):
        (folder / f"small {number}.zip").write_bytes(zipped({**numbered(f"small {number}", 12), "in.zip": inner["3.zip"]}))
    return folder


@dataclass
class Library:
    """What a folder of archives is synced into, by real children whose temporary files have a folder of their own."""

    catalogue: Catalogue
    home: Path
    settings: Settings

    def sync(
        self,
        root: Path | str,
        *,
        make: Callable[[Settings], CensusTaker] = Sandbox,
        stop: threading.Event | None = None,
        report: Report | None = None,
    ) -> SyncOutcome:
        with RecordedRun(self.catalogue, "sync", {}, lease_s=60, heartbeat_s=5) as run:
            store, roots = objects.connect(self.settings), roots_of([str(root)])
            return syncing.sync(
                self.catalogue, store, partial(make, self.settings), self.settings, roots, run, stop=stop, report=report
            )

    def content(self, root: Path | str) -> list[tuple[str, str, str, bool, str | None]]:
        """Each place below the root: what lies there, as which kind of file, whether it is gone, its problem."""
        return sorted(
            (place.uri.removeprefix(str(root)), row.sha256, row.media_type, place.gone_at is not None, place.problem)
            for row in self.catalogue.files(limit=100_000)
            for place in self.catalogue.file(row.id).locations
        )

    def stored(self) -> set[str]:
        return {info.key for info in objects.connect(self.settings).list("raw/")}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go meanwhile."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def library(catalogue: Catalogue, tmp_path: Path, temporary: Path) -> Iterator[Library]:
    yield Library(catalogue, tmp_path / "home", Settings(home=tmp_path / "home"))
    assert list(temporary.iterdir()) == []


@pytest.fixture
def undisturbed(server_url: str, tmp_path: Path, temporary: Path) -> Iterator[Library]:
    """A second library, for what comes of an undisturbed sync."""
    with fresh_database(server_url) as url, Catalogue(url, patience_s=5, pool_size=8) as found:
        yield Library(found, tmp_path / "undisturbed", Settings(home=tmp_path / "undisturbed"))


def test_a_stop_in_the_middle_of_an_archive_ends_soon_and_the_next_sync_goes_on(
    library: Library, undisturbed: Library, tmp_path: Path
) -> None:
    folder = pile(tmp_path / "in")
    (folder / "0.zip").write_bytes(zipped(numbered("many", 3000)))
    stop, stopped_at = threading.Event(), [0.0]

    def report(so_far: SyncOutcome) -> None:
        if so_far.new >= 256 and not stop.is_set():
            stopped_at[0] = time.monotonic()
            stop.set()

    outcome = library.sync(folder, stop=stop, report=report)
    assert outcome.interrupted
    assert time.monotonic() - stopped_at[0] < 10
    assert 256 <= outcome.new < 3000
    assert library.sync(folder).unchanged >= outcome.new
    undisturbed.sync(folder)
    assert library.content(folder) == undisturbed.content(folder)
    assert library.stored() == undisturbed.stored()


class Slow(Sandbox):
    """Unpacks for a minute."""

    unpacking = threading.Event()

    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
        (folder / "0").write_bytes(b"unfinished")
        self.unpacking.set()
        self.call(time.sleep, 60)
        return ()


class Starting(Slow):
    """Its child is ended before it is ready, as the next one may be while the first is busy with its end."""

    stopped = threading.Event()

    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
        self.unpacking.set()
        assert self.stopped.wait(60)
        raise TransientError("The parser's process was killed by SIGKILL before it was ready.")


@pytest.mark.parametrize("make", [Slow, Starting])
def test_a_stop_does_not_wait_for_what_is_being_unpacked(library: Library, tmp_path: Path, make: type[Slow]) -> None:
    folder = pile(tmp_path / "in")
    stop = threading.Event()
    Slow.unpacking.clear()
    Starting.stopped.clear()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(library.sync, folder, make=make, stop=stop)
        assert Slow.unpacking.wait(60)
        started = time.monotonic()
        stop.set()
        Starting.stopped.set()
        assert running.result().interrupted
        assert time.monotonic() - started < 10
    assert library.content(folder) == []
    assert library.catalogue.places_with_problems() == []


class Dying(Sandbox):
    """Is killed while it unpacks, as by a kernel out of memory."""

    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
        self.call(poison.segfault)
        return ()


def test_what_a_dying_child_did_not_take_out_is_told_and_comes_with_the_next_sync(
    library: Library, undisturbed: Library, tmp_path: Path
) -> None:
    folder = pile(tmp_path / "in")
    assert library.sync(folder, make=Dying).problems == 9
    problems = library.catalogue.places_with_problems()
    assert [Path(place).name for place, _ in problems] == sorted(path.name for path in folder.iterdir())
    assert {why for _, why in problems} == {
        "What may be in it was not taken out: The parser's process was killed by SIGSEGV (segmentation fault) while reading the "
        "document. Unpack it yourself and sync the folder."
    }
    library.sync(folder)
    undisturbed.sync(folder)
    assert library.content(folder) == undisturbed.content(folder)


def fill(_: str) -> None:
    """What a disk says that is full."""
    with Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")


class OnFullDisk(Sandbox):
    """Has no room to unpack what lies in an archive that is inside another one."""

    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
        if path.name == "3":
            self.call(fill, str(folder))
        return super().attachments(path, media_type, folder)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_temporary_disk_costs_the_archive_and_is_told(library: Library, tmp_path: Path, temporary: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zipped({**numbered("a", 3), "in.zip": zipped(numbered("inner", 4))}))
    (folder / "b.zip").write_bytes(zipped(numbered("b", 5)))
    outcome = library.sync(folder, make=OnFullDisk)
    assert outcome.problems == 1
    ((place, why),) = library.catalogue.places_with_problems()
    assert place == f"{folder}/a.zip"
    assert why.startswith(f"The files in it can't be taken out into {temporary}: [Errno 28] No space left on device")
    again = library.sync(folder)
    assert (again.problems, len(library.content(folder))) == (0, 9 + 6)


@pytest.mark.parametrize("fault", ["503", "cut", "slow"])
def test_a_store_that_fails_in_the_middle_of_an_archive(
    library: Library,
    undisturbed: Library,
    s3_server: S3Server,
    bucket: str,
    tmp_path: Path,
    fault: Any,
) -> None:
    """It is waited for; when that was in vain, nothing is taken for done that isn't."""
    folder = pile(tmp_path / "in")
    proxy = FaultyS3(s3_server.endpoint_url)
    library.settings = Settings(
        home=library.home, objects_url=f"s3://{bucket}/k", s3_endpoint_url=proxy.endpoint_url, patience_s=1.0
    )
    began = threading.Event()

    def report(so_far: SyncOutcome) -> None:
        if so_far.new >= 256 and not began.is_set():
            began.set()
            proxy.fault = fault
            threading.Timer(6 if fault != "slow" else 3, setattr, (proxy, "fault", "none")).start()

    try:
        if fault == "slow":
            library.sync(folder, report=report)
        else:
            with pytest.raises(ObjectStoreUnavailable):
                library.sync(folder, report=report)
        proxy.fault = "none"
        library.sync(folder)
    finally:
        proxy.close()
    assert began.is_set()
    undisturbed.sync(folder)
    assert library.content(folder) == undisturbed.content(folder)
    assert library.stored() == undisturbed.stored()


def test_two_syncs_of_the_same_archives_at_the_same_time(library: Library, undisturbed: Library, tmp_path: Path) -> None:
    folder = pile(tmp_path / "in")
    with ThreadPoolExecutor(2) as threads:
        both = [running.result() for running in [threads.submit(library.sync, folder) for _ in range(2)]]
    assert [outcome.problems for outcome in both] == [0, 0]
    undisturbed.sync(folder)
    assert library.content(folder) == undisturbed.content(folder)
    assert library.sync(folder).unchanged == both[0].files_seen


class Replacing(Sandbox):
    """Somebody writes another archive in the place of the one that is being unpacked: once, or each time."""

    times = 1

    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
        names = super().attachments(path, media_type, folder)
        if path.name == "a.zip" and Replacing.times > 0:
            Replacing.times -= 1
            path.write_bytes(zipped(numbered("new", 7 + Replacing.times)))
        return names


@pytest.mark.parametrize("times", [1, 2])
def test_nothing_is_taken_from_an_archive_that_changes_meanwhile(library: Library, tmp_path: Path, times: int) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zipped(numbered("old", 20)))
    Replacing.times = times
    outcome = library.sync(folder, make=Replacing)
    assert (outcome.new, outcome.problems) == ((1 + 7, 0) if times == 1 else (0, 1))
    library.sync(folder)
    assert [place for place, *_ in library.content(folder)] == ["/a.zip", *(f"/a.zip/{number}.txt" for number in range(7))]
    assert len(library.stored()) == 1 + 7


class Jittering(Sandbox):
    """Takes its time by chance."""

    def census(self, path: Path, name: str) -> Census:
        time.sleep(random.random() * 0.02)
        return super().census(path, name)

    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
        time.sleep(random.random() * 0.02)
        return super().attachments(path, media_type, folder)


@pytest.mark.parametrize("bound", [{"max_unpacked_bytes": 6_000}, {"max_archive_members": 15}])
def test_what_is_left_at_a_bound_does_not_depend_on_what_was_read_first(
    library: Library, undisturbed: Library, tmp_path: Path, bound: dict[str, int]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in "ab":
        inner = {f"{number}.zip": zipped(numbered(f"{name} {number}", 12)) for number in range(14)}
        (folder / f"{name}.zip").write_bytes(zipped(inner))
    for one in (library, undisturbed):
        one.settings = one.settings.model_copy(update=bound)
    met = library.sync(folder, make=Jittering)
    assert 0 < met.problems < 2 * 14
    undisturbed.sync(folder)
    assert library.content(folder) == undisturbed.content(folder)


def test_what_lies_taken_out_is_bounded(library: Library, tmp_path: Path, temporary: Path) -> None:
    """However many archives there are: of a few files each, or large ones."""
    folder = tmp_path / "in"
    folder.mkdir()
    noise = random.Random(1)
    for number in range(60):
        (folder / f"{number}.zip").write_bytes(zipped({f"{part}.bin": noise.randbytes(MiB // 2) for part in range(2)}))
    library.settings = library.settings.model_copy(update={"max_unpacked_bytes": 4 * MiB})
    most = [0]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.005):
            size = 0
            for parent, _, names in os.walk(temporary):  # which passes over folders that are removed meanwhile
                for name in names:
                    with suppress(FileNotFoundError):
                        size += (Path(parent) / name).stat().st_size
            most[0] = max(most[0], size)

    watch = threading.Thread(target=look)
    watch.start()
    try:
        assert library.sync(folder).new == 60 * 3
    finally:
        ended.set()
        watch.join()
    assert most[0] < 14 * MiB


def test_archives_in_a_bucket_have_the_same_files(
    library: Library, undisturbed: Library, s3_server: S3Server, bucket: str, tmp_path: Path
) -> None:
    folder = pile(tmp_path / "in")
    for path in folder.iterdir():
        s3_server.client().upload_file(str(path), bucket, f"box/{path.name}")
    library.settings = library.settings.model_copy(update={"s3_endpoint_url": s3_server.endpoint_url})
    met = library.sync(f"s3://{bucket}/box/")
    undisturbed.sync(folder)
    assert library.content(f"s3://{bucket}/box") == undisturbed.content(folder)
    again = library.sync(f"s3://{bucket}/box/")
    assert (again.unchanged, again.gone) == (met.files_seen, 0)


def test_what_lies_in_an_archive_whose_path_is_very_long_is_not_called_gone(library: Library, tmp_path: Path) -> None:
    root = folder = tmp_path / "in"
    while len(str(folder)) < 1700:
        folder = folder / ("folder " * 28)
    folder = folder / ("f" * (1980 - len(str(folder))))
    folder.mkdir(parents=True)
    (folder / "a.zip").write_bytes(zipped(numbered("deep", 3)))
    assert library.sync(root).new == 4
    again = library.sync(root)
    assert (again.unchanged, again.gone) == (4, 0)
