"""What lies where in an old Word file: characters, and the properties of runs and paragraphs. After [MS-DOC], by its names.

A file that is damaged raises struct.error, ValueError or LookupError.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from kbray.parse.encoding import decode
from kbray.parse.looks import Print
from kbray.parse.office import blips
from kbray.parse.office.word97_drawings import floating

_WORD, _WORD_6 = 0xA5EC, 0xA5DC
_VERSION = 0xC1  # of the format, since Word 97
_SECOND_TABLE = 0x0200
_COUNTS, _PLACES = 76, 154  # where the FIB tells how long its stories are, and where the tables lie
_COMPRESSED = 0x40000000
_PAGE = 512
_OPERANDS = (1, 1, 2, 4, 2, 2, 0, 3)  # bytes by the top three bits of a property's code; 0: told by the next byte
_TABLE_DEFINITION, _IN_TABLE, _ELSEWHERE = 0xD608, 0x2416, 0x6646
_FIELDS = {
    **{0x6649: ("depth", "<i"), 0x2417: ("ends_row", "<?"), 0x3404: ("header", "<?"), 0x442C: ("initial", "<H")},
    **{0x260A: ("level", "<B"), 0x460B: ("numbered", "<h"), 0x2640: ("outline", "<B")},
}
"""Properties of paragraphs by their codes."""
_HIDDEN, _RUN_STYLE, _DELETED, _SYMBOL, _FONT, _DATA = 0x083C, 0x4A30, 0x0800, 0x6A09, 0x4A4F, 0x6A03
_BOLD, _SIZE, _LIFTED = 0x0835, 0x4A43, 0x2A48
_BOX, _UNTOLD = 1, 25  # of a form field: its kind, and a state that nobody set
_BASES = 12
_SHAPE, _LINKED = 0x64, 0x66  # forms of pictures: the latter with a name
_NAMED = {
    "caption": 34,
    **{f"list{which} {depth}": at + depth for which, at in (("", 48), (" bullet", 52), (" number", 56)) for depth in range(2, 6)},
}
"""Kinds of styles that Word brings along, by their names: LibreOffice writes these as a user's own."""
_NIL = 0xFFF
_COMMENT = 30  # bytes of what is told of one where its mark is
_OF_RUNS = 2  # kind of style
_COMPLEX, _MACINTOSH = 0x0004, 0x01  # flags of Word 6: its text is in pieces; it was made there
_CODE_PAGES = {
    **{0x01: "cp1256", 0x02: "cp1251", 0x04: "gbk", 0x05: "cp1250", 0x08: "cp1253", 0x0D: "cp1255", 0x0E: "cp1250"},
    **{0x11: "cp932", 0x12: "cp949", 0x15: "cp1250", 0x18: "cp1250", 0x19: "cp1251", 0x1A: "cp1250", 0x1B: "cp1250"},
    **{0x1E: "cp874", 0x1F: "cp1254", 0x22: "cp1251", 0x23: "cp1251", 0x24: "cp1250", 0x25: "cp1257", 0x26: "cp1257"},
    **{0x27: "cp1257", 0x2A: "cp1258"},
}
"""Of Word 6, by the primary language of a document."""
_CONTROLS = bytes(range(32))
_STARTS, _LOOKS = 16, 32  # what an override of a level tells
_MOST_LEVELS = 9

STORIES = ("text", "footnotes", "headers", "macros", "comments", "endnotes", "boxes", "header_boxes")
_TABLES = {
    "styles": 1,
    "footnote_marks": 2,
    "footnotes": 3,
    "comment_marks": 4,
    "comments": 5,
    "headers": 11,
    "runs": 12,
    "paragraphs": 13,
    "fonts": 15,
    "pieces": 33,
    "commenters": 36,
    "anchors": 40,
    "endnote_marks": 46,
    "endnotes": 47,
    "drawings": 50,
    "lists": 73,
    "overrides": 74,
}


