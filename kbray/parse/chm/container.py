"""The file system in a CHM: a header (ITSF), a directory (ITSP, PMGL), and two sections of content, plain and packed.

By the "Unofficial (Preliminary) HTML Help Specification" of Pabs. Numbers are little-endian; those of the directory are packed in
7 bits a byte.
"""

import posixpath
from collections import OrderedDict
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self
from unicodedata import normalize

from kbray.config import MiB, Settings
from kbray.errors import CorruptDocument, DocumentTooLarge
from kbray.parse.chm import lzx
from kbray.parse.chm.system import encoding_of

_SECOND_HEADER, _DIRECTORY = 0x38, 0x48  # where the header tells the places of what follows it
_CONTENT, _HAS_CONTENT = 0x58, 3  # likewise, from this version on; before, content follows the directory
_STORAGE = "::DataSpace/Storage/MSCompressed/"
_RESETS = f"{_STORAGE}Transform/{{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}}/InstanceData/ResetTable"
_CONTROL, _PACKED = f"{_STORAGE}ControlData", f"{_STORAGE}Content"
_KEPT = 32 * MiB  # of unpacked spans
_LONGEST_SPAN = 8 * MiB
_CUT = "The file is cut short"


@dataclass(frozen=True, slots=True)
class Member:
    """A file in it: the section it lies in (0 is plain, 1 is packed), and where."""

    name: str
    section: int
    offset: int
    size: int


