"""DOC: what a Word document of old says, as tests write it."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, EncryptedDocument
from kbray.model import Element, Parsed, Window
from kbray.parse import parse
from kbray.parse.media import DOC
from kbray.parse.sniff import sniff
from tests.writers.doc import Doc, P
from tests.writers.ole import write_ole

IN_TABLE, ENDS_ROW = b"\x16\x24\x01", b"\x17\x24\x01"
HIDDEN, DELETED = b"\x3c\x08\x01", b"\x00\x08\x01"


def read(path: Path) -> Parsed:
    return parse(path, DOC, Window(), Settings(home=path.parent))


def told(parsed: Parsed) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in parsed.elements]


def row(*edges: int, flags: tuple[int, ...] = ()) -> bytes:
    cells = b"".join(struct.pack("<H18x", flag) for flag in (*flags, *[0] * (len(edges) - 1 - len(flags))))
    definition = struct.pack(f"<B{len(edges)}h", len(edges) - 1, *edges) + cells
    return IN_TABLE + ENDS_ROW + struct.pack("<HH", 0xD608, len(definition) + 1) + definition


@pytest.mark.parametrize("wide", [False, True])
def test_a_file_that_was_cut_short_or_lost_a_part_is_told(tmp_path: Path, wide: bool) -> None:
    path = Doc([P("Tea" + "\0" * 20 + "\r")], wide=wide).write(tmp_path / "a.doc")
    assert read(path).warnings == ("Zeros stand where text should be (20): a part of the file is lost; fetch it again.",)
    path = Doc([P("Tea\r")], wide=wide).write(tmp_path / "b.doc")
    assert not read(path).warnings
    path.write_bytes(path.read_bytes()[:-1024])
    assert any(
        one.startswith("The file ends before what its directory tells of: it was cut short") for one in read(path).warnings
    )


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("pieces", [1, 3])
def test_text_comes_in_paragraphs_whatever_its_pieces(tmp_path: Path, wide: bool, pieces: int) -> None:
    words = ["Größe “und”…", "second\x0bline", "a\x1eb"] + (["Ж 中 \ud83d\ude00"] if wide else [])
    path = Doc([P(f"{one}\r") for one in words], wide=wide, pieces=pieces).write(tmp_path / "a.doc")
    assert sniff(path, "a.doc") == DOC
    expected = ["Größe “und”…", "second\nline", "a-b"] + (["Ж 中 \U0001f600"] if wide else [])
    assert told(read(path)) == [("paragraph", one) for one in expected]


def test_headings_by_style_outline_and_what_a_style_is_based_on(tmp_path: Path) -> None:
    styles = [(0, 0xFFF, b"", b""), (2, 0xFFF, b"", b""), (0xFFE, 1, b"", b""), (62, 0xFFF, b"", b""), (20, 0xFFF, b"", b"")]
    outline = b"\x40\x26\x02"
    text = [P("Book\r", 3), P("Chapter\r", 1), P("Own\r", 2), P("Told\r", 0, outline), P("Text\r"), P("Entry\r", 4)]
    made = read(Doc(text, styles=styles).write(tmp_path / "a.doc"))
    assert [(one.kind, one.text, one.level) for one in made.elements] == [
        ("heading", "Book", 1),
        ("heading", "Chapter", 2),
        ("heading", "Own", 2),
        ("heading", "Told", 3),
        ("paragraph", "Text", 0),
        ("list_item", "Entry", 2),
    ]


def test_hidden_and_deleted_text_fields_and_symbols(tmp_path: Path) -> None:
    against = b"\x3c\x08\x81"
    styles = [(0, 0xFFF, b"", b""), (0xFFE, 0, b"", against)]
    field = "See \x13 PAGEREF x \x14page 7\x15.\r"
    text = [
        P("seen hidden gone\r", runs=((5, 11, HIDDEN), (12, 16, DELETED))),
        P(field),
        P("in a hidden style\r", 1),
        P("shown in a hidden style\r", 1, runs=((0, 24, against),)),
    ]
    made = read(Doc(text, styles=styles).write(tmp_path / "a.doc"))
    assert told(made) == [("paragraph", "seen"), ("paragraph", "See page 7."), ("paragraph", "shown in a hidden style")]
    assert made.warnings == ("Tracked deletions are left out (1).",)


def test_fields_show_ruby_and_boxes(tmp_path: Path) -> None:
    def form(told: int, usual: int) -> bytes:
        name = struct.pack("<H", 1) + "A".encode("utf-16-le") + bytes(2)
        field = b"\xff" * 4 + struct.pack("<HHH", told, 0, 20) + name + struct.pack("<H", usual)
        return struct.pack("<IH62x", 68 + len(field), 68) + field

    def box(number: int) -> P:
        return P("\x13 FORMCHECKBOX \x01\x15 tea\r", runs=((15, 16, struct.pack("<HI", 0x6A03, number * len(forms[0]))),))

    forms = [form(25 << 2 | 1, 1), form(25 << 2 | 1, 0), form(1 << 2 | 1, 0), form(25 << 2, 1)]
    text = [P("\x13 EQ \\* jc2 \\o\\ad(\\s\\up 9(か),漢)\x15を\r"), *map(box, range(5))]
    made = read(Doc(text, data=b"".join(forms), wide=True).write(tmp_path / "a.doc"))
    assert [one.text for one in made.elements] == ["漢(か)を", "☒ tea", "☐ tea", "☒ tea", "☐ tea", "☐ tea"]


def test_lists_start_anew_where_a_number_of_them_says_so(tmp_path: Path) -> None:
    def item(text: str, number: int) -> P:
        return P(f"{text}\r", 0, struct.pack("<HhHB", 0x460B, number, 0x260A, 0))

    text = [item("one", 1), item("two", 1), item("anew", 2), item("next", 2), item("seven", 3), item("eight", 1)]
    restarts = [(1, 0, 1, ""), (1, 0, 7, "(\0)")]
    made = read(Doc(text, lists=[[(1, 0, "\0.")]], restarts=restarts, wide=True).write(tmp_path / "a.doc"))
    assert [one.marker for one in made.elements] == ["1.", "2.", "1.", "2.", "(7)", "8."]


def test_lists_count_through_their_levels(tmp_path: Path) -> None:
    def item(text: str, number: int, level: int = 0) -> P:
        return P(f"{text}\r", 0, struct.pack("<HhHB", 0x460B, number, 0x260A, level))

    lists = [[(1, 0, "\0."), (1, 4, "\0.\1)")], [(1, 23, "\uf0b7")]]
    text = [
        item("one", 1),
        item("deep", 1, 1),
        item("deeper", 1, 1),
        P("between\r"),
        item("two", 1),
        item("again", 1, 1),
        item("dot", 2),
    ]
    made = read(Doc(text, lists=lists, wide=True).write(tmp_path / "a.doc"))
    items = [(one.text, one.marker, one.level) for one in made.elements if one.kind == "list_item"]
    assert items == [
        ("one", "1.", 1),
        ("deep", "1.a)", 2),
        ("deeper", "1.b)", 2),
        ("two", "2.", 1),
        ("again", "2.a)", 2),
        ("dot", "-", 1),
    ]


def test_tables_with_cells_over_columns_and_rows(tmp_path: Path) -> None:
    def cell(text: str) -> P:
        return P(f"{text}\x07", 0, IN_TABLE)

    text = [
        P("before\r"),
        *(cell("wide"), cell("c"), P("\x07", 0, row(0, 2000, 3000, flags=(0, 3 << 5)))),
        *(P("a\r", 0, IN_TABLE), cell("more"), cell("b"), cell(""), P("\x07", 0, row(0, 1000, 2010, 3000, flags=(0, 0, 1 << 5)))),
        P("after\r"),
    ]
    made = read(Doc(text).write(tmp_path / "a.doc"))
    assert [one.kind for one in made.elements] == ["paragraph", "table", "paragraph"]
    table = made.elements[1].table
    assert table is not None
    assert [(one.row, one.column, one.row_span, one.column_span, one.text) for one in table.cells] == [
        (0, 0, 1, 2, "wide"),
        (0, 2, 2, 1, "c"),
        (1, 0, 1, 1, "a\nmore"),
        (1, 1, 1, 1, "b"),
    ]


def test_initials_and_paragraphs_whose_mark_was_deleted_are_one_with_the_next(tmp_path: Path) -> None:
    gone, initial = struct.pack("<HB", 0x0800, 1), struct.pack("<HH", 0x442C, 3 << 3 | 1)
    text = [
        *(P("O\r", 0, initial), P("nce upon a time.\r"), P("One \r", runs=((4, 5, gone),)), P("and the same.\r")),
        *(P("a\r", 0, IN_TABLE), P("b\x07", 0, IN_TABLE, runs=((1, 2, gone),)), P("c\x07", 0, IN_TABLE)),
        *(P("\x07", 0, row(0, 1000, 2000) + struct.pack("<HB", 0x3404, 1)), P("End\r", runs=((3, 4, gone),))),
    ]
    made = read(Doc(text).write(tmp_path / "a.doc"))
    assert [one.text for one in made.elements] == ["Once upon a time.", "One and the same.", "a b\tc", "End"]
    assert made.elements[2].table is not None
    assert all(cell.header for cell in made.elements[2].table.cells)


def test_lists_by_style_are_as_deep_as_that_says(tmp_path: Path) -> None:
    styles = [(0, 0xFFF, b"", b""), (54, 0, b"", b""), (61, 0, b"", b"")]
    listed = struct.pack("<Hh", 0x460B, 1)
    text = [P("two\r", 1, listed), P("five\r", 2, listed)]
    made = read(Doc(text, styles=styles, lists=[[(1, 0, "\0.")]], wide=True).write(tmp_path / "a.doc"))
    assert [(one.kind, one.level) for one in made.elements] == [("list_item", 2), ("list_item", 5)]


def test_text_in_a_typeface_of_one_width_is_code_unless_most_is(tmp_path: Path) -> None:
    def line(text: str) -> P:
        return P(f"{text}\r", runs=((0, len(text), struct.pack("<HH", 0x4A4F, 1)),))

    listing, prose = (
        [line("if tea:"), P("\r"), line("    drink()")],
        P("What to do when there is tea, and what when there is none.\r"),
    )
    mixed = P("drink is a name\r", runs=((0, 5, struct.pack("<HH", 0x4A4F, 1)),))
    made = read(Doc([*listing, prose, mixed], fonts=["Times", "Courier New"]).write(tmp_path / "a.doc"))
    assert told(made) == [("code", "if tea:\n\n    drink()"), ("paragraph", prose.text[:-1]), ("paragraph", mixed.text[:-1])]
    typed = read(Doc(listing, fonts=["Times", "Courier New"]).write(tmp_path / "b.doc"))
    assert [one.kind for one in typed.elements] == ["paragraph", "paragraph"]


def test_notes_comments_and_running_titles(tmp_path: Path) -> None:
    text = [P("A claim\x02 and a doubt\x05.\r")]
    doc = Doc(
        text,
        footnotes=[P("\x02 Where from.\r")],
        footnote_marks=[7],
        comments=[P("\x05Really?\r")],
        comment_marks=[20],
        commenters=["Anna Rosa"],
        headers=[P(""), P("Title of all\r"), P(""), P("page foot\r"), P(""), P("")],
    )
    assert told(read(doc.write(tmp_path / "a.doc"))) == [
        ("header", "Title of all"),
        ("paragraph", "A claim[^1] and a doubt[^c1]."),
        ("footer", "page foot"),
        ("footnote", "Where from."),
        ("footnote", "Anna Rosa: Really?"),
    ]


def test_the_text_of_word_6_is_read_in_its_code_page(tmp_path: Path) -> None:
    raw = "Привет, мир.\rВторая строка\r".encode("cp1251")
    document = bytearray(0x400) + raw
    struct.pack_into("<HHHH", document, 0, 0xA5DC, 0x65, 0, 0x419)
    struct.pack_into("<II", document, 0x18, 0x400, 0x400 + len(raw))
    struct.pack_into("<I", document, 0x34, len(raw))
    write_ole(tmp_path / "a.doc", {"WordDocument": bytes(document)})
    assert told(read(tmp_path / "a.doc")) == [("paragraph", "Привет, мир."), ("paragraph", "Вторая строка")]


def test_what_is_encrypted_or_damaged_is_told(tmp_path: Path) -> None:
    with pytest.raises(EncryptedDocument):
        read(Doc([P("x\r")], flags=0x0100).write(tmp_path / "a.doc"))
    path = Doc([P("some text\r")]).write(tmp_path / "b.doc")
    path.write_bytes(path.read_bytes().replace(b"some text", b"some text")[:1500])
    with pytest.raises(CorruptDocument):
        read(path)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9000), st.binary(min_size=1, max_size=4)), max_size=12))
def test_changed_bytes_end_in_a_document_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("doc") / "a.doc"
    styles = [(0, 0xFFF, b"", b""), (1, 0, b"", HIDDEN)]
    lists = [[(1, 0, "\0.")]]
    text = [
        P("Title\r", 1),
        P("a\x02b\r"),
        P("c\x07", 0, IN_TABLE),
        P("\x07", 0, row(0, 1000)),
        P("d\r", 0, struct.pack("<Hh", 0x460B, 1)),
    ]
    Doc(text, footnotes=[P("note\r")], footnote_marks=[7], styles=styles, lists=lists).write(path)
    data = bytearray(path.read_bytes())
    for at, told_bytes in changes:
        data[at : at + len(told_bytes)] = told_bytes
    path.write_bytes(data)
    try:
        made = read(path)
    except DocumentError:
        return
    assert all(isinstance(one, Element) for one in made.elements)


def test_figures_above_the_line_stay_there(tmp_path: Path) -> None:
    above, below = b"\x48\x2a\x01", b"\x48\x2a\x02"
    text = P("103 m2 of H2O, 1st\r", runs=((2, 3, above), (5, 6, above), (11, 12, below), (16, 18, above)))
    assert told(read(Doc([text]).write(tmp_path / "a.doc"))) == [("paragraph", "10³ m² of H2O, 1st")]
