"""What stands beside text and is in none of its columns: captions with the labels of their figures, notes in the margin."""

import itertools
from collections.abc import Sequence
from statistics import median

from kbray.document.layout.captions import is_caption
from kbray.document.layout.gutters import OF_CAPTION
from kbray.document.layout.lines import Line
from kbray.document.layout.sides import NEXT, STRAY, crosses, is_prose, sides_of, step_to, top_down, usual_step

_APART = 1.2  # times the step from line to line: the next paragraph
_MOST = 20  # captions of a column; more are a list of them
_FEWEST_BESIDE = 3  # lines of text that runs around a figure


def with_floats(lines: Sequence[Line]) -> list[list[Line]]:
    """One column, captions in it that stand beside text, with the labels of their figures, put before the paragraph that begins
    beside them, or behind the column.
    """
    rest = top_down(lines)
    last: list[list[Line]] = []
    found: list[list[Line]] = []
    captions = [line for line in rest if is_caption(line.text) and not line.whole]
    for caption in captions if len(captions) <= _MOST else ():
        floating, text = _floating(caption, rest)
        if not floating:
            continue
        taken, around = set(map(id, floating)), set(map(id, text))
        rest = [line for line in rest if id(line) not in taken]
        usual = median(itertools.starmap(step_to, itertools.pairwise(text)))
        pairs = [(place, *pair) for place, pair in enumerate(itertools.pairwise(rest), start=1)]
        begin = [at for at, above, line in pairs if id(line) in around and step_to(above, line) > _APART * usual]
        at = max((at for at in begin if rest[at].box.top <= floating[0].box.top + caption.size), default=None)
        if at is None:
            last.append(floating)
        else:
            found += [rest[:at], floating]
            rest = rest[at:]
    return [part for part in (*found, rest, *last) if part]


def _floating(caption: Line, lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """A caption and what stands above and below it, beside text that runs around them, and that text; or nothing.

    So where the caption is none of the lines any more: it floats with another.
    """
    if not any(line is caption for line in lines):
        return [], []
    level = [line for line in lines if line.box.top < caption.box.bottom and line.box.bottom > caption.box.top]
    beside = [line for line in level if line.box.right <= caption.box.left or line.box.left >= caption.box.right]
    if not beside or not all((line.box.left < caption.box.left) == (beside[0].box.left < caption.box.left) for line in beside):
        return [], []
    before = beside[0].box.left < caption.box.left
    right = caption.box.left if before else min(line.box.left for line in beside)
    left = right - STRAY * caption.size
    at = next(place for place, line in enumerate(lines) if line is caption)
    above = list(itertools.takewhile(lambda line: not crosses(line, left, right), reversed(lines[:at])))
    below = itertools.takewhile(lambda line: not crosses(line, left, right), lines[at:])
    sides = sides_of([*reversed(above), *below], left)
    text, floating = sides if before else reversed(sides)
    spans = [(line.box.top - line.size, line.box.bottom + line.size) for line in text]
    floating = [line for line in floating if any(top < line.box.bottom and line.box.top < bottom for top, bottom in spans)]
    return (floating, text) if len(floating) <= OF_CAPTION and len(text) > _FEWEST_BESIDE and is_prose(text) else ([], [])


def with_margin_notes(notes: Sequence[Line], text: Sequence[Line]) -> list[list[Line]]:
    """Notes of a margin before the paragraphs beside whose first lines they begin, as in acts; behind the text if one doesn't."""
    below, notes = top_down(text), top_down(notes)
    usual = usual_step(below)
    groups = [notes[:1]]
    for above, line in itertools.pairwise(notes):
        if step_to(above, line) <= NEXT * line.size:
            groups[-1].append(line)
        else:
            groups.append([line])
    found: list[list[Line]] = []
    for group in groups:
        at = next((at for at, line in enumerate(below) if abs(line.baseline - group[0].baseline) <= STRAY * line.size), None)
        if at is None or (at and step_to(below[at - 1], below[at]) < _APART * usual):
            return [top_down(text), notes]
        found += [below[:at], group]
        below = below[at:]
    return [*found, below] if len(groups) > 1 else [top_down(text), notes]
