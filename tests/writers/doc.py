"""Word 97 documents ([MS-DOC]) as tests need them: paragraphs and runs with their properties, notes, lists, styles."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.writers.ole import write_ole

_TEXT_AT = 2048  # in the stream, behind the FIB
_PAGE = 512


@dataclass(frozen=True, slots=True)
class P:
    """A paragraph in units of UTF-16, with the one that ends it. `runs`: (first, last + 1, properties) within its text."""

    text: str
    style: int = 0
    properties: bytes = b""
    runs: tuple[tuple[int, int, bytes], ...] = ()


@dataclass(slots=True)
class Doc:
    """Stories of paragraphs; marks are places in the text, and there are as many notes."""

    text: Sequence[P]
    footnotes: Sequence[P] = ()
    footnote_marks: Sequence[int] = ()
    comments: Sequence[P] = ()
    comment_marks: Sequence[int] = ()
    commenters: Sequence[str] = ()  # of each comment
    headers: Sequence[P] = ()
    styles: Sequence[tuple[int, int, bytes, bytes]] = ((0, 0xFFF, b"", b""),)  # kind, base, properties of paragraphs, of runs
    lists: Sequence[Sequence[tuple[int, int, str]]] = ()  # levels: start, form, label
    restarts: Sequence[tuple[int, int, int, str]] = ()  # numbers behind those of lists: list, level, start, label if another
    fonts: Sequence[str] = ()
    flags: int = 0
    wide: bool = False
    pieces: int = 1
    data: bytes = b""
    behind: bytes = b""  # all else in the stream of the document
    tables: dict[int, bytes] = field(default_factory=dict)
    more: dict[str, bytes] = field(default_factory=dict)  # streams

    def write(self, path: Path) -> Path:
        every = [*self.text, *self.footnotes, *self.headers, *self.comments]
        text = "".join(one.text for one in every)
        width = 1 + self.wide
        raw = text.encode("utf-16-le", "surrogatepass") if self.wide else text.encode("cp1252")
        end = _TEXT_AT + len(raw)
        document = bytearray(_TEXT_AT) + raw + bytes(-(end) % _PAGE)
        pages: dict[int, list[int]] = {13: [], 12: []}
        starts = [_TEXT_AT]
        for one in every:
            starts.append(starts[-1] + len(one.text) * width)
        for at in range(0, len(every), 8):  # so few fit a page, whatever they say
            pages[13].append(len(document) // _PAGE)
            document += _page(starts[at : at + 9], [_papx(one) for one in every[at : at + 8]], 13)
        for first, one in zip(starts, every, strict=False):
            edges = sorted({0, len(one.text), *(edge for a, b, _ in one.runs for edge in (a, b))})
            shown = [next((told for a, b, told in one.runs if a <= edge < b), b"") for edge in edges[:-1]]
            pages[12].append(len(document) // _PAGE)
            packed = [struct.pack("B", len(told)) + told if told else b"" for told in shown]
            document += _page([first + edge * width for edge in edges], packed, 1)
        self._table(text, width, pages, starts)
        table = b""
        struct.pack_into("<HHHHH", document, 0, 0xA5EC, 0xC1, 0, 0x409, 0)
        struct.pack_into("<H", document, 10, 0x0200 | self.flags)
        counts = [sum(len(one.text) for one in story) for story in (self.text, self.footnotes, self.headers, (), self.comments)]
        struct.pack_into("<5i", document, 76, *counts)
        struct.pack_into("<H", document, 152, 93)
        for index, content in sorted(self.tables.items()):
            size = 2 + 28 * len(self.lists) if index == 73 else len(content)  # the levels behind lists aren't counted
            struct.pack_into("<II", document, 154 + 8 * index, len(table), size)
            table += content
        write_ole(path, {"WordDocument": bytes(document) + self.behind, "1Table": table, "Data": self.data, **self.more})
        return path

    def _table(self, text: str, width: int, pages: dict[int, list[int]], starts: list[int]) -> None:
        each = -(-len(text) // self.pieces)
        places = [*range(0, len(text), each), len(text)]
        narrow = 0 if self.wide else 0x40000000
        told = b"".join(struct.pack("<HIH", 0, (_TEXT_AT + at * width) * (3 - width) | narrow, 0) for at in places[:-1])
        piece_table = struct.pack(f"<{len(places)}I", *places) + told
        self.tables[33] = b"\x02" + struct.pack("<I", len(piece_table)) + piece_table
        for index, numbers in pages.items():
            self.tables[index] = struct.pack(f"<{len(numbers) + 1}I", *[0] * (len(numbers) + 1)) + struct.pack(
                f"<{len(numbers)}I", *numbers
            )
        self.tables[1] = _styles(self.styles)
        names = [bytes(39) + f"{name}\0".encode("utf-16-le") for name in self.fonts]
        self.tables[15] = bytes(4) + b"".join(struct.pack("B", len(name)) + name for name in names)
        self._notes(2, 3, self.footnotes, self.footnote_marks, bytes(2 * len(self.footnote_marks)))
        by = b"".join(bytes(20) + struct.pack("<H", number) + bytes(8) for number, _ in enumerate(self.comment_marks))
        self._notes(4, 5, self.comments, self.comment_marks, by)
        self.tables[36] = b"".join(struct.pack("<H", len(name)) + name.encode("utf-16-le") for name in self.commenters)
        if self.headers:
            self.tables[11] = struct.pack(f"<{7 + len(self.headers)}I", *[0] * 6, *_ends(self.headers))
        if self.lists:
            heads = b"".join(struct.pack("<i", number) + bytes(22) + b"\x00\x00" for number, _ in enumerate(self.lists, start=1))
            levels = b"".join(_level(*level) for one in self.lists for level in (*one, *[(1, 0, "")] * (9 - len(one))))
            self.tables[73] = struct.pack("<H", len(self.lists)) + heads + levels
            identifiers = range(1, len(self.lists) + 1)
            count = len(self.lists) + len(self.restarts)
            entries = b"".join(struct.pack("<i12x", one) for one in identifiers) + b"".join(
                struct.pack("<i8xB3x", one, 1) for one, *_ in self.restarts
            )
            told = b"".join(
                b"\xff" * 4 + struct.pack("<iB3x", start, level | 16 | 32 * bool(label)) + (_level(1, 0, label) if label else b"")
                for _, level, start, label in self.restarts
            )
            self.tables[74] = struct.pack("<I", count) + entries + b"\xff" * 4 * len(self.lists) + told

    def _notes(self, where: int, what: int, notes: Sequence[P], marks: Sequence[int], told: bytes) -> None:
        if notes:
            self.tables[where] = struct.pack(f"<{len(marks) + 1}I", *marks, 0xFFFF) + told
            self.tables[what] = struct.pack(f"<{len(notes) + 1}I", *_ends(notes))


def _ends(paragraphs: Sequence[P]) -> list[int]:
    ends = [0]
    for one in paragraphs:
        ends.append(ends[-1] + len(one.text))
    return ends


def _papx(paragraph: P) -> bytes:
    told = struct.pack("<H", paragraph.style) + paragraph.properties
    return struct.pack("B", (len(told) + 1) // 2) + told if len(told) % 2 else b"\0" + struct.pack("B", len(told) // 2) + told


def _page(starts: Sequence[int], told: Sequence[bytes], size: int) -> bytes:
    """Properties by where their text starts, from the end of the page on."""
    page = bytearray(_PAGE)
    struct.pack_into(f"<{len(starts)}I", page, 0, *starts)
    at = _PAGE - 2
    for index, one in enumerate(told):
        at -= len(one) + len(one) % 2
        if one:
            page[at : at + len(one)] = one
            page[4 * len(starts) + size * index] = at // 2
    assert at >= 4 * len(starts) + size * len(told)
    page[-1] = len(told)
    return bytes(page)


def _styles(styles: Sequence[tuple[int, int, bytes, bytes]]) -> bytes:
    made = struct.pack("<HHH", 18, len(styles), 10) + bytes(14)
    for kind, base, paragraphs, runs in styles:
        style = struct.pack("<HHH4x", kind, base << 4 | 1, 2) + struct.pack("<H", 0) + b"\0\0"
        for told in (b"\0\0" + paragraphs, runs):
            style += struct.pack("<H", len(told)) + told + bytes(len(told) % 2)
        made += struct.pack("<H", len(style)) + style
    return made


def _level(start: int, form: int, label: str) -> bytes:
    return struct.pack("<iB23x", start, form) + struct.pack("<H", len(label)) + label.encode("utf-16-le")
