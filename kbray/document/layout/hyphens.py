"""Words divided at the end of a line: whether their hyphen stays is settled by how they are written elsewhere."""

import re
from collections.abc import Sequence
from dataclasses import replace

from kbray.document.joining import Words
from kbray.document.layout.words import DIVIDED
from kbray.model import Element

_AROUND = re.compile(rf"([^\W\d_]+(?:[-‐][^\W\d_]+)*){DIVIDED}([^\W\d_]+(?:[-‐][^\W\d_]+)*)")


def settled(elements: Sequence[Element]) -> list[Element]:
    """`elements` without `DIVIDED`: a hyphen is in its place where the word has one elsewhere, and nowhere is without."""
    if not any(DIVIDED in element.text for element in elements):
        return list(elements)
    words = Words(elements)
    return [_settled(element, words) if DIVIDED in element.text else element for element in elements]


def _settled(element: Element, words: Words) -> Element:
    table = element.table
    if table is not None:
        table = replace(table, cells=tuple(replace(cell, text=_whole(cell.text, words)) for cell in table.cells))
    return replace(element, text=_whole(element.text, words), table=table)


def _whole(text: str, words: Words) -> str:
    found = _AROUND.search(text)
    while found:
        one, other = found.groups()
        is_compound = f"{one}-{other}".casefold() in words.known and (one + other).casefold() not in words.known
        text = f"{text[: found.end(1)]}{'-' if is_compound else ''}{text[found.start(2) :]}"
        found = _AROUND.search(text, found.start(1))
    return text.replace(DIVIDED, "")
