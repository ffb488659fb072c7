"""Pictures in black and white, put together from shapes ("JB2"): letters are told once, and again where they differ.

By the DjVu 3 specification, appendix 2. Rows of bitmaps are kept from top to bottom; coordinates in the data count from below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from statistics import median_low

import numpy as np
from numpy.typing import NDArray

from kbray.errors import CorruptDocument, DocumentTooLarge
from kbray.parse.djvu.zp import NARROWING, Bits

Bitmap = NDArray[np.uint8]
"""Rows × columns of 0 (paper) and 1 (ink)."""

_HIGHEST, _LOWEST = 262_142, -262_143
_RECORDS, _FIRST = 16, 1024  # of a byte so many records can be told, and so many more: each takes some bits
_MOST_PUT = 16  # times the page's pixels may be put on it: print overlaps little
_DRAWN, _SPARE = 8, 1 << 20  # … and decoded for it, frames within frames; and so many more


class _Record(IntEnum):
    START = 0
    NEW = 1  # a shape, put on the page and kept
    KEPT = 2  # only kept
    PUT = 3  # only put
    REFINED = 4  # a shape told by how it differs from another; put and kept
    REFINED_KEPT = 5
    REFINED_PUT = 6
    COPY = 7  # one that is known
    PICTURE = 8  # what is no shape, at a place of the page
    DICTIONARY = 9  # how many shapes are taken over; after the start: all numbers' contexts begin anew
    COMMENT = 10
    END = 11


_KEEPS = {_Record.NEW, _Record.KEPT, _Record.REFINED, _Record.REFINED_KEPT}
_REFINES = {_Record.REFINED, _Record.REFINED_KEPT, _Record.REFINED_PUT}
_PUTS = {_Record.NEW, _Record.PUT, _Record.REFINED, _Record.REFINED_PUT}


@dataclass(frozen=True, slots=True)
class Shape:
    """A bitmap, and where its ink is: first and last column, first and last row from the top."""

    bitmap: Bitmap
    left: int
    right: int
    top: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the ink."""
        return self.right - self.left + 1, self.bottom - self.top + 1


@dataclass(frozen=True, slots=True)
class Placed:
    """A shape on the page: the column and the row of its upper left pixel, which may be outside."""

    bitmap: Bitmap
    left: int
    top: int


@dataclass(frozen=True, slots=True)
class Mask:
    width: int
    height: int
    placed: tuple[Placed, ...]

    def drawn(self) -> Bitmap:
        """All of the page."""
        page = np.zeros((self.height, self.width), np.uint8)
        for one in self.placed:
            ink, seen = self.shown(one, page)
            seen |= ink
        return page

    def shown(self, one: Placed, page: Bitmap) -> tuple[Bitmap, Bitmap]:
        """What of a shape is on the page, and what of `page`, which is as large, is there."""
        height, width = one.bitmap.shape
        top, left = max(0, one.top), max(0, one.left)
        bottom, right = max(top, min(self.height, one.top + height)), max(left, min(self.width, one.left + width))
        ink = one.bitmap[top - one.top : bottom - one.top, left - one.left : right - one.left]
        return ink, page[top:bottom, left:right]


def dictionary_of(data: bytes, inherited: Sequence[Shape], most: int) -> list[Shape]:
    """The shapes that pages share ("Djbz"), those inherited first.

    Args: most: pixels that all of them may have.
    Raises: CorruptDocument, DocumentTooLarge.
    """
    reader = _Reader(data, inherited, most)
    reader.read(paged=False)
    return reader.shapes


def mask_of(data: bytes, shared: Sequence[Shape], most: int) -> Mask:
    """A page's picture ("Sjbz").

    Args: shared: the shapes of its dictionary. most: pixels that it may have.
    Raises: CorruptDocument, DocumentTooLarge.
    """
    reader = _Reader(data, shared, most)
    reader.read(paged=True)
    return Mask(reader.width, reader.height, tuple(reader.placed))


class _Numbers:
    """Numbers of one sort, by a sign, a length and that many bits; a bit's context is what was told of the number before."""

    __slots__ = ("_contexts", "_states")

    def __init__(self) -> None:
        self._contexts: dict[int, int] = {}
        self._states: list[int] = []

    def read(self, bits: Bits, low: int, high: int) -> int:
        """One from `low` to `high`. What they leave no choice of is not told, and is a part of the context nevertheless."""
        path = 1

        def told(limit: int) -> bool:
            """Whether the number is as large as `limit`."""
            nonlocal path
            if low >= limit:
                larger = True
            elif high < limit:
                larger = False
            else:
                context = self._contexts.get(path)
                if context is None:
                    context = self._contexts[path] = len(self._states)
                    self._states.append(0)
                larger = bool(bits.bit(self._states, context))
            path = path << 1 | larger
            return larger

        negative = not told(0)
        if negative:
            low, high = -high - 1, -low - 1
        least, width = 0, 1
        while told(least + width):
            least += width
            width *= 2
        while width > 1:
            width //= 2
            if told(least + width):
                least += width
        return -least - 1 if negative else least


