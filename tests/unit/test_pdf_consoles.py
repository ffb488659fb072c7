"""What was said at consoles of R and Python, and what these answered, among text: as their manuals are printed."""

import re
from pathlib import Path

from kbray.config import Settings
from kbray.document.layout.lines import lines_of
from kbray.model import Window
from kbray.parse.pdf import opened, parse
from kbray.parse.pdf.page import open_page
from kbray.parse.pdf.text import read_words
from tests.writers.pdf import Page, write_pdf

PROSE = [
    "Text before a listing is set over the whole width of the column, so that no white runs down",
    "through all of the page, and there are several lines of it, as in most of the books there are,",
]
_LETTER = 5.4  # wide, in Courier of 9 points


def typed(page: Page, top: float, lines: list[str], left: float = 72) -> float:
    """Each piece behind more than a space is drawn by itself, and no white before it. Returns: where the next line would be."""
    for number, line in enumerate(lines):
        for piece in re.finditer(r"\S+(?: \S+)*", line):
            page.at(left + _LETTER * piece.start(), top + 11 * number, piece[0], 9, "F6")
    return top + 11 * len(lines)


def read(tmp_path: Path, *pages: Page) -> list[tuple[str, str]]:
    found = parse(write_pdf(tmp_path / "a.pdf", list(pages)), Window(), Settings(ocr="never"))
    return [(element.kind, element.text) for element in found.elements]


def manual(lines: list[str], apart: float = 22) -> Page:
    """Text, and lines of a console between it."""
    page = Page().paragraph(72, 100, PROSE)
    below = typed(page, 112 + apart, lines)
    return page.paragraph(72, below + apart, PROSE)


def lines(tmp_path: Path, *typed_lines: str) -> list[str]:
    page = Page()
    typed(page, 100, list(typed_lines))
    with opened(write_pdf(tmp_path / "a.pdf", [page])) as document, open_page(document, 1) as loaded:
        return [line.text for line in lines_of(read_words(loaded.handle.raw, loaded.frame).words[0])]


def test_a_line_that_goes_on_at_a_console_is_one_however_far_it_is_indented(tmp_path: Path) -> None:
    """The sign before it stood by itself, in another column."""
    asked = ["> trip <- function(obj,", "+                      names) {", "+ }"]
    assert lines(tmp_path, *asked) == ["> trip <- function(obj,", "+ names) {", "+ }"]


def test_where_nothing_is_asked_white_of_whole_letters_parts_code(tmp_path: Path) -> None:
    assert lines(tmp_path, "alpha     ALPHA", "beta      BETA") == ["alpha", "ALPHA", "beta", "BETA"]


def test_columns_of_an_answer_are_neither_columns_of_the_page_nor_a_table(tmp_path: Path) -> None:
    lines = [
        "> covariance(it)",
        "            I        II       III",
        "I   1019.0385 -339.6795 -339.6795",
        "II  -339.6795 1019.0385 -339.6795",
        "> methods()",
        '[1] "constant"         "contrasts"        "invariantset"',
        '[4] "methods"          "qspline"          "quantiles"',
    ]
    assert read(tmp_path, manual(lines))[1:-1] == [("code", "\n".join(lines))]


def test_one_line_at_a_console_is_code_however_near_the_text_is(tmp_path: Path) -> None:
    (first, asked, last) = read(tmp_path, manual(["R> class(classes)"], apart=12))
    assert asked == ("code", "R> class(classes)")
    assert first[0] == last[0] == "paragraph"
    (_, answer, _) = read(tmp_path, manual(['[1] "avgdiff"      "mas"'], apart=14))
    assert answer == ("code", '[1] "avgdiff"      "mas"')


def test_the_last_words_of_a_paragraph_are_of_it_though_they_are_code(tmp_path: Path) -> None:
    page = Page().paragraph(72, 100, [*PROSE, "and to read this file we use the function that has the longest of names there,"])
    typed(page, 136, ["read.table."])
    typed(page, 158, ["> table = read.table(datafile, header=TRUE)", "> head(table)"])
    ((kind, text), code) = read(tmp_path, page)
    assert kind == "paragraph"
    assert text.endswith("names there, read.table.")
    assert code == ("code", "> table = read.table(datafile, header=TRUE)\n> head(table)")


def test_small_code_does_not_make_titles_of_the_text_around_it(tmp_path: Path) -> None:
    """Most of the print is code."""
    page = Page().at(72, 80, "Suppose we define the function as")
    below = typed(page, 100, [f"> value{number} <- function(first, second, third)" for number in range(20)])
    page.at(72, below + 14, "then, calling it with some numbers results in")
    typed(page, below + 34, ["[1] 1 2 3 4 5 6 7 8 9 10"])
    assert [kind for kind, _ in read(tmp_path, page)] == ["paragraph", "code", "paragraph", "code"]
