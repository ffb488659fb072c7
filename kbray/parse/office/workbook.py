"""XLSX, XLSB, ODS, XLS (by xlrd) and the XML of Excel 2003 → the tables on each sheet, as it shows them.

What blank rows part and what lies under other columns is a table of its own. A hidden sheet is kept, but is no main content.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import xlrd
from xlrd.compdoc import CompDocError
from xlrd.formula import FormulaError

from kbray.config import Settings
from kbray.document.tables import table_text
from kbray.errors import CorruptDocument, DocumentTooLarge, EncryptedDocument
from kbray.model import Cell, Element, Metadata, Parsed, Table, Unit
from kbray.parse import comments
from kbray.parse.comments import Comment
from kbray.parse.failing import failure
from kbray.parse.markup.lists import numeral
from kbray.parse.media import EXCEL_2003, FODS, ODS, XLS, XLSB
from kbray.parse.office import opendocument, spreadsheet, spreadsheet2003, xlsb
from kbray.parse.office.number_format import BUILT_IN, general, shown
from kbray.parse.office.ooxml import core_properties
from kbray.parse.office.separated import names_columns
from kbray.parse.office.spreadsheet import Range, Sheet, spans_of

ENGINE = "workbook"
ERRORS = (xlrd.XLRDError, CompDocError, FormulaError, UnboundLocalError)  # the last: by xlrd, of a text without its box
_LOST = "What is on the sheet is not in the file: it is damaged or cut short."
_CELLS = 2_000_000
_CHARACTERS = 200_000_000  # one long text may be shared by all cells

_XLS_NOTHING = frozenset((xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK))

_Row = tuple[int, dict[int, str]]


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: those of `ERRORS` and Python's own: damaged; EncryptedDocument; DocumentTooLarge: more than a table can hold."""
    count = _Count()
    read_sheets: list[tuple[Sheet, list[Element]]] = []
    remarked = 0
    if media_type in (ODS, FODS):
        sheets, metadata = opendocument.sheets(path, media_type, limits), opendocument.metadata(path, media_type, limits)
    elif media_type == XLS:
        sheets, metadata = _xls(path), Metadata()
    elif media_type == EXCEL_2003:
        sheets, metadata = spreadsheet2003.sheets(path, limits)
    else:
        sheets = (xlsb if media_type == XLSB else spreadsheet).sheets(path, limits)
        metadata = core_properties(path, limits)
    for sheet in sheets:
        rows = count.checked(sheet.rows)
        blocks = list(_blocks(rows))
        only = len(blocks) == 1
        remarks = _Remarks(sheet.comments, remarked)
        found = [element for block in blocks for element in _elements(block, sheet.merged, remarks, only=only)]
        read_sheets.append((sheet, [*found, *remarks.of_empty_cells(), *sheet.drawn, *remarks.notes]))
        remarked += len(remarks.notes)
    named = sum(bool(found) for _, found in read_sheets) > 1
    elements: list[Element] = []
    characters: dict[str, int] = {}
    for sheet, found in read_sheets:
        characters.setdefault(sheet.name, 0)
        if named and found:
            found.insert(0, Element("heading", " ".join(sheet.name.split()), 1))
        for element in found:
            elements.append(replace(element, chapter=sheet.name, main=not sheet.hidden))
            characters[sheet.name] += len(element.text)
    lost = dict.fromkeys(sheet.name for sheet, _ in read_sheets if sheet.lost)
    units = tuple(Unit(name, length, produced=name not in lost) for name, length in characters.items())
    warnings = tuple(_warnings([sheet for sheet, _ in read_sheets]))
    failures = tuple(failure(CorruptDocument(_LOST), chapter=name) for name in lost)
    return Parsed(ENGINE, tuple(elements), units, metadata, failures=failures, warnings=warnings)


def _warnings(sheets: list[Sheet]) -> Iterator[str]:
    if untold := [sheet for sheet in sheets if sheet.untold]:
        cells, names = sum(sheet.untold for sheet in untold), ", ".join(sheet.name for sheet in untold)[:500]
        yield f"Texts of cells are not in the file ({cells}, on {names}): it is damaged or cut short; fetch it again."
    if hidden := [sheet.name for sheet in sheets if sheet.hidden]:
        yield f"Hidden sheets are no main content ({len(hidden)}): {', '.join(hidden)[:500]}."
    if unknown := sum(sheet.unknown for sheet in sheets):
        yield f"Formulas without a stored value are left out ({unknown}): open the workbook in an office program and save it."


class _Count:
    """Cells and characters of a workbook, against their bounds."""

    def __init__(self) -> None:
        self._cells = 0
        self._characters = 0

    def checked(self, rows: Iterable[_Row]) -> Iterator[_Row]:
        """The rows that hold anything."""
        for number, row in rows:
            if row:
                self._cells += len(row)
                self._characters += sum(map(len, row.values()))
                if self._cells > _CELLS or self._characters > _CHARACTERS:
                    raise DocumentTooLarge(
                        f"The workbook has more than {_CELLS:,} cells or {_CHARACTERS:,} characters: split it, or use a database."
                    )
                yield number, row


