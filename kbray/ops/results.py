"""Where the results of a file lie in the object store, and which of them are missing."""

from dataclasses import dataclass

from kbray.catalogue import FileRow
from kbray.errors import MissingResult
from kbray.model import FINISHED
from kbray.objects import layout
from kbray.ports import Objects


@dataclass(frozen=True, slots=True)
class Results:
    """`keys` below `store`; empty while there are none to expect."""

    store: str
    keys: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def folder_of(row: FileRow, *, wanted: str) -> str:
    """Where the results of a file lie. Raises: MissingResult: it has none, and so not what is `wanted`, for the reason told."""
    if row.status not in FINISHED or row.fingerprint is None:
        why = row.error.message if row.error else f"its status is {row.status}"
        raise MissingResult(f"{row.name} has no {wanted}: {why}")
    return layout.results_by(row.sha256, row.fingerprint)


def missing_of(objects: Objects, sha256: str, fingerprint: str) -> tuple[str, ...]:
    """The results that should be there and are not; one listing, not three look-ups."""
    there = {info.key for info in objects.list(layout.results_by(sha256, fingerprint))}
    return tuple(key for key in layout.results(sha256, fingerprint) if key not in there)


def results_of(objects: Objects, row: FileRow) -> Results:
    """Raises: ObjectStoreUnavailable."""
    if row.status not in FINISHED or row.fingerprint is None:
        return Results(objects.url)
    return Results(
        objects.url,
        layout.results(row.sha256, row.fingerprint),
        missing_of(objects, row.sha256, row.fingerprint),
    )
