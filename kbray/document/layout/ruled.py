"""Tables drawn with lines: rules → grid → cells."""

import itertools
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from kbray.document.layout.aligned import Spaced, as_line, table_of
from kbray.document.layout.lines import Line
from kbray.document.layout.markers import BULLETS
from kbray.document.layout.words import Word, baselines, cell_text, is_code, is_unordered
from kbray.document.spacers import with_signs, without_empty_columns
from kbray.geometry import Box
from kbray.model import Cell, Table

_NEAR = 5.0  # points within which two rules are one line, or touch: shaded cells leave white seams
_FEWEST = 3  # places of horizontal lines of a table
_SEAM = 9.0  # points: a row or column no wider, and without text, is the space between double rules
_ASTRAY = 0.6  # of the font size: so far may text reach over a rule
_FLOOR, _UNORDERED_FLOOR = 0.9, 0.7  # of the width: rules between rows; a first cell may stand beside several
_MOSTLY = 0.6  # of the lines in a frame that holds rows have gaps
_FRAMED = 3  # lines of one cell that have gaps, as rows do
_PROSE, _OVER_ALL = 250, 0.8  # characters of a first or last row that is text, and of the columns: so wide is its one cell
_NUMBER = re.compile(r"\W*\d[\d\W]*")
_SIDES = attrgetter("left", "top", "right", "bottom")
_PASSED = 64  # rules of a group, after which those are left out that the sweep has passed
_MAX_LINES = 400  # of one grid and direction; more is graph paper


@dataclass(frozen=True, slots=True)
class _Grid:
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    across: tuple[Box, ...]  # horizontal rules
    down: tuple[Box, ...]  # vertical rules

    @property
    def box(self) -> Box:
        return Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    def slot(self, row: int, column: int, rows: int, columns: int) -> Box:
        """So many rows and columns of it from one of its slots on."""
        return Box(self.xs[column], self.ys[row], self.xs[column + columns], self.ys[row + rows])


def tables_of(words: Sequence[Word], rules: Sequence[Box]) -> tuple[list[Line], list[Word]]:
    """Ruled tables as lines to be put in reading order, and the words that stand in none."""
    found: list[Line] = []
    rest = list(words)
    for whole in _grids(rules):
        grid, spaced = whole, _under_titles(whole, _inside(whole.box, rest))
        if spaced is None:
            grid = _without_text(whole, rest)
            inside = _inside(grid.box, rest)
            spaced = _table(grid, inside) if inside and not is_code(inside) else None
        if spaced is None:
            continue
        found.append(as_line(spaced.table, spaced.words, grid.box))
        taken = set(map(id, spaced.words))
        rest = [word for word in rest if id(word) not in taken]
    return found, rest


def _grids(rules: Sequence[Box]) -> list[_Grid]:
    """Groups of rules that touch, with at least two rows and two columns between them."""
    found: list[_Grid] = []
    for group in _touching(rules):
        across = tuple(rule for rule in group if rule.width >= rule.height)
        down = tuple(rule for rule in group if rule.width < rule.height)
        if not across or not down:
            continue
        ys = _places((rule.top + rule.bottom) / 2 for rule in across)
        xs = _places((rule.left + rule.right) / 2 for rule in down)
        xs = _closed(xs, min(rule.left for rule in across), max(rule.right for rule in across))
        ys = _closed(ys, min(rule.top for rule in down), max(rule.bottom for rule in down))
        if 3 <= len(xs) <= _MAX_LINES and 3 <= len(ys) <= _MAX_LINES:
            found.append(_Grid(xs, ys, across, down))
    return sorted(found, key=lambda grid: (grid.box.top, grid.box.left))


@dataclass(slots=True)
class _Group:
    """Rules that touch, as a sweep from the left has found them so far."""

    right: float
    top: float
    bottom: float
    numbers: list[int]  # of all
    ends: list[tuple[float, float, float]]  # right, top, bottom of those that the sweep may not have passed

    def touches(self, left: float, top: float, bottom: float) -> bool:
        if self.top <= bottom and self.bottom >= top:
            for its_right, its_top, its_bottom in reversed(self.ends):  # a generator would take twice as long
                if its_right >= left and its_top <= bottom and its_bottom >= top:
                    return True
        return False

    def take(self, other: "_Group") -> None:
        self.right, self.bottom = max(self.right, other.right), max(self.bottom, other.bottom)
        self.top = min(self.top, other.top)
        self.numbers += other.numbers
        self.ends += other.ends


