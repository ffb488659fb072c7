"""The colours of print ("FGbz"): a palette, and which of it each shape of the mask has."""

from dataclasses import dataclass

import numpy as np

from kbray.errors import CorruptDocument
from kbray.parse.djvu.bzz import unpacked
from kbray.parse.djvu.shapes import Bitmap, Mask

_INDEXED = 0x80
_BLUE, _GREEN, _RED = 114, 587, 299  # thousandths of the brightness, as ITU-R BT.601 has it


@dataclass(frozen=True, slots=True)
class Colours:
    """Of each shape in the mask, in its order, the brightness: 0 black to 255 white."""

    tones: tuple[int, ...]

    def drawn(self, mask: Mask) -> Bitmap:
        """The brightness of all print of a page, 0 where there is none."""
        page = np.zeros((mask.height, mask.width), np.uint8)
        for one, tone in zip(mask.placed, self.tones, strict=False):
            ink, seen = mask.shown(one, page)
            np.maximum(seen, ink * np.uint8(tone), out=seen)
        return page


def colours_of(data: bytes) -> Colours:
    """Raises: CorruptDocument."""
    count = int.from_bytes(data[1:3])
    palette = [data[at : at + 3] for at in range(3, 3 + 3 * count, 3)]
    if len(data) < 3 + 3 * count:
        raise CorruptDocument("The colours of print end early.")
    tones = [(_BLUE * blue + _GREEN * green + _RED * red) // 1000 for blue, green, red in palette]
    if not data[0] & _INDEXED:
        return Colours(tuple(tones))
    at = 3 + 3 * count
    told = unpacked(data[at + 3 :])[: 2 * int.from_bytes(data[at : at + 3])]
    places = [int.from_bytes(told[start : start + 2]) for start in range(0, len(told) - 1, 2)]
    if any(place >= count for place in places):
        raise CorruptDocument("Print has a colour that is not in its palette.")
    return Colours(tuple(tones[place] for place in places))
