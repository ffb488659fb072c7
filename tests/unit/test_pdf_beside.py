"""Blocks of short lines beside each other, told from rows of a table by how they were written."""

from kbray.document.layout.columns import regions
from kbray.document.layout.lines import Line, lines_of
from kbray.document.layout.words import Word
from kbray.geometry import Box

_PROSE = "What is agreed here goes from margin to margin and takes a line or two before anybody signs it at the end"


def _row(text: str, left: float, baseline: float, order: int) -> list[Word]:
    words: list[Word] = []
    for part in text.split():
        box = Box(left, baseline - 8, left + 5 * len(part), baseline + 2)
        words.append(Word(part, box, 10, baseline, order=order + len(words)))
        left = box.right + 3
    return words


def _page(*, first: int, second: int, step: int, right: tuple[str, ...] = ("Paris, 4 May", "Bob Brown")) -> list[Line]:
    """Prose, and below it two blocks of two lines. first, second: where in the stream they begin; step: from line to line."""
    lines = [(_PROSE, 50.0, 100 + 12 * place, 20 * place) for place in range(8)]
    lines += [(text, 50.0, 220 + 12 * place, first + step * place) for place, text in enumerate(("Rome, 3 May", "Ann Adams"))]
    lines += [(text, 350.0, 220 + 12 * place, second + step * place) for place, text in enumerate(right)]
    lines += [("It was read and found true by all who were there, as they said", 50.0, 270, 900)]
    words = [word for line in sorted(lines, key=lambda line: line[3]) for word in _row(*line)]
    return lines_of(words)


def _texts(lines: list[Line]) -> list[str]:
    return [line.text for region in regions(lines) for line in region if line.text not in _PROSE][:4]


def test_a_block_that_was_written_before_the_other_is_read_before_it() -> None:
    assert _texts(_page(first=300, second=400, step=20)) == ["Rome, 3 May", "Ann Adams", "Paris, 4 May", "Bob Brown"]


def test_the_right_one_may_be_the_first() -> None:
    assert _texts(_page(first=500, second=400, step=20)) == ["Paris, 4 May", "Bob Brown", "Rome, 3 May", "Ann Adams"]


def test_what_was_written_row_by_row_is_read_so() -> None:
    assert _texts(_page(first=300, second=310, step=50)) == ["Rome, 3 May", "Paris, 4 May", "Ann Adams", "Bob Brown"]


def test_values_stay_beside_what_they_are_of() -> None:
    lines = _page(first=300, second=400, step=20, right=("12.50", "13.00"))
    assert _texts(lines) == ["Rome, 3 May", "12.50", "Ann Adams", "13.00"]
