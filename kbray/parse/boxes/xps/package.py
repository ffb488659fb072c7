"""The parts of an XPS document, which may lie in the archive in pieces, and its pages in their order."""

import posixpath
from collections.abc import Iterator

from lxml import etree

from kbray.errors import CorruptDocument
from kbray.parse.archive import Archive

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


class Package:
    """`missing`: names of parts that were asked for in vain."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.missing: dict[str, None] = {}
        self._pieces: dict[str, dict[int, str]] = {}
        for name in archive.names:
            part, _, piece = name.rpartition("/")
            number = piece.lower().removesuffix(".piece").removesuffix(".last").strip("[]")
            if piece.lower().endswith(".piece") and number.isdecimal():
                self._pieces.setdefault(part.lower(), {})[int(number)] = name

    def read(self, name: str) -> bytes | None:
        """A part; None: it isn't there. Raises: those of `Archive.read`."""
        name = name.lstrip("/")
        found = self._archive.find(name)
        if found is not None:
            return self._archive.read(found)
        if pieces := self._pieces.get(name.lower()):
            return b"".join(self._archive.read(pieces[number]) for number in sorted(pieces))
        self.missing[name] = None
        return None

    def tree(self, name: str) -> etree._Element:
        """Raises: CorruptDocument: it isn't there, or is damaged."""
        data = self.read(name)
        if data is None:
            raise CorruptDocument(f"{name} is not in the file")
        try:
            return etree.fromstring(data, _PARSER)
        except etree.XMLSyntaxError as error:
            raise CorruptDocument(f"{name} is damaged: {error.msg}") from None

    def pages(self) -> list[str]:
        """The names of their parts. Raises: CorruptDocument: nothing tells them."""
        relations = self.tree("_rels/.rels")
        first = next((one.get("Target", "") for one in relations if one.get("Type", "").endswith("/fixedrepresentation")), None)
        if first is None:
            raise CorruptDocument("The file names no document in it")
        return list(self._pages(first))

    def _pages(self, sequence: str) -> Iterator[str]:
        for document in self.tree(sequence).iter("{*}DocumentReference"):
            name = resolved(sequence, document.get("Source", ""))
            yield from (resolved(name, page.get("Source", "")) for page in self.tree(name).iter("{*}PageContent"))


def resolved(base: str, name: str) -> str:
    """A name as it stands in the part `base`."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(base), name)).lstrip("/")
