"""Documents of Hangul: what tests write, in both formats, is what is read."""

import random
import struct
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge, EmptyDocument, EncryptedDocument, UnsupportedMedia
from kbray.model import Cell, Element, Metadata, Parsed, Window
from kbray.parse import parse
from kbray.parse.census import census
from kbray.parse.hangul import equations
from kbray.parse.hangul.document import (
    Document,
    Drawn,
    Formula,
    Grid,
    Head,
    Label,
    Note,
    Paragraph,
    Picture,
    Piece,
    Remark,
    Run,
    Running,
    TableCell,
)
from kbray.parse.hangul.hwp_file import pictures as pictures_of
from kbray.parse.hangul.labels import Labels, numeral
from kbray.parse.looks import Print
from kbray.parse.media import HWP, HWPX
from kbray.parse.sniff import sniff
from tests.writers.hangul import COMPRESSED, DISTRIBUTED, PASSWORD, packed, record, section, told, write_hwp, write_hwpx
from tests.writers.ole import write_ole

UNREAD = Settings().model_copy(update={"ocr": "never"})
LABELS = {1: tuple(Label(form, 0) for form in ("^1.", "^1.^2.", "^3)")), 2: (Label("(^1)", 8), Label("^2)", 1, 3))}
Write = Callable[..., Path]
BOTH = pytest.mark.parametrize("write", [write_hwp, write_hwpx], ids=["hwp", "hwpx"])


def line(
    text: str, head: Head | None = None, *, style: str = "", size: float = 10, bold: bool = False, face: str = ""
) -> Paragraph:
    return Paragraph([Run(text, Print(size, bold), face)], style, head)


def document(*paragraphs: Paragraph) -> Document:
    return Document(list(paragraphs), LABELS, Metadata())


def cell(row: int, column: int, *texts: str, down: int = 1, across: int = 1, header: bool = False) -> TableCell:
    return TableCell(row, column, down, across, header, [line(text) for text in texts])


def read(path: Path, limits: Settings = UNREAD) -> Parsed:
    return parse(path, sniff(path, path.name), Window(), limits)


def elements(write: Write, folder: Path, *paragraphs: Paragraph) -> tuple[Element, ...]:
    return read(write(folder / "one", document(*paragraphs))).elements


def shown(write: Write, folder: Path, *paragraphs: Paragraph) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in elements(write, folder, *paragraphs)]


def png(width: int = 400, height: int = 300) -> bytes:
    target = BytesIO()
    Image.effect_noise((width, height), 50).save(target, "PNG")
    return target.getvalue()


# ---------------------------------------------------------------- text


@BOTH
def test_titles_of_the_outline_and_items_have_their_labels(tmp_path: Path, write: Write) -> None:
    found = elements(
        write,
        tmp_path,
        line("사업 개요", Head("outline", 0, 1)),
        line("추진 배경", Head("outline", 1, 1)),
        line("추진 목적", Head("outline", 1, 1)),
        line("가나다라 " * 60, Head("outline", 2, 1)),
        line("첫째", Head("number", 0, 2)),
        line("셋째부터", Head("number", 1, 2)),
        line("둘째", Head("number", 0, 2)),
        line("점", Head("bullet", 1)),
        line("끝 문장입니다."),
    )

    assert [(one.kind, one.text, one.level, one.marker) for one in found if len(one.text) < 100] == [
        ("heading", "1. 사업 개요", 1, None),
        ("heading", "1.1. 추진 배경", 2, None),
        ("heading", "1.2. 추진 목적", 2, None),
        ("list_item", "첫째", 1, "(가)"),
        ("list_item", "셋째부터", 2, "③)"),
        ("list_item", "둘째", 1, "(나)"),
        ("list_item", "점", 2, "-"),
        ("paragraph", "끝 문장입니다.", 0, None),
    ]
    assert [(one.kind, one.marker) for one in found if len(one.text) > 100] == [("list_item", "1)")], "numbered text, no title"


