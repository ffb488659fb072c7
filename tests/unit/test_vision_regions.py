"""The layout model on pages drawn here, and what recognition makes of its regions."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from kbray.geometry import Box
from kbray.model import PageImage
from kbray.vision import load
from kbray.vision.engines import OnnxEngine
from kbray.vision.gpu import TorchEngine, guesses_on_device
from kbray.vision.reading import Reader
from kbray.vision.regions import KINDS, SIZE, TONES, Layout, Region, found, guesses
from kbray.vision.rules import rules_in, seams_in
from kbray.vision.weights import layout_path
from tests.unit.test_vision_reading import Placed, draw, page

A4 = (1654, 2339)
POINTS = (595.44, 842.04)
SENTENCES = (
    "The harbour lies to the north of the old market, and boats come in at noon.",
    "Every winter the bridge is closed for a week, while its timber is painted.",
    "Nobody remembers who built the first lantern, or what it was meant to show.",
    "In the garden behind the library there are benches for those who read.",
    "Copper was carried over the hills by mules until the railway was opened.",
    "A ladder leads from the kitchen to the attic, where the maps are kept now.",
)


def prose(top: int, lines: int) -> Placed:
    return [(200, top + 44 * row, 28, SENTENCES[row % len(SENTENCES)]) for row in range(lines)]


TITLES = [(560, "Introduction"), (1240, "Methods of the survey")]


def article() -> Image.Image:
    """Its titles are as large as its text: their weight tells them."""
    picture = draw([*prose(160, 8), *prose(640, 5), *prose(1320, 8)], A4)
    for top, title in TITLES:
        font = ImageFont.load_default(size=28)
        ImageDraw.Draw(picture).text((200, top), title, fill=0, font=font, stroke_width=1)
    return picture


def level(regions: Sequence[Region], kind: str) -> list[Box]:
    return sorted((one.box for one in regions if one.kind == kind), key=lambda box: box.top)


@pytest.fixture(scope="module")
def layout() -> Layout:
    return Layout(OnnxEngine(layout_path(), guesses, tones=TONES, threads=1), pixels=0)


@pytest.fixture(scope="module")
def recogniser() -> Reader:
    made = load(threads=1)
    assert isinstance(made, Reader)
    return made


def test_the_parts_of_a_drawn_page_are_found_where_they_are(layout: Layout) -> None:
    (seen,) = layout.regions([np.asarray(article())], [POINTS], 0.5)
    titles = level(seen, "title")
    assert len(titles) == len(TITLES)
    for box, (top, title) in zip(titles, TITLES, strict=True):
        assert box.holds(0.36 * (200 + 6 * len(title)), 0.36 * (top + 16))
        assert box.height < 0.36 * 60
    for top, lines in ((160, 8), (640, 5), (1320, 8)):
        assert any(box.holds(300.0, 0.36 * (top + 22 * lines)) for box in level(seen, "text"))
    assert all(0.5 <= one.confidence <= 1 for one in seen)


def test_an_empty_page_has_no_parts(layout: Layout) -> None:
    assert layout.regions([np.full((900, 700), 255, np.uint8)], [(252.0, 324.0)], 0.5) == [[]]
    assert layout.regions([], [], 0.5) == []


def test_torch_finds_the_same_parts_on_pages_of_several_sizes_at_once(layout: Layout) -> None:
    torch = Layout(TorchEngine(layout_path(), guesses_on_device, "cpu", tones=TONES), pixels=10**7)
    wide = draw([(100, 60 + 50 * row, 30, SENTENCES[row]) for row in range(6)], (1800, 700))
    pages = [np.asarray(article()), np.asarray(wide), np.asarray(article().convert("RGB"))]
    sizes = [POINTS, (648.0, 252.0), POINTS]
    expected, made = layout.regions(pages, sizes, 0.4), torch.regions(pages, sizes, 0.4)
    assert expected[0] == expected[2]
    for ours, theirs in zip(made, expected, strict=True):
        assert [one.kind for one in ours] == [one.kind for one in theirs]
        for one, other in zip(ours, theirs, strict=True):
            assert abs(one.confidence - other.confidence) < 1e-3
            assert one.box.intersection(other.box) > 0.99 * max(one.box.area, other.box.area)


places = sum(-(-SIZE[0] // stride) * -(-SIZE[1] // stride) for stride in (8, 16, 32, 64))


@given(st.lists(st.tuples(st.integers(0, places - 1), st.integers(0, len(KINDS) - 1), st.floats(0.1, 1)), max_size=12))
def test_regions_of_a_kind_are_sure_enough_and_no_two_of_them_the_same(given: list[tuple[int, int, float]]) -> None:
    chances = np.zeros((places, len(KINDS)), np.float32)
    for place, kind, chance in given:
        chances[place, kind] = chance
    made = found(chances, np.full((places, 4), 3.0, np.float32), (300.0, 400.0), 0.5)
    assert {one.kind for one in made} == {KINDS[kind] for kind in range(len(KINDS)) if (chances[:, kind] >= 0.5).any()}
    for number, one in enumerate(made):
        assert one.confidence >= 0.5
        assert 0 <= one.box.left <= one.box.right <= 300.001
        assert 0 <= one.box.top <= one.box.bottom <= 400.001
        for other in made[:number]:
            shared = one.box.intersection(other.box)
            assert one.kind != other.kind or shared < 0.501 * (one.box.area + other.box.area - shared)


@pytest.mark.parametrize("sloping", [False, True])
def test_titles_in_the_size_of_the_text_are_headings(recogniser: Reader, sloping: bool) -> None:
    picture = article()
    if sloping:  # and lying on its side
        picture = picture.rotate(1.5, Image.Resampling.BICUBIC, fillcolor=255).rotate(90, expand=True)
    (reading,) = recogniser.recognise([page(picture)])
    assert [one.text for one in reading.elements if one.kind == "heading"] == [title for _, title in TITLES]


def test_labels_of_a_picture_are_not_asked_for_their_layout(recogniser: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    regions = recogniser._layout.regions

    def counted(pages: Sequence[np.ndarray], *rest: object) -> list[list[Region]]:
        asked.append(len(pages))
        return regions(pages, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(recogniser._layout, "regions", counted)
    whole = page(draw([(60, 40, 60, "A Large Heading")]))
    labels = PageImage(4, whole.width_pt, whole.height_pt, whole.image, partial=True)
    blank = page(draw([]))
    recogniser.recognise([labels, whole, blank])
    assert asked == [1]


CELLS = [
    ["Town", "Bridges", "Founded"],
    ["Harbour", "14", "1204"],
    ["Lantern Hill", "3", "1688"],
    ["Market", "27", "1350"],
    ["Winterfield", "8", "1921"],
]
COLUMNS = (240, 740, 1120, 1460)


def table(ruled: bool, slope: float = 0.0) -> Image.Image:
    rows = [
        (COLUMNS[column] + 40, 714 + 64 * row, 28, text) for row, texts in enumerate(CELLS) for column, text in enumerate(texts)
    ]
    picture = draw([*prose(240, 8), *rows, *prose(1160, 14)], A4)
    canvas = ImageDraw.Draw(picture)
    bottom = 700 + 64 * len(CELLS)
    for row in range(len(CELLS) + 1):
        if ruled or row in (0, 1, len(CELLS)):
            canvas.line((COLUMNS[0], 700 + 64 * row, COLUMNS[-1], 700 + 64 * row), fill=0, width=3)
    for x in COLUMNS if ruled else ():
        canvas.line((x, 700, x, bottom), fill=0, width=3)
    return picture.rotate(slope, Image.Resampling.BICUBIC, fillcolor=255) if slope else picture


@pytest.mark.parametrize(("ruled", "slope"), [(True, 0.0), (False, 0.0), (True, 1.5)])
def test_a_table_on_a_page_image_has_its_cells(recogniser: Reader, ruled: bool, slope: float) -> None:
    (reading,) = recogniser.recognise([page(table(ruled, slope))])
    (element,) = [one for one in reading.elements if one.kind == "table"]
    assert element.table is not None
    cells = {(cell.row, cell.column): cell.text for cell in element.table.cells}
    assert cells == {(row, column): text for row, texts in enumerate(CELLS) for column, text in enumerate(texts)}
    assert [one.kind for one in reading.elements if one.kind != "table"] == ["paragraph"] * (len(reading.elements) - 1)


def test_rules_are_seen_where_they_are_and_letters_are_none() -> None:
    picture = draw([(60, 40, 36, "HILL, lit: ||| — illicit"), (60, 300, 28, "text below")], (1000, 500))
    ImageDraw.Draw(picture).line((50, 200, 900, 203), fill=0, width=3)  # at the slope of a scan
    ImageDraw.Draw(picture).line((700, 210, 700, 450), fill=0, width=4)
    page_of = np.asarray(picture)
    whole = Box(0, 0, 360, 180)
    down, across = sorted(rules_in(page_of, whole, 0.36), key=lambda rule: rule.width)
    for box, (left, top, right, bottom) in ((across, (50, 198, 900, 205)), (down, (698, 210, 702, 450))):
        sides = (box.left - left * 0.36, box.top - top * 0.36, box.right - right * 0.36, box.bottom - bottom * 0.36)
        assert all(abs(side) < 2 for side in sides)
    assert rules_in(page_of, Box(0, 0, 360, 60), 0.36) == []
    assert rules_in(page_of, Box(300, 300, 300, 300), 0.36) == []


def test_light_print_on_a_dark_band_makes_no_rules() -> None:
    picture = Image.new("L", (1000, 300), 255)
    canvas = ImageDraw.Draw(picture)
    canvas.rectangle((50, 100, 900, 160), fill=90)
    canvas.text((60, 112), "Imprisonment HILL, lit: illicit clauses", fill=255, font=ImageFont.load_default(size=36))
    assert rules_in(np.asarray(picture), Box(0, 0, 360, 108), 0.36) == []


@pytest.mark.parametrize("gap", [0, 6])
def test_shaded_cells_end_at_the_white_between_them_or_at_their_edges(gap: int) -> None:
    picture = Image.new("L", (1000, 500), 255)
    canvas = ImageDraw.Draw(picture)
    tops, lefts = range(60, 360, 60), (100, 400, 700)
    for row, top in enumerate(tops):
        for left in lefts:
            canvas.rectangle((left, top, left + 299 - gap, top + 59 - gap), fill=234 if gap or row % 2 else 252)
            canvas.text((left + 40, top + 12), "cell of print", fill=0, font=ImageFont.load_default(size=28))
    seen = seams_in(np.asarray(picture), Box(0, 0, 360, 180), 0.36)
    level = [rule for rule in seen if rule.width > rule.height]
    for top in tops[1:]:
        covered = [(rule.left, rule.right) for rule in level if abs((rule.top + rule.bottom) / 2 - (top - gap / 2) * 0.36) < 2.5]
        assert min(left for left, _ in covered) < 40, top
        assert max(right for _, right in covered) > 350, top
    for left in lefts[1:] if gap else ():
        assert any(abs((rule.left + rule.right) / 2 - (left - gap / 2) * 0.36) < 2.5 and rule.height > 15 for rule in seen)
    assert all(any(abs((rule.top + rule.bottom) / 2 - top * 0.36) < 4 for top in (*tops, 360)) for rule in level), (
        "letters are none"
    )
