"""Reading order: regions of the page one after the other, columns told from the rows of a table."""

import itertools
from bisect import bisect
from collections.abc import Iterator, Sequence, Set
from statistics import median

from kbray.document.layout.authors import authors_of
from kbray.document.layout.bands import (
    bands_of,
    cut_at,
    inserts_in,
    title_over,
    with_inserts,
    with_labels,
    with_rows,
    with_short,
    with_titles,
)
from kbray.document.layout.captions import is_caption
from kbray.document.layout.floats import with_floats, with_margin_notes
from kbray.document.layout.gutters import are_notes, gutter_of, parts_columns, side_by_side, together
from kbray.document.layout.lines import Line
from kbray.document.layout.sideheads import with_heads
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
    is_row,
    rows,
    sides_of,
    stand_beside,
    top_down,
    usual_step,
)
from kbray.document.layout.slides import boxes_of
from kbray.document.layout.words import is_rtl
from kbray.geometry import Box

_ENTRIES, _RISING = 5, 0.9  # of an index, on each side, and letters that they begin with; of them so many rise
_OVER, _IN = 0.9, 1.0  # of the width of all lines: a rule over them; points: it may run into the white of one
_SUBSTANTIAL = 0.3  # of the lines of the last column, the first has at least
_OF_COLUMN = 4  # lines: fewer above the columns belong to none
_TURNS = 3  # from a title to its text, to the next title, and to its text
_DEPTH = 12  # deeper nesting of columns is not print but noise


def regions(lines: Sequence[Line], rules: Sequence[Box] = (), *, slide: bool = False) -> list[list[Line]]:
    """Lines grouped by column, groups in reading order, the lines of each from top to bottom (rows from the left).

    A gutter that few lines cross splits a region; the lines that cross it (titles, wide figures' captions) cut the columns into
    bands, which are read one below the other.

    Args: rules: that are drawn; what stands above one over the whole width is read before what stands below.
    """
    if not lines:
        return []
    rtl = is_rtl("".join(line.text for line in lines))
    parts = boxes_of(lines) if slide and not rtl else _between_rules(lines, rules)
    return [region for part in parts for region in _split(part, rtl, 0)]


def _between_rules(lines: Sequence[Line], rules: Sequence[Box]) -> list[list[Line]]:
    """Text in columns, and what stands above and below, where rules over the whole width part them."""
    left, right = min(line.box.left for line in lines), max(line.box.right for line in lines)
    over = [rule for rule in rules if min(rule.right, right) - max(rule.left, left) >= _OVER * (right - left)]
    heights = sorted(rule.top for rule in over if rule.width > rule.height)
    free = [height for height in heights if not any(line.box.top + _IN < height < line.box.bottom - _IN for line in lines)]
    parts: dict[int, list[Line]] = {}
    for line in lines:
        parts.setdefault(bisect(free, (line.box.top + line.box.bottom) / 2), []).append(line)
    found: list[list[Line]] = []
    before = True
    for _, part in sorted(parts.items()):
        in_columns = len(parts) > 1 and _in_columns(part)
        if found and not before and not in_columns:
            found[-1].extend(part)
        else:
            found.append(part)
        before = in_columns
    return found


def _in_columns(lines: Sequence[Line]) -> bool:
    """Two or more of them, of prose."""
    gutter = gutter_of(lines)
    if gutter is None:
        return False
    sides = sides_of([line for line in lines if not crosses(line, *gutter)], gutter[0])
    return min(map(len, sides)) >= FEWEST_LINES and any(map(is_prose, sides))


def _split(lines: list[Line], rtl: bool, depth: int) -> list[list[Line]]:
    gutter = gutter_of(lines) if depth < _DEPTH and not all(line.mono for line in lines) else None  # code has none
    if depth == 0 and not rtl and (authored := _authored(lines, gutter)) is not None:
        return authored[0] + _split(authored[1], rtl, depth)
    floated = with_floats(lines) if gutter is None or not parts_columns(lines, *gutter) else []
    if gutter is None or len(floated) > 1:
        return floated
    left, right = gutter
    parts = _set_apart(lines, left, rtl)
    if parts is not None:
        return _split(parts[0], rtl, depth + 1) + _split(parts[1], rtl, depth + 1)
    found: list[list[Line]] = []
    apart: set[int] = set()
    cut = cut_at(lines, *sorted(gutter))
    inserts = inserts_in(cut, left, right)
    inserted = set(map(id, itertools.chain.from_iterable(inserts)))
    bands = bands_of([line for line in cut if id(line) not in inserted], left, right, title_over(cut, left, right))
    bands = with_titles(with_short(with_labels(with_rows(bands)), left, right, rtl), left)
    for crossing, band in with_inserts(bands, inserts):
        if crossing:
            found.extend(_split(band, rtl, depth + 1) if len(band) < len(lines) else [top_down(band)])
            continue
        sides = sides_of(band, left)
        near = 0.0 if _is_of_code(*sides) or _is_of_code(*reversed(sides)) else together(band)
        if all(sides) and not side_by_side(sides[0], sides[1], near=near):
            # No columns, but a short line at the margin and a title in the middle, or one of code that stands in.
            runs = itertools.groupby(top_down(band), key=lambda line: line.box.right <= left)
            found.extend(part for _, run in runs for part in _split(list(run), rtl, depth + 1))
            continue
        if headed := _headed(sides):
            found.extend(part for some in headed for part in _split(some, rtl, depth + 1))
            continue
        noted = are_notes(*sides) or are_notes(*reversed(sides))
        is_code = all(line.mono for line in band)  # which stands in where it likes
        if all(sides) and (is_code or (not noted and _tabular(*sides))):
            found.append(top_down(band))
            continue
        if noted and not is_caption(top_down(min(sides, key=len))[0].text):  # the caption of a figure stays where it is
            notes, text = sorted(sides, key=len)
            sides = with_margin_notes(notes, text)
            apart.update(map(id, notes))
        elif rtl:
            sides.reverse()
        for side in sides:
            if side:
                found.extend(_split(side, rtl, depth + 1))
    return _fused(found, apart)


