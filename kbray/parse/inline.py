"""What a paragraph of an office file holds, gathered piece by piece."""

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
        lines = "".join(self.pieces).split("\n")
        if raw:
            return "\n".join(line.rstrip() for line in lines).strip("\n")
        return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
