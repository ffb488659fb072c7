"""Where lines are: on the page as it came, and on the upright page without its slope."""

from collections.abc import Sequence
from dataclasses import replace
from math import cos, sin
from statistics import median

from kbray.geometry import Box
from kbray.vision.detection import Quad
from kbray.vision.ocr import Found

_LEVEL = 0.005  # radians: a slope that reading order doesn't notice


class Placing:
    """Between the page as it came and the upright page without its slope; points."""

    def __init__(self, width: float, height: float, quarter_turns: int, slope: float, middle: float | None = None) -> None:
        """`width`, `height`: of the upright page. `middle`: of what slopes on it, from the left; of all of it, if not given."""
        self._width, self._height = width, height
        self._middle = width / 2 if middle is None else middle, height / 2
        self._turns = quarter_turns
        self._cos, self._sin = cos(slope), sin(slope)
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
        points = [self._unturned(*self._rotated(x, y, self._sin)) for x, y in corners]
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
    """Of the page's lines, in radians; 0 where it is too little to matter or lines disagree."""
    angles = sorted((found.quad.angle, found.quad.width) for found in lines if found.quad.width > 5 * found.quad.height)
    if not angles:
        return 0.0
    middle = median(angle for angle, _ in angles)
    agree = sum(abs(angle - middle) < 0.02 for angle, _ in angles)
    return middle if abs(middle) > _LEVEL and agree > 0.6 * len(angles) else 0.0


def along(quad: Quad, first: float, last: float) -> Quad:
    """The part of a line from `first` to `last`, from 0 to 1."""
    shift, width = ((first + last) / 2 - 0.5) * quad.width, (last - first) * quad.width
    return replace(quad, x=quad.x + shift * cos(quad.angle), y=quad.y + shift * sin(quad.angle), width=width)
