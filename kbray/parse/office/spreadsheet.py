"""XLSX → sheets with the texts that their cells show: values as last calculated, by the formats of the cells."""

import io
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.document.superscripts import raised
from kbray.model import Element
from kbray.parse.archive import Archive, resolve
from kbray.parse.comments import Comment
from kbray.parse.office import drawings
from kbray.parse.office.number_format import BUILT_IN, general, shown
from kbray.parse.office.ooxml import DGM, C, Package, R, S

_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_COMMENTS = ("comments", "threadedComment")
MOST_RANGES = 100_000


@dataclass(frozen=True, slots=True)
class Range:
    """Merged cells, both ends included, from 0."""

    top: int
    left: int
    bottom: int
    right: int


MOST_MERGED = 2_000_000
"""Cells in merged areas that are looked at: those of a damaged file lie over each other."""


def spans_of(
    merged: Sequence[Range], numbers: Sequence[int], columns: Sequence[int]
) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """Merged areas in a table of these rows and columns, both in order: what the first cell of each spans, by row and column, and
    the cells below the others."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    looked_at = 0
    for area in merged:
        top, bottom = bisect_left(numbers, area.top), bisect_right(numbers, area.bottom)
        left, right = bisect_left(columns, area.left), bisect_right(columns, area.right)
        cells = (bottom - top) * (right - left)
        if cells > 1 and looked_at + cells <= MOST_MERGED:
            looked_at += cells
            spans[top, left] = bottom - top, right - left
            covered.update((row, column) for row in range(top, bottom) for column in range(left, right))
    covered.difference_update(spans)
    return spans, covered


@dataclass(slots=True)
class Sheet:
    """A sheet: `rows` gives the number of each row and its texts by column, both from 0; what else there is, after that."""

    name: str
    rows: Iterator[tuple[int, dict[int, str]]]
    hidden: bool = False
    lost: bool = False  # its data is not in the file
    merged: list[Range] = field(default_factory=list)
    drawn: list[Element] = field(default_factory=list)
    unknown: int = 0  # formulas whose value was never stored
    untold: int = 0  # cells whose text is not in the file
    comments: dict[tuple[int, int], Comment] = field(default_factory=dict)  # by row and column

    def shared(self, texts: Sequence[str], number: int) -> str:
        """The text of the workbook that a cell shows, which has its number instead; it is counted where there is none."""
        if 0 <= number < len(texts):
            return texts[number]
        self.untold += 1
        return ""


def sheets(path: Path, limits: Settings) -> Iterator[Sheet]:
    """Each is to be read before the next is asked for.

    Raises: lxml.etree.XMLSyntaxError, CorruptDocument: a part is damaged.
    """
    with Archive(path, limits) as archive:
        package = Package(archive)
        main = package.main()
        root = package.tree(main)
        if root is None:
            return
        told = root.find(S + "workbookPr")
        since_1904 = told is not None and told.get("date1904") in ("1", "true")
        texts = list(_texts(package, package.related(main, "sharedStrings") or resolve(main, "sharedStrings.xml")))
        show = show_by(_codes(package.tree(package.related(main, "styles"))), since_1904=since_1904)
        people = package.tree(package.related(main, "person"))
        names = {node.get("id"): node.get("displayName") for node in people} if people is not None else {}
        for node in root.iterfind(f"{S}sheets/{S}sheet"):
            part = package.target(main, node.get(R + "id"))
            hidden = node.get("state", "visible") != "visible"
            sheet = Sheet(node.get("name", ""), iter(()), hidden, lost=not package.holds(part))
            if part is not None:
                sheet.rows = _rows(package, part, texts, show, sheet)
                sheet.drawn = list(drawn(package, part))
                sheet.comments = _comments(package, part, names)
            yield sheet


def _parsed(package: Package, part: str | None, *tags: str) -> Iterator[etree._Element]:
    """The elements of these names in a part, one after the other, each forgotten before the next."""
    data = package.bytes(part)
    if data is None:
        return
    events = etree.iterparse(io.BytesIO(data), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    for _, node in events:
        yield node
        node.clear(keep_tail=False)
        while (before := node.getprevious()) is not None and (parent := node.getparent()) is not None:
            parent.remove(before)


def _texts(package: Package, part: str | None) -> Iterator[str]:
    for node in _parsed(package, part, S + "si"):
        yield _rich(node)


def _rich(node: etree._Element) -> str:
    """A text in runs, without the signs that tell how it is read; white space folded."""
    pieces = [_run(child) for child in node.iterchildren(S + "r")] or [node.findtext(S + "t") or ""]
    return folded("".join(pieces))


def _run(node: etree._Element) -> str:
    text, told = node.findtext(S + "t") or "", node.find(f"{S}rPr/{S}vertAlign")
    return raised(text) if told is not None and told.get("val") == "superscript" else text


def folded(text: str) -> str:
    """A text as a cell shows it in a line."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return " ".join(text.split())


def _codes(root: etree._Element | None) -> list[str]:
    """The number format of each style of cells."""
    if root is None:
        return []
    named = {node.get("numFmtId", ""): node.get("formatCode", "") for node in root.iterfind(f"{S}numFmts/{S}numFmt")}
    named = {str(number): code for number, code in BUILT_IN.items()} | named
    return [named.get(node.get("numFmtId", ""), "") for node in root.iterfind(f"{S}cellXfs/{S}xf")]


