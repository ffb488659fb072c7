"""Which words of a page are written from the top down, in columns from the right, as Japanese and Chinese are in books.

pdfium takes their letters for lines of one letter each, below each other.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from kbray.document.layout.words import is_cjk

_LEAST = 12  # letters below each other: fewer are labels at the side of a table
_ALIGNED = 0.35  # of the font size: letters of a column have their middles so near
_NEAR = 1.5  # … and are so far apart, at most
_WIDE = 1.5  # … a word that is wider has letters beside each other
_OVERLAP = 0.5  # … letters below each other share less of their height


@dataclass(frozen=True, slots=True)
class Placed:
    """A word without white space in user space."""

    text: str
    size: float  # of the font
    left: float
    top: float
    right: float
    bottom: float
    lying: bool = False  # on its side, as Latin words in columns do; else its letters stand upright


def downwards(words: Sequence[Placed]) -> list[bool]:
    """Which of the upright words, in the order of the content stream, stand in columns that are read from the top down.

    None, unless most Chinese and Japanese letters of the page do: a column is read as if it were a line, turned.
    """
    below = across = 0
    for word in words:
        if is_cjk(word.text[0]) and not word.lying:
            wide, high = word.right - word.left, word.top - word.bottom
            below += (len(word.text) - 1) * (high > _WIDE * wide)
            across += (len(word.text) - 1) * (wide > _WIDE * high)
    for one, other in itertools.pairwise(words):
        if is_cjk(one.text[-1]) and is_cjk(other.text[0]):
            below += _follows(one, other)
            across += _stands_beside(one, other)
    if below < _LEAST or below <= across:
        return [False] * len(words)
    found: list[bool] = []
    for index, word in enumerate(words):
        narrow = word.right - word.left <= _WIDE * word.size and not word.lying
        in_column = index > 0 and (found[-1] or words[index - 1].lying) and _follows(words[index - 1], word)
        found.append(narrow and (in_column or is_cjk(word.text[0])))
    return found


def _follows(one: Placed, other: Placed) -> bool:
    """The other one stands right below."""
    size = max(one.size, other.size)
    away = abs(one.left + one.right - other.left - other.right) / 2
    return away <= _ALIGNED * size and -_OVERLAP * size <= one.bottom - other.top <= _NEAR * size


def _stands_beside(one: Placed, other: Placed) -> bool:
    """The other one stands right behind, on its line."""
    size = max(one.size, other.size)
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared > _OVERLAP * size and -_OVERLAP * size <= other.left - one.right <= _NEAR * size
