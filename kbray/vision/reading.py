"""Recognised lines → elements in reading order, by the same geometry as a PDF's text."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from math import degrees
from statistics import mean, median

import cv2
import numpy as np

from kbray.document.layout.markers import BULLETS, marker_of
from kbray.document.layout.page import LaidOutPage, blocks_on
from kbray.document.layout.paragraphs import Block
from kbray.document.layout.structure import elements_of
from kbray.document.layout.words import Word
from kbray.geometry import Box, union
from kbray.model import Element, PageImage, Reading
from kbray.vision.bullets import Bullet, bullets_in, first_sign
from kbray.vision.detection import Pixels, Quad
from kbray.vision.evened import evened
from kbray.vision.ink import inked
from kbray.vision.ocr import Found, Ocr, Page, decoded
from kbray.vision.pitch import pitches, tokens
from kbray.vision.placing import Keystone, Placing, along
from kbray.vision.regions import Layout, Region
from kbray.vision.rules import rules_in, seams_in
from kbray.vision.running import with_loose_top
from kbray.vision.sheets import Sheet, sheets_on, undivided

_PITCH = 0.6  # of the font size: the width of all characters, in faces that have one
_ASCENT = 0.72  # of a recognised line's height: the rest is below the baseline and the margin that detection adds
_EM = 0.85  # font size over the height of a recognised line
_BOX = 0.33  # of what is told by a line's height: its letters tell the rest, and stray more where print is blurred
_CLOSE = 1.6  # font sizes from line to line of one text, at most
_RAISED, _RISE = 0.6, 0.33  # of the font size: that of a raised figure, and how far above the line it stands
_PRINT = 3  # lines that can't be read and are print nevertheless; one or two are seen in a photograph
_SPACE = 0.3  # of the font size: no wider is what may stand between a mark and the text behind it
_CELL = 0.5  # of the font size: white between words of a line that may part cells
_COLUMN, _ALIGNED = 4, 0.4  # lines that tell another column, and how near they begin to each other, of a line's height
_TEXT, _LARGER = 8, 1.4  # times longer than high: a line of text; times higher than most of those: a title
_PROSE, _FULL, _LOWER = 4, 0.7, 0.85  # lines of a paragraph; of which so many are full, and so many of its letters are small ones
_RUN, _INDENT = 6, 1.5  # lines of a column of text; how far they begin from each other at most, of a line's height
_LONGEST_TITLE = 120  # characters
_WITHIN, _STROKE = 0.15, 1.5  # of a line's height: a rule so far within it, or no higher than that, is a stroke of its letters
_SAME_HEIGHT = 0.15  # of a line's height: another differs less from it in one print
_LEADERS = re.compile(r"\s*(?:(?:[.·•…]\s?){4,}(?P<page>\d{1,4}|[ivxlc]{1,6})|(?:[.·•…]\s?){5,})$")
_LED_TO = re.compile(r"[.·•…\s]+(?P<page>\d{1,4}|[ivxlc]{1,6})")
_SURE = 0.5  # confidence from which the layout model's titles and tables are taken for some
_SEEN = 0.3  # … and whatever else it sees tells that the lines in it belong together
_PIXELS = 100_000_000
"""Of pages that are decoded and looked at together: 25 of A4 at 200 dpi."""


class Reader:
    """Detection and recognition of printed lines, put into reading order. Pages of one call share the models' batches."""

    def __init__(self, ocr: Ocr, layout: Layout) -> None:
        self._ocr = ocr
        self._layout = layout

    @property
    def lines(self) -> int:
        return self._ocr.lines

    @property
    def slots(self) -> int:
        return self._ocr.slots

    @property
    def characters(self) -> Set[str]:
        return self._ocr.characters

    def recognise(self, pages: Sequence[PageImage], lines: int | None = None) -> list[Reading]:
        """Elements in reading order, a reading a page; sizes and headings are judged within each page.

        Args: lines: no more of a page are read, from all over it, whose places tell nothing then.
        """
        return [reading for some in _groups(pages) for reading in self._readings(some, lines)]

    def _readings(self, images: Sequence[PageImage], lines: int | None) -> Iterator[Reading]:
        pixels = [decoded(image.image) for image in images]
        pages = self._ocr.pages(pixels, lines)
        # Of pictures alone all is labels, whatever it looks like.
        whole = [index for index, page in enumerate(pages) if page.lines and not images[index].partial and lines is None]
        leaves = [(index, leaf) for index in whole for leaf in _leaves(images[index], pages[index], pixels[index])]
        level = [leaf.levelled(pixels[index]) for index, leaf in leaves]
        seen = [leaf.cut(one) for one, (_, leaf) in zip(level, leaves, strict=True)]
        regions = self._layout.regions(seen, [leaf.size for _, leaf in leaves], _SEEN)
        known: dict[int, list[tuple[_Leaf, _Parts]]] = {}
        for (index, leaf), one, some in zip(leaves, level, regions, strict=True):
            known.setdefault(index, []).append((leaf, _parts(leaf, one, some)))
        for index, (image, page) in enumerate(zip(images, pages, strict=True)):
            yield _reading(image, pixels[index], page, known.get(index) or [(_Leaf.of(image, page, undivided(page)), _NOTHING)])


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A sheet of a page image."""

    sheet: Sheet
    quarter_turns: int
    scale: float  # points a pixel
    size: tuple[float, float]  # width and height of the sheet as it is read; points
    place: Placing

    @classmethod
    def of(cls, image: PageImage, page: Page, sheet: Sheet) -> "_Leaf":
        width, height = _upright(image, page)
        scale = _scale(image, page)
        keystone = sheet.keystone and sheet.keystone.scaled(scale)
        place = Placing(width, height, page.quarter_turns, sheet.slope, (sheet.left + sheet.right) / 2 * scale, keystone)
        return cls(sheet, page.quarter_turns, scale, ((sheet.right - sheet.left) * scale, height), place)

    def levelled(self, pixels: Pixels) -> Pixels:
        """The page as it is read, all of it, without the slope and the keystone of this sheet."""
        upright = np.ascontiguousarray(np.rot90(pixels, self.quarter_turns))
        if self.sheet.keystone is not None:
            upright = _without(self.sheet.keystone, upright)
        if not self.sheet.slope:
            return upright
        height, width = upright.shape[:2]
        middle = (self.sheet.left + self.sheet.right) / 2, height / 2
        turn = cv2.getRotationMatrix2D(middle, degrees(self.sheet.slope), 1.0)
        return np.asarray(cv2.warpAffine(upright, turn, (width, height), borderValue=(255, 255, 255)), np.uint8)

    def cut(self, page: Pixels) -> Pixels:
        """What of the page is this sheet."""
        return page[:, round(self.sheet.left) : round(self.sheet.right)]

    @property
    def level(self) -> list[Found]:
        """Lines that run along the page: what runs up or down one that stands upright is no part of its text."""
        return [found for found in self.sheet.lines if not found.quad.tall]


def _without(keystone: Keystone, page: Pixels) -> Pixels:
    height, width = page.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    rows = keystone.y_on_page(x, y)
    return np.asarray(cv2.remap(page, x, rows.astype(np.float32), cv2.INTER_LINEAR, borderValue=(255, 255, 255)), np.uint8)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is known of a sheet beside its lines; where it is on the page upright and level."""

    titles: tuple[Box, ...] = ()
    tables: tuple[Box, ...] = ()
    rules: tuple[Box, ...] = ()
    bullets: tuple[Bullet, ...] = ()  # each with the place of its line among the level ones
    blocks: tuple[Box, ...] = ()  # of lines that belong together, whatever they are; they may overlap


