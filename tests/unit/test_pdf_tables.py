"""Tables told by rules and by white space; words with boxes made here, no PDF."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.document.layout.heads import is_header
from kbray.document.layout.page import blocks_on
from kbray.document.layout.paragraphs import Block
from kbray.document.layout.ruled import tables_of
from kbray.document.layout.words import Word
from kbray.document.tables import table_to_html, table_to_markdown
from kbray.geometry import Box
from kbray.model import Cell

PROSE = "This is a line of prose as books have it from margin to margin"
PAPER = 60 * 5 + 12 * 3  # points: about the width of it


class Stream:
    """Words in the order they are written; a letter is five points wide, a space three."""

    def __init__(self) -> None:
        self.words: list[Word] = []
        self._order = count()

    def at(self, x: float, y: float, text: str, *, size: float = 10, bold: bool = False, mono: bool = False) -> "Stream":
        for part in text.split(" "):
            width = 0.5 * size * len(part)
            box = Box(x, y - 0.8 * size, x + width, y + 0.2 * size)
            self.words.append(Word(part, box, size, y, bold=bold, mono=mono, order=next(self._order)))
            x += width + 0.3 * size
        return self

    def rows(self, y: float, step: float, xs: tuple[float, ...], rows: Sequence[tuple[str, ...]]) -> "Stream":
        for number, row in enumerate(rows):
            for x, text in zip(xs, row, strict=True):
                if text:
                    self.at(x, y + number * step, text)
        return self


def across(left: float, right: float, *ys: float) -> list[Box]:
    return [Box(left, y, right, y + 0.5) for y in ys]


def down(top: float, bottom: float, *xs: float) -> list[Box]:
    return [Box(x, top, x + 0.5, bottom) for x in xs]


def rows_of(block: Block) -> list[list[str]]:
    assert block.table is not None
    return [[cell.text for cell in block.table.cells if cell.row == row] for row in range(block.table.rows)]


def test_short_cells_under_each_other_are_a_table_without_any_rule() -> None:
    page = Stream().at(50, 60, PROSE)
    page.rows(100, 14, (50, 150, 250), [("Year", "Rate", "Value"), ("1", "33%", "$ 100"), ("2", "", "$ 90"), ("3", "7%", "$ 80")])
    prose, table = blocks_on(page.words)
    assert (prose.table, prose.text) == (None, PROSE)
    assert rows_of(table) == [["Year", "Rate", "Value"], ["1", "33%", "$ 100"], ["2", "$ 90"], ["3", "7%", "$ 80"]]
    assert table.table is not None
    assert [cell.column for cell in table.table.cells if cell.row == 2] == [0, 2]


def test_a_recognised_table_amid_other_rows_of_several_pieces_is_one() -> None:
    page = Stream().rows(100, 14, (50, 160), [("Term:", f"{PROSE}"), ("Renewal:", f"{PROSE}"), ("Base rent:", f"{PROSE}")])
    money = [("2024", "$10.00", "$45,792.00", "$3,816.00"), ("2025", "$20.60", "$94,332.00", "$7,861.00")]
    page.rows(
        142,
        14,
        (50, 160, 260, 360),
        [("Year", "Rent", "Annually", "Monthly"), *money, ("2026", "$21.22", "$97,152.00", "$8,096.00")],
    )
    page.rows(198, 14, (50, 160), [("Share:", f"{PROSE}"), ("Expenses:", f"{PROSE}"), ("Deposit:", f"{PROSE}")])
    (table,) = [
        block for block in blocks_on([replace(word, confidence=0.99, order=0) for word in page.words]) if block.table is not None
    ]
    assert rows_of(table) == [
        ["Year", "Rent", "Annually", "Monthly"],
        *map(list, money),
        ["2026", "$21.22", "$97,152.00", "$8,096.00"],
    ]


def test_sums_of_a_recognised_receipt_stay_with_their_labels_wherever_those_end() -> None:
    labels = ("Total sales (excluding tax)", "Discount", "Total tax", "Rounding adjustment of it all", "Cash", "Change")
    sums = ("RM 30.91", "-RM 0.01", "RM 1.20", "RM 30.90", "RM 51.00", "RM 20.10")
    words: list[Word] = []
    for number, (label, value) in enumerate(zip(labels, sums, strict=True)):
        y = 100 + 12 * number
        words += [
            Word(text, Box(left, y - 8, left + 5 * len(text), y + 2), 10, y, confidence=0.99)
            for left, text in ((190 - 5 * len(label), label), (260 - 5 * len(value), value))
        ]
    (block,) = blocks_on(words)
    assert rows_of(block) == [list(row) for row in zip(labels, sums, strict=True)]


def test_a_sign_belongs_to_its_number_however_far_it_stands() -> None:
    page = Stream()
    for number, value in enumerate(("1,855", "416", "(62)", "2,135")):
        y = 100 + 14 * number
        page.at(50, y, f"item {number}").at(200, y, "$").at(235, y, value).at(300, y, f"{number}0.4").at(340, y, "%")
    (table,) = blocks_on(page.words)
    assert rows_of(table)[0] == ["item 0", "$ 1,855", "00.4 %"]


def test_a_currency_sign_close_to_the_number_before_it_is_of_the_next_column() -> None:
    page = Stream()
    for number, (one, other) in enumerate((("316,199", "297,392"), ("78,129", "68,425"), ("394,328", "365,817"))):
        y = 100 + 14 * number
        page.at(50, y, f"item {number}").at(150, y, "$").at(175, y, one).at(216, y, "$").at(240, y, other)
    (table,) = blocks_on(page.words)
    assert rows_of(table)[0] == ["item 0", "$ 316,199", "$ 297,392"]


def test_a_label_alone_is_a_row_of_its_own() -> None:
    rows = [
        ("In millions", "2022", "2021"),
        ("Assets:", "", ""),
        ("Cash", "2,364", "3,494"),
        ("Debts:", "", ""),
        ("Loans", "9", "8"),
    ]
    (table,) = blocks_on(Stream().rows(100, 14, (50, 150, 250), [*rows, ("Notes", "45", "51")]).words)
    assert rows_of(table)[:3] == [["In millions", "2022", "2021"], ["Assets:"], ["Cash", "2,364", "3,494"]]


def test_prose_of_which_some_lines_have_gaps_is_none() -> None:
    page = Stream()
    for number in range(12):
        if number in (3, 7):
            page.at(50, 100 + 12 * number, "Some lines").at(200, 100 + 12 * number, "have a gap")
        else:
            page.at(50, 100 + 12 * number, PROSE)
    assert all(block.table is None for block in blocks_on(page.words, across(45, 400, 90, 240)))


def test_columns_of_prose_are_none() -> None:
    page = Stream()
    for number in range(8):
        page.at(50, 100 + 12 * number, "A column of prose goes on and on here")
    for number in range(8):
        page.at(300, 100 + 12 * number, "and so does the other column beside it")
    assert all(block.table is None for block in blocks_on(page.words))
    between_rules = blocks_on(page.words, across(40, 520, 80, 205))
    assert all(block.table is None for block in between_rules)


def test_a_list_and_a_table_of_contents_are_none() -> None:
    page = Stream()
    for number, word in enumerate(("apples", "pears", "plums", "grapes")):
        page.at(50, 100 + 14 * number, f"{number + 1}.").at(90, 100 + 14 * number, f"Some {word} of the garden")
    for number in range(4):
        page.at(50, 300 + 14 * number, f"Chapter {number}").at(150, 300 + 14 * number, "....... 1")
    found = blocks_on(page.words)
    assert all(block.table is None for block in found)
    assert found[1].text == "2. Some pears of the garden"


def test_leaders_lead_to_values_or_to_a_page() -> None:
    rows = [(f"Item {label} . . . . . .", f"{number}.5", f"{3 * number},000") for number, label in enumerate("abcd", start=1)]
    (table,) = blocks_on(Stream().rows(100, 14, (50, 200, 300), rows).words)
    assert rows_of(table)[1] == ["Item b", "2.5", "6,000"]
    entries = blocks_on(Stream().rows(100, 14, (50, 200), [row[:2] for row in rows]).words)
    assert not any(block.table for block in entries)


def test_what_stands_between_rules_is_a_table_and_the_prose_with_it_is_not() -> None:
    page = Stream().at(50, 80, "Table 1. Reactions")
    page.rows(104, 14, (50, 220), [("Colloid", "Capacity")])
    page.rows(124, 14, (50, 220), [("kaolinite", "low"), ("illite", "low"), ("humus", "high")])
    page.at(50, 180, PROSE).at(50, 192, PROSE)
    page.rows(214, 14, (50, 220), [("Colour", "Sign"), ("red", "stop"), ("green", "go")])
    page.at(50, 300, PROSE).at(50, 312, PROSE)
    found = blocks_on(page.words, across(45, 400, 92, 110, 158, 203, 220, 250))
    first, second = (block for block in found if block.table is not None)
    assert rows_of(first) == [["Colloid", "Capacity"], ["kaolinite", "low"], ["illite", "low"], ["humus", "high"]]
    assert rows_of(second) == [["Colour", "Sign"], ["red", "stop"], ["green", "go"]]
    assert [block.text for block in found if block.table is None] == [
        "Table 1. Reactions",
        f"{PROSE} {PROSE}",
        f"{PROSE} {PROSE}",
    ]


def test_the_frame_of_a_figure_is_none() -> None:
    page = Stream().rows(120, 14, (60, 200), [("Raw wood", "Transport"), ("Diesel", "Interest")])
    assert all(block.table is None for block in blocks_on(page.words, across(50, 400, 100, 400)))


def shade(left: float, right: float, top: float, bottom: float) -> list[Box]:
    """Its edges."""
    sides = [Box(left, top, left, bottom), Box(right, top, right, bottom)]
    return [Box(left, top, right, top), Box(left, bottom, right, bottom), *sides]


def test_rows_of_which_every_other_one_is_shaded_are_a_table() -> None:
    rows = [("Name", "Town", "Land")]
    rows += [(name, "Oslo", "Norway") for name in ("Anna Berg", "Nils Dahl", "Ole Aasen", "Eva Lund", "Liv Moe")]
    page = Stream().at(50, 60, PROSE)
    page.rows(100, 20, (50, 150, 250), rows)
    page.at(50, 240, PROSE)
    edges = [edge for row in (1, 3) for edge in shade(45, 300, 86 + 20 * row, 106 + 20 * row)]
    above, table, below = blocks_on(page.words, [], edges)
    assert rows_of(table) == [list(row) for row in rows], "those without shade above and below are in it"
    assert (above.text, below.text) == (PROSE, PROSE)


def test_what_stands_over_and_under_rules_between_rows_is_in_the_table_and_a_note_is_not() -> None:
    rows = [("Name", "Town"), ("Anna Berg", "Oslo"), ("Nils Dahl", "Bergen"), ("Eva Lund", "Moss"), ("Liv Moe", "Hamar")]
    page = Stream()
    page.rows(100, 20, (50, 250), rows)
    page.at(50, 192, "*").at(66, 192, PROSE[:48])
    table, note = blocks_on(page.words, across(48, 320, 106, 126, 146, 166))
    assert rows_of(table) == [list(row) for row in rows]
    assert (note.table, note.text) == (None, f"* {PROSE[:48]}")


def test_cells_that_stand_in_the_middle_of_others_and_long_labels() -> None:
    page = Stream()
    for number in range(4):
        y = 100 + 40 * number
        page.at(50, y, f"Cover lower {number} and").at(50, y + 12, "rear spring bracket")
        page.at(200, y + 6, f"{number}7").at(260, y + 6, f"{number}.50")
    (table,) = blocks_on(page.words)
    assert rows_of(table) == [
        [f"Cover lower {number} and rear spring bracket", f"{number}7", f"{number}.50"] for number in range(4)
    ]
    labels = Stream()
    for number, row in enumerate(
        (("Elena Zimmermann", ""), ("Nadia Diaz", "1"), ("Hugo Berg", ""), ("Eva Lund", "22"), ("Ole", "7"))
    ):
        labels.at(50, 100 + 20 * number, row[0])
        for column in range(2 if row[1] else 0):
            labels.at(200 + 60 * column, 100 + 20 * number, row[1])
    (table,) = blocks_on(labels.words, across(45, 300, 86, 106, 126, 146, 166, 186))
    assert table.table is not None
    assert [cell.text for cell in table.table.cells if cell.column == 0] == [
        "Elena Zimmermann",
        "Nadia Diaz",
        "Hugo Berg",
        "Eva Lund",
        "Ole",
    ]


def test_a_frame_around_a_page_and_its_menu_is_none() -> None:
    page = Stream().at(60, 20, "Logo").at(300, 20, "Log in")
    for number in range(20):
        page.at(60, (60 if number < 6 else 90) + 12 * number, PROSE)
    rules = [*across(50, 500, 0, 40, 140, 400), *down(0, 40, 250), *down(0, 400, 50, 500)]
    assert tables_of(page.words, rules)[0] == []
    short = [word for word in page.words if word.baseline < 70 or 160 < word.baseline < 170]
    assert len(tables_of(short, rules)[0]) == 1, "lines of it alone would make one"


def test_a_wrapped_cell_is_one_when_rows_stand_farther_apart() -> None:
    page = Stream()
    page.rows(100, 12, (50, 130, 230), [("Direct", "Physical", "meetings"), ("channels", "or digital", "")])
    page.rows(134, 12, (50, 130, 230), [("Indirect", "Mostly", "websites"), ("channels", "digital", "and posts")])
    page.rows(168, 12, (50, 130, 230), [("Messages", "Physical", "signs")])
    (table,) = blocks_on(page.words, across(45, 300, 88, 120, 154, 176))
    assert rows_of(table) == [
        ["Direct channels", "Physical or digital", "meetings"],
        ["Indirect channels", "Mostly digital", "websites and posts"],
        ["Messages", "Physical", "signs"],
    ]


def test_the_content_stream_tells_rows_where_it_goes_cell_by_cell() -> None:
    page = Stream()
    for number, name in enumerate(("first", "second", "third")):
        y = 100 + 24 * number  # lines of a cell are as far from each other as rows are
        page.at(50, y, f"The {name}").at(50, y + 12, "of all").at(150, y, "Begins here").at(150, y + 12, "and ends").at(
            260, y, "12"
        )
    (table,) = blocks_on(page.words)
    assert rows_of(table) == [[f"The {name} of all", "Begins here and ends", "12"] for name in ("first", "second", "third")]


def test_a_grid_without_outer_edges_is_closed() -> None:
    page = Stream().rows(112, 20, (60, 160, 260), [("a", "b", "c"), ("d", "e", "f"), ("g", "h", "i")])
    (table,) = blocks_on(page.words, [*across(50, 350, 118, 138), *down(98, 158, 150, 250)])
    assert rows_of(table) == [["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]]


def test_rules_between_columns_alone_leave_the_rows_to_the_text() -> None:
    page = Stream().rows(112, 14, (60, 160, 260), [("Name", "One", "Two"), ("a", "1", "2"), ("b", "3", "4"), ("c", "5", "6")])
    rules = [*across(50, 350, 98, 118, 164), *down(98, 164, 50, 150, 250, 350)]
    (table,) = blocks_on(page.words, rules)
    assert rows_of(table) == [["Name", "One", "Two"], ["a", "1", "2"], ["b", "3", "4"], ["c", "5", "6"]]


def test_cells_span_by_the_rules_that_are_missing_and_empty_ones_span_nothing() -> None:
    page = Stream().at(180, 112, "Both of them").rows(132, 20, (60, 160, 260), [("a", "b", "c"), ("d", "", "")])
    rules = [*across(50, 350, 98, 118, 138, 158), *down(98, 158, 50, 150, 350), *down(118, 138, 250)]
    (table,) = blocks_on(page.words, rules)
    assert table.table is not None
    spans = {(cell.row, cell.column): cell.column_span for cell in table.table.cells}
    assert spans == {(0, 0): 1, (0, 1): 2, (1, 0): 1, (1, 1): 1, (1, 2): 1, (2, 0): 1, (2, 1): 1, (2, 2): 1}
    assert '<th colspan="2">Both of them</th>' in table_to_html(table.table)


def test_a_missing_rule_parts_what_white_space_parts() -> None:
    page = Stream().rows(112, 20, (60, 160), [("Area", "Competence"), ("Values", "Fairness"), ("Futures", "Literacy")])
    rules = [*across(50, 350, 98, 118, 138, 158), *down(98, 158, 50, 350), *down(118, 158, 150)]
    (table,) = blocks_on(page.words, rules)
    assert table.table is not None
    assert table_to_markdown(table.table).startswith("| Area | Competence |\n")


def test_raised_and_lowered_marks_stay_in_their_place() -> None:
    page = Stream().rows(112, 20, (60, 160), [("Gas", "Part"), ("CO", "0.04"), ("O", "21")])
    mark = replace(Stream().at(70.5, 134, "2", size=6).words[0], order=100, spaced=False)
    rules = [*across(50, 350, 98, 118, 138, 158), *down(98, 158, 50, 150, 350)]
    (table,) = blocks_on([*page.words, mark], rules)
    assert rows_of(table)[1] == ["CO2", "0.04"]


def test_code_keeps_its_lines_and_is_no_table() -> None:
    page = Stream().at(50, 80, PROSE)
    for number, (indent, text) in enumerate(((0, "def f(x):"), (4, "y = 1"), (4, "return x"))):
        for word, part in enumerate(text.split(" ")):
            x = 50 + 5 * (indent + sum(len(other) + 1 for other in text.split(" ")[:word]))
            page.at(x, 100 + 12 * number, part, mono=True)
    prose, code = blocks_on(page.words)
    assert (prose.code, code.code, code.text) == (False, True, "def f(x):\n    y = 1\n    return x")
    frame = [*across(45, 300, 88, 105, 130), *down(88, 130, 45, 100, 300)]  # as shades behind words and lines make one
    assert [block.code for block in blocks_on(page.words, frame)] == [False, True]
    letter = Stream().at(50, 80, PROSE).at(50, 92, PROSE).at(50, 104, PROSE)
    typescript = [replace(word, mono=True) for word in letter.words]
    assert not any(block.code for block in blocks_on(typescript))


TEXT = st.text("abcde.0123456789$%-•", min_size=1, max_size=12)
PLACE = st.integers(0, 40)
COLUMN = st.sampled_from([0, 1, 2, 3, 3.2, 5, 7])


@given(
    st.lists(st.tuples(TEXT, COLUMN, st.integers(0, 12), st.sampled_from([6.0, 10.0, 14.0]), st.booleans()), max_size=60),
    st.lists(st.tuples(PLACE, PLACE, PLACE, st.booleans()), max_size=12),
)
def test_no_word_is_lost(words: list[tuple[str, float, int, float, bool]], rules: list[tuple[int, int, int, bool]]) -> None:
    """Wherever words and rules stand: all letters of the page are in its blocks."""
    placed = {(x, y): (text, size, mono) for text, x, y, size, mono in words}  # one at a place: doubles are dropped on purpose
    page = Stream()
    for (x, y), (text, size, mono) in placed.items():
        page.at(40 + 70 * x, 40 + 13 * y, text, size=size, mono=mono)
    lines = [
        Box(9 * a, 15 * y, 9 * b + 50, 15 * y) if flat else Box(9 * y, 15 * a, 9 * y, 15 * b + 50) for a, b, y, flat in rules
    ]
    found = "".join(block.text for block in blocks_on(page.words, lines))
    assert sorted(filter(str.isalnum, found)) == sorted(filter(str.isalnum, "".join(word.text for word in page.words)))


def test_a_header_above_the_rules_is_the_tables_first_row() -> None:
    page = Stream().at(50, 60, PROSE)
    page.at(60, 84, "Station", bold=True).at(155, 84, "Sessions", bold=True).at(255, 84, "Share", bold=True)
    page.at(155, 95, "a year", bold=True)
    page.rows(110, 16, (60, 160, 260), [("North", "1,312", "20%"), ("West", "417", "33%"), ("South", "902", "7%")])
    rules = [*across(55, 340, 99, 115, 131, 147), *down(99, 147, 55, 150, 250, 340)]
    prose, table = blocks_on(page.words, rules)
    assert prose.text == PROSE
    assert rows_of(table)[:2] == [["Station", "Sessions a year", "Share"], ["North", "1,312", "20%"]]
    assert table.table is not None
    assert {cell.row for cell in table.table.cells if cell.header} == {0}
    assert table.box.top < 80


def test_labels_between_header_and_rules_are_a_row_and_prose_is_none() -> None:
    page = Stream().at(155, 84, "2022", bold=True).at(255, 84, "2023", bold=True).at(60, 95, "Net sales", bold=True)
    page.rows(110, 16, (60, 160, 260), [("North", "1,312", "1,400"), ("West", "417", "398"), ("South", "902", "911")])
    rules = [*across(55, 340, 99, 115, 131, 147), *down(99, 147, 55, 150, 250, 340)]
    (table,) = blocks_on(page.words, rules)
    assert rows_of(table)[:3] == [["2022", "2023"], ["Net sales"], ["North", "1,312", "1,400"]]
    above = Stream().at(60, 95, "What was sold in the north and in the west of it")
    above.rows(110, 16, (60, 160, 260), [("North", "1,312", "1,400"), ("West", "417", "398"), ("South", "902", "911")])
    _, table = blocks_on(above.words, rules)
    assert rows_of(table)[0] == ["North", "1,312", "1,400"]


def test_a_header_above_a_table_of_words_stands_over_all_columns_but_that_of_the_labels() -> None:
    def page(*titles: tuple[int, str], bold: bool = False) -> list[Block]:
        words = Stream().at(50, 60, PROSE)
        for x, title in titles:
            words.at(x, 95, title, bold=bold)
        words.rows(110, 16, (60, 130, 220), [("Pack", "reads signs", "finds goods"), ("Use", "for receipts", "for shops")])
        words.rows(142, 16, (60, 130, 220), [("Won", "a first place", "a gold one")])
        return blocks_on(words.words, [*across(55, 340, 99, 115, 131, 147), *down(99, 147, 120, 210)])

    _, table = page((150, "Print"), (240, "Choice"))
    assert rows_of(table)[:2] == [["Print", "Choice"], ["Pack", "reads signs", "finds goods"]]
    assert table.table is not None
    assert [cell.column for cell in table.table.cells if cell.row == 0] == [1, 2]
    _, table = page((60, "Kind"), (150, "Print"), (240, "Choice"), bold=True)
    assert rows_of(table)[0] == ["Kind", "Print", "Choice"]
    for titles in ([(60, "Kind"), (150, "Print"), (240, "Choice")], [(150, "Print")], [(150, "Print of it goes on"), (240, "x")]):
        *_, table = page(*titles)
        assert rows_of(table)[0] == ["Pack", "reads signs", "finds goods"]


def test_titles_that_stand_close_begin_where_their_columns_do() -> None:
    def page(title: str, step: float) -> list[Block]:
        words = Stream().at(50, 100, title, bold=True)
        words.rows(100 + step, step, (50, 118, 161), [("2", "24 ml", "0 ml"), ("3", "12 ml", "12 ml"), ("4", "4 ml", "12 ml")])
        return blocks_on(words.at(50, 200, PROSE).words)

    for step in (13, 16):  # a row of it; a line above it
        table, _ = page("Saccharometer DI Water Glucose", step)
        assert rows_of(table)[:2] == [["Saccharometer", "DI Water", "Glucose"], ["2", "24 ml", "0 ml"]]
    table, _ = page("What of them was measured in all", 13)
    assert rows_of(table)[0] == ["What of them was measured in all"]
    title, table, _ = page("What of them was measured in all", 16)
    assert title.text == "What of them was measured in all"
    assert rows_of(table)[0] == ["2", "24 ml", "0 ml"]


def test_the_last_lines_of_the_last_cells_are_in_the_table() -> None:
    page = Stream()
    page.rows(100, 14, (50, 110, 300), [("Bed", "Plants", "Year"), ("B-930", "Growth of the north field, and", "2021")])
    page.at(110, 126, "what the valley gives").rows(140, 14, (50, 110, 300), [("B-931", "Water, as it", "2022")])
    page.at(110, 152, "comes.").at(50, 190, PROSE)
    table, prose = blocks_on(page.words)
    assert prose.text == PROSE
    assert "comes." in table.text


def test_titles_at_the_left_stand_over_values_at_the_right() -> None:
    """White space is on both sides of such a title: it is of the column whose values stand under it."""
    page = Stream().rows(100, 14, (50, 122, 230, 340), [("Name", "Goal", "The", "Kind")])
    rows = [("Composition", "90,365", "68.8%", "Red"), ("The", "34,091", "92.2%", "Blue"), ("Value", "19,578", "48.2%", "Red")]
    page.rows(114, 14, (50, 190, 300, 340), [*rows, ("Two", "31,748", "79.2%", "Blue"), ("Yields", "53,417", "70.1%", "Red")])
    (table,) = blocks_on(page.words)
    assert rows_of(table)[:2] == [["Name", "Goal", "The", "Kind"], ["Composition", "90,365", "68.8%", "Red"]]
    assert table.table is not None
    assert all([cell.column for cell in table.table.cells if cell.row == row] == [0, 1, 2, 3] for row in range(6))
    few = Stream().rows(100, 14, (50, 122, 260), [("Name", "Goal", "Kind")])
    few.rows(114, 14, (50, 190, 260), [("Composition", "90,365", "Red"), ("The", "34,091", "Blue")])
    (table,) = blocks_on(few.words, across(45, 340, 88, 104, 132))
    assert rows_of(table) == [["Name", "Goal", "Kind"], ["Composition", "90,365", "Red"], ["The", "34,091", "Blue"]]
    assert table.table is not None
    assert table.table.columns == 3


def test_rows_under_titles_in_boxes_are_rows_without_rules_of_their_own() -> None:
    """A frame, and boxes round the titles: so Word's shaded styles draw it."""
    page = Stream().rows(100, 20, (60, 170, 270), [("Station", "Sessions", "Share"), ("North", "1,312", "20%")])
    page.rows(140, 20, (60, 170, 270), [("South of it", "417", "33%"), ("West", "902", "7%"), ("East", "55", "8%")])
    rules = [*across(50, 340, 86, 106, 206), *down(86, 206, 50, 340), *down(86, 106, 160, 260)]
    (table,) = blocks_on(page.words, rules)
    assert rows_of(table)[1:4] == [["North", "1,312", "20%"], ["South of it", "417", "33%"], ["West", "902", "7%"]]


