"""Titles that a document tells, by its outline or its tags: parted from the text that they are printed with, and whole."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, takewhile

from kbray.document.layout.divisions import name_of, unnumbered
from kbray.document.layout.headings import folded, is_large
from kbray.document.layout.paragraphs import Block
from kbray.model import NOTE_MARK, TocEntry

Titles = Mapping[tuple[int, str], int]
"""(page, folded title) → level."""

MOST_LINES = 4
_MOST_BLOCKS = 3  # that one title may be
_LEAST = 3  # characters of one that is parted


def titles_of(outline: Sequence[TocEntry], first: int, last: int) -> dict[tuple[int, str], int]:
    """(page, folded title) → heading level, for the pages from `first` to `last`."""
    found: dict[tuple[int, str], int] = {}
    for entry in outline:
        key = folded(entry.title)
        if key and entry.page is not None and first <= entry.page <= last:
            found.setdefault((entry.page, key), min(entry.level, 6))
    return found


def level_of(page: int, text: str, titles: Titles) -> int | None:
    """Of a title that is told; an outline often leaves its number out."""
    if not titles:
        return None
    text = NOTE_MARK.sub("", text)
    told = titles.get((page, folded(text)))
    if told is None and (name := name_of(text)) != text:
        told = titles.get((page, folded(name)))
    return titles.get((page, folded(rest))) if told is None and (rest := unnumbered(text)) != text else told


def with_titles(page: int, blocks: Sequence[Block], titles: Titles, body: float) -> list[Block]:
    """Blocks of a page, those titles parted from paragraphs that they are lines of, and blocks that are one joined."""
    if all(number != page for number, _ in titles):
        return list(blocks)
    found: list[Block] = []
    rest = [part for block in blocks for part in _apart(page, block, titles, body)]
    while rest:
        size = _whole(page, rest[:_MOST_BLOCKS], titles)
        title = rest[0]
        for block in rest[1:size]:
            title = title.joined(block)
        found.append(title)
        rest = rest[size:]
    return found


def _whole(page: int, blocks: Sequence[Block], titles: Titles) -> int:
    """How many of these are one title; 1 where none is, or the first by itself."""
    words = takewhile(lambda block: _is_text(block) and any(map(str.isalpha, block.text)), blocks)  # signs don't count in a title
    texts = accumulate((block.text for block in words), "{} {}".format)
    return next((size for size, text in enumerate(texts, 1) if level_of(page, text, titles) is not None), 1)


def _apart(page: int, block: Block, titles: Titles, body: float) -> list[Block]:
    """A paragraph of which some lines are a title, as these and the rest."""
    lines = [line.text for line in block.printed] if _is_text(block) else []
    looks_like_one = len(lines) <= MOST_LINES and (block.bold or is_large(block, body))

    def is_told(begin: int, end: int) -> bool:
        text = " ".join(lines[begin:end])
        return len(text) >= _LEAST and level_of(page, text, titles) is not None

    for begin in range(len(lines)):
        for end in range(begin + 1, min(begin + MOST_LINES, len(lines)) + 1):
            if end - begin == len(lines) or not is_told(begin, end):
                continue
            if looks_like_one and not (is_told(0, begin) or is_told(end, len(lines))):
                continue  # all of it is the title, which is told in short
            return [part for some in block.parted(begin, end) for part in _apart(page, some, titles, body)]
    return [block]


def _is_text(block: Block) -> bool:
    return bool(block.printed) and not block.formula and block.note is None
