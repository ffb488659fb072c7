"""Bullets of lists on a page image: detection looks for letters, and leaves out what stands alone before them."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kbray.geometry import Box
from kbray.vision.detection import Pixels, gray

_REACH = 3.0  # of a line's height: so far before it at most
_SHOWN = 2.0  # … and so much of the line is seen with that, to tell ink from paper
_SMALLEST, _LARGEST = 0.1, 0.55  # of a line's height
_SPECK = 0.04  # of it: what is no larger is none
_LONGEST = 1.5  # times as long as wide
_FULL = 0.6  # of its box at least is ink: of a disc 0.78
_HIGH, _LOW = 0.35, 0.7  # of a line's height, from its top: between them is its middle
_BESIDE = 0.35  # of a line's height: bullets of one list stand no further to the left or right of each other
_ALIKE = 1.3  # times larger at most than another of its list
_CONTRAST = 40  # of 255: where there is less, there is no print


def bullets_in(page: Pixels, lines: Sequence[Box], scale: float) -> list[tuple[int, Box]]:
    """Those before lines of an upright, level page, each with the number of its line; boxes in points, `scale`: points a pixel.

    One alone may be a speck: each has another above or below.
    """
    tones = gray(page)
    sides = np.array([(line.left, line.top, line.right, line.bottom) for line in lines]).reshape(-1, 4) / scale
    found = [(number, spot) for number in range(len(lines)) if (spot := _before(tones, sides, number)) is not None]
    return [
        (number, Box(*(side * scale for side in spot)))
        for number, spot in found
        if any(other != number and _of_one_list(spot, at, sides[number, 3] - sides[number, 1]) for other, at in found)
    ]


_Spot = tuple[int, int, int, int]  # left, top, right, bottom; pixels


def _before(tones: Pixels, sides: NDArray[np.float64], number: int) -> _Spot | None:
    """The only ink between a line and what stands left of it, if it has the size, the shape and the height of a bullet."""
    left, top, _, bottom = sides[number]
    height = bottom - top
    beside = (sides[:, 1] < bottom) & (sides[:, 3] > top) & (sides[:, 2] <= left)
    start = round(max(0.0, left - _REACH * height, sides[beside, 2].max(initial=0.0)))
    end, first = round(left), max(0, round(top))
    seen = tones[first : round(bottom), start : round(left + _SHOWN * height)]
    if end - start < _SMALLEST * height or not seen.size or int(seen.max()) - int(seen.min()) < _CONTRAST:
        return None
    _, dark = cv2.threshold(np.ascontiguousarray(seen), 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    ink = 1 - dark if dark.mean() > 0.5 else dark
    _, _, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(ink[:, : end - start]), connectivity=8)
    signs = [sign for sign in stats[1:].tolist() if max(sign[2:4]) > _SPECK * height]
    if len(signs) != 1:
        return None
    x, y, wide, high, area = signs[0]
    sized = _SMALLEST * height <= min(wide, high) and max(wide, high) <= min(_LARGEST * height, _LONGEST * min(wide, high))
    whole = x > 0 and x + wide < end - start and area >= _FULL * wide * high
    level = _HIGH * height <= first - top + y + high / 2 <= _LOW * height
    return (start + x, first + y, start + x + wide, first + y + high) if sized and whole and level else None


def _of_one_list(spot: _Spot, other: _Spot, height: float) -> bool:
    small, large = sorted((spot[3] - spot[1], other[3] - other[1]))
    return abs(spot[0] - other[0]) <= _BESIDE * height and large <= _ALIKE * small + 1
