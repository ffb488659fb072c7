"""Labels of numbered paragraphs, counted as Hangul does: by numbering and level, in Korean, Chinese, Latin and Roman figures."""

import re
from collections.abc import Callable, Mapping

from kbray.parse.hangul.document import Head, Label
from kbray.parse.markup import lists

_SYLLABLES = "가나다라마바사아자차카타파하"
_LETTERS = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_DIGITS, _FIGURES = "일이삼사오육칠팔구", "一二三四五六七八九"
_TENS = {"일": "십", "一": "十"}  # by the sign for one of the same script
_STEMS, _STEMS_CHINESE = "갑을병정무기경신임계", "甲乙丙丁戊己庚辛壬癸"
_PLACE = re.compile(r"\^([1-9nN:])")


def _lettered(signs: str) -> Callable[[int], str]:
    """Beyond the last sign they are doubled: 가가, 나나."""
    return lambda number: signs[(number - 1) % len(signs)] * ((number - 1) // len(signs) + 1)


def _circled(first: str, last: int, otherwise: Callable[[int], str] = str) -> Callable[[int], str]:
    return lambda number: chr(ord(first) + number - 1) if number <= last else f"({otherwise(number)})"


def _counted(figures: str) -> Callable[[int], str]:
    """1 to 99 as they are said."""

    def said(number: int) -> str:
        if number > 99:
            return str(number)
        tens, ones = divmod(number, 10)
        ten = (figures[tens - 1] if tens > 1 else "") + _TENS[figures[0]] if tens else ""
        return ten + (figures[ones - 1] if ones else "")

    return said


def _digits_circled(number: int) -> str:
    return chr(0x2460 + number - 1) if number <= 20 else chr(0x3251 + number - 21) if number <= 35 else f"({number})"


def _latin(style: str) -> Callable[[int], str]:
    return lambda number: lists.numeral(number, style)


_NUMERALS: dict[int, Callable[[int], str]] = {
    1: _digits_circled,
    2: _latin("I"),
    3: _latin("i"),
    4: _latin("A"),
    5: _latin("a"),
    6: _circled("Ⓐ", 26, _latin("A")),
    7: _circled("ⓐ", 26, _latin("a")),
    8: _lettered(_SYLLABLES),
    9: _circled("㉮", 14, _lettered(_SYLLABLES)),
    10: _lettered(_LETTERS),
    11: _circled("㉠", 14, _lettered(_LETTERS)),
    12: _counted(_DIGITS),
    13: _counted(_FIGURES),
    14: _circled("㊀", 10, _counted(_FIGURES)),
    15: _lettered(_STEMS),
    16: _lettered(_STEMS_CHINESE),
}
SHAPES = {
    name: shape
    for shape, name in enumerate(
        (
            *("DIGIT", "CIRCLED_DIGIT", "ROMAN_CAPITAL", "ROMAN_SMALL", "LATIN_CAPITAL", "LATIN_SMALL"),
            *("CIRCLED_LATIN_CAPITAL", "CIRCLED_LATIN_SMALL", "HANGUL_SYLLABLE", "CIRCLED_HANGUL_SYLLABLE"),
            *("HANGUL_JAMO", "CIRCLED_HANGUL_JAMO", "HANGUL_PHONETIC", "IDEOGRAPH", "CIRCLED_IDEOGRAPH"),
            *("DECAGON_CIRCLE", "DECAGON_CIRCLE_HANJA"),
        )
    )
}
"""Names of the shapes in HWPX → the numbers they have in HWP."""


def numeral(number: int, shape: int) -> str:
    """`number` in one of Hangul's shapes of numbers; in digits where the shape has no sign for it, or isn't known."""
    return _NUMERALS.get(shape, str)(number) if number > 0 else str(number)


class Labels:
    """The labels of a document, asked for paragraph by paragraph."""

    def __init__(self, levels: Mapping[int, tuple[Label, ...]]) -> None:
        self._levels = levels
        self._counts: dict[int, list[int]] = {}

    def next(self, head: Head) -> str:
        """The label of the next paragraph with this head; "-" for a bullet, "" where nothing is shown."""
        if head.kind == "bullet":
            return "-"
        levels = self._levels.get(head.numbering, ())
        if head.level >= len(levels):
            return ""
        counts = self._counts.setdefault(head.numbering, [])
        del counts[head.level + 1 :]
        while len(counts) <= head.level:
            counts.append(levels[len(counts)].start - (len(counts) == head.level))
        counts[head.level] += 1
        numbers = [numeral(count, levels[level].shape) for level, count in enumerate(counts)]

        def shown(place: re.Match[str]) -> str:
            if place[1] in "nN":
                return ".".join(numbers) + ("." if place[1] == "N" else "")
            level = ord(place[1]) - ord("1")
            return numbers[level] if level < len(numbers) else ""

        return " ".join(_PLACE.sub(shown, levels[head.level].form).split())
