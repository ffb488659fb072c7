"""Mailboxes (mbox) → their messages, line by line, as they were before they were put there (RFC 4155, mboxrd)."""

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from functools import partial
from pathlib import Path
from typing import IO

from kbray.config import Settings
from kbray.parse.boxes.members import Member

_FROM = re.compile(rb"From \S.*\b\d{4}\b.*\s*\Z")
_QUOTED = re.compile(rb">+From ")
_HEADER = 64 * 1024  # bytes that a header may have
_LONGEST = 500  # characters of a field that the list shows
_CHUNK = 256 * 1024


def messages(path: Path, limits: Settings) -> Iterator[Member]:
    """Each message, numbered from 1, as several may have one subject."""
    with path.open("rb") as file:
        starts: list[tuple[int, int]] = []  # of the line that begins one, and of the message
        for at, line in _lines(file):
            starts.append((at, at + len(line)))
            if len(starts) > limits.max_archive_members + 1:
                break
        file.seek(0, 2)
        ends = [*(at for at, _ in starts[1:]), file.tell()] if starts else []
        for number, ((_, start), end) in enumerate(zip(starts, ends, strict=True), start=1):
            file.seek(start)
            name = f"{number:06d}.eml"
            told = _told(file.read(min(_HEADER, end - start)))
            yield Member(name, f"Attachment: {name} {told}".rstrip(), partial(_pieces, file, start, end))


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Those that begin messages, at the start or behind a blank one."""
    at = 0
    blank = whole = True
    while line := file.readline(_CHUNK):
        if blank and whole and _FROM.match(line):
            yield at, line
        blank, whole = not line.strip(b"\r\n"), line.endswith(b"\n")
        at += len(line)


def _told(head: bytes) -> str:
    message = BytesHeaderParser().parsebytes(head)
    fields = (_decoded(message.get(name)) for name in ("Subject", "From", "Date"))
    return " · ".join(filter(None, fields))


def _decoded(value: object) -> str:
    """A field of a header in a line, its encoded words read where they can be."""
    line = " ".join(str(value or "").split())[:_LONGEST]
    try:
        return " ".join(str(make_header(decode_header(line))).split())
    except (MessageError, LookupError, ValueError):
        return line


def _pieces(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    file.seek(start)
    left, whole = end - start, True
    piece = bytearray()
    while left > 0 and (line := file.readline(min(_CHUNK, left))):
        left -= len(line)
        piece += line[1:] if whole and _QUOTED.match(line) else line
        whole = line.endswith(b"\n")
        if len(piece) >= _CHUNK:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)
