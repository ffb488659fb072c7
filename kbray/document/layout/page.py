"""All blocks of a page of upright words, in reading order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kbray.document.layout.aligned import as_line, table_of
from kbray.document.layout.banded import stripes, tables_between
from kbray.document.layout.captioned import with_captioned
from kbray.document.layout.chained import tables_beside
from kbray.document.layout.doubles import without_doubles
from kbray.document.layout.formulas import Drawn
from kbray.document.layout.framed import frames_of
from kbray.document.layout.heads import with_headers
from kbray.document.layout.initials import with_initials
from kbray.document.layout.linear import is_piece
from kbray.document.layout.lines import Line, lines_of
from kbray.document.layout.mono import with_code
from kbray.document.layout.notes import foot_of
from kbray.document.layout.numbered import numbers_of_lines, with_numbered_code
from kbray.document.layout.paragraphs import Block, blocks_of
from kbray.document.layout.ruled import tables_of
from kbray.document.layout.spread import with_spread
from kbray.document.layout.words import Word, is_rtl
from kbray.document.tables import table_text
from kbray.geometry import Box, union
from kbray.model import Origin

_HEADER = 30.0  # points: so far may a rule stand from where a table was seen
_NEAR = 3.0  # points: the rules of a table end no farther from each other


@dataclass(frozen=True, slots=True)
class LaidOutPage:
    number: int
    width: float
    height: float
    blocks: tuple[Block, ...]
    origin: Origin = "text"


def blocks_on(
    words: Sequence[Word],
    rules: Sequence[Box] = (),
    edges: Sequence[Box] = (),
    tables: Sequence[Box] | None = None,
    told: Sequence[Line] = (),
    *,
    seen: Sequence[Box] = (),
    slide: bool = False,
) -> list[Block]:
    """Every word is in one of them; footnotes come behind the text, and numbers of lines last.

    Pieces of high brackets count in formulas only.

    words: in the order of the content stream.
    rules: lines that are drawn, as thin boxes. edges: those of filled boxes, which may be the shade behind cells.
    tables: where some were seen, with or without rules; None: nobody looked. told: those that are known, of other words.
    seen: where lines that belong together were seen.
    slide: see `slides.is_slide`.
    """
    if numbers := numbers_of_lines(words):
        apart = set(map(id, numbers))
        rest = [word for word in words if id(word) not in apart]
        return [*blocks_on(rest, rules, edges, tables, told, seen=seen, slide=slide), _beside(numbers)]
    blocks = _blocks_on(words, rules, edges, tables, told, seen=seen, slide=slide)
    return [_from_the_right(block) for block in blocks] if words and words[0].leftwards else blocks


def _blocks_on(
    words: Sequence[Word],
    rules: Sequence[Box],
    edges: Sequence[Box],
    tables: Sequence[Box] | None,
    told: Sequence[Line],
    *,
    seen: Sequence[Box],
    slide: bool,
) -> list[Block]:
    drawn = Drawn(rules, [word for word in words if is_piece(word)])
    words = without_doubles([word for word in words if not is_piece(word)] if drawn.brackets else words)
    words = with_initials(words)
    words = with_numbered_code(with_code(with_spread(words), slide=slide))
    beside, rest, rules = tables_beside(words, rules)
    ruled, rest = tables_of(rest, rules)
    striped, rest = tables_between(rest, stripes(rest, edges, rules))
    shaded, rest = tables_of(rest, [*rules, *edges]) if edges else ([], rest)
    # Where tables were looked for, rules elsewhere part sections of a page.
    places = [_whole(table, rules) for table in tables or ()]
    banded, rest = tables_between(rest, rules if tables is None else _inside(rules, places), edges)
    made, rest = with_headers([*beside, *ruled, *striped, *shaded, *banded], rest)
    spaced, rest = _tables_at(rest, places)
    placed = with_captioned(lines_of(rest))
    lines = [line for line in placed if line.table is None]
    whole = [*told, *made, *spaced, *(line for line in placed if line.table is not None)]
    as_written = words and words[0].confidence is None and not words[0].leftwards
    frames = frames_of(rules) if as_written else ()
    foot = foot_of(lines, rules, [table.box for table in whole])
    if foot is not None:
        blocks = blocks_of([*foot.lines, *whole], foot.taken, drawn, seen, frames, slide=slide)
        if foot.fits(blocks):
            return foot.put_to(blocks)
    return blocks_of([*lines, *whole], drawn=drawn, seen=seen, frames=frames, slide=slide)


def _from_the_right(block: Block) -> Block:
    """A table of a page that is read from right to left begins there, too; but not one in a script that isn't."""
    if block.table is None or not (is_rtl(block.text) or not any(map(str.isalpha, block.text))):
        return block
    table = block.table.mirrored()
    return replace(block, table=table, text=table_text(table))


def _beside(numbers: Sequence[Word]) -> Block:
    box = union(word.box for word in numbers)
    text = " ".join(word.text for word in numbers)
    return Block(text, box, numbers[0].size, False, len(numbers), box.left, box.right, beside=True)


def _inside(rules: Sequence[Box], places: Sequence[Box]) -> list[Box]:
    return [rule for rule in rules if any(place.holds(*rule.middle) for place in places)]


def _whole(place: Box, rules: Sequence[Box]) -> Box:
    """Where a table was seen, with the rules above and below, as near as a header is high, that are as long as one inside it."""
    inside = _inside(rules, [place])
    near = (rule for rule in rules if -_HEADER < rule.top - place.top < 0 or 0 < rule.top - place.bottom < _HEADER)
    same = (
        rule for rule in near if any(abs(rule.left - one.left) < _NEAR and abs(rule.right - one.right) < _NEAR for one in inside)
    )
    return union((place, *same))


def _tables_at(words: Sequence[Word], places: Sequence[Box]) -> tuple[list[Line], list[Word]]:
    """Tables of the words in each place, where they make one, and the words that stand in none."""
    found: list[Line] = []
    rest = list(words)
    for place in places:
        spaced = table_of([word for word in rest if place.holds(*word.box.middle)])
        if spaced is not None:
            found.append(as_line(spaced.table, spaced.words))
            taken = set(map(id, spaced.words))
            rest = [word for word in rest if id(word) not in taken]
    return found, rest
