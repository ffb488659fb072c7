"""What characters are whose fonts tell it otherwise than by Unicode, or not at all: those of TeX, and fonts of symbols."""

import ctypes
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress, repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium

from kbray.document.layout.bullets import ICON
from kbray.parse.pdf import calls
from kbray.parse.pdf.fonts import SUBSET
from kbray.parse.pdf.tex import (
    ASCII,
    BULLET,
    BULLET_OF_SIGNS,
    DOUBLED,
    NAMED_BY_DVIPS,
    SIGNS,
    encoding_of_tex,
    font_of_formulas,
    sign_of_tex,
)
from kbray.parse.symbols import symbols_of, translated

# Accents that stand for themselves, as TeX and its like print them over a letter → those that combine with it.
_ACCENTS = dict(
    zip(
        (0x60, 0x2CB, 0xB4, 0x2CA, 0x5E, 0x2C6, 0x7E, 0x2DC, 0xA8, 0xAF, 0x2C9, 0x2D8, 0x2D9, 0x2DA, 0x2DD, 0x2C7, 0xB8, 0x2DB),
        "\u0300\u0300\u0301\u0301\u0302\u0302\u0303\u0303\u0308\u0304\u0304\u0306\u0307\u030a\u030b\u030c\u0327\u0328",
        strict=True,
    )
)
_OVER, _OGONEK, _ASIDE = 0.35, 0x2DB, 0.45  # of the width of a letter, from its middle; what hangs at the right end of an a or e
_ICONS = re.compile(
    r"font ?awesome|academicons|simple-?icons|material ?(?:design ?)?icons|icomoon|fontello|glyphicons|ionicons", re.IGNORECASE
)
_CIRCLE, _ENCIRCLED = "◯", dict(zip(map(ord, "cCrR"), "©©®®", strict=True))
_ROW = 4.0  # points; of letters that are looked for together
_DOTLESS = {"\u0131": "i", "\u0237": "j"}
_SMALL_LETTERS = range(ord("a"), ord("z") + 1)
_FEW_LETTERS = 20
_SAMPLE, _SEVERAL = 100, 3  # letters of a font
_EVEN, _ABOUT_EVEN = 1.1, 1.25  # the widest of them to the narrowest where all are as wide, but for whole pixels
_NARROW = frozenset(map(ord, "fijlt"))  # half as wide as others, where not all are as wide
_VOWELS = 0.3, 0.55  # of the letters of a text


def name_of(font: int) -> str:
    """Of the font at this address; "" where it has none."""
    name = ctypes.create_string_buffer(256)
    length = pdfium.FPDFFont_GetBaseFontName(ctypes.cast(font, pdfium.FPDF_FONT), name, 256)
    return name.value.decode("utf-8", "replace") if 0 < length <= 256 else ""


def by_font(page: calls.Pointer, indices: Iterable[int]) -> dict[int, list[int]]:
    """The characters by the font (address) that they are in."""
    found: dict[int, list[int]] = {}
    for index in indices:
        text_object = calls.object_of(page, index)
        font = calls.font_of(text_object) if text_object else None
        if font:
            found.setdefault(font, []).append(index)
    return found


