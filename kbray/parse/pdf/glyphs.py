"""What characters mean that are told by the numbers of their glyphs: fonts put in by number, and without a meaning for each.

pdfium takes such a number for Unicode, and tells "7KH" where "The" is seen. Which number a glyph has is the font's matter, and
stays as it is where a program puts in only parts of the font. The tables were taken from fonts in PDFs that tell their meanings.
"""

import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence

from kbray.parse.pdf import calls
from kbray.parse.pdf.meanings import by_font, name_of

_SPACE = 3  # its number in most fonts; as Unicode a control that no text has
_SPACES = 0.03  # of the characters of a font that tells numbers for all of them
_FEW = 12  # letters, too few to tell a language by
_COMMON, _RARE, _VOWELS = frozenset("eaiontrsl"), frozenset("bfhjkpqvwxyz"), frozenset("aeiouy")
_MOST, _SOME = 0.5, 0.35  # of the letters of a text are common ones, at least, and rare ones, at most
_LEAST = 0.25  # … are vowels
_ODD, _SELDOM = frozenset("#$%&*+<=>@[\\]^_`{|}~¬∞±≤≥µ∂∑∏π∫Ω¿¡√ƒ≈∆◊¤‡"), 0.05  # signs, seldom among letters
_HIGH = 0xFF  # fonts of a document that are numbered anew have few glyphs
_KNOWN = 0.8  # of the numbers of a font are in its table
_AHEAD = 0.15  # more are common than by the numbers themselves

# Most fonts number what is in ASCII as Apple's first ones did.
_ASCII = {number: chr(number + 29) for number in range(_SPACE, 98)}
# These go on so, without two of Apple's signs.
_AS_APPLE = re.compile(r"Arial|Times ?New|Courier ?New|Verdana|Georgia|Tahoma|Trebuchet|Comic|Century ?Gothic|Lucida")
_APPLE = _ASCII | {
    number: bytes((number + ahead,)).decode("mac_roman")
    for numbers, ahead in ((range(98, 172), 30), (range(172, 209), 31), (range(209, 224), 32))
    for number in numbers
}


def _runs(*runs: tuple[int, str]) -> dict[int, str]:
    """Args: the number of the first of some characters that follow each other, and these."""
    return {number: character for first, characters in runs for number, character in enumerate(characters, first)}


_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SMALL = _CAPITALS.lower()
_DIGITS = "0123456789"
_CALIBRI = (
    4, 17, 18, 24, 28, 38, 39, 44, 47, 58, 60, 62, 68, 69, 75, 87, 89, 90, 94, 100, 104, 115, 116, 121, 122, 127,
    258, 271, 272, 282, 286, 296, 336, 346, 349, 361, 364, 367, 373,
    374, 381, 393, 395, 396, 400, 410, 437, 448, 449, 454, 455, 460,
    259, 260, 261, 262, 263, 277, 287, 288, 289, 291, 351, 352, 354, 377, 383, 384, 385, 386, 408, 439, 440, 442,
)  # fmt: skip
_NAMED = {
    "Calibri": dict(zip(_CALIBRI, _CAPITALS + _SMALL + "àáâãäçèéêëíîïñóôõößúûü", strict=True))
    | {299: "ff", 302: "fi", 312: "ffi", 327: "fl", 332: "ft", 415: "ti", 425: "tt", 427: "tti"}
    | _runs(
        (_SPACE, " "), (842, "!"), (845, "?"), (853, ",;:.…‘’"), (862, "“”"), (872, "«»"), (876, "/"), (878, "|"), (882, "-"),
        (884, "–"), (886, "—"), (891, "•∙"), (894, "()[]{}"), (910, "*†‡§"), (918, "'\"&"), (923, "@"), (926, "©"), (929, "™"),
        (931, "°"), (934, "€"), (936, "$"), (1004, _DIGITS), (1016, "²"), (1081, "%"), (1085, "+"),
    ),
    "Cambria": _runs(
        (_SPACE, " "), (4, _CAPITALS), (131, _SMALL), (428, "&"), (481, ",;:."), (486, "-"), (495, "’"), (498, "“”"), (512, "/"),
        (514, "–"), (516, "—"), (523, "()"), (527, "[]"), (821, "'\"@"), (882, _DIGITS), (936, "%"), (938, "+"),
    ),
    "Consolas": _runs(
        (_SPACE, " "), (4, _CAPITALS), (131, _SMALL), (314, "&"), (345, ",;:.…-"), (352, "!"), (355, "?"), (373, "/|"),
        (383, "()"), (387, "[]"), (391, "{}"), (395, "*"), (588, "~"), (590, "\\_'\"@"), (612, "#0"), (616, "123456789"),
        (681, "%"), (683, "+"), (688, "="), (691, "<>"),
    ),
}  # fmt: skip


