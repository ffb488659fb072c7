"""PDF files in, elements out: files written here, read by the real pdfium."""

import io
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont

from kbray.config import Settings
from kbray.errors import CorruptDocument, EncryptedDocument
from kbray.geometry import Box
from kbray.model import Parsed, Window
from kbray.parse.pdf import opened, parse
from kbray.parse.pdf.objects import drawing_of
from kbray.parse.pdf.page import open_page
from kbray.parse.pdf.text import believed, parted, raise_hyphens, read_words
from tests.writers.pdf import BITMAPS, HEBREW, PIXEL, PIXELS, PIXELS_OF_SIGNS, UNTOLD, Page, printed, write_pdf

LEFT = [
    "The first column begins here and its",
    "lines are read one after another down",
    "to the foot of the page before the",
    "second column is looked at at all.",
]
RIGHT = [
    "The second column comes afterwards",
    "although its lines stand beside those",
    "of the first one, with nothing but a",
    "narrow gutter to part the two texts.",
]


def read(path: Path, first: int | None = None, last: int | None = None, **settings: object) -> Parsed:
    return parse(path, Window(first, last), Settings(**settings))  # type: ignore[arg-type]  # keyword settings of mixed types


def texts(parsed: Parsed, *kinds: str) -> list[str]:
    return [element.text for element in parsed.elements if not kinds or element.kind in kinds]


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    page = Page().at(72, 60, "A title across both columns", 18, "F2")
    for number in range(4):  # written row by row, as some programs do: not the order to be read in
        page.at(72, 100 + 12 * number, LEFT[number]).at(320, 100 + 12 * number, RIGHT[number])
    page.paragraph(72, 170, ["Below, a line across the whole width of the page closes both columns with some more words."])
    found = read(write_pdf(tmp_path / "a.pdf", [page]))
    whole = " ".join(texts(found))
    assert (
        whole.index("looked at at all.")
        < whole.index("The second column")
        < whole.index("to part the two texts.")
        < whole.index("Below, a line")
    )
    assert found.elements[0].kind == "heading"
    assert found.elements[0].text == "A title across both columns"


def test_divided_words_are_joined_and_compounds_kept(tmp_path: Path) -> None:
    lines = [
        "A paragraph whose lines are divided at syl-",
        "lables, and the name Jean-",
        "Paul that keeps its hyphen when it is div-",
        "ided too.",
    ]
    found = read(write_pdf(tmp_path / "a.pdf", [Page().paragraph(72, 100, lines)]))
    assert texts(found) == [
        "A paragraph whose lines are divided at syllables, and the name Jean-Paul that keeps its hyphen when it is divided too."
    ]


def bitmaps(tmp_path: Path, *lines: str) -> list[str]:
    """What is read of a page in bitmaps by TeX; each line is a paragraph."""
    page = Page()
    for number, line in enumerate(lines):
        page.at(72, 100 + 40 * number, line, font=BITMAPS)
    return texts(read(write_pdf(tmp_path / "a.pdf", [page])))


def is_garbled(tmp_path: Path, line: str) -> bool:
    path = write_pdf(tmp_path / "a.pdf", [Page().at(72, 100, line, font=BITMAPS)])
    with opened(path) as document, open_page(document, 1) as page:
        return read_words(page.handle.raw, page.frame).garbled


def test_bitmaps_by_tex_mean_what_their_encoding_says(tmp_path: Path) -> None:
    """All of them counted as unreadable, so that the page was recognised; else it lost its ligatures, and each c."""
    assert bitmaps(tmp_path, 'It is the \x0crst and su\x0ecient one of ca\x0b \\and" {', "where each c is once more") == [
        "It is the first and sufficient one of caff “and” –",
        "where each c is once more",
    ]
    t1 = "It is the \x1crst and su\x1ecient one \x15 \x10and\x11 stra\xffe"
    assert bitmaps(tmp_path, t1, "\x83\xa3 comes") == ["It is the first and sufficient one – “and” straße", "Čč comes"]
    assert not is_garbled(tmp_path, t1)
    without_fi = "the su\x1ecient one of these, on pages 26\x1549 of a book"
    assert bitmaps(tmp_path, without_fi) == ["the sufficient one of these, on pages 26–49 of a book"]


def by_dvips(page: Page, x: float, y: float, line: str, *, matrix: tuple[int, int] = (1, 0)) -> Page:
    """A line of bitmaps in ten points, word by word. matrix: where the line leads, right (1, 0) or up (0, 1)."""
    along, up = matrix
    for word in line.split(" "):
        page.at(x, y, word, PIXEL, PIXELS, f"{along} {up} {-up} {along}")
        way = (printed(word) + 14) * PIXEL
        x, y = x + along * way, y - up * way
    return page


PAPER = (
    "Genetic linkage analysis is a statistical technique that uses family",
    "pedigree information to map genes and to locate those of diseases,",
    "and it takes years \x7ceven of fast machines\x7c for large families.",
)
READ = (
    "Genetic linkage analysis is a statistical technique that uses family pedigree information to map genes and to locate those "
    "of diseases, and it takes years —even of fast machines— for large families."
)


def test_a_paper_in_bitmaps_by_dvips_is_words_and_paragraphs(tmp_path: Path) -> None:
    """Its font tells the resolution of a printer for a size, and boxes around the ink: each letter was a word of its own."""
    page = Page()
    for number, line in enumerate(PAPER):
        by_dvips(page, 72, 100 + 12 * number, line)
    by_dvips(page, 72, 160, "It is di\x0berent in o\x0eces, and written to ada@example.org as such.")
    first, second = read(write_pdf(tmp_path / "a.pdf", [page])).elements
    assert (first.text, second.text) == (READ, "It is different in offices, and written to ada@example.org as such.")
    assert first.box is not None
    assert first.box.height == pytest.approx(2 * 12 + 10, abs=1)


def test_bitmaps_by_dvips_on_a_page_that_was_turned(tmp_path: Path) -> None:
    page = Page(rotate=90)
    for number, line in enumerate(PAPER):
        by_dvips(page, 100 + 12 * number, 700, line + " \x0c", matrix=(0, 1))
    (found,) = read(write_pdf(tmp_path / "a.pdf", [page])).elements
    assert found.text.replace(" ﬁ", "").replace(" fi", "") == READ


