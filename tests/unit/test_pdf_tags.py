"""What tagged PDFs tell of their own structure: files written here, read by the real pdfium."""

import itertools
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.document import continued
from kbray.document.layout.paragraphs import Block
from kbray.geometry import Box
from kbray.model import Element, Window
from kbray.parse.pdf import parse
from kbray.parse.pdf.tags import Figure, with_figures
from tests.writers.pdf import Page, Tag, write_pdf

TEXT = [
    "The harbour was built in two years by people who had never",
    "seen the sea, and who went home again as soon as the last of",
    "the stones was in its place and the wages had been paid out.",
]


def read(path: Path) -> list[Element]:
    return list(parse(path, Window(), Settings()).elements)


def row(*cells: Tag) -> Tag:
    return Tag("TR", children=list(cells))


def cell(*pieces: int, kind: str = "TD", more: str = "") -> Tag:
    return Tag(kind, pieces=list(pieces), more=more)


def grid(elements: list[Element]) -> list[list[str]]:
    (table,) = (element.table for element in elements if element.table is not None)
    rows = [[""] * table.columns for _ in range(table.rows)]
    for one in table.cells:
        rows[one.row][one.column] = one.text
    return rows


@pytest.mark.parametrize("tagged", [True, False])
def test_a_title_in_the_print_of_the_text_is_told_by_its_tag(tmp_path: Path, tagged: bool) -> None:
    page = Page().at(72, 88, "How the harbour was built").tagged(0).paragraph(72, 100, TEXT)
    structure = [Tag("Document", children=[Tag("H3", pieces=[0])])] if tagged else []
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=structure))
    kinds = [(element.kind, element.level) for element in found]
    assert kinds == ([("heading", 3), ("paragraph", 0)] if tagged else [("paragraph", 0)])
    assert found[0].text.startswith("How the harbour was built")


def test_a_title_in_two_pieces_is_whole_where_it_is_told(tmp_path: Path) -> None:
    page = (
        Page()
        .at(72, 60, "III. A strategy for the control of")
        .tagged(0)
        .at(72, 90, "harbours", 9)
        .tagged(1)
        .paragraph(72, 130, TEXT)
    )
    structure = [Tag("H2", pieces=[0, 1])]
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=structure))
    assert (found[0].kind, found[0].text) == ("heading", "III. A strategy for the control of harbours")


def test_a_number_that_stands_above_a_title_is_no_part_of_it(tmp_path: Path) -> None:
    page = Page().at(300, 60, "57").at(72, 120, "Hooks", 14, "F2").tagged(0).paragraph(72, 140, TEXT)
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[Tag("H2", pieces=[0])]))
    assert "Hooks" in [one.text for one in found]


def test_a_page_that_is_a_title_as_a_whole_was_tagged_by_mistake(tmp_path: Path) -> None:
    page, lines = Page(), TEXT * 3
    for number, line in enumerate(lines):
        page.at(72, 100 + 12 * number, line).tagged(number)
    structure = [Tag("H1", pieces=[number]) for number in range(len(lines))]
    assert [element.kind for element in read(write_pdf(tmp_path / "a.pdf", [page], structure=structure))] == ["paragraph"]


def test_cells_are_told_by_tags_where_white_space_tells_other_ones(tmp_path: Path) -> None:
    page = Page().paragraph(72, 60, TEXT)
    words = [("No", 72), ("Thing", 90), ("Price", 300), ("1", 72), ("rope", 90), ("12.50", 300), ("2", 72), ("of hemp", 90)]
    for number, (text, x) in enumerate(words):
        page.at(x, 140 + 14 * (number // 3), text).tagged(number)
    table = Tag(
        "Table",
        children=[
            Tag("THead", children=[row(cell(0, kind="TH"), cell(1, kind="TH"), cell(2, kind="TH"))]),
            Tag("TBody", children=[row(cell(3), cell(4), cell(5)), row(cell(6), cell(7), cell())]),
        ],
    )
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[table]))
    assert grid(found) == [["No", "Thing", "Price"], ["1", "rope", "12.50"], ["2", "of hemp", ""]]
    assert [element.kind for element in found] == ["paragraph", "table"]
    assert {(one.row, one.header) for element in found if element.table for one in element.table.cells} == {
        (0, True),
        (1, False),
        (2, False),
    }


