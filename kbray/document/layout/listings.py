"""Code: lines in a font of one width, kept with their indents."""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from kbray.document.layout.lines import Line
from kbray.document.layout.markers import STEP
from kbray.document.layout.mono import BROKEN, CONTINUED, is_source
from kbray.document.layout.words import Word, confidence_of, is_code, joined, step_of
from kbray.geometry import Box, union

_ADDRESS = re.compile(r"[^\s@]+@[\w-]+(?:\.[\w-]+)+[,;]?|https?://\S+")
_COMMENT = re.compile(r"%|//|/\*|\(\*|(?:#+|--|;+|!|\{-)$")  # with which a word begins that opens one
_OPTION = re.compile(r"^[$#%>] ?\S|\s-\w|(?:^|\s)[~.]?/\w+/")  # a prompt, what a command is told, a path
_APART = 1.4  # font sizes from line to line: a command has so much white about it
_LARGER = 1.05  # times the print beside it
_FEWEST_STEPS, _MOSTLY = 3, 0.6  # numbered lines of an algorithm, and their share
_WHOLE = 0.2  # of a step from line to line: so near to several comes what has blank lines in it
_NO_SPACE = 0.4  # of a step: less white is between letters that stand in columns
_BLANK, _HIGHEST = 2.5, 3.5  # font sizes: the step over a blank line, and that of listings with much white between lines
_SPACE_SHOWN = "␣"
_LETTER = 0.5  # of the font size: its width, in print that is not of one width


@dataclass(frozen=True, slots=True)
class Listing:
    """Its lines are divided by newlines and start with their indents."""

    text: str
    box: Box
    size: float
    lines: int
    sure: float | None  # its confidence, where it was recognised


def listings_of(rows: Sequence[Sequence[Line]]) -> dict[int, Listing | None]:
    """Code among the rows of a region, by its first row; None for the other rows that are in it."""
    found: dict[int, Listing | None] = {}
    start = 0
    while start < len(rows):
        if _ends_text(rows, start):
            start += 1
            continue
        ends = [_end(rows, start, goes_on, blank=blank) for blank in (True, False) for goes_on in (_goes_on, _is_plain)]
        end = next((end for end in ends if _is_code(rows[start:end])), ends[-1])
        steps = _end_of_steps(rows, start)
        if steps > start:
            end = steps
            found |= dict.fromkeys(range(start, end)) | {start: _algorithm(rows[start:end])}
        elif _is_code(rows[start:end]) or (end > start and (rows[start][0].asked or _is_command(rows, start, end))):
            words = [[word for line in row for word in line.words] for row in rows[start:end]]
            found |= dict.fromkeys(range(start, end)) | {start: _listing(words)}
        start = max(end, start + 1)
    return found


def _end(rows: Sequence[Sequence[Line]], start: int, goes_on: Callable[[Sequence[Line]], bool], *, blank: bool) -> int:
    """The row behind those that go on without a gap; `start` where it is no code itself. blank: lines may be, however high."""
    end = start
    while end < len(rows) and (_is_close(rows, end, blank=blank) and goes_on(rows[end]) if end > start else _is_plain(rows[end])):
        end += 1
    return end


def _end_of_steps(rows: Sequence[Sequence[Line]], start: int) -> int:
    """The row behind an algorithm whose lines are numbered, "1:", "2:" …; `start` where none begins there.

    A line that has no number goes on with the one above, and stands in.
    """
    number, end = 0, start
    while end < len(rows) and (end == start or _is_close(rows, end)):
        line = min(rows[end], key=lambda line: line.box.left)
        step = line.words and STEP.fullmatch(line.words[0].text)
        if step and int(step["number"]) == number + 1:
            number += 1
        elif step or not number or line.box.left <= rows[start][0].words[0].box.right:
            break
        end += 1
    return end if number >= _FEWEST_STEPS and number >= _MOSTLY * (end - start) else start


def _is_code(rows: Sequence[Sequence[Line]]) -> bool:
    """Of several lines that are no addresses, as authors' are."""
    plain = [
        [word for line in row for word in line.words if word.text not in (CONTINUED, BROKEN)] for row in rows if _is_plain(row)
    ]
    addresses = sum(all(_ADDRESS.fullmatch(word.text) for word in row) for row in plain)
    return len(rows) > 1 and addresses < len(plain) and is_code([word for row in plain for word in row])


def _ends_text(rows: Sequence[Sequence[Line]], at: int) -> bool:
    """The last words of a paragraph, nearer to that than to what is asked below, may be code, too."""
    if not 0 < at < len(rows) - 1 or not rows[at + 1][0].asked or rows[at][0].asked or _is_plain(rows[at - 1]):
        return False
    above, line, below = (rows[place][0].baseline for place in (at - 1, at, at + 1))
    return line - above < below - line


