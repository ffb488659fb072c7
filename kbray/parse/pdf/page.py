"""One PDF page: opened, its text and rules read, laid out; and whether its text can be used at all."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from kbray.document.grading import is_garbled
from kbray.document.layout.bullets import with_bullets, with_icons
from kbray.document.layout.lines import Line
from kbray.document.layout.page import LaidOutPage, blocks_on
from kbray.document.layout.paragraphs import Block
from kbray.document.layout.ruby import with_ruby
from kbray.document.layout.slides import is_slide
from kbray.document.layout.structure import margin
from kbray.document.layout.words import Word, joined
from kbray.errors import CorruptDocument
from kbray.geometry import Box, union
from kbray.model import Kind
from kbray.parse.pdf.annotations import Annotations, Remark, annotations_of, hide_ticks, with_marks, with_ticks
from kbray.parse.pdf.fields import with_undrawn, with_values
from kbray.parse.pdf.objects import Drawing, drawing_of, hides_text
from kbray.parse.pdf.paragraphs import with_paragraphs
from kbray.parse.pdf.tables import tables_of
from kbray.parse.pdf.tags import Tags, tags_of, titles_in, with_figures
from kbray.parse.pdf.text import ARTIFACT, Frame, PageText, read_words, turned, without

_NOTHING = Drawing()
_STAMP = 60  # characters: a picture with fewer on it is a scan with a stamp or page number
_LARGE = 0.05  # of the page: a picture that may have text which is worth the second that reading takes
_LABELS = 3  # words that may lie on a picture of which nothing else is known


@dataclass(frozen=True, slots=True)
class OpenPage:
    handle: Any  # pypdfium2.PdfPage
    frame: Frame
    annotations: Annotations
    printed: int | None = None  # characters of its text layer, where values were filled in besides


@contextmanager
def open_page(document: Any, number: int) -> Iterator[OpenPage]:
    """Page `number` (from 1), closed at the end. What was filled into forms or typed over the page counts as its text.

    Boxes to be ticked are left to words, where the page has a text layer.
    Raises: CorruptDocument: the page can't be loaded.
    """
    handle = _load(document, number)
    try:
        frame = _frame(handle, number)
        annotations, printed = annotations_of(handle.raw, frame), None
        drawn, ticks = annotations.drawn, annotations.ticks
        if drawn or ticks:
            printed = _characters(handle)
            if printed < _STAMP:
                ticks.clear()
            elif ticks:
                hide_ticks(handle.raw)
        if not all(drawn) and document.init_forms():  # from now on, pages are loaded with what pdfium draws for such fields
            handle.close()
            handle = _load(document, number)
        if drawn:
            handle.set_mediabox(*frame.sides)  # one that the page inherits is lost in flattening
            if raw.FPDFPage_Flatten(handle.raw, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
                handle.close()  # the flattened content shows only in a page loaded anew
                handle = _load(document, number)
        yield OpenPage(handle, frame, annotations, printed)
    finally:
        handle.close()


def _frame(handle: Any, number: int) -> Frame:
    left, bottom, right, top = handle.get_bbox()
    if not (0 < right - left < 1e6 and 0 < top - bottom < 1e6):
        raise CorruptDocument(f"Page {number} has no usable size.", page=number)
    return Frame(left, bottom, right, top, handle.get_rotation() // 90 % 4)


def _characters(handle: Any) -> int:
    text = handle.get_textpage()
    try:
        return int(text.count_chars())
    finally:
        text.close()


def _load(document: Any, number: int) -> Any:
    try:
        return document[number - 1]
    except pdfium.PdfiumError:
        raise CorruptDocument(f"Page {number} can't be loaded: its part of the file is damaged.", page=number) from None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page's text layer tells."""

    page: LaidOutPage  # its blocks in reading order
    usable: bool  # it is good enough to stand for the page
    garbled: bool  # it would be, were it not for what it says: its characters mean nothing, or are mixed as in no language
    lost: int  # characters that mean nothing
    bare: tuple[Box, ...]  # large pictures of which it tells nothing
    layered: bool  # the page is a picture, and its text doesn't show
    titles: Mapping[str, int]  # folded → level, as the file's own structure tells
    remarks: Sequence[Remark]  # comments, in the order of their marks