def _is_of_code(side: Sequence[Line], other: Sequence[Line]) -> bool:
    """All of it, and what stands next above and below on the other: lines of one listing that stand in."""
    if not side or not all(line.mono for line in side):
        return False
    top, bottom = min(line.box.top for line in side), max(line.box.bottom for line in side)
    above = max((line for line in other if line.baseline < top), key=lambda line: line.baseline, default=None)
    below = min((line for line in other if line.box.top > bottom), key=lambda line: line.baseline, default=None)
    around = [line for line in (above, below) if line is not None]
    return bool(around) and all(line.mono for line in around)


def _authored(lines: Sequence[Line], gutter: tuple[float, float] | None) -> tuple[list[list[Line]], list[Line]] | None:
    """Authors side by side above text in one column or two, one after the other, and the text."""
    for above, below in _parted(lines):
        over = [line for line in below if gutter is None or crosses(line, *gutter)]
        beside = [line for line in below if gutter is not None and not crosses(line, *gutter)]
        in_columns = gutter is not None and all(side and is_prose(side) for side in sides_of(beside, gutter[0]))
        if (in_columns or (over and is_prose(over))) and (found := authors_of(above, rows(above), below)):
            return found, below
    return None


def _set_apart(lines: Sequence[Line], gutter: float, rtl: bool) -> tuple[list[Line], list[Line]] | None:
    """What stands above the columns and belongs to none, or below: a row of a running title, a caption beside a figure over both.

    White space over the whole width, more than between other lines, parts it from them; between columns that would be chance.
    """
    for above, below in _parted(lines):
        beside = all((other.box.left < gutter) == rtl for other in above)  # where else it would be read after the first column
        if _is_heads(above, below) or (above[-1].mono and below[0].mono):  # code has blank lines
            continue
        if is_row(above) or (beside and not _goes_on(above, below, gutter, rtl)) or is_row(below):
            return above, below
    return None


def _is_heads(row: Sequence[Line], below: Sequence[Line]) -> bool:
    """Titles of columns, each over one; a running title has no more than its first piece there."""
    return len(row) > 1 and is_row(row) and all(_is_head(line, below) for line in row)


def _is_head(line: Line, below: Sequence[Line]) -> bool:
    """It is larger or bolder than the lines of a column below it, and begins with them."""
    under = [other for other in below if abs(other.box.left - line.box.left) <= STRAY * line.size and not other.whole]
    if len(under) < _OF_COLUMN or median(len(other.text) for other in under) < WORDS:
        return False
    near = min(other.box.top for other in under) - line.box.bottom <= NEXT * line.size
    bolder = line.bold and not median(other.bold for other in under)
    return near and (bolder or line.size > LARGER * median(other.size for other in under))


