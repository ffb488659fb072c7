"""A formula as it stands on the page → one line of text for each of its lines: x_i^2, (a + b)/c, √(x), ∑_(i=1)^n."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kbray.document.layout.words import Word
from kbray.document.superscripts import grouped
from kbray.geometry import Box, union

_INDEX = 0.85  # of the size of what they stand at: indices, exponents, limits
_LOWERED, _RAISED = 0.05, 0.15  # of it, from the baseline
_AXIS = 0.25  # … the height at which fractions and large signs are centred
_SPACE = 0.14
_LEVEL = 0.5  # from baseline to baseline: one line
_NEAR = 0.4  # from a bar to what stands over it or below
_LIMITS = 0.5, 2.0  # from the middle of a sign up or down to that of its limits
_ASIDE = 0.6  # … and to the side
_TALL = 1.5  # a bracket higher than that holds several lines, or a fraction
_LIMITED = frozenset("∑∏∐⋃⋂⨆⨄⋀⋁⨀⨁⨂") | {"lim", "max", "min", "sup", "inf", "argmax", "argmin", "liminf", "limsup"}
_OPENING, _CLOSING = frozenset("([{⌊⌈⟨"), frozenset(")]}⌋⌉⟩")
_BRACKETS = _OPENING | _CLOSING
_PIECES = dict(zip("⎛⎝⎜⎞⎠⎟⎡⎣⎢⎤⎦⎥⎧⎩⎨⎫⎭⎬⎪", "((()))[[[]]]{{{}}}|", strict=True))
_STYLED = re.compile("[\U0001d400-\U0001d7ff]")  # letters as formulas have them, slanted or bold
_PRIMES = frozenset("′″‴'*∗†")


@dataclass(frozen=True, slots=True)
class _Item:
    """A word, or what became of some: its text stands on this baseline."""

    text: str
    box: Box
    baseline: float
    size: float

    @property
    def middle(self) -> float:
        return (self.box.left + self.box.right) / 2

    @property
    def height(self) -> float:
        """Where its middle is, which tells whether it is over a rule or below."""
        return self.baseline - _AXIS * self.size


def linear(words: Sequence[Word], rules: Sequence[Box]) -> str:
    """The formula's text, its lines divided by newlines. rules: those of the page; some are its fraction bars."""
    box, size = union(word.box for word in words), max(word.size for word in words)
    items = _with_brackets([_Item(word.text, word.box, word.baseline, word.size) for word in words], size)
    reach = Box(box.left - size, box.top - size, box.right + size, box.bottom + size)
    level = (rule for rule in rules if rule.width > rule.height)
    bars = [rule for rule in level if reach.holds(rule.left, rule.top) and rule.right < reach.right]
    for bar in sorted(bars, key=lambda bar: bar.width):
        items = _divided(items, bar, size)
    return _STYLED.sub(lambda letter: unicodedata.normalize("NFKC", letter[0]), "\n".join(_lines(items)))


def is_piece(word: Word) -> bool:
    """Of a high bracket, which is made of several, one above the other."""
    return word.math and _PIECES.keys() >= set(word.text)


def _with_brackets(items: Sequence[_Item], size: float) -> list[_Item]:
    """With those that are made of pieces, one above the other, as one."""
    found: list[_Item] = []
    stacks: list[list[_Item]] = []
    for item in sorted(items, key=lambda item: item.box.top):
        if not _PIECES.keys() >= set(item.text):
            found.append(item)
            continue
        stack = next((s for s in stacks if abs(s[-1].middle - item.middle) < 0.4 * size), None)
        if stack is not None and item.box.top - max(piece.box.bottom for piece in stack) < size:
            stack.append(item)
        else:
            stacks.append([item])
    for stack in stacks:
        sign = next((_PIECES[sign] for piece in stack for sign in piece.text if sign != "⎪"), "|")
        found.append(_centred(sign, stack, size))
    return found


def _centred(text: str, items: Sequence[_Item], size: float) -> _Item:
    """One item in place of some, on whose middle the line has its axis."""
    box = union(item.box for item in items)
    return _Item(text, box, (box.top + box.bottom) / 2 + _AXIS * size, size)


def _divided(items: list[_Item], bar: Box, size: float) -> list[_Item]:
    """With what stands over the bar and below it as a fraction, or with what stands below it as a root."""
    reach = Box(bar.left - 0.1 * size, bar.top - _NEAR * size, bar.right + 0.1 * size, bar.top + _NEAR * size)
    inside = [
        item
        for item in items
        if reach.left <= item.middle <= reach.right and not (item.text in _BRACKETS and _holds(item.box, reach))
    ]
    root = next((item for item in items if item.text == "√" and _goes_on(item.box, bar, size)), None)
    if root is not None:
        inner = [item for item in inside if item is not root and bar.top < item.height < root.box.bottom]
        taken, text = [root, *inner], f"√({_line_of(inner)})" if inner else "√"
        large = max(item.size for item in inner or [root])
        baseline = max(inner or [root], key=lambda item: item.size).baseline
    else:
        over = _stacked([item for item in inside if item.height < bar.top], bar.top, size)
        under = _stacked([item for item in inside if item.height > bar.top], bar.top, size)
        if not (over and under):
            return items
        taken, text = [*over, *under], f"{grouped(_line_of(over))}/{grouped(_line_of(under))}"
        large = max(item.size for item in taken)
        baseline = bar.top + _AXIS * large
    gone = set(map(id, taken))
    box = union((bar, *(item.box for item in taken)))
    return [*(item for item in items if id(item) not in gone), _Item(text, box, baseline, large)]


def _goes_on(root: Box, bar: Box, size: float) -> bool:
    """The bar begins right where the sign of the root ends, in its upper half; a fraction bar under the root stands off."""
    return abs(root.right - bar.left) < 0.1 * size and root.top - size < bar.top < (root.top + root.bottom) / 2


