"""Failures: one row for each page or part that is missing, grouped by signature into problems."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from kbray.catalogue import storable
from kbray.model import Failure, FileId, RunId

_MAX_SIGNATURE = 600
"""Characters: an index entry has a bound."""


def stored_signature(signature: str) -> str:
    return storable.text(signature)[:_MAX_SIGNATURE]


def put_whole(connection: Connection, run: RunId, file_id: FileId, failures: Iterable[Failure]) -> None:
    """The failures of the file as a whole are these, and no others."""
    connection.execute(text("DELETE FROM failures WHERE file_id = :file_id AND part IS NULL"), {"file_id": file_id})
    add(connection, run, file_id, None, failures)


def add(connection: Connection, run: RunId, file_id: FileId, part: int | None, failures: Iterable[Failure]) -> None:
    """The part (None: the file as a whole) has these failures too."""
    rows = [
        {
            "file_id": file_id,
            "part": part,
            "page": failure.page,
            "chapter": storable.optional(failure.chapter),
            "code": storable.text(failure.code),
            "stage": failure.stage,
            "message": storable.text(failure.message),
            "signature": stored_signature(failure.signature),
            "traceback": storable.text(failure.traceback),
            "run": run,
        }
        for failure in failures
    ]
    if rows:
        connection.execute(
            text("""
                INSERT INTO failures (file_id, part, page, chapter, code, stage, message, signature, traceback, run_id)
                VALUES (:file_id, :part, :page, :chapter, :code, :stage, :message, :signature, :traceback, :run)
            """),
            rows,
        )


def put_back(connection: Connection, file_id: FileId, rows: Sequence[Mapping[str, Any]]) -> None:
    """The failures of the file are these rows of the table as JSON, and no others."""
    connection.execute(text("DELETE FROM failures WHERE file_id = :file_id"), {"file_id": file_id})
    connection.execute(
        text("""
            INSERT INTO failures (file_id, part, page, chapter, code, stage, message, signature, traceback, run_id, created_at)
            SELECT file_id, part, page, chapter, code, stage, message, signature, traceback, run_id, created_at
            FROM jsonb_populate_recordset(CAST(NULL AS failures), CAST(:rows AS jsonb)) ORDER BY id
        """),
        {"rows": json.dumps(list(rows))},
    )


def of_file(connection: Connection, file_id: FileId) -> list[Failure]:
    """In the order of parts and pages; those of the file as a whole come last."""
    rows = connection.execute(text("SELECT * FROM failures WHERE file_id = :id ORDER BY part, page, id"), {"id": file_id})
    return [from_row(row) for row in rows]


def from_row(row: Row[Any]) -> Failure:
    return Failure(
        code=row.code,
        message=row.message,
        stage=row.stage,
        signature=row.signature,
        page=row.page,
        chapter=row.chapter,
        traceback=row.traceback,
    )
