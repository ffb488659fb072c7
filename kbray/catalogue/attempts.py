"""Attempts: who tried what, how long it took, how it ended. Rows are added and closed, never removed."""

from typing import Any

from sqlalchemy import Connection, Row, text

from kbray.catalogue import storable
from kbray.catalogue.rows import AttemptRow, Cost, RunAttempt
from kbray.model import AttemptOutcome, Claim, Effort, FileId, IndexClaim, RunId

_SHOWN = 1000
_COST = """
    count(*) AS parts, sum(a.pages)::bigint AS pages, sum(a.parse_s) AS parse_s, sum(a.recognise_s) AS recognise_s,
    sum(a.commit_s) AS commit_s, sum(a.cpu_s) AS cpu_s, max(a.peak_bytes) AS peak_bytes
"""
_DEAREST = "ORDER BY sum(a.parse_s + a.recognise_s + a.commit_s) DESC"

OPENING = """
    before AS (
        UPDATE attempts SET outcome = 'lost', ended_at = now()
        WHERE file_id = :file_id AND part = :part AND outcome = 'started' AND token <> :token AND EXISTS (SELECT 1 FROM taken)
    ), logged AS (
        INSERT INTO attempts (file_id, part, attempt, run_id, token, host)
        SELECT :file_id, :part, attempts, :run, :token, :host FROM taken
        WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE file_id = :file_id AND part = :part AND token = :token)
    )
"""
"""The steps of a claim that note the attempt, where `taken` has its row: the one before it is lost, and the same token is one."""


SPENT = text("""
    UPDATE attempts SET parse_s = parse_s + :parse_s, recognise_s = recognise_s + :recognise_s, cpu_s = cpu_s + :cpu_s
    WHERE file_id = :file_id AND part = :part AND token = :token
""")
"""The statement that adds to an attempt which goes on."""


def closing(source: str) -> str:
    """The statement that closes the attempt of the claim `:token`, where `source` has a row, as `effort` and `outcome` tell."""
    return f"""
        UPDATE attempts SET outcome = :outcome, ended_at = clock_timestamp(), pages = :pages, parse_s = parse_s + :parse_s,
               recognise_s = recognise_s + :recognise_s, commit_s = :commit_s, cpu_s = cpu_s + :cpu_s, peak_bytes = :peak_bytes
        FROM {source} WHERE file_id = :file_id AND part = :part AND token = :token
    """


def values(claim: Claim | IndexClaim, outcome: AttemptOutcome, pages: int, effort: Effort) -> dict[str, object]:
    """What `closing` wants to be told."""
    return {
        "outcome": outcome,
        "pages": pages,
        "parse_s": effort.parse_s,
        "recognise_s": effort.recognise_s,
        "commit_s": effort.commit_s,
        "cpu_s": effort.cpu_s,
        "peak_bytes": effort.peak_bytes,
        "file_id": claim.ref.file_id,
        "part": claim.ref.part,
        "run": claim.run,
        "token": claim.token,
    }


def of_file(connection: Connection, file_id: FileId) -> tuple[AttemptRow, ...]:
    """The latest 1000, oldest first."""
    rows = connection.execute(
        text("SELECT * FROM attempts WHERE file_id = :id ORDER BY id DESC LIMIT :limit"), {"id": file_id, "limit": _SHOWN}
    ).all()
    return tuple(_attempt(row) for row in reversed(rows))


def of_run(connection: Connection, run: RunId, after: int, limit: int) -> list[RunAttempt]:
    """A page of them by id, above the id `after`."""
    rows = connection.execute(
        text("""
            SELECT a.*, f.uri, f.media_type FROM attempts a JOIN files f ON f.id = a.file_id
            WHERE a.run_id = :run AND a.id > :after ORDER BY a.id LIMIT :limit
        """),
        {"run": run, "after": after, "limit": limit},
    )
    return [RunAttempt(row.id, FileId(row.file_id), storable.name(row.uri), row.media_type, _attempt(row)) for row in rows]


def _attempt(row: Row[Any]) -> AttemptRow:
    return AttemptRow(
        part=row.part,
        attempt=row.attempt,
        run=RunId(row.run_id),
        host=row.host,
        outcome=row.outcome,
        started_at=row.started_at,
        ended_at=row.ended_at,
        pages=row.pages,
        effort=_effort(row),
    )


def by_kind(connection: Connection, run: RunId) -> tuple[Cost, ...]:
    """What the files of each media type cost in this run, the dearest first."""
    rows = connection.execute(
        text(f"""
            SELECT f.media_type, count(DISTINCT f.id) AS files, {_COST}
            FROM attempts a JOIN files f ON f.id = a.file_id WHERE a.run_id = :run GROUP BY f.media_type {_DEAREST}
        """),
        {"run": run},
    )
    return tuple(Cost(row.media_type, None, row.files, row.parts, row.pages, _effort(row)) for row in rows)


def slowest(connection: Connection, run: RunId, limit: int) -> tuple[Cost, ...]:
    """The files that cost most in this run."""
    rows = connection.execute(
        text(f"""
            SELECT f.id, f.uri, {_COST} FROM attempts a JOIN files f ON f.id = a.file_id
            WHERE a.run_id = :run GROUP BY f.id {_DEAREST} LIMIT :limit
        """),
        {"run": run, "limit": limit},
    )
    return tuple(Cost(storable.name(row.uri), FileId(row.id), 1, row.parts, row.pages, _effort(row)) for row in rows)


def _effort(row: Row[Any]) -> Effort:
    return Effort(row.parse_s, row.recognise_s, row.commit_s, row.cpu_s, row.peak_bytes)
