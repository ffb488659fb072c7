"""Styles of a document of iWork '13 or later: what they make of a paragraph, and which labels lists have.

Programs name the styles of their templates in the user's language, but their identifiers are in English:
`text-3-paragraphstyle-Heading 1`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kbray.parse.faces import is_mono
from kbray.parse.iwork.objects import Objects
from kbray.parse.iwork.wire import Message
from kbray.parse.looks import UNTOLD, Print

_PARAGRAPH_STYLE, _LIST_STYLE = 2022, 2023
_DEEPEST = 30  # styles that one takes after
_TITLE = re.compile(r"(?:title|masthead)(?: alt| small| \d)?|(?:sub)?heading ?(?P<level>[1-6])?|subtitle(?: \d)?", re.IGNORECASE)
_NUMBERED = "1. (1) 1) I. (I) I) i. (i) i) A. (A) A) a. (a) a)".split()
"""Forms of TSWP.ListStyleArchive.NumberType, as it counts them; those of other scripts are told in figures."""


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What a style says of its paragraphs."""

    level: int = 0  # of a heading; 0: it is none
    caption: bool = False
    code: bool = False
    print: Print = UNTOLD
    listed: int = 0  # the style of the list that its paragraphs are items of, if nothing else is said


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before an item: a form such as `1.` or `(a)`, or none, where it is a bullet."""

    form: str | None = None


def level_of(names: Sequence[str], outline: int | None) -> int:
    """The level of the heading that a style makes, by its outline, from 0, or by its names, nearest first; 0: it makes none."""
    if outline is not None and 0 <= outline < 9:
        return min(outline + 1, 6)
    found = next(filter(None, map(_TITLE.fullmatch, names)), None)
    if found is None:
        return 0
    return int(found["level"]) if found["level"] else 2 if found[0].casefold().startswith("sub") else 1


class Styles:
    """The styles among the objects of a document."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._known: dict[int, ParagraphStyle] = {}

    def paragraph(self, number: int) -> ParagraphStyle:
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = self._read(number)
        return known

    def _read(self, number: int) -> ParagraphStyle:
        size: float | None = None
        bold: bool | None = None
        outline: int | None = None
        listed, face, names = 0, "", []
        for style in self._chain(number, _PARAGRAPH_STYLE):
            shared, letters, set_as = style.message(1), style.message(11), style.message(12)
            names += [one for one in (shared.text(2).rpartition("paragraphstyle-")[2], shared.text(1)) if one]
            size = letters.real(3) if size is None and 3 in letters else size
            face = face or letters.text(5)
            bold = bool(letters.number(1)) if bold is None and 1 in letters else bold
            outline = set_as.number(27) if outline is None and 27 in set_as else outline
            listed = listed or set_as.reference(40)
        heavy = any(word in face for word in ("Bold", "Black", "Heavy"))
        caption = any(name.casefold() == "caption" or name.startswith("Caption ") for name in names)
        return ParagraphStyle(level_of(names, outline), caption, is_mono(face), Print(size, bool(bold) or heavy), listed)

    def label(self, number: int, level: int) -> Label | None:
        """Of an item on a level, from 0, of a list in this style; None: it has none."""
        for style in self._chain(number, _LIST_STYLE):
            if kinds := style.numbers(11):
                kind = kinds[min(level, len(kinds) - 1)]
                if kind != 3:
                    return Label() if kind in (1, 2) else None
                forms = next((one.numbers(15) for one in self._chain(number, _LIST_STYLE) if 15 in one), [0])
                form = forms[min(level, len(forms) - 1)]
                return Label(_NUMBERED[form] if form < len(_NUMBERED) else _NUMBERED[0])
        return None

    def character(self, number: int) -> Print:
        """What a style of characters says; nothing where it says nothing."""
        style = self._objects.message(number).message(11) if number else Message(b"")
        face = style.text(5)
        heavy = any(word in face for word in ("Bold", "Black", "Heavy")) or bool(style.number(1))
        return Print(style.real(3) if 3 in style else None, heavy if face or 1 in style else None)

    def _chain(self, number: int, kind: int) -> Iterator[Message]:
        """A style and those that it takes after, nearest first."""
        for _ in range(_DEEPEST):
            if self._objects.kind(number) != kind:
                return
            style = self._objects.message(number)
            yield style
            number = style.message(1).reference(3)
