"""PPTX: reading order, bullets by placeholder, layout and master, merged cells, charts, SmartArt, notes."""

from pathlib import Path

from tests.writers.office import NAMES, presentation, relations, told


def shape(
    *lines: str,
    kind: str = "",
    at: tuple[int, int] | None = None,
    size: tuple[int, int] = (0, 0),
    name: str = "",
    more: str = "",
) -> str:
    """A shape whose lines are text, or paragraphs as XML; `at` is its top and left, `size` its height and width."""
    extent = f'<a:ext cy="{size[0]}" cx="{size[1]}"/>'
    place = f'<a:xfrm><a:off y="{at[0]}" x="{at[1]}"/>{extent}</a:xfrm>' if at else ""
    paragraphs = (line if line.startswith("<a:p>") else f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    holder = f"<p:ph {kind}/>" if kind else ""
    shown = f"<p:nvSpPr><p:cNvPr {name}/><p:nvPr>{holder}</p:nvPr></p:nvSpPr>"
    return f"<p:sp>{shown}<p:spPr>{place}</p:spPr><p:txBody>{more}{''.join(paragraphs)}</p:txBody></p:sp>"


def line(text: str, properties: str) -> str:
    return f"<a:p><a:pPr {properties}</a:pPr><a:r><a:t>{text}</a:t></a:r></a:p>"


def test_rows_from_the_top_and_from_the_left(tmp_path: Path) -> None:
    shapes = [
        shape("right", at=(205, 600)),
        shape("left", at=(220, 10)),
        shape("below", at=(500, 0)),
        shape("12", kind='type="sldNum"', at=(0, 0)),
        shape("The Title", kind='type="title"'),
        shape("unseen", at=(1, 1), name='hidden="1"'),
    ]
    parsed = presentation(tmp_path, ["".join(shapes), shape("next")])
    assert told(parsed) == [
        ("heading", "The Title"),
        ("paragraph", "left"),
        ("paragraph", "right"),
        ("paragraph", "below"),
        ("footer", "12"),
        ("paragraph", "next"),
    ]
    assert [element.page for element in parsed.elements] == [1, 1, 1, 1, 1, 2]
    assert [(unit.name, unit.characters) for unit in parsed.units] == [("slide 1", 25), ("slide 2", 4)]


def test_columns_of_a_comparison_are_read_one_after_the_other(tmp_path: Path) -> None:
    heads = [shape(name, at=(200, left), size=(80, 400)) for name, left in (("Tea", 0), ("Coffee", 500))]
    texts = [shape(text, at=(300, left), size=(400, 400)) for text, left in (("green", 0), ("black", 500))]
    across = shape(at=(250, 0), size=(100, 1000))  # a line says nothing, and parts nothing
    parsed = presentation(tmp_path, [heads[0] + texts[0] + across + heads[1] + texts[1]])
    assert [element.text for element in parsed.elements] == ["Tea", "green", "Coffee", "black"]


def test_bullets_and_places_come_from_layout_and_master(tmp_path: Path) -> None:
    body = "<p:txStyles><p:bodyStyle><a:lvl1pPr><a:buChar/></a:lvl1pPr><a:lvl2pPr><a:buAutoNum type='arabicPeriod'/></a:lvl2pPr>"
    master = f"<p:sldMaster {NAMES}>{body}</p:bodyStyle></p:txStyles></p:sldMaster>"
    low = shape(kind='type="body" idx="7"', at=(900, 0), more="<a:lstStyle><a:lvl1pPr><a:buNone/></a:lvl1pPr></a:lstStyle>")
    layout = f"<p:sldLayout {NAMES}><p:cSld><p:spTree>{low}</p:spTree></p:cSld></p:sldLayout>"
    members = {
        "layout.xml": layout,
        "master.xml": master,
        "_rels/layout.xml.rels": relations(("m", "slideMaster", "master.xml")),
    }
    shapes = [
        shape("plain by layout", kind='idx="7"'),
        shape(
            "bullet by master",
            line("numbered", 'lvl="1">'),
            line("numbered", 'lvl="1">'),
            line("its own", "><a:buNone/>"),
            line("letters", '><a:buAutoNum type="alphaLcParenR" startAt="3"/>'),
            kind='idx="1"',
            at=(100, 0),
        ),
        shape("no placeholder", at=(500, 0)),
    ]
    parsed = presentation(tmp_path, ["".join(shapes)], members, {"layout.xml": "slideLayout"})
    assert told(parsed) == [
        ("list_item", "- bullet by master"),
        ("list_item", "1. numbered @2"),
        ("list_item", "2. numbered @2"),
        ("paragraph", "its own"),
        ("list_item", "c) letters"),
        ("paragraph", "no placeholder"),
        ("paragraph", "plain by layout"),
    ]


def test_tables_with_merged_cells(tmp_path: Path) -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<a:tc {more}><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"

    first = cell("both", 'gridSpan="2"') + cell("", 'hMerge="1"') + cell("c", 'rowSpan="2"')
    covered = cell("", 'vMerge="1"')
    rows = f"<a:tr>{first}</a:tr><a:tr>{cell('a')}{cell('b')}{covered}</a:tr>"
    table = f'<a:graphic><a:graphicData><a:tbl><a:tblPr firstRow="1"/>{rows}</a:tbl></a:graphicData></a:graphic>'
    (element,) = presentation(tmp_path, [f"<p:graphicFrame>{table}</p:graphicFrame>"]).elements
    assert element.table is not None
    cells = [(one.row, one.column, one.text, one.row_span, one.column_span, one.header) for one in element.table.cells]
    assert cells == [(0, 0, "both", 1, 2, True), (0, 2, "c", 2, 1, True), (1, 0, "a", 1, 1, False), (1, 1, "b", 1, 1, False)]


def test_smart_art_pictures_and_notes(tmp_path: Path) -> None:
    data = (
        f"<dgm:dataModel {NAMES}><dgm:ptLst><dgm:pt><dgm:t><a:p><a:r><a:t>Pick</a:t></a:r></a:p></dgm:t>"
        "</dgm:pt></dgm:ptLst></dgm:dataModel>"
    )
    written = shape("12", kind='type="sldNum"') + shape("Say it", kind='type="body"')
    notes = f"<p:notes {NAMES}><p:cSld><p:spTree>{written}</p:spTree></p:cSld></p:notes>"
    frame = '<p:graphicFrame><a:graphic><dgm:relIds r:dm="data.xml"/></a:graphic></p:graphicFrame>'
    picture = '<p:pic><p:nvPicPr><p:cNvPr descr="A cup"/></p:nvPicPr><p:blipFill><a:blip r:embed="cup.png"/></p:blipFill></p:pic>'
    members = {"data.xml": data, "notes.xml": notes, "cup.png": "x"}
    kinds = {"data.xml": "diagramData", "notes.xml": "notesSlide", "cup.png": "image"}
    parsed = presentation(tmp_path, [f"<p:grpSp>{frame}</p:grpSp>{picture}"], members, kinds)
    assert told(parsed) == [("list_item", "- Pick"), ("image", "A cup"), ("paragraph", "Say it")]
    assert parsed.elements[1].target == "ppt/slides/cup.png"


def test_formulas_and_breaks_stand_where_they_are_written(tmp_path: Path) -> None:
    formula = (
        "<mc:AlternateContent><mc:Choice><m:oMath><m:r><m:t>\U0001d465=1</m:t></m:r></m:oMath>"
        "</mc:Choice><mc:Fallback/></mc:AlternateContent>"
    )
    text = f"<a:p><a:r><a:t>first</a:t></a:r><a:br/><a:r><a:t>where </a:t></a:r>{formula}<a:fld><a:t> holds</a:t></a:fld></a:p>"
    (element,) = presentation(tmp_path, [shape(text)]).elements
    assert (element.text, len(element.formulas)) == ("first\nwhere x = 1 holds", 1)


def test_text_in_a_typeface_of_one_width_is_code_unless_most_is(tmp_path: Path) -> None:
    def mono(text: str) -> str:
        return f'<a:r><a:rPr><a:latin typeface="Courier New"/></a:rPr><a:t>{text}</a:t></a:r>'

    listing = [f"<a:p>{mono('if x:')}</a:p>", "<a:p></a:p>", f"<a:p>{mono('  y()')}<a:br/>{mono('  z()')}</a:p>"]
    plain = ["Words of a text that is longer than all the code below it.", f"<a:p><a:r><a:t>call </a:t></a:r>{mono('y()')}</a:p>"]
    title = shape(f"<a:p>{mono('x.py')}</a:p>", kind='type="title"')
    parsed = presentation(tmp_path, [title + shape(*plain, at=(100, 0)) + shape(*listing, "<a:p></a:p>", at=(200, 0))])
    assert told(parsed) == [
        ("heading", "x.py"),
        *(("paragraph", text) for text in ("Words of a text that is longer than all the code below it.", "call y()")),
        ("code", "if x:\n\n  y()\n  z()"),
    ]
    typescript = presentation(tmp_path, [title + shape(*listing)])
    assert told(typescript) == [("heading", "x.py"), *(("paragraph", text) for text in ("if x:", "y()", "z()"))]


def test_figures_above_the_line_stay_there(tmp_path: Path) -> None:
    spans = (("10", ""), ("3", 'baseline="30000"'), (" H", 'baseline="0"'), ("2", 'baseline="-25000"'), ("O", ""))
    runs = "".join(f"<a:r><a:rPr {how}/><a:t>{text}</a:t></a:r>" for text, how in spans)
    assert told(presentation(tmp_path, [shape(f"<a:p>{runs}</a:p>")])) == [("paragraph", "10³ H2O")]
