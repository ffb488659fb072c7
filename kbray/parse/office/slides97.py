"""PPT (PowerPoint 97 to 2003) → elements, slide by slide, as `slides` tells those of PPTX: `slides97_file` has its records.

Titles and bodies stand in the outline of the document, and shapes refer to them.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import olefile

from kbray.config import Settings
from kbray.document.tables import table_text
from kbray.model import Cell, Element, Parsed, Table, Unit
from kbray.parse import comments, ole
from kbray.parse.comments import Comment
from kbray.parse.faces import is_mono
from kbray.parse.office import blips
from kbray.parse.office.inline import joined
from kbray.parse.office.listings import without_typescript
from kbray.parse.office.reading_order import Box, reading_order
from kbray.parse.office.slides import Labels
from kbray.parse.office.slides97_file import (
    CENTRED_TITLE,
    NOTE,
    TITLE,
    Bullets,
    Numbering,
    Paragraph,
    Record,
    Stream,
    Text,
    clean,
)
from kbray.parse.pictured import with_pictures

ENGINE = "slides97"
ERRORS: tuple[type[Exception], ...] = ()

_DOCUMENT, _DOCUMENT_ATOM, _ENVIRONMENT, _LIST, _LISTED = 0x03E8, 0x03E9, 0x03F2, 0x0FF0, 0x03F3
_SLIDE, _SLIDE_ATOM, _MASTER, _NOTES = 0x03EE, 0x03EF, 0x03F8, 0x03F0
_STORES, _STORE, _PICTURES = 0x040B, 0xF000, 0xF001
_DRAWING, _CANVAS, _GROUP, _SHAPE, _SHAPE_ATOM = 0x040C, 0xF002, 0xF003, 0xF004, 0xF00A
_TEXTBOX, _CHILD_ANCHOR, _ANCHOR, _CLIENT = 0xF00D, 0xF00F, 0xF010, 0xF011
_PLACEHOLDER, _REFERENCE = 0x0BC3, 0x0F9E
_RUNNING, _RUNNING_ATOM, _STRING = 0x0FD9, 0x0FDA, 0x0FBA
_COMMENT, _COMMENT_ATOM = 0x2EE0, 0x2EE1
_SHARED, _OUTLINE, _OUTLINED = 0x07D0, 0x0FAE, 0x0FAF
_FACES, _FACE = 0x07D5, 0x0FB7
_FACE_NAME = 64  # bytes

_SLIDES, _MASTERS, _NOTES_PAGES = 0, 1, 2  # instances of the list
_TITLES = frozenset((TITLE, CENTRED_TITLE))
_FOOTERS = frozenset((7, 8, 9))  # placeholders: date, number, footer
_HEADERS = frozenset((10,))
_NOTES_BODY = 12
_FOOTER, _OF_SLIDES = 2, 3  # instances
_HAS_FOOTER = 0x20
_TITLE_MASTER = 2  # a layout
_WORD_ART, _PICTURE, _TABLE, _SWITCHES = 0x00C0, 0x0104, 0x039F, 0x03BF  # properties of shapes
_HIDDEN = 0x00020002  # is told, and is so
_DELETED = 0x08
_LINE = 20  # a shape
_DEEPEST = 100  # groups within groups
_MOST_CELLS = 10_000


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: ValueError, struct.error, OSError: it follows no format."""
    with olefile.OleFileIO(path) as storage:
        folder = "PP97_DUALSTORAGE/" if storage.exists("PP97_DUALSTORAGE/PowerPoint Document") else ""  # beside that of 95
        names = ("PowerPoint Document", "Current User", "Pictures")
        data, user, pictures = (ole.stream(storage, folder + name) for name in names)
        metadata = ole.metadata(storage)
    deck = _Deck(Stream(data), user)
    slides = without_typescript(
        [
            tuple(replace(element, page=page, chapter=f"slide {page}") for element in found)
            for page, found in enumerate(deck.slides(), start=1)
        ]
    )
    units = tuple(Unit(f"slide {page}", sum(len(one.text) for one in slide)) for page, slide in enumerate(slides, start=1))
    elements = tuple(one for slide in slides for one in slide)
    parsed = Parsed(ENGINE, elements, units, metadata, warnings=tuple(deck.warnings()))
    store = {_target(number): place for number, place in enumerate(deck.pictures(), start=1)}
    held = len({one.target for one in elements if one.kind == "image"})
    return with_pictures(parsed, held, lambda target: bytes(blips.bitmap(memoryview(pictures), store.get(target, -1))), limits)


@dataclass(frozen=True, slots=True)
class _Page:
    """A slide, a master or a page of notes, if it is there, with its number and what the outline has of it."""

    record: Record | None
    number: int | None = None
    texts: tuple[Text, ...] = ()


