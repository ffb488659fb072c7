"""DjVu documents as tests need them: their own coder of bits, packed data, pictures of shapes, text layers, directories."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from kbray.parse.djvu.shapes import Bitmap
from kbray.parse.djvu.zp import DOWN, NARROWING, SHIFT, UP, WIDTH

Zone = tuple[int, tuple[int, int, int, int], str | list["Zone"]]
"""Its kind, left, bottom, width and height in pixels from the lower left of the page, and its text or the zones in it."""
_HIGHEST, _LOWEST = 262_142, -262_143


class Coder:
    """Writes what `zp.Bits` reads. `least` is what the decoder's code must exceed; `added`, what it has added to the data."""

    def __init__(self) -> None:
        self._least = 0
        self._added = 0
        self._length = 16

    def bit(self, states: list[int], context: int, bit: int) -> None:
        state = states[context]
        reach = self._least + NARROWING[state]
        if bit == state & 1 and reach < 0x8000:
            self._least = reach
            return
        reach = min(reach, 0x6000 + (reach + self._least >> 2))
        if bit != state & 1:
            states[context] = DOWN[state]
        elif self._least >= WIDTH[state]:
            states[context] = UP[state]
        self._told(reach, bit != state & 1)

    def even(self, bit: int) -> None:
        self._told(0x8000 + (self._least >> 1), bool(bit))

    def number(self, states: list[int], context: int, length: int, number: int) -> None:
        node = 1
        for place in range(length - 1, -1, -1):
            bit = number >> place & 1
            self.bit(states, context + node - 1, bit)
            node = node << 1 | bit

    def data(self) -> bytes:
        spare = -self._length % 8
        whole = (0xFFFF - self._added) % (1 << self._length)
        return (whole << spare | (1 << spare) - 1).to_bytes((self._length + spare) // 8)

    def _told(self, reach: int, unlikely: bool) -> None:
        if not unlikely:
            self._shift(reach, 1)
            return
        rest = 0x10000 - reach
        self._added += rest
        least = self._least + rest
        self._shift(least, SHIFT[least])

    def _shift(self, least: int, bits: int) -> None:
        self._least = least << bits & 0xFFFF
        self._added = (self._added << bits) - ((1 << bits) - 1 << 16)
        self._length += bits


def packed(data: bytes, block: int = 4096, speed: int = 0) -> bytes:
    """By BZZ. speed: 0 to 2, how fast frequencies are forgotten."""
    coder, states = Coder(), [0] * 300
    for start in range(0, len(data), block):
        _block(coder, states, data[start : start + block], speed)
    _raw(coder, 0, 24)
    return coder.data()


def _raw(coder: Coder, number: int, length: int) -> None:
    for place in range(length - 1, -1, -1):
        coder.even(number >> place & 1)


def _block(coder: Coder, states: list[int], data: bytes, speed: int) -> None:
    text = [*data, -1]
    rows = sorted(range(len(text)), key=lambda start: data[start:])
    _raw(coder, len(text), 24)
    coder.even(speed > 0)
    if speed:
        coder.even(speed - 1)
    recent, counts = list(range(256)), [0] * 4
    growth, place = 4, 3
    for row in rows:
        byte = text[row - 1]
        context = min(2, place)
        place = 256 if byte < 0 else recent.index(byte)
        _place(coder, states, place, context)
        if byte < 0:
            continue
        growth += growth >> speed
        if growth > 0x10000000:
            growth, counts = growth >> 24, [count >> 24 for count in counts]
        count = growth + (counts[place] if place < 4 else 0)
        to = min(place, 4)
        while to and count >= counts[to - 1]:
            to -= 1
        recent.insert(to, recent.pop(place))
        if to < 4:
            del counts[min(place, 3)]
            counts.insert(to, count)


def _place(coder: Coder, states: list[int], place: int, context: int) -> None:
    coder.bit(states, context, place == 0)
    if place == 0:
        return
    coder.bit(states, 3 + context, place == 1)
    if place == 1:
        return
    at = 6
    for length in range(1, 8):
        here = place < 2 << length
        coder.bit(states, at, here)
        if here:
            coder.number(states, at + 1, length, place - (1 << length))
            return
        at += 1 << length


@dataclass
class Shapes:
    """A picture of shapes, or a dictionary of some, record by record; places are of lower left pixels, from 1."""

    coder: Coder = field(default_factory=Coder)
    states: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    direct: list[int] = field(default_factory=lambda: [0] * 1024)
    flags: list[int] = field(default_factory=lambda: [0, 0])
    shapes: list[Bitmap] = field(default_factory=list)
    height: int = 0

    def number(self, sort: str, low: int, high: int, number: int) -> None:
        path = 1

        def told(limit: int) -> bool:
            nonlocal path
            larger = number >= limit
            if low < limit <= high:
                self.coder.bit(self.states.setdefault((sort, path), [0]), 0, int(larger))
            path = path << 1 | larger
            return larger

        if not told(0):
            low, high, number = -high - 1, -low - 1, -number - 1
        least, width = 0, 1
        while told(least + width):
            least, width = least + width, 2 * width
        while width > 1:
            width //= 2
            if told(least + width):
                least += width

    def record(self, kind: int) -> None:
        self.number("record", 0, 11, kind)

    def start(self, width: int = 0, height: int = 0, inherited: Sequence[Bitmap] = ()) -> "Shapes":
        if inherited:
            self.record(9)
            self.number("inherited", 0, _HIGHEST, len(inherited))
            self.shapes += inherited
        self.record(0)
        self.number("page", 0, _HIGHEST, width)
        self.number("page", 0, _HIGHEST, height)
        self.coder.bit(self.flags, 0, 0)
        self.height = height
        return self

    def told(self, kind: int, bitmap: Bitmap) -> None:
        """A shape, pixel by pixel."""
        self.record(kind)
        height, width = bitmap.shape
        self.number("width", 0, _HIGHEST, width)
        self.number("height", 0, _HIGHEST, height)
        padded = np.pad(bitmap, ((2, 0), (2, 2)))
        for row, column in np.ndindex(height, width):
            last, above, own = padded[row + 1, column : column + 5], padded[row, column + 1 : column + 4], padded[row + 2]
            around = sum(int(bit) << place for place, bit in enumerate([*last, *above]))
            before = int(own[column]) << 1 | int(own[column + 1])
            self.coder.bit(self.direct, around << 2 | before, int(bitmap[row, column]))

    def kept(self, bitmap: Bitmap) -> None:
        self.told(2, bitmap)
        self.shapes.append(bitmap)

    def at(self, left: int, bottom: int, height: int) -> None:
        """On a new row; the row before began at column 0 and at the top of the page."""
        self.coder.bit(self.flags, 1, 1)
        row_left, row_bottom = getattr(self, "row", (0, self.height))
        self.number("row across", _LOWEST, _HIGHEST, left - row_left)
        self.number("row down", _LOWEST, _HIGHEST, bottom + height - 1 - row_bottom)
        self.row = left, bottom

    def put(self, bitmap: Bitmap, left: int, bottom: int) -> None:
        self.told(3, bitmap)
        self.at(left, bottom, len(bitmap))

    def copied(self, number: int, left: int, bottom: int) -> None:
        """One that is known, by the lower left corner of its ink."""
        self.record(7)
        self.number("known", 0, len(self.shapes) - 1, number)
        self.at(left, bottom, int(np.count_nonzero(self.shapes[number].any(axis=1))))

    def data(self) -> bytes:
        self.record(11)
        return self.coder.data()


def chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack(">L", len(data)) + data + bytes(len(data) % 2)


def form(kind: bytes, *chunks: bytes) -> bytes:
    body = b"".join(chunks)
    return b"FORM" + struct.pack(">L", 4 + len(body)) + kind + body


def info(width: int, height: int, dpi: int = 300, flags: int = 1) -> bytes:
    return chunk(b"INFO", struct.pack(">HHBB", width, height, 26, 0) + struct.pack("<H", dpi) + bytes((22, flags)))


def document(*pages: bytes, shared: Sequence[tuple[str, bytes]] = (), outline: bytes = b"", titles: Sequence[str] = ()) -> bytes:
    """Of many pages, named p1, p2, …, and of what they share, which comes first."""
    forms = [(name, body, 0) for name, body in shared] + [(f"p{number}", page, 1) for number, page in enumerate(pages, start=1)]
    names = b"".join(name.encode() + b"\0" for name, _, _ in forms)
    table = b"".join(len(body).to_bytes(3) for _, body, _ in forms) + bytes(kind for _, _, kind in forms) + names
    listed = packed(table)
    directory = 3 + 4 * len(forms) + len(listed)
    named = chunk(b"NAVM", packed(outline)) if outline else b""
    start = 16 + 8 + directory + directory % 2 + len(named)
    starts = []
    body = b""
    for _, data, _ in forms:
        body += bytes(len(body) % 2)
        starts.append(start + len(body))
        body += data
    head = bytes((0x81,)) + struct.pack(">H", len(forms)) + struct.pack(f">{len(forms)}L", *starts) + listed
    return b"AT&T" + form(b"DJVM", chunk(b"DIRM", head), named, body)


def single(page: bytes) -> bytes:
    return b"AT&T" + page


def entries(*told: tuple[int, str, str]) -> bytes:
    """An outline: of each entry how many stand below it, its title and its link."""
    found = struct.pack(">H", len(told))
    for below, title, link in told:
        found += bytes((below,)) + b"".join(len(text.encode()).to_bytes(3) + text.encode() for text in (title, link))
    return found


def layer(zone: Zone) -> bytes:
    """A text layer, not packed."""
    text = bytearray()
    zones = bytearray()

    def write(one: Zone, parent: tuple[Zone, int] | None, before: tuple[Zone, int, int] | None) -> tuple[int, int]:
        kind, (left, bottom, width, height), inner = one
        place = len(zones)
        zones.extend(bytes(17))
        start = len(text)
        if isinstance(inner, str):
            text.extend(inner.encode())
        else:
            last = None
            for each in inner:
                begin, length = write(each, (one, start), last)
                last = (each, begin, length)
        length = len(text) - start
        text.extend(b" " if kind >= 6 else b"\n")
        if before is not None:
            beside, begin, long = before
            x = left - beside[1][0] if kind in (1, 4, 5) else left - beside[1][0] - beside[1][2]
            y = beside[1][1] - bottom - height if kind in (1, 4, 5) else bottom - beside[1][1]
            offset = start - begin - long
        elif parent is not None:
            outer, begin = parent
            x, y = left - outer[1][0], outer[1][1] + outer[1][3] - bottom - height
            offset = start - begin
        else:
            x, y, offset = left, bottom, start
        many = len(inner) if isinstance(inner, list) else 0
        numbers = (x, y, width, height, offset)
        zones[place : place + 17] = (
            bytes((kind,)) + struct.pack(">5H", *(number + 0x8000 for number in numbers)) + length.to_bytes(3) + many.to_bytes(3)
        )
        return start, length

    write(zone, None, None)
    return len(text).to_bytes(3) + bytes(text) + b"\1" + bytes(zones)


def lines(width: int, height: int, told: Iterable[tuple[int, int, str]], size: int = 40) -> Zone:
    """A page of lines, each told by its left side, its baseline from the top and its words, as high as their letters are."""
    inner: list[Zone] = []
    for left, base, text in told:
        words: list[Zone] = []
        at = left
        for word in text.split():
            high = any(letter not in "acemnorsuvwxzgpqy" for letter in word)
            hangs = any(letter in "gpqyj," for letter in word)
            wide, below = round(0.5 * size * len(word)), round(0.21 * size) if hangs else 0
            words.append((6, (at, height - base - below, wide, round((0.69 if high else 0.46) * size) + below), word))
            at += wide + round(0.3 * size)
        box = (left, height - base - round(0.21 * size), at - left, round(0.9 * size))
        inner.append((5, box, words))
    return 1, (0, 0, width, height), inner
