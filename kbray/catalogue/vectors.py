"""Vectors of chunks: a table for each model, searched by pgvector's HNSW.

They are unit vectors in half precision: half the memory of the index, and the inner product is the cosine. (Malkov and Yashunin,
"Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World graphs", 2018.)

Where few of them meet a condition, the index leads past them. So each vector has a code beside it, a third of its size, in the
index of its language: for every number five bits, which tell how many of five levels it is above. The more bits of two codes
differ, the farther apart are the numbers. What is nearest by its code is compared by its vector.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Row, TextClause, text

from kbray.catalogue import storable
from kbray.catalogue.tables import ANEW
from kbray.errors import ConfigError
from kbray.model import EmbeddingModel, FileId

MOST_DIMENSIONS = 4000
"""What pgvector can index in half precision."""
USUAL = 100_000
"""Chunks in an index for which it was measured how much to look at; where there are more it is more, by the square root."""
_EFFORT = 200
"""Candidates that a search keeps in the usual index: see docs/trials.md, latency, for what it finds of what there is."""
_MOST_EFFORT = 1000  # of pgvector
_LEAST_SCANNED, _MOST_SCANNED = 1000, 20_000
_SCANNED_SHARE = 40
"""With conditions a search in the index looks at one vector in so many, in turn, for enough that meet them; then it takes less
time to look at all."""
_LEVELS = (-1.4, -0.7, 0.0, 0.7, 1.4)
"""Of codes, in standard deviations of the numbers of a unit vector."""
_CANDIDATES = 8
"""How many times more vectors are compared than are wanted, of those that are nearest by their codes."""
_FEW = 40_000
"""Codes that are compared in about the time that a search in the index takes."""
_PUT = """
    WITH stored AS (
        INSERT INTO {vectors} (file_id, ordinal, embedding)
        SELECT :file_id, n.ordinal, CAST(n.embedding AS halfvec)
        FROM unnest(CAST(:ordinals AS integer[]), CAST(:made AS text[])) AS n(ordinal, embedding)
        ON CONFLICT (file_id, ordinal) DO UPDATE SET embedding = excluded.embedding
        RETURNING file_id, ordinal, embedding
    )
    INSERT INTO {codes} (file_id, ordinal, language, code)
    SELECT s.file_id, s.ordinal, c.language, {code} FROM stored s LEFT JOIN chunks c USING (file_id, ordinal)
    ON CONFLICT (file_id, ordinal) DO UPDATE SET language = excluded.language, code = excluded.code
"""
SPOKEN = "v.language >= :language AND v.language < :language || '.'"
"""Codes of a language and its regions: `en-US` is between `en` and `en.`, and other tags are not."""
Way = Literal["index", "codes", "all"]
_WAYS: Mapping[Way, str] = {
    "index": """
        SELECT v.file_id, v.ordinal, {distance} AS distance FROM {vectors} v {joins}
        WHERE {conditions} ORDER BY {distance} LIMIT :count
    """,
    # LATERAL and OFFSET 0: the vectors are looked up, whatever the settings.
    "codes": """
        SELECT n.file_id, n.ordinal, {distance} AS distance FROM (
            SELECT v.file_id, v.ordinal FROM {codes} v {joins} WHERE {conditions} ORDER BY {difference} LIMIT :candidates
        ) n
        CROSS JOIN LATERAL (
            SELECT embedding FROM {vectors} v WHERE v.file_id = n.file_id AND v.ordinal = n.ordinal OFFSET 0
        ) v
        ORDER BY distance LIMIT :count
    """,
    # The index knows no sums.
    "all": """
        SELECT v.file_id, v.ordinal, ({distance}) + 0 AS distance FROM {vectors} v {joins}
        WHERE {conditions} ORDER BY distance LIMIT :count
    """,
}
# With conditions the index is asked again until enough have been found that meet them. The server's planner would rather look at
# all; and a plan that it keeps for all values knows nothing of how few are wanted. Where all are looked at, none is looked up;
# what is compared after its code is looked up once, so it need not be remembered; and other processes must be worth their start.
_SETTINGS = text("""
    SELECT set_config('hnsw.ef_search', least(greatest(
               :effort * sqrt(greatest(reltuples / CAST(:usual AS float8), 1)), :count
           ), :most_effort)::integer::text, true),
           set_config('hnsw.max_scan_tuples', least(greatest(reltuples / :share, :least), :most)::integer::text, true),
           set_config('hnsw.iterative_scan', :scan, true),
           set_config('parallel_setup_cost', '10000', true), set_config('enable_memoize', :loop, true),
           set_config('enable_nestloop', :loop, true), set_config('enable_seqscan', :other, true),
           set_config('enable_sort', :other, true), set_config('enable_hashjoin', :other, true),
           set_config('enable_mergejoin', :other, true), set_config('plan_cache_mode', 'force_custom_plan', true)
    FROM pg_class WHERE oid = CAST(:table AS regclass)
