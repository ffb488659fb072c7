"""Documents whose structure is known, each with another look.

Columns, faces, sizes, indents or white space, hyphens, running titles, rules of tables and bullets differ.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from benchmarks import pile

Kind = Literal["title", "heading", "paragraph", "bullet", "number", "table", "caption", "code", "quote", "box"]
_SERIF, _SANS = ("Liberation Serif", "DejaVu Serif"), ("Liberation Sans", "DejaVu Sans")
_MONO = "Liberation Mono", "DejaVu Sans Mono"
_FIGURE = re.compile(r"[\d,.%]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a document as an author means it."""

    kind: Kind
    text: str = ""
    level: int = 1  # of headings and items
    rows: tuple[tuple[str, ...], ...] = ()  # of a table, the first its header
    head: str = ""  # of a box
    note: str | None = None  # a footnote at the end of the text

    @property
    def figures(self) -> set[int]:
        """Columns of a table that hold numbers, which are set at the right."""
        return {column for column in range(len(self.rows[0])) if all(_FIGURE.fullmatch(row[column]) for row in self.rows[1:])}


@dataclass(frozen=True, slots=True)
class Look:
    columns: int
    serif: bool
    face: int
    size: float  # points
    margin: int  # millimetres
    leading: float
    justified: bool
    indented: bool  # paragraphs are told by an indent, or else by white space
    hyphens: bool
    title: str  # running
    pages: bool  # numbered
    rules: Literal["grid", "lines", "stripes", "bare"]
    bullet: Literal["disc", "square", "circle"]

    @property
    def family(self) -> str:
        return (_SERIF if self.serif else _SANS)[self.face]

    @property
    def mono(self) -> str:
        return _MONO[self.face]


@dataclass(frozen=True, slots=True)
class Document:
    look: Look
    pieces: list[Piece] = field(default_factory=list)


def document(number: int) -> Document:
    """The same for the same number: a title and some sections, on two to six pages."""
    chance = random.Random(number)
    look = Look(
        columns=chance.choice((1, 1, 2)),
        serif=chance.random() < 0.5,
        face=chance.randint(0, 1),
        size=chance.choice((9, 10, 10.5, 11, 12)),
        margin=chance.choice((18, 22, 25)),
        leading=chance.choice((1.2, 1.35, 1.5)),
        justified=chance.random() < 0.6,
        indented=chance.random() < 0.5,
        hyphens=chance.random() < 0.4,
        title=_title(chance, 3) if chance.random() < 0.5 else "",
        pages=chance.random() < 0.75,
        rules=chance.choice(("grid", "lines", "stripes", "bare")),
        bullet=chance.choice(("disc", "square", "circle")),
    )
    return Document(look, list(_pieces(chance)))


def _pieces(chance: random.Random) -> Iterator[Piece]:
    numbered, tables = chance.random() < 0.5, 0
    yield Piece("title", _title(chance, 6))
    for section in range(1, chance.randint(4, 6)):
        yield Piece("heading", (f"{section} " if numbered else "") + _title(chance, 4))
        for part in range(1, chance.randint(2, 5)):
            if chance.random() < 0.4:
                yield Piece("heading", (f"{section}.{part} " if numbered else "") + _title(chance, 5), 2)
            yield Piece("paragraph", _text(chance, 5), note=_text(chance, 1) if chance.random() < 0.15 else None)
            made = chance.choice(("bullets", "numbers", "nested", "table", "table", "code", "quote", "box", "", ""))
            if made == "table":
                tables += 1
                caption = Piece("caption", f"Table {tables}: {_title(chance, 5)}")
                table = Piece("table", rows=_rows(chance))
                yield from (caption, table) if chance.random() < 0.5 else (table, caption)
            else:
                yield from _others(chance, made)
            yield Piece("paragraph", _text(chance, 4))


def _others(chance: random.Random, made: str) -> Iterator[Piece]:
    if made in ("bullets", "numbers"):
        for _ in range(chance.randint(2, 6)):
            yield Piece(
                "bullet" if made == "bullets" else "number", _text(chance, 2) if chance.random() < 0.3 else _title(chance, 6)
            )
    elif made == "nested":
        for _ in range(chance.randint(2, 4)):
            yield Piece("bullet", _title(chance, 6))
            yield from (Piece("bullet", _title(chance, 5), 2) for _ in range(chance.randint(1, 3)))
    elif made == "code":
        lines = [f"{'    ' * (line % 3)}{_word(chance)} = {_word(chance)}({line * 7})" for line in range(chance.randint(3, 8))]
        yield Piece("code", "\n".join(lines))
    elif made:
        yield Piece("quote" if made == "quote" else "box", _text(chance, 2), head="Note")


def _rows(chance: random.Random) -> tuple[tuple[str, ...], ...]:
    columns = chance.randint(2, 5)
    kinds = ["word", *(chance.choice(("word", "number", "share")) for _ in range(columns - 1))]
    if chance.random() < 0.25:
        kinds[-1] = "text"
    makers: dict[str, Callable[[], str]] = {
        "word": lambda: _title(chance, 2),
        "number": lambda: f"{chance.randint(1, 99_999):,}",
        "share": lambda: f"{100 * chance.random():.1f}%",
        "text": lambda: _text(chance, 1),
    }
    head = tuple(_title(chance, 2) for _ in kinds)
    return (head, *(tuple(makers[kind]() for kind in kinds) for _ in range(chance.randint(3, 9))))


def _word(chance: random.Random) -> str:
    return chance.choice(pile.WORDS)


def _title(chance: random.Random, words: int) -> str:
    """So many words and a letter and number, so that no two are the same."""
    found = [_word(chance) for _ in range(words - 1)]
    return f"{' '.join(found).capitalize()} {chance.choice('ABCDEFGH')}{chance.randint(10, 99)}"


def _text(chance: random.Random, sentences: int) -> str:
    return " ".join(pile.paragraph(chance) for _ in range(sentences))
