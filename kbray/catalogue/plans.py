"""Plans: what a pass of `process` will do, made in a few set-based steps, then read back by key range."""

from collections.abc import Mapping

from sqlalchemy import Connection, text

from kbray.catalogue import reopen
from kbray.catalogue.filters import where, within
from kbray.catalogue.selection import AGAIN, Plan, Selection
from kbray.catalogue.tables import FINISHED, OPEN
from kbray.document.grading import MENDED_BY_RECOGNITION
from kbray.model import FileId, PartRef, RunId, Window

_OPEN = f"p.{OPEN}"
_WEIGHT = "coalesce(p.last_page - p.first_page + 1, 1)"
REFS = f"""
    SELECT p.file_id, p.part, f.sha256, f.media_type, f.size_bytes, p.first_page, p.last_page, f.parts, f.scanned, f.again
    FROM parts p JOIN files f ON f.id = p.file_id
    WHERE {_OPEN} AND (p.file_id, p.part) > (:after_file, :after_part) AND p.file_id <= :hi AND {{within}}
    ORDER BY p.file_id, p.part LIMIT :limit
"""


def prepare(connection: Connection, selection: Selection, fingerprints: Mapping[str, str], run: RunId) -> Plan:
    """All that the selection asks for is pending, and the plan says which files those are."""
    chosen, values = where(selection)
    poor, more = _poor(fingerprints)
    values.update(more)
    wanted, more = _wanted(selection, poor)
    values.update(more)
    bound = None
    if selection.max_files is not None:
        bound = FileId(
            connection.scalar(
                text(f"""
                    SELECT coalesce(max(id), 0) FROM (
                        SELECT f.id FROM files f WHERE {wanted} AND {chosen} ORDER BY f.id LIMIT :max_files
                    ) first
                """),
                {**values, "max_files": selection.max_files},
            )
            or 0
        )
        chosen += " AND f.id <= :bound"
        values["bound"] = bound
    if selection.retry_poor:  # but what is stale is done as usual first
        current = _made_as("now") if selection.stale is not None else "true"
        reopen.another_way(connection, f"{poor} AND {current} AND {chosen}", values)
    if selection.retry_failed or selection.stale is not None:
        reopen.files(connection, f"{wanted} AND f.status NOT IN ('synced', 'processing') AND {chosen}", values)
    reopen.usual_way(connection, chosen, values, fingerprints)
    reopen.outdated(connection, chosen, values, fingerprints)
    reopen.unfinished(connection, chosen, {**values, "run": run})
    return _count(connection, Plan(selection, bound, 0, 0, 0))


def _wanted(selection: Selection, poor: str) -> tuple[str, dict[str, object]]:
    """Which files have anything to do, as a condition over `files f`."""
    wanted, values = ["f.status IN ('synced', 'processing')"], dict[str, object]()
    if selection.retry_failed:
        wanted.append(f"f.status = 'failed' OR (f.{FINISHED} AND NOT f.complete)")
    if selection.retry_poor:
        wanted.append(poor)
    if selection.stale is not None:
        wanted.append(f"""
            f.status IN ('processed', 'indexing', 'indexed', 'failed') AND f.media_type = ANY(CAST(:stale_types AS text[]))
            AND NOT {_made_as("stale")}
        """)
        values = {"stale_types": list(selection.stale.keys()), "stale_prints": list(selection.stale.values()), "suffix": AGAIN}
    return "(" + " OR ".join(f"({one})" for one in wanted) + ")", values


def _poor(fingerprints: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    """Which files came out poor for a reason that the other way may mend, and were not done that way with these fingerprints."""
    condition = f"""
        f.{FINISHED} AND f.quality = 'poor'
        AND f.media_type || :suffix = ANY(CAST(:now_types AS text[]))
        AND EXISTS (SELECT 1 FROM jsonb_array_elements(f.reasons) r WHERE r ->> 'code' = ANY(CAST(:mended AS text[])))
        AND NOT (f.again AND {_made_as("now")})
    """
    values = {"now_types": list(fingerprints.keys()), "now_prints": list(fingerprints.values())}
    return condition, {**values, "suffix": AGAIN, "mended": list(MENDED_BY_RECOGNITION)}


def _made_as(name: str) -> str:
    """The file's result has one of the fingerprints of its kind in the lists of this name."""
    return f"""
        EXISTS (
            SELECT 1 FROM unnest(CAST(:{name}_types AS text[]), CAST(:{name}_prints AS text[])) AS one(media_type, fingerprint)
            WHERE one.media_type IN (f.media_type, f.media_type || :suffix) AND one.fingerprint = f.fingerprint
        )
    """


def _count(connection: Connection, plan: Plan) -> Plan:
    condition, values = within(plan)
    row = connection.execute(
        text(f"""
            SELECT count(DISTINCT p.file_id) AS files, count(*) AS parts, coalesce(sum({_WEIGHT}), 0)::bigint AS pages,
                   coalesce(array_agg(DISTINCT f.media_type), '{{}}') AS media_types
            FROM parts p JOIN files f ON f.id = p.file_id WHERE {_OPEN} AND {condition}
        """),
        values,
    ).one()
    return Plan(plan.selection, plan.bound, row.files, row.parts, row.pages, tuple(row.media_types))


def ranges(connection: Connection, plan: Plan, count: int) -> list[tuple[int, int]]:
    """At most `count` ranges (low, high] of file ids that hold about as many open parts each; none when nothing is open."""
    condition, values = within(plan)
    ends = connection.scalars(
        text(f"""
            SELECT max(file_id) FROM (
                SELECT p.file_id, ntile(:count) OVER (ORDER BY p.file_id, p.part) AS tile
                FROM parts p JOIN files f ON f.id = p.file_id WHERE {_OPEN} AND {condition}
            ) tiled GROUP BY tile ORDER BY tile
        """),
        {**values, "count": max(count, 1)},
    ).all()
    highs = sorted(set(ends))
    return list(zip([0, *highs[:-1]], highs, strict=True)) if highs else []


def refs(connection: Connection, plan: Plan, low: int, high: int, after: tuple[int, int] | None, limit: int) -> list[PartRef]:
    """The next open parts of the plan in (low, high], in the order of (file, part), after that one."""
    condition, values = within(plan)
    # No part has this number: the range begins with the first part of the next file.
    after_file, after_part = after if after is not None and after[0] > low else (low, 2**31 - 1)
    rows = connection.execute(
        text(REFS.format(within=condition)),
        {**values, "after_file": after_file, "after_part": after_part, "hi": high, "limit": limit},
    )
    return [
        PartRef(
            FileId(row.file_id),
            row.part,
            row.sha256,
            row.media_type,
            row.size_bytes,
            Window(row.first_page, row.last_page),
            row.parts,
            bool(row.scanned),
            row.again,
        )
        for row in rows
    ]


def remaining(connection: Connection, plan: Plan) -> int:
    """Pending parts of the plan; those that are being worked on don't count."""
    condition, values = within(plan)
    found = connection.scalar(
        text(
            f"SELECT count(*) FROM parts p JOIN files f ON f.id = p.file_id WHERE p.state = 'pending' AND {_OPEN} AND {condition}"
        ),
        values,
    )
    return found or 0
