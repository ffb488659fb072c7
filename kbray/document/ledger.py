"""The completeness ledger: every page or chapter that was expected stands in it once, produced or missing with a failure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kbray.document.recognised import characters_by_page
from kbray.errors import KbrayError, signature
from kbray.model import Failure, Parsed, Unit, Window


def settle(
    parts: Sequence[tuple[Window, Parsed | None]], failures: Iterable[Failure]
) -> tuple[tuple[Unit, ...], tuple[Failure, ...]]:
    """Units in the order of the windows, and all failures: those given, those of the parts, and one for each unit that is
    missing without a reason. A failure told twice (by the part and by the catalogue) counts once.
    """
    told = [*failures, *(failure for _, part in parts if part is not None for failure in part.failures)]
    known = {(failure.code, failure.message, failure.page, failure.chapter): failure for failure in reversed(told)}
    units: dict[str, Unit] = {}
    for window, part in parts:
        for unit in _units(window, part):
            if unit.name in units and window.first_page is not None:
                continue  # windows that overlap: the first one counts
            units[unit.name] = _together(units[unit.name], unit) if unit.name in units else unit
            if not unit.produced and not any(_explains(failure, unit, window, part) for failure in known.values()):
                found = _unexplained(unit, paged=window.first_page is not None)
                known[found.code, found.message, found.page, found.chapter] = found
    order = {name: place for place, name in enumerate(units)}

    def place(failure: Failure) -> tuple[int, int, str, str]:
        return failure.page or 0, order.get(failure.chapter or "", -1), failure.code, failure.message

    return tuple(units.values()), tuple(sorted(known.values(), key=place))


def _together(one: Unit, other: Unit) -> Unit:
    return Unit(
        one.name,
        one.characters + other.characters,
        one.produced and other.produced,
        one.elements + other.elements,
        one.lost + other.lost,
        one.unread + other.unread,
    )


def _units(window: Window, part: Parsed | None) -> Iterator[Unit]:
    if window.first_page is None or window.last_page is None:
        yield from _units_of_whole(part)
        return
    known = {unit.name: unit for unit in part.units} if part else {}
    characters = characters_by_page(part.elements) if part else {}
    elements = Counter(element.page for element in part.elements) if part else Counter[int | None]()
    for page in range(window.first_page, window.last_page + 1):
        unit = known.get(str(page), Unit(str(page), produced=False))
        counts = (characters.get(page, 0), elements[page]) if unit.produced else (0, 0)
        yield replace(unit, characters=counts[0], elements=counts[1])


def _units_of_whole(part: Parsed | None) -> Iterator[Unit]:
    if part is None:
        yield Unit("whole", produced=False)
    elif part.units:
        elements = Counter(element.chapter for element in part.elements)
        for unit in part.units:
            yield replace(unit, elements=len(part.elements) if unit.name == "whole" else elements[unit.name])
    else:
        yield Unit("whole", sum(len(element.text) for element in part.elements), elements=len(part.elements))


def _explains(failure: Failure, unit: Unit, window: Window, part: Parsed | None) -> bool:
    if failure.chapter == unit.name or (failure.page is not None and str(failure.page) == unit.name):
        return True
    if part is not None:
        return False
    if failure.page is None or window.first_page is None or window.last_page is None:
        return True  # a part was lost as a whole
    return window.first_page <= failure.page <= window.last_page


def _unexplained(unit: Unit, *, paged: bool) -> Failure:
    what = f"Page {unit.name}" if paged else "The document" if unit.name == "whole" else f"Chapter {unit.name}"
    message = f"{what} is missing from what the parser gave, and no reason was told."
    return Failure(
        code=KbrayError.code,
        message=message,
        stage="assemble",
        signature=signature(KbrayError.code, "assemble", message),
        page=int(unit.name) if paged else None,
        chapter=None if paged or unit.name == "whole" else unit.name,
    )
