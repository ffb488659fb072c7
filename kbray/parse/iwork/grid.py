"""Texts by row and column → a table without the rows and columns that hold nothing."""

from bisect import bisect_right
from collections.abc import Sequence

from kbray.errors import DocumentTooLarge
from kbray.model import Cell, Table
from kbray.parse.office.spreadsheet import Range, spans_of

MOST_CELLS = 2_000_000


def table_of(rows: dict[int, dict[int, str]], merged: Sequence[Range], headers: int) -> Table:
    """The first cell of an area that is merged spans it. rows: in order, none of them empty. headers: how many rows are such.

    Raises: DocumentTooLarge: there are more than 4,000,000 cells between the first and the last.
    """
    columns = sorted({column for row in rows.values() for column in row})
    numbers = list(rows)
    if len(columns) * len(numbers) > 2 * MOST_CELLS:
        raise DocumentTooLarge(f"A table of the document spreads over more than {2 * MOST_CELLS:,} cells.")
    spans, covered = spans_of(merged, numbers, columns)
    grid: list[Cell] = []
    for index, (number, row) in enumerate(rows.items()):
        for place in range(bisect_right(columns, max(row))):
            text = row.get(columns[place], "")
            if text or (index, place) not in covered:
                height, width = spans.get((index, place), (1, 1))
                grid.append(Cell(index, place, text, height, width, number < headers))
    return Table(tuple(grid))
