"""Files on their way into the index: planned, claimed, published or failed, each by the one holder of its claim.

Model 0 stands for the words of a file; every other one for the vectors that this model makes of its chunks, once they are there.

As with parts, the row is the arbiter (see `parts`): whoever takes a claim away changes it, and what comes later finds no row of
its token. Locks are taken in the order run, file, indexing. Chunks stay as they are until new ones take their place in the same
transaction, so a reader sees the old ones or the new ones, never a gap.
"""

import socket
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, text

from kbray.catalogue import attempts, chunks, failures, tallies, vectors
from kbray.catalogue.filters import TO_EMBED, TO_INDEX, Values, where, within
from kbray.catalogue.selection import IndexPlan, Selection
from kbray.catalogue.tables import ANEW, FREED, LIVE, OPEN
from kbray.model import Chunk, Effort, Failure, FileId, IndexClaim, IndexRef, RunId

_OPEN = f"i.{OPEN}"
_STALE = """
    f.status = 'indexed' AND EXISTS (
        SELECT 1 FROM indexings i
        WHERE i.file_id = f.id AND i.model_id = 0 AND i.fingerprint IS DISTINCT FROM :fingerprint)
"""
# Processed, and not indexed: what failed on the way into the index is in `failures`.
_FAILED = """
    f.status = 'failed' AND f.fingerprint IS NOT NULL
    AND EXISTS (SELECT 1 FROM indexings i WHERE i.file_id = f.id AND i.state = 'failed')
"""
_REFS = """
    SELECT f.id, f.sha256, f.fingerprint, f.language, w.chunks
    FROM {work} LEFT JOIN indexings w ON w.file_id = f.id AND w.model_id = 0 AND i.model_id > 0
    WHERE {within} AND f.id > :after AND f.id <= :high ORDER BY f.id LIMIT :limit
"""
CLAIM = text(f"""
    WITH run AS (
        SELECT id FROM runs WHERE id = :run AND state = 'running' FOR KEY SHARE
    ), file AS (
        SELECT f.id FROM files f, run WHERE f.id = :file_id AND f.fingerprint = :made_by
          AND f.status = ANY(CASE WHEN :model = 0 THEN ARRAY['processed', 'indexing'] ELSE ARRAY['indexed'] END)
        FOR NO KEY UPDATE OF f
    ), taken AS (
        UPDATE indexings i SET
            state = 'claimed', run_id = :run, token = :token,
            attempts = attempts + CASE WHEN token IS NOT DISTINCT FROM :token THEN 0 ELSE 1 END
        FROM file
        WHERE i.file_id = file.id AND i.model_id = :model
          AND (i.state = 'pending' OR (i.state = 'claimed' AND i.run_id = :run))
        RETURNING i.attempts, i.interruptions
    ), {attempts.OPENING}, opened AS (
        UPDATE files SET status = 'indexing' WHERE id = :file_id AND status = 'processed' AND EXISTS (SELECT 1 FROM taken)
    )
    SELECT attempts, interruptions FROM taken
""")
_COUNT = tallies.adding(
    "done", files_done=":done", files_failed="1 - :done", parts_done=":done", parts_failed="1 - :done", pages_done="0"
)
PUBLISH = text(f"""
    WITH run AS (
        SELECT id FROM runs WHERE id = :run AND {LIVE} FOR KEY SHARE
    ), file AS (
        SELECT f.id FROM files f, run
        WHERE f.id = :file_id AND f.status = CASE WHEN :model = 0 THEN 'indexing' ELSE 'indexed' END
        FOR NO KEY UPDATE OF f
    ), done AS (
        UPDATE indexings i SET state = :state, fingerprint = :fingerprint, chunks = :chunks
        FROM file
        WHERE i.file_id = file.id AND i.model_id = :model AND i.state = 'claimed' AND i.run_id = :run AND i.token = :token
        RETURNING i.file_id AS done_file
    ), moved AS (
        UPDATE files SET status = :status FROM done WHERE id = done_file AND status <> :status
    ), closed AS (
        {attempts.closing("done")}
    ), counted AS (
        {_COUNT}
    )
    SELECT 1 FROM done
""")
_HELD = text(f"""
    WITH run AS (
        SELECT id FROM runs WHERE id = :run AND {LIVE} FOR KEY SHARE
    ), file AS (
        SELECT f.id FROM files f, run WHERE f.id = :file_id AND f.status = 'indexed' FOR NO KEY UPDATE OF f
    )
    SELECT 1 FROM indexings i, file
    WHERE i.file_id = file.id AND i.model_id = :model AND i.state = 'claimed' AND i.run_id = :run AND i.token = :token
    FOR NO KEY UPDATE OF i
""")
_RELEASE = text(f"""
    WITH freed AS (
        UPDATE indexings SET {FREED}, attempts = attempts - 1
        WHERE file_id = :file_id AND model_id = :model AND state = 'claimed' AND run_id = :run AND token = :token
        RETURNING file_id AS freed_file
    )
    {attempts.closing("freed")}
""")
FREE = f"""
    WITH freed AS (
        UPDATE indexings SET
            {FREED}, attempts = attempts - 1, interruptions = interruptions + :interrupted
        WHERE state = 'claimed' AND run_id = ANY(CAST(:runs AS bigint[]))
        RETURNING file_id, CASE WHEN model_id = 0 THEN -1 ELSE -2 END AS part
    ), closed AS (
        UPDATE attempts a SET outcome = :outcome, ended_at = now()
        FROM freed
        WHERE a.file_id = freed.file_id AND a.part = freed.part AND a.outcome = 'started'
          AND a.run_id = ANY(CAST(:runs AS bigint[]))
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
        bound = _last(connection, condition, values, selection.max_files)
        condition += " AND f.id <= :bound"
        values["bound"] = bound
    _reopen(connection, condition, values)
    return _counted(connection, IndexPlan(selection, bound, 0))


def prepare_vectors(connection: Connection, selection: Selection, model: int) -> IndexPlan:
    """All that is indexed, and that the selection asks for, waits for the vectors of the model."""
    chosen, values = where(selection)
    values["model"] = model
    missing = f"""
        {TO_EMBED} AND {chosen} AND NOT EXISTS (
            SELECT 1 FROM indexings i WHERE i.file_id = f.id AND i.model_id = :model AND i.state IN ('done', 'failed'))
    """
    bound = None
    if selection.max_files is not None:
        bound = _last(connection, missing, values, selection.max_files)
        missing += " AND f.id <= :bound"
        values["bound"] = bound
    connection.execute(
        text(f"""
            INSERT INTO indexings (file_id, model_id) SELECT f.id, :model FROM files f WHERE {missing} ORDER BY f.id
            ON CONFLICT DO NOTHING
        """),
        values,
    )
    return _counted(connection, IndexPlan(selection, bound, 0, model))


def _last(connection: Connection, condition: str, values: Values, most: int) -> FileId:
    """The highest id of the first so many files that meet the condition; 0 if none does."""
    first = f"SELECT f.id FROM files f WHERE {condition} ORDER BY f.id LIMIT :max_files"
    found = connection.scalar(text(f"SELECT max(id) FROM ({first}) first"), {**values, "max_files": most})
    return FileId(found or 0)


def _counted(connection: Connection, plan: IndexPlan) -> IndexPlan:
    work, condition, values = _open(plan)
    files = connection.scalar(text(f"SELECT count(*) FROM {work} WHERE {condition}"), values)
    return replace(plan, files=files or 0)


def _open(plan: IndexPlan) -> tuple[str, str, Values]:
    """Where the open work of a plan is found, under which condition, with which values."""
    condition, values = within(plan)
    values["model"] = plan.model
    return "indexings i JOIN files f ON f.id = i.file_id", f"i.model_id = :model AND {_OPEN} AND {condition}", values


def _reopen(connection: Connection, condition: str, values: Values) -> None:
    """The files that meet the condition are processed and their indexing waits, unless somebody is at it."""
    connection.execute(
        text(f"""
            WITH again AS (
                UPDATE files f SET status = 'processed' WHERE f.status IN ('indexed', 'failed') AND {condition} RETURNING f.id
            )
            DELETE FROM failures x USING again WHERE x.file_id = again.id AND x.stage IN ('chunk', 'publish', 'embed')
        """),
        values,
    )
    connection.execute(
        text(f"""
            INSERT INTO indexings AS i (file_id)
            SELECT f.id FROM files f WHERE {TO_INDEX} AND {condition} ORDER BY f.id
            ON CONFLICT (file_id, model_id) DO UPDATE SET
                {ANEW}
            WHERE i.state IN ('done', 'failed')
        """),
        values,
    )


def ranges(connection: Connection, plan: IndexPlan, count: int) -> list[tuple[int, int]]:
    """At most `count` ranges (low, high] of file ids that hold about as many open files each; none when nothing is open."""
    work, condition, values = _open(plan)
    ends = connection.scalars(
        text(f"""
            SELECT max(file_id) FROM (
                SELECT i.file_id, ntile(:count) OVER (ORDER BY i.file_id) AS tile FROM {work} WHERE {condition}
            ) tiled GROUP BY tile ORDER BY 1
        """),
        {**values, "count": max(count, 1)},
    ).all()
    return list(zip([0, *ends[:-1]], ends, strict=True)) if ends else []


def refs(connection: Connection, plan: IndexPlan, high: int, after: int, limit: int) -> list[IndexRef]:
    """The next open files of the plan with an id above `after` and up to `high`; also those others have claimed."""
    work, condition, values = _open(plan)
    rows = connection.execute(
        text(_REFS.format(work=work, within=condition)), {**values, "after": after, "high": high, "limit": limit}
    )
    return [IndexRef(FileId(row.id), row.sha256, row.fingerprint, row.language, plan.model, row.chunks or 0) for row in rows]


def remaining(connection: Connection, plan: IndexPlan) -> int:
    """Files of the plan that wait; those that are being worked on don't count."""
    work, condition, values = _open(plan)
    return connection.scalar(text(f"SELECT count(*) FROM {work} WHERE {condition} AND i.state = 'pending'"), values) or 0


