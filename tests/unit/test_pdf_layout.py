"""Geometry alone: words with boxes made here, no PDF."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbray.document.layout.bullets import ICON, with_icons
from kbray.document.layout.captions import begins_as_caption
from kbray.document.layout.columns import regions
from kbray.document.layout.headings import folded, headings_of
from kbray.document.layout.hyphens import settled
from kbray.document.layout.initials import with_initials
from kbray.document.layout.lines import lines_of
from kbray.document.layout.markers import marker_of, with_markers
from kbray.document.layout.page import LaidOutPage, blocks_on
from kbray.document.layout.paragraphs import Block, blocks_of
from kbray.document.layout.ruby import with_ruby
from kbray.document.layout.ruled import tables_of
from kbray.document.layout.slides import is_slide
from kbray.document.layout.spread import with_spread
from kbray.document.layout.structure import body_size, elements_of
from kbray.document.layout.words import DIVIDED, DIVIDED_AS_TOLD, Word, join_lines, joined
from kbray.geometry import Box
from kbray.model import Cell, Element, Kind, Origin, Table


def word(
    text: str, left: float, baseline: float, *, size: float = 10, order: int = 0, bold: bool = False, score: float | None = None
) -> Word:
    box = Box(left, baseline - 0.8 * size, left + 0.5 * size * len(text), baseline + 0.2 * size)
    return Word(text, box, size, baseline, bold=bold, order=order, confidence=score)


def row(text: str, left: float, baseline: float, order: int = 0, **more: float) -> list[Word]:
    words: list[Word] = []
    x = left
    for part in text.split():
        words.append(word(part, x, baseline, order=order + len(words), **more))  # type: ignore[arg-type]  # numbers only
        x = words[-1].box.right + 3
    return words


def test_a_wide_gap_parts_lines_and_a_raised_mark_does_not() -> None:
    words = [
        *row("one two", 0, 100),
        replace(word("2", 33.5, 96, size=6, order=2), spaced=False),
        *row("far away", 200, 100, order=3),
    ]
    assert [line.text for line in lines_of(words)] == ["one two²", "far away"]


def test_marks_that_stand_over_each_other_are_of_the_line_one_after_the_other() -> None:
    """An exponent over an index, and a fraction, which share no height: they broke the line, or were mixed."""

    def small(text: str, left: float, baseline: float, order: int) -> Word:
        return replace(word(text, left, baseline, size=5, order=order), spaced=True)

    words = [
        word("where", 0, 100, order=0),
        word("y", 30, 100, order=1),
        *(small(text, 35.5, height, order) for text, height, order in (("+", 94, 2), ("t1", 102, 3))),
        word("is", 44, 100, order=4),
        *(small(text, left, 95, order) for text, left, order in (("ln", 57, 5), ("10", 64, 6))),
        *(small(text, left, 103, order) for text, left, order in (("ln", 57.5, 7), ("2", 64.5, 8))),
        *row("of it", 72, 100, order=9),
    ]
    assert [line.text for line in lines_of(words)] == ["where y + t1 is ln 10 ln 2 of it"]


def test_print_below_a_large_initial_is_no_mark_at_it() -> None:
    initial = [word("W", 0, 120, size=36, order=0), *row("hen first", 20, 100, order=1), *row("it came", 20, 112, order=3)]
    assert len(lines_of(initial)) == 2


def test_words_printed_twice_count_once() -> None:
    shadow = [word("Bold", 10, 50, order=0), word("Bold", 10.4, 50.2, order=1), word("again", 40, 50, order=2)]
    assert [block.text for block in blocks_on(shadow)] == ["Bold again"]


def test_a_table_on_a_page_from_right_to_left_begins_at_the_right() -> None:
    def cells(*texts: str) -> list[Word]:
        heights = (60, 75, 90, 105)
        return [
            replace(word(text, 20 + 100 * (place % 3), heights[place // 3], order=place), leftwards=True)
            for place, text in enumerate(texts)
        ]

    rules = [Box(0, y, 300, y) for y in (48, 63, 78, 93, 108)] + [Box(x, 48, x, 108) for x in (0, 100, 200, 300)]
    hebrew = cells("\u05d2\u05d2", "\u05d1\u05d1", "\u05d0\u05d0", *(str(number) for number in range(1, 10)))
    (found,) = blocks_on(hebrew, rules)
    assert found.text.splitlines()[:2] == ["\u05d0\u05d0\t\u05d1\u05d1\t\u05d2\u05d2", "3\t2\t1"]
    assert found.table is not None
    assert [cell.column for cell in found.table.cells[:3]] == [0, 1, 2]
    (latin,) = blocks_on(cells(*"abcdefghijkl"), rules)
    assert latin.text.splitlines()[0] == "a\tb\tc", "a table in another script is none of the page's"


def test_bullets_that_touch_their_text() -> None:
    assert marker_of("\u2022Tea") == "\u2022"
    assert marker_of("1.\u05d0") == "1."
    assert marker_of("(M. Phillippo)") is None
    assert marker_of("(605) 574-2307 fax") is None
    assert marker_of("(605) The dog barked.") == "(605)"
    assert [marker_of(text) for text in ("1.5 litres", "2.Tea", "\u25a0\u25a0\u25a0", "*Tea", "-5")] == [None] * 5


def test_right_to_left_words_are_put_in_logical_order() -> None:
    visual = [
        word("שלישי", 0, 50, order=2),
        word("42", 30, 50, order=3),
        word("Ray", 45, 50, order=4),
        word("ראשון", 70, 50, order=0),
    ]
    assert lines_of(visual)[0].text == "ראשון Ray 42 שלישי"


def test_a_number_right_of_a_foreign_word_is_of_it() -> None:
    version = [word("שלישי", 15, 50), word("Windows", 50, 50), word("10", 90, 50), word("ראשון", 110, 50)]
    assert lines_of(version)[0].text == "ראשון Windows 10 שלישי"
    formula = [word("Let", 0, 50), word("f(x)", 20, 50), word("=", 45, 50), word("3", 55, 50), word("ראשון", 65, 50)]
    assert lines_of([replace(one, leftwards=True) for one in formula])[0].text == "ראשון Let f(x) = 3"
    item = [word("ראשון", 0, 50), word("Item", 30, 50), word("1.", 55, 50)]
    assert lines_of(item)[0].text == "1. Item ראשון"
    ends = [word("Ray", 0, 50), word(".", 18, 50), word("12", 22, 50), word("ראשון", 36, 50)]
    assert lines_of(ends)[0].text == "ראשון 12 . Ray"


def test_right_to_left_words_in_a_line_of_others_are_read_from_the_right() -> None:
    visual = [word("Called", 0, 50), word("שלישי", 38, 50), word("42", 66, 50), word("ראשון", 80, 50), word("(12)", 110, 50)]
    assert lines_of([*visual, word("here", 135, 50)])[0].text == "Called ראשון 42 שלישי (12) here"


def test_chinese_lines_join_without_spaces() -> None:
    assert join_lines(["中国公司", "年度报告"]) == "中国公司年度报告"
    assert joined([word("中国", 0, 50), word("公司", 11, 50)]) == "中国公司"


def test_small_kana_over_chinese_characters_tell_how_they_are_read() -> None:
    def full(text: str, left: float, baseline: float, size: float = 10) -> Word:
        box = Box(left, baseline - 0.8 * size, left + size * len(text), baseline + 0.2 * size)
        return Word(text, box, size, baseline)

    line = [full("この記憶と人", 0, 100), full("間である", 60, 100)]
    group, letters = full("きおく", 22, 91, 5), [full(letter, 51 + 6 * place, 91, 5) for place, letter in enumerate("にんげ")]
    assert joined(with_ruby([*line, group, *letters])) == "この記憶（きおく）と人間（にんげ）である"
    label, above = full("カナ", 0, 91, 5), full("きおく", 22, 80, 5)
    assert with_ruby([*line, label, above]) == [*line, label, above]


def test_line_ends() -> None:
    assert join_lines(["a divi-", "ded word"]) == f"a divi{DIVIDED}ded word"
    assert join_lines(["a divi\u2010", "ded FOR\u2010", "TRAN"]) == f"a divi{DIVIDED_AS_TOLD}ded FOR{DIVIDED_AS_TOLD}TRAN"
    assert join_lines(["Jean-", "Paul"]) == "Jean-Paul"
    assert join_lines(["without IM-", "PLIED"]) == f"without IM{DIVIDED}PLIED"
    assert join_lines(["soft\u00ad", "ened"]) == "softened"
    assert join_lines(["pages 3-", "4"]) == "pages 3- 4"


def test_a_divided_word_has_the_hyphen_that_it_has_elsewhere() -> None:
    def whole(*texts: str) -> list[str]:
        return [element.text for element in settled([Element("paragraph", text) for text in texts])]

    divided = f"a black{DIVIDED}box of infor{DIVIDED}mation"
    assert whole(divided) == ["a blackbox of information"]
    assert whole(divided, "Black-box tests.") == ["a black-box of information", "Black-box tests."]
    assert whole(divided, "Black-box tests, blackbox tests.")[0] == "a blackbox of information", "both are written"
    assert whole(f"an F{DIVIDED}test in NP{DIVIDED}complete infor{DIVIDED}mation") == ["an F-test in NP-complete information"]
    capitals = f"no IM{DIVIDED}PLIED CD{DIVIDED}ROM"
    assert whole(capitals, "implied")[0] == "no IMPLIED CD-ROM"
    compound = f"up-to{DIVIDED}date infor{DIVIDED}mation of self-organi{DIVIDED}zation"
    assert whole(compound, "the date to go")[0] == "up-to-date information of self-organization"
    seldom = [f"an in{DIVIDED}terface is well{DIVIDED}known", "words " * 800]
    assert whole(*seldom)[0] == "an interface is wellknown"
    assert whole(*seldom, "known as well")[0] == "an interface is well-known", "both halves are words, and hardly any is divided"
    assert whole(*seldom, "known as well", f"and in{DIVIDED}form", "to inform")[0] == "an interface is wellknown", "some are"
    (office,) = settled([Element("paragraph", f"so well{DIVIDED}known. {'words ' * 800}")], divides=False)
    assert office.text.startswith("so well-known."), "word processors and browsers divide none"
    assert whole(f"a well{DIVIDED}known in{DIVIDED_AS_TOLD}terface") == ["a well-known interface"], (
        "programs divide by another sign"
    )
    table = Table((Cell(0, 0, f"long{DIVIDED}term"), Cell(0, 1, "x")))
    found, _ = settled([Element("table", f"long{DIVIDED}term\tx", table=table), Element("paragraph", "long-term")])
    assert found.table is not None
    assert (found.text, found.table.cells[0].text) == ("long-term\tx", "long-term")


def test_markers() -> None:
    assert [marker_of(text) for text in ("• x", "1. x", "(a) x", "iv) x", "1.5 x", "A fine day", "-5 degrees")] == [
        "•",
        "1.",
        "(a)",
        "iv)",
        None,
        None,
        None,
    ]


def test_rows_of_a_table_are_not_columns() -> None:
    words = [
        w
        for n in range(6)
        for w in (*row(f"item {n}", 50, 100 + 14 * n, 10 * n), *row(f"{n * 11}.00", 300, 100 + 14 * n, 10 * n + 5))
    ]
    assert len(regions(lines_of(words))) == 1
    (table,) = blocks_of(lines_of(words))
    assert table.text.split("\n")[:2] == ["item 0\t0.00", "item 1\t11.00"]


@given(
    left=st.booleans(),
    notes=st.lists(st.tuples(st.integers(0, 25), st.integers(1, 3)), min_size=1, max_size=3, unique_by=lambda note: note[0] // 5),
)
def test_notes_in_the_margin_are_not_read_into_the_lines_beside_them(left: bool, notes: list[tuple[int, int]]) -> None:
    text = [w for n in range(30) for w in row("a line of the text that goes from margin to margin", 200, 100 + 12 * n, 20 * n)]
    beside = [
        w
        for place, lines in notes
        for n in range(lines)
        for w in row(f"note {place}", 120 if left else 480, 100 + 12 * place + 9.5 * n, 1000 + 40 * place + 2 * n, size=8)
    ]
    body, *others = blocks_of(lines_of([*text, *beside]))
    assert (body.lines, "note" in body.text) == (30, False)
    assert "line" not in " ".join(block.text for block in others)


def test_loosely_set_text_keeps_its_paragraphs_beside_code() -> None:
    code = [replace(w, mono=True) for n in range(4) for w in row("code = call(it)", 50, 100 + 12 * n, 10 * n)]
    text = [w for n in range(6) for w in row("a line of text that is set as loosely as a thesis", 50, 180 + 20 * n, 100 + 20 * n)]
    listing, paragraph = blocks_of(lines_of([*code, *text]))
    assert (listing.code, paragraph.lines) == (True, 6)


def test_recognised_columns_without_a_stream_order() -> None:
    words = []
    for n in range(8):
        words.append(word(f"left column line number {n} goes on", 50, 100 + 12 * n, score=0.9))
        words.append(word(f"right column line number {n} goes on", 260, 100 + 12 * n, score=0.7))
    first, second = blocks_of(lines_of(words))
    assert first.text.startswith("left column line number 0")
    assert "right" not in first.text
    assert second.confidence is not None
    assert abs(second.confidence - 0.7) < 1e-9


def test_heading_levels_follow_the_size() -> None:
    words = [*row("The Title", 50, 40, 0, size=20), *row("A Part", 50, 80, 5, size=14)]
    for n in range(5):
        words += row("plain words of the body that fill a line of it", 50, 110 + 12 * n, 10 + 20 * n)
    page = LaidOutPage(1, 400, 600, tuple(blocks_of(lines_of(words))))
    found = elements_of([page])
    assert [(e.kind, e.level, e.text) for e in found[:2]] == [("heading", 1, "The Title"), ("heading", 2, "A Part")]
    assert [e.kind for e in found[2:]] == ["paragraph"]


def test_a_grid_that_holds_nothing_rules_nothing() -> None:
    rules = [Box(0, y, 100, y) for y in (0, 20, 40)] + [Box(x, 0, x, 40) for x in (0, 50, 100)]
    lone = [word("chart", 10, 15)]
    assert tables_of(lone, rules) == ([], lone)
    cells = [word("a", 10, 15), word("b", 60, 15), word("c", 10, 35), word("d", 60, 35), word("outside", 10, 90)]
    (table,), rest = tables_of(cells, rules)
    assert table.text == "a\tb\nc\td"
    assert [w.text for w in rest] == ["outside"]


PARAGRAPH = ["It is a paragraph of text that has", "more than one line, so that a title", "which stands above it leads to it."]


def paragraph(left: float, top: float, order: int, *, size: float = 10, lines: list[str] | None = None) -> list[Word]:
    texts = PARAGRAPH if lines is None else lines
    return [w for n, text in enumerate(texts) for w in row(text, left, top + 12 * n, order + 20 * n, size=size)]


def kinds(words: list[Word]) -> list[tuple[str, str]]:
    page = LaidOutPage(1, 600, 800, tuple(blocks_of(lines_of(words))))
    return [(element.kind, element.text) for element in elements_of([page])]


def test_list_markers_that_stand_apart_belong_to_their_text() -> None:
    words = [
        *row("(1)", 50, 100),
        *row("The first of them.", 100, 100, 1),
        *row("(2)", 50, 120, 10),
        *row("The second.", 100, 120, 11),
    ]
    assert kinds(words) == [("list_item", "The first of them."), ("list_item", "The second.")]
    numbered = [
        w
        for n in range(15)
        for w in (*row(f"{n + 1}", 50, 100 + 20 * n, 10 * n), *row("A line of text.", 90, 100 + 20 * n, 10 * n + 1))
    ]
    lines = lines_of(numbered)
    assert with_markers(lines) == lines  # the lines of the page are counted
    section = lines_of([*row("2.1", 50, 100), *row("Scope of it", 90, 100, 9)])
    assert [line.text for line in with_markers(section)] == ["2.1 Scope of it"]
    values = lines_of([*row("2.1", 50, 100), *row("3.45", 90, 100, 9)])
    assert with_markers(values) == values
    ticked = lines_of([*row("☒", 50, 100, 9), *row("Annual report of", 90, 100)])
    assert [line.text for line in with_markers(ticked)] == ["☒ Annual report of"]
    choices = lines_of([*row("Large", 50, 100), *row("☒", 120, 100, 5), *row("Small", 160, 100, 6)])
    assert with_markers(choices) == choices  # whose it is, is told by what stands before it


def test_captions_are_no_headings_however_bold() -> None:
    words = [*row("Figure 3.1: Rates", 50, 100, bold=True), *paragraph(50, 130, 10), *row("Results", 50, 200, 90, bold=True)]
    words += paragraph(50, 220, 100)
    text = " ".join(PARAGRAPH)
    assert kinds(words) == [("caption", "Figure 3.1: Rates"), ("paragraph", text), ("heading", "Results"), ("paragraph", text)]
    assert (
        kinds(paragraph(50, 100, 0, lines=["Figure 3 shows how the rates went on", "over the years that we have looked at."]))[0][
            0
        ]
        == "paragraph"
    )


def test_titles_over_titles_and_numbers_over_titles_are_headings() -> None:
    words = [
        *row("7", 50, 160, size=24),
        *row("The Lost Homeland", 50, 200, 1, size=16),
        *row("CREATURES", 50, 240, 10, bold=True),
    ]
    words += [*row("Abomination:", 50, 260, 12, bold=True), *paragraph(50, 280, 20)]
    assert [kind for kind, _ in kinds(words)] == ["heading", "heading", "heading", "heading", "paragraph"]


def test_the_number_of_a_chapter_and_its_name_below_are_one_title() -> None:
    def titles(*rows: tuple[str, float], told: dict[tuple[int, str], int] | None = None) -> list[tuple[int, str]]:
        words = [w for n, (text, size) in enumerate(rows) for w in row(text, 50, 100 + 80 * n, 10 * n, size=size)]
        words += paragraph(50, 340, 100)
        page = LaidOutPage(1, 600, 800, tuple(blocks_of(lines_of(words))))
        return [(e.level, e.text) for e in elements_of([page], told) if e.kind == "heading"]

    assert titles(("Chapter 2", 16), ("The Pond", 20)) == [(1, "Chapter 2 The Pond")]
    assert titles(("CHAPTER", 12), ("TWO", 18), ("THE POND", 18)) == [(1, "CHAPTER TWO THE POND")]
    assert titles(("Глава 2", 16), ("Пруд", 20)) == [(1, "Глава 2 Пруд")]
    assert titles(("第2章", 16), ("池と鳥", 20)) == [(1, "第2章池と鳥")]
    assert titles(("第2章", 16), ("池と鳥", 20), told={(1, "池と鳥"): 3}) == [(3, "第2章池と鳥")]
    assert titles(("Chapter 2", 16), ("The Pond", 20), told={(1, "thepond"): 3}) == [(3, "Chapter 2 The Pond")]
    both = {(1, "chapter2"): 1, (1, "thepond"): 2}
    assert titles(("Chapter 2", 16), ("The Pond", 20), told=both) == [(1, "Chapter 2"), (2, "The Pond")]
    assert titles(("PART I", 14), ("BUSINESS", 14)) == [(1, "PART I"), (1, "BUSINESS")], "in one print they are two"
    assert titles(("Chapter 2", 16), ("2.1 The Pond", 20)) == [(2, "Chapter 2"), (1, "2.1 The Pond")]


def test_terms_over_their_definitions_head_nothing() -> None:
    def page(left: float) -> list[tuple[str, str]]:
        """Its text begins at `left`."""
        words = [*paragraph(left, 80, 0), *paragraph(left, 130, 100)]
        for n, term in enumerate(("Duck", "Heron", "Owl")):
            words += [*row(term, 50, 200 + 70 * n, 200 + 100 * n, bold=True), *paragraph(80, 220 + 70 * n, 210 + 100 * n)]
        return kinds(words)

    assert [kind for kind, _ in page(50)] == ["paragraph"] * 8
    assert [text for kind, text in page(80) if kind == "heading"] == ["Duck", "Heron", "Owl"], "all text stands further in"


def test_labels_that_the_outline_leaves_out_head_nothing() -> None:
    def titles(told: dict[tuple[int, str], int]) -> list[str]:
        words = row("Ponds", 50, 60, bold=True)
        for n in range(4):
            words += [*row("Note", 50, 80 + 70 * n, 100 + 100 * n, bold=True), *paragraph(50, 100 + 70 * n, 110 + 100 * n)]
        page = LaidOutPage(1, 600, 800, tuple(blocks_of(lines_of(words))))
        return [e.text for e in elements_of([page], told) if e.kind == "heading"]

    assert titles({(1, "ponds"): 1}) == ["Ponds"]
    assert titles({(1, "ponds"): 1, (1, "note"): 2}) == ["Ponds", "Note", "Note", "Note", "Note"]
    assert titles({}).count("Note") == 4


def test_sentences_commands_and_what_texinfo_defines_are_no_titles() -> None:
    for text in ("用户在这里输入名称。 (空)", "$ yum install ponds", "void dig (int depth) [Function]", "to"):
        words = [*row(text, 50, 60, size=14, bold=True), *paragraph(50, 100, 100)]
        assert kinds(words)[0][0] == "paragraph", text
    assert kinds([*row("Dig [Deeper]", 50, 60, size=14, bold=True), *paragraph(50, 100, 100)])[0][0] == "paragraph"
    assert kinds([*row("Costs in $ and €", 50, 60, size=14, bold=True), *paragraph(50, 100, 100)])[0][0] == "heading"


def test_numbered_titles_and_capitals_above_a_paragraph_are_headings_and_other_lines_are_not() -> None:
    for title, kind in (("2.1 Methods used", "heading"), ("METHODS USED", "heading"), ("Methods used", "paragraph")):
        assert kinds([*row(title, 50, 200), *paragraph(50, 225, 10)])[0] == (kind, title)
    assert kinds([*row("LABEL", 50, 200), *row("of an axis", 50, 225, 10)])[0][0] == "paragraph"


def test_the_titles_in_a_table_of_contents_head_nothing() -> None:
    words = row("Contents", 50, 60, size=16, bold=True)
    for number in range(6):
        words += row(f"Part {chr(65 + number)}", 50, 100 + 84 * number, 100 * number + 10, size=13)
        words += row(f"Section {number}.1: Models and more {2 * number + 3}", 50, 128 + 84 * number, 100 * number + 30)
        words += row(f"Section {number}.2: Others again {2 * number + 4}", 50, 156 + 84 * number, 100 * number + 60)
    assert [text for kind, text in kinds(words) if kind == "heading"] == ["Contents"]


def bold(text: str, left: float, top: float, order: int, *, size: float = 10) -> list[Word]:
    return [replace(word, bold=True) for word in row(text, left, top, order, size=size)]


def entry(title: str, page: str, top: float, order: int) -> list[Word]:
    """Bold, with the page at the right edge of the column that `paragraph` prints."""
    return [*bold(title, 50, top, order), word(page, 226 - 5 * len(page), top, order=order + 9, bold=True)]


def test_bold_entries_below_contents_head_nothing_and_titles_behind_them_do() -> None:
    words = [
        *paragraph(50, 60, 0),
        *bold("Contents", 50, 130, 100, size=14),
        *entry("1 Overview", "2", 150, 110),
        *row("1.1 Why . . . . . . . . . 2", 60, 165, 130),
        *entry("2 User interface", "3", 180, 150),
        *bold("1 Overview", 50, 215, 170),
        *paragraph(50, 235, 200),
    ]
    heads = [text for kind, text in kinds(words) if kind == "heading"]
    assert heads == ["Contents", "1 Overview"]
    year = [*bold("Contents", 50, 60, 0, size=14), *entry("Report for the year", "2021", 90, 20), *paragraph(50, 110, 50)]
    assert ("heading", "Report for the year 2021") in kinds(year), "no page"


def test_entries_without_a_title_are_told_by_leaders_or_by_their_number_where_pages_rise() -> None:
    def heads(pages: list[int], leaders: str) -> set[int]:
        tops = range(60, 60 + 20 * len(pages), 20)
        boxes = [Box(50 + top % 40, top, 226, top + 10) for top in tops]
        texts = [f"{place}. Part of the whole {leaders}{page}" for place, page in enumerate(pages, 1)]
        entries = [Block(text, box, 10, True, 1, 50, 226) for text, box in zip(texts, boxes, strict=True)]
        text = Block("It is a text.", Box(50, 300, 226, 340), 10, False, 4, 50, 226)
        return headings_of([*entries, replace(text, size=12), text], 10, 800)

    assert heads([2, 3, 5], ". . . . ") == set()
    assert heads([5, 3, 2], ". . . . ") == set()
    assert heads([2, 3, 5], "") == {0, 1, 2}
    assert heads([2, 3, 5, 8], "") == set()
    assert heads([8, 5, 3, 2], "") == {0, 1, 2, 3}


def test_an_entry_that_stands_alone_heads_nothing() -> None:
    text = paragraph(50, 120, 50)
    assert ("paragraph", "9 Index 14") in kinds([*entry("9 Index", "14", 90, 0), *text])
    assert ("heading", "9 Index 14") in kinds([*bold("9 Index 14", 50, 90, 0), *text])
    assert ("paragraph", "9 Index . . . . 14") in kinds([*bold("9 Index . . . . 14", 50, 90, 0), *text])


def test_the_number_of_the_page_is_none_of_its_contents() -> None:
    def block(text: str, top: float, right: float = 226) -> Block:
        return Block(text, Box(right - 5.5 * len(text), top, right, top + 10), 10, True, 1, 50, 226)

    contents = [block("Contents", 50), block("1 Overview of all 2", 90), block("2 The interface 3", 105), block("1", 400, 130)]
    assert headings_of(contents, 10, 800) == {0}


def test_titles_that_end_with_numbers_over_text_are_no_contents() -> None:
    words = [
        part
        for place in range(5)
        for part in (
            *bold(f"Example {place + 1}", 50, 60 + 90 * place, 300 * place),
            *paragraph(50, 75 + 90 * place, 300 * place + 50),
        )
    ]
    heads = [text for kind, text in kinds(words) if kind == "heading"]
    assert heads == [f"Example {place + 1}" for place in range(5)]


def test_names_and_numbers_in_bold_print_smaller_than_the_text_are_headings() -> None:
    for title in ("Abstract", "Zusammenfassung", "II. Methods of proof"):
        words = [*bold(title, 50, 100, 0, size=9), *paragraph(50, 130, 50), *paragraph(50, 190, 150)]
        assert kinds(words)[0] == ("heading", title)
    assert kinds([*bold("Income", 50, 100, 0, size=9), *paragraph(50, 130, 50)])[0][0] == "paragraph"


def test_a_bold_running_title_beside_its_page_number_heads_nothing() -> None:
    text = [*paragraph(50, 130, 50), *paragraph(50, 190, 150)]
    for ends in (("iv", "Thanks"), ("Thanks", "12")):
        top = [*bold(ends[0], 50, 60, 0), *bold(ends[1], 226 - 5 * len(ends[1]), 60, 5)]
        assert "heading" not in {kind for kind, _ in kinds([*top, *text])}
    assert ("heading", "1 Thanks") in kinds([*bold("1 Thanks", 50, 60, 0), *text])


def test_a_numbered_line_in_the_middle_is_a_heading_and_one_at_the_margin_an_item() -> None:
    text = [*paragraph(50, 130, 50), *paragraph(50, 190, 150)]
    assert ("heading", "2. Examples") in kinds([*row("2. Examples", 104, 100), *text])
    assert ("list_item", "Examples") in kinds([*row("2. Examples", 50, 100), *text])


def slanted(text: str, left: float, baseline: float, order: int = 0) -> list[Word]:
    return [replace(word, slanted=True) for word in row(text, left, baseline, order)]


def test_a_slanted_title_right_above_its_text_is_none_of_it_and_heads_it_where_it_is_numbered() -> None:
    """As in journals of Elsevier and IEEE, which leave no white space there: titles were the first words of the paragraph."""
    for title in ("1.1. Methods", "A. Methods", "III. Methods"):
        assert kinds([*slanted(title, 50, 100), *paragraph(50, 112, 10)])[0] == ("heading", title)
    for other in ("Elsewhere", "A. Methods used:", "A. It ends."):
        assert kinds([*slanted(other, 50, 100), *paragraph(50, 112, 10)])[0][0] != "heading"
    running = kinds([*slanted("2 Methods", 50, 40), *paragraph(50, 70, 10)])
    assert "heading" not in {kind for kind, _ in running}


def test_a_slanted_line_that_is_full_goes_on_and_letters_of_a_formula_are_no_line() -> None:
    full = slanted("All of this line is said aloud and it", 50, 100)
    assert len(kinds([*full, *paragraph(50, 112, 10)])) == 1
    formula = [replace(one, math=True) for one in slanted("x yz abcd", 50, 100)]
    assert len(kinds([*formula, *paragraph(50, 112, 10)])) == 1


def test_of_titles_in_one_print_those_that_are_numbered_deeper_are_below() -> None:
    words: list[Word] = []
    titles = [
        bold("1 One", 50, 100, 0),
        bold("1.1 Two", 50, 200, 100),
        bold("1.1.1 Three", 50, 300, 200),
        bold("Last", 50, 400, 300),
    ]
    for number, title in enumerate(titles):
        words += [*title, *paragraph(50, 120 + 100 * number, 100 * number + 10)]
    words += [*slanted("2. Below", 50, 500, 400), *paragraph(50, 512, 410)]
    page = LaidOutPage(1, 600, 800, tuple(blocks_of(lines_of(words))))
    levels = {element.text: element.level for element in elements_of([page]) if element.kind == "heading"}
    assert levels == {"1 One": 1, "1.1 Two": 2, "1.1.1 Three": 3, "Last": 1, "2. Below": 4}


def test_a_numbered_running_title_beside_its_page_number_heads_nothing() -> None:
    text = [*paragraph(50, 130, 50), *paragraph(50, 190, 150)]
    top = [*slanted("1 Thanks", 50, 60), *row("12", 216, 60, 5)]
    assert "heading" not in {kind for kind, _ in kinds([*top, *text])}


def centred(lines: list[str], top: float, order: int, *, size: float, middle: float = 200) -> list[Word]:
    return [
        one
        for number, text in enumerate(lines)
        for one in row(
            text,
            middle - (sum(map(len, text.split())) * size / 2 + 3 * text.count(" ")) / 2,
            top + 1.25 * size * number,
            order + 10 * number,
            size=size,
        )
    ]


def test_a_title_in_the_middle_is_whole_however_short_its_last_line() -> None:
    """The third line stood in, as the first one of a paragraph does."""
    title = ["A title that goes on over", "several lines, as the words", "of it need"]
    text = [*paragraph(110, 220, 50), *paragraph(110, 260, 90)]
    assert kinds([*centred(title, 100, 0, size=14), *text])[0] == ("heading", " ".join(title))


def test_recognised_lines_in_the_middle_are_one_title_where_it_goes_on_with_a_small_letter() -> None:
    """On receipts all stand in the middle."""
    title = ["A title that goes on over", "several lines, as the words", "of it need"]

    def recognised(lines: list[str]) -> str:
        return kinds([replace(one, confidence=0.9) for one in centred(lines, 100, 0, size=14)])[0][1]

    assert recognised(title) == " ".join(title)
    assert recognised([*title[:2], "Of it need"]) == " ".join(title[:2])


def test_a_long_title_in_the_middle_makes_no_notes_of_what_stands_below() -> None:
    title = ["A long title of a work that", "is about many things, more", "than we can name, and less", "altogether"]
    columns = [
        *paragraph(20, 250, 50),
        *paragraph(230, 250, 150, lines=["the other column comes", "behind it.", "It has", "four lines."]),
    ]
    found = kinds([*centred(title, 50, 0, size=34), *columns])
    assert found[0] == ("heading", " ".join(title))
    assert found[-1][1].endswith("four lines.")


def full(text: str, width: float = 300) -> str:
    """The text with its last word made longer, so that the line is as wide."""
    *_, last = row(text, 0, 0)
    return text + "n" * round((width - last.box.right) / 5)


def hanging(entries: list[list[str]], top: float = 100) -> list[Word]:
    lines = [(number, line, text) for number, entry in enumerate(entries) for line, text in enumerate(entry)]
    return [
        one
        for place, (number, line, text) in enumerate(lines)
        for one in row(text, 50 + 15 * (line > 0), top + 12 * place, 1000 * number + 20 * line)
    ]


def test_a_square_at_the_right_margin_ends_a_proof_and_is_no_bullet_of_the_next_column() -> None:
    left = [
        full("Proof. The text of it goes on in the left column"),
        full("as it does in any other one, from line to line"),
        "so.",
    ]
    right = [
        full("The text of the right column stands beside the"),
        full("proof, and begins at its own margin; its lines"),
        "end.",
    ]
    page = paragraph(20, 100, 0, lines=[*left[:2], left[1], left[2]])
    page += [word("□", 315, 136, order=90), *paragraph(345, 101, 100, lines=[*right[:2], right[1], right[1], right[2]])]
    found = [text for _, text in kinds(page)]
    assert found[0] == " ".join([*left[:2], left[1], "so. □"])
    assert found[1] == " ".join([*right[:2], right[1], right[1], "end."])


def test_an_algorithm_keeps_its_lines_and_a_bold_label_tells_its_caption() -> None:
    steps = ["1: begin with nothing", "2: for each of them do", "3: take it", "4: end for"]
    page = [*bold("Algorithm 1", 50, 80, 0), *row("To take all", 112, 80, 5)]
    for number, step in enumerate(steps):
        label, text = step.split(" ", 1)
        place = 100 + 12 * number
        page += [*row(label, 50, place, 20 * number + 10), *row(text, 65 + 15 * (number == 2), place, 20 * number + 12)]
    assert kinds(page) == [
        ("caption", "Algorithm 1 To take all"),
        ("code", "1: begin with nothing\n2: for each of them do\n3:    take it\n4: end for"),
    ]
    said = [*bold("Figure 1", 50, 80, 0), *row("shows that all is well", 100, 80, 5)]
    assert kinds(said)[0][0] == "paragraph"
    answers = [one for number in (1, 2, 4) for one in row(f"{number}: it is so", 50, 100 + 12 * number, 20 * number)]
    assert "code" not in {kind for kind, _ in kinds(answers)}


def test_a_line_as_high_as_the_page_numbers_of_other_pages_is_a_footer() -> None:
    def page(number: int, foot: str) -> LaidOutPage:
        words = [*paragraph(50, 600, 0), *row(foot, 50, 760, 100)]
        return LaidOutPage(number, 600, 800, tuple(blocks_of(lines_of(words))))

    pages = [page(1, "Submitted to a journal"), page(2, "2"), page(3, "3"), page(4, "4")]
    assert [(one.page, one.kind) for one in elements_of(pages) if one.kind != "paragraph"] == [(n, "footer") for n in range(1, 5)]
    lower = [*paragraph(50, 724, 0), *row("the last line of the text", 50, 760, 100)]
    last = LaidOutPage(1, 600, 800, tuple(blocks_of(lines_of(lower))))
    assert [one.kind for one in elements_of([last, *pages[1:]]) if one.page == 1] == ["paragraph"]


def test_entries_of_bibliographies_are_told_by_labels_and_by_what_hangs() -> None:
    """Where the last line of one is full nothing else tells; and one whose first line ends a sentence goes on below."""
    first = [full("Miller, A. 2019. On rivers and on their"), full("It ends, in the North or in the", 280) + "."]
    second = [full("Norton, B. 2020. On lakes, of which many are"), "in the North as well. 2020."]
    third = [full("Olson, C. 2021. On seas and what they are") + ".", full("A press that stands in the", 285), "and ends."]
    entries = [first, second, third]
    assert [text for _, text in kinds(hanging(entries))] == [" ".join(entry) for entry in entries]
    labelled = [[f"[{number}] {line}", *lines] for number, (line, *lines) in enumerate(entries, start=1)]
    assert [text for _, text in kinds(hanging(labelled))] == [" ".join(entry) for entry in labelled]


def test_a_first_line_stands_in_below_a_full_one_that_ends_a_paragraph() -> None:
    last = row("it goes on to the end of the line that is the last.", 50, 100)
    page = [
        *last,
        *row("Another one begins here, and it goes on to the e", 65, 112, 20),
        *row("dge and on below it.", 50, 124, 40),
    ]
    assert len(kinds(page)) == 2


def test_a_day_with_its_month_is_no_marker_of_a_list() -> None:
    assert [marker_of(date) for date in ("12. März 2018", "1. MAI", "3. února 2001 v Praze")] == [None] * 3
    assert [marker_of(item) for item in ("3. Budget 2020", "8. August Schmidt", "1. Mars and its moons")] == ["3.", "8.", "1."]
    page = [*row("A report on the sea and its birds, as they were seen", 50, 100), *row("by Anna Winter", 50, 112, 20)]
    page += [*row("12. März 2018", 50, 124, 30), *row("for the institute of the sea and of all that lives in it", 50, 136, 40)]
    assert kinds(page)[0] == ("paragraph", "A report on the sea and its birds, as they were seen by Anna Winter")


@pytest.mark.parametrize(("baseline", "kind"), [(680, "footer"), (600, "paragraph"), (640, "paragraph")])
def test_the_number_of_a_scanned_page_stands_far_from_its_text(baseline: float, kind: str) -> None:
    text = [*row("It goes on to the end of the line, and there", 50, 100), *row("it is at its end.", 50, 620, 30)]
    words = sorted([*text, *row("7", 290, baseline, 50)], key=lambda word: word.baseline)
    page = LaidOutPage(1, 600, 800, tuple(blocks_of(lines_of(words))))
    assert [one.kind for one in elements_of([replace(page, origin="ocr")]) if one.text == "7"] == [kind]
    assert [one.kind for one in elements_of([page]) if one.text == "7"] == ["paragraph"]


def test_an_initial_is_no_marker_of_a_list() -> None:
    names = ["A. Miller wrote about rivers.", "E. Norton wrote about lakes.", "V. Olson wrote nothing."]
    page = [one for number, text in enumerate(names) for one in row(text, 50, 100 + 30 * number, 20 * number)]
    assert kinds(page) == [("paragraph", name) for name in names]
    letters = ["A. The first of them.", "B. The second of them.", "C. The last of them."]
    page = [one for number, text in enumerate(letters) for one in row(text, 50, 100 + 30 * number, 20 * number)]
    assert {kind for kind, _ in kinds(page)} == {"list_item"}


def test_lines_that_begin_in_bold_are_entries_of_their_own() -> None:
    page: list[Word] = []
    for number, what in enumerate(("Welcome", "Report of the principal", "Upcoming events and reminders")):
        y = 100 + 14 * number
        page += [replace(one, bold=True) for one in row(f"6:{number}0", 50, y, 20 * number)] + row(what, 73, y, 20 * number + 5)
    assert [text for _, text in kinds(page)] == [
        "6:00 Welcome",
        "6:10 Report of the principal",
        "6:20 Upcoming events and reminders",
    ]
    plain = [replace(one, bold=False) for one in page]
    assert len(kinds(plain)) == 1


def test_a_list_in_large_print_heads_nothing() -> None:
    def slide(*titles: str) -> list[str]:
        page = [one for number, title in enumerate(titles) for one in row(title, 50, 100 + 60 * number, 9 * number, size=18)]
        page += paragraph(50, 100 + 60 * len(titles), 500)
        return [kind for kind, _ in kinds(page)][: len(titles)]

    assert slide("Agenda", "Welcome", "Reports", "Votes") == ["paragraph"] * 4
    assert slide("Agenda", "Welcome", "Reports") == ["heading"] * 3


def test_lines_with_leaders_are_entries_of_their_own() -> None:
    words = [
        *row("Osmosis ........ 39", 50, 100),
        *row("Enzymes ........ 45", 50, 112, 10),
        *row("Respiration ........ 49", 50, 124, 20),
    ]
    assert [text for _, text in kinds(words)] == ["Osmosis ........ 39", "Enzymes ........ 45", "Respiration ........ 49"]


def test_page_numbers_end_the_entries_that_they_belong_to() -> None:
    def told(*titles: str) -> list[str]:
        words = bold("Contents", 50, 80, 0)
        for number, title in enumerate(titles, start=1):
            baseline = 88 + 12 * number
            words += [*row(title, 50, baseline, 20 * number), word(str(number), 180, baseline, order=20 * number + 15)]
        return [text for _, text in kinds(words)]

    for titles in (
        ("1 Overview", "1.1 Why . . . . . . .", "1.2 How . . . . . . .", "1.3 Who . . . . . . .", "2 Interface"),
        ("1 Overview", "2 User interface", "2.1 Why . . . . . . .", "3 History", "4 Index"),
    ):
        assert told(*titles)[1:] == [f"{title} {number}" for number, title in enumerate(titles, start=1)]
    assert [text for _, text in kinds([*row("none . none", 50, 100), word("7", 135, 100, order=9)])] == ["none . none", "7"]


def test_a_word_that_larger_print_tore_is_whole() -> None:
    """A browser's figure over its label: pdfium has it amid the letters of a line that is as high as its box goes down."""
    label = [word("ser", 50, 100, order=0), word("vice", 65, 100, order=9), word("fees", 92, 100, order=14)]
    assert joined(label) == "service fees"
    assert joined([word("ser", 50, 100, order=0), word("vice", 65, 100, order=4)]) == "ser vice"  # white space stood there
    assert joined([word("ser", 50, 100, order=0), word("vice", 67, 100, order=9)]) == "ser vice"


