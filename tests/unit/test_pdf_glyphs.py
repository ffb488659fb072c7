"""Text that is told by the numbers of its glyphs, as fonts have it that tell no meanings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.model import Parsed, Window
from kbray.parse.pdf import parse
from tests.writers.pdf import HEBREW, NUMBERED, NUMBERED_ANEW, NUMBERED_CALIBRI, NUMBERED_CAPITALS, Page, write_pdf

TEXT = "During the past week, how many days did you or other family members read to your child?"
CALIBRI = dict(zip(" Cnrcstaeidfl“”", (3, 18, 374, 396, 272, 400, 410, 258, 286, 349, 282, 296, 367, 862, 863), strict=True))


def read(tmp_path: Path, text: str, number: Callable[[str], int], font: str = NUMBERED) -> Parsed:
    codes = "".join(chr(code >> 8) + chr(code & 0xFF) for code in map(number, text))
    return parse(write_pdf(tmp_path / "a.pdf", [Page().at(30, 100, codes, font=font)]), Window(), Settings(ocr="never"))


def texts(parsed: Parsed) -> list[str]:
    return [element.text for element in parsed.elements]


def in_ascii(letter: str) -> int:
    return ord(letter) - 29


def test_letters_are_read_that_are_numbered_as_most_fonts_number_them(tmp_path: Path) -> None:
    """It came as "'XULQJ WKH SDVW ZHHN", without its spaces."""
    parsed = read(tmp_path, TEXT, in_ascii)
    assert texts(parsed) == [TEXT]
    assert parsed.units[0].lost == 0
    assert texts(read(tmp_path, TEXT, in_ascii, NUMBERED_ANEW)) == [TEXT]


def test_letters_with_accents_are_read_where_it_is_known_how_the_font_goes_on(tmp_path: Path) -> None:
    numbers = {"é": 112, "à": 106, "ê": 114, "’": 182, "À": 172, "Ó": 207}

    def number(letter: str) -> int:
        return numbers.get(letter) or in_ascii(letter)

    text = "Ó l’été à la fenêtre, et le reste est dans la maison. À demain"
    assert texts(read(tmp_path, text, number)) == [text]
    (other,) = texts(read(tmp_path, text, number, NUMBERED_ANEW))
    assert "fen" + chr(numbers["ê"]) + "tre, et le reste" in other


def test_a_few_letters_of_calibri_are_read_between_others(tmp_path: Path) -> None:
    """ "Constructor now requires" came as "CoŶstƌuĐtoƌ Ŷow ƌeƋuiƌes"."""
    parsed = read(tmp_path, "“Ccntraints”", CALIBRI.__getitem__, NUMBERED_CALIBRI)
    assert texts(parsed) == ["“Ccntraints”"]
    ligatures = {"1": 415, "2": 299, "3": 302}
    parsed = read(tmp_path, "an e2ec1 is 3ltered", (CALIBRI | ligatures).__getitem__, NUMBERED_CALIBRI)
    assert texts(parsed) == ["an effecti is filtered"]


def test_a_few_letters_are_read_that_begin_words_which_the_font_tells(tmp_path: Path) -> None:
    """They came as "(xplains" and "*et"."""
    parsed = read(tmp_path, "Explains the reasons Get upset", in_ascii, NUMBERED_CAPITALS)
    assert texts(parsed) == ["Explains the reasons Get upset"]
    assert parsed.units[0].lost == 0
    assert read(tmp_path, "it is (a) 2", in_ascii, NUMBERED_CAPITALS).units[0].lost == 3


@pytest.mark.parametrize(
    "text", ["2018, 20185241. 1.5, 0.25, 13,441 (77005-1892) 527-8101", "LOG(3.5)", "Q7-QZ-81 XKJQ-ZW VXQZ-KJ WQXZ-VKJ"]
)
def test_numbers_that_make_no_words_mean_nothing(tmp_path: Path, text: str) -> None:
    for number in (ord, in_ascii):
        parsed = read(tmp_path, text, number, NUMBERED_ANEW)
        assert parsed.units[0].lost > 0


def test_a_font_whose_glyphs_were_numbered_anew_is_not_read(tmp_path: Path) -> None:
    """In the order in which they come, as programs do that put only these in."""
    order = {letter: place for place, letter in enumerate(dict.fromkeys(TEXT), 4)}
    parsed = read(tmp_path, TEXT, order.__getitem__, NUMBERED_ANEW)
    assert texts(parsed) != [TEXT]
    assert parsed.units[0].lost > len(TEXT) / 2


def test_a_hyphen_that_means_all_hyphens_is_one(tmp_path: Path) -> None:
    """macOS says of the hyphen of Word that it means three characters, two of which were left."""
    page = Page().at(72, 60, "12[34 5[6", 12, HEBREW)
    (element,) = parse(write_pdf(tmp_path / "a.pdf", [page]), Window(), Settings(ocr="never")).elements
    assert element.text == "12-34 5-6"
