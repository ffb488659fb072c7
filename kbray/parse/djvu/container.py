"""The container of DjVu: chunks within forms, the directory of a document of many pages, what a page takes from other forms.

By the DjVu 3 specification, sections 8 and 9. Whatever a file tells of lengths is bounded by what is there.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kbray.errors import CorruptDocument, DocumentTooLarge, UnsupportedMedia
from kbray.parse.djvu.bzz import unpacked

_MAGIC = b"AT&T"
_PAGES = (b"DJVU", b"BM44", b"PM44")
_MOST_CHUNKS = 4096  # of one form
_MOST_BYTES = 256 << 20  # of a chunk
_DEEPEST = 8  # forms taken into a page, which take others
_BUNDLED, _NAMED, _TITLED, _KIND, _PAGE = 0x80, 0x80, 0x40, 0x3F, 1
_DPI = range(25, 6001)
_USUAL_DPI = 300
_QUARTERS = {6: 3, 2: 2, 5: 1}  # of the flags of a page: how often it is turned clockwise by 90 degrees


@dataclass(frozen=True, slots=True)
class Chunk:
    kind: bytes
    start: int  # of its content in the file
    size: int  # of what is there of it
    whole: bool  # False: the file, or its form, ends within it


@dataclass(frozen=True, slots=True)
class Form:
    """A part of a document: a page, or what pages share."""

    names: tuple[str, ...]  # by the first, others take it in; links tell any
    start: int  # where its header is
    is_page: bool


@dataclass(frozen=True, slots=True)
class Info:
    """What a page says of itself. Width and height are those of its pictures, which may be turned to be displayed."""

    width: int  # pixels
    height: int
    dpi: int
    quarters: int  # how often it is turned clockwise by 90 degrees

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as displayed; points."""
        width, height = self.width * 72 / self.dpi, self.height * 72 / self.dpi
        return (height, width) if self.quarters % 2 else (width, height)


