"""Comments in office files of all kinds: notes of their own, referred to where they were made, with who and when in front."""

from pathlib import Path

from kbray.document import markdown
from kbray.model import Parsed
from tests.writers.office import NAMES, SHEET, opendocument, presentation, relations, told, word, workbook

MODERN = 'xmlns:n="http://schemas.microsoft.com/office/powerpoint/2018/8/main"'


def notes(parsed: Parsed) -> list[tuple[str | None, str]]:
    return [(element.marker, element.text) for element in parsed.elements if element.kind == "footnote"]


def test_word(tmp_path: Path) -> None:
    def note(kind: str, number: int, text: str, more: str = "") -> str:
        return f'<w:{kind} w:id="{number}" {more}><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:{kind}>'

    said = note("comment", 1, "Is that so?", 'w:author="Ann  Rosa" w:date="2026-11-26T10:00:00Z"') + note("comment", 2, "Yes.")
    parts = {
        "comments.xml": f"<w:comments {NAMES}>{said}{note('comment', 3, 'on nothing')}</w:comments>",
        "footnotes.xml": f"<w:footnotes {NAMES}>{note('footnote', 1, 'A note.')}</w:footnotes>",
    }
    marks = [
        f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>' for kind, number in (("comment", 1), ("footnote", 1), ("comment", 2))
    ]
    body = f"<w:p><w:r><w:t>Tea{marks[0]}</w:t></w:r>{marks[0]}<w:r><w:t> is</w:t></w:r>{marks[1]}{marks[2]}</w:p>"
    parsed = word(tmp_path, body, parts, {"comments.xml": "comments", "footnotes.xml": "footnotes"})
    assert parsed.elements[0].text == "Tea[^c1] is[^1][^c2]"
    assert notes(parsed) == [("c1", "Ann Rosa, 2026-11-26: Is that so?"), ("1", "A note."), ("c2", "Yes.")]
    assert parsed.warnings == ()
    assert "[^c1]: Ann Rosa, 2026-11-26: Is that so?" in markdown.render(parsed.elements)


def annotation(text: str, more: str = "", name: str = "") -> str:
    return f'<office:annotation office:name="{name}">{more}<text:p>{text}</text:p><text:p/></office:annotation>'


def test_text_of_opendocument(tmp_path: Path) -> None:
    by = "<dc:creator>Ann</dc:creator><dc:date>2026-11-26T10:00:00</dc:date>"
    over = f"{annotation('over two words', by, 'x')}green tea<office:annotation-end office:name='x'/>"
    body = f"<text:p>some {over} or{annotation('at a place')} black</text:p>"
    hidden = '<text:section text:display="none"><text:p><office:annotation-end office:name="y"/></text:p></text:section>'
    parsed = opendocument(tmp_path, "text", f"{body}<text:p>x{annotation('without end', '', 'y')}</text:p>{hidden}")
    assert [element.text for element in parsed.elements[:2]] == ["some green tea[^c1] or[^c2] black", "x"]
    assert notes(parsed) == [("c1", "Ann, 2026-11-26: over two words"), ("c2", "at a place"), ("c3", "without end")]


def test_slides(tmp_path: Path) -> None:
    title = "<p:sp><p:nvSpPr><p:nvPr/></p:nvSpPr><p:txBody><a:p><a:r><a:t>Tea</a:t></a:r></a:p></p:txBody></p:sp>"
    old = '<p:cm authorId="0" dt="2026-11-26T10:00:00"><p:text>Too  short</p:text></p:cm>'

    def body(text: str) -> str:
        return f"<n:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></n:txBody>"

    reply = f'<n:replyLst><n:reply authorId="{{1}}" created="2026-11-27T10:00:00">{body("No")}</n:reply></n:replyLst>'
    new = f'<n:cmLst {NAMES} {MODERN}><n:cm authorId="{{0}}" created="x">{reply}{body("Is it?")}</n:cm></n:cmLst>'
    parts = {"old.xml": f"<p:cmLst {NAMES}>{old}</p:cmLst>", "new.xml": new}
    beside = {
        "commentAuthors": f'<p:cmAuthorLst {NAMES}><p:cmAuthor id="0" name="Ann"/></p:cmAuthorLst>',
        "authors": f'<n:authorLst {MODERN}><n:author id="{{0}}" name="Ben"/><n:author id="{{1}}" name="Cleo"/></n:authorLst>',
    }
    parsed = presentation(tmp_path, [title, ""], parts, dict.fromkeys(parts, "comments"), beside)
    assert [(element.text, element.page) for element in parsed.elements if element.kind == "paragraph"] == [
        ("Tea[^c1][^c2][^c3]", 1),
        ("[^c4][^c5][^c6]", 2),
    ]
    first = [("c1", "Ann, 2026-11-26: Too short"), ("c2", "Ben: Is it?"), ("c3", "Cleo, 2026-11-27: No")]
    assert notes(parsed)[:3] == first
    assert [text for _, text in notes(parsed)[3:]] == [text for _, text in first]