_NOTHING = _Parts()


def _parts(leaf: _Leaf, pixels: Pixels, regions: Sequence[Region]) -> _Parts:
    """Args: pixels: of the page, level. regions: as they are on the sheet."""
    place, scale, left, level = leaf.place, leaf.scale, leaf.sheet.left * leaf.scale, leaf.level
    boxes = [replace(one.box, left=left + one.box.left, right=left + one.box.right) for one in regions]
    sure = [(one.kind, box) for one, box in zip(regions, boxes, strict=True) if one.confidence >= _SURE]
    titles, tables, figures = ([box for kind, box in sure if kind == wanted] for wanted in ("title", "table", "figure"))
    tables = [_whole(table, figures) for table in _apart(tables)]
    rules = rules_in(pixels, Box(left, 0, left + leaf.size[0], leaf.size[1]), scale)
    rules += (rule for table in tables for rule in seams_in(pixels, table, scale))
    signs: dict[int, tuple[str, Box]] = {}
    for number, found in enumerate(level):
        if sign := first_sign(found.read.text, found.gaps):
            box = place.box(_piece(found, 0, 1), scale)
            if not any(table.holds(*box.middle) for table in tables):
                signs[number] = sign, box
    bullets = bullets_in(pixels, [place.box(_from_text(found), scale) for found in level], signs, scale)
    return _Parts(tuple(titles), tuple(tables), tuple(rules), tuple(bullets), tuple(boxes))


