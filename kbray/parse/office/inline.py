"""What a paragraph of an office file holds, gathered piece by piece, and what is left of its kind in a cell."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from kbray.model import Element


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
