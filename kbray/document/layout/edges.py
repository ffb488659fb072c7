"""Running titles that stand as near above the text as its lines do to each other, or below: parted from it.

Office programs push the text down where a running title needs more room than the margin has, and leave none between them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kbray.document.layout.lines import Line
from kbray.document.layout.paragraphs import Block

_STEP = 6.0  # points: the same line stands no higher or lower on other pages
_LONGEST = 200  # characters

_Side = Literal["top", "bottom"]


@dataclass(frozen=True, slots=True)
class _Edge:
    """The outermost line of a page, and the next one if both are in one block."""

    page: int
    block: int
    line: Line
    inner: str | None


def parted(pages: Sequence[Sequence[Block]], needed: int) -> list[list[Block]]:
    """Blocks of the pages, the first line of a page a block of its own where it comes again on so many; so the last ones.

    What stands below is other on each page: else it is text that comes again.
    """
    found = [list(page) for page in pages]
    for side in ("top", "bottom"):
        places: dict[tuple[int, str], list[_Edge]] = {}
        for edge in _edges(found, side):
            text = re.sub(r"\d+", "#", " ".join(edge.line.text.casefold().split()))
            places.setdefault((round(edge.line.box.top / _STEP), text), []).append(edge)
        for edges in places.values():
            inner = [edge.inner for edge in edges if edge.inner is not None]
            if len(edges) >= needed and inner and len(set(inner)) > len(inner) / 2:
                for edge in edges:
                    if edge.inner is not None:
                        block = found[edge.page][edge.block]
                        found[edge.page][edge.block : edge.block + 1] = block.parted(1 if side == "top" else block.lines - 1)
    return found


def _edges(pages: Sequence[Sequence[Block]], side: _Side) -> Iterator[_Edge]:
    first, second = (0, 1) if side == "top" else (-1, -2)
    outermost: Callable[[Block], float] = (lambda block: -block.box.top) if side == "top" else (lambda block: block.box.bottom)
    for number, page in enumerate(pages):
        text = [index for index, block in enumerate(page) if not block.picture]
        if not text:
            continue
        index = max(text, key=lambda index: outermost(page[index]))
        lines = page[index].printed
        if lines and page[index].note is None and len(lines[first].text) <= _LONGEST:
            yield _Edge(number, index, lines[first], lines[second].text if len(lines) > 1 else None)
