"""TSWP.StorageArchive, which holds all text of iWork '13 and later → elements: paragraphs, lists, notes, comments, anchors.

Tables of the storage tell where in the text (in units of UTF-16) a style begins or something hangs. Changes are accepted.
"""

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from kbray.model import Element, Kind
from kbray.parse import comments
from kbray.parse.comments import Comment
from kbray.parse.iwork.objects import Objects
from kbray.parse.iwork.styles import Label, ParagraphStyle, Styles
from kbray.parse.iwork.wire import Message
from kbray.parse.looks import Print, Shown, quietest, titles_of
from kbray.parse.markup.lists import numeral
from kbray.parse.office.inline import Line, joined

STORAGES = frozenset((2001, 2005))
_PARAGRAPH_STYLES, _LEVELS, _LIST_STYLES, _CHARACTER_STYLES, _ATTACHED, _NUMBERS, _NOTES = 5, 6, 7, 8, 9, 14, 16
_SECTIONS, _DELETED, _HIGHLIGHTED, _OVERLAPPING = 17, 22, 23, 25
_DRAWN, _CONTENTS, _PAGE_NUMBER, _NOTE, _HIGHLIGHT = 2003, 2241, 2043, 2008, 2013
_TEXTUAL = frozenset((14, 22, 2004, 2007, 2009, 2010))
_OF_NOTE = 2  # TSWP.TextualAttachmentArchive: the mark that its own note begins with
_PARAGRAPH = re.compile(
    r"[^\n\x04\x05\x0c\u2029]*(?:[\n\x04\x05\x0c\u2029]|\Z)"
)  # breaks of sections, pages, columns end one, too
_ASTRAL = re.compile(r"[\U00010000-\U0010ffff]")
_SECOND_UNIT = "\udc00"  # stands for it, as places count it
_LEFT_OUT = dict.fromkeys((*range(9), *range(14, 32), 0xDC00, 0xFFFC, 0x200B))
_SHOWN = {**_LEFT_OUT, 9: " ", 11: "\n", 13: "\n", 0x2028: "\n"}
_FIRST_DAY = dt.datetime(2001, 1, 1)
_LIST_LEVELS = 9
_LAST_SECOND = 250_000_000_000  # in the year 9923


@dataclass(slots=True)
class Counts:
    """What is counted through a document: notes and comments, which come last, and what was left out."""

    notes: dict[int, int] = field(default_factory=dict)  # storages, in the order of their marks → their numbers
    remarks: list[Comment] = field(default_factory=list)
    notes_told: int = 0
    remarks_told: int = 0
    deletions: int = 0
    read: set[int] = field(default_factory=set)  # storages, each of which is read once


Anchored = Callable[[int], Iterator[Element]]
"""What a drawable, by its number, gives."""


class Stories:
    """The texts of a document.

    Args: titled: whether styles, or else looks, make titles and captions of texts.
    """

    def __init__(self, objects: Objects, *, titled: bool = False) -> None:
        self.objects = objects
        self.counts = Counts()
        self.styles = Styles(objects)
        self.anchored: Anchored = lambda _: iter(())
        self._titled = titled

    def elements(self, number: int) -> Iterator[Element]:
        """The blocks of a storage; none where it was read before."""
        if self.objects.kind(number) not in STORAGES or number in self.counts.read:
            return iter(())
        self.counts.read.add(number)
        return joined(_Story(self, self.objects.message(number), titled=self._titled).blocks())

    def lines(self, number: int) -> str:
        """The text of a storage as that of one cell, note or title: a line each paragraph."""
        found = [one for one in self.elements(number) if one.text and one.kind != "image"]
        return "\n".join(
            f"{one.marker} {one.text}" if one.kind == "list_item" and one.marker not in (None, "-") else one.text for one in found
        )

    def running(self, numbers: Sequence[int], kind: Kind) -> Iterator[Element]:
        """Headers or footers; what was shown before is not repeated."""
        shown: set[str] = set()
        for number in numbers:
            for line in filter(None, self.lines(number).split("\n")):
                if line not in shown:
                    shown.add(line)
                    yield Element(kind, line)

    def sections(self, number: int) -> list[int]:
        """The objects that tell of the sections of a body."""
        return [entry.reference(2) for entry in self.objects.message(number).message(_SECTIONS).messages(1)]

    def remark(self, number: int) -> str:
        """The mark of a comment, which is counted; nothing where there is none."""
        comment = self._comment(number)
        if comment is None:
            return ""
        self.counts.remarks.append(comment)
        return comments.mark(len(self.counts.remarks))

    def _comment(self, number: int) -> Comment | None:
        """TSD.CommentStorageArchive, its answers as lines of it."""
        if not number or number not in self.objects:
            return None
        message = self.objects.message(number)
        answers = (self._said(self.objects.message(one)) for one in message.references(4))
        said = self._said(message)
        text = "\n".join((said.text, *(answer.told for answer in answers if answer.text)))
        return Comment(text, said.who, said.when) if text.strip() else None

    def _said(self, message: Message) -> Comment:
        text = "\n".join(filter(None, (" ".join(line.split()) for line in message.text(1).splitlines())))
        author = message.reference(3)
        who = self.objects.message(author).text(1) if author else ""
        seconds = message.message(2).real(1)
        when = (_FIRST_DAY + dt.timedelta(seconds=seconds)).isoformat() if 0 < seconds < _LAST_SECOND else None
        return Comment(text, who or None, when)

    def has_read(self, number: int) -> bool:
        """Whether a storage was read, or waits to be, as a note."""
        return number in self.counts.read or number in self.counts.notes

    def notes(self) -> Iterator[Element]:
        """Notes and comments that weren't told before; the labels of both count from 1 through the document."""
        while self.counts.notes_told < len(self.counts.notes):  # notes may have notes
            for storage, number in list(self.counts.notes.items())[self.counts.notes_told :]:
                self.counts.notes_told = number
                yield Element("footnote", self.lines(storage), marker=str(number))
        while self.counts.remarks_told < len(self.counts.remarks):
            self.counts.remarks_told += 1
            yield comments.note(self.counts.remarks[self.counts.remarks_told - 1], self.counts.remarks_told)

    def warnings(self) -> tuple[str, ...]:
        deletions = self.counts.deletions
        return (f"Tracked deletions are left out ({deletions}).",) if deletions else ()


