"""PPT: order by the directory, outline and shapes, levels and bullets, tables, notes, comments, damage."""

import contextlib
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, EncryptedDocument
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import PPT
from tests.writers.office import told
from tests.writers.ole import write_ole

PLAIN, ENCRYPTED = 0xE391C05F, 0xF3D1C4DF


def atom(kind: int, content: bytes, instance: int = 0) -> bytes:
    return struct.pack("<HHI", instance << 4, kind, len(content)) + content


def holder(kind: int, *members: bytes, instance: int = 0) -> bytes:
    content = b"".join(members)
    return struct.pack("<HHI", instance << 4 | 0xF, kind, len(content)) + content


def text(kind: int, content: str, *runs: tuple[int, int, bool | None]) -> bytes:
    """Header, characters and, for each run of paragraphs, its characters, level and bullet."""
    style = b"".join(
        struct.pack("<IHI", count, level, 0 if bullet is None else 1) + (b"" if bullet is None else struct.pack("<H", bullet))
        for count, level, bullet in runs
    )
    return (
        atom(0x0F9F, struct.pack("<I", kind)) + atom(0x0FA0, content.encode("utf-16-le")) + (atom(0x0FA1, style) if runs else b"")
    )


def shape(*content: bytes, at: tuple[int, int] = (0, 0), placeholder: int = 0, flags: int = 0) -> bytes:
    client = holder(0xF011, atom(0x0BC3, struct.pack("<iBBH", 0, placeholder, 0, 0))) if placeholder else b""
    anchor = atom(0xF010, struct.pack("<4h", at[0], at[1], at[1] + 100, at[0] + 100))
    return holder(0xF004, atom(0xF00A, struct.pack("<II", 1, flags)), anchor, client, holder(0xF00D, *content))


def cell(content: str, left: int, top: int, right: int, bottom: int) -> bytes:
    return holder(0xF004, atom(0xF00F, struct.pack("<4i", left, top, right, bottom)), holder(0xF00D, text(4, content)))


def reference(number: int) -> bytes:
    return atom(0x0F9E, struct.pack("<I", number))


def page(kind: int, *shapes: bytes, notes: int = 0, more: bytes = b"") -> bytes:
    references = atom(0x03EF, struct.pack("<I8xIIHH", 0, 0x80000001, notes, 0, 0))
    drawing = holder(0x040C, holder(0xF002, holder(0xF003, holder(0xF004), *shapes)))
    return holder(kind, references if kind == 0x03EE else b"", drawing, more)


def listed(instance: int, *pages: tuple[int, int, bytes]) -> bytes:
    """A list of pages: number in the directory, own number, texts."""
    members = (atom(0x03F3, struct.pack("<IIiII", number, 0, 0, own, 0)) + texts for number, own, texts in pages)
    return holder(0x0FF0, *members, instance=instance)


def presentation(
    path: Path,
    document: bytes,
    *others: bytes,
    token: int = PLAIN,
    edit: int | None = None,
    streams: Mapping[str, bytes] | None = None,
) -> Path:
    """The document is number 1 of the directory, the others follow; before them stands what was saved earlier, for number 2."""
    old = page(0x03EE, shape(text(4, "of old")))
    stream, places = old, []
    for record in (document, *others):
        places.append(len(stream))
        stream += record
    before = len(stream)
    stream += atom(0x1772, struct.pack("<II", 1 << 20 | 2, 0))
    first = len(stream)
    stream += atom(0x0FF5, struct.pack("<IIIIIIHH", 0, 0, 0, before, 1, 9, 0, 0))
    directory = len(stream)
    stream += atom(0x1772, struct.pack(f"<I{len(places)}I", len(places) << 20 | 1, *places))
    newest = len(stream)
    stream += atom(0x0FF5, struct.pack("<IIIIIIHH", 0, 0, first, directory, 1, 9, 0, 0))
    user = atom(0x0FF6, struct.pack("<III", 20, token, newest if edit is None else edit) + bytes(20))
    told = {"Current User": user, "\x05SummaryInformation": properties()}
    write_ole(path, {"PowerPoint Document": stream, **told, **(streams or {})})
    return path


def properties() -> bytes:
    """Code page, title, author, and a list that says it has 4,294,967,295 members."""
    values = (
        struct.pack("<IH2x", 2, 1252),
        struct.pack("<II8s", 30, 6, b"Caf\xe9s\0"),
        struct.pack("<II8s", 30, 5, b"Anna\0"),
        struct.pack("<II", 0x1002, 0xFFFFFFFF),
    )
    places = (40, 48, 64, 80)
    table = b"".join(struct.pack("<II", number, place) for number, place in zip((1, 2, 4, 13), places, strict=True))
    return bytes(44) + struct.pack("<I", 48) + struct.pack("<II", 88, 4) + table + b"".join(values)