def _apart(tables: Sequence[Box]) -> list[Box]:
    """Without those that mostly share their place with one before, which the model is surer of."""
    found: list[Box] = []
    for table in tables:
        if all(table.intersection(other) < 0.5 * min(table.area, other.area) for other in found):
            found.append(table)
    return found


def _whole(table: Box, figures: Sequence[Box]) -> Box:
    """With its first or last column, where the model saw the table once more, as a figure, and all of it."""
    same = [one for one in figures if one.intersection(table) >= 0.8 * table.area >= 0.4 * one.area]
    return union((table, *same))


def _leaves(image: PageImage, page: Page, pixels: Pixels) -> list[_Leaf]:
    return [_Leaf.of(image, page, sheet) for sheet in sheets_on(page, pixels, _scale(image, page))]


def _scale(image: PageImage, page: Page) -> float:
    """Points a pixel."""
    return _upright(image, page)[0] / page.width


def _upright(image: PageImage, page: Page) -> tuple[float, float]:
    """Width and height of the page as it is read."""
    sideways = page.quarter_turns % 2 == 1
    return (image.height_pt, image.width_pt) if sideways else (image.width_pt, image.height_pt)


def _groups(pages: Sequence[PageImage]) -> Iterator[list[PageImage]]:
    """Pages in order, as many as memory is meant for; their pixels are told by the size they are rendered at."""
    group: list[PageImage] = []
    pixels = 0.0
    for page in pages:
        size = page.width_pt * page.height_pt * (200 / 72) ** 2
        if group and pixels + size > _PIXELS:
            yield group
            group, pixels = [], 0.0
        group.append(page)
        pixels += size
    if group:
        yield group


def _reading(image: PageImage, pixels: Pixels, page: Page, leaves: Sequence[tuple[_Leaf, _Parts]]) -> Reading:
    """What is on a page. One without print is a picture, where it is not blank."""
    if page.lines or page.unread >= _PRINT:
        return Reading(tuple(_elements(image, page, leaves)), page.unread)
    box = inked(pixels)
    if box is None:
        return Reading(unread=page.unread)
    scale_x, scale_y = image.width_pt / pixels.shape[1], image.height_pt / pixels.shape[0]
    place = Box(box.left * scale_x, box.top * scale_y, box.right * scale_x, box.bottom * scale_y)
    return Reading((Element("image", page=image.page, box=place),), page.unread)


def _elements(image: PageImage, page: Page, leaves: Sequence[tuple[_Leaf, _Parts]]) -> list[Element]:
    """Its lines, sheet by sheet, with their boxes where they are on the page as it came."""
    blocks = [block for leaf, parts in leaves for block in _blocks(leaf, parts, partial=image.partial)]
    width, height = _upright(image, page)
    found = elements_of([LaidOutPage(image.page, width, height, tuple(blocks), origin="ocr")])
    if not image.partial and image.target is None:
        found = with_loose_top(found, blocks, height)
    return [_put_back(element, [leaf for leaf, _ in leaves]) for element in found]


def _put_back(element: Element, leaves: Sequence[_Leaf]) -> Element:
    if element.box is None:
        return element
    x, _ = element.box.middle
    place = next((leaf.place for leaf in leaves if x < leaf.sheet.right * leaf.scale), leaves[-1].place)
    return replace(element, box=place.back(element.box), table=element.table and element.table.moved(place.back))


def _blocks(leaf: _Leaf, parts: _Parts, *, partial: bool) -> list[Block]:
    place, scale, level = leaf.place, leaf.scale, leaf.level
    if partial:  # the labels of a picture stand in no columns, and the white around them holds them together
        level = [replace(found, ends=(0.0, 1.0)) for found in level]
    parts = replace(parts, titles=_short(parts.titles, level, place, scale), tables=_of_cells(parts.tables, level, place, scale))
    read = {bullet.line for bullet in parts.bullets if bullet.read}
    over = _over_gutters(level, place, scale)
    each = [list(_words(found, place, scale, parts, over[number], is_item=number in read)) for number, found in enumerate(level)]
    code = _code(level, place, scale, parts)
    words = evened(_in_rows([word for number, some in enumerate(each) if number not in code for word in some]))
    words = list(_numbered(words)) + list(chain.from_iterable(code.values()))
    drawn = (bullet for bullet in parts.bullets if not bullet.read)
    words = _in_rows(words + [word for bullet in drawn for word in _bullet(bullet.box, each[bullet.line])])
    aside = [word for found in leaf.sheet.lines if found.quad.tall for word in _words(found, place, scale)]
    blocks = blocks_on(words, _drawn(parts.rules, words), tables=parts.tables, seen=parts.blocks)
    blocks += (block for word in _in_rows(aside) for block in blocks_on([word]))
    return blocks + _beside(leaf)


