"""Tables told by white space alone, or between rules: words → rows and columns (`spacing`) → cells, if it can be a table."""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from kbray.document.layout.justified import is_even
from kbray.document.layout.lines import Line, table_line
from kbray.document.layout.sides import rows as lines_by_row
from kbray.document.layout.spacing import (
    GAP,
    Row,
    across_all,
    cuts_of,
    fill,
    groups_of,
    is_value,
    part_at,
    part_titles,
    pieces_of,
    rows_of,
    span_titles,
    text_of,
    with_labels,
)
from kbray.document.layout.words import Word, cell_text, confidence_of, is_code
from kbray.document.spacers import without_empty_columns
from kbray.geometry import Box, union
from kbray.model import Cell, Table

_MARKER = re.compile(r"[^\w\s]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxlc]{1,5})[.):]|\[\d{1,3}\]")
_LEADERS = re.compile(r"\.{4}|(?:\. ){3}|…{2}")
_AROUND = re.compile(r"[.…\s]{4,}[^\W\d_].*(?:\.{4}|…{2})\W*")  # words, of which they lead to none
_END = 40  # characters in which such a row ends
_ENTRY = re.compile(r"(?:\.{4}|(?:\. ){3}|…{2})[. ]*(?:\d{1,3}|[ivxlc]{1,7})$")  # of a table of contents
_MEASURED = re.compile(r"\d[.,]\d|[$€£¥₹%‰]|[^\W\d_]{2}")
_LISTING = re.compile(r"(?:algorithm|algorithme|listing)\s+\d", re.IGNORECASE)
_FILLED = 0.4  # of the cells of a table: with less text it is a drawing
_LONG = 24  # characters: a column whose lines are this long is text
_MOST_WORDS = 4_000
_MOST_COLUMNS = 40
_SINGLES = 3  # lines of one piece that may follow each other in a table
_STARTS = 4  # rows from which a table is looked for: titles may stand above it
_FEWEST = 3  # rows of several cells in a table
_MANY, _WHOLE = 0.6, 3  # of the rows of a table between rules have several cells; so many where lines beside them describe one
_WRAPPED = 8  # … if they are short, as those of a cell are
_WORDY = 3  # letters: less are labels of a chart, not a line of a cell
_NARROW = 0.6  # of the width of the table: a line of one of its cells
_EVEN = 4  # words of a line: gaps of fewer may be alike by chance


@dataclass(frozen=True, slots=True)
class Spaced:
    """A table told by white space, and those of the words that are in it: prose above or below is not."""

    table: Table
    words: tuple[Word, ...]


def table_of(
    words: Sequence[Word], floors: Sequence[float] = (), *, cuts: Sequence[float] = (), ruled: bool = True, middle: bool = True
) -> Spaced | None:
    """The table that the words make by the white space between them; None where they make none.

    floors: heights of rules across all of it, over which no row reaches.
    cuts: the places between its columns, where rules tell them.
    ruled: rules above and below say that it is one; without them only what can hardly be anything else counts.
    middle: cells may stand in the middle of the lines of others.
    """
    if not 4 <= len(words) <= _MOST_WORDS or is_code(words):
        return None  # of code all words are in one line, and white space stands where it likes
    size = median(word.size for word in words)
    rows = rows_of(words, size)
    part_at(rows, cuts)
    cuts = cuts or cuts_of(rows, size, middle=middle)
    if not rows or not 1 <= len(cuts) < _MOST_COLUMNS:
        return None
    for row in rows[1:]:
        fill(row, cuts, size)
    part_titles(rows[0], rows[1:])
    fill(rows[0], cuts, size)
    span_titles(rows, size)
    inside = tuple(word for row in rows for piece in row.pieces for word in piece)
    rows = with_labels(rows, len(cuts) + 1, size)
    if _LISTING.match(text_of(rows[0].pieces[0])) or _is_text(rows, cuts, floors):
        return None
    groups = groups_of(rows, floors, len(cuts) + 1, size)
    several = sum(len(_columns(group)) > 1 for group in groups)
    if ruled and several < _MANY * len(groups):
        groups = _with_descriptions(groups)
        several = sum(len(_columns(group)) > 1 for group in groups)
    filled = sum(map(len, map(_columns, groups)))
    if filled < _FILLED * len(groups) * (len(cuts) + 1) or len(groups) < 2 or several < max(2, _MANY * len(groups)):
        return None
    if not ruled and not (several >= 3 and _stands_alone(rows, groups, len(cuts) + 1, size)):
        return None
    cells = itertools.chain.from_iterable(_cells(number, group) for number, group in enumerate(groups))
    return Spaced(Table(without_empty_columns(cells)), inside)


