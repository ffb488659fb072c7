"""What PDFs hold besides the print of their pages: comments, boxes that are ticked, files, forms in XML."""

import hashlib
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.document.assemble import assemble
from kbray.document.recognised import merge
from kbray.geometry import Box
from kbray.model import Element, Parsed, Reading, Window
from kbray.parse.pdf import opened, parse, unpack
from kbray.parse.pdf.page import open_page
from tests.writers.pdf import Page, write_pdf

LIMITS = Settings(ocr="never")
LINES = [
    "The committee met on the third of May to",
    "discuss the budget of the coming year, and",
    "nobody raised an objection to it.",
]
NAMESPACE = 'xmlns="http://www.xfa.org/schema/xfa-template/3.0/"'


def told(path: Path) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in read(path).elements]


def read(path: Path) -> Parsed:
    return parse(path, Window(), LIMITS)


def minutes() -> Page:
    return Page().paragraph(72, 100, LINES, size=11, leading=14)


def test_a_comment_is_a_note_at_what_it_is_about(tmp_path: Path) -> None:
    """Sticky notes and marked text, and what was answered, were lost."""
    page = minutes()
    page.annotated("Text", 300, 86, 318, 100, "/Contents (Ask Peter.) /T (Anna) /M (D:20240501120000Z)")
    page.annotated("Highlight", 72, 105, 148, 116, "/Contents (Still true?) /T (Bert)")
    page.annotated("Text", 300, 86, 318, 100, "/Contents (He said yes.) /IRT 100100 0 R")
    page.annotated("Text", 300, 86, 318, 100, "/Contents (Accepted) /StateModel (Review) /State (Accepted)")
    page.annotated("Text", 300, 86, 318, 100, "/Contents (Seen by nobody) /F 2")
    page.annotated("Popup", 400, 92, 500, 110, "/Contents (Ask Peter.)")
    page.annotated("Link", 72, 92, 100, 110, "/Contents (A link)")
    found = read(write_pdf(tmp_path / "a.pdf", [page]))
    text, *notes = found.elements
    assert text.text == (
        "The committee met on the third of May to[^c1][^c3] discuss the budget[^c2] of the coming year, and nobody raised an "
        "objection to it."
    )
    assert [(one.kind, one.marker, one.text) for one in notes] == [
        ("footnote", "c1", "Anna, 2024-05-01: Ask Peter."),
        ("footnote", "c2", "Bert: Still true?"),
        ("footnote", "c3", "He said yes."),
    ]
    assert notes[0].page == 1
    assert notes[0].box is not None
    assert not found.warnings


def test_comments_on_several_pages_have_labels_of_their_own(tmp_path: Path) -> None:
    pages = [minutes().annotated("Text", 300, 86, 318, 100, f"/Contents (Remark {number})") for number in (1, 2)]
    parts = [read(write_pdf(tmp_path / "a.pdf", pages))]
    found = assemble(parts, sha256="", fingerprint="", media_type="application/pdf", expected=[Window(1, 2)], failures=())
    notes = [(one.marker, one.text) for one in found.elements if one.kind == "footnote"]
    assert notes == [("1-c1", "Remark 1"), ("2-c1", "Remark 2")]
    assert all(f"[^{label}]" in "".join(one.text for one in found.elements) for label, _ in notes)


def test_a_mark_that_repeats_the_text_says_nothing_more(tmp_path: Path) -> None:
    """Apple's Preview, for one, writes what is marked into the mark."""
    page = minutes().annotated("Highlight", 72, 92, 130, 104, "/Contents (The committee)")
    assert [kind for kind, _ in told(write_pdf(tmp_path / "a.pdf", [page]))] == ["paragraph"]
    doubt = minutes().annotated("Highlight", 300, 500, 400, 520, "/Contents (???)")
    assert ("footnote", "???") in told(write_pdf(tmp_path / "b.pdf", [doubt]))


def test_what_was_typed_over_a_page_is_a_comment_where_the_file_does_not_say_how_it_looks(tmp_path: Path) -> None:
    page = minutes().annotated("FreeText", 72, 200, 300, 220, "/Contents (Paid in full) /DA (/F1 12 Tf)")
    assert ("footnote", "Paid in full") in told(write_pdf(tmp_path / "a.pdf", [page]))