class Container:
    """A CHM open for reading; what is unpacked is counted against `limits`.

    Raises on opening: CorruptDocument: it has no directory that can be read; DocumentTooLarge.
    """

    def __init__(self, path: Path, limits: Settings) -> None:
        self._limits = limits
        self._size = path.stat().st_size
        self._counted: set[str] = set()
        self._total = 0  # bytes of them
        self._file = path.open("rb")
        with ExitStack() as refused:  # what raises here leaves no file open
            refused.callback(self._file.close)
            self.warnings: list[str] = []
            header = self._at(0, 0x60)
            if header[:4] != b"ITSF":
                raise CorruptDocument("The file is no compiled HTML help: it doesn't begin with ITSF.")
            self.language = _long(header, 0x14)
            start, size = _quad(header, _DIRECTORY), _quad(header, _DIRECTORY + 8)
            self._content = _quad(header, _CONTENT) if _long(header, 4) >= _HAS_CONTENT else start + size
            self._members = self._directory(start, size)
            if not self._members:
                raise CorruptDocument(f"{self._end} before its directory, which tells what is in it.")
            self._folded: dict[str, str] = {}
            for name in self._members:
                self._folded.setdefault(_fold(name), name)
            self._packed: _Packed | None = None
            self._unreadable: str | None = None  # why nothing that is packed can be read
            if any(member.section for member in self._members.values()):
                try:
                    self._packed = self._opened_packed()
                except CorruptDocument as error:
                    self._unreadable = error.message
            refused.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The files in it, without those that are there for the format; sorted, without the slash before them."""
        return tuple(sorted(name for name in self._members if not name.startswith((":", "#", "$"))))

    def find(self, name: str) -> str | None:
        """The file that `name` means: exactly, or without regard to case, as help viewers look for it; None: there is none."""
        return name if name in self._members else self._folded.get(_fold(name))

    def read(self, name: str) -> bytes:
        """The bytes of a file.

        Raises: CorruptDocument: it isn't there, or damaged. DocumentTooLarge.
        """
        member = self._members.get(name)
        if member is None:
            raise CorruptDocument(f"There is no {name!r} in the file.")
        if member.size > self._limits.max_member_bytes:
            raise DocumentTooLarge(
                f"{name!r} unpacks to more than max_member_bytes allows ({self._limits.max_member_bytes}).",
            )
        if name not in self._counted:  # several may lie in the same place
            self._counted.add(name)
            self._total += member.size
        if self._total > self._limits.max_unpacked_bytes:
            raise DocumentTooLarge(
                f"The file unpacks to more than max_unpacked_bytes allows ({self._limits.max_unpacked_bytes})."
            )
        if member.section == 0:
            data = self._at(self._content + member.offset, member.size)
            if len(data) < member.size:
                raise CorruptDocument(f"{self._end} within {name!r}.")
            return data
        if self._packed is None:
            raise CorruptDocument(f"{name!r} can't be unpacked. {self._unreadable or 'How it is packed is unknown.'}")
        return self._packed.read(member)

    @property
    def _end(self) -> str:
        return f"{_CUT}: it ends after {self._size} bytes,"

    def _at(self, offset: int, size: int) -> bytes:
        """As many of these bytes as there are."""
        if offset >= self._size:
            return b""
        self._file.seek(offset)
        return self._file.read(min(size, self._size - offset))

    def _directory(self, start: int, size: int) -> dict[str, Member]:
        """All listing chunks, whatever chain they are in: an index is for those who look for one name."""
        header = self._at(start, 0x54)
        length, chunk = _long(header, 8), _long(header, 0x10)
        if header[:4] != b"ITSP" or not 0x20 < chunk <= MiB:
            raise CorruptDocument("The directory of the file is damaged: nothing tells what is in it.")
        members: dict[str, Member] = {}
        damaged = 0
        begin, end = start + length, min(start + size, self._size)
        if start + size > self._size:
            self.warnings.append(f"{_CUT}: its directory isn't all there, so chapters may be missing that nothing names.")
        for at in range(begin, end - chunk + 1, chunk):
            data = self._at(at, chunk)
            if data[:4] != b"PMGL":
                damaged += data[:4] != b"PMGI"
                continue
            damaged += not _list(data, members, encoding_of(self.language) or "cp1252")
            if len(members) > self._limits.max_archive_members:
                allowed = self._limits.max_archive_members
                raise DocumentTooLarge(f"The file has more than {allowed} members, which is what max_archive_members allows.")
        if damaged:
            self.warnings.append(f"Parts of the directory are damaged ({damaged}): chapters may be missing that nothing names.")
        return members

    def _opened_packed(self) -> "_Packed":
        control, table, packed = (self._members.get(name) for name in (_CONTROL, _RESETS, _PACKED))
        if control is None or table is None or packed is None or control.section or table.section or packed.section:
            raise CorruptDocument("The file is damaged: nothing tells how its text is packed.")
        told = self._at(self._content + control.offset, min(control.size, 0x40))
        unit = lzx.FRAME if _long(told, 8) >= 2 else 1
        reset, window = (_long(told, at) * unit for at in (0x0C, 0x10))
        bits = window.bit_length() - 1
        if told[4:8] != b"LZXC" or bits not in lzx.WINDOWS or window != 1 << bits:
            raise CorruptDocument("The file is damaged or of a kind unknown: how its text is packed is not told as LZX is.")
        if not reset or reset % lzx.FRAME or reset > _LONGEST_SPAN:
            raise CorruptDocument("The file is damaged: where its packed text can be entered is told wrongly.")
        resets = self._at(self._content + table.offset, min(table.size, 16 * MiB))
        size, entry = _quad(resets, 0x10), _long(resets, 8)
        first, count = _long(resets, 0x0C), _long(resets, 4)
        if _quad(resets, 0x20) != lzx.FRAME or entry != 8 or count * lzx.FRAME < size or not size:
            raise CorruptDocument("The file is damaged: the table of the places where its packed text can be entered is none.")
        frames = -(-size // lzx.FRAME)
        starts = [_quad(resets, at) for at in range(first, min(first + 8 * frames, len(resets) - 7), 8)]
        if size > MiB and size > self._limits.max_unpack_ratio * max(packed.size, 1):
            raise DocumentTooLarge(
                f"The file unpacks to more than {self._limits.max_unpack_ratio} times its packed size (max_unpack_ratio)."
            )
        return _Packed(self, packed, _Resets(size, reset, bits, [*starts, _quad(resets, 0x18)]))

    def packed_bytes(self, member: Member, start: int, end: int) -> bytes:
        """A piece of a plain member, as much of it as there is."""
        return self._at(self._content + member.offset + start, max(0, min(end, member.size) - start))


@dataclass(frozen=True, slots=True)
class _Resets:
    size: int  # of the unpacked section, in bytes
    span: int  # bytes of text between two resets
    window: int  # bits of its size
    starts: list[int]  # of each frame in the packed bytes, and the end of the last


class _Packed:
    """The packed section: spans between two resets are unpacked when they are asked for."""

    def __init__(self, container: Container, member: Member, resets: _Resets) -> None:
        self._container, self._member, self._resets = container, member, resets
        self._spans: OrderedDict[int, lzx.Unpacked] = OrderedDict()
        self._kept = 0

    def read(self, member: Member) -> bytes:
        """Raises: CorruptDocument, DocumentTooLarge."""
        end = member.offset + member.size
        if end > self._resets.size:
            raise CorruptDocument(f"{member.name!r} lies beyond the end of the packed text: the file is damaged.")
        span = self._resets.span
        pieces = []
        for number in range(member.offset // span, -(-end // span)):
            start = number * span
            unpacked = self._span(number)
            if unpacked.problem and len(unpacked.text) < min(end - start, span):
                raise CorruptDocument(f"{member.name!r} can't be unpacked. {unpacked.problem}")
            pieces.append(unpacked.text[max(0, member.offset - start) : end - start])
        return b"".join(pieces)

    def _span(self, number: int) -> lzx.Unpacked:
        if number in self._spans:
            self._spans.move_to_end(number)
            return self._spans[number]
        made = self._spans[number] = self._unpack(number)
        self._kept += len(made.text)
        while self._kept > _KEPT and len(self._spans) > 1:
            self._kept -= len(self._spans.popitem(last=False)[1].text)
        return made

    def _unpack(self, number: int) -> lzx.Unpacked:
        resets = self._resets
        size = min(resets.span, resets.size - number * resets.span)
        first = number * resets.span // lzx.FRAME
        places = resets.starts[first : first + -(-size // lzx.FRAME) + 1]
        if len(places) < 2 or any(after <= before for before, after in pairwise(places)):
            return lzx.Unpacked(b"", "Where its packed bytes lie is told wrongly.")
        data = self._container.packed_bytes(self._member, places[0], places[-1])
        if not data:
            return lzx.Unpacked(b"", f"{_CUT} before its packed bytes.")
        return lzx.unpacked(data, size, resets.window, [place - places[0] for place in places[1:]])


def _list(chunk: bytes, members: dict[str, Member], encoding: str) -> bool:
    """Add what a listing chunk lists, names in UTF-8 or, as some write them, in this encoding; whether all could be read."""
    end = len(chunk) - min(_long(chunk, 4), len(chunk))
    at = 20
    while at < end:
        length, at = _packed_number(chunk, at)
        if not 0 < length <= end - at:
            return False
        name = _name(chunk[at : at + length], encoding)
        section, at = _packed_number(chunk, at + length)
        offset, at = _packed_number(chunk, at)
        size, at = _packed_number(chunk, at)
        if at > end or section > 1:
            return False
        if not name.endswith("/"):
            name = name.removeprefix("/")
            members[name] = Member(name, section, offset, size)
    return True


def _name(data: bytes, encoding: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(encoding, "replace")


def _packed_number(data: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends; 0 behind the end of the data, which is told by the place."""
    number = 0
    while at < len(data):
        byte = data[at]
        at += 1
        number = number << 7 | byte & 0x7F
        if byte < 0x80 or number >> 63:
            return number, at
    return 0, len(data) + 1


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _quad(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


def _fold(name: str) -> str:
    return normalize("NFC", posixpath.normpath(posixpath.join("/", name)).lstrip("/")).casefold()
