"""Office files, mail and tables of values, read in the parse child without a network; the files are made here."""

import base64
import datetime as dt
import hashlib
import io
import re
import shutil
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pptx
import pypandoc
import pytest
from oxmsg.storage import Storage, Stream
from pptx.util import Inches

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge, EmptyDocument, EncryptedDocument, UnsupportedMedia
from kbray.model import Parsed, Unit, Window
from kbray.parse.media import EML, MSG
from kbray.parse.office import mail as mail_reader
from kbray.parse.sandbox.parent import Sandbox
from kbray.parse.sniff import sniff
from tests.unit.test_parse_boxes_mail import PACKED_RTF


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(Settings(parse_timeout_s=120)) as sandbox:
        yield sandbox


def read(box: Sandbox, path: Path) -> Parsed:
    """As it lies in the store: under its hash, without an extension."""
    stored = path.with_name("0f5e")
    shutil.copyfile(path, stored)
    return box.parse(stored, sniff(path, path.name), Window())


def told(parsed: Parsed) -> list[tuple[str, int, str]]:
    return [(element.kind, element.level, element.text) for element in parsed.elements]


def rezipped(path: Path, changes: dict[str, bytes]) -> None:
    """Replace or add members of a package."""
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)


# ---------------------------------------------------------------- DOCX


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    document = docx.Document()
    document.core_properties.title = "On Tea"
    document.core_properties.author = "Ann Author; Bob Writer"
    document.core_properties.language = "en-GB"
    document.core_properties.modified = dt.datetime(2024, 5, 1, 10)
    document.sections[0].header.paragraphs[0].text = "Tea papers"
    document.add_heading("Tea", 1)
    document.add_paragraph("A short line")
    document.add_paragraph("Tea  is a drink.\tIt is brewed.")
    document.add_heading("Kinds", 2)
    document.add_paragraph("Green", style="List Bullet")
    document.add_paragraph("Oolong", style="List Bullet 2")
    table = document.add_table(2, 2)
    for cell, text in zip((cell for row in table.rows for cell in row.cells), ("Kind", "Minutes", "Green", "2"), strict=True):
        cell.text = text
    path = tmp_path / "letter.docx"
    document.save(str(path))
    return path


def test_docx(box: Sandbox, letter: Path) -> None:
    parsed = read(box, letter)
    assert told(parsed) == [
        ("header", 0, "Tea papers"),
        ("heading", 1, "Tea"),
        ("paragraph", 0, "A short line"),
        ("paragraph", 0, "Tea is a drink. It is brewed."),
        ("heading", 2, "Kinds"),
        ("list_item", 1, "Green"),
        ("list_item", 2, "Oolong"),
        ("table", 0, "Kind\tMinutes\nGreen\t2"),
    ]
    assert parsed.engine == "word"
    assert (parsed.metadata.title, parsed.metadata.authors, parsed.metadata.language) == (
        "On Tea",
        ("Ann Author", "Bob Writer"),
        "en-GB",
    )
    assert parsed.metadata.date == "2024-05-01T10:00:00Z"  # saved last; it was made when python-docx's template was
    assert parsed.units == (Unit("whole", sum(len(element.text) for element in parsed.elements)),)
    table = parsed.elements[-1].table
    assert table is not None
    assert (table.rows, table.columns) == (2, 2)


