"""`DocInfo`: what paragraphs and runs of an HWP file refer to by number: faces, looks, numberings, styles, pictures."""

from dataclasses import dataclass, field

from kbray.parse.hangul.document import Head, Label
from kbray.parse.hangul.records import Record, decoded, trees
from kbray.parse.looks import UNTOLD, Print

_COUNTS, _BINARY, _FACE, _RUN, _NUMBERING, _PARAGRAPH, _STYLE = 0x11, 0x12, 0x13, 0x15, 0x17, 0x19, 0x1A
_BOLD, _RAISED = 1 << 1, 1 << 15
_EMBEDDED = 1  # a picture in the file; others are linked, or belong to objects
_LEVELS = 7


@dataclass(frozen=True, slots=True)
class Look:
    """Of the runs of one shape."""

    print: Print = UNTOLD
    raised: bool = False
    face: str = ""


@dataclass(slots=True)
class Styles:
    looks: list[Look] = field(default_factory=list)
    heads: list[tuple[int, int, int]] = field(default_factory=list)  # of paragraphs: kind, level, numbering
    labels: dict[int, tuple[Label, ...]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)  # of styles, in English
    binaries: list[str] = field(default_factory=list)  # names of pictures; empty ones lie elsewhere

    def look(self, number: int) -> Look:
        return self.looks[number] if number < len(self.looks) else Look()

    def name(self, number: int) -> str:
        return self.names[number] if number < len(self.names) else ""

    def head(self, number: int, outline: int) -> Head | None:
        """What a shape of paragraphs makes of them. outline: the numbering of titles where they stand."""
        kind, level, numbering = self.heads[number] if number < len(self.heads) else (0, 0, 0)
        if kind == 1:
            return Head("outline", level, outline)
        if kind == 2:
            return Head("number", level, numbering)
        return Head("bullet", level) if kind == 3 else None

    def binary(self, number: int) -> str:
        """The name of a picture by its number, from 1."""
        return self.binaries[number - 1] if 0 < number <= len(self.binaries) else ""


def read(data: bytes) -> Styles:
    styles = Styles()
    faces: list[str] = []
    hangul = 0  # how many faces of the first script there are: Latin ones come after them
    for record in _all(data):
        if record.tag == _COUNTS:
            hangul = record.number(4, 4)
        elif record.tag == _BINARY:
            styles.binaries.append(_binary(record))
        elif record.tag == _FACE:
            faces.append(record.text(1)[0])
        elif record.tag == _RUN:
            styles.looks.append(_look(record, faces, hangul))
        elif record.tag == _NUMBERING:
            styles.labels[len(styles.labels) + 1] = _labels(record)
        elif record.tag == _PARAGRAPH:
            told = record.number(0, 4)
            styles.heads.append((told >> 23 & 3, told >> 25 & 7, record.number(30, 2)))
        elif record.tag == _STYLE:
            styles.names.append(record.text(record.text(0)[1])[0])
    return styles


def _all(data: bytes) -> list[Record]:
    """Those of the document and those that belong to them: all are in one list, whatever their level."""
    found: list[Record] = []
    for record in trees(data):
        found += (record, *record.inside)
    return found


def _binary(record: Record) -> str:
    embedded = record.number(0, 2) & 0xF == _EMBEDDED
    return f"BinData/BIN{record.number(2, 2):04X}.{record.text(4)[0]}" if embedded else ""


def _look(record: Record, faces: list[str], hangul: int) -> Look:
    told, face = record.number(46, 4), hangul + record.number(2, 2)
    size = record.number(42, 4) / 100 or None
    return Look(Print(size, bool(told & _BOLD)), bool(told & _RAISED), faces[face] if face < len(faces) else "")


def _labels(record: Record) -> tuple[Label, ...]:
    forms: list[tuple[str, int]] = []
    at = 0
    while at + 14 <= len(record.data) and len(forms) < _LEVELS:
        shape = record.number(at, 4) >> 5 & 0xF
        end = at + 14 + 2 * record.number(at + 12, 2)
        forms.append((decoded(record.data[at + 14 : end]), shape))
        at = end
    starts = [record.number(at + 2 + 4 * level, 4) or 1 for level in range(len(forms))]
    return tuple(Label(form, shape, start) for (form, shape), start in zip(forms, starts, strict=True))
