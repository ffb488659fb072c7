"""HWPX of Hangul 2014 and later → its document: OWPML (KS X 6101), XML files in a ZIP archive.

Its namespaces differ with the year, so elements go by their local names.
"""

import re
from collections.abc import Callable, Iterator

from lxml import etree

from kbray.model import Metadata
from kbray.parse.archive import Archive, resolve
from kbray.parse.hangul.document import (
    Document,
    Drawn,
    Formula,
    Grid,
    Head,
    Label,
    Note,
    Paragraph,
    Picture,
    Piece,
    Remark,
    Run,
    Running,
    TableCell,
)
from kbray.parse.hangul.labels import SHAPES
from kbray.parse.looks import UNTOLD, Print
from kbray.parse.office.fields import BOXES
from kbray.parse.office.ooxml import parsed

_PACKAGE = "Contents/content.hpf"
_SECTION = re.compile(r"(?:.*/)?section(\d+)\.xml", re.IGNORECASE)
_BREAKS = {"lineBreak": "\n", "tab": "\t", "nbSpace": "\u00a0", "fwSpace": " ", "hyphen": "-"}
_NUMBERS_OF_NOTES = ("FOOTNOTE", "ENDNOTE", "PAGE", "TOTAL_PAGE")
_KINDS = {"OUTLINE": "outline", "NUMBER": "number", "BULLET": "bullet"}
_OBJECTS = ("chart", "ole")
_FIELDS = frozenset(("btn", "checkBtn", "radioBtn", "comboBox", "listBox", "edit"))
_BEFORE = ("TOP", "LEFT")


def read(package: Archive) -> Document:
    """Raises: lxml.etree.XMLSyntaxError: a part is damaged; those of `Archive.read`."""
    told = _tree(package, _PACKAGE)
    styles = _Styles(_tree(package, package.find("Contents/header.xml")))
    document = Document([], styles.labels, _metadata(told) if told is not None else Metadata())
    reader = _Reader(document, styles, _pictures(package, told))
    for name in _sections(package, told):
        root = _tree(package, name)
        if root is not None:
            document.paragraphs += reader.paragraphs(root)
    if reader.begun:
        document.paragraphs.append(Paragraph(list(reader.begun.values())))
    return document


def _tree(package: Archive, name: str | None) -> etree._Element | None:
    found = package.find(name) if name else None
    return parsed(package.read(found)) if found is not None else None


def _local(node: etree._Element) -> str:
    return node.tag.rpartition("}")[2]


