"""What is inside a ZIP archive or an OLE2 compound file, judged by a few of its members."""

import lzma
import re
import struct
import zipfile
import zlib
from pathlib import Path

import olefile

from kbray.parse import ole as ole_files
from kbray.parse.media import (
    COMIC,
    COMIC_PAGES,
    DOC,
    DOCX,
    EPUB,
    FB2_ZIPPED,
    HWP,
    HWPX,
    MSG,
    ODF,
    OLE_ENCRYPTED,
    PPT,
    PPTX,
    XLS,
    XLSB,
    XLSX,
    XPS,
    ZIP,
)
from kbray.parse.sniff import iwork

_MEMBER_BYTES = 1024 * 1024
_DIRECTORY_BYTES = 16 * 1024 * 1024  # of a ZIP archive: some 200,000 members
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    RuntimeError,  # an encrypted member
    NotImplementedError,  # a compression Python doesn't know
)

_MAIN_PART = re.compile(rb'ContentType\s*=\s*["\']([^"\']+)main\+xml["\']', re.IGNORECASE)
_BINARY_WORKBOOK = b"application/vnd.ms-excel.sheet.binary.macroEnabled.main"
_FAMILIES = (  # words of the main part's content type; macro and template variants are read alike
    (re.compile(r"wordprocessingml\.(document|template)|ms-word\.(document|template)", re.IGNORECASE), DOCX),
    (
        re.compile(r"presentationml\.(presentation|slideshow|template)|ms-powerpoint\.(presentation|slideshow|template)", re.I),
        PPTX,
    ),
    (re.compile(r"spreadsheetml\.(sheet|template)|ms-excel\.(sheet|template)\.macro", re.IGNORECASE), XLSX),
    (re.compile(r"ms-visio\.", re.IGNORECASE), "application/vnd.visio"),
)
_MARKS = tuple(  # the first that fits: an APK is a JAR, too
    (re.compile(mark), media_type)
    for mark, media_type in (
        (r"AndroidManifest\.xml", "application/vnd.android.package-archive"),
        (r"META-INF/mozilla\.rsa|install\.rdf", "application/x-xpinstall"),
        (r"META-INF/MANIFEST\.MF", "application/java-archive"),
        (r"[^/]+\.dist-info/WHEEL", "application/x-wheel+zip"),
        (r"doc\.kml", "application/vnd.google-earth.kmz"),
        (r"pages/[0-9A-F-]{36}\.json", "application/vnd.sketch"),
        (r"[^/]+\.fdseq(?:/\[\d+\](?:\.last)?\.piece)?", XPS),
    )
)
_OLE_STREAMS = (
    ("EncryptedPackage", OLE_ENCRYPTED),
    ("WordDocument", DOC),
    ("Workbook", XLS),
    ("Book", XLS),
    ("PowerPoint Document", PPT),
    ("__properties_version1.0", MSG),
    ("VisioDocument", "application/vnd.visio"),
    ("Quill", "application/x-mspublisher"),
    ("\x05HwpSummaryInformation", HWP),
    ("StarWriterDocument", "application/vnd.sun.xml"),
    ("StarCalcDocument", "application/vnd.sun.xml"),
    ("StarDrawDocument3", "application/vnd.sun.xml"),
)
_DECLARED = {"application/vnd.sun.xml": "application/vnd.sun.xml", HWPX: HWPX}
"""How what the first member of a package says of it begins → its media type."""


def zipped(path: Path, head: bytes, name: str) -> str:
    """EPUB, OpenDocument, Office Open XML or a plain archive. A broken one is judged by the names at its beginning and end."""
    if _directory_bytes(path) > _DIRECTORY_BYTES:
        return _broken(path, head, name)
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            media_type = _by_members(archive, names, name)
            return COMIC if media_type == ZIP and _is_comic(names, name) else media_type
    except ZIP_ERRORS:
        return _broken(path, head, name)


