"""Files that lie in office files as objects."""

import hashlib
import struct
import zipfile
from pathlib import Path

import docx
import pptx
import pytest

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.model import Parsed, Window
from kbray.parse import embedded, parse
from kbray.parse.census import census
from kbray.parse.media import COMPOUND, PACKAGES
from kbray.parse.office import unpack
from kbray.parse.sniff import sniff
from tests.unit.test_parse_workbook import biff, label
from tests.writers.doc import Doc, P
from tests.writers.ole import write_ole

LIMITS = Settings()


def read(path: Path) -> Parsed:
    return parse(path, sniff(path, path.name), Window(), LIMITS)


def packed(name: str, data: bytes, *, wide: str = "") -> bytes:
    """A file as the packager of Windows keeps it. wide: its name in UTF-16."""
    label = name.encode("cp1252", "replace") + b"\0"
    body = (
        b"\x02\0"
        + label
        + b"C:\\"
        + label
        + b"\0\0\x03\0"
        + struct.pack("<I", 4)
        + b"C:\\\0"
        + struct.pack("<I", len(data))
        + data
    )
    for text in ("C:\\tmp", wide, "C:\\" + wide) if wide else ():
        body += struct.pack("<I", len(text)) + text.encode("utf-16-le")
    return struct.pack("<I", len(body)) + body


def compound(folder: Path, streams: dict[str, bytes], clsid: bytes = bytes(16)) -> bytes:
    write_ole(folder / "object", streams, clsid=clsid)
    return (folder / "object").read_bytes()


def with_members(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "a") as package:
        for name, data in members.items():
            package.writestr(name, data)
    return path


def letter(folder: Path, members: dict[str, bytes], *, text: str = "See the annex.") -> Path:
    document = docx.Document()
    document.add_paragraph(text)
    document.save(str(folder / "letter.docx"))
    return with_members(folder / "letter.docx", members)


def test_files_in_a_document_are_named_and_can_be_taken_out(tmp_path: Path) -> None:
    """They were lost without a word."""
    members = {
        "word/embeddings/Sheet.xlsx": b"PK a workbook",
        "word/embeddings/oleObject1.bin": compound(tmp_path, {"\x01Ole10Native": packed("notes.txt", b"Notes about tea.")}),
        "word/embeddings/oleObject2.bin": compound(tmp_path, {"\x01Ole10Native": packed("??.txt", b"2", wide="茶.txt")}),
        "word/embeddings/oleObject3.bin": compound(tmp_path, {"CONTENTS": b"%PDF-1.4 a letter"}),
        "word/embeddings/oleObject4.bin": compound(tmp_path, {"Workbook": b"\x09\x08"}),
        "word/embeddings/oleObject5.bin": compound(tmp_path, {"Equation Native": b"x"}),
    }
    path = letter(tmp_path, members)
    told = [(one.text, one.target) for one in read(path).elements if one.text.startswith("Attachment")]
    assert [text for text, _ in told] == [
        *("Attachment: Sheet.xlsx", "Attachment: notes.txt", "Attachment: 茶.txt"),
        *("Attachment: oleObject3", "Attachment: oleObject4.xls"),
    ]
    assert told[1][1] == hashlib.sha256(b"Notes about tea.").hexdigest()
    assert census(path, path.name, LIMITS).attached == 6
    (tmp_path / "out").mkdir()
    names = unpack(path, sniff(path, path.name), tmp_path / "out", LIMITS)
    assert names == ("Sheet.xlsx", "notes.txt", "茶.txt", "oleObject3", "oleObject4.xls")
    assert (tmp_path / "out" / "1").read_bytes() == b"Notes about tea."
    assert (tmp_path / "out" / "3").read_bytes().startswith(b"%PDF-1.4 a letter")


