"""Tables between rules that run across them from edge to edge, with no rules between their columns; and in stripes of shade."""

import itertools
import operator
from collections.abc import Mapping, Sequence
from statistics import median_low

from kbray.document.layout.aligned import Spaced, as_line, table_of
from kbray.document.layout.lines import Line
from kbray.document.layout.spacing import pieces_of
from kbray.document.layout.words import Word, baselines
from kbray.geometry import Box, union

_NEAR = 6.0  # points: rules whose ends are no farther apart are of one table, and pieces of a rule are one
_SHORTEST = 40.0  # points
_ROOM = 3.0  # of the font size
_GAP = 0.9  # of the font size
_MOST_RULES = 80  # of one table
_MOST_TRIES = 200  # on a page
_LISTED = 3  # rows between rules that make a list: what stands over it or below as rows stand in it is a row, too
_CLOSE = 1.2  # of the font size, between the print of such a row and its rule
_LEADING = 0.6  # … and between its lines
_SOLID = 0.3  # of the font size: lines of a cell are no farther apart
_TALL = 6.0  # of the usual stripe: a higher one is the ground of something else
_FAR = 3.0  # of the highest stripe: where no shade is for so long, a table ends
_EVERYWHERE = 0.5  # of the stripes: so many stand right below another one
_STEP = 0.75  # … and of two rows no nearer
_ASTRAY = 0.3  # … and at the left edge of prose they begin no farther from each other
_TITLE = 1.25  # times the size of the cells
_NARROW = 0.6  # of the width of the table: a line of one of its cells


def tables_between(words: Sequence[Word], rules: Sequence[Box], edges: Sequence[Box] = ()) -> tuple[list[Line], list[Word]]:
    """Such tables as lines to be put in reading order, and the words that stand in none.

    edges: those of shades, which may be the ground of a header over the first rule.
    """
    groups = _groups(rules)
    if not groups:
        return [], list(words)
    found: list[Line] = []
    rest = list(words)
    before = {id(word): above for above, word in itertools.pairwise(sorted(words, key=lambda word: word.order))}
    tries = 0
    for group in groups:
        left, right = group[0].left - _NEAR, group[0].right + _NEAR
        gaps = [_gaps(_between(rest, top, bottom, left, right)) for top, bottom in itertools.pairwise(group)]
        if _is_list(gaps):
            above = [] if _ends_between(group[1:], *group[:2]) else _over(group, rest)
            below = [] if _ends_between(group[:-1], *group[-2:]) else _under(group, rest)
            group, gaps = [*above, *group, *below], [*([1] * len(above)), *gaps, *([1] * len(below))]
        first = 0
        while first < len(group) - 1:
            end = first + 1
            for last in range(len(group) - 1, first, -1):
                if sum(gaps[first:last]) < 2 or tries >= _MOST_TRIES:
                    break
                tries += 1
                some = group[first : last + 1]
                spaced = _table(rest, some, before)
                if spaced is not None:
                    over, under = _beyond(group, first, last, rest) if _is_list(gaps[first:last]) else ([], [])
                    wide = [*(_shaded_over(some, rest, edges) or over), *some, *under]
                    spaced = (_table(rest, wide, before) if len(wide) > len(some) else None) or spaced
                    found.append(as_line(spaced.table, spaced.words))
                    taken = set(map(id, spaced.words))
                    rest = [word for word in rest if id(word) not in taken]
                    end = last
                    break
            first = end
    return found, rest


def _is_list(gaps: Sequence[int]) -> bool:
    """Most of what stands between two rules is a row of cells."""
    return sum(map(bool, gaps)) >= max(_LISTED, 0.75 * len(gaps))


def _beyond(group: Sequence[Box], first: int, last: int, words: Sequence[Word]) -> tuple[list[Box], list[Box]]:
    """Rules over and under some of a group, where its others are too far away to be of the table."""
    some = group[first : last + 1]
    above = first > 0 and _ends_between(some, group[first - 1], some[0])
    below = last + 1 < len(group) and _ends_between(some, some[-1], group[last + 1])
    return _over(some, words) if above else [], _last(some, words) if below else []


