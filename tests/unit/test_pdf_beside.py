"""Blocks of short lines beside each other, told from rows of a table by how they were written."""

from collections.abc import Sequence
from dataclasses import replace

from kbray.document.layout.beside import step_of_text, with_blocks
from kbray.document.layout.columns import regions
from kbray.document.layout.lines import Line, lines_of, table_line
from kbray.document.layout.sides import rows
from kbray.document.layout.words import Word
from kbray.geometry import Box
from kbray.model import Cell, Table
from tests.unit.printed import row

_PROSE = "What is agreed here goes from margin to margin and takes a line or two before anybody signs it at the end"


def _page(*, first: int, second: int, step: int, right: tuple[str, ...] = ("Paris, 4 May", "Bob Brown")) -> list[Line]:
    """Prose, and below it two blocks of two lines. first, second: where in the stream they begin; step: from line to line."""
    lines = [(_PROSE, 50.0, 100 + 12 * place, 20 * place) for place in range(8)]
    lines += [(text, 50.0, 220 + 12 * place, first + step * place) for place, text in enumerate(("Rome, 3 May", "Ann Adams"))]
    lines += [(text, 350.0, 220 + 12 * place, second + step * place) for place, text in enumerate(right)]
    lines += [("It was read and found true by all who were there, as they said", 50.0, 270, 900)]
    words = [word for line in sorted(lines, key=lambda line: line[3]) for word in row(*line)]
    return lines_of(words)


def _texts(lines: list[Line]) -> list[str]:
    return [line.text for line in _in_order(lines) if line.text not in _PROSE][:4]


def _in_order(lines: list[Line]) -> list[Line]:
    return [line for region in regions(lines) for block in with_blocks(rows(region)) for line in block]


def test_a_block_that_was_written_before_the_other_is_read_before_it() -> None:
    assert _texts(_page(first=300, second=400, step=20)) == ["Rome, 3 May", "Ann Adams", "Paris, 4 May", "Bob Brown"]


def test_the_right_one_may_be_the_first() -> None:
    assert _texts(_page(first=500, second=400, step=20)) == ["Paris, 4 May", "Bob Brown", "Rome, 3 May", "Ann Adams"]


def test_what_was_written_row_by_row_is_read_so() -> None:
    assert _texts(_page(first=300, second=310, step=50)) == ["Rome, 3 May", "Paris, 4 May", "Ann Adams", "Bob Brown"]


def test_values_stay_beside_what_they_are_of() -> None:
    lines = _page(first=300, second=400, step=20, right=("12.50", "13.00"))
    assert _texts(lines) == ["Rome, 3 May", "12.50", "Ann Adams", "13.00"]


def test_a_title_beside_an_address_does_not_stand_amid_it() -> None:
    words = [
        *(replace(word, size=16.0) for word in row("Greenfield Foods", 50, 105, 0)),
        *row("36 Mill Lane", 450, 91, 100),
        *row("76332 Berlin", 450, 105, 200),
        *row("+36 459 128242", 450, 119, 300),
    ]
    for place in range(4):
        words += row(_PROSE, 50, 200 + 12 * place, 400 + 20 * place)
    assert _texts(lines_of(words)) == ["Greenfield Foods", "36 Mill Lane", "76332 Berlin", "+36 459 128242"]


def test_labels_over_what_was_filled_in_are_read_with_it() -> None:
    """Two fields of a form beside each other, three rows of them: each was written label and value, field by field."""
    words: list[Word] = []
    for number in range(3):
        for side, left in enumerate((50, 300)):
            order = 1000 * number + 400 * side
            words += row(f"Label {number}{side}", left, 100 + 40 * number, order)
            words += row(f"What was {number}{side}", left, 112 + 40 * number, order + 100)
    texts = [line.text for line in _in_order(lines_of(words))]
    assert texts == [
        text for number in range(3) for side in range(2) for text in (f"Label {number}{side}", f"What was {number}{side}")
    ]


def test_a_table_below_a_row_of_two_is_no_line_of_these() -> None:
    """It has no size of print of its own."""
    table = table_line(Table((Cell(0, 0, "1"), Cell(0, 1, "2"))), "1\t2", Box(50, 110, 90, 140), 50, 10)
    pair = lines_of([*row("Rome, 3 May", 50, 100, 0), *row("Paris, 4 May", 350, 100, 20)])
    assert with_blocks([pair, [table]]) == [[*pair, table]]


def test_the_end_of_a_paragraph_is_of_no_block_below_it() -> None:
    words = [word for place in range(4) for word in row(_PROSE, 50, 100 + 12 * place, 20 * place)]
    words += [*row("and it ends.", 50, 148, 90), *row("Rome, 3 May", 50, 162, 100), *row("Ann Adams", 50, 174, 120)]
    words += [*row("Paris, 4 May", 350, 162, 140), *row("Bob Brown", 350, 174, 160)]
    (region,) = regions(lines_of(words))
    blocks = with_blocks(rows(region))
    assert [block[-1].text for block in blocks] == ["and it ends.", "Ann Adams", "Bob Brown"]


_LEFT = ("Ann Adams", "14 Quay Street", "Rome")
_RIGHT = ("Bob Brown", "Rue du Four 8", "Paris")
_BLOCKS = [*_LEFT, *_RIGHT]
_ROWS = [text for pair in zip(_LEFT, _RIGHT, strict=True) for text in pair]


def _recognised(
    seen: list[Box],
    *,
    left: float = 50,
    step: float = 12,
    sides: tuple[Sequence[str], Sequence[str]] = (_LEFT, _RIGHT),
) -> list[str]:
    """Two blocks of recognised lines beside each other as they are read on a page of text. seen: see `with_blocks`."""
    lines = [(text, x, 220 + step * place) for x, side in zip((left, 350), sides, strict=True) for place, text in enumerate(side)]
    lines += [(_PROSE, 50.0, 100 + 12 * place) for place in range(8)]
    words = [replace(word, confidence=0.9) for text, x, y in lines for word in row(text, x, y, 0)]
    columns = regions(lines_of(words))
    found = [line for region in columns for block in with_blocks(rows(region), seen, step_of_text(columns)) for line in block]
    return [line.text for line in found if line.text != _PROSE]


def test_recognised_blocks_are_told_by_one_that_was_seen_without_the_other() -> None:
    one, other = Box(45, 200, 140, 260), Box(345, 200, 440, 260)
    assert _recognised([one]) == _recognised([other]) == _recognised([Box(40, 80, 600, 300), one, other]) == _BLOCKS
    assert _recognised([]) == _recognised([Box(40, 80, 600, 300)]) == _ROWS
    assert _recognised([Box(45, 200, 140, 225)]) == _ROWS  # no more than its first line


def test_recognised_labels_stay_beside_what_they_are_of() -> None:
    """They stand near it, or farther from each other than lines of text do, or are words, or of phrases."""
    seen = [Box(45, 200, 340, 270)]
    assert _recognised(seen) == _BLOCKS
    assert _recognised(seen, left=260) == _recognised(seen, step=14) == _ROWS
    labels, phrases = ("Price", "Deposit", "Handed over"), ("the bread", "the salt", "An egg")
    assert _recognised(seen, sides=(labels, _RIGHT))[1] == _RIGHT[0]
    assert _recognised(seen, sides=(phrases, _RIGHT))[1] == _RIGHT[0]
    assert _recognised(seen, sides=(_LEFT, phrases))[1] == phrases[0]
