"""ODT, ODP, ODS and ODG, zipped or flat, → elements, from the XML of OpenDocument: what an office program shows, in its order.

`odf` has its files, `odf_story` its text; notes and comments come at the end.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.model import Element, Metadata, Parsed, Unit
from kbray.parse import comments
from kbray.parse.markup.typed import with_typed
from kbray.parse.media import FODG, FODP, ODG, ODP
from kbray.parse.office.inline import joined
from kbray.parse.office.odf import DRAW, OFFICE, SHOW, STYLE, SVG, TABLE, Flat, Package, comment_of, integer, metadata_of, opened
from kbray.parse.office.odf_story import Story, rows_of, spans_of
from kbray.parse.office.reading_order import Box, reading_order
from kbray.parse.office.spreadsheet import Range, Sheet
from kbray.parse.pictured import with_pictures

ENGINE = "opendocument"
ERRORS: tuple[type[Exception], ...] = ()
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of a sheet
_PAGES = {ODP: "slide", FODP: "slide", ODG: "page", FODG: "page"}
_RUNNING = frozenset(("footer", "page-number", "date-time", "header"))
_LENGTH = re.compile(r"(-?[0-9.]+)(cm|mm|in|pt)")
_CENTIMETRES = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72}
_HEIGHT_CM = 17.5  # of a slide
_MOVED = re.compile(r"translate\s*\(\s*(\S+)\s+(\S+?)\s*\)")


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: lxml.etree.XMLSyntaxError, CorruptDocument: a part is damaged."""
    with opened(path, media_type, limits) as parts:
        package = Package(parts)
        body = package.body()
        if media_type in _PAGES:
            slides = [tuple(_commented(package, page)) for page in body.iter(DRAW + "page")]
            names = [f"{_PAGES[media_type]} {number}" for number in range(1, len(slides) + 1)]
            elements = tuple(
                replace(element, page=number, chapter=name)
                for number, (name, slide) in enumerate(zip(names, slides, strict=True), start=1)
                for element in slide
            )
            units = tuple(Unit(name, _characters(slide)) for name, slide in zip(names, slides, strict=True))
        else:
            story = Story(package)
            running = list(_running(package))
            headers = [element for element in running if element.kind == "header"]
            footers = [element for element in running if element.kind == "footer"]
            elements = (*headers, *with_typed(joined(story.blocks(body))), *footers, *story.footnotes(), *package.remarks())
            units = (Unit("whole", _characters(elements)),)
        parsed = Parsed(ENGINE, elements, units, metadata_of(parts))
        if not isinstance(parts, Flat):
            return parsed
        shown = {one.target for one in elements if one.kind == "image"}  # beside others that show the same to other programs
        return with_pictures(parsed, len(shown), parts.picture, limits)


def sheets(path: Path, media_type: str, limits: Settings) -> Iterator[Sheet]:
    """The sheets of an ODS; cells have the text that they show.

    Raises: as `read`.
    """
    with opened(path, media_type, limits) as parts:
        package = Package(parts)
        for table in package.body().iterchildren(TABLE + "table"):
            sheet = Sheet(table.get(TABLE + "name", ""), iter(()))
            style = package.styles.get(table.get(TABLE + "style-name", ""))
            shown = style.find(STYLE + "table-properties") if style is not None else None
            sheet.hidden = shown is not None and shown.get(TABLE + "display") == "false"
            sheet.rows = _sheet_rows(package, table, sheet)
            yield sheet


def metadata(path: Path, media_type: str, limits: Settings) -> Metadata:
    """What a document says of itself. Raises: as `read`."""
    with opened(path, media_type, limits) as parts:
        return metadata_of(parts)


def _characters(elements: Iterable[Element]) -> int:
    return sum(len(element.text) for element in elements)


def _running(package: Package) -> Iterator[Element]:
    """Headers and footers of the page styles, each text once."""
    shown: set[tuple[str, str]] = set()
    for tag in ("header", "footer"):
        pages = (STYLE + tag + which for which in ("", "-left", "-first"))
        for node in package.common.iter(*pages) if package.common is not None else ():
            if node.get(STYLE + "display") == "false":
                continue
            for element in Story(package).blocks(node):
                if element.text and (tag, element.text) not in shown:
                    shown.add((tag, element.text))
                    yield Element("header" if tag == "header" else "footer", element.text)