class _Remarks:
    """The comments of a sheet: a cell refers to its own. Labels go on from the sheets before, which had so many."""

    def __init__(self, said: Mapping[tuple[int, int], Comment], before: int) -> None:
        self._waiting = dict(said)
        self._before = before
        self.notes: list[Element] = []  # those that were marked

    def mark(self, row: int, column: int) -> str:
        """What stands behind the text of a cell."""
        comment = self._waiting.pop((row, column), None)
        if comment is None:
            return ""
        number = self._before + len(self.notes) + 1
        self.notes.append(comments.note(comment, number))
        return comments.mark(number)

    def of_empty_cells(self) -> Iterator[Element]:
        """What is left over: the names of the cells, as programs show them."""
        for row, column in sorted(self._waiting):
            yield Element("paragraph", f"{numeral(column + 1, 'A')}{row + 1}{self.mark(row, column)}")


def _blocks(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Rows that belong together: a blank row divides where what is above and what is below have other first and last columns."""
    blocks: list[list[_Row]] = []
    for number, row in rows:
        if blocks and number == blocks[-1][-1][0] + 1:
            blocks[-1].append((number, row))
        else:
            blocks.append([(number, row)])
    joined: list[list[_Row]] = []
    extent: tuple[int, int] | None = None  # of the last one
    for block in blocks:
        if extent == (own := _extent(block)):
            joined[-1] += block
        else:
            joined.append(block)
        extent = own
    return iter(joined)


def _extent(block: list[_Row]) -> tuple[int, int]:
    return min(min(row) for _, row in block), max(max(row) for _, row in block)


def _elements(block: list[_Row], merged: list[Range], remarks: _Remarks, *, only: bool) -> Iterator[Element]:
    """A table without the rows and columns that hold nothing; one column beside other blocks is a title or remarks."""
    columns = sorted({column for _, row in block for column in row})
    if len(columns) == 1 and (len(block) == 1 or not only):
        for number, row in block:
            yield Element("paragraph", row[columns[0]] + remarks.mark(number, columns[0]))
        return
    numbers = [number for number, _ in block]
    if sum(bisect_right(columns, max(row)) for _, row in block) > _CELLS:
        raise DocumentTooLarge(f"A table of the workbook spreads over more than {_CELLS:,} cells.")
    spans, covered = spans_of(merged, numbers, columns)
    headed = names_columns([block[0][1].get(column, "") for column in columns]) and len(block) > 1
    grid: list[Cell] = []
    for index, (number, row) in enumerate(block):
        for place in range(bisect_right(columns, max(row))):
            text = row.get(columns[place], "")
            if text:
                text += remarks.mark(number, columns[place])
            if text or (index, place) not in covered:
                height, width = spans.get((index, place), (1, 1))
                grid.append(Cell(index, place, text, height, width, headed and index == 0))
    table = Table(tuple(grid))
    yield Element("table", table_text(table), table=table)


# ---------------------------------------------------------------- XLS


def _xls(path: Path) -> Iterator[Sheet]:
    with path.open("rb") as file:
        try:
            book = xlrd.open_workbook(
                file_contents=file.read(),
                on_demand=True,
                formatting_info=True,
                ragged_rows=True,  # a format far off made each row as wide as the sheet can be
                ignore_workbook_corruption=True,  # some programs write sectors that several streams share; Excel opens them
                logfile=_Silent(),
            )
        except xlrd.XLRDError as error:
            if "encrypted" in str(error):
                raise EncryptedDocument("The workbook (XLS) is protected by a password.") from None
            raise
    with book:
        for name in book.sheet_names():
            sheet = book.sheet_by_name(name)
            merged = [Range(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells]
            said = {place: _xls_comment(note) for place, note in sheet.cell_note_map.items()}
            yield Sheet(name, _xls_rows(book, sheet), sheet.visibility != 0, merged=merged, comments=said)


def _xls_rows(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> Iterator[_Row]:
    for number in range(sheet.nrows):
        filled = [column for column, kind in enumerate(sheet.row_types(number)) if kind not in _XLS_NOTHING]
        texts = {column: _xls_text(book, sheet.cell(number, column)) for column in filled}
        yield number, {column: text for column, text in texts.items() if text}


def _xls_comment(note: xlrd.sheet.Note) -> Comment:
    text = "\n".join(filter(None, (" ".join(line.split()) for line in str(note.text).splitlines())))
    return Comment(text.removeprefix(f"{note.author}:").strip(), note.author)


def _xls_text(book: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        key = book.xf_list[cell.xf_index].format_key if cell.xf_index is not None else 0
        code = BUILT_IN.get(key) or (book.format_map[key].format_str if key in book.format_map else "")
        return shown(cell.value, code, since_1904=bool(book.datemode)) if code else general(cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR!"))
    return " ".join(str(cell.value).split())


class _Silent:
    """xlrd reports oddities of a file to this."""

    def write(self, _: str) -> None:
        return
