"""Reading order: regions of the page one after the other, columns told from the rows of a table."""

import itertools
from bisect import bisect
from collections.abc import Iterator, Sequence, Set
from itertools import compress
from math import inf
from statistics import median

from kbray.document.layout.authors import authors_of
from kbray.document.layout.captions import is_caption
from kbray.document.layout.lines import Line, line_of
from kbray.document.layout.sideheads import with_heads
from kbray.document.layout.slides import boxes_of
from kbray.document.layout.spacing import is_value
from kbray.document.layout.words import is_currency, is_rtl
from kbray.geometry import Box

_MOST_LINES = 5_000  # on a page; more is no print either, and would take too long
_FEWEST_ROWS = 4  # that tell a table by how they are written
_CELL = 0.6  # of the font size: a gap that may part two cells
_WIDE = 2.0  # … and one that is no space between words, whatever the source says
_SMALLER = 0.92  # of the size of the text: notes in its margin
_FEWEST_LINES = 8  # of a text with such notes
_CROSSED = 0.2  # of the height of all lines: of those between the text and its notes
_OVERLAP = 0.5  # of the font size: lines one below the other share no more of the height
_WHITER = 1.5  # times the step of the lines above
_BEFORE = 3  # lines that tell the margins of the last
_FULL = 3.0  # of the font size: a full line ends no farther from its margins
_TOGETHER = 2.0  # of the font size: lines below each other that stand no farther apart are of one text
_ENOUGH = 4  # lines that may stand in columns
_STRAY = 0.5  # of the font size: the edges of recognised lines lie no farther from those of their column
_ENTRIES, _RISING = 5, 0.9  # of an index, on each side, and letters that they begin with; of them so many rise
_INSERTED = 1.15, 5.0  # times the size of the columns' print: what is put between them, which they run around
_NEXT = 2.5  # of its font size: lines of one insert stand no farther from each other
_AROUND = 2  # lines of the columns on each side of it, at least
_WORDS = 25  # characters of most lines of the columns, at least
_HEAD = 2.0  # of its font size: one that begins no farther below the columns is their title, and others are read behind them
_OVER, _IN = 0.9, 1.0  # of the width of all lines: a rule over them; points: it may run into the white of one
_WHITE = 0.3  # of the font size: above a title
_LARGER = 1.1  # times the size of the text: a title of it
_CLOSER = 2.0  # times nearer to what is below: a title of that, not the end of the column above
_SUBSTANTIAL, _WIDTH = 0.3, 0.35  # of the lines of the last column, and of its width, the first has at least
_OF_COLUMN = 4  # lines: fewer above the columns belong to none
_TITLE_LINES = 2  # of such a title
_TURNS = 3  # from a title to its text, to the next title, and to its text
_OF_CAPTION = 8  # lines
_APART = 1.2  # times the step from line to line: the next paragraph
_FEWEST_BESIDE = 3  # lines of text that runs around a figure
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
    gutter = _gutter(lines)
    if gutter is None:
        return False
    sides = _sides([line for line in lines if not _crosses(line, *gutter)], gutter[0])
    return min(map(len, sides)) >= _FEWEST_LINES and any(map(_prose, sides))


def rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines of one region as rows: what shares a baseline is one row, ordered from the left (or right, for such a script)."""
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: (item.baseline, item.box.left, item.order)):
        if found and not line.whole and not found[-1][0].whole and _level(found[-1][-1], line):
            found[-1].append(line)
        else:
            found.append([line])
    return [row if len(row) == 1 else sorted(row, key=_beginning) for row in found]


def _beginning(line: Line) -> float:
    """Of two lines in a row the one with the smaller comes first."""
    return -line.box.right if is_rtl(line.text) else line.box.left


def _level(one: Line, other: Line) -> bool:
    return abs(one.baseline - other.baseline) <= 0.3 * min(one.size, other.size)


def _split(lines: list[Line], rtl: bool, depth: int) -> list[list[Line]]:
    gutter = _gutter(lines) if depth < _DEPTH and not all(line.mono for line in lines) else None  # code has none
    if depth == 0 and not rtl and (authored := _authored(lines, gutter)) is not None:
        return authored[0] + _split(authored[1], rtl, depth)
    floated = _with_floats(lines) if gutter is None or not _parts_columns(lines, *gutter) else []
    if gutter is None or len(floated) > 1:
        return floated
    left, right = gutter
    parts = _set_apart(lines, left, rtl)
    if parts is not None:
        return _split(parts[0], rtl, depth + 1) + _split(parts[1], rtl, depth + 1)
    found: list[list[Line]] = []
    apart: set[int] = set()
    cut = _cut_at(lines, *sorted(gutter))
    inserts = _inserts(cut, left, right)
    inserted = set(map(id, itertools.chain.from_iterable(inserts)))
    bands = _bands([line for line in cut if id(line) not in inserted], left, right, _title_over(cut, left, right))
    bands = _with_titles(_with_short(_with_labels(_with_rows(bands)), left, right, rtl), left)
    for crossing, band in _with_inserts(bands, inserts):
        if crossing:
            found.extend(_split(band, rtl, depth + 1) if len(band) < len(lines) else [_top_down(band)])
            continue
        sides = _sides(band, left)
        if all(sides) and not _side_by_side(
            sides[0], sides[1], near=_together(band)
        ):  # no columns: a short line at the margin, a centred title
            runs = itertools.groupby(_top_down(band), key=lambda line: line.box.right <= left)
            found.extend(part for _, run in runs for part in _split(list(run), rtl, depth + 1))
            continue
        if headed := _headed(sides):
            found.extend(part for some in headed for part in _split(some, rtl, depth + 1))
            continue
        noted = _are_notes(*sides) or _are_notes(*reversed(sides))
        is_code = all(line.mono for line in band)  # which stands in where it likes
        if all(sides) and (is_code or (not noted and _tabular(*sides))):
            found.append(_top_down(band))
            continue
        if noted and not is_caption(_top_down(min(sides, key=len))[0].text):
            notes, text = sorted(sides, key=len)
            sides = _with_notes(notes, text)  # but the caption of a figure beside the text stands where it is
            apart.update(map(id, notes))
        elif rtl:
            sides.reverse()
        for side in sides:
            if side:
                found.extend(_split(side, rtl, depth + 1))
    return _fused(found, apart)


def _sides(lines: Sequence[Line], left: float) -> list[list[Line]]:
    """What stands before the gutter, which begins at `left`, and what behind."""
    return [[line for line in lines if line.box.right <= left], [line for line in lines if line.box.right > left]]


def _authored(lines: Sequence[Line], gutter: tuple[float, float] | None) -> tuple[list[list[Line]], list[Line]] | None:
    """Authors side by side above text in one column or two, one after the other, and the text."""
    for above, below in _parted(lines):
        over = [line for line in below if gutter is None or _crosses(line, *gutter)]
        beside = [line for line in below if gutter is not None and not _crosses(line, *gutter)]
        in_columns = gutter is not None and all(side and _prose(side) for side in _sides(beside, gutter[0]))
        if (in_columns or (over and _prose(over))) and (found := authors_of(above, rows(above), below)):
            return found, below
    return None


def _set_apart(lines: Sequence[Line], gutter: float, rtl: bool) -> tuple[list[Line], list[Line]] | None:
    """What stands above the columns and belongs to none, or below: a row of a running title, a caption beside a figure over both.

    White space over the whole width, more than between other lines, parts it from them; between columns that would be chance.
    """
    for above, below in _parted(lines):
        beside = all((other.box.left < gutter) == rtl for other in above)  # where else it would be read after the first column
        if _is_heads(above, below):
            continue
        if _is_row(above) or (beside and not _goes_on(above, below, gutter, rtl)) or _is_row(below):
            return above, below
    return None


def _is_heads(row: Sequence[Line], below: Sequence[Line]) -> bool:
    """Titles of columns, each over one; a running title has no more than its first piece there."""
    return len(row) > 1 and _is_row(row) and all(_is_head(line, below) for line in row)


def _is_head(line: Line, below: Sequence[Line]) -> bool:
    """It is larger or bolder than the lines of a column below it, and begins with them."""
    under = [other for other in below if abs(other.box.left - line.box.left) <= _STRAY * line.size and not other.whole]
    if len(under) < _OF_COLUMN or median(len(other.text) for other in under) < _WORDS:
        return False
    near = min(other.box.top for other in under) - line.box.bottom <= _NEXT * line.size
    bolder = line.bold and not median(other.bold for other in under)
    return near and (bolder or line.size > _LARGER * median(other.size for other in under))


def _parted(lines: Sequence[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    """What is above and below of white space over the whole width that is more than between other lines."""
    ordered = sorted(lines, key=lambda line: (line.box.top, line.box.left))
    usual = _usual_step(ordered)
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
    if max(line.box.width for line in first) < _WIDTH * max(line.box.width for line in same):
        return False  # names in the margin
    one, other = (max(line.box.right for line in some) if rtl else min(line.box.left for line in some) for some in (above, same))
    return abs(one - other) <= max(above[0].size, 4.0)


def _usual_step(lines: Sequence[Line]) -> float:
    """From line to line of print."""
    heights = sorted(line.baseline for line in lines)
    steps = [below - above for above, below in itertools.pairwise(heights) if below - above > 2]
    return median(steps) if steps else 0.0


def _is_row(lines: Sequence[Line]) -> bool:
    return all(not line.whole and _level(lines[0], line) for line in lines)


def _top_down(lines: Sequence[Line]) -> list[Line]:
    return [line for row in rows(lines) for line in row]


def _with_floats(lines: Sequence[Line]) -> list[list[Line]]:
    """One column, captions in it that stand beside text, with the labels of their figures, put before the paragraph that begins
    beside them, or behind the column.
    """
    rest = _top_down(lines)
    last: list[list[Line]] = []
    found: list[list[Line]] = []
    for caption in [line for line in rest if is_caption(line.text) and not line.whole]:
        floating, text = _floating(caption, rest) if caption in rest else ([], [])
        if not floating:
            continue
        rest = [line for line in rest if line not in floating]
        usual = median(itertools.starmap(_step, itertools.pairwise(text)))
        pairs = [(place, *pair) for place, pair in enumerate(itertools.pairwise(rest), start=1)]
        begin = [at for at, above, line in pairs if line in text and _step(above, line) > _APART * usual]
        at = max((at for at in begin if rest[at].box.top <= floating[0].box.top + caption.size), default=None)
        if at is None:
            last.append(floating)
        else:
            found += [rest[:at], floating]
            rest = rest[at:]
    return [part for part in (*found, rest, *last) if part]


def _step(above: Line, line: Line) -> float:
    return line.baseline - above.baseline


def _floating(caption: Line, lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """A caption and what stands above and below it, beside text that runs around them, and that text; or nothing."""
    level = [line for line in lines if line.box.top < caption.box.bottom and line.box.bottom > caption.box.top]
    beside = [line for line in level if line.box.right <= caption.box.left or line.box.left >= caption.box.right]
    if not beside or not all((line.box.left < caption.box.left) == (beside[0].box.left < caption.box.left) for line in beside):
        return [], []
    before = beside[0].box.left < caption.box.left
    right = caption.box.left if before else min(line.box.left for line in beside)
    left = right - _STRAY * caption.size
    at = lines.index(caption)
    above = list(itertools.takewhile(lambda line: not _crosses(line, left, right), reversed(lines[:at])))
    below = itertools.takewhile(lambda line: not _crosses(line, left, right), lines[at:])
    sides = _sides([*reversed(above), *below], left)
    text, floating = sides if before else reversed(sides)
    spans = [(line.box.top - line.size, line.box.bottom + line.size) for line in text]
    floating = [line for line in floating if any(top < line.box.bottom and line.box.top < bottom for top, bottom in spans)]
    return (floating, text) if len(floating) <= _OF_CAPTION and len(text) > _FEWEST_BESIDE and _prose(text) else ([], [])


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
        _is_below(below, above)
        and (goes_on or abs(left - other_left) < near)
        and (ends_anywhere or abs(right - other_right) < near)
    )


def _gutter(lines: Sequence[Line]) -> tuple[float, float] | None:
    """Left and right edge of the best white strip with text on both sides; None: one column."""
    if _count(lines) < _ENOUGH or len(lines) > _MOST_LINES:
        return None
    size = median(line.size for line in lines if line.size) if any(line.size for line in lines) else 10.0
    best: tuple[float, tuple[float, float]] | None = None
    lefts, tops = [line.box.left for line in lines], [line.box.top for line in lines]
    rights, bottoms = [line.box.right for line in lines], [line.box.bottom for line in lines]
    heights = [line.box.height for line in lines]
    whole, least, most = sum(heights), min(rights), max(lefts)
    for left, right in _strips(lines, 0.5 * size):
        if least > left + 0.01 or most < right - 0.01:
            continue  # nothing is on one of its sides
        in_before, in_after = [end <= left + 0.01 for end in rights], [start >= right - 0.01 for start in lefts]
        before, after = list(compress(lines, in_before)), list(compress(lines, in_after))
        if _markers(before, after) or _markers(after, before):
            continue
        of_before, of_after = list(compress(heights, in_before)), list(compress(heights, in_after))
        crossing = whole - sum(of_before + of_after)
        top = max(min(compress(tops, in_before)), min(compress(tops, in_after)))
        bottom = min(max(compress(bottoms, in_before)), max(compress(bottoms, in_after)))
        beside = min(sum(of_before), sum(of_after), max(0.0, bottom - top))  # at most the height over which both have text
        score = beside - 0.35 * crossing + 0.5 * min(right - left, 3 * size)
        if min(_count(before), _count(after)) < 2 or beside < 2.5 * size or crossing > 6 * beside:
            apart = beside > 0 and crossing <= _CROSSED * whole
            noted = apart and (_are_notes(before, after) or _are_notes(after, before))
            if not noted and not (beside > 0 and (_is_captioned(before, after) or _is_captioned(after, before))):
                continue
        if best is None or score > best[0]:
            best = (score, (left, right))
    return _between_strays(*best[1], lines, _STRAY * size) if best else None


def _parts_columns(lines: Sequence[Line], left: float, right: float) -> bool:
    """Something stands on both sides of the gutter, side by side."""
    before, after = _sides([line for line in lines if not _crosses(line, left, right)], left)
    return _side_by_side(before, after, near=_together(lines))


def _together(lines: Sequence[Line]) -> float:
    """White that is no higher may be between lines of one text."""
    return _TOGETHER * median(line.size for line in lines)


def _side_by_side(before: Sequence[Line], after: Sequence[Line], *, near: float = 0.0) -> bool:
    """A line of the one shares height with one of the other, or with white that is no higher than `near` between its lines."""
    spans: list[tuple[float, float, int]] = []
    for side, lines in enumerate((before, after)):
        end = -inf
        for top, bottom in sorted((line.box.top, line.box.bottom) for line in lines):
            spans.append((min(top, end) if top - end <= near else top, bottom, side))
            end = max(end, bottom)
    spans.sort()
    lowest = [-inf, -inf]
    for top, bottom, side in spans:
        if lowest[1 - side] > top - near / 4:
            return True
        lowest[side] = max(lowest[side], bottom)
    return False


def _between_strays(left: float, right: float, lines: Sequence[Line], near: float) -> tuple[float, float]:
    """The strip without its edges, over which lines stand out that were recognised: what crosses it in earnest goes further.

    A page number in the gutter is as much in its way as the line that stands out most, and would have it as wide as there. Where
    a rule is read with the lines beside it they stand out past each other, and the left edge lies behind the right one.
    """
    if lines[0].confidence is None:
        return left, right
    start = max((line.box.right for line in lines if left < line.box.right < left + near), default=left)
    end = min((line.box.left for line in lines if right - near < line.box.left < right), default=right)
    return start, end


def _count(lines: Sequence[Line]) -> int:
    """As many as a side needs, where a table that is told to go on in the next column fills it."""
    return _ENOUGH if any(line.goes_on for line in lines) else len(lines)


def _markers(side: Sequence[Line], other: Sequence[Line]) -> bool:
    """True for a side of little else than numbers or bullets of some of the other's paragraphs; numbered lines are a column.

    So it is for the letters over the entries of an index, where something hangs below these.
    """
    if len(side) < 0.7 * len(other):
        return sum(len(line.text) <= 4 for line in side) >= 0.75 * len(side)
    return all(len(line.text) == 1 and line.text.isalpha() for line in side) and not _side_by_side(side, other)


def _are_notes(side: Sequence[Line], text: Sequence[Line]) -> bool:
    """A few lines in smaller print in the margin of a text; the sizes of recognised lines stray too much to tell."""
    if not side or len(text) < _FEWEST_LINES or 2 * len(side) > len(text) or side[0].confidence is not None:
        return False
    if any(line.table is not None for line in side):
        return False
    return max(line.size for line in side) <= _SMALLER * median(line.size for line in text) and _prose(text)


def _with_notes(notes: Sequence[Line], text: Sequence[Line]) -> list[list[Line]]:
    """Notes of a margin before the paragraphs beside whose first lines they begin, as in acts; behind the text if one doesn't."""
    below, notes = _top_down(text), _top_down(notes)
    usual = _usual_step(below)
    groups = [notes[:1]]
    for above, line in itertools.pairwise(notes):
        if _step(above, line) <= _NEXT * line.size:
            groups[-1].append(line)
        else:
            groups.append([line])
    found: list[list[Line]] = []
    for group in groups:
        at = next((at for at, line in enumerate(below) if abs(line.baseline - group[0].baseline) <= _STRAY * line.size), None)
        if at is None or (at and _step(below[at - 1], below[at]) < _APART * usual):
            return [_top_down(text), notes]
        found += [below[:at], group]
        below = below[at:]
    return [*found, below] if len(groups) > 1 else [_top_down(text), notes]


