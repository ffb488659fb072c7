"""Words on a page, and how they join to text in their script's own order."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from statistics import fmean, median

from kbray.document.superscripts import grouped, raised
from kbray.geometry import Box, union
from kbray.model import made_fast

_SPACE, _NARROW_SPACE = 0.16, 0.09  # of the font size; narrow in tightly set lines, and behind an f, which leans into it
_L = r"[A-Za-z\u00c0-\u058f]"
_ASIDE = 3  # characters: where more stand between two words in the stream, something else does
_ENDS = re.compile(rf"(?:{_L}|[,;)]){_L}|{_L}\d|\d{_L}|\.[A-Z\u00c0-\u00de\u0410-\u042f]")  # of two words beside each other
_LIGATURES = frozenset(("ff", "fi", "fl", "ffi", "ffl"))
_MARK = 0.85  # of the usual font size: smaller print may be a raised or lowered mark
_RAISED, _RISE = 0.98, 0.25  # … of the size of what it stands at, and how far above its baseline: figures above it
_OPENING = frozenset("/\\-–—([{=")  # nothing is raised behind these
_MOST_MARKS = 100
_CURRENCIES = frozenset("$€£¥₹") | {"US$", "EUR", "USD"}
_BEHIND = re.compile(r"[%)‰]+")
DIVIDED = "\ufdd0"
"""Stands where a line ended with a hyphen, until `hyphens` settles whether that is the word's; it is no character."""
DIVIDED_AS_TOLD = "\ufdd1"
"""… with a hyphen that is not the one of the keyboard, but that which programs put where they divide words (U+2010)."""
_MAYBE_RTL = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_STOPS = frozenset(".,:;!?\u060c\u061b\u061f()[]{}")
_LOOSE, _KERNED = 4, 2  # words that title in spaced capitals is, at least, and the letters of each: kerned ones touch
_LOOSELY, _EVENLY = 0.4, 0.05  # of the font size: white between them, and how far it may differ
_COLUMNS = 0.3  # of a letter's width: so much wider are the columns that letters of one width stand in, at most
_LEADERS = re.compile(r"(?<=\w)[.·…\s]*(?:(?:[.·]\s?){4}|…\s?…)$")
_DIVIDED = re.compile(r"[^\W\d_][-\u2010\u00ad]")
_PADDING = 0.5  # of the font size: between the text of a cell and the rules beside it
_BELOW = 0.7  # … a line below another
_ROOM = 1.0  # … more than the first word of the next line takes: a line that has so much was ended on purpose


