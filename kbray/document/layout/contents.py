"""Which blocks of a page are entries of a table of contents, or its running title: titles there, too, that head nothing."""

import itertools
import re
from collections.abc import Sequence, Set

from kbray.document.layout.paragraphs import Block

_LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}")
_PAGE = re.compile(r"\W(?P<number>\d{1,3}|1[0-4]\d\d|[ivxlc]{1,6})$")  # no year
_PAGES = re.compile(r"(?:\d{1,4}|[ivxlc]{1,6})(?:\s(?:\d{1,4}|[ivxlc]{1,6}))*")
_FEW = 4  # entries that tell a table of contents where neither leaders nor a title do
_LED = 3  # that do with leaders
_BETWEEN = 2  # blocks between two entries that do not end with a page number: parts, the first line of a long title
_RISING = 0.8
_TOP = 0.15  # of the page's height
_APART = 5.0  # font sizes between a page number and a title
_WIDE = 0.75  # of the font size: wider than the letters of most lines


def fills(blocks: Sequence[Block]) -> bool:
    """Most lines of the page end with a page number, and these rise."""
    texts = [block for block in blocks if block.table is None]
    pages = [page for block in texts if block.text[:1].isalpha() for page in _pages(block.text)]
    return len(pages) >= max(5, 0.5 * sum(block.lines for block in texts)) and _rise(pages)


def entries_of(blocks: Sequence[Block], titles: Set[int]) -> set[int]:
    """Places of the entries, with their page numbers where these are blocks of their own.

    Args: titles: places of the blocks that are named Contents, or the like: what begins below one needs but one entry.
    """
    numbers = {index: _beside(blocks, index) for index, block in enumerate(blocks) if is_page_number(block.text)}
    entries = {near for beside in numbers.values() for near in beside} - numbers.keys()
    pages = {index for index, beside in numbers.items() if beside}  # not that of the page itself
    entries.update(index for index, block in enumerate(blocks) if _is_entry(block))
    found: set[int] = set()
    for run in _runs(blocks, entries | pages, titles - entries):
        told = [page for index in run if index in entries | pages for page in _pages(blocks[index].text)]
        led = any(_LEADERS.search(blocks[index].text) for index in run)
        needed = 1 if run[0] - 1 in titles else _LED if led else _FEW
        if len(entries.intersection(run)) >= needed and _rise(told):
            found.update(run)
    return found


def _rise(pages: Sequence[int]) -> bool:
    return sum(after >= before for before, after in itertools.pairwise(pages)) >= _RISING * (len(pages) - 1)


def is_page_number(text: str) -> bool:
    """One or, where lines ran together, some: arabic, or roman in small letters."""
    return _PAGES.fullmatch(text) is not None


def is_running_title(blocks: Sequence[Block], index: int, height: float) -> bool:
    """It stands above all else on the page, with the page number at the other end of its line."""
    block = blocks[index]
    if block.lines > 1 or block.box.bottom > _TOP * height:
        return False
    if any(other.box.bottom < block.box.top for other in blocks):
        return False
    ends = block.text.split(" ")
    numbered = len(ends) > 1 and (is_page_number(ends[0]) or is_page_number(ends[-1]))
    if numbered and block.box.width - 0.55 * block.size * len(block.text) > _APART * block.size:
        return True
    line = [other for other in blocks if abs(other.box.top - block.box.top) < 0.5 * block.size and is_page_number(other.text)]
    return any(_gap(block, other) > _APART * block.size for other in line)


def leads_to_page(block: Block) -> bool:
    """One line with leaders or a wide gap in it, and a page number at its end: an entry, also where it stands alone."""
    if block.lines > 1 or block.table is not None or _page(block.text) is None:
        return False
    wide = block.box.width - _WIDE * block.size * len(block.text) > _APART * block.size
    return wide or _LEADERS.search(block.text) is not None


def _gap(one: Block, other: Block) -> float:
    return max(one.box.left, other.box.left) - min(one.box.right, other.box.right)


def _is_entry(block: Block) -> bool:
    """It has leaders, or ends with a page number at the right edge of the column, or far behind its title."""
    if block.table is not None or block.code or block.formula or block.note is not None:
        return False
    ends = block.lines <= 2 and block.right - block.box.right <= block.size and _page(block.text) is not None
    return ends or _LEADERS.search(block.text) is not None or leads_to_page(block)


def _beside(blocks: Sequence[Block], number: int) -> list[int]:
    """The block before or behind a page number that stands left of it, on its line."""
    page = blocks[number]
    return [
        near
        for near in (number - 1, number + 1)
        if 0 <= near < len(blocks)
        and blocks[near].table is None
        and blocks[near].lines <= 3
        and blocks[near].box.right <= page.box.left
        and blocks[near].box.top - 0.5 * page.size <= page.box.top <= blocks[near].box.bottom
    ]


def _runs(blocks: Sequence[Block], counted: Set[int], titles: Set[int]) -> list[range]:
    """From the first to the last that counts, with few and short blocks between; below a title, from there on."""
    runs: list[range] = []
    first, last = None, -1
    for index, block in enumerate(blocks):
        if index in titles:
            first, last = index + 1, index
        elif index in counted:
            if first is None or index - last - 1 > _BETWEEN:
                first = index
            if runs and runs[-1].start == first:
                runs.pop()
            runs.append(range(first, index + 1))
            last = index
        elif block.lines > _BETWEEN or block.table is not None or block.code:
            first = None
    return runs


def _pages(text: str) -> list[int]:
    """Page numbers that it is, or ends with; roman ones are left out."""
    if is_page_number(text):
        return [int(part) for part in text.split() if part.isdecimal()]
    page = _page(text)
    return [int(page)] if page and page.isdecimal() else []


def _page(text: str) -> str | None:
    """The page number behind a title."""
    found = _PAGE.search(text, max(len(text) - 8, 0))
    return found["number"] if found and any(map(str.isalpha, text[: found.start()])) else None
