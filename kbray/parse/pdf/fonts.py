"""How a font looks, by its name: the weight in PDFs is often made up (1,000 for a regular face, 250 for a bold one)."""

import re
from collections.abc import Iterable
from statistics import median

from kbray.document.layout.words import is_cjk

SUBSET = re.compile(r"[A-Z]{6}\+")
"""Before the name of a font of which a file holds a part."""
_BOLD = re.compile(
    r"bold|black(?!adder)|heavy|demi(?!light)|blk|[-,.](?:bd|bi?|bol)$|-medi(?:ital)?$|(?-i:[a-z]Bd)(?:it)?$", re.IGNORECASE
)
# Faces that are known by letters: those of TeX (CMBX10, SFSX1200, ECRB1000, CMSSBX10, CMMIB10), Linux Libertine (TB: text, bold).
_LETTERED = re.compile(
    r"(?:cm|lm|ec|sf|tc|dc|la|lh|cs|pl|vn|ae|msa|msb|eu)(?P<face>[a-z]{1,6})\d{1,4}|lin(?:libertine|biolinum)(?P<libertine>[a-z]{2})",
    re.IGNORECASE,
)
_BOLD_FACE = re.compile(r"(?:ss)?b[xil].*|b|rb|sx|bsy|mib|fb|[to][bz]i?", re.IGNORECASE)
_SLANTED = re.compile(r"ital|obli|slant|[-,](?:bold|bd|b)?it?$|(?-i:[a-z]It)$", re.IGNORECASE)
_SLANTED_FACE = re.compile(r"(?:bx|ss|bi)?(?:ti|sl|i)|itt|sltt|bi", re.IGNORECASE)
_WORD = re.compile(r"(?!font)[a-z]{4}", re.IGNORECASE)
_MADE_UP = re.compile(r"(?:cid|cairo|type_?|embedded)_?font", re.IGNORECASE)
_NUMBER = re.compile(r"\d$")  # a face may have one: YoonGothicPro780
_WORDS, _MOST, _EVEN = 8, 0.95, 0.015  # that tell a width: different words, their share, and how far theirs may stray
_LONG_WORD = 3  # letters: its width tells that of each
_HEAVY = range(700, 1001)
# Faces of formulas: those of TeX and the packages that replace them, MathType's, and OpenType's with a table for mathematics.
_MATH = re.compile(
    r"(?:cm|lm)(?:mi|b?sy|mib|ex)[a-z]*\d{1,2}$|ms[abx]m\d|eu[frsx][mb]\d|rsfs|stmary|wasy|bbold|esint|.*math(?!ilda)"
    r"|n?(?:rp|r?tx|px|zptm|fu|fout|yh|mt)(?:m?mi|b?sy|ex)[a-z]*\d*$|mt-?extra|symbol|standardsym|opensymbol|euclid ?(?:ex|sy)"
    r"|stix(?:general|size|nonunicode|integrals)",
    re.IGNORECASE,
)


def is_bold(name: str, weight: int) -> bool:
    """By the name; by the weight where the name tells nothing.

    Args: weight: as pdfium has it from the width of the stems, 0 to some thousands.
    """
    name = SUBSET.sub("", name)
    if _BOLD.search(name):
        return True
    if lettered := _LETTERED.match(name):
        return _BOLD_FACE.fullmatch(lettered["face"] or lettered["libertine"]) is not None
    return weight in _HEAVY and (_NUMBER.search(name) is not None or _WORD.search(_MADE_UP.sub("", name)) is None)


def is_slanted(name: str, angle: int) -> bool:
    """Args: angle: degrees from the vertical, as the font tells; 0 where it doesn't."""
    name = SUBSET.sub("", name)
    if angle or _SLANTED.search(name):
        return True
    lettered = _LETTERED.match(name)
    return lettered is not None and _SLANTED_FACE.fullmatch(lettered["face"] or lettered["libertine"]) is not None


def is_math(name: str) -> bool:
    """Its signs are those of formulas."""
    return _MATH.match(SUBSET.sub("", name)) is not None


def of_one_width(words: Iterable[tuple[int, str, float]]) -> set[int]:
    """Fonts whose letters are all as wide, as the words tell that are drawn in them: many of those for code don't say so.

    Not those of Chinese and Japanese, whose Latin letters mostly are.
    Args: words: the font of each, its text, and its width in font sizes.
    """
    widths: dict[int, dict[str, float]] = {}  # of a letter, by the letters of the word: a name with other numbers tells no more
    for font, text, width in words:
        letters = "".join(filter(str.isalpha, text))
        if len(letters) >= _LONG_WORD or is_cjk(text[0]):
            widths.setdefault(font, {})[letters] = width / len(text)
    return {font for font, told in widths.items() if _are_even(told)}


def _are_even(words: dict[str, float]) -> bool:
    if len(words) < _WORDS or any(is_cjk(letters[:1]) for letters in words):
        return False
    usual = median(words.values())
    return sum(abs(width - usual) <= _EVEN * usual for width in words.values()) >= _MOST * len(words)
