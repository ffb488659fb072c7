"""Footnotes of a page: print at the foot of a column that a mark in the text refers to, or that stands small under a rule."""

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from kbray.document.layout.banded import whole_rules
from kbray.document.layout.headings import folded
from kbray.document.layout.lines import Line, line_of
from kbray.document.layout.marks import Lead, Mark, Sort, is_mark, lead_of, marks_in, referring
from kbray.document.layout.paragraphs import Block, blocks_of
from kbray.document.layout.sides import rows
from kbray.document.layout.spacing import is_value
from kbray.document.layout.words import join_lines
from kbray.document.running import page_number
from kbray.geometry import Box, union

_EVEN = 0.88  # of the size of the first line of notes: so small, or large, may others be
_SMALLER = 0.94  # of the size of the text: notes are
_CLOSE = 36.0  # points: notes of a table stand so close below it
_SHARED = 0.5  # of its height has a raised mark in common with its line
_APART = 3.0  # of the font size: so far may a mark stand before its note
_SHORTEST = 18.0  # points: of a rule above notes
_SHORT = 0.6  # of the width of the column: a longer rule is that of a running title, a table or a box as well
_NEAR_RULE = 2.5  # of the font size: so far may the first note stand from its rule
_GAP = 1.1  # of the font size: more white space than that, and what follows is no note any more, if it has no mark
_ALONE = 0.8  # of the font size: notes in the print of the text have more white space above them
_INDENT, _HANG = 1.3, 0.5  # … and begin so near to the edge of the text, and their lines to their beginning, at most
_TAIL = 3  # lines below the notes: a running title, the number of the page
_LEAST = 40  # characters of a note that no mark tells
_MISSED = 3  # numbers that may be left out between two notes
_HIGHEST = 0.75  # of the height of the print
_MOST_LINES = 2_000  # on a page
_MOST_RULES = 200
_LISTS = frozenset(
    "references bibliography literature literaturecited workscited notes endnotes literatur literaturverzeichnis "
    "quellen bibliographie références referencias bibliografía bibliografia литература".split()
)


@dataclass(frozen=True, slots=True)
class Foot:
    """Footnotes of a page, and all its lines, with the marks in the text written as `[^label]`."""

    notes: tuple[Block, ...]
    lines: tuple[Line, ...]
    taken: frozenset[int]  # words of the notes, by `id`
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

    def put_to(self, blocks: Sequence[Block]) -> list[Block]:
        """The blocks of the page with the notes behind the text, before what stands below them."""
        text = len(blocks) - _below(blocks, max(note.box.bottom for note in self.notes))
        return [*blocks[:text], *self.notes, *blocks[text:]]


def _below(blocks: Sequence[Block], bottom: float) -> int:
    """How many of the last blocks stand below: a running title, the number of the page."""
    count = 0
    while count < len(blocks) and blocks[-1 - count].box.top >= bottom:
        count += 1
    return count


def _is_below_table(place: Box, blocks: Iterable[Block]) -> bool:
    """Right below it: notes at the foot of the page may have room above them."""
    above = [
        block for block in blocks if block.box.top < place.top and block.box.left < place.right > place.left < block.box.right
    ]
    last = max(above, key=lambda block: block.box.bottom, default=None)
    return last is not None and last.table is not None and place.top - last.box.bottom < _CLOSE


def foot_of(lines: Sequence[Line], rules: Sequence[Box] = (), tables: Sequence[Box] = ()) -> Foot | None:
    """Footnotes of a page; None where it has none.

    lines: those that stand in no table. tables: where these are.
    """
    if len(lines) > _MOST_LINES:
        return None
    across = whole_rules(rules, _SHORTEST)
    zones = _Page(_with_marks(lines), across if len(across) <= _MOST_RULES else [], tables).zones()
    if not zones:
        return None
    taken = {id(word) for zone in zones for line in zone.lines for word in line.words}
    marks: dict[int, list[Mark]] = {}
    notes: list[Block] = []
    known: set[str] = set()
    for zone in zones:
        answered = {label: found for label, found in zone.marks.items() if label not in known}
        for mark in itertools.chain.from_iterable(answered.values()):
            marks.setdefault(id(mark.word), []).append(mark)
        notes += zone.notes(answered)
        known |= answered.keys()
    return Foot(tuple(notes), tuple(referring(line, marks) for line in lines), frozenset(taken), tuple(zones))


def _with_marks(lines: Sequence[Line]) -> list[Line]:
    """The lines with the marks of notes that stand apart from their text put before it."""
    at: dict[int, list[Line]] = {}
    for line in lines:
        at.setdefault(round(line.baseline / 8), []).append(line)
    merged: dict[int, Line] = {}
    taken: set[int] = set()
    middle = (min(line.box.top for line in lines) + max(line.box.bottom for line in lines)) / 2 if lines else 0.0
    for mark in (line for line in lines if is_mark(line.text)):
        key = round(mark.baseline / 8)
        near = (line for row in (key - 1, key, key + 1) for line in at.get(row, ()))
        level = (line for line in near if line is not mark and _is_level(mark, line, at_foot=mark.box.top > middle))
        text = min((line for line in level if line.box.left >= mark.box.right), key=lambda line: line.box.left, default=None)
        if text is not None and text.box.left - mark.box.right <= _APART * text.size and not is_mark(text.text):
            merged[id(text)] = line_of((*mark.words, *text.words))
            taken.add(id(mark))
    return [merged.get(id(line), line) for line in lines if id(line) not in taken]