def test_a_label_of_two_lines_has_its_values_beside_the_first() -> None:
    """The lines of its label are as far apart as rows are; the content stream goes back up to the values."""
    page = Stream().at(60, 100, "Station").at(170, 100, "Sessions").at(270, 100, "Share")
    page.at(60, 122, "North").at(170, 122, "1,312").at(270, 122, "20%")
    page.at(60, 144, "Importance").at(60, 166, "Mayors").at(170, 144, "417").at(270, 144, "33%")
    page.at(60, 188, "West").at(170, 188, "902").at(270, 188, "7%")
    (table,) = blocks_on(page.words, across(50, 340, 86, 106, 194))
    assert rows_of(table)[1:] == [["North", "1,312", "20%"], ["Importance Mayors", "417", "33%"], ["West", "902", "7%"]]


def captioned(page: Stream, *, below: bool) -> Stream:
    """A table of labels and prose, which white space alone would not tell."""
    if not below:
        page.at(60, 100, "Table 1: What is told of them")
    page.at(60, 118, "Into", bold=True).at(170, 118, "Two", bold=True)
    page.at(60, 132, "Dealt").at(170, 132, "Recursive formulas are obtained for both the mean and").at(
        170, 144, "the length of it."
    )
    page.at(60, 158, "Way of it").at(170, 158, "The efficiency of the system is considered")
    page.at(60, 172, "Held").at(170, 172, "The algorithm can be easily modified to find all of").at(170, 184, "the elements.")
    return page.at(60, 202, "Table 1: What is told of them") if below else page