def accented_letters(text_page: Any, codes: list[int], level: Callable[[Sequence[int], np.ndarray], None]) -> dict[int, str]:
    """Letters that an accent of its own is printed over, with it; and these accents, as nothing: index → text.

    Where they are in the text tells little: pdfium puts what overlaps to the end of the line.
    Args: level: makes the boxes (characters, 4) of these characters as high as their fonts, where they are not.
    """
    if set(codes).isdisjoint(_ACCENTS):
        return {}
    told = {code for code in set(codes) if code in _ACCENTS or (code > 0x40 and chr(code).isalpha())}
    asked = list(compress(range(len(codes)), map(told.__contains__, codes)))
    boxes = np.empty((len(asked), 4), np.float32)
    known = np.fromiter(map(calls.box_of, repeat(calls.pointer(text_page)), asked, calls.places(boxes)), bool, len(asked))
    level(asked, boxes)
    places = np.array(asked)[known]
    left, top, right, bottom = boxes[known].astype(float).T
    x, y, width, height = (left + right) / 2, (bottom + top) / 2, right - left, top - bottom
    rows = y // _ROW
    accents = np.array([codes[place] in _ACCENTS and not _is_in_row(codes, place) for place in places], bool)
    letters = np.flatnonzero(~accents)
    letters = letters[rows[letters].argsort(kind="stable")]
    in_rows = rows[letters]
    texts: dict[int, str] = {}
    for accent in np.flatnonzero(accents):
        reach = (y[accent] - height[accent]) // _ROW, (y[accent] + height[accent]) // _ROW + 1
        near = letters[slice(*in_rows.searchsorted(reach))]
        away = np.abs(x[near] - x[accent])
        # Next to each other, their centres would be half of both widths apart.
        reach_x = _ASIDE if codes[places[accent]] == _OGONEK else _OVER
        over = (away < reach_x * np.maximum(width[accent], width[near])) & (
            np.abs(y[near] - y[accent]) < 0.35 * np.maximum(height[accent], height[near])
        )
        if over.any():
            letter = min(zip(away[over].tolist(), places[near[over]].tolist(), strict=True))[1]
            base = texts.get(letter) or chr(codes[letter])
            texts[letter] = unicodedata.normalize("NFC", _DOTLESS.get(base, base) + _ACCENTS[codes[places[accent]]])
            texts[int(places[accent])] = ""
    return texts


def _is_in_row(codes: Sequence[int], place: int) -> bool:
    """Signs side by side are a line of them, whatever they are printed over."""
    return codes[place] in codes[max(0, place - 1) : place] or codes[place] in codes[place + 1 : place + 2]


def letters_of_tex(
    page: calls.Pointer, codes: Sequence[int], fonts: Mapping[int, Sequence[int]]
) -> tuple[dict[int, str], frozenset[int]]:
    """What the characters of fonts without a name are, if these are bitmaps by TeX, whose codes of letters are those of ASCII.

    So they are where the letters make words of a language: with as many vowels as those have. And which fonts are of one width.

    Args: fonts: indices, by font.
    """
    found = {index: "•" for indices in fonts.values() if all(codes[index] == BULLET for index in indices) for index in indices}
    texts = {font: indices for font, indices in fonts.items() if _has_words(codes, indices)}
    for font, indices in fonts.items():
        if font not in texts and _has_bullets(codes, indices):
            found |= {index: sign for index in indices if (sign := sign_of_tex(SIGNS, codes[index]))}
    named = _named_by_dvips(page, codes, texts)
    coded = {index: codes[index] for indices in texts.values() for index in indices} | named
    letters = [chr(code) for code in coded.values() if code in _SMALL_LETTERS]
    vowels = sum(map("aeiou".__contains__, letters))
    if len(letters) < _FEW_LETTERS or not _VOWELS[0] * len(letters) < vowels < _VOWELS[1] * len(letters):
        return found, frozenset()
    encoding = encoding_of_tex(coded.values(), _doubled(coded))
    mono = frozenset(font for font, indices in texts.items() if _is_mono(page, codes, indices))
    for font, indices in texts.items():
        meanings = ASCII if font in mono else encoding
        found |= {index: meanings[codes[index]] for index in indices if codes[index] in meanings}
    found |= {index: meaning for index, code in named.items() if (meaning := (encoding or ASCII).get(code))}
    for font, indices in fonts.items() if encoding else ():
        face = None if font in texts else font_of_formulas([codes[index] for index in indices])
        if face is not None and not _is_mono(page, codes, indices):
            found |= {index: sign for index in indices if (sign := sign_of_tex(face, codes[index]))}
    return found, mono


def _has_bullets(codes: Sequence[int], indices: Sequence[int]) -> bool:
    """Half of it is where TeX's font of signs has its bullet, and stands by itself."""
    bullets = (index for index in indices if codes[index] == BULLET_OF_SIGNS)
    beside = ((*codes[max(0, index - 1) : index], *codes[index + 1 : index + 2]) for index in bullets)
    return 2 * sum(max(those, default=0) <= ord(" ") for those in beside) >= len(indices)