@BOTH
def test_where_the_outline_tells_no_titles_looks_do(tmp_path: Path, write: Write) -> None:
    text = line("본문은 여러 문장으로 이어지며 제목보다 작은 글자로 적혀 있다. " * 4)
    contents = line("Ⅰ. 개요\t12", size=16)
    boxed = Paragraph([Drawn([Grid([cell(0, 0)])], inline=True)])
    boxed.pieces[0].parts[0].cells[0].inside = [line("업무 현황", size=20)]  # type: ignore[union-attr]

    found = elements(write, tmp_path, boxed, contents, line("Ⅰ. 개요", size=16), text, line("Ⅱ. 계획", size=16), text)

    titles = [(one.text, one.level) for one in found if one.kind == "heading"]
    assert titles == [("업무 현황", 1), ("Ⅰ. 개요", 2), ("Ⅱ. 계획", 2)]
    assert [(one.text, one.marker) for one in found if one.kind == "list_item"] == [("Ⅰ. 개요 12", "-")]


@BOTH
def test_looks_change_in_the_middle_of_a_line_and_beyond_the_first_plane(tmp_path: Path, write: Write) -> None:
    area = Paragraph([Run("넓이 𝐀𝐁 10", Print(10)), Run("3", Print(10), raised=True), Run(" 끝\n줄\t값 󰊱 󰊺󰋄", Print(10))])
    code = [line(text, face="Courier New") for text in ("if x:", "    y = 1")]

    assert shown(write, tmp_path, area, *code, line("그리고 긴 글이 이어집니다. " * 3)) == [
        ("paragraph", "넓이 𝐀𝐁 10³ 끝\n줄 값 ① ⑪"),
        ("code", "if x:\n    y = 1"),
        ("paragraph", " ".join(["그리고 긴 글이 이어집니다."] * 3)),
    ]


@BOTH
def test_notes_comments_and_running_titles(tmp_path: Path, write: Write) -> None:
    deep = Note([Paragraph([Run("각주"), Note([line("각주의 각주")])])])
    text = Paragraph([Running("header", [line("머리말")]), Running("footer", [line("꼬리말")]), Run("글"), deep, Run(" 뒤")])
    again = Paragraph([Running("header", [line("머리말")]), Run("더"), Remark([line("설명")]), Note([line("미주")])])

    found = elements(write, tmp_path, text, again)

    assert [(one.kind, one.text, one.marker) for one in found] == [
        ("header", "머리말", None),
        ("paragraph", "글[^1] 뒤", None),
        ("paragraph", "더[^c1][^2]", None),
        ("footer", "꼬리말", None),
        ("footnote", "각주[^3]", "1"),
        ("footnote", "미주", "2"),
        ("footnote", "각주의 각주", "3"),
        ("footnote", "설명", "c1"),
    ]


@BOTH
def test_tables_keep_their_cells_and_what_stands_before_and_after_them(tmp_path: Path, write: Write) -> None:
    inner = cell(1, 1)
    inner.inside = [Paragraph([Drawn([Grid([cell(0, 0, "안"), cell(0, 1, "쪽")])])]), line("글")]
    grid = Grid(
        [cell(0, 0, "구분", down=2, header=True), cell(0, 1, "가", across=2, header=True), inner, cell(1, 2, "첫 줄", "둘째 줄")]
    )
    table = Drawn([grid], inline=True, caption=[line("표 1. 내용")], caption_first=True)

    found = elements(write, tmp_path, Paragraph([Run("앞"), table, Run("뒤")]))

    assert [(one.kind, one.text) for one in found if one.table is None] == [
        ("paragraph", "앞"),
        ("caption", "표 1. 내용"),
        ("paragraph", "뒤"),
    ]
    assert found[2].table is not None
    assert found[2].table.cells == (
        Cell(0, 0, "구분", 2, 1, header=True),
        Cell(0, 1, "가", 1, 2, header=True),
        Cell(1, 1, "안 쪽\n글"),
        Cell(1, 2, "첫 줄\n둘째 줄"),
    )


