"""Work to be done again: whole files, parts made by another parser, documents nobody finished."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from kbray.catalogue.selection import AGAIN
from kbray.catalogue.tables import ANEW, FREED, LIVE, OPEN
from kbray.model import FileId

_WHOLE = f"""
    WITH again AS (
        UPDATE files f SET
            status = 'synced', fingerprint = NULL, engine = NULL, title = NULL, language = NULL,
            authors = NULL, names = NULL, dated = NULL,
            units_expected = NULL, units_produced = NULL, characters = NULL, complete = NULL, finished_by = NULL,
            assembler_run = NULL, assembler_token = NULL, quality = NULL, reasons = NULL, again = {{again}}, before = {{before}}
        WHERE {{condition}} RETURNING f.id
    ), parts_again AS (
        UPDATE parts p SET
            {ANEW}, fingerprint = NULL, pages = NULL
        FROM again WHERE p.file_id = again.id
    ), indexing_again AS (
        UPDATE indexings i SET {ANEW}
        FROM again WHERE i.file_id = again.id
    ), attempts_lost AS (
        UPDATE attempts a SET outcome = 'lost', ended_at = now()
        FROM again WHERE a.file_id = again.id AND a.outcome = 'started'
    ), forgotten AS (
        DELETE FROM failures x USING again WHERE x.file_id = again.id
    )
    SELECT count(*) FROM again
"""
_RESULT = """
    to_jsonb(f) - 'before' || jsonb_build_object(
        'failures', (SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM failures x WHERE x.file_id = f.id)
    )
"""
_UNFINISHED = f"""
    WITH taken AS (
        UPDATE files f SET assembler_run = NULL, assembler_token = NULL
        WHERE f.status = 'processing' AND {{condition}}
          AND NOT EXISTS (SELECT 1 FROM parts o WHERE o.file_id = f.id AND o.{OPEN})
          AND NOT EXISTS (
              SELECT 1 FROM runs r WHERE r.id = f.assembler_run AND r.{LIVE} AND r.id <> :run
          )
        RETURNING f.id, f.parts
    )
    UPDATE parts p SET {FREED}
    FROM taken WHERE p.file_id = taken.id AND p.part = taken.parts - 1
"""
_OUTDATED = f"""
    WITH outdated AS (
        SELECT p.file_id, p.part
        FROM files f
        JOIN unnest(CAST(:media_types AS text[]), CAST(:fingerprints AS text[])) AS now(media_type, fingerprint)
            ON now.media_type = f.media_type || CASE WHEN f.again THEN :suffix ELSE '' END
        JOIN parts p ON p.file_id = f.id
        WHERE f.status = 'processing' AND {{condition}}
          AND p.state IN ('done', 'failed') AND p.fingerprint IS DISTINCT FROM now.fingerprint
    ), again AS (
        UPDATE parts p SET
            {ANEW}, fingerprint = NULL, pages = NULL
        FROM outdated o WHERE p.file_id = o.file_id AND p.part = o.part
        RETURNING p.file_id, p.part
    ), unassembled AS (
        UPDATE files f SET assembler_run = NULL, assembler_token = NULL
        WHERE f.assembler_run IS NOT NULL AND f.id IN (SELECT file_id FROM again)
    )
    DELETE FROM failures x USING again WHERE x.file_id = again.file_id AND x.part = again.part
"""
# Left in `processing` by runs that are over, or are known to be dead.
STUCK = f"""
    f.status = 'processing'
    AND NOT EXISTS (
        SELECT 1 FROM runs r
        WHERE r.id = f.assembler_run AND r.{LIVE} AND r.id <> ALL(CAST(:dead AS bigint[]))
    )
    AND NOT EXISTS (
        SELECT 1 FROM parts p JOIN runs r ON r.id = p.run_id
        WHERE p.file_id = f.id AND p.state = 'claimed' AND r.{LIVE}
          AND r.id <> ALL(CAST(:dead AS bigint[]))
    )
"""


def files(connection: Connection, condition: str, values: Mapping[str, object]) -> int:
    """Files `f` that meet the condition are synced again, from the first part on, as if never tried; how many."""
    return connection.scalar(text(_WHOLE.format(condition=condition, again="false", before="NULL")), values) or 0


def another_way(connection: Connection, condition: str, values: Mapping[str, object]) -> None:
    """As `files`, but done another way; the result that there is stays if that makes no better one."""
    connection.execute(text(_WHOLE.format(condition=condition, again="true", before=_RESULT)), values)


def usual_way(connection: Connection, condition: str, values: Mapping[str, object], fingerprints: Mapping[str, str]) -> None:
    """Unfinished files that are to be done another way, where there is none any more, begin anew as usual."""
    left = "f.again AND f.status IN ('synced', 'processing') AND f.media_type || :suffix <> ALL(CAST(:media_types AS text[]))"
    files(connection, f"{left} AND {condition}", {**values, **_now(fingerprints)})


def unfinished(connection: Connection, condition: str, values: Mapping[str, object]) -> None:
    """The last part is pending again where all parts are finished and nobody who lives (`:run` apart) finishes the file."""
    connection.execute(text(_UNFINISHED.format(condition=condition)), values)


def outdated(connection: Connection, condition: str, values: Mapping[str, object], fingerprints: Mapping[str, str]) -> None:
    """Finished parts of unfinished files are pending again where their parser or its settings have changed since."""
    connection.execute(
        text(_OUTDATED.format(condition=condition)),
        {**values, **_now(fingerprints), "fingerprints": list(fingerprints.values())},
    )


def _now(fingerprints: Mapping[str, str]) -> dict[str, object]:
    return {"media_types": list(fingerprints.keys()), "suffix": AGAIN}


def reset(connection: Connection, file_ids: Sequence[FileId] | None, *, failed: bool, stuck: bool) -> int:
    """As asked: these files, all that failed, those left behind in `processing`; how many.

    The first two begin anew. A stuck file keeps the parts it has; its attempts are forgotten.
    """
    count = 0
    if file_ids is not None:
        count += files(connection, "f.id = ANY(CAST(:ids AS bigint[]))", {"ids": list(file_ids)})
    if failed:
        count += files(connection, "f.status = 'failed'", {})
    if stuck:
        nobody: list[int] = []
        unfinished(connection, STUCK, {"run": 0, "dead": nobody})
        count += (
            connection.scalar(
                text(f"""
                    WITH again AS (UPDATE files f SET status = 'synced' WHERE {STUCK} RETURNING f.id), freed AS (
                        UPDATE parts p SET {ANEW}
                        FROM again WHERE p.file_id = again.id AND p.{OPEN}
                    ), attempts_lost AS (
                        UPDATE attempts a SET outcome = 'lost', ended_at = now()
                        FROM again WHERE a.file_id = again.id AND a.outcome = 'started'
                    )
                    SELECT count(*) FROM again
                """),
                {"dead": nobody},
            )
            or 0
        )
    return count
