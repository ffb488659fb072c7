"""Which files a run is about, and the plan that `prepare` makes of it. Pure: no SQL, small, picklable."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass

from kbray.errors import ConfigError
from kbray.model import FileId

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

TYPE_NAMES: Mapping[str, tuple[str, ...]] = {
    "epub": ("application/epub+zip", "application/x-epub-pictures"),
    "html": ("text/html", "application/xhtml+xml"),
    "markdown": ("text/markdown",),
    "text": ("text/plain",),
    "latex": ("text/x-tex",),
    "rst": ("text/x-rst",),
    "org": ("text/x-org",),
    "asciidoc": ("text/asciidoc",),
    "typst": ("text/vnd.typst",),
    "mediawiki": ("text/x-mediawiki",),
    "textile": ("text/x-textile",),
    "man": ("text/troff", "text/x-mdoc"),
    "docbook": ("application/docbook+xml",),
    "jats": ("application/jats+xml",),
    "opml": ("text/x-opml",),
    "references": ("text/x-bibtex", "application/x-research-info-systems", "application/x-endnote+xml"),
    "pdf": ("application/pdf",),
    "image": ("image/*",),
    "png": ("image/png",),
    "jpeg": ("image/jpeg",),
    "tiff": ("image/tiff",),
    "gif": ("image/gif",),
    "bmp": ("image/bmp",),
    "webp": ("image/webp",),
    "jp2": ("image/jp2",),
    "avif": ("image/avif",),
    "heic": ("image/heic",),
    "pnm": ("image/x-portable-anymap",),
    "pcx": ("image/vnd.zbrush.pcx",),
    "doc": ("application/msword", "application/vnd.ms-wordml"),
    "docx": (f"{_OFFICE}wordprocessingml.document", f"{_OFFICE}wordprocessingml.document-flat-xml"),
    "ppt": ("application/vnd.ms-powerpoint",),
    "pptx": (f"{_OFFICE}presentationml.presentation", f"{_OFFICE}presentationml.presentation-flat-xml"),
    "xls": ("application/vnd.ms-excel", "application/vnd.ms-spreadsheetml"),
    "xlsx": (f"{_OFFICE}spreadsheetml.sheet",),
    "xlsb": (f"{_OFFICE}spreadsheetml.sheet.binary",),
    "odt": (f"{_ODF}text", f"{_ODF}text-flat-xml"),
    "ods": (f"{_ODF}spreadsheet", f"{_ODF}spreadsheet-flat-xml"),
    "odp": (f"{_ODF}presentation", f"{_ODF}presentation-flat-xml"),
    "odg": (f"{_ODF}graphics", f"{_ODF}graphics-flat-xml"),
    "pages": ("application/vnd.apple.pages",),
    "keynote": ("application/vnd.apple.keynote",),
    "numbers": ("application/vnd.apple.numbers",),
    "hwp": ("application/x-hwp", "application/hwp+zip"),
    "rtf": ("application/rtf", "text/rtf"),
    "eml": ("message/rfc822",),
    "fb2": ("application/x-fictionbook+xml", "application/x-zip-compressed-fb2"),
    "mobi": ("application/x-mobipocket-ebook",),
    "chm": ("application/vnd.ms-htmlhelp",),
    "djvu": ("image/vnd.djvu",),
    "msg": ("application/vnd.ms-outlook",),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
    "code": ("text/x-source",),
    "json": ("application/json", "application/x-ndjson"),
    "notebook": ("application/x-ipynb+json",),
    "feed": ("application/rss+xml", "application/atom+xml", "application/feed+json"),
    "subtitles": ("application/x-subrip", "text/vtt", "text/x-ssa", "text/x-subviewer"),
    "xml": ("application/xml", "text/xml"),
    "svg": ("image/svg+xml",),
    "zip": ("application/zip",),
    "tar": ("application/x-tar",),
    "7z": ("application/x-7z-compressed",),
    "rar": ("application/vnd.rar",),
    "mbox": ("application/mbox",),
    "pst": ("application/vnd.ms-outlook-pst",),
    "tnef": ("application/vnd.ms-tnef",),
    "warc": ("application/warc",),
    "enex": ("application/x-enex",),
    "postscript": ("application/postscript",),
    "xps": ("application/oxps",),
    "mhtml": ("multipart/related",),
    "comic": ("application/vnd.comicbook+zip", "application/vnd.comicbook-rar", "application/x-cb7"),
}
_ALIASES = {
    **{"htm": "html", "xhtml": "html", "md": "markdown", "txt": "text", "jpg": "jpeg", "tif": "tiff", "images": "image"},
    **{"ipynb": "notebook", "rss": "feed", "atom": "feed", "jsonl": "json", "srt": "subtitles", "vtt": "subtitles"},
    **{"tex": "latex", "bib": "references", "bibtex": "references", "ris": "references"},
    **{"ps": "postscript", "eps": "postscript", "oxps": "xps", "cbz": "comic", "cbr": "comic", "cb7": "comic"},
    **{"j2k": "jp2", "jpx": "jp2", "pbm": "pnm", "pgm": "pnm", "ppm": "pnm"},
}
_MEDIA_TYPE = re.compile(r"(application|audio|font|image|message|model|multipart|text|video|\*)/[\w.+*-]+")


AGAIN = " again"
"""Media types with this behind them have, among fingerprints, that of the other way in which a poor file is done again."""


def is_outdated(media_type: str, fingerprint: str, now: Mapping[str, str]) -> bool:
    """Whether another parser or other settings made a result than would make it now.

    Args: now: fingerprints by media type, and by that with AGAIN behind it; of other types nothing is known.
    """
    return media_type in now and fingerprint not in (now[media_type], now.get(media_type + AGAIN))


_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True)
class Byline:
    """By whom files are, and of when. A file that is known by its year or month only may be of any day in it."""

    author: str | None = None  # the name or a part of it
    since: str | None = None  # day (2019-03-07), month (2019-03) or year (2019); of it and later
    until: str | None = None  # … of it and earlier


def byline(author: str | None, since: str | int | None, until: str | int | None) -> Byline | None:
    """What is asked for; None: nothing.

    Raises: ConfigError: a date is none, or the first one is after the last.
    """
    first, last = _period("since", since), _period("until", until)
    if first and last and first > f"{last}~":
        raise ConfigError(f"Nothing is since {first} and until {last}: the first date is after the last.")
    return Byline(author, first, last) if author is not None or first or last else None


def _period(name: str, value: str | int | None) -> str | None:
    if value is None:
        return None
    text = str(value).strip()
    found = _PERIOD.fullmatch(text)
    year, month, day = (int(part or 1) for part in found.groups()) if found else (0, 0, 0)
    if not (year and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        raise ConfigError(f"{name}: {text!r} is no date; give a day (2019-03-07), a month (2019-03) or a year (2019).")
    return text


@dataclass(frozen=True, slots=True)
class Selection:
    """The files wanted. Empty: all that are not finished.

    `only` is a kind (`pdf`, `image`, `application/epub+zip`, `image/*`) or a pattern over names and places: `*`, `?` and `[…]` as
    in a shell, capitals or not. A pattern without `/` is about the file's name, one with `/` about the end of its path or URI.
    """

    only: str | None = None
    max_files: int | None = None
    retry_failed: bool = False  # also what failed, in whole or in part
    retry_poor: bool = False  # also what came out poor and can be done another way, which it was not yet
    stale: Mapping[str, str] | None = None  # media type → fingerprint: also what was made with another one
    file_ids: tuple[FileId, ...] | None = None
    by: Byline | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The work of a pass as it stood when it was prepared."""

    selection: Selection
    bound: FileId | None  # files with a larger id are not in it
    files: int
    parts: int
    pages: int  # a file without pages counts as one
    media_types: tuple[str, ...] = ()  # of these files


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """The files that a pass of `index` is about: for their words (model 0), or for the vectors of a model."""

    selection: Selection
    bound: FileId | None
    files: int
    model: int = 0

    @property
    def parts(self) -> int:
        """A file is indexed as a whole."""
        return self.files

    @property
    def pages(self) -> int:
        """Pages are not counted here."""
        return 0


