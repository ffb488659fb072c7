"""Tables of iWork of 2007 to 2012: cells one after the other, each telling how far it is from the one before."""

import datetime as dt
from collections.abc import Callable, Iterator

from kbray.document.tables import table_text
from kbray.errors import DocumentTooLarge
from kbray.model import Element
from kbray.parse.iwork.grid import MOST_CELLS, table_of
from kbray.parse.iwork.old.story import Stories
from kbray.parse.iwork.old.tree import Node, attribute, child, children, name, number
from kbray.parse.office.number_format import general
from kbray.parse.office.spreadsheet import Range

_ROW = 256  # columns in a row, as distances count
_DEEPEST = 3  # cells within each other: the result of a formula, the choice of a menu


def elements(stories: Stories, model: Node) -> Iterator[Element]:
    """The table of a `tabular-model`, its name above it where it is shown.

    Raises: DocumentTooLarge: it has more than 2,000,000 cells.
    """
    grid = child(model, "grid")
    source = child(grid, "datasource") if grid is not None else None
    if grid is None or source is None:
        return
    rows: dict[int, dict[int, str]] = {}
    merged: list[Range] = []
    wide = max(1, int(min(number(grid, "numcols"), _ROW)))
    row, column, began = 0, 0, False
    for count, cell in enumerate(children(source)):
        if count > MOST_CELLS:
            raise DocumentTooLarge(f"A table of the document has more than {MOST_CELLS:,} cells.")
        if (told := attribute(cell, "ct")) is not None and name(cell) != "ct":
            column += int(number(cell, "ct")) if told.isdecimal() and len(told) < 9 else 0
            row, column = row + column // _ROW, column % _ROW
        elif began:
            column += 1
            if column >= wide:
                row, column = row + 1, 0
        began = True
        if text := _shown(stories, cell, 0):
            rows.setdefault(row, {})[column] = text
        height, width = (int(max(1.0, min(number(cell, side), 1e6))) for side in ("row-span", "col-span"))
        if height * width > 1:
            merged.append(Range(row, column, row + height - 1, column + width - 1))
    headers = int(min(number(model, "num-header-rows"), 100))
    if not rows:
        return
    if attribute(model, "name-is-visible") == "true" and (title := " ".join((attribute(model, "name") or "").split())):
        yield Element("caption", title)
    table = table_of({place: rows[place] for place in sorted(rows)}, merged, headers)
    yield Element("table", table_text(table), table=table)


def _shown(stories: Stories, cell: Node, depth: int) -> str:
    """What a cell shows. Numbers are told as they are stored: their formats stand in styles that are not followed."""
    kind = name(cell)
    reader = next((reader for kinds, reader in _READERS if kind in kinds), None)
    return reader(stories, cell, depth) if reader is not None and depth < _DEEPEST else ""


def _text(stories: Stories, cell: Node, _: int) -> str:
    held = child(cell, "ct") if child(cell, "ct") is not None else child(cell, "cell-text")
    plain = (attribute(held, "s") or attribute(held, "string")) if held is not None else None
    return " ".join(plain.split()) if plain else stories.lines(held)


def _result(stories: Stories, cell: Node, depth: int) -> str:
    """What a formula last gave."""
    result = child(cell, "r") if child(cell, "r") is not None else child(cell, "result-cell")
    return next(filter(None, (_shown(stories, one, depth + 1) for one in children(result))), "") if result is not None else ""


def _chosen(stories: Stories, cell: Node, depth: int) -> str:
    """The choice of a menu."""
    chosen = child(cell, "proxied-cell-ref")
    return _shown(stories, stories.tree.meant(chosen), depth + 1) if chosen is not None else ""


def _number(_: Stories, cell: Node, __: int) -> str:
    return _numeral(cell if attribute(cell, "v") is not None else child(cell, "n"))


def _boolean(_: Stories, cell: Node, __: int) -> str:
    return "TRUE" if (attribute(cell, "value") or attribute(cell, "v") or "") in ("1", "true", "True") else "FALSE"


def _date(_: Stories, cell: Node, __: int) -> str:
    return _day(next((told for one in ("cell-date", "value", "v") if (told := attribute(cell, one))), ""))


def _duration(_: Stories, cell: Node, __: int) -> str:
    return attribute(cell, "v") or attribute(cell, "value") or ""


_READERS: tuple[tuple[frozenset[str], Callable[[Stories, Node, int], str]], ...] = (
    (frozenset(("t", "text-cell", "rt", "result-text-cell")), _text),
    (frozenset(("n", "number-cell", "rn", "result-number-cell", "sl", "st")), _number),
    (frozenset(("d", "date-cell", "rd", "result-date-cell")), _date),
    (frozenset(("cb", "rb", "result-bool-cell", "bool-cell")), _boolean),
    (frozenset(("du", "duration-cell", "rdu")), _duration),
    (frozenset(("f", "formula-cell")), _result),
    (frozenset(("pm", "popup-menu-cell")), _chosen),
)
"""Kinds of cells, of 2008 and of 2007, and what reads each."""


def _numeral(cell: Node | None) -> str:
    told = attribute(cell, "v") or attribute(cell, "value") if cell is not None else None
    try:
        value = float(told or "")
    except ValueError:
        return told or ""
    return general(value) if abs(value) < 1e300 else told or ""


def _day(told: str) -> str:
    """`2012-01-03T00:00:00+0100` as a day, and the time where there is any."""
    try:
        moment = dt.datetime.strptime(told[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return told
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(" ")
