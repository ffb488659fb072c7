import time
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import EmptyDocument, UnsupportedMedia
from kbray.model import Parsed, Window
from kbray.parse import text


def parse(tmp_path: Path, data: str | bytes) -> Parsed:
    path = tmp_path / "a.txt"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return text.parse(path, Window(), Settings())


PROSE = (
    "It was in July, 1805, and the speaker was the well-known Anna Pavlovna\n"
    "Scherer, maid of honor and favorite of the Empress Marya Fedorovna. With\n"
    "these words she greeted Prince Vasili Kuragin, a man of high rank and im-\n"
    "portance, who was the first to arrive at her reception.\n"
)


def test_wrapped_lines_are_joined_and_verse_is_kept(tmp_path: Path) -> None:
    verse = "Tyger Tyger, burning bright,\nIn the forests of the night;\n"
    parsed = parse(tmp_path, f"{PROSE}\n\r\n \t\n{verse}\n{PROSE}")
    assert [e.text.count("\n") for e in parsed.elements] == [0, 1, 0]
    assert "Pavlovna Scherer, maid" in parsed.elements[0].text
    assert parsed.elements[1].text == verse.strip()


def test_short_lines_end_paragraphs_that_no_blank_line_parts(tmp_path: Path) -> None:
    parsed = parse(tmp_path, PROSE + PROSE)
    assert [e.text[:10] for e in parsed.elements] == ["It was in ", "It was in "]


def test_quotations_of_mail_are_joined_without_their_marks(tmp_path: Path) -> None:
    quoted = "".join(f"> > {line}\n" for line in PROSE.splitlines())
    answer = "> It was, as I said before, in the month of July, and nobody who was\n> there has forgotten it.\n>\n> Yours\n"
    parsed = parse(tmp_path, f"Ann wrote:\n{quoted}{answer}I have.\n>From then on nothing.\n\n> def f(x):\n>     return x\n")
    assert [(e.kind, e.text) for e in parsed.elements] == [
        ("paragraph", "Ann wrote:"),
        ("paragraph", "> > " + parse(tmp_path, PROSE).elements[0].text),
        ("paragraph", "> It was, as I said before, in the month of July, and nobody who was there has forgotten it."),
        ("paragraph", "> Yours"),
        ("paragraph", "I have.\n>From then on nothing."),
        ("code", "> def f(x):\n>     return x"),
    ]


def test_lists_columns_and_listings_keep_their_lines(tmp_path: Path) -> None:
    columns = "name      size\nalpha       10\nbeta       200"
    listing = "def f(x):\n    return x\n    # end"
    items = "- one item that is long enough to fill up most of the line of this text file\n- two"
    parsed = parse(tmp_path, "\n\n".join([columns, listing, items, PROSE]))
    found = [(e.kind, e.text) for e in parsed.elements[:4]]
    assert found == [("code", columns), ("code", listing), *(("list_item", line[2:]) for line in items.splitlines())]


def test_lines_without_wrapping_are_paragraphs(tmp_path: Path) -> None:
    lines = [f"Paragraph {n} " + "word " * 60 for n in range(3)]
    assert [e.text for e in parse(tmp_path, "\n".join(lines)).elements] == [line.strip() for line in lines]


def test_east_asian_lines_are_joined_without_spaces(tmp_path: Path) -> None:
    line = "吾輩は猫である名前はまだ無いどこで生れたかとんと見当がつかぬ"
    assert [e.text for e in parse(tmp_path, f"{line}\n{line}\n何でも").elements] == [line + line + "何でも"]


def test_one_endless_line_is_cut_after_sentences(tmp_path: Path) -> None:
    sentence = "The quick brown fox jumps over the lazy dog. "
    parsed = parse(tmp_path, sentence * 20_000)
    assert all(len(e.text) <= 4000 and e.text.endswith("dog.") for e in parsed.elements)
    assert " ".join(e.text for e in parsed.elements) == (sentence * 20_000).strip()
    solid = parse(tmp_path, "x" * 9_001)
    assert [len(e.text) for e in solid.elements] == [4000, 4000, 1001]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings(tmp_path: Path, encoding: str) -> None:
    parsed = parse(tmp_path, "Grüße und Küsse, naïve café.".encode(encoding))
    assert parsed.elements[0].text == "Grüße und Küsse, naïve café."
    assert parsed.warnings == ()


