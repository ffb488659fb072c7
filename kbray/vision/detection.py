"""Where the lines of print are: what the detection model is given, and what is made of its map (DBNet, arXiv 1911.08947)."""

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kbray.vision.bends import Bent, Curve, bent, stretched

Pixels = NDArray[np.uint8]

WANTED = 6.5
"""Pixels that the letters of the smallest print are to have in what the model sees."""
LONGEST, SHORTEST = 2048, 640
"""Bounds of its longer side, whatever the print."""
_SIZES = 128
"""Steps of the longer side: a few sizes, so that pages go together, and a GPU sees few shapes."""
_STEP = 32
"""The model halves the image five times."""
_MARGIN = 32
"""Pixels around the print that the model sees of a page that is trimmed."""
_TILE = 160
"""Pixels of a side of a piece of page whose print is measured by itself."""
_LETTERS = 12
"""How many a piece must have to say anything."""
_MOST = 5000
"""Boxes of one page; what finds more is noise."""
_INK, _BOX = 77, 128
"""Of 255: where a pixel of the map counts as print, and the mean over a box from which it is one."""
_GROWTH = 1.6
"""The model marks the middle of a line; the whole of it is wider by its area times this over its outline, on each side."""


@dataclass(frozen=True, slots=True)
class Quad:
    """A line of print: a rectangle on the page, perhaps turned; in pixels, angles in radians, clockwise as seen.

    `angle` is the direction in which the side of length `width` runs, within 45° of the horizontal.
    """

    x: float  # of its middle
    y: float
    width: float
    height: float
    angle: float
    curve: Curve = ()  # of a line that is bent

    @property
    def tall(self) -> bool:
        return self.height >= 1.5 * self.width


@dataclass(frozen=True, slots=True)
class View:
    """What the detection model sees of a page: a piece of it (pixels of the page), `size` (height, width) as it is seen."""

    top: int
    left: int
    bottom: int
    right: int
    size: tuple[int, int]

    def of(self, page: Pixels) -> Pixels:
        seen: Pixels = cv2.resize(
            page[self.top : self.bottom, self.left : self.right], self.size[::-1], interpolation=cv2.INTER_AREA
        )
        return seen

    def back(self, quad: Quad) -> Quad:
        """On the whole page."""
        return replace(quad, x=quad.x + self.left, y=quad.y + self.top)


def view_of(gray: Pixels, *, trimmed: bool) -> View:
    """How a page is looked at: the smaller its print, the larger; in multiples of 32. `trimmed`: without its empty margins."""
    printed = ink(gray)
    longest = max(gray.shape)
    small = smallest_print(printed)
    wanted = longest * (1.0 if small is None else WANTED / small)
    scale = min(LONGEST, max(SHORTEST, ceil(wanted / _SIZES) * _SIZES)) / longest
    rows, columns = np.flatnonzero(printed.any(1)), np.flatnonzero(printed.any(0))
    if not trimmed or not len(rows):
        height, width = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in gray.shape)
        return View(0, 0, gray.shape[0], gray.shape[1], (height, width))
    top, bottom, height = _piece(int(rows[0]), int(rows[-1]) + 1, gray.shape[0], scale)
    left, right, width = _piece(int(columns[0]), int(columns[-1]) + 1, gray.shape[1], scale)
    return View(top, left, bottom, right, (height, width))


