"""How Chinese characters are read, in small print over them: put behind them in brackets. As a line it would part a paragraph.

The brackets are those of the script, of full width: beside others white space would be told.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from kbray.document.layout.words import Word
from kbray.geometry import Box, union

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]+")
_HAN = re.compile("[\u3005\u3007\u3400-\u9fff\uf900-\ufaff]")
_SMALL = 0.62  # of the size of what is read so: the usual is a half
_TOUCHING = 0.35  # of that size: so far above it, at most, or into it
_BESIDE = 0.3  # … and so far beyond its ends may a character have its middle
_NEXT = 0.8  # of its own size, to its next letter where these are drawn one by one
_LEVEL = 0.2  # … letters on one line
_MOST = 5_000_000  # pairs of small print and characters on a page; one with more is left as it is


def with_ruby(words: Sequence[Word]) -> list[Word]:
    """The words of a page, those that tell how others are read being part of these: `漢字（かんじ）`."""
    most = max((word.size for word in words), default=0.0)
    small = [index for index, word in enumerate(words) if word.size <= _SMALL * most and _KANA.fullmatch(word.text)]
    if not small:
        return list(words)
    bases = sorted((word.box.top, index) for index, word in enumerate(words) if _HAN.search(word.text))
    if len(small) * len(bases) > _MOST:
        return list(words)
    readings: dict[int, list[tuple[int, str]]] = {}  # by word: behind so many letters
    gone: set[int] = set()
    for group in _grouped(words, small):
        box = union(words[index].box for index in group)
        first, last = (bisect_left(bases, (box.bottom + way * _TOUCHING * most,)) for way in (-1, 1))
        place = _read_so(words, [index for _, index in bases[first:last]], box, words[group[0]].size)
        if place is not None:
            gone.update(group)
            base, letters = place
            readings.setdefault(base, []).append((letters, "".join(words[index].text for index in group)))
    found: list[Word] = []
    for index, word in enumerate(words):
        if index not in gone:
            text = word.text
            for letters, reading in sorted(readings.get(index, []), reverse=True):
                text = f"{text[:letters]}（{reading}）{text[letters:]}"
            found.append(replace(word, text=text) if index in readings else word)
    return found


def _grouped(words: Sequence[Word], small: Sequence[int]) -> list[list[int]]:
    """Letters that are drawn one by one together."""
    groups: list[list[int]] = []
    for index in sorted(small, key=lambda index: (round(words[index].baseline), words[index].box.left)):
        word = words[index]
        last = words[groups[-1][-1]] if groups else word
        level = abs(last.baseline - word.baseline) <= _LEVEL * word.size and last.size == word.size
        near = -_LEVEL * word.size <= word.box.left - last.box.right <= _NEXT * word.size
        if groups and level and near and min(len(last.text), len(word.text)) == 1:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _read_so(words: Sequence[Word], bases: Sequence[int], box: Box, size: float) -> tuple[int, int] | None:
    """The word right below, and up to which of its letters; the last of several words. None: there is no Chinese character."""
    found: tuple[int, int] | None = None
    for index in bases:
        word = words[index]
        if size > _SMALL * word.size or abs(word.box.top - box.bottom) > _TOUCHING * word.size:
            continue
        wide = word.box.width / len(word.text)
        stray = _BESIDE * word.size
        letters = [
            number
            for number, letter in enumerate(word.text)
            if _HAN.fullmatch(letter) and box.left - stray <= word.box.left + (number + 0.5) * wide <= box.right + stray
        ]
        if letters and (found is None or word.box.left > words[found[0]].box.left):
            found = index, letters[-1] + 1
    return found
