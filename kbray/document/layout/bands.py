"""Bands of a page in columns: what goes over the gutter, what stands beside it, and what of the one belongs to the other."""

import itertools
from collections.abc import Sequence
from math import inf
from statistics import median

from kbray.document.layout.lines import Line, line_of
from kbray.document.layout.sides import (
    FEWEST_LINES,
    LARGER,
    NEXT,
    STRAY,
    WIDTH,
    WORDS,
    are_level,
    crosses,
    is_below,
    is_prose,
    rows,
    share_row,
    sides_of,
    stand_beside,
)
from kbray.document.layout.spacing import is_value
from kbray.document.layout.words import step_of

_FEWEST_ROWS = 4  # that tell a table by how they are written
_CELL = 0.6  # of the font size: a gap that may part two cells
_WIDE = 2.0  # … and one that is no space between words, whatever the source says
_WHITER = 1.5  # times the step of the lines above
_BEFORE = 3  # lines that tell the margins of the last
_FULL = 3.0  # of the font size: a full line ends no farther from its margins
_INSERTED = 1.15, 5.0  # times the size of the columns' print: what is put between them, which they run around
_AROUND = 2  # lines of the columns on each side of it, at least
_HEAD = 2.0  # of its font size: one that begins no farther below the columns is their title, and others are read behind them
_WHITE = 0.3  # of the font size: above a title
_CLOSER = 2.0  # times nearer to what is below: a title of that, not the end of the column above
_TITLE_LINES = 2  # of a title below columns
_ASTRAY = 0.1  # of a letter


def title_over(lines: Sequence[Line], left: float, right: float) -> Line | None:
    """The first line over two columns, if it is larger, alone, and in the midst: a title shorter than the gutter is wide."""
    sides = sides_of(lines, left)
    if min(map(len, sides)) < FEWEST_LINES or any(crosses(line, left, right) for line in lines):
        return None
    widths = [max(line.box.right for line in side) - min(line.box.left for line in side) for side in sides]
    if min(widths) < WIDTH * max(widths):
        return None  # numbers of pages
    first = min(lines, key=lambda line: line.box.top)
    others = [line for line in lines if line is not first]
    middle = min(line.box.left for line in others) + max(line.box.right for line in others)
    alone = first.box.bottom <= min(line.box.top for line in others)
    larger = first.size > LARGER * median(line.size for line in others)
    return first if alone and larger and abs(first.box.left + first.box.right - middle) <= 2 * first.size else None


def bands_of(lines: Sequence[Line], left: float, right: float, title: Line | None) -> list[tuple[bool, list[Line]]]:
    """Runs from top to bottom: lines across the gutter (True) or the title of all, lines beside it (False)."""
    found: list[tuple[bool, list[Line]]] = []
    for line in sorted(lines, key=lambda item: (item.box.top + item.box.bottom, item.box.left, item.order)):
        crossing = line is title or crosses(line, left, right)
        if found and found[-1][0] == crossing:
            found[-1][1].append(line)
        else:
            found.append((crossing, [line]))
    return found


def cut_at(lines: Sequence[Line], left: float, right: float) -> list[Line]:
    """The same, but those in two that run over the gutter with a gap there, beside others in their row: two cells stand close."""
    found: list[Line] = []
    for line in lines:
        cut = _gap_at(line, left, right) if not line.formula and line.box.left < left and line.box.right > right else 0
        if cut and any(other is not line and are_level(line, other) for other in lines if not other.whole):
            found += [line_of(line.words[:cut]), line_of(line.words[cut:])]
        else:
            found.append(line)
    return found


def _gap_at(line: Line, left: float, right: float) -> int:
    """Which of its words stands behind a gap that takes up the gutter or lies in it, and is no space between words; or 0."""
    gaps = [after.box.left - before.box.right for before, after in itertools.pairwise(line.words)]
    for number, (gap, before, after) in enumerate(zip(gaps, line.words, line.words[1:], strict=False), start=1):
        shared = min(after.box.left, right) - max(before.box.right, left)
        spaced = after.spaced and gap < _WIDE * line.size  # pdfium makes up a space in any gap
        if spaced or gap < _CELL * line.size or shared < 0.5 * min(gap, right - left):
            continue
        if all(2 * other <= gap for place, other in enumerate(gaps, start=1) if place != number):
            return number
    return 0