def test_bitmaps_of_signs_are_told_by_their_bullets(tmp_path: Path) -> None:
    page = Page()
    for number, line in enumerate(
        ("One of the first items of a list", "Another one of these items", "A third one that is the last")
    ):
        by_dvips(page.at(72, 100 + 14 * number, "\x0f", PIXEL, PIXELS_OF_SIGNS), 84, 100 + 14 * number, line)
    by_dvips(page, 72, 160, "It holds where the one").at(200, 160, "\x14", PIXEL, PIXELS_OF_SIGNS)
    found = read(write_pdf(tmp_path / "a.pdf", [by_dvips(page, 212, 160, "the other one.")])).elements
    assert [one.kind for one in found] == ["list_item"] * 3 + ["paragraph"]
    assert found[1].text == "Another one of these items"
    assert found[3].text == "It holds where the one ≤ the other one."


@pytest.mark.parametrize(
    ("between", "read_as"),
    [
        (("x", ";", "y"), "It is the first of these for all x, y that are large."),
        (("f", "\x14", "g"), "It is the first of these for all {≤} that are large."),
        (("k", "n"), "It is the first of these for all kn that are large."),  # which tell nothing
    ],
)
def test_bitmaps_of_formulas_are_told_by_what_is_in_them(tmp_path: Path, between: tuple[str, ...], read_as: str) -> None:
    page = by_dvips(Page(), 72, 100, "It is the \x0crst of these for all")
    x = 72 + (printed("It is the \x0crst of these for all".replace(" ", "")) + 8 * 14) * PIXEL
    for one in between:
        page.at(x, 100, one, PIXEL, PIXELS_OF_SIGNS)
        x += (printed(one) + 2) * PIXEL + (3 if one == ";" else 0)
    by_dvips(page, x + 3, 100, "that are large.")
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page]))) == [read_as]


def test_a_font_that_has_nothing_but_tex_s_bullet_has_bullets(tmp_path: Path) -> None:
    """As where cm-super is not installed: bullets of lists are all that is printed in bitmaps."""
    page = Page()
    for number, text in enumerate(("One thing", "Another thing")):
        page.at(72, 100 + 14 * number, "\x88", font=BITMAPS).at(84, 100 + 14 * number, text)
    found = read(write_pdf(tmp_path / "a.pdf", [page])).elements
    assert [(one.kind, one.text) for one in found] == [("list_item", "One thing"), ("list_item", "Another thing")]


def test_bitmaps_that_make_no_words_or_have_other_codes_mean_nothing(tmp_path: Path) -> None:
    assert is_garbled(tmp_path, "It is the \x0fast and su\x0ecient one of these, where no ligature tells the codes")
    assert is_garbled(tmp_path, "xqzt prqst wxcvbn mtrpl sdfgh jklmn pqrst \x0crst")


def test_an_answer_in_a_form_is_read_though_the_file_does_not_say_how_it_looks(tmp_path: Path) -> None:
    pages = [Page().at(72, 90, "Name"), Page(answer="Ada"), Page(answer="Grace")]
    assert texts(read(write_pdf(tmp_path / "a.pdf", pages))) == ["Name", "Ada", "Grace"]


def test_a_word_stays_whole_where_its_letters_are_drawn_one_by_one(tmp_path: Path) -> None:
    page = Page()
    for y in (692, 672):  # the last letter kerned, and another cell
        page.operators.append(
            f"BT /F1 10 Tf 1 0 0 1 72 {y} Tm (6) Tj 5.56 0 Td (9) Tj 5.56 0 Td (1) Tj 4.82 0 Td (1) Tj 60 0 Td (7) Tj ET"
        )
    path = write_pdf(tmp_path / "a.pdf", [page])
    with opened(path) as document, open_page(document, 1) as loaded:
        assert [word.text for word in read_words(loaded.handle.raw, loaded.frame).words[0]] == ["6911", "7"] * 2


def shown(*pieces: str | int) -> Page:
    """A line of text with moves between its pieces, in thousandths of its size, to the left."""
    told = " ".join(f"({piece})" if isinstance(piece, str) else str(piece) for piece in pieces)
    return Page(operators=[f"BT /F1 10 Tf 72 692 Td [{told}] TJ ET"])


def test_words_that_moves_part_instead_of_spaces(tmp_path: Path) -> None:
    """As troff's, of one letter among them, and behind an f that leans over the next letter."""
    page = shown("decide to make", -250, "a", -250, "f", 30, "unction of it")
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page]))) == ["decide to make a function of it"]


def test_a_space_that_was_taken_back_is_none(tmp_path: Path) -> None:
    """troff draws "hav e" so; the space of tightly set words stands."""
    pages = [shown("they hav ", 278, "e a reputation"), shown("they have ", 150, "a reputation")]
    assert texts(read(write_pdf(tmp_path / "a.pdf", pages))) == ["they have a reputation"] * 2


def test_letters_with_tails_do_not_end_a_word_where_the_font_does_not_tell_of_them(tmp_path: Path) -> None:
    """LibreOffice 7 writes fonts so: the box of a letter is as low as its ink, and "copper" came as "co", "pp" and "er"."""
    path = write_pdf(tmp_path / "a.pdf", [Page().at(72, 100, "copper typed upon", font=UNTOLD)])
    with opened(path) as document, open_page(document, 1) as page:
        words = read_words(page.handle.raw, page.frame).words[0]
    assert [one.text for one in words] == ["copper", "typed", "upon"]


def test_accents_printed_over_their_letters_are_one_with_them(tmp_path: Path) -> None:
    """As TeX does with its oldest fonts: the accent is a character of its own, before its letter."""
    page = Page().at(72, 100, "Niels M").at(72 + 34.5, 100, "\xa8").at(72 + 33.4, 100, "undler wrote it.")  # 3.3 and 5.6 wide
    page.at(72, 130, "A quote: \xa8u\xa8 and a fence: ``` stay.")
    (first, second) = texts(read(write_pdf(tmp_path / "a.pdf", [page])))
    assert first == "Niels Mündler wrote it."
    assert second == "A quote: \xa8u\xa8 and a fence: ``` stay."


def test_signs_in_a_row_are_no_accents(tmp_path: Path) -> None:
    """A line of tildes that is printed through a line of text made one of T̃ÕT̃ÃL̃."""
    page = Page().at(72, 100, "TOTAL OF IT", font="F6").at(72, 100, "~" * 20, font="F6")
    told = " ".join(texts(read(write_pdf(tmp_path / "a.pdf", [page]))))
    assert "TOTAL" in told.replace("~", "").replace(" ", "")
    assert told.count("~") == 20


@pytest.mark.parametrize("rotate", [0, 90])
def test_a_font_size_below_zero_turns_the_text_around_once_more(tmp_path: Path, rotate: int) -> None:
    """Tax programs write so; the words of a page came in the reverse order, and its rows from the bottom up."""
    page = Page(rotate=rotate)
    for number, line in enumerate(LEFT):
        page.at(72, 100 + 12 * number, line, -10, matrix="-1 0 0 -1")
    plain = write_pdf(tmp_path / "a.pdf", [Page(rotate=rotate).paragraph(72, 100, LEFT)])
    assert texts(read(write_pdf(tmp_path / "b.pdf", [page]))) == texts(read(plain))