def test_cells_that_go_on_over_a_page_break_do_not_take_what_has_the_same_number_there(tmp_path: Path) -> None:
    first, second = Page().paragraph(72, 60, TEXT), Page()
    words = [("No", 72), ("Thing", 90), ("Price", 300), ("1", 72), ("rope", 90), ("12.50", 300), ("2", 72), ("of hemp", 90)]
    for number, (text, x) in enumerate(words):
        first.at(x, 660 + 14 * (number // 3), text).tagged(number)
    second.at(90, 60, "or of wire").tagged(0).at(72, 74, "3").tagged(1).at(90, 74, "lamp").tagged(2).at(300, 74, "9.00").tagged(3)
    rows = [
        row(cell(0), cell(1), cell(2)),
        row(cell(3), cell(4), cell(5)),
        row(cell(6), Tag("TD", pieces=[7], further=[0]), cell()),
    ]
    last = row(*(Tag("TD", page=1, pieces=[number]) for number in (1, 2, 3)))
    found = read(write_pdf(tmp_path / "a.pdf", [first, second], structure=[Tag("Table", children=[*rows, last])]))
    table = next(element.table for element in found if element.table is not None)
    assert [one.text for one in table.cells] == ["No", "Thing", "Price", "1", "rope", "12.50", "2", "of hemp", ""]


def test_cells_of_several_columns_and_rows(tmp_path: Path) -> None:
    page = Page()
    for number, (text, x, y) in enumerate(
        [
            ("Year", 72, 100),
            ("Weight", 200, 100),
            ("wet", 200, 114),
            ("dry", 300, 114),
            ("1998", 72, 128),
            ("12", 200, 128),
            ("8", 300, 128),
        ]
    ):
        page.at(x, y, text).tagged(number)
    spans = "/A << /O /Table /{} 2 >>"
    table = Tag(
        "Table",
        children=[
            row(cell(0, kind="TH", more=spans.format("RowSpan")), cell(1, kind="TH", more=spans.format("ColSpan"))),
            row(cell(2, kind="TH"), cell(3, kind="TH")),
            row(cell(4), cell(5), cell(6)),
        ],
    )
    (element,) = read(write_pdf(tmp_path / "a.pdf", [page], structure=[table]))
    assert element.table is not None
    assert {(one.text, one.row, one.column, one.row_span, one.column_span) for one in element.table.cells} == {
        ("Year", 0, 0, 2, 1),
        ("Weight", 0, 1, 1, 2),
        ("wet", 1, 1, 1, 1),
        ("dry", 1, 2, 1, 1),
        ("1998", 2, 0, 1, 1),
        ("12", 2, 1, 1, 1),
        ("8", 2, 2, 1, 1),
    }


@pytest.mark.parametrize("fault", ["rows do not stand below each other", "other text is among it", "cells are as long as pages"])
def test_what_the_print_does_not_bear_out_is_no_table(tmp_path: Path, fault: str) -> None:
    page = Page()
    long = fault.startswith("cells")
    places = [(72, 100), (320, 100), (72, 160 if long else 112), (320, 160 if long else 112)]
    if fault.startswith("rows"):
        places[3] = (320, 88)
    for number, (x, y) in enumerate(places):
        if long:
            page.operators.append("".join(Page().paragraph(x, y, [text[:44] for text in TEXT * 4], leading=4, size=4).operators))
        else:
            page.at(x, y, TEXT[number % 3][:30])
        page.tagged(number)
    if fault.startswith("other"):
        page.at(230, 106, "Something else")
    table = Tag("Table", children=[row(cell(0), cell(1)), row(cell(2), cell(3))])
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[table]))
    assert [element for element in found if element.table is not None] == []


def test_elements_that_many_others_hold_are_not_walked_for_ever(tmp_path: Path) -> None:
    """Two to the 60th ways lead to the last one."""
    tag = Tag("P", pieces=[0])
    for _ in range(60):
        tag = Tag("Div", children=[tag, tag])
    page = Page().paragraph(72, 60, TEXT).tagged(0)
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[Tag("H1", children=[tag])]))
    assert [element.kind for element in found] == ["paragraph"]


def test_a_figure_that_an_element_holds_many_times_is_told_once(tmp_path: Path) -> None:
    page = Page().paragraph(72, 60, TEXT).line(72, 372, 300, 150).tagged(0)
    figure = Tag("Figure", pieces=[0], more="/Alt (A crane on the quay)")
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[Tag("Sect", children=[figure] * 30)]))
    assert [element.text for element in found].count("A crane on the quay") == 1


def test_of_figures_without_number_none_is_lost() -> None:
    """The place in the text is looked for of the first ones only: with all it would take the square of their number."""
    page = Box(0.0, 0.0, 600.0, 800.0)
    figures = [Figure(f"Figure {number}", Box(10.0, 100.0, 50.0, 140.0)) for number in range(20_000)]
    below = Block("Below.", Box(10.0, 200.0, 300.0, 212.0), 10.0, False, 1, 10.0, 300.0)
    found = with_figures([below], figures, page)
    assert sorted(block.text for block in found) == sorted(["Below.", *(figure.alt for figure in figures)])
    assert 100 <= found.index(below) < 1000


