"""DOCX → elements: a walk over the document as Word shows it, with changes accepted and what is hidden left out.

Headings come from styles and outline levels, and from looks only where no style tells any; code from styles or its typeface; list
items and headings have the labels that Word counts out. Text boxes, charts and pictures follow the paragraph that holds them.
Notes and comments come at the end, referred to as `[^n]` and `[^cn]`.
"""

import email
import email.policy
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.document.superscripts import raised
from kbray.errors import CorruptDocument
from kbray.model import Cell, Element, Kind, Parsed, Unit
from kbray.parse import comments, html
from kbray.parse.archive import Archive
from kbray.parse.comments import Comment
from kbray.parse.encoding import decode
from kbray.parse.looks import Shown, titles_of
from kbray.parse.markup import mathml, trees
from kbray.parse.markup.typed import with_typed
from kbray.parse.office import drawings, omml
from kbray.parse.office.fields import BOXES
from kbray.parse.office.inline import Line, in_cell, in_table, joined
from kbray.parse.office.ooxml import DGM, MC, A, C, M, Package, R, W, branch, core_properties, first, switched_on
from kbray.parse.office.word_styles import Numbering, Style, Styles, is_mono_in, numbering_of, outline
from kbray.parse.symbols import symbol, without_private

ENGINE = "word"
ERRORS: tuple[type[Exception], ...] = ()
_VAL = W + "val"
_PARAGRAPH, _TABLE, _TABLE_ROW, _CELL = W + "p", W + "tbl", W + "tr", W + "tc"
_RUN, _TEXT = W + "r", W + "t"
_PARTED = frozenset((_PARAGRAPH, _TABLE, _TABLE_ROW, _CELL))
_PARAGRAPH_PROPERTIES, _PARAGRAPH_STYLE = W + "pPr", W + "pStyle"
_RUN_PROPERTIES, _RUN_STYLE, _ROW_PROPERTIES, _CELL_PROPERTIES = W + "rPr", W + "rStyle", W + "trPr", W + "tcPr"
_V = "{urn:schemas-microsoft-com:vml}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_LEFT_OUT = frozenset(
    (
        W + "del",
        W + "moveFrom",
        W + "pPr",
        W + "rPr",
        W + "tcPr",
        W + "sdtPr",
        W + "sdtEndPr",
        W + "instrText",
        W + "rt",
        W + "delText",
    )
)
_CODE = re.compile(r"[0-9A-Fa-f]{1,5}")  # of a symbol
_WEB_ARCHIVE = re.compile(rb"^MIME-Version:", re.IGNORECASE | re.MULTILINE)
_WIDEST = 1000  # columns of a table
_NOTES_LOST = "Notes that the text refers to are not in the file, which is damaged"
_COMMENT = W + "commentReference"
_NOTES = {
    W + "footnoteReference": ("footnotes", W + "footnote"),
    W + "endnoteReference": ("endnotes", W + "endnote"),
    _COMMENT: ("comments", W + "comment"),
}
_CHARACTERS: dict[object, str] = {W + "tab": " ", W + "ptab": " ", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: lxml.etree.XMLSyntaxError, CorruptDocument: a part is damaged."""
    with Archive(path, limits) as archive:
        package = Package(archive)
        document = _Document(package, package.main())
        elements = tuple(with_typed(joined(document.elements())))
    characters = sum(len(element.text) for element in elements)
    left_out = (f"{what} ({count})." for what, count in document.left_out.items() if count)
    warnings = (*left_out, *package.warnings)
    return Parsed(ENGINE, elements, (Unit("whole", characters),), core_properties(path, limits), warnings=warnings)


class _Document:
    """What all stories of a document share: styles, lists, notes."""

    def __init__(self, package: Package, main: str) -> None:
        self.package = package
        self.main = main
        self.root = package.tree(main)
        self.styles = Styles(package.tree(package.related(main, "styles")))
        self.numbering = Numbering(package.tree(package.related(main, "numbering")), self.styles)
        self.left_out = {"Tracked deletions are left out": 0, "Documents inside it are not read": 0, _NOTES_LOST: 0}
        self._notes = {tag: self._noted(kind, note) for tag, (kind, note) in _NOTES.items()}
        self._marked: dict[tuple[str, str], str] = {}
        self._waiting: deque[tuple[str, str]] = deque()  # those of them that aren't written yet
        self._counts = {False: 0, True: 0}  # of notes, of comments

    @cached_property
    def is_typescript(self) -> bool:
        """Most of its text is in a face of one width, which then tells nothing."""
        sizes = {True: 0, False: 0}
        for node in self.root.iter(_PARAGRAPH) if self.root is not None else ():
            style = self.styles[_told(first(node, _PARAGRAPH_PROPERTIES), _PARAGRAPH_STYLE)]
            sizes[_is_mono(node, style, self.styles)] += sum(len(text.text or "") for text in node.iter(_TEXT))
        return sizes[True] > sizes[False]

    @cached_property
    def titles(self) -> dict[etree._Element, int]:
        """Levels of the paragraphs that their looks alone make titles: none where a style tells those of parts of the text."""
        nodes = list(_blocks(self.root)) if self.root is not None else []
        above = 0
        for node in nodes:
            properties = first(node, _PARAGRAPH_PROPERTIES)
            style = self.styles[_told(properties, _PARAGRAPH_STYLE)]
            if style.heading or outline(properties):
                if not style.is_title and _written(node):
                    return {}
                above = 1
        found = titles_of([self._shown(node) for node in nodes], above)
        return {nodes[place]: level for place, level in found.items()}

    def _shown(self, node: etree._Element) -> Shown:
        properties = first(node, _PARAGRAPH_PROPERTIES)
        style_id = _told(properties, _PARAGRAPH_STYLE)
        style = self.styles[style_id]
        framed = properties is not None and first(properties, W + "framePr") is not None  # somewhere on the page by itself
        usual = node.tag == _PARAGRAPH and not (framed or style.heading or style.entry or style.is_caption or style.is_code)
        numbered = numbering_of(properties) or style.numbered
        item = numbered is not None and numbered.list_id != "0"
        return Shown(_written(node), self.styles.look(node, style_id) if usual else None, item)

    def _noted(self, kind: str, note: str) -> tuple[str, dict[str, etree._Element]]:
        """The part with the notes of a kind, and the notes by id; separators are none."""
        part = self.package.related(self.main, kind)
        root = self.package.tree(part)
        nodes = root.iter(note) if root is not None else ()
        return part or "", {node.get(W + "id", ""): node for node in nodes if node.get(W + "type") in (None, "normal")}

    def mark(self, reference: etree._Element) -> str:
        """What stands for a note in the text: labels count from 1 through the document, those of comments apart."""
        key = (str(reference.tag), reference.get(W + "id", ""))
        if key[1] not in self._notes[key[0]][1]:
            self.left_out[_NOTES_LOST] += key[0] != _COMMENT  # programs that take comments out leave their marks
            return ""
        if key not in self._marked:
            is_comment = key[0] == _COMMENT
            self._counts[is_comment] += 1
            number = self._counts[is_comment]
            self._marked[key] = comments.label(number) if is_comment else str(number)
            self._waiting.append(key)
        return f"[^{self._marked[key]}]"

    def elements(self) -> Iterator[Element]:
        body = self.root.find(W + "body") if self.root is not None else None
        if body is None:
            raise CorruptDocument("The document has no body.")
        story = _Story(self, self.main)
        running = _Running(self)
        for blocks, section in _sections(body):
            yield from running.elements(section, "header")
            yield from story.blocks(blocks)
            yield from running.elements(section, "footer")
        yield from self._footnotes()

    def _footnotes(self) -> Iterator[Element]:
        """In the order of their marks; a note may hold marks of others."""
        while self._waiting:
            tag, identifier = self._waiting.popleft()
            label = self._marked[tag, identifier]
            part, notes = self._notes[tag]
            inside = list(_Story(self, part).blocks(notes[identifier]))
            text = "\n".join(element.text for element in inside if element.text)
            if tag == _COMMENT:
                text = Comment(text, notes[identifier].get(W + "author"), notes[identifier].get(W + "date")).told
            formulas = tuple(formula for element in inside for formula in element.formulas)
            yield Element("footnote", text, marker=label, formulas=formulas)
            yield from (element for element in inside if element.kind == "image")


def _is_mono(paragraph: etree._Element, style: Style, styles: Styles) -> bool:
    """All of its text is in a face whose letters have one width, as code is set in."""
    found = False
    for run in paragraph.iter(_RUN):
        if any(text.text and not text.text.isspace() for text in run.iter(_TEXT)):
            properties = first(run, _RUN_PROPERTIES)
            told = is_mono_in(properties)
            named = _told(properties, _RUN_STYLE)
            if not (told if told is not None else styles[named].is_mono if named else style.is_mono):
                return False
            found = True
    return found


def _blocks(node: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables of the body, whatever they are wrapped in."""
    for child in node.iterchildren(etree.Element):
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif child.tag not in _LEFT_OUT:
            yield from _blocks(child)


def _written(node: etree._Element) -> str:
    return " ".join("".join(text.text or "" for text in node.iter(_TEXT)).split())


def _sections(body: etree._Element) -> Iterator[tuple[list[etree._Element], etree._Element | None]]:
    """The blocks of each section with its properties, which stand in its last paragraph or at the end of the body."""
    blocks: list[etree._Element] = []
    for block in body.iterchildren(etree.Element):
        if block.tag == W + "sectPr":
            yield blocks, block
            return
        blocks.append(block)
        properties = first(block, _PARAGRAPH_PROPERTIES) if block.tag == _PARAGRAPH else None
        section = first(properties, W + "sectPr") if properties is not None else None
        if section is not None:
            yield blocks, section
            blocks = []
    yield blocks, None


class _Running:
    """Headers and footers of the sections; what was shown before is not repeated."""

    def __init__(self, document: _Document) -> None:
        self._document = document
        self._shown: set[tuple[str, str]] = set()
        package = document.package
        settings = package.tree(package.related(document.main, "settings"))
        self._even = settings is not None and switched_on(settings.find(W + "evenAndOddHeaders"), _VAL)

    def elements(self, section: etree._Element | None, kind: Kind) -> Iterator[Element]:
        if section is None:
            return
        first = switched_on(section.find(W + "titlePg"), _VAL)
        for reference in section.findall(f"{W}{kind}Reference"):
            which = reference.get(W + "type", "default")
            if (which == "first" and not first) or (which == "even" and not self._even):
                continue
            part = self._document.package.target(self._document.main, reference.get(R + "id"))
            root = self._document.package.tree(part)
            for element in _Story(self._document, part or "").blocks(root if root is not None else ()):
                if element.text and (kind, element.text) not in self._shown:
                    self._shown.add((kind, element.text))
                    yield Element(kind, element.text)


class _Story:
    """The text of one part: the body, a header, a note."""

    def __init__(self, document: _Document, part: str) -> None:
        self._document = document
        self._part = part
        self._fields: list[bool] = []  # open fields; True: what comes is its instruction, which nobody sees
        self._form: etree._Element | None = None  # of the field that began last, and how many pieces were before it
        self._before = 0
        self._begun: Line | None = None  # a paragraph that goes on in the next one

    # ------------------------------------------------------------ blocks

    def blocks(self, nodes: Iterable[etree._Element]) -> Iterator[Element]:
        for node in nodes:
            tag = node.tag
            reader = _BLOCKS.get(tag)
            if tag != _PARAGRAPH:
                yield from self._rest()
            if reader is not None:
                yield from reader(self, node)
            elif isinstance(tag, str) and len(node) and tag not in _LEFT_OUT:
                yield from self.blocks(node)  # content controls, custom XML, insertions
        yield from self._rest()

    def _rest(self) -> Iterator[Element]:
        """The paragraph that no other one goes on with."""
        line, self._begun = self._begun, None
        if line is not None:
            if text := line.text(raw=False):
                yield Element("paragraph", text, formulas=tuple(line.formulas))
            yield from line.hanging

    def _shown(self, node: etree._Element) -> Iterator[Element]:
        chosen = branch(node)
        return self.blocks(chosen if chosen is not None else ())

    def _imported(self, node: etree._Element) -> Iterator[Element]:
        """A document that Word takes in when it opens this one: HTML, by itself or as a web archive, or plain text."""
        data = self._document.package.bytes(self._document.package.target(self._part, node.get(R + "id")))
        if data is None:
            return
        if _WEB_ARCHIVE.search(data[:4096]):
            page = email.message_from_bytes(data, policy=email.policy.default).get_body(("html", "plain"))
            text = str(page.get_content()) if page is not None else ""
        elif data.startswith((b"PK", b"{\\rtf")):
            self._document.left_out["Documents inside it are not read"] += 1
            return
        else:
            text = decode(data, declared=True).text
        root = trees.html(text)
        yield from html.read(root) if root is not None else ()

    def _paragraph(self, node: etree._Element) -> Iterator[Element]:
        properties = first(node, _PARAGRAPH_PROPERTIES)
        style_id = _told(properties, _PARAGRAPH_STYLE)
        style = self._document.styles[style_id]
        line, self._begun = self._begun or Line(), None
        self._inline(node, line, style.hidden)
        if self._fields:
            self._fields = [False for instruction in self._fields if not instruction]
        if properties is not None and _goes_on(properties):
            self._begun = line
            return
        code = style.is_code or (_is_mono(node, style, self._document.styles) and not self._document.is_typescript)
        text = line.text(raw=code)
        label = self._label(properties, style, style_id)
        if text:
            heading = style.heading or outline(properties) or self._document.titles.get(node, 0)
            yield self._element(text, line, style, heading, label, code)
        elif not line.hanging:
            yield Element("code", "")  # a blank line, if it stands in a listing
        yield from line.hanging

    def _label(self, properties: etree._Element | None, style: Style, style_id: str | None) -> tuple[str, int] | None:
        """The label of a paragraph in a list and its level, from 1; the list counts on."""
        numbered = numbering_of(properties) or style.numbered
        if numbered is not None and not numbered.list_id and style.numbered is not None:
            numbered = replace(numbered, list_id=style.numbered.list_id)
        if numbered is None or numbered.list_id in ("", "0"):
            return None
        level = self._document.numbering.level(numbered, style_id)
        label = self._document.numbering.label(numbered.list_id, level)
        return (label, level + 1) if label else None

    def _element(
        self,
        text: str,
        line: Line,
        style: Style,
        heading: int,
        label: tuple[str, int] | None,
        code: bool,
    ) -> Element:
        formulas = tuple(line.formulas)
        if heading:
            numbered = f"{label[0]} {text}" if label and label[0] != "-" else text
            return Element("heading", " ".join(numbered.split("\n")), min(heading, 6), formulas=formulas)
        if label is not None:
            marker, level = label
            return Element("list_item", text, max(level, style.depth), marker=marker, formulas=formulas)
        if style.entry:
            return Element("list_item", text, style.entry, marker="-", formulas=formulas)
        if style.is_caption:
            return Element("caption", text, formulas=formulas)
        if code:
            return Element("code", text)
        return Element("formula" if line.displayed else "paragraph", text, formulas=formulas)

    def _formula(self, node: etree._Element) -> Iterator[Element]:
        line = Line()
        self._mathematics(node, line, False)
        if text := line.text(raw=False):
            yield Element("formula", text, formulas=tuple(line.formulas))

    # ------------------------------------------------------------ tables

    def _table(self, node: etree._Element) -> Iterator[Element]:
        """A table of one cell, or of one row or column of tables, is a frame: it gives its content."""
        rows = [(row, list(_children(row, _CELL))) for row in _children(node, _TABLE_ROW)]
        cells = [cell for _, row in rows for cell in row]
        frame = len(rows) == 1 or len(cells) == len(rows)
        if len(cells) == 1 or (frame and any(next(cell.iter(_TABLE), None) is not None for cell in cells)):
            for cell in cells:
                yield from self.blocks(cell)
            return
        grid: list[Cell] = []
        late: list[Element] = []
        formulas: list[str] = []
        above: dict[int, int] = {}  # column → index of the cell that rows below may lengthen
        for number, (row, inner) in enumerate(rows):
            of_row = first(row, _ROW_PROPERTIES)
            column = _number(of_row.find(W + "gridBefore") if of_row is not None else None, 0)
            header = of_row is not None and switched_on(of_row.find(W + "tblHeader"), _VAL)
            for cell in inner:
                told = first(cell, _CELL_PROPERTIES)
                width = max(1, min(_number(told.find(W + "gridSpan") if told is not None else None, 1), _WIDEST - column))
                merge = told.find(W + "vMerge") if told is not None else None
                continued = merge is not None and merge.get(_VAL, "continue") == "continue"
                start = above.get(column) if continued else None
                if start is not None:
                    grid[start] = replace(grid[start], row_span=number - grid[start].row + 1)
                else:
                    inside = list(self.blocks(cell))
                    late += [element for element in inside if element.kind == "image"]
                    formulas += [one for element in inside for one in element.formulas]
                    if merge is not None:
                        above[column] = len(grid)
                    else:
                        above.pop(column, None)
                    grid.append(Cell(number, column, in_cell(inside), 1, width, header))
                column += width
                if column >= _WIDEST:
                    break
        yield from in_table(grid, formulas)
        yield from late

    # ------------------------------------------------------------ text

    def _inline(self, node: etree._Element, line: Line, hidden: bool) -> None:
        """What stands in a paragraph, a run or anything between the two."""
        for child in node:
            tag = child.tag
            reader = _INLINE.get(tag)
            if reader is not None:
                reader(self, child, line, hidden)
            elif tag == _RUN_PROPERTIES:  # they come first
                hidden = self._is_hidden(child, hidden)
            elif isinstance(tag, str) and len(child) and tag not in _LEFT_OUT:
                self._inline(child, line, hidden)

    def _text(self, node: etree._Element, line: Line, hidden: bool) -> None:
        if not hidden and not (self._fields and any(self._fields)):
            text = node.text or ""
            if text[-1:].isdecimal() and _is_raised(node):
                text = raised(text)
            line.pieces.append(text if text.isprintable() else without_private(text, _face(node)))

    def _character(self, node: etree._Element, line: Line, hidden: bool) -> None:
        if not hidden and not any(self._fields):
            line.pieces.append(_CHARACTERS[node.tag])

    def _mark(self, node: etree._Element, line: Line, hidden: bool) -> None:
        line.pieces.append(self._document.mark(node))

    def _symbol(self, node: etree._Element, line: Line, hidden: bool) -> None:
        code = node.get(W + "char", "")
        if not hidden and _CODE.fullmatch(code):
            line.pieces.append(symbol(node.get(W + "font", ""), int(code, 16)))

    def _hang(self, node: etree._Element, line: Line, hidden: bool) -> None:
        if not hidden:
            line.hanging += self._drawn(node, "")

    def _alternatives(self, node: etree._Element, line: Line, hidden: bool) -> None:
        chosen = branch(node)
        if chosen is not None:
            self._inline(chosen, line, hidden)

    def _deletion(self, node: etree._Element, line: Line, hidden: bool) -> None:
        self._document.left_out["Tracked deletions are left out"] += 1

    def _is_hidden(self, properties: etree._Element, outer: bool) -> bool:
        vanish = properties.find(W + "vanish")
        if vanish is not None:
            return switched_on(vanish, _VAL)
        return outer or self._document.styles[_told(properties, _RUN_STYLE)].hidden

    def _turn(self, node: etree._Element, line: Line, hidden: bool) -> None:
        """A field begins, comes to its result, or ends."""
        kind = node.get(W + "fldCharType")
        if kind == "begin":
            self._fields.append(True)
            self._form = node.find(W + "ffData")
            self._before = len(line.pieces)
        elif self._fields and kind == "separate":
            self._fields[-1] = False
        elif self._fields and kind == "end":
            self._fields.pop()
            if self._form is not None and not (hidden or any(self._fields) or "".join(line.pieces[self._before :]).strip()):
                line.pieces.append(_chosen(self._form))
            self._form = None

    def _ruby(self, node: etree._Element, line: Line, hidden: bool) -> None:
        """The base, and what explains its sound in parentheses."""
        for part, form in (("rubyBase", "{}"), ("rt", "({})")):
            inside = Line()
            found = node.find(W + part)
            if found is not None:
                self._inline(found, inside, hidden)
            if text := "".join(inside.pieces):
                line.pieces.append(form.format(text))

    def _mathematics(self, node: etree._Element, line: Line, hidden: bool) -> None:
        formulas = [node] if node.tag == M + "oMath" else node.findall(M + "oMath")
        displayed = node.tag == M + "oMathPara"
        line.displayed = displayed and not "".join(line.pieces).strip()
        for formula in formulas:
            tree = omml.mathml(formula)
            if text := mathml.text_of(tree):
                line.pieces.append(f"\n{text}\n" if displayed else text)
                line.formulas.append(mathml.source_of(tree))

    # ------------------------------------------------------------ drawings

    def _drawn(self, node: etree._Element, name: str) -> Iterator[Element]:
        """Text boxes, pictures, charts and SmartArt in a drawing; `name` is its alternative text."""
        package, part = self._document.package, self._part
        for child in node.iterchildren(etree.Element):
            tag = child.tag
            if tag == _DRAWING or (tag == _V + "shape" and child.get("alt")):
                name = child.get("descr") or child.get("title") or child.get("alt") or name
            if tag == W + "txbxContent":
                yield from self.blocks(child)
            elif tag == A + "txBody":  # of a drawing that came from other programs
                yield from drawings.texts(child)
            elif tag == A + "blip":
                yield from _picture(package.target(part, child.get(R + "embed")), name)
            elif tag == _V + "imagedata":
                yield from _picture(package.target(part, child.get(R + "id")), name)
            elif tag == C + "chart":
                yield from drawings.chart(package, part, child)
            elif tag == DGM + "relIds":
                yield from drawings.diagram(package, part, child)
            elif tag == MC + "AlternateContent":
                chosen = branch(child)
                yield from self._drawn(chosen, name) if chosen is not None else ()
            else:
                yield from self._drawn(child, name)


_BLOCKS: dict[object, Callable[[_Story, etree._Element], Iterator[Element]]] = {
    _PARAGRAPH: _Story._paragraph,
    _TABLE: _Story._table,
    **dict.fromkeys((M + "oMathPara", M + "oMath"), _Story._formula),
    MC + "AlternateContent": _Story._shown,
    W + "altChunk": _Story._imported,
}
_INLINE: dict[object, Callable[[_Story, etree._Element, Line, bool], None]] = {
    W + "t": _Story._text,
    **dict.fromkeys(_CHARACTERS, _Story._character),
    **dict.fromkeys(_NOTES, _Story._mark),
    **dict.fromkeys((W + "drawing", W + "pict", W + "object"), _Story._hang),
    **dict.fromkeys((M + "oMath", M + "oMathPara"), _Story._mathematics),
    W + "r": _Story._inline,
    W + "fldChar": _Story._turn,
    W + "sym": _Story._symbol,
    W + "ruby": _Story._ruby,
    W + "del": _Story._deletion,
    MC + "AlternateContent": _Story._alternatives,
}


def _picture(target: str | None, name: str) -> Iterator[Element]:
    if target is not None:
        yield Element("image", " ".join(name.split()), target=target)


def _children(node: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Rows or cells, those in content controls and insertions, too; rows that were deleted are left out."""
    for child in node.iterchildren(etree.Element):
        if child.tag == tag:
            properties = first(child, _ROW_PROPERTIES)
            if properties is None or properties.find(W + "del") is None:
                yield child
        elif child.tag not in _LEFT_OUT and child.tag not in _PARTED:
            yield from _children(child, tag)


def _goes_on(properties: etree._Element) -> bool:
    """Whether a paragraph is the initial of the next one, or one with it since the mark between them was deleted."""
    frame, mark = first(properties, W + "framePr"), first(properties, _RUN_PROPERTIES)
    initial = frame is not None and frame.get(W + "dropCap") in ("drop", "margin")
    return initial or (mark is not None and mark.find(W + "del") is not None)


def _is_raised(text: etree._Element) -> bool:
    run = text.getparent()
    told = run.find(f"{_RUN_PROPERTIES}/{W}vertAlign") if run is not None else None
    return told is not None and told.get(_VAL) == "superscript"


def _face(text: etree._Element) -> str | None:
    """The face that a run names for its text."""
    run = text.getparent()
    fonts = run.find(f"{_RUN_PROPERTIES}/{W}rFonts") if run is not None else None
    return (fonts.get(W + "ascii") or fonts.get(W + "hAnsi")) if fonts is not None else None


def _chosen(form: etree._Element) -> str:
    """What a field of a form shows that has no text for a result: a box, or what was chosen of a list."""
    box, choice = form.find(W + "checkBox"), form.find(W + "ddList")
    if box is not None:
        told = next((found for name in ("checked", "default") if (found := box.find(W + name)) is not None), None)
        return BOXES[switched_on(told, _VAL)]
    if choice is None:
        return ""
    entries = choice.findall(W + "listEntry")
    told = next((found for name in ("result", "default") if (found := choice.find(W + name)) is not None), None)
    return next((entry.get(_VAL, "") for entry in entries[_number(told, 0) :]), "")


def _told(properties: etree._Element | None, tag: str) -> str | None:
    found = first(properties, tag) if properties is not None else None
    return None if found is None else found.get(_VAL)


def _number(node: etree._Element | None, default: int) -> int:
    told = node.get(_VAL, "") if node is not None else ""
    return int(told) if told.isdecimal() and len(told) < 6 else default