def _columns(group: Sequence[Row]) -> set[int]:
    return {column for row in group for column in row.cells}


def _with_descriptions(groups: Sequence[list[Row]]) -> list[list[Row]]:
    """Rows whose lines of one column, set wide apart, were taken for rows, as what is sold is described on a bill."""
    columns = list(map(_columns, groups))
    described = {min(filled) for filled in columns if len(filled) == 1}
    whole = [filled for filled in columns if len(filled) >= _WHOLE]
    if len(described) != 1 or 0 in described or len(whole) < _FEWEST or not all(0 in filled for filled in whole):
        return list(groups)
    found: list[list[Row]] = []
    for group, filled in zip(groups, columns, strict=True):
        if len(filled) == 1 and len(found) > 1 and len(_columns(found[-1])) > 1:  # behind the header there is none to describe
            found[-1] = [*found[-1], *group]
        else:
            found.append(group)
    return found


def with_tables(region: Sequence[Line], *, captioned: bool = False) -> list[Line]:
    """Lines of one region with those that make a table by their white space alone put together to it.

    captioned: something else says that it is one, as rules would.
    """
    found: list[Line] = []
    run: list[list[Line]] = []
    gaps: list[bool] = []  # whether the rows of the run have some
    for row in [*lines_by_row(region), None]:
        has_gaps = row is not None and _has_gaps(row)
        if row is not None and _goes_on(run, gaps, row, has_gaps):
            run.append(row)
            gaps.append(has_gaps)
            continue
        found.extend(_closed(run, captioned))
        run, gaps = ([row], [has_gaps]) if row is not None else ([], [])
    return found


def _goes_on(run: Sequence[Sequence[Line]], gaps: Sequence[bool], row: Sequence[Line], has_gaps: bool) -> bool:
    if not run or any(one.table is not None or one.asked for one in (row[0], run[-1][0])):
        return not run
    step = row[0].baseline - run[-1][0].baseline
    if step > 4.5 * max(row[0].size, run[-1][0].size):
        return False
    if has_gaps or any(gaps[-_SINGLES:]):
        return True
    if not any(gaps[-_WRAPPED:]) or sum(map(str.isalpha, row[0].text)) < _WORDY:
        return False
    return row[0].box.width < _NARROW * union(line.box for above in run[-_WRAPPED:] for line in above).width


def _has_cells(row: Sequence[Line]) -> bool:
    """What `_has_gaps` tells, if it is no line of text that was made wider to fill its column."""
    return _has_gaps(row) and not (len(row) == 1 and len(row[0].words) >= _EVEN and is_even(row[0].words))


def _has_gaps(row: Sequence[Line]) -> bool:
    """Several lines, or one with a gap that no white space in the source accounts for, nor the marker of an item."""
    if len(row) > 1:
        return True
    words = row[0].words
    return any(
        not right.spaced
        and right.box.left - left.box.right >= GAP * right.size
        and not (left is words[0] and _MARKER.fullmatch(left.text))
        for left, right in itertools.pairwise(words)
    )


def _closed(run: Sequence[Sequence[Line]], captioned: bool) -> list[Line]:
    """The lines of a run; between its first and last row of several pieces may be a table."""
    lines = [line for row in run for line in row]
    if len(run) < _FEWEST:
        return lines
    steps = [below[0].baseline - above[0].baseline for above, below in itertools.pairwise(run)]
    usual = median([step for step in steps if step > 0.75 * run[0][0].size] or [0.0])  # cells may stand between lines of others
    far = next((index for index, step in enumerate(steps, start=1) if step > 2.4 * usual), None)
    if far is not None and len(steps) > 2:
        return [*_closed(run[:far], captioned), *_closed(run[far:], captioned)]
    recognised = lines[0].confidence is not None  # more tables in one run were none in text layers
    tried: list[list[int]] = []
    for told in (_has_cells, _is_several):
        wide = [index for index, row in enumerate(run) if told(row)]
        if len(wide) < _FEWEST or wide in tried:
            continue
        tried.append(wide)
        for first, last in (*_stretches(run, wide), *(_even(run) if recognised else ())):
            inside = [line for row in run[first:last] for line in row]
            found = table_of([word for line in inside for word in line.words], ruled=captioned)
            if found is not None:
                taken = set(map(id, found.words))
                rest = [line for line in inside if not any(id(word) in taken for word in line.words)]
                above, below = run[:first], run[last:]
                around = (
                    [*_closed(above, captioned), *_closed(below, captioned)]
                    if recognised
                    else [line for row in (*above, *below) for line in row]
                )
                return [*around, *rest, as_line(found.table, found.words)]
    return lines


