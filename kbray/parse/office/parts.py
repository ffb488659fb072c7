"""Parts that an office package names and that aren't in it: programs leave them out without a word, and so would we."""

import posixpath
from collections.abc import Iterator
from contextlib import suppress

from lxml import etree

from kbray.errors import CorruptDocument
from kbray.parse.archive import Archive
from kbray.parse.office.ooxml import Package, parsed

_RELATIONS = "_rels"
# Kinds of relations by which parts are named that show something; what stands on slides and sheets their readers tell.
_SHOWN = frozenset(
    (
        *("styles", "numbering", "header", "footer", "footnotes", "endnotes", "comments", "threadedComment", "aFChunk"),
        *("image", "drawing", "chart", "chartUserShapes", "diagramData", "oleObject", "package", "sharedStrings"),
        *("slideLayout", "slideMaster", "notesSlide"),
    )
)
_NONE = "NULL"  # what PowerPoint writes for a picture that it lost itself
_MANIFEST = "META-INF/manifest.xml"
_ENTRY = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_NOT_SHOWN = ("Thumbnails/", "Configurations", "ObjectReplacements/", "Basic/", "Dialogs/", "META-INF/", "layout-cache")
_QUOTED = 5


def missing(archive: Archive) -> tuple[str, ...]:
    """What to tell of the parts with text, pictures or styles that the package names and hasn't; nothing where it has all."""
    names = archive.names
    parts = _named(Package(archive), names) if archive.find(_MANIFEST) is None else _listed(archive)
    lost = [part for part in dict.fromkeys(parts) if archive.find(part) is None]
    if not lost:
        return ()
    more = ", …" if len(lost) > _QUOTED else ""
    named = ", ".join(lost[:_QUOTED]) + more
    return (f"Parts that the file names are not in it ({len(lost)}: {named}): it is damaged or cut short; fetch it again.",)


def _named(package: Package, names: tuple[str, ...]) -> Iterator[str]:
    """Parts of an Office Open XML package, by its relations."""
    for name in names:
        folder, _, file = name.rpartition("/")
        if posixpath.basename(folder) == _RELATIONS and file.endswith(".rels"):
            of = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
            with suppress(etree.XMLSyntaxError, CorruptDocument):  # of a part that nobody reads
                shown = (one.target for one in package.relations(of).values() if one.kind in _SHOWN)
                yield from (target for target in shown if posixpath.basename(target) != _NONE)


def _listed(archive: Archive) -> Iterator[str]:
    """Parts of an OpenDocument package, by its manifest."""
    with suppress(etree.XMLSyntaxError, CorruptDocument):
        for node in parsed(archive.read(_MANIFEST)).iter(_ENTRY + "file-entry"):
            path = node.get(_ENTRY + "full-path", "").removeprefix("./")
            if path and not path.endswith("/") and not path.startswith(_NOT_SHOWN):
                yield path