@BOTH
def test_tables_that_only_frame_text_are_none(tmp_path: Path, write: Write) -> None:
    framed = Grid([cell(0, 0), cell(0, 1, "보도자료"), cell(0, 2), cell(1, 0)])
    sign = cell(0, 1)
    sign.inside = [Paragraph([Drawn([Picture("BinData/BIN0001.png", "표시")])])]
    titled = Grid([cell(0, 0, "1"), sign, cell(0, 2, "기능 및 조직")])
    boxed = Grid([cell(0, 0), cell(0, 1, "< 개관 >", down=2), cell(0, 2), cell(1, 0), cell(2, 0, "하나", "둘", across=3)])
    stacked = Grid([cell(row, 0, text) for row, text in enumerate(("위", "가운데", "아래"))])
    kept = Grid([cell(0, 0, "성명"), cell(0, 1, "홍길동")])
    form = Grid(
        [cell(row, column, text) for row, text in enumerate(("성명", "주소", "전화")) for column, text in ((0, text), (1, ""))]
    )

    grids = (Paragraph([Drawn([grid])]) for grid in (framed, titled, boxed, stacked, kept, form))
    found = read(write(tmp_path / "one", document(*grids), {"BinData/BIN0001.png": png()})).elements

    assert [(one.kind, one.text) for one in found] == [
        ("paragraph", "보도자료"),
        ("paragraph", "1 기능 및 조직"),
        ("image", "표시"),
        *(("paragraph", text) for text in ("< 개관 >", "하나", "둘", "위", "가운데", "아래")),
        ("table", "성명\t홍길동"),
        ("table", "성명\t\n주소\t\n전화"),
    ]


@BOTH
def test_pictures_boxes_and_their_captions(tmp_path: Path, write: Write) -> None:
    target = "BinData/BIN0001.png"
    picture = Drawn([Picture(target, "그림입니다. 원본 그림의 이름: a.png")], caption=[line("그림 1. 지도")])
    both = Drawn([Picture(target, "서울 지도"), [line("상자")]])
    given = document(Paragraph([Run("앞"), picture, Run("뒤")]), Paragraph([both]), Paragraph([Drawn([Picture("")])]))
    data = png()

    path = write(tmp_path / "one", given, {target: data})
    parsed = parse(path, sniff(path, "one"), Window(), Settings())

    assert [(one.kind, one.text, one.target) for one in parsed.elements] == [
        ("paragraph", "앞뒤", None),
        ("image", "", target),
        ("caption", "그림 1. 지도", None),
        ("image", "서울 지도", target),
        ("paragraph", "상자", None),
        ("image", "", None),
    ]
    assert [image.target for image in parsed.images] == [target]
    if write is write_hwp:
        assert list(pictures_of(path, ["BinData/none.png", target], UNREAD)) == [(target, data)]


@BOTH
def test_signs_of_korean_documents_make_nested_items(tmp_path: Path, write: Write) -> None:
    texts = ("· 앞", "□ 조직", "ㅇ 본부", "- 기획", "· 세부", "ㅇ 소속기관", "※ 참고", "□ 인원")

    found = elements(write, tmp_path, *map(line, texts))

    assert [(one.kind, one.text, one.level) for one in found] == [
        ("list_item", "앞", 1),
        ("list_item", "조직", 1),
        ("list_item", "본부", 2),
        ("list_item", "기획", 3),
        ("list_item", "세부", 4),
        ("list_item", "소속기관", 2),
        ("paragraph", "※ 참고", 0),
        ("list_item", "인원", 1),
    ]


@BOTH
def test_formulas_stand_alone_or_in_their_lines(tmp_path: Path, write: Write) -> None:
    found = elements(
        write, tmp_path, Paragraph([Formula("{a+b} over c")]), Paragraph([Run("면적 "), Formula("x^2"), Run(" 이다")])
    )

    assert [(one.kind, one.text) for one in found] == [("formula", "(a + b)/c"), ("paragraph", "면적 x^2 이다")]
    assert [len(one.formulas) for one in found] == [1, 1]
    assert found[0].formulas[0].startswith("<math ")


@BOTH
def test_what_the_document_says_of_itself(tmp_path: Path, write: Write) -> None:
    told = Document([line("글")], {}, Metadata(title="업무 보고", authors=("김하나",)))

    parsed = read(write(tmp_path / "one", told))

    assert (parsed.metadata.title, parsed.metadata.authors) == ("업무 보고", ("김하나",))
    assert [unit.characters for unit in parsed.units] == [1]


