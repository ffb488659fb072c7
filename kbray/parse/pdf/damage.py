"""Pages that are damaged. pdfium shows what it finds up to a fault, and doesn't tell of the fault; a copy that it writes does."""

import base64
import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pypdfium2 as pdfium

from kbray.config import MiB

_AT_ONCE = 16  # pages copied together: fonts are shared
_LARGE = 64 * MiB  # of a file: its pages are copied one by one, for the memory that takes
_LARGEST = 256 * MiB  # of a file that is copied as a whole
_PIECE = MiB
_MOST = 64 * MiB  # unpacked of one stream; the rest is taken on trust
_STREAM = b">>stream\r\n"
_PACKED = re.compile(rb"/Filter ?(?:\[ ?)?(/A(?:SCII)?85(?:Decode)? ?)?/Fl(?:ateDecode)?\b")
# Pictures, notes about the file, colours and functions: no text is lost with them.
_NO_TEXT = re.compile(rb"/Subtype ?/(?:Image|XML)\b|/(?:FunctionType|N) \d")
_CONTENTS = re.compile(rb"/Contents ?(?:\[([\d R]*)\]|(\d+) 0 R)")
_HEADER = 2  # bytes of zlib's before what is packed


def damaged_pages(document: Any, numbers: Sequence[int], size: int) -> set[int]:
    """Those of these pages (from 1) whose contents, forms or fonts can't be unpacked to their end without a fault.

    Args: size: of the file, in bytes.
    """
    step = 1 if size > _LARGE else _AT_ONCE
    found: set[int] = set()
    for begin in range(0, len(numbers), step):
        several = numbers[begin : begin + step]
        if _is_damaged(document, several):
            found.update(number for number in several if len(several) == 1 or _is_damaged(document, [number]))
    return found


def contents_are_missing(document: Any, size: int) -> bool:
    """Whether a page of it names contents that aren't in the file. pdfium takes it for one without any.

    Args: size: of the file, in bytes.
    """
    if size > _LARGEST:
        return False
    buffer = io.BytesIO()
    try:
        document.save(buffer)
    except pdfium.PdfiumError:
        return False
    copy = buffer.getvalue()
    places = _places(copy)
    named = (several or one for several, one in _CONTENTS.findall(copy))
    return any(int(number) not in places for numbers in named for number in numbers.replace(b"0 R", b"").split())


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
