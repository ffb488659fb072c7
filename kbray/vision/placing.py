"""Where lines are: on the page as it came, and on the upright page without its slope."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, sin
from statistics import median
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kbray.geometry import Box
from kbray.vision.detection import Quad
from kbray.vision.ocr import Found

_LEVEL = 0.005  # radians: a slope that reading order doesn't notice
_AGREE, _STEEP = 0.02, 0.1  # radians: so near are slopes of one page; what no page is without most of its lines
_FANNED = 0.015  # radians between the slopes of the first and the last line: less leaves rows in order
_LINES, _WORDS = 6, 2.5  # lines that tell a keystone, and how many times longer than high
_FITS = 0.5  # of how far slopes differ from each other is what they may differ from those of a keystone

_Coordinate = TypeVar("_Coordinate", float, NDArray[Any])


@dataclass(frozen=True, slots=True)
class Keystone:
    """Lines of a page that was photographed askew fan out: their slope grows by `lean` (radians) a pixel down the page.

    At (x, y) the page is as it is; left and right of it heights shrink and grow.
    """

    x: float
    y: float
    lean: float

    def y_on_page(self, x: _Coordinate, y: _Coordinate) -> _Coordinate:
        """Of points of the page without the keystone, where they came; their x stays."""
        return (y - self.y) * (1 + self.lean * (x - self.x)) + self.y

    def flat(self, quad: Quad) -> Quad:
        """A line of the page, as it is without the keystone."""
        grown = 1 + self.lean * (quad.x - self.x)
        y = self.y + (quad.y - self.y) / grown
        return replace(quad, y=y, height=quad.height / grown, angle=quad.angle - self.lean * (y - self.y))

    def scaled(self, scale: float) -> "Keystone":
        return Keystone(self.x * scale, self.y * scale, self.lean / scale)


class Placing:
    """Between the page as it came and the upright page without its slope and keystone; points."""

    def __init__(
        self,
        width: float,
        height: float,
        quarter_turns: int,
        slope: float,
        middle: float | None = None,
        keystone: Keystone | None = None,
    ) -> None:
        """`width`, `height`: of the upright page. `middle`: of what slopes on it, from the left; of all of it, if not given."""
        self._width, self._height = width, height
        self._middle = width / 2 if middle is None else middle, height / 2
        self._turns = quarter_turns
        self._cos, self._sin = cos(slope), sin(slope)
        self._keystone = keystone
        self.slope = slope

    def level(self, x: float, y: float) -> tuple[float, float]:
        """A point of the upright page, where it is without the slope."""
        return self._rotated(x, y, -self._sin)

    def box(self, quad: Quad, scale: float) -> Box:
        """Around a line on the upright page, where it is without the slope; `scale`: points a pixel."""
        x, y = self.level(quad.x * scale, quad.y * scale)
        angle = quad.angle - self.slope
        along, across = abs(cos(angle)), abs(sin(angle))
        wide = (quad.width * along + quad.height * across) * scale / 2
        high = (quad.width * across + quad.height * along) * scale / 2
        return Box(x - wide, y - high, x + wide, y + high)

    def back(self, box: Box) -> Box:
        """Around what the box is on the page as it came, and within it."""
        corners = [(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
        upright = [self._rotated(x, y, self._sin) for x, y in corners]
        if self._keystone is not None:
            upright = [(x, self._keystone.y_on_page(x, y)) for x, y in upright]
        points = [self._unturned(*point) for point in upright]
        wide, high = (self._height, self._width) if self._turns % 2 else (self._width, self._height)
        xs, ys = [min(max(x, 0.0), wide) for x, _ in points], [min(max(y, 0.0), high) for _, y in points]
        return Box(min(xs), min(ys), max(xs), max(ys))

    def _rotated(self, x: float, y: float, sine: float) -> tuple[float, float]:
        middle_x, middle_y = self._middle
        x, y = x - middle_x, y - middle_y
        return middle_x + x * self._cos - y * sine, middle_y + x * sine + y * self._cos

    def _unturned(self, x: float, y: float) -> tuple[float, float]:
        width, height = self._width, self._height
        for _ in range(self._turns):  # clockwise
            (x, y), (width, height) = (height - y, x), (height, width)
        return x, y


def slope_of(lines: Sequence[Found]) -> float:
    """Of the page's lines, in radians; 0 where it is too little to matter or lines disagree, and where more of them are level.

    The longest of a chart may be the labels that were set aslant below it.
    """
    angles = sorted((found.quad.angle, found.quad.width) for found in lines if found.quad.width > 5 * found.quad.height)
    if not angles:
        return 0.0
    middle = median(angle for angle, _ in angles)
    agree = sum(abs(angle - middle) < _AGREE for angle, _ in angles)
    if abs(middle) <= _LEVEL or agree <= 0.6 * len(angles):
        return 0.0
    level = sum(abs(found.quad.angle) < _AGREE and len(found.read.text) > 1 for found in lines if not found.quad.tall)
    return 0.0 if abs(middle) > _STEEP and level > agree else middle


def keystone_of(lines: Sequence[Found], middle: float) -> Keystone | None:
    """That of lines whose slopes grow down the page, and tell it better than one slope does; `middle`: of it, from the left."""
    known = [one.quad for one in lines if not one.quad.tall and one.quad.width >= _WORDS * one.quad.height]
    if len(known) < _LINES:
        return None
    slopes, lengths = np.array([quad.angle for quad in known]), np.array([quad.width for quad in known])
    heights = np.array([quad.y - quad.angle * (quad.x - middle) for quad in known])  # where they cross the middle
    weights = lengths
    if np.ptp(heights) < max(quad.height for quad in known):
        return None
    for _ in range(2):  # again without the weight of those that differ: short ones, and print that was set askew
        lean, slope = np.polyfit(heights, slopes, 1, w=weights)
        off = np.abs(slopes - slope - lean * heights)
        usual = float(np.median(off))
        weights = lengths * (off <= 3 * usual + 1e-6)
    apart = np.abs(slopes - np.median(slopes))
    if abs(lean) * np.ptp(heights) < _FANNED or np.average(off, weights=lengths) > _FITS * np.average(apart, weights=lengths):
        return None
    return Keystone(middle, float(np.median(heights)), float(lean))


def along(quad: Quad, first: float, last: float) -> Quad:
    """The part of a line from `first` to `last`, from 0 to 1."""
    shift, width = ((first + last) / 2 - 0.5) * quad.width, (last - first) * quad.width
    return replace(quad, x=quad.x + shift * cos(quad.angle), y=quad.y + shift * sin(quad.angle), width=width)