def test_a_caption_above_or_below_tells_a_table_of_prose() -> None:
    table = [["Into", "Two"], ["Dealt", "Recursive formulas are obtained for both the mean and the length of it."]]
    for below in (False, True):
        page = captioned(Stream().at(60, 60, "Ways to do it", size=14, bold=True), below=below).at(60, 240, PROSE)
        blocks = blocks_on(page.words)
        assert [rows_of(block)[:2] for block in blocks if block.table is not None] == [table]
        assert [block.text for block in blocks if block.table is None] == [
            "Ways to do it",
            "Table 1: What is told of them",
            PROSE,
        ]
    none = Stream().at(60, 100, "Figure 1: What is told of them")
    none.words += captioned(Stream(), below=False).words[7:]
    assert not any(block.table for block in blocks_on(none.words))


def test_a_heading_above_a_captioned_table_is_no_row_of_it() -> None:
    page = captioned(Stream().at(60, 104, "Ways", size=14, bold=True), below=True)
    heading, table, caption = blocks_on(page.words)
    assert heading.text == "Ways"
    assert rows_of(table)[0] == ["Into", "Two"]
    assert caption.text.startswith("Table 1")


def test_a_word_of_several_fonts_is_one_where_a_label_wraps() -> None:
    """The first of its pieces alone would have fitted above."""
    page = Stream().rows(100, 22, (60, 170, 270), [("Station", "Sessions", "Share"), ("North of it", "1,312", "20%")])
    page.at(60, 144, "Does").at(60, 166, "Si")
    piece = Stream().at(70, 166, "gnificantly").words[0]
    page.words.append(replace(piece, order=page.words[-1].order, spaced=False))
    page.at(170, 144, "417").at(270, 144, "33%").at(60, 188, "West").at(170, 188, "902").at(270, 188, "7%")
    (table,) = blocks_on(page.words, across(50, 340, 86, 106, 194))
    assert rows_of(table)[2] == ["Does Significantly", "417", "33%"]


