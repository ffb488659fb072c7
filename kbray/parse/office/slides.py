"""PPTX → elements, slide by slide: what stands on each in reading order, then its speaker's notes.

Titles are headings. Bullets and positions that a placeholder doesn't tell come from its layout, then from its master.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.document.superscripts import raised
from kbray.errors import CorruptDocument
from kbray.model import Cell, Element, Parsed, Unit
from kbray.parse import comments
from kbray.parse.archive import Archive
from kbray.parse.comments import Comment
from kbray.parse.faces import is_mono
from kbray.parse.failing import failure
from kbray.parse.markup import mathml
from kbray.parse.markup.lists import numeral
from kbray.parse.office import drawings, omml
from kbray.parse.office.inline import in_table, joined
from kbray.parse.office.listings import without_typescript
from kbray.parse.office.ooxml import DGM, MC, A, C, M, P, Package, R, branch, core_properties, switched_on
from kbray.parse.office.reading_order import Box, reading_order

ENGINE = "slides"
ERRORS: tuple[type[Exception], ...] = ()
_LOST = "The slide is not in the file: it is damaged or cut short."
_TITLES = frozenset(("title", "ctrTitle"))
_RUNNING = frozenset(("ftr", "dt", "sldNum", "hdr"))
_SHAPES = tuple(P + tag for tag in ("sp", "pic", "graphicFrame", "grpSp", "cxnSp", "contentPart"))
_WIDEST = 1000
_PLACE = re.compile(r"(alpha|roman|arabic)(Lc|Uc)?(?:\w*?)(ParenBoth|ParenR|Period|Plain)")
_FORMS = {"alphaLc": "a", "alphaUc": "A", "romanLc": "i", "romanUc": "I"}


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: lxml.etree.XMLSyntaxError, CorruptDocument: a part is damaged."""
    with Archive(path, limits) as archive:
        package = Package(archive)
        main = package.main()
        root = package.tree(main)
        if root is None:
            raise CorruptDocument("The package has no presentation in it.")
        height = _height(root)
        parts = [package.target(main, node.get(R + "id")) for node in root.iter(P + "sldId")]
        slides: list[tuple[Element, ...]] = []
        names = _names(package, main)
        remarked = 0
        for page, part in enumerate(parts, start=1):
            said = list(_comments(package, part, names)) if part else []
            numbers = range(remarked + 1, remarked + len(said) + 1)
            remarked += len(said)
            found = list(_Slide(package, part, height).elements() if part else ())
            found = [*comments.marked(found, "".join(map(comments.mark, numbers))), *map(comments.note, said, numbers)]
            slides.append(tuple(replace(element, page=page, chapter=f"slide {page}") for element in found))
        lost = [page for page, part in enumerate(parts, start=1) if not package.holds(part)]
    slides = without_typescript(slides)
    units = tuple(
        Unit(f"slide {page}", sum(len(one.text) for one in slide), produced=page not in lost)
        for page, slide in enumerate(slides, start=1)
    )
    elements = tuple(element for slide in slides for element in slide)
    failures = tuple(failure(CorruptDocument(_LOST), page=page, chapter=f"slide {page}") for page in lost)
    return Parsed(ENGINE, elements, units, core_properties(path, limits), failures=failures, warnings=package.warnings)


def _names(package: Package, main: str) -> dict[str | None, str | None]:
    """Of those who made comments, old ones and those in threads."""
    roots = (package.tree(package.related(main, kind)) for kind in ("commentAuthors", "authors"))
    return {node.get("id"): node.get("name") for root in roots if root is not None for node in root.iterchildren(etree.Element)}


def _comments(package: Package, part: str, names: Mapping[str | None, str | None]) -> Iterator[Comment]:
    """Of a slide, with their answers."""
    for relation in package.relations(part).values():
        root = package.tree(relation.target) if relation.kind == "comments" else None
        for node in root.iter("{*}cm", "{*}reply") if root is not None else ():
            lines = [_text(paragraph)[0] for body in node.iterchildren("{*}txBody") for paragraph in body.iter(A + "p")]
            text = "\n".join(filter(None, lines or [" ".join((node.findtext(P + "text") or "").split())]))
            yield Comment(text, names.get(node.get("authorId")), node.get("dt") or node.get("created"))


