"""What operators delete from the object store, and only where nothing can need it."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from kbray.catalogue import Catalogue
from kbray.ports import Objects

T = TypeVar("T")
R = TypeVar("R")

THREADS = 16  # look-ups in a remote object store wait, they don't compute


def hindrance(catalogue: Catalogue, lease_s: float) -> str | None:
    """Why objects must not be deleted now: a live run uploads first and records after; a rollback brings back a catalogue."""
    live = [run for run in catalogue.status(lease_s).runs if run.live]
    if live:
        return f"run {live[0].id} ({live[0].command}) is at work"
    if catalogue.before():
        return "an import can still be rolled back; `kbray migrate rollback --forget` gives that up"
    return None


def delete(catalogue: Catalogue, objects: Objects, keys: Mapping[str, str | None]) -> bool:
    """Objects by key, each with the SHA-256 of the content that must still be unknown, or None. False: a run is at work.

    Raises: ObjectStoreUnavailable, DatabaseUnavailable.
    """

    def unneeded(known: set[str]) -> None:
        objects.delete([key for key, sha256 in keys.items() if sha256 not in known])

    return catalogue.while_nobody_works({sha256 for sha256 in keys.values() if sha256 is not None}, unneeded)


def in_threads(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """What the function gives for each, in their order."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="objects") as threads:
        return list(threads.map(function, items))