def with_rows(bands: Sequence[tuple[bool, list[Line]]]) -> list[tuple[bool, list[Line]]]:
    """The same, but what crosses the gutter in a row of a table that is written row by row is put to the rows around it."""
    found: list[tuple[bool, list[Line]]] = []
    number, joined = 0, False
    while number < len(bands):
        end = number + 1
        while end < len(bands) and share_row(bands[end - 1][1], bands[end][1]):
            end += 1
        run = [line for _, band in bands[number:end] for line in band]
        in_rows = end - number > 1 and _row_by_row(run)
        if in_rows and joined:
            found[-1][1].extend(run)
        else:
            found += [(False, run)] if in_rows else bands[number:end]
        number, joined = end, in_rows
    return found


def with_labels(bands: Sequence[tuple[bool, list[Line]]]) -> list[tuple[bool, list[Line]]]:
    """The same, but a label and what stands beside it, of which only one crosses the gutter, are together; and lines of code.

    The label would be read behind its value, a comment with the next line.
    """
    none: tuple[bool, list[Line]] = (False, [])
    found = [(crossing, list(band)) for crossing, band in bands]
    code = min((line.box.left for crossing, band in bands for line in band if crossing and line.mono), default=inf)
    for (_, above), (crossing, band), (_, below) in zip([none, *found], found, [*found[1:], none], strict=False):
        if crossing:
            first, last = band[0], band[-1]
            over = [
                line
                for line in above
                # Names in the margin of code stand farther out than that begins.
                if _is_label_of(first, line)
                or (_are_of_code(line, first) and line.box.left >= code and _are_in_columns(line, first))
            ]
            under = [line for line in below if _is_label_of(line, last) or _are_of_code(last, line)]
            band += [*over, *under]
            above[:] = [line for line in above if line not in over]
            below[:] = [line for line in below if line not in under]
    return [(crossing, band) for crossing, band in found if band]


def _is_label_of(label: Line, line: Line) -> bool:
    return label.text.endswith(":") and label.box.right <= line.box.left and share_row([label], [line])


def _are_of_code(line: Line, beside: Line) -> bool:
    """The one stands behind the other, in one row."""
    return line.mono and beside.mono and line.box.right <= beside.box.left and share_row([line], [beside])


def _are_in_columns(line: Line, beside: Line) -> bool:
    """Letters of the one and the other stand where those of one font of one width do."""
    steps = (beside.box.left - line.box.left) / (step_of(line.words) or 1.0)
    return abs(steps - round(steps)) <= _ASTRAY


def inserts_in(lines: Sequence[Line], left: float, right: float) -> list[list[Line]]:
    """What stands over the gutter in larger print, each from top to bottom, while the columns run around it and go on below."""
    over = [line for line in lines if crosses(line, left, right)]
    sides = sides_of([line for line in lines if not crosses(line, left, right)], left)
    if not over or not all(len(side) >= FEWEST_LINES and median(len(line.text) for line in side) >= WORDS for side in sides):
        return []
    columns = [line for side in sides for line in side]
    size = median(line.size for line in columns)
    around = {
        id(line): [other for other in columns if stand_beside(line, other)]
        for line in over
        if _INSERTED[0] * size <= line.size <= _INSERTED[1] * size and not line.whole
    }
    found: list[list[Line]] = []
    for line in sorted((line for line in over if around.get(id(line))), key=lambda line: line.box.top):
        if found and line.box.top - found[-1][-1].box.bottom < NEXT * line.size:
            found[-1].append(line)
        else:
            found.append([line])
    return [some for some in found if _is_run_around([(line, other) for line in some for other in around[id(line)]])]


def _is_run_around(pairs: Sequence[tuple[Line, Line]]) -> bool:
    """Args: pairs: of a line of the insert and one of the columns beside it."""
    sides = [{id(other) for line, other in pairs if (other.box.left < line.box.left) == before} for before in (True, False)]
    return min(map(len, sides)) >= _AROUND


def with_inserts(bands: Sequence[tuple[bool, list[Line]]], inserts: Sequence[list[Line]]) -> list[tuple[bool, list[Line]]]:
    """Before the columns that run around them, where they begin at their head as a title does, or else behind those."""
    found: list[tuple[bool, list[Line]]] = []
    rest = list(inserts)
    for crossing, band in bands:
        top, bottom = min(line.box.top for line in band), max(line.box.bottom for line in band)
        held = [] if crossing else [some for some in rest if some[0].box.top < bottom]
        titles = [some for some in held if some[0].box.top < top + _HEAD * some[0].size]
        rest = [some for some in rest if some not in held]
        found += ((True, some) for some in titles)
        found.append((crossing, band))
        found += ((True, some) for some in held if some not in titles)
    return found + [(True, some) for some in rest]


