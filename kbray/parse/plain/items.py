"""Lists that were typed: signs or numbers, and texts that hang behind them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kbray.parse.markup.lists import numeral

_START = re.compile(
    r"(?P<indent>\s*)(?P<marker>(?P<bullet>[-*•·▪‣◦●○■□+–]|(?<=\s)o)|(?P<open>\(?)(?P<number>\d{1,3}|[a-z]|[ivx]{2,5})(?P<close>[.)]))"
    r"\s+(?=\S)"
)
_UNSURE = "-–*+o"  # they also begin what somebody says, remarks, sums, and one is a word in some languages
_NO_DASHES = "*+"  # of these: nobody says what stands behind them
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»“)\]]*\Z")


@dataclass(frozen=True, slots=True)
class Item:
    """`lines` are its text, the marker replaced by spaces."""

    marker: str
    indent: int  # columns before the marker
    lines: tuple[str, ...]
    form: tuple[str, ...]  # what markers of one list have in common
    number: str  # of its marker; "" with a sign

    @property
    def hangs(self) -> bool:
        """Whether lines below its first stand under its text, not under its marker."""
        return len(self.lines) > 1


def items_in(lines: Sequence[str]) -> tuple[tuple[str, ...], list[Item]]:
    """The lines of a block before its first item, and its items; none where a line belongs to none."""
    first = next((place for place, line in enumerate(lines) if _START.match(line)), None)
    if first is None:
        return tuple(lines), []
    begun: list[tuple[re.Match[str], list[str]]] = []
    for line in lines[first:]:
        spread = line.expandtabs()
        start = _START.match(spread)
        if start is not None:
            begun.append((start, [" " * start.end() + spread[start.end() :]]))
            continue
        if len(spread) - len(spread.lstrip()) <= len(begun[-1][0]["indent"]):
            return tuple(lines), []
        begun[-1][1].append(spread)
    return tuple(lines[:first]), [_item(start, texts) for start, texts in begun]


def _item(start: re.Match[str], lines: Iterable[str]) -> Item:
    form = (start["bullet"] or "", start["open"] or "", start["close"] or "", _kind(start["number"]))
    return Item(start["marker"], len(start["indent"]), tuple(lines), form, start["number"] or "")


def _kind(number: str | None) -> str:
    return "" if number is None else "1" if number.isdecimal() else "a"


def is_list(items: Iterable[Item]) -> bool:
    """Whether what follows each other is one beyond doubt: numbers that count from the first, signs of which texts hang or that
    are no sentences.
    """
    outer = list(items)
    if not outer:
        return False
    left = min(item.indent for item in outer)
    outer = [item for item in outer if item.indent == left]
    if any(item.form != outer[0].form for item in outer):
        return False
    if outer[0].number:
        return len(outer) > 1 and _counts([item.number for item in outer])
    if any(item.hangs for item in outer):
        return True
    sign, ends = outer[0].form[0], [_SENTENCE_END.search(item.lines[0]) is not None for item in outer]
    return len(outer) > 1 and (sign not in _UNSURE or not any(ends) or (sign in _NO_DASHES and all(ends)))


def _counts(numbers: Sequence[str]) -> bool:
    """Whether each is the one after that before it, or the first of another list."""
    style = "1" if numbers[0].isdecimal() else "i" if numbers[0] == "i" else "a"
    place = 0
    for number in numbers:
        place = 1 if number == numeral(1, style) else place + 1
        if number != numeral(place, style):
            return False
    return True


def levels(items: Sequence[Item]) -> Iterator[int]:
    """How deep each lies, from 1."""
    open_at: list[int] = []
    for item in items:
        while open_at and open_at[-1] > item.indent:
            open_at.pop()
        if not open_at or open_at[-1] < item.indent:
            open_at.append(item.indent)
        yield len(open_at)
