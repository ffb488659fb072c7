"""XLSB, Excel's binary workbook → sheets with the texts that their cells show.

A package as XLSX is; its sheets, texts, styles and comments are records instead of XML ([MS-XLSB] 2.1.4, 2.3.2, 2.4), while
drawings, charts and what it says of itself are the same.
"""

import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from xlrd import error_text_from_code

from kbray.config import Settings
from kbray.parse.archive import Archive, resolve
from kbray.parse.comments import Comment
from kbray.parse.office.number_format import BUILT_IN
from kbray.parse.office.ooxml import Package
from kbray.parse.office.spreadsheet import LAST_COLUMN, LAST_ROW, MOST_RANGES, Range, Sheet, drawn, folded, show_by

_ROW, _MERGED = 0, 176
_SHARED_TEXT, _FORMAT, _STYLE, _STYLES, _STYLES_END = 19, 44, 47, 617, 618
_BOOK, _SHEET = 153, 156
_AUTHOR, _COMMENT, _COMMENT_TEXT = 632, 635, 637
_SHORT = frozenset((*range(12, 19), 61))  # cells that stand behind the one before, and don't tell their column
_RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED, _RICH = range(7)
_CELLS = {
    **{2: _RK, 3: _ERROR, 4: _BOOL, 5: _REAL, 6: _TEXT, 7: _SHARED, 62: _RICH},
    **{8: _TEXT, 9: _REAL, 10: _BOOL, 11: _ERROR},  # what formulas gave
    **{13: _RK, 14: _ERROR, 15: _BOOL, 16: _REAL, 17: _TEXT, 18: _SHARED, 61: _RICH},
}
"""Kind of record → how its value is written; of others there is nothing in the cell."""
_BLANK_SHORT = 12
_NO_TEXT = 0xFFFFFFFF

Record = tuple[int, bytes]


def sheets(path: Path, limits: Settings) -> Iterator[Sheet]:
    """Each is to be read before the next is asked for.

    Raises: struct.error, IndexError, lxml.etree.XMLSyntaxError, CorruptDocument: a part is damaged.
    """
    with Archive(path, limits) as archive:
        package = Package(archive)
        main = package.main()
        since_1904, found = False, []
        for kind, data in _records(package.bytes(main) or b""):
            if kind == _BOOK:
                since_1904 = bool(_number(data, 0) & 1)
            elif kind == _SHEET:
                relation, after = _text(data, 8)
                found.append((relation, _text(data, after)[0], _number(data, 0) != 0))
        texts_part = package.related(main, "sharedStrings") or resolve(main, "sharedStrings.bin")
        texts = [folded(_text(data, 1)[0]) for kind, data in _records(package.bytes(texts_part) or b"") if kind == _SHARED_TEXT]
        show = show_by(_codes(package.bytes(package.related(main, "styles")) or b""), since_1904=since_1904)
        for relation, name, hidden in found:
            part = package.target(main, relation)
            sheet = Sheet(name, iter(()), hidden, lost=not package.holds(part))
            if part is not None:
                sheet.rows = _rows(package.bytes(part) or b"", texts, show, sheet)
                sheet.drawn = list(drawn(package, part))
                sheet.comments = _comments(package.bytes(package.related(part, "comments")) or b"")
            yield sheet


def _records(data: bytes) -> Iterator[Record]:
    """The kind and the bytes of each record. Raises: IndexError, struct.error: cut off."""
    place = 0
    while place < len(data):
        kind, place = data[place], place + 1
        if kind & 0x80:
            kind, place = kind & 0x7F | (data[place] & 0x7F) << 7, place + 1
        size = 0
        for shift in (0, 7, 14, 21):
            byte, place = data[place], place + 1
            size |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        if place + size > len(data):
            raise struct.error("a record is cut off")
        yield kind, data[place : place + size]
        place += size


def _number(data: bytes, at: int) -> int:
    number: int = struct.unpack_from("<I", data, at)[0]
    return number


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text, and where what is behind it begins."""
    characters = _number(data, at)
    if characters == _NO_TEXT:
        return "", at + 4
    after = at + 4 + 2 * characters
    if after > len(data):
        raise struct.error("a text is cut off")
    return data[at + 4 : after].decode("utf-16-le", "replace"), after


def _codes(styles: bytes) -> list[str]:
    """The number format of each style of cells."""
    named, codes, inside = dict(BUILT_IN), [], False
    for kind, data in _records(styles):
        if kind == _FORMAT:
            named[struct.unpack_from("<H", data)[0]] = _text(data, 2)[0]
        elif kind in (_STYLES, _STYLES_END):
            inside = kind == _STYLES
        elif kind == _STYLE and inside:
            codes.append(named.get(struct.unpack_from("<H", data, 2)[0], ""))
    return codes


def _rows(data: bytes, texts: list[str], show: Callable[[float, int], str], sheet: Sheet) -> Iterator[tuple[int, dict[int, str]]]:
    number, column = -1, -1
    shared = partial(sheet.shared, texts)
    row: dict[int, str] = {}
    for kind, record in _records(data):
        if kind == _ROW:
            if number >= 0:
                yield number, row
            number, column, row = _number(record, 0), -1, {}
            if number >= LAST_ROW:
                return
        elif kind == _MERGED:
            if len(sheet.merged) < MOST_RANGES:
                top, bottom, left, right = struct.unpack_from("<4I", record)
                sheet.merged.append(Range(top, left, bottom, right))
        elif kind in _CELLS or kind == _BLANK_SHORT:
            short = kind in _SHORT
            column = column + 1 if short else _number(record, 0)
            if (
                kind != _BLANK_SHORT
                and column < LAST_COLUMN
                and (text := _shown(_CELLS[kind], record, 4 if short else 8, shared, show))
            ):
                row[column] = text
    if number >= 0:
        yield number, row


def _shown(how: int, record: bytes, at: int, shared: Callable[[int], str], show: Callable[[float, int], str]) -> str:
    """What a cell shows, whose value is written from `at` on, behind its style."""
    if how in (_RK, _REAL):
        value: float = _rk(_number(record, at)) if how == _RK else struct.unpack_from("<d", record, at)[0]
        return show(value, _number(record, at - 4) & 0xFFFFFF)
    if how == _BOOL:
        return "TRUE" if record[at] else "FALSE"
    if how == _ERROR:
        return str(error_text_from_code.get(record[at], "#ERROR!"))
    if how == _SHARED:
        return shared(_number(record, at))
    return folded(_text(record, at + (how == _RICH))[0])


def _rk(number: int) -> float:
    """A number in four bytes ([MS-XLSB] 2.5.122): an integer, or the upper half of a float; perhaps a hundred times itself."""
    if number & 2:
        value = float((number ^ 0x80000000) - 0x80000000 >> 2)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (number & ~3) << 32))[0]
    return value / 100 if number & 1 else value


def _comments(data: bytes) -> dict[tuple[int, int], Comment]:
    """Of a sheet, by place."""
    authors: list[str] = []
    said: dict[tuple[int, int], Comment] = {}
    place, who = (0, 0), ""
    for kind, record in _records(data):
        if kind == _AUTHOR:
            authors.append(_text(record, 0)[0])
        elif kind == _COMMENT:
            author, top, _, left = struct.unpack_from("<4I", record)
            place, who = (top, left), authors[author] if author < len(authors) else ""
        elif kind == _COMMENT_TEXT:
            said[place] = Comment(folded(_text(record, 1)[0]).removeprefix(f"{who}:").strip(), who)
    return said
