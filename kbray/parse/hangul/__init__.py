"""Documents of Hangul (HWP, HWPX), the word processor of Korea, → elements, as office files give them.

Both formats say the same in other ways: `hwp` and `hwpx` make a `document` of them, and `story` elements of that.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.errors import CorruptDocument, EncryptedDocument
from kbray.model import Parsed, Unit, Window
from kbray.parse import ole
from kbray.parse.archive import Archive
from kbray.parse.census import is_encrypted
from kbray.parse.hangul import hwp, hwpx
from kbray.parse.hangul.document import Document
from kbray.parse.hangul.hwp_file import HwpFile
from kbray.parse.hangul.story import Story
from kbray.parse.media import HWP, HWPX
from kbray.parse.pictured import not_empty, with_pictures

ENGINE = "hangul"
_NAMES = {HWP: "Hangul document (HWP)", HWPX: "Hangul document (HWPX)"}


def parse(path: Path, window: Window, limits: Settings, media_type: str) -> Parsed:
    """The whole file, whatever the window.

    Raises: EncryptedDocument, CorruptDocument, DocumentTooLarge, EmptyDocument: no text in it.
    """
    name = _NAMES[media_type]
    if is_encrypted(path, media_type):
        raise EncryptedDocument(f"The {name} is encrypted: remove its password or protection first.")
    try:
        if media_type == HWP:
            with HwpFile(path, limits) as file:
                parsed = _pictured(hwp.read(file), file.picture, limits)
            if ole.is_cut(path):
                parsed = replace(parsed, warnings=(*parsed.warnings, ole.CUT))
        else:
            with Archive(path, limits) as package:
                parsed = _pictured(hwpx.read(package), package.read, limits)
    except (CorruptDocument, etree.LxmlError) as error:
        told = error.message if isinstance(error, CorruptDocument) else str(error)
        raise CorruptDocument(f"The {name} can't be read: it is damaged ({told}).") from error
    return not_empty(parsed, name)


def _pictured(document: Document, data_of: Callable[[str], bytes], limits: Settings) -> Parsed:
    elements = tuple(Story(document).elements())
    told = {
        "Tracked deletions are left out": document.deletions,
        "Charts and objects of other programs are not read": document.unread_objects,
        "Fields of forms are not read": document.unread_fields,
    }
    warnings = tuple(f"{what} ({count})." for what, count in told.items() if count)
    units = (Unit("whole", sum(len(one.text) for one in elements)),)
    parsed = Parsed(ENGINE, elements, units, document.metadata, warnings=warnings)
    return with_pictures(parsed, len({one.target for one in elements if one.kind == "image"}), data_of, limits)
