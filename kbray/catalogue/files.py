"""Files: recorded when first met, listed, found by what people call them, and shown in full."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, text

from kbray.catalogue import attempts, bylines, failures, locations, parts, reopen, storable
from kbray.catalogue.filters import where
from kbray.catalogue.rows import Adopted, FileDetail, FileRow, LocationRow
from kbray.catalogue.selection import Selection
from kbray.catalogue.tables import FINISHED
from kbray.model import CENSUS, Failure, FileId, FileStatus, Found, Grade, Reason

_FEW = 5_000
"""Files of an author or time that are looked up by their ids; of more than that, a page is soon full in the order of ids."""
_ROW = f"""
    SELECT f.id, f.sha256, {locations.URI} AS uri, {locations.GONE} AS gone, f.media_type, f.size_bytes,
           f.status, f.pages, f.complete, f.title, f.language, f.engine, f.fingerprint, f.characters, f.units_expected,
           f.units_produced, f.encrypted, f.scanned, f.quality, f.reasons, f.again, f.authors, f.dated,
           e.code, e.message, e.stage, e.signature, e.page, e.chapter, e.traceback
    FROM files f {locations.OF_FILE}
    LEFT JOIN LATERAL (
        SELECT * FROM failures WHERE file_id = f.id ORDER BY part, page, id LIMIT 1
    ) e ON true
"""
_PLAIN = (
    *("id", "sha256", "gone", "media_type", "size_bytes", "status", "pages", "complete", "title", "language", "engine"),
    *("fingerprint", "characters", "units_expected", "units_produced", "quality"),
)
"""Columns that are told as they are."""
_PUT = text("""
    INSERT INTO files (sha256, uri, media_type, size_bytes, pages, encrypted, scanned, parts, census)
    SELECT n.sha256, n.uri, n.media_type, n.size_bytes, n.pages, n.encrypted, n.scanned, n.parts, :census
    FROM unnest(CAST(:shas AS text[]), CAST(:uris AS text[]), CAST(:types AS text[]), CAST(:sizes AS bigint[]),
                CAST(:pages AS integer[]), CAST(:encrypted AS boolean[]), CAST(:scanned AS boolean[]),
                CAST(:parts AS integer[]))
         WITH ORDINALITY AS n(sha256, uri, media_type, size_bytes, pages, encrypted, scanned, parts, nth)
    ORDER BY n.nth
    ON CONFLICT (sha256) DO NOTHING
    RETURNING id, sha256
""")
_LOOK_AGAIN = text("""
    WITH seen AS (
        SELECT * FROM unnest(CAST(:shas AS text[]), CAST(:uris AS text[]), CAST(:types AS text[]),
                             CAST(:pages AS integer[]), CAST(:encrypted AS boolean[]))
            WITH ORDINALITY AS n(sha256, uri, media_type, pages, encrypted, nth)
    ), known AS MATERIALIZED (
        -- A value of each row, not a join, which would read all places.
        SELECT id, sha256, uri, media_type, pages, encrypted,
               (SELECT l.file_id = f.id AND l.gone_at IS NULL FROM locations l WHERE l.uri = f.uri) AS there
        FROM files f WHERE sha256 = ANY(CAST(:shas AS text[]))
    ), looked AS (
        UPDATE files SET census = :census WHERE sha256 = ANY(CAST(:shas AS text[])) AND census < :census
    )
    SELECT DISTINCT ON (f.id) f.id, n.nth - 1 AS nth,
           n.media_type <> f.media_type OR n.pages <> f.pages OR n.encrypted <> f.encrypted
               OR (n.pages IS NOT NULL AND f.pages IS NULL) AS differs
    FROM seen n JOIN known f ON f.sha256 = n.sha256
    WHERE n.uri = f.uri OR f.there IS NOT TRUE
    ORDER BY f.id, n.uri <> f.uri, n.uri
""")
_IS_OTHERWISE = text("""
    UPDATE files SET media_type = :media_type, pages = :pages, encrypted = :encrypted, scanned = :scanned, parts = :parts
    WHERE id = :id
