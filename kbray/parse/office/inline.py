"""What a paragraph of an office file holds, gathered piece by piece; what is left of it in a cell; the table of such cells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kbray.document.tables import table_text
from kbray.model import Cell, Element, Table


@dataclass(slots=True)
class Line:
    """The content of a paragraph: its text in pieces, its formulas, and what hangs on it."""

    pieces: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    hanging: list[Element] = field(default_factory=list)
    displayed: bool = False  # a formula on a line of its own

    def text(self, *, raw: bool) -> str:
        """With single spaces and without blank lines; `raw`: as it stands, but for the blanks at ends of lines."""
        text = "".join(self.pieces)
        if not raw and "\n" not in text:
            return " ".join(text.split())
        lines = text.split("\n")
        if raw:
            return "\n".join(line.rstrip() for line in lines).strip("\n")
        return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


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