def _ends_between(table: Sequence[Box], above: Box, below: Box) -> bool:
    """Much more room is between two rules than a row of the table takes."""
    return below.top - above.top > _FAR * max(after.top - before.top for before, after in itertools.pairwise(table))


def _shaded_over(group: Sequence[Box], words: Sequence[Word], edges: Sequence[Box]) -> list[Box]:
    """Rules over the rows above the first one that are in shade which ends at it: those of a header."""
    found = [group[0]]
    while (higher := _shade_over(found[0], edges)) is not None and _gaps(
        _between(words, higher, found[0], higher.left - _NEAR, higher.right + _NEAR)
    ):
        found.insert(0, higher)
    return found[:-1]


def _shade_over(rule: Box, edges: Sequence[Box]) -> Box | None:
    """The upper edge of a shade that is as wide as the rule and ends at it."""
    uprights = [edge for edge in edges if edge.height > edge.width and abs(edge.bottom - rule.top) < _NEAR < edge.height]
    tops = [edge.top for edge in uprights if abs(edge.left - rule.left) < _NEAR]
    ends = any(abs(edge.left - rule.right) < _NEAR for edge in uprights)
    return _rule(rule, min(tops)) if tops and ends else None


def stripes(words: Sequence[Word], edges: Sequence[Box], rules: Sequence[Box] = ()) -> list[Box]:
    """Rules where the rows of tables end of which every other one is shaded.

    edges: those of all shades. rules: those that are drawn, as above and below a header.
    """
    found: list[Box] = []
    uprights = [edge for edge in edges if edge.height > edge.width]
    for group in _groups(edges):
        beside = [edge for edge in uprights if abs(edge.left - group[0].left) < _NEAR]
        for table in _apart(group, beside):
            shaded = _shaded(table, beside)
            if sum(shaded) >= 2 and not all(shaded):
                found += [*(_head(table, rules) or _over(table, words)), *table, *_under(table, words)]
    return found


def _shaded(group: Sequence[Box], uprights: Sequence[Box]) -> list[bool]:
    """Between each two rules whether shade is there; uprights: the left edges of it."""
    places = [(above.top + below.top) / 2 for above, below in itertools.pairwise(group)]
    return [any(edge.top <= place <= edge.bottom for edge in uprights) for place in places]


def _apart(group: Sequence[Box], uprights: Sequence[Box]) -> list[list[Box]]:
    """Rules by table: between two of them is much more room than a row takes."""
    steps = [below.top - above.top for above, below in itertools.pairwise(group)]
    shaded = _shaded(group, uprights)
    stripes = [step for step, shade in zip(steps, shaded, strict=True) if shade] or [0.0]
    highest = max(step for step in stripes if step <= _TALL * median_low(stripes))
    # Where stripes follow on stripes, all rows are shaded, in turns: what is not stands between two tables.
    everywhere = sum(itertools.starmap(operator.and_, itertools.pairwise(shaded))) >= _EVERYWHERE * sum(shaded)
    found = [[group[0]]]
    for rule, step, shade in zip(group[1:], steps, shaded, strict=True):
        if not shade and (everywhere or step > _FAR * highest):
            found.append([])
        found[-1].append(rule)
    return found


def _head(group: Sequence[Box], rules: Sequence[Box]) -> list[Box]:
    """Those drawn above and below a header over the first one; [] where it isn't between two."""
    first, height = group[0], max(below.top - above.top for above, below in itertools.pairwise(group))
    same = [rule for rule in whole_rules(rules) if abs(rule.left - first.left) < _NEAR and abs(rule.right - first.right) < _NEAR]
    near = [rule for rule in same if first.top - _FAR * height <= rule.top <= first.top + _NEAR]
    return near if len(near) > 1 and first.top - near[0].top > _NEAR else []