def claim(connection: Connection, run: RunId, ref: IndexRef, token: int) -> IndexClaim | None:
    """The file is this run's to index, and the attempt is counted; None: another has it, its result has changed meanwhile, or
    the run takes no more work. As with parts, the same token twice is one claim, and another one voids the earlier."""
    values = {
        "run": run,
        "file_id": ref.file_id,
        "part": ref.part,
        "model": ref.model,
        "made_by": ref.fingerprint,
        "token": token,
        "host": socket.gethostname(),
    }
    taken = connection.execute(CLAIM, values).one_or_none()
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
    if not _finished(connection, claim, fingerprint, len(found), failed_with, effort):
        return _finished_before(connection, claim)
    chunks.replace(connection, claim.ref.file_id, found)
    return True


def store(
    connection: Connection,
    claim: IndexClaim,
    ordinals: Sequence[int],
    made: Sequence[Sequence[float]],
    failed_with: Sequence[Failure],
    effort: Effort,
) -> bool:
    """These chunks of the file have these vectors, if the claim still holds; with the last of them the file is done.

    With failures the file is failed; its chunks are found by their words all the same.
    """
    values = attempts.values(claim, "started", 0, effort) | {"model": claim.ref.model}
    if connection.scalar(_HELD, values) is None:
        return _finished_before(connection, claim)
    vectors.put(connection, claim.ref.model, claim.ref.file_id, ordinals, made)
    missing = 0 if failed_with else vectors.missing(connection, claim.ref.model, claim.ref.file_id)
    if missing:
        connection.execute(attempts.SPENT, values)
        return True
    return _finished(connection, claim, None, claim.ref.chunks, failed_with, effort)