def _is_level(mark: Line, line: Line, *, at_foot: bool) -> bool:
    """On one line, or raised from it; at the foot of a page by half of its print, where it is none of an address."""
    if abs(line.baseline - mark.baseline) <= 0.4 * line.size:
        return True
    shared = min(line.box.bottom, mark.box.bottom) - max(line.box.top, mark.box.top)
    return at_foot and mark.baseline < line.baseline and shared >= _SHARED * mark.box.height


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

    def __init__(self, lines: Sequence[Line], rules: Sequence[Box], tables: Sequence[Box]) -> None:
        self._lines = sorted(lines, key=lambda line: (line.box.top, line.box.left))
        self._leads = {id(line): lead for line in lines if (lead := lead_of(line)) is not None}
        self._known: dict[int, Sequence[Mark]] = {}  # marks by `id` of their line
        self._rules = rules
        self._tables = tables
        self._bottom = max((line.box.bottom for line in self._lines), default=0.0)

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
        labels = {lead.label for lead in self._leads.values()}
        if not any(mark.label in labels for line in self._lines if labels for mark in self._marks(line)):
            return
        tried: set[int] = set()
        for line in self._lines:
            if id(line) in self._leads and id(line) not in taken and id(line) not in tried:
                lines = self._down_from(line)
                tried.update(id(other) for other in lines if other.size > _SMALLER * line.size)  # smaller print begins anew
                zone = self._zone(lines, None)
                if zone is not None:
                    yield zone

    def _down_from(self, first: Line) -> list[Line]:
        """The lines of its column from `first` on that are in its print, down to a rule or to white space."""
        left, right = first.box.left, first.box.right
        lines, last = [first], self._number(first)
        for line in self._below(first):
            if line.box.left >= right or line.box.right <= left:
                continue
            begins = id(line) in self._leads and (self._leads[id(line)].sure or self._number(line) == last + 1)
            even = _EVEN**2 if begins else _EVEN
            small = even * first.size <= max(word.size for word in line.words) and line.size <= first.size / even
            gap = line.box.top - max(other.box.bottom for other in lines)
            ruled = any(_is_between(rule, lines[-1], line) and rule.left < right and rule.right > left for rule in self._rules)
            if not small or ruled or (gap > _GAP * first.size and not begins):
                break
            left, right = min(left, line.box.left), max(right, line.box.right)
            last = self._number(line) if begins else last
            lines.append(line)
        lines = [line for row in rows([*lines, *self._beside(lines, left, right)]) for line in row]
        if len(lines) > 1 and page_number(lines[-1].text) is not None:
            lines.pop()
        return lines

    def _number(self, line: Line) -> int:
        """Of the note that may begin with the line, a letter's place in the alphabet; 0 where it has none."""
        label = self._leads[id(line)].label if id(line) in self._leads else ""
        if label.isdecimal():
            return int(label)
        return ord(label) - ord("a") + 1 if label.isalpha() else 0

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
        """Notes made of the lines, if they are some; `rule`: right above them."""
        above = self._text_above(lines)
        if not above or folded(above[-1].text) in _LISTS:
            return None
        marks = self._marks_above(lines)
        leads = self._begun(lines, marks)
        answered = {lead.label: _best(marks[lead.label]) for lead in leads.values() if lead.label in marks}
        zone = _Zone(tuple(lines), leads, answered, rule is not None)
        first = leads.get(id(lines[0]))
        size, body = lines[0].size, self._body(lines[0])
        if size > _SMALLER * body:  # only what a rule and a mark tell, or raised marks of all, and white space above
            ruled = rule is not None and first is not None and first.sure and bool(answered)
            told = size <= 1.02 * body and (ruled or (_all_raised(leads, answered) and _stands_apart(lines, leads, above)))
        elif rule is None:
            sure = first is not None and first.label in answered and answered[first.label][0].sort != Sort.POWER
            told = sure and 2 * len(answered) >= len(leads) and any(line.size >= 0.97 * body for line in above)
        else:
            told = bool(answered) or (_is_separator(rule, lines, above) and (first is not None or _is_prose(lines)))
        return zone if told else None

    def _text_above(self, lines: Sequence[Line]) -> list[Line]:
        """What stands above the lines in their column; [] where they are not at its foot."""
        inside, place = set(map(id, lines)), union(line.box for line in lines)
        column = [line for line in self._lines if line.box.left < place.right and line.box.right > place.left]
        around = [line for line in column if id(line) not in inside]
        edge = 0.4 * lines[0].size
        above = [line for line in around if line.box.bottom <= place.top + edge]
        below = [line for line in around if line.box.top >= place.bottom - edge]
        beside = len(around) - len(above) - len(below)
        body = self._body(lines[0])
        text = any(line.size >= 0.97 * body and len(line.text) > _LEAST for line in below)
        table = any(table.left < place.right and table.right > place.left and table.top > place.top for table in self._tables)
        high = self._bottom - place.top > _HIGHEST * (self._bottom - self._lines[0].box.top)
        return [] if beside or text or table or high or len(below) > _TAIL else above

    def _body(self, first: Line) -> float:
        """The font size that most characters above the notes have."""
        sizes: Counter[float] = Counter()
        for line in self._lines:
            if line.box.bottom <= first.box.top + 0.4 * first.size:
                sizes[line.size] += len(line.text)
        return max(sizes, key=lambda size: (sizes[size], size), default=0.0)

    def _begun(self, lines: Sequence[Line], marks: Collection[str]) -> dict[int, Lead]:
        """Which of the lines begin a note: those with a sure mark, or the number that comes next, or first."""
        found: dict[int, Lead] = {}
        last = 0
        for line in lines:
            lead, number = self._leads.get(id(line)), self._number(line)
            if lead is None:
                continue
            meant = lead.label in marks
            follows = number == last + 1 if last else number > 0 and (line is lines[0] or meant)
            if lead.label.isalpha() and not (meant or lead.sure):
                continue  # the article "a"
            if follows or (lead.sure and (not number or not last or last < number <= last + _MISSED)):
                found[id(line)] = lead
                last = number or last
        return found

    def _marks_above(self, lines: Sequence[Line]) -> dict[str, list[Mark]]:
        """Marks in the text above, or in another column, by label, that may mean one of the lines."""
        inside, place = set(map(id, lines)), union(line.box for line in lines)
        wanted = {self._leads[id(line)].label for line in lines if id(line) in self._leads}
        found: dict[str, list[Mark]] = {}
        for line in self._lines if wanted else ():
            below = line.box.top >= place.top and line.box.left < place.right and line.box.right > place.left
            if below or id(line) in inside or line.size < 0.98 * lines[0].size:
                continue
            marks = [mark for mark in self._marks(line) if mark.label in wanted]
            if marks and not self._is_labelling(line):
                for mark in marks:
                    found.setdefault(mark.label, []).append(mark)
        return found

    def _marks(self, line: Line) -> Sequence[Mark]:
        if id(line) not in self._known:
            self._known[id(line)] = tuple(marks_in(line))
        return self._known[id(line)]

    def _is_labelling(self, line: Line) -> bool:
        """A value stands behind it in the row: the mark is one of a table."""
        return any(
            other.box.left >= line.box.right and abs(other.baseline - line.baseline) <= 0.3 * line.size and is_value(other.text)
            for other in self._lines
        )


