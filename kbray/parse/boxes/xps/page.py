"""A page of an XPS document: what is on it, in the order it is drawn, in pixels of 1/96 inch from the top left."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from kbray.errors import CorruptDocument
from kbray.parse.boxes.xps.package import Package, resolved

_KEY = "{http://schemas.microsoft.com/winfx/2006/xaml}Key"
_RESOURCE = re.compile(r"\{StaticResource\s+([^}]+)\}")
_CONVERTED = re.compile(r"\{ColorConvertedBitmap\s+([^\s}]+)")  # what follows is its colour profile
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_STEP = re.compile(r"([MmLlHhVvCcQqSsAaZzFf])|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "S": 4, "A": 7, "Z": 0, "F": 1}
_SIZE = r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)?\s*"
_INDEX = re.compile(rf"(?:\((\d{{1,5}})(?::(\d{{1,5}}))?\))?(\d{{1,5}})?(?:,{_SIZE})?(?:,{_SIZE})?(?:,{_SIZE})?")
_DEEPEST = 50  # canvases in canvases

Matrix = tuple[float, float, float, float, float, float]
"""x' = a x + c y + e, y' = b x + d y + f."""
Colour = tuple[int, int, int, int]
"""Red, green, blue, opacity, each to 255."""
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Sign:
    """Of a run: the text it stands for, its number in the font where that is told, how far the next one is, and how far it is
    moved along the line, in ems.
    """

    text: str
    number: int | None = None
    advance: float | None = None
    right: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """Signs of one font on one line."""

    font: str
    size: float
    x: float
    y: float
    signs: tuple[Sign, ...]
    leftwards: bool
    colour: Colour
    matrix: Matrix


Step = tuple[str, tuple[float, ...]]
"""M, L, C or Z and the points of it, all from the top left of the page."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An area or a line."""

    steps: tuple[Step, ...]
    fill: Colour | None
    stroke: Colour | None
    width: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The matrix brings the unit square, from its top left, to its place."""

    name: str
    matrix: Matrix


class Page:
    """`drawn` is all that is on it. Raises on opening: CorruptDocument: it is damaged, or isn't there."""

    def __init__(self, package: Package, name: str) -> None:
        self._package, self._name = package, name
        self._root = package.tree(name)
        self._resources = {node.get(_KEY): node for node in self._root.iter(etree.Element) if node.get(_KEY)}
        self.width, self.height = (max(1.0, min(_number(self._root.get(side), 816), 20_000)) for side in ("Width", "Height"))
        self.drawn = tuple(self._inside(self._root, _SAME, 0))

    def _inside(self, node: etree._Element, matrix: Matrix, depth: int) -> Iterator[Run | Shape | Picture]:
        for child in node.iterchildren(etree.Element):
            kind = etree.QName(child).localname
            if kind not in ("Canvas", "Glyphs", "Path"):
                continue
            own = self._moved(child, kind, matrix)
            if kind == "Canvas":
                if depth >= _DEEPEST:
                    raise CorruptDocument(f"{self._name} has more than {_DEEPEST} canvases in each other")
                yield from self._inside(child, own, depth + 1)
            elif kind == "Glyphs" and (run := self._run(child, own)):
                yield run
            elif kind == "Path":
                yield from self._path(child, own)

    def _moved(self, node: etree._Element, kind: str, matrix: Matrix) -> Matrix:
        told = node.get("RenderTransform") or ""
        held = node.find(f"{{*}}{kind}.RenderTransform/{{*}}MatrixTransform")
        if (found := _RESOURCE.fullmatch(told.strip())) is not None:
            held, told = self._resources.get(found[1].strip()), ""
        return within(_matrix(held.get("Matrix", "") if held is not None else told), matrix)

    def _brush(self, node: etree._Element, kind: str, name: str) -> etree._Element | str | None:
        """What an area is filled with: a colour, or an element that tells it."""
        told = (node.get(name) or "").strip()
        if (found := _RESOURCE.fullmatch(told)) is not None:
            return self._resources.get(found[1].strip())
        held = node.find(f"{{*}}{kind}.{name}")
        return told or (next(held.iterchildren(etree.Element), None) if held is not None else None)

    def _colour(self, node: etree._Element, kind: str, name: str) -> Colour | None:
        brush = self._brush(node, kind, name)
        told = brush if isinstance(brush, str) else brush.get("Color", "") if brush is not None else ""
        return colour(told) if told else None

    def _run(self, node: etree._Element, matrix: Matrix) -> Run | None:
        text = node.get("UnicodeString") or ""
        signs = tuple(signs_of(text.removeprefix("{}"), node.get("Indices") or ""))
        size = _number(node.get("FontRenderingEmSize"), 0)
        font = resolved(self._name, (node.get("FontUri") or "").partition("#")[0])
        if not signs or size <= 0:
            return None
        x, y = _number(node.get("OriginX"), 0), _number(node.get("OriginY"), 0)
        leftwards = _number(node.get("BidiLevel"), 0) % 2 == 1
        shown = self._colour(node, "Glyphs", "Fill") or (0, 0, 0, 255)
        return Run(font, size, x, y, signs, leftwards, shown, matrix)

    def _path(self, node: etree._Element, matrix: Matrix) -> Iterator[Shape | Picture]:
        brush = self._brush(node, "Path", "Fill")
        if not isinstance(brush, str) and brush is not None and etree.QName(brush).localname == "ImageBrush":
            place = [float(one) for one in _NUMBER.findall(brush.get("Viewport") or "")]
            if len(place) == 4:
                own = within(_matrix(brush.get("Transform") or ""), matrix)
                told = brush.get("ImageSource") or ""
                name = resolved(self._name, found[1] if (found := _CONVERTED.match(told)) else told)
                yield Picture(name, within((place[2], 0, 0, place[3], place[0], place[1]), own))
            return
        steps = tuple(_placed(self._geometry(node), matrix))
        fill, stroke = (seen if (seen := self._colour(node, "Path", name)) and seen[3] else None for name in ("Fill", "Stroke"))
        if steps and (fill or stroke):
            scale = abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5
            yield Shape(steps, fill, stroke, _number(node.get("StrokeThickness"), 1) * scale)

    def _geometry(self, node: etree._Element) -> Iterator[Step]:
        told = node.get("Data") or ""
        held = node.find("{*}Path.Data/{*}PathGeometry")
        if (found := _RESOURCE.fullmatch(told.strip())) is not None:
            held, told = self._resources.get(found[1].strip()), ""
        if held is None:
            yield from steps_of(told)
            return
        yield from steps_of(held.get("Figures") or "")
        for figure in held.iterchildren("{*}PathFigure"):
            start = _points(figure.get("StartPoint"))[:2]
            if len(start) < 2:
                continue
            yield "M", start
            for segment in figure.iterchildren(etree.Element):
                points = _points(segment.get("Points") or segment.get("Point"))
                size = 6 if etree.QName(segment).localname == "PolyBezierSegment" else 2
                yield from (("CL"[size == 2], points[at : at + size]) for at in range(0, len(points) - size + 1, size))
            if (figure.get("IsClosed") or "").lower() == "true":
                yield "Z", ()


