"""The chapters of a book, or a web page, as a browser may show them: without scripts, with their pictures inside."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from kbray.config import MiB, Settings
from kbray.errors import CorruptDocument, EncryptedDocument
from kbray.parse.archive import Archive
from kbray.parse.encoding import decode
from kbray.parse.epub.package import encrypted_members, locate, read_package
from kbray.parse.failing import readable
from kbray.parse.markup import trees

TARGET = "data-target"
"""Of a picture in the markup: what `Element.target` calls it."""
_PICTURE_BYTES, _ALL_PICTURES_BYTES = 1 * MiB, 16 * MiB
_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}
_ADDRESSES = frozenset(("src", "srcset", "href", "poster", "background", "data", "action"))
_SHOWS_NOTHING = ("script", "style", "link", "meta", "base", "iframe", "object", "embed", "form")


def chapters(path: Path, media_type: str, settings: Settings) -> list[tuple[str, str]]:
    """Name and markup, in the order of reading; what can't be read is left out, and kinds without markup have none.

    Raises: DocumentError: the book can't be opened.
    """
    if media_type == "text/html":
        root = trees.html(decode(path.read_bytes(), declared=True).text)
        return [] if root is None else [("", _written(root))]
    if media_type != "application/epub+zip":
        return []
    with Archive(path, settings) as archive:
        return _Book(archive).chapters()


def pictures(path: Path, names: Iterable[str], settings: Settings) -> Iterator[tuple[str, bytes]]:
    """The members of a book with these names, each with its bytes; what can't be read is left out.

    Raises: DocumentError: the book can't be opened.
    """
    with Archive(path, settings) as archive:
        locked = encrypted_members(archive)
        yield from readable((name for name in names if name not in locked), archive.read)


class _Book:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._room = _ALL_PICTURES_BYTES

    def chapters(self) -> list[tuple[str, str]]:
        locked, found = encrypted_members(self._archive), []
        for item in read_package(self._archive).spine:
            if item.problem is None and item.name not in locked:
                try:
                    root = trees.xhtml(self._archive.read(item.name), item.name).root
                except (CorruptDocument, EncryptedDocument):
                    continue
                self._show_pictures(item.name, root)
                found.append((item.name, _written(root)))
        return found

    def _show_pictures(self, chapter: str, root: etree._Element) -> None:
        for node in root.iter("{*}img", "{*}image"):
            for name in ("src", "href", "{http://www.w3.org/1999/xlink}href"):
                if (href := node.get(name)) and (member := locate(self._archive, chapter, href)):
                    node.set(TARGET, member)
                    if held := self._held(member):
                        node.set(name, held)

    def _held(self, member: str) -> str | None:
        """The picture as an address that holds it; None: it is too large, or no picture."""
        try:
            data = self._archive.read(member)
        except (CorruptDocument, EncryptedDocument):
            return None
        kind = next((kind for start, kind in _TYPES.items() if data.startswith(start)), None)
        if b"<svg" in data[:2000]:
            kind = "image/svg+xml"  # as a picture it runs nothing and fetches nothing
        if kind is None or len(data) > min(_PICTURE_BYTES, self._room):
            return None
        self._room -= len(data)
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _written(root: etree._Element) -> str:
    """Without what would run, or be fetched."""
    for node in [*root.iter(*(f"{{*}}{name}" for name in _SHOWS_NOTHING))]:
        if (parent := node.getparent()) is not None:
            _cut(parent, node)
    for node in root.iter("*"):
        for name, value in list(node.attrib.items()):
            plain = str(name).rpartition("}")[2].lower()
            if plain.startswith("on") or (plain in _ADDRESSES and not str(value).startswith("data:image/")):
                del node.attrib[name]
    return etree.tostring(root, encoding="unicode", method="html")


def _cut(parent: etree._Element, node: etree._Element) -> None:
    """Out, but for the text behind it."""
    tail, before = node.tail or "", node.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(node)
