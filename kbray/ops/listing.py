"""The catalogue's files one after the other, however many there are."""

from collections.abc import Iterator

from kbray.catalogue import Byline, Catalogue, FileRow
from kbray.model import FINISHED, FileStatus, Grade

PAGE = 1000


def every_file(
    catalogue: Catalogue,
    status: FileStatus | None = None,
    only: str | None = None,
    quality: Grade | None = None,
    *,
    gone: bool = False,
    by: Byline | None = None,
    newest: bool = False,
) -> Iterator[FileRow]:
    """Files in the order of their ids, read a page at a time: memory doesn't grow with the catalogue.

    Args: gone: only those that are no longer where they were seen.  by: as in Selection.  newest: by their dates instead.
    """
    after = 0
    while page := catalogue.files(
        status=status, only=only, after=after, limit=PAGE, quality=quality, gone=gone, by=by, newest=newest
    ):
        yield from page
        after = page[-1].id


def finished(catalogue: Catalogue) -> Iterator[FileRow]:
    """Every file that has results, by id: each once, though an index that runs meanwhile changes what they are counted as."""
    return (row for row in every_file(catalogue) if row.status in FINISHED)
