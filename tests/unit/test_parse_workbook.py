"""XLSX as its sheets show it: formats, merged cells, blocks, hidden sheets; and formats of numbers by themselves."""

import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.config import Settings
from kbray.document import markdown
from kbray.errors import CorruptDocument
from kbray.model import Window
from kbray.parse import parse
from kbray.parse.media import XLS, XLSX
from kbray.parse.office.number_format import general, shown
from tests.writers.office import NAMES, relations, told, workbook

BASE = {
    "percent": (0.05, "0%", "5%"),
    "thousands": (1234.5, "#,##0.00", "1,234.50"),
    "brackets": (-1234.5, "#,##0.00;(#,##0.00)", "(1,234.50)"),
    "currency": (-1234.5, "$#,##0.00", "-$1,234.50"),
    "currency with its country": (1234.0, "#,##0 [$€-407]", "1,234 €"),
    "accounting zero": (0.0, '_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-', "-"),
    "millions": (1_234_567.0, '0.0,,"M"', "1.2M"),
    "exponent": (12345.0, "0.00E+00", "1.23E+04"),
    "colour": (-3.0, "0;[Red]-0", "-3"),
    "condition": (12.0, '[>10]"big";"small"', "big"),
    "a sign that rounds away": (-0.001, "0.00", "0.00"),
    "half up": (2.5, "0", "3"),
    "decimals that may be missing": (0.5, "0.0##", "0.5"),
    "leading zeros": (7.0, "000", "007"),
    "literal": (2.5, 'General" kg"', "2.5 kg"),
    "hidden": (5.0, ";;;", ""),
    "fraction": (0.5, "# ?/?", "0.5"),
    "date": (45000.0, "d/m/yy", "2023-03-15"),
    "date and time": (45000.5, "dd/mm/yyyy hh:mm", "2023-03-15 12:00"),
    "month": (45000.0, "mmm yyyy", "Mar 2023"),
    "weekday": (45000.0, "dddd, mmmm d", "Wednesday, March 15"),
    "time": (0.25, "h:mm", "6:00"),
    "afternoon": (0.75, "h:mm AM/PM", "6:00 PM"),
    "elapsed": (1.5, "[h]:mm", "36:00"),
    "minutes": (45000.123456, "mm:ss.000", "57:46.598"),
    "before the leap day that never was": (1.0, "yyyy-mm-dd", "1900-01-01"),
    "no day": (-1.0, "yyyy-mm-dd", "-1"),
    "too large": (1e308, "0.0%", "1e+308"),
}


@pytest.mark.parametrize(("value", "code", "expected"), BASE.values(), ids=BASE)
def test_number_formats(value: float, code: str, expected: str) -> None:
    assert shown(value, code) == expected


def test_days_since_1904() -> None:
    assert shown(43538.0, "yyyy-mm-dd", since_1904=True) == "2023-03-15"


@given(st.floats(allow_nan=True, allow_infinity=True), st.text('0#?,.%;-"[]hmsdyAP/E+@ \\_*>G€', max_size=12))
def test_no_format_fails(value: float, code: str) -> None:
    assert isinstance(shown(value, code), str)


@given(st.integers(-(10**14), 10**14), st.integers(0, 4))
def test_grouped_digits_are_the_number(value: int, decimals: int) -> None:
    text = shown(value / 10**decimals, f"#,##0.{'0' * decimals}" if decimals else "#,##0")
    assert float(text.replace(",", "")) == float(general(value / 10**decimals))


def cells(*rows: list[str]) -> str:
    """Rows of cells as XML; an empty list is a blank row, an empty text a cell without one."""
    lines = []
    for number, row in enumerate(rows, start=1):
        inside = "".join(
            f'<c r="{"ABCDEFGH"[column]}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
            for column, text in enumerate(row)
            if text
        )
        lines.append(f'<row r="{number}">{inside}</row>')
    return f"<sheetData>{''.join(lines)}</sheetData>"


