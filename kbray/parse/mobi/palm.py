"""PalmDB, the container of Kindle books: its records, and the text in them unpacked.

Formats as the MobileRead wiki describes them (https://wiki.mobileread.com/wiki/MOBI, …/PDB, …/PalmDOC).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from kbray.errors import CorruptDocument, DocumentTooLarge, EncryptedDocument

NONE = 0xFFFFFFFF
"""The number of a record that is not there."""
_HEAD = 78
_PLAIN, _PALMDOC, _HUFF = 1, 2, 17480
_BITS = 32  # of a code, at most
_DEEPEST = 32  # phrases in phrases


@dataclass(frozen=True, slots=True)
class Database:
    """Records of a file, from 0."""

    records: Sequence[bytes]
    creator: bytes

    @classmethod
    def of(cls, data: bytes) -> "Database":
        """Raises: CorruptDocument: its records can't be found."""
        count = int.from_bytes(data[76:78], "big")
        starts = [int.from_bytes(data[at : at + 4], "big") for at in range(_HEAD, _HEAD + 8 * count, 8)]
        if not starts or starts != sorted(starts) or starts[-1] > len(data):
            raise CorruptDocument("The book can't be read: its records are cut short or out of order.")
        return cls([data[a:b] for a, b in zip(starts, [*starts[1:], len(data)], strict=True)], data[60:68])

    def record(self, number: int) -> bytes:
        """Raises: CorruptDocument: there is none."""
        if not 0 <= number < len(self.records):
            raise CorruptDocument(f"The book is cut short: record {number} is missing.")
        return self.records[number]


@dataclass(frozen=True, slots=True)
class Header:
    """The first record of a book, which begins at record `first` of the database."""

    data: bytes
    first: int = 0

    def short(self, at: int) -> int:
        return int.from_bytes(self.data[at : at + 2], "big")

    def long(self, at: int) -> int:
        """`NONE` where the header is shorter."""
        return int.from_bytes(self.data[at : at + 4], "big") if len(self.data) >= at + 4 and at + 4 <= self._end else NONE

    @property
    def is_mobi(self) -> bool:
        return self.data[16:20] == b"MOBI"

    @property
    def _end(self) -> int:
        return 16 + int.from_bytes(self.data[20:24], "big") if self.is_mobi else 16

    def record(self, at: int) -> int | None:
        """The number of the record that the header names there; None: none."""
        number = self.long(at)
        return None if number == NONE else self.first + number


def text_of(database: Database, header: Header, limit: int) -> list[bytes]:
    """The text of a book by its records, unpacked. limit: bytes.

    Raises: EncryptedDocument, CorruptDocument, DocumentTooLarge.
    """
    if header.short(12):
        raise EncryptedDocument("The book is protected by DRM.")
    compression, trailers = header.short(0), header.short(242) if header.long(240) != NONE else 0
    huff = _huffman(database, header, limit) if compression == _HUFF else None
    if compression not in (_PLAIN, _PALMDOC, _HUFF):
        raise CorruptDocument(f"The book is packed by a method that does not exist ({compression}).")
    found: list[bytes] = []
    size = 0
    for number in range(header.first + 1, header.first + 1 + header.short(8)):
        record = _without_trailers(database.record(number), trailers)
        piece = huff.unpacked(record) if huff else unpacked(record) if compression == _PALMDOC else record
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        found.append(piece)
    return found


def _too_large(limit: int) -> DocumentTooLarge:
    return DocumentTooLarge(f"The text of the book unpacks to more than max_unpacked_bytes allows ({limit}).")


def unpacked(data: bytes) -> bytes:
    """PalmDOC's compression: literals, pairs of a space and a letter, and what stood up to 2047 bytes before."""
    out = bytearray()
    at, end = 0, len(data)
    while at < end:
        code = data[at]
        at += 1
        if 1 <= code <= 8:
            out += data[at : at + code]
            at += code
        elif code < 0x80:
            out.append(code)
        elif code >= 0xC0:
            out += bytes((0x20, code ^ 0x80))
        elif at < end:
            pair = code << 8 | data[at]
            at += 1
            back, length = pair >> 3 & 0x7FF, (pair & 7) + 3
            if not 0 < back <= len(out):
                raise CorruptDocument("The text of the book is damaged: it can't be unpacked.")
            start = len(out) - back
            if length <= back:
                out += out[start : start + length]
            else:
                for place in range(start, start + length):
                    out.append(out[place])
    return bytes(out)


