"""Letters of a column or page beside, which the edge of a picture left."""

import numpy as np
import pytest

from kbray.geometry import Box
from kbray.vision.detection import Quad
from kbray.vision.ocr import Found, Page
from kbray.vision.placing import Placing, slope_of
from kbray.vision.reading import _of_cells
from kbray.vision.sheets import Sheet, sheets_on, undivided
from kbray.vision.strips import Read

WIDTH = 1000
PROSE = "rain carried the land from the hills"


def line(left: float, right: float, y: float, text: str, angle: float = 0) -> Found:
    return Found(Quad((left + right) / 2, y, right - left, 30, angle), Read(text, 0.9))


def sheet(*lines: Found) -> Sheet:
    (found,) = sheets_on(Page(WIDTH, 1400, 0, lines), np.full((1400, WIDTH), 255, np.uint8), 0.36)
    return found


def rows(left: float, right: float, *texts: str) -> list[Found]:
    return [line(left, right, 100 + 40 * row, text) for row, text in enumerate(texts)]


@pytest.mark.parametrize("place", [(-4, 60), (940, 1004)])
def test_a_few_letters_at_the_edge_beside_text_are_of_another_column(place: tuple[int, int]) -> None:
    text, pieces = rows(100, 900, *[PROSE] * 6), rows(*place, "the", "wil", "d", "ve", "so", "our")
    found = sheet(*text, *pieces)
    assert list(found.lines) == text
    assert list(found.beside) == pieces
    assert undivided(Page(WIDTH, 1400, 0, (*text, *pieces))).beside == ()  # the labels of a picture are all its own


def test_what_is_of_the_page_stays_at_its_edge() -> None:
    text, short = rows(100, 900, *[PROSE] * 6), ("the", "wil", "d", "ve", "so", "our")
    for pieces in (
        rows(940, 1004, "12.50", "3.00", "7.25", "8.10", "9.99", "0.50"),  # figures of a last column
        rows(940, 1004, *short[:3]),  # too few
        rows(900, 964, *short),  # within its margin
        [*rows(940, 1004, *short), *rows(400, 1004, *[PROSE] * 2)],  # lines of it reach the edge, too
    ):
        assert sheet(*text, *pieces).beside == ()
    cells = rows(100, 300, *["of print"] * 6)
    assert sheet(*cells, *rows(940, 1004, *short)).beside == ()  # no text stands beside them


def test_an_article_with_rules_is_no_table() -> None:
    def kept(*lines: Found) -> bool:
        return bool(_of_cells([Box(0, 0, WIDTH, 1400)], lines, Placing(WIDTH, 1400, 0, 0), 1))

    columns = [*rows(50, 450, *[PROSE] * 8), *rows(480, 880, *[PROSE] * 8)]
    assert not kept(*columns)
    assert kept(*rows(50, 200, *["Rivers"] * 8), *rows(300, 400, *["12.50"] * 8), *rows(480, 880, PROSE))
    ragged = [line(50, 300 + 70 * (row % 3), 100 + 40 * row, PROSE) for row in range(8)]
    assert kept(*ragged, *rows(480, 620, *["Rivers"] * 8))  # cells of words


def test_labels_set_aslant_do_not_tell_how_a_chart_lies() -> None:
    aslant = [line(100 * n, 100 * n + 200, 900, "a long label", -0.7) for n in range(4)]
    level = [line(50, 100, 100 + 80 * n, "100") for n in range(6)]
    assert slope_of([*aslant, *level]) == 0
    assert slope_of(aslant) == -0.7
    assert slope_of([line(100, 900, 100 + 40 * n, PROSE, 0.03) for n in range(6)]) == 0.03
