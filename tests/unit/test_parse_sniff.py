"""Media types by content: containers, pictures, text; names decide among kinds of text only."""

import gzip
import io
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import EmptyDocument, EncryptedDocument, UnsupportedMedia
from kbray.model import Census
from kbray.parse import MEDIA_TYPES, engine_of
from kbray.parse.census import census
from kbray.parse.media import ADVICE
from kbray.parse.sniff import sniff

OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."


def zipped(*members: tuple[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members:
            archive.writestr(name, text)
    return buffer.getvalue()


def office(main_part: str, *names: str) -> bytes:
    types = f'<Types><Override PartName="/x" ContentType="application/{main_part}.main+xml"/></Types>'
    return zipped(("[Content_Types].xml", types), *((name, "<x/>") for name in names))


def kind(tmp_path: Path, data: bytes | str, name: str = "file") -> str:
    path = tmp_path / "content"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return sniff(path, name)


def test_empty(tmp_path: Path) -> None:
    assert kind(tmp_path, b"", "a.pdf") == "application/x-empty"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([("mimetype", "application/epub+zip"), ("META-INF/container.xml", "<x/>")], "application/epub+zip"),
        ([("META-INF/container.xml", "<x/>")], "application/epub+zip"),
        ([("mimetype", "application/epub+zip\r\n")], "application/epub+zip"),
        ([("mimetype", ODF + "text")], ODF + "text"),
        ([("mimetype", ODF + "text-template")], ODF + "text"),
        ([("mimetype", ODF + "spreadsheet")], ODF + "spreadsheet"),
        ([("content.xml", ""), ("META-INF/manifest.xml", f'<f full-path="/" media-type="{ODF}text"/>')], ODF + "text"),
        ([("a.txt", "x")], "application/zip"),
        ([("word/document.xml", "x")], "application/zip"),
        ([], "application/zip"),
    ],
)
def test_archives(tmp_path: Path, members: list[tuple[str, str]], expected: str) -> None:
    assert kind(tmp_path, zipped(*members), "misleading.txt") == expected


@pytest.mark.parametrize(
    ("main_part", "expected"),
    [
        ("vnd.openxmlformats-officedocument.wordprocessingml.document", "wordprocessingml.document"),
        ("vnd.openxmlformats-officedocument.wordprocessingml.template", "wordprocessingml.document"),
        ("vnd.ms-word.document.macroEnabled", "wordprocessingml.document"),
        ("vnd.ms-word.template.macroEnabledTemplate", "wordprocessingml.document"),
        ("vnd.openxmlformats-officedocument.presentationml.slideshow", "presentationml.presentation"),
        ("vnd.ms-powerpoint.presentation.macroEnabled", "presentationml.presentation"),
        ("vnd.openxmlformats-officedocument.spreadsheetml.sheet", "spreadsheetml.sheet"),
        ("vnd.ms-excel.sheet.macroEnabled", "spreadsheetml.sheet"),
        ("vnd.ms-excel.template.macroEnabled", "spreadsheetml.sheet"),
    ],
)
def test_office_files_with_their_macro_and_template_variants(tmp_path: Path, main_part: str, expected: str) -> None:
    assert kind(tmp_path, office(main_part)) == OOXML + expected


def test_packages_that_nothing_reads_are_told(tmp_path: Path) -> None:
    """They were taken for archives, whose XML became files of their own."""
    writer = zipped(("mimetype", "application/vnd.sun.xml.writer"), ("content.xml", "<x/>"), ("META-INF/manifest.xml", "<x/>"))
    assert kind(tmp_path, writer) == "application/vnd.sun.xml"
    assert kind(tmp_path, zipped(("mimetype", "application/hwp+zip"), ("Contents/section0.xml", "<x/>"))) == "application/hwp+zip"
    assert kind(tmp_path, office("vnd.ms-visio.drawing", "visio/document.xml")) == "application/vnd.visio"