def show_by(codes: Sequence[str], *, since_1904: bool) -> Callable[[float, int], str]:
    """How a number is shown in a cell of this style."""

    def show(value: float, style: int) -> str:
        code = codes[style] if style < len(codes) else ""
        return shown(value, code, since_1904=since_1904) if code else general(value)

    return show


def _rows(
    package: Package, part: str, texts: list[str], show: Callable[[float, int], str], sheet: Sheet
) -> Iterator[tuple[int, dict[int, str]]]:
    number = -1
    shared = partial(sheet.shared, texts)
    for node in _parsed(package, part, S + "row", S + "mergeCell"):
        if node.tag == S + "mergeCell":
            if (merged := _range(node.get("ref", ""))) and len(sheet.merged) < MOST_RANGES:
                sheet.merged.append(merged)
            continue
        told = node.get("r", "")
        number = int(told) - 1 if told.isdecimal() and 0 < len(told) < 8 and int(told) > 0 else number + 1
        if number >= LAST_ROW:
            return
        row: dict[int, str] = {}
        column = -1
        for cell in node.iterchildren(S + "c"):
            place = _PLACE.fullmatch(cell.get("r", ""))
            column = _column(place[1]) if place else column + 1
            if column >= LAST_COLUMN:
                break
            text = _shown(cell, shared, show)
            if text:
                row[column] = text
            elif text is None:
                sheet.unknown += 1
        yield number, row


def _shown(cell: etree._Element, shared: Callable[[int], str], show: Callable[[float, int], str]) -> str | None:
    """What a cell shows; None: a formula that was never calculated."""
    kind, value = cell.get("t", "n"), cell.findtext(S + "v")
    if kind == "inlineStr":
        inline = cell.find(S + "is")
        return _rich(inline) if inline is not None else folded(value or "")  # the latter by LibreOffice 3.4
    if value is None or (not value and kind == "n"):  # openpyxl writes an empty value
        return None if cell.find(S + "f") is not None else ""
    if kind == "n":
        try:
            return show(float(value), _style(cell.get("s")))
        except (ValueError, OverflowError):
            return folded(value)
    reader = _READ.get(kind)
    return reader(value, shared) if reader is not None else folded(value)


def _style(told: str | None) -> int:
    return int(told) if told and told.isdecimal() and len(told) < 7 else 0


def _shared(value: str, shared: Callable[[int], str]) -> str:
    if not value.strip():
        return ""
    return shared(int(value) if value.strip().isdecimal() and len(value) < 10 else -1)


_READ: dict[str, Callable[[str, Callable[[int], str]], str]] = {
    "s": _shared,
    "b": lambda value, _: "TRUE" if value.strip() == "1" else "FALSE",
    "d": lambda value, _: folded(value.replace("T00:00:00", "").replace("T", " ")),
}
"""Type of a cell → how its value is read; of others, errors and results of formulas, it is the text itself."""


def _range(told: str) -> Range | None:
    first, _, last = told.partition(":")
    start, end = _PLACE.fullmatch(first), _PLACE.fullmatch(last or first)
    if start is None or end is None:
        return None
    return Range(int(start[2]) - 1, _column(start[1]), int(end[2]) - 1, _column(end[1]))


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _comments(package: Package, part: str, names: Mapping[str | None, str | None]) -> dict[tuple[int, int], Comment]:
    """Of a sheet, by place; answers are lines of what they answer. Of threads old programs have a copy, which is left out."""
    roots = {one.kind: package.tree(one.target) for one in package.relations(part).values() if one.kind in _COMMENTS}
    said: dict[tuple[int, int], list[Comment]] = {}
    threads = roots.get("threadedComment")
    for node in threads.iter("{*}threadedComment") if threads is not None else ():
        if (area := _range(node.get("ref", ""))) is not None:
            comment = Comment(folded(node.findtext("{*}text") or ""), names.get(node.get("personId")), node.get("dT"))
            said.setdefault((area.top, area.left), []).append(comment)
    plain = roots.get("comments")
    authors = [author.text or "" for author in plain.iter(S + "author")] if plain is not None else []
    for node in plain.iter(S + "comment") if plain is not None else ():
        area, text = _range(node.get("ref", "")), node.find(S + "text")
        if area is not None and text is not None and (area.top, area.left) not in said:
            told = node.get("authorId", "")
            who = authors[int(told)] if told.isdecimal() and len(told) < 6 and int(told) < len(authors) else ""
            said[area.top, area.left] = [Comment(_rich(text).removeprefix(f"{who}:").strip(), who)]
    return {
        place: replace(first, text="\n".join((first.text, *(answer.told for answer in answers))))
        for place, (first, *answers) in said.items()
    }


def drawn(package: Package, part: str) -> Iterator[Element]:
    """Charts, SmartArt, texts in shapes and pictures that lie on a sheet."""
    for relation in package.relations(part).values():
        root = package.tree(relation.target) if relation.kind == "drawing" else None
        for node in root.iter(C + "chart", DGM + "relIds", _XDR + "sp", _XDR + "pic") if root is not None else ():
            if node.tag == C + "chart":
                yield from drawings.chart(package, relation.target, node)
            elif node.tag == _XDR + "sp":
                yield from drawings.texts(node)
            elif node.tag == DGM + "relIds":
                yield from drawings.diagram(package, relation.target, node)
            else:
                yield from drawings.picture(package, relation.target, node)
