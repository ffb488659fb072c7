"""Paragraphs of the pages of a window → elements: headings, list items, running headers and footers told apart."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import compress, groupby, pairwise

from kbray.document.layout import divisions
from kbray.document.layout.captions import has_bold_label, is_caption
from kbray.document.layout.counting import comes_again
from kbray.document.layout.decks import navigation, slides_of, with_one_title
from kbray.document.layout.edges import parted
from kbray.document.layout.headings import folded, headings_of, is_large, is_numbered
from kbray.document.layout.hyphens import settled
from kbray.document.layout.lone import with_lone_rows
from kbray.document.layout.markers import BULLETS, marker_of
from kbray.document.layout.nesting import depths, with_items_between, without_sources
from kbray.document.layout.page import LaidOutPage
from kbray.document.layout.paragraphs import Block
from kbray.document.layout.terms import terms_among
from kbray.document.layout.told import MOST_LINES, Titles, level_of, with_titles
from kbray.document.layout.verse import with_kept_lines
from kbray.geometry import Box
from kbray.model import Element, Kind, Table

_PAGE_NUMBER = re.compile(
    r"(?:page|seite|p\.)?\s*[-–—|]*\s*(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|von|sur|de)\s*\d{1,4})?\s*[-–—|]*", re.IGNORECASE
)
_INITIAL = re.compile(r"[A-Z]\.")  # a marker, or of a name
_DEPTH = re.compile(r"(?:\d{1,2}|[A-Z])(?P<rest>(?:\.\d{1,2}){0,4})[.):]?\s+[^\W\d_]")  # of a section, by its number
_LEVEL, _FOOTERS = 3.0, 2  # points between what stands as high on different pages, of which so many tell where footers are
_LABEL, _SAME_SIZE = 4, 1.02  # times that a title comes again, no larger than the least of those that the outline tells
_AT_END = re.compile(r"^\d{1,4}(?!\S)|(?<!\S)\d{1,4}$")
_COUNTED = 3  # pages whose numbers are told so
_FINE_PRINT = 2  # times as much text as in tables may be around them, as terms and letterheads are
_SPEAKER = 3  # times that a name in capitals comes again, no larger than the text
_MARGIN = 0.12  # of the page's height: where running headers and footers stand
_NUMBERED, _ALONE = 0.2, 1.3  # … and the number of a scanned page, whose text ends above; font sizes between them


def elements_of(pages: Sequence[LaidOutPage], titles: Titles | None = None, *, divides: bool = True) -> list[Element]:
    """Elements of the pages in their order. Sizes are compared over all pages given.

    Args: titles: those that the document tells. divides: the program that set it may divide words at the end of lines.
    """
    titles = titles or {}
    pages = _with_blocks(pages, parted([page.blocks for page in pages], _needed(pages)))
    body = body_size(block for page in pages for block in page.blocks)
    pages = _with_blocks(pages, [with_titles(page.number, page.blocks, titles, body) for page in pages])
    slides = slides_of(pages, body)
    alone = with_one_title(pages, slides)
    titled = _running(pages, slides, titles)
    aside = {
        (place, index) for place, page in enumerate(pages) for index in range(len(page.blocks)) if (page.number, index) in titled
    }
    pages = _with_blocks(pages, with_lone_rows([page.blocks for page in pages], aside))
    running = _running(pages, slides, titles)
    kinds: list[tuple[LaidOutPage, Block, Kind]] = []
    for page in pages:
        upright = [
            index
            for index, block in enumerate(page.blocks)
            if not (block.askew or block.beside or block.picture or block.running)
        ]
        title = slides.get(page.number)
        at = upright.index(title) if title in upright else None
        found = headings_of([page.blocks[index] for index in upright], body, page.height, at, alone=page.number in alone)
        heads = {upright[place] for place in found}
        # Where a section begins, its name at the side of a slide comes first.
        for index, block in sorted(enumerate(page.blocks), key=lambda one: running.get((page.number, one[0])) != "heading"):
            known: Kind | None = "header" if block.beside else block.running or running.get((page.number, index))
            kinds.append((page, block, known or _kind(page, block, index in heads, titles)))
    of_slides = {id(page.blocks[title]) for page in pages if (title := slides.get(page.number)) is not None}
    kinds = _with_divisions(_without_terms(kinds, titles, body, of_slides), titles)
    kinds = without_sources(with_items_between(_with_kept_lines(_without_initials(kinds)), titles))
    levels = _levels([(page, block) for page, block, kind in kinds if kind == "heading"], body)
    lists = depths((block, kind) for _, block, kind in kinds)
    return settled(
        [
            _element(page, block, kind, next(levels) if kind == "heading" else depth, titles)
            for (page, block, kind), depth in zip(kinds, lists, strict=True)
        ],
        divides=divides,
    )


def _with_blocks(pages: Sequence[LaidOutPage], blocks: Sequence[Sequence[Block]]) -> list[LaidOutPage]:
    return [replace(page, blocks=tuple(found)) for page, found in zip(pages, blocks, strict=True)]


def body_size(blocks: Iterable[Block]) -> float:
    """The font size that most characters have, to half a point; 0 without text or code.

    Code is often smaller than text, and text no smaller than code or than what most of the print is, tables: what stands around
    those may be notes and running titles alone.
    """
    text, code, tables = Counter[float](), Counter[float](), Counter[float]()
    for block in blocks:
        if block.note is None and not block.picture:
            sizes = tables if block.table is not None else code if block.code else text
            sizes[round(block.size * 2) / 2] += len(block.text)
    usual = max(_usual(text), _usual(text + code))
    return max(usual, _usual(tables)) if 0 < text.total() < _FINE_PRINT * tables.total() else usual


def _usual(sizes: Counter[float]) -> float:
    return max(sizes, key=lambda size: (sizes[size], -size), default=0.0)


def _kind(page: LaidOutPage, block: Block, heads: bool, titles: Titles) -> Kind:
    if block.table is not None:
        return "table"
    if block.code or block.formula or block.picture or block.note is not None:
        return "code" if block.code else "formula" if block.formula else "image" if block.picture else "footnote"
    if block.lines <= MOST_LINES and level_of(page.number, block.text, titles) is not None:
        return "heading"
    if is_caption(block.text) or (block.printed and has_bold_label(block.printed[0])):
        return "caption"
    if heads:
        return "heading"
    marker = marker_of(block.text)
    return "list_item" if marker and (marker in BULLETS or len(block.text) > len(marker) + 1) else "paragraph"


def _without_initials(kinds: Sequence[tuple[LaidOutPage, Block, Kind]]) -> list[tuple[LaidOutPage, Block, Kind]]:
    """The same, items of lists that begin with a letter as text where no letter before it or after comes next to it.

    What begins with the initial of a name is no item: authors, as each entry of a bibliography begins with them.
    """
    items = [(place, marker_of(block.text) or "") for place, (_, block, kind) in enumerate(kinds) if kind == "list_item"]
    letters = [(place, marker[0]) for place, marker in items if _INITIAL.fullmatch(marker)]
    counted = {place for one, other in pairwise(letters) if ord(other[1]) - ord(one[1]) == 1 for place in (one[0], other[0])}
    initials = {place for place, _ in letters} - counted
    return [(page, block, "paragraph" if place in initials else kind) for place, (page, block, kind) in enumerate(kinds)]


def _without_terms(
    kinds: Sequence[tuple[LaidOutPage, Block, Kind]], titles: Titles, body: float, sure: Set[int]
) -> list[tuple[LaidOutPage, Block, Kind]]:
    """The same, terms with their definitions below as text. sure: blocks, by `id`, that are titles."""
    pages = [list(same) for _, same in groupby(kinds, key=lambda item: item[0].number)]
    among = [
        (at, place)
        for at, run in enumerate(pages)
        for place, (page, block, kind) in enumerate(run)
        if kind == "heading"
        and block.bold
        and not is_numbered(block.text)
        and level_of(page.number, block.text, titles) is None
        and id(block) not in sure
    ]
    terms = terms_among([[block for _, block, _ in run] for run in pages], among, body)
    told = [block.size for page, block, kind in kinds if kind == "heading" and level_of(page.number, block.text, titles)]
    if told:  # what the outline leaves out and comes again and again is a label: Note, Example
        labels = {at: pages[at[0]][at[1]][1] for at in among}
        small = [block for block in labels.values() if not is_large(block, body) or block.size <= _SAME_SIZE * min(told)]
        often = Counter(folded(block.text) for block in small)
        terms |= {at for at, block in labels.items() if often[folded(block.text)] >= _LABEL}
    terms |= _speakers(pages, titles, body, sure)
    return [
        (page, block, "paragraph" if (at, place) in terms else kind)
        for at, run in enumerate(pages)
        for place, (page, block, kind) in enumerate(run)
    ]


def _speakers(
    pages: Sequence[Sequence[tuple[LaidOutPage, Block, Kind]]], titles: Titles, body: float, sure: Set[int]
) -> set[tuple[int, int]]:
    """By page and place, names in capitals that come again, as in plays, also in one block with what is said: no titles."""
    found = {
        (at, place): folded(block.text)
        for at, run in enumerate(pages)
        for place, (page, block, kind) in enumerate(run)
        if kind == "heading"
        and block.text.isupper()
        and not (block.bold or is_large(block, body) or is_numbered(block.text) or id(block) in sure)
        and level_of(page.number, block.text, titles) is None
    }
    lines = (block.printed[0].text if block.printed else block.text for run in pages for _, block, _ in run if found)
    often = Counter(map(folded, lines))
    return {at for at, name in found.items() if often[name] >= _SPEAKER}


def _with_divisions(kinds: Sequence[tuple[LaidOutPage, Block, Kind]], titles: Titles) -> list[tuple[LaidOutPage, Block, Kind]]:
    """The same, "Chapter 3" and the name below it as one title, where the document doesn't tell both."""
    found: list[tuple[LaidOutPage, Block, Kind]] = []
    place = 0
    while place < len(kinds):
        page, block, kind = kinds[place]
        size = 1
        if kind == "heading":
            near = [one for other, one, _ in kinds[place : place + divisions.MOST] if other is page]
            size = divisions.size_of_title(near)
            if size > 1 and (kinds[place + size - 1][2] != "heading" or level_of(page.number, block.text, titles) is not None):
                size = 1
            block = divisions.whole(near[:size]) if size > 1 else block
        found.append((page, block, kind))
        place += size
    return found


