"""What the letters of a line tell: on strips drawn here, without models."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from kbray.vision.detection import Pixels
from kbray.vision.letters import font_size, lost_spaces, raised, signs, spread, wide
from kbray.vision.strips import HEIGHT

Run = tuple[str, int, int]
"""Text, font size and foot; pixels."""


def strip_of(*runs: Run) -> tuple[Pixels, str, list[float]]:
    """A strip, what it says, and where its characters are."""
    canvas = Image.new("L", (1200, HEIGHT), 255)
    draw, x, text, middles = ImageDraw.Draw(canvas), 12.0, "", []
    for said, size, foot in runs:
        font = ImageFont.load_default(size=size)
        for character in said:
            draw.text((x, foot), character, fill=0, font=font, anchor="ls")
            width = font.getlength(character)
            middles.append(x + width / 2)
            x += width + 1
        text += said
    width = round(x) + 12
    pixels = np.asarray(canvas)[:, :width]
    return pixels, text, [middle / width for middle in middles]


@pytest.mark.parametrize(
    "text", ["a cue on a seam was nice", "HELD BY THE BRIDGE", "the quick brown fox", "1,204.50", "(in thousands)"]
)
def test_the_size_of_a_font_does_not_depend_on_the_letters(text: str) -> None:
    told = []
    for size in (26, 34):
        pixels, said, _ = strip_of((text, size, 36))
        found = font_size(signs(pixels), said)
        assert found is not None
        told.append(found)
        assert abs(found / size - 1) < 0.12
    assert 1.15 < told[1] / told[0] < 1.5


def test_what_has_no_letters_tells_no_size() -> None:
    pixels, said, _ = strip_of(("- . -", 34, 36))
    assert font_size(signs(pixels), said) is None
    assert font_size(signs(pixels), "木水") is None


@pytest.mark.parametrize("inverted", [False, True])
def test_a_raised_figure_is_told_from_one_in_the_line(inverted: bool) -> None:
    pixels, said, places = strip_of(("the river in 17", 30, 38), ("12", 18, 25), (" and more", 30, 38), ("3", 18, 25))
    seen = 255 - pixels if inverted else pixels
    assert said == "the river in 1712 and more3"
    assert raised(signs(seen), said, places, seen.shape) == [(26, 27)], (
        "17 and 12 are one figure as read: half of it is not raised"
    )
    pixels, said, places = strip_of(("the river", 30, 38), ("12", 18, 25), (" took the 31 roads", 30, 38))
    assert raised(signs(pixels), said, places, pixels.shape) == [(9, 11)]
    pixels, said, places = strip_of(("the river 12 took 3", 30, 38))
    assert raised(signs(pixels), said, places, pixels.shape) == []


def test_a_mark_behind_the_end_of_a_sentence_is_raised_and_one_hardly_smaller_stands_high() -> None:
    pixels, said, places = strip_of(("by the sea.", 30, 38), ("3", 18, 25), (" At 1.5 miles", 30, 38))
    assert raised(signs(pixels), said, places, pixels.shape) == [(11, 12)]
    pixels, said, places = strip_of(("all by the sea.", 30, 42), ("3", 27, 26))
    assert raised(signs(pixels), said, places, pixels.shape) == [(15, 16)]
    pixels, said, places = strip_of(("all by the sea.", 30, 42), ("3", 27, 36))
    assert raised(signs(pixels), said, places, pixels.shape) == [], "nearly as large, and hardly above"


def test_a_rule_has_no_letters() -> None:
    pixels = np.full((HEIGHT, 200), 255, np.uint8)
    pixels[22:27, 20:180] = 0
    assert signs(pixels) == []


@pytest.mark.parametrize("inverted", [False, True])
def test_a_line_ends_where_its_print_does_and_its_wide_gaps_are_told(inverted: bool) -> None:
    cells = ("Terrace interval", "Outlets", "Grade")
    pixels, said, places = strip_of((cells[0], 30, 38), ("  ", 46, 38), (cells[1], 30, 38), ("  ", 46, 38), (cells[2], 30, 38))
    seen = np.pad(255 - pixels if inverted else pixels, ((0, 0), (40, 60)), constant_values=0 if inverted else 255)
    width = pixels.shape[1]
    (start, end), every = spread(seen, [(place * width + 40) / (width + 100) for place in places])
    gaps = wide(every, len(said), seen.shape)
    assert abs(start * (width + 100) - 52) < 6
    assert abs(end * (width + 100) - (width + 40 - 12)) < 6
    assert [said[one.behind :].split()[0] for one in gaps] == ["Outlets", "Grade"]
    assert [said[: one.behind].split()[-1] for one in gaps] == ["interval", "Outlets"]


def test_ink_before_the_text_that_was_read_as_nothing_is_told() -> None:
    pixels, _, places = strip_of(("bread and butter", 30, 38))
    with_ring = np.pad(pixels, ((0, 0), (40, 0)), constant_values=255)
    cv2.circle(with_ring, (25, 24), 5, 0, 1)
    width = pixels.shape[1]
    _, (gap, *others) = spread(with_ring, [(place * width + 40) / (width + 40) for place in places])
    assert gap.behind == 0
    assert 29 <= gap.start * (width + 40) <= 32
    assert all(one.behind > 0 for one in others)


@pytest.mark.parametrize(
    ("runs", "spaced"),
    [
        ((("3.1", "Brief introduction"), 24), "3.1 Brief introduction"),
        ((("we come to a", "duel on the isle"), 14), "we come to a duel on the isle"),
        ((("Kapitel", "Eins"), 4), "KapitelEins"),  # as near as letters may stand
        ((("T", "I", "T", "L", "E", "S"), 24), "TITLES"),  # spaced out
        ((("木", "水", "木水木水木水"), 24), "木水木水木水木水"),
    ],
)
def test_white_between_characters_that_were_read_as_one_word_is_a_space(runs: tuple[tuple[str, ...], int], spaced: str) -> None:
    pixels, said, places = apart(*runs)
    _, gaps = spread(pixels, places)
    lost = {gap.behind for gap in lost_spaces(said, places, gaps, pixels.shape)}
    assert "".join(" " * (number in lost) + character for number, character in enumerate(said)) == spaced


def apart(pieces: tuple[str, ...], white: int) -> tuple[Pixels, str, list[float]]:
    """A strip of pieces so many pixels apart, which are read as one word."""
    seen: list[Pixels] = []
    at: list[float] = []
    said = ""
    for piece in pieces:
        pixels, text, places = strip_of((piece, 30, 38))
        inked = np.flatnonzero((pixels < 128).any(0))
        first, last = int(inked[0]), int(inked[-1]) + 1
        begin = sum(one.shape[1] for one in seen)
        at += [begin + place * pixels.shape[1] - first for place in places]
        seen += [pixels[:, first:last], np.full((HEIGHT, white), 255, np.uint8)]
        said += text
    strip = np.hstack(seen)
    return strip, said, [place / strip.shape[1] for place in at]


def test_white_paper_has_the_ends_of_its_strip() -> None:
    assert spread(np.full((HEIGHT, 200), 255, np.uint8), ()) == ((0.0, 1.0), ())
