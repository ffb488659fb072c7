"""Pages as pictures for recognition: the mask of their print, the ground behind it."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from kbray.config import Settings
from kbray.errors import DocumentTooLarge
from kbray.model import PageImage
from kbray.parse.djvu.container import Book, Chunk, Info
from kbray.parse.djvu.shapes import Bitmap, Shape, dictionary_of, mask_of

_DECODABLE = 4  # times `max_page_pixels` may be decoded, to be made smaller then
_DICTIONARY = 64 << 20  # pixels of the shapes that pages share
_CONTRAST = 24  # of 255 grey levels between paper and ink
_LONGEST = 30_000  # pixels of a side
_PICTURES = {b"Sjbz", b"Smmr", b"BG44", b"BGjp", b"BM44", b"PM44"}


class Drawing:
    """Draws pages of one document; what they share is decoded once."""

    def __init__(self, book: Book, limits: Settings) -> None:
        self._book = book
        self._limits = limits
        self._shared: dict[int, list[Shape]] = {}  # by where their chunk begins

    def page(self, number: int, chunks: Sequence[Chunk], info: Info) -> PageImage | None:
        """The page in grey as JPEG, at `ocr_dpi` or coarser; None: it is blank.

        Raises: CorruptDocument. DocumentTooLarge: it has more pixels than may be decoded.
        """
        most = _DECODABLE * self._limits.max_page_pixels
        if info.width * info.height > most:
            raise DocumentTooLarge(
                f"The picture of page {number} has {info.width * info.height:,} pixels; "
                f"`max_page_pixels` allows {self._limits.max_page_pixels:,}.",
                page=number,
            )
        mask = self._mask(chunks, most)
        if mask is None:
            return None
        scale = min(
            1.0,
            self._limits.ocr_dpi / info.dpi,
            (self._limits.max_page_pixels / (info.width * info.height)) ** 0.5,
            _LONGEST / max(info.width, info.height),
        )
        size = max(1, round(info.width * scale)), max(1, round(info.height * scale))
        grey = Image.fromarray(np.where(mask, np.uint8(0), np.uint8(255))).resize(size)
        if np.ptp(np.asarray(grey)) <= _CONTRAST:
            return None
        if info.quarters:
            grey = Image.fromarray(np.rot90(np.asarray(grey), -info.quarters))
        return PageImage(number, *info.size, _encoded(grey))

    def _mask(self, chunks: Sequence[Chunk], most: int) -> Bitmap | None:
        shared: list[Shape] = []
        for chunk in chunks:
            if chunk.kind == b"Djbz":
                if chunk.start not in self._shared:
                    self._shared[chunk.start] = dictionary_of(self._book.read(chunk), shared, _DICTIONARY)
                shared = self._shared[chunk.start]
        for chunk in chunks:
            if chunk.kind == b"Sjbz":
                return mask_of(self._book.read(chunk), shared, most).drawn()
        return None


def _encoded(image: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
