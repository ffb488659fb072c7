"""LZX, as help files are packed with it: Huffman codes over matches in what came before, by Microsoft's [MS-PATCH], section 2.

What is unpacked in one call is what lies between two resets of the coder, so that pieces of a file can be had without the rest.
The stream is 16-bit words, little-endian, each read from its highest bit. A place in it is a number of bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kbray.errors import CorruptDocument

FRAME = 0x8000
"""Bytes of text after which the stream begins at a whole word again; no match reaches over them."""
WINDOWS: dict[int, int] = {15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50}
"""Bits of the size of the window → how many slots there are for distances."""

_VERBATIM, _ALIGNED, _STORED = 1, 2, 3  # kinds of blocks
_LITERALS, _LONG = 256, 249  # symbols of the main tree that are bytes; symbols of the tree of long matches
_SLOTS, _MOST_EXTRA = 50, 17
_LENGTH_BITS = 5  # of an entry of a table of codes: below the symbol the length of its code
_INVALID = 1 << 20  # the symbol of codes that mean nothing: beyond all there are, and no match is so long
_CALL, _CALL_BYTES, _CALL_FRAMES = b"\xe8", 10, 0x8000  # what may be a call; of the end of a frame; frames that are translated
_DAMAGED = "Its packed bytes are damaged."

_EXTRA = [min(max(slot // 2 - 1, 0), _MOST_EXTRA) for slot in range(_SLOTS)]
_BASE = [0]
for _bits in _EXTRA[:-1]:
    _BASE.append(_BASE[-1] + (1 << _bits))


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The text as far as whole frames of it could be read; `problem` says why it ends before its time."""

    text: bytes
    problem: str | None = None


def unpacked(data: bytes, size: int, window: int, ends: Sequence[int]) -> Unpacked:
    """What lies between two resets.

    Args: size: of the text, in bytes; window: bits of its size, one of `WINDOWS`; ends: where in `data` each frame ends.
    """
    decoder = _Decoder(data, window)
    try:
        for end in ends:
            decoder.frame()
            if decoder.at != 8 * end:  # nothing else would tell that bytes were changed
                raise CorruptDocument(_DAMAGED)
            decoder.whole += FRAME
    except (CorruptDocument, IndexError):  # of bits beyond the end, or of a symbol that there isn't
        if decoder.read < size:
            return Unpacked(decoder.text(decoder.whole), _DAMAGED)
    return Unpacked(decoder.text(size))  # the last frame is filled up, by nearly all who pack


