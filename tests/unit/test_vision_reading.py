"""The recogniser on pages drawn here, with the real models out of the wheel."""

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rapidocr
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from kbray import vision
from kbray.config import Settings
from kbray.document.layout.lines import lines_of
from kbray.document.layout.words import Word
from kbray.document.recognised import merge
from kbray.document.scripts import letters, readable
from kbray.errors import ConfigError, ModelOutOfMemory
from kbray.geometry import Box
from kbray.model import PageImage, Window
from kbray.parse.pdf import parse
from kbray.vision import head, identity, load
from kbray.vision.detection import Quad, ink, smallest_print, view_of
from kbray.vision.engines import Arrays, OnnxEngine, batches, characters
from kbray.vision.gpu import TorchEngine, best_on_device, chances_on_device
from kbray.vision.head import SplitRecognition, is_ideograph
from kbray.vision.letters import Gap
from kbray.vision.ocr import Found, Ocr, Page, _is_read, best, decoded
from kbray.vision.placing import Placing
from kbray.vision.reading import _NOTHING, Reader, _apart, _blocks, _drawn, _Leaf, _led, _numbered, _Parts, _short, _words
from kbray.vision.sheets import undivided
from kbray.vision.strips import Read, whole
from tests.writers.pdf import Page as PdfPage
from tests.writers.pdf import write_pdf

MODELS = Path(rapidocr.__file__).parent / "models"
TEXT = [
    (60, 40, 60, "A Large Heading"),
    (60, 160, 28, "The quick brown fox jumps over"),
    (60, 200, 28, "the lazy dog near the river."),
]
Placed = list[tuple[int, int, int, str]]


@pytest.fixture(scope="module")
def recogniser() -> Reader:
    made = load(threads=1)
    assert isinstance(made, Reader)
    return made


def draw(lines: Placed, size: tuple[int, int] = (1000, 500)) -> Image.Image:
    """`lines`: left, top and font size in pixels, text; at 200 dpi."""
    picture = Image.new("L", size, 255)
    canvas = ImageDraw.Draw(picture)
    for left, top, height, text in lines:
        canvas.text((left, top), text, fill=0, font=ImageFont.load_default(size=height))
    return picture


def encoded(picture: Image.Image, form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return buffer.getvalue()


def page(picture: Image.Image) -> PageImage:
    return PageImage(3, picture.width * 0.36, picture.height * 0.36, encoded(picture))


def texts(pages: Iterable[Page]) -> list[list[str]]:
    """Lines from top to bottom."""
    return [[one.read.text for one in sorted(found.lines, key=lambda one: one.quad.y)] for found in pages]


def test_a_drawn_page_is_read_in_order(recogniser: Reader) -> None:
    (found,) = recogniser.recognise([page(draw(TEXT))])
    assert [element.text for element in found.elements] == [
        "A Large Heading",
        "The quick brown fox jumps over the lazy dog near the river.",
    ]
    assert found.elements[0].kind == "heading"
    body = found.elements[1]
    assert (body.kind, body.origin, body.page) == ("paragraph", "ocr", 3)
    assert body.confidence is not None
    assert body.confidence > 0.9
    assert body.box is not None
    assert abs(body.box.left - 60 * 0.36) < 5
    assert abs(body.box.top - 160 * 0.36) < 6
    assert abs(body.box.bottom - 232 * 0.36) < 6


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_is_read_and_its_boxes_lie_on_the_page_as_it_came(recogniser: Reader, degrees: int) -> None:
    upright = draw(TEXT)
    (expected,) = recogniser.recognise([page(upright)])
    (found,) = recogniser.recognise([page(upright.rotate(degrees, expand=True))])
    assert [element.text for element in found.elements] == [element.text for element in expected.elements]
    for element, other in zip(found.elements, expected.elements, strict=True):
        assert element.box is not None
        assert other.box is not None
        left, top, right, bottom = other.box.left, other.box.top, other.box.right, other.box.bottom
        width, height = upright.width * 0.36, upright.height * 0.36
        turned = {
            90: (top, width - right, bottom, width - left),
            180: (width - right, height - bottom, width - left, height - top),
            270: (height - bottom, left, height - top, right),
        }[degrees]
        box = (element.box.left, element.box.top, element.box.right, element.box.bottom)
        assert all(abs(one - wanted) < 4 for one, wanted in zip(box, turned, strict=True))


@pytest.mark.parametrize("degrees", [-3, 2])
def test_two_columns_on_a_slope_are_read_one_after_the_other(recogniser: Reader, degrees: int) -> None:
    rows = range(8)
    left = [f"Left column, line {row} of eight." for row in rows]
    right = [f"Right column, line {row} of eight." for row in rows]
    lines = [(80, 150 + 45 * row, 26, left[row]) for row in rows] + [(760, 150 + 45 * row, 26, right[row]) for row in rows]
    (found,) = recogniser.recognise([page(draw(lines, (1400, 700)).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255))])
    assert " ".join(element.text for element in found.elements) == " ".join(left + right)


