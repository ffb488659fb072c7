"""The pages that lie on one picture: two of an open book, or one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kbray.geometry import Box
from kbray.vision.bends import at
from kbray.vision.cut import cut_off
from kbray.vision.detection import Pixels, Quad
from kbray.vision.ocr import Found, Page
from kbray.vision.placing import Keystone, keystone_of, slope_of
from kbray.vision.rules import rules_in

_LANDSCAPE = 1.1  # times wider than high is what two upright pages are together, at least
_GUTTER = 0.035  # of the width: the inner margins of two pages; columns of one are set closer
_MIDDLE = 0.1  # of the width: so far from the middle of the picture a book may lie
_OVER, _RULES = 0.8, 2  # of the gutter's width: so long are rules over it, of which the edge of a picture is none
_LINES = 6  # of text on each page
_TELLS = 0.7  # of the longest line that is bent: shorter ones may lie where all is bent, and tell not how far
_COLUMN = 0.35  # of the width of a page's print: one of two columns


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of print on an upright picture, from `left` to `right` (pixels); it has a slope of its own (radians).

    Its lines are where they would be without its bends and its keystone.
    """

    lines: tuple[Found, ...]
    left: float
    right: float
    slope: float
    keystone: Keystone | None = None
    beside: tuple[Found, ...] = ()  # what the edges of the picture left of a column or page beside

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def undivided(page: Page) -> Sheet:
    """All of the picture."""
    return _sheet(page.lines, 0, page.width)


def sheets_on(page: Page, pixels: Pixels, scale: float) -> list[Sheet]:
    """From left to right, as those of a book are read. What no lines of text tell to be two is one.

    Args: pixels: as they came. scale: points a pixel.
    """
    gutter = _gutter(page)
    if gutter is None or _is_ruled(np.rot90(pixels, page.quarter_turns), page, gutter, scale):
        return [_alone(undivided(page))]
    middle = sum(gutter) / 2
    left, right = ([found for found in page.lines if (found.quad.x < middle) == before] for before in (True, False))
    return [_alone(_sheet(left, 0, middle)), _alone(_sheet(right, middle, page.width))]


def _sheet(lines: Sequence[Found], left: float, right: float) -> Sheet:
    flat = _flattened(lines)
    keystone = keystone_of(flat, (left + right) / 2)
    if keystone is not None:
        flat = tuple(found if found.quad.tall else replace(found, quad=keystone.flat(found.quad)) for found in flat)
    return Sheet(flat, left, right, slope_of(flat), keystone)


def _alone(sheet: Sheet) -> Sheet:
    cut = cut_off(sheet.lines, sheet.left, sheet.right)
    lines = tuple(found for found in sheet.lines if found not in cut)
    return replace(sheet, lines=lines, beside=tuple(sorted(cut, key=lambda found: (found.quad.x > sheet.middle, found.quad.y))))


def _flattened(lines: Sequence[Found]) -> tuple[Found, ...]:
    """Where they would be on paper that lies flat, as the longest of the lines that are bent tell."""
    curved = [found.quad for found in lines if found.quad.curve and not found.quad.tall]
    longest = max((quad.width for quad in curved), default=0.0)
    known = [quad for quad in curved if quad.width >= _TELLS * longest]
    return tuple(replace(found, quad=_flat(found.quad, known)) if known and not found.quad.tall else found for found in lines)


def _flat(quad: Quad, known: Sequence[Quad]) -> Quad:
    """Moved by as much as the paper lies off there, between the next lines above and below."""
    first = max((one for one in known if one.y <= quad.y), key=lambda one: one.y, default=known[0])
    second = min((one for one in known if one.y >= quad.y), key=lambda one: one.y, default=first)
    first = first if first.y <= quad.y else second
    share = (quad.y - first.y) / (second.y - first.y) if second.y > first.y else 0.0
    aside = np.linspace(-0.5, 0.5, len(first.curve)) * quad.width
    off = (1 - share) * _off(first, quad.x + aside) + share * _off(second, quad.x + aside)
    heights = np.tan(quad.angle) * aside + at(quad.curve, aside / quad.width + 0.5) - off
    shift, rise = np.polynomial.polynomial.polyfit(aside, heights, 1)
    return Quad(quad.x, quad.y + float(shift), quad.width, quad.height, float(np.arctan(rise)))


def _off(line: Quad, x: NDArray[Any]) -> NDArray[np.float64]:
    return at(line.curve, (x - line.x) / line.width + 0.5)


def _gutter(page: Page) -> tuple[float, float] | None:
    """The white where the pages of an open book meet: it is wide, no line runs over it, and text stands on both sides."""
    if page.width < _LANDSCAPE * page.height:
        return None
    level = sorted(_ends(found) for found in page.lines if not found.quad.tall)
    wide = [strip for strip in _white(level) if strip[1] - strip[0] >= _GUTTER * page.width]
    between = [strip for strip in wide if abs(sum(strip) / 2 - page.width / 2) <= _MIDDLE * page.width]
    if len(between) != 1:
        return None
    (gutter,) = between
    sides = [line for line in level if line[1] <= gutter[0]], [line for line in level if line[0] >= gutter[1]]
    return gutter if all(map(_is_text, sides)) else None


def _is_ruled(upright: Pixels, page: Page, gutter: tuple[float, float], scale: float) -> bool:
    """Rules run over it, as those of a table do whose cells are full of text."""
    heights = [found.quad.y * scale for found in page.lines if not found.quad.tall]
    place = Box(gutter[0] * scale, min(heights), gutter[1] * scale, max(heights))
    return sum(rule.width >= _OVER * place.width for rule in rules_in(upright, place, scale)) >= _RULES


def _ends(found: Found) -> tuple[float, float]:
    return found.quad.x - found.quad.width / 2, found.quad.x + found.quad.width / 2


def _white(lines: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Strips that no line runs into; `lines`: where each begins and ends, from the left."""
    end = lines[0][1] if lines else 0.0
    for left, right in lines:
        if left > end:
            yield end, left
        end = max(end, right)


def _is_text(lines: Sequence[tuple[float, float]]) -> bool:
    """Most is in lines as long as a page is wide, or one of its two columns; cells of tables and lines of slides are not."""
    if not lines:
        return False
    width = max(right for _, right in lines) - min(left for left, _ in lines)
    lengths = [right - left for left, right in lines]
    full = [length for length in lengths if length >= _COLUMN * width]
    return len(full) >= _LINES and 2 * sum(full) >= sum(lengths)
