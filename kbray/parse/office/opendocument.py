"""ODT, ODP, ODS and ODG, zipped or flat, → elements, from the XML of OpenDocument: what an office program shows, in its order.

Lists and headings have the labels that their styles count out. Deleted and hidden text is left out. Text boxes and
pictures follow the paragraph they are anchored in, notes and comments come at the end. Fields of forms are text where they stand.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from kbray.config import MiB, Settings
from kbray.document.tables import table_text
from kbray.errors import CorruptDocument, DocumentTooLarge
from kbray.model import Cell, Element, Metadata, Parsed, Table, Unit
from kbray.parse.archive import Archive
from kbray.parse.markup import mathml
from kbray.parse.markup.lists import numeral
from kbray.parse.markup.trees import content
from kbray.parse.media import FLAT, FODG, FODP, ODG, ODP
from kbray.parse.office import comments
from kbray.parse.office.comments import Comment
from kbray.parse.office.inline import Line, in_cell
from kbray.parse.office.ooxml import parsed
from kbray.parse.office.reading_order import Box, reading_order
from kbray.parse.office.spreadsheet import Range, Sheet

ENGINE = "opendocument"
ERRORS: tuple[type[Exception], ...] = ()
_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:"
TEXT, TABLE, DRAW, OFFICE, STYLE = (f"{_SPACE}{name}:1.0}}" for name in ("text", "table", "drawing", "office", "style"))
SVG, SHOW, META, FORM = (f"{_SPACE}{name}:1.0}}" for name in ("svg-compatible", "presentation", "meta", "form"))
_HREF = "{http://www.w3.org/1999/xlink}href"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_NAME = STYLE + "name"
_DEEPEST = 20  # styles with parents
_WIDEST, _MOST_ROWS = 1000, 100_000  # of a table
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of a sheet
_MOST_BLANKS = 1000
_PAGES = {ODP: "slide", FODP: "slide", ODG: "page", FODG: "page"}
_PICTURE = re.compile(rb"(?<=:binary-data>)[^<]+")  # within a flat document
_LEFT_OUT = frozenset(
    (
        *(TEXT + name for name in ("tracked-changes", "note-citation", "sequence-decls", "hidden-text", "ruby-text")),
        *(TEXT + name for name in ("variable-decls", "user-field-decls", "index-title-template", "table-of-content-source")),
        *(OFFICE + name for name in ("annotation", "annotation-end", "forms", "event-listeners")),
        *(SVG + name for name in ("title", "desc")),
    )
)
_TITLES = {"Title": 1, "Subtitle": 2}
_CAPTIONS = frozenset(("Caption", "Illustration", "Table", "Text", "Drawing", "Figure"))
_ENTRY = re.compile(r"Contents_20_([1-9])")
_LENGTH = re.compile(r"(-?[0-9.]+)(cm|mm|in|pt)")
_CENTIMETRES = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72}
_FIXED = ("fixed-text", "button", "frame")  # of forms: they show their label
_BOXES = {False: "\u2610", True: "\u2612"}
_HEIGHT_CM = 17.5  # of a slide
_MOVED = re.compile(r"translate\s*\(\s*(\S+)\s+(\S+?)\s*\)")


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: lxml.etree.XMLSyntaxError, CorruptDocument: a part is damaged."""
    with _opened(path, media_type, limits) as parts:
        package = _Package(parts)
        body = package.body()
        if media_type in _PAGES:
            slides = [tuple(_commented(package, page)) for page in body.iter(DRAW + "page")]
            names = [f"{_PAGES[media_type]} {number}" for number in range(1, len(slides) + 1)]
            elements = tuple(
                replace(element, page=number, chapter=name)
                for number, (name, slide) in enumerate(zip(names, slides, strict=True), start=1)
                for element in slide
            )
            units = tuple(Unit(name, _characters(slide)) for name, slide in zip(names, slides, strict=True))
        else:
            story = _Story(package)
            running = list(_running(package))
            headers = [element for element in running if element.kind == "header"]
            footers = [element for element in running if element.kind == "footer"]
            elements = (*headers, *_joined(story.blocks(body)), *footers, *story.footnotes(), *package.remarks())
            units = (Unit("whole", _characters(elements)),)
        return Parsed(ENGINE, elements, units, _metadata(parts))


