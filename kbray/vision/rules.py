"""Rules drawn on a page image: what parts the cells of a table, where print has no content stream that tells it."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from kbray.geometry import Box
from kbray.vision.detection import Pixels, gray

_SHORTEST = 18.0  # points: strokes of large letters are shorter
_THICKEST = 4.0
_CLEAR, _FAINT = 20, 10  # of 255, all along a rule, anywhere and in a table: so long no noise has it
_EDGE = 2  # pixels over which a shade begins
_BESIDE = 2  # pixels from a rule to where its ground is looked at, and so many of that

_Tones = NDArray[np.uint8]
_Piece = tuple[int, int, int, int]  # left, top, width and height; pixels


def rules_in(page: Pixels, place: Box, scale: float) -> list[Box]:
    """Level and plumb rules in `place` of an upright page, as thin boxes; boxes in points, `scale`: points a pixel."""
    return _both_ways(page, place, scale, lambda tones, scale: _dark(tones, scale, _CLEAR))


def seams_in(page: Pixels, place: Box, scale: float) -> list[Box]:
    """The same of what parts the cells of a table at `place`: faint rules, those lighter than their ground, edges of shades."""
    return _both_ways(
        page, place, scale, lambda tones, scale: [*_dark(tones, scale, _FAINT), *_light(tones, scale), *_edges(tones, scale)]
    )


def _both_ways(
    page: Pixels, place: Box, scale: float, level: Callable[[_Tones, float], Iterator[_Piece] | list[_Piece]]
) -> list[Box]:
    top, left = max(0, round(place.top / scale)), max(0, round(place.left / scale))
    piece = page[top : round(place.bottom / scale), left : round(place.right / scale)]
    if not piece.size:
        return []
    tones = gray(np.ascontiguousarray(piece))
    found = list(level(tones, scale))
    found += ((x, y, wide, high) for y, x, high, wide in level(np.ascontiguousarray(tones.T), scale))
    return [
        Box((left + x) * scale, (top + y) * scale, (left + x + wide) * scale, (top + y + high) * scale)
        for x, y, wide, high in found
    ]


def _dark(tones: _Tones, scale: float, contrast: int) -> Iterator[_Piece]:
    """Level rules that are darker than what lies on both sides."""
    # Than the lightest pixel of both: print that is lighter than its ground makes no rules of that.
    thick = np.ones((round(_THICKEST / scale) + 2 | 1, 1), np.uint8)  # an odd number, or all is moved by a pixel
    return _runs(cv2.morphologyEx(tones, cv2.MORPH_BLACKHAT, thick) >= contrast, scale)


def _light(tones: _Tones, scale: float) -> Iterator[_Piece]:
    """… lighter. Between two lines of print most of what lies on both sides is as light."""
    tones = 255 - tones
    for x, y, wide, high in _dark(tones, scale, _FAINT):
        rule = np.median(tones[y : y + high, x : x + wide].min(0))
        above, below = tones[max(0, y - 2 * _BESIDE) : max(0, y - _BESIDE)], tones[y + high + _BESIDE :][:_BESIDE]
        sides = [side[:, x : x + wide] for side in (above, below) if len(side)]
        if all(np.median(side) - rule >= _FAINT for side in sides):
            yield x, y, wide, high


def _edges(tones: _Tones, scale: float) -> Iterator[_Piece]:
    """Level edges of shades."""
    steps = np.zeros(tones.shape, np.int16)
    steps[_EDGE:] = tones[_EDGE:].astype(np.int16) - tones[:-_EDGE]
    for rising in (steps, -steps):
        yield from _runs(rising >= _FAINT, scale)


def _runs(marked: NDArray[np.bool_], scale: float) -> Iterator[_Piece]:
    """Long and thin ones, from left to right, of what is marked."""
    length = max(9, round(_SHORTEST / scale))
    lines = cv2.morphologyEx(marked.astype(np.uint8), cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    lines = cv2.dilate(lines, np.ones((3, 3), np.uint8))  # pieces of one that was scanned at a slight slope touch
    _, _, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    return ((x, y, wide, high) for x, y, wide, high, _ in stats[1:].tolist() if high * scale <= _THICKEST)
