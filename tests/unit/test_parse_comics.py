"""Comic books: pages in their order, cut into windows, recognised; other archives of pictures are no books."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Window
from kbray.parse import parse
from kbray.parse.census import census
from kbray.parse.media import COMIC, COMIC_7Z, COMIC_RAR, RAR, SEVEN_ZIP, ZIP
from kbray.parse.sniff import sniff
from tests.writers.packed import rar, seven_zip

INFO = """<?xml version="1.0"?><ComicInfo><Title>The Tea</Title><Series>Cups</Series><Number>3</Number><Writer>Ann, Bob</Writer>
<Publisher>Hill</Publisher><Year>1996</Year><Month>1</Month><LanguageISO>en</LanguageISO></ComicInfo>"""


def picture(width: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, 300), "white").save(out, "PNG")
    return out.getvalue()


def book(tmp_path: Path, *names: str, info: str = INFO, broken: str = "") -> Path:
    """Pages that are as many pixels wide as their name begins with, and 200."""
    path = tmp_path / "book"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            number = int("".join(filter(str.isdigit, name.rpartition("/")[2])))
            archive.writestr(name, b"\x89PNG" if name == broken else picture(200 + number))
        if info:
            archive.writestr("ComicInfo.xml", info)
    return path


def test_pages_come_in_their_order(tmp_path: Path) -> None:
    path = book(tmp_path, "b/10.png", "b/2.png", "b/1.PNG", "__MACOSX/._3.png")
    assert sniff(path, "tea.zip") == COMIC
    assert census(path, "tea.zip", Settings()).pages == 3
    parsed = parse(path, COMIC, Window(2, 3), Settings())
    assert [(image.page, Image.open(io.BytesIO(image.image)).width) for image in parsed.images] == [(2, 202), (3, 210)]
    said = parsed.metadata
    assert (said.title, said.authors, said.publisher, said.date) == ("Cups #3: The Tea", ("Ann", "Bob"), "Hill", "1996-01")
    assert said.language == "en"
    assert [(unit.name, unit.produced) for unit in parsed.units] == [("2", True), ("3", True)]


def test_a_damaged_page_is_named(tmp_path: Path) -> None:
    path = book(tmp_path, "1.png", "2.png", info="<broken", broken="2.png")
    parsed = parse(path, COMIC, Window(1, 2), Settings())
    assert [image.page for image in parsed.images] == [1]
    assert [(failure.code, failure.page) for failure in parsed.failures] == [("corrupt_document", 2)]
    assert parsed.metadata.title is None


def test_what_is_no_book(tmp_path: Path) -> None:
    path = book(tmp_path, "1.png", "2.png", info="")
    assert sniff(path, "photos.zip") == ZIP
    assert sniff(path, "photos.CBZ") == COMIC
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(3):
            archive.writestr(f"{number}.txt", "words")
    assert sniff(path, "photos.cbz") == ZIP
    hidden = book(tmp_path, "__MACOSX/._1.png", "__MACOSX/._2.png", info="")
    with pytest.raises(EmptyDocument, match="no picture"):
        parse(hidden, COMIC, Window(), Settings())


def test_what_says_nothing_of_the_comic_book_costs_no_page(tmp_path: Path) -> None:
    endless = INFO.replace("1996", "9" * 5000)  # more digits than Python reads
    parsed = parse(book(tmp_path, "1.png", info=endless), COMIC, Window(), Settings())
    assert (parsed.metadata.title, parsed.metadata.date) == ("Cups #3: The Tea", None)

    path = book(tmp_path, "1.png")
    locked = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.rindex(mark) + flags] |= 1  # the last member, ComicInfo.xml, has a password
    path.write_bytes(locked)
    parsed = parse(path, COMIC, Window(), Settings())
    assert len(parsed.images) == 1
    assert parsed.metadata.title is None


def test_comic_books_in_other_archives(tmp_path: Path) -> None:
    pages = [("b/2.png", picture(202)), ("b/10.png", picture(210)), ("b/1.png", picture(201)), ("ComicInfo.xml", INFO.encode())]
    for data, kind, plain, suffix in (
        (rar(*pages), COMIC_RAR, RAR, "cbr"),
        (seven_zip(tmp_path, *pages), COMIC_7Z, SEVEN_ZIP, "cb7"),
    ):
        path = tmp_path / suffix
        path.write_bytes(data)
        assert sniff(path, f"tea.{suffix}") == kind
        assert sniff(path, "tea") == plain
        assert census(path, f"tea.{suffix}", Settings()).pages == 3
        parsed = parse(path, kind, Window(2, 3), Settings())
        assert [(image.page, Image.open(io.BytesIO(image.image)).width) for image in parsed.images] == [(2, 202), (3, 210)]
        assert parsed.metadata.title == "Cups #3: The Tea"
    zipped = book(tmp_path, "1.png", "2.png", info="")
    assert sniff(zipped, "tea.cbr") == COMIC
