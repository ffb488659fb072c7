"""Running titles that stand as near above the text as its lines do to each other: one page alone can't tell them from it."""

from collections.abc import Sequence
from dataclasses import replace

from kbray.document.layout.paragraphs import Block
from kbray.geometry import union
from kbray.model import Element

_MARGIN = 0.15  # of the height of the page: where running titles stand
_ROOM = 5.0  # of the font size: a word has its place in it
_LONGEST = 100  # characters


def with_loose_top(elements: Sequence[Element], blocks: Sequence[Block], height: float) -> list[Element]:
    """The same, the first line of the page an element of its own where it may be a running title, which `continues`.

    Assembly makes it one where it comes again on other pages, and puts it back to its paragraph elsewhere.

    Args: blocks: of which the elements were made. height: of the page, points.
    """
    lines = [(block, line) for block in blocks for line in block.printed]
    block, first = min(lines, key=lambda one: one[1].box.top, default=(None, None))
    if block is None or first is None or first is not block.printed[0] or block.lines < 2 or block.note is not None:
        return list(elements)
    short = first.box.width + _ROOM * first.size < block.box.width
    if not short or first.box.bottom > _MARGIN * height or len(first.text) > _LONGEST:
        return list(elements)
    found: list[Element] = []
    for element in elements:
        begin, rest = element.text[: len(first.text)], element.text[len(first.text) :]
        if element.kind == "paragraph" and element.box == block.box and begin == first.text and rest[:1] == " ":
            found.append(replace(element, text=begin, box=first.box, continues=True))
            found.append(replace(element, text=rest[1:], box=union(line.box for line in block.printed[1:])))
        else:
            found.append(element)
    return found
