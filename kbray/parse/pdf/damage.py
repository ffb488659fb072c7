"""Pages that are damaged. pdfium shows what it finds up to a fault, and doesn't tell of the fault; a copy that it writes does."""

import base64
import io
import mmap
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pypdfium2 as pdfium

from kbray.config import MiB

_AT_ONCE = 16  # pages copied together: fonts are shared
LARGE = 64 * MiB  # of a file: its pages are copied one by one, for the memory that takes
_LARGEST = 256 * MiB  # of a file that is copied as a whole
_PIECE = MiB
_MOST = 64 * MiB  # unpacked of one stream; the rest is taken on trust
_STREAM = b">>stream\r\n"
_PACKED = re.compile(rb"/Filter ?(?:\[ ?)?(/A(?:SCII)?85(?:Decode)? ?)?/Fl(?:ateDecode)?\b")
# Pictures, notes about the file, colours and functions: no text is lost with them.
_NO_TEXT = re.compile(rb"/Subtype ?/(?:Image|XML)\b|/(?:FunctionType|N) \d")
_CONTENTS, _KIDS = (re.compile(rb"/%b ?(?:\[([^\[\]]*)\]|(\d{1,10}) 0 R)" % name) for name in (b"Contents", b"Kids"))
_NUMBERED = re.compile(rb"(\d{1,10}) 0 R")
_ROOT, _TREE = re.compile(rb"/Root (\d{1,10}) 0 R"), re.compile(rb"/Pages (\d{1,10}) 0 R")
_RESOURCES = re.compile(rb"/Resources ?(?:(\d{1,10}) 0 R|<<)")
_GROUP = re.compile(rb"/(?:Font|XObject) ?(?:<<([^<>]*)>>|(\d{1,10}) 0 R)")
_NAME = re.compile(rb"/([^\s/\[\]()<>]+)")
_NAMED = re.compile(_NAME.pattern + rb" (\d{1,10}) 0 R")
_LOOKED_AT = 16 * MiB  # of the contents of a page, unpacked
_MOST_PAGES = 1_000_000
Missing = Literal["contents", "shown"]
"""What isn't there: streams of a page's contents, or fonts, forms or pictures that these show."""
_HEADER = 2  # bytes of zlib's before what is packed
_RUN = bytes(32)
_WORDS = re.compile(rb"(?P<begin>\bobj\b)|(?P<data>\bstream\b)|(?P<behind>\bendstream\b)|(?P<end>\bendobj\b)|(?P<zeros>\0{32,})")


def has_zeros(path: Path) -> bool:
    """Whether zeros stand within objects, but for their data, as a disk or a broken copy leaves them: pdfium passes over them."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.size() > LARGE or content.find(_RUN) < 0:  # nearly all
            return False
        state: str | None = "end"
        at = begun = 0
        while found := _WORDS.search(content, at):
            kind, at = found.lastgroup, found.end()
            if kind == "zeros" and state in ("begin", "behind"):
                if not _in_string(content[begun : found.start()]):
                    return True
                state = "string"  # as long as the object: each is looked at once
            elif kind == "zeros":
                state = "lost" if state == "end" else state  # or what fills a file up: what comes next tells
            elif state == "lost" and kind != "begin":
                return True
            else:
                state, begun = kind, at
            if kind == "data":
                at = end if (end := content.find(b"endstream", at)) >= 0 else content.size()
    return False


def _in_string(text: bytes) -> bool:
    """A table of colours may be written as one."""
    return text.rfind(b"(") > text.rfind(b")")


def damaged_pages(document: Any, numbers: Sequence[int], size: int) -> set[int]:
    """Those of these pages (from 1) whose contents, forms or fonts can't be unpacked to their end without a fault.

    Args: size: of the file, in bytes.
    """
    step = 1 if size > LARGE else _AT_ONCE
    found: set[int] = set()
    for begin in range(0, len(numbers), step):
        several = numbers[begin : begin + step]
        if _is_damaged(document, several):
            found.update(number for number in several if len(several) == 1 or _is_damaged(document, [number]))
    return found


def missing_in(document: Any, numbers: Sequence[int], size: int) -> dict[int, Missing]:
    """Those of these pages (from 1) that name what is not in the file, which pdfium passes over.

    Args: size: of the file, in bytes.
    """
    copy = _whole(document) if size <= _LARGEST else b""
    if not copy:
        return {}
    objects = _Objects(copy, _places(copy))
    pages = objects.pages()
    if len(pages) != len(document):  # pdfium found them otherwise
        return {}
    found = {number: objects.missing(*pages[number - 1]) for number in numbers}
    return {number: what for number, what in found.items() if what is not None}


def has_contents(document: Any, number: int) -> bool:
    """Whether pdfium finds a page's contents, though they may draw nothing."""
    copy = _copied(document, [number])
    return copy is None or b"/Contents" in copy


def _is_damaged(document: Any, numbers: Sequence[int]) -> bool:
    copy = _copied(document, numbers)
    if copy is None:
        return len(numbers) > 1  # one can't be loaded, which is told where it is read
    return any(not _unpacks(packed, written) for packed, written in _streams(copy, _places(copy)))


def _copied(document: Any, numbers: Sequence[int]) -> bytes | None:
    """A document of nothing but these pages, as pdfium writes it; None, where it can't."""
    copy, buffer = pdfium.PdfDocument.new(), io.BytesIO()
    try:
        copy.import_pages(document, [number - 1 for number in numbers])
        copy.save(buffer)
    except pdfium.PdfiumError:
        return None
    finally:
        copy.close()
    return buffer.getvalue()


def _whole(document: Any) -> bytes:
    """The document as pdfium writes it, object by object; nothing, where it can't."""
    buffer = io.BytesIO()
    try:
        document.save(buffer)
    except pdfium.PdfiumError:
        return b""
    return buffer.getvalue()