def _with_kept_lines(kinds: Sequence[tuple[LaidOutPage, Block, Kind]]) -> list[tuple[LaidOutPage, Block, Kind]]:
    found: list[tuple[LaidOutPage, Block, Kind]] = []
    for (_, kind), same in groupby(kinds, key=lambda item: (item[0].number, item[2])):
        run = list(same)
        page, blocks = run[0][0], [block for _, block, _ in run]
        kept = with_kept_lines(blocks, page.blocks) if kind == "paragraph" else blocks
        found += [(page, block, kind) for block in kept]
    return found


def _levels(headings: Sequence[tuple[LaidOutPage, Block]], body: float) -> Iterator[int]:
    """Level of each by its print: the largest is 1; bold in the size of the text comes after that, slanted last.

    Of those in one print, what is numbered deeper has a level of its own: 1.1 and 1.1.1.
    """
    prints = [(round(block.size), block.bold and page.origin != "ocr", not block.slanted) for page, block in headings]
    numbers = [_DEPTH.match(block.text) for _, block in headings]
    depths = [found["rest"].count(".") if found else None for found in numbers]
    least: dict[tuple[float, bool, bool], int] = {}
    for style, depth in zip(prints, depths, strict=True):
        if depth is not None:
            least[style] = min(least.get(style, depth), depth)
    styles = [(*style, -(least.get(style, 0) if depth is None else depth)) for style, depth in zip(prints, depths, strict=True)]
    rank = {style: min(rank, 6) for rank, style in enumerate(sorted(set(styles), reverse=True), start=1)}
    return (rank[style] if body else 0 for style in styles)