@dataclass(frozen=True, slots=True)
class Run:
    """How a run of text is shown."""

    hidden: int = 0x80  # for `_switched`, after what its styles say
    bold: int = 0x80  # likewise
    size: int | None = None  # half points
    raised: bool = False
    style: int = _NIL
    deleted: bool = False
    font: int | None = None
    data: int | None = None  # where in the stream Data its picture or form field is
    symbol: tuple[int, int] | None = None  # font and character that stand in the place of the text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Of its properties those that tell what it is."""

    style: int = 0
    depth: int = 0  # of tables around it
    ends_row: bool = False
    level: int = 0  # in its list, from 0
    numbered: int = 0  # number of its list, from 1; 0: none
    outline: int = 9  # 9: text
    row: bytes = b""  # the definition of the row that it ends
    header: bool = False  # that row is repeated on each page
    initial: int = 0  # its low bits: it is the initial of the next one


@dataclass(frozen=True, slots=True)
class Style:
    """`kind` is that of the styles Word brings along, the same in all languages."""

    kind: int = _NIL
    base: int = _NIL
    properties: bytes = b""  # of paragraphs
    shown: bytes = b""  # of runs


@dataclass(frozen=True, slots=True)
class Level:
    """Of a list: the first number, how it is written, and the label, with the numbers of levels as characters 0 to 8."""

    start: int = 1
    form: int = 0
    label: str = "\0."


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a number of a list means: which list counts, how its levels look, and where those start anew when it first occurs."""

    identity: int
    levels: list[Level]
    starts: dict[int, int] = field(default_factory=dict)


class _Piece(NamedTuple):
    start: int  # its first character
    end: int
    at: int  # where that lies in the file
    wide: bool  # two bytes a character


@dataclass(slots=True)
class WordFile:
    """`text` has a character for each of the file's, surrogates apart; stories and notes are told by places in it."""

    text: str
    stories: dict[str, tuple[int, int]]
    styles: Sequence[Style] = ()
    fonts: Sequence[str] = ()
    lists: Sequence[Numbers] = ()  # of each number of a list
    commenters: Sequence[str] = ()
    notes: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)  # mark, start, end
    comment_by: Sequence[int] = ()  # index of its commenter, for each comment
    headers: list[tuple[int, int]] = field(default_factory=list)  # six a section
    _pieces: list[_Piece] = field(default_factory=list)
    _runs: tuple[list[int], list[bytes]] = ([], [])
    _paragraphs: tuple[list[int], list[tuple[int, bytes]]] = ([], [])
    floating: dict[int, list[int]] = field(default_factory=dict)  # by places in the text, where pictures are in the document
    has_broken_drawings: bool = False
    _data: bytes = b""
    _document: bytes = b""

    def runs(self, start: int, end: int) -> Iterator[tuple[int, int, Run]]:
        """Of these characters, those that are shown alike."""
        starts, properties = self._runs
        while start < end:
            piece = self._piece(start)
            width = 1 + piece.wide
            at = piece.at + (start - piece.start) * width
            index = bisect_right(starts, at) - 1
            stop = min(end, piece.end)
            if 0 <= index < len(starts) - 1:
                stop = min(stop, start + max(1, (starts[index + 1] - at + width - 1) // width))
            yield start, stop, _run(properties[index]) if 0 <= index < len(properties) else Run()
            start = stop

    def paragraph(self, last: int) -> Paragraph:
        """That whose last character is this."""
        piece = self._piece(last)
        at = piece.at + (last - piece.start) * (1 + piece.wide)
        starts, properties = self._paragraphs
        index = bisect_right(starts, at) - 1
        if not 0 <= index < len(properties):
            return Paragraph()
        style, own = properties[index]
        return self._told(style, own)

    def chain(self, index: int) -> list[Style]:
        """A style and those that it is based on."""
        found: list[Style] = []
        while index < len(self.styles) and len(found) < _BASES:
            found.append(self.styles[index])
            index = self.styles[index].base
        return found

    def is_hidden(self, run: Run, paragraph: Paragraph) -> bool:
        styled = self._styled(paragraph.style)[0] != self._styled(run.style)[0]
        return _switched(styled, run.hidden)

    def print(self, run: Run, paragraph: Paragraph) -> Print:
        """How text looks, styles taken into account."""
        styled = self._styled(paragraph.style)[1] != self._styled(run.style)[1]
        sizes = (_run(one.shown).size for style in (run.style, paragraph.style) for one in self.chain(style))
        size = next((one for one in (run.size, *sizes) if one is not None), None)
        return Print(size and size / 2, _switched(styled, run.bold))

    def face(self, run: Run, paragraph: Paragraph) -> str:
        """The name of the face that text is in, as far as it is told."""
        styled = (_run(one.shown).font for style in (run.style, paragraph.style) for one in self.chain(style))
        font = next((one for one in (run.font, *styled) if one is not None), -1)
        return self.fonts[font] if 0 <= font < len(self.fonts) else ""

    def is_ticked(self, run: Run) -> bool:
        """Whether the box of a form is that the data of a run tells."""
        if run.data is None or run.data + 6 > len(self._data):
            return False
        at = run.data + struct.unpack_from("<H", self._data, run.data + 4)[0]
        if at + 12 > len(self._data):
            return False
        told, name = self._data[at + 4], struct.unpack_from("<H", self._data, at + 10)[0]
        state, usual = told >> 2 & 31, self._data[at + 14 + 2 * name :][:1]
        return told & 3 == _BOX and bool(usual not in (b"", b"\0") if state == _UNTOLD else state)

    def is_picture(self, at: int) -> bool:
        """Whether the stream Data has one there, and not what was put into a field of a form."""
        return at >= 0 and at + 8 <= len(self._data) and struct.unpack_from("<6xH", self._data, at)[0] in (_SHAPE, _LINKED)

    def bitmap(self, at: int) -> memoryview:
        """The picture that the stream Data has there, behind a head and the shape it fills; nothing where there is none."""
        data = memoryview(self._data)  # large, and looked into for each place that shows it
        if at < 0 or at + 8 > len(data):
            return data[:0]
        length, head, form = struct.unpack_from("<IHH", data, at)
        end = min(at + length, len(data))
        at += head
        if form == _LINKED:
            at += 1 + int.from_bytes(data[at : at + 1])
        while at + 8 <= end:
            kind, size = struct.unpack_from("<2xHI", data, at)
            if kind == blips.ENTRY:
                return blips.held(data[at + 8 : at + 8 + size])
            at += 8 + size
        return data[:0]

    def floating_bitmap(self, at: int) -> memoryview:
        """The picture that the stream WordDocument has there; nothing where there is none."""
        return blips.bitmap(memoryview(self._document), at)

    def _styled(self, style: int) -> tuple[bool, bool]:
        """Whether a style hides text, and makes it bold."""
        hidden = bold = False
        for one in reversed(self.chain(style)):
            shown = _run(one.shown)
            hidden, bold = _switched(hidden, shown.hidden), _switched(bold, shown.bold)
        return hidden, bold

    def _piece(self, place: int) -> _Piece:
        index = bisect_right(self._pieces, place, key=lambda piece: piece.start) - 1
        return self._pieces[max(0, index)]

    def _told(self, style: int, own: bytes) -> Paragraph:
        made = Paragraph(style)
        for properties in (*(one.properties for one in reversed(self.chain(style))), own):
            for code, operand in _properties(properties):
                if code == _ELSEWHERE:  # they are many
                    (at,) = struct.unpack("<I", operand)
                    (size,) = struct.unpack_from("<H", self._data, at)
                    for more, told in _properties(self._data[at + 2 : at + 2 + size]):
                        made = _with(made, more, told)
                else:
                    made = _with(made, code, operand)
        return made


def opened(document: bytes, tables: Sequence[bytes], data: bytes) -> WordFile:
    """`document`, `tables`, `data`: the streams WordDocument, 0Table and 1Table (empty, if it isn't there), Data."""
    kind, version = struct.unpack_from("<HH", document)
    (flags,) = struct.unpack_from("<H", document, 10)
    if kind not in (_WORD, _WORD_6):
        raise ValueError("it doesn't begin as a Word document does")
    if kind == _WORD_6 or version < _VERSION:
        return _of_word_6(document, flags)
    table = tables[bool(flags & _SECOND_TABLE)]
    (pairs,) = struct.unpack_from("<H", document, _PLACES - 2)

    def found(name: str) -> bytes:
        if _TABLES[name] >= pairs:
            return b""
        at, size = struct.unpack_from("<II", document, _PLACES + 8 * _TABLES[name])
        return table[at:] if name in ("lists", "overrides") and size else table[at : at + size]  # their levels lie behind them

    pieces = _pieces(found("pieces"))
    text = "".join(_decoded(document, piece) for piece in pieces)
    file = WordFile(text, _stories(document), _pieces=pieces, _data=data, _document=document)
    file.styles = tuple(_styles(found("styles")))
    file.fonts = tuple(_fonts(found("fonts")))
    file.lists = _lists(found("lists"), found("overrides"))
    file._runs = _run_properties(document, found("runs"))
    file._paragraphs = _paragraph_properties(document, found("paragraphs"))
    for name, size in (("footnote", 2), ("endnote", 2), ("comment", _COMMENT)):
        story = f"{name}s"
        marks, texts = _places(found(f"{name}_marks"), size), _places(found(story), 0)
        first = file.stories[story][0]
        file.notes[story] = [(mark, first + a, first + b) for mark, (a, b) in zip(marks[:-1], pairwise(texts), strict=False)]
    said = found("comment_marks")
    starts = range(len(said) - _COMMENT * max(0, len(_places(said, _COMMENT)) - 1), len(said), _COMMENT)
    file.comment_by = [struct.unpack_from("<H", said, start + 20)[0] for start in starts]  # behind the initials
    file.commenters = tuple(_names(found("commenters")))
    try:
        file.floating = floating(found("drawings"), found("anchors"))
    except struct.error:  # the text is whole without them
        file.has_broken_drawings = True
    first = file.stories["headers"][0]
    file.headers = [(first + a, first + b) for a, b in pairwise(_places(found("headers"), 0))][6:]  # the first: lines above notes
    return file


def _of_word_6(document: bytes, flags: int) -> WordFile:
    """Its text alone, which has no Unicode in it: the code page follows from the language, or else is guessed."""
    start, end = struct.unpack_from("<II", document, 0x18)
    (length,) = struct.unpack_from("<I", document, 0x34)
    raw = document[start:end]
    if flags & _COMPLEX:
        at, size = struct.unpack_from("<II", document, 0x160)
        raw = b"".join(document[piece.at :][: piece.end - piece.start] for piece in _pieces(document[at : at + size]))
    language = struct.unpack_from("<H", document, 6)[0] & 0x3FF
    codec = "mac_roman" if document[0x12] & _MACINTOSH else _CODE_PAGES.get(language)
    text = raw[:length].decode(codec or decode(raw.translate(None, _CONTROLS)).encoding, "replace")
    return WordFile(text, dict.fromkeys(STORIES, (0, 0)) | {"text": (0, len(text))}, _pieces=[_Piece(0, len(text), start, False)])


def _stories(document: bytes) -> dict[str, tuple[int, int]]:
    counts = struct.unpack_from("<8i", document, _COUNTS)
    places: dict[str, tuple[int, int]] = {}
    start = 0
    for name, count in zip(STORIES, counts, strict=True):
        size = 0 if name == "macros" else max(0, count)
        places[name] = (start, start + size)
        start += size
    return places


def _pieces(table: bytes) -> list[_Piece]:
    at = 0
    while table[at] == 1:  # properties for pieces, which we don't ask for
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    if table[at] != 2:
        raise ValueError("its text isn't where it should be")
    (size,) = struct.unpack_from("<I", table, at + 1)
    places = table[at + 5 : at + 5 + size]
    count = (len(places) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", places)
    made: list[_Piece] = []
    for index, (start, end) in enumerate(pairwise(ends)):
        (place,) = struct.unpack_from("<I", places, 4 * (count + 1) + 8 * index + 2)
        narrow = bool(place & _COMPRESSED)
        place &= ~_COMPRESSED
        if start > end:
            raise ValueError("pieces of its text overlap")
        made.append(_Piece(start, end, place // 2 if narrow else place, not narrow))
    return made


def _decoded(document: bytes, piece: _Piece) -> str:
    length = piece.end - piece.start
    raw = document[piece.at : piece.at + length * (1 + piece.wide)]
    if len(raw) < length * (1 + piece.wide):
        raise ValueError("its text is cut off")
    if not piece.wide:
        return raw.decode("cp1252", "replace")
    text = raw.decode("utf-16-le", "replace")
    return text if len(text) == length else "".join(map(chr, struct.unpack(f"<{length}H", raw)))


def _places(table: bytes, size: int) -> tuple[int, ...]:
    """The places in a list of n + 1 of them, which n entries of this size follow."""
    count = (len(table) - 4) // (4 + size)
    return struct.unpack_from(f"<{count + 1}i", table) if count > 0 else ()


def _pages(document: bytes, table: bytes) -> Iterator[bytes]:
    """Those with the properties of runs or paragraphs."""
    count = (len(table) - 4) // 8
    for index in range(count):
        (number,) = struct.unpack_from("<I", table, 4 * (count + 1) + 4 * index)
        page = document[(number & 0x3FFFFF) * _PAGE :][:_PAGE]
        if len(page) == _PAGE:
            yield page


def _run_properties(document: bytes, table: bytes) -> tuple[list[int], list[bytes]]:
    found: list[tuple[int, bytes]] = []
    end = 0
    for page in _pages(document, table):
        count = min(page[-1], 101)
        starts = struct.unpack_from(f"<{count + 1}I", page)
        for index in range(count):
            at = 2 * page[4 * (count + 1) + index]
            found.append((starts[index], page[at + 1 : at + 1 + page[at]] if at else b""))
        end = max(end, starts[count])
    found.sort(key=lambda one: one[0])
    return [start for start, _ in found] + [end], [properties for _, properties in found]


def _paragraph_properties(document: bytes, table: bytes) -> tuple[list[int], list[tuple[int, bytes]]]:
    found: list[tuple[int, tuple[int, bytes]]] = []
    for page in _pages(document, table):
        count = min(page[-1], 29)
        starts = struct.unpack_from(f"<{count + 1}I", page)
        for index in range(count):
            at = 2 * page[4 * (count + 1) + 13 * index]
            told = (0, b"")
            if at:
                size = 2 * page[at] - 1 if page[at] else 2 * page[at + 1]
                at += 1 if page[at] else 2
                (style,) = struct.unpack_from("<H", page, at)
                told = (style, page[at + 2 : at + size])
            found.append((starts[index], told))
    found.sort(key=lambda one: one[0])
    return [start for start, _ in found], [told for _, told in found]


def _properties(packed: bytes) -> Iterator[tuple[int, bytes]]:
    """Codes and operands; what is cut off is left out."""
    at = 0
    while at + 2 < len(packed):
        (code,) = struct.unpack_from("<H", packed, at)
        at += 2
        size = _OPERANDS[code >> 13]
        if code == _TABLE_DEFINITION:
            if at + 2 > len(packed):
                return
            size = struct.unpack_from("<H", packed, at)[0] + 1
        elif size == 0:
            if packed[at] == 255:  # tab stops, whose length would have to be worked out
                return
            size = 1 + packed[at]
        if at + size > len(packed):
            return
        yield code, packed[at : at + size]
        at += size


@lru_cache(4096)
def _run(packed: bytes) -> Run:
    made = Run()
    for code, operand in _properties(packed):
        if code == _HIDDEN:
            made = replace(made, hidden=operand[0])
        elif code == _BOLD:
            made = replace(made, bold=operand[0])
        elif code == _SIZE:
            made = replace(made, size=struct.unpack("<H", operand)[0])
        elif code == _LIFTED:
            made = replace(made, raised=operand[0] == 1)
        elif code == _RUN_STYLE:
            made = replace(made, style=struct.unpack("<H", operand)[0])
        elif code == _DELETED:
            made = replace(made, deleted=bool(operand[0] & 1))
        elif code == _DATA:
            made = replace(made, data=struct.unpack("<I", operand)[0])
        elif code == _FONT:
            made = replace(made, font=struct.unpack("<H", operand)[0])
        elif code == _SYMBOL:
            made = replace(made, symbol=struct.unpack("<HH", operand))
    return made


def _switched(before: bool, told: int) -> bool:
    """What holds after 0 (no), 1 (yes), 0x80 (as before) or 0x81 (the opposite)."""
    return bool(told) if told < 2 else before != (told == 0x81)


def _with(made: Paragraph, code: int, operand: bytes) -> Paragraph:
    if code == _TABLE_DEFINITION:
        return replace(made, row=operand[2:])
    if code == _IN_TABLE:
        return replace(made, depth=max(made.depth, 1) if operand[0] else 0)
    if code not in _FIELDS:
        return made
    name, form = _FIELDS[code]
    fields: dict[str, Any] = {name: struct.unpack(form, operand)[0]}
    return replace(made, **fields)


def _styles(table: bytes) -> Iterator[Style]:
    if len(table) < 6:
        return
    (size,) = struct.unpack_from("<H", table)
    count, fixed = struct.unpack_from("<HH", table, 2)
    at = 2 + size
    for _ in range(count):
        if at + 2 > len(table):
            return
        (length,) = struct.unpack_from("<H", table, at)
        style = table[at + 2 : at + 2 + length]
        yield _style(style, fixed) if len(style) >= max(8, fixed + 2) else Style()
        at += 2 + length + length % 2


def _style(style: bytes, fixed: int) -> Style:
    kind, based, _ = struct.unpack_from("<HHH", style)
    (length,) = struct.unpack_from("<H", style, fixed)
    name = style[fixed + 2 : fixed + 2 + 2 * length].decode("utf-16-le", "replace").lower()
    kind = _NAMED.get(name, kind & 0xFFF)
    at = fixed + 2 + 2 * length + 2
    told: list[bytes] = []
    while at + 2 <= len(style) and len(told) < 2:
        (size,) = struct.unpack_from("<H", style, at)
        told.append(style[at + 2 : at + 2 + size])
        at += 2 + size + size % 2
    if based & 0xF == _OF_RUNS:
        return Style(kind, based >> 4, b"", b"".join(told[:1]))
    return Style(kind, based >> 4, b"".join(told[:1])[2:], b"".join(told[1:]))


def _fonts(table: bytes) -> Iterator[str]:
    at = 4
    while at < len(table):
        font = table[at + 1 : at + 1 + table[at]]
        yield font[39:].decode("utf-16-le", "replace").partition("\0")[0]
        at += 1 + table[at]


def _names(table: bytes) -> Iterator[str]:
    at = 0
    while at + 2 <= len(table):
        (length,) = struct.unpack_from("<H", table, at)
        yield table[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
        at += 2 + 2 * length


def _lists(lists: bytes, overrides: bytes) -> list[Numbers]:
    """What each number of a list means: levels, and where they start anew."""
    if len(lists) < 2 or len(overrides) < 4:
        return []
    (count,) = struct.unpack_from("<h", lists)
    at = 2 + 28 * max(0, count)
    levels: dict[int, list[Level]] = {}
    for index in range(max(0, count)):
        (identity,) = struct.unpack_from("<i", lists, 2 + 28 * index)
        simple = lists[2 + 28 * index + 26] & 1
        levels[identity] = []
        for _ in range(1 if simple else _MOST_LEVELS):
            if at + 30 > len(lists):
                break
            level, at = _level(lists, at)
            levels[identity].append(level)
    (count,) = struct.unpack_from("<i", overrides)
    count = max(0, min(count, len(overrides) // 16))
    at = 4 + 16 * count
    found: list[Numbers] = []
    for index in range(count):
        identity, overridden = struct.unpack_from("<i8xB", overrides, 4 + 16 * index)
        numbers = Numbers(identity, list(levels.get(identity, ())))
        at += 4
        for _ in range(overridden):
            if at + 8 > len(overrides):
                break
            start, told = struct.unpack_from("<iB", overrides, at)
            place, at = told & 15, at + 8
            if told & _STARTS:
                numbers.starts[place] = start
            if told & _LOOKS and at + 30 <= len(overrides):
                level, at = _level(overrides, at)
                numbers.levels[place : place + 1] = [level]
        found.append(numbers)
    return found


def _level(table: bytes, at: int) -> tuple[Level, int]:
    """A level, and where it ends."""
    start, form = struct.unpack_from("<iB", table, at)
    at += 28 + table[at + 24] + table[at + 25]
    (length,) = struct.unpack_from("<H", table, at)
    end = at + 2 + 2 * length
    return Level(start, form, table[at + 2 : end].decode("utf-16-le", "replace")), end
