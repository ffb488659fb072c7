"""Files that were put into an office file as objects, behind a picture or an icon: PDFs, workbooks, letters, archives.

Data of charts are no such files: the chart shows them. What other programs keep in objects (formulas, drawings) isn't, either.
[MS-OLEDS] 2.3.6 (`Ole10Native`), ISO/IEC 29500-1, 15.2.11 (embedded packages).
"""

import io
import posixpath
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import olefile

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError
from kbray.parse import ole
from kbray.parse.archive import Archive
from kbray.parse.attached import Attached, named
from kbray.parse.media import COMPOUND

_EMBEDDED = re.compile(r"(?:word|ppt|xl)/embeddings/[^/]+")
_ODF_OBJECT = re.compile(r"(?:\./)?Object [^/]+")
_OF_CHART = re.compile(r"(?:word|ppt|xl)/charts/_rels/[^/]+\.rels")
_TARGET = re.compile(rb"\bTarget\s*=\s*[\"']([^\"']+)[\"']")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NATIVE = "\x01Ole10Native"
_DOCUMENTS = {"WordDocument": ".doc", "Workbook": ".xls", "Book": ".xls", "PowerPoint Document": ".ppt"}
_WHOLE = ("CONTENTS", "Package", "EmbeddedOdf")  # streams that are a file: a PDF, an office file
_GRAPH = "00020803-0000-0000-C000-000000000046"  # Microsoft Graph: the data of a chart, in a workbook that no program opens
_MOST = 1_000


def count(path: Path, media_type: str, limits: Settings) -> int:
    """How many objects an office file has that may be files; 0 where it is damaged."""
    with suppress(DocumentError, *ole.ERRORS):
        if media_type in COMPOUND:
            with olefile.OleFileIO(path) as storage:
                return len(_streams(storage))
        with Archive(path, limits) as package:
            return len(_members(package))
    return 0


def embedded_in(path: Path, media_type: str, limits: Settings) -> tuple[Attached, ...]:
    """The files in an office file, in the order of its directory, the first thousand; without bytes where these can't be had.

    Raises: CorruptDocument: the file itself is no archive, or its directory is damaged. DocumentTooLarge: it unpacks to too much.
    """
    if media_type in COMPOUND:
        if not olefile.isOleFile(path):  # a workbook of before 1995
            return ()
        try:
            with olefile.OleFileIO(path) as storage:
                return tuple(one for place in _streams(storage) for one in _in_stream(storage, place, f"object {place[-2]}"))
        except ole.ERRORS as error:
            raise CorruptDocument("The files in it can't be read: its directory is damaged.") from error
    with Archive(path, limits) as package:
        return tuple(one for name in _members(package) for one in _in_member(name, _read(package, name)))


def _members(package: Archive) -> list[str]:
    of_charts = {
        posixpath.normpath(posixpath.join(posixpath.dirname(posixpath.dirname(name)), target.decode("utf-8", "replace")))
        for name in package.names
        if _OF_CHART.fullmatch(name)
        for target in _TARGET.findall(package.read(name))
    }
    found = [name for name in package.names if _EMBEDDED.fullmatch(name) and name not in of_charts]
    return [*found, *(name for name in package.names if _ODF_OBJECT.fullmatch(name))][:_MOST]


def _read(package: Archive, name: str) -> bytes:
    try:
        return package.read(name)
    except DocumentError:
        return b""


def _in_member(name: str, data: bytes) -> Iterator[Attached]:
    """The file itself, or what is in the compound file around it."""
    if not data.startswith(_OLE):
        if _EMBEDDED.fullmatch(name):
            yield Attached(named(name, 1), data)
        return
    stem = posixpath.splitext(posixpath.basename(name))[0]
    with suppress(*ole.ERRORS), olefile.OleFileIO(io.BytesIO(data)) as storage:
        if storage.root.clsid == _GRAPH:
            return
        suffix = next((suffix for stream, suffix in _DOCUMENTS.items() if storage.exists(stream)), None)
        if suffix is not None:
            yield Attached(f"{stem}{suffix}", data)
        else:
            for place in ([_NATIVE], *([one] for one in _WHOLE)):
                yield from _in_stream(storage, place, stem)


def _streams(storage: olefile.OleFileIO) -> list[list[str]]:
    """Of objects in a compound file."""
    places = (place for place in storage.listdir() if len(place) > 1)
    return [place for place in places if place[-1] == _NATIVE or place[-1] in _WHOLE][:_MOST]


def _in_stream(storage: olefile.OleFileIO, place: list[str], name: str) -> Iterator[Attached]:
    data = ole.stream(storage, "/".join(place))
    if place[-1] != _NATIVE:
        if data:
            yield Attached(named(name, 1), data)
    elif found := _native(data):
        yield found


def _native(data: bytes) -> Attached | None:
    """A file as the packager wrote it: names in the code page of the machine, its bytes, and perhaps the names in UTF-16."""
    label, at = _until_zero(data, 6)
    _, at = _until_zero(data, at)
    size, at = _number(data, at + 4)
    size, at = _number(data, at + size)
    if not 0 < size <= len(data) - at:
        return None
    content, at = data[at : at + size], at + size
    wide = []
    for _ in range(2):  # where it lay, and its name
        length, at = _number(data, at)
        wide.append(data[at : at + 2 * length].decode("utf-16-le", "replace"))
        at += 2 * length
    return Attached(named(wide[1].rstrip("\0") or label.decode("cp1252", "replace"), 1), content)


def _until_zero(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\0", at)
    return (data[at:], len(data)) if end < 0 else (data[at:end], end + 1)


def _number(data: bytes, at: int) -> tuple[int, int]:
    return int.from_bytes(data[at : at + 4], "little"), at + 4