def _over(group: Sequence[Box], words: Sequence[Word]) -> list[Box]:
    """Rules over the rows that stand above the first one, as close to it as rows do: a header, and a row without shade."""
    first, height = group[0], max(below.top - above.top for above, below in itertools.pairwise(group))
    top = _rule(first, first.top - 2 * height)
    near: list[tuple[float, bool]] = []  # tops of lines, and whether they have gaps
    found: list[Box] = []
    floor = first.top
    for line in reversed(baselines(_between(words, top, first, first.left - _NEAR, first.right + _NEAR))):
        box = union(word.box for word in line)
        if floor - box.bottom > _CLOSE * line[0].size or _is_prose(line, first.width):
            break
        if near and floor - box.bottom > _SOLID * line[0].size:
            found.append(_rule(first, floor))
        near.append((box.top, bool(_gaps(line))))
        floor = box.top
    highest = min((place for place, gaps in near if gaps), default=first.top)
    return [_rule(first, highest), *(rule for rule in reversed(found) if rule.top > highest)] if highest < first.top else []


def _under(group: Sequence[Box], words: Sequence[Word]) -> list[Box]:
    """A rule below the row that stands below the last one."""
    last, height = group[-1], max(below.top - above.top for above, below in itertools.pairwise(group))
    floor, cells, columns = last.top, 0, _columns(group, words)
    for line in baselines(_between(words, last, _rule(last, last.top + 2 * height), last.left - _NEAR, last.right + _NEAR)):
        box = union(word.box for word in line)
        if box.top - floor > (_LEADING if floor > last.top else _CLOSE) * line[0].size:
            break
        if _is_prose(line, last.width) and not _is_in(pieces_of(line, line[0].size)[-1], columns):
            break
        floor, cells = max(floor, box.bottom), cells + _gaps(line)
    return [_rule(last, floor)] if cells else []


def _last(group: Sequence[Box], words: Sequence[Word]) -> list[Box]:
    """As `_under`, if nothing follows there as close as a row: that would begin another table."""
    found = _under(group, words)
    height = max(below.top - above.top for above, below in itertools.pairwise(group))
    return (
        found
        if not any(_between(words, floor, _rule(floor, floor.top + height), floor.left, floor.right) for floor in found)
        else []
    )


def _columns(group: Sequence[Box], words: Sequence[Word]) -> list[float]:
    """Where cells behind the first ones of lines begin, between these rules."""
    lines = baselines(_between(words, group[0], group[-1], group[0].left - _NEAR, group[0].right + _NEAR))
    return [_left(piece[0]) for line in lines for piece in pieces_of(line, line[0].size)[1:]]


def _is_in(piece: Sequence[Word], columns: Sequence[float]) -> bool:
    """Whether it begins where cells of several rows do."""
    return sum(abs(_left(piece[0]) - column) < _ASTRAY * piece[0].size for column in columns) >= _LISTED


def _is_prose(line: Sequence[Word], width: float) -> bool:
    """A line over most of a table of this width, perhaps behind the mark of a note."""
    pieces = pieces_of(line, line[0].size)
    last = union(word.box for word in pieces[-1])
    return len(pieces) <= 2 and last.width >= _NARROW * width


def _rule(like: Box, y: float) -> Box:
    return Box(like.left, y, like.right, y)


def _table(words: Sequence[Word], rules: Sequence[Box], before: Mapping[int, Word]) -> Spaced | None:
    left = rules[0].left - _NEAR
    words = _between(words, rules[0], rules[-1], left, rules[0].right + _NEAR)
    if not _are_filled(rules, words) or _have_labels(words, before, left) or _have_title(words):
        return None
    spaced = table_of(words, [rule.top for rule in rules[1:-1]])
    return None if spaced is None or _ends_prose(spaced, words) else spaced


