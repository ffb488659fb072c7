"""A page's text layer as words for the layout: places in points on the page as displayed, sizes of print."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, pairwise
from math import inf
from statistics import median, pstdev

from kbray.document.layout.page import blocks_on
from kbray.document.layout.paragraphs import Block
from kbray.document.layout.words import Word, is_cjk, is_rtl
from kbray.geometry import Box, union
from kbray.parse.djvu.container import Info
from kbray.parse.djvu.text import Piece

_ASCENT, _DESCENT, _X_HEIGHT = 0.69, 0.215, 0.46  # of the font size: of letters that are high, that hang, and of the others
_HANGING = frozenset("gjpqyçşţ,;()[]{}|/рруцщфξρφχψβγημ") | set("Q")
_LOW = frozenset("acegmnopqrsuvwxyzıçşαγεηικμνοπρςστυφχψωавгежзиклмнопрстухцчшщъыьэюя.,:;-–—_~+=<>«»·…")
_TELLING, _FACES = 8, 1.4  # words that tell the face of a page; times larger or smaller than usual such shares may be
_CLOSING, _CLOSE = frozenset(".,;:!?)]}»”’"), 0.12  # font sizes: closer to the word before, such a sign is of that
_WHOLE = 0.9  # of the height of places that are as high for every word: the font size
_ABOVE = 0.77  # … and what of it is above the baseline
_EVEN = 1.12  # times larger or smaller than most of the print: so close, and it has that size
_RAISED, _RISE = 0.75, 0.2  # of the font size: that of a raised figure, at most, and how far above the line it stands, at least
_MARK = 3  # characters of a raised figure, at most
_ASIDE = 0.3  # … that from which a word has a baseline, and a size, of its own
_APART, _STEEP = 5.0, 0.05  # font sizes between words that tell how a line falls; how much it may
_COMPARED = 100  # words of a line, at most: more than print has
_UPRIGHT = 2.0  # times higher than wide: a line that runs up or down the page
_LEAST = 1.0  # points: no print is smaller

_Placed = tuple[str, Box]


@dataclass(frozen=True, slots=True)
class Layer:
    """The words of a page by the quarter turns, clockwise, that make their lines upright."""

    width: float  # points
    height: float
    words: dict[int, list[Word]]

    @property
    def characters(self) -> int:
        return sum(len(word.text) for words in self.words.values() for word in words)

    def blocks(self, usual: float) -> list[Block]:
        """Those of the page as displayed; `usual`: the size of most of the print, which what comes close to it has."""
        found: list[Block] = []
        for quarter, words in sorted(self.words.items(), key=lambda turned: (-len(turned[1]), turned[0])):
            width, height = (self.height, self.width) if quarter % 2 else (self.width, self.height)
            even = [replace(word, size=_evened(word.size, usual)) for word in words]
            back = -quarter % 4
            blocks = blocks_on(even)
            found += (
                [block.moved(partial(_turned, quarters=back, width=width, height=height)) for block in blocks] if back else blocks
            )
        return found


def layer_of(lines: Sequence[Sequence[Piece]], info: Info) -> Layer:
    """The layer of a page, in points of the page as displayed."""
    width, height = info.width * 72 / info.dpi, info.height * 72 / info.dpi
    scale = 72 / info.dpi
    placed = [
        [(piece.text, _turned(_scaled(piece.box, scale), info.quarters, width, height)) for piece in line] for line in lines
    ]
    width, height = info.size
    leftwards = is_rtl(" ".join(text for line in placed for text, _ in line))
    by_quarter: dict[int, list[list[_Placed]]] = {}
    quarters = [_quarter(line) for line in placed]
    usual = Counter(quarter for quarter in quarters if quarter is not None).most_common(1)
    for line, told in zip(placed, quarters, strict=True):
        quarter = told if told is not None else usual[0][0] if usual else 0
        by_quarter.setdefault(quarter, []).append([(text, _turned(box, quarter, width, height)) for text, box in line])
    return Layer(width, height, {quarter: _words(some, leftwards) for quarter, some in by_quarter.items()})


def usual_size(layers: Iterable[Layer]) -> float:
    """The size of print that half of all characters don't exceed; points."""
    sizes = sorted((word.size, len(word.text)) for layer in layers for words in layer.words.values() for word in words)
    half, seen = sum(length for _, length in sizes) / 2, 0
    for size, length in sizes:
        seen += length
        if seen >= half:
            return size
    return 0.0


def _words(lines: Sequence[Sequence[_Placed]], leftwards: bool) -> list[Word]:
    lines = _whole(lines)
    face = _face(lines)
    found: list[Word] = []
    order = 0
    for line in lines:
        told = [(text, box) for text, box in line if _is_told(text)]
        size = max(_LEAST, median([face.size(text, box) for text, box in told or line]))
        bases = [(box.middle[0], face.baseline(text, box, size)) for text, box in told or line]
        slope = _slope(bases, size)
        level = median([y - slope * x for x, y in bases])
        ends = [-inf, *(box.right for _, box in line)]
        for (text, box), end in zip(line, ends, strict=False):
            base = level + slope * box.middle[0]
            spaced = not _CLOSING.issuperset(text) or abs(box.left - end) > _CLOSE * size  # some layers part signs from words
            own = face.size(text, box)
            is_mark = len(text) <= _MARK and text.isdecimal() and own < _RAISED * size and base - box.bottom > _RISE * size
            if is_mark or (_is_told(text) and abs(face.baseline(text, box, size) - base) > _ASIDE * size):
                found.append(
                    Word(
                        text,
                        box,
                        max(_LEAST, own),
                        face.baseline(text, box, own),
                        order=order,
                        spaced=spaced,
                        leftwards=leftwards,
                    )
                )
            else:
                found.append(Word(text, box, size, base, order=order, spaced=spaced, leftwards=leftwards))
            order += len(text) + 1
    return found


