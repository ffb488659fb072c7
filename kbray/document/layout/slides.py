"""Slides: what stands beside other text on one is mostly a text of its own, in a box that may not show.

Elsewhere short lines level with each other are rows. On a slide they are that only where they were written so: programs write it
box by box.
"""

from collections.abc import Sequence
from itertools import groupby

from kbray.document.layout.lines import Line
from kbray.geometry import Box, union

_LINES = 45  # of its usual print find room on a slide; more on pages that only lie on their side
_APART = 1.5  # of the font size: white over the whole width that parts strips
_GUTTER = 1.0  # … and between boxes beside each other
_LEAST = 4.0  # points
_MOST = 400  # lines: more are a plot


def is_slide(size: float, width: float, height: float) -> bool:
    """A page wider than high, its print large for it: to be read from afar.

    size: of its usual print, in points; 0 for none. width, height: of the page.
    """
    return width > height and size * _LINES >= height


def boxes_of(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of a slide in reading order: those of boxes beside each other, box by box, and what is above them or below."""
    if len(lines) > _MOST:
        return [list(lines)]
    strips = _strips(lines)
    beside = [_columns(strip) for strip in strips]
    found: list[list[Line]] = []
    rest: list[Line] = []
    first = 0
    while first < len(strips):
        boxes, end = beside[first], first + 1
        joined = list(strips[first])
        for last in range(first + 1, len(strips) if len(boxes) > 1 else 0):
            joined += strips[last]
            if _are_written(columns := _columns(joined)):
                boxes, end = columns, last + 1
        if _are_written(boxes) and not (end == first + 1 and _is_row(beside, first)):
            if rest:
                found.append(rest)
            found += boxes
            rest = []
        else:
            rest, end = [*rest, *strips[first]], first + 1
        first = end
    return [*found, rest] if rest else found


def _strips(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines between which white goes over the whole width."""
    found: list[list[Line]] = []
    bottom = 0.0
    for line in sorted(lines, key=lambda line: line.box.top):
        if found and line.box.top - bottom < _APART * min(map(_size, (line, *found[-1]))):
            found[-1].append(line)
        else:
            found.append([line])
        bottom = max(bottom, line.box.bottom) if len(found[-1]) > 1 else line.box.bottom
    return found


def _size(line: Line) -> float:
    return max(line.size, line.print_size, _LEAST)


def _columns(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines between which white goes down, from the left."""
    gutter = _GUTTER * min(map(_size, lines))
    found: list[list[Line]] = []
    reach = 0.0
    for line in sorted(lines, key=lambda line: line.box.left):
        if found and line.box.left - reach < gutter:
            found[-1].append(line)
        else:
            found.append([line])
        reach = max(reach, line.box.right) if len(found[-1]) > 1 else line.box.right
    return found


def _are_written(columns: Sequence[Sequence[Line]]) -> bool:
    """Several, level with each other, each written in one go."""
    boxes = [union(line.box for line in column) for column in columns]
    if any(not any(_are_level(box, other) for other in boxes if other is not box) for box in boxes):
        return False
    order = sorted((line.order, number) for number, column in enumerate(columns) for line in column)
    return len(columns) > 1 and len(list(groupby(number for _, number in order))) == len(columns)


def _are_level(one: Box, other: Box) -> bool:
    return min(one.bottom, other.bottom) - max(one.top, other.top) >= 0.5 * min(one.height, other.height)


def _is_row(beside: Sequence[Sequence[Sequence[Line]]], number: int) -> bool:
    """A strip next to it has as many lines as it has itself, one in each column, and each below one of its own: cells."""
    own = [column[0].box for column in beside[number]]
    for other in (beside[near] for near in (number - 1, number + 1) if 0 <= near < len(beside)):
        boxes = [column[0].box for column in other]
        if len(boxes) == len(own) and all(
            one.left < two.right and two.left < one.right for one, two in zip(boxes, own, strict=True)
        ):
            return True
    return False
