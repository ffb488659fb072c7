"""Lines of a column → paragraphs, with words divided at a line's end made whole."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from math import inf, log
from statistics import fmean, median

from kbray.document.layout.aligned import with_tables
from kbray.document.layout.beside import step_of_text, with_blocks
from kbray.document.layout.breaks import (
    STRAY,
    TERMINAL,
    are_entries,
    breaks,
    inset_of,
    leaves_centre,
    leaves_item,
    leaves_subtitle,
)
from kbray.document.layout.captions import is_caption
from kbray.document.layout.cards import cards_of
from kbray.document.layout.columns import regions
from kbray.document.layout.eastern import edge_of, leaves_paragraph
from kbray.document.layout.formulas import Drawn, formulas_in
from kbray.document.layout.framed import with_frames
from kbray.document.layout.heads import with_boxes_over, with_close_titles, with_headers
from kbray.document.layout.labelled import below_label, with_marks
from kbray.document.layout.lines import Line, line_of, with_pages
from kbray.document.layout.listings import Listing, listings_of
from kbray.document.layout.markers import ends_proof, marker_of, tells_years, with_markers
from kbray.document.layout.sides import rows
from kbray.document.layout.words import Word, join_lines
from kbray.geometry import Box, union
from kbray.model import Kind, Table

_NOTE = 0.88  # of the size of the text: smaller print at the foot of a column is notes
_TITLE = 3  # lines of the longest title: print that is larger than the text
_FEW_LINES = 3  # of a region: too few to tell how far apart lines are
_CLASS = 1.1  # font sizes of one class are no more times apart
_CLOSEST = 0.8  # of the size, from line to line; what is closer stands beside, as the label in the middle of a row
_LARGE = 1.18  # of the size of the text: print of titles
_LETTER = 0.5  # of its size: the width of a letter
_RAGGED = 3.0  # of the font size: a full line ends no farther from the margin
_MANY = 0.35  # of the lines of a region: so many full ones are text that goes from margin to margin
_LONG_WORD = 15  # letters; what is longer is an address
_ACROSS = 0.9  # of the width of what is printed: white that a title leaves beside it
_NOTHING_DRAWN = Drawn()


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading in waiting, a table or a formula, with what tells them apart."""

    text: str
    box: Box
    size: float
    bold: bool
    lines: int
    left: float  # edge of the column it stands in
    right: float
    confidence: float | None = None
    table: Table | None = None
    code: bool = False  # its lines and their indents are kept
    formula: bool = False  # a displayed one: its lines are kept
    note: str | None = None  # a footnote: the mark that refers to it, "" where none does
    askew: bool = False  # a stamp over the page, or labels of a chart: of no reading order, and no heading
    beside: bool = False  # numbers of lines: no part of the text, as running titles are none
    running: Kind | None = None  # told to be a running title, above or below
    picture: bool = False  # one, of which the text tells what it shows
    pieces: int = 1  # of its line that stand far apart
    inset: float | None = None  # where the text behind a marker begins
    printed: tuple[Line, ...] = ()  # the lines of a paragraph
    begun: bool = False  # on a page before, as the document tells
    continues: bool = False  # … in the next column, or on the next page

    @property
    def slanted(self) -> bool:
        return bool(self.printed) and all(line.slanted for line in self.printed)

    def parted(self, *lines: int) -> list["Block"]:
        """A paragraph as several, which end after so many of its lines."""
        cuts = itertools.pairwise((0, *lines, len(self.printed)))
        parts = [block for begin, end in cuts for block in _closed(self.printed[begin:end], self.left, self.right)]
        parts[:1] = [replace(part, begun=self.begun) for part in parts[:1]]
        parts[-1:] = [replace(part, continues=self.continues) for part in parts[-1:]]
        return parts

    def joined(self, following: "Block") -> "Block":
        """A paragraph with the next one, as one."""
        return replace(
            self,
            text=join_lines([self.text, following.text]),
            box=union([self.box, following.box]),
            lines=self.lines + following.lines,
            printed=(*self.printed, *following.printed),
            continues=following.continues,
        )

    def moved(self, move: Callable[[Box], Box]) -> "Block":
        """The block and its cells in boxes elsewhere."""
        return replace(self, box=move(self.box), table=self.table and self.table.moved(move), printed=())


