"""Search in the index: by words, BM25 over PostgreSQL's own lexemes; by meaning, the nearest vectors; or both, fused.

`postings` holds for each lexeme and file the chunks where it stands, how often, and how long these are. One statement reads the
rows of the lexemes asked for, counts from them how common each is, and adds up the scores; nothing else has to be kept up to
date but the number and the length of all chunks, in `corpus`. (Robertson and Zaragoza, "The Probabilistic Relevance Framework:
BM25 and Beyond", 2009; idf as in Lucene, never negative.)

Both rankings are fused by their ranks alone, since their scores can't be compared. (Cormack, Clarke and Büttcher, "Reciprocal
Rank Fusion outperforms Condorcet and individual Rank Learning Methods", 2009.)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from kbray.catalogue import languages, storable, vectors
from kbray.catalogue.filters import where
from kbray.catalogue.query import Query
from kbray.catalogue.selection import Selection
from kbray.geometry import Box
from kbray.model import Chunk, EmbeddingModel, FileId, Hit

_K1, _B = 1.2, 0.75
_CURVE = {"top": _K1 + 1, "flat": _K1 * (1 - _B), "slope": _K1 * _B}
_WORK_MEMORY = "64MB"  # the postings of common words; the server's own 4 MB would send them to disk
_PREFIXES_SHOWN = 200
"""How many words one beginning may stand for."""
_BEGIN, _END = "\x02", "\x03"  # around matches; they are nowhere else: see `_ADD` of chunks, and `_hit`
_LEXEMES = """
    SELECT lexeme, max(count) AS said FROM (
        SELECT l.lexeme COLLATE "C" AS lexeme, cardinality(l.positions) AS count
        FROM (SELECT DISTINCT config FROM corpus) c, unnest(to_tsvector(c.config::regconfig, :words)) l
        UNION ALL
        SELECT p.lexeme, 1 FROM unnest(CAST(:lows AS text[]), CAST(:highs AS text[])) AS b(low, high)
        CROSS JOIN LATERAL (
            SELECT DISTINCT lexeme FROM postings WHERE lexeme >= b.low AND lexeme < b.high ORDER BY lexeme LIMIT :most
        ) p
    ) found GROUP BY lexeme ORDER BY lexeme
"""
BM25 = """
    WITH size AS (
        SELECT sum(chunks)::float8 AS chunks, (sum(length) / greatest(sum(chunks), 1))::float8 AS mean
        FROM corpus
    ), found AS MATERIALIZED (
        SELECT * FROM postings WHERE lexeme = ANY(CAST(:lexemes AS text[]))
    ), weighed AS MATERIALIZED (
        SELECT lexeme, asked.count * CAST(:top AS float8) * ln(1 + (size.chunks - df + 0.5) / (df + 0.5)) AS weight
        FROM (SELECT lexeme, sum(cardinality(ordinals))::float8 AS df FROM found GROUP BY lexeme) counted
        JOIN unnest(CAST(:lexemes AS text[]), CAST(:counts AS integer[])) AS asked(lexeme, count) USING (lexeme), size
    )
    SELECT s.file_id, s.ordinal, s.score, {phrases} AS first FROM (
        SELECT p.file_id, u.ordinal,
               sum(w.weight * u.count / (u.count + CAST(:flat AS float8) + CAST(:slope AS float8) * u.length / size.mean))
                   AS score
        FROM found p JOIN weighed w USING (lexeme) CROSS JOIN size {files}
        CROSS JOIN LATERAL unnest(p.ordinals, p.counts, p.lengths) AS u(ordinal, count, length)
        WHERE {chosen}
        GROUP BY p.file_id, u.ordinal
    ) s {chunks}
    ORDER BY first DESC, s.score DESC, s.file_id, s.ordinal LIMIT :depth
