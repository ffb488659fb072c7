"""Footnotes of a page: print at the foot of a column that a mark in the text above refers to, or that stands small under a rule."""

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from kbray.document.layout.banded import whole_rules
from kbray.document.layout.columns import rows
from kbray.document.layout.headings import folded
from kbray.document.layout.lines import Line, line_of, lines_of
from kbray.document.layout.marks import Lead, Mark, Sort, is_mark, lead_of, marks_in, referring
from kbray.document.layout.paragraphs import Block, blocks_of
from kbray.document.layout.spacing import is_value
from kbray.document.layout.words import Word, join_lines
from kbray.geometry import Box, union

_EVEN = 0.88  # of the size of the first line of notes: so small, or large, may others be
_SMALLER = 0.94  # of the size of the text: notes are
_CLOSE = 36.0  # points: notes of a table stand so close below it
_APART = 3.0  # of the font size: so far may a mark stand before its note
_SHORTEST = 18.0  # points: of a rule above notes
_SHORT = 0.6  # of the width of the column: a longer rule is that of a running title, a table or a box as well
_NEAR_RULE = 2.5  # of the font size: so far may the first note stand from its rule
_GAP = 1.1  # of the font size: more white space than that, and what follows is no note any more, if it has no mark
_SET_OFF = 0.45  # … and at least so much, or a rule, parts notes from the text
_TAIL = 3  # lines below the notes: a running title, the number of the page
_LEAST = 40  # characters of a note that no mark tells
_HIGHEST = 0.75  # of the height of the print
_LISTS = frozenset(
    "references bibliography literature literaturecited workscited notes endnotes literatur literaturverzeichnis "
    "quellen bibliographie références referencias bibliografía bibliografia литература".split()
)


@dataclass(frozen=True, slots=True)
class Foot:
    """What of a page is footnotes, and the words that are not, with their marks written as `[^label]`."""

    notes: tuple[Block, ...]
    words: tuple[Word, ...]
    feet: tuple["_Zone", ...]

    def fits(self, blocks: Sequence[Block]) -> bool:
        """False where `blocks`, made of the words, show that these are notes of a table, which stay below it.

        Their marks stand mostly in tables, or the table is right above, and no rule or no mark tells otherwise.
        """
        texts = [block.text for block in blocks if block.table is None]
        for foot in self.feet:
            told = sum(any(f"[^{label}]" in text for text in texts) for label in foot.marks)
            if 2 * told < len(foot.marks) or (not (foot.ruled and foot.marks) and _is_below_table(foot.box, blocks)):
                return False
        return True


def _is_below_table(place: Box, blocks: Iterable[Block]) -> bool:
    """Right below it: notes at the foot of the page may have room above them."""
    above = [
        block for block in blocks if block.box.top < place.top and block.box.left < place.right > place.left < block.box.right
    ]
    last = max(above, key=lambda block: block.box.bottom, default=None)
    return last is not None and last.table is not None and place.top - last.box.bottom < _CLOSE


def foot_of(words: Sequence[Word], rules: Sequence[Box] = (), tables: Sequence[Box] = ()) -> Foot | None:
    """Footnotes of a page; None where it has none.

    words: those that stand in no table. tables: where these are.
    """
    lines = _with_marks(lines_of(words))
    leads = {id(line): lead for line in lines if (lead := lead_of(line)) is not None}
    page = _Page(lines, leads, whole_rules(rules, _SHORTEST), tables)
    zones = page.zones()
    if not zones:
        return None
    taken = {id(word) for zone in zones for line in zone.lines for word in line.words}
    rest = [word for word in words if id(word) not in taken]
    marks: dict[int, list[Mark]] = {}
    notes: list[Block] = []
    known: set[str] = set()
    for zone in zones:
        answered = {label: marks for label, marks in zone.marks.items() if label not in known}
        for mark in itertools.chain.from_iterable(answered.values()):
            marks.setdefault(id(mark.word), []).append(mark)
        notes += zone.notes(answered)
        known |= answered.keys()
    carriers = {id(word): line for line in lines for word in line.words}
    raised = [_level(word, carriers) if id(word) in marks else word for word in rest]
    by_place = {id(new): marks[id(old)] for old, new in zip(rest, raised, strict=True) if id(old) in marks}
    return Foot(tuple(notes), tuple(referring(raised, by_place)), tuple(zones))


