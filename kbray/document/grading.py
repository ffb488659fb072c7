"""How far the text of a document can be trusted: good, fair or poor, and why. No language is guessed.

Thresholds were set on the corpus (docs/trials.md, grades): each lies between what its readable documents show and what its
damaged ones do.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_letters

from kbray.document.scripts import letters, script_of, script_of_language
from kbray.model import GRADES, Document, Element, Quality, Reason

MENDED_BY_RECOGNITION = ("garbled-text", "lost-characters")
"""What a broken text layer shows, and the picture of the page does not."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Shares above which a document is no longer good, and above which it is poor."""

    fair: float
    poor: float


BOUNDS: Mapping[str, Bounds] = {
    # Of characters. A few wrong pages in a book are worth a word.
    "garbled-text": Bounds(0.0, 0.1),
    # Of characters. One in a hundred spoils a word in twenty, one in twenty a word in four.
    "lost-characters": Bounds(0.01, 0.05),
    # Of pages or chapters. Any that is missing is told.
    "missing-pages": Bounds(0.0, 0.1),
    # Of pages. Covers and plates have no text either.
    "empty-pages": Bounds(0.2, 0.6),
    # Of characters. Clean scans stay below 0.045, all of it small things at their margins.
    "doubtful-recognition": Bounds(0.05, 0.3),
    # Of characters. What was recognised of such a document is wrong throughout.
    "unread-script": Bounds(0.0, 0.3),
}

DOUBTFUL = 0.88
"""Confidence below which recognised text is more often wrong than right: pages in a script that the model doesn't know have 0.64
to 0.72, an incunable in Latin 0.87, old and worn prints in letters that it knows 0.93 and more."""
UNREAD_LINE = 30  # characters that a line stands for of which none could be read
_ENOUGH = 200  # letters of a page or chapter, to judge by their mixture
_VOWELS = Bounds(0.25, 0.6)
"""Least and most share of vowels among Latin letters: 0.31 to 0.48 on 2,137 pages and chapters in a dozen languages. Codes of
fonts that were taken for letters give other mixtures, in words, too; names of commands, files and fields say nothing."""
_SIGNS, _FEW_LETTERS = 0.4, 0.4
"""Most share of signs that prose hardly has, where letters are so few: 0.31 on 18,000 pages of manuals, 0.48 where codes of a
font, counted from the exclamation mark on, were taken for characters."""
_ACCENTED = 0.3
"""Most share of À to ÿ among letters: 0.06 in the corpus, and nearly all where Cyrillic or Greek was taken for Latin-1."""
_TWICE_CODED = 0.01
"""Most UTF-8 sequences shown as two or three Latin letters each (`Ã©`), a letter; 0.0002 in a text that explains them."""

_ASCII, _ASCII_LETTERS, _ASCII_VOWELS = bytes(range(128)), ascii_letters.encode(), b"aeiouyAEIOUY"
_ASCII_SIGNS = b"!\"#$%&'*+/<=>?@\\^`{|}~"
_REPEATED = re.compile(r"([^\w\s])(?:\s*\1)+")
_WORD = re.compile(r"(?<![\w\\/.@:#$&=-])[^\W\d_]{2,}(?![\w\\/@=&-]|[.:]\w)")  # no part of a name or command
_WORDS = 10
_IDEOGRAPHIC = ("Han", "Hiragana", "Katakana")
_FLOWING = frozenset(("paragraph", "list_item", "heading", "caption", "footnote"))
_CODED = re.compile(
    "[\u00c2-\u00df]T|[\u00e0-\u00ef]TT".replace(
        "T", "[\u0080-\u00bf" + bytes(set(range(0x80, 0xA0)) - {0x81, 0x8D, 0x8F, 0x90, 0x9D}).decode("cp1252") + "]"
    )
)


def grade(document: Document, scripts: Collection[str] = ()) -> Quality:
    """The worst that any of its reasons makes of it. Args: scripts: those that recognition reads; none: they are not known."""
    reasons = tuple(
        Reason(code, _sentence(code, share, document), round(share, 4))
        for code, share in shares(document, scripts).items()
        if share > BOUNDS[code].fair
    )
    if any(reason.share > BOUNDS[reason.code].poor for reason in reasons):
        return Quality("poor", reasons)
    return Quality("fair" if reasons else "good", reasons)


def shares(document: Document, scripts: Collection[str] = ()) -> dict[str, float]:
    """What share of the document each possible reason is about, by its code. Args: as `grade`."""
    return {
        "garbled-text": _garbled(document),
        "lost-characters": _lost(document),
        "missing-pages": _share(sum(not unit.produced for unit in document.units), len(document.units)),
        "empty-pages": _empty(document),
        "doubtful-recognition": _doubtful(document),
        "unread-script": _unread_script(document, scripts),
    }


def better(one: Quality, other: Quality) -> bool:
    """Whether the first of two results for a file is the better: by grade, then by how much of it is in doubt."""
    return _rank(one) < _rank(other)


def _rank(quality: Quality) -> tuple[int, float]:
    return GRADES.index(quality.grade), sum(reason.share for reason in quality.reasons)


def _sentence(code: str, share: float, document: Document) -> str:
    part = f"{share:.0%}" if share >= 0.095 else f"{share:.1%}" if share >= 0.001 else "less than 0.1%"
    units = "pages" if all(unit.name.isdecimal() for unit in document.units) else "chapters"
    return {
        "garbled-text": f"{part} of the text is in letters that no language mixes so: its characters were coded wrongly.",
        "lost-characters": f"{part} of the characters mean nothing in Unicode and are lost.",
        "missing-pages": f"{part} of the {units} are missing.",
        "empty-pages": f"{part} of the pages show something, and no text was found on them.",
        "doubtful-recognition": f"{part} of the text was recognised without confidence: bad print, or an unknown script.",
        "unread-script": f"{part} of the text was recognised, in a script that recognition can't read (see `kbray doctor`).",
    }[code]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _characters(elements: Iterable[Element]) -> int:
    return sum(len(element.text) for element in elements)


