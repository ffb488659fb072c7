"""Sections of a page: what stands over, under and between columns, grids of cards, entries that hang."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from kbray.document.layout.framed import with_frames
from kbray.document.layout.lines import Line, line_of
from kbray.document.layout.page import LaidOutPage, blocks_on
from kbray.document.layout.structure import elements_of
from kbray.document.layout.words import Word
from kbray.geometry import Box
from tests.unit.printed import row

Placed = tuple[str, float, float] | tuple[str, float, float, float]
"""Text, left, baseline, and size of the print, if it isn't 10."""


def _texts(lines: Sequence[Placed], rules: Sequence[Box] = ()) -> list[str]:
    """Of the elements that lines make, in the order of the stream."""
    words: list[Word] = []
    for place, (text, left, baseline, *size) in enumerate(lines):
        words += (replace(word, size=size[0] if size else 10.0) for word in row(text, left, baseline, 100 * place))
    return [element.text for element in elements_of([LaidOutPage(1, 600, 800, tuple(blocks_on(words, rules)))])]


def _column(name: str, left: float, top: float, lines: int = 10) -> list[Placed]:
    """Prose of 40 characters a line, some 195 points wide."""
    return [(f"Column {name} goes on like that in its line {number:02}"[:40], left, top + 12 * number) for number in range(lines)]


def test_a_row_above_a_rule_is_read_before_the_columns_below_it() -> None:
    """Of a newsletter's date and price each stood amid the text of the column below it."""
    row_above: list[Placed] = [("Volume 12", 50, 94), ("Spring 2024", 330, 94), ("Free to members", 475, 94)]
    found = _texts([*row_above, *_column("A", 50, 110), *_column("B", 330, 110)], [Box(50, 98, 550, 99)])
    assert [text[:8] for text in found] == ["Volume 1", "Spring 2", "Free to ", "Column A", "Column B"]


def test_rules_in_a_text_of_one_column_part_nothing() -> None:
    lines: list[Placed] = [
        (f"What is said here goes on from one margin to the other {number:02}", 50, 100 + 12 * number) for number in range(8)
    ]
    assert len(_texts(lines, [Box(50, 138, 500, 138.5)])) == 1


def test_a_section_over_the_whole_width_has_its_title_behind_the_columns() -> None:
    """The title stood in the first column, and its section behind the last."""
    below: list[Placed] = [
        ("Electrical Characteristics", 50.0, 250.0, 12.0),
        ("At five volts, unless otherwise noted.", 50.0, 266.0),
    ]
    wide: list[Placed] = [
        (f"What follows goes over both of the columns that stand above it, in its line {number:02}", 50.0, 278 + 12.0 * number)
        for number in range(4)
    ]
    found = _texts([*_column("A", 50, 110), *_column("B", 330, 110), *below, *wide])
    assert [text[:8] for text in found] == ["Column A", "Column B", "Electric", "At five ", "What fol"]


def test_titles_of_columns_stay_with_them() -> None:
    """Of a poster all titles were read, then all texts."""
    heads: list[Placed] = [("Introduction", 50, 90, 14), ("Results", 330, 90, 14)]
    found = _texts([heads[0], *_column("A", 50, 116), heads[1], *_column("B", 330, 116)])
    assert [text[:8] for text in found] == ["Introduc", "Column A", "Results", "Column B"]


def _index(words: Sequence[str], left: float, top: float) -> list[Placed]:
    """Each under its letter, with something below it that stands in."""
    found: list[Placed] = []
    for number, word in enumerate(words):
        at = top + 52 * number
        found += [
            (word[0].upper(), left, at),
            (f"{word}, 12, 140", left, at + 20),
            (f"and other {word}s, 99", left + 20, at + 32),
        ]
    return found


def test_the_title_of_an_index_is_before_it_and_its_letters_are_where_they_stand() -> None:
    """The title was read in the midst, and each letter apart from its entries."""
    left, right = ["apple", "berry", "cherry"], ["lemon", "melon", "orange"]
    found = _texts([("Index", 228, 80, 12), *_index(left, 50, 100), *_index(right, 300, 100)])
    assert found[0] == "Index"
    assert [text for text in found if len(text) == 1] == list("ABCLMO")
    assert " ".join(found).split("12, 140")[1].split() == ["and", "other", "apples,", "99", "B", "berry,"]


