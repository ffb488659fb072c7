"""Documents of ordinary length, each different, made on the spot: books as EPUB (300 KB of text) and papers as PDF (30 pages)."""

import random
import textwrap
from pathlib import Path

from benchmarks import pile
from tests.writers.small_pdf import Line, text_pdf

PARAGRAPHS = 900
PAGES = 30
LINES = 48


def make(folder: Path, files: int) -> None:
    """Write `files` documents, two PDFs for each EPUB, 500 to a subfolder."""
    for number in range(files):
        place = folder / f"{number // 500:04d}"
        place.mkdir(parents=True, exist_ok=True)
        chance = random.Random(number)
        name = place / f"document-{number:06d}"
        if number % 3 == 0:
            pile.epub(name, f"Book {number}", [pile.paragraph(chance) for _ in range(PARAGRAPHS)])
        else:
            pages = [_page(chance, number, page) for page in range(1, PAGES + 1)]
            name.with_suffix(".pdf").write_bytes(text_pdf(pages, f"Paper {number}", ()))


def _page(chance: random.Random, number: int, page: int) -> list[Line]:
    """A heading and as much text as fits below it."""
    words = " ".join(pile.paragraph(chance) for _ in range(12))
    text = textwrap.wrap(words, 90)[:LINES]
    heading = Line(72, 60, f"Paper {number}, section {page}", 16, bold=True)
    return [heading, *(Line(72, 90 + line * 13, words, 10) for line, words in enumerate(text))]