def blocks_of(
    lines: Sequence[Line],
    taken: Set[int] = frozenset(),
    drawn: Drawn = _NOTHING_DRAWN,
    seen: Sequence[Box] = (),
    frames: Sequence[Box] = (),
    *,
    slide: bool = False,
) -> list[Block]:
    """Paragraphs of a page in reading order, without the words that were `taken` (by `id`), which help to tell the columns.

    Args: seen: where lines that belong together were seen. frames: that are drawn around some.
    """
    found: list[Block] = []
    ordered = partial(regions, rules=drawn.rules, slide=slide)
    columns = with_frames(with_markers(with_marks(lines)), frames, ordered)
    if taken:
        left = {id(word) for line in lines for word in line.words} - taken
        columns = [kept for region in columns if (kept := [one for line in region if (one := _without(line, left)) is not None])]
    columns = [with_close_titles(with_tables(part)) for region in columns for part in cards_of(region)]
    columns = with_pages(_with_headers(columns))
    formulas, rest = formulas_in([line for region in columns for line in region], drawn)
    if formulas:
        columns = with_frames([*rest, *formulas], frames, ordered)
    step = step_of_text(columns)
    columns = [part for region in columns for part in with_blocks(rows(region), seen, step)]
    usual = _leading(columns)
    large = _LARGE * median([line.size for line in lines]) if lines else 0.0
    across = union(line.box for line in lines).width if lines else 0.0
    boxes = [union(line.box for line in region) for region in columns]
    for region, box in zip(columns, boxes, strict=True):
        beside = any(other is not box and other.top < box.bottom and other.bottom > box.top for other in boxes)
        told = len(lines) > _FEW_LINES  # how wide lines may be
        blocks = _paragraphs(region, usual, inf if not told else box.width if beside else across, slide=slide)
        if found and blocks and blocks[0].size > large and _is_rest_of_title(found[-1], blocks[0], across):
            found[-1:] = [found[-1].joined(blocks.pop(0))]
        found.extend(blocks)
    return _notes_last(found)


def _is_rest_of_title(block: Block, following: Block, across: float) -> bool:
    """Lines of a title over all columns may end in different ones of these, and so be in several regions.

    Args: across: width of what is printed; the title went on below because the next word had no place.
    """
    if any(one.table or one.code or one.note is not None or one.pieces > 1 for one in (block, following)):
        return False
    one_print = abs(block.size - following.size) < 0.02 * block.size and block.bold == following.bold
    close = -0.5 * block.size < following.box.top - block.box.bottom < 0.5 * block.size
    centres = block.box.left + block.box.right, following.box.left + following.box.right
    aligned = abs(block.box.left - following.box.left) < 0.3 * block.size or abs(centres[0] - centres[1]) < block.size
    short = block.lines + following.lines <= _TITLE and not block.text.endswith(TERMINAL)
    word = min(len(following.text.partition(" ")[0]), _LONG_WORD) * _LETTER * following.size
    return one_print and close and aligned and short and block.box.width + word > _ACROSS * across


