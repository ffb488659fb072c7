"""Items of lists: titles that are some, and how deep they lie: by how far their text stands in from the edge of their column."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from kbray.document.layout.markers import marker_of
from kbray.document.layout.page import LaidOutPage
from kbray.document.layout.paragraphs import Block
from kbray.document.layout.told import Titles, level_of
from kbray.document.layout.words import is_rtl
from kbray.model import Kind

_COUNTED = re.compile(r"\(?(\d{1,3})[.)]")
_SOURCE = re.compile(r"[-–—]\s*[^\W\d_a-z]")
_LONGEST_SOURCE, _NAMES = 60, 4  # characters, and words of one that ends with a stop
_QUOTES, _ENDS = "\"'”’»“)", (".", "!", "?", "…")
_EDGE = 0.1  # of the font size: where numbers of one list begin, or end
_STRAY = 0.7  # of the font size: a bullet below the text of the item above stands in by more, a number of one more digit less


def depths(blocks: Iterable[tuple[Block, Kind]]) -> list[int]:
    """Of each block, in reading order over columns and pages: from 1 for an item, 0 for anything else.

    A list ends at a heading, and at text that stands in no further than its first items; other text is part of an item.
    """
    found: list[int] = []
    above: list[tuple[float, float]] = []  # where the texts begin that this item lies under, on the page and from the edge
    for block, kind in blocks:
        start, stray = block.box.left if block.inset is None else block.inset, _STRAY * block.size
        indent = block.right - block.box.right if is_rtl(block.text) else start - block.left
        if kind == "list_item":
            level = next((place for place, (text, _) in enumerate(above) if abs(start - text) < stray), None)
            if level is not None:  # the edge may be that of a few lines only
                del above[level + 1 :]
            else:
                while above and indent < above[-1][1] - stray:
                    above.pop()
                if not above or indent > above[-1][1] + stray:
                    above.append((start, indent))
            found.append(len(above))
            continue
        if kind == "heading" or (kind in ("paragraph", "table", "code") and above and indent <= above[0][1] + stray):
            above.clear()
        found.append(0)
    return found


def with_items_between(kinds: Sequence[tuple[LaidOutPage, Block, Kind]], titles: Titles) -> list[tuple[LaidOutPage, Block, Kind]]:
    """The same, a title as an item whose number comes behind that of the item before and is followed by that of the next.

    Items may be names in bold. Args: titles: those that the document tells.
    """
    found = list(kinds)
    counted = [(place, number) for place, (_, block, _) in enumerate(kinds) if (number := _number(block)) is not None]
    for (before, one), (place, two), (behind, three) in zip(counted, counted[1:], counted[2:], strict=False):
        page, block, kind = kinds[place]
        around = [kinds[before], kinds[behind]]
        if kind == "heading" and (one, three) == (two - 1, two + 1) and all(kind == "list_item" for _, _, kind in around):
            alike = all(other.size == block.size and _begin_alike(other, block) for _, other, _ in around)
            if alike and level_of(page.number, block.text, titles) is None:
                found[place] = page, block, "list_item"
    return found


def _number(block: Block) -> int | None:
    """What the marker of the item that it may be counts."""
    counted = _COUNTED.fullmatch(marker_of(block.text) or "") if block.table is None and not block.code else None
    return int(counted[1]) if counted else None


def _begin_alike(one: Block, other: Block) -> bool:
    """Their numbers begin, or their texts, which one of more digits has as far from the edge."""
    starts = [block.box.left if block.inset is None else block.inset for block in (one, other)]
    return min(abs(one.box.left - other.box.left), abs(starts[0] - starts[1])) <= _EDGE * one.size


def without_sources(kinds: Sequence[tuple[LaidOutPage, Block, Kind]]) -> list[tuple[LaidOutPage, Block, Kind]]:
    """The same, the one line behind what is quoted that tells by whom it is as text: — L. Tolstoy, War and Peace."""
    found = list(kinds)
    for place, ((_, above, before), (page, block, kind)) in enumerate(pairwise(kinds), start=1):
        following = kinds[place + 1][2] if place + 1 < len(kinds) else None
        if kind != "list_item" or block.lines > 1 or before != "paragraph" or following == "list_item":
            continue
        source = _SOURCE.match(block.text)
        sentence = block.text.endswith(":") or (block.text.endswith(".") and block.text.count(" ") > _NAMES)
        if source and not sentence and len(block.text) <= _LONGEST_SOURCE and above.text.rstrip(_QUOTES).endswith(_ENDS):
            found[place] = page, block, "paragraph"
    return found
