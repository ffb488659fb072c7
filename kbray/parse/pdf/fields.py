"""What is filled into the fields of a form, put behind the words that ask for it.

Answers are drawn after all print, whatever they stand beside: by the order of the content stream they are a column of their own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np

from kbray.document.layout.words import Word, baselines, joined, logical
from kbray.geometry import Box, union

_FAR = 25.0  # of the font size: farther from a field stands no label
_BESIDE = 3.0  # of it: what is nearer is the label, whatever stands above
_PARTS = 1.5  # of it: fields that are no farther apart are parts of one, others those of a row
_MOST_SIDES = 8  # of cells, that are looked at between a label and its field
_MOST = 1_000  # fields of a page: nobody fills in more, and each is compared with all words
_USUAL = 10.0  # points: the size of print in a field that is empty
_TOUCH = 2.0  # points: a label may reach so far into its field, and rules pass each other by so much
_Sides = np.ndarray[Any, np.dtype[np.float64]]
"""(boxes, 4) left, top, right, bottom."""
_Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Field:
    """To be written into, or chosen in."""

    box: Box  # in the page as displayed
    value: str = ""  # as the file has it, which need not be what is displayed


@dataclass(frozen=True, slots=True)
class _Label:
    word: int  # its last
    beside: bool = True  # or above
    shared: bool = False  # with the field before, as by day, month and year


def with_values(words: Sequence[Word], fields: Sequence[Field], rules: Sequence[Box]) -> list[Word]:
    """The upright words of a page, those in a field put into the last word of its label, which says that it asks for them.

    A label stands at the left, on a page that is read from right to left at the right, or else above. What stands in another cell
    of a table is none: answers in cells stay there, and so do those without a label.
    """
    if not words or not 0 < len(fields) <= _MOST:
        return list(words)
    mirrored = words[0].leftwards
    page = _Page(
        sides_of([word.box for word in words], mirrored),
        sides_of([field.box for field in fields], mirrored),
        sides_of(rules, mirrored),
        mirrored=mirrored,
    )
    found: dict[int, Word] = {}
    taken = set[int]()
    labels: dict[int, _Label] = {}
    for number in page.rightwards():
        inside = [word for word in page.inside(number) if word not in taken]
        lines = baselines([words[word] for word in inside])
        at = page.label(number, lines[0] if lines else [], labels)
        if at is None or (at.word in found and not at.shared):
            continue
        labels[number] = at
        label = found[at.word] = replace(found.get(at.word, words[at.word]), asks=True)
        if lines:
            beside = (*page.room(number, label.size), *(word.box for word in lines[0])) if at.beside else ()
            box = union((label.box, *beside))
            box = replace(label.box, left=box.left, right=box.right)
            text = f"{label.text} {_said(lines, fields[number].value)}"
            found[at.word] = replace(label, text=text, box=box, bold=False)
            taken.update(inside)
    return [found.get(number, word) for number, word in enumerate(words) if number not in taken]


def with_undrawn(words: Mapping[int, Sequence[Word]], fields: Sequence[Field]) -> list[Word]:
    """The upright words of a page, and what is filled into fields without being drawn, as programs do that fill in forms.

    Args: words: of the page, by the quarter turn that makes them upright.
    """
    upright = list(words.get(0, ()))
    boxes = sides_of([word.box for word in upright])
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    turned = "".join(word.text for quarter, some in words.items() if quarter for word in some)
    order = max((word.order for some in words.values() for word in some), default=0)
    size = median([word.size for word in upright]) if upright else _USUAL
    for field in fields:
        value = field.value.split() if field.box.area > 0 else []  # one without a place isn't to be seen
        if value and not _holds(sides_of([field.box])[0], middle).any() and "".join(value) not in turned:
            for word in _written(field, size):
                order += 1
                upright.append(replace(word, order=order))
    return upright


def _written(field: Field, size: float) -> Iterator[Word]:
    """Its value as it would be drawn, by lines from the top, or in the middle of one."""
    lines = field.value.strip().splitlines()
    size = min(size, 0.8 * field.box.height / len(lines))
    step = field.box.height / len(lines)
    for number, line in enumerate(lines):
        wide = min(0.5 * size, field.box.width / max(len(line), 1))
        baseline = field.box.top + (number + 0.5) * step + 0.35 * size
        for part in re.finditer(r"\S+", line):
            left, right = (field.box.left + place * wide for place in part.span())
            yield Word(part[0], Box(left, baseline - 0.8 * size, right, baseline + 0.2 * size), size, baseline)


def sides_of(boxes: Sequence[Box], mirrored: bool = False) -> _Sides:
    """Of boxes, as they are, or as a mirror at the left edge of the page shows them."""
    found = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], np.float64).reshape(-1, 4)
    return found[:, [2, 1, 0, 3]] * (-1, 1, -1, 1) if mirrored else found


def _holds(place: _Sides, points: _Sides) -> _Flags:
    inside = (points >= place[:2]) & (points <= place[2:])
    return np.logical_and(inside[:, 0], inside[:, 1])


def _said(lines: Sequence[Sequence[Word]], value: str) -> str:
    """What stands there; as the file has it where that is the same, for print of one letter a box tells no words."""
    text = " ".join(joined(logical(line)) for line in lines)
    return " ".join(value.split()) if "".join(value.split()) == "".join(text.split()) else text


class _Page:
    """Where words, fields and rules are."""

    def __init__(self, boxes: _Sides, places: _Sides, rules: _Sides, *, mirrored: bool) -> None:
        self._boxes, self._places, self._mirrored = boxes, places, mirrored
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        self._middle, self._printed = middle, np.ones(len(boxes), bool)
        for place in places:
            self._printed &= ~_holds(place, middle)
        upright = rules[:, 3] - rules[:, 1] > rules[:, 2] - rules[:, 0]
        self._upright, self._level = rules[upright], rules[~upright]

    def rightwards(self) -> list[int]:
        """The fields from left to right."""
        return [int(number) for number in self._places[:, 0].argsort(kind="stable")]

    def inside(self, number: int) -> list[int]:
        """The words in a field."""
        return [int(word) for word in np.flatnonzero(_holds(self._places[number], self._middle))]

    def room(self, number: int, size: float) -> tuple[Box, ...]:
        """What a field takes on its line where text goes on right behind it; or else nothing."""
        left, top, right, bottom = self._places[number]
        following = self._on_line((top + bottom) / 2) & (self._boxes[:, 0] >= left)
        end = self._boxes[following, 0].min(initial=np.inf)
        if end - right > _PARTS * size:
            return ()
        right = min(right, end)
        return (Box(-right, top, -left, bottom) if self._mirrored else Box(left, top, right, bottom),)

    def label(self, number: int, line: Sequence[Word], labels: Mapping[int, _Label]) -> _Label | None:
        """What stands beside a field or above it; none of a row of several, which is one of a table.

        Args: line: the first of what is filled in. labels: of the fields that begin farther left.
        """
        place, places = self._places[number], self._places
        size = max((word.size for word in line), default=_USUAL)
        level = union(word.box for word in line).middle[1] if line else float(place[1] + place[3]) / 2
        beside = self._beside(place, level)
        end = self._boxes[beside, 2] if beside is not None else -np.inf
        in_row = (places[:, 1] <= level) & (places[:, 3] >= level)
        between = np.flatnonzero(in_row & (places[:, 2] >= end) & (places[:, 0] < place[0]) & (places[:, 2] <= place[0] + _TOUCH))
        if len(between):
            last = int(between[places[between, 2].argmax()])
            before = labels.get(last)
            near = place[0] - places[last, 2] <= _PARTS * size and before is not None and before.beside
            return replace(before, shared=True) if near and before is not None else self._above(place, size)
        if place[0] - end > _BESIDE * size and (above := self._above(place, size)) is not None:
            return above
        if beside is None or place[0] - end > _FAR * size or self._is_parted(end - _TOUCH, place[0] + _TOUCH, level):
            return None
        following = places[in_row & (places[:, 0] >= place[2] - _TOUCH), 0].min(initial=np.inf)
        printed = self._on_line(level) & (self._boxes[:, 0] >= place[2] - _TOUCH)
        is_row = following - place[2] > _PARTS * size and following < self._boxes[printed, 0].min(initial=np.inf)
        return None if is_row and following < np.inf else _Label(beside)

    def _on_line(self, level: float) -> _Flags:
        found: _Flags = self._printed & (self._boxes[:, 1] <= level) & (self._boxes[:, 3] >= level)
        return found

    def _beside(self, place: _Sides, level: float) -> int | None:
        """The last word before the field on its line."""
        found = self._on_line(level) & (self._boxes[:, 2] <= place[0] + _TOUCH)
        return int(np.where(found, self._boxes[:, 2], -np.inf).argmax()) if found.any() else None

    def _is_parted(self, left: float, right: float, level: float) -> bool:
        """A rule stands there from which another goes to the left: the side of a cell, and not of a frame around the field."""
        rules, x = self._upright, (self._upright[:, 0] + self._upright[:, 2]) / 2
        for rule in rules[(x >= left) & (x <= right) & (rules[:, 1] <= level) & (rules[:, 3] >= level)][:_MOST_SIDES]:
            middle, y = (rule[0] + rule[2]) / 2, (self._level[:, 1] + self._level[:, 3]) / 2
            along = (y >= rule[1] - _TOUCH) & (y <= rule[3] + _TOUCH)
            if (along & (self._level[:, 0] < middle - 2 * _TOUCH) & (self._level[:, 2] > middle - _TOUCH)).any():
                return True
        return False

    def _above(self, place: _Sides, size: float) -> _Label | None:
        """Its words begin where the field does, no rule is between, and the field is the only one below."""
        boxes, places = self._boxes, self._places
        near = self._printed & (boxes[:, 3] <= place[1] + size / 2) & (boxes[:, 3] >= place[1] - size)
        first = near & (abs(boxes[:, 0] - place[0]) <= size / 2)
        if not first.any():
            return None
        begin = boxes[int(np.where(first, boxes[:, 3], -np.inf).argmax())]
        same = (
            near
            & (boxes[:, 0] >= begin[0])
            & (boxes[:, 2] <= place[2] + _TOUCH)
            & (boxes[:, 1] < begin[3])
            & (boxes[:, 3] > begin[1])
        )
        middle = (begin[1] + begin[3]) / 2
        y, across = (self._level[:, 1] + self._level[:, 3]) / 2, (self._level[:, 0] < place[2]) & (self._level[:, 2] > place[0])
        below = (
            (abs(places[:, 0] - place[0]) <= size / 2) & (places[:, 1] >= place[3] - _TOUCH) & (places[:, 1] <= place[3] + size)
        )
        if (across & (y > middle) & (y < place[1] - _TOUCH / 2)).any() or below.any():
            return None
        return _Label(int(np.where(same, boxes[:, 2], -np.inf).argmax()), beside=False)
