"""Tables between rules that run across them from edge to edge, with no rules between their columns."""

import itertools
from collections.abc import Mapping, Sequence

from kbray.document.layout.aligned import Spaced, as_line, table_of
from kbray.document.layout.lines import Line
from kbray.document.layout.words import Word, baselines
from kbray.geometry import Box

_NEAR = 6.0  # points: rules whose ends are no farther apart are of one table, and pieces of a rule are one
_SHORTEST = 40.0  # points
_ROOM = 3.0  # of the font size
_GAP = 0.9  # of the font size
_MOST_RULES = 80  # of one table
_MOST_TRIES = 200  # on a page


def tables_between(words: Sequence[Word], rules: Sequence[Box]) -> tuple[list[Line], list[Word]]:
    """Such tables as lines to be put in reading order, and the words that stand in none."""
    found: list[Line] = []
    rest = list(words)
    before = {id(word): above for above, word in itertools.pairwise(sorted(words, key=lambda word: word.order))}
    tries = 0
    for group in _groups(rules):
        left, right = group[0].left - _NEAR, group[0].right + _NEAR
        gaps = [_gaps(_between(rest, top, bottom, left, right)) for top, bottom in itertools.pairwise(group)]
        first = 0
        while first < len(group) - 1:
            end = first + 1
            for last in range(len(group) - 1, first, -1):
                if sum(gaps[first:last]) < 2 or tries >= _MOST_TRIES:
                    break
                tries += 1
                inside = _between(rest, group[first], group[last], left, right)
                spaced = _table(inside, group[first : last + 1], before, left)
                if spaced is not None:
                    found.append(as_line(spaced.table, spaced.words))
                    taken = set(map(id, spaced.words))
                    rest = [word for word in rest if id(word) not in taken]
                    end = last
                    break
            first = end
    return found, rest


def _table(words: Sequence[Word], rules: Sequence[Box], before: Mapping[int, Word], left: float) -> Spaced | None:
    if not _are_filled(rules, words) or _have_labels(words, before, left):
        return None
    return table_of(words, [rule.top for rule in rules[1:-1]])


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
