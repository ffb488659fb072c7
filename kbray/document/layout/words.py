"""Words on a page, and how they join to text in their script's own order."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from kbray.geometry import Box


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without white space; a recognised line counts as one word, its inner spaces kept."""

    text: str
    box: Box
    size: float  # of the font, as displayed
    baseline: float  # from the top of the page
    bold: bool = False
    italic: bool = False
    order: int = 0  # place in the content stream; equal for all where there is none
    spaced: bool = True  # white space stood before it in the source
    confidence: float | None = None


def joined(words: Sequence[Word]) -> str:
    """Text of words in logical order, with a space where the source or the gap shows one."""
    parts: list[str] = []
    before: Word | None = None
    for word in words:
        if before is not None and _space_between(before, word):
            parts.append(" ")
        parts.append(word.text)
        before = word
    return "".join(parts)


def _space_between(before: Word, word: Word) -> bool:
    gap = max(word.box.left - before.box.right, before.box.left - word.box.right)
    size = min(before.size, word.size)
    if is_cjk(before.text[-1:]) and is_cjk(word.text[:1]):
        return gap > size * 0.9
    return word.spaced or gap > size * 0.16


def is_cjk(character: str) -> bool:
    """True for scripts written without spaces between words (Han, kana, and their punctuation)."""
    return bool(character) and (
        "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or "\uff00" <= character <= "\uffef"
    )


def is_rtl(text: str) -> bool:
    """True where right-to-left letters outnumber the others."""
    right = left = 0
    if text.isascii():
        return False
    for character in text:
        direction = unicodedata.bidirectional(character)
        right += direction in ("R", "AL")
        left += direction == "L"
    return right > left


def logical(words: Sequence[Word]) -> list[Word]:
    """Words of one line as they are read: right-to-left scripts from the right, foreign runs in them in their own direction."""
    ordered = sorted(words, key=lambda word: (word.box.left, word.order))
    if not is_rtl("".join(word.text for word in ordered)):
        return ordered
    found: list[Word] = []
    foreign: list[Word] = []  # a left-to-right run inside the line keeps its own direction
    for word in reversed(ordered):
        if any(unicodedata.bidirectional(character) == "L" for character in word.text):
            foreign.append(word)
            continue
        found.extend(reversed(foreign))
        foreign.clear()
        found.append(word)
    return found + foreign[::-1]