def _piece(first: int, last: int, whole: int, scale: float) -> tuple[int, int, int]:
    """From, to, and how many pixels of it are seen: print, a margin, and what fills the last step."""
    seen = max(_STEP, ceil(((last - first) * scale + 2 * _MARGIN) / _STEP) * _STEP)
    if seen >= whole * scale:
        return 0, whole, max(_STEP, round(whole * scale / _STEP) * _STEP)
    length = round(seen / scale)
    start = min(max(0, (first + last - length) // 2), whole - length)
    return start, start + length, seen


def gray(page: Pixels) -> Pixels:
    """(height, width) of a page that may have colours."""
    if page.ndim == 2:
        return page
    made: Pixels = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    return made


def ink(gray: Pixels) -> Pixels:
    """(height, width): not 0 where a page is dark."""
    _, found = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return np.asarray(found, np.uint8)


def smallest_print(ink: Pixels) -> float | None:
    """Height of usual letters, in pixels, where on the page it is least; None: nothing looks like letters."""
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_32S)
    width, height = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    letters = (height >= 4) & (height <= 120) & (width <= 3 * height) & (height <= 6 * width)
    if letters.sum() < _LETTERS:
        return None
    heights, places = height[letters], (middles[1:][letters] // _TILE).astype(np.int64)
    tiles = places[:, 1] * 10_000 + places[:, 0]
    order = np.lexsort((heights, tiles))
    tiles, heights = tiles[order], heights[order]
    _, starts, counts = np.unique(tiles, return_index=True, return_counts=True)
    spoken = counts >= _LETTERS
    if not spoken.any():
        return float(np.median(heights))
    return float(heights[starts[spoken] + counts[spoken] // 2].min())


def quads(chances: Pixels, page: tuple[int, int]) -> list[Quad]:
    """The lines in a map (height, width) of chances (0 to 255) that a pixel is print; on a page of (height, width) pixels."""
    mask = cv2.dilate((chances >= _INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    scale_x, scale_y = page[1] / chances.shape[1], page[0] / chances.shape[0]
    found = []
    for contour in contours[:_MOST]:
        (x, y), (width, height), degrees = cv2.minAreaRect(contour)
        if min(width, height) < 3:
            continue
        line = _bent(contour, width, height, np.deg2rad(degrees))
        if line is not None and _mean_within(chances, contour) >= _BOX:
            found.append(_along(line, scale_x, scale_y))
            continue
        if _mean(chances, x, y, width, height, degrees) < _BOX:
            continue
        grown = 2 * width * height * _GROWTH / (2 * (width + height))
        width, height = width + grown, height + grown
        if min(width, height) < 5:
            continue
        quad = _upright(x * scale_x, y * scale_y, width, height, np.deg2rad(degrees), scale_x, scale_y)
        if min(quad.width, quad.height) > 3:
            found.append(quad)
    return found


def _bent(contour: NDArray[Any], width: float, height: float, angle: Any) -> Bent | None:
    box = _upright(0, 0, width, height, angle, 1, 1)
    tall = box.width < box.height
    return bent(contour, (max(width, height), min(width, height)), box.angle, tall=tall)


def _along(line: Bent, scale_x: float, scale_y: float) -> Quad:
    """A bent line on the page, grown as straight ones are."""
    scale = (scale_x + scale_y) / 2
    grown = line.length * line.thickness * _GROWTH / (line.length + line.thickness)
    length, thickness = (line.length + grown) * scale, (line.thickness + grown) * scale
    width, height = (thickness, length) if line.tall else (length, thickness)
    more = grown / 2 / line.length
    curve = tuple(off * scale for off in stretched(line.curve, more, more))
    return Quad(line.x * scale_x, line.y * scale_y, width, height, line.angle, curve)


def _mean_within(chances: Pixels, contour: NDArray[Any]) -> float:
    left, top, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - (left, top)], (1,))
    mean: float = cv2.mean(chances[top : top + height, left : left + width], mask)[0]
    return mean


def _mean(chances: Pixels, x: float, y: float, width: float, height: float, degrees: float) -> float:
    """Over the rectangle."""
    corners = cv2.boxPoints(((x, y), (width, height), degrees))
    left, top = np.clip(np.floor(corners.min(0)).astype(int), 0, (chances.shape[1] - 1, chances.shape[0] - 1))
    right, bottom = np.clip(np.ceil(corners.max(0)).astype(int), 0, (chances.shape[1] - 1, chances.shape[0] - 1))
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [(corners - (left, top)).astype(np.int32)], (1,))
    mean: float = cv2.mean(chances[top : bottom + 1, left : right + 1], mask)[0]
    return mean


def _upright(x: float, y: float, width: float, height: float, angle: Any, scale_x: float, scale_y: float) -> Quad:
    """The rectangle with the side nearer to the horizontal as its width; the two scales differ by rounding only."""
    angle = float((angle + np.pi) % np.pi)  # of the side called width, from 0 to 180°
    if np.pi / 4 < angle <= 3 * np.pi / 4:
        width, height, angle = height, width, angle - np.pi / 2
    elif angle > 3 * np.pi / 4:
        angle -= np.pi
    scale = (scale_x + scale_y) / 2
    return Quad(x, y, width * scale, height * scale, angle)