def _with_headers(regions: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The same with headers at their tables; one may be a region of its own."""
    boxed = with_boxes_over([line for region in regions for line in region if line.table is not None])
    whole = [[one for line in region if (one := boxed.get(id(line), line)) is not None] for region in regions]
    regions = [region for region in whole if region]
    lines = [line for region in regions for line in region]
    words = [word for line in lines if line.table is None for word in line.words]
    tables, rest = with_headers([line for line in lines if line.table is not None], words)
    if len(rest) == len(words):
        return [list(region) for region in regions]
    headed, left = iter(tables), set(map(id, rest))
    found = [[next(headed) if line.table is not None else _without(line, left) for line in region] for region in regions]
    return [kept for region in found if (kept := [line for line in region if line is not None])]


def _without(line: Line, left: Set[int]) -> Line | None:
    """What is left of a line when words were taken from it, if anything is."""
    words = [word for word in line.words if id(word) in left]
    if len(words) == len(line.words):
        return line  # a table has none
    return line_of(words) if words else None


def _notes_last(blocks: Sequence[Block]) -> list[Block]:
    """With the notes at the foot of a column behind the text of all columns, which goes on from one to the next."""
    columns: list[list[Block]] = []
    for block in blocks:
        if columns and block.box.top >= columns[-1][-1].box.top - block.size:
            columns[-1].append(block)
        else:
            columns.append([block])
    text: list[Block] = []
    notes: list[Block] = []
    for column in columns:
        usual = max((block.size for block in column if block.lines > _TITLE and not _is_centred(block)), default=0.0)
        first = len(column)
        while first > 1 and _may_be_note(column[first - 1], usual):
            first -= 1
        text += column[:first]
        notes += column[first:]
    return text + notes


def _may_be_note(block: Block, usual: float) -> bool:
    return block.table is None and block.size <= _NOTE * usual and not is_caption(block.text)


def _is_centred(block: Block) -> bool:
    """Its lines begin apart and have their middles in common: a long title, which says nothing of the size of the text."""
    lefts = [line.box.left for line in block.printed]
    middles = [line.box.left + line.box.right for line in block.printed]
    return bool(lefts) and max(middles) - min(middles) < block.size < max(lefts) - min(lefts)


def _paragraphs(region: Sequence[Line], usual: Mapping[int, float], across: float, *, slide: bool) -> list[Block]:
    """Args: usual: distance of baselines on the page, by font size, where the region is too small to tell its own.

    across: width that its lines may have.
    """
    left, right = min(line.box.left for line in region), max(line.box.right for line in region)
    leading = {**_leading([region]), **usual} if len(region) <= _FEW_LINES else _leading([region])
    found: list[Block] = []
    current: list[Line] = []
    ordered = rows(region)
    if len(ordered) == 1 and not _one_line(ordered[0]):  # the two ends of a running title, or the like
        return [block for line in ordered[0] for block in _closed([line], left, right)]
    margin = _margin(ordered, right)
    listed = listings_of(ordered)
    largest = max(line.size for line in region)
    flush = sum(row[0].box.left - left < STRAY * row[0].size for row in ordered)  # few where lines hang, as in references
    edge, entries = edge_of(ordered), are_entries(ordered, left, margin)
    end = 0  # of the rows that are in a block already
    for index, row in enumerate(ordered):
        if index < end:
            continue
        if row[0].whole or index in listed:
            found.extend(_closed(current, left, right))
            listing = listed.get(index)
            if row[0].table is not None:
                found.append(_table_block(row[0], left, right))
            elif row[0].formula:
                found.extend(replace(block, text=row[0].text, formula=True) for block in _closed(row, left, right))
            elif listing is not None:
                found.append(_listing_block(listing, left, right))
            current = []
            continue
        line = row[0] if len(row) == 1 else _row_line(row)
        cells = not _one_line(row)
        more = ordered[index + 1 :]
        if cells and (below := below_label(row, more)):
            found.extend(_closed(current, left, right))
            found.extend(_closed([line, *below], left, right))
            current, end = [], index + 1 + len(below)
            continue
        following = ordered[index + 1][0] if index + 1 < len(ordered) else None
        if current and (
            cells
            or breaks(
                current,
                line,
                following,
                leading=leading.get(_class_of(line.size), 0.0),
                left=left,
                right=margin,
                across=across,
                entries=entries,
            )
            or leaves_item(current, line, following, left, margin)
            or (slide and leaves_subtitle(current[-1], line, largest, right - left))
            or (flush > _FEW_LINES and leaves_centre(current[-1], line, following, left, margin))
            or (edge is not None and leaves_paragraph(current, line, left, edge))
        ):
            found.extend(_closed(current, left, right))
            current = []
        current.append(line)
        if cells and not (len(row) == 2 and marker_of(line.text)):
            found.extend(replace(block, pieces=len(row)) for block in _closed(current, left, right))
            current = []
    return found + _closed(current, left, right)


def _margin(ordered: Sequence[Sequence[Line]], right: float) -> float:
    """Where lines of text end at the right. Tables, frames and the page number may stand out there, `right` is where all ends."""
    text = [row[0] for row in ordered if len(row) == 1 and row[0].table is None]
    end = max([line.box.right for line in text], default=right)
    return end if sum(end - line.box.right < _RAGGED * line.size for line in text) >= _MANY * len(text) else right


def _leading(regions: Iterable[Sequence[Line]]) -> dict[int, float]:
    """Usual distance of baselines, by font size: of text, if there is enough of it, as code is set closely within the loosest."""
    distances: dict[int, list[float]] = {}
    of_text: dict[int, list[float]] = {}
    for above, below in itertools.chain.from_iterable(itertools.pairwise(region) for region in regions):
        step = below.baseline - above.baseline
        if not (above.whole or below.whole) and _CLOSEST * below.size < step < 2.5 * below.size:
            distances.setdefault(_class_of(below.size), []).append(step)
            if not (above.mono or below.mono):
                of_text.setdefault(_class_of(below.size), []).append(step)
    distances |= {size: steps for size, steps in of_text.items() if len(steps) > _FEW_LINES}
    # The low quartile, not the median: a list of one-line paragraphs must not pass for closely set text.
    return {size: sorted(steps)[len(steps) // 4] for size, steps in distances.items()}


def _class_of(size: float) -> int:
    """Of font sizes that are about the same: a tenth apart, as a point is in usual print; a picture may say it is of any size."""
    return round(log(size) / log(_CLASS))


def _one_line(row: Sequence[Line]) -> bool:
    """True when the gaps of a row are those of a run-in heading or loosely set text, not of cells; a proof may end behind one."""
    if len(row) == 2 and ends_proof(row[1]):
        return True
    return all(right.box.left - left.box.right < 1.9 * left.size for left, right in itertools.pairwise(row))


def _row_line(row: Sequence[Line]) -> Line:
    words: list[Word] = [word for line in row for word in line.words]
    return Line(
        words=tuple(words),
        text=" ".join(line.text for line in row),
        box=union(line.box for line in row),
        size=max(line.size for line in row),
        baseline=row[0].baseline,
        bold=row[0].bold and all(line.bold or (tells_years(line.text) and not row[0].text.endswith(":")) for line in row),
        order=min(line.order for line in row),
    )


def _closed(lines: Sequence[Line], left: float, right: float) -> list[Block]:
    if not lines:
        return []
    text = join_lines([line.text for line in lines])
    scores = [line.confidence for line in lines if line.confidence is not None]
    if not text:
        return []
    return [
        Block(
            text=text,
            box=union(line.box for line in lines),
            size=median(line.size for line in lines),
            bold=all(line.bold for line in lines),
            lines=len(lines),
            left=left,
            right=right,
            confidence=round(fmean(scores), 4) if scores else None,
            inset=inset_of(lines[0]),
            printed=tuple(lines),
        )
    ]


def _table_block(line: Line, left: float, right: float) -> Block:
    sure = None if line.sure is None else round(line.sure, 4)
    return Block(line.text, line.box, line.print_size, False, 1, left, right, sure, line.table, continues=line.goes_on)


def _listing_block(listing: Listing, left: float, right: float) -> Block:
    sure = None if listing.sure is None else round(listing.sure, 4)
    return Block(listing.text, listing.box, listing.size, False, listing.lines, left, right, sure, code=True)