def signs_of(text: str, indices: str) -> Iterator[Sign]:
    """The signs of a run (ECMA-388, 12.1.3): clusters of characters that are shown by one or more of them.

    What is told of a sign in a way that is none counts as nothing told.
    """
    at = left = 0  # characters told of, signs left of the cluster
    for told in indices.split(";") if indices else ():
        found = _INDEX.fullmatch(told.strip())
        characters, signs, number, advance, right, _ = found.groups() if found else [None] * 6
        shown = ""
        if left:
            left -= 1
        else:
            size = min(int(characters or 1), 100)
            shown, at, left = text[at : at + size], at + size, int(signs or 1) - 1
        yield Sign(
            shown,
            int(number) if number else None,
            float(advance) / 100 if advance else None,
            float(right or 0) / 100,
        )
    yield from (Sign(character) for character in text[at:])


def steps_of(data: str) -> Iterator[Step]:
    """An abbreviated path (ECMA-388, 11.2.3), in full. Arcs are straight, quadratic curves cubic."""
    command, numbers = "", list[float]()
    x = y = first_x = first_y = 0.0
    bend = 0.0, 0.0  # the last control point, for smooth curves
    for letter, number in _STEP.findall(data):
        if letter:
            command, numbers = letter, []
        else:
            numbers.append(float(number))
        kind, moved = command.upper(), command.islower()
        if not command or len(numbers) != _TAKES[kind]:
            continue
        values, numbers = numbers, []
        if kind == "Z":
            yield "Z", ()
            x, y = first_x, first_y
            continue
        if kind == "F":
            continue
        if kind in "HV":
            along = values[0] + (x if kind == "H" else y) * moved
            values = [along, y] if kind == "H" else [x, along]
        elif kind == "A":
            values = [values[5] + x * moved, values[6] + y * moved]
        elif moved:
            values = [value + (y if place % 2 else x) for place, value in enumerate(values)]
        if kind == "Q":
            (qx, qy), end = values[:2], values[2:]
            values = [
                x + 2 * (qx - x) / 3,
                y + 2 * (qy - y) / 3,
                end[0] + 2 * (qx - end[0]) / 3,
                end[1] + 2 * (qy - end[1]) / 3,
                *end,
            ]
        elif kind == "S":
            values = [2 * x - bend[0], 2 * y - bend[1], *values]
        x, y = values[-2:]
        bend = (values[2], values[3]) if len(values) == 6 else (x, y)
        if kind == "M":
            first_x, first_y = x, y
            command = "l" if moved else "L"  # what follows it without a letter
        yield ("C" if len(values) == 6 else "M" if kind == "M" else "L"), tuple(values)


