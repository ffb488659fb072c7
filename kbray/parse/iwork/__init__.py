"""Pages, Keynote and Numbers → elements, as office files give them: of 2013 and later by their objects, of before by their XML.

Where neither can be read, the PDF that some of these programs put beside them for previews is read in their place.
"""

import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, EmptyDocument, EncryptedDocument
from kbray.model import Parsed, Window
from kbray.parse import pdf
from kbray.parse.census import is_encrypted
from kbray.parse.iwork import keynote, numbers, old, pages
from kbray.parse.iwork.objects import DOCUMENT, Objects
from kbray.parse.iwork.package import Package
from kbray.parse.iwork.read import Read
from kbray.parse.media import KEYNOTE, NUMBERS, PAGES
from kbray.parse.pictured import not_empty, with_pictures

_NAMES = {PAGES: "Pages document", KEYNOTE: "Keynote presentation", NUMBERS: "Numbers spreadsheet"}
_PREVIEWED = "Only the preview of the document (QuickLook/Preview.pdf) could be read, which may be shorter than it is."


def parse(path: Path, window: Window, limits: Settings, media_type: str) -> Parsed:
    """The whole file, whatever the window.

    Raises: EncryptedDocument, CorruptDocument, DocumentTooLarge, EmptyDocument: no text in it.
    """
    name = _NAMES[media_type]
    if is_encrypted(path, media_type):
        raise EncryptedDocument(f"The {name} is encrypted: remove its password or protection first.")
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            data = file.read(limits.max_member_bytes + 1)
        return _pictured(_named(name, lambda: old.read(data, lambda _: False)), lambda _: b"", limits, name)
    with Package(path, limits) as package:
        try:
            parsed = _pictured(_named(name, lambda: _read(package)), package.read, limits, name)
        except (CorruptDocument, EmptyDocument):
            previewed = _previewed(package.preview(), limits)
            if previewed is None:
                raise
            return previewed
    return parsed


def _read(package: Package) -> Read:
    member = package.xml()
    if member is not None:
        return old.read(package.read(member), package.has)
    objects = Objects(package.components(), package.has)
    kind, root = objects.kind(DOCUMENT), objects.message(DOCUMENT)
    if kind not in (pages.ROOT, keynote.ROOT):
        why = f" ({', '.join(objects.lost)[:200]})" if objects.lost else ""
        raise CorruptDocument(f"its parts are missing or can't be read{why}")
    read = pages.read if kind == pages.ROOT else numbers.read if 8 in root else keynote.read
    return read(objects).with_lost(objects.lost)


def _named(name: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except CorruptDocument as error:
        raise CorruptDocument(f"The {name} can't be read: it is damaged ({error.message}).") from error


def _pictured(read: Read, data_of: Callable[[str], bytes], limits: Settings, name: str) -> Parsed:
    parsed = Parsed(read.engine, read.elements, read.units, read.metadata, warnings=read.warnings)
    targets = {element.target for element in read.elements if element.kind == "image" and element.target}
    return not_empty(with_pictures(parsed, len(targets), data_of, limits), name)


def _previewed(preview: bytes, limits: Settings) -> Parsed | None:
    """What the preview says; None: nothing, or it can't be read."""
    if not preview or len(preview) > limits.max_file_bytes:
        return None
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(preview)
        file.flush()
        try:
            parsed = pdf.parse(Path(file.name), Window(), limits)
        except DocumentError:
            return None
    if not parsed.images and not any(element.text for element in parsed.elements):
        return None
    return replace(parsed, warnings=(_PREVIEWED, *parsed.warnings))
