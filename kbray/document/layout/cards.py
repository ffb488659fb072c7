"""Products, persons, events: what stands in a grid, each written as a whole, is read one after the other, not across."""

from collections.abc import Sequence
from itertools import combinations
from statistics import median

from kbray.document.layout.lines import Line
from kbray.geometry import Box, union

_LEAST, _LINES = 4, 3  # cards, and lines of most of them
_BESIDE = 0.75  # of the cards have another one beside them
_STEP = 3.0  # of the font size, at most, from line to line of a card


def cards_of(region: Sequence[Line]) -> list[list[Line]]:
    """The lines of each card, as they are written; or all lines of the region, as they are, where it is no grid of cards."""
    cards: list[list[Line]] = []
    boxes: list[Box] = []
    for line in sorted(region, key=lambda line: line.order):
        if cards and _goes_on(cards[-1][-1], boxes[-1], line):
            cards[-1].append(line)
            boxes[-1] = union((boxes[-1], line.box))
        else:
            cards.append([line])
            boxes.append(line.box)
    is_grid = len(cards) >= _LEAST and median(map(len, cards)) >= _LINES and not any(line.whole or line.mono for line in region)
    return cards if is_grid and _in_rows(boxes) else [list(region)]


def _goes_on(last: Line, box: Box, line: Line) -> bool:
    """`last` is the last line of a card, and `box` where that stands."""
    below = 0 < line.baseline - last.baseline <= _STEP * max(last.size, line.size)
    return below and line.box.left < box.right and line.box.right > box.left


def _in_rows(boxes: Sequence[Box]) -> bool:
    """No box lies on another, and most have one beside them."""
    beside = set[int]()
    for (one, box), (another, other) in combinations(enumerate(boxes), 2):
        if box.top < other.bottom and other.top < box.bottom:
            if box.left < other.right and other.left < box.right:
                return False
            beside |= {one, another}
    return len(beside) >= _BESIDE * len(boxes)
