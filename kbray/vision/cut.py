"""What the edge of a picture cut off from a column or page beside."""

from collections.abc import Sequence

from kbray.document.layout.spacing import is_value
from kbray.vision.ocr import Found

_AT_EDGE, _DARK = 0.15, 0.015  # of its height: as much white as detection adds to a line; of the width: the edge of the paper
_NARROW = 4  # times wider than high at most: a few letters
_FEWEST = 4  # such pieces tell a column; of its lines, or of those at the edge, so few are longer:
_LONGER = 0.25
_PROSE = 20  # characters of a line of text; cells are shorter
_VALUES = 0.33  # of the pieces at most: a last column of figures is no other text


def cut_off(lines: Sequence[Found], left: float, right: float) -> list[Found]:
    """Lines of which the edge of the picture left a few letters, at either side, beside the text of the page.

    Read with that, row by row, they would tear it. Where lines of the page reach the edge themselves nothing is known.
    Args: left, right: where the picture begins and ends; pixels.
    """
    level = [found for found in lines if not found.quad.tall]
    dark = _DARK * (right - left)
    at_left = [found for found in level if _start(found) < left + max(dark, _AT_EDGE * found.quad.height)]
    at_right = [found for found in level if _end(found) > right - max(dark, _AT_EDGE * found.quad.height)]
    return [found for side in (at_left, at_right) for found in _of_another(side, level)]


def _of_another(side: Sequence[Found], level: Sequence[Found]) -> list[Found]:
    pieces = [found for found in side if found.quad.width <= _NARROW * found.quad.height]
    if len(pieces) < _FEWEST or len(side) - len(pieces) > _LONGER * len(pieces):
        return []
    if sum(any(map(str.isdigit, found.read.text)) and is_value(found.read.text) for found in pieces) > _VALUES * len(pieces):
        return []
    text = [found for found in level if found.quad.width > _NARROW * found.quad.height and len(found.read.text) >= _PROSE]
    beside = sum(any(abs(other.quad.y - found.quad.y) < 0.5 * found.quad.height for other in text) for found in pieces)
    return pieces if 2 * beside > len(pieces) else []


def _start(found: Found) -> float:
    return found.quad.x - found.quad.width / 2


def _end(found: Found) -> float:
    return found.quad.x + found.quad.width / 2
