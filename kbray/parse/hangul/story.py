"""A document of Hangul → elements: titles, lists, tables, pictures, notes and comments, as those of other office files."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from kbray.document.superscripts import raised
from kbray.model import Cell, Element, Kind
from kbray.parse import comments
from kbray.parse.comments import Comment
from kbray.parse.faces import is_mono
from kbray.parse.hangul import equations
from kbray.parse.hangul.document import (
    Document,
    Drawn,
    Formula,
    Frame,
    Grid,
    Head,
    Note,
    Paragraph,
    Picture,
    Remark,
    Run,
    Running,
    TableCell,
)
from kbray.parse.hangul.frames import unframe
from kbray.parse.hangul.labels import Labels
from kbray.parse.hangul.signs import readable, with_items
from kbray.parse.looks import Shown, quietest, titles_of
from kbray.parse.markup.typed import with_typed
from kbray.parse.office.inline import Line, in_cell, in_table, joined
from kbray.parse.symbols import without_private

_LONGEST_TITLE = 150  # characters; paragraphs of the outline that are longer are numbered text
_CAPTION, _ENTRY = "Caption", "TOC "
_PAGE = re.compile(r"\t\s*[0-9]{1,4}\s*\Z")  # that an entry of a table of contents ends with
_OF_HANGUL = re.compile(r"(?:그림|사각형|묶음 개체|선|타원|다각형|글상자|수식|표)입니다")


class Story:
    def __init__(self, document: Document) -> None:
        unframe(document.paragraphs)
        self._document = document
        self._labels = Labels(document.labels)
        self._notes: list[Note] = []
        self._remarks: list[Remark] = []
        self._running: dict[tuple[Kind, str], None] = {}

    def elements(self) -> Iterator[Element]:
        """All of the document: headers, its text, footers, notes, comments."""
        body = list(with_typed(with_items(joined(self.blocks(self._document.paragraphs)))))
        notes = list(self._told_notes())
        yield from (Element(kind, text) for kind, text in self._running if kind == "header")
        yield from body
        yield from (Element(kind, text) for kind, text in self._running if kind == "footer")
        yield from notes

    def _told_notes(self) -> Iterator[Element]:
        """Notes and comments, those that stand in notes, too."""
        done = 0
        while done < len(self._notes):
            done += 1
            inside = list(self.blocks(self._notes[done - 1].inside))
            formulas = tuple(formula for one in inside for formula in one.formulas)
            yield Element("footnote", in_cell(inside), marker=str(done), formulas=formulas)
        done = 0
        while done < len(self._remarks):
            remark = self._remarks[done]
            done += 1
            yield comments.note(Comment(in_cell(self.blocks(remark.inside)), remark.who, remark.when), done)

    def blocks(self, paragraphs: Iterable[Paragraph]) -> Iterator[Element]:
        for paragraph in paragraphs:
            yield from self._paragraph(paragraph)

    # ------------------------------------------------------------ titles

    @cached_property
    def _titles(self) -> Mapping[int, int]:
        """Paragraphs, by their ids, that looks alone make titles, and their levels: none where the outline tells any."""
        found = list(_shown_in(self._document.paragraphs))
        if any(_is_title(paragraph, text) for paragraph, text in found):
            return {}
        titles = titles_of([_look(paragraph, text) for paragraph, text in found])
        return {id(found[place][0]): level for place, level in titles.items()}

    @cached_property
    def _is_typescript(self) -> bool:
        """Most of its text is in a face of one width, which then tells nothing."""
        sizes = {True: 0, False: 0}
        for paragraph, _ in _shown_in(self._document.paragraphs):
            for run in _runs(paragraph):
                sizes[is_mono(run.face)] += sum(map(len, run.text.split()))
        return sizes[True] > sizes[False]

    # ------------------------------------------------------------ paragraphs

    def _paragraph(self, paragraph: Paragraph) -> Iterator[Element]:
        kind, head = self._kind(paragraph), paragraph.head
        line = Line(displayed=True)
        for piece in paragraph.pieces:
            if isinstance(piece, Formula):
                self._formula(piece, line)
            elif isinstance(piece, Running):
                self._running.update(((piece.kind, one.text), None) for one in self.blocks(piece.inside) if one.text)
            elif isinstance(piece, Drawn) and not (piece.inline and piece.is_block):
                line.hanging += self._drawn(piece)
            elif isinstance(piece, Drawn):
                found = list(self._text(paragraph, line, head, kind))
                head = None if any(one.text for one in found) else head
                yield from (*found, *self._drawn(piece))
                line = Line(displayed=True)
            else:
                text = _text(piece) if isinstance(piece, Run) else self._mark(piece)
                line.displayed = line.displayed and not text.strip()
                line.pieces.append(text)
        yield from self._text(paragraph, line, head, kind)

    def _kind(self, paragraph: Paragraph) -> Kind:
        """What it is where it is neither a title nor labelled."""
        if paragraph.style == _CAPTION:
            return "caption"
        if _is_entry(paragraph):
            return "list_item"
        return "code" if _is_code(paragraph) and not self._is_typescript else "paragraph"

    def _mark(self, piece: Note | Remark) -> str:
        """What refers to it."""
        if isinstance(piece, Note):
            self._notes.append(piece)
            return f"[^{len(self._notes)}]"
        self._remarks.append(piece)
        return comments.mark(len(self._remarks))

    def _text(self, paragraph: Paragraph, line: Line, head: Head | None, kind: Kind) -> Iterator[Element]:
        """What stands in the line, and what hangs on it."""
        text = line.text(raw=kind == "code")
        if text or (kind == "code" and not line.hanging):
            yield self._element(paragraph, text, line, head, kind)
        yield from line.hanging

    def _element(self, paragraph: Paragraph, text: str, line: Line, head: Head | None, kind: Kind) -> Element:
        formulas = tuple(line.formulas)
        label = self._labels.next(head) if head is not None else ""
        level = head.level + 1 if head is not None and _is_title(paragraph, text) else self._titles.get(id(paragraph), 0)
        if level:
            numbered = f"{label} {text}" if label and label != "-" else text
            return Element("heading", " ".join(numbered.split("\n")), min(level, 6), formulas=formulas)
        if head is not None and label:
            return Element("list_item", text, head.level + 1, marker=label, formulas=formulas)
        if kind == "list_item":
            return Element(kind, text, _entry_level(paragraph.style), marker="-", formulas=formulas)
        return Element("formula" if formulas and line.displayed else kind, text, formulas=formulas)

    def _formula(self, formula: Formula, line: Line) -> None:
        text, source = equations.read(formula.script)
        line.pieces.append(text)
        if source:
            line.formulas.append(source)

    # ------------------------------------------------------------ tables and drawings

    def _drawn(self, drawn: Drawn) -> Iterator[Element]:
        caption = [Element("caption", text)] if (text := in_cell(self.blocks(drawn.caption))) else []
        if drawn.caption_first:
            yield from caption
        for part in drawn.parts:
            if isinstance(part, Picture):
                yield Element("image", _told(part.alt), target=part.target or None)
            elif isinstance(part, Grid):
                yield from self._table(part.cells)
            elif isinstance(part, Frame):
                yield from self.blocks(part.inside)
            else:
                yield from self.blocks(part)
        if not drawn.caption_first:
            yield from caption

    def _table(self, cells: list[TableCell]) -> Iterator[Element]:
        grid: list[Cell] = []
        formulas: list[str] = []
        pictures: list[Element] = []
        for cell in cells:
            inside = list(self.blocks(cell.inside))
            formulas += (formula for one in inside for formula in one.formulas)
            pictures += (one for one in inside if one.kind == "image")
            grid.append(Cell(cell.row, cell.column, in_cell(inside), cell.row_span, cell.column_span, cell.header))
        yield from in_table(grid, formulas)
        yield from pictures


def _text(run: Run) -> str:
    text = raised(run.text) if run.raised else run.text
    return text if text.isprintable() else without_private(readable(text), run.face)


def _told(alt: str) -> str:
    """What somebody wrote of a picture; what Hangul itself writes there tells nothing."""
    return "" if _OF_HANGUL.match(alt) else " ".join(alt.split())


def _line(paragraph: Paragraph) -> str:
    return "".join(_text(piece) for piece in paragraph.pieces if isinstance(piece, Run))


def _runs(paragraph: Paragraph) -> Iterator[Run]:
    """Those with more than white space."""
    return (piece for piece in paragraph.pieces if isinstance(piece, Run) and piece.text.strip())


def _is_code(paragraph: Paragraph) -> bool:
    faces = [is_mono(run.face) for run in _runs(paragraph)]
    return bool(faces) and all(faces) and paragraph.head is None


def _is_title(paragraph: Paragraph, text: str) -> bool:
    """Of the outline, and no longer than titles are."""
    return paragraph.head is not None and paragraph.head.kind == "outline" and 0 < len(text) <= _LONGEST_TITLE


def _shown_in(paragraphs: Iterable[Paragraph]) -> Iterator[tuple[Paragraph, str]]:
    """Paragraphs of the text, those in frames, too, and what each says; not those in tables and boxes."""
    for paragraph in paragraphs:
        yield paragraph, " ".join(_line(paragraph).split())
        for piece in paragraph.pieces:
            for part in piece.parts if isinstance(piece, Drawn) else ():
                if isinstance(part, Frame):
                    yield from _shown_in(part.inside)


def _is_entry(paragraph: Paragraph) -> bool:
    """Of a table of contents."""
    if paragraph.style.startswith(_ENTRY):
        return True
    return _PAGE.search(_line(paragraph)) is not None


def _entry_level(style: str) -> int:
    level = style.removeprefix(_ENTRY)
    return min(int(level), 6) if style.startswith(_ENTRY) and level.isdecimal() and level != "0" else 1


def _look(paragraph: Paragraph, text: str) -> Shown:
    usual = paragraph.style != _CAPTION and not _is_entry(paragraph)
    return Shown(text, quietest(run.print for run in _runs(paragraph)) if usual else None, paragraph.head is not None)
