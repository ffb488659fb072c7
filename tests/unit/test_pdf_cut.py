"""Text of graphics that are set into a page, beyond the frame that shows of them."""

from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.model import Window
from kbray.parse import pdf

TEXT = "The text of the page goes on below the chart and is read as it was set."


def written(content: str, form: str, matrix: str = "", note: str = "") -> bytes:
    """A page with a form on it, and perhaps a note; pdfium makes up the table of objects."""

    def stream(said: str, more: str = "") -> str:
        return f"<< {more} /Length {len(said)} >>\nstream\n{said}\nendstream"

    fonts = "/Resources << /Font << /F1 6 0 R >> /XObject << /Fm 5 0 R >> >>"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {fonts} /Annots [{'7 0 R' * bool(note)}] >>",
        stream(content),
        stream(form, f"/Type /XObject /Subtype /Form /BBox [0 0 1190 1684] {matrix} {fonts}"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Annot /Subtype /FreeText /F 4 /Rect [80 300 280 340] /Contents (Typed) /AP << /N 8 0 R >> >>",
        stream(note, f"/Type /XObject /Subtype /Form /BBox [0 0 200 40] {fonts}"),
    )
    body = "".join(f"{number} 0 obj\n{said}\nendobj\n" for number, said in enumerate(objects, start=1))
    return f"%PDF-1.4\n{body}trailer\n<< /Root 1 0 R >>\n%%EOF\n".encode()


@pytest.mark.parametrize("matrix", ["", "/Matrix [0.5 0 0 0.5 0 0]"], ids=["as it is", "made smaller"])
def test_text_that_the_frame_of_a_graphic_cuts_off_is_none_of_the_page(tmp_path: Path, matrix: str) -> None:
    by = 2 if matrix else 1
    form = " ".join(
        f"BT /F1 {10 * by} Tf 1 0 0 1 {x * by} {y * by} Tm ({said}) Tj ET"
        for x, y, said in ((100, 700, "Shown in the chart"), (100, 640, "Half in it"), (100, 400, "Beyond the frame"))
    )
    page = f"q 80 643 300 100 re W n /Fm Do Q BT /F1 12 Tf 1 0 0 1 72 500 Tm ({TEXT}) Tj ET"
    path = tmp_path / "x.pdf"
    path.write_bytes(written(page, form, matrix))
    found = pdf.parse(path, Window(), Settings())
    assert [element.text for element in found.elements] == ["Shown in the chart", "Half in it", TEXT]
    path.write_bytes(written(page.replace("re W n", "re n"), form, matrix))
    assert "Beyond the frame" in " ".join(element.text for element in pdf.parse(path, Window(), Settings()).elements)


def test_what_was_typed_over_a_page_is_read_beyond_its_box(tmp_path: Path) -> None:
    note = "BT /F1 12 Tf 1 0 0 1 5 15 Tm (Seen in its box) Tj 1 0 0 1 5 -45 Tm (Typed beyond it) Tj ET"
    path = tmp_path / "x.pdf"
    path.write_bytes(written(f"BT /F1 12 Tf 1 0 0 1 72 500 Tm ({TEXT}) Tj ET", "", note=note))
    texts = [element.text for element in pdf.parse(path, Window(), Settings()).elements]
    assert texts == [TEXT, "Seen in its box", "Typed beyond it"]


def test_a_text_layer_that_its_clip_hides_is_read(tmp_path: Path) -> None:
    """Else a scan would have text that is none, and nothing would recognise it."""
    layer = f"BT /F1 12 Tf 1 0 0 1 72 500 Tm ({TEXT}) Tj ET"
    path = tmp_path / "x.pdf"
    path.write_bytes(written("q 0 0 1 1 re W n /Fm Do Q BT /F1 8 Tf 1 0 0 1 300 20 Tm (12) Tj ET", layer))
    assert TEXT in [element.text for element in pdf.parse(path, Window(), Settings()).elements]