# ---------------------------------------------------------------- the measures


def _garbled(document: Document) -> float:
    """Share of the text from the file that stands on pages or in chapters with an impossible mixture of letters."""
    pages: dict[int | str | None, list[str]] = {}
    for element in document.elements:
        if element.origin == "text" and element.kind in _FLOWING and not element.target:  # names of files are in no language
            pages.setdefault(element.chapter if element.page is None else element.page, []).append(element.text)
    garbled = sum(sum(map(len, texts)) for texts in pages.values() if is_garbled("\n".join(texts)))
    return _share(garbled, _characters(document.elements))


def is_garbled(text: str) -> bool:
    """Whether the letters of a text are mixed as in no language; False where they are few."""
    data = text.encode("utf-8", "surrogatepass")  # most letters of most books are ASCII's, which bytes count ten times as fast
    vowels = len(data) - len(data.translate(None, _ASCII_VOWELS))
    of_script = Counter(Latin=len(data) - len(data.translate(None, _ASCII_LETTERS)))
    beyond = data.translate(None, _ASCII).decode("utf-8", "surrogatepass")
    accented = 0
    for character, count in Counter(beyond).items():
        if script := script_of(character):
            of_script[script] += count
            accented += count * ("\u00c0" <= character <= "\u00ff")
            vowels += count * (script == "Latin" and _is_vowel(character))
    whole = of_script.total()
    if _is_of_signs(text, data, whole):
        return True
    if whole < _ENOUGH:
        return False
    most = _TWICE_CODED * whole
    if accented > _ACCENTED * whole or (len(_CODED.findall(beyond)) > most and len(_CODED.findall(text)) > most):
        return True
    latin = of_script["Latin"]
    if latin < max(_ENOUGH, sum(of_script[script] for script in _IDEOGRAPHIC)) or _are_usual(vowels, latin):
        return False  # what little Latin is among ideographs is abbreviations
    return not _has_usual_words(text)


def _is_of_signs(text: str, data: bytes, letters: int) -> bool:
    """Most of it is signs; of lines that are drawn with them, or led by dots, one counts."""
    signs = len(data) - len(data.translate(None, _ASCII_SIGNS))
    if signs < _ENOUGH * _SIGNS or letters > signs:  # nearly all
        return False
    once = _REPEATED.sub(r"\1", text)
    printed = len("".join(once.split()))
    signs = sum(map(once.count, _ASCII_SIGNS.decode()))
    return printed >= _ENOUGH and signs > _SIGNS * printed and letters < _FEW_LETTERS * printed


def _are_usual(vowels: int, letters: int) -> bool:
    return _VOWELS.fair <= vowels / letters <= _VOWELS.poor


def _has_usual_words(text: str) -> bool:
    """Words by themselves, each once, are mixed as in a language, or not enough to tell: lines of one letter are none."""
    words = set(_WORD.findall(text))
    letters = [letter for letter in "".join(sorted(words)) if script_of(letter) == "Latin"]
    few = len(words) < _WORDS or len(letters) < _ENOUGH / 2
    return few or _are_usual(sum(map(_is_vowel, letters)), len(letters))


@lru_cache(4096)
def _is_vowel(character: str) -> bool:
    return unicodedata.normalize("NFD", character)[0].lower() in "aeiouyæœøəı"


def _lost(document: Document) -> float:
    """Characters that mean nothing: those that a parser left out, and those that stand in the text."""
    left_out = sum(unit.lost for unit in document.units)
    standing = sum(_meaningless(element.text) for element in document.elements)
    return _share(left_out + standing, left_out + _characters(document.elements))


_MEANINGLESS = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


def _meaningless(text: str) -> int:
    """U+FFFD, private use, controls."""
    return 0 if text.isprintable() and "\ufffd" not in text else len(_MEANINGLESS.findall(text))


def _empty(document: Document) -> float:
    """Share of pages that gave elements without any text: nothing but a picture. What has no pages is taken as a whole."""
    pages = [unit for unit in document.units if unit.name.isdecimal()]
    if not pages:
        texts = [element.text for element in document.elements if element.kind != "image"]
        return float(bool(document.elements) and not any(texts))
    return _share(sum(unit.elements > 0 and not unit.characters for unit in pages), len(pages))


def _doubtful(document: Document) -> float:
    """Share of the text that was recognised with little confidence, or was seen and not recognised at all."""
    unread = UNREAD_LINE * sum(unit.unread for unit in document.units)
    doubted = _characters(e for e in document.elements if e.confidence is not None and e.confidence < DOUBTFUL)
    return _share(doubted + unread, _characters(document.elements) + unread)


def _unread_script(document: Document, scripts: Collection[str]) -> float:
    """Share of the text that was recognised in a document that is, by what it declares or by its own text, in another script."""
    recognised = _characters(element for element in document.elements if element.origin == "ocr")
    script = _script(document) if recognised and scripts else None
    return _share(recognised, _characters(document.elements)) if script and script not in scripts else 0.0


def _script(document: Document) -> str | None:
    if document.metadata.language and (script := script_of_language(document.metadata.language)):
        return script
    found = letters(_text_of_the_file(document))
    return found.most_common(1)[0][0] if found.total() >= _ENOUGH else None


def _text_of_the_file(document: Document) -> Iterator[str]:
    return (character for element in document.elements if element.origin == "text" for character in element.text)
