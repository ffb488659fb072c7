"""What a file costs grows as it does: hostile ones of eight times the size don't take the square of that."""

import gc
import json
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kbray import geometry
from kbray.config import Settings
from kbray.document.joining import is_open
from kbray.document.layout.lines import lines_of
from kbray.document.layout.numbered import numbers_of_lines
from kbray.document.layout.words import Word
from kbray.model import Metadata, Parsed, Window
from kbray.parse import epub, parse
from kbray.parse.djvu.outline import metadata_of
from kbray.parse.hangul.document import Document, Drawn, Formula, Grid, Note, Paragraph, Piece, Run, TableCell
from kbray.parse.looks import Print
from kbray.parse.media import BIBTEX, EML, HWP, MHTML, NOTEBOOK, RSS, SUBRIP, TEXT, XML
from kbray.parse.office import reading_order as reading_order_of
from kbray.parse.office.number_format import shown
from kbray.parse.office.reading_order import Box
from kbray.parse.sniff import sniff
from tests.writers.epub import book, page
from tests.writers.hangul import write_hwp
from tests.writers.office import word, workbook
from tests.writers.pdf import Page, write_pdf

_FEWER, _TIMES, _LONGER = 1000, 8, 30  # of squares it would be 64


def _rows_that_stay(folder: Path, count: int) -> object:
    (folder / "x.html").write_text(f"<table>{'<tr><td rowspan=60000>a</td><td>b</td></tr>' * count}</table>")
    return parse(folder / "x.html", "text/html", Window(), Settings())


def _notes(folder: Path, count: int) -> Parsed:
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    marks = "".join(f'<w:p><w:r><w:t>a</w:t><w:footnoteReference w:id="{one}"/></w:r></w:p>' for one in range(count))
    notes = "".join(f'<w:footnote w:id="{one}"><w:p><w:r><w:t>n</w:t></w:r></w:p></w:footnote>' for one in range(count))
    return word(folder, marks, {"n.xml": f"<w:footnotes {names}>{notes}</w:footnotes>"}, {"n.xml": "footnotes"})


def _blank_rows(folder: Path, count: int) -> Parsed:
    rows = (f'<row r="{one}"><c r="A{one}"><v>1</v></c><c r="C{one}"><v>1</v></c></row>' for one in range(1, 3 * count, 3))
    return workbook(folder, {"a": f"<sheetData>{''.join(rows)}</sheetData>"})


