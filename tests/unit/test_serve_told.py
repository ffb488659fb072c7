"""What agents read of hits, titles and files: each text once, cut where it must be, with all that is needed to cite it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.catalogue import FileRow
from kbray.model import Chunk, Element, FileId, Hit, Reason
from kbray.serve import told

LONG = " ".join(f"word{number}" for number in range(200))
ROW = FileRow(
    id=FileId(12),
    sha256="a" * 64,
    name="owls.pdf",
    uri="/books/birds/owls.pdf",
    gone=False,
    media_type="application/pdf",
    size_bytes=1,
    status="indexed",
    pages=9,
    complete=True,
    title="Owls of  the North",
    language="en",
    engine="pdf",
    fingerprint="f",
    characters=1,
    units_expected=9,
    units_produced=9,
    quality="good",
    reasons=(),
    error=None,
)


def hit(ordinal: int, text: str, file_id: int = 12, **more: object) -> Hit:
    chunk = Chunk(text=text, heading_path=("Owls of the North", "Food"), tokens=9, first=ordinal, last=ordinal, page=3)
    found = Hit(
        1.0, FileId(file_id), ordinal, "a" * 64, "owls.pdf", "/owls.pdf", "application/pdf", "Owls of the North", False, chunk
    )
    return replace(found, **{"matches": ((0, 3),), **more})  # type: ignore[arg-type]


def test_a_hit_tells_file_page_and_titles_each_once() -> None:
    assert told.passages([(hit(4, "They eat mice."), [])]) == "[12:4] owls.pdf, page 3 — Owls of the North › Food\nThey eat mice."


def test_the_first_hit_of_a_file_tells_by_whom_and_of_when_it_is() -> None:
    found = [hit(ordinal, "They eat mice.", authors=("Ann",), date="1999") for ordinal in (4, 9)]
    shown = told.passages([(one, []) for one in found])
    assert [line for line in shown.splitlines() if line.startswith("[")] == [
        "[12:4] owls.pdf, page 3 (Ann, 1999) — Owls of the North › Food",
        "[12:9] owls.pdf, page 3 — Owls of the North › Food",
    ]


def test_a_hit_of_a_book_tells_its_chapter_and_printed_page() -> None:
    book = hit(4, "They eat mice.", title=None)
    book = replace(book, chunk=replace(book.chunk, page=None, chapter="c1.xhtml", print_page="xii", heading_path=()))
    assert told.passages([(book, [])]).splitlines()[0] == "[12:4] owls.pdf, chapter c1.xhtml, page xii"


def test_what_an_agent_must_beware_of_is_told() -> None:
    assert "page 3 (deleted or replaced since) —" in told.passages([(hit(4, "x", gone=True), [])])


def test_what_goes_on_from_a_hit_stands_below_it_without_what_it_repeats() -> None:
    after = hit(5, "They eat mice. And voles.")
    after = replace(after, chunk=replace(after.chunk, repeated=14))
    found = told.distinct([hit(4, "At night. They eat mice."), hit(9, "Elsewhere."), after], 3)
    assert [line for line in told.passages(found).splitlines() if line][1:4] == [
        "At night. They eat mice.",
        "[12:5] goes on",
        "And voles.",
    ]


def test_the_same_text_is_told_once_and_makes_room_for_others() -> None:
    hits = [hit(0, "Owls eat  mice."), hit(0, "owls eat mice.", 13, name="copy.pdf"), hit(7, "Other."), hit(9, "More.")]
    found = told.distinct(hits, 2)
    assert [(one.chunk.text, same) for one, same in found] == [("Owls eat  mice.", ["copy.pdf (13)"]), ("Other.", [])]
    assert "(The same text: copy.pdf (13))" in told.passages(found)


def test_the_first_are_whole_and_of_the_others_is_told_what_is_around_the_words() -> None:
    at = LONG.index("word150")
    hits = [hit(10 * number, f"{number} {LONG}", matches=((at + 2, at + 9),)) for number in range(4)]
    *whole, cut = told.passages(told.distinct(hits, 4)).split("\n\n")
    assert all("word0 " in one and one.endswith("word199") for one in whole)
    assert "word150" in cut
    assert len(cut.splitlines()[1]) <= told.EXCERPT + 2
    assert (cut.splitlines()[1][0], cut[-1]) == ("…", "…")


@given(st.text("ab c\n日本", min_size=0, max_size=1500), st.lists(st.integers(0, 1499), max_size=4))
def test_an_excerpt_is_a_stretch_of_the_text(text: str, starts: list[int]) -> None:
    matches = [(start, start + 1) for start in starts if start < len(text)]
    cut = told.excerpt(text, matches)
    assert cut.strip("…") in text
    assert len(cut) <= max(told.EXCERPT * 1.25, told.EXCERPT + 2)


def test_an_outline_tells_places_where_they_change() -> None:
    titles = [("Food", 1, 3), ("Mice", 2, 3), ("Voles", 2, 4), ("Nests", 1, 4)]
    elements = [Element("heading", text, level=level, page=page) for text, level, page in titles]
    elements.insert(1, Element("paragraph", "They eat."))
    elements.append(Element("heading", "Most read", level=1, main=False))
    assert told.outline(elements, None).splitlines() == ["Food, page 3", "  Mice", "  Voles, page 4", "Nests"]
    assert told.outline(elements, 1).splitlines() == [
        "Food, page 3",
        "Nests, page 4",
        "(2 titles of lower levels are left out: depth=2 shows them.)",
    ]


def test_a_long_outline_leaves_its_lowest_titles_out_and_says_so() -> None:
    elements = [Element("heading", f"T{n}", level=1 if n % 10 == 0 else 3, page=n + 1) for n in range(1000)]
    lines = told.outline(elements, None).splitlines()
    assert (len(lines), lines[-1]) == (101, "(900 titles of lower levels are left out: depth=3 shows them.)")
    assert told.outline(elements, 3).splitlines()[-1] == "(500 more titles are left out: read goes on below the last one.)"
    assert told.outline([], None) == "(No titles: read it from the beginning, or search in it.)"


def test_a_document_is_told_with_what_cites_it_and_what_to_beware_of() -> None:
    assert told.document(ROW) == "[12] owls.pdf — Owls of the North (pdf, 9 pages, en)"
    manifest = {"authors": ["Ann", "admin"], "publisher": None, "date": "1999-01-02T03:04", "identifier": None}
    signed = replace(ROW, authors=("Ann", "Bo <bo@x.org>", "Cy"), date="1999-01-02")
    assert told.document(signed) == "[12] owls.pdf — Owls of the North (Ann, Bo et al., 1999-01-02, pdf, 9 pages, en)"
    assert told.document(signed, manifest).splitlines()[:2] == [
        told.document(ROW),
        "Ann, Bo, Cy; 1999-01-02; /books/birds/owls.pdf",
    ]
    doubtful = replace(
        ROW, status="processed", quality="poor", reasons=(Reason("garbled-text", "Half is garbled.", 0.5),), gone=True
    )
    assert told.document(doubtful).splitlines()[1:] == [
        "  not searchable yet: processed",
        "  text is poor: Half is garbled.",
        "  deleted or replaced since",
    ]


def test_files_are_listed_below_their_folders() -> None:
    rows = [ROW, replace(ROW, id=FileId(13), name="b.pdf", uri="/books/birds/b.pdf", title=None), replace(ROW, uri="/x/owls.pdf")]
    lines = told.listed(rows).splitlines()
    assert [line for line in lines if not line.startswith("[")] == ["/books/birds/", "/x/"]
    assert lines[2] == "[13] b.pdf (pdf, 9 pages, en)"


@pytest.mark.parametrize(("pages", "said"), [(1, "pdf, 1 page, en"), (None, "pdf, en")])
def test_pages_are_counted(pages: int | None, said: str) -> None:
    assert f"({said})" in told.document(replace(ROW, pages=pages))
