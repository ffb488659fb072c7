"""Kindle books: what tests write is what is read, and nothing else comes of what is damaged than a sentence."""

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge, EmptyDocument, EncryptedDocument
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import MOBI
from kbray.parse.mobi.palm import unpacked
from kbray.parse.sniff import sniff
from tests.writers.mobi import Book, packed, pdb

PAGE = """<html><head><guide></guide></head><body><h1>Über Tee</h1><p>Tee ist <i>alt</i>, und<a filepos=%010d>1</a> die Welt
ist es auch.</p><mbp:pagebreak/><h2>Zweites</h2><p>Mehr Tee.</p><p>%s</p></body></html>"""
LONG = "Ein Satz von der Teekanne, die im Regal stand. " * 300


def read(path: Path, limits: Settings | None = None) -> Parsed:
    return parse(path, sniff(path, path.name), Window(), limits or Settings())


def told(path: Path) -> list[tuple[str, int, str]]:
    return [(one.kind, one.level, one.text) for one in read(path).elements]


def page(note: str = "", codec: str = "utf-8") -> str:
    """With a link to the note at its end."""
    written = PAGE % (0, LONG.strip()) + "\n"
    text = written.replace("</body></html>", f"{note}</body></html>")
    return text.replace("filepos=0000000000", f"filepos={text.encode(codec).find(note.encode(codec)):010d}") if note else text


TOLD = [
    ("heading", 1, "Über Tee"),
    ("paragraph", 0, "Tee ist alt, und1 die Welt ist es auch."),
    ("heading", 2, "Zweites"),
    ("paragraph", 0, "Mehr Tee."),
    ("paragraph", 0, LONG.strip()),
]


@pytest.mark.parametrize("compression", [1, 2, 17480])
@pytest.mark.parametrize("encoding", [65001, 1252])
@pytest.mark.parametrize("trailers", [0, 1, 3, 6])
def test_a_book_is_read_however_it_is_packed(tmp_path: Path, compression: int, encoding: int, trailers: int) -> None:
    said = {100: "Anna Rosa", 101: "Haus", 106: "1999", 524: "de", 503: "Über Tee"}
    book = Book(page(), compression=compression, encoding=encoding, trailers=trailers, said=said)
    path = book.write(tmp_path / "a.mobi")
    assert sniff(path, "a") == MOBI
    assert told(path) == TOLD
    metadata = read(path).metadata
    assert (metadata.title, metadata.authors, metadata.publisher) == ("Über Tee", ("Anna Rosa",), "Haus")
    assert (metadata.date, metadata.language) == ("1999", "de")
    assert read(Book(page()).write(tmp_path / "b.mobi")).metadata.title == "Full name"


@pytest.mark.parametrize("codec", ["utf-8", "cp1252"])
def test_a_note_is_linked_by_its_place(tmp_path: Path, codec: str) -> None:
    note = "<p>1 So sagt man. <a filepos=0000000045>↑</a></p>" if codec == "utf-8" else "<p>1 So sagt man in Köln.</p>"
    book = Book(page(note, codec), encoding=65001 if codec == "utf-8" else 1252)
    text = " ".join(text for _, _, text in told(book.write(tmp_path / "a.mobi")))
    assert "So sagt man" in text
    if codec == "utf-8":
        assert ("paragraph", 0, "Tee ist alt, und[^1] die Welt ist es auch.") in told(tmp_path / "a.mobi")
        assert ("footnote", 0, "So sagt man.") in told(tmp_path / "a.mobi")


HEAD = '<?xml version="1.0"?><html><head><title>x</title></head><body><div class="a">'
END = "</div></body></html>"


