"""The media type of a file by its content. The name only decides among kinds of text.

Safe on hostile files: reads the head, the tail and, of a ZIP archive, a bounded part; nothing is unpacked beyond 1 MiB.
"""

import re
import zlib
from pathlib import Path

from kbray.parse.media import (
    BZIP2,
    CHM,
    COMIC_7Z,
    COMIC_RAR,
    DATA,
    DJVU,
    EMPTY,
    GZIP,
    HWP_OLD,
    MOBI,
    PDF,
    POSTSCRIPT,
    PST,
    RAR,
    RTF,
    SEVEN_ZIP,
    TAR,
    TNEF,
    UNKNOWN,
    WARC,
    XZ,
    ZSTD,
)
from kbray.parse.sniff.container import is_called_comic, ole, zipped
from kbray.parse.sniff.tar import is_tar
from kbray.parse.sniff.text import decode_head, text_kind

_HEAD = 64 * 1024
_PDF_HEADER_WITHIN = 1024

_WARC = (b"WARC/1.0\r\n", b"WARC/1.1\r\n", b"WARC/0.17\r\n", b"WARC/0.18\r\n")
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"II+\x00\x08\x00", "image/tiff"),
    (0, b"MM\x00+\x00\x08", "image/tiff"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"{\\rtf", RTF),
    (0, b"\x1f\x8b", GZIP),
    (0, b"BZh", BZIP2),
    (0, b"\xfd7zXZ\x00", XZ),
    (0, b"\x28\xb5\x2f\xfd", ZSTD),
    (0, b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
    (0, b"Rar!\x1a\x07\x00", RAR),
    (0, b"Rar!\x1a\x07\x01\x00", RAR),
    (257, b"ustar", "application/x-tar"),
    (60, b"BOOKMOBI", MOBI),
    (60, b"TEXtREAd", MOBI),
    (0, b"TPZ0", "application/x-topaz-ebook"),
    (0, b"\xeaDRMION\xee", "application/x-kfx-ebook"),
    (0, b"%!PS", POSTSCRIPT),
    (0, b"\x04%!PS", POSTSCRIPT),
    (0, b"\xc5\xd0\xd3\xc6", POSTSCRIPT),  # encapsulated, with a picture of it
    (0, b"\xf7\x02\x01\x83\x92\xc0\x1c\x3b", "application/x-dvi"),
    (0, b"\xffWPC", "application/vnd.wordperfect"),
    (0, b"HWP Document File V", HWP_OLD),
    (0, b"!BDN", PST),
    *((0, begun, WARC) for begun in _WARC),
    (0, b"\x78\x9f\x3e\x22", TNEF),
    (0, b"AT&TFORM", DJVU),
    (0, b"ITSF", CHM),
    (0, b"?_\x03\x00", "application/winhlp"),
    (0, b"ITOLITLS", "application/x-ms-reader"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/jp2"),  # its bare codestream
    (0, b"\xb1\x68\xde\x3a", "image/x-dcx"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (0, b"\xff\x0a", "image/jxl"),  # its bare codestream
    (0, b"II\xbc\x01", "image/jxr"),
    (0, b"\x97JB2\r\n\x1a\n", "image/x-jbig2"),
    (0, b"8BPS\x00\x01", "image/vnd.adobe.photoshop"),
    (40, b" EMF\x00\x00\x01\x00", "image/emf"),
    (0, b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/onenote"),
    (4, b"Standard Jet DB", "application/x-msaccess"),
    (4, b"Standard ACE DB", "application/x-msaccess"),
    (0, b"\xcf\xad\x12\xfe", "application/x-outlook-express"),
    (0, b"ZIM\x04", "application/x-zim"),
    (0, b"\x31\xbe\x00\x00\x00\xab", "application/x-mswrite"),
    (0, b"AC10", "image/vnd.dwg"),
    (0, b"\x89HDF\r\n\x1a\n", DATA),
    (0, b"PAR1", DATA),
    (0, b"CDF\x01", DATA),
    (0, b"CDF\x02", DATA),
    (0, b"$FL2@(#) SPSS", DATA),
    (0, b"<stata_dta>", DATA),
    (0, b"RDX2\n", DATA),
    (0, b"RDX3\n", DATA),
    (12, b"\xc2\xea\x81\x60\xb3\x14\x11\xcf", DATA),  # of SAS
    (0, b"fLaC", "audio/mpeg"),
    (0, b"OggS", "audio/mpeg"),
    (0, b"\x1a\x45\xdf\xa3", "video/mp4"),
    (8, b"WAVE", "audio/mpeg"),
    (8, b"AVI ", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
)
_IN_RIFF = (b"WEBP", b"WAVE", b"AVI ")
_BRANDS = (  # of files of boxes ("ftyp"), any of which tells
    ("image/avif", {b"avif", b"avis"}),
    ("image/heic", {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}),
    ("image/x-canon-cr3", {b"crx "}),
)
_COMICS = {RAR: COMIC_RAR, SEVEN_ZIP: COMIC_7Z}
_POSTSCRIPT = re.compile(rb"\s(?:showpage|findfont|moveto|bind def|%%BoundingBox:|%%EndComments)\s")
_ANYMAP = re.compile(rb"P(?:(?P<plain>[1-3])|[4-6])(?:(?:\s|#[^\r\n]*[\r\n])+\d+){2,3}\s")


def sniff(path: Path, name: str) -> str:
    """The media type of the file at `path`; `name` is what its owner calls it.

    Raises: OSError: the file can't be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        return EMPTY
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return zipped(path, head, name)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return ole(path)
    known = _by_magic(head)
    if known is not None:
        return _COMICS.get(known, known) if is_called_comic(name) else known
    if name.lower().endswith(".iwa") and head[0] == 0:
        return "application/x-iwa"
    text = decode_head(head)
    return UNKNOWN if text is None else text_kind(text, name)


def _by_magic(head: bytes) -> str | None:
    for fits, media_type in _TESTS:
        if fits(head):
            return media_type
    if head[4:8] == b"ftyp":
        return _by_brands(head)
    for offset, magic, media_type in _MAGIC:
        if head.startswith(magic, offset) and (magic not in _IN_RIFF or head.startswith(b"RIFF")):
            return WARC if media_type == GZIP and _inflated(head).startswith(_WARC) else media_type
    return None


def _inflated(head: bytes) -> bytes:
    """What a gzip file begins with, as far as that is a word."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 16)
    except zlib.error:
        return b""


def _is_pdf(head: bytes) -> bool:
    """Readers accept the header anywhere in the first 1024 bytes; there an object must follow it, lest a text on PDF be one."""
    at = head.find(b"%PDF-", 0, _PDF_HEADER_WITHIN + 5)
    return at == 0 or (at > 0 and b" obj" in head[at:])


def _is_bmp(head: bytes) -> bool:
    """ "BM" alone may begin a text; the size of the second header is one of a few."""
    return head.startswith(b"BM") and len(head) > 26 and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)


def _by_brands(head: bytes) -> str:
    boxed = head[8 : int.from_bytes(head[:4])]
    brands = {boxed[at : at + 4] for at in (0, *range(8, len(boxed), 4))}  # the version of the first stands behind it
    return next((media_type for media_type, known in _BRANDS if brands & known), "video/mp4")


def _is_anymap(head: bytes) -> bool:
    """PBM, PGM or PPM: two or three numbers behind the letter; in the plain ones nothing but figures follows."""
    found = _ANYMAP.match(head)
    return found is not None and (
        found["plain"] is None or re.fullmatch(rb"(?:[\s\d]++|#[^\r\n]*+)*+", head[found.end() :]) is not None
    )


def _is_pcx(head: bytes) -> bool:
    """A line feed and a version could begin many a file: they are run-length encoded, of so many bits and planes."""
    return (
        len(head) > 128
        and head[0] == 10
        and head[1] in (0, 2, 3, 5)
        and head[2:4] in (b"\1\1", b"\1\x08")
        and head[65] in (1, 2, 3, 4)
    )


def _is_postscript(head: bytes) -> bool:
    """Behind commands for a printer (PJL), too; or without its name, and by its words: `%!` begins settings of TeX's editors."""
    if head.startswith(b"\x1b%-12345X"):
        return b"\n%!PS" in head
    return head.startswith(b"%!") and head[2:3].isspace() and _POSTSCRIPT.search(head) is not None


_TESTS = (
    (_is_pdf, PDF),
    (_is_postscript, POSTSCRIPT),
    (_is_bmp, "image/bmp"),
    (_is_anymap, "image/x-portable-anymap"),
    (_is_pcx, "image/vnd.zbrush.pcx"),
    (is_tar, TAR),
)