def test_a_narrow_space_parts_words_of_one_print() -> None:
    def line(gap: float, *texts: str, size: float = 10) -> str:
        words = [word(texts[0], 50, 100)]
        for text in texts[1:]:
            words.append(replace(word(text, words[-1].box.right + gap, 100, size=size, order=len(words)), spaced=False))
        return joined(words)

    assert line(1.0, "speed", "of", "the", "code") == "speed of the code"
    assert line(1.4, "part", "of", "a", "word") == "part of a word"
    assert line(1.0, "R", "EASON") == "REASON"
    assert line(1.4, "C", "H", "A") == "CHA"
    assert line(1.2, "C", "HAPTER", size=8) == "CHAPTER"
    assert line(1.2, "h2", "(x)") == "h2(x)"
    assert (
        joined([replace(one, mono=True) for one in (word("a.", 50, 100), replace(word("key", 61.4, 100), spaced=False))])
        == "a.key"
    )


def test_a_running_title_and_a_caption_beside_a_figure_are_read_before_the_columns() -> None:
    words = [*row("74", 50, 40), *row("BAIRD", 480, 40, 1)]
    words += [*paragraph(50, 400, 100), *paragraph(50, 436, 200), *paragraph(300, 400, 300), *paragraph(300, 436, 400)]
    words += [*row("Figure 4.3. Honeymoon", 340, 340, 500), *row("by an unknown hand", 340, 352, 510)]
    assert [text for _, text in kinds(words)][:3] == ["74", "BAIRD", "Figure 4.3. Honeymoon by an unknown hand"]


