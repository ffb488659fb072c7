"""Books that are nothing but pictures of pages go to recognition, page by page; books with text and pictures don't."""

import io
from pathlib import Path

import pytest
from PIL import Image

from kbray.config import Settings
from kbray.document.finish import finish
from kbray.document.recognised import merge
from kbray.model import Element, Reading, Window
from kbray.parse import fingerprint, parse, recognises, windows
from kbray.parse.census import census
from kbray.parse.media import EPUB, EPUB_PICTURES
from tests.writers.epub import CONTAINER, XHTML, book, opf, write


def picture(kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (400, 600), 255).save(buffer, kind)
    return buffer.getvalue()


def pictured(path: Path, *, pages: int = 5, text: str = "", others: dict[str, str | bytes] | None = None) -> Path:
    """Pages as readers find them: an image in a chapter, one within SVG, and one in the spine itself.

    `others`: members by name, beside these or in their place.
    """
    chapters: dict[str, str | bytes] = {
        f"{n}.xhtml": f'<div><img src="i/{n}.png" alt=""/></div>' if n % 2 else f'<svg><image href="i/{n}.png"/></svg>'
        for n in range(1, pages + 1)
    }
    chapters["last.xhtml"] = f"<p>Printed in 1900.{text}</p>"
    members: dict[str, str | bytes] = {f"OEBPS/i/{n}.png": picture() for n in range(1, pages + 1)}
    return book(path / "scan.epub", chapters, **(members | (others or {})))


def test_each_picture_is_a_page(tmp_path: Path) -> None:
    settings = Settings(pages_per_part=16)
    path = pictured(tmp_path)
    seen = census(path, path.name, settings)
    assert (seen.media_type, seen.pages, seen.scanned) == (EPUB_PICTURES, 6, True)
    assert windows(seen, 16) == (Window(1, 4), Window(5, 6))
    parts = [parse(path, seen.media_type, window, settings) for window in windows(seen, 16)]
    assert [[image.page for image in part.images] for part in parts] == [[1, 2, 3, 4], [5]]
    assert [[unit.name for unit in part.units] for part in parts] == [["1", "2", "3", "4"], ["5", "6"]]
    assert not any(part.failures or part.warnings for part in parts)
    read = [
        merge(part, [Reading((Element("paragraph", f"Page {image.page}.", page=image.page),)) for image in part.images])
        for part in parts
    ]
    made = finish(read, sha256="", fingerprint="", media_type=EPUB_PICTURES, expected=windows(seen, 16), failures=())
    assert (made.result.units_expected, made.result.complete) == (6, True)
    lines = [line for line in made.markdown.decode().splitlines() if line]
    assert lines[:4] == ["![](OEBPS/i/1.png)", "Page 1.", "![](OEBPS/i/2.png)", "Page 2."]
    assert lines[-2:] == ["Page 5.", "Printed in 1900."]


def test_pictures_in_the_spine_itself(tmp_path: Path) -> None:
    items = [(f"p{n}", f"{n}.jpg", "image/jpeg") for n in range(3)]
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/content.opf": opf(items, ["p0", "p1", "p2"])}
    path = write(tmp_path / "b.epub", members | {f"OEBPS/{n}.jpg": picture("JPEG") for n in range(3)})
    assert census(path, path.name, Settings()).pages == 3
    assert [image.page for image in parse(path, EPUB_PICTURES, Window(2, 3), Settings()).images] == [2, 3]


def test_a_book_with_text_is_none_of_them(tmp_path: Path) -> None:
    long = book(
        tmp_path / "long.epub", {"cover.xhtml": '<img src="i.png"/>', "a.xhtml": "<p>text</p>" * 50}, **{"OEBPS/i.png": picture()}
    )
    assert census(long, long.name, Settings()).media_type == EPUB
    captions = pictured(tmp_path, text=" word" * 500)
    assert census(captions, captions.name, Settings()).media_type == EPUB
    drawn = book(tmp_path / "svg.epub", {"a.xhtml": "<img src='a.svg'/>"}, **{"OEBPS/a.svg": "<svg/>", "OEBPS/nav.xhtml": XHTML})
    assert census(drawn, drawn.name, Settings()).media_type == EPUB_PICTURES
    assert parse(drawn, EPUB_PICTURES, Window(1, 1), Settings()).images == ()
    broken = write(tmp_path / "broken.epub", {"META-INF/container.xml": CONTAINER, "OEBPS/x": "x"})
    assert census(broken, broken.name, Settings()).media_type == EPUB


def test_pictures_that_cannot_be_recognised_are_missing_pages(tmp_path: Path) -> None:
    locked = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#">'
        '<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/><CipherData>'
        '<CipherReference URI="OEBPS/i/2.png"/></CipherData></EncryptedData></encryption>'
    )
    damaged = picture()[:60] + b"\0" * 40
    path = pictured(tmp_path, others={"OEBPS/i/1.png": damaged, "META-INF/encryption.xml": locked})
    parsed = parse(path, EPUB_PICTURES, Window(1, 6), Settings())
    assert [(f.code, f.page, f.chapter) for f in parsed.failures] == [
        ("corrupt_document", 1, "OEBPS/1.xhtml"),
        ("encrypted_document", 2, "OEBPS/2.xhtml"),
    ]
    assert [unit.produced for unit in parsed.units] == [False, False, True, True, True, True]
    off = parse(path, EPUB_PICTURES, Window(3, 3), Settings(ocr="never"))
    assert [(f.code, f.page) for f in off.failures] == [("needs_recognition", 3)]


@pytest.mark.parametrize("ocr", ["auto", "never"])
def test_other_books_have_no_part_in_recognition(ocr: str) -> None:
    settings, other = Settings.model_validate({"ocr": ocr}), Settings(ocr_dpi=123)
    assert recognises(EPUB_PICTURES, settings) is (ocr == "auto")
    assert not recognises(EPUB, settings)
    assert fingerprint(EPUB, settings) == fingerprint(EPUB, other)
    assert fingerprint(EPUB_PICTURES, settings) != fingerprint(EPUB_PICTURES, other)
