"""What names of fonts tell of their look, and what the width of their letters does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.document.layout.bullets import ICON
from kbray.model import Window
from kbray.parse.faces import is_mono
from kbray.parse.pdf import parse
from kbray.parse.pdf.fonts import is_bold, is_slanted, of_one_width
from kbray.parse.pdf.meanings import encircled, icon
from kbray.parse.pdf.text import _OF_SYMBOLS
from kbray.parse.symbols import symbols_of, translated
from tests.writers.pdf import UNTOLD, Page, write_pdf


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("CMBX10", 570),
        ("ABCDEF+SFBX1000", 250),
        ("CMSSBX10", 680),
        ("Dcbx10", 530),
        ("ECRB1000", 400),
        ("CMMIB10", 500),
        ("CMBSY10", 500),
        ("lmbx10", 400),
        ("LinLibertineTB", 650),
        ("NimbusRomNo9L-Medi", 816),
        ("NimbusRomNo9L-MediItal", 600),
        ("Arial,Bold", 0),
        ("TimesNewRomanPS-BoldItalicMT", 0),
        ("SDGothicNeoc-fBd", 700),
        ("LibertinusSerif-Semibold", 550),
        ("YoonGothicPro780", 700),
        ("T3Font_2", 820),
        ("", 700),
    ],
)
def test_bold(name: str, weight: int) -> None:
    assert is_bold(name, weight)


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("CMR10", 744),
        ("CMMI7", 824),
        ("Cmsy10", 1472),
        ("SFRM0900", 760),
        ("Dctt10", 840),
        ("SourceCodePro-Regular", 940),
        ("TimesNewRomanPSMT", 1364),
        ("CIDFont+F1", 3332),
        ("LinLibertineT", 800),
        ("LinLibertineTI", 800),
        ("NimbusRomNo9L-Regu", 855),
        ("NotoSansCJK-DemiLight", 350),
        ("YoonGothicPro740", 400),
        ("", 400),
    ],
)
def test_not_bold(name: str, weight: int) -> None:
    assert not is_bold(name, weight)


def test_mono() -> None:
    names = ["Courier", "SFTT1000", "NimbusMonL-Regu", "TeXGyreCursor-Bold", "CMSLTT10", "SFST1000", "ectt0900", "txtt"]
    names += ["t1xtt", "t1xbtt", "tcxtt", "Dctt10", "845d93+mplus1mn-regular", "Hack-Regular"]
    assert all(map(is_mono, names))
    assert not any(map(is_mono, ("MonotypeCorsiva", "NimbusRomNo9L-Regu", "SFIT", "Monarch", "SFTI1000", "t1xr", "Dcti10")))


def test_slanted() -> None:
    names = [
        "CMTI10",
        "SFTI1000",
        "ecsl1000",
        "LMRoman10-Italic",
        "ABCDEF+NimbusRomNo9L-ReguItal",
        "Arial,Italic",
        "LinLibertineTI",
    ]
    assert all(is_slanted(name, 0) for name in names)
    assert is_slanted("F1", -12)
    upright = ["CMR10", "SFRM1000", "CMTT9", "CMSS10", "Transit", "LinLibertineT", "NimbusRomNo9L-Medi", "Times-Roman", ""]
    assert not any(is_slanted(name, 0) for name in upright)


@pytest.mark.parametrize("code", [0x01, 0x02, 0x1F])
def test_codes_that_ghostscript_counts_in_a_font_of_pictures_are_bullets(code: int) -> None:
    symbols = symbols_of("KPSHBO+Wingdings")
    assert code in _OF_SYMBOLS
    assert symbols is not None
    assert translated(symbols, chr(code)) == "•"


def test_the_euro_of_a_font_of_its_own_and_icons_without_a_meaning() -> None:
    symbols = symbols_of("TeX-feymr10")
    assert symbols is not None
    assert translated(symbols, "e") == "€"
    assert symbols_of("feynman") is None
    assert [icon(name, ord("W")) for name in ("FontAwesome5Free-Solid", "ABCDEF+FontAwesome", "Awesome Sans")] == [
        ICON,
        ICON,
        None,
    ]


def test_a_letter_in_a_circle_of_tex_is_one_sign() -> None:
    boxes = [(0.0, 10.0), (3.0, 7.0), (12.0, 22.0), (24.0, 28.0)]
    codes = [13, ord("c"), 13, ord("c")]
    assert encircled(codes, {0: "◯", 2: "◯"}, boxes.__getitem__) == {0: "©", 1: ""}
    assert encircled([13, ord("x")], {0: "◯"}, boxes.__getitem__) == {}
    assert encircled([13], {0: "◯"}, boxes.__getitem__) == {}


def test_letters_that_are_all_as_wide_tell_a_font_of_code() -> None:
    """That of Asciidoctor's PDFs says nothing of it: its listings were paragraphs."""

    def words(font: int, width_of: Callable[[str], float], text: str) -> list[tuple[int, str, float]]:
        return [(font, word, sum(map(width_of, word))) for word in text.split()]

    code = "drbdadm create-md resource Magic number not found which will fill it"
    even = words(1, lambda _: 0.5, code)
    assert of_one_width([*even, *words(2, lambda letter: 0.3 if letter in "fijlrt" else 0.55, code)]) == {1}
    assert not of_one_width(even[:7]), "too few"
    assert not of_one_width(even[:4] * 9), "the same again"
    assert not of_one_width(words(1, lambda _: 0.5, "1990 2000 2010 2020 2030 2040 2050 2060")), "figures are always"
    assert not of_one_width([*even, (1, "\u6587\u5b57", 2.0)]), "Latin letters of Chinese and Japanese fonts mostly are"


def test_code_in_a_font_that_says_nothing_of_its_width_is_code(tmp_path: Path) -> None:
    lines = ["$ take --this", "switch ( case ( x ) ) {", "print ( x is less )", "Written meta data", "and no more of that"]
    page = Page()
    for number, line in enumerate(lines):
        page.at(72, 60 + 14 * number, line, 11, UNTOLD)
    page.paragraph(72, 160, ["What is said of it goes on over the page,", "and then on the next line of the same."] * 3)
    found = parse(write_pdf(tmp_path / "a.pdf", [page]), Window(), Settings(ocr="never")).elements
    assert [one.text.split("\n") for one in found if one.kind == "code"] == [lines]