def test_words_that_are_written_across_the_page_have_spaces(tmp_path: Path) -> None:
    """Their boxes overlap, so that the gaps between them were none."""
    page = Page()
    for y, line in ((700, "(Not) -300 (for) -300 (distribution) -300 (a) -300 (copy)"), (720, "(but) -300 (for) -300 (you)")):
        page.operators.append(f"BT /F1 20 Tf 0.9 0.44 -0.44 0.9 72 {page.height - y} Tm [{line}] TJ ET")
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page]))) == ["Not for distribution a copy but for you"]


def test_an_ogonek_hangs_at_the_end_of_its_letter(tmp_path: Path) -> None:
    """The loop of an ą is nearer to the end of the a than other accents are; it was left before it."""
    page = Page().at(72, 100, "Reasumuj").at(72 + 48.3, 100, "`", font=HEBREW).at(72 + 45, 100, "ac wszystko.")
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page]))) == ["Reasumując wszystko."]


def test_an_accent_stands_over_a_letter_of_a_font_of_symbols(tmp_path: Path) -> None:
    """The hat of an estimate; all of the page was lost."""
    page = Page().at(72, 100, "p", font="F8").at(73, 100, "\x88").at(84, 100, "is the share.")
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page]))) == ["π̂ is the share."]


def test_boxes_are_in_points_from_the_top_left(tmp_path: Path) -> None:
    found = read(write_pdf(tmp_path / "a.pdf", [Page().at(100, 200, "Here", 20)]))
    box = found.elements[0].box
    assert box is not None
    assert 98 < box.left < 102
    assert 180 < box.top < 188
    assert 200 <= box.bottom < 208
    assert 135 < box.right < 150


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_rotated_page_reads_the_same_and_its_boxes_turn_with_it(tmp_path: Path, rotate: int) -> None:
    upright = read(write_pdf(tmp_path / "a.pdf", [Page().paragraph(72, 100, LEFT)]))
    turned = read(write_pdf(tmp_path / "b.pdf", [Page(rotate=rotate).paragraph(72, 100, LEFT)]))
    assert texts(turned) == texts(upright)
    box = turned.elements[0].box
    assert box is not None
    left, top = {90: (792 - 140, 72), 180: (612 - 250, 792 - 140), 270: (90, 612 - 250)}[rotate]
    assert abs(box.left - left) < 12
    assert abs(box.top - top) < 12


def test_text_written_upwards_is_read(tmp_path: Path) -> None:
    page = Page().paragraph(72, 100, LEFT).at(30, 500, "Stamped along the margin", 14, "F1", "0 1 -1 0")
    found = read(write_pdf(tmp_path / "a.pdf", [page]))
    stamp = found.elements[-1]
    assert stamp.text == "Stamped along the margin"
    assert stamp.box is not None
    assert stamp.box.height > 4 * stamp.box.width


def test_headings_take_their_level_from_the_outline(tmp_path: Path) -> None:
    pages = [
        Page().at(72, 80, "Beginnings", 12, "F2").paragraph(72, 110, LEFT + RIGHT),
        Page().at(72, 80, "Plain title", 10, "F1").paragraph(72, 130, LEFT + RIGHT),
    ]
    path = write_pdf(
        tmp_path / "a.pdf",
        pages,
        outline=[("Beginnings", 1), ("Plain  title", 2)],
        info={"Title": "The book", "Author": "A. One; B. Two"},
    )
    found = read(path)
    assert [(e.text, e.level) for e in found.elements if e.kind == "heading"] == [("Beginnings", 1), ("Plain title", 1)]
    assert [(entry.title, entry.page, entry.level) for entry in found.toc] == [("Beginnings", 1, 1), ("Plain title", 2, 1)]
    assert found.metadata.title == "The book"
    assert found.metadata.authors == ("A. One", "B. Two")
    later = read(path, 2, 2)
    assert later.toc == ()
    assert later.metadata.title is None
    assert texts(later, "heading") == ["Plain title"]
    assert [unit.name for unit in later.units] == ["2"]


def test_the_outline_may_leave_the_numbers_of_titles_out(tmp_path: Path) -> None:
    page = Page().paragraph(72, 80, LEFT).at(72, 180, "2. Where they live").paragraph(72, 210, RIGHT).at(72, 320, "3. Not in it")
    found = read(write_pdf(tmp_path / "a.pdf", [page], outline=[("Where they live", 1)]))
    assert texts(found, "heading") == ["2. Where they live"]
    assert texts(found, "list_item") == ["Not in it"]


def test_a_cyclic_outline_ends(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [Page().paragraph(72, 100, LEFT)], outline=[("One", 1), ("Two", 1)], cyclic_outline=True)
    assert [entry.title for entry in read(path).toc] == ["One", "Two"]


def test_running_headers_and_page_numbers_are_marked(tmp_path: Path) -> None:
    bodies = [LEFT, RIGHT, LEFT, RIGHT]
    pages = [
        Page().at(200, 40, "The history of tests").paragraph(72, 100, body).at(300, 760, str(n))
        for n, body in enumerate(bodies, 7)
    ]
    found = read(write_pdf(tmp_path / "a.pdf", pages))
    assert texts(found, "header") == ["The history of tests"] * 4
    assert texts(found, "footer") == ["7", "8", "9", "10"]
    assert len(texts(found, "paragraph")) == 4


def test_list_items_have_markers(tmp_path: Path) -> None:
    page = Page().paragraph(72, 100, ["Bring these:", "\x95 bread and", "\x95 salt", "1. first", "2. second"], leading=14)
    found = read(write_pdf(tmp_path / "a.pdf", [page]))
    assert [(e.marker, e.text) for e in found.elements if e.kind == "list_item"] == [
        ("-", "bread and"),
        ("-", "salt"),
        ("1.", "first"),
        ("2.", "second"),
    ]