def _is_captioned(side: Sequence[Line], text: Sequence[Line]) -> bool:
    """The caption of a figure that stands in the text."""
    first = min(side, key=lambda line: line.box.top)
    return len(side) <= _OF_CAPTION and is_caption(first.text) and _prose(text)


def _headed(sides: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Labels in the margin of recognised text and that text by turns, where one side is such labels."""
    if any(line.confidence is None for side in sides for line in side):
        return []
    side, text = sorted(sides, key=len)
    return with_heads(side, text) if _prose(text) else []


def _strips(lines: Sequence[Line], narrowest: float) -> list[tuple[float, float]]:
    """White strips between a right edge and a left edge, at the places where locally the fewest lines stand in the way."""
    steps: list[tuple[float, float]] = []
    total = 0.0
    for line in lines:
        height = line.box.height
        steps.append((line.box.left, height))
        steps.append((line.box.right, -height))
        total += height
    steps.sort()
    found: list[tuple[float, float, float]] = []
    covered = 0.0
    for (x, change), (following, _) in itertools.pairwise(steps):
        covered += change
        if following - x > 0.01 and covered <= 0.75 * total:
            found.append((x, following, covered))
    strips: list[tuple[float, float]] = []
    for i, (left, right, height) in enumerate(found):
        # A strip may be widened over neighbours that are no more crowded: ragged edges narrow it otherwise.
        start, end = left, right
        for other in range(i - 1, -1, -1):
            if found[other][2] > height + 0.01:
                break
            start = found[other][0]
        for other in range(i + 1, len(found)):
            if found[other][2] > height + 0.01:
                break
            end = found[other][1]
        if end - start >= narrowest and start > steps[0][0] and end < steps[-1][0] and (start, end) not in strips:
            strips.append((start, end))
    return strips


def _title_over(lines: Sequence[Line], left: float, right: float) -> Line | None:
    """The first line over two columns, if it is larger, alone, and in the midst: a title shorter than the gutter is wide."""
    sides = _sides(lines, left)
    if min(map(len, sides)) < _FEWEST_LINES or any(_crosses(line, left, right) for line in lines):
        return None
    widths = [max(line.box.right for line in side) - min(line.box.left for line in side) for side in sides]
    if min(widths) < _WIDTH * max(widths):
        return None  # numbers of pages
    first = min(lines, key=lambda line: line.box.top)
    others = [line for line in lines if line is not first]
    middle = min(line.box.left for line in others) + max(line.box.right for line in others)
    alone = first.box.bottom <= min(line.box.top for line in others)
    larger = first.size > _LARGER * median(line.size for line in others)
    return first if alone and larger and abs(first.box.left + first.box.right - middle) <= 2 * first.size else None


def _bands(lines: Sequence[Line], left: float, right: float, title: Line | None) -> list[tuple[bool, list[Line]]]:
    """Runs from top to bottom: lines across the gutter (True) or the title of all, lines beside it (False)."""
    found: list[tuple[bool, list[Line]]] = []
    for line in sorted(lines, key=lambda item: (item.box.top + item.box.bottom, item.box.left, item.order)):
        crossing = line is title or _crosses(line, left, right)
        if found and found[-1][0] == crossing:
            found[-1][1].append(line)
        else:
            found.append((crossing, [line]))
    return found


def _cut_at(lines: Sequence[Line], left: float, right: float) -> list[Line]:
    """The same, but those in two that run over the gutter with a gap there, beside others in their row: two cells stand close."""
    found: list[Line] = []
    for line in lines:
        cut = _gap_at(line, left, right) if not line.formula and line.box.left < left and line.box.right > right else 0
        if cut and any(other is not line and _level(line, other) for other in lines if not other.whole):
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


def _with_rows(bands: Sequence[tuple[bool, list[Line]]]) -> list[tuple[bool, list[Line]]]:
    """The same, but what crosses the gutter in a row of a table that is written row by row is put to the rows around it."""
    found: list[tuple[bool, list[Line]]] = []
    number, joined = 0, False
    while number < len(bands):
        end = number + 1
        while end < len(bands) and _share_row(bands[end - 1][1], bands[end][1]):
            end += 1
        run = [line for _, band in bands[number:end] for line in band]
        in_rows = end - number > 1 and _row_by_row(run)
        if in_rows and joined:
            found[-1][1].extend(run)
        else:
            found += [(False, run)] if in_rows else bands[number:end]
        number, joined = end, in_rows
    return found


def _with_labels(bands: Sequence[tuple[bool, list[Line]]]) -> list[tuple[bool, list[Line]]]:
    """The same, but a label and what stands beside it, of which only one crosses the gutter, are together.

    The label would be read behind its value.
    """
    none: tuple[bool, list[Line]] = (False, [])
    found = [(crossing, list(band)) for crossing, band in bands]
    for (_, above), (crosses, band), (_, below) in zip([none, *found], found, [*found[1:], none], strict=False):
        if crosses:
            first, last = band[0], band[-1]
            band += [line for line in above if _is_label_of(first, line)]
            band += [line for line in below if _is_label_of(line, last)]
            above[:] = [line for line in above if not _is_label_of(first, line)]
            below[:] = [line for line in below if not _is_label_of(line, last)]
    return [(crossing, band) for crossing, band in found if band]


def _is_label_of(label: Line, line: Line) -> bool:
    return label.text.endswith(":") and label.box.right <= line.box.left and _share_row([label], [line])


def _inserts(lines: Sequence[Line], left: float, right: float) -> list[list[Line]]:
    """What stands over the gutter in larger print, each from top to bottom, while the columns run around it and go on below."""
    over = [line for line in lines if _crosses(line, left, right)]
    sides = _sides([line for line in lines if not _crosses(line, left, right)], left)
    if not over or not all(len(side) >= _FEWEST_LINES and median(len(line.text) for line in side) >= _WORDS for side in sides):
        return []
    columns = [line for side in sides for line in side]
    size = median(line.size for line in columns)
    around = {
        id(line): [other for other in columns if _beside(line, other)]
        for line in over
        if _INSERTED[0] * size <= line.size <= _INSERTED[1] * size and not line.whole
    }
    found: list[list[Line]] = []
    for line in sorted((line for line in over if around.get(id(line))), key=lambda line: line.box.top):
        if found and line.box.top - found[-1][-1].box.bottom < _NEXT * line.size:
            found[-1].append(line)
        else:
            found.append([line])
    return [some for some in found if _is_run_around([(line, other) for line in some for other in around[id(line)]])]


def _is_run_around(pairs: Sequence[tuple[Line, Line]]) -> bool:
    """Args: pairs: of a line of the insert and one of the columns beside it."""
    sides = [{id(other) for line, other in pairs if (other.box.left < line.box.left) == before} for before in (True, False)]
    return min(map(len, sides)) >= _AROUND


def _crosses(line: Line, left: float, right: float) -> bool:
    """A currency sign may stand there, far before its number."""
    signed = len(line.words) > 1 and is_currency(line.words[0].text)
    begin = line.words[1].box.left if signed else line.box.left
    return begin < right - 0.01 and line.box.right > left + 0.01


def _with_inserts(bands: Sequence[tuple[bool, list[Line]]], inserts: Sequence[list[Line]]) -> list[tuple[bool, list[Line]]]:
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


def _beside(line: Line, other: Line) -> bool:
    """They share most of the height of the lower one, and no width."""
    shared = min(line.box.bottom, other.box.bottom) - max(line.box.top, other.box.top)
    apart = other.box.right <= line.box.left or other.box.left >= line.box.right
    return apart and shared >= 0.5 * min(line.box.height, other.box.height)


def _with_titles(bands: Sequence[tuple[bool, list[Line]]], left: float) -> list[tuple[bool, list[Line]]]:
    """The same, but a title below both columns, of what follows over their whole width, is put to that."""
    found = [(crossing, list(band)) for crossing, band in bands]
    for (crossing, band), (goes_over, below) in itertools.pairwise(found):
        if crossing or not goes_over or not all(_sides(band, left)):
            continue
        usual = median(line.size for line in band)
        prose = all(_prose(side) for side in _sides(band, left))
        for count in range(min(_TITLE_LINES, len(band) - 1), 0, -1):
            above, last = band[:-count], band[-count:]
            white = min(line.box.top for line in last) - max(line.box.bottom for line in above)
            near = min(line.box.top for line in below) - max(line.box.bottom for line in last)
            titled = last[0].size > _LARGER * usual and white > near
            apart = white > _WHITE * last[0].size and (titled or (prose and white >= _CLOSER * near))
            if apart and not any(line.whole or (line.text.endswith(".") and not titled) for line in last):
                del band[-count:]
                below[:0] = last
                break
    return found


def _with_short(bands: Sequence[tuple[bool, list[Line]]], left: float, right: float, rtl: bool) -> list[tuple[bool, list[Line]]]:
    """The same, but full lines that cross the gutter have those with them that go on below and end before it, nothing beside."""
    found: list[tuple[bool, list[Line]]] = []
    for crossing, band in bands:
        short = all(line.box.left >= right - 0.01 if rtl else line.box.right <= left + 0.01 for line in band)
        full = bool(found) and found[-1][0] and _fills(found[-1][1], min(band, key=lambda line: line.box.top))
        if full and short and _is_below(band, found[-1][1]):
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
    near = first.box.right <= left + 0.01 and abs(first.box.left - margin) <= first.size and _is_below([first], lines)
    step = first.baseline - lines[-1].baseline
    white = all(line.baseline - first.baseline > _WHITER * step for line in others)
    ends = first.text.endswith(".") and not first.text.endswith("..") and not lines[-1].text.endswith(".")
    indent = ends and bool(others) and others[0].box.left - margin > first.size
    return first if near and (white or indent) and step <= _NEXT * first.size and not first.whole else None


def _fills(lines: Sequence[Line], below: Line) -> bool:
    """The last goes from margin to margin of those before it, which may stand in farther than what is above them.

    The text of an item stands in as far as it likes, and goes on below there.
    """
    last, near = lines[-1], _FULL * lines[-1].size
    left, right = min(line.box.left for line in lines[-_BEFORE:]), max(line.box.right for line in lines[-_BEFORE:])
    begins = last.box.left - left <= near or abs(below.box.left - last.box.left) <= _STRAY * last.size
    return not last.whole and not last.mono and begins and right - last.box.right <= near


def _is_below(lines: Sequence[Line], others: Sequence[Line]) -> bool:
    """They may overlap by descenders and by the white that recognised lines have."""
    top, bottom = min(line.box.top for line in lines), max(line.box.bottom for line in others)
    return bottom - top <= _OVERLAP * max(lines[0].size, 4.0)


def _share_row(above: Sequence[Line], below: Sequence[Line]) -> bool:
    """The last line of the one and the first of the other are of one row."""
    return not above[-1].whole and not below[0].whole and _level(above[-1], below[0])


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


def _tabular(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """True when the two sides are cells of rows, not columns of text.

    The content stream tells best: a row-wise writer jumps between the sides at every row. Without one (recognised pages), short
    lines on common baselines do. Full lines of prose on both sides are columns, unless they were written cell by cell.
    """
    if _cell_by_cell(left, right):
        return True
    if _prose(left) and _prose(right):
        return False
    one_side, other_side = rows(left), rows(right)
    fewer = min(len(one_side), len(other_side))
    short = min(median(len(line.text) for line in left), median(len(line.text) for line in right)) < 18
    level = sum(any(_level(row[0], other[0]) for other in other_side) for row in one_side)
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
    return turns >= _TURNS and (_prose(left) or _prose(right)) and not any(_beside(one, other) for one in left for other in right)


def _in_order(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Entries of an index: by the alphabet down the one side and then the other; what hangs is of those above."""
    initials: list[str] = []
    for side in (left, right):
        margin = min(line.box.left for line in side)
        entries = [line for line in _top_down(side) if line.box.left - margin < _STRAY * line.size]
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


def _prose(side: Sequence[Line]) -> bool:
    """True for at least three long lines that mostly reach from margin to margin."""
    width = max(line.box.right for line in side) - min(line.box.left for line in side)
    return (
        len(side) >= 3
        and median(len(line.text) for line in side) >= 25
        and median(line.box.width for line in side) >= 0.8 * width
    )
