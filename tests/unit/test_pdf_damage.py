"""Pages of PDFs that name what is not in the file: pdfium passes over it without a word."""

from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.model import Parsed, Window
from kbray.parse import pdf

FIRST, SECOND = "The first stream of the page says this much.", "The second stream of the page says no less."
PAGE = "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
OBJECTS = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R 9 0 R] /Count 2 /Resources << /Font << /F1 6 0 R >> /XObject 8 0 R >> >>",
    f"<< {PAGE} /Contents [4 0 R 5 0 R] >>",
    f"stream BT /F1 12 Tf 1 0 0 1 72 700 Tm ({FIRST}) Tj ET",
    f"stream BT /F1 12 Tf 1 0 0 1 72 600 Tm ({SECOND}) Tj ET /Fm1 Do",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    "stream /Type /XObject /Subtype /Form /BBox [0 0 595 842]",
    "<< /Fm1 7 0 R /Fm2 77 0 R >>",
    f"<< {PAGE} /Contents 4 0 R >>",
)
CONTENTS = "Page 1 is damaged: contents that it names are not in the file, which may have been cut short."
SHOWN = "Page 1 is damaged: fonts, forms or pictures that it shows are not in the file; text may be wrong."


def written(objects: list[str]) -> bytes:
    """Without a table of them, which pdfium makes up."""
    found = b"%PDF-1.4\n"
    for number, said in enumerate(objects, start=1):
        if said.startswith("stream /"):
            said = f"<< {said[7:]} /Length 0 >>\nstream\n\nendstream"
        elif said.startswith("stream "):
            said = f"<< /Length {len(said) - 7} >>\nstream\n{said[7:]}\nendstream"
        found += f"{number} 0 obj\n{said}\nendobj\n".encode()
    return found + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def read(tmp_path: Path, *changed: tuple[int, str]) -> Parsed:
    objects = list(OBJECTS)
    for number, said in changed:
        objects[number - 1] = said
    path = tmp_path / "x.pdf"
    path.write_bytes(written(objects))
    return pdf.parse(path, Window(), Settings())


def test_what_is_there_is_no_damage(tmp_path: Path) -> None:
    """Nor is a form that is named and not shown."""
    assert not read(tmp_path, (9, f"<< {PAGE} /Resources << /Font << >> >> >>")).failures
    parsed = read(tmp_path)
    assert [one.text for one in parsed.elements] == [FIRST, SECOND, FIRST]
    assert not parsed.failures


@pytest.mark.parametrize(
    "change",
    [(5, "null"), (5, "<< >>"), (3, f"<< {PAGE} /Contents [4 0 R 55 0 R] >>")],
    ids=["null", "no stream", "missing"],
)
def test_a_stream_of_a_page_that_is_not_there(tmp_path: Path, change: tuple[int, str]) -> None:
    parsed = read(tmp_path, change)
    assert [one.text for one in parsed.elements] == [FIRST, FIRST]
    assert [(one.code, one.message, one.page) for one in parsed.failures] == [("corrupt_document", CONTENTS, 1)]
    assert [unit.produced for unit in parsed.units] == [True, True]


def test_a_page_of_which_nothing_is_there(tmp_path: Path) -> None:
    parsed = read(tmp_path, (3, f"<< {PAGE} /Contents 55 0 R >>"))
    assert [(one.message, one.page) for one in parsed.failures] == [(CONTENTS, 1)]
    assert [unit.produced for unit in parsed.units] == [False, True]


@pytest.mark.parametrize("form", [(8, "<< /Fm1 77 0 R >>"), (7, "null")], ids=["missing", "null"])
def test_what_a_page_shows_and_is_not_there(tmp_path: Path, form: tuple[int, str]) -> None:
    parsed = read(tmp_path, form)
    assert [(one.message, one.page) for one in parsed.failures] == [(SHOWN, 1)]
    parsed = read(tmp_path, (6, "null"))
    assert [one.page for one in parsed.failures] == [1, 2]


def test_a_tree_of_pages_that_holds_itself_is_no_loop(tmp_path: Path) -> None:
    read(tmp_path, (2, "<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 >>"))


ZEROS = "Zeros stand where objects of the file should be: a part of it is lost, and text may be; fetch it again."


@pytest.mark.parametrize(
    ("before", "zeros"),
    [
        (b"/Type /Font /Subtype", 40),  # within a dictionary
        (b"endobj\n6", 40),  # where an object begins
        (b"endstream\n", 7),  # its end, and the beginning of the next
    ],
)
def test_zeros_in_place_of_objects_are_told(tmp_path: Path, before: bytes, zeros: int) -> None:
    path = tmp_path / "x.pdf"
    content = written(list(OBJECTS))
    at = content.index(before) + len(before)
    path.write_bytes(content[:at] + bytes(zeros + 32) + content[at + zeros :])
    assert ZEROS in pdf.parse(path, Window(), Settings()).warnings


def test_zeros_in_data_between_objects_and_in_tables_of_colours_are_no_loss(tmp_path: Path) -> None:
    content = written([*OBJECTS, "stream " + "\0" * 64, "[/Indexed /DeviceRGB 20 (" + "\0" * 63 + "a" + "\0" * 63 + ")]"])
    path = tmp_path / "x.pdf"
    path.write_bytes(content.replace(b"endobj\n5 0 obj", b"endobj\n" + bytes(64) + b"\n5 0 obj") + bytes(512))
    assert not pdf.parse(path, Window(), Settings()).warnings
