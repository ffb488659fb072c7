"""Reports: how the pile stands, and which problems it has. The only place where whole tables are counted."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, text

from kbray.catalogue import attempts, files, reopen, runs
from kbray.catalogue.rows import Problem, RunProfile, StatusReport, VectorsReport
from kbray.catalogue.selection import is_outdated
from kbray.catalogue.tables import LIVE, OPEN
from kbray.model import CENSUS, FILE_STATUSES, FINISHED, GRADES, FileStatus, Grade, RunId, RunInfo

_ENDED_SHOWN = 5
_SLOWEST_SHOWN = 10


def status(
    connection: Connection, lease_s: float, fingerprints: Mapping[str, str] | None, index_fingerprint: str | None
) -> StatusReport:
    rows = connection.execute(
        text("""
            SELECT status, count(*) AS files, coalesce(sum(coalesce(pages, 1)), 0)::bigint AS pages,
                   count(*) FILTER (WHERE NOT complete) AS incomplete
            FROM files GROUP BY status
        """)
    ).all()
    count: Mapping[FileStatus, int] = {row.status: row.files for row in rows}
    finished = [row for row in rows if row.status in FINISHED]
    made = connection.execute(
        text("""
            SELECT quality, media_type, fingerprint, count(*) AS files
            FROM files WHERE status IN ('processed', 'indexing', 'indexed', 'failed') GROUP BY quality, media_type, fingerprint
        """)
    ).all()
    quality: Counter[Grade] = Counter()
    for row in made:
        quality[row.quality] += row.files
    places = connection.execute(
        text("""
            SELECT (SELECT count(*) FROM locations WHERE problem IS NOT NULL) AS problems,
                   count(*) FILTER (WHERE l.file_id IS NULL) AS gone,
                   count(*) FILTER (WHERE l.file_id IS NOT NULL AND f.census < :census) AS older_census
            FROM files f LEFT JOIN (SELECT DISTINCT file_id FROM locations WHERE gone_at IS NULL) l ON l.file_id = f.id
        """),
        {"census": CENSUS},
    ).one()
    return StatusReport(
        files={one: count.get(one, 0) for one in FILE_STATUSES},
        total=sum(count.values()),
        pages=sum(row.pages for row in rows),
        pages_done=sum(row.pages for row in finished) + _pages_done_in_unfinished(connection),
        pages_failed=sum(row.pages for row in rows if row.status == "failed"),
        incomplete=sum(row.incomplete for row in finished),
        quality={one: quality[one] for one in GRADES},
        stale=None if fingerprints is None else sum(row.files for row in made if _is_stale(row, fingerprints)),
        stale_index=None if index_fingerprint is None else _stale_index(connection, index_fingerprint),
        problems=places.problems,
        gone=places.gone,
        older_census=places.older_census,
        stuck_parts=_stuck_parts(connection, lease_s),
        vectors=_vectors(connection, count.get("indexed", 0)),
        runs=tuple(runs.live_then_latest(connection, _ENDED_SHOWN, lease_s)),
    )


def _pages_done_in_unfinished(connection: Connection) -> int:
    found = connection.scalar(
        text("""
            SELECT coalesce(sum(coalesce(p.last_page - p.first_page + 1, 1)), 0)::bigint
            FROM files f JOIN parts p ON p.file_id = f.id WHERE f.status = 'processing' AND p.state = 'done'
        """)
    )
    return found or 0


def _is_stale(made: Row[Any], fingerprints: Mapping[str, str]) -> bool:
    """`process --stale` would do these again; in `plans` it says so in SQL."""
    if made.fingerprint is None:
        return made.media_type in fingerprints
    return is_outdated(made.media_type, made.fingerprint, fingerprints)


def _stale_index(connection: Connection, fingerprint: str) -> int:
    found = connection.scalar(
        text("""
            SELECT count(*) FROM indexings i
            WHERE i.model_id = 0 AND i.state = 'done' AND i.fingerprint IS DISTINCT FROM :fingerprint
              AND EXISTS (SELECT 1 FROM files f WHERE f.id = i.file_id AND f.status = 'indexed')
        """),
        {"fingerprint": fingerprint},
    )
    return found or 0


def _vectors(connection: Connection, indexed: int) -> tuple[VectorsReport, ...]:
    rows = connection.execute(
        text("""
            SELECT m.name, m.active, (
                SELECT count(*) FROM indexings i JOIN files f ON f.id = i.file_id
                WHERE i.model_id = m.id AND i.state = 'done' AND f.status = 'indexed'
            ) AS files FROM models m ORDER BY m.id
        """)
    )
    return tuple(VectorsReport(row.name, row.active, row.files, indexed) for row in rows)


def _stuck_parts(connection: Connection, lease_s: float) -> int:
    """Parts and files claimed by runs that do not live, and last parts of files whose assembler does not."""
    found = connection.scalar(
        text(f"""
            SELECT (
                SELECT count(*) FROM parts p JOIN runs r ON r.id = p.run_id
                WHERE p.state = 'claimed' AND (NOT r.{LIVE} OR r.id = ANY(CAST(:dead AS bigint[])))
            ) + (
                SELECT count(*) FROM indexings i JOIN runs r ON r.id = i.run_id
                WHERE i.state = 'claimed' AND (NOT r.{LIVE} OR r.id = ANY(CAST(:dead AS bigint[])))
            ) + (
                SELECT count(*) FROM files f WHERE {reopen.STUCK} AND NOT EXISTS (
                    SELECT 1 FROM parts o WHERE o.file_id = f.id AND o.{OPEN}
                )
            )
        """),
        {"dead": runs.dead(connection, lease_s)},
    )
    return found or 0


def profile(connection: Connection, run: RunId, *, compared: bool = True) -> RunProfile | None:
    """Where the run's time went; None: there is no such run. Args: compared: with the last run before that did the same."""
    info = runs.info(connection, run)
    if info is None:
        return None
    work = connection.scalar(text("SELECT least(part, 0) FROM attempts WHERE run_id = :run LIMIT 1"), {"run": run})
    before = _before(connection, info, work) if compared and work is not None else None
    return RunProfile(
        info,
        bool(work),
        attempts.by_kind(connection, run),
        attempts.slowest(connection, run, _SLOWEST_SHOWN),
        tuple(problems(connection, run)),
        profile(connection, before, compared=False) if before is not None else None,
    )