def test_a_header_between_rules_above_stripes_has_lines_of_one_row_and_nothing_over_it() -> None:
    page = Stream().at(60, 76, "A line of text").at(60, 100, "Approxi").at(60, 116, "mation").at(60, 132, "of")
    page.at(170, 100, "Indicate").at(170, 116, "over").at(270, 100, "Which")
    page.rows(
        154, 18, (60, 170, 270), [("And", "95.9%", "9"), ("Given", "29.5%", "8"), ("Scott", "43.9%", "7"), ("Or", "26%", "6")]
    )
    edges = [*shade(50, 340, 140, 158), *shade(50, 340, 176, 194)]
    text, table = blocks_on(page.words, across(50, 340, 88, 140, 212), edges)
    assert text.text == "A line of text"
    assert rows_of(table)[:2] == [["Approxi mation of", "Indicate over", "Which"], ["And", "95.9%", "9"]]


def test_titles_in_boxes_tell_the_columns_of_the_rows_below() -> None:
    """Numbers at the right of one column and a title at the left of the next leave hardly any white space between them."""
    page = Stream().at(60, 100, "Wrong").at(164, 100, "Structured").at(164, 112, "involving")
    page.at(265, 100, "Base").at(365, 100, "Organized").at(365, 112, "of all")
    rows = [("Virtual", "97,998", "26,470", "16%"), ("This", "17,326", "87,743", "74%"), ("Types", "99,018", "99,002", "7%")]
    page.rows(132, 20, (60, 232, 322, 365), [*rows, ("Benefit", "68,741", "95,055", "94%")])
    rules = [*across(50, 440, 86, 116, 200), *down(86, 200, 50, 440), *down(86, 116, 162, 263, 362)]
    (table,) = blocks_on(page.words, rules)
    assert rows_of(table)[:2] == [["Wrong", "Structured involving", "Base", "Organized\nof all"], list(rows[0])]
    assert table.table is not None
    assert table.table.columns == 4


