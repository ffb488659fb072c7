"""Columns of tables that are none: of nothing but signs, and of white space, as web pages have them beside their numbers."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from kbray.document.layout.words import ends_value, is_currency
from kbray.geometry import union
from kbray.model import Cell


def without_empty_columns(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """A column in which no text begins tells nothing; an empty row may be there to be filled in."""
    cells = list(cells)
    columns = sorted({cell.column for cell in cells if cell.text})
    places = {column: place for place, column in enumerate(columns)}
    return tuple(
        replace(cell, column=place, column_span=bisect_left(columns, cell.column + cell.column_span) - place)
        for cell in cells
        if (place := places.get(cell.column)) is not None
    )


def with_signs(cells: Sequence[Cell]) -> list[Cell]:
    """The same without columns of nothing but signs: $ goes to the number behind it, % to that before.

    Where each sign has one; columns keep their numbers.
    """
    columns: dict[int, list[Cell]] = {}
    for cell in cells:
        if cell.text and cell.column_span == 1:
            columns.setdefault(cell.column, []).append(cell)
    before = {column for column, some in columns.items() if all(is_currency(cell.text) for cell in some)}
    behind = {column for column, some in columns.items() if all(ends_value(cell.text) for cell in some)}
    if not (signs := before | behind):
        return list(cells)
    begin = {(cell.row, cell.column): cell for cell in cells}
    end = {(cell.row, cell.column + cell.column_span): cell for cell in cells}
    values: dict[int, list[tuple[Cell, Cell]]] = {}  # of such columns: each sign, and what takes it
    for column in sorted(signs):
        beside = [
            (sign, begin.get((sign.row, column + 1)) if column in before else end.get((sign.row, column)))
            for sign in columns[column]
        ]
        pairs = [(sign, cell) for sign, cell in beside if cell and cell.text and not _is_among(cell, signs)]
        if len(pairs) == len(beside):
            values[column] = pairs
    made: dict[int, Cell] = {}  # by `id` of what it was
    for pairs in values.values():
        for sign, cell in pairs:
            made[id(cell)] = _with_sign(made.get(id(cell), cell), sign)
    kept = (made.get(id(cell), cell) for cell in cells if cell.column_span > 1 or cell.column not in values)
    return [_without_columns(cell, values.keys()) for cell in kept]


def _is_among(cell: Cell, columns: Set[int]) -> bool:
    return cell.column_span == 1 and cell.column in columns


def _with_sign(cell: Cell, sign: Cell) -> Cell:
    first, second = (sign, cell) if sign.column < cell.column else (cell, sign)
    text = f"{first.text}{'' if second.text[:1] == ')' else ' '}{second.text}".strip()
    boxes = [box for one in (first, second) if (box := one.box) is not None]
    return replace(cell, text=text, box=union(boxes) if boxes else None)


def _without_columns(cell: Cell, columns: Set[int]) -> Cell:
    """Over those that are left."""
    begin, end = cell.column, cell.column + cell.column_span
    while begin < end and begin in columns:
        begin += 1
    while end > begin and end - 1 in columns:
        end -= 1
    return replace(cell, column=begin, column_span=end - begin) if begin < end else cell
