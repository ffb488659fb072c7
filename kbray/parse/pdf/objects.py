"""What a PDF page draws besides text: ruling lines, and how much of it pictures cover."""

import ctypes
import itertools
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

from pypdfium2 import raw

from kbray.geometry import Box
from kbray.parse.pdf import calls
from kbray.parse.pdf.text import Frame

_MAX_OBJECTS = 20_000  # looked at on a page and in a form
_MAX_RULES = 6_000  # a page that draws more is a map or a plot, and its lines rule no table
_MAX_SEGMENTS = 4_000
_MAX_CLIPS = 16  # of an object
_DEEPEST = 3  # forms in forms
_Pair = ctypes.c_int * 2
_Four = ctypes.c_float * 4
_Six = ctypes.c_float * 6
_PAIR = 2 * ctypes.sizeof(ctypes.c_float)
_THIN = 3.0  # points: a filled box no thicker is a line
_SLANT = 1.0  # points: the side of a box may rise by so much
_EDGE = 1.0  # points: as near as that is at the edge of the paper
_SHORT = 4.0  # points: anything shorter rules nothing
_DOT = (1.0, 9.0)  # points: sides of what is a dot, and rules nothing
_LARGEST_DOT = 24.0  # points: … of what may be a bullet of large type, or a small box
_ROUND = 1.4  # its longer side to the shorter
_SHOWN = 0.05  # pieces of text that show, to one that doesn't: a stamp on a scan with a text layer


_Outline = list[tuple[float, float]]
"""Points of a subpath; of a closed one the first stands at the end again."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Rules as boxes, thin across their direction."""

    rules: tuple[Box, ...] = ()
    edges: tuple[Box, ...] = ()  # of filled boxes: the shade behind a cell, or only behind a line of text
    dots: tuple[Box, ...] = ()  # discs, rings, squares: bullets, or points of a plot
    pictures: tuple[Box, ...] = ()  # what of them lies on the page
    cut: frozenset[int] = frozenset()  # text objects (addresses) that their clip leaves nothing of

    @property
    def pictured(self) -> float:
        """Square points, overlaps counted twice."""
        return sum(picture.area for picture in self.pictures)


class _Matrix(NamedTuple):
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def then(self, o: "_Matrix") -> "_Matrix":
        if o is _AS_IT_IS:
            return self
        return _Matrix(
            self.a * o.a + self.b * o.c,
            self.a * o.b + self.b * o.d,
            self.c * o.a + self.d * o.c,
            self.c * o.b + self.d * o.d,
            self.e * o.a + self.f * o.c + o.e,
            self.e * o.b + self.f * o.d + o.f,
        )

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f


_AS_IT_IS = _Matrix()


def drawing_of(page: Any, frame: Frame) -> Drawing:
    """Rules and pictures of a loaded page (raw pdfium handle), in the page as displayed."""
    rules: list[Box] = []
    edges: list[Box] = []
    dots: list[Box] = []
    pictures: list[Box] = []
    cut: set[int] = set()
    whole = Box(0.0, 0.0, frame.width, frame.height)
    for kind, item, matrix, clip in _objects(page, frame):
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            if clip is not None and _is_cut(item, matrix, clip, frame):
                cut.add(item)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            if (picture := _picture(item, matrix, frame)).intersection(whole):
                pictures.append(picture.clipped(whole))
                if _is_dot(middle := _middle(picture)):
                    dots.append(middle)
        elif kind == raw.FPDF_PAGEOBJ_SHADING:
            if _is_dot(ball := _bounds(item, matrix, frame), _LARGEST_DOT):  # beamer's bullets
                dots.append(ball)
        elif kind == raw.FPDF_PAGEOBJ_PATH and len(rules) + len(edges) <= _MAX_RULES:
            _rule(item, matrix, frame, rules, edges, dots)
    if len(rules) + len(edges) > _MAX_RULES:
        return Drawing(pictures=tuple(pictures), cut=frozenset(cut))
    return Drawing(_long(rules, whole), _long(edges, whole), tuple(dots), tuple(pictures), frozenset(cut))