def kf8() -> Book:
    """Two files, the first of two fragments; its note is in the second."""
    first, second = "<h1>Tee</h1><p id='m'>Tee ist alt", '<a href="kindle:pos:fid:0002:off:0000000000">1</a>, sehr.</p>'
    second += '<p><img src="kindle:flow:0002?mime=image/svg+xml"/></p>'
    note = '<p id="m">1 So sagt man. <a href="kindle:pos:fid:0000:off:000000000C">↑</a></p>'
    skeletons = [
        (HEAD + END, [(len(HEAD), first), (len(HEAD) + len(first), second)]),
        (HEAD + "<p>Vorher.</p>" + END, [(len(HEAD) + len("<p>Vorher.</p>"), note)]),
    ]
    return Book(skeletons=skeletons, flows=[".a { font-size: 2em }", "<svg><text>Gezeichnet.</text></svg>"])


KF8_TOLD = [
    ("heading", 1, "Tee"),
    ("paragraph", 0, "Tee ist alt[^1], sehr."),
    ("paragraph", 0, "Gezeichnet."),
    ("paragraph", 0, "Vorher."),
    ("footnote", 0, "So sagt man."),
]


def test_fragments_of_kf8_are_put_where_they_belong(tmp_path: Path) -> None:
    assert told(kf8().write(tmp_path / "a.azw3")) == KF8_TOLD


def test_a_header_is_no_head_and_ids_of_files_are_apart(tmp_path: Path) -> None:
    """Words of the one vanished, marks of the second chapter led to the first one's note."""

    def chapter(number: int, fragment: int) -> tuple[str, list[tuple[int, str]]]:
        mark = f'<p>Satz {number}<a href="kindle:pos:fid:{fragment + 1:04d}:off:0000000000" type="noteref">1</a>.</p>'
        note = f'<aside id="fn" type="footnote"><p>Note {number}.</p></aside>'
        skeleton = f"<html><head/><body><header>Kopf {number}</header></body></html>"
        at = len(skeleton) - len("</body></html>")
        return skeleton, [(at, mark), (at + len(mark), note)]

    path = Book(skeletons=[chapter(1, 0), chapter(2, 2)]).write(tmp_path / "a.azw3")
    texts = [text for _, _, text in told(path)]
    assert texts == ["Kopf 1", "Satz 1[^1].", "Note 1.", "Kopf 2", "Satz 2[^2].", "Note 2."]


def test_titles_of_old_books_are_told_by_the_contents(tmp_path: Path) -> None:
    """Calibre makes paragraphs of them, and a bare number isn't told by its looks."""
    text = "<html><body><p>Tee</p><mbp:pagebreak/><div><p><b>1</b></p></div><p>Text.</p><p>Part</p><p>More.</p></body></html>"
    contents = [
        ("1", text.index("<mbp"), 0),
        ("Part", text.index("<p>Part"), 1),
        ("Else", text.index("<p>More"), 0),
        ("x", 99999, 0),
    ]
    path = Book(text, contents=contents).write(tmp_path / "a.mobi")
    assert told(path) == [
        *[("paragraph", 0, "Tee"), ("heading", 1, "1"), ("paragraph", 0, "Text.")],
        *[("heading", 2, "Part"), ("paragraph", 0, "More.")],
    ]


def test_an_index_without_entries_is_none(tmp_path: Path) -> None:
    records = kf8().records()
    place = next(number for number, record in enumerate(records) if record[:4] == b"INDX" and b"SKEL" in record)
    records[place] = records[place][:24] + bytes(4) + records[place][28:]
    (tmp_path / "a.azw3").write_bytes(pdb(records))
    assert "Tee" in " ".join(text for _, _, text in told(tmp_path / "a.azw3"))


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    records = Book(page()).records()
    records[1] = records[1].replace("Ü".encode(), b"\xff\xff", 1)
    (tmp_path / "a.mobi").write_bytes(pdb(records))
    (warning,) = read(tmp_path / "a.mobi").warnings
    assert "may be wrong" in warning


