"""DOC, of Word 97 to 2003 → elements, as those of DOCX: changes accepted, what is hidden left out, labels of lists counted.

Of older files the text alone is read. Text boxes come behind the text, as their anchors aren't followed; notes and comments come
last, referred to as `[^n]` and `[^cn]`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import olefile

from kbray.config import Settings
from kbray.document.superscripts import raised
from kbray.model import Element, Kind, Parsed, Unit
from kbray.parse import comments, ole
from kbray.parse.comments import Comment
from kbray.parse.encoding import zeroed, zeros_in
from kbray.parse.faces import is_mono
from kbray.parse.looks import Shown, quietest, titles_of
from kbray.parse.markup.lists import numeral
from kbray.parse.markup.typed import with_typed
from kbray.parse.office import fields
from kbray.parse.office.inline import Line, joined
from kbray.parse.office.rows import Rows
from kbray.parse.office.word97_file import Level, Paragraph, Run, WordFile, opened
from kbray.parse.pictured import with_pictures
from kbray.parse.symbols import symbol, without_private

ENGINE = "word97"
ERRORS: tuple[type[Exception], ...] = ()
_PARAGRAPH = re.compile(r"[^\r\x07\x0c]*(?:[\r\x07\x0c]|\Z)")
_TITLES = {62: 1, 74: 2}  # of the document, and below that
_HEADINGS = {kind: kind for kind in range(1, 10)} | _TITLES
_ENTRIES = range(19, 28)  # of a table of contents, by level
_DEEPER_LISTS = range(50, 62)  # List 2 to 5, List Bullet 2 to 5, List Number 2 to 5
_CAPTION = 34
_CODE = frozenset((45, 101))  # text of macros, and HTML's preformatted text
_BULLET, _NO_LABEL = 23, 255
_FORMS = {1: "I", 2: "i", 3: "A", 4: "a"}
_SHOWN = {"\t": " ", "\x0b": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": "", "\x13": "\x13", "\x14": "\x14", "\x15": "\x15"}
_CHARACTERS = {code: _SHOWN.get(chr(code), "") for code in range(32)}
_BEGINS, _RESULT, _ENDS = "\x13\x14\x15"  # of a field: its instruction, which nobody sees, and what it gives
_TURNS = re.compile(r"([\x13-\x15])")
_PICTURE = "\x01"
_FLOATING = "\x08"
_INLINE, _IN_DOCUMENT = "Data", "WordDocument"  # streams that have them
_BOX_FIELD = "FORMCHECKBOX"


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: OSError, ValueError, LookupError, struct.error: it is damaged."""
    with olefile.OleFileIO(path) as storage:
        document, *tables, data = (ole.stream(storage, name) for name in ("WordDocument", "0Table", "1Table", "Data"))
        told = ole.metadata(storage)
    file = opened(document, tables, data)
    reader = _Document(file)
    elements = tuple(reader.elements())
    warnings = [f"Tracked deletions are left out ({reader.deletions})."] if reader.deletions else []
    if file.has_broken_drawings:
        warnings.append("The drawings of the document are damaged: pictures that float in it are not read.")
    warnings += zeroed(zeros_in(file.text))
    parsed = Parsed(ENGINE, elements, (Unit("whole", sum(len(one.text) for one in elements)),), told, warnings=tuple(warnings))
    return with_pictures(parsed, len(reader.pictures), lambda target: bytes(reader.bitmap(target)), limits)