def lay_out(page: OpenPage, number: int) -> Seen:
    """The page's text layer, read."""
    frame = page.frame
    tags = tags_of(page.handle.raw, frame)
    text = read_words(page.handle.raw, frame, marked=tags.told)
    drawing = drawing_of(page.handle.raw, frame) if text.characters else _NOTHING
    if drawing.cut and not page.annotations.drawn:  # what was typed into a field or a note may be more than shows of it
        text = without(text, page.handle.raw, drawing.cut)
    remarks = _annotated(text, page.annotations, drawing.rules)
    blocks: list[Block] = []
    by_amount = sorted(text.words.items(), key=lambda item: (-sum(len(word.text) for word in item[1]), item[0]))
    for index, (quarter, words) in enumerate(by_amount):
        above, below, words = _running(words, text.marks, tags, frame) if quarter == 0 and tags.told else ([], [], words)
        told, rest = tables_of(tags, text.marks, words) if quarter == 0 and words and not words[0].leftwards else ([], words)
        blocks += [*above, *_upright(rest, quarter, frame, drawing if index == 0 else _NOTHING, told), *below]
    if text.askew:
        blocks.append(_across(text.askew))
    blocks = with_paragraphs(blocks, tags.paragraphs, text.marks) if tags.paragraphs else blocks
    blocks = with_figures(blocks, tags.figures, Box(0.0, 0.0, frame.width, frame.height))
    laid_out = LaidOutPage(number, frame.width, frame.height, tuple(blocks))
    enough = _is_enough(text, drawing, frame, text.characters if page.printed is None else page.printed)
    garbled = enough and (text.garbled or is_garbled(_running_text(blocks)))
    usable = enough and not garbled
    layered = usable and _is_picture(drawing, frame) and hides_text(page.handle.raw, frame)
    return Seen(
        laid_out,
        usable,
        garbled,
        text.unreadable,
        _bare(text, drawing, frame),
        layered,
        titles_in(tags, text.marks, text.words.get(0, [])) if tags.titles else {},
        remarks,
    )


def _running(
    words: list[Word], marks: Mapping[int, int], tags: Tags, frame: Frame
) -> tuple[list[Block], list[Block], list[Word]]:
    """What is told to be of the page, not of the document, and stands in its margins, above and below; and the other words.

    Not above a table, whose header may be printed again there; but above one that goes on.
    """
    sides: dict[Kind | None, list[Word]] = {"header": [], "footer": [], None: []}
    text = [word for word in words if marks.get(word.order) != ARTIFACT]
    in_tables = {number for table in tags.tables if not table.begun for number in table.content}
    topmost = min(text, key=lambda word: word.box.top, default=None)
    on_table = topmost is not None and marks.get(topmost.order) in in_tables
    for word in words:
        side = margin(word.box, frame.height) if marks.get(word.order) == ARTIFACT else None
        sides[None if side == "header" and on_table else side].append(word)

    def blocks(side: Kind) -> list[Block]:
        return [replace(block, running=side) for block in blocks_on(sides[side])] if sides[side] else []

    return blocks("header"), blocks("footer"), sides[None]


def _bare(text: PageText, drawing: Drawing, frame: Frame) -> tuple[Box, ...]:
    large = [picture for picture in drawing.pictures if picture.area >= _LARGE * frame.width * frame.height]
    places = [word.box for words in (*text.words.values(), text.askew) for word in words] if large else []

    def told(picture: Box) -> int:
        return sum(2 * picture.intersection(place) > place.area for place in places)

    return tuple(picture for picture in large if told(picture) <= _LABELS)


def _annotated(text: PageText, annotations: Annotations, rules: Sequence[Box]) -> Sequence[Remark]:
    """Puts boxes to be ticked, answers, and marks of comments, to their places among the upright words.

    Returns: the comments that are marked.
    """
    if not (annotations.ticks or annotations.fields or annotations.remarks):
        return ()
    words = with_ticks(with_undrawn(text.words, annotations.fields), annotations.ticks)
    words = with_values(words, annotations.fields, rules)
    words, remarks = with_marks(words, annotations.remarks)
    if words:
        text.words[0] = words
    return remarks


def _is_enough(text: PageText, drawing: Drawing, frame: Frame, printed: int) -> bool:
    """Args: printed: characters but for values that were filled in: on a scanned form they are no text layer."""
    return text.characters > 0 and (printed >= _STAMP or not _is_picture(drawing, frame))


def _running_text(blocks: Sequence[Block]) -> str:
    """In tables, code and formulas letters are mixed otherwise."""
    return "\n".join(block.text for block in blocks if block.table is None and not (block.code or block.formula))


def _is_picture(drawing: Drawing, frame: Frame) -> bool:
    return drawing.pictured >= 0.5 * frame.width * frame.height


def _across(words: Sequence[Word]) -> Block:
    """All that is written across a page, in the order of the content stream: it has no lines in common with the rest."""
    box = union(word.box for word in words)
    size = max(word.size for word in words)
    return Block(joined(words), box, size, False, 1, box.left, box.right, askew=True)


def _upright(words: list[Word], quarter: int, frame: Frame, drawing: Drawing, told: Sequence[Line]) -> list[Block]:
    """Blocks of the words of one direction, laid out upright, their boxes given back in the page as displayed.

    Args: told: tables that are known.
    """
    width, height = (frame.width, frame.height) if quarter % 2 == 0 else (frame.height, frame.width)
    visible = [
        word
        for word in with_icons(words)
        if word.box.right >= -1 and word.box.left <= width + 1 and word.box.bottom >= -1 and word.box.top <= height + 1
    ]
    rules = [turned(rule, quarter, frame.width, frame.height) for rule in drawing.rules]
    edges = [turned(edge, quarter, frame.width, frame.height) for edge in drawing.edges]
    dots = [turned(dot, quarter, frame.width, frame.height) for dot in drawing.dots]
    slide = is_slide(median([word.size for word in visible] or [0.0]), width, height)
    back = -quarter % 4
    blocks = blocks_on(with_ruby(with_bullets(visible, dots)), rules, edges, told=told, slide=slide)
    return [block.moved(lambda box: turned(box, back, width, height)) for block in blocks] if back else blocks
