"""What a paragraph of an office file holds, gathered piece by piece; what is left of it in a cell; the table of such cells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from kbray.document.tables import table_text
from kbray.model import Cell, Element, Table

_SOFT_HYPHEN = "\u00ad"  # shows only where a line is broken, and parts words for a search


@dataclass(slots=True)
class Line:
    """The content of a paragraph: its text in pieces, its formulas, and what hangs on it."""

    pieces: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    hanging: list[Element] = field(default_factory=list)
    displayed: bool = False  # a formula on a line of its own

    def text(self, *, raw: bool) -> str:
        """With single spaces and without blank lines; `raw`: as it stands, but for the blanks at ends of lines."""
        text = "".join(self.pieces).replace(_SOFT_HYPHEN, "")
        if not raw and "\n" not in text:
            return " ".join(text.split())
        lines = text.split("\n")
        if raw:
            return "\n".join(line.rstrip() for line in lines).strip("\n")
        return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def joined(elements: Iterable[Element]) -> Iterator[Element]:
    """Lines of code that follow each other, blank ones between them, are one element; other elements without content go."""
    code: Element | None = None
    blank = 0
    for element in elements:
        if element.kind == "code" and not element.text:
            blank += 1
            continue
        if element.kind == "code" and code is not None:
            code = replace(code, text=code.text + "\n" * (blank + 1) + element.text)
        else:
            if code is not None:
                yield code
            code = element if element.kind == "code" else None
            if code is None:
                yield element
        blank = 0
    if code is not None:
        yield code


def in_cell(elements: Iterable[Element]) -> str:
    """The text of a cell that holds these, pictures left out: a line each, items of lists with their labels."""
    return "\n".join(
        f"{one.marker} {one.text}" if one.kind == "list_item" and one.marker not in (None, "-") else one.text
        for one in elements
        if one.text and one.kind != "image"
    )


def in_table(cells: Iterable[Cell], formulas: Iterable[str] = ()) -> Iterator[Element]:
    """The table of these cells; none where all are empty."""
    table = Table(tuple(cells))
    if text := table_text(table):
        yield Element("table", text, table=table, formulas=tuple(formulas))
