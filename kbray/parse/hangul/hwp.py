"""HWP of Hangul 2002 and later (version 5) → its document, after Hancom's description of the format (revision 1.3).

As Hancom asks: 본 제품은 한글과컴퓨터의 한글 문서 파일(.hwp) 공개 문서를 참고하여 개발하였습니다.
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from operator import itemgetter

from kbray.parse import ole
from kbray.parse.hangul import hwp_styles
from kbray.parse.hangul.document import (
    Document,
    Drawn,
    Formula,
    Grid,
    Note,
    Paragraph,
    Picture,
    Piece,
    Remark,
    Run,
    Running,
    TableCell,
)
from kbray.parse.hangul.hwp_file import HwpFile
from kbray.parse.hangul.hwp_styles import Styles
from kbray.parse.hangul.records import Record, decoded, trees

_PARAGRAPH, _TEXT, _LOOKS, _CONTROL, _LIST = 0x42, 0x43, 0x44, 0x47, 0x48
_SHAPE, _TABLE, _OLE, _PICTURE, _FORMULA, _MEMO, _CHART = 0x4C, 0x4D, 0x54, 0x55, 0x58, 0x5D, 0x5F
_SECTION, _DRAWN_ID, _TABLE_ID, _FORMULA_ID = "secd", "gso ", "tbl ", "eqed"
_HEADER, _FOOTER, _FOOTNOTE, _ENDNOTE, _HIDDEN = "head", "foot", "fn  ", "en  ", "tcmt"
_NUMBER, _SOUND, _OVERLAID, _FIELD = "atno", "tdut", "tcps", "form"
_NUMBERS_OF_NOTES = (0, 1, 2)  # of pages, too, which nobody needs
_WIDE = frozenset((*range(1, 10), *range(11, 13), *range(14, 24)))  # codes that take eight places
_CONTROLS = frozenset((1, 2, 3, 11, 12, *range(14, 19), 21, 22, 23))  # … of which each has a record
_PLACES = 8
_CODES = re.compile("[\x00-\x1f]")
_SHOWN = {9: "\t", 10: "\n", 24: "-", 30: "\u00a0", 31: " "}
_FIELD_ENDS = 4
_MEMO_COMMAND = re.compile(r"MEMO/\d+/(?P<number>\d{1,9})/(?P<low>\d{1,10})/(?P<high>\d{1,10})/(?P<who>[^/]*)")
_INLINE = 1
_HEADER_CELL = 1 << 18
_BEFORE = (0, 2)  # sides of captions: left, above


def read(file: HwpFile) -> Document:
    """Raises: CorruptDocument, DocumentTooLarge."""
    styles = hwp_styles.read(file.styles())
    document = Document([], styles.labels, file.metadata)
    reader = _Reader(document, styles)
    for data in file.sections():
        document.paragraphs += reader.paragraphs(list(trees(data)))
    lost = [Remark(inside) for number, inside in reader.memos.items() if number not in reader.remarks]
    for number, remark in reader.remarks.items():
        remark.inside = reader.memos.get(number, [])
    if lost:
        document.paragraphs.append(Paragraph([*lost]))
    return document


class _Reader:
    def __init__(self, document: Document, styles: Styles) -> None:
        self._document = document
        self._styles = styles
        self._outline = 0  # the numbering of titles in this section
        self._fields: list[Remark | None] = []  # that are open; those of memos end with what they are to
        self.remarks: dict[int, Remark] = {}  # by the numbers of their memos
        self.memos: dict[int, list[Paragraph]] = {}  # texts, which come at the end

    def paragraphs(self, records: list[Record]) -> list[Paragraph]:
        return [self._paragraph(record) for record in records if record.tag == _PARAGRAPH]

    def _paragraph(self, record: Record) -> Paragraph:
        text = next((one.data for one in record.inside if one.tag == _TEXT), b"")
        looks = [row for one in record.inside if one.tag == _LOOKS for row in one.numbers("<II")] or [(0, 0)]
        controls = iter([one for one in record.inside if one.tag == _CONTROL])
        pieces = list(self._pieces(text, looks, controls))
        memos = [place for place, one in enumerate(record.inside) if one.tag == _MEMO]
        for start, end in pairwise([*memos, len(record.inside)]):
            self.memos[record.inside[start].number(0, 4)] = self.paragraphs(record.inside[start:end])
        for control in controls:  # whose place is not known
            pieces += self._control(control)
        return Paragraph(pieces, self._styles.name(record.number(10, 1)), self._styles.head(record.number(8, 2), self._outline))

    def _pieces(self, data: bytes, looks: list[tuple[int, ...]], controls: Iterator[Record]) -> Iterator[Piece]:
        units = "".join(map(chr, struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])))  # as places are counted
        at = 0
        for found in _CODES.finditer(units):
            place = found.start()
            if place < at:
                continue
            yield from self._runs(units, at, place, looks)
            code = ord(found[0])
            at = place + (_PLACES if code in _WIDE else 1)
            if code in _SHOWN:
                yield Run(_SHOWN[code])
            elif code == _FIELD_ENDS and self._fields:
                remark = self._fields.pop()
                yield from () if remark is None else (remark,)
            elif code in _CONTROLS and (control := next(controls, None)) is not None:
                yield from self._control(control)
        yield from self._runs(units, at, len(units), looks)

    def _runs(self, units: str, start: int, end: int, looks: list[tuple[int, ...]]) -> Iterator[Run]:
        """A text without controls, cut where its look changes."""
        index = max(bisect_right(looks, start, key=itemgetter(0)) - 1, 0)
        while start < end:
            stop = min(looks[index + 1][0], end) if index + 1 < len(looks) else end
            if start < stop:
                look = self._styles.look(looks[index][1])
                text = units[start:stop].encode("utf-16-le", "surrogatepass")
                yield Run(decoded(text), look.print, look.face, look.raised)
                start = stop
            index += 1

    # ------------------------------------------------------------ controls

    def _control(self, control: Record) -> Iterator[Piece]:
        kind = control.data[3::-1].decode("latin-1")
        if kind.startswith("%"):
            self._fields.append(self._remark(control))
        elif kind == _SECTION:
            self._outline = control.number(18, 2)
        elif kind in (_FOOTNOTE, _ENDNOTE):
            yield Note(self.paragraphs(control.inside))
        elif kind in (_HEADER, _FOOTER):
            yield Running("header" if kind == _HEADER else "footer", self.paragraphs(control.inside))
        elif kind == _HIDDEN:
            yield Remark(self.paragraphs(control.inside))
        elif kind == _NUMBER:
            if control.number(4, 4) & 0xF not in _NUMBERS_OF_NOTES:
                yield Run(str(control.number(8, 2)))
        elif kind == _SOUND:
            below, end = control.text(4)
            yield Run(f"{below}({control.text(end)[0]})")
        elif kind == _OVERLAID:
            yield Run(control.text(4)[0])
        elif kind == _FORMULA_ID:
            yield from (Formula(one.text(4)[0]) for one in control.inside if one.tag == _FORMULA)
        elif kind == _FIELD:
            self._document.unread_fields += 1
        elif kind in (_TABLE_ID, _DRAWN_ID):
            yield self._drawn(control)

    def _remark(self, field: Record) -> Remark | None:
        """The comment that a field is of, by its command: `MEMO/shape/number/time, low and high/who/…`."""
        found = _MEMO_COMMAND.match(field.text(9)[0])
        if found is None:
            return None
        when = ole.moment(int(found["high"]) << 32 | int(found["low"]))
        return self.remarks.setdefault(int(found["number"]), Remark([], found["who"], when))

    def _drawn(self, control: Record) -> Drawn:
        drawn = Drawn([], bool(control.number(4, 4) & _INLINE))
        if control.data[3::-1] == _TABLE_ID.encode():
            self._table(control, drawn)
            return drawn
        name = control.text(44)[0]
        self._caption(control.inside, drawn)
        for shape in control.inside:
            self._shape(shape, drawn, name)
        return drawn

    def _shape(self, record: Record, drawn: Drawn, name: str) -> None:
        """What a part of a drawing, and all in it, gives."""
        if record.tag == _PICTURE:
            drawn.parts.append(Picture(self._styles.binary(record.number(71, 2)), name))
        elif record.tag in (_OLE, _CHART):
            self._document.unread_objects += 1
        elif record.tag == _SHAPE:
            for _, inside in _lists(record.inside):
                drawn.parts.append(self.paragraphs(inside))
            for part in record.inside:
                self._shape(part, drawn, name)

    def _table(self, control: Record, drawn: Drawn) -> None:
        """What stands before the record of the table is its caption."""
        start = next((place for place, record in enumerate(control.inside) if record.tag == _TABLE), 0)
        self._caption(control.inside[:start], drawn)
        cells = []
        for head, inside in _lists(control.inside[start:]):
            column, row, across, down = (head.number(at, 2) for at in (8, 10, 12, 14))
            is_header = bool(head.number(4, 4) & _HEADER_CELL)
            cells.append(TableCell(row, column, max(down, 1), max(across, 1), is_header, self.paragraphs(inside)))
        drawn.parts.append(Grid(cells))

    def _caption(self, records: list[Record], drawn: Drawn) -> None:
        for head, inside in _lists(records):
            drawn.caption += self.paragraphs(inside)
            drawn.caption_first = head.number(8, 4) & 3 in _BEFORE


def _lists(records: list[Record]) -> Iterator[tuple[Record, list[Record]]]:
    """Heads of lists among these, and what follows each."""
    heads = [place for place, record in enumerate(records) if record.tag == _LIST]
    for start, end in pairwise([*heads, len(records)]):
        yield records[start], records[start + 1 : end]
