"""Lines of print → columns, where white space goes down through them, and table rows, where it goes across."""

import itertools
import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from statistics import median

from kbray.document.layout.words import Word, baselines, ends_value, is_currency, is_unordered, joined, pitch_of
from kbray.geometry import union

_SPACE = 0.5  # of the font size: words closer than this are one piece of text
GAP = 0.9  # … and those farther apart than this are two cells
_PITCHES = 1.5  # characters: in type of one width a space is as wide as a letter
_NEAR_SIGN = 0.35  # … a currency sign no closer than this begins a cell
_FAR = 12.0  # … but any sign may stand as far as this from its number
_CURRENCY = r"RM|Rs\.?|US\$|A\$|C\$|S\$|R\$|HK\$|EUR|USD|GBP|CHF|SGD|MYR"
_BEFORE = re.compile(rf"[$€£¥₹(~≈<>≤≥±]|{_CURRENCY}")
_VALUE = re.compile(
    rf"\W*(?:(?-i:{_CURRENCY})\W*)?\d[\d\W]*(?:[a-z]{{0,2}}|(?-i:{_CURRENCY}))\W*|[-–—−.]+|n/?a|✓|✗|x", re.IGNORECASE
)
_LONGEST_VALUE = 40  # characters
_ACROSS = 50  # characters: a line so long over all columns is prose
_LEVEL, _SEVERAL = 1.0, 2  # points, and rows: a line that begins as near to where cells behind the first ones do is in a column
_SEGMENTS = 4  # of the white space between two columns that are looked at
_CROSSING = 0.3  # of the lines: more running over a place make it none between columns
_LEADING = 2.4  # of the font size: lines of one cell are no farther apart
_HALF = 0.75  # of the font size: lines that are no farther apart stand in cells beside each other
_STEP = 0.3  # of the font size: a line so much higher than another is not level with it
_LOOSE = 1.4  # of the font size: rows that are farther apart have room between them
_STOREYS, _MOST = 4, 0.8  # rows of a table between rules, and the least share of what stands between two: all are ruled then
_NEARLY = 0.9  # of the pieces over such a place
_TITLED = 3  # columns whose edges are known by where titles begin
_BESIDE = 0.3  # of the font size: so far from its edge may a title begin
_HEADER = 3  # lines that may have titles over several columns
_CENTRED = 0.3  # of the way from column to column: so far may such a title stand from the middle
_FEWEST = 3  # columns of a table with labels of several rows
_ASTRAY = 0.05  # of the lines of cells: so many may have been written out of order


@dataclass(slots=True)
class Row:
    """One line of print over all columns."""

    baseline: float
    pieces: list[list[Word]]  # words without a gap between them, from left to right; they stay
    cells: dict[int, list[Word]] = field(default_factory=dict)  # by column
    spans: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)  # of the cells
    titles: set[int] = field(default_factory=set)  # columns of cells over several, which have titles of their own below
    extents: list[tuple[float, float]] = field(init=False)  # left and right of each piece

    def __post_init__(self) -> None:
        self.extents = [(piece[0].box.left, max([word.box.right for word in piece])) for piece in self.pieces]

    def text(self, column: int) -> str:
        return self.texts[column]

    @property
    def left(self) -> float:
        return self.extents[0][0]

    @property
    def right(self) -> float:
        return self.extents[-1][1]

    def width(self, column: int) -> float:
        return max(word.box.right for word in self.cells[column]) - self.cells[column][0].box.left


def rows_of(words: Sequence[Word], size: float) -> list[Row]:
    """Lines of print from top to bottom, without the prose above and below; `size` is the usual font size."""
    space = max(_SPACE, _PITCHES * (pitch_of(words) or 0.0)) * size
    rows = [Row(median(word.baseline for word in line), pieces_of(line, size, space)) for line in baselines(words)]
    kept = [index for index, across in enumerate(across_all(rows)) if not across]
    return rows[kept[0] : kept[-1] + 1] if kept else []