class _Story:
    def __init__(self, stories: Stories, storage: Message, *, titled: bool) -> None:
        self._stories = stories
        self._objects = stories.objects
        self._text = _ASTRAL.sub(lambda found: found[0] + _SECOND_UNIT, "".join(storage.texts(3)))
        self._titled = titled
        self._paragraphs = _Runs.told(storage.message(_PARAGRAPH_STYLES), kept=True)
        self._lists = _Runs.told(storage.message(_LIST_STYLES), kept=True)
        self._letters = _Runs.told(storage.message(_CHARACTER_STYLES))
        self._deleted = _Runs.told(storage.message(_DELETED))
        self._levels = _Runs.paired(storage.message(_LEVELS))
        self._starts = _Runs.paired(storage.message(_NUMBERS))
        self._hanging = dict(zip(*_Runs.told(storage.message(_ATTACHED)), strict=True))
        self._hanging |= dict(zip(*_Runs.told(storage.message(_NOTES)), strict=True))
        self._marks = self._remarked(storage)
        self._stops = sorted({*self._hanging, *self._marks})
        self._counts: dict[int, int] = {}

    def _remarked(self, storage: Message) -> dict[int, list[int]]:
        """Where commented text ends → its comments."""
        found: dict[int, list[int]] = {}
        places, highlights = _Runs.told(storage.message(_HIGHLIGHTED))
        for place, (_, highlight) in enumerate(zip(places, highlights, strict=True)):
            if self._objects.kind(highlight) == _HIGHLIGHT:
                end = places[place + 1] if place + 1 < len(places) else len(self._text)
                found.setdefault(end, []).append(self._objects.message(highlight).reference(1))
        for entry in storage.message(_OVERLAPPING).messages(1):
            if self._objects.kind(entry.reference(2)) == _HIGHLIGHT:
                area = entry.message(1)
                end = min(area.number(1) + area.number(2), len(self._text))
                found.setdefault(end, []).append(self._objects.message(entry.reference(2)).reference(1))
        return found

    def blocks(self) -> Iterator[Element]:
        parts = [found.span() for found in _PARAGRAPH.finditer(self._text) if found.start() < found.end()]
        titles = self._titles(parts) if self._titled else {}
        for place, (start, end) in enumerate(parts):
            line = Line()
            self._inline(line, start, end)
            style = self._style(start)
            yield from self._paragraph(line, style, titles.get(place, style.level if self._titled else 0), start)
            yield from line.hanging

    def _style(self, at: int) -> ParagraphStyle:
        return self._stories.styles.paragraph(self._paragraphs.at(at))

    def _titles(self, parts: Sequence[tuple[int, int]]) -> dict[int, int]:
        """Paragraphs that looks alone make titles, and their levels: none where styles tell any."""
        if any(self._style(start).level and self._text[start:end].strip() for start, end in parts):
            return {}
        return titles_of([self._shown(start, end) for start, end in parts])

    def _shown(self, start: int, end: int) -> Shown:
        style, prints = self._style(start), []
        for first, stop, run in self._letters.within(start, end):
            if self._text[first:stop].strip():
                prints.append(self._stories.styles.character(run).over(style.print) if run else style.print)
        text = " ".join(self._text[start:end].translate(_SHOWN).split())
        return Shown(text, None if style.caption else quietest(prints or [Print()]), self._listing(start)[0] is not None)

    # ------------------------------------------------------------ paragraphs

    def _paragraph(self, line: Line, style: ParagraphStyle, title: int, start: int) -> Iterator[Element]:
        text = line.text(raw=style.code)
        label = self._label(start)
        if not text:
            if style.code:
                yield Element("code", "")  # a blank line, if it stands in a listing
            return
        if title:
            self._counts.clear()
            yield Element("heading", " ".join(text.split("\n")), min(title, 6))
        elif label is not None:
            marker, level = label
            yield Element("list_item", text, level + 1, marker=marker)
        elif style.caption and self._titled:
            yield Element("caption", text)
        else:
            yield Element("code" if style.code else "paragraph", text)

    def _listing(self, start: int) -> tuple[Label | None, int]:
        """How an item is labelled, and its level, from 0."""
        level = self._levels.at(start)
        level = level if level < _LIST_LEVELS else 0
        style = self._lists.at(start) or self._style(start).listed
        return self._stories.styles.label(style, level), level

    def _label(self, start: int) -> tuple[str, int] | None:
        """The label and level, from 0, of an item, which is counted; None: it is none."""
        label, level = self._listing(start)
        above = {one: count for one, count in self._counts.items() if one < level}
        if label is None:
            self._counts = above
            return None
        if label.form is None:
            self._counts = above
            return "-", level
        again = self._starts.exactly(start)
        count = again or self._counts.get(level, 0) + 1
        self._counts = {**above, level: count}
        return re.sub("[1aAiI]", lambda found: numeral(count, found[0]), label.form), level

    def _inline(self, line: Line, start: int, end: int) -> None:
        at = start
        for place in (*self._stops[bisect_left(self._stops, start) : bisect_left(self._stops, end)], end):
            self._letters_of(line, at, place)
            if place < end and place in self._hanging:
                self._hang(line, self._hanging[place])
            at = place

    def _letters_of(self, line: Line, start: int, end: int) -> None:
        """The text between two places without what is deleted, and the marks of comments that end there."""
        for first, stop, deleted in self._deleted.within(start, end):
            if deleted:
                self._stories.counts.deletions += 1
            else:
                line.pieces.append(self._text[first:stop].translate(_SHOWN))
        for comment in self._marks.pop(end, ()):
            mark = self._stories.remark(comment)
            ended = line.pieces and line.pieces[-1].endswith("\n")
            line.pieces[-1:] = [line.pieces[-1].rstrip("\n") + mark] if ended else [*line.pieces[-1:], mark]

    def _hang(self, line: Line, number: int) -> None:
        kind, message = self._objects.kind(number), self._objects.message(number)
        if kind == _DRAWN:
            line.hanging += self._stories.anchored(message.reference(1))
        elif kind == _CONTENTS:
            line.hanging += self._stories.anchored(message.message(1).reference(1))
        elif kind == _NOTE:
            storage = message.reference(2)
            notes = self._stories.counts.notes
            if storage not in notes:
                notes[storage] = len(notes) + 1
                line.pieces.append(f"[^{notes[storage]}]")
        elif kind == _PAGE_NUMBER:
            line.pieces.append(message.text(3) or message.message(1).text(1))
        elif kind in _TEXTUAL and message.number(2) != _OF_NOTE:
            line.pieces.append(message.text(1) or (message.text(2) if kind == 2010 else ""))


