"""Levels of headings over the whole document, and the path of headings above each element."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kbray.document.layout.divisions import name_of
from kbray.model import NOTE_MARK, Element, TocEntry

_DEEPEST = 6
_SAME_SIZE = 0.93  # headings at least this high, compared with the largest of a level, are of that level


def settle_levels(parts: Sequence[Sequence[Element]], toc: Sequence[TocEntry]) -> list[Element]:
    """All elements of the parts in order; headings have levels from 1 to 6 that mean the same everywhere.

    Levels that follow the document's own table of contents are kept; without one they are counted anew, so that none is
    skipped. Parts that were parsed apart each count from 1: there the height of the print tells which levels are equal.
    """
    elements = [element for part in parts for element in part]
    of_part = [index for index, part in enumerate(parts) for _ in part]
    headings = {place: element for place, element in enumerate(elements) if element.kind == "heading"}
    known = _known_levels(headings, toc)
    by_height = _levels_by_height(headings, of_part, known)
    levels = {place: by_height.get((of_part[place], element.level), element.level) for place, element in headings.items()}
    if by_height:
        levels |= known
    follows = sum(levels[place] == level for place, level in known.items()) * 2 > len(known)
    used = sorted({_clamped(level) for place, level in levels.items() if elements[place].main})
    rank = {level: level if follows else place for place, level in enumerate(used, start=1)}
    for place, level in levels.items():
        elements[place] = replace(elements[place], level=rank.get(_clamped(level), _clamped(level)))
    return elements


def with_paths(elements: Sequence[Element]) -> list[Element]:
    """`elements` with their heading_path: the titles of the headings above, outermost first, its own title not among them.

    A path that the parser gave (from the table of contents, where the text has no heading) stands before the headings found
    in the text since that path began. What stands around the main content heads nothing and stands below nothing.
    """
    stack: list[tuple[int, str]] = []
    given: tuple[str, ...] = ()
    since: list[tuple[int, str]] = []  # headings below the given path
    path: tuple[str, ...] | None = None  # until the next heading
    found: list[Element] = []
    for element in elements:
        if not element.main:
            found.append(element)
            continue
        title = heading_title(element.text) if element.kind == "heading" else ""
        if element.heading_path != given:
            given, since, path = element.heading_path, [], None
        if title:
            stack = [above for above in stack if above[0] < element.level]
            since = [above for above in since if above[0] < element.level]
            path = None
        if path is None:
            path = _path(given, since) if given else tuple(above for _, above in stack)
        own = path[:-1] if title and path and path[-1] == title and given else path
        found.append(element if own == element.heading_path else element.below(own))
        if title:
            stack.append((element.level, title))
            since.append((element.level, title))
            path = None
    return found


def heading_title(text: str) -> str:
    """A heading's text on one line and without note marks."""
    return " ".join(NOTE_MARK.sub("", text).split())


def _path(given: tuple[str, ...], since: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    return (*given, *(title for _, title in since if title not in given))


def _clamped(level: int) -> int:
    return min(max(level, 1), _DEEPEST)


def _known_levels(headings: Mapping[int, Element], toc: Sequence[TocEntry]) -> dict[int, int]:
    """Place of a heading → its level in the table of contents, where it stands there."""
    levels: dict[tuple[int | None, str | None, str], int] = {}
    for entry in toc:
        levels.setdefault((entry.page, entry.chapter, _folded(entry.title)), entry.level)
    found: dict[int, int] = {}
    for place, element in headings.items() if levels else ():
        at, title = (element.page, element.chapter), heading_title(element.text)
        level = levels.get((*at, _folded(title)), levels.get((*at, _folded(name_of(title)))))
        if level is not None:
            found[place] = level
    return found


def _folded(title: str) -> str:
    """Letters only: the one says "2.1 Beds" where the other says "Beds"."""
    return "".join(character for character in heading_title(title).casefold() if character.isalpha())


def _levels_by_height(
    headings: Mapping[int, Element], of_part: Sequence[int], known: Mapping[int, int]
) -> dict[tuple[int, int], int]:
    """(part, level there) → level in the document, by the height of the print; {} where there is nothing to compare with.

    Headings whose level is known are the yardstick for the others; without any, the parts are compared with each other.
    """
    heights: dict[tuple[int, int], float] = {}
    yardstick: dict[int, float] = {}  # known level → height of its print
    for place, element in headings.items():
        if element.box is None:
            continue
        high = element.box.height  # the least one is that of a single line, most likely
        if place in known:
            yardstick[known[place]] = min(yardstick.get(known[place], high), high)
        else:
            key = of_part[place], element.level
            heights[key] = min(heights.get(key, high), high)
    if not yardstick and len({index for index, _ in heights}) < 2:
        return {}
    levels: dict[tuple[int, int], int] = {}
    level, size = 0, 0.0  # of the headings before, which are larger
    for key in sorted(heights, key=lambda key: (-heights[key], key)):
        high = heights[key]
        equal = [known_level for known_level, other in yardstick.items() if _SAME_SIZE <= high / other <= 1 / _SAME_SIZE]
        above = max((known_level for known_level, other in yardstick.items() if other > high), default=0)
        if equal:
            level, size = max(equal), high
        elif not level or high < _SAME_SIZE * size or above > level:
            level, size = max(level, above) + 1, high
        levels[key] = level
    return levels