def test_a_false_mark_of_utf_16_is_not_believed(tmp_path: Path) -> None:
    parsed = parse(tmp_path, b"\xff\xfeThe quick brown fox\xff\xfe jumps over the lazy dog, all day long.\n")
    assert parsed.elements[0].text.startswith("The quick brown fox")
    words = "人人生而自由在尊严和权利上一律平等他们赋有理性和良心并应以兄弟关系的精神相对待"
    assert parse(tmp_path, words.encode("utf-16")).elements[0].text == words


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Alle Menschen sind frei und gleich an Würde und Rechten geboren – „Größe“ über Äpfel.", "cp1252"),
        ("Tous les êtres humains naissent libres et égaux en dignité et en droits, à où ça.", "cp1252"),
        ("Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Příliš žluťoučký kůň.", "cp1250"),
        ("Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar.", "cp1254"),
        ("Все люди рождаются свободными и равными в своем достоинстве и правах.", "koi8_r"),
        ("すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。", "euc_jp"),
        ("Minden emberi lény szabadon születik és egyenlő méltósága és joga van, tűrő őz.", "cp1250"),
        ("Minden emberi lény szabadon születik és egyenlő méltósága és joga van, tűrő őz.", "iso8859_2"),
        ("Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw, żółć, źle.", "iso8859_2"),
        ("Tutti gli esseri umani nascono liberi: così è, perché sarà più giusto, però.", "cp1252"),
        ("Alle Menschen sind frei und gleich an Würde und Rechten geboren, Größe über Äpfel.", "cp850"),
        ("Tous les êtres humains naissent libres et égaux en dignité et en droits, à où ça.", "mac_roman"),
        ("It is 20°C outside, and tea costs £5.", "cp1252"),
        ("The tube is 30±1 mm wide and holds 3 m³.", "cp1252"),
        ("人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心。", "gb18030"),
    ],
)
def test_legacy_encodings_are_guessed_and_it_is_said(tmp_path: Path, text: str, encoding: str) -> None:
    parsed = parse(tmp_path, (text + "\n") * 3)
    assert parsed.warnings == ()
    guessed = parse(tmp_path, "\n\n".join([text] * 3).encode(encoding))
    assert guessed.elements[0].text == text
    assert "guessed" in guessed.warnings[0]


def test_languages_mixed_in_one_text(tmp_path: Path) -> None:
    text = "español: más niños, corazón\n\nportuguês: não, doações, ação\n\nfrançais: où êtes-vous, déjà\n"
    assert "\n\n".join(e.text for e in parse(tmp_path, text.encode("cp1252")).elements) == text.strip()


def test_a_text_that_ends_within_a_character_is_read_up_to_there(tmp_path: Path) -> None:
    """All of its letters beyond ASCII were taken for two of Windows-1252."""
    parsed = parse(tmp_path, "Über uns: wir gründeten sie, né".encode()[:-1])
    assert [e.text for e in parsed.elements] == ["Über uns: wir gründeten sie, n\ufffd"]
    assert "replaced" in parsed.warnings[0]
    assert [e.text for e in parse(tmp_path, "In the café".encode("cp1252")).elements] == ["In the café"]


def test_pieces_of_two_encodings_are_each_read_as_they_are(tmp_path: Path) -> None:
    """A page in UTF-8 with a head in Windows-1252, which made all of it UTF-8 taken for Windows-1252."""
    mixed = "Über uns: wir gründeten die Firma. ".encode() + "naturgrün, Gärtner – “gut”".encode("cp1252")
    parsed = parse(tmp_path, mixed)
    assert [e.text for e in parsed.elements] == ["Über uns: wir gründeten die Firma. naturgrün, Gärtner – “gut”"]
    assert "Windows-1252" in parsed.warnings[0]
    for prose, encoding in (("Ã© isn't é: ça va, déjà, là, à côté, été", "cp1252"), ("Всё хорошо, и я рад", "cp1251")):
        assert [e.text for e in parse(tmp_path, prose.encode(encoding)).elements] == [prose]


@pytest.mark.parametrize(("text", "encoding"), [("日本語のテキスト", "iso2022_jp"), ("한국어 텍스트", "iso2022_kr")])
def test_seven_bit_encodings_are_no_ascii(tmp_path: Path, text: str, encoding: str) -> None:
    assert [e.text for e in parse(tmp_path, text.encode(encoding)).elements] == [text]


def test_text_encoded_twice_is_repaired(tmp_path: Path) -> None:
    twice = "1986–87 “café”".encode().decode("latin-1")
    assert parse(tmp_path, twice).elements[0].text == "1986–87 “café”"


def test_controls_are_left_out_and_told(tmp_path: Path) -> None:
    parsed = parse(tmp_path, b"a\x00b\x07c\x0cd")
    assert [e.text for e in parsed.elements] == ["abc", "d"]
    assert "2 control characters" in parsed.warnings[0]


def test_binary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedMedia, match="not text"):
        parse(tmp_path, bytes(range(256)) * 100)


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf"])
def test_nothing_to_read(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(EmptyDocument):
        parse(tmp_path, data)


def test_a_long_book_takes_well_under_a_second(tmp_path: Path) -> None:
    book = (PROSE + "\n") * 12_000
    start = time.process_time()
    parsed = parse(tmp_path, book)
    assert time.process_time() - start < 2.0
    assert len(parsed.elements) == 12_000


def test_a_part_of_the_file_that_is_zeros_is_told(tmp_path: Path) -> None:
    parsed = parse(tmp_path, PROSE * 90 + "\0" * 200 + PROSE * 90)
    assert "Zeros stand where text should be (200): a part of the file is lost; fetch it again." in parsed.warnings
    assert not any("Zeros" in one for one in parse(tmp_path, (PROSE + "\0\0") * 40).warnings)