@made_fast
@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without white space; a recognised line counts as one word, its inner spaces kept."""

    text: str
    box: Box
    size: float  # of the font, as displayed
    baseline: float  # from the top of the page
    bold: bool = False
    mono: bool = False  # all characters of its font are of one width
    order: int = 0  # place in the content stream; equal for all where there is none
    spaced: bool = True  # white space stood before it in the source
    confidence: float | None = None
    leftwards: bool = False  # most of its page is written from right to left
    math: bool = False  # its font is one of formulas
    slanted: bool = False
    asks: bool = False  # a field of a form is to be filled in behind it, and it has what was


def confidence_of(words: Iterable[Word]) -> float | None:
    """Mean over the words that have one, 0 to 1; None of print that was not recognised."""
    found = [word.confidence for word in words if word.confidence is not None]
    return fmean(found) if found else None


def joined(words: Sequence[Word]) -> str:
    """Text of words in logical order, with a space where the source or the gap shows one.

    Figures above the line say so, and what else a formula has there: 10³, a^(n−1).
    """
    if len(words) < 2:
        return words[0].text if words else ""
    parts: list[str] = []
    above: list[Word] = []  # behind the stem, up to here
    stem = before = words[0]
    loose = _loosely_set(words)
    for word, after in zip_longest(words, words[1:]):
        spaced = before is not word and id(word) not in loose and _space_between(before, word)
        if not spaced and _is_above(word, stem, after):
            above.append(word)
        else:
            if above:
                lifted = _lifted(above, stem)
                parts += (lifted, " ") if lifted[0] == "^" and not spaced and word.text[0].isalnum() else (lifted,)
                above.clear()
            parts += (" ", word.text) if spaced else (word.text,)
            stem = word
        before = word
    return "".join([*parts, _lifted(above, stem)])


def _loosely_set(words: Sequence[Word]) -> set[int]:
    """By `id`, the letters behind white that all capitals of a title have between them, where the source shows no space."""
    if len([word for word in words if len(word.text) <= _KERNED]) < _LOOSE:
        return set()  # nearly all lines: asked first
    runs: list[list[Word]] = []
    for before, word in pairwise(words):
        if not word.spaced and _are_loose(before, word):
            if not runs or runs[-1][-1] is not before:
                runs.append([before])
            runs[-1].append(word)
    longest = max(runs, key=len, default=[])
    if len(longest) < _LOOSE:
        return set()
    usual = _gap(longest[0], longest[1])
    even = [run for run in runs if all(abs(_gap(*pair) - usual) <= _EVENLY * run[0].size for pair in pairwise(run))]
    return {id(word) for run in even for word in run[1:]}


def _are_loose(before: Word, word: Word) -> bool:
    """Capitals with a little white between them."""
    short = max(len(before.text), len(word.text)) <= _KERNED and before.size == word.size
    capitals = before.text + word.text
    return short and capitals.isalpha() and capitals.isupper() and 0 < _gap(before, word) <= _LOOSELY * word.size


def _gap(before: Word, word: Word) -> float:
    return word.box.left - before.box.right


def _lifted(words: Sequence[Word], stem: Word) -> str:
    """What stands above the line, as text. A figure is of a face of text, in a formula, too, and what begins with one."""
    text = "".join([word.text for word in words])
    lifted = raised(text)
    of_formula = lifted == text and any(
        (word.math or (stem.math and word.text[0].isdecimal())) and any(map(str.isalpha, word.text)) for word in words
    )
    if not of_formula:
        return lifted
    return f"^({text})" if text[0].isdecimal() else f"^{grouped(text)}"  # F^2T would be F²T


def _is_above(word: Word, stem: Word, after: Word | None) -> bool:
    """Small print that stands above the line of the stem, and has nothing below it or a slash behind it, as a fraction has."""
    if word.size > _RAISED * stem.size or stem.baseline - word.baseline < _RISE * stem.size or stem.text[-1] in _OPENING:
        return False
    if word.confidence is not None and after is not None and after.text[0].isalnum() and not _space_between(word, after):
        return False  # amid a word, recognised figures look raised as they are worn
    return after is None or not (
        after.text[0] in "/⁄" or (after.size <= _MARK * stem.size and after.box.left < word.box.middle[0])
    )


def _space_between(before: Word, word: Word) -> bool:
    unspaced = is_cjk(before.text[-1:]) and is_cjk(word.text[:1])
    if word.spaced and not unspaced and not _are_torn(before, word):
        return True
    gap = max(word.box.left - before.box.right, before.box.left - word.box.right)
    size = min(before.size, word.size)
    if unspaced:
        return gap > size * 0.9
    return gap > size * _SPACE or (gap > size * _NARROW_SPACE and gap > size * _least_space(before, word))


def _are_torn(before: Word, word: Word) -> bool:
    """Maybe parts of one word: larger print that overlaps its line in height was taken to stand in it, and put amid its letters.

    The white space before the second part was found behind that.
    """
    if word.order - before.order - len(before.text) <= _ASIDE:  # nearly all: asked first
        return False
    beside = before.size == word.size and before.baseline == word.baseline
    return beside and before.text[-1].isalpha() and word.text[0].islower()


def _least_space(before: Word, word: Word) -> float:
    """In font sizes. Single letters and print of another size may be loosely set parts of one word; code is all loosely set."""
    if before.text in _LIGATURES or word.text in _LIGATURES:  # which a program draws by themselves, in a font of their own
        return _SPACE
    if before.size != word.size or (before.mono and word.mono) or not _ENDS.fullmatch(before.text[-1] + word.text[0]):
        return _SPACE
    fewer, more = sorted((len(before.text), len(word.text)))
    return _NARROW_SPACE if fewer > 1 else (_NARROW_SPACE + _SPACE) / 2 if more > 1 else _SPACE


def is_currency(text: str) -> bool:
    """A currency sign by itself, as tables of amounts have it at the left of their columns."""
    return text in _CURRENCIES


def ends_value(text: str) -> bool:
    """A percent sign or a bracket by itself, as tables have them at the right of their numbers."""
    return _BEHIND.fullmatch(text) is not None


def is_code(words: Sequence[Word]) -> bool:
    """True for print of one width, by its font and as it stands there: some fonts say so of themselves wrongly."""
    return sum(word.mono for word in words) >= 0.7 * len(words) > 0 and pitch_of(words) is not None


def is_unordered(words: Iterable[Word]) -> bool:
    """No content stream tells in which order they are written: they were recognised."""
    return len({word.order for word in words}) == 1


def pitch_of(words: Sequence[Word]) -> float | None:
    """Width of a character in em where all have the same; digits alone, which mostly do, tell nothing."""
    widths = widths_of(words)
    usual = median(widths) if widths else 0.0
    return usual if widths and sum(same_width(width, usual) for width in widths) >= 0.9 * len(widths) else None


def widths_of(words: Sequence[Word]) -> list[float]:
    """Of characters, in em, on average for each word that tells it, with what stands between them."""
    between = _between_letters(words)
    return [
        (word.box.width + between) / len(word.text) / word.size
        for word in words
        if len(word.text) > 1 and not word.text.isdecimal()
    ]


def step_of(words: Sequence[Word]) -> float:
    """From one letter to the next where all have the same width, in points; 0 of no words."""
    between = _between_letters(words)
    return median((word.box.width + between) / len(word.text) for word in words) if words else 0.0


def _between_letters(words: Sequence[Word]) -> float:
    """White between letters of one width that stand in columns, as `listings` puts them; points."""
    single = [word.box.width for word in words if len(word.text) == 1]
    long = [word for word in words if len(word.text) > 1]
    if not single or not long:
        return 0.0
    width = median(single)
    step = median((word.box.width - width) / (len(word.text) - 1) for word in long)
    return step - width if 0 < step - width < _COLUMNS * width else 0.0


def same_width(width: float, usual: float) -> bool:
    return abs(width - usual) <= 0.04 * usual


def is_cjk(character: str) -> bool:
    """True for scripts written without spaces between words (Han, kana, and their punctuation)."""
    return character >= "\u2e80" and (
        character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or "\uff00" <= character <= "\uffef"
    )


def is_rtl(text: str) -> bool:
    """True where right-to-left letters outnumber the others."""
    if text.isascii() or not _MAYBE_RTL.search(text):
        return False
    right = left = 0
    for character in text:
        direction = unicodedata.bidirectional(character)
        right += direction in ("R", "AL")
        left += direction == "L"
    return right > left


def logical(words: Sequence[Word]) -> list[Word]:
    """Words of one line as they are read: right-to-left scripts from the right, foreign runs in them in their own direction."""
    if len(words) == 1:
        return list(words)
    ordered = sorted(words, key=lambda word: (word.box.left, word.order))
    text = "".join(word.text for word in ordered)
    if text.isascii() or not _MAYBE_RTL.search(text) or not _has(text, "R", "AL"):
        return ordered
    if is_rtl(text) or ordered[0].leftwards:
        return _with_own_direction(ordered[::-1], ("L",), ("R", "AL"), numbers=True)
    return _with_own_direction(ordered, ("R", "AL"), ("L",))


def _with_own_direction(
    words: Iterable[Word], foreign: tuple[str, ...], own: tuple[str, ...], numbers: bool = False
) -> list[Word]:
    """The same, but runs of foreign words turned around, with the numbers and signs within them.

    Args: foreign, own: directions of letters, as Unicode names them. numbers: one right before a run is of it, too (`Windows 10`,
        `f(x) = 3`), but for that which begins the line.
    """
    found: list[Word] = []
    run: list[Word] = []
    neutral: list[Word] = []  # behind the run, and of it if it goes on
    for word in words:
        if _has(word.text, *foreign) and not _has(word.text, *own):
            if numbers and not run:
                at = _numbers_at_end(found, (*foreign, *own))
                run += found[at:]
                del found[at:]
            run += [*neutral, word]
            neutral.clear()
        elif run and not _has(word.text, *own):
            neutral.append(word)
        else:
            found += [*reversed(run), *neutral, word]
            run.clear()
            neutral.clear()
    return [*found, *reversed(run), *neutral]


def _numbers_at_end(words: Sequence[Word], letters: tuple[str, ...]) -> int:
    """Where the numbers begin that end these words, with signs between them, but no end of a sentence or a part of it,
    and no bracket: it would have to be mirrored.

    The count of the words where none do, or where they are all that there is.
    """
    at = begin = len(words)
    while at and words[at - 1].text[-1] not in _STOPS and not _has(words[at - 1].text, *letters):
        at -= 1
        begin = at if words[at].text[:1].isdecimal() else begin
    return begin if at else len(words)


def _has(text: str, *directions: str) -> bool:
    return any(unicodedata.bidirectional(character) in directions for character in text)


def join_lines(texts: Sequence[str]) -> str:
    """One text of the lines of a paragraph; a word divided at a line's end has `DIVIDED` there, a compound its hyphen."""
    whole = ""
    for text in texts:
        text = text.strip()
        if not whole or not text:
            whole += text
        elif _DIVIDED.fullmatch(whole[-2:]):
            if whole[-1] == "\u00ad" and text[0].isalpha():
                whole = whole[:-1] + text
            elif whole[-1] == "\u2010" and (text[0].islower() or (whole[-2].isupper() and text[:2].isupper())):
                whole = whole[:-1] + DIVIDED_AS_TOLD + text
            else:
                in_capitals = whole[-2].isupper() and text[:2].isupper()
                whole = (whole[:-1] + DIVIDED if text[0].islower() or in_capitals else whole) + text
        elif is_cjk(whole[-1]) and is_cjk(text[0]):
            whole += text
        else:
            whole += " " + text
    return " ".join(whole.replace("\u00ad", "").split())


