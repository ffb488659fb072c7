"""A first look at a file: its kind, its pages, whether it is encrypted or a scan. Its content is left alone."""

import email.parser
import re
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, EncryptedDocument
from kbray.model import Census
from kbray.parse import embedded, ole
from kbray.parse.media import (
    COMICS,
    COMPOUND,
    DJVU,
    DOC,
    EML,
    EPUB,
    EPUB_PICTURES,
    HWP,
    HWPX,
    IWORK,
    MEDIA_TYPES,
    ODF,
    OLE_ENCRYPTED,
    PACKAGES,
    PDF,
    PPT,
)
from kbray.parse.sniff import sniff
from kbray.parse.sniff.container import ZIP_ERRORS, read_member

_SAMPLES = 5  # pages looked at for a text layer
_TEXT_LAYER = 8  # characters; less is a stamp or noise
_LEAST_PAGE_BYTES = 4  # of a PDF, all told: a claim of more pages than that is checked
_ENCRYPTED_MAIL = ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted")
_ENCRYPTED_WORD = 0x01  # in the twelfth byte of a DOC
_ENCRYPTED_SLIDES = b"\xdf\xc4\xd1\xf3"  # the token of a PPT's current user
_LOCKED_HWP = 1 << 1 | 1 << 4 | 1 << 8 | 1 << 10  # in the flags of an HWP: a password, DRM, certificates
_FONT_OBFUSCATION = frozenset({b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC"})
_METHOD = re.compile(rb"<(?:\w+:)?EncryptionMethod[^>]*\bAlgorithm\s*=\s*[\"']([^\"']+)[\"']")


def census(path: Path, name: str, settings: Settings) -> Census:
    """What a first look at the file called `name` tells. A broken document is no error: what can't be told stays None.

    Raises: OSError: the file can't be read.
    """
    media_type = sniff(path, name)
    if path.stat().st_size > settings.max_file_bytes:
        return Census(media_type)
    if media_type == PDF:
        return _pdf(path)
    if media_type == DJVU:
        return _djvu(path)
    if media_type == EPUB and (count := _pictures(path, settings)):
        return Census(EPUB_PICTURES, pages=count, encrypted=is_encrypted(path, media_type), scanned=True)
    if media_type in COMICS or MEDIA_TYPES.get(media_type) == "images":
        return Census(media_type, pages=_leaves(path, settings) if media_type in COMICS else _frames(path), scanned=True)
    attached = embedded.count(path, media_type, settings) if media_type in PACKAGES | COMPOUND else 0
    return Census(media_type, encrypted=is_encrypted(path, media_type), attached=attached)


def _pictures(path: Path, settings: Settings) -> int | None:
    from kbray.parse.pictures import pages

    return pages(path, settings)


def _leaves(path: Path, settings: Settings) -> int | None:
    from kbray.parse.comics import pages

    return pages(path, settings)


def _frames(path: Path) -> int | None:
    from kbray.parse.images import count

    return count(path)


def _pdf(path: Path) -> Census:
    from kbray.parse.pdf import opened

    try:
        with opened(path) as document:
            pages = _count(document, path.stat().st_size)
            return Census(
                PDF, pages=pages, scanned=_scanned(partial(_characters, document), pages), attached=document.count_attachments()
            )
    except EncryptedDocument:
        return Census(PDF, encrypted=True)
    except CorruptDocument:
        return Census(PDF)


def _count(document: Any, size: int) -> int:
    """The page count as the document claims it; where the file is too small for that many, only as far as pages can be found."""
    claimed = len(document)
    if claimed * _LEAST_PAGE_BYTES <= size:
        return claimed
    found, missing = 0, claimed + 1
    while missing - found > 1:
        middle = (found + missing) // 2
        if _characters(document, middle) is None:
            missing = middle
        else:
            found = middle
    return max(1, found)


def _djvu(path: Path) -> Census:
    from kbray.parse.djvu import characters_on, opened

    try:
        with opened(path) as book:
            return Census(DJVU, pages=len(book.pages), scanned=_scanned(partial(characters_on, book), len(book.pages)))
    except DocumentError:
        return Census(DJVU)


def _scanned(characters: Callable[[int], int | None], pages: int) -> bool | None:
    """True when none of some pages, spread evenly, has a text layer; None when none of them can be looked at."""
    picked = sorted({1 + index * (pages - 1) // max(1, _SAMPLES - 1) for index in range(_SAMPLES)})
    counts = [count for count in map(characters, picked) if count is not None]
    return all(count < _TEXT_LAYER for count in counts) if counts else None


def _characters(document: Any, page: int) -> int | None:
    """Length of the page's text layer; None when the page can't be loaded."""
    import pypdfium2

    try:
        loaded = document[page - 1]
        try:
            text = loaded.get_textpage()
            try:
                return int(text.count_chars())
            finally:
                text.close()
        finally:
            loaded.close()
    except pypdfium2.PdfiumError:
        return None


def is_encrypted(path: Path, media_type: str) -> bool:
    """A password or DRM stands before the content; fonts that are only obfuscated, and signed messages, don't count."""
    if media_type == OLE_ENCRYPTED:
        return True
    if media_type == EML:
        with path.open("rb") as file:
            header = email.parser.BytesHeaderParser().parsebytes(file.read(256 * 1024).lstrip())
        return header.get_content_type() in _ENCRYPTED_MAIL and header.get_param("smime-type") != "signed-data"
    if media_type == EPUB:
        methods = set(_METHOD.findall(_member(path, "META-INF/encryption.xml")))
        return bool(methods - _FONT_OBFUSCATION)
    if media_type in (DOC, PPT, HWP):
        return _is_encrypted_ole(path, media_type)
    if media_type.startswith(ODF) or media_type == HWPX:
        return b"encryption-data" in _member(path, "META-INF/manifest.xml")
    return media_type in IWORK and _has_password(path)


def _is_encrypted_ole(path: Path, media_type: str) -> bool:
    if media_type == DOC:
        return bool((ole.beginning(path, "WordDocument", 12) or b"").ljust(12, b"\0")[11] & _ENCRYPTED_WORD)
    if media_type == HWP:
        return bool(int.from_bytes((ole.beginning(path, "FileHeader", 40) or b"")[36:], "little") & _LOCKED_HWP)
    token = (ole.beginning(path, "Current User", 16) or b"")[12:]
    return token == _ENCRYPTED_SLIDES or ole.beginning(path, "EncryptedSummary", 0) is not None


def _has_password(path: Path) -> bool:
    """Beside what it encrypts, iWork keeps the hint to a password and what proves it (`.iwph`, `.iwpv2`)."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.rpartition("/")[2].startswith(".iwp") for name in archive.namelist())
    except ZIP_ERRORS:
        return False


def _member(path: Path, name: str) -> bytes:
    """The beginning of a member of a ZIP archive; nothing when there is none or the archive is broken."""
    try:
        with zipfile.ZipFile(path) as archive:
            return read_member(archive, name)
    except ZIP_ERRORS:
        return b""
