"""Image files as pages to be recognised."""

import base64
import io
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge
from kbray.model import Window
from kbray.parse import engine_of
from kbray.parse.census import census
from kbray.parse.images import parse
from kbray.parse.sniff import sniff

SETTINGS = Settings()
HEIC = base64.b64decode(  # "HEIC 2026" in 320 by 80 pixels, by libheif's `heif-enc -q 20`: what opens HEIC for Pillow writes none
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAA"
    "Imlsb2MAAAAAREAAAQABAAAAAAFmAAEAAAAAAAAC8AAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAwmlwcnAAAACkaXBjbwAAAHhodmND"
    "AQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoAoIFFlupJKa5uBAQMCA"
    "AAADAIAAAAMAhCIAAQAHRAHBcrBiQAAAABRpc3BlAAAAAAAAAUAAAABQAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAoMAAAL4bWRhdAAA"
    "AuwoAa8LUKtqZ/8vzzQBtzk5NbXnokvf+r5byRYG4xxkR6iy2xm+UkySc4K63qgyOhb9U66m54diHFo3EvfU8uyQpFaV0nZxthUWfQdI1wneAq4rFo1GCX0U"
    "Jo96nTHzypq8kI+XJ8qke0WGJSCxKtirGXkcdHF3dfnQQV4T9w1mHo/yPpaPRW5IiIK5VM4Gfa0U1Ig7lWBJD4AxNuGP0a//F8QDFqroveagSVzCFuB/KiAY"
    "Goqas63GEDk/fEEo4YCycs4GybJQwH1g5stMoGpz9rnWkdC2Wh/s0BrK7rBD9xNdDZC8z3RS3n1Rfncqh8OqPRZwRFTB6jd11L48F9U0JnxzAR4suQbg7voJ"
    "SYO3WSlyJ1Yj/jL20eWXK2GeNUnCDg0bR2wVDZdnr3IFFBceWtoaRLivfzUJZgSPMqFMkB8DOB8Syi2GhHQJAtGanGM3jhju21jM6eA55LLUjzo/Xcq5Bwo8"
    "CyiiYcPvIpsfNKPUy25ABhaauQERFSsNzZ+ZMJ3HoZOiOzXgbkJr3im79+hTWRSEGUw4nLMuNHFefB870FaeuyEnW/hFcYZ4Wq5Kq67bkF5io9vwmasLlaiL"
    "cVsa697tkUxlCri5Ph7mZVOiML2deo1aRONOo9pBalPsbYRM9YjBhRxrxrUFnnMd6ATq0k/Jt+S2oDzoKQetQp2C0o4WDxaf/XA+y2Wi4opRdu4H9ubCPA09"
    "cKlun9ZdktbW7M5bf+QsHen1kAWOya9UdUNESqrPmYo47lvZfPIxAtu8lwLDe2Zixdci6ASF/P5TCS1RxoBHQtimeE3czp18GVGhGVn/D2+775oZYUzLSRLM"
    "5i4tWUzxt8iwBi5gd/Gdkmnyf6qHgGv128oDn1GKNsQ/d11OmGDOOr7w1ZZs47+vX7wvsl4e8ff56Gelqjdcep0Ux5zW7Eo39EKulg6vSdUUfQ8wa4RKerh2"
    "WaX3sKkke5d0QnsEk71u/90C5Mr0AhCJw7NpLs+A"
)


def drawn(width: int = 400, height: int = 200) -> Image.Image:
    picture = Image.new("RGB", (width, height), "white")
    picture.paste((0, 0, 0), (20, 20, 120, 40))
    return picture


def grey(page: Image.Image, x: int, y: int) -> float:
    value = page.getpixel((x, y))
    assert isinstance(value, int | float)
    return value


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "JPEG2000", "TIFF", "GIF", "BMP", "WEBP", "AVIF", "PPM", "PCX"])
def test_every_kind_becomes_one_grey_page(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "picture"
    drawn().save(path, kind)
    found = parse(path, Window(), SETTINGS)
    (image,) = found.images
    assert [(unit.name, unit.produced) for unit in found.units] == [("1", True)]
    assert engine_of(sniff(path, "picture")) == "images"
    resolution = 100 if kind == "PCX" else 200  # Pillow always writes one into that
    assert (image.width_pt, image.height_pt) == (400 / resolution * 72, 200 / resolution * 72)
    with Image.open(io.BytesIO(image.image)) as page:
        assert (page.mode, page.size) == ("L", (400, 200))
        assert grey(page, 60, 30) < 40
        assert grey(page, 300, 150) > 220


def test_pictures_of_phones_are_pages(tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(HEIC)
    assert engine_of(sniff(path, path.name)) == "images"
    assert census(path, path.name, SETTINGS).pages == 1
    (image,) = parse(path, Window(), SETTINGS).images
    with Image.open(io.BytesIO(image.image)) as page:
        assert (page.mode, page.size) == ("L", (320, 80))
        assert grey(page, 16, 40) < 60, "the H of HEIC"
        assert grey(page, 300, 40) > 220
    path.write_bytes(HEIC[:-200])
    with pytest.raises(CorruptDocument, match="damaged or cut short"):
        parse(path, Window(), SETTINGS)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "LAB", "I;16", "I;16B", "I", "F"])
