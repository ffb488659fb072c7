"""Office files, mail and tables of values → elements: which reader has which kind, and what holds for all of them."""

import importlib
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.errors import CorruptDocument, EncryptedDocument
from kbray.model import Parsed, Window
from kbray.parse import attached, ole
from kbray.parse.archive import Archive
from kbray.parse.census import is_encrypted
from kbray.parse.embedded import embedded_in
from kbray.parse.media import (
    COMPOUND,
    CSV,
    DOC,
    DOCX,
    EML,
    EXCEL_2003,
    FLAT_DOCX,
    FLAT_PPTX,
    FODG,
    FODP,
    FODS,
    FODT,
    MESSAGES,
    MSG,
    ODG,
    ODP,
    ODS,
    ODT,
    PACKAGES,
    PPT,
    PPTX,
    RTF,
    TSV,
    WORD_2003,
    XLS,
    XLSB,
    XLSX,
)
from kbray.parse.office import one_file, parts
from kbray.parse.pictured import not_empty, of_package

_READERS = {
    DOCX: ("word", "Word document (DOCX)"),
    DOC: ("word97", "Word document (DOC)"),
    PPTX: ("slides", "presentation (PPTX)"),
    PPT: ("slides97", "presentation (PPT)"),
    XLSX: ("workbook", "workbook (XLSX)"),
    XLSB: ("workbook", "workbook (XLSB)"),
    XLS: ("workbook", "workbook (XLS)"),
    ODT: ("opendocument", "OpenDocument text (ODT)"),
    ODP: ("opendocument", "OpenDocument presentation (ODP)"),
    ODS: ("workbook", "OpenDocument spreadsheet (ODS)"),
    ODG: ("opendocument", "OpenDocument drawing (ODG)"),
    FODT: ("opendocument", "flat OpenDocument text (FODT)"),
    FODP: ("opendocument", "flat OpenDocument presentation (FODP)"),
    FODS: ("workbook", "flat OpenDocument spreadsheet (FODS)"),
    FODG: ("opendocument", "flat OpenDocument drawing (FODG)"),
    FLAT_DOCX: ("word", "Word document (flat XML)"),
    FLAT_PPTX: ("slides", "presentation (flat XML)"),
    WORD_2003: ("word", "Word document (XML of 2003)"),
    EXCEL_2003: ("workbook", "workbook (XML of 2003)"),
    RTF: ("rtf", "RTF document"),
    EML: ("mail", "message (EML)"),
    MSG: ("mail", "Outlook message (MSG)"),
    CSV: ("separated", "table of values (CSV)"),
    TSV: ("separated", "table of values (TSV)"),
}
# What the libraries are seen to raise for files that don't follow their format, their own exceptions apart.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, etree.LxmlError, LookupError, ValueError, TypeError, AttributeError),
    *(AssertionError, ArithmeticError, OSError, EOFError, RuntimeError, SyntaxError),  # the last: of xml.etree
)


def parse(path: Path, window: Window, limits: Settings, media_type: str) -> Parsed:
    """The whole file, whatever the window.

    Raises: EncryptedDocument, CorruptDocument, DocumentTooLarge, EmptyDocument: no text in it.
    """
    module, name = _READERS[media_type]
    if media_type in one_file.AS_PACKAGE:
        try:
            with one_file.packed(path, media_type, limits) as package:
                return parse(package, window, limits, one_file.AS_PACKAGE[media_type])
        except (etree.LxmlError, ValueError) as error:
            raise CorruptDocument(f"The {name} can't be read: it is damaged ({_told(error)}).") from error
    if is_encrypted(path, media_type):
        raise EncryptedDocument(f"The {name} is encrypted: remove its password or protection first.")
    reader = importlib.import_module(f"kbray.parse.office.{module}")
    try:
        parsed: Parsed = reader.read(path, media_type, limits)
    except RecursionError:  # a RuntimeError too, but told by `kbray.parse.parse`
        raise
    except (*_BROKEN, *reader.ERRORS) as error:
        raise CorruptDocument(f"The {name} can't be read: it is damaged ({_told(error)}).") from error
    if media_type in COMPOUND | {MSG} and ole.is_cut(path):
        parsed = replace(parsed, warnings=(*parsed.warnings, ole.CUT))
    if media_type in PACKAGES | COMPOUND:
        parsed = _with_files(parsed, path, media_type, limits)
    if media_type in PACKAGES:
        with Archive(path, limits) as package:
            missing = parts.missing(package)
            parsed = of_package(replace(parsed, warnings=(*parsed.warnings, *missing)), package, limits)
    return not_empty(parsed, name)


def unpack(path: Path, media_type: str, folder: Path, limits: Settings) -> tuple[str, ...]:
    """Write the attachments of a message, or the files in an office file, into `folder`, named 0, 1, 2, …

    Returns the names they should have, each once.
    Raises: CorruptDocument: it is damaged. DocumentTooLarge: it unpacks to too much.
    """
    from kbray.parse.office import mail

    try:
        if media_type in MESSAGES:
            return mail.unpack(path, media_type, folder)
        return attached.unpack(embedded_in(path, media_type, limits), folder)
    except (*_BROKEN, *mail.ERRORS) as error:
        raise CorruptDocument(f"The file can't be unpacked: it is damaged ({_told(error)}).") from error


def _with_files(parsed: Parsed, path: Path, media_type: str, limits: Settings) -> Parsed:
    """The same with the names of the files inside; readers ask less of a directory than it takes to find these."""
    try:
        inside = tuple(one.told() for one in embedded_in(path, media_type, limits))
    except CorruptDocument as error:
        return replace(parsed, warnings=(*parsed.warnings, str(error)))
    return replace(parsed, elements=(*parsed.elements, *inside))


def _told(error: Exception) -> str:
    """The error in a line, without the path of our copy of the file."""
    text = " ".join(str(error).split())
    return type(error).__name__ if not text or "/" in text else f"{type(error).__name__}: {text[:200]}"
