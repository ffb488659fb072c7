"""Recognised pages put back among the pages that had text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kbray.errors import UnreadPage, signature
from kbray.model import Element, Failure, Parsed, Reading, Unit


def merge(parsed: Parsed, readings: Sequence[Reading]) -> Parsed:
    """`parsed` with the elements of its images, one reading an image in their order, at the place of their pages; no images left.

    A page without an element stays produced when it is blank, and is missing when print was seen on it.
    Raises: ValueError: not as many readings as images.
    """
    if len(readings) != len(parsed.images):
        raise ValueError(f"{len(parsed.images)} pages were to be recognised, and {len(readings)} came back")
    if not parsed.images:
        return parsed
    order = {unit.name: place for place, unit in enumerate(parsed.units)}
    found = [element for reading in readings for element in reading.elements]
    # Sorting is stable: within a page each source keeps its own reading order.
    elements = sorted((*parsed.elements, *found), key=lambda element: order.get(str(element.page), len(order)))
    characters = characters_by_page(elements)
    read = {str(image.page): reading for image, reading in zip(parsed.images, readings, strict=True)}
    units = tuple(_unit(unit, read[unit.name], characters) if unit.name in read else unit for unit in parsed.units)
    lost = [_unread(image.page) for image, reading in zip(parsed.images, readings, strict=True) if _is_unread(reading)]
    return replace(parsed, elements=tuple(elements), units=units, images=(), failures=(*parsed.failures, *lost))


def _unit(unit: Unit, reading: Reading, characters: Mapping[int, int]) -> Unit:
    produced = unit.produced and not _is_unread(reading)
    return replace(unit, characters=characters.get(int(unit.name), 0), produced=produced, unread=reading.unread)


def _is_unread(reading: Reading) -> bool:
    return not reading.elements and reading.unread > 0


def _unread(page: int) -> Failure:
    message = f"There is print on page {page}, and none of it could be read."
    return Failure(UnreadPage.code, message, "recognise", signature(UnreadPage.code, "recognise", message), page=page)


def characters_by_page(elements: Iterable[Element]) -> dict[int, int]:
    """Length of the text of each page's elements."""
    found: dict[int, int] = {}
    for element in elements:
        if element.page is not None:
            found[element.page] = found.get(element.page, 0) + len(element.text)
    return found
