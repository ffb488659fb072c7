"""Image files → page images to be recognised, one a frame."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pi_heif
from PIL import Image, ImageOps, ImageStat, PngImagePlugin, UnidentifiedImageError

from kbray.config import MiB, Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge, NeedsRecognition
from kbray.model import PageImage, Parsed, Unit, Window
from kbray.parse.failing import failure
from kbray.parse.jpeg import lean

pi_heif.register_heif_opener(decode_threads=1, thumbnails=False)  # a parser has one core
Image.MAX_IMAGE_PIXELS = None  # our own bound is checked before decoding, and smaller
PngImagePlugin.MAX_TEXT_CHUNK = 16 * MiB  # Pillow's own is 1 MiB, which profiles of colour have, and refuses the whole picture

ENGINE = "image"
_FORMATS = ("PNG", "JPEG", "JPEG2000", "TIFF", "GIF", "BMP", "DIB", "WEBP", "AVIF", "PPM", "PCX")
_ALONE = "HEIF"  # read as a file of its own only: its reader was seen to crash, and would take a document with it
_DPI = 200.0  # of images that don't tell: what a page scanned for reading has
_STRETCHED = 1.02, 2.5  # times finer one way than the other: pixels that are no squares, as those of a fax; and nonsense
_COARSE = 90.0  # dots an inch down a fax of normal resolution, at least; across it has 200
_DECODABLE = 4  # times `max_page_pixels` may be decoded, to be made smaller then
_LONGEST = 65_500  # pixels of a side: what a JPEG can have
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
)  # what Pillow raises on damaged input


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The frames of `window` as pages to be recognised; of an animation (GIF, WEBP, APNG, AVIF) only its first frame.

    Of HEIC it is the picture that the file calls the primary one. A warning tells how many there are. A frame that can't be used
    is a failure of its own where another one can.
    Raises: CorruptDocument: no image, or no frame can be decoded. DocumentTooLarge: even decoding would take too much memory.
    """
    pages: dict[int, PageImage | DocumentError] = {}
    with _opened(path) as image:
        count = _frames(image)
        for number in range(max(1, window.first_page or 1), min(count, window.last_page or count) + 1):
            try:
                pages[number] = _page(image, number, number - 1, limits)
            except DocumentError as error:
                pages[number] = error
        warnings = _unread(image)
    errors = {number: page for number, page in pages.items() if isinstance(page, DocumentError)}
    if count == 1 and 1 in errors and not isinstance(errors[1], NeedsRecognition):
        raise errors[1]
    return Parsed(
        engine=ENGINE,
        units=tuple(Unit(str(number), 0, produced=number not in errors) for number in pages),
        images=tuple(page for page in pages.values() if isinstance(page, PageImage)),
        failures=tuple(failure(error, page=number) for number, error in errors.items()),
        warnings=warnings,
    )


def read(data: bytes, number: int, limits: Settings) -> PageImage:
    """The first frame of a picture as page `number`.

    Raises: CorruptDocument, DocumentTooLarge, NeedsRecognition (recognition is off).
    """
    with _opened(io.BytesIO(data)) as image:
        return _page(image, number, 0, limits)


def size(data: bytes) -> tuple[int, int]:
    """Pixels across and down a picture, without decoding any; none: it can't be opened."""
    try:
        with _opened(io.BytesIO(data)) as image:
            return int(image.width), int(image.height)
    except DocumentError:
        return 0, 0


def count(path: Path) -> int | None:
    """How many pages an image has, without decoding any; None: it is damaged, or too large."""
    try:
        with _opened(path) as image:
            return _frames(image)
    except (DocumentError, *_BROKEN):
        return None


def _frames(image: Any) -> int:
    """Those of a TIFF, where frames of others are moments. Pages that can't be used count, too, and hide none behind them."""
    found = 1
    while image.format == "TIFF":
        try:
            image.seek(found)
        except EOFError:
            break
        except _BROKEN:
            if image.tell() != found:  # not even its directory can be read, which tells the next
                found += 1
                break
        found += 1
    if image.format == "TIFF":
        image.seek(0)
    return found


def _unread(image: Any) -> tuple[str, ...]:
    """What is told of pictures beside the one that is read: the moments of an animation, others in one HEIC."""
    if image.format == "TIFF":
        return ()
    try:
        held = int(getattr(image, "n_frames", 1))
    except _BROKEN:  # behind the one that was read
        return ()
    return (f"The file holds {held:,} pictures, as an animation does; only the main one was read.",) if held > 1 else ()


