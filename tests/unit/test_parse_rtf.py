"""RTF as LibreOffice, Word, TextEdit and others write it: styles, lists, tables, notes, what is hidden or deleted."""

from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.model import Cell, Parsed, Window
from kbray.parse import parse
from kbray.parse.media import RTF
from tests.writers.office import told


def rtf(folder: Path, body: str, head: str = "") -> Parsed:
    path = folder / "x.rtf"
    path.write_bytes(rf"{{\rtf1\ansi\deff0{head}{body}}}".encode("latin-1"))
    return parse(path, RTF, Window(), Settings())


STYLES = (
    r"{\stylesheet{\ql \snext0 Normal;}{\s1\sbasedon0\outlinelevel0\b heading 1;}{\s2\sbasedon1 My own;}{\s3 heading 3;}"
    r"{\*\cs10 \additive Default;}{\s4 caption;}{\s5\sbasedon4 Table Caption;}{\*\ts11\tsrowd\trowd Table;}{\s6\v Secret;}"
    r"{\s7 toc 2;}}"
)


def test_headings_and_captions_by_style_and_outline(tmp_path: Path) -> None:
    body = r"\pard\s1 One\par\pard\plain\s2 Two\par\pard\s3{\listtext\pard\plain 1.1\tab}Three\par\pard\s1\outlinelevel9 Text\par"
    body += r"\pard\outlinelevel1 Four\par\pard\s5 Table 1\par\pard\s6 no\par\pard\s7 Four 9\par"
    parsed = rtf(tmp_path, body, STYLES)
    assert told(parsed) == [
        ("heading", "One"),
        ("heading", "Two"),
        ("heading", "1.1 Three"),
        ("paragraph", "Text"),
        ("heading", "Four"),
        ("caption", "Table 1"),
        ("list_item", "- Four 9 @2"),
    ]
    assert [element.level for element in parsed.elements[:5]] == [1, 1, 3, 0, 2]


def test_lists_have_the_labels_that_are_written_before_them(tmp_path: Path) -> None:
    fonts = r"{\fonttbl{\f0 Arial;}{\f1\fnil\fcharset2 Symbol;}{\f2 Courier New;}}"
    body = r"{\listtext\pard\plain\f1 \'b7\tab}\ilvl0\ls1 dot\par{\listtext\f2 o\tab}\ilvl1 ring\par"
    body += r"\pard{\pntext\pard 2.\tab}\pard two\par\pard plain\par"
    assert told(rtf(tmp_path, body, fonts)) == [
        ("list_item", "- dot"),
        ("list_item", "- ring @2"),
        ("list_item", "2. two"),
        ("paragraph", "plain"),
    ]


def test_items_by_hand_hang(tmp_path: Path) -> None:
    def item(text: str, left: int) -> str:
        return rf"{{\pard\li{left}\fi-360 {text}\par}}"

    body = (
        item(r"\bullet\tx360\tab one", 360)
        + item(r"a)\tab deeper", 720)
        + r"{\pard\li720\fi0 more\par}"
        + item(r"b)\tab so", 720)
    )
    body += item(r"IV.\tab four", 360) + item(r"1. no tab", 360) + r"{\pard 5.\tab no indent\par}"
    assert told(rtf(tmp_path, body)) == [
        ("list_item", "- one"),
        ("list_item", "a) deeper @2"),
        ("paragraph", "more"),
        ("list_item", "b) so @2"),
        ("list_item", "IV. four"),
        ("paragraph", "1. no tab"),
        ("paragraph", "5. no indent"),
    ]


def test_notes_and_comments_come_last(tmp_path: Path) -> None:
    body = r"Tea{\super\chftn{\*\footnote\chftn\pard\plain  Old.\par Very.}} is{\*\atnauthor Ann}\chatn"
    body += r"{\*\annotation{\*\atndate -1477714527}Is it?} hot"
    body += r"{\v{\footnote hidden}}{\footnote\ftnalt At the end.}.\par"
    assert told(rtf(tmp_path, body)) == [
        ("paragraph", "Tea[^1] is[^c1] hot[^2]."),
        ("footnote", "Old.\nVery."),
        ("footnote", "At the end."),
        ("footnote", "Ann, 2026-11-27: Is it?"),
    ]


