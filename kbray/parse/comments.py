"""Comments to a document: notes with labels of their own (`c1`, `c2`) that the text refers to, with who and when in front."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kbray.model import Element

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TEXTS = ("heading", "paragraph", "list_item")


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said to a document."""

    text: str
    who: str | None = None
    when: str | None = None  # ISO 8601; its day is told

    @property
    def told(self) -> str:
        """`Anna Rosa, 2026-11-26: Is that so?`"""
        day = _DAY.match(self.when or "")
        by = ", ".join(filter(None, (" ".join((self.who or "").split()), day[0] if day else "")))
        return f"{by}: {self.text}" if by else self.text


def label(number: int) -> str:
    """Of a comment by its number in the document, from 1; notes have labels without a letter."""
    return f"c{number}"


def mark(number: int) -> str:
    """What refers to it in the text."""
    return f"[^{label(number)}]"


def note(comment: Comment, number: int) -> Element:
    """What the mark of this number refers to."""
    return Element("footnote", comment.told, marker=label(number))


def marked(elements: Iterable[Element], marks: str) -> Iterator[Element]:
    """The elements of a slide with the marks of the comments to it at its first text, which is its title."""
    for element in elements:
        if marks and element.text and element.kind in _TEXTS:
            yield replace(element, text=element.text + marks)
            marks = ""
        else:
            yield element
    if marks:
        yield Element("paragraph", marks)
