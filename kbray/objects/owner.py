"""Whose a store is: the object `kbray.json` in it names its catalogue.

Two catalogues with one store would take each other's objects for waste. And where a disk isn't mounted, its empty folder looks
like a store in which everything is missing: each file would fail, one after the other.
"""

import json

from kbray.errors import ConfigError, ObjectStoreUnavailable
from kbray.objects import layout
from kbray.ports import Objects

MARK = "kbray.json"


def require_own(store: Objects, catalogue: str | None, *, filled: bool) -> None:
    """The store is this catalogue's; one that is nobody's becomes so.

    Args: catalogue: its identity; None: it has yet to come, and marks nothing.  filled: there must be originals in the store.
    Raises: as `is_own`.
    """
    if not is_own(store, catalogue, filled=filled) and catalogue is not None:
        store.put(MARK, json.dumps({"catalogue": catalogue}).encode())


def is_own(store: Objects, catalogue: str | None, *, filled: bool) -> bool:
    """Whether the store is marked as this catalogue's; False: it is nobody's. Nothing is changed. Args: as for `require_own`.

    Raises: ConfigError: it is another's, or has none of the originals. ObjectStoreUnavailable.
    """
    try:
        owner = _owner(store.get(MARK))
    except KeyError:
        if filled and next(iter(store.list(layout.ORIGINALS)), None) is None:
            raise ConfigError(
                f"The object store {store.url} has none of the originals that the catalogue knows: is its disk mounted, and "
                "objects_url right? If they are lost, `kbray sync --reread` over the folders they came from brings them back."
            ) from None
        return False
    if owner != catalogue:
        raise ConfigError(
            f"The object store {store.url} belongs to another catalogue: set objects_url to a place that is this one's alone, "
            f"such as s3://bucket/prefix, or database_url to that one's. If that catalogue is gone for good, delete {MARK} in "
            "the store, and this one takes it over."
        )
    return True


def require_there(store: Objects) -> None:
    """Not one object is missing but the store, if its mark is, too. Raises: ObjectStoreUnavailable."""
    if not store.exists(MARK):
        raise ObjectStoreUnavailable(f"The object store {store.url} is empty all at once: is its disk still mounted?")


def disown(store: Objects) -> None:
    """The store is nobody's: its catalogue is no more."""
    store.delete([MARK])


def _owner(mark: bytes) -> str:
    """Empty: not to be told, so it is none of ours."""
    try:
        found = json.loads(mark)
    except ValueError:
        return ""
    return str(found.get("catalogue", "")) if isinstance(found, dict) else ""
