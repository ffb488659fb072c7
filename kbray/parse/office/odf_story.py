"""Text of OpenDocument → elements: paragraphs, lists with the labels that their styles count out, tables, drawings, notes.

Deleted and hidden text is left out. Text boxes and pictures follow the paragraph they are anchored in. Fields of forms are text
where they stand.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from lxml import etree

from kbray.document.superscripts import raised
from kbray.model import Cell, Element
from kbray.parse.faces import CODE_STYLES, is_mono
from kbray.parse.looks import Print, Shown, quietest, titles_of
from kbray.parse.markup import mathml
from kbray.parse.markup.lists import numeral
from kbray.parse.markup.trees import content
from kbray.parse.office.fields import BOXES
from kbray.parse.office.inline import Line, in_cell, in_table
from kbray.parse.office.odf import DRAW, FORM, OFFICE, SPACE, STYLE, SVG, TABLE, TEXT, Package, integer
from kbray.parse.symbols import without_private

_WIDEST, _MOST_ROWS = 1000, 100_000  # of a table
_MOST_BLANKS = 1000
_LEFT_OUT = frozenset(
    (
        *(TEXT + name for name in ("tracked-changes", "note-citation", "sequence-decls", "hidden-text", "ruby-text")),
        *(TEXT + name for name in ("variable-decls", "user-field-decls", "index-title-template", "table-of-content-source")),
        *(OFFICE + name for name in ("annotation", "annotation-end", "forms", "event-listeners")),
        *(SVG + name for name in ("title", "desc")),
    )
)
_ELSEWHERE = _LEFT_OUT | {TEXT + "note"}  # in no line of the paragraph that holds it
_TITLES = {"Title": 1, "Subtitle": 2}
_CAPTIONS = frozenset(("Illustration", "Table", "Text", "Drawing", "Figure"))  # of LibreOffice; other programs say so:
_CAPTION = "caption"
_LISTED = re.compile(r"List_20_(?:Bullet|Number)_20_([2-9])")  # of Word, whose lists by style have one level each
_ENTRY = re.compile(r"Contents_20_([1-9])")
_ITEMS = (TEXT + "list-item", TEXT + "list-header")
_FIXED = ("fixed-text", "button", "frame")  # of forms: they show their label


@dataclass(slots=True)
class _Numbers:
    """A list style, counting."""

    levels: dict[int, etree._Element] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, style: etree._Element | None) -> "_Numbers":
        nodes = style.iterchildren(etree.Element) if style is not None else ()
        return cls({integer(node.get(TEXT + "level"), 1): node for node in nodes})

    def label(self, level: int, start: int | None = None) -> str:
        """The label of the next item; "-" for a bullet, "" where none is shown."""
        node = self._at(level)
        first = integer(node.get(TEXT + "start-value"), 1) if node is not None else 1
        self.counts[level] = self.counts.get(level, first - 1) + 1 if start is None else start
        for deeper in [deeper for deeper in self.counts if deeper > level]:
            del self.counts[deeper]
        if node is None or node.tag in (TEXT + "list-level-style-bullet", TEXT + "list-level-style-image"):
            return "-"
        if not node.get(STYLE + "num-format"):
            return ""
        shown = max(1, min(integer(node.get(TEXT + "display-levels"), 1), level))
        numbers = [self._number(place) for place in range(level - shown + 1, level + 1)]
        before, after = node.get(STYLE + "num-prefix", ""), node.get(STYLE + "num-suffix", "")
        return f"{before}{'.'.join(filter(None, numbers))}{after}".strip()

    def _at(self, level: int) -> etree._Element | None:
        """How a level is told; one that isn't is like the one above it."""
        return next((self.levels[place] for place in range(min(level, 10), 0, -1) if place in self.levels), None)

    def _number(self, level: int) -> str:
        node = self._at(level)
        form = node.get(STYLE + "num-format", "") if node is not None else ""
        return numeral(self.counts.get(level, 1), form) if form else ""


