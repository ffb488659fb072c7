"""Tables: rows ⇄ Table ⇄ HTML with spans, and → GitHub Markdown, which knows no spans."""

import re
from collections.abc import Iterable, Iterator, Set
from html import escape
from itertools import groupby

import lxml.etree
import lxml.html

from kbray.document.columns import without_surrogates
from kbray.document.escaping import escape_inline
from kbray.model import Cell, Table

MAX_COLUMNS = 10_000  # where a hostile colspan is cut off
_PADDED_COLUMNS = 100
_BLOCKS = frozenset(("p", "div", "li", "tr", "br", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd"))
_HIDDEN = frozenset(("script", "style", "template"))
_XML_FORBIDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


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


def rows_on(table: Table, page: int) -> Table:
    """What of a table that goes over several pages stands on one of them, below its header."""
    return Table(tuple(cell for cell in table.cells if cell.header or cell.page == page))


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


def table_from_html(html: str) -> Table:
    """The first `<table>` in `html`, placed as a browser would; of tables inside cells only the text is kept.

    No table in it: a Table without cells.
    """
    clean = without_surrogates(_XML_FORBIDS.sub("", html))
    try:
        root = lxml.html.document_fromstring(clean.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except lxml.etree.ParserError:  # nothing in it
        return Table(())
    found = next(root.iter("table"), None)
    return table_from_node(found) if found is not None else Table(())


def table_from_node(node: lxml.html.HtmlElement) -> Table:
    """The `<table>` element `node` as a Table. Text is folded; `<br>` and blocks inside a cell break its lines."""
    rows = list(_rows(node))
    cells: list[Cell] = []
    taken: dict[int, int] = {}  # column → the first row that is free below a cell spanning rows
    for row, tr in enumerate(rows):
        column = 0
        for td in tr:
            if td.tag not in ("td", "th"):
                continue
            while taken.get(column, 0) > row:
                column += 1
            if column >= MAX_COLUMNS:
                break
            wide = min(_span(td, "colspan"), MAX_COLUMNS - column)
            high = min(_span(td, "rowspan") or len(rows), len(rows) - row)  # rowspan=0: to the end
            wide = max(1, wide)
            cells.append(Cell(row, column, _text(td), high, wide, td.tag == "th"))
            if high > 1:
                taken.update(dict.fromkeys(range(column, column + wide), row + high))
            column += wide
    return Table(tuple(cells))


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


def _rows(table: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """The rows of this table, not of those inside it; head first and foot last, as shown."""
    groups: dict[str, list[lxml.html.HtmlElement]] = {"thead": [], "tbody": [], "tfoot": []}
    for child in table:
        if child.tag == "tr":
            groups["tbody"].append(child)
        elif child.tag in groups:
            groups[child.tag].extend(row for row in child if row.tag == "tr")
    for rows in groups.values():
        yield from rows


def _span(cell: lxml.html.HtmlElement, name: str) -> int:
    """The span as HTML reads it: digits only, at most 1000 columns or 65534 rows; anything else is 1."""
    found = re.match(r"\s*\+?([0-9]{1,9})", cell.get(name) or "")
    if not found:
        return 1
    return min(int(found[1]), 1000 if name == "colspan" else 65534)


def _text(cell: lxml.html.HtmlElement) -> str:
    pieces: list[str] = []
    for event, node in lxml.etree.iterwalk(cell, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            pieces.append(_folded(node.tail))
            continue
        breaks = node is not cell and node.tag in _BLOCKS
        if event == "start":
            pieces.append("\n" if breaks else "")
            pieces.append("" if node.tag in _HIDDEN else _folded(node.text))
        elif node is not cell:
            pieces.append("\n" if breaks and node.tag != "br" else "")
            pieces.append(_folded(node.tail))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _folded(text: str | None) -> str:
    """Line breaks of the source are blanks; those of `<br>` are kept apart from them."""
    return re.sub(r"\s+", " ", text) if text else ""
