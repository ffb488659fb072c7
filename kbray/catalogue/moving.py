"""The catalogue from one database to another: what an export takes in one snapshot, and how an import changes places with it.

The tables that an import replaces are not dumped but moved, with their indexes, to a schema of their own beside the new ones:
that takes no time and no copy, needs no program on the way back, and is one transaction with the coming of the new ones. What
was before the last import is kept, no more.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from kbray.catalogue import identity, migrations, programs, query, runs, search, tables
from kbray.catalogue.connection import Database
from kbray.catalogue.search import Question
from kbray.errors import ConfigError
from kbray.model import RunId

KEPT = "kbray_before"
"""The schema of what was before the last import."""
HITS = 10
_TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = CAST(:schema AS regnamespace) AND relkind = 'r'
      AND (relname = ANY(CAST(:known AS text[])) OR relname ~ '^(vectors|codes)_[0-9]+$')
    ORDER BY relname
"""
_LEFT_BEHIND = "epoch"
"""The heartbeat of runs that went on where the catalogue came from. No run of this database has it, and it is no sign of life."""
_COUNTS = """
    SELECT 'files ' || status AS what, count(*) AS number FROM files GROUP BY status
    UNION ALL SELECT 'incomplete files', count(*) FROM files WHERE NOT complete
    UNION ALL SELECT quality || ' files', count(*) FROM files WHERE quality IS NOT NULL GROUP BY quality
    UNION ALL SELECT 'pages', coalesce(sum(pages), 0) FROM files
    UNION ALL SELECT 'parts', count(*) FROM parts
    UNION ALL SELECT 'places', count(*) FROM locations
    UNION ALL SELECT 'failures', count(*) FROM failures
    UNION ALL SELECT 'passages', count(*) FROM chunks
    ORDER BY what
"""
_FILES = f"""
    SELECT sha256, size_bytes,
           CASE WHEN {tables.FINISHED} THEN fingerprint
                ELSE before ->> 'fingerprint'  -- it is being done again, and this is what it may go back to
           END AS fingerprint
    FROM files ORDER BY id
"""
_SAMPLE = 8
"""So many files, spread over all, give the words for searches."""
_TEXTS = """
    SELECT coalesce(f.title, '') AS title, c.text FROM (
        SELECT id, title, row_number() OVER (ORDER BY id) AS number, count(*) OVER () AS total FROM files WHERE status = 'indexed'
    ) f
    CROSS JOIN LATERAL (SELECT text FROM chunks WHERE file_id = f.id ORDER BY length(text) DESC, ordinal LIMIT 1) c
    WHERE f.number % greatest(f.total / :sample, 1) = 0 ORDER BY f.number LIMIT :sample
"""
_WORD = re.compile(r"[^\W\d_]{5,20}")
_FOUND = """
    SELECT f.sha256, n.ordinal, n.score
    FROM unnest(CAST(:files AS bigint[]), CAST(:ordinals AS integer[]), CAST(:scores AS float8[]))
        WITH ORDINALITY AS n(file_id, ordinal, score, place)
    JOIN files f ON f.id = n.file_id ORDER BY n.place
"""
_KEPT = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :schema"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What names a file's objects. `fingerprint`: that of its results, where it must have some."""

    sha256: str
    size_bytes: int
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A hit as two databases can compare it."""

    sha256: str
    ordinal: int
    score: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a dump holds, for whoever restores it."""

    revision: str
    schema: str
    postgresql: int
    vectors: bool
    counts: dict[str, int]
    searches: dict[str, list[FoundPassage]]


@dataclass(frozen=True, slots=True)
class Before:
    """What was before an import is kept: which bundle came, and when (ISO 8601)."""

    bundle: str
    at: str


# ---------------------------------------------------------------- going


