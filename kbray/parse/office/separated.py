"""CSV and TSV → one table."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from kbray.config import Settings
from kbray.document.tables import table_from_rows, table_text
from kbray.errors import DocumentTooLarge
from kbray.model import Element, Parsed, Unit
from kbray.parse.encoding import decode
from kbray.parse.media import TSV

ENGINE = "csv"
ERRORS = (csv.Error,)
_SAMPLE = 64 * 1024  # characters by which the delimiter is chosen
_DELIMITERS = ",;\t|"
_TOLD = re.compile(r'"?sep=([^\w\s"]|\t)"?[ ]*(?:\r\n?|\n)', re.IGNORECASE)  # Excel's first line
_END = "\x01"  # no control character is in the text
_FEW = 3  # rows
_CELLS = 2_000_000
_LONGEST_CELL = 16 * 1024 * 1024


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: csv.Error: a cell without end; DocumentTooLarge: more cells than one table can have."""
    decoded = decode(path.read_bytes())
    told = _TOLD.match(decoded.text)
    content = decoded.text[told.end() :] if told else decoded.text
    delimiter = told[1] if told else "\t" if media_type == TSV else _delimiter(content[:_SAMPLE])
    rows = list(_rows(content, delimiter))
    warnings = (*decoded.warnings, *_cut(rows, content))
    if not rows:
        return Parsed(ENGINE)
    titled = len(rows) > 1 and len(rows[0]) == 1 < len(rows[1])  # it is no name of a column
    table = table_from_rows(rows, header_rows=1 if len(rows) > 1 and not titled and names_columns(rows[0]) else 0)
    text = table_text(table)
    return Parsed(ENGINE, (Element("table", text, table=table),), (Unit("whole", len(text)),), warnings=warnings)


def _cut(rows: list[list[str]], content: str) -> Iterator[str]:
    """What to tell of rows that don't end as they should; takes off what `_rows` put behind them."""
    if rows[-1] == [_END]:
        rows.pop()
        usual = {len(row) for row in rows[:-1]}
        if len(usual) == 1 and len(rows) > _FEW and len(rows[-1]) < usual.pop() and not content.endswith(("\n", "\r")):
            yield "The last row has fewer cells than the others, and no end: the file may have been cut short; fetch it again."
        return
    rows[-1][-1] = rows[-1][-1].removesuffix(_END).rstrip()
    yield f"A quote in row {len(rows):,} is never closed, and all behind it is one cell: the file is damaged or cut short."


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Rows that hold anything, white space in cells folded, and one of `_END`, unless the last cell goes on to the end."""
    csv.field_size_limit(_LONGEST_CELL)
    cells = 0
    for row in csv.reader(chain(io.StringIO(text, newline=""), (_END,)), delimiter=delimiter):
        folded = [" ".join(cell.split()) for cell in row]
        cells += len(folded)
        if cells > _CELLS:
            raise DocumentTooLarge(f"The table has more than {_CELLS:,} cells: split it, or keep it in a database.")
        if any(folded):
            yield folded


def _delimiter(sample: str) -> str:
    """The one that cuts most lines into the same number of cells, the comma in doubt."""
    lines = sample.splitlines()[:200]
    best, chosen = (0, 0), ","
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        score = (widths.count(usual), usual) if usual > 1 else (0, 0)
        if score > best:
            best, chosen = score, delimiter
    return chosen


def names_columns(first: list[str]) -> bool:
    """Whether the first row of a table names its columns: all its cells are filled, differ, and hold no numbers."""
    return all(first) and len(set(first)) == len(first) and not any(_is_number(cell) for cell in first)


def _is_number(cell: str) -> bool:
    return cell.lstrip("+-$€£").replace(".", "").replace(",", "").replace("%", "").strip().isdigit()
