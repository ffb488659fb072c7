"""Sizes of recognised lines: one by itself strays, and the lines around it tell better."""

import pytest

from kbray.document.layout.words import Word
from kbray.geometry import Box
from kbray.vision.evened import evened

FULL = "the quick brown fox goes over a lazy dog and on"


def line(text: str, top: float, *, size: float = 10.0, left: float = 50.0, right: float | None = None) -> Word:
    box = Box(left, top, right or left + 5.0 * len(text), top + 14)
    return Word(text, box, size, top + 10, confidence=0.99)


def sizes(*last: Word) -> list[float]:
    text = [line(FULL, 100 + 12.0 * number) for number in range(4)]
    return [word.size for word in evened([*text, *last])][4:]


@pytest.mark.parametrize("size", [8.0, 13.0])
def test_the_short_last_line_of_a_paragraph_has_its_size(size: float) -> None:
    assert sizes(line("home.", 148, size=size)) == [10.0]


@pytest.mark.parametrize(
    "last",
    [
        line("Home", 156, size=13.0),  # farther below: a title
        line("Home", 148, size=13.0, left=120),  # in the middle
        line("Home", 148, size=16.0),  # far too large
    ],
)
def test_what_is_no_line_of_the_paragraph_keeps_its_size(last: Word) -> None:
    assert sizes(last) == [last.size]


def test_below_the_end_of_a_sentence_another_size_is_another_text() -> None:
    text = [line(FULL, 100), line(FULL, 112), line(FULL + ".", 124)]
    assert evened([*text, line("* at home", 136, size=8.0)])[-1].size == 8.0
