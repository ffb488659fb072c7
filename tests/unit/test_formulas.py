"""Displayed formulas: words with boxes made here, and one PDF."""

from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.document.layout.linear import linear
from kbray.document.layout.page import LaidOutPage, blocks_on
from kbray.document.layout.structure import elements_of
from kbray.document.layout.words import Word
from kbray.geometry import Box
from kbray.model import Window
from kbray.parse.pdf import parse
from kbray.parse.pdf.fonts import is_math
from kbray.parse.pdf.tex import large_sign, sign_of_tex
from tests.writers.pdf import Page, write_pdf


def sign(text: str, left: float, baseline: float, *, size: float = 10, math: bool = True, order: int = 0) -> Word:
    box = Box(left, baseline - 0.72 * size, left + 0.5 * size * len(text), baseline + 0.2 * size)
    return Word(text, box, size, baseline, order=order, math=math)


def words(line: str, left: float, baseline: float, order: int, *, math: bool = False) -> list[Word]:
    found: list[Word] = []
    for number, text in enumerate(line.split()):
        found.append(sign(text, left, baseline, math=math, order=order + number))
        left = found[-1].box.right + 3
    return found


def prose(baseline: float, order: int) -> list[Word]:
    return words("some words of a text that goes on over all the width of it", 0, baseline, order)


def fraction(left: float, baseline: float) -> tuple[list[Word], Box]:
    """y = a over b, with an index at y."""
    bar = Box(left + 30, baseline - 2.5, left + 36, baseline - 2.5)
    found = [
        sign("y", left, baseline, order=100),
        sign("i", left + 5.5, baseline + 1.5, size=7, order=101),
        sign("=", left + 15, baseline, order=102),
        sign("a", left + 30.5, baseline - 7, order=103),
        sign("b", left + 30.5, baseline + 7, order=104),
    ]
    return found, bar


def test_a_displayed_formula_is_one_element_with_its_number() -> None:
    formula, bar = fraction(100, 150)
    number = sign("(3.1)", 280, 150, math=False, order=105)
    page = [*prose(100, 0), *prose(112, 20), *formula, number, *prose(188, 200), *prose(200, 220)]
    found = elements_of([LaidOutPage(1, 400, 600, tuple(blocks_on(page, [bar])))])
    assert [(one.kind, one.text) for one in found if one.kind == "formula"] == [("formula", "y_i = a/b (3.1)")]
    assert [one.kind for one in found] == ["paragraph", "formula", "paragraph"]


def test_signs_in_a_line_of_text_are_no_formula() -> None:
    formula, bar = fraction(prose(112, 20)[-1].box.right + 3, 112)
    page = [*prose(100, 0), *prose(112, 20), *formula, *prose(124, 200)]
    assert not any(block.formula for block in blocks_on(page, [bar]))


@pytest.mark.parametrize(
    ("line", "math"),
    [
        ("1. x = y", True),
        (r"\frac = x", False),
        ("⟨key⟩ = ⟨value⟩", True),
        ("⇒ Smith and others (1990)", False),
        ("x = y", False),
    ],
)
def test_items_source_and_syntax_are_no_formulas(line: str, math: bool) -> None:
    """Nor is what no face of formulas takes part in."""
    page = [*prose(100, 0), *words(line, 50, 140, 50, math=math), *prose(180, 200)]
    assert not any(block.formula for block in blocks_on(page))


def test_an_arrow_before_text_makes_it_no_formula() -> None:
    text = words("21, 32, 47 (1990, 1991, 1992)", 60, 140, 51)
    arrow = sign("⇒", 50, 140, order=50)
    blocks = blocks_on([*prose(100, 0), arrow, *text, *prose(180, 200)])
    assert not any(block.formula for block in blocks)
    shorter = blocks_on([*prose(100, 0), arrow, *text[:2], *prose(180, 200)])
    assert [block.text for block in shorter if block.formula] == ["⇒ 21, 32,"]


def test_a_table_with_formulas_stays_one() -> None:
    rows = [("Rule", "Sum", "Share"), ("x = 1", "10.5", "20 %"), ("x = 2", "11.5", "30 %"), ("x = 3", "12.5", "50 %")]
    page, order = prose(60, 0), 50
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            page += words(text, 20 + 90 * column, 100 + 14 * number, order, math="=" in text)
            order += 5
    found = blocks_on([*page, *prose(190, order)])
    assert [block.table is not None for block in found] == [False, True, False]


