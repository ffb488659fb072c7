"""Runs: started, kept alive by heartbeats, ended, or declared dead; what a run holds is freed when it ends."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, text

from kbray.catalogue import indexings, process, storable
from kbray.catalogue.tables import FREED, LIVE
from kbray.errors import FencedOut
from kbray.model import AttemptOutcome, RunId, RunInfo, RunState

_INFO = """
    SELECT r.id, r.command, r.state, r.host, r.pid, r.started_at, r.heartbeat_at, r.ended_at, r.ray_job_id, r.message,
           t.files_done, t.files_failed, t.parts_done, t.parts_failed, t.pages_done, t.pages_failed
    FROM runs r CROSS JOIN LATERAL (
        SELECT coalesce(sum(files_done), 0)::bigint AS files_done, coalesce(sum(files_failed), 0)::bigint AS files_failed,
               coalesce(sum(parts_done), 0)::bigint AS parts_done, coalesce(sum(parts_failed), 0)::bigint AS parts_failed,
               coalesce(sum(pages_done), 0)::bigint AS pages_done, coalesce(sum(pages_failed), 0)::bigint AS pages_failed
        FROM tallies WHERE run_id = r.id
    ) t
"""
_UNASSEMBLE = f"""
    WITH taken AS (
        UPDATE files SET assembler_run = NULL, assembler_token = NULL
        WHERE assembler_run = ANY(CAST(:runs AS bigint[])) AND status = 'processing' RETURNING id, parts
    )
    UPDATE parts p SET
        {FREED},
        attempts = greatest(p.attempts - :uncounted, 0), interruptions = p.interruptions + :interrupted
    FROM taken WHERE p.file_id = taken.id AND p.part = taken.parts - 1
"""
_FREE = f"""
    WITH freed AS (
        UPDATE parts SET
            {FREED}, attempts = attempts - 1, interruptions = interruptions + :interrupted
        WHERE state = 'claimed' AND run_id = ANY(CAST(:runs AS bigint[]))
        RETURNING file_id, part
    ), closed AS (
        UPDATE attempts a SET outcome = :outcome, ended_at = now()
        FROM freed
        WHERE a.file_id = freed.file_id AND a.part = freed.part AND a.outcome = 'started'
          AND a.run_id = ANY(CAST(:runs AS bigint[]))
    )
    SELECT count(*) FROM freed
"""
_HOLDS = """
    SELECT EXISTS (SELECT 1 FROM parts WHERE state = 'claimed' AND run_id = :run)
        OR EXISTS (SELECT 1 FROM files WHERE assembler_run = :run AND status = 'processing')
        OR EXISTS (SELECT 1 FROM indexings WHERE state = 'claimed' AND run_id = :run)
"""
# A server that was down took no heartbeats: after its start the living have a moment to be heard first.
_SILENT = """
    (heartbeat_at < now() - make_interval(secs => :lease_s)
     AND pg_postmaster_start_time() < now() - make_interval(secs => least(:lease_s / 4.0, 10)))
