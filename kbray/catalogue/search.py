"""Search in the index: by words, BM25 over PostgreSQL's own lexemes; by meaning, the nearest vectors (`vectors`).

`postings` holds for each lexeme and file the chunks where it stands, how often, and how long these are. One statement reads the
rows of the lexemes asked for, counts from them how common each is, and adds up the scores; nothing else has to be kept up to
date but the number and the length of all chunks, in `corpus`. (Robertson and Zaragoza, "The Probabilistic Relevance Framework:
BM25 and Beyond", 2009; idf as in Lucene, never negative.)
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from kbray.catalogue import bylines, languages, locations, storable, vectors
from kbray.catalogue.filters import where
from kbray.catalogue.query import Query
from kbray.catalogue.selection import Byline, Selection
from kbray.geometry import Box
from kbray.model import Chunk, EmbeddingModel, FileId, Hit

_K1, _B = 1.2, 0.75
_CURVE = {"top": _K1 + 1, "flat": _K1 * (1 - _B), "slope": _K1 * _B}
# Memory for the postings of common words, which the server's own 4 MB would send to disk. And scores are added up by hashing: the
# server, which takes postings for two rows, would loop over them or sort them. Where a loop is right, in a look at each file or
# chunk, LATERAL leaves it no choice.
_SETTINGS = text("""
    SELECT set_config('work_mem', '64MB', true), set_config('enable_nestloop', 'off', true),
           set_config('enable_sort', 'off', true), set_config('enable_mergejoin', 'off', true),
           set_config('plan_cache_mode', 'force_custom_plan', true)
""")
_CHUNK = """
    CROSS JOIN LATERAL (SELECT * FROM chunks c WHERE c.file_id = s.file_id AND c.ordinal = s.ordinal OFFSET 0) c WHERE """
_AROUND = re.compile(r"^\W+|\W+$")
_PREFIXES_SHOWN = 200
"""How many words one beginning may stand for."""
_BEGIN, _END = "\x02", "\x03"  # around matches; they are nowhere else: see `_ADD` of chunks, and `_hit`
_MARKED = re.compile(f"{_BEGIN}([^{_END}]*){_END}")
_LEXEMES = text("""
    WITH sizes AS (
        SELECT config, sum(chunks) AS chunks FROM corpus GROUP BY config
    ), taken AS MATERIALIZED (
        SELECT s.config, s.chunks, w.place, to_tsvector(s.config::regconfig, w.word) AS found
        FROM sizes s, unnest(CAST(:words AS text[])) WITH ORDINALITY AS w(word, place)
    ), hidden AS (
        SELECT place, coalesce(sum(chunks) FILTER (WHERE length(found) = 0), 0) AS chunks FROM taken GROUP BY place
    )
    SELECT lexeme, max(said)::integer AS said, max(hidden)::float8 AS hidden FROM (
        SELECT l.lexeme COLLATE "C" AS lexeme, sum(cardinality(l.positions)) AS said, max(h.chunks) AS hidden
        FROM taken t JOIN hidden h USING (place), unnest(t.found) l GROUP BY t.config, l.lexeme
        UNION ALL
        SELECT p.lexeme, 1, 0 FROM unnest(CAST(:lows AS text[]), CAST(:highs AS text[])) AS b(low, high)
        CROSS JOIN LATERAL (
            SELECT DISTINCT lexeme FROM postings WHERE lexeme >= b.low AND lexeme < b.high ORDER BY lexeme LIMIT :most
        ) p
    ) found GROUP BY lexeme ORDER BY lexeme
""")
# Files that can have hits, each looked at once; of a language, with a bit for each chunk. (Of what is longer than 126 bytes the
# server keeps the length in a form that `get_bit` takes as it is; a shorter one it would copy for each chunk.)
_INSIDE = """, inside AS MATERIALIZED (
        SELECT p.file_id{spoken} FROM (SELECT DISTINCT file_id FROM found {listed}) p {looks}
    )"""
_LISTED = "{rows}.file_id = ANY(CAST(:file_ids AS bigint[]))"
_OF_FILES = "CROSS JOIN LATERAL (SELECT 1 FROM files f WHERE f.id = p.file_id AND {files} OFFSET 0) f"
_OF_LANGUAGE = """
    CROSS JOIN LATERAL (
        SELECT bit_or(s.chunks) || CAST(0 AS bit(1024)) AS spoken FROM spoken s
        WHERE s.file_id = p.file_id AND s.language >= :language AND s.language < :language || '.' HAVING count(*) > 0
    ) l"""
# What a chunk gets for a lexeme. (Arrays are taken apart where columns are listed: in FROM each would be stored first.)
_PARTS = """
    SELECT p.file_id, w.weight, w.slope{spoken},
           unnest(p.ordinals) AS ordinal, unnest(p.counts) AS count, unnest(p.lengths) AS length
    FROM found p {only_inside} JOIN weighed w ON w.lexeme = p.lexeme
