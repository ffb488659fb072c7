"""Chunks and postings: those of a file replaced as one, in the transaction of the caller.

The lexemes are PostgreSQL's own, by the text search configuration of the chunk. A posting holds, for one lexeme and one file,
the chunks where it stands: what belongs to a file is written and removed without touching a row of another, so files come and go
without waiting for each other, and how common a lexeme is can be counted where its postings are read.
"""

import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Sequence

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from kbray.catalogue import languages, storable, vectors
from kbray.config import GiB, MiB
from kbray.document.chunking import embedded_text
from kbray.model import Chunk, FileId

_MAX_LEXEME_BYTES = 2000
"""Longer ones (no words) are not found by what they are: an index holds no longer keys, and nobody types them."""
_FORGET_POSTINGS = """
    DELETE FROM postings p USING (
        SELECT DISTINCT l.lexeme FROM chunks c, unnest(c.lexemes) l WHERE c.file_id = :file_id
    ) old WHERE p.file_id = :file_id AND p.lexeme = old.lexeme
"""
_BETWEEN = "\x1f"
_HASHES = f"""
    SELECT ordinal, sha256(convert_to(array_to_string(heading_path, '{_BETWEEN}') || '{_BETWEEN}' || text, 'UTF8')) AS hash
    FROM chunks WHERE file_id = :file_id ORDER BY ordinal
"""
_FORGET_CHUNKS = "DELETE FROM chunks WHERE file_id = :file_id RETURNING config, length"
_ADD_CHUNKS = """
    INSERT INTO chunks (file_id, ordinal, text, heading_path, tokens, first_element, last_element, repeated, page, box, chapter,
                        anchor, print_page, language, config, lexemes, length)
    SELECT :file_id, n.ordinal - 1, n.text, ARRAY(SELECT jsonb_array_elements_text(n.path)), n.tokens, n.first, n.last,
           n.repeated, n.page,
           CASE WHEN n.box IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements(n.box)::double precision) END,
           n.chapter, n.anchor, n.print_page, n.language, k.config, l.lexemes,
           (SELECT coalesce(sum(cardinality(u.positions)), 0) FROM unnest(l.lexemes) u)
    FROM unnest(CAST(:texts AS text[]), CAST(:searched AS text[]), CAST(:paths AS jsonb[]), CAST(:tokens AS integer[]),
                CAST(:firsts AS integer[]), CAST(:lasts AS integer[]), CAST(:repeated AS integer[]), CAST(:pages AS integer[]),
                CAST(:boxes AS jsonb[]), CAST(:chapters AS text[]), CAST(:anchors AS text[]), CAST(:print_pages AS text[]),
                CAST(:languages AS text[]), CAST(:configs AS text[]))
         WITH ORDINALITY AS n(text, searched, path, tokens, first, last, repeated, page, box, chapter, anchor,
                              print_page, language, config, ordinal)
    CROSS JOIN LATERAL (SELECT coalesce((SELECT min(cfgname) FROM pg_ts_config WHERE cfgname = n.config), 'simple') AS config) k
    CROSS JOIN LATERAL (SELECT to_tsvector(k.config::regconfig, n.searched) AS lexemes) l
    RETURNING config, length
"""
_ADD_POSTINGS = """
    INSERT INTO postings (lexeme, file_id, ordinals, counts, lengths)
    SELECT l.lexeme COLLATE "C", :file_id, array_agg(c.ordinal ORDER BY c.ordinal),
           array_agg(cardinality(l.positions) ORDER BY c.ordinal), array_agg(c.length ORDER BY c.ordinal)
    FROM chunks c, unnest(c.lexemes) l
    WHERE c.file_id = :file_id AND octet_length(l.lexeme) <= :longest GROUP BY 1
"""
_ADD_SPOKEN = """
    INSERT INTO spoken (file_id, language, chunks)
    SELECT file_id, l.language,
           CAST(string_agg(CASE WHEN c.language = l.language THEN '1' ELSE '0' END, '' ORDER BY c.ordinal) AS bit varying)
    FROM (SELECT DISTINCT file_id, language FROM chunks WHERE file_id = :file_id AND language IS NOT NULL) l
    JOIN chunks c USING (file_id) GROUP BY 1, 2
"""
_COUNT = """
    INSERT INTO corpus AS t (config, slot, chunks, length)
    SELECT n.config, pg_backend_pid() % 64, n.chunks, n.length
    FROM unnest(CAST(:configs AS text[]), CAST(:chunks AS bigint[]), CAST(:lengths AS bigint[])) AS n(config, chunks, length)
    ORDER BY n.config
    ON CONFLICT (config, slot) DO UPDATE SET chunks = t.chunks + excluded.chunks, length = t.length + excluded.length
"""

