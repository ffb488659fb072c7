"""DjVu: what tests write is what is read; pictures that DjVuLibre made come out as it draws them."""

import base64
import io
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge, NeedsRecognition, UnsupportedMedia
from kbray.model import Parsed, Window
from kbray.parse import engine_of, other_way, parse
from kbray.parse.census import census
from kbray.parse.djvu.bzz import unpacked
from kbray.parse.djvu.shapes import Bitmap, dictionary_of, mask_of
from kbray.parse.djvu.text import lines_of
from kbray.parse.djvu.waves import Waves
from kbray.parse.media import DJVU
from kbray.parse.sniff import sniff
from tests.writers.djvu import Shapes, Zone, chunk, document, entries, form, info, layer, lines, packed, single

WIDTH, HEIGHT = 1240, 1754  # A4 at 150 dpi
DPI = 150
PROSE = "The shelves of the old library were made of oak and nobody ever counted them twice in one winter".split()
# Made by `cjb2` (DjVuLibre 3.5.28) of five letters, one of which it tells by another.
REFINED = "fatcbJEfj4sh7vjIClcqGgqpY{{XD9->49}?ACT1qb83JTj*-$15Omf377"
# Made by `c44 -slice 40,66` of 130 × 40 pixels, grey and coloured; below each what `ddjvu` draws at some places.
GREY = ("04RY10D=H00Ox%mUyKH%E4ArUUH", "0UC%=4gY6nH@cpo<!U5iJhp_CF1P>1m$c75(N(H0eKYBvGuux>!h(JUorEcU")
DRAWN_GREY = [[130, 105, 199, 45, 217], [130, 145, 85, 185, 73], [129, 146, 101, 164, 90], [124, 90, 207, 29, 237]]
COLOURED = ("04M<h0D=H0ivNQ{6!+AZCI#o>=_t!X", "0U9rSiKdsSBP0L)Q0a>40K3=!|NpCtypeA")
DRAWN_COLOURED = [[49, 60, 75, 86, 101], [67, 78, 93, 104, 119], [105, 115, 130, 143, 156], [142, 153, 168, 182, 193]]


def prose(seed: int, length: int) -> str:
    """Words that are nearly as long."""
    chance, text = random.Random(seed), ""
    while len(text) < length:
        text = f"{text} {chance.choice([word for word in PROSE if len(text) + len(word) < length + 3])}".strip()
    return text


def paragraph(seed: int, top: int, left: int = 150, length: int = 50, count: int = 5) -> list[tuple[int, int, str]]:
    """Lines of it, the last one short."""
    return [(left, top + 30 * line, prose(seed + line, length if line < count - 1 else 14)) for line in range(count)]


def page(*told: tuple[int, int, str], more: bytes = b"", flags: int = 1, size: int = 20) -> bytes:
    return form(
        b"DJVU",
        info(WIDTH, HEIGHT, DPI, flags),
        chunk(b"TXTa", layer(lines(WIDTH, HEIGHT, told, size))),
        more,
    )


def ink(width: int = 400, height: int = 300) -> bytes:
    """A picture with a block on it."""
    shapes = Shapes().start(width, height)
    shapes.put(np.ones((60, 90), np.uint8), 41, 101)
    return chunk(b"Sjbz", shapes.data())


def read(folder: Path, data: bytes, window: Window = Window(), **changed: object) -> Parsed:  # noqa: B008
    path = folder / "a.djvu"
    path.write_bytes(data)
    return parse(path, DJVU, window, Settings().model_copy(update=changed))


def told(parsed: Parsed) -> list[tuple[int | None, str, str]]:
    return [(one.page, one.kind, one.text) for one in parsed.elements]


def pixels(image: bytes) -> Bitmap:
    return np.asarray(Image.open(io.BytesIO(image)), np.uint8)


def bitmap(*rows: str) -> Bitmap:
    return np.array([[letter == "#" for letter in row] for row in rows], np.uint8)


def test_the_kind_is_told_by_the_content(tmp_path: Path) -> None:
    path = tmp_path / "book.pdf"
    path.write_bytes(single(page((150, 200, "Text"))))
    assert sniff(path, "book.pdf") == DJVU
    assert engine_of(DJVU) == "djvu"
    again = other_way(DJVU, Settings())
    assert again is not None
    assert again.ocr == "always"