def sheets(path: Path, media_type: str, limits: Settings) -> Iterator[Sheet]:
    """The sheets of an ODS; cells have the text that they show.

    Raises: as `read`.
    """
    with _opened(path, media_type, limits) as parts:
        package = _Package(parts)
        for table in package.body().iterchildren(TABLE + "table"):
            sheet = Sheet(table.get(TABLE + "name", ""), iter(()))
            style = package.styles.get(table.get(TABLE + "style-name", ""))
            shown = style.find(STYLE + "table-properties") if style is not None else None
            sheet.hidden = shown is not None and shown.get(TABLE + "display") == "false"
            sheet.rows = _sheet_rows(package, table, sheet)
            yield sheet


def metadata(path: Path, media_type: str, limits: Settings) -> Metadata:
    """What a document says of itself. Raises: as `read`."""
    with _opened(path, media_type, limits) as parts:
        return _metadata(parts)


def _characters(elements: Iterable[Element]) -> int:
    return sum(len(element.text) for element in elements)


def _joined(elements: Iterator[Element]) -> Iterator[Element]:
    """Lines of code that follow each other are one element."""
    last: Element | None = None
    for element in elements:
        if last is not None and last.kind == element.kind == "code":
            last = replace(last, text=f"{last.text}\n{element.text}")
            continue
        if last is not None:
            yield last
        last = element
    if last is not None:
        yield last


