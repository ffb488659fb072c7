"""Parts that an office package names and that aren't in it are told."""

from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import DOCX, PPTX, XLSX
from tests.writers.office import NAMES, opendocument, presentation, without, word, workbook

_MEDIA = {"x.docx": DOCX, "x.pptx": PPTX, "x.xlsx": XLSX}
_PARAGRAPH = "<w:p><w:r><w:t>Oysters are sold by the dozen.</w:t></w:r></w:p>"
_NOTES = f'<w:footnotes {NAMES}><w:footnote w:id="2">{_PARAGRAPH}</w:footnote></w:footnotes>'
_NOTED = '<w:p><w:r><w:t>A word</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
_HEADER = f"<w:hdr {NAMES}>{_PARAGRAPH}</w:hdr>"
_SECTION = '<w:sectPr><w:headerReference r:id="header.xml"/></w:sectPr>'
_SHAPE = "<p:sp><p:txBody><a:p><a:r><a:t>Tides</a:t></a:r></a:p></p:txBody></p:sp>"
_PICTURE = '<p:pic><p:blipFill><a:blip r:embed="a.png"/></p:blipFill></p:pic>'


def again(path: Path, *members: str) -> Parsed:
    return parse(without(path, *members), _MEDIA[path.name], Window(), Settings())


@pytest.mark.parametrize(
    ("name", "kind", "content", "body"),
    [("notes.xml", "footnotes", _NOTES, _NOTED), ("header.xml", "header", _HEADER, _PARAGRAPH + _SECTION)],
)
def test_parts_of_a_text_that_are_not_in_the_file(tmp_path: Path, name: str, kind: str, content: str, body: str) -> None:
    assert not word(tmp_path, body, {name: content}, {name: kind}).warnings
    warnings = again(tmp_path / "x.docx", f"word/{name}").warnings
    assert f"Parts that the file names are not in it (1: word/{name}): it is damaged or cut short; fetch it again." in warnings


def test_notes_that_are_not_in_their_part(tmp_path: Path) -> None:
    parsed = word(tmp_path, _NOTED, {"notes.xml": f"<w:footnotes {NAMES}/>"}, {"notes.xml": "footnotes"})
    assert parsed.warnings == ("Notes that the text refers to are not in the file, which is damaged (1).",)


def test_what_lost_its_relations(tmp_path: Path) -> None:
    word(tmp_path, _PARAGRAPH + _SECTION, {"header.xml": _HEADER}, {"header.xml": "header"})
    assert again(tmp_path / "x.docx", "word/_rels/document.xml.rels").warnings == (
        "What word/document.xml shows can't be found in the file (1): it is damaged; fetch it again.",
        "Parts that the file names are not in it (1: word/_rels/document.xml.rels): it is damaged or cut short; fetch it again.",
    )
    presentation(tmp_path, [_SHAPE + _PICTURE], {"a.png": "-"}, {"a.png": "image"})
    assert again(tmp_path / "x.pptx", "ppt/slides/_rels/s0.xml.rels").warnings[0].startswith("What ppt/slides/s0.xml shows can't")


def test_what_lost_its_relations_and_shows_nothing_by_them(tmp_path: Path) -> None:
    """Styles, notes or the layout of a slide: by its relations alone a part is known to have them."""
    word(tmp_path, _PARAGRAPH, {"styles.xml": f"<w:styles {NAMES}/>"}, {"styles.xml": "styles"})
    (warning,) = again(tmp_path / "x.docx", "word/_rels/document.xml.rels").warnings
    assert "(1: word/_rels/document.xml.rels)" in warning
    assert not word(tmp_path, _PARAGRAPH).warnings
    assert not again(tmp_path / "x.docx", "word/_rels/document.xml.rels").warnings, "it had none to lose"
    presentation(tmp_path, [_SHAPE])
    (warning,) = again(tmp_path / "x.pptx", "ppt/slides/_rels/s0.xml.rels").warnings
    assert "(1: ppt/slides/_rels/s0.xml.rels)" in warning


def test_pictures_outside_the_file_are_no_loss(tmp_path: Path) -> None:
    """Nor is one that PowerPoint itself has lost, for which it writes this name."""
    outside = '<Relationship Id="a.png" Type="x/image" Target="file:///a.png" TargetMode="External"/>'
    null = '<Relationship Id="b" Type="x/image" Target="NULL"/>'
    members = {"_rels/s0.xml.rels": f"<Relationships>{outside}{null}</Relationships>"}
    assert not presentation(tmp_path, [_SHAPE + _PICTURE], members).warnings


def test_slides_that_are_not_in_the_file(tmp_path: Path) -> None:
    assert not presentation(tmp_path, [_SHAPE, _SHAPE]).failures
    parsed = again(tmp_path / "x.pptx", "ppt/slides/s1.xml")
    assert [(one.code, one.page, one.chapter) for one in parsed.failures] == [("corrupt_document", 2, "slide 2")]
    assert [unit.produced for unit in parsed.units] == [True, False]


def test_texts_of_cells_that_are_not_in_the_file(tmp_path: Path) -> None:
    cells = '<sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c><v>7</v></c></row></sheetData>'
    assert not workbook(tmp_path, {"Tides": cells}, texts="<si><t>a</t></si><si><t>b</t></si>").warnings
    parsed = workbook(tmp_path, {"Tides": cells}, texts="<si><t>a</t></si>")
    assert parsed.warnings == ("Texts of cells are not in the file (1, on Tides): it is damaged or cut short; fetch it again.",)
    warnings = again(tmp_path / "x.xlsx", "xl/texts.xml").warnings
    assert [one.partition(":")[0] for one in warnings] == [
        "Texts of cells are not in the file (2, on Tides)",
        "Parts that the file names are not in it (1",
    ]


def test_parts_of_an_opendocument_that_are_not_in_the_file(tmp_path: Path) -> None:
    entries = "".join(
        f'<f:file-entry f:full-path="{name}"/>' for name in ("/", "content.xml", "Pictures/a.png", "Thumbnails/t.png")
    )
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    members = {"META-INF/manifest.xml": f'<f:manifest xmlns:f="{space}">{entries}</f:manifest>'}
    body = "<text:p>Oysters are sold by the dozen.</text:p>"
    (warning,) = opendocument(tmp_path, "text", body, members=members).warnings
    assert warning.startswith("Parts that the file names are not in it (1: Pictures/a.png)")
    assert not any(
        "Parts" in one for one in opendocument(tmp_path, "text", body, members={**members, "Pictures/a.png": "-"}).warnings
    )
