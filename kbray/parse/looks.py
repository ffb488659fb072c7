"""Titles of documents whose writers had no styles for them: short paragraphs in larger or bolder print than the text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from kbray.document.layout.captions import begins_as_caption
from kbray.document.layout.markers import BULLETS

_LONGEST = 120  # characters
_LARGER = 1.14  # times the size of the text: 16 beside 14, 14 beside 12, 12 beside 10.5
_LISTED = 4  # in one print, with nothing between them: addresses, forms, lists in bold print
_SHARE = 0.25  # of all characters: where more is bold or large, that says nothing
_DEEPEST = 6
_WEAK_ENDS = (".", ",", ";", ":", "-", "–", "…")
_SIZE = 10.0  # points: of text that nobody gave one


@dataclass(frozen=True, slots=True)
class Print:
    """What a style or a run tells of how its text looks; None: nothing."""

    size: float | None = None  # points
    bold: bool | None = None

    def over(self, style: "Print") -> "Print":
        """What holds where this is told of text in `style`."""
        return Print(style.size if self.size is None else self.size, style.bold if self.bold is None else self.bold)


@dataclass(frozen=True, slots=True)
class Look:
    """How the quietest print of a paragraph looks."""

    size: float  # points
    bold: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A block of the text; `look` is None where it can be no title, as a table."""

    text: str
    look: Look | None
    item: bool = False  # of a list; titles may be counted as if they were


UNTOLD = Print()


def quietest(prints: Iterable[Print]) -> Look | None:
    """Of the pieces of a paragraph; None: there are none."""
    found = list(prints)
    sizes = [_SIZE if one.size is None else one.size for one in found]
    return Look(min(sizes), all(one.bold for one in found)) if found else None


def titles_of(blocks: Sequence[Shown], above: int = 0) -> dict[int, int]:
    """Places of the titles among the blocks of a document, and their levels, from `above` + 1: the louder, the higher."""
    text = Counter[Look]()
    for block in blocks:
        if block.look is not None:
            text[block.look] += len(block.text)
    if not text:
        return {}
    body = text.most_common(1)[0][0]
    written = [place for place, block in enumerate(blocks) if block.text]
    listed = _listed(blocks, written)
    found: dict[int, Look] = {}
    for look, group in groupby(written, lambda place: None if place in listed else _loud(blocks[place], body)):
        run = list(group)
        if look is not None and len(run) < _LISTED and run[-1] != written[-1]:
            found.update(dict.fromkeys(run, look))
    if sum(len(blocks[place].text) for place in found) > _SHARE * sum(len(block.text) for block in blocks):
        return {}
    ranks = sorted(set(found.values()), key=lambda look: (-look.size, not look.bold))
    return {place: min(above + 1 + ranks.index(look), _DEEPEST) for place, look in found.items()}


def _listed(blocks: Sequence[Shown], written: Sequence[int]) -> set[int]:
    """Items of lists: more than two below each other, as a title of a part may stand right above the title of its first one."""
    found: set[int] = set()
    for item, group in groupby(written, lambda place: blocks[place].item):
        run = list(group)
        if item and len(run) > 2:
            found.update(run)
    return found


def _loud(block: Shown, body: Look) -> Look | None:
    """The look of what may be a title; None: it can't."""
    look, text = block.look, block.text
    if look is None or len(text) > _LONGEST or "\n" in text or text.endswith(_WEAK_ENDS) or begins_as_caption(text):
        return None
    letters = sum(map(str.isalpha, text))
    if letters < 2 or letters < 0.4 * len(text) or text[0] in BULLETS:
        return None
    loud = look.size >= _LARGER * body.size or (look.bold and not body.bold and look.size >= body.size)
    return look if loud else None