def _element(page: LaidOutPage, block: Block, kind: Kind, depth: int, titles: Titles) -> Element:
    """Args: depth: of a heading, by its print, or of an item."""
    level, marker, text = 0, None, block.text
    if kind == "heading":
        level = level_of(page.number, text, titles) or depth
    elif kind == "list_item":
        level, marker = depth, marker_of(text)
        text = text[len(marker or "") :].lstrip()
        marker = "-" if marker and marker in BULLETS else marker
    elif kind == "footnote":
        marker = block.note or None
    return Element(
        kind=kind,
        text=text,
        level=level,
        page=page.number,
        box=block.box,
        marker=marker,
        table=block.table and Table(tuple(replace(cell, page=page.number) for cell in block.table.cells)),
        origin=page.origin,
        confidence=block.confidence,
        continues=block.continues,
    )


def _running(pages: Sequence[LaidOutPage], slides: Mapping[int, int | None], titles: Titles) -> dict[tuple[int, int], Kind]:
    """Blocks of the margins that come again on other pages at the same height, bare page numbers, and stamps on many pages; and
    what is at the side of slides.

    Several slides may have one title, which is none of these; where it is kept `document.running` knows.
    """
    places: dict[tuple[Kind, int, str], list[tuple[int, int, str]]] = {}
    within: Counter[str] = Counter()  # the same texts, not in the margins
    found: dict[tuple[int, int], Kind] = {}
    for page in pages:
        ends = _ends(page)
        title = slides.get(page.number)
        for index, block in enumerate(page.blocks):
            side = "header" if block.askew else margin(block.box, page.height) or _numbered_at(page, block)
            if index == title or block.table is not None or block.note or block.lines > 3:
                continue
            text = " ".join(block.text.casefold().split())
            alike = re.sub(r"\d+", "#", text)
            if side is None:
                within[alike] += 1
                continue
            places.setdefault((side, round(block.box.top / 6), alike), []).append((page.number, index, text))
            if _PAGE_NUMBER.fullmatch(block.text) and _outermost(ends, block, side):
                found[page.number, index] = side
    for (side, _, text), where in places.items():
        if within[text] >= len(where) and any(map(str.isalpha, text)):
            continue  # a title that stands wherever its section begins: Synopsis, Example
        again = list(compress(where, comes_again([(number, text) for number, _, text in where])))
        if len({number for number, _, _ in again}) >= _needed(pages):
            found.update({(number, index): side for number, index, _ in again})
    found |= _counting([page for page in pages if page.number not in slides])  # whose titles may stand beside their numbers
    return found | dict.fromkeys(_at_footers(pages, found), "footer") | navigation(pages, slides, titles)