class _Zipped:
    """The parts of a package."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def tree(self, name: str) -> etree._Element | None:
        member = self._archive.find(name)
        return None if member is None else parsed(self._archive.read(member))

    def has(self, name: str) -> bool:
        return self._archive.find(name) is not None


class _Flat:
    """A document of one file, which is each of the parts that it would have in a package."""

    def __init__(self, path: Path, limits: Settings) -> None:
        data = _PICTURE.sub(b"", path.read_bytes())
        if len(data) > limits.max_member_bytes:
            most = f"{limits.max_member_bytes / MiB:.0f} MiB of max_member_bytes"
            raise DocumentTooLarge(f"The XML has {len(data) / MiB:.0f} MiB, more than the {most}.")
        self._root = parsed(data)

    def tree(self, name: str) -> etree._Element | None:
        return self._root if name in ("content.xml", "styles.xml", "meta.xml") else None

    def has(self, name: str) -> bool:
        return False


@contextmanager
def _opened(path: Path, media_type: str, limits: Settings) -> Iterator[_Zipped | _Flat]:
    if media_type in FLAT:
        yield _Flat(path, limits)
        return
    with Archive(path, limits) as archive:
        yield _Zipped(archive)


class _Package:
    """What all stories of a document share: styles, forms, comments."""

    def __init__(self, parts: _Zipped | _Flat) -> None:
        self._parts = parts
        self._comments: list[Comment] = []
        self._told = 0  # of them
        self.document = parts.tree("content.xml")
        self.common = parts.tree("styles.xml")
        roots = [root for root in dict.fromkeys((self.common, self.document)) if root is not None]
        groups = [group for root in roots for group in root.iterchildren(OFFICE + "styles", OFFICE + "automatic-styles")]
        found = [node for group in groups for node in group.iter(STYLE + "style", TEXT + "list-style")]
        self.styles = {node.get(_NAME, ""): node for node in found}
        forms = [node for root in roots for form in root.iter(OFFICE + "forms") for node in form.iter(etree.Element)]
        self.controls = {node.get(FORM + "id") or node.get(_ID): node for node in forms}
        self.ends = {node.get(OFFICE + "name") for root in roots for node in root.iter(OFFICE + "annotation-end")}
        self.begun: dict[str | None, etree._Element] = {}  # comments to what isn't at its end yet
        self._hidden: dict[str | None, bool] = {}  # styles by name

    def mark(self, annotation: etree._Element) -> str:
        """What refers to a comment in the text; `remarks` will tell it."""
        self._comments.append(_comment(annotation))
        return comments.mark(len(self._comments))

    def remarks(self) -> Iterator[Element]:
        """The comments that were marked since the last call."""
        for name in list(self.begun):
            self.mark(self.begun.pop(name))  # its end is hidden
        first, self._told = self._told, len(self._comments)
        for number in range(first, self._told):
            yield comments.note(self._comments[number], number + 1)

    def holds(self, picture: etree._Element) -> tuple[bool, str | None]:
        """Whether a picture is in the document, and the part that it is, if it is one."""
        target = posixpath.normpath(picture.get(_HREF, "")).lstrip("/")
        if self._parts.has(target):
            return True, target
        return picture.find(OFFICE + "binary-data") is not None, None

    def embedded(self, node: etree._Element) -> etree._Element | None:
        """The root of the formula or chart that an object is."""
        href = node.get(_HREF)
        if href is None:
            return next(node.iterchildren(etree.Element), None)
        return self._parts.tree(posixpath.join(posixpath.normpath(href), "content.xml"))

    def master(self, name: str | None) -> Iterator[etree._Element]:
        """What stands on all slides of this kind."""
        for page in self.common.iter(STYLE + "master-page") if self.common is not None else ():
            if page.get(_NAME) == name:
                yield from page.iterchildren(DRAW + "frame")

    def footer(self, page: etree._Element) -> str:
        """What a slide shows at its foot of what the presentation declares once for all."""
        style = self.styles.get(page.get(DRAW + "style-name", ""))
        told = style.find(STYLE + "drawing-page-properties") if style is not None else None
        if told is None or told.get(SHOW + "display-footer") != "true":
            return ""
        name, declared = page.get(SHOW + "use-footer-name"), self.body().iterchildren(SHOW + "footer-decl")
        return next((content(one) for one in declared if one.get(SHOW + "name") == name), "")

    def body(self) -> etree._Element:
        """What is below `office:body`. Raises: CorruptDocument: there is none."""
        body = self.document.find(OFFICE + "body") if self.document is not None else None
        if body is None or not len(body):
            raise CorruptDocument("The document has no body.")
        return body[0]

    def style(self, name: str | None) -> str:
        """The name of the common style that an automatic one takes after."""
        for _ in range(_DEEPEST):
            node = self.styles.get(name or "")
            group = node.getparent() if node is not None else None
            if node is None or group is None or group.tag != OFFICE + "automatic-styles":
                break
            name = node.get(STYLE + "parent-style-name")
        return name or ""

    def like(self, name: str | None) -> Iterator[str]:
        """The names of a style and of those it takes after."""
        for _ in range(_DEEPEST):
            if not name:
                return
            yield name
            node = self.styles.get(name)
            name = node.get(STYLE + "parent-style-name") if node is not None else None

    def hides(self, name: str | None) -> bool:
        """Whether text of this style is not shown."""
        if name not in self._hidden:
            told = (self.styles[one].find(STYLE + "text-properties") for one in self.like(name) if one in self.styles)
            displays = (one.get(TEXT + "display") for one in told if one is not None)
            self._hidden[name] = next(filter(None, displays), "") == "none"
        return self._hidden[name]


def _metadata(parts: _Zipped | _Flat) -> Metadata:
    root = parts.tree("meta.xml")
    told = root.find(OFFICE + "meta") if root is not None else None

    def said(tag: str) -> str | None:
        return (" ".join((told.findtext(tag) or "").split()) or None) if told is not None else None

    author = said(META + "initial-creator") or said(_DC + "creator")
    return Metadata(
        title=said(_DC + "title"),
        authors=(author,) if author else (),
        language=said(_DC + "language"),
        date=said(META + "creation-date"),
    )


def _running(package: _Package) -> Iterator[Element]:
    """Headers and footers of the page styles, each text once."""
    shown: set[tuple[str, str]] = set()
    for tag in ("header", "footer"):
        pages = (STYLE + tag + which for which in ("", "-left", "-first"))
        for node in package.common.iter(*pages) if package.common is not None else ():
            if node.get(STYLE + "display") == "false":
                continue
            for element in _Story(package).blocks(node):
                if element.text and (tag, element.text) not in shown:
                    shown.add((tag, element.text))
                    yield Element("header" if tag == "header" else "footer", element.text)


# ---------------------------------------------------------------- lists


@dataclass(slots=True)
class _Numbers:
    """A list style, counting."""

    levels: dict[int, etree._Element] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, style: etree._Element | None) -> "_Numbers":
        nodes = style.iterchildren(etree.Element) if style is not None else ()
        return cls({_integer(node.get(TEXT + "level"), 1): node for node in nodes})

    def label(self, level: int, start: int | None = None) -> str:
        """The label of the next item; "-" for a bullet, "" where none is shown."""
        node = self._at(level)
        first = _integer(node.get(TEXT + "start-value"), 1) if node is not None else 1
        self.counts[level] = self.counts.get(level, first - 1) + 1 if start is None else start
        for deeper in [deeper for deeper in self.counts if deeper > level]:
            del self.counts[deeper]
        if node is None or node.tag in (TEXT + "list-level-style-bullet", TEXT + "list-level-style-image"):
            return "-"
        if not node.get(STYLE + "num-format"):
            return ""
        shown = max(1, min(_integer(node.get(TEXT + "display-levels"), 1), level))
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


# ---------------------------------------------------------------- text


class _Story:
    """Blocks of a document, a slide, a header."""

    def __init__(self, package: _Package) -> None:
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
                yield from self._drawn(node, "")
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
        code = name == "Preformatted_20_Text"
        line = Line()
        self._inline(node, line)
        text, formulas = line.text(raw=code), tuple(line.formulas)
        if text:
            if node.tag == TEXT + "h" or name in _TITLES:
                yield self._heading(node, name, text, formulas, item)
            elif item is not None and item[0]:
                yield Element("list_item", text, item[1], marker=item[0], formulas=formulas)
            elif entry := _ENTRY.fullmatch(name):
                yield Element("list_item", text, int(entry[1]), marker="-", formulas=formulas)
            elif code:
                yield Element("code", text)
            else:
                caption = not _CAPTIONS.isdisjoint(self._package.like(name))
                alone = len(formulas) == 1 and len(line.pieces) == 1
                yield Element("caption" if caption else "formula" if alone else "paragraph", text, formulas=formulas)
        yield from line.hanging

    def _heading(
        self, node: etree._Element, name: str, text: str, formulas: tuple[str, ...], item: tuple[str, int] | None
    ) -> Element:
        level = _TITLES.get(name) or _integer(node.get(TEXT + "outline-level"), 1)
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
        for item in node.iterchildren(TEXT + "list-item", TEXT + "list-header"):
            label: str | None = None
            held: Element | None = None  # the item, whose next paragraphs are lines of it
            for child in item.iterchildren(etree.Element):
                if child.tag in (TEXT + "p", TEXT + "h"):
                    if label is None:
                        start = item.get(TEXT + "start-value")
                        counted = item.tag == TEXT + "list-item"
                        label = numbers.label(level, _integer(start, 1) if start else None) if counted else ""
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
                    held = element if element.kind == "list_item" and element.level == level else None
                    if held is None:
                        yield element
            if held is not None:
                yield held

    def _table(self, node: etree._Element) -> Iterator[Element]:
        """A table of one cell is a frame: it gives its content."""
        rows = list(_rows(node))
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
                times = max(1, min(_integer(cell.get(TABLE + "number-columns-repeated"), 1), _WIDEST - column))
                if cell.tag == TABLE + "table-cell":
                    inside = list(self.blocks(cell))
                    late += [element for element in inside if element.kind == "image"]
                    formulas += [one for element in inside for one in element.formulas]
                    text = in_cell(inside)
                    height, width = (max(1, min(span, _WIDEST)) for span in _spans(cell))
                    grid += [Cell(number, column + place, text, height, width, header) for place in range(times)]
                column += times
                if column >= _WIDEST:
                    break
        table = Table(tuple(grid))
        if text := table_text(table):
            yield Element("table", text, table=table, formulas=tuple(formulas))
        yield from late

    def _inline(self, node: etree._Element, line: Line) -> None:
        if self._package.hides(node.get(TEXT + "style-name")):
            return
        if node.text:
            line.pieces.append(re.sub(r"\s+", " ", node.text))
        for child in node:
            reader = _INLINE.get(child.tag)
            if reader is not None:
                reader(self, child, line)
            elif isinstance(child.tag, str) and child.tag.startswith(DRAW) and child.tag != DRAW + "a":
                line.hanging += self._drawn(child, "", line)
            elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
                self._inline(child, line)
            if child.tail:
                line.pieces.append(re.sub(r"\s+", " ", child.tail))

    def _blanks(self, node: etree._Element, line: Line) -> None:
        line.pieces.append(" " * max(1, min(_integer(node.get(TEXT + "c"), 1), _MOST_BLANKS)))

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

    def _drawn(self, node: etree._Element, name: str, line: Line | None = None) -> Iterator[Element]:
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
                yield from self._drawn(child, name, line)

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
        for title in root.iter(*(f"{_SPACE}chart:1.0}}{name}" for name in ("title", "subtitle", "footer"))):
            if text := content(title):
                yield Element("caption", text)
        for table in root.iter(TABLE + "table"):
            yield from self._table(table)


_INLINE: dict[object, Callable[[_Story, etree._Element, Line], None]] = {
    TEXT + "s": _Story._blanks,
    TEXT + "tab": _Story._break,
    TEXT + "line-break": _Story._break,
    TEXT + "note": _Story._note,
    OFFICE + "annotation": _Story._comment,
    OFFICE + "annotation-end": _Story._comment,
    TEXT + "ruby": _Story._ruby,
}


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
        return f"{_BOXES[chosen]} {told}"
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


def _comment(node: etree._Element) -> Comment:
    text = "\n".join(filter(None, map(content, node.iter(TEXT + "p"))))
    return Comment(text, node.findtext(_DC + "creator"), node.findtext(_DC + "date"))


def _spans(cell: etree._Element) -> tuple[int, int]:
    """Rows and columns."""
    rows, columns = (_integer(cell.get(f"{TABLE}number-{what}-spanned"), 1) for what in ("rows", "columns"))
    return rows, columns


def _rows(table: etree._Element, *, header: bool = False) -> Iterator[tuple[etree._Element, bool]]:
    """The rows of a table, not of those in it, and whether they are its head."""
    for child in table.iterchildren(etree.Element):
        if child.tag == TABLE + "table-row":
            yield child, header
        elif child.tag in (TABLE + "table-header-rows", TABLE + "table-rows", TABLE + "table-row-group"):
            yield from _rows(child, header=header or child.tag == TABLE + "table-header-rows")


def _sheet_rows(package: _Package, table: etree._Element, sheet: Sheet) -> Iterator[tuple[int, dict[int, str]]]:
    story = _Story(package)
    number = 0
    for row, _ in _rows(table):
        texts: dict[int, str] = {}
        column = 0
        for cell in row.iterchildren(TABLE + "table-cell", TABLE + "covered-table-cell"):
            times = _integer(cell.get(TABLE + "number-columns-repeated"), 1)
            text = " ".join(" ".join(one.text.split()) for one in story.blocks(cell) if one.kind != "image") if len(cell) else ""
            height, width = _spans(cell)
            if height > 1 or width > 1:
                sheet.merged.append(Range(number, column, number + height - 1, column + width - 1))
            annotation = cell.find(OFFICE + "annotation")
            if annotation is not None:
                sheet.comments[number, column] = _comment(annotation)
            if text:
                texts.update(dict.fromkeys(range(column, min(column + times, _LAST_COLUMN)), text))
            column += times
        repeated = _integer(row.get(TABLE + "number-rows-repeated"), 1)
        if texts:
            for place in range(number, min(number + repeated, _LAST_ROW)):
                yield place, texts
        number += repeated
    sheet.drawn += [element for shapes in table.iterchildren(TABLE + "shapes") for element in story.blocks(shapes)]


# ---------------------------------------------------------------- slides


def _commented(package: _Package, page: etree._Element) -> Iterator[Element]:
    marks = "".join(map(package.mark, page.iterchildren(OFFICE + "annotation")))
    yield from comments.marked(_slide(package, page), marks)
    yield from package.remarks()


def _slide(package: _Package, page: etree._Element) -> Iterator[Element]:
    """Titles first, then what stands below them, then the speaker's notes."""
    story = _Story(package)
    shapes = [node for node in page.iterchildren(etree.Element) if node.tag.startswith(DRAW)]
    told = [(shape.get(SHOW + "class"), shape, found) for shape in shapes if (found := list(story._drawn(shape, "")))]
    placed = [(0 if kind == "title" else 1, _box(shape)) for kind, shape, _ in told]
    for index in reading_order(placed, _HEIGHT_CM):
        kind, _, found = told[index]
        for element in found:
            if kind == "title" and element.kind in ("paragraph", "list_item"):
                yield replace(element, kind="heading", level=1, marker=None)
            elif kind in ("footer", "page-number", "date-time", "header"):
                yield replace(element, kind="header" if kind == "header" else "footer", level=0, marker=None)
            else:
                yield element
    for frame in package.master(page.get(DRAW + "master-page-name")):
        if frame.get(SHOW + "class") in ("footer", "header", None):
            yield from (
                replace(element, kind="footer", level=0, marker=None) for element in story._drawn(frame, "") if element.text
            )
    if footer := package.footer(page):
        yield Element("footer", footer)
    for notes in page.iterchildren(SHOW + "notes"):
        for frame in notes.iterchildren(DRAW + "frame"):
            if frame.get(SHOW + "class") == "notes":
                yield from story._drawn(frame, "")


def _box(shape: etree._Element) -> Box:
    """Where a shape stands, in centimetres; of a group what it holds tells that, of what is turned only the place is known."""
    if shape.tag == DRAW + "g":
        inside = [_box(child) for child in shape.iterchildren(etree.Element) if child.tag.startswith(DRAW)]
        starts, ends = ([box[:2] for box in inside], [box[2:] for box in inside])
        return Box(*map(min, zip(*starts, strict=True)), *map(max, zip(*ends, strict=True))) if inside else Box(0, 0, 0, 0)
    moved = _MOVED.search(shape.get(DRAW + "transform", ""))
    left, top = (_centimetres(moved[1]), _centimetres(moved[2])) if moved else (_length(shape, "x"), _length(shape, "y"))
    return Box(top, left, top + _length(shape, "height"), left + _length(shape, "width"))


def _length(shape: etree._Element, which: str) -> float:
    return _centimetres(shape.get(SVG + which, ""))


def _centimetres(length: str) -> float:
    found = _LENGTH.fullmatch(length)
    return float(found[1]) * _CENTIMETRES[found[2]] if found else 0.0


def _integer(told: str | None, default: int) -> int:
    digits = told or ""
    return int(digits) if digits.isdecimal() and len(digits) < 10 else default