def test_a_layer_of_words_becomes_paragraphs_with_places(tmp_path: Path) -> None:
    first, second = paragraph(1, 300), paragraph(10, 600)
    parsed = read(tmp_path, single(page(*first, *second)), ocr="never")
    assert told(parsed) == [
        (1, "paragraph", " ".join(text for _, _, text in first)),
        (1, "paragraph", " ".join(text for _, _, text in second)),
    ]
    box = parsed.elements[0].box
    assert box is not None
    points = 72 / DPI
    assert box.left == pytest.approx(150 * points, abs=1)
    assert box.bottom == pytest.approx(420 * points, abs=4)
    assert parsed.units[0].name == "1"
    assert parsed.units[0].characters == sum(len(one.text) for one in parsed.elements)
    assert any("not compared" in warning for warning in parsed.warnings)


def test_columns_are_read_one_behind_the_other(tmp_path: Path) -> None:
    left, right = paragraph(1, 300, 100, 40, 20), paragraph(40, 300, 700, 40, 20)
    texts = [text for _, _, text in told(read(tmp_path, single(page(*left, *right)), ocr="never"))]
    assert texts == [" ".join(text for _, _, text in column) for column in (left, right)]


@pytest.mark.parametrize(("flags", "quarters"), [(1, 0), (5, 1), (2, 2), (6, 3)])
def test_a_turned_page_is_read_as_displayed(tmp_path: Path, flags: int, quarters: int) -> None:
    """Its layer and its picture are of the page before it is turned."""
    whole = single(page(*paragraph(1, 300), more=ink(WIDTH, HEIGHT), flags=flags))
    parsed = read(tmp_path, whole)
    [element], [image] = parsed.elements, parsed.images
    assert element.text == " ".join(text for _, _, text in paragraph(1, 300))
    seen = np.rot90(pixels(image.image), quarters)
    assert (image.width_pt > image.height_pt) == bool(quarters % 2)
    assert seen.shape == (HEIGHT, WIDTH)
    assert seen[HEIGHT - 130, 80] < 30
    assert seen[130, 80] > 225
    assert image.layered
    box = element.box
    assert box is not None
    middle = {0: (0.4, 0.2), 1: (0.8, 0.4), 2: (0.6, 0.8), 3: (0.2, 0.6)}[quarters]
    x, y = box.middle
    assert (x / image.width_pt, y / image.height_pt) == pytest.approx(middle, abs=0.12)


def test_titles_are_those_of_the_outline(tmp_path: Path) -> None:
    book = document(
        page((150, 240, "A Winter"), *paragraph(1, 300)),
        page((150, 240, "Oak, Counted"), *paragraph(5, 300)),
        outline=entries((1, "A Winter", "#p1"), (0, "Oak, counted", "#2"), (0, "Elsewhere", "http://example.org/")),
    )
    parsed = read(tmp_path, book, ocr="never")
    assert [(entry.level, entry.title, entry.page) for entry in parsed.toc] == [
        (1, "A Winter", 1),
        (2, "Oak, counted", 2),
        (1, "Elsewhere", None),
    ]
    assert [(one.page, one.text) for one in parsed.elements if one.kind == "heading"] == [(1, "A Winter"), (2, "Oak, Counted")]
    assert read(tmp_path, book, Window(2, 2), ocr="never").toc == ()


def test_metadata_are_among_the_annotations(tmp_path: Path) -> None:
    text = '(background #fff) (metadata (Title "Wool \\342\\200\\224 \\"raw\\"")\n (author "Anna Roza and B. Bert")(year "1899"))'
    shared = [("notes", form(b"DJVI", chunk(b"ANTz", packed(text.encode()))))]
    book = document(page((150, 240, "Text"), more=chunk(b"INCL", b"notes")), shared=shared)
    found = read(tmp_path, book, ocr="never").metadata
    assert (found.title, found.authors, found.date) == (
        "Wool — “raw”".replace("“", '"').replace("”", '"'),
        ("Anna Roza", "B. Bert"),
        "1899",
    )


def test_a_packed_layer(tmp_path: Path) -> None:
    text = chunk(b"TXTz", packed(layer(lines(WIDTH, HEIGHT, paragraph(1, 300), 20))))
    [element] = read(tmp_path, single(form(b"DJVU", info(WIDTH, HEIGHT, DPI), text)), ocr="never").elements
    assert element.text == " ".join(text for _, _, text in paragraph(1, 300))


