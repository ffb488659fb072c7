"""commit: upload first, then one fenced transaction; who commits the last part of a file assembles its document."""

import time
from collections.abc import Sequence
from dataclasses import replace

from kbray import vision
from kbray.document.arrow import parsed_from_bytes, parsed_to_bytes
from kbray.document.finish import finish
from kbray.flow import deaths, metrics
from kbray.flow.failures import recorded
from kbray.flow.rows import Part
from kbray.model import Claim, Effort, Failure, FileResult, Finished, Parsed, Window
from kbray.objects import layout
from kbray.wiring import Wiring


def commit(wired: Wiring, part: Part) -> None:
    """Make the part, and with its last part the file, durable."""
    started = time.perf_counter()
    ref = part.claim.ref
    fingerprint = wired.fingerprint(ref.media_type, again=ref.again)
    finished = part.finished
    if part.parsed is not None and ref.parts == 1:
        parts = [None if part.failed else part.parsed]
        finished = _finished(wired, part.claim, fingerprint, parts, [ref.window], part.parsed.failures)
    elif part.parsed is not None and not part.failed:
        wired.objects().put(layout.part(ref.sha256, fingerprint, ref.part), parsed_to_bytes(part.parsed))
    if finished is not None:
        _store(wired, ref.sha256, finished)
    failures = told.failures if (told := finished or part.parsed) else ()
    effort = replace(part.effort, commit_s=time.perf_counter() - started)
    pages = _pages(part)
    committed = wired.catalogue().commit(
        part.claim,
        fingerprint=fingerprint,
        pages=pages,
        failed=part.failed,
        failures=failures,
        effort=effort,
        result=finished.result if finished else None,
    )
    if not committed.accepted:
        return
    _count(part, pages, effort, failures)
    if finished is not None:
        _count_file(finished.result)
    elif committed.last:
        _finish(wired, part, fingerprint)


def _count(part: Part, pages: int, effort: Effort, failures: Sequence[Failure]) -> None:
    ref = part.claim.ref
    metrics.add("kbray_pages", pages, outcome="done")
    metrics.add("kbray_pages", max(0, ref.window.pages - pages), outcome="failed")
    metrics.add("kbray_bytes", ref.size_bytes / ref.parts, kind="read")
    metrics.add("kbray_parse_cpu_seconds", effort.cpu_s)
    metrics.spent(effort, parse="parse", recognise="recognise", commit="commit")
    metrics.failed(failures)


def _count_file(result: FileResult) -> None:
    metrics.add("kbray_files", outcome="failed" if result.failed else "processed")


def _pages(part: Part) -> int:
    """How many of it were read."""
    if part.failed:
        return 0
    missing = 0
    if part.finished is not None:
        missing = part.finished.result.units_expected - part.finished.result.units_produced
    elif part.parsed is not None:
        missing = sum(not unit.produced for unit in part.parsed.units)
    return max(part.claim.ref.window.pages - missing, 1)  # a book without pages counts as one, though chapters are missing


def _finish(wired: Wiring, part: Part, fingerprint: str) -> None:
    """All parts are there: assemble the file from them."""
    ref = part.claim.ref
    outcomes = wired.catalogue().part_outcomes(ref.file_id)
    keys = {n: layout.part(ref.sha256, fingerprint, n) for n, _, state, _ in outcomes if state == "done"}
    parts: list[Parsed | None] = []
    with recorded("assemble") as lost:
        parts = [parsed_from_bytes(wired.objects().get(keys[n])) if n in keys else None for n, _, _, _ in outcomes]
    windows = [window for _, window, _, _ in outcomes]
    told = wired.catalogue().failures(ref.file_id)
    finished = _finished(wired, part.claim, fingerprint, parts or [None] * len(windows), windows, (*told, *lost))
    _store(wired, ref.sha256, finished)
    if wired.catalogue().finish(part.claim.run, ref.file_id, finished.result, finished.failures[len(told) :]):
        _count_file(finished.result)
        metrics.failed(finished.failures[len(told) :])
        wired.objects().delete(keys.values())


def _finished(
    wired: Wiring,
    claim: Claim,
    fingerprint: str,
    parts: list[Parsed | None],
    windows: list[Window],
    failures: Sequence[Failure],
) -> Finished:
    """The file put together, or what that fails with beside its other failures."""
    ref = claim.ref
    with recorded("assemble") as more, deaths.counted(wired.settings, claim, "putting the document together"):
        return finish(
            parts,
            sha256=ref.sha256,
            fingerprint=fingerprint,
            media_type=ref.media_type,
            expected=windows,
            failures=failures,
            scripts=vision.scripts(vision.Models.of(wired.settings)),
        )
    pages = sum(window.pages for window in windows)
    nothing = FileResult(fingerprint, "none", None, None, pages, 0, 0, complete=False, failed=True)
    return Finished(nothing, (*failures, *more))


def _store(wired: Wiring, sha256: str, finished: Finished) -> None:
    if finished.result.failed:
        return
    store, keys = wired.objects(), layout.results(sha256, finished.result.fingerprint)
    kept = (finished.elements, finished.markdown, finished.manifest)
    for key, content in zip(keys, kept, strict=True):
        store.put(key, content)
    metrics.add("kbray_bytes", sum(map(len, kept)), kind="stored")
