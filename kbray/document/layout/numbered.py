"""Numbers of lines, left of the text: of drafts, bills and pleadings, where they are no part of what is said; and of programs."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import accumulate, pairwise
from statistics import median, median_low

from kbray.document.layout.mono import is_program
from kbray.document.layout.words import Word, baselines

_LEAST = 3  # numbers in a margin
_STEPS = (1, 2, 3, 5, 10)
_LARGEST = 99_999
_AT = 1.5  # points: numbers of one margin end, or begin, no farther apart
_AWAY, _FAR = 0.7, 6.0  # of the font size, from the text: the number of a note or of an item stands nearer
_GAP = 2.0  # of the font size: what stands farther behind is of another column
_ALONE = 0.6  # of the font size: what stands nearer before a number is of the same word, or a row of a table
_MOSTLY = 0.75  # of a column's: lines of the column before may come that near
_COUNTED = 0.75  # of the numbers that follow each other are as far apart as the lines between them say
_FEW_LINES, _OF_CODE = 2, 0.75  # numbered lines of a program, and their share: the rest are comments in another face
_STRAY = 0.25  # of a line's step: numbers stand no farther from where lines would
_MIDST = 0.3  # of the lines begin in the midst of a sentence; entries of lists and tables don't
_WIDE, _MOST = 0.75, 0.5  # of the width of full lines, so many are; those of a program end anywhere,
_EVEN, _INDENTED = 0.6, 1.5  # and begin anywhere: so many of the others begin at one edge; points

# Of numbers of one column: they end, begin or have their middles below each other.
_PLACES: tuple[Callable[[Word], float], ...] = (
    lambda word: word.box.right,
    lambda word: word.box.left,
    lambda word: word.box.middle[0],
)


def numbers_of_lines(words: Sequence[Word]) -> list[Word]:
    """Those of the words that number lines; none where they may be of a list, a table or a program."""
    rows, runs = _counting(words)
    row_of = {id(word): index for index, row in enumerate(rows) for word in row}
    margins = {id(word) for run in runs for word in run}
    found: dict[int, Word] = {}
    for run in sorted(runs, key=len, reverse=True):
        if found.keys().isdisjoint(map(id, run)) and _count_lines(run, rows, row_of, margins):
            found |= {id(word): word for word in run}
    return list(found.values())


def with_numbered_code(words: Sequence[Word]) -> Sequence[Word]:
    """The words of a page, `mono` those, too, that number lines of code in another face: they are part of it."""
    if not any(word.mono for word in words) or all(word.mono for word in words):
        return words
    # Code may be so much smaller than the text that its lines would count as marks in that.
    rows, runs = _counting([word for word in words if word.mono or word.text.isdecimal()])
    row_of = {id(word): index for index, row in enumerate(rows) for word in row}
    margins = {id(word) for run in runs for word in run}
    found: set[int] = set()
    for run in runs:
        lines = [line for number in run if (line := _beside(number, rows[row_of[id(number)]], margins))]
        code = [line for line in lines if line[0].mono]
        if len(code) >= max(_FEW_LINES, _OF_CODE * len(lines)):
            found.update(map(id, run))
    return [replace(word, mono=True) if id(word) in found else word for word in words] if found else words


def _counting(words: Sequence[Word]) -> tuple[list[list[Word]], list[list[Word]]]:
    """The lines of words, if any count, and the numbers that count below each other, mostly with nothing before them."""
    numbers = [word for word in words if word.text.isdecimal() and word.text.isascii() and int(word.text) <= _LARGEST]
    if not any(map(_may_count, _columns(numbers))):
        return [], []
    rows = baselines(words)
    row_of = {id(word): index for index, row in enumerate(rows) for word in row}
    of_row: dict[int, list[Word]] = {}
    for word in numbers:
        of_row.setdefault(row_of[id(word)], []).append(word)
    alone = {id(word) for index, some in of_row.items() for word in _alone(some, rows[index])}
    columns = (sorted(column, key=lambda word: row_of[id(word)]) for column in _columns(numbers))
    counting = [run for column in columns for run in _runs(column)]
    return rows, [run for run in counting if sum(id(word) in alone for word in run) >= _MOSTLY * len(run)]


def _alone(numbers: Iterable[Word], row: Sequence[Word]) -> Iterator[Word]:
    """Those of the row before which nothing stands close, nor leads to them."""
    ordered = sorted(row, key=lambda word: word.box.left)
    lefts = [word.box.left for word in ordered]
    farthest = list(accumulate(ordered, _farther))
    for number in numbers:
        begun = bisect_left(lefts, number.box.left)
        if not begun:
            yield number
            continue
        before = farthest[begun - 1]
        if number.box.left - before.box.right > _ALONE * number.size and not before.text.endswith(("..", "…", "·")):
            yield number


def _farther(one: Word, other: Word) -> Word:
    return other if other.box.right > one.box.right else one


def _columns(numbers: Sequence[Word]) -> Iterator[list[Word]]:
    """Numbers below each other."""
    for place in _PLACES:
        column: list[Word] = []
        for word in [*sorted(numbers, key=place), None]:
            if column and (word is None or place(word) - place(column[-1]) > _AT):
                yield column
                column = []
            if word is not None:
                column.append(word)


def _may_count(column: Sequence[Word]) -> bool:
    """Some of its numbers could follow each other, whichever the order of their rows."""
    values = {int(word.text) for word in column}
    return any(all(value + step * ahead in values for ahead in range(1, _LEAST)) for value in values for step in _STEPS)


def _runs(column: Sequence[Word]) -> Iterator[list[Word]]:
    """Pieces of a column that count on."""
    for step in _STEPS:
        run: list[Word] = []
        for word in [*column, None]:
            if run and (word is None or int(word.text) - int(run[-1].text) != step):
                if len(run) >= _LEAST:
                    yield run
                run = []
            if word is not None:
                run.append(word)


def _count_lines(run: Sequence[Word], rows: Sequence[Sequence[Word]], row_of: Mapping[int, int], margins: Set[int]) -> bool:
    """Whether the text beside the numbers goes on from line to line, and they count its lines."""
    places = [row_of[id(number)] for number in run]
    lines = {index: line for index in range(places[0], places[-1] + 1) if (line := _beside(run[0], rows[index], margins))}
    steps = [below[0].baseline - above[0].baseline for above, below in pairwise(lines.values())]
    even_rows = sum(_on_grid(before, after, median(steps or [0.0])) for before, after in pairwise(run))
    of_blank = sum(place not in lines for place in places)
    if of_blank > (1 - _COUNTED) * len(run) or (of_blank and even_rows < _COUNTED * (len(run) - 1)):
        return False
    away = [lines[place][0].box.left - number.box.right for place, number in zip(places, run, strict=True) if place in lines]
    if median(away) < _AWAY * median([line[0].size for line in lines.values()]):
        return False
    counted = sum(
        sum(place < index <= next_place for index in lines) == int(after.text) - int(before.text)
        for (place, before), (next_place, after) in pairwise(zip(places, run, strict=True))
    )
    typescript = all(line[0].mono for line in lines.values()) and not is_program(
        " ".join(word.text for word in line) for line in lines.values()
    )
    midst = sum(line[0].text[0].islower() and (typescript or not line[0].mono) for line in lines.values())
    widths = sorted(line[-1].box.right - line[0].box.left for line in lines.values())
    usual = widths[4 * len(widths) // 5]  # a few may run into the next column
    wide = sum(width >= _WIDE * usual for width in widths)
    others = _astray([line[0].box.left for line in lines.values()])
    if typescript and others:  # questions and answers, each of which stands in
        others = _astray(others)
    even = len(lines) - len(others)
    return (
        max(counted, even_rows) >= _COUNTED * (len(run) - 1)
        and midst >= max(1.0, _MIDST * len(lines))
        and wide >= _MOST * len(lines)
        and even >= _EVEN * len(lines)
    )


def _on_grid(before: Word, after: Word, step: float) -> bool:
    """As far apart as so many lines are, though some may be blank: so patents count."""
    lines = int(after.text) - int(before.text)
    return step > 0 and abs(after.baseline - before.baseline - lines * step) <= _STRAY * step


def _astray(edges: Sequence[float]) -> list[float]:
    """Those that are not at the usual edge."""
    usual = median_low(edges)
    return [edge for edge in edges if abs(edge - usual) > _INDENTED]


def _beside(number: Word, row: Sequence[Word], margins: Set[int]) -> list[Word]:
    """The words of the row right of that margin, as far as they go on, or up to another margin."""
    edge = number.box.right
    beyond = sorted((word for word in row if word.box.left >= edge), key=lambda word: word.box.left)
    size = median([word.size for word in beyond]) if beyond else 0.0
    found: list[Word] = []
    for word in beyond:
        if word.box.left - edge > (_GAP if found else _FAR) * size or id(word) in margins:
            break
        found.append(word)
        edge = word.box.right
    return found
