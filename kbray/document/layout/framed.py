"""Text in a frame beside other text: read as a whole, as a page of its own would be."""

from collections.abc import Callable, Sequence
from itertools import combinations, pairwise

from kbray.document.layout.captions import is_caption
from kbray.document.layout.lines import Line
from kbray.document.layout.sides import NEXT
from kbray.geometry import Box, union

_NEAR = 3.0  # points: sides of a frame end no farther from its corners
_MOST = 400  # sides of frames on a page; more are a grid, or a drawing
_HEIGHT = 1.2  # of the print in it, at least
_OVER = 1.0  # points: what stands in it reaches no farther over its sides
_ROW = 2  # frames beside each other, at least
_LINE, _WORDS = 15, 3  # characters and words of a line in it: cells and labels have fewer
_APART = 12.0  # points: frames that stand closer are cells of one grid


def frames_of(rules: Sequence[Box]) -> list[Box]:
    """Rectangles that are drawn."""
    if len(rules) > _MOST:
        return []
    across = sorted((rule for rule in rules if rule.width >= rule.height), key=lambda rule: rule.top)
    down = [rule for rule in rules if rule.width < rule.height]
    frames: list[Box] = []
    for upper, lower in combinations(across, 2):
        if abs(upper.left - lower.left) > _NEAR or abs(upper.right - lower.right) > _NEAR or lower.top - upper.top < _NEAR:
            continue
        sides = [rule for rule in down if abs(rule.top - upper.top) <= _NEAR and abs(rule.bottom - lower.bottom) <= _NEAR]
        if all(any(abs(rule.left - edge) <= _NEAR for rule in sides) for edge in (upper.left, upper.right)):
            frames.append(union((upper, lower)))
    return [frame for frame in frames if not any(_are_cells(frame, other) for other in frames if other is not frame)]


def _are_cells(one: Box, other: Box) -> bool:
    """They touch, and neither holds the other."""
    near = Box(one.left - _APART, one.top - _APART, one.right + _APART, one.bottom + _APART)
    touching = near.left < other.right and other.left < near.right and near.top < other.bottom and other.top < near.bottom
    return touching and not (one.holds(*other.middle) or other.holds(*one.middle))


def with_frames(
    lines: Sequence[Line], frames: Sequence[Box], ordered: Callable[[Sequence[Line]], list[list[Line]]]
) -> list[list[Line]]:
    """Regions of the lines in reading order; what stands in a frame beside others is in some of its own.

    Args: ordered: regions of lines, in order.
    """
    row = _row_of(frames, lines)
    if row:
        others = [frame for frame in frames if frame not in row]
        inside = [[line for line in lines if frame.holds(*line.box.middle)] for frame in row]
        above = [line for line in lines if line.box.middle[1] < row[0].top]
        below = [line for line in lines if line.box.middle[1] > row[0].bottom]
        return [part for some in (above, *inside, below) if some for part in with_frames(some, others, ordered)]
    found: list[tuple[Line, list[Line]]] = []  # what stands for a frame among lines, and what stands in it
    rest = list(lines)
    for frame in sorted(frames, key=lambda frame: -frame.area):  # those that hold others first
        some = _standing_in(frame, rest)
        if some:
            found.append((_as_one(frame, some), some))
            taken = set(map(id, some))
            rest = [line for line in rest if id(line) not in taken]
    parts = ordered([*rest, *(one for one, _ in found)])
    for one, some in found:
        parts = _with_frame(parts, one, ordered(some))
    return parts


def _row_of(frames: Sequence[Box], lines: Sequence[Line]) -> list[Box]:
    """Frames beside each other, as high as each other, with text in each and nothing beside them; none where there are no such.

    What stands below belongs to none of the columns that they make, but for captions of several.
    """
    for first in frames:
        alike = [one for one in frames if max(abs(one.top - first.top), abs(one.bottom - first.bottom)) <= _NEAR]
        row = sorted(alike, key=lambda frame: frame.left)
        if len(row) < _ROW or any(after.left < before.right for before, after in pairwise(row)):
            continue
        level = [line for line in lines if line.box.top < first.bottom and line.box.bottom > first.top]
        inside = [[line for line in level if frame.holds(*line.box.middle)] for frame in row]
        below = [line for line in lines if 0 <= line.box.top - first.bottom < NEXT * line.size]
        captioned = [frame for frame in row if any(frame.left < line.box.middle[0] < frame.right for line in below)]
        if sum(map(len, inside)) == len(level) and all(map(_is_text, inside)) and len(captioned) < _ROW:
            return row
    return []


def _standing_in(frame: Box, lines: Sequence[Line]) -> list[Line]:
    """The lines in a frame; none where one reaches over its sides, or where no other line stands beside it."""
    some = [line for line in lines if frame.holds(*line.box.middle)]
    others = [line for line in lines if not frame.holds(*line.box.middle)]
    whole = all(frame.left - _OVER <= line.box.left and line.box.right <= frame.right + _OVER for line in some)
    if not some or not whole or frame.height < _HEIGHT * max(line.size for line in some):
        return []
    if any(line.box.intersection(frame) > 0 for line in others) or not _is_text(some):
        return []
    return some if any(line.box.top < frame.bottom and line.box.bottom > frame.top for line in others) else []


def _is_text(lines: Sequence[Line]) -> bool:
    return any(len(line.text) >= _LINE and len(line.words) >= _WORDS for line in lines)


def _as_one(frame: Box, lines: Sequence[Line]) -> Line:
    order = min(line.order for line in lines)
    return Line((), "", frame, 0.0, frame.bottom, bold=False, order=order, formula=True)


def _with_frame(parts: Sequence[list[Line]], frame: Line, inside: Sequence[list[Line]]) -> list[list[Line]]:
    """Regions with those of a frame in its place: behind all that stands at its left, for it is as high as several lines."""
    place, at = next((place, at) for place, part in enumerate(parts) for at, line in enumerate(part) if line is frame)
    before, above, below = list(parts[:place]), parts[place][:at], [parts[place][at + 1 :], *parts[place + 1 :]]
    floats = any(is_caption(line.text) for line in parts[place]) and all(_is_over_or_below(line, frame) for line in parts[place])
    beside = [line for part in below for line in part if _is_left_of(line, frame)] if not floats else []
    moved = set(map(id, beside))
    rest = [[line for line in part if id(line) not in moved] for part in below]
    if beside and not above and before and any(_is_left_of(line, frame) for line in before[-1]):
        above = before.pop()
    return [part for part in (*before, [*above, *beside], *inside, *rest) if part]


def _is_over_or_below(line: Line, frame: Line) -> bool:
    return line.box.left < frame.box.right and line.box.right > frame.box.left


def _is_left_of(line: Line, frame: Line) -> bool:
    return line.box.right <= frame.box.left and frame.box.top < line.box.middle[1] < frame.box.bottom
