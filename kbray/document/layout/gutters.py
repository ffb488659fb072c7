"""White strips between columns of text."""

import itertools
from collections.abc import Sequence
from itertools import compress
from math import inf
from statistics import median

from kbray.document.layout.captions import is_caption
from kbray.document.layout.lines import Line
from kbray.document.layout.sides import FEWEST_LINES, STRAY, crosses, is_prose, sides_of

_MOST_LINES = 5_000  # on a page; more is no print either, and would take too long
_SMALLER = 0.92  # of the size of the text: notes in its margin
_CROSSED = 0.2  # of the height of all lines: of those between the text and its notes
_TOGETHER = 2.0  # of the font size: lines below each other that stand no farther apart are of one text
_ENOUGH = 4  # lines that may stand in columns
OF_CAPTION = 8  # lines


def gutter_of(lines: Sequence[Line]) -> tuple[float, float] | None:
    """Left and right edge of the best white strip with text on both sides; None: one column."""
    if _count(lines) < _ENOUGH or len(lines) > _MOST_LINES:
        return None
    size = median(line.size for line in lines if line.size) if any(line.size for line in lines) else 10.0
    best: tuple[float, tuple[float, float]] | None = None
    lefts, tops = [line.box.left for line in lines], [line.box.top for line in lines]
    rights, bottoms = [line.box.right for line in lines], [line.box.bottom for line in lines]
    heights = [line.box.height for line in lines]
    whole, least, most = sum(heights), min(rights), max(lefts)
    for left, right in _strips(lines, 0.5 * size):
        if least > left + 0.01 or most < right - 0.01:
            continue  # nothing is on one of its sides
        in_before, in_after = [end <= left + 0.01 for end in rights], [start >= right - 0.01 for start in lefts]
        before, after = list(compress(lines, in_before)), list(compress(lines, in_after))
        if _markers(before, after) or _markers(after, before):
            continue
        of_before, of_after = list(compress(heights, in_before)), list(compress(heights, in_after))
        crossing = whole - sum(of_before + of_after)
        top = max(min(compress(tops, in_before)), min(compress(tops, in_after)))
        bottom = min(max(compress(bottoms, in_before)), max(compress(bottoms, in_after)))
        beside = min(sum(of_before), sum(of_after), max(0.0, bottom - top))  # at most the height over which both have text
        score = beside - 0.35 * crossing + 0.5 * min(right - left, 3 * size)
        if min(_count(before), _count(after)) < 2 or beside < 2.5 * size or crossing > 6 * beside:
            apart = beside > 0 and crossing <= _CROSSED * whole
            noted = apart and (are_notes(before, after) or are_notes(after, before))
            if not noted and not (beside > 0 and (is_captioned(before, after) or is_captioned(after, before))):
                continue
        if best is None or score > best[0]:
            best = (score, (left, right))
    return _between_strays(*best[1], lines, STRAY * size) if best else None


def parts_columns(lines: Sequence[Line], left: float, right: float) -> bool:
    """Something stands on both sides of the gutter, side by side."""
    before, after = sides_of([line for line in lines if not crosses(line, left, right)], left)
    return side_by_side(before, after, near=together(lines))


def together(lines: Sequence[Line]) -> float:
    """White that is no higher may be between lines of one text."""
    return _TOGETHER * median(line.size for line in lines)


def side_by_side(before: Sequence[Line], after: Sequence[Line], *, near: float = 0.0) -> bool:
    """A line of the one shares height with one of the other, or with white that is no higher than `near` between its lines."""
    spans: list[tuple[float, float, int]] = []
    for side, lines in enumerate((before, after)):
        end = -inf
        for top, bottom in sorted((line.box.top, line.box.bottom) for line in lines):
            spans.append((min(top, end) if top - end <= near else top, bottom, side))
            end = max(end, bottom)
    spans.sort()
    lowest = [-inf, -inf]
    for top, bottom, side in spans:
        if lowest[1 - side] > top - near / 4:
            return True
        lowest[side] = max(lowest[side], bottom)
    return False


def _between_strays(left: float, right: float, lines: Sequence[Line], near: float) -> tuple[float, float]:
    """The strip without its edges, over which lines stand out that were recognised: what crosses it in earnest goes further.

    A page number in the gutter is as much in its way as the line that stands out most, and would have it as wide as there. Where
    a rule is read with the lines beside it they stand out past each other, and the left edge lies behind the right one.
    """
    if lines[0].confidence is None:
        return left, right
    start = max((line.box.right for line in lines if left < line.box.right < left + near), default=left)
    end = min((line.box.left for line in lines if right - near < line.box.left < right), default=right)
    return start, end


def _count(lines: Sequence[Line]) -> int:
    """As many as a side needs, where a table that is told to go on in the next column fills it."""
    return _ENOUGH if any(line.goes_on for line in lines) else len(lines)


def _markers(side: Sequence[Line], other: Sequence[Line]) -> bool:
    """True for a side of little else than numbers or bullets of some of the other's paragraphs; numbered lines are a column.

    So it is for the letters over the entries of an index, where something hangs below these.
    """
    if len(side) < 0.7 * len(other):
        return sum(len(line.text) <= 4 for line in side) >= 0.75 * len(side)
    return all(len(line.text) == 1 and line.text.isalpha() for line in side) and not side_by_side(side, other)


def are_notes(side: Sequence[Line], text: Sequence[Line]) -> bool:
    """A few lines in smaller print in the margin of a text; the sizes of recognised lines stray too much to tell."""
    if not side or len(text) < FEWEST_LINES or 2 * len(side) > len(text) or side[0].confidence is not None:
        return False
    if any(line.table is not None for line in side):
        return False
    return max(line.size for line in side) <= _SMALLER * median(line.size for line in text) and is_prose(text)


def is_captioned(side: Sequence[Line], text: Sequence[Line]) -> bool:
    """The caption of a figure that stands in the text."""
    first = min(side, key=lambda line: line.box.top)
    return len(side) <= OF_CAPTION and is_caption(first.text) and is_prose(text)


def _strips(lines: Sequence[Line], narrowest: float) -> list[tuple[float, float]]:
    """White strips between a right edge and a left edge, at the places where locally the fewest lines stand in the way."""
    steps: list[tuple[float, float]] = []
    total = 0.0
    for line in lines:
        height = line.box.height
        steps.append((line.box.left, height))
        steps.append((line.box.right, -height))
        total += height
    steps.sort()
    found: list[tuple[float, float, float]] = []
    covered = 0.0
    for (x, change), (following, _) in itertools.pairwise(steps):
        covered += change
        if following - x > 0.01 and covered <= 0.75 * total:
            found.append((x, following, covered))
    strips: list[tuple[float, float]] = []
    for i, (left, right, height) in enumerate(found):
        # A strip may be widened over neighbours that are no more crowded: ragged edges narrow it otherwise.
        start, end = left, right
        for other in range(i - 1, -1, -1):
            if found[other][2] > height + 0.01:
                break
            start = found[other][0]
        for other in range(i + 1, len(found)):
            if found[other][2] > height + 0.01:
                break
            end = found[other][1]
        if end - start >= narrowest and start > steps[0][0] and end < steps[-1][0] and (start, end) not in strips:
            strips.append((start, end))
    return strips
