"""Titles of books and pages whose markup calls nothing so: by size and weight, as style sheets, tags and attributes tell them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kbray.config import Settings
from kbray.model import Parsed, Window
from kbray.parse import epub, html
from kbray.parse.markup import prints, trees
from tests.writers.epub import book

LONG = "The shelf stands in the corner, and holds what nobody reads. " * 9
CHAPTER = f"<p class='num'>1</p><p class='chapter'>The Shelf</p><p>{LONG}</p><p class='head'>Where it stands</p><p>{LONG}</p>"
CSS = "p.chapter { font-size: 1.6em; font-weight: bold } .num { font-size: 3em } .head { font-weight: 700 }"


def headings(parsed: Parsed) -> list[tuple[str, int]]:
    return [(element.text, element.level) for element in parsed.elements if element.kind == "heading"]


def parse(folder: Path, chapters: dict[str, str], css: str = CSS) -> Parsed:
    styled = {name: f"<style>{css}</style>{markup}" for name, markup in chapters.items()}
    return epub.parse(book(folder / "book.epub", styled), Window(), Settings())


def page(markup: str, css: str = "") -> list[tuple[str, int]]:
    root = trees.html(f"<html><head><style>{css}</style></head><body>{markup}</body></html>")
    assert root is not None
    return [(element.text, element.level) for element in html.read(root) if element.kind == "heading"]


def test_a_book_by_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chapters = {"a.xhtml": CHAPTER, "b.xhtml": f"<p class='chapter'>The Corner</p><p>{LONG}</p><p>{LONG}</p>"}
    chapters["cover.xhtml"] = "<p class='num'>Shelves and Corners</p><p>by Ann Miller</p>"
    found = parse(tmp_path, chapters)
    assert headings(found) == [("The Shelf", 1), ("Where it stands", 2), ("The Corner", 1)]
    monkeypatch.setattr(epub, "_KEPT_BYTES", 0)
    assert parse(tmp_path, chapters) == found


def test_chapters_whose_markup_tells_titles_are_left_alone(tmp_path: Path) -> None:
    assert headings(parse(tmp_path, {"a.xhtml": f"<h2>The Shelf</h2>{CHAPTER}"})) == [("The Shelf", 2)]
    assert page(f"<h3></h3><p><b>The Shelf</b></p><p>{LONG}{LONG}</p>") == [("The Shelf", 1)], "an empty title tells nothing"


@pytest.mark.parametrize(
    "title",
    [
        "<p><b>Title</b></p>",
        "<div><span><strong>Title</strong></span></div>",
        "<center><font size='5'>Title</font></center>",
        "<p><big><big>Title</big></big></p>",
        "<p style='font-weight: 600'>Title</p>",
        "<p style='color: red; font-size: 15pt !important'>Title</p>",
        "<p class='a'>Title</p>",
        "<p id='one'>Title</p>",
        "<div class='outer'><p class='inner'>Title</p></div>",
    ],
)
def test_ways_to_be_loud(title: str) -> None:
    css = ".a, .b { font-size: x-large } #one { font-size: larger } .outer { font-size: 2em } .inner { font-size: 70% }"
    assert page(f"{title}<p>{LONG}{LONG}</p>", css) == [("Title", 1)]


@pytest.mark.parametrize(
    ("quiet", "css"),
    [
        ("<p>Title</p>", ""),
        ("<p>A <b>title</b></p>", ""),
        ("<table><tr><td><p><b>Title</b></p></td></tr></table>", ""),
        ("<blockquote><p><b>Title</b></p></blockquote>", ""),
        ("<p hidden><b>Title</b></p>", ""),
        ("<div><b>Title</b><p>A block in it</p></div>", ""),
        ("<p><b>Title</b></p>", "b { font-weight: normal }"),
        ("<p class='a b'>Title</p>", ".a { font-size: 2em } .b { font-size: 1em }"),
        ("<p class='a'>Title</p>", "@media print { .a { font-size: 2em } }"),
        ("<p class='a'>Title</p>", "nav .a { font-size: 2em } .a:hover { font-weight: bold }"),
        ("<p class='a'>Title</p>", ".a { font-size: huge; font-weight: inherit }"),
    ],
)
def test_what_is_not(quiet: str, css: str) -> None:
    assert page(f"{quiet}<p>{LONG}{LONG}</p>", css) == []


def test_little_text_says_nothing() -> None:
    assert page("<p><b>Title</b></p><p>A line of text.</p>") == []


@given(
    st.recursive(
        st.text("ab <>&.\n", max_size=20), lambda inner: st.tuples(st.sampled_from(["p", "b", "div", "li"]), inner, inner)
    )
)
def test_marking_changes_no_word(tree: object) -> None:
    def built(told: object) -> etree._Element:
        node = etree.Element("span")
        if isinstance(told, str):
            node.text = told
        elif isinstance(told, tuple):
            node = etree.Element(str(told[0]))
            node.extend([built(one) for one in told[1:]])
        return node

    root = etree.Element("body")
    root.append(built(tree))
    last = etree.SubElement(root, "p")
    last.text = LONG + LONG
    before = etree.tostring(root, method="text", encoding="unicode")
    looks = prints.Prints()
    looks.survey("a", root, prints.Style(()))
    prints.mark(root, prints.Style(()), looks.titles().get("a", {}))
    assert etree.tostring(root, method="text", encoding="unicode") == before
    assert last.get("role") is None