# ---------------------------------------------------------------- any document

_TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")) | st.sampled_from("\n\t□-가"), max_size=20)
_RUNS = st.builds(
    Run, _TEXTS, st.builds(Print, st.sampled_from((9.0, 10.0, 14.0)), st.booleans()), st.sampled_from(("", "Courier"))
)
_HEADS = st.none() | st.builds(Head, st.sampled_from(("outline",)), st.integers(0, 2), st.just(1)) | st.just(Head("bullet", 0))


def _paragraphs(inside: st.SearchStrategy[Piece]) -> st.SearchStrategy[Paragraph]:
    pieces: st.SearchStrategy[list[Piece]] = st.lists(_RUNS | inside, max_size=3)
    return st.builds(Paragraph, pieces, st.sampled_from(("", "Caption", "TOC 1")), _HEADS)


def _hanging(paragraph: st.SearchStrategy[Paragraph]) -> st.SearchStrategy[Piece]:
    inside = st.lists(paragraph, min_size=1, max_size=2)
    cells = st.lists(inside, min_size=1, max_size=3).map(
        lambda rows: [TableCell(row, 0, inside=one) for row, one in enumerate(rows)]
    )
    boxes: st.SearchStrategy[object] = cells.map(lambda one: [Grid(one)]) | inside.map(lambda one: [one])
    return st.builds(Note, inside) | st.builds(Drawn, boxes, st.booleans(), st.just([]) | inside, st.booleans())


_ANY = st.lists(
    _paragraphs(st.recursive(st.builds(Formula, st.just("a over b")), lambda one: _hanging(_paragraphs(one)))), max_size=5
)


@given(st.data())
def test_both_formats_say_the_same(data: st.DataObject) -> None:
    given = data.draw(_ANY)
    found: list[object] = []
    with TemporaryDirectory() as folder:
        for write in (write_hwp, write_hwpx):
            path = write(Path(folder) / write.__name__, document(*given))
            try:
                found.append(read(path).elements)
            except EmptyDocument as error:
                found.append(error.message.replace("HWPX", "HWP"))
    assert found[0] == found[1]


# ---------------------------------------------------------------- HWP alone


@pytest.mark.parametrize("flags", [0, COMPRESSED, DISTRIBUTED, COMPRESSED | DISTRIBUTED])
def test_streams_are_inflated_and_unscrambled(tmp_path: Path, flags: int) -> None:
    texts = [f"{number}째 줄입니다." for number in range(300)]

    parsed = read(write_hwp(tmp_path / "one", document(*map(line, texts)), flags=flags))

    assert [one.text for one in parsed.elements] == texts


@pytest.mark.parametrize("flag", [PASSWORD, 1 << 4, 1 << 8, 1 << 10])
def test_what_is_locked_is_told(tmp_path: Path, flag: int) -> None:
    path = write_hwp(tmp_path / "one", document(line("글")), flags=COMPRESSED | flag)

    assert census(path, "one.hwp", UNREAD).encrypted
    with pytest.raises(EncryptedDocument, match="Hangul document \\(HWP\\) is encrypted"):
        read(path)


def test_a_stream_that_inflates_to_too_much_is_refused(tmp_path: Path) -> None:
    path = write_hwp(tmp_path / "one", document(line("가" * 400_000)))

    with pytest.raises(DocumentTooLarge, match="Section0"):
        read(path, UNREAD.model_copy(update={"max_member_bytes": 500_000}))


def test_objects_that_are_not_read_are_told(tmp_path: Path) -> None:
    path = write_hwp(tmp_path / "one", document(line("글")), flags=0)
    units = struct.pack("<H", 11) + b" osg" + bytes(8) + struct.pack("<H", 11)
    drawn = record(0x47, 1, b" osg" + bytes(42)) + record(0x4C, 2) + record(0x54, 3, bytes(20)) + record(0x47, 1, b"mrof")
    text = record(0x42, 0, bytes(22)) + record(0x43, 1, 2 * units + "글".encode("utf-16-le")) + drawn
    write_ole(path, {"FileHeader": bytes(256), "DocInfo": b"", "BodyText/Section0": text, "\x05HwpSummaryInformation": b""})

    assert read(path).warnings == ("Charts and objects of other programs are not read (1).", "Fields of forms are not read (1).")


