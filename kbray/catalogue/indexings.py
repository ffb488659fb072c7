"""Files on their way into the index: planned, claimed, published or failed, each by the one holder of its claim.

As with parts, the row is the arbiter (see `parts`): whoever takes a claim away changes it, and what comes later finds no row of
its token. Locks are taken in the order run, file, indexing. Chunks stay as they are until new ones take their place in the same
transaction, so a reader sees the old ones or the new ones, never a gap.
"""

import socket
from collections.abc import Sequence

from sqlalchemy import Connection, text

from kbray.catalogue import attempts, chunks, failures, tallies
from kbray.catalogue.filters import TO_INDEX, Values, where, within
from kbray.catalogue.selection import IndexPlan, Selection
from kbray.model import Chunk, Effort, Failure, FileId, IndexClaim, IndexRef, RunId

_OPEN = "i.state IN ('pending', 'claimed')"
_STALE = """
    f.status = 'indexed' AND EXISTS (
        SELECT 1 FROM indexings i WHERE i.file_id = f.id AND i.fingerprint IS DISTINCT FROM :fingerprint)
"""
# Processed, and not indexed: what failed on the way into the index is in `failures`.
_FAILED = """
    f.status = 'failed' AND f.fingerprint IS NOT NULL
    AND EXISTS (SELECT 1 FROM indexings i WHERE i.file_id = f.id AND i.state = 'failed')
"""
_REFS = """
    SELECT f.id, f.sha256, f.fingerprint, f.language
    FROM indexings i JOIN files f ON f.id = i.file_id
    WHERE {open} AND {within} AND f.id > :after AND f.id <= :high ORDER BY f.id LIMIT :limit
"""
CLAIM = f"""
    WITH run AS (
        SELECT id FROM runs WHERE id = :run AND state = 'running' FOR KEY SHARE
    ), file AS (
        SELECT f.id FROM files f, run WHERE f.id = :file_id AND f.status IN ('processed', 'indexing')
          AND f.fingerprint = :made_by FOR NO KEY UPDATE OF f
    ), taken AS (
        UPDATE indexings i SET
            state = 'claimed', run_id = :run, token = :token,
            attempts = attempts + CASE WHEN token IS NOT DISTINCT FROM :token THEN 0 ELSE 1 END
        FROM file
        WHERE i.file_id = file.id AND (i.state = 'pending' OR (i.state = 'claimed' AND i.run_id = :run))
        RETURNING i.attempts, i.interruptions
    ), {attempts.OPENING}, opened AS (
        UPDATE files SET status = 'indexing' WHERE id = :file_id AND status = 'processed' AND EXISTS (SELECT 1 FROM taken)
    )
    SELECT attempts, interruptions FROM taken
"""
_COUNT = tallies.adding(
    "done", files_done=":done", files_failed="1 - :done", parts_done=":done", parts_failed="1 - :done", pages_done="0"
)
PUBLISH = f"""
    WITH run AS (
        SELECT id FROM runs WHERE id = :run AND state IN ('running', 'stopping') FOR KEY SHARE
    ), file AS (
        SELECT f.id FROM files f, run WHERE f.id = :file_id AND f.status = 'indexing' FOR NO KEY UPDATE OF f
    ), done AS (
        UPDATE indexings i SET state = :state, fingerprint = :fingerprint, chunks = :chunks
        FROM file
        WHERE i.file_id = file.id AND i.state = 'claimed' AND i.run_id = :run AND i.token = :token
        RETURNING i.file_id AS done_file
    ), moved AS (
        UPDATE files SET status = :status FROM done WHERE id = done_file
    ), closed AS (
        {attempts.closing("done")}
    ), counted AS (
        {_COUNT}
    )
    SELECT 1 FROM done
"""
_RELEASE = f"""
    WITH freed AS (
        UPDATE indexings SET state = 'pending', run_id = NULL, token = NULL, attempts = attempts - 1
        WHERE file_id = :file_id AND state = 'claimed' AND run_id = :run AND token = :token
        RETURNING file_id AS freed_file
    )
    {attempts.closing("freed")}
"""
FREE = """
    WITH freed AS (
        UPDATE indexings SET
            state = 'pending', run_id = NULL, token = NULL, attempts = attempts - 1, interruptions = interruptions + :interrupted
        WHERE state = 'claimed' AND run_id = ANY(CAST(:runs AS bigint[]))
        RETURNING file_id
    ), closed AS (
        UPDATE attempts a SET outcome = :outcome, ended_at = now()
        FROM freed
        WHERE a.file_id = freed.file_id AND a.part = -1 AND a.outcome = 'started' AND a.run_id = ANY(CAST(:runs AS bigint[]))
    )
    SELECT count(*) FROM freed
"""
"""As in `runs`, for the files that runs were indexing."""


