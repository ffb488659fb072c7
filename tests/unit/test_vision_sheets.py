"""Pictures of open books, drawn here."""

import numpy as np
import pytest
from PIL import Image

from kbray.model import PageImage
from kbray.ports import Recogniser
from kbray.vision import load
from kbray.vision.detection import Quad
from kbray.vision.ocr import Found, Page
from kbray.vision.sheets import sheets_on
from kbray.vision.strips import Read
from tests.unit.test_vision_reading import draw, encoded

WHITE = np.full((1000, 1600), 255, np.uint8)
SAID = (
    "Rivers carry what the rain takes",
    "from the hills down to the plain.",
    "Where they slow down they leave it,",
    "and the fields there are fertile.",
    "Whoever lives on such land builds",
    "his house on the higher ground,",
    "and keeps a boat beside the door.",
)


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return load(threads=1)


def line(left: float, right: float, y: float) -> Found:
    return Found(Quad((left + right) / 2, y, right - left, 24, 0), Read("of print", 0.9))


def spread(left: tuple[float, float] = (100, 700), right: tuple[float, float] = (900, 1500)) -> list[Found]:
    """Ten lines on each page, from and to these places."""
    return [line(*side, 100 + 40 * row) for row in range(10) for side in (left, right)]


def cuts(lines: list[Found], width: int = 1600, pixels: np.ndarray = WHITE) -> list[float]:
    return [sheet.left for sheet in sheets_on(Page(width, 1000, 0, tuple(lines)), pixels, 0.36)[1:]]


def test_two_pages_are_parted_where_their_margins_meet() -> None:
    assert cuts(spread()) == [800]
    assert cuts(spread((100, 600), (800, 1300))) == [700]  # a book that doesn't lie in the middle
    columns = [line(left, left + 280, 100 + 40 * row) for row in range(10) for left in (100, 420, 900, 1220)]
    assert cuts(columns) == [800]
    with_short = [*spread(), *(line(left, left + 90, 600 + 40 * row) for row in range(4) for left in (100, 900))]
    assert cuts(with_short) == [800]


def test_one_page_stays_one() -> None:
    assert cuts([line(100, 700, 100 + 40 * row) for row in range(10)]) == []
    assert cuts(spread((100, 780), (820, 1500))) == []  # two columns
    assert cuts([*spread(), line(600, 1000, 50)]) == []  # with a title above both
    assert cuts(spread((100, 300), (500, 700)), width=800) == []  # an upright page
    assert cuts(spread()[:8]) == []  # a slide
    cells = [line(left, left + 100, 100 + 40 * row) for row in range(10) for left in (100, 350, 600, 900, 1150, 1400)]
    assert cuts(cells) == []


def test_a_table_of_text_is_no_book() -> None:
    ruled = WHITE.copy()
    for y in (80, 240, 400):
        ruled[y + 40 : y + 43, 90:1510] = 0
    assert cuts(spread(), pixels=ruled) == []


@pytest.mark.parametrize("turns", [0, 1])
@pytest.mark.parametrize("slopes", [(0, 0), (1.5, -2), (3, 1)])
def test_a_book_is_read_page_by_page_with_a_slope_of_each(
    recogniser: Recogniser, turns: int, slopes: tuple[float, float]
) -> None:
    picture = Image.new("L", (1500, 950), 255)
    pages = [[f"{page} {number} {said}" for number, said in enumerate(SAID)] for page in ("Left", "Right")]
    for number, (said, slope) in enumerate(zip(pages, slopes, strict=True)):
        text = [(110, 150 + 46 * row, 26, one) for row, one in enumerate(said)]
        sheet = draw([(110, 60, 26, "A title"), *text, (340, 850, 26, str(number + 7))], (750, 950))
        picture.paste(sheet.rotate(slope, Image.Resampling.BICUBIC, fillcolor=255), (750 * number, 0))
    picture = picture.rotate(90 * turns, expand=True)
    image = PageImage(1, picture.width * 0.36, picture.height * 0.36, encoded(picture))
    (found,) = recogniser.recognise([image])
    texts = [element.text for element in found.elements]
    assert [text for text in texts if len(text) > 9] == [" ".join(said) for said in pages]
    assert texts.count("A title") == 2
    for element in found.elements:
        assert element.box is not None
        middle = element.box.middle[turns] if turns == 0 else image.height_pt - element.box.middle[1]
        if len(element.text) > 9:
            assert (middle < 270) == element.text.startswith("Left")
