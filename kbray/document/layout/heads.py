"""Headers of tables: which row is one, and those that stand above the rules of their table."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from statistics import median

from kbray.document.layout.aligned import as_line
from kbray.document.layout.lines import Line, table_line
from kbray.document.layout.spacing import is_value, parted_at, pieces_of, text_of
from kbray.document.layout.words import Word, baselines, cell_text
from kbray.geometry import Box, union
from kbray.model import Cell, Table

Row = Mapping[int, Cell]
"""Cells with text, by column."""

_MOSTLY = 0.6  # of the cells of a column, or of the columns
_COUNTED = re.compile(r"[(\[]?(\d{1,2})[)\].]?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_ROOM = 1.2  # of the font size, between header and table
_LEADING = 0.6  # … and between lines of a header
_REACH = 6.0  # … that a header is high
_BESIDE = 0.2  # of the width of a title: so far may it stand over the column beside its own
_LARGER = 1.15  # times its size: larger print is another
_NEAR = 3.0  # points: boxes may overlap by so much
_FEWEST = 3  # columns, where they are not known by their values alone
_MOST_ROWS = 3  # of a header
_LONGEST = 60  # characters of a title


def rows_of(table: Table) -> dict[int, Row]:
    """Its rows that have text."""
    found: dict[int, dict[int, Cell]] = {}
    for cell in table.cells:
        if cell.text.strip():
            found.setdefault(cell.row, {})[cell.column] = cell
    return dict(found)


def is_header(first: Row, body: Iterable[Row]) -> bool:
    """Words over columns of values, or years, or both; False where no column has values."""
    rows = list(body)
    valued = _valued(first, rows)
    words = sum(not is_value(first[column].text) for column in valued)
    titles = [cell.text for column, cell in first.items() if column > 0]
    if 2 * words > len(valued) or (len(titles) > 1 and all(map(_YEAR.fullmatch, titles))):
        return True
    years = [column for column in valued if _YEAR.fullmatch(first[column].text)]
    return 0 < words == len(valued) - len(years) and not any(_has_years(column, rows) for column in years)


def with_headers(tables: Sequence[Line], words: Sequence[Word]) -> tuple[list[Line], list[Word]]:
    """The tables with headers that are printed above their rules, and the words that are left of those that stand in no table."""
    found: list[Line] = []
    rest = list(words)
    for line in tables:
        above = _rows_over(line, rest)
        if above and line.table is not None:
            line = _headed(line, line.table, above)
            taken = {id(word) for row in above for piece in row.values() for word in piece}
            rest = [word for word in rest if id(word) not in taken]
        found.append(line)
    return found, rest


def with_close_titles(lines: Sequence[Line]) -> list[Line]:
    """The same; a header whose titles stand too close for white space to part them is told by where the columns below begin."""
    headed: dict[int, Line] = {}
    taken: set[int] = set()
    for line in lines:
        if line.table is None or len(columns := _columns(line.table)) < _FEWEST:
            continue
        rows = list(rows_of(line.table).values())
        over = _line_over(line.box, [other for other in lines if not other.whole and id(other) not in taken])
        titles = over and parted_at(over.words, {column: left for column, (left, _) in columns.items()})
        if not over or not titles or is_header(rows[0], rows[1:]):
            continue
        if is_header({column: Cell(0, column, cell_text(words)) for column, words in titles.items()}, rows):
            headed[id(line)] = _headed(line, line.table, [titles])
            taken.add(id(over))
    return [headed.get(id(line), line) for line in lines if id(line) not in taken]


def _line_over(box: Box, lines: Iterable[Line]) -> Line | None:
    """The line right above; None where that is none, or isn't alone in its row."""
    near = [
        line
        for line in lines
        if -_NEAR < box.top - line.box.bottom < _ROOM * line.size and line.box.right > box.left and line.box.left < box.right
    ]
    return near[0] if len(near) == 1 else None


def with_boxes_over(tables: Sequence[Line]) -> dict[int, Line | None]:
    """Tables, by `id`, with their headers: what boxes or shades part of titles alone is a table itself, and such is None here."""
    found: dict[int, Line | None] = {}
    for above, below in itertools.permutations(tables, 2):
        if above.table is None or below.table is None or not found.keys().isdisjoint((id(above), id(below))):
            continue
        if -_NEAR < below.box.top - above.box.bottom < _ROOM * below.print_size and _are_titles(above.table, below.table):
            offset = above.table.rows
            cells = [replace(cell, row=cell.row + offset, header=False) for cell in below.table.cells]
            whole = Table((*above.table.cells, *cells))
            text = "\n".join((above.text, below.text))
            box, order = union((above.box, below.box)), min(above.order, below.order)
            found |= {id(above): None, id(below): table_line(whole, text, box, order, below.print_size, below.sure)}
    return found


def _are_titles(above: Table, below: Table) -> bool:
    """A few rows, the last of them the titles of the columns of the table below; numbers and a label of its rows may follow."""
    titles, values = rows_of(above), rows_of(below)
    columns, others = _columns(above), _columns(below)
    if above.rows > _MOST_ROWS or above.columns != below.columns or columns.keys() != others.keys():
        return False
    under = all(left <= sum(others[column]) / 2 <= right for column, (left, right) in columns.items())
    rows = [row for _, row in sorted(titles.items())]
    while len(rows) > 1 and (rows[-1].keys() == {0} or _are_numbers(rows[-1])):  # a label of the rows below, numbers of columns
        rows.pop()
    return under and is_header(rows[-1], values.values())