@dataclass(frozen=True, slots=True)
class Only:
    """What `Selection.only` means: a regular expression over one of the two, in the words Python and PostgreSQL share."""

    media_type: str | None = None
    place: str | None = None  # capitals don't matter


def only(text: str) -> Only:
    """The meaning of a TYPE or PATTERN."""
    name = text.strip().lower()
    types = TYPE_NAMES.get(_ALIASES.get(name, name))
    if types is None and _MEDIA_TYPE.fullmatch(name):
        types = (name,)
    if types is not None:
        return Only(media_type="^(" + "|".join(re.escape(t).replace(r"\*", ".*") for t in types) + ")$")
    start = "^" if text.startswith("/") or "://" in text else "/"
    return Only(place=f"{start}{_regex(text, '.' if '/' in text else '[^/]')}\\Z")


def _regex(pattern: str, char: str) -> str:
    """The shell pattern as a regular expression that Python and PostgreSQL read alike; `char` is what `?` and `*` stand for."""
    out = []
    rest = pattern
    while rest:
        if group := re.match(r"\[(!?)(\][^\]]*|[^\]]+)\]", rest):
            out.append(_bracket(group[2], negated=bool(group[1])))
            rest = rest[group.end() :]
            continue
        out.append({"*": f"{char}*", "?": char}.get(rest[0], re.escape(rest[0])))
        rest = rest[1:]
    return "".join(out)


def _bracket(inside: str, *, negated: bool) -> str:
    words = ["^/"] if negated else []  # a bracket never means "/"
    for low, high, single in re.findall(r"(.)-(.)|(.)", inside, re.DOTALL):
        if single:
            words.append(re.escape(single))
        else:  # a range that runs backwards is three characters
            words.append(re.escape(low) + ("-" if low <= high else r"\-") + re.escape(high))
    return f"[{''.join(words)}]"