def _height(root: etree._Element) -> int:
    size = root.find(P + "sldSz")
    return max(_integer(size.get("cy")) if size is not None else 0, 1)


class Labels:
    """What stands before the items of a text; the numbers of a level count on as long as nothing else is on it or above."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def bullet(self, level: int) -> str:
        """Of an item without a number; a paragraph that is no item ends numbers likewise."""
        self._counts = {above: count for above, count in self._counts.items() if above < level}
        return "-"

    def number(self, level: int, form: str, start: int) -> str:
        """The next number of a level, in this form."""
        count = self._counts.get(level, start - 1) + 1
        self.bullet(level)
        self._counts[level] = count
        return _numbered(count, form)


@dataclass(frozen=True, slots=True)
class _Bullets:
    """How the paragraphs of a shape are marked, by level: the properties that may tell it, nearest first."""

    lists: tuple[etree._Element, ...]

    def of(self, own: etree._Element | None, level: int) -> etree._Element | None:
        """The `a:bu…` element that is in force."""
        for holder in (own, *(styles.find(f"{A}lvl{level + 1}pPr") for styles in self.lists)):
            for tag in ("buNone", "buChar", "buAutoNum", "buBlip"):
                found = holder.find(A + tag) if holder is not None else None
                if found is not None:
                    return found
        return None


class _Slide:
    def __init__(self, package: Package, part: str, height: int) -> None:
        self._package = package
        self._part = part
        self._height = height
        self._layout = package.related(part, "slideLayout")
        master = package.related(self._layout, "slideMaster") if self._layout else None
        self._above = [root for root in (package.tree(self._layout), package.tree(master)) if root is not None]

    def elements(self) -> Iterator[Element]:
        root = self._package.tree(self._part)
        tree = root.find(f"{P}cSld/{P}spTree") if root is not None else None
        shown = list(self._shapes(tree)) if tree is not None else []
        yield from shown
        ground = root.find(f"{P}cSld/{P}bg") if root is not None else None
        if ground is not None and not any(one.is_content for one in shown):  # then it is what the slide shows
            yield from drawings.picture(self._package, self._part, ground)
        notes = self._package.related(self._part, "notesSlide")
        yield from _Notes(self._package, notes, self._height).elements() if notes else ()

    # ------------------------------------------------------------ shapes

    def _shapes(self, tree: etree._Element) -> Iterator[Element]:
        """Titles first, running texts last; what tells no place keeps the one it has in the file."""
        told: list[list[Element]] = []
        placed: list[tuple[int, Box]] = []
        last = Box(0, 0, 0, 0)
        for shape in _members(tree):
            last = self._box(shape) or last
            if found := list(self._shape(shape)):  # lines and frames part nothing
                kind = _placeholder(shape)[0]
                told.append(found)
                placed.append((0 if kind in _TITLES else 2 if kind in _RUNNING else 1, last))
        for index in reading_order(placed, self._height):
            yield from told[index]

    def _box(self, shape: etree._Element) -> Box | None:
        """Where a shape stands, in EMU; where its placeholder does if it doesn't tell."""
        for node in (shape, *self._models(shape)):
            for path in (f"{P}spPr/{A}xfrm", f"{P}grpSpPr/{A}xfrm", f"{P}xfrm"):
                offset, extent = node.find(f"{path}/{A}off"), node.find(f"{path}/{A}ext")
                if offset is not None:
                    top, left = _integer(offset.get("y")), _integer(offset.get("x"))
                    height, width = (_integer(extent.get(side)) if extent is not None else 0 for side in ("cy", "cx"))
                    return Box(top, left, top + height, left + width)
        return None

    def _models(self, shape: etree._Element) -> Iterator[etree._Element]:
        """The placeholders that this one takes after, in the layout and the master."""
        kind, index = _placeholder(shape)
        if kind is None:
            return
        for place, root in enumerate(self._above):
            for candidate in root.iter(P + "sp"):
                other, number = _placeholder(candidate)
                same = (number == index and index != "") if place == 0 and kind not in _TITLES | _RUNNING else _alike(other, kind)
                if other is not None and same:
                    yield candidate
                    break

    def _shape(self, shape: etree._Element) -> Iterator[Element]:
        if shape.tag == P + "grpSp":
            yield from self._shapes(shape)
        elif shape.tag == P + "pic":
            yield from drawings.picture(self._package, self._part, shape)
        elif shape.tag == P + "graphicFrame":
            yield from self._graphic(shape)
        else:
            yield from drawings.picture(self._package, self._part, shape)
            body = shape.find(P + "txBody")
            if body is not None:
                yield from self._texts(shape, body)

    def _graphic(self, frame: etree._Element) -> Iterator[Element]:
        for node in frame.iter(A + "tbl", C + "chart", DGM + "relIds", P + "pic"):
            if node.tag == A + "tbl":
                yield from self._table(node)
            elif node.tag == C + "chart":
                yield from drawings.chart(self._package, self._part, node)
            elif node.tag == P + "pic":
                yield from drawings.picture(self._package, self._part, node)
            else:
                yield from drawings.diagram(self._package, self._part, node)

    def _table(self, node: etree._Element) -> Iterator[Element]:
        told = node.find(A + "tblPr")
        headed = told is not None and told.get("firstRow") in ("1", "true")
        cells: list[Cell] = []
        formulas: list[str] = []
        for row, line in enumerate(node.findall(A + "tr")):
            for column, cell in enumerate(line.findall(A + "tc")[:_WIDEST]):
                if cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true"):
                    continue
                found = [_text(paragraph) for paragraph in cell.iter(A + "p")]
                formulas += (source for _, sources in found for source in sources)
                text = "\n".join(text for text, _ in found if text)
                height, width = (min(max(_integer(cell.get(name), 1), 1), _WIDEST) for name in ("rowSpan", "gridSpan"))
                cells.append(Cell(row, column, text, height, width, headed and row == 0))
        yield from in_table(cells, formulas)

    # ------------------------------------------------------------ text

    def _texts(self, shape: etree._Element, body: etree._Element) -> Iterator[Element]:
        kind, _ = _placeholder(shape)
        if kind in _TITLES:
            lines = [_text(paragraph) for paragraph in body.iter(A + "p")]
            if title := " ".join(" ".join(text.split()) for text, _ in lines if text):
                yield Element("heading", title, 1, formulas=tuple(source for _, sources in lines for source in sources))
            return
        if kind in _RUNNING:
            for paragraph in body.iter(A + "p"):
                if text := _text(paragraph)[0]:
                    yield Element("footer" if kind != "hdr" else "header", text)
            return
        yield from joined(self._paragraphs(body, self._bullets(shape, body, kind)))

    def _paragraphs(self, body: etree._Element, bullets: _Bullets) -> Iterator[Element]:
        labels = Labels()
        for paragraph in body.iter(A + "p"):
            text, formulas = _text(paragraph)
            if not text:
                yield Element("code", "")  # a blank line, if it stands in a listing
                continue
            own = paragraph.find(A + "pPr")
            level = min(_integer(own.get("lvl")) if own is not None else 0, 8)
            bullet = bullets.of(own, level)
            if bullet is None or bullet.tag == A + "buNone":
                labels.bullet(level)
                yield (
                    Element("code", _listed(paragraph)) if _is_code(paragraph) else Element("paragraph", text, formulas=formulas)
                )
                continue
            if bullet.tag == A + "buAutoNum":
                marker = labels.number(level, bullet.get("type", ""), _integer(bullet.get("startAt"), 1))
            else:
                marker = labels.bullet(level)
            yield Element("list_item", text, level + 1, marker=marker, formulas=formulas)

    def _bullets(self, shape: etree._Element, body: etree._Element, kind: str | None) -> _Bullets:
        lists = [body.find(A + "lstStyle"), *(model.find(f"{P}txBody/{A}lstStyle") for model in self._models(shape))]
        if kind in ("body", "obj", ""):
            lists += [root.find(f"{P}txStyles/{P}bodyStyle") for root in self._above]
        return _Bullets(tuple(one for one in lists if one is not None))