def test_memos_stand_behind_what_they_are_to(tmp_path: Path) -> None:
    def mark(code: int) -> bytes:
        return struct.pack("<H", code) + b"knu%" + bytes(8) + struct.pack("<H", code)

    fields = [f"MEMO/65535/{number}/838988864/31284541/hanyul/\\;;" for number in (1, 2)] + ["http://x"]
    begun = b"".join(record(0x47, 1, b"knu%" + bytes(5) + told(command)) for command in fields)
    units = mark(3) + "하나 ".encode("utf-16-le") + mark(3) + "둘".encode("utf-16-le") + mark(4) + mark(3) + mark(4) + mark(4)
    memos = b"".join(
        record(0x5D, 1, struct.pack("<I", number))
        + record(0x48, 1, bytes(8))
        + record(0x42, 1, bytes(22))
        + record(0x43, 2, text)
        for number, text in ((2, "이".encode("utf-16-le")), (1, "일".encode("utf-16-le")), (9, "구".encode("utf-16-le")))
    )
    text = record(0x42, 0, bytes(22)) + record(0x43, 1, units + " 끝".encode("utf-16-le")) + begun + memos
    path = tmp_path / "one"
    write_ole(path, {"FileHeader": bytes(256), "DocInfo": b"", "BodyText/Section0": text, "\x05HwpSummaryInformation": b""})

    assert [(one.text, one.marker) for one in read(path).elements] == [
        ("하나 둘[^c1][^c2] 끝", None),
        ("[^c3]", None),
        ("hanyul, 2026-10-16: 이", "c1"),
        ("hanyul, 2026-10-16: 일", "c2"),
        ("구", "c3"),
    ]


def test_damaged_files_fail_with_a_sentence(tmp_path: Path) -> None:
    whole = write_hwp(
        tmp_path / "one", document(*(line(f"{n} 글") for n in range(40)), Paragraph([Drawn([Grid([cell(0, 0, "가")])])]))
    )
    data = whole.read_bytes()
    rng = random.Random(7)
    for number in range(300):
        broken = bytearray(data)
        for _ in range(rng.choice((1, 4, 30))):
            broken[rng.randrange(512, len(broken))] = rng.randrange(256)
        path = tmp_path / "broken"
        path.write_bytes(broken[: rng.randrange(600, len(broken))] if number % 4 == 0 else broken)
        with suppress(DocumentError):
            parse(path, HWP, Window(), UNREAD)


def test_a_section_that_can_not_be_inflated_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "one"
    header = b"HWP Document File".ljust(36, b"\0") + struct.pack("<I", COMPRESSED)
    write_ole(path, {"FileHeader": header, "DocInfo": b"\xff" * 99, "\x05HwpSummaryInformation": b""})

    with pytest.raises(CorruptDocument, match=r"HWP\) can't be read: it is damaged \(its stream DocInfo can't be inflated"):
        read(path)


# ---------------------------------------------------------------- HWPX alone


def hwpx(path: Path, text: str, **members: str) -> Path:
    path.write_bytes(packed({"Contents/section0.xml": section(text), **members}))
    return path


