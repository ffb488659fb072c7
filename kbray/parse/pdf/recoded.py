"""Letters of other scripts at the codes of Latin ones with accents: fonts that don't tell they are Cyrillic, Greek or Thai."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from kbray.parse.pdf import calls
from kbray.parse.pdf.meanings import by_font, name_of
from kbray.parse.pdf.tex import T2A

_LATIN = range(0xA1, 0x100)
_ENOUGH = 40  # such letters of a page, to tell which they are
_BESIDE = 0.5  # of them stand before another one, as in words; accents of Latin ones are scattered
_OF_FONT = 0.5  # of the letters of a font are such
# Small letters that make two thirds of a text, and of a text in another of these encodings two fifths.
_COMMON = {
    "cp1251": "оеаинтсрвл",
    "iso8859_7": "αοιετσνηυρςάέήίόύ",
    "cp874": "ารนกเองทยมวสด่้ิี",
}
_ALIKE = 0.3  # of the letters are one: dots in a row, not a text
_LEAST, _AHEAD = 0.55, 0.12  # share of these, and how far the next encoding is behind
_LETTER = re.compile("[A-Za-z]")
_TONES = dict(zip(range(0x8B, 0x90), "\u0e48\u0e49\u0e4a\u0e4b\u0e4c", strict=True))  # as they stand over vowels


def recoded(page: calls.Pointer, codes: Sequence[int]) -> dict[int, str]:
    """What the characters are of fonts whose letters are of another script: index → text. Empty where no font is such."""
    high = [index for index, code in enumerate(codes) if code in _LATIN]
    if len(high) < _ENOUGH or sum(after == before + 1 for before, after in pairwise(high)) < _BESIDE * len(high):
        return {}
    drawn = by_font(page, range(len(codes)))
    fonts = {font: indices for font, indices in drawn.items() if _is_of_other_script(codes, indices)}
    encoding = _encoding([codes[index] for indices in fonts.values() for index in indices if codes[index] in _LATIN])
    if encoding is None:
        return {}
    of_tex = encoding == "cp1251" and not all(map(name_of, fonts))
    if of_tex:  # words of other languages are in the same encoding, maybe with one of this between them
        fonts |= {
            font: indices
            for font, indices in drawn.items()
            if not name_of(font) and any(codes[index] in _LATIN for index in indices)
        }
    return _of_tex(codes, fonts) if of_tex else _read(codes, fonts, _meanings(encoding))


def _of_tex(codes: Sequence[int], fonts: Mapping[int, Sequence[int]]) -> dict[int, str]:
    """Ukrainian's i has the code of the Latin one, and no Latin letter beside it."""
    found = _read(codes, fonts, T2A)
    alone = [
        index
        for index, text in found.items()
        if text == "i" and not any(map(_LETTER.match, map(found.get, (index - 1, index + 1), "  ")))
    ]
    return found | dict.fromkeys(alone, "\u0456")


def _read(codes: Sequence[int], fonts: Mapping[int, Sequence[int]], meanings: Mapping[int, str]) -> dict[int, str]:
    return {index: meanings[codes[index]] for indices in fonts.values() for index in indices if codes[index] in meanings}


def _is_of_other_script(codes: Sequence[int], indices: Sequence[int]) -> bool:
    high = sum(codes[index] in _LATIN for index in indices)
    return high > _OF_FONT * sum(chr(codes[index]).isalpha() for index in indices)


def _encoding(codes: Sequence[int]) -> str | None:
    """The one in which most of these are letters that come often."""
    if len(codes) < _ENOUGH or max(Counter(codes).values()) > _ALIKE * len(codes):
        return None
    text = bytes(codes)
    shares = {encoding: _share(text.decode(encoding, "replace").lower(), common) for encoding, common in _COMMON.items()}
    second, first = sorted(shares, key=shares.__getitem__)[-2:]
    return first if shares[first] >= _LEAST and shares[first] - shares[second] >= _AHEAD else None


def _share(text: str, letters: str) -> float:
    return sum(map(text.count, letters)) / len(text)


def _meanings(encoding: str) -> Mapping[int, str]:
    """By what pdfium takes the codes for: Unicode's of that number, or Windows' where that has none."""
    known = {code: text for code in range(0x21, 0x100) if (text := bytes((code,)).decode(encoding, "ignore"))}
    known |= _TONES if encoding == "cp874" else {}
    windows = {ord(sign): code for code in known if (sign := bytes((code,)).decode("cp1252", "ignore"))}
    return known | {sign: known[code] for sign, code in windows.items()}
