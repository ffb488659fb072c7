"""Tables: rows → Table → HTML with spans, and GitHub Markdown, which knows none."""

from collections.abc import Iterable, Iterator, Set
from html import escape
from itertools import groupby

from kbray.document.escaping import escape_inline
from kbray.model import Cell, Table

_PADDED_COLUMNS = 100


def table_from_rows(rows: Iterable[Iterable[str | None]], *, header_rows: int = 0) -> Table:
    """A table without spans; rows may differ in length, the first `header_rows` of them are headers. None is an empty cell."""
    return Table(
        tuple(
            Cell(row=row, column=column, text=text or "", header=row < header_rows)
            for row, texts in enumerate(rows)
            for column, text in enumerate(texts)
        )
    )


def table_text(table: Table) -> str:
    """The cells joined by tabs and newlines: the `text` of a table's element."""
    lines = []
    for _, cells in groupby(_in_order(table), key=lambda cell: cell.row):
        lines.append("\t".join(" ".join(cell.text.split()) for cell in cells))
    return "\n".join(lines).strip()


def rows_on(table: Table, *pages: int) -> Table:
    """What of a table that goes over several pages stands on these of them, below its header."""
    return Table(tuple(cell for cell in table.cells if cell.header or cell.page in pages))


def table_to_html(table: Table) -> str:
    """`<table>` with spans; a line break in a cell is `<br>`. Rows that hold only spanned cells are kept.

    Where a cell is missing before others there is an empty one, or these would move there; but not in very wide tables.
    """
    by_row: dict[int, list[Cell]] = {}
    for cell in _filled(table) if table.columns <= _PADDED_COLUMNS else _in_order(table):
        by_row.setdefault(cell.row, []).append(cell)
    rows = (f"<tr>{''.join(map(_cell_html, by_row.get(row, ())))}</tr>\n" for row in range(table.rows))
    return f"<table>\n{''.join(rows)}</table>"


def table_to_markdown(table: Table, notes: Set[str] = frozenset()) -> str:
    """A GFM table. The first row is its header (GFM can't do without); a cell that spans others leaves them empty.

    `notes` are the labels that stand for footnotes, as in `escape_inline`.

    Returns "" for a table without cells.
    """
    if not table.cells:
        return ""
    wide = table.columns
    by_row: dict[int, dict[int, str]] = {}
    for cell in _in_order(table):
        by_row.setdefault(cell.row, {}).setdefault(cell.column, _cell_markdown(cell.text, notes))
    lines = [_markdown_row(by_row.get(0, {}), wide), "|" + " --- |" * wide]
    # in very wide tables later rows end with their last cell: GFM fills them up, and a hostile table stays small
    widths = {row: wide if wide <= _PADDED_COLUMNS else max(cells) + 1 for row, cells in by_row.items()}
    lines += [_markdown_row(by_row[row], widths[row]) for row in sorted(by_row) if row > 0]
    return "\n".join(lines)


def _in_order(table: Table) -> list[Cell]:
    return sorted(table.cells, key=lambda cell: (cell.row, cell.column))


def _filled(table: Table) -> Iterator[Cell]:
    """The cells in order, with empty ones where some are missing before others of their row."""
    taken: dict[int, int] = {}  # column → the first row that is free below a cell spanning rows
    for row, cells in groupby(_in_order(table), key=lambda cell: cell.row):
        column = 0
        for cell in cells:
            yield from (
                Cell(row, empty, header=cell.header) for empty in range(column, cell.column) if taken.get(empty, 0) <= row
            )
            yield cell
            column = cell.column + cell.column_span
            taken.update(dict.fromkeys(range(cell.column, column), row + cell.row_span))


def _cell_html(cell: Cell) -> str:
    tag = "th" if cell.header else "td"
    spans = (f' rowspan="{cell.row_span}"' if cell.row_span != 1 else "") + (
        f' colspan="{cell.column_span}"' if cell.column_span != 1 else ""
    )
    return f"<{tag}{spans}>{escape(cell.text, quote=False).replace(chr(10), '<br>')}</{tag}>"


def _cell_markdown(text: str, notes: Set[str]) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    escaped = escape_inline("\n".join(line for line in lines if line), notes)
    # pipes come last: the row is cut at bare pipes before anything else in it is read
    return escaped.replace("|", "\\|").replace("\n", "<br>")


def _markdown_row(cells: dict[int, str], wide: int) -> str:
    return "|" + "".join(f" {cells.get(column, '')} |" for column in range(wide))
