"""Note marks: raised in the text, and at the beginning of the note that they mean."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise

from kbray.document.layout.lines import Line, line_of
from kbray.document.layout.words import Word
from kbray.document.superscripts import FIGURES

_SMALL = 0.85  # of the print it stands in: a mark that is raised
_RAISED = 0.12  # … above its baseline
_HARDLY_SMALL, _HIGH = 0.98, 0.25  # … or nearly as large, and higher
_NEAR = 0.3  # … behind the word before it, or twice as far behind the end of a sentence
_SYMBOLS = "*†‡§¶‖"
_SAME = str.maketrans(f"∗⁎＊✱{FIGURES}", "****0123456789")  # signs that are printed in place of others, one for one
_LABEL = rf"\d{{1,3}}|[a-z]|[{_SYMBOLS}]{{1,4}}"
_ENDS = r".,;:!?)\]”’»\"'"  # what may stand between a word and its mark, or behind that
_LISTED = re.compile(rf"[\[(]?(?:{_LABEL})(?:[,;](?:{_LABEL}))*[\])]?[.,;:]?")  # "3", "(3)", "1,2"
_ONE = re.compile(_LABEL)
_BRACKETED = re.compile(rf"[\[(](?P<label>{_LABEL})[\])]")
_SIGNED = re.compile(rf"(?<=[\w{_ENDS}])(?P<label>[{_SYMBOLS}∗⁎＊✱]{{1,4}}|[{FIGURES}]{{1,3}})(?=[{_ENDS}]{{0,2}}(?:\s|$))")
_GLUED = re.compile(
    rf"(?:[^\W\d_]{{3}}|[^\W\d_][{_ENDS}]{{1,3}}|[)\]”’»][{_ENDS}]{{0,2}})(?P<label>\d{{1,3}})(?=[{_ENDS}]{{0,2}}(?:\s|$))"
)
_LEAD = re.compile(rf"[\[(]?(?P<label>{_LABEL})[\])]?(?P<dot>[.)]?)")
_LONGEST = 7  # characters of that
_PREFIX = re.compile(rf"(?P<label>[{_SYMBOLS}∗⁎＊✱]{{1,4}}|[{FIGURES}]{{1,3}})\s*(?=\S)")
_NUMBER = re.compile(r"(?P<label>\d{1,3})(?:[.)]?\s+(?=\S)|(?=https?:|www\.|[A-ZÀ-Þ][^\W\d_]))")  # "2Note", "2. Note" as one
_WORD = re.compile(rf"[^\W\d_]{{2,}}|[{_ENDS}]$|(?<!\d)(?!10$)\d{{2,}}$")
_RAISED_TO = frozenset("mm cm dm km in ft yd kg ha nm μm µm ms sin cos tan cot exp log ln".split())


class Sort(IntEnum):
    """What speaks for a mark; the least is the best."""

    RAISED = 0  # behind a word, or a symbol that means nothing else
    GLUED = 1  # a number at the end of a word: of a font that has its raised figures as figures, or recognised
    POWER = 2  # behind a figure, a unit or one letter: as well an exponent


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark in the text: what it says, and where in which word."""

    label: str
    word: Word
    start: int
    end: int
    sort: Sort


@dataclass(frozen=True, slots=True)
class Lead:
    """The mark that a line begins with, and the words behind it."""

    label: str
    words: tuple[Word, ...]
    sure: bool  # raised, or a symbol: more than a number or letter that the line happens to begin with