def _counting(pages: Sequence[LaidOutPage]) -> dict[tuple[int, int], Kind]:
    """Rows at the edge of pages, at the same height, with a number at an end of a piece that counts the pages: titles of
    sections, which are others on each page, and the number far from them."""
    places: dict[tuple[Kind, int, int], dict[int, list[int]]] = {}
    for page in pages:
        for side, row in _outermost_rows(page):
            blocks = [page.blocks[index] for index in row]
            height = round(blocks[0].box.top / 6)
            for number in {int(number) for block in blocks for number in _AT_END.findall(block.text)}:
                places.setdefault((side, height, number - page.number), {})[page.number] = row
    return {
        (number, index): side
        for (side, _, _), rows in places.items()
        if len(rows) >= _COUNTED
        for number, row in rows.items()
        for index in row
    }


def _outermost_rows(page: LaidOutPage) -> Iterator[tuple[Kind, list[int]]]:
    """The rows in the margins that nothing stands beyond, if they have several pieces that stand far apart."""
    first, last = _ends(page)
    edges: tuple[tuple[Kind, float], ...] = (("header", first), ("footer", last))
    for side, edge in edges:
        row = [
            index
            for index, block in enumerate(page.blocks)
            if margin(block.box, page.height) == side
            and abs((block.box.bottom if side == "header" else block.box.top) - edge) < _LEVEL
        ]
        blocks = [page.blocks[index] for index in row]
        plain = all(block.lines == 1 and block.table is None and block.note is None and not block.code for block in blocks)
        if plain and sum(block.pieces for block in blocks) > 1:
            yield side, row


