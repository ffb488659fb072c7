"""parse and commit as Ray calls them, most without Ray: real PostgreSQL, real store, a child that really dies."""

import functools
import io
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pptx
import pyarrow as pa
import pytest
from PIL import Image
from pptx.util import Emu

from kbray import parse as parsing
from kbray import vision
from kbray.catalogue import Selection
from kbray.config import MiB, Settings
from kbray.errors import ModelOutOfMemory, ObjectStoreUnavailable, ParserCrashed
from kbray.flow import deaths, node, rows, watch
from kbray.flow.commit import commit
from kbray.flow.parse import parse
from kbray.flow.publish import publish
from kbray.flow.recognise import Recognise
from kbray.flow.rows import Chunked, Part
from kbray.model import (
    Chunk,
    Claim,
    Effort,
    Element,
    FileId,
    Found,
    PageImage,
    Parsed,
    PartRef,
    Reading,
    RunId,
    Seen,
    Unit,
    Window,
)
from kbray.parse.sandbox.parent import Sandbox
from kbray.wiring import Wiring
from tests.integration.pile import claimed, sha, sql
from tests.unit import poison
from tests.writers.pdf import Page, write_pdf

PAGES = 5


@pytest.fixture
def wired(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    settings = Settings(home=tmp_path / "home", database_url=database_url, pages_per_part=3, patience_s=0)
    with Wiring(settings) as wiring:
        monkeypatch.setattr(node, "here", lambda _: wiring)
        yield wiring


@pytest.fixture
def paper(wired: Wiring, tmp_path: Path) -> FileId:
    return take_in(wired, tmp_path)


def take_in(wired: Wiring, tmp_path: Path, text: str = "This is what page {} of the paper says.", pages: int = PAGES) -> FileId:
    """A PDF, synced; of five pages, in two parts."""
    path = tmp_path / "paper.pdf"
    write_pdf(path, [Page().paragraph(72, 100, [text.format(n)] * 3) for n in range(1, pages + 1)])
    return synced(wired, path)


def synced(wired: Wiring, path: Path) -> FileId:
    census = wired.sandbox().census(path, path.name)
    wired.own_objects().put_file(f"raw/{sha('paper')}", path)
    run = wired.catalogue().start_run("sync", {})
    seen = Seen(str(path), path.stat().st_size, 1)
    wired.catalogue().record(run, [Found(seen, sha("paper"), census, parsing.windows(census, wired.settings.pages_per_part))])
    wired.catalogue().end_run(run, "succeeded")
    return wired.catalogue().find(str(path))[0]


def start(wired: Wiring, selection: Selection | None = None) -> tuple[RunId, list[PartRef]]:
    run = wired.catalogue().start_run("process", {})
    plan = wired.catalogue().prepare(selection or Selection(), wired.fingerprints(), run)
    return run, wired.catalogue().refs(plan, 0, 2**62, None, 100)


def parsed(wired: Wiring, run: RunId, refs: list[PartRef]) -> list[Part | None]:
    return rows.table_to_parts(pa.concat_tables(parse(rows.refs_to_table([refs]), wired.settings, run)))


def result(wired: Wiring, file_id: FileId) -> str:
    row = wired.catalogue().file(file_id).row
    return wired.objects().get(f"docs/{row.sha256}/{row.fingerprint}/document.md").decode()


class Poisoned(Sandbox):
    """A real sandbox whose child comes to grief on one page."""

    page = 0
    calls = 0
    poison: Callable[..., object] = staticmethod(poison.segfault)
    arguments: tuple[object, ...] = ()

    def parse(
        self, path: Path, media_type: str, window: Window, timeout_s: float | None = None, *, again: bool = False
    ) -> Parsed:
        self.calls += 1
        if window.first_page is not None and window.first_page <= self.page < window.first_page + window.pages:
            self._call(functools.partial(self.poison, *self.arguments), timeout_s)
        return super().parse(path, media_type, window, timeout_s, again=again)


@pytest.fixture
def poisoned(wired: Wiring, monkeypatch: pytest.MonkeyPatch) -> Iterator[Poisoned]:
    with Poisoned(wired.settings) as sandbox:
        monkeypatch.setattr(wired, "sandbox", lambda: sandbox)
        yield sandbox


def test_the_last_part_makes_the_document(wired: Wiring, paper: FileId) -> None:
    run, refs = start(wired)
    assert [ref.window for ref in refs] == [Window(1, 3), Window(4, 5)]

    for part in parsed(wired, run, refs):
        assert part is not None
        assert wired.catalogue().file(paper).row.status == "processing"
        commit(wired, part)

    row = wired.catalogue().file(paper).row
    assert (row.status, row.complete, row.units_expected, row.units_produced) == ("processed", True, PAGES, PAGES)
    text = result(wired, paper)
    assert [text.index(f"page {n} of the paper") for n in range(1, PAGES + 1)] == sorted(
        text.index(f"page {n} of the paper") for n in range(1, PAGES + 1)
    )
    assert not list(wired.objects().list("parts/"))


def test_a_page_that_kills_the_child_is_the_only_one_lost(wired: Wiring, paper: FileId, poisoned: Poisoned) -> None:
    poisoned.page = 2
    run, refs = start(wired)

    for part in parsed(wired, run, refs):
        assert part is not None
        commit(wired, part)

    detail = wired.catalogue().file(paper)
    assert (detail.row.status, detail.row.complete, detail.row.units_produced) == ("processed", False, PAGES - 1)
    assert [(failure.code, failure.stage, failure.page) for failure in detail.failures] == [("parser_crashed", "parse", 2)]
    text = result(wired, paper)
    assert "page 2 of the paper" not in text
    assert all(f"page {n} of the paper" in text for n in (1, 3, 4, 5))


@pytest.mark.parametrize(
    ("function", "code"),
    [
        (poison.leave, "parser_crashed"),
        (poison.loop, "parse_timeout"),
        (poison.native_loop, "parse_timeout"),
        (poison.fork_and_hang, "parse_timeout"),
        (poison.eat_memory, "document_too_large"),
        (poison.spawn_and_eat, "document_too_large"),
        (poison.value_error, "internal_error"),
        (poison.key_error, "internal_error"),
    ],
)
def test_whatever_a_page_does_to_its_parser_it_alone_is_lost_and_named(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: Callable[..., object], code: str
) -> None:
    settings = Settings(
        home=tmp_path / "home", database_url=database_url, pages_per_part=3, parse_timeout_s=4, parse_memory_bytes=300 * MiB
    )
    with Wiring(settings) as wired, Poisoned(settings) as sandbox:
        monkeypatch.setattr(node, "here", lambda _: wired)
        monkeypatch.setattr(wired, "sandbox", lambda: sandbox)
        file_id = take_in(wired, tmp_path)
        sandbox.page, sandbox.poison = 2, function
        sandbox.arguments = {poison.leave: (9,), poison.fork_and_hang: (str(tmp_path / "note"),)}.get(function, ())
        run, refs = start(wired)
        for part in parsed(wired, run, refs):
            assert part is not None
            commit(wired, part)

        detail = wired.catalogue().file(file_id)
        assert (detail.row.status, detail.row.complete) == ("processed", False)
        assert [(failure.code, failure.stage, failure.page) for failure in detail.failures] == [(code, "parse", 2)]
        text = result(wired, file_id)
        assert "page 2 of the paper" not in text
        assert all(f"page {n} of the paper" in text for n in (1, 3, 4, 5))


def test_a_part_that_kills_its_child_is_tried_three_times_in_all(wired: Wiring, paper: FileId, poisoned: Poisoned) -> None:
    sql(wired.settings.database_url or "", "UPDATE parts SET first_page = 2, last_page = 2 WHERE part = 0")
    poisoned.page = 2
    run, refs = start(wired)

    first, second = parsed(wired, run, refs)

    assert first is not None
    assert first.parsed is not None
    assert (first.failed, first.claim.attempt, first.parsed.failures[0].code) == (True, 3, "parser_crashed")
    assert second is not None
    assert not second.failed


def test_what_killed_its_worker_too_often_is_set_aside_without_another_try(
    wired: Wiring, paper: FileId, poisoned: Poisoned
) -> None:
    sql(wired.settings.database_url or "", "UPDATE parts SET attempts = 3 WHERE part = 0")
    run, refs = start(wired)

    first, _ = parsed(wired, run, refs)

    assert first is not None
    assert first.failed
    assert first.parsed is not None
    assert "set aside" in first.parsed.failures[0].message
    assert poisoned.calls == 1  # for the other part


def test_nothing_is_claimed_once_the_run_is_to_stop(wired: Wiring, paper: FileId) -> None:
    run, refs = start(wired)
    wired.catalogue().request_stop(run)

    assert parsed(wired, run, refs) == [None, None]


def test_a_run_is_broken_off_once_nothing_is_in_hand(wired: Wiring, paper: FileId, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before: until its grace is over, parts in flight may end."""
    monkeypatch.setattr(watch, "GRACE_S", 600.0)
    monkeypatch.setattr(watch, "REPORT_S", 0.05)
    run, refs = start(wired)
    parts = parsed(wired, run, refs[:1])
    broken_off = False

    with watch.Watch(wired, run, None) as watching:
        try:
            with watching.listening(in_order=True):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(1)
                assert wired.catalogue().run(run).state == "stopping"
                for part in parts:
                    assert part is not None
                    commit(wired, part)
                time.sleep(60)
        except KeyboardInterrupt:
            broken_off = True

    assert broken_off
    assert wired.catalogue().run(run).parts_done == 1


def test_a_run_declared_dead_can_not_commit(wired: Wiring, paper: FileId) -> None:
    run, refs = start(wired)
    parts = parsed(wired, run, refs)
    wired.catalogue().end_run(run, "interrupted")

    for part in parts:
        assert part is not None
        commit(wired, part)

    assert wired.catalogue().file(paper).row.status == "processing"
    again, refs = start(wired)
    for part in parsed(wired, again, refs):
        assert part is not None
        commit(wired, part)
    assert wired.catalogue().file(paper).row.status == "processed"


def test_an_outage_of_the_store_frees_the_part_and_ends_the_run(
    wired: Wiring, paper: FileId, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_: str) -> None:
        raise ObjectStoreUnavailable("The store does not answer.")

    run, refs = start(wired)
    monkeypatch.setattr(wired.objects(), "local", unreachable)

    with pytest.raises(ObjectStoreUnavailable):
        parsed(wired, run, refs)

    detail = wired.catalogue().file(paper)
    assert not detail.failures
    assert {part.attempts for part in detail.parts} == {0}


def test_a_lost_original_fails_its_file_and_says_what_to_do(wired: Wiring, paper: FileId) -> None:
    wired.objects().delete([f"raw/{sha('paper')}"])
    run, refs = start(wired)

    for part in parsed(wired, run, refs):
        assert part is not None
        commit(wired, part)

    row = wired.catalogue().file(paper).row
    assert row.status == "failed"
    assert row.error is not None
    assert (row.error.code, row.error.stage) == ("missing_original", "parse")


def test_the_document_is_the_same_when_its_last_part_is_done_twice(wired: Wiring, paper: FileId) -> None:
    """A crash between the last commit and the document leaves the file open; the next run reopens its last part."""
    run, refs = start(wired)
    parts = parsed(wired, run, refs)
    finish: Callable[..., bool] = wired.catalogue().finish
    wired.catalogue().finish = lambda *_, **__: False  # type: ignore[method-assign]  # the writer dies here
    for part in parts:
        assert part is not None
        commit(wired, part)
    wired.catalogue().finish = finish  # type: ignore[method-assign]
    wired.catalogue().end_run(run, "failed")
    assert wired.catalogue().file(paper).row.status == "processing"

    again, refs = start(wired)
    assert [ref.part for ref in refs] == [1]
    for part in parsed(wired, again, refs):
        assert part is not None
        commit(wired, part)

    assert wired.catalogue().file(paper).row.status == "processed"
    assert "page 1 of the paper" in result(wired, paper)


def test_work_that_kills_its_worker_is_set_aside_after_two(wired: Wiring, paper: FileId) -> None:
    run, refs = start(wired)
    claim = wired.catalogue().claim(run, refs[0])
    assert claim is not None
    dying = """
import os, pickle, sys
from kbray.flow import deaths
settings, claim = pickle.loads(sys.stdin.buffer.read())
with deaths.counted(settings, claim, "recognising the page", page=2):
    os._exit(9)
"""
    for _ in range(2):
        request = pickle.dumps((wired.settings, claim))
        assert subprocess.run([sys.executable, "-c", dying], input=request, check=False).returncode == 9

    third_try = deaths.counted(wired.settings, claim, "recognising the page", page=2)
    with pytest.raises(ParserCrashed, match="ended its process 2 times") as caught, third_try:
        raise AssertionError("it must not be tried a third time")
    assert caught.value.page == 2

    with deaths.counted(wired.settings, claim, "recognising the page", page=3):
        pass  # its neighbours are untouched
    deaths.forget(wired.settings, run)
    assert not list((wired.settings.home / "inflight").iterdir())


class Device:
    """A recogniser that says how many pages came, and fails where one of them is bad."""

    lines = slots = 0

    def __init__(self) -> None:
        self.calls: list[list[int]] = []

    def recognise(self, pages: Sequence[PageImage]) -> list[Reading]:
        self.calls.append([page.page for page in pages])
        if any(page.image == b"bad" for page in pages):
            raise ModelOutOfMemory("The GPU has no memory for an image of 64×96 pixels.")
        return [Reading((Element("paragraph", f"page {page.page} of {len(pages)}", page=page.page),)) for page in pages]


def test_a_gpu_gets_pages_together_and_a_bad_one_is_lost_alone(
    wired: Wiring, paper: FileId, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, refs = start(wired)
    device = Device()
    monkeypatch.setattr(vision, "load", lambda *_, **__: device)
    claims = [claimed(wired.catalogue(), run, ref) for ref in refs]

    def scanned(bad: int) -> pa.Table:
        parts = []
        for claim in claims:
            first, last = claim.ref.window.first_page or 1, claim.ref.window.last_page or 1
            numbers = range(first, last + 1)
            images = tuple(PageImage(n, 100, 100, b"bad" if n == bad else b"good") for n in numbers)
            parts.append(
                Part(claim, Parsed("pdf", units=tuple(Unit(str(n)) for n in numbers), images=images), None, False, Effort())
            )
        return rows.parts_to_table(parts)

    done = rows.table_to_parts(Recognise(wired.settings, gpu=True)(scanned(bad=0)))
    assert device.calls == [[1, 2, 3, 4, 5]]
    assert [[one.text for one in part.parsed.elements] for part in done if part and part.parsed] == [
        ["page 1 of 5", "page 2 of 5", "page 3 of 5"],
        ["page 4 of 5", "page 5 of 5"],
    ]

    device.calls.clear()
    done = rows.table_to_parts(Recognise(wired.settings, gpu=True)(scanned(bad=2)))
    assert device.calls == [[1, 2, 3, 4, 5], [1], [2], [3], [4], [5]]
    (failure,) = [one for part in done if part and part.parsed for one in part.parsed.failures]
    assert (failure.code, failure.stage, failure.page) == ("model_out_of_memory", "recognise", 2)
    assert [unit.name for part in done if part and part.parsed for unit in part.parsed.units if not unit.produced] == ["2"]

    device.calls.clear()
    Recognise(wired.settings, gpu=False)(scanned(bad=0))
    assert device.calls == [[1], [2], [3], [4], [5]], "on a processor nothing is gained by more"


class Meeting(Device):
    """A recogniser that two callers have to be in at once."""

    def __init__(self) -> None:
        super().__init__()
        self.both = threading.Barrier(2, timeout=60)

    def recognise(self, pages: Sequence[PageImage]) -> list[Reading]:
        self.both.wait()
        return super().recognise(pages)


def test_on_a_gpu_two_batches_are_worked_on_at_once_by_models_that_are_loaded_once(
    wired: Wiring, paper: FileId, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, refs = start(wired)
    device, loaded = Meeting(), list[str]()

    def load(kind: str, models: vision.Models) -> Meeting:
        loaded.append(kind)
        return device

    monkeypatch.setattr(vision, "load", load)
    tables = []
    for ref in refs:
        image = PageImage(ref.window.first_page or 1, 100, 100, b"good")
        parsed = Parsed("pdf", units=(Unit(str(image.page)),), images=(image,))
        tables.append(rows.parts_to_table([Part(claimed(wired.catalogue(), run, ref), parsed, None, False, Effort())]))
    actor = Recognise(wired.settings, gpu=True)
    with ThreadPoolExecutor(2) as callers:
        done = [part for table in callers.map(actor, tables) for part in rows.table_to_parts(table)]

    assert sorted(device.calls) == [[1], [4]]
    assert loaded == ["cuda"]
    assert [part.parsed.failures for part in done if part and part.parsed] == [(), ()]


def test_on_a_processor_all_pages_are_read_in_one_thread(wired: Wiring, paper: FileId, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models keep memory for each thread that ever called them."""
    run, refs = start(wired)
    threads = list[int]()

    class Noting(Device):
        def recognise(self, pages: Sequence[PageImage]) -> list[Reading]:
            threads.append(threading.get_ident())
            return super().recognise(pages)

    monkeypatch.setattr(vision, "load", lambda models, threads: Noting())
    image = PageImage(1, 100, 100, b"good")
    parsed = Parsed("pdf", units=(Unit("1"),), images=(image,))
    table = rows.parts_to_table([Part(claimed(wired.catalogue(), run, refs[0]), parsed, None, False, Effort())])
    actor, together = Recognise(wired.settings, gpu=False), threading.Barrier(4, timeout=60)

    def call(_: int) -> None:
        together.wait()
        actor(table)

    with ThreadPoolExecutor(4) as callers:
        list(callers.map(call, range(4)))

    assert len(threads) == 4
    assert len(set(threads)) == 1


class Sampler:
    """A recogniser that reads what is printed, and tells which pages it was shown, and whether only some lines of them."""

    lines = slots = 0
    characters = frozenset("abcdefghijklmnopqrstuvwxyz")

    def __init__(self) -> None:
        self.calls: list[tuple[int, bool]] = []

    def recognise(self, pages: Sequence[PageImage], lines: int | None = None) -> list[Reading]:
        self.calls.extend((page.page, lines is not None) for page in pages)
        if any(page.image == b"bad" for page in pages):
            raise ModelOutOfMemory("The GPU has no memory for an image of 64×96 pixels.")
        return [
            Reading((Element("paragraph", page.image.decode(), page=page.page, origin="ocr", confidence=0.98),)) for page in pages
        ]


def test_a_scan_with_a_text_layer_is_read_in_full_only_where_a_sample_says_something_else(
    wired: Wiring, paper: FileId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two parts: in one the layer is good, in the other it is bad but for a page; one more page can't be read."""
    run, refs = start(wired)
    device = Sampler()
    monkeypatch.setattr(vision, "load", lambda *_, **__: device)
    printed = (
        "the keeper wrote down each morning which of the books had been taken out and by whom and when they were to be brought "
        "back and nobody had asked him for it and in the third winter the river rose higher than the oldest of them remembered "
        "and the books of the lower shelves were carried up the stairs one after another by everybody who had hands to do it"
    )
    look_alike = str.maketrans("hecnu", "bcoun")
    mistaken = " ".join(word.translate(look_alike) if n % 3 else word for n, word in enumerate(printed.split()))
    longer, mistaken = f"{printed} all", f"{mistaken} aud"  # the fullest page of a part is its sample

    def scanned(claim: Claim, **layers: str) -> Part:
        numbers = range(claim.ref.window.first_page or 1, (claim.ref.window.last_page or 1) + 1)
        texts = [layers.get(f"page{n}", printed) for n in numbers]
        elements = tuple(Element("paragraph", text, page=n) for n, text in zip(numbers, texts, strict=True))
        images = tuple(PageImage(n, 100, 100, b"bad" if n == 1 else printed.encode(), layered=True) for n in numbers)
        return Part(claim, Parsed("pdf", elements, tuple(Unit(str(n)) for n in numbers), images=images), None, False, Effort())

    def done(*parts: Part) -> list[Parsed]:
        found = rows.table_to_parts(Recognise(wired.settings, gpu=False)(rows.parts_to_table(parts)))
        return [part.parsed for part in found if part and part.parsed]

    first, second = (claimed(wired.catalogue(), run, ref) for ref in refs)
    good, bad = done(scanned(first, page2=longer), scanned(second, page5=mistaken))
    assert device.calls == [(2, True), (5, True), (4, False), (5, False)]
    assert [element.origin for element in good.elements] == ["text", "text", "text"]
    assert [(element.text, element.origin) for element in bad.elements] == [(printed, "text"), (printed, "ocr")]
    assert [part.warnings != () for part in (good, bad)] == [False, True]

    device.calls.clear()
    (half,) = done(scanned(first, page2=mistaken, page3=mistaken))
    assert device.calls == [(2, True), (1, False), (2, False), (3, False)]
    assert [element.origin for element in half.elements] == ["text", "ocr", "ocr"], "a layer stays where its page can't be read"
    assert (half.failures, [unit.produced for unit in half.units]) == ((), [True, True, True])


class Reader:
    """A recogniser that reads every page alike."""

    lines = slots = 0

    def __init__(self, confidence: float) -> None:
        self._confidence = confidence

    def recognise(self, pages: Sequence[PageImage]) -> list[Reading]:
        texts = [f"This is what page {page.page} of the paper says." for page in pages]
        return [
            Reading((Element("paragraph", text, page=page.page, origin="ocr", confidence=self._confidence),))
            for page, text in zip(pages, texts, strict=True)
        ]


def processed(wired: Wiring, selection: Selection) -> int:
    """What the selection asks for goes through all stages; how many parts that were."""
    run, refs = start(wired, selection)
    if refs:
        table = pa.concat_tables(parse(rows.refs_to_table([refs]), wired.settings, run))
        for part in rows.table_to_parts(Recognise(wired.settings, gpu=False)(table)):
            assert part is not None
            commit(wired, part)
    wired.catalogue().end_run(run, "succeeded")
    return len(refs)


@pytest.mark.parametrize("pages", [PAGES, 2], ids=["two parts", "one part"])
@pytest.mark.parametrize(("confidence", "better"), [(0.98, True), (0.6, False)])
def test_a_poor_text_layer_is_recognised_instead_where_that_is_better(
    wired: Wiring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int, confidence: float, better: bool
) -> None:
    file_id = take_in(wired, tmp_path, "Th\x03s is wh\x04t p\x05ge {} of the p\x03per s\x05ys.", pages)
    monkeypatch.setattr(vision, "load", lambda *_, **__: Reader(confidence))
    assert processed(wired, Selection())
    first = wired.catalogue().file(file_id).row
    assert (first.quality, [reason.code for reason in first.reasons]) == ("poor", ["lost-characters"])
    assert "This is what page 1" not in result(wired, file_id)

    retry = Selection(retry_poor=True)
    assert processed(wired, retry) == len(wired.catalogue().part_outcomes(file_id))

    row = wired.catalogue().file(file_id).row
    if better:
        assert (row.quality, row.fingerprint) == ("good", f"{first.fingerprint}-ocr")
        assert f"This is what page {pages} of the paper says." in result(wired, file_id)
    else:
        assert row == first
        assert "ge 1 of the pper" in result(wired, file_id)
    told = json.loads(wired.objects().get(f"docs/{row.sha256}/{row.fingerprint}/document.json"))
    assert (told["quality"]["grade"], told["engine"]["fingerprint"]) == (row.quality, row.fingerprint)
    assert not list(wired.objects().list("parts/"))
    assert [processed(wired, again) for again in (retry, Selection(stale=wired.fingerprints()), Selection())] == [0, 0, 0]


def test_print_that_nobody_can_read_makes_the_document_incomplete(
    wired: Wiring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Half(Reader):
        def recognise(self, pages: Sequence[PageImage]) -> list[Reading]:
            return [Reading(unread=7) if page.page == 2 else super(Half, self).recognise([page])[0] for page in pages]

    settings = wired.settings.model_copy(update={"ocr": "always"})
    monkeypatch.setattr(wired, "settings", settings)
    monkeypatch.setattr(vision, "load", lambda *_, **__: Half(0.98))
    file_id = take_in(wired, tmp_path)
    assert processed(wired, Selection())

    detail = wired.catalogue().file(file_id)
    assert (detail.row.status, detail.row.complete, detail.row.units_produced) == ("processed", False, PAGES - 1)
    assert [(failure.code, failure.stage, failure.page) for failure in detail.failures] == [("unread_page", "recognise", 2)]
    assert [reason.code for reason in detail.row.reasons] == ["missing-pages", "doubtful-recognition"]
    told = json.loads(wired.objects().get(f"docs/{detail.row.sha256}/{detail.row.fingerprint}/document.json"))
    assert told["completeness"]["missing"] == ["2"]
    assert told["completeness"]["elements"] == {"1": 1, "3": 1, "4": 1, "5": 1}


def deck(path: Path, slides: int = 3) -> Path:
    """A presentation with a title and a picture on each slide."""
    made = pptx.Presentation()
    for number in range(1, slides + 1):
        slide = made.slides.add_slide(made.slide_layouts[5])
        slide.shapes.title.text = f"Slide {number}"
        drawn = io.BytesIO()
        Image.new("L", (640, 480 + number)).save(drawn, "PNG")
        slide.shapes.add_picture(drawn, Emu(0), Emu(0))
    made.save(str(path))
    return path


class Gallery(Reader):
    """A recogniser to which one picture is bad."""

    def __init__(self, bad: int) -> None:
        super().__init__(0.98)
        self._bad = bad

    def recognise(self, pages: Sequence[PageImage]) -> list[Reading]:
        if any(page.page == self._bad for page in pages):
            raise ModelOutOfMemory("There is no memory for an image of 640×482 pixels.")
        return super().recognise(pages)


def test_a_picture_that_can_not_be_recognised_is_named_and_costs_nothing_else(
    wired: Wiring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = synced(wired, deck(tmp_path / "deck.pptx"))
    monkeypatch.setattr(vision, "load", lambda *_, **__: Gallery(bad=2))
    assert processed(wired, Selection()) == 1

    detail = wired.catalogue().file(file_id)
    assert (detail.row.status, detail.row.complete, detail.row.units_produced) == ("processed", False, 3)
    named = [(failure.code, failure.stage, failure.page, failure.chapter) for failure in detail.failures]
    assert named == [("model_out_of_memory", "recognise", None, "ppt/media/image2.png")]
    text = result(wired, file_id)
    assert [line for line in text.splitlines() if "what page" in line] == [
        "This is what page 1 of the paper says.",
        "This is what page 3 of the paper says.",
    ]
    assert all(f"# Slide {number}" in text for number in (1, 2, 3))

    monkeypatch.setattr(vision, "load", lambda *_, **__: Gallery(bad=0))
    assert processed(wired, Selection(retry_failed=True)) == 1
    detail = wired.catalogue().file(file_id)
    assert (detail.row.complete, detail.failures) == (True, ())
    assert "This is what page 2 of the paper says." in result(wired, file_id)


KILLING = """
import os, pickle, sys
from kbray import vision
from kbray.flow.recognise import Recognise
from kbray.model import Element, Reading

class Killed:
    lines = slots = 0

    def recognise(self, pages):
        if any(page.image == b"bad" for page in pages):
            os._exit(9)
        return [Reading((Element("paragraph", page.target, origin="ocr", confidence=0.9),)) for page in pages]

vision.load = lambda *_, **__: Killed()
settings, table = pickle.loads(sys.stdin.buffer.read())
sys.stdout.buffer.write(pickle.dumps(Recognise(settings, gpu=False)(table)))
"""


def test_a_picture_that_kills_its_worker_is_set_aside_whatever_comes_before_it(wired: Wiring, paper: FileId) -> None:
    run, refs = start(wired)
    claim = claimed(wired.catalogue(), run, refs[0])
    targets = [f"Pictures/{number}.png" for number in (1, 2, 3)]
    images = tuple(PageImage(n, 9, 9, b"bad" if n == 2 else b"", target=name) for n, name in enumerate(targets, start=1))
    shown = tuple(Element("image", target=name) for name in targets)
    part = Part(claim, Parsed("opendocument", shown, (Unit("whole"),), images=images), None, False, Effort())
    request = pickle.dumps((wired.settings, rows.parts_to_table([part])))

    def worker() -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([sys.executable, "-c", KILLING], input=request, capture_output=True, check=False, timeout=60)

    assert [worker().returncode for _ in range(2)] == [9, 9]
    third = worker()
    assert third.returncode == 0, third.stderr.decode()
    (done,) = rows.table_to_parts(pickle.loads(third.stdout))
    assert done is not None
    assert done.parsed is not None
    assert [one.text for one in done.parsed.elements if one.kind != "image"] == [targets[0], targets[2]]
    (failure,) = done.parsed.failures
    assert (failure.code, failure.page, failure.chapter) == ("parser_crashed", None, targets[1])
    assert failure.message == "Recognising the picture ended its process 2 times; it is set aside."


def test_a_document_whose_assembly_killed_its_worker_is_failed(wired: Wiring, paper: FileId) -> None:
    run, refs = start(wired)
    *first, last = parsed(wired, run, refs)
    for part in first:
        assert part is not None
        commit(wired, part)
    assert last is not None
    mark = wired.settings.home / "inflight" / str(run) / f"{last.claim.token}-putting-the-document-together-0"
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_bytes(b"..")  # as two dead workers leave it

    commit(wired, last)

    row = wired.catalogue().file(paper).row
    assert row.status == "failed"
    assert row.error is not None
    assert (row.error.code, row.error.stage) == ("parser_crashed", "assemble")


STREAM = """
import sys
from pathlib import Path
from kbray.catalogue import Selection
from kbray.config import Settings
from kbray.flow import cluster, rows
from kbray.flow.commit import commit
from kbray.flow.process import pipeline
from kbray.flow.sink import Sink
from kbray.model import RunId
from kbray.wiring import Wiring

settings, run = Settings.model_validate_json(sys.argv[1]), RunId(int(sys.argv[2]))
with Wiring(settings) as wired, cluster.connected(settings, Path(sys.argv[3]), models=True) as up:
    plan = wired.catalogue().prepare(Selection(), wired.fingerprints(), run)
    ((low, high),) = wired.catalogue().ranges(plan, 1)
    ranges = [(low, high), *((high + n, high + n + 1) for n in range(4))]
    pipeline(up.settings, plan, ranges, run).write_datasink(Sink(up.settings, rows.table_to_parts, commit))
"""
"""In a process of its own: Ray leaves some of its own behind until that ends."""


def test_key_ranges_that_another_run_has_emptied_meanwhile_hurt_nobody(wired: Wiring, paper: FileId, tmp_path: Path) -> None:
    run = wired.catalogue().start_run("process", {})
    arguments = [wired.settings.model_dump_json(exclude={"memory"}), str(run), str(tmp_path / "ray.log")]
    done = subprocess.run([sys.executable, "-c", STREAM, *arguments], capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert wired.catalogue().file(paper).row.status == "processed"


def test_a_file_that_the_database_refuses_is_failed_alone(wired: Wiring, paper: FileId) -> None:
    run, refs = start(wired)
    for part in parsed(wired, run, refs):
        assert part is not None
        commit(wired, part)
    catalogue = wired.catalogue()
    (ref,) = catalogue.index_refs(catalogue.prepare_index(Selection(), "now"), 2**62, 0, 10)
    claim = catalogue.claim_index(run, ref)
    assert claim is not None
    more_than_an_integer = Chunk("some words", (), 2**40, 0, 0)

    publish(wired, Chunked(claim, (more_than_an_integer,), (), Effort()))

    assert catalogue.file(paper).row.status == "failed"
    (failure,) = catalogue.failures(paper)
    assert (failure.stage, failure.code) == ("publish", "internal_error")
    assert catalogue.search("words") == []
