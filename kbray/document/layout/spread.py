"""Code in a face of text whose letters are spread over columns, as LaTeX's `listings` does: `p r i n t f` is one word."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from statistics import median

from kbray.document.layout.mono import is_source
from kbray.document.layout.words import Word
from kbray.geometry import Box, union

_LEAST, _LONG = 4, 7  # small letters by themselves in a row, evenly apart, that tell a line; so many of one tell a listing
_WHITE = (0.06, 0.45)  # of the font size: between them
_EVENLY = 0.05  # … and so far may that differ in one word
_SPACE = 0.52  # … and from there on it is a space, a column wide: letters are narrower than columns
_GAP = 12.0  # font sizes: what stands farther away is of another column of the page
_NEXT, _BETWEEN = 1.6, 6.0  # font sizes from line to line, and from one that is told to the next
_SOURCE = 0.3  # of the lines have signs of programs
_WIDTH = 0.6  # of the font size: a column, where nothing tells it
_MOST = 20_000  # words of a page


def with_spread(words: Sequence[Word]) -> Sequence[Word]:
    """The words of a page, those whose letters are spread put together, `mono`, each letter as wide as the others."""
    alone = sum(len(word.text) == 1 and word.text.islower() for word in words)
    if alone < _LONG or len(words) > _MOST or words[0].confidence is not None:
        return words
    merged: dict[int, list[Word]] = {}  # by `id` of the first word of a line
    taken: set[int] = set()
    for listing in _listings(sorted(_lines(words), key=lambda line: line[0].baseline)):
        tokens = [_tokens(line) for line in listing]
        if sum(is_source(" ".join(map(_text, line))) for line in tokens) < _SOURCE * len(tokens):
            continue
        width = _width(tokens)
        for line, found in zip(listing, tokens, strict=True):
            taken.update(map(id, line))
            merged[id(line[0])] = list(_placed(found, width))
    kept: list[Word] = []
    for word in words:
        kept += merged.get(id(word), () if id(word) in taken else (word,))
    return kept


def _lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    """What stands on one line, in one size."""
    ordered = sorted(words, key=lambda word: (round(word.baseline, 1), word.size, word.box.left))
    for _, group in groupby(ordered, key=lambda word: (round(word.baseline, 1), word.size)):
        line: list[Word] = []
        for word in group:
            if line and word.box.left - line[-1].box.right > _GAP * word.size:
                yield line
                line = []
            line.append(word)
        yield line


def _listings(lines: Sequence[list[Word]]) -> Iterator[list[list[Word]]]:
    """Lines from the first that is told to the last, with those in their print between them."""
    told = [(place, letters) for place, line in enumerate(lines) if (letters := _letters(line))]
    taken: set[int] = set()
    for at, begin in enumerate(told):
        if begin[0] in taken:
            continue
        first = lines[begin[0]]
        run = [begin]
        for item in told[at + 1 :]:
            if lines[item[0]][0].baseline - lines[run[-1][0]][0].baseline > _BETWEEN * first[0].size:
                break
            if _alike(lines[item[0]], first) and item[0] not in taken:
                run.append(item)
        taken.update(place for place, _ in run)
        if len(run) > 1 or run[0][1] >= _LONG:
            above = _going_on(reversed(lines[: run[0][0]]), first)
            below = _going_on(iter(lines[run[-1][0] + 1 :]), lines[run[-1][0]])
            yield [*above, *(line for line in lines[run[0][0] : run[-1][0] + 1] if _alike(line, first)), *below]


def _going_on(lines: Iterator[list[Word]], last: Sequence[Word]) -> Iterator[list[Word]]:
    """Lines close to the last one, as far as they have signs of programs."""
    for line in lines:
        if abs(line[0].baseline - last[0].baseline) > _NEXT * last[0].size:
            return
        if _alike(line, last):
            if not is_source(" ".join(word.text for word in line)):
                return
            yield line
            last = line


def _alike(line: Sequence[Word], other: Sequence[Word]) -> bool:
    """In one print, and in one column of the page."""
    return line[0].size == other[0].size and abs(line[0].box.left - other[0].box.left) <= _GAP * line[0].size


def _letters(line: Sequence[Word]) -> int:
    """Small letters in rows, each by itself and evenly apart, that are long enough to tell."""
    total, run, last = 0, 1, 0.0
    for before, word in [*pairwise(line), (line[-1], None)]:
        white = (word.box.left - before.box.right) / word.size if word is not None else -1.0
        small = word is not None and all(len(one.text) == 1 and one.text.islower() for one in (before, word))
        if small and _WHITE[0] <= white <= _WHITE[1] and (run == 1 or abs(white - last) <= _EVENLY):
            run += 1
        else:
            total += run if run >= _LEAST else 0
            run = 2 if small and _WHITE[0] <= white <= _WHITE[1] else 1
        last = white
    return total


def _tokens(line: Sequence[Word]) -> list[list[Word]]:
    """Its words by what is written as one."""
    found: list[list[Word]] = []
    for word in line:
        if found and word.box.left - found[-1][-1].box.right <= _SPACE * word.size:
            found[-1].append(word)
        else:
            found.append([word])
    return found


def _text(token: Sequence[Word]) -> str:
    return "".join(word.text for word in token)


def _width(lines: Sequence[Sequence[Sequence[Word]]]) -> float:
    """Of a column, in points, from the first letters of tokens to the first of those behind them, with one space between."""
    steps = [
        (after[0].box.left - before[0].box.left) / (len(_text(before)) + 1)
        for line in lines
        for before, after in pairwise(line)
        if after[0].box.left - before[-1].box.right <= 2 * _SPACE * after[0].size
    ]
    return median(steps) if steps else _WIDTH * lines[0][0][0].size


def _placed(line: Sequence[Sequence[Word]], width: float) -> Iterator[Word]:
    """A word for each token, as wide as its columns, at least one apart."""
    end = line[0][0].box.left - width
    for token in line:
        text, box = _text(token), union(word.box for word in token)
        left = max(box.left, end + width)
        end = left + len(text) * width
        yield replace(token[0], text=text, box=Box(left, box.top, end, box.bottom), mono=True, spaced=True)
