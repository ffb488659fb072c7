"""Lines of a column → paragraphs, with words divided at a line's end made whole."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from kbray.document.layout.columns import regions, rows
from kbray.document.layout.lines import Line
from kbray.document.layout.words import Word, is_cjk, is_rtl, joined
from kbray.geometry import Box, union
from kbray.model import Table

BULLETS = "•◦‣▪▫●○■□◆◇➢➤►▶✓✔❖–—·*-\uf0b7\uf0a7\uf0d8\uf076"
_MARKER = re.compile(
    rf"(?:(?P<bullet>[{re.escape(BULLETS)}])\s+|(?P<number>\(?(?:\d{{1,3}}|[a-zA-Z]|[ivxlc]{{1,5}})[.)])\s+)(?=\S)"
)
_TERMINAL = tuple('.!?:;。！？：؟…”"»)')
_DIVIDED = re.compile(r"[^\W\d_][-\u2010\u00ad]$")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading in waiting, or a table, with what tells them apart."""

    text: str
    box: Box
    size: float
    bold: bool
    lines: int
    left: float  # edge of the column it stands in
    right: float
    confidence: float | None = None
    table: Table | None = None


def marker_of(text: str) -> str | None:
    """The list marker a text starts with, without its space: "•", "1.", "a)"."""
    found = _MARKER.match(text)
    return found.group("bullet") or found.group("number") if found else None


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """Paragraphs of a page in reading order."""
    found: list[Block] = []
    for region in regions(lines):
        found.extend(_paragraphs(region))
    return found


def _paragraphs(region: Sequence[Line]) -> list[Block]:
    left, right = min(line.box.left for line in region), max(line.box.right for line in region)
    leading = _leading(region)
    found: list[Block] = []
    current: list[Line] = []
    for row in rows(region):
        if row[0].table is not None:
            found.extend(_closed(current, left, right))
            found.append(_table_block(row[0], left, right))
            current = []
            continue
        line = row[0] if len(row) == 1 else _row_line(row)
        cells = not _one_line(row)
        if current and (cells or _breaks(current, line, leading.get(round(line.size), 0.0), left, right)):
            found.extend(_closed(current, left, right))
            current = []
        current.append(line)
        if cells and not (len(row) == 2 and marker_of(line.text)):
            found.extend(_closed(current, left, right))
            current = []
    return found + _closed(current, left, right)


def _leading(region: Sequence[Line]) -> dict[int, float]:
    """Usual distance of baselines, by font size."""
    distances: dict[int, list[float]] = {}
    for above, below in itertools.pairwise(region):
        step = below.baseline - above.baseline
        if above.table is None and below.table is None and 0.5 * below.size < step < 2.5 * below.size:
            distances.setdefault(round(below.size), []).append(step)
    # The low quartile, not the median: a list of one-line paragraphs must not pass for closely set text.
    return {size: sorted(steps)[len(steps) // 4] for size, steps in distances.items()}


def _one_line(row: Sequence[Line]) -> bool:
    """True when the gaps of a row are those of a run-in heading or loosely set text, not of cells."""
    return all(right.box.left - left.box.right < 1.9 * left.size for left, right in itertools.pairwise(row))


def _row_line(row: Sequence[Line]) -> Line:
    words: list[Word] = [word for line in row for word in line.words]
    return Line(
        words=tuple(words),
        text=" ".join(line.text for line in row),
        box=union(line.box for line in row),
        size=max(line.size for line in row),
        baseline=row[0].baseline,
        bold=all(line.bold for line in row),
        order=min(line.order for line in row),
    )


def _breaks(paragraph: Sequence[Line], line: Line, leading: float, left: float, right: float) -> bool:
    """True when `line` starts a new paragraph after `paragraph`, in a column from `left` to `right`."""
    above = paragraph[-1]
    size = max(above.size, line.size)
    step = line.baseline - above.baseline
    if step > max(1.28 * (leading or 1.3 * size), 1.05 * size) or step < -0.5 * size:
        return True
    ended = above.text.endswith(_TERMINAL)
    room = right - above.box.right
    if abs(above.size - line.size) > max(0.12 * size, 0.8) or (above.bold != line.bold and (ended or room > 1.5 * size)):
        return True
    marker = marker_of(line.text)
    if marker and (marker_of(paragraph[0].text) or marker in BULLETS or ended):
        return True
    if is_rtl(line.text):
        return ended and right - line.box.right > 1.2 * size > right - above.box.right
    return _indents(paragraph, line, left, size) or (ended and room > _first_word(line) + 2.0 * size)


def _first_word(line: Line) -> float:
    """Width of the first word: where it would have fitted above, the line above was ended on purpose."""
    word = line.words[0]
    return word.box.width if " " not in word.text else 5 * word.size


def _indents(paragraph: Sequence[Line], line: Line, left: float, size: float) -> bool:
    """True for a first line that stands in from the margin, after one that does not; list items hang the other way."""
    above = paragraph[-1]
    if marker_of(paragraph[0].text) or line.box.left - left <= 0.9 * size or above.box.left - left >= 0.9 * size:
        return False
    return len(paragraph) > 1 or above.text.endswith(_TERMINAL)


def _closed(lines: Sequence[Line], left: float, right: float) -> list[Block]:
    if not lines:
        return []
    text = join_lines([line.text for line in lines])
    scores = [line.confidence for line in lines if line.confidence is not None]
    if not text:
        return []
    return [
        Block(
            text=text,
            box=union(line.box for line in lines),
            size=median(line.size for line in lines),
            bold=all(line.bold for line in lines),
            lines=len(lines),
            left=left,
            right=right,
            confidence=round(fmean(scores), 4) if scores else None,
        )
    ]


def _table_block(line: Line, left: float, right: float) -> Block:
    return Block(line.text, line.box, line.size, False, 1, left, right, None, line.table)


def join_lines(texts: Sequence[str]) -> str:
    """One text of the lines of a paragraph; a word divided at a line's end is joined, a compound keeps its hyphen."""
    whole = ""
    for text in texts:
        text = text.strip()
        if not whole or not text:
            whole += text
        elif _DIVIDED.search(whole):
            soft = whole[-1] == "\u00ad" and text[0].isalpha()
            whole = (whole[:-1] if soft or text[0].islower() else whole) + text
        elif is_cjk(whole[-1]) and is_cjk(text[0]):
            whole += text
        else:
            whole += " " + text
    return " ".join(whole.replace("\u00ad", "").split())


def cell_text(words: Sequence[Word]) -> str:
    """Text of the words of one table cell, read line by line."""
    rows_of_words: list[list[Word]] = []
    for word in sorted(words, key=lambda item: (item.baseline, item.box.left)):
        if rows_of_words and abs(rows_of_words[-1][-1].baseline - word.baseline) <= 0.4 * word.size:
            rows_of_words[-1].append(word)
        else:
            rows_of_words.append([word])
    return join_lines([joined(sorted(row, key=lambda item: item.box.left)) for row in rows_of_words])