def across_all(rows: Sequence[Row]) -> list[bool]:
    """For each line whether it runs from the left over most of the width as prose does, and not in a column behind another."""
    left = min((row.left for row in rows), default=0.0)
    wide = max((row.right for row in rows), default=0.0) - left
    inner = [start for row in rows for start, _ in row.extents[1:]]
    return [
        len(row.pieces) == 1
        and row.right - row.left > 0.6 * wide
        and row.left - left < 0.2 * wide
        and len(text_of(row.pieces[0])) > _ACROSS
        and sum(abs(row.left - start) < _LEVEL for start in inner) < _SEVERAL
        for row in rows
    ]


def pieces_of(line: Sequence[Word], size: float, space: float | None = None) -> list[list[Word]]:
    """Words of a line without a gap between them; a currency sign or percent sign belongs to its number however far it stands."""
    space = _SPACE * size if space is None else space
    found: list[list[Word]] = []
    end = 0.0
    for word in sorted(line, key=lambda item: item.box.left):
        gap = word.box.left - end
        near = min(space, _NEAR_SIGN * size) if is_currency(word.text) else space
        if found and (gap < near or (gap < _FAR * size and _is_sign(found[-1], word))):
            found[-1].append(word)
            end = max(end, word.box.right)
        else:
            found.append([word])
            end = word.box.right
    return found


def _is_sign(piece: Sequence[Word], word: Word) -> bool:
    """One of the two belongs to the other, a number, however far they stand from each other."""
    if len(piece) == 1 and _BEFORE.fullmatch(piece[0].text):
        return True
    return ends_value(word.text) and is_value(text_of(piece))


def text_of(words: Sequence[Word]) -> str:
    return joined(words)


def is_value(text: str) -> bool:
    """A number with its signs and unit, or what stands for one that is missing."""
    return len(text) <= _LONGEST_VALUE and _VALUE.fullmatch(text) is not None


def cuts_of(rows: Sequence[Row], size: float, *, middle: bool = True) -> list[float]:
    """The middles of strips that hardly any line of several cells reaches into, most of them having text on both sides.

    middle: lines may stand in the middle of cells of several lines.
    """
    several = [row for row in (_levelled(rows, size) if middle else rows) if _has_gap(row, GAP * size)]
    if len(several) < 2:
        return []
    steps: list[tuple[float, int]] = []
    for row in several:
        for left, right in row.extents:
            steps += [(left, 1), (right, -1)]
    steps.sort()
    allowed = 0 if len(several) < 4 else 1 if len(several) < 12 else len(several) // 8
    strips: list[list[tuple[int, float, float]]] = []  # each of segments: how many lines reach in, from, to
    reached = 0
    for (x, change), (following, _) in itertools.pairwise(steps):
        reached += change
        if reached > allowed or following <= x:
            continue
        if strips and strips[-1][-1][2] >= x:
            strips[-1].append((reached, x, following))
        else:
            strips.append([(reached, x, following)])
    middles = _middles([strip for strip in strips if strip[-1][2] - strip[0][1] >= _SPACE * size], several)
    cuts = [middle for middle in middles if _parts(middle, several) and _crossing(middle, rows, size) <= _CROSSING * len(rows)]
    return _without_titles(cuts, rows)


def _levelled(rows: Sequence[Row], size: float) -> list[Row]:
    """Lines of print, those put together that stand beside each other, half a line apart: cells in the middle of their row.

    So is a label alone, halfway between two rows that are its own.
    """
    found: list[Row] = []
    for row, below in itertools.zip_longest(rows, rows[1:]):
        above = found[-1] if found else None
        near = above is not None and (row.baseline - above.baseline < _HALF * size or _is_halfway(above, row, below, size))
        if above is not None and near and not _overlap(above, row):
            pieces = sorted((*above.pieces, *row.pieces), key=lambda piece: piece[0].box.left)
            found[-1] = Row(above.baseline, pieces)
        else:
            found.append(row)
    return found


def _is_halfway(above: Row, row: Row, below: Row | None, size: float) -> bool:
    """One piece, in the middle between two lines that have several, and in the way of neither."""
    if below is None or len(row.pieces) > 1 or min(len(above.pieces), len(below.pieces)) < 2 or _overlap(row, below):
        return False
    step = row.baseline - above.baseline
    return step < _LOOSE * size and abs(below.baseline - row.baseline - step) < _STEP * size


