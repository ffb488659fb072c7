"""Tables keep their cells and spans through HTML, and their text through Markdown."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kbray.document.tables import table_from_rows, table_text, table_to_html, table_to_markdown
from kbray.model import Cell, Table
from kbray.parse import html
from kbray.parse.markup import trees

words = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="\u00ad\ufffe\uffff"), max_size=6
)
cell_texts = st.lists(st.lists(words.filter(bool), min_size=1, max_size=2).map(" ".join), max_size=2).map("\n".join)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A full grid, some of its cells joined: every place belongs to one cell."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    free = {(row, column) for row in range(rows) for column in range(columns)}
    cells = []
    for row in range(rows):
        for column in range(columns):
            if (row, column) not in free:
                continue
            wide = high = 1
            while (row, column + wide) in free and draw(st.integers(0, 3)) == 0:
                wide += 1
            below = {(row + 1, column + offset) for offset in range(wide)}
            if below <= free and draw(st.integers(0, 3)) == 0:
                high = 2
            free -= {(row + down, column + right) for down in range(high) for right in range(wide)}
            cells.append(Cell(row, column, draw(cell_texts), high, wide, draw(st.booleans())))
    return Table(tuple(cells))


def read(written: str) -> Table:
    """By the reader of web pages; with a caption it is no table that only arranges text."""
    root = trees.html(written.replace("<table>", "<table><caption>Beds</caption>"))
    assert root is not None
    return next((element.table for element in html.read(root) if element.table), Table(()))


def _is_plain(table: Table) -> bool:
    """It has text, and no column that may be one of signs."""
    return any(cell.text for cell in table.cells) and not any(set(cell.text) & set("%)‰$€£¥₹") for cell in table.cells)


@given(tables().filter(_is_plain))
@settings(max_examples=150)
def test_html_is_read_back(table: Table) -> None:
    assert read(table_to_html(table)) == table


def test_markdown_flattens_spans_and_escapes() -> None:
    table = Table(
        (
            Cell(0, 0, "Name", header=True, row_span=2),
            Cell(0, 1, "a|b", column_span=2, header=True),
            Cell(1, 1, "two\nlines"),
            Cell(1, 2, "*x*"),
            Cell(2, 0, "short"),
        )
    )
    assert table_to_markdown(table) == (
        "| Name | a\\|b |  |\n| --- | --- | --- |\n|  | two<br>lines | \\*x\\* |\n| short |  |  |"
    )
    assert table_text(table) == "Name\ta|b\ntwo lines\t*x*\nshort"


def test_no_cells() -> None:
    assert table_to_markdown(Table(())) == ""


def test_markdown_of_a_hostile_table_stays_small() -> None:
    table = Table((Cell(0, 0, "wide", column_span=9000), *(Cell(row, 0, "x") for row in range(1, 1000))))
    assert len(table_to_markdown(table)) < 100_000


def test_rows() -> None:
    table = table_from_rows([["a", None], ["b"]], header_rows=1)
    assert table == Table((Cell(0, 0, "a", header=True), Cell(0, 1, "", header=True), Cell(1, 0, "b")))


def test_cells_stay_in_their_columns_where_others_are_missing() -> None:
    table = Table((Cell(0, 0, "Bed", row_span=2), Cell(0, 1, "Yield", column_span=2), Cell(1, 2, "2023"), Cell(2, 2, "5")))
    rows = table_to_html(table).splitlines()[1:-1]
    assert rows == [
        '<tr><td rowspan="2">Bed</td><td colspan="2">Yield</td></tr>',
        "<tr><td></td><td>2023</td></tr>",
        "<tr><td></td><td></td><td>5</td></tr>",
    ]
    back = {(cell.row, cell.column): cell.text for cell in read(table_to_html(table)).cells if cell.text}
    assert back == {(cell.row, cell.column): cell.text for cell in table.cells}
