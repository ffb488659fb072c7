"""Documents in the XML that Word 2003 wrote, as the parts of a DOCX, which has the same elements for most.

What was written where it is referred to (notes, comments, headers, footers, pictures) moves into parts of its own; lists, tracked
changes and properties are called as they have been since.

Source: "WordprocessingML" in Microsoft's Office 2003 XML Reference Schemas.
"""

import posixpath
from collections.abc import Iterable, Iterator

from lxml import etree

from kbray.parse.office.ooxml import DC, OOXML, TERMS, R, W, from_base64, parsed

_BEFORE = b"http://schemas.microsoft.com/office/word/2003/wordml"
_HINT = "{http://schemas.microsoft.com/office/word/2003/auxHint}"
_AML = "{http://schemas.microsoft.com/aml/2001/core}"
_V = "{urn:schemas-microsoft-com:vml}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_VAL = W + "val"
_NOTES = {"footnote": "footnoteReference", "endnote": "endnoteReference"}
_RUNNING = {W + "hdr": ("header", "headerReference"), W + "ftr": ("footer", "footerReference")}
_RENAMED = {
    **{
        W + before: W + now
        for before, now in (("listPr", "numPr"), ("ilfo", "numId"), ("vmerge", "vMerge"), ("hlink", "hyperlink"))
    },
    **{W + before: W + now for before, now in (("listDef", "abstractNum"), ("list", "num"), ("ilst", "abstractNumId"))},
    **{W + before: W + now for before, now in (("nfc", "numFmt"), ("listStyleLink", "numStyleLink"))},
}
_ATTRIBUTES = ((W + "listDefId", W + "abstractNumId"), (W + "ilfo", W + "numId"), (W + "h-ansi", W + "hAnsi"))
_FORMATS = {
    **{"0": "decimal", "1": "upperRoman", "2": "lowerRoman", "3": "upperLetter", "4": "lowerLetter", "5": "ordinal"},
    **{"22": "decimalZero", "23": "bullet", "255": "none"},
}
"""Of numbers in lists, by their code."""