def _beside(leaf: _Leaf) -> list[Block]:
    """What the edges of the picture left of other columns, a block a side: no part of the text, as running titles are none."""
    middle = leaf.sheet.middle
    sides = ([found for found in leaf.sheet.beside if (found.quad.x < middle) == first] for first in (True, False))
    words = ([word for found in side for word in _words(found, leaf.place, leaf.scale)] for side in sides)
    return [_one(side) for side in words if side]


def _one(words: Sequence[Word]) -> Block:
    box = union(word.box for word in words)
    text = " ".join(word.text for word in words)
    sure = mean(word.confidence or 0.0 for word in words)
    return Block(text, box, words[0].size, False, len(words), box.left, box.right, confidence=round(sure, 4), beside=True)


def _drawn(rules: Sequence[Box], words: Sequence[Word]) -> list[Box]:
    """Those that are no strokes of print."""
    return [rule for rule in rules if not any(_is_stroke(rule, word.box) for word in words)]


def _is_stroke(rule: Box, line: Box) -> bool:
    """It runs within a line of print or under it, and no further; or up a letter."""
    x, y = rule.middle
    if rule.width >= rule.height:
        aside = _WITHIN * line.height
        return line.left - aside < rule.left and rule.right < line.right + aside and line.top + aside < y < line.bottom + aside
    return line.left < x < line.right and line.top < y < line.bottom and rule.height < _STROKE * line.height


def _short(titles: Sequence[Box], lines: Sequence[Found], place: Placing, scale: float) -> tuple[Box, ...]:
    """Those that hold no paragraph, nor its first line."""
    printed = [(place.box(found.quad, scale), found.read.text) for found in lines]
    inside = [[line for line in printed if title.holds(*line[0].middle)] for title in titles]
    return tuple(title for title, some in zip(titles, inside, strict=True) if some and _is_title(some, printed))


def _of_cells(tables: Sequence[Box], lines: Sequence[Found], place: Placing, scale: float) -> tuple[Box, ...]:
    """Those that hold no mere paragraph: the model takes one in a frame for a table, and wide spaces would be cells."""
    printed = [(place.box(_piece(found, 0, len(found.read.text)), scale), found.read.text) for found in lines]
    inside = [[line for line in printed if table.holds(*line[0].middle)] for table in tables]
    return tuple(table for table, some in zip(tables, inside, strict=True) if not (_is_prose(some) or _in_columns(some)))


def _is_prose(lines: Sequence[tuple[Box, str]]) -> bool:
    """One below the other, of words, and most from margin to margin."""
    if len(lines) < _PROSE:
        return False
    left, right = min(box.left for box, _ in lines), max(box.right for box, _ in lines)
    ordered = sorted(lines, key=lambda line: line[0].middle[1])
    alone = all(below.middle[1] - above.middle[1] > 0.5 * above.height for (above, _), (below, _) in pairwise(ordered))
    text = [text for box, text in lines if box.left - left < box.height and right - box.right < box.height]
    words = "".join("".join(text).split())
    return alone and len(text) >= _FULL * len(lines) and sum(map(str.islower, words)) >= _LOWER * len(words)


def _in_columns(lines: Sequence[tuple[Box, str]]) -> bool:
    """Most of it in runs of lines below each other from margin to margin: an article that the model takes for a table."""
    runs: list[list[tuple[Box, str]]] = []
    for box, text in sorted(lines, key=lambda line: line[0].middle[1]):
        near = (run for run in runs if abs(run[-1][0].left - box.left) < _INDENT * box.height)
        run = next((run for run in near if 0.5 * box.height < box.middle[1] - run[-1][0].middle[1] < _CLOSE * box.height), None)
        if run is None:
            runs.append([(box, text)])
        else:
            run.append((box, text))
    prose = sum(len(text) for run in runs if _is_justified(run) for _, text in run)
    return prose > 0.5 * sum(len(text) for _, text in lines)


