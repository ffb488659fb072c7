"""What is drawn in documents of iWork of 2005 to 2012 → elements: texts in shapes, pictures, groups, tables, charts."""

from collections.abc import Callable, Iterable, Iterator

from kbray.document.tables import table_from_rows, table_text
from kbray.model import Element
from kbray.parse.iwork.old import tables
from kbray.parse.iwork.old.story import Stories
from kbray.parse.iwork.old.tree import Node, attribute, child, children, name, number
from kbray.parse.office.reading_order import Box, reading_order

TITLE = "title-placeholder"
_SHAPES = frozenset(("drawable-shape", "shape", "body-placeholder", TITLE, "object-placeholder", "textbox", "text-shape"))
_PICTURES = frozenset(("image", "media"))
_DEEPEST = 40
_MOST_POINTS = 100_000


class Drawn:
    """The drawables of a document, each shown once. holds: whether there is a member of this name in the package."""

    def __init__(self, stories: Stories, holds: Callable[[str], bool]) -> None:
        self._stories = stories
        self._holds = holds
        self._seen: set[Node] = set()
        stories.anchored = self.elements

    def elements(self, node: Node, depth: int = 0) -> Iterator[Element]:
        node = self._stories.tree.meant(node)
        if node in self._seen or depth > _DEEPEST:
            return
        self._seen.add(node)
        kind = name(node)
        if kind == TITLE:
            if text := " ".join(self._stories.lines(node).split()):
                yield Element("heading", text, 1)
        elif kind in _SHAPES:
            yield from self._stories.elements(child(node, "text"))
        elif kind in _PICTURES:
            target = next(filter(None, (attribute(one, "path") for one in self._files(node))), None)
            yield Element("image", target=target if target and self._holds(target) else None)
        elif kind == "group":
            yield from self.in_order(children(node), self._box(node).bottom, depth + 1)
        elif kind == "tabular-info":
            model = next(node.iter("{*}tabular-model"), None)
            yield from tables.elements(self._stories, model) if model is not None else ()
        elif kind == "chart-info":
            yield from _chart(node)
        elif kind == "sticky-note":
            yield Element("paragraph", self._stories.remark(self._stories.lines(node)))
        elif kind.endswith("-group") or kind == "drawables":
            for one in children(node):
                yield from self.elements(one, depth + 1)

    def _files(self, node: Node) -> Iterator[Node]:
        for one in node.iter("{*}data", "{*}data-ref"):
            yield self._stories.tree.meant(one)

    def in_order(self, nodes: Iterable[Node], height: float, depth: int = 0) -> Iterator[Element]:
        """What several show, titles first, the rest in the order in which one reads a slide of this height."""
        told: list[list[Element]] = []
        placed: list[tuple[int, Box]] = []
        for node in nodes:
            if found := list(self.elements(node, depth)):
                meant = self._stories.tree.meant(node)
                told.append(found)
                placed.append((0 if name(meant) == TITLE else 1, self._box(meant)))
        for index in reading_order(placed, max(height, 1.0)):
            yield from told[index]

    def _box(self, node: Node) -> Box:
        frame = child(node, "geometry")
        corner, size = child(frame, "position"), child(frame, "size")
        top, left = (number(corner, side) if corner is not None else 0.0 for side in ("y", "x"))
        height, width = (number(size, side) if size is not None else 0.0 for side in ("h", "w"))
        return Box(top, left, top + height, left + width)


def _chart(node: Node) -> Iterator[Element]:
    """The names of its rows and columns, and its values."""
    rows, columns = ([attribute(one, "string") or "" for one in _within(node, tag, "string")] for tag in _AXES)
    data = next(node.iter("{*}chart-data"), None)
    lines = (
        [one for one in data.iter("{*}mutable-array", "{*}array") if child(one, "number") is not None] if data is not None else []
    )
    values = [[attribute(one, "number") or "" for one in children(line, "number")] for line in lines]
    if values and sum(map(len, values)) <= _MOST_POINTS:
        named = [[rows[place] if place < len(rows) else "", *line] for place, line in enumerate(values)]
        table = table_from_rows([["", *columns], *named], header_rows=1)
        yield Element("table", table_text(table), table=table)
    elif text := " ".join(" ".join((*rows, *columns)).split()):
        yield Element("paragraph", text)


_AXES = ("chart-row-names", "chart-column-names")


def _within(node: Node, tag: str, leaf: str) -> Iterator[Node]:
    holder = next(node.iter("{*}" + tag), None)
    return iter(()) if holder is None else holder.iter("{*}" + leaf)
