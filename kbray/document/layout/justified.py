"""Lines of narrow justified columns, whose wide spaces had torn them, made whole: all gaps of such a line are alike."""

import itertools
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence

from kbray.document.layout.words import Word
from kbray.geometry import Box, union

# In font sizes.
_WIDEST = 4.0  # a space
_EDGE = 0.15  # justified lines end at one edge
_INDENT = 4.0  # of a first line
_NEXT = 2.2  # from one line to the next
_ALIKE, _STRAY = 1.3, 0.15  # the widest gap of a line to its narrowest, and what kerning adds
_LEVEL = 0.1
_WIDEST_BEHIND, _ENDS = 2.0, (".", ",", ";", ":", "?", "!")  # … behind what ends a sentence, where TeX leaves more room
_FEWEST = 4  # words of a line that shows how wide the column is
_PASSES = 3  # each line that was made whole may show it to the next


Piece = tuple[list[Word], Box]
"""Words of one line, from left to right, and the box around them."""


def rejoined(pieces: Sequence[Piece]) -> list[Piece]:
    """Those that are one justified line put together.

    Such a line goes from edge to edge of a whole one right above or below it. A row of a table does that, too, at times; but its
    gaps are not alike, as spaces between words of one cell are narrow.
    """
    found = list(pieces)
    for _ in range(_PASSES):
        merged = _pass(found)
        if len(merged) == len(found):
            break
        found = merged
    return found


def _pass(found: Sequence[Piece]) -> list[Piece]:
    chains, boxes = [chain for chain, _ in found], [box for _, box in found]
    rows: dict[int, list[int]] = defaultdict(list)
    for index, chain in enumerate(chains):
        if chain[0].confidence is None:
            rows[round(chain[0].baseline)].append(index)
    heights = sorted(rows)
    gone: set[int] = set()
    for height in heights:
        pieces = sorted(
            (i for near in (height - 1, height, height + 1) for i in rows.get(near, ()) if i not in gone),
            key=lambda i: boxes[i].left,
        )
        if len(pieces) < 2:
            continue
        size = chains[pieces[0]][0].size
        others = heights[bisect_left(heights, height - _NEXT * size) : bisect_right(heights, height + _NEXT * size)]
        for other in others:
            if abs(other - height) <= 0.5 * size:
                continue
            for whole in rows[other]:
                if whole in gone or len(chains[whole]) < _FEWEST:
                    continue
                run = _between(pieces, boxes, boxes[whole], size)
                if len(run) > 1 and _is_line([chains[i] for i in run], chains[whole]):
                    first, *rest = sorted(run, key=lambda i: chains[i][0].order)
                    chains[first] = [word for i in run for word in chains[i]]
                    boxes[first] = union(boxes[i] for i in run)
                    gone.update(rest)
                    pieces = [i for i in pieces if i not in gone]
    return [piece for index, piece in enumerate(zip(chains, boxes, strict=True)) if index not in gone]


def _between(pieces: Sequence[int], boxes: Sequence[Box], whole: Box, size: float) -> list[int]:
    """Those that lie between the edges of the whole line, if they go from the one, or an indent, to the other."""
    near = _EDGE * size
    run = [i for i in pieces if boxes[i].left >= whole.left - near and boxes[i].right <= whole.right + near]
    if not run or abs(boxes[run[-1]].right - whole.right) > near or boxes[run[0]].left - whole.left > _INDENT * size:
        return []
    return run


def _is_line(pieces: Sequence[Sequence[Word]], whole: Sequence[Word]) -> bool:
    """In one print, on one line, with gaps that are alike and of which no other word stands in the way."""
    words = [word for piece in pieces for word in piece]
    size, baseline = words[0].size, words[0].baseline
    if any(word.size != size or abs(word.baseline - baseline) > _LEVEL * size for word in words) or whole[0].size != size:
        return False
    gaps = [(word, after.box.left - word.box.right) for word, after in itertools.pairwise(words)]
    within = [gap for word, gap in gaps if not (word.text.endswith(_ENDS) and gap <= _WIDEST_BEHIND * size)]
    return is_even(words) or _are_even(within, size)


def is_even(words: Sequence[Word]) -> bool:
    """All gaps between words of a line are alike, as where they were made wider to fill it."""
    return _are_even([after.box.left - before.box.right for before, after in itertools.pairwise(words)], words[0].size)


def _are_even(gaps: Sequence[float], size: float) -> bool:
    return 0 < max(gaps, default=0.0) <= _WIDEST * size and max(gaps) <= _ALIKE * min(gaps) + _STRAY * size
