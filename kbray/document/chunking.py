"""A document → chunks: passages of a bounded number of tokens that follow its structure, each of which knows its place.

No chunk crosses a chapter. A section that is long enough begins a chunk of its own; a table is kept whole, or cut between rows
with its header repeated; a sentence is cut only where it alone is too long. Where a chunk breaks off in running text, the next
one repeats its last sentences.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from kbray.geometry import Box, union
from kbray.model import Cell, Chunk, Element

REVISION = 3
"""Raised whenever the same elements make other chunks."""

Count = Callable[[Sequence[str]], Sequence[int]]
"""(n) texts → (n) numbers of tokens, without those that a model puts around a text."""

_FRAME = 2  # tokens that a model puts around a text
_PATH_SHARE = 0.25  # of a chunk, for the titles in front of it
_SECTION_SHARE = 0.25  # a heading begins a chunk where there is at least so much in the one before
_HEADER_SHARE = 0.5  # a table's header is repeated where it leaves room for rows
_PADDED_COLUMNS = 100  # of wider tables, which may be hostile, empty cells are left out
_SENTENCE = re.compile(  # nothing is looked at twice: an endless row of stops would take hours
    r"""
    .(?:[^.!?…。！？]++|[.!?…]++(?!["'’”»)\]]*+\s))*+
    (?:[.!?…]++["'’”»)\]]*+|[。！？]++[」』”）]*+|$)\s*+
    """,
    re.DOTALL | re.VERBOSE,
)
_WORD = re.compile(r"\s*\S+\s*")
_SPACES = re.compile(r"[ \t\f\v]+")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never cut again: a sentence, a row, a line."""

    text: str
    tokens: int
    element: int
    glue: str  # between it and the piece before
    whole: int = 0  # tokens of the table it begins
    header: bool = False  # a row that later parts of its table repeat
    place: tuple[int, Box] | None = None  # page and box of a row, or of a sentence behind a page or column break


def chunk(elements: Sequence[Element], count: Count, *, size: int = 256, overlap: int | None = None) -> list[Chunk]:
    """Chunks in reading order; running titles, and what stands around the main content, are left out.

    Args: size: tokens of a chunk at most, titles and the model's own included.
          overlap: tokens repeated at most; an eighth of the size if not given.
    Raises: ValueError: the size leaves no room for text.
    """
    overlap = size // 8 if overlap is None else overlap
    if size < 4 * _FRAME or not 0 <= overlap < size // 2:
        raise ValueError(f"chunks of {size} tokens with an overlap of {overlap} leave no room for text")
    packer = _Packer(elements, count, size, overlap)
    for piece in _pieces(elements, count, packer.room_least):
        packer.add(piece)
    packer.flush()
    return packer.chunks


def embedded_text(path: Sequence[str], text: str) -> str:
    """What a model and the lexical index read of a chunk."""
    return f"{' > '.join(path)}\n{text}" if path else text


class _Packer:
    """Fills chunks piece by piece."""

    def __init__(self, elements: Sequence[Element], count: Count, size: int, overlap: int) -> None:
        self.chunks: list[Chunk] = []
        self.room_least = size - _FRAME - int(_PATH_SHARE * size)
        self._elements = elements
        self._count = count
        self._size = size
        self._overlap = overlap
        self._paths: dict[tuple[str, ...], tuple[tuple[str, ...], int]] = {}
        self._held: list[_Piece] = []
        self._repeated = 0  # pieces of these that the chunk before ends with
        self._header: list[_Piece] = []  # of the table that is being read
        self._table: int | None = None

    def add(self, piece: _Piece) -> None:
        if self._held and self._begins_chunk(piece):
            self.flush()
        elif self._held and (not self._fits(piece.tokens) or (piece.whole and not self._fits(piece.whole))):
            # a table that would not fit into a chunk of its own either has `whole` = 0
            self._go_on(piece)
        if piece.element != self._table:
            self._table, self._header = piece.element, []
        if piece.header:
            self._header.append(piece)
        self._held.append(piece)

    def flush(self) -> None:
        """What is held becomes a chunk."""
        if len(self._held) > self._repeated:
            self.chunks.append(self._made())
        self._held, self._repeated = [], 0

    def _begins_chunk(self, piece: _Piece) -> bool:
        last, next_ = self._elements[self._held[-1].element], self._elements[piece.element]
        if piece.element == self._held[-1].element:
            return False
        if next_.chapter != last.chapter:
            return True
        if next_.kind != "heading" or all(self._elements[held.element].kind == "heading" for held in self._held):
            return False
        return next_.level == 1 or self._tokens() >= _SECTION_SHARE * self._size

    def _go_on(self, piece: _Piece) -> None:
        """The chunk is full; what the next one repeats of it stands at its beginning."""
        held = self._held
        titles = 0  # a heading stays with what is below it
        while titles < len(held) - self._repeated - 1 and self._elements[held[-1 - titles].element].kind == "heading":
            titles += 1
        moved = held[len(held) - titles :]
        self._held = held[: len(held) - titles]
        again = [] if moved else self._again(piece)
        self.flush()
        self._held, self._repeated = [*again, *moved], len(again)
        if not self._fits(piece.tokens):  # what is repeated must not keep out what is new
            self._held, self._repeated = moved, 0
        if self._held and not self._fits(piece.tokens):
            self.flush()

    def _again(self, piece: _Piece) -> list[_Piece]:
        """Of the chunk that is full, for the one that begins with `piece`."""
        if piece.element == self._table and self._elements[piece.element].table is not None:
            header = [] if piece.header else self._header
            return header if sum(row.tokens for row in header) <= _HEADER_SHARE * self.room_least else []
        kept: list[_Piece] = []
        left = self._overlap
        for held in reversed(self._held):
            element = self._elements[held.element]
            if element.kind not in ("paragraph", "list_item") or held.tokens > left or len(kept) == len(self._held) - 1:
                break
            kept.insert(0, held)
            left -= held.tokens
        return kept

    def _tokens(self) -> int:
        return sum(piece.tokens for piece in self._held)

    def _fits(self, tokens: int) -> bool:
        if not self._held:
            return True
        return self._tokens() + tokens <= self._size - _FRAME - self._path(self._held[0])[1]

    def _path(self, first: _Piece) -> tuple[tuple[str, ...], int]:
        """The titles above a piece and their tokens; the outermost are left out where they would take too much."""
        full = self._elements[first.element].heading_path
        if full not in self._paths:
            tokens = [number + 1 for number in self._count(full)] if full else []  # and a sign between them
            kept = len(full)
            while kept and sum(tokens[len(full) - kept :]) > _PATH_SHARE * self._size:
                kept -= 1
            self._paths[full] = (full[len(full) - kept :], sum(tokens[len(full) - kept :]))
        return self._paths[full]

    def _made(self) -> Chunk:
        first, last = self._held[0], self._held[-1]
        text, repeated = first.text, 0
        for number, piece in enumerate(self._held[1:], start=1):
            if number == self._repeated:
                repeated = len(text)
            text += piece.glue + piece.text
        path, path_tokens = self._path(first)
        page, box = self._place()
        new = self._elements[self._held[self._repeated].element]
        return Chunk(
            text=text,
            heading_path=path,
            tokens=_FRAME + path_tokens + self._tokens(),
            first=first.element,
            last=last.element,
            repeated=repeated,
            page=page,
            box=box,
            chapter=new.chapter,
            anchor=new.anchor,
            print_page=new.print_page,
            language=new.language,
        )

    def _place(self) -> tuple[int | None, Box | None]:
        """Of what is new: its first element, or what of a table or a joined paragraph is there on the page where that begins."""
        new = self._held[self._repeated :]
        rows = [piece.place for piece in new if piece.place is not None and piece.element == new[0].element]
        first = self._elements[new[0].element]
        if new[0].place is None:
            return first.page, first.box
        if first.table is None:
            return new[0].place
        page = new[0].place[0]
        return page, union(box for other, box in rows if other == page)


# ---------------------------------------------------------------- elements → pieces


def _pieces(elements: Sequence[Element], count: Count, room: int) -> Iterator[_Piece]:
    for number, element in enumerate(elements):
        if not element.is_content:
            continue
        pieces = _table(element, number) if element.table is not None and element.table.cells else _running(element, number)
        if not pieces:
            continue
        counted = [
            replace(piece, tokens=tokens) for piece, tokens in zip(pieces, count([piece.text for piece in pieces]), strict=True)
        ]
        whole = sum(piece.tokens for piece in counted)
        if element.table is not None and whole <= room:
            counted[0] = replace(counted[0], whole=whole)
        for piece in counted:
            yield from _cut(piece, count, room)


def _running(element: Element, number: int) -> list[_Piece]:
    """Sentences; lines where lines mean something."""
    text = element.text.strip() if element.kind != "code" else element.text.strip("\n")
    places: list[tuple[int, Box] | None]
    if not text.strip():
        return []
    if element.kind in ("code", "formula"):
        parts = [line for line in text.splitlines() if line.strip()]
        glues = ["\n"] * len(parts)
        places = [None] * len(parts)
    else:
        cut = [found for found in _SENTENCE.finditer(text) if found[0].strip()]
        sentences = [found[0] for found in cut]
        places = [_place_at(element, found.start()) for found in cut] if element.rest else [None] * len(cut)
        parts = [_SPACES.sub(" ", sentence.strip()) for sentence in sentences]
        ends = [sentence[len(sentence.rstrip()) :] for sentence in sentences]
        glues = ["", *("\n" if "\n" in end else " " if end else "" for end in ends[:-1])]
    parts[0] = _marked(element, parts[0])
    glues[0] = "\n" if element.kind == "list_item" else "\n\n"
    return [_Piece(part, 0, number, glue, place=place) for part, glue, place in zip(parts, glues, places, strict=True)]


def _place_at(element: Element, start: int) -> tuple[int, Box] | None:
    """Page and box of what begins there in the text of a paragraph that goes on over page or column breaks."""
    place = None if element.page is None or element.box is None else (element.page, element.box)
    for part in element.rest:
        if part.start <= start:
            place = part.page, part.box
    return place


def _marked(element: Element, text: str) -> str:
    if element.kind == "footnote" and element.marker:
        return f"[^{element.marker}]: {text}"
    return f"{element.marker} {text}" if element.kind == "list_item" and element.marker else text


def _table(element: Element, number: int) -> list[_Piece]:
    """A piece a row; the header rows at its beginning are marked.

    An empty cell keeps its place, or those behind it would be read below a wrong title; not so columns that are empty throughout.
    """
    assert element.table is not None
    rows: dict[int, list[Cell]] = {}
    for cell in sorted(element.table.cells, key=lambda cell: (cell.row, cell.column)):
        if cell.text.strip():
            rows.setdefault(cell.row, []).append(cell)
    columns = sorted({cell.column for cells in rows.values() for cell in cells})
    pieces: list[_Piece] = []
    above = True
    for row in sorted(rows):
        above = above and all(cell.header for cell in rows[row])
        told = {cell.column: " ".join(cell.text.split()) for cell in rows[row]}
        shown = columns[: columns.index(rows[row][-1].column) + 1] if len(columns) <= _PADDED_COLUMNS else told
        text = " | ".join(told.get(column, "") for column in shown).strip()
        pieces.append(_Piece(text, 0, number, "\n" if pieces else "\n\n", header=above, place=_place_of(rows[row])))
    return pieces


def _place_of(cells: Sequence[Cell]) -> tuple[int, Box] | None:
    placed = [(cell.page, cell.box) for cell in cells if cell.page is not None and cell.box is not None]
    if not placed:
        return None
    page = placed[0][0]
    return page, union(box for other, box in placed if other == page)


def _cut(piece: _Piece, count: Count, room: int) -> Iterator[_Piece]:
    """The piece; or, where it alone is too long for a chunk, its words, or what of these is still too long halved."""
    if piece.tokens <= room:
        yield piece
        return
    words = [found[0] for found in _WORD.finditer(piece.text)]
    if len(words) == 1:
        middle = len(piece.text) // 2
        halves = [piece.text[:middle], piece.text[middle:]] if middle else [piece.text]
        if not middle:
            yield replace(piece, tokens=room)  # one character: no model has more tokens for it than fit
            return
        for place, (half, tokens) in enumerate(zip(halves, count(halves), strict=True)):
            glue = "" if place else piece.glue
            yield from _cut(replace(piece, text=half, tokens=tokens, glue=glue, whole=0, header=False), count, room)
        return
    held: list[str] = []
    tokens = 0
    glue = piece.glue
    for word, more in zip(words, count([word.strip() for word in words]), strict=True):
        if held and tokens + more > room:
            yield replace(piece, text="".join(held).strip(), tokens=tokens, glue=glue, whole=0, header=False)
            held, tokens, glue = [], 0, " "
        if more > room:
            yield from _cut(replace(piece, text=word.strip(), tokens=more, glue=glue, whole=0, header=False), count, room)
            glue = " "
            continue
        held.append(word)
        tokens += more
    if held:
        yield replace(piece, text="".join(held).strip(), tokens=tokens, glue=glue, whole=0, header=False)