def test_the_last_lines_of_a_loosely_set_cell_are_in_the_table() -> None:
    page = Stream().at(60, 90, "Table 2: Loose")
    page.rows(110, 19, (60, 170, 270), [("Name", "Rate", "Kind"), ("North", "20%", "Red"), ("South", "33%", "Above")])
    page.at(270, 167, "employed").at(270, 186, "equations").at(60, 250, PROSE)
    caption, table, prose = blocks_on(page.words)
    assert rows_of(table)[-1] == ["South", "33%", "Above employed equations"]
    assert (caption.text, prose.text) == ("Table 2: Loose", PROSE)


def test_words_in_pieces_of_several_fonts_are_no_longer_for_that() -> None:
    page = Stream().at(60, 100, "Table 3: Pieces")
    for number, label in enumerate(("Into of that", "Particular data tes", "Way Computer compa", "Held Used Contempor")):
        y = 118 + 26 * number
        for place, letter in enumerate(label.replace(" ", "")):
            page.at(60 + 5 * place, y, letter)
            page.words[-1] = replace(page.words[-1], spaced=place == 0)
        page.at(170, y, "The efficiency of the system is considered").at(170, y + 12, "and pertinent statistics are given.")
    _, table = blocks_on(page.words)
    assert rows_of(table)[1] == [
        "Particulardatates",
        "The efficiency of the system is considered and pertinent statistics are given.",
    ]


def test_a_header_in_shade_over_the_first_rule_is_the_tables_first_row() -> None:
    header = ("Time", "Monday", "Tuesday")
    page = Stream().at(50, 40, PROSE).rows(90, 14, (50, 150, 250), [header])
    page.rows(120, 20, (50, 150, 250), [("8:00", "Lab", "History"), ("9:00", "Art", "Lunch"), ("10:00", "Lab", "Art")])
    rules = across(50, 340, 106, 126, 146, 166)
    for edges in ([], shade(50, 400, 70, 106), shade(50, 340, 70, 98)):  # none, wider, that of something else
        assert rows_of(blocks_on(page.words, rules, edges)[-1])[0] == ["8:00", "Lab", "History"]
    prose, table = blocks_on(page.words, rules, shade(50, 340, 70, 106))
    assert prose.text == PROSE
    assert rows_of(table)[:2] == [list(header), ["8:00", "Lab", "History"]]


