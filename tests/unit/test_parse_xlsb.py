"""XLSB: what a small writer of its records wrote is what is read."""

import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import XLSB
from kbray.parse.office import xlsb
from kbray.parse.sniff import sniff
from tests.writers.xlsb import cell, record, row, text, workbook


def read(path: Path) -> Parsed:
    assert sniff(path, path.name) == XLSB
    return parse(path, XLSB, Window(), Settings())


def test_cells_of_all_kinds_are_read_as_they_are_shown(tmp_path: Path) -> None:
    texts = record(19, b"\0", text("Part")) + record(19, b"\1", text("Largest  box"), bytes(8))
    date = record(44, struct.pack("<H", 164), text("yyyy\\-mm\\-dd"))
    xfs = [struct.pack("<8H", 0, code, 0, 0, 0, 0, 0, 0) for code in (0, 164, 10)]
    styles = (
        date
        + record(626)
        + record(47, struct.pack("<8H", 0xFFFF, 14, 0, 0, 0, 0, 0, 0))
        + record(627)
        + record(617, struct.pack("<I", len(xfs)))
        + b"".join(record(47, xf) for xf in xfs)
        + record(618)
    )
    sheet = (
        record(145)
        + row(
            0,
            cell(7, 0, struct.pack("<I", 0)),
            cell(6, 1, text("Size")),
            cell(62, 2, b"\0" + text("When")),
            cell(6, 3, text("Left")),
        )
        + row(
            1,
            cell(7, 0, struct.pack("<I", 1)),
            cell(2, 1, struct.pack("<i", -3 << 2 | 2)),
            cell(5, 2, struct.pack("<d", 45000.0), 1),
            cell(9, 3, struct.pack("<d", 0.25) + bytes(6), 2),
        )
        + row(
            2,
            cell(8, 0, text("made") + bytes(6)),
            cell(2, 1, struct.pack("<I", 12345 << 2 | 3)),
            cell(4, 2, b"\1"),
            cell(3, 3, b"\x2a"),
        )
        + row(
            3,
            cell(6, 0, text("short")),
            record(13, bytes(4), struct.pack("<I", struct.unpack("<Q", struct.pack("<d", 1.5))[0] >> 32)),
            record(12, bytes(4)),
            record(17, bytes(4), text("last")),
        )
        + record(146)
        + record(176, struct.pack("<4I", 2, 3, 2, 2))
    )
    found = read(workbook(tmp_path / "a.xlsb", sheet, texts=texts, styles=styles))
    tables = [one.table for one in found.elements if one.table]
    assert [(one.row, one.column, one.text) for one in tables[0].cells] == [
        *((0, 0, "Part"), (0, 1, "Size[^c1]"), (0, 2, "When"), (0, 3, "Left")),
        *((1, 0, "Largest box"), (1, 1, "-3"), (1, 2, "2023-03-15"), (1, 3, "25.00%")),
        *((2, 0, "made"), (2, 1, "123.45"), (2, 2, "TRUE"), (2, 3, "#N/A")),
        *((3, 0, "short"), (3, 1, "1.5"), (3, 3, "last")),
    ]
    assert [one.row_span for one in tables[0].cells if one.text == "TRUE"] == [2]
    assert [one.text for one in found.elements if one.kind == "footnote"] == ["Zoe: wrong?"]
    assert [(one.text, one.main) for one in found.elements if one.chapter == "Draft"][-1] == ("not for all", False)
    assert "Hidden sheets are no main content (1): Draft." in found.warnings


def test_days_since_1904_are_others(tmp_path: Path) -> None:
    styles = record(617) + record(47, struct.pack("<8H", 0, 14, 0, 0, 0, 0, 0, 0)) + record(618)
    sheet = row(0, cell(6, 0, text("from")), cell(5, 1, struct.pack("<d", 1.0)))
    found = [read(workbook(tmp_path / "a.xlsb", sheet, styles=styles, since_1904=old)).elements[1].text for old in (False, True)]
    assert found == ["from\t1900-01-01[^c1]", "from\t1904-01-02[^c1]"]


@pytest.mark.parametrize("cut", [3, 10, 25])
def test_a_sheet_that_is_cut_off_is_damaged(tmp_path: Path, cut: int) -> None:
    sheet = row(0, cell(6, 0, text("a text")))
    with pytest.raises(CorruptDocument, match=r"workbook \(XLSB\) can't be read: it is damaged"):
        read(workbook(tmp_path / "a.xlsb", sheet[:cut]))


@given(st.floats(-1e6, 1e6).map(lambda value: round(value, 2)))
def test_numbers_in_four_bytes(value: float) -> None:
    hundredth = round(value * 100)
    if abs(hundredth) < 1 << 29:
        assert xlsb._rk((hundredth << 2 | 3) & 0xFFFFFFFF) == pytest.approx(value)
    assert xlsb._rk((int(value) << 2 | 2) & 0xFFFFFFFF) == int(value)


@given(data=st.data())
def test_damaged_sheets_end_with_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    sheet = bytearray(
        row(0, cell(6, 0, text("name")), cell(7, 1, struct.pack("<I", 0))) + record(176, struct.pack("<4I", 0, 9, 0, 9))
    )
    for _ in range(data.draw(st.integers(1, 4))):
        sheet[data.draw(st.integers(0, len(sheet) - 1))] = data.draw(st.integers(0, 255))
    with suppress(DocumentError):  # whatever else it raises has no sentence
        read(workbook(tmp_path_factory.mktemp("damaged") / "a.xlsb", bytes(sheet), texts=record(19, b"\0", text("shared"))))
