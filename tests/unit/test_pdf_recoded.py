"""Letters of other scripts at the codes of Latin ones, as fonts have them that don't tell their encoding."""

from pathlib import Path
from typing import Literal

import pytest

from kbray.config import Settings
from kbray.model import Parsed, Window
from kbray.parse.pdf import parse
from tests.writers.pdf import BITMAPS, Page, write_pdf

RUSSIAN = ("Все счастливые семьи похожи друг на друга,", "каждая несчастливая семья несчастлива по-своему.")
BULGARIAN = ("Когато небето е ясно и вятърът духа от север,", "планината се вижда чак от другия край на града.")
GREEK = ("Κοντά στο χωριό μας περνούσε ένα μικρό ποτάμι", "και τα παιδιά έπαιζαν εκεί όλο το καλοκαίρι.")
THAI = ("กาลครั้งหนึ่งนานมาแล้วมีชาวนาคนหนึ่งอาศัยอยู่", "ในหมู่บ้านเล็กๆกับลูกชายของเขาสองคน")
STORY = (
    "Some years ago, never mind how long precisely, having little or no money in my purse, and nothing particular to interest "
    "me on shore, I thought I would sail about a little and see the watery part of the world. It is a way I have of driving "
    "off the spleen and regulating the circulation. Whenever I find myself growing grim about the mouth, I quietly take ship. "
)
LATIN = (
    "Nàs été à la plage où là-bas dès l'été öäü áéíóú",
    "þótt þú sért í góðu skapi, þá er það ekki nóg, ég á bát",
    "señor, ¿dónde está el niño? ¡Aquí está él! àèìòù",
)


def read(path: Path, ocr: Literal["auto", "always", "never"] = "never") -> Parsed:
    return parse(path, Window(), Settings(ocr=ocr))


def texts(path: Path) -> list[str]:
    return [element.text for element in read(path).elements]


def printed(path: Path, lines: tuple[str, ...], font: str = "F1") -> Path:
    page = Page()
    for number, line in enumerate(lines):
        page.at(72, 100 + 14 * number, line, font=font)
    return write_pdf(path / "a.pdf", [page])


@pytest.mark.parametrize(
    ("lines", "encoding"),
    [(RUSSIAN, "cp1251"), (BULGARIAN, "cp1251"), (GREEK, "iso8859-7"), (THAI, "cp874")],
)
def test_letters_of_another_script_are_told_by_how_often_they_come(tmp_path: Path, lines: tuple[str, ...], encoding: str) -> None:
    coded = tuple(line.encode(encoding).decode("latin-1") for line in lines)
    assert texts(printed(tmp_path, coded)) == [" ".join(lines)]


def test_russian_and_ukrainian_in_bitmaps_by_tex(tmp_path: Path) -> None:
    """What isn't in both encodings has other places in TeX's; and words in Latin letters are in the same font."""
    letters = {code: bytes((code,)).decode("cp1251") for code in range(192, 256)}
    codes = {sign: chr(code) for code, sign in letters.items()} | dict(
        zip("ёЁ«»№їє–", "\xbc\x9c\xbe\xbf\x9d\xa8\xb9\x15", strict=True)
    )

    def coded(lines: tuple[str, ...]) -> tuple[str, ...]:
        return tuple("".join(codes.get(letter, letter) for letter in line.replace("і", "i")) for line in lines)

    lines = ("Ещё раз «все счастливые семьи похожи друг на друга»", "и – каждая несчастливая семья TeX несчастлива № 7")
    assert texts(printed(tmp_path, coded(lines), BITMAPS)) == [" ".join(lines)]
    lines = ("Україна є державою, і її мова українська, а не інша,", "як і в кожній іншій країні світу; TeX is it")
    assert texts(printed(tmp_path, coded(lines), BITMAPS)) == [" ".join(lines)]


def test_latin_letters_with_accents_stay(tmp_path: Path) -> None:
    assert texts(printed(tmp_path, LATIN)) == [" ".join(LATIN)]


def test_dots_in_a_row_are_no_letters_of_another_script(tmp_path: Path) -> None:
    """Their code is that of a letter that is frequent in Thai."""
    dots = "2 points " + "\xb7" * 60
    assert texts(printed(tmp_path, (dots,))) == [dots]


def test_few_letters_tell_nothing(tmp_path: Path) -> None:
    word = "Москва".encode("cp1251").decode("latin-1")
    assert texts(printed(tmp_path, (word,))) == [word]


def test_a_page_whose_text_is_in_no_language_is_recognised(tmp_path: Path) -> None:
    """Its font lost the table of what its codes mean."""
    shifted = "".join(chr(ord(letter) - 29) if letter.isalpha() else letter for letter in STORY).replace("\\", "")
    lines = tuple(shifted[at : at + 60] for at in range(0, len(shifted), 60))
    path = printed(tmp_path, lines)
    found = read(path, "auto")
    assert [(image.page, image.garbled) for image in found.images] == [(1, True)]
    assert found.elements, "if nothing better is recognised"
    assert [(image.page, image.garbled) for image in read(path, "always").images] == [(1, False)]
    assert not read(path, "never").images
    assert read(path, "never").elements