def deck(path: Path, token: int = PLAIN, edit: int | None = None) -> Path:
    """Two slides, the second of which was saved first."""
    title, body = text(0, "A\x0btitle"), text(1, "one\rtwo\rthree", (4, 0, None), (4, 1, True), (6, 0, False))
    master = holder(0x03F8, atom(0x0FA3, struct.pack("<HIHI", 1, 1, 1, 0), instance=1))
    document = holder(
        0x03E8,
        atom(0x03E9, struct.pack("<ii", 5760, 4320)),
        listed(1, (5, 0x80000001, b"")),
        listed(0, (3, 256, title + body), (2, 257, b"")),
        listed(2, (4, 300, b"")),
    )
    second = page(
        0x03EE,
        shape(text(4, "right"), at=(205, 600)),
        shape(text(4, "left * "), atom(0x0FD8, struct.pack("<I", 5)), at=(220, 10)),
        shape(text(4, "unseen"), flags=8),
        shape(text(4, "foot"), placeholder=9),
    )
    first = page(
        0x03EE, shape(reference(1), at=(900, 0)), shape(reference(0), at=(0, 0)), shape(text(4, "low"), at=(2000, 0)), notes=300
    )
    notes = page(0x03F0, shape(text(4, "not this")), shape(text(2, "Say it."), placeholder=12))
    return presentation(path, document, second, first, notes, master, token=token, edit=edit)


def read(path: Path) -> Parsed:
    return parse(path, PPT, Window(), Settings())


WHOLE = [
    ("heading", "A title"),
    ("list_item", "- one"),
    ("list_item", "- two @2"),
    ("paragraph", "three"),
    ("paragraph", "low"),
    ("paragraph", "Say it."),
    ("paragraph", "left"),
    ("paragraph", "right"),
    ("footer", "foot"),
]


def test_slides_in_the_order_shown(tmp_path: Path) -> None:
    parsed = read(deck(tmp_path / "a.ppt"))
    assert told(parsed) == WHOLE
    assert [element.page for element in parsed.elements] == [1] * 6 + [2] * 3
    assert [(unit.name, unit.characters) for unit in parsed.units] == [("slide 1", 28), ("slide 2", 13)]
    assert (parsed.metadata.title, parsed.metadata.authors) == ("Cafés", ("Anna",))


def test_tables_comments_and_footers(tmp_path: Path) -> None:
    group = holder(0xF004, atom(0xF122, struct.pack("<HI", 0x039F, 1), instance=1))
    cells = [cell("c", 0, 50, 50, 99), cell("wide", 0, 0, 100, 50), cell("d", 50, 50, 100, 99)]
    said = holder(
        0x2EE0,
        atom(0x0FBA, "Ann".encode("utf-16-le"), instance=0),
        atom(0x0FBA, "Why?".encode("utf-16-le"), instance=1),
        atom(0x2EE1, struct.pack("<I8Hii", 1, 2003, 5, 0, 9, 0, 0, 0, 0, 0, 0)),
    )
    tags = holder(0x1388, holder(0x138A, holder(0x138B, said)))
    running = [
        holder(0x0FD9, atom(0x0FDA, struct.pack("<HH", 0, 0x20)), atom(0x0FBA, name.encode("utf-16-le"), instance=2), instance=3)
        for name in ("Acme", "of all")
    ]
    slide = page(0x03EE, shape(text(4, "word")), holder(0xF003, group, *cells), more=running[0] + tags)
    other = page(0x03EE, shape(text(4, "next")))
    parsed = read(
        presentation(tmp_path / "a.ppt", holder(0x03E8, running[1], listed(0, (2, 256, b""), (3, 257, b""))), slide, other)
    )
    table = parsed.elements[1].table
    assert table is not None
    assert [(one.text, one.row, one.column, one.column_span) for one in table.cells] == [
        ("wide", 0, 0, 2),
        ("c", 1, 0, 1),
        ("d", 1, 1, 1),
    ]
    assert [element.text for element in parsed.elements] == [
        "word[^c1]",
        "wide\nc\td",
        "Acme",
        "Ann, 2003-05-09: Why?",
        "next",
        "of all",
    ]


def numbered(content: str, group: int) -> bytes:
    """Text of which all but the first paragraph has the numbering of this group; two runs of paragraphs, two of characters."""
    first, rest = content.index("\r") + 1, len(content) - content.index("\r")
    paragraphs = b"".join(struct.pack("<IHIH", count, 0, 1, 1) for count in (first, rest))
    characters = struct.pack("<II", first, 0) + struct.pack("<IIH", rest, 0x3C00, group << 10)
    header = atom(0x0F9F, struct.pack("<I", 1)) + atom(0x0FA0, content.encode("utf-16-le"))
    return header + atom(0x0FA1, paragraphs + characters)


