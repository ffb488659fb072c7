"""Parts that an office package names and that aren't in it: programs leave them out without a word, and so would we."""

import posixpath
from collections.abc import Iterator
from contextlib import suppress

from lxml import etree

from kbray.errors import CorruptDocument
from kbray.parse.archive import Archive
from kbray.parse.office.ooxml import Package, Relation, parsed

_RELATIONS = "_rels"
# Kinds of relations by which parts are named that show something; what stands on slides and sheets their readers tell.
_SHOWN = frozenset(
    (
        *("styles", "numbering", "header", "footer", "footnotes", "endnotes", "comments", "threadedComment", "aFChunk"),
        *("image", "drawing", "chart", "chartUserShapes", "diagramData", "oleObject", "package", "sharedStrings"),
        *("slideLayout", "slideMaster", "notesSlide"),
    )
)
_RELATING = frozenset(("officeDocument", "slide", "slideLayout"))  # kinds of parts that say nowhere else what belongs to them
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
    """Parts of an Office Open XML package, by its relations; and relations of parts that can't be without."""
    for name in names:
        folder, _, file = name.rpartition("/")
        if posixpath.basename(folder) == _RELATIONS and file.endswith(".rels"):
            of = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
            with suppress(etree.XMLSyntaxError, CorruptDocument):  # of a part that nobody reads
                relations = package.relations(of).values()
                yield from (one.target for one in relations if one.kind in _SHOWN and posixpath.basename(one.target) != _NONE)
                yield from (_relations_of(one.target) for one in relations if one.kind in _RELATING and _is_related(one, names))


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, _RELATIONS, f"{name}.rels")


def _is_related(to: Relation, names: tuple[str, ...]) -> bool:
    """It is there, and of a document more than it: styles, notes, pictures."""
    folder = posixpath.dirname(to.target) + "/"
    return to.target in names and (
        to.kind != "officeDocument" or any(name.startswith(folder) and name != to.target for name in names)
    )


def _listed(archive: Archive) -> Iterator[str]:
    """Parts of an OpenDocument package, by its manifest."""
    with suppress(etree.XMLSyntaxError, CorruptDocument):
        for node in parsed(archive.read(_MANIFEST)).iter(_ENTRY + "file-entry"):
            path = node.get(_ENTRY + "full-path", "").removeprefix("./")
            if path and not path.endswith("/") and not path.startswith(_NOT_SHOWN):
                yield path