def test_cells_are_shown_by_their_formats(tmp_path: Path) -> None:
    styles = '<numFmts><numFmt numFmtId="170" formatCode="0.0&quot; l&quot;"/></numFmts>'
    styles += '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="9"/></cellXfs>'
    texts = "<si><r><t>Gr</t></r><r><t>een</t></r><rPh><t>xx</t></rPh></si><si><t>a_x000D_b</t></si>"
    row = [
        '<c t="s"><v>0</v></c><c t="s"><v>1</v></c><c s="1"><v>45000</v></c><c s="2"><v>2.25</v></c><c s="3"><v>0.5</v></c>',
        '<c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1</f><v>of  a formula</v></c><c><v>1.10</v></c>',
        '<c><f>A1+1</f></c><c t="s"><v>99</v></c><c t="d"><v>2023-03-15T00:00:00</v></c><c t="inlineStr"><v>Tea</v></c>',
    ]
    sheet = f"<sheetData><row>{row[0]}</row><row>{row[1]}</row><row>{row[2]}</row></sheetData>"
    parsed = workbook(tmp_path, {"One": sheet}, styles, texts)
    assert told(parsed) == [("table", "Green\ta b\t2023-03-15\t2.3 l\t50%\nTRUE\t#N/A\tof a formula\t1.1\n\t\t2023-03-15\tTea")]
    assert parsed.warnings == (
        "Texts of cells are not in the file (1, on One): it is damaged or cut short; fetch it again.",
        "Formulas without a stored value are left out (1): open the workbook in an office program and save it.",
    )


def test_a_formula_with_an_empty_value_was_never_calculated(tmp_path: Path) -> None:
    """openpyxl writes all of them so: they were lost without a word."""
    cells = '<c t="b"><v>1</v></c><c><f>A1+1</f><v></v></c><c><f>A1+2</f><v/></c><c t="str"><f>T(A9)</f><v></v></c>'
    parsed = workbook(tmp_path, {"One": f"<sheetData><row>{cells}</row></sheetData>"})
    assert parsed.warnings == (
        "Formulas without a stored value are left out (2): open the workbook in an office program and save it.",
    )


def test_blank_rows_part_what_lies_under_other_columns(tmp_path: Path) -> None:
    rows = [["Report"], ["of tea"], [], ["", "Kind", "Sum"], ["", "green", "2"], [], ["", "black", "3"], [], ["", "", "a note"]]
    parsed = workbook(tmp_path, {"One": cells(*rows)})
    assert told(parsed) == [
        ("paragraph", "Report"),
        ("paragraph", "of tea"),
        ("table", "Kind\tSum\ngreen\t2\nblack\t3"),
        ("paragraph", "a note"),
    ]
    table = parsed.elements[2].table
    assert table is not None
    assert [cell.text for cell in table.cells if cell.header] == ["Kind", "Sum"]
    assert told(workbook(tmp_path, {"One": cells(["a"], ["b"])})) == [("table", "a\nb")]


def test_merged_cells_without_rows_and_columns_that_hold_nothing(tmp_path: Path) -> None:
    rows = cells(["wide", "", "", "last"], ["a", "", "c", "d"], ["e", "", "", "h"])
    parsed = workbook(
        tmp_path, {"One": f'{rows}<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="D2:D3"/><mergeCell ref="x"/></mergeCells>'}
    )
    (element,) = parsed.elements
    assert element.table is not None
    assert [(cell.row, cell.column, cell.text, cell.row_span, cell.column_span) for cell in element.table.cells] == [
        (0, 0, "wide", 1, 2),
        (0, 2, "last", 1, 1),
        (1, 0, "a", 1, 1),
        (1, 1, "c", 1, 1),
        (1, 2, "d", 2, 1),
        (2, 0, "e", 1, 1),
        (2, 1, "", 1, 1),
        (2, 2, "h", 1, 1),
    ]


def test_hidden_sheets_are_kept_and_not_shown(tmp_path: Path) -> None:
    parsed = workbook(tmp_path, {"Open": cells(["seen", "1"]), ".Lists": cells(["unseen", "2"])})
    assert [(element.text, element.main) for element in parsed.elements if element.kind == "table"] == [
        ("seen\t1", True),
        ("unseen\t2", False),
    ]
    assert "unseen" not in markdown.render(parsed.elements)
    assert parsed.warnings == ("Hidden sheets are no main content (1): Lists.",)


def test_a_sheet_that_is_not_in_the_file_is_told(tmp_path: Path) -> None:
    parsed = workbook(tmp_path, {"Open": cells(["seen", "1"]), "Prices": cells(["gone", "2"]), "Empty": "<sheetData/>"})
    assert not parsed.failures
    with zipfile.ZipFile(tmp_path / "x.xlsx") as whole, zipfile.ZipFile(tmp_path / "y.xlsx", "w") as cut:
        for name in whole.namelist():
            if name != "xl/t1.xml":
                cut.writestr(name, whole.read(name))
    parsed = parse(tmp_path / "y.xlsx", XLSX, Window(), Settings())
    assert [(one.code, one.chapter) for one in parsed.failures] == [("corrupt_document", "Prices")]
    assert [(unit.name, unit.produced) for unit in parsed.units] == [("Open", True), ("Prices", False), ("Empty", True)]


