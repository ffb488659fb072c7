"""Footnotes of pages: a mark tells one on its page; here they get labels of the whole document, and go on over page breaks."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from string import ascii_lowercase

from kbray.document.joining import Words, glued, is_open, together
from kbray.model import NOTE_MARK, Cell, Element, Table

_LEAD = re.compile(r"[\[(]?(?:\d{1,3}[\])]?[.)]?\s|[*∗†‡§¶‖])")  # a mark to which nothing refers


def settle(elements: Sequence[Element]) -> list[Element]:
    """`elements` with the footnotes of pages, and the marks in the text with them, labelled so that each label is one note's.

    On a page a note is told by the mark that is printed; that stays its label where it is a number or a letter that no other
    note of the document has, else the page stands before it: `12-3`; a symbol becomes a letter. A note that goes on at the foot
    of the next page is one, where it begins. What has no page (chapters, office files) is labelled already.
    """
    joined = _joined(elements)
    notes = [(e.page, e.marker) for e in joined if e.kind == "footnote" and e.page is not None and e.marker]
    if not notes:
        return joined
    labels = _labels(notes)
    return [_labelled(element, labels[element.page]) if element.page in labels else element for element in joined]


def _labels(notes: Sequence[tuple[int, str]]) -> dict[int, dict[str, str]]:
    """Page → mark → label."""
    often = Counter(mark for _, mark in dict.fromkeys(notes))
    marks: dict[int, dict[str, None]] = {}
    for page, mark in notes:
        marks.setdefault(page, {})[mark] = None
    found: dict[int, dict[str, str]] = {}
    for page, printed in marks.items():
        free = (name for name in chain(ascii_lowercase, map(str, count())) if name not in printed)
        names = {mark: mark if mark.isalnum() else next(free) for mark in printed}  # a symbol may be markup
        found[page] = {m: m if m == name and often[m] == 1 else f"{page}-{name}" for m, name in names.items()}
    return found


def _joined(elements: Sequence[Element]) -> list[Element]:
    """With notes that go on at the foot of the next column or page put to their beginning."""
    marked = {element.page for element in elements if element.kind == "footnote" and element.marker}
    words = Words(elements)
    found: list[Element] = []
    above: int | None = None  # place of the note that could go on
    last: Element | None = None  # the piece of it that came last
    for element in elements:
        if element.kind != "footnote" or element.page is None:
            found.append(element)
            continue
        if above is not None and last is not None and _goes_on(found[above], last, element, marked=element.page in marked):
            found[above] = _together(found[above], element, words)
        else:
            above = len(found)
            found.append(element)
        last = element
    return found


def _goes_on(note: Element, last: Element, rest: Element, *, marked: bool) -> bool:
    """Whether `rest` is the note's, whose last piece is `last`. marked: other notes on the page of `rest` have marks."""
    if rest.marker or not rest.text or not note.text or note.origin != rest.origin or _LEAD.match(rest.text):
        return False
    assert last.page is not None
    assert rest.page is not None
    breaks_off = is_open(note.text) or rest.text[0].islower()
    if rest.page == last.page:
        return breaks_off and last.box is not None and rest.box is not None and rest.box.left >= last.box.right
    return rest.page == last.page + 1 and (breaks_off or (marked and note.marker is not None))


def _together(note: Element, rest: Element, words: Words) -> Element:
    ended = not is_open(note.text) and not rest.text[0].islower()
    return together(note, rest, f"{note.text}\n{rest.text}" if ended else glued(note.text, rest.text, words))


def _labelled(element: Element, labels: Mapping[str, str]) -> Element:
    """The element of a page with what its marks are called in the document."""

    def called(text: str) -> str:
        return NOTE_MARK.sub(lambda mark: f"[^{labels.get(mark[1], mark[1])}]", text) if "[^" in text else text

    marker = labels.get(element.marker, element.marker) if element.kind == "footnote" and element.marker else element.marker
    text = called(element.text)
    table = element.table
    if table is not None and text != element.text:
        table = Table(tuple(_renamed(cell, called(cell.text)) for cell in table.cells))
    if text == element.text and marker == element.marker:
        return element
    return replace(element, text=text, marker=marker, table=table)


def _renamed(cell: Cell, text: str) -> Cell:
    return cell if text == cell.text else replace(cell, text=text)
