"""Web archives and notes of Evernote: documents come out of them, and what stays in them is told."""

import gzip
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import CorruptDocument, EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import boxes, parse
from kbray.parse.media import ENEX, WARC
from kbray.parse.sniff import sniff

FRONT = b"<html><body><h1>Front</h1><p>Words of the front page.</p></body></html>"
Answer = tuple[str, str, bytes, str, str]
"""Address, type, body, status, how it is compressed."""


def warc(path: Path, *answers: Answer) -> Path:
    data = b""
    for address, kind, body, status, coded in answers:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n" + f"Content-Encoding: {coded}\r\n" * bool(coded)
        http = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        about = f"WARC-Type: response\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2020-01-02T03:04:05Z\r\n"
        about += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n"
        record = f"WARC/1.0\r\n{about}\r\n".encode() + http + b"\r\n\r\n"
        data += gzip.compress(record) if path.suffix == ".gz" else record
    path.write_bytes(data)
    return path


def read(path: Path) -> Parsed:
    return parse(path, sniff(path, path.name), Window(), Settings())


def taken(folder: Path, path: Path) -> dict[str, bytes]:
    out = folder / f"out-{path.name}"
    out.mkdir()
    names = boxes.unpack(path, sniff(path, path.name), out, Settings())
    return {name: (out / str(place)).read_bytes() for place, name in enumerate(names)}


def answer(address: str, body: bytes = FRONT, kind: str = "text/html", status: str = "200 OK", coded: str = "") -> Answer:
    return f"http://example.org/{address}", kind, body, status, coded


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_documents_of_a_web_archive(tmp_path: Path, name: str) -> None:
    path = warc(
        tmp_path / name,
        answer(""),
        answer("deep/tea%20pot?x=1&y=/2", gzip.compress(FRONT), coded="gzip"),
        answer("plan.pdf", b"%PDF-1.4", "application/pdf"),
        answer("", b"<p>Later", "text/html; charset=utf-8"),
        answer("s.css", b"a {}", "text/css"),
        answer("gone", b"<p>Gone", status="404 Not Found"),
        answer("packed", b"?", coded="br"),
        ("http://[none/a", "text/html", b"<p>Of no host", "200 OK", ""),
    )
    assert sniff(path, "x") == WARC
    assert taken(tmp_path, path) == {
        "example.org/index.html": FRONT,
        "example.org/deep/tea pot x=1&y= 2.html": FRONT,
        "example.org/plan.pdf": b"%PDF-1.4",
        "example.org/index (2).html": b"<p>Later",
        "http:/[none/a": b"<p>Of no host",
    }
    parsed = read(path)
    assert parsed.warnings == ("Pictures, styles, scripts, data and answers that are no documents are left out: 2.",)
    assert "not inflated here (example.org/packed.html)" in parsed.failures[0].message
    assert parsed.elements[0].text.startswith("Attachment: example.org/index.html (http://example.org/, 2020-01-02T03:04:05Z)")


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_web_archive_that_is_cut_short_gives_what_is_there(tmp_path: Path, name: str) -> None:
    path = warc(tmp_path / name, answer("a"), answer("b", bytes(range(256)) * 40))
    whole = path.read_bytes()
    for missing in (3, 200, 500):
        path.write_bytes(whole[:-missing])
        parsed = read(path)
        assert [element.text.partition(" (")[0] for element in parsed.elements][:1] == ["Attachment: example.org/a.html"]
        assert parsed.failures, missing


def test_a_web_archive_without_documents(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocument, match="no file in the web archive, only 1 that are left out"):
        read(warc(tmp_path / "a.warc", answer("s.css", b"a {}", "text/css")))


NOTE = """<note><title>Tea &amp; time</title><content><![CDATA[<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE en-note SYSTEM "http://xml.evernote.com/pub/enml2.dtd"><en-note><div>Steep <b>four</b>&nbsp;minutes.</div>
<ul><li><en-todo checked="true"/>buy milk</li><li><en-todo></en-todo>boil water</li></ul><en-crypt hint="x">QUJD</en-crypt>
</en-note>]]></content><created>20200102T030405Z</created><tag>tea</tag>
<note-attributes><author>Ann Lee</author></note-attributes>
<resource><data encoding="base64">b25l
IHR3bw==</data><mime>text/plain</mime><resource-attributes><file-name>list.txt</file-name></resource-attributes></resource>
<resource><data encoding="base64">YWJj</data><mime>image/png</mime></resource></note>"""


def enex(path: Path, notes: str) -> Path:
    head = '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE en-export SYSTEM "http://xml.evernote.com/pub/evernote-export3.dtd">'
    path.write_text(f'{head}<en-export application="Evernote">{notes}</en-export>')
    return path


def test_notes_of_evernote(tmp_path: Path) -> None:
    path = enex(
        tmp_path / "notes.enex",
        NOTE + "<note><title>Tea &amp; time</title><content>&lt;en-note&gt;B&lt;/en-note&gt;</content></note>",
    )
    assert sniff(path, "x") == ENEX
    assert read(path).elements[0].text == "Attachment: Tea & time.html (2020-01-02)"
    found = taken(tmp_path, path)
    assert list(found) == ["Tea & time.html", "Tea & time/list.txt", "Tea & time/attachment 2.png", "Tea & time (2).html"]
    assert found["Tea & time/list.txt"] == b"one two"
    (tmp_path / "note.html").write_bytes(found["Tea & time.html"])
    page = read(tmp_path / "note.html")
    assert [(element.kind, element.text) for element in page.elements] == [
        ("heading", "Tea & time"),
        ("paragraph", "Steep four minutes."),
        ("list_item", "☒ buy milk"),
        ("list_item", "☐ boil water"),
        ("paragraph", "[encrypted]"),
    ]
    assert (page.metadata.title, page.metadata.authors, page.metadata.date) == (
        "Tea & time",
        ("Ann Lee",),
        "2020-01-02T03:04:05Z",
    )


@pytest.mark.parametrize("mark", ["<en-crypt ", "<en-todo ", "<en-crypt>x", "<en-todo/> "])
def test_marks_that_never_end_take_no_square_of_their_number(tmp_path: Path, mark: str) -> None:
    path = enex(tmp_path / "notes.enex", f"<note><title>a</title><content><![CDATA[<en-note>{mark * 100_000}]]></content></note>")
    assert len(read(path).elements) == 1


def test_notes_that_are_cut_short_or_damaged(tmp_path: Path) -> None:
    path = enex(tmp_path / "notes.enex", NOTE.replace("YWJj", "YWJ") + NOTE)
    assert "its code (base64) is none (Tea & time/attachment 2.png)" in read(path).failures[0].message
    path.write_text(path.read_text()[:-300])
    parsed = read(path)
    assert len(parsed.elements) == 2
    assert any("cut short" in failure.message for failure in parsed.failures)
    path.write_text(path.read_text()[:300])
    with pytest.raises(CorruptDocument, match="cut short"):
        read(path)