def test_windows_and_census(tmp_path: Path) -> None:
    book = document(*(page(*paragraph(number, 300)) for number in range(3)))
    path = tmp_path / "a.djvu"
    path.write_bytes(book)
    looked = census(path, "a.djvu", Settings())
    assert (looked.media_type, looked.pages, looked.scanned) == (DJVU, 3, False)
    parsed = read(tmp_path, book, Window(2, 3), ocr="never")
    assert [unit.name for unit in parsed.units] == ["2", "3"]
    with pytest.raises(CorruptDocument, match="has 3 pages, and page 4"):
        read(tmp_path, book, Window(4, 5))
    path.write_bytes(document(form(b"DJVU", info(400, 300), ink())))
    assert census(path, "a.djvu", Settings()).scanned


def test_pages_without_a_layer_are_pictures(tmp_path: Path) -> None:
    book = document(form(b"DJVU", info(400, 300), ink()), form(b"DJVU", info(400, 300)))
    parsed = read(tmp_path, book)
    [image] = parsed.images
    assert (image.page, image.layered) == (1, False)
    assert (image.width_pt, image.height_pt) == (96.0, 72.0)
    assert [unit.produced for unit in parsed.units] == [True, True]
    never = read(tmp_path, book, ocr="never")
    assert [failure.code for failure in never.failures] == [NeedsRecognition.code]
    assert [unit.produced for unit in never.units] == [False, True]


def test_always_leaves_the_layer(tmp_path: Path) -> None:
    book = single(page(*paragraph(1, 300), more=ink(WIDTH, HEIGHT)))
    parsed = read(tmp_path, book, ocr="always")
    assert parsed.elements == ()
    assert [image.layered for image in parsed.images] == [False]


