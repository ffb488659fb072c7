"""Office Open XML packages: their parts as trees, what parts refer to, and what a package says of itself."""

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.model import Metadata
from kbray.parse.archive import Archive, resolve

DC = "{http://purl.org/dc/elements/1.1/}"
TERMS = "{http://purl.org/dc/terms/}"
OOXML = "http://schemas.openxmlformats.org/"
W = f"{{{OOXML}wordprocessingml/2006/main}}"
P = f"{{{OOXML}presentationml/2006/main}}"
S = f"{{{OOXML}spreadsheetml/2006/main}}"
A = f"{{{OOXML}drawingml/2006/main}}"
C = f"{{{OOXML}drawingml/2006/chart}}"
DGM = f"{{{OOXML}drawingml/2006/diagram}}"
M = f"{{{OOXML}officeDocument/2006/math}}"
R = f"{{{OOXML}officeDocument/2006/relationships}}"
MC = f"{{{OOXML}markup-compatibility/2006}}"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")  # the names of Strict Open XML
PARSER, _LENIENT, _HUGE = (
    etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge, recover=lenient)
    for lenient, huge in ((False, False), (True, False), (False, True))
)
_LONGEST = 200  # characters of names that are quoted
_LARGEST_NODE = 10_000_000  # bytes of a text, as a picture in a flat file is one, that the first two parsers take


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to: `kind` is the last word of its type, `target` a member of the package."""

    kind: str
    target: str


class Package:
    """The parts of a package, by the names that relations give; Strict Open XML reads as the ordinary kind."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._relations: dict[str, dict[str, Relation]] = {}
        self._outside: set[tuple[str, str]] = set()  # parts, and ids in them that lead out of the package
        self._unknown: dict[tuple[str, str], None] = {}  # … that mean nothing, of those that were asked for

    def main(self) -> str:
        """The part that is the document.

        Raises: CorruptDocument: the package names none.
        """
        for relation in self.relations("").values():
            if relation.kind == "officeDocument":
                return relation.target
        raise CorruptDocument("The package names no document in it.")

    def tree(self, part: str | None) -> etree._Element | None:
        """The root of a part; None: there is no such part.

        Raises: lxml.etree.XMLSyntaxError: it is damaged; those of `Archive.read`.
        """
        data = self.bytes(part)
        return None if data is None else parsed(data)

    def holds(self, part: str | None) -> bool:
        """Whether there is such a part."""
        return part is not None and self._archive.find(part) is not None

    def bytes(self, part: str | None) -> bytes | None:
        """The XML of a part; None: there is no such part. Raises those of `Archive.read`."""
        name = self._archive.find(part) if part else None
        if name is None:
            return None
        return _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", self._archive.read(name))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to tell of ids for which `target` was asked and that mean nothing: what relates them to parts is lost."""
        if not self._unknown:
            return ()
        parts = ", ".join(dict.fromkeys(part for part, _ in self._unknown))[:_LONGEST]
        return (f"What {parts} shows can't be found in the file ({len(self._unknown)}): it is damaged; fetch it again.",)

    def relations(self, part: str) -> dict[str, Relation]:
        """Id → relation, of those that lead into the package."""
        if part not in self._relations:
            folder, _, name = part.rpartition("/")
            root = self.tree(f"{folder}/_rels/{name}.rels".lstrip("/"))
            nodes = [node for node in (root if root is not None else ()) if isinstance(node.tag, str)]
            self._outside.update((part, node.get("Id", "")) for node in nodes if node.get("TargetMode") == "External")
            self._relations[part] = {
                node.get("Id", ""): Relation(node.get("Type", "").rpartition("/")[2], resolve(part, node.get("Target", "")))
                for node in nodes
                if node.get("TargetMode") != "External"
            }
        return self._relations[part]

    def related(self, part: str, kind: str) -> str | None:
        """The first part of a kind that `part` refers to."""
        return next((relation.target for relation in self.relations(part).values() if relation.kind == kind), None)

    def target(self, part: str, identifier: str | None) -> str | None:
        """The part that this id means in `part`."""
        relation = self.relations(part).get(identifier or "")
        if relation is None and identifier and (part, identifier) not in self._outside:
            self._unknown[part, identifier] = None
        return relation.target if relation else None


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

    authors = (author.strip() for author in (said(DC + "creator") or "").split(";"))
    return Metadata(
        title=said(DC + "title"),
        authors=tuple(author for author in authors if author),
        language=said(DC + "language"),
        publisher=said(DC + "publisher"),
        date=said(TERMS + "modified") or said(TERMS + "created"),
        identifier=said(DC + "identifier"),
    )


def parsed(data: bytes) -> etree._Element:
    """The root of a part. Names of no namespace, or ids that aren't unique, are no damage to office programs.

    Raises: lxml.etree.XMLSyntaxError: it isn't well-formed.
    """
    if len(data) > _LARGEST_NODE:
        return etree.fromstring(data, _HUGE)
    try:
        return etree.fromstring(data, PARSER)
    except etree.XMLSyntaxError:
        faults: Any = PARSER.error_log  # of this run; that of the error goes on from run to run
        if any(fault.level == etree.ErrorLevels.FATAL for fault in faults):
            raise
        return etree.fromstring(data, _LENIENT)


def from_base64(text: str) -> bytes:
    """The bytes of what is written into XML; none where its code is broken."""
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return b""


def first(node: etree._Element, tag: str) -> etree._Element | None:
    """The first child of this name, as `find` gives it, in half the time: long documents ask a hundred thousand times."""
    return next(node.iterchildren(tag), None)


def switched_on(node: etree._Element | None, value: str) -> bool:
    """Whether a property that is on by being there is on: `value` is the name of its attribute."""
    return node is not None and (node.get(value) or "true") not in ("false", "0", "off", "none")


def branch(node: etree._Element) -> etree._Element | None:
    """Of an `mc:AlternateContent` the branch to be shown: the first, which the newest programs take."""
    chosen = node.find(MC + "Choice")
    return chosen if chosen is not None and len(chosen) else node.find(MC + "Fallback")