def _named(node: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Children with one of these names."""
    return (child for child in node.iterchildren(etree.Element) if _local(child) in names)


def _first(node: etree._Element, name: str) -> etree._Element | None:
    return next(_named(node, name), None)


def _within(node: etree._Element, name: str) -> Iterator[etree._Element]:
    return (one for one in node.iter(etree.Element) if _local(one) == name)


def _integer(node: etree._Element, name: str, otherwise: int = 0) -> int:
    value = node.get(name, "")
    return int(value) if re.fullmatch(r"\d{1,9}", value) else otherwise


def _items(told: etree._Element | None) -> dict[str, str]:
    """Id → member, of all that the package lists."""
    found = {one.get("id", ""): one.get("href", "") for one in _within(told, "item")} if told is not None else {}
    return {name: resolve("", href) for name, href in found.items()}


def _sections(package: Archive, told: etree._Element | None) -> list[str]:
    """In their order; by their numbers, where the package doesn't tell it."""
    items = _items(told)
    spine = [items.get(one.get("idref", ""), "") for one in _within(told, "itemref")] if told is not None else []
    numbered = {name: int(found[1]) for name in package.names if (found := _SECTION.fullmatch(name))}
    told_of = [name for name in dict.fromkeys(filter(None, map(package.find, filter(None, spine)))) if _SECTION.fullmatch(name)]
    return [*told_of, *sorted(numbered.keys() - set(told_of), key=lambda name: numbered[name])]


def _pictures(package: Archive, told: etree._Element | None) -> dict[str, str]:
    """Id → member; by the names of members, where the package doesn't tell."""
    by_name = {name.rpartition("/")[2].rpartition(".")[0]: name for name in package.names if name.startswith("BinData/")}
    return by_name | {key: name for key, href in _items(told).items() if (name := package.find(href)) is not None}


def _metadata(told: etree._Element) -> Metadata:
    found: dict[str, str] = {}
    for node in told.iter(etree.Element):
        name = _local(node)
        if name in ("title", "language") or (name == "meta" and node.get("name")):
            found.setdefault(node.get("name", name), " ".join((node.text or "").split()))
    date = found.get("ModifiedDate") or found.get("CreatedDate") or ""
    return Metadata(
        title=found.get("title") or None,
        authors=tuple(filter(None, (found.get("creator", ""),))),
        language=found.get("language") or None,
        date=date if re.match(r"\d{4}-\d\d-\d\d", date) else None,
    )


class _Styles:
    """What `header.xml` tells of looks, heads of paragraphs and numberings, by their ids."""

    def __init__(self, root: etree._Element | None) -> None:
        self.looks: dict[str, tuple[Print, str, bool]] = {}
        self.heads: dict[str, tuple[str, int, int]] = {}
        self.names: dict[str, str] = {}
        self.labels: dict[int, tuple[Label, ...]] = {}
        if root is None:
            return
        faces = {
            font.get("id", ""): font.get("face", "")
            for group in _within(root, "fontface")
            if group.get("lang") == "LATIN"
            for font in _named(group, "font")
        }
        for node in root.iter(etree.Element):
            if (take := _TAKEN.get(_local(node))) is not None:
                take(self, node, faces)

    def _look(self, node: etree._Element, faces: dict[str, str]) -> None:
        font = _first(node, "fontRef")
        shown = Print(_integer(node, "height") / 100 or None, _first(node, "bold") is not None)
        face = faces.get(font.get("latin", ""), "") if font is not None else ""
        self.looks[node.get("id", "")] = shown, face, _first(node, "supscript") is not None

    def _head(self, node: etree._Element, faces: dict[str, str]) -> None:
        if (head := next(_within(node, "heading"), None)) is not None:
            self.heads[node.get("id", "")] = head.get("type", ""), _integer(head, "level"), _integer(head, "idRef")

    def _style(self, node: etree._Element, faces: dict[str, str]) -> None:
        self.names[node.get("id", "")] = node.get("engName", "")

    def _numbering(self, node: etree._Element, faces: dict[str, str]) -> None:
        heads = sorted(_named(node, "paraHead"), key=lambda head: _integer(head, "level"))
        self.labels[_integer(node, "id")] = tuple(
            Label(head.text or "", SHAPES.get(head.get("numFormat", ""), 0), _integer(head, "start", 1)) for head in heads
        )


_TAKEN: dict[str, Callable[[_Styles, etree._Element, dict[str, str]], None]] = {
    "charPr": _Styles._look,
    "paraPr": _Styles._head,
    "style": _Styles._style,
    "numbering": _Styles._numbering,
}


class _Reader:
    def __init__(self, document: Document, styles: _Styles, pictures: dict[str, str]) -> None:
        self._document = document
        self._styles = styles
        self._pictures = pictures
        self._outline = 0  # the numbering of titles in this section
        self._deleting = False
        self.begun: dict[str, Remark] = {}  # comments to text that goes on, by the ids of its fields

    def paragraphs(self, node: etree._Element) -> list[Paragraph]:
        return [self._paragraph(child) for child in _named(node, "p")]

    def _paragraph(self, node: etree._Element) -> Paragraph:
        for told in _within(node, "secPr"):
            self._outline = _integer(told, "outlineShapeIDRef")
        pieces = [piece for run in _named(node, "run") for piece in self._run(run)]
        return Paragraph(pieces, self._styles.names.get(node.get("styleIDRef", ""), ""), self._head(node.get("paraPrIDRef", "")))

    def _head(self, shape: str) -> Head | None:
        kind, level, numbering = self._styles.heads.get(shape, ("", 0, 0))
        if kind == "OUTLINE":
            return Head("outline", level, self._outline)
        if kind == "NUMBER":
            return Head("number", level, numbering)
        return Head("bullet", level) if kind == "BULLET" else None

    def _run(self, run: etree._Element) -> Iterator[Piece]:
        look, face, raised = self._styles.looks.get(run.get("charPrIDRef", ""), (UNTOLD, "", False))
        for node in run.iterchildren(etree.Element):
            name = _local(node)
            if name == "t":
                yield Run(self._text(node), look, face, raised)
            elif name == "ctrl":
                for control in node.iterchildren(etree.Element):
                    yield from self._control(control)
            else:
                yield from self._object(node, name)

    def _text(self, node: etree._Element) -> str:
        """What is shown of a run; changes are accepted."""
        pieces = [self._kept(node.text)]
        for child in node.iterchildren(etree.Element):
            name = _local(child)
            if name in ("deleteBegin", "deleteEnd"):
                self._document.deletions += name == "deleteBegin"
                self._deleting = name == "deleteBegin"
            else:
                pieces.append(self._kept(_BREAKS.get(name, "")))
            pieces.append(self._kept(child.tail))
        return "".join(pieces)

    def _kept(self, text: str | None) -> str:
        return text if text and not self._deleting else ""

    # ------------------------------------------------------------ controls and objects

    def _control(self, node: etree._Element) -> Iterator[Piece]:
        name = _local(node)
        if name in ("footNote", "endNote"):
            yield Note(self._listed(node))
        elif name in ("header", "footer"):
            yield Running("header" if name == "header" else "footer", self._listed(node))
        elif name == "hiddenComment":
            yield Remark(self._listed(node))
        elif name == "fieldBegin" and node.get("type") == "MEMO":
            told = {one.get("name", ""): (one.text or "").strip() for one in _within(node, "stringParam")}
            self.begun[node.get("id", "")] = Remark(self._listed(node), told.get("Author"), told.get("CreateDateTime"))
        elif name == "fieldEnd" and (remark := self.begun.pop(node.get("beginIDRef", ""), None)) is not None:
            yield remark
        elif name == "autoNum" and node.get("numType") not in _NUMBERS_OF_NOTES:
            yield Run(node.get("num", ""))

    def _listed(self, node: etree._Element) -> list[Paragraph]:
        return [paragraph for inner in _named(node, "subList") for paragraph in self.paragraphs(inner)]

    def _object(self, node: etree._Element, name: str) -> Iterator[Piece]:
        if name == "equation":
            yield from (Formula(script.text or "") for script in _named(node, "script"))
        elif name == "dutmal":
            below, above = (_first(node, part) for part in ("mainText", "subText"))
            yield Run(f"{_said(below)}({_said(above)})")
        elif name == "compose":
            yield Run(node.get("composeText", ""))
        elif name in _FIELDS:
            yield Run(_field(node, name))
        elif _first(node, "sz") is not None or name == "container":
            yield self._drawn(node, name)

    def _drawn(self, node: etree._Element, name: str) -> Drawn:
        place = _first(node, "pos")
        drawn = Drawn([], place is not None and place.get("treatAsChar") == "1")
        for told in _named(node, "caption"):
            drawn.caption += self._listed(told)
            drawn.caption_first = told.get("side") in _BEFORE
        self._shape(node, name, drawn)
        return drawn

    def _shape(self, node: etree._Element, name: str, drawn: Drawn) -> None:
        """What a part of a drawing, and all in it, gives."""
        if name == "tbl":
            drawn.parts.append(Grid([self._cell(cell) for row in _named(node, "tr") for cell in _named(row, "tc")]))
            return
        if name in _OBJECTS:
            self._document.unread_objects += 1
        for child in node.iterchildren(etree.Element):
            kind = _local(child)
            if kind == "img":
                told = _first(node, "shapeComment")
                drawn.parts.append(Picture(self._pictures.get(child.get("binaryItemIDRef", ""), ""), _said(told)))
            elif kind == "drawText":
                drawn.parts.append(self._listed(child))
            elif _first(child, "sz") is not None or kind == "container":
                self._shape(child, kind, drawn)

    def _cell(self, node: etree._Element) -> TableCell:
        place, size = (_first(node, name) for name in ("cellAddr", "cellSpan"))
        row, column = (_integer(place, name) if place is not None else 0 for name in ("rowAddr", "colAddr"))
        down, across = (_integer(size, name, 1) if size is not None else 1 for name in ("rowSpan", "colSpan"))
        return TableCell(row, column, max(down, 1), max(across, 1), node.get("header") == "1", self._listed(node))


def _field(node: etree._Element, name: str) -> str:
    """What a field of a form shows: its label, or what was filled in or chosen."""
    if name in ("checkBtn", "radioBtn"):
        return f"{BOXES[node.get('value') == 'CHECKED']} {node.get('caption', '')} "
    return " ".join(filter(None, (node.get("caption"), node.get("selectedValue"), _said(_first(node, "text"))))) + " "


def _said(node: etree._Element | None) -> str:
    return " ".join((node.text or "").split()) if node is not None else ""
