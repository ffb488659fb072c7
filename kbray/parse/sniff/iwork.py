"""Which documents of Apple's iWork: Pages, Keynote or Numbers, by what is in the archive or at the beginning of the XML."""

import io
import re
import zipfile
import zlib
from pathlib import PurePath

from kbray.parse.media import KEYNOTE, NUMBERS, PAGES

_FOLDER = r"(?:[^/]+\.(?:pages|key|numbers)(?:-tef)?/)?"  # a document kept as a folder, which somebody zipped
_PARTS = re.compile(_FOLDER + r"(?:Index/.+\.iwa|Index\.zip)", re.IGNORECASE)
_XML = re.compile(_FOLDER + r"(?:index|presentation)\.(?:apxl|xml)(?:\.gz)?", re.IGNORECASE)
_SLIDE = re.compile(r"(?:.+/)?Index/(?:Master|Template)?Slide(?:-?\d+)*\.iwa")
_OF_PAGES = re.compile(rb"\x08\x01\x12[\x02-\x7f]\x08\x90\x4e", re.DOTALL)  # the document is object 1, of type 10000
_BYTES = 1024 * 1024
_INNER_BYTES = 64 * 1024 * 1024
_START = 4096
_BY_SUFFIX = {".pages": PAGES, ".key": KEYNOTE, ".numbers": NUMBERS}
_ROOT = re.compile(r"<(?:(\w+):)?(presentation|document)\b([^>]*)")  # of the XML of 2003 to 2012
_OF_DOCUMENTS = {"ls": NUMBERS, "sl": PAGES}  # by the namespace of the root


def kind_of(archive: zipfile.ZipFile, names: set[str], name: str) -> str | None:
    """The media type of a document of iWork; None: it is no such document. name: what its owner calls the file.

    Raises: any of `container.ZIP_ERRORS`.
    """
    parts = {one for one in names if _PARTS.fullmatch(one)}
    if parts and len({one.partition("/")[0] for one in parts if not one.startswith("Index")}) < 2:
        return _of_parts(archive, parts, name)
    told = sorted(one for one in names if _XML.fullmatch(one))
    return kind_of_xml(_beginning(archive, told[0]), told[0]) if len(told) == 1 else None


def kind_of_xml(text: str, name: str) -> str | None:
    """By the beginning of its XML, as programs until 2012 wrote it, and the name of the file; only Keynote has `.apxl`."""
    if "developer.apple.com/" not in text and ".apxl" not in name.lower():
        return None
    root = _ROOT.search(text)
    if root is None or root[2] == "presentation":
        return KEYNOTE if root is not None else None
    space = re.search(rf"xmlns{f':{root[1]}' if root[1] else ''}\s*=\s*[\"'][^\"']*/namespaces/(\w+)[\"']", root[3])
    return _OF_DOCUMENTS.get(space[1]) if space is not None else None


def by_name(name: str) -> str:
    """Of a document that can't be looked into, by what its owner calls it."""
    return _BY_SUFFIX.get(PurePath(name.strip()).suffix.lower(), PAGES)


def _of_parts(archive: zipfile.ZipFile, parts: set[str], name: str) -> str | None:
    inner = next((one for one in sorted(parts) if one.lower().endswith("index.zip")), None)
    if inner is not None and archive.getinfo(inner).file_size <= _INNER_BYTES:
        with archive.open(inner) as member:
            data = member.read(_INNER_BYTES)
        with zipfile.ZipFile(io.BytesIO(data)) as within:
            return _of_iwa(within, set(within.namelist()), name)
    return _of_iwa(archive, parts, name)


def _of_iwa(archive: zipfile.ZipFile, names: set[str], name: str) -> str:
    if any(map(_SLIDE.fullmatch, names)):
        return KEYNOTE
    document = next((one for one in sorted(names) if one.endswith("Index/Document.iwa")), None)
    if document is not None:
        with archive.open(document) as member:
            return PAGES if _OF_PAGES.search(member.read(_BYTES)) else NUMBERS
    return by_name(name)


def _beginning(archive: zipfile.ZipFile, member: str) -> str:
    with archive.open(member) as opened:
        data = opened.read(_BYTES)
    if member.lower().endswith(".gz"):
        data = zlib.decompressobj(31).decompress(data, _START)
    return data[:_START].decode("utf-8", "replace")