def test_changes_are_accepted_and_comments_stand_behind_what_they_are_to(tmp_path: Path) -> None:
    memo = (
        '<hp:ctrl><hp:fieldBegin id="7" type="MEMO"><hp:parameters><hp:stringParam name="Author">Kim</hp:stringParam>'
        '<hp:stringParam name="CreateDateTime">2026-12-01T01:29:32Z</hp:stringParam></hp:parameters>'
        "<hp:subList><hp:p><hp:run><hp:t>왜?</hp:t></hp:run></hp:p></hp:subList></hp:fieldBegin></hp:ctrl>"
    )
    text = (
        "<hp:p><hp:run><hp:t>하나 <hp:deleteBegin/>지운</hp:t></hp:run><hp:run><hp:t> 글<hp:deleteEnd/>둘</hp:t>"
        f'{memo}<hp:t>말</hp:t><hp:ctrl><hp:fieldEnd beginIDRef="7"/></hp:ctrl><hp:t> 끝</hp:t></hp:run></hp:p>'
        f"<hp:p><hp:run>{memo}<hp:t>열린 말</hp:t></hp:run></hp:p>"
    )

    parsed = read(hwpx(tmp_path / "one.hwpx", text))

    assert [(one.kind, one.text) for one in parsed.elements] == [
        ("paragraph", "하나 둘말[^c1] 끝"),
        ("paragraph", "열린 말"),
        ("paragraph", "[^c2]"),
        ("footnote", "Kim, 2026-12-01: 왜?"),
        ("footnote", "Kim, 2026-12-01: 왜?"),
    ]
    assert parsed.warnings == ("Tracked deletions are left out (1).",)


def test_fields_sounds_and_numbers_show_their_text(tmp_path: Path) -> None:
    text = (
        '<hp:p><hp:run><hp:checkBtn caption="동의" value="CHECKED"><hp:sz/></hp:checkBtn>'
        '<hp:radioBtn caption="거부" value="UNCHECKED"><hp:sz/></hp:radioBtn>'
        '<hp:comboBox selectedValue="서울"><hp:sz/></hp:comboBox>'
        "<hp:edit><hp:sz/><hp:text>홍길동</hp:text></hp:edit></hp:run></hp:p>"
        "<hp:p><hp:run><hp:dutmal><hp:mainText>漢字</hp:mainText><hp:subText>한자</hp:subText></hp:dutmal>"
        '<hp:compose composeText="㉠"/><hp:ctrl><hp:autoNum num="3" numType="TABLE"/></hp:ctrl>'
        '<hp:ctrl><hp:autoNum num="9" numType="FOOTNOTE"/></hp:ctrl></hp:run></hp:p>'
        "<hp:p><hp:run><hp:chart><hp:sz/></hp:chart></hp:run></hp:p>"
    )

    parsed = read(hwpx(tmp_path / "one.hwpx", text))

    assert [one.text for one in parsed.elements] == ["☒ 동의 ☐ 거부 서울 홍길동", "漢字(한자)㉠3"]
    assert parsed.warnings == ("Charts and objects of other programs are not read (1).",)


def test_sections_are_in_order_though_the_package_does_not_tell_them(tmp_path: Path) -> None:
    names = [f"Contents/section{number}.xml" for number in (10, 2, 1)]
    members = {name: section(f"<hp:p><hp:run><hp:t>{name}</hp:t></hp:run></hp:p>") for name in names}

    parsed = read(hwpx(tmp_path / "one.hwpx", "<hp:p><hp:run><hp:t>0</hp:t></hp:run></hp:p>", **members))

    assert [one.text for one in parsed.elements] == ["0", *reversed(names)]


def test_an_encrypted_or_damaged_package_is_told(tmp_path: Path) -> None:
    locked = hwpx(tmp_path / "locked", "", **{"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"})
    broken = tmp_path / "broken"
    broken.write_bytes(packed({"Contents/section0.xml": "<hs:sec xmlns:hs='s'><hs:p>"}))

    assert census(locked, "one.hwpx", UNREAD).encrypted
    with pytest.raises(EncryptedDocument):
        read(locked)
    with pytest.raises(CorruptDocument, match=r"HWPX\) can't be read: it is damaged"):
        read(broken)
    with pytest.raises(EmptyDocument, match="no text in the Hangul document"):
        read(hwpx(tmp_path / "empty", "<hp:p/>"))


# ---------------------------------------------------------------- kinds, labels, formulas


def test_kinds_are_told_apart(tmp_path: Path) -> None:
    paths = [write_hwp(tmp_path / "a", document(line("글"))), write_hwpx(tmp_path / "b", document(line("글")))]
    old = tmp_path / "c"
    old.write_bytes(b"HWP Document File V3.00 \x1a\1\2\3\4\5")

    assert [sniff(path, path.name) for path in paths] == [HWP, HWPX]
    with pytest.raises(UnsupportedMedia, match="Hangul 97 or before"):
        read(old)


