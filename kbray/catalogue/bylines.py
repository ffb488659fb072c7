"""Authors and dates of files: those that are not noted yet, noting them, and how many files have no date."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from kbray.catalogue import names, storable
from kbray.catalogue.filters import where
from kbray.catalogue.selection import Selection
from kbray.catalogue.tables import FINISHED, UNSIGNED
from kbray.model import FileId

MOST_COUNTED = 1000
"""Files without a date; more need not be told apart."""


def values(authors: Sequence[str] | None, dated: str | None) -> dict[str, object]:
    """As columns of a file."""
    if authors is None:
        return {"authors": None, "names": None, "dated": None}
    stored = [storable.text(author) for author in authors]
    return {"authors": stored, "names": names.vector(stored), "dated": dated}


def unsigned(connection: Connection, after: int, limit: int) -> list[tuple[FileId, str, str]]:
    """Id, SHA-256 and fingerprint of the next files with results whose authors and date were not looked for yet."""
    rows = connection.execute(
        text(f"""
            SELECT id, sha256, fingerprint FROM files
            WHERE id > :after AND {UNSIGNED} AND fingerprint IS NOT NULL ORDER BY id LIMIT :limit
        """),
        {"after": after, "limit": limit},
    )
    return [(FileId(row.id), row.sha256, row.fingerprint) for row in rows]


def sign(connection: Connection, found: Sequence[tuple[FileId, str, Sequence[str], str | None]]) -> None:
    """Files (id and fingerprint of the result that says so) have these authors and dates, if they still have these results."""
    if not found:
        return
    connection.execute(
        text(f"""
            UPDATE files SET authors = CAST(:authors AS text[]), names = CAST(:names AS tsvector), dated = :dated
            WHERE id = :id AND fingerprint = :fingerprint AND {UNSIGNED}
        """),
        [{"id": one, "fingerprint": of, **values(authors, dated)} for one, of, authors, dated in found],
    )


def ids(connection: Connection, selection: Selection, most: int) -> tuple[FileId, ...] | None:
    """Those of the files chosen, in order; None: they are more."""
    chosen, told = where(selection)
    # What orders or joins them in the same statement would lead the server past the indexes of authors and dates.
    found = connection.scalars(text(f"SELECT f.id FROM files f WHERE {chosen} LIMIT :most"), {**told, "most": most + 1}).all()
    return None if len(found) > most else tuple(FileId(one) for one in sorted(found))


def undated(connection: Connection, selection: Selection) -> int:
    """How many files with results are chosen, dates apart, and have none; counted up to one more than MOST_COUNTED."""
    chosen, told = where(selection)
    found = connection.scalar(
        text(f"""
            SELECT count(*) FROM (
                SELECT 1 FROM files f WHERE f.dated IS NULL AND f.{FINISHED} AND {chosen}
                LIMIT :most
            ) n
        """),
        {**told, "most": MOST_COUNTED + 1},
    )
    return int(found or 0)
