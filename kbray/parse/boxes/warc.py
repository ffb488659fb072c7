"""Web archives (WARC, compressed or not) → the documents that were fetched, each under its address. By warcio.

What pages are made of besides (pictures, styles, scripts, JSON) is left out, and so are answers that are no documents.
Source: ISO 28500.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from kbray.errors import CorruptDocument, UnsupportedMedia
from kbray.parse.boxes.members import Member, Passed
from kbray.parse.boxes.names import safe

_KINDS = frozenset(("response", "resource", "conversion"))  # the last: texts made of pages
_BESIDE = re.compile(
    r"(?:image|audio|video|font)/|text/(?:css|javascript)|application/(?:x-)?"
    r"(?:javascript|ecmascript|json|.*\+json|wasm|font|vnd\.ms-fontobject|shockwave-flash|ocsp|http|warc-fields|protobuf)"
)
_LEFT_OUT = "Pictures, styles, scripts, data and answers that are no documents"
_SUFFIXES = {"text/html": ".html", "application/xhtml+xml": ".html", "text/plain": ".txt", "application/pdf": ".pdf"}
_CODED = frozenset(("br", "zstd"))  # how an answer may be compressed that warcio doesn't inflate here
_PIECE = 256 * 1024
_BROKEN = (ArchiveLoadFailed, zlib.error, EOFError, ValueError, OSError, LookupError, AttributeError)
_ENDS = (b"\r\n\r\n", b"\n\n")  # of a record
_CUT, _DAMAGED = "It is cut short", "It is damaged or cut short: {}"


class _Source:
    """The archive, inflated. How it ended is known here: warcio takes any damage for the end."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = gzip.GzipFile(fileobj=file) if file.peek(2).startswith(b"\x1f\x8b") else file
        self._tail = b""
        self._problem = ""

    def read(self, size: int = -1) -> bytes:
        try:
            piece = self._file.read1(size)  # what stands before damage is given before that is met
        except (zlib.error, EOFError, OSError) as error:
            self._problem = str(error)
            return b""
        self._tail = (self._tail + piece)[-4:]
        return piece

    def check(self) -> None:
        """Raises: CorruptDocument: it did not end behind a record."""
        if self._problem:
            raise CorruptDocument(_DAMAGED.format(self._problem))
        if not self._tail.endswith(_ENDS):
            raise CorruptDocument(_CUT)


def members(path: Path) -> Iterator[Member | Passed]:
    """Raises: CorruptDocument: it is damaged."""
    with path.open("rb") as file:
        source = _Source(file)
        try:
            for record in ArchiveIterator(source):
                yield _member(record)
        except _BROKEN as error:
            raise CorruptDocument(_DAMAGED.format(_told(error))) from None
        source.check()


def _told(error: Exception) -> str:
    """warcio asks a header that isn't there what it says."""
    return "a record without its header" if isinstance(error, AttributeError) else str(error) or type(error).__name__


def _member(record: Any) -> Member | Passed:
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    answer = record.http_headers
    kind = (answer or record.rec_headers).get_header("Content-Type", "").partition(";")[0].strip().lower()
    found = answer is None or answer.get_statuscode() == "200"
    if record.rec_type not in _KINDS or not found or _BESIDE.match(kind):
        return Passed(address, left_out=_LEFT_OUT)
    name = _name(address, kind)
    if answer is not None and answer.get_header("Content-Encoding", "").strip().lower() in _CODED:
        return Passed(name, UnsupportedMedia("It is compressed in a way (Brotli, Zstandard) that is not inflated here"))
    day = record.rec_headers.get_header("WARC-Date") or ""
    return Member(name, partial(_pieces, record), ", ".join(filter(None, (address, day))))


def _name(address: str, kind: str) -> str:
    """`example.org/a/b.html`: the path of an address below its host, and what was asked there."""
    try:
        parts = urlsplit(address)
    except ValueError:  # of this one alone
        return safe(address.encode("utf-8", "replace"))
    folder, _, file = unquote(parts.path).rpartition("/")
    file += f" {unquote(parts.query).replace('/', ' ')}" if parts.query else ""
    suffix = _SUFFIXES.get(kind, "")
    if not file.lower().endswith((suffix, ".htm") if suffix == ".html" else suffix):
        file = (file or "index") + suffix
    return safe("/".join((parts.netloc, folder, file or "index")).encode("utf-8", "replace"))


def _pieces(record: Any) -> Iterator[bytes]:
    try:
        stream = record.content_stream()
        while piece := stream.read(_PIECE):
            yield piece
    except _BROKEN as error:
        raise CorruptDocument(_DAMAGED.format(_told(error))) from None
    if getattr(record.raw_stream, "limit", 0):
        raise CorruptDocument(_CUT)
