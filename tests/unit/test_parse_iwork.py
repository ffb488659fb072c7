"""Pages, Keynote and Numbers: what tests write (objects in protobuf in Snappy, or XML) is what is read."""

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge, EmptyDocument, EncryptedDocument, UnsupportedMedia
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.census import census
from kbray.parse.iwork import cells, formats, snappy
from kbray.parse.iwork.wire import Message
from kbray.parse.media import KEYNOTE, NUMBERS, PAGES, ZIP
from kbray.parse.sniff import sniff

LIMITS = Settings()
UNREAD = LIMITS.model_copy(update={"ocr": "never"})
Objects = Mapping[int, tuple[int, bytes]]
PARAGRAPH_STYLE, LIST_STYLE, STORAGE = 2022, 2023, 2001

# ---------------------------------------------------------------- a small writer


def varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def put(field: int, value: int | float | str | bytes) -> bytes:
    if isinstance(value, float):
        return varint(field << 3 | 1) + struct.pack("<d", value)
    if isinstance(value, int):
        return varint(field << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


def ref(field: int, number: int) -> bytes:
    return put(field, put(1, number))


def refs(field: int, *numbers: int) -> bytes:
    return b"".join(ref(field, number) for number in numbers)


def packed(data: bytes) -> bytes:
    """Frames of Snappy with nothing but bytes as they are."""
    found = b""
    for at in range(0, len(data), 50_000):
        piece = data[at : at + 50_000]
        block = varint(len(piece)) + bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
        found += b"\0" + struct.pack("<I", len(block))[:3] + block
    return found


def iwa(objects: Objects) -> bytes:
    found = b""
    for number, (kind, data) in objects.items():
        head = put(1, number) + put(2, put(1, kind) + put(2, b"\1\0\5") + put(3, len(data)))
        found += varint(len(head)) + head + data
    return packed(found)


def table(field: int, *entries: tuple[int, int]) -> bytes:
    """An attribute table: where in the text something begins, and the number of an object; 0: none."""
    return put(field, b"".join(put(1, put(1, at) + (ref(2, number) if number else b"")) for at, number in entries))


def pairs(field: int, *entries: tuple[int, int]) -> bytes:
    return put(field, b"".join(put(1, put(1, at) + put(2, value) + put(3, 0)) for at, value in entries))


def story(text: str, *more: bytes, kind: int = 0) -> tuple[int, bytes]:
    return STORAGE, put(1, kind) + put(3, text) + b"".join(more) + put(10, 1)


def style(name: str, identifier: str, outline: int = 2**32 - 1, parent: int = 0, letters: bytes = b"") -> tuple[int, bytes]:
    head = put(1, name) + put(2, identifier) + (ref(3, parent) if parent else b"")
    return PARAGRAPH_STYLE, put(1, head) + put(11, letters) + put(12, put(27, outline))


def list_style(kinds: Iterable[int], forms: Iterable[int] = ()) -> tuple[int, bytes]:
    return LIST_STYLE, put(1, b"") + b"".join(put(11, kind) for kind in kinds) + b"".join(put(15, form) for form in forms)


def frame(x: float, y: float, width: float = 100.0, height: float = 40.0) -> bytes:
    return put(1, put(1, put(1, x) + put(2, y)) + put(2, put(1, width) + put(2, height)))


def shape(storage: int, x: float = 0.0, y: float = 0.0, more: bytes = b"") -> bytes:
    """A TSWP.ShapeInfoArchive."""
    return put(1, put(1, frame(x, y) + more)) + ref(4, storage)


def document(path: Path, objects: Objects, members: Mapping[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Index/Document.iwa", iwa(objects))
        for name, data in (members or {}).items():
            archive.writestr(name, data)
    return path


def read(path: Path, limits: Settings = LIMITS) -> Parsed:
    return parse(path, sniff(path, path.name), Window(), limits)


def told(parsed: Parsed) -> list[tuple[str, int, str | None, str]]:
    return [(one.kind, one.level, one.marker, one.text) for one in parsed.elements]


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (400, 400), "white").save(data, "PNG")
    return data.getvalue()


# ---------------------------------------------------------------- Pages

BODY = "Výroční 😀 zpráva\nÚvod\nText\x0e se značkou a smazaným.\njedna\ndvě\na\n￼\nKonec￼."


def at(piece: str) -> int:
    """Where it stands, in units of UTF-16."""
    return len(BODY[: BODY.index(piece)].encode("utf-16-le")) // 2


def pages() -> dict[int, tuple[int, bytes]]:
    body = (
        table(5, (0, 20), (at("Úvod"), 21), (at("Text"), 22), (at("jedna"), 0), (at("￼\n"), 22))
        + pairs(6, (0, 0), (at("a\n￼"), 1), (at("￼\n"), 0))
        + table(7, (0, 30), (at("jedna"), 31), (at("￼\n"), 30))
        + table(9, (at("￼\n"), 40), (at("￼."), 41))
        + table(16, (at("\x0e"), 50))
        + table(17, (0, 60))
        + table(22, (at(" a smazaným"), 70), (at(".\njedna"), 0))
        + table(23, (at("značkou"), 80), (at(" a smazaným"), 0))
    )
    return {
        1: (10000, ref(4, 10) + ref(3, 90)),
        10: story(BODY, body),
        20: style("Název", "text-1-paragraphstyle-Title"),
        21: style("Nadpis", "text-3-paragraphstyle-Heading 1", 0),
        22: style("Text", "text-9-paragraphstyle-Body"),
        30: list_style([0] * 9),
        31: list_style([3] * 9, [0, 12, 0]),
        40: (2003, ref(1, 42)),
        41: (2003, ref(1, 43)),
        42: (6000, put(1, frame(0.0, 0.0)) + ref(2, 44)),
        43: (3005, put(1, frame(0.0, 0.0) + put(8, "Graf zisku") + ref(11, 46)) + ref(11, 7)),
        44: model([["Položka", "Kč"], ["Police", 3]], 45, headers=1),
        **tile(45, [["Položka", "Kč"], ["Police", 3]]),
        46: (633, put(1, put(1, put(1, b"")) + ref(4, 47))),
        47: story("Obr. 1"),
        50: (2008, ref(2, 51)),
        51: story("￼ Poznámka pod čarou", table(9, (0, 52)), kind=2),
        52: (2004, put(1, "1") + put(2, 2)),
        60: (10011, ref(23, 61) + ref(25, 61)),
        61: (10143, refs(1, 62, 63) + ref(2, 64)),
        62: story("Firma", kind=1),
        63: story("Firma", kind=1),
        64: story("strana ￼", table(9, (7, 65)), kind=1),
        65: (2043, put(1, put(2, 0)) + put(3, "7")),
        70: (2060, put(1, 2)),
        80: (2013, ref(1, 81)),
        81: (3056, put(1, "Opravdu?") + put(2, put(1, 86_400.0)) + ref(3, 82) + ref(4, 83)),
        82: (212, put(1, "Anna Rosa")),
        83: (3056, put(1, "Ano.") + ref(3, 82)),
        90: (10009, put(1, put(1, 1) + put(4, ref(1, 92))) + put(1, put(1, 0) + put(4, ref(1, 91)))),
        91: (2011, shape(93)),
        92: (2011, shape(94)),
        93: story("Na první straně", kind=3),
        94: story("Na druhé", kind=3),
        95: story("Nikde", kind=3),
        99: (11006, put(4, put(1, 7) + put(3, "graf.png") + put(4, "graf-7.png"))),
    }


WHOLE = [
    ("header", 0, None, "Firma"),
    ("heading", 1, None, "Výroční 😀 zpráva"),
    ("heading", 1, None, "Úvod"),
    ("paragraph", 0, None, "Text[^1] se značkou[^c1]."),
    ("list_item", 1, "1.", "jedna"),
    ("list_item", 1, "2.", "dvě"),
    ("list_item", 2, "a.", "a"),
    ("table", 0, None, "Položka\tKč\nPolice\t3"),
    ("paragraph", 0, None, "Konec."),
    ("image", 0, None, "Graf zisku"),
    ("caption", 0, None, "Obr. 1"),
    ("paragraph", 0, None, "Na první straně"),
    ("paragraph", 0, None, "Na druhé"),
    ("paragraph", 0, None, "Nikde"),
    ("footer", 0, None, "strana 7"),
    ("footnote", 0, "1", "Poznámka pod čarou"),
    ("footnote", 0, "c1", "Anna Rosa, 2001-01-02: Opravdu?\nAnna Rosa: Ano."),
]


def test_a_document_is_read_with_all_that_stands_in_it(tmp_path: Path) -> None:
    path = document(tmp_path / "a.pages", pages(), {"Data/graf-7.png": picture()})
    assert sniff(path, "a") == PAGES
    parsed = read(path)
    assert told(parsed) == WHOLE
    assert parsed.engine == "pages"
    assert parsed.warnings == ("Texts whose place in the document is not known come last.", "Tracked deletions are left out (1).")
    assert [one.target for one in parsed.elements if one.kind == "image"] == ["Data/graf-7.png"]
    assert [one.target for one in parsed.images] == ["Data/graf-7.png"]
    grid = next(one.table for one in parsed.elements if one.table)
    assert [cell.header for cell in grid.cells] == [True, True, False, False]


def test_parts_that_the_package_lists_and_has_not_are_told(tmp_path: Path) -> None:
    parts = put(3, put(1, 1) + put(2, "Document")) + put(3, put(1, 500) + put(2, "Tables/Tile") + put(3, "Tables/Tile-500-2"))
    objects = {**pages(), 99: (11006, parts)}
    lost = "Parts of the document can't be read (1): Index/Tables/Tile-500-2.iwa."
    assert lost in read(document(tmp_path / "a.pages", objects)).warnings
    there = {"Index/Tables/Tile-500-2.iwa": iwa({500: (6002, b"")})}
    assert lost not in read(document(tmp_path / "b.pages", objects, there)).warnings


def test_it_is_the_same_however_it_is_packed(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("Index/Document.iwa", iwa(pages()))
    (tmp_path / "Index.zip").write_bytes(inner.getvalue())
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("Report.pages/Index.zip", inner.getvalue())
        archive.writestr("Report.pages/Data/graf-7.png", picture())
    for name in ("Index.zip", "b.zip"):
        assert sniff(tmp_path / name, name) == PAGES
        assert told(read(tmp_path / name)) == WHOLE
    assert read(tmp_path / "b.zip").images
    assert not read(tmp_path / "Index.zip").images  # they lie beside it
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:  # a box of documents
        archive.writestr("A.pages/Index.zip", inner.getvalue())
        archive.writestr("B.pages/Index.zip", inner.getvalue())
    assert sniff(tmp_path / "two.zip", "two.zip") == ZIP


def test_looks_make_titles_where_no_style_does(tmp_path: Path) -> None:
    text = "Loud\nThis is the body of the text, which is long enough.\nLoud too\nAnd this is more of it, of the same kind."
    bold, start = put(1, 1) + put(3, 12.0), text.index
    objects = {
        1: (10000, ref(4, 10)),
        10: story(text, table(5, (0, 20)), table(8, (0, 21), (start("This"), 0), (start("Loud too"), 21), (start("And"), 0))),
        20: style("Body", "x-paragraphstyle-Body", letters=put(3, 12.0)),
        21: (2021, put(1, b"") + put(11, bold)),
    }
    assert [kind for kind, *_ in told(read(document(tmp_path / "a.pages", objects)))] == ["heading", "paragraph"] * 2


# ---------------------------------------------------------------- tables


def cell(value: object, *, form: int = 0, comment: int = 0) -> bytes:
    """A cell of version 5."""
    flags, data, kind = 0, b"", 0
    if isinstance(value, bool):
        kind, flags, data = 6, 2, struct.pack("<d", float(value))
    elif isinstance(value, int):
        digits = abs(value).to_bytes(14, "little") + struct.pack("<H", 0x1820 << 1 | (0x8000 if value < 0 else 0))
        kind, flags, data = 2, 1, digits
    elif isinstance(value, float):
        kind, flags, data = 5, 4, struct.pack("<d", value)
    elif isinstance(value, str):
        kind, flags, data = 3, 8, struct.pack("<I", key_of(value))
    elif isinstance(value, bytes):  # rich: the key in its list
        kind, flags, data = 9, 16, value
    if form:
        flags, data = flags | (0x8000 if kind == 5 else 0x2000), data + struct.pack("<I", form)
    if comment:
        flags, data = flags | 0x80000, data + struct.pack("<I", comment)
    return bytes([5, kind]) + bytes(6) + struct.pack("<I", flags) + data


def key_of(text: str) -> int:
    return sum(text.encode()) + 1


def rows_of(rows: list[list[object]]) -> list[list[bytes]]:
    return [[one if isinstance(one, bytes) and len(one) > 4 else cell(one) for one in row] for row in rows]


def tile(number: int, rows: list[list[object]], *more: str) -> dict[int, tuple[int, bytes]]:
    """The tile of a table, and, at the next number, the list of its texts."""
    data = b""
    for place, row in enumerate(rows_of(rows)):
        offsets, stored = b"", b""
        for one in row:
            offsets += struct.pack("<H", len(stored)) if one[1] else b"\xff\xff"
            stored += one if one[1] else b""
        data += put(5, put(1, place) + put(6, stored) + put(7, offsets) + put(3, b"") + put(4, b""))
    texts = {*more, *(one for row in rows for one in row if isinstance(one, str))}
    entries = b"".join(put(3, put(1, key_of(one)) + put(3, one)) for one in sorted(texts))
    return {number: (6002, data), number + 1000: (6005, put(1, 1) + entries)}


def model(
    rows: list[list[object]], tiles: int, *, headers: int = 0, name: str = "", more: bytes = b"", store: bytes = b""
) -> tuple[int, bytes]:
    lists = put(3, put(1, put(1, 0) + ref(2, tiles)) + put(2, 256)) + ref(4, tiles + 1000)
    size = put(6, len(rows)) + put(7, max(map(len, rows)))
    return 6001, put(4, lists + store) + size + put(9, headers) + put(8, name) + put(22, int(bool(name))) + more


def form(number: int, *fields: bytes) -> bytes:
    return put(3, put(1, number) + put(6, b"".join(fields)))


ROWS: list[list[object]] = [
    ["Zboží", "", "Kdy", "Je"],
    ["", "", "", ""],
    ["Police", cell(1234567, form=1), cell(86_400.0 * 365, form=2), True],
    ["Lampa", cell(-5, form=3), cell(struct.pack("<I", 4)), cell(struct.pack("<I", 4))],
]


def numbers() -> dict[int, tuple[int, bytes]]:
    area = put(1, put(1, 67) + put(40, put(3, put(1, 1) + put(2, 2)) + put(4, put(1, 3))))
    merged = put(47, put(1, b"") + put(2, put(2, 1) + put(3, put(1, 0) + put(2, put(1, area)))))
    lists = ref(22, 13) + ref(17, 14) + ref(19, 17)
    commented: list[list[object]] = [["one", cell("two", comment=9)]]
    return {
        1: (1, refs(1, 2, 3) + put(8, b"") + ref(4, 0)),
        2: (2, put(1, "Leden") + refs(2, 5, 4)),
        3: (2, put(1, "Skrytý") + refs(2, 6) + put(25, 1)),
        4: (6000, put(1, frame(0.0, 100.0)) + ref(2, 10)),
        5: (2011, shape(7, 0.0, 300.0)),
        6: (6000, put(1, frame(0.0, 0.0)) + ref(2, 30)),
        7: story("Pod tabulkou", kind=3),
        10: model(ROWS, 11, headers=1, name="Sklad", more=merged, store=lists),
        **tile(11, ROWS),
        13: (
            6005,
            put(1, 2)
            + form(1, put(1, 257), put(2, 2), put(3, "EUR"), put(5, 1))
            + form(2, put(1, 261), put(14, "d. MMMM y"))
            + form(3, put(1, 258), put(2, 0)),
        ),
        14: (6005, put(1, 8) + put(3, put(1, 4) + ref(9, 15))),
        15: (6218, ref(1, 16)),
        16: story("tučně\na dál", kind=5),
        17: (6005, put(1, 10)),
        30: model(commented, 31, store=ref(19, 33)),
        **tile(31, commented, "two"),
        33: (6005, put(1, 10) + put(3, put(1, 9) + ref(10, 34))),
        34: (3056, put(1, "Which?")),
    }


def test_tables_are_read_as_they_are_shown(tmp_path: Path) -> None:
    path = document(tmp_path / "a.numbers", numbers())
    assert sniff(path, "x.numbers") == NUMBERS
    parsed = read(path)
    assert told(parsed) == [
        ("heading", 1, None, "Leden"),
        ("caption", 0, None, "Sklad"),
        ("table", 0, None, "Zboží\t\tKdy\tJe\nPolice\t€1,234,567.00\t2002-01-01\tTRUE\nLampa\t-500%\ttučně a dál\ttučně a dál"),
        ("paragraph", 0, None, "Pod tabulkou"),
        ("heading", 1, None, "Skrytý"),
        ("table", 0, None, "one\ttwo[^c1]"),
        ("footnote", 0, "c1", "Which?"),
    ]
    assert [(one.chapter, one.main) for one in parsed.elements] == [("Leden", True)] * 4 + [("Skrytý", False)] * 3
    assert [unit.name for unit in parsed.units] == ["Leden", "Skrytý"]
    assert parsed.warnings == ("Hidden sheets are no main content (1): Skrytý.",)
    grid = next(one.table for one in parsed.elements if one.table)
    assert [(one.row, one.column, one.column_span) for one in grid.cells if one.column_span > 1] == [(2, 1, 2)]


def test_the_cells_of_before_2017_are_read() -> None:
    for version, kind_at in ((1, 2), (3, 2), (4, 1)):
        head = bytearray(4)
        head[0], head[kind_at] = version, 2
        flags = 0x2 | 0x4 | 0x8 | 0x20  # style, format, formula, number
        data = bytes(head) + struct.pack("<I", flags) + (bytes(4) if version > 1 else b"")
        data += struct.pack("<IIId", 11, 12, 13, 2.5)
        assert cells.stored(b"xx" + data, 2) == cells.StoredCell(cells.NUMBER, 2.5, form=12)
        head[kind_at] = 3
        data = (
            bytes(head)
            + struct.pack("<I", 0x2 | 0x10)
            + (bytes(4) if version > 1 else b"")
            + struct.pack("<II", 11, 14)
            + bytes(4)
        )
        assert cells.stored(data, 0) == cells.StoredCell(cells.TEXT, text=14)
    assert cells.stored(b"\5\2" + bytes(6) + b"\1\0\0\0", 0) is None  # cut off


@pytest.mark.parametrize(
    ("value", "fields", "shown"),
    [
        (1234.5, put(1, 256) + put(2, 253), "1234.5"),
        (1234.5, put(1, 256) + put(2, 2) + put(5, 1), "1,234.50"),
        (-1.0, put(1, 256) + put(2, 1) + put(4, 2), "(1.0)"),
        (0.125, put(1, 258) + put(2, 1), "12.5%"),
        (12345.0, put(1, 259) + put(2, 2), "1.23E+4"),
        (-7.0, put(1, 257) + put(2, 0) + put(3, "XYZ"), "-XYZ 7"),
        (1.5, put(1, 262) + put(11, 2**32 - 1), "1 1/2"),
        (255.0, put(1, 269) + put(8, 16) + put(9, 4), "00FF"),
        (3.0, put(1, 267), "3"),
    ],
)
def test_numbers_are_shown_by_their_formats(value: float, fields: bytes, shown: str) -> None:
    assert formats.number(value, Message(fields)) == shown


@pytest.mark.parametrize(
    ("seconds", "fields", "shown"),
    [
        (5400.0, b"", "1h 30m"),
        (-5400.0, put(1, 268) + put(7, 2) + put(15, 4) + put(16, 8), "-1 hour 30 minutes"),
        (5401.0, put(1, 268) + put(7, 0) + put(15, 4) + put(16, 16), "1:30:01"),
        (0.0, b"", "0s"),
    ],
)
def test_durations_have_the_units_of_their_formats(seconds: float, fields: bytes, shown: str) -> None:
    assert formats.duration(seconds, Message(fields)) == shown


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("EEEE, d. MMMM y", "2001-01-02"),
        ("d/M/yy HH:mm", "2001-01-02 01:30"),
        ("MMM d", "Jan 2"),
        ("h:mm a", "1:30 AM"),
        ("", "2001-01-02 01:30:00"),
    ],
)
def test_dates_are_written_as_in_other_spreadsheets(pattern: str, shown: str) -> None:
    assert formats.date(86_400 + 5400.0, Message(put(1, 261) + put(14, pattern))) == shown


# ---------------------------------------------------------------- Keynote


def keynote(*, listed: bool = True) -> dict[int, tuple[int, bytes]]:
    def slide(first: int, title: str, body: str, more: bytes = b"") -> dict[int, tuple[int, bytes]]:
        return {
            first: (
                5,
                ref(5, first + 1) + ref(6, first + 2) + ref(20, first + 3) + refs(42, first + 2, first + 1, first + 3) + more,
            ),
            first + 1: (7, put(1, shape(first + 4, 0.0, 500.0))),
            first + 2: (7, put(1, shape(first + 5, 0.0, 100.0))),
            first + 3: (7, put(1, shape(first + 6, 0.0, 0.0))),
            first + 4: story(title),
            first + 5: story(body, table(5, (0, 4)), table(7, (0, 3)), pairs(6, (0, 0), (body.find("\n") + 1, 1))),
            first + 6: story("7"),
        }

    tree = refs(2, 11, 10) if listed else ref(1, 9)
    return {
        1: (1, ref(2, 2) + put(3, b"")),
        2: (2, put(3, tree) + put(4, put(1, 1024.0) + put(2, 768.0))),
        3: list_style([2] * 9),
        4: style("Podtitul", "text-2-paragraphstyle-Subtitle"),
        9: (4, refs(1, 11) + put(4, 0)),
        10: (4, ref(2, 30) + put(4, 1)),
        11: (4, ref(2, 20) + put(4, 0) + (b"" if listed else ref(1, 10))),
        **slide(20, "Regály", "Výška\nnosnost", ref(27, 50) + ref(7, 40)),
        **slide(30, "Konec", "", ref(7, 60)),
        40: (3008, put(1, frame(600.0, 100.0)) + refs(2, 41, 42)),
        41: (2011, shape(43, 0.0, 300.0)),
        42: (2011, shape(44, 0.0, 10.0, ref(6, 45))),
        43: story("dole", kind=3),
        44: story("nahoře", kind=3),
        45: (3056, put(1, "Proč?")),
        50: (15, ref(1, 51)),
        51: story("Řekni to nahlas.", kind=4),
        60: (
            5021,
            put(1, frame(0.0, 0.0))
            + put(10000, put(7, put(1, "A") + put(2, "I") + put(2, "II") + put(3, put(1, put(1, 1.5)) + put(1, put(1, 2.0))))),
        ),
    }


SLIDES = [
    ("heading", 1, None, "Regály"),
    ("list_item", 1, "-", "Výška"),
    ("list_item", 2, "-", "nosnost"),
    ("paragraph", 0, None, "nahoře"),
    ("paragraph", 0, None, "[^c1]"),
    ("paragraph", 0, None, "dole"),
    ("paragraph", 0, None, "Řekni to nahlas."),
    ("footnote", 0, "c1", "Proč?"),
    ("heading", 1, None, "Konec"),
    ("table", 0, None, "I\tII\nA\t1.5\t2"),
]


@pytest.mark.parametrize("listed", [True, False])
def test_slides_come_in_their_order_with_notes(tmp_path: Path, listed: bool) -> None:
    path = document(tmp_path / "a.key", keynote(listed=listed), {"Index/Slide.iwa": b""})
    assert sniff(path, "a.key") == KEYNOTE
    parsed = read(path)
    assert told(parsed) == SLIDES
    assert [one.page for one in parsed.elements] == [1] * 8 + [2] * 2
    assert [(unit.name, unit.characters > 0) for unit in parsed.units] == [("slide 1", True), ("slide 2", True)]
    assert parsed.warnings == ("Slides that are skipped in the show are among the text (1): 2.",)


# ---------------------------------------------------------------- what is wrong with a file


def test_a_password_is_told(tmp_path: Path) -> None:
    path = document(tmp_path / "a.pages", pages(), {".iwpv2": b"x", ".iwph": b"hint"})
    assert census(path, "a.pages", LIMITS).encrypted
    with pytest.raises(EncryptedDocument, match="Pages document is encrypted"):
        read(path)


def test_what_is_damaged_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = document(tmp_path / "a.pages", pages(), {"Index/Other.iwa": b"\0\xff\xff\xff"})
    assert read(path).warnings[-1] == "Parts of the document can't be read (1): Index/Other.iwa."
    assert told(read(path)) == WHOLE
    for data in (b"", b"bvx2", packed(b"\xff" * 20), iwa({1: (10000, b"\xff")})):
        with zipfile.ZipFile(tmp_path / "b.pages", "w") as archive:
            archive.writestr("Index/Document.iwa", data)
        with pytest.raises(CorruptDocument, match=r"(document|spreadsheet) can't be read: it is damaged"):
            read(tmp_path / "b.pages")
    with pytest.raises(EmptyDocument, match="There is no text in the Pages document"):
        read(document(tmp_path / "c.pages", {1: (10000, ref(4, 2)), 2: story("")}))


def test_the_preview_is_read_where_nothing_else_can_be(tmp_path: Path) -> None:
    pdf = one_page("Only here")
    with zipfile.ZipFile(tmp_path / "a.pages", "w") as archive:
        archive.writestr("Index/Document.iwa", b"\0\1")
        archive.writestr("QuickLook/Preview.pdf", pdf)
    parsed = read(tmp_path / "a.pages")
    assert [one.text for one in parsed.elements] == ["Only here"]
    assert "Only the preview" in parsed.warnings[0]


def one_page(text: str) -> bytes:
    stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    return (
        b"%PDF-1.4\n"
        + b"".join(b"%d 0 obj%s endobj\n" % (place, one) for place, one in enumerate(objects, 1))
        + b"trailer<</Root 1 0 R>>"
    )


def test_parts_of_a_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "Slide.iwa").write_bytes(iwa(pages()))
    with pytest.raises(UnsupportedMedia, match="kept as a folder"):
        read(tmp_path / "Slide.iwa")