def _overlap(one: Row, other: Row) -> bool:
    beside = other.extents
    return any(left < end and start < right for left, right in one.extents for start, end in beside)


def _middles(strips: Sequence[Sequence[tuple[int, float, float]]], rows: Sequence[Row]) -> list[float]:
    """Of each strip the middle of one of those segments that the fewest lines reach into.

    A title may stand at the left of its column and the values under it at the right: white space is on both sides of it, and the
    wider is not the one between the columns. So the segments are chosen together that leave each piece of a line a column of its
    own, and of those the widest.
    """
    centres = [[(left + right) / 2 for left, right in row.extents] for row in rows]

    def crowded(left: float, right: float) -> int:
        return sum(max(0, bisect_left(places, right) - bisect_left(places, left) - 1) for places in centres)

    ways: list[tuple[int, float, list[float]]] = [(0, 0.0, [])]
    for strip in strips:
        least = min(reached for reached, _, _ in strip)
        segments = ((right - left, (left + right) / 2) for reached, left, right in strip if reached == least)
        ways = [
            min(
                (cost + crowded(cuts[-1] if cuts else -math.inf, middle), narrow - width, [*cuts, middle])
                for cost, narrow, cuts in ways
            )
            for width, middle in nlargest(_SEGMENTS, segments)
        ]
    return min((cost + crowded(cuts[-1] if cuts else -math.inf, math.inf), narrow, cuts) for cost, narrow, cuts in ways)[2]


def _without_titles(cuts: Sequence[float], rows: Sequence[Row]) -> list[float]:
    """The same but those between a title and what stands under it, at the other side of its column."""
    found = list(cuts)
    middles = [(row.baseline, [(start + end) / 2 for start, end in row.extents]) for row in rows] if cuts else []
    for cut in cuts:
        place = found.index(cut)
        left = found[place - 1] if place > 0 else -math.inf
        right = found[place + 1] if place + 1 < len(found) else math.inf
        before, after = [], []
        for baseline, places in middles:
            if any(left <= x < cut for x in places):
                before.append(baseline)
            if any(cut <= x < right for x in places):
                after.append(baseline)
        if before and after and (max(before) < min(after) or max(after) < min(before)):
            del found[place]
    return found


def _crossing(middle: float, rows: Sequence[Row], size: float) -> int:
    """How many lines of print run over the place: all of them, for prose of which two lines happen to have gaps."""
    return sum(
        any(piece[0].box.left < middle - size and piece[-1].box.right > middle + size for piece in row.pieces) for row in rows
    )


def _has_gap(row: Row, gap: float) -> bool:
    return any(right[0].box.left - left[-1].box.right >= gap for left, right in itertools.pairwise(row.pieces))


def _parts(middle: float, rows: Sequence[Row]) -> bool:
    both = sum(row.pieces[0][0].box.right <= middle <= row.pieces[-1][-1].box.left for row in rows)
    return both >= max(2, 0.25 * len(rows))


def part_at(rows: Sequence[Row], cuts: Sequence[float]) -> None:
    """Parts the pieces that lie over the places that rules tell, where nearly all of them have white space between words there.

    A line of one piece may be a label over several columns.
    """
    for cut in cuts:
        over = [
            (row, number)
            for row in rows
            if len(row.pieces) > 1
            for number, (left, right) in enumerate(row.extents)
            if left < cut < right
        ]
        if len(over) < _FEWEST:
            continue
        parted = [(row, number, _sides(row.pieces[number], cut)) for row, number in over]
        if sum(bool(before and after) for _, _, (before, after) in parted) >= _NEARLY * len(over):
            for row, number, (before, after) in parted:
                if before and after:
                    row.pieces[number : number + 1] = [before, after]
                    row.__post_init__()


