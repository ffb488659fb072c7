"""Tables over page breaks: one table, rows in order and once; tables that only follow each other stay apart."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbray.config import Settings
from kbray.document.assemble import assemble
from kbray.document.chunking import chunk
from kbray.document.continued import join
from kbray.document.tables import rows_on
from kbray.geometry import Box
from kbray.model import Cell, Document, Element, Kind, Table, Window
from kbray.parse import pdf
from tests.writers.pdf import Page, write_pdf

FOOT = 700.0
STEP = 20.0
HEADER = ("Bed", "Plants", "Yield")


def a_table(
    page: int, rows: Sequence[Sequence[str]], *, top: float | None = None, xs: Sequence[float] = (72, 200, 300, 420)
) -> Element:
    """As a parser gives it: a grid of cells, from `top` down or so that it ends at the foot of the page."""
    top = FOOT - STEP * len(rows) if top is None else top
    cells = [
        Cell(
            number,
            column,
            text,
            header=number == 0,
            page=page,
            box=Box(xs[column], top + STEP * number, xs[column + 1], top + STEP * (number + 1)),
        )
        for number, row in enumerate(rows)
        for column, text in enumerate(row)
    ]
    box = Box(xs[0], top, xs[-1], top + STEP * len(rows))
    return Element("table", "\n".join("\t".join(row) for row in rows), page=page, box=box, table=Table(tuple(cells)))


def said(page: int, text: str, kind: Kind = "paragraph", top: float = 60) -> Element:
    return Element(kind, text, page=page, box=Box(72, top, 500, top + 12))


def rows_of(element: Element) -> list[list[str]]:
    assert element.table is not None
    rows: list[list[str]] = [[] for _ in range(element.table.rows)]
    for cell in element.table.cells:
        rows[cell.row].append(cell.text)
    return rows


def found(elements: Sequence[Element]) -> list[list[list[str]]]:
    return [rows_of(element) for element in join(elements) if element.table is not None]


ONE = [HEADER, ("a", "Beans", "3"), ("b", "Peas", "4")]
TWO = [("c", "Leeks", "5"), ("d", "Kale", "6")]
WHOLE = [[*map(list, ONE), *map(list, TWO)]]
APART = [list(map(list, ONE)), list(map(list, TWO))]


def test_the_rest_in_the_next_column_is_put_to_it() -> None:
    """Of this page, or the first one of the next; not what stands there farther down, or beside it."""
    narrow, beside = (72, 120, 170, 220), (300, 348, 398, 448)
    text = [replace(said(page, f"A text goes on in a column, {page}.", top=60), box=Box(72, 60, 220, 500)) for page in (1, 2)]
    first = a_table(1, ONE, xs=narrow)
    assert found([text[0], first, a_table(1, TWO, top=60, xs=beside), text[1]]) == WHOLE
    assert found([text[0], first, a_table(1, TWO, top=400, xs=beside), text[1]]) == APART
    right = a_table(1, ONE, xs=beside)
    assert found([text[0], right, a_table(2, TWO, top=60, xs=narrow)]) == WHOLE
    assert found([text[0], right, a_table(2, TWO, top=300, xs=narrow)]) == APART
    assert found([text[0], a_table(1, ONE, top=60, xs=narrow), a_table(1, TWO, top=60, xs=beside), text[1]]) == APART


def test_the_rest_on_the_next_page_is_put_to_it() -> None:
    running = [said(1, "page 1", "footer", 760), said(2, "A book", "header", 30)]
    assert found([a_table(1, ONE), *running, a_table(2, TWO, top=60)]) == WHOLE
    assert found([a_table(1, ONE), *running, a_table(2, [HEADER, *TWO], top=60)]) == WHOLE


def test_cells_know_their_page_and_the_header_stays_one() -> None:
    (whole,) = join([a_table(1, ONE), a_table(2, [HEADER, *TWO]), a_table(3, [HEADER, ("e", "Cress", "7")], top=60)])
    assert whole.table is not None
    assert [(cell.row, cell.page) for cell in whole.table.cells if cell.column == 0] == [
        (0, 1),
        (1, 1),
        (2, 1),
        (3, 2),
        (4, 2),
        (5, 3),
    ]
    assert {cell.row for cell in whole.table.cells if cell.header} == {0}
    assert (whole.pages, whole.page) == ((1, 2, 3), 1)
    assert whole.boxes_on(3) == (Box(72, 80, 420, 100),)
    assert whole.text.splitlines()[-1] == "e\tCress\t7"
    assert [cell.text for cell in rows_on(whole.table, 3).cells] == [*HEADER, "e", "Cress", "7"]


@pytest.mark.parametrize(
    "between",
    [
        said(2, "Table 2. Other beds", "caption"),
        said(2, "Other beds", "heading"),
        said(1, "Source: the society.", top=710),
        Element("image", page=2, box=Box(72, 60, 500, 200)),
    ],
)
def test_what_stands_between_keeps_tables_apart(between: Element) -> None:
    elements = [a_table(1, ONE), between, a_table(2, [HEADER, *TWO], top=300)]
    assert join(elements) == elements


@pytest.mark.parametrize(
    ("title", "again"),
    [
        ("Table 3. Beds", "Table 3. Beds (continued)"),
        ("Table 3. Beds", "TABLE 3 (cont’d)."),
        ("Tabelle 3", "Tabelle 3 – Fortsetzung"),
        ("Beds of the year", "Beds of the year"),
    ],
)
def test_a_title_that_says_so_becomes_a_running_one(title: str, again: str) -> None:
    elements = [said(1, title, "caption"), a_table(1, ONE), said(2, again, "heading"), a_table(2, [HEADER, *TWO], top=90)]
    _, whole, running = join(elements)
    assert rows_of(whole) == WHOLE[0]
    assert (running.kind, running.level, running.text) == ("header", 0, again)


def test_other_columns_another_header_or_room_below_keep_tables_apart() -> None:
    below = a_table(2, TWO, top=60)
    assert found([a_table(1, ONE), below]) == WHOLE
    assert found([a_table(1, ONE), a_table(2, TWO, top=60, xs=(72, 180, 300, 420))]) == APART
    assert found([a_table(1, ONE), a_table(2, [row[:2] for row in TWO], top=60)])[0] == APART[0]
    assert len(found([a_table(1, ONE), a_table(2, [("Bed", "Tools", "Price"), *TWO], top=60)])) == 2
    assert len(found([a_table(1, [("", "2019", "2020"), *TWO]), a_table(2, [("", "2021", "2022"), *TWO], top=60)])) == 2
    assert found([a_table(1, ONE, top=200), below, said(2, "At the foot of the page.", top=FOOT)]) == APART
    assert found([a_table(1, ONE), replace(below, page=3)]) == APART
    assert found([a_table(1, ONE), replace(below, origin="ocr")]) == APART


def test_rows_that_do_not_fit_under_a_table_leave_room_there() -> None:
    """The room that is left is less than the next row takes."""
    page = [said(1, "The first line.", top=60), said(3, "The last one.", top=FOOT - 12)]
    first, rest = a_table(1, ONE, top=360), a_table(2, TWO, top=60)
    assert found([page[0], first, rest, page[1]]) == APART
    assert rest.table is not None
    high = tuple(
        replace(cell, box=replace(cell.box, top=60 + 300 * cell.row, bottom=360 + 300 * cell.row))
        for cell in rest.table.cells
        if cell.box is not None
    )
    rest = replace(rest, table=Table(high), box=Box(72, 60, 420, 660))
    assert found([page[0], first, rest, page[1]]) == WHOLE


def test_columns_are_told_by_rules_on_one_page_and_by_print_on_the_next() -> None:
    def printed(page: int, shift: float) -> Element:
        table = a_table(page, TWO, top=60, xs=(78 + shift, 194 + shift, 294 + shift, 414 + shift))
        assert table.table is not None
        cells = (  # numbers at the right of their column
            replace(
                cell, box=replace(cell.box, left=cell.box.right - 52) if cell.column else replace(cell.box, right=120 + shift)
            )
            for cell in table.table.cells
            if cell.box
        )
        return replace(table, table=Table(tuple(cells)))

    assert found([a_table(1, ONE), printed(2, 0)]) == WHOLE
    assert found([a_table(1, ONE), printed(2, 60)]) == APART


def test_a_row_cut_by_the_page_break_is_made_whole() -> None:
    one = [("Bed", "What grows", "How"), ("a", "Beans that climb the", "in rows"), ("b", "Peas and other legu-", "on")]
    rest = [("", "mes of the north", "sticks"), ("c", "Leeks.", "deep")]
    ((*_, cut, last),) = found([a_table(1, one), a_table(2, rest, top=60)])
    assert (cut, last) == (["b", "Peas and other legumes of the north", "on sticks"], ["c", "Leeks.", "deep"])
    keyed = [("b and what", "Peas", "4"), ("c", "Leeks", "5")]
    named = [("a", "Beans", "3"), ("b and what", "Peas", "4")]
    assert found([a_table(1, [HEADER, *named]), a_table(2, [("goes with it", "", ""), keyed[1]], top=60)])[0][2:] == [
        ["b and what goes with it", "Peas", "4"],
        ["c", "Leeks", "5"],
    ]
    label = [HEADER, ("the north", "", ""), *named]
    assert len(found([a_table(1, label), a_table(2, [("the south", "", ""), keyed[1]], top=60)])[0]) == 6, "labels alone"
    full = [("", "Mixed beds follow.", "sticks"), ("c", "Leeks.", "deep")]
    assert len(found([a_table(1, one), a_table(2, full, top=60)])[0]) == 5  # that it is a rest is not sure


# ---------------------------------------------------------------- any table, cut anywhere


@st.composite
def tables_in_pages(draw: st.DrawFn) -> tuple[list[list[str]], list[Element]]:
    """Rows, and the elements of pages that hold them: a table is cut between any two rows."""
    kinds = ["key", *draw(st.lists(st.sampled_from(["words", "value"]), min_size=1, max_size=4))]
    words = st.text("abcdé ", min_size=1, max_size=12).map(lambda text: f"w{text}".strip())
    values = st.integers(0, 99999).map(lambda number: f"{number / 10:,.1f}")
    count = draw(st.integers(2, 14))
    body = [
        [f"k{number}" if kind == "key" else draw(words if kind == "words" else values) for kind in kinds]
        for number in range(count)
    ]
    header = [f"Head {column}" for column in range(len(kinds))]
    cuts = sorted(draw(st.sets(st.integers(1, count - 1), max_size=4)))
    again = draw(st.booleans())
    widths = draw(st.lists(st.integers(40, 120), min_size=len(kinds), max_size=len(kinds)))
    xs = [72.0 + sum(widths[:column]) for column in range(len(kinds) + 1)]
    elements: list[Element] = []
    ends = [0, *cuts, count]
    for page, (first, end) in enumerate(pairwise(ends), start=1):
        rows = [header] * (page == 1 or again) + body[first:end]
        elements.append(said(page, "Running", "header", 20))
        elements.append(a_table(page, rows, top=60 if page == len(ends) - 1 > 1 else None, xs=xs))
        elements.append(said(page, str(page), "footer", 760))
    return [header, *body], elements


@given(tables_in_pages())
@settings(max_examples=300)
def test_rows_of_a_table_cut_anywhere_come_back_in_order_and_once(case: tuple[list[list[str]], list[Element]]) -> None:
    rows, elements = case
    assert found(elements) == [rows]


@given(tables_in_pages())
@settings(max_examples=50)
def test_passages_of_a_table_stand_on_the_page_of_their_rows(case: tuple[list[list[str]], list[Element]]) -> None:
    _, elements = case
    joined = join(elements)
    (whole,) = (element for element in joined if element.table is not None)
    assert whole.table is not None
    pages = {cell.text: cell.page for cell in whole.table.cells if cell.column == 0}
    for passage in chunk(joined, lambda texts: [len(text.split()) for text in texts], size=40):
        first = passage.text[passage.repeated :].strip().split(" | ", 1)[0]
        assert passage.page == pages[first]
        assert passage.box is not None


# ---------------------------------------------------------------- drawn

XS = (72.0, 220.0, 330.0, 440.0, 540.0)
TITLES = ("Station", "Sessions", "Growth", "Share")


def drawn(path: Path, pages: Sequence[Sequence[Sequence[str]]], *, ruled: bool) -> Path:
    made = []
    top = 90.0
    for number, rows in enumerate(pages, start=1):
        page = Page().at(72, 40, "Annual report of the stations", size=8).at(300, 770, str(number), size=8)
        if number == 1:
            page.paragraph(72, 60, ["What was counted at the stations of the region is shown below, station by station."])
        step = (740 - top) / len(rows) if number < len(pages) else 22.0
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                page.at(XS[column] + 4, top + row * step + 14, text)
        if ruled:
            for row in range(len(rows) + 1):
                page.line(XS[0], top + row * step, XS[-1], top + row * step)
            for x in XS:
                page.line(x, top, x, top + len(rows) * step)
        made.append(page)
        top = 70.0
    made[-1].paragraph(72, 600, ["The stations are read every hour, and what they tell is kept for thirty years at least."])
    return write_pdf(path, made)


def assembled(path: Path, pages: int, step: int, folder: Path) -> Document:
    windows = [Window(first, min(first + step - 1, pages)) for first in range(1, pages + 1, step)]
    parts = [pdf.parse(path, window, Settings(home=folder)) for window in windows]
    return assemble(parts, sha256="", fingerprint="", media_type="application/pdf", expected=windows, failures=())


@pytest.mark.parametrize("step", [1, 2, 9])
@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("ruled", [True, False])
def test_a_table_drawn_over_pages_is_one(tmp_path: Path, ruled: bool, again: bool, step: int) -> None:
    body = [
        (f"Station {chr(65 + number % 26)}{number}", f"{417 * number + 1312:,}", f"{number % 9}.{number % 7}%", f"{number}.5")
        for number in range(80)
    ]
    pages = [[TITLES, *body[:28]], [TITLES] * again + body[28:58], [TITLES] * again + body[58:]]
    document = assembled(drawn(tmp_path / "a.pdf", pages, ruled=ruled), 3, step, tmp_path)
    (table,) = (element for element in document.elements if element.table is not None)
    assert rows_of(table) == [list(TITLES), *map(list, body)]
    assert table.pages == (1, 2, 3)
    assert table.table is not None
    places = [(cell.page, cell.box.top) for cell in table.table.cells if cell.box is not None and cell.column == 0]
    assert places == sorted(places)
    assert len(places) == 81
    assert [element.kind for element in document.elements if element.is_content] == ["paragraph", "table", "paragraph"]


@pytest.mark.parametrize("ruled", [True, False])
def test_another_table_on_the_next_page_is_another(tmp_path: Path, ruled: bool) -> None:
    one = [
        (f"Station {chr(65 + number)}", f"{417 * number + 1312:,}", f"{number}.{number % 7}%", f"{number}.5")
        for number in range(25)
    ]
    other = [("Staff", "Hours", "Cost", "Share"), *((f"Keeper {row[0][-1]}", *row[1:]) for row in one)]
    document = assembled(drawn(tmp_path / "a.pdf", [[TITLES, *one], other], ruled=ruled), 2, 1, tmp_path)
    assert [rows_of(element)[0] for element in document.elements if element.table is not None] == [list(TITLES), list(other[0])]