"""


def start(connection: Connection, command: str, arguments: Mapping[str, object], token: int) -> RunId:
    """A run of this process; the same token twice is one run."""
    me = process.this()
    run = connection.scalar(
        text("""
            INSERT INTO runs (token, command, arguments, host, machine, pid, process_started, ray_job_id)
            VALUES (:token, :command, CAST(:arguments AS jsonb), :host, :machine, :pid, :started, :ray_job_id)
            ON CONFLICT (token) DO UPDATE SET heartbeat_at = now() RETURNING id
        """),
        {
            "token": token,
            "command": storable.text(command),
            "arguments": _json(arguments),
            "host": me.host,
            "machine": me.machine,
            "pid": me.pid,
            "started": me.started,
            "ray_job_id": process.job_id(),
        },
    )
    assert run is not None
    return RunId(run)


def beat(connection: Connection, run: RunId) -> RunState:
    """Raises: FencedOut: the run was declared dead, or has ended."""
    state: RunState | None = connection.scalar(
        text(f"UPDATE runs SET heartbeat_at = now() WHERE id = :run AND {LIVE} RETURNING state"),
        {"run": run},
    )
    if state is None:
        raise FencedOut(f"Run {run} gave no sign of life for too long and was declared dead, or has ended.")
    return state


def request_stop(connection: Connection, run: RunId) -> None:
    """The run claims nothing more; what it holds it may still commit."""
    connection.execute(text("UPDATE runs SET state = 'stopping' WHERE id = :run AND state = 'running'"), {"run": run})


def holds(connection: Connection, run: RunId) -> bool:
    """Whether parts or files are in its hands."""
    return bool(connection.scalar(text(_HOLDS), {"run": run}))


def end(connection: Connection, run: RunId, state: RunState, message: str | None) -> None:
    """The run is over and holds nothing; one that is over already stays as it is."""
    _lock(connection, "id = :run", {"run": run})
    done = connection.execute(
        text(f"""
            UPDATE runs SET state = :state, message = :message, ended_at = now()
            WHERE id = :run AND {LIVE} RETURNING 1
        """),
        {"run": run, "state": state, "message": storable.optional(message)},
    )
    if done.one_or_none() is not None:
        free(connection, [run], "released", assembling_counts=False)


def free(
    connection: Connection, runs: Sequence[RunId], outcome: AttemptOutcome, *, interrupted: bool = False, assembling_counts: bool
) -> int:
    """What these runs hold is pending again, attempts not counted; so is the last part of each file they did not finish.

    Args: assembling_counts: that last part keeps its attempt, so that a document that kills who assembles it is given up at last.
    """
    values = {"runs": list(runs), "interrupted": int(interrupted)}
    connection.execute(text(_UNASSEMBLE), {**values, "uncounted": int(not assembling_counts)})
    freed = connection.scalar(text(_FREE), {**values, "outcome": outcome}) or 0
    return freed + (connection.scalar(text(indexings.FREE), {**values, "outcome": outcome}) or 0)


def dead(connection: Connection, lease_s: float) -> list[RunId]:
    """Live by state, but silent for longer than the lease, or of a process of this machine that has ended."""
    rows = connection.execute(
        text(
            f"""
            SELECT id, host, machine, pid, process_started, {_SILENT} AS silent
            FROM runs WHERE {LIVE}
            """
        ),
        {"lease_s": lease_s},
    )
    return sorted(
        RunId(row.id)
        for row in rows
        if row.silent or process.gone(process.Identity(row.host, row.machine, row.pid, row.process_started))
    )


def reap(connection: Connection, lease_s: float) -> list[RunId]:
    """Dead runs are declared dead, and what they held is pending again as an interruption."""
    found = dead(connection, lease_s)
    if not found:
        return []
    silent = connection.scalars(
        text(f"SELECT id FROM runs WHERE id = ANY(CAST(:runs AS bigint[])) AND {_SILENT}"), {"runs": found, "lease_s": lease_s}
    ).all()
    # Under the lock: a heartbeat that came in between saves a silent run.
    locked = _lock(
        connection,
        f"id = ANY(CAST(:runs AS bigint[])) AND (NOT id = ANY(CAST(:silent AS bigint[])) OR {_SILENT})",
        {"runs": found, "silent": list(silent), "lease_s": lease_s},
    )
    if locked:
        connection.execute(
            text("""
                UPDATE runs SET state = 'dead', ended_at = greatest(started_at, heartbeat_at),
                    message = 'It gave no sign of life; what it held was freed.'
                WHERE id = ANY(CAST(:runs AS bigint[]))
            """),
            {"runs": locked},
        )
        free(connection, locked, "lost", interrupted=True, assembling_counts=False)
    return locked


def _lock(connection: Connection, condition: str, values: Mapping[str, object]) -> list[RunId]:
    """Live runs, locked against claims and commits; those under way are waited for."""
    rows = connection.scalars(text(f"SELECT id FROM runs WHERE {LIVE} AND {condition} ORDER BY id FOR UPDATE"), values)
    return [RunId(row) for row in rows]


# ---------------------------------------------------------------- looking


def info(connection: Connection, run: RunId) -> RunInfo | None:
    row = connection.execute(text(f"{_INFO} WHERE r.id = :run"), {"run": run}).one_or_none()
    return None if row is None else _info(row)


def latest(connection: Connection, limit: int, lease_s: float | None) -> list[RunInfo]:
    """Newest first; with a lease, what is dead is called so before it is reaped."""
    rows = connection.execute(text(f"{_INFO} ORDER BY r.id DESC LIMIT :limit"), {"limit": limit}).all()
    found = list(map(_info, rows))
    return found if lease_s is None else _truly(connection, found, lease_s)


def live_then_latest(connection: Connection, ended: int, lease_s: float) -> list[RunInfo]:
    """Those not over, then the latest `ended` ones that are, each newest first; what is dead is called so before it is reaped."""
    live = connection.execute(text(f"{_INFO} WHERE r.{LIVE} ORDER BY r.id DESC")).all()
    over = connection.execute(text(f"{_INFO} WHERE NOT r.{LIVE} ORDER BY r.id DESC LIMIT :ended"), {"ended": ended}).all()
    return _truly(connection, map(_info, (*live, *over)), lease_s)


def _truly(connection: Connection, infos: Iterable[RunInfo], lease_s: float) -> list[RunInfo]:
    """A dead run ended with its last sign of life."""
    gone = set(dead(connection, lease_s))
    return [replace(info, state="dead", ended_at=info.heartbeat_at) if info.id in gone else info for info in infos]


def _info(row: Row[Any]) -> RunInfo:
    return RunInfo(**row._mapping)


def _json(arguments: Mapping[str, object]) -> str:
    return storable.text(json.dumps(dict(arguments), default=str, ensure_ascii=False)).replace("\\u0000", "\ufffd")
