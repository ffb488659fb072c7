"""A page's text layer as words for the layout: places in points on the page as displayed, sizes of print."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
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
_WHOLE = 0.9  # of the height of places that are as high for every word: the font size
_ABOVE = 0.77  # … and what of it is above the baseline
_EVEN = 1.12  # times larger or smaller than most of the print: so close, and it has that size
_RAISED, _RISE = 0.75, 0.2  # of the font size: that of a raised figure, at most, and how far above the line it stands, at least
_MARK = 3  # characters of a raised figure, at most
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
            found += [block.moved(lambda box: _turned(box, back, width, height)) for block in blocks_on(even)]  # noqa: B023
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
    tight = _is_tight(lines)
    found: list[Word] = []
    order = 0
    for line in lines:
        sizes = [_size(text, box, tight=tight) for text, box in line if _is_told(text)] or [
            _WHOLE * box.height for _, box in line
        ]
        size = max(_LEAST, median(sizes))
        bases = [_baseline(text, box, size, tight=tight) for text, box in line if _is_told(text)] or [line[0][1].bottom]
        level = median(bases)
        is_level = max(bases) - min(bases) < _RISE * size
        for text, box in line:
            own, baseline = _size(text, box, tight=tight), _baseline(text, box, size, tight=tight)
            if len(text) <= _MARK and text.isdecimal() and own < _RAISED * size and level - box.bottom > _RISE * size:
                found.append(Word(text, box, max(_LEAST, own), box.bottom, order=order, leftwards=leftwards))
            else:
                base = level if is_level or not _is_told(text) else baseline
                found.append(Word(text, box, size, base, order=order, leftwards=leftwards))
            order += len(text) + 1
    return found


def _is_tight(lines: Iterable[Sequence[_Placed]]) -> bool:
    """Places are as high as the letters in them; not as high as the line for every word."""
    strays = []
    for line in lines:
        told = [(text, box) for text, box in line if _is_told(text)]
        if len(told) > 2:
            strays.append(tuple(_stray([_size(text, box, tight=way) for text, box in told]) for way in (True, False)))
    return not strays or sum(tight <= whole for tight, whole in strays) * 2 >= len(strays)


def _stray(sizes: Sequence[float]) -> float:
    return pstdev(sizes) / (sum(sizes) / len(sizes))


def _is_told(text: str) -> bool:
    """It has letters or figures, whose height is known."""
    return any(map(str.isalnum, text))


def _size(text: str, box: Box, *, tight: bool) -> float:
    if not tight:
        return _WHOLE * box.height
    high = not _LOW.issuperset(text)
    hangs = not _HANGING.isdisjoint(text)
    return box.height / ((_ASCENT if high else _X_HEIGHT) + (_DESCENT if hangs else 0.0))


def _baseline(text: str, box: Box, size: float, *, tight: bool) -> float:
    if not tight:
        return box.top + _ABOVE * box.height
    return box.bottom - (_DESCENT * size if not _HANGING.isdisjoint(text) else 0.0)


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