def test_limits_roots_and_exponents_stand_at_what_they_are_of() -> None:
    total = Word("∑", Box(20, 90, 34, 110), 10, 102.5, math=True)
    signs = [
        total,
        sign("n", 25, 88, size=7),
        sign("i=1", 22, 117, size=7),
        sign("x", 40, 102.5),
        sign("2", 45.5, 98.5, size=7),
        sign("i", 45.5, 105, size=7),
    ]
    assert linear(signs, []) == "∑_(i=1)^n x_i^2"
    root = [Word("√", Box(0, 90, 8, 104), 10, 100, math=True), sign("a", 9, 100), sign("+", 16, 100), sign("b", 23, 100)]
    assert linear(root, [Box(8, 90, 29, 90.4)]) == "√(a + b)"
    assert linear([sign("\U0001d465", 0, 100), sign("=", 10, 100), sign("2", 20, 100)], []) == "x = 2"


def test_rows_between_high_brackets_are_divided_by_semicolons() -> None:
    brackets = (("⎡", 60, 132), ("⎣", 60, 145), ("⎤", 90, 132), ("⎦", 90, 145))
    pieces = [Word(text, Box(left, top, left + 4, top + 12), 10, top + 8, order=120, math=True) for text, left, top in brackets]
    formula = [
        *words("A =", 40, 147, 100, math=True),
        *words("a b", 68, 140, 105, math=True),
        *words("c d", 68, 154, 110, math=True),
    ]
    page = [*prose(100, 0), *formula, *pieces, *prose(200, 200)]
    assert [block.text for block in blocks_on(page) if block.formula] == ["A = [a b; c d]"]


def test_large_signs_are_told_by_their_place_in_the_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file made by TeX tells no more of them: here, by a font of which pdfium is made to know as little."""
    assert large_sign("ABCDEF+CMEX10", 0x12) == "("
    assert large_sign("CMEX10", 0x7A) == ""  # a piece of a brace
    assert large_sign("CMR10", 0x58) is None
    path = write_pdf(tmp_path / "a.pdf", [Page().at(72, 100, "X")])
    assert [element.text for element in parse(path, Window(), Settings()).elements] == ["X"]
    monkeypatch.setattr("kbray.parse.pdf.calls.is_unmapped", lambda page, index: 1)
    monkeypatch.setattr("kbray.parse.pdf.meanings.name_of", lambda font: "ABCDEF+CMEX10")
    assert [element.text for element in parse(path, Window(), Settings()).elements] == ["∑"]


@pytest.mark.parametrize(
    ("face", "code", "sign"),
    [
        ("CMSY7", 0x30, "′"),
        ("ABCDEF+CMSY10", 0x69, "⟩"),
        ("CMSY10", 0x41, "A"),
        ("CMBSY10", 0x7F, "♠"),
        ("Cmmi10", 0x0C, "β"),
        ("CMMI8", 0x7D, "℘"),
        ("CMMI8", 0x7E, None),
        ("CMR10", 0x05, "Π"),
        ("MSAM10", 0x7C, "⊺"),
        ("MSBM10", 0x7F, "϶"),
        ("CMR10", 0x41, None),
        ("Helvetica", 0x05, None),
        ("CMEX10", 0x30, None),
    ],
)
def test_signs_are_told_by_their_place_in_the_font(face: str, code: int, sign: str | None) -> None:
    assert sign_of_tex(face, code) == sign


def test_a_prime_is_read_where_a_font_says_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What people copy from papers is m0 for m′."""
    path = write_pdf(tmp_path / "a.pdf", [Page().at(72, 100, "0")])
    assert [element.text for element in parse(path, Window(), Settings()).elements] == ["0"]
    monkeypatch.setattr("kbray.parse.pdf.calls.is_unmapped", lambda page, index: 1)
    monkeypatch.setattr("kbray.parse.pdf.meanings.name_of", lambda font: "CMSY7")
    assert [element.text for element in parse(path, Window(), Settings()).elements] == ["′"]


def test_a_root_in_a_line_is_where_it_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It hangs from its baseline, and the loose box of its font stands on that: it was a line of its own."""
    asked = []

    def tight(page: object, index: int) -> tuple[float, float, float, float]:
        asked.append(index)
        return 90.0, 700.0, 96.0, 690.0

    path = write_pdf(tmp_path / "a.pdf", [Page().at(72, 100, "up")])
    monkeypatch.setattr("kbray.parse.pdf.calls.is_unmapped", lambda page, index: int(index == 1))
    monkeypatch.setattr("kbray.parse.pdf.meanings.name_of", lambda font: "CMSY10")
    monkeypatch.setattr("kbray.parse.pdf.text._tight", tight)
    assert [element.text for element in parse(path, Window(), Settings()).elements] == ["u √"]
    assert asked == [1]


def test_faces_of_formulas() -> None:
    faces = (
        "CMMI10",
        "CMSY7",
        "LMMathItalic10-Regular",
        "CambriaMath",
        "MTSYN",
        "XITSMath",
        "NewCMMath-Book",
        "STIXGeneral-Italic",
    )
    assert all(map(is_math, faces))
    assert not any(map(is_math, ("CMR10", "Mathilda", "Univers-Ex10", "AptosSemi2", "Times-Roman")))