def _is_justified(run: Sequence[tuple[Box, str]]) -> bool:
    """Enough lines of words, most of which end where the longest does."""
    right = max(box.right for box, _ in run)
    letters = "".join("".join(text for _, text in run).split())
    full = sum(right - box.right < box.height for box, _ in run)
    return len(run) >= _RUN and full >= _FULL * len(run) and sum(map(str.islower, letters)) >= _LOWER * len(letters)


def _is_title(lines: Sequence[tuple[Box, str]], printed: Sequence[tuple[Box, str]]) -> bool:
    """False where the print goes on below in lower case: what the model sees are the bold words that a paragraph begins with.

    And for a short item of a numbered list, which another stands above or below.
    """
    first, its_text = min(lines, key=lambda line: line[0].top)
    last, _ = max(lines, key=lambda line: line[0].bottom)
    beside = [line for line in printed if line[0].left < last.right and last.left < line[0].right]
    above = max((line for line in beside if line[0].middle[1] < first.top), key=lambda line: line[0].top, default=(last, ""))
    box, text = min(
        (line for line in beside if line[0].middle[1] > last.bottom), key=lambda line: line[0].top, default=(last, "")
    )
    near = box.top - last.bottom < 0.5 * last.height and abs(box.height - last.height) < _SAME_HEIGHT * last.height
    numbers = [_number(one) for one in (above[1], its_text, text)]
    counted = numbers[1] > 0 and (numbers[0] == numbers[1] - 1 > 0 or numbers[2] == numbers[1] + 1)
    return sum(len(text) for _, text in lines) <= _LONGEST_TITLE and not (near and text[:1].islower()) and not counted


def _number(text: str) -> int:
    """Of the item of a list that begins with it; 0 of anything else."""
    digits = (marker_of(text) or "").strip("().")
    return int(digits) if digits.isdecimal() else 0


def _over_gutters(level: Sequence[Found], place: Placing, scale: float) -> list[set[int]]:
    """Behind which gaps another column begins, of each line: detection takes lines that stand close for one.

    Other lines of text begin there, and others end before it that begin as this one does. Figures and labels tell no column,
    and a title over both is larger.
    """
    boxes = [place.box(_piece(found, 0, len(found.read.text)), scale) for found in level]
    text = [box for box in boxes if box.width >= _TEXT * box.height]
    size = median(box.height for box in text) if text else 0.0
    found_over = []
    for found, box in zip(level, boxes, strict=True):
        over = set()
        for gap in found.gaps:
            start, end = (box.left + share * found.quad.width * scale for share in (gap.start, gap.end))
            near = _ALIGNED * box.height
            if gap.behind and box.height < _LARGER * size and end - start >= _CELL * _EM * box.height:
                begin = sum(abs(other.left - end) < near for other in text)
                before = sum(abs(other.left - box.left) < near and other.right < start + near for other in text)
                if min(begin, before) >= _COLUMN:
                    over.add(gap.behind)
        found_over.append(over)
    return found_over


def _words(
    found: Found,
    place: Placing,
    scale: float,
    parts: _Parts = _NOTHING,
    over: Set[int] = frozenset(),
    *,
    is_item: bool = False,
) -> Iterator[Word]:
    """A recognised line as one word, or more where it has a marker, figures in it are raised or cells stand side by side.

    One in a title counts as bold: titles in the size of the text are told by their weight, which recognition doesn't see.
    Args: scale: points a pixel. over: behind which gaps another column begins. is_item: its first character is a bullet,
    whatever was read.
    """
    quad, text = found.quad, found.read.text
    height = min(quad.height, quad.width) if len(text.strip()) > 1 else quad.height
    told = height * _EM if found.size is None else (height * _EM) ** _BOX * found.size ** (1 - _BOX)
    size = max(1.0, round(told * scale * 2) / 2)
    marks = set(found.raised)
    middle = place.level(quad.x * scale, quad.y * scale)
    bold = any(title.holds(*middle) for title in parts.titles)
    tabular = any(table.holds(*middle) for table in parts.tables)
    gaps = {gap.behind for gap in found.gaps if tabular and (gap.end - gap.start) * quad.width * scale >= _CELL * size} | over
    behind = 0 if tabular else _behind(found, text[:1] if is_item else marker_of(text) or "")
    ends = sorted({0, behind, len(text), *gaps, *chain.from_iterable(marks)})
    behind_marks = {end for _, end in marks} - gaps
    before = 0.0  # where the piece before ends
    for start, end in pairwise(ends):
        if text[start:end].isspace():
            continue
        box = place.box(_piece(found, start, end), scale)
        if start in behind_marks:  # the line goes on, however wide its spaces are
            box = replace(box, left=min(box.left, before + _SPACE * size))
        before = box.right
        raised = (start, end) in marks
        yield Word(
            text="•" if is_item and start == 0 else _led(" ".join(text[start:end].split())),
            box=box,
            size=_RAISED * size if raised else size,
            baseline=box.top + box.height * _ASCENT - raised * _RISE * size,
            bold=bold,
            spaced=start in (0, behind) or (start not in gaps and " " in text[start - 1 : start + 1]),
            confidence=round(found.read.confidence, 4),
        )