def test_references_in_a_circle_and_deep_groups_end(tmp_path: Path) -> None:
    objects = pages()
    objects[91] = (3008, put(1, frame(0.0, 0.0)) + refs(2, 91, 92))  # a group in itself
    objects[20] = style("x", "y", parent=20)
    objects[51] = story("note \x0e of itself", table(16, (5, 50)), kind=2)
    objects[83] = (3056, put(1, "Ano.") + ref(4, 81))
    assert "Na druhé" in [one.text for one in read(document(tmp_path / "a.pages", objects)).elements]
    for number in range(200, 300):  # a group in a group in a group …
        objects[number] = (3008, put(1, frame(0.0, 0.0)) + refs(2, number + 1))
    objects[91] = objects[200]
    with pytest.raises(CorruptDocument, match="more than 40 drawings within each other"):
        read(document(tmp_path / "b.pages", objects))


def test_snappy_is_unpacked_and_bounded() -> None:
    def framed(block: bytes) -> bytes:
        return b"\0" + struct.pack("<I", len(block))[:3] + block

    repeated = varint(10) + bytes([(3 - 1) << 2]) + b"abc" + bytes([(7 - 4) << 2 | 1, 3])
    assert snappy.unpacked(framed(repeated) + framed(varint(2) + b"\4xy"), 99) == b"abcabcabcaxy"
    for wide in (2, 3):
        offset = struct.pack("<I", 3)[: 2 if wide == 2 else 4]
        assert snappy.unpacked(framed(varint(5) + b"\10abc" + bytes([(2 - 1) << 2 | wide]) + offset), 99) == b"abcab"
    for block in (
        b"",
        varint(9),
        varint(4) + b"\x04x",
        varint(10) + b"\10abc" + b"\x0d\4",
        varint(2**40) + b"\0x",
        b"\xff" * 12,
        b"\3\xf4\xff",
    ):
        with pytest.raises((CorruptDocument, DocumentTooLarge)):
            snappy.unpacked(framed(block), 1000)