def test_upright_and_turned_lines_on_one_page(recogniser: Reader) -> None:
    picture = draw([(200, 60 + 50 * row, 28, f"This is line {row} of the upright text.") for row in range(6)])
    picture.paste(draw([(10, 10, 26, "stamped in the margin")], (400, 60)).rotate(90, expand=True), (40, 50))
    (found,) = recogniser.recognise([page(picture)])
    assert "stamped in the margin" in [element.text for element in found.elements]


def test_the_labels_of_a_picture_in_a_pdf_are_read_in_their_place(recogniser: Reader, tmp_path: Path) -> None:
    picture = draw([(40, 30, 60, "Level of damage"), (40, 200, 40, "Number of impellers")], (700, 300))
    around = PdfPage(grey=(700, 300, picture.tobytes()), grey_at=(72, 200, 350, 150))
    around.paragraph(72, 150, ["This is above the picture, and its text is known."]).paragraph(72, 400, ["This is below it."])
    parsed = parse(write_pdf(tmp_path / "a.pdf", [around]), Window(), Settings())
    found = merge(parsed, recogniser.recognise(parsed.images))
    assert [(element.text, element.origin) for element in found.elements] == [
        ("This is above the picture, and its text is known.", "text"),
        ("Level of damage", "ocr"),
        ("Number of impellers", "ocr"),
        ("This is below it.", "text"),
    ]


def test_code_on_a_scan_is_code_with_its_indents(recogniser: Reader, tmp_path: Path) -> None:
    code = ["for line in lines:", "    if line.width < limit:", "        keep(line, 12)", "return kept"]
    text = [
        "Lines that are no wider than the limit are kept in the order",
        "in which they came, and all of the others are left out of it.",
    ]
    made = PdfPage().paragraph(72, 700, text).paragraph(72, 650, code, font="F6").paragraph(72, 580, text)
    parsed = parse(write_pdf(tmp_path / "a.pdf", [made]), Window(), Settings(ocr="always"))
    found = merge(parsed, recogniser.recognise(parsed.images)).elements
    assert [element.kind for element in found] == ["paragraph", "code", "paragraph"]
    assert found[1].text.split("\n") == code


def test_an_empty_page_gives_an_empty_reading_and_order_is_kept(recogniser: Reader) -> None:
    pages = [page(draw([])), page(draw([(60, 40, 40, "Second page")])), page(draw([]))]
    found = recogniser.recognise(pages)
    assert [[element.text for element in one.elements] for one in found] == [[], ["Second page"], []]
    assert recogniser.recognise(pages) == found


def test_a_few_lines_are_read_of_all_over_the_page_and_short_ones_are_left_out(recogniser: Reader) -> None:
    shelves = [(60, 40 + 50 * row, 28, f"The shelf in row {row} holds the ledgers of the year {1890 + row}.") for row in range(8)]
    short = [(60, 460 + 50 * row, 28, f"Row {row}") for row in range(7)]
    before = recogniser.lines
    (found,) = recogniser.recognise([page(draw(shelves + short, (1000, 850)))], lines=4)
    assert recogniser.lines == before + 4
    said = " ".join(element.text for element in found.elements)
    years = [int(word.strip(".")) for word in said.split() if word.strip(".").isdecimal() and len(word.strip(".")) == 4]
    assert len(years) == 4
    assert max(years) - min(years) >= 5
    assert recogniser.characters >= set(said.replace(" ", ""))


