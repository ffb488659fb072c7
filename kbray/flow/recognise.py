"""recognise: page images → text, in actors that keep their models; what needs no model passes through untouched."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from kbray import vision
from kbray.config import Settings
from kbray.document import layers, recognised
from kbray.flow import deaths, metrics, rows
from kbray.flow.failures import recorded
from kbray.flow.rows import Part
from kbray.model import Claim, Failure, PageImage, Parsed, Reading
from kbray.ports import Recogniser

LANES = 2
"""Batches that an actor works on at once on a GPU: while the device is busy with one, another is decoded or put together. Of one
process 18.5 pages a second came so, and 11.6 one after the other (docs/benchmarks.md)."""
NICENESS = 4
"""Below the parse children: a page takes seconds whenever it is done, and a parser that starves runs into its time limit."""


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a page."""

    reading: Reading
    failures: list[Failure]


class Recognise:
    """One actor. Models are loaded at the first page that needs them: a pile of EPUBs never pays for them.

    Calls come in several threads, so that what passes through doesn't wait for what is recognised.
    """

    def __init__(self, settings: Settings, gpu: bool) -> None:
        os.nice(NICENESS)
        self._settings = settings
        self._gpu = gpu
        # Threads of its own: the models keep memory for each that ever called them, 80 MB for those that Ray calls in.
        self._lanes = ThreadPoolExecutor(LANES if gpu else 1)
        self._one_at_a_time = threading.Lock()  # loads and counts
        self._counted = (0, 0)  # lines and slots, of all pages so far

    @property
    def _recogniser(self) -> Recogniser:
        with self._one_at_a_time:
            return self._loaded

    @cached_property
    def _loaded(self) -> Recogniser:
        models = vision.Models.of(self._settings)
        if self._gpu:
            return vision.load("cuda", models)
        return vision.load(models=models, threads=1)  # an actor a core is as good as threads, and the same on any machine

    def __call__(self, batch: pa.Table) -> pa.Table:
        if not rows.has_images(batch):
            return batch
        return self._lanes.submit(self._recognised, batch).result()

    def _recognised(self, batch: pa.Table) -> pa.Table:
        came = rows.table_to_parts(batch)
        started = time.perf_counter()
        parts = self._without_sound_layers(came)
        answers = iter(self._read(_pages(parts)))
        seconds = (time.perf_counter() - started) / max(1, len(_pages(came)))
        spent = [seconds * len(_pages([part])) for part in came]
        return rows.parts_to_table([part and _with(part, answers, seconds) for part, seconds in zip(parts, spent, strict=True)])

    def _without_sound_layers(self, parts: Sequence[Part | None]) -> list[Part | None]:
        """Of scans with a text layer those images are left that are worth reading: a sample of the print says something else."""
        if not any(image.layered for _, image in _pages(parts)):
            return list(parts)
        known = self._recogniser.characters
        parts = [_changed(part, lambda parsed: layers.comparable(parsed, known)) for part in parts]
        samples = [(part, image) for part in parts if part and part.parsed for image in layers.sample(part.parsed)]
        read = self._read([(part.claim, image) for part, image in samples], layers.LINES)
        doubted = {
            part.claim
            for (part, image), one in zip(samples, read, strict=True)
            if part.parsed and layers.is_doubtful(part.parsed, image, one.reading)
        }
        return [part if part is None or part.claim in doubted else _changed(part, layers.trusted) for part in parts]

    def _read(self, pages: Sequence[tuple[Claim, PageImage]], lines: int | None = None) -> list[Read]:
        """All pages together where a GPU is to be filled. Where they fail together, each is tried alone."""
        read: list[Read] = []
        if self._gpu and len(pages) > 1:
            read = self._together(pages, lines, "recognising a batch")
        if not read or read[0].failures:
            read = [one for page in pages for one in self._together([page], lines, f"recognising the {_kind(page[1])}")]
        if read:
            self._count(len(read))
        return read

    def _together(self, pages: Sequence[tuple[Claim, PageImage]], lines: int | None, work: str) -> list[Read]:
        claim, first = pages[0]
        page = first.page if first.target is None else None
        found = [Reading() for _ in pages]
        with recorded("recognise") as lost, deaths.counted(self._settings, claim, work, page=first.page):
            images = [image for _, image in pages]
            found = self._recogniser.recognise(images, lines) if lines else self._recogniser.recognise(images)
        return [Read(reading, [replace(failure, page=page, chapter=first.target) for failure in lost]) for reading in found]

    def _count(self, pages: int) -> None:
        with self._one_at_a_time:
            now, before = (self._loaded.lines, self._loaded.slots), self._counted
            self._counted = now
        metrics.add("kbray_recognised_pages", pages)
        metrics.add("kbray_recognised_lines", now[0] - before[0])
        metrics.add("kbray_recognition_slots", now[1] - before[1])


def _kind(image: PageImage) -> str:
    return "page" if image.target is None else "picture"


def _pages(parts: Sequence[Part | None]) -> list[tuple[Claim, PageImage]]:
    return [(part.claim, image) for part in parts if part and part.parsed for image in part.parsed.images]


def _changed(part: Part | None, change: Callable[[Parsed], Parsed]) -> Part | None:
    return replace(part, parsed=change(part.parsed)) if part and part.parsed else part


def _with(part: Part, answers: Iterator[Read], seconds: float) -> Part:
    """The part with what its images say, which comes next among the answers; it took `seconds`."""
    if part.parsed is None:
        return part
    read = [next(answers) for _ in part.parsed.images]
    # A page with a text layer has that, though reading it failed.
    failures = [
        failure
        for one, image in zip(read, part.parsed.images, strict=True)
        for failure in one.failures
        if not (image.layered or image.garbled)
    ]
    parsed = _without(recognised.merge(part.parsed, [one.reading for one in read]), failures) if read else part.parsed
    return rows.recognised(part, parsed, seconds)


def _without(parsed: Parsed, failures: list[Failure]) -> Parsed:
    """The pages of `failures` are missing, and the ledger says so."""
    lost = {str(failure.page) for failure in failures if failure.page is not None}
    units = tuple(replace(unit, produced=unit.produced and unit.name not in lost) for unit in parsed.units)
    return replace(parsed, units=units, failures=(*parsed.failures, *failures))
