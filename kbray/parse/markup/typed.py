"""What was typed as plain paragraphs: lists, sign by sign, and captions beside tables and pictures; where that is sure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby

from kbray.document.layout.captions import is_caption
from kbray.model import Element
from kbray.parse.markup.lists import numeral

_ITEM = re.compile(r"(?:(?P<bullet>[•·▪‣◦●○■□*–-])|(?P<open>\(?)(?P<number>[0-9]{1,3}|[a-z])(?P<close>[.)]))\s+(?=\S)")
_UNSURE = "*–-"  # they also begin what somebody says, or remarks
_SHOWN = ("table", "image")
_LONGEST = 300  # characters of a caption
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»“)\]]*\Z")


def with_typed(elements: Iterable[Element]) -> Iterator[Element]:
    """Paragraphs that are items or captions, as such."""
    return with_captions(_with_lists(elements))


def with_captions(elements: Iterable[Element]) -> Iterator[Element]:
    """Paragraphs right over or under a table or picture that begin as captions do ("Table 2: …")."""
    before: Element | None = None
    held: Element | None = None
    for after in chain(elements, (None,)):
        if held is not None:
            beside = any(one is not None and one.kind in _SHOWN for one in (before, after))
            if beside and held.kind == "paragraph" and len(held.text) <= _LONGEST and is_caption(held.text):
                held = replace(held, kind="caption")
            yield held
        before, held = held, after


def _with_lists(elements: Iterable[Element]) -> Iterator[Element]:
    """Paragraphs that follow each other, or lines of one, as items of a list if their signs make them one."""
    for form, group in groupby(elements, _form):
        found = list(group)
        lines = [(element, line) for element in found for line in element.text.split("\n")] if form is not None else []
        items = [(element, match, line) for element, line in lines if (match := _ITEM.match(line))]
        if len(items) > 1 and _is_list(items):
            for element, match, line in items:
                marker = "-" if match["bullet"] else match[0].strip()
                yield replace(element, kind="list_item", level=1, marker=marker, text=line[match.end() :])
        else:
            yield from found


def _form(element: Element) -> tuple[str | bool | None, ...] | None:
    """What the lines of a paragraph have in common as items; None: they are none."""
    if element.kind != "paragraph" or _ITEM.match(element.text) is None or element.formulas:
        return None
    lines = element.text.split("\n")
    found = [_ITEM.match(line) for line in lines]
    forms = {one and (one["bullet"], one["open"], one["close"], (one["number"] or "").isdecimal()) for one in found}
    return forms.pop() if len(forms) == 1 else None


def _is_list(items: Sequence[tuple[Element, re.Match[str], str]]) -> bool:
    """Numbers have to count from the first; of signs that mean other things, too, no line may be a sentence."""
    bullet = items[0][1]["bullet"]
    if bullet is None:
        numbers = [match["number"] for _, match, _ in items]
        return numbers == [str(place) if numbers[0].isdecimal() else numeral(place, "a") for place in range(1, len(numbers) + 1)]
    return bullet not in _UNSURE or not any(_SENTENCE_END.search(line) for _, _, line in items)