def test_a_ruled_table_becomes_cells(tmp_path: Path) -> None:
    page = Page().paragraph(72, 80, LEFT)
    for y in (160, 180, 200, 220):
        page.line(72, y, 372, y)
    for x in (72, 172, 272, 372):
        page.line(x, 160 if x not in (172,) else 180, x, 220)  # the first row spans two columns
    for row, cells in enumerate([["Both", "", "Third"], ["a", "b", "c"], ["d", "e f", "g"]]):
        for column, text in enumerate(cells):
            page.at(80 + 100 * column, 174 + 20 * row, text)
    found = read(write_pdf(tmp_path / "a.pdf", [page]))
    (table,) = [element for element in found.elements if element.kind == "table"]
    assert table.table is not None
    assert [(c.row, c.column, c.text, c.column_span) for c in table.table.cells] == [
        (0, 0, "Both", 2),
        (0, 2, "Third", 1),
        (1, 0, "a", 1),
        (1, 1, "b", 1),
        (1, 2, "c", 1),
        (2, 0, "d", 1),
        (2, 1, "e f", 1),
        (2, 2, "g", 1),
    ]
    assert table.text == "Both\tThird\na\tb\tc\nd\te f\tg"
    assert found.elements[0].text.startswith("The first column")


def test_a_lost_page_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    found = read(write_pdf(tmp_path / "a.pdf", [Page().paragraph(72, 100, LEFT)], lost_pages=1))
    assert [(unit.name, unit.produced, unit.characters > 0) for unit in found.units] == [("1", True, True), ("2", False, False)]
    (failure,) = found.failures
    assert (failure.code, failure.page, failure.stage) == ("corrupt_document", 2, "parse")


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(EncryptedDocument, match="password"):
        read(write_pdf(tmp_path / "a.pdf", [Page().paragraph(72, 100, LEFT)], locked=True))
    broken = tmp_path / "b.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing that follows\n%%EOF")
    with pytest.raises(CorruptDocument, match="can't be opened"):
        read(broken)
    with pytest.raises(EncryptedDocument, match="password"):
        read(tmp_path / "a.pdf")
    with pytest.raises(CorruptDocument, match="has no pages"):  # and not what was true of the file before it
        read(write_pdf(tmp_path / "d.pdf", []))
    with pytest.raises(CorruptDocument, match="page 9"):
        read(write_pdf(tmp_path / "c.pdf", [Page()]), 9, 12)


def scanned() -> Page:
    picture = Image.new("L", (120, 160), 255)
    picture.paste(0, (20, 30, 100, 34))
    return Page(grey=(120, 160, picture.tobytes()))


def test_a_picture_goes_to_recognition_and_a_blank_page_does_not(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [Page().paragraph(72, 100, LEFT), scanned(), Page()])
    found = read(path)
    assert [image.page for image in found.images] == [2]
    assert [(unit.characters > 0, unit.produced) for unit in found.units] == [(True, True), (False, True), (False, True)]
    image = found.images[0]
    assert (image.width_pt, image.height_pt) == (612, 792)
    with Image.open(io.BytesIO(image.image)) as drawn:
        assert (drawn.mode, drawn.size) == ("L", (1700, 2200))
    small = read(path, max_page_pixels=100_000).images[0]
    with Image.open(io.BytesIO(small.image)) as drawn:
        assert drawn.width * drawn.height <= 101_000


def test_a_large_picture_beside_text_is_recognised_alone(tmp_path: Path) -> None:
    pictured = Page(grey=(120, 160, bytes(120 * 160)), grey_at=(100, 300, 240, 180)).paragraph(72, 100, LEFT)
    found = read(write_pdf(tmp_path / "a.pdf", [pictured, Page().paragraph(72, 100, LEFT)]))
    (image,) = found.images
    assert (image.page, image.partial, image.width_pt, image.height_pt) == (1, True, 612, 792)
    assert [" ".join(text.split()) for text in texts(found)] == [" ".join(LEFT)] * 2
    with Image.open(io.BytesIO(image.image)) as drawn:
        per_point = drawn.width / 612
        dark = drawn.point(lambda level: 255 * (level < 128)).getbbox()
    assert dark is not None
    assert all(abs(side / per_point - wanted) < 2 for side, wanted in zip(dark, (100, 300, 340, 480), strict=True))


def test_a_picture_that_is_small_or_has_its_text_is_not_recognised(tmp_path: Path) -> None:
    small = Page(grey=(10, 10, bytes(100)), grey_at=(100, 300, 120, 120)).paragraph(72, 100, LEFT)
    told = Page(grey=(10, 10, bytes(100)), grey_at=(72, 90, 300, 300)).paragraph(80, 100, LEFT)
    found = read(write_pdf(tmp_path / "a.pdf", [small, told]))
    assert found.images == ()
    large = Page(grey=(10, 10, bytes(100)), grey_at=(100, 300, 300, 300)).paragraph(72, 100, LEFT)
    path = write_pdf(tmp_path / "b.pdf", [large])
    assert len(read(path).images) == 1
    assert read(path, ocr="never").images == ()
    assert [image.partial for image in read(path, ocr="always").images] == [False]


def test_the_ocr_setting_is_obeyed(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [Page().paragraph(72, 100, LEFT), scanned(), Page()])
    always = read(path, ocr="always")
    assert [image.page for image in always.images] == [1, 2]
    assert always.elements == ()
    never = read(path, ocr="never")
    assert never.images == ()
    assert [unit.produced for unit in never.units] == [True, False, True]
    assert [(failure.code, failure.page) for failure in never.failures] == [("needs_recognition", 2)]


def test_a_scan_with_a_stamp_is_still_a_scan(tmp_path: Path) -> None:
    found = read(write_pdf(tmp_path / "a.pdf", [scanned().at(300, 780, "page 3 of 4")]))
    assert [image.page for image in found.images] == [1]
    assert found.elements == ()


def layered(*more: str) -> Page:
    """A scan with a text layer that doesn't show."""
    page = scanned()
    page.operators.append("3 Tr")
    page.paragraph(72, 100, LEFT)
    page.operators.extend(more)
    return page


def test_a_scan_with_a_text_layer_brings_both(tmp_path: Path) -> None:
    over = scanned().paragraph(72, 100, LEFT)
    over.operators.append("q 612 0 0 792 0 0 cm /Im Do Q")
    path = write_pdf(tmp_path / "a.pdf", [layered(), over, scanned().paragraph(72, 100, LEFT), Page().paragraph(72, 100, LEFT)])
    found = read(path)
    assert [(image.page, image.layered, image.partial) for image in found.images] == [(1, True, False), (2, True, False)]
    assert [" ".join(text.split()) for text in texts(found)] == [" ".join(LEFT)] * 4
    assert not found.warnings
    assert [image.layered for image in read(path, ocr="always").images] == [False] * 4
    never = read(path, ocr="never")
    assert never.images == ()
    assert ["not compared with the print" in warning for warning in never.warnings] == [True]
    assert not read(path, first=3, ocr="never").warnings