def _are_numbers(row: Row) -> bool:
    """`(1)`, `(2)`, `(3)`: those of the columns."""
    numbers = [_COUNTED.fullmatch(cell.text) for _, cell in sorted(row.items())]
    counted = [int(number[1]) for number in numbers if number]
    return len(counted) == len(row) > 1 and all(after == before + 1 for before, after in itertools.pairwise(counted))


def _valued(first: Row, body: Iterable[Row]) -> list[int]:
    """Columns of values, but the first, that have text in this row."""
    columns: dict[int, list[str]] = {}
    for row in body:
        for column, cell in row.items():
            columns.setdefault(column, []).append(cell.text)
    return [
        column
        for column, texts in columns.items()
        if column > 0 and column in first and sum(map(is_value, texts)) >= _MOSTLY * len(texts)
    ]


def _has_years(column: int, rows: Iterable[Row]) -> bool:
    return any(_YEAR.fullmatch(row[column].text) for row in rows if column in row)


def _rows_over(line: Line, words: Sequence[Word]) -> list[dict[int, list[Word]]]:
    """The header, and what is a label of the first rows, as words by column; [] where there is a header already, or none."""
    assert line.table is not None
    rows = rows_of(line.table)
    first, body = rows.get(0, {}), [row for number, row in rows.items() if number > 0]
    columns = _columns(line.table)
    valued = bool(_valued(first, body))
    if not columns or (valued and is_header(first, body)):
        return []
    above: list[dict[int, list[Word]]] = []
    floor, bold = line.box.top, None
    for printed in reversed(baselines(_near(line.box, words))):
        size, box = median(word.size for word in printed), union(word.box for word in printed)
        pieces = {_column_over(piece, columns): piece for piece in pieces_of(printed, size)}
        heavy = all(word.bold for word in printed)
        if floor - box.bottom > (_LEADING if above else _ROOM) * size or bold not in (None, heavy):
            break
        if None in pieces or len(pieces) < len(pieces_of(printed, size)):
            break
        above.append({column: piece for column, piece in pieces.items() if column is not None})
        floor, bold = box.top, heavy
    labels: list[dict[int, list[Word]]] = []
    if above and above[0].keys() == {0} and not any(0 in placed for placed in above[1:]):
        labels.append(above.pop(0))
    header: dict[int, list[Word]] = {}
    for placed in above:
        for column, piece in placed.items():
            header.setdefault(column, []).extend(piece)
    cells = {column: Cell(0, column, cell_text(piece)) for column, piece in header.items()}
    if valued:
        told = len(cells) >= max(2, _MOSTLY * len(columns)) and is_header(cells, [first, *body])
    else:
        told = not labels and _are_titles_of_text(cells.keys(), bold or False, columns.keys(), [first, *body])
    return [header, *labels] if told else []


def _are_titles_of_text(titles: Set[int], bold: bool, columns: Set[int], rows: Iterable[Row]) -> bool:
    """Over columns of words: one over each, in bold type; or over each but the first, where each row begins with its label."""
    if len(columns) < _FEWEST:
        return False
    return (bold and titles == columns) or (titles == columns - {0} and all(0 in row for row in rows))


def _columns(table: Table) -> dict[int, tuple[float, float]]:
    found: dict[int, tuple[float, float]] = {}
    for cell in table.cells:
        if cell.column_span == 1 and cell.box is not None:
            left, right = found.get(cell.column, (cell.box.left, cell.box.right))
            found[cell.column] = min(left, cell.box.left), max(right, cell.box.right)
    return found


def _near(box: Box, words: Sequence[Word]) -> list[Word]:
    """What stands close above, in the print of the lowest of it: amid larger print each of its words would pass for a mark."""
    near = [
        word
        for word in words
        if word.box.right > box.left and word.box.left < box.right and 0 < box.top - word.baseline < _REACH * word.size
    ]
    lowest = max(near, key=lambda word: word.baseline, default=None)
    return [word for word in near if lowest is not None and word.size <= _LARGER * lowest.size]


def _column_over(piece: Sequence[Word], columns: Mapping[int, tuple[float, float]]) -> int | None:
    """The one column that a title stands over."""
    box = union(word.box for word in piece)
    shared = {column: min(box.right, right) - max(box.left, left) for column, (left, right) in columns.items()}
    over = sorted((share, column) for column, share in shared.items() if share > 0)
    if not over or len(text_of(piece)) > _LONGEST or any(share > _BESIDE * box.width for share, _ in over[:-1]):
        return None
    return over[-1][1]


def _headed(line: Line, table: Table, above: Sequence[Mapping[int, Sequence[Word]]]) -> Line:
    cells = [
        Cell(number, column, cell_text(words), header=number == 0, box=union(word.box for word in words))
        for number, row in enumerate(above)
        for column, words in sorted(row.items())
    ]
    below = [replace(cell, row=cell.row + len(above), header=False) for cell in table.cells]
    words = [word for row in above for piece in row.values() for word in piece]
    return replace(as_line(Table((*cells, *below)), words, line.box), print_size=line.print_size, sure=line.sure)