def _sides(piece: Sequence[Word], cut: float) -> tuple[list[Word], list[Word]]:
    """The words of a piece at both sides of a place; all at one side if a word lies over it."""
    before = [word for word in piece if word.box.right <= cut]
    after = [word for word in piece if word.box.left >= cut]
    return (before, after) if len(before) + len(after) == len(piece) else (list(piece), [])


def fill(row: Row, cuts: Sequence[float], size: float) -> None:
    """Gives the pieces to their columns. One that lies over a cut spans the columns on both sides."""
    for piece, (left, right) in zip(row.pieces, row.extents, strict=True):
        first = last = bisect_left(cuts, (left + right) / 2)
        if right - left > 2 * size:
            first = min(first, bisect_left(cuts, left + size))
            last = max(last, bisect_left(cuts, right - size))
        row.cells.setdefault(first, []).extend(piece)
        row.spans[first] = max(row.spans.get(first, 1), last - first + 1)
    row.texts = {column: text_of(words) for column, words in row.cells.items()}


def part_titles(first: Row, rows: Sequence[Row]) -> None:
    """Parts the titles of the first row, which may stand too close for white space to do so, where the columns below begin."""
    edges: dict[int, float] = {}
    for row in rows:
        for column, words in row.cells.items():
            edges[column] = min(words[0].box.left, edges.get(column, math.inf))
    if len(first.pieces) == 1 and len(edges) >= _TITLED and (titles := parted_at(first.pieces[0], edges)):
        first.pieces = list(titles.values())
        first.__post_init__()


def parted_at(words: Sequence[Word], edges: Mapping[int, float]) -> dict[int, list[Word]] | None:
    """The words of a line by the column at whose left edge they begin; None unless some do at each, and none before the first."""
    found: dict[int, list[Word]] = {}
    for word in sorted(words, key=lambda word: word.box.left):
        begun = next((column for column, edge in edges.items() if abs(word.box.left - edge) < _BESIDE * word.size), None)
        if begun is None and not found:
            return None
        found.setdefault(max(found) if begun is None else begun, []).append(word)
    return found if found.keys() == edges.keys() else None


def span_titles(rows: Sequence[Row], size: float) -> None:
    """Titles over several columns span those that they stand in the middle of: rows know their cells.

    Only where they and the titles on the line below tell the same columns: none of these is left over, none claimed twice.
    """
    lines = [row for row in rows[: _HEADER + 1] if row.cells.keys() != {0}]
    titled: set[int] = set()  # columns that have a title of their own further up
    for above, below in itertools.pairwise(lines[:_HEADER]):
        columns = _extents([row for row in rows if row is not above])
        spans = _spans(above, below, columns, size)
        own = above.cells.keys() - spans.keys()
        if titled.isdisjoint(column for first, last in spans.values() for column in range(first, last + 1)):
            for column, (first, last) in spans.items():
                words, text = above.cells.pop(column), above.texts.pop(column)
                del above.spans[column]
                above.cells[first], above.texts[first], above.spans[first] = words, text, last - first + 1
                above.titles.add(first)
        titled |= own


def _spans(above: Row, below: Row, columns: Mapping[int, tuple[float, float]], size: float) -> dict[int, tuple[int, int]]:
    """The first and the last column of each title in the line above that spans several, by its own; {} where they don't fit."""
    ways = {column: found for column in above.cells if (found := _ways(above, column, below, columns, size))}
    if (above.cells.keys() - ways.keys() - {0}) & below.cells.keys() or (len(ways) == 1 and _fits(above, min(ways), columns)):
        return {}  # the last may be the first line of that column's title
    ends = sorted(below.cells)
    following = dict(itertools.pairwise(ends))
    paths: list[tuple[float, list[tuple[int, int]]]] = [(0.0, [])]
    for column in sorted(ways):
        paths = [
            (far + more, [*path, (first, last)])
            for far, path in paths
            for first, last, more in ways[column]
            if not path or first == following.get(path[-1][1])
        ]
    fitting = [path for path in paths if path[1] and path[1][-1][1] == ends[-1]]
    return dict(zip(sorted(ways), min(fitting)[1], strict=True)) if fitting else {}


