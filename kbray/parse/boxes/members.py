"""One file in an archive or mailbox."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import NoReturn

from kbray.errors import DocumentTooLarge
from kbray.parse.hidden import hidden

_LONGEST = 200  # characters of a part of a name
_DEEPEST = 20  # folders
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Member:
    """`pieces` are its bytes, to be read before the next member is asked for; it raises any DocumentError."""

    name: str  # with its folders; "" where nothing tells it
    told: str  # what the list says of it
    pieces: Callable[[], Iterator[bytes]]

    def refused(self, why: str) -> "Member":
        """One that can't be had, in its place."""
        return replace(self, pieces=partial(_refuse, why))


def _refuse(why: str) -> NoReturn:
    raise DocumentTooLarge(why)


def place(name: str) -> str | None:
    """A path in an archive as one below it: no way out of it, no signs that no path has; None: such files are left alone."""
    parts = [_CONTROLS.sub("", part).strip() for part in name.replace("\\", "/").split("/")]
    parts = [part[-_LONGEST:] for part in parts if part not in ("", ".", "..")][-_DEEPEST:]
    if not parts or any(map(hidden, parts)):
        return None
    return "/".join(parts)