class Book:
    """An open document."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        head = self._bytes(0, 16)
        if not head.startswith(_MAGIC + b"FORM"):
            raise CorruptDocument("The file is no DjVu document: it does not begin as one.")
        kind = head[12:]
        self.outline: Chunk | None = None
        if kind in _PAGES:
            self.forms: tuple[Form, ...] = (Form((), len(_MAGIC), is_page=True),)
        elif kind == b"DJVM":
            self.forms = self._directory()
        else:
            raise CorruptDocument("The DjVu file holds no page: it is a part of a document, which pages of others take in.")
        self.pages = tuple(form for form in self.forms if form.is_page)
        if not self.pages:
            raise CorruptDocument("The DjVu document has no pages.")
        self._named: Mapping[str, Form] = {form.names[0]: form for form in reversed(self.forms) if form.names}

    def read(self, chunk: Chunk) -> bytes:
        """Its content, as much as is there.

        Raises: DocumentTooLarge: more than 256 MiB.
        """
        if chunk.size > _MOST_BYTES:
            raise DocumentTooLarge(f"A chunk of the DjVu file has {chunk.size >> 20} MiB, more than any picture of a page.")
        return self._bytes(chunk.start, chunk.size)

    def contents(self, number: int) -> list[Chunk]:
        """The chunks of page `number` (from 1), those of forms that it takes in where it does.

        Raises: CorruptDocument: the page is not there, or what it takes in.
        """
        page = self.pages[number - 1]
        return list(self._expanded(page, (page,)))

    def info(self, number: int, chunks: list[Chunk]) -> Info:
        """Raises: CorruptDocument: the page has no usable size."""
        for chunk in chunks:
            data = self._bytes(chunk.start, min(chunk.size, 10))
            if chunk.kind == b"INFO" and len(data) >= 4:
                dpi = int.from_bytes(data[6:8], "little") if len(data) >= 8 else 0
                flags = data[9] & 7 if len(data) >= 10 else 0
                width, height = int.from_bytes(data[:2]), int.from_bytes(data[2:4])
            elif chunk.kind in (b"BM44", b"PM44") and len(data) >= 8 and data[0] == 0:  # pictures alone tell their size
                width, height, dpi, flags = int.from_bytes(data[4:6]), int.from_bytes(data[6:8]), 100, 0
            else:
                continue
            if width and height:
                return Info(width, height, dpi if dpi in _DPI else _USUAL_DPI, _QUARTERS.get(flags, 0))
            break
        raise CorruptDocument(f"Page {number} has no usable size.", page=number)

    def _bytes(self, start: int, size: int) -> bytes:
        self._file.seek(start)
        return self._file.read(size)

    def _chunks(self, start: int, end: int) -> Iterator[Chunk]:
        """Those between two places of the file."""
        for _ in range(_MOST_CHUNKS):
            head = self._bytes(start, 8) if start + 8 <= end else b""
            if len(head) < 8:
                return
            size = int.from_bytes(head[4:])
            there = min(size, end - start - 8)
            yield Chunk(head[:4], start + 8, there, there == size)
            start += 8 + size + (size & 1)

    def _form(self, start: int) -> tuple[bytes, Iterator[Chunk]] | None:
        """The kind of the form whose header is there, and its chunks; None: there is none."""
        head = self._bytes(start, 12)
        if len(head) < 12 or not head.startswith(b"FORM"):
            return None
        return head[8:], self._chunks(start + 12, min(start + 8 + int.from_bytes(head[4:8]), self._size))

    def _directory(self) -> tuple[Form, ...]:
        found = self._form(len(_MAGIC))
        forms: tuple[Form, ...] | None = None
        for chunk in found[1] if found else ():
            if chunk.kind == b"DIRM":
                try:
                    forms = _listed(self.read(chunk))
                except (CorruptDocument, DocumentTooLarge) as error:
                    raise CorruptDocument(f"The directory of the DjVu document is damaged: {error.message}") from None
            elif chunk.kind == b"NAVM":
                self.outline = chunk
            elif chunk.kind == b"FORM":
                break
        if forms is None:
            raise CorruptDocument("The DjVu document has no directory of its pages.")
        return forms

    def _expanded(self, form: Form, inside: tuple[Form, ...]) -> Iterator[Chunk]:
        found = self._form(form.start)
        if found is None:
            raise CorruptDocument("It is not where the file's directory says: the file is damaged or cut short.")
        for chunk in found[1]:
            if chunk.kind == b"INCL":
                name = self.read(chunk).decode("utf-8", "replace").rstrip("\0\n")
                taken = self._named.get(name)
                if taken is None:
                    raise CorruptDocument(f"What it shares with other pages ({name!r}) is not in the file.")
                if taken in inside or len(inside) > _DEEPEST:
                    raise CorruptDocument("What it shares with other pages takes itself in.")
                yield from self._expanded(taken, (*inside, taken))
            else:
                yield chunk


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """The document, closed at the end.

    Raises: CorruptDocument: it has no pages, or its directory is damaged. UnsupportedMedia: its pages are in other files.
    """
    with path.open("rb") as file:
        yield Book(file)


def _listed(data: bytes) -> tuple[Form, ...]:
    """The forms that a directory lists, in the order of the document."""
    count = int.from_bytes(data[1:3])
    if not data[:1] or not data[0] & _BUNDLED:
        raise UnsupportedMedia(
            "The DjVu file is only the index of a document whose pages are in other files: join them by `djvmcvt -b INDEX BOOK`."
        )
    starts = [int.from_bytes(data[at : at + 4]) for at in range(3, 3 + 4 * count, 4)]
    table = unpacked(data[3 + 4 * count :])
    flags = table[3 * count : 4 * count]
    names = iter(table[4 * count :].split(b"\0"))
    if len(flags) < count or len(starts) < count:
        raise CorruptDocument("It ends early.")
    forms = []
    for start, flag in zip(starts, flags, strict=True):
        told = [next(names, b"").decode("utf-8", "replace") for flagged in (True, flag & _NAMED, flag & _TITLED) if flagged]
        forms.append(Form(tuple(told), start, is_page=flag & _KIND == _PAGE))
    return tuple(forms)