"""
_SCORE = "sum(weight * count / (count + CAST(:flat AS float8) + slope * length))"
BM25 = """
    WITH size AS MATERIALIZED (
        SELECT sum(chunks)::float8 AS chunks, (sum(length) / greatest(sum(chunks), 1))::float8 AS mean
        FROM corpus
    ), found AS MATERIALIZED (
        SELECT * FROM postings WHERE lexeme = ANY(CAST(:lexemes AS text[]))
    ){inside}, counted AS (
        SELECT lexeme, sum(cardinality(ordinals))::float8 AS df,
               coalesce(sum(cardinality(ordinals)) FILTER (WHERE {reached}), 0)::float8 AS reach
        FROM found p {beside_inside} GROUP BY lexeme
    ), weighed AS MATERIALIZED (
        SELECT lexeme, {rare} AS rare, CAST(:slope AS float8) / size.mean AS slope,
               asked.count * CAST(:top AS float8)
                   * ln(1 + (greatest(size.chunks - df - hidden, 0) + 0.5) / (df + hidden + 0.5)) AS weight
        FROM counted CROSS JOIN size
        JOIN unnest(CAST(:lexemes AS text[]), CAST(:counts AS integer[]), CAST(:hidden AS float8[]))
            AS asked(lexeme, count, hidden) USING (lexeme)
    ), best AS MATERIALIZED (
        SELECT file_id, ordinal, {score} AS score FROM ({parts} AND w.rare) u {of_language}
        GROUP BY file_id, ordinal {candidates}
    ){more}
    SELECT s.file_id, s.ordinal, s.score, {phrases} AS first, (SELECT bool_and(rare) FROM weighed) AS whole
    FROM (SELECT * FROM {scored} scored ORDER BY score DESC, file_id, ordinal OFFSET 0) s {chunks}
    ORDER BY first DESC, s.score DESC, s.file_id, s.ordinal LIMIT :depth
"""
_SPARED = {
    "rare": """sum(reach) OVER (ORDER BY df + hidden, lexeme) - reach
        < CAST(:enough AS float8) * sqrt(greatest(size.chunks / CAST(:usual AS float8), 1))""",
    "candidates": "ORDER BY score DESC, file_id, ordinal LIMIT :candidates",
    "more": """, more AS (
        SELECT file_id, ordinal, {score} AS score
        FROM ({parts} AND NOT w.rare WHERE p.file_id IN (SELECT file_id FROM best)) u
        JOIN best USING (file_id, ordinal) GROUP BY file_id, ordinal
    )""",
    "scored": """(
        SELECT file_id, ordinal, best.score + coalesce(more.score, 0) AS score FROM best LEFT JOIN more USING (file_id, ordinal)
    )""",
}
_ALL = {"rare": "true", "candidates": "", "more": "", "scored": "best"}
_ENOUGH = 10_000
"""Chunks that have the rarer words of a question, in the usual index (`vectors.USUAL`); the others only add to the scores of the
best of these, which a common word alone does not lead to. See docs/trials.md, latency, for what that saves and what it misses."""
_LEAST_CANDIDATES = 400
_CANDIDATES = 8
"""How many times more of them are weighed than are wanted."""
_FEW_FILES = 50_000
"""Files that are told by their ids rather than looked at one by one."""
_COMPARED = 20_000
"""Chunks of such files whose vectors are all compared: that takes less time than the index."""
# A word that a language of the index leaves out, as stop words are, may stand in all its passages.
_UNKNOWN = text("""
    WITH sizes AS (
        SELECT config FROM corpus GROUP BY config HAVING sum(chunks) > 0
    ), lexemes AS (
        SELECT w.place, s.config, l.lexeme COLLATE "C" AS lexeme
        FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS w(word, place), sizes s,
             unnest(to_tsvector(s.config::regconfig, w.word)) l
    )
    SELECT place FROM lexemes l GROUP BY place
    HAVING count(DISTINCT config) = (SELECT count(*) FROM sizes)
       AND NOT bool_or(EXISTS (SELECT 1 FROM postings p WHERE p.lexeme = l.lexeme))
    ORDER BY place
