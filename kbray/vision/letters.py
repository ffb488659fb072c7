"""What the letters of a line of print tell beside what they say: the size of its font, and which figures are raised."""

import re
from bisect import bisect
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kbray.vision.detection import Pixels, gray
from kbray.vision.head import is_ideograph

_TALL, _LOW = 0.72, 0.52  # of the font size: letters that reach above or below the others, and those others
_REACHING = frozenset("bdfghjklpqyßþ")
_HIGHEST = frozenset("()[]{}|/\\")
_FEW = 0.08  # of the letters: so few that reach out tell no height
_POINT = 0.25  # of a strip's height: what is lower is no letter
_GAP = 0.4  # of a strip's height: words stand closer
_GAP_BEFORE = 0.24  # … and what is before the first letter stands farther from it than the parts of a letter
_SPACE, _SPACES = 0.12, 3  # of a strip's height: no space is narrower; so many tell how wide they are on a line
_ONE_BY_ONE = 0.25  # of the characters: where more stand apart, they are spaced out, or cells of a form
_FIGURES = re.compile(r"(?<!\d)(?<!\d[.,/:])\d{1,3}(?![\d/:%]|[.,]\d)")
_FEWEST = 5  # letters of a line whose foot is told by them
_LIFTED = 0.11  # of a strip's height: so far above that does a raised figure end
_LOWER = 0.8  # of the height of tall letters: a raised figure is lower
_HARDLY_LOWER, _HIGH = 0.95, 0.2  # … or nearly as high, and so far above of a strip's height
_ASTRAY = 0.1  # of a strip's height: so far may a figure be read beside where it stands


class Sign(NamedTuple):
    """Ink that hangs together; in pixels of its strip."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        return self.bottom - self.top


def signs(strip: Pixels) -> list[Sign]:
    """Those of a strip (height, width) or (height, width, 3) that may be letters: none where it is a rule along it."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink_of(strip), connectivity=8)
    found = (Sign(x, y, x + wide, y + high) for x, y, wide, high, _ in stats[1:].tolist())
    return [sign for sign in found if _POINT * len(strip) <= sign.height < 0.96 * len(strip)]


class Gap(NamedTuple):
    """White within a line; `behind`: the first character after it; where it begins and ends, from 0 to 1 along the strip.

    With 0 characters before it there is ink that was read as nothing: a bullet, often.
    """

    behind: int
    start: float
    end: float


def spread(strip: Pixels, places: Sequence[float]) -> tuple[tuple[float, float], tuple[Gap, ...]]:
    """Where the print of a strip begins and ends, from 0 to 1, and the white in it that may part words.

    Detection adds white to a line, by which columns seem to touch, and takes cells that stand close for one line.
    places: of the middles of its characters; without them nothing is known but the ends.
    """
    ink = ink_of(strip)
    rows, width = ink.shape
    inked = np.flatnonzero(ink[rows // 6 : rows - rows // 6].any(0) & ~ink.all(0)).tolist()  # all dark: a rule of a table
    if not inked:
        return (0.0, 1.0), ()
    ends = inked[0] / width, (inked[-1] + 1) / width
    if not places:
        return ends, ()
    ends = min(places[0], ends[0]), max(places[-1], ends[1])
    white = ((last, first) for last, first in pairwise(inked) if first - last > _SPACE * rows)
    return ends, tuple(
        Gap(bisect(places, (last + 1 + first) / (2 * width)), (last + 1) / width, first / width) for last, first in white
    )


def wide(gaps: Sequence[Gap], characters: int, shape: tuple[int, ...]) -> tuple[Gap, ...]:
    """Those that are wider than between words, before the last character, and before the first one what ends its parts."""
    height, width = shape
    return tuple(
        gap
        for gap in gaps
        if gap.behind < characters and (gap.end - gap.start) * width > (_GAP if gap.behind else _GAP_BEFORE) * height
    )


def lost_spaces(text: str, places: Sequence[float], gaps: Sequence[Gap], shape: tuple[int, ...]) -> list[Gap]:
    """Where white stands between two characters that recognition read as one word: behind numbers of sections, most often.

    It is wider than between words, or as wide as the spaces of this line; figures have one width, within which a 1 stands apart.
    Ideographs stand apart anyway.
    """
    height, width = shape
    usual = _GAP * height
    told = [(gap.end - gap.start) * width for gap in gaps if 0 < gap.behind < len(text) and _at_space(text, gap.behind)]
    least = min(usual, median(told)) if len(told) >= _SPACES else usual
    found = [
        gap
        for gap in gaps
        if 0 < gap.behind < len(text)
        and (gap.end - gap.start) * width > (usual if text[gap.behind - 1 : gap.behind + 1].isdecimal() else least)
        and places[gap.behind - 1] < gap.start
        and gap.end < places[gap.behind]
        and not _at_space(text, gap.behind)
        and not any(is_ideograph(one) or not one.isalnum() for one in text[gap.behind - 1 : gap.behind + 1])
    ]
    return found if len(found) <= _ONE_BY_ONE * len(text) else []


def _at_space(text: str, behind: int) -> bool:
    return " " in text[behind - 1 : behind + 1]


def ink_of(strip: Pixels) -> NDArray[np.uint8]:
    """1 where there is print, darker or lighter than its ground."""
    _, dark = cv2.threshold(gray(strip), 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return np.asarray(1 - dark if dark.mean() > 0.5 else dark, np.uint8)


def font_size(found: Sequence[Sign], text: str) -> float | None:
    """In pixels of the strip; None where its letters don't tell it.

    The height of a line's box depends on which letters it has. Their own heights tell more: put in order, the middle one of those
    that reach out.
    """
    letters = [character for character in text if character.isalnum()]
    if len(letters) < 2 or not found or sum(map(is_ideograph, letters)) > 0.2 * len(letters):
        return None
    reaching = sum(not letter.islower() or letter in _REACHING for letter in letters) / len(letters)
    heights = sorted(sign.height for sign in found)
    heights = heights[: max(1, len(heights) - sum(character in _HIGHEST for character in text))]
    if reaching < _FEW:
        return heights[len(heights) // 2] / _LOW
    return heights[min(len(heights) - 1, int(len(heights) * (1 - reaching / 2)))] / _TALL


def raised(found: Sequence[Sign], text: str, places: Sequence[float], shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Where in `text` figures begin and end that stand above the line: marks of notes, exponents.

    places: of its characters, from 0 to 1 along the strip. shape: height and width of that.
    """
    wanted = [figures.span() for figures in _FIGURES.finditer(text)]
    if not wanted or len(found) < _FEWEST:
        return []
    height, width = shape
    foot = median(sign.bottom for sign in found)
    tall = float(np.quantile([sign.height for sign in found], 0.8))

    def lifted(place: float) -> bool:
        here = [one for one in found if one.left - _ASTRAY * height <= place * width <= one.right + _ASTRAY * height]
        near = min(here, key=lambda one: abs((one.left + one.right) / 2 - place * width), default=None)
        if near is None:
            return False
        above = (foot - near.bottom) / height
        return (above >= _LIFTED and near.height <= _LOWER * tall) or (above >= _HIGH and near.height <= _HARDLY_LOWER * tall)

    return [(start, end) for start, end in wanted if all(map(lifted, places[start:end]))]
