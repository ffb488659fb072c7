"""Signs of Hangul's own fonts, which Unicode has no characters for, and those that begin the items of Korean documents."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from kbray.model import Element

# Numbers in boxes: one sign each, those from 10 on of two halves. As they were seen to count in documents.
_BOXED = re.compile("\U000f02ba([\U000f02c3-\U000f02cc])|[\U000f02b1-\U000f02b9]")
_OLD_SYLLABLES = {0xF53A: "ᄒᆞᆫ"}  # in which Hangul writes its own name
_FIRST, _FIRST_BOXED, _FIRST_HALF = ord("①"), 0xF02B1, 0xF02C3
_ITEM = re.compile(r"(?P<sign>[□■▢◻▣❑❏]|[○ㅇ◦◯●〇❍]|[-–−―‐]|[·•∙‧⋅・▪▸‣])\s+(?=\S)")
_CLASSES = {sign: kind for kind, signs in enumerate(("□■▢◻▣❑❏", "○ㅇ◦◯●〇❍", "-–−―‐", "·•∙‧⋅・▪▸‣")) for sign in signs}
_LEAST = 3  # items of a document, all told; fewer may be something else


def readable(text: str) -> str:
    """Text with those of these signs that are known in characters that everybody has."""
    return _BOXED.sub(_circled, text).translate(_OLD_SYLLABLES)


def _circled(found: re.Match[str]) -> str:
    return chr(_FIRST + (9 + ord(found[1]) - _FIRST_HALF if found[1] else ord(found[0]) - _FIRST_BOXED))


def with_items(elements: Iterable[Element]) -> Iterator[Element]:
    """Paragraphs that begin with signs, as nested items: □ above ○ above - above ·, as offices write them."""
    found = list(elements)
    if sum(element.kind == "paragraph" and _ITEM.match(element.text) is not None for element in found) < _LEAST:
        yield from found
        return
    open_: list[int] = []  # kinds of signs, from the outermost
    for element in found:
        match = _ITEM.match(element.text) if element.kind == "paragraph" else None
        if match is None:
            if element.kind in ("heading", "table"):
                open_.clear()
            yield element
            continue
        kind = _CLASSES[match["sign"]]
        open_ = [*(one for one in open_ if one < kind), kind]
        yield replace(element, kind="list_item", level=len(open_), marker="-", text=element.text[match.end() :])
