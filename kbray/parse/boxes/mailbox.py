"""Mailboxes (mbox) → messages, one after the other, however large the mailbox is.

A message begins with a line `From … date`, after an empty line (RFC 4155); lines of its text that look so have a `>` before them,
which is taken off.
"""

import codecs
import email.header
import email.message
import email.policy
import re
from collections.abc import Iterator
from contextlib import suppress
from email.errors import MessageError
from email.parser import BytesHeaderParser
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from kbray.parse.boxes.members import Member
from kbray.parse.boxes.names import file_name
from kbray.parse.encoding import units

_LINE_BYTES = 64 * 1024  # a longer one comes in pieces
_HEADER_BYTES = 256 * 1024  # looked at for what names a message
_FIELD = 2_000  # characters of a field that are decoded
SEPARATOR = re.compile(rb"From \S.{0,200}?\d\d?:\d\d.{0,40}?\d{4}")
_QUOTED = re.compile(rb">+From ")


def members(path: Path) -> Iterator[Member]:
    """In their order, each named by its number and its subject: `000012 Re tea.eml`."""
    with path.open("rb") as file:
        reader = _Reader(file)
        number = 0
        while (message := reader.message()) is not None:
            number += 1
            head = b""
            for line in message:
                head += line
                if not line.strip(b"\r\n") or len(head) > _HEADER_BYTES:
                    break
            fields = BytesHeaderParser(policy=email.policy.compat32).parsebytes(head)
            subject = file_name(_field(fields, "Subject")) or "message"
            said = ", ".join(filter(None, (_field(fields, "Date"), _field(fields, "From"))))
            yield Member(f"{number:06} {subject}.eml", partial(_pieces, head, message), said)
            for _ in message:  # what nobody asked for
                pass


def _pieces(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    for line in rest:  # noqa: UP028 - `yield from` would end the message, and with it the mailbox, where this is left early
        yield line


class _Reader:
    """A mailbox read once, line by line."""

    def __init__(self, file: IO[bytes]) -> None:
        wide = units(file.read(_LINE_BYTES))
        file.seek(0)
        self._file = file
        self._text = TextIOWrapper(file, wide, "replace", newline="\n") if wide else None
        self._more = True
        line = self._line().removeprefix(codecs.BOM_UTF8)
        while line.strip() == b"" and line:
            line = self._line()
        self._first = b"" if SEPARATOR.match(line) else line

    def _line(self) -> bytes:
        return self._text.readline(_LINE_BYTES).encode("utf-8", "replace") if self._text else self._file.readline(_LINE_BYTES)

    def message(self) -> Iterator[bytes] | None:
        """The lines of the next message, of which the last is read before the one after it is asked for."""
        return self._lines() if self._more else None

    def _lines(self) -> Iterator[bytes]:
        self._more = False
        if self._first:
            yield self._first
            self._first = b""
        empty, begins = b"", True  # an empty line that may belong to the separator; whether a line begins here
        while line := self._line():
            if begins and empty and SEPARATOR.match(line):
                self._more = True
                return
            if empty:
                yield empty
                empty = b""
            if begins and line.strip(b"\r\n") == b"":
                empty = line
            else:
                yield line[1:] if begins and _QUOTED.match(line) else line
            begins = line.endswith(b"\n")


def _field(fields: email.message.Message, name: str) -> str:
    """One of a header, in a line; what can't be decoded stays as it is."""
    value = str(fields.get(name) or "")[:_FIELD]
    with suppress(MessageError, LookupError, ValueError):
        value = str(email.header.make_header(email.header.decode_header(value)))
    return " ".join(value.encode("utf-8", "replace").decode().split())
