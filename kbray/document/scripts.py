"""Scripts of writing, told by the Unicode names of letters."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

_WIDTHS = ("FULLWIDTH ", "HALFWIDTH ")
_LEAST = 80
"""Letters of a script that a model must know to read it. The fewest of a script that it reads are the 86 of Hiragana; of Greek it
knows 62, the signs of formulas, and none of the accented ones that each Greek sentence has."""


@lru_cache(65536)
def script_of(character: str) -> str | None:
    """`Latin`, `Cyrillic`, `Han`, …; None: no letter."""
    if not character.isalpha():
        return None
    name = unicodedata.name(character, "")
    for width in _WIDTHS:
        name = name.removeprefix(width)
    word = name.partition(" ")[0]
    return "Han" if word == "CJK" else word.capitalize()


def letters(text: Iterable[str]) -> Counter[str]:
    """How many letters there are of each script."""
    return Counter(filter(None, map(script_of, text)))


def readable(characters: Iterable[str]) -> dict[str, int]:
    """The scripts that a model with these characters reads, the largest first, and how many of their letters it knows."""
    known = letters(character for one in characters for character in one)
    return {script: count for script, count in known.most_common() if count >= _LEAST}


def script_of_language(language: str) -> str | None:
    """Of a BCP 47 tag: the script it names, or the one its language is usually written in; None: Latin, or not known here."""
    first, *rest = language.replace("_", "-").split("-")
    named = next((part.capitalize() for part in rest if len(part) == 4 and part.isalpha()), None)
    return _CODES.get(named, named) if named else _USUAL.get(first.lower())


# ISO 15924 → the word in the Unicode names of its letters.
_CODES = {
    "Latn": "Latin",
    "Cyrl": "Cyrillic",
    "Grek": "Greek",
    "Arab": "Arabic",
    "Hebr": "Hebrew",
    "Deva": "Devanagari",
    "Hans": "Han",
    "Hant": "Han",
    "Hani": "Han",
    "Jpan": "Han",
    "Kore": "Hangul",
    "Hang": "Hangul",
}
# After CLDR's likely subtags.
_USUAL = {
    language: script
    for script, languages in {
        "Arabic": "ar fa ur ps ckb sd ug ks",
        "Armenian": "hy",
        "Bengali": "bn as",
        "Cyrillic": "ru uk be bg mk sr kk ky mn tg tt ba cv os ab",
        "Devanagari": "hi mr ne sa kok mai bho",
        "Ethiopic": "am ti",
        "Georgian": "ka",
        "Greek": "el grc",
        "Gujarati": "gu",
        "Gurmukhi": "pa",
        "Han": "zh ja yue wuu lzh",
        "Hangul": "ko",
        "Hebrew": "he iw yi",
        "Kannada": "kn",
        "Khmer": "km",
        "Lao": "lo",
        "Malayalam": "ml",
        "Myanmar": "my",
        "Oriya": "or",
        "Sinhala": "si",
        "Syriac": "syr",
        "Tamil": "ta",
        "Telugu": "te",
        "Thai": "th",
        "Thaana": "dv",
        "Tibetan": "bo dz",
    }.items()
    for language in languages.split()
}
