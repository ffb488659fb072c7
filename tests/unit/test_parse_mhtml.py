"""Web pages saved in one file: read as the page, not as a message."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import EML, MHTML
from kbray.parse.sniff import sniff

WORDS = "The tea is grown on the hills, where the mist keeps the leaves cool until noon. " * 8
PAGE = f"""<html><head><title>Tea</title></head><body>
<nav><ul>{"".join(f'<li><a href="/{n}">Go to {n}</a></li>' for n in range(12))}</ul></nav>
<article><h1>Of tea</h1><p>{WORDS}</p><p>{WORDS}</p><p>Café {WORDS}</p><img src="cup.png" alt="A cup"></article>
<footer><a href="/imprint">Imprint</a></footer></body></html>"""


def saved(page: str = PAGE, charset: str = "utf-8", frame: str = "", sender: str = "<Saved by Blink>") -> bytes:
    kind = 'multipart/related; type="text/html"; boundary="----b"'
    head = f"From: {sender}\nSubject: Tea\nMIME-Version: 1.0\nContent-Type: {kind}"
    parts = []
    for kind, text, place in (
        ("text/css", "p {}", "a.css"),
        ("text/html", page, "https://tea.example/"),
        ("text/html", frame, "f"),
    ):
        if text:
            part = EmailMessage()
            part.set_content(text, subtype=kind.partition("/")[2], charset=charset, cte="quoted-printable")
            part["Content-Location"] = place
            parts.append(part.as_bytes())
    return head.encode() + b"\n\n" + b"".join(b"------b\n" + part + b"\n" for part in parts) + b"------b--\n"


def read(tmp_path: Path, data: bytes, name: str = "page") -> Parsed:
    path = tmp_path / name
    path.write_bytes(data)
    assert sniff(path, name) == MHTML
    return parse(path, MHTML, Window(), Settings())


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_a_saved_page_is_read_as_the_page(tmp_path: Path, charset: str) -> None:
    parsed = read(tmp_path, saved(charset=charset))
    assert parsed.engine == "mhtml"
    assert (parsed.metadata.title, parsed.metadata.identifier) == ("Tea", "https://tea.example/")
    assert [(e.kind, e.text) for e in parsed.elements if e.main][:2] == [("heading", "Of tea"), ("paragraph", WORDS.strip())]
    assert any(e.text.startswith("Café The tea") for e in parsed.elements)
    assert {e.text for e in parsed.elements if not e.main} >= {"Go to 1", "Go to 11"}
    assert [(e.text, e.target) for e in parsed.elements if e.kind == "image"] == [("A cup", "cup.png")]
    assert not parsed.warnings


def test_a_page_that_was_cut_short(tmp_path: Path) -> None:
    assert read(tmp_path, saved()[:-200]).warnings == (
        "The page has no end (</html>): it may have been cut short; fetch it again.",
        "The message ends before its parts do: it was cut short, and the rest is lost; fetch it again.",
    )


def test_frames_are_told(tmp_path: Path) -> None:
    parsed = read(tmp_path, saved(frame="<p>Buy now</p>"))
    assert parsed.warnings == ("Frames within the page are not read: 1.",)
    assert not any("Buy" in element.text for element in parsed.elements)


def test_the_name_or_the_header_tells_it_from_mail(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(saved(sender="ann@example.org"))
    assert sniff(path, "x.eml") == EML
    assert sniff(path, "x.mht") == MHTML


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocument, match="no web page"):
        read(tmp_path, saved(page=""))


def test_notes_of_the_page_are_found(tmp_path: Path) -> None:
    """Chromium writes where the page lies before the `#` of each link within it."""
    mark, back = '<sup><a href="{place}#n1" id="r1">1</a></sup>', '<a href="{place}#r1">1</a>'
    note = f'<p id="top">{WORDS}{mark}</p><p id="n1">{back} Of cups.</p>'
    place = "https://tea.example/"
    (tmp_path / "x.html").write_text(f"<html><body>{note.format(place='')}</body></html>")
    page = parse(tmp_path / "x.html", "text/html", Window(), Settings())
    assert any("[^1]" in one.text for one in page.elements)
    assert read(tmp_path, saved(f"<html><body>{note.format(place=place)}</body></html>")).elements == page.elements


def test_a_nul_in_the_name_of_an_encoding_costs_nothing(tmp_path: Path) -> None:
    head = b'From: <Saved by Blink>\nMIME-Version: 1.0\nContent-Type: text/html; charset="u\0tf-8"\n\n'
    (tmp_path / "a.mhtml").write_bytes(head + "<p>Café</p>".encode())
    assert [e.text for e in parse(tmp_path / "a.mhtml", MHTML, Window(), Settings()).elements] == ["Café"]


def test_what_stands_behind_all_parts_is_read_and_told(tmp_path: Path) -> None:
    parsed = read(tmp_path, saved() + f"lost {WORDS} end\n".encode())
    assert parsed.elements[-1].text.startswith("lost The tea")
    assert parsed.warnings == ("Text stands outside the parts of the message, where mail programs don't show it; it was read.",)
    assert read(tmp_path, saved() + b"A remark.\n").warnings == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
def test_a_page_that_an_editor_saved_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, saved().decode().encode(encoding)).elements == read(tmp_path, saved()).elements
