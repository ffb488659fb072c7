"""Markers of list items as a browser would draw them: start, value, reversed, letters and Roman numerals."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

_ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    )
)
_STYLE = re.compile(r"(?:^|;)\s*list-style(?:-type)?\s*:[^;]*?\b((?:lower|upper)-(?:alpha|latin|roman)|decimal)\b", re.IGNORECASE)
OF_GOOGLE = "lst-kix_"  # begins the classes of lists of Google Docs, which writes each level as a list by itself
_LEVEL = re.compile(rf"\b{OF_GOOGLE}\w+-(\d)\b")
_STYLES = {
    **{"decimal": "1", "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A"},
    **{"lower-roman": "i", "upper-roman": "I"},
}


@dataclass(slots=True)
class ListCount:
    """An open list; `marker` is called for each of its items in order."""

    ordered: bool = False
    style: str = "1"
    number: int = 1
    step: int = 1
    depth: int = 0  # that it is said to have; 0: that of the lists around it

    @classmethod
    def opened(cls, tag: str, attributes: Mapping[str, str]) -> Self:
        """The count of a list element, before its first item."""
        ordered = tag == "ol" or (tag == "list" and attributes.get("type") == "ol")  # the latter in DTBook
        start = _integer(attributes.get("start"))
        told = _STYLE.search(attributes.get("style") or "")
        style = _STYLES.get(told[1].lower()) if told else None
        style = style or attributes.get("type") or "1"
        level = _LEVEL.search(attributes.get("class") or "")
        depth = int(level[1]) + 1 if level else 0
        return cls(ordered, style, 1 if start is None else start, -1 if "reversed" in attributes else 1, depth)

    def marker(self, value: str | None) -> str:
        """The next item's marker; `value` is its own attribute of that name."""
        if not self.ordered:
            return "-"
        own = _integer(value)
        number = self.number if own is None else own
        self.number = number + self.step
        return f"{numeral(number, self.style)}."


def numeral(number: int, style: str) -> str:
    """`number` in the style of an `ol` type: 1, a, A, i or I; decimal where the style has no sign for it."""
    if style in ("a", "A") and number > 0:
        letters = ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(ord(style) + rest) + letters
        return letters
    if style in ("i", "I") and 0 < number < 4000:
        roman = ""
        for value, sign in _ROMAN:
            roman += sign * (number // value)
            number %= value
        return roman.upper() if style == "I" else roman
    return str(number)


def _integer(value: str | None) -> int | None:
    digits = (value or "").strip()
    return int(digits) if len(digits) <= 9 and digits.removeprefix("-").isdecimal() else None
