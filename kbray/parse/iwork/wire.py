"""Messages of protobuf without their definitions: values by the number of their field, as they are asked for.

The encoding is that of protobuf.dev/programming-guides/encoding.
"""

import struct
from collections.abc import Iterator
from typing import Self

from kbray.errors import CorruptDocument
from kbray.parse.iwork.snappy import varint

_VARINT, _FIXED64, _BYTES, _BEGIN, _END, _FIXED32 = range(6)
_Value = int | bytes


class Message:
    """A message; a field that isn't there is 0, empty, or None.

    Raises on opening: CorruptDocument: it is no message.
    """

    __slots__ = ("_fields",)

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[_Value]] = {}
        at, end, groups = 0, len(data), 0
        while at < end:
            key, at = varint(data, at, end)
            value: _Value
            match key & 7:
                case 0:
                    value, at = varint(data, at, end)
                case 2:
                    size, at = varint(data, at, end)
                    value, at = data[at : at + size], at + size
                case 1 | 5:
                    size = 8 if key & 7 == _FIXED64 else 4
                    value, at = data[at : at + size], at + size
                case 3 | 4:  # groups, which no message of iWork has: they are passed over
                    groups += 1 if key & 7 == _BEGIN else -1
                    continue
                case _:
                    raise CorruptDocument("a message in it is damaged")
            if at > end or groups < 0:
                raise CorruptDocument("a message in it is damaged")
            if not groups:
                self._fields.setdefault(key >> 3, []).append(value)
        if groups:
            raise CorruptDocument("a message in it is damaged")

    def __contains__(self, field: int) -> bool:
        return field in self._fields

    def number(self, field: int, default: int = 0) -> int:
        """The last value of a field of integers or booleans."""
        value = self._last(field)
        return value if isinstance(value, int) else default

    def numbers(self, field: int) -> list[int]:
        """All values of a field, packed or not."""
        found: list[int] = []
        for value in self._fields.get(field, ()):
            if isinstance(value, int):
                found.append(value)
                continue
            at = 0
            while at < len(value):
                number, at = varint(value, at, len(value))
                found.append(number)
        return found

    def real(self, field: int, default: float = 0.0) -> float:
        """A field of floats or doubles."""
        value = self._last(field)
        if not isinstance(value, bytes) or len(value) not in (4, 8):
            return default
        return float(struct.unpack("<f" if len(value) == 4 else "<d", value)[0])

    def data(self, field: int) -> bytes:
        value = self._last(field)
        return value if isinstance(value, bytes) else b""

    def text(self, field: int) -> str:
        return self.data(field).decode("utf-8", "replace")

    def texts(self, field: int) -> list[str]:
        return [value.decode("utf-8", "replace") for value in self._fields.get(field, ()) if isinstance(value, bytes)]

    def message(self, field: int) -> Self:
        """An empty one where there is none."""
        return type(self)(self.data(field))

    def messages(self, field: int) -> Iterator[Self]:
        for value in self._fields.get(field, ()):
            if isinstance(value, bytes):
                yield type(self)(value)

    def reference(self, field: int) -> int:
        """The number of the object, or of the file in the package, that a field refers to; 0: to none."""
        return self.message(field).number(1)

    def references(self, field: int) -> list[int]:
        return [one.number(1) for one in self.messages(field)]

    def _last(self, field: int) -> _Value | None:
        values = self._fields.get(field)
        return values[-1] if values else None
