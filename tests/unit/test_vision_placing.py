"""Pages that were photographed askew."""

from math import atan

import cv2
import numpy as np
import pytest

from kbray.geometry import Box
from kbray.model import PageImage
from kbray.vision import load
from kbray.vision.detection import Quad
from kbray.vision.ocr import Found
from kbray.vision.placing import Keystone, Placing, keystone_of
from kbray.vision.strips import Read
from tests.unit.test_vision_reading import draw

LEAN = -0.0001
STONE = Keystone(500, 700, LEAN)
ROWS = range(100, 1301, 60)
ITEMS = ("Apples of the season", "Brown bread with seeds", "Cheese from the farm", "Dark beer in bottles", "Eggs") * 4


def fanned(slope: float = 0.0, stone: Keystone = STONE) -> list[Found]:
    """Two columns of lines, whose slope grows down the page beside what all have."""
    lines = []
    for row in ROWS:
        for x in (200.0, 800.0):
            y = stone.y_on_page(x, row + slope * (x - 500))
            angle = atan(slope + stone.lean * (row - stone.y))
            lines.append(Found(Quad(x, y, 200, 30, angle), Read("of print", 0.9)))
    return lines


@pytest.mark.parametrize("slope", [0.0, 0.05])
def test_lines_that_fan_out_tell_how_far(slope: float) -> None:
    lines = fanned(slope)
    found = keystone_of(lines, 500)
    assert found is not None
    assert found.lean == pytest.approx(LEAN, rel=0.05)
    flat = [found.flat(one.quad) for one in lines]
    for left, right in zip(flat[::2], flat[1::2], strict=True):
        assert right.y - left.y == pytest.approx(slope * 600, abs=4)
        assert left.angle == pytest.approx(slope, abs=0.01)


def test_a_few_lines_that_were_set_askew_do_not_hide_it() -> None:
    lines = fanned()
    for number in (3, 20):
        askew = lines[number].quad
        lines[number] = Found(Quad(askew.x, askew.y, askew.width, askew.height, 0.3), Read("stamped", 0.9))
    found = keystone_of(lines, 500)
    assert found is not None
    assert found.lean == pytest.approx(LEAN, rel=0.1)


def test_level_and_sloping_pages_have_none() -> None:
    level = Keystone(500, 700, 0.0)
    assert keystone_of(fanned(stone=level), 500) is None
    assert keystone_of(fanned(0.05, level), 500) is None
    assert keystone_of(fanned()[:4], 500) is None
    noise = np.random.default_rng(1).normal(0, 0.03, len(ROWS) * 2)
    stray = [
        Found(Quad(one.quad.x, one.quad.y, 200, 30, float(off)), one.read)
        for one, off in zip(fanned(stone=level), noise, strict=True)
    ]
    assert keystone_of(stray, 500) is None


def test_boxes_come_back_to_where_they_are_on_the_page() -> None:
    place = Placing(1000, 1400, 0, 0.0, keystone=STONE)
    for one in fanned():
        flat = STONE.flat(one.quad)
        back = place.back(place.box(flat, 1.0))
        assert back.middle == pytest.approx((one.quad.x, one.quad.y), abs=2)
    assert Placing(1000, 1400, 0, 0.0).back(Box(1, 2, 3, 4)) == Box(1, 2, 3, 4)


def test_a_receipt_photographed_askew_is_read_in_rows() -> None:
    sums = [f"{7 * number + 3}.{number + 10}" for number in range(len(ITEMS))]
    text = [(60, 60 + 60 * row, 30, item) for row, item in enumerate(ITEMS)]
    text += [(660, 60 + 60 * row, 30, one) for row, one in enumerate(sums)]
    sheet = np.asarray(draw(text, (800, 1300)))
    corners = np.array([[0, 0], [800, 0], [800, 1300], [0, 1300]], np.float32)
    seen = np.array([[60, 40], [860, 110], [850, 1310], [80, 1350]], np.float32)
    turn = cv2.getPerspectiveTransform(corners, seen)
    photo = cv2.warpPerspective(sheet, turn, (920, 1420), flags=cv2.INTER_AREA, borderValue=90)
    ok, data = cv2.imencode(".png", photo)
    assert ok
    (found,) = load(threads=1).recognise([PageImage(1, 920 * 0.36, 1420 * 0.36, data.tobytes())])
    said = " ".join(" ".join(element.text for element in found.elements).split())
    places = [said.find(f"{item} {one}") for item, one in zip(ITEMS, sums, strict=True)]
    assert -1 not in places
    assert places == sorted(places)
