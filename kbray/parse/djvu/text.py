"""The text layer of a page: nested zones (columns, paragraphs, lines, words, characters), each with its text and its place.

By the DjVu 3 specification, section 8.3.5 ("TXTa", "TXTz").
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from kbray.errors import CorruptDocument
from kbray.geometry import Box, union

_PAGE, _PARAGRAPH, _LINE, _WORD, _CHARACTER = 1, 4, 5, 6, 7
_STACKED = (_PAGE, _PARAGRAPH, _LINE)
"""Zones that stand below the one before; others stand to its right."""
_ZONE = 17  # bytes
_BIAS = 0x8000
_DEEPEST = 16
_SHARED = 8  # times as much text as there is may zones hold, all told: those of a page mostly hold what is in them once more
_BREAKS = re.compile(r"[\n\x0b\x0c\r\x1d\x1f\x85\u2028\u2029]")  # of lines, paragraphs, regions and columns


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that has one place: a word; a line where the layer tells no words."""

    text: str
    box: Box  # pixels of the page's picture as it is stored, from its upper left


def lines_of(data: bytes, width: int, height: int) -> list[list[Piece]]:
    """The lines of a layer in its order, each by its words. All that its text says is in one of them.

    Args: data: unpacked. width, height: of the page's picture; pixels.
    Raises: CorruptDocument.
    """
    length = int.from_bytes(data[:3])
    text = data[3 : 3 + length]
    if len(text) < length:
        raise CorruptDocument("The text layer ends early.")
    page = Box(0.0, 0.0, float(width), float(height))
    zones = _zones(data[4 + length :])
    lines = _Telling(text, page).lines(zones) if zones else []
    return lines or _spread(text, page)


def characters(data: bytes) -> int:
    """How many bytes of a layer's text are no white space, at most; its zones are left alone."""
    return len(b"".join(data[3 : 3 + int.from_bytes(data[:3])].split()))


@dataclass(slots=True)
class _Zone:
    kind: int
    left: int  # pixels; y from the bottom of the page
    bottom: int
    width: int
    height: int
    start: int  # of its text; bytes
    length: int
    inner: "list[_Zone]" = field(default_factory=list)

    @property
    def is_line(self) -> bool:
        return self.kind >= _LINE or not self.inner or any(zone.kind >= _WORD for zone in self.inner)


def _zones(data: bytes) -> _Zone | None:
    """The zone that holds all others; None: there is none.

    Raises: CorruptDocument: they go on behind the end, or are nested too deeply.
    """
    root: _Zone | None = None
    open_zones: list[tuple[_Zone, int]] = []  # and how many are still to come in each
    for at in range(0, len(data) - _ZONE + 1, _ZONE):
        parent = open_zones[-1][0] if open_zones else None
        zone = _zone(data[at : at + _ZONE], parent)
        if parent is None:
            root = zone
        else:
            parent.inner.append(zone)
            open_zones[-1] = parent, open_zones[-1][1] - 1
        open_zones.append((zone, int.from_bytes(data[at + 14 : at + 17])))
        if len(open_zones) > _DEEPEST:
            raise CorruptDocument("The text layer is nested too deeply.")
        while open_zones and open_zones[-1][1] == 0:
            open_zones.pop()
        if not open_zones:
            return root
    if root is not None or data.strip(b"\0"):
        raise CorruptDocument("The places of the text layer end early.")
    return None


def _zone(data: bytes, parent: _Zone | None) -> _Zone:
    kind = data[0]
    left, up, width, height, start = (int.from_bytes(data[at : at + 2]) - _BIAS for at in range(1, 11, 2))
    if parent is not None and parent.inner:
        before = parent.inner[-1]
        start += before.start + before.length
        if kind in _STACKED:
            left, up = before.left + left, before.bottom - up - height
        else:
            left, up = before.left + before.width + left, before.bottom + up
    elif parent is not None:
        start += parent.start
        left, up = parent.left + left, parent.bottom + parent.height - up - height
    return _Zone(kind, left, up, width, height, start, int.from_bytes(data[11:14]))