class _Reader:
    """Reads the records of a picture or of a dictionary."""

    def __init__(self, data: bytes, inherited: Sequence[Shape], most: int) -> None:
        self._bits = Bits(data)
        self._inherited = inherited
        self._most = most
        self._left = most  # pixels that may still be decoded
        self._records = _RECORDS * len(data) + _FIRST
        self._numbers: dict[str, _Numbers] = {}
        self._flags = [0, 0]  # contexts of the bits by themselves: is anything to be refined later; a new row begins
        self._direct = [0] * 1024
        self._refining = [0] * 2048
        self.shapes: list[Shape] = []
        self.placed: list[Placed] = []
        self.width = self.height = 0
        self._put = 0
        self._row_left = self._row_bottom = 0  # where the row began; rows count from below, columns from the left, all from 1
        self._last_right = self._base = 0
        self._bottoms = [0] * 3

    def read(self, *, paged: bool) -> None:
        started = False
        while self._records > 0:
            self._records -= 1
            record = _Record(self._number("record", 0, _Record.END))
            if record == _Record.END and started:
                return
            if not started and record not in (_Record.START, _Record.DICTIONARY, _Record.COMMENT):
                raise CorruptDocument("A picture's data do not begin as such.")
            if record == _Record.START:
                self._start(paged=paged)
                started = True
            elif record == _Record.DICTIONARY:
                self._dictionary(started=started)
            elif record == _Record.COMMENT:
                length = self._number("comment", 0, _HIGHEST)
                self._records -= length
                for _ in range(length if self._records > 0 else 0):
                    self._number("letter", 0, 255)
            else:
                self._shape(record, paged=paged)
        raise CorruptDocument("A picture tells of more shapes than its data can hold.")

    def _number(self, sort: str, low: int, high: int) -> int:
        numbers = self._numbers.get(sort)
        if numbers is None:
            numbers = self._numbers[sort] = _Numbers()
        return numbers.read(self._bits, low, high)

    def _start(self, *, paged: bool) -> None:
        self.width, self.height = (self._number("page", 0, _HIGHEST) for _ in range(2))
        self._bits.bit(self._flags, 0)
        if paged and self.width * self.height > self._most:
            raise DocumentTooLarge(f"A picture has {self.width * self.height:,} pixels, and {self._most:,} are allowed.")
        if paged:
            self._left = _DRAWN * self.width * self.height + _SPARE
            self._put = _MOST_PUT * self.width * self.height + _SPARE
        self._row_left, self._row_bottom = 0, self.height
        self._last_right, self._base = 0, self.height
        self._bottoms = [self.height] * 3
        self.shapes = self.shapes or list(self._inherited)

    def _dictionary(self, *, started: bool) -> None:
        if started:
            self._numbers.clear()
            return
        if self._number("inherited", 0, _HIGHEST) != len(self._inherited):
            raise CorruptDocument("A picture takes its shapes from a dictionary that is not there.")

    def _shape(self, record: _Record, *, paged: bool) -> None:
        if record == _Record.COPY:
            shape = self._known()
            left, top = self._place(*shape.size)
            self._keep_placed(Placed(shape.bitmap, left - shape.left, top - shape.top), paged=paged)
            return
        if record in _REFINES:
            known = self._known()
            across, down = known.size
            width = across + self._number("wider", _LOWEST, _HIGHEST)
            height = down + self._number("higher", _LOWEST, _HIGHEST)
            self._check(width, height)
            bitmap = self._refined(known, width, height)
        else:
            width, height = self._number("width", 0, _HIGHEST), self._number("height", 0, _HIGHEST)
            self._check(width, height)
            bitmap = self._decoded(width, height)
        if record in _KEEPS:
            self.shapes.append(_bounded(bitmap))
        if record == _Record.PICTURE:
            left = self._number("left", 1, self.width)
            top = self._number("top", 1, self.height)
            self._keep_placed(Placed(bitmap, left - 1, self.height - top), paged=paged)
        elif record in _PUTS:
            left, top = self._place(width, height)
            self._keep_placed(Placed(bitmap, left, top), paged=paged)

    def _known(self) -> Shape:
        if not self.shapes:
            raise CorruptDocument("A picture repeats a shape that is not there.")
        return self.shapes[self._number("known", 0, len(self.shapes) - 1)]

    def _check(self, width: int, height: int) -> None:
        if width < 0 or height < 0:
            raise CorruptDocument("A shape of a picture has no size.")
        self._left -= width * height + width + height
        if self._left < 0:
            raise DocumentTooLarge("The shapes of a picture have more pixels than any page of print.")

    def _keep_placed(self, one: Placed, *, paged: bool) -> None:
        if not paged:
            raise CorruptDocument("A dictionary of shapes draws on a page.")
        self._put -= one.bitmap.size
        if self._put < 0:
            raise DocumentTooLarge("The shapes of a picture cover each other more than print does.")
        self.placed.append(one)

    def _place(self, width: int, height: int) -> tuple[int, int]:
        """The column and the row from the top, from 0, at which a shape's upper left pixel stands."""
        if self._bits.bit(self._flags, 1):
            left = self._row_left + self._number("row across", _LOWEST, _HIGHEST)
            bottom = self._row_bottom + self._number("row down", _LOWEST, _HIGHEST) - height + 1
            self._row_left, self._row_bottom = left, bottom
            self._bottoms = [bottom] * 3
            base = bottom
        else:
            left = self._last_right + self._number("across", _LOWEST, _HIGHEST)
            bottom = self._base + self._number("down", _LOWEST, _HIGHEST)
            self._bottoms = [*self._bottoms[1:], bottom]
            base = median_low(self._bottoms)
        self._base = base
        self._last_right = left + width - 1
        return left - 1, self.height - bottom - height + 1

    def _decoded(self, width: int, height: int) -> Bitmap:
        """A bitmap told pixel by pixel, each by ten around it: three in the row above the last, five in that, two before it."""
        if not width or not height:
            return np.zeros((height, width), np.uint8)
        bits, states = self._bits, self._direct
        rows: list[bytes] = []
        last = above = 0  # rows, a byte a pixel, the leftmost one lowest
        inside = (1 << 8 * width) - 1
        for _ in range(height):
            around = last * _LAST >> 16 | above * _ABOVE >> 8
            row = _row(bits, states, (around & inside).to_bytes(width, "little"), 2)
            rows.append(row)
            above, last = last, int.from_bytes(row, "little")
        return np.frombuffer(b"".join(rows), np.uint8).reshape(height, width)

    def _refined(self, known: Shape, width: int, height: int) -> Bitmap:
        """A bitmap told by another: by four pixels around each, and seven of that one, whose middle is put upon its own."""
        if not width or not height:
            return np.zeros((height, width), np.uint8)
        bits, states = self._bits, self._refining
        across, down = known.size
        left = known.right - across // 2 - (width - 1 - width // 2)
        top = known.top + down // 2 - height // 2
        other = _cut(known.bitmap, left - 1, top - 1, width + 2, height + 2).astype("<u2")
        told = other[:-2, 1:-1] << 9
        for shift, down_by, across_by in ((8, 1, 0), (7, 1, 1), (6, 1, 2), (5, 2, 0), (4, 2, 1), (3, 2, 2)):
            told |= other[down_by : down_by + height, across_by : across_by + width] << shift
        rows: list[bytes] = []
        last = 0  # the row before, two bytes a pixel
        inside = (1 << 16 * width) - 1
        wide = bytearray(2 * width)
        for number in range(height):
            around = int.from_bytes(told[number].tobytes(), "little") | last * _BEFORE >> 16 & inside
            row = _row(bits, states, np.frombuffer(around.to_bytes(2 * width, "little"), "<u2").tolist(), 1)
            rows.append(row)
            wide[::2] = row
            last = int.from_bytes(wide, "little")
        return np.frombuffer(b"".join(rows), np.uint8).reshape(height, width)


