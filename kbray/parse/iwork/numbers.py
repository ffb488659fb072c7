"""Numbers of 2013 and later → elements: the tables of each sheet, and what else lies on it, in reading order.

A hidden sheet is kept, but is no main content.
"""

from collections.abc import Iterator
from dataclasses import replace

from kbray.model import Element, Unit
from kbray.parse.iwork.drawn import Drawn
from kbray.parse.iwork.objects import DOCUMENT, Objects
from kbray.parse.iwork.read import Read
from kbray.parse.iwork.story import Stories
from kbray.parse.iwork.wire import Message

ROOT = 1
_SHEET, _FORM = 2, 3
_HEIGHT = 600.0  # points: what differs by less than a line or two stands side by side


def read(objects: Objects) -> Read:
    """Raises: CorruptDocument, DocumentTooLarge."""
    stories = Stories(objects)
    drawn = Drawn(stories)
    sheets: list[tuple[str, bool, list[Element]]] = []
    for number in dict.fromkeys(objects.message(DOCUMENT).references(1)):
        kind, sheet = objects.kind(number), objects.message(number)
        if kind in (_SHEET, _FORM):
            sheet = sheet.message(1) if kind == _FORM else sheet
            found = [*_sheet(drawn, stories, sheet), *stories.notes()]
            sheets.append((" ".join(sheet.text(1).split()), bool(sheet.number(25)), found))
    return told(sheets, "numbers", stories.warnings())


def told(sheets: list[tuple[str, bool, list[Element]]], engine: str, more: tuple[str, ...]) -> Read:
    """The sheets by their names, whether they are hidden, and what is on them; names stand above where several have anything."""
    named = sum(bool(found) for *_, found in sheets) > 1
    elements: list[Element] = []
    characters: dict[str, int] = {}
    for name, hidden, found in sheets:
        characters.setdefault(name, 0)
        headed = [Element("heading", name, 1)] if named and found and name else []
        for element in (*headed, *found):
            elements.append(replace(element, chapter=name, main=not hidden))
            characters[name] += len(element.text)
    hidden_ones = [name for name, hidden, _ in sheets if hidden]
    warnings = (
        (f"Hidden sheets are no main content ({len(hidden_ones)}): {', '.join(hidden_ones)[:500]}.",) if hidden_ones else ()
    )
    units = tuple(Unit(name, length) for name, length in characters.items())
    return Read(engine, tuple(elements), units, (*warnings, *more))


def _sheet(drawn: Drawn, stories: Stories, sheet: Message) -> Iterator[Element]:
    yield from stories.running([sheet.reference(15), *sheet.references(18)], "header")
    yield from drawn.in_order(dict.fromkeys(sheet.references(2)), _HEIGHT)
    yield from stories.running([sheet.reference(16), *sheet.references(19)], "footer")