# Its dead rows count as well: they are gone then.
_SCATTERED = text("""
    SELECT pg_relation_size('postings') BETWEEN :least AND :most AND 4 * pg_total_relation_size('postings') <= :room
           AND s.correlation < :ordered
    FROM pg_stats s WHERE s.schemaname = current_schema() AND s.tablename = 'postings' AND s.attname = 'lexeme'
""")
_SCATTERED_LEAST, _SCATTERED_MOST = 128 * MiB, 4 * GiB  # below, all of it is in memory; above, it takes more than some minutes
_ORDERED = 0.5  # of the order of words with that of the table: a third may have been added behind the rest


def replace(connection: Connection, file_id: FileId, found: Sequence[Chunk]) -> None:
    """The file has these chunks and no others; of what had been made of those before it keeps the vectors of the same texts."""
    key = {"file_id": file_id}
    aside = vectors.set_aside(connection, file_id, _moves(connection, file_id, found))
    change: dict[str, tuple[int, int]] = {}
    connection.execute(text(_FORGET_POSTINGS), key)
    connection.execute(text("DELETE FROM spoken WHERE file_id = :file_id"), key)
    for row in connection.execute(text(_FORGET_CHUNKS), key):
        number, length = change.get(row.config, (0, 0))
        change[row.config] = (number - 1, length - row.length)
    if found:
        for row in connection.execute(text(_ADD_CHUNKS), key | _columns(found)):
            number, length = change.get(row.config, (0, 0))
            change[row.config] = (number + 1, length + row.length)
        connection.execute(text(_ADD_POSTINGS), key | {"longest": _MAX_LEXEME_BYTES})
        connection.execute(text(_ADD_SPOKEN), key)
        vectors.bring_back(connection, file_id, aside)
    if change:
        values = {
            "configs": list(change),
            "chunks": [number for number, _ in change.values()],
            "lengths": [length for _, length in change.values()],
        }
        connection.execute(text(_COUNT), values)


def _moves(connection: Connection, file_id: FileId, found: Sequence[Chunk]) -> dict[int, int]:
    """Ordinals of the file's chunks → those that the same texts, under the same titles, have among the new ones."""
    if not found:
        return {}
    before = {row.ordinal: bytes(row.hash) for row in connection.execute(text(_HASHES), {"file_id": file_id})}
    after = dict(enumerate(map(_hash, found))) if before else {}
    stay = {ordinal for ordinal, same in after.items() if before.get(ordinal) == same}
    others = defaultdict[bytes, deque[int]](deque)
    for ordinal, same in before.items():
        if ordinal not in stay:
            others[same].append(ordinal)
    moves = {ordinal: ordinal for ordinal in stay}
    for ordinal, same in after.items():
        if ordinal not in stay and others[same]:
            moves[others[same].popleft()] = ordinal
    return moves


def _hash(chunk: Chunk) -> bytes:
    """As `_HASHES` has it."""
    path = _BETWEEN.join(map(storable.text, chunk.heading_path))
    return hashlib.sha256(f"{path}{_BETWEEN}{storable.text(chunk.text)}".encode()).digest()


def put_in_order(connection: Connection, room: int) -> bool:
    """The postings of a word are put one behind the other, if that is worth it and nobody holds them; whether it was done.

    They lie where those of their file were written, so that a common word takes as many looks at the disk as there are files.
    Nobody can search meanwhile: it takes a minute for half a million chunks.

    Args: room: bytes that may be written for a while.
    """
    asked = {"least": _SCATTERED_LEAST, "most": _SCATTERED_MOST, "ordered": _ORDERED, "room": room}
    if not connection.scalar(_SCATTERED, asked):
        return False
    try:
        with connection.begin_nested():
            connection.execute(text("LOCK TABLE postings IN ACCESS EXCLUSIVE MODE NOWAIT"))
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return False
        raise
    connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
    connection.execute(text("CLUSTER postings USING postings_pkey"))
    return True


def _columns(chunks: Sequence[Chunk]) -> dict[str, object]:
    texts = [storable.text(chunk.text) for chunk in chunks]
    boxes = [chunk.box for chunk in chunks]
    spoken = [languages.tag(chunk.language) for chunk in chunks]
    return {
        "texts": texts,
        "searched": [languages.searchable(storable.text(embedded_text(chunk.heading_path, chunk.text))) for chunk in chunks],
        "paths": [json.dumps([storable.text(title) for title in chunk.heading_path]) for chunk in chunks],
        "tokens": [chunk.tokens for chunk in chunks],
        "firsts": [chunk.first for chunk in chunks],
        "lasts": [chunk.last for chunk in chunks],
        "repeated": [chunk.repeated for chunk in chunks],
        "pages": [chunk.page for chunk in chunks],
        "boxes": [None if box is None else json.dumps([box.left, box.top, box.right, box.bottom]) for box in boxes],
        "chapters": [storable.optional(chunk.chapter) for chunk in chunks],
        "anchors": [storable.optional(chunk.anchor) for chunk in chunks],
        "print_pages": [storable.optional(chunk.print_page) for chunk in chunks],
        "languages": spoken,
        "configs": [languages.config(language) for language in spoken],
    }