def within(inner: Matrix, outer: Matrix) -> Matrix:
    """One transformation, then the other."""
    a, b, c, d, e, f = inner
    k, m, n, p, q, r = outer
    return (a * k + b * n, a * m + b * p, c * k + d * n, c * m + d * p, e * k + f * n + q, e * m + f * p + r)


def moved(x: float, y: float, by: Matrix) -> tuple[float, float]:
    """Where a point comes to."""
    return by[0] * x + by[2] * y + by[4], by[1] * x + by[3] * y + by[5]


def colour(told: str) -> Colour | None:
    """`#RRGGBB`, `#AARRGGBB`, or `sc#` with shares of one; of other ways black. None: of shares that are none."""
    told = told.strip()
    if told.startswith("sc#"):
        shares = [max(0.0, min(float(one), 1.0)) for one in _NUMBER.findall(told[3:])]
        parts = [round(255 * share ** (1 / 2.2)) for share in shares[-3:]]
        opacity = round(255 * shares[0]) if len(shares) == 4 else 255
    else:
        digits = told[1:] if re.fullmatch(r"#[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?", told) else "000000"
        parts = [int(digits[place : place + 2], 16) for place in range(len(digits) - 6, len(digits), 2)]
        opacity = int(digits[:2], 16) if len(digits) == 8 else 255
    if len(parts) != 3:
        return None
    return parts[0], parts[1], parts[2], opacity


def _placed(steps: Iterator[Step], matrix: Matrix) -> Iterator[Step]:
    for command, values in steps:
        points = (moved(values[at], values[at + 1], matrix) for at in range(0, len(values), 2))
        yield command, tuple(value for point in points for value in point)


def _matrix(told: str) -> Matrix:
    values = [float(one) for one in _NUMBER.findall(told)]
    return (values[0], values[1], values[2], values[3], values[4], values[5]) if len(values) == 6 else _SAME


def _points(told: str | None) -> tuple[float, ...]:
    return tuple(float(one) for one in _NUMBER.findall(told or ""))


def _number(told: str | None, otherwise: float) -> float:
    found = _NUMBER.match((told or "").strip())
    return float(found[0]) if found else otherwise