def with_titles(bands: Sequence[tuple[bool, list[Line]]], left: float) -> list[tuple[bool, list[Line]]]:
    """The same, but a title below both columns, of what follows over their whole width, is put to that."""
    found = [(crossing, list(band)) for crossing, band in bands]
    for (crossing, band), (goes_over, below) in itertools.pairwise(found):
        if crossing or not goes_over or not all(sides_of(band, left)):
            continue
        usual = median(line.size for line in band)
        prose = all(is_prose(side) for side in sides_of(band, left))
        for count in range(min(_TITLE_LINES, len(band) - 1), 0, -1):
            above, last = band[:-count], band[-count:]
            white = min(line.box.top for line in last) - max(line.box.bottom for line in above)
            near = min(line.box.top for line in below) - max(line.box.bottom for line in last)
            titled = last[0].size > LARGER * usual and white > near
            apart = white > _WHITE * last[0].size and (titled or (prose and white >= _CLOSER * near))
            if apart and not any(line.whole or (line.text.endswith(".") and not titled) for line in last):
                del band[-count:]
                below[:0] = last
                break
    return found


def with_short(bands: Sequence[tuple[bool, list[Line]]], left: float, right: float, rtl: bool) -> list[tuple[bool, list[Line]]]:
    """The same, but full lines that cross the gutter have those with them that go on below and end before it, nothing beside."""
    found: list[tuple[bool, list[Line]]] = []
    for crossing, band in bands:
        short = all(line.box.left >= right - 0.01 if rtl else line.box.right <= left + 0.01 for line in band)
        full = bool(found) and found[-1][0] and _fills(found[-1][1], min(band, key=lambda line: line.box.top))
        if full and short and is_below(band, found[-1][1]):
            found[-1][1].extend(band)
        elif full and not rtl and (end := _end_of(found[-1][1], band, left)) is not None:
            found[-1][1].append(end)
            found.append((crossing, [line for line in band if line is not end]))
        else:
            found.append((crossing, list(band)))
    return found


def _end_of(lines: Sequence[Line], band: Sequence[Line], left: float) -> Line | None:
    """The last line of the paragraph above the columns, as of an abstract: at its margin, with white below it, or an indent."""
    first, *others = sorted(band, key=lambda line: line.box.top)
    margin = min(line.box.left for line in lines[-_BEFORE:])
    near = first.box.right <= left + 0.01 and abs(first.box.left - margin) <= first.size and is_below([first], lines)
    step = first.baseline - lines[-1].baseline
    white = all(line.baseline - first.baseline > _WHITER * step for line in others)
    ends = first.text.endswith(".") and not first.text.endswith("..") and not lines[-1].text.endswith(".")
    indent = ends and bool(others) and others[0].box.left - margin > first.size
    return first if near and (white or indent) and step <= NEXT * first.size and not first.whole else None


def _fills(lines: Sequence[Line], below: Line) -> bool:
    """The last goes from margin to margin of those before it, which may stand in farther than what is above them.

    The text of an item stands in as far as it likes, and goes on below there.
    """
    last, near = lines[-1], _FULL * lines[-1].size
    left, right = min(line.box.left for line in lines[-_BEFORE:]), max(line.box.right for line in lines[-_BEFORE:])
    begins = last.box.left - left <= near or abs(below.box.left - last.box.left) <= STRAY * last.size
    return not last.whole and not last.mono and begins and right - last.box.right <= near


def _row_by_row(lines: Sequence[Line]) -> bool:
    """The content stream ends each row before it begins the next one below; where there is none, most rows end in a value."""
    ordered = [row for row in rows(lines) if row[0].table is None]
    wide = [row for row in ordered if len(row) > 1]
    if len({line.order for line in lines}) == 1:
        return len(wide) >= 0.6 * len(ordered) and sum(is_value(row[-1].text) for row in ordered) > 0.5 * len(ordered)
    spans = [(min(line.order for line in row), max(line.order for line in row)) for row in wide]
    # A cell that has more lines is written before the rest of its row.
    alone = sum(len(row) == 1 and not any(start < row[0].order < end for start, end in spans) for row in ordered)
    if len(wide) < max(_FEWEST_ROWS, 0.6 * (len(wide) + alone)):
        return False
    return sum(above[1] < below[0] for above, below in itertools.pairwise(spans)) >= 0.9 * (len(wide) - 1)