def test_a_page_on_which_text_shows_is_no_scan_with_a_layer(tmp_path: Path) -> None:
    page = layered("0 Tr", "BT /F1 10 Tf 72 300 Td (Typed over the picture afterwards.) Tj ET")
    assert read(write_pdf(tmp_path / "a.pdf", [page])).images == ()


def test_a_gap_between_letters_that_touch_parts_words() -> None:
    def words(text: str, gaps: dict[int, float], lost: int | None = None) -> set[int]:
        """Letters 5 points wide and 10 high, with so many points before some; `lost`: before it a sign that means nothing."""
        shifts = [sum(gap for at, gap in gaps.items() if at <= place) for place in range(len(text))]
        boxes = np.array([[5 * place + shift, 10, 5 * place + shift + 5, 0] for place, shift in enumerate(shifts)], float)
        indices = [place + (lost is not None and place >= lost) for place in range(len(text))]
        return parted(list(text), indices, boxes, np.array([0]))

    assert words("Ifthereis", {2: 2.7, 7: 2.7}) == {2, 7}
    assert words("only", {2: 1.2}) == set(), "kerned"
    assert words("loose", dict.fromkeys(range(1, 5), 2.7)) == set()
    assert words("1000", {1: 2.7}) == set()
    assert words("onename", {3: 2.7}, lost=3) == set()


def test_characters_without_a_meaning_are_counted_where_the_text_layer_is_used(tmp_path: Path) -> None:
    page = Page().paragraph(72, 100, LEFT).at(72, 500, "so\x03 some a\x04re l\x05ost")
    found = read(write_pdf(tmp_path / "a.pdf", [page, Page().paragraph(72, 100, LEFT)]))
    assert [unit.lost for unit in found.units] == [3, 0]
    assert "so some are lost" in texts(found)
    assert [unit.lost for unit in read(tmp_path / "a.pdf", ocr="always").units] == [0, 0]


def test_a_text_layer_that_can_not_be_seen_does_not_stand_for_the_page(tmp_path: Path) -> None:
    aside = Page().paragraph(700, 100, LEFT + RIGHT)
    found = read(write_pdf(tmp_path / "a.pdf", [aside, Page(grey=scanned().grey).paragraph(700, 100, LEFT + RIGHT)]))
    assert found.elements == ()
    assert [image.page for image in found.images] == [2], "the other one is blank"


def test_the_same_file_gives_the_same_result(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [Page().paragraph(72, 100, LEFT).paragraph(320, 100, RIGHT), scanned()])
    assert read(path) == read(path)


def test_windows_cover_the_file_page_by_page(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [Page().paragraph(72, 100, [f"Page {n} has this text."]) for n in range(1, 6)])
    assert texts(read(path, 2, 3)) == ["Page 2 has this text.", "Page 3 has this text."]
    assert [element.page for element in read(path, 4, 9).elements] == [4, 5]


def test_right_to_left_text_comes_in_logical_order(tmp_path: Path) -> None:
    at_once = Page().at(100, 100, "ihg 12 fed cba", 12, HEBREW)  # glyphs from left to right, as they stand on paper
    word_by_word = Page()
    for left, glyphs in ((179, "cba"), (150, "fed"), (130, "12"), (103, "ihg")):
        word_by_word.at(left, 100, glyphs, 12, HEBREW)
    logical = "\u05d0\u05d1\u05d2 \u05d3\u05d4\u05d5 12 \u05d6\u05d7\u05d8"
    assert texts(read(write_pdf(tmp_path / "a.pdf", [at_once]))) == [logical]
    assert texts(read(write_pdf(tmp_path / "b.pdf", [word_by_word]))) == [logical]


@pytest.mark.parametrize(
    ("glyphs", "read_as"),
    [
        (";)91( dc ba", "\u05d0\u05d1 \u05d2\u05d3 (91);"),  # brackets that mean what was typed, as shaped text has them
        (";(91) dc ba", "\u05d0\u05d1 \u05d2\u05d3 (91);"),  # and what they look like
        ("dc 48-b", "\u05d1-48 \u05d2\u05d3"),  # a hyphen before a number
        (".dc 12.5% ba", "\u05d0\u05d1 12.5% \u05d2\u05d3."),
        ("BB %82.7 BA", "\u0627\u0628 82.7% \u0628\u0628"),  # among Arabic letters the sign stands at the left
        ("BB DB CA", "\u0627\u0644 \u0628\u0644\u0627 \u0628\u0628"),  # a ligature: its letters are in the order of reading
    ],
)
def test_signs_numbers_and_ligatures_are_read_from_right_to_left(tmp_path: Path, glyphs: str, read_as: str) -> None:
    assert texts(read(write_pdf(tmp_path / "a.pdf", [Page().at(100, 100, glyphs, 12, HEBREW)]))) == [read_as]


def test_right_to_left_text_on_a_turned_page_stays_in_order(tmp_path: Path) -> None:
    page = Page(rotate=90).at(100, 400, "ihgfedcba", 12, HEBREW, matrix="0 1 -1 0")
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page]))) == ["".join(map(chr, range(0x5D0, 0x5D9)))]


def test_a_vowel_drawn_by_itself_stands_behind_its_letter(tmp_path: Path) -> None:
    page = Page().at(100, 100, "ed cba", 12, HEBREW).at(122, 99, "F", 12, HEBREW)  # under the b
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page]))) == ["\u05d0\u05d1\u05b8\u05d2 \u05d3\u05d4"]


def test_vowels_do_not_part_or_shuffle_words(tmp_path: Path) -> None:
    """As TeX writes them, without white space: drawn lower than their letters, so that pdfium begins a line, or behind a gap."""
    lower = Page()
    for left, down, glyphs in ((126, 0, "fe"), (136, 4, "F"), (136, 0, "d"), (146, 0, "c"), (152, 4, "F"), (152, 0, "b")):
        lower.at(left, 100 + down, glyphs, 12, HEBREW)
    lower.at(158.7, 100, "a", 12, HEBREW)
    assert texts(read(write_pdf(tmp_path / "a.pdf", [lower]))) == ["\u05d0\u05d1\u05b8\u05d2 \u05d3\u05b8\u05d4\u05d5"]
    shifted = Page()
    shifted.operators.append(f"BT /{HEBREW} 12 Tf 126 692 Td [(fed) -300 (c) -300 (F) 911 (b) (a)] TJ ET")
    assert texts(read(write_pdf(tmp_path / "b.pdf", [shifted]))) == ["\u05d0\u05b8\u05d1\u05d2 \u05d3\u05d4\u05d5"]


