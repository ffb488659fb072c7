"""Tables that a tagged PDF tells, where what is printed bears them out."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import TypeVar

from kbray.document.layout.aligned import as_line
from kbray.document.layout.lines import Line
from kbray.document.layout.words import Word, cell_text
from kbray.document.spacers import without_empty_columns
from kbray.geometry import union
from kbray.model import Cell, Table
from kbray.parse.pdf.tags import TaggedTable, Tags

_NONE = 1_000_000  # more rows than a table may have
_Number = TypeVar("_Number", int, float)
_ASTRAY = 0.6  # of the font size: so far may text of a cell reach into the next
_LONGEST = 400  # characters of a cell: those of a table without a header that have more are of one column, or a means of layout


def tables_of(tags: Tags, marks: Mapping[int, int], words: Sequence[Word]) -> tuple[list[Line], list[Word]]:
    """The tables, and the words that stand in none.

    Args: marks: of words, by their order, the piece of content they are of.
    """
    found: list[Line] = []
    rest = list(words)
    for table in tags.tables:
        if _is_layout(table, tags.tables):
            continue
        numbers = {number: place for place, cell in enumerate(table.cells) for number in cell.content}
        inside: dict[int, list[Word]] = {}
        outside: list[Word] = []
        for word in rest:
            place = numbers.get(marks.get(word.order, -1))
            (outside if place is None else inside.setdefault(place, [])).append(word)
        lines = [_table(part, some, outside) for part, some in _parts(table, inside)]
        whole = [line for line in lines if line is not None]
        if len(whole) == len(lines):
            found += whole
            rest = outside
    return found, rest


def _is_layout(table: TaggedTable, tables: Sequence[TaggedTable]) -> bool:
    """One row, and a table in a cell of it: columns of a page."""
    return all(cell.row == 0 for cell in table.cells) and any(other.content and other.content < table.content for other in tables)


def _parts(table: TaggedTable, words: Mapping[int, Sequence[Word]]) -> Iterator[tuple[TaggedTable, dict[int, list[Word]]]]:
    """As it stands in the columns of the page, one beside the other: rows go on, higher, right of all rows before.

    Words of a single row may stand so, too.
    """
    placed = sorted(((word, place) for place, some in words.items() for word in some), key=lambda pair: pair[0].box.left)
    rows, boxes = [table.cells[place].row for _, place in placed], [word.box for word, _ in placed]
    cells = {place: at for at, (_, place) in reversed(list(enumerate(placed)))}  # where they begin
    begin = [row if cells[place] == at else _NONE for at, (row, (_, place)) in enumerate(zip(rows, placed, strict=True))]
    last = list(itertools.accumulate(rows, max))
    reach = list(itertools.accumulate([box.right for box in boxes], max))
    bottom = list(itertools.accumulate([box.bottom for box in boxes], max))
    first, final, new = _behind(rows, min), _behind(rows, max), _behind(begin, min)
    top = _behind([box.top for box in boxes], min)
    done, begun = 0, table.begun
    for at in range(1, len(placed)):
        if boxes[at].left - reach[at - 1] < placed[at][0].size or first[done] == final[at]:
            continue
        if new[at] > last[at - 1] <= first[at] and top[at] < bottom[at - 1] - placed[at][0].size:
            yield _part(table, first[done] if done else 0, last[at - 1], placed[done:at], begun=begun, goes_on=True)
            done, begun = at, True
    end = max((cell.row for cell in table.cells), default=0)
    yield _part(table, first[done] if done else 0, end, placed[done:], begun=begun, goes_on=table.goes_on)


def _behind(values: Sequence[_Number], of: Callable[[_Number, _Number], _Number]) -> list[_Number]:
    """The least or largest from each on."""
    return list(itertools.accumulate(reversed(values), of))[::-1]


def _part(
    table: TaggedTable, first: int, last: int, placed: Sequence[tuple[Word, int]], *, begun: bool, goes_on: bool
) -> tuple[TaggedTable, dict[int, list[Word]]]:
    """The table from one of its rows to another."""
    kept = [place for place, cell in enumerate(table.cells) if first <= cell.row <= last]
    places = {place: index for index, place in enumerate(kept)}
    words: dict[int, list[Word]] = {}
    for word, place in sorted(placed, key=lambda pair: pair[0].order):
        words.setdefault(places[place], []).append(word)
    cells = [replace(table.cells[place], row=table.cells[place].row - first) for place in kept]
    return TaggedTable(cells, begun, goes_on), words


def _table(table: TaggedTable, words: Mapping[int, Sequence[Word]], others: Sequence[Word]) -> Line | None:
    """If it is one, no means of layout: rows stand below each other, columns beside each other, nothing else among them."""
    cells = table.cells
    of_table = [word for some in words.values() for word in some]
    if not of_table:
        return None
    box = union(word.box for word in of_table)
    if any(box.holds(*word.box.middle) for word in others):
        return None
    slack = _ASTRAY * median(word.size for word in of_table)
    boxes = {place: union(word.box for word in some) for place, some in words.items()}
    down = [(cells[place].row, box.top, box.bottom) for place, box in boxes.items() if cells[place].row_span == 1]
    across = [(cells[place].column, box.left, box.right) for place, box in boxes.items() if cells[place].column_span == 1]
    cut = table.begun or table.goes_on
    if not (_are_apart(down, slack, 1 if cut else 2) and _are_apart(across, slack, 1 if table.begun else 2)):
        return None
    headed = any(cell.header for cell in cells)
    made = [
        Cell(
            cell.row,
            cell.column,
            cell_text(words.get(place, ())),
            cell.row_span,
            cell.column_span,
            cell.header if headed else cell.row == 0 and not table.begun,
            box=boxes.get(place),
        )
        for place, cell in enumerate(cells)
    ]
    if not (headed or _is_data(made, cut=cut)) or max(cell.column + cell.column_span for cell in made) < 2:
        return None
    rest = table.begun and all(cell.row == 0 for cell in cells)  # of a row, perhaps
    return replace(as_line(Table(tuple(made) if rest else without_empty_columns(made)), of_table), goes_on=table.goes_on)


def _is_data(cells: Sequence[Cell], *, cut: bool) -> bool:
    """Args: cut: the rest is in another column or on another page."""
    filled = [cell for cell in cells if cell.text]
    few = 2 * len(filled) < len(cells) and not cut
    return not few and len({cell.column for cell in filled if len(cell.text) > _LONGEST}) < 2


def _are_apart(sides: Sequence[tuple[int, float, float]], slack: float, least: int) -> bool:
    """Rows or columns, so many at least, of which each ends before the next begins.

    Args: sides: number, where a cell begins and ends.
    """
    extents: dict[int, tuple[float, float]] = {}
    for number, begin, end in sides:
        first, last = extents.get(number, (begin, end))
        extents[number] = min(first, begin), max(last, end)
    ordered = [extents[number] for number in sorted(extents)]
    return len(ordered) >= least and all(end <= begin + slack for (_, end), (begin, _) in itertools.pairwise(ordered))
