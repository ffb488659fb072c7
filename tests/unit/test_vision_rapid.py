"""The recogniser on pages drawn here, with the real models out of the wheel."""

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from kbray.config import Settings
from kbray.model import PageImage
from kbray.ports import Recogniser
from kbray.vision import identity, load


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return load(Settings(), threads=1)


def page(lines: list[tuple[int, int, int, str]], size: tuple[int, int] = (1000, 500)) -> PageImage:
    """`lines`: left, top and font size in pixels, text; at 200 dpi."""
    picture = Image.new("L", size, 255)
    draw = ImageDraw.Draw(picture)
    for left, top, height, text in lines:
        draw.text((left, top), text, fill=0, font=ImageFont.load_default(size=height))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return PageImage(3, size[0] * 0.36, size[1] * 0.36, buffer.getvalue())


def test_a_drawn_page_is_read_in_order(recogniser: Recogniser) -> None:
    text = [
        (60, 40, 60, "A Large Heading"),
        (60, 160, 28, "The quick brown fox jumps over"),
        (60, 200, 28, "the lazy dog near the river."),
    ]
    (found,) = recogniser.recognise([page(text)])
    assert [element.text for element in found] == [
        "A Large Heading",
        "The quick brown fox jumps over the lazy dog near the river.",
    ]
    assert found[0].kind == "heading"
    body = found[1]
    assert (body.kind, body.origin, body.page) == ("paragraph", "ocr", 3)
    assert body.confidence is not None
    assert body.confidence > 0.9
    assert body.box is not None
    assert abs(body.box.left - 60 * 0.36) < 5
    assert abs(body.box.top - 160 * 0.36) < 6
    assert abs(body.box.bottom - 232 * 0.36) < 6


def test_an_empty_page_gives_an_empty_list_and_order_is_kept(recogniser: Recogniser) -> None:
    pages = [page([]), page([(60, 40, 40, "Second page")]), page([])]
    found = recogniser.recognise(pages)
    assert [[element.text for element in elements] for elements in found] == [[], ["Second page"], []]
    assert recogniser.recognise(pages) == found


def test_identity_is_stable_and_short() -> None:
    assert len(identity()) == 16
    assert identity() == identity()
