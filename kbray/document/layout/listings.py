"""Code: lines in a font of one width, kept with their indents."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from kbray.document.layout.lines import Line
from kbray.document.layout.words import Word, is_code
from kbray.geometry import Box, union


@dataclass(frozen=True, slots=True)
class Listing:
    """Its lines are divided by newlines and start with their indents."""

    text: str
    box: Box
    size: float
    lines: int


def listings_of(rows: Sequence[Sequence[Line]]) -> dict[int, Listing | None]:
    """Code among the rows of a region, by its first row; None for the other rows that are in it."""
    found: dict[int, Listing | None] = {}
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and all(line.mono for line in rows[end]) and (end == start or _is_close(rows[end - 1], rows[end])):
            end += 1
        words = [[word for line in row for word in line.words] for row in rows[start:end]]
        if end - start > 1 and is_code([word for row in words for word in row]):
            found |= dict.fromkeys(range(start, end)) | {start: _listing(words)}
        start = max(end, start + 1)
    return found


def _is_close(above: Sequence[Line], below: Sequence[Line]) -> bool:
    return below[0].baseline - above[0].baseline <= 2.5 * below[0].size


def _listing(rows: Sequence[Sequence[Word]]) -> Listing:
    words = [word for row in rows for word in row]
    box = union(word.box for word in words)
    width = median(word.box.width / len(word.text) for word in words) or 1.0
    texts = []
    for row in rows:
        text = ""
        for word in sorted(row, key=lambda word: word.box.left):
            text += " " * max(round((word.box.left - box.left) / width) - len(text), bool(text and word.spaced))
            text += word.text
        texts.append(text)
    return Listing("\n".join(texts), box, median(word.size for word in words), len(rows))
