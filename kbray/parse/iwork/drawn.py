"""What is drawn in documents of iWork '13 and later → elements: texts in shapes, pictures, groups, tables, charts, captions."""

from collections.abc import Iterable, Iterator

from kbray.document.tables import table_from_rows, table_text
from kbray.errors import CorruptDocument
from kbray.model import Element
from kbray.parse.iwork.objects import Objects
from kbray.parse.iwork.story import Stories
from kbray.parse.iwork.tables import Tables
from kbray.parse.iwork.wire import Message
from kbray.parse.office.reading_order import Box, reading_order

_PLACEHOLDERS = frozenset((7, 12, 10011))
_CAPTION, _SHAPE, _NOTE, _CONTENTS = 633, 2011, 2014, 2240
_IMAGE, _MOVIE, _GROUP, _CONNECTION = 3005, 3007, 3008, 3009
_FLOW, _TABLE, _TABLE_IN_TEXT = 2410, 6000, 6007
_TABLES = frozenset((_TABLE, _TABLE_IN_TEXT))
_CHART = 5021
_CHART_MODEL = 10000  # field of TSCH.ChartDrawableArchive, an extension
_DEPTH = {_SHAPE: 2, _CONNECTION: 2, _NOTE: 3, _CAPTION: 3, _CONTENTS: 3, _TABLE_IN_TEXT: 2} | dict.fromkeys(_PLACEHOLDERS, 3)
"""How many times the drawable that a message extends is within another one; once where nothing is told."""
_PICTURE = (11, 15, 13, 12)  # fields of TSD.ImageArchive: as shown, adjusted, as it came, small
_DEEPEST = 40  # groups within each other
_MOST_POINTS = 100_000  # of a chart


class Drawn:
    """The drawables of a document, each of which is read once."""

    def __init__(self, stories: Stories) -> None:
        self._stories = stories
        self._objects: Objects = stories.objects
        self.tables = Tables(stories)
        self._seen: set[int] = set()
        self._depth = 0
        stories.anchored = self.elements

    def elements(self, number: int) -> Iterator[Element]:
        """What a drawable shows; nothing where it was shown before, or is of a kind that holds no text.

        Raises: CorruptDocument: groups go more than 40 deep.
        """
        if number in self._seen or number not in self._objects:
            return
        self._seen.add(number)
        if self._depth >= _DEEPEST:
            raise CorruptDocument(f"more than {_DEEPEST} drawings within each other")
        self._depth += 1
        kind, message = self._objects.kind(number), self._objects.message(number)
        base = _base(kind, message)
        yield from self._titles(base, 10, 12)
        yield from self._shown(number, kind, message, base)
        yield from self._titles(base, 11, 13)
        if mark := self._stories.remark(base.reference(6)):
            yield Element("paragraph", mark)
        self._depth -= 1

    def in_order(self, numbers: Iterable[int], height: float, first: frozenset[int] = frozenset()) -> Iterator[Element]:
        """What several show, in the order in which one reads a slide or sheet of this height, `first` before all."""
        told: list[list[Element]] = []
        placed: list[tuple[int, Box]] = []
        for number in numbers:
            if found := list(self.elements(number)):
                told.append(found)
                placed.append((0 if number in first else 1, self._box(number)))
        for index in reading_order(placed, max(height, 1.0)):
            yield from told[index]

    def storage(self, number: int) -> int:
        """The text of a shape; 0: it has none."""
        shape = self._objects.message(number)
        for _ in range(_DEPTH.get(self._objects.kind(number), 2) - 2):
            shape = shape.message(1)
        flow = shape.reference(3)
        if self._objects.kind(flow) == _FLOW:
            return self._objects.message(flow).reference(1)
        return shape.reference(4) or shape.reference(2)

    def _box(self, number: int) -> Box:
        frame = _base(self._objects.kind(number), self._objects.message(number)).message(1)
        corner, size = frame.message(1), frame.message(2)
        top, left, height, width = (_finite(one) for one in (corner.real(2), corner.real(1), size.real(2), size.real(1)))
        return Box(top, left, top + height, left + width)

    def _titles(self, base: Message, field: int, hidden: int) -> Iterator[Element]:
        caption = base.reference(field)
        if caption and not base.number(hidden) and self._objects.kind(caption) == _CAPTION and caption not in self._seen:
            self._seen.add(caption)
            if text := self._stories.lines(self.storage(caption)):
                yield Element("caption", text)

    def _shown(self, number: int, kind: int, message: Message, base: Message) -> Iterator[Element]:
        if kind == _GROUP:
            yield from self.in_order(message.references(2), _finite(base.message(1).message(2).real(2)))
        elif kind == _IMAGE:
            target = next(filter(None, (self._objects.file(message.reference(field)) for field in _PICTURE)), None)
            yield Element("image", " ".join(base.text(8).split()), target=target)
        elif kind in _TABLES:
            info = message if kind == _TABLE else message.message(1)
            yield from self.tables.elements(info.reference(2), named=True)
        elif kind == _CHART:
            yield from _chart(message.message(_CHART_MODEL))
        elif kind == _CONTENTS:
            yield from self._contents(message.references(3))
        elif kind in (_MOVIE, _NOTE):
            text = self._stories.remark(message.reference(2)) if kind == _NOTE else " ".join(base.text(8).split())
            yield from (Element("paragraph", text),) if text else ()
        elif kind in _DEPTH:
            yield from self._stories.elements(self.storage(number))

    def _contents(self, entries: list[int]) -> Iterator[Element]:
        """A table of contents."""
        for entry in map(self._objects.message, entries):
            if text := " ".join(entry.text(4).split()):
                yield Element("list_item", text, min(entry.number(8), 8) + 1, marker="-")


def _base(kind: int, message: Message) -> Message:
    """The TSD.DrawableArchive in it."""
    for _ in range(_DEPTH.get(kind, 1)):
        message = message.message(1)
    return message


def _chart(model: Message) -> Iterator[Element]:
    """The values that TSCH.ChartArchive has in its grid, rows being series where it says nothing else."""
    grid = model.message(7)
    rows, columns = grid.texts(1), grid.texts(2)
    values = [[_value(cell) for cell in row.messages(1)] for row in grid.messages(3)]
    if not values or sum(map(len, values)) > _MOST_POINTS or not any(any(row) for row in values):
        return
    lines = [["", *columns], *([rows[place] if place < len(rows) else "", *row] for place, row in enumerate(values))]
    table = table_from_rows(lines, header_rows=1)
    yield Element("table", table_text(table), table=table)


def _value(cell: Message) -> str:
    return f"{cell.real(1):.15g}" if 1 in cell else ""


def _finite(value: float) -> float:
    return value if abs(value) < 1e7 else 0.0
