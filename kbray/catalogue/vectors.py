"""Vectors of chunks: a table for each model, searched by pgvector's HNSW.

They are unit vectors in half precision: half the memory of the index, and the inner product is the cosine. (Malkov and Yashunin,
"Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World graphs", 2018.)
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, text

from kbray.catalogue import storable
from kbray.errors import ConfigError
from kbray.model import EmbeddingModel, FileId

MOST_DIMENSIONS = 4000
"""What pgvector can index in half precision."""
_EFFORT = 200
"""Candidates that a search in the index keeps: see docs/benchmarks.md for what it finds of what there is."""
_MOST_EFFORT = 1000  # of pgvector
_LEAST_SCANNED, _MOST_SCANNED = 1000, 20_000
_SCANNED_SHARE = 40
"""With conditions a search in the index looks at one vector in so many, in turn, for enough that meet them; then it takes less
time to look at all."""
# With conditions the index is asked again until enough have been found that meet them. The server's planner would rather look at
# all; and a plan that it keeps for all values knows nothing of how few are wanted. Where all are looked at, none is looked up.
_SETTINGS = """
    SELECT set_config('hnsw.ef_search', :effort, true), set_config('hnsw.iterative_scan', :scan, true),
           set_config('hnsw.max_scan_tuples', (
               SELECT least(greatest(reltuples / :share, :least), :most)::integer::text
               FROM pg_class WHERE oid = CAST(:table AS regclass)
           ), true),
           set_config('enable_nestloop', :loop, true), set_config('enable_seqscan', :other, true),
           set_config('enable_sort', :other, true), set_config('enable_hashjoin', :other, true),
           set_config('enable_mergejoin', :other, true), set_config('plan_cache_mode', 'force_custom_plan', true)
"""
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


def ensure(connection: Connection, name: str, identity: str, dimension: int, languages: Sequence[str] | None) -> EmbeddingModel:
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
                INSERT INTO models (name, identity, dimension, languages, active)
                VALUES (:name, :identity, :dimension, CAST(:languages AS text[]), NOT EXISTS (SELECT 1 FROM models WHERE active))
                RETURNING *
            """),
            {
                "name": storable.text(name),
                "identity": identity,
                "dimension": dimension,
                "languages": None if languages is None else list(languages),
            },
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
    return _model(known)


def switch(connection: Connection, model: int) -> bool:
    """The model is active, and the others are gone, if every indexed file has its vectors; whether it is."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if not connection.scalar(text(_SWITCHABLE), {"model": model}):
        return False
    others = connection.scalars(text("SELECT id FROM models WHERE id <> :model"), {"model": model}).all()
    for other in others:
        connection.execute(text(f"DROP TABLE {_table(other)}"))
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
        connection.execute(
            text(f"""
                INSERT INTO {_table(model)} (file_id, ordinal, embedding)
                SELECT :file_id, n.ordinal, CAST(n.embedding AS halfvec)
                FROM unnest(CAST(:ordinals AS integer[]), CAST(:made AS text[])) AS n(ordinal, embedding)
                ON CONFLICT (file_id, ordinal) DO UPDATE SET embedding = excluded.embedding
            """),
            {"file_id": file_id, "ordinals": list(ordinals), "made": [written(vector) for vector in made]},
        )


def nearest(
    connection: Connection,
    model: EmbeddingModel,
    vector: Sequence[float],
    joins: str,
    conditions: Sequence[str],
    values: Mapping[str, object],
    count: int,
    *,
    exact: bool,
) -> CursorResult[Any]:
    """The nearest chunks (`file_id`, `ordinal`, `score`, `first`: false), the nearest first, found by the index: nearly all of
    those that an `exact` search finds, which reads all vectors.

    Args: joins, conditions, values: what the vectors `v` are joined with, and what must be true of them.
    """
    connection.execute(
        text(_SETTINGS),
        {
            "effort": str(min(max(_EFFORT, count), _MOST_EFFORT)),
            "scan": "relaxed_order" if conditions else "off",
            "table": _table(model.id),
            "share": _SCANNED_SHARE,
            "least": _LEAST_SCANNED,
            "most": _MOST_SCANNED,
            "loop": "off" if exact else "on",
            "other": "on" if exact or not conditions else "off",
        },
    )
    distance = f"v.embedding <#> CAST(:vector AS halfvec({model.dimension}))"
    order = f"({distance}) + 0" if exact else distance  # the index of the vectors knows no sums
    return connection.execute(
        text(f"""
            WITH near AS MATERIALIZED (
                SELECT v.file_id, v.ordinal, {distance} AS distance FROM {_table(model.id)} v {joins}
                WHERE {" AND ".join((*conditions, "true"))} ORDER BY {order} LIMIT :count
            )
            SELECT file_id, ordinal, -distance AS score, false AS first FROM near ORDER BY distance, file_id, ordinal
        """),
        {**values, "vector": written(vector), "count": count},
    )


def forget(connection: Connection, file_id: FileId) -> None:
    """The file has no vectors, of any model, and whoever is making some has lost it."""
    for model in connection.scalars(text("SELECT id FROM models ORDER BY id")).all():
        connection.execute(text(f"DELETE FROM {_table(model)} WHERE file_id = :file_id"), {"file_id": file_id})
    connection.execute(
        text("""
            UPDATE indexings SET state = 'pending', run_id = NULL, token = NULL, attempts = 0, interruptions = 0
            WHERE file_id = :file_id AND model_id > 0
        """),
        {"file_id": file_id},
    )


def written(vector: Sequence[float]) -> str:
    """As pgvector reads it."""
    return "[" + ",".join(f"{value:.5g}" for value in vector) + "]"


def _table(model: int) -> str:
    return f"vectors_{int(model)}"


def _model(row: Row[Any]) -> EmbeddingModel:
    languages = None if row.languages is None else tuple(row.languages)
    return EmbeddingModel(row.id, row.name, row.identity, row.dimension, languages, row.active)