def prepare(connection: Connection, selection: Selection, fingerprint: str, *, stale: bool) -> IndexPlan:
    """All that the selection asks for waits to be indexed, and the plan says which files those are.

    Args: fingerprint: of what makes chunks now.  stale: also what was indexed with another one.
    """
    chosen, values = where(selection)
    wanted = [TO_INDEX]
    if stale:
        wanted.append(_STALE)
        values["fingerprint"] = fingerprint
    if selection.retry_failed:
        wanted.append(_FAILED)
    condition = "(" + " OR ".join(f"({one})" for one in wanted) + f") AND {chosen}"
    bound = None
    if selection.max_files is not None:
        first = f"SELECT f.id FROM files f WHERE {condition} ORDER BY f.id LIMIT :max_files"
        bound = FileId(
            connection.scalar(
                text(f"SELECT coalesce(max(id), 0) FROM ({first}) first"), {**values, "max_files": selection.max_files}
            )
            or 0
        )
        condition += " AND f.id <= :bound"
        values["bound"] = bound
    _reopen(connection, condition, values)
    plan = IndexPlan(selection, bound, 0)
    condition, values = within(plan)
    files = connection.scalar(
        text(f"SELECT count(*) FROM indexings i JOIN files f ON f.id = i.file_id WHERE {_OPEN} AND {condition}"), values
    )
    return IndexPlan(selection, bound, files or 0)


def _reopen(connection: Connection, condition: str, values: Values) -> None:
    """The files that meet the condition are processed and their indexing waits, unless somebody is at it."""
    connection.execute(
        text(f"""
            WITH again AS (
                UPDATE files f SET status = 'processed' WHERE f.status IN ('indexed', 'failed') AND {condition} RETURNING f.id
            )
            DELETE FROM failures x USING again WHERE x.file_id = again.id AND x.stage IN ('chunk', 'publish')
        """),
        values,
    )
    connection.execute(
        text(f"""
            INSERT INTO indexings AS i (file_id)
            SELECT f.id FROM files f WHERE {TO_INDEX} AND {condition} ORDER BY f.id
            ON CONFLICT (file_id) DO UPDATE SET
                state = 'pending', run_id = NULL, token = NULL, attempts = 0, interruptions = 0
            WHERE i.state IN ('done', 'failed')
        """),
        values,
    )


def ranges(connection: Connection, plan: IndexPlan, count: int) -> list[tuple[int, int]]:
    """At most `count` ranges (low, high] of file ids that hold about as many open files each; none when nothing is open."""
    condition, values = within(plan)
    ends = connection.scalars(
        text(f"""
            SELECT max(file_id) FROM (
                SELECT i.file_id, ntile(:count) OVER (ORDER BY i.file_id) AS tile
                FROM indexings i JOIN files f ON f.id = i.file_id WHERE {_OPEN} AND {condition}
            ) tiled GROUP BY tile ORDER BY 1
        """),
        {**values, "count": max(count, 1)},
    ).all()
    return list(zip([0, *ends[:-1]], ends, strict=True)) if ends else []


def refs(connection: Connection, plan: IndexPlan, high: int, after: int, limit: int) -> list[IndexRef]:
    """The next open files of the plan with an id above `after` and up to `high`; also those others have claimed."""
    condition, values = within(plan)
    rows = connection.execute(
        text(_REFS.format(open=_OPEN, within=condition)), {**values, "after": after, "high": high, "limit": limit}
    )
    return [IndexRef(FileId(row.id), row.sha256, row.fingerprint, row.language) for row in rows]


def remaining(connection: Connection, plan: IndexPlan) -> int:
    """Files of the plan that wait; those that are being worked on don't count."""
    condition, values = within(plan)
    found = connection.scalar(
        text(f"SELECT count(*) FROM indexings i JOIN files f ON f.id = i.file_id WHERE i.state = 'pending' AND {condition}"),
        values,
    )
    return found or 0


def claim(connection: Connection, run: RunId, ref: IndexRef, token: int) -> IndexClaim | None:
    """The file is this run's to index, and the attempt is counted; None: another has it, its result has changed meanwhile, or
    the run takes no more work. As with parts, the same token twice is one claim, and another one voids the earlier."""
    values = {
        "run": run,
        "file_id": ref.file_id,
        "part": ref.part,
        "made_by": ref.fingerprint,
        "token": token,
        "host": socket.gethostname(),
    }
    taken = connection.execute(text(CLAIM), values).one_or_none()
    return None if taken is None else IndexClaim(ref, run, taken.attempts, taken.interruptions, token)


def publish(
    connection: Connection,
    claim: IndexClaim,
    fingerprint: str,
    found: Sequence[Chunk],
    failed_with: Sequence[Failure],
    effort: Effort,
) -> bool:
    """The chunks take the place of those that were there, if the claim still holds.

    With failures the file is failed, and has none.
    """
    failed = bool(failed_with)
    values = attempts.values(claim, "failed" if failed else "done", 0, effort)
    more = {
        "state": "failed" if failed else "done",
        "status": "failed" if failed else "indexed",
        "done": int(not failed),
        "fingerprint": fingerprint,
        "chunks": len(found),
    }
    if connection.execute(text(PUBLISH), values | more).one_or_none() is None:
        before = "SELECT 1 FROM indexings WHERE file_id = :file_id AND token = :token AND state IN ('done', 'failed')"
        return connection.scalar(text(before), {"file_id": claim.ref.file_id, "token": claim.token}) is not None
    chunks.replace(connection, claim.ref.file_id, found)
    if failed:
        failures.add(connection, claim.run, claim.ref.file_id, None, failed_with)
    return True


def release(connection: Connection, claim: IndexClaim) -> None:
    """The file waits again, and the attempt is not counted, if the claim still holds."""
    connection.execute(text(_RELEASE), attempts.values(claim, "released", 0, Effort()))
