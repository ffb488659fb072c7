"""Tables that go on over a page break, or that of a column, made one again."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median

from kbray.document.joining import Words, glued, is_open
from kbray.document.layout.headings import folded
from kbray.document.layout.heads import Row, is_header, rows_of
from kbray.document.layout.spacing import is_value
from kbray.document.running import page_number
from kbray.document.tables import table_text
from kbray.geometry import Box
from kbray.model import Cell, Element, Kind, Table

_NEAR = 3.0  # points: edges of columns that are no farther apart are the same
_SHIFT = 60.0  # points that the pages of an open book may be set apart
_ROOM = 0.15  # of the printed height: with more of it free below it, and more than a row takes, a table has come to its end
_ROOM_TOLD = 0.4  # … where header or title say that it goes on
_LONGEST = 200  # characters of a title
_ASIDE = frozenset(("header", "footer", "footnote"))
_CONTINUED = (
    r"(?:continued|cont['’]?d|cont|forts(?:etzung|\.)?|suite(?: et fin)?|continuaci[oó]n|continuação|segue|vervolg|продолжение"
    r"|окончание|续|続き)(?: ?(?:on|from|to|auf|von|de la|en la|da|na) .{1,30})?"
)
_TOLD = re.compile(
    rf"(?:.*[(\[（]\s*{_CONTINUED}\s*[)\]）]\.?|.*[-–—,:]\s*{_CONTINUED}\.?|{_CONTINUED}[.…]*)", re.IGNORECASE | re.DOTALL
)
_Edges = list[tuple[float, float]]


def join(elements: Sequence[Element]) -> list[Element]:
    """`elements` with the rest of a table, on the pages that follow, put to its first part, which keeps its place.

    The first part is the last thing on its page, the rest the first on the next one, and their columns are the same; where pages
    have columns of text, the last thing in one and the first in the next. A header
    that comes again is left out; a title that does, or says that the table is continued, becomes a running title.
    """
    feet, words = _Feet(elements), Words(elements)
    joined: list[Element] = []
    begun: dict[int, _Begun] = {}  # place in `joined` → the table there
    above: _Begun | None = None
    titles: list[int] = []  # places of those that tell that the table goes on
    for element in elements:
        if element.kind in _ASIDE:
            joined.append(element)
            continue
        if above is not None and _may_stand_between(element, above.title):
            titles.append(len(joined))
            joined.append(element)
            continue
        if above is not None and above.takes(element, feet, words, told=bool(titles)):
            for place in titles:
                side: Kind = "header" if joined[place].page == element.page else "footer"
                joined[place] = replace(joined[place], kind=side, level=0, marker=None)
            titles = []
            continue
        above = None
        if element.table is not None and element.page is not None and element.box is not None:
            above = begun[len(joined)] = _Begun(element, _title(joined))
        titles = []
        joined.append(element)
    for place, table in begun.items():
        joined[place] = table.whole()
    return joined


def _may_stand_between(element: Element, title: str) -> bool:
    """The number of a page, or what tells that the table goes on."""
    text = element.text.strip()
    if element.table is not None or not 0 < len(text) <= _LONGEST:
        return False
    return _TOLD.fullmatch(text) is not None or page_number(text) is not None or (title != "" and folded(text) == title)


def _title(above: Sequence[Element]) -> str:
    """What stands over a table, folded."""
    last = next((element for element in reversed(above) if element.kind not in _ASIDE), None)
    if last is None or last.kind not in ("caption", "heading", "paragraph") or len(last.text) > _LONGEST:
        return ""
    return folded(last.text)


class _Feet:
    """Where the print of pages begins and ends."""

    def __init__(self, elements: Sequence[Element]) -> None:
        boxes = [element.box for element in elements if element.box is not None and element.kind not in ("header", "footer")]
        self._top = min((box.top for box in boxes), default=0.0)
        self._bottom = max((box.bottom for box in boxes), default=0.0)
        self._footers: dict[int | None, float] = {}
        for element in elements:
            if element.kind in ("footer", "footnote") and element.box is not None:
                self._footers[element.page] = min(element.box.top, self._footers.get(element.page, element.box.top))

    def free(self, page: int, bottom: float) -> float:
        """How much of the printed height is left on `page` under a table that ends at `bottom` (points); 0-1."""
        foot = self._bottom
        if self._footers.get(page, 0.0) >= bottom:
            foot = min(foot, self._footers[page])
        return max(0.0, foot - bottom) / max(1.0, self._bottom - self._top)

    def share(self, height: float) -> float:
        """Of the printed height; 0-1."""
        return height / max(1.0, self._bottom - self._top)

    def far(self, top: float) -> float:
        """How far down the printed height this is; 0-1."""
        return (top - self._top) / max(1.0, self._bottom - self._top)


class _Begun:
    """A table that may go on, and what was found of it so far."""

    def __init__(self, first: Element, title: str) -> None:
        assert first.table is not None
        assert first.page is not None
        self.title = title
        self._first = first
        self._head = rows_of(first.table)
        self._cells = list(first.table.cells)
        self._rows = first.table.rows
        self._last = first  # the part that was put to it last
        self._page = first.page
        self._confidence = first.confidence

    def takes(self, rest: Element, feet: _Feet, words: Words, *, told: bool) -> bool:
        """Whether `rest` is the table's: then it has been put to it. `told`: a title says so."""
        if rest.table is None or rest.page is None or rest.origin != self._first.origin:
            return False
        assert self._last.table is not None
        if self._last.box is None or rest.box is None:
            return False
        beside = _is_beside(self._last.box, rest.box) and feet.far(rest.box.top) < _ROOM
        higher = rest.box.top < self._last.box.top or self._last.continues
        if rest.page != self._page + 1 and not (beside and rest.page == self._page and higher):
            return False
        shift = _SHIFT + (abs(rest.box.left - self._last.box.left) if beside else 0.0)
        rows = rows_of(rest.table)
        again = _header_rows(self._head, rows, shift)
        if not (self._last.continues and rest.table.columns == self._last.table.columns):
            room = max(_ROOM_TOLD if again or told else _ROOM, feet.share(_height(rows.get(again, {}))))
            if feet.free(self._page, self._last.box.bottom) > room:
                return False
            if not again and not _go_on(self._last.table, rest.table, shift):
                return False
        self._put(rest, rows, again, words)
        return True

    def whole(self) -> Element:
        if self._last is self._first:
            return self._first
        table = Table(tuple(self._cells))
        text, goes_on = table_text(table), self._last.continues
        return replace(self._first, table=table, text=text, confidence=self._confidence, continues=goes_on)

    def _put(self, rest: Element, rows: Mapping[int, Row], again: int, words: Words) -> None:
        assert rest.table is not None
        assert rest.page is not None
        cut = again
        others = [*self._head.values(), *(row for number, row in rows.items() if number > again)]
        if _is_cut(self._row_above(), rows.get(again, {}), others, told=self._last.continues):
            for place in range(len(self._cells) - 1, -1, -1):
                cell = self._cells[place]
                more = rows[again].get(cell.column)
                if cell.row == self._rows - 1 and cell.text and more is not None:
                    self._cells[place] = replace(cell, text=glued(cell.text, more.text, words))
            cut += 1
        offset = self._rows - cut
        self._cells += [replace(cell, row=cell.row + offset, header=False) for cell in rest.table.cells if cell.row >= cut]
        self._rows += rest.table.rows - cut
        self._last, self._page = rest, rest.page
        sure = [confidence for confidence in (self._confidence, rest.confidence) if confidence is not None]
        self._confidence = min(sure, default=None)

    def _row_above(self) -> Row:
        assert self._last.table is not None
        many = len(self._last.table.cells)
        return {cell.column: cell for cell in self._cells[-many:] if cell.row == self._rows - 1 and cell.text}