def test_the_parts_of_an_office_file_tell_when_its_types_do_not(tmp_path: Path) -> None:
    assert kind(tmp_path, office("vnd.unheard-of", "ppt/slides/slide1.xml")) == OOXML + "presentationml.presentation"


def test_a_truncated_archive_keeps_its_kind(tmp_path: Path) -> None:
    document = office("vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xl/workbook.xml", "xl/styles.xml")
    assert kind(tmp_path, document[:-120]) == OOXML + "spreadsheetml.sheet"
    book = zipped(("mimetype", "application/epub+zip"), ("META-INF/container.xml", "<x/>"))
    assert kind(tmp_path, book[:100]) == "application/epub+zip"
    text = zipped(("mimetype", ODF + "text"), ("content.xml", "<x/>"))
    assert kind(tmp_path, text[:120]) == ODF + "text"


def test_a_false_end_record_does_not_make_us_read_gigabytes(tmp_path: Path) -> None:
    data = bytearray(zipped(("META-INF/container.xml", "<x/>")))
    at = data.rfind(b"PK\x05\x06")
    data[at + 12 : at + 16] = struct.pack("<I", 0x7FFFFFFF)
    assert kind(tmp_path, bytes(data)) == "application/epub+zip"


def compound(*streams: str) -> bytes:
    """A small OLE2 file: header, one FAT sector, one directory sector, one sector of nothing."""
    fat = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFE, *([0xFFFFFFFF] * 125))
    difat = struct.pack("<109I", 0, *([0xFFFFFFFF] * 108))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + difat

    def entry(name: str, type_: int, right: int, child: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), type_, 1, 0xFFFFFFFF, right, child)
        return head + bytes(16 + 4 + 16) + struct.pack("<IQ", 0xFFFFFFFE, 0)

    entries = [entry("Root Entry", 5, 0xFFFFFFFF, 1)]
    for number, name in enumerate(streams, start=1):
        entries.append(entry(name, 2, number + 1 if number < len(streams) else 0xFFFFFFFF, 0xFFFFFFFF))
    return header + fat + b"".join(entries).ljust(512, b"\0") + bytes(512)


@pytest.mark.parametrize(
    ("streams", "expected"),
    [
        (["EncryptedPackage", "EncryptionInfo"], "application/x-ole-encrypted"),
        (["1Table", "WordDocument"], "application/msword"),
        (["Workbook"], "application/vnd.ms-excel"),
        (["PowerPoint Document"], "application/vnd.ms-powerpoint"),
        (["__properties_version1.0"], "application/vnd.ms-outlook"),
        (["Contents"], "application/x-ole-storage"),
        (["VisioDocument"], "application/vnd.visio"),
        (["Quill", "Contents"], "application/x-mspublisher"),
        (["StarWriterDocument"], "application/vnd.sun.xml"),
        (["FileHeader", "\x05HwpSummaryInformation"], "application/x-hwp"),
    ],
)
def test_compound_files(tmp_path: Path, streams: list[str], expected: str) -> None:
    assert kind(tmp_path, compound(*streams), "a.doc") == expected
    broken = bytearray(compound(*streams))
    broken[0x2C:0x34] = b"\xff" * 8  # number of FAT sectors and start of the directory
    assert kind(tmp_path, bytes(broken), "a.doc") == expected


