"""What is printed twice at one place."""

from collections import Counter
from collections.abc import Sequence

from kbray.document.layout.words import Word
from kbray.geometry import Box


def without_doubles(words: Sequence[Word]) -> list[Word]:
    """Words printed twice at one place (a poor man's bold, a shadow) once."""
    times = Counter([word.text for word in words])
    seen: dict[tuple[str, int], dict[int, Box]] = {}  # by text and height, by column
    kept: list[Word] = []
    for word in words:
        text, place = word.text, word.box
        if times[text] == 1:
            kept.append(word)
            continue
        column, row = int(place.left // 4), int(place.top // 4)
        near = [
            box
            for height in (row - 1, row, row + 1)
            if (same := seen.get((text, height)))
            for at in (column - 1, column, column + 1)
            if (box := same.get(at)) is not None
        ]
        if near and any(box.intersection(place) > max(0.6 * place.area, 0.4 * box.area) for box in near):
            continue
        seen.setdefault((text, row), {})[column] = place
        kept.append(word)
    return kept
