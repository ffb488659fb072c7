"""What names of fonts tell of their look."""

import pytest

from kbray.document.layout.bullets import ICON
from kbray.parse.faces import is_mono
from kbray.parse.pdf.fonts import is_bold, is_slanted
from kbray.parse.pdf.meanings import encircled, icon
from kbray.parse.pdf.text import _OF_SYMBOLS
from kbray.parse.symbols import symbols_of, translated


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
    names += ["t1xtt", "t1xbtt", "tcxtt", "Dctt10"]
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