def test_streams_of_compound_files_are_named_in_any_case(tmp_path: Path) -> None:
    assert kind(tmp_path, compound("WORKBOOK"), "a.xls") == "application/vnd.ms-excel"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7\n...", "application/pdf"),
        (b"\xf7\x02\x01\x83\x92\xc0\x1c\x3b\x00\x00\x00\x00\x03\xe8\x1b TeX output", "application/x-dvi"),
        (b"\xffWPC\x10\x00\x00\x00\x01\x0a", "application/vnd.wordperfect"),
        (b"HWP Document File V3.00 \x1a\1\2\3\4\5", "application/x-hwp-3"),
        (b"\r\n\r\n<!-- served by -->%PDF-1.4\n1 0 obj<<>>endobj", "application/pdf"),
        (b"A file begins with %PDF-1.7 when it is one.\n", "text/plain"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (b"II*\x00" + bytes(20), "image/tiff"),
        (b"MM\x00*" + bytes(20), "image/tiff"),
        (b"GIF89a" + bytes(20), "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(20), "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt " + bytes(20), "audio/mpeg"),
        (b"BM" + bytes(12) + struct.pack("<I", 40) + bytes(36), "image/bmp"),
        (b"BMW builds cars in Munich, and has done so for long.", "text/plain"),
        (b"{\\rtf1\\ansi hello}", "application/rtf"),
        (gzip.compress(b"x", mtime=0), "application/gzip"),
        (bytes(257) + b"ustar" + bytes(20), "application/x-tar"),
        (bytes(60) + b"BOOKMOBI" + bytes(20), "application/x-mobipocket-ebook"),
        (b"AT&TFORM\x00\x00\x00\x00DJVU", "image/vnd.djvu"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(20), "image/jp2"),
        (b"\xff\x4f\xff\x51" + bytes(20), "image/jp2"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "image/avif"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "image/heic"),
        (b"\x00\x00\x00\x14ftypcrx \x00\x00\x00\x01crx ", "image/x-canon-cr3"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomavc1avif", "video/mp4"),
        (b"P6\n# by a scanner\n2 1 255\n" + bytes(6), "image/x-portable-anymap"),
        (b"P4 9 1\n\xff\x80", "image/x-portable-anymap"),
        (b"P1\n# black\n2 2\n1111\n", "image/x-portable-anymap"),
        (b"P2 10 20 are pages of this text, and 30 is none.", "text/plain"),
        (
            b"P1\n2 2\n" + b"#" * 60 + b"\nA heading, and no picture.\n",
            "text/plain",
        ),  # at once: all ways to cut the row took years
        (b"P4 is a chip, P5 another.", "text/plain"),
        (b"\n\x05\x01\x01" + bytes(61) + b"\x01" + bytes(70), "image/vnd.zbrush.pcx"),
        (b"\n\x05\x01\x01" + bytes(200), "application/octet-stream"),
        *(
            (begun + bytes(40), media_type)
            for media_type, *beginnings in (
                ("application/vnd.ms-outlook-pst", b"!BDN"),
                ("application/vnd.ms-tnef", b"\x78\x9f\x3e\x22"),
                ("application/warc", b"WARC/1.0\r\n", gzip.compress(b"WARC/1.1\r\nWARC-Type: warcinfo\r\n", mtime=0)),
                ("application/onenote", bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")),
                ("application/x-msaccess", b"\0\1\0\0Standard Jet DB", b"\0\1\0\0Standard ACE DB"),
                ("application/x-outlook-express", b"\xcf\xad\x12\xfe"),
                ("application/x-zim", b"ZIM\x04"),
                ("application/x-mswrite", b"\x31\xbe\0\0\0\xab"),
                ("image/vnd.dwg", b"AC1015"),
                ("application/x-data", b"\x89HDF\r\n\x1a\n", b"PAR1", b"CDF\x01", b"$FL2@(#) SPSS", b"RDX3\n"),
                ("audio/mpeg", b"fLaC", b"OggS", b"RIFF\0\0\0\0WAVE"),
                ("video/mp4", b"\x1a\x45\xdf\xa3", b"RIFF\0\0\0\0AVI "),
                ("application/gzip", gzip.compress(b"WARC/1.0 is a format", mtime=0), b"\x1f\x8b damaged"),
            )
            for begun in beginnings
        ),
        (b"WARC/1.0 is a format of web archives, and this is none.", "text/plain"),
        (zlib.compress(bytes(range(256)) * 40), "application/octet-stream"),
        (bytes(range(256)) * 20, "application/octet-stream"),
        (bytes(1000), "application/octet-stream"),
    ],
)
def test_marks(tmp_path: Path, data: bytes, expected: str) -> None:
    assert kind(tmp_path, data, "misleading.epub") == expected


HTML = "<!DOCTYPE html>\n<html><body><p>x</p></body></html>"
XHTML = (
    '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "x">\n<html xmlns="http://www.w3.org/1999/xhtml"/>'
)
MAIL = "Received: from a\n\tby b\nFrom: a@b.c\nTo: d@e.f\nSubject: x\n\nHello\n"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (HTML, "a.txt", "text/html"),
        (HTML, "a.docx", "text/html"),
        (HTML, "a.md", "text/html"),
        ("\ufeff<!-- note --><HTML ><head>", "a", "text/html"),
        (XHTML, "a.html", "application/xhtml+xml"),
        ('<div align="center"><h1>Project</h1></div>\n\n## Use\n', "README.md", "text/markdown"),
        ('<div align="center"><h1>Project</h1></div>', "page", "text/html"),
        ("Just words.\n", "page.html", "text/html"),
        ("<rss version='2.0'><channel><title>x</title></channel></rss>", "feed", "application/rss+xml"),
        ("<?xml version='1.0'?><FictionBook xmlns='x'/>", "a.fb2", "application/x-fictionbook+xml"),
        ("<svg xmlns='http://www.w3.org/2000/svg'></svg>", "a.svg", "image/svg+xml"),
        ("<name> is what you type first", "a.txt", "text/plain"),
        ("a < b and c > d", "a", "text/plain"),
        ("# Title\n\nText\n", "a.md", "text/markdown"),
        ("# Title\n\nText\n", "a.MARKDOWN", "text/markdown"),
        ("# Title\n\nText\n", "a.tar.md", "text/markdown"),
        ("# Title\n\nText\n", "a.txt", "text/plain"),
        ("a,b,c\n1,2,3\n", "a.csv", "text/csv"),
        ("a\tb\n1\t2\n", "a.tsv", "text/tab-separated-values"),
        ("a\tb\tc\n" * 8, "table", "text/tab-separated-values"),
        ("a;b;c\n" * 8, "table", "text/csv"),
        ("a;b;c\n" * 8, "table.txt", "text/plain"),
        ("One, two, and three.\nNo commas here\n" * 4, "words", "text/plain"),
        (MAIL, "a.eml", "message/rfc822"),
        (MAIL, "message", "message/rfc822"),
        ("From a@b.c Mon Jan  1 00:00:00 2024\n" + MAIL, "a", "message/rfc822"),
        (("From a@b.c Mon Jan  1 00:00:00 2024\n" + MAIL + "\n") * 2, "inbox", "application/mbox"),
        ("Subject: x\n\nHello", "a.eml", "message/rfc822"),
        ("Subject: x\n\nHello", "a.txt", "text/plain"),
        ("Title: x\nDate: 2024\n\nFront matter of an essay\n", "a.md", "text/markdown"),
        ("Dear all:\nFrom: here on\nTo: the end", "a.txt", "text/plain"),
        ('{"a": 1}', "a.json", "application/json"),
        ("\\documentclass{article}", "a.tex", "text/x-tex"),
        ("% A paper\n\n\\RequirePackage{x}\n  \\documentclass[a4paper]{article}\n", "a.txt", "text/x-tex"),
        ("\\documentclass is where it begins.\n", "a.txt", "text/plain"),
        ("Write \\documentclass{article} first.\n", "a.txt", "text/plain"),
        ("\\section{One}\nText", "a.tex", "text/x-tex"),
        ("\\section{One}\nText", "a.txt", "text/plain"),
        ("\\magnification1200 Plain \\TeX\n\\bye\n", "a.tex", "text/plain"),
        ("Title\n=====\n", "a.rst", "text/x-rst"),
        ("Title\n=====\n", "a.txt", "text/plain"),
        ("* One\n", "a.org", "text/x-org"),
        ("= One\n", "a.adoc", "text/asciidoc"),
        ("= One\n", "a.typ", "text/vnd.typst"),
        ("== One ==\n", "a.mediawiki", "text/x-mediawiki"),
        ("h1. One\n", "a.textile", "text/x-textile"),
        ('.\\" Comment\n.TH ONE 1\n', "one.1", "text/troff"),
        ('.\\" Comment\n.TH ONE 1\n', "one.3pm", "text/troff"),
        (".Dd May 1, 2020\n.Dt ONE 1\n", "one.1", "text/x-mdoc"),
        ("Log\n", "messages.1", "text/plain"),
        (".TH ONE 1\n", "one.txt", "text/plain"),
        ("@book{a, title={A}}\n", "a.bib", "text/x-bibtex"),
        ("No entries\n", "a.bib", "text/plain"),
        ("TY  - JOUR\nTI  - A\n", "export", "application/x-research-info-systems"),
        ("<opml version='2.0'><head/></opml>", "a.xml", "text/x-opml"),
        ("<book xmlns='http://docbook.org/ns/docbook' version='5.0'></book>", "a.xml", "application/docbook+xml"),
        (
            '<!DOCTYPE refentry PUBLIC "-//OASIS//DTD DocBook XML V4.5//EN" "x" [<!ENTITY a "">]>\n<refentry/>',
            "a.xml",
            "application/docbook+xml",
        ),
        ("<?xml version='1.0'?><book><title>A</title></book>", "a.xml", "application/xml"),
        ("<article><front><article-meta/></front></article>", "a.xml", "application/jats+xml"),
        ("<article><h1>A page</h1></article>", "a", "text/html"),
        ("<xml><records><record><title>A</title></record></records></xml>", "a.xml", "application/x-endnote+xml"),
        ("Zażółć gęślą jaźń\x1b[0m\f\n", "a", "text/plain"),
    ],
)
def test_texts(tmp_path: Path, text: str, name: str, expected: str) -> None:
    assert kind(tmp_path, text, name) == expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_wide_texts(tmp_path: Path, encoding: str) -> None:
    assert kind(tmp_path, HTML.encode(encoding), "a") == "text/html"
    assert kind(tmp_path, "Plain words, and many.".encode(encoding), "a") == "text/plain"