def _best(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Those that most speaks for; of exponents the first."""
    sort = min(mark.sort for mark in marks)
    best = tuple(mark for mark in marks if mark.sort == sort)
    return best if sort != Sort.POWER else best[:1]


def _all_raised(leads: Mapping[int, Lead], answered: Mapping[str, Sequence[Mark]]) -> bool:
    """To each note a mark refers that means nothing else, in their order: the items of a list would have none."""
    marks = [answered.get(lead.label, ()) for lead in leads.values()]
    if not marks or not all(found and found[0].sort == Sort.RAISED for found in marks):
        return False
    return all(one[0].word.order < other[0].word.order for one, other in itertools.pairwise(marks))


def _stands_apart(lines: Sequence[Line], leads: Collection[int], above: Sequence[Line]) -> bool:
    """More white space is above the notes than between lines, and they neither stand in nor hang as the items of a list do."""
    size, left = lines[0].size, min(line.box.left for line in above)
    first = max(line.box.left for line in lines if id(line) in leads)
    return (
        lines[0].box.top - max(line.box.bottom for line in above) > _ALONE * size
        and first - left < _INDENT * size
        and all(line.box.left < first + _HANG * size for line in lines)
    )


def _is_of(rule: Box, table: Box) -> bool:
    return table.left - 4 < rule.left and rule.right < table.right + 4 and table.top - 4 < rule.top < table.bottom + 4


def _is_under(line: Line, rule: Box) -> bool:
    apart = line.box.top - rule.bottom
    beside = line.box.left < rule.right and line.box.right > rule.left
    return beside and -0.4 * line.size <= apart <= _NEAR_RULE * line.size and line.baseline > rule.bottom


def _is_between(rule: Box, above: Line, below: Line) -> bool:
    return above.baseline < rule.top and rule.bottom <= below.baseline - 0.3 * below.size


def _is_separator(rule: Box, lines: Sequence[Line], above: Sequence[Line]) -> bool:
    """A short rule at the margin of the column."""
    column = union(line.box for line in (*lines, *above))
    return rule.width <= _SHORT * column.width and abs(rule.left - column.left) <= lines[0].size


def _is_prose(lines: Sequence[Line]) -> bool:
    """More than a title; of a note that began on the page before, the last words are enough."""
    text = " ".join(line.text for line in lines)
    if text[:1].islower() and text.endswith(".") and " " in text:
        return True
    return len(lines) > 1 and len(text) >= _LEAST and sum(map(str.islower, text)) >= 0.5 * len(text)
