"""Pages of 2013 and later → elements: headers, the body with what stands in it, what floats on its pages, footers, notes."""

from collections.abc import Iterator
from dataclasses import replace

from kbray.model import Element, Unit
from kbray.parse.iwork.drawn import Drawn
from kbray.parse.iwork.objects import DOCUMENT, Objects
from kbray.parse.iwork.read import Read
from kbray.parse.iwork.story import STORAGES, Stories

ROOT = 10000
_SECTION, _TEMPLATES = 10011, frozenset((10016, 10143))
_HEIGHT = 792.0  # points, of a page that tells none
_TEXTS = frozenset((0, 3))  # kinds of storages: bodies, boxes


def read(objects: Objects) -> Read:
    """Raises: CorruptDocument, DocumentTooLarge."""
    stories = Stories(objects, titled=True)
    drawn = Drawn(stories)
    root = objects.message(DOCUMENT)
    body = root.reference(4)
    templates = [objects.message(one) for one in _templates(objects, stories.sections(body) or [root.reference(5)])]
    elements = [*stories.elements(body)]
    lying = _floating(objects, drawn, root.reference(3), root.real(31) or _HEIGHT)
    elements += map(_beside, lying) if any(one.text for one in elements) else lying
    lost = list(_elsewhere(objects, stories, [one for told in templates for one in told.references(3)], drawn))
    headers = list(stories.running([one for told in templates for one in told.references(1)], "header"))
    footers = list(stories.running([one for told in templates for one in told.references(2)], "footer"))
    elements = [*headers, *elements, *lost, *footers, *stories.notes()]
    warnings = ["Texts whose place in the document is not known come last."] if lost else []
    return Read(
        "pages", tuple(elements), (Unit("whole", sum(len(one.text) for one in elements)),), (*warnings, *stories.warnings())
    )


def _templates(objects: Objects, sections: list[int]) -> Iterator[int]:
    """Of the first, even and odd pages of each section, each once."""
    found: dict[int, None] = {}
    for section in sections:
        if objects.kind(section) == _SECTION:
            told = objects.message(section)
            found.update(dict.fromkeys(told.reference(field) for field in (23, 24, 25)))
    return (number for number in found if objects.kind(number) in _TEMPLATES)


def _floating(objects: Objects, drawn: Drawn, number: int, height: float) -> Iterator[Element]:
    """What lies on the pages, page by page."""
    groups = list(objects.message(number).messages(1)) if number else []
    for group in sorted(groups, key=lambda group: group.number(1)):
        numbers = [entry.reference(1) for field in (2, 4, 3) for entry in group.messages(field)]
        yield from drawn.in_order(dict.fromkeys(numbers), height)


def _beside(element: Element) -> Element:
    """What lies beside the text has no title of the text."""
    return replace(element, kind="paragraph", level=0) if element.kind == "heading" else element


def _elsewhere(objects: Objects, stories: Stories, shared: list[int], drawn: Drawn) -> Iterator[Element]:
    """Texts of the document that nothing known refers to. What all pages have on them isn't among them."""
    of_templates = {drawn.storage(number) for number in shared}
    for number, kind in objects:
        if kind in STORAGES and number not in of_templates and not stories.has_read(number):
            storage = objects.message(number)
            if storage.number(10) and storage.number(1, 3) in _TEXTS:
                yield from stories.elements(number)
