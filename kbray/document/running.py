"""Running headers, footers and page numbers: what comes again at the same place on page after page."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import chain, compress, groupby
from math import inf
from typing import Literal

from kbray.document.layout.counting import comes_again
from kbray.document.layout.divisions import name_of, unnumbered
from kbray.model import Element

_KINDS = frozenset(("paragraph", "heading", "list_item", "caption", "footnote", "header", "footer"))
_OUTERMOST = 3  # elements from the edge of a page that may be running ones
_BAND = 0.15  # of the printed height of the document
_TOLERANCE = 8.0  # points that the same line may stand higher or lower on another page
_LEVEL = 2.0  # … that what stands in one line of print may
_LONGEST = 200  # characters
_MISREAD, _ALIKE = 0.2, 0.8  # of its letters: so many more or less has a title that was misread, and so many are the same
_WIDE_PAGES = 3  # that have a line over their whole width at the same place
_EDGE = 2.0  # points that its ends may differ by
_GAP, _LETTER = 2.0, 0.5  # of the height of a line: white that parts its ends, beyond what letters take
_LETTERS = 8  # that a title has at least which may have been misread: figures are other ones
_NAMED_PAGES, _NAMED = 3, 0.75  # that have a title of another page at one place, and the share of those with a title there
_PAGES_FOR_NUMBER = 2  # that count with the pages; how often a text has to come again hangs on the document's length
# Of folded text: `re.IGNORECASE` takes letters for Latin ones that are none, as the dotless i.
_PAGE_NUMBER = re.compile(
    r"(?:page|seite|p\.)?[\s\[(|–—-]*(?P<number>[0-9]{1,5}|[ivxlc]{1,9})[\s\])|–—-]*(?:(?:/|of|von|sur|de)\s*[0-9]{1,5})?"
)
_SECTIONED = re.compile(  # F-22, A-3, 3-14: a number within a chapter or an annex
    r"(?:page|seite|p\.)?[\s\[(|–—-]*(?P<section>[a-z]{1,2}|[0-9]{1,2}|[ivx]{1,5})\s?[-–.]\s?(?P<number>[0-9]{1,4})[\s\])|–—-]*"
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}

Side = Literal["header", "footer"]


@dataclass(frozen=True, slots=True)
class _Candidate:
    index: int
    page: int
    at: float  # points from the top to the middle of the element
    left: float
    side: Side


def mark_running(elements: Sequence[Element]) -> list[Element]:
    """`elements` with the running ones as header or footer; none is dropped, moved or changed otherwise.

    A heading that comes again keeps its first place, with what comes again below it on the same pages: titles of slides and of
    chapters are also printed above later pages.
    """
    texts: dict[tuple[Side, str], list[tuple[_Candidate, str]]] = {}
    numbers: dict[tuple[Side, str, int], list[_Candidate]] = {}  # page numbers by how far they are off the page of the file
    candidates = list(_candidates(elements))
    for candidate in candidates:
        text = _folded(elements[candidate.index].text)
        numbered = _numbered(text)
        if numbered is None:
            texts.setdefault((candidate.side, _alike_but_numbers(text)), []).append((candidate, text))
        else:
            section, number = numbered
            numbers.setdefault((candidate.side, section, candidate.page - number), []).append(candidate)
    for row in _rows(candidates):  # on one page it may be an element, on another one two
        text = " ".join(_folded(elements[candidate.index].text) for candidate in row)
        texts.setdefault((row[0].side, _alike_but_numbers(text)), []).extend((candidate, text) for candidate in row)
    pages = len({element.page for element in elements})
    needed = max(2, min(4, pages // 3))
    known = {candidate.index for candidate in candidates}
    within = Counter(_alike_but_numbers(_folded(one.text)) for at, one in enumerate(elements) if at not in known)
    # A title may stand wherever its section begins: Synopsis, Example.
    running = [group for (_, text), group in texts.items() if within[text] < len(group)]
    lines = [line for group in running for line in _lines(_again(group), needed)]
    counted = [line for group in numbers.values() for line in _lines(group, _PAGES_FOR_NUMBER)]
    marked = list(elements)
    for candidate in chain.from_iterable([*counted, *_of_sections(numbers, counted)]):
        marked[candidate.index] = _running(marked[candidate.index], candidate.side)
    for candidate in _misread(elements, candidates, lines):
        marked[candidate.index] = _running(marked[candidate.index], candidate.side)
    for candidate in chain(_wide(elements, candidates), _named(elements, candidates)):
        marked[candidate.index] = _running(marked[candidate.index], candidate.side)
    titles = {_pages_of(line): line[0].at for line in lines if elements[_first(line).index].kind == "heading"}
    for line in lines:
        first = _first(line)
        kept = elements[first.index].kind == "heading" or first.at > titles.get(_pages_of(line), inf)
        for candidate in line:
            if not (kept and candidate is first):
                marked[candidate.index] = _running(marked[candidate.index], candidate.side)
    return marked


def _again(group: Sequence[tuple[_Candidate, str]]) -> list[_Candidate]:
    """Those whose text, the same but for numbers, comes again."""
    return list(compress([candidate for candidate, _ in group], comes_again([(one.page, text) for one, text in group])))


def _first(line: Sequence[_Candidate]) -> _Candidate:
    return min(line, key=lambda candidate: (candidate.page, candidate.index))


def _pages_of(line: Sequence[_Candidate]) -> tuple[Side, frozenset[int]]:
    return line[0].side, frozenset(candidate.page for candidate in line)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _alike_but_numbers(text: str) -> str:
    return re.sub(r"[0-9]+", "#", text)


def _rows(candidates: Sequence[_Candidate]) -> Iterator[list[_Candidate]]:
    """Those that stand side by side at the edge of a page, two at least, from left to right."""
    for _, group in groupby(candidates, key=lambda candidate: (candidate.page, candidate.side)):
        row: list[_Candidate] = []
        for candidate in [*sorted(group, key=lambda candidate: (candidate.at, candidate.index)), None]:
            if candidate is None or (row and candidate.at - row[-1].at > _LEVEL):
                if len(row) > 1:
                    yield sorted(row, key=lambda candidate: candidate.left)
                row = []
            if candidate is not None:
                row.append(candidate)


def _numbered(text: str) -> tuple[str, int] | None:
    """Section and number of a page number in it; "" where pages are counted through."""
    number = page_number(text)
    if number is not None:
        return "", number
    found = _SECTIONED.fullmatch(text)
    return (found["section"], int(found["number"])) if found else None


def _of_sections(
    numbers: Mapping[tuple[Side, str, int], list[_Candidate]], counted: Sequence[Sequence[_Candidate]]
) -> Iterator[list[_Candidate]]:
    """The numbers of sections of one page, at the height of those that count: A-1, B-1, B-2."""
    known = {candidate.index for line in counted for candidate in line}
    sectioned = {candidate.index for (_, section, _), group in numbers.items() if section for candidate in group}
    heights = [(line[0].side, line[0].at) for line in counted if line[0].index in sectioned]
    for (side, section, _), group in numbers.items():
        for candidate in group:
            near = any(side == other and abs(candidate.at - at) <= _TOLERANCE for other, at in heights)
            if section and near and candidate.index not in known:
                yield [candidate]


def page_number(text: str) -> int | None:
    """The number when `text` is nothing but a page number, arabic or roman, with its trimmings; else None."""
    found = _PAGE_NUMBER.fullmatch(text.strip().casefold())
    if not found:
        return None
    number = found["number"]
    if number.isdecimal():
        return int(number)
    values = [_ROMAN[letter] for letter in number]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


def _candidates(elements: Sequence[Element]) -> Iterator[_Candidate]:
    pages: dict[int, list[int]] = {}
    for index, element in enumerate(elements):
        if element.page is not None and element.box is not None:
            pages.setdefault(element.page, []).append(index)
    boxes = [element.box for element in elements if element.box is not None]
    top, bottom = min((box.top for box in boxes), default=0.0), max((box.bottom for box in boxes), default=0.0)
    band = _BAND * (bottom - top)
    for page, indices in pages.items():
        for side in ("header", "footer"):
            for index in _outermost(elements, indices, side):
                element = elements[index]
                box = element.box
                if box is None or element.kind not in _KINDS or not 0 < len(element.text) <= _LONGEST:
                    continue
                if element.kind == "footnote" and element.marker:
                    continue  # a mark on its page refers to it
                at = (box.top + box.bottom) / 2
                if at <= top + band if side == "header" else at >= bottom - band:
                    yield _Candidate(index, page, at, box.left, side)


def _outermost(elements: Sequence[Element], indices: Sequence[int], side: Side) -> list[int]:
    def distance(index: int) -> float:
        box = elements[index].box
        assert box is not None  # only elements with a box come here
        return box.top if side == "header" else -box.bottom

    return sorted(indices, key=distance)[:_OUTERMOST]


def _lines(group: list[_Candidate], pages: int) -> Iterator[list[_Candidate]]:
    """Candidates that stand at the same height on at least so many pages."""
    line: list[_Candidate] = []
    for candidate in [*sorted(group, key=lambda candidate: (candidate.at, candidate.index)), None]:
        if candidate is None or (line and candidate.at - line[-1].at > _TOLERANCE):
            if len({member.page for member in line}) >= pages:
                yield line
            line = []
        if candidate is not None:
            line.append(candidate)


def _wide(elements: Sequence[Element], candidates: Sequence[_Candidate]) -> Iterator[_Candidate]:
    """Lines of two ends with white between them, the same on page after page at one of them: `1.2. Tools      Manual of X`.

    The other end tells the section, which may have one page. What is the same is the page number, or a name; a table of
    contents has lines of the same form, whose numbers count no pages.
    """
    places: dict[tuple[Side, int], list[_Candidate]] = {}
    outermost: dict[tuple[int, Side], float] = {}
    for candidate in candidates:
        end = outermost.setdefault((candidate.page, candidate.side), candidate.at)  # they come from the edge on
        box, text = elements[candidate.index].box, elements[candidate.index].text
        if abs(candidate.at - end) > _LEVEL or box is None or " " not in text:
            continue
        if box.width - _LETTER * box.height * len(text) > _GAP * box.height:
            places.setdefault((candidate.side, round(box.width / _EDGE)), []).append(candidate)
    for group in places.values():
        for line in _lines(group, _WIDE_PAGES):
            ends: dict[tuple[int, str | int], list[_Candidate]] = {}
            for candidate in line:
                words = _folded(elements[candidate.index].text).split()
                for place in (0, -1):
                    number = page_number(words[place])
                    told = words[place] if number is None else candidate.page - number
                    ends.setdefault((place, told), []).append(candidate)
            for (_, told), same in ends.items():
                if len({candidate.page for candidate in same}) >= _WIDE_PAGES and (isinstance(told, int) or told.isalpha()):
                    yield from same


def _named(elements: Sequence[Element], candidates: Sequence[_Candidate]) -> Iterator[_Candidate]:
    """Lines at the edge of several pages, at one place and in one print, that say what titles elsewhere do.

    Chapters may be so short that each title comes but once.
    """
    outermost: dict[tuple[int, Side], _Candidate] = {}
    for candidate in candidates:  # they come from the edge on
        outermost.setdefault((candidate.page, candidate.side), candidate)
    titles: dict[str, set[int]] = {}
    for index, element in enumerate(elements):
        if element.kind == "heading":
            titles.setdefault(_name(element.text), set()).add(index)
    groups: dict[tuple[Side, int], list[_Candidate]] = {}
    for (_, side), candidate in outermost.items():
        box = elements[candidate.index].box
        if box is not None and titles.get(_name(elements[candidate.index].text)):
            groups.setdefault((side, round(box.height)), []).append(candidate)
    for group in groups.values():
        for line in _lines(group, _NAMED_PAGES):
            own = {candidate.index for candidate in line}
            told = [candidate for candidate in line if titles[_name(elements[candidate.index].text)] - own]
            if len(told) >= max(_NAMED_PAGES, _NAMED * len(line)):
                yield from told


def _name(text: str) -> str:
    """A title without its number, as compared."""
    return _folded(unnumbered(name_of(text)))


def _misread(
    elements: Sequence[Element], candidates: Sequence[_Candidate], lines: Sequence[Sequence[_Candidate]]
) -> Iterator[_Candidate]:
    """Recognised ones, as high as a running title on other pages, that say the same but for some letters."""
    told = {member.index for line in lines for member in line}
    same = {(line[0].side, _folded(elements[line[0].index].text)): line for line in lines}
    for candidate in candidates:
        element = elements[candidate.index]
        text = _folded(element.text)
        if candidate.index in told or element.origin != "ocr" or sum(map(str.isalpha, text)) < _LETTERS:
            continue
        for (side, other), line in same.items():
            near = line[0].at - _TOLERANCE <= candidate.at <= line[-1].at + _TOLERANCE
            if side == candidate.side and near and abs(len(text) - len(other)) <= _MISREAD * len(other) and _alike(text, other):
                yield candidate
                break


def _alike(text: str, other: str) -> bool:
    compared = SequenceMatcher(None, text, other, autojunk=False)
    return compared.real_quick_ratio() >= _ALIKE <= compared.quick_ratio() and compared.ratio() >= _ALIKE


def _running(element: Element, side: Side) -> Element:
    if element.kind in ("header", "footer"):  # the parser saw more than we do
        return element
    return replace(element, kind=side, level=0, marker=None, continues=False)
