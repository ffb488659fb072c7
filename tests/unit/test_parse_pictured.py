"""Pictures in office files and books: which of them wait for recognition, and what becomes of those that are read."""

import base64
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import docx
import olefile
import openpyxl
import openpyxl.drawing.image
import pptx
import pytest
from docx.oxml import parse_xml
from PIL import Image, ImageDraw, ImageFont
from pptx.util import Emu

from kbray.config import Settings
from kbray.document.finish import finish
from kbray.document.recognised import merge
from kbray.errors import EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import parse, pictured, recognises
from kbray.parse.media import (
    DOC,
    DOCX,
    EML,
    EPUB,
    FLAT_DOCX,
    FLAT_PPTX,
    FODS,
    FODT,
    HANGUL,
    IWORK,
    NOTEBOOK,
    ODS,
    ODT,
    PICTURED,
    PPT,
    PPTX,
    RTF,
    WORD_2003,
    XLSB,
    XLSX,
)
from kbray.vision import load
from tests.unit.test_parse_slides97 import atom, holder, listed, page, presentation, shape, text
from tests.writers import xlsb
from tests.writers.doc import Doc, P
from tests.writers.epub import book
from tests.writers.office import OPEN, flat_package

SAID = "Tea is ready"
SHOWN = "<draw:frame><draw:image xlink:href='Pictures/1.png'/></draw:frame>"
_SIZE = 720, 420
_GROUND = (
    '<p:bg xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<p:bgPr><a:blipFill><a:blip r:embed="{}"/></a:blipFill></p:bgPr></p:bg>'
)
_HELD = "Pictures in the file are not read ({})."


def picture(said: str = SAID, size: tuple[int, int] = _SIZE, form: str = "PNG") -> bytes:
    drawn = Image.new("RGB", size, "white")
    ImageDraw.Draw(drawn).text((60, 60), said, fill="black", font=ImageFont.load_default(size=48))
    data = io.BytesIO()
    drawn.save(data, form)
    return data.getvalue()


def word(path: Path, *pictures: bytes) -> Path:
    made = docx.Document()
    for data in pictures:
        made.add_picture(io.BytesIO(data))
    made.add_paragraph("Words")
    made.save(str(path))
    return path


def in_word(path: Path) -> Path:
    return word(path, picture())


def in_slides(path: Path) -> Path:
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = "Words"
    slide.shapes.add_picture(io.BytesIO(picture()), Emu(0), Emu(0))
    made.save(str(path))
    return path


def in_workbook(path: Path) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet["A1"] = "Words"
    sheet.add_image(openpyxl.drawing.image.Image(io.BytesIO(picture())), "C3")
    made.save(path)
    return path


def in_binary_workbook(path: Path) -> Path:
    """The drawing of a workbook, on a sheet of records."""
    sheet = xlsb.row(0, xlsb.cell(6, 0, xlsb.text("Words")))
    made = xlsb.workbook(path, sheet, hidden=False, drawn="../drawings/drawing1.xml")
    with zipfile.ZipFile(in_workbook(path.with_suffix(".xlsx"))) as other, zipfile.ZipFile(made, "a") as archive:
        for name in other.namelist():
            if name.startswith(("xl/drawings/", "xl/media/")):
                archive.writestr(name, other.read(name))
    return made


def open_document(path: Path, media_type: str, body: str) -> Path:
    """A package with one picture, to which `SHOWN` refers."""
    content = f"<office:document-content {OPEN}><office:body>{body}</office:body></office:document-content>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", media_type)
        archive.writestr("content.xml", content)
        archive.writestr("Pictures/1.png", picture())
    return path


def in_open_text(path: Path, words: str = "Words") -> Path:
    return open_document(path, ODT, f"<office:text><text:p>{words}{SHOWN}</text:p></office:text>")


def in_flat_text(path: Path) -> Path:
    lines = base64.encodebytes(picture()).decode()
    data = f"<office:binary-data>{lines}</office:binary-data>"
    body = f"<text:p>Words<draw:frame><draw:image>{data}</draw:image></draw:frame></text:p>"
    path.write_text(f"<office:document {OPEN}><office:body><office:text>{body}</office:text></office:body></office:document>")
    return path