def test_a_picture_of_shapes_and_a_shared_dictionary(tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    known = [(chance.random((height, width)) < 0.4).astype(np.uint8) for height, width in ((20, 13), (9, 30))]
    known[0][:3, :] = 0
    known[0][3, :] = 1
    common, own = Shapes().start(), known[1][:, ::-1].copy()
    for one in known:
        common.kept(one)
    drawn = Shapes().start(90, 70, known)
    drawn.kept(own)
    drawn.copied(0, 5, 40)
    drawn.copied(2, 41, 11)
    drawn.put(own, 60, 61)
    shared = dictionary_of(common.data(), [], 10_000)
    assert [one.bitmap.tolist() for one in shared] == [one.tolist() for one in known]
    seen = mask_of(drawn.data(), shared, 10_000).drawn()
    expected = np.zeros((70, 90), np.uint8)
    expected[14:31, 4:17] |= known[0][3:]  # by its ink, whose lowest row is 40 from below
    expected[51:60, 40:70] |= own
    expected[1:10, 59:89] |= own
    assert (seen == expected).all()
    with pytest.raises(CorruptDocument, match="dictionary that is not there"):
        mask_of(drawn.data(), [], 10_000)


def test_a_shape_told_by_another() -> None:
    seen = mask_of(base64.b85decode(REFINED), [], 10_000).drawn()
    assert seen.shape == (34, 150)
    assert seen.sum() == 229


@pytest.mark.parametrize(("data", "drawn", "off"), [(GREY, DRAWN_GREY, 0), (COLOURED, DRAWN_COLOURED, 8)])
def test_waves(data: tuple[str, ...], drawn: list[list[int]], off: int) -> None:
    """Of colours the brightness, which is not weighted quite alike."""
    picture = Waves(10_000)
    for part in data:
        picture.read(base64.b85decode(part))
    seen = picture.brightness()
    assert seen.shape == (40, 130)
    assert np.abs(seen[::13, ::32].astype(int) - np.array(drawn)).max() <= off
    with pytest.raises(CorruptDocument, match="one behind the other"):
        picture.read(base64.b85decode(data[0]))
    with pytest.raises(DocumentTooLarge, match="5,200 pixels"):
        Waves(5_000).read(base64.b85decode(data[0]))


def test_print_in_fax_code(tmp_path: Path) -> None:
    picture = np.zeros((80, 120), np.uint8)
    picture[20:50, 30:90] = 1
    file = io.BytesIO()
    Image.fromarray(255 - 255 * picture).convert("1").save(file, "TIFF", compression="group4", tiffinfo={262: 0, 278: 80})
    stored = Image.open(file)
    start, size = stored.tag_v2[273][0], stored.tag_v2[279][0]  # type: ignore[attr-defined]
    code = file.getvalue()[start : start + size]
    whole = b"MMR\0" + struct.pack(">HH", 120, 80) + code
    striped = b"MMR\2" + struct.pack(">HHHL", 120, 80, 80, len(code)) + code
    for data in (whole, striped):
        [image] = read(tmp_path, single(form(b"DJVU", info(120, 80, 100), chunk(b"Smmr", data)))).images
        assert np.abs(pixels(image.image).astype(int) - (255 - 255 * picture.astype(int))).max() < 60
    for data in (whole[:12], striped[:11], b"MMX" + whole[3:]):
        parsed = read(tmp_path, single(form(b"DJVU", info(120, 80, 100), chunk(b"Smmr", data))))
        assert [failure.code for failure in parsed.failures] == [CorruptDocument.code] or not parsed.images


def test_light_print_on_a_dark_ground(tmp_path: Path) -> None:
    """Colours by the shape; the ground as a JPEG."""
    file = io.BytesIO()
    Image.new("L", (40, 30), 20).save(file, "JPEG")
    shapes = Shapes().start(400, 300)
    shapes.put(np.ones((60, 90), np.uint8), 41, 101)
    shapes.put(np.ones((60, 90), np.uint8), 241, 101)
    palette = bytes((0x80, 0, 2, 255, 255, 255, 120, 120, 120)) + (2).to_bytes(3) + packed(bytes((0, 0, 0, 1)))
    body = form(
        b"DJVU",
        info(400, 300, 200),
        chunk(b"Sjbz", shapes.data()),
        chunk(b"FGbz", palette),
        chunk(b"BGjp", file.getvalue()),
    )
    [image] = read(tmp_path, single(body)).images
    seen = pixels(image.image)
    assert [round(int(seen[y, x]), -1) for y, x in ((170, 80), (170, 280), (20, 20))] == [260, 120, 20]


def test_pictures_are_no_finer_than_they_are_read_at(tmp_path: Path) -> None:
    shapes = Shapes().start(1200, 900)
    shapes.put(np.ones((300, 300), np.uint8), 1, 1)
    [image] = read(tmp_path, single(form(b"DJVU", info(1200, 900, 600), chunk(b"Sjbz", shapes.data())))).images
    assert pixels(image.image).shape == (300, 400)
    [smaller] = read(
        tmp_path,
        single(form(b"DJVU", info(1200, 900, 600), chunk(b"Sjbz", shapes.data()[:-1]))),
        max_page_pixels=270_000,
        ocr_dpi=600,
    ).images
    assert pixels(smaller.image).size <= 270_000


def test_a_page_with_more_pixels_than_may_be_decoded_is_a_failure(tmp_path: Path) -> None:
    book = document(form(b"DJVU", info(60_000, 60_000), ink()), form(b"DJVU", info(400, 300), ink()))
    parsed = read(tmp_path, book)
    assert [(failure.code, failure.page) for failure in parsed.failures] == [(DocumentTooLarge.code, 1)]
    assert [image.page for image in parsed.images] == [2]


def test_an_index_of_other_files_is_refused(tmp_path: Path) -> None:
    listed = packed((20).to_bytes(3) + b"\1" + b"p1.djvu\0")
    data = b"AT&T" + form(b"DJVM", chunk(b"DIRM", b"\1\0\1" + listed))
    with pytest.raises(UnsupportedMedia, match=r"djvmcvt -b"):
        read(tmp_path, data)
    assert census(tmp_path / "a.djvu", "a.djvu", Settings()).pages is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"AT&TFORM\0\0\0\4DJVI", "holds no page"),
        (b"AT&TFORM\0\0\0\4DJVM", "no directory"),
        (b"AT&T" + form(b"DJVM", chunk(b"DIRM", b"\x81\0\1" + bytes(4))), "directory of the DjVu document is damaged"),
        (b"AT&T" + form(b"DJVM", chunk(b"DIRM", b"\x81\0\0")), "no pages"),
        (b"AT&TFORX\0\0\0\4DJVU", "does not begin as one"),
    ],
)
def test_what_is_no_document_says_so(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(CorruptDocument, match=message):
        read(tmp_path, data)


def test_a_file_cut_short_loses_the_pages_behind_the_cut(tmp_path: Path) -> None:
    book = document(*(page(*paragraph(number, 300)) for number in range(3)))
    parsed = read(tmp_path, book[: len(book) * 9 // 20], ocr="never")
    assert [unit.produced for unit in parsed.units] == [True, False, False]
    assert all("cut short" in failure.message or "end" in failure.message for failure in parsed.failures)


def test_what_takes_itself_in_or_is_missing_fails_for_its_page(tmp_path: Path) -> None:
    taking = form(b"DJVU", info(400, 300), chunk(b"INCL", b"loop"), ink())
    lacking = form(b"DJVU", info(400, 300), chunk(b"INCL", b"other"), ink())
    book = document(taking, lacking, shared=[("loop", form(b"DJVI", chunk(b"INCL", b"loop")))])
    messages = [failure.message for failure in read(tmp_path, book).failures]
    assert ["takes itself in" in message for message in messages] == [True, False]
    assert "'other'" in messages[1]


def test_a_damaged_layer_is_recognised_instead(tmp_path: Path) -> None:
    whole = packed(layer(lines(400, 300, [(10, 100, prose(1, 40))], 20)))
    book = single(form(b"DJVU", info(400, 300), ink(), chunk(b"TXTz", whole[:9])))
    parsed = read(tmp_path, book)
    assert [image.layered for image in parsed.images] == [False]
    assert any("text layer of page 1 can't be read" in warning for warning in parsed.warnings)
    assert [failure.code for failure in read(tmp_path, book, ocr="never").failures] == [CorruptDocument.code]


def test_a_layer_stands_for_a_damaged_picture(tmp_path: Path) -> None:
    book = single(page(*paragraph(1, 300), more=chunk(b"Sjbz", b"\0\0")))
    for ocr in ("auto", "always"):
        parsed = read(tmp_path, book, ocr=ocr)
        assert len(parsed.elements) == 1
        assert parsed.images == ()
        assert len(parsed.warnings) == 1


def test_layers_without_words_and_with_nothing_but_letters() -> None:
    spelled: list[Zone] = [(7, (10 * place, 50, 8, 20), letter) for place, letter in enumerate("so it is")]
    page: Zone = (
        1,
        (0, 0, 400, 300),
        [(5, (0, 50, 80, 20), spelled), (5, (0, 10, 300, 20), "a whole line"), (4, (0, 0, 99, 9), "x\ny")],
    )
    found = [[piece.text for piece in line] for line in lines_of(layer(page), 400, 300)]
    assert [" ".join(line) for line in found] == ["s o i t i s", "a whole line", "x", "y"]
    bare = b"\0\0\x0bone two\nsix\1"
    assert [[piece.text for piece in line] for line in lines_of(bare, 400, 300)] == [["one two"], ["six"]]


def test_text_that_no_zone_holds_is_kept() -> None:
    text = b"before inside after"
    zone = struct.pack(">B5H", 1, *([0x8000] * 2), 0x8064, 0x8064, 0x8007) + (6).to_bytes(3) + (0).to_bytes(3)
    [[piece]] = lines_of(len(text).to_bytes(3) + text + b"\1" + zone, 400, 300)
    assert piece.text == "before inside after"


def test_zones_that_hold_the_same_text_are_refused() -> None:
    text = b"word " * 20
    inner = struct.pack(">B5H", 6, *([0x8000] * 2), 0x8064, 0x8064, 0x8000 - 100) + (100).to_bytes(3) + (0).to_bytes(3)
    first = struct.pack(">B5H", 6, *([0x8000] * 2), 0x8064, 0x8064, 0x8000) + (100).to_bytes(3) + (0).to_bytes(3)
    root = struct.pack(">B5H", 1, *([0x8000] * 2), 0x8064, 0x8064, 0x8000) + (100).to_bytes(3) + (50).to_bytes(3)
    with pytest.raises(CorruptDocument, match="many places"):
        lines_of(len(text).to_bytes(3) + text + b"\1" + root + first + 49 * inner, 400, 300)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=600), st.integers(0, 2), st.integers(40, 700))
def test_packed_data_come_back(data: bytes, speed: int, block: int) -> None:
    assert unpacked(packed(data, block, speed)) == data


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_damage_ends_with_a_sentence(chance: random.Random) -> None:
    """Bits turned over anywhere in packed data and pictures."""
    shapes = Shapes().start(60, 40)
    shapes.kept(bitmap(".##.", "#..#", "####"))
    shapes.copied(0, 10, 10)
    for whole, reads in (
        (packed(b"so it is, and so it was " * 9), unpacked),
        (shapes.data(), lambda data: mask_of(data, [], 10_000).drawn()),
        (base64.b85decode(REFINED), lambda data: mask_of(data, [], 10_000).drawn()),
        (base64.b85decode(GREY[0]), lambda data: Waves(10_000).read(data)),
    ):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            reads(bytes(data[: chance.randint(1, len(data))]))
        except DocumentError as error:
            assert error.message.endswith(".")  # noqa: PT017