class _Deck:
    def __init__(self, stream: Stream, user: bytes) -> None:
        self._stream = stream
        self._places: dict[int, int] | None
        self._document: Record | None
        try:
            self._document, self._places = stream.newest(*struct.unpack_from("<16xI", user))
        except (ValueError, struct.error):  # then the pages are taken as they lie in the file
            self._places = None
            self._document = next((one for one in reversed(stream.top()) if one.kind == _DOCUMENT), None)
        atom = stream.child(self._document, _DOCUMENT_ATOM)
        self._height = max(*stream.values(atom, "<4xi"), 1) if atom is not None else 1
        self._numberings = dict(self._outlined())

    def _outlined(self) -> Iterator[tuple[tuple[int, int], Sequence[Numbering | None]]]:
        """The numberings of texts in the outline, by the number of their page and their kind."""
        head: tuple[int, ...] = ()
        added = self._stream.tagged(self._stream.child(self._document, _SHARED))
        for record in (one for outline in added if outline.kind == _OUTLINE for one in self._stream.children(outline)):
            if record.kind == _OUTLINED:
                head = self._stream.values(record, "<II")
            elif head:
                yield (head[0], head[1]), self._stream.numberings((record,))

    def warnings(self) -> Iterator[str]:
        if self._places is None:
            yield "The directory of the presentation is damaged: its slides are told in the order of the file."

    def pictures(self) -> Iterator[int]:
        """Where each picture of the store is in the stream of pictures."""
        store = self._stream.child(self._document, _STORES, _STORE, _PICTURES)
        for record in self._stream.children(store):
            yield blips.place(self._stream.content(record)) if record.kind == blips.ENTRY else -1

    def slides(self) -> Iterator[list[Element]]:
        """Raises: ValueError: there are none, and no document."""
        pages = self._pages(_SLIDES)
        if not pages and self._document is None:
            raise ValueError("it has no slides of PowerPoint 97 or later")
        masters = {page.number: page.record for page in self._pages(_MASTERS)}
        notes = {page.number: page for page in self._pages(_NOTES_PAGES)}
        mono = self._mono()
        defaults = self._stream.bullets(self._stream.child(self._document, _ENVIRONMENT), {})
        remarked = 0
        for page in pages:
            _, master, number = self._references(page.record)
            above = masters.get(master)
            _, higher, _ = self._references(above)
            bullets = self._stream.bullets(masters.get(higher) if higher in masters else above, defaults)
            found = list(_Drawing(self._stream, page, bullets, mono, self._height).elements())
            footer = self._footer(page)
            if footer and all(footer != element.text for element in found if element.kind == "footer"):
                found.append(Element("footer", footer))
            if number in notes:
                found += _Notes(self._stream, notes[number], {}, mono, self._height).elements()
            said = list(self._comments(page))
            numbers = range(remarked + 1, remarked + len(said) + 1)
            remarked += len(said)
            found = list(comments.marked(found, "".join(map(comments.mark, numbers))))
            yield [*found, *map(comments.note, said, numbers)]

    def _mono(self) -> set[int]:
        """Numbers of the faces whose letters have one width."""
        faces = self._stream.children(self._stream.child(self._document, _ENVIRONMENT, _FACES))
        names = ((face.instance, self._stream.content(face)[:_FACE_NAME]) for face in faces if face.kind == _FACE)
        return {number for number, name in names if is_mono(name.decode("utf-16-le", "ignore").partition("\0")[0])}

    def _pages(self, instance: int) -> list[_Page]:
        """Those of a list in the order shown, none of them twice; where the directory is damaged, in that of the file."""
        lists = (one for one in self._stream.children(self._document) if one.kind == _LIST and one.instance == instance)
        listed = [told for one in lists for told in self._listed(one)]
        if self._places is None:
            records = (one for one in self._stream.top() if self._belongs(one, instance))
            pairs = zip_longest(records, listed)
            return [_Page(record, *(told[1:] if told is not None else ())) for record, told in pairs]
        found: list[_Page] = []
        seen: set[int] = set()
        for reference, number, texts in listed:
            place = self._places.get(reference)
            record = self._stream.record(place) if place is not None and place not in seen else None
            seen.add(place or 0)
            found.append(_Page(record if record is not None and self._belongs(record, instance) else None, number, texts))
        return found

    def _listed(self, record: Record) -> Iterator[tuple[int, int, tuple[Text, ...]]]:
        """Of each page in a list: its number in the directory, its own number, and its texts."""
        pages: list[tuple[Record, list[Record]]] = []
        for child in self._stream.children(record):
            if child.kind == _LISTED:
                pages.append((child, []))
            elif pages:
                pages[-1][1].append(child)
        for head, inside in pages:
            reference, number = self._stream.values(head, "<I8xI")
            texts = self._stream.texts(inside)
            for text in texts:
                text.numberings = self._numberings.get((number, text.kind), ())
            yield reference, number, tuple(texts)

    def _belongs(self, record: Record, instance: int) -> bool:
        """Whether it is of the kind that this list has."""
        if instance == _NOTES_PAGES:
            return record.kind == _NOTES
        is_master = record.kind == _MASTER or (record.kind == _SLIDE and self._references(record)[0] == _TITLE_MASTER)
        return is_master if instance == _MASTERS else record.kind == _SLIDE and not is_master

    def _references(self, slide: Record | None) -> tuple[int, int, int]:
        """Its layout, and the numbers of its master and of its notes; 0: it has none."""
        atom = self._stream.child(slide, _SLIDE_ATOM)
        layout, master, notes = self._stream.values(atom, "<I8xII") if atom is not None else (0, 0, 0)
        return layout, master, notes

    def _footer(self, page: _Page) -> str:
        """What the master shows on it as such: its own, or that of all slides."""
        own = self._stream.child(page.record, _RUNNING)
        common = (one for one in self._stream.children(self._document) if one.kind == _RUNNING and one.instance == _OF_SLIDES)
        running = list(self._stream.children(own if own is not None else next(common, None)))
        shown = any(self._stream.values(one, "<2xH")[0] & _HAS_FOOTER for one in running if one.kind == _RUNNING_ATOM)
        texts = (self._stream.string(one) for one in running if one.kind == _STRING and one.instance == _FOOTER)
        return clean("\n".join(texts)) if shown else ""

    def _comments(self, page: _Page) -> Iterator[Comment]:
        for comment in (record for record in self._stream.tagged(page.record) if record.kind == _COMMENT):
            strings = (one for one in self._stream.children(comment) if one.kind == _STRING)
            texts = {one.instance: clean(self._stream.string(one)) for one in strings}
            atom = self._stream.child(comment, _COMMENT_ATOM)
            day = "{:04}-{:02}-{:02}".format(*self._stream.values(atom, "<4xHH2xH")) if atom is not None else None
            yield Comment(texts.get(1, ""), texts.get(0), day)


