"""parse: claim a part, fetch its file, parse it in a child process that can be killed."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pyarrow as pa

from kbray.config import Settings
from kbray.errors import DocumentTooLarge, KbrayError, MissingOriginal, ParserCrashed, ParseTimeout, TransientError
from kbray.flow import deaths, node, rows
from kbray.flow.failures import recorded
from kbray.flow.rows import Part
from kbray.model import Claim, Failure, Finished, Parsed, PartRef, RunId, Unit, Window
from kbray.objects import layout, require_there
from kbray.wiring import Wiring

BY_PAGE = frozenset(kind.code for kind in (ParserCrashed, ParseTimeout, DocumentTooLarge, KbrayError))
"""What one page may do to all of its window; the last is any error that nobody foresaw."""
LIMITS_A_PART = 6
"""How many times `parse_timeout_s` a part may take: once as a whole, twice for its pages, and what the last of these get."""
LEAST_PAGE_S = 10.0
"""What a page gets where the pages before it used up the time."""


def parse(batch: pa.Table, settings: Settings, run: RunId) -> Iterator[pa.Table]:
    """References → parts, a row each. A part that somebody else has, or that comes while the run stops, is null.

    Those with pages to be recognised go out at once, so that Ray cuts a block where they are large. The others go together: each
    table in a block costs Ray as much as a page costs us.
    """
    wired = node.here(settings)
    together: list[Part | None] = []
    for ref in rows.table_to_refs(batch):
        part = _part(wired, run, ref)
        together.append(part)
        if part and part.parsed and part.parsed.images:
            yield rows.parts_to_table(together)
            together.clear()
    if together:
        yield rows.parts_to_table(together)


def _part(wired: Wiring, run: RunId, ref: PartRef) -> Part | None:
    while claim := wired.catalogue().claim(run, ref):
        try:
            part = _try(wired, claim)
        except TransientError:
            wired.catalogue().release(claim)
            raise  # an outage outlasted our patience: the run ends, the part stays pending
        crashed = part.failed and part.parsed is not None and part.parsed.failures[0].code == ParserCrashed.code
        if not crashed or claim.attempt >= wired.settings.max_attempts:
            return part
    return None


def _try(wired: Wiring, claim: Claim) -> Part:
    """One attempt: the part parsed, or its failure."""
    sandbox, started, cpu = wired.sandbox(), time.perf_counter(), time.thread_time()
    sandbox.spent()  # by the try before this one, if that was not the document's fault
    with recorded("parse") as failures:
        deaths.refuse(claim, wired.settings.max_attempts, "reading this part")
        made = _parse_file(wired, claim.ref)
    if failures:
        made = nothing(claim.ref.window, failures)
    spent = sandbox.spent()
    effort = replace(spent, parse_s=time.perf_counter() - started, cpu_s=spent.cpu_s + time.thread_time() - cpu)
    if isinstance(made, Finished):
        return Part(claim, None, made, made.result.failed, effort)
    failed = bool(made.failures) and not any(unit.produced for unit in made.units)
    return Part(claim, made, None, failed, effort)


def _parse_file(wired: Wiring, ref: PartRef) -> Parsed | Finished:
    """The part in one go, and its file finished if that is all of it; or else page by page: only the guilty one is lost."""
    with ExitStack() as stack:
        try:
            path = stack.enter_context(wired.objects().local(layout.original(ref.sha256)))
        except KeyError:
            require_there(wired.objects())
            raise MissingOriginal("Its bytes are no longer in the object store.") from None
        with recorded("parse") as failures:
            if ref.parts == 1:
                fingerprint = wired.fingerprint(ref.media_type, again=ref.again)
                return wired.sandbox().parse_whole(path, ref.media_type, ref.window, ref.sha256, fingerprint, again=ref.again)
            return wired.sandbox().parse(path, ref.media_type, ref.window, again=ref.again)
        if ref.window.pages == 1 or failures[0].code not in BY_PAGE:
            return nothing(ref.window, failures)
        return _join(_page_by_page(wired, path, ref))


def _page_by_page(wired: Wiring, path: Path, ref: PartRef) -> list[Parsed]:
    """Each page of the window on its own. Halving would kill the child five times to find one page in sixteen; this does once.

    Pages share twice the time of a part, so that many that hang don't hold up the run for an hour.
    """
    limit_s = wired.settings.parse_timeout_s
    ends = time.monotonic() + 2 * limit_s
    first, found = ref.window.first_page or 1, []
    for page in range(first, first + ref.window.pages):
        found.append(_parse_page(wired, path, ref, page, min(limit_s, max(ends - time.monotonic(), LEAST_PAGE_S))))
    return found


def _parse_page(wired: Wiring, path: Path, ref: PartRef, page: int, timeout_s: float) -> Parsed:
    window = Window(page, page)
    with recorded("parse") as failures:
        return wired.sandbox().parse(path, ref.media_type, window, timeout_s, again=ref.again)
    return nothing(window, [replace(failure, page=page) for failure in failures])


def _join(pages: Sequence[Parsed]) -> Parsed:
    """The pages of one window, each parsed on its own, as one."""
    first = next((page for page in pages if page.elements), pages[0])
    return Parsed(
        engine=first.engine,
        elements=tuple(chain.from_iterable(page.elements for page in pages)),
        units=tuple(chain.from_iterable(page.units for page in pages)),
        metadata=pages[0].metadata,
        toc=pages[0].toc,
        images=tuple(chain.from_iterable(page.images for page in pages)),
        failures=tuple(chain.from_iterable(page.failures for page in pages)),
        warnings=tuple(dict.fromkeys(chain.from_iterable(page.warnings for page in pages))),
    )


def nothing(window: Window, failures: Sequence[Failure]) -> Parsed:
    """What a part leaves that could not be read: its lines in the ledger, and why."""
    first = window.first_page
    names = ["whole"] if first is None else [str(page) for page in range(first, first + window.pages)]
    return Parsed(engine="none", units=tuple(Unit(name, produced=False) for name in names), failures=tuple(failures))
