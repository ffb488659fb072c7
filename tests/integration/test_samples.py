"""The shipped samples: what they say comes out again, through every engine."""

import re
from functools import cache
from pathlib import Path

import pytest

from kbray import parse
from kbray.config import Settings
from kbray.document import markdown
from kbray.document.assemble import assemble
from kbray.errors import CorruptDocument
from kbray.model import Document
from kbray.parse.census import census
from tests.samples import make

SAMPLES = Path(__file__).parents[2] / "samples"
FACTS = {
    "field-guide.epub": (
        "application/epub+zip",
        "A Field Guide to Lost Files",
        ("## The Attic Folder", "library cards[^1] and", "[^3]: The last one is called final (3).", "  - day first"),
    ),
    "how-a-file-travels.html": (
        "text/html",
        "How a file travels through kbray",
        ("2. It is claimed, one part of sixteen pages at a time.", "| document.md | people & language models |"),
    ),
    "keeping-a-ledger.md": (
        "text/markdown",
        "Keeping a ledger",
        ("   - A struck line still counts.", "08:11  page 2   missing    water damage", "[^day]: The day something"),
    ),
    "letter-from-grayport.txt": ("text/plain", None, ("Naïve as it sounds, I had expected the Ægir’s papers",)),
    "brief-aus-wuerzburg.txt": ("text/plain", None, ("Nr. 88 (Flöße) und Nr. 90 (Brücken)", "Käthe Groß")),
    "survey-of-shelves.pdf": (
        "application/pdf",
        "A Survey of Shelves",
        ("## 3. Results", "the lamps of the north side were brighter than those of the south."),
    ),
    "shelf-committee.docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Minutes of the Shelf Committee",
        ("- Ottoline Frey", "Repair, then lock up", "when the lamp went out."),
    ),
}


@cache
def made(name: str) -> Document:
    path, settings = SAMPLES / name, Settings()
    seen = census(path, name, settings)
    assert seen.media_type == FACTS[name][0]
    windows = parse.windows(seen, settings.pages_per_part)
    parts = [parse.parse(path, seen.media_type, window, settings) for window in windows]
    return assemble(parts, sha256="0" * 64, fingerprint="f" * 16, media_type=seen.media_type, expected=windows, failures=())


@pytest.mark.parametrize("name", FACTS)
def test_a_sample_says_what_was_written(name: str) -> None:
    document = made(name)
    assert document.complete
    assert document.metadata.title == FACTS[name][1]
    text = markdown.render(document.elements)
    for fact in FACTS[name][2]:
        assert text.count(fact) == 1, fact


def test_the_book_has_its_structure() -> None:
    book = made("field-guide.epub")
    assert book.metadata.authors == ("Wilhelmina Quill",)
    assert [(entry.level, entry.title) for entry in book.toc][:4] == [
        (1, "Preface"),
        (1, "Part One: Habitats"),
        (2, "The Attic Folder"),
        (2, "The Cellar Drive"),
    ]
    (image,) = (element for element in book.elements if element.kind == "image")
    assert image.text == "A shelf with five folders; the third leans on its neighbour"
    (table,) = (element.table for element in book.elements if element.table)
    assert {(cell.text, cell.row_span, cell.column_span) for cell in table.cells} >= {
        ("Species", 2, 1),
        ("never seen alive", 1, 2),
    }
    (code,) = (element for element in book.elements if element.kind == "code")
    assert code.heading_path == ("Part One: Habitats", "The Cellar Drive")
    assert code.text.count("\n") == 1


def test_the_report_has_its_running_titles_set_apart() -> None:
    report = made("survey-of-shelves.pdf")
    running = [element.text for element in report.elements if element.kind in ("header", "footer")]
    assert running == ["Grayport Society for the Care of Papers", "1", "Grayport Society for the Care of Papers", "2"]
    assert [unit.name for unit in report.units] == ["1", "2"]


def test_the_scan_waits_for_recognition() -> None:
    path = SAMPLES / "notice-scanned.pdf"
    seen = census(path, path.name, Settings())
    assert (seen.media_type, seen.pages, seen.scanned) == ("application/pdf", 1, True)
    parsed = parse.parse(path, seen.media_type, parse.windows(seen, 16)[0], Settings())
    assert not parsed.elements
    assert [image.page for image in parsed.images] == [1]


def test_the_torn_book_is_refused() -> None:
    path = SAMPLES / "torn.epub"
    with pytest.raises(CorruptDocument, match="cut short"):
        parse.parse(path, "application/epub+zip", parse.windows(census(path, path.name, Settings()), 16)[0], Settings())


def test_the_samples_are_those_of_the_generator() -> None:
    fresh = make.documents()
    assert {path.name for path in SAMPLES.iterdir() if not path.name.startswith(".")} == set(fresh)
    assert fresh == make.documents()
    for name, data in fresh.items():
        if not re.search(r"docx|scan", name):  # these are compressed, and zlib is not the same everywhere
            assert (SAMPLES / name).read_bytes() == data, name
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 300_000
