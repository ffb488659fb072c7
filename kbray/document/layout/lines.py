"""The lines of print that words make."""

import itertools
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from kbray.document.layout.justified import rejoined
from kbray.document.layout.mono import is_prompt
from kbray.document.layout.words import Word, confidence_of, is_currency, joined, logical
from kbray.geometry import Box, union
from kbray.model import Table

_NEAR_SIGN = 0.35  # of the font size: a currency sign farther from the word before belongs to what comes
_FAR_SIGN = 12.0  # … and may stand as far as this from its number
_LEADERS = 8  # characters, of those that end a line
_LED = re.compile(r"(?:(?:[.·]\s?){4}|(?:…\s?){2})$")
_PAGE = re.compile(r"\d{1,4}|[ivxlc]{1,7}|[A-Z]{1,2}[-.–]\d{1,3}")
_FAR = 1.9  # of the font size: a page number farther from its title
_MARK, _LEAST_MARK = 0.85, 0.45  # of the size of the word that a raised or lowered mark stands at
_SHORT_MARK, _FIGURES = 0.98, 3  # … of the mark of a note, of so many figures at most
_MOST_MARKS = 8  # words
_STRAY = 0.2  # of the font size
_LETTERS = 4  # of words, at least
_BLANK, _ON_GRID = 30.0, 0.15  # font sizes that may be blank within a line there; how far from whole steps, in letters
_WORD, _WORD_READ = 1.3, 0.6  # … to the next word of a line; where both were recognised, and wide spaces part cells or columns
_FAR_PAGE = 5.0  # of the font size: leaders end no farther before the page number that they lead to


@dataclass(frozen=True, slots=True)
class Line:
    """Words of one baseline without a wide gap between them, in logical order; or a whole table standing for one line."""

    words: tuple[Word, ...]
    text: str
    box: Box
    size: float
    baseline: float
    bold: bool
    order: int
    table: Table | None = None
    print_size: float = 0.0  # of what stands in the table
    goes_on: bool = False  # the table, in the next column or on the next page, as the document tells
    sure: float | None = None  # the confidence of a table, which has no words
    formula: bool = False  # a displayed one, all its print in one; its text has lines

    @property
    def whole(self) -> bool:
        """A table or a formula: it has no rows in common with other lines."""
        return self.table is not None or self.formula

    @property
    def asked(self) -> bool:
        """What was said at a console, or what that said."""
        return len(self.words) > 1 and is_prompt(self.words[0])

    @property
    def mono(self) -> bool:
        """All of it in a font of one width: code, most likely."""
        return bool(self.words) and self.words[0].mono and all(word.mono for word in self.words)

    @property
    def slanted(self) -> bool:
        """All of it, and a word at least: letters of formulas are slanted, too."""
        slanted = bool(self.words) and all(word.slanted and not word.math for word in self.words)
        return slanted and sum(map(str.isalpha, self.text)) >= _LETTERS

    @property
    def confidence(self) -> float | None:
        """Mean over the words that have one."""
        return confidence_of(self.words) if self.words else self.sure


def lines_of(words: Sequence[Word]) -> list[Line]:
    """Lines from words given in the order of the content stream."""
    chains: list[list[Word]] = []
    console = any(map(is_prompt, words))
    for word in words:
        if chains and (
            _goes_on(chains[-1][-1], word) or _stands_over(chains[-1], word) or (console and _on_grid(chains[-1][-1], word))
        ):
            chains[-1].append(word)
        else:
            chains.append([word])
    return list(itertools.starmap(line_of, rejoined(_mended(chains))))


def line_of(words: Sequence[Word], box: Box | None = None) -> Line:
    """One line of at least one word; words are put in logical order (right-to-left scripts from the right).

    box: the one around them, if it is known.
    """
    sizes: dict[float, int] = {}
    bold = 0
    for word in words:
        length = len(word.text)
        sizes[word.size] = sizes.get(word.size, 0) + length
        bold += length if word.bold else 0
    characters = sum(sizes.values())
    size = max(sizes, key=lambda value: (sizes[value], value))
    ordered = logical(words) if len(sizes) == 1 else _as_written(logical(words), _MARK * size)
    main = next(word for word in ordered if word.size == size)
    if len(sizes) > 1 and _small_capitals(words, size):
        size = max(sizes)
    return Line(
        words=tuple(ordered),
        text=joined(ordered),
        box=box or union(word.box for word in words),
        size=size,
        baseline=main.baseline,
        bold=bold * 10 >= characters * 9,
        order=min([word.order for word in words]),
    )