def test_what_a_figure_shows_stands_where_it_is(tmp_path: Path) -> None:
    page = (
        Page()
        .paragraph(72, 60, TEXT)
        .paragraph(72, 400, TEXT)
        .line(72, 372, 300, 150)
        .tagged(0)
        .line(300, 372, 72, 150)
        .tagged(1)
    )
    figure = Tag("Figure", pieces=[0], more="/Alt (A crane on the quay) /A << /O /Layout /BBox [72 420 300 680] >>")
    named = Tag("Figure", pieces=[1], more="/Alt (crane2.png) /A << /O /Layout /BBox [72 420 300 680] >>")
    placed = Tag("Figure", pieces=[2], more="/Alt (/home/ann/My pictures/crane 3.jpg)")
    page.line(72, 380, 300, 380).tagged(2)
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[figure, named, placed]))
    assert [(element.kind, element.text[:18]) for element in found] == [
        ("paragraph", "The harbour was bu"),
        ("image", "A crane on the qua"),
        ("paragraph", "The harbour was bu"),
    ]


def test_what_a_figure_shows_is_kept_where_nothing_tells_its_place(tmp_path: Path) -> None:
    page = Page().paragraph(72, 60, TEXT).line(72, 372, 300, 150).tagged(0)
    figure = Tag("Figure", pieces=[0], more="/Alt (A crane on the quay)")
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[figure]))
    assert [(element.kind, element.text[:7]) for element in found] == [("paragraph", "The har"), ("image", "A crane")]


def test_a_page_of_which_only_a_figure_is_told_was_not_read(tmp_path: Path) -> None:
    page = Page().line(72, 372, 300, 150).tagged(0)
    figure = Tag("Figure", pieces=[0], more="/Alt (A page that was scanned) /A << /O /Layout /BBox [72 420 300 680] >>")
    parsed = parse(write_pdf(tmp_path / "a.pdf", [page], structure=[figure]), Window(), Settings(ocr="never"))
    assert [failure.code for failure in parsed.failures] == ["needs_recognition"]


def test_what_is_told_to_be_of_the_page_is_a_running_title(tmp_path: Path) -> None:
    page = Page().paragraph(72, 100, TEXT).at(72, 40, "Harbours of the north").at(72, 770, "Printed by J. Smith")
    page.operators[-2:] = [f"/Artifact << /Type /Pagination >> BDC {drawn} EMC" for drawn in page.operators[-2:]]
    structure = [Tag("P", pieces=[0])]
    page.operators[0] = f"/P << /MCID 0 >> BDC {page.operators[0]} EMC"
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=structure))
    assert [(element.kind, element.text) for element in found if element.kind != "paragraph"] == [
        ("header", "Harbours of the north"),
        ("footer", "Printed by J. Smith"),
    ]


def test_a_header_that_a_table_has_again_on_its_next_page_is_no_running_title(tmp_path: Path) -> None:
    page = Page().at(72, 40, "Thing").at(200, 40, "Price")
    page.operators = [f"/Artifact << /Type /Pagination >> BDC {drawn} EMC" for drawn in page.operators]
    for number, (text, x, y) in enumerate([("rope", 72, 54), ("12.50", 200, 54), ("lamp", 72, 68), ("9.00", 200, 68)]):
        page.at(x, y, text).tagged(number)
    table = Tag("Table", children=[row(cell(0), cell(1)), row(cell(2), cell(3))])
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[table]))
    assert "header" not in [element.kind for element in found]


def told_lines(page: Page, lines: list[str], y: float, first: int, x: float = 72, leading: float = 12) -> float:
    """Lines that are pieces of the page's content from `first` on; where the next one would stand."""
    for number, line in enumerate(lines):
        page.at(x, y + leading * number, line).tagged(first + number)
    return y + leading * len(lines)


@pytest.mark.parametrize("tagged", [True, False])
def test_paragraphs_that_the_print_does_not_part_are_told_by_tags(tmp_path: Path, tagged: bool) -> None:
    page = Page()
    told_lines(
        page,
        [
            *TEXT[:2],
            "the stones was laid there in the",
            "In the north they have no harbour of stone, nor want to have it",
            *TEXT[1:],
        ],
        100,
        0,
    )
    structure = [Tag("P", pieces=[0, 1, 2]), Tag("P", pieces=[3, 4, 5])] if tagged else []
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=structure))
    assert [element.text[:12] for element in found] == (["The harbour ", "In the north"] if tagged else ["The harbour "])


