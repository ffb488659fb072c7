"""How lines stand to each other: in a row, at a side of a gutter or across it, one below the other; whether they are prose."""

import itertools
from collections.abc import Sequence
from statistics import median

from kbray.document.layout.lines import Line
from kbray.document.layout.words import is_currency, is_rtl

FEWEST_LINES = 8  # of a text that has something in its margin, or in its midst
STRAY = 0.5  # of the font size: the edges of lines lie no farther from those of their column
NEXT = 2.5  # of the font size: lines of one piece stand no farther from each other
WORDS = 25  # characters of most lines of a column, at least
LARGER = 1.1  # times the size of the text: a title of it
WIDTH = 0.35  # of the width of another column, one has at least
_OVERLAP = 0.5  # of the font size: lines one below the other share no more of the height


def rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines of one region as rows: what shares a baseline is one row, ordered from the left (or right, for such a script)."""
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: (item.baseline, item.box.left, item.order)):
        if found and not line.whole and not found[-1][0].whole and are_level(found[-1][-1], line):
            found[-1].append(line)
        else:
            found.append([line])
    return [row if len(row) == 1 else sorted(row, key=_beginning) for row in found]


def _beginning(line: Line) -> float:
    """Of two lines in a row the one with the smaller comes first."""
    return -line.box.right if is_rtl(line.text) else line.box.left


def are_level(one: Line, other: Line) -> bool:
    return abs(one.baseline - other.baseline) <= 0.3 * min(one.size, other.size)


def sides_of(lines: Sequence[Line], left: float) -> list[list[Line]]:
    """What stands before the gutter, which begins at `left`, and what behind."""
    return [[line for line in lines if line.box.right <= left], [line for line in lines if line.box.right > left]]


def usual_step(lines: Sequence[Line]) -> float:
    """From line to line of print."""
    heights = sorted(line.baseline for line in lines)
    steps = [below - above for above, below in itertools.pairwise(heights) if below - above > 2]
    return median(steps) if steps else 0.0


def is_row(lines: Sequence[Line]) -> bool:
    return all(not line.whole and are_level(lines[0], line) for line in lines)


def top_down(lines: Sequence[Line]) -> list[Line]:
    return [line for row in rows(lines) for line in row]


def step_to(above: Line, line: Line) -> float:
    return line.baseline - above.baseline


def crosses(line: Line, left: float, right: float) -> bool:
    """A currency sign may stand there, far before its number."""
    signed = len(line.words) > 1 and is_currency(line.words[0].text)
    begin = line.words[1].box.left if signed else line.box.left
    return begin < right - 0.01 and line.box.right > left + 0.01


def stand_beside(line: Line, other: Line) -> bool:
    """They share most of the height of the lower one, and no width."""
    shared = min(line.box.bottom, other.box.bottom) - max(line.box.top, other.box.top)
    apart = other.box.right <= line.box.left or other.box.left >= line.box.right
    return apart and shared >= 0.5 * min(line.box.height, other.box.height)


def is_below(lines: Sequence[Line], others: Sequence[Line]) -> bool:
    """They may overlap by descenders and by the white that recognised lines have."""
    top, bottom = min(line.box.top for line in lines), max(line.box.bottom for line in others)
    return bottom - top <= _OVERLAP * max(lines[0].size, 4.0)


def share_row(above: Sequence[Line], below: Sequence[Line]) -> bool:
    """The last line of the one and the first of the other are of one row."""
    return not above[-1].whole and not below[0].whole and are_level(above[-1], below[0])


def is_prose(side: Sequence[Line]) -> bool:
    """True for at least three long lines that mostly reach from margin to margin."""
    width = max(line.box.right for line in side) - min(line.box.left for line in side)
    return (
        len(side) >= 3
        and median(len(line.text) for line in side) >= 25
        and median(line.box.width for line in side) >= 0.8 * width
    )
