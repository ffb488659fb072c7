"""Grades: each reason by what brings it about, and nothing for what is sound."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.document import grading
from kbray.document.grading import better, grade, is_garbled
from kbray.document.scripts import letters, readable, script_of_language
from kbray.model import GRADES, KINDS, Document, Element, Metadata, Quality, Reason, Unit

PROSE = "The quick brown fox jumps over the lazy dog, and nobody minds it at all. "
STORY = (
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and nothing "
    "particular to interest me on shore, I thought I would sail about a little and see the watery part of the world. It is a way "
    "I have of driving off the spleen and regulating the circulation. Whenever I find myself growing grim about the mouth, "
    "whenever it is a damp, drizzly November in my soul, whenever I find myself involuntarily pausing before coffin warehouses."
)
SAMPLES = {
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy. ",
    "de": "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ",
    "fi": "Törkylempijävongahdus on suomenkielinen pangrammi, jossa on ääkkösiä. ",
    "fr": "Dès Noël où un zéphyr haï me vêt de glaçons würmiens, je dîne à Kàyser. ",
    "is": "Kæmi ný öxi hér, ykist þjófum nú bæði víl og ádrepa. ",
    "pl": "Zażółć gęślą jaźń, a potem pójdź, kińże tę chmurność w głąb flaszy. ",
    "ru": "Съешь же ещё этих мягких французских булок, да выпей чаю. ",
    "vi": "Do bạch kim rất quý nên sẽ dùng để lắp vô xương cho những người bệnh. ",
    "zh": "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏。",
}


def document(*elements: Element, units: tuple[Unit, ...] = (), language: str | None = None) -> Document:
    whole = units or (Unit("whole", sum(len(element.text) for element in elements), elements=len(elements)),)
    return Document("", "", "application/pdf", "pdf", elements, whole, Metadata(language=language))


def text(words: str, page: int | None = None) -> Element:
    return Element("paragraph", words, page=page)


def recognised(words: str, confidence: float) -> Element:
    return Element("paragraph", words, page=1, origin="ocr", confidence=confidence)


def codes(quality: Quality) -> list[str]:
    return [reason.code for reason in quality.reasons]


@pytest.mark.parametrize("language", SAMPLES)
def test_sound_text_of_any_language_is_good(language: str) -> None:
    assert grade(document(text(SAMPLES[language] * 40))) == Quality("good")


@pytest.mark.parametrize("encoding", ["koi8-r", "cp1251", "iso8859-5"])
def test_cyrillic_taken_for_latin_1_is_garbled(encoding: str) -> None:
    assert is_garbled((SAMPLES["ru"] * 40).encode(encoding).decode("latin-1"))


@pytest.mark.parametrize("language", ["de", "fr", "pl", "ru", "vi"])
def test_utf_8_taken_for_windows_1252_is_garbled(language: str) -> None:
    assert is_garbled((SAMPLES[language] * 40).encode().decode("cp1252", "replace"))


@pytest.mark.parametrize("shift", [-29, 5, 11])
def test_codes_of_a_font_taken_for_letters_are_garbled(shift: int) -> None:
    shifted = "".join(chr(ord(letter) + shift) if letter.isalpha() else letter for letter in STORY)
    assert is_garbled(shifted)
    assert not is_garbled(shifted[:100]), "too little to tell"


def test_codes_of_a_font_counted_from_the_first_sign_on_are_garbled() -> None:
    """As programs number the letters of a page by when they come first: `!"#$%&'#%&()*`."""
    codes: dict[str, str] = {}
    counted = "".join(codes.setdefault(letter, chr(0x21 + len(codes))) if letter != "." else letter for letter in STORY)
    assert is_garbled(counted)
    assert not is_garbled(counted[:150]), "too little to tell"


@pytest.mark.parametrize(
    "sound",
    [
        "KRN KRB 0 R 2.31 LIG XYZ " * 30,  # a listing that was not told to be one
        "本文档介绍 PDF TXT CSS HTML SVG CCV GBK 的用法。" * 20,
        "http://www.ctan.org/pkg/hyperref, http://www.ctan.org/pkg/xkvltxp, " * 12,
        "Name: ____________ " * 30 + "********************************\n" * 9 + "/ / / / / / / / / " * 30,
        ("x" * 1000 + "\\n") * 20,
        "Prices: $5, $6 & $7 (50% < 100%). " * 20,
    ],
)
def test_names_codes_and_drawn_lines_are_not_garbled(sound: str) -> None:
    assert not is_garbled(sound)


def test_garbled_pages_are_told_by_their_share() -> None:
    wrong = (SAMPLES["ru"] * 10).encode("cp1251").decode("latin-1")
    few = grade(document(*(text(PROSE * 10, page) for page in range(1, 12)), text(wrong, 12)))
    assert (few.grade, codes(few)) == ("fair", ["garbled-text"])
    assert few.reasons[0].share == pytest.approx(len(wrong) / (len(wrong) + 11 * 10 * len(PROSE)), abs=1e-4)
    assert grade(document(text(wrong, 1))).grade == "poor"


def test_code_and_tables_are_no_language_and_not_judged_by_one() -> None:
    codes_of_parts = "".join(chr(ord(letter) - 29) if letter.isalpha() else letter for letter in STORY)
    assert grade(document(Element("table", codes_of_parts), Element("code", codes_of_parts))).grade == "good"
    assert grade(document(text(codes_of_parts))).grade == "poor"


@pytest.mark.parametrize("lost", ["\ufffd", "\ue123", "\U000f1234", "\x03", "\x9d"])
def test_characters_without_a_meaning_are_lost(lost: str) -> None:
    assert grade(document(text("a" + "bcde " * 40))).grade == "good"
    fair, poor = (grade(document(text(PROSE * 10 + lost * count))) for count in (15, 60))
    assert (fair.grade, codes(fair)) == ("fair", ["lost-characters"])
    assert (poor.grade, codes(poor)) == ("poor", ["lost-characters"])


def test_line_ends_and_tabs_are_not_lost() -> None:
    assert grade(document(text("a\tb\nc\r\n\x85 d " * 100))) == Quality("good")


def test_characters_that_a_parser_left_out_are_lost() -> None:
    quality = grade(document(text("x" * 90, 1), units=(Unit("1", 90, elements=1, lost=10),)))
    assert (quality.grade, quality.reasons[0].share) == ("poor", 0.1)
    assert quality.reasons[0].message == "10% of the characters mean nothing in Unicode and are lost."


def test_missing_pages_are_told_however_few() -> None:
    units = tuple(Unit(str(page), 9, page != 7, 1) for page in range(1, 101))
    quality = grade(document(text("Some text"), units=units))
    assert quality == Quality("fair", (Reason("missing-pages", "1.0% of the pages are missing.", 0.01),))
    assert grade(document(text("Some text"), units=units[:8])).grade == "poor"
    chapters = grade(document(text("Some text"), units=(Unit("a.xhtml", 9), Unit("b.xhtml", 0, False))))
    assert chapters.reasons[0].message == "50% of the chapters are missing."


def test_pages_of_nothing_but_a_picture_are_empty_and_blank_ones_are_not() -> None:
    pictures = tuple(Unit(str(page), 0, elements=1) for page in range(1, 5))
    blank = tuple(Unit(str(page)) for page in range(5, 9))
    written = tuple(Unit(str(page), 100, elements=3) for page in range(9, 13))
    assert grade(document(text(PROSE), units=blank + written)).grade == "good"
    fair = grade(document(text(PROSE), units=pictures + blank + written))
    assert (fair.grade, codes(fair)) == ("fair", ["empty-pages"])
    assert grade(document(Element("image", page=1), units=pictures)).grade == "poor"


def test_recognition_is_doubtful_by_confidence_and_by_what_it_left_out() -> None:
    sure, unsure = recognised(PROSE * 9, 0.95), recognised(PROSE, 0.7)
    assert grade(document(sure)).grade == "good"
    assert (grade(document(sure, unsure)).grade, codes(grade(document(sure, unsure)))) == ("fair", ["doubtful-recognition"])
    assert grade(document(unsure)).grade == "poor"
    length = len(PROSE * 9)
    unread = document(sure, units=(Unit("1", length, elements=1, unread=length // grading.UNREAD_LINE + 1),))
    assert (grade(unread).grade, codes(grade(unread))) == ("poor", ["doubtful-recognition"])
    assert grade(document(text(PROSE * 9), replace(unsure, confidence=None))).grade == "good"


def test_what_was_recognised_in_a_script_that_can_not_be_read_is_told() -> None:
    found = recognised("BocTok", 0.97)
    declared = document(text(PROSE * 20), found, language="ru")
    assert codes(grade(declared, ("Latin", "Han"))) == ["unread-script"]
    assert grade(declared, ("Latin", "Han")).grade == "fair"
    assert grade(document(found, language="sr-Cyrl"), ("Latin",)).grade == "poor"
    assert grade(document(found, language="sr-Latn"), ("Latin",)).grade == "good"
    assert grade(declared).grade == "good", "nobody said what can be read"
    assert grade(document(text(PROSE * 20), language="ru"), ("Latin",)).grade == "good", "nothing was recognised"


def test_the_script_is_told_by_the_text_of_the_file_where_nothing_is_declared() -> None:
    found = recognised("BocTok", 0.97)
    assert codes(grade(document(text(SAMPLES["ru"] * 20), found), ("Latin",))) == ["unread-script"]
    assert grade(document(text(SAMPLES["zh"] * 20), found), ("Latin", "Han")).grade == "good"
    assert grade(document(text("Да"), found), ("Latin",)).grade == "good", "too little to tell"


def test_the_worst_reason_makes_the_grade() -> None:
    quality = grade(
        document(text("x" * 90), units=(Unit("1", 90, elements=1, lost=50), *(Unit(str(n), 9) for n in range(2, 90))))
    )
    assert quality.grade == "poor"
    assert all(0 < reason.share <= 1 and reason.message.endswith(".") for reason in quality.reasons)


@given(
    st.lists(
        st.builds(Element, st.sampled_from(KINDS), st.text(), page=st.integers(1, 3), confidence=st.floats(0, 1) | st.none())
    ),
    st.lists(
        st.builds(Unit, st.text(), st.integers(0, 99), st.booleans(), st.integers(0, 9), st.integers(0, 99), st.integers(0, 9))
    ),
)
def test_every_document_has_a_grade_and_shares_are_shares(elements: list[Element], units: list[Unit]) -> None:
    quality = grade(document(*elements, units=tuple(units)), ("Latin",))
    assert (quality.grade == "good") == (not quality.reasons)
    assert all(0 < reason.share <= 1 for reason in quality.reasons)


def test_an_empty_document_has_no_reason() -> None:
    assert grade(document()) == Quality("good")


def test_the_better_result_is_that_of_the_better_grade_then_that_of_less_in_doubt() -> None:
    def of(mark: str, share: float) -> Quality:
        return Quality(mark, (Reason("lost-characters", "Some.", share),))  # type: ignore[arg-type]

    assert GRADES == ("good", "fair", "poor")
    assert better(of("fair", 0.9), of("poor", 0.1))
    assert better(of("poor", 0.1), of("poor", 0.2))
    assert not better(of("poor", 0.2), of("poor", 0.2)), "what is there stays"
    assert not better(of("poor", 0.1), of("fair", 0.2))


def test_scripts_are_counted_by_letters() -> None:
    assert letters("Aß1! ЖЁ 漢ア１Ａ") == {"Latin": 3, "Cyrillic": 2, "Han": 1, "Katakana": 1}
    latin = [chr(code) for code in range(0x41, 0x250) if chr(code).isalpha()]
    assert list(readable([*latin, "α", "β"])) == ["Latin"]


@pytest.mark.parametrize(
    ("language", "script"),
    [
        ("ru", "Cyrillic"),
        ("zh-Hant-TW", "Han"),
        ("sr_Latn", "Latin"),
        ("ar-EG", "Arabic"),
        ("en", None),
        ("", None),
        ("EL", "Greek"),
    ],
)
def test_the_script_of_a_language(language: str, script: str | None) -> None:
    assert script_of_language(language) == script


@given(st.text())
def test_meaningless_characters_are_counted_one_by_one(text: str) -> None:
    document = Document("", "", "", "", (Element("paragraph", text),), (), Metadata())
    lost = sum(
        character == "\ufffd"
        or unicodedata.category(character) == "Co"
        or "\U000f0000" <= character <= "\U0010fffd"
        or (unicodedata.category(character) == "Cc" and character not in "\t\n\r\x85")
        for character in text
    )
    assert grading.shares(document)["lost-characters"] == (lost / len(text) if text else 0.0)
