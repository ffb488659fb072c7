"""Paragraphs and listings that go on over a column or page break, made one again."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain

from kbray.document.superscripts import FIGURES
from kbray.geometry import Box
from kbray.model import NOTE_MARK, Continuation, Element

_NOTE_MARKS = re.compile(rf"(?:{NOTE_MARK.pattern}|[{FIGURES}])+$")
_END = 1_000  # characters in which a text ends, with its marks
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_HYPHENS = ("-", "‐")
_SOFT_HYPHEN = "\u00ad"
_LONGEST = 50_000  # characters; text that never ends a sentence is not prose, and no listing must be copied for every page
_HIGHER = 40.0  # points: some lines
# What may stand between the two halves of a paragraph: it has its own place on the page.
_FLOATING = frozenset(("header", "footer", "footnote", "image", "caption", "table"))


def join(elements: Sequence[Element], missing: Collection[int] = frozenset()) -> list[Element]:
    """`elements` with the second half of a broken paragraph put to its first, which keeps its place.

    Where the parser says that a paragraph `continues`, the next one is its rest. Without that, two neighbours on consecutive
    pages, in columns side by side, or in an item of a list, are one when the first doesn't end as a sentence does and the second
    begins with a small letter. Code is one with code that nothing parts from it but the break.
    missing: pages that are not there; nothing is joined across them.
    """
    if all(element.page is None and not element.continues for element in elements):
        return list(elements)  # books and web pages: their paragraphs are whole
    words = Words(elements)
    joined: list[Element] = []
    above: int | None = None  # where in `joined` the paragraph is that could go on
    last = None  # the piece of it that came last
    for element in elements:
        if element.kind in _FLOATING or not element.text or _is_sideways(element.box):
            joined.append(element)
        elif above is not None and last is not None and _is_one(joined[above], last, element, missing):
            joined[above] = _one(joined[above], last, element, words)
            last = element
        elif _has_letters(element.text):
            above = len(joined) if element.kind in ("paragraph", "list_item", "code") else None
            last = element
            joined.append(element)
        else:  # a number of a page, or a row of stars: it is no half of a paragraph, and may stand between two
            joined.append(element)
    return joined


def _is_one(first: Element, last: Element, second: Element, missing: Collection[int]) -> bool:
    page = last.page
    if (first.kind, second.kind) == ("code", "code") and len(first.text) <= _LONGEST:
        over = page is not None and second.page == page + 1 and second.page not in missing
        return over or (second.page == page and _is_next_column(last, second))
    if second.kind != "paragraph" or first.kind == "code" or first.origin != second.origin or len(first.text) > _LONGEST:
        return False
    if page is None or second.page is None:
        return first.continues
    if any(between in missing for between in range(page + 1, second.page)):
        return False
    if first.continues:
        return True
    beside = second.page == page and (_is_next_column(last, second) or _is_below_item(last, second))
    return (beside or second.page == page + 1) and is_open(first.text) and second.text[0].islower()


def _one(first: Element, last: Element, second: Element, words: "Words") -> Element:
    if first.kind != "code":
        lines = "\n" in first.text or "\n" in second.text  # they end on purpose
        return together(first, second, f"{first.text}\n{second.text}" if lines else glued(first.text, second.text, words))
    indent = " " * _indent(last, second)
    rest = replace(second, text="\n".join(indent + line for line in second.text.split("\n")))
    return together(first, rest, f"{first.text}\n{rest.text}")


def _indent(last: Element, second: Element) -> int:
    """How many letters the second piece of a listing stands further in than the last, in the same column of another page."""
    one, other = last.box, second.box
    if one is None or other is None or second.page == last.page or other.left >= one.right:
        return 0
    width = one.width / max(map(len, last.text.split("\n")))
    return max(0, round((other.left - one.left) / width))


def _is_next_column(last: Element, second: Element) -> bool:
    """The second stands beside the last, and begins higher than it ends: not just in the same row."""
    one, other = last.box, second.box
    if one is None or other is None or one.bottom - other.top <= _HIGHER:
        return False
    beside = other.left >= one.right or other.right <= one.left
    wide = other.width > one.width / 2 or last.text.endswith(_HYPHENS)  # labels in figures are narrow
    return beside and wide


def _is_below_item(last: Element, second: Element) -> bool:
    """The last is an item of a list, and the second a line of it that was set in another face: right below, not further left."""
    one, other = last.box, second.box
    if last.kind != "list_item" or one is None or other is None:
        return False
    return one.left <= other.left < one.right and abs(other.top - one.bottom) < min(one.height, other.height) / 2


def _is_sideways(box: Box | None) -> bool:
    """A line written up or down the margin."""
    return box is not None and box.height > 8 * box.width


def _has_letters(text: str) -> bool:
    return any(character.isalpha() for character in text)


def is_open(text: str) -> bool:
    """Whether the text, which is not empty, breaks off in the middle of a sentence."""
    end = _NOTE_MARKS.sub("", text[-_END:])[-1:]
    return end.isalnum() or end in {",", "&", "–", "—", _SOFT_HYPHEN, *_HYPHENS}


def together(first: Element, second: Element, text: str) -> Element:
    """Two elements as one of this text, which ends with that of the second."""
    sure = [element.confidence for element in (first, second) if element.confidence is not None]
    rest = first.rest
    if second.page is not None and second.box is not None:
        rest = (*rest, Continuation(second.page, second.box, len(text) - len(second.text)))
    return replace(
        first,
        text=text,
        rest=rest,
        confidence=min(sure, default=None),
        continues=second.continues,
    )


def glued(first: str, second: str, words: "Words") -> str:
    """Two halves of a text as one, a word divided between them made whole."""
    if first.endswith(_SOFT_HYPHEN):
        return first[:-1] + second
    if first.endswith(_HYPHENS) and first[-2:-1].isalpha() and second[0].islower():
        before, after = _WORD.findall(first[:-1])[-1], _WORD.match(second)
        compound = f"{before}{first[-1]}{after[0] if after else ''}"
        return first + second if compound.casefold() in words.known else first[:-1] + second
    if _is_wide(first[-1]) and _is_wide(second[0]):
        return first + second
    return f"{first} {second}"


def _is_wide(character: str) -> bool:
    """Scripts without spaces between words."""
    return unicodedata.east_asian_width(character) in ("W", "F")


class Words:
    """Words of the document, collected when first asked for: is it `well-known` elsewhere, or `wellknown`?"""

    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = elements

    @cached_property
    def known(self) -> frozenset[str]:
        words = chain.from_iterable(_WORD.findall(element.text) for element in self._elements)
        return frozenset(map(str.casefold, words))