def _height(row: Row) -> float:
    """In points; of a row that a page break may not cut."""
    boxes = [cell.box for cell in row.values() if cell.box is not None and cell.row_span == 1]
    return max((box.bottom for box in boxes), default=0.0) - min((box.top for box in boxes), default=0.0)


def _is_beside(one: Box, other: Box) -> bool:
    """In another column of text."""
    return other.left >= one.right or other.right <= one.left


def _header_rows(first: Mapping[int, Row], rest: Mapping[int, Row], shift: float) -> int:
    """How many rows at the beginning of the rest are the table's header, printed again, no farther than `shift` to the side."""
    if not _is_header_again(first.get(0, {}), rest.get(0, {}), shift):
        return 0
    again = 1
    while _is_header_again(first.get(again, {}), rest.get(again, {}), shift) and not any(map(_has_value, rest[again].values())):
        again += 1
    whole = all(cell.row + cell.row_span <= again for row in range(again) for cell in rest[row].values())
    return again if whole and any(row >= again for row in rest) else 0


def _is_header_again(row: Row, other: Row, shift: float) -> bool:
    """The same words at the same places."""
    if len(row) < 2 or row.keys() != other.keys():
        return False
    pairs = [(row[column], other[column]) for column in row]
    if any(folded(a.text) != folded(b.text) or a.column_span != b.column_span for a, b in pairs):
        return False
    shifts = [a.box.left - b.box.left for a, b in pairs if a.box is not None and b.box is not None]
    return bool(shifts) and max(shifts) - min(shifts) <= 2 * _NEAR and abs(median(shifts)) <= shift