def _as_written(words: Sequence[Word], least: float) -> list[Word]:
    """The same, but marks, below that size, which stand over each other one after the other, not mixed: a fraction in a line."""
    found: list[Word] = []
    for small, run in itertools.groupby(words, key=lambda word: word.size < least):
        marks = list(run)
        if small and any(itertools.starmap(_is_over, itertools.pairwise(marks))):
            marks.sort(key=lambda word: word.order)
        found += marks
    return found


def _is_over(before: Word, after: Word) -> bool:
    """One of the two begins above or below the other, not behind it."""
    stray = _STRAY * before.size
    return after.box.left < before.box.right - stray and abs(after.baseline - before.baseline) > stray


def _small_capitals(words: Sequence[Word], size: float) -> bool:
    """True where the larger print is the initials of words in capitals: the line is as large as its initials."""
    small = "".join(word.text for word in words if word.size == size)
    large = [word for word in words if word.size > size]
    return bool(large) and small.isupper() and all(word.text[0].isupper() and word.size < 1.5 * size for word in large)


def table_line(table: Table, text: str, box: Box, order: int, print_size: float, sure: float | None = None) -> Line:
    """A table as an item that can be put in reading order among lines."""
    return Line((), text, box, 0.0, box.bottom, bold=False, order=order, table=table, print_size=print_size, sure=sure)