class Story:
    """Blocks of a document, a slide, a header."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._notes: list[etree._Element] = []
        self._lists: dict[str, _Numbers] = {}
        outline = package.common.find(f"{OFFICE}styles/{TEXT}outline-style") if package.common is not None else None
        self._outline = _Numbers.of(outline)

    def blocks(self, nodes: Iterable[etree._Element]) -> Iterator[Element]:
        for node in nodes:
            tag = str(node.tag)
            if tag in (TEXT + "p", TEXT + "h"):
                yield from self._paragraph(node)
            elif tag == TEXT + "list":
                yield from self._list(node, 1, "")
            elif tag == TABLE + "table":
                yield from self._table(node)
            elif tag == TEXT + "section" and _is_hidden(node):
                continue
            elif tag.startswith(DRAW):
                yield from self.drawn(node, "")
            elif tag not in _LEFT_OUT and len(node):
                yield from self.blocks(node)

    def footnotes(self) -> Iterator[Element]:
        """Notes in the order of their marks; labels count from 1."""
        number = 0
        while number < len(self._notes):
            inside = [element for body in self._notes[number].iterchildren(TEXT + "note-body") for element in self.blocks(body)]
            number += 1
            text = "\n".join(element.text for element in inside if element.text and element.kind != "image")
            formulas = tuple(one for element in inside for one in element.formulas)
            yield Element("footnote", text, marker=str(number), formulas=formulas)
            yield from (element for element in inside if element.kind == "image")

    def _paragraph(self, node: etree._Element, item: tuple[str, int] | None = None) -> Iterator[Element]:
        name = self._package.style(node.get(TEXT + "style-name"))
        code = self._is_code(node, name)
        line = Line()
        self._inline(node, line)
        text, formulas = line.text(raw=code), tuple(line.formulas)
        if text:
            if node.tag == TEXT + "h" or name in _TITLES or node in self._titles:
                yield self._heading(node, name, text, formulas, item)
            elif item is not None and item[0]:
                deeper = _LISTED.fullmatch(name)
                level = int(deeper[1]) if deeper and item[1] == 1 else item[1]
                yield Element("list_item", text, level, marker=item[0], formulas=formulas)
            elif entry := _ENTRY.fullmatch(name):
                yield Element("list_item", text, int(entry[1]), marker="-", formulas=formulas)
            elif code:
                yield Element("code", text)
            else:
                caption, alone = self._is_caption(name), len(formulas) == 1 and len(line.pieces) == 1
                yield Element("caption" if caption else "formula" if alone else "paragraph", text, formulas=formulas)
        elif item is None and self._has_code and not line.hanging:
            yield Element("code", "")  # a blank line, if it stands in a listing
        yield from line.hanging

    def _is_code(self, node: etree._Element, style: str) -> bool:
        """By its style, or all in a face of one width where most of the text is not."""
        if style.replace("_20_", " ").lower() in CODE_STYLES:
            return True
        if not self._has_code:
            return False
        told = _faces(node, self._package, False)
        return next(told, (False, 0))[0] and all(mono for mono, _ in told) and not self._is_typescript

    @cached_property
    def _is_text(self) -> bool:
        return self._package.body().tag == OFFICE + "text"

    @cached_property
    def _has_code(self) -> bool:
        """What is in a face of one width may be code: in a cell or a drawing it is none."""
        return self._package.body().tag in (OFFICE + "text", OFFICE + "presentation")

    @cached_property
    def _is_typescript(self) -> bool:
        """Most of the text is in a face of one width, which then tells nothing."""
        sizes = {True: 0, False: 0}
        for node in self._package.body().iter(TEXT + "p", TEXT + "h"):
            for mono, length in _faces(node, self._package, False):
                sizes[mono] += length
        return sizes[True] > sizes[False]

    @cached_property
    def _titles(self) -> dict[etree._Element, int]:
        """Levels of the paragraphs that their looks alone make titles: none where others are headings."""
        if not self._is_text:
            return {}
        body = self._package.body()
        if any(content(node) for node in body.iter(TEXT + "h")):
            return {}
        nodes = list(_blocks(body))
        styles = [self._package.style(node.get(TEXT + "style-name")) for node in nodes]
        shown = [self._block(node, style) for node, style in zip(nodes, styles, strict=True)]
        found = titles_of(shown, above=int(any(style in _TITLES for style in styles)))
        return {nodes[place]: level for place, level in found.items()}

    def _block(self, node: etree._Element, style: str) -> Shown:
        usual = node.tag == TEXT + "p" and not (style in _TITLES or self._is_caption(style) or _ENTRY.fullmatch(style))
        parent = node.getparent()
        item = parent is not None and parent.tag in _ITEMS
        return Shown(content(node), quietest(_prints(node, self._package, self._package.usual)) if usual else None, item)

    def _is_caption(self, style: str) -> bool:
        return any(one.lower().endswith(_CAPTION) or one in _CAPTIONS for one in self._package.like(style))

    def _heading(
        self, node: etree._Element, name: str, text: str, formulas: tuple[str, ...], item: tuple[str, int] | None
    ) -> Element:
        level = _TITLES.get(name) or self._titles.get(node) or integer(node.get(TEXT + "outline-level"), 1)
        label = item[0] if item is not None else ""
        if item is None and node.tag == TEXT + "h" and self._outline.levels and node.get(TEXT + "is-list-header") != "true":
            label = self._outline.label(level)
        if label == "-":
            label = ""
        return Element("heading", " ".join(f"{label} {text}".split()), max(1, min(level, 6)), formulas=formulas)

    def _list(self, node: etree._Element, level: int, style: str) -> Iterator[Element]:
        style = node.get(TEXT + "style-name") or style
        numbers = self._lists.setdefault(style, _Numbers.of(self._package.styles.get(style)))
        if level == 1 and node.get(TEXT + "continue-numbering") != "true" and not node.get(TEXT + "continue-list"):
            numbers.counts.clear()
        for item in node.iterchildren(*_ITEMS):
            label: str | None = None
            held: Element | None = None  # the item, whose next paragraphs are lines of it
            for child in item.iterchildren(etree.Element):
                if child.tag in (TEXT + "p", TEXT + "h"):
                    if label is None:
                        start = item.get(TEXT + "start-value")
                        counted = item.tag == TEXT + "list-item"
                        label = numbers.label(level, integer(start, 1) if start else None) if counted else ""
                    found = list(self._paragraph(child, (label, level)))
                    label = ""
                else:
                    found = list(self._list(child, level + 1, style) if child.tag == TEXT + "list" else self.blocks((child,)))
                for element in found:
                    if held is not None and element.kind == "paragraph":
                        text, formulas = f"{held.text}\n{element.text}", held.formulas + element.formulas
                        held = replace(held, text=text, formulas=formulas)
                        continue
                    if held is not None:
                        yield held
                    held = element if element.kind == "list_item" and child.tag == TEXT + "p" else None
                    if held is None:
                        yield element
            if held is not None:
                yield held

    def _table(self, node: etree._Element) -> Iterator[Element]:
        """A table of one cell is a frame: it gives its content."""
        rows = list(rows_of(node))
        cells = [cell for row, _ in rows for cell in row.iterchildren(TABLE + "table-cell")]
        if len(cells) == 1:
            yield from self.blocks(cells[0])
            return
        grid: list[Cell] = []
        late: list[Element] = []
        formulas: list[str] = []
        for number, (row, header) in enumerate(rows[:_MOST_ROWS]):
            column = 0
            for cell in row.iterchildren(TABLE + "table-cell", TABLE + "covered-table-cell"):
                times = max(1, min(integer(cell.get(TABLE + "number-columns-repeated"), 1), _WIDEST - column))
                if cell.tag == TABLE + "table-cell":
                    inside = list(self.blocks(cell))
                    late += [element for element in inside if element.kind == "image"]
                    formulas += [one for element in inside for one in element.formulas]
                    text = in_cell(inside)
                    height, width = (max(1, min(span, _WIDEST)) for span in spans_of(cell))
                    grid += [Cell(number, column + place, text, height, width, header) for place in range(times)]
                column += times
                if column >= _WIDEST:
                    break
        yield from in_table(grid, formulas)
        yield from late

    def _inline(self, node: etree._Element, line: Line) -> None:
        if self._package.hides(node.get(TEXT + "style-name")):
            return
        if node.text:
            line.pieces.append(self._shown(node.text, node))
        for child in node:
            reader = _INLINE.get(child.tag)
            if reader is not None:
                reader(self, child, line)
            elif isinstance(child.tag, str) and child.tag.startswith(DRAW) and child.tag != DRAW + "a":
                line.hanging += self.drawn(child, "", line)
            elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
                self._inline(child, line)
            if child.tail:
                line.pieces.append(self._shown(child.tail, node))

    def _shown(self, text: str, node: etree._Element) -> str:
        text = re.sub(r"\s+", " ", text)
        if text[-1:].isdecimal() and self._package.raises(node.get(TEXT + "style-name")):
            return raised(text)
        return text if text.isprintable() else without_private(text, self._package.face(node.get(TEXT + "style-name")))

    def _blanks(self, node: etree._Element, line: Line) -> None:
        line.pieces.append(" " * max(1, min(integer(node.get(TEXT + "c"), 1), _MOST_BLANKS)))

    def _break(self, node: etree._Element, line: Line) -> None:
        line.pieces.append("\n" if node.tag == TEXT + "line-break" else " ")

    def _note(self, node: etree._Element, line: Line) -> None:
        self._notes.append(node)
        line.pieces.append(f"[^{len(self._notes)}]")

    def _comment(self, node: etree._Element, line: Line) -> None:
        """The mark stands behind what the comment is to."""
        package, name = self._package, node.get(OFFICE + "name")
        if node.tag == OFFICE + "annotation" and name in package.ends and name is not None:
            package.begun[name] = node
        elif node.tag == OFFICE + "annotation":
            line.pieces.append(package.mark(node))
        elif name in package.begun:
            line.pieces.append(package.mark(package.begun.pop(name)))

    def _ruby(self, node: etree._Element, line: Line) -> None:
        self._inline(node, line)
        sound = "".join(content(text) for text in node.iterchildren(TEXT + "ruby-text"))
        if sound.strip():
            line.pieces.append(f"({sound.strip()})")

    # ------------------------------------------------------------ drawings

    def drawn(self, node: etree._Element, name: str, line: Line | None = None) -> Iterator[Element]:
        """Texts, pictures, formulas and charts in a drawing; a formula in a line of text goes into that."""
        name = node.findtext(SVG + "desc") or node.findtext(SVG + "title") or name
        shown = False
        if node.tag == DRAW + "control":
            yield from self._field(node, line)
            return
        for child in node.iterchildren(etree.Element):
            tag = child.tag
            if tag == DRAW + "object":
                found = list(self._object(child, line))
                shown = shown or bool(found) or line is not None
                yield from found
            elif tag == DRAW + "image":
                held, target = self._package.holds(child)
                if not shown and held:
                    shown = True
                    yield Element("image", " ".join(name.split()), target=target)
                yield from self.blocks(child)  # what is written over it
            elif tag.startswith((TEXT, TABLE)):
                yield from self.blocks((child,))
            elif tag.startswith(DRAW) or tag == OFFICE + "text":
                yield from self.drawn(child, name, line)

    def _field(self, node: etree._Element, line: Line | None) -> Iterator[Element]:
        """A field of a form: in its line of text, or by itself."""
        control = self._package.controls.get(node.get(DRAW + "control"))
        text = _value(control) if control is not None else ""
        if line is not None and node.get(TEXT + "anchor-type") == "as-char":
            line.pieces.append(f" {text} ")
        elif text:
            yield Element("paragraph", text)

    def _object(self, node: etree._Element, line: Line | None) -> Iterator[Element]:
        """An embedded formula or chart, by its own content."""
        root = self._package.embedded(node)
        if root is None:
            return
        if etree.QName(root).localname == "math":
            text, source = mathml.text_of(root), mathml.source_of(root)
            if line is not None and text:
                line.pieces.append(text)
                line.formulas.append(source)
            elif text:
                yield Element("formula", text, formulas=(source,))
            return
        for title in root.iter(*(f"{SPACE}chart:1.0}}{name}" for name in ("title", "subtitle", "footer"))):
            if text := content(title):
                yield Element("caption", text)
        for table in root.iter(TABLE + "table"):
            yield from self._table(table)


_INLINE: dict[object, Callable[[Story, etree._Element, Line], None]] = {
    TEXT + "s": Story._blanks,
    TEXT + "tab": Story._break,
    TEXT + "line-break": Story._break,
    TEXT + "note": Story._note,
    OFFICE + "annotation": Story._comment,
    OFFICE + "annotation-end": Story._comment,
    TEXT + "ruby": Story._ruby,
}


def _faces(node: etree._Element, package: Package, mono: bool) -> Iterator[tuple[bool, int]]:
    """Of each piece of text of a paragraph whether its face has letters of one width, and its length."""
    face = package.face(node.get(TEXT + "style-name"))
    mono = mono if face is None else is_mono(face)
    if node.text and not node.text.isspace():
        yield mono, len(node.text)
    for child in node.iterchildren(etree.Element):
        if child.tag.startswith(TEXT) and child.tag not in _ELSEWHERE:
            yield from _faces(child, package, mono)
        if child.tail and not child.tail.isspace():
            yield mono, len(child.tail)


def _prints(node: etree._Element, package: Package, around: Print) -> Iterator[Print]:
    """How each piece of text of a paragraph looks."""
    around = package.print(node.get(TEXT + "style-name")).over(around)
    if node.text and not node.text.isspace():
        yield around
    for child in node.iterchildren(etree.Element):
        if child.tag.startswith(TEXT) and child.tag not in _ELSEWHERE:
            yield from _prints(child, package, around)
        if child.tail and not child.tail.isspace():
            yield around


def _blocks(node: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables, whatever they are wrapped in."""
    for child in node.iterchildren(etree.Element):
        if child.tag in (TEXT + "p", TEXT + "h", TABLE + "table"):
            yield child
        elif child.tag.startswith(TEXT) and child.tag not in _LEFT_OUT:
            yield from _blocks(child)