def _with_marks(lines: Sequence[Line]) -> list[Line]:
    """The lines with the marks of notes that stand apart from their text put before it."""
    alone = [line for line in lines if is_mark(line.text)]
    merged: dict[int, Line] = {}
    taken: set[int] = set()
    for mark in alone:
        level = [line for line in lines if line is not mark and abs(line.baseline - mark.baseline) <= 0.4 * line.size]
        text = min((line for line in level if line.box.left >= mark.box.right), key=lambda line: line.box.left, default=None)
        if text is not None and text.box.left - mark.box.right <= _APART * text.size and not is_mark(text.text):
            merged[id(text)] = line_of((*mark.words, *text.words))
            taken.add(id(mark))
    return [merged.get(id(line), line) for line in lines if id(line) not in taken]


def _level(mark: Word, carriers: Mapping[int, Line]) -> Word:
    """In the print of its line, so that its label, longer than the mark, changes nothing of that."""
    line = carriers.get(id(mark))
    return replace(mark, size=line.size, baseline=line.baseline, bold=line.bold) if line is not None else replace(mark)


@dataclass(frozen=True, slots=True)
class _Zone:
    """Notes at the foot of a column: lines from top to bottom, with those that begin a note."""

    lines: tuple[Line, ...]
    leads: Mapping[int, Lead]  # by `id` of the line
    marks: Mapping[str, tuple[Mark, ...]]  # in the text, by label
    ruled: bool  # a rule stands above

    @property
    def box(self) -> Box:
        return union(line.box for line in self.lines)

    def notes(self, answered: Collection[str]) -> list[Block]:
        """answered: labels that marks in the text refer to."""
        groups: list[list[Line]] = []
        for line in self.lines:
            if id(line) in self.leads or not groups:
                groups.append([])
            groups[-1].append(line)
        left, right = min(line.box.left for line in self.lines), max(line.box.right for line in self.lines)
        found: list[Block] = []
        seen: set[str] = set()
        for group in groups:
            lead = self.leads.get(id(group[0]))
            label = lead.label if lead is not None and lead.label in answered and lead.label not in seen else None
            if lead is not None and label is not None:
                seen.add(label)
                first, *others = group
                group = [line_of(lead.words), *others]
                box = union((first.box, *(line.box for line in others)))
            else:
                box = union(line.box for line in group)
            found.append(_note(group, label, box, left, right))
        return found


def _note(lines: Sequence[Line], label: str | None, box: Box, left: float, right: float) -> Block:
    blocks = blocks_of(lines)
    plain = all(block.table is None and not block.code for block in blocks)
    scores = [line.confidence for line in lines if line.confidence is not None]
    return Block(
        text="\n".join(block.text for block in blocks) if plain else join_lines([line.text for line in lines]),
        box=box,
        size=lines[-1].size,
        bold=False,
        lines=len(lines),
        left=left,
        right=right,
        confidence=round(fmean(scores), 4) if scores else None,
        note=label or "",
    )


