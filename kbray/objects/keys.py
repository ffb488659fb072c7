"""Keys of objects: slash-separated words that can't lead out of the store."""

import re

_KEY = re.compile(r"[A-Za-z0-9_=+@-][A-Za-z0-9_.=+@-]*(/[A-Za-z0-9_=+@-][A-Za-z0-9_.=+@-]*)*")
_PREFIX = re.compile(r"[A-Za-z0-9_.=+@/-]*")


def checked(key: str) -> str:
    """The key itself. No word begins with a dot, so neither `..` nor our temporary files can be named.

    Raises: ValueError: it could lead out of the store, or two stores might read it differently.
    """
    if len(key) > 900 or _KEY.fullmatch(key) is None:
        raise ValueError(f"{key!r} is no key of an object")
    return key


def checked_prefix(prefix: str) -> str:
    """What keys may begin with; the empty prefix stands for all.

    Raises: ValueError: no key begins so.
    """
    if _PREFIX.fullmatch(prefix) is None or prefix.startswith("/") or "." in {word[:1] for word in prefix.split("/")}:
        raise ValueError(f"{prefix!r} begins no key of an object")
    return prefix