def test_columns_are_read_from_the_top_down_and_from_the_right(tmp_path: Path) -> None:
    """Letter by letter, as programs draw them; with a page number, and a Latin word on its side and a number in their column."""
    page = Page()
    for column, letters in enumerate(("HJKLMN", "OPQRST", "UVWXYZ")):
        for row, letter in enumerate(letters):
            page.at(400 - 16 * column, 100 + 12 * row, letter, 12, HEBREW)
    page.at(371, 163, "Ray", 12, matrix="0 -1 1 0").at(367, 197, "12", 11).at(368, 210, "H", 12, HEBREW).at(300, 760, "34")
    found = read(write_pdf(tmp_path / "a.pdf", [page])).elements
    one, two = ("".join(chr(0x4E00 + ord(letter) - ord("G")) for letter in text) for text in ("HJKLMNOPQRSTUVWXYZ", "H"))
    assert [(element.kind, element.text) for element in found] == [("paragraph", f"{one}Ray 12{two}"), ("footer", "34")]
    assert found[0].box is not None
    assert (round(found[0].box.left), round(found[0].box.right)) == (367, 411)


@pytest.mark.parametrize("foreign", ["f(x)", "(T)", "x: (y) f(x),"])
def test_brackets_of_foreign_words_are_the_right_way_around(tmp_path: Path, foreign: str) -> None:
    """pdfium mirrors some of them, and others not."""
    page = Page().paragraph(100, 128, ["ba dc fe hg ji lk ba dc fe", "ji lk ba dc fe hg ji lk ba"], 12, 14, HEBREW)
    page.at(100, 100, "dc", 12, HEBREW).at(118, 100, foreign, 12)
    page.at(118 + ImageFont.load_default(12).getlength(foreign) + 4, 100, "ba", 12, HEBREW)
    assert f"\u05d0\u05d1 {foreign} \u05d2\u05d3" in texts(read(write_pdf(tmp_path / "a.pdf", [page])))


def test_a_foreign_name_does_not_turn_its_line_around(tmp_path: Path) -> None:
    page = Page().paragraph(100, 100, ["ba dc fe hg ji lk ba dc fe", "ji lk ba dc fe hg ji lk ba"], 12, 14, HEBREW)
    page.at(100, 128, "dc", 12, HEBREW).at(116, 128, "United Nations 3 Assembly", 12).at(257, 128, "ba", 12, HEBREW)
    (text,) = texts(read(write_pdf(tmp_path / "a.pdf", [page])))
    assert text.endswith(" \u05d0\u05d1 United Nations 3 Assembly \u05d2\u05d3")


def test_strokes_that_stretch_an_arabic_word_do_not_divide_it(tmp_path: Path) -> None:
    page = Page().at(100, 100, "AB BB BEBA", 12, HEBREW)  # a stroke is a glyph that means nothing
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page]))) == ["\u0627\u0628\u0628 \u0628\u0628 \u0628\u0627"]


def test_sizes_are_believed_unless_the_boxes_of_letters_say_otherwise() -> None:
    told = [10.0, 14.3, 100.0, 1.0, 0.0, 10.0]
    heights = [12.0, 1.4, 12.0, 12.0, 12.0, 60.0]  # the second is a dot in a box of its own height, the last box its font's
    widths = [5.0, 3.9, 5.0, 5.0, 5.0, 5.0]
    assert believed(np.array(told), np.array(heights), np.array(widths)).tolist() == [10.0, 14.3, 10.0, 10.0, 10.0, 10.0]


def test_the_ground_of_a_figure_is_no_larger_than_its_clip(tmp_path: Path) -> None:
    """A white box over most of the page, of which the clip shows a part, and one that it hides, rule nothing outside it."""
    clipped = Page()
    clipped.operators += ["q 100 500 200 150 re W n 1 g 90 -200 400 1000 re f 400 100 90 90 re f Q"]
    with opened(write_pdf(tmp_path / "a.pdf", [clipped])) as document, open_page(document, 1) as page:
        edges = drawing_of(page.handle.raw, page.frame).edges
    assert set(edges) == {Box(100, 142, 300, 142), Box(100, 292, 300, 292), Box(100, 142, 100, 292), Box(300, 142, 300, 292)}


def test_a_letter_that_is_drawn_across_the_page_rules_nothing(tmp_path: Path) -> None:
    """As word processors write watermarks: an I of four straight sides parted the text around it, and made tables of it."""
    turned, upright = "0.7 0.7 -0.7 0.7", "1 0 0 1"
    for matrix, edges in ((turned, 0), (upright, 4)):
        page = Page()
        page.operators += [f"q {matrix} 300 300 cm 0.8 g 0 0 m 40 0 l 40 200 l 0 200 l h f Q"]
        with opened(write_pdf(tmp_path / "a.pdf", [page])) as document, open_page(document, 1) as opened_page:
            assert len(drawing_of(opened_page.handle.raw, opened_page.frame).edges) == edges


def test_the_ground_of_a_page_and_bars_to_the_edge_of_the_paper_rule_nothing(tmp_path: Path) -> None:
    """As slides have them: the ground, its foot in three colours, made a table of all that stands on it."""
    page = Page().at(30, 60, "Outline", 20).at(60, 160, "Overview of the plan", 12).at(60, 185, "Costs that we expect", 12)
    page.operators.insert(0, "q 1 g 0 0 612 792 re f 0 0 1 rg 0 0 204 20 re f 204 0 204 20 re f 0.5 g 408 0 204 20 re f Q")
    page.at(70, 786, "A. Nother", 8).at(270, 786, "The plan", 8).at(480, 786, "2 / 9", 8)
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page])), "table") == []


def test_a_stamp_across_the_page_is_no_heading_and_stands_in_no_line(tmp_path: Path) -> None:
    """It is one paragraph behind the page; on page after page it runs, as a header does."""
    stamped = (
        Page().paragraph(50, 100, LEFT * 6).at(150, 300, "DRAFT", 60, matrix="0.7 0.7 -0.7 0.7").paragraph(330, 100, RIGHT * 6)
    )
    found = read(write_pdf(tmp_path / "a.pdf", [stamped])).elements
    assert [(element.kind, element.text) for element in found if "DRAFT" in element.text] == [("paragraph", "DRAFT")]
    assert "DRAFT" in found[-1].text
    several = read(write_pdf(tmp_path / "b.pdf", [stamped] * 3)).elements
    assert {element.kind for element in several if element.text == "DRAFT"} == {"header"}


def test_text_that_is_written_askew_is_read_as_it_was_written(tmp_path: Path) -> None:
    askew = Page()
    for number, text in enumerate(LEFT):
        askew.at(100 + 4 * number, 300 + 12 * number, text, matrix="0.94 0.34 -0.34 0.94")
    assert "lines are read" in " ".join(texts(read(write_pdf(tmp_path / "a.pdf", [askew]))))