def test_notes_at_the_foot_of_a_column_come_behind_the_text_of_all() -> None:
    words = [
        *paragraph(50, 100, 0),
        *paragraph(50, 136, 100, lines=["The text goes on and on here until", "the column ends, and so it"]),
    ]
    words += paragraph(50, 200, 200, size=7, lines=["1 A note that is printed in small letters", "at the foot of the page."])
    words += [
        *paragraph(300, 100, 300, lines=["goes on in the other column, as text", "always does in books of this kind."]),
        *paragraph(300, 136, 400),
    ]
    found = [text for _, text in kinds(words)]
    assert found[-1].startswith("1 A note")


def test_a_few_lines_that_stand_alone_are_as_far_apart_as_those_of_the_page() -> None:
    """Beside other text they are a region of their own, and so far apart that none goes on in the next."""
    wide = [
        "All of this is one text that goes over both of the columns below, to the end of its lines, and on",
        "then it goes on in the next line, which is nearly as long as the one above it",
    ]
    words = paragraph(60, 100, 0, lines=[*wide, *wide])
    alone = ["it ends here, in the middle", "with a line that is a title", "below that something else"]
    for number, text in enumerate(alone):
        words += row(text, 60, 190 + 24 * number, 200 + 10 * number)
    beside = [
        "Another text stands beside these",
        "lines, in a column of its own, and",
        "it goes on until the last of all",
        "comes.",
    ]
    words += paragraph(300, 190, 300, lines=beside)
    assert set(alone) <= {text for _, text in kinds(words)}


def test_a_title_of_two_lines_makes_no_notes_of_the_text_below_it() -> None:
    title = [*row("A large title", 60, 80, 0, size=14), *row("of two lines", 60, 96, 4, size=14)]
    left = paragraph(60, 130, 10, lines=["The left text is read before the", "right one, as it stands before that."])
    right = paragraph(
        320,
        70,
        200,
        lines=["What stands on the right is read", "behind it, however large a title", "is.", "It has more lines", "than that."],
    )
    assert [text[:14] for _, text in kinds([*title, *left, *right])][:3] == ["A large title ", "The left text ", "What stands on"]


def test_rules_between_sections_make_a_table_only_where_one_was_seen() -> None:
    words: list[Word] = []
    for number in range(2):
        baseline, order = 110 + 20 * number, 10 * number
        words += [*row(f"label {number}", 60, baseline, order), *row(f"{number}.50", 300, baseline, order + 5)]
    rules = [Box(50, y, 400, y + 1) for y in (96, 116, 136)]
    place = Box(45, 90, 405, 140)
    assert [block.table is not None for block in blocks_on(words, rules)] == [True]
    assert [block.table is not None for block in blocks_on(words, rules, tables=[place])] == [True]
    assert not any(block.table for block in blocks_on(words, rules, tables=[]))