def cell_text(words: Sequence[Word], slot: Box | None = None) -> str:
    """Text of the words of one table cell, read line by line, without the leaders to the next one.

    Args: slot: the cell, where rules tell it. Lines that end though the next word had room are ended on purpose, and kept; at the
    right as much white is left as the text has at its left.
    """
    lines = [(logical(line), union(word.box for word in line)) for line in baselines(words)]
    texts = [joined(line) for line, _ in lines]
    if slot is None or len(lines) < 2 or any(word.confidence is not None for word in words):
        return _LEADERS.sub("", join_lines(texts))
    inset = min(box.left for _, box in lines) - slot.left
    kept = [texts[:1]]
    for ((line, box), text), (_, before), above in zip(zip(lines[1:], texts[1:], strict=True), lines, texts, strict=False):
        first = line[0]
        below = box.bottom - before.bottom > _BELOW * first.size  # else it stands beside what is a little higher
        room = slot.width - 2 * max(inset, _PADDING * first.size) - before.width - first.box.width
        if below and room > _ROOM * first.size and not _DIVIDED.fullmatch(above[-2:]):
            kept.append([])
        kept[-1].append(text)
    return _LEADERS.sub("", "\n".join(map(join_lines, kept)))


def baselines(words: Sequence[Word]) -> list[list[Word]]:
    """Words by line of print, from top to bottom; raised and lowered marks stay with the line that they overlap."""
    if len(words) <= 1:
        return [[word] for word in words]
    least = _MARK * median([word.size for word in words])
    marks = [word for word in words if word.size < least]
    if len(marks) > max(_MOST_MARKS, 0.25 * len(words)):
        marks = []  # so many are print of another size
    found: list[list[Word]] = []
    printed = [word for word in words if word.size >= least] if marks else words
    for word in sorted(printed, key=lambda item: (item.baseline, item.box.left)):
        if found and word.baseline - found[-1][0].baseline <= 0.35 * max(word.size, found[-1][0].size):
            found[-1].append(word)
        else:
            found.append([word])
    whole = [(box.top, box.bottom) for box in (union(word.box for word in line) for line in found)] if marks else []
    for mark in marks:
        upper, lower = mark.box.top, mark.box.bottom
        shared = [(bottom if bottom < lower else lower) - (top if top > upper else upper) for top, bottom in whole]
        best = shared.index(max(shared))
        if shared[best] >= 0.5 * mark.box.height:
            found[best].append(mark)
        else:
            found.append([mark])
    return sorted(found, key=lambda line: line[0].baseline)
