"""Bullets before lines of print, drawn here."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from kbray.geometry import Box
from kbray.model import PageImage
from kbray.vision import load
from kbray.vision.bullets import Bullet, bullets_in, first_sign
from kbray.vision.letters import Gap

SCALE = 0.36  # points a pixel at 200 dpi
LINES = ["bread and butter", "milk from the farm", "a dozen of eggs"]
TOPS = (100, 150, 200)


def shopping(marks: str, *, inverted: bool = False, noise: float = 0) -> tuple[Image.Image, list[Box]]:
    """A list with a mark before each line, and where its lines are.

    `marks`: "o" a disc, "0" a ring, "#" a square, "." a speck, "|" a bar.
    """
    picture = Image.new("L", (800, 300), 255)
    canvas = ImageDraw.Draw(picture)
    shapes = {"o": (9, 13, 9, 13), "0": (9, 13, 9, 13), "#": (9, 13, 9, 13), ".": (10, 16, 11, 17), "|": (10, 4, 13, 30)}
    for text, top, mark in zip(LINES, TOPS, marks, strict=True):
        canvas.text((120, top), text, fill=0, font=ImageFont.load_default(size=30))
        if mark in shapes:
            left, up, right, down = shapes[mark]
            box = (70 + left, top + up, 70 + right + 8 * (mark in "o0#"), top + down + 8 * (mark in "o0#"))
            if mark == "0":
                canvas.ellipse(box, outline=0, width=2)
            else:
                (canvas.ellipse if mark == "o" else canvas.rectangle)(box, fill=0)
    tones = np.asarray(picture, np.float64)
    tones = tones + np.random.default_rng(0).normal(0, noise, tones.shape) if noise else tones
    tones = 255 - tones if inverted else tones
    boxes = [Box(114, top - 2, 420, top + 38) for top in TOPS]
    scaled = [Box(*(side * SCALE for side in (box.left, box.top, box.right, box.bottom))) for box in boxes]
    return Image.fromarray(tones.clip(0, 255).astype(np.uint8)), scaled


@pytest.mark.parametrize("marks", ["ooo", "000", "###"])
@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("noise", [0, 8])
def test_each_line_of_a_list_has_its_bullet(marks: str, inverted: bool, noise: float) -> None:
    picture, lines = shopping(marks, inverted=inverted, noise=noise)
    found = bullets_in(np.asarray(picture), lines, {}, SCALE)
    assert [one.line for one in found] == [0, 1, 2]
    assert all(abs(one.box.left - 79 * SCALE) < 1 and one.box.width < 12 * SCALE and not one.read for one in found)


@pytest.mark.parametrize("marks", ["   ", "...", "|||", "o  ", "o. "])
def test_specks_bars_and_a_spot_that_stands_alone_are_none(marks: str) -> None:
    picture, lines = shopping(marks)
    assert bullets_in(np.asarray(picture), lines, {}, SCALE) == []


def test_the_end_of_the_column_before_is_no_bullet() -> None:
    picture, lines = shopping("ooo")
    beside = [Box(0, line.top, 92 * SCALE, line.bottom) for line in lines]
    assert bullets_in(np.asarray(picture), [*beside, *lines], {}, SCALE) == []


def test_what_is_read_before_a_line_is_a_bullet_where_another_stands_below_it() -> None:
    picture, lines = shopping("  o")
    before = Box(79 * SCALE, lines[0].top, 87 * SCALE, lines[0].bottom)
    aside = Box(110 * SCALE, lines[0].top, 118 * SCALE, lines[0].bottom)
    both = bullets_in(np.asarray(picture), lines, {0: ("o", before)}, SCALE)
    assert {(one.line, one.read) for one in both} == {(0, True), (2, False)}
    assert bullets_in(np.asarray(picture), lines, {0: ("o", aside)}, SCALE) == []
    assert bullets_in(np.asarray(picture), lines[:1], {0: ("。", aside)}, SCALE) == [Bullet(0, aside, read=True)]


@pytest.mark.parametrize(
    ("text", "gaps", "sign"),
    [
        ("o bread and butter", [Gap(2, 0.05, 0.1)], "o"),
        ("o bread and butter", [Gap(1, 0.05, 0.1)], "o"),
        ("o bread and butter", [], ""),
        ("o bread and butter", [Gap(8, 0.4, 0.5)], ""),
        ("on bread and butter", [Gap(3, 0.05, 0.1)], ""),
        ("。bread and butter", [], "。"),
        ("- bread and butter", [Gap(2, 0.05, 0.1)], ""),
        ("", [], ""),
    ],
)
def test_first_signs_that_may_be_bullets(text: str, gaps: list[Gap], sign: str) -> None:
    assert first_sign(text, gaps) == sign


@pytest.mark.parametrize("marks", ["oo ", "00 "])
def test_a_scanned_list_is_a_list(marks: str) -> None:
    picture, _ = shopping(marks)
    file = io.BytesIO()
    picture.save(file, "PNG")
    (reading,) = load(threads=1).recognise([PageImage(1, 800 * SCALE, 300 * SCALE, file.getvalue())])
    assert [(one.kind, one.marker, one.text) for one in reading.elements] == [
        ("list_item", "-", "bread and butter"),
        ("list_item", "-", "milk from the farm a dozen of eggs"),
    ]


@pytest.mark.parametrize(("apart", "found"), [(44, [0, 1, 2]), (80, [1, 2])])
def test_the_only_bullet_at_its_depth_stands_as_far_from_its_text_as_others(apart: int, found: list[int]) -> None:
    picture = Image.new("L", (800, 300), 255)
    canvas = ImageDraw.Draw(picture)
    lines = []
    for number, (text, top) in enumerate(zip(LINES, TOPS, strict=True)):
        left = 120 + 44 * (number > 0)
        canvas.text((left, top), text, fill=0, font=ImageFont.load_default(size=30))
        spot = left - (44 if number else apart)
        canvas.ellipse((spot, top + 13, spot + 12, top + 25), fill=0)
        lines.append(Box((left - 6) * SCALE, (top - 2) * SCALE, 460 * SCALE, (top + 38) * SCALE))
    assert [one.line for one in bullets_in(np.asarray(picture), lines, {}, SCALE)] == found
