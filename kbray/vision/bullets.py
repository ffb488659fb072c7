"""Bullets of lists on a page image: detection looks for letters, and leaves out what stands alone before them.

What it takes in is read as a letter: a ring as an `o`, a degree sign or the full stop of Chinese.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kbray.geometry import Box
from kbray.vision.detection import Pixels, gray
from kbray.vision.letters import Gap

_REACH = 3.0  # of a line's height: so far before it at most
_SHOWN = 2.0  # … and so much of the line is seen with that, to tell ink from paper
_SMALLEST, _LARGEST = 0.1, 0.55  # of a line's height
_SPECK = 0.04  # of it: what is no larger is none
_LONGEST = 1.5  # times as long as wide
_FULL = 0.6  # of its box at least is within its outline: of a disc and a ring 0.78
_HIGH, _LOW = 0.35, 0.7  # of a line's height, from its top: between them is its middle
_BESIDE = 0.35  # of a line's height: bullets of one list stand no further to the left or right of each other
_NEXT, _DEEPER = 3.5, 4.0  # of a line's height: the next item, and how far further in or out its bullet stands
_ALIKE = 1.3  # times larger at most than another of its list
_CONTRAST = 40  # of 255: where there is less, there is no print
_SURE = frozenset("•◦‣▪▫●○■□◆◇►▶。")  # as no line of text begins
_MAYBE = frozenset("o°º.")  # not the figure, which may be a cell


class Bullet(NamedTuple):
    line: int  # its number
    box: Box
    read: bool  # as the first character of the line


def first_sign(text: str, gaps: Sequence[Gap]) -> str:
    """The first character of a line where that may be a bullet, as what it is, or because white sets it apart; or ""."""
    apart = any(len(text[: gap.behind].strip()) == 1 for gap in gaps)
    return text[:1] if text[:1] in _SURE or (apart and text[:1] in _MAYBE) else ""


def bullets_in(page: Pixels, lines: Sequence[Box], signs: Mapping[int, tuple[str, Box]], scale: float) -> list[Bullet]:
    """Those before lines of an upright, level page; boxes in points, `scale`: points a pixel.

    One alone may be a speck or a letter: each has another above or below, or the items of its list around it.

    signs: what `first_sign` tells of lines, by number.
    """
    tones = gray(page)
    sides = np.array([(line.left, line.top, line.right, line.bottom) for line in lines]).reshape(-1, 4) / scale
    spots = {number: _before(tones, sides, number) for number in range(len(lines)) if number not in signs}
    drawn = {number: Box(*(side * scale for side in spot)) for number, spot in spots.items() if spot is not None}
    every = drawn | {number: box for number, (_, box) in signs.items()}

    def is_one(number: int, box: Box) -> bool:
        near = [
            other for other in every if other != number and abs(every[other].left - box.left) <= _BESIDE * lines[number].height
        ]
        return any(not {number, other} <= drawn.keys() or _alike(box, drawn[other], scale) for other in near)

    told = {n: box for n, box in every.items() if (n in signs and signs[n][0] in _SURE) or is_one(n, box)}

    def is_over(number: int, box: Box) -> bool:
        """It is alone where it stands, and those of the items around it stand further in or out, as far from their texts."""
        line = lines[number]
        return any(
            other in told
            and _alike(box, drawn[other], scale)
            and abs(lines[other].middle[1] - line.middle[1]) < _NEXT * line.height
            and abs(drawn[other].left - box.left) < _DEEPER * line.height
            and abs((lines[other].left - drawn[other].left) - (line.left - box.left)) <= _BESIDE * line.height
            for other in drawn
        )

    told |= {number: box for number, box in drawn.items() if number not in told and is_over(number, box)}
    return [Bullet(number, box, number in signs) for number, box in every.items() if number in told]


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
    outlines, _ = cv2.findContours(np.ascontiguousarray(ink[:, : end - start]), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outlines = [outline for outline in outlines if max(cv2.boundingRect(outline)[2:]) > _SPECK * height]
    if len(outlines) != 1:
        return None
    x, y, wide, high = cv2.boundingRect(outlines[0])
    area = cv2.drawContours(np.zeros(ink.shape, np.uint8), outlines, -1, 1, cv2.FILLED).sum()
    sized = _SMALLEST * height <= min(wide, high) and max(wide, high) <= min(_LARGEST * height, _LONGEST * min(wide, high))
    whole = x > 0 and x + wide < end - start and area >= _FULL * wide * high
    level = _HIGH * height <= first - top + y + high / 2 <= _LOW * height
    return (start + x, first + y, start + x + wide, first + y + high) if sized and whole and level else None


def _alike(one: Box, other: Box, scale: float) -> bool:
    small, large = sorted((one.height, other.height))
    return large <= _ALIKE * small + scale