def test_boxes_tell_whether_they_are_ticked(tmp_path: Path) -> None:
    """Nothing told it: what is drawn in them is no text, or a sign of a font."""
    page = minutes().at(90, 200, "I am a member", 11).at(72, 220, "I want the newsletter", 11)
    page.at(72, 240, "Sex:", 11).at(120, 240, "male", 11).at(170, 240, "\xa8", 11, "F7").at(184, 240, "female", 11)
    page.annotated("Widget", 74, 190, 86, 202, "/FT /Btn /T (a) /AS /Yes")
    page.annotated("Widget", 190, 210, 202, 222, "/FT /Btn /T (b) /AS /Off")
    page.annotated("Widget", 104, 230, 116, 242, "/AS /Off").annotated("Widget", 168, 230, 180, 242, "/AS /f")
    path = write_pdf(tmp_path / "a.pdf", [page])
    assert [text for _, text in told(path)[1:]] == ["☒ I am a member", "I want the newsletter ☐", "Sex: ☐ male ☒ female"]


def test_a_box_far_from_all_print_stands_for_itself(tmp_path: Path) -> None:
    page = minutes().annotated("Widget", 400, 500, 412, 512, "/AS /Yes")
    assert told(write_pdf(tmp_path / "a.pdf", [page]))[1:] == [("paragraph", "☒")]


def test_a_box_without_extent_is_not_to_be_seen(tmp_path: Path) -> None:
    """No font is of its size: the whole file was lost."""
    page = minutes().annotated("Widget", 400, 500, 400, 500, "/AS /Yes")
    assert len(told(write_pdf(tmp_path / "a.pdf", [page]))) == 1


def test_ticks_of_a_page_that_is_recognised_anyway_are_told(tmp_path: Path) -> None:
    """They are hidden for the words that tell them, and there are none of the text layer."""
    page = minutes().annotated("Widget", 74, 290, 86, 302, "/AS /Yes").annotated("Widget", 74, 310, 86, 322, "/AS /Off")
    parsed = parse(write_pdf(tmp_path / "a.pdf", [page]), Window(), Settings(ocr="always"))
    assert [image.page for image in parsed.images] == [1]
    read = Element("paragraph", "Recognised", page=1, box=Box(72, 92, 300, 130), origin="ocr", confidence=0.99)
    merged = merge(parsed, [Reading((read,))])
    assert [one.text for one in merged.elements] == ["Recognised", "☒", "☐"]


def test_answers_on_a_scanned_form_are_no_text_layer(tmp_path: Path) -> None:
    """They stood for the page, and all that is printed on it was lost without a word."""
    page = Page(grey=(8, 8, bytes(range(0, 256, 4))), answer="A long answer that is written over the picture of a form by hand")
    path = write_pdf(tmp_path / "a.pdf", [page])
    parsed = parse(path, Window(), Settings(ocr="auto"))
    assert [image.page for image in parsed.images] == [1]
    assert not parsed.elements
    assert not parse(write_pdf(tmp_path / "b.pdf", [minutes()]), Window(), Settings(ocr="auto")).images


def test_a_page_keeps_its_size_when_answers_are_printed_on_it(tmp_path: Path) -> None:
    """pdfium took one that inherits its size for a letter."""
    path = write_pdf(tmp_path / "a.pdf", [Page(300, 400, inherits=True, answer="Ada").at(72, 80, "Name")])
    with opened(path) as document, open_page(document, 1) as page:
        assert (page.frame.width, page.frame.height) == (300, 400)
        assert page.handle.get_size() == (300, 400)


def test_files_inside_are_named_with_what_they_are_and_can_be_taken_out(tmp_path: Path) -> None:
    """A portfolio had nothing but its cover, a document of Microsoft's rights management a page that says so."""
    files = {"b.csv": b"1,2\n", "a.txt": b"A letter.\n", "empty": b""}
    path = write_pdf(tmp_path / "a.pdf", [minutes(), minutes()], attached=files)
    last = [(one.text, one.target, one.page) for one in read(path).elements[-3:]]
    assert last == [
        ("Attachment: a.txt", hashlib.sha256(b"A letter.\n").hexdigest(), 2),
        ("Attachment: b.csv", hashlib.sha256(b"1,2\n").hexdigest(), 2),
        ("Attachment: empty", None, 2),
    ]
    assert not any("Attachment" in one.text for one in parse(path, Window(1, 1), LIMITS).elements)
    (tmp_path / "out").mkdir()
    assert unpack(path, tmp_path / "out") == ("a.txt", "b.csv", "empty")
    assert [(tmp_path / "out" / str(number)).read_bytes() for number in range(3)] == [b"A letter.\n", b"1,2\n", b""]