def _parted(lines: Sequence[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    """What is above and below of white space over the whole width that is more than between other lines."""
    ordered = sorted(lines, key=lambda line: (line.box.top, line.box.left))
    usual = usual_step(ordered)
    bottom, baseline = ordered[0].box.bottom, ordered[0].baseline
    for index, line in enumerate(ordered[1:], start=1):
        wide = line.box.top - bottom >= max(line.size, ordered[index - 1].size, 4.0)
        if wide and line.baseline - baseline > 1.5 * usual:
            yield ordered[:index], ordered[index:]
        bottom, baseline = max(bottom, line.box.bottom), max(baseline, line.baseline)


def _goes_on(above: Sequence[Line], below: Sequence[Line], gutter: float, rtl: bool) -> bool:
    """The lines above are the beginning of the last column, which starts higher than the first, as in a curriculum vitae."""
    same = [line for line in below if (line.box.left < gutter) == rtl]
    first = [line for line in below if (line.box.left < gutter) != rtl]
    if len(above) < _OF_COLUMN or len(same) < len(above) or len(first) < _SUBSTANTIAL * len(same):
        return False
    if max(line.box.width for line in first) < WIDTH * max(line.box.width for line in same):
        return False  # names in the margin
    one, other = (max(line.box.right for line in some) if rtl else min(line.box.left for line in some) for some in (above, same))
    return abs(one - other) <= max(above[0].size, 4.0)


def _fused(found: list[list[Line]], apart: Set[int]) -> list[list[Line]]:
    """Neighbouring regions with the same margins are one: a paragraph must not break where a short line let a gutter through.

    Args: apart: by `id`, lines in the margin, which go on nowhere.
    """
    fused: list[list[Line]] = []
    for region in found:
        if fused and apart.isdisjoint(map(id, (fused[-1][0], region[0]))) and _same_margins(fused[-1], region):
            fused[-1] = fused[-1] + region
        else:
            fused.append(region)
    return fused


def _same_margins(above: list[Line], below: list[Line]) -> bool:
    left, right = min(line.box.left for line in above), max(line.box.right for line in above)
    other_left, other_right = min(line.box.left for line in below), max(line.box.right for line in below)
    near = 3 * max(below[0].size, 4.0)
    code = above[-1].mono and below[0].mono  # which stands in, and ends, where it likes
    goes_on = code and below[0].baseline - above[-1].baseline < near
    ends_anywhere = len(below) == 1 or code
    return (
        is_below(below, above)
        and (goes_on or abs(left - other_left) < near)
        and (ends_anywhere or abs(right - other_right) < near)
    )


def _headed(sides: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Labels in the margin of recognised text and that text by turns, where one side is such labels."""
    if any(line.confidence is None for side in sides for line in side):
        return []
    side, text = sorted(sides, key=len)
    return with_heads(side, text) if is_prose(text) else []


def _tabular(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """True when the two sides are cells of rows, not columns of text.

    The content stream tells best: a row-wise writer jumps between the sides at every row. Without one (recognised pages), short
    lines on common baselines do. Full lines of prose on both sides are columns, unless they were written cell by cell.
    """
    if _cell_by_cell(left, right):
        return True
    if is_prose(left) and is_prose(right):
        return False
    one_side, other_side = rows(left), rows(right)
    fewer = min(len(one_side), len(other_side))
    short = min(median(len(line.text) for line in left), median(len(line.text) for line in right)) < 18
    level = sum(any(are_level(row[0], other[0]) for other in other_side) for row in one_side)
    aligned = level >= 0.6 * fewer
    marked = sorted([(line.order, 0) for line in left] + [(line.order, 1) for line in right])
    if marked[0][0] == marked[-1][0]:
        return _in_turn(left, right) or (aligned and short and not _in_order(left, right))
    jumps = sum(one[1] != other[1] for one, other in itertools.pairwise(marked))
    if jumps <= max(1, 0.3 * fewer):
        return aligned and short and fewer <= 3
    return jumps >= 0.8 * fewer if aligned else short and jumps >= fewer


def _in_turn(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """By turns one below the other, no line beside one of the other side: titles at the margin, and text that stands in."""
    order = sorted([(line.baseline, 0) for line in left] + [(line.baseline, 1) for line in right])
    turns = sum(one[1] != other[1] for one, other in itertools.pairwise(order))
    return (
        turns >= _TURNS
        and (is_prose(left) or is_prose(right))
        and not any(stand_beside(one, other) for one in left for other in right)
    )


def _in_order(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Entries of an index: by the alphabet down the one side and then the other; what hangs is of those above."""
    initials: list[str] = []
    for side in (left, right):
        margin = min(line.box.left for line in side)
        entries = [line for line in top_down(side) if line.box.left - margin < STRAY * line.size]
        initials += [line.text[0].casefold() for line in entries if line.text[0].isalpha()]
        if len(entries) < _ENTRIES:
            return False
    steps = list(itertools.pairwise(initials))
    rising = sum(one <= other for one, other in steps)
    return len(set(initials)) >= _ENTRIES and rising >= _RISING * len(steps) and len(initials) >= 2 * _ENTRIES


def _cell_by_cell(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """True where the stream goes from side to side over and over, some lines at a time, and never upwards."""
    order = sorted(
        [(line.order, 0, line) for line in left] + [(line.order, 1, line) for line in right], key=lambda item: item[:2]
    )
    runs = [[line for _, _, line in run] for _, run in itertools.groupby(order, key=lambda item: item[1])]
    if len(runs) < 6 or max(map(len, runs)) == 1:
        return False
    upwards = sum(
        min(line.baseline for line in below) < min(line.baseline for line in above) - 0.5 * above[0].size
        for above, below in itertools.pairwise(runs)
    )
    return upwards <= 0.1 * len(runs)