def hides_text(page: Any, frame: Frame) -> bool:
    """Whether hardly any text of a loaded page (raw pdfium handle) shows: it is invisible, or a large picture lies over it."""
    whole = Box(0.0, 0.0, frame.width, frame.height)
    hidden = shown = 0
    for kind, item, matrix, _ in _objects(page, frame):
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            invisible = calls.render_mode_of(item) == raw.FPDF_TEXTRENDERMODE_INVISIBLE
            hidden, shown = hidden + invisible, shown + (not invisible)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE and shown and _picture(item, matrix, frame).intersection(whole) > 0.5 * whole.area:
            hidden, shown = hidden + shown, 0
    return hidden > 0 and shown <= _SHOWN * hidden


def _picture(item: int, matrix: _Matrix, frame: Frame) -> Box:
    own = _matrix_of(item).then(matrix)
    return _displayed([own.point(x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))], frame)


def _middle(picture: Box) -> Box:
    """A square half as large as the picture is narrow: one of a bullet is as high as its line, and has white around it."""
    side = min(picture.width, picture.height) / 4
    x, y = (picture.left + picture.right) / 2, (picture.top + picture.bottom) / 2
    return Box(x - side, y - side, x + side, y + side)


def _bounds(item: int, matrix: _Matrix, frame: Frame) -> Box:
    sides = _Four()
    places = [ctypes.addressof(sides) + place for place in range(0, ctypes.sizeof(sides), _PAIR // 2)]
    if not calls.bounds_of(item, *places):
        return _displayed([matrix.point(0.0, 0.0)], frame)
    left, bottom, right, top = sides
    return _displayed([matrix.point(x, y) for x in (left, right) for y in (bottom, top)], frame)


def _long(rules: list[Box], page: Box) -> tuple[Box, ...]:
    return tuple(
        rule
        for rule in rules
        if min(rule.width, rule.height) <= _THIN
        and max(rule.width, rule.height) >= _SHORT
        and page.left <= rule.right
        and rule.left <= page.right
        and page.top <= rule.bottom
        and rule.top <= page.bottom
    )


def _objects(page: Any, frame: Frame) -> Iterator[tuple[int, int, _Matrix, Box | None]]:
    """Kind and address of page objects, with the matrix of the form they stand in, and what shows of that, if they stand in one.

    Forms are entered three deep.
    """
    count = min(raw.FPDFPage_CountObjects(page), _MAX_OBJECTS)
    if count <= 0:
        return
    items = _with_kinds(map(calls.object_at, repeat(calls.pointer(page)), range(count)))
    entered: list[tuple[Iterator[tuple[int, Any]], _Matrix, Box | None]] = [(items, _AS_IT_IS, None)]
    left = 2 * _MAX_OBJECTS
    while entered:
        objects, matrix, clip = entered[-1]
        for kind, item in objects:
            if left == 0:
                return
            left -= 1
            if kind != raw.FPDF_PAGEOBJ_FORM:
                if item:
                    yield kind, item, matrix, clip
            elif len(entered) <= _DEEPEST:
                inside = reversed(range(min(calls.count_in(item), _MAX_OBJECTS)))
                within = _shown(clip or Box(0.0, 0.0, frame.width, frame.height), item, matrix, frame)
                entered.append((_with_kinds(map(calls.object_in, repeat(item), inside)), _matrix_of(item).then(matrix), within))
                break
        else:
            entered.pop()


def _with_kinds(items: Iterable[int | None]) -> Iterator[tuple[int, Any]]:
    addresses = list(items)
    return zip(map(calls.kind_of, addresses), addresses, strict=True)


def _matrix_of(item: int) -> _Matrix:
    found = _Six()
    if not calls.matrix_of(item, ctypes.addressof(found)):
        return _AS_IT_IS
    a, b, c, d, e, f = found
    return _Matrix(a, b, c, d, e + 0.0, f + 0.0)  # no -0.0


def _rule(item: int, matrix: _Matrix, frame: Frame, rules: list[Box], edges: list[Box], dots: list[Box]) -> None:
    """Adds the rules that a path draws, and the edges of the boxes it fills; or the path, if it is but a dot."""
    mode = _Pair()
    begin = ctypes.addressof(mode)
    if not calls.draw_mode_of(item, begin, begin + ctypes.sizeof(ctypes.c_int)):
        return
    filled, stroked = mode
    if not (filled or stroked):
        return
    outlines, extent = _outlines(item, _matrix_of(item).then(matrix), frame)
    if extent is not None and _is_dot(extent, _LARGEST_DOT):
        dots.append(extent)
        if _is_dot(extent):
            return
    for outline, box in outlines:
        if not stroked and min(box.width, box.height) > _THIN:
            box = _shown(box, item, matrix, frame)
            if min(box.width, box.height) <= 0:
                continue
        if min(box.width, box.height) <= _THIN:
            rules.append(box)
        elif stroked:
            rules.extend(_displayed(pair, frame) for pair in itertools.pairwise(outline))
        elif len(outline) <= 6 and _is_upright(outline) and not _bleeds(box, frame):
            edges.extend(_edges(box))


def _is_dot(box: Box, largest: float = _DOT[1]) -> bool:
    short, long = sorted((box.width, box.height))
    return _DOT[0] <= short and long <= min(largest, _ROUND * short)


def _is_upright(outline: Sequence[tuple[float, float]]) -> bool:
    """Each side runs along an axis: a letter of a stamp that is drawn across the page shades nothing."""
    return all(min(abs(x - u), abs(y - v)) <= _SLANT for (x, y), (u, v) in itertools.pairwise(outline))


def _bleeds(box: Box, frame: Frame) -> bool:
    """It goes to an edge of the paper, where no cell stands: the ground of a page, or a bar across its head or foot."""
    return min(box.left, box.top) <= _EDGE or frame.width - box.right <= _EDGE or frame.height - box.bottom <= _EDGE


def _is_cut(item: int, matrix: _Matrix, clip: Box, frame: Frame) -> bool:
    """Nothing of it shows: a graphic that is set into a page has text beyond its frame, the legend of a chart for one.

    Args: clip: what shows of its form.
    """
    box = _bounds(item, matrix, frame)
    shown = _shown(box.clipped(clip), item, matrix, frame)
    return min(box.width, box.height) > 0 >= min(shown.width, shown.height)


def _shown(box: Box, item: int, matrix: _Matrix, frame: Frame) -> Box:
    """What the clip of an object leaves of its box, inside out where that is nothing: the ground of a figure may be any size.

    Args: matrix: of the form that the object stands in.
    """
    clip = calls.clip_of(item)
    for path in range(min(calls.paths_in(clip), _MAX_CLIPS) if clip else 0):
        count = min(calls.segments_in(clip, path), _MAX_SEGMENTS)
        if count > 0:
            segments = map(calls.segment_in, repeat(clip), repeat(path), range(count))
            box = box.clipped(_displayed([matrix.point(x, y) for x, y in _points_of(segments, count)], frame))
    return box


def _outlines(item: int, matrix: _Matrix, frame: Frame) -> tuple[list[tuple[_Outline, Box]], Box | None]:
    """The straight subpaths, without curves, and their boxes; the extent of all of a path."""
    count = min(calls.segments_of(item), _MAX_SEGMENTS)
    segments = list(map(calls.segment_of, repeat(item), range(count)))
    a, b, c, d, e, f = matrix
    points = [(a * x + c * y + e, b * x + d * y + f) for x, y in _points_of(segments, count)]
    kinds, closed = map(calls.segment_kind_of, segments), map(calls.is_closed, segments)
    found: list[_Outline] = []
    curved = False
    for kind, closes, point in zip(kinds, closed, points, strict=True):
        if kind == raw.FPDF_SEGMENT_MOVETO or not found:
            found.append([])
            curved = False
        curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
        if curved:
            found[-1].clear()
            continue
        found[-1].append(point)
        if closes:
            found[-1].append(found[-1][0])
    extent = _displayed(points, frame) if points else None
    if extent is not None and len(found) == 1 < len(found[0]):
        return [(found[0], extent)], extent
    return [(outline, _displayed(outline, frame)) for outline in found if len(outline) > 1], extent


def _points_of(segments: Iterable[int], count: int) -> Iterator[tuple[float, float]]:
    """Where so many segments end."""
    points = array("f", bytes(_PAIR * count))
    begin, _ = points.buffer_info()
    places = range(begin, begin + _PAIR * count, points.itemsize)
    list(map(calls.point_of, segments, places[::2], places[1::2]))
    return zip(points[::2], points[1::2], strict=True)


def _displayed(points: Sequence[tuple[float, float]], frame: Frame) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return frame.box(min(xs), min(ys), max(xs), max(ys))


def _edges(box: Box) -> list[Box]:
    return [
        Box(box.left, box.top, box.right, box.top),
        Box(box.left, box.bottom, box.right, box.bottom),
        Box(box.left, box.top, box.left, box.bottom),
        Box(box.right, box.top, box.right, box.bottom),
    ]