class _Notes(_Slide):
    """The speaker's notes: of their page only the text, not the picture of the slide."""

    def _shapes(self, tree: etree._Element) -> Iterator[Element]:
        for shape in tree.iter(P + "sp"):
            body = shape.find(P + "txBody")
            if body is not None and _placeholder(shape)[0] == "body":
                yield from joined(self._paragraphs(body, _Bullets(())))


def _members(tree: etree._Element) -> Iterator[etree._Element]:
    """The shapes of a tree or group that are shown."""
    for child in tree.iterchildren(etree.Element):
        if child.tag == MC + "AlternateContent":
            chosen = branch(child)
            yield from _members(chosen) if chosen is not None else ()
        elif child.tag in _SHAPES and not switched_on(child.find(f"*/{P}cNvPr[@hidden]"), "hidden"):
            yield child


def _placeholder(shape: etree._Element) -> tuple[str | None, str]:
    """Its kind ("" where it isn't told) and its number; None: it is no placeholder."""
    node = shape.find(f"*/{P}nvPr/{P}ph")
    return (None, "") if node is None else (node.get("type", ""), node.get("idx", ""))


def _alike(other: str | None, kind: str) -> bool:
    """Whether a placeholder of a master or layout is one for this kind."""
    if kind in _TITLES:
        return other in _TITLES
    return other == kind or (other in ("body", "obj", "") and kind not in _RUNNING)