def test_tables_with_merged_cells_lists_and_tables_in_them(tmp_path: Path) -> None:
    def row(cells: str, *definitions: str, more: str = "") -> str:
        defined = "".join(rf"{merge}\cellx{1000 * place}" for place, merge in enumerate(definitions, start=1))
        return rf"\trowd{more}{defined}\pard\intbl {cells}\row"

    inner = r"\pard\intbl\itap2 x\nestcell y\nestcell{\*\nesttableprops\trowd\cellx100\cellx200\nestrow}{\nonesttables\par}"
    body = row(r"head\cell\cell kind\cell", r"\clmgf", r"\clmrg", "", more=r"\trhdr")
    body += row(rf"a\cell b\par{{\listtext 1.\tab}}c\cell {inner}\pard\intbl\cell", r"\clvmgf", "", "")
    body += row(r"\cell d\cell e\cell", r"\clvmrg", "", "") + r"\pard end\par"
    table, end = rtf(tmp_path, body).elements
    assert table.table is not None
    assert table.table.cells == (
        Cell(0, 0, "head", 1, 2, header=True),
        Cell(0, 2, "kind", header=True),
        Cell(1, 0, "a", 2, 1),
        Cell(1, 1, "b\n1. c"),
        Cell(1, 2, "x\ty"),
        Cell(2, 1, "d"),
        Cell(2, 2, "e"),
    )
    assert end.text == "end"


def test_what_is_hidden_deleted_or_for_other_readers_is_left_out(tmp_path: Path) -> None:
    body = r"a{\v b}{\deleted c}\v d\v0 e\plain f{\*\unknown g}{\upr{h}{\*\ud{\u26085?}}}{\field{\*\fldinst PAGE}{\fldrslt i}}"
    body += r"{\object{\*\objdata 00}{\result j}}\-k\par\pard{\*\bkmkstart l}" + "\\\nm\\~n\\bin3 }}}o\\par"
    parsed = rtf(tmp_path, body)
    assert told(parsed) == [("paragraph", "aef日ijk"), ("paragraph", "m no")]
    assert parsed.warnings == ("Tracked deletions are left out (1).",)


def test_headers_boxes_and_pictures(tmp_path: Path) -> None:
    box = r"{\shp{\*\shpinst{\sp{\sn name}{\sv x}}{\shptxt\pard In a box\par}}{\shprslt{\*\do{\dptxbxtext again}}}}"
    picture = r"{\*\shppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv A cup}}}\pngblip 89504e47}}{\nonshppict{\pict 00}}"
    running = r"{\header\pard Tea\par}{\headerf First\par}{\footer 1\par}\sectd{\header Tea\par}"
    parsed = rtf(tmp_path, rf"{running}\pard before{box} and{picture} after\par")
    assert told(parsed) == [
        ("header", "Tea"),
        ("paragraph", "before and after"),
        ("paragraph", "In a box"),
        ("image", "A cup"),
        ("footer", "1"),
    ]


def test_text_in_a_typeface_of_one_width_is_code_unless_most_is(tmp_path: Path) -> None:
    fonts = r"{\fonttbl{\f0 Arial;}{\f1\fmodern Courier New;}}"
    body = r"\pard Words of a text that is longer than the code in it.\par\f1 if x:\par\par   y = \{\}\par\f0 End\par"
    assert told(rtf(tmp_path, body, fonts))[1:] == [("code", "if x:\n\n  y = {}"), ("paragraph", "End")]
    assert {element.kind for element in rtf(tmp_path, r"\f1 A letter, all of it.\par\f0 Yours\par", fonts).elements} == {
        "paragraph"
    }


@pytest.mark.parametrize(
    "body", [r"\trowd\cellx9 a\cell b", r"{\footnote{\pard a", r"a}}}} b\par", r"{\fonttbl{\footnote a;}} b\par"]
)
def test_what_is_cut_off_or_misplaced_loses_no_text(tmp_path: Path, body: str) -> None:
    assert "".join(element.text for element in rtf(tmp_path, body).elements).count("a") == 1


def test_groups_without_end_are_told(tmp_path: Path) -> None:
    with pytest.raises(CorruptDocument, match="nested too deeply"):
        rtf(tmp_path, "{" * 20_000 + "a")


def test_figures_above_the_line_stay_there(tmp_path: Path) -> None:
    body = r"\pard 10{\super 3} m{\up8 2}\super -1\nosupersub  of H{\sub 2}O, 1{\super st}, \super 2\plain 3\par"
    assert [one.text for one in rtf(tmp_path, body).elements] == ["10³ m²⁻¹ of H2O, 1st, ²3"]
