"""Slides of a talk, as laid out: titles by their place, and what leads through it at the sides."""

from collections.abc import Sequence

from kbray.document.layout.page import LaidOutPage
from kbray.document.layout.paragraphs import Block
from kbray.document.layout.structure import elements_of
from kbray.document.layout.told import Titles
from kbray.geometry import Box


def block(text: str, left: float, top: float, *, size: float = 11, bold: bool = False) -> Block:
    right = left + 0.5 * size * len(text)
    return Block(text, Box(left, top, right, top + size), size, bold, 1, left, right)


def read(pages: Sequence[Sequence[Block]], titles: Titles | None = None) -> list[list[tuple[str, str]]]:
    """Kind and text of the elements, by slide."""
    laid_out = [LaidOutPage(number, 363, 272, tuple(blocks)) for number, blocks in enumerate(pages, 1)]
    found = elements_of(laid_out, titles)
    return [[(one.kind, one.text) for one in found if one.page == page.number] for page in laid_out]


NAMES = ["What is it, and why.", "How it goes on", "What we found", "What is left to do for others who come after us. . ."]


def said(name: str, number: int) -> Block:
    return block(f"This is what slide {number} has to say of {name[:11]}", 40, 120)


def test_titles_in_the_print_of_the_text_stand_at_one_height() -> None:
    pages = [
        [block(name, 9, 29, bold=True), block("Claim", 28, 70, bold=True), said(name, number)]
        for number, name in enumerate(NAMES)
    ]
    for slide, name in zip(read(pages), NAMES, strict=True):
        assert slide[0] == ("heading", name)
        assert [kind for kind, _ in slide[1:]] == ["paragraph", "paragraph"]


def test_bold_print_that_stands_anywhere_is_no_title() -> None:
    lower = [[block(name, 9, 60 + 40 * number, bold=True), said(name, number)] for number, name in enumerate(NAMES)]
    below = [[said(name, number), block(name, 9, 200, bold=True)] for number, name in enumerate(NAMES)]
    assert read(lower)[0][0] == ("paragraph", NAMES[0])
    assert "heading" not in [slide[-1][0] for slide in read(below)]


SECTIONS = ["Introduction", "Method and data", "Findings"]


def beside(*names: str) -> list[Block]:
    return [block(name, 4, 80 + 12 * place, size=6) for place, name in enumerate(names)]


def test_what_lists_the_sections_beside_the_slides_is_no_text_and_heads_them_where_they_begin() -> None:
    pages = [
        [block(name, 80, 29, size=14), block(f"This is what slide {number} says", 90, 120), *beside(*SECTIONS)]
        for number, name in enumerate(NAMES)
    ]
    slides = read(pages, {(1, "introduction"): 1, (3, "findings"): 1})
    assert [(kind, text) for slide in slides for kind, text in slide if kind == "heading"] == [
        ("heading", "Introduction"),
        ("heading", NAMES[0]),
        ("heading", NAMES[1]),
        ("heading", "Findings"),
        ("heading", NAMES[2]),
        ("heading", NAMES[3]),
    ]
    assert all(("header", "Method and data") in slide for slide in slides)


def test_labels_beside_a_drawing_stay() -> None:
    labels = [["north", "south"], ["east", "west"], ["up", "down"], ["in", "out"]]
    pages = [
        [block(name, 80, 29, size=14), block(f"This is what slide {number} says", 90, 120), *beside(*labels[number])]
        for number, name in enumerate(NAMES)
    ]
    assert "header" not in [kind for slide in read(pages) for kind, _ in slide]