def _text(paragraph: etree._Element) -> tuple[str, tuple[str, ...]]:
    """The text of a paragraph, line by line, and its formulas."""
    pieces: list[str] = []
    formulas: list[str] = []
    for child in _spans(paragraph):
        if child.tag == A + "br":
            pieces.append("\n")
        elif child.tag == M + "oMath":
            tree = omml.mathml(child)
            pieces.append(mathml.text_of(tree))
            formulas.append(mathml.source_of(tree))
        else:
            text = child.findtext(A + "t") or ""
            pieces.append(raised(text) if _is_raised(child) else text)
    lines = "".join(pieces).replace("\x0b", "\n").split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines))), tuple(formulas)


def _is_raised(run: etree._Element) -> bool:
    told = run.find(A + "rPr")
    return told is not None and _integer(told.get("baseline")) > 0


def _is_code(paragraph: etree._Element) -> bool:
    """All of it is in faces of one width."""
    written = [run for run in paragraph.iter(A + "r") if (run.findtext(A + "t") or "").strip()]
    faces = [face.get("typeface", "") if (face := run.find(f"{A}rPr/{A}latin")) is not None else "" for run in written]
    return bool(faces) and all(map(is_mono, faces)) and paragraph.find(f".//{M}oMath") is None


def _listed(paragraph: etree._Element) -> str:
    """Its lines as they stand, but for the blanks at their ends."""
    pieces = ("\n" if child.tag == A + "br" else child.findtext(A + "t") or "" for child in _spans(paragraph))
    return "\n".join(line.rstrip() for line in "".join(pieces).replace("\x0b", "\n").split("\n")).strip("\n")


def _spans(node: etree._Element) -> Iterator[etree._Element]:
    """Runs, breaks, fields and formulas."""
    for child in node.iterchildren(etree.Element):
        if child.tag in (A + "r", A + "br", A + "fld", M + "oMath"):
            yield child
        elif child.tag == MC + "AlternateContent":
            chosen = branch(child)
            yield from _spans(chosen) if chosen is not None else ()
        elif child.tag not in (A + "pPr", A + "endParaRPr"):
            yield from _spans(child)


def _numbered(number: int, form: str) -> str:
    """`a)`, `IV.`, `3`: as the name of the form says."""
    found = _PLACE.match(form)
    if found is None:
        return f"{number}."
    shown = numeral(number, _FORMS.get(f"{found[1]}{found[2] or ''}", "1"))
    return {"Period": f"{shown}.", "ParenR": f"{shown})", "ParenBoth": f"({shown})"}.get(found[3], shown)


def _integer(told: str | None, default: int = 0) -> int:
    digits = told or ""
    return int(digits) if len(digits) < 16 and digits.removeprefix("-").isdecimal() else default
