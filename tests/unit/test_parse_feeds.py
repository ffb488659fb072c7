"""Feeds: what tests write is what is read."""

import json
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import CorruptDocument, EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import ATOM, JSON_FEED, RSS
from kbray.parse.sniff import sniff

RSS_2 = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Häfen &amp; Schiffe</title><link>http://a/</link><description>About ships.</description><language>de</language>
<image><title>Logo</title></image>
<item><title>First &lt;b&gt;ship&lt;/b&gt;</title><dc:creator>Ada</dc:creator><pubDate>Mon, 09 Dec 2024</pubDate>
<category>Sea</category><category>Sea</category><description>It sailed to the [...]</description>
<content:encoded><![CDATA[<h2>Out</h2><p>It sailed&nbsp;to <i>Rome</i>.</p><script>no()</script>]]></content:encoded></item>
<item><description>No title, 3 &lt; 4.</description><author>b@c.de (Bert)</author></item>
</channel></rss>"""


def read(folder: Path, text: str | bytes, name: str = "a.xml") -> Parsed:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return parse(path, sniff(path, name), Window(), Settings())


def told(parsed: Parsed) -> list[tuple[str, int, str]]:
    return [(one.kind, one.level, one.text) for one in parsed.elements]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_rss(tmp_path: Path, encoding: str) -> None:
    parsed = read(tmp_path, RSS_2.format(encoding=encoding).encode(encoding))
    assert told(parsed) == [
        ("heading", 1, "Häfen & Schiffe"),
        ("paragraph", 0, "About ships."),
        ("heading", 2, "First ship"),
        ("paragraph", 0, "Ada · Mon, 09 Dec 2024 · Sea"),
        ("heading", 4, "Out"),
        ("paragraph", 0, "It sailed to Rome."),
        ("paragraph", 0, "It sailed to the [...]"),
        ("paragraph", 0, "Bert"),
        ("paragraph", 0, "No title, 3 < 4."),
    ]
    assert (parsed.metadata.title, parsed.metadata.language) == ("Häfen & Schiffe", "de")
    assert not parsed.warnings


def test_rss_1_has_its_items_beside_the_channel(tmp_path: Path) -> None:
    text = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        "<channel><title>C</title></channel><item><title>I</title><description>D</description></item></rdf:RDF>"
    )
    assert told(read(tmp_path, text)) == [("heading", 1, "C"), ("heading", 2, "I"), ("paragraph", 0, "D")]


def test_atom(tmp_path: Path) -> None:
    text = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title type="text">A &lt; B</title><id>urn:1</id>
    <author><name>Ada</name><email>a@b</email></author><updated>2024-01-02</updated>
    <entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">The <em>one</em></div></title>
    <category term="t1" label="Topic"/><published>2024-01-01</published><summary>Short words</summary>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Short words go on.</p><ul><li>x</li></ul></div></content>
    <source><title>Elsewhere</title></source></entry></feed>"""
    parsed = read(tmp_path, text)
    assert told(parsed) == [
        ("heading", 1, "A < B"),
        ("paragraph", 0, "Ada · 2024-01-02"),
        ("heading", 2, "The one"),
        ("paragraph", 0, "2024-01-01 · Topic, Elsewhere"),
        ("paragraph", 0, "Short words go on."),
        ("list_item", 1, "x"),
    ]
    assert (parsed.metadata.authors, parsed.metadata.date, parsed.metadata.identifier) == (("Ada",), "2024-01-02", "urn:1")


def test_json_feed(tmp_path: Path) -> None:
    items = [
        {"id": "1", "title": "One", "content_html": "<p>Text <b>here</b></p>", "content_text": "Text here", "tags": ["a", 1]},
        {"id": "2", "content_text": "3 < 4\n\nmore", "authors": [{"name": "Ada"}], "date_published": "2024"},
        "odd",
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "F", "language": "en", "items": items}
    assert told(read(tmp_path, json.dumps(feed), "feed.json")) == [
        ("heading", 1, "F"),
        ("heading", 2, "One"),
        ("paragraph", 0, "a"),
        ("paragraph", 0, "Text here"),
        ("paragraph", 0, "Ada · 2024"),
        ("paragraph", 0, "3 < 4"),
        ("paragraph", 0, "more"),
    ]


def test_kinds(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for text, kind in (
        ("<rss version='2.0'><channel></channel></rss>", RSS),
        ("<?xml version='1.0'?><feed xmlns='http://purl.org/atom/ns#'/>", ATOM),
        ('{"version": "https:\\/\\/jsonfeed.org\\/version\\/1"}', JSON_FEED),
    ):
        path.write_text(text)
        assert sniff(path, "x") == kind


def test_what_is_broken_is_told(tmp_path: Path) -> None:
    parsed = read(tmp_path, "<rss><channel><title>T</title><item><title>One</title><description>a < b</description></item><item>")
    assert ("heading", 2, "One") in told(parsed)
    assert len(parsed.warnings) == 1
    assert "not well-formed" in parsed.warnings[0]
    with pytest.raises(EmptyDocument):
        read(tmp_path, "<rss version='2.0'><channel></channel></rss>")
    with pytest.raises(CorruptDocument, match="JSON can't be read"):
        read(tmp_path, '{"version": "https://jsonfeed.org/version/1", "items": [', "a.json")