def test_messages_are_read_by_their_wire_types() -> None:
    message = Message(
        put(1, 300) + put(2, "ž") + put(3, 1.5) + b"\x25" + struct.pack("<f", 0.5) + put(5, b"\1\2\xac\2") + b"\x33\x08\x01\x34"
    )
    assert (message.number(1), message.text(2), message.real(3), message.real(4)) == (300, "ž", 1.5, 0.5)
    assert message.numbers(5) == [1, 2, 300]
    assert 6 not in message  # a group
    assert message.message(9).reference(1) == 0
    for data in (b"\x08", b"\x08" + b"\xff" * 11, b"\x12\x05a", b"\x0f", b"\x33", b"\x34", b"\x09\x01"):
        with pytest.raises(CorruptDocument):
            Message(data)


# ---------------------------------------------------------------- until 2012

NAMESPACES = (
    'xmlns:sf="http://developer.apple.com/namespaces/sf" xmlns:sfa="http://developer.apple.com/namespaces/sfa"'
    ' xmlns:key="http://developer.apple.com/namespaces/keynote2" xmlns:sl="http://developer.apple.com/namespaces/sl"'
    ' xmlns:ls="http://developer.apple.com/namespaces/ls"'
)
A, B = "<sf:text-storage><sf:text-body>", "</sf:text-body></sf:text-storage>"
STYLES = """<sf:stylesheet sfa:ID="s"><sf:styles>
<sf:paragraphstyle sf:ident="h" sf:name="Heading 2"><sf:property-map><sf:outlineLevel><sf:number sfa:number="1"/>
</sf:outlineLevel>
</sf:property-map></sf:paragraphstyle>
<sf:paragraphstyle sf:ident="l" sf:name="Items"><sf:property-map><sf:listStyle><sf:liststyle-ref sfa:IDREF="n"/></sf:listStyle>
</sf:property-map></sf:paragraphstyle><sf:paragraphstyle sfa:ID="m" sf:parent-ident="l"/>
<sf:liststyle sfa:ID="n"><sf:property-map><sf:listLabelTypes><sf:array>
<sf:list-label-typeinfo sf:type="text"><sf:text-label sf:type="decimal" sf:format="%L)"/></sf:list-label-typeinfo>
<sf:list-label-typeinfo sf:type="text"><sf:text-label sf:type="bullet" sf:format="•"/></sf:list-label-typeinfo>
</sf:array></sf:listLabelTypes></sf:property-map></sf:liststyle></sf:styles></sf:stylesheet>"""
GRID = f"""<sf:tabular-info><sf:tabular-model sf:name="Prices" sf:name-is-visible="true" sf:num-header-rows="1">
<sf:grid sf:numcols="3">
<sf:datasource><sf:t sf:ct="0"><sf:ct sfa:s="What"/></sf:t><sf:t><sf:ct sfa:s="How much"/></sf:t><sf:g/>
<sf:t sf:ct="254"><sf:ct><sf:so>{A}<sf:p>Shelf</sf:p>{B}</sf:so></sf:ct></sf:t>
<sf:n sf:v="3.50"/><sf:d sf:cell-date="2012-01-03T00:00:00+0100"/><sf:g/><sf:f sf:col-span="2"><sf:r><sf:rn sf:v="7"/></sf:r>
</sf:f><sf:s/>
</sf:datasource></sf:grid></sf:tabular-model></sf:tabular-info>"""
OLD_PAGES = f"""<?xml version="1.0"?><sl:document {NAMESPACES}><sf:metadata><sf:title><sf:string sfa:string="Shelves"/></sf:title>
<sf:authors><sf:array><sf:string sfa:string="Anna Rosa"/></sf:array></sf:authors></sf:metadata>{STYLES}
<sl:drawables><sl:page-group sl:page="0"><sf:drawable-shape><sf:text>{A}<sf:p>In a box</sf:p>{B}</sf:text></sf:drawable-shape>
</sl:page-group></sl:drawables>
<sf:headers><sf:header>{A}<sf:p>Top</sf:p>{B}</sf:header></sf:headers>
<sf:annotations><sf:annotation sf:target="f" sf:author="Bert" sf:date="2010-05-06">{A}<sf:p>Sure?</sf:p>
{B}</sf:annotation></sf:annotations>
<sf:text-storage sf:kind="body"><sf:attachments><sf:attachment sfa:ID="a">{GRID}</sf:attachment></sf:attachments>
<sf:footnotes><sf:text-body><sf:p><sf:footnote-mark/> The first.<sf:footnotebr/></sf:p></sf:text-body></sf:footnotes>
<sf:text-body><sf:section><sf:layout><sf:p sf:style="h">How to <sf:span>build</sf:span></sf:p>
<sf:p>A line<sf:lnbr/>and <sf:annotation-field sfa:ID="f">another</sf:annotation-field><sf:footnote/>.<sf:br/></sf:p>
<sf:p sf:style="m" sf:list-level="1">Wood</sf:p><sf:p sf:style="m" sf:list-level="2">oak</sf:p>
<sf:p sf:style="m" sf:list-level="1">Nails</sf:p>
<sf:p><sf:attachment-ref sfa:IDREF="a"/></sf:p></sf:layout></sf:section>{B}</sl:document>"""
OLD_KEYNOTE = f"""<?xml version="1.0"?><key:presentation {NAMESPACES}><key:size sfa:w="1024" sfa:h="768"/><key:slide-list>
<key:slide><key:title-placeholder sfa:ID="t"><sf:text>{A}<sf:p>Title</sf:p>{B}
</sf:text></key:title-placeholder><sf:page><sf:layers><sf:layer><sf:drawables><sf:group><sf:geometry>
<sf:size sfa:w="9" sfa:h="99"/>
</sf:geometry><sf:image><sf:data sf:path="shelf.png"/></sf:image></sf:group><key:title-placeholder-ref sfa:IDREF="t"/>
</sf:drawables>
</sf:layer></sf:layers></sf:page><key:sticky-notes><key:sticky-note>{A}<sf:p>Check</sf:p>{B}</key:sticky-note>
</key:sticky-notes><key:notes>{A}<sf:p>Say it</sf:p>{B}</key:notes></key:slide><key:slide key:hidden="true"/></key:slide-list>
</key:presentation>"""
OLD_NUMBERS = f"""<?xml version="1.0"?><ls:document {NAMESPACES}><ls:workspace-array>
<ls:workspace ls:workspace-name="One"><ls:page-info>
<sf:layers><sf:layer><sf:drawables>{GRID}</sf:drawables></sf:layer></sf:layers></ls:page-info></ls:workspace>
</ls:workspace-array></ls:document>"""
KEYNOTE_1 = """<?xml version="1.0"?><!DOCTYPE APXL><presentation version="36"><slide-list><slide><bullets>
<bullet level="0"><content>First
</content></bullet><bullet level="1"><content>a <span>point</span></content></bullet></bullets><notes>Aside</notes></slide>
</slide-list>
</presentation>"""
PRICES = "What\tHow much\nShelf\t3.5\t2012-01-03\n\t7"