def _touching(rules: Sequence[Box]) -> list[list[Box]]:
    """Connected groups, by a sweep from the left: a rule is compared with a group only until it touches one of its rules."""
    order = sorted(rules, key=_SIDES)
    found: list[_Group] = []
    active: list[_Group] = []
    for number, (left, top, right, bottom) in enumerate(map(_SIDES, order)):
        begin = left - _NEAR
        whole = _Group(right, top, bottom, [number], [(right, top, bottom)])
        apart: list[_Group] = []
        for group in active:
            if group.right < begin:
                found.append(group)
            elif not group.touches(begin, top - _NEAR, bottom + _NEAR):
                apart.append(group)
            elif len(group.numbers) < len(whole.numbers):
                whole.take(group)
            else:
                group.take(whole)
                whole = group
        if len(whole.ends) % _PASSED == 0:
            whole.ends = [end for end in whole.ends if end[0] >= begin]
        active = [*apart, whole]
    numbers = sorted(sorted(group.numbers) for group in (*found, *active))
    return [[order[number] for number in group] for group in numbers]


def _closed(places: tuple[float, ...], start: float, end: float) -> tuple[float, ...]:
    """`places` with the ends of the rules across them: many tables are drawn without their outer edges."""
    first = (start,) if places[0] - start > _NEAR else ()
    last = (end,) if end - places[-1] > _NEAR else ()
    return (*first, *places, *last)


def _places(marks: Iterable[float]) -> tuple[float, ...]:
    """Positions of lines, those closer than `_NEAR` taken for one."""
    found: list[list[float]] = []
    for place in sorted(marks):
        if found and place - found[-1][-1] <= _NEAR:
            found[-1].append(place)
        else:
            found.append([place])
    return tuple(sum(group) / len(group) for group in found)


def _inside(frame: Box, words: Iterable[Word]) -> list[Word]:
    return [word for word in words if _holds(frame, word.box)]


def _holds(outer: Box, box: Box) -> bool:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return outer.left <= x <= outer.right and outer.top <= y <= outer.bottom


def _without_text(grid: _Grid, words: Sequence[Word]) -> _Grid:
    """The grid without text above and below its table: the ground of a page is a frame, to which the rules of a table reach."""
    for end, rows in ((0, slice(1, None)), (-1, slice(-1))):
        top, bottom = (grid.ys[:2], grid.ys[-2:])[end]
        slot = Box(grid.xs[0], top, grid.xs[-1], bottom)
        if len(grid.ys) <= _FEWEST or sum(len(word.text) for word in _inside(slot, words)) <= _PROSE:
            continue
        owners = _merged(grid)[end]
        if max(owner[3] for owner in owners) > _OVER_ALL * len(owners) and all(owner[2] == 1 for owner in owners):
            grid = replace(grid, ys=grid.ys[rows])
    return grid


def _table(grid: _Grid, words: Sequence[Word]) -> Spaced | None:
    """The table of the words in a grid; None where the lines frame text rather than rule it."""
    owners = _merged(grid)
    texts = _texts(grid, owners, words)
    cells = _cells(grid, owners, texts)
    # A cell of lines with gaps: the rules frame a table, or text, and white space must tell it.
    framed = is_unordered(words) and any(_rows_with_gaps(cell) >= _FRAMED for cell in texts.values())
    found = [Spaced(Table(without_empty_columns(cells)), tuple(words))] if _is_filled(cells) and not framed else []
    if framed or _is_coarse(texts.values()) or _is_headed(grid, owners, texts):
        floors = _floors(grid, words)
        finer = (table_of(words, floors, middle=False), table_of(words, floors, cuts=grid.xs[1:-1]))
        found.extend(filter(None, finer))
    # Of two ways to part the same cells, the one with fewer columns has no holes.
    finest = max(found, key=_parts, default=None)
    return finest and min((one for one in found if _filled(one) == _filled(finest)), key=attrgetter("table.columns"))


def _cells(
    grid: _Grid, owners: Sequence[Sequence[tuple[int, int, int, int]]], texts: Mapping[tuple[int, int], Sequence[Word]]
) -> list[Cell]:
    cells: list[Cell] = []
    for row, line in enumerate(owners):
        for column, (top, left, rows, columns) in enumerate(line):
            if (row, column) != (top, left):
                continue
            if (row, column) not in texts:  # nothing spans nothing
                every = ((row + down, column + along) for down in range(rows) for along in range(columns))
                cells.extend(Cell(*slot, box=grid.slot(*slot, 1, 1)) for slot in every)
                continue
            parts = _parted(texts[row, column], grid.xs, column, columns)
            for first, wide, inside in parts:
                slot = grid.slot(row, first, rows, wide)
                cells.append(Cell(row, first, cell_text(inside, slot), rows, wide, box=slot))
    return _compacted(with_signs(sorted(cells, key=lambda cell: (cell.row, cell.column))), grid)


