"""Texts of iWork of 2005 to 2012 → elements: paragraphs by their styles, lists, notes, comments, what is anchored."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from kbray.model import Element, Kind
from kbray.parse import comments
from kbray.parse.comments import Comment
from kbray.parse.faces import is_mono
from kbray.parse.iwork.old.tree import Node, Tree, attribute, child, children, name, number
from kbray.parse.iwork.styles import Label, level_of
from kbray.parse.markup.lists import numeral
from kbray.parse.office.inline import Line, joined

_BREAKS = frozenset(("br", "lnbr", "crbr", "intratopicbr"))
_ENDS = frozenset(("pgbr", "contbr", "sectbr", "page-start"))
_FIELDS = frozenset(("page-number", "page-count"))
_LEFT_OUT = frozenset(
    ("stylesheet-ref", "insertion-point", "selection-start", "selection-end", "container-hint", "footnote-mark")
)
_ANCHORED = frozenset(("attachment", "attachment-ref"))
_NOTES = frozenset(("footnote", "footnotebr"))
_REMARKED = frozenset(("annotation-field", "annotation-field-ref"))
_FORMS = {"decimal": "1", "lower-alpha": "a", "upper-alpha": "A", "lower-roman": "i", "upper-roman": "I"}
_DEEPEST = 100
_STYLES_ABOVE = 30


@dataclass(frozen=True, slots=True)
class _Style:
    level: int = 0  # of a heading
    caption: bool = False
    code: bool = False
    listed: Node | None = None  # the style of its list


class Stories:
    """The texts of a document, each read once.

    Args: titled: whether captions are such. level: that of items of the first kind in the style of a list; in Keynote titles,
        which have no labels, come before them.
    """

    def __init__(self, tree: Tree, *, titled: bool = False, level: int = 1) -> None:
        self._first = level
        self.tree = tree
        self.anchored: Callable[[Node], Iterator[Element]] = lambda _: iter(())
        self._titled = titled
        self._read: set[Node] = set()
        self._styles: dict[str, _Style] = {}
        self._notes: list[str] = []  # whose marks come in this order
        self._marked = 0
        self._notes_told = 0
        self._remarks: list[Comment] = []
        self._remarks_told = 0
        self._remarked = {
            attribute(one, "target"): one for group in tree.root.iter("{*}annotations") for one in children(group, "annotation")
        }

    def elements(self, storage: Node | None) -> Iterator[Element]:
        """The blocks of a `text-storage`, or of what holds one; none where it was read before."""
        if storage is not None and name(storage) != "text-storage" and child(storage, "text-body") is None:
            storage = next(storage.iter("{*}text-storage"), None)
        if storage is None or storage in self._read:
            return iter(())
        self._read.add(storage)
        return joined(self._blocks(storage))

    def lines(self, storage: Node | None) -> str:
        return "\n".join(one.text for one in self.elements(storage) if one.text and one.kind != "image")

    def running(self, storages: list[Node], kind: Kind) -> Iterator[Element]:
        """Headers or footers; what was shown before is not repeated."""
        for line in dict.fromkeys(line for one in storages for line in self.lines(one).split("\n") if line):
            yield Element(kind, line)

    def notes(self) -> Iterator[Element]:
        """Notes and comments that weren't told before; their labels count from 1."""
        while self._notes_told < len(self._notes):
            self._notes_told += 1
            yield Element("footnote", self._notes[self._notes_told - 1], marker=str(self._notes_told))
        while self._remarks_told < len(self._remarks):
            self._remarks_told += 1
            yield comments.note(self._remarks[self._remarks_told - 1], self._remarks_told)

    def remark(self, text: str, who: str | None = None, when: str | None = None) -> str:
        """The mark of a comment, which is counted."""
        if not text:
            return ""
        self._remarks.append(Comment(text, who, when))
        return comments.mark(len(self._remarks))

    # ------------------------------------------------------------ paragraphs

    def _blocks(self, storage: Node) -> Iterator[Element]:
        body = child(storage, "text-body")
        if (notes := child(storage, "footnotes")) is not None:
            self._notes += _parted(notes)
        counts: dict[int, int] = {}
        for paragraph in _paragraphs(body, 0) if body is not None else ():
            line = Line()
            self._inline(paragraph, line, 0)
            style = self._style(attribute(paragraph, "style"))
            yield from self._paragraph(paragraph, line, style, counts)
            yield from line.hanging

    def _paragraph(self, node: Node, line: Line, style: _Style, counts: dict[int, int]) -> Iterator[Element]:
        text = line.text(raw=style.code)
        level = max(int(min(number(node, "list-level"), 9)), 1)
        label = self._label(style, level)
        if label is None or label.form is None:
            for deeper in [one for one in counts if one >= level or label is None]:
                del counts[deeper]
        if not text:
            if style.code:
                yield Element("code", "")
        elif style.level:
            yield Element("heading", " ".join(text.split("\n")), style.level)
        elif label is not None:
            marker = "-"
            if label.form is not None:
                count = counts[level] = 1 if attribute(node, "restart-list") == "true" else counts.get(level, 0) + 1
                for deeper in [one for one in counts if one > level]:
                    del counts[deeper]
                marker = re.sub("[1aAiI]", lambda found: numeral(count, found[0]), label.form)
            yield Element("list_item", text, level, marker=marker)
        elif style.caption and self._titled:
            yield Element("caption", text)
        else:
            yield Element("code" if style.code else "paragraph", text)

    def _inline(self, node: Node, line: Line, depth: int) -> None:
        if depth > _DEEPEST:
            return
        line.pieces.append(_folded(node.text))
        for one in children(node):
            kind = name(one)
            if kind in _BREAKS | _ENDS:
                line.pieces.append("\n")
            elif kind == "tab":
                line.pieces.append(" ")
            elif kind in _FIELDS:
                line.pieces.append(attribute(one, "value") or "")
            elif kind in _ANCHORED:
                for drawable in children(self.tree.meant(one)):
                    line.hanging += self.anchored(drawable)
            elif kind in _NOTES:
                self._marked += 1
                line.pieces.append(f"[^{self._marked}]" if self._marked <= len(self._notes) else "")
            elif kind in _REMARKED and (meant := self._followed(one)) is not None:
                self._inline(meant, line, depth + 1)
                line.pieces.append(self._annotation(meant))
            elif kind not in _LEFT_OUT and (meant := self._followed(one)) is not None:
                self._inline(meant, line, depth + 1)
            line.pieces.append(_folded(one.tail))

    def _followed(self, node: Node) -> Node | None:
        """What a node stands for; None: it was there before, as references may go in circles."""
        meant = self.tree.meant(node)
        if meant is not node:
            if meant in self._read:
                return None
            self._read.add(meant)
        return meant

    def _annotation(self, field: Node) -> str:
        told = self._remarked.pop(attribute(field, "ID"), None)
        if told is None:
            return ""
        return self.remark(self.lines(told), attribute(told, "author"), attribute(told, "date"))

    # ------------------------------------------------------------ styles

    def _style(self, told: str | None) -> _Style:
        known = self._styles.get(told or "")
        if known is None:
            known = self._styles[told or ""] = self._read_style(told)
        return known

    def _read_style(self, told: str | None) -> _Style:
        names: list[str] = []
        outline: int | None = None
        listed: Node | None = None
        face = ""
        for style in self._chain(told):
            names += filter(None, (attribute(style, "name"), attribute(style, "ident")))
            properties = child(style, "property-map")
            level = child(properties, "outlineLevel", "number")
            outline = int(number(level, "number")) if outline is None and level is not None else outline
            font = child(properties, "fontName", "string")
            face = face or (attribute(font, "string") or "" if font is not None else "")
            holder = child(properties, "listStyle")
            if listed is None and holder is not None:
                listed = next((self.tree.meant(one) for one in children(holder)), None)
        if any("body" in one.casefold() for one in names[:1]):
            outline = None
        return _Style(level_of(names, outline), any(one.casefold() == "caption" for one in names), is_mono(face), listed)

    def _chain(self, told: str | None) -> Iterator[Node]:
        """A style and those that it takes after, nearest first."""
        style: Node | None = None
        for _ in range(_STYLES_ABOVE):
            style = self.tree.style(told, style)
            if style is None:
                return
            yield style
            told = attribute(style, "parent-ident")

    def _label(self, style: _Style, level: int) -> Label | None:
        """How the items of a level, from 1, are labelled; None: they are none."""
        listed = style.listed
        for _ in range(_STYLES_ABOVE):
            if listed is None:
                return None
            types = child(listed, "property-map", "listLabelTypes")
            array = next((self.tree.meant(one) for one in children(types)), None) if types is not None else None
            told = [self.tree.meant(one) for one in children(array)] if array is not None else []
            if told:
                kind = told[min(level - self._first, len(told) - 1)]
                if attribute(kind, "type") in (None, "none"):
                    return None
                text = next((self.tree.meant(one) for one in children(kind) if name(one).startswith("text-label")), None)
                form = _FORMS.get(attribute(text, "type") or "") if text is not None else None
                pattern = (attribute(text, "format") or "%L.") if text is not None else ""
                return Label(pattern.replace("%P", "").replace("%L", form) if form else None)
            listed = self.tree.style(attribute(listed, "parent-ident"), listed)
        return None


def _paragraphs(node: Node, depth: int) -> Iterator[Node]:
    """Those of a body, wherever sections and layouts put them; text that stands in none makes one."""
    for one in children(node):
        if name(one) == "p":
            yield one
        elif depth < _DEEPEST:
            yield from _paragraphs(one, depth + 1)


def _parted(notes: Node) -> list[str]:
    """The texts of footnotes, each of which begins with its mark or ends with a break."""
    found: list[list[str]] = []
    for node in notes.iter(etree.Element):
        if name(node) == "footnote-mark" or not found:
            found.append([])
        found[-1].append(_folded(node.text) if name(node) not in _LEFT_OUT else "")
        found[-1].append(" " if name(node) in _BREAKS | _NOTES | {"tab"} else "")
        found[-1].append(_folded(node.tail))
    return [text for text in (" ".join("".join(pieces).split()) for pieces in found) if text]


def _folded(text: str | None) -> str:
    return " ".join(text.split("\n")) if text else ""