def _has_value(cell: Cell) -> bool:
    return is_value(cell.text)


def _go_on(above: Table, below: Table, most: float) -> bool:
    """Two parts of a table whose header is not printed again: the columns are the same, and no other header begins.

    Args: most: points that the one may stand to the side of the other.
    """
    if above.columns != below.columns or above.columns < 2:
        return False
    columns, others = _columns(above), _columns(below)
    both = sorted(columns.keys() & others.keys())
    if len(both) < max(2, above.columns - 1):
        return False
    drawn = _is_grid(columns), _is_grid(others)
    are_same = _are_equal if all(drawn) else _is_within if drawn[0] else _holds if drawn[1] else _are_aligned
    shift = columns[both[0]][0][0] - others[both[0]][0][0]
    same = any(all(are_same(columns[column], others[column], by) for column in both) for by in (0.0, shift) if abs(by) <= most)
    rows = rows_of(below)
    body = [row for number, row in (*rows.items(), *rows_of(above).items()) if number > 0]
    return same and not is_header(rows.get(0, {}), body)


def _columns(table: Table) -> dict[int, _Edges]:
    """Left and right of the cells of each column, from the top."""
    found: dict[int, _Edges] = {}
    for cell in sorted(table.cells, key=lambda cell: cell.row):
        if cell.column_span == 1 and cell.box is not None:
            found.setdefault(cell.column, []).append((cell.box.left, cell.box.right))
    return found


def _usual(edges: _Edges) -> tuple[float, float]:
    return median(left for left, _ in edges), median(right for _, right in edges)


def _is_grid(columns: Mapping[int, _Edges]) -> bool:
    """The boxes are those of cells between rules, not of the print in them."""
    usual = {column: _usual(edges) for column, edges in columns.items()}
    return all(abs(usual[column][1] - usual[column + 1][0]) < 1 for column in usual if column + 1 in usual)


def _are_equal(above: _Edges, below: _Edges, shift: float) -> bool:
    pairs = zip(_usual(above), _usual(below), strict=True)
    return all(abs(edge - other - shift) <= _NEAR for edge, other in pairs)


def _is_within(above: _Edges, below: _Edges, shift: float) -> bool:
    """The print below stands in the cells above, which are drawn."""
    (left, right), (begin, end) = _usual(above), _extent(below)
    return left - _NEAR <= begin + shift and end + shift <= right + _NEAR


def _holds(above: _Edges, below: _Edges, shift: float) -> bool:
    return _is_within(below, above, -shift)


def _are_aligned(above: _Edges, below: _Edges, shift: float) -> bool:
    """Print of a column has one edge in common, or its middle: most of it, or that next to the page break, or all of it."""
    for one, other in ((_usual(above), _usual(below)), (above[-1], below[0]), (_extent(above), _extent(below))):
        left, right = one[0] - other[0] - shift, one[1] - other[1] - shift
        if min(abs(left), abs(right), abs(left + right) / 2) <= _NEAR:
            return True
    return False


def _extent(edges: _Edges) -> tuple[float, float]:
    return min(left for left, _ in edges), max(right for _, right in edges)


def _is_cut(above: Row, below: Row, others: Iterable[Row], *, told: bool) -> bool:
    """The page break went through a row: the one below goes on with words where the one above broke off, and has no key.

    It may have that alone, where no other row of the table has as little; so no sentence need be cut where the document told
    that the table goes on.
    """
    if not below or 0 not in above or not below.keys() <= above.keys():
        return False
    unlike = not any(row.keys() <= below.keys() for row in others)
    if 0 in below and (len(above) == len(below) or not unlike):
        return False
    if told and unlike and 0 not in below:
        return True
    if any(is_value(cell.text) or cell.text[0].isupper() or cell.row_span > 1 for cell in below.values()):
        return False
    return all(is_open(above[column].text) for column in below) and any(cell.text[0].islower() for cell in below.values())