def _is_filled(cells: Sequence[Cell]) -> bool:
    """False for the lines of a chart, and for a frame around text."""
    filled = [cell for cell in cells if cell.text]
    if len({cell.row for cell in filled}) < 2 or len({cell.column for cell in filled}) < 2 or len(filled) < 4:
        return False
    lengths = [len(cell.text) for cell in filled]
    return len(filled) >= 0.35 * len(cells) and (max(lengths) <= 0.6 * sum(lengths) or max(lengths) <= 400)


def _parts(spaced: Spaced) -> tuple[int, int]:
    return spaced.table.columns, _filled(spaced)


def _filled(spaced: Spaced) -> int:
    return sum(bool(cell.text) for cell in spaced.table.cells)


def _is_coarse(cells: Iterable[Sequence[Word]]) -> bool:
    """True where the rules part less than the text does: cells hold several columns or several rows."""
    cells = [words for words in cells if words]
    lines = [baselines(words) for words in cells]
    gaps = sum(any(_has_gap(line) for line in cell) for cell in lines)
    numbers = sum(len(cell) > 1 and all(_NUMBER.fullmatch(line[0].text) for line in cell) for cell in lines)
    return gaps > max(1, 0.1 * len(lines)) or numbers > 1 or _interleaved(cells) > 1


def _texts(
    grid: _Grid, owners: Sequence[Sequence[tuple[int, int, int, int]]], words: Iterable[Word]
) -> dict[tuple[int, int], list[Word]]:
    """The words of each cell, by its top row and left column."""
    found: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        row = _slot(grid.ys, (word.box.top + word.box.bottom) / 2)
        column = _slot(grid.xs, (word.box.left + word.box.right) / 2)
        found.setdefault(owners[row][column][:2], []).append(word)
    return found


def _floors(grid: _Grid, words: Sequence[Word]) -> list[float]:
    """Heights of the rules over which no row reaches."""
    wide = (_UNORDERED_FLOOR if is_unordered(words) else _FLOOR) * grid.box.width
    return [(rule.top + rule.bottom) / 2 for rule in grid.across if rule.width > wide]


def _under_titles(grid: _Grid, words: Sequence[Word]) -> Spaced | None:
    """The table whose titles stand between rules, and whose rows stand below them in one frame, in the same columns."""
    last, top = len(grid.ys) - 2, grid.ys[-2]
    body = [word for word in words if (word.box.top + word.box.bottom) / 2 > top]
    lines = baselines(body)
    rows = sum(map(_has_gap, lines))
    if rows < _FRAMED or rows <= _MOSTLY * len(lines):
        return None
    owners = _merged(grid)
    texts = _texts(grid, owners, words)
    if any(owner[:3:2] != (last, 1) for owner in owners[last]) or not _is_headed(grid, owners[last:], texts):
        return None
    above = {place: found for place, found in texts.items() if place[0] < last}
    titles = Table(tuple(_cells(grid, owners[:last], above)))
    below = table_of(body, [floor for floor in _floors(grid, words) if floor > top], cuts=grid.xs[1:-1])
    if below is None or below.table.columns != titles.columns:
        return None
    under = [replace(cell, row=cell.row + titles.rows, header=False) for cell in below.table.cells]
    return Spaced(Table((*titles.cells, *under)), (*(word for found in above.values() for word in found), *below.words))


def _is_headed(
    grid: _Grid, owners: Sequence[Sequence[tuple[int, int, int, int]]], texts: Mapping[tuple[int, int], Sequence[Word]]
) -> bool:
    """True where rules part only the titles of columns, and all rows below stand in one frame."""
    for row, column, _, columns in {owner for line in owners for owner in line}:
        words = texts.get((row, column), ())
        parts = _parted(words, grid.xs, column, columns) if columns > 1 and words else []
        if len(parts) > 1 and _rows_with_gaps(words) >= _FRAMED:
            return True
    return False


def _rows_with_gaps(cell: Sequence[Word]) -> int:
    return sum(map(_has_gap, baselines(cell)))


def _interleaved(cells: Sequence[Sequence[Word]]) -> int:
    """How many cells the content stream leaves for others and comes back to: it writes a cell in one go, so these are several."""
    owners = [cell for _, cell in sorted((word.order, cell) for cell, words in enumerate(cells) for word in words)]
    runs = Counter(cell for cell, _ in itertools.groupby(owners))
    return sum(count > 1 for count in runs.values())