@pytest.mark.parametrize("encoding", ["cp1251", "shift_jis", "gb18030", "euc-kr", "iso-2022-jp", "utf-8"])
def test_old_encodings_are_text(tmp_path: Path, encoding: str) -> None:
    words = {"cp1251": "Война и мир", "euc-kr": "한국어 문장"}.get(encoding, "日本語の文章です。")
    assert kind(tmp_path, (words * 30).encode(encoding), "a.txt") == "text/plain"


def test_odd_names_do_no_harm(tmp_path: Path) -> None:
    for name in ("", ".", "..", ".md", " a.md ", "a.", "a/b\x00.md", "\udcff.csv"):
        assert kind(tmp_path, "words\n", name) in ("text/plain", "text/markdown", "text/csv")


@pytest.mark.parametrize("size", [1, 3, 7, 30, 100])
def test_every_beginning_of_a_kind_is_survived(tmp_path: Path, size: int) -> None:
    kinds = [
        zipped(("mimetype", "application/epub+zip")),
        compound("Workbook"),
        office("x"),
        XHTML.encode("utf-16"),
        MAIL.encode(),
    ]
    for data in kinds:
        assert "/" in kind(tmp_path, data[:size])


# ---------------------------------------------------------------- what follows from the kind


def test_every_kind_has_an_engine_or_advice() -> None:
    assert not set(MEDIA_TYPES) & set(ADVICE)
    with pytest.raises(UnsupportedMedia, match="a file by TeX for printers"):
        engine_of("application/x-dvi")
    with pytest.raises(UnsupportedMedia, match="image/x-icon"):
        engine_of("image/x-icon")
    with pytest.raises(EmptyDocument):
        engine_of("application/x-empty")
    with pytest.raises(EncryptedDocument, match="password"):
        engine_of("application/x-ole-encrypted")


