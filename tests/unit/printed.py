"""Words as they stand on a page, in print of ten points whose letters are five wide."""

from kbray.document.layout.words import Word
from kbray.geometry import Box


def row(text: str, left: float, baseline: float, order: int) -> list[Word]:
    """The words of a line. Args: order: of the first in the stream."""
    words: list[Word] = []
    for part in text.split():
        box = Box(left, baseline - 8, left + 5 * len(part), baseline + 2)
        words.append(Word(part, box, 10, baseline, order=order + len(words)))
        left = box.right + 3
    return words