def marks_in(line: Line) -> Iterator[Mark]:
    """Marks behind words of the line; one that the line begins with is none of them."""
    sort = Sort.RAISED
    for before, word in pairwise(line.words):
        if not _is_raised(word, before, line):
            if (
                word.size >= _SMALL * line.size
                and not word.spaced
                and len(word.text) <= _LONGEST
                and _ONE.fullmatch(_plain(word))
                and not _plain(word).isalnum()
            ):
                yield Mark(_plain(word), word, 0, len(word.text), Sort.RAISED)  # a symbol in a font of its own
            continue
        if not _is_raised(before, before, line):
            sort = Sort.RAISED if _is_word(before) else Sort.POWER
        if not _is_numerator(word, line):
            yield from _listed(word, sort)
    for word in line.words:
        if word.text.isalpha():
            continue
        for found in _SIGNED.finditer(word.text):
            yield Mark(found["label"].translate(_SAME), word, *found.span("label"), Sort.RAISED)
        for found in _GLUED.finditer(word.text):
            yield Mark(found["label"], word, *found.span("label"), Sort.GLUED)


def lead_of(line: Line) -> Lead | None:
    """The mark at the beginning of a line that has more than it."""
    first, *rest = line.words
    found = _LEAD.fullmatch(_plain(first))
    if found is not None and len(rest) > 1 and rest[0].text == "." != rest[1].text and not found["dot"]:
        rest = rest[1:]  # of its number, set apart from it
    if found is not None and rest:
        raised = first.size <= _SMALL * line.size and first.baseline <= rest[0].baseline - _RAISED * line.size
        return Lead(found["label"], tuple(rest), sure=raised or not found["label"].isalnum() or not first.text.isascii())
    symbol = _PREFIX.match(first.text)
    found = symbol or _NUMBER.match(first.text)
    if found is None or found.end() == len(first.text):
        return None
    words = replace(first, text=first.text[found.end() :]), *rest
    return Lead(found["label"].translate(_SAME), words, sure=symbol is not None)


def is_mark(text: str) -> bool:
    """Whether the text is nothing but the mark of a note."""
    return len(text) <= _LONGEST and _LEAD.fullmatch(text.translate(_SAME)) is not None


def referring(line: Line, marks: Mapping[int, Sequence[Mark]]) -> Line:
    """The line, marks in it written as `[^label]`. marks: by `id` of their word."""
    if marks.keys().isdisjoint(map(id, line.words)):
        return line
    words: list[Word] = []
    for word in line.words:
        mine = sorted(marks.get(id(word), ()), key=lambda mark: -mark.start)
        text = word.text
        for mark in mine:
            text = f"{text[: mark.start]}[^{mark.label}]{text[mark.end :]}"
        # in the print of the line, so that labels, longer than marks, change nothing of that
        words.append(replace(word, text=text, size=line.size, baseline=line.baseline, bold=line.bold) if mine else word)
    return line_of(words)


def _plain(word: Word) -> str:
    return word.text.translate(_SAME)


def _listed(word: Word, sort: Sort) -> Iterator[Mark]:
    text = _plain(word)
    if (whole := _BRACKETED.fullmatch(text)) is not None:
        yield Mark(whole["label"], word, 0, len(text), sort)
    elif _LISTED.fullmatch(text):
        for found in _ONE.finditer(text):
            yield Mark(found[0], word, *found.span(), sort)


def _is_raised(word: Word, before: Word, line: Line) -> bool:
    """Small print whose foot is above that of the line, close behind the word before it."""
    reach = _NEAR * line.size * (2 if before.text[-1] in _ENDS else 1)
    near = word is before or not word.spaced or word.box.left - before.box.right < reach
    rise = line.baseline - word.baseline
    small = word.size <= _SMALL * line.size and rise >= _RAISED * line.size
    return near and (small or (word.size < _HARDLY_SMALL * line.size and rise >= _HIGH * line.size))


def _is_numerator(word: Word, line: Line) -> bool:
    """Small print stands below it: a fraction, or an exponent over an index."""
    return any(
        other.size <= _SMALL * line.size
        and other.baseline > line.baseline
        and other.box.left < word.box.right
        and other.box.right > word.box.left
        for other in line.words
    )


def _is_word(before: Word) -> bool:
    """A word, a year, or what ends them; a unit, a variable, a figure or ten may have an exponent."""
    return _WORD.search(before.text) is not None and before.text.casefold() not in _RAISED_TO
