"""What texts that differ in numbers alone tell: the same again, or one after the other of what is counted."""

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"(?<!\d)(?<!\d\.)\d{1,12}(?!\d|\.\w)")  # no part of another, as of that of a section
_COUNTED = 3  # pages that a number counts, where there are more: of two examples on two pages each may have the next number


def comes_again(texts: Sequence[tuple[int, str]]) -> list[bool]:
    """Of texts that are alike but for their numbers, each with its page: is it there again, as it is or with its page counted?

    Pages are counted by two where each picture shows a spread, by all of some pages then. Other numbers tell what the texts are
    of: Example 2:, 4.11 The 10.x Releases.
    """
    told: list[set[str | tuple[int, int]]] = [
        {text, *((times, int(number) - times * page) for number in _NUMBER.findall(text) for times in (1, 2))}
        for page, text in texts
    ]
    pages: dict[str | tuple[int, int], set[int]] = {}
    for (page, _), some in zip(texts, told, strict=True):
        for one in some:
            pages.setdefault(one, set()).add(page)
    least = min(_COUNTED, len({page for page, _ in texts}))
    again = {one for one, some in pages.items() if _tells(one, some, least)}
    return [not some.isdisjoint(again) for some in told]


def _tells(one: str | tuple[int, int], pages: set[int], least: int) -> bool:
    if isinstance(one, str) or one[0] == 1:
        return len(pages) >= (2 if isinstance(one, str) else max(2, least))
    return any(pages.issuperset(range(page, page + _COUNTED)) for page in pages)