def test_a_file_inside_that_is_missing_is_named_by_its_number(tmp_path: Path) -> None:
    """The whole document was lost for it."""
    path = write_pdf(tmp_path / "a.pdf", [minutes()], attached={"a.txt": b"A letter.\n", "b.csv": b"1,2\n"})
    path.write_bytes(path.read_bytes().replace(b"(a.txt) 6100 0 R", b"(a.txt) 0000 0 R"))
    assert [one.text for one in read(path).elements[-2:]] == ["Attachment: attachment 1", "Attachment: b.csv"]
    (tmp_path / "out").mkdir()
    assert unpack(path, tmp_path / "out") == ("attachment 1", "b.csv")


def test_a_file_that_hangs_at_a_page_is_named(tmp_path: Path) -> None:
    page = minutes().annotated("FileAttachment", 300, 92, 318, 110, "/FS << /Type /Filespec /F (data.csv) /UF (data.csv) >>")
    found = read(write_pdf(tmp_path / "a.pdf", [page]))
    assert found.elements[-1].text == "Attachment: data.csv"
    assert found.warnings == ("Files that hang at single pages are named, and not read.",)


FORM = f"""<template {NAMESPACE}><subform name="form1"><pageSet><pageArea/></pageSet>
<subform><draw><value><text>Application for a permit</text></value></draw>
<draw presence="hidden"><value><text>Never seen</text></value></draw>
<draw><value><exData contentType="text/html"><body xmlns="http://www.w3.org/1999/xhtml"><p>Read <b>this</b> first.</p><p>Then
sign.</p></body></exData></value></draw>
<field name="First"><caption><value><text>First name</text></value></caption><ui><textEdit/></ui></field>
<field name="Country"><caption><value><text>Country</text></value></caption><ui><choiceList/></ui>
<items><text>Austria</text><text>Belgium</text></items><items save="1"><text>AT</text><text>BE</text></items></field>
<field name="Agreed"><caption><value><text>I agree</text></value></caption><ui><checkButton/></ui>
<items><integer>1</integer><integer>0</integer></items></field>
<field name="Member"><caption><value><text>I am a member</text></value></caption><ui><checkButton/></ui>
<items><integer>1</integer><integer>0</integer></items></field>
<field name="Send"><caption><value><text>Send</text></value></caption><ui><button/></ui></field>
<subform name="Child"><occur max="-1"/><field name="Name"><caption><value><text>Child</text></value></caption></field></subform>
</subform></subform></template>"""
DATA = """<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form1><First>Gertrude</First>
<Country>BE</Country><Agreed>1</Agreed><Member>0</Member><Child><Name>Ada</Name></Child><Child><Name>Bert</Name></Child>
<Reference>X-17</Reference></form1></xfa:data></xfa:datasets>"""


def test_a_form_that_is_xml_is_read_where_its_page_says_wait(tmp_path: Path) -> None:
    """It was a document of three sentences that ask for another program, and graded good."""
    pieces = ['<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">', FORM, DATA, "</xdp:xdp>"]
    found = read(write_pdf(tmp_path / "a.pdf", [Page().at(72, 100, "Please wait...")], xfa=pieces))
    assert [one.text for one in found.elements] == [
        "Application for a permit",
        "Read this first.\nThen sign.",
        "First name Gertrude",
        "Country Belgium",
        "☒ I agree",
        "☐ I am a member",
        "Child Ada",
        "Child Bert",
        "Reference: X-17",
    ]
    assert {one.page for one in found.elements} == {1}
    assert found.units[0].produced
    assert found.warnings == (
        "The form is kept in XML (XFA), and its pages show nothing of it: its texts and values were read without their layout.",
    )


@pytest.mark.parametrize("xml", ["<template", "no XML at all", f"<template {NAMESPACE}/>"])
def test_a_form_in_broken_xml_leaves_the_page(tmp_path: Path, xml: str) -> None:
    found = read(write_pdf(tmp_path / "a.pdf", [Page().at(72, 100, "Please wait...")], xfa=[xml]))
    assert [one.text for one in found.elements] == ["Please wait..."]
    assert found.warnings == ("The form is kept in XML (XFA) that can't be read, and its pages show nothing of it.",)