def _named_by_dvips(page: calls.Pointer, codes: Sequence[int], fonts: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """The codes of what pdfium took for control characters in these fonts, by the names of their glyphs: index → code.

    Args: fonts: indices of what has its code, by font.
    """
    coded = {index for indices in fonts.values() for index in indices}
    controls = (index for index, code in enumerate(codes) if code in NAMED_BY_DVIPS and index not in coded)
    drawn = by_font(page, (index for index in controls if not calls.is_generated(page, index)))
    return {index: NAMED_BY_DVIPS[codes[index]] for font, indices in drawn.items() if font in fonts for index in indices}


def _doubled(coded: Mapping[int, int]) -> set[int]:
    """Those codes of what begins with two f that stand behind vowels, wherever they come. coded: by index."""
    behind = [(code, chr(coded.get(index - 1, 0)) in "aeiouAEIOU") for index, code in coded.items() if code in DOUBLED]
    return {code for code, _ in behind} - {code for code, is_behind_vowel in behind if not is_behind_vowel}


def _has_words(codes: Sequence[int], indices: Sequence[int]) -> bool:
    """Most of its small letters stand before another one."""
    letters = {index for index in indices if codes[index] in _SMALL_LETTERS}
    return len(letters) > 1 and 2 * sum(index + 1 in letters for index in letters) >= len(letters)


def _is_mono(page: calls.Pointer, codes: Sequence[int], indices: Sequence[int]) -> bool:
    """Its small letters, of which there are several, are all as wide; about so, if some are which in other fonts never are."""
    letters = [index for index in indices if codes[index] in _SMALL_LETTERS][:_SAMPLE]
    if len({codes[index] for index in letters}) < _SEVERAL:
        return False
    boxes = np.empty((len(letters), 4), np.float32)
    known = list(map(calls.box_of, repeat(page), letters, calls.places(boxes)))
    matrix = pdfium.FS_MATRIX()
    sideways = calls.matrix_at(page, letters[0], ctypes.byref(matrix)) and abs(matrix.b) > abs(matrix.a)
    before, behind = (3, 1) if sideways else (0, 2)
    widths = (boxes[:, behind] - boxes[:, before])[np.array(known, bool)]
    even = _EVEN if _NARROW.isdisjoint(codes[index] for index in letters) else _ABOUT_EVEN
    return len(widths) > 0 and float(widths.max()) < even * float(widths.min())


def signs_in(
    codes: Sequence[int], fonts: Mapping[int, Sequence[int]], sign_at: Callable[[str, int], str | None]
) -> dict[int, str]:
    """Those of these characters that their fonts have signs for at their codes: index → sign.

    Args: fonts: indices, by font. sign_at: of a font by its name, at a code.
    """
    found: dict[int, str] = {}
    for font, indices in fonts.items():
        name = name_of(font)
        for index in indices:
            sign = sign_at(name, codes[index])
            if sign is not None:
                found[index] = sign
    return found


def encircled(codes: Sequence[int], signs: Mapping[int, str], sides: Callable[[int], tuple[float, float]]) -> dict[int, str]:
    """Letters in a circle that is drawn before them, as TeX makes the sign of copyright: index → sign, and what is nothing then.

    Args: sides: left and right of a character.
    """
    found: dict[int, str] = {}
    for index in (index for index, sign in signs.items() if sign == _CIRCLE and index + 1 < len(codes)):
        (left, right), (start, end) = sides(index), sides(index + 1)
        sign = _ENCIRCLED.get(codes[index + 1])
        if sign and left < (start + end) / 2 < right:
            found |= {index: sign, index + 1: ""}
    return found


def icon(name: str, code: int) -> str | None:
    """`ICON` where the font, by its name, has nothing but pictures, whose codes mean nothing: envelopes, telephones, logos."""
    return ICON if code and _ICONS.match(SUBSET.sub("", name)) else None


def sign_of_symbols(page: calls.Pointer, index: int, code: int) -> int:
    """What a code that is no character, as fonts of symbols have them, means in the font of this one; else the code."""
    text_object = calls.object_of(page, index)
    font = calls.font_of(text_object) if text_object else None
    symbols = symbols_of(name_of(font)) if font else None
    return ord(translated(symbols, chr(code))) if symbols else code