def _holds(item: Box, place: Box) -> bool:
    return item.top < place.top and item.bottom > place.bottom


def _stacked(items: Sequence[_Item], edge: float, size: float) -> list[_Item]:
    """Those next to a bar at this height, and what overlaps them."""
    found: list[_Item] = []
    for item in sorted(items, key=lambda item: abs(item.height - edge)):
        near = not found and max(item.box.top - edge, edge - item.box.bottom) <= _NEAR * size
        if near or any(_shared(item.box, other.box) > 0.3 * min(item.box.height, other.box.height) for other in found):
            found.append(item)
    return found


def _shared(one: Box, other: Box) -> float:
    return min(one.bottom, other.bottom) - max(one.top, other.top)


def _line_of(items: Sequence[_Item]) -> str:
    return " ".join(_lines(items))


def _lines(items: Sequence[_Item]) -> list[str]:
    """Lines of text of the items, by their places."""
    size = max(item.size for item in items)
    rows: list[list[_Item]] = []
    whole = _fenced(_limited(items, size), size)
    for item in sorted((item for item in whole if item.size >= _INDEX * size), key=lambda item: item.baseline):
        if rows and item.baseline - rows[-1][-1].baseline <= _LEVEL * size:
            rows[-1].append(item)
        else:
            rows.append([item])
    large = [tuple(row) for row in rows]
    for item in whole:
        if item.size < _INDEX * size:
            rows[min(range(len(rows)), key=lambda number: _distance(item, large[number]))].append(item)
    return [_line(row, size) for row in rows]


def _distance(item: _Item, row: Sequence[_Item]) -> float:
    """To the line's nearest item, counting height most."""
    return min(
        2 * abs(other.height - item.height) + max(0.0, item.box.left - other.box.right, other.box.left - item.box.right)
        for other in row
    )


def _limited(items: Sequence[_Item], size: float) -> list[_Item]:
    """With the limits over large signs, and below them, at these."""
    signs = [item for item in items if item.text in _LIMITED and item.size >= _INDEX * size]
    near: dict[int, list[_Item]] = {id(sign): [] for sign in signs}
    for item in items if signs else ():
        if item.size < _INDEX * size:
            near[id(min(signs, key=lambda sign: abs(item.middle - sign.middle)))].append(item)
    texts: dict[int, str] = {}
    gone: set[int] = set()
    for sign in signs:
        texts[id(sign)] = sign.text
        for mark in "_^":
            limits: list[_Item] = []
            for item in sorted(near[id(sign)], key=lambda item: abs(item.middle - sign.middle)):
                beyond = item.height - sign.height if mark == "_" else sign.height - item.height
                apart = min(max(o.box.left - item.box.right, item.box.left - o.box.right) for o in (sign, *limits))
                if _LIMITS[0] * size < beyond < _LIMITS[1] * size and apart < 0.25 * size:
                    limits.append(item)
            box = union(item.box for item in limits) if limits else sign.box
            if limits and abs((box.left + box.right) / 2 - sign.middle) <= max(_ASIDE * size, 0.25 * box.width):
                texts[id(sign)] += mark + grouped(_line_of(limits))
                gone.update(map(id, limits))
    left = (item for item in items if id(item) not in gone)
    return [replace(item, text=texts[id(item)]) if id(item) in texts else item for item in left]


def _fenced(items: Sequence[_Item], size: float) -> list[_Item]:
    """With what stands between a high bracket and its fellow, or behind one that has none, as one item on one line."""
    found = list(items)
    high = [item for item in items if item.text in _BRACKETS and item.box.height > _TALL * size]
    for fence in sorted((item for item in high if item.text in _OPENING), key=lambda item: -item.box.left):  # inner ones first
        behind = [
            item
            for item in found
            if item is not fence and item.box.left >= fence.middle and _shared(item.box, fence.box) > 0.5 * item.box.height
        ]
        closing = [item for item in behind if item.text in _CLOSING and item in high]
        end = min(closing, key=lambda item: item.box.left) if closing else None
        inner = [item for item in behind if end is None or (item is not end and item.middle < end.middle)]
        if inner:
            taken = [fence, *inner, *([end] if end else [])]
            whole = _centred(f"{fence.text}{'; '.join(_lines(inner))}{end.text if end else ''}", taken, size)
            found = [whole, *(item for item in found if not any(item is one for one in taken))]
    return found


def _line(row: Sequence[_Item], size: float) -> str:
    text, end, base, before = "", 0.0, 0.0, ""
    for small, run in itertools.groupby(sorted(row, key=lambda item: item.box.left), key=lambda item: item.size < _INDEX * size):
        items = list(run)
        if small and text:
            text += _scripts(items, base, size)
        else:
            for item in items:
                made = item is items[0] or "/" in before + item.text  # of several: where it ends has to be told
                apart = item.box.left - end > _SPACE * size or (made and text[-1:].isalnum() and item.text[0].isalnum())
                text += f" {item.text}" if text and apart else item.text
                end, base, before = item.box.right, item.baseline, item.text
        end = max(item.box.right for item in items)
    return text


def _scripts(items: Sequence[_Item], base: float, size: float) -> str:
    """Indices and exponents of what stands before them on this baseline."""
    lowered = [item for item in items if item.baseline > base + _LOWERED * size]
    raised = [item for item in items if item.baseline < base - _RAISED * size]
    level = [item for item in items if item not in lowered and item not in raised]
    text = _line_of(level) if level else ""
    if lowered:
        text += "_" + grouped(_line_of(lowered))
    if raised:
        above = _line_of(raised)
        text += above if _PRIMES.issuperset(above) else "^" + grouped(above)
    return text
