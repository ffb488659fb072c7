"""Cells of tables of iWork '13 and later, as tiles store them: a head, flags, and behind it what the flags say.

Version 5 is written since 2017, versions 1 to 4 before that, and beside it. The layout of the former is as numbers-parser has it,
that of the latter as SheetJS (Apache 2.0) and libetonyek (MPL 2.0) have it.
"""

import math
import struct
from dataclasses import dataclass

NUMBER, TEXT, DATE, BOOLEAN, DURATION, ERROR, RICH, MONEY = 2, 3, 5, 6, 7, 8, 9, 10
"""Types, as in TST.CellType; the last is of version 5 alone."""
_EXPONENT_BIAS = 0x1820
_MOST_EXPONENT = 308
_NUMBER_FORMATS, _DATE_FORMATS, _DURATION_FORMATS = (13, 14), (15,), (16,)  # bits of version 5


@dataclass(frozen=True, slots=True)
class StoredCell:
    """What a cell holds; texts, formats and comments by their keys in the lists of the table, 0 where it has none."""

    kind: int
    number: float = 0.0  # seconds, where it is a moment or a duration
    text: int = 0
    rich: int = 0
    form: int = 0
    comment: int = 0


def stored(data: bytes, at: int) -> StoredCell | None:
    """The cell that begins there; None: it is empty or cut off."""
    if at + 12 > len(data):
        return None
    return _new(data, at) if data[at] >= 5 else _old(data, at)


def _new(data: bytes, at: int) -> StoredCell | None:
    kind, flags = data[at + 1], int.from_bytes(data[at + 8 : at + 12], "little")
    places: dict[int, int] = {}
    place = at + 12
    for bit in range(20):
        if flags >> bit & 1:
            places[bit] = place
            place += 16 if bit == 0 else 8 if bit < 3 else 4
    if place > len(data) or kind == 0:
        return None
    number = 0.0
    if kind in (NUMBER, MONEY) and 0 in places:
        number = _decimal(data[places[0] : places[0] + 16])
    elif (bit := 2 if kind == DATE else 1) in places:
        number = _double(data, places[bit])
    bits = {DATE: _DATE_FORMATS, DURATION: _DURATION_FORMATS}.get(kind, _NUMBER_FORMATS)
    form = next((_key(data, places[bit]) for bit in (reversed(bits) if kind == MONEY else bits) if bit in places), 0)
    text, rich, comment = (_key(data, places[bit]) if bit in places else 0 for bit in (3, 4, 19))
    return StoredCell(kind, number, text, rich, form, comment)


def _old(data: bytes, at: int) -> StoredCell | None:
    version = data[at]
    kind, flags = data[at + (1 if version >= 4 else 2)], int.from_bytes(data[at + 4 : at + 8], "little")
    place = at + (12 if version > 1 else 8)
    later = 0x0C00 if version > 1 else 0
    keys: dict[int, int] = {}
    for bit in (0x02, 0x80, 0x0400 & later, 0x0800 & later, 0x04, 0x08, 0x0100, 0x0200, 0x1000, 0x2000 & (later << 2), 0x10):
        if flags & bit:
            keys[bit] = _key(data, place)
            place += 4
    number = 0.0
    if flags & 0x20:
        number = _double(data, place)
        place += 8
    if flags & 0x40:
        number = _double(data, place)
        place += 8
    if place > len(data) or kind == 0:
        return None
    return StoredCell(kind, number, keys.get(0x10, 0), keys.get(0x0200, 0), keys.get(0x04, 0), keys.get(0x1000, 0))


def _key(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _double(data: bytes, at: int) -> float:
    if at + 8 > len(data):
        return 0.0
    value = float(struct.unpack_from("<d", data, at)[0])
    return value if math.isfinite(value) else 0.0


def _decimal(data: bytes) -> float:
    """A decimal number of IEEE 754 in 128 bits, its digits as an integer."""
    exponent = ((data[15] & 0x7F) << 7 | data[14] >> 1) - _EXPONENT_BIAS
    digits = (data[14] & 1) << 112 | int.from_bytes(data[:14], "little")
    if not digits or abs(exponent) > _MOST_EXPONENT:
        return 0.0
    value = float(f"{'-' if data[15] & 0x80 else ''}{digits}e{exponent}")
    return value if math.isfinite(value) else 0.0
