"""Words divided at the end of a line: if a hyphen stays is settled by how words are written elsewhere, and how many have one."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from kbray.document.layout.words import DIVIDED, DIVIDED_AS_TOLD
from kbray.model import Element

# Possessive: a search gives up a word at once, not letter by letter.
_LETTERS = r"[^\W\d_]++(?:[-‐][^\W\d_]++)*+"
_AROUND = re.compile(rf"({_LETTERS})([{DIVIDED}{DIVIDED_AS_TOLD}])({_LETTERS})")
_WORD = re.compile(_LETTERS)
_OFTEN = 2_000  # characters: one divided word in fewer, and the document divides words at the end of its lines
_KNOWN = 0.1  # … or so many of the divided ones stand whole elsewhere, without a hyphen


def settled(elements: Sequence[Element], *, divides: bool = True) -> list[Element]:
    """`elements` without `DIVIDED`: a hyphen is in its place where the word has one elsewhere, and nowhere is without.

    Of a word that stands nowhere else the hyphen is the word's own where others are divided by a character for that alone, or
    where hardly any is divided, and both its halves are words or the program that set it does not divide words of itself.
    Args: divides: it does, or may.
    """
    if not any(_is_divided(element.text) for element in elements):
        return list(elements)
    spelling = _spelling(elements, divides)
    return [_settled(element, spelling.whole) if _is_divided(element.text) else element for element in elements]


def _is_divided(text: str) -> bool:
    return DIVIDED in text or DIVIDED_AS_TOLD in text


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How words are written where no line ends in them."""

    known: frozenset[str]
    told: bool  # another sign divides words
    seldom: bool  # hardly any word is divided
    divides: bool

    def whole(self, text: str) -> str:
        found = _AROUND.search(text)
        while found:
            one, sign, other = found.groups()
            hyphen = "-" if sign == DIVIDED and self._is_compound(one, other) else ""
            text = f"{text[: found.end(1)]}{hyphen}{text[found.start(3) :]}"
            found = _AROUND.search(text, found.start(1))
        return text.replace(DIVIDED, "").replace(DIVIDED_AS_TOLD, "")

    def _is_compound(self, one: str, other: str) -> bool:
        """No word is divided behind its first letter, or behind a capital: F-test, NP-complete."""
        if (one + other).casefold() in self.known:
            return False
        if len(one) == 1 or one[-1].isupper() or f"{one}-{other}".casefold() in self.known:
            return True
        *before, last = one.split("-")
        if before and last.casefold() in self.known and other.casefold() in self.known:  # up-to-date
            return True
        words = one.casefold() in self.known and other.casefold() in self.known
        return self.told or (self.seldom and (words or not self.divides))


def _spelling(elements: Sequence[Element], divides: bool) -> _Spelling:
    divided: list[tuple[str, str]] = []
    known: set[str] = set()
    characters, told = 0, False
    for element in elements:
        characters += len(element.text)
        told = told or DIVIDED_AS_TOLD in element.text
        found = list(_divisions(element.text)) if DIVIDED in element.text else []
        divided += found
        text = element.text.casefold()
        known.update(_WORD.findall(_AROUND.sub(" ", text) if _is_divided(text) else text))
    whole = sum((one + other).casefold() in known for one, other in divided)
    often = len(divided) * _OFTEN > characters or whole > _KNOWN * len(divided)
    return _Spelling(frozenset(known), told, not often, divides)


def _divisions(text: str) -> Iterator[tuple[str, str]]:
    for found in _AROUND.finditer(text):
        if found[2] == DIVIDED:
            yield found[1], found[3]


def _settled(element: Element, whole: Callable[[str], str]) -> Element:
    table = element.table
    if table is not None:
        table = replace(table, cells=tuple(replace(cell, text=whole(cell.text)) for cell in table.cells))
    return replace(element, text=whole(element.text), table=table)