@dataclass(frozen=True, slots=True)
class _Runs:
    """Where something begins, in order, and what: the number of an object, or a value."""

    places: list[int]
    values: list[int]

    def __iter__(self) -> Iterator[list[int]]:
        yield self.places
        yield self.values

    @classmethod
    def told(cls, table: Message, *, kept: bool = False) -> "_Runs":
        """By a TSWP.ObjectAttributeTable. kept: an entry without an object goes on with what was before; it ends it otherwise."""
        places, values, last = [], [], 0
        for place, value in sorted((entry.number(1), entry.reference(2)) for entry in table.messages(1)):
            last = last if kept and not value else value
            places.append(place)
            values.append(last)
        return cls(places, values)

    @classmethod
    def paired(cls, table: Message) -> "_Runs":
        """By a TSWP.ParaDataAttributeTable, of whose two values the first counts."""
        found = sorted((entry.number(1), entry.number(2)) for entry in table.messages(1))
        return cls([place for place, _ in found], [value for _, value in found])

    def at(self, place: int) -> int:
        index = bisect_right(self.places, place)
        return self.values[index - 1] if index else 0

    def exactly(self, place: int) -> int:
        index = bisect_right(self.places, place)
        return self.values[index - 1] if index and self.places[index - 1] == place else 0

    def within(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The parts of a stretch, each with what holds there; none of them is empty."""
        index = bisect_right(self.places, start)
        value = self.values[index - 1] if index else 0
        while start < end:
            stop = min(self.places[index], end) if index < len(self.places) else end
            if stop > start:
                yield start, stop, value
            value = self.values[index] if index < len(self.places) else value
            start, index = stop, index + 1