def _ways(
    row: Row, column: int, below: Row, columns: Mapping[int, tuple[float, float]], size: float
) -> list[tuple[int, int, float]]:
    """First and last of the columns that a title may span, and how far from their middle it stands."""
    box = union(word.box for word in row.cells[column])
    found: list[tuple[int, int, float]] = []
    titles = sorted(place for place, wide in below.spans.items() if place > 0 and wide == 1)
    for first, last in itertools.combinations(titles, 2):
        left, right = columns[first][0], columns[last][1]
        far = abs((left + right) / 2 - (box.left + box.right) / 2)
        inside = (
            first <= column + row.spans[column] - 1 and column <= last and left - size < box.left and box.right < right + size
        )
        if inside and far <= _CENTRED * (right - left) / (last - first):
            found.append((first, last, far))
    return found


def _fits(row: Row, column: int, columns: Mapping[int, tuple[float, float]]) -> bool:
    """The cell is no wider than its column is elsewhere."""
    left, right = columns.get(column, (math.inf, -math.inf))
    return left <= row.cells[column][0].box.left and row.cells[column][-1].box.right <= right


def _extents(rows: Sequence[Row]) -> dict[int, tuple[float, float]]:
    """Left and right of what stands in each column alone."""
    found: dict[int, tuple[float, float]] = {}
    for row in rows:
        for column, words in row.cells.items():
            if row.spans[column] == 1:
                left, right = found.get(column, (math.inf, -math.inf))
                found[column] = min(left, words[0].box.left), max(right, *(word.box.right for word in words))
    return found


def with_labels(rows: Sequence[Row], columns: int, size: float) -> list[Row]:
    """The rows, which know their cells, labels that stand in the middle of several rows put to the first of these.

    Only where one stands between two rows, and all of them part the rows without a rest: at the top of theirs they look the same
    but for that. Rows have all columns else: the lines of a cell are none.
    """
    alone = [row for row in rows if row.cells.keys() == {0}]
    lines = [row for row in rows if row.cells.keys() != {0}]
    whole = sum(len(row.cells.keys() - {0}) == columns - 1 for row in lines)
    if not alone or columns < _FEWEST or whole < _MOST * len(lines):
        return list(rows)
    labels = [(row.baseline, row.cells[0], row.text(0)) for row in rows if 0 in row.cells]
    starts: list[int] = []
    start = 0
    for baseline, _, _ in labels:
        ends = range(start, len(lines))
        middles = ((lines[start].baseline + lines[end].baseline) / 2 for end in ends)
        starts.append(start)
        start = 1 + next(
            (end for end, middle in zip(ends, middles, strict=True) if abs(middle - baseline) < _STEP * size), len(lines)
        )
    if start != len(lines):
        return list(rows)
    for row in lines:
        row.cells.pop(0, None)
    for place, (_, words, text) in zip(starts, labels, strict=True):
        lines[place].cells[0], lines[place].texts[0], lines[place].spans[0] = words, text, 1
    return lines


def groups_of(rows: Sequence[Row], floors: Sequence[float], columns: int, size: float) -> list[list[Row]]:
    """Lines of print, which know their cells, by table row; a cell may have several. No row reaches over one of `floors`."""
    if is_unordered(word for row in rows for words in row.cells.values() for word in words):
        return _ruled(rows, floors, columns, size) or _grouped(rows, floors, columns, size)
    written = _written(rows, _widths(rows, columns))
    if written is None:
        return _grouped(rows, floors, columns, size)
    return [list(part) for group in written for _, part in itertools.groupby(group, key=lambda row: _storey(row, floors, size))]


def _storey(row: Row, floors: Sequence[float], size: float) -> int:
    """How many floors are above a line of print."""
    return sum(floor < row.baseline - 0.2 * size for floor in floors)


def _ruled(rows: Sequence[Row], floors: Sequence[float], columns: int, size: float) -> list[list[Row]] | None:
    """Table rows as the floors tell them; None where they don't part all rows."""
    storeys = [list(part) for _, part in itertools.groupby(rows, key=lambda row: _storey(row, floors, size))]
    if any(_clash(above, below) for storey in storeys for above, below in itertools.combinations(storey, 2)):
        return None
    widths = _widths(rows, columns)
    return storeys if sum(_is_row(storey, widths) for storey in storeys) >= max(_STOREYS, _MOST * len(storeys)) else None


