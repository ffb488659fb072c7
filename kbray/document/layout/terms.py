"""Terms that are defined: bold lines at the left of the text, over what they mean, which stands further in. They head nothing."""

from collections.abc import Sequence

from kbray.document.layout.headings import is_large
from kbray.document.layout.markers import marker_of
from kbray.document.layout.paragraphs import Block

_INDENT = 1.0  # font sizes that a definition stands further in, at least
_NEAR = 3.0  # points between the left edges of what stands at one
_FEWEST = 2  # sure ones, after which one line may be a definition
_SHARE = 0.05  # of the paragraphs begin as far left as the term: other texts stand further in than all of their titles


def terms_among(pages: Sequence[Sequence[Block]], titles: Sequence[tuple[int, int]], body: float) -> set[tuple[int, int]]:
    """Those of the titles that are terms, by page and place.

    pages: their blocks in reading order. titles: bold lines that neither a number nor the document says to be titles.
    """
    found: dict[tuple[int, int], tuple[int, int, int]] = {}  # → left, indent and size, about
    lefts = [block.box.left for blocks in pages for block in blocks if block.lines > 1 and not block.bold and block.table is None]
    bold = [
        (page, place)
        for page, blocks in enumerate(pages)
        for place, block in enumerate(blocks)
        if block.bold and block.lines == 1
    ]
    for page, place in sorted({*titles, *bold}):
        blocks = pages[page]
        term = blocks[place]
        below = blocks[place + 1] if place + 1 < len(blocks) else None
        if below is None or not _is_defined(term, below, body):
            continue
        beside = sum(abs(left - term.box.left) < _NEAR for left in lefts)
        if beside >= max(_FEWEST, _SHARE * len(lefts)):
            found[page, place] = (round(term.box.left), round(below.box.left - term.box.left), round(term.size))
    sure = [form for (page, place), form in found.items() if pages[page][place + 1].lines > 1]
    terms = {at for at, form in found.items() if sum(_alike(form, other) for other in sure) >= _FEWEST}
    return terms.intersection(titles)


def _alike(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= _NEAR


def _is_defined(term: Block, below: Block, body: float) -> bool:
    if is_large(term, body) or below.bold or below.table is not None or below.code or below.formula or below.picture:
        return False
    if marker_of(below.text) or below.box.top < term.box.bottom - term.size:
        return False
    return below.box.left - term.box.left >= _INDENT * term.size