def _at_footers(pages: Sequence[LaidOutPage], found: Mapping[tuple[int, int], Kind]) -> Iterator[tuple[int, int]]:
    """Lines at the foot of a page, as high as the running footers of others: where a paper was submitted, on its first page."""
    known = sorted(
        (one.box.bottom, page.number)
        for page in pages
        for at, one in enumerate(page.blocks)
        if found.get((page.number, at)) == "footer"
    )
    for page in pages:
        ends = _ends(page)
        for index, block in enumerate(page.blocks):
            if (page.number, index) in found or block.lines != 1 or block.note is not None or not block.printed or block.askew:
                continue
            if not _outermost(ends, block, "footer"):
                continue
            first, last = (bisect_left(known, (block.box.bottom + stray, 0)) for stray in (-_LEVEL, _LEVEL))
            same = {number for _, number in known[first:last]} - {page.number}
            if len(same) >= _FOOTERS and _stands_apart(page, block):
                yield page.number, index


def _stands_apart(page: LaidOutPage, block: Block) -> bool:
    """Nothing stands right above it, as it does above the last line of a column."""
    return not any(
        other.box.left < block.box.right and other.box.right > block.box.left
        for other in page.blocks
        if -block.size < other.box.bottom - block.box.top and other.box.top < block.box.top - _LEVEL
    )


def _numbered_at(page: LaidOutPage, block: Block) -> Kind | None:
    """On which side of a scanned page its number stands, nearer to the middle than running titles do, and far from all text."""
    if page.origin != "ocr" or not _PAGE_NUMBER.fullmatch(block.text):
        return None
    top, bottom = block.box.top - _ALONE * block.size, block.box.bottom + _ALONE * block.size
    if any(other.box.bottom > top and other.box.top < bottom for other in page.blocks if other is not block):
        return None
    return margin(block.box, page.height, _NUMBERED)


def _needed(pages: Sequence[LaidOutPage]) -> int:
    """On how many pages a running title comes again."""
    return max(2, min(4, len(pages) // 3))


def margin(box: Box, height: float, share: float = _MARGIN) -> Kind | None:
    """In which one of a page of this height it stands as a whole, by what stands there: "header" or "footer".

    Args: share: of the height, that each of them has.
    """
    if box.bottom <= share * height:
        return "header"
    return "footer" if box.top >= (1 - share) * height else None


def _ends(page: LaidOutPage) -> tuple[float, float]:
    """Where the uppermost block of a page ends, and where the lowest begins."""
    boxes = [block.box for block in page.blocks]
    return min((box.bottom for box in boxes), default=0.0), max((box.top for box in boxes), default=0.0)


def _outermost(ends: tuple[float, float], block: Block, side: str) -> bool:
    """Nothing stands farther up, or down, on the page with these ends."""
    first, last = ends
    return first >= block.box.top if side == "header" else last <= block.box.bottom