def _is_row(storey: Sequence[Row], widths: Sequence[float]) -> bool:
    """Its first text goes on from line to line."""
    column = min(column for row in storey for column in row.cells)
    lines = [row for row in storey if column in row.cells]
    return all(_wraps(above, below, column, widths[column]) for above, below in itertools.pairwise(lines))


def _widths(rows: Sequence[Row], columns: int) -> list[float]:
    return [max((row.width(column) for row in rows if column in row.cells), default=0.0) for column in range(columns)]


def _written(rows: Sequence[Row], widths: Sequence[float]) -> list[list[Row]] | None:
    """Table rows as the content stream tells them; None where it doesn't go cell by cell, or no cell has two lines."""
    lines = sorted(
        (
            Row(row.baseline, [], {column: words}, {column: row.spans[column]}, {column: row.texts[column]})
            for row in rows
            for column, words in row.cells.items()
        ),
        key=lambda line: min(word.order for word in next(iter(line.cells.values()))),
    )
    found: list[list[Row]] = []
    column, baseline, above = -1, 0.0, None
    several = False
    apart = _apart(lines)
    for line, beside in zip(lines, _besides(lines), strict=True):
        ((here, words),) = line.cells.items()
        goes_on = here == column and 0 < line.baseline - baseline < _LEADING * words[0].size
        if goes_on and here == 0 and above is not None:  # a row may hold nothing but its label
            near = line.baseline - baseline < apart or line.baseline - beside > _STEP * words[0].size
            goes_on = near and _wraps(above, line, 0, widths[0]) and not above.text(0).endswith(":")
        if here > column or goes_on:
            several = several or goes_on
            found[-1:] = [[*found[-1], line]] if found else [[line]]
        else:
            found.append([line])
        column, baseline, above = here, line.baseline, line
    if not several:
        return None
    return _in_order(found, widths)


def _in_order(groups: Iterable[list[Row]], widths: Sequence[float]) -> list[list[Row]] | None:
    """Table rows from top to bottom, what was written out of order put to them; None where much was."""
    kept: list[list[Row]] = []
    astray: list[list[Row]] = []  # by cell
    for group in groups:
        if kept and min(line.baseline for line in group) <= max(line.baseline for line in kept[-1]):
            astray += (list(cell) for _, cell in itertools.groupby(group, key=lambda line: min(line.cells)))
        else:
            kept.append(group)
    if sum(map(len, astray)) > _ASTRAY * sum(map(len, (*kept, *astray))):
        return None
    alone: list[list[Row]] = []
    for cell in astray:
        group = min(kept, key=lambda group: _away(cell, group))
        if _joins(cell, group, widths):
            group += cell
        elif alone and _away(cell, alone[-1]) <= _STEP * _size(cell):
            alone[-1] += cell
        else:
            alone.append(cell)
    return sorted([*kept, *alone], key=lambda group: min(line.baseline for line in group))


def _joins(cell: Sequence[Row], group: Sequence[Row], widths: Sequence[float]) -> bool:
    """Whether what was written out of order is of the row: beside a line of it, amid its lines, or what goes on in its column."""
    column = min(cell[0].cells)
    amid = min(line.baseline for line in group) < cell[0].baseline < max(line.baseline for line in group)
    if amid or _away(cell, group) <= _HALF * _size(cell):
        return True
    lines = sorted((line for line in (*cell, *group) if column in line.cells), key=lambda line: line.baseline)
    return len(lines) > len(cell) and all(
        _wraps(above, below, column, widths[column]) for above, below in itertools.pairwise(lines)
    )


def _away(cell: Sequence[Row], group: Sequence[Row]) -> float:
    """From the line of a cell to that of a row which is nearest."""
    return min(abs(line.baseline - other.baseline) for line in cell for other in group)


def _size(cell: Sequence[Row]) -> float:
    return next(iter(cell[0].cells.values()))[0].size


