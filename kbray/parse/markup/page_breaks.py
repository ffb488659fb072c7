"""Where a page of the printed edition begins, as an element of a book tells it."""

import re
from collections.abc import Mapping
from itertools import islice

from lxml import etree

from kbray.parse.markup import notes
from kbray.parse.markup.trees import content

_CALLED = frozenset(("pagenum", "pageno", "x-ebookmaker-pageno"))  # by classes of books of Project Gutenberg
CLASSES = "|".join(sorted(_CALLED))
"""Part of each class that tells of a page."""
_NUMBER = re.compile(r"[\[({]?\s*(?:(?:pg|page|p|seite|s)\b\.?\s*)?([0-9]{1,4}|[ivxlc]{1,8})\s*[\])}]?", re.IGNORECASE)

_MOST = 5  # elements of which a number is made


def page_at(node: etree._Element, attributes: Mapping[str, str]) -> tuple[str | None, bool]:
    """The label of the page that begins at an element, and whether that says no more than which.

    Such a number is printed beside the text: it is no word of the sentence in which the page ends.
    """
    marked = "pagebreak" in (attributes.get(notes.TYPE) or attributes.get("role") or "")
    if not marked and _CALLED.isdisjoint(attributes.get("class", "").split()):
        return None, False
    small = len(list(islice(node.iter("*"), _MOST + 1))) <= _MOST
    number = _NUMBER.fullmatch(content(node)) if small else None
    own = node.text if marked and not len(node) else None
    return attributes.get("title") or attributes.get("aria-label") or (number[1] if number else own), number is not None