def test_lines_that_a_converter_tagged_as_paragraphs_are_one(tmp_path: Path) -> None:
    page = Page()
    told_lines(page, TEXT * 3, 100, 0)
    structure = [Tag("P", pieces=[number]) for number in range(9)]
    (element,) = read(write_pdf(tmp_path / "a.pdf", [page], structure=structure))
    assert element.text.startswith("The harbour was built")
    assert element.text.endswith("had been paid out.")


@pytest.mark.parametrize("tagged", [True, False])
def test_a_paragraph_that_is_told_goes_on_behind_a_high_line(tmp_path: Path, tagged: bool) -> None:
    page = Page()
    below = told_lines(page, TEXT[:2], 100, 0)
    told_lines(page, TEXT[2:] + TEXT, below + 6, 2)
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[Tag("P", pieces=list(range(6)))] if tagged else []))
    assert [element.text[:10] for element in found] == (["The harbou"] if tagged else ["The harbou", "the stones"])


def test_a_page_that_was_tagged_as_one_paragraph_is_not_one(tmp_path: Path) -> None:
    page = Page()
    below = told_lines(page, TEXT, 100, 0)
    told_lines(page, TEXT, below + 6, 3)
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[Tag("P", pieces=list(range(6)))]))
    assert [element.text[:10] for element in found] == ["The harbou", "The harbou"]


@pytest.mark.parametrize("whole", [True, False])
def test_a_paragraph_goes_on_over_a_page_break_where_it_is_told(tmp_path: Path, whole: bool) -> None:
    first, second = Page(), Page()
    told_lines(first, [*TEXT[:2], "the stones was in its place, as was said at the time by Mister"], 680, 0)
    told_lines(second, ["Smith of the harbour's office.", *([] if whole else TEXT)], 60, 0)
    paragraph = Tag("P", pieces=[0, 1, 2], further=[0] if whole else [1, 2, 3])
    other = Tag("P", page=1, pieces=[1] if whole else [0])
    found = read(write_pdf(tmp_path / "a.pdf", [first, second], structure=[paragraph, other]))
    assert [element.continues for element in found[:2]] == [whole, False]


def test_a_paragraph_goes_on_in_the_next_column_where_it_is_told(tmp_path: Path) -> None:
    page, lines = Page(), ["The harbour was built in two years by", "people who had never seen the sea and"]
    told_lines(page, [*lines * 12, "who were led by an engineer, Mister"], 100, 0)
    told_lines(page, ["Smith of London, of whom no more is", *lines * 10], 100, 25, x=320)
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[Tag("P", pieces=list(range(46)))]))
    assert [(element.text[:5], element.continues) for element in found] == [("The h", True), ("Smith", False)]


ROPES = [
    ("Thing", "What it is for"),
    ("rope", "It holds the ships."),
    ("lamp", "By it they find the harbour."),
    ("bell", "It calls."),
]


def joined(elements: list[Element]) -> list[list[tuple[int, int, str]]]:
    found = continued.join(elements)
    assert not any(element.continues for element in found if element.table is not None)
    tables = [element.table for element in found if element.table is not None]
    return [[(one.row, one.column, one.text) for one in table.cells if one.text] for table in tables]