""")
_LOCK = 0x6B627261  # "kbra": models are made and switched by one at a time
_SWITCHABLE = """
    SELECT NOT EXISTS (
        SELECT 1 FROM files f WHERE f.status = 'indexed' AND NOT EXISTS (
            SELECT 1 FROM indexings i WHERE i.file_id = f.id AND i.model_id = :model AND i.state = 'done'
        )
    )
"""


def models(connection: Connection) -> list[EmbeddingModel]:
    return [_model(row) for row in connection.execute(text("SELECT * FROM models ORDER BY id"))]


def ensure(connection: Connection, name: str, identity: str, dimension: int) -> EmbeddingModel:
    """The model has its place for vectors. The first one is active at once, another one when its vectors are complete.

    Raises: ConfigError: its vectors are too long to be indexed.
    """
    if dimension > MOST_DIMENSIONS:
        raise ConfigError(
            f"The vectors of {name} have {dimension:,} dimensions, and PostgreSQL indexes {MOST_DIMENSIONS:,}: "
            "choose another embedding_model, or use --no-vectors."
        )
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    known = connection.execute(text("SELECT * FROM models WHERE identity = :identity"), {"identity": identity}).one_or_none()
    if known is None:
        known = connection.execute(
            text("""
                INSERT INTO models (name, identity, dimension, active)
                VALUES (:name, :identity, :dimension, NOT EXISTS (SELECT 1 FROM models WHERE active))
                RETURNING *
            """),
            {"name": storable.text(name), "identity": identity, "dimension": dimension},
        ).one()
        connection.execute(
            text(f"""
                CREATE TABLE {_table(known.id)} (
                    file_id bigint NOT NULL, ordinal integer NOT NULL, embedding halfvec({dimension}) NOT NULL,
                    PRIMARY KEY (file_id, ordinal)
                )
            """)
        )
        connection.execute(text(f"ALTER TABLE {_table(known.id)} ALTER COLUMN embedding SET STORAGE PLAIN"))
        connection.execute(text(f"CREATE INDEX ON {_table(known.id)} USING hnsw (embedding halfvec_ip_ops)"))
        add_codes(connection, known.id, dimension)
    return _model(known)


def add_codes(connection: Connection, model: int, dimension: int) -> None:
    """The vectors of the model, in a table that has none, have codes."""
    codes = _codes(model)
    connection.execute(
        text(f"""
            CREATE TABLE {codes} (
                file_id bigint NOT NULL, ordinal integer NOT NULL, language text COLLATE "C",
                code bit({len(_LEVELS) * dimension}) NOT NULL
            )
        """)
    )
    connection.execute(text(f"ALTER TABLE {codes} ALTER COLUMN code SET STORAGE PLAIN"))
    connection.execute(
        text(f"""
            INSERT INTO {codes} (file_id, ordinal, language, code)
            SELECT v.file_id, v.ordinal, c.language, {_code("v.embedding", dimension)}
            FROM {_table(model)} v LEFT JOIN chunks c USING (file_id, ordinal)
        """)
    )
    connection.execute(text(f"ALTER TABLE {codes} ADD PRIMARY KEY (file_id, ordinal)"))
    connection.execute(text(f"CREATE INDEX ON {codes} (language) INCLUDE (file_id, ordinal, code)"))
    connection.execute(text(f"ANALYZE {codes}"))


def searched(connection: Connection) -> list[str]:
    """The tables that search reads."""
    ids = connection.scalars(text("SELECT id FROM models ORDER BY id")).all()
    return ["files", "chunks", "postings", "spoken", *(table for model in ids for table in (_table(model), _codes(model)))]


def switch(connection: Connection, model: int) -> bool:
    """The model is active, and the others are gone, if every indexed file has its vectors; whether it is."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if not connection.scalar(text(_SWITCHABLE), {"model": model}):
        return False
    others = connection.scalars(text("SELECT id FROM models WHERE id <> :model"), {"model": model}).all()
    for other in others:
        connection.execute(text(f"DROP TABLE {_table(other)}, {_codes(other)}"))
    connection.execute(text("DELETE FROM indexings WHERE model_id = ANY(CAST(:others AS integer[]))"), {"others": list(others)})
    connection.execute(text("DELETE FROM models WHERE id = ANY(CAST(:others AS integer[]))"), {"others": list(others)})
    connection.execute(text("UPDATE models SET active = true WHERE id = :model AND NOT active"), {"model": model})
    return True