def test_the_data_of_a_chart_are_no_file_of_their_own(tmp_path: Path) -> None:
    rels = b'<Relationships><Relationship Id="r1" Target="../embeddings/Data.xlsx"/></Relationships>'
    graph = compound(tmp_path, {"Workbook": b"\x09\x08"}, bytes.fromhex("0308020000000000c000000000000046"))
    path = letter(tmp_path, {"word/charts/_rels/chart1.xml.rels": rels, "word/embeddings/Data.xlsx": b"PK"})
    with_members(path, {"word/embeddings/oleObject1.bin": graph})
    assert [one.text for one in read(path).elements] == ["See the annex."]
    assert census(path, path.name, LIMITS).attached == 1  # the graph, for what it seems


def test_a_presentation_of_nothing_but_a_file_is_not_empty(tmp_path: Path) -> None:
    slides = pptx.Presentation()
    slides.slides.add_slide(slides.slide_layouts[6])
    slides.save(str(tmp_path / "a.pptx"))
    path = with_members(tmp_path / "a.pptx", {"ppt/embeddings/Annex.docx": b"PK"})
    assert [one.text for one in read(path).elements if one.text] == ["Attachment: Annex.docx"]


def test_objects_of_open_document_that_are_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.odt", "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr(
            "content.xml",
            '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text><text:p>Tea</text:p>'
            "</office:text></office:body></office:document-content>",
        )
        package.writestr("Object 1", compound(tmp_path, {"\x01Ole10Native": packed("a.txt", b"A")}))
        package.writestr("Object 2/content.xml", "<a/>")
    assert [one.text for one in read(tmp_path / "a.odt").elements] == ["Tea", "Attachment: a.txt"]


def test_files_in_word_documents_of_old(tmp_path: Path) -> None:
    path = Doc([P("Tea\r")], more={"ObjectPool/_1/\x01Ole10Native": packed("a.txt", b"A")}).write(tmp_path / "a.doc")
    assert [one.text for one in read(path).elements] == ["Tea", "Attachment: a.txt"]
    assert census(path, path.name, LIMITS).attached == 1


@pytest.mark.parametrize("data", [b"", b"\x05\0\0\0\x02\0a", packed("a", b"A")[:-1], packed("a", b"A" * 99)[:60]])
def test_a_damaged_object_is_no_file(tmp_path: Path, data: bytes) -> None:
    path = letter(tmp_path, {"word/embeddings/oleObject1.bin": compound(tmp_path, {"\x01Ole10Native": data})})
    assert all(one.text in ("See the annex.", "Attachment: a") for one in read(path).elements)
    broken = letter(tmp_path, {"word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + data})
    assert [one.text for one in read(broken).elements] == ["See the annex."]


def test_a_file_that_is_no_archive_has_no_objects(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"PK\x03\x04 torn")
    assert {embedded.count(tmp_path / "a", kind, LIMITS) for kind in PACKAGES | COMPOUND} == {0}


def test_a_workbook_is_read_though_the_directory_of_its_files_is_damaged(tmp_path: Path) -> None:
    """xlrd passes over what olefile stops at."""
    path = tmp_path / "a.xls"
    write_ole(path, {"Book": biff(label(0, 0, b"tea")), "MBD1/\x01Ole10Native": packed("a.txt", b"A")})
    whole = path.read_bytes()
    path.write_bytes(whole[:72] + b"\1" + whole[73:])  # of further tables of sectors, which aren't there
    parsed = read(path)
    assert [one.text for one in parsed.elements] == ["tea"]
    assert parsed.warnings == ("The files in it can't be read: its directory is damaged.",)
    with pytest.raises(CorruptDocument, match="directory is damaged"):
        embedded.embedded_in(path, sniff(path, path.name), LIMITS)


def test_an_object_beyond_the_limits_is_named_without_its_bytes(tmp_path: Path) -> None:
    path = letter(tmp_path, {"word/embeddings/Large.bin.xlsx": bytes(200_000)})
    found = embedded.embedded_in(path, sniff(path, path.name), Settings(max_member_bytes=100_000))
    assert [(one.name, one.data) for one in found] == [("Large.bin.xlsx", b"")]
