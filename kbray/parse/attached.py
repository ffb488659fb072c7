"""Files inside a file: attachments of messages and of PDFs, which become files of their own."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kbray.model import Element

_LONGEST_NAME = 200
_LONGEST_TOLD = 500  # characters of names
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside another one."""

    name: str
    data: bytes

    def told(self, page: int | None = None) -> Element:
        """What tells of it in the text. page: where it hangs."""
        target = hashlib.sha256(self.data).hexdigest() if self.data else None
        return Element("paragraph", f"Attachment: {self.name}", page=page, target=target)


def named(name: str | None, number: int) -> str:
    """The name of an attachment as one of a file in a folder. number: from 1, for one without a name."""
    plain = _CONTROLS.sub("", (name or "").replace("\\", "/").rpartition("/")[2]).strip(" .")
    return plain[-_LONGEST_NAME:] or f"attachment {number}"


def unpack(attached: Iterable[Attached], folder: Path) -> tuple[str, ...]:
    """Write them into `folder`, named 0, 1, 2, … Returns the names they should have, each once."""
    names = Names()
    for number, one in enumerate(attached):
        (folder / str(number)).write_bytes(one.data)
        names.add(one.name)
    return names.given


def empty(attached: Iterable[Attached]) -> tuple[str, ...]:
    """What to tell of those without bytes: they are empty, or can't be had; nothing where there are none."""
    names = [one.name for one in attached if not one.data]
    if not names:
        return ()
    return (f"Attached files have no content, or none that can be read ({len(names)}): {', '.join(names)[:_LONGEST_TOLD]}.",)


class Names:
    """Names of files in a folder, each once."""

    def __init__(self) -> None:
        self._given: dict[str, None] = {}
        self._again: dict[str, int] = {}

    @property
    def given(self) -> tuple[str, ...]:
        """In the order they were added."""
        return tuple(self._given)

    def add(self, name: str) -> str:
        """The name, or one like it where it is taken: "a (2).pdf"."""
        free = name
        folder, slash, last = name.rpartition("/")
        stem, dot, suffix = last.rpartition(".")
        if not stem:
            stem, dot, suffix = last, "", ""
        while free in self._given:
            self._again[name] = self._again.get(name, 1) + 1
            free = f"{folder}{slash}{stem} ({self._again[name]}){dot}{suffix}"
        self._given[free] = None
        return free