def test_print_is_dark_in_every_mode_that_a_tiff_can_have(tmp_path: Path, mode: str) -> None:
    tones = drawn().convert("L")
    if mode == "LAB":
        picture = Image.merge("LAB", (tones, *(Image.new("L", tones.size, 128) for _ in range(2))))
    elif mode.startswith("I;"):
        deep = np.asarray(tones, np.uint16) * 200 + 500
        picture = Image.fromarray(deep.astype(">u2" if mode.endswith("B") else "<u2"))
    else:
        picture = (tones if mode in "IF" else drawn()).convert(mode)
    assert picture.mode == mode
    picture.save(tmp_path / "a.tif")
    (image,) = parse(tmp_path / "a.tif", Window(), SETTINGS).images
    with Image.open(io.BytesIO(image.image)) as page:
        assert grey(page, 60, 30) < 40
        assert grey(page, 300, 150) > 220


@pytest.mark.parametrize("kind", ["JPEG2000", "AVIF", "PPM", "PCX", "TIFF"])
def test_files_cut_short_or_changed_anywhere_are_read_or_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    drawn(60, 40).save(path, kind)
    whole = path.read_bytes()
    changed = [whole[:at] for at in range(1, len(whole), 1 + len(whole) // 60)]
    changed += [
        whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :] for at in range(0, min(160, len(whole)), 4) for flip in (255, 16)
    ]
    for data in changed:
        path.write_bytes(data)
        try:
            found = parse(path, Window(), Settings(max_page_pixels=20_000))
        except DocumentError:
            continue
        pages = census(path, "a", SETTINGS).pages
        assert pages is None or len(found.units) == pages


def test_pages_behind_one_that_cannot_be_read_are(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with AppendingTiffWriter(path) as file:
        for compression in ("group4", "tiff_lzw", "jpeg"):
            (drawn().convert("1") if compression == "group4" else drawn()).save(file, "TIFF", compression=compression)
            file.newFrame()
    unknown = path.read_bytes().replace(struct.pack("<HHII", 259, 3, 1, 5), struct.pack("<HHII", 259, 3, 1, 4711))
    path.write_bytes(unknown)
    assert census(path, "a.tif", SETTINGS).pages == 3
    found = parse(path, Window(), SETTINGS)
    assert [image.page for image in found.images] == [1, 3]
    assert [(failure.code, failure.page) for failure in found.failures] == [("corrupt_document", 2)]


def test_resolution_and_orientation_are_taken_from_the_file(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    drawn().save(tmp_path / "a.jpg", dpi=(100, 100), exif=exif)
    (image,) = parse(tmp_path / "a.jpg", Window(), SETTINGS).images
    assert (image.width_pt, image.height_pt) == (144.0, 288.0)
    with Image.open(io.BytesIO(image.image)) as page:
        assert page.size == (200, 400)
        assert grey(page, 170, 60) < 60


@pytest.mark.parametrize(
    ("dpi", "points", "pixels"),
    [
        ((204, 98), (400 / 204 * 72, 200 / 98 * 72), (400, 416)),  # a fax of normal resolution
        ((204, 196), (400 / 204 * 72, 200 / 196 * 72), (400, 208)),
        ((100, 200), (288, 72), (800, 200)),
        ((200, 201), (144, 200 / 201 * 72), (400, 200)),  # rounded
        ((300, 72), (144, 72), (400, 200)),  # nonsense: as if none were told
    ],
)
def test_pixels_that_are_no_squares_are_made_some(
    tmp_path: Path, dpi: tuple[int, int], points: tuple[float, float], pixels: tuple[int, int]
) -> None:
    Image.new("1", (400, 200), 1).save(tmp_path / "a.tif", compression="group4", dpi=dpi)
    (image,) = parse(tmp_path / "a.tif", Window(), SETTINGS).images
    assert (image.width_pt, image.height_pt) == pytest.approx(points)
    with Image.open(io.BytesIO(image.image)) as page:
        assert page.size == pixels


def test_frames_of_a_tiff_are_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    drawn(100).save(path, save_all=True, append_images=[drawn(200), drawn(300)])
    assert [image.width_pt for image in parse(path, Window(), SETTINGS).images] == [36.0, 72.0, 108.0]
    assert [(image.page, image.width_pt) for image in parse(path, Window(2, 3), SETTINGS).images] == [(2, 72.0), (3, 108.0)]


def test_light_print_on_nothing_stays_readable(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    picture.paste((255, 255, 255, 255), (50, 40, 150, 60))
    picture.save(tmp_path / "a.png")
    (image,) = parse(tmp_path / "a.png", Window(), SETTINGS).images
    with Image.open(io.BytesIO(image.image)) as page:
        assert grey(page, 100, 50) - grey(page, 10, 10) > 200


def test_large_pictures_are_made_smaller_and_enormous_ones_refused(tmp_path: Path) -> None:
    drawn(600, 300).save(tmp_path / "a.png")
    small = parse(tmp_path / "a.png", Window(), Settings(max_page_pixels=50_000)).images[0]
    assert (small.width_pt, small.height_pt) == (216.0, 108.0)
    with Image.open(io.BytesIO(small.image)) as page:
        assert page.width * page.height <= 50_000
    with pytest.raises(DocumentTooLarge, match="max_page_pixels"):
        parse(tmp_path / "a.png", Window(), Settings(max_page_pixels=10_000))
    drawn(600, 300).save(tmp_path / "a.jpg")  # of which a decoder can leave three pixels of four out
    coarse = parse(tmp_path / "a.jpg", Window(), Settings(max_page_pixels=10_000)).images[0]
    assert (coarse.width_pt, coarse.height_pt) == (216.0, 108.0)
    with Image.open(io.BytesIO(coarse.image)) as page:
        assert page.width * page.height <= 10_000


def test_more_pixels_than_pillow_likes_are_ours_to_judge(tmp_path: Path) -> None:
    Image.new("1", (20_000, 18_000), 1).save(tmp_path / "a.tif", compression="group4")
    with pytest.raises(DocumentTooLarge, match="360,000,000 pixels"):
        parse(tmp_path / "a.tif", Window(), SETTINGS)


def test_what_is_longer_than_a_jpeg_can_be_is_made_smaller(tmp_path: Path) -> None:
    Image.new("L", (70_000, 10), "white").save(tmp_path / "a.png")
    (image,) = parse(tmp_path / "a.png", Window(), SETTINGS).images
    with Image.open(io.BytesIO(image.image)) as page:
        assert page.size == (65_500, 9)


def test_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    drawn().save(path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(CorruptDocument, match=r"damaged|cut short"):
        parse(path, Window(), SETTINGS)
    path.write_bytes(b"no picture at all")
    with pytest.raises(CorruptDocument, match="can't be opened"):
        parse(path, Window(), SETTINGS)


def test_without_recognition_a_picture_is_missing_and_says_so(tmp_path: Path) -> None:
    drawn().save(tmp_path / "a.png")
    found = parse(tmp_path / "a.png", Window(), Settings(ocr="never"))
    assert found.images == ()
    assert [unit.produced for unit in found.units] == [False]
    assert [failure.code for failure in found.failures] == ["needs_recognition"]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_exif_that_cannot_be_read_harms_no_picture(tmp_path: Path, kind: str) -> None:
    drawn().save(tmp_path / "a", kind, exif=b"Exif\0\0no such thing")
    (image,) = parse(tmp_path / "a", Window(), SETTINGS).images
    with Image.open(io.BytesIO(image.image)) as page:
        assert page.size == (400, 200)
        assert grey(page, 60, 30) < 40


def test_a_large_profile_of_colours_is_no_damage(tmp_path: Path) -> None:
    drawn().save(tmp_path / "a.png", icc_profile=bytes(2_000_000))
    assert len(parse(tmp_path / "a.png", Window(), SETTINGS).images) == 1


def test_what_takes_more_memory_than_there_is_costs_its_page_alone(tmp_path: Path) -> None:
    """What Pillow makes a line of so many pixels smaller with has more entries than a number holds."""
    wide = Image.new("1", (100_000_000, 1))
    drawn().save(tmp_path / "a.tif", save_all=True, append_images=[wide, drawn()], compression="tiff_deflate")
    found = parse(tmp_path / "a.tif", Window(), SETTINGS)
    assert [unit.produced for unit in found.units] == [True, False, True]
    ((page, message),) = ((one.page, one.message) for one in found.failures)
    assert page == 2
    assert "100,000,000 by 1 pixels" in message


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG"])
def test_pictures_beside_the_first_are_told(tmp_path: Path, kind: str) -> None:
    drawn().save(tmp_path / "a", kind, save_all=True, append_images=[drawn().rotate(10), drawn().rotate(20)])
    (warning,) = parse(tmp_path / "a", Window(), SETTINGS).warnings
    assert "3 pictures" in warning


def test_exif_that_goes_on_for_ever_takes_no_time(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(out, "JPEG", exif=b"Exif\0\0")
    data = out.getvalue()
    segment = b"\xff\xe1\xff\xffExif\0\0" + bytes(65533 - 6)
    (tmp_path / "a.jpg").write_bytes(data[:2] + segment * 800 + data[2:])
    began = time.process_time()
    (image,) = parse(tmp_path / "a.jpg", Window(), SETTINGS).images
    assert image.width_pt * 400 == image.height_pt * 600
    assert time.process_time() - began < 5, "it took the square of the number of segments: 50 s"
