"""recognise: page images → text, in actors that keep their models; what needs no model passes through untouched."""

import os
import threading
import time
from dataclasses import replace
from functools import cached_property

import pyarrow as pa

from kbray import vision
from kbray.config import Settings
from kbray.document import recognised
from kbray.flow import deaths, metrics, rows
from kbray.flow.failures import recorded
from kbray.flow.rows import Part
from kbray.model import Element, Failure, Parsed
from kbray.ports import Recogniser

NICENESS = 4
"""Below the parse children: a page takes seconds whenever it is done, and a parser that starves runs into its time limit."""


class Recognise:
    """One actor. Models are loaded at the first page that needs them: a pile of EPUBs never pays for them.

    Calls come in several threads, so that what passes through doesn't wait for what is recognised.
    """

    def __init__(self, settings: Settings) -> None:
        os.nice(NICENESS)
        self._settings = settings
        self._one_at_a_time = threading.Lock()
        self._counted = (0, 0)  # lines and slots, of all pages so far

    @cached_property
    def _recogniser(self) -> Recogniser:
        return vision.load(self._settings, threads=1)  # an actor a core is as good as threads, and the same on any machine

    def __call__(self, batch: pa.Table) -> pa.Table:
        if not rows.has_images(batch):
            return batch
        with self._one_at_a_time:
            return rows.parts_to_table([part and self._part(part) for part in rows.table_to_parts(batch)])

    def _part(self, part: Part) -> Part:
        if part.parsed is None:
            return part
        started = time.perf_counter()
        found: list[list[Element]] = []
        failures: list[Failure] = []
        for image in part.parsed.images:
            elements: list[Element] = []
            with (
                recorded("recognise") as lost,
                deaths.counted(self._settings, part.claim, "recognising the page", page=image.page),
            ):
                elements = self._recogniser.recognise([image])[0]
            found.append(elements)
            failures += [replace(failure, page=image.page) for failure in lost]
        if found:
            self._count(len(found))
        parsed = _without(recognised.merge(part.parsed, found), failures) if found else part.parsed
        return rows.recognised(part, parsed, time.perf_counter() - started)

    def _count(self, pages: int) -> None:
        now = (self._recogniser.lines, self._recogniser.slots)
        metrics.add("kbray_recognised_pages", pages)
        metrics.add("kbray_recognised_lines", now[0] - self._counted[0])
        metrics.add("kbray_recognition_slots", now[1] - self._counted[1])
        self._counted = now


def _without(parsed: Parsed, failures: list[Failure]) -> Parsed:
    """The pages of `failures` are missing, and the ledger says so."""
    lost = {str(failure.page) for failure in failures}
    units = tuple(replace(unit, produced=unit.produced and unit.name not in lost) for unit in parsed.units)
    return replace(parsed, units=units, failures=(*parsed.failures, *failures))