def _disc(x: float, y: float, radius: float, paint: str = "f") -> str:
    """A circle around this point, from the top, of four curves."""
    y, k = 792 - y, 0.5523 * radius
    curves = [
        (x + radius, y + k, x + k, y + radius, x, y + radius),
        (x - k, y + radius, x - radius, y + k, x - radius, y),
        (x - radius, y - k, x - k, y - radius, x, y - radius),
        (x + k, y - radius, x + radius, y - k, x + radius, y),
    ]
    return f"{x + radius} {y} m " + " ".join(" ".join(f"{value:.2f}" for value in curve) + " c" for curve in curves) + f" {paint}"


def test_bullets_that_are_drawn_are_bullets(tmp_path: Path) -> None:
    """As browsers print lists: their items were one paragraph."""
    page = Page().paragraph(72, 60, ["Things to be taken along, as they were", "written down some years ago:"])
    for number, (inset, text) in enumerate([(0, "a rope of ten metres"), (14, "of hemp"), (14, "of nylon"), (0, "a lamp")]):
        page.at(90 + inset, 90 + 12 * number, text)
        page.operators.append(_disc(82 + inset, 87 + 12 * number, 1.4, "S" if inset else "f"))
    found = read(write_pdf(tmp_path / "a.pdf", [page]))
    items = [(element.text, element.level, element.marker) for element in found.elements if element.kind == "list_item"]
    assert items == [("a rope of ten metres", 1, "-"), ("of hemp", 2, "-"), ("of nylon", 2, "-"), ("a lamp", 1, "-")]


@pytest.mark.parametrize(("bullet", "font"), [("\xa7", "F7"), ("v", "F7"), ("\xb7", "F8"), ("o", "F6"), ("\xfc", "F7")])
def test_bullets_of_word_are_bullets(tmp_path: Path, bullet: str, font: str) -> None:
    page = Page().paragraph(72, 60, ["Three things are needed before the work can begin at all:"])
    for number, text in enumerate(("a hammer of the larger kind", "nails", "somebody who holds the ladder")):
        page.at(90, 80 + 14 * number, bullet, 10, font).at(108, 80 + 14 * number, text)
    found = read(write_pdf(tmp_path / "a.pdf", [page]))
    assert texts(found, "list_item") == ["a hammer of the larger kind", "nails", "somebody who holds the ladder"]


def test_a_title_of_the_outline_in_the_print_of_the_text_is_no_part_of_its_paragraph(tmp_path: Path) -> None:
    page = Page().paragraph(72, 60, ["What was left to do", *LEFT])
    found = read(write_pdf(tmp_path / "a.pdf", [page], outline=[("What was left to do", 1)]))
    assert [element.kind for element in found.elements] == ["heading", "paragraph"]
    assert found.elements[0].text == "What was left to do"


def test_a_title_that_the_outline_has_in_short_stays_whole(tmp_path: Path) -> None:
    page = Page().paragraph(72, 60, ["What was left to do and", "by whom it was done"], 16, 19, "F2").paragraph(72, 110, LEFT)
    found = read(write_pdf(tmp_path / "a.pdf", [page], outline=[("What was left to do and", 1)]))
    assert texts(found, "heading") == ["What was left to do and by whom it was done"]


def test_addresses_in_a_face_of_code_are_none(tmp_path: Path) -> None:
    page = Page().at(72, 60, "Two of them").paragraph(72, 72, ["anna.brook@harbour.org", "bert.stone@harbour.org"], font="F6")
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page])), "code") == []


def test_a_narrow_space_in_front_of_code_is_one(tmp_path: Path) -> None:
    page = Page().at(72, 60, "What was said by").at(151.95, 60, "opened", 10, "F6").at(191.5, 60, "is true of closed ones, too")
    (element,) = read(write_pdf(tmp_path / "a.pdf", [page])).elements
    assert "said by opened is" in element.text


def test_small_pictures_in_front_of_lines_are_bullets(tmp_path: Path) -> None:
    page = Page(grey=(2, 2, bytes(4)), grey_at=(90, 69, 10, 13)).paragraph(108, 80, ["a hammer", "nails"], leading=14)
    page.operators.append(f"q 10 0 0 13 90 {792 - 96} cm /Im Do Q")
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page])), "list_item") == ["a hammer", "nails"]


def test_a_letter_of_code_that_begins_a_line_is_no_bullet(tmp_path: Path) -> None:
    page = Page().paragraph(72, 60, ["What is written to the stream that was opened before is called"])
    page.at(72, 72, "o", 10, "F6").at(82, 72, "in all of the examples of this manual, and nothing else is.")
    found = read(write_pdf(tmp_path / "a.pdf", [page]))
    assert [element.kind for element in found.elements] == ["paragraph"]
    assert "is called o in all" in found.elements[0].text


def test_fonts_of_symbols_mean_other_characters(tmp_path: Path) -> None:
    page = Page().at(72, 60, "The dose is 5").at(136, 60, "m", 10, "F8").at(141.8, 60, "g, and it is")
    page.at(190, 60, "\xfc", 10, "F7").at(203, 60, "allowed, see").at(265, 60, "\xe0", 10, "F7").at(278, 60, "below")
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page]))) == ["The dose is 5 µg, and it is ✓ allowed, see → below"]


def test_bullets_of_large_type_are_large(tmp_path: Path) -> None:
    page = Page().at(72, 60, "What we found", 36)
    for number, text in enumerate(["costs that nobody knew", "time that was lost", "two ways out"]):
        page.at(110, 120 + 40 * number, text, 28)
        page.operators.append(_disc(86, 110 + 40 * number, 5.5))
    assert len(texts(read(write_pdf(tmp_path / "a.pdf", [page])), "list_item")) == 3


def test_bullets_are_told_from_other_signs_of_about_their_size(tmp_path: Path) -> None:
    """Those at the foot of a slide, with which one turns to others: more of them than the items below an item."""
    page = Page().paragraph(72, 60, ["Things to be taken along, as they were", "written down some years ago:"])
    for number, text in enumerate(["of hemp", "of nylon"]):
        page.at(90, 90 + 12 * number, text)
        page.operators.append(_disc(82, 87 + 12 * number, 1.9))
    page.operators += [_disc(300 + 9 * number, 700, 2.1) for number in range(4)]
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page])), "list_item") == ["of hemp", "of nylon"]