def _without_trailers(record: bytes, flags: int) -> bytes:
    """Behind the text of a record stands what is told of it, each thing with its size at the end."""
    for _ in range((flags >> 1).bit_count()):
        size = 0
        for byte in record[-4:]:
            size = (0 if byte & 0x80 else size) << 7 | byte & 0x7F
        record = record[: len(record) - size] if size else record
    if flags & 1 and record:
        record = record[: -(record[-1] & 3) - 1]
    return record


class _Huffman:
    """Codes of up to 32 bits for phrases, which may hold codes again."""

    def __init__(self, codes: bytes, phrases: Sequence[bytes], limit: int) -> None:
        self._limit = limit
        short, long = struct.unpack_from(">2L", codes, 8)
        self._short = [self._entry(value) for value in struct.unpack_from(">256L", codes, short)]
        bounds = struct.unpack_from(">64L", codes, long)
        self._least = [0, *(value << (_BITS - bits) for bits, value in enumerate(bounds[::2], start=1))]
        self._most = [0, *((value + 1 << (_BITS - bits)) - 1 for bits, value in enumerate(bounds[1::2], start=1))]
        self._phrases: list[tuple[bytes, bool]] = []
        for record in phrases:
            count, bits = struct.unpack_from(">2L", record, 8)
            here = max(0, min(1 << min(bits, 16), count - len(self._phrases)))
            for start in struct.unpack_from(f">{here}H", record, 16):
                (size,) = struct.unpack_from(">H", record, 16 + start)
                self._phrases.append((record[18 + start : 18 + start + (size & 0x7FFF)], bool(size & 0x8000)))

    @staticmethod
    def _entry(value: int) -> tuple[int, bool, int]:
        bits = value & 0x1F
        return bits, bool(value & 0x80), ((value >> 8) + 1 << (_BITS - bits)) - 1

    def unpacked(self, data: bytes, depth: int = 0) -> bytes:
        if depth > _DEEPEST:
            raise CorruptDocument("The text of the book is damaged: its phrases hold themselves.")
        out = bytearray()
        at, end, padded = 0, 8 * len(data), data + bytes(8)
        while at < end:
            code = int.from_bytes(padded[at >> 3 : (at >> 3) + 5], "big") >> (8 - (at & 7)) & 0xFFFFFFFF
            bits, known, most = self._short[code >> 24]
            if not known:
                while bits < _BITS and code < self._least[bits]:
                    bits += 1
                most = self._most[bits]
            if not bits:
                raise CorruptDocument("The text of the book is damaged: it has a code without bits.")
            at += bits
            if at > end:
                break
            number = most - code >> (_BITS - bits)
            if not 0 <= number < len(self._phrases):
                raise CorruptDocument("The text of the book is damaged: a phrase is missing.")
            phrase, plain = self._phrases[number]
            if not plain:
                phrase = self.unpacked(phrase, depth + 1)
                self._phrases[number] = phrase, True
            out += phrase
            if len(out) > self._limit:
                raise _too_large(self._limit)
        return bytes(out)


def _huffman(database: Database, header: Header, limit: int) -> _Huffman:
    first, count = header.record(112), header.long(116)
    if first is None or not 1 < count < len(database.records) + 1:
        raise CorruptDocument("The book is damaged: the codes of its text are missing.")
    codes, *phrases = (database.record(number) for number in range(first, first + count))
    try:
        return _Huffman(codes, phrases, limit)
    except (struct.error, ValueError) as error:
        raise CorruptDocument(f"The book is damaged: the codes of its text can't be read ({error}).") from None
