"""Paragraphs that a tagged PDF tells, where the print leaves open whether one ends or goes on: at the end of a line or page.

Programs that convert files tag each line as a paragraph, or a page as one. So no sentence is parted, nothing is joined but what
the print lets go on, and what tells many wrong ends tells none.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kbray.document.joining import is_open
from kbray.document.layout.breaks import TERMINAL
from kbray.document.layout.lines import Line
from kbray.document.layout.markers import BULLETS, marker_of
from kbray.document.layout.page import LaidOutPage
from kbray.document.layout.paragraphs import Block
from kbray.parse.pdf.tags import Paragraph

_MOST_WRONG = 1 / 3  # of the ends that are told
_FEW = 3  # of them, on a page where no paragraph has two lines
_BELOW = 2.0  # of the font size: the next line stands no farther down
_HIGHER = 4.0  # … the next column begins by so much higher, at least
_OTHER_PRINT = 0.12  # of the size
_SPACE = 0.25  # of the font size, between words


def with_paragraphs(blocks: Sequence[Block], told: Sequence[Paragraph], marks: Mapping[int, int]) -> list[Block]:
    """The blocks of a page as paragraphs that are told, which may go on behind it.

    Args: marks: of words, by their order, the piece of content they are of.
    """
    owners = {piece: place for place, paragraph in enumerate(told) for piece in paragraph.pieces}
    of = {
        id(line): _owner({owners.get(marks.get(word.order, -1)) for word in line.words})
        for block in blocks
        for line in block.printed
    }
    pairs = [pair for block in blocks if _is_text(block) for pair in itertools.pairwise(block.printed)]
    ends = [pair for pair in pairs if _differ(of[id(pair[0])], of[id(pair[1])])]
    if sum(itertools.starmap(_in_sentence, ends)) > _MOST_WRONG * len(ends) or len(pairs) == len(ends) > _FEW:
        return list(blocks)
    found: list[Block] = []
    above: int | None = None  # where in `found` the last text is
    continued: dict[int, int] = {}  # place in `found` → paragraph
    doubtful: set[int] = set()
    for block in (part for whole in blocks for part in _apart(whole, of)):
        if not _is_text(block):
            found.append(block)
            continue
        paragraph = of[id(block.printed[0])]
        if above is not None and paragraph is not None and of[id(found[above].printed[-1])] == paragraph:
            if above == len(found) - 1 and _goes_on_below(found[above], block):
                found[above] = found[above].joined(block)
                continue
            if _is_beside(found[above], block) and _is_full(found[above], block):
                continued[above] = paragraph
            else:
                doubtful.add(paragraph)
        above = len(found)
        found.append(replace(block, begun=paragraph is not None and told[paragraph].begun))
    if above is not None and (last := of[id(found[above].printed[-1])]) is not None and told[last].goes_on:
        continued[above] = last
    for place, paragraph in continued.items():
        if paragraph not in doubtful:
            found[place] = replace(found[place], continues=True)
    return found


def checked(pages: Sequence[LaidOutPage]) -> list[LaidOutPage]:
    """The same; no paragraph goes on where the next page begins with another one."""
    found = list(pages)
    for place, (page, following) in enumerate(itertools.pairwise(pages)):
        first = next((block for block in following.blocks if _is_text(block) and block.running is None), None)
        if first is None or not first.begun:
            last = max((at for at, block in enumerate(page.blocks) if _is_text(block)), default=None)
            if last is not None and page.blocks[last].continues:
                ended = replace(page.blocks[last], continues=False)
                found[place] = replace(page, blocks=(*page.blocks[:last], ended, *page.blocks[last + 1 :]))
    return found


def _owner(paragraphs: set[int | None]) -> int | None:
    """Of a line, whose label or mark of a note may be in none; None where it is of several."""
    known = paragraphs - {None}
    return known.pop() if len(known) == 1 else None


def _differ(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one != other


def _is_text(block: Block) -> bool:
    return bool(block.printed) and not (block.formula or block.picture or block.code) and block.note is None


def _apart(block: Block, of: Mapping[int, int | None]) -> list[Block]:
    if not _is_text(block):
        return [block]
    pairs = enumerate(itertools.pairwise(block.printed), 1)
    cuts = [end for end, (above, below) in pairs if _differ(of[id(above)], of[id(below)]) and not _in_sentence(above, below)]
    return [replace(part, running=block.running) for part in block.parted(*cuts)] if cuts else [block]


def _in_sentence(above: Line, below: Line) -> bool:
    return is_open(above.text) and below.text[0].islower()


def _goes_on_below(block: Block, following: Block) -> bool:
    """In the same print, right below, and in the middle of a sentence, or where the next word had no place on the line."""
    above, below = block.printed[-1], following.printed[0]
    size, marker = max(above.size, below.size), marker_of(below.text)
    if abs(above.size - below.size) > _OTHER_PRINT * size or above.mono or below.mono or (marker and marker in BULLETS):
        return False
    if not 0 < below.baseline - above.baseline < _BELOW * size or not (
        block.box.left < following.box.right and following.box.left < block.box.right
    ):
        return False
    return _in_sentence(above, below) or _is_broken(max(block.right, following.right), above, below)


def _is_beside(block: Block, following: Block) -> bool:
    """In the next column."""
    beside = following.box.left >= block.box.right or following.box.right <= block.box.left
    return beside and block.box.bottom - following.box.top > _HIGHER * block.size


def _is_full(block: Block, following: Block) -> bool:
    return _has_no_room(block.right, block.printed[-1], following.printed[0])


def _is_broken(right: float, above: Line, below: Line) -> bool:
    """A line that ends no sentence, and had no place for the next word."""
    return not above.text.endswith(TERMINAL) and _has_no_room(right, above, below)


def _has_no_room(right: float, above: Line, below: Line) -> bool:
    """For the first word of `below`, in a column that ends there."""
    return right - above.box.right < below.words[0].box.width + _SPACE * above.size