def in_sheet(path: Path) -> Path:
    rows = f"<table:table-row><table:table-cell>{SHOWN}<text:p>Words</text:p></table:table-cell></table:table-row>"
    table = f"<table:table table:name='a'>{rows}</table:table>"
    return open_document(path, ODS, f"<office:spreadsheet>{table}</office:spreadsheet>")


def in_rtf(path: Path) -> Path:
    data = picture(form="JPEG").hex()
    lines = "\r\n".join(data[at : at + 128] for at in range(0, len(data), 128))
    kept = rf"{{\pict{{\*\picprop{{\sp{{\sn name}}{{\sv 12ab}}}}}}\jpegblip{{\*\blipuid 0123abcd}}{lines}}}"
    path.write_text(rf"{{\rtf1\pard Words {{\*\shppict{kept}}}{{\nonshppict{{\pict 00}}}}\par}}", "ascii")
    return path


def in_mail(path: Path) -> Path:
    letter = EmailMessage()
    letter["Subject"] = "Words"
    letter.set_content('<p>Look: <img src="cid:one%40two"></p>', subtype="html")
    letter.add_related(picture(), "image", "png", cid="<one@two>")
    path.write_bytes(letter.as_bytes())
    return path


def in_notebook(path: Path) -> Path:
    shown = {"output_type": "display_data", "data": {"image/png": base64.b64encode(picture()).decode(), "text/plain": "<Figure>"}}
    cells = [{"cell_type": "markdown", "source": "Words"}, {"cell_type": "code", "source": "show()", "outputs": [shown]}]
    path.write_text(json.dumps({"nbformat": 4, "cells": cells}))
    return path


def blip(data: bytes, kind: int, instance: int) -> bytes:
    return atom(kind, bytes(32 if instance & 1 else 16) + b"\xff" + data, instance)


def bitmap() -> bytes:
    """A device-independent bitmap, which has no head of a file."""
    return picture(form="BMP")[14:]


def in_old_slides(path: Path) -> Path:
    first, second = blip(b"nothing", 0xF01A, 0x3D4), blip(bitmap(), 0xF01F, 0x7A9)
    entries = [atom(0xF007, bytes(28) + struct.pack("<I", at) + bytes(4)) for at in (0, len(first))]
    shown = [holder(0xF004, atom(0xF00B, struct.pack("<HI", 0x4104, number), instance=1)) for number in (1, 2)]
    document = holder(
        0x03E8,
        atom(0x03E9, struct.pack("<ii", 5760, 4320)),
        holder(0x040B, holder(0xF000, holder(0xF001, *entries))),
        listed(0, (2, 256, b"")),
    )
    slide = page(0x03EE, shape(text(4, "Words")), *shown)
    return presentation(path, document, slide, streams={"Pictures": first + second})


def located(at: int, more: bytes = b"") -> bytes:
    """Properties of the sign that stands for what the stream Data has there."""
    return struct.pack("<HI", 0x6A03, at) + b"\x55\x08\x01" + more


def kept(content: bytes, form: int = 0x64, name: bytes = b"") -> bytes:
    entry = atom(0xF007, bytes(36) + content)
    return struct.pack("<IHH", 68 + len(name) + 8 + len(entry), 68, form) + bytes(60) + name + holder(0xF004) + entry


def in_old_word(path: Path) -> Path:
    drawing, scan = kept(blip(b"nothing", 0xF01B, 0x216)), kept(blip(picture(), 0xF01E, 0x6E0), 0x66, b"\x03abc")
    paragraphs = [
        P("Words \x01\r", runs=((6, 7, located(0)),)),
        P("\x01\r", runs=((0, 1, located(len(drawing))),)),
    ]
    return Doc(paragraphs, data=drawing + scan).write(path)