def _sheet_rows(package: Package, table: etree._Element, sheet: Sheet) -> Iterator[tuple[int, dict[int, str]]]:
    story = Story(package)
    number = 0
    for row, _ in rows_of(table):
        texts: dict[int, str] = {}
        column = 0
        for cell in row.iterchildren(TABLE + "table-cell", TABLE + "covered-table-cell"):
            times = integer(cell.get(TABLE + "number-columns-repeated"), 1)
            inside = list(story.blocks(cell)) if len(cell) else []
            text = " ".join(" ".join(one.text.split()) for one in inside if one.kind != "image")
            sheet.drawn += (one for one in inside if one.kind == "image")
            height, width = spans_of(cell)
            if height > 1 or width > 1:
                sheet.merged.append(Range(number, column, number + height - 1, column + width - 1))
            annotation = cell.find(OFFICE + "annotation")
            if annotation is not None:
                sheet.comments[number, column] = comment_of(annotation)
            if text:
                texts.update(dict.fromkeys(range(column, min(column + times, _LAST_COLUMN)), text))
            column += times
        repeated = integer(row.get(TABLE + "number-rows-repeated"), 1)
        if texts:
            for place in range(number, min(number + repeated, _LAST_ROW)):
                yield place, texts
        number += repeated
    sheet.drawn += joined(element for shapes in table.iterchildren(TABLE + "shapes") for element in story.blocks(shapes))


def _commented(package: Package, page: etree._Element) -> Iterator[Element]:
    marks = "".join(map(package.mark, page.iterchildren(OFFICE + "annotation")))
    yield from comments.marked(_slide(package, page), marks)
    yield from package.remarks()


def _slide(package: Package, page: etree._Element) -> Iterator[Element]:
    """Titles first, then what stands below them, then the speaker's notes."""
    story = Story(package)
    shapes = [node for node in page.iterchildren(etree.Element) if node.tag.startswith(DRAW)]
    told = [(shape.get(SHOW + "class"), shape, found) for shape in shapes if (found := list(joined(story.drawn(shape, ""))))]
    placed = [(0 if kind == "title" else 2 if kind in _RUNNING else 1, _box(shape)) for kind, shape, _ in told]
    for index in reading_order(placed, _HEIGHT_CM):
        kind, _, found = told[index]
        for element in found:
            if kind == "title" and element.kind in ("paragraph", "list_item", "code"):
                yield replace(element, kind="heading", level=1, marker=None)
            elif kind in _RUNNING:
                yield replace(element, kind="header" if kind == "header" else "footer", level=0, marker=None)
            else:
                yield element
    for frame in package.master(page.get(DRAW + "master-page-name")):
        if frame.get(SHOW + "class") in ("footer", "header", None):
            yield from (
                replace(element, kind="footer", level=0, marker=None) for element in story.drawn(frame, "") if element.text
            )
    if footer := package.footer(page):
        yield Element("footer", footer)
    for notes in page.iterchildren(SHOW + "notes"):
        for frame in notes.iterchildren(DRAW + "frame"):
            if frame.get(SHOW + "class") == "notes":
                yield from joined(story.drawn(frame, ""))


def _box(shape: etree._Element) -> Box:
    """Where a shape stands, in centimetres; of a group what it holds tells that, of what is turned only the place is known."""
    if shape.tag == DRAW + "g":
        inside = [_box(child) for child in shape.iterchildren(etree.Element) if child.tag.startswith(DRAW)]
        starts, ends = ([box[:2] for box in inside], [box[2:] for box in inside])
        return Box(*map(min, zip(*starts, strict=True)), *map(max, zip(*ends, strict=True))) if inside else Box(0, 0, 0, 0)
    moved = _MOVED.search(shape.get(DRAW + "transform", ""))
    left, top = (_centimetres(moved[1]), _centimetres(moved[2])) if moved else (_length(shape, "x"), _length(shape, "y"))
    return Box(top, left, top + _length(shape, "height"), left + _length(shape, "width"))


def _length(shape: etree._Element, which: str) -> float:
    return _centimetres(shape.get(SVG + which, ""))


def _centimetres(length: str) -> float:
    found = _LENGTH.fullmatch(length)
    return float(found[1]) * _CENTIMETRES[found[2]] if found else 0.0