@pytest.mark.parametrize("cut", [False, True])
def test_a_table_that_is_told_goes_on_over_a_page_break(tmp_path: Path, cut: bool) -> None:
    """Its text is loose, so that the print tells no columns, and a row may go on."""
    first, second = Page(), Page()
    for number, text in enumerate([*ROPES[0], *ROPES[1]]):
        first.at((72, 102)[number % 2], 690 + 14 * (number // 2), text).tagged(number)
    if cut:
        second.at(102, 60, "All of them.").tagged(9)
    for number, text in enumerate([*ROPES[2], *ROPES[3]]):
        second.at((72, 102)[number % 2], 74 + 14 * (number // 2), text).tagged(number)
    rows = [row(cell(0), cell(1)), row(cell(2), Tag("TD", pieces=[3], further=[9] if cut else []))]
    rows += [row(Tag("TD", page=1, pieces=[number]), Tag("TD", page=1, pieces=[number + 1])) for number in (0, 2)]
    found = read(write_pdf(tmp_path / "a.pdf", [first, second], structure=[Tag("Table", children=rows)]))
    expected = [(number, column, text) for number, texts in enumerate(ROPES) for column, text in enumerate(texts)]
    if cut:
        expected[3] = (1, 1, "It holds the ships. All of them.")
    assert joined(found) == [expected]


def test_a_table_that_is_told_goes_on_in_the_next_column(tmp_path: Path) -> None:
    page = Page()
    told_lines(page, ["The harbour was built in two years", "by people who had never seen it"] * 26, 60, 20)
    for number, text in enumerate(itertools.chain.from_iterable(ROPES)):
        x, y = (72, 690 + 14 * (number // 2)) if number < 4 else (320, 60 + 14 * (number // 2 - 2))
        page.at(x + (0, 30)[number % 2], y, text).tagged(number)
    told_lines(page, ["The harbour was built in two years", "by people who had never seen it"] * 26, 100, 80, x=320)
    table = Tag("Table", children=[row(cell(number), cell(number + 1)) for number in range(0, 8, 2)])
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[table]))
    assert joined(found) == [[(number, column, text) for number, texts in enumerate(ROPES) for column, text in enumerate(texts)]]


def test_a_box_that_goes_on_over_a_page_break_is_no_table(tmp_path: Path) -> None:
    first, second = Page(), Page()
    told_lines(first, TEXT, 690, 0)
    told_lines(second, TEXT, 60, 0)
    table = Tag("Table", children=[row(Tag("TD", pieces=[0, 1, 2], further=[0, 1, 2]))])
    found = read(write_pdf(tmp_path / "a.pdf", [first, second], structure=[table]))
    assert {element.kind for element in found} == {"paragraph"}


def test_a_table_that_goes_on_is_read_before_the_column_beside_it(tmp_path: Path) -> None:
    """Of one row, as high as the page, there."""
    page = Page().at(72, 60, "lamp").tagged(71)
    told_lines(page, ["for ships that come", "in by night or fog"] * 26, 60, 0, x=150)
    told_lines(page, ["of all harbours and", "It calls them home."], 60, 60, x=398)
    page.at(320, 72, "bell").tagged(70)
    told_lines(page, ["The harbour was built in two years", "by people who had never seen it"] * 20, 110, 80, x=320)
    rows = [row(cell(71), cell(*range(52), 60)), row(cell(70), cell(61))]
    found = read(write_pdf(tmp_path / "a.pdf", [page], structure=[Tag("Table", children=rows)]))
    assert [(element.kind, element.continues) for element in found] == [("table", True), ("table", False), ("paragraph", False)]
    (whole,) = joined(found)
    assert [(number, column, text[:4], text[-5:]) for number, column, text in whole] == [
        (0, 0, "lamp", "lamp"),
        (0, 1, "for ", "s and"),
        (1, 0, "bell", "bell"),
        (1, 1, "It c", "home."),
    ]


def test_a_row_that_holds_a_table_is_a_means_of_layout(tmp_path: Path) -> None:
    """Its cell goes on on the next page, so that one row was a table: that inside it came as "1 2 3 4"."""
    page = Page()
    for number, (x, y) in enumerate(((72, 100), (150, 100), (72, 114), (150, 114))):
        page.at(x, y, str(number + 1)).tagged(number)
    for number, line in enumerate(TEXT):
        page.at(300, 100 + 12 * number, line, 8).tagged(4 + number)
    inner = Tag("Table", children=[row(cell(0), cell(1)), row(cell(2), cell(3))])
    beside = Tag("TD", children=[Tag("P", pieces=[4, 5, 6], further=[0])])
    outer = Tag("Table", children=[row(Tag("TD", children=[inner]), beside)])
    more = Page().at(300, 100, "This is the end.", 8).tagged(0)
    found = read(write_pdf(tmp_path / "a.pdf", [page, more], structure=[outer]))
    assert grid([element for element in found if element.page == 1]) == [["1", "2"], ["3", "4"]]


def test_what_a_page_says_itself_is_not_said_again_by_its_figures() -> None:
    """A drawing by Visio tells the text of each of its shapes, and their names."""
    page = Box(0.0, 0.0, 600.0, 800.0)
    said = Block("LogStream reads on", Box(10.0, 200.0, 300.0, 212.0), 10.0, False, 1, 10.0, 300.0)
    figures = [Figure(alt, None) for alt in ("LogStream", "Line", "Line", "read", "reads on")]
    assert [block.text for block in with_figures([said], figures, page)] == ["LogStream reads on", "Line", "read"]


def test_the_names_that_visio_gives_to_shapes_say_nothing(tmp_path: Path) -> None:
    page = Page().paragraph(72, 60, TEXT).line(72, 372, 300, 150).tagged(0)
    figure = Tag("Figure", pieces=[0], more="/Alt (Sheet.12)")
    assert not any(one.kind == "image" for one in read(write_pdf(tmp_path / "a.pdf", [page], structure=[figure])))