def old(path: Path, member: str, text: str, more: Mapping[str, bytes] | None = None) -> Path:
    data = text.encode()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, gzip.compress(data, mtime=0) if member.endswith(".gz") else data)
        for name, extra in (more or {}).items():
            archive.writestr(name, extra)
    return path


@pytest.mark.parametrize("member", ["index.xml", "index.xml.gz", "Old.pages/index.xml"])
def test_pages_of_before_2013_are_read(tmp_path: Path, member: str) -> None:
    path = old(tmp_path / "a.pages", member, OLD_PAGES)
    assert sniff(path, "a.pages") == PAGES
    parsed = read(path)
    assert told(parsed) == [
        ("header", 0, None, "Top"),
        ("heading", 2, None, "How to build"),
        ("paragraph", 0, None, "A line\nand another[^c1][^1]."),
        ("list_item", 1, "1)", "Wood"),
        ("list_item", 2, "-", "oak"),
        ("list_item", 1, "2)", "Nails"),
        ("caption", 0, None, "Prices"),
        ("table", 0, None, PRICES),
        ("paragraph", 0, None, "In a box"),
        ("footnote", 0, "1", "The first."),
        ("footnote", 0, "c1", "Bert, 2010-05-06: Sure?"),
    ]
    assert (parsed.metadata.title, parsed.metadata.authors) == ("Shelves", ("Anna Rosa",))


