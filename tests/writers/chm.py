"""Compiled HTML help as tests need it, by its specification: a directory, content plain or packed, and an encoder for LZX."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from struct import pack

FRAME = 0x8000
STORAGE = "::DataSpace/Storage/MSCompressed/"
RESETS = STORAGE + "Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable"
GUIDS = bytes.fromhex("10fd017caa7bd0119e0c00a0c922e6ec11fd017caa7bd0119e0c00a0c922e6ec")
VERBATIM, ALIGNED, STORED = 1, 2, 3
SLOTS = 32  # of a window of 64 KiB
FARTHEST = 0x10000 - 3
EXTRA = [max(slot // 2 - 1, 0) for slot in range(SLOTS)]
BASE = [sum(1 << bits for bits in EXTRA[:slot]) for slot in range(SLOTS)]
# Lengths of codes that leave no code unused: readers other than ours want that.
MAIN, LONG, LOW, PRETREE = [9] * 512, [7] * 7 + [8] * 242, [3] * 8, [4] * 12 + [5] * 8


def codes(lengths: list[int]) -> list[tuple[int, int]]:
    """Code and its length, of each symbol."""
    made, code = [(0, 0)] * len(lengths), 0
    for length in range(1, 17):
        for symbol, own in enumerate(lengths):
            if own == length:
                made[symbol] = code, length
                code += 1
        code <<= 1
    return made


class Bits:
    """16-bit words, little-endian, each written from its highest bit."""

    def __init__(self) -> None:
        self.out = bytearray()
        self._bits = ""

    def add(self, value: int, count: int) -> None:
        self._bits += f"{value:0{count}b}" if count else ""
        while len(self._bits) >= 16:
            self.out += int(self._bits[:16], 2).to_bytes(2, "little")
            self._bits = self._bits[16:]

    def align(self) -> None:
        if self._bits:
            self.add(0, 16 - len(self._bits))

    def code(self, table: list[tuple[int, int]], symbol: int) -> None:
        self.add(*table[symbol])


class Lzx:
    """What lies between two resets, frame by frame."""

    def __init__(self, text: bytes, kind: int, calls: int = 0, block: int = 20_001) -> None:
        self._text, self._kind = text, kind
        self._bits = Bits()
        self._last = [1, 1, 1]
        self._lengths: dict[str, list[int]] = {"main": [0] * 512, "long": [0] * 249}
        self._bits.add(int(calls > 0), 1)
        if calls:
            self._bits.add(calls >> 16, 16)
            self._bits.add(calls & 0xFFFF, 16)
        self.ends = list(self._frames(block))
        self.out = bytes(self._bits.out)

    def _frames(self, block: int) -> Iterator[int]:
        """Blocks that don't end where frames do; where each frame ends."""
        seen: dict[bytes, int] = {}
        at = left = 0
        for end in range(FRAME, len(self._text) + 1, FRAME):
            while at < end:
                if not left:
                    left = min(block, len(self._text) - at)
                    self._open(left)
                size = min(left, end - at)
                if self._kind == STORED:
                    self._bits.out += self._text[at : at + size]
                    if size == left and len(self._bits.out) % 2:
                        self._bits.out += b"\0"
                else:
                    self._encode(at, at + size, seen)
                at, left = at + size, left - size
            if self._kind != STORED:
                self._bits.align()
            yield len(self._bits.out)

    def _open(self, size: int) -> None:
        bits = self._bits
        bits.add(self._kind, 3)
        bits.add(size, 24)
        if self._kind == STORED:
            bits.add(0, 1)  # there is at least one bit before the next word
            bits.align()
            bits.out += pack("<3I", *self._last)
            return
        if self._kind == ALIGNED:
            for length in LOW:
                bits.add(length, 3)
        for name, wanted, begin, end in (("main", MAIN, 0, 256), ("main", MAIN, 256, 512), ("long", LONG, 0, 249)):
            for length in PRETREE:
                bits.add(length, 4)
            for at in range(begin, end):
                bits.code(codes(PRETREE), (self._lengths[name][at] - wanted[at]) % 17)
            self._lengths[name][begin:end] = wanted[begin:end]

    def _encode(self, at: int, end: int, seen: dict[bytes, int]) -> None:
        main, long, low = codes(MAIN), codes(LONG), codes(LOW)
        while at < end:
            before = seen.get(self._text[at : at + 3], -1)
            size = 0
            while (
                before >= 0
                and at - before <= FARTHEST
                and at + size < end
                and size < 257
                and self._text[before + size] == self._text[at + size]
            ):
                size += 1
            seen[self._text[at : at + 3]] = at
            if size < 3:
                self._bits.code(main, self._text[at])
                at += 1
                continue
            slot, extra, value = self._slot(at - before)
            self._bits.code(main, 256 + 8 * slot + min(size - 2, 7))
            if size >= 9:
                self._bits.code(long, size - 9)
            if self._kind == ALIGNED and extra >= 3:
                self._bits.add(value >> 3, extra - 3)
                self._bits.code(low, value & 7)
            else:
                self._bits.add(value, extra)
            at += size

    def _slot(self, distance: int) -> tuple[int, int, int]:
        """Slot, how many bits follow, and they."""
        if distance in self._last:
            slot = self._last.index(distance)
            self._last[0], self._last[slot] = self._last[slot], self._last[0]
            return slot, 0, 0
        self._last = [distance, *self._last[:2]]
        slot = max(slot for slot in range(3, SLOTS) if BASE[slot] <= distance + 2)
        return slot, EXTRA[slot], distance + 2 - BASE[slot]