""")
_HITS = text(f"""
    SELECT c.*, f.sha256, f.media_type, f.title, f.authors, f.dated, {locations.URI} AS uri, {locations.GONE} AS gone,
           ts_headline(c.config::regconfig, translate(c.text, :marks, '  '), CAST(:looked_for AS tsquery), :how) AS marked
    FROM unnest(CAST(:files AS bigint[]), CAST(:ordinals AS integer[])) WITH ORDINALITY AS n(file_id, ordinal, place)
    JOIN chunks c ON c.file_id = n.file_id AND c.ordinal = n.ordinal
    JOIN files f ON f.id = c.file_id
    {locations.OF_FILE}
    ORDER BY n.place
""")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for, and where.

    `only`, `file_ids` and `by` are as in Selection; `language` a BCP 47 tag or the beginning of one: chunks of which it isn't
    known are left out.
    """

    query: Query
    only: str | None = None
    language: str | None = None
    file_ids: tuple[FileId, ...] | None = None
    by: Byline | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk in a ranking."""

    file_id: FileId
    ordinal: int
    score: float
    first: bool = False  # it has all phrases of the query


@dataclass(frozen=True, slots=True)
class Ranking:
    """What has the words, best first, and the lexemes that these are."""

    places: list[Place]
    lexemes: tuple[str, ...]


def by_words(connection: Connection, asked: Question, depth: int, least: int, exact: bool) -> Ranking:
    """The best chunks by BM25, best first.

    Args: depth: how many at most.  least: how many of them must not be missed.  exact: spare nothing that might matter.
    """
    connection.execute(_SETTINGS)
    sought = _lexemes(connection, asked.query)
    found = _ranked(connection, asked.query, sought, _filters(asked), depth, 0 if exact else least) if sought else []
    return Ranking(found, tuple(one.lexeme for one in sought))


def by_meaning(
    connection: Connection,
    asked: Question,
    model: EmbeddingModel,
    vector: Sequence[float],
    depth: int,
    least: int,
    exact: bool,
) -> list[Place]:
    """The chunks nearest to a vector of length 1, nearest first. Args: as `by_words`."""
    filters = _filters(asked)
    ways: tuple[vectors.Way, ...] = ("index", "codes")  # the latter where the index gives up before it comes to enough
    if exact or (asked.file_ids is not None and _chunks(connection, asked.file_ids) <= _COMPARED):
        ways = ("all",)
    elif filters.language and not filters.chunks and vectors.few(connection, model, filters.values):
        ways = ("codes",)
    for way in ways:
        joins, conditions = _joined(filters, spoken=way == "codes")
        found = _places(vectors.nearest(connection, model, vector, joins, conditions, filters.values, depth, way=way))
        if len(found) >= least or not conditions:
            break
    return found


def narrowed(connection: Connection, asked: Question) -> Question:
    """The same question about the files themselves that are chosen, where these are few: then nothing else is looked at.

    Authors and dates have indexes. For kinds and names all files are looked at once, where all are few; else each file that has
    the words is, and looked up for it, which takes three times as long.
    """
    if asked.by is None and (asked.only is None or _many(connection)):
        return asked
    ids = bylines.ids(connection, Selection(only=asked.only, file_ids=asked.file_ids, by=asked.by), _FEW_FILES)
    return asked if ids is None else replace(asked, only=None, by=None, file_ids=ids)


def _many(connection: Connection) -> bool:
    """Whether there may be more files than are told by their ids."""
    return int(connection.scalar(text("SELECT max(id) FROM files")) or 0) > _FEW_FILES


def _chunks(connection: Connection, file_ids: Sequence[FileId]) -> int:
    """How many these files have."""
    asked = text("SELECT sum(chunks) FROM indexings WHERE model_id = 0 AND file_id = ANY(CAST(:ids AS bigint[]))")
    return int(connection.scalar(asked, {"ids": list(file_ids)}) or 0)


def hits(connection: Connection, asked: Question, places: Sequence[Place], lexemes: Sequence[str] | None = None) -> list[Hit]:
    """These chunks in this order, with what is shown of them; those that are gone meanwhile are left out.

    Args: lexemes: what the words are, where that is known.
    """
    if lexemes is None:
        lexemes = [one.lexeme for one in _lexemes(connection, asked.query)]
    return _hits(connection, lexemes, places)


def unknown(connection: Connection, query: Query) -> list[str]:
    """The words of the query that stand in no passage, as they were asked for, without the signs around them."""
    words = list(dict.fromkeys(_AROUND.sub("", word) for word in _words(query)))
    return [words[place - 1] for place in connection.scalars(_UNKNOWN, {"words": [_said(word) for word in words]})]


def spoken(connection: Connection) -> list[str]:
    """The languages of passages, without script and region; those of most files first."""
    found = text("SELECT split_part(language, '-', 1) AS one FROM spoken GROUP BY one ORDER BY count(*) DESC, one")
    return list(connection.scalars(found))


def passages(connection: Connection, file_id: FileId, first: int, last: int) -> list[Hit]:
    """The chunks of a file from one ordinal to another, as hits without score or matches."""
    found = connection.scalars(
        text("SELECT ordinal FROM chunks WHERE file_id = :id AND ordinal BETWEEN :first AND :last ORDER BY ordinal"),
        {"id": file_id, "first": first, "last": last},
    )
    return _hits(connection, (), [Place(file_id, ordinal, 0.0) for ordinal in found])


@dataclass(frozen=True, slots=True)
class _Sought:
    """A lexeme that is looked for: how often it is said, and how many chunks have it for a stop word.

    These are taken to have it all, though it isn't kept of them: or the stop words of one language would pass for rare wherever a
    passage of another has them, an English sentence in a French book.
    """

    lexeme: str
    said: int
    hidden: float


def _lexemes(connection: Connection, query: Query) -> list[_Sought]:
    """What the words of the query are in the languages of the index, and the words there that begin as asked for."""
    said = _words(query)
    lone = [word for word in said if languages.lone(word)]
    prefixes = [storable.text(languages.folded(prefix.casefold())) for prefix in (*query.prefixes, *lone)]
    # Of `sightings` the index has `sight`, which doesn't begin with `sighting`: a beginning is looked for as a word, too.
    said += query.prefixes
    rows = connection.execute(
        _LEXEMES,
        {
            "words": [_said(word) for word in said],
            "lows": prefixes,
            "highs": [f"{prefix}\U0010ffff" for prefix in prefixes],
            "most": _PREFIXES_SHOWN,
        },
    )
    return [_Sought(row.lexeme, row.said, row.hidden) for row in rows]


def _words(query: Query) -> list[str]:
    return [word for part in (*query.words, *query.phrases) for word in part.split()]


@dataclass(frozen=True, slots=True)
class _Filters:
    """Conditions on the chunks `c`, on their language, and on the files `f`; empty: none."""

    chunks: tuple[str, ...]
    language: str
    files: str
    listed: bool  # only those of `:file_ids`
    values: Mapping[str, object]


def _filters(asked: Question) -> _Filters:
    conditions, language, files, values = list[str](), "", "", dict[str, object]()
    if asked.only is not None or asked.by is not None:
        files, values = where(Selection(only=asked.only, by=asked.by))
    if asked.file_ids is not None:
        values["file_ids"] = list(asked.file_ids)
    for number, phrase in enumerate(asked.query.excluded):
        conditions.append(f"NOT c.lexemes @@ phraseto_tsquery(c.config::regconfig, :not{number})")
        values[f"not{number}"] = _said(phrase)
    if asked.language is not None:
        language = "(c.language = :language OR starts_with(c.language, :language || '-'))"
        values["language"] = languages.tag(asked.language) or asked.language
    return _Filters(tuple(conditions), language, files, asked.file_ids is not None, values)


def _joined(filters: _Filters, *, spoken: bool) -> tuple[str, list[str]]:
    """Joins with the rows `v` of vectors, and conditions. Args: spoken: the language is known of these rows themselves."""
    joins, conditions = "", list(filters.chunks)
    if filters.language:
        conditions.append(vectors.SPOKEN if spoken else filters.language)
    if filters.chunks or (filters.language and not spoken):
        joins += " JOIN chunks c ON c.file_id = v.file_id AND c.ordinal = v.ordinal"
    if filters.files:
        joins += " JOIN files f ON f.id = v.file_id"
        conditions.append(filters.files)
    if filters.listed:
        conditions.append(_LISTED.format(rows="v"))
    return joins, conditions


def _ranked(
    connection: Connection, query: Query, sought: Sequence[_Sought], filters: _Filters, depth: int, enough: int
) -> list[Place]:
    """By words. Args: enough: so many will do, if they can be had without looking at all; 0: look at all."""
    values: dict[str, object] = {
        "lexemes": [one.lexeme for one in sought],
        "counts": [one.said for one in sought],
        "hidden": [one.hidden for one in sought],
        "depth": depth,
    }
    values |= {**_CURVE, **filters.values, **{f"phrase{n}": _said(phrase) for n, phrase in enumerate(query.phrases)}}
    asked = filters.files, filters.listed, bool(filters.language), filters.chunks, len(query.phrases)
    if enough and not query.phrases:
        spared = {"enough": _ENOUGH, "usual": vectors.USUAL, "candidates": max(_CANDIDATES * depth, _LEAST_CANDIDATES)}
        rows = connection.execute(_bm25(*asked, spare=True), values | spared).all()
        if len(rows) >= enough or (rows and rows[0].whole and not filters.chunks):
            return _places(rows)
    return _places(connection.execute(_bm25(*asked, spare=False), values).all())


@lru_cache(64)
def _bm25(files: str, listed: bool, spoken: bool, chunks: tuple[str, ...], phrases: int, *, spare: bool) -> TextClause:
    """Args: listed: only `:file_ids`.  spoken: only of a `:language`.  phrases: how many `:phrase0`, `:phrase1` … come first."""
    first = [f"c.lexemes @@ phraseto_tsquery(c.config::regconfig, :phrase{number})" for number in range(phrases)]
    inside = files or listed or spoken
    looks = (_OF_FILES.format(files=files) if files else "") + (_OF_LANGUAGE if spoken else "")
    # Of a posting, whether its first chunk is of the language stands for all.
    reached = "true" if not inside else "get_bit(i.spoken, p.ordinals[1]) = 1" if spoken else "i.file_id IS NOT NULL"
    parts = {
        "score": _SCORE,
        "parts": _PARTS.format(
            spoken=", i.spoken" if spoken else "", only_inside="JOIN inside i USING (file_id)" if inside else ""
        ),
        "inside": _INSIDE.format(
            spoken=", l.spoken" if spoken else "", listed=f"WHERE {_LISTED.format(rows='found')}" if listed else "", looks=looks
        )
        if inside
        else "",
        "beside_inside": "LEFT JOIN inside i USING (file_id)" if inside else "",
        "reached": reached,
        "of_language": "WHERE get_bit(u.spoken, u.ordinal) = 1" if spoken else "",
        "chunks": _CHUNK + " AND ".join(("true", *chunks)) if chunks or first else "",
        "phrases": " AND ".join(first) or "false",
    }
    return text(BM25.format(**parts, **{name: sql.format(**parts) for name, sql in (_SPARED if spare else _ALL).items()}))


def _places(rows: Sequence[Any]) -> list[Place]:
    """Args: rows: of file, ordinal, score, first, in this order: to look values up by name takes several times as long."""
    return [Place(FileId(row[0]), row[1], row[2], row[3]) for row in rows]


def _hits(connection: Connection, lexemes: Sequence[str], found: Sequence[Place]) -> list[Hit]:
    rows = connection.execute(
        _HITS,
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
        gone=row.gone,
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
            print_page=row.print_page,
            language=row.language,
        ),
        matches=_matches(row.marked),
        authors=tuple(row.authors or ()),
        date=row.dated,
    )


def _matches(marked: str) -> tuple[tuple[int, int], ...]:
    """Where the marks stand, counted without them."""
    starts = ((match.start() - 2 * before, match) for before, match in enumerate(_MARKED.finditer(marked)))
    return tuple((start, start + len(match[1])) for start, match in starts)
