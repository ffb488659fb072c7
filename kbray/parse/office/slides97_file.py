"""What lies in a PPT ([MS-PPT]): records within records, where the newest of each is, texts with their levels, shapes."""

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_USER_EDIT, _DIRECTORY, _DOCUMENT = 0x0FF5, 0x1772, 0x03E8
_HEADER, _CHARACTERS, _BYTES, _STYLE, _MASTER_STYLE = 0x0F9F, 0x0FA0, 0x0FA8, 0x0FA1, 0x0FA3
_FIELDS = frozenset((0x0FD8, 0x0FF7, 0x0FF8, 0x0FF9, 0x0FFA, 0x1015))  # number, dates, header, footer: one character each
_TAGS, _TAG, _TAG_DATA = 0x1388, 0x138A, 0x138B
_NUMBERINGS = 0x0FAC
_PROPERTIES = frozenset((0xF00B, 0xF121, 0xF122))
_LEVELS = 9

TITLE, BODY, NOTE, OTHER, CENTRED_BODY, CENTRED_TITLE, HALF_BODY, QUARTER_BODY = 0, 1, 2, 4, 5, 6, 7, 8
_BASES = {CENTRED_BODY: BODY, CENTRED_TITLE: TITLE, HALF_BODY: BODY, QUARTER_BODY: BODY}

# The fields a formatting has, in order: the bits of its mask of which one is set where it has it, and its bytes.
_PARAGRAPH = ((0xF, 2), *((1 << bit, 4 if bit == 5 else 2) for bit in (7, 4, 6, 5, 11, 12, 13, 14, 8, 10, 15)))
_TABS = 1 << 20
_BEHIND_TABS = ((1 << 16, 2), (0xE << 16, 2), (1 << 21, 2))
_CHARACTER = ((0xFFFF, 2), *((1 << bit, 4 if bit == 18 else 2) for bit in (16, 21, 22, 23, 17, 18, 19)))
_TYPEFACE = 1 << 16
_UNSEEN = {code: None for code in range(0x20) if chr(code) not in "\t\n\x0b\r"}

_PICTURE, _NUMBERED, _FORM = 1 << 23, 1 << 25, 1 << 24
_TEN, _CHECKED, _SMART_TAGS = 1 << 20, 0x60, 1 << 9
_GROUP = 0xF << 10  # of characters: which of the numberings theirs is
# As PPTX calls them.
_FORMS = (
    *("alphaLcPeriod", "alphaUcPeriod", "arabicParenR", "arabicPeriod", "romanLcParenBoth", "romanLcParenR", "romanLcPeriod"),
    *("romanUcPeriod", "alphaLcParenBoth", "alphaLcParenR", "alphaUcParenBoth", "alphaUcParenR", "arabicParenBoth"),
    *("arabicPlain", "romanUcParenBoth", "romanUcParenR"),
)

Bullets = Mapping[int, Sequence[bool]]
"""By kind of text, whether each level has bullets."""


class Record(NamedTuple):
    kind: int
    instance: int
    start: int  # of its content
    end: int


class Numbering(NamedTuple):
    """The form and the first number of a list."""

    form: str
    start: int


class Paragraph(NamedTuple):
    text: str
    level: int  # from 0
    bullet: bool | None  # None: that isn't told
    numbering: Numbering | None  # instead of the bullet
    listed: str  # the text, its blanks kept but for those at ends of lines
    faces: frozenset[int | None]  # numbers of those that its characters are in; None: that of the style


@dataclass(slots=True)
class Text:
    """Text of a kind; for each run of paragraphs where it ends, its level from 0, and whether it has bullets, if told.

    For each run of characters where it ends, which of the numberings is that of a paragraph that begins in it, and its face.
    """

    kind: int
    text: str = ""
    runs: list[tuple[int, int, bool | None]] = field(default_factory=list)
    groups: list[tuple[int, int, int | None]] = field(default_factory=list)
    numberings: Sequence[Numbering | None] = ()

    def paragraphs(self) -> Iterator[Paragraph]:
        """All of them, also those that are empty."""
        at = 0
        ends, group_ends = [end for end, *_ in self.runs], [end for end, *_ in self.groups]
        for paragraph in self.text.split("\r"):
            run, group = bisect_right(ends, at), bisect_right(group_ends, at)
            last = bisect_right(group_ends, at + max(len(paragraph) - 1, 0))
            at += len(paragraph) + 1
            _, level, bullet = self.runs[run] if run < len(ends) else (0, 0, None)
            which = self.groups[group][1] if group < len(group_ends) else 0
            numbering = self.numberings[which] if which < len(self.numberings) else None
            faces = frozenset(face for *_, face in self.groups[group : last + 1])
            yield Paragraph(clean(paragraph), level, bullet, numbering, _listed(paragraph), faces)


