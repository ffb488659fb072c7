"""How deep the items of lists lie: by how far their text, behind the marker, stands in from the edge of their column."""

from collections.abc import Iterable

from kbray.document.layout.paragraphs import Block
from kbray.document.layout.words import is_rtl
from kbray.model import Kind

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