def _directory_bytes(path: Path) -> int:
    """What the end record says of the size of the directory, which zipfile would read as a whole; 0 without such a record."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0


def _by_members(archive: zipfile.ZipFile, names: set[str], name: str) -> str:
    if "mimetype" in names:
        declared = read_member(archive, "mimetype").strip().decode("ascii", "replace")
        if declared == EPUB:
            return EPUB
        known = next((kind for mark, kind in _DECLARED.items() if declared.startswith(mark)), None)
        if known is not None or declared.startswith(ODF):
            return known or _open_document(declared)
    if "META-INF/container.xml" in names:
        return EPUB
    types = next((name for name in names if name.lower() == "[content_types].xml"), None)
    if types is not None:
        return _office_open(read_member(archive, types)) or _by_names(names, _marked(names) or "application/x-opc")
    if "META-INF/manifest.xml" in names and "content.xml" in names:
        for tag in re.findall(rb"<[^<>]+>", read_member(archive, "META-INF/manifest.xml")):
            if b'full-path="/"' in tag and (found := re.search(rb'media-type="([^"]+)"', tag)) is not None:
                return _open_document(found[1].decode("ascii", "replace"))
    return (
        FB2_ZIPPED
        if len(names) == 1 and min(names).lower().endswith(".fb2")
        else iwork.kind_of(archive, names, name) or _marked(names) or ZIP
    )


def _is_comic(names: set[str], name: str) -> bool:
    """A box of pictures that its owner, or what made it, calls a comic book; of others nobody knows whether they are pages."""
    called = is_called_comic(name) or any(one.rpartition("/")[2].lower() == "comicinfo.xml" for one in names)
    files = [one for one in names if not one.endswith("/")]
    return called and 2 * sum(one.lower().endswith(COMIC_PAGES) for one in files) > len(files)


def is_called_comic(name: str) -> bool:
    """By its suffix, which tells not reliably what kind of archive it is."""
    return name.strip().lower().endswith((".cbz", ".cbr", ".cb7"))


def _marked(names: set[str]) -> str | None:
    """What a ZIP archive is that is no box of documents, by members that its kind must have, and where it must have them."""
    return next((kind for mark, kind in _MARKS if any(map(mark.fullmatch, names))), None)


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first MiB of a member. Raises: any of ZIP_ERRORS."""
    with archive.open(name) as member:
        return member.read(_MEMBER_BYTES)


def _open_document(declared: str) -> str:
    """Templates and master documents are read like what they make."""
    return re.sub(r"-(template|master|master-template)$", "", declared)


def _office_open(types: bytes) -> str | None:
    if _BINARY_WORKBOOK in types:
        return XLSB
    for declared in _MAIN_PART.findall(types):
        for words, media_type in _FAMILIES:
            if words.search(declared.decode("ascii", "replace")):
                return media_type
    return None


def _by_names(names: set[str], otherwise: str = ZIP) -> str:
    for folder, media_type in (("word/", DOCX), ("ppt/", PPTX), ("xl/", XLSX)):
        if any(name.startswith(folder) for name in names):
            return media_type
    return otherwise


def _broken(path: Path, head: bytes, name: str) -> str:
    """An archive that can't be opened, by the local headers still there: the parser will say what is wrong with it."""
    if head[30:38] == b"mimetype":
        declared = re.match(rb"[\w.+/-]+", head[38 : 38 + 80])
        if declared is not None and declared[0].startswith(EPUB.encode()):
            return EPUB
        if declared is not None and declared[0].startswith(ODF.encode()):
            return ODF + _after(declared[0].removeprefix(ODF.encode()))
    with path.open("rb") as file:
        seen = file.read(1024 * 1024)
    if b"META-INF/container.xml" in seen:
        return EPUB
    if b"Index/Document.iwa" in seen or b"index.apxl" in seen:
        return iwork.by_name(name)
    if b"[Content_Types].xml" in seen:
        names = {name.decode("ascii") for name in re.findall(rb"PK\x03\x04.{26}(word/|ppt/|xl/)", seen, re.DOTALL)}
        return _by_names(names) if names else DOCX  # the commonest; nothing of it can be read anyway
    return ZIP


def _after(kind: bytes) -> str:
    """The kind of an OpenDocument without the bytes of the next local header, which follow it."""
    return next(
        (known for known in ("text", "spreadsheet", "presentation", "graphics") if kind.startswith(known.encode())), "text"
    )


def ole(path: Path) -> str:
    """Word, Excel, PowerPoint, Outlook or something protected, by the streams of a compound file."""
    try:
        with olefile.OleFileIO(path) as storage:
            streams = {entry[0].casefold() for entry in storage.listdir(streams=True, storages=False)}
    except ole_files.ERRORS:
        return _broken_ole(path)
    return next((media_type for stream, media_type in _OLE_STREAMS if stream.casefold() in streams), "application/x-ole-storage")


def _broken_ole(path: Path) -> str:
    """A compound file whose directory can't be walked, by the names that lie about in it."""
    with path.open("rb") as file:
        seen = file.read(4 * 1024 * 1024)
    return next(
        (media_type for stream, media_type in _OLE_STREAMS if stream.encode("utf-16-le") in seen),
        "application/x-ole-storage",
    )