def _have_title(words: Sequence[Word]) -> bool:
    """In much larger print, in the midst: what stands below it is another table."""
    large = _TITLE * median_low(word.size for word in words)
    lines = baselines(words) if any(word.size > large for word in words) else []
    return any(all(word.size > large for word in line) and len(pieces_of(line, line[0].size)) == 1 for line in lines[1:])


def _ends_prose(spaced: Spaced, words: Sequence[Word]) -> bool:
    """The first row is what a paragraph above the table ends with, or a title under it: a rule further up is not the table's."""
    taken = set(map(id, spaced.words))
    lines = baselines(words)
    first = next(number for number, line in enumerate(lines) if any(id(word) in taken for word in line))
    if first == 0 or first + 1 == len(lines):
        return False
    above, line, below = lines[first - 1 : first + 2]
    size = line[0].size
    apart = below[0].baseline - line[0].baseline > _STEP * size  # else it may be a cell in the middle of others
    aligned = abs(min(map(_left, line)) - min(map(_left, above))) < _ASTRAY * size
    return apart and aligned and len(pieces_of(line, size)) == 1


def _gaps(words: Sequence[Word]) -> int:
    """How many lines of print have one that could part cells."""
    return sum(
        any(after.box.left - word.box.right >= _GAP * word.size for word, after in itertools.pairwise(sorted(line, key=_left)))
        for line in baselines(words)
    )


def _left(word: Word) -> float:
    return word.box.left


def _groups(rules: Sequence[Box]) -> list[list[Box]]:
    """Horizontal rules with the same ends, from the top."""
    groups: list[list[Box]] = []
    for rule in whole_rules(rules):
        group = next((g for g in groups if abs(g[0].left - rule.left) < _NEAR and abs(g[0].right - rule.right) < _NEAR), None)
        if group is None:
            groups.append([rule])
        elif rule.top - group[-1].top > _NEAR:
            group.append(rule)
    return [group for group in groups if 2 <= len(group) <= _MOST_RULES]


def whole_rules(rules: Sequence[Box], shortest: float = _SHORTEST) -> list[Box]:
    """Long horizontal rules, those that were drawn in pieces put together."""
    found: list[Box] = []
    for rule in sorted((rule for rule in rules if rule.width > rule.height), key=lambda rule: (round(rule.top), rule.left)):
        last = found[-1] if found else None
        if last is not None and abs(last.top - rule.top) < 1.5 and rule.left - last.right < _NEAR:
            found[-1] = Box(last.left, last.top, max(last.right, rule.right), last.bottom)
        else:
            found.append(rule)
    return sorted((rule for rule in found if rule.width >= shortest), key=lambda rule: (rule.top, rule.left))


def _between(words: Sequence[Word], top: Box, bottom: Box, left: float, right: float) -> list[Word]:
    return [
        word
        for word in words
        if top.top <= (word.box.top + word.box.bottom) / 2 <= bottom.bottom
        and left <= (word.box.left + word.box.right) / 2 <= right
    ]


def _have_labels(words: Sequence[Word], before: Mapping[int, Word], left: float) -> bool:
    """The stream comes to most lines from the left of the rules: these stand above sums, and the table is wider."""
    lines = baselines(words)
    found = 0
    for line in lines:
        first = min(line, key=lambda word: word.order)
        label = before.get(id(first))
        found += label is not None and label.box.right <= left and abs(label.baseline - first.baseline) <= 0.5 * first.size
    return found >= max(2, 0.3 * len(lines))


def _are_filled(rules: Sequence[Box], words: Sequence[Word]) -> bool:
    """From rule to rule no room is left but that between lines: the frame of a figure has more."""
    floor = rules[0].top
    for box, size in sorted(((word.box, word.size) for word in words), key=lambda item: item[0].top):
        if box.top - floor > _ROOM * size:
            return False
        floor = max(floor, box.bottom)
    lowest = max((word.size for word in words), default=0.0)
    return rules[-1].top - floor <= _ROOM * lowest