def _besides(lines: Sequence[Row]) -> list[float]:
    """For each line the baseline of what is written next in another column: higher up, where the next cell of the row begins."""
    found: list[float] = []
    beside, column = math.inf, -1
    for line, after in zip(reversed(lines), (None, *reversed(lines)), strict=False):
        (here,) = line.cells
        if after is not None and here != column:
            beside = after.baseline
        column = here
        found.append(beside)
    return found[::-1]


def _apart(lines: Sequence[Row]) -> float:
    """From line to line of print, from where on these are rows; `lines` are those of cells as they were written."""
    inner: list[float] = []
    starts: list[float] = []
    for above, below in itertools.pairwise(lines):
        (one,), (other,) = above.cells, below.cells
        step = below.baseline - above.baseline
        if one == other > 0 and step > 0:
            inner.append(step)
        elif other < one:
            starts.append(below.baseline)
    size = lines[0].cells[next(iter(lines[0].cells))][0].size
    rows = min((after - before for before, after in itertools.pairwise(starts) if after > before), default=math.inf)
    close = min(inner, default=rows if rows <= _LOOSE * size else 0.0)
    return (close + rows) / 2 if close < 0.95 * rows else math.inf


def _grouped(rows: Sequence[Row], floors: Sequence[float], columns: int, size: float) -> list[list[Row]]:
    """Table rows by the distances between lines of print."""
    pairs = list(itertools.pairwise(rows))
    ruled = [any(above.baseline - 0.3 * size < floor < below.baseline - 0.2 * size for floor in floors) for above, below in pairs]
    steps = [below.baseline - above.baseline for above, below in pairs]
    least = min((step for step in steps if step > _HALF * size), default=size)
    free = [step for step, apart in zip(steps, ruled, strict=True) if not apart]
    loose = sum(ruled) > max(1, 0.25 * len(pairs)) or sum(step > 1.25 * least for step in free) >= max(1, 0.25 * len(free))
    widths = _widths(rows, columns)
    found = [[rows[0]]]
    for (above, below), step, apart in zip(pairs, steps, ruled, strict=True):
        if any(_clash(row, below) for row in found[-1]):
            goes_on = False
        elif step <= _HALF * size and not apart:
            goes_on = True  # a cell that stands in the middle of others of more lines
        else:
            goes_on = not apart and step <= min(1.25 * least, 1.8 * size) and _continues(above, below, widths, loose)
        if goes_on:
            found[-1].append(below)
        else:
            found.append([below])
    return found


def _clash(above: Row, below: Row) -> bool:
    """Both have a value in one column, or several titles stand under one: they are rows of their own."""
    return _has_titles_under(above, below) or any(
        is_value(above.text(column)) and is_value(below.text(column)) for column in above.cells.keys() & below.cells.keys()
    )


def _has_titles_under(above: Row, below: Row) -> bool:
    return any(
        sum(first <= column < first + wide for column in below.cells) > 1
        for first, wide in above.spans.items()
        if first in above.titles
    )


def _continues(above: Row, below: Row, widths: Sequence[float], loose: bool) -> bool:
    """Whether a line of print, close below another, is of its row; `loose`: rows mostly stand farther apart, or are ruled."""
    shared = above.cells.keys() & below.cells.keys()
    wrapped = any(_wraps(above, below, column, widths[column]) for column in shared)
    if 0 in below.cells:
        return loose and (_wraps(above, below, 0, widths[0]) if 0 in shared else wrapped or not shared)
    return (loose or wrapped) and bool(shared or loose)


def _wraps(above: Row, below: Row, column: int, width: float) -> bool:
    """The text of a cell goes on: the first word below would not have fitted above, or begins with a small letter."""
    first, *more = below.cells[column]
    if is_value(below.text(column)):
        return False
    wide = first.box.width * len(first.text.split()[0]) / len(first.text)  # of a recognised line its first word
    for word in itertools.takewhile(lambda word: not word.spaced, more):  # a change of font within it
        wide = word.box.right - first.box.left
    return first.text[0].islower() or above.width(column) + 0.3 * first.size + wide > width