@dataclass
class Help:
    """A help file. kind: of the blocks that `files` are packed in; None: they are plain."""

    files: Mapping[str, bytes]
    kind: int | None = VERBATIM
    title: bytes = b""
    contents: str = ""
    language: int = 0x409
    font: bytes = b""
    name: str = "book"
    said: Mapping[str, bytes] = field(default_factory=dict)  # further files that are plain
    span: int = 2  # frames between two resets
    chunk: int = 0x1000  # bytes of a piece of the directory
    calls: int = 0
    old: bool = False  # as the first version of the compiler wrote it
    names: str = "utf-8"  # the encoding of names
    resets: int | None = None  # another size than there is, for the packed text

    def data(self) -> bytes:
        plain: dict[str, bytes] = {"/#SYSTEM": self._system(), **{f"/{name}": data for name, data in self.said.items()}}
        if self.kind is None:
            plain |= {f"/{name}": data for name, data in self.files.items()}
        else:
            plain |= self._packed(self.kind)
        entries, content = {}, b""
        for name, data in plain.items():
            entries[name] = 0, len(content), len(data)
            content += data
        at = 0
        for name, data in self.files.items() if self.kind is not None else ():
            entries[f"/{name}"] = 1, at, len(data)
            at += len(data)
        directory = self._directory(entries)
        length = 0x58 if self.old else 0x60
        start = length + 0x18 + len(directory)
        places = pack("<4Q", length, 0x18, length + 0x18, len(directory)) + (b"" if self.old else pack("<Q", start))
        head = pack("<4s5I", b"ITSF", 2 if self.old else 3, length, 1, 0, self.language) + GUIDS + places
        return head + pack("<QQQ", 0x1FE, start + len(content), 0) + directory + content

    def write(self, path: Path) -> Path:
        path.write_bytes(self.data())
        return path

    def _system(self) -> bytes:
        told = [
            (10, bytes(4)),
            (9, b"HHA Version 4.74.8702\0"),
            (4, pack("<I", self.language) + bytes(32)),
            (6, self.name.encode() + b"\0"),
            (3, self.title + b"\0"),
            (16, self.font + b"\0"),
            *([(0, self.contents.encode() + b"\0")] if self.contents else []),
        ]
        return pack("<I", 3) + b"".join(pack("<HH", kind, len(data)) + data for kind, data in told)

    def _packed(self, kind: int) -> dict[str, bytes]:
        text = b"".join(self.files.values())
        out, starts = b"", []
        span = self.span * FRAME
        for at in range(0, len(text), span):
            piece = text[at : at + span]
            made = Lzx(piece.ljust(-(-len(piece) // FRAME) * FRAME, b"\0"), kind, self.calls)
            starts += [len(out) + end for end in (0, *made.ends[:-1])]
            out += made.out
        size = len(text) if self.resets is None else self.resets
        table = pack("<4I3Q", 2, len(starts), 8, 0x28, size, len(out), FRAME) + pack(f"<{len(starts)}Q", *starts)
        return {
            "::DataSpace/NameList": "\x2e\2\x0cUncompressed\0\x0cMSCompressed\0".encode("utf-16-le"),
            f"{STORAGE}ControlData": pack("<I4s5I", 6, b"LZXC", *((1, span, 2 * FRAME) if self.old else (2, self.span, 2)), 1, 0),
            f"{STORAGE}SpanInfo": pack("<Q", size),
            RESETS: table,
            f"{STORAGE}Content": out,
        }

    def _directory(self, entries: Mapping[str, tuple[int, int, int]]) -> bytes:
        rows = [
            packed(len(name.encode(self.names))) + name.encode(self.names) + b"".join(map(packed, place))
            for name, place in sorted(entries.items(), key=lambda entry: entry[0].lower())
        ]
        groups: list[list[bytes]] = [[]]
        for row in rows:
            if sum(map(len, groups[-1])) + len(row) > self.chunk - 64:
                groups.append([])
            groups[-1].append(row)
        chunks = b""
        for number, group in enumerate(groups):
            listed = b"".join(group)
            free = self.chunk - 20 - len(listed)
            after = number + 1 if number + 1 < len(groups) else -1
            chunks += pack("<4sIIii", b"PMGL", free, 0, number - 1, after) + listed + bytes(free - 2) + pack("<H", len(group))
        last = len(groups) - 1
        if last:
            names = [row[1 : 1 + row[0]] for row in (group[0] for group in groups)]
            listed = b"".join(packed(len(name)) + name + packed(number) for number, name in enumerate(names))
            free = self.chunk - 8 - len(listed)
            chunks += pack("<4sI", b"PMGI", free) + listed + bytes(free - 2) + pack("<H", len(groups))
        root, depth, count = (last + 1, 2, len(groups) + 1) if last else (-1, 1, 1)
        head = pack("<4sIIIIIIiIIiI", b"ITSP", 1, 0x54, 10, self.chunk, 2, depth, root, 0, last, -1, count)
        return head + pack("<I", self.language) + GUIDS[:16] + pack("<Iiii", 0x54, -1, -1, -1) + chunks


def packed(number: int) -> bytes:
    """7 bits a byte, the highest first; all but the last are marked."""
    pieces = [number & 0x7F]
    while number := number >> 7:
        pieces.append(number & 0x7F | 0x80)
    return bytes(reversed(pieces))


def sitemap(*entries: tuple[int, str, str]) -> str:
    """Contents: level, title and place of each entry."""
    out, open_lists = "<HTML><BODY>", 0
    for level, title, place in entries:
        out += "<UL>" * (level - open_lists) + "</UL>" * (open_lists - level)
        open_lists = level
        local = f'<param name="Local" value="{place}">' if place else ""
        out += f'<LI><OBJECT type="text/sitemap"><param name="Name" value="{title}">{local}</OBJECT>\n'
    return out + "</UL>" * open_lists + "</BODY></HTML>"
