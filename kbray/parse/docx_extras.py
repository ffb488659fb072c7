"""What python-docx and unstructured leave out of a DOCX file without a word: footnotes, endnotes, formulas."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.model import Element
from kbray.parse.archive import Archive
from kbray.parse.ooxml import PARSER

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_DOCUMENT = "word/document.xml"
_KINDS = (("footnoteReference", "word/footnotes.xml", "footnote"), ("endnoteReference", "word/endnotes.xml", "endnote"))


@dataclass(frozen=True, slots=True)
class Completed:
    """The file with `[^n]` in its text for each mark of a note, and with formulas as text; the notes in their order."""

    file: io.BytesIO
    notes: tuple[Element, ...] = ()
    formulas: int = 0


def complete(path: Path, limits: Settings) -> Completed:
    """Raises: CorruptDocument: the archive is damaged; lxml.etree.XMLSyntaxError: the document is."""
    data = path.read_bytes()
    with Archive(path, limits) as package:
        if package.find(_DOCUMENT) is None:
            return Completed(io.BytesIO(data))
        texts = {tag: _texts(package, part, note) for tag, part, note in _KINDS}
        root = etree.fromstring(package.read(_DOCUMENT), PARSER)
    notes, formulas = _mark(root, texts), _spell_formulas(root)
    if not notes and not formulas:
        return Completed(io.BytesIO(data))
    document = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return Completed(_replaced(data, document), notes, formulas)


def _texts(package: Archive, part: str, note: str) -> dict[str, str]:
    """The text of each note of a part by its id; separators are no notes."""
    name = package.find(part)
    if name is None:
        return {}
    root = etree.fromstring(package.read(name), PARSER)
    return {
        node.get(_W + "id", ""): "\n".join(filter(None, map(_paragraph, node.iter(_W + "p"))))
        for node in root.iter(_W + note)
        if node.get(_W + "type") in (None, "normal")
    }


def _paragraph(paragraph: etree._Element) -> str:
    pieces = (node.text or "" if node.tag == _W + "t" else " " for node in paragraph.iter(_W + "t", _W + "tab", _W + "br"))
    return " ".join("".join(pieces).split())


def _mark(root: etree._Element, texts: dict[str, dict[str, str]]) -> tuple[Element, ...]:
    """Put the marks into the tree; labels count from 1 through the file."""
    notes: list[Element] = []
    for reference in list(root.iter(*(_W + tag for tag in texts))):
        text = texts[etree.QName(reference).localname].get(reference.get(_W + "id", ""))
        parent = reference.getparent()
        if text is None or parent is None:
            continue
        label = str(len(notes) + 1)
        parent.replace(reference, _text(f"[^{label}]"))
        notes.append(Element("footnote", text, marker=label))
    return tuple(notes)


def _spell_formulas(root: etree._Element) -> int:
    """Put the characters of each formula into the text, in their order; how many there were."""
    formulas = list(root.iter(_M + "oMath"))
    for formula in formulas:
        parent = formula.getparent()
        characters = "".join(node.text or "" for node in formula.iter(_M + "t"))
        if parent is None or not characters:
            continue
        run = etree.Element(_W + "r")
        run.append(_text(characters))
        outer = parent.getparent() if parent.tag == _M + "oMathPara" else None
        if outer is not None:  # a displayed formula: python-docx looks at the runs of the paragraph only
            parent.addprevious(run)
        else:
            run.tail = formula.tail
            parent.replace(formula, run)
    return len(formulas)


def _text(content: str) -> etree._Element:
    node = etree.Element(_W + "t", {_XML_SPACE: "preserve"})
    node.text = content
    return node


def _replaced(data: bytes, document: bytes) -> io.BytesIO:
    """The package with another document.xml; stored, not packed, since it is read once."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.infolist():
            new.writestr(member.filename, document if member.filename == _DOCUMENT else old.read(member))
    target.seek(0)
    return target
