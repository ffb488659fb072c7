"""Rows of tables that a page break, or that of a column, has parted from the others: tables themselves, to be put to those."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

from kbray.document.layout.paragraphs import Block
from kbray.document.layout.spacing import GAP, pieces_of
from kbray.document.layout.words import cell_text
from kbray.document.tables import table_text
from kbray.geometry import Box, union
from kbray.model import Cell, Table

_NEAR = 1.0  # points: cells between rules have edges in common
_MOST = 3  # rows: more are a table by themselves

_Place = tuple[int, int]
"""Of a page, and of a block on it."""


def with_lone_rows(pages: Sequence[Sequence[Block]], aside: Collection[_Place]) -> list[list[Block]]:
    """The blocks, lines that end a page or column a table where one follows that has their columns; or begin one behind it.

    Args: aside: running titles.
    """
    places = [
        (page, index)
        for page, blocks in enumerate(pages)
        for index, block in enumerate(blocks)
        if (page, index) not in aside and block.note is None
    ]
    made: dict[_Place, Block | None] = {}  # None: what became part of another
    for number, ((page, index), (following, place)) in enumerate(pairwise(places)):
        above, below = pages[page][index], pages[following][place]
        if following != page + 1 and (following != page or below.box.top >= above.box.top):
            continue
        if above.table is None and below.table is not None:
            made |= _made(pages, [place for place in reversed(places[: number + 1]) if place[0] == page], below.table)
        elif above.table is not None and below.table is None:
            made |= _made(pages, [place for place in places[number + 1 :] if place[0] == following], above.table)
    return [
        [block for index, old in enumerate(blocks) if (block := made.get((page, index), old)) is not None]
        for page, blocks in enumerate(pages)
    ]


def _made(pages: Sequence[Sequence[Block]], places: Sequence[_Place], table: Table) -> dict[_Place, Block | None]:
    """Of the blocks at these places, from the break on, those that are rows of the table; as one at the first of them."""
    columns = _columns(table)
    rows: list[tuple[_Place, list[tuple[str, Box]]]] = []
    for page, index in places[: _MOST + 1]:
        row = _row_of(pages[page][index], columns, table.columns)
        if row is None:
            break
        rows.append(((page, index), row))
    if not 0 < len(rows) <= _MOST:
        return {}
    rows.sort(key=lambda row: row[0])
    cells = [
        Cell(number, column, text, header=number == 0, box=box)
        for number, (_, row) in enumerate(rows)
        for column, (text, box) in enumerate(row)
    ]
    whole = Table(tuple(cells))
    (page, index), *others = (place for place, _ in rows)
    box = union(pages[page][index].box for (page, index), _ in rows)
    block = replace(pages[page][index], box=box, table=whole, text=table_text(whole), printed=(), lines=1)
    return {(page, index): block, **dict.fromkeys(others)}


def _row_of(block: Block, columns: Sequence[tuple[float, float]], count: int) -> list[tuple[str, Box]] | None:
    """Its cells, if it is a line with a piece in each of the columns, and none else."""
    if len(block.printed) != 1:
        return None
    (line,) = block.printed
    pieces = pieces_of(line.words, line.size, GAP * line.size)
    if len(pieces) < 2 or not len(pieces) == count == len(columns):
        return None
    boxes = [union(word.box for word in piece) for piece in pieces]
    shift = boxes[0].left - columns[0][0]
    moved = [(left + shift, right + shift) for left, right in columns]
    gaps = zip(pairwise(boxes), pairwise(moved), strict=True)
    if any(before.right > left or after.left < right - _NEAR for (before, after), ((_, right), (left, _)) in gaps):
        return None
    sides = zip(pieces, moved, strict=True)
    return [(cell_text(piece), Box(left, block.box.top, right, block.box.bottom)) for piece, (left, right) in sides]


def _columns(table: Table) -> list[tuple[float, float]]:
    """Left and right of each that has cells of its own."""
    found: dict[int, list[Box]] = {}
    for cell in table.cells:
        if cell.column_span == 1 and cell.box is not None:
            found.setdefault(cell.column, []).append(cell.box)
    return [(min(box.left for box in found[column]), max(box.right for box in found[column])) for column in sorted(found)]