def test_colours_and_formats_are_read_alike(recogniser: Reader) -> None:
    picture = draw(TEXT)
    pages = recogniser._ocr.pages(
        [
            decoded(encoded(one, form))
            for one, form in ((picture, "PNG"), (picture.convert("RGB"), "PNG"), (picture, "TIFF"), (picture, "GIF"))
        ]
    )
    assert texts(pages) == [[line[3] for line in TEXT]] * 4


def test_what_a_line_says_does_not_depend_on_its_batch_or_engine(recogniser: Reader) -> None:
    names = "Anna Boris Clara David Elena Fritz Greta Heinz".split()
    images = [
        np.asarray(
            draw(
                [
                    (40, 30 + 60 * row, 24 + number, f"{name} counted {row * 37 + number + 12} lamps")
                    for row, name in enumerate(names)
                ]
            )
        )
        for number in range(3)
    ]
    one_by_one = texts(recogniser._ocr.pages([image])[0] for image in images)
    assert one_by_one[0][0] == "Anna counted 12 lamps"

    detection, recognition = MODELS / "PP-OCRv6_det_small.onnx", MODELS / "PP-OCRv6_rec_small.onnx"
    engines = TorchEngine(detection, chances_on_device, "cpu"), TorchEngine(recognition, best_on_device, "cpu")
    together = Ocr(*engines, characters(recognition), pixels=(10**7, 48 * 10_000), trimmed=True)
    assert texts(reversed(together.pages(images[::-1]))) == one_by_one
    assert together.lines == 3 * len(names)


def test_the_split_model_answers_as_the_whole(recogniser: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    recognition = MODELS / "PP-OCRv6_rec_small.onnx"
    classes = characters(recognition)
    engine, split = OnnxEngine(recognition, best, threads=1), SplitRecognition(recognition, classes, threads=1)

    def strips() -> Iterable[np.ndarray]:
        for text in ("The quick brown fox", "37.5 (see above); number", "Würzburg & Paris, 1984", ""):
            yield np.asarray(draw([(6, 4, 34, text)], (480, 48)).convert("RGB"))[None]
        strokes = Image.new("L", (320, 48), 255)  # 十 三 王
        for bar in (
            (10, 24, 46, 24),
            (28, 6, 28, 44),
            *((80, y, 116, y) for y in (8, 24, 41)),
            *((150, y, 186, y) for y in (8, 24, 41)),
            (168, 8, 168, 41),
        ):
            ImageDraw.Draw(strokes).line(bar, fill=0, width=4)
        yield np.asarray(strokes.convert("RGB"))[None]
        yield np.random.default_rng(2).integers(0, 255, (2, 48, 320, 3), np.uint8)

    def same() -> str:
        said = ""
        for images in strips():
            (wanted, chance), (found, other) = engine(images), split(images)
            assert (found == wanted).all()
            assert np.abs(other - chance).max() < 0.01
            said += "".join(classes[one - 1] for one in found.ravel() if 0 < one <= len(classes))
        return said

    assert any(map(is_ideograph, same()))
    monkeypatch.setattr(head, "SURE", float("inf"))  # every step sees all classes
    same()
    monkeypatch.setattr(head, "SURE", -float("inf"))
    with pytest.raises(AssertionError):
        same()


WORDS = """
    ladder lantern harbour window copper kitchen market bridge garden winter summer Anna Boris Würzburg Paris between
    under counted painted seventeen 1984 2,843 37.5 (see above) number; shadows: letters, reading room closed Monday
""".split()


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), st.integers(24, 48))
@example(["ladder", "ladder", "ladder", "ladder", "Boris", "Boris"], 34)  # detection marks too little of its ends
@settings(max_examples=25)
def test_a_drawn_line_comes_back(recogniser: Reader, words: list[str], size: int) -> None:
    """All but a letter in ten; and spaces, which are at times not seen."""
    line = " ".join(words)
    (found,) = recogniser._ocr.pages([np.asarray(draw([(50, 40, size, line)], (1800, 140)))])
    read = "".join(one.read.text for one in sorted(found.lines, key=lambda one: one.quad.x)).replace(" ", "")
    wrong = Levenshtein.distance(read.casefold(), "".join(words).casefold())
    assert wrong <= 1 + len(line) // 10, f"{line!r} was read as {read!r}"