def in_one_file(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
    return lambda path: flat_package(path, make(path.with_suffix(".zip")))


def in_word_of_2003(path: Path) -> Path:
    space = 'xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" xmlns:v="urn:schemas-microsoft-com:vml"'
    held = f'<w:binData w:name="wordml://1.png">{base64.b64encode(picture()).decode()}</w:binData>'
    shown = f'<w:r><w:pict>{held}<v:shape><v:imagedata src="wordml://1.png"/></v:shape></w:pict></w:r>'
    body = f"<w:p><w:r><w:t>Words</w:t></w:r></w:p><w:p>{shown}</w:p>"
    path.write_text(f"<w:wordDocument {space}><w:body>{body}</w:body></w:wordDocument>")
    return path


KINDS: dict[str, tuple[Callable[[Path], Path], int]] = {
    DOCX: (in_word, 0),
    PPTX: (in_slides, 0),
    FLAT_DOCX: (in_one_file(in_word), 0),
    FLAT_PPTX: (in_one_file(in_slides), 0),
    WORD_2003: (in_word_of_2003, 0),
    XLSX: (in_workbook, 0),
    XLSB: (in_binary_workbook, 0),
    ODT: (in_open_text, 0),
    ODS: (in_sheet, 0),
    FODT: (in_flat_text, 0),
    RTF: (in_rtf, 0),
    EML: (in_mail, 0),
    NOTEBOOK: (in_notebook, 0),
    PPT: (in_old_slides, 1),
    DOC: (in_old_word, 1),
}
"""How a file of the kind is made, and how many drawings it has that can't be recognised."""


def read(path: Path, media_type: str, **settings: object) -> Parsed:
    return parse(path, media_type, Window(), Settings.model_validate(settings))


@pytest.mark.parametrize("media_type", KINDS)
def test_print_on_a_picture_is_read_where_it_stands(tmp_path: Path, media_type: str) -> None:
    make, drawings = KINDS[media_type]
    path = make(tmp_path / "made")
    parsed = read(path, media_type)
    (waiting,) = parsed.images
    assert waiting.target in [element.target for element in parsed.elements if element.kind == "image"]
    assert parsed.warnings == ((_HELD.format(drawings),) if drawings else ())
    found = merge(parsed, load(threads=1).recognise(parsed.images))
    said = [(element.kind, element.text, element.origin) for element in found.elements]
    assert ("paragraph", SAID, "ocr") in said
    assert said[said.index(("paragraph", SAID, "ocr")) - 1][0] == "image"
    assert not any(element.kind == "heading" and element.origin == "ocr" for element in found.elements)
    assert sum(unit.characters for unit in found.units) >= len("Words") + len(SAID)

    never = read(path, media_type, ocr="never")
    assert (never.images, never.warnings) == ((), (_HELD.format(1 + drawings),))
    assert recognises(media_type, Settings())
    assert not recognises(media_type, Settings(ocr="never"))


def test_pictures_in_books_are_read_if_everything_is(tmp_path: Path) -> None:
    chapters = {"a.xhtml": "<p>Words</p><img src='1.png'/><p>More</p>", "b.xhtml": "<p>Other words</p><img src='2.png'/>"}
    path = book(tmp_path / "a.epub", chapters, **{"OEBPS/1.png": picture(), "OEBPS/2.png": picture(size=(60, 60))})
    plain = read(path, EPUB)
    assert (plain.images, plain.warnings) == ((), ())
    parsed = read(path, EPUB, ocr="always")
    assert parsed.elements == plain.elements
    assert ([image.target for image in parsed.images], parsed.warnings) == (["OEBPS/1.png"], (_HELD.format(1),))
    found = merge(parsed, load(threads=1).recognise(parsed.images))
    said = [(element.kind, element.text, element.chapter) for element in found.elements if element.origin == "ocr"]
    assert said == [("paragraph", SAID, "OEBPS/a.xhtml")]
    assert [unit.characters - before.characters for unit, before in zip(found.units, plain.units, strict=True)] == [len(SAID), 0]
    assert recognises(EPUB, Settings(ocr="always"))
    assert not recognises(EPUB, Settings())


def test_pictures_that_books_have_elsewhere_are_told(tmp_path: Path) -> None:
    sources = ("no.png", "https://example.org/a.png", "data:image/png;base64,iVBORw0KGgo=")
    body = "<p>Words</p>" + "".join(f"<p><img src='{source}' alt='a'/></p>" for source in sources)
    assert read(book(tmp_path / "a.epub", {"a.xhtml": body}), EPUB, ocr="always").warnings == (_HELD.format(3),)


def floating(path: Path, *shapes: bytes) -> Path:
    """A document of Word 97 with a picture that isn't in its text, and these shapes, of which number 7 is anchored there."""
    scan = blip(picture(), 0xF01E, 0x6E0)
    made = Doc([P("W\x08ords\r")], behind=scan)
    with olefile.OleFileIO(made.write(path)) as storage:
        at = storage.openstream("WordDocument").read().index(scan)
    store = holder(0xF000, holder(0xF001, atom(0xF007, bytes(28) + struct.pack("<II", at, 0))))
    made.tables = {40: struct.pack("<III", 1, 6, 7) + bytes(22), 50: store + b"\0" + holder(0xF002, holder(0xF003, *shapes))}
    return made.write(path)


def drawn(number: int, properties: bytes = b"") -> bytes:
    """A shape, which may show the first picture of the store."""
    shows = atom(0xF00B, properties or struct.pack("<HI", 0x4104, 1), instance=1)
    return holder(0xF004, atom(0xF00A, struct.pack("<II", number, 0)), shows)


def test_floating_pictures_of_old_word_are_read_in_groups_too(tmp_path: Path) -> None:
    group = holder(0xF003, holder(0xF004, atom(0xF00A, struct.pack("<II", 7, 1))), drawn(8), drawn(9, bytes(6)))
    for shapes in ((drawn(6), drawn(7)), (drawn(6), group)):
        parsed = read(floating(tmp_path / "a.doc", *shapes), DOC)
        assert [element.kind for element in parsed.elements] == ["paragraph", "image"]
        assert [image.target for image in parsed.images] == [parsed.elements[1].target]
        assert parsed.warnings == ()
    assert not read(floating(tmp_path / "a.doc", drawn(6)), DOC).images, "nothing that is anchored"


def test_broken_drawings_of_old_word_cost_no_text(tmp_path: Path) -> None:
    cut = holder(0xF004, atom(0xF00A, b"\x07"))
    parsed = read(floating(tmp_path / "a.doc", cut), DOC)
    assert [element.text for element in parsed.elements] == ["Words"]
    assert parsed.warnings == ("The drawings of the document are damaged: pictures that float in it are not read.",)


@pytest.mark.parametrize(
    ("before", "behind", "read_too"),
    [
        ("<office:binary-data >", "</office:binary-data>", True),
        ("<!-- <office:binary-data>AAAA</office:binary-data> --><o:binary-data xml:id='a'>", "</o:binary-data\n>", True),
        ("<office:binary-data><![CDATA[", "]]></office:binary-data>", False),
        ("<office:binary-data>777</office:binary-data>", "", False),
    ],
)
def test_bytes_of_flat_pictures_however_they_are_marked(tmp_path: Path, before: str, behind: str, read_too: bool) -> None:
    data = base64.b64encode(picture()).decode() if behind else ""
    frame = f"<draw:frame><draw:image>{before}{data}{behind}</draw:image></draw:frame>"
    body = f"<office:body><office:text><text:p>Words{frame}</text:p></office:text></office:body>"
    path = tmp_path / "a.fodt"
    path.write_text(
        f"<office:document {OPEN} xmlns:o='urn:oasis:names:tc:opendocument:xmlns:office:1.0'>{body}</office:document>"
    )
    parsed = read(path, FODT)
    assert [(element.kind, element.text) for element in parsed.elements] == [("paragraph", "Words"), ("image", "")]
    assert (len(parsed.images), parsed.warnings) == ((1, ()) if read_too else (0, (_HELD.format(1),)))


def test_hidden_pictures_are_not_shown_and_fields_are_no_pictures(tmp_path: Path) -> None:
    scan, hidden = kept(blip(picture(), 0xF01E, 0x6E0)), struct.pack("<HB", 0x083C, 1)
    text = "Words \x01 \x01\x13 QUOTE \x01\x14\x15\r"
    places = text.index("\x01"), text.index("\x01\x13"), text.index("\x01\x14")
    told = located(0, hidden), located(len(scan)), located(0)
    paragraph = P(text, runs=tuple((at, at + 1, properties) for at, properties in zip(places, told, strict=True)))
    parsed = read(Doc([paragraph], data=scan + kept(b"", form=0)).write(tmp_path / "a.doc"), DOC)
    assert ([element.kind for element in parsed.elements], parsed.warnings) == (["paragraph"], ())

    data = picture().hex()
    path = tmp_path / "a.rtf"
    path.write_text(
        rf"{{\rtf1 Words {{\v{{\pict{{\*\picprop}}\pngblip {data}}}}}{{\deleted{{\pict\pngblip {data}}}}}\par}}", "ascii"
    )
    parsed = read(path, RTF)
    assert ([element.kind for element in parsed.elements], parsed.warnings) == (["paragraph"], ())

    path = word(tmp_path / "a.docx", picture())
    made = docx.Document(str(path))
    made.paragraphs[0].runs[0].font.hidden = True
    made.save(str(path))
    parsed = read(path, DOCX)
    assert ([element.kind for element in parsed.elements], parsed.warnings) == (["paragraph"], (_HELD.format(1),))


def test_raw_bytes_of_a_picture_in_rtf(tmp_path: Path) -> None:
    data = picture()
    path = tmp_path / "a.rtf"
    path.write_bytes(b"{\\rtf1 Words {\\pict\\pngblip\\bin%d %s}more{\\*\\unknown\\bin4 {{}{}}\\par}" % (len(data), data))
    parsed = read(path, RTF)
    assert [(element.kind, element.text) for element in parsed.elements] == [("paragraph", "Words more"), ("image", "")]
    assert [image.target for image in parsed.images] == [parsed.elements[1].target]


def test_a_slide_that_shows_nothing_but_its_background(tmp_path: Path) -> None:
    made = pptx.Presentation()
    for layout in (6, 5):
        slide = made.slides.add_slide(made.slide_layouts[layout])
        _, relation = slide.part.get_or_add_image_part(io.BytesIO(picture()))
        ground = slide.background.fill._xPr.getparent()
        ground.getparent().replace(ground, parse_xml(_GROUND.format(relation)))
    slide.shapes.title.text = "Words"
    made.save(str(tmp_path / "a.pptx"))
    parsed = read(tmp_path / "a.pptx", PPTX)
    assert [(element.kind, element.chapter) for element in parsed.elements] == [("image", "slide 1"), ("heading", "slide 2")]
    assert len(parsed.images) == 1


def test_pictures_of_mail_are_found_however_their_names_are_written(tmp_path: Path) -> None:
    """Of two messages with the same name, that of the outer one is shown first."""
    letter = EmailMessage()
    letter["Subject"] = "Words"
    letter.set_content('<p>Look: <img src=" CID:One@two "> and <img src="cid:50%25"></p>', subtype="html")
    letter.add_related(picture(), "image", "png", cid="<one@two>")
    letter.add_related(picture("Milk"), "image", "png", cid="<50%>")
    inner = EmailMessage()
    inner.set_content('<p>More: <img src="cid:one@two"></p>', subtype="html")
    inner.add_related(picture("Other"), "image", "png", cid="<one@two>")
    letter.add_attachment(inner)
    path = tmp_path / "a.eml"
    path.write_bytes(letter.as_bytes())
    parsed = read(path, EML)
    assert [image.image for image in parsed.images][:1] == [read(in_mail(tmp_path / "b.eml"), EML).images[0].image]
    assert len(parsed.images) == 2


def test_other_kinds_start_no_models() -> None:
    assert {kind for kind in PICTURED if kind not in KINDS} <= {
        kind for kind in PICTURED if "opendocument" in kind
    } | IWORK | HANGUL
    assert not recognises(FODS, Settings())


def test_small_repeated_and_damaged_pictures(tmp_path: Path) -> None:
    """The same twice is read once; what is too small, or no picture, is told."""
    path = word(tmp_path / "a.docx", picture(), picture(size=(299, 300)), picture("Two"), picture("Three"))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["word/media/image3.png"] = members["word/media/image1.png"]
    members["word/media/image4.png"] = members["word/media/image4.png"][:300]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    parsed = read(path, DOCX)
    assert [(image.page, image.target) for image in parsed.images] == [(1, "word/media/image1.png")]
    assert parsed.warnings == (_HELD.format(2),)


def test_an_encrypted_picture_and_one_as_thin_as_a_line_cost_nothing_else(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", picture(), picture("Two"), picture(size=(20_000, 15)))
    whole = bytearray(path.read_bytes())
    for name, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # where the heads of a member tell that
        place = next(at for at in _places(whole, name) if b"media/image1.png" in whole[at : at + 80])
        whole[place + flags] |= 1
    path.write_bytes(whole)
    parsed = read(path, DOCX)
    assert [image.target for image in parsed.images] == ["word/media/image2.png"]
    assert parsed.warnings == (_HELD.format(2),)


def test_sound_and_drawings_beside_a_picture_of_them_are_no_pictures(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", picture())
    with zipfile.ZipFile(path, "a") as archive:
        for name in ("image1.svg", "media1.MP4", "image2.emf"):
            archive.writestr(f"word/media/{name}", b"x")
    assert read(path, DOCX).warnings == (_HELD.format(1),)


def _places(data: bytes | bytearray, sign: bytes) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(sign), data)]


def test_what_would_take_too_long_to_decode_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = word(tmp_path / "a.docx", picture("One"), picture(size=(2000, 2000)), picture("Two"))
    monkeypatch.setattr(pictured, "_PIXELS", 4_000_000)
    parsed = read(path, DOCX)
    assert [image.target for image in parsed.images] == ["word/media/image1.png", "word/media/image3.png"]
    assert parsed.warnings == (_HELD.format(1),)


def test_no_more_of_a_file_waits_than_its_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = word(tmp_path / "a.docx", picture("One"), picture("Two"), picture("Three"))
    (first, *_) = read(path, DOCX).images
    monkeypatch.setattr(pictured, "_BYTES", len(first.image) * 2.5)
    parsed = read(path, DOCX)
    assert (len(parsed.images), parsed.warnings) == (2, (_HELD.format(1),))


def test_a_large_picture_is_made_smaller(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", picture(size=(4000, 4000)))
    (image,) = read(path, DOCX).images
    with Image.open(io.BytesIO(image.image)) as seen:
        assert 9_900_000 < seen.width * seen.height <= 10_000_000


def test_a_deck_of_pictures_alone_is_read_and_one_of_photographs_is_poor(tmp_path: Path) -> None:
    path = tmp_path / "deck.pptx"
    made = pptx.Presentation()
    for said in ("Tea is ready", "Milk is cold", ""):
        made.slides.add_slide(made.slide_layouts[6]).shapes.add_picture(io.BytesIO(picture(said)), Emu(0), Emu(0))
    made.save(str(path))
    parsed = read(path, PPTX)
    readings = load(threads=1).recognise(parsed.images)

    def finished(part: Parsed) -> tuple[str, bool, str | None]:
        kept = finish([part], sha256="0" * 64, fingerprint="f", media_type=PPTX, expected=[Window()], failures=part.failures)
        return kept.markdown.decode(), kept.result.complete, kept.result.quality.grade if kept.result.quality else None

    markdown, complete, grade = finished(merge(parsed, readings))
    assert [line for line in markdown.splitlines() if "is" in line] == ["Tea is ready", "Milk is cold"]
    assert (complete, grade) == (True, "good")
    assert finished(merge(parsed, [readings[2]] * 3))[1:] == (True, "poor")


def test_without_recognition_a_document_of_pictures_has_no_text(tmp_path: Path) -> None:
    path = in_open_text(tmp_path / "a.odt", words="")
    assert len(read(path, ODT).images) == 1
    with pytest.raises(EmptyDocument, match=r"There is no text in the OpenDocument text \(ODT\), only pictures \(1\)\."):
        read(path, ODT, ocr="never")
