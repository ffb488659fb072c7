"""Displayed formulas: the pieces into which their print falls are one line, with text that can be read."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from kbray.document.layout.linear import linear
from kbray.document.layout.lines import Line, line_of
from kbray.document.layout.markers import STEP, marker_of
from kbray.document.layout.words import Word
from kbray.geometry import Box, union

_MOST_LINES = 2_000  # on a page
# What makes a word of text, if it is no function's name; in a face of formulas it may begin with a bracket of that.
_PLAIN, _PLAIN_MATH = re.compile(r"[^\W\d_]{3,}+(?!\()|[\u0400-\u1fff\u2e80-\ud7ff]{2,}"), re.compile(r"[a-z]{3,}")
_FUNCTIONS = frozenset(
    "arccos arcsin arctan arg argmax argmin cos cosh cot det diag dim div exp gcd inf ker lim liminf limsup log max min mod "
    "rank sgn sign sin sinh sup tan tanh trace var".split()
)
_RELATION = re.compile(r"[=<>≤≥≠≈≡∼≃≅∝∈∉⊂⊆⊃⊇≺≻⪯→↔⇒⇔⟶⟹⟺↦≪≫⊢⊨≜≐∑∏∫∮⋃⋂⨁⨂]")
_NUMBER = re.compile(r"[\[(](?:[A-Z]{1,2}[.-]?)?\d{1,3}(?:[.-]\d{1,3})*[a-z′']?[\])]")
_SOURCE = re.compile(r"\\[A-Za-z]{2}|(?:[.·]\s?){6}")  # of TeX; and leaders of a list of contents
_WORDY = 0.25  # of the characters of a piece: more in words, and it is text
_MATH = 0.05  # of the characters of a formula: less in a face of formulas, and it is text with an arrow
_INDEX = 0.85  # of the size of a line: words of that size are indices, or stand in them
_BESIDE = 2.5  # of the font size: pieces of one formula stand no farther apart
_BELOW = 0.5
_TOUCHING = 1.0  # text so close to it on its line: the formula is one in a line of text
_WORDS = 40  # characters of those in a formula: "otherwise", "for all x"
_CELL = 25  # characters: what is shorter, beside it, is a cell of a table
_TALL = 2.2  # of the font size: it has fractions, or limits
_ROOM = 0.15  # more above it or below than between lines of text
_INDENT = 0.5


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn on a page, and tells something only in a formula, or between cells."""

    rules: Sequence[Box] = ()  # as thin boxes; some are fraction bars
    brackets: Sequence[Word] = ()  # pieces of which high ones are made


def formulas_in(lines: Sequence[Line], drawn: Drawn) -> tuple[list[Line], list[Line]]:
    """The formulas that stand on lines of their own, with their numbers, and the lines that are in none."""
    if len(lines) > _MOST_LINES or not any(word.math for line in lines for word in line.words):
        return [], list(lines)
    pieces = [line for line in lines if _is_piece(line)]
    told = set(map(id, pieces))
    text = [line for line in lines if id(line) not in told]
    usual = _usual_gap(text)
    found: list[Line] = []
    taken: set[int] = set()
    fences = [line_of([piece]) for piece in drawn.brackets]
    for group in _groups([*(line for line in pieces if not _is_number(line)), *fences]):
        if not taken.isdisjoint(map(id, group)) or not _is_formula(group):
            continue
        left = [line for line in lines if line.words and id(line) not in taken]
        whole = [*group, *_rest_of(group, left)]
        if not _is_displayed(whole, text, usual):
            continue
        numbers = _numbers_of(whole, left)
        taken.update(map(id, (*whole, *numbers)))
        found.append(_made(whole, numbers, drawn.rules))
    return found, [line for line in lines if id(line) not in taken]


def _made(lines: Sequence[Line], numbers: Sequence[Line], rules: Sequence[Box]) -> Line:
    """Its number stands at the end; several stand each at the end of its line."""
    signs = [word for line in lines for word in line.words]
    of_numbers = [word for line in numbers for word in line.words]
    text = linear(signs if len(numbers) == 1 else [*signs, *of_numbers], rules)
    text = f"{text} {numbers[0].text}" if len(numbers) == 1 else text
    return replace(line_of([*signs, *of_numbers]), text=text, formula=True)


def _is_number(line: Line) -> bool:
    return _NUMBER.fullmatch(line.text.replace(" ", "")) is not None


def _is_piece(line: Line) -> bool:
    """More signs than words, in no font of code, and no item of a list."""
    if not line.words or line.confidence is not None or _is_code(line) or marker_of(line.text) or STEP.match(line.text):
        return False
    words = [word for word in line.words if word.size >= _INDEX * line.size]
    plain = [part for word in words for part in (_PLAIN_MATH if word.math else _PLAIN).findall(word.text)]
    return sum(len(part) for part in plain if part not in _FUNCTIONS) <= _WORDY * sum(len(word.text) for word in line.words)