def test_keynote_and_numbers_of_before_2013_are_read(tmp_path: Path) -> None:
    path = old(tmp_path / "a.key", "index.apxl.gz", OLD_KEYNOTE, {"shelf.png": picture()})
    assert sniff(path, "a") == KEYNOTE
    parsed = read(path)
    assert told(parsed) == [
        ("heading", 1, None, "Title"),
        ("image", 0, None, ""),
        ("paragraph", 0, None, "[^c1]"),
        ("paragraph", 0, None, "Say it"),
        ("footnote", 0, "c1", "Check"),
    ]
    assert [one.target for one in parsed.images] == ["shelf.png"]
    assert [unit.name for unit in parsed.units] == ["slide 1", "slide 2"]
    assert parsed.warnings == ("Slides that are skipped in the show are among the text (1): 2.",)
    path = old(tmp_path / "a.numbers", "index.xml", OLD_NUMBERS)
    assert sniff(path, "a") == NUMBERS
    assert told(read(path)) == [("caption", 0, None, "Prices"), ("table", 0, None, PRICES)]
    first = old(tmp_path / "first.key", "presentation.apxl", KEYNOTE_1)
    assert told(read(first)) == [("heading", 1, None, "First"), ("list_item", 1, "-", "a point"), ("paragraph", 0, None, "Aside")]


