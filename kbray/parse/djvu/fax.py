"""Parts of pages in the codes of other formats: print as a fax has it ("Smmr", ITU-T T.6), the ground as JPEG ("BGjp", "FGjp").

Pillow decodes them: a fax as the TIFF that it would be with another header.
"""

import io
import struct
import warnings
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from kbray.errors import CorruptDocument, DocumentTooLarge
from kbray.parse.djvu.shapes import Bitmap

Image.MAX_IMAGE_PIXELS = None  # our own bound is checked before decoding

_MAGIC = b"MMR"
_INVERTED, _STRIPED = 1, 2
_SHORT, _LONG = 3, 4  # types of TIFF's numbers
_GROUP_4 = 4
_BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, RuntimeError, struct.error)
"""What Pillow raises on damaged input."""


def mask_of(data: bytes, most: int) -> Bitmap:
    """Raises: CorruptDocument. DocumentTooLarge: more than `most` pixels."""
    if len(data) < 8 or not data.startswith(_MAGIC):
        raise CorruptDocument("A picture in fax code does not begin as one.")
    width, height = int.from_bytes(data[4:6]), int.from_bytes(data[6:8])
    _check(width, height, most)
    rows, strips = height, [data[8:]]
    if data[3] & _STRIPED:
        rows, strips = int.from_bytes(data[8:10]), []
        at = 10
        while at + 4 <= len(data):
            size = int.from_bytes(data[at : at + 4])
            strips.append(data[at + 4 : at + 4 + size])
            at += 4 + size
    if not rows or len(strips) != -(-height // rows):
        raise CorruptDocument("A picture in fax code has not the strips that it should have.")
    image = _opened(_tiff(width, height, rows, strips, inverted=bool(data[3] & _INVERTED)), "TIFF", most)
    return np.asarray(np.asarray(image.convert("L")) < 128, np.uint8)


def photograph_of(data: bytes, most: int) -> Any:
    """A Pillow image of mode L.

    Raises: CorruptDocument. DocumentTooLarge: more than `most` pixels.
    """
    return _opened(data, "JPEG", most).convert("L")


def _check(width: int, height: int, most: int) -> None:
    if not width or not height:
        raise CorruptDocument("A picture has no size.")
    if width * height > most:
        raise DocumentTooLarge(f"A picture has {width * height:,} pixels, and {most:,} are allowed.")


def _opened(data: bytes, kind: str, most: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of damage, which is an error
        try:
            image = Image.open(io.BytesIO(data), formats=[kind])
            _check(*image.size, most)
            image.load()
        except _BROKEN as error:
            raise CorruptDocument(f"A picture in the code of {kind} is damaged or cut short.") from error
    return image


def _tiff(width: int, height: int, rows: int, strips: list[bytes], *, inverted: bool) -> bytes:
    """A TIFF of one bit a pixel, its strips behind the header and before the list of its tags."""
    start = 8
    body = b"".join(strips)
    offsets = [start + sum(map(len, strips[:number])) for number in range(len(strips))]
    lists = start + len(body)
    count = len(strips)
    told = struct.pack(f"<{count}I", *offsets) + struct.pack(f"<{count}I", *map(len, strips))
    tags = [
        (256, _LONG, 1, width),
        (257, _LONG, 1, height),
        (258, _SHORT, 1, 1),
        (259, _SHORT, 1, _GROUP_4),
        (262, _SHORT, 1, int(inverted)),
        (273, _LONG, count, lists if count > 1 else offsets[0]),
        (277, _SHORT, 1, 1),
        (278, _LONG, 1, rows),
        (279, _LONG, count, lists + 4 * count if count > 1 else len(strips[0])),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", lists + len(told)) + body + told + directory
