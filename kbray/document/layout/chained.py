"""Text with labels at its left, parted from them by a line that is drawn row by row, as CVs have it: the line tells the rows."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from kbray.document.layout.aligned import as_line
from kbray.document.layout.lines import Line
from kbray.document.layout.words import Word, baselines, cell_text, is_code
from kbray.geometry import Box
from kbray.model import Cell, Table

_LEAST = 5  # rows, and so many of them with text on both sides
_HIGH = 0.4  # of the height of the text: a lower one may have other text beside it
_TOUCH = 1.5  # points: a piece of the line begins where the one above it ends
_LEVEL, _MOSTLY = 0.3, 0.6  # of the font size; of the rows have label and text on one line
_GAP, _FEW = 1.5, 0.25  # of the font size: white that parts cells; rows that may have some, beside labels that have none


@dataclass(frozen=True, slots=True)
class _Row:
    left: list[Word]
    right: list[Word]

    @property
    def is_pair(self) -> bool:
        return bool(self.left and self.right)

    @property
    def is_level(self) -> bool:
        """Label and text begin on one line."""
        left, right = (min(side, key=lambda word: word.baseline) for side in (self.left, self.right))
        return abs(left.baseline - right.baseline) <= _LEVEL * max(left.size, right.size)

    @property
    def has_cells(self) -> bool:
        """There is more white in a line of the text than between words."""
        return any(
            after.box.left - before.box.right > _GAP * after.size
            for line in baselines(self.right)
            for before, after in pairwise(sorted(line, key=lambda word: word.box.left))
        )


def tables_beside(words: Sequence[Word], rules: Sequence[Box]) -> tuple[list[Line], list[Word], list[Box]]:
    """Tables of labels and what they are for, the words that stand in none, and the other rules.

    What has nothing beside it stays, as titles do.
    """
    height = max((word.box.bottom for word in words), default=0.0) - min((word.box.top for word in words), default=0.0)
    for chain in _chains(rules) if words else ():
        alone = chain[-1].bottom - chain[0].top >= _HIGH * height and _is_alone(chain, rules)
        rows = _rows(words, chain) if alone else []
        if not _are_labelled(rows):
            continue
        runs = [list(run) for paired, run in groupby(rows, lambda row: row.is_pair) if paired]
        taken = {id(word) for run in runs for row in run for word in (*row.left, *row.right)}
        drawn = set(map(id, chain))
        return (
            list(map(_table, runs)),
            [word for word in words if id(word) not in taken],
            [rule for rule in rules if id(rule) not in drawn],
        )
    return [], list(words), list(rules)


def _chains(rules: Sequence[Box]) -> Iterator[list[Box]]:
    """Vertical rules that go on each other."""
    down = sorted((rule for rule in rules if rule.height > rule.width), key=lambda rule: (round(rule.left), rule.top))
    for _, column in groupby(down, key=lambda rule: round(rule.left)):
        several = list(column)
        cuts = [at for at, (above, below) in enumerate(pairwise(several), 1) if abs(below.top - above.bottom) > _TOUCH]
        for begin, end in pairwise([0, *cuts, len(several)]):
            if end - begin >= _LEAST:
                yield several[begin:end]


def _is_alone(chain: Sequence[Box], rules: Sequence[Box]) -> bool:
    """No other rule is beside it, or crosses it but at its ends, as in a grid."""
    own = set(map(id, chain))
    begin, end = chain[0].bottom - _TOUCH, chain[-1].top + _TOUCH
    return not any(rule.top < end and rule.bottom > begin for rule in rules if id(rule) not in own)


def _rows(words: Sequence[Word], chain: Sequence[Box]) -> list[_Row]:
    """One for each piece of the line, with its words; none where a word reaches over the line."""
    rows = [_Row([], []) for _ in chain]
    tops = [piece.top for piece in chain]
    for word in words:
        x, y = word.box.middle
        if tops[0] <= y < chain[-1].bottom:
            if word.box.left < chain[0].left < word.box.right:
                return []
            row = rows[bisect_right(tops, y) - 1]
            (row.left if x < chain[0].left else row.right).append(word)
    return rows


def _are_labelled(rows: Sequence[_Row]) -> bool:
    """Numbers of lines beside code are no labels, and a column of a table is none of them."""
    pairs = [row for row in rows if row.is_pair]
    labels = [word for row in pairs for word in row.left]
    if len(pairs) < _LEAST or is_code([word for row in pairs for word in row.right]):
        return False
    if sum(row.has_cells for row in pairs) > _FEW * len(pairs):
        return False
    return any(word.text.isalpha() for word in labels) and sum(row.is_level for row in pairs) >= _MOSTLY * len(pairs)


def _table(rows: Sequence[_Row]) -> Line:
    sides = [(number, column, side) for number, row in enumerate(rows) for column, side in enumerate((row.left, row.right))]
    cells = tuple(Cell(number, column, cell_text(side)) for number, column, side in sides)
    return as_line(Table(cells), [word for _, _, side in sides for word in side])
