"""A document of Hangul as both of its formats have it: paragraphs of pieces, each with what hangs on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kbray.model import Metadata
from kbray.parse.looks import UNTOLD, Print

HeadKind = Literal["outline", "number", "bullet"]


@dataclass(frozen=True, slots=True)
class Head:
    """What a paragraph is labelled as: a title of the outline, or an item of a list."""

    kind: HeadKind
    level: int  # from 0
    numbering: int = 0  # that its label is of; bullets have none


@dataclass(frozen=True, slots=True)
class Label:
    """How the label of one level looks: `^1` in its form is the number of the first level, and so on."""

    form: str
    shape: int  # of its number, as `labels.numeral` knows them
    start: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    print: Print = UNTOLD
    face: str = ""
    raised: bool = False


@dataclass(slots=True)
class Note:
    """At the foot of the page, or at the end: one count for both."""

    inside: list["Paragraph"]


@dataclass(slots=True)
class Remark:
    """A comment, or an explanation that isn't printed."""

    inside: list["Paragraph"]
    who: str | None = None
    when: str | None = None  # ISO 8601


@dataclass(slots=True)
class Running:
    kind: Literal["header", "footer"]
    inside: list["Paragraph"]


@dataclass(frozen=True, slots=True)
class Formula:
    script: str  # in the language of Hangul's editor of formulas


@dataclass(frozen=True, slots=True)
class Picture:
    target: str  # where its bytes are in the file; empty: they lie elsewhere
    alt: str = ""


@dataclass(slots=True)
class TableCell:
    row: int  # from 0, as its column
    column: int
    row_span: int = 1
    column_span: int = 1
    header: bool = False
    inside: list["Paragraph"] = field(default_factory=list)


@dataclass(slots=True)
class Grid:
    cells: list[TableCell]


@dataclass(slots=True)
class Frame:
    """A table that is none: it only frames text."""

    inside: list["Paragraph"]


@dataclass(slots=True)
class Drawn:
    """A table, or what a drawing has: pictures and boxes of text, in their order; and its caption."""

    parts: list["Grid | Frame | Picture | list[Paragraph]"]
    inline: bool = False  # it stands in the line as a letter does; otherwise it floats
    caption: list["Paragraph"] = field(default_factory=list)
    caption_first: bool = False

    @property
    def is_block(self) -> bool:
        """Whether it can't be in a line of text."""
        return any(not isinstance(part, Picture) for part in self.parts)


Piece = Run | Note | Remark | Running | Formula | Drawn


@dataclass(slots=True)
class Paragraph:
    pieces: list[Piece] = field(default_factory=list)
    style: str = ""  # the name of its style in English, where it is one of Hangul's own
    head: Head | None = None


@dataclass(slots=True)
class Document:
    paragraphs: list[Paragraph]
    labels: Mapping[int, tuple[Label, ...]]  # of each numbering, by level
    metadata: Metadata
    unread_objects: int = 0  # charts and files of other programs
    unread_fields: int = 0  # of forms
    deletions: int = 0