class _Page:
    """Lines of a page, from top to bottom, among which notes are looked for."""

    def __init__(self, lines: Sequence[Line], leads: Mapping[int, Lead], rules: Sequence[Box], tables: Sequence[Box]) -> None:
        self._lines = sorted((line for line in lines if line.table is None), key=lambda line: (line.box.top, line.box.left))
        self._leads = leads
        self._rules = rules
        self._tables = tables
        self._marks = {id(line): tuple(marks_in(line)) for line in self._lines}

    def zones(self) -> list[_Zone]:
        """In reading order: those of one column after the other."""
        found: list[_Zone] = []
        taken: set[int] = set()
        for begin in (self._under_rules, self._by_marks):
            for zone in begin(taken):
                if taken.isdisjoint(map(id, zone.lines)):
                    found.append(zone)
                    taken.update(map(id, zone.lines))
        return sorted(found, key=lambda zone: (zone.lines[0].box.left, zone.lines[0].box.top))

    def _under_rules(self, taken: Collection[int]) -> Iterable[_Zone]:
        for rule in self._rules:
            if any(_is_of(rule, table) for table in self._tables):
                continue
            first = next((line for line in self._lines if _is_under(line, rule)), None)
            if first is not None and id(first) not in taken:
                zone = self._zone(self._down_from(first), rule)
                if zone is not None:
                    yield zone

    def _by_marks(self, taken: Collection[int]) -> Iterable[_Zone]:
        """Without a rule, notes begin with the first line that begins with a mark of the text above."""
        tried: set[int] = set()
        for line in self._lines:
            if id(line) in self._leads and id(line) not in taken and id(line) not in tried:
                lines = self._down_from(line)
                tried.update(map(id, lines))
                zone = self._zone(lines, None)
                if zone is not None:
                    yield zone

    def _down_from(self, first: Line) -> list[Line]:
        """The lines of its column from `first` on that are in its print, down to a rule or to white space."""
        left, right = first.box.left, first.box.right
        lines = [first]
        for line in self._below(first):
            if line.box.left >= right or line.box.right <= left:
                continue
            gap = line.box.top - max(other.box.bottom for other in lines)
            ruled = any(_is_between(rule, lines[-1], line) and rule.left < right and rule.right > left for rule in self._rules)
            even = _EVEN if id(line) not in self._leads else _EVEN**2
            small = even * first.size <= max(word.size for word in line.words) and line.size <= first.size / even
            if not small or ruled or (gap > _GAP * first.size and id(line) not in self._leads):
                break
            left, right = min(left, line.box.left), max(right, line.box.right)
            lines.append(line)
        lines = [line for row in rows([*lines, *self._beside(lines, left, right)]) for line in row]
        while len(lines) > 1 and not any(map(str.isalpha, lines[-1].text)):
            lines.pop()  # the number of the page
        return lines

    def _beside(self, lines: Sequence[Line], left: float, right: float) -> list[Line]:
        """What stands in the same rows: parts of lines with wide gaps."""
        inside, levels = set(map(id, lines)), [line.baseline for line in lines]
        return [
            line
            for line in self._lines
            if id(line) not in inside
            and left < line.box.right
            and line.box.left < right
            and any(abs(line.baseline - level) <= 0.2 * line.size for level in levels)
        ]

    def _below(self, first: Line) -> list[Line]:
        """Lines that begin not higher than `first`, without it."""
        return [line for line in self._lines if line is not first and line.baseline >= first.baseline - 0.3 * first.size]

    def _zone(self, lines: Sequence[Line], rule: Box | None) -> _Zone | None:
        """Notes made of the lines, if they are some."""
        first = lines[0]
        left, right = min(line.box.left for line in lines), max(line.box.right for line in lines)
        bottom = max(line.box.bottom for line in lines)
        column = [line for line in self._lines if line.box.left < right and line.box.right > left]
        above = [line for line in column if line.box.bottom <= first.box.top + 0.4 * first.size and line not in lines]
        below = [line for line in column if line.box.top >= bottom - 0.4 * first.size and line not in lines]
        if not above or len(column) > len(above) + len(below) + len(lines) or len(below) > _TAIL:
            return None
        body = _size(line for line in self._lines if line.box.bottom <= first.box.top + 0.4 * first.size)
        if any(line.size >= 0.97 * body and len(line.text) > _LEAST for line in below):
            return None
        if any(table.left < right and table.right > left and table.top > first.box.top for table in self._tables):
            return None
        if folded(above[-1].text) in _LISTS or self._is_high(first):
            return None
        leads = self._begun(lines)
        marks = self._answered(lines, leads)
        small = first.size <= _SMALLER * body
        if rule is None:
            sure = id(first) in leads and leads[id(first)].label in marks and 2 * len(marks) >= len(leads)
            if not sure or not (small and first.box.top - above[-1].box.bottom >= 0):
                return None
        elif not marks and not (small and self._is_separator(rule, lines, above) and (_is_prose(lines) or id(first) in leads)):
            return None
        elif not small and not (first.size <= 1.02 * body and id(first) in leads and leads[id(first)].sure and marks):
            return None
        return _Zone(tuple(lines), leads, marks, rule is not None)

    def _is_high(self, first: Line) -> bool:
        top, bottom = self._lines[0].box.top, max(line.box.bottom for line in self._lines)
        return bottom - first.box.top > _HIGHEST * (bottom - top)

    def _begun(self, lines: Sequence[Line]) -> dict[int, Lead]:
        """Which of the lines begin a note: those with a sure mark, or the number that comes next."""
        found: dict[int, Lead] = {}
        last: int | None = None
        for line in lines:
            lead = self._leads.get(id(line))
            if lead is None:
                continue
            number = int(lead.label) if lead.label.isdecimal() else None
            follows = number is not None and (number == last + 1 if last is not None else not found and line is lines[0])
            rising = number is None or last is None or last < number <= last + 3
            if follows or (lead.sure and rising):
                found[id(line)] = lead
                last = number if number is not None else last
        return found

    def _answered(self, lines: Sequence[Line], leads: Mapping[int, Lead]) -> dict[str, tuple[Mark, ...]]:
        """The marks in the text above that mean these notes; behind words, if there are such."""
        inside, top = set(map(id, lines)), lines[0].box.top
        wanted = {lead.label for lead in leads.values()}
        found: dict[str, list[Mark]] = {}
        for line in self._lines:
            if id(line) in inside or line.box.top >= top or line.size < 0.98 * lines[0].size or self._is_labelling(line):
                continue
            for mark in self._marks[id(line)]:
                if mark.label in wanted:
                    found.setdefault(mark.label, []).append(mark)
        return {label: _best(marks) for label, marks in found.items()}

    def _is_labelling(self, line: Line) -> bool:
        """A value stands in the same row: the mark is one of a table."""
        return any(
            is_value(other.text) and other is not line and abs(other.baseline - line.baseline) <= 0.3 * line.size
            for other in self._lines
        )

    def _is_separator(self, rule: Box, lines: Sequence[Line], above: Sequence[Line]) -> bool:
        """A short rule at the margin of the column."""
        left = min(line.box.left for line in (*lines, *above))
        width = max(line.box.right for line in (*lines, *above)) - left
        return rule.width <= _SHORT * width and abs(rule.left - left) <= lines[0].size


def _best(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Those that most speaks for; of exponents the first."""
    sort = min(mark.sort for mark in marks)
    best = tuple(mark for mark in marks if mark.sort == sort)
    return best if sort != Sort.POWER else best[:1]


def _is_of(rule: Box, table: Box) -> bool:
    return table.left - 4 < rule.left and rule.right < table.right + 4 and table.top - 4 < rule.top < table.bottom + 4


def _is_under(line: Line, rule: Box) -> bool:
    apart = line.box.top - rule.bottom
    beside = line.box.left < rule.right and line.box.right > rule.left
    return beside and -0.4 * line.size <= apart <= _NEAR_RULE * line.size and line.baseline > rule.bottom


def _is_between(rule: Box, above: Line, below: Line) -> bool:
    return above.baseline < rule.top and rule.bottom <= below.baseline - 0.3 * below.size


def _size(lines: Iterable[Line]) -> float:
    """The font size that most characters have."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return max(sizes, key=lambda size: (sizes[size], size))


def _is_prose(lines: Sequence[Line]) -> bool:
    text = " ".join(line.text for line in lines)
    return len(lines) > 1 and len(text) >= _LEAST and sum(map(str.islower, text)) >= 0.5 * len(text)