# ---------------------------------------------------------------- shapes


@dataclass(frozen=True, slots=True)
class _Shape:
    """A shape or a group."""

    record: Record
    kind: int
    shown: bool
    placeholder: int  # 0: it is none
    box: Box | None
    properties: Mapping[int, int | str]
    texts: tuple[Text, ...]

    @property
    def rank(self) -> int:
        """Titles first, running texts last."""
        if self.placeholder in _FOOTERS | _HEADERS:
            return 2
        return 0 if any(text.kind in _TITLES for text in self.texts) else 1


class _Drawing:
    """What stands on a page."""

    def __init__(self, stream: Stream, page: _Page, bullets: Bullets, mono: Set[int], height: int) -> None:
        self._stream = stream
        self._page = page
        self._bullets = bullets
        self._mono = mono  # numbers of faces
        self._height = height
        self._outline = dict(enumerate(page.texts))  # what no shape has referred to yet

    def elements(self) -> Iterator[Element]:
        group = self._stream.child(self._page.record, _DRAWING, _CANVAS, _GROUP)
        if group is not None:
            yield from self._shapes(self._members(group), 0)
        for text in self._outline.values():
            yield from self._text(text, 0)

    def _members(self, group: Record) -> list[_Shape]:
        """The shapes of a group that are shown; the first of its records stands for the group itself."""
        records = [one for one in self._stream.children(group) if one.kind in (_SHAPE, _GROUP)]
        return [shape for one in records[1:] if (shape := self._described(one)).shown]

    def _described(self, record: Record) -> _Shape:
        own = record if record.kind == _SHAPE else self._stream.child(record, _SHAPE)
        atom = self._stream.child(own, _SHAPE_ATOM)
        properties = self._stream.properties(own) if own is not None else {}
        switches = properties.get(_SWITCHES, 0)
        deleted = atom is not None and self._stream.values(atom, "<4xI")[0] & _DELETED
        placeholder = self._stream.child(own, _CLIENT, _PLACEHOLDER)
        return _Shape(
            record,
            atom.instance if atom is not None else 0,
            not deleted and not (isinstance(switches, int) and switches & _HIDDEN == _HIDDEN),
            self._stream.values(placeholder, "<4xB")[0] if placeholder is not None else 0,
            self._box(own),
            properties,
            tuple(self._texts(own)),
        )

    def _box(self, shape: Record | None) -> Box | None:
        inner = self._stream.child(shape, _CHILD_ANCHOR)
        if inner is not None:
            left, top, right, bottom = self._stream.values(inner, "<4i")
            return Box(top, left, bottom, right)
        anchor = self._stream.child(shape, _ANCHOR)
        if anchor is None:
            return None
        top, left, right, bottom = self._stream.values(anchor, "<4i" if anchor.end - anchor.start >= 16 else "<4h")
        return Box(top, left, bottom, right)

    def _texts(self, shape: Record | None) -> Iterator[Text]:
        """Its own, and that of the outline which it refers to; each of these once."""
        inside = list(self._stream.children(self._stream.child(shape, _TEXTBOX)))
        own = self._stream.texts(inside)
        numberings = self._stream.numberings(self._stream.tagged(self._stream.child(shape, _CLIENT))) if own else ()
        for text in own:
            text.numberings = numberings
        yield from own
        for reference in (one for one in inside if one.kind == _REFERENCE):
            outlined = self._outline.pop(self._stream.values(reference, "<I")[0], None)
            if outlined is not None:
                yield outlined

    def _shapes(self, shapes: Sequence[_Shape], depth: int) -> Iterator[Element]:
        """What tells no place keeps the one it has in the file."""
        if depth > _DEEPEST:
            raise ValueError(f"more than {_DEEPEST} groups within each other")
        told: list[list[Element]] = []
        placed: list[tuple[int, Box]] = []
        last = Box(0, 0, 0, 0)
        for shape in shapes:
            last = shape.box if shape.box is not None else last
            if found := list(self._shape(shape, depth)):  # lines and frames part nothing
                told.append(found)
                placed.append((shape.rank, last))
        for index in reading_order(placed, self._height):
            yield from told[index]

    def _shape(self, shape: _Shape, depth: int) -> Iterator[Element]:
        picture, word_art = shape.properties.get(_PICTURE), shape.properties.get(_WORD_ART)
        if isinstance(picture, int) and picture:
            yield Element("image", target=_target(picture))
        if shape.record.kind == _GROUP:
            members = self._members(shape.record)
            table = self._table(members) if shape.properties.get(_TABLE) else None
            if table is None:
                yield from self._shapes(members, depth + 1)
            elif values := table_text(table):
                yield Element("table", values, table=table)
        elif isinstance(word_art, str) and (drawn := clean(word_art)):
            yield Element("paragraph", drawn)
        for text in shape.texts:
            yield from self._text(text, shape.placeholder)

    def _table(self, members: Sequence[_Shape]) -> Table | None:
        """The shapes of a group as cells, their edges telling rows and columns; None: they make no table."""
        boxes = [(*shape.box, shape) for shape in members if shape.box is not None and shape.kind != _LINE]
        tops, lefts = sorted({top for top, *_ in boxes}), sorted({left for _, left, *_ in boxes})
        if len(tops) * len(lefts) > _MOST_CELLS:
            return None
        cells = [
            Cell(
                tops.index(top),
                lefts.index(left),
                "\n".join(one.text for text in shape.texts for one in text.paragraphs() if one.text),
                max(sum(top <= other < bottom for other in tops), 1),
                max(sum(left <= other < right for other in lefts), 1),
            )
            for top, left, bottom, right, shape in boxes
        ]
        return Table(tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))))

    def _text(self, text: Text, placeholder: int) -> Iterator[Element]:
        written = [one for one in text.paragraphs() if one.text]
        if placeholder in _FOOTERS | _HEADERS:
            yield from (Element("header" if placeholder in _HEADERS else "footer", one.text) for one in written)
        elif text.kind in _TITLES:
            if title := " ".join(" ".join(one.text.split()) for one in written):
                yield Element("heading", title, 1)
        else:
            yield from joined(self._paragraphs(text.paragraphs(), self._bullets.get(text.kind, ())))

    def _paragraphs(self, paragraphs: Iterator[Paragraph], known: Sequence[bool]) -> Iterator[Element]:
        labels = Labels()
        for one in paragraphs:
            if not one.text:
                yield Element("code", "")  # a blank line, if it stands in a listing
            elif one.bullet if one.bullet is not None else one.level < len(known) and known[one.level]:
                marker = labels.number(one.level, *one.numbering) if one.numbering is not None else labels.bullet(one.level)
                yield Element("list_item", one.text, one.level + 1, marker=marker)
            else:
                labels.bullet(one.level)
                code = all(face in self._mono for face in one.faces) and one.faces
                yield Element("code", one.listed) if code else Element("paragraph", one.text)


def _target(picture: int) -> str:
    return f"Pictures/{picture}"


class _Notes(_Drawing):
    """The speaker's notes: of their page only the text, not the picture of the slide."""

    def _shape(self, shape: _Shape, depth: int) -> Iterator[Element]:
        if shape.placeholder == _NOTES_BODY or any(text.kind == NOTE for text in shape.texts):
            yield from super()._shape(shape, depth)
