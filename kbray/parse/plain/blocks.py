"""The lines of a plain text between its blank ones, with what is printed at the top and the foot of each page set apart."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

_FEED = "\f"
_PAGES = 3  # that a text has to have for its edges to tell anything
_SHARE = 0.6  # of the pages that have to begin, or end, with lines that are on several
_DEEPEST = 3  # lines of an edge
_NUMBERS = re.compile(r"\d+|\b[ivxlc]+\b")
_ENDS = tuple(".!?:;…\"'”’»)]")  # of a paragraph


@dataclass(frozen=True, slots=True)
class Block:
    """Lines without a blank one among them."""

    lines: tuple[str, ...]
    above: int = 0  # blank lines over it
    edge: bool = False  # the top or foot of a page, no text


@dataclass(slots=True)
class _Page:
    head: list[Block]
    text: list[Block]
    foot: list[Block]


def blocks_of(text: str) -> list[Block]:
    """What blank lines and form feeds part; newlines are `\\n`. A paragraph that goes on over two pages is one."""
    pages = [_Page([], list(_parted(page.split("\n"))), []) for page in text.split(_FEED)]
    if len(pages) >= _PAGES:
        for _ in range(_DEEPEST):
            if not _strip(pages):
                break
    found: list[Block] = []
    for page in pages:
        found.extend(page.head)
        if page.text and (at := _broken(found, page.text[0])) is not None:
            found[at] = replace(found[at], lines=found[at].lines + page.text[0].lines)
            del page.text[0]
        found.extend(page.text)
        found.extend(page.foot)
    return found


def _parted(lines: Iterable[str]) -> Iterator[Block]:
    run: list[str] = []
    above = blank = 0
    for line in lines:
        if line and not line.isspace():
            if not run:
                above, blank = blank, 0
            run.append(line)
            continue
        if run:
            yield Block(tuple(run), above)
            run = []
        blank += 1
    if run:
        yield Block(tuple(run), above)


def _strip(pages: Sequence[_Page]) -> bool:
    """Take the first and the last line off each page if most pages have the same there, but for numbers. Whether any was."""
    heads = _repeated(page.text[0].lines[0] for page in pages if page.text)
    feet = _repeated(page.text[-1].lines[-1] for page in pages if page.text)
    for page in pages:
        if page.text and _unnumbered(page.text[0].lines[0]) in heads:
            block = page.text.pop(0)
            page.head.append(Block(block.lines[:1], edge=True))
            page.text[:0] = [replace(block, lines=block.lines[1:])] if block.lines[1:] else []
        if page.text and _unnumbered(page.text[-1].lines[-1]) in feet:
            block = page.text.pop()
            page.foot.insert(0, Block(block.lines[-1:], edge=True))
            page.text += [replace(block, lines=block.lines[:-1])] if block.lines[:-1] else []
    return bool(heads or feet)


def _repeated(lines: Iterable[str]) -> frozenset[str]:
    """Pages to the left and to the right may say different things, as titles of chapters do."""
    counts = Counter(map(_unnumbered, lines))
    several = {line: count for line, count in counts.items() if count >= _PAGES}
    return frozenset(several) if sum(several.values()) >= _SHARE * counts.total() else frozenset()


def _unnumbered(line: str) -> str:
    return " ".join(_NUMBERS.sub("#", line.lower()).split())


def _broken(before: Sequence[Block], block: Block) -> int | None:
    """The place of the paragraph that goes on in this block, behind the edges of two pages."""
    at = next((place for place in range(len(before) - 1, -1, -1) if not before[place].edge), None)
    if at is None or at == len(before) - 1:
        return None
    last, first = before[at].lines[-1], block.lines[0]
    same = len(last) - len(last.lstrip()) == len(first) - len(first.lstrip())
    return at if same and first.lstrip()[0].islower() and not last.rstrip().endswith(_ENDS) else None