class _Document:
    def __init__(self, file: WordFile) -> None:
        self.file = file
        self._begun: Line | None = None  # a paragraph that goes on in the next one
        self.deletions = 0
        self.pictures: set[str] = set()  # their targets: stream, and where in it
        self._hanging: list[Element] = []  # pictures in the paragraph that is read
        self._counts: dict[int, list[int]] = {}  # of a list, by level
        self._fields: list[bool] = []  # open ones; True: what comes is an instruction
        self._instruction: list[str] = []  # of the field that began last
        self._ticked = False  # the box of a form that came last
        self._marks: dict[int, str] = {}  # where in the text → what stands there for a note
        self._notes: list[tuple[str, int | None, int, int]] = []  # label, number of a comment, start, end
        self._number()

    def _number(self) -> None:
        """Labels count from 1 through the document, those of comments apart."""
        notes = self.file.notes
        for number, (mark, start, end) in enumerate(sorted([*notes.get("footnotes", ()), *notes.get("endnotes", ())]), start=1):
            self._marks[mark] = f"[^{number}]"
            self._notes.append((str(number), None, start, end))
        for index, (mark, start, end) in enumerate(notes.get("comments", ())):
            self._marks[mark] = self._marks.get(mark, "") + comments.mark(index + 1)
            self._notes.append((comments.label(index + 1), index, start, end))
        self._places = sorted(self._marks)

    def elements(self) -> Iterator[Element]:
        yield from self._running("header", 1)
        yield from with_typed(joined(self.blocks(*self.file.stories["text"])))
        yield from joined(self.blocks(*self.file.stories["boxes"]))
        yield from self._running("footer", 3)
        for label, comment, start, end in self._notes:
            text = "\n".join(element.text for element in self.blocks(start, end) if element.text)
            if comment is not None:
                by = self.file.comment_by[comment]
                text = Comment(text, self.file.commenters[by] if by < len(self.file.commenters) else None).told
            yield Element("footnote", text, marker=label)

    def _running(self, kind: Kind, place: int) -> Iterator[Element]:
        """The headers or footers of ordinary pages of all sections; what was shown before is not repeated."""
        shown: set[str] = set()
        for start, end in self.file.headers[place::6]:
            for element in self.blocks(start, end):
                if element.text and element.text not in shown:
                    shown.add(element.text)
                    yield Element(kind, element.text)

    @cached_property
    def _titles(self) -> dict[int, int]:
        """Where paragraphs begin that their looks alone make titles, and their levels: none where a style tells any of parts."""
        found = [(one.start(), one.end(), self.file.paragraph(one.end() - 1)) for one in self._paragraphs()]
        above = 0
        for start, end, paragraph in found:
            kinds = [style.kind for style in self.file.chain(paragraph.style)]
            if self._heading(paragraph, kinds) and self._written(start, end, paragraph):
                if not any(kind in _TITLES for kind in kinds):
                    return {}
                above = 1
        titles = titles_of([self._block(*one) for one in found], above)
        return {found[place][0]: level for place, level in titles.items()}

    @cached_property
    def _is_typescript(self) -> bool:
        """Most of its text is in a face of one width, which then tells nothing."""
        sizes = {True: 0, False: 0}
        for found in self._paragraphs():
            paragraph = self.file.paragraph(found.end() - 1)
            for text, run in self._runs(found.start(), found.end(), paragraph):
                sizes[is_mono(self.file.face(run, paragraph))] += len(text)
        return sizes[True] > sizes[False]

    def _paragraphs(self) -> Iterator[re.Match[str]]:
        """Those of the document."""
        return (one for one in _PARAGRAPH.finditer(self.file.text, *self.file.stories["text"]) if one.start() < one.end())

    def _runs(self, start: int, end: int, paragraph: Paragraph) -> Iterator[tuple[str, Run]]:
        """What is shown and is more than white space."""
        for first, stop, run in self.file.runs(start, end):
            text = self.file.text[first:stop].translate(_CHARACTERS).strip()
            if text and not run.deleted and not self.file.is_hidden(run, paragraph):
                yield text, run

    def _written(self, start: int, end: int, paragraph: Paragraph) -> str:
        return " ".join(text for text, _ in self._runs(start, end, paragraph))

    def _block(self, start: int, end: int, paragraph: Paragraph) -> Shown:
        kinds = [style.kind for style in self.file.chain(paragraph.style)]
        usual = paragraph.depth <= 0 and not self._heading(paragraph, kinds) and not (kinds and kinds[0] in (*_ENTRIES, _CAPTION))
        prints = (self.file.print(run, paragraph) for _, run in self._runs(start, end, paragraph))
        return Shown(self._written(start, end, paragraph), quietest(prints) if usual else None, paragraph.numbered > 0)

    def _is_mono(self, start: int, end: int, paragraph: Paragraph) -> bool:
        """All of it is in a face of one width, where most of the text is not."""
        faces = [is_mono(self.file.face(run, paragraph)) for _, run in self._runs(start, end, paragraph)]
        return bool(faces) and all(faces) and not self._is_typescript

    def _heading(self, paragraph: Paragraph, kinds: Sequence[int]) -> int:
        """The level of a heading by its style or outline; 0: it is none."""
        return next((_HEADINGS[kind] for kind in kinds if kind in _HEADINGS), 0) or (paragraph.outline + 1) % 10

    # ------------------------------------------------------------ blocks

    def blocks(self, start: int, end: int) -> Iterator[Element]:
        """Paragraphs and tables of a story or a part of one."""
        table = Rows()
        for found in _PARAGRAPH.finditer(self.file.text, start, end):
            if found.start() == found.end():
                continue
            last = found.end() - 1
            paragraph = self.file.paragraph(last)
            if paragraph.depth <= 0:
                yield from table.elements()
                table = Rows()
                yield from self._paragraph(found.start(), found.end(), paragraph)
                yield from self._hung()
            elif paragraph.depth == 1 and paragraph.ends_row:
                table.end_row(*_defined(paragraph.row), header=paragraph.header)
            else:
                table.inside += self._paragraph(found.start(), found.end(), paragraph)
                table.inside += self._hung()
                if paragraph.depth == 1 and self.file.text[last] == "\x07":
                    table.inside += self._rest()
                    table.end_cell()
        yield from table.elements()
        yield from self._rest()

    def _hung(self) -> list[Element]:
        found, self._hanging = self._hanging, []
        return found

    def _rest(self) -> Iterator[Element]:
        """The paragraph that no other one goes on with."""
        line, self._begun = self._begun, None
        if line is not None and (text := line.text(raw=False)):
            yield Element("paragraph", text)

    def _paragraph(self, start: int, end: int, paragraph: Paragraph) -> Iterator[Element]:
        styles = self.file.chain(paragraph.style)
        kinds = [style.kind for style in styles]
        line, self._begun = self._begun or Line(), None
        deleted = False
        for first, stop, run in self.file.runs(start, end):
            self._run(line, first, stop, run, paragraph)
            deleted = run.deleted
        self._fields = [False for instruction in self._fields if not instruction]
        if deleted or paragraph.initial & 7:  # the mark at its end is gone, or it is the initial of the next one
            self._begun = line
            return
        code = any(kind in _CODE for kind in kinds) or self._is_mono(start, end, paragraph)
        line.pieces = ["".join(line.pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")]
        text = line.text(raw=code)
        label = self._label(paragraph)
        if not text:
            if paragraph.depth <= 0:
                yield Element("code", "")  # a blank line, if it stands in a listing
            return
        if heading := self._heading(paragraph, kinds) or self._titles.get(start, 0):
            numbered = f"{label} {text}" if label and label != "-" else text
            yield Element("heading", " ".join(numbered.split("\n")), min(heading, 6))
        elif label:
            depth = (kinds[0] - _DEEPER_LISTS[0]) % 4 + 2 if kinds and kinds[0] in _DEEPER_LISTS else 1
            yield Element("list_item", text, max(paragraph.level + 1, depth), marker=label)
        elif kinds and kinds[0] in _ENTRIES:
            yield Element("list_item", text, _ENTRIES.index(kinds[0]) + 1, marker="-")
        elif kinds and kinds[0] == _CAPTION:
            yield Element("caption", text)
        else:
            yield Element("code" if code else "paragraph", text)

    def _run(self, line: Line, start: int, end: int, run: Run, paragraph: Paragraph) -> None:
        text, face = self.file.text[start:end], self.file.face(run, paragraph)
        if _PICTURE in text:
            self._ticked = self.file.is_ticked(run)
        if run.deleted:
            self.deletions += 1
        marks = self._places[bisect_left(self._places, start) : bisect_left(self._places, end)]
        shown = not (run.deleted or self.file.is_hidden(run, paragraph))
        if shown and not any(self._fields) and (_PICTURE in text or _FLOATING in text):
            self._hang(start, text, run)
        if run.symbol is not None and shown:
            font, character = run.symbol
            text = symbol(self.file.fonts[font] if font < len(self.file.fonts) else "", character) * len(text)
        if run.raised:
            text = raised(text)
        done = start
        for mark in (*marks, None):
            stop = end if mark is None else mark + 1
            self._shown(line, text[done - start : stop - start], shown, face)
            if mark is not None and not run.deleted:
                line.pieces.append(self._marks[mark])
            done = stop

    def _hang(self, start: int, text: str, run: Run) -> None:
        """The pictures that stand in the text, and those that are anchored there; drawings only count."""
        places = [f"{_INLINE}/{run.data}"] if _PICTURE in text and run.data is not None and self.file.is_picture(run.data) else []
        for anchor in (found.start() for found in re.finditer(_FLOATING, text)):
            places += [f"{_IN_DOCUMENT}/{at}" for at in self.file.floating.get(start + anchor, ())]
        self.pictures.update(places)
        self._hanging += [Element("image", target=place) for place in places if self.bitmap(place)]

    def bitmap(self, target: str) -> memoryview:
        stream, _, at = target.partition("/")
        return self.file.bitmap(int(at)) if stream == _INLINE else self.file.floating_bitmap(int(at))

    def _shown(self, line: Line, text: str, shown: bool, face: str) -> None:
        for piece in _TURNS.split(text.translate(_CHARACTERS)):
            if piece == _BEGINS:
                self._fields.append(True)
                self._instruction = []
            elif piece == _RESULT and self._fields:
                self._fields[-1] = False
            elif piece == _ENDS and self._fields:
                if self._fields.pop() and shown and not any(self._fields):
                    instruction = "".join(self._instruction)
                    box = instruction.strip() == _BOX_FIELD
                    line.pieces.append(fields.BOXES[self._ticked] if box else fields.told(instruction))
            elif shown and piece and not any(self._fields):
                line.pieces.append(without_private(piece, face))
            elif piece and self._fields and self._fields[-1]:
                self._instruction.append(piece)

    def _label(self, paragraph: Paragraph) -> str | None:
        """The label of an item, whose list counts on; None: it is none."""
        if not 0 < paragraph.numbered <= len(self.file.lists):
            return None
        numbers = self.file.lists[paragraph.numbered - 1]
        levels = numbers.levels
        if not levels:
            return None
        place = min(paragraph.level, len(levels) - 1)
        counts = self._counts.setdefault(numbers.identity, [])
        counts += [level.start - 1 for level in levels[len(counts) : place]]
        before = counts[place] if place < len(counts) else levels[place].start - 1
        counts[place:] = [numbers.starts.pop(place, before + 1)]  # once
        return _told(levels, place, counts)


def _told(levels: Sequence[Level], place: int, counts: Sequence[int]) -> str | None:
    level = levels[place]
    if level.form == _NO_LABEL:
        return None
    if level.form == _BULLET:
        return "-"

    def number(character: str) -> str:
        of = ord(character)
        if of >= 9:
            return character
        return numeral(max(counts[of], levels[of].start), _FORMS.get(levels[of].form, "1")) if of < len(counts) else ""

    return "".join(map(number, level.label)).strip() or None


def _defined(definition: bytes) -> tuple[list[int], list[int]]:
    """The edges of a row's cells, in twentieths of a point, and the flags of each."""
    if not definition:
        return [], []
    count = definition[0]
    if len(definition) < 1 + 2 * (count + 1):
        return [], []
    edges = [int.from_bytes(definition[at : at + 2], "little", signed=True) for at in range(1, 3 + 2 * count, 2)]
    if any(edge > after for edge, after in pairwise(edges)):
        return [], []
    cells = definition[3 + 2 * count :]
    return edges, [int.from_bytes(cells[at : at + 2], "little") for at in range(0, min(len(cells) - 1, 20 * count), 20)]
