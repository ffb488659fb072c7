"""Lines that are bent, as they are near the back of an open book: a box around one holds pieces of its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, cos, sin
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_FULL = 0.8  # of the box around it: a line that fills it is straight; others may be, too
_OFF = 0.25  # of its thickness: so far a line is bent that matters; straight ones seem to be, by two thirds of that
_LONG = 4  # times longer than high: the box around what is bent enough to matter
_PIECES = 24  # of a line that is followed
_EVEN = 0.3, 2.0  # of its usual thickness: what is thinner or thicker, but for its ends, is no line, or is two
_SMOOTH = 0.25  # of its thickness: so far its middle strays from a smooth curve
_CLEAR = 25  # percentile of the thickness of its pieces: where it bends, the map blurs
_MARKED = 0.85  # of the thickness that the box of a straight line has: what is marked between its letters is thinner
_DEGREE = 4  # of the curve: paper lies flat and then rises to the back of the book

Curve = tuple[float, ...]
"""How far the middle of a line is off its axis, to the right or down, at even steps from one end to the other."""


@dataclass(frozen=True, slots=True)
class Bent:
    """A line in the pixels of a map; its axis is where most of it lies, `angle` the direction of that, as `Quad`'s."""

    x: float
    y: float
    length: float
    thickness: float
    angle: float
    tall: bool
    curve: Curve


def bent(contour: NDArray[Any], size: tuple[float, float], angle: float, *, tall: bool) -> Bent | None:
    """The line that an outline is of, if it is bent.

    Args: size: longer and shorter side of the box around it. angle: of that, as `Quad`'s. tall: the longer side runs down.
    """
    length, height = size
    if length < _LONG * height or cv2.contourArea(contour) >= _FULL * length * height:
        return None
    left, top, width, depth = cv2.boundingRect(contour)
    mask = np.zeros((depth, width), np.uint8)
    cv2.fillPoly(mask, [contour - (left, top)], (1,))
    ys, xs = np.nonzero(mask)
    first, second = xs * cos(angle) + ys * sin(angle), ys * cos(angle) - xs * sin(angle)
    along, across = (second, first) if tall else (first, second)
    start, end = float(along.min()), float(along.max())
    pieces = np.minimum(((along - start) * (_PIECES / (end - start))).astype(int), _PIECES - 1)
    counts = np.bincount(pieces, minlength=_PIECES)
    if not counts.all():
        return None
    thickness = float(np.percentile(counts, _CLEAR)) * _PIECES / (end - start)
    share = counts * (_PIECES / (end - start) / thickness)
    if share[1:-1].min() < _EVEN[0] or share.max() > _EVEN[1]:  # its ends are round
        return None
    steps = (np.arange(_PIECES) + 0.5) / _PIECES
    middles = np.bincount(pieces, across, _PIECES) / counts
    curve = np.polynomial.Polynomial.fit(steps, middles, _DEGREE, domain=(0, 1))
    if float(np.abs(curve(steps) - middles).mean()) > _SMOOTH * thickness:
        return None
    steps = np.linspace(0, 1, _PIECES + 1)
    rise = float(np.median(curve.deriv()(steps)))
    off = curve(steps) - rise * (steps - 0.5)
    shift = float(np.median(off))
    thickness /= _MARKED
    if off.max() - off.min() < _OFF * thickness:
        return None
    middle, turned = (start + end) / 2, atan(rise / (end - start))
    one, other, tilt = (shift, middle, -turned) if tall else (middle, shift, turned)
    x, y = left + one * cos(angle) - other * sin(angle), top + one * sin(angle) + other * cos(angle)
    return Bent(x, y, end - start, thickness, angle + tilt, tall, tuple((off - shift).tolist()))


def stretched(curve: Curve, before: float, after: float) -> Curve:
    """The curve of a line that is so much longer at its ends, as shares of its length: it goes on as it ends."""
    if not curve:
        return ()
    steps = np.linspace(-before, 1 + after, len(curve))
    known = np.linspace(0, 1, len(curve))
    found = np.interp(steps, known, curve)
    begins, ends = (curve[1] - curve[0]) / known[1], (curve[-1] - curve[-2]) / known[1]
    return tuple((found + begins * np.minimum(steps, 0) + ends * np.maximum(steps - 1, 0)).tolist())


def at(curve: Curve, places: Sequence[float] | NDArray[Any]) -> NDArray[np.float64]:
    """Its values at these places, from 0 to 1."""
    found = np.interp(places, np.linspace(0, 1, len(curve)), curve) if curve else np.zeros(len(places))
    return np.asarray(found, np.float64)
