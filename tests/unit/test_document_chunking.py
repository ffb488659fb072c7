"""Chunks: nothing lost, nothing twice but what is repeated on purpose, bounds kept, places told."""

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbray.document.chunking import chunk, embedded_text
from kbray.geometry import Box
from kbray.model import Cell, Chunk, Continuation, Element, Table

SIZE = 40


def count(texts: Sequence[str]) -> list[int]:
    """A token is a word's next four letters, or a sign: like those of models, it never spans a space."""
    return [len(re.findall(r"\w{1,4}|[^\w\s]", text)) for text in texts]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def table(rows: Sequence[Sequence[str]], header: int = 1) -> Element:
    cells = [Cell(r, c, text, header=r < header) for r, row in enumerate(rows) for c, text in enumerate(row)]
    return Element("table", "\n".join("\t".join(row) for row in rows), table=Table(tuple(cells)))


words = st.text("abc déß日本 .!?。", min_size=1, max_size=120)
plain = st.builds(
    Element,
    kind=st.sampled_from(["paragraph", "list_item", "code", "caption", "footnote", "header", "image"]),
    text=st.one_of(words, st.text(max_size=40)),
    print_page=st.sampled_from([None, "xii", "3"]),
    chapter=st.sampled_from([None, "one", "two"]),
    heading_path=st.lists(st.sampled_from(["A title", "Another, far longer title of this section", "x" * 90]), max_size=3).map(
        tuple
    ),
)
heading = st.builds(Element, kind=st.just("heading"), text=words, level=st.integers(1, 3), chapter=st.sampled_from([None, "one"]))
tables = st.builds(
    table,
    st.lists(st.lists(st.text("abc d", min_size=1, max_size=30), min_size=1, max_size=3), min_size=1, max_size=12),
    st.integers(0, 2),
)
documents = st.lists(st.one_of(plain, heading, tables), max_size=12)


def told(element: Element) -> str:
    """What of an element must be found in the chunks."""
    if element.kind in ("header", "footer"):
        return ""
    if element.table is not None:
        rows: dict[int, dict[int, str]] = {}
        for cell in element.table.cells:
            if cell.text.strip():
                rows.setdefault(cell.row, {})[cell.column] = cell.text
        columns = sorted({column for row in rows.values() for column in row})
        return "".join(
            squeezed("|".join(row.get(column, "") for column in columns if column <= max(row))) for row in rows.values()
        )
    return squeezed(element.text)


@given(documents, st.integers(0, 15))
@settings(max_examples=300)
def test_chunks_hold_the_text_once_and_in_order(elements: list[Element], overlap: int) -> None:
    chunks = chunk(elements, count, size=SIZE, overlap=overlap)

    assert squeezed("".join(one.text[one.repeated :] for one in chunks)) == "".join(map(told, elements))
    for before, after in pairwise(chunks):
        header = elements[after.first].table is not None
        assert header or squeezed(before.text).endswith(squeezed(after.text[: after.repeated]))


@given(documents, st.integers(0, 15))
@settings(max_examples=300)
def test_chunks_keep_their_bounds_and_know_their_place(elements: list[Element], overlap: int) -> None:
    chunks = chunk(elements, count, size=SIZE, overlap=overlap)

    for one in chunks:
        assert one.tokens <= SIZE
        assert count([embedded_text(one.heading_path, one.text)])[0] <= one.tokens
        assert {element.chapter for element in elements[one.first : one.last + 1] if told(element)} == {one.chapter}
        assert one.text[one.repeated :].strip()
        assert one.print_page in {element.print_page for element in elements[one.first : one.last + 1]}
    assert [one.first for one in chunks] == sorted(one.first for one in chunks)


def paragraphs(*texts: str, **more: object) -> list[Element]:
    return [Element("paragraph", text, **more) for text in texts]  # type: ignore[arg-type]


def texts(chunks: list[Chunk]) -> list[str]:
    return [one.text for one in chunks]


def test_a_chunk_ends_between_sentences_and_the_next_repeats_the_last_of_them() -> None:
    chunks = chunk(paragraphs("One two three. Four five six. Seven eight nine. Ten eleven twelve."), count, size=16, overlap=6)
    assert texts(chunks) == [
        "One two three. Four five six.",
        "Four five six. Seven eight nine.",
        "Seven eight nine. Ten eleven twelve.",
    ]
    assert [one.text[one.repeated :].strip() for one in chunks[1:]] == ["Seven eight nine.", "Ten eleven twelve."]


def test_a_long_section_gets_its_own_chunk_and_its_title_stays_with_it() -> None:
    elements = [
        *paragraphs("Some words of the section before, enough for a chunk."),
        Element("heading", "Kitchens", level=2),
        *paragraphs("They smell of onions.", heading_path=("Kitchens",)),
    ]
    assert texts(chunk(elements, count, size=32)) == [
        "Some words of the section before, enough for a chunk.",
        "Kitchens\n\nThey smell of onions.",
    ]