def test_the_row_under_the_last_rule_is_in_the_table_whatever_rules_stand_elsewhere() -> None:
    rows = [("Item", "Qty", "Price"), ("Bolt", "2", "9.10"), ("Lamp", "7", "3.35"), ("Rope", "8", "7.25"), ("", "Total", "19.70")]
    page = Stream().rows(100, 20, (60, 150, 250), rows)
    page.at(50, 300, PROSE)
    rules = across(50, 400, 86, 106, 126, 146, 166, 310)
    table, prose = blocks_on(page.words, rules)
    assert rows_of(table)[-1] == ["Total", "19.70"]
    assert prose.text == PROSE


WIDE = "a text that is as wide as prose goes on in its column for some"


def test_a_wide_text_in_the_last_column_is_no_prose_across_the_table() -> None:
    """Of several lines, with rules between the rows alone; the row under the last one is there, however high it is."""
    page = Stream().rows(100, 12, (50, 110), [("Window", "What it says")])
    for y, label, lines in ((120, "Ocean", 3), (168, "Ledger", 3), (216, "Winter", 3), (264, "Silver", 5)):
        page.at(50, y, label)
        for line in range(lines):
            page.at(110, y + 12 * line, f"{WIDE} {line}")
    page.at(62, 340, PROSE).at(50, 352, PROSE)
    table, prose = blocks_on(page.words, across(50, 470, 106, 154, 202, 250))
    assert [row[0] for row in rows_of(table)] == ["Window", "Ocean", "Ledger", "Winter", "Silver"]
    assert [row[1].count(WIDE) for row in rows_of(table)] == [0, 3, 3, 3, 5]
    assert prose.text == f"{PROSE} {PROSE}"


def test_what_prose_ends_with_between_other_rules_and_a_table_is_none_of_its_rows() -> None:
    page = Stream().at(50, 60, "The title")
    page.at(50, 90, PROSE).at(50, 102, PROSE).at(50, 114, "with its end.").at(50, 130, "Group sales")
    rows = [("Group", "Name", "Count"), ("North", "Oslo", "6,261"), ("South", "Basel", "1,174"), ("East", "Porto", "1,784")]
    page.rows(150, 18, (50, 150, 250), rows)
    rules = across(50, 350, 70, 138, 156, 174, 192, 210)
    *_, table = blocks_on(page.words, rules)
    assert rows_of(table) == list(map(list, rows))


def test_titles_over_several_columns_span_them_and_stand_in_a_row_of_their_own() -> None:
    """The label of the first column may stand between both lines of the header."""
    page = Stream().at(50, 107, "Region").at(195, 100, "Revenue").at(347, 100, "Volume")
    page.rows(114, 14, (150, 200, 250, 300, 350, 400), [("2019", "2020", "2021") * 2])
    page.rows(130, 14, (50, 150, 200, 250, 300, 350, 400), [(name, *("8,803",) * 6) for name in ("Porto", "Ghent", "Basel")])
    (table,) = blocks_on(page.words)
    assert table.table is not None
    header = [(cell.row, cell.column, cell.column_span, cell.text) for cell in table.table.cells if cell.row < 2]
    titles = [(0, 0, 1, "Region"), (0, 1, 3, "Revenue"), (0, 4, 3, "Volume")]
    assert sorted(header) == [*titles, *((1, 1 + place, 1, str(2019 + place % 3)) for place in range(6))]


def test_a_title_that_wraps_spans_no_columns() -> None:
    page = Stream().rows(100, 12, (50, 150, 220), [("Item", "Qty", "Unit"), ("", "", "price")])
    page.at(280, 94, "List").at(270, 106, "(2009)")
    page.rows(130, 14, (50, 150, 220, 280), [(name, "12", "9.10", "16.70") for name in ("Bolt", "Lamp", "Rope")])
    (table,) = blocks_on(page.words)
    assert table.table is not None
    assert {cell.column_span for cell in table.table.cells} == {1}


def test_rows_stay_one_table_where_cells_of_several_lines_cross_the_white_space_of_another() -> None:
    """The content stream writes both lines of a cell before the rest of its row."""
    page = Stream().rows(60, 14, (50, 200), [(name, "7,908") for name in ("Lisbon", "Turin", "Milan", "Basel", "Porto", "Oslo")])
    page.at(50, 150, PROSE).rows(164, 14, (50, 110, 300, 370), [("Pos", "Description", "Qty", "Amount")])
    for number in range(4):
        y = 178 + 30 * number
        page.at(50, y, f"{number + 1}").at(110, y, "Bracket with accessories and a very").at(110, y + 12, "long arm")
        page.at(300, y, "31").at(370, y, "8,807.43")
    page.rows(298, 14, (300, 370), [("Subtotal", "66,715.12"), ("VAT", "72,522.34")])
    tables = [block for block in blocks_on(page.words) if block.table is not None]
    assert [len(rows_of(table)) for table in tables] == [6, 7]
    assert rows_of(tables[1])[1] == ["1", "Bracket with accessories and a very long arm", "31", "8,807.43"]


def test_a_header_in_shaded_boxes_is_that_of_the_rows_below() -> None:
    titles = ("Region", "Volume", "Headcount")
    page = Stream().rows(100, 14, (55, 155, 255), [titles]).rows(120, 20, (155, 205, 255, 305), [("2019", "2020") * 2])
    edges = [edge for left, right in ((50, 150), (150, 250), (250, 350)) for edge in shade(left, right, 88, 108)]
    edges += [edge for left in (50, 150, 200, 250, 300) for edge in shade(left, 350 if left == 300 else left + 50, 108, 128)]
    page.rows(142, 14, (55, 155, 205, 255, 305), [(name, *("8,803",) * 4) for name in ("Porto", "Ghent", "Basel", "Turin")])
    (table,) = blocks_on(page.words, (), edges)
    rows = [[text for text in row if text] for row in rows_of(table)]
    assert rows[:3] == [list(titles), ["2019", "2020"] * 2, ["Porto", *["8,803"] * 4]]
    assert table.table is not None
    assert {cell.row for cell in table.table.cells if cell.header} == {0}


@pytest.mark.parametrize("second", [("Energy consumption", "", ""), ("(1)", "(2)", "(3)")])
def test_a_label_or_numbers_below_titles_in_shaded_boxes_part_them_from_no_rows(second: tuple[str, str, str]) -> None:
    page = Stream().rows(100, 20, (55, 205, 305), [("Metric", "Unit", "Year"), second])
    edges = [
        edge
        for top in (88, 108)
        for left in (50, 200, 300)
        for edge in shade(left, left + (150 if left == 50 else 100), top, top + 20)
    ]
    page.rows(142, 14, (55, 205, 305), [(name, "MWh", "8,803") for name in ("Steam", "Cooling", "Fuel", "Wind")])
    (table,) = blocks_on(page.words, (), edges)
    rows = [[text for text in row if text] for row in rows_of(table)]
    assert rows[:3] == [["Metric", "Unit", "Year"], [text for text in second if text], ["Steam", "MWh", "8,803"]]
    assert len(rows) == 6


