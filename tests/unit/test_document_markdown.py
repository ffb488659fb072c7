"""document.md: what a Markdown reader shows is the text of the document."""

from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from kbray.document.markdown import render
from kbray.document.tables import table_from_rows
from kbray.model import Cell, Element, Kind, Table

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
TRAPS = ["*", "_", "`", "~~", "[", "]", "(", ")", "<b>", "&amp;", "\\", "|", "#", "- ", "+ ", "1. ", "2) ", "> ", "---", "=="]
MORE_TRAPS = [
    "***",
    "```",
    "~~~",
    "![",
    "](",
    "]: ",
    "[^1]",
    "[x] ",
    "a",
    "b",
    "é",
    "文",
    " ",
    "\n",
    "http://x.y/_z_",
    "    ",
    "\t",
    "|-|-|",
]
tricky = st.lists(st.sampled_from(TRAPS + MORE_TRAPS), max_size=14).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)


def document(*elements: Element) -> tuple[Element, ...]:
    return elements


def one(kind: Kind, text: str, **more: object) -> str:
    return render(document(Element(kind, text, **more)))  # type: ignore[arg-type]  # keywords of Element


def shown(markdown: str) -> Iterator[str]:
    """The text of each block as a reader shows it."""
    for token in READER.parse(markdown):
        if token.type == "inline":
            yield " ".join("".join(map(piece, token.children or ())).split())
        elif token.type in ("fence", "code_block"):
            yield token.content.removesuffix("\n")
        elif token.type == "html_block":
            yield "HTML: " + token.content


def piece(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak") or (token.type == "html_inline" and token.content == "<br>"):
        return "\n"
    if token.type == "image":
        return "".join(map(piece, token.children or ()))
    assert token.type in ("text", "text_special"), f"{token.type} was made of plain text"
    return token.content


def fold(text: str) -> str:
    return " ".join(text.split())


@given(
    st.lists(st.tuples(st.sampled_from(["heading", "paragraph", "caption", "list_item"]), tricky, st.integers(1, 4)), max_size=6)
)
@settings(max_examples=400)
def test_text_survives(items: list[tuple[Kind, str, int]]) -> None:
    elements = [Element(kind, text, level=level) for kind, text, level in items]
    expected = [fold(text) for _, text, _ in items if fold(text)]
    assert list(shown(render(document(*elements)))) == expected


@given(st.lists(st.lists(tricky, min_size=3, max_size=3), min_size=1, max_size=3))
@settings(max_examples=200)
def test_text_in_cells_survives(rows: list[list[str]]) -> None:
    table = table_from_rows(rows, header_rows=1)
    markdown = render(document(Element("table", "", table=table)))
    assert list(shown(markdown)) == [fold(text) for row in rows for text in row]


@given(tricky, tricky)
@settings(max_examples=200)
def test_alternative_text_and_target_survive(text: str, target: str) -> None:
    assume(READER.validateLink(target + "x"))  # readers show no picture from `file:` or `javascript:`
    markdown = render(document(Element("image", text, target=target + "x")))
    (inline,) = (token for token in READER.parse(markdown) if token.type == "inline")
    assert inline.children is not None
    (image,) = inline.children
    assert image.type == "image"
    assert fold(piece(image)) == fold(text)


@given(st.lists(tricky, min_size=1, max_size=3).map("\n".join).filter(lambda text: "\r" not in text and bool(text)))
@settings(max_examples=200)
def test_code_keeps_its_lines(text: str) -> None:
    assert list(shown(one("code", text))) == [text]


def test_lists_are_nested_with_their_markers() -> None:
    items = [
        ("1.", 1, "one"),
        ("-", 2, "inner\nsecond line"),
        ("•", 3, "deep"),
        ("2.", 1, "two"),
        ("3.", 2, "from three"),
        ("a)", 1, "letter"),
    ]
    elements = [Element("list_item", text, level=level, marker=marker) for marker, level, text in items]
    assert render(document(*elements)) == (
        "1. one\n   - inner\\\n     second line\n     - deep\n2. two\n\n   3. from three\n- a) letter\n"
    )


def test_notes_headings_images_and_running_titles() -> None:
    text = render(
        document(
            Element("header", "A FIELD GUIDE"),
            Element("heading", "Stars # and\nhashes #", level=2),
            Element("paragraph", "As said[^1]: see [^2](x), not [^9]: here."),
            Element("image", "A map [1]", target="img/a map.png"),
            Element("image"),
            Element("footnote", "First line\nsecond", marker="1"),
            Element("footnote", "Kept", marker="2"),
            Element("footnote", "Odd", marker="see *"),
            Element("footer", "12"),
        )
    )
    assert text.split("\n\n") == [
        "## Stars # and hashes \\#",
        "As said[^1]\\: see [^2]\\(x), not [^9\\]: here.",
        "![A map \\[1\\]](img/a%20map.png)",
        "[^1]: First line\\\n    second",
        "[^2]: Kept",
        "see * Odd\n",
    ]


def test_plain_prose_gets_no_backslashes() -> None:
    prose = "In 1984, snake_case cost 5 * 3 = 15 (~€4) [sic] & more; see #7, a - b, C:\\Temp and <3."
    assert one("paragraph", prose) == prose + "\n"


@pytest.mark.parametrize("line", ["1984. A year", "# not a title", "- no item", "> no quotation", "--- ", "===", "+ plus"])
def test_line_starts_are_escaped(line: str) -> None:
    assert list(shown(one("paragraph", "first\n" + line))) == ["first " + line.strip()]


def test_an_empty_document_is_empty() -> None:
    assert render(document()) == ""
    assert render(document(Element("paragraph", " "), Element("footer", "1"))) == ""


def test_the_blanks_of_a_form_need_no_escape() -> None:
    text = "Name: ______ Date: ______ (to be signed)"
    assert render(document(Element("paragraph", text))) == f"{text}\n"
    assert render(document(Element("paragraph", "_so_ and __so__"))) == "\\_so\\_ and \\_\\_so\\_\\_\n"


def test_a_table_with_spans_is_written_as_html_which_knows_them() -> None:
    table = Table((Cell(0, 0, "over <both>\nof them", column_span=2, header=True), Cell(1, 0, "a"), Cell(1, 1, "b|c")))
    markdown = render(document(Element("table", "", table=table)))
    assert markdown == (
        '<table>\n<tr><th colspan="2">over &lt;both&gt;<br>of them</th></tr>\n<tr><td>a</td><td>b|c</td></tr>\n</table>\n'
    )
    assert "<table>" in READER.render(markdown)
    assert "\n\n" not in markdown  # a blank line would end the HTML


def test_what_stands_around_the_main_content_of_a_page_is_left_out() -> None:
    text = render(
        document(
            Element("heading", "Menu", level=2, main=False),
            Element("paragraph", "Said[^1]."),
            Element("footnote", "Main", marker="1"),
            Element("footnote", "Of a comment", marker="2", main=False),
            Element("paragraph", "[^2]"),
        )
    )
    assert text.split("\n\n") == ["Said[^1].", "[^1]: Main", "[^2]\n"]
