"""Authors and dates of files that an older kbray processed, read from the results that it left."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from kbray.document import byline
from kbray.model import FileId
from kbray.objects import layout
from kbray.wiring import Wiring

_PAGE = 500
_AT_ONCE = 8
"""Results that are fetched beside each other: each is small, and may be far away."""


def note(wired: Wiring, report: Callable[[int], None]) -> int:
    """All files with results are found by their authors and dates; how many were not before. Safe to interrupt and repeat.

    What is missing in the object store says nothing; `kbray cleanup` has it made again.
    Args: report: told how many are done, again and again.
    """
    catalogue, done, after = wired.catalogue(), 0, 0
    with ThreadPoolExecutor(_AT_ONCE) as fetching:
        while page := catalogue.unsigned(after, _PAGE):
            said = fetching.map(lambda one: _said(wired, one), page)
            catalogue.sign([(row[0], row[2], *found) for row, found in zip(page, said, strict=True)])
            after, done = page[-1][0], done + len(page)
            report(done)
    return done


def _said(wired: Wiring, row: tuple[FileId, str, str]) -> tuple[tuple[str, ...], str | None]:
    _, sha256, fingerprint = row
    try:
        manifest = json.loads(wired.objects().get(layout.result(sha256, fingerprint, layout.MANIFEST)))
    except KeyError:
        return (), None
    return byline.authors(manifest["authors"]), byline.day(manifest["date"])