class _Telling:
    """Puts the text into its places, line by line; what no zone holds goes with what is told before it."""

    def __init__(self, text: bytes, page: Box) -> None:
        self._text = text
        self._page = page
        self._scale = 1.0
        self._told = 0  # bytes of the text
        self._left = _SHARED * len(text)

    def lines(self, root: _Zone) -> list[list[Piece]]:
        if root.kind == _PAGE and root.width > 0 < root.height:  # some layers are of a picture that was larger
            self._scale = min(1.0, self._page.right / (root.left + root.width), self._page.bottom / (root.bottom + root.height))
        found = [line for line in self._lines(root) if line]
        rest = _plain(self._text[self._told :])
        if rest and found:
            last = found[-1][-1]
            found[-1][-1] = replace(last, text=f"{last.text} {rest}")
        return found

    def _lines(self, zone: _Zone) -> Iterator[list[Piece]]:
        if not zone.is_line:
            for inner in zone.inner:
                yield from self._lines(inner)
        elif zone.inner or zone.kind >= _LINE:
            yield list(self._words(zone))
        else:
            before = self._between(zone)
            for line in _spread(self._held(zone), self._box(zone)):
                yield [replace(line[0], text=f"{before} {line[0].text}".strip()), *line[1:]]
                before = ""

    def _words(self, zone: _Zone) -> Iterator[Piece]:
        if not zone.inner or zone.kind >= _WORD:
            before, text = self._between(zone), _plain(self._held(zone))
            if before or text:
                yield Piece(f"{before} {text}".strip(), self._box(zone))
        elif all(inner.kind == _CHARACTER for inner in zone.inner):
            yield from self._spelled(zone)
        else:
            for inner in zone.inner:
                yield from self._words(inner)

    def _spelled(self, line: _Zone) -> Iterator[Piece]:
        """The words of a line that is told by its characters."""
        word: list[_Zone] = []
        for zone in line.inner:
            text = self._text[max(0, zone.start) : zone.start + zone.length].decode("utf-8", "replace")
            behind = self._text[word[-1].start + word[-1].length : zone.start] if word else b""
            if word and (behind or not text.strip()):
                yield self._word(word)
                word = []
            if text.strip():
                word.append(zone)
        if word:
            yield self._word(word)

    def _word(self, zones: Sequence[_Zone]) -> Piece:
        before = self._between(zones[0])
        text = "".join(_plain(self._held(zone)) for zone in zones)
        return Piece(f"{before} {text}".strip(), union(self._box(zone) for zone in zones))

    def _held(self, zone: _Zone) -> bytes:
        """Raises: CorruptDocument: many zones hold the same text."""
        start = max(0, zone.start)
        held = self._text[start : start + zone.length]
        self._left -= len(held)
        if self._left < 0:
            raise CorruptDocument("The text layer has the same text in many places.")
        self._told = max(self._told, start + len(held))
        return held

    def _between(self, zone: _Zone) -> str:
        """What stands before it and in no zone."""
        return _plain(self._text[self._told : max(0, zone.start)])

    def _box(self, zone: _Zone) -> Box:
        """On the page, which no print can leave."""
        page, scale = self._page, self._scale
        left, right = sorted((zone.left * scale, (zone.left + zone.width) * scale))
        top, bottom = sorted((page.bottom - (zone.bottom + zone.height) * scale, page.bottom - zone.bottom * scale))
        left, top = min(max(left, 0.0), page.right - 1), min(max(top, 0.0), page.bottom - 1)
        return Box(left, top, max(left + 1, min(right, page.right)), max(top + 1, min(bottom, page.bottom)))


def _spread(text: bytes, box: Box) -> list[list[Piece]]:
    """Lines of text whose places are not known, one below the other all over the box."""
    lines = _BREAKS.split(text.decode("utf-8", "replace").rstrip())
    height, longest = box.height / len(lines), max(map(len, lines))
    found = []
    for number, line in enumerate(lines):
        if told := " ".join(line.split()):
            top = box.top + number * height
            place = Box(box.left, top, box.left + box.width * len(line) / longest, top + 0.8 * height)
            found.append([Piece(told, place)])
    return found


def _plain(text: bytes) -> str:
    return " ".join(text.decode("utf-8", "replace").split())
