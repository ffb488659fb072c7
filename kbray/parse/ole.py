"""OLE2 compound files: what an office file in one says of itself, and a first look at its streams."""

import codecs
import struct
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import olefile

from kbray.model import Metadata

ERRORS = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError, MemoryError)
"""What olefile is seen to raise for damaged files."""
CUT = "The file ends before what its directory tells of: it was cut short, and text may be missing; fetch it again."
_CODECS = {1200: "utf-16-le", 10000: "mac_roman", 65001: "utf-8"}  # code pages whose name isn't their number
_CODE_PAGE, _TITLE, _AUTHOR, _CREATED, _SAVED, _COMPANY = 1, 2, 4, 12, 13, 15  # properties
_SHORT, _BYTES, _WIDE, _TIME = 2, 30, 31, 64  # types
_DAY = 24 * 60 * 60


def metadata(storage: olefile.OleFileIO, summary: str = "\x05SummaryInformation") -> Metadata:
    """Title, authors, publisher and date of the property sets; what is broken in them is left out."""
    told, more = _properties(storage, summary), _properties(storage, "\x05DocumentSummaryInformation")
    authors = (author.strip() for author in (_text(told, _AUTHOR) or "").split(";"))
    return Metadata(
        title=_text(told, _TITLE),
        authors=tuple(author for author in authors if author),
        publisher=_text(more, _COMPANY),
        date=_date(told, _SAVED) or _date(told, _CREATED),
    )


def _properties(storage: olefile.OleFileIO, name: str) -> Mapping[int, tuple[int, bytes]]:
    """Type and value of each ([MS-OLEPS]); olefile's own walk takes for ever over damaged ones."""
    data = stream(storage, name)
    start = int.from_bytes(data[44:48], "little")
    count = min(int.from_bytes(data[start + 4 : start + 8], "little"), 1000)
    found: dict[int, tuple[int, bytes]] = {}
    for number, place in struct.iter_unpack("<II", data[start + 8 :][: min(8 * count, max(len(data) - start - 8, 0) // 8 * 8)]):
        at = start + place
        kind, size = (int.from_bytes(data[one : one + 4], "little") for one in (at, at + 4))
        length = {_BYTES: 4 + size, _WIDE: 4 + 2 * size, _SHORT: 2, _TIME: 8}.get(kind, 0)
        found[number] = kind, data[at + 4 : at + 4 + length]
    return found


def _text(told: Mapping[int, tuple[int, bytes]], number: int) -> str | None:
    kind, value = told.get(number, (0, b""))
    page = int.from_bytes(told.get(_CODE_PAGE, (0, b""))[1], "little") or 1252
    codec = {_BYTES: _codec(page), _WIDE: "utf-16-le"}.get(kind)
    return " ".join(value[4:].decode(codec, "replace").split("\0")[0].split()) or None if codec is not None else None


def _date(told: Mapping[int, tuple[int, bytes]], number: int) -> str | None:
    kind, value = told.get(number, (0, b""))
    return moment(int.from_bytes(value, "little")) if kind == _TIME else None


def moment(filetime: int) -> str | None:
    """A time as Windows counts it, in 100 nanoseconds since 1601, in ISO 8601; None: it can't be meant."""
    since = filetime // 10_000_000
    return (datetime(1601, 1, 1) + timedelta(seconds=since)).isoformat() if _DAY < since < 300_000 * _DAY else None


def _codec(page: int) -> str:
    name = _CODECS.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def stream(storage: olefile.OleFileIO, name: str) -> bytes:
    """All of a stream; nothing where there is none."""
    return bytes(storage.openstream(name).read()) if storage.exists(name) else b""


def is_cut(path: Path) -> bool:
    """Whether a sector of it goes on in one that is behind its end; not where the table of its sectors can't be read."""
    try:
        with olefile.OleFileIO(path) as storage:
            there = -(-path.stat().st_size // storage.sectorsize) - 1  # without the head, which takes one
            return any(there <= after <= olefile.MAXREGSECT for after in storage.fat)
    except ERRORS:
        return False


def beginning(path: Path, name: str, size: int) -> bytes | None:
    """So many bytes of a stream; fewer where it is shorter; None: there is none, or the file is broken."""
    try:
        with olefile.OleFileIO(path) as storage:
            return bytes(storage.openstream(name).read(size)) if storage.exists(name) else None
    except ERRORS:
        return None