def look(tmp_path: Path, data: bytes, name: str = "file") -> Census:
    path = tmp_path / "content"
    path.write_bytes(data)
    return census(path, name, Settings())


def test_census_tells_encrypted_files(tmp_path: Path) -> None:
    drm = '<encryption><EncryptedData><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></EncryptedData></encryption>'
    fonts = drm.replace("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "http://www.idpf.org/2008/embedding")
    book = ("mimetype", "application/epub+zip")
    assert look(tmp_path, zipped(book, ("META-INF/encryption.xml", drm))).encrypted
    assert not look(tmp_path, zipped(book, ("META-INF/encryption.xml", fonts))).encrypted
    assert not look(tmp_path, zipped(book)).encrypted
    manifest = "<manifest:encryption-data manifest:checksum='x'/>"
    assert look(tmp_path, zipped(("mimetype", ODF + "text"), ("META-INF/manifest.xml", manifest))).encrypted
    assert look(tmp_path, compound("EncryptedPackage")).encrypted
    sealed = MAIL.replace("Subject", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\nSubject")
    assert look(tmp_path, sealed.encode()).encrypted
    assert not look(tmp_path, sealed.replace("enveloped", "signed").encode()).encrypted


def pdf(pages: int, claimed: int | None = None, text: str = "") -> bytes:
    """A PDF without a cross-reference table, which readers rebuild."""
    kids = " ".join(f"{10 + number} 0 R" for number in range(pages))
    content = f"BT /F 12 Tf 10 50 Td ({text}) Tj ET" if text else ""
    objects = [
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        f"2 0 obj<</Type/Pages/Kids[{kids}]/Count {claimed or pages}>>endobj",
        "3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj",
        f"4 0 obj<</Length {len(content)}>>stream\n{content}\nendstream endobj",
    ]
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<</Font<</F 3 0 R>>>>>>"
    objects += [f"{10 + number} 0 obj{page}endobj" for number in range(pages)]
    return ("%PDF-1.4\n" + "\n".join(objects) + "\ntrailer<</Root 1 0 R>>\n").encode()


def test_census_counts_pages(tmp_path: Path) -> None:
    assert look(tmp_path, pdf(3, text="A line of text")) == Census("application/pdf", pages=3, scanned=False)
    assert look(tmp_path, pdf(20)) == Census("application/pdf", pages=20, scanned=True)


def test_census_does_not_believe_a_hundred_thousand_pages(tmp_path: Path) -> None:
    assert look(tmp_path, pdf(3, claimed=100_000)).pages == 3


def test_census_of_broken_files_is_no_error(tmp_path: Path) -> None:
    assert look(tmp_path, b"%PDF-1.4\nnothing") == Census("application/pdf")
    assert look(tmp_path, b"II*\x00\xff\xff\xff\xff") == Census("image/tiff", scanned=True)
    assert look(tmp_path, b"") == Census("application/x-empty")
    assert look(tmp_path, zipped(("mimetype", "application/epub+zip"))[:60]) == Census("application/epub+zip")


def test_census_counts_the_frames_of_a_tiff(tmp_path: Path) -> None:
    from PIL import Image

    buffer = io.BytesIO()
    frames = [Image.new("L", (20, 20), 255) for _ in range(3)]
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:])
    assert look(tmp_path, buffer.getvalue()) == Census("image/tiff", pages=3, scanned=True)
    buffer = io.BytesIO()
    frames[0].save(buffer, "PNG")
    assert look(tmp_path, buffer.getvalue()) == Census("image/png", pages=1, scanned=True)


def test_census_leaves_files_beyond_the_limit_alone(tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(pdf(3))
    assert census(path, "a.pdf", Settings(max_file_bytes=10)) == Census("application/pdf")


def test_looking_for_a_paper_takes_no_time(tmp_path: Path) -> None:
    begun = time.thread_time()
    for line in ("\\command{of words} and more\n", "% comment\n", " \n", "\\aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"):
        assert kind(tmp_path, line * (65_000 // len(line)) + "\\document", "a.tex") == "text/plain"
    assert time.thread_time() - begun < 2
