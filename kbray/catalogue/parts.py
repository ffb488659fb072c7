"""Parts: claimed, committed, released, one at a time, each by the one holder of its claim.

The row of a part is the arbiter. It names the run and the token of the claim that holds it; whoever takes the claim away (a run
that reaps a dead one, a reset) changes the row, and a commit that comes later finds no row of its token. Claims and commits hold
a key-share lock on their run's row, which heartbeats don't mind, and a run is ended under a lock that waits for them: none slips
in behind its end. Locks are taken in the order run, file, part.
"""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, text

from kbray.catalogue import attempts, bylines, chunks, failures, storable, tallies
from kbray.catalogue.rows import Committed, PartRow
from kbray.catalogue.tables import FREED, LIVE, OPEN
from kbray.document import grading
from kbray.model import Claim, Effort, Failure, FileId, FileResult, Found, PartRef, Quality, Reason, RunId, Window


def windows_of(found: Found) -> tuple[Window, ...]:
    return found.windows or (Window(),)


def put(connection: Connection, files: Sequence[tuple[FileId, Sequence[Window]]]) -> None:
    """New files have these parts, all pending."""
    rows = [(file_id, part, window) for file_id, windows in files for part, window in enumerate(windows)]
    if not rows:
        return
    connection.execute(
        text("""
            INSERT INTO parts (file_id, part, first_page, last_page)
            SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:parts AS integer[]), CAST(:firsts AS integer[]),
                                 CAST(:lasts AS integer[]))
        """),
        {
            "ids": [file_id for file_id, _, _ in rows],
            "parts": [part for _, part, _ in rows],
            "firsts": [window.first_page for _, _, window in rows],
            "lasts": [window.last_page for _, _, window in rows],
        },
    )


CLAIM = text(f"""
    WITH run AS (
        SELECT id FROM runs WHERE id = :run AND state = 'running' FOR KEY SHARE
    ), taken AS (
        UPDATE parts p SET
            state = 'claimed', run_id = :run, token = :token,
            attempts = attempts + CASE WHEN token IS NOT DISTINCT FROM :token THEN 0 ELSE 1 END
        FROM run
        WHERE p.file_id = :file_id AND p.part = :part
          AND (p.state = 'pending' OR (p.state = 'claimed' AND p.run_id = :run))
        RETURNING p.attempts, p.interruptions, (SELECT f.again FROM files f WHERE f.id = p.file_id) AS again
    ), {attempts.OPENING}, opened AS (
        UPDATE files SET status = 'processing' WHERE id = :file_id AND status = 'synced' AND EXISTS (SELECT 1 FROM taken)
    )
    SELECT attempts, interruptions, again FROM taken
""")
_COUNT_PART = tallies.adding(
    "done", parts_done=":done", parts_failed="1 - :done", pages_done=":pages", pages_failed=":pages_lost"
)
COMMIT = text(f"""
    WITH run AS (
        SELECT id FROM runs WHERE id = :run AND {LIVE} FOR KEY SHARE
    ), file AS (
        SELECT f.id FROM files f, run WHERE f.id = :file_id FOR NO KEY UPDATE OF f
    ), done AS (
        UPDATE parts p SET state = :outcome, fingerprint = :fingerprint, pages = :pages
        FROM file
        WHERE p.file_id = file.id AND p.part = :part AND p.state = 'claimed' AND p.run_id = :run AND p.token = :token
        RETURNING p.file_id AS done_file
    ), closed AS (
        {attempts.closing("done")}
    ), forgotten AS (
        DELETE FROM failures x USING done WHERE x.file_id = :file_id AND x.part = :part
    ), counted AS (
        {_COUNT_PART}
    )
    SELECT 1 FROM done
""")
LAST = text(f"""
    UPDATE files SET assembler_run = :run, assembler_token = :token
    WHERE id = :file_id AND status = 'processing'
      AND NOT EXISTS (SELECT 1 FROM parts WHERE file_id = :file_id AND {OPEN})
    RETURNING 1
""")
_COUNT_FILE = tallies.adding("finished", files_done="1 - :failed", files_failed=":failed")
_FINISH = text(f"""
    WITH finished AS (
        UPDATE files SET
            status = :status, fingerprint = :fingerprint, engine = :engine, title = :title, language = :language,
            units_expected = :units_expected, units_produced = :units_produced, characters = :characters, complete = :complete,
            quality = :quality, reasons = CAST(:reasons AS jsonb), finished_by = :run, assembler_run = NULL,
            authors = CAST(:authors AS text[]), names = CAST(:names AS tsvector), dated = :dated
        WHERE id = :file_id AND status = 'processing' AND assembler_run = :run AND (before IS NULL OR NOT :first)
        RETURNING id
    ), counted AS (
        {_COUNT_FILE}
    )
    SELECT 1 FROM finished
""")
_RELEASE = text(f"""
    WITH freed AS (
        UPDATE parts SET {FREED}, attempts = attempts - 1
        WHERE file_id = :file_id AND part = :part AND state = 'claimed' AND run_id = :run AND token = :token
        RETURNING file_id AS freed_file
    )
    {attempts.closing("freed")}
""")


def claim(connection: Connection, run: RunId, ref: PartRef, token: int) -> Claim | None:
    """The part is this run's, and the attempt is counted; None: another has it, or the run takes no more work.

    A part that this run holds already is claimed anew (Ray did the task again), and the earlier claim is void. The same token
    twice is one claim.
    """
    values = {"run": run, "file_id": ref.file_id, "part": ref.part, "token": token, "host": socket.gethostname()}
    taken = connection.execute(CLAIM, values).one_or_none()
    return None if taken is None else Claim(replace(ref, again=taken.again), run, taken.attempts, taken.interruptions, token)


