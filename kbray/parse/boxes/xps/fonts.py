"""Fonts of XPS documents: TrueType, whose first bytes may be masked; which of its signs a character is, and how wide one is.

Source: ECMA-388, 9.1.7; OpenType, cmap, hhea, hmtx.
"""

import re
import struct
from collections.abc import Iterator
from functools import cached_property
from itertools import islice

from kbray.errors import CorruptDocument

_MASKED = 32  # bytes
_MOST = 200_000  # characters of a font
_NAME = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}")
_PREFERRED = ((3, 10), (0, 4), (0, 3), (3, 1), (0, 1), (0, 0), (3, 0), (1, 0))  # platform and encoding of tables of characters
_SYMBOLS = 0xF000  # where fonts of symbols have theirs
_COLLECTION = b"ttcf"
_TABLE = struct.Struct(">4sIII")


def unmasked(name: str, data: bytes) -> bytes:
    """The font in a part of this name, of which ODTTF is masked by the GUID that it is called."""
    guid = _NAME.search(name)
    if not name.lower().endswith(".odttf") or guid is None:
        return data
    key = bytes.fromhex(guid[0].replace("-", ""))[::-1]
    return bytes(byte ^ key[place % 16] for place, byte in enumerate(data[:_MASKED])) + data[_MASKED:]


class Font:
    """One of them. Raises on opening: CorruptDocument: it is no TrueType font."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        try:
            if data.startswith(_COLLECTION):
                raise ValueError("a collection of fonts")
            count = struct.unpack_from(">H", data, 4)[0]
            entries = (_TABLE.unpack_from(data, 12 + 16 * place) for place in range(count))
            self._tables = {tag: data[start : start + size] for tag, _, start, size in entries}
            self._units = struct.unpack_from(">H", self._tables[b"head"], 18)[0] or 1000
            self._measured = struct.unpack_from(">H", self._tables[b"hhea"], 34)[0]
        except (struct.error, KeyError, ValueError) as error:
            raise CorruptDocument(f"A font can't be read: {error}") from None

    def advance(self, sign: int) -> float:
        """How wide it is, in ems."""
        place = 4 * min(sign, max(0, self._measured - 1))
        told = self._tables.get(b"hmtx", b"")[place : place + 2]
        return int.from_bytes(told, "big") / self._units if len(told) == 2 else 0.5

    def sign(self, character: str) -> int:
        """That of a character; 0: it has none."""
        code = ord(character)
        return self._signs.get(code) or (self._signs.get(_SYMBOLS + code, 0) if code < 0x100 else 0)

    @cached_property
    def _signs(self) -> dict[int, int]:
        table = self._tables.get(b"cmap", b"")
        try:
            count = struct.unpack_from(">H", table, 2)[0]
            known = {(platform, kind): at for platform, kind, at in struct.iter_unpack(">HHI", table[4 : 4 + 8 * count])}
            at = next((known[one] for one in _PREFERRED if one in known), None)
            return dict(islice(_signs(table[at:]), _MOST)) if at is not None else {}
        except (struct.error, IndexError):
            return {}


def _signs(table: bytes) -> Iterator[tuple[int, int]]:
    """Codes and signs. Raises: struct.error, IndexError: the table is cut short."""
    form = struct.unpack_from(">H", table)[0]
    if form == 12:
        groups = struct.unpack_from(">I", table, 12)[0]
        for first, last, sign in struct.iter_unpack(">III", table[16 : 16 + 12 * groups]):
            yield from ((first + step, sign + step) for step in range(last - first + 1))
    elif form == 6:
        first, count = struct.unpack_from(">HH", table, 6)
        yield from ((first + place, sign) for place, sign in enumerate(struct.unpack_from(f">{count}H", table, 10)))
    elif form == 0:
        yield from enumerate(table[6:262])
    elif form == 4:
        yield from _by_segments(table)


def _by_segments(table: bytes) -> Iterator[tuple[int, int]]:
    """Format 4, in which most fonts have them."""
    count = struct.unpack_from(">H", table, 6)[0] // 2
    ends, starts, deltas, offsets = (struct.unpack_from(f">{count}H", table, 14 + 2 * (k * count + (k > 0))) for k in range(4))
    for place, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            sign = code
            if offset:
                at = 16 + 6 * count + 2 * place + offset + 2 * (code - start)
                sign = int.from_bytes(table[at : at + 2], "big")
            yield code, (sign + delta) & 0xFFFF if sign or not offset else 0
