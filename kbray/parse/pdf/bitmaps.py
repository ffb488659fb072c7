"""Fonts of bitmaps, as TeX has them: their boxes may be around the ink of letters, and their size a printer's resolution."""

import ctypes
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np
import pypdfium2.raw as pdfium

from kbray.parse.pdf import calls
from kbray.parse.pdf.meanings import by_font, name_of

_SAMPLE = 64  # characters of a page, or letters of a font
_SAID = 0.3  # of the height of its letters: no font is that small
_BOXES = 0.7, 2.0  # font sizes: how high boxes of letters are
# How high letters are, as a share of the font size, in Computer Modern and about so in others.
_HEIGHTS = ((frozenset(map(ord, "ABCDEFGHIKLMNOPRSTUVWXYZbdhkl0123456789")), 0.68), (frozenset(map(ord, "acemnorsuvwxz")), 0.44))
_ABOVE, _BELOW = 0.75, 0.25  # … and how far print reaches from the baseline
_ASKEW = 0.01  # quarter turns
_SIDES = ((1, 3, 1), (0, 2, -1), (3, 1, -1), (2, 0, 1))
"""By the quarter turn of text, counter-clockwise: which side of a box (left, top, right, bottom) is above, which below, and
whether coordinates grow upwards."""


@dataclass(frozen=True, slots=True)
class Bitmaps:
    """What is printed in such fonts on a page."""

    fonts: Mapping[int, Sequence[int]] = field(default_factory=dict)  # indices of characters, by address
    sizes: Mapping[int, float] = field(default_factory=dict)  # in points, by address, of those whose letters tell it
    boxes: Mapping[int, Sequence[float]] = field(default_factory=dict)  # left, top, right, bottom in user space, by index

    def level(self, indices: Sequence[int], boxes: np.ndarray) -> None:
        """Make those of these characters that are in such fonts as high as their print may be. boxes: (characters, 4)."""
        if self.boxes:
            for place, index in enumerate(indices):
                if index in self.boxes:
                    boxes[place] = self.boxes[index]


def bitmaps_on(page: calls.Pointer, codes: Sequence[int]) -> Bitmaps:
    """Args: codes: of all characters of the page; those of TeX's letters are ASCII."""
    sample = by_font(page, range(0, len(codes), max(1, len(codes) // _SAMPLE)))
    if not any(_is_bitmaps(page, font, indices) for font, indices in sample.items()):
        return Bitmaps()
    fonts = {font: found for font, found in by_font(page, range(len(codes))).items() if _is_bitmaps(page, font, found)}
    sizes: dict[int, float] = {}
    boxes: dict[int, Sequence[float]] = {}
    for font, indices in fonts.items():
        said = _said(page, indices)
        for turn, printed in _by_turn(page, indices).items():
            size = said or _size(page, codes, printed, turn)
            if size is not None:
                sizes[font] = size
                boxes |= zip(printed, _even(page, printed, turn, size).tolist(), strict=True)
    return Bitmaps(fonts, sizes, boxes)


def _is_bitmaps(page: calls.Pointer, font: int, indices: Sequence[int]) -> bool:
    """Its name, and its size or its boxes, tell nothing of its letters."""
    if name_of(font):
        return False
    said = _said(page, indices)
    return said is None or not _BOXES[0] * said <= _across(_loose(page, indices[:_SAMPLE])) <= _BOXES[1] * said


def _said(page: calls.Pointer, indices: Sequence[int]) -> float | None:
    """The size that is told of characters of a font, in points; None: it is no size of theirs."""
    matrix = pdfium.FS_MATRIX()
    calls.matrix_at(page, indices[0], ctypes.byref(matrix))
    said = abs(calls.font_size_of(page, indices[0]) * math.hypot(matrix.c, matrix.d))
    return said if said >= _SAID * _across(_inks(page, indices[:_SAMPLE])) else None


def _across(boxes: np.ndarray) -> float:
    """How large letters are, by the larger side of each of these boxes (letters, 4)."""
    left, top, right, bottom = boxes.T
    return float(np.median(np.maximum(top - bottom, right - left)))


def _by_turn(page: calls.Pointer, indices: Sequence[int]) -> dict[int, list[int]]:
    """What is printed in quarter turns."""
    found: dict[int, list[int]] = {}
    turns: dict[int, int | None] = {}  # by text object, in which all is alike
    for index in indices:
        text_object = calls.object_of(page, index)
        if text_object not in turns:
            turns[text_object] = _turn(page, index)
        turn = turns[text_object]
        if turn is not None:
            found.setdefault(turn, []).append(index)
    return found


def _turn(page: calls.Pointer, index: int) -> int | None:
    matrix = pdfium.FS_MATRIX()
    if not calls.matrix_at(page, index, ctypes.byref(matrix)):
        return None
    turns = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
    return round(turns) % 4 if abs(turns - round(turns)) <= _ASKEW else None


def _size(page: calls.Pointer, codes: Sequence[int], indices: Sequence[int], turn: int) -> float | None:
    """By how high letters are; None: there is none of those that tell it."""
    above, _, upwards = _SIDES[turn]
    for letters, share in _HEIGHTS:
        known = [index for index in indices if codes[index] in letters][:_SAMPLE]
        if known:
            heights = upwards * (_inks(page, known)[:, above] - _baselines(page, known, turn))
            return max(0.1, round(float(np.median(heights)) / share, 1))
    return None


def _even(page: calls.Pointer, indices: Sequence[int], turn: int, size: float) -> np.ndarray:
    """(characters, 4): left, top, right, bottom, all as high as print of this size."""
    boxes = _loose(page, indices)
    above, below, upwards = _SIDES[turn]
    baselines = _baselines(page, indices, turn)
    boxes[:, above] = baselines + upwards * _ABOVE * size
    boxes[:, below] = baselines - upwards * _BELOW * size
    return boxes


def _baselines(page: calls.Pointer, indices: Sequence[int], turn: int) -> np.ndarray:
    """Where characters stand, across the direction of their text, in user space."""
    origins = np.zeros((len(indices), 2))
    list(map(calls.origin_of, repeat(page), indices, calls.places(origins[:, 0]), calls.places(origins[:, 1])))
    return origins[:, (turn + 1) % 2]


def _loose(page: calls.Pointer, indices: Sequence[int]) -> np.ndarray:
    """(characters, 4): left, top, right, bottom of what a font tells of them."""
    boxes = np.zeros((len(indices), 4), np.float32)
    list(map(calls.box_of, repeat(page), indices, calls.places(boxes)))
    return boxes


def _inks(page: calls.Pointer, indices: Sequence[int]) -> np.ndarray:
    """(characters, 4): left, top, right, bottom of what is drawn; the looser boxes of such fonts are of any height."""
    inks = np.zeros((len(indices), 4))
    left, top, right, bottom = (calls.places(inks[:, side]) for side in range(4))
    list(map(calls.ink_of, repeat(page), indices, left, right, bottom, top))
    return inks