def _is_hidden(section: etree._Element) -> bool:
    """Whether a section is not shown now; a condition that it depends on may show it."""
    display = section.get(TEXT + "display")
    return display == "none" or (display == "condition" and section.get(TEXT + "is-hidden") == "true")


def _value(control: etree._Element) -> str:
    """What a field of a form shows: its label, what was filled in, what was chosen; all choices where nothing was."""
    kind = control.tag.removeprefix(FORM)
    told = control.get(FORM + "label", "")
    if kind in _FIXED:
        return told
    if kind in ("checkbox", "radio"):
        chosen = _is_chosen(control)
        return f"{BOXES[chosen]} {told}"
    if kind in ("password", "hidden"):
        return ""
    if kind == "listbox":
        options = list(control.iterchildren(FORM + "option"))
        chosen_ones = [option for option in options if _is_chosen(option)]
        return " / ".join(filter(None, (option.get(FORM + "label", "") for option in chosen_ones or options)))
    filled = control.get(FORM + "current-value") or control.get(FORM + "value") or ""
    choices = " / ".join(filter(None, (item.get(FORM + "label", "") for item in control.iterchildren(FORM + "item"))))
    return filled or choices


def _is_chosen(field: etree._Element) -> bool:
    """As it was filled in; untouched, as it was meant to be at first."""
    for what in ("state", "selected"):
        told = field.get(f"{FORM}current-{what}") or field.get(FORM + what)
        if told is not None:
            return told in ("checked", "true")
    return False


def spans_of(cell: etree._Element) -> tuple[int, int]:
    """Rows and columns."""
    rows, columns = (integer(cell.get(f"{TABLE}number-{what}-spanned"), 1) for what in ("rows", "columns"))
    return rows, columns


def rows_of(table: etree._Element, *, header: bool = False) -> Iterator[tuple[etree._Element, bool]]:
    """The rows of a table, not of those in it, and whether they are its head."""
    for child in table.iterchildren(etree.Element):
        if child.tag == TABLE + "table-row":
            yield child, header
        elif child.tag in (TABLE + "table-header-rows", TABLE + "table-rows", TABLE + "table-row-group"):
            yield from rows_of(child, header=header or child.tag == TABLE + "table-header-rows")