def _finished(
    connection: Connection,
    claim: IndexClaim,
    fingerprint: str | None,
    count: int,
    failed_with: Sequence[Failure],
    effort: Effort,
) -> bool:
    """The claim ends well, or with these failures; False: it holds no more."""
    failed = bool(failed_with)
    values = attempts.values(claim, "failed" if failed else "done", 0, effort) | {
        "model": claim.ref.model,
        "state": "failed" if failed else "done",
        "status": "failed" if failed else "indexed",
        "done": int(not failed),
        "fingerprint": fingerprint,
        "chunks": count,
    }
    if connection.execute(PUBLISH, values).one_or_none() is None:
        return False
    if failed:
        failures.add(connection, claim.run, claim.ref.file_id, None, failed_with)
    return True


def _finished_before(connection: Connection, claim: IndexClaim) -> bool:
    """Whether this claim has ended as it should: the answer was lost, and it is sent again."""
    before = """
        SELECT 1 FROM indexings
        WHERE file_id = :file_id AND model_id = :model AND token = :token AND state IN ('done', 'failed')
    """
    key = {"file_id": claim.ref.file_id, "model": claim.ref.model, "token": claim.token}
    return connection.scalar(text(before), key) is not None


def release(connection: Connection, claim: IndexClaim) -> None:
    """The file waits again, and the attempt is not counted, if the claim still holds."""
    connection.execute(_RELEASE, attempts.values(claim, "released", 0, Effort()) | {"model": claim.ref.model})
