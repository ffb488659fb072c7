"""Workbooks in the XML that Excel 2003 wrote → sheets.

Source: "XML Spreadsheet" in Microsoft's Office 2003 XML Reference Schemas.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.document.superscripts import raised
from kbray.model import Metadata
from kbray.parse.comments import Comment
from kbray.parse.office.number_format import BUILT_IN, general, shown
from kbray.parse.office.one_file import tree
from kbray.parse.office.spreadsheet import LAST_COLUMN, LAST_ROW, MOST_RANGES, Range, Sheet, folded

_S = "{urn:schemas-microsoft-com:office:spreadsheet}"
_X = "{urn:schemas-microsoft-com:office:excel}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
_HTML = "{http://www.w3.org/TR/REC-html40}"
_NAMED = {
    **{"General Number": "", "General Date": BUILT_IN[22], "Short Date": BUILT_IN[14], "Medium Date": "d-mmm-yy"},
    **{"Long Date": BUILT_IN[14], "Long Time": BUILT_IN[19], "Medium Time": BUILT_IN[18], "Short Time": BUILT_IN[20]},
    **{"Currency": BUILT_IN[7], "Euro Currency": "[$€-2]#,##0.00", "Fixed": "0.00", "Standard": BUILT_IN[4]},
    **{"Percent": BUILT_IN[10], "Scientific": BUILT_IN[11]},
}
"""Formats that have names instead of codes."""
_DAY_0 = dt.datetime(1899, 12, 30)
_DAY_0_SINCE_1904 = dt.datetime(1904, 1, 1)
_DEEPEST = 20  # styles with parents
_MOST_STYLED = 10 * LAST_COLUMN  # columns that are said to have a style: those of a hostile file lie over each other

_Row = tuple[int, dict[int, str]]


def sheets(path: Path, limits: Settings) -> tuple[Iterator[Sheet], Metadata]:
    """Raises: lxml.etree.XMLSyntaxError: it is damaged; DocumentTooLarge."""
    root = tree(path, limits)
    return _sheets(root), _metadata(root.find(_OFFICE + "DocumentProperties"))


def _sheets(root: etree._Element) -> Iterator[Sheet]:
    since_1904 = root.find(f"{_X}ExcelWorkbook/{_X}Date1904") is not None
    codes = _codes(root)
    for node in root.iterchildren(_S + "Worksheet"):
        visible = node.findtext(f"{_X}WorksheetOptions/{_X}Visible") or ""
        sheet = Sheet(node.get(_S + "Name", ""), iter(()), visible.strip() in ("SheetHidden", "SheetVeryHidden"))
        table = node.find(_S + "Table")
        if table is not None:
            sheet.rows = _rows(table, codes, sheet, since_1904)
        yield sheet


def _codes(root: etree._Element) -> Mapping[str, str]:
    """The number format of each style; those without one have that of the style they are made of."""
    styles = {node.get(_S + "ID", ""): node for node in root.iterfind(f"{_S}Styles/{_S}Style")}

    def code(identifier: str, depth: int = 0) -> str:
        node = styles.get(identifier)
        if node is None or depth > _DEEPEST:
            return ""
        told = node.find(_S + "NumberFormat")
        if told is None:
            return code(node.get(_S + "Parent", ""), depth + 1)
        return _NAMED.get(told.get(_S + "Format", ""), told.get(_S + "Format", ""))

    return {identifier: code(identifier) for identifier in styles}


def _rows(table: etree._Element, codes: Mapping[str, str], sheet: Sheet, since_1904: bool) -> Iterator[_Row]:
    columns = dict(islice(_columns(table), _MOST_STYLED))
    of_table = table.get(_S + "StyleID", "Default")
    number = -1
    for node in table.iterchildren(_S + "Row"):
        number = _index(node, number)
        if number >= LAST_ROW:
            return
        row: dict[int, str] = {}
        column = -1
        for cell in node.iterchildren(_S + "Cell"):
            column = _index(cell, column)
            if column >= LAST_COLUMN:
                break
            style = cell.get(_S + "StyleID") or node.get(_S + "StyleID") or columns.get(column, of_table)
            text = _shown(cell, codes.get(style, ""), since_1904)
            if text:
                row[column] = text
            elif text is None:
                sheet.unknown += 1
            if (said := cell.find(_S + "Comment")) is not None:
                author, remark = said.get(_S + "Author"), _written(said.find(_S + "Data"))
                sheet.comments[number, column] = Comment(remark.removeprefix(f"{author}:").strip(), author)
            across, down = _number(cell, "MergeAcross"), _number(cell, "MergeDown")
            if (across or down) and len(sheet.merged) < MOST_RANGES:
                sheet.merged.append(Range(number, column, number + down, column + across))
            column += across
        yield number, row
        number += _number(node, "Span")


def _columns(table: etree._Element) -> Iterator[tuple[int, str]]:
    """The styles of columns that have one."""
    place = -1
    for node in table.iterchildren(_S + "Column"):
        place = _index(node, place)
        span = min(_number(node, "Span"), LAST_COLUMN)
        if style := node.get(_S + "StyleID"):
            yield from ((column, style) for column in range(place, place + span + 1))
        place += span


def _index(node: etree._Element, before: int) -> int:
    """The place of a row, column or cell, from 0; most say none, and follow the one before."""
    told = _number(node, "Index")
    return told - 1 if told else before + 1


def _number(node: etree._Element, name: str) -> int:
    told = node.get(_S + name, "")
    return int(told) if told.isdecimal() and len(told) < 8 else 0


def _shown(cell: etree._Element, code: str, since_1904: bool) -> str | None:
    """What a cell shows; None: a formula that was never calculated."""
    data = cell.find(_S + "Data")
    if data is None:
        return None if cell.get(_S + "Formula") else ""
    text = _written(data)
    reader = _READ.get(data.get(_S + "Type", ""))
    try:
        return reader(text, code, since_1904) if reader is not None else text
    except (ValueError, OverflowError):
        return text


def _numeric(text: str, code: str, since_1904: bool) -> str:
    return shown(float(text), code, since_1904=since_1904) if code else general(float(text))


def _dated(text: str, code: str, since_1904: bool) -> str:
    moment = dt.datetime.fromisoformat(text)
    days = (moment - (_DAY_0_SINCE_1904 if since_1904 else _DAY_0)) / dt.timedelta(days=1)
    return shown(days, code or BUILT_IN[14 if days.is_integer() else 22], since_1904=since_1904)


_READ: dict[str, Callable[[str, str, bool], str]] = {
    "Number": _numeric,
    "DateTime": _dated,
    "Boolean": lambda text, *_: "TRUE" if text == "1" else "FALSE",
}
"""Type of a cell → how its value is read; of others, texts and errors, it is the text itself."""


def _written(data: etree._Element | None) -> str:
    """The text of a cell, which may be written in HTML."""
    if data is None:
        return ""
    pieces = [data.text or ""]
    for node in data.iterdescendants(etree.Element):
        text = node.text or ""
        pieces += [raised(text) if node.tag == _HTML + "Sup" else text, node.tail or ""]
    return folded("".join(pieces))


def _metadata(told: etree._Element | None) -> Metadata:
    def said(name: str) -> str | None:
        return " ".join(((told.findtext(_OFFICE + name) if told is not None else None) or "").split()) or None

    author = said("Author")
    return Metadata(title=said("Title"), authors=(author,) if author else (), date=said("LastSaved") or said("Created"))