""")


def put(connection: Connection, found: Sequence[Found]) -> int:
    """Every content has its file, a new one its parts too; how many are new.

    Of several places with the same content the first by name tells the media type and the name.
    """
    first: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: storable.uri(one.seen.uri)):
        first.setdefault(one.sha256, one)
    files = list(first.values())
    created = connection.execute(
        _PUT,
        {
            "shas": [one.sha256 for one in files],
            "uris": [storable.uri(one.seen.uri) for one in files],
            "types": [storable.text(one.census.media_type) for one in files],
            "sizes": [one.seen.size_bytes for one in files],
            "pages": [one.census.pages for one in files],
            "encrypted": [one.census.encrypted for one in files],
            "scanned": [one.census.scanned for one in files],
            "parts": [len(parts.windows_of(one)) for one in files],
            "census": CENSUS,
        },
    ).all()
    parts.put(connection, [(row.id, parts.windows_of(first[row.sha256])) for row in created])
    return len(created)


def look_again(connection: Connection, found: Sequence[Found]) -> int:
    """Known files that are of another kind, or have other pages, than an earlier census told are new again so; how many.

    What a file is may follow from its name, too: the place that gave it counts, any other only where that one is no more.
    """
    places = [(storable.uri(one.seen.uri), one) for one in found]
    rows = connection.execute(
        _LOOK_AGAIN,
        {
            "shas": [one.sha256 for _, one in places],
            "uris": [uri for uri, _ in places],
            "types": [storable.text(one.census.media_type) for _, one in places],
            "pages": [one.census.pages for _, one in places],
            "encrypted": [one.census.encrypted for _, one in places],
            "census": CENSUS,
        },
    ).all()
    again = [(FileId(row.id), found[row.nth]) for row in rows if row.differs]
    if not again:
        return 0
    ids = [file_id for file_id, _ in again]
    reopen.files(connection, "f.id = ANY(CAST(:ids AS bigint[]))", {"ids": ids})
    connection.execute(text("DELETE FROM parts WHERE file_id = ANY(CAST(:ids AS bigint[]))"), {"ids": ids})
    connection.execute(
        _IS_OTHERWISE,
        [
            {
                "id": file_id,
                "media_type": storable.text(one.census.media_type),
                "pages": one.census.pages,
                "encrypted": one.census.encrypted,
                "scanned": one.census.scanned,
                "parts": len(parts.windows_of(one)),
            }
            for file_id, one in again
        ],
    )
    parts.put(connection, [(file_id, parts.windows_of(one)) for file_id, one in again])
    return len(again)


def known_sha256(connection: Connection, batch: Sequence[str]) -> set[str]:
    """Those of `batch` that the catalogue has."""
    found = connection.scalars(
        text("SELECT sha256 FROM files WHERE sha256 = ANY(CAST(:batch AS text[]))"), {"batch": list(batch)}
    )
    return set(found)


def processed_results(connection: Connection, after: int, limit: int) -> list[tuple[FileId, str, str]]:
    """Id, SHA-256 and fingerprint of the files whose results must be in the object store, in the order of ids."""
    rows = connection.execute(
        text(f"""
            SELECT id, sha256, fingerprint FROM files
            WHERE id > :after AND {FINISHED} AND fingerprint IS NOT NULL
            ORDER BY id LIMIT :limit
        """),
        {"after": after, "limit": limit},
    )
    return [(FileId(row.id), row.sha256, row.fingerprint) for row in rows]


# ---------------------------------------------------------------- looking


def page(
    connection: Connection,
    selection: Selection,
    status: FileStatus | None,
    after: int,
    limit: int,
    quality: Grade | None = None,
    *,
    gone: bool = False,
    named: str | None = None,
    newest: bool = False,
) -> list[FileRow]:
    """At most `limit` files with an id above `after`, in the order of ids.

    Args: gone: that are no longer where they were seen.  named: words that all are in their title or place.
          newest: by their dates, the newest first, those without one last; `after` is the last of the page before.
    """
    if selection.by is not None and (ids := bylines.ids(connection, selection, _FEW)) is not None:
        selection = replace(selection, only=None, by=None, file_ids=ids)
    chosen, values = _chosen(selection, status, quality, named)
    if gone:
        chosen += f" AND {locations.GONE}"
    if newest:
        return _newest(connection, chosen, {**values, "after": after, "limit": limit})
    rows = connection.execute(
        text(f"{_ROW} WHERE f.id > :after AND {chosen} ORDER BY f.id LIMIT :limit"), {**values, "after": after, "limit": limit}
    )
    return [_row(row) for row in rows]


def _newest(connection: Connection, chosen: str, values: Mapping[str, object]) -> list[FileRow]:
    ids = connection.scalars(
        text(f"""
            SELECT f.id FROM files f WHERE {chosen} AND (:after = 0 OR (coalesce(f.dated, ''), f.id) < (
                SELECT coalesce(dated, ''), id FROM files WHERE id = :after
            )) ORDER BY coalesce(f.dated, '') DESC, f.id DESC LIMIT :limit
        """),
        values,
    ).all()
    rows = by_ids(connection, ids)
    return [rows[FileId(one)] for one in ids]


def count(
    connection: Connection, selection: Selection, status: FileStatus | None, quality: Grade | None, named: str | None
) -> int:
    """How many files `page` would list in all."""
    chosen, values = _chosen(selection, status, quality, named)
    return int(connection.scalar(text(f"SELECT count(*) FROM files f WHERE {chosen}"), values) or 0)


def _chosen(
    selection: Selection, status: FileStatus | None, quality: Grade | None, named: str | None
) -> tuple[str, dict[str, object]]:
    """A condition on files `f`, and its values."""
    chosen, values = where(selection)
    for column, value in (("status", status), ("quality", quality)):
        if value is not None:
            chosen += f" AND f.{column} = :{column}"
            values[column] = value
    for number, word in enumerate((named or "").split()):
        # COLLATE "default": capitals beyond ASCII are capitals too.
        chosen += f"""
            AND (strpos(lower(f.title COLLATE "default"), lower(:title{number} COLLATE "default")) > 0 OR EXISTS (
                SELECT 1 FROM locations p WHERE p.file_id = f.id
                AND strpos(lower(p.uri COLLATE "default"), lower(:place{number} COLLATE "default")) > 0))
        """
        values |= {f"title{number}": storable.text(word), f"place{number}": storable.uri(word)}
    return chosen, values


def by_ids(connection: Connection, file_ids: Sequence[int]) -> dict[FileId, FileRow]:
    rows = connection.execute(text(f"{_ROW} WHERE f.id = ANY(CAST(:ids AS bigint[])) ORDER BY f.id"), {"ids": list(file_ids)})
    return {FileId(row.id): _row(row) for row in rows}


def with_signature(connection: Connection, signature: str) -> list[FileRow]:
    """The files that have a failure of this signature."""
    rows = connection.execute(
        text(f"{_ROW} WHERE f.id IN (SELECT file_id FROM failures WHERE signature = :signature) ORDER BY f.id"),
        {"signature": failures.stored_signature(signature)},
    )
    return [_row(row) for row in rows]


def find(connection: Connection, name: str) -> list[FileId]:
    """By place (as seen, or as shown), by catalogue id, or by at least 6 digits of the SHA-256: the first of these that fits."""
    spellings = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")}
    for stored in ({storable.uri(name), storable.text(name)}, {storable.text(spelling) for spelling in spellings}):
        if found := locations.files_at(connection, stored):
            return found
    if re.fullmatch(r"[0-9]{1,18}", name):
        ids = connection.scalars(text("SELECT id FROM files WHERE id = :id"), {"id": int(name)}).all()
        if ids:
            return [FileId(one) for one in ids]
    if re.fullmatch(r"[0-9a-fA-F]{6,64}", name):
        prefix = name.lower()
        ids = connection.scalars(
            # "g" is above every hex digit.
            text("SELECT id FROM files WHERE sha256 >= :low AND sha256 < :high ORDER BY id LIMIT 100"),
            {"low": prefix, "high": f"{prefix}g"},
        ).all()
        return [FileId(one) for one in ids]
    return []


def detail(connection: Connection, file_id: FileId) -> FileDetail | None:
    found = connection.execute(text(f"{_ROW} WHERE f.id = :id"), {"id": file_id}).one_or_none()
    if found is None:
        return None
    places = connection.execute(
        text("""
            SELECT l.uri, l.size_bytes, l.mtime_ns, l.version, l.seen_at, l.gone_at, l.problem, a.source, a.status, a.error
            FROM locations l LEFT JOIN adopted a ON a.uri = l.uri
            WHERE l.file_id = :id
            ORDER BY l.gone_at IS NOT NULL, l.uri
        """),
        {"id": file_id},
    )
    return FileDetail(
        row=_row(found),
        encrypted=found.encrypted,
        scanned=found.scanned,
        again=found.again,
        locations=tuple(_location(row) for row in places),
        parts=parts.of_file(connection, file_id),
        attempts=attempts.of_file(connection, file_id),
        failures=tuple(failures.of_file(connection, file_id)),
    )


def _location(row: Row[Any]) -> LocationRow:
    uri = storable.shown(row.uri)
    adopted = None if row.source is None else Adopted(uri, row.source, row.status, row.error)
    return LocationRow(uri, row.size_bytes, row.mtime_ns, row.version, row.seen_at, row.gone_at, row.problem, adopted)


def _row(row: Row[Any]) -> FileRow:
    plain = {name: row._mapping[name] for name in _PLAIN}
    error: Failure | None = None if row.code is None else failures.from_row(row)
    reasons = tuple(Reason(**reason) for reason in row.reasons or ())
    return FileRow(
        **plain,
        reasons=reasons,
        name=storable.name(row.uri),
        uri=storable.shown(row.uri),
        error=error,
        authors=tuple(row.authors or ()),
        date=row.dated,
    )
