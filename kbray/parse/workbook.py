"""XLSX by openpyxl and XLS by xlrd → one table a sheet, as the values that were last calculated."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it has no types
import xlrd  # type: ignore[import-untyped]  # it has no types
from openpyxl.utils.exceptions import (  # type: ignore[import-untyped]
    CellCoordinatesException,
    InvalidFileException,
)

from kbray.config import Settings
from kbray.document.tables import table_from_rows, table_text
from kbray.errors import DocumentTooLarge, EncryptedDocument
from kbray.model import Element, Metadata, Parsed, Unit
from kbray.parse.media import XLS
from kbray.parse.ooxml import core_properties

ENGINE = "workbook"
ERRORS = (xlrd.XLRDError, InvalidFileException, CellCoordinatesException)
_CELLS = 2_000_000
_CHARACTERS = 200_000_000  # one long text may be shared by all cells

Row = Sequence[object]


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: those of `ERRORS` and Python's own: damaged; EncryptedDocument; DocumentTooLarge: more than a table can hold."""
    legacy = media_type == XLS
    count = _Count()
    sheets = [(name, _compact(count.checked(rows))) for name, rows in (_xls(path) if legacy else _xlsx(path))]
    filled = [(name, rows) for name, rows in sheets if rows]
    elements: list[Element] = []
    for name, rows in filled:
        if len(filled) > 1:
            elements.append(Element("heading", " ".join(name.split()), 1, chapter=name))
        table = table_from_rows(rows)
        elements.append(Element("table", table_text(table), chapter=name, table=table))
    characters = {name: 0 for name, _ in sheets}
    for element in elements:
        characters[element.chapter or ""] += len(element.text)
    units = tuple(Unit(name, found) for name, found in characters.items())
    return Parsed(ENGINE, tuple(elements), units, Metadata() if legacy else core_properties(path, limits))


class _Count:
    """Cells and characters of a workbook, against their bounds."""

    def __init__(self) -> None:
        self._cells = 0
        self._characters = 0

    def checked(self, rows: Iterable[Row]) -> Iterator[list[str]]:
        """The rows as text, empty ends cut off."""
        for row in rows:
            texts = [_text(value) for value in row]
            while texts and not texts[-1]:
                texts.pop()
            self._cells += len(texts)
            self._characters += sum(map(len, texts))
            if self._cells > _CELLS or self._characters > _CHARACTERS:
                raise DocumentTooLarge(
                    f"The workbook has more than {_CELLS:,} cells or {_CHARACTERS:,} characters: split it, or use a database."
                )
            yield texts


def _xlsx(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    with path.open("rb") as file:  # by its name openpyxl would refuse it: what lies in the store has no extension
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # what the file says of its size is often wrong
                yield sheet.title, sheet.iter_rows(values_only=True)
        finally:
            book.close()


def _xls(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    with path.open("rb") as file:
        try:
            book = xlrd.open_workbook(file_contents=file.read(), on_demand=True, logfile=_Silent())
        except xlrd.XLRDError as error:
            if "encrypted" in str(error):
                raise EncryptedDocument("The workbook (XLS) is protected by a password.") from None
            raise
    with book:
        for name in book.sheet_names():
            yield name, _xls_rows(book, name)


def _xls_rows(book: xlrd.Book, name: str) -> Iterator[Row]:
    sheet = book.sheet_by_name(name)
    for row in range(sheet.nrows):
        yield [_xls_value(book, cell) for cell in sheet.row(row)]


def _xls_value(book: xlrd.Book, cell: xlrd.sheet.Cell) -> object:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(cell.value, book.datemode)
        except (xlrd.xldate.XLDateError, OverflowError, ValueError):
            return cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR!")
    return cell.value


class _Silent:
    """xlrd reports oddities of a file to this."""

    def write(self, _: str) -> None:
        return


def _text(value: object) -> str:
    """As a reader expects it: whole numbers without a point, dates without midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
    return " ".join(str(value).split())


def _compact(rows: Iterable[list[str]]) -> list[list[str]]:
    """Without the rows and columns that hold nothing."""
    filled = [row for row in rows if any(row)]
    used = sorted({column for row in filled for column, text in enumerate(row) if text})
    return [[row[column] if column < len(row) else "" for column in used] for row in filled]
