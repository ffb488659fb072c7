"""Whatever a book is made of: document.md has all text that a browser would show of it, in order and once.

So says the writer of the book, and so says the reference that real books are measured by.
"""

import re
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks import spine_text
from benchmarks.epub_coverage import shown
from benchmarks.pdf_quality import markdown_of
from kbray.config import Settings
from kbray.model import Window
from kbray.parse import epub
from tests.writers.epub import book, page

BLOCKS = ["p", "div", "section", "blockquote", "h1", "h4", "pre", "figure", "figcaption", "article", "header", "td"]
INLINE = ["span", "em", "b", "a", "sup", "code", "q", "unknown", "svg:text"]
HIDING = ["hidden=''", "style='display:none'", "class='x gone'", "id='gone{}'", "epub:type='pagebreak'"]
STYLES = "<style>.gone, [epub|type~='pagebreak'] {display: none} .gone .stay, td:hover {display: none}</style>"
SMALL = {
    "br": "<br/>",
    "hr": "<hr/>",
    "img": '<img src="i.png" alt="no text"/>',
    "math": "<math xmlns='http://www.w3.org/1998/Math/MathML'><mi>{}</mi><mo>{}</mo></math>",
    "ruby": "<ruby>{}<rp>(</rp><rt>{}</rt><rp>)</rp></ruby>",
}
ENTITIES = {
    "&nbsp;": "",
    "&eacute;": "é",
    "&mdash;": "—",
    "&#x6f22;": "漢",
    "&amp;lt;": "&lt;",
    "&hearts;": "♥",
}
TRAPS = [
    "*a*",
    "_b_",
    "# c",
    "1. d",
    "- e",
    "`f`",
    "[g](h)",
    "<i>",
    "&amp;",
    "|",
    "\\",
    "~~~",
    "    j",
    "---",
    "![k](l)",
    "m|n",
    "[o]: p",
]

words = st.sampled_from(TRAPS) | st.text("abcß字", min_size=1, max_size=6)
text = st.tuples(st.just("text"), words) | st.tuples(st.just("entity"), st.sampled_from(sorted(ENTITIES)))
leaves = text | st.tuples(st.sampled_from(["br", "img", "hr", "note", "math", "ruby"]), st.just(""))
nodes = st.recursive(
    leaves,
    lambda inner: st.tuples(
        st.sampled_from([*BLOCKS, *INLINE, *INLINE, "ul", "ol", "dl", "table", "layout", "hidden"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=30,
)


class Writer:
    """Writes a body, and beside it what a browser would show."""

    def __init__(self) -> None:
        self.visible: list[str] = []
        self._notes: list[str] = []
        self._count = 0
        self._hidden = False

    def body(self, trees: list[tuple[str, object]]) -> str:
        written = "".join(map(self.markup, trees))
        notes = [f'<aside epub:type="footnote" id="n{number}"><p>{self._say(number)}</p></aside>' for number in self._notes]
        self._notes.clear()
        return written + "".join(notes)

    def markup(self, node: tuple[str, object]) -> str:
        kind, inside = node
        if isinstance(inside, str):
            return self._leaf(kind, inside)
        assert isinstance(inside, list)
        if kind == "hidden":
            before, self._hidden = self._hidden, True
            self._count += 1
            written = f"<div {HIDING[self._count % len(HIDING)].format('')}>{''.join(map(self.markup, inside))}</div>"
            self._hidden = before
            return written.replace("id='gone'", "hidden=''")
        return "".join(self._container(kind, inside))

    def _leaf(self, kind: str, inside: str) -> str:
        if kind == "text":
            return f" {self._say(inside)} "
        if kind == "entity":
            self._show(ENTITIES[inside])
            return inside
        if kind == "note":
            return self._note()
        said = {"math": ("x", "y"), "ruby": ("字", "じ")}.get(kind, ())
        return SMALL[kind].format(*map(self._say, said))

    def _note(self) -> str:
        if self._hidden:
            return ""
        self._count += 1
        self._notes.append(f"note{self._count}")
        return f'<a epub:type="noteref" href="#nnote{self._count}">{self._count}</a>'

    def _container(self, kind: str, inside: list[tuple[str, object]]) -> Iterator[str]:
        match kind:
            case "ul" | "ol":
                yield f"<{kind}>" + "".join(f"<li>{self.markup(node)}</li>" for node in inside) + f"</{kind}>"
            case "dl":
                yield "<dl>" + "".join(f"<dt>{self._say('t')}</dt><dd>{self.markup(node)}</dd>" for node in inside) + "</dl>"
            case "table":
                yield f"<table><caption>{self._say('caption')}</caption>"
                yield from (f'<tr><th rowspan="2">{self._say("h")}</th><td>{self.markup(node)}</td></tr>' for node in inside)
                yield "</table>"
            case "layout":
                yield "<table>" + "".join(f"<tr><td>{self.markup(node)}</td></tr>" for node in inside) + "</table>"
            case "svg:text":
                yield f'<svg xmlns="http://www.w3.org/2000/svg"><title>t</title><text>{self._say("svg")}</text></svg>'
            case _:
                yield f"<{kind}>{''.join(map(self.markup, inside))}</{kind}>"

    def _say(self, text: str) -> str:
        self._show(text)
        return escape(text)

    def _show(self, text: str) -> None:
        if not self._hidden:
            self.visible.append(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(nodes, min_size=1, max_size=4), min_size=1, max_size=3))
@example([[("layout", [("p", [("td", [("text", "cell in a cell")]), ("text", "behind it")])])]])
def test_books(chapters: list[list[tuple[str, object]]]) -> None:
    writer = Writer()
    written = {
        f"c{number}.xhtml": page(writer.body([("text", "w"), *trees]), head=STYLES) for number, trees in enumerate(chapters)
    }
    with tempfile.TemporaryDirectory() as folder:
        path = book(Path(folder) / "book.epub", written)
        parsed = epub.parse(path, Window(), Settings())
        reference = [piece.text for piece in spine_text.pieces(path) if not piece.mark]
    visible = "".join("".join(writer.visible).split())
    assert "".join("".join(reference).split()) == visible
    assert without_signs(shown(markdown_of(parsed))) == without_signs(visible)
    assert not parsed.warnings


def without_signs(text: str) -> str:
    """Ruby text comes in parentheses, <q> in quotation marks; dashes typed one below another make a list, whose signs are no text
    of it.
    """
    return re.sub(r"[()“”‘’]|-(?=e)", "", text)
