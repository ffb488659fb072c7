"""Side heads of recognised text: labels in its margin, each of which belongs to what begins beside it."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from kbray.document.layout.lines import Line

_FEWEST = 2  # one alone may be the end of a column that is short
_NARROW = 0.5  # of the width of the text
_STEP = 1.6  # of the font size, from line to line of one label
_LEVEL = 0.6  # of the font size: baselines of a label and its text, in smaller print than that
_WHITE = 1.2  # times the usual step from line to line: above a paragraph
_SHORT, _INDENT = 3.0, 0.8  # of the font size: how far from the margin a last line ends, at least, and a first one begins


def with_heads(side: Sequence[Line], text: Sequence[Line]) -> list[list[Line]]:
    """What stands above the first head, then by turns each of them and the text beside it; [] where these are none.

    Args: side: the heads. text: prose.
    """
    if not side or 2 * len(side) > len(text) or any(line.whole for line in (*side, *text)):
        return []
    lines = sorted(text, key=lambda line: line.baseline)
    left, right = min(line.box.left for line in lines), max(line.box.right for line in lines)
    if max(line.box.right for line in side) - min(line.box.left for line in side) > _NARROW * (right - left):
        return []
    heads = _heads(side)
    usual = median(below.baseline - above.baseline for above, below in pairwise(lines))
    steps = enumerate(pairwise(lines), start=1)
    begun = [0, *(number for number, (above, line) in steps if _begins(above, line, usual, left, right))]
    places = [next((number for number in begun if _are_level(head[0], lines[number])), None) for head in heads]
    starts = [place for place in places if place is not None]
    if len(starts) < max(_FEWEST, len(heads)):
        return []
    ends = [*starts[1:], len(lines)]
    found = [lines[: starts[0]]]
    for head, start, end in zip(heads, starts, ends, strict=True):
        found += [head, lines[start:end]]
    return [some for some in found if some]


def _heads(side: Sequence[Line]) -> list[list[Line]]:
    found: list[list[Line]] = []
    for line in sorted(side, key=lambda line: (line.baseline, line.box.left)):
        if found and line.baseline - found[-1][-1].baseline < _STEP * line.size:
            found[-1].append(line)
        else:
            found.append([line])
    return found


def _begins(above: Line, line: Line, usual: float, left: float, right: float) -> bool:
    """A paragraph does, with that line. usual: the step from line to line."""
    far = line.baseline - above.baseline > _WHITE * usual
    return far or right - above.box.right > _SHORT * line.size or line.box.left - left > _INDENT * line.size


def _are_level(head: Line, line: Line) -> bool:
    return abs(head.baseline - line.baseline) < _LEVEL * line.size
