"""Authors of a paper side by side above its text: each name over where it is from and how it is reached."""

import re
from collections.abc import Sequence
from statistics import median

from kbray.document.layout.lines import Line

_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:,? [^\W\d_][\w.'’-]*){1,9}(?:\W|\d|\[\^[^\]]+\])*")
_BESIDE, _ROWS, _SURE = 2, 2, 3  # lines in a row, and such rows; so many beside each other are no columns of text
_LONGEST = 60  # characters
_STEP = 1.8  # of the font size of the smaller: from line to line
_AXIS = 4.0  # points: the middles of lines below each other, or their left edges, lie no farther from each other
_LEVEL = 0.6  # of the font size: names of one row
_NAMED = 1.05  # times the size of what stands below a name
_LARGE = 1.15  # times the size of the text: a title


def authors_of(above: Sequence[Line], rows: Sequence[Sequence[Line]], below: Sequence[Line]) -> list[list[Line]] | None:
    """Titles and authors, one after the other, from the left in each row of them; None: these are none.

    Args: above: what stands above the text. rows: the same by rows. below: the text.
    """
    wide = [row for row in rows if len(row) >= _BESIDE]
    if len(wide) < _ROWS or any(line.whole or (line.mono and len(line.text) > _LONGEST) for line in above):
        return None
    if not all(len(line.text) <= _LONGEST and _NAME.fullmatch(line.text) for line in wide[0]):
        return None
    titled = max(line.size for line in above) > _LARGE * median(line.size for line in below)
    if not titled and not any("@" in line.text for line in above):
        return None
    stacks: list[list[Line]] = []
    for line in sorted(above, key=lambda line: (line.baseline, line.box.left)):
        over = [stack for stack in stacks if _is_under(line, stack[-1])]
        if over:
            min(over, key=lambda stack: _aside(line, stack[-1])).append(line)
        else:
            stacks.append([line])
    if len(wide[0]) < _SURE and sum(any("@" in line.text for line in stack) for stack in stacks) < _ROWS:
        return None  # two columns may be anything
    ordered: list[list[list[Line]]] = []
    for stack in stacks:
        if ordered and stack[0].baseline - ordered[-1][0][0].baseline <= _LEVEL * stack[0].size:
            ordered[-1].append(stack)
        else:
            ordered.append([stack])
    return [stack for row in ordered for stack in sorted(row, key=lambda stack: stack[0].box.left)]


def _is_under(line: Line, above: Line) -> bool:
    step = line.baseline - above.baseline
    if line.bold > above.bold or line.size > _NAMED * above.size:
        return False  # the name of the next
    return 0 < step <= _STEP * min(line.size, above.size) and _aside(line, above) <= _AXIS


def _aside(line: Line, above: Line) -> float:
    middles = abs(line.box.left + line.box.right - above.box.left - above.box.right) / 2
    return min(middles, abs(line.box.left - above.box.left))
