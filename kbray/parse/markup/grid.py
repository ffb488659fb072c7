"""Rows and cells as HTML gives them, spans and all → model.Table; and whether a table holds data or only arranges text."""

from bisect import bisect_right
from dataclasses import dataclass, field

from lxml import etree

from kbray.document.spacers import with_signs, without_empty_columns
from kbray.model import Cell, Table
from kbray.parse.markup.trees import local

_WIDEST = 1000  # columns: the limit HTML sets to a span, taken for the whole table
_LONG_CELL = 1500  # characters: what is longer is text that a table arranges
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCKS = frozenset(("p", "div", "ul", "ol", "pre", "blockquote", "section", "article", "form"))


@dataclass(slots=True)
class Grid:
    """A table being read: `row`, then `place` for each cell, in source order."""

    _cells: list[Cell] = field(default_factory=list)
    _row: int = -1
    _column: int = 0
    _group: int = 0  # first row of the current group, which spans don't leave
    _busy: int = 0  # a bit for each column that is: thousands are passed at once
    _until: dict[int, int] = field(default_factory=dict)  # column → first row that is free again
    _freed: dict[int, list[range]] = field(default_factory=dict)  # row → columns of spans that end before it
    _ends: list[int] = field(default_factory=list)  # first row of each group

    def group(self) -> None:
        """A thead, tbody or tfoot begins or ends: no span reaches past it."""
        self._ends.append(self._row + 1)
        self._busy = 0
        self._until.clear()
        self._freed.clear()

    def row(self) -> None:
        self._row += 1
        self._column = 0
        for columns in self._freed.pop(self._row, ()):
            for column in columns:
                if self._until[column] <= self._row:  # no later cell lies over it
                    self._busy &= ~(1 << column)

    def place(self, row_span: int, column_span: int, *, header: bool) -> Cell:
        """The next cell, without its text; a cell outside any row begins one."""
        if self._row < 0:
            self.row()
        column = self._column
        free = ~(self._busy >> column)
        column += (free & -free).bit_length() - 1  # to the first that is
        width = max(1, min(column_span, _WIDEST - column))
        if row_span != 1:
            end = self._row + row_span if row_span > 0 else 1 << 30
            columns = range(column, column + width)
            self._until.update(dict.fromkeys(columns, end))
            self._busy |= ((1 << width) - 1) << column
            self._freed.setdefault(end, []).append(columns)
        self._column = column + width
        height = row_span if row_span > 0 else 1 << 30
        return Cell(self._row, column, row_span=height, column_span=width, header=header)

    def add(self, cell: Cell, text: str) -> None:
        self._cells.append(Cell(cell.row, cell.column, text, cell.row_span, cell.column_span, cell.header))

    def table(self) -> Table:
        """What was read, spans cut to the rows that are there, without columns of signs, then of the white space beside them."""
        ends = [*self._ends, self._row + 1]
        cells = []
        for cell in self._cells:
            end = ends[bisect_right(ends, cell.row)]
            cells.append(
                Cell(cell.row, cell.column, cell.text, min(cell.row_span, end - cell.row), cell.column_span, cell.header)
            )
        signed = with_signs(cells)
        return Table(tuple(cells) if len(signed) == len(cells) else without_empty_columns(signed))


def text_of(table: Table) -> str:
    """Cells joined by tabs, rows by newlines; line breaks in cells become spaces."""
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell.text.replace("\n", " "))
    return "\n".join("\t".join(row) for row in rows.values())


def is_data(table: etree._Element) -> bool:
    """False for tables that arrange a page: without head or caption, and nested, of one column, with headings or long text."""
    if (table.get("role") or "") in ("presentation", "none"):
        return False
    cells = rows = blocks = 0
    headed = False
    for node in table.iterdescendants(etree.Element):
        tag = local(node.tag)
        if tag == "tr":
            rows += 1
        elif tag in ("td", "th"):
            headed, cells, blocks = headed or tag == "th", cells + 1, 0
        elif tag in ("thead", "caption"):
            headed = True
        elif tag == "table" or (tag in _HEADINGS and not headed):
            return headed
        elif tag in _BLOCKS:
            blocks += 1
            if blocks > 3 and not headed:
                return False
        if not headed and len(node.text or "") + len(node.tail or "") > _LONG_CELL:
            return False
    return headed or cells > max(rows, 1)


def span(value: str | None) -> int:
    """The value of a rowspan or colspan attribute; 1 where it makes no sense, 0 is kept."""
    try:
        return min(max(int(value or "1"), 0), 65_534)
    except ValueError:
        return 1
