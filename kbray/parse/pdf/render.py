"""Pages as pictures for recognition."""

import io
from collections.abc import Sequence
from typing import Any

import pypdfium2 as pdfium
from PIL import Image
from pypdfium2 import raw

from kbray.errors import CorruptDocument
from kbray.geometry import Box
from kbray.model import PageImage
from kbray.parse.pdf.page import OpenPage

_GLANCES = (256, 1024)  # pixels on the long side; some pictures are drawn white when they are drawn very small
_CONTRAST = 24  # of 255 grey levels between paper and ink


def draws(page: OpenPage) -> bool:
    """Something is on it, be it white, besides annotations."""
    return bool(raw.FPDFPage_CountObjects(page.handle.raw) > 0)


def has_ink(page: OpenPage) -> bool:
    """True unless the page, seen small, is of one tone: a blank page is no picture."""
    if not draws(page) and raw.FPDFPage_GetAnnotCount(page.handle.raw) == 0:
        return False
    for pixels in _GLANCES:
        low, high = _picture(page, pixels / max(page.frame.width, page.frame.height)).getextrema()
        if high - low > _CONTRAST:
            return True
    return False


def render(page: OpenPage, number: int, dpi: int, max_pixels: int, only: Sequence[Box] = ()) -> PageImage:
    """The page in grey as JPEG, at `dpi` or coarser where it would have more than `max_pixels`; white but for `only`, if given.

    Grey, because print is read by its tone, and it takes a third of the memory and of the bytes that travel; JPEG, because PNG of
    a scan is five times larger and ten times slower to write, and quality 90 leaves recognition unchanged.
    """
    frame = page.frame
    scale = min(dpi / 72, (max_pixels / (frame.width * frame.height)) ** 0.5, 30_000 / max(frame.width, frame.height))
    buffer = io.BytesIO()
    picture = _picture(page, scale)
    if only:
        whole, picture = picture, Image.new("L", picture.size, 255)
        for box in only:
            sides = tuple(round(side * scale) for side in (box.left, box.top, box.right, box.bottom))
            picture.paste(whole.crop(sides), sides[:2])
    picture.save(buffer, "JPEG", quality=90)
    return PageImage(number, frame.width, frame.height, buffer.getvalue(), partial=bool(only))


def _picture(page: OpenPage, scale: float) -> Any:
    """A Pillow image of mode L.

    Raises: CorruptDocument: pdfium can't draw the page.
    """
    try:
        return page.handle.render(scale=scale, grayscale=True, limit_image_cache=True).to_pil().convert("L")
    except pdfium.PdfiumError:
        raise CorruptDocument("The page can't be drawn for recognition.") from None
