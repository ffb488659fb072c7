"""What Outlook sends as `winmail.dat` (TNEF, [MS-OXTNEF]) → the files in it, and the text of the message.

What is attached is another message in the same form, or a file.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kbray.errors import CorruptDocument
from kbray.parse.boxes.members import Member, Passed
from kbray.parse.boxes.names import safe
from kbray.parse.packed_rtf import unpacked

_SIGNATURE = b"\x78\x9f\x3e\x22"
_RENDERED, _TITLE, _DATA, _PROPERTIES = 0x69002, 0x18010, 0x6800F, 0x69005  # attributes: what is attached, each from the first on
_OF_MESSAGE, _BODY = 0x69003, 0x2800C
_BEGIN = 6
_HEAD = struct.Struct("<BII")
_SUM_BYTES = 2
_BYTES, _TEXTS, _OBJECT = 0x102, {0x1E: "", 0x1F: "utf-16-le"}, 0x0D
_SIZES = {**dict.fromkeys((0x2, 0x3, 0x4, 0xA, 0xB), 4), **dict.fromkeys((0x5, 0x6, 0x7, 0x14, 0x40), 8), 0x48: 16}
_MANY, _NAMED = 0x1000, 0x8000
_PID_BODY, _PID_RTF, _PID_HTML = 0x1000, 0x1009, 0x1013
_PID_DATA, _PID_NAME, _PID_LONG_NAME, _PID_SHORT_NAME = 0x3701, 0x3001, 0x3707, 0x3704
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")  # what stands before a message that is attached: IID_IMessage
_PIECE = 1024 * 1024

_Value = bytes | str


@dataclass(slots=True)
class _Attachment:
    title: str = ""
    data: bytes = b""
    properties: dict[int, _Value] = field(default_factory=dict)


@dataclass(slots=True)
class _Message:
    """What is in the file, as far as it was read."""

    properties: dict[int, _Value] = field(default_factory=dict)
    body: bytes = b""
    attachments: list[_Attachment] = field(default_factory=list)

    def take(self, attribute: int, value: bytes) -> None:
        """Raises: struct.error, IndexError: it is cut short."""
        if attribute == _RENDERED:
            self.attachments.append(_Attachment())
        elif attribute == _OF_MESSAGE:
            self.properties = dict(_properties(value))
        elif attribute == _BODY:
            self.body = value.rstrip(b"\0")
        elif self.attachments and attribute == _TITLE:
            self.attachments[-1].title = safe(value.partition(b"\0")[0]).rpartition("/")[2]
        elif self.attachments and attribute == _DATA:
            self.attachments[-1].data = value
        elif self.attachments and attribute == _PROPERTIES:
            self.attachments[-1].properties = dict(_properties(value))


def members(path: Path) -> Iterator[Member | Passed]:
    """Damage is told behind what can be taken out."""
    message = _Message()
    problem: CorruptDocument | None = None
    try:
        for attribute, value, fits in _attributes(path.read_bytes()):
            if not fits:
                problem = CorruptDocument("It is damaged: a checksum in it is not that of what it stands for")
            message.take(attribute, value)
    except (struct.error, IndexError) as error:
        problem = CorruptDocument(f"It is damaged or cut short: {error}")
    written, whole = _text(message.properties, message.body)
    if written is not None:
        yield Member(written[0], _pieces(written[1]), size=len(written[1]))
    if not whole:
        yield Passed("the text of the message", CorruptDocument("It is damaged or cut short"))
    for number, one in enumerate(message.attachments, start=1):
        name, content = _file(one, number)
        yield Member(name, _pieces(content), size=len(content))
    if problem is not None:
        yield Passed("", problem)


def _text(properties: dict[int, _Value], body: bytes) -> tuple[tuple[str, bytes] | None, bool]:
    """The name and content of the richest form of the message's text that is whole; and whether one is, or there is none."""
    page, packed, plain = properties.get(_PID_HTML), properties.get(_PID_RTF), properties.get(_PID_BODY)
    if page:
        return ("message.html", page if isinstance(page, bytes) else page.encode("utf-8", "replace")), True
    rtf, whole = _unpacked(packed) if isinstance(packed, bytes) else (b"", not packed)
    if whole and rtf:
        return ("message.rtf", rtf), True
    if plain or body:
        return ("message.txt", plain.encode("utf-8", "replace") if isinstance(plain, str) else body), True
    return (("message.rtf", rtf) if rtf else None), whole


def _unpacked(packed: bytes) -> tuple[bytes, bool]:
    try:
        return unpacked(packed)
    except ValueError:
        return b"", False


def _file(one: _Attachment, number: int) -> tuple[str, bytes]:
    names = (one.properties.get(pid) for pid in (_PID_LONG_NAME, _PID_NAME, _PID_SHORT_NAME))
    told = next((name for name in names if isinstance(name, str) and name), one.title)
    name = safe(told.encode("utf-8", "replace")).rpartition("/")[2] or f"file {number}"
    kept = one.properties.get(_PID_DATA)
    if isinstance(kept, bytes) and kept.startswith(_MESSAGE + _SIGNATURE):
        return f"{name}.tnef", kept.removeprefix(_MESSAGE)
    return name, one.data or (kept if isinstance(kept, bytes) else b"")


def _pieces(data: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))


def _attributes(data: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Number, value, and whether its checksum fits. Raises: struct.error: one is cut short."""
    at = _BEGIN
    while at < len(data):
        _, attribute, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if at + size + _SUM_BYTES > len(data):
            raise struct.error(f"{at + size + _SUM_BYTES - len(data):,} bytes are missing")
        value, told = data[at : at + size], data[at + size : at + size + _SUM_BYTES]
        yield attribute, value, sum(value) & 0xFFFF == int.from_bytes(told, "little")
        at += size + _SUM_BYTES


def _properties(data: bytes) -> Iterator[tuple[int, _Value]]:
    """Those that are one text, or bytes, by id. Raises: struct.error, IndexError: they are cut short."""
    reader = _Reader(data)
    for _ in range(reader.number()):
        kind, identifier = struct.unpack("<HH", reader.take(4))
        if identifier >= _NAMED:
            reader.take(16)
            by_name = reader.number()
            reader.take(4) if not by_name else reader.padded(reader.number())
        one = kind & ~_MANY
        if one in _SIZES:
            for _ in range(reader.number() if kind & _MANY else 1):
                reader.take(_SIZES[one])
            continue
        values = [reader.padded(reader.number()) for _ in range(reader.number())]
        if len(values) == 1 and one in (_BYTES, _OBJECT):
            yield identifier, values[0]
        elif len(values) == 1 and one in _TEXTS:
            yield identifier, values[0].decode(_TEXTS[one] or "cp1252", "replace").rstrip("\0")


class _Reader:
    """Little-endian numbers and bytes, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, size: int) -> bytes:
        if self._at + size > len(self._data):
            raise struct.error("a property ends behind its end")
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def padded(self, size: int) -> bytes:
        """Bytes, up to the next multiple of four."""
        taken = self.take(size)
        self._at += -size % 4
        return taken