def test_titles_that_could_span_more_take_what_they_leave_each_other() -> None:
    page = Stream().at(50, 100, "City").at(190, 100, "Margin").at(333, 100, "Headcount").at(493, 100, "Costs")
    xs = (150, 200, 250, 300, 350, 400, 450, 500, 550)
    page.rows(114, 14, xs, [("2019", "2020", "2021") * 3]).at(50, 142, "Total over the years").at(300, 142, "of all, estimated")
    page.rows(156, 14, (50, *xs), [(name, *("8,803",) * 9) for name in ("Porto", "Ghent", "Basel")])
    (table,) = blocks_on(page.words)
    assert table.table is not None
    spans = {cell.text: (cell.column, cell.column_span) for cell in table.table.cells if cell.row == 0}
    assert spans == {"City": (0, 1), "Margin": (1, 3), "Headcount": (4, 3), "Costs": (7, 3)}


def test_a_label_in_the_middle_of_its_rows_stands_in_the_first() -> None:
    page = Stream().rows(100, 20, (50, 150, 250), [("Group", "Name", "Count")])
    y = 120
    for label, rows in (("West", [("Oslo", "62"), ("Basel", "11")]), ("South", [("Porto", "4")] * 3), ("East", [("Milan", "9")])):
        page.at(50, y + 10 * (len(rows) - 1), label).rows(y, 20, (150, 250), rows)
        y += 20 * len(rows)
    (table,) = blocks_on(page.words, across(50, 290, 86, 106, 228))
    south = [["South", "Porto", "4"], ["Porto", "4"], ["Porto", "4"]]
    body = [["West", "Oslo", "62"], ["Basel", "11"], *south, ["East", "Milan", "9"]]
    assert rows_of(table) == [["Group", "Name", "Count"], *body]


def test_columns_of_nothing_but_signs_go_to_the_values_beside_them() -> None:
    """As web pages have them, printed: a cell for $, one for the number, one for %."""
    page = Stream().rows(
        100,
        20,
        (50, 160, 180, 240, 280),
        [("Sales", "$", "8,086", "12", "%"), ("Costs", "$", "4,571", "(3", ")%"), ("Other", "", "12", "4", "%")],
    )
    rules = [*across(40, 300, 85, 105, 125, 145), *down(85, 145.5, 40, 150, 175, 230, 270, 300)]
    (table,), rest = tables_of(page.words, rules)
    assert not rest
    assert table.table is not None
    cells = {(cell.row, cell.column): cell.text for cell in table.table.cells}
    assert [[cells[row, column] for column in range(3)] for row in range(3)] == [
        ["Sales", "$ 8,086", "12 %"],
        ["Costs", "$ 4,571", "(3)%"],
        ["Other", "12", "4 %"],
    ]


def test_signs_on_both_sides_of_a_value_stay_and_those_beside_a_wider_cell_too() -> None:
    page = Stream().rows(100, 20, (50, 160, 180, 240), [("Sales", "$", "(8,086", ")"), ("Costs", "$", "4,571", "")])
    rules = [*across(40, 300, 85, 105, 125), *down(85, 125.5, 40, 150, 175, 230, 300)]
    (table,), _ = tables_of(page.words, rules)
    assert table.text.split("\n") == ["Sales\t$ (8,086)", "Costs\t$ 4,571"]
    page.rows(140, 20, (50, 160, 180), [("Other", "$", "none that anybody knows")])
    rules = [*across(40, 300, 85, 105, 125, 145), *down(85, 125.5, 40, 150, 175, 230, 300), *down(125, 145.5, 40, 150, 175, 300)]
    (table,), _ = tables_of(page.words, rules)
    assert table.text.count("$") == 3


def test_text_around_a_table_in_the_frame_of_a_page_is_no_cell() -> None:
    """The ground of a page is drawn as a box, to which the rules of a table reach."""
    page = Stream().rows(40, 12, (50,), [(PROSE,)] * 10)
    page.rows(200, 20, (50, 150, 250), [("Year", "Rate", "Value"), ("1", "33%", "100"), ("2", "5%", "90")])
    page.rows(280, 12, (50,), [(PROSE,)] * 10)
    rules = [*across(40, 420, 20, 185, 205, 225, 245, 420), *down(185, 245.5, 140, 240), *down(20, 420.5, 40, 420)]
    (table,) = [block for block in blocks_on(page.words, rules) if block.table is not None]
    assert rows_of(table) == [["Year", "Rate", "Value"], ["1", "33%", "100"], ["2", "5%", "90"]]


def test_a_header_in_smaller_print_than_the_text_above_it_is_read_by_its_lines() -> None:
    """Each of its words passed for a mark amid larger print, and one of the upper line was taken for the title of a column."""
    page = Stream().rows(40, 12, (50,), [(PROSE,)] * 3)
    page.at(170, 86, "For the years that ended then", size=7, bold=True)
    for x, year in zip((180, 230, 280), ("2016", "2015", "2014"), strict=True):
        page.at(x, 96, year, size=7, bold=True)
    page.rows(112, 20, (50, 180, 230, 280), [("Sales", "8,086", "6,489", "1,597"), ("Costs", "4,571", "3,376", "1,195")])
    rules = [*across(40, 320, 100, 120, 140), *down(100, 140.5, 40, 170, 220, 270, 320)]
    (table,) = [block for block in blocks_on(page.words, rules) if block.table is not None]
    assert rows_of(table)[0] == ["2016", "2015", "2014"]


def test_years_and_words_over_values_are_a_header_and_years_in_a_row_of_years_are_none() -> None:
    """Years count as values: with a word between them they were left above their table."""

    def read(*first: str) -> list[list[str]]:
        page = Stream().rows(96, 16, (50, 180, 240, 300), [first])
        page.rows(112, 20, (50, 180, 240, 300), [("Sales", "8,086", "20 %", "6,489"), ("Costs", "4,571", "7 %", "3,376")])
        rules = [*across(40, 360, 100, 120, 140), *down(100, 140.5, 40, 170, 230, 290, 360)]
        (table,) = [block for block in blocks_on(page.words, rules) if block.table is not None]
        return rows_of(table)

    assert read("", "2022", "Change", "2021")[0] == ["2022", "Change", "2021"]
    founded = {0: Cell(0, 0, "A club"), 1: Cell(0, 1, "1998"), 2: Cell(0, 2, "Berlin"), 3: Cell(0, 3, "77")}
    others = [{0: Cell(1, 0, "Another"), 1: Cell(1, 1, "1987"), 2: Cell(1, 2, "12"), 3: Cell(1, 3, "81")}] * 3
    assert not is_header(founded, others)