def _has_gap(line: Sequence[Word]) -> bool:
    ordered = sorted(line, key=lambda word: word.box.left)
    if ordered[0].text in BULLETS:
        del ordered[0]
    return any(right.box.left - left.box.right >= right.size for left, right in itertools.pairwise(ordered))


def _parted(words: Sequence[Word], xs: Sequence[float], column: int, columns: int) -> list[tuple[int, int, Sequence[Word]]]:
    """First column, columns and words of what two rules hold: several cells where rules of other rows meet white space."""
    found: list[tuple[int, int, Sequence[Word]]] = []
    first, rest = column, words
    for cut in range(column + 1, column + columns):
        before = [word for word in rest if word.box.right <= xs[cut] + _ASTRAY * word.size]
        after = [word for word in rest if word.box.left >= xs[cut] - _ASTRAY * word.size]
        if before and after and len(before) + len(after) == len(rest) and _are_apart(before, after):
            found.append((first, cut - first, before))
            first, rest = cut, after
    return [*found, (first, column + columns - first, rest)]


def _are_apart(before: Sequence[Word], after: Sequence[Word]) -> bool:
    """No line of print has less than a cell's gap between the words of both."""
    return all(
        right.box.left - left.box.right >= right.size
        for left in before
        for right in after
        if abs(left.baseline - right.baseline) < 0.5 * right.size
    )


def _slot(places: Sequence[float], value: float) -> int:
    for index, place in enumerate(places[1:-1]):
        if value < place:
            return index
    return len(places) - 2


def _merged(grid: _Grid) -> list[list[tuple[int, int, int, int]]]:
    """For each slot of the grid the cell it belongs to: its top row, left column, rows and columns."""
    rows, columns = len(grid.ys) - 1, len(grid.xs) - 1
    middles = [(above + below) / 2 for above, below in itertools.pairwise(grid.xs)]
    floors = _drawn(grid.ys, [(rule.top, rule.bottom, rule.left, rule.right) for rule in grid.across], middles)
    middles = [(above + below) / 2 for above, below in itertools.pairwise(grid.ys)]
    walls = _drawn(grid.xs, [(rule.left, rule.right, rule.top, rule.bottom) for rule in grid.down], middles)
    owners: list[list[tuple[int, int, int, int] | None]] = [[None] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            if owners[row][column] is not None:
                continue
            wide = 1
            while column + wide < columns and owners[row][column + wide] is None and not walls[column + wide][row]:
                wide += 1
            high = 1
            while row + high < rows and all(
                owners[row + high][column + i] is None and not floors[row + high][column + i] for i in range(wide)
            ):
                high += 1
            for i in range(high):
                for j in range(wide):
                    owners[row + i][column + j] = (row, column, high, wide)
    return [[owner for owner in line if owner is not None] for line in owners]


def _drawn(
    places: Sequence[float], rules: Sequence[tuple[float, float, float, float]], middles: Sequence[float]
) -> list[list[bool]]:
    """For each place of a line whether a rule at it, which may be anywhere in its row or column, passes each of the middles.

    rules: their sides across, and their ends along.
    """
    low, high, begin, end = np.array(rules).T
    passes = (begin[:, None] <= middles) & (middles <= end[:, None])
    across = (low + high) / 2
    return [passes[np.abs(across - place) <= _NEAR].any(axis=0).tolist() for place in places]


def _compacted(cells: Sequence[Cell], grid: _Grid) -> list[Cell]:
    """Cells without the rows and columns that only part double rules: in the first no cell starts, in the others no text."""
    kept_rows = {cell.row for cell in cells if cell.text or grid.ys[cell.row + 1] - grid.ys[cell.row] > _SEAM}
    kept_columns = {cell.column for cell in cells if cell.text or grid.xs[cell.column + 1] - grid.xs[cell.column] > _SEAM}
    return _renumbered([cell for cell in cells if cell.row in kept_rows and cell.column in kept_columns])


def _renumbered(cells: Sequence[Cell]) -> list[Cell]:
    rows, columns = sorted({cell.row for cell in cells}), sorted({cell.column for cell in cells})
    return [
        replace(
            cell,
            row=(row := bisect_left(rows, cell.row)),
            column=(column := bisect_left(columns, cell.column)),
            row_span=bisect_left(rows, cell.row + cell.row_span) - row,
            column_span=bisect_left(columns, cell.column + cell.column_span) - column,
            header=cell.row == 0,
        )
        for cell in cells
    ]
