"""Printed documents of known structure: how much of it comes out of their PDFs, by program that printed them.

Those of Chromium, LaTeX, LibreOffice, Typst and WeasyPrint that are installed print the same documents, made on the spot. In this
process, without Ray and the database. A piece is right if an element is of its kind and has its text and nothing else: letters,
digits and signs, not spaces, hyphens or case; an item its level, a table each of its cells, too. `scanned_prints` is the same
with pictures of the pages.
"""

import operator
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.printing import documents
from benchmarks.printing.documents import Document, Piece
from benchmarks.printing.printers import PRINTERS, Printer, installed
from kbray.config import Settings
from kbray.document.arrow import elements_from_parquet
from kbray.document.finish import finish
from kbray.model import NOTE_MARK, Element, Kind, Parsed, Table, Window
from kbray.parse import parse

FILES = 40
MEDIA_TYPE = "application/pdf"
_WHOLE = Window()
_KINDS: dict[str, Kind] = {
    "title": "heading",
    "heading": "heading",
    "paragraph": "paragraph",
    "quote": "paragraph",
    "box": "paragraph",
    "note": "footnote",
    "bullet": "list_item",
    "number": "list_item",
    "table": "table",
    "caption": "caption",
    "code": "code",
}


def run(folder: Path, files: int) -> dict[str, object]:
    """Share of the pieces that are right: of all, and by kind.

    Raises: SystemExit: no program that prints is installed.
    """
    settings = Settings(home=folder, ocr="never")
    return measured(folder, files, PRINTERS, lambda path: elements(parse(path, MEDIA_TYPE, _WHOLE, settings)), operator.eq)


def measured(
    folder: Path,
    files: int,
    writers: Sequence[Printer],
    read: Callable[[Path], Sequence[Element]],
    same: Callable[[str, str], bool],
) -> dict[str, object]:
    """Args: read: what a writer made. same: whether two texts, as compared, are; as `run` otherwise."""
    made = [documents.document(number) for number in range(files)]
    found: dict[str, object] = {"documents": files}
    for printer in installed(writers):
        counted = Counter[tuple[str, bool]]()
        for document, path in zip(made, printer.print(made, folder), strict=True):
            counted.update(judged(document, read(path), printer, same))
        right = sum(number for (_, is_right), number in counted.items() if is_right)
        all_of = Counter(kind for kind, _ in counted.elements())
        each = {kind: f"{counted[kind, True]}/{all_of[kind]}" for kind in _KINDS if all_of[kind]}
        found[printer.name] = {"all": round(right / counted.total(), 3), "pieces": counted.total(), **each}
    if len(found) == 1:
        raise SystemExit("This benchmark needs one of these programs: " + ", ".join({one.program: None for one in writers}))
    return found


def elements(parsed: Parsed) -> tuple[Element, ...]:
    """Of a file of one part, as they are stored."""
    finished = finish([parsed], sha256="", fingerprint="", media_type=MEDIA_TYPE, expected=[_WHOLE], failures=parsed.failures)
    return elements_from_parquet(finished.elements)


def judged(
    document: Document, found: Sequence[Element], printer: Printer, same: Callable[[str, str], bool]
) -> Counter[tuple[str, bool]]:
    """(kind of piece, whether it is right) → how many."""
    texts = [(element.kind, _level(element), folded(element.text)) for element in found]
    tables = [grid(element.table) for element in found if element.table is not None]

    def is_there(kind: Kind, level: int, text: str) -> bool:
        return any(
            (kind, level) == (its_kind, its_level) and same(its_text, folded(text)) for its_kind, its_level, its_text in texts
        )

    counted = Counter[tuple[str, bool]]()
    for piece in document.pieces:
        if piece.kind == "table":
            rows = [list(map(folded, row)) for row in piece.rows]
            counted[piece.kind, any(_are_same(rows, table, same) for table in tables)] += 1
        elif piece.kind == "box":  # its head may be a title, or stand with the text
            counted[piece.kind, any(is_there("paragraph", 0, text) for text in (piece.text, piece.head + piece.text))] += 1
        else:
            counted[piece.kind, is_there(_KINDS[piece.kind], _level(piece), piece.text)] += 1
        if piece.note and printer.notes:
            counted["note", is_there("footnote", 0, piece.note)] += 1
    return counted


def _are_same(rows: Sequence[Sequence[str]], others: Sequence[Sequence[str]], same: Callable[[str, str], bool]) -> bool:
    return [len(row) for row in rows] == [len(row) for row in others] and all(
        same(text, other) for row, its in zip(rows, others, strict=True) for text, other in zip(row, its, strict=True)
    )


def _level(piece: Piece | Element) -> int:
    """Of an item; those of headings follow the whole document."""
    return piece.level if piece.kind in ("bullet", "number", "list_item") else 0


def folded(text: str) -> str:
    """As compared: without what a line break may change, and without marks of notes."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", NOTE_MARK.sub("", text)).casefold()
        if not character.isspace() and character not in "-\u2010\u2011\u00ad"
    )


def grid(table: Table) -> list[list[str]]:
    """The cells of a table, row by row, as compared."""
    rows = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row][cell.column] = folded(cell.text)
    return rows
