"""Kindle books → elements, by the reader of web pages: Mobipocket (MOBI, AZW), KF8 (AZW3), and PalmDOC, which is plain text."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.document.layout.headings import folded
from kbray.errors import EmptyDocument
from kbray.model import Element, Metadata, Parsed, Unit, Window
from kbray.parse import html
from kbray.parse.encoding import decode
from kbray.parse.markup import trees
from kbray.parse.mobi.markup import Content, contents_of, page_of
from kbray.parse.mobi.palm import NONE, Database, Header, text_of

ENGINE = "mobi"
_CODECS = {1252: "cp1252", 65001: "utf-8"}
_EXTH, _BOUNDARY = 0x40, 121  # a flag, and the kind of entry that tells where the book is again, as KF8
_AUTHOR, _PUBLISHER, _ISBN, _DATE, _TITLE, _LANGUAGE = 100, 101, 104, 106, 503, 524
_MARKUP = re.compile(rb"<(?:html|body|p|div|h[1-6]|br)\b", re.IGNORECASE)
_NOTES = frozenset(("noteref", "footnote", "endnote", "rearnote"))
_PARAGRAPHS = frozenset(("p", "div"))
_NEAR = 8  # elements behind the place that the contents name: breaks, pictures, anchors
_MOST = 10_000  # entries
_WHOLE = 0.99  # of the text


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
    pieces = text_of(database, header, limits.max_unpacked_bytes)
    text = b"".join(pieces)
    codec = _CODECS.get(header.long(28)) if header.is_mobi else None
    elements: tuple[Element, ...]
    if _MARKUP.search(text):
        contents = contents_of(database, header) if header.is_mobi else []
        decoded = decode(page_of(database, header, text, contents) if header.is_mobi else text, declared=True, charset=codec)
        root = trees.html(decoded.text)
        elements = html.read(_telling(root, contents, codec or "cp1252")) if root is not None else ()
    else:
        decoded = decode(text, charset=codec)
        elements = tuple(Element("paragraph", line) for line in map(str.strip, decoded.text.splitlines()) if line)
    if not elements:
        raise EmptyDocument("There is nothing in the book.")
    units = (Unit("whole", sum(len(element.text) for element in elements)),)
    warnings = (*_short(len(text), header.long(4)), *_uneven(pieces, header.short(10)), *decoded.warnings)
    return Parsed(ENGINE, elements, units, _metadata(header, said, codec or "cp1252"), warnings=warnings)


def _short(size: int, told: int) -> Iterator[str]:
    """Args: told: the size of the text, in bytes, as the header has it."""
    if told != NONE and size < _WHOLE * told:
        yield f"The book is damaged: of {told:,} bytes of text that it tells of, {size:,} are there, and what is missing is lost."


def _uneven(pieces: Sequence[bytes], usual: int) -> Iterator[str]:
    """Args: usual: bytes of each piece of the text but the last, as the header has it. Some programs keep to none."""
    wrong = sum(len(piece) != usual for piece in pieces[:-1])
    if 0 < 2 * wrong < len(pieces) - 1:
        yield f"The book is damaged: {wrong:,} of the {len(pieces):,} pieces of its text are wrong or lost; fetch it again."


def _telling(root: etree._Element, contents: Sequence[Content], codec: str) -> etree._Element:
    """With titles by their looks and by the contents, and with types of notes under the name by which they are known.

    Calibre takes the prefix off that, and makes paragraphs of titles in books of old.
    """
    for node in root.iter("*"):
        if node.get("type") in _NOTES:
            node.set("epub:type", node.get("type", ""))
    html.mark_titles(root)
    anchors = {node.get("id"): node for node in root.iter("*") if node.get("id")}
    for content in contents:
        label = folded(content.label.decode(codec, "replace"))
        block = _block(anchors.get(content.anchor))
        if block is not None and label and folded(trees.content(block)) == label:
            block.tag = f"h{min(content.depth + 1, 6)}"
    return root


def _block(node: etree._Element | None) -> etree._Element | None:
    """The first with text at a place that the contents name, or a little behind it."""
    for _ in range(_NEAR):
        if node is None or (node.tag in _PARAGRAPHS and trees.content(node)):
            return node
        node = node[0] if len(node) else _following(node)
    return None


def _following(node: etree._Element | None) -> etree._Element | None:
    """The next element that isn't in it."""
    while node is not None:
        if (beside := node.getnext()) is not None:
            return beside
        node = node.getparent()
    return None


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
