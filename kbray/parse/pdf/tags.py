"""What a tagged PDF itself tells of a page: which text is a title, what is in the cells of tables, what pictures show.

Office programs and browsers write it (ISO 32000-1, 14.8). Pieces of a page's content have numbers there (marked-content
identifiers), by which elements of the file's structure hold them.
"""

import ctypes
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pypdfium2 import raw

from kbray.document.layout.headings import folded
from kbray.document.layout.paragraphs import Block
from kbray.document.layout.words import Word
from kbray.geometry import Box
from kbray.parse.pdf.text import Frame

_DEEPEST = 100  # elements in each other
_MOST_ELEMENTS = 50_000  # of a page
_MOST_SPANNED = 100  # rows or columns, of one cell
_MOST_SLOTS = 100_000  # of a table
_MOST_PLACED = 500  # figures of a page for which a place in the text is looked for
_HEADING = re.compile(r"H([1-6])?")
_CELLS, _GROUPS = frozenset(("TD", "TH")), frozenset(("THead", "TBody", "TFoot", "NonStruct", "Div"))
_LONGEST_TITLE = 150  # letters and digits; what is longer was given the style of one by mistake
_SHORT_PAGE = 400  # characters: one with fewer may be titles mostly
_PARAGRAPHS = frozenset(("P", "LBody", "LI", "Caption", "BlockQuote", "TOCI", "BibEntry", "Note"))
_LINKS = frozenset(("Link", "Annot", "Form", "Reference"))  # hold what is no text
# Names of files; and of shapes, as Visio gives them.
_SAYS_NOTHING = re.compile(r"(?=\S+\Z|.*[\\/]).+\.(?:png|jpe?g|gif|emf|wmf|svg|tiff?|bmp)|Sheet\.\d+", re.IGNORECASE)


@dataclass(slots=True)
class TaggedCell:
    row: int
    column: int
    row_span: int
    column_span: int
    header: bool
    content: set[int] = field(default_factory=set)


@dataclass(slots=True)
class TaggedTable:
    """Its rows on this page."""

    cells: list[TaggedCell] = field(default_factory=list)
    begun: bool = False  # on a page before
    goes_on: bool = False  # on a page behind

    @property
    def content(self) -> set[int]:
        return {number for cell in self.cells for number in cell.content}


@dataclass(frozen=True, slots=True)
class Figure:
    """What it shows, in words."""

    alt: str
    box: Box | None  # as told


@dataclass(slots=True)
class Paragraph:
    """Of text, or an item of a list, or a title: what is on this page."""

    pieces: set[int] = field(default_factory=set)
    begun: bool = False  # on a page before
    goes_on: bool = False  # on a page behind


@dataclass(slots=True)
class Tags:
    """Numbers are of pieces of the page's content."""

    titles: list[tuple[int, set[int]]] = field(default_factory=list)  # level, pieces
    tables: list[TaggedTable] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    told: bool = False  # there is a structure


def tags_of(page: Any, frame: Frame) -> Tags:
    """Of a loaded page (raw pdfium handle)."""
    tree = raw.FPDF_StructTree_GetForPage(page)
    found = Tags()
    if not tree:
        return found
    try:
        found.told = True
        walk = _Walk(found, frame)
        for index in range(raw.FPDF_StructTree_CountChildren(tree)):
            top = raw.FPDF_StructTree_GetChildAtIndex(tree, index)
            if walk.is_new(top):
                walk.enter(top, 0)
        return found
    finally:
        raw.FPDF_StructTree_Close(tree)