def test_a_value_over_the_column_of_its_sign_takes_the_one_behind_it() -> None:
    """As a row of per cents has it, below one of dollars."""
    page = Stream().rows(100, 20, (50, 160, 180, 240), [("Sales", "$", "8,086", ""), ("Growth", "", "6", "%")])
    page.rows(140, 20, (50, 180, 240), [("Share", "12", "%")])
    rules = [
        *across(40, 300, 85, 105, 125, 145),
        *down(85, 105.5, 150, 175, 230),
        *down(105, 145.5, 150, 230),
        *down(85, 145.5, 40, 300),
    ]
    (table,), _ = tables_of(page.words, rules)
    assert table.text.split("\n") == ["Sales\t$ 8,086", "Growth\t6 %", "Share\t12 %"]


def test_cells_that_are_printed_twice_are_read_once() -> None:
    """A shadow, or a poor man's bold: "MethaneMethane"."""
    rows = [("Gas", "Formula"), ("Methane", "CH4"), ("Propane", "C3H8")]
    page = Stream().rows(100, 14, (50, 150), rows).rows(100.2, 14, (50.3, 150.3), rows)
    rules = [*across(45, 220, 88, 103, 117, 131), *down(88, 131, 45, 145, 220)]
    (table,) = blocks_on(page.words, rules)
    assert rows_of(table) == [list(row) for row in rows]


def test_lines_that_describe_what_is_sold_are_of_its_row() -> None:
    """Set wide apart, as bills have them; each was a row by itself, so that all of them were text."""
    sold = [(str(number), "1", f"Exchange {number}", "5,39") for number in range(1, 5)]
    rows: list[tuple[str, ...]] = [("Pos.", "Menge", "Beschreibung", "Betrag"), ("", "", "Contract 2858", "")]
    for row in sold:
        rows += [row, ("", "", "Grundgebühr", ""), ("", "", "Dienst: mayr", "")]
    page = Stream().rows(100, 17, (50, 100, 160, 320), rows)
    (table,) = blocks_on(page.words, across(45, 360, 86, 108, 100 + 17 * len(rows)))
    described = [[*row[:2], f"{row[2]} Grundgebühr Dienst: mayr", row[3]] for row in sold]
    assert rows_of(table)[0] == list(rows[0])
    assert [[cell for cell in row if cell] for row in rows_of(table)[1:]] == [["Contract 2858"], *described]


def _in_one_frame(*, labels: str, label_last: bool = False) -> tuple[list[Word], list[Box]]:
    """Titles between rules, and rows in one frame below them; the first column is narrow."""
    page = Stream().rows(70, 20, (52, 100, 262), [("No", "State", "Count"), ("1", "2", "3")])
    page.at(302, 55, "Over both", bold=True).at(352, 70, "Rate").at(352, 90, "4").at(302, 70, "Kind").at(302, 90, "5")
    if not label_last:
        page.at(52, 110, labels)
    states = ("Andhra Pradesh", "Bihar", "Chhattisgarh", "Goa", "Gujarat", "Haryana", "Himachal Pradesh", "Jharkhand", "Kerala")
    page.rows(125, 15, (55, 64, 265, 310, 360), [(str(n), name, f"{n}10", f"{n}2", f"{n}.5") for n, name in enumerate(states, 1)])
    if label_last:
        page.at(52, 110, labels)
    columns = (50, 62, 260, 300, 350, 400)
    rules = [*across(50, 400, 40, 75, 95, 260), *across(300, 400, 58), *down(40, 260, 50, 400), *down(40, 95, 62, 260, 300)]
    return page.words, [*rules, *down(58, 95, columns[4])]


def test_rows_in_one_frame_under_titles_between_rules_are_one_table_with_them() -> None:
    """Statistics of India: the rules of the titles tell the columns, where white space is too narrow to."""
    (block,) = blocks_on(*_in_one_frame(labels="STATES:"))
    assert rows_of(block)[:5] == [
        ["No", "State", "Count", "Over both"],
        ["Kind", "Rate"],
        ["1", "2", "3", "5", "4"],
        ["STATES:"],
        ["1", "Andhra Pradesh", "110", "12", "1.5"],
    ]
    assert block.table is not None
    assert block.table.columns == 5


def test_a_label_written_behind_all_rows_is_a_row_where_it_stands() -> None:
    (block,) = blocks_on(*_in_one_frame(labels="STATES:", label_last=True))
    assert rows_of(block)[3:5] == [["STATES:"], ["1", "Andhra Pradesh", "110", "12", "1.5"]]
    assert len(rows_of(block)) == 3 + 1 + 9


def test_leaders_around_words_lead_to_no_page() -> None:
    rows = [("State", "Births", "Deaths"), ("Assam", "2161", "1161"), ("Bihar", "..... None .....", "1161"), ("Goa", "86", "70")]
    table = Stream().rows(100, 15, (50, 150, 280), [*rows, ("Sikkim", "..... None .....", "4545"), ("Kerala", "325", "265")])
    (block,) = blocks_on(table.words, across(45, 350, 88, 103, 182))
    assert rows_of(block)[:3] == [*(list(row) for row in rows[:2]), ["Bihar", "..... None", "1161"]]
    assert len(rows_of(block)) == 6


def test_lines_of_a_cell_that_end_on_purpose_are_lines() -> None:
    """Forms: a label over its value, an address. What goes on below because it had no room is of the line before."""
    page = Stream().at(55, 100, "Adresse").at(55, 112, "Via Durini 18").at(55, 124, "20122 Milano")
    page.at(205, 100, "This is a cell of text that").at(205, 112, "goes from one edge of it to").at(205, 124, "the other.")
    page.at(70, 150, "Text that stands in at its").at(70, 162, "left has white at its right").at(205, 150, "Datum").at(
        205, 162, "2018"
    )
    rules = [*across(50, 350, 88, 138, 180), *down(88, 180, 50, 200, 350)]
    (block,) = blocks_on(page.words, rules)
    assert rows_of(block) == [
        ["Adresse\nVia Durini 18\n20122 Milano", "This is a cell of text that goes from one edge of it to the other."],
        ["Text that stands in at its left has white at its right", "Datum\n2018"],
    ]
    assert block.table is not None
    assert "<br>20122 Milano" in table_to_html(block.table)
    assert block.text.splitlines()[0].startswith("Adresse Via Durini 18 20122 Milano\t")
    recognised = [replace(word, confidence=0.9) for word in page.words]
    (block,) = blocks_on(recognised, rules)
    assert "\n" not in rows_of(block)[0][0]


def test_tables_with_shade_in_all_rows_are_apart_where_it_ends() -> None:
    """What stands between them, their titles, were rows of one table."""
    page, edges = Stream(), []
    for top in (100.0, 210.0):
        rows = [("Feature", "Sample", "Setting"), ("Standard", "one", "cv=0"), ("Lowercase", "two", "cv=1")]
        page.at(50, top - 30, "A hook")
        page.rows(top, 20, (50, 150, 250), rows)
        for left, right in ((45, 145), (145, 245), (245, 300)):
            edges += shade(left, right, top - 14, top + 6)
        edges += [edge for n in (1, 2) for edge in shade(45, 300, top - 14 + 20 * n, top + 6 + 20 * n)]
    assert [block.text for block in blocks_on(page.words, [], edges) if block.table is None] == ["A hook", "A hook"]
