"""XPS documents become PDFs: texts of all directions where they stand, rules, pictures; what is missing is told."""

import importlib.util
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.model import Element, Parsed, Window
from kbray.parse import boxes, parse
from kbray.parse.boxes.xps.fonts import Font, unmasked
from kbray.parse.boxes.xps.page import Sign, colour, signs_of, steps_of
from kbray.parse.media import PDF, XPS
from kbray.parse.sniff import sniff

SPACE = 'xmlns="http://schemas.microsoft.com/xps/2005/06" xmlns:x="http://schemas.microsoft.com/winfx/2006/xaml"'
GUID = "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9"
FONT = f"/Resources/{GUID}.odttf"


@pytest.fixture(scope="module")
def font() -> bytes:
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf").read_bytes()


def masked(data: bytes) -> bytes:
    key = bytes.fromhex(GUID.replace("-", ""))[::-1]
    return bytes(byte ^ key[place % 16] for place, byte in enumerate(data[:32])) + data[32:]


def glyphs(text: str, x: float, y: float, more: str = "", size: float = 16) -> str:
    place = f'OriginX="{x}" OriginY="{y}" FontRenderingEmSize="{size}" FontUri="{FONT}"'
    return f'<Glyphs {place} Fill="#ff000000" UnicodeString="{text}" {more}/>'


