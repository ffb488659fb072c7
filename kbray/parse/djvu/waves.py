"""Photographs and the ground behind print, told by wavelets, finer from slice to slice ("IW44"); of colours, their brightness.

By the DjVu 3 specification, appendix 1.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kbray.errors import CorruptDocument, DocumentTooLarge
from kbray.parse.djvu.zp import Bits

Grey = NDArray[np.uint8]
"""Rows × columns, 0 black to 255 white."""

_SIDE, _GROUP = 32, 16  # pixels of a block; coefficients of a group, of which a block has 64
_GROUPS = _SIDE * _SIDE // _GROUP
_BANDS = ((0, 1), (1, 1), (2, 1), (3, 1), (4, 4), (8, 4), (12, 4), (16, 16), (32, 16), (48, 16))  # first group, and how many
_STEPS_LOW = (0x4000, 0x8000, 0x8000, 0x10000, *[0x10000] * 4, *[0x10000] * 4, *[0x20000] * 4)
_STEPS_HIGH = (0, 0x20000, 0x20000, 0x40000, 0x40000, 0x40000, 0x80000, 0x40000, 0x40000, 0x80000)
_TOLD = range(1, 0x8000)  # a step outside is not told yet, or not any more
_GREY = 0x80  # of the version: no colours follow


def _places() -> NDArray[np.intp]:
    """Where in a block each coefficient belongs: the bits of its number, by turns, are those of column and row, highest first."""
    number = np.arange(_SIDE * _SIDE)
    row, column = np.zeros_like(number), np.zeros_like(number)
    for bit in range(5):
        column |= (number >> 2 * bit & 1) << 4 - bit
        row |= (number >> 2 * bit + 1 & 1) << 4 - bit
    return row * _SIDE + column


_PLACES = _places()


class Waves:
    """A picture that is read chunk by chunk, each making it finer."""

    def __init__(self, most: int) -> None:
        """Args: most: pixels that it may have."""
        self._most = most
        self._chunks = 0
        self._slices = 0
        self._grey = False
        self._delay = 0  # slices of brightness before those of colours begin
        self._planes: list[_Plane] = []
        self.width = self.height = 0

    def read(self, data: bytes) -> None:
        """Raises: CorruptDocument, DocumentTooLarge."""
        if len(data) < 2 or data[0] != self._chunks:
            raise CorruptDocument("A picture has not the parts that it should have, one behind the other.")
        slices, at = data[1], 2
        if not self._chunks:
            at = self._start(data)
        self._chunks += 1
        bits = Bits(data[at:])
        for _ in range(slices):
            self._planes[0].read(bits)
            if self._slices >= self._delay:
                for plane in self._planes[1:]:
                    plane.read(bits)
            self._slices += 1

    def _start(self, data: bytes) -> int:
        if len(data) < 9:
            raise CorruptDocument("A picture ends before its size is told.")
        self.width, self.height = int.from_bytes(data[4:6]), int.from_bytes(data[6:8])
        if not self.width or not self.height:
            raise CorruptDocument("A picture has no size.")
        if self.width * self.height > self._most:
            raise DocumentTooLarge(f"A picture has {self.width * self.height:,} pixels, and {self._most:,} are allowed.")
        told = data[3] >= 2  # in what version the colours' delay is told
        self._grey = bool(data[2] & _GREY)
        self._delay = data[8] & 0x7F if told else 0
        self._planes = [_Plane(self.width, self.height) for _ in range(1 if self._grey else 3)]
        return 9 if told else 8

    def brightness(self) -> Grey:
        """As far as it was read."""
        level = np.clip(self._planes[0].pixels()[::-1] + 32 >> 6, -128, 127)
        return np.asarray(127 - level if self._grey else level + 128, np.uint8)


class _Plane:
    """Brightness or one of the colours: blocks of groups of coefficients, None where all are 0 still."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._across, self._down = -(-width // _SIDE), -(-height // _SIDE)
        self._blocks: list[list[list[int] | None]] = [[None] * _GROUPS for _ in range(self._across * self._down)]
        self._low, self._high = list(_STEPS_LOW), list(_STEPS_HIGH)
        self._band = 0
        self._root = [0]
        self._finer = [0]
        self._begins = [0] * 16
        self._held = [[0] * 8 for _ in _BANDS]

    def read(self, bits: Bits) -> None:
        """A slice: one more bit of the coefficients of one band in all blocks."""
        if self._high[-1] == 0:
            return
        steps = self._low if self._band == 0 else [self._high[self._band]] * _GROUP
        steps = [step if step in _TOLD else 0 for step in steps]
        if any(steps):
            first, count = _BANDS[self._band]
            for block in self._blocks:
                self._block(bits, block, first, count, steps)
        if self._band == 0:
            self._low = [step >> 1 for step in self._low]
        self._high[self._band] >>= 1
        self._band = (self._band + 1) % len(_BANDS)

    def _block(self, bits: Bits, block: list[list[int] | None], first: int, count: int, steps: list[int]) -> None:
        groups = block[first : first + count]
        begun = {
            number: places
            for number, group in enumerate(groups, first)
            if group is not None and (places := [at for at in range(_GROUP) if group[at] and steps[at]])
        }
        for number in self._fresh(bits, block, first, count, begun, _GROUP - steps.count(0)):
            group = block[number] or [0] * _GROUP
            block[number] = group
            self._begin(bits, group, steps, begun=number in begun)
        for number, places in begun.items():
            self._refine(bits, groups[number - first] or [], places, steps)

    def _fresh(
        self, bits: Bits, block: list[list[int] | None], first: int, count: int, begun: Mapping[int, Sequence[int]], most: int
    ) -> list[int]:
        """The groups in which more coefficients begin.

        Args: begun: those that began in each group before. most: how many there can be.
        """
        if count == _GROUP and not begun and not bits.bit(self._root, 0):
            return []
        found = []
        states = self._held[self._band]
        base = 4 if begun else 0
        for number in range(first, first + count):
            if number in begun and len(begun[number]) == most:
                continue
            context = base
            if first:
                coarser = block[number >> 2]
                if coarser is not None:
                    at = number << 2 & 15
                    context += min(3, 4 - coarser[at : at + 4].count(0))
            if bits.bit(states, context):
                found.append(number)
        return found

    def _begin(self, bits: Bits, group: list[int], steps: list[int], *, begun: bool) -> None:
        """Those that begin in a group, with their signs."""
        states, base = self._begins, 8 if begun else 0
        places = [at for at in range(_GROUP) if not group[at] and steps[at]]
        expected = len(places)
        for at in places:
            if bits.bit(states, base + min(expected, 7)):
                step = steps[at]
                value = step + (step >> 1) - (step >> 3)
                group[at] = -value if bits.sign() else value
                expected = 0
            elif expected:
                expected -= 1

    def _refine(self, bits: Bits, group: list[int], places: Iterable[int], steps: list[int]) -> None:
        """One more bit of those that began before."""
        for at in places:
            value, step = group[at], steps[at]
            size = abs(value)
            if size <= 3 * step:
                size += step >> 2
                larger = bits.bit(self._finer, 0)
            else:
                larger = bits.sign()
            size += step >> 1 if larger else (step >> 1) - step
            group[at] = size if value > 0 else -size

    def pixels(self) -> NDArray[np.int32]:
        """Rows × columns, from below, times 64."""
        told = np.zeros((len(self._blocks), _SIDE * _SIDE), np.int32)
        for number, block in enumerate(self._blocks):
            for at, group in enumerate(block):
                if group is not None:
                    told[number, _PLACES[at * _GROUP : (at + 1) * _GROUP]] = group
        squares = told.reshape(self._down, self._across, _SIDE, _SIDE).transpose(0, 2, 1, 3)
        whole = np.ascontiguousarray(squares.reshape(self._down * _SIDE, -1)[: self._height, : self._width])
        scale = _SIDE // 2
        while scale:
            some = whole[::scale, ::scale]
            _finer(some)
            _finer(some.T)
            scale //= 2
        return whole


def _finer(lines: NDArray[np.int32]) -> None:
    """Puts together, down the columns, what the even rows tell of the course and the odd ones of how it differs from that."""
    even, odd = lines[0::2], lines[1::2]
    beside = _padded(odd, 2, 2)
    count = len(even)
    near = beside[1 : count + 1] + beside[2 : count + 2]
    far = beside[:count] + beside[3 : count + 3]
    even -= 9 * near - far + 16 >> 5
    if not len(odd):
        return
    beside = _padded(even, 0, 1)
    if len(even) == len(odd):
        beside[-1] = even[-1]
    guess = beside[: len(odd)] + beside[1 : len(odd) + 1] + 1 >> 1
    inner = len(even) - 3  # odd rows with two even ones on either side
    if inner > 0:
        near, far = even[1:-2] + even[2:-1], even[:-3] + even[3:]
        guess[1 : inner + 1] = 9 * near - far + 8 >> 4
    odd += guess


def _padded(rows: NDArray[np.int32], above: int, below: int) -> NDArray[np.int32]:
    return np.pad(rows, ((above, below), (0, 0)))