def clean(text: str) -> str:
    """Its lines without control characters, and without spaces that show nothing."""
    lines = text.replace("\x0b", "\n").translate(_UNSEEN).splitlines()
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _listed(text: str) -> str:
    lines = text.replace("\x0b", "\n").translate(_UNSEEN).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


class Stream:
    """The stream of a presentation.

    Its methods raise struct.error where a record is shorter than its kind must be.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data

    # ------------------------------------------------------------ records

    def record(self, at: int) -> Record | None:
        """The one whose header begins there; None: no header does."""
        return next(self._between(at, len(self._data)), None)

    def top(self) -> list[Record]:
        """Those that are in no other, in the order of the file: what was saved last is last."""
        return list(self._between(0, len(self._data)))

    def children(self, record: Record | None) -> Iterator[Record]:
        if record is not None:
            yield from self._between(record.start, record.end)

    def child(self, record: Record | None, *kinds: int) -> Record | None:
        """The first record of the last kind, within the first of the kind before, and so on."""
        for kind in kinds:
            record = next((child for child in self.children(record) if child.kind == kind), None)
        return record

    def _between(self, start: int, end: int) -> Iterator[Record]:
        """A record that goes on behind the end is cut off there."""
        while start + 8 <= end:
            head, kind, length = struct.unpack_from("<HHI", self._data, start)
            begin, start = start + 8, min(start + 8 + length, end)
            yield Record(kind, head >> 4, begin, start)

    def values(self, record: Record, form: str) -> tuple[int, ...]:
        """What `struct` makes of its content."""
        return struct.unpack_from(form, self._data[record.start : record.end])

    def content(self, record: Record) -> bytes:
        return self._data[record.start : record.end]

    def string(self, record: Record) -> str:
        return self._data[record.start : record.end].decode("utf-16-le", "replace")

    # ------------------------------------------------------------ where the newest is

    def newest(self, at: int) -> tuple[Record, dict[int, int]]:
        """The document, and where in the stream the persistent objects begin, by number, as the edit there and those before tell.

        Raises: ValueError: that is broken.
        """
        places: dict[int, int] = {}
        seen: set[int] = set()
        number = None
        while at:
            edit = self._expected(at, _USER_EDIT)
            before, directory, document = self.values(edit, "<8xIII")
            if at in seen or directory in seen:
                raise ValueError("edits in a circle")
            seen |= {at, directory}
            for found, place in self._places(self._expected(directory, _DIRECTORY)):
                places.setdefault(found, place)
            number = document if number is None else number
            at = before
        if number not in places:
            raise ValueError("no document in the directory")
        return self._expected(places[number], _DOCUMENT), places

    def _places(self, directory: Record) -> Iterator[tuple[int, int]]:
        words = iter(self.values(directory, f"<{(directory.end - directory.start) // 4}I"))
        for word in words:
            yield from zip(range(word & 0xFFFFF, (word & 0xFFFFF) + (word >> 20)), words, strict=False)

    def _expected(self, at: int, kind: int) -> Record:
        found = self.record(at)
        if found is None or found.kind != kind:
            raise ValueError(f"no record of kind {kind:#06x} at {at}")
        return found

    # ------------------------------------------------------------ text

    def texts(self, records: Iterable[Record]) -> list[Text]:
        """Texts as they follow each other in an outline or a shape; fields are left out."""
        found: list[Text] = []
        for record in records:
            if record.kind == _HEADER:
                found.append(Text(self.values(record, "<I")[0]))
            elif not found:
                continue
            elif record.kind == _CHARACTERS:
                found[-1].text = self.string(record)
            elif record.kind == _BYTES:
                found[-1].text = self._data[record.start : record.end].decode("cp1252", "replace")
            elif record.kind == _STYLE:
                found[-1].runs, found[-1].groups = self._runs(record, len(found[-1].text) + 1)
            elif record.kind in _FIELDS:
                (place,) = self.values(record, "<I")
                found[-1].text = found[-1].text[:place] + "\0" + found[-1].text[place + 1 :]
        return found

    def _runs(self, style: Record, length: int) -> tuple[list[tuple[int, int, bool | None]], list[tuple[int, int, int | None]]]:
        """Of paragraphs, then of characters."""
        runs: list[tuple[int, int, bool | None]] = []
        at, reached = style.start, 0
        while reached < length and at + 10 <= style.end:
            count, level = struct.unpack_from("<IH", self._data, at)
            bullet, at = self._paragraph(at + 6)
            reached += count
            runs.append((reached, min(level, _LEVELS - 1), bullet))
        groups: list[tuple[int, int, int | None]] = []
        reached = 0
        while reached < length and at + 10 <= style.end:
            count, mask, flags = struct.unpack_from("<IIH", self._data, at)
            told = at + 8 + (2 if mask & 0xFFFF else 0)
            face = struct.unpack_from("<H", self._data, told)[0] if mask & _TYPEFACE else None
            at += 8 + _size(_CHARACTER, mask)
            reached += count
            groups.append((reached, (flags & _GROUP) >> 10 if mask & _GROUP else 0, face))
        return runs, groups

    def tagged(self, holder: Record | None) -> Iterator[Record]:
        """What later versions of the program have added to it."""
        for tag in self.children(self.child(holder, _TAGS)):
            if tag.kind == _TAG:
                yield from self.children(self.child(tag, _TAG_DATA))

    def numberings(self, records: Iterable[Record]) -> list[Numbering | None]:
        """Those that a text has, in the order of its groups; None: a group without one."""
        record = next((one for one in records if one.kind == _NUMBERINGS), None)
        found: list[Numbering | None] = []
        at = record.start if record is not None else 0
        while record is not None and at + 12 <= record.end:
            (mask,) = struct.unpack_from("<I", self._data, at)
            at += 4 + (2 if mask & _PICTURE else 0)
            numbered, form, start = False, _FORMS.index("arabicPeriod"), 1
            if mask & _NUMBERED:
                numbered = self._data[at : at + 2] == b"\1\0"
                at += 2
            if mask & _FORM:
                form, start = struct.unpack_from("<HH", self._data, at)
                at += 4
            found.append(Numbering(_FORMS[form] if form < len(_FORMS) else "", start) if numbered else None)
            (mask,) = struct.unpack_from("<I", self._data, at)
            at += 4 + (4 if mask & _TEN else 0)
            (mask,) = struct.unpack_from("<I", self._data, at)
            at += 4 + 2 * (mask & _CHECKED).bit_count()
            if mask & _SMART_TAGS:
                at += 4 + 4 * struct.unpack_from("<I", self._data, at)[0]
        return found

    def _paragraph(self, at: int) -> tuple[bool | None, int]:
        """Whether a formatting of paragraphs has bullets, if it tells that, and where it ends."""
        (mask,) = struct.unpack_from("<I", self._data, at)
        bullet = bool(struct.unpack_from("<H", self._data, at + 4)[0] & 1) if mask & 1 else None
        at += 4 + _size(_PARAGRAPH, mask)
        if mask & _TABS:
            at += 2 + 4 * struct.unpack_from("<H", self._data, at)[0]
        return bullet, at + _size(_BEHIND_TABS, mask)

    def bullets(self, styled: Record | None, base: Bullets) -> Bullets:
        """What the styles in a master, or in the document's environment, say; what they don't, `base` does."""
        found = dict(base)
        for record in self.children(styled):
            if record.kind == _MASTER_STYLE:
                before = found.get(_BASES.get(record.instance, record.instance), ())
                found[record.instance] = list(self._levels(record, before))
        return found

    def _levels(self, style: Record, before: Sequence[bool]) -> Iterator[bool]:
        (count,) = self.values(style, "<H")
        at, bullet = style.start + 2, False
        for level in range(min(count, _LEVELS)):
            told, at = self._paragraph(at + 2 * (style.instance >= CENTRED_BODY))
            (mask,) = struct.unpack_from("<I", self._data, at)
            at += 4 + _size(_CHARACTER, mask)
            bullet = told if told is not None else before[level] if level < len(before) else bullet
            yield bullet
        yield from before[count:]

    # ------------------------------------------------------------ shapes

    def properties(self, shape: Record) -> dict[int, int | str]:
        """Numbers, and as text those that have data, by their kind."""
        found: dict[int, int | str] = {}
        for table in self.children(shape):
            if table.kind in _PROPERTIES:
                data = table.start + 6 * table.instance
                for kind, value in struct.iter_unpack("<HI", self._data[table.start : min(data, table.end)]):
                    found[kind & 0x3FFF] = value
                    if kind & 0x8000:
                        found[kind & 0x3FFF] = self.string(Record(0, 0, data, min(data + value, table.end)))
                        data += value
        return found


def _size(fields: Iterable[tuple[int, int]], mask: int) -> int:
    return sum(size for bits, size in fields if mask & bits)