def test_cards_in_a_grid_are_read_one_after_the_other() -> None:
    """Each line was read across all of them."""
    cards, lines = list[str](), list[Placed]()
    for number in range(9):
        left, top = 50 + 180 * (number % 3), 100 + 110 * (number // 3)
        card = [
            f"Tool {number}",
            f"This is number {number}, of iron",
            "and ash, that lasts for a",
            f"while of {number} years or so",
            f"Item {number}",
        ]
        lines += [(text, left, top + 14 * place) for place, text in enumerate(card[: 5 - number % 2])]
        cards += card[: 5 - number % 2]
    assert " ".join(_texts(lines)) == " ".join(cards)


def _entry(word: str, top: float) -> list[Placed]:
    """At the margin, and below it two lines that stand in."""
    first, second = f"{word}, which means much that is more or less", "said in a few words here and goes on and on to"
    return [(first[:46], 50, top), (second, 62, top + 12), (f"its end [Latin {word}us]", 62, top + 24)]


@pytest.mark.parametrize("begun", [False, True], ids=["", "in the midst of one"])
def test_entries_hang_wherever_their_column_begins(begun: bool) -> None:
    """Where it began in the midst of one, each entry began with its second line."""
    lines: list[Placed] = (
        [("rest of what the last column had begun to say", 62, 88), ("about it [Greek]", 62, 100)] if begun else []
    )
    for number, word in enumerate(("abbot", "bishop", "canon", "deacon", "elder")):
        lines += _entry(word, 112 + 36 * number)
    found = _texts(lines)
    assert [text.partition(",")[0] for text in found[begun:]] == ["abbot", "bishop", "canon", "deacon", "elder"]


def test_a_title_in_larger_print_parts_two_tables() -> None:
    """It was a row of one table."""
    lines: list[Placed] = []
    for table, top in ((1, 100), (2, 230)):
        for number in range(4):
            lines += [
                (f"{cell}{table}{number}", left, top + 20 * number) for cell, left in (("Line", 50), ("a", 200), ("b", 300))
            ]
    rules = [Box(50, top, 400, top + 0.5) for top in (88, 106, 126, 146, 166, 216, 236, 256, 276, 296)]
    found = _texts([*lines[:12], ("No train on Mondays.", 50, 180), ("On holidays", 50, 204, 14), *lines[12:]], rules)
    assert [text.splitlines()[0] for text in found] == [
        "Line10\ta10\tb10",
        "No train on Mondays.",
        "On holidays",
        "Line20\ta20\tb20",
    ]


def _wide(text: str, left: float, top: float, lines: int) -> list[Placed]:
    """Full lines of some 450 points, the last of which is short."""
    full = f"{text} goes on and on, from the one margin to the other one, in its line number"
    found: list[Placed] = [(f"{full} {number}"[: int((500 - left) / 5)], left, top + 12 * number) for number in range(lines)]
    return [*found, ("and ends here.", left, top + 12 * lines)]


def test_the_last_line_of_a_numbered_paragraph_stays_with_it() -> None:
    """Words at the right margin made a column of it, and short lines, which stand before that, were read apart."""
    lines: list[Placed] = [
        ("In the High Court", 233, 30),
        ("Division", 240, 44),
        ("Case number twelve", 432, 60),
        ("Meridian Shipping Limited", 207, 100),
        ("Claimant", 494, 100),
    ]
    lines += [("- and -", 273, 116), ("Port of Larne Authority", 203, 132), ("Defendant", 485, 132), ("Judgment", 259, 160)]
    for number in range(1, 8):
        top = 170 + 50 * number
        full = [f"{number}. {'said ' * 20}".strip(), ("goes " * 19).strip()]
        lines += [(full[0], 63, top), (full[1], 97, top + 14), ("and ends here.", 97, top + 28)]
    found = [text for text in _texts(lines) if "said" in text]
    assert len(found) == 7
    assert all(text.endswith("goes and ends here.") for text in found)


def test_what_stands_beside_nothing_is_no_column() -> None:
    """A title in the middle was read behind the short line below it."""
    lines: list[Placed] = [
        ("Annex A", 270, 81, 14),
        ("(informative)", 259, 100, 14),
        ("Guidance on sampling", 223, 119, 14),
        ("A.1 General", 63, 146, 13),
    ]
    lines += [
        (("said " * 19).strip(), 63, 173),
        (("goes " * 19).strip(), 63, 187),
        ("issued from all openings of the windows that", 63, 201),
    ]
    lines += [("A.2 Procedure", 63, 228, 13), (("said " * 19).strip(), 63, 254), ("drove through the streets and steps", 63, 269)]
    lines += [
        ("Bibliography", 255, 297, 14),
        ("[1] Principles of sampling", 63, 323),
        ("[2] Polymers, and how to tell how dense they are, in three parts", 63, 347),
    ]
    assert [text[:5] for text in _texts(lines)][-3:] == ["Bibli", "[1] P", "[2] P"]


def test_what_stands_below_two_frames_is_read_behind_both() -> None:
    """The title of the next section was read between them, as it stands in the column that the first one makes."""

    def in_columns(lines: Sequence[Line]) -> list[list[Line]]:
        return [sorted(lines, key=lambda line: (line.box.left, line.box.top))]

    def read(*below: Placed) -> list[str]:
        placed = [*_column("A", 60, 160, 4), *_column("B", 330, 160, 4), *below]
        lines = [line_of(row(text, left, baseline, 100 * place)) for place, (text, left, baseline, *_) in enumerate(placed)]
        frames = [Box(50, 145, 270, 215), Box(320, 145, 540, 215)]
        return [line.text[:8] for region in with_frames(lines, frames, in_columns) for line in region]

    columns = ["Column A"] * 4, ["Column B"] * 4
    assert read(("Section 3", 60, 240)) == [*columns[0], *columns[1], "Section "]
    captions = read(("Figure A", 60, 228), ("Figure B", 330, 228))
    assert captions == [*columns[0], "Figure A", *columns[1], "Figure B"]


@pytest.mark.parametrize("left", [50, 290], ids=["text left of it", "text right of it"])
def test_text_that_runs_around_a_figure_is_whole(left: float) -> None:
    """The caption was read amid its lines, where most of the page is text from margin to margin."""
    beside: list[Placed] = [
        (f"What is said here runs around the figure {number:02}"[:45], left, 260 + 12 * number) for number in range(6)
    ]
    caption: list[Placed] = [
        ("x axis", 350 - left, 300, 7),
        ("Figure 1. The harbour", 340 - left, 319, 8),
        ("seen from the north", 340 - left, 329, 8),
    ]
    found = _texts([*_wide("Before", 50, 90, 10), *beside, *caption, *_wide("It goes", 50, 332, 14)])
    assert [text[:8] for text in found] == ["Before g", "x axis", "Figure 1", "What is "]
    assert found[2] == "Figure 1. The harbour seen from the north"
    assert found[3].endswith("and ends here.")


def test_cells_of_two_columns_in_one_row_are_read_with_their_columns() -> None:
    """A price and the title in the next column were one line, as pdfium makes up a space in any gap."""
    left: list[Placed] = [
        ("The first dishes", 63, 154, 13),
        ("Soup of leeks", 63, 179),
        ("7.50", 263, 179),
        ("with herbs", 63, 192),
    ]
    for number in range(3):
        at = 210.0 + 32 * number
        left += [(f"Dish {number} of the day", 63, at), (f"{number}.50", 263, at), ("with what is there", 63, at + 14)]
    right: list[Placed] = [("Venison", 315, 140), ("24.00", 510, 140), ("with juniper", 315, 153), ("Sides", 314, 180, 13)]
    for number in range(3):
        at = 206.0 + 30 * number
        right += [(f"Side {number} of greens", 315, at), (f"{number}.90", 515, at), ("with lemon", 315, at + 13)]
    words = [
        replace(one, size=size[0] if size else 10.0)
        for place, (text, at, baseline, *size) in enumerate([*left, *right])
        for one in row(text, at, baseline, 100 * place)
    ]
    price = next(index for index, word in enumerate(words) if word.text == "7.50")
    sides = next(index for index, word in enumerate(words) if word.text == "Sides")
    words.insert(price + 1, replace(words.pop(sides), spaced=True, order=words[price].order + 1))
    found = [element.text for element in elements_of([LaidOutPage(1, 600, 800, tuple(blocks_on(words)))])]
    assert not any("7.50 Sides" in text for text in found)
    assert "Sides" in found


def test_notes_in_the_margin_of_an_act_are_read_before_their_sections() -> None:
    """They were read behind the page."""
    lines: list[Placed] = []
    for number, note in enumerate(("Power to levy dues.", "Recovery of dues.", "Bye-laws."), start=1):
        top = 100 + 80 * number
        first, *rest = _wide("The harbour", 170, top, 4)
        lines += [(note, 50, top, 8), (f"{number}. {first[0]}", *first[1:]), *rest]
    found = [text[:10] for text in _texts(lines)]
    assert found == ["Power to l", "The harbou", "Recovery o", "The harbou", "Bye-laws.", "The harbou"]
