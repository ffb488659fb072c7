"""Strips: lines of print, cut out of their page, upright and of one height, as the recognition model wants them."""

from dataclasses import dataclass, replace
from math import ceil, cos, sin

import cv2
import numpy as np

from kbray.vision.bends import at, stretched
from kbray.vision.detection import Pixels, Quad

HEIGHT = 48
_NARROWEST, _WIDEST = 64, 4096
_LEVEL = 0.004
"""Radians under which a line is cut straight: half a pixel in a hundred and twenty."""
_GAP = 0.16
"""Of a line's height: white as wide as this ends a word."""
_FAINT = 40
"""Of 255: where the lightest and the darkest pixel are no further apart, there is no print."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a strip says; `confidence` from 0 to 1, mean over its characters."""

    text: str
    confidence: float
    places: tuple[float, ...] = ()  # of the middles of its characters on the strip, from 0 to 1; (): not known


def whole(page: Pixels, quad: Quad) -> Quad:
    """The line with the letters that its ends cut; `page`: (height, width).

    The model marks a line's first and last letter faintly where it sees little else, and a box then ends within a word.
    """
    length, height = (quad.height, quad.width) if quad.tall else (quad.width, quad.height)
    along = np.array((-sin(quad.angle), cos(quad.angle)) if quad.tall else (cos(quad.angle), sin(quad.angle)))
    aside = np.array((along[1], -along[0]) if quad.tall else (-along[1], along[0]))
    grown = []
    for sign, off in zip((-1, 1), at(quad.curve, (0, 1)), strict=True):
        end = (quad.x, quad.y) + sign * length / 2 * along + off * aside
        near = replace(quad, x=end[0], y=end[1], curve=(), **{"height" if quad.tall else "width": 2 * height})
        piece = np.rot90(_cut(page, near), int(quad.tall))
        grown.append(min(height, _cut_off(piece if sign > 0 else piece[:, ::-1])))
    before, after = grown
    x, y = (quad.x, quad.y) + (after - before) / 2 * along
    curve = stretched(quad.curve, before / length, after / length)
    return replace(quad, x=float(x), y=float(y), curve=curve, **{"height" if quad.tall else "width": length + before + after})


def _cut_off(piece: Pixels) -> float:
    """Pixels of a word to the right of the middle of a piece of line (height, width) that begin left of it."""
    if int(piece.max()) - int(piece.min()) < _FAINT:
        return 0
    _, dark = cv2.threshold(np.ascontiguousarray(piece), 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    if dark.mean() > 0.5:
        dark = 1 - dark
    rows, middle = len(dark), dark.shape[1] // 2
    inked = dark[rows // 6 : rows - rows // 6].any(0) & ~dark.all(0)  # a column that is dark all over is a rule
    gap = max(2, round(_GAP * rows))
    columns = np.flatnonzero(inked)
    before = columns[columns < middle]
    if not len(before):
        return 0
    last = int(before[-1])
    for column in columns[columns >= middle]:
        if column - last > gap:
            break
        last = int(column)
    return last + 1 + gap / 2 - middle if last >= middle else 0


def strip(page: Pixels, quad: Quad, quarter_turns: int = 0) -> Pixels:
    """(HEIGHT, width, 3) of a line on a page (height, width) or (height, width, 3); it is turned counter-clockwise first.

    Its width is one of a few (`bucket`), whatever else is in its batch: what comes out depends on the strip alone.
    """
    cut = np.rot90(_cut(page, quad), quarter_turns)
    width = bucket(cut.shape[1] * HEIGHT / cut.shape[0])
    shrinks = cut.shape[0] > 1.5 * HEIGHT
    made: Pixels = cv2.resize(cut, (width, HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return coloured(made)


def coloured(image: Pixels) -> Pixels:
    """(height, width, 3) of what may be grey."""
    if image.ndim == 3:
        return image
    made: Pixels = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    return made


def bucket(width: float) -> int:
    """The next of the widths that strips have: steps of 32 pixels at first, never wider than an eighth of the strip."""
    step = 32
    while width > 16 * step:
        step *= 2
    return int(min(_WIDEST, max(_NARROWEST, ceil(width / step) * step)))


def _cut(page: Pixels, quad: Quad) -> Pixels:
    width, height = max(1, round(quad.width)), max(1, round(quad.height))
    if quad.curve:
        return _cut_along(page, quad, width, height)
    if abs(quad.angle) * quad.width < _LEVEL * 120:
        left, top = round(quad.x - quad.width / 2), round(quad.y - quad.height / 2)
        right, bottom = left + width, top + height
        if left >= 0 and top >= 0 and right <= page.shape[1] and bottom <= page.shape[0]:
            return page[top:bottom, left:right]
    along, down = (cos(quad.angle), sin(quad.angle)), (-sin(quad.angle), cos(quad.angle))
    corner = [
        quad.x - along[0] * quad.width / 2 - down[0] * quad.height / 2,
        quad.y - along[1] * quad.width / 2 - down[1] * quad.height / 2,
    ]
    # Of the strip's pixels to those of the page.
    placed = np.array([[along[0], down[0], corner[0]], [along[1], down[1], corner[1]]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    made: Pixels = cv2.warpAffine(page, placed, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return made


def _cut_along(page: Pixels, quad: Quad, width: int, height: int) -> Pixels:
    """A bent line, made straight."""
    columns, rows = np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2
    across, down = np.meshgrid(columns, rows)
    if quad.tall:
        across += at(quad.curve, np.linspace(0, 1, height))[:, None]
    else:
        down += at(quad.curve, np.linspace(0, 1, width))
    x = quad.x + across * cos(quad.angle) - down * sin(quad.angle)
    y = quad.y + across * sin(quad.angle) + down * cos(quad.angle)
    made: Pixels = cv2.remap(page, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return made
