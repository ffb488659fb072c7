"""What of a document is read: pages, chapters, what is below a title, around a passage; and how a long text is cut."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.document import markdown
from kbray.errors import ConfigError
from kbray.library import LibraryDocument
from kbray.model import Cell, Chunk, Element, Table
from kbray.serve import reading
from tests.unit.test_serve_told import ROW

PAPER = [
    Element("heading", "Food", level=1, page=1),
    Element("paragraph", "They eat mice.[^1]", page=1),
    Element("footer", "Owls 1", page=1),
    Element("list_item", "mice", level=1, page=2),
    Element("list_item", "voles", level=2, page=2),
    Element("heading", "How much", level=2, page=2),
    Element("paragraph", "Much.", page=2),
    Element("heading", "Nests", level=1, page=3),
    Element("paragraph", "In trees.", page=3),
    Element("footnote", "All of them.", marker="1", page=3),
]


def document(elements: Sequence[Element], pages: int | None = 4) -> LibraryDocument:
    wired: Any = None  # its elements are there, so nothing is read
    made = LibraryDocument(replace(ROW, pages=pages), wired)
    made.__dict__["elements"] = elements
    return made


def test_pages_are_read_as_they_are_without_running_titles() -> None:
    assert reading.of_pages(document(PAPER), "2") == "- mice\n  - voles\n\n## How much\n\nMuch.\n"
    assert reading.of_pages(document(PAPER), "1-2").startswith("# Food\n\nThey eat mice.")
    assert "Owls 1" not in reading.of_pages(document(PAPER), "1–3")


def test_of_a_table_that_goes_on_only_the_rows_of_these_pages_are_read() -> None:
    cells = [
        Cell(0, 0, "Bird", header=True, page=1),
        Cell(1, 0, "Owl", page=1),
        Cell(2, 0, "Hawk", page=2),
        Cell(3, 0, "Kite", page=3),
    ]
    long = [Element("table", page=1, table=Table(tuple(cells)))]
    assert reading.of_pages(document(long), "2-3") == "| Bird |\n| --- |\n| Hawk |\n| Kite |\n"


def test_cells_that_span_others_stay_in_a_table_of_lines() -> None:
    cells = (Cell(0, 0, "Year", column_span=2), Cell(1, 0, "1999"), Cell(1, 1, "2000"))
    assert reading.whole(document([Element("table", table=Table(cells))]), None) == (
        "| Year |  |\n| --- | --- |\n| 1999 | 2000 |\n",
        0,
    )


def test_a_book_is_read_by_the_pages_of_its_print() -> None:
    book = [Element("paragraph", f"On {page}.", print_page=page) for page in ("ix", "1", "1", "2", "3")]
    assert reading.of_pages(document(book, None), "ix-1") == "On ix.\n\nOn 1.\n\nOn 1.\n"


@pytest.mark.parametrize(
    ("pages", "there", "told"),
    [
        ("9", 4, "owls.pdf has the pages 1 to 4; 9 are none of them."),
        ("3-2", 4, "owls.pdf has the pages 1 to 4; 3-2 are none of them."),
        ("4", 4, "owls.pdf has no text on page 4."),
        ("one two", 4, "'one two' names no pages: say 7 or 7-9."),
        (f"1-{'9' * 5000}", 4, f"'1-{'9' * 5000}' names no pages: say 7 or 7-9."),
        ("1", None, "owls.pdf has no pages: name a chapter or a title instead, which outline tells."),
    ],
)
def test_pages_that_cannot_be_read_are_told(pages: str, there: int | None, told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(told)):
        reading.of_pages(document(PAPER, there), pages)


def test_a_title_leads_to_what_is_below_it() -> None:
    assert reading.of_part(document(PAPER), "FOOD").endswith("## How much\n\nMuch.\n"), "with what is under it"
    assert reading.of_part(document(PAPER), "how") == "## How much\n\nMuch.\n", "a part of the title will do"
    assert reading.of_part(document([replace(one, chapter="c1") for one in PAPER]), "c1").count("#") == 4


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Eggs", "owls.pdf has no chapter or title 'Eggs'; outline tells what it has."),
        (" ", "owls.pdf has no chapter or title ' '"),
        ("o", "'o' is in 2 titles of owls.pdf: Food (page 1); How much (page 2). Name the page or chapter."),
    ],
)
def test_a_title_that_leads_nowhere_is_told(name: str, told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(told)):
        reading.of_part(document(PAPER), name)


def test_around_a_passage_begins_with_what_is_before_it() -> None:
    elements = [Element("paragraph", f"Paragraph {number} {'of words ' * 20}") for number in range(50)]
    chunk = Chunk("", (), 1, first=30, last=31)
    text, begin = reading.whole(document(elements), chunk)
    shown = text[begin:]
    assert shown.startswith("Paragraph 2")
    assert 400 <= shown.index("Paragraph 30") < 900


kinds = st.sampled_from(["heading", "paragraph", "list_item", "code", "footnote", "image", "footer"])
documents = st.lists(
    st.builds(
        Element, kind=kinds, text=st.text("ab[^1]\n*#", max_size=20), level=st.integers(1, 3), marker=st.sampled_from([None, "1"])
    ),
    max_size=9,
)


@given(documents)
def test_an_element_begins_where_its_offset_says(elements: list[Element]) -> None:
    text = markdown.render(elements)
    offsets = [markdown.offset(elements, number) for number in range(len(elements))]
    assert all(0 <= offset <= len(text) + 1 for offset in offsets)
    for number, element in enumerate(elements):
        if element.kind == "paragraph" and element.is_content and (alone := markdown.render([element]).strip()):
            notes = any(one.kind == "footnote" and one.marker for one in elements)
            assert notes or text[offsets[number] :].startswith(alone)
            assert offsets[number] == 0 or text[: offsets[number]].endswith("\n\n")


@given(st.text("ab \n", max_size=400), st.integers(0, 400), st.integers(1, 100))
def test_pieces_make_up_the_text(text: str, start: int, limit: int) -> None:
    got, at = "", start
    while at < len(text):
        one = reading.piece(text, at, limit)
        assert (one.start, len(one.text) <= limit, one.end > at) == (at, True, True)
        got, at = got + one.text, one.end
    assert got == text[start:]


def test_a_piece_ends_with_a_paragraph_where_it_can() -> None:
    assert reading.piece("One two.\n\nThree four five", 0, 15).text == "One two.\n\n"
    assert reading.piece("One two three four", 0, 12).text == "One two "
    assert reading.piece("short", 0, 99) == reading.Piece("short", 0, 5, 5)
    assert reading.piece("short", 99, 9).text == ""