def _whole(lines: Sequence[Sequence[_Placed]]) -> list[list[_Placed]]:
    """Lines put together that go on beside their end: some layers part them where print is raised or changes its size."""
    found: list[list[_Placed]] = []
    for line in lines:
        before, box = union(box for _, box in found[-1][-3:]) if found else None, union(box for _, box in line[:3])
        if before is not None:
            height = min(before.height, box.height)
            shared = min(before.bottom, box.bottom) - max(before.top, box.top)
            if shared > height / 2 and -height < box.left - before.right < max(before.height, box.height):
                found[-1].extend(line)
                continue
        found.append(list(line))
    return found


def _slope(bases: Sequence[tuple[float, float]], size: float) -> float:
    """How far a line falls a point, as half of its pairs of words that stand well apart have it; 0 where it is short."""
    some = bases[:: len(bases) // _COMPARED + 1]
    slopes = [(y - top) / (x - left) for (left, top), (x, y) in combinations(some, 2) if x - left > _APART * size]
    slope = median(slopes) if len(slopes) > _MARK else 0.0
    return slope if abs(slope) < _STEEP else 0.0


@dataclass(frozen=True, slots=True)
class _Face:
    """How high letters are, as shares of the font size; of places that are as high for every word, all are."""

    low: float = _X_HEIGHT
    hanging: float = _DESCENT  # below the baseline
    tight: bool = True  # places are as high as the letters in them

    def size(self, text: str, box: Box) -> float:
        if not self.tight:
            return _WHOLE * box.height
        high, hangs = _reach(text)
        return box.height / ((_ASCENT if high else self.low) + (self.hanging if hangs else 0.0))

    def baseline(self, text: str, box: Box, size: float) -> float:
        if not self.tight:
            return box.top + _ABOVE * box.height
        return box.bottom - (self.hanging * size if _reach(text)[1] else 0.0)


def _reach(text: str) -> tuple[bool, bool]:
    """Whether letters of it are high, and whether some hang."""
    return not _LOW.issuperset(text), not _HANGING.isdisjoint(text)


def _face(lines: Iterable[Sequence[_Placed]]) -> _Face:
    """That of most of a page, by words of one line."""
    lows: list[float] = []
    tails: list[float] = []
    strays: list[tuple[float, float]] = []
    usual = _Face()
    for line in lines:
        told = [(text, box) for text, box in line if _is_told(text)]
        heights: dict[tuple[bool, bool], list[float]] = {}
        for text, box in told:
            heights.setdefault(_reach(text), []).append(box.height)
        if high := heights.get((True, False)):
            lows += [_ASCENT * height / median(high) for height in heights.get((False, False), ())]
            tails += [_ASCENT * (height / median(high) - 1) for height in heights.get((True, True), ())]
        if len(told) > 2:
            strays.append((_stray([usual.size(text, box) for text, box in told]), _stray([box.height for _, box in told])))
    if sum(whole < tight for tight, whole in strays) * 2 > len(strays):
        return _Face(tight=False)
    return _Face(_within(lows, _X_HEIGHT), _within(tails, _DESCENT))


def _within(shares: Sequence[float], usual: float) -> float:
    """Half of them are no more; the usual one where they are few or none is like it."""
    share = median(shares) if len(shares) >= _TELLING else usual
    return share if usual / _FACES <= share <= usual * _FACES else usual


def _stray(sizes: Sequence[float]) -> float:
    return pstdev(sizes) / (sum(sizes) / len(sizes))


def _is_told(text: str) -> bool:
    """It has letters or figures, whose height is known."""
    return any(map(str.isalnum, text))


def _evened(size: float, usual: float) -> float:
    return round(2 * (usual if usual / _EVEN <= size <= usual * _EVEN else size)) / 2


def _quarter(line: Sequence[_Placed]) -> int | None:
    """How often the line must be turned clockwise to be upright: one that runs upwards once. None: it can't be told."""
    whole = union(box for _, box in line)
    if sum(len(text) for text, _ in line) <= _MARK or is_cjk(line[0][0][0]):
        return None
    if whole.height < _UPRIGHT * whole.width or any(box.width > box.height for text, box in line if len(text) > _MARK):
        backwards = len(line) > 2 and all(one.left > other.right for (_, one), (_, other) in pairwise(line))
        return 2 if backwards and not is_rtl(" ".join(text for text, _ in line)) else 0
    return 3 if line[0][1].top < line[-1][1].top else 1


def _scaled(box: Box, scale: float) -> Box:
    return Box(box.left * scale, box.top * scale, box.right * scale, box.bottom * scale)


def _turned(box: Box, quarters: int, width: float, height: float) -> Box:
    """Where the box is on a page of this size once that is turned clockwise."""
    for _ in range(quarters):
        box = Box(height - box.bottom, box.left, height - box.top, box.right)
        width, height = height, width
    return box
