"""Office documents in one file of XML: Word's and Excel's of 2003, and packages written into one file."""

import base64
import io
from pathlib import Path

import docx
import pptx
import pytest
from PIL import Image

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentTooLarge, EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import EXCEL_2003, FLAT_DOCX, FLAT_PPTX, WORD_2003
from kbray.parse.sniff import sniff
from tests.writers.office import flat_package, told

WORD = (
    'xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" '
    'xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint" '
    'xmlns:aml="http://schemas.microsoft.com/aml/2001/core" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office"'
)
EXCEL = (
    'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:html="http://www.w3.org/TR/REC-html40"'
)
PROPERTIES = (
    "<o:DocumentProperties><o:Title>Tides</o:Title><o:Author>Ann Lee</o:Author><o:Created>2004-05-06T07:08:09Z</o:Created>"
    "</o:DocumentProperties>"
)

PERCENT = 'ss:StyleID="part"'


def read(folder: Path, xml: str, media_type: str, encoding: str = "utf-8") -> Parsed:
    path = folder / "x.xml"
    path.write_bytes(
        f'<?xml version="1.0" encoding="{encoding}"?><?mso-application progid="Word.Document"?>{xml}'.encode(encoding)
    )
    assert sniff(path, "x.xml") == media_type
    return parse(path, media_type, Window(), Settings())


def word(folder: Path, body: str, before: str = "", encoding: str = "utf-8") -> Parsed:
    return read(folder, f"<w:wordDocument {WORD}>{before}<w:body>{body}</w:body></w:wordDocument>", WORD_2003, encoding)


def excel(folder: Path, table: str, styles: str = "", more: str = "", before: str = "") -> Parsed:
    sheet = f'<Worksheet ss:Name="Levels"><Table>{table}</Table>{more}</Worksheet>'
    return read(folder, f"<Workbook {EXCEL}>{before}<Styles>{styles}</Styles>{sheet}</Workbook>", EXCEL_2003)


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_titles_lists_and_sections_of_word(tmp_path: Path) -> None:
    levels = '<w:lvl w:ilvl="0"><w:start w:val="3"/><w:nfc w:val="4"/><w:lvlText w:val="%1)"/></w:lvl>'
    levels += '<w:lvl w:ilvl="1"><w:nfc w:val="23"/><w:lvlText w:val="o"/></w:lvl>'
    lists = f'<w:lists><w:listDef w:listDefId="7">{levels}</w:listDef><w:list w:ilfo="2"><w:ilst w:val="7"/></w:list></w:lists>'
    styles = '<w:styles><w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 1"/></w:style></w:styles>'

    def item(text: str, level: int) -> str:
        return p(text, f'<w:listPr><w:ilvl w:val="{level}"/><w:ilfo w:val="2"/></w:listPr>')

    running = f'<w:sectPr><w:hdr w:type="odd">{p("at the head")}</w:hdr><w:ftr w:type="odd">{p("at the foot")}</w:ftr></w:sectPr>'
    inside = p("Tides", '<w:pStyle w:val="H"/>') + item("spring", 0) + item("of March", 1) + item("neap", 0) + running
    parsed = word(
        tmp_path, f"<wx:sect><wx:sub-section>{inside}</wx:sub-section></wx:sect>", PROPERTIES + lists + styles, "utf-16"
    )
    assert told(parsed) == [
        ("header", "at the head"),
        ("heading", "Tides"),
        ("list_item", "c) spring"),
        ("list_item", "- of March @2"),
        ("list_item", "d) neap"),
        ("footer", "at the foot"),
    ]
    assert (parsed.metadata.title, parsed.metadata.authors) == ("Tides", ("Ann Lee",))
    assert parsed.metadata.date == "2004-05-06T07:08:09Z"