def test_xml_without_its_package_is_read(tmp_path: Path) -> None:
    for name, text, kind in (
        ("index.apxl", OLD_KEYNOTE, KEYNOTE),
        ("index.xml", OLD_NUMBERS, NUMBERS),
        ("index.xml", OLD_PAGES, PAGES),
    ):
        (tmp_path / name).write_text(text)
        assert sniff(tmp_path / name, name) == kind
        assert read(tmp_path / name).elements
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:  # some other index
        archive.writestr("index.xml", "<?xml version='1.0'?><document><p>hello</p></document>")
    assert sniff(tmp_path / "site.zip", "site.zip") == ZIP


def test_xml_that_ends_early_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    cut = OLD_PAGES[: OLD_PAGES.index("Nails")]
    parsed = read(old(tmp_path / "a.pages", "index.xml", cut))
    assert [one.text for one in parsed.elements if one.kind == "list_item"] == ["Wood", "oak"]
    assert "damaged: what stands behind line" in parsed.warnings[0]
    with pytest.raises(CorruptDocument, match="its XML has no text, sheets or slides in it"):
        read(old(tmp_path / "b.pages", "index.xml", OLD_PAGES[: OLD_PAGES.index("<sf:metadata>")]))


def test_xml_that_refers_to_itself_ends(tmp_path: Path) -> None:
    circle = '<sf:p sfa:ID="me">once<sf:x sfa:IDREF="me"/><sf:x sfa:IDREF="me"/></sf:p>'
    parsed = read(old(tmp_path / "a.pages", "index.xml", OLD_PAGES.replace("<sf:p>In a box</sf:p>", circle)))
    assert "onceonce" in [one.text for one in parsed.elements]


def test_damaged_copies_give_a_sentence_or_a_document(tmp_path: Path) -> None:
    chance = random.Random(7)
    whole = [iwa(pages()), iwa(numbers()), iwa(keynote())]
    for count in range(240):
        data = bytearray(whole[count % 3])
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(8, len(data))
            data[place] = chance.randrange(256) if count % 2 else data[place] ^ 1 << chance.randrange(8)
        with zipfile.ZipFile(tmp_path / "a.pages", "w") as archive:
            archive.writestr("Index/Document.iwa", bytes(data[: chance.choice([None, len(data), len(data) // 2])]))
        with suppress(DocumentError):
            assert parse(tmp_path / "a.pages", PAGES, Window(), UNREAD).elements