def _is_several(row: Sequence[Line]) -> bool:
    return len(row) > 1


def _stretches(run: Sequence[Sequence[Line]], wide: Sequence[int]) -> list[tuple[int, int]]:
    """First and end of the rows that may be a table; `wide` are those of several cells."""
    end = _end(run, wide[-1])
    first, last = _written_with(run, wide[0], end)
    return [(first, last), *((start, last) for start in wide[1:_STARTS]), (wide[0], wide[-2] + 1)]


def _even(run: Sequence[Sequence[Line]]) -> list[tuple[int, int]]:
    """First and end of rows, one below the other, whose pieces stand each below one of the row above; the longest first.

    A table that stands amid other rows of several pieces: the sums of a receipt, figures in a form.
    """
    extents = [Row(0.0, pieces_of([word for line in row for word in line.words], row[0].size)).extents for row in run]
    ends = [0]
    ends += (number for number, (above, below) in enumerate(itertools.pairwise(extents), start=1) if not _below(above, below))
    stretches = itertools.pairwise([*ends, len(run)])
    return sorted(((first, end) for first, end in stretches if end - first >= _FEWEST), key=lambda some: some[0] - some[1])


def _below(above: Sequence[tuple[float, float]], below: Sequence[tuple[float, float]]) -> bool:
    """As many pieces, more than one, that share their places with one each."""
    return len(above) == len(below) > 1 and all(
        (left < end and start < right) == (one == other)
        for one, (left, right) in enumerate(above)
        for other, (start, end) in enumerate(below)
    )


def _written_with(run: Sequence[Sequence[Line]], first: int, end: int) -> tuple[int, int]:
    """First and end of the rows with those around them that the content stream writes amid their cells, or just before."""
    orders = [word.order for row in run[first:end] for line in row for word in line.words]
    least, most = min(orders), max(orders)
    while end < len(run) and all(least < line.order < most for line in run[end]):
        end += 1
    while first > 0 and all(least < line.order < most for line in run[first - 1]):
        first -= 1
    size = run[first][0].size
    others = sorted(word.order for row in run[:first] for line in row for word in line.words)
    while first > 0 and len(run[first - 1]) == 1:
        line, below = run[first - 1][0], run[first][0]
        last = max(word.order for word in line.words)
        if below.baseline - line.baseline > 1.4 * size or last >= least or not others or others[-1] != last:
            break
        if not any(abs(line.box.left - other.box.left) < 0.3 * size for row in run[first : first + _SINGLES] for other in row):
            break
        others = [order for order in others if order < line.order]
        least = line.order
        first -= 1
    return first, end


def _end(run: Sequence[Sequence[Line]], last: int) -> int:
    """Behind the last row of several pieces and what goes on close below it, where cells begin, but those of the first column."""
    end = last + 1
    if end == len(run):
        return end
    size = run[last][0].size
    rows = [pieces_of([word for line in row for word in line.words], size) for row in run[:end] if _has_cells(row)]
    edges = [piece[0].box.left for pieces in rows for piece in pieces]
    first = min(edges)
    steps = [below[0].baseline - above[0].baseline for above, below in itertools.pairwise(run[:end])]
    close = max(1.4 * size, 1.05 * min((step for step in steps if step > 0.75 * size), default=0.0))
    while end < len(run):
        line, above = run[end][0], run[end - 1][0]
        begins = sum(abs(line.box.left - edge) < 0.3 * size for edge in edges)
        if line.baseline - above.baseline > close or line.box.left - first < size or begins < 2:
            break
        end += 1
    return end


def as_line(table: Table, words: Sequence[Word], *frame: Box) -> Line:
    """The table as an item among lines; it reaches as far as its words, and its frame where it has one."""
    by_row: dict[int, list[str]] = {}
    for cell in table.cells:
        by_row.setdefault(cell.row, []).append(" ".join(cell.text.split()))
    text = "\n".join("\t".join(row) for row in by_row.values())
    box = union((*frame, *(word.box for word in words)))
    order, size = min(word.order for word in words), median(word.size for word in words)
    return table_line(table, text, box, order, size, confidence_of(words))


