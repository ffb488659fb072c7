"""Whatever the tags: the visible words of a document come out once each, in order; and short cuts end where the long way does."""

import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kbray.config import Settings
from kbray.model import Element, Window
from kbray.parse import epub, html, text
from kbray.parse.encoding import decode
from kbray.parse.markup import trees
from kbray.parse.markup.gather import folded
from tests.writers.epub import book

BLOCKS = ["p", "div", "section", "blockquote", "h1", "h3", "pre", "figure", "figcaption", "aside", "header", "article", "center"]
INLINE = ["span", "em", "b", "a", "i", "sup", "code", "small", "unknown", "font", "button", "label", "ins"]
HIDDEN = [
    "<script>{}</script>",
    "<style>{}</style>",
    "<span hidden=''>{}</span>",
    "<div style='display: none'>{}</div>",
    "<!-- {} -->",
]
PLAIN = {"br": "<br/>", "hr": "<hr/>", "img": '<img src="i.png" alt=""/>', "space": " \n\t "}


class Words:
    """Numbered words, so that order and repetition show."""

    def __init__(self) -> None:
        self.visible: list[str] = []
        self._count = 0

    def next(self, *, visible: bool = True) -> str:
        self._count += 1
        word = f"w{self._count}é"
        if visible:
            self.visible.append(word)
        return word


Node = tuple[str, list["Node"]]

leaves: st.SearchStrategy[Node] = st.sampled_from(["text", "br", "img", "hidden", "space", "hr"]).map(lambda kind: (kind, []))
nodes = st.recursive(
    leaves,
    lambda inner: st.tuples(
        st.sampled_from([*BLOCKS, *INLINE, "ul", "ol", "dl", "table", "layout", "svg"]), st.lists(inner, max_size=5)
    ),
    max_leaves=40,
)


def markup(node: Node, words: Words) -> str:
    tag, inner = node
    if tag in PLAIN:
        return PLAIN[tag]
    if tag == "text":
        return f" {words.next()} "
    if tag == "hidden":
        number = len(words.visible)
        return HIDDEN[number % len(HIDDEN)].format(words.next(visible=False))
    if tag == "svg":
        return f'<svg xmlns="http://www.w3.org/2000/svg"><text>{words.next()}<tspan>{words.next()}</tspan></text></svg>'
    return "".join(_container(tag, inner, words))


def _container(tag: str, inner: list[Node], words: Words) -> Iterator[str]:
    if tag in ("ul", "ol"):
        yield f"<{tag}>" + "".join(f"<li>{markup(node, words)}</li>" for node in inner) + f"</{tag}>"
    elif tag == "dl":
        yield "<dl>" + "".join(f"<dt>{words.next()}</dt><dd>{markup(node, words)}</dd>" for node in inner) + "</dl>"
    elif tag == "table":
        yield f"<table><caption>{words.next()}</caption><tbody>"
        for node in inner:
            yield f'<tr><th rowspan="2">{words.next()}</th><td>{markup(node, words)}</td></tr>'
        yield "</tbody></table>"
    elif tag == "layout":
        yield "<table>" + "".join(f"<tr><td>{markup(node, words)}</td></tr>" for node in inner) + "</table>"
    else:
        yield f'<{tag} id="x{len(inner)}">'
        yield from (markup(node, words) for node in inner)
        yield f"</{tag}>"


def words_of(elements: tuple[Element, ...]) -> list[str]:
    # Adjacent words of a <tspan> touch; parting them is no concern here.
    return " ".join(element.text for element in elements if element.kind != "image").replace("éw", "é w").split()


@settings(max_examples=150)
@given(st.lists(nodes, min_size=1, max_size=6))
def test_books(trees: list[Node]) -> None:
    words = Words()
    chapters = {f"c{number}.xhtml": f"<p>{words.next()}</p>{markup(tree, words)}" for number, tree in enumerate(trees)}
    with tempfile.TemporaryDirectory() as folder:
        parsed = epub.parse(book(Path(folder) / "book.epub", chapters), Window(), Settings())
    assert words_of(parsed.elements) == words.visible
    assert [unit.characters for unit in parsed.units] == [
        sum(len(e.text) for e in parsed.elements if e.chapter == unit.name) for unit in parsed.units
    ]
    assert not parsed.warnings


@settings(max_examples=150)
@given(st.lists(nodes, min_size=1, max_size=6))
def test_malformed_pages(written: list[Node]) -> None:
    """The HTML parser's tree may differ from the writer's mind, not what it shows."""
    words = Words()
    page = "".join(markup(tree, words) for tree in written)
    root = trees.html(f"<p>{words.next()}{page.replace('</em>', '').replace('</section>', '')}")
    assert root is not None
    assert sorted(words_of(html.read(root))) == sorted(words.visible)


@settings(max_examples=200)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=120), max_size=40))
def test_text_files(lines: list[str]) -> None:
    """All but the marks of quotations, of which joined lines keep one."""
    source = "\n".join(lines)
    made = "".join(element.text for element in text.elements_of(source))
    assert "".join(made.replace(">", "").split()) == "".join(source.replace(">", "").split())


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_page(data: bytes) -> None:
    """No bytes break the tree builder or the walker."""
    tree = trees.html(data.decode("latin-1").replace("\0", ""))
    if tree is not None:
        assert all(element.text == element.text.strip("\n") for element in html.read(tree))


SPACED = st.text(st.sampled_from("ab é\n\t\r\f\v\x1f\x85\xa0\xad\u1680\u2009\u200b\u2028\u3000\ufeff语"))


@given(st.text() | SPACED)
def test_white_space_is_folded(written: str) -> None:
    assert folded(written) == " ".join(written.split())


@given(st.text(st.sampled_from("ab ü\n\x00\x0b\x1f\x7f\x80\x85\x9f\xa0Â\ufffd\ufffe\uffff语\U0001f600")))
def test_no_control_characters_are_left(written: str) -> None:
    """UTF-8 that was taken for Latin-1 is mended first, where there are any: that pair of signs is not written here."""
    decoded = decode(b"\xef\xbb\xbf" + written.encode())
    wanted = [c for c in written if not (unicodedata.category(c) == "Cc" and c not in "\t\n\f\r\x85") and c not in "\ufffe\uffff"]
    if "Â" not in written:
        assert decoded.text == "".join(wanted)
        assert decoded.controls == len(written) - len(wanted)
    assert not set(decoded.text) & set("\x00\x0b\x1f\x7f\x80\x9f\ufffe\uffff")
