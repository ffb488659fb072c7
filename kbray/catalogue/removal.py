"""Content that is to be known no more: whatever stands of it, in any table, is gone in one transaction.

No run may be at work then. One would go on with what it has in hand of a file; and one that takes the same content in would find
its original in the object store, a moment before that is deleted.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

from kbray.catalogue import chunks
from kbray.catalogue.locations import below
from kbray.catalogue.tables import LIVE
from kbray.model import FileId

# Reads pass; a run that begins, or beats, waits for the end of the transaction.
_LOCK = "LOCK TABLE runs IN EXCLUSIVE MODE"
_AT_WORK = f"SELECT EXISTS (SELECT FROM runs WHERE {LIVE})"
_HELD = f"""
    WITH held AS (
        SELECT l.uri, l.file_id
        FROM files f JOIN locations m ON m.file_id = f.id JOIN locations l ON {below("l.uri", "m.uri")}
        WHERE f.id = ANY(CAST(:ids AS bigint[])) AND f.media_type = ANY(CAST(:holders AS text[]))
    )
"""
_INSIDE = f"""
    {_HELD}
    SELECT DISTINCT file_id FROM held h
    WHERE file_id <> ALL(CAST(:ids AS bigint[])) AND NOT EXISTS (
        SELECT FROM locations o WHERE o.file_id = h.file_id AND o.gone_at IS NULL AND o.uri NOT IN (SELECT uri FROM held)
    )
    ORDER BY file_id
"""
_PLACES = f"""
    {_HELD}
    DELETE FROM locations WHERE file_id = ANY(CAST(:ids AS bigint[])) OR uri IN (SELECT uri FROM held) RETURNING uri
"""


def nobody_works(connection: Connection) -> bool:
    """Whether no run is at work; none begins then before the transaction ends."""
    connection.execute(text(_LOCK))
    return not connection.scalar(text(_AT_WORK))


def inside(connection: Connection, file_ids: Sequence[FileId], holders: Iterable[str]) -> list[FileId]:
    """The other files that lie in those among these that may hold others (of these media types), and nowhere else."""
    found = connection.scalars(text(_INSIDE), {"ids": list(file_ids), "holders": sorted(holders)})
    return [FileId(file_id) for file_id in found]


def forget(connection: Connection, file_ids: Sequence[FileId], holders: Iterable[str]) -> bool:
    """Nothing is known of these files, nor of places in those that may hold others. False, and no change: a run is at work."""
    if not nobody_works(connection):
        return False
    for file_id in file_ids:
        chunks.replace(connection, file_id, ())
    key = {"ids": list(file_ids)}
    places = connection.scalars(text(_PLACES), key | {"holders": sorted(holders)}).all()
    connection.execute(text("DELETE FROM adopted WHERE uri = ANY(CAST(:uris AS text[]))"), {"uris": list(places)})
    for table in ("failures", "attempts", "indexings", "parts"):
        connection.execute(text(f"DELETE FROM {table} WHERE file_id = ANY(CAST(:ids AS bigint[]))"), key)
    connection.execute(text("DELETE FROM files WHERE id = ANY(CAST(:ids AS bigint[]))"), key)
    return True
