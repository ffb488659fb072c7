"""Lines that end on purpose, as those of verse, of addresses and of indexes do: they are kept.

What sets prose puts each word on a line that has room for it. So a line that ends though the next word would have fitted, as a
longer line shows, was ended by who wrote it.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from math import inf

from kbray.document.layout.breaks import leads_to_page
from kbray.document.layout.captions import is_caption
from kbray.document.layout.eastern import is_eastern
from kbray.document.layout.lines import Line
from kbray.document.layout.paragraphs import Block
from kbray.document.layout.words import is_rtl, join_lines

_SHARE, _FEW = 0.25, 2  # of the lines but the last: the longest shows no room behind itself; and so many, or one of so few
_MOSTLY = 0.5  # of them: what is full is a whole line, too
_AMOUNTS = 3  # lines of a list of amounts, at least
_ENTRIES = 0.6  # of the lines of an index: others go on below
_NUMBER = re.compile(r"[^\W\d_][^\w\s]*,\s(?:\d{1,4}(?:[-–]\d{1,4})?,\s)*\d{1,4}(?:[-–]\d{1,4})?[fn.]?$")
_LABEL = re.compile(r"[^\W\d_a-z](?:[^:.,;!?]|[.,](?=\w)){1,32}:(?:\s|$)")
_OUTSTANDING, _FEWER = 8, 4  # lines: of more, or of more of prose, one may go on into the margin, as with a number there
_SPACE = 0.5  # of the font size: wider than a space between two words
_INSIDE = 0.12  # … and narrower than one: parts of a word
_STRAY = 0.4  # of the font size: edges that are no farther apart are one
_STEP = 1.1  # of the least step between the lines of a stanza: no farther is any of them
_CLOSE = 1.9  # … and of the font size
_ADDRESS, _NARROW = 8, 0.6  # lines, and of the width of the text: no wider is an address
_GAP = 2.0  # … of the font size, to what stands beside it
_FULL, _LIKE = 3, 0.25  # lines that show how wide the text is, and of the font size: so unlike may theirs be
_SIZES = 0.5  # points: print that differs by less is of one size


def with_kept_lines(blocks: Sequence[Block], page: Sequence[Block]) -> list[Block]:
    """Paragraphs that follow each other on a page, with newlines in the text of those whose lines end on purpose.

    What looked like several, because lines end with stops or stand in, is one stanza again.

    Args: page: all blocks of it.
    """
    stanzas = [_stanza(run) for run in _runs(blocks)]
    blocks = [block for stanza in stanzas for block in stanza]
    ends = [_ends_on_purpose(block.printed) for block in blocks]
    places = range(len(blocks))
    for one, other in (*itertools.pairwise(places), *itertools.pairwise(reversed(places))):
        if ends[one] and not ends[other] and _alike(blocks[one], blocks[other]):  # of the same kind, but even by chance
            same = (block for block, on_purpose in zip(blocks, ends, strict=True) if on_purpose and _alike(block, blocks[other]))
            ends[other] = _ends_on_purpose(blocks[other].printed, max(block.box.right for block in same))
    return [_kept(block, page, on_purpose) for block, on_purpose in zip(blocks, ends, strict=True)]


def _kept(block: Block, page: Sequence[Block], on_purpose: bool) -> Block:
    if on_purpose:
        return replace(block, text=_text(block.printed))
    return replace(block, text="\n".join(line.text for line in block.printed)) if _are_short(block, page) else block


def _runs(blocks: Sequence[Block]) -> list[list[Block]]:
    """Those of one print that stand no farther from each other than their lines do."""
    found: list[list[Block]] = []
    for block in blocks:
        run = found[-1] if found else []
        lines = [line for one in (*run, block) for line in one.printed]
        if run and run[-1].printed and block.printed and _alike(run[-1], block) and _are_even(lines):
            run.append(block)
        else:
            found.append([block])
    return found


def _are_even(lines: Sequence[Line]) -> bool:
    steps = [below.baseline - above.baseline for above, below in itertools.pairwise(lines)]
    return 0 < max(steps) < min(_STEP * min(steps), _CLOSE * lines[0].size)


def _stanza(run: Sequence[Block]) -> list[Block]:
    """The blocks as one, if their lines all begin as lines of verse do, and most of them end on purpose."""
    lines = [line for block in run for line in block.printed]
    if all(map(is_eastern, lines)):  # whose sentences begin with no capitals, so all lines begin alike
        return list(run)
    if len(run) == 1 or len(run) == len(lines) or not _begin_alike(lines) or not _may_end_on_purpose(lines):
        return list(run)
    roomy = _roomy(lines)
    return [reduce(Block.joined, run)] if sum(roomy) >= _MOSTLY * len(roomy) else list(run)


def _alike(one: Block, other: Block) -> bool:
    """In one column, in one print."""
    return (one.left, one.right, one.bold) == (other.left, other.right, other.bold) and abs(one.size - other.size) < _SIZES


def _ends_on_purpose(lines: Sequence[Line], reach: float = 0.0) -> bool:
    """Args: reach: right edge of other lines that go as far as these may, if any."""
    if len(lines) < 2 or not _may_end_on_purpose(lines):
        return False
    if _are_entries(lines) or _are_labelled(lines) or _are_amounts(lines):
        return True
    roomy = _roomy(lines, reach)
    told = (
        roomy
        if _begin_alike(lines)
        else [room and not line.text[0].islower() for room, line in zip(roomy, lines[1:], strict=True)]
    )
    return sum(told) >= max(_SHARE * len(told), min(_FEW, len(told) - 1), 1)


def _are_short(block: Block, page: Sequence[Block]) -> bool:
    """A few lines, as of an address, that all end far from where lines of the text do, which begin at the same edge.

    What stands beside them takes room from the text.
    """
    lines, size, left = block.printed, block.size, block.box.left
    if not 2 <= len(lines) <= _ADDRESS or not _may_end_on_purpose(lines) or is_caption(lines[0].text):
        return False
    if max(line.box.left for line in lines) - left > _STRAY * size or lines[-1].text[0].islower():
        return False
    others = [other for other in page if other is not block]
    near = [other for other in others if abs(other.size - size) < _LIKE * size]
    rights = sorted(line.box.right for other in near for line in other.printed if abs(line.box.left - left) < _STRAY * size)
    level = (other.box for other in others if other.box.top < block.box.bottom and other.box.bottom > block.box.top)
    beside = min((box.left for box in level if box.right > left), default=inf) - _GAP * size
    reach = min(rights[-_FULL], beside) if len(rights) >= _FULL else left
    if block.box.width > _NARROW * (reach - left):
        return False
    return all(reach - line.box.right > _first_word(after) + size for line, after in itertools.pairwise(lines))


def _may_end_on_purpose(lines: Sequence[Line]) -> bool:
    """The margins of recognised lines are ragged, titles of contents end before the page numbers."""
    return not any(line.confidence is not None or is_rtl(line.text) or leads_to_page(line) for line in lines)


def _are_entries(lines: Sequence[Line]) -> bool:
    """Of an index: most lines end with the number of a page."""
    return sum(map(_ends_with_number, lines)) >= _ENTRIES * len(lines)


def _are_labelled(lines: Sequence[Line]) -> bool:
    """Most say first what they tell, the first one, too: `Account: 1556`."""
    labels = [_LABEL.match(line.text) is not None for line in lines]
    return labels[0] and sum(labels) >= max(_FEW, _ENTRIES * len(lines))


def _are_amounts(lines: Sequence[Line]) -> bool:
    """Most begin with how much is wanted, the first one, too, and most end far from the margin: `½ tsp cinnamon`."""
    counted = [line.text[0].isnumeric() for line in lines]
    if not counted[0] or sum(counted) < max(_AMOUNTS, _ENTRIES * len(lines)):
        return False
    right = max(line.box.right for line in lines)
    room = [right - line.box.right > _first_word(after) + _SPACE * line.size for line, after in itertools.pairwise(lines)]
    return sum(room) >= _MOSTLY * len(room)


def _ends_with_number(line: Line) -> bool:
    return _NUMBER.search(line.text) is not None


def _begin_alike(lines: Sequence[Line]) -> bool:
    """As lines of verse do, with capitals, or entries of an index, with small letters: lines of prose as it comes."""
    return len({line.text[0].islower() for line in lines}) == 1


def _text(lines: Sequence[Line]) -> str:
    """What goes on below because it had no place, and stands in there as no other line does, is of the line before.

    So is, where most lines are full, all that had no place: paragraphs of prose were taken for one.
    """
    roomy = _roomy(lines)
    alike = _begin_alike(lines)
    entries, labelled, amounts = _are_entries(lines), _are_labelled(lines), _are_amounts(lines)
    mostly = alike or sum(roomy) >= _MOSTLY * len(roomy)
    stands_in = [line.box.left - above.box.left > _STRAY * line.size for above, line in itertools.pairwise(lines)]
    hangs = not any(room and inside for room, inside in zip(roomy, stands_in, strict=True))
    kept = [[lines[0].text]]
    for above, line, room, inside in zip(lines, lines[1:], roomy, stands_in, strict=False):
        if labelled:
            ends = room or _LABEL.match(line.text) is not None
        elif amounts:
            ends = room or line.text[0].isnumeric()
        elif entries:
            ends = room or (_ends_with_number(above) and not line.text[0].isdecimal())
        else:
            ends = (mostly and (room or not (hangs and inside))) or (room and not line.text[0].islower())
        if ends and not _is_cut(above, line):
            kept.append([])
        kept[-1].append(line.text)
    return "\n".join(map(join_lines, kept))


def _roomy(lines: Sequence[Line], reach: float = 0.0) -> list[bool]:
    """Whether each line but the last has room for the first word of the next."""
    rights = sorted(line.box.right for line in lines)
    most = _OUTSTANDING if _begin_alike(lines) else _FEWER
    right = max(reach, rights[-2] if len(lines) > most else rights[-1])
    left, widest = min(line.box.left for line in lines), max(line.box.width for line in lines)
    centres = [line.box.left + line.box.right for line in lines]
    centred = max(centres) - min(centres) < _STRAY * lines[0].size < max(line.box.left for line in lines) - left
    room = [widest - line.box.width if centred else right - line.box.right for line in lines]
    return [
        left > _first_word(line) + _SPACE * line.size and not _is_cut(above, line)
        for left, above, line in zip(room, lines, lines[1:], strict=False)
    ]


def _is_cut(above: Line, line: Line) -> bool:
    """A word goes over the end of the line: nobody ends one so on purpose, whatever room is there."""
    return above.text.endswith("-") and line.text[0].islower()


def _first_word(line: Line) -> float:
    """Its width, with what stands right behind it in other print."""
    end = line.words[0].box.right
    for word in line.words[1:]:
        if word.box.left - end > _INSIDE * line.size:
            break
        end = word.box.right
    return end - line.words[0].box.left
