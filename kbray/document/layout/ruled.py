"""Tables drawn with lines: rules → grid → cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kbray.document.layout.lines import Line, table_line
from kbray.document.layout.paragraphs import cell_text
from kbray.document.layout.words import Word
from kbray.geometry import Box, union
from kbray.model import Cell, Table

_NEAR = 5.0  # points within which two rules are one line, or touch: shaded cells leave white seams
_SEAM = 9.0  # points: a row or column no wider, and without text, is the space between double rules
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


def tables_of(words: Sequence[Word], rules: Sequence[Box]) -> tuple[list[Line], list[Word]]:
    """Ruled tables as lines to be put in reading order, and the words that stand in none."""
    found: list[Line] = []
    rest = list(words)
    for grid in _grids(rules):
        inside = [word for word in rest if _holds(grid.box, word.box)]
        line = _table(grid, inside) if inside else None
        if line is None:
            continue
        found.append(line)
        taken = set(map(id, inside))
        rest = [word for word in rest if id(word) not in taken]
    return found, rest


def _grids(rules: Sequence[Box]) -> list[_Grid]:
    """Groups of rules that touch, with at least two rows and two columns between them."""
    found: list[_Grid] = []
    for group in _touching(rules):
        across = tuple(rule for rule in group if rule.width >= rule.height)
        down = tuple(rule for rule in group if rule.width < rule.height)
        ys = _places(((rule.top + rule.bottom) / 2, rule.width) for rule in across)
        xs = _places(((rule.left + rule.right) / 2, rule.height) for rule in down)
        if 3 <= len(xs) <= _MAX_LINES and 3 <= len(ys) <= _MAX_LINES:
            found.append(_Grid(xs, ys, across, down))
    return sorted(found, key=lambda grid: (grid.box.top, grid.box.left))


def _touching(rules: Sequence[Box]) -> list[list[Box]]:
    """Connected groups, by a sweep from the left."""
    order = sorted(rules, key=lambda rule: (rule.left, rule.top, rule.right, rule.bottom))
    parent = list(range(len(order)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    active: list[int] = []
    for i, rule in enumerate(order):
        active = [j for j in active if order[j].right >= rule.left - _NEAR]
        for j in active:
            if order[j].top <= rule.bottom + _NEAR and order[j].bottom >= rule.top - _NEAR:
                parent[root(i)] = root(j)
        active.append(i)
    groups: dict[int, list[Box]] = {}
    for i, rule in enumerate(order):
        groups.setdefault(root(i), []).append(rule)
    return list(groups.values())


def _places(marks: Iterable[tuple[float, float]]) -> tuple[float, ...]:
    """Positions of lines, those closer than `_NEAR` taken for one."""
    found: list[list[float]] = []
    for place, _ in sorted(marks):
        if found and place - found[-1][-1] <= _NEAR:
            found[-1].append(place)
        else:
            found.append([place])
    return tuple(sum(group) / len(group) for group in found)


def _holds(outer: Box, box: Box) -> bool:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return outer.left <= x <= outer.right and outer.top <= y <= outer.bottom


def _table(grid: _Grid, words: Sequence[Word]) -> Line | None:
    """The table of the words in a grid; None where the lines frame text rather than rule it."""
    owners = _merged(grid)
    texts: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        row = _slot(grid.ys, (word.box.top + word.box.bottom) / 2)
        column = _slot(grid.xs, (word.box.left + word.box.right) / 2)
        texts.setdefault(owners[row][column][:2], []).append(word)
    cells: list[Cell] = []
    for row, line in enumerate(owners):
        for column, (top, left, rows, columns) in enumerate(line):
            if (row, column) == (top, left):
                cells.append(Cell(row, column, cell_text(texts.get((row, column), [])), rows, columns))
    cells = _compacted(cells, grid)
    filled = [cell for cell in cells if cell.text]
    table = Table(tuple(cells))
    if len({cell.row for cell in filled}) < 2 or len({cell.column for cell in filled}) < 2 or len(filled) < 4:
        return None
    if len(filled) < 0.35 * len(cells):
        return None  # the lines of a chart
    lengths = [len(cell.text) for cell in filled]
    if max(lengths) > 0.8 * sum(lengths) and max(lengths) > 400:
        return None
    by_row: dict[int, list[str]] = {}
    for cell in cells:
        by_row.setdefault(cell.row, []).append(cell.text)
    text = "\n".join("\t".join(row) for row in by_row.values())
    return table_line(table, text, union((grid.box, *(word.box for word in words))), min(word.order for word in words))


def _slot(places: Sequence[float], value: float) -> int:
    for index, place in enumerate(places[1:-1]):
        if value < place:
            return index
    return len(places) - 2


def _merged(grid: _Grid) -> list[list[tuple[int, int, int, int]]]:
    """For each slot of the grid the cell it belongs to: its top row, left column, rows and columns."""
    rows, columns = len(grid.ys) - 1, len(grid.xs) - 1
    owners: list[list[tuple[int, int, int, int] | None]] = [[None] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            if owners[row][column] is not None:
                continue
            wide = 1
            while column + wide < columns and owners[row][column + wide] is None and not _wall(grid, row, column + wide):
                wide += 1
            high = 1
            while row + high < rows and all(
                owners[row + high][column + i] is None and not _floor(grid, row + high, column + i) for i in range(wide)
            ):
                high += 1
            for i in range(high):
                for j in range(wide):
                    owners[row + i][column + j] = (row, column, high, wide)
    return [[owner for owner in line if owner is not None] for line in owners]


def _wall(grid: _Grid, row: int, column: int) -> bool:
    """A rule between a slot and the one left of it."""
    middle, x = (grid.ys[row] + grid.ys[row + 1]) / 2, grid.xs[column]
    return any(abs((rule.left + rule.right) / 2 - x) <= _NEAR and rule.top <= middle <= rule.bottom for rule in grid.down)


def _floor(grid: _Grid, row: int, column: int) -> bool:
    """A rule between a slot and the one above it."""
    middle, y = (grid.xs[column] + grid.xs[column + 1]) / 2, grid.ys[row]
    return any(abs((rule.top + rule.bottom) / 2 - y) <= _NEAR and rule.left <= middle <= rule.right for rule in grid.across)


def _compacted(cells: Sequence[Cell], grid: _Grid) -> list[Cell]:
    """Cells without the rows and columns that only part double rules: in the first no cell starts, in the others no text."""
    kept_rows = {cell.row for cell in cells if cell.text or grid.ys[cell.row + 1] - grid.ys[cell.row] > _SEAM}
    kept_columns = {cell.column for cell in cells if cell.text or grid.xs[cell.column + 1] - grid.xs[cell.column] > _SEAM}
    cells = [cell for cell in cells if cell.row in kept_rows and cell.column in kept_columns]
    rows = {row: index for index, row in enumerate(sorted({cell.row for cell in cells}))}
    columns = {column: index for index, column in enumerate(sorted({cell.column for cell in cells}))}
    return [
        Cell(
            rows[cell.row],
            columns[cell.column],
            cell.text,
            sum(cell.row <= row < cell.row + cell.row_span for row in rows),
            sum(cell.column <= column < cell.column + cell.column_span for column in columns),
            header=cell.row == 0,
        )
        for cell in cells
    ]
