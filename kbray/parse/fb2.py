"""FictionBook 2 (plain, or zipped as libraries keep it) → elements, by the reader of web pages: its tags become HTML's.

Sections give headings their levels, notes are linked as in EPUB, verse keeps its lines. The specification is the schema,
http://www.fictionbook.org/index.php/Eng:XML_Schema_Fictionbook_2.1.
"""

import re
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.errors import CorruptDocument, EmptyDocument
from kbray.model import Metadata, Parsed, Unit, Window
from kbray.parse import html
from kbray.parse.archive import Archive
from kbray.parse.markup import trees
from kbray.parse.markup.notes import TYPE
from kbray.parse.markup.trees import content, local

ENGINE = "fb2"
SUFFIX = ".fb2"
_ZIP = b"PK\x03\x04"
_HREF = "{http://www.w3.org/1999/xlink}href"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOTES = frozenset(("notes", "comments", "footnotes"))  # names of bodies
_SAME = frozenset(("p", "strong", "sub", "sup", "code", "table", "tr", "th", "td"))
_TAGS = {
    **{
        "section": "section",
        "annotation": "div",
        "epigraph": "blockquote",
        "cite": "blockquote",
        "text-author": "p",
        "date": "p",
    },
    **{"poem": "div", "emphasis": "em", "strikethrough": "s", "style": "span"},
}
_AROUND = frozenset(("poem", "empty-line", "image", "text-author", "section"))  # what may follow a poem with a title of its own
_NAMES = ("first-name", "middle-name", "last-name")
_SECTION = re.compile(rb"<(/?)section\b")
_DEEPEST = 200  # sections in each other


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole book, whatever the window.

    Raises: CorruptDocument: no markup in it, or nested too deeply; EmptyDocument; DocumentTooLarge: it unpacks to too much.
    """
    data = _bytes(path, limits)
    tree = trees.xhtml(data, "the book")
    book = _mended(data) if tree.repaired else tree.root
    elements = html.read(_Converter().page(book))
    if not elements:
        raise EmptyDocument("There is nothing in the book.")
    repaired = ("The book is not well-formed XML: where it breaks the rules, words may be misplaced.",) if tree.repaired else ()
    characters = sum(len(element.text) for element in elements)
    return Parsed(ENGINE, elements, (Unit("whole", characters),), _metadata(book), warnings=(*tree.warnings, *repaired))


def _mended(data: bytes) -> etree._Element:
    """As XML, for HTML has a `title` and a `body` of its own. libxml2 drops what is nested deeper than 256 elements."""
    depth = deepest = 0
    for found in _SECTION.finditer(data):
        depth += -1 if found[1] else 1
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise CorruptDocument("Its sections are nested too deeply to be read.")
    return trees.xml(data, "the book")


def _bytes(path: Path, limits: Settings) -> bytes:
    with path.open("rb") as file:
        zipped = file.read(len(_ZIP)) == _ZIP
    if not zipped:
        return path.read_bytes()
    with Archive(path, limits) as archive:
        name = next((name for name in archive.names if name.lower().endswith(SUFFIX)), None)
        if name is None:
            raise CorruptDocument("There is no book in the archive.")
        return archive.read(name)


class _Converter:
    """From FictionBook's tags to those that the walker knows."""

    def page(self, book: etree._Element) -> etree._Element:
        """The text of the book as a web page: annotation, bodies, and the bodies of notes behind them."""
        root = etree.Element("html")
        body = etree.SubElement(root, "body")
        for node in book.iter("*"):
            if local(node.tag) == "annotation" and _is(node.getparent(), "title-info"):
                self._into(body, node, 1, 0)
        for node in book:
            if isinstance(node.tag, str) and local(node.tag) == "body":
                if (node.get("name") or "").lower() in _NOTES:
                    self._notes(body, node)
                else:
                    self._children(etree.SubElement(body, "section"), node, 1, 0)
        return root

    def _notes(self, made: etree._Element, node: etree._Element) -> None:
        """Sections with an id are notes; others hold some."""
        _append(made, node.text)
        for section in node:
            if local(section.tag) == "section" and section.get("id"):
                note = etree.SubElement(made, "aside", {"id": section.get("id") or "", TYPE: "footnote"})
                self._children(note, section, 0, 0)
            elif local(section.tag) == "section":
                self._notes(etree.SubElement(made, "section"), section)
            else:
                self._into(made, section, 2, 0)
            _append(made, section.tail)

    def _children(self, made: etree._Element, node: etree._Element, level: int, depth: int) -> None:
        _append(made, node.text)
        for child in node:
            self._into(made, child, level, depth)
            _append(made, child.tail)

    def _into(self, made: etree._Element, node: etree._Element, level: int, depth: int) -> None:
        """Args: level: of the titles in it; 0: it is a note, or a part of the text, and its titles are none."""
        if depth > _DEEPEST:
            raise CorruptDocument("Its sections are nested too deeply to be read.")
        tag = local(node.tag)
        identifier = {"id": node.get("id") or ""} if node.get("id") else {}
        if tag == "title":
            self._title(made, node, level, identifier)
        elif tag == "subtitle":
            lettered = level and not _is(node.getparent(), "poem") and any(map(str.isalpha, content(node)))
            self._children(etree.SubElement(made, f"h{min(level + 1, 6)}" if lettered else "p", identifier), node, 0, depth + 1)
        elif tag == "stanza":
            self._lines(etree.SubElement(made, "p", identifier), node, depth)
        elif tag == "a":
            note = {TYPE: "noteref"} if node.get("type") == "note" else {}
            self._children(etree.SubElement(made, "a", {"href": _link(node), **note}), node, 0, depth + 1)
        elif tag == "image":
            etree.SubElement(made, "img", {"src": _link(node), "alt": node.get("alt") or node.get("title") or "", **identifier})
        elif tag in _SAME or tag in _TAGS:
            attributes = {name: node.get(name, "") for name in ("colspan", "rowspan") if node.get(name)} | identifier
            if language := node.get(_LANG):
                attributes["lang"] = language
            inner = level + 1 if level and _is_titled(node.getparent()) else level
            inside = etree.SubElement(made, _TAGS.get(tag, tag), attributes)
            self._children(inside, node, inner if tag == "section" or _stands_alone(node) else 0, depth + 1)
        elif tag != "empty-line":
            self._children(etree.SubElement(made, "div", identifier), node, level, depth + 1)

    def _title(self, made: etree._Element, node: etree._Element, level: int, identifier: dict[str, str]) -> None:
        """Its paragraphs are lines of one heading; of a note or poem a paragraph."""
        self._lines(etree.SubElement(made, f"h{min(level, 6)}" if level else "p", identifier), node, 0)

    def _lines(self, made: etree._Element, node: etree._Element, depth: int) -> None:
        """What it holds, each on a line."""
        _append(made, node.text)
        for line in node:
            if len(made) or (made.text or "").strip():
                etree.SubElement(made, "br")
            self._children(etree.SubElement(made, "span"), line, 0, depth + 1)
            if (line.tail or "").strip():
                etree.SubElement(made, "br")
                _append(made, line.tail)


