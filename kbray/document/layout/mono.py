"""Which print of one width is code: what fonts say of themselves is checked, and a typescript is text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median

from kbray.document.layout.words import Word, baselines, same_width, widths_of

_SIGNS = re.compile(r"[{}=<>|\\_^~]|\w[(\[]|;$|//|::|->|\$[A-Za-z{(]|--\w|^[$%] |\w\.\w+\(|&&")  # of programs, not of prose
_RULE = re.compile(r"([^\w\s]|_)\1{2,}")  # typed, as dots of a table of contents are
_LETTERS = re.compile(r"\w.*\w")
_PROMPT = re.compile(r"\w?>|>>>|\[1,?\]|##")
CONTINUED = "˓→"  # how the hook of TeX's arrow and its shaft come
"""Before what is left of a line of code that was too long, as Sphinx and minted print it, in a face of formulas."""
BROKEN = "←"
"""… behind what is printed of it, as dblatex puts it."""
_FEWEST_LINES, _OF_PROGRAMS = 3, 0.3  # lines, and their share: what has a face of one width throughout has 0.5 to 1, or below 0.2
_TELLING = 3  # words of a line that tell its width
_MOST = 0.6  # of them agree
_BOLDER = 0.1  # of the usual width


def is_source(line: str) -> bool:
    """Whether a line of print has signs of programs, commands or their settings in it."""
    return _SIGNS.search(_RULE.sub("", line).lstrip("> ")) is not None


def is_prompt(word: Word) -> bool:
    """What R and Python ask with, or what R and knitr put before an answer, where it stands first in a line."""
    return word.mono and _PROMPT.fullmatch(word.text) is not None


def is_program(lines: Iterable[str]) -> bool:
    """Whether text of one width, by line of print, is what programs read or write; if not, it is a typescript."""
    told = [is_source(line) for line in lines if _LETTERS.search(_RULE.sub("", line))]
    return len(told) >= _FEWEST_LINES and sum(told) >= _OF_PROGRAMS * len(told)


def with_code(words: Sequence[Word], *, slide: bool) -> Sequence[Word]:
    """The words of a page, `mono` those that are code. A slide may have a title, and else code, whatever that says."""
    if any(word.text in (CONTINUED, BROKEN) for word in words):
        words = [
            _as_of_code(word, after) if word.text == CONTINUED else _as_of_code(word, before) if word.text == BROKEN else word
            for before, word, after in zip([words[0], *words], words, [*words[1:], words[-1]], strict=False)
        ]
    if not _is_most(words):
        return words
    found = _without_lies(words)
    code = [word for word in found if word.mono]
    if not _is_most(found) or is_program(" ".join(word.text for word in line) for line in baselines(code)):
        return found
    return found if slide and len(code) < len(found) else [replace(word, mono=False) for word in found]


def _as_of_code(sign: Word, beside: Word) -> Word:
    return replace(sign, mono=True, math=False, size=beside.size) if beside.mono else sign


def _is_most(words: Sequence[Word]) -> bool:
    """Of the text by words, of which a recognised line has many."""
    return 2 * sum(word.text.count(" ") + 1 for word in words if word.mono) > sum(word.text.count(" ") + 1 for word in words)


def _without_lies(words: Sequence[Word]) -> list[Word]:
    """Lines of another width than the others of one are not of one width, whatever their fonts say of themselves."""
    lines = baselines([word for word in words if word.mono])
    widths = [widths_of([word for word in line if word.text not in (CONTINUED, BROKEN)]) for line in lines]
    told = [median(some) for some in widths if len(some) >= _TELLING and _agree(some, median(some))]
    if not told:
        return list(words)
    pitch, true = median(told), True
    lies: set[int] = set()
    for line, some in zip(lines, widths, strict=True):
        # A bracket alone is of the same kind as the line above it, and so is a word in bold, which may be a little wider.
        if len(some) > 1 or any(same_width(width, pitch) or abs(width - pitch) > _BOLDER * pitch for width in some):
            true = _agree(some, pitch)
        lies |= set() if true else set(map(id, line))
    return [replace(word, mono=False) if id(word) in lies else word for word in words]


def _agree(widths: Sequence[float], pitch: float) -> bool:
    return sum(same_width(width, pitch) for width in widths) >= _MOST * len(widths)
