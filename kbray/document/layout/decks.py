"""What the slides of a talk have in common: where their titles stand, and what leads through it at their sides."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from kbray.document.layout.headings import folded, title_of
from kbray.document.layout.page import LaidOutPage
from kbray.document.layout.slides import is_slide
from kbray.document.layout.told import Titles, level_of
from kbray.model import Kind

_TITLES = 27  # lines of the print of a slide's title would fill it, or fewer
_TITLED, _LEAST_TITLED = 0.5, 3  # of the pages that lie on their side so many begin with one, and so many ones differ
_OF_ALL = 0.75  # … or more: what these show at the top names the talk
_PRINT, _TOP = 0.97, 0.3  # of the size of the text, and of the height: no smaller, and no lower, is a title
_LEVEL = 3.0  # points that titles stand higher or lower on other slides
_SMALL = 0.85  # of the size of the text: the print at the sides
_ALIGNED = 2.0  # points: so near are the edges of what comes again at a side


def slides_of(pages: Sequence[LaidOutPage], body: float) -> dict[int, int | None]:
    """Numbers of the pages that are slides, and which block of each is its title.

    They are that by the size of their usual print, or as most are that lie on their side and begin with a title to be read from
    afar, whatever small print their drawings and listings have. Sizes of recognised print stray too much to tell what is the
    largest. Titles in the print of the text are told by their place.
    """
    lying = [page for page in pages if page.origin != "ocr" and page.width > page.height and page.blocks]
    titles = {page.number: title_of(page.blocks, body, page.height) for page in lying}
    shown = [(page, page.blocks[title]) for page in lying if (title := titles[page.number]) is not None]
    large = [folded(block.text) for page, block in shown if block.size * _TITLES >= page.height]
    deck = len(set(large)) >= _LEAST_TITLED and len(large) >= _TITLED * len(lying)
    slides = {page.number: titles[page.number] for page in lying if deck or is_slide(body, page.width, page.height)}
    return _with_placed_titles([page for page in lying if page.number in slides], slides, body)


def _with_placed_titles(pages: Sequence[LaidOutPage], slides: Mapping[int, int | None], body: float) -> dict[int, int | None]:
    """The slides with their titles, also where these are no larger than the text: bold, and first, at one height on most."""
    found = {page.number: title for page in pages if (title := slides[page.number]) is not None}
    found |= {page.number: first for page in pages if page.number not in found and (first := _first(page, body)) is not None}
    tops = {page.number: page.blocks[found[page.number]].box.top for page in pages if page.number in found}
    level = max(tops.values(), key=lambda top: sum(abs(other - top) <= _LEVEL for other in tops.values()), default=0.0)
    placed = [page for page in pages if page.number in tops and abs(tops[page.number] - level) <= _LEVEL]
    texts = {folded(page.blocks[found[page.number]].text) for page in placed}
    if len(placed) < _TITLED * len(pages) or len(texts) < _LEAST_TITLED:
        return dict(slides)
    return {**slides, **{page.number: found[page.number] for page in placed}}


def _first(page: LaidOutPage, body: float) -> int | None:
    """The block above all others in the print of the text, if it is bold, and alone on its line."""
    text = [index for index, block in enumerate(page.blocks) if block.table is None and block.size >= _PRINT * body]
    first = min(text, key=lambda index: page.blocks[index].box.top, default=None)
    if first is None or not page.blocks[first].bold or page.blocks[first].box.top > _TOP * page.height:
        return None
    box = page.blocks[first].box
    alone = all(page.blocks[index].box.top >= box.bottom for index in text if index != first)
    return first if alone and not page.blocks[first].code else None


def with_one_title(pages: Sequence[LaidOutPage], slides: Mapping[int, int | None]) -> set[int]:
    """Numbers of the slides that have no title but that at their top.

    Not where most slides have none there, as pages of a document in large print, and not below what most of them show at the
    top, which names the talk.
    """
    shown = {page.number: page.blocks[title].text for page in pages if (title := slides.get(page.number)) is not None}
    if len(shown) < _TITLED * len(slides):
        return set()
    texts = {number: folded(text) for number, text in shown.items()}
    comes = Counter(texts.values())
    return {number for number, text in texts.items() if comes[text] < max(_LEAST_TITLED, _OF_ALL * len(slides))}


def navigation(pages: Sequence[LaidOutPage], slides: Mapping[int, int | None], titles: Titles) -> dict[tuple[int, int], Kind]:
    """Numbers and places of blocks at the sides of slides that list what the talk has: in small print, beside all other print.

    Some of it is on most slides, and all of it on several; where the document says that a section begins, it is its heading.
    """
    blocks = {
        (page.number, index): block
        for page in pages
        if page.number in slides
        for index, block in enumerate(page.blocks)
        if block.table is None
    }
    on = {place: (folded(block.text), round(block.box.left / _ALIGNED)) for place, block in blocks.items()}
    comes = Counter(on.values())
    print_of_text: Counter[float] = Counter()  # that of the sides may be more
    for place, block in blocks.items():
        print_of_text[block.size] += len(block.text) if comes[on[place]] == 1 else 0
    small = _SMALL * max(print_of_text, key=lambda size: print_of_text[size], default=0.0)
    found = {(page.number, index) for page in pages if page.number in slides for index in _at_sides(page, small)}
    anchored = {place[0] for place in found if comes[on[place]] >= max(_LEAST_TITLED, _TITLED * len(slides))}
    return {
        place: "header" if level_of(place[0], blocks[place].text, titles) is None else "heading"
        for place in found
        if place[0] in anchored and comes[on[place]] > 1
    }


def _at_sides(page: LaidOutPage, small: float) -> Iterator[int]:
    """Blocks in print so small that stand left of all other print, or right of it."""
    text = [block.box for block in page.blocks if block.size > small]
    left, right = min((box.left for box in text), default=0.0), max((box.right for box in text), default=page.width)
    for index, block in enumerate(page.blocks):
        if block.table is None and block.size <= small and (block.box.right <= left or block.box.left >= right):
            yield index