def write_xps(path: Path, pages: Sequence[str], font: bytes, parts: Mapping[str, bytes] | None = None, pieces: int = 1) -> Path:
    """Pages by what is on them. pieces: of how many each part consists."""
    listed = "".join(f'<PageContent Source="/Pages/{number}.fpage"/>' for number, _ in enumerate(pages, start=1))
    relation = '<Relationship Type="http://schemas.microsoft.com/xps/2005/06/fixedrepresentation" Target="/All.fdseq" Id="r"/>'
    members = {
        "_rels/.rels": f"<Relationships>{relation}</Relationships>".encode(),
        "All.fdseq": f'<FixedDocumentSequence {SPACE}><DocumentReference Source="1/One.fdoc"/></FixedDocumentSequence>'.encode(),
        "1/One.fdoc": f"<FixedDocument {SPACE}>{listed}</FixedDocument>".encode(),
        FONT.lstrip("/"): masked(font),
        **(parts or {}),
    }
    for number, page in enumerate(pages, start=1):
        members[f"Pages/{number}.fpage"] = f'<FixedPage Width="816" Height="1056" {SPACE}>{page}</FixedPage>'.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            cuts = [len(data) * piece // pieces for piece in range(pieces + 1)]
            for piece in range(pieces):
                last = ".last" if piece == pieces - 1 else ""
                archive.writestr(name if pieces == 1 else f"{name}/[{piece}]{last}.piece", data[cuts[piece] : cuts[piece + 1]])
    return path


def printed(folder: Path, path: Path) -> Path:
    """The PDF that comes out."""
    out = folder / "out"
    out.mkdir(exist_ok=True)
    assert sniff(path, path.name) == XPS
    assert boxes.unpack(path, XPS, out, Settings()) == (".pdf",)
    return out / "0"


def read(folder: Path, path: Path) -> tuple[Element, ...]:
    return parse(printed(folder, path), PDF, Window(), Settings(ocr="never")).elements


def told(path: Path) -> Parsed:
    return parse(path, XPS, Window(), Settings())


def test_texts_stand_where_they_are_printed(tmp_path: Path, font: bytes) -> None:
    lines = ("The sea rises twice a day, and it falls", "twice a day, as the moon goes around.")
    page = glyphs("Tides", 96, 120, size=32) + "".join(glyphs(line, 96, 180 + 20 * place) for place, line in enumerate(lines))
    moved = glyphs("Moved and turned", 0, 0)
    page += f'<Canvas RenderTransform="1,0,0,1,96,0"><Canvas RenderTransform="1,0,0,1,0,400">{moved}</Canvas></Canvas>'
    elements = read(tmp_path, write_xps(tmp_path / "a.xps", [page, glyphs("{}{second}", 96, 96)], font))
    assert [(one.kind, one.text, one.page) for one in elements] == [
        ("heading", "Tides", 1),
        ("paragraph", " ".join(lines), 1),
        ("paragraph", "Moved and turned", 1),
        ("paragraph", "{second}", 2),
    ]
    box = elements[2].boxes_on(1)[0]
    assert (box.left, box.bottom) == pytest.approx((72, 303), abs=4)  # of 96 and 400 pixels, in points


def test_clusters_advances_and_other_directions(tmp_path: Path, font: bytes) -> None:
    known = Font(font)
    spread = ";".join(",95" for _ in "wwww")
    ligature = f'Indices="(3:1){known.sign("ﬃ")};"'
    page = glyphs("ffice", 96, 96, ligature) + glyphs("wwww", 96, 196, f'Indices="{spread}"')
    page += glyphs("שלום עולם", 700, 296, 'BidiLevel="1"')
    elements = read(tmp_path, write_xps(tmp_path / "a.xps", [page], font))
    assert [one.text for one in elements] == ["ffice", "wwww", "שלום עולם"]
    widths = [one.boxes_on(1)[0].right - one.boxes_on(1)[0].left for one in elements]
    assert widths[1] == pytest.approx(0.75 * 16 * (3 * 0.95 + known.advance(known.sign("w"))), abs=1)
    assert elements[2].boxes_on(1)[0].right == pytest.approx(700 * 0.75, abs=3)


def test_rules_make_tables_and_pictures_are_shown(tmp_path: Path, font: bytes) -> None:
    cells = (("port", "level"), ("Brest", "7.1"), ("Dover", "6.8"))
    page = "".join(
        glyphs(text, 100 + 200 * column, 118 + 30 * row) for row, texts in enumerate(cells) for column, text in enumerate(texts)
    )
    page += "".join(f'<Path Data="M 90,{98 + 30 * row} h 400" Stroke="#000000" StrokeThickness="1"/>' for row in range(4))
    page += "".join(
        f'<Path Data="F1 M {x},98 L {x},188 L {x + 1},188 L {x + 1},98 Z" Fill="{{StaticResource k}}"/>' for x in (90, 290, 490)
    )
    held = '<SolidColorBrush x:Key="k" Color="#000000"/>'
    page = f"<FixedPage.Resources><ResourceDictionary>{held}</ResourceDictionary></FixedPage.Resources>{page}"
    drawn = io.BytesIO()
    Image.effect_noise((300, 200), 80).save(drawn, "PNG")
    brush = '<ImageBrush ImageSource="/Resources/1.png" Viewport="100,300,300,200" ViewportUnits="Absolute"/>'
    page += f'<Path Data="M 100,300 L 400,300 400,500 100,500 Z"><Path.Fill>{brush}</Path.Fill></Path>'
    path = write_xps(tmp_path / "a.xps", [page], font, {"Resources/1.png": drawn.getvalue()})
    elements = read(tmp_path, path)
    assert [[cell.text for cell in one.table.cells] for one in elements if one.table] == [[text for row in cells for text in row]]
    with pypdfium2.PdfDocument(printed(tmp_path, path)) as document:
        shown = document[0].render(scale=96 / 72).to_pil().convert("L")
    assert shown.crop((110, 310, 390, 490)).getextrema() != (255, 255)
    assert shown.crop((110, 510, 390, 600)).getextrema() == (255, 255)


def test_it_is_the_same_each_time_and_may_lie_in_pieces(tmp_path: Path, font: bytes) -> None:
    whole = printed(tmp_path, write_xps(tmp_path / "a.xps", [glyphs("Tides", 96, 96)], font)).read_bytes()
    pieces = write_xps(tmp_path / "b.xps", [glyphs("Tides", 96, 96)], font, pieces=3)
    assert printed(tmp_path, pieces).read_bytes() == whole
    assert b"CreationDate" not in whole


def test_what_is_missing_is_told(tmp_path: Path, font: bytes) -> None:
    lost = glyphs("lost", 96, 200).replace(FONT, "/Resources/none.odttf")
    picture = (
        '<Path Data="M 0,0 h 9"><Path.Fill><ImageBrush ImageSource="/Resources/1.wdp" Viewport="0,0,9,9"/></Path.Fill></Path>'
    )
    pages = [glyphs("here", 96, 96) + lost + picture, '<Glyphs UnicodeString="x"', glyphs("there", 96, 96)]
    path = write_xps(tmp_path / "a.xps", pages, font, {"Resources/1.wdp": b"II\xbc\x01"})
    (failure,) = told(path).failures
    assert "page 2: Pages/2.fpage is damaged" in failure.message
    assert "and 2 more" in failure.message
    assert [(one.text, one.page) for one in read(tmp_path, path)] == [("here", 1), ("there", 3)]
    with pytest.raises(CorruptDocument, match="No page of the XPS document can be read"):
        told(write_xps(tmp_path / "b.xps", ["<"], font))
    with pytest.raises(CorruptDocument, match="it names none"):
        told(write_xps(tmp_path / "c.xps", [], font))


def test_text_that_cannot_be_seen_is_text_and_covers_nothing(tmp_path: Path, font: bytes) -> None:
    page = glyphs("behind a scan", 96, 96).replace("#ff000000", "#00000000")
    page += '<Path Data="M 0,0 h 800 v 800 h -800 z" Fill="#00000000"/>'
    path = write_xps(tmp_path / "a.xps", [page], font)
    with pypdfium2.PdfDocument(printed(tmp_path, path)) as document:
        assert document[0].get_textpage().get_text_bounded().strip() == "behind a scan"
        assert document[0].render().to_pil().convert("L").getextrema() == (255, 255)
    deep = "<Canvas>" * 60 + glyphs("deep", 96, 96) + "</Canvas>" * 60
    assert "canvases in each other" in told(write_xps(tmp_path / "b.xps", [page, deep], font)).failures[0].message


def test_fonts(font: bytes) -> None:
    assert unmasked(FONT, masked(font)) == font
    assert unmasked("a.ttf", font) == font
    known = Font(font)
    assert known.sign("A") != known.sign("B") != 0
    assert known.sign("\U0001f600") == 0 or known.sign("\U0001f600") > 1
    assert 0.5 < known.advance(known.sign("A")) < 0.9
    assert known.advance(known.sign("i")) < known.advance(known.sign("W"))
    for damaged in (b"", b"ttcf" + bytes(100), font[:200], bytes(300)):
        with pytest.raises(CorruptDocument, match="font"):
            Font(damaged)


def test_signs_of_a_run() -> None:
    assert list(signs_of("abc", "")) == [Sign("a"), Sign("b"), Sign("c")]
    assert list(signs_of("abcd", "(2:1)7,50;;9,,-10,20")) == [Sign("ab", 7, 0.5), Sign("c"), Sign("d", 9, None, -0.1)]
    assert list(signs_of("ab", "(1:2)3;4")) == [Sign("a", 3), Sign("", 4), Sign("b")]
    assert list(signs_of("ab", "(x);4,y")) == [Sign("a"), Sign("b")]


def test_paths_and_colours() -> None:
    assert list(steps_of("F1 M 1,2 3,4 h5v-1z l1 1")) == [
        ("M", (1, 2)),
        ("L", (3, 4)),
        ("L", (8, 4)),
        ("L", (8, 3)),
        ("Z", ()),
        ("L", (2, 3)),
    ]
    assert list(steps_of("M0 0Q3 3 6 0S9-3 12 0")) == [("M", (0, 0)), ("C", (2, 2, 4, 2, 6, 0)), ("C", (8, -2, 9, -3, 12, 0))]
    assert list(steps_of("M0 0A5 5 0 0 1 9 9")) == [("M", (0, 0)), ("L", (9, 9))]
    assert colour("#102030") == (16, 32, 48, 255)
    assert colour("#80102030") == (16, 32, 48, 128)
    assert colour("sc#0.5,1,1,1") == (255, 255, 255, 128)
    assert colour("#00102030") == (16, 32, 48, 0)
    assert colour("sc#1") is None


@given(st.lists(st.tuples(st.sampled_from("ml"), st.integers(-99, 99), st.integers(-99, 99)), max_size=20))
def test_relative_paths_are_absolute_ones(steps: list[tuple[str, int, int]]) -> None:
    relative = " ".join(f"{command} {x},{y}" for command, x, y in steps)
    x = y = 0
    absolute = []
    for command, right, down in steps:
        x, y = x + right, y + down
        absolute.append((command.upper(), (x, y)))
    assert list(steps_of(relative)) == absolute