"""
_FUSED_DEPTH = 100
"""How many of each ranking are fused, at least."""
_LOOKED_AT = 10
"""How many of those found by words tell the language of the question."""
_FUSION = 60
"""The constant of reciprocal rank fusion, as its authors have it."""
_HITS = """
    SELECT c.*, f.sha256, f.media_type, f.title, coalesce(l.uri, f.uri) AS uri,
           ts_headline(c.config::regconfig, translate(c.text, :marks, '  '), CAST(:looked_for AS tsquery), :how) AS marked
    FROM unnest(CAST(:files AS bigint[]), CAST(:ordinals AS integer[])) WITH ORDINALITY AS n(file_id, ordinal, place)
    JOIN chunks c ON c.file_id = n.file_id AND c.ordinal = n.ordinal
    JOIN files f ON f.id = c.file_id
    LEFT JOIN LATERAL (SELECT uri FROM locations WHERE file_id = f.id ORDER BY gone_at IS NOT NULL, uri LIMIT 1) l ON true
    ORDER BY n.place
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk in a ranking."""

    file_id: FileId
    ordinal: int
    score: float
    first: bool = False  # it has all phrases of the query


def search(
    connection: Connection,
    query: Query,
    k: int,
    only: str | None,
    language: str | None,
    meaning: tuple[EmbeddingModel, Sequence[float]] | None,
    by_words: bool,
    exact: bool,
) -> list[Hit]:
    """The `k` best chunks, best first.

    Args: only: as in Selection.  language: a BCP 47 tag or the beginning of one; chunks of which it isn't known are left out.
          meaning: the vector of the query and the model that made it; None: search by words alone.
          by_words: also by words; then the model is not asked about what is in languages it doesn't know.
          exact: don't spare anything that might matter.
    """
    lexemes = _lexemes(connection, query)
    filters = _filters(query, only, language)
    depth = max(k, _FUSED_DEPTH) if meaning and by_words else k
    found = _ranked(connection, query, lexemes, filters, depth, exact) if by_words and lexemes else []
    if meaning is not None and not (by_words and _foreign(connection, meaning[0], found[:_LOOKED_AT])):
        near = _near(connection, *meaning, filters, depth, exact)
        found = fused(found, near) if by_words else near
    return _hits(connection, lexemes, found[:k])


def _foreign(connection: Connection, model: EmbeddingModel, best: Sequence[Place]) -> bool:
    """Whether most of what was found by words, and so the question, is in languages that the model doesn't know."""
    if model.languages is None or not best:
        return False
    unknown = connection.scalar(
        text("""
            SELECT count(*) FROM unnest(CAST(:files AS bigint[]), CAST(:ordinals AS integer[])) AS n(file_id, ordinal)
            JOIN chunks c USING (file_id, ordinal)
            WHERE c.language IS NOT NULL AND split_part(lower(c.language), '-', 1) <> ALL(CAST(:known AS text[]))
        """),
        {
            "files": [place.file_id for place in best],
            "ordinals": [place.ordinal for place in best],
            "known": list(model.languages),
        },
    )
    return 2 * (unknown or 0) > len(best)


def fused(words: Sequence[Place], meaning: Sequence[Place]) -> list[Place]:
    """Two rankings as one, best first; what has the phrases stays first."""
    scores: dict[tuple[FileId, int], float] = {}
    for ranking in (words, meaning):
        for rank, place in enumerate(ranking, start=1):
            key = (place.file_id, place.ordinal)
            scores[key] = scores.get(key, 0.0) + 1 / (_FUSION + rank)
    first = {(place.file_id, place.ordinal) for place in words if place.first}
    places = [Place(*key, score, key in first) for key, score in scores.items()]
    return sorted(places, key=lambda place: (not place.first, -place.score, place.file_id, place.ordinal))


def passages(connection: Connection, file_id: FileId, first: int, last: int) -> list[Hit]:
    """The chunks of a file from one ordinal to another, as hits without score or matches."""
    found = connection.scalars(
        text("SELECT ordinal FROM chunks WHERE file_id = :id AND ordinal BETWEEN :first AND :last ORDER BY ordinal"),
        {"id": file_id, "first": first, "last": last},
    )
    return _hits(connection, (), [Place(file_id, ordinal, 0.0) for ordinal in found])


def _lexemes(connection: Connection, query: Query) -> dict[str, int]:
    """What the words of the query are in the languages of the index, how often each is said, and the words there that begin as
    asked for."""
    prefixes = [storable.text(prefix.casefold()) for prefix in query.prefixes]
    rows = connection.execute(
        text(_LEXEMES),
        {
            "words": _said(" ".join((*query.words, *query.phrases))),
            "lows": prefixes,
            "highs": [f"{prefix}\U0010ffff" for prefix in prefixes],
            "most": _PREFIXES_SHOWN,
        },
    )
    return {row.lexeme: row.said for row in rows}


@dataclass(frozen=True, slots=True)
class _Filters:
    """Conditions on the chunks `c` and the files `f`; empty: none."""

    chunks: tuple[str, ...]
    files: str
    values: Mapping[str, object]