def texts(connection: Connection, model: int, file_id: FileId, after: int, limit: int) -> list[tuple[int, tuple[str, ...], str]]:
    """Ordinal, heading path and text of the next chunks above `after` that have no vector yet."""
    rows = connection.execute(
        text(f"""
            SELECT ordinal, heading_path, text FROM chunks c
            WHERE file_id = :file_id AND ordinal > :after AND NOT EXISTS (
                SELECT 1 FROM {_table(model)} v WHERE v.file_id = c.file_id AND v.ordinal = c.ordinal
            ) ORDER BY ordinal LIMIT :limit
        """),
        {"file_id": file_id, "after": after, "limit": limit},
    )
    return [(row.ordinal, tuple(row.heading_path), row.text) for row in rows]


def lacking(connection: Connection, model: int, file_ids: Sequence[FileId]) -> set[FileId]:
    """Those of the files of which the model hasn't made all vectors yet."""
    found = connection.scalars(
        text("""
            SELECT n.id FROM unnest(CAST(:ids AS bigint[])) AS n(id) WHERE NOT EXISTS (
                SELECT 1 FROM indexings i WHERE i.file_id = n.id AND i.model_id = :model AND i.state = 'done'
            )
        """),
        {"ids": list(file_ids), "model": model},
    )
    return {FileId(one) for one in found}


def missing(connection: Connection, model: int, file_id: FileId) -> int:
    """How many chunks of the file have no vector."""
    found = connection.scalar(
        text(f"""
            SELECT (SELECT count(*) FROM chunks WHERE file_id = :file_id)
                 - (SELECT count(*) FROM {_table(model)} WHERE file_id = :file_id)
        """),
        {"file_id": file_id},
    )
    return found or 0


def put(connection: Connection, model: int, file_id: FileId, ordinals: Sequence[int], made: Sequence[Sequence[float]]) -> None:
    """Chunks of the file have these vectors. Args: made: n vectors of length 1."""
    if len(ordinals):
        _put(connection, model, len(made[0]), file_id, dict(zip(ordinals, map(written, made), strict=True)))


def _put(connection: Connection, model: int, dimension: int, file_id: FileId, made: Mapping[int, str]) -> None:
    connection.execute(
        text(_PUT.format(vectors=_table(model), codes=_codes(model), code=_code("s.embedding", dimension))),
        {"file_id": file_id, "ordinals": list(made), "made": list(made.values())},
    )


def few(connection: Connection, model: EmbeddingModel, values: Mapping[str, object]) -> bool:
    """Whether it is quicker to compare all codes of the `:language` than to ask the index of the vectors: as the server's planner
    guesses how many they are, since counting them takes time, too."""
    guess: Any = connection.scalar(text(f"EXPLAIN (FORMAT JSON) SELECT FROM {_codes(model.id)} v WHERE {SPOKEN}"), values)
    return bool(guess[0]["Plan"]["Plan Rows"] <= _FEW)