def _sheets_of_chapters(folder: Path, count: int) -> Parsed:
    head = '<link rel="stylesheet" href="s.css"/>'
    chapters = {f"c{one}.xhtml": page("<p>a</p>", head=head) for one in range(count // 8)}
    css = "".join(f".c{one} {{ font-size: {one % 30}px }}" for one in range(count))
    return epub.parse(book(folder / "b.epub", chapters, **{"OEBPS/s.css": css}), Window(), Settings())


def _lines(folder: Path, count: int) -> object:
    tall = Page(height=14.0 * count).paragraph(72, 20, ["word here"] * count)
    return parse(write_pdf(folder / "x.pdf", [tall]), "application/pdf", Window(1, 1), Settings(ocr="never"))


def _lines_over_each_other(_: Path, count: int) -> object:
    """Of other words, which stand too near to go on, but in one row."""
    return lines_of([_word(f"word{one}", 40 + one % 7 * 0.1, order=100 * one) for one in range(count)])


def _numbers_in_a_row(_: Path, count: int) -> object:
    return numbers_of_lines([_word(str(one % 60), 40 + one % 600) for one in range(count)])


def _word(text: str, left: float, order: int = 0) -> Word:
    return Word(text, geometry.Box(left, 92.0, left + 5 * len(text), 102.0), 10.0, 100.0, order=order)


def _written(folder: Path, text: str, media_type: str) -> Parsed:
    (folder / "x").write_text(text)
    return parse(folder / "x", media_type, Window(), Settings())


def _variants(folder: Path, count: int) -> Parsed:
    variants = "<choice>" + "<sic>b c</sic>" * 4 * count + "</choice>" + "<note>b</note> c" * count
    return _written(folder, f"<TEI><text><p>a{variants}</p></text></TEI>", XML)


def _fields(folder: Path, count: int) -> Parsed:
    return _written(folder, f"<d>{'<s><title>a b</title>' * 100}{'<x>two words</x><y/>' * count}{'</s>' * 100}</d>", XML)


def _descriptions(folder: Path, count: int) -> Parsed:
    texts = (f"<description>word {one}</description>" for one in range(count))
    return _written(folder, f"<rss><channel><item>{''.join(texts)}</item></channel></rss>", RSS)


def _cues(folder: Path, count: int) -> Parsed:
    return _written(folder, "1\n00:00:01,000 --> 00:00:02,000\n" + "{\\\\" * count + "<v a " * count + "a\n" * count, SUBRIP)


def _output(folder: Path, count: int) -> Parsed:
    outputs = [{"output_type": "stream", "text": "a" * 20 * count + "\x1b]" * count}]
    cells = [{"cell_type": "code", "source": "x", "outputs": outputs}, {"cell_type": "markdown", "source": "$a " * count}]
    return _written(folder, json.dumps({"nbformat": 4, "cells": cells}), NOTEBOOK)


def _long_item(folder: Path, count: int) -> Parsed:
    return _written(folder, "- one\n" + "  and more of it\n" * 8 * count, TEXT)


def _parameters(folder: Path, count: int) -> Parsed:
    many = "".join(f"; n*{one}*=b" for one in range(12 * count))
    return _written(
        folder, f'Content-Type: multipart/related; boundary="b"{many}\n\n--b\nContent-Type: text/html\n\n<p>a</p>\n', MHTML
    )


def _authors(folder: Path, count: int) -> Parsed:
    return _written(
        folder, f"<rss><channel><item><title>a</title><author>{'@' * 10 * count}</author></item></channel></rss>", RSS
    )


def _heading_of_blanks(folder: Path, count: int) -> Parsed:
    return _written(folder, f"# a{' ' * 20 * count}b\n", "text/markdown")


def _size_of_digits(folder: Path, count: int) -> Parsed:
    return _written(folder, f'<p style="font-size:{"1" * 2 * count}">a</p><p>b</p>', "text/html")


def _brackets(_: Path, count: int) -> object:
    return shown(1.5, "[" * 20 * count)


def _quotes(_: Path, count: int) -> object:
    return metadata_of(['(metadata (title "' + '\\"' * 4 * count])


def _marks_at_an_end(_: Path, count: int) -> object:
    return is_open("a" + "[^1]" * 4 * count + "b")


def _manifest_without_ends(folder: Path, count: int) -> str:
    with zipfile.ZipFile(folder / "x", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", "")
        archive.writestr("META-INF/manifest.xml", 'media-type="a" ' * 8 * count)
    return sniff(folder / "x", "x")


def _comments_without_ends(folder: Path, count: int) -> Parsed:
    return _written(folder, "<d>words here" + "<!--" * 2 * count, XML)


def _nested(folder: Path, count: int) -> Parsed:
    """Less deep than the parser allows, which leaves out what is deeper."""
    depth = count // 8
    ends = (('<div class="poem">', "</div>"), ('<span class="pagenum">', "</span>"), ("<q>", "</q>"))
    deep = "".join(f"{begin * depth}a{end * depth}" for begin, end in ends)
    return _written(folder, f"<p>words here</p>{deep}", "text/html")


def _marked_up_title(folder: Path, count: int) -> Parsed:
    return _written(folder, f"@book{{a, title={{{'<i ' * 4 * count}}}}}\n", BIBTEX)


def _hangul(folder: Path, count: int) -> Parsed:
    """Tables, formulas and notes in one paragraph, each in print of its own."""
    pieces: list[Piece] = []
    for one in range(count):
        grid = Grid([TableCell(0, column, inside=[Paragraph([Run("a")])]) for column in (0, 1)])
        note = Note([Paragraph([Run("b")])])
        pieces += (Run("c", Print(9 + one % 2)), Drawn([grid], inline=True), Formula("{a over b}^2"), note)
    path = write_hwp(folder / "x", Document([Paragraph(pieces)], {}, Metadata()))
    return parse(path, HWP, Window(), Settings())


@pytest.mark.parametrize(
    "read",
    [
        *(_rows_that_stay, _notes, _blank_rows, _sheets_of_chapters, _lines, _lines_over_each_other, _numbers_in_a_row),
        *(_variants, _fields, _descriptions, _cues, _output, _long_item, _parameters),
        *(_marks_at_an_end, _manifest_without_ends, _marked_up_title, _comments_without_ends, _nested),
        *(_hangul, _authors, _heading_of_blanks, _size_of_digits, _brackets, _quotes),
    ],
)
def test_cost_grows_with_the_file(tmp_path: Path, read: Callable[[Path, int], object]) -> None:
    spent = []
    gc.collect()
    gc.freeze()  # what a thousand tests have left in memory is not looked through again while this one reads
    try:
        for count in (10, _FEWER, _FEWER * _TIMES):  # the first loads what is needed
            start = time.thread_time()  # models that other tests have loaded keep threads of their own
            read(tmp_path, count)
            spent.append(time.thread_time() - start)
    finally:
        gc.unfreeze()
    assert spent[2] < _LONGER * max(spent[1], 0.02)


@pytest.mark.parametrize("down", [True, False], ids=["in order", "turned round"])
def test_shapes_along_a_diagonal_are_tried_so_often(down: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = [(0, Box(3.0 * one, 3.0 * one, 3.0 * one + 2, 3.0 * one + 2)) for one in range(290)]
    counted, tries = reading_order_of._columns, 0

    def columns(*arguments: Any) -> Any:
        nonlocal tries
        tries += 1
        return counted(*arguments)

    monkeypatch.setattr(reading_order_of, "_columns", columns)
    order = reading_order_of.reading_order(shapes if down else shapes[::-1], 10.0)
    assert sorted(order) == list(range(290))
    assert tries < 3 * 2_000, "with each number of strips, from each strip on, they would be 40,000"


def test_a_number_format_longer_than_any_program_takes_is_none() -> None:
    assert shown(1234.5, "0#," * 10_000) == "1234.5"


def test_merged_areas_over_each_other_are_looked_at_once(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{one}"><c r="A{one}"><v>{one}</v></c><c r="B{one}"><v>1</v></c></row>' for one in range(1, 3))
    merged = '<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="A1:A2"/></mergeCells>'
    (table,) = (one.table for one in workbook(tmp_path, {"a": f"<sheetData>{rows}</sheetData>{merged}"}).elements if one.table)
    assert table.cells[0].row_span == 2


def test_a_subject_of_many_encoded_words_takes_no_memory_to_speak_of(tmp_path: Path) -> None:
    """email's parser would hold the rest of it for each word: 300 MB."""
    (tmp_path / "x.eml").write_text(f"Subject: {'=?utf-8?q?a?= ' * 8_000}\n\nx")
    parse(tmp_path / "x.eml", EML, Window(), Settings())
    tracemalloc.start()
    try:
        read = parse(tmp_path / "x.eml", EML, Window(), Settings())
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read.metadata.title == "a" * 8_000
    assert most < 30_000_000


def test_a_field_of_no_sensible_length_stays_as_it_came(tmp_path: Path) -> None:
    words = "=?utf-8?q?a?= " * 20_000
    (tmp_path / "x.eml").write_text(f"Subject: {words}\n\nx")
    assert parse(tmp_path / "x.eml", EML, Window(), Settings()).metadata.title == words.strip()


def test_what_a_part_is_is_told_by_the_first_parameters(tmp_path: Path) -> None:
    """email's parser is asked for them at every step, and takes the square of their number."""
    many = "".join(f"; n*{number}*=b" for number in range(2_000))
    head = f"Content-Type: application/zip\nContent-Disposition: attachment{many}; filename=late.zip"
    (tmp_path / "x.eml").write_text(f"{head}\n\nx")
    (one,) = parse(tmp_path / "x.eml", EML, Window(), Settings()).elements
    assert one.text == "Attachment: attachment 1"
