"""Footnotes of PDFs: pages with notes of known text and marks, made here, and what comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbray.config import Settings
from kbray.document import footnotes
from kbray.document.finish import finish
from kbray.geometry import Box
from kbray.model import Cell, Element, Parsed, Table, Window
from kbray.parse.pdf import parse
from tests.writers.pdf import Page, write_pdf

BODY, NOTE = 11.0, 8.5
LINE = "the river took the road and the bridge with it that"  # of the body, about 240 points wide


def run(page: Page, x: float, y: float, text: str, size: float = BODY) -> None:
    """A line; what stands between `{` and `}` in it is raised."""
    operators = []
    for index, piece in enumerate(text.replace("}", "{").split("{")):
        small, rise = (0.65 * size, 0.35 * size) if index % 2 else (size, 0.0)
        escaped = piece.replace("(", "\\(").replace(")", "\\)")
        operators.append(f"/F3 {small:.2f} Tf {rise:.2f} Ts ({escaped}) Tj")
    page.operators.append(f"BT 1 0 0 1 {x} {page.height - y} Tm {' '.join(operators)} ET")


def text_of_body(page: Page, x: float, lines: Sequence[str], top: float = 80) -> None:
    for number, line in enumerate(lines):
        run(page, x, top + 14 * number, line)


def foot(page: Page, x: float, lines: Sequence[str], *, rule: float = 90, top: float = 640, size: float = NOTE) -> None:
    if rule:
        page.line(x, top - 12, x + rule, top - 12)
    for number, line in enumerate(lines):
        run(page, x, top + 1.2 * size * number, line, size)


def read(pages: list[Page]) -> tuple[list[Element], str]:
    """Elements as parsed, and document.md."""
    with TemporaryDirectory() as folder:
        path = write_pdf(Path(folder) / "a.pdf", pages)
        parsed = parse(path, Window(), Settings(home=Path(folder), ocr="never"))
    return list(parsed.elements), made_of([parsed])


def made_of(parts: list[Parsed]) -> str:
    windows = [Window(n, n) for n in range(1, len(parts) + 1)] if len(parts) > 1 else [Window()]
    return finish(parts, sha256="", fingerprint="", media_type="application/pdf", expected=windows, failures=()).markdown.decode()


def notes(elements: list[Element]) -> list[tuple[str | None, str]]:
    return [(element.marker, element.text) for element in elements if element.kind == "footnote"]


# ---------------------------------------------------------------- one page


def test_mark_and_note_know_each_other() -> None:
    page = Page()
    text_of_body(page, 72, [f"Once {LINE}", f"they{{1}} knew {LINE}", f"one word.{{2}} Then {LINE}", f"it was {LINE} end."])
    foot(page, 72, ["{1} Of the old bridge see the book by Meyer,", "page 12.", "{2} Ibid."])
    page.at(300, 760, "17")
    found, markdown = read([page])
    assert notes(found) == [("1", "Of the old bridge see the book by Meyer, page 12."), ("2", "Ibid.")]
    assert "they[^1] knew" in markdown
    assert "word.[^2] Then" in markdown
    assert markdown.endswith("end.\n\n[^1]: Of the old bridge see the book by Meyer, page 12.\n\n[^2]: Ibid.\n")


@pytest.mark.parametrize(
    ("mark", "lead"), [("*", "*"), ("a", "a"), ("(1)", "(1)"), ("[1]", "[1]"), ("3", "3."), ("4", "4 ."), ("**", "**")]
)
def test_marks(mark: str, lead: str) -> None:
    page = Page()
    text_of_body(page, 72, [f"Once {LINE}", f"they knew{{{mark}}} it {LINE}", f"again {LINE}"])
    foot(page, 72, [f"{lead} See the other book, which is longer."], rule=0)
    found, _ = read([page])
    assert notes(found) == [(mark.strip("()[]"), "See the other book, which is longer.")]


def test_a_mark_that_is_raised_by_half_of_its_small_note_belongs_to_it() -> None:
    page = Page()
    text_of_body(page, 72, [f"Once {LINE}", f"they knew{{2}} it {LINE}", f"again {LINE}"])
    page.line(72, 628, 162, 628)
    page.at(72, 637.2, "2", 6).at(75.8, 640, "https://example.org/that/is/the/whole/note <25.01.2017>.", 5.6)
    found, _ = read([page])
    assert notes(found) == [("2", "https://example.org/that/is/the/whole/note <25.01.2017>.")]


def test_each_column_has_its_foot() -> None:
    page = Page()
    text_of_body(page, 50, [f"Left{{1}} {LINE}"] + [LINE] * 30)
    text_of_body(page, 320, [f"Right{{2}} {LINE}"] + [LINE] * 37)
    foot(page, 50, ["{1} Of the left one it is told elsewhere."], top=560)
    foot(page, 320, ["{2} Of the right one, too."], top=650)
    found, _ = read([page])
    assert notes(found) == [("1", "Of the left one it is told elsewhere."), ("2", "Of the right one, too.")]
    (body,) = [element for element in found if element.kind == "paragraph" and element.text.startswith("Left")]
    assert "elsewhere" not in body.text


def test_without_a_mark_only_small_print_under_a_short_rule_is_a_note() -> None:
    lines = ["Corresponding author: A. Meyer, Institute of Bridges, with", "thanks to all who have read this for their patience."]
    for rule, expected in ((90, [(None, " ".join(lines))]), (0, []), (468, [])):
        page = Page()
        text_of_body(page, 72, [LINE + " and so on and on until here"] * 12)
        foot(page, 72, lines, rule=rule)
        assert notes(read([page])[0]) == expected


def test_what_is_no_note() -> None:
    page = Page()  # a running title
    text_of_body(page, 72, [f"Once{{1}} {LINE}"] * 6)
    foot(page, 72, ["Journal of Bridges 12"], rule=0, top=740)
    assert notes(read([page])[0]) == []
    page = Page()  # a list in the print of the text
    text_of_body(page, 72, [f"Once{{1}} {LINE}", "1 First of all comes the stone.", "2 Then comes the wood."])
    assert notes(read([page])[0]) == []
    page = Page()  # a bibliography
    text_of_body(page, 72, [f"Once{{1}} {LINE}", f"and{{2}} {LINE}"])
    page.at(72, 600, "References", 11, "F2")
    foot(page, 72, ["1. Meyer, A. Of bridges. Berlin, 1999.", "2. Meyer, B. Of roads. Berlin, 2001."], rule=0)
    assert notes(read([page])[0]) == []


def test_notes_of_a_table_stay_below_it() -> None:
    page = Page()
    text_of_body(page, 72, [LINE] * 6)
    for row in range(5):
        page.line(72, 560 + 18 * row, 372, 560 + 18 * row)
    for x in (72, 172, 272, 372):
        page.line(x, 560, x, 632)
    for row, cells in enumerate(
        (("Place", "Bridges", "Roads"), ("North{*}", "12", "40"), ("South", "9", "31"), ("West", "7", "2"))
    ):
        for column, cell in enumerate(cells):
            run(page, 76 + 100 * column, 572 + 18 * row, cell, 10)
    foot(page, 72, ["* Those that were counted before the flood, and no other."], rule=0, top=644)
    found, _ = read([page])
    assert [element.kind for element in found if element.table] == ["table"]
    assert notes(found) == []


def test_an_exponent_is_no_mark_where_there_is_one() -> None:
    page = Page()
    text_of_body(page, 72, [f"of 40 km{{2}} {LINE}", f"they knew{{2}} {LINE}"])
    foot(page, 72, ["{2} See the other book, which is longer."])
    found, markdown = read([page])
    assert notes(found) == [("2", "See the other book, which is longer.")]
    assert "km² the" in markdown
    assert "knew[^2]" in markdown


# ---------------------------------------------------------------- the document


def test_a_numerator_is_no_mark() -> None:
    page = Page()
    text_of_body(page, 72, [LINE] * 6)
    y = 80 + 6 * 14
    page.at(72, y, "up to a factor", BODY, "F3").at(137, y - 4.5, "1", 7, "F3").at(137, y + 3.5, "2", 7, "F3")
    page.at(143, y, "it goes on", BODY, "F3")
    foot(page, 72, ["{1} The note of something that the text before has."])
    _, markdown = read([page])
    assert "factor 1 2 it goes on" in markdown


def test_a_paragraph_and_a_note_go_on_over_the_page() -> None:
    first, second = Page(), Page()
    text_of_body(first, 72, [LINE] * 38 + [f"they knew{{1}} {LINE}"])
    foot(first, 72, ["{1} This note is told at some length and goes on"])
    text_of_body(second, 72, [f"other{{2}} people came {LINE}"] + [LINE] * 10 + ["and went."])
    foot(second, 72, ["over the page until here.", "{2} The last one."])
    _, markdown = read([first, second])
    assert "bridge with it that other[^2] people came" in markdown
    assert "[^1]: This note is told at some length and goes on over the page until here.\n\n[^2]: The last one." in markdown


def at(page: int, text: str, kind: str = "paragraph", marker: str | None = None, left: float = 72) -> Element:
    return Element(kind, text, page=page, box=Box(left, 600, left + 100, 620), marker=marker)  # type: ignore[arg-type]


def test_labels_are_those_of_one_note() -> None:
    elements = [
        at(1, "a[^1] b[^2] c[^*]"),
        at(1, "one", "footnote", "1"),
        at(1, "two", "footnote", "2"),
        at(1, "star", "footnote", "*"),
        at(2, "d[^1] e[^7] f[^*]"),
        at(2, "one again", "footnote", "1"),
        at(3, "no note[^1]"),
        Element("paragraph", "of a chapter[^1]", chapter="c"),
    ]
    table = Table((Cell(0, 0, "x[^2]"),))
    found = footnotes.settle([*elements, Element("table", "x[^2]", page=1, table=table)])
    assert [element.text for element in found][::4] == ["a[^1-1] b[^2] c[^1-a]", "d[^2-1] e[^7] f[^*]", "x[^2]"]
    assert [element.marker for element in found if element.kind == "footnote"] == ["1-1", "2", "1-a", "2-1"]
    assert [element.text for element in found[6:8]] == ["no note[^1]", "of a chapter[^1]"]


def test_what_goes_on() -> None:
    def settled(*elements: Element) -> list[str]:
        return [element.text for element in footnotes.settle(elements) if element.kind == "footnote"]

    whole, half = at(1, "It ends.", "footnote", "1"), at(1, "It goes", "footnote", "1")
    assert settled(half, at(2, "on.", "footnote")) == ["It goes on."]
    assert settled(half, at(2, "text"), at(2, "On.", "footnote"), at(3, "and on.", "footnote")) == ["It goes On. and on."]
    assert settled(whole, at(2, "More.", "footnote")) == ["It ends.", "More."]
    assert settled(whole, at(2, "More.", "footnote"), at(2, "b", "footnote", "2")) == ["It ends.\nMore.", "b"]
    assert settled(half, at(3, "on.", "footnote")) == ["It goes", "on."]
    assert settled(half, at(2, "3 on.", "footnote")) == ["It goes", "3 on."]
    assert settled(half, at(1, "on.", "footnote", left=300)) == ["It goes on."]
    assert settled(half, at(1, "on.", "footnote")) == ["It goes", "on."]


# ---------------------------------------------------------------- all of it, at random


WORDS = st.sampled_from(
    "river stone market small window carried under light paper north winter house letter field old road".split()
)


@st.composite
def sentences(draw: st.DrawFn, least: int, most: int) -> str:
    return " ".join(draw(st.lists(WORDS, min_size=least, max_size=most))).capitalize() + "."


@dataclass(frozen=True)
class Made:
    pages: list[Page]
    notes: list[tuple[int, str, str]]  # page, mark, text


def broken(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{word}"
    return lines


@st.composite
def documents(draw: st.DrawFn) -> Made:
    """Up to three pages: each with a text and as many notes as sentences that have a mark."""
    rule = draw(st.sampled_from((90, 130, 0)))
    numbering = draw(st.sampled_from(("through", "page", "letters")))
    raised = draw(st.booleans())
    pages: list[Page] = []
    found: list[tuple[int, str, str]] = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        page = Page()
        text: list[str] = [draw(sentences(6, 12)) for _ in range(3)]
        lines: list[str] = []
        for place in range(draw(st.integers(0, 4))):
            first = {"through": str(len(found) + 1), "page": str(place + 1), "letters": "abcd"[place]}
            mark = first[numbering]
            text.append(f"{draw(sentences(8, 14))}{{{mark}}}")
            note = draw(sentences(3, 30))
            lines += broken(f"{{{mark}}} {note}" if raised else f"{mark}. {note}", 90)
            found.append((number, mark, note))
        text.append(draw(sentences(6, 12)))
        text_of_body(page, 72, broken(" ".join(text), 75))
        if lines:
            foot(page, 72, lines, rule=rule)
        pages.append(page)
    return Made(pages, found)


@settings(max_examples=60, deadline=None)
@given(documents())
def test_all_notes_come_back_linked(made: Made) -> None:
    elements, markdown = read(made.pages)
    assert [(e.page, e.marker, e.text) for e in elements if e.kind == "footnote"] == made.notes
    for element in elements:
        if element.kind == "footnote":
            others = [other.text for other in elements if other.page == element.page and other is not element]
            assert sum(text.count(f".[^{element.marker}]") for text in others) == 1
    assert markdown.count("]: ") == len(made.notes)


def test_notes_in_the_print_of_the_text_are_told_by_marks_that_are_nearly_as_large() -> None:
    def found(*lines: str, left: float = 72, hang: float = 0, gap: float = 40) -> list[tuple[str | None, str]]:
        page = Page()
        for number in range(30):
            run(page, 72, 80 + 14 * number, f"{LINE} and so on until here")
        page.at(72, 500, "Then the end of it.", BODY, "F3").at(152.5, 495.5, "1", 0.96 * BODY, "F3")
        page.at(162, 500, "And of that.", BODY, "F3").at(216, 495.5, "2", 0.96 * BODY, "F3")
        for number, line in enumerate(lines):
            run(page, left if line[0].isdecimal() else left + hang, 500 + gap + 14 * number, line)
        return notes(read([page])[0])

    text = ["1. Of the end see the book by Meyer which goes on", "in this line.", "2. Ibid."]
    assert found(*text) == [("1", "Of the end see the book by Meyer which goes on in this line."), ("2", "Ibid.")]
    assert found(*text, hang=12) == [], "the items of a list hang"
    assert found(*text, left=100) == [], "and stand in"
    assert found(*text, gap=14) == [], "and follow the text"
    assert found(*text, "3. Others.") == [], "and no mark means them"


def test_a_line_that_its_mark_pushes_down_stays_in_its_paragraph() -> None:
    page = Page()
    for number in range(20):
        run(page, 72, 80 + 14 * number + (5 if number > 9 else 0), f"{LINE} word" if number != 10 else "")
    page.operators.append(
        f"BT /F3 11 Tf 72 {page.height - 225} Td ({LINE}) Tj /F3 10.5 Tf 5 Ts (1) Tj /F3 11 Tf 0 Ts ( word) Tj ET"
    )
    foot(page, 72, ["1. See the book by Meyer."])
    _, markdown = read([page])
    assert markdown.count("\n\n") == 1
    assert markdown.endswith("[^1]: See the book by Meyer.\n")
