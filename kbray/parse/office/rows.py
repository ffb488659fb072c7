"""Tables as Word has them in DOC and RTF: rows of cells whose edges and merges each row defines for itself."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kbray.model import Cell, Element
from kbray.parse.office.inline import in_cell, in_table

ACROSS, DOWN, BEGINS_DOWN = 1, 1 << 5, 3 << 5  # flags: one with the cell before it, with the one above it, with those below
_SAME_EDGE = 100  # twentieths of a point: edges of cells in different rows that are one; no cell is so narrow


class Rows:
    """A table that is being read: of each row its cells, and the edges and merges that its definition tells."""

    def __init__(self) -> None:
        self.inside: list[Element] = []  # of the cell that is open
        self._cells: list[list[Element]] = []
        self._rows: list[tuple[list[list[Element]], Sequence[int], Sequence[int], bool]] = []

    def end_cell(self) -> None:
        self._cells.append(self.inside)
        self.inside = []

    def end_row(self, edges: Sequence[int], flags: Sequence[int], *, header: bool = False) -> None:
        """`edges` of the cells in twentieths of a point, one more than cells, and `flags` of each: ACROSS, DOWN, BEGINS_DOWN."""
        if not self._cells:
            return
        if len(edges) <= len(self._cells):  # none, or those of another row
            edges, flags = range(0, 1440 * (len(self._cells) + 1), 1440), ()
        self._rows.append((self._cells, edges, [*flags, *[0] * len(self._cells)], header))
        self._cells = []

    def elements(self) -> Iterator[Element]:
        """One cell alone is a frame: it gives its content."""
        if self.inside or self._cells:
            self.end_cell()
            self.end_row((), ())
        cells = [cell for row, *_ in self._rows for cell in row]
        if len(cells) == 1:
            yield from cells[0]
            return
        yield from in_table(self._grid(), (formula for cell in cells for one in cell for formula in one.formulas))
        yield from (element for cell in cells for element in cell if element.kind == "image")

    def _grid(self) -> list[Cell]:
        places = _united(edge for _, edges, *_ in self._rows for edge in edges)
        grid: list[Cell] = []
        above: dict[int, int] = {}  # column → index of the cell that rows below may lengthen
        for number, (cells, edges, flags, header) in enumerate(self._rows):
            for index, cell in enumerate(cells):
                column, end = (bisect_left(places, edge - _SAME_EDGE) for edge in edges[index : index + 2])
                width = max(1, end - column)
                across, down = flags[index] & 3, flags[index] & BEGINS_DOWN
                if across == ACROSS and grid and grid[-1].row == number:
                    grid[-1] = replace(grid[-1], column_span=grid[-1].column_span + width)
                elif down == DOWN and column in above:
                    start = above[column]
                    grid[start] = replace(grid[start], row_span=number - grid[start].row + 1)
                else:
                    above.pop(column, None)
                    if down == BEGINS_DOWN:
                        above[column] = len(grid)
                    grid.append(Cell(number, column, in_cell(cell), 1, width, header))
        return grid


def _united(edges: Iterable[int]) -> list[int]:
    """Those of all rows in order, each once."""
    found: list[int] = []
    for edge in sorted(edges):
        if not found or edge - found[-1] > _SAME_EDGE:
            found.append(edge)
    return found