@contextmanager
def _opened(source: Path | io.BytesIO) -> Iterator[Any]:
    """Without Pillow's warnings of damage, which is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(lean(source), formats=(*_FORMATS, _ALONE) if isinstance(source, Path) else _FORMATS)
        except (UnidentifiedImageError, *_BROKEN) as error:
            raise CorruptDocument(
                "The image can't be opened: it is damaged, cut short, or of another kind than its name."
            ) from error
        with image:
            yield image


def _page(image: Any, number: int, frame: int, limits: Settings) -> PageImage:
    """Raises: CorruptDocument, DocumentTooLarge, NeedsRecognition: of this page alone."""
    try:
        return _decoded(image, number, frame, limits)
    except MemoryError:
        size = f"{image.width:,} by {image.height:,} pixels"
        raise DocumentTooLarge(
            f"The picture of page {number} ({size}) takes more memory than there is to be made smaller.", page=number
        ) from None


def _decoded(image: Any, number: int, frame: int, limits: Settings) -> PageImage:
    if limits.ocr == "never":
        raise NeedsRecognition(f"Page {number} is a picture, and recognition is off.", page=number)
    try:
        if image.format == "TIFF" and image.tell() != frame:
            image.seek(frame)
        dpi = _dpi(image)
        width_pt, height_pt = image.width / dpi[0] * 72, image.height / dpi[1] * 72
        pixels = image.width * image.height
        if image.format == "JPEG":
            image.draft("L", _bounded(image.size, limits.max_page_pixels))  # decoded smaller at no cost where that is allowed
        if image.width * image.height > _DECODABLE * limits.max_page_pixels:
            raise DocumentTooLarge(
                f"The picture of page {number} has {pixels:,} pixels; `max_page_pixels` allows {limits.max_page_pixels:,}, "
                f"and {_DECODABLE} times as many to be made smaller.",
                page=number,
            )
        image.load()  # first, for then damage of the pixels isn't taken for that of Exif, which may stand behind them
        orientation = _orientation(image)
        grey = _grey(image if orientation == 1 else ImageOps.exif_transpose(image))
    except _BROKEN as error:
        raise CorruptDocument(f"The picture of page {number} is damaged or cut short.", page=number) from error
    if orientation >= 5:  # on its side
        width_pt, height_pt, dpi = height_pt, width_pt, dpi[::-1]
    size = _bounded(_squared(grey.size, dpi), limits.max_page_pixels)
    small = grey if size == grey.size else grey.resize(size)
    return PageImage(number, width_pt, height_pt, _encoded(small))


def _orientation(image: Any) -> int:
    """How it is to be turned, as Exif counts (1 to 8); 1, upright, where that can't be read, which harms no pixel."""
    try:
        told = image.getexif().get(0x0112, 1)
    except _BROKEN:
        return 1
    return told if told in range(1, 9) else 1


def _bounded(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    shrink = min(1.0, (pixels / (size[0] * size[1])) ** 0.5, _LONGEST / max(size))
    return max(1, int(size[0] * shrink)), max(1, int(size[1] * shrink))


def _squared(size: tuple[int, int], dpi: tuple[float, float]) -> tuple[int, int]:
    """With as many pixels an inch down as across: the more of both."""
    if max(dpi) <= _STRETCHED[0] * min(dpi):
        return size
    return round(size[0] * max(dpi) / dpi[0]), round(size[1] * max(dpi) / dpi[1])


def _dpi(image: Any) -> tuple[float, float]:
    """Horizontal and vertical resolution; the usual one where the file tells none or nonsense."""
    told = image.info.get("dpi")
    try:
        across, down = (float(told[0]), float(told[1])) if told else (_DPI, _DPI)
    except (TypeError, ValueError, ZeroDivisionError, IndexError):
        return _DPI, _DPI
    # 72 and 96 are what programs write that know nothing; no page was ever scanned so.
    low, high = min(across, down), max(across, down)
    plausible = 100 <= high <= 2400 and low >= (100 if high <= _STRETCHED[0] * low else _COARSE)
    return (across, down) if plausible and high <= _STRETCHED[1] * low else (_DPI, _DPI)


def _grey(image: Any) -> Any:
    """Mode L. What shows through transparency is taken to be white, or black behind light print."""
    if image.has_transparency_data:
        layered = image.convert("LA")
        tone, alpha = layered.getchannel("L"), layered.getchannel("A")
        solid = ImageStat.Stat(tone, alpha.point(lambda value: 255 if value > 127 else 0))
        light = solid.count[0] > 0 and solid.mean[0] > 160 and ImageStat.Stat(alpha).mean[0] < 127
        ground = Image.new("L", image.size, 0 if light else 255)
        ground.paste(tone, mask=alpha)
        return ground
    if image.mode == "LAB":
        return image.getchannel("L")
    if image.mode.startswith(("I", "F")):
        deep = image.convert("I") if image.mode.startswith("I;") else image  # nothing else is done with any order of bytes
        low, high = deep.getextrema()
        span = float(high - low) or 1.0
        return deep.convert("F").point(lambda value: value * (255.0 / span) - low * (255.0 / span)).convert("L")
    return image.convert("L")


def _encoded(image: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