def take(
    connection: Connection, database: Database, dump: Path, files: Callable[[Iterator[StoredFile]], None], searches: Iterable[str]
) -> Snapshot:
    """The catalogue as it is at one moment, dumped; `files` is given all its files, from the beginning each time it is called.

    Args: searches: whose hits are recorded, besides those for words of some of its own documents.
    """
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    # Before the snapshot: no model comes or goes meanwhile, so the tables of vectors are those that it sees.
    connection.execute(text("LOCK TABLE models IN SHARE MODE"))
    version = (connection.scalar(text("SELECT current_setting('server_version_num')::integer")) or 0) // 10_000
    programs.check_version(version)
    schema = namespace(connection)
    names = _tables(connection, schema)
    snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
    programs.dump(database, snapshot, [(schema, name) for name in names], dump)
    rows = connection.execute(text(_FILES), execution_options={"stream_results": True, "yield_per": 1000})
    files(StoredFile(row.sha256, row.size_bytes, row.fingerprint) for row in rows)
    own = {words: answers(connection, words) for words in dict.fromkeys(_own_words(connection))}
    return Snapshot(
        revision=str(migrations.current(connection)),
        schema=schema,
        postgresql=version,
        vectors=any(name.startswith("vectors_") for name in names),
        counts=counts(connection),
        searches={
            **{words: hits for words, hits in own.items() if hits},  # a title may be in no passage
            **{words: answers(connection, words) for words in searches},
        },
    )


def namespace(connection: Connection) -> str:
    """The schema kbray's tables are in, or would be made in."""
    return str(connection.scalar(text("SELECT current_schema()")))


def counts(connection: Connection) -> dict[str, int]:
    return {row.what: int(row.number) for row in connection.execute(text(_COUNTS))}


def answers(connection: Connection, words: str) -> list[FoundPassage]:
    """What a search by words finds, best first."""
    places = search.by_words(connection, Question(query.parse(words)), HITS, HITS, False).places
    rows = connection.execute(
        text(_FOUND),
        {
            "files": [place.file_id for place in places],
            "ordinals": [place.ordinal for place in places],
            "scores": [place.score for place in places],
        },
    )
    return [FoundPassage(row.sha256, row.ordinal, row.score) for row in rows]


def _own_words(connection: Connection) -> Iterator[str]:
    """Two words of the title and two of the longest passage of some documents, the same for the same catalogue.

    Two, since the scores of more are sums that may differ in their last digit by the order they were added in.
    """
    for row in connection.execute(text(_TEXTS), {"sample": _SAMPLE}).all():
        for source in (row.title, row.text):
            words = sorted({word.casefold() for word in _WORD.findall(source)}, key=lambda word: (-len(word), word))
            if words:
                yield " ".join(words[:2])


def _tables(connection: Connection, schema: str) -> list[str]:
    known = [*tables.metadata.tables, "alembic_version"]
    return list(connection.scalars(text(_TABLES), {"schema": _quoted(schema), "known": known}))


# ---------------------------------------------------------------- coming


def require_room(connection: Connection, schema: str, vectors: bool) -> None:
    """Raises: ConfigError: this database can't take a catalogue from a schema of that name, or with vectors."""
    if (here := namespace(connection)) != schema:
        raise ConfigError(
            f"The bundle's tables are in the schema {schema!r}, those of this database would be in {here!r}: "
            f"connect with ?options=-csearch_path%3D{schema} in the database URL."
        )
    if not connection.scalar(text("SELECT has_database_privilege(current_database(), 'CREATE')")):
        raise ConfigError(
            "What the target has now is kept in a schema of its own, and this user can't make one: "
            "run GRANT CREATE ON DATABASE … TO … as the database's owner."
        )
    if vectors and not connection.scalar(text("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')")):
        raise ConfigError("The bundle has vectors, and this server has no pgvector: install it there first.")


