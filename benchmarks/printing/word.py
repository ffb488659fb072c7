"""Documents as DOCX, without footnotes."""

from pathlib import Path
from typing import Any

import docx
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from benchmarks.printing.documents import Document, Look, Piece

_GAP = 12.5  # millimetres between columns, as Word has it
_STYLES = {"grid": "Table Grid", "lines": "Light Shading", "stripes": "Medium Shading 1 Accent 1", "bare": None}


_LARGER = (5, 3, 1, 0)  # points, and bold: titles by level, the document's first, where no styles are used


def write(made: Document, path: Path, *, styles: bool = True) -> None:
    """Args: styles: titles have some; else they are told by their looks alone."""
    look, paper = made.look, docx.Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(look.margin)
    section.header.paragraphs[0].text = look.title
    normal: Any = paper.styles["Normal"]
    normal.font.name, normal.font.size = look.family, Pt(look.size)
    normal.paragraph_format.line_spacing, normal.paragraph_format.space_after = look.leading, Pt(0 if look.indented else 6)
    _add_title(paper, made.pieces[0].text, 0, look, styles=styles)
    if look.columns > 1:
        columns = paper.add_section(WD_SECTION.CONTINUOUS)._sectPr.xpath("./w:cols")[0]
        columns.set(qn("w:num"), str(look.columns))
    number = 0
    for piece in made.pieces[1:]:
        number = number + 1 if piece.kind == "number" else 0
        if piece.kind == "heading":
            _add_title(paper, piece.text, piece.level, look, styles=styles)
        else:
            _add(paper, piece, look, number)
    paper.save(str(path))


def _add_title(paper: Any, text: str, level: int, look: Look, *, styles: bool) -> None:
    if styles:
        paper.add_heading(text, level)
    else:
        run = paper.add_paragraph().add_run(text)
        run.bold, run.font.size = True, Pt(round(look.size) + _LARGER[level])


def _add(paper: Any, piece: Piece, look: Look, number: int) -> None:
    if piece.kind == "table":
        _add_table(paper, piece, look)
    elif piece.kind == "box":
        _add_box(paper, piece, look)
    elif piece.kind == "bullet":
        paper.add_paragraph(piece.text, style="List Bullet" if piece.level == 1 else "List Bullet 2")
    elif piece.kind == "number":
        hanging = paper.add_paragraph(f"{number}.\t{piece.text}").paragraph_format
        hanging.left_indent, hanging.first_line_indent = Pt(18), Pt(-18)
    elif piece.kind == "caption":
        paper.add_paragraph(piece.text, style="Caption")
    elif piece.kind == "code":
        run = paper.add_paragraph().add_run(piece.text)
        run.font.name, run.font.size = look.mono, Pt(0.85 * look.size)
    elif piece.kind == "quote":
        paper.add_paragraph(piece.text, style="Quote").paragraph_format.left_indent = Pt(30)
    else:
        paragraph = paper.add_paragraph(piece.text)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY if look.justified else None
        paragraph.paragraph_format.first_line_indent = Pt(1.4 * look.size) if look.indented else None


def _table(paper: Any, rows: int, columns: int, look: Look) -> Any:
    """As wide as a column of the page, which python-docx doesn't know."""
    width = (210 - 2 * look.margin - _GAP * (look.columns - 1)) / look.columns
    table = paper.add_table(rows, columns)
    table.autofit = False
    for part in (*table.columns, *table._cells):
        part.width = Mm(width / columns)
    return table


def _add_box(paper: Any, piece: Piece, look: Look) -> None:
    table = _table(paper, 1, 1, look)
    table.style = "Table Grid"
    (inside,) = table.cell(0, 0).paragraphs
    inside.add_run(piece.head).bold = True
    inside.add_run().add_break()
    inside.add_run(piece.text)
    paper.add_paragraph()


def _add_table(paper: Any, piece: Piece, look: Look) -> None:
    table = _table(paper, len(piece.rows), len(piece.rows[0]), look)
    table.style = _STYLES[look.rules]
    for row, cells in enumerate(piece.rows):
        for column, text in enumerate(cells):
            (cell,) = table.cell(row, column).paragraphs
            cell.add_run(text).bold = row == 0 or None
            if column in piece.figures:
                cell.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paper.add_paragraph()
