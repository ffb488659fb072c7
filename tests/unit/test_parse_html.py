from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import html


def parse(tmp_path: Path, data: bytes) -> Parsed:
    path = tmp_path / "page.html"
    path.write_bytes(data)
    return html.parse(path, Window(), Settings())


def test_metadata_and_unit(tmp_path: Path) -> None:
    parsed = parse(
        tmp_path,
        b'<!doctype html><html lang="de"><head><title> A \n B </title><meta name="author" content="X"><meta '
        b'property="article:author" content="https://x.org"><meta property="article:published_time" content="2020-01-02">'
        b'<meta property="og:site_name" content="S">'
        b"</head><body><svg><title>no</title></svg><p>text</p></body></html>",
    )
    meta = parsed.metadata
    assert (meta.title, meta.authors, meta.language, meta.publisher, meta.date) == ("A B", ("X",), "de", "S", "2020-01-02")
    assert [(unit.name, unit.characters, unit.produced) for unit in parsed.units] == [("whole", len("no") + len("text"), True)]
    assert parsed.elements[-1].language == "de"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<meta charset=windows-1251><p>Война и мир".encode("cp1251"), "Война и мир"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"><p>草枕'.encode("cp932"), "草枕"),
        ("<p>naïve café".encode("utf-16"), "naïve café"),
        ("<p>naïve café".encode("utf-16-le"), "naïve café"),
        ("<meta charset=iso-8859-1><p>“smart” café".encode("cp1252"), "“smart” café"),
        ("<meta charset=latin1><p>utf “8”".encode(), "utf “8”"),
        ("<meta charset=utf-16><p>wrong é".encode(), "wrong é"),
        ("<meta charset=nonsense><p>é".encode(), "é"),
        ("<p>Все люди рождаются свободными и равными в своем достоинстве и правах".encode("cp1251"),
         "Все люди рождаются свободными и равными в своем достоинстве и правах"),
    ],
)  # fmt: skip
def test_encodings(tmp_path: Path, data: bytes, text: str) -> None:
    assert [element.text for element in parse(tmp_path, data).elements] == [text]


def test_a_page_is_not_closed_by_a_slash(tmp_path: Path) -> None:
    parsed = parse(tmp_path, b'<html xml:lang="de" />\n<head><title>t</title></head><body class="x" /><p>text</p></body></html>')
    assert [element.text for element in parsed.elements] == ["text"]


def test_broken_bytes_are_told(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "<p>été à la plage</p>".encode() * 20 + b"<p>\xff</p>")
    assert parsed.elements[-1].text == "\ufffd"
    assert "replaced" in parsed.warnings[0]


@pytest.mark.parametrize(
    "data", [b"", b"  \n", b"<!-- only -->", b"<html><head><title>t</title></head><body><script>x</script></body>"]
)
def test_nothing_to_read(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(EmptyDocument):
        parse(tmp_path, data)


def test_what_a_doctype_declares_of_its_own_is_no_text(tmp_path: Path) -> None:
    head = b'<!DOCTYPE html [\n  <!ENTITY tea "Tea">\n  <!ELEMENT p ANY>\n]>'
    assert [one.text for one in parse(tmp_path, head + b"<html><body><p>All of it.</p></body></html>").elements] == ["All of it."]
    unclosed = parse(tmp_path, b"<!DOCTYPE html [ <html><body><p>All of it.</p></body></html>")
    assert "All of it." in " ".join(one.text for one in unclosed.elements)


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("<html><body><p>one</p></body></html>\n<html><head><title>T</title></head><body><p>two</p></html>", ["one", "two"]),
        ("<p>one</p></html> two <p>three</p></html>\n", ["one", "two", "three"]),
        ("<html><head><odd><title>T</title><body><h1>one</h1><p>two</p></body></html>", ["one", "two"]),
        ("<p>one</p><script src='a.js' /><p>two</p><script>no</script>", ["one", "two"]),
        ("<p>one</p><iframe src='b'/><video /><p>two</p>", ["one", "two"]),
        ("<p>one</p><!-- no --><script>'<title>' + '<!--'</script><p>two</p>", ["one", "two"]),
    ],
)
def test_nothing_ends_a_page_before_its_end(tmp_path: Path, page: str, texts: list[str]) -> None:
    parsed = parse(tmp_path, page.encode())
    assert [one.text for one in parsed.elements] == texts
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    ("opened", "named"),
    [
        ("<title>", "<title>"),
        ("<STYLE>", "<style>"),
        ("<script>", "<script>"),
        ("<textarea>", "<textarea>"),
        ("<!-- ", "a comment"),
    ],
)
def test_what_is_never_closed_takes_nothing_with_it(tmp_path: Path, opened: str, named: str) -> None:
    parsed = parse(tmp_path, f"<title>T</title><p>one</p>{opened}<p>two</p><p>three</p>".encode())
    assert [one.text for one in parsed.elements] == ["one", "two", "three"]
    assert parsed.warnings == (f"The page never closes {named}; what follows there was read as text of the page.",)
    many = parse(tmp_path, (f"<p>one</p>{opened}<p>two</p>" * 3_000).encode())
    assert len(many.elements) == 6_000, "in no more time than one takes, each"


def test_tags_without_an_end_are_told(tmp_path: Path) -> None:
    parsed = parse(tmp_path, b"<p>one</p><p the words that are in it <p>two</p><script>if (a<b && c<d) x()</script>")
    assert parsed.warnings == ("Tags that don't end before the next one begins: 1; words that stand in them are missing.",)
    parsed = parse(tmp_path, b'<p>one</p><p class="a>two words</p><p class="b">three</p><p title="<b>x</b>">four</p>')
    assert parsed.warnings == ("Tags in which a quote is missing: 1; words that stand before the next quote are missing.",)


def test_a_quote_that_nothing_closes_is_told_and_takes_no_longer_the_more_tags_follow(tmp_path: Path) -> None:
    """It took the square of their number: hours for these."""
    parsed = parse(tmp_path, b'<p>one</p><p title="a>two</p>' + b"<p>a <b>word</b></p>" * 100_000)
    assert parsed.elements[0].text == "one"
    assert parsed.warnings == ("Tags in which a quote is missing: 1; words that stand before the next quote are missing.",)


def test_a_page_that_was_cut_short(tmp_path: Path) -> None:
    page = "<html lang=en><head><title>Tea</title></head><body><p>The tea is ready.</p><p>So are the cakes.</p></body></html>"
    assert parse(tmp_path, page[:90].encode()).warnings[:1] == (
        "The page has no end (</html>): it may have been cut short; fetch it again.",
    )
    assert not parse(tmp_path, page.encode()).warnings
    assert not parse(tmp_path, b"<html lang=en><title>Tea</title><p>Ends may be left out.").warnings
    assert not parse(tmp_path, b"<head><title>Tea</title></head><p>So may the page's own.").warnings