def with_pages(regions: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The same with the page numbers of a table of contents behind their titles; they may be a region of their own.

    Leaders lead to some of them; others, as those of chapters, stand at the same right edge.
    """
    lines = [line for region in regions for line in region if line.table is None]
    led = {id(line) for line in lines if _LED.search(line.text[-_LEADERS:])}
    if not led:
        return [list(region) for region in regions]
    rows: dict[int, list[Line]] = {}
    for line in lines:
        rows.setdefault(round(line.baseline / 4), []).append(line)
    titles: list[tuple[Line, Line]] = []  # each before its page number
    for page in lines:
        if _PAGE.fullmatch(page.text) and (before := _before(page, rows)):
            titles.append((max(before, key=lambda line: line.box.right), page))
    edges = {
        round(page.box.right)
        for title, page in titles
        if id(title) in led and page.box.left - title.box.right <= _FAR_PAGE * page.size
    }
    whole: dict[int, Line | None] = {}
    for title, page in titles:
        if round(page.box.right) in edges and not {id(title), id(page)} & whole.keys():
            whole[id(title)], whole[id(page)] = line_of((*title.words, *page.words)), None
    found = [[kept for line in region if (kept := whole.get(id(line), line)) is not None] for region in regions]
    return [region for region in found if region]


def _before(page: Line, rows: Mapping[int, Sequence[Line]]) -> list[Line]:
    """What stands left of it, on its line."""
    key = round(page.baseline / 4)
    near = [line for row in (key - 1, key, key + 1) for line in rows.get(row, ())]
    return [line for line in near if line.box.right <= page.box.left and abs(line.baseline - page.baseline) <= 0.3 * page.size]


def ends_with_page(line: Line) -> bool:
    """Its last word is a page number, far behind the others."""
    if len(line.words) < 2 or not _PAGE.fullmatch(line.words[-1].text):
        return False
    return line.words[-1].box.left - line.words[-2].box.right > _FAR * line.size


def _goes_on(before: Word, word: Word) -> bool:
    """True when `word`, next in the stream, stands on the line of `before`."""
    gap = max(word.box.left - before.box.right, before.box.left - word.box.right)
    size = max(before.size, word.size)
    if word.confidence is not None and " " in before.text and " " in word.text:
        return False  # a recognised line is whole: two long ones side by side stand in two columns
    if gap > _NEAR_SIGN * size and is_currency(word.text):
        return False  # it is of the next column
    if not word.text[0].isalpha() and is_currency(before.text) and word.box.left > before.box.left:
        return _same_row(before, word) and gap <= _FAR_SIGN * size
    exact = word.confidence is None or (before.mono and word.mono)  # a space of code is as wide as its letters
    return -0.8 * size <= gap <= (_WORD if exact else _WORD_READ) * size and _same_row(before, word)


def _on_grid(before: Word, word: Word) -> bool:
    """True for code behind white that is whole letters wide, on a page with a console: an indent, or columns of an answer."""
    if not (before.mono and word.mono) or before.size != word.size or word.confidence is not None:
        return False
    gap, longer = word.box.left - before.box.right, max(before, word, key=lambda one: len(one.text))
    steps = gap * len(longer.text) / longer.box.width
    return 0 < gap <= _BLANK * word.size and abs(steps - round(steps)) <= _ON_GRID and _same_row(before, word)


def _stands_over(chain: Sequence[Word], word: Word) -> bool:
    """True for an index below the exponent that ends the chain, or above it: they share no height, but the word they stand at."""
    mark = chain[-1]
    for stem in reversed(chain[-_MOST_MARKS:-1]):
        if mark.size < _MARK * stem.size:
            raised, lowered = sorted((mark.baseline - stem.baseline, word.baseline - stem.baseline))
            alike = _LEAST_MARK * stem.size <= min(mark.size, word.size) and word.size < _MARK * stem.size
            return alike and raised < 0 < lowered and _goes_on(stem, word)
    return False


def _same_row(one: Word, other: Word) -> bool:
    size = max(one.size, other.size)
    if abs(one.baseline - other.baseline) <= 0.2 * size:
        return True
    shared = min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top)
    # Raised and lowered marks are smaller and still overlap the line they belong to.
    smaller = one if one.size < other.size else other
    small = _SHORT_MARK if len(smaller.text) <= _FIGURES and smaller.text.isdecimal() else _MARK
    return smaller.size < small * size and shared >= 0.5 * min(one.box.height, other.box.height)


def _mended(chains: list[list[Word]]) -> list[tuple[list[Word], Box]]:
    """Chains of one line that the stream had torn apart, put together when only a word's gap lies between them; their boxes."""
    boxes = [union(word.box for word in chain) for chain in chains]
    order = sorted(range(len(chains)), key=lambda i: (boxes[i].left, boxes[i].top, i))
    rows: dict[int, list[tuple[float, int]]] = {}  # coarse row → right edge and rank of its finished chains, sorted
    homes: dict[int, int] = {}  # finished chain → its row
    for rank, i in enumerate(order):
        first = chains[i][0] if chains[i][0].box.left == boxes[i].left else min(chains[i], key=lambda word: word.box.left)
        key = int(first.baseline // 8)
        target = next(
            (
                place
                for row in (key, key - 1, key + 1)
                for place in _ending_near(rows.get(row, []), first)
                if _adjoins(chains[order[place[1]]], boxes[order[place[1]]], chains[i], first)
            ),
            None,
        )
        if target is None:
            homes[i] = key
            insort(rows.setdefault(key, []), (boxes[i].right, rank))
            continue
        j, row = order[target[1]], rows[homes[order[target[1]]]]
        chains[j] = chains[j] + chains[i]
        boxes[j] = union((boxes[j], boxes[i]))
        del row[bisect_left(row, target)]
        insort(row, (boxes[j].right, target[1]))
    kept = sorted(homes, key=lambda i: min([word.order for word in chains[i]]))
    return [(chains[i], boxes[i]) for i in kept]


def _ending_near(row: Sequence[tuple[float, int]], word: Word) -> list[tuple[float, int]]:
    """The chains of the row, as edge and rank, that could go on with that word; the last begun first."""
    first = bisect_left(row, word.box.left - word.size, key=itemgetter(0))
    last = bisect_right(row, word.box.left + word.size, key=itemgetter(0))
    return sorted(row[first:last], key=itemgetter(1), reverse=True)


def _adjoins(chain: list[Word], box: Box, other: list[Word], word: Word) -> bool:
    """True when `other`, starting at `word`, goes on where `chain` ends."""
    if not -0.3 * word.size <= word.box.left - box.right <= (_NEAR_SIGN if is_currency(word.text) else 0.5) * word.size:
        return False
    far = not -60 < min(w.order for w in other) - max(w.order for w in chain) < 60 or word.confidence is not None
    if far and min(sum(len(w.text) for w in chain), sum(len(w.text) for w in other)) > 12 and word.box.left - box.right > 0:
        return False  # two long runs that the stream holds apart are lines of neighbouring columns
    last = max(chain, key=lambda item: item.box.right)
    return _same_row(last, word) and min(last.size, word.size) > 0.5 * max(last.size, word.size)
