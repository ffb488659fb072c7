"""Kindle books → elements, by the reader of web pages: Mobipocket (MOBI, AZW), KF8 (AZW3), and PalmDOC, which is plain text."""

import re
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Element, Metadata, Parsed, Unit, Window
from kbray.parse import html
from kbray.parse.encoding import decode
from kbray.parse.markup import trees
from kbray.parse.mobi.markup import page_of
from kbray.parse.mobi.palm import NONE, Database, Header, text_of

ENGINE = "mobi"
_CODECS = {1252: "cp1252", 65001: "utf-8"}
_EXTH, _BOUNDARY = 0x40, 121  # a flag, and the kind of entry that tells where the book is again, as KF8
_AUTHOR, _PUBLISHER, _ISBN, _DATE, _TITLE, _LANGUAGE = 100, 101, 104, 106, 503, 524
_MARKUP = re.compile(rb"<(?:html|body|p|div|h[1-6]|br)\b", re.IGNORECASE)
_NOTES = frozenset(("noteref", "footnote", "endnote", "rearnote"))
_TITLE_TAG = re.compile("h[1-6]")
_AT_THE_END = 0.7  # of all elements
_MOST = 10_000  # entries


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole book, whatever the window; of one that is in the file twice, the newer.

    Raises: EncryptedDocument: DRM. CorruptDocument, DocumentTooLarge, EmptyDocument.
    """
    database = Database.of(path.read_bytes())
    header = Header(database.record(0))
    said = _said(header)
    second = int.from_bytes(said.get(_BOUNDARY, [b"\xff" * 4])[0], "big")
    if second != NONE and second < len(database.records):
        header = Header(database.record(second), second)
        said = _said(header) or said
    text = text_of(database, header, limits.max_unpacked_bytes)
    codec = _CODECS.get(header.long(28)) if header.is_mobi else None
    elements: tuple[Element, ...]
    if _MARKUP.search(text):
        decoded = decode(page_of(database, header, text) if header.is_mobi else text, declared=True, charset=codec)
        root = trees.html(decoded.text)
        elements = html.read(_telling(root)) if root is not None else ()
    else:
        decoded = decode(text, charset=codec)
        elements = tuple(Element("paragraph", line) for line in map(str.strip, decoded.text.splitlines()) if line)
    if not elements:
        raise EmptyDocument("There is nothing in the book.")
    units = (Unit("whole", sum(len(element.text) for element in elements)),)
    return Parsed(ENGINE, elements, units, _metadata(header, said, codec or "cp1252"), warnings=decoded.warnings)


def _telling(root: etree._Element) -> etree._Element:
    """With types of notes under the name by which they are known: Calibre takes the prefix off.

    Where the only title is at the end it is that of the contents, which Calibre adds: then titles are told by their looks, as in
    books without any.
    """
    nodes = list(root.iter("*"))
    for node in nodes:
        if node.get("type") in _NOTES:
            node.set("epub:type", node.get("type", ""))
    titles = [place for place, node in enumerate(nodes) if _TITLE_TAG.fullmatch(str(node.tag))]
    if len(titles) == 1 and titles[0] > _AT_THE_END * len(nodes):
        nodes[titles[0]].tag = "p"
        nodes[titles[0]].set("style", "font-size: 1.5em; font-weight: bold")
    return root


def _said(header: Header) -> dict[int, list[bytes]]:
    """What the header says of the book, by its kind (EXTH)."""
    flags = header.long(128)
    at = 16 + header.long(20) if header.is_mobi else 0
    if flags == NONE or not flags & _EXTH or header.data[at : at + 4] != b"EXTH":
        return {}
    found: dict[int, list[bytes]] = {}
    count = int.from_bytes(header.data[at + 8 : at + 12], "big")
    at += 12
    for _ in range(min(count, _MOST)):
        kind, size = (int.from_bytes(header.data[place : place + 4], "big") for place in (at, at + 4))
        if size < 8:
            break
        found.setdefault(kind, []).append(header.data[at + 8 : at + size])
        at += size
    return found


def _metadata(header: Header, said: dict[int, list[bytes]], codec: str) -> Metadata:
    def texts(kind: int) -> list[str]:
        return [text for value in said.get(kind, ()) if (text := " ".join(value.decode(codec, "replace").split()).strip("\0"))]

    at, size = header.long(84), header.long(88)
    name = " ".join(header.data[at : at + size].decode(codec, "replace").split()) if header.is_mobi and size < NONE else ""
    return Metadata(
        title=next(iter(texts(_TITLE)), name) or None,
        authors=tuple(dict.fromkeys(texts(_AUTHOR))),
        language=next(iter(texts(_LANGUAGE)), None),
        publisher=next(iter(texts(_PUBLISHER)), None),
        date=next(iter(texts(_DATE)), None),
        identifier=next(iter(texts(_ISBN)), None),
    )