_LAST = sum(1 << 8 * (2 - at) + at + 2 for at in range(-2, 3))
_ABOVE = sum(1 << 8 * (1 - at) + at + 6 for at in range(-1, 2))
_BEFORE = sum(1 << 16 * (1 - at) + at + 1 for at in range(-1, 2))
"""By these a row is multiplied for each pixel's place to have a bit of each of its neighbours in the row."""


def _row(bits: Bits, states: list[int], around: Sequence[int], before: int) -> bytes:
    """A row of pixels whose contexts are what is around each, and so many pixels before it.

    This is where the time goes: what `Bits.bit` does is done here.
    """
    low, fence, narrowing, kept = bits.low, bits.fence, NARROWING, (1 << before) - 1
    row = bytearray()
    put = row.append
    bit = seen = 0
    for known in around:
        context = known << before | seen
        state = states[context]
        reach = low + narrowing[state]
        if reach <= fence:
            low = reach
            bit = state & 1
        else:
            bits.low = low
            bit = bits.settle(states, context, reach)
            low, fence = bits.low, bits.fence
        seen = (seen << 1 | bit) & kept
        put(bit)
    bits.low = low
    return bytes(row)


def _cut(bitmap: Bitmap, left: int, top: int, width: int, height: int) -> Bitmap:
    """What of it is there; paper where it is not."""
    found = np.zeros((height, width), np.uint8)
    rows, columns = bitmap.shape
    first, last = max(0, top), min(rows, top + height)
    begin, end = max(0, left), min(columns, left + width)
    if first < last and begin < end:
        found[first - top : last - top, begin - left : end - left] = bitmap[first:last, begin:end]
    return found


def _bounded(bitmap: Bitmap) -> Shape:
    rows, columns = np.flatnonzero(bitmap.any(axis=1)), np.flatnonzero(bitmap.any(axis=0))
    if not len(rows):
        return Shape(bitmap, 0, -1, len(bitmap), len(bitmap) - 1)
    return Shape(bitmap, int(columns[0]), int(columns[-1]), int(rows[0]), int(rows[-1]))