def _before(connection: Connection, info: RunInfo, work: int) -> RunId | None:
    """Args: work: 0 for parts, and below it what `attempts` has for words and vectors."""
    found = connection.scalar(
        text("""
            SELECT r.id FROM runs r WHERE r.id < :run AND r.command = :command AND EXISTS (
                SELECT 1 FROM attempts a WHERE a.run_id = r.id AND least(a.part, 0) = :work
            ) ORDER BY r.id DESC LIMIT 1
        """),
        {"run": info.id, "command": info.command, "work": work},
    )
    return None if found is None else RunId(found)


def problems(connection: Connection, run: RunId | None = None) -> list[Problem]:
    """Failures by signature, those of most files first; the example is the file with the smallest id, of those that are not gone.

    Args: run: only those that it met.
    """
    only, values = ("", {}) if run is None else ("WHERE run_id = :run", {"run": run})
    rows = connection.execute(
        text(f"""
            SELECT g.signature, g.files, g.gone, g.parts, e.code, e.stage, e.message, e.file_id
            FROM (
                SELECT signature, count(DISTINCT x.file_id) AS files, count(DISTINCT (x.file_id, part)) AS parts,
                       count(DISTINCT x.file_id) FILTER (WHERE h.file_id IS NULL) AS gone,
                       coalesce(min(x.file_id) FILTER (WHERE h.file_id IS NOT NULL), min(x.file_id)) AS example
                FROM failures x
                LEFT JOIN (SELECT DISTINCT file_id FROM locations WHERE gone_at IS NULL) h ON h.file_id = x.file_id
                {only} GROUP BY signature
            ) g
            CROSS JOIN LATERAL (
                SELECT * FROM failures WHERE signature = g.signature AND file_id = g.example ORDER BY part, page, id LIMIT 1
            ) e
            ORDER BY g.files DESC, g.parts DESC, g.signature
        """),
        values,
    ).all()
    examples = files.by_ids(connection, sorted({row.file_id for row in rows}))
    return [
        Problem(row.signature, row.code, row.stage, row.files, row.gone, row.parts, examples[row.file_id], row.message)
        for row in rows
    ]
