"""Word and PowerPoint documents in one file of XML → the package of parts that their readers take.

Two kinds: a package whose parts are written into one file (Flat OPC, which Office calls "XML Document"), and what Word wrote
before there were packages (`word2003`).
"""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from kbray.config import MiB, Settings
from kbray.errors import DocumentTooLarge
from kbray.parse.media import DOCX, FLAT_DOCX, FLAT_PPTX, PPTX, WORD_2003
from kbray.parse.office import word2003
from kbray.parse.office.ooxml import from_base64, parsed

AS_PACKAGE = {FLAT_DOCX: DOCX, FLAT_PPTX: PPTX, WORD_2003: DOCX}
"""Media type → that of the package it becomes."""
_PKG = "{http://schemas.microsoft.com/office/2006/xmlPackage}"


@contextmanager
def packed(path: Path, media_type: str, limits: Settings) -> Iterator[Path]:
    """The package, until the end. Raises: lxml.etree.XMLSyntaxError: it is damaged; DocumentTooLarge."""
    root = tree(path, limits)
    parts = word2003.parts(root) if media_type == WORD_2003 else _parts(root)
    with tempfile.NamedTemporaryFile() as file:
        with zipfile.ZipFile(file, "w") as package:
            for name, data in parts:
                package.writestr(name, data)
        file.flush()
        yield Path(file.name)


def tree(path: Path, limits: Settings) -> etree._Element:
    """The root of a document of one file. Raises: as `packed`."""
    if path.stat().st_size > limits.max_member_bytes:
        size, most = path.stat().st_size / MiB, limits.max_member_bytes / MiB
        raise DocumentTooLarge(f"The XML has {size:.0f} MiB, more than the {most:.0f} MiB of max_member_bytes.")
    return parsed(path.read_bytes())


def _parts(root: etree._Element) -> Iterator[tuple[str, bytes]]:
    for part in root.iterchildren(_PKG + "part"):
        name = part.get(_PKG + "name", "").lstrip("/")
        xml, packed = part.find(_PKG + "xmlData"), part.findtext(_PKG + "binaryData")
        if name and xml is not None and len(xml):
            yield name, etree.tostring(xml[0], encoding="utf-8", xml_declaration=True, with_tail=False)
        elif name and packed:
            yield name, from_base64(packed)
