"""Boxes on a page. Units are points (1/72 inch), origin top-left."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def intersection(self, other: "Box") -> float:
        """Area shared with `other`; square points."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0.0

    def clipped(self, other: "Box") -> "Box":
        """What of the box lies in `other`, which it meets."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )


_left, _top, _right, _bottom = (getattr(Box, side).__set__ for side in ("left", "top", "right", "bottom"))


def _fill(self: Box, left: float, top: float, right: float, bottom: float) -> None:
    """As the class itself would, which takes nearly twice as long: pages are full of boxes."""
    _left(self, left)
    _top(self, top)
    _right(self, right)
    _bottom(self, bottom)


Box.__init__ = _fill  # type: ignore[method-assign]  # the one that the dataclass made


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of `boxes`.

    Raises: ValueError: no boxes.
    """
    left = top = inf
    right = bottom = -inf
    box = None
    for box in boxes:  # one loop: four passes take twice as long, and this is called for each line and cell
        left = box.left if box.left < left else left
        top = box.top if box.top < top else top
        right = box.right if box.right > right else right
        bottom = box.bottom if box.bottom > bottom else bottom
    if box is None:
        raise ValueError("no boxes to unite")
    return Box(left, top, right, bottom)