def put_in_place(connection: Connection, schema: str, bundle: str, vectors: bool) -> tuple[str, str]:
    """The SQL before and after the tables come, which makes them take the place of those that are there."""
    quoted = _quoted(schema)
    there = _tables(connection, schema)
    before = ["SET LOCAL lock_timeout = '60s';"]
    if "runs" in there:
        before += [f"LOCK TABLE {quoted}.runs IN ACCESS EXCLUSIVE MODE;", _nobody_works(quoted)]
    comment = json.dumps({"bundle": bundle, "at": datetime.now(UTC).isoformat(timespec="seconds")})
    before += [
        f"DROP SCHEMA IF EXISTS {KEPT} CASCADE;",
        f"CREATE SCHEMA {KEPT};",
        f"COMMENT ON SCHEMA {KEPT} IS {_literal(comment)};",
        *(f'ALTER TABLE {quoted}."{name}" SET SCHEMA {KEPT};' for name in there),
        *(["CREATE EXTENSION IF NOT EXISTS vector;"] if vectors else []),
        # The index of vectors is made anew, faster in memory; not by several processes, whose shared memory containers stint.
        "SET LOCAL maintenance_work_mem = '256MB';",
        "SET LOCAL max_parallel_maintenance_workers = 0;",
    ]
    after = f"UPDATE {quoted}.runs SET heartbeat_at = '{_LEFT_BEHIND}' WHERE {tables.LIVE};"
    return "\n".join(before), after


def settle(connection: Connection) -> int:
    """The newest schema; an identity that isn't the source's; what runs held that went on there is free; how many these were."""
    migrations.upgrade(connection)
    identity.become(connection, _own_identity(connection))
    left = connection.scalars(
        text(f"""
            UPDATE runs SET state = 'interrupted', ended_at = now(), message = 'It went on where this catalogue was copied from.'
            WHERE {tables.LIVE} AND heartbeat_at = '{_LEFT_BEHIND}' RETURNING id
        """)
    ).all()
    runs.free(connection, [RunId(run) for run in left], "released", assembling_counts=False)
    schema = namespace(connection)
    for name in _tables(connection, schema):
        connection.execute(text(f'ANALYZE {_quoted(schema)}."{name}"'))
    return len(left)


def _own_identity(connection: Connection) -> str:
    """That of the catalogue whose place was taken, as the object store is still the same; a new one where none was."""
    if tables.identity.name in _tables(connection, KEPT):
        return str(connection.execute(text(f"SELECT id FROM {KEPT}.identity")).scalar_one())
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(connection.scalar(text(_KEPT), {"schema": KEPT}))))


def before(connection: Connection) -> Before | None:
    """What a rollback would undo; None: nothing."""
    if (comment := connection.scalar(text(_KEPT), {"schema": KEPT})) is None:
        return None
    found = json.loads(comment)
    return Before(found["bundle"], found["at"])


def roll_back(connection: Connection) -> None:
    """The tables are those from before the last import, and what it brought is gone.

    Raises: ConfigError: none is kept, or a run is at work.
    """
    if before(connection) is None:
        raise ConfigError("There is no import to roll back here: none was made, or what was before it has been given up.")
    schema = namespace(connection)
    quoted = _quoted(schema)
    connection.execute(text("SET LOCAL lock_timeout = '60s'"))
    if now := _tables(connection, schema):
        connection.execute(text(f"LOCK TABLE {quoted}.runs IN ACCESS EXCLUSIVE MODE"))
        if connection.scalar(text(f"SELECT EXISTS (SELECT FROM {quoted}.runs WHERE {tables.LIVE})")):
            raise ConfigError("A run is at work in this database: stop it first; `kbray status` shows it.")
        connection.execute(text("DROP TABLE " + ", ".join(f'{quoted}."{name}"' for name in now)))
    for name in _tables(connection, KEPT):
        connection.execute(text(f'ALTER TABLE {KEPT}."{name}" SET SCHEMA {quoted}'))
    forget(connection)


def forget(connection: Connection) -> None:
    """Nothing is kept from before an import."""
    connection.execute(text(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE"))


def _nobody_works(quoted: str) -> str:
    return f"""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM {quoted}.runs WHERE {tables.LIVE}) THEN RAISE EXCEPTION 'a run is at work in it'; END IF;
        END $$;
    """


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