def test_numbers_of_items_in_shapes_and_in_the_outline(tmp_path: Path) -> None:
    none, plain = struct.pack("<III", 0, 0, 0), struct.pack("<IhII", 1 << 25, 1, 0, 0)
    letters = struct.pack("<IHhHHIII", 7 << 23, 0, 1, 9, 3, 1 << 20, 0, 0x60) + bytes(4)

    def added(*members: bytes) -> bytes:
        return holder(0x1388, holder(0x138A, holder(0x138B, *members)))

    client = holder(0xF011, added(atom(0x0FAC, none + letters + plain)))
    box = holder(0xF004, atom(0xF00A, struct.pack("<II", 1, 0)), client, holder(0xF00D, numbered("dot\rone\rtwo", 1)))
    outline = holder(0x0FAE, atom(0x0FAF, struct.pack("<II", 256, 1)), atom(0x0FAC, none + none + plain))
    document = holder(0x03E8, holder(0x07D0, added(outline)), listed(0, (2, 256, numbered("dot\rone\rtwo", 2))))
    parsed = read(presentation(tmp_path / "a.ppt", document, page(0x03EE, box, shape(reference(0), at=(2000, 0)))))
    items = ["dot", "one", "two"]
    assert told(parsed) == [
        *(("list_item", f"{marker} {item}") for marker, item in zip(("-", "c)", "d)"), items, strict=True)),
        *(("list_item", f"{marker} {item}") for marker, item in zip(("-", "1.", "2."), items, strict=True)),
    ]


def test_a_damaged_directory(tmp_path: Path) -> None:
    """All slides are read as they lie in the file."""
    parsed = read(deck(tmp_path / "a.ppt", edit=7))
    assert {"of old", "left", "right", "low"} <= {element.text for element in parsed.elements}
    assert "damaged" in parsed.warnings[0]


def test_encrypted_and_broken(tmp_path: Path) -> None:
    with pytest.raises(EncryptedDocument):
        read(deck(tmp_path / "a.ppt", ENCRYPTED))
    write_ole(tmp_path / "b.ppt", {"PowerPoint Document": b"\xff" * 5000})
    with pytest.raises(CorruptDocument):
        read(tmp_path / "b.ppt")


def test_groups_without_end(tmp_path: Path) -> None:
    group = shape(text(4, "deep"))
    for _ in range(300):
        group = holder(0xF003, holder(0xF004), group)
    path = presentation(tmp_path / "a.ppt", holder(0x03E8, listed(0, (2, 256, b""))), page(0x03EE, group))
    with pytest.raises(CorruptDocument, match="groups"):
        read(path)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=12))
def test_any_damage_is_told(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    data = bytearray(deck(tmp_path / "a.ppt").read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    (tmp_path / "b.ppt").write_bytes(data)
    with contextlib.suppress(DocumentError):
        read(tmp_path / "b.ppt")


def test_text_in_a_typeface_of_one_width_is_code(tmp_path: Path) -> None:
    def in_faces(content: str, *runs: tuple[int, int | None]) -> bytes:
        """Runs of characters, with the number of their face; bold, so that something stands before that."""
        paragraphs = struct.pack("<IHI", len(content) + 1, 0, 0)
        characters = b"".join(
            struct.pack("<II", count, 0) if face is None else struct.pack("<IIHH", count, 1 << 16 | 1, 1, face)
            for count, face in runs
        )
        header = atom(0x0F9F, struct.pack("<I", 4)) + atom(0x0FA0, content.encode("utf-16-le"))
        return header + atom(0x0FA1, paragraphs + characters)

    names = ("Arial", "Courier New")
    faces = (atom(0x0FB7, name.encode("utf-16-le").ljust(68, b"\0"), number) for number, name in enumerate(names))
    document = holder(0x03E8, holder(0x03F2, holder(0x07D5, *faces)), listed(0, (2, 256, b"")))
    words = "Words of a text that is longer than all the code below it."
    shapes = [
        shape(in_faces(words, (len(words) + 1, 0))),
        shape(in_faces("if x:\r\r  y()\x0b  z()", (20, 1)), at=(200, 0)),
        shape(in_faces("call y()", (5, None), (4, 1)), at=(400, 0)),
    ]
    parsed = read(presentation(tmp_path / "a.ppt", document, page(0x03EE, *shapes)))
    assert told(parsed) == [("paragraph", words), ("code", "if x:\n\n  y()\n  z()"), ("paragraph", "call y()")]