@dataclass(slots=True)
class _Walk:
    """So many elements are looked at in all, each once: one may be a child of several, or of one many times."""

    found: Tags
    frame: Frame
    left: int = _MOST_ELEMENTS
    known: set[int] = field(default_factory=set)  # addresses of elements, which pdfium keeps as long as the tree is open

    def is_new(self, element: Any) -> bool:
        """It wasn't asked for before, or there is none."""
        if not element:
            return True
        address = ctypes.addressof(element.contents)
        if address in self.known:
            return False
        self.known.add(address)
        return True

    def enter(self, element: Any, depth: int, holders: Sequence[set[int]] = (), told: Paragraph | None = None) -> None:
        """Args: holders: get the pieces. told: the paragraph that it is in."""
        if not element or depth > _DEEPEST:
            return
        kind = _text(raw.FPDF_StructElement_GetType, element)
        alt = " ".join(_text(raw.FPDF_StructElement_GetAltText, element).split()) if kind == "Figure" else ""
        if alt and not _SAYS_NOTHING.fullmatch(alt):
            self.found.figures.append(Figure(alt, _box(element, self.frame)))
            return
        if kind == "Table":
            table = TaggedTable()
            self.found.tables.append(table)
            if not self._cells(element, depth, holders, table):
                self.found.tables = [other for other in self.found.tables if other is not table]
            return
        heading = _HEADING.fullmatch(kind)
        if heading:
            title: set[int] = set()
            self.found.titles.append((int(heading[1] or 1), title))
            holders = (*holders, title)
        if heading or kind in _PARAGRAPHS:
            told = Paragraph()
            self.found.paragraphs.append(told)
        elif kind == "Lbl":
            told = None  # it stands in front of one
        self._enter_all(element, depth, holders, told, others=kind not in _LINKS)

    def _enter_all(
        self, element: Any, depth: int, holders: Sequence[set[int]], told: Paragraph | None, *, others: bool = True
    ) -> None:
        """What an element holds. Only what is on this page counts: it may go on over others, whose pieces have the same numbers.

        Args: others: what isn't known is of other pages.
        """
        for index, child in self._children(element):
            if child:
                self.enter(child, depth + 1, holders, told)
                continue
            number = raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
            if number >= 0:
                for holder in holders:
                    holder.add(number)
            if told is not None and number >= 0:
                told.pieces.add(number)
            elif told is not None and (others or raw.FPDF_StructElement_GetMarkedContentIdAtIndex(element, index) >= 0):
                told.begun, told.goes_on = told.begun or not told.pieces, bool(told.pieces)

    def _children(self, element: Any) -> Iterator[tuple[int, Any]]:
        """Each with its index. One that isn't known is None."""
        for index in range(max(0, raw.FPDF_StructElement_CountChildren(element))):
            if self.left <= 0:
                return
            self.left -= 1
            child = raw.FPDF_StructElement_GetChildAtIndex(element, index)
            if self.is_new(child):
                yield index, child

    def _cells(self, element: Any, depth: int, holders: Sequence[set[int]], found: TaggedTable) -> bool:
        """Put to the columns that cells above, of several rows, leave free. One without content on the page isn't known.

        Returns: whether there are some, but not too many.
        """
        taken: set[tuple[int, int]] = set()
        number = -1
        for row in self._rows(element, depth, holders):
            if not row:
                found.begun, found.goes_on = found.begun or not found.cells, bool(found.cells)
                continue
            number, column = number + 1, 0
            for _, cell in self._children(row):
                kind = _text(raw.FPDF_StructElement_GetType, cell) if cell else "TD"
                if kind not in _CELLS:
                    continue
                while (number, column) in taken:
                    column += 1
                told = _numbers(cell) if cell else {}
                high, wide = (min(max(1, int(told.get(name, 1))), _MOST_SPANNED) for name in ("RowSpan", "ColSpan"))
                made = TaggedCell(number, column, high, wide, kind == "TH")
                found.cells.append(made)
                texts = self._enter_cell(cell, depth, holders, made)
                found.begun = found.begun or any(text.begun for text in texts)
                found.goes_on = found.goes_on or any(text.goes_on for text in texts)
                taken.update((number + down, column + right) for down in range(high) for right in range(wide))
                column += wide
                if len(taken) > _MOST_SLOTS:
                    return False
        return bool(found.cells)

    def _enter_cell(self, element: Any, depth: int, holders: Sequence[set[int]], cell: TaggedCell) -> list[Paragraph]:
        """Returns: what is in it."""
        if not element:
            return []
        place = len(self.found.paragraphs)
        self.found.paragraphs.append(Paragraph())
        self._enter_all(element, depth, (*holders, cell.content), self.found.paragraphs[place])
        return self.found.paragraphs[place:]

    def _rows(self, table: Any, depth: int, holders: Sequence[set[int]]) -> Iterator[Any]:
        """One that isn't on this page is None."""
        if depth > _DEEPEST:
            return
        for _, child in self._children(table):
            kind = _text(raw.FPDF_StructElement_GetType, child) if child else ""
            if not child or kind == "TR":
                yield child
            elif kind in _GROUPS:
                yield from self._rows(child, depth + 1, holders)
            else:
                self.enter(child, depth + 1, holders)


