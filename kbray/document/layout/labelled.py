"""Text with a label beside it, at its left or right: who speaks, a term, a year; the marks for a question."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from kbray.document.layout.beside import is_recognised
from kbray.document.layout.breaks import leads_to_page
from kbray.document.layout.lines import Line
from kbray.document.layout.markers import marker_of
from kbray.document.layout.sides import rows

_STEP = 1.75  # of the font size, from line to line
_STRAY = 0.4  # of it: edges that are no farther apart are one
_SIZES = 0.5  # points: print that differs by less is of one size
_MARK = re.compile(r"[\[(](?=[^\[\]()]*\d)[^\[\]()]*[^\W\d_][^\[\]()]*[\])]")  # [8 marks], (5 P.)
_LONGEST, _QUESTION = 20, 25  # characters: of a mark, and the least of what it is for


def below_label(row: Sequence[Line], following: Sequence[Sequence[Line]]) -> list[Line]:
    """Lines that go on below the second one of a row, which has a label at its left.

    following: the rows below.
    """
    found: list[Line] = []
    for lines in following if len(row) == 2 else ():
        line, text = lines[0], row[1]
        if len(lines) > 1 or not _goes_on([text, *found][-1], line) or abs(line.box.left - text.box.left) > _STRAY * text.size:
            break
        found.append(line)
    return found


def with_marks(lines: Sequence[Line]) -> list[Line]:
    """Lines of a page, the marks for a question, in brackets at its right, put behind its last one.

    They stand beside its first, and would part that from the next, or pass for a column. The content stream has them behind.
    """
    marks = [line for line in lines if len(line.text) <= _LONGEST and _MARK.fullmatch(line.text)]
    if not marks or is_recognised(marks):
        return list(lines)
    ordered = rows(lines)
    written = sorted((line for line in lines if not line.whole), key=lambda line: line.order)
    before = {id(line): above for above, line in pairwise(written)}
    places = {id(line): number for number, row in enumerate(ordered) for line in row}
    made: dict[int, Line] = {}
    taken: set[int] = set()
    for mark in marks:
        row = ordered[places[id(mark)]]
        if row[-1] is not mark or len(row) == 1 or len(row[-2].text) < _QUESTION:
            continue
        last = row[-2]
        for below in ordered[places[id(mark)] + 1 :]:
            more = [line for line in below if last.order < line.order < mark.order and _goes_on(last, line)]
            if len(more) != 1:
                break
            last = more[0]
        if last is not before.get(id(mark)):
            continue  # but of another column
        made[id(last)] = replace(last, words=(*last.words, *mark.words), text=f"{last.text} {mark.text}")
        taken.add(id(mark))
    return [made.get(id(line), line) for line in lines if id(line) not in taken]


def _goes_on(above: Line, line: Line) -> bool:
    """As a line of the same paragraph does."""
    alike = not (above.whole or line.whole or above.mono) and abs(line.size - above.size) < _SIZES
    begins = marker_of(line.text) is not None or leads_to_page(line)
    below = line.box.left < above.box.right and line.box.right > above.box.left
    return alike and below and not begins and line.baseline - above.baseline < _STEP * line.size