def test_notes_changes_and_comments_of_word(tmp_path: Path) -> None:
    def change(kind: str, content: str) -> str:
        about = f'aml:id="1" aml:author="Bo" aml:createdate="2004-05-06T07:08:09Z" w:type="Word.{kind}"'
        return f"<aml:annotation {about}><aml:content>{content}</aml:content></aml:annotation>"

    def run(text: str) -> str:
        return f"<w:r><w:t>{text}</w:t></w:r>"

    body = run("The sea ") + change("Insertion", run("rises")) + change("Deletion", "<w:r><w:delText>falls</w:delText></w:r>")
    body += f"<w:r><w:footnote>{p('By the moon.')}</w:footnote></w:r>" + run(" twice")
    body += f"<w:r>{change('Comment', p('A day?'))}</w:r><w:r><w:endnote>{p('See Laplace.')}</w:endnote></w:r>"
    body += change("Bookmark.Start", "")
    parsed = word(tmp_path, f'<w:p>{body}</w:p><w:p><w:hlink w:dest="http://a.b/">{run("a link")}</w:hlink></w:p>')
    assert told(parsed) == [
        ("paragraph", "The sea rises[^1] twice[^c1][^2]"),
        ("paragraph", "a link"),
        ("footnote", "By the moon."),
        ("footnote", "Bo, 2004-05-06: A day?"),
        ("footnote", "See Laplace."),
    ]
    assert parsed.warnings == ("Tracked deletions are left out (1).",)


def test_tables_and_pictures_of_word(tmp_path: Path) -> None:
    drawn = io.BytesIO()
    Image.effect_noise((400, 300), 80).save(drawn, "PNG")
    data = base64.b64encode(drawn.getvalue()).decode()

    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"

    tall = cell("port", '<w:vmerge w:val="restart"/>')
    first = f"<w:tr>{tall}{cell('high')}</w:tr>"
    table = f"<w:tbl>{first}<w:tr>{cell('', '<w:vmerge/>')}{cell('low')}</w:tr></w:tbl>"
    shape = '<v:shape alt="a gauge"><v:imagedata src="wordml://1.png"/></v:shape>'
    picture = f'<w:p><w:r><w:pict><w:binData w:name="wordml://1.png">{data}</w:binData>{shape}</w:pict></w:r></w:p>'
    again = f"<w:p><w:r><w:pict>{shape}</w:pict></w:r></w:p>"
    parsed = word(tmp_path, table + picture + again)
    port = next(element.table for element in parsed.elements if element.table).cells[0]
    assert (port.text, port.row_span) == ("port", 2)
    assert [element.text for element in parsed.elements if element.kind == "image"] == ["a gauge", "a gauge"]
    assert [image.target for image in parsed.images] == ["word/media/1.png"]