def _text(ask: Callable[[Any, Any, int], int], element: Any) -> str:
    """Of a function of pdfium's that writes UTF-16 into a buffer and tells how many bytes that takes, with the final zero."""
    length = ask(element, None, 0)
    if length <= 2:
        return ""
    written = ctypes.create_string_buffer(length)
    ask(element, written, length)
    return written.raw[: length - 2].decode("utf-16-le", "replace")


def _attributes(element: Any) -> Iterator[tuple[Any, int, str]]:
    """The attribute that holds it, its index there, and its name."""
    for index in range(max(0, raw.FPDF_StructElement_GetAttributeCount(element))):
        attribute = raw.FPDF_StructElement_GetAttributeAtIndex(element, index)
        for place in range(max(0, raw.FPDF_StructElement_Attr_GetCount(attribute)) if attribute else 0):
            name, length = ctypes.create_string_buffer(64), ctypes.c_ulong()
            if raw.FPDF_StructElement_Attr_GetName(attribute, place, name, 64, length):
                yield attribute, place, name.value.decode("latin-1")


def _numbers(element: Any) -> dict[str, float]:
    found: dict[str, float] = {}
    for attribute, _, name in _attributes(element):
        number = _number(raw.FPDF_StructElement_Attr_GetValue(attribute, name.encode("latin-1")))
        if number is not None:
            found[name] = number
    return found


def _number(value: Any) -> float | None:
    number = ctypes.c_float()
    return number.value if value and raw.FPDF_StructElement_Attr_GetNumberValue(value, number) else None


def _box(element: Any, frame: Frame) -> Box | None:
    """Where the file says that a figure is."""
    for attribute, _, name in _attributes(element):
        if name == "BBox":
            value = raw.FPDF_StructElement_Attr_GetValue(attribute, b"BBox")
            sides = [_number(raw.FPDF_StructElement_Attr_GetChildAtIndex(value, index)) for index in range(4)]
            left, bottom, right, top = (side if side is not None else 0.0 for side in sides)
            box = frame.box(left, bottom, right, top)
            return box if box.area > 0 else None
    return None


def titles_in(tags: Tags, marks: Mapping[int, int], words: Sequence[Word]) -> dict[str, int]:
    """Folded text of the titles → level; none where most of the page is told to be one."""
    texts: dict[int, list[str]] = {}
    for word in words:
        number = marks.get(word.order)
        if number is not None:
            texts.setdefault(number, []).append(word.text)
    found = [
        (folded("".join(text for number in sorted(numbers) for text in texts.get(number, ()))), level)
        for level, numbers in tags.titles
    ]
    length = sum(len(text) for some in texts.values() for text in some)
    if 2 * sum(len(title) for title, _ in found) > max(length, _SHORT_PAGE):
        return {}
    return {title: level for title, level in reversed(found) if 0 < len(title) <= _LONGEST_TITLE}


def with_figures(blocks: Sequence[Block], figures: Sequence[Figure], page: Box) -> list[Block]:
    """What figures show, in front of what stands below them; last, and anywhere on the page, where no place is told.

    Last, too, is what comes after more figures than a page has. What the page says itself, or a figure before, isn't said
    again: a drawing by Visio tells the text of each shape, and its name.
    """
    found = list(blocks)
    printed = " ".join(" ".join(block.text for block in blocks).split())
    said: set[str] = set()
    placed = 0
    for figure in figures:
        if figure.alt in said or (figure.alt in printed and re.search(rf"(?<!\w){re.escape(figure.alt)}(?!\w)", printed)):
            continue
        said.add(figure.alt)
        box = figure.box or page
        index = len(found)
        if figure.box and placed < _MOST_PLACED:
            placed += 1
            below = (block.box.top >= box.top and block.box.left < box.right and box.left < block.box.right for block in found)
            index = next((at for at, is_below in enumerate(below) if is_below), index)
        found.insert(index, Block(figure.alt, box, 0.0, False, 1, box.left, box.right, picture=True))
    return found