@pytest.mark.parametrize(
    ("shape", "shown"),
    [
        (0, "1 2 11"),
        (1, "① ② ⑪"),
        (2, "I II XI"),
        (4, "A B K"),
        (6, "Ⓐ Ⓑ Ⓚ"),
        (8, "가 나 카"),
        (9, "㉮ ㉯ ㉸"),
        (10, "ㄱ ㄴ ㅋ"),
        (11, "㉠ ㉡ ㉪"),
        (12, "일 이 십일"),
        (13, "一 二 十一"),
        (14, "㊀ ㊁ (十一)"),
        (15, "갑 을 갑갑"),
        (99, "1 2 11"),
    ],
)
def test_numbers_have_their_shapes(shape: int, shown: str) -> None:
    assert " ".join(numeral(number, shape) for number in (1, 2, 11)) == shown


def test_numbers_beyond_what_a_shape_has() -> None:
    assert [numeral(number, shape) for number, shape in ((35, 1), (36, 1), (15, 8), (99, 12), (100, 12), (0, 8), (-3, 1))] == [
        *("㉟", "(36)", "가가", "구십구", "100", "0", "-3")
    ]


def test_a_label_may_be_the_whole_path_or_nothing() -> None:
    labels = Labels({1: (Label("제^1장", 0), Label("^n", 0), Label("^N", 0))})

    assert [labels.next(Head("outline", level, 1)) for level in (0, 1, 1, 2, 0, 2, 5)] == [
        *("제1장", "1.1", "1.2", "1.2.1.", "제2장", "2.1.1.", "")
    ]
    assert labels.next(Head("number", 0, 9)) == ""


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("10a^3 over b^2", "(10a^3)/(b^2)"),
        ("rm 2H_2 O = 2H_2 + O_2", "2H_2 O = 2H_2 + O_2"),
        ("f(x)= logx+sinx", "f ( x ) = logx + sinx"),
        ("int from 0 to 3 `^3sqrt{x^2 +1}dx", "∫_0^3 (x^2 + 1)^1/3 dx"),
        ("X = bmatrix { 42 & 52 # 4 & 5 }", "X = [ 42, 52; 4, 5 ]"),
        ("LEFT( SUM_k=1^n 1 over 2^k RIGHT)", "( ∑_(k = 1)^n 1/(2^k) )"),
        ("y= lim _{x -> 0} {{1} over {x}}", "y = lim_(x → 0) 1/x"),
        ("평점=가격~한도 TIMES 2", "평점 = 가격 한도 × 2"),
        ('"두 낱말"~+- ALPHA LEQ alpha', "두 낱말 ± Α ≤ α"),
        ("root 3 of {x}", "x^1/3"),
        ("n choose k", "( n/k )"),
        ("A rel <-> {a} {b} B", "A↔_b^a B"),
        ("not = x", "≠ x"),
        ("cases {x & x>0 # -x & x<=0}", "{ x, x > 0; − x, x ≤ 0"),
        ("color {255,0,0} {x} size 12 y", "xy"),
        ("vec a", "a^→"),
        ("} # & right", ""),
        ("left ( x", "( x"),
        ("", ""),
    ],
)
def test_formulas_are_read(script: str, text: str) -> None:
    assert equations.read(script)[0] == text


@pytest.mark.parametrize("script", ["hat ", "sqrt ", "{a over ", "left ( ", "matrix{", "a over "])
def test_formulas_nested_without_end_are_read_as_words(script: str) -> None:
    assert equations.read(script * 3000) == (" ".join((script * 3000).split()), "")


_WORDS = ["over ", "sqrt ", "left ", "right ", "matrix{", "sum", *'ab7^_{}#&~`" \n()<>-=+']


@given(st.lists(st.sampled_from(_WORDS), max_size=30).map("".join))
def test_any_formula_is_read(script: str) -> None:
    text, source = equations.read(script)

    assert not source or source.startswith("<math ")
    assert text.count("7") == script.count("7"), "nothing is lost or repeated"