class _Decoder:
    """The state of the coder between two resets."""

    def __init__(self, data: bytes, window: int) -> None:
        self._data = data
        words = np.frombuffer(data + bytes(4 + len(data) % 2), "<u2").astype(np.int64)
        # 48 bits from each word on: wherever in the first of them a code begins, 32 bits of it are there
        self._ahead: list[int] = (words[:-2] << 32 | words[1:-1] << 16 | words[2:]).tolist()
        self._out = bytearray()
        self.whole = 0  # bytes of whole frames
        self._slots = WINDOWS[window]
        self._main_lengths = [0] * (_LITERALS + 8 * self._slots)
        self._long_lengths = [0] * _LONG
        self._distances = 1, 1, 1  # the last ones
        self._kind = self._left = self._size = 0  # of the block
        self._main = self._long = self._low = _NO_TREE
        self.at = 0
        self._call_size = self._bits(16) << 16 | self._bits(16) if self._bits(1) else 0

    @property
    def read(self) -> int:
        """Bytes of text that were read."""
        return len(self._out)

    def frame(self) -> None:
        """Read the next. Raises: CorruptDocument, IndexError: it can't be."""
        end = self.whole + FRAME
        while (missing := end - len(self._out)) > 0:
            if not self._left:
                self._open_block()
                continue
            size = min(missing, self._left)
            if self._kind == _STORED:
                self._copy(size)
            else:
                self._decode(len(self._out) + size)
            self._left -= size
        if self._kind != _STORED or not self._left:
            self.at = self.at + 15 & ~15
            self._size = 0

    def text(self, size: int) -> bytes:
        """So much of it, its calls (of programs for x86) as they were: relative to their places."""
        out = self._out[:]
        for start in range(0, min(len(out), _CALL_FRAMES * FRAME) if self._call_size else 0, FRAME):
            end = min(start + FRAME, len(out)) - _CALL_BYTES
            at = out.find(_CALL, start, max(start, end))
            while at >= 0:
                target = int.from_bytes(out[at + 1 : at + 5], "little", signed=True)
                if -at <= target < self._call_size:
                    target += -at if target >= 0 else self._call_size
                    out[at + 1 : at + 5] = (target & 0xFFFFFFFF).to_bytes(4, "little")
                at = out.find(_CALL, at + 5, end)
        return bytes(out[:size])

    def _bits(self, count: int) -> int:
        """The next bits, 17 at most."""
        at = self.at
        self.at = at + count
        return self._ahead[at >> 4] >> 48 - (at & 15) - count & (1 << count) - 1

    def _open_block(self) -> None:
        if self._kind == _STORED and self._size % 2:
            self.at += 8  # of bytes, too, there is an even number
        self._kind = self._bits(3)
        self._left = self._size = self._bits(16) << 8 | self._bits(8)
        if self._kind == _STORED:
            self.at = (self.at & ~15) + 16
            begin = self.at >> 3
            if begin + 12 > len(self._data):
                raise CorruptDocument(_DAMAGED)
            first, second, third = (int.from_bytes(self._data[at : at + 4], "little") for at in range(begin, begin + 12, 4))
            self._distances = first, second, third
            self.at += 8 * 12
            return
        if self._kind == _ALIGNED:
            self._low = _tree([self._bits(3) for _ in range(8)])
        elif self._kind != _VERBATIM:
            raise CorruptDocument(_DAMAGED)
        self._read_lengths(self._main_lengths, 0, _LITERALS)
        self._read_lengths(self._main_lengths, _LITERALS, len(self._main_lengths))
        self._read_lengths(self._long_lengths, 0, _LONG)
        if self._left:
            self._main, self._long = _tree(self._main_lengths), _tree(self._long_lengths)

    def _read_lengths(self, lengths: list[int], at: int, end: int) -> None:
        """The lengths of codes, as differences to those of the block before, in a code of their own."""
        tree = _tree([self._bits(4) for _ in range(20)])
        while at < end:
            code = self._symbol(tree)
            if code < 17:
                lengths[at] = (lengths[at] - code) % 17
                at += 1
                continue
            if code == 17:
                count, value = 4 + self._bits(4), 0
            elif code == 18:
                count, value = 20 + self._bits(5), 0
            else:
                count = 4 + self._bits(1)
                value = (lengths[at] - self._symbol(tree)) % 17
            if at + count > end:
                raise CorruptDocument(_DAMAGED)
            lengths[at : at + count] = [value] * count
            at += count

    def _symbol(self, tree: "_Tree") -> int:
        at = self.at
        entry = tree.entries[self._ahead[at >> 4] >> 48 - (at & 15) - tree.width & (1 << tree.width) - 1]
        self.at = at + (entry & 31)
        if entry >> _LENGTH_BITS == _INVALID:
            raise CorruptDocument(_DAMAGED)
        return entry >> _LENGTH_BITS

    def _copy(self, size: int) -> None:
        begin = self.at >> 3
        if begin + size > len(self._data):
            raise CorruptDocument(_DAMAGED)
        self._out += self._data[begin : begin + size]
        self.at += 8 * size

    def _decode(self, end: int) -> None:  # noqa: PLR0912, PLR0915
        """Up to `end` by codes: here all the time is spent, so that everything is at hand and nothing is called."""
        out, ahead, at = self._out, self._ahead, self.at
        main, main_shift, main_mask = self._main.entries, 32 - self._main.width, (1 << self._main.width) - 1
        long, long_shift, long_mask = self._long.entries, 32 - self._long.width, (1 << self._long.width) - 1
        low, low_shift, low_mask = self._low.entries, 35 - self._low.width, (1 << self._low.width) - 1
        aligned = self._kind == _ALIGNED
        first, second, third = self._distances
        add, place = out.append, len(out)
        while place < end:
            bits = ahead[at >> 4] >> 16 - (at & 15)
            entry = main[bits >> main_shift & main_mask]
            symbol = entry >> 5
            if symbol < 256:
                at += entry & 31
                add(symbol)
                place += 1
                continue
            length = (symbol & 7) + 2
            if length == 9:
                used = entry & 31
                more = long[bits >> long_shift - used & long_mask]
                length += more >> 5
                at += used + (more & 31)
            else:
                at += entry & 31
            slot = symbol - 256 >> 3
            if slot > 3:
                extra = _EXTRA[slot]
                if aligned and extra >= 3:
                    bits = ahead[at >> 4] >> 16 - (at & 15)
                    entry = low[bits >> low_shift - extra & low_mask]
                    distance = _BASE[slot] - 2 + ((bits >> 35 - extra & (1 << extra - 3) - 1) << 3) + (entry >> 5)
                    at += extra - 3 + (entry & 31)
                else:
                    distance = _BASE[slot] - 2 + (ahead[at >> 4] >> 48 - (at & 15) - extra & (1 << extra) - 1)
                    at += extra
                third, second, first = second, first, distance
            elif slot == 0:
                distance = first
            elif slot == 3:
                distance = 1
                third, second, first = second, first, 1
            elif slot == 1:
                distance = second
                second, first = first, second
            else:
                distance = third
                third, first = first, third
            begin = place - distance
            place += length
            if begin < 0 or place > end or not distance:
                raise CorruptDocument(_DAMAGED)
            if distance >= length:
                out += out[begin : begin + length]
            else:
                out += (out[begin:] * (length // distance + 1))[:length]
        self.at = at
        self._distances = first, second, third


@dataclass(frozen=True, slots=True)
class _Tree:
    """Codes by the next `width` bits: symbol and, in the lowest bits, length of the code."""

    entries: memoryview
    width: int


def _tree(lengths: Sequence[int]) -> _Tree:
    """Raises: CorruptDocument: there are more codes than bits can tell apart."""
    sizes = np.array(lengths)
    used = np.flatnonzero(sizes)
    order = used[np.argsort(sizes[used], kind="stable")]
    width = int(sizes.max())
    spans = 1 << width - sizes[order]
    total = int(spans.sum())
    if total > 1 << width:
        raise CorruptDocument(_DAMAGED)
    entries = np.full(1 << width, _INVALID << _LENGTH_BITS, np.int32)
    entries[:total] = np.repeat(order << _LENGTH_BITS | sizes[order], spans)
    return _Tree(entries.data, width)  # no list of it: that would cost most of a small block


_NO_TREE = _tree([0])
