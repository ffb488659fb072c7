"""Comic books: pages in the order a reader turns them, what is told of them, and those that can't be had."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.model import Window
from kbray.parse import parse, recognises, windows
from kbray.parse.census import census
from kbray.parse.media import CBZ, ZIP

ABOUT = "<ComicInfo><Series>Tea</Series><Number>2</Number><Title>Rain</Title><Writer>Ann, Bob</Writer><Year>99</Year></ComicInfo>"


def drawn(width: int) -> bytes:
    data = io.BytesIO()
    Image.new("L", (width, 300), "white").save(data, "PNG")
    return data.getvalue()


def book(path: Path, **more: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number in (10, 9, 1):
            archive.writestr(f"Tea/page{number}.png", drawn(200 + number))
        archive.writestr("__MACOSX/Tea/._page1.png", b"x")
        archive.writestr("Tea/thumbs.db", b"x")
        for name, data in more.items():
            archive.writestr(name, data)
    return path


def test_pages_in_order_and_by_windows(tmp_path: Path) -> None:
    path = book(tmp_path / "a.cbz")
    found = census(path, "a.cbz", Settings())
    assert (found.media_type, found.pages, found.scanned) == (CBZ, 3, True)
    assert [(one.first_page, one.last_page) for one in windows(found, 8)] == [(1, 2), (3, 3)]
    whole = parse(path, CBZ, Window(), Settings())
    assert [(one.page, round(one.width_pt / 72 * 200)) for one in whole.images] == [(1, 201), (2, 209), (3, 210)]
    part = parse(path, CBZ, Window(3, 3), Settings())
    assert ([one.page for one in part.images], [one.name for one in part.units]) == ([3], ["3"])
    assert recognises(CBZ, Settings())


def test_what_is_told_of_it(tmp_path: Path) -> None:
    path = book(tmp_path / "a", **{"ComicInfo.xml": ABOUT.encode()})
    assert census(path, "a.zip", Settings()).media_type == CBZ
    said = parse(path, CBZ, Window(), Settings()).metadata
    assert (said.title, said.authors, said.date) == ("Tea 2: Rain", ("Ann", "Bob"), "99")
    torn = book(tmp_path / "b", **{"ComicInfo.xml": b"<ComicInfo"})
    assert parse(torn, CBZ, Window(), Settings()).metadata.title is None
    assert census(book(tmp_path / "c"), "c.zip", Settings()).media_type == ZIP


def test_pages_that_can_not_be_had(tmp_path: Path) -> None:
    parsed = parse(book(tmp_path / "a", **{"Tea/page11.png": b"no picture"}), CBZ, Window(), Settings())
    assert [unit.produced for unit in parsed.units] == [True, True, True, False]
    assert [(one.page, one.code) for one in parsed.failures] == [(4, "corrupt_document")]
    with zipfile.ZipFile(tmp_path / "b.cbz", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(CorruptDocument, match="no pictures"):
        parse(tmp_path / "b.cbz", CBZ, Window(), Settings())
