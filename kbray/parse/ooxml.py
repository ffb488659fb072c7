"""What every Office Open XML package says of itself."""

from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.model import Metadata
from kbray.parse.archive import Archive

_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def core_properties(path: Path, limits: Settings) -> Metadata:
    """Title, authors, language, publisher, date and identifier of docProps/core.xml; nothing where that is missing or broken."""
    with Archive(path, limits) as package:
        name = package.find("docProps/core.xml")
        if name is None:
            return Metadata()
        try:
            root = etree.fromstring(package.read(name), PARSER)
        except etree.XMLSyntaxError:
            return Metadata()

    def said(tag: str) -> str | None:
        return " ".join((root.findtext(tag) or "").split()) or None

    authors = (author.strip() for author in (said(_DC + "creator") or "").split(";"))
    return Metadata(
        title=said(_DC + "title"),
        authors=tuple(author for author in authors if author),
        language=said(_DC + "language"),
        publisher=said(_DC + "publisher"),
        date=said(_TERMS + "created"),
        identifier=said(_DC + "identifier"),
    )