class _Objects:
    """Those of a copy, by their numbers, as far as it takes to know what a page is made of."""

    def __init__(self, copy: bytes, places: Mapping[int, int]) -> None:
        self._copy = copy
        self._places = places

    def pages(self) -> list[tuple[bytes, bytes]]:
        """The dictionary of each page, and that of its resources, or of those above it."""
        trailer = self._copy[self._copy.rfind(b"trailer") :]
        root = _ROOT.search(trailer)
        tree = _TREE.search(self._object(int(root[1]))) if root else None
        todo = [(int(tree[1]), b"")] if tree else []
        known: dict[int, tuple[bytes, bytes | None, re.Match[bytes] | None]] = {}  # with what resources it tells
        shared: dict[int, bytes] = {}  # resources by their numbers
        found: list[tuple[bytes, bytes]] = []
        while todo and len(found) <= _MOST_PAGES:
            number, above = todo.pop()
            again = number in known
            if not again:
                own = self._object(number)
                told = _RESOURCES.search(own)
                if told and told[1] and (named := int(told[1])) not in shared:
                    shared[named] = self._object(named)
                resources = None if told is None else shared[int(told[1])] if told[1] else own[told.start() :]
                known[number] = own, resources, _KIDS.search(own)
            own, resources, kids = known[number]
            resources = above if resources is None else resources
            if kids is None:
                found.append((own, resources))
            elif not again:
                todo += [(kid, resources) for kid in reversed(self._listed(kids))]
        return found

    def missing(self, page: bytes, resources: bytes) -> Missing | None:
        """What a page names that is not there: streams of its contents; else fonts, forms or pictures that its contents show."""
        told = _CONTENTS.search(page)
        streams = self._listed(told) if told else []
        there = [number for number in streams if self._stream(number) is not None]
        if len(there) < len(streams):
            return "contents"
        lost = {name for name, number in self._named(resources) if self._object(number) in (b"", b"null")}
        return "shown" if lost and any(name in lost for name in self._shown(there)) else None

    def _shown(self, streams: Iterable[int]) -> Iterator[bytes]:
        """The names in contents, as far as these are looked at; none of what is packed otherwise than pdfium packs, or locked."""
        left = _LOOKED_AT
        for number in streams:
            try:
                unpacked = zlib.decompressobj().decompress(self._stream(number) or b"", left)
            except zlib.error:
                continue
            yield from (found[1] for found in _NAME.finditer(unpacked))
            left -= len(unpacked)
            if left <= 0:
                return

    def _named(self, resources: bytes) -> Iterator[tuple[bytes, int]]:
        for group, number in _GROUP.findall(resources):
            for name, of in _NAMED.findall(self._object(int(number)) if number else group):
                yield name, int(of)

    def _listed(self, told: re.Match[bytes]) -> list[int]:
        """The numbers of an array, or the one that stands in its place, which may be that of an array."""
        several, one = told.groups()
        if several is None and (inside := self._object(int(one))).startswith(b"["):
            several = inside
        return [int(number) for number in _NUMBERED.findall(several)] if several is not None else [int(one)]

    def _object(self, number: int) -> bytes:
        """All of it but its stream; nothing where it isn't there."""
        at = self._places.get(number)
        if at is None:
            return b""
        end = self._copy.find(b"endobj", at)
        end = end if (stream := self._copy.find(_STREAM, at, end)) < 0 else stream
        return self._copy[at:end].partition(b"obj")[2].strip()

    def _stream(self, number: int) -> bytes | None:
        """As it is packed."""
        at = self._places.get(number)
        if at is None:
            return None
        end = self._copy.find(b"endobj", at)
        begin = self._copy.find(_STREAM, at, end)
        return None if begin < 0 else self._copy[begin + len(_STREAM) : end]


def _places(copy: bytes) -> Mapping[int, int]:
    """Where each object begins, by its number."""
    places: dict[int, int] = {}
    number = 0
    begin = int(copy[copy.rfind(b"startxref") :].split()[1])
    for line in copy[begin:].split(b"\r\n")[1:]:
        match line.split():
            case [first, _]:
                number = int(first)
            case [place, _, kind]:
                if kind == b"n":
                    places[number] = int(place)
                number += 1
            case _:
                break
    return places


def _streams(copy: bytes, places: Mapping[int, int]) -> Iterator[tuple[bytes, bool]]:
    """The packed ones that tell of text, as they are packed, and whether that is written in printable characters."""
    begins = sorted(places.values())
    for begin, end in zip(begins, [*begins[1:], len(copy)], strict=True):
        at = copy.find(_STREAM, begin, end)
        packed = _PACKED.search(copy, begin, at) if at >= 0 else None
        if packed and not _NO_TEXT.search(copy, begin, at):
            yield copy[at + len(_STREAM) : end].rpartition(b"\r\nendstream")[0], bool(packed[1])


def _unpacks(packed: bytes, written: bool) -> bool:
    """To its end; a checksum may be left out, which nobody needs, but must not be wrong.

    Args: written: in printable characters.
    """
    try:
        packed = base64.a85decode(packed.partition(b"~")[0]) if written else packed
        return _ends(zlib.decompressobj(), packed) or _ends(zlib.decompressobj(-zlib.MAX_WBITS), packed[_HEADER:])
    except (zlib.error, ValueError):
        return False


def _ends(unpacker: Any, packed: bytes) -> bool:
    unpacked = 0
    while packed and not unpacker.eof and unpacked < _MOST:
        unpacked += len(unpacker.decompress(packed, _PIECE))
        packed = unpacker.unconsumed_tail
    return unpacker.eof or unpacked >= _MOST
