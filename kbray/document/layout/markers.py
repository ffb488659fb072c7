"""List markers: told from text, and put before the text that they stand apart from."""

import re
from collections.abc import Sequence
from dataclasses import replace

from kbray.document.layout.lines import Line
from kbray.document.layout.spacing import is_value
from kbray.geometry import union

BULLETS = "•◦‣▪▫●○■□◆◇➢➤►▶✓✔❖♦▸❑❒∙⁃–—·*-\uf0b7\uf0a7\uf0d8\uf076"
_SURE = "•◦‣▪➢➤►▶♦▸❑❒\uf0b7\uf0a7\uf0d8\uf076"  # also without a space; others stand for letters of fonts that tell none
_COUNT = r"(?:\d{1,3}|[a-zA-Z]|[ivxlc]{1,5})"
_COUNTED = rf"(?:\({_COUNT}\)|{_COUNT}[.)])"
_RTL = "[\u0590-\u08ff]"  # where numbers are often set close to the text
_MONTHS = (  # of languages that write a point behind the day: German, Danish, Norwegian, Czech, Finnish
    "Januar Jänner Februar März Marts Mars April Mai Maj Juni Juli August September Oktober November Dezember December Desember "
    "ledna února března dubna května června července srpna září října listopadu prosince "
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta "
    "joulukuuta"
)
_DATE = rf"\d{{1,2}}\.\s+(?i:{'|'.join(_MONTHS.split())})(?:\s+\d{{4}}\b|$)"
_PHONE = r"\(\d{3}\)\s\d{3}[-.\s]\d{4}\b"  # as in North America
_MARKER = re.compile(
    rf"(?!{_DATE}|{_PHONE})(?:(?P<bullet>[{re.escape(BULLETS)}])\s|(?P<sure>[{_SURE}])(?=\w)|(?P<number>{_COUNTED})(?:\s|(?={_RTL})))"
    r"\s*(?=\S)"
)
_ONLY_DATE = re.compile(_DATE)
_SQUARES = frozenset("□■∎◻◼")
_EDGE, _FEW = 0.3, 3  # of the font size: lines that end no farther apart have one margin, which more than so many tell
STEP = re.compile(r"(?P<number>\d{1,3}):")
"""The number of a line of an algorithm, as LaTeX sets it."""
_MOST_NOTES = 12  # on a page
_TICKED = "☐☑☒✗✘"  # boxes of forms: they say something, so they begin text and no item
_ALONE = re.compile(rf"[{re.escape(BULLETS)}{_TICKED}]|{_COUNTED}|\d{{1,3}}")
_SECTION = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,4}\.?")  # its number
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LONGEST_PERIOD = 24  # characters


def marker_of(text: str) -> str | None:
    """The list marker a text starts with, without its space: "•", "1.", "a)"."""
    found = _MARKER.match(text)
    return found["bullet"] or found["sure"] or found["number"] if found else None


def is_date(text: str) -> bool:
    """It is the day, the month and perhaps the year, and nothing else."""
    return _ONLY_DATE.fullmatch(text) is not None


def tells_years(text: str) -> bool:
    """When something was, and nothing else, as at the end of a title in a curriculum vitae: `2011 – 2017`, `since May 2019`."""
    return len(text) <= _LONGEST_PERIOD and _YEAR.search(text) is not None


def with_markers(lines: Sequence[Line]) -> list[Line]:
    """Lines with the markers of items and numbers of sections that stand apart put before their text.

    In a table, with more beside, they stay.
    """
    at: dict[int, list[Line]] = {}
    for line in lines:
        if line.table is None:
            at.setdefault(round(line.baseline / 4), []).append(line)
    marked: dict[int, Line] = {}
    taken: set[int] = set()
    alone = [line for line in lines if line.table is None and (_ALONE.fullmatch(line.text) or _SECTION.fullmatch(line.text))]
    if sum(line.text.isdecimal() for line in alone) > _MOST_NOTES:  # the lines of the page are numbered, or it is a chart
        alone = [line for line in alone if not line.text.isdecimal()]
    for marker in alone:
        if ends_proof(marker) and sum(abs(line.box.right - marker.box.right) < _EDGE * marker.size for line in lines) > _FEW:
            continue  # at the edge of its column, beside which the next one begins
        key = round(marker.baseline / 4)
        around = [other for row in (key - 1, key, key + 1) for other in at.get(row, [])]
        if marker.text in _TICKED and any(_beside(other, marker) for other in around):
            continue  # it may be of what stands before it
        beside = [other for other in around if _beside(marker, other)]
        beside.sort(key=lambda line: line.box.left)
        if not beside or _ALONE.fullmatch(beside[0].text) or beside[0].box.left - marker.box.right > 5 * marker.size:
            continue
        text, *more = beside
        if _SECTION.fullmatch(marker.text) and not text.text[:1].isalpha():
            continue
        if id(text) in marked or (
            marker.order != text.order and marker.text.isdecimal() and is_value(text.text)
        ):  # two cells of numbers
            continue
        if more and more[0].box.left - text.box.right < 8 * text.size and not _ALONE.fullmatch(more[0].text):
            continue
        marked[id(text)] = replace(
            text, words=(*marker.words, *text.words), text=f"{marker.text} {text.text}", box=union((marker.box, text.box))
        )
        taken.add(id(marker))
    return [marked.get(id(line), line) for line in lines if id(line) not in taken]


def ends_proof(line: Line) -> bool:
    """A square, as stands at the right margin where a proof ends; or it is a bullet."""
    return line.text in _SQUARES


def _beside(marker: Line, other: Line) -> bool:
    return other.box.left >= marker.box.right and abs(other.baseline - marker.baseline) <= 0.4 * max(marker.size, other.size)