def _cells(number: int, group: Sequence[Row]) -> list[Cell]:
    words: dict[int, list[Word]] = {}
    spans: dict[int, int] = {}
    for row in group:
        for column, found in row.cells.items():
            words.setdefault(column, []).extend(found)
            spans[column] = max(spans.get(column, 1), row.spans[column])
    columns = sorted(words)
    following = [*columns[1:], columns[-1] + spans[columns[-1]]]
    return [
        Cell(
            number,
            column,
            cell_text(words[column]),
            column_span=min(spans[column], after - column),
            header=number == 0,
            box=union(word.box for word in words[column]),
        )
        for column, after in zip(columns, following, strict=True)
    ]


def _is_text(rows: Sequence[Row], cuts: Sequence[float], floors: Sequence[float]) -> bool:
    """Columns of prose, prose across them, a list with its markers standing apart, or a table of contents."""
    first = [row.text(0) for row in rows if 0 in row.cells]
    if _is_numbering(first) and not any(_is_of_values(rows, column) for column in range(1, len(cuts) + 1)):
        return True
    if len(cuts) == 1 and sum(bool(_MARKER.fullmatch(text)) for text in first) >= 0.6 * len(first):
        return True
    if sum(map(_leads_to_page, rows)) >= 2:
        return True
    if any(_ENTRY.search(" ".join(map(text_of, row.pieces))[-_END:]) for row in rows):
        return True
    if any(one and other for one, other in itertools.pairwise(across_all(rows))):
        return True
    return len(floors) < max(2, 0.2 * len(rows)) and all(_is_long(rows, column) for column in range(len(cuts) + 1))


def _leads_to_page(row: Row) -> bool:
    """Leaders with no more than one cell behind them; in a table they lead to values of several columns."""
    texts = [row.text(column) for column in sorted(row.cells)[-2:]]
    return any(_LEADERS.search(text) and not _AROUND.fullmatch(text) for text in texts)


def _is_numbering(texts: Sequence[str]) -> bool:
    """Lines are counted, as those of a listing are."""
    if not texts or not texts[0].isdecimal():
        return False
    numbers = [int(text) for text in texts if text.isdecimal() and len(text) < 10]
    return len(numbers) >= max(3, 0.6 * len(texts)) and all(after == before + 1 for before, after in itertools.pairwise(numbers))


def _is_long(rows: Sequence[Row], column: int) -> bool:
    """Most of its text is in long lines, whatever odd letters of a drawing are about."""
    lengths = [len(row.text(column)) for row in rows if column in row.cells]
    return sum(length for length in lengths if length >= _LONG) > 0.6 * sum(lengths)


def _stands_alone(rows: Sequence[Row], groups: Sequence[Sequence[Row]], columns: int, size: float) -> bool:
    """True for short cells under each other, values among them: a table even without rules."""
    sums = _are_sums(rows, columns)
    if sum(_is_long(rows, column) for column in range(columns)) > (columns > 2 or sums):
        return False
    if sum(_is_aligned(rows, column, size) for column in range(columns)) < columns - (columns > 3 or sums):
        return False
    if not any(sum(map(str.isalnum, row.text(column))) > 2 for row in rows for column in row.cells):
        return False  # the signs of a formula
    values = sum(_is_of_values(rows, column) for column in range(1, columns))
    return values >= 1 or (columns > 2 and len(groups) > 3)


def _are_sums(rows: Sequence[Row], columns: int) -> bool:
    """A value behind each label, however that is aligned, most of them money or measured; bare numbers may be those of pages."""
    if columns != 2 or len(rows) < _FEWEST or not all(len(row.cells) == columns and is_value(row.text(1)) for row in rows):
        return False
    return sum(_MEASURED.search(row.text(1)) is not None for row in rows) > 0.5 * len(rows)


def _is_aligned(rows: Sequence[Row], column: int, size: float) -> bool:
    boxes = [union(word.box for word in row.cells[column]) for row in rows if column in row.cells]
    if not boxes:  # what lies over it begins elsewhere
        return True
    common = max(box.left for box in boxes) < min(box.right for box in boxes)
    if common and (_is_of_values(rows, column) or (len(boxes) == 2 and column in rows[0].cells)):
        return True  # signs stand out behind numbers, and a title and one value tell no edge
    edges: tuple[Callable[..., float], ...] = (
        lambda box: box.left,
        lambda box: box.right,
        lambda box: (box.left + box.right) / 2,
    )
    for edge in edges:
        places = sorted(map(edge, boxes))
        middle = median(places)
        if sum(abs(place - middle) <= 0.4 * size for place in places) >= 0.6 * len(places):
            return True
    return False


def _is_of_values(rows: Sequence[Row], column: int) -> bool:
    texts = [row.text(column) for row in rows if column in row.cells]
    return bool(texts) and sum(is_value(text) for text in texts) >= 0.5 * len(texts)