def _led(text: str) -> str:
    """With four points where a row of them leads to a page number: recognition says some, and bullets among them."""
    return _LEADERS.sub(lambda found: f" .... {found['page'] or ''}".rstrip(), text)


def _numbered(words: Sequence[Word]) -> Iterator[Word]:
    """Page numbers without the last of the leaders before them, which may be lines of their own; `words`: in rows."""
    before = None
    for word in words:
        page = _LED_TO.fullmatch(word.text)
        led = before is not None and before.text.endswith("..") and abs(before.baseline - word.baseline) < 0.5 * word.size
        if led and not word.text.strip(" .·•…"):
            continue
        before = word
        yield replace(word, text=page["page"]) if page and led else word


def _code(level: Sequence[Found], place: Placing, scale: float, parts: _Parts) -> dict[int, list[Word]]:
    """Lines by number whose characters have one width, outside of tables and titles, by their words."""
    some = {
        number: found
        for number, found in enumerate(level)
        if not any(box.holds(*place.level(found.quad.x * scale, found.quad.y * scale)) for box in (*parts.tables, *parts.titles))
    }
    found = pitches(some)
    return {number: list(_tokens(level[number], place, scale, pitch)) for number, pitch in found.items()}


def _tokens(found: Found, place: Placing, scale: float, pitch: float) -> Iterator[Word]:
    """Its words, each as wide as so many characters are; `scale`: points a pixel, `pitch`: pixels."""
    size = pitch * scale / _PITCH
    for text, first, last in tokens(found, pitch):
        box = place.box(along(found.quad, first, last), scale)
        baseline = box.top + box.height * _ASCENT
        yield Word(text, box, size, baseline, mono=True, confidence=round(found.read.confidence, 4))


def _behind(found: Found, marker: str) -> int:
    """Where the text behind the marker begins, which its line begins with; 0 without one."""
    text = found.read.text
    apart = (gap.behind for gap in found.gaps if text[: gap.behind].strip() == marker)
    return next(apart, len(text) - len(text[len(marker) :].lstrip())) if marker else 0


def _bullet(box: Box, line: Sequence[Word]) -> Iterator[Word]:
    """As a word on the line that it stands before, unless that begins with one."""
    for first in line[:1]:
        if marker_of(f"{first.text} -") is None and first.text[0] not in BULLETS:
            yield replace(first, text="•", box=Box(box.left, first.box.top, box.right, first.box.bottom))


def _piece(found: Found, start: int, end: int) -> Quad:
    """Where these characters of the line are."""
    places = found.read.places
    gaps = {gap.behind: gap for gap in found.gaps}
    first, last = ((places[i - 1] + places[i]) / 2 if 0 < i < len(places) else found.ends[i > 0] for i in (start, end))
    first, last = gaps[start].end if start in gaps else first, gaps[end].start if end in gaps else last
    return along(found.quad, first, last)


def _from_text(found: Found) -> Quad:
    """The line without the ink before its text that was read as nothing."""
    starts = [(gap.start + gap.end) / 2 for gap in found.gaps if gap.behind == 0]
    return along(found.quad, max(starts), 1.0) if starts else found.quad


def _in_rows(words: Sequence[Word]) -> list[Word]:
    """From top to bottom, and in a row from left to right; a row's words overlap its first by half their height."""
    rows: list[list[Word]] = []
    for word in sorted((word for word in words if word.text), key=lambda word: word.box.top + word.box.bottom):
        first = rows[-1][0].box if rows else None
        middle = (word.box.top + word.box.bottom) / 2
        if first is not None and abs(middle - (first.top + first.bottom) / 2) < min(first.height, word.box.height) / 2:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [word for row in rows for word in sorted(row, key=lambda word: word.box.left)]