def test_what_lies_on_a_sheet(tmp_path: Path) -> None:
    points = '<c:val><c:pt idx="0"><c:v>2</c:v></c:pt></c:val>'
    chart = f"<c:chartSpace {NAMES}><c:chart><c:plotArea><c:ser>{points}</c:ser></c:plotArea></c:chart></c:chartSpace>"
    text = "<xdr:sp><xdr:txBody><a:p><a:r><a:t>A remark</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    drawing = f'<xdr:wsDr {NAMES}>{text}<c:chart r:id="c"/><dgm:relIds r:dm="s"/></xdr:wsDr>'
    point = "<dgm:pt><dgm:t><a:p><a:r><a:t>Pick</a:t></a:r></a:p></dgm:t></dgm:pt>"
    members = {
        "_rels/t0.xml.rels": relations(("d", "drawing", "drawing.xml")),
        "drawing.xml": drawing,
        "_rels/drawing.xml.rels": relations(("c", "chart", "chart.xml"), ("s", "diagramData", "data.xml")),
        "chart.xml": chart,
        "data.xml": f"<dgm:dataModel {NAMES}>{point}</dgm:dataModel>",
    }
    parsed = workbook(tmp_path, {"One": cells(["x", "y"])}, members=members)
    assert told(parsed) == [("table", "x\ty"), ("paragraph", "A remark"), ("table", "2"), ("list_item", "- Pick")]


def test_a_far_cell_costs_nothing(tmp_path: Path) -> None:
    sheet = (
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v>'
        '</c><c r="XFE1048576"><v>3</v></c></row><row r="1048577"><c><v>4</v></c></row></sheetData>'
    )
    assert [text for _, text in told(workbook(tmp_path, {"One": sheet}))] == ["1", "2"]


# ---------------------------------------------------------------- XLS


def record(kind: int, *words: int, tail: bytes = b"") -> bytes:
    """A record of BIFF: two bytes for each word, then the tail."""
    data = struct.pack(f"<{len(words)}H", *words) + tail
    return struct.pack("<HH", kind, len(data)) + data


def biff(cells: bytes, version: int = 0x500, name: bytes = b"\x03One") -> bytes:
    """A workbook of Excel 5 with one sheet of these records."""
    start = record(0x809, version, 5, 0, 0) + record(0xE0, *[0] * (8 if version == 0x500 else 10))
    end = record(0x0A)
    at = len(start) + 10 + len(name) + len(end)  # the middle is the record that tells it
    sheet = record(0x85, at, 0, 0, tail=name) + end
    return start + sheet + record(0x809, version, 0x10, 0, 0) + cells + end


def label(row: int, column: int, text: bytes) -> bytes:
    return record(0x204, row, column, 0, len(text), tail=text)


def test_xls_with_a_far_format_and_a_comment(tmp_path: Path) -> None:
    note = b"Ann:\nIs that so?"
    records = label(0, 0, b"tea") + label(1, 1, b"pot") + record(0x201, 16_383, 255, 0) + record(0x1C, 1, 1, len(note), tail=note)
    path = tmp_path / "x.xls"
    path.write_bytes(biff(records))
    assert told(parse(path, XLS, Window(), Settings())) == [("table", "tea\n\tpot[^c1]"), ("footnote", "Ann:\nIs that so?")]


def test_a_text_without_its_box_is_told(tmp_path: Path) -> None:
    """xlrd reads a variable then that it has never set."""
    text = record(0x1B6, *[0] * 5, 2, 0, 0, 0) + record(0x3C, tail=b"\x00hi")
    path = tmp_path / "x.xls"
    path.write_bytes(biff(text, 0x600, b"\x03\x00One"))
    with pytest.raises(CorruptDocument, match="damaged"):
        parse(path, XLS, Window(), Settings())


def test_a_damaged_compound_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000))
    with pytest.raises(CorruptDocument, match="damaged"):
        parse(path, XLS, Window(), Settings())


def test_figures_above_the_line_stay_there(tmp_path: Path) -> None:
    spans = (("m", ""), ("2", "superscript"), (" H", "baseline"), ("2", "subscript"), ("O", ""))
    runs = (
        f'<r><rPr>{f"<vertAlign val={how!r}/>" if how else ""}</rPr><t xml:space="preserve">{text}</t></r>' for text, how in spans
    )
    sheet = '<sheetData><row><c t="s"><v>0</v></c><c><v>4</v></c></row></sheetData>'
    assert told(workbook(tmp_path, {"One": sheet}, texts=f"<si>{''.join(runs)}</si>")) == [("table", "m² H2O\t4")]
