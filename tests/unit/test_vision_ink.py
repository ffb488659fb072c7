"""What is a picture on a page without print, and what is only dirt."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from kbray.vision.ink import inked

SIZE = (1654, 2339)  # A4 at 200 dpi


def paper(tone: int = 245) -> Image.Image:
    return Image.new("L", SIZE, tone)


def with_noise(image: Image.Image) -> Image.Image:
    noise = np.random.default_rng(0).normal(0, 6, (SIZE[1], SIZE[0]))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def dust() -> Image.Image:
    """Two hundred specks of up to half a millimetre, and a hair of three centimetres."""
    page = paper()
    canvas = ImageDraw.Draw(page)
    places = np.random.default_rng(1).uniform(0, 1, (200, 3))
    for x, y, size in places:
        left, top = x * SIZE[0], y * SIZE[1]
        canvas.ellipse((left, top, left + 1 + 3 * size, top + 1 + 3 * size), fill=20)
    canvas.line((300, 300, 500, 480), fill=90, width=2)
    return with_noise(page)


def shadow() -> Image.Image:
    """The fold of a book: from nearly black to paper within three centimetres."""
    tones = np.full((SIZE[1], SIZE[0]), 240.0)
    tones[:, :240] = np.linspace(40, 240, 240)
    return with_noise(Image.fromarray(tones.astype(np.uint8)))


def rim() -> Image.Image:
    page = paper(0)
    page.paste(245, (50, 60, SIZE[0] - 55, SIZE[1] - 70))
    return with_noise(page)


def punched() -> Image.Image:
    page = paper()
    canvas = ImageDraw.Draw(page)
    for top in (400, 900, 1400, 1900):
        canvas.ellipse((100, top, 148, top + 48), fill=10)
    return with_noise(page)


@pytest.mark.parametrize("page", [paper, dust, shadow, rim, punched])
def test_dirt_is_no_picture(page: object) -> None:
    assert inked(np.asarray(page())) is None  # type: ignore[operator]


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_a_page_of_one_tone_is_no_picture(tone: int) -> None:
    assert inked(np.full((40, 30), tone, np.uint8)) is None


def test_a_drawing_is_a_picture_where_it_is() -> None:
    page = paper()
    ImageDraw.Draw(page).ellipse((500, 800, 1100, 1500), outline=30, width=12)
    box = inked(np.asarray(with_noise(page)))
    assert box is not None
    assert abs(box.left - 500) < 25
    assert abs(box.top - 800) < 25
    assert abs(box.right - 1100) < 25
    assert abs(box.bottom - 1500) < 25


def test_a_photograph_that_fills_the_page_is_a_picture_in_colour_too() -> None:
    noise = Image.fromarray(np.random.default_rng(2).integers(0, 255, (60, 40), np.uint8))
    photo = noise.resize(SIZE, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(4))
    for page in (photo, photo.convert("RGB")):
        box = inked(np.asarray(page))
        assert box is not None
        assert box.width > 0.9 * SIZE[0]
        assert box.height > 0.9 * SIZE[1]


def test_print_is_ink() -> None:
    page = paper()
    canvas = ImageDraw.Draw(page)
    for row in range(20):
        canvas.text((200, 200 + 40 * row), "print that no model could read " * 3, fill=0, font_size=28)
    assert inked(np.asarray(page)) is not None
