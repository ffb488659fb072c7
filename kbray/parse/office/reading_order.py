"""The order in which one reads a slide: by places and sizes of its shapes and, where these allow several, the order of the file.

What white space parts is read strip by strip, or column by column where columns go on over several strips; where both are
possible (two headings side by side, each with its text below), the order of the file, in which people often put things down,
decides. What lies within something else follows it. The rest is read row by row from the top.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import chain
from math import inf
from typing import NamedTuple

_ROW = 0.04  # of a slide's height: shapes whose tops differ by less stand side by side, and edges may overlap by as much
_MOST = 300  # shapes: more are read row by row
_DEEPEST = 50  # parts within each other
_MOST_TRIES = 2_000  # to find columns that go on over strips: what is left is read strip by strip


class Box(NamedTuple):
    """Where a shape stands, in any unit."""

    top: float
    left: float
    bottom: float
    right: float


class _Placed(NamedTuple):
    box: Box
    number: int  # in the file


def reading_order(shapes: Sequence[tuple[int, Box]], height: float) -> list[int]:
    """The order, as indexes, of shapes on a slide of this height, each told by a rank, which comes first, and its box."""
    near = _ROW * height
    placed = [(rank, _Placed(_at_least(box, near), index)) for index, (rank, box) in enumerate(shapes)]
    ranks = sorted({rank for rank, _ in placed})
    levels = ([one for of, one in placed if of == rank] for rank in ranks)
    return [one.number for level in levels for one in _ordered(level, near, 0 if len(level) <= _MOST else _DEEPEST)]


def _at_least(box: Box, size: float) -> Box:
    return Box(box.top, box.left, max(box.bottom, box.top + size), max(box.right, box.left + size))


def _ordered(shapes: list[_Placed], near: float, depth: int) -> Iterable[_Placed]:
    if len(shapes) < 2 or depth >= _DEEPEST:
        return _rows(shapes, near)
    held: dict[_Placed, list[_Placed]] = {one: [] for one in shapes if not any(_covers(other, one) for other in shapes)}
    if len(held) < len(shapes):
        for one in shapes:
            if one not in held:
                held[next(other for other in held if _covers(other, one))].append(one)
        groups = ((one, *_ordered(held[one], near, depth + 1)) for one in _ordered(list(held), near, depth + 1))
        return chain.from_iterable(groups)
    strips = _parted([(one.box.top, one.box.bottom, one) for one in shapes], near)
    if len(strips) > 1:
        return chain.from_iterable(_ordered(part, near, depth + 1) for part in _parts(strips, near))
    columns = _columns(shapes, near)
    if len(columns) > 1:
        return chain.from_iterable(_ordered(column, near, depth + 1) for column in columns)
    return _rows(shapes, near)


def _parts(strips: list[list[_Placed]], near: float) -> Iterable[list[_Placed]]:
    """Strips, those that have columns in common as these where the order of the file fits them better."""
    tries = _MOST_TRIES if _turns(strips) else 0  # the order of the file can't fit columns better than that
    while strips and tries > 0:
        tried = [[strips[0]]]  # the columns of so many strips and one
        for end in range(2, len(strips) + 1):
            tries -= 1
            found = _columns(list(chain.from_iterable(strips[:end])), near)
            if len(found) < 2:
                break
            tried.append(found)
        while len(tried) > 1:
            count = len(tried)
            tries -= 1
            if _turns(tried[-1]) < _turns(strips[:count]) or len(_columns(strips[count - 1], near)) > 1:
                break
            tried.pop()  # a date or a source below the columns stands under one of them by chance
        count, columns = len(tried), tried[-1]
        yield from columns if _turns(columns) < _turns(strips[:count]) else strips[:count]
        strips = strips[count:]
    yield from strips


def _columns(shapes: list[_Placed], near: float) -> list[list[_Placed]]:
    return _parted([(one.box.left, one.box.right, one) for one in shapes], near)


def _parted(spans: list[tuple[float, float, _Placed]], near: float) -> list[list[_Placed]]:
    """Shapes by their extent along an axis, in groups between which there is nothing."""
    groups: list[list[_Placed]] = []
    reach = -inf
    for start, end, shape in sorted(spans, key=lambda span: span[0]):
        margin = min(near, end - start - near) / 2
        if groups and start + margin < reach:
            groups[-1].append(shape)
        else:
            groups.append([shape])
        reach = max(reach, end - margin)
    return groups


def _turns(groups: list[list[_Placed]]) -> int:
    """How many pairs of shapes the order of the file has the other way round."""
    before: list[int] = []
    turns = 0
    for group in groups:
        numbers = [one.number for one in group]
        turns += sum(len(before) - bisect_left(before, number) for number in numbers)
        before = sorted(before + numbers)
    return turns


def _covers(one: _Placed, other: _Placed) -> bool:
    outer, inner = one.box, other.box
    before = outer.top <= inner.top and outer.left <= inner.left
    return outer != inner and before and outer.bottom >= inner.bottom and outer.right >= inner.right


def _rows(shapes: list[_Placed], near: float) -> list[_Placed]:
    """Row by row: those whose tops are near that of the first."""
    rows: list[list[_Placed]] = []
    for one in sorted(shapes):
        if rows and one.box.top - rows[-1][0].box.top <= near:
            rows[-1].append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=lambda one: (one.box.left, one.number))]
