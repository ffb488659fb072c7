"""Recognised pages put back among the pages that had text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kbray.document import layers
from kbray.document.pictured import SURE, beside_pictures
from kbray.errors import UnreadPage, signature
from kbray.model import REMARK, Element, Failure, Parsed, Reading, Unit

_REPLACED = "The text layer of these pages is bad, and their print was recognised instead: {pages}."
_KEPT = "The text of these pages seems to be coded wrongly, and stays as it is, since nothing better was recognised: {pages}."


def merge(parsed: Parsed, readings: Sequence[Reading]) -> Parsed:
    """`parsed` with the elements of its images, one reading an image in their order, at the place of their pages; no images left.

    Pictures in files that aren't made of pages: see `beside_pictures`.
    A page without an element stays produced when it is blank, and is missing when print was seen on it. What pictures beside a
    page's text say stands where they are in it. A text layer stays, unless it is bad and what was read is better.
    Raises: ValueError: not as many readings as images.
    """
    if len(readings) != len(parsed.images):
        raise ValueError(f"{len(parsed.images)} pages were to be recognised, and {len(readings)} came back")
    if not parsed.images:
        return parsed
    if any(image.target is not None for image in parsed.images):
        return beside_pictures(parsed, readings)
    order = {unit.name: place for place, unit in enumerate(parsed.units)}
    own = _by_page(parsed.elements)
    replaced = {
        str(image.page): reading
        for image, reading in zip(parsed.images, readings, strict=True)
        if (image.layered and layers.is_worse(own.get(str(image.page), []), reading.elements))
        or (image.garbled and layers.is_better(reading.elements))
    }
    kept = [str(image.page) for image in parsed.images if image.garbled and str(image.page) not in replaced]
    read = {
        str(image.page): _labels(reading) if image.partial else reading
        for image, reading in zip(parsed.images, readings, strict=True)
        if not (image.layered or image.garbled)
    } | replaced
    own = {page: [one for one in found if page not in replaced or _is_remark(one)] for page, found in own.items()}
    elements: list[Element] = []
    for page in sorted({*own, *read}, key=lambda page: order.get(page, len(order))):
        found = read[page].elements if page in read else ()
        elements.extend(_placed(own.get(page, []), found))
    characters = characters_by_page(elements)
    units = tuple(_unit(unit, read[unit.name], characters) if unit.name in read else unit for unit in parsed.units)
    units = tuple(replace(unit, lost=0) if unit.name in replaced else unit for unit in units)
    lost = [_unread(int(page)) for page in read if _is_unread(read[page])]
    warnings = (
        *parsed.warnings,
        *((_REPLACED.format(pages=", ".join(replaced)),) if replaced else ()),
        *((_KEPT.format(pages=", ".join(kept)),) if kept else ()),
    )
    return replace(
        parsed, elements=tuple(elements), units=units, images=(), failures=(*parsed.failures, *lost), warnings=warnings
    )


def _by_page(elements: Iterable[Element]) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for element in elements:
        found.setdefault(str(element.page), []).append(element)
    return found


def _is_remark(element: Element) -> bool:
    """A comment, which is of no text layer."""
    return element.kind == "footnote" and REMARK.fullmatch(element.marker or "") is not None


def _labels(reading: Reading) -> Reading:
    """What pictures say: no titles of the document, and nothing in doubt."""
    sure = (one for one in reading.elements if one.confidence is None or one.confidence >= SURE)
    whole = ("image", "table", "code")
    return Reading(tuple(one if one.kind in whole else replace(one, kind="paragraph", level=0, marker=None) for one in sure))


def _placed(own: Sequence[Element], found: Sequence[Element]) -> list[Element]:
    """The elements of a page with those found on its pictures, which stand below what is above them in their column."""
    places = [((number, 1), element) for number, element in enumerate(own)]
    places += [(_place(own, element), element) for element in found]
    return [element for _, element in sorted(places, key=lambda placed: placed[0])]


def _place(own: Sequence[Element], element: Element) -> tuple[int, int]:
    """(n, 2): behind element n, which is above it; (n, 0): before element n, the first below it; behind all where none is."""
    above, below = -1, len(own)
    for number, other in enumerate(own):
        if element.box is None or other.box is None:
            continue
        if other.box.right > element.box.left and other.box.left < element.box.right:
            if other.box.top + other.box.bottom <= element.box.top + element.box.bottom:
                above = number
            else:
                below = min(below, number)
    return (below, 0) if above < 0 else (above, 2)


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
