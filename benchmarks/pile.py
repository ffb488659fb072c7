"""A pile of small files, each different, made on the spot: EPUB, HTML, Markdown and text in turn."""

import random
import zipfile
from pathlib import Path

WORDS = (
    "river stone lantern harbour winter orchard signal copper meadow thunder ledger silver valley engine paper garden "
    "bridge compass island letter market mirror needle ocean pencil quarry ribbon saddle temple umbrella violin window"
).split()
_CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""


def make(folder: Path, files: int) -> None:
    """Write `files` files of 2 to 60 KB under `folder`, 500 to a subfolder."""
    for number in range(files):
        place = folder / f"{number // 500:04d}"
        place.mkdir(parents=True, exist_ok=True)
        chance = random.Random(number)
        paragraphs = [paragraph(chance) for _ in range(chance.randint(5, 150))]
        writer = (epub, _html, _markdown, _text)[number % 4]
        writer(place / f"document-{number:06d}", f"Document {number}", paragraphs)


def paragraph(chance: random.Random) -> str:
    """20 to 90 words."""
    return " ".join(chance.choices(WORDS, k=chance.randint(20, 90))).capitalize() + "."


def _text(path: Path, title: str, paragraphs: list[str]) -> None:
    path.with_suffix(".txt").write_text("\n\n".join([title, *paragraphs]))


def _markdown(path: Path, title: str, paragraphs: list[str]) -> None:
    path.with_suffix(".md").write_text("\n\n".join([f"# {title}", *paragraphs]))


def _page(title: str, paragraphs: list[str]) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>'


def _html(path: Path, title: str, paragraphs: list[str]) -> None:
    path.with_suffix(".html").write_text("<!doctype html>" + _page(title, paragraphs))


def epub(path: Path, title: str, paragraphs: list[str]) -> None:
    """A book with a chapter for each 20 paragraphs, at `path` with `.epub`."""
    chapters = [paragraphs[start : start + 20] for start in range(0, len(paragraphs), 20)]
    items = "".join(f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters)))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title><dc:language>en</dc:language></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    with zipfile.ZipFile(path.with_suffix(".epub"), "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr("META-INF/container.xml", _CONTAINER)
        book.writestr("book.opf", package)
        for number, chapter in enumerate(chapters):
            book.writestr(f"c{number}.xhtml", _page(f"{title}, chapter {number + 1}", chapter))