def test_bullets_may_be_shaded_balls(tmp_path: Path) -> None:
    """As those of beamer are."""
    page = Page()
    shading = "<< /ShadingType 3 /ColorSpace /DeviceRGB /Coords [0 0 0 0 0 2] /Function << /FunctionType 2 /Domain [0 1] /N 1 "
    page.resources += f"/Shading << /Ball {shading} /C0 [1 1 1] /C1 [0 0 1] >> >> >> "
    for number, text in enumerate(["a rope of ten metres", "a lamp"]):
        page.at(90, 90 + 12 * number, text)
        page.operators.append(f"q 1 0 0 1 82 {705 - 12 * number} cm -2 -2 4 4 re W n /Ball sh Q")
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page])), "list_item") == ["a rope of ten metres", "a lamp"]


def test_numbers_on_discs_are_markers(tmp_path: Path) -> None:
    def page(*items: str) -> Page:
        made = Page()
        for number, text in enumerate(items, start=1):
            made.at(100, 90 + 16 * number, text).at(84, 88 + 16 * number, str(number), 7)
            made.operators.insert(0, "0.8 g " + _disc(86, 86 + 16 * number, 5))
        return made

    found = read(write_pdf(tmp_path / "a.pdf", [page("Overview", "Syntax of all that is written", "Uses")])).elements
    assert [(one.kind, one.marker, one.text) for one in found][1] == ("list_item", "2.", "Syntax of all that is written")
    assert len(found) == 3
    assert not texts(read(write_pdf(tmp_path / "b.pdf", [page("12", "5", "9")])), "list_item")  # squares of a puzzle


def test_points_of_a_plot_and_boxes_to_tick_are_no_bullets(tmp_path: Path) -> None:
    plot = Page().at(100, 100, "a line in a plot").at(100, 112, "and its next")
    plot.operators += [_disc(95, 97, 1.5), *(_disc(200 + 7 * number, 150 + number * number, 1.5) for number in range(9))]
    assert texts(read(write_pdf(tmp_path / "plot.pdf", [plot])), "list_item") == []
    form = Page().at(100, 100, "Full member").at(100, 114, "Student")
    form.operators += [f"88 {792 - y} 8 8 re S" for y in (100, 114)]
    assert texts(read(write_pdf(tmp_path / "form.pdf", [form])), "list_item") == []
    between = Page().at(72, 100, "One").at(97, 100, "Two").at(72, 114, "One").at(97, 114, "Two")
    between.operators += [_disc(93.5, y, 1.0) for y in (97, 111)]
    assert texts(read(write_pdf(tmp_path / "between.pdf", [between])), "list_item") == []


def _square(x: float, y: float, side: float = 4) -> str:
    """Filled, its middle at this place from the top left."""
    return f"{x - side / 2} {792 - y - side / 2} {side} {side} re f"


@pytest.mark.parametrize(
    "shapes",
    [
        [_square(80, 97 + 12 * line, 9) for line in range(3)],  # boxes to be ticked
        [_square(80 + 8 * column, 97 + 12 * line) for line in range(3) for column in range(-2, 1)],  # leaders
        [_square(80, 91 + 6 * dot, 2) for dot in range(8)],  # a dotted border
        [_square(80, 97), *(_square(300 + 20 * dot, 300 + 7 * dot) for dot in range(9))],  # a plot
    ],
)
def test_other_shapes_beside_text_are_no_bullets(tmp_path: Path, shapes: list[str]) -> None:
    page = Page().paragraph(90, 100, ["The first of three lines of text", "goes on in the second line and", "ends here."])
    page.operators += shapes
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page])), "list_item") == []


def test_shapes_of_a_legend_are_no_bullets(tmp_path: Path) -> None:
    page = Page().at(90, 100, "2016").at(190, 100, "2017")
    page.operators += [_square(80, 97), _square(180, 97)]
    assert texts(read(write_pdf(tmp_path / "a.pdf", [page])), "list_item") == []


def test_a_hyphen_is_as_high_as_its_word_though_its_ink_is_low() -> None:
    boxes = np.array([[0, 8, 5, -2], [5.7, 3, 8, 2.2], [20, 28, 25, 18], [26, 3, 28, 2.2]], float)
    raise_hyphens([ord("i"), 0xFFFE, ord("a"), ord("-")], boxes)
    assert boxes[:, [1, 3]].tolist() == [[8, -2], [8, -2], [28, 18], [3, 2.2]]


def packed(data: bytes, spoil: bytes = b"") -> bytes:
    """The pages' contents of a PDF file packed; one that has the bytes `spoil` is changed in the middle."""

    def replaced(found: re.Match[bytes]) -> bytes:
        stream = zlib.compress(found[1])
        if spoil and spoil in found[1]:
            middle = len(stream) // 2
            stream = stream[:middle] + bytes(byte ^ 0x55 for byte in stream[middle : middle + 8]) + stream[middle + 8 :]
        return b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)

    return re.sub(rb"<< /Length \d+ >>\nstream\n(\n(?:BT|q).*?)\nendstream", replaced, data, flags=re.DOTALL)


def many(word: str) -> Page:
    return Page().paragraph(
        72, 100, [f"{word} number {number} and what else stands on line {7 * number}" for number in range(30)]
    )


def test_a_page_whose_contents_do_not_unpack_is_told_and_what_came_of_it_kept(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [many("Willow"), many("Poplar"), Page()])
    whole = path.read_bytes()
    path.write_bytes(packed(whole))
    assert not read(path).failures
    path.write_bytes(packed(whole, spoil=b"Poplar"))
    found = read(path)
    assert [(one.code, one.page) for one in found.failures] == [("corrupt_document", 2)]
    assert "Willow number 29" in " ".join(texts(found))


def test_a_page_whose_contents_are_not_in_the_file_is_told_and_a_blank_one_is_not(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [many("Willow"), many("Poplar"), Page()])
    assert not read(path).failures
    at, data = path.read_bytes().rindex(b"Poplar number 0"), path.read_bytes()
    begin = data.rindex(b" obj", 0, at)
    path.write_bytes(data[:begin] + b" xbj" + data[begin + 4 :])
    assert [(one.code, one.page) for one in read(path).failures] == [("corrupt_document", 2)]


def test_white_space_that_is_made_up_beside_a_mark_parts_nothing(tmp_path: Path) -> None:
    """pdfium makes up a line where the baseline changes."""
    page = Page().at(72, 100, "where (a").at(109.4, 96, "2", 7).at(113.3, 100, ") is")
    page.at(72, 130, "It is x").at(95.8, 124, "2", 7).at(99.9, 130, ").")
    page.at(72, 158, "a", 7).at(76.2, 164, "School of this town")
    texts = [element.text for element in parse(write_pdf(tmp_path / "a.pdf", [page]), Window(), Settings()).elements]
    assert texts == ["where (a²) is", "It is x²).", "a School of this town"]