@pytest.mark.parametrize("turn", [0, 90])
@pytest.mark.parametrize("inverted", [False, True])
def test_a_line_that_is_cut_in_its_words_is_made_whole(turn: int, inverted: bool) -> None:
    picture = draw([(100, 40, 40, "meadow harbour")], (600, 120))
    ImageDraw.Draw(picture).line((70, 0, 70, 120), fill=0, width=3)  # a rule is no letter
    dark = np.flatnonzero((np.asarray(picture)[20:100] < 128).any(0))
    left, right = dark[dark > 80].min(), dark.max()
    quad = Quad(x=250, y=65, width=250, height=50, angle=0.0)
    if turn:
        quad, picture = Quad(x=65, y=600 - 250, width=50, height=250, angle=0.0), picture.rotate(90, expand=True)
    pixels = 255 - np.asarray(picture) if inverted else np.asarray(picture)
    found = whole(np.ascontiguousarray(pixels), quad)
    middle, length = (600 - found.y, found.height) if turn else (found.x, found.width)
    assert left - 6 <= middle - length / 2 <= left
    assert right <= middle + length / 2 <= right + 6
    again = whole(np.ascontiguousarray(pixels), found)
    assert abs(again.width - found.width) + abs(again.height - found.height) <= 1


def test_a_line_does_not_grow_into_the_next_word_or_into_nothing() -> None:
    pixels = np.asarray(draw([(100, 40, 40, "meadow  harbour")], (600, 120)))
    quad = Quad(x=180, y=65, width=160, height=50, angle=0.0)  # from 100 to 260: "meadow"
    assert whole(pixels, quad) == quad
    assert whole(np.full((120, 600), 255, np.uint8), quad) == quad


def test_a_page_is_looked_at_by_its_smallest_print() -> None:
    large = [(60, 40 + 60 * row, 40, "Large letters, all over the page, in many lines") for row in range(30)]
    small = [(60, 1900 + 18 * row, 12, "small letters in a note at the foot of the page, which nobody reads") for row in range(6)]
    coarse = np.asarray(draw(large, (1654, 2339)))
    fine = np.asarray(draw(large + small, (1654, 2339)))
    assert (smallest_print(ink(fine)) or 0) < 0.5 * (smallest_print(ink(coarse)) or 0)
    assert max(view_of(fine, trimmed=False).size) > 1.5 * max(view_of(coarse, trimmed=False).size)
    assert smallest_print(ink(np.full((500, 500), 255, np.uint8))) is None


@given(st.integers(64, 640), st.integers(64, 640), st.data())
@settings(max_examples=50)
def test_a_page_without_its_margins_has_all_its_print_at_the_same_scale(height: int, width: int, data: st.DataObject) -> None:
    page = np.full((height, width), 255, np.uint8)
    places = st.tuples(st.integers(0, height - 9), st.integers(0, width - 9))
    for top, left in data.draw(st.lists(places, max_size=5)):
        page[top : top + 8, left : left + 5] = 0
    whole_page, piece = view_of(page, trimmed=False), view_of(page, trimmed=True)
    assert (whole_page.top, whole_page.left, whole_page.bottom, whole_page.right) == (0, 0, height, width)
    dark = page == 0
    assert dark[piece.top : piece.bottom, piece.left : piece.right].sum() == dark.sum()
    assert all(side % 32 == 0 for side in piece.size)
    assert piece.size[0] <= whole_page.size[0]
    assert piece.size[1] <= whole_page.size[1]
    scale = 640 / max(height, width)
    assert abs(piece.size[0] - scale * (piece.bottom - piece.top)) <= 16 + scale
    assert abs(piece.size[1] - scale * (piece.right - piece.left)) <= 16 + scale


@given(st.lists(st.sampled_from([(48, 64), (48, 320), (48, 1280)]), max_size=90), st.integers(0, 48 * 20_000))
def test_batches_take_each_image_once_with_its_like(shapes: list[tuple[int, int]], pixels: int) -> None:
    made = list(batches(shapes, pixels))
    assert sorted(index for batch in made for index in batch) == list(range(len(shapes)))
    for batch in made:
        ((height, width),) = {shapes[index] for index in batch}
        assert len(batch) == 1 or len(batch) * height * width <= pixels


