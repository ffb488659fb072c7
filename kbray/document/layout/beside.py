"""Blocks of short lines beside each other on a page of one column: addresses, who signs, sender and date.

They look like rows of a table. What tells them is that the content stream writes one of them wholly before the other, or, of
recognised print, that one was seen as a whole without the other; and their lines stand as close as those of a paragraph do.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from kbray.document.layout.lines import Line
from kbray.document.layout.spacing import is_value
from kbray.geometry import Box

_GAP = 1.5  # of the font size, between the two
_STEP = 1.75  # of it, from line to line
_LARGER = 1.3  # of the size of other print: titles
_FEWEST = 2  # rows of both: of fewer nothing is mixed
_WIDE = 0.6  # of the width of the narrower: labels of what stands beside them are no farther from it
_TEXT = 25  # characters of a line of text, at least
_LOOSER = 1.08  # times the step of text: rows of a list


def with_blocks(rows: Sequence[Sequence[Line]], seen: Sequence[Box] = (), usual: float | None = None) -> list[list[Line]]:
    """The lines of a region, given row by row, in reading order: what stands above such blocks, each of these, what is below.

    Args: seen: where lines that belong together were seen. usual: the step from line to line of the page's text, if it has any.
    """
    found: list[list[Line]] = []
    rest = 0  # the first row that is not in them yet
    tried = 0  # … that was not looked at
    for place in range(len(rows)):
        if place < tried or len(rows[place]) != 2:
            continue
        left, right = ([line] for line in rows[place])
        below = _grown(left, right, rows[place + 1 :], seen)
        higher = list(left), list(right)
        above = _grown(*higher, reversed(rows[rest:place]), seen)
        if above and _ends_below(rows[place - above], rows[rest : place - above], right):
            above = 0
        else:
            left, right = higher
        level = sum(len(row) == 2 for row in rows[place - above : place + 1 + below])
        tried = place + 1 + below
        left, right = (sorted(side, key=lambda line: line.baseline) for side in (left, right))
        if (level >= _FEWEST or _is_title_beside(left, right)) and not _are_cells(left, right, usual):
            blocks = sorted((left, right), key=lambda side: min(line.order for line in side))
            found += [[line for row in rows[rest : place - above] for line in row], *blocks]
            rest = tried
    return [region for region in (*found, [line for row in rows[rest:] for line in row]) if region]


def step_of_text(regions: Iterable[Sequence[Line]]) -> float | None:
    """From line to line of text; None: there is none on the page."""
    pairs = chain.from_iterable(pairwise(region) for region in regions)
    text = (pair for pair in pairs if not any(line.whole or len(line.text) < _TEXT for line in pair))
    steps = sorted(below.baseline - above.baseline for above, below in text if below.baseline > above.box.bottom)
    return steps[len(steps) // 4] if steps else None  # the low quartile, as some begin paragraphs


def is_recognised(lines: Iterable[Line]) -> bool:
    """No stream tells in which order they were written."""
    return any(line.confidence is not None for line in lines)


def _grown(left: list[Line], right: list[Line], rows: Iterable[Sequence[Line]], seen: Sequence[Box]) -> int:
    """Gives both their lines of the rows that follow, as far as these go on; how many rows that are."""
    count = 0
    recognised = is_recognised((*left, *right))
    told = [box for box in seen if _is_of_one(box, left, right)]
    for row in rows:
        sides = _sides_of(row, left, right)
        if sides is None or not _are_apart([*left, *sides[0]], [*right, *sides[1]], ordered=not recognised):
            break
        told = [box for box in told if _is_of_one(box, [left[0], *sides[0]], [right[0], *sides[1]])]
        if recognised and not told:
            break
        left += sides[0]
        right += sides[1]
        count += 1
    return count


def _ends_below(row: Sequence[Line], above: Sequence[Sequence[Line]], right: Sequence[Line]) -> bool:
    """The row is the end of a paragraph, whose last full line goes on over the blocks."""
    if not above:
        return False
    line = above[-1][-1]
    return line.box.right > right[0].box.left and row[0].baseline - line.baseline < _STEP * line.size and len(above[-1]) == 1


def _sides_of(row: Sequence[Line], left: Sequence[Line], right: Sequence[Line]) -> tuple[list[Line], list[Line]] | None:
    """Its lines that are of the one and of the other, each close to one of these."""
    middle = (max(line.box.right for line in left) + min(line.box.left for line in right)) / 2
    sides = [line for line in row if line.box.right < middle], [line for line in row if line.box.left > middle]
    if len(row) > 2 or max(map(len, sides)) > 1 or sum(map(len, sides)) < len(row):
        return None
    pairs = ((side, line) for side, lines in ((left, sides[0]), (right, sides[1])) for line in lines)
    near = (min(abs(line.baseline - other.baseline) for other in side) < _STEP * line.size for side, line in pairs)
    return sides if all(near) else None


def _are_apart(left: Sequence[Line], right: Sequence[Line], *, ordered: bool) -> bool:
    """White space is between them, and one was written before the other. Args: ordered: there is a stream that tells so."""
    if any(line.whole for line in (*left, *right)) or _white(left, right) <= _GAP * left[0].size:
        return False
    one, other = [line.order for line in left], [line.order for line in right]
    return not ordered or max(one) < min(other) or max(other) < min(one)


def _white(left: Sequence[Line], right: Sequence[Line]) -> float:
    return min(line.box.left for line in right) - max(line.box.right for line in left)


def _is_of_one(box: Box, left: Sequence[Line], right: Sequence[Line]) -> bool:
    """It holds all lines of the one and none of the other."""
    held = [[box.holds(*line.box.middle) for line in side] for side in (left, right)]
    return any(all(one) and not any(other) for one, other in (held, reversed(held)))


def _is_title_beside(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """One line in larger print than several beside it: whose letter it is, and the address."""
    (title, *others), block = sorted((left, right), key=len)
    return not others and len(block) > 1 and title.size > _LARGER * max(line.size for line in block)


def _are_cells(left: Sequence[Line], right: Sequence[Line], usual: float | None) -> bool:
    """What stands at the left is about what stands beside it, which was written column by column."""
    if is_recognised((*left, *right)):
        loose = usual is not None and _is_loose(left, right, usual)
        if loose or _is_near(left, right) or _are_labels(left) or any(map(_are_phrases, (left, right))):
            return True
    labels, values = (line.text.endswith(":") for line in left), (is_value(line.text) for line in right)
    return 2 * sum(labels) >= len(left) or 2 * sum(values) >= len(right)


def _are_labels(side: Sequence[Line]) -> bool:
    """Most are one word; of an address few are."""
    return 2 * sum(line.text.isalpha() for line in side) > len(side)


def _are_phrases(side: Sequence[Line]) -> bool:
    """Most begin with a small letter, as no names, streets and towns do."""
    return 2 * sum(line.text[0].islower() for line in side) > len(side)


def _is_near(left: Sequence[Line], right: Sequence[Line]) -> bool:
    narrower = min(max(line.box.right for line in side) - min(line.box.left for line in side) for side in (left, right))
    return _white(left, right) < _WIDE * narrower


def _is_loose(left: Sequence[Line], right: Sequence[Line], usual: float) -> bool:
    height = sum(side[-1].baseline - side[0].baseline for side in (left, right))
    return height > _LOOSER * usual * (len(left) + len(right) - 2)
