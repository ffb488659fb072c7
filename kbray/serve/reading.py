"""What of a document an agent reads: all, some pages, a chapter, what stands below a title, or around a passage; as Markdown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kbray.document import markdown
from kbray.document.tables import rows_on
from kbray.errors import ConfigError
from kbray.library import LibraryDocument
from kbray.model import Chunk, Element, Table

_NAMED = 8
"""Places that are named where a title stands at several."""
_BEFORE = 400
"""Characters shown before a passage, at least, for what it goes on from."""
_PAGES = re.compile(r"\s*(?P<first>[^\s–-]{1,40})(?:\s*[–-]\s*(?P<last>[^\s–-]{1,40}))?\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, `start` to `end`."""

    text: str
    start: int
    end: int
    characters: int  # of the whole text


def piece(text: str, start: int, limit: int) -> Piece:
    """At most `limit` characters from `start` on; where there is more, it ends with a paragraph, else a line, else a word."""
    end = min(start + limit, len(text))
    if end < len(text):
        ends = (text.rfind(gap, start + limit // 2, end) + len(gap) for gap in ("\n\n", "\n", " "))
        end = next((found for found in ends if found > start + limit // 2), end)
    return Piece(text[start:end], start, end, len(text))


def whole(document: LibraryDocument, around: Chunk | None) -> tuple[str, int]:
    """The text of a document, and where in it to begin: somewhat before the passage."""
    elements = _plain_tables(document.elements)
    text = markdown.render(elements)
    if around is None:
        return text, 0
    paragraph = text.rfind("\n\n", 0, max(markdown.offset(elements, around.first) - _BEFORE, 0))
    return text, paragraph + 2 if paragraph >= 0 else 0


def of_pages(document: LibraryDocument, pages: str) -> str:
    """Of these pages (`7`, `7-9`), or of those of the printed edition, where a book tells them and has no others.

    Raises: ConfigError: there are no such pages, or no text is on them.
    """
    name = document.row.name
    asked = _PAGES.fullmatch(pages)
    if asked is None:
        raise ConfigError(f"{pages!r} names no pages: say 7 or 7-9.")
    first, last = asked["first"], asked["last"] or asked["first"]
    there = document.row.pages
    chosen: list[Element] = []
    if there is None:
        chosen = _printed(document.elements, first, last)
    elif first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last) <= there:
        chosen = _on(document.elements, range(int(first), int(last) + 1))
    else:
        raise ConfigError(f"{name} has the pages 1 to {there}; {pages} are none of them.")
    text = markdown.render(_plain_tables(chosen))
    if text:
        return text
    if there is None and not any(element.print_page for element in document.elements):
        raise ConfigError(f"{name} has no pages: name a chapter or a title instead, which outline tells.")
    raise ConfigError(f"{name} has no text on page {pages}.")


def _on(elements: Sequence[Element], pages: range) -> list[Element]:
    chosen = [element for element in elements if any(page in pages for page in element.pages)]
    return [
        replace(element, table=rows_on(element.table, *pages)) if element.table and len(element.pages) > 1 else element
        for element in chosen
    ]


def _printed(elements: Sequence[Element], first: str, last: str) -> list[Element]:
    """From where the one page of the printed edition begins to where the other ends."""
    begins = [number for number, element in enumerate(elements) if element.print_page == first]
    ends = [number for number, element in enumerate(elements) if element.print_page == last]
    return list(elements[begins[0] : ends[-1] + 1]) if begins and ends else []


def of_part(document: LibraryDocument, name: str) -> str:
    """Of a chapter, as hits call it, or what stands below a title, down to the next one of its rank.

    Raises: ConfigError: there is none of the name, or there are several.
    """
    elements = document.elements
    inside = [element for element in elements if element.chapter == name]
    if inside:
        return markdown.render(_plain_tables(inside))
    titles = [(number, _plain(one.text)) for number, one in enumerate(elements) if one.kind == "heading" and one.main]
    wanted = _plain(name)
    found = [number for number, title in titles if title == wanted] or [number for number, title in titles if wanted in title]
    if not found or not wanted:
        raise ConfigError(f"{document.row.name} has no chapter or title {name!r}; outline tells what it has.")
    if len(found) > 1:
        places = "; ".join(_place(elements[number]) for number in found[:_NAMED])
        more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise ConfigError(f"{name!r} is in {len(found)} titles of {document.row.name}: {places}{more}. Name the page or chapter.")
    begins = found[0]
    level = elements[begins].level
    following = (number for number, _ in titles if number > begins and elements[number].level <= level)
    return markdown.render(_plain_tables(elements[begins : next(following, len(elements))]))


def _plain_tables(elements: Sequence[Element]) -> list[Element]:
    """Cells that span others stand in the first of their places: as HTML a table has twice the tokens."""
    return [
        replace(element, table=Table(tuple(replace(cell, row_span=1, column_span=1) for cell in element.table.cells)))
        if element.table is not None
        else element
        for element in elements
    ]


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()


def _place(heading: Element) -> str:
    place = f"page {heading.page}" if heading.page is not None else f"chapter {heading.chapter}" if heading.chapter else ""
    title = " ".join(heading.text.split())
    return f"{title} ({place})" if place else title
