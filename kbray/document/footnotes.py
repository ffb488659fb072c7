"""Footnotes of pages: each page counts its own anew; here they get labels of the whole document, and go on over page breaks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kbray.document.joining import Words, glued, is_open
from kbray.model import Cell, Element, Table

_MARK = re.compile(r"\[\^([^\[\]\s]+)\]")


def settle(elements: Sequence[Element]) -> list[Element]:
    """`elements` with the footnotes of pages numbered through the document, and the marks in the text with them.

    On a page a note is told by the mark that is printed. A note that goes on at the foot of the next page is one, where it
    begins. What has no page (chapters, office files) is labelled already.
    """
    joined = _joined(elements)
    labels: dict[tuple[int, str], str] = {}
    for element in joined:
        if element.kind == "footnote" and element.page is not None and element.marker:
            labels.setdefault((element.page, element.marker), str(len(labels) + 1))
    if not labels:
        return joined
    by_page: dict[int, dict[str, str]] = {}
    for (page, mark), label in labels.items():
        by_page.setdefault(page, {})[mark] = label
    return [_labelled(element, by_page[element.page]) if element.page in by_page else element for element in joined]


def _joined(elements: Sequence[Element]) -> list[Element]:
    """With notes that go on over the page put to their beginning."""
    marked = {element.page for element in elements if element.kind == "footnote" and element.marker}
    words = Words(elements)
    found: list[Element] = []
    last: int | None = None  # place of the last note
    page: int | None = None  # the page it ends on
    for element in elements:
        if element.kind != "footnote" or element.page is None:
            found.append(element)
            continue
        if last is not None and page == element.page - 1 and _goes_on(found[last], element, marked=element.page in marked):
            found[last] = _together(found[last], element, words)
        else:
            last = len(found)
            found.append(element)
        page = element.page
    return found


def _goes_on(note: Element, rest: Element, *, marked: bool) -> bool:
    """Whether `rest`, first at the foot of the next page, is the note's. marked: other notes there have marks."""
    if rest.marker or not rest.text or not note.text or note.origin != rest.origin:
        return False
    return is_open(note.text) or rest.text[0].islower() or (marked and note.marker is not None)


def _together(note: Element, rest: Element, words: Words) -> Element:
    ended = not is_open(note.text) and not rest.text[0].islower()
    sure = [element.confidence for element in (note, rest) if element.confidence is not None]
    text = f"{note.text}\n{rest.text}" if ended else glued(note.text, rest.text, words)
    return replace(note, text=text, confidence=min(sure, default=None))


def _labelled(element: Element, labels: Mapping[str, str]) -> Element:
    """The element of a page with what its marks are called in the document."""

    def called(text: str) -> str:
        return _MARK.sub(lambda mark: f"[^{labels.get(mark[1], mark[1])}]", text) if "[^" in text else text

    marker = labels.get(element.marker, element.marker) if element.kind == "footnote" and element.marker else element.marker
    text = called(element.text)
    table = element.table
    if table is not None and text != element.text:
        table = Table(tuple(_renamed(cell, called(cell.text)) for cell in table.cells))
    return (
        element if text == element.text and marker == element.marker else replace(element, text=text, marker=marker, table=table)
    )


def _renamed(cell: Cell, text: str) -> Cell:
    return cell if text == cell.text else replace(cell, text=text)
