"""Paragraphs of the pages of a window → elements: headings, list items, running headers and footers told apart."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kbray.document.layout.captions import is_caption
from kbray.document.layout.edges import parted
from kbray.document.layout.headings import folded, headings_of, title_of
from kbray.document.layout.hyphens import settled
from kbray.document.layout.lone import with_lone_rows
from kbray.document.layout.markers import BULLETS, marker_of
from kbray.document.layout.nesting import depths
from kbray.document.layout.paragraphs import Block
from kbray.document.layout.slides import is_slide
from kbray.model import NOTE_MARK, Element, Kind, Origin, Table

_PAGE_NUMBER = re.compile(
    r"(?:page|seite|p\.)?\s*[-–—|]*\s*(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|von|sur|de)\s*\d{1,4})?\s*[-–—|]*", re.IGNORECASE
)
_NUMBER = re.compile(r"(?:\d{1,3}|[A-Z]|[IVXLC]{1,6})(?:\.\d{1,3})*[.):]?\s+")  # of a section
_MARGIN = 0.12  # of the page's height: where running headers and footers stand


@dataclass(frozen=True, slots=True)
class LaidOutPage:
    number: int
    width: float
    height: float
    blocks: tuple[Block, ...]
    origin: Origin = "text"


Titles = Mapping[tuple[int, str], int]  # (page, folded title) → level, from the document's outline


def elements_of(pages: Sequence[LaidOutPage], titles: Titles | None = None, *, divides: bool = True) -> list[Element]:
    """Elements of the pages in their order. Sizes are compared over all pages given.

    Args: titles: the document's own outline. divides: the program that set it may divide words at the end of lines.
    """
    pages = _with_blocks(pages, parted([page.blocks for page in pages], _needed(pages)))
    body = body_size(block for page in pages for block in page.blocks)
    titled = _running(pages, body)
    aside = {
        (place, index) for place, page in enumerate(pages) for index in range(len(page.blocks)) if (page.number, index) in titled
    }
    pages = _with_blocks(pages, with_lone_rows([page.blocks for page in pages], aside))
    running = _running(pages, body)
    kinds: list[tuple[LaidOutPage, Block, Kind]] = []
    for page in pages:
        upright = [index for index, block in enumerate(page.blocks) if not (block.askew or block.beside)]
        found = headings_of([page.blocks[index] for index in upright], body, page.height, slide=_is_slide(page, body))
        heads = {upright[place] for place in found}
        for index, block in enumerate(page.blocks):
            known: Kind | None = "header" if block.beside else running.get((page.number, index))
            kinds.append((page, block, known or _kind(page, block, index in heads, titles or {})))
    levels = _levels([_style(page, block) for page, block, kind in kinds if kind == "heading"], body)
    lists = depths((block, kind) for _, block, kind in kinds)
    return settled(
        [
            _element(page, block, kind, depth or levels.get(_style(page, block), 0), titles or {})
            for (page, block, kind), depth in zip(kinds, lists, strict=True)
        ],
        divides=divides,
    )


def _with_blocks(pages: Sequence[LaidOutPage], blocks: Sequence[Sequence[Block]]) -> list[LaidOutPage]:
    return [replace(page, blocks=tuple(found)) for page, found in zip(pages, blocks, strict=True)]


def body_size(blocks: Iterable[Block]) -> float:
    """The font size that most characters have, to half a point; 0 without text.

    Text is no smaller than what most of the print is, tables: what stands around those may be notes and running titles alone.
    """
    text: Counter[float] = Counter()
    tables: Counter[float] = Counter()
    for block in blocks:
        if block.note is None:
            (text if block.table is None else tables)[round(block.size * 2) / 2] += len(block.text)
    usual = _usual(text)
    return max(usual, _usual(tables)) if 0 < text.total() < tables.total() else usual


def _usual(sizes: Counter[float]) -> float:
    return max(sizes, key=lambda size: (sizes[size], -size), default=0.0)


def _kind(page: LaidOutPage, block: Block, heads: bool, titles: Titles) -> Kind:
    if block.table is not None:
        return "table"
    if block.code or block.formula or block.note is not None:
        return "code" if block.code else "formula" if block.formula else "footnote"
    if block.lines <= 4 and _told(page, block.text, titles) is not None:
        return "heading"
    if is_caption(block.text):
        return "caption"
    if heads:
        return "heading"
    marker = marker_of(block.text)
    return "list_item" if marker and (marker in BULLETS or len(block.text) > len(marker) + 1) else "paragraph"


def _told(page: LaidOutPage, text: str, titles: Titles) -> int | None:
    """The level of a title in the outline, which often leaves its number out."""
    if not titles:
        return None
    text = NOTE_MARK.sub("", text)
    told = titles.get((page.number, folded(text)))
    number = _NUMBER.match(text)
    return titles.get((page.number, folded(text[number.end() :]))) if told is None and number else told


def _levels(styles: Iterable[tuple[float, bool]], body: float) -> dict[tuple[float, bool], int]:
    """Level by font: the largest print is 1; bold in the size of the text comes last."""
    ranked = sorted(set(styles), reverse=True)
    return {style: min(rank, 6) for rank, style in enumerate(ranked, start=1)} if body else {}


def _style(page: LaidOutPage, block: Block) -> tuple[float, bool]:
    """Size and weight. Of recognised print only some that is bold is known to be."""
    return round(block.size), block.bold and page.origin != "ocr"


def _element(page: LaidOutPage, block: Block, kind: Kind, depth: int, titles: Titles) -> Element:
    """Args: depth: of a heading, by its print, or of an item."""
    level, marker, text = 0, None, block.text
    if kind == "heading":
        level = _told(page, text, titles) or depth
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
    )


def _is_slide(page: LaidOutPage, body: float) -> bool:
    """Sizes of recognised print stray too much to tell what is the largest."""
    return page.origin != "ocr" and is_slide(body, page.width, page.height)


def _running(pages: Sequence[LaidOutPage], body: float) -> dict[tuple[int, int], Kind]:
    """Blocks of the margins that come again on other pages at the same height, bare page numbers, and stamps on many pages.

    Several slides may have one title, which is none of these; where it is kept `document.running` knows.
    """
    places: dict[tuple[Kind, int, str], list[tuple[int, int]]] = {}
    found: dict[tuple[int, int], Kind] = {}
    for page in pages:
        title = title_of(page.blocks, body, page.height) if _is_slide(page, body) else None
        for index, block in enumerate(page.blocks):
            side = "header" if block.askew else _margin(page, block)
            if side is None or index == title or block.table is not None or block.note or block.lines > 3:
                continue
            text = re.sub(r"\d+", "#", " ".join(block.text.casefold().split()))
            places.setdefault((side, round(block.box.top / 6), text), []).append((page.number, index))
            if _PAGE_NUMBER.fullmatch(block.text) and _outermost(page, block, side):
                found[page.number, index] = side
    for (side, _, _), where in places.items():
        if len({number for number, _ in where}) >= _needed(pages):
            found.update(dict.fromkeys(where, side))
    return found


def _needed(pages: Sequence[LaidOutPage]) -> int:
    """On how many pages a running title comes again."""
    return max(2, min(4, len(pages) // 3))


def _margin(page: LaidOutPage, block: Block) -> Kind | None:
    if block.box.bottom <= _MARGIN * page.height:
        return "header"
    return "footer" if block.box.top >= (1 - _MARGIN) * page.height else None


def _outermost(page: LaidOutPage, block: Block, side: str) -> bool:
    others = [other for other in page.blocks if other is not block]
    if side == "header":
        return all(other.box.bottom >= block.box.top for other in others)
    return all(other.box.top <= block.box.bottom for other in others)