def test_slides_of_opendocument(tmp_path: Path) -> None:
    frame = "<draw:frame><draw:text-box><text:p>Tea</text:p></draw:text-box></draw:frame>"
    slides = [f"<draw:page>{annotation(said)}{frame}</draw:page>" for said in ("one", "two")]
    parsed = opendocument(tmp_path, "presentation", "".join(slides))
    assert told(parsed) == [("paragraph", "Tea[^c1]"), ("footnote", "one"), ("paragraph", "Tea[^c2]"), ("footnote", "two")]
    assert [element.page for element in parsed.elements] == [1, 1, 2, 2]


def test_sheets(tmp_path: Path) -> None:
    def row(number: int, *cells: str) -> str:
        filled = "".join(f'<c r="{"AB"[place]}{number}" t="str"><v>{text}</v></c>' for place, text in enumerate(cells))
        return f'<row r="{number}">{filled}</row>'

    plain = "".join(
        f'<comment ref="{ref}" authorId="{who}"><text><r><t>{text}</t></r></text></comment>'
        for ref, who, text in (("B1", 0, "Ann: how many?"), ("A2", 1, "a copy"), ("C9", 7, "of nothing"))
    )
    said = '<threadedComment ref="A2" dT="2026-11-26T10:00" personId="p"><text>Is it?</text></threadedComment>'
    said += '<threadedComment ref="A2" personId="q"><text>Yes</text></threadedComment>'
    data = f"<sheetData>{row(1, 'Tea', 'Cups')}{row(2, 'Green', '2')}</sheetData>"
    members = {
        "_rels/t0.xml.rels": relations(("c", "comments", "c.xml"), ("t", "threadedComment", "t.xml")),
        "c.xml": f"<comments {SHEET}><authors><author>Ann</author><author>tc</author></authors>{plain}</comments>",
        "t.xml": f'<ThreadedComments xmlns="x">{said}</ThreadedComments>',
    }
    people = '<personList xmlns="x"><person id="p" displayName="Ben"/><person id="q" displayName="Cleo"/></personList>'
    parsed = workbook(tmp_path, {"Teas": f"{data}"}, members=members, beside={"person": people})
    assert told(parsed)[:2] == [("table", "Tea\tCups[^c1]\nGreen[^c2]\t2"), ("paragraph", "C9[^c3]")]
    assert notes(parsed) == [("c1", "Ann: how many?"), ("c2", "Ben, 2026-11-26: Is it?\nCleo: Yes"), ("c3", "of nothing")]
    table = parsed.elements[0].table
    assert table is not None
    assert [cell.header for cell in table.cells] == [True, True, False, False]


def test_sheets_of_opendocument(tmp_path: Path) -> None:
    def sheet(name: str, said: str) -> str:
        cells = f"<table:table-cell>{annotation(said)}<text:p>2</text:p></table:table-cell>"
        return f'<table:table table:name="{name}"><table:table-row>{cells}</table:table-row></table:table>'

    parsed = opendocument(tmp_path, "spreadsheet", sheet("a", "one") + sheet("b", "two"))
    texts = [(element.chapter, element.text) for element in parsed.elements if element.kind != "heading"]
    assert texts == [("a", "2[^c1]"), ("a", "one"), ("b", "2[^c2]"), ("b", "two")]