def test_an_empty_cell_keeps_its_place_unless_its_column_is_empty() -> None:
    stock = table([["Part", "", "Expected", "Actual", "Status"], ["A-1", "", "", "156", ""], ["", " ", "", "", "low"]])
    assert texts(chunk([stock], count, size=80)) == ["Part | Expected | Actual | Status\nA-1 |  | 156\n|  |  | low"]


def test_a_table_of_very_many_columns_is_not_filled_up() -> None:
    wide = Table(tuple(Cell(n, n, "x") for n in range(500)))
    assert "".join(texts(chunk([Element("table", table=wide)], count, size=80))).count("|") == 0


def test_only_main_content_is_cut_into_chunks_which_know_their_elements() -> None:
    elements = [
        Element("list_item", "Home", main=False),
        *paragraphs("What the page is about."),
        Element("heading", "Most read", level=1, main=False),
        *paragraphs("It goes on."),
    ]
    (one,) = chunk(elements, count, size=SIZE)
    assert (one.text, one.first, one.last) == ("What the page is about.\n\nIt goes on.", 1, 3)


def test_a_title_is_not_left_alone_at_the_end() -> None:
    elements = [*paragraphs("A b."), Element("heading", "Next", level=2), *paragraphs("Words that go on for so long.")]
    assert texts(chunk(elements, count, size=14, overlap=0)) == ["A b.", "Next\n\nWords that go on for so long."]


def test_the_titles_above_stand_in_front_and_the_outermost_go_first() -> None:
    path = ("A book with a title that is very long indeed", "Part", "Chapter")
    (one,) = chunk(paragraphs("Text.", heading_path=path), count, size=SIZE)
    assert one.heading_path == ("Part", "Chapter")
    assert embedded_text(one.heading_path, one.text) == "Part > Chapter\nText."


def test_a_table_that_fits_is_whole_and_one_that_does_not_repeats_its_header() -> None:
    small = table([["Name", "Age"], ["Ann", "7"], ["Ben", "9"]])
    chunks = chunk([*paragraphs("Some words that fill a good part of the first chunk."), small], count, size=24)
    assert texts(chunks)[-1] == "Name | Age\nAnn | 7\nBen | 9"

    long = table([["Name", "Age"], *([f"Name{n}", str(n)] for n in range(10))])
    chunks = chunk([long], count, size=24)
    assert len(chunks) > 2
    assert all(text.startswith("Name | Age\nName") for text in texts(chunks))
    assert [one.text[one.repeated :].strip()[:5] for one in chunks[1:]] == ["Name4", "Name8"]


def test_notes_keep_their_marks_and_lists_their_markers() -> None:
    elements = [Element("list_item", "milk", marker="1."), Element("footnote", "From a cow.", marker="3")]
    assert texts(chunk(elements, count, size=SIZE)) == ["1. milk\n\n[^3]: From a cow."]


def test_what_has_no_end_is_cut_all_the_same() -> None:
    chunks = chunk(paragraphs("x" * 1000 + " " + "日本語" * 100), count, size=16, overlap=0)
    assert squeezed("".join(texts(chunks))) == "x" * 1000 + "日本語" * 100
    assert all(one.tokens <= 16 for one in chunks)


def test_stops_in_a_row_take_no_longer_than_letters() -> None:
    """Looked at anew from each of them, as they were, these would take hours."""
    chunks = chunk(paragraphs("." * 300_000 + " " + "?!" * 100 + " And so on."), count, size=SIZE, overlap=0)
    assert squeezed("".join(texts(chunks))) == "." * 300_000 + "?!" * 100 + "Andsoon."


def test_a_size_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        chunk([], count, size=6)


def test_a_passage_of_a_joined_paragraph_has_the_place_where_it_begins() -> None:
    sentence = "Nine words of prose that end with a stop. "
    text = (sentence * 20).strip()
    rest = (
        Continuation(1, Box(300, 60, 500, 700), 7 * len(sentence)),
        Continuation(2, Box(72, 60, 280, 90), 14 * len(sentence) + 3),
    )
    paragraph = Element("paragraph", text, page=1, box=Box(72, 400, 280, 700), rest=rest)
    chunks = chunk([paragraph], count, size=SIZE, overlap=0)
    places = [(one.page, one.box) for one in chunks]
    assert places[0] == (1, paragraph.box)
    assert (1, rest[0].box) in places
    assert places[-1] == (2, rest[1].box)
    assert places == sorted(places, key=lambda place: (place[0] or 0, place[1] != paragraph.box))
