"""Pages as pictures for recognition: the mask of their print, the ground behind it."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from kbray.config import Settings
from kbray.errors import DocumentTooLarge
from kbray.model import PageImage
from kbray.parse.djvu import fax
from kbray.parse.djvu.colours import colours_of
from kbray.parse.djvu.container import Book, Chunk, Info
from kbray.parse.djvu.fax import photograph_of
from kbray.parse.djvu.shapes import Bitmap, Mask, Shape, dictionary_of, mask_of
from kbray.parse.djvu.waves import Grey, Waves

_DECODABLE = 4  # times `max_page_pixels` may be decoded, to be made smaller then
_DICTIONARY = 64 << 20  # pixels of the shapes that pages share
_CONTRAST = 24  # of 255 grey levels between paper and ink
_LONGEST = 30_000  # pixels of a side
_LIGHT = 96  # of 255: print of a darker colour is black enough
_WAVES = (b"BG44", b"BM44", b"PM44")
_ENOUGH = 150 << 10  # bytes of a picture in waves, which is good enough to be read then


class Drawing:
    """Draws pages of one document; what they share is decoded once."""

    def __init__(self, book: Book, limits: Settings) -> None:
        self._book = book
        self._limits = limits
        self._shared: dict[int, list[Shape]] = {}  # by where their chunk begins

    def cost(self, chunks: Sequence[Chunk]) -> int:
        """Bytes that are decoded to draw a page, but for what it shares with others: time goes by them."""
        waves = sum(chunk.size for chunk in chunks if chunk.kind in _WAVES)
        return min(waves, _ENOUGH) + sum(chunk.size for chunk in chunks if chunk.kind in (b"Sjbz", b"FGbz"))

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
        scale = min(
            1.0,
            self._limits.ocr_dpi / info.dpi,
            (self._limits.max_page_pixels / (info.width * info.height)) ** 0.5,
            _LONGEST / max(info.width, info.height),
        )
        size = max(1, round(info.width * scale)), max(1, round(info.height * scale))
        page = self._composed(chunks, size, most)
        if page is None or np.ptp(page) <= _CONTRAST:
            return None
        image = Image.fromarray(np.ascontiguousarray(np.rot90(page, -info.quarters)))
        return PageImage(number, *info.size, _encoded(image))

    def _composed(self, chunks: Sequence[Chunk], size: tuple[int, int], most: int) -> Grey | None:
        """The print on its ground; None: the page has neither."""
        ground = self._ground(chunks, _WAVES, b"BGjp", size, most)
        mask = self._mask(chunks, most)
        if mask is None:
            return ground
        drawn = mask.drawn() if isinstance(mask, Mask) else mask
        drawn *= np.uint8(255)
        ink = np.asarray(Image.fromarray(drawn).resize(size))
        tone = self._tone(chunks, mask, ink, size, most)
        if ground is None and tone is None:
            return np.asarray(255 - ink, np.uint8)
        paper = ground if ground is not None else np.full_like(ink, 255)
        shown = (paper.astype(np.uint16) * (255 - ink) + 127) // 255
        return np.asarray(shown if tone is None else np.minimum(shown + tone, 255), np.uint8)

    def _tone(self, chunks: Sequence[Chunk], mask: Mask | Bitmap, ink: Grey, size: tuple[int, int], most: int) -> Grey | None:
        """The brightness of print, 0 where there is none; None: it is black, or nearly."""
        for chunk in chunks:
            if chunk.kind == b"FGbz" and isinstance(mask, Mask):
                colours = colours_of(self._book.read(chunk))
                if max(colours.tones, default=0) < _LIGHT:
                    return None
                return np.asarray(Image.fromarray(colours.drawn(mask)).resize(size))
        tone = self._ground(chunks, (b"FG44",), b"FGjp", size, most)
        return None if tone is None else (tone.astype(np.uint16) * ink // 255).astype(np.uint8)

    def _ground(
        self, chunks: Sequence[Chunk], waves: Sequence[bytes], photograph: bytes, size: tuple[int, int], most: int
    ) -> Grey | None:
        told = [chunk for chunk in chunks if chunk.kind in waves]
        if told:
            picture, taken = Waves(most), 0
            for chunk in told:
                taken += chunk.size
                if taken > _ENOUGH and chunk is not told[0]:
                    break  # it is only made finer
                picture.read(self._book.read(chunk))
            return np.asarray(Image.fromarray(picture.brightness()).resize(size))
        for chunk in chunks:
            if chunk.kind == photograph:
                return np.asarray(photograph_of(self._book.read(chunk), most).resize(size))
        return None

    def _mask(self, chunks: Sequence[Chunk], most: int) -> Mask | Bitmap | None:
        shared: list[Shape] = []
        for chunk in chunks:
            if chunk.kind == b"Djbz":
                if chunk.start not in self._shared:
                    self._shared[chunk.start] = dictionary_of(self._book.read(chunk), shared, _DICTIONARY)
                shared = self._shared[chunk.start]
        for chunk in chunks:
            if chunk.kind == b"Sjbz":
                return mask_of(self._book.read(chunk), shared, most)
            if chunk.kind == b"Smmr":
                return fax.mask_of(self._book.read(chunk), most)
        return None


def _encoded(image: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
