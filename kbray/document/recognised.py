"""Recognised pages put back among the pages that had text."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kbray.model import Element, Parsed


def merge(parsed: Parsed, recognised: Sequence[Sequence[Element]]) -> Parsed:
    """`parsed` with the elements of its images, one list an image in their order, at the place of their pages; no images left.

    A page on which nothing was recognised stays produced, with no characters.
    Raises: ValueError: not as many lists as images.
    """
    if len(recognised) != len(parsed.images):
        raise ValueError(f"{len(parsed.images)} pages were to be recognised, and {len(recognised)} came back")
    if not parsed.images:
        return parsed
    order = {unit.name: place for place, unit in enumerate(parsed.units)}
    found = [element for elements in recognised for element in elements]
    # Sorting is stable: within a page each source keeps its own reading order.
    elements = sorted((*parsed.elements, *found), key=lambda element: order.get(str(element.page), len(order)))
    characters = characters_by_page(elements)
    pages = {str(image.page): image.page for image in parsed.images}
    units = tuple(
        replace(unit, characters=characters.get(pages[unit.name], 0)) if unit.name in pages else unit for unit in parsed.units
    )
    return replace(parsed, elements=tuple(elements), units=units, images=())


def characters_by_page(elements: Iterable[Element]) -> dict[int, int]:
    """Length of the text of each page's elements."""
    found: dict[int, int] = {}
    for element in elements:
        if element.page is not None:
            found[element.page] = found.get(element.page, 0) + len(element.text)
    return found