def test_of_a_book_that_is_there_twice_the_newer_is_read(tmp_path: Path) -> None:
    old = Book(page()).records()
    old = Book(page(), boundary=len(old) + 1).records()
    (tmp_path / "a.mobi").write_bytes(pdb([*old, b"BOUNDARY", *kf8().records()]))
    assert told(tmp_path / "a.mobi") == KF8_TOLD


def test_plain_text_is_paragraphs(tmp_path: Path) -> None:
    head = Book("One line\nÜber Tee\n\nMore").records()
    (tmp_path / "a.pdb").write_bytes(pdb([head[0][:16], *head[1:]], b"TEXtREAd"))
    assert told(tmp_path / "a.pdb") == [("paragraph", 0, text) for text in ("One line", "Über Tee", "More")]


def test_a_protected_book_is_told(tmp_path: Path) -> None:
    with pytest.raises(EncryptedDocument, match="protected by DRM"):
        read(Book(page(), encryption=2).write(tmp_path / "a.mobi"))


def test_limits_hold(tmp_path: Path) -> None:
    for compression in (1, 2, 17480):
        with pytest.raises(DocumentTooLarge, match="max_unpacked_bytes"):
            read(Book(page(), compression=compression).write(tmp_path / "a.mobi"), Settings(max_unpacked_bytes=5000))


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    records = Book(page()).records()
    (tmp_path / "a.mobi").write_bytes(pdb(records[:-1]))
    with pytest.raises(CorruptDocument, match="cut short"):
        read(tmp_path / "a.mobi")
    (tmp_path / "b.mobi").write_bytes(pdb(records)[:90])
    with pytest.raises(CorruptDocument, match="records are cut short"):
        read(tmp_path / "b.mobi")
    (tmp_path / "c.mobi").write_bytes(pdb([b"\0\x09" + records[0][2:], *records[1:]]))
    with pytest.raises(CorruptDocument, match="method that does not exist"):
        read(tmp_path / "c.mobi")
    with pytest.raises(EmptyDocument, match="nothing in the book"):
        read(Book("<html><body></body></html>").write(tmp_path / "d.mobi"))


def test_text_that_unpacks_to_less_than_the_header_tells_is_told(tmp_path: Path) -> None:
    """Nothing else tells of bytes that were changed."""
    records = Book(page(), compression=2).records()
    assert not read(Book(page(), compression=2).write(tmp_path / "a.mobi")).warnings
    (tmp_path / "b.mobi").write_bytes(pdb([*records[:2], bytes(len(records[2]) // 2), *records[3:]]))
    assert [one for one in read(tmp_path / "b.mobi").warnings if one.startswith("The book is damaged: of 14,306 bytes")]


def test_pieces_of_the_text_that_are_damaged_are_told(tmp_path: Path) -> None:
    """Though all of the text is hardly shorter, or longer."""
    records = Book(page(), compression=2).records()
    half = len(records[1]) // 2
    records[1] = records[1][:half] + b"\xff" * 40 + records[1][half + 40 :]
    (tmp_path / "a.mobi").write_bytes(pdb(records))
    told = [one for one in read(tmp_path / "a.mobi").warnings if "pieces of its text" in one]
    assert told == ["The book is damaged: 1 of the 4 pieces of its text are wrong or lost; fetch it again."]


@given(st.binary(max_size=300))
def test_what_is_packed_comes_back(data: bytes) -> None:
    assert unpacked(packed(data)) == data


@pytest.mark.parametrize("made", ["old", "huff", "new"])
def test_damage_ends_in_a_sentence(tmp_path: Path, made: str) -> None:
    book = {"old": Book(page(), compression=2), "huff": Book(page(), compression=17480), "new": kf8()}[made]
    whole = book.write(tmp_path / "a.mobi").read_bytes()
    chance = random.Random(made)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(80, len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            del data[chance.randrange(80, len(data)) :]
        (tmp_path / "b.mobi").write_bytes(bytes(data))
        with suppress(DocumentError):
            assert parse(tmp_path / "b.mobi", MOBI, Window(), Settings()).elements