def _filters(query: Query, only: str | None, language: str | None) -> _Filters:
    conditions, files, values = list[str](), "", dict[str, object]()
    if only is not None:
        files, values = where(Selection(only=only))
    for number, phrase in enumerate(query.excluded):
        conditions.append(f"NOT c.lexemes @@ phraseto_tsquery(c.config::regconfig, :not{number})")
        values[f"not{number}"] = _said(phrase)
    if language is not None:
        conditions.append("(lower(c.language) = :language OR lower(c.language) LIKE :language || '-%')")
        values["language"] = language.lower()
    return _Filters(tuple(conditions), files, values)


def _ranked(
    connection: Connection, query: Query, lexemes: Mapping[str, int], filters: _Filters, depth: int, exact: bool
) -> list[Place]:
    """By words."""
    values = {"lexemes": list(lexemes), "counts": list(lexemes.values()), "depth": depth, **_CURVE, **filters.values}
    first = []
    for number, phrase in enumerate(query.phrases):
        first.append(f"c.lexemes @@ phraseto_tsquery(c.config::regconfig, :phrase{number})")
        values[f"phrase{number}"] = _said(phrase)
    joined = f"JOIN chunks c USING (file_id, ordinal) WHERE {' AND '.join((*filters.chunks, 'true'))}"
    statement = BM25.format(
        files="JOIN files f ON f.id = p.file_id" if filters.files else "",
        chosen=filters.files or "true",
        chunks=joined if filters.chunks or first else "",
        phrases=" AND ".join(first) or "false",
    )
    connection.execute(text(f"SET LOCAL work_mem = '{_WORK_MEMORY}'"))
    return _places(connection.execute(text(statement), values))


def _near(
    connection: Connection, model: EmbeddingModel, vector: Sequence[float], filters: _Filters, depth: int, exact: bool
) -> list[Place]:
    """By meaning."""
    joins, conditions = "", list(filters.chunks)
    if filters.files:
        joins += " JOIN files f ON f.id = v.file_id"
        conditions.append(filters.files)
    if filters.chunks:
        joins += " JOIN chunks c ON c.file_id = v.file_id AND c.ordinal = v.ordinal"
    return _places(vectors.nearest(connection, model, vector, joins, conditions, filters.values, depth, exact=exact))


def _places(rows: Iterable[Row[Any]]) -> list[Place]:
    return [Place(FileId(row.file_id), row.ordinal, row.score, row.first) for row in rows]


def _hits(connection: Connection, lexemes: Iterable[str], found: Sequence[Place]) -> list[Hit]:
    rows = connection.execute(
        text(_HITS),
        {
            "marks": _BEGIN + _END,
            "looked_for": " | ".join(_quoted(lexeme) for lexeme in lexemes),
            "how": f'HighlightAll=true, StartSel="{_BEGIN}", StopSel="{_END}"',
            "files": [place.file_id for place in found],
            "ordinals": [place.ordinal for place in found],
        },
    )
    scores = {(place.file_id, place.ordinal): place.score for place in found}
    return [_hit(row, scores[row.file_id, row.ordinal]) for row in rows]


def _said(words: str) -> str:
    """As the texts of the index were given to PostgreSQL."""
    return languages.searchable(storable.text(words))


def _quoted(lexeme: str) -> str:
    """As a tsquery wants it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _hit(row: Row[Any], score: float) -> Hit:
    return Hit(
        score=score,
        file_id=FileId(row.file_id),
        ordinal=row.ordinal,
        sha256=row.sha256,
        name=storable.name(row.uri),
        uri=storable.shown(row.uri),
        media_type=row.media_type,
        title=row.title,
        chunk=Chunk(
            text=row.text,
            heading_path=tuple(row.heading_path),
            tokens=row.tokens,
            first=row.first_element,
            last=row.last_element,
            repeated=row.repeated,
            page=row.page,
            box=Box(*row.box) if row.box else None,
            chapter=row.chapter,
            anchor=row.anchor,
            language=row.language,
        ),
        matches=_matches(row.marked),
    )


def _matches(marked: str) -> tuple[tuple[int, int], ...]:
    """Where the marks stand, counted without them."""
    found: list[tuple[int, int]] = []
    place = start = 0
    for character in marked:
        if character == _BEGIN:
            start = place
        elif character == _END:
            found.append((start, place))
        else:
            place += 1
    return tuple(found)