def _is_command(rows: Sequence[Sequence[Line]], at: int, end: int) -> bool:
    """One line with white above and below it, which tells what to type or is an example of it."""
    (line, *more), near = rows[at], [row[0] for row in rows[max(at - 1, 0) : at + 2]]
    steps = [(below.baseline - above.baseline) / max(above.size, below.size) for above, below in itertools.pairwise(near)]
    if end > at + 1 or more or line.bold or not steps or min(steps) < _APART or not is_code(line.words):
        return False
    if all(line.size > _LARGER * other.size for other in near if other is not line):
        return False  # a title
    defined = at + 1 < len(rows) and rows[at + 1][0].box.left >= line.box.left + line.size
    if defined or all(_ADDRESS.fullmatch(word.text) for word in line.words):
        return False
    return is_source(line.text) or _OPTION.search(line.text) is not None


def _is_plain(row: Sequence[Line]) -> bool:
    return all(line.mono for line in row)


def _goes_on(row: Sequence[Line]) -> bool:
    """All of one width, but for a comment, which is often set in another face."""
    words = sorted((word for line in row for word in line.words), key=lambda word: word.box.left)
    code = list(itertools.takewhile(lambda word: not _COMMENT.match(word.text), words))
    return _is_plain(row) or (len(code) < len(words) and all(word.mono for word in code))


def _is_close(rows: Sequence[Sequence[Line]], at: int, *, blank: bool = False) -> bool:
    """The row before this one is near enough: a number may stand alone. blank: or a line of the height of others is between."""
    above, below = rows[at - 1], rows[at]
    step, size = below[0].baseline - above[0].baseline, max(line.size for line in (*above, *below))
    if not blank or step <= _BLANK * size or step > _HIGHEST * size or not (_is_plain(above) and _is_plain(below)):
        return step <= _BLANK * size
    near = [rows[place][0].baseline - rows[place - 1][0].baseline for place in (at - 1, at + 1) if 0 < place < len(rows)]
    return any(0 < 2 * other <= step * (1 + _WHOLE) and step <= 2 * other * (1 + _WHOLE) for other in near)


def _algorithm(rows: Sequence[Sequence[Line]]) -> Listing:
    """Its numbers stand before the indents."""
    words = [[word for line in row for word in line.words] for row in rows]
    numbers = [bool(STEP.fullmatch(row[0].text)) for row in words]
    lefts = [row[number].box.left if len(row) > 1 else inf for row, number in zip(words, numbers, strict=True)]
    size = median(word.size for row in words for word in row)
    texts: list[str] = []
    for row, number, left in zip(words, numbers, lefts, strict=True):
        indent = " " * max(round((left - min(lefts)) / (_LETTER * size)), 0) if left < inf else ""
        texts.append(f"{row[0].text} {indent}{joined(row[1:])}" if number else f"{indent}{joined(row)}")
    printed = [word for row in words for word in row]
    return Listing("\n".join(texts), union(word.box for word in printed), size, len(rows), confidence_of(printed))


def _listing(rows: Sequence[Sequence[Word]]) -> Listing:
    words = [word for row in rows for word in row]
    box = union(word.box for word in words)
    pitch = step_of([word for word in words if word.mono]) or 1.0
    texts: list[str] = []
    for row, blank in zip(rows, _blanks([row[0].baseline for row in rows]), strict=True):
        if texts and row[0].text == CONTINUED and len(row) > 1:
            texts[-1] = _goes_on_with(texts[-1], joined(row[1:]))
            continue
        if texts and texts[-1].endswith(BROKEN):
            texts[-1] = _goes_on_with(texts[-1].removesuffix(BROKEN).rstrip(), joined(row))
            continue
        texts += [""] * blank
        text, end = "", box.left
        for word in sorted(row, key=lambda word: word.box.left):
            steps = (word.box.left - end) / pitch
            text += " " * max(round(steps), bool(text and word.spaced and steps > _NO_SPACE)) + word.text
            end = word.box.right
        texts.append(text)
    return Listing("\n".join(texts), box, median(word.size for word in words), len(rows), confidence_of(words))


def _goes_on_with(line: str, rest: str) -> str:
    """A line with its rest: Sphinx breaks it before or behind a sign, or where it had a space, which it may show."""
    if line.endswith(_SPACE_SHOWN):
        return f"{line.removesuffix(_SPACE_SHOWN)} {rest}"
    return f"{line} {rest}" if line[-1:].isalnum() and rest[0].isalnum() else line + rest


def _blanks(baselines: Sequence[float]) -> list[int]:
    """How many blank lines stand above each line."""
    steps = [below - above for above, below in itertools.pairwise(baselines)]
    usual = sorted(steps)[len(steps) // 3] if len(steps) > 1 else 0.0  # blank lines may be many
    each = [step / usual if usual > 0 else 1.0 for step in steps]
    return [0, *(round(step) - 1 if step > 1 and abs(step - round(step)) <= _WHOLE else 0 for step in each)]