class Full(TorchEngine):
    """A device with room for two images."""

    seen: tuple[int, ...] = ()
    room = 2

    def _pass(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        self.seen += (len(images),)
        if len(images) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super()._pass(images)


def test_a_batch_that_the_device_has_no_room_for_is_halved() -> None:
    engine = Full(MODELS / "PP-OCRv6_det_small.onnx", chances_on_device, "cpu")
    images = np.random.default_rng(3).integers(0, 255, (5, 64, 96, 3), np.uint8)
    (found,) = engine(images)
    assert engine.seen == (5, 2, 3, 1, 2)
    engine.room = 5
    (expected,) = engine(images)
    assert np.abs(found.astype(int) - expected).max() <= 1
    engine.room = 0
    with pytest.raises(ModelOutOfMemory, match="The GPU has no memory for an image of 64×96 pixels"):
        engine(images)


def test_an_engine_that_fails_fails_the_call(recogniser: Reader) -> None:
    def broken(images: np.ndarray) -> Arrays:
        raise RuntimeError(f"no {len(images)} images")

    ocr = Ocr(broken, broken, ["a"], pixels=(0, 0))
    with pytest.raises(RuntimeError, match="no 1 images"):
        ocr.pages([np.asarray(draw(TEXT))])


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_torch_does_not_see_is_told() -> None:
    with pytest.raises(ConfigError, match=r"The cluster has a GPU, but torch .* can't use one: install torch's CUDA build"):
        load("cuda")


def test_identity_is_stable_and_short() -> None:
    assert len(identity()) == 16
    assert identity() == identity()


def test_a_page_of_nothing_but_a_photograph_is_a_picture_at_its_place(recogniser: Reader) -> None:
    picture = Image.new("L", (1000, 1400), 250)
    clouds = Image.fromarray(np.random.default_rng(2).integers(0, 200, (9, 8), np.uint8))
    picture.paste(clouds.resize((480, 540), Image.Resampling.BICUBIC), (280, 380))
    (found,) = recogniser.recognise([page(picture)])
    (element,) = found.elements
    assert (element.kind, element.text, element.page, element.confidence) == ("image", "", 3, None)
    assert element.box is not None
    assert abs(element.box.left - 280 * 0.36) < 12
    assert abs(element.box.bottom - 920 * 0.36) < 12
    assert found.unread <= 2, "what the detector takes for print there"


def test_a_line_of_which_only_points_were_read_is_unread() -> None:
    wide, short = Quad(500, 50, 600, 30, 0.0), Quad(500, 50, 60, 30, 0.0)
    assert not _is_read(wide, Read(" ,   : ", 0.92))
    assert not _is_read(short, Read("  ", 0.99))
    assert not _is_read(wide, Read("words of a line that say enough", 0.4))
    assert _is_read(wide, Read("words of a line", 0.92))
    assert _is_read(short, Read("–", 0.92))


def test_the_scripts_that_are_told_are_those_whose_letters_the_model_knows() -> None:
    known = letters("".join(vision.characters()))
    assert tuple(readable(vision.characters())) == vision.scripts()
    assert {"Greek", "Coptic"} < set(known), "signs of formulas, which are no text"
    assert not set("άέήίόύώ") & set(vision.characters())
    assert not {"Cyrillic", "Arabic", "Hebrew", "Hangul", "Devanagari"} & set(known)


def test_notes_at_the_foot_of_a_scan_are_linked_with_their_marks(recogniser: Reader) -> None:
    """Marks are raised figures in small print; a figure that stands in the line is none."""
    picture = draw(
        [
            *(
                (100, 60 + 44 * number, 30, f"The river took the road and the bridge with it in line {number}")
                for number in range(9)
            ),
            (100, 470, 30, "Some say that it was all of the ferry"),
            (100, 514, 30, "and others that nothing stood there"),
            (100, 720, 24, "1 A note on the ferry, which was built long before the bridge"),
            (100, 756, 24, "2 Another note that says where the others have it from"),
        ],
        (1100, 850),
    )
    canvas = ImageDraw.Draw(picture)
    for top, text, mark in (
        (470, "Some say that it was all of the ferry", "1"),
        (514, "and others that nothing stood there", "2"),
    ):
        left = 102 + ImageFont.load_default(size=30).getlength(text)
        canvas.text((left, top - 2), mark, fill=0, font=ImageFont.load_default(size=19))
    canvas.line((100, 700, 400, 700), fill=0, width=3)
    (found,) = recogniser.recognise([page(picture)])
    notes = {element.marker: element.text for element in found.elements if element.kind == "footnote"}
    assert notes.keys() == {"1", "2"}
    assert notes["1"].startswith("A note on the ferry")
    text = " ".join(element.text for element in found.elements if element.kind == "paragraph")
    assert "ferry[^1]" in text
    assert "there[^2]" in text
    assert text.count("[^") == 2


def test_of_tables_within_each_other_the_surer_one_is_a_table() -> None:
    first, around, beside = Box(300, 150, 580, 730), Box(30, 150, 590, 740), Box(30, 20, 290, 100)
    assert _apart([first, around, beside]) == [first, beside]


def test_the_cells_of_a_form_stay_in_their_rows(recogniser: Reader) -> None:
    labels = ("Name", "Street and number", "Town", "Telephone", "Date of birth", "Remarks")
    picture = draw([(110, 212 + 70 * number, 28, label) for number, label in enumerate(labels)], (1000, 800))
    canvas = ImageDraw.Draw(picture)
    for number in range(len(labels)):
        canvas.text((520, 212 + 70 * number), f"entry number {number}", fill=0, font=ImageFont.load_default(size=28))
    for number in range(len(labels) + 1):
        canvas.line((90, 195 + 70 * number, 900, 197 + 70 * number), fill=0, width=3)  # it slopes a little
    for x in (90, 500, 900):
        canvas.line((x, 195, x, 195 + 70 * len(labels)), fill=0, width=3)
    (found,) = recogniser.recognise([page(picture)])
    (table,) = [element.table for element in found.elements if element.table is not None]
    cells = {(cell.row, cell.column): cell.text for cell in table.cells}
    assert cells == {
        (number, column): said for number in range(6) for column, said in enumerate((labels[number], f"entry number {number}"))
    }


def test_addresses_beside_each_other_are_read_one_after_the_other(recogniser: Reader) -> None:
    sender, date = ("Harriet Bolton", "Bolton and Sons", "14 Quay Street"), ("Reference 417", "Bristol", "12 March 1987")
    lines = [(x, 140 + 38 * n, 28, text) for x, side in ((120, sender), (800, date)) for n, text in enumerate(side)]
    lines += [
        (120, 380 + 38 * n, 28, "We thank you for your order of the ninth and confirm that it will leave") for n in range(8)
    ]
    (found,) = recogniser.recognise([page(draw(lines, (1200, 1600)))])
    assert [element.text for element in found.elements][:2] == [" ".join(sender), " ".join(date)]


@pytest.mark.parametrize("tabular", [False, True])
def test_a_line_is_as_wide_as_its_print_and_in_a_table_its_cells_are_apart(tabular: bool) -> None:
    said = "Terrace interval Outlets"
    places = tuple((number + 0.5) / len(said) for number in range(len(said)))
    found = Found(Quad(500, 100, 800, 40, 0), Read(said, 0.9, places), ends=(0.02, 0.97), gaps=(Gap(17, 0.66, 0.72),))
    parts = _Parts(tables=(Box(0, 0, 360, 200),) if tabular else ())
    words = list(_words(found, Placing(360, 720, 0, 0.0), 0.36, parts))
    assert [word.text for word in words] == (["Terrace interval", "Outlets"] if tabular else [said])
    edges = [edge for word in words for edge in (word.box.left, word.box.right)]
    wanted = [100 + 800 * place for place in ((0.02, 0.66, 0.72, 0.97) if tabular else (0.02, 0.97))]
    assert np.allclose(edges, [0.36 * place for place in wanted])


def test_what_stands_behind_a_mark_stays_on_its_line_however_wide_the_spaces_are() -> None:
    said = "by the sea.3 At noon we saw it"
    places = tuple((number + 0.5) / len(said) for number in range(len(said)))
    gaps = (Gap(13, 0.4, 0.46),)
    found = Found(Quad(500, 100, 800, 40, 0), Read(said, 0.9, places), raised=((11, 12),), gaps=gaps)
    words = list(_words(found, Placing(360, 720, 0, 0.0), 0.36))
    assert [word.text for word in words] == ["by the sea.", "3", "At noon we saw it"]
    assert [line.text for line in lines_of(words)] == ["by the sea.³ At noon we saw it"]


@pytest.mark.parametrize("short", [True, False])
def test_a_short_first_line_of_a_page_may_be_a_running_title(recogniser: Reader, *, short: bool) -> None:
    first = "The Long Road" if short else "so it was said that the long road went down"
    lines = [(100, 60, 30, first)]
    lines += [(100, 104 + 44 * number, 30, f"and the road went over the hills to town {number}") for number in range(9)]
    (found,) = recogniser.recognise([page(draw(lines, (1000, 1400)))])
    assert [element.continues for element in found.elements] == ([True, False] if short else [False])
    assert [element.text.split()[0] for element in found.elements] == (["The", "and"] if short else ["so"])
    (partial,) = recogniser.recognise([replace(page(draw(lines, (1000, 1400))), partial=True)])
    assert not any(element.continues for element in partial.elements)


@pytest.mark.parametrize(
    ("said", "is_item", "first", "start"),
    [("• bread", False, "•", 0.3), ("12. bread", False, "12.", 0.3), ("o bread", True, "•", 0.3), ("。bread", True, "•", 1 / 6)],
)
def test_text_behind_a_marker_begins_where_its_print_does(said: str, is_item: bool, first: str, start: float) -> None:
    places = tuple((number + 0.5) / len(said) for number in range(len(said)))
    gaps = (Gap(said.index("b"), 0.1, 0.3),) if " " in said else ()
    found = Found(Quad(500, 100, 800, 40, 0), Read(said, 0.9, places), gaps=gaps)
    marker, text = _words(found, Placing(360, 720, 0, 0.0), 0.36, is_item=is_item)
    assert (marker.text, text.text, text.spaced) == (first, "bread", True)
    assert text.box.left == pytest.approx(0.36 * (100 + 800 * start))
    in_table = _Parts(tables=(Box(0, 0, 360, 200),))
    assert len(list(_words(found, Placing(360, 720, 0, 0.0), 0.36, in_table))) == 1 + bool(gaps)


def test_a_title_holds_no_paragraph_and_not_its_first_line() -> None:
    def kept(*texts: str, step: float = 30) -> bool:
        lines = [Found(Quad(300, 100 + step * n, 500, 24, 0), Read(text, 0.9)) for n, text in enumerate(texts)]
        title = Box(50, 85, 560, 115)
        return _short([title], lines, Placing(600, 800, 0, 0), 1) == (title,)

    assert kept("In bold", "It is a text.")
    assert not kept("In bold. The text that it begins goes", "on below.")
    assert kept("In bold", "is what stands apart.", step=60)
    assert not kept("of a paragraph " * 10)
    assert _short([Box(50, 400, 560, 430)], [Found(Quad(300, 100, 500, 24, 0), Read("a", 1))], Placing(600, 800, 0, 0), 1) == ()


def test_strokes_of_print_are_no_rules() -> None:
    line = Word("A line of print", Box(50, 100, 250, 114), 12, 110)
    through, up, under = Box(80, 106, 110, 107), Box(90, 99, 91, 114), Box(50, 114, 251, 115)
    beside, below = Box(30, 106, 300, 107), Box(40, 114, 300, 115)
    assert _drawn([through, up, under, beside, below], [line]) == [beside, below]


@pytest.mark.parametrize(("length", "lean", "width"), [(60, 0, 8), (60, 4, 4), (40, 0, 8), (90, 5, 4)])
def test_a_stroke_is_no_character(recogniser: Reader, length: int, lean: int, width: int) -> None:
    picture = draw([(60, 60 + 50 * number, 28, "The quick brown fox jumps over") for number in range(4)], (900, 800))
    ImageDraw.Draw(picture).line((500, 450, 500 + lean, 450 + length), fill=0, width=width)
    (found,) = recogniser.recognise([page(picture)])
    assert [element.kind for element in found.elements] == ["paragraph"]
    assert found.elements[0].text.endswith("over")
    assert not found.unread


@pytest.mark.parametrize("alone", [False, True])
def test_what_shines_through_from_the_back_is_no_text(recogniser: Reader, alone: bool) -> None:
    said = ["What the back of a page says", "is seen through thin paper", "as if it stood in a mirror", "and nobody can read it"]
    back = draw([(60, 300 + 50 * row, 30, one) for row, one in enumerate(said)], (1000, 600)).transpose(
        Image.Transpose.FLIP_LEFT_RIGHT
    )
    faint = back.filter(ImageFilter.GaussianBlur(1.5)).point(lambda tone: 255 - (255 - tone) * 0.4)
    front = draw([] if alone else TEXT, (1000, 600))
    (found,) = recogniser.recognise([page(ImageChops.darker(front, faint))])
    text = [element.text for element in found.elements if element.kind != "image"]
    assert text == ([] if alone else [TEXT[0][3], f"{TEXT[1][3]} {TEXT[2][3]}"])
    assert not found.unread


def test_faint_print_and_rows_of_signs_are_read_as_they_stand(recogniser: Reader) -> None:
    lines = [
        (60, 60, 30, "Faint print is print"),
        (60, 120, 30, "###############################"),
        (60, 180, 30, "all the same"),
    ]
    picture = draw(lines).filter(ImageFilter.GaussianBlur(2)).point(lambda tone: 255 - (255 - tone) * 0.25)
    (found,) = recogniser.recognise([page(picture)])
    text = " ".join(element.text for element in found.elements)
    assert text.startswith("Faint print is print")
    assert text.endswith("all the same")


def test_a_line_over_the_gutter_of_two_columns_is_two() -> None:
    """As detection finds it where columns stand close or specks lie between them."""

    def line(left: float, right: float, row: int, text: str, gaps: tuple[Gap, ...] = ()) -> Found:
        places = tuple((number + 0.5) / len(text) for number in range(len(text)))
        return Found(Quad((left + right) / 2, 100 + 40 * row, right - left, 36, 0), Read(text, 0.9, places), gaps=gaps)

    def texts(*lines: Found) -> list[str]:
        found = Page(1000, 1400, 0, lines)
        leaf = _Leaf.of(PageImage(1, 360, 504, b""), found, undivided(found))
        return [block.text for block in _blocks(leaf, _NOTHING, partial=False)]

    said = [("Rivers carry what the", "in them. Boats lie beside"), ("rain takes from hills", "the doors all the year")] * 3
    columns = [line(60 + 450 * side, 490 + 440 * side, row, said[row][side]) for row in range(6) for side in (0, 1)]
    gap = Gap(22, 430 / 870, 450 / 870)
    both = [line(60, 930, row, "down to the fine plain and people row there", (gap,)) for row in (6, 7)]
    found = " ".join(texts(*columns, *both))
    left, right = [" ".join(pair[side] for pair in said) for side in (0, 1)]
    assert found == " ".join([left, *["down to the fine plain"] * 2, right, *["and people row there"] * 2])
    wide = [line(60, 930, row, "down to the fine plain and people row there", (gap,)) for row in range(8)]
    assert " ".join(texts(*wide)) == " ".join(["down to the fine plain and people row there"] * 8)


@pytest.mark.parametrize(
    ("said", "led"),
    [
        ("2 Vue d'ensemble ... • .2", "2 Vue d'ensemble .... 2"),
        ("Espaces....... ..191", "Espaces .... 191"),
        ("Preface . . . . .vii", "Preface .... vii"),
        ("References .....", "References ...."),
        ("and so on... 12", "and so on... 12"),
        ("he said .... and left", "he said .... and left"),
        ("= 2.7525 . . . .", "= 2.7525 . . . ."),
    ],
)
def test_leaders_are_a_row_of_points(said: str, led: str) -> None:
    assert _led(said) == led


def test_a_page_number_loses_the_last_of_its_leaders() -> None:
    def at(text: str, left: float, baseline: float) -> Word:
        return Word(text, Box(left, baseline - 9, left + 40, baseline + 3), 10, baseline)

    words = [
        at("Modes ....", 50, 100),
        at("•", 300, 100),
        at("..185", 400, 101),
        at("• 30", 50, 120),
        at("Styles", 50, 140),
        at(".5", 400, 140),
    ]
    assert [word.text for word in _numbered(words)] == ["Modes ....", "185", "• 30", "Styles", ".5"]
