"""Kindle books as tests need them: records in a PalmDB, KF7 or KF8, packed or not."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_NONE = 0xFFFFFFFF
_RECORD = 4096


def pdb(records: Sequence[bytes], creator: bytes = b"BOOKMOBI") -> bytes:
    """The container."""
    start = 78 + 8 * len(records)
    starts = [start + sum(map(len, records[:number])) for number in range(len(records))]
    head = b"A book".ljust(32, b"\0") + bytes(28) + creator + bytes(8) + struct.pack(">H", len(records))
    return head + b"".join(struct.pack(">LL", place, 2 * number) for number, place in enumerate(starts)) + b"".join(records)


def packed(text: bytes) -> bytes:
    """By PalmDOC: pairs where the last three bytes stood before, spaces with the letter behind them."""
    out, at = bytearray(), 0
    while at < len(text):
        before = text.rfind(text[at : at + 3], max(0, at - 2047), at) if at + 3 <= len(text) else -1
        if before >= 0:
            out += struct.pack(">H", 0x8000 | (at - before) << 3)
            at += 3
        elif text[at] == 0x20 and at + 1 < len(text) and 0x40 <= text[at + 1] < 0x80:
            out.append(text[at + 1] ^ 0x80)
            at += 2
        elif text[at] == 0 or 9 <= text[at] < 0x80:
            out.append(text[at])
            at += 1
        else:
            run = text[at : at + 1]
            out += bytes((len(run),)) + run
            at += 1
    return bytes(out)


def huffman(phrases: Mapping[int, bytes]) -> list[bytes]:
    """HUFF and CDIC records in which the code of byte b is 255 - b, but for phrases, which are codes of others."""
    short = b"".join(struct.pack(">L", 255 << 8 | 0x80 | 8) for _ in range(256))
    codes = b"HUFF" + struct.pack(">LLL", 24, 24, 24 + len(short)) + bytes(8) + short + struct.pack(">64L", *[0] * 64)
    entries = [phrases.get(number, bytes((number,))) for number in range(256)]
    flags = [0 if number in phrases else 0x8000 for number in range(256)]
    places, body = [], b""
    for entry, flag in zip(entries, flags, strict=True):
        places.append(512 + len(body))
        body += struct.pack(">H", flag | len(entry)) + entry
    return [codes, b"CDIC" + struct.pack(">LLL", 16, 256, 8) + struct.pack(">256H", *places) + body]


def coded(text: bytes) -> bytes:
    return bytes(255 - byte for byte in text)


def index(entries: Sequence[tuple[bytes, Mapping[int, Sequence[int]]]], tags: Sequence[tuple[int, int]]) -> list[bytes]:
    """An index of entries with these tags (and how many numbers each has), all of which each entry has."""
    masks = [1 << place for place in range(len(tags))]
    quads = b"".join(bytes((tag, each, mask, 0)) for (tag, each), mask in zip(tags, masks, strict=True)) + bytes((0, 0, 0, 1))
    head = b"INDX" + struct.pack(">12L", 192, 0, 0, 0, 0, 1, 65001, _NONE, len(entries), 0, 0, 0)
    tagx = b"TAGX" + struct.pack(">LL", 12 + len(quads), 1) + quads
    body, places = b"", []
    for name, numbers in entries:
        places.append(192 + len(body))
        body += bytes((len(name),)) + name + bytes((sum(masks),))
        body += b"".join(_varied(value) for tag, _ in tags for value in numbers[tag])
    data = b"INDX" + struct.pack(">12L", 192, 0, 1, 0, 192 + len(body), len(entries), 0, 0, 0, 0, 0, 0)
    table = b"IDXT" + b"".join(struct.pack(">H", place) for place in places)
    return [head.ljust(192, b"\0") + tagx, data.ljust(192, b"\0") + body + table]


def _varied(value: int) -> bytes:
    out = [value & 0x7F | 0x80]
    while value := value >> 7:
        out.append(value & 0x7F)
    return bytes(reversed(out))


@dataclass
class Book:
    """`skeletons`: for KF8, each with its fragments and where in it they are inserted; else `text` is KF7's page."""

    text: str = ""
    skeletons: Sequence[tuple[str, Sequence[tuple[int, str]]]] = ()
    flows: Sequence[str] = ()
    said: Mapping[int, str] = field(default_factory=dict)
    compression: int = 1
    encoding: int = 65001
    encryption: int = 0
    trailers: int = 0  # flags
    boundary: int | None = None  # the record where the book is again
    contents: Sequence[tuple[str, int, int]] = ()  # labels, where they lead (bytes), depths

    def records(self) -> list[bytes]:
        codec = "utf-8" if self.encoding == 65001 else "cp1252"
        text, skeletons, fragments = self.text.encode(codec), [], []
        for number, (skeleton, parts) in enumerate(self.skeletons):
            start = len(text)
            size = len(skeleton.encode(codec))
            skeletons.append((b"SKEL%010d" % number, {1: [len(parts)], 6: [start, size]}))
            text += skeleton.encode(codec)
            for place, part in parts:
                fragments.append((b"%010d" % (start + place), {6: [0, len(part.encode(codec))]}))
                text += part.encode(codec)
        ends = [len(text)]
        for flow in self.flows:
            text += flow.encode(codec)
            ends.append(len(text))
        pieces = [text[at : at + _RECORD] for at in range(0, len(text), _RECORD)]
        phrases = {200: coded(b"the whole ")}
        pack = packed if self.compression == 2 else coded if self.compression == 17480 else bytes
        records = [pack(piece) + self._trailer() for piece in pieces]
        more: dict[int, list[bytes]] = {}
        if self.compression == 17480:
            more[112] = huffman(phrases)
        if self.skeletons:
            more[252] = index(skeletons, [(1, 1), (6, 2)])
            more[248] = index(fragments, [(6, 2)])
            more[192] = [
                b"FDST"
                + struct.pack(">LL", 12, len(ends))
                + b"".join(struct.pack(">LL", start, end) for start, end in zip([0, *ends], ends, strict=False))
            ]
        if self.contents:
            labels = [label.encode(codec) for label, _, _ in self.contents]
            starts = [sum(1 + len(one) for one in labels[:number]) for number in range(len(labels))]
            told = [
                (b"%02d" % number, {1: [at], 3: [starts[number]], 4: [depth]})
                for number, (_, at, depth) in enumerate(self.contents)
            ]
            more[244] = [*index(told, [(1, 1), (3, 1), (4, 1)]), b"".join(bytes((0x80 | len(one),)) + one for one in labels)]
        places: dict[int, int] = {}
        for at, found in more.items():
            places[at] = 1 + len(records)
            records += found
        return [self._header(len(text), len(pieces), places, codec), *records]

    def _trailer(self) -> bytes:
        """One thing of two bytes and its size for each flag, and behind all what is left of a letter."""
        things = b"".join(b"x" + bytes((0x80 | 2,)) for bit in range(1, 16) if self.trailers >> bit & 1)
        return (b"\0" if self.trailers & 1 else b"") + things

    def _header(self, size: int, count: int, places: Mapping[int, int], codec: str) -> bytes:
        head = bytearray(280)
        struct.pack_into(">HHLHHHH", head, 0, self.compression, 0, size, count, _RECORD, self.encryption, 0)
        struct.pack_into(">4sLLL", head, 16, b"MOBI", 264, 2, self.encoding)
        struct.pack_into(">L", head, 36, 8 if self.skeletons else 6)
        for at in (112, 192, 244, 248, 252):
            struct.pack_into(">L", head, at, places.get(at, _NONE))
        struct.pack_into(">L", head, 116, 2)
        struct.pack_into(">L", head, 128, 0x40)
        struct.pack_into(">L", head, 240, self.trailers)
        values = [(kind, value.encode(codec)) for kind, value in self.said.items()]
        if self.boundary is not None:
            values.append((121, struct.pack(">L", self.boundary)))
        body = b"".join(struct.pack(">LL", kind, 8 + len(value)) + value for kind, value in values)
        name = "Full name".encode(codec)
        struct.pack_into(">LL", head, 84, len(head) + 12 + len(body), len(name))
        return bytes(head) + b"EXTH" + struct.pack(">LL", 12 + len(body), len(values)) + body + name

    def write(self, path: Path) -> Path:
        path.write_bytes(pdb(self.records()))
        return path