def by_number(page: calls.Pointer, codes: Sequence[int], unmapped: Mapping[int, Sequence[int]]) -> dict[int, str]:
    """What characters are, one or more letters each, where they are words by their fonts' numbers: index → text.

    Args: unmapped: by font (address), the indices of those that it tells no meaning for.
    """
    drawn = by_font(page, range(len(codes))) if _SPACE in codes else {}
    # Those that tell the numbers as meanings: among them that of the space.
    told = {
        font: indices
        for font, indices in drawn.items()
        if sum(codes[index] == _SPACE for index in indices) > _SPACES * len(indices)
    }
    found: dict[int, str] = {}
    for font, indices in {**told, **unmapped}.items():
        if name := name_of(font):
            tables = [table for known, table in _NAMED.items() if known in name and "Math" not in name]
            tables.append(_APPLE if _AS_APPLE.search(name) else _ASCII)
            found |= next(filter(None, (_read(codes, indices, table) for table in tables)), {})
    return found


def _read(codes: Sequence[int], indices: Sequence[int], table: Mapping[int, str]) -> dict[int, str]:
    """Empty where this isn't the font's table."""
    meant = {index: table[codes[index]] for index in indices if codes[index] in table}
    if len(meant) < _KNOWN * len(indices):
        return {}
    as_it_was = any(codes[index] > _HIGH for index in meant) or (table is _APPLE and _is_in_words(codes, meant))
    text, told = "".join(meant.values()), "".join(chr(codes[index]) for index in meant)
    return meant if as_it_was or _is_text(text, told) else {}


def _is_in_words(codes: Sequence[int], meant: Mapping[int, str]) -> bool:
    """A few letters, each beside one that the font tells."""
    letters = [index for index, text in meant.items() if text.isalpha()]
    beside = (
        any(near not in meant and _is_letter(codes[near]) for near in (index - 1, index + 1) if 0 <= near < len(codes))
        for index in letters
    )
    return 0 < len(letters) < _FEW and all(beside)


def _is_letter(code: int) -> bool:
    return code <= sys.maxunicode and chr(code).isalpha()


def _is_text(text: str, told: str) -> bool:
    """As many of its letters are common ones as languages have; and not of `told`, which is what the numbers are as Unicode."""
    return (
        _share(text, _COMMON) >= max(_MOST, _share(told, _COMMON) + _AHEAD)
        and _share(text, _RARE) <= _SOME
        and _share(text, _VOWELS) >= _LEAST
        and sum(map(_ODD.__contains__, text)) <= _SELDOM * len(text)
        and (text.upper() != text or "A" in text)  # where numbers and points are meant, there is none
    )


def _share(text: str, of: frozenset[str]) -> float:
    """Of the letters, without their accents; of a few nothing."""
    letters = [character for character in unicodedata.normalize("NFD", text).lower() if character.isalpha()]
    return sum(letter in of for letter in letters) / len(letters) if len(letters) >= _FEW else 0.0