def _is(node: etree._Element | None, tag: str) -> bool:
    return node is not None and local(node.tag) == tag


def _is_titled(node: etree._Element | None) -> bool:
    return node is not None and any(isinstance(child.tag, str) and local(child.tag) == "title" for child in node)


def _stands_alone(node: etree._Element) -> bool:
    """Whether it is a poem after which nothing comes but more of them: prose would seem to belong below its title."""
    return local(node.tag) == "poem" and all(local(after.tag) in _AROUND for after in node.itersiblings("*"))


def _link(node: etree._Element) -> str:
    """Its target, under whatever prefix, also where that is declared nowhere."""
    return node.get(_HREF) or next((node.get(name, "") for name in node.attrib if local(str(name)) == "href"), "")


def _append(made: etree._Element, text: str | None) -> None:
    if not text:
        return
    if len(made):
        made[-1].tail = (made[-1].tail or "") + text
    else:
        made.text = (made.text or "") + text


def _metadata(book: etree._Element) -> Metadata:
    """What its description says: of the book as it was first, and of the edition."""
    description = next((node for node in book if isinstance(node.tag, str) and local(node.tag) == "description"), None)
    said: dict[str, dict[str, list[etree._Element]]] = {}
    for part in description if description is not None else ():
        if isinstance(part.tag, str):
            for node in part.iter("*"):
                said.setdefault(local(part.tag), {}).setdefault(local(node.tag), []).append(node)

    def first(part: str, name: str) -> str | None:
        return next(filter(None, map(content, said.get(part, {}).get(name, []))), None)

    authors = (_author(node) for node in said.get("title-info", {}).get("author", []))
    dated = next((node.get("value") for node in said.get("title-info", {}).get("date", []) if node.get("value")), None)
    return Metadata(
        title=first("title-info", "book-title") or first("publish-info", "book-name"),
        authors=tuple(dict.fromkeys(filter(None, authors))),
        language=first("title-info", "lang"),
        publisher=first("publish-info", "publisher"),
        date=dated or first("title-info", "date") or first("publish-info", "year"),
        identifier=first("publish-info", "isbn") or first("document-info", "id"),
    )


def _author(node: etree._Element) -> str:
    named = {local(child.tag): content(child) for child in node if isinstance(child.tag, str)}
    return " ".join(filter(None, (named.get(name, "") for name in _NAMES))) or named.get("nickname", "")
