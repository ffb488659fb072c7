"""Bent paper, drawn here."""

import cv2
import numpy as np
import pytest
from PIL import Image

from kbray.model import PageImage
from kbray.ports import Recogniser
from kbray.vision import Models, load
from kbray.vision.bends import at, bent, stretched
from kbray.vision.detection import Quad
from kbray.vision.ocr import Found, Page
from kbray.vision.sheets import undivided
from kbray.vision.strips import Read
from tests.unit.test_vision_reading import draw, encoded

SAID = (
    "Rivers carry what the rain takes from the hills down to the plain. Where they slow down they",
    "leave it there, and the fields beside them are fertile. Whoever builds there puts his house on",
    "the higher ground.",
    "Boats lie beside the doors all year, and people know how to row before they can read. Nobody",
    "is afraid of water as long as it comes slowly. When it comes fast, all go up to the church and",
    "wait for three days, and then they carry the mud out of their rooms again, and laugh about the",
    "fish that they find in their beds. Some have moved into the hills, where the soil is poor, and",
    "nothing has ever come down to them but rain. They miss the river.",
)


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return load(models=Models(half=False), threads=1)  # a letter in thousands depends on the processor otherwise


def bend(picture: Image.Image, high: float, *, at_left: bool) -> Image.Image:
    """Paper that rises at one side, so many pixels at its edge."""
    pixels = np.asarray(picture)
    x, y = np.meshgrid(np.arange(picture.width, dtype=np.float32), np.arange(picture.height, dtype=np.float32))
    far = (x if at_left else picture.width - x) / picture.width
    rise = (high * np.exp(-8 * far)).astype(np.float32)
    return Image.fromarray(cv2.remap(pixels, x, y - rise, cv2.INTER_LINEAR, borderValue=(255,)))


@pytest.mark.parametrize("at_left", [False, True])
@pytest.mark.parametrize(("high", "turns"), [(80, 0), (160, 0), (120, 1), (120, 3)])
def test_lines_that_rise_to_the_back_of_a_book_are_read_in_order(
    recogniser: Recogniser, high: float, turns: int, at_left: bool
) -> None:
    picture = draw([(120, 160 + 46 * row, 26, said) for row, said in enumerate(SAID)], (1340, 760))
    picture = bend(picture, high, at_left=at_left).rotate(90 * turns, expand=True)
    (found,) = recogniser.recognise([PageImage(1, picture.width * 0.36, picture.height * 0.36, encoded(picture))])
    assert " ".join(element.text for element in found.elements) == " ".join(SAID)
    assert len(found.elements) == 2


def outline(mask: np.ndarray) -> tuple[np.ndarray, tuple[float, float], float, bool]:
    (contour,), _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    _, _, width, height = cv2.boundingRect(contour)
    return contour, (max(width, height), min(width, height)), 0.0, height > width


@pytest.mark.parametrize("tall", [False, True])
def test_a_bent_line_is_followed(tall: bool) -> None:
    x = np.arange(400)
    middles = 60 + 40 * np.exp(-x / 60)
    mask = (np.abs(np.arange(150)[:, None] - middles) <= 5).astype(np.uint8)
    contour, size, angle, is_tall = outline(np.ascontiguousarray(mask.T) if tall else mask)
    line = bent(contour, size, angle, tall=is_tall)
    assert line is not None
    assert line.length == pytest.approx(400, abs=2)
    assert line.thickness == pytest.approx(12, abs=2)
    middle, off = (line.y, line.x) if tall else (line.x, line.y)
    assert middle == pytest.approx(200, abs=3)
    slope = np.tan(-line.angle if tall else line.angle)
    followed = off + slope * (x - 200) + at(line.curve, x / 400)
    assert np.abs(followed - middles)[8:-8].max() < 3


def test_what_is_straight_or_no_line_is_not_followed() -> None:
    empty = np.zeros((150, 400), np.uint8)
    straight, corner, wedge = empty.copy(), empty.copy(), empty.copy()
    straight[40:52, 10:390] = 1
    corner[10:30, 10:390] = corner[10:80, 10:30] = 1
    cv2.fillConvexPoly(wedge, np.array([(10, 40), (390, 80), (390, 110)]), (1,))
    for mask in (straight, corner, wedge):
        contour, size, angle, tall = outline(mask)
        assert bent(contour, size, angle, tall=tall) is None


def test_a_longer_line_goes_on_as_it_ends() -> None:
    assert stretched((0.0, 1.0, 2.0, 3.0, 4.0), 0.25, 0.25) == pytest.approx((-1, 0.5, 2, 3.5, 5))
    assert stretched((), 0.1, 0.1) == ()


def test_a_short_line_lies_where_the_long_ones_beside_it_tell() -> None:
    curve = tuple((40 * np.exp(-np.linspace(0, 8, 25))).tolist())
    lines = [Found(Quad(400, y, 700, 30, 0, curve), Read("of print", 0.9)) for y in (100, 140, 220)]
    short = Found(Quad(90, 180 + 24, 80, 30, -0.35), Read("its end", 0.9))
    flat = undivided(Page(800, 400, 0, (*lines, short))).lines
    assert [found.quad.y for found in flat[:3]] == pytest.approx([100, 140, 220])
    assert flat[3].quad.y == pytest.approx(180, abs=4)
    assert abs(flat[3].quad.angle) < 0.1
    assert not any(found.quad.curve for found in flat)