def commit(
    connection: Connection,
    claim: Claim,
    *,
    fingerprint: str,
    pages: int,
    failed: bool,
    failed_with: Sequence[Failure],
    effort: Effort,
    result: FileResult | None,
) -> Committed:
    """The part is done or failed, if the claim still holds. The file's row is locked, so that only one commit is its last."""
    values = attempts.values(claim, "failed" if failed else "done", pages, effort)
    more = {"fingerprint": fingerprint, "done": int(not failed), "pages_lost": claim.ref.window.pages - pages}
    if connection.execute(COMMIT, values | more).one_or_none() is None:
        return _committed_before(connection, claim)
    failures.add(connection, claim.run, claim.ref.file_id, claim.ref.part, failed_with)
    # A statement of its own: its snapshot shows what other commits did before they gave up the file's lock.
    key = {"file_id": claim.ref.file_id, "run": claim.run, "token": claim.token}
    last = connection.execute(LAST, key).one_or_none() is not None
    if last and result is not None:
        finish(connection, claim.run, claim.ref.file_id, result, ())
    return Committed(accepted=True, last=last)


def _committed_before(connection: Connection, claim: Claim) -> Committed:
    """The answer that was lost on its way, when this very claim was committed; else a refusal."""
    found = connection.execute(
        text("""
            SELECT f.assembler_token IS NOT DISTINCT FROM :token AS last
            FROM parts p JOIN files f ON f.id = p.file_id
            WHERE p.file_id = :file_id AND p.part = :part AND p.state IN ('done', 'failed') AND p.token = :token
        """),
        {"file_id": claim.ref.file_id, "part": claim.ref.part, "token": claim.token},
    ).one_or_none()
    return Committed(accepted=False, last=False) if found is None else Committed(accepted=True, last=found.last)


def finish(connection: Connection, run: RunId, file_id: FileId, result: FileResult, failed_with: Sequence[Failure]) -> bool:
    """The file is processed or failed, if this run's commit was the last of its parts and nobody took that back.

    One that was done again keeps the result that it had, with its failures, where that is not worse.
    """
    before = None
    done = _finish(connection, run, file_id, result, first=True)
    if not done and (before := connection.scalar(text("SELECT before FROM files WHERE id = :id"), {"id": file_id})) is not None:
        kept = _result(before)
        if _is_better(result, kept):
            before = None
        else:
            result = kept
        done = _finish(connection, run, file_id, result, first=False)
    if done:
        if before is not None:
            failures.put_back(connection, file_id, before["failures"])
        elif failed_with:
            failures.put_whole(connection, run, file_id, failed_with)
        if result.failed:
            chunks.replace(connection, file_id, ())  # what an earlier parser could read is no longer found
        return True
    same = connection.scalar(
        text(
            """
            SELECT status IN ('processed', 'failed') AND finished_by = :run AND fingerprint = :fingerprint
            FROM files WHERE id = :file_id
            """
        ),
        {"run": run, "file_id": file_id, "fingerprint": result.fingerprint},
    )
    return bool(same)


def _finish(connection: Connection, run: RunId, file_id: FileId, result: FileResult, *, first: bool) -> bool:
    """Whether it did. Args: first: only a file without an earlier result to be weighed against."""
    values = {
        "run": run,
        "file_id": file_id,
        "status": "failed" if result.failed else "processed",
        "failed": int(result.failed),
        "fingerprint": result.fingerprint,
        "engine": storable.text(result.engine),
        "title": storable.optional(result.title),
        "language": storable.optional(result.language),
        "units_expected": result.units_expected,
        "units_produced": result.units_produced,
        "characters": result.characters,
        "complete": result.complete,
        "quality": result.quality and result.quality.grade,
        "reasons": None if result.quality is None else json.dumps([_reason(one) for one in result.quality.reasons]),
        "first": first,
        **bylines.values(result.authors, result.date),
    }
    return connection.execute(_FINISH, values).one_or_none() is not None


def _reason(reason: Reason) -> dict[str, object]:
    return {"code": storable.text(reason.code), "message": storable.text(reason.message), "share": reason.share}


def _is_better(result: FileResult, before: FileResult) -> bool:
    return result.quality is not None and (before.quality is None or grading.better(result.quality, before.quality))


def _result(before: Mapping[str, Any]) -> FileResult:
    """As `reopen` keeps it."""
    quality = Quality(before["quality"], tuple(Reason(**reason) for reason in before["reasons"]))
    known = (field.name for field in fields(FileResult) if field.name in before and field.name != "quality")
    authors = before.get("authors")
    kept = {name: before[name] for name in known} | {
        "authors": None if authors is None else tuple(authors),
        "date": before.get("dated"),
    }
    return FileResult(**kept, failed=False, quality=quality)


def release(connection: Connection, claim: Claim) -> None:
    """The part is pending again, and the attempt not counted, if the claim still holds."""
    connection.execute(_RELEASE, attempts.values(claim, "released", 0, Effort()))


# ---------------------------------------------------------------- looking


def of_file(connection: Connection, file_id: FileId) -> tuple[PartRow, ...]:
    rows = connection.execute(text("SELECT * FROM parts WHERE file_id = :id ORDER BY part"), {"id": file_id})
    return tuple(
        PartRow(
            part=row.part,
            window=Window(row.first_page, row.last_page),
            state=row.state,
            attempts=row.attempts,
            interruptions=row.interruptions,
            run=row.run_id,
            fingerprint=row.fingerprint,
            pages=row.pages,
        )
        for row in rows
    )
