"""Where the results of a file lie in the object store, and which of them are missing."""

from dataclasses import dataclass

from kbray.catalogue import FileRow
from kbray.errors import MissingResult
from kbray.model import FINISHED
from kbray.ports import Objects

NAMES = ("elements.parquet", "document.md", "document.json")


@dataclass(frozen=True, slots=True)
class Results:
    """`keys` below `store`; empty while there are none to expect."""

    store: str
    keys: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def prefix_of(sha256: str, fingerprint: str) -> str:
    """Where the results of this content lie, as made by this parser and these settings."""
    return f"docs/{sha256}/{fingerprint}/"


def folder_of(row: FileRow, *, wanted: str) -> str:
    """Where the results of a file lie. Raises: MissingResult: it has none, and so not what is `wanted`, for the reason told."""
    if row.status not in FINISHED or row.fingerprint is None:
        why = row.error.message if row.error else f"its status is {row.status}"
        raise MissingResult(f"{row.name} has no {wanted}: {why}")
    return prefix_of(row.sha256, row.fingerprint)


def expected_keys(sha256: str, fingerprint: str) -> tuple[str, ...]:
    return tuple(prefix_of(sha256, fingerprint) + name for name in NAMES)


def missing_of(objects: Objects, sha256: str, fingerprint: str) -> tuple[str, ...]:
    """The results that should be there and are not; one listing, not three look-ups."""
    there = {info.key for info in objects.list(prefix_of(sha256, fingerprint))}
    return tuple(key for key in expected_keys(sha256, fingerprint) if key not in there)


def results_of(objects: Objects, row: FileRow) -> Results:
    """Raises: ObjectStoreUnavailable."""
    if row.status not in FINISHED or row.fingerprint is None:
        return Results(objects.url)
    return Results(
        objects.url,
        expected_keys(row.sha256, row.fingerprint),
        missing_of(objects, row.sha256, row.fingerprint),
    )
