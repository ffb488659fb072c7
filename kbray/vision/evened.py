"""Sizes of recognised print: what is measured of a line by itself strays, and the lines around it tell better."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from kbray.document.layout.words import Word

_EVEN = 1.14  # times larger or smaller than the print around it, or than most of the page: so close, and it has that size
_EVEN_LINES = 1.08  # … and so close where several lines tell it
_NEAR = 8  # lines above one, which tell that size
_CLOSE = 1.6  # font sizes from line to line of one text, at most
_LINES, _STRAY = 2, 1.4  # of a paragraph, at least; times larger or smaller: so much is a short line's size measured wrong
_AT_MARGIN, _IN_STEP = 0.6, 0.2  # of the font size: so far may it begin from its margin, and stand from its place
_FULL = 2.0  # … from the other margin does a full line end, at most
_TEXT = 8.0  # … is a line of text long, at least: labels and addresses are no paragraphs
_TERMINAL = tuple(".!?:;。！？：；")


def evened(words: Sequence[Word]) -> list[Word]:
    """Words with the size of the lines around them, or the usual one, where theirs comes close: what is measured strays.

    That of a few letters strays most: the last line of a paragraph has the size of those above it. Args: words: in rows.
    """
    if not words:
        return []
    usual = _usual(words)
    sizes: dict[int, float] = {}
    groups = _in_groups(words)
    for group in groups:
        size, most = _usual(group), _EVEN if len(group) == 1 else _EVEN_LINES
        sizes |= dict.fromkeys(map(id, group), usual if usual / most <= size <= usual * most else size)
    for one in (group[0] for group in groups if len(group) == 1):
        above = next((group[-1] for group in groups if _ends(group, one)), None)
        if above is not None:
            sizes[id(one)] = sizes[id(above)]
    return [replace(word, size=sizes[id(word)]) for word in words]


def _in_groups(words: Sequence[Word]) -> list[list[Word]]:
    """Lines closely below each other, in about one size; words from top to bottom."""
    groups: list[list[Word]] = []
    near: list[list[Word]] = []  # those that may go on
    for word in words:
        near = [group for group in near if word.baseline - group[-1].baseline < _EVEN * _CLOSE * group[-1].size]
        group = next((group for group in reversed(near) if _goes_on(group, word)), None)
        if group is None:
            group = []
            groups.append(group)
            near.append(group)
        group.append(word)
    return groups


def _goes_on(group: Sequence[Word], word: Word) -> bool:
    last, size = group[-1], _usual(group[-_NEAR:])
    below = 0.5 * size < word.baseline - last.baseline < _CLOSE * size
    beside = last.box.left < word.box.right and word.box.left < last.box.right
    return below and beside and word.bold == last.bold and size / _EVEN <= word.size <= size * _EVEN


def _ends(group: Sequence[Word], word: Word) -> bool:
    """A line by itself is the last one of a paragraph: it begins below the others, as far as they are from each other.

    The one above it goes to the margin, and no sentence ends there.
    """
    last, size = group[-1], _usual(group[-_NEAR:])
    steps = [below.baseline - above.baseline for above, below in pairwise(group)]
    if len(group) < _LINES or word.bold != last.bold or last.text.endswith(_TERMINAL):
        return False
    left, right = min(one.box.left for one in group[1:]), max(one.box.right for one in group)
    aside = min(abs(word.box.left - left), abs(word.box.left - last.box.left))  # entries hang
    at_margin = aside < _AT_MARGIN * size and word.box.right < right + size
    full = right - last.box.right < _FULL * size and last.box.width >= _TEXT * size
    in_step = abs(word.baseline - last.baseline - median(steps)) < _IN_STEP * size
    return at_margin and full and in_step and 1 / _STRAY < word.size / size < _STRAY


def _usual(words: Sequence[Word]) -> float:
    """The size that half of the print doesn't exceed."""
    return median(sorted(size for word in words for size in [word.size] * len(word.text)))
