"""Bullets that are drawn, as browsers do, or letters, as Word's are: shapes and rings in front of lines become such words.

Discs with numbers on them, as beamer has them, make those the markers of items.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from kbray.document.layout.words import Word
from kbray.geometry import Box

# In font sizes of the line: a shape that is larger is a box to tick, and one that is smaller a speck.
_LEAST, _LARGEST = 0.12, 0.6
_HEIGHT = (0.05, 0.65)  # of its middle above the baseline
_BEFORE = (0.15, 3.0)  # how far it stands in front of the line
_FREE = 1.5  # no word ends so close before it: then it stands between two, or a letter is there
_MOST = 400  # on a page: more are a plot
_SHARE = 0.6  # of the shapes of one size that stand in front of lines: of the points of a plot only some do by chance
_DIGITS = 2  # of a number on a disc
_BULLET = "•"
_RING, _RING_WRITTEN = "◦", "o"  # Word's bullet of the second level is this letter of Courier New
_TAB = 0.65  # font sizes: the least between it and the text, that of an indent for letters of 14 points; a space is narrower
_LEVEL = 0.2  # font sizes: baselines that are one
ICON = "\ufffc"
"""What stands for a letter of a font of pictures, of which nobody knows what they mean."""
_REACH, _ROW = 1.5, 8.0  # font sizes from a picture to the text that it is beside; points of a row in which it is looked for
_NONE = Box(0.0, 0.0, 0.0, 0.0)


def with_bullets(words: Sequence[Word], shapes: Sequence[Box]) -> list[Word]:
    """The words, letters that are bullets as such; before the first of each line that has a drawn bullet that one.

    Args: shapes: small ones, about as wide as high.
    """
    words = _with_rings(words)
    if not shapes or len(shapes) > _MOST:
        return words
    words = _with_numbers(words, shapes)
    found: dict[int, tuple[Box, tuple[int, int]]] = {}
    all_of: dict[tuple[int, int], int] = defaultdict(int)
    bullets: dict[tuple[int, int], int] = defaultdict(int)
    before: Counter[int] = Counter()  # shapes in front of words, by baseline
    by_height = sorted(range(len(words)), key=lambda index: words[index].baseline)
    heights = [words[index].baseline for index in by_height]
    tallest = max((word.size for word in words), default=0.0)
    for shape in dict.fromkeys(shapes):
        kind = round(shape.width), round(shape.height)
        all_of[kind] += 1
        middle = (shape.top + shape.bottom) / 2
        first, end = bisect_left(heights, middle), bisect_left(heights, middle + tallest)
        row = [index for index in by_height[first:end] if _is_level(shape, words[index])]
        after = min(
            (index for index in row if words[index].box.left >= shape.right),
            key=lambda index: words[index].box.left,
            default=None,
        )
        if after is None or after in found or not _is_before(shape, words[after]):
            continue
        before[round(words[after].baseline)] += 1
        if any(
            word.box.left < shape.right and shape.left < word.box.right + _FREE * word.size
            for word in map(words.__getitem__, row)
        ):
            continue
        found[after] = shape, kind
        bullets[kind] += 1
    lefts = Counter(round(shape.left) for shape, _ in found.values())
    alike = Counter(map(_exactly, shapes))
    listed = Counter((*_exactly(shape), round(shape.left)) for shape, _ in found.values())
    written: list[Word] = []
    for index, word in enumerate(words):
        shape, kind = found.get(index, (_NONE, (0, 0)))
        legend = before[round(word.baseline)] > 1 and lefts[round(shape.left)] == 1  # beside each other, not below
        column = listed[*_exactly(shape), round(shape.left)]  # … other signs of about their size, as those at the foot of a slide
        told = bullets[kind] >= _SHARE * all_of[kind] > 0 or (column > 1 and column >= _SHARE * alike[_exactly(shape)])
        if told and not legend:
            written += [replace(word, text=_BULLET, box=shape), replace(word, spaced=True)]
        else:
            written.append(word)
    return written


def with_icons(words: Sequence[Word]) -> list[Word]:
    """The words without pictures that stand beside text; those that stand alone, as ticks in the cells of tables, are bullets."""
    icons = sum(ICON in word.text for word in words)
    if not icons:
        return list(words)
    texts: dict[int, list[Word]] = defaultdict(list)  # by the row that they are in, about
    for word in words:
        if word.text.strip(ICON):
            texts[round(word.baseline / _ROW)].append(word)
    found: list[Word] = []
    for word in words:
        if ICON not in word.text:
            found.append(word)
        elif text := word.text.replace(ICON, ""):
            found.append(replace(word, text=text))
        else:
            row = round(word.baseline / _ROW)
            near = (other for at in range(row - 2, row + 3) for other in texts[at])
            if icons > _MOST or not any(_is_beside(word, other) for other in near):
                found.append(replace(word, text=word.text.replace(ICON, _BULLET)))
    return found


def _is_beside(icon: Word, text: Word) -> bool:
    gap = max(text.box.left - icon.box.right, icon.box.left - text.box.right)
    shared = min(text.box.bottom, icon.box.bottom) - max(text.box.top, icon.box.top)
    return gap <= _REACH * icon.size and shared >= _LEVEL * icon.size


def _with_rings(words: Sequence[Word]) -> list[Word]:
    rings = {index for index, word in enumerate(words) if word.text == _RING_WRITTEN and word.mono and _is_ring(word, words)}
    written = list(words)
    for index in rings:
        written[index] = replace(words[index], text=_RING, mono=False)
    return written


def _is_ring(letter: Word, words: Sequence[Word]) -> bool:
    """It stands first in its line, apart from letters of another face."""
    row = [word for word in words if word is not letter and abs(word.baseline - letter.baseline) < _LEVEL * letter.size]
    if any(letter.box.left - _FREE * letter.size < word.box.right and word.box.left < letter.box.right for word in row):
        return False
    after = min((word for word in row if word.box.left >= letter.box.right), key=lambda word: word.box.left, default=None)
    if after is None or after.mono:
        return False
    return _TAB * letter.size <= after.box.left - letter.box.right <= _BEFORE[1] * letter.size


def _exactly(shape: Box) -> tuple[float, float]:
    """Its sides: one program draws all bullets of a level alike."""
    return round(shape.width, 1), round(shape.height, 1)


def _with_numbers(words: Sequence[Word], shapes: Sequence[Box]) -> list[Word]:
    """The words, numbers that stand on shapes at one edge, before text, and count that as the markers that they are: `2.`."""
    columns: dict[int, dict[int, int]] = defaultdict(dict)  # by left edge of the shape: number → its word
    numbers = [index for index, word in enumerate(words) if word.text.isdecimal() and len(word.text) <= _DIGITS]
    for shape in dict.fromkeys(shapes) if len(numbers) > 1 else ():
        for index in numbers:
            if shape.holds(*words[index].box.middle) and _opens(words, index, shape):
                columns[round(shape.left)].setdefault(int(words[index].text), index)
    written = list(words)
    for places in columns.values():
        counted = [places[number] for number in range(1, len(places) + 1) if number in places]
        if len(counted) == len(places) > 1 and counted == sorted(counted, key=lambda index: words[index].baseline):
            for index in counted:
                written[index] = replace(words[index], text=f"{words[index].text}.")
    return written


def _opens(words: Sequence[Word], number: int, shape: Box) -> bool:
    """A letter stands behind a shape, and nothing before it: what squares of a puzzle hold, or of a plot, is no list."""
    row = [word for index, word in enumerate(words) if index != number and _is_level(shape, word)]
    free = not any(word.box.left < shape.right and shape.left < word.box.right + _FREE * word.size for word in row)
    behind = [word for word in row if 0 <= word.box.left - shape.right <= _BEFORE[1] * word.size]
    return free and bool(behind) and min(behind, key=lambda word: word.box.left).text[0].isalpha()


def _is_level(shape: Box, word: Word) -> bool:
    above = word.baseline - (shape.top + shape.bottom) / 2
    return _HEIGHT[0] * word.size <= above <= _HEIGHT[1] * word.size


def _is_before(shape: Box, word: Word) -> bool:
    gap = word.box.left - shape.right
    return _LEAST * word.size <= shape.height <= _LARGEST * word.size and _BEFORE[0] * word.size <= gap <= _BEFORE[1] * word.size
