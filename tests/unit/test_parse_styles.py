"""What the style sheets of a book hide is no text of it; what a mark leads to is."""

from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.model import Window
from kbray.parse import epub
from tests.writers.epub import book, page

BODY = (
    '<p class="a">A</p><p class="a b">B</p><p id="c">C</p><div><p>D</p></div><p class="a" style="display: block">E</p>'
    '<p epub:type="z-x pagebreak">F</p><h2>G</h2>'
)


def shown(path: Path, css: str, body: str = BODY, link: str = 'rel="stylesheet" href="../css/s.css"') -> str:
    chapter = page(body, head=f"<title>t</title><link {link}/>")
    parsed = epub.parse(book(path / "b.epub", {"text/c.xhtml": chapter}, **{"OEBPS/css/s.css": css}), Window(), Settings())
    return "".join(element.text for element in parsed.elements)


@pytest.mark.parametrize(
    ("css", "left"),
    [
        ("p { color: red }", "ABCDEFG"),
        (".a { display: none }", "CDEFG"),
        ("p.a.b, h2 { margin: 0; display:none; }", "ACDEF"),
        ("#c { DISPLAY : none }", "ABDEFG"),
        ("*[epub|type='pagebreak'] { display: none }", "ABCDEG"),
        ('@namespace epub "x"; [epub|type~="pagebreak"] { display: none }', "ABCDEG"),
        ("h1.a { display: none }", "ABCDEFG"),
        ("/* .a { display: none } */ h2 /* { */ { display: none }", "ABCDEF"),
        ("body { display: none }", "ABCDEFG"),
        # the cascade: weight, then order, and what is important first
        (".a { display: none } .a.b { display: inline }", "BCDEFG"),
        (".a.b { display: inline } .a { display: none }", "BCDEFG"),
        (".a { display: none } p { display: block }", "CDEFG"),
        (".a { display: none } .a { display: block }", "ABCDEFG"),
        (".a { display: none } p { display: block !important }", "ABCDEFG"),
        # in doubt it stays
        ("div p { display: none }", "ABCDEFG"),
        ("p:first-child, p[class], p::before { display: none }", "ABCDEFG"),
        (".a { display: none } div > p.a:target { display: block }", "ABCDEFG"),
        ("@media print { .a { display: none } h2 { display: none } } #c { display: none }", "ABDEFG"),
        ("@media amzn-kf8 { .a { display: none } }", "ABCDEFG"),
        (".a { display: none", "CDEFG"),
        ("}}} .a { display: none }", "CDEFG"),
        ("".join(f".a{n} {{ display: none }}" for n in range(600)) + "h2 { display: none }", "ABCDEFG"),
        ("{" * 20_000 + ".a" * 20_000 + "{display:none}", "ABCDEFG"),
    ],
)
def test_rules(tmp_path: Path, css: str, left: str) -> None:
    assert shown(tmp_path, css) == left


@pytest.mark.parametrize(
    ("link", "left"),
    [
        ('rel="stylesheet" href="../CSS/s.css" media="screen"', "BCDEFG"),
        ('rel="stylesheet" href="../css/s.css" media="print"', "ABCDEFG"),
        ('rel="alternate stylesheet" href="../css/s.css"', "ABCDEFG"),
        ('rel="stylesheet" href="gone.css"', "ABCDEFG"),
        ("rel='stylesheet'", "ABCDEFG"),
    ],
)
def test_links(tmp_path: Path, link: str, left: str) -> None:
    assert shown(tmp_path, ".a { display: none } .b { display: block }", link=link) == left


def test_a_style_element_comes_after_what_is_linked_before_it(tmp_path: Path) -> None:
    head = '<link rel="stylesheet" href="s.css"/><style>.a { display: block } h2 { display: none }</style>'
    path = book(tmp_path / "b.epub", {"c.xhtml": page(BODY, head=head)}, **{"OEBPS/s.css": ".a { display: none }"})
    assert "".join(e.text for e in epub.parse(path, Window(), Settings()).elements) == "ABCDEF"


def test_a_later_sheet_that_hides_nothing_shows_what_an_earlier_one_hides(tmp_path: Path) -> None:
    head = '<link rel="stylesheet" href="s.css"/><link rel="stylesheet" href="t.css"/>'
    sheets = {"OEBPS/s.css": ".a, h2 { display: none }", "OEBPS/t.css": ".a { display: block }"}
    path = book(tmp_path / "b.epub", {"c.xhtml": page(BODY, head=head)}, **sheets)
    assert "".join(e.text for e in epub.parse(path, Window(), Settings()).elements) == "ABCDEF"


@pytest.mark.parametrize("hiding", ['hidden="hidden"', 'style="color: red; display: none"', 'class="pop"'])
@pytest.mark.parametrize("where", ["note", "around"])
def test_a_note_that_is_hidden_until_its_mark_is_touched_is_a_note(tmp_path: Path, hiding: str, where: str) -> None:
    inner, outer = (hiding, "") if where == "note" else ("", hiding)
    body = (
        f'<p>Text<a epub:type="noteref" href="#n1">1</a></p><section {outer}><aside epub:type="footnote" id="n1" {inner}>'
        "<p>1. Note.</p>"
        f'</aside></section><aside epub:type="footnote" id="n2" {hiding}>Nothing leads here.</aside>'
    )
    head = "<style>.pop { display: none }</style>"
    parsed = epub.parse(book(tmp_path / "b.epub", {"c.xhtml": page(body, head=head)}), Window(), Settings())
    assert [(e.kind, e.text, e.marker) for e in parsed.elements] == [("paragraph", "Text[^1]", None), ("footnote", "Note.", "1")]


def test_a_style_sheet_that_cannot_be_read_hides_nothing(tmp_path: Path) -> None:
    assert shown(tmp_path, "\x00\x01" * 40) == "ABCDEFG"
