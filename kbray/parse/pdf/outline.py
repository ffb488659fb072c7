"""What a PDF says of itself: its outline (bookmarks) and its metadata."""

import re
from typing import Any

from kbray.model import Metadata, TocEntry

_MAX_ENTRIES = 20_000
_MAX_DEPTH = 12
# Word processors and browsers, of which most documents are set without dividing words, unlike TeX's and publishers'.
_UNDIVIDED = re.compile(
    r"word|writer|office|docs|pages|powerpoint|keynote|skia|chrom|mozilla|firefox|safari|webkit|acrobat web capture",
    re.IGNORECASE,
)
# What programs leave there where nobody said a title: names of files, and words of their own; also numbers and DOIs.
_NO_TITLE = re.compile(
    r".*\.(?:docx?|pdf|dvi|tex|indd|qxd|pptx?|xls[xmb]?|od[tsp]|rtf|ps|wp[ds]|pages|pub|fm|vp|cdr|eps|svg|fig|dwg|tiff?|jpe?g|png)\)?"
    r"|\S+\.(?:txt|html?|key|numbers|md|ai)|untitled(?: document)?(?:[ -]?\d+)?|(?:document|book|presentation)\d+|slide \d+|title"
    r"|powerpoint presentation|none|\((?:anonymous|unspecified)\)|<[0-9a-f]{20,}>?|adobe photoshop pdf|doi:\s*\S+|[\W\d_]*",
    re.IGNORECASE,
)
_KEYS = ("Title", "Author", "CreationDate", "ModDate")
_NO_DATE = re.compile(r"(?:D:)?(?:19700101000000|19691231|19800101000000|0000)")  # where clocks begin
_AUTHORS = re.compile(r"\s*[;&]\s*|\s+and\s+")


def outline_of(document: Any) -> tuple[tuple[TocEntry, ...], list[str]]:
    """Entries in their order, and warnings; pypdfium2 ends a cycle among bookmarks, length and depth are bounded here."""
    found: list[TocEntry] = []
    for bookmark in document.get_toc(max_depth=_MAX_DEPTH):
        if len(found) >= _MAX_ENTRIES:
            return tuple(found), [f"The outline has more than {_MAX_ENTRIES} entries; the rest was left out."]
        title = " ".join(_printable(bookmark.get_title()).split())
        destination = bookmark.get_dest()
        index = destination.get_index() if destination is not None else None
        if title:
            found.append(TocEntry(bookmark.level + 1, title, page=index + 1 if index is not None and index >= 0 else None))
    return tuple(found), []


def metadata_of(document: Any) -> Metadata:
    """Title, authors and date of the information dictionary; what names no document is no title.

    The date is when it was made. It is changed later to sign, stamp or pack it, mostly; then that counts if nothing else is said.
    """
    values = {key: " ".join(_printable(document.get_metadata_value(key)).split()) for key in _KEYS}
    title = re.sub(r"(?i)^microsoft (?:word|powerpoint|excel) - ", "", values["Title"])
    if _NO_TITLE.fullmatch(title):
        title = ""
    authors = tuple(name for name in _AUTHORS.split(values["Author"]) if name)
    return Metadata(title=title or None, authors=authors, date=_date(values["CreationDate"]) or _date(values["ModDate"]))


def divides_words(document: Any) -> bool:
    """Whether the program that set it divides words at the end of lines, or may."""
    return not any(_UNDIVIDED.search(document.get_metadata_value(key)) for key in ("Creator", "Producer"))


def _date(text: str) -> str | None:
    """D:20240131… → 2024-01-31."""
    if _NO_DATE.match(text):
        return None
    found = re.match(r"(?:D:)?(\d{4})(\d{2})?(\d{2})?", text)
    return "-".join(part for part in found.groups() if part) if found else None


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