def _is_code(line: Line) -> bool:
    return any(word.mono and not word.math for word in line.words) or _SOURCE.search(line.text) is not None


def _groups(pieces: Iterable[Line]) -> list[list[Line]]:
    """Pieces that stand next to each other, or right above each other."""
    found: list[list[Line]] = []
    open_ones: list[list[Line]] = []  # those that what comes below may be near to
    for line in sorted(pieces, key=lambda line: line.box.top):
        near, others = [line], []
        for group in open_ones:
            if all(line.box.top - other.box.bottom > _BELOW * max(line.size, other.size) for other in group):
                found.append(group)
            elif any(_adjoin(line, other) for other in group):
                near += group
            else:
                others.append(group)
        open_ones = [*others, near]
    return found + open_ones


def _adjoin(one: Line, other: Line) -> bool:
    size = max(one.size, other.size)
    if _shared(one.box, other.box) > 0:
        return _apart(one.box, other.box) <= _BESIDE * size
    return _apart(one.box, other.box) < 0 and -_shared(one.box, other.box) <= _BELOW * size


def _shared(one: Box, other: Box) -> float:
    """Height that both have; below zero: how far one is above the other."""
    return min(one.bottom, other.bottom) - max(one.top, other.top)


def _apart(one: Box, other: Box) -> float:
    """From one to the other beside it; below zero where one is over the other."""
    return max(one.left, other.left) - min(one.right, other.right)


def _is_formula(lines: Sequence[Line]) -> bool:
    words = [word for line in lines for word in line.words]
    text = "".join(word.text for word in words)
    in_math = sum(len(word.text) for word in words if word.math)
    return len(text) >= 3 and _RELATION.search(text) is not None and in_math > _MATH * len(text)


def _rest_of(group: Sequence[Line], lines: Sequence[Line]) -> list[Line]:
    """What else stands in it or at its end: words, or pieces that are farther apart."""
    mine = set(map(id, group))
    box, size = union(line.box for line in group), max(line.size for line in group)
    return [
        line
        for line in lines
        if id(line) not in mine
        and not (len(line.text) > _WORDS or _is_code(line) or _is_number(line) or marker_of(line.text))
        and _shared(line.box, box) > 0.5 * line.box.height
        and _apart(line.box, box) < _BESIDE * size
        and line.box.left > box.left
    ]


def _usual_gap(text: Sequence[Line]) -> float:
    """White space between lines of text, in font sizes."""
    gaps = [
        (below.box.top - above.box.bottom) / above.size
        for above, below in itertools.pairwise(text)
        if above.size == below.size and 0 < below.baseline - above.baseline < 2.5 * above.size
    ]
    return sorted(gaps)[len(gaps) // 4] if gaps else 0.3


def _is_displayed(lines: Sequence[Line], text: Sequence[Line], usual: float) -> bool:
    """No text stands on its lines, and there is more room above it or below than between lines, or on both sides it stands in."""
    mine = set(map(id, lines))
    box, size = union(line.box for line in lines), median(line.size for line in lines)
    room, stands_in = [10.0 * size, 10.0 * size], True
    for line in text:
        if id(line) in mine:
            continue
        if _shared(line.box, box) > 0.4 * min(line.box.height, box.height):
            close = _apart(line.box, box) < _TOUCHING * size
            if close or (line.words and len(line.text) < _CELL and box.height < _TALL * size):
                return False
        elif _apart(line.box, box) < 0:
            below = line.box.top + line.box.bottom > box.top + box.bottom
            gap = -_shared(line.box, box)
            if gap < (usual + _ROOM) * size:
                stands_in = stands_in and box.left - line.box.left > _INDENT * size and marker_of(line.text) is None
            room[below] = min(room[below], gap)
    close_sides = sum(gap < (usual + _ROOM) * size for gap in room)
    return close_sides == 0 or (close_sides == 1 and stands_in)


def _numbers_of(formula: Sequence[Line], lines: Sequence[Line]) -> list[Line]:
    """Numbers on its lines, right or left of it, with nothing between."""
    box = union(line.box for line in formula)
    mine = set(map(id, formula))
    found: list[Line] = []
    for number in lines:
        if not _is_number(number) or _shared(number.box, box) < 0.3 * number.box.height:
            continue
        left, right = sorted((box, number.box), key=lambda one: one.left)
        gap = Box(left.right, number.box.top, right.left, number.box.bottom)
        between = any(id(line) not in mine and line is not number and line.box.intersection(gap) > 0 for line in lines)
        if gap.right - gap.left > -number.size and not between:
            found.append(number)
    return found
