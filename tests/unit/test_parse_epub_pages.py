"""Pages of the printed edition, as the book tells them: where each piece begins."""

from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.model import Window
from kbray.parse import epub
from tests.writers.epub import CONTAINER, XHTML, opf, page, write

NAV = (
    '<nav epub:type="toc"><ol><li><a href="a.xhtml">A</a></li></ol></nav><nav epub:type="page-list"><ol>'
    '<li><a href="a.xhtml"> i </a></li><li><a href="a.xhtml#p2">ii</a></li><li><a href="b.xhtml#p4">4</a></li>'
    '<li><a href="gone.xhtml#p5">5</a></li></ol></nav>'
)
NCX = (
    '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap/><pageList>'
    '<pageTarget value="1"><navLabel><text>i</text></navLabel>'
    '<content src="a.xhtml"/></pageTarget><pageTarget value="2"><navLabel><text>ii</text></navLabel>'
    '<content src="a.xhtml#p2"/></pageTarget>'
    '<pageTarget value="4"><content src="b.xhtml#p4"/></pageTarget></pageList></ncx>'
)


def print_pages(path: Path, chapters: dict[str, str], **extra: str) -> list[tuple[str, str | None]]:
    items = [(f"c{number}", href, XHTML) for number, href in enumerate(chapters)]
    manifest = (
        f'<item id="n" href="nav.xhtml" media-type="{XHTML}" properties="nav"/>'
        '<item id="x" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    )
    members = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/content.opf": opf(items, [key for key, _, _ in items], manifest=manifest),
    }
    members |= {f"OEBPS/{href}": page(body) for href, body in chapters.items()} | extra
    return [(e.text, e.print_page) for e in epub.parse(write(path / "b.epub", members), Window(), Settings()).elements]


@pytest.mark.parametrize(
    "extra", [{"OEBPS/nav.xhtml": page(NAV)}, {"OEBPS/toc.ncx": NCX}, {"OEBPS/nav.xhtml": page("<nav/>"), "OEBPS/toc.ncx": NCX}]
)
def test_page_lists(tmp_path: Path, extra: dict[str, str]) -> None:
    chapters = {
        "a.xhtml": '<h1>t</h1><p>one<span id="p2"/> two</p><p>three</p>',
        "b.xhtml": '<p>four</p><p><a id="p4"/>five</p><table><tr><th>h</th><td><p id="p2">c</p></td></tr></table>',
    }
    assert print_pages(tmp_path, chapters, **extra) == [
        ("t", "i"),
        ("one two", "i"),
        ("three", "ii"),
        ("four", "ii"),
        ("five", "4"),
        ("h\tc", "4"),
    ]


def test_breaks_tell_their_pages_themselves(tmp_path: Path) -> None:
    body = (
        '<p>front</p><div epub:type="pagebreak" title="7"/><p>a<span role="doc-pagebreak" aria-label=" 8 "/>b</p>'
        '<ul><li>c<br epub:type="pagebreak" title="9"/>d</li><li>e</li></ul>'
        '<span epub:type="pagebreak" hidden="">x</span><p>f</p>'
        '<table><tr><td>g</td><td>h<span epub:type="pagebreak" title="xi"/></td></tr></table><p>i</p>'
        '<span epub:type="pagebreak"/><p>j</p>'
    )
    assert print_pages(tmp_path, {"a.xhtml": body, "b.xhtml": "<p>k</p>"}) == [
        ("front", None),
        ("ab", "7"),
        ("c\nd", "8"),
        ("e", "9"),
        ("f", "x"),
        ("g\th", "x"),
        ("i", "xi"),
        ("j", "xi"),
        ("k", "xi"),
    ]


def test_a_book_without_pages_has_none(tmp_path: Path) -> None:
    assert print_pages(tmp_path, {"a.xhtml": '<p id="p2">a</p>'}) == [("a", None)]