def nearest(
    connection: Connection,
    model: EmbeddingModel,
    vector: Sequence[float],
    joins: str,
    conditions: Sequence[str],
    values: Mapping[str, object],
    count: int,
    *,
    way: Way,
) -> Sequence[Row[Any]]:
    """The nearest chunks (`file_id`, `ordinal`, `score`, `first`: false), the nearest first.

    Args: joins, conditions, values: what the rows `v` (`file_id`, `ordinal`) are joined with, and what must be true of them.
          way: by the index of the vectors, by their codes (whose rows have a `language`, too), or by comparing all of them: the
          first two find nearly all of what the last one finds, and the first may find too few where conditions are met by few.
    """
    by_index = way == "index"
    connection.execute(
        _SETTINGS,
        {
            "effort": _EFFORT,
            "usual": USUAL,
            "count": count,
            "most_effort": _MOST_EFFORT,
            "scan": "relaxed_order" if conditions else "off",
            "table": _table(model.id),
            "share": _SCANNED_SHARE,
            "least": _LEAST_SCANNED,
            "most": _MOST_SCANNED,
            "loop": "on" if by_index else "off",
            "other": "off" if by_index and conditions else "on",
        },
    )
    return connection.execute(
        _nearest(model.id, model.dimension, joins, tuple(conditions), way),
        {**values, "vector": written(vector), "count": count, "candidates": _CANDIDATES * count},
    ).all()


@lru_cache(64)
def _nearest(model: int, dimension: int, joins: str, conditions: tuple[str, ...], way: Way) -> TextClause:
    asked = f"CAST(:vector AS halfvec({dimension}))"
    found = {
        "joins": joins,
        "conditions": " AND ".join((*conditions, "true")),
        "vectors": _table(model),
        "codes": _codes(model),
        "distance": f"v.embedding <#> {asked}",
        "difference": f"v.code <~> {_code(asked, dimension)}",
    }
    return text(f"""
        WITH near AS MATERIALIZED ({_WAYS[way].format(**found)})
        SELECT file_id, ordinal, -distance AS score, false AS first FROM near ORDER BY distance, file_id, ordinal
    """)


@dataclass(frozen=True, slots=True)
class Aside:
    """Vectors of a file that are to be those of other chunks of it, as `written`, by the ordinals of these."""

    model: int
    dimension: int
    made: Mapping[int, str]


def set_aside(connection: Connection, file_id: FileId, moves: Mapping[int, int]) -> list[Aside]:
    """The file is about to have other chunks: its vectors of all models are gone, but for those that will be right, and whoever
    is making some has lost it.

    Args: moves: ordinals of chunks → those that the same chunks will have. Vectors that stay where they are stay in the index.
    """
    values = {"file_id": file_id, "stay": [old for old, new in moves.items() if old == new]}
    found = []
    for model in models(connection):
        gone = "WHERE file_id = :file_id AND ordinal <> ALL(CAST(:stay AS integer[]))"
        rows = connection.execute(text(f"DELETE FROM {_table(model.id)} {gone} RETURNING ordinal, embedding::text"), values)
        made = {moves[row.ordinal]: row.embedding for row in rows if row.ordinal in moves}
        connection.execute(text(f"DELETE FROM {_codes(model.id)} {gone}"), values)
        found.append(Aside(model.id, model.dimension, made))
    connection.execute(text(f"UPDATE indexings SET {ANEW} WHERE file_id = :file_id AND model_id > 0"), values)
    return found


def bring_back(connection: Connection, file_id: FileId, aside: Sequence[Aside]) -> None:
    """The file has its new chunks: what was set aside is theirs, and what stayed is of their languages."""
    for one in aside:
        if one.made:
            _put(connection, one.model, one.dimension, file_id, one.made)
        spoken = f"""
            UPDATE {_codes(one.model)} v SET language = c.language FROM chunks c
            WHERE v.file_id = :file_id AND c.file_id = v.file_id AND c.ordinal = v.ordinal
              AND v.language IS DISTINCT FROM c.language
        """
        connection.execute(text(spoken), {"file_id": file_id})


def written(vector: Sequence[float]) -> str:
    """As pgvector reads it."""
    return "[" + ",".join(f"{value:.5g}" for value in vector) + "]"


def _table(model: int) -> str:
    return f"vectors_{int(model)}"


def _codes(model: int) -> str:
    return f"codes_{int(model)}"


def _code(vector: str, dimension: int) -> str:
    """SQL: the code of a vector."""
    flat = f"CAST(array_fill(CAST({{}} AS real), ARRAY[{dimension}]) AS halfvec({dimension}))"
    bits = (f"binary_quantize({vector} - {flat.format(round(level / dimension**0.5, 6))})" for level in _LEVELS)
    return f"CAST({' || '.join(bits)} AS bit({len(_LEVELS) * dimension}))"


def _model(row: Row[Any]) -> EmbeddingModel:
    return EmbeddingModel(row.id, row.name, row.identity, row.dimension, row.active)