def test_rules_between_all_rows_tell_them_where_no_stream_does() -> None:
    words, rules = [], [Box(320, 100, 322, 350), Box(540, 100, 542, 350)]
    for number in range(5):
        top = 100 + 50 * number
        first = 180 if number in (2, 3) else 50  # the first cell may stand beside several rows
        rules.append(Box(first, top, 542, top + 1))
        lines = [(60, 20, f"stage {number} that is"), (60, 34, "wrapped")] if first == 50 else []
        lines += [(190, 20, f"function {number}"), (190, 34, "and its rest")]
        lines += [(330, 20 + 12 * line, f"explanation {number} of line {line}") for line in range(3)]
        words += [word(text, left, top + down, score=0.9) for left, down, text in lines]
    rules.append(Box(50, 350, 542, 351))
    (block,) = blocks_on(words, rules, tables=[Box(45, 95, 545, 355)])
    assert block.table is not None
    names = [cell.text for cell in block.table.cells if cell.text.startswith("function")]
    assert names == [f"function {number} and its rest" for number in range(5)]
    assert block.table.rows == 5


def test_rows_of_values_between_rules_stay_apart() -> None:
    words = []
    for number in range(20):
        y = 110 + 14 * number + 6 * (number // 4)
        words += [word(f"{number}.50", 200, y, score=0.9), word(f"1{number}.25", 300, y, score=0.9)]
        words.append(word(f"a rather long label number {number}", 50, y, score=0.9))
    rules = [Box(45, 98 + 62 * group, 345, 99 + 62 * group) for group in range(6)]
    (block,) = blocks_on(words, rules, tables=[Box(40, 90, 350, 420)])
    assert block.table is not None
    assert block.table.rows == 20


def test_ragged_margins_of_recognised_lines_are_no_indents() -> None:
    lines = [
        "this line of print goes on and",
        "on so that the next one is of",
        "the same paragraph as all the",
        "others that stand here",
    ]
    words = [word(text, 58.5 + 0.7 * (number % 2), 100 + 12 * number, score=0.9) for number, text in enumerate(lines)]
    words.append(word("1 what hangs out far below", 50, 160, score=0.9))
    assert blocks_of(lines_of(words))[0].lines == 4


def test_a_frame_around_rows_is_no_grid_of_them() -> None:
    words, rules = [], [Box(50, y, 400, y + 1) for y in (100, 120, 160, 180, 340)]
    rules += [Box(x, 100, x + 1, 340) for x in (50, 399)] + [Box(x, 120, x + 1, 160) for x in (100, 390)]  # of a picture
    for left, baseline, text in (
        (60, 114, "a title"),
        (60, 145, "left"),
        (140, 145, "on the picture"),
        (60, 174, "more of it"),
    ):
        words.append(word(text, left, baseline, score=0.9))
    for number in range(6):
        words += [
            word(f"label {number} of it", 60, 200 + 24 * number, score=0.9),
            word(f"what it is {number}", 200, 200 + 24 * number),
        ]
    blocks = blocks_on(words, rules, tables=[])
    assert not any(
        "label 0" in cell.text and "label 1" in cell.text for block in blocks if block.table for cell in block.table.cells
    )


def test_the_size_of_the_text_is_that_of_tables_where_little_stands_around_them() -> None:
    rows = [
        w for n in range(6) for w in (*row(f"item {n}", 50, 100 + 14 * n, 10 * n), *row(f"{n}.00", 300, 100 + 14 * n, 10 * n + 5))
    ]
    (table,) = blocks_of(lines_of(rows))
    note, title = (replace(table, table=None, text=text, size=size) for text, size in (("see there", 7), ("a title", 18)))
    assert table.table is not None
    assert body_size([table, note]) == 10
    assert body_size([table, title]) == 18
    assert body_size([table, *10 * [note]]) == 10  # terms and letterheads around a bill
    assert body_size([table, *20 * [note]]) == 7
    assert body_size([table]) == 0


def test_titles_of_a_scan_in_one_size_are_of_one_level() -> None:
    words = [*bold("A title", 50, 50, 0, size=14), *paragraph(50, 80, 10), *row("Another one", 50, 160, 90, size=14)]
    page = LaidOutPage(1, 600, 800, tuple(blocks_of(lines_of([*words, *paragraph(50, 190, 100)]))))

    def levels(page: LaidOutPage) -> list[int]:
        return [element.level for element in elements_of([page]) if element.kind == "heading"]

    assert levels(page) == [1, 2]
    assert levels(replace(page, origin="ocr")) == [1, 1]


def test_a_row_of_many_pieces_heads_nothing_however_large() -> None:
    def large(*texts: str) -> list[tuple[str, str]]:
        pieces = [word(text, 50 + 120 * n, 50, size=16, order=n) for n, text in enumerate(texts)]
        return kinds([*pieces, *paragraph(50, 100, 10)])[:1]

    assert large("a title") == [("heading", "a title")]
    assert large("Chapter 1", "a title") == [("heading", "Chapter 1 a title")]
    assert large("10 kg clay", "1 kg soil", "3 kg salt") == [("paragraph", "10 kg clay 1 kg soil 3 kg salt")]


def test_lines_of_one_paragraph_stand_below_each_other() -> None:
    apart = [word("a label", 0, 100), word("another one", 200, 104), word("the first of all", 0, 140), word("goes on", 0, 152)]
    assert [block.text for block in blocks_of(lines_of(apart))] == ["a label", "another one", "the first of all goes on"]


def test_bullets_in_a_cell_make_no_columns_of_it() -> None:
    rules = [Box(50, y, 400, y + 1) for y in (100, 120, 140, 260)] + [Box(x, 100, x + 1, 260) for x in (50, 399)]
    rules += [Box(150, top, 151, bottom) for top, bottom in ((100, 120), (140, 260))]
    words = [word("area", 60, 114, score=0.9), word("name", 160, 114, score=0.9), word("over both", 180, 134, score=0.9)]
    words += [word("to know", 60, 160, score=0.9)]
    for top in (160, 190, 220):
        words += [word("•", 170, top, score=0.9), word(f"what it is {top}", 200, top, score=0.9)]
    (block,) = blocks_on(words, rules, tables=[Box(50, 100, 400, 260)])
    assert block.table is not None
    assert [(cell.text, cell.column_span) for cell in block.table.cells] == [
        ("area", 1),
        ("name", 1),
        ("over both", 2),
        ("to know", 1),
        ("• what it is 160 • what it is 190 • what it is 220", 1),
    ]


def test_comments_in_another_face_stay_in_their_code() -> None:
    def typed(text: str, top: float, order: int, left: float = 50) -> list[Word]:
        found = []
        for place, part in enumerate(text.split()):
            found.append(Word(part, Box(left, top - 8, left + 6 * len(part), top + 2), 10, top, mono=True, order=order + place))
            left += 6 * (len(part) + 1)
        return found

    words = [
        *typed("x = 1", 100, 0),
        *typed("y = x", 112, 10, left=62),
        *row("# as it was before the second line", 110, 112, 13, size=10),
        *row("// and all of it", 50, 124, 30, size=10),
        *typed("return y", 136, 40),
        *row("#1 is no comment but text that goes on for a line", 50, 160, 50),
    ]
    listing, *text = kinds(words)
    assert listing[0] == "code"
    assert [line.split() for line in listing[1].splitlines()] == [
        *(["x", "=", "1"], ["y", "=", "x", "#", "as", "it", "was", "before", "the", "second", "line"]),
        *(["//", "and", "all", "of", "it"], ["return", "y"]),
    ]
    assert listing[1].splitlines()[1].startswith("  y = x ")
    assert [kind for kind, _ in text] == ["paragraph"]


# ---------------------------------------------------------------- whatever stands wherever


DECISIVE = st.sampled_from(["•", "1.", "(a)", "*", "†", "12", "–", "|", "Table 1:", "A-1", "iv", "٣", "العربية", "a-", "Note:"])
SIZES = st.sampled_from([6.0, 7.0, 10.0, 10.0, 10.0, 14.0, 24.0])


@st.composite
def scattered(draw: st.DrawFn) -> list[Word]:
    """Words near the crossings of a grid, each told by a letter that no other has."""
    found: list[Word] = []
    texts = st.one_of(DECISIVE, st.text("abcdefg-,.", min_size=1, max_size=14))
    places = st.tuples(st.integers(0, 11), st.integers(0, 24), st.floats(-6, 6), st.floats(-4, 4))
    for text, size, (column, line, dx, dy), bold in draw(st.lists(st.tuples(texts, SIZES, places, st.booleans()), max_size=40)):
        own = chr(ord("一") + len(found))
        found.append(word(text + own, 40 + 45 * column + dx, 40 + 30 * line + dy, size=size, order=len(found), bold=bold))
    return found


@st.composite
def ruling(draw: st.DrawFn) -> list[Box]:
    """Lines along the same grid."""
    lines = draw(st.lists(st.tuples(st.booleans(), st.integers(0, 11), st.integers(0, 24), st.integers(1, 9)), max_size=14))
    return [
        Box(38 + 45 * x, 46 + 30 * y, 38.5 + 45 * x, 46 + 30 * (y + long))
        if upright
        else Box(40 + 45 * x, 46 + 30 * y, 40 + 45 * (x + long), 46.5 + 30 * y)
        for upright, x, y, long in lines
    ]


@settings(max_examples=200)
@given(scattered(), ruling(), ruling(), st.booleans())
def test_no_word_is_lost_and_none_comes_twice(words: list[Word], rules: list[Box], edges: list[Box], slide: bool) -> None:
    elements = elements_of([LaidOutPage(1, 600, 800, tuple(blocks_on(words, rules, edges, slide=slide)))])
    read = [letter for element in elements for letter in element.text + (element.marker or "") if letter >= "一"]
    assert sorted(read) == [word.text[-1] for word in words]


def slide(*boxes: tuple[str, float, float, float]) -> list[str]:
    """The texts that are read of such: lines divided by /, left edge, first baseline, size; written in this order."""
    words: list[Word] = []
    for text, left, top, size in boxes:
        for number, line in enumerate(text.split("/")):
            words += row(line, left, top + 1.2 * number * size, len(words), size=size)
    return [block.text for block in blocks_on(words, slide=True)]


def test_boxes_beside_each_other_on_a_slide_are_read_one_by_one() -> None:
    title = ("What we found", 40, 60, 32)
    figures = [
        ("42 %", 60, 200, 48),
        ("of users came/back", 60, 230, 16),
        ("7 M", 400, 200, 48),
        ("new customers/in May", 400, 230, 16),
    ]
    assert slide(title, *figures) == ["What we found", "42 %", "of users came back", "7 M", "new customers in May"]
    close = [(text, left, top - 35, size) for text, left, top, size in figures]  # to the title, as measured in their size
    assert slide(("What we found and what it costs", 40, 60, 32), *close)[1:3] == ["42 %", "of users came back"]
    steps = [(text, 40 + 200 * number, 250, 16) for number, text in enumerate(["Plan the/work", "Do it", "Check what/was done"])]
    assert slide(title, *steps) == ["What we found", "Plan the work", "Do it", "Check what was done"]
    columns = [
        ("- first thing", 60, 150, 20),
        ("- second thing", 60, 190, 20),
        ("- third thing", 400, 150, 20),
        ("- fourth", 400, 190, 20),
    ]
    assert slide(title, *columns)[1:] == ["- first thing", "- second thing", "- third thing", "- fourth"]


def test_the_lines_below_the_title_of_a_slide_are_texts_of_their_own() -> None:
    def centred(text: str, top: float, size: float) -> tuple[str, float, float, float]:
        wide = sum(0.5 * size * len(part) + 3 for part in text.split()) - 3
        return text, 480 - wide / 2, top, size

    title = centred("What we found in the mountains", 200, 40)
    assert slide(title, centred("A year of work", 260, 20), centred("Ann Other, May 2024", 284, 20))[1:] == [
        "A year of work",
        "Ann Other, May 2024",
    ]
    assert slide(title, centred("A year of work by all of", 260, 20), centred("Ann Other and others", 284, 20))[1:] == [
        "A year of work by all of Ann Other and others"
    ]


def test_rows_on_a_slide_stay_rows_where_they_are_written_so() -> None:
    rows = [(text, left, 150 + 50 * line, 18) for line in range(3) for left, text in ((60, f"Team {line}"), (400, f"{line}7.5"))]
    read = slide(("Costs", 40, 60, 32), *rows)
    assert [text for text in read if "Team 1" in text and "17.5" in text]


def test_a_page_on_its_side_is_no_slide() -> None:
    assert is_slide(20, 960, 540)
    assert is_slide(9, 363, 272)
    assert not is_slide(10, 842, 595)
    assert not is_slide(20, 595, 842)
    assert not is_slide(0, 960, 540)


def test_the_largest_print_at_the_top_of_a_slide_is_its_title() -> None:
    def headings(width: float, *texts: tuple[str, float], origin: Origin = "text") -> list[str]:
        words = [w for n, (text, size) in enumerate(texts) for w in row(text, 40, 60 + 40 * n * (n + 1), 20 * n, size=size)]
        page = LaidOutPage(1, width, 540, tuple(blocks_on(words, slide=True)), origin)
        return [element.text for element in elements_of([page]) if element.kind == "heading"]

    slide = [("What we found", 28.0), ("Costs that nobody knew of until now.", 25.0), ("Time that was lost in between.", 25.0)]
    assert headings(960, *slide) == ["What we found"]
    assert headings(400, *slide) == []  # a page
    assert headings(960, *slide, origin="ocr") == []  # sizes stray
    assert headings(960, ("What we found", 28.0), *slide) == []  # nothing tells which


def test_labels_of_drawings_on_slides_are_no_titles_though_most_print_is_smaller() -> None:
    def slide(number: int, size: float = 28) -> LaidOutPage:
        listing = [w for n in range(12) for w in row("lines of a log that nobody reads", 40, 200 + 20 * n, 50 + 10 * n, size=8)]
        words = [*row(f"Part {number * 'b'}", 40, 40, size=size), *row("The router", 400, 120, 20, size=14), *listing]
        return LaidOutPage(number, 792, 612, tuple(blocks_on(words)))

    def titles(*pages: LaidOutPage) -> list[str]:
        return [element.text for element in elements_of(pages) if element.kind == "heading"]

    assert titles(*map(slide, range(1, 5))) == ["Part b", "Part bb", "Part bbb", "Part bbbb"]
    assert "The router" in titles(slide(1), slide(2))  # two pages tell little
    assert "The router" in titles(*(slide(number, 18) for number in range(1, 5)))  # nobody reads that from afar


def test_pages_in_large_print_without_titles_at_their_top_keep_those_between_their_text() -> None:
    def page(number: int) -> LaidOutPage:
        head = row("Samples of print", 40, 60, size=30) if number == 1 else row("More of the text before.", 40, 60, size=14)
        words = [
            *head,
            *(w for n in range(2) for w in row("Words in a line of print, large.", 40, 360 + 20 * n, 20 + 10 * n, size=14)),
        ]
        return LaidOutPage(number, 792, 612, tuple(blocks_on([*words, *row("Latin letters", 40, 320, 10, size=20)])))

    found = [element.text for element in elements_of([page(number) for number in range(1, 5)]) if element.kind == "heading"]
    assert found == ["Samples of print", *["Latin letters"] * 4]


def test_what_heads_most_slides_names_the_talk_and_leaves_them_their_titles() -> None:
    def slide(number: int) -> LaidOutPage:
        words = [*row("The talk", 40, 120, size=28), *row(f"Part {number * 'b'}", 40, 200, 10, size=24)]
        text = row("Words that say what there is to say of it, in a line.", 40, 300, 20, size=16)
        return LaidOutPage(number, 960, 540, tuple(blocks_on([*words, *text], slide=True)))

    found = [element.text for element in elements_of([slide(number) for number in range(1, 5)]) if element.kind == "heading"]
    assert [text for text in found if text != "The talk"] == ["Part b", "Part bb", "Part bbb", "Part bbbb"]


def test_the_title_of_several_slides_is_no_running_title() -> None:
    def slide(number: int) -> LaidOutPage:
        words = [*row("Outline", 40, 40, size=28), *row(f"{number * 'a'} thing that comes", 40, 200, 20, size=20)]
        return LaidOutPage(number, 960, 540, tuple(blocks_on(words, slide=True)))

    found = elements_of([slide(number) for number in range(1, 5)])
    assert [element.kind for element in found if element.text == "Outline"] == ["heading"] * 4


def test_one_line_of_code_stands_by_itself_between_text() -> None:
    def printed(
        line: str, *, below: str = "and so it is done, by all that read this.", at: float = 60, gap: float = 20
    ) -> list[str]:
        code = [replace(word, mono=True) for word in row(line, at, 100 + gap)]
        above = [word for n in range(3) for word in row("what is to be typed is shown below this", 60, 76 + 12 * n)]
        after = [word for n in range(3) for word in row(below, 60, 100 + 2 * gap + 12 * n)]
        return [block.text for block in blocks_on([*above, *code, *after]) if block.code]

    for line in ("$ make all", "git clone --depth 1 origin", "import this as that;", "cat ~/.config/settings"):
        assert printed(line) == [line]
    assert printed("someone@example.org") == []
    assert printed("only words of prose") == []
    assert printed("$ make all", gap=12) == [], "a term over what it means, or a line of text"
    assert printed("--verbose what=all", at=40) == [], "what stands further in tells what it means"


def test_a_line_of_code_that_was_broken_is_one() -> None:
    def words(line: str, top: float, first: int) -> list[Word]:
        mark = [replace(word("˓→", 60, top, size=5, order=first), math=True)] if line.startswith("˓→") else []
        rest = row(line.removeprefix("˓→"), 68 if mark else 60, top, first + 1)
        return [*mark, *(replace(word, mono=True) for word in rest)]

    lines = ["$ take --from this␣", "˓→place --to https://example.org/", "˓→that.one", "$ end --all"]
    placed = [word for n, line in enumerate(lines) for word in words(line, 100 + 12 * n, 20 * n)]
    (block,) = blocks_on(placed)
    assert (block.code, block.text) == (True, "$ take --from this place --to https://example.org/that.one\n$ end --all")


def test_code_below_the_title_of_a_slide_is_code() -> None:
    code = [
        w
        for n, text in enumerate(["for one in all_of:", "print(one)", "return one"])
        for w in row(text, 60, 120 + 14 * n, 9 + 20 * n)
    ]
    words = [*row("How it is done", 60, 60, size=28), *(replace(w, mono=True) for w in code)]
    assert [block.code for block in blocks_on(words, slide=True)] == [False, True]
    assert [block.code for block in blocks_on(words)] == [False, True]
    letter = ["As for one of all of", "them we can print it", "and return one to it."]
    typed = [replace(w, mono=True) for n, text in enumerate(letter) for w in row(text, 60, 120 + 14 * n, 9 + 20 * n)]
    assert [block.code for block in blocks_on([*words[:4], *typed], slide=True)] == [False, True]
    assert not any(block.code for block in blocks_on([*words[:4], *typed]))  # a typescript
    assert not any(block.code for block in blocks_on(typed))


def test_a_last_column_that_starts_higher_than_the_first_is_one() -> None:
    """A curriculum vitae, with a picture above its first column: two entries of the second came before that."""
    entries = [f"entry {number} of what was done there by me" for number in range(12)]
    right = [
        one
        for place, text in enumerate(entries)
        for one in row(text, 250, 30 + 12 * place + 16 * (place // 6), 1000 + 20 * place)
    ]
    left = [one for place in range(10) for one in row(f"left {place} of me and all", 40, 130 + 12 * place, 20 * place)]
    texts = " ".join(block.text for block in blocks_on([*left, *right]))
    assert re.findall(r"(left|entry) (\d+)", texts) == [
        *(("left", str(place)) for place in range(10)),
        *(("entry", str(place)) for place in range(12)),
    ]


def test_pictures_beside_text_mean_nothing_and_alone_they_are_bullets() -> None:
    words = [
        word(ICON, 50, 100),
        word("Ghent", 62, 100),
        word(f"{ICON}Mail", 50, 120),
        word("Cell", 50, 140),
        word(ICON * 2, 200, 140),
    ]
    assert [one.text for one in with_icons(words)] == ["Ghent", "Mail", "Cell", "••"]


def test_names_that_speak_again_and_again_head_nothing() -> None:
    def play(*names: str) -> list[str]:
        words: list[Word] = []
        for place, name in enumerate(names):
            top = 100 + 80 * place
            words += row(name, 240, top, order=len(words))
            for line in range(3):
                words += row("What is said by one of them who are here on this", 72, top + 20 + 12 * line, order=len(words))
        return [kind for kind, text in elements(words) if text in names]

    assert "heading" in play("APRIL", "JOE MASON", "THE OTHERS")
    assert "heading" not in play("APRIL", "JOE MASON", "APRIL", "JOE MASON", "APRIL", "JOE MASON")


def test_a_page_of_code_has_no_columns_where_its_white_comes_below_each_other() -> None:
    lines = [f"let a{n} = b{n}      in c{n} | d" for n in range(30)]
    code = [
        Word(
            part.group(),
            Box(50 + 6 * part.start(), 52 + 12 * n, 50 + 6 * part.end(), 62 + 12 * n),
            10,
            60 + 12 * n,
            mono=True,
            order=9 * n + k,
        )
        for n, line in enumerate(lines)
        for k, part in enumerate(re.finditer(r"\S+", line))
    ]
    (block,) = blocks_on(code)
    assert (block.code, block.text.split("\n")) == (True, lines)


def test_the_last_line_in_the_middle_of_a_quotation_is_no_indent() -> None:
    lines = [
        ("“We knew that it would cost more", 100.0),
        ("than what all of the others together", 90.0),
        ("had paid for it.”", 138.0),
    ]
    words = [w for n, (text, left) in enumerate(lines) for w in row(text, left, 100 + 24 * n, 20 * n, size=20)]
    middle = (words[0].box.left + words[6].box.right) / 2
    shifted: list[Word] = []
    for number in range(3):
        line = [w for w in words if 20 * number <= w.order < 20 * number + 20]
        off = middle - (line[0].box.left + line[-1].box.right) / 2
        shifted += [replace(w, box=Box(w.box.left + off, w.box.top, w.box.right + off, w.box.bottom)) for w in line]
    shifted += paragraph(min(w.box.left for w in shifted), 300, 100, size=10)
    (kind, text), *_ = kinds(shifted)
    assert (kind, text[-12:]) == ("paragraph", "paid for it.”"[-12:])


def test_short_lines_stay_with_the_full_ones_above_them_where_the_numbers_of_formulae_make_a_gutter() -> None:
    full = "words of a line that goes on to the margin of the text"
    words = [
        *row(full, 0, 100, 10),
        *row("and ends here:", 0, 112, 30),
        *row("- a short item", 0, 130, 40),
        *row(full, 0, 148, 60),
        *(word for top in (172, 190, 208) for word in (*row("a = b + c", 60, top, top), *row(f"({top})", 221, top, top + 8))),
        *row(full, 0, 232, 300),
        *row("so it goes.", 0, 244, 320),
    ]
    assert [block.text for block in blocks_of(lines_of(words))][:3] == [f"{full} and ends here:", "- a short item", full]


PROSE = [
    "The number of a line says nothing",
    "of what stands in it, and so it is",
    "left out of the text, wherever one",
    "reads it from the margin down to",
    "the end of a page or of a column",
]


def numbered(left: float, *numbers: int, first: float = 100, leading: float = 12, gap: float = 15) -> list[Word]:
    """Numbers that end so far left of the text, one a line; 0 stands for none."""
    found = []
    for place, number in enumerate(numbers):
        if number:
            at = word(str(number), 0, first + leading * place, size=8, order=1000 + place)
            right = left - gap
            found.append(replace(at, box=replace(at.box, left=right - at.box.width, right=right)))
    return found


def prose(left: float, lines: int, *, first: float = 100, order: int = 0) -> list[Word]:
    return [one for place in range(lines) for one in row(PROSE[place % len(PROSE)], left, first + 12 * place, order + 20 * place)]


def elements(words: list[Word]) -> list[tuple[str, str]]:
    page = LaidOutPage(1, 612, 792, tuple(blocks_on(words)))
    return [(one.kind, one.text) for one in elements_of([page])]


def test_numbers_of_lines_are_no_part_of_the_text() -> None:
    [(kind, text), beside] = elements([*prose(72, 10), *numbered(72, *range(8, 18))])
    assert (kind, text) == ("paragraph", " ".join(PROSE * 2))
    assert beside == ("header", "8 9 10 11 12 13 14 15 16 17")


def test_numbers_of_every_fifth_line() -> None:
    [(_, text), beside] = elements([*prose(72, 15), *numbered(72, 0, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 15)])
    assert text == " ".join(PROSE * 3)
    assert beside == ("header", "5 10 15")


def test_numbers_of_the_lines_of_two_columns() -> None:
    columns = [*prose(72, 10), *prose(330, 10, order=500)]
    found = elements([*columns, *numbered(72, *range(1, 11)), *numbered(330, *range(11, 21))])
    assert [kind for kind, _ in found] == ["paragraph", "paragraph", "header"]
    assert " ".join(text for _, text in found[:2]) == " ".join(PROSE * 4)


def test_other_numbers_at_the_left_are_text() -> None:
    """Of the rows of a table, of a list, of a program, of notes, and years that happen to stand below each other."""
    items = ["Tea from the north", "Pots of any size", "Cups and saucers", "Spoons of silver"]
    listed = [one for place, item in enumerate(items) for one in row(item, 72, 100 + 12 * place, 20 * place)]
    steps = [(72, "for each line of it"), (92, "do this"), (92, "and that twice"), (72, "end"), (72, "return it")]
    program = [one for place, (left, step) in enumerate(steps) for one in row(step, left, 100 + 12 * place, 20 * place)]
    for words in (
        [*listed, *numbered(72, 1, 2, 3, 4)],
        [*program, *numbered(72, 1, 2, 3, 4, 5)],
        [*prose(72, 5), *numbered(72, 1, 2, 3, 4, 5, gap=4)],
        [*prose(72, 5), *numbered(72, 1, 3, 4, 7, 9)],
        [*prose(72, 6), *numbered(72, 1, 0, 2, 0, 3)],
    ):
        assert "header" not in [kind for kind, _ in elements(words)]


@pytest.mark.parametrize("white", [0.0, 0.5])
def test_code_whose_lines_are_numbered_is_code(white: float) -> None:
    """Numbers in another face made a paragraph of each line; white between letters that stand in columns became spaces."""
    step = 4.5 + white
    program = [(0, "for x in range (n): y"), (0, ""), (4, "total += x * y"), (0, "return total")]
    code: list[Word] = []
    for line, (indent, text) in enumerate(program):
        number = word(str(1 + line), 62, 480 + 14 * line, size=5, order=100 * line)
        code.append(number)
        for found in re.finditer(r"\S+", text):
            at = word(found[0], 80 + (indent + found.start()) * step, 480 + 14 * line, size=9, order=100 * line + found.end())
            width = len(found[0]) * step - white
            code.append(replace(at, mono=True, box=replace(at.box, right=at.box.left + width)))
    [*_, (kind, text)] = elements([*prose(72, 30, order=5000), *code])
    assert kind == "code"
    assert [re.sub(r"^(\d) *", r"\1 ", line) for line in text.split("\n")] == [
        f"{number} {line}".ljust(2) for number, (_, line) in enumerate(program, 1)
    ]


def spaced_out(text: str, gap: float, left: float = 72) -> list[Word]:
    """Letters with so much white between them, and more between words, where the source has a space; "AT" is kerned."""
    words: list[Word] = []
    for part in text.split():
        for piece in re.findall("AT|.", part):
            words.append(replace(word(piece, left, 100, order=len(words)), spaced=not words or piece is part[0]))
            left = words[-1].box.right + gap
        left += 3
    return words


def test_titles_in_spaced_capitals_are_words() -> None:
    words = spaced_out("STATIONS OF TRAINS", 1.7)
    starts = [0, 7, 9]
    words = [replace(one, spaced=place in starts) for place, one in enumerate(words)]
    assert joined(words) == "STATIONS OF TRAINS"
    initials = [
        replace(word(text, 72 + 7 * place, 100, order=place), spaced=False) for place, text in enumerate("L. C. M. A.".split())
    ]
    assert " " in joined([replace(one, box=replace(one.box, right=one.box.left + 5.3)) for one in initials])
    sets = [replace(word(text, 72 + 6.7 * place, 100, order=place), spaced=False) for place, text in enumerate("xyzuvw")]
    assert joined(sets) == "x y z u v w"


def test_a_large_initial_is_of_the_word_that_it_begins() -> None:
    def begun(initial: str, text: str) -> str:
        large = word(initial, 87 - 15 * len(initial), 112, size=30)
        beside = [*row(text, 92, 100, order=1), *row("lines that stand beside it go on", 92, 112, order=20)]
        (found,) = elements([large, *beside, *row("and on, below it, until a paragraph ends.", 72, 124, order=40)])
        return found[1].partition(" lines")[0]

    assert begun("W", "hen a chapter begins") == "When a chapter begins"
    assert begun("O", "NCE upon a time") == "ONCE upon a time"
    assert begun("I", "t is so") == "It is so"
    assert begun("A", "paragraph is a thing") == "A paragraph is a thing"
    assert begun("“T", "his is it") == "“This is it"


def test_a_letter_behind_the_text_begins_nothing() -> None:
    words = [word("A", 150, 160, size=60), *prose(72, 10)]
    assert with_initials(words) == words


def test_a_logo_beside_an_address_begins_nothing() -> None:
    words = [
        word("M", 72, 112, size=30),
        *row("Bank Of Grayport", 92, 100, 1),
        *row("7 Harbour Lane", 92, 112, 10),
        *prose(72, 6, first=150, order=50),
    ]
    assert "Bank Of Grayport" in "\n".join(text for _, text in elements(words)).replace("7 Harbour Lane", "")
    assert not any("MBank" in text for _, text in elements(words))


def test_titles_in_different_sizes_are_two() -> None:
    """A section's title right above that of its first part, in bold a point smaller: they were one."""
    words = [*row("4 Writers", 20, 100, size=14, bold=True), *row("4.1 Applications", 20, 130, order=9, size=13, bold=True)]
    assert [block.text for block in blocks_of(lines_of(words))] == ["4 Writers", "4.1 Applications"]


def test_a_title_over_two_columns_that_ends_in_the_first_is_whole() -> None:
    columns = [
        one
        for line in range(14)
        for left in (20, 320)
        for one in row("some words of a text that goes on in its column", left, 120 + 12 * line, order=100 * line + left)
    ]
    title = [*row("A rather long title over both of the", 20, 40, size=29), *row("columns", 20, 74, order=9, size=29)]
    apart = [*row("University of the Northern", 20, 40, size=29), *row("Report", 20, 74, order=9, size=29)]
    assert blocks_of(lines_of([*title, *columns]))[0].text == "A rather long title over both of the columns"
    assert [block.text for block in blocks_of(lines_of([*apart, *columns]))[:2]] == ["University of the Northern", "Report"]


def test_items_lie_as_deep_as_their_text_stands_in() -> None:
    places = [(20, "• one"), (32, "– one and one"), (32, "– one and two"), (44, "▪ deepest"), (20, "• two")]
    places += [(15, "9. after a bullet"), (10, "10. whose number is wider")]
    lines = [row(text, left, 100 + 14 * number, order=10 * number) for number, (left, text) in enumerate(places)]
    text = [row("Text that stands at the edge of the column and ends it", 10, 220, order=500), row("• anew", 40, 234, order=600)]
    blocks = blocks_of(lines_of([one for line in (*lines, *text) for one in line]))
    page = LaidOutPage(1, 400, 600, tuple(blocks))
    items = [(element.text, element.level) for element in elements_of([page]) if element.kind == "list_item"]
    assert [level for _, level in items] == [1, 2, 2, 3, 1, 1, 1, 1]


def test_labels_in_the_middle_of_their_rows_do_not_tell_how_far_lines_are_apart() -> None:
    """The paragraph below came out line by line."""
    words: list[Word] = []
    for top in (100, 140, 180):
        for step, left, text in ((0, 60, "words that stand beside a label"), (7, 10, "1998"), (14, 60, "and go on below.")):
            words += row(text, left, top + step, order=len(words))
    for line, text in enumerate(
        ("A paragraph of some lines that goes on", "in the next of them as others do, for", "it has to.")
    ):
        words += row(text, 10, 240 + 14 * line, order=len(words))
    assert blocks_of(lines_of(words))[-1].lines == 3


def test_a_paragraph_after_a_list_is_none_of_its_items() -> None:
    """Where no white space stands between: it begins at the edge, or with an indent that is nearly that of the items."""
    text = ["Words of a text that go from edge to edge", "and on to the next of the lines, as they", "do in a column."]
    for indent in (0, 13):
        lines = [
            row(item, 10, 100 + 12 * number, order=10 * number) for number, item in enumerate(("•  one", "•  two of", "•  three"))
        ]
        lines += [
            row(line, 10 + indent * (not number), 136 + 12 * number, order=50 + 10 * number) for number, line in enumerate(text)
        ]
        blocks = blocks_of(lines_of([one for line in lines for one in line]))
        assert [block.text for block in blocks] == ["• one", "• two of", "• three", " ".join(text)]


def test_what_an_item_says_stays_in_it() -> None:
    lines = ["•  Words of an item that go from edge to", "the next line, where it hangs"]
    hanging = [*row(lines[0], 10, 100), *row(lines[1], 18, 112, order=20)]
    flat = [*row(lines[0], 10, 100), *row(lines[1], 10, 112, order=20)]
    titled = [*row("•  Title", 10, 100), *row("and what it is about, a line", 18, 112, order=20)]
    ragged = [*row("•  Words of an item", 10, 100), *row("that stops early, though the next goes on", 10, 112, order=20)]
    for words in (hanging, flat, titled, ragged):
        assert len(blocks_of(lines_of(words))) == 1


def test_a_number_begins_an_item_where_the_line_above_had_room_for_it() -> None:
    def blocks(*lines: str) -> int:
        return len(
            blocks_of(lines_of([one for n, line in enumerate(lines) for one in row(line, 10, 100 + 12 * n, order=20 * n)]))
        )

    edge = "a line of text that shows how wide they are"
    assert blocks(edge, "and its end.", "II. Parties", "1. Who may be one") == 3
    assert blocks(edge, "which is told in full and with all in chapter", "12. and the next ones") == 1
    assert blocks(edge, "and its end.", "See", "p. 43 of it") == 2


def spread(text: str, left: float, right: float, baseline: float, order: int = 0) -> list[Word]:
    """Justified: the words from edge to edge, all gaps alike."""
    parts = text.split()
    gap = (right - left - sum(5.0 * len(part) for part in parts)) / (len(parts) - 1)
    words: list[Word] = []
    for part in parts:
        words.append(word(part, words[-1].box.right + gap if words else left, baseline, order=order + len(words)))
    return words


def test_wide_spaces_of_a_justified_line_do_not_tear_it() -> None:
    """In newspapers and narrow columns, without hyphens: the words of such a line were paragraphs of their own."""
    texts = ["Some words which go on and on and on", "institutional and inventive", "uncharacteristically unforeseeable"]
    texts += ["as all the others do in such a column", "here."]
    words = [one for n, text in enumerate(texts[:4]) for one in spread(text, 20, 220, 100 + 12 * n, order=10 * n)]
    words += [one for n, text in enumerate(texts[:4]) for one in spread(text, 250, 450, 100 + 12 * n, order=100 + 10 * n)]
    words += row(texts[4], 20, 148, order=50)
    assert [block.text for block in blocks_of(lines_of(words))] == [" ".join(texts), " ".join(texts[:4])]


@given(st.floats(0.3, 3))
def test_a_page_comes_out_the_same_however_large_it_says_it_is(scale: float) -> None:
    """As pictures do, of which points and pixels are told apart by chance; print in two sizes has two steps."""
    small = [(f"Notes in small print and number {n} of them here,", 8.0, 100 + 9.6 * n) for n in range(6)]
    text = [(f"Lines of text in which all goes on number {n} too,", 10.0, 180 + 14 * n) for n in range(8)]
    words = [
        Word(said, Box(20 * scale, (at - 0.7 * size) * scale, 300 * scale, (at + 0.2 * size) * scale), size * scale, at * scale)
        for said, size, at in (*small, *text)
    ]
    assert [block.lines for block in blocks_of(lines_of(words))] == [6, 8]


def test_cells_are_no_justified_line() -> None:
    text = spread("Some words that go on and on to the edge at the right of it", 20, 320, 100)
    cells = [word("Paid", 20, 112, order=20), word("in", 60, 112, order=21), word("1,250", 295, 112, order=22)]
    uneven = [word("One", 20, 124, order=30), word("two", 100, 124, order=31), word("three", 295, 124, order=32)]
    assert [line.text for line in lines_of([*text, *cells, *uneven])][1:] == ["Paid", "in", "1,250", "One", "two", "three"]


def test_lines_of_a_narrow_justified_column_make_no_table() -> None:
    """Office programs make its spaces wider than those between cells may be, and where that is by chance one below the other."""
    lines = ["winter market winter ocean thunder", "pencil mirror violin ledger meadow", "valley signal saddle temple saddle"]
    lines += ["bridge market silver ribbon island", "garden window violin ledger copper", "copper ledger ocean copper window"]
    words = [one for n, text in enumerate(lines) for one in spread(text, 20, 210, 100 + 18 * n, order=10 * n)]
    words = [replace(one, spaced=False) for one in words]
    assert [(block.table, block.text) for block in blocks_of(lines_of(words))] == [(None, " ".join(lines))]


def test_a_paragraph_that_stands_in_is_none_of_the_item_above_it() -> None:
    """The item ends where the next word might not have fitted, and nothing else parts it from the paragraph."""
    item, body = (
        ("\u2022 the last of some items there", 10.0, 100.0),
        ["Words of a text which go on from", "edge to edge of it and then", "end."],
    )
    lines = [(text, 10.0 + 12 * (not n), 112.0 + 12 * n) for n, text in enumerate(body)]
    assert texts(item, *lines) == [item[0], " ".join(body)]
    short = "\u2022 a short one"
    aligned = [(text, 10.0 + 8 * (not n), 112.0 + 12 * n) for n, text in enumerate(body)]
    assert texts((short, 10.0, 100.0), *aligned) == [short, " ".join(body)]
    tail = [("last", 21.0, 112.0), *((text, 10.0, 124.0 + 12 * n) for n, text in enumerate(body))]
    assert texts(item, *tail)[0].startswith(f"{item[0]} last")  # a line that had room begins no text that goes on
    hanging = [(text, 18.0, 112.0 + 12 * n) for n, text in enumerate(body)]  # where the words of the item begin
    assert len(texts(item, *hanging)) == 1


def test_a_quotation_ends_where_its_edge_does() -> None:
    quoted = ["words that someone said once and", "that are set further in than all", "others, up to their very end too."]
    body = ["After them the text goes on, and its", "lines stand at the margin of it again."]
    lines = [(text, 40.0, 100.0 + 12 * n) for n, text in enumerate(quoted)]
    assert texts(*lines, *((text, 24.0 - 14 * n, 136.0 + 12 * n) for n, text in enumerate(body))) == [
        " ".join(quoted),
        " ".join(body),
    ]


def test_a_bold_title_that_is_hardly_larger_than_the_text_fills_its_line() -> None:
    title = row("2.1 A title that is as wide as all of it", 10, 100, size=10.8, bold=True)
    body = [*row("Words of a text that go from edge to edge", 10, 112, order=20), *row("of it.", 10, 124, order=40)]
    assert len(blocks_of(lines_of([*title, *body]))) == 2


def a_page_of(number: int, top: float, *lines: str) -> LaidOutPage:
    """One paragraph, by its looks."""
    words: list[Word] = []
    for place, text in enumerate(lines):
        words += row(text, 10, top + 12 * place, order=len(words))
    (block,) = blocks_of(lines_of(words))
    return LaidOutPage(number, 300, 400, (block,))


BODIES = [
    ["which goes on from the page before this one", "and is a paragraph of some words"],
    ["more words of the text, of which there are", "many on all of these pages"],
    ["and another page of it, whose words are not", "those of the other two pages"],
]


def test_a_running_title_right_above_the_text_is_none_of_it_and_one_below() -> None:
    """Office programs push the text away where a running title needs the room, and leave no white between them."""
    title = "Annual report of the office in town, page"
    above = [a_page_of(number, 40, f"{title} {number}", *body) for number, body in enumerate(BODIES, start=1)]
    below = [a_page_of(number, 360, *body, f"{title} {number}") for number, body in enumerate(BODIES, start=1)]
    for kind, pages in (("header", above), ("footer", below)):
        found = [(element.kind, element.text) for element in elements_of(pages)]
        assert [text for other, text in found if other == "paragraph"] == [" ".join(body) for body in BODIES]
        assert [text for other, text in found if other == kind] == [f"{title} {number}" for number in (1, 2, 3)]


def test_a_first_line_that_comes_again_with_the_rest_of_its_paragraph_stays_in_it() -> None:
    pages = [a_page_of(number, 40, "Dear customers of this office in the town and", *BODIES[0]) for number in (1, 2)]
    assert len(elements_of(pages)) == 2


def test_rows_that_a_break_parts_from_their_table_are_put_to_it() -> None:
    """The header alone at the foot of a page came as a title, the last row alone at the head of one as a paragraph."""
    lefts, body = (10, 90, 170), [["beans", "12", "dry"], ["peas", "7", "green"], ["leeks", "31", "fresh"]]

    def line(texts: list[str], baseline: float) -> Block:
        words = [word(text, lefts[place], baseline, order=place) for place, text in enumerate(texts)]
        (block,) = blocks_of([replace(lines_of(words)[0], words=tuple(words), text=" ".join(texts))])
        return block

    def page_of(number: int, *blocks: Block) -> LaidOutPage:
        return LaidOutPage(number, 300, 400, blocks)

    cells = [
        Cell(n, column, text, box=Box(lefts[column], 100 + 12 * n, lefts[column] + 5 * len(text), 110 + 12 * n))
        for n, texts in enumerate(body)
        for column, text in enumerate(texts)
    ]
    table = Block("", Box(10, 100, 200, 134), 10, False, 1, 10, 220, table=Table(tuple(cells)))
    prose, title, last = line(["Words"], 80), line(["Crop", "No", "State"], 92), line(["kale", "4", "new"], 92)

    def tables(*pages: LaidOutPage) -> list[str]:
        return [element.text for element in elements_of(pages) if element.kind == "table" and element.text]

    assert tables(page_of(1, prose, title), page_of(2, table, prose)) == ["Crop\tNo\tState"]
    assert tables(page_of(1, prose, table), page_of(2, last, prose)) == ["kale\t4\tnew"]
    assert tables(page_of(1, prose, line(["Crop", "No"], 92)), page_of(2, table, prose)) == []  # not all columns
    assert tables(page_of(1, title, prose), page_of(2, table, prose)) == []  # not at the break


def texts(*lines: tuple[str, float, float]) -> list[str]:
    """Of the paragraphs that lines at these left edges and baselines make."""
    found: list[Word] = []
    for text, left, baseline in lines:
        found += row(text, left, baseline, order=len(found))
    return [block.text for block in blocks_of(lines_of(found))]


def test_a_line_in_the_middle_is_none_of_the_paragraph_at_the_margin_below_it() -> None:
    """Names of authors, or a caption, without white space between; a first line may stand in."""
    body = ["Words of a text that go from edge to edge", "and on to the next of the lines, as they", "do in a column of", "text."]
    for indent in (0, 14):
        lines = [(line, 10 + indent * (not number), 112 + 12 * number) for number, line in enumerate(body)]
        assert texts(("Ann Author", 82, 100), *lines, ("which goes on with more of its words here", 10, 160))[0] == "Ann Author"
    # In the middle, too, but the next word had no place; or all of the lines stand there.
    assert (
        len(
            texts(
                ("who say that it is so", 50, 100),
                *((line.replace(" ", "_", 3), 10, 112 + 12 * n) for n, line in enumerate(body)),
            )
        )
        == 1
    )
    assert len(texts(("A Title of", 90, 100), ("which one says that it is long, and it is", 10, 112))) == 1


def test_steps_a_little_wider_than_in_a_paragraph_part_two() -> None:
    """As where lines are far apart themselves: the white between paragraphs seems small beside that."""
    lines = [
        "Words of a text that go from edge to edge",
        "and on to the next line, that is as full.",
        "Here begins another and goes on like that",
    ]
    assert len(texts(*((line, 10, at) for line, at in zip(lines, (100, 118, 140.5), strict=True)))) == 2
    assert len(texts(*((line, 10, at) for line, at in zip(lines, (100, 118, 138), strict=True)))) == 1
    assert len(texts(*((line.replace("full.", "full"), 10, at) for line, at in zip(lines, (100, 118, 140.5), strict=True)))) == 1


def test_a_raised_mark_pushes_its_line_down_and_parts_nothing() -> None:
    words = row("Words of a text that go from edge to edge", 10, 100) + row(
        "and on to the next line, that is as full.", 10, 118, order=20
    )
    last = row("Here it goes on", 10, 140.5, order=40)
    raised = word("2", last[-1].box.right + 0.5, 136, order=60, size=6)
    assert len(blocks_of(lines_of([*words, *last, raised]))) == 1
    assert len(blocks_of(lines_of([*words, *last]))) == 2


def test_what_stands_out_at_the_right_is_not_where_lines_of_text_end() -> None:
    """A page number, say: sentences that end with their line would end paragraphs, as if there had been room for more."""
    lines = [
        "Words of a text that go from edge to edge",
        "and on to the next line, that is as full.",
        "Here it goes on and does like all do here",
    ]
    number = [*row("In short", 10, 88), *row("7", 330, 88, order=10)]
    body = [one for n, line in enumerate(lines) for one in row(line, 10, 100 + 12 * n, order=20 + 20 * n)]
    assert blocks_of(lines_of([*number, *body]))[-1].text == " ".join(lines)


def test_a_caption_in_the_middle_ends_where_text_begins_at_the_margin_again() -> None:
    """As close below it as its own second line would be."""
    prose = "The usual computing formulas were also evaluated in double precision by them"
    captions = {
        ("Table 1: Best of them",): 1,
        ("Figure 2: What was evaluated, in single precision and then", "in double precision"): 2,
        ("Table 3: Best", "of those that were evaluated by them"): 2,
        (
            "Figure 4: A stylized engraving of the observatory at Hven and the",
            "instruments to measure the altitude of celestial objects above what was said",
        ): 2,
    }
    for caption, lines in captions.items():
        words: list[Word] = []
        for number, text in enumerate((*caption, *5 * [prose])):
            x = 50 + 2.5 * max(0, len(prose) - len(text))
            y = 100 + 12 * number + (30 if number >= len(caption) and len(caption[-1]) > 70 else 0)  # a full line is as text
            for part in text.split():
                words.append(Word(part, Box(x, y - 8, x + 5 * len(part), y + 2), 10, y, order=len(words)))
                x += 5 * len(part) + 5
        first, rest = blocks_on(words)
        assert (first.text, first.lines, rest.text) == (" ".join(caption), lines, " ".join(5 * [prose]))


@given(st.text(st.characters(max_codepoint=127)))
def test_titles_are_compared_alike_with_and_without_letters_of_other_scripts(title: str) -> None:
    assert folded(f"{title}\u00e9") == f"{folded(title)}\u00e9"


def test_what_fonts_say_of_themselves_is_checked_line_by_line() -> None:
    """All are said to have one width: the code has, and a bracket of it by itself; the title and the text have not."""

    def line(text: str, top: float, width: float) -> list[Word]:
        words: list[Word] = []
        left = 60.0
        for part in text.split(" "):
            right = left + len(part) * width * (1.0 if width == 6 else 0.6 + 0.13 * ((7 * len(part) + ord(part[0])) % 6))
            if part:
                words.append(Word(part, Box(left, top - 8, right, top + 2), 10, top, mono=True, order=int(10 * top) + len(words)))
            left = right + width
        return words

    prose = ["Then it is opened, and each", "of those below has one more", "but for the last one here"]
    code = ["int main(void) {", "  return run(first, last);", "}"]
    title = line("How this is done", 40, 5)
    text = [word for n, words in enumerate(prose) for word in line(words, 80 + 12 * n, 5)]
    listing = [word for n, words in enumerate(code) for word in line(words, 160 + 12 * n, 6)]
    blocks = blocks_on([*title, *text, *listing])
    assert [block.text for block in blocks if block.code] == ["\n".join(code)]
    assert " ".join(prose) in [block.text for block in blocks]
    assert not any(block.code for block in blocks_on([*title, *text]))


def test_blank_lines_of_code_stay() -> None:
    """Half a line more is none."""
    tops = {"def one():": 0, "    return 1": 12, "two = one()": 36, "three = two": 54, "print(three)": 66}
    code = [
        Word(
            part.group(),
            Box(60 + 6 * part.start(), top + 92, 60 + 6 * part.end(), top + 102),
            10,
            top + 100,
            mono=True,
            order=top + k,
        )
        for text, top in tops.items()
        for k, part in enumerate(re.finditer(r"\S+", text))
    ]
    (block,) = blocks_on(code)
    assert block.text.split("\n") == ["def one():", "    return 1", "", "two = one()", "three = two", "print(three)"]


def test_the_recognised_titles_of_a_section_and_of_its_first_subsection_are_two() -> None:
    def texts(*titles: str, score: float | None) -> list[str]:
        told = [word(title, 60, 100 + 18 * n, size=14, score=score) for n, title in enumerate(titles)]
        text = [word("and the road went over all the hills", 60, 180 + 12 * n, order=9 + n, score=score) for n in range(6)]
        return [block.text for block in blocks_on([*told, *text])][:-1]

    assert texts("3 The long road", "3.1 Over hills", score=0.9) == ["3 The long road", "3.1 Over hills"]
    assert texts("3 The long road of", "12 Hills", score=0.9) == ["3 The long road of 12 Hills"]


def test_a_page_number_in_a_gutter_makes_it_no_wider_than_a_line_that_stands_out_leaves_it() -> None:
    lines = []
    for n in range(20):
        stray = 0.3 if n == 9 else 0.0
        lines += [word("the road went over the hills and far", 60, 100 + 12 * n, score=0.9)]
        lines += [word("by the sea they saw a ship of oak", 260 - stray, 100 + 12 * n, score=0.9)]
    number = word("17", 245, 400, score=0.9)
    found = regions(lines_of([*lines, number]))
    assert [len(region) for region in found] == [20, 20, 1]


def test_columns_are_parted_where_a_rule_between_them_was_read_with_lines_of_both() -> None:
    lines = []
    for n in range(20):
        left = word("the road went over the hills and far", 60, 100 + 12 * n, score=0.9)
        edge = left.box.right
        lines.append(replace(left, box=replace(left.box, right=edge + 4.5)) if n % 5 == 1 else left)
        lines.append(word("by the sea they saw a ship of oak", edge + (4.0 if n % 5 == 3 else 8.0), 100 + 12 * n, score=0.9))
    assert [len(region) for region in regions(lines_of(lines))] == [20, 20]


def test_an_index_on_a_scan_is_read_column_by_column_and_a_table_row_by_row() -> None:
    def read(left: list[str], right: list[str]) -> list[int]:
        sides = ((60, left), (260, right))
        words = [word(text, x, 100 + 12 * n, score=0.9) for x, side in sides for n, text in enumerate(side)]
        return [len(region) for region in regions(lines_of(sorted(words, key=lambda one: one.baseline)))]

    first, second = (
        ["Accius, 12", "Bianca, 20", "Bodley, 1", "Folio, 77", "Gremio, 20"],
        ["Kate, 13", "Marlowe, 34", "Padua, 13", "Sly, 45", "Tranio, 14"],
    )
    assert read(first, second) == [5, 5]
    assert read(first, ["Tranio, 14", "Bianca, 3", "Sly, 45", "Kate, 13", "Accius, 4"]) == [10]


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ("10 ^3", "10³"),
        ("x +2", "x²"),
        ("10 ^−34 _Js", "10⁻³⁴Js"),
        ("10 ^− ^34", "10⁻³⁴"),
        ("Freeman ^1,2 _and", "Freeman¹,²and"),
        ("1 ^st", "1st"),
        ("WA45-/ ^2 _A", "WA45-/2A"),
        ("W/m ^2 _K", "W/m²K"),
        ("H v2 _O", "H2O"),
        ("2 ^1 _/ v2", "21/2"),
    ],
)
def test_figures_above_the_line_stay_there(pieces: str, text: str) -> None:
    """`^`: above the line, `+`: larger and higher, `v`: below it, `_`: on it, each right behind what is before."""
    words: list[Word] = []
    for piece in pieces.split():
        away, size = {"^": (-2.5, 6), "+": (-3, 9), "v": (3, 6)}.get(piece[0], (0, 10))
        left = words[-1].box.right if words else 0
        words.append(word(piece.lstrip("^+v_"), left, 100 + away, size=size, order=len(words)))
    assert joined([replace(one, spaced=False) for one in words]) == text


@pytest.mark.parametrize(
    ("above", "math", "text"),
    [("n−1", True, "2^(n−1) F)"), ("T", True, "2^T F)"), ("st", False, "2stF)"), ("∗", True, "2∗F)"), ("3", True, "2³F)")],
)
def test_exponents_of_letters_are_told_where_a_formula_has_them(above: str, math: bool, text: str) -> None:
    words = [word("2", 0, 100), replace(word(above, 5, 97, size=7), math=math)]
    words += [word("F", words[-1].box.right, 100), word(")", words[-1].box.right + 5, 100)]
    assert joined([replace(one, spaced=False) for one in words]) == text


def test_exponents_that_begin_with_a_figure_are_told_behind_a_variable() -> None:
    """Figures of a formula are of a face of text."""
    above = word("2T", 5, 97, size=7)
    assert joined([replace(word("F", 0, 100), math=True), replace(above, spaced=False)]) == "F^(2T)"
    assert joined([word("F", 0, 100), replace(above, spaced=False)]) == "F2T"


def test_figures_amid_a_recognised_word_are_not_raised() -> None:
    words = [word("m", 0, 100, score=0.9), word("2", 5, 97, size=6, score=0.9), word("K", 8, 100, score=0.9)]
    assert joined([replace(one, spaced=False) for one in words]) == "m2K"
    assert joined([replace(one, spaced=False) for one in words[:2]]) == "m²"


def test_what_stands_over_something_is_no_exponent() -> None:
    above, below = word("1", 5, 96, size=6), word("2", 5, 104, size=6)
    assert joined([replace(one, spaced=False) for one in (word("5", 0, 100), above, below)]) == "512"


def in_columns(text: str, left: float, baseline: float, order: int, size: float = 10) -> list[Word]:
    """A line as `listings` sets it in a face of text: the letters of a word fill columns of 0.6 of their size, evenly apart."""
    wide = dict.fromkeys("lifjt;,.()'", 0.28) | {"m": 0.83, "w": 0.72}
    words: list[Word] = []
    for token in re.finditer(r"\w+|[^\w\s]", text):
        natural = [wide.get(letter, 0.5) * size for letter in token[0]]
        white = (0.6 * size * len(natural) - sum(natural)) / (len(natural) + 1)
        at = left + 0.6 * size * token.start() + white
        for letter, width in zip(token[0], natural, strict=True):
            box = Box(at, baseline - 0.8 * size, at + width, baseline + 0.2 * size)
            if words and at - words[-1].box.right < 0.12 * size:  # hardly apart: one word as it is read
                last = words[-1]
                words[-1] = replace(last, text=last.text + letter, box=replace(last.box, right=box.right))
            else:
                words.append(Word(letter, box, size, baseline, order=order + len(words)))
            at += width + white
    return words


def test_code_whose_letters_are_spread_over_columns_has_words() -> None:
    program = ["def refill(self, roller):", "    self.level = roller.fill()", "    print(self.level)", "    return self"]
    code = [one for place, line in enumerate(program) for one in in_columns(line, 72, 500 + 12 * place, 2000 + 100 * place)]
    assert "s e l f" in " ".join(one.text for one in code)
    found = [(kind, text) for kind, text in elements([*prose(72, 30), *code]) if kind == "code"]
    assert found == [("code", "\n".join(program))]


def test_words_that_are_spaced_out_in_prose_are_no_code() -> None:
    lines = ["and this is s p a c e d out l e t t e r s here"] * 6
    words = [one for place, line in enumerate(lines) for one in row(line, 72, 100 + 12 * place, 40 * place)]
    assert with_spread(words) == words


def test_the_end_of_a_range_that_begins_a_line_is_no_number_of_an_item() -> None:
    words = [
        *row("5. C. Langmead and B. Donald. In Proc. 5th Conf. on Research (RECOMB), pp. 164–", 72, 100),
        *row("175. ACM Press, April 2001, and what else there is to say of it here.", 90, 112, 40),
    ]
    assert [text.partition(" ")[0] for _, text in elements(words)] == ["C."]


HARBOUR = "the harbour was built by people who never saw it"


def paper(authors: list[list[str]], middles: list[float], columns: tuple[float, ...]) -> list[Word]:
    """A title, authors side by side, each in lines about a middle, and columns of text below."""
    words = row("On the Building of Harbours", 200, 60, size=16)
    for middle, lines in zip(middles, authors, strict=True):
        for number, line in enumerate(lines):
            width = sum(5 * len(part) for part in line.split()) + 3 * line.count(" ")
            words += row(line, middle - width / 2, 100 + 12 * number, len(words))
    for left in columns:
        for number in range(12):
            words += row(HARBOUR if len(columns) > 1 else f"{HARBOUR} {HARBOUR}", left, 200 + 12 * number, len(words))
    return words


@pytest.mark.parametrize("columns", [(50, 310), (50,)])
@pytest.mark.parametrize("middles", [[120, 300, 480], [180, 420]])
def test_authors_side_by_side_are_read_one_after_the_other(middles: list[float], columns: tuple[float, ...]) -> None:
    """One stands over the gutter of the text, or the last was read behind its first column; over one column they were mixed."""
    authors = [
        ["Alice Brown", "University of Leeds", "Leeds", "alice@leeds.ac.uk"],
        ["Bruno Costa", "Porto", "bruno@up.pt"],
        ["Chen Wei", "Tsinghua", "Beijing", "chen@tsinghua.edu.cn"],
    ][: len(middles)]
    texts = " ".join(block.text for block in blocks_on(paper(authors, middles, columns))).replace("\n", " ")
    title, text = "On the Building of Harbours", " ".join([HARBOUR] * 24)
    assert texts == " ".join([title, *(" ".join(lines) for lines in authors), text])


def test_the_short_last_line_of_an_abstract_over_two_columns_is_of_it() -> None:
    """It ends before the gutter, and was the first line of the first column; so were the ends of captions over both."""
    words = row("A title that is wider than the abstract which stands in", 60, 60, size=16)
    for number in range(4):
        words += row(f"{HARBOUR} in the two years that were given", 100, 100 + 12 * number, len(words))
    words += row("nor ever would.", 100, 148, len(words))
    for left in (50, 310):
        for number in range(12):
            words += row(HARBOUR, left, 190 + 12 * number, len(words))
    texts = [block.text for block in blocks_on(words)]
    assert texts[1] == " ".join([*[f"{HARBOUR} in the two years that were given"] * 4, "nor ever would."])
    assert " ".join(texts[2:]) == " ".join([HARBOUR] * 24)


@pytest.mark.parametrize(("first", "is_note"), [("Figure 2: what is shown", False), ("in the margin of it", True)])
def test_a_caption_beside_the_text_is_no_note_in_its_margin(first: str, is_note: bool) -> None:
    words = [
        w for n, line in enumerate((first, "and how it was", "to be seen")) for w in row(line, 50, 200 + 10 * n, 10 * n, size=7)
    ]
    for number in range(12):
        words += row(HARBOUR, 200, 100 + 12 * number, len(words) + 40)
    texts = [block.text for block in blocks_on(words)]
    assert texts.index(next(text for text in texts if text.startswith(first))) == (len(texts) - 1 if is_note else 0)


def test_a_caption_beside_the_text_of_a_figure_set_into_it_is_whole_and_so_are_the_paragraphs_around_it() -> None:
    """LaTeX's wrapfig: text in full width above and below; the paragraph before ends in a short line, the next stands in."""
    full = "A line of the text that goes from margin to margin as all of them do here but the last"
    narrow = "The text beside the figure is set narrow here"
    words = [w for n in range(4) for w in row(full, 50, 100 + 12 * n, 100 * n)]
    words += row("and ends in few words.", 50, 148, 400)
    words += row(narrow, 65, 160, 500) + [w for n in range(9) for w in row(narrow, 50, 172 + 12 * n, 600 + 100 * n)]
    words += row("Figure 1: Sentinel image", 330, 256, 2000) + row("caption of the figure", 330, 268, 2100)
    words += [w for n in range(3) for w in row(full, 50, 280 + 12 * n, 3000 + 100 * n)]
    texts = [block.text for block in blocks_on(words)]
    assert texts[0] == " ".join([full] * 4 + ["and ends in few words."])
    assert texts[1] == " ".join([narrow] * 10)
    assert texts[2] == "Figure 1: Sentinel image caption of the figure"


def test_a_label_comes_before_what_stands_beside_it_and_crosses_the_gutter() -> None:
    """White space goes down between what stands in a table below, and through the text that the label is of.

    That is of another font, and a little higher: it was read first.
    """
    printed = [
        ("Clinic:", Box(73.7, 127.7, 100.7, 137.1), False),
        ("RadOnc", Box(147.8, 127.5, 184.4, 137.1), False),
        ("UChicago", Box(187.2, 127.5, 230.9, 137.1), True),
        ("Avenue", Box(225.3, 139.3, 258.9, 148.6), True),
        ("178°", Box(175.7, 391.3, 196.2, 400.6), True),
        ("1.081", Box(250.1, 391.3, 274.9, 400.6), False),
        ("0.4%", Box(456.0, 391.3, 478.6, 400.6), False),
        ("Histograms", Box(88.4, 416.2, 149.2, 427.4), True),
    ]
    words = [
        Word(text, box, 10, box.bottom - 2.1, order=number, spaced=spaced) for number, (text, box, spaced) in enumerate(printed)
    ]
    assert next(line.text for region in regions(lines_of(words)) for line in region) == "Clinic:"


def test_numbers_of_the_lines_of_a_transcript() -> None:
    """In type of one width, with questions and answers that stand in."""
    said = [
        "Q.  When did you see the ship for the",
        "first time, and who was with you?",
        "A.  It came at night and stayed until",
        "the morning, and I was alone.",
    ]
    page = [
        replace(one, mono=True)
        for place in range(24)
        for one in row(said[place % 4], 72 if place % 2 else 102, 100 + 24 * place, 20 * place)
    ]
    numbers = [replace(one, mono=True) for one in numbered(72, *range(1, 25), leading=24)]
    found = elements([*page, *numbers])
    assert found[-1] == ("header", " ".join(map(str, range(1, 25))))
    assert {text for _, text in found[:-1]} == {
        f"{said[0]} {said[1]}".replace("  ", " "),
        f"{said[2]} {said[3]}".replace("  ", " "),
    }


def test_numbers_of_lines_between_the_columns_of_a_patent() -> None:
    """They count blank lines, too, and stand about one middle."""
    columns = [
        *prose(72, 10),
        *prose(72, 10, first=232, order=400),
        *prose(330, 10, order=800),
        *prose(330, 10, first=232, order=1200),
    ]
    numbers = [word(str(number), 0, 100 + 12 * (number - 1), size=8, order=2000 + number) for number in (5, 10, 15, 20)]
    numbers = [replace(one, box=replace(one.box, left=300 - one.box.width / 2, right=300 + one.box.width / 2)) for one in numbers]
    found = elements([*columns, *numbers])
    assert found[-1] == ("header", "5 10 15 20")
    assert [text for _, text in found[:-1]] == [" ".join(PROSE * 2)] * 4


def test_a_number_two_lines_high_begins_its_chapter() -> None:
    """It was a heading amid the first sentence."""
    number = word("12", 50, 112, size=26)
    text = [
        *row("In the beginning the sea was", 80, 100, 1),
        *row("calm, and no one sailed upon", 80, 112, 20),
        *row("it but those who had to do so.", 50, 124, 40),
    ]
    assert with_initials([number, *text])[0].text == "12 In"


def test_years_at_the_end_of_a_title_leave_it_one() -> None:
    """Of a curriculum vitae: the title was text, as what tells when is in plain print."""
    page = [*bold("Engineer, Rhine Authority", 50, 100, 0), *row("2011 – 2017", 230, 100, 20)]
    page += [one for place in range(3) for one in row(PROSE[place], 50, 125 + 12 * place, 100 + 20 * place)]
    assert kinds(page)[0] == ("heading", "Engineer, Rhine Authority 2011 – 2017")
    label = [replace(one, text="Authority:" if one.text == "Authority" else one.text) for one in page]
    assert kinds(label)[0] == ("paragraph", "Engineer, Rhine Authority: 2011 – 2017")


def test_who_speaks_is_not_what_is_said() -> None:
    """A name in the middle of a screenplay's column was the beginning of the line below it."""
    page = [
        *row("OLD PETER", 200, 100, 0),
        *row("They marched very quickly, without resting,", 100, 112, 20),
        *row("and halted at last.", 100, 124, 40),
    ]
    assert [text for _, text in kinds(page)] == ["OLD PETER", "They marched very quickly, without resting, and halted at last."]


def test_a_line_of_code_that_dblatex_broke_is_one() -> None:
    def words(line: str, top: float, first: int) -> list[Word]:
        code = [replace(word, mono=True) for word in row(line.removesuffix("←"), 60, top, first)]
        mark = [word("←", 530, top, size=9, order=first + len(code))] if line.endswith("←") else []
        return [*code, *mark]

    lines = ["$ take --from https://example.org/ ←", "that.one", "$ end --all"]
    placed = [word for n, line in enumerate(lines) for word in words(line, 100 + 12 * n, 20 * n)]
    (block,) = blocks_on(placed)
    assert (block.code, block.text) == (True, "$ take --from https://example.org/that.one\n$ end --all")


def test_the_last_word_of_code_may_be_bold_and_a_little_wider() -> None:
    lines = ["class map = {object}", "method one -> {int}", "method all -> {list}"]
    code = [replace(w, mono=True) for n, line in enumerate(lines) for w in row(line, 60, 100 + 12 * n, 20 * n)]
    end = replace(word("end", 60, 136, order=90), mono=True, bold=True)
    end = replace(end, box=replace(end.box, right=end.box.left + 1.08 * 5 * 3))
    text = row("what is said of it", 60, 180, 100)
    assert [block.text for block in blocks_on([*code, end, *text]) if block.code] == ["\n".join([*lines, "end"])]


def test_a_comment_stays_in_its_line_of_code_where_a_gutter_seems_to_be() -> None:
    """`use` stands in a column of its own, which the longest line crosses, so that its comment was put to the next line."""
    left = ["with Core;", "with Core.Basic;", "with Core.Projects; use Core.Projects;", "with Core.Files;", "with Core.Texts;"]
    right = ["use Core;", "use Core.Basic;", "", "use Core.Files;", "use Core.Texts;"]
    code: list[Word] = []
    for n, (one, other) in enumerate(zip(left, right, strict=True)):
        code += row(one, 60, 100 + 12 * n, 40 * n)
        code += row(other or "-- 1", 180 if other else 290, 100 + 12 * n, 40 * n + 20)
    prose = [
        w for n in range(6) for w in row("What is said of it goes on over all of the page here", 60, 180 + 12 * n, 900 + 20 * n)
    ]
    found = [block.text.split("\n") for block in blocks_on([*(replace(w, mono=True) for w in code), *prose]) if block.code]
    assert [" ".join(line.split()) for line in found[0]] == [
        " ".join(f"{one} {other or '-- 1'}".split()) for one, other in zip(left, right, strict=True)
    ]


def test_lines_with_more_room_behind_their_sentences_are_whole() -> None:
    """They were torn there, and what stood behind was read before the paragraph."""
    lines = [
        "Memory is allocated as it is told to. | The value of all is",
        "passed on as the first of what is called for, and goes",
        "by without a look. | But what is freed stays where it was",
    ]
    words: list[Word] = []
    for n, line in enumerate(lines):
        one, *more = line.split(" | ")
        words += row(one, 60, 100 + 12 * n, 40 * n)
        words += [word for part in more for word in row(part, words[-1].box.right + 14, 100 + 12 * n, 40 * n + 20)]
    right = max(word.box.right for word in words)
    words = [
        replace(w, box=replace(w.box, right=right)) if after is None or after.baseline > w.baseline else w
        for w, after in zip_longest(words, words[1:])
    ]
    assert [line.text for line in lines_of(words)] == [line.replace(" | ", " ") for line in lines]


def test_a_ligature_that_stands_by_itself_is_of_the_word() -> None:
    def text(gap: float) -> str:
        fi = word("fi", 60, 100)
        rest = replace(word("nd", fi.box.right + gap, 100, order=1), spaced=False)
        (block,) = blocks_on([fi, rest, word("it", rest.box.right + 3, 100, order=2)])
        return block.text

    assert text(1.1) == "find it"
    assert text(2.5) == "fi nd it"


def test_words_that_begin_like_those_of_captions_are_titles() -> None:
    assert not any(map(begins_as_caption, ("Graphical User Interface", "Platelets", "Exhibition")))
    assert all(map(begins_as_caption, ("Plate IV", "Figure III. A crane", "Table 2 shows")))


def test_a_name_in_bold_between_items_of_a_numbered_list_is_one() -> None:
    def page(names: dict[str, bool]) -> list[tuple[Kind, str]]:
        words: list[Word] = []
        for n, (name, bold) in enumerate(names.items()):
            words += (replace(w, bold=bold) for w in row(name, 60, 100 + 30 * n, 40 * n))
            words += row("what is said of it goes on here for a line, and", 60, 112 + 30 * n, 40 * n + 20)
        found = elements_of([LaidOutPage(1, 600, 800, tuple(blocks_on(words)))])
        return [(one.kind, one.marker or "") for one in found if "Owl" in one.text]

    assert page({"6. Owl one": False, "7. Owl two": True, "8. Owl three": False}) == [("list_item", f"{n}.") for n in (6, 7, 8)]
    assert page({"6. Owl one": True, "7. Owl two": True, "8. Owl three": True})[1][0] != "list_item"


def _as_code(lines: Sequence[tuple[str, float, float]], order: int = 0) -> list[Word]:
    """Args: lines: text, left and baseline. order: of the first word in the stream."""
    return [replace(w, mono=True) for n, line in enumerate(lines) for w in row(*line, order + 40 * n)]


def test_a_line_of_code_that_stands_in_is_read_where_it_is() -> None:
    """It was read behind the text below, as if it were in another column."""
    first = [("switch ( x ) {", 60, 100)]
    for n in range(4):
        top = 112 + 36 * n
        first += [(f"case {n}:", 100, top), (f'print ( "{n}" );', 146, top + 12), ("break;", 146, top + 24)]
    second = [
        ("switch ( sign ( x ) ) {", 60, 300),
        ("case -1:", 100, 312),
        ('print ( "less" );', 146, 324),
        ("otherwise", 100, 336),
    ]
    second += [('print ( "none" );', 146, 348), ("}", 60, 360)]
    prose = [w for n in range(3) for w in row("What is said of it goes on over all of the page", 60, 256 + 12 * n, 900 + 20 * n)]
    below = [*row("This prints:", 60, 396, 2000), *_as_code([("less", 60, 432), ("none", 60, 444)], 2100)]
    more = [w for n in range(9) for w in row("What is said of it goes on over all of the page", 60, 490 + 12 * n, 3000 + 20 * n)]
    texts = [block.text for block in blocks_on([*_as_code(first), *prose, *_as_code(second, 1200), *below, *more])]
    assert texts[2].split() == " ".join(text for text, _, _ in second).split()
    assert texts[3] == "This prints:"


def test_a_blank_line_sets_nothing_of_code_apart() -> None:
    code = [("data;", 60, 100), ("param row : 1 2 3 :=", 60, 122)]
    for n in range(8):
        code += [(f"{n}", 90, 133 + 11 * n), ("3 6 . .", 120, 133 + 11 * n)]
    code += [(";", 60, 221), ("end;", 60, 243)]
    prose = [w for n in range(12) for w in row("What is said of it goes on over all of the page", 60, 300 + 12 * n, 900 + 20 * n)]
    found = [block.text.split() for block in blocks_on([*_as_code(code), *prose]) if block.code]
    assert [found[0][0], found[-1][-1], len(found)] == ["data;", "end;", 1]


@pytest.mark.parametrize("leading", [12.0, 14.7])
def test_a_listing_goes_on_over_blank_lines_however_much_white_is_between_its_lines(leading: float) -> None:
    """Asciidoctor sets code of 11 points 14.7 apart: a blank line ended the listing."""
    lines = [
        "import crane",
        "",
        "def move(hook: crane.Hook):",
        "    if to > hook.limit:",
        "        return",
        "",
        "    hook.step(0.1)",
    ]
    code = [(line, 60.0 + 5 * (len(line) - len(line.lstrip())), 100 + leading * n) for n, line in enumerate(lines) if line]
    prose = [w for n in range(12) for w in row("What is said of it goes on over all of the page", 60, 300 + 12 * n, 900 + 20 * n)]
    assert [block.text for block in blocks_on([*_as_code(code), *prose]) if block.code] == ["\n".join(lines)]


def test_code_far_below_other_code_is_a_listing_of_its_own() -> None:
    code = [
        ("import crane", 60.0, 100.0),
        ("import hook;", 60.0, 112.0),
        ("def move(hook):", 60.0, 160.0),
        ("return hook()", 60.0, 172.0),
    ]
    prose = [w for n in range(12) for w in row("What is said of it goes on over all of the page", 60, 300 + 12 * n, 900 + 20 * n)]
    assert len([block for block in blocks_on([*_as_code(code), *prose]) if block.code]) == 2


def _kinds(lines: Sequence[tuple[str, float, float, bool]]) -> list[tuple[Kind, str]]:
    """Of the elements that these lines make. Args: lines: text, left, baseline, and whether it is bold."""
    words: list[Word] = []
    for n, (text, left, top, bold) in enumerate(lines):
        words += (replace(w, bold=bold) for w in row(text, left, top, 40 * n))
    return [(one.kind, one.text) for one in elements_of([LaidOutPage(1, 600, 800, tuple(blocks_on(words)))])]


def test_who_is_quoted_is_no_item() -> None:
    quoted = "What I know I know for the reason that I am fond of it."
    source, other = "\u2014 L. Tolstoy, War and Peace", "\u2014 Anon."

    def page(above: str, *dashed: str) -> list[Kind]:
        lines = [(above, 60.0, 100.0, False), *((text, 60.0, 130 + 24.0 * n, False) for n, text in enumerate(dashed))]
        prose = [("And so it goes on over all of the page here, as it did", 60.0, 300 + 12.0 * n, False) for n in range(4)]
        return [
            kind for kind, text in _kinds([*lines, *prose]) if text.strip("\u2014 ") in {one.strip("\u2014 ") for one in dashed}
        ]

    assert page(quoted, source) == ["paragraph"]
    assert page(quoted, source, other) == ["list_item", "list_item"]
    assert page("What is read:", source) == ["list_item"]


def test_terms_are_told_by_others_that_would_be_no_titles() -> None:
    """`jib` is too short to be a title, and `--port` begins with signs; `Load limit` was one."""
    lines: list[tuple[str, float, float, bool]] = []
    for n, term in enumerate(["jib", "-p 1", "Load limit"]):
        lines.append((term, 60.0, 100 + 48.0 * n, True))
        lines += [
            ("What is meant by that, which goes on over the line, and", 80.0, 114 + 48.0 * n + 12 * m, False) for m in (0, 1)
        ]
    prose = [("And so it goes on over all of the page here, as it did, and", 60.0, 300 + 12.0 * n, False) for n in range(4)]
    more = [("Another paragraph goes on over all of the page here, as did", 60.0, 372 + 12.0 * n, False) for n in range(4)]
    assert ("paragraph", "Load limit") in _kinds([*lines, *prose, *more])