def test_docx_is_read_the_same_in_another_process(box: Sandbox, letter: Path) -> None:
    first = read(box, letter)
    with Sandbox(Settings()) as other:
        assert read(other, letter) == first


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def test_docx_notes_and_formulas_are_not_lost(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "notes.docx"
    pypandoc.convert_text(
        "Tea[^a] is old.[^b] It has $E=mc^2$.\n\n$$x+y$$\n\n[^a]: *Camellia*\n\n[^b]: Very.", "docx", "md", outputfile=str(path)
    )
    parsed = read(box, path)
    assert [element.text for element in parsed.elements] == ["Tea[^1] is old.[^2] It has E = mc^2.", "x + y", "Camellia", "Very."]
    assert [(element.kind, element.marker) for element in parsed.elements[2:]] == [("footnote", "1"), ("footnote", "2")]
    assert [(element.kind, len(element.formulas)) for element in parsed.elements[:2]] == [("paragraph", 1), ("formula", 1)]
    assert "<msup>" in parsed.elements[0].formulas[0]
    assert parsed.warnings == ()


def test_docx_pictures_are_told(box: Sandbox, letter: Path) -> None:
    rezipped(letter, {"word/media/image1.png": b"x", "word/media/image2.png": b"y"})
    assert read(box, letter).warnings == ("Pictures in the file are not read (2).",)


def test_docx_without_text(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "empty.docx"
    docx.Document().save(str(path))
    with pytest.raises(EmptyDocument, match=r"There is no text in the Word document \(DOCX\)"):
        read(box, path)


def test_docx_with_an_external_entity_fetches_nothing(box: Sandbox, letter: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    body = f"{entity}<w:document {W}><w:body><w:p><w:r><w:t>A&x;B</w:t></w:r></w:p></w:body></w:document>"
    rezipped(letter, {"word/document.xml": body.encode()})
    try:
        texts = [element.text for element in read(box, letter).elements]
    except DocumentError as error:
        texts = [error.message]
    assert "the secret" not in " ".join(texts)


@pytest.mark.parametrize("member", ["word/document.xml", "_rels/.rels"])
@pytest.mark.parametrize("content", [b"", b"<broken", b"\x00\xff" * 50, b"<a/>"])
def test_damaged_docx(box: Sandbox, letter: Path, member: str, content: bytes) -> None:
    rezipped(letter, {member: content})
    with pytest.raises((CorruptDocument, UnsupportedMedia, EmptyDocument)):
        box.parse(letter, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Window())


def test_truncated_docx(box: Sandbox, letter: Path) -> None:
    letter.write_bytes(letter.read_bytes()[:5000])
    with pytest.raises(CorruptDocument, match="cut short"):
        read(box, letter)


def test_a_bomb_is_refused_before_it_is_read(box: Sandbox, letter: Path) -> None:
    rezipped(letter, {"word/document.xml": b" " * (80 * 1024 * 1024)})
    with pytest.raises(DocumentTooLarge, match=r"word/document\.xml"):
        read(box, letter)


def test_strict_open_xml_reads_as_the_ordinary_kind(box: Sandbox, letter: Path) -> None:
    ordinary = read(box, letter)
    with zipfile.ZipFile(letter) as package:
        members = {name: package.read(name) for name in package.namelist() if name.endswith((".xml", ".rels"))}
    ours = re.compile(rb"http://schemas\.openxmlformats\.org/(wordprocessingml|officeDocument)/2006/")
    rezipped(letter, {name: ours.sub(rb"http://purl.oclc.org/ooxml/\1/", content) for name, content in members.items()})
    assert b"purl.oclc.org" in zipfile.ZipFile(letter).read("word/document.xml")
    assert told(read(box, letter)) == told(ordinary)


def test_a_docx_without_content_types_is_read(box: Sandbox, letter: Path) -> None:
    """Parts are found by their relations."""
    ordinary = read(box, letter)
    rezipped(letter, {"[Content_Types].xml": b"<broken"})
    assert box.parse(letter, sniff(letter, letter.name), Window()).elements == ordinary.elements


# ---------------------------------------------------------------- PPTX


def test_pptx(box: Sandbox, tmp_path: Path) -> None:
    show = pptx.Presentation()
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "Tea"
    first.placeholders[1].text = "Hot"
    first.notes_slide.notes_text_frame.text = "Say hello"
    show.slides.add_slide(show.slide_layouts[6])
    third = show.slides.add_slide(show.slide_layouts[6])
    third.shapes.add_textbox(Inches(1), Inches(1), Inches(2), Inches(1)).text_frame.text = "The End"
    cells = third.shapes.add_table(1, 2, Inches(1), Inches(3), Inches(2), Inches(1)).table
    cells.cell(0, 0).text, cells.cell(0, 1).text = "a", "b"
    path = tmp_path / "show.pptx"
    show.save(str(path))
    parsed = read(box, path)
    assert [(element.kind, element.page, element.chapter, element.text) for element in parsed.elements] == [
        ("heading", 1, "slide 1", "Tea"),
        ("list_item", 1, "slide 1", "Hot"),
        ("paragraph", 1, "slide 1", "Say hello"),
        ("paragraph", 3, "slide 3", "The End"),
        ("table", 3, "slide 3", "a\tb"),
    ]
    assert parsed.units == (Unit("slide 1", 15), Unit("slide 2", 0), Unit("slide 3", 10))


# ---------------------------------------------------------------- XLSX


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(str(path))
    return path


def test_xlsx(box: Sandbox, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Kind", None, "Day", "Sum"],
        [None] * 4,
        ["Green\nleaf", None, dt.datetime(2024, 5, 1), 2.0],
        ["Oolong", None, True, 0.1 + 0.2],
    ]
    path = workbook(tmp_path / "tea.xlsx", Stock=rows, Empty=[], Prices=[["x"]])
    parsed = read(box, path)
    assert told(parsed) == [
        ("heading", 1, "Stock"),
        ("table", 0, "Kind\tDay\tSum\nGreen leaf\t2024-05-01\t2\nOolong\tTRUE\t0.3"),
        ("heading", 1, "Prices"),
        ("paragraph", 0, "x"),
    ]
    assert [unit.name for unit in parsed.units] == ["Stock", "Empty", "Prices"]
    assert {element.chapter for element in parsed.elements} == {"Stock", "Prices"}


def test_xlsx_with_one_sheet_needs_no_heading(box: Sandbox, tmp_path: Path) -> None:
    assert told(read(box, workbook(tmp_path / "tea.xlsx", Sheet1=[["a", 1]]))) == [("table", 0, "a\t1")]


def test_xlsx_without_values(box: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(EmptyDocument, match="workbook"):
        read(box, workbook(tmp_path / "tea.xlsx", Sheet1=[]))


SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def test_a_shared_text_can_not_fill_the_memory(box: Sandbox, tmp_path: Path) -> None:
    """A long text, named by each of many cells."""
    path = workbook(tmp_path / "tea.xlsx", Sheet1=[["x"]])
    cells = '<c t="s"><v>0</v></c>' * 100
    rows = "".join(f'<row r="{row}">{cells}</row>' for row in range(1, 101))
    strings = f'<sst xmlns="{SHEET}"><si><t>{"tea " * 10_000}</t></si></sst>'
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(path) as package:
        types = package.read("[Content_Types].xml").decode()
    declared = '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    types = types.replace("</Types>", declared + 'spreadsheetml.sharedStrings+xml"/></Types>')
    members = {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": strings, "[Content_Types].xml": types}
    rezipped(path, {name: content.encode() for name, content in members.items()})
    with pytest.raises(DocumentTooLarge, match="200,000,000 characters"):
        read(box, path)
    assert box.spent().peak_bytes < 1024**3


def test_only_what_is_read_counts_against_the_limits(box: Sandbox, tmp_path: Path) -> None:
    """Blank pictures of Windows unpack to hundreds of times their size."""
    path = workbook(tmp_path / "tea.xlsx", Sheet1=[["x"]])
    rezipped(path, {"xl/media/image1.emf": bytes(2 * 1024 * 1024)})
    assert told(read(box, path)) == [("paragraph", 0, "x")]
    rezipped(path, {"xl/worksheets/sheet1.xml": b" " * (2 * 1024 * 1024)})
    with pytest.raises(DocumentTooLarge, match="max_unpack_ratio"):
        read(box, path)


def test_an_entity_bomb_in_a_workbook(box: Sandbox, tmp_path: Path) -> None:
    path = workbook(tmp_path / "tea.xlsx", Sheet1=[["x"]])
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE d [<!ENTITY a0 "aaaaaaaaaa">{entities}]><worksheet>&a9;</worksheet>'
    rezipped(path, {"xl/worksheets/sheet1.xml": bomb.encode()})
    with pytest.raises((CorruptDocument, EmptyDocument)):
        read(box, path)
    assert box.spent().peak_bytes < 1024**3


# ---------------------------------------------------------------- RTF and ODT

MARKDOWN = "# Tea\n\nTea is old.[^a]\n\n- green\n    - sencha\n\n| Kind | Minutes |\n|---|---|\n| Green | 2 |\n\n[^a]: Very."


def test_odt(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "tea.odt"
    pypandoc.convert_text(MARKDOWN, "odt", "markdown", outputfile=str(path))
    parsed = read(box, path)
    assert parsed.engine == "opendocument"
    assert told(parsed) == [
        ("heading", 1, "Tea"),
        ("paragraph", 0, "Tea is old.[^1]"),
        ("list_item", 1, "green"),
        ("list_item", 2, "sencha"),
        ("table", 0, "Kind\tMinutes\nGreen\t2"),
        ("footer", 0, "1"),
        ("footnote", 0, "Very."),
    ]
    assert parsed.metadata.title is None


def test_rtf(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "tea.rtf"
    path.write_bytes(
        rb"{\rtf1\ansi{\info{\title On Tea}{\author Ann}}{\pard\outlinelevel0\b Tea\par}"
        rb"{\pard Tea is old.{\super\chftn}{\footnote\pard\plain\chftn  Very.\par} So it is.\par}"
        rb"\trowd\cellx100\cellx200\intbl a\cell b\cell\row\pard end\par}"
    )
    parsed = read(box, path)
    assert told(parsed) == [
        ("heading", 1, "Tea"),
        ("paragraph", 0, "Tea is old.[^1] So it is."),
        ("table", 0, "a\tb"),
        ("paragraph", 0, "end"),
        ("footnote", 0, "Very."),
    ]
    assert (parsed.metadata.title, parsed.metadata.authors) == ("On Tea", ("Ann",))


def lines_of_rtf(box: Sandbox, path: Path, lines: tuple[str, ...]) -> Parsed:
    path.write_text(r"{\rtf1\ansi" + "".join(rf"{{\pard {line}\par}}" for line in lines) + "}", encoding="ascii")
    return read(box, path)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((r"\bullet\tab tea", r"\bullet\tab What?"), ["- tea", "- What?"]),
        (("- tea", "- milk and sugar"), ["- tea", "- milk and sugar"]),
        ((r"- tea\line - milk",), ["- tea", "- milk"]),
        (("(1) tea", "(2) milk", "a) cup", "b) spoon"), ["(1) tea", "(2) milk", "a) cup", "b) spoon"]),
    ],
)
def test_lists_of_rtf_written_as_text(box: Sandbox, tmp_path: Path, lines: tuple[str, ...], expected: list[str]) -> None:
    parsed = lines_of_rtf(box, tmp_path / "tea.rtf", lines)
    assert [(element.kind, f"{element.marker} {element.text}") for element in parsed.elements] == [
        ("list_item", line) for line in expected
    ]


@pytest.mark.parametrize(
    "lines",
    [("- Tea?", "- At home."), ("- tea", "between", "- milk"), ("2. tea", "3. milk"), ("1. tea", "3. milk"), ("- tea", "* milk")],
)
def test_what_may_be_no_list_in_rtf_stays_text(box: Sandbox, tmp_path: Path, lines: tuple[str, ...]) -> None:
    parsed = lines_of_rtf(box, tmp_path / "tea.rtf", lines)
    assert [(element.kind, element.text) for element in parsed.elements] == [("paragraph", line) for line in lines]


def test_rows_of_rtf_that_share_a_definition(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "tea.rtf"
    rows = rb"\pard\intbl a\cell b\cell\row \pard\intbl c\cell d\cell\row" + b"\n"
    defined = rb"\trowd\trgaph70\cellx100\cellx200"
    path.write_bytes(
        rb"{\rtf1\ansi {" + defined + rows + rb"}\pard between\par " + defined + rb"\intbl e\cell f\cell\row \pard end\par}"
    )
    assert told(read(box, path)) == [
        ("table", 0, "a\tb\nc\td"),
        ("paragraph", 0, "between"),
        ("table", 0, "e\tf"),
        ("paragraph", 0, "end"),
    ]


FONTS = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}"
    rb"{\f1\fbidi \fswiss\fcharset204\fprq2{\*\panose 020b}Arial;}{\f2\fnil\fcharset238 Arial CE;}"
    rb"{\f3\fnil\fcharset128 Arial;}}"
)


@pytest.mark.parametrize(
    ("rtf", "expected"),
    [
        (rb"{\rtf1\ansi\ansicpg1251 \'d3\'f2\'f0\'ee \'e8 \'e2\'e5\'f7\'e5\'f0\par}", "Утро и вечер"),
        (rb"{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b Tea\par}", "日本 Tea"),
        (rb"{\rtf1\ansi\ansicpg1252 caf\'e9 \'97 tea\par}", "café — tea"),
        (rb"{\rtf1\ansi\ansicpg1251\uc1 \u1059\'d3\u1090\'f2\u1088\'f0\u1086\'ee \u1080? x\par}", "Утро и x"),
        (b"{\\rtf1\\ansi\\ansicpg1251 \\'7bx\\'7d \xd3\xf2\xf0\xee\\par}", "{x} Утро"),
        (rb"{\rtf1\ansi\ansicpg1251 a \b\'d3\'f2\b0\'f0\'ee \'e8\par}", "a Утро и"),
        (rb"{\rtf1\ansi\uc0 \u1059 \u1090 x\par}", "Утx"),
        (rb"{\rtf1\ansi \u-10179?\u-8704? smile\par}", "\U0001f600 smile"),
        (rb"{\rtf1\ansi\ansicpg932 \'83A\'83B \'93\'faA\par}", "アィ 日A"),
        (rb"{\rtf1\ansi\ansicpg932 {\uc2\u26085\'93\'fa\u12450\'83A\u12451\'83B} \u233\'3fA\par}", "日アィ éA"),
        (rb"{\rtf1\ansi Mili\u263c and \u269C\u225?p\par}", "Milić and čáp"),
        (FONTS + rb"\f3 Nazionalit\'e0\par}", "Nazionalità"),
        (FONTS + rb"\f1 \'d3\'f2\'f0\'ee {\f0 caf\'e9 \\f2} \'e8 \plain\'e9 \f2\'e8\f9\'e8\par}", "Утро café \\f2 и é čè"),
    ],
)
def test_rtf_code_pages(box: Sandbox, tmp_path: Path, rtf: bytes, expected: str) -> None:
    path = tmp_path / "x.rtf"
    path.write_bytes(rtf)
    parsed = read(box, path)
    assert [element.text for element in parsed.elements] == [expected]
    assert parsed.warnings == ()


def test_a_style_of_rtf_that_is_based_on_itself(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "x.rtf"
    styles = rb"{\stylesheet{\ql\snext0 \sbasedon0 Normal;}{\s2\sbasedon0 Two;}{\s3\sbasedon3 Three;}}"
    path.write_bytes(rb"{\rtf1\ansi" + styles + rb"\s3 tea\par}")
    assert [element.text for element in read(box, path).elements] == ["tea"]


def test_an_unknown_code_page_is_told(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "x.rtf"
    path.write_bytes(rb"{\rtf1\ansi\ansicpg99999 plain\par}")
    assert read(box, path).warnings == ("The code page 99999 is unknown; the text was read as Western European.",)


def test_encrypted_odt(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "x.odt"
    pypandoc.convert_text("Tea", "odt", "markdown", outputfile=str(path))
    rezipped(path, {"META-INF/manifest.xml": b"<m><manifest:encryption-data/></m>"})
    with pytest.raises(EncryptedDocument, match="OpenDocument text"):
        read(box, path)


def test_damaged_odt(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "x.odt"
    pypandoc.convert_text("Tea", "odt", "markdown", outputfile=str(path))
    rezipped(path, {"content.xml": b"<broken"})
    with pytest.raises((CorruptDocument, EmptyDocument)):
        read(box, path)


# ---------------------------------------------------------------- mail


def message(subject: str, body: str, html: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Zoë <zoe@example.org>", "bob@example.org", subject
    mail["Date"], mail["Message-ID"] = "Wed, 01 May 2024 10:00:00 +0000", "<1@example.org>"
    mail.set_content(body)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def saved(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "x.eml"
    path.write_bytes(data)
    return path


HEADER = "From: Zoë <zoe@example.org>\nTo: bob@example.org\nDate: Wed, 01 May 2024 10:00:00 +0000"


def test_a_message(box: Sandbox, tmp_path: Path) -> None:
    parsed = read(box, saved(tmp_path, message("Grüße", "Dear Bob,\n\nthe tea is ready.\n").as_bytes()))
    assert told(parsed) == [
        ("heading", 1, "Grüße"),
        ("paragraph", 0, HEADER),
        ("paragraph", 0, "Dear Bob,"),
        ("paragraph", 0, "the tea is ready."),
    ]
    meta = parsed.metadata
    assert (meta.title, meta.authors, meta.identifier) == ("Grüße", ("Zoë <zoe@example.org>",), "<1@example.org>")


def test_of_alternatives_the_richest_is_read(box: Sandbox, tmp_path: Path) -> None:
    mail = message("Tea", "plain words", "<h2>Rich</h2><ul><li>words</li></ul>")
    mail.add_attachment(b"x", maintype="application", subtype="pdf", filename="menu.pdf")
    parsed = read(box, saved(tmp_path, mail.as_bytes()))
    assert told(parsed)[2:] == [("heading", 2, "Rich"), ("list_item", 1, "words"), ("paragraph", 0, "Attachment: menu.pdf")]
    assert parsed.warnings == ()


def test_attachments_are_named_and_unpacked(box: Sandbox, tmp_path: Path) -> None:
    mail = message("Tea", "plain words", '<p>Rich</p><img src="cid:logo">')
    mail.get_payload()[1].add_related(b"a logo", "image", "png", cid="<logo>")  # type: ignore[union-attr, index]
    for data, name in ((b"one", "menu.pdf"), (b"two", "../../menu.pdf"), (b"three", "notes"), (b"four", None)):
        mail.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    inner = message("Inner", "words within")
    inner.add_attachment("text", filename="deep.txt")
    mail.add_attachment(inner)
    mail.add_attachment(b"x", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    path = saved(tmp_path, mail.as_bytes())
    folder = tmp_path / "unpacked"
    folder.mkdir()
    names = box.attachments(path, EML, folder)
    assert names == ("menu.pdf", "menu (2).pdf", "notes", "attachment 4", "deep.txt")
    assert [(folder / str(number)).read_bytes() for number in range(5)] == [b"one", b"two", b"three", b"four", b"text\n"]
    parsed = read(box, path)
    linked = [(element.text, element.target) for element in parsed.elements if element.target and element.kind != "image"]
    assert linked[0] == ("Attachment: menu.pdf", hashlib.sha256(b"one").hexdigest())
    assert [text for text, _ in linked][1:] == [
        "Attachment: menu.pdf",
        "Attachment: notes",
        "Attachment: attachment 4",
        "Attachment: deep.txt",
    ]
    assert parsed.warnings == ("Pictures in the file are not read (1).",)


def test_a_message_that_is_none_has_no_attachments(box: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(CorruptDocument):
        box.attachments(saved(tmp_path, b"nothing of Outlook's"), MSG, tmp_path)


def test_forwarded_messages_are_read(box: Sandbox, tmp_path: Path) -> None:
    mail = message("Outer", "see below")
    mail.add_attachment(message("Inner", "the words within"))
    parsed = read(box, saved(tmp_path, b"From zoe Wed May  1 10:00:00 2024\n" + mail.as_bytes()))
    assert [text for _, _, text in told(parsed) if not text.startswith("From")] == [
        "Outer",
        "see below",
        "Inner",
        "the words within",
    ]
    assert [element.level for element in parsed.elements if element.kind == "heading"] == [1, 2]


def test_a_message_that_says_little(box: Sandbox, tmp_path: Path) -> None:
    data = b"Received: x\nFrom: =?bad?Q?=?= <a@b\nSubject:\nContent-Type: text/plain; charset=klingon\n\nna\xefve\n"
    assert [text for _, _, text in told(read(box, saved(tmp_path, data)))][-1] == "naïve"
    odd = "From: a@b.c\nTo: d@e.f\nSubject: =?Uä-ASCII?Q?te=61ö?=\n\nhot\n".encode("latin-1")
    assert told(read(box, saved(tmp_path, odd)))[0] == ("heading", 1, "=?Uä-ASCII?Q?te=61ö?=")


def test_lists_typed_in_a_message(box: Sandbox, tmp_path: Path) -> None:
    data = b"Subject: Tea\nFrom: a@b.c\n\nPlease bring\n\n- milk\n- two cups\n\nThanks\n"
    assert told(read(box, saved(tmp_path, data)))[2:] == [
        ("paragraph", 0, "Please bring"),
        ("list_item", 1, "milk"),
        ("list_item", 1, "two cups"),
        ("paragraph", 0, "Thanks"),
    ]


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("", "utf-8"), ("us-ascii", "utf-8"), ("iso-8859-1", "cp1252"), ("iso-8859-1", "utf-8"), ("unknown-8bit", "cp1252")],
)
def test_charsets_that_are_missing_or_wrong(box: Sandbox, tmp_path: Path, charset: str, encoding: str) -> None:
    text = "Grüße, “Zoë” – 5 €"
    declared = f"Content-Type: text/plain; charset={charset}\n" if charset else ""
    data = f"From: Zoë <zoe@example.org>\nSubject: Größe\n{declared}\n{text}\n".encode(encoding)
    assert [text for _, _, text in told(read(box, saved(tmp_path, data)))] == ["Größe", "From: Zoë <zoe@example.org>", text]


def test_what_became_of_a_message(box: Sandbox, tmp_path: Path) -> None:
    status = "Reporting-MTA: dns; example.org\n\nFinal-Recipient: rfc822; bob@example.org\nStatus: 5.1.1\n"
    parts = f"--x\nContent-Type: text/plain\n\nIt failed.\n--x\nContent-Type: message/delivery-status\n\n{status}--x--\n"
    head = "From: a@b.c\nTo: d@e.f\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=x\n\n"
    assert [text for _, _, text in told(read(box, saved(tmp_path, (head + parts).encode())))][1:] == [
        "It failed.",
        "Reporting-MTA: dns; example.org",
        "Final-Recipient: rfc822; bob@example.org\nStatus: 5.1.1",
    ]


PROPERTIES = "__properties_version1.0"


def storage(path: str, head: int, said: dict[int, str], *inside: Storage) -> Storage:
    """As Outlook keeps it: a list of properties behind `head` bytes, and a stream for each."""
    values = {f"__substg1.0_{key:04X}001F": value.encode("utf-16-le") for key, value in said.items()}
    entries = b"".join(struct.pack("<HHIII", 0x1F, key, 6, 2 * len(value) + 2, 0) for key, value in said.items())
    streams = {PROPERTIES: bytes(head) + entries, **values}
    return Storage(path, tuple(Stream(f"{path}/{name}", data) for name, data in streams.items()), inside)


def test_messages_attached_in_outlook_are_read() -> None:
    inner = storage("__substg1.0_3701000D", 24, {0x37: "Inner", 0x1000: "words within\0"})
    attached = storage("__attach_version1.0_#00000000", 8, {0x3001: "Inner"}, inner)
    named = storage("__attach_version1.0_#00000001", 8, {0x3001: "a drawing"}, replace(inner, streams=()))
    ann = {0x3001: "Ann", 0x3003: "/O=EXAMPLE/OU=EXCHANGE/CN=ANN"}
    outer = storage(
        "", 32, {0x37: "Outer\0", 0x1000: "see below"}, storage("__recip_version1.0_#00000000", 8, ann), attached, named
    )
    letter = mail_reader._from_outlook(outer, 0)
    assert letter.fields == {"Subject": "Outer", "To": "Ann"}
    assert [one.name for one in letter.attachments] == ["a drawing"]
    assert [(one.fields["Subject"], one.bodies[0].content) for one in letter.inner] == [("Inner", "words within")]


@pytest.mark.parametrize(("cut", "text", "warned"), [(None, "hello world", 0), (9, "", 1)])
def test_a_text_of_outlook_that_is_packed_only(cut: int | None, text: str, warned: int) -> None:
    outer = storage("", 32, {0x37: "Outer"})
    packed = PACKED_RTF[:cut]
    entry = struct.pack("<HHIII", 0x102, 0x1009, 6, len(packed), 0)
    streams = [replace(one, bytes_=one.bytes_ + entry) if one.name == PROPERTIES else one for one in outer.streams]
    letter = mail_reader._from_outlook(replace(outer, streams=(*streams, Stream("/__substg1.0_10090102", packed))), 0)
    assert " ".join(element.text for element in mail_reader._read(letter.bodies[0])) == text
    assert sum("packed RTF only" in warning for warning in letter.bodies[0].warnings) == warned


def test_what_outlook_says_it_holds_and_does_not() -> None:
    """The rest is read all the same."""
    attachment = {0x3001: "plan.pdf", 0x3701: "data"}
    outer = storage("", 32, {0x37: "Outer", 0x1000: "see below"}, storage("__attach_version1.0_#00000000", 8, attachment))
    head = struct.pack("<16xII8x", 2, 1)
    streams = [replace(one, bytes_=head + one.bytes_[32:]) if one.name == PROPERTIES else one for one in outer.streams]
    letter = mail_reader._from_outlook(replace(outer, streams=tuple(one for one in streams if "1000001F" not in one.name)), 0)
    assert letter.fields == {"Subject": "Outer"}
    assert letter.bodies[0].content == ""
    assert letter.warnings == (
        "The text of the message is not in the file, or cut short: it is damaged; fetch it again.",
        "Of 2 recipients of the message 0 are in the file: it is damaged; fetch it again.",
    )
    (part,) = outer.storages
    cut = tuple(replace(one, bytes_=b"d") if "3701" in one.name else one for one in part.streams)
    letter = mail_reader._from_outlook(replace(outer, storages=(replace(part, streams=cut),)), 0)
    assert letter.warnings == ("An attachment of the message is not in the file, or cut short: it is damaged; fetch it again.",)
    assert not mail_reader._from_outlook(outer, 0).warnings
    zeros = storage("", 32, {0x37: "Outer", 0x1000: "see" + "\0" * 20 + "below"})
    assert mail_reader._from_outlook(zeros, 0).bodies[0].warnings == (
        "Zeros stand where text should be (20): a part of the file is lost; fetch it again.",
    )


@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
def test_a_message_that_was_cut_short(box: Sandbox, tmp_path: Path, share: float) -> None:
    mail = message("Tea", "plain", f"<p>{'rich ' * 50}</p>")
    mail.add_attachment(bytes(500), maintype="application", subtype="pdf", filename="plan.pdf")
    data = mail.as_bytes()
    assert not read(box, saved(tmp_path, data)).warnings
    warnings = read(box, saved(tmp_path, data[: int(len(data) * share)])).warnings
    assert "The message ends before its parts do: it was cut short, and the rest is lost; fetch it again." in warnings


def test_parts_of_a_message_without_an_end_of_their_own_are_no_loss(box: Sandbox, tmp_path: Path) -> None:
    data = "From: a@b.c\nTo: d@e.f\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
    data += "Content-Type: multipart/alternative; boundary=y\n\n--y\n\nthe words\n--x--\n"
    assert not read(box, saved(tmp_path, data.encode())).warnings


@pytest.mark.parametrize("rest", [1, 2, 3])
def test_bytes_of_a_message_whose_code_is_cut(box: Sandbox, tmp_path: Path, rest: int) -> None:
    """Of which what can be had is read."""
    head = b"From: a@b.c\nTo: d@e.f\nMIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
    code = base64.b64encode(b"the tea is ready, and the cakes are too")
    assert not read(box, saved(tmp_path, head + code)).warnings
    parsed = read(box, saved(tmp_path, head + code[: 40 + rest]))
    assert parsed.elements[-1].text.startswith("the tea is ready, and the cake")
    assert parsed.warnings == (
        "A text of the message can't be decoded to its end: the code of its bytes (base64) is damaged; fetch the message again.",
    )


def test_attachments_without_content_are_told(box: Sandbox, tmp_path: Path) -> None:
    mail = message("Tea", "plain", "<p>rich</p>")
    mail.add_attachment(b"", maintype="application", subtype="pdf", filename="plan.pdf")
    warnings = read(box, saved(tmp_path, mail.as_bytes())).warnings
    assert warnings == ("Attached files have no content, or none that can be read (1): plan.pdf.",)


def test_parts_within_parts(box: Sandbox, tmp_path: Path) -> None:
    starts = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3000))
    data = f"From: a@b.c\nTo: d@e.f\nSubject: deep\nMIME-Version: 1.0\n{starts}Content-Type: text/plain\n\nbottom\n"
    with pytest.raises(CorruptDocument, match="nested too deeply"):
        read(box, saved(tmp_path, data.encode()))


def test_an_encrypted_message(box: Sandbox, tmp_path: Path) -> None:
    mail = message("Secret", "x")
    mail.replace_header("Content-Type", "application/pkcs7-mime; smime-type=enveloped-data")
    with pytest.raises(EncryptedDocument):
        read(box, saved(tmp_path, mail.as_bytes()))


# ---------------------------------------------------------------- tables of values


@pytest.mark.parametrize(
    ("name", "data", "expected", "headers"),
    [
        ("a.csv", 'Kind,Minutes\nGreen,2\n"Black, strong",5\n', "Kind\tMinutes\nGreen\t2\nBlack, strong\t5", 2),
        ("a.csv", "Kind;Minutes\nGreen;2,5\nBlack;5,0\n", "Kind\tMinutes\nGreen\t2,5\nBlack\t5,0", 2),
        ("a.tsv", "a\tb\n1\t2\n", "a\tb\n1\t2", 2),
        ("a.csv", "1,2\n3,4\n", "1\t2\n3\t4", 0),
        ("a.csv", "sep=;\r\nKind;Price\r\nGreen;2,5\r\n", "Kind\tPrice\nGreen\t2,5", 2),
        ("a.csv", "Tea of the year\n\nKind,Price\nGreen,2\n", "Tea of the year\nKind\tPrice\nGreen\t2", 0),
        ("a.csv", 'a,b\n"two\nlines",x\n\n', "a\tb\ntwo lines\tx", 2),
        ("a.csv", "Käse,Öl\n1,2\n", "Käse\tÖl\n1\t2", 2),
    ],
)
def test_tables_of_values(box: Sandbox, tmp_path: Path, name: str, data: str, expected: str, headers: int) -> None:
    path = tmp_path / name
    path.write_text(data, encoding="utf-16" if "Käse" in data else "utf-8")
    (element,) = read(box, path).elements
    assert (element.kind, element.text) == ("table", expected)
    assert element.table is not None
    assert sum(cell.header for cell in element.table.cells) == headers


def test_an_unclosed_quote_is_bounded(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"' + "x,\n" * 10_000)
    (element,) = read(box, path).elements
    assert len(element.text) < 40_000


_UNCLOSED = "A quote in row 4 is never closed, and all behind it is one cell: the file is damaged or cut short."


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ('a,b\n1,2\n5,6\n3,"4', _UNCLOSED),
        (
            "a,b\n1,2\n5,6\n3",
            "The last row has fewer cells than the others, and no end: the file may have been cut short; fetch it again.",
        ),
    ],
)
def test_values_that_were_cut_short(box: Sandbox, tmp_path: Path, data: str, told: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(data)
    parsed = read(box, path)
    assert parsed.warnings == (told,)
    assert parsed.elements[0].text == "a\tb\n1\t2\n5\t6\n3" + "\t4" * ('"' in data)
    path.write_text(data.replace('"', "") + "\n")
    assert not read(box, path).warnings


def test_no_values(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n \n,,\n")
    with pytest.raises(EmptyDocument, match="CSV"):
        read(box, path)


def test_lines_that_end_in_carriage_returns_lose_nothing(box: Sandbox, tmp_path: Path) -> None:
    mail = message("Tea", "plain", f"<p>{'the tea is grown on the hills ' * 9}</p><p>grün</p>")
    usual = read(box, saved(tmp_path, mail.as_bytes()))
    assert "grün" in usual.elements[-1].text
    assert read(box, saved(tmp_path, mail.as_bytes().replace(b"\n", b"\r"))).elements == usual.elements


def test_what_stands_behind_all_parts_of_a_message_is_read_and_told(box: Sandbox, tmp_path: Path) -> None:
    data = message("Tea", "plain", "<p>rich</p>").as_bytes()
    parsed = read(box, saved(tmp_path, data + b"From here on words that belong nowhere. " * 9))
    assert told(parsed)[2] == ("paragraph", 0, "rich")
    assert told(parsed)[3][2].startswith("From here on words")
    assert parsed.warnings == ("Text stands outside the parts of the message, where mail programs don't show it; it was read.",)
    assert read(box, saved(tmp_path, data + b"A remark.")).warnings == ()


def test_a_charset_in_which_no_ascii_is_is_not_believed(box: Sandbox, tmp_path: Path) -> None:
    data = b"From: a@example.org\nTo: b@example.org\nSubject: x\nContent-Type: text/plain; charset=cp037\n\nthe tea is ready\n"
    assert told(read(box, saved(tmp_path, data)))[-1] == ("paragraph", 0, "the tea is ready")