def parts(root: etree._Element) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the parts."""
    return _Document(parsed(etree.tostring(root, encoding="utf-8").replace(_BEFORE, W.strip("{}").encode()))).parts()


class _Document:
    """One that is being taken apart."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._body = root.find(W + "body")
        self._noted: dict[str, list[etree._Element]] = {"footnote": [], "endnote": [], "comment": []}
        self._running: list[tuple[str, etree._Element]] = []
        self._pictures: dict[str, tuple[str, bytes]] = {}  # by the name that they are referred to: the part, and what is in it
        self._relations: dict[str, tuple[str, str]] = {}  # id → kind and target, of the document

    def parts(self) -> Iterator[tuple[str, bytes]]:
        if self._body is not None:
            self._take_pictures()
            self._take_apart(self._body)
        _rename(self._root)
        for kind, notes in self._noted.items():
            if notes:
                yield from self._written(f"word/{kind}s.xml", f"{kind}s", _holding(f"{kind}s", notes))
        for number, (kind, node) in enumerate(self._running, start=1):
            yield f"word/{kind}{number}.xml", etree.tostring(node)
        for name, tag in (("styles", W + "styles"), ("numbering", W + "lists")):
            if (told := self._root.find(tag)) is not None:
                yield from self._written(f"word/{name}.xml", name, told)
        yield from self._pictures.values()
        yield "word/document.xml", etree.tostring(_holding("document", [self._body] if self._body is not None else []))
        yield "word/_rels/document.xml.rels", _relations(self._relations)
        yield "_rels/.rels", _relations({"d": ("officeDocument", "word/document.xml")})
        yield "docProps/core.xml", etree.tostring(self._properties())

    def _written(self, part: str, kind: str, node: etree._Element) -> Iterator[tuple[str, bytes]]:
        self._relate(kind, part)
        yield part, etree.tostring(node)

    def _relate(self, kind: str, part: str) -> str:
        identifier = f"r{len(self._relations) + 1}"
        self._relations[identifier] = kind, part.removeprefix("word/")
        return identifier

    def _take_pictures(self) -> None:
        """They stand in the first place that shows them, and are referred to from there and from others."""
        for node in list(self._root.iter(W + "binData")):
            name = node.get(W + "name", "")
            _remove(node)
            if name in self._pictures:
                continue
            part = f"word/media/{len(self._pictures) + 1}{posixpath.splitext(name)[1]}"
            self._pictures[name] = part, from_base64(node.text or "")
        shown = {name: self._relate("image", part) for name, (part, _) in self._pictures.items()}
        for node in self._root.iter(_V + "imagedata"):
            if identifier := shown.get(node.get("src", "")):
                node.set(R + "id", identifier)

    def _take_apart(self, story: etree._Element) -> None:
        """What stands within others comes first: a comment to a note is no part of the text."""
        for node in reversed(list(story.iter(etree.Element))):
            tag = str(node.tag)
            if tag.startswith(_HINT) and len(node):
                _unwrap(node)
            elif tag == _AML + "annotation":
                self._change(node)
            elif tag in _RUNNING:
                kind, reference = _RUNNING[tag]
                self._running.append((kind, node))
                of_page = {"odd": "default"}.get(node.get(W + "type", ""), node.get(W + "type", ""))
                part = f"word/{kind}{len(self._running)}.xml"
                _replace(node, _node(reference, {W + "type": of_page, R + "id": self._relate(kind, part)}))
            elif (kind := tag.removeprefix(W)) in _NOTES:
                _replace(node, _node(_NOTES[kind], {W + "id": self._note(kind, node)}))
                node.tag = W + kind

    def _change(self, node: etree._Element) -> None:
        """A tracked change, a comment, or what is of no matter: bookmarks, former looks."""
        kind, content = node.get(W + "type", ""), node.find(_AML + "content")
        if kind == "Word.Insertion" and content is not None:
            _unwrap(content)
            _unwrap(node)
        elif kind == "Word.Deletion":
            node.tag = W + "del"
        elif kind == "Word.Comment" and content is not None:
            about = {W + "author": node.get(_AML + "author", ""), W + "date": node.get(_AML + "createdate", "")}
            comment = _node("comment", about)
            comment.extend(list(content))
            _replace(node, _node("commentReference", {W + "id": self._note("comment", comment)}))
        else:
            _remove(node)

    def _note(self, kind: str, node: etree._Element) -> str:
        """Its id. Those that are found first stand last in the text."""
        identifier = str(len(self._noted[kind]) + 1)
        node.set(W + "id", identifier)
        self._noted[kind].append(node)
        return identifier

    def _properties(self) -> etree._Element:
        core = etree.Element("properties")
        told = self._root.find(_OFFICE + "DocumentProperties")
        for name, tag in (
            ("Title", DC + "title"),
            ("Author", DC + "creator"),
            ("LastSaved", TERMS + "modified"),
            ("Created", TERMS + "created"),
        ):
            if told is not None and (text := told.findtext(_OFFICE + name)):
                etree.SubElement(core, tag).text = text
        return core


def _rename(root: etree._Element) -> None:
    for node in root.iter(etree.Element):
        node.tag = _RENAMED.get(str(node.tag), node.tag)
        if node.tag == W + "name":  # of a style, in which LibreOffice writes spaces so
            node.set(_VAL, node.get(_VAL, "").replace("_20_", " "))
        elif node.tag == W + "numFmt":
            node.set(_VAL, _FORMATS.get(node.get(_VAL, ""), "decimal"))
        for before, now in _ATTRIBUTES:
            if (value := node.get(before)) is not None:
                node.set(now, value)


def _node(name: str, attributes: dict[str, str]) -> etree._Element:
    return etree.Element(W + name, attributes)


def _holding(name: str, nodes: Iterable[etree._Element]) -> etree._Element:
    holder = _node(name, {})
    holder.extend(list(nodes))
    return holder


def _replace(node: etree._Element, other: etree._Element) -> None:
    if (parent := node.getparent()) is not None:
        parent.replace(node, other)


def _remove(node: etree._Element) -> None:
    if (parent := node.getparent()) is not None:
        parent.remove(node)


def _unwrap(node: etree._Element) -> None:
    """Its children in its place."""
    if (parent := node.getparent()) is not None:
        at = parent.index(node)
        parent[at : at + 1] = list(node)


def _relations(named: dict[str, tuple[str, str]]) -> bytes:
    root = etree.Element(f"{{{_RELATIONS}}}Relationships")
    for identifier, (kind, target) in named.items():
        about = {"Id": identifier, "Type": f"{OOXML}officeDocument/2006/relationships/{kind}", "Target": target}
        etree.SubElement(root, f"{{{_RELATIONS}}}Relationship", about)
    return etree.tostring(root)