def test_cells_of_excel_are_as_they_are_shown(tmp_path: Path) -> None:
    styles = (
        '<Style ss:ID="Default"><NumberFormat/></Style><Style ss:ID="money"><NumberFormat ss:Format="#,##0.00"/></Style>'
        '<Style ss:ID="red" ss:Parent="money"/><Style ss:ID="day"><NumberFormat ss:Format="Short Date"/></Style>'
        '<Style ss:ID="part"><NumberFormat ss:Format="Percent"/></Style>'
    )

    def cell(kind: str, text: str, more: str = "") -> str:
        return f'<Cell {more}><Data ss:Type="{kind}">{text}</Data></Cell>'

    head = "<Row>" + "".join(cell("String", name) for name in ("port", "level", "day", "share", "seen")) + "</Row>"
    rich = "<html:B>Br</html:B>est<html:Sup>2</html:Sup>"
    first = cell("String", rich) + cell("Number", "1234.5", 'ss:StyleID="red"') + cell("DateTime", "2004-05-06T00:00:00.000")
    first = f"<Row>{first}{cell('Number', '0.25', PERCENT)}{cell('Boolean', '1')}</Row>"
    said = '<Comment ss:Author="Bo"><ss:Data><html:B>Bo:</html:B> too low</ss:Data></Comment>'
    second = f'<Row ss:Index="3"><Cell ss:MergeAcross="1"><Data ss:Type="String">Saint-Malo</Data>{said}</Cell>'
    second += cell("Error", "#N/A", 'ss:Index="4"') + '<Cell ss:Formula="=RC[-1]"/></Row>'
    columns = '<Column/><Column ss:Index="3" ss:StyleID="day"/>'
    parsed = excel(tmp_path, columns + head + first + second, styles, before=PROPERTIES)
    table = next(element.table for element in parsed.elements if element.table)
    assert [(cell.row, cell.column, cell.text) for cell in table.cells if cell.row] == [
        *((1, place, text) for place, text in enumerate(("Brest²", "1,234.50", "2004-05-06", "25.00%", "TRUE"))),
        (2, 0, "Saint-Malo[^c1]"),
        *((2, place, text) for place, text in ((2, ""), (3, "#N/A"))),
    ]
    assert next(cell for cell in table.cells if cell.text.startswith("Saint")).column_span == 2
    assert parsed.elements[-1].text == "Bo: too low"
    assert parsed.warnings == (
        "Formulas without a stored value are left out (1): open the workbook in an office program and save it.",
    )
    assert (parsed.metadata.title, parsed.metadata.authors) == ("Tides", ("Ann Lee",))


def test_hidden_sheets_and_1904_of_excel(tmp_path: Path) -> None:
    hidden = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"
    old = "<x:ExcelWorkbook><x:Date1904/></x:ExcelWorkbook>"
    day = '<Style ss:ID="d"><NumberFormat ss:Format="yyyy\\-mm\\-dd"/></Style>'
    row = '<Row><Cell ss:StyleID="d"><Data ss:Type="Number">0</Data></Cell></Row>'
    row += '<Row><Cell><Data ss:Type="String">a</Data></Cell></Row>'
    parsed = excel(tmp_path, row, day, hidden, old)
    assert [(element.main, element.text) for element in parsed.elements] == [(False, "1904-01-01\na")]
    assert parsed.warnings == ("Hidden sheets are no main content (1): Levels.",)


def test_packages_in_one_file_read_as_packages(tmp_path: Path) -> None:
    document, slides = docx.Document(), pptx.Presentation()
    document.add_heading("Tides", 1)
    document.add_paragraph("The sea rises.")
    slides.slides.add_slide(slides.slide_layouts[5]).shapes.title.text = "Tides of Brest"
    for made, media_type in ((document, FLAT_DOCX), (slides, FLAT_PPTX)):
        made.save(str(tmp_path / "zipped"))
        path = flat_package(tmp_path / "flat.xml", tmp_path / "zipped")
        assert sniff(path, "flat.xml") == media_type
        flat = parse(path, media_type, Window(), Settings())
        zipped = parse(tmp_path / "zipped", media_type.removesuffix("-flat-xml"), Window(), Settings())
        assert flat == zipped
        assert flat.elements


@pytest.mark.parametrize(("kind", "root"), [(WORD_2003, f"w:wordDocument {WORD}"), (EXCEL_2003, f"Workbook {EXCEL}")])
def test_damage_is_told(tmp_path: Path, kind: str, root: str) -> None:
    name = root.partition(" ")[0]
    (tmp_path / "cut").write_text(f"<{root}><w:p>")
    with pytest.raises(CorruptDocument, match=r"XML of 2003\) can't be read"):
        parse(tmp_path / "cut", kind, Window(), Settings())
    (tmp_path / "empty").write_text(f"<{root}></{name}>")
    with pytest.raises((EmptyDocument, CorruptDocument)):
        parse(tmp_path / "empty", kind, Window(), Settings())
    with pytest.raises(DocumentTooLarge, match="max_member_bytes"):
        parse(tmp_path / "empty", kind, Window(), Settings(max_member_bytes=10))
