"""OpenDocument from files made by hand: labels, notes, drawings, tables, what is hidden, slides, sheets, flat files."""

import base64
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentTooLarge
from kbray.model import Window
from kbray.parse import parse
from kbray.parse.media import FODT
from tests.writers.office import OPEN, flat_opendocument, opendocument, told


def p(text: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{text}</text:p>'


def test_labels_are_counted_out(tmp_path: Path) -> None:
    def numbered(level: int, more: str) -> str:
        return f'<text:list-level-style-number text:level="{level}" {more}/>'

    styles = numbered(1, 'style:num-format="1" style:num-suffix="." text:start-value="3"')
    styles += numbered(2, 'style:num-format="a" style:num-prefix="(" style:num-suffix=")"')
    styles += numbered(3, 'style:num-format="I" text:display-levels="3"')
    bullets = '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1"/></text:list-style>'
    automatic = f'<text:list-style style:name="N">{styles}</text:list-style>{bullets}'

    def item(text: str, inside: str = "", more: str = "") -> str:
        return f"<text:list-item {more}>{p(text)}{inside}</text:list-item>"

    deepest = f"<text:list>{item('deepest')}</text:list>"
    deeper = f"<text:list>{item('deeper')}{item('again', deepest)}</text:list>"
    listed = f'<text:list text:style-name="N">{item("one", deeper)}{item("two", p("its second line"))}</text:list>'
    tenth = item("ten", "", 'text:start-value="10"')
    going = f'<text:list text:style-name="N" text:continue-numbering="true">{item("three")}{tenth}</text:list>'
    anew = f'<text:list text:style-name="N">{item("anew")}</text:list><text:list text:style-name="B">{item("dot")}</text:list>'
    assert told(opendocument(tmp_path, "text", listed + p("between") + going + anew, automatic)) == [
        ("list_item", "3. one"),
        ("list_item", "(a) deeper @2"),
        ("list_item", "(b) again @2"),
        ("list_item", "3.b.I deepest @3"),
        ("list_item", "4. two\nits second line"),
        ("paragraph", "between"),
        ("list_item", "5. three"),
        ("list_item", "10. ten"),
        ("list_item", "3. anew"),
        ("list_item", "- dot"),
    ]


def test_headings_captions_code_and_contents_by_style(tmp_path: Path) -> None:
    outline = (
        '<text:outline-level-style text:level="1" style:num-format="1"/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
    )
    common = f"<office:styles><text:outline-style>{outline}</text:outline-style></office:styles>"
    automatic = (
        '<style:style style:name="P1" style:parent-style-name="Title"/>'
        '<style:style style:name="P2" style:parent-style-name="Table"/>'
    )
    body = [p("Tea", "P1"), '<text:h text:outline-level="1">Kinds</text:h>', '<text:h text:outline-level="2">Green</text:h>']
    body += [p("Table 1", "P2"), p("a", "Preformatted_20_Text"), p('<text:s text:c="2"/>b', "Preformatted_20_Text")]
    body += [f"<text:table-of-content><text:index-body>{p('Green 2', 'Contents_20_2')}</text:index-body></text:table-of-content>"]
    parsed = opendocument(tmp_path, "text", "".join(body), automatic, common)
    assert told(parsed) == [
        ("heading", "Tea"),
        ("heading", "1 Kinds"),
        ("heading", "1.1 Green"),
        ("caption", "Table 1"),
        ("code", "a\n  b"),
        ("list_item", "- Green 2 @2"),
    ]
    assert [element.level for element in parsed.elements[:3]] == [1, 1, 2]


def test_notes_breaks_and_what_nobody_sees(tmp_path: Path) -> None:
    note = f"<text:note><text:note-citation>7</text:note-citation><text:note-body>{p('the note')}</text:note-body></text:note>"
    hidden = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>deleted</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
    )
    body = [hidden, p(f"one{note}<text:line-break/>two<text:tab/>three")]
    body += [f'<text:section text:display="none">{p("unseen")}</text:section><text:section>{p("in a section")}</text:section>']
    body += [
        f'<text:section text:display="condition" text:is-hidden="true">{p("unseen")}</text:section>'
        f'<text:section text:display="condition">{p("its condition holds")}</text:section>'
    ]
    body += [p('seen<text:span text:style-name="T2">, not seen</text:span>, seen'), p("unseen", "P1")]
    styles = (
        '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>'
        '<style:style style:name="T2" style:parent-style-name="T1"><style:text-properties/></style:style>'
        '<style:style style:name="P1"><style:text-properties text:display="none"/></style:style>'
    )
    header = (
        f"<office:master-styles><style:master-page><style:header>{p('Above')}</style:header>"
        f'<style:header-left style:display="false">{p("unseen")}</style:header-left>'
        f"<style:header-first>{p('On top')}</style:header-first>"
        "</style:master-page></office:master-styles>"
    )
    parsed = opendocument(tmp_path, "text", "".join(body), styles, header)
    assert told(parsed) == [
        ("header", "Above"),
        ("header", "On top"),
        ("paragraph", "one[^1]\ntwo three"),
        ("paragraph", "in a section"),
        ("paragraph", "its condition holds"),
        ("paragraph", "seen, seen"),
        ("footnote", "the note"),
    ]


def test_fields_of_forms_show_what_was_filled_in_or_can_be_chosen(tmp_path: Path) -> None:
    def options(chosen: str = "") -> str:
        return "".join(
            f'<form:option form:label="{one}" form:selected="{str(one == chosen).lower()}"/>' for one in ("Oolong", "Sencha")
        )

    fields = (
        '<form:fixed-text form:id="name" form:label="Name"/>'
        '<form:text form:id="filled" form:value="Nobody" form:current-value="Ann"/>'
        '<form:password form:id="secret" form:value="x"/>'
        '<form:radio form:id="green" form:label="Green" form:selected="true"/><form:radio form:id="black" form:label="Black"/>'
        '<form:checkbox xml:id="milk" form:label="Milk" form:state="checked" form:current-state="unchecked"/>'
        f'<form:listbox form:id="open">{options()}</form:listbox>'
        f'<form:listbox form:id="chosen">{options("Sencha")}</form:listbox>'
        '<form:combobox form:id="cups"><form:item form:label="1"/><form:item form:label="2"/></form:combobox>'
    )

    def field(name: str, anchor: str = "as-char") -> str:
        return f'<draw:control text:anchor-type="{anchor}" draw:control="{name}"/>'

    lines = [("name", "filled", "secret"), ("green", "black", "milk"), ("open",), ("chosen",), ("cups",), ("nowhere",)]
    body = [f"<office:forms><form:form>{fields}</form:form></office:forms>", *(p("".join(map(field, line))) for line in lines)]
    body += [p(f"floating {field('name', 'paragraph')}"), p('<text:drop-down><text:label text:value="a"/>b</text:drop-down>')]
    assert told(opendocument(tmp_path, "text", "".join(body))) == [
        ("paragraph", "Name Ann"),
        ("paragraph", "☒ Green ☐ Black ☐ Milk"),
        ("paragraph", "Oolong / Sencha"),
        ("paragraph", "Sencha"),
        ("paragraph", "1 / 2"),
        ("paragraph", "floating"),
        ("paragraph", "Name"),
        ("paragraph", "b"),
    ]


def test_drawings_formulas_and_charts(tmp_path: Path) -> None:
    contents = f"<text:table-of-content><text:index-body>{p('in its contents')}</text:index-body></text:table-of-content>"
    box = f"<draw:frame><draw:text-box>{p('in the box')}{contents}</draw:text-box></draw:frame>"
    picture = '<draw:frame><draw:image xlink:href="Pictures/a.png"/><svg:desc>A cup</svg:desc></draw:frame>'
    formula = (
        '<draw:frame><draw:object xlink:href="./Object 1"/><draw:image xlink:href="./ObjectReplacements/Object 1"/></draw:frame>'
    )
    chart = '<draw:frame><draw:object xlink:href="./Object 2"/></draw:frame>'
    rows = "".join(f"<table:table-row>{cell(one)}{cell(two)}</table:table-row>" for one, two in (("Green", "2"), ("Black", "5")))
    members = {
        "Pictures/a.png": "x",
        "ObjectReplacements/Object 1": "x",
        "Object 1/content.xml": '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi><mo>=</mo><mn>1</mn></math>',
        "Object 2/content.xml": (
            f"<office:document-content {OPEN}><chart:title>{p('Brewing')}</chart:title>"
            f"<chart:subtitle>{p('in minutes')}</chart:subtitle><table:table>{rows}</table:table></office:document-content>"
        ),
    }
    parsed = opendocument(tmp_path, "text", p(f"before{box}{picture}") + p(f"where {formula} holds") + p(chart), members=members)
    assert told(parsed) == [
        ("paragraph", "before"),
        ("paragraph", "in the box"),
        ("paragraph", "in its contents"),
        ("image", "A cup"),
        ("paragraph", "where x = 1 holds"),
        ("caption", "Brewing"),
        ("caption", "in minutes"),
        ("table", "Green\t2\nBlack\t5"),
    ]
    assert parsed.elements[3].target == "Pictures/a.png"
    assert "<mn>1</mn>" in parsed.elements[4].formulas[0]


def cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}>{p(text)}</table:table-cell>"


COVERED = "<table:covered-table-cell/>"


def test_merged_cells(tmp_path: Path) -> None:
    wide, tall = cell("both", 'table:number-columns-spanned="2"'), cell("tall", 'table:number-rows-spanned="2"')
    head = f"<table:table-header-rows><table:table-row>{wide}{COVERED}</table:table-row></table:table-header-rows>"
    rows = f"<table:table-row>{tall}{cell('b')}</table:table-row>"
    rows += f"<table:table-row>{COVERED}{cell('c')}</table:table-row>"
    (element,) = opendocument(tmp_path, "text", f"<table:table>{head}{rows}</table:table>").elements
    assert element.table is not None
    cells = [(one.row, one.column, one.text, one.row_span, one.column_span, one.header) for one in element.table.cells]
    assert cells == [
        (0, 0, "both", 1, 2, True),
        (1, 0, "tall", 2, 1, False),
        (1, 1, "b", 1, 1, False),
        (2, 1, "c", 1, 1, False),
    ]


def test_slides(tmp_path: Path) -> None:
    def frame(kind: str, text: str, at: str) -> str:
        shown = f'presentation:class="{kind}"' if kind else ""
        return f'<draw:frame {shown} svg:x="1cm" svg:y="{at}"><draw:text-box>{p(text)}</draw:text-box></draw:frame>'

    notes = f"<presentation:notes>{frame('notes', 'Say it', '1cm')}</presentation:notes>"
    shapes = frame("date-time", "May", "1cm") + frame("", "low", "90mm") + frame("", "high", "2cm") + frame("title", "Tea", "5cm")
    page = f'<draw:page draw:master-page-name="M">{shapes}{notes}</draw:page>'
    fixed = frame("footer", "Company", "9cm") + frame("title", "Click", "1cm")
    master = f'<office:master-styles><style:master-page style:name="M">{fixed}</style:master-page></office:master-styles>'
    parsed = opendocument(tmp_path, "presentation", page + "<draw:page/>", "", master)
    assert told(parsed) == [
        ("heading", "Tea"),
        ("paragraph", "high"),
        ("paragraph", "low"),
        ("footer", "May"),
        ("footer", "Company"),
        ("paragraph", "Say it"),
    ]
    assert [(unit.name, unit.characters) for unit in parsed.units] == [("slide 1", 26), ("slide 2", 0)]


def test_a_footer_declared_once_and_text_over_a_picture(tmp_path: Path) -> None:
    styles = "".join(
        f'<style:style style:name="{name}"><style:drawing-page-properties presentation:display-footer="{shown}"/></style:style>'
        for name, shown in (("D", "true"), ("N", "false"))
    )
    over = f'<draw:frame><draw:image xlink:href="Pictures/a.png">{p("over it")}</draw:image></draw:frame>'
    pages = [f'<draw:page draw:style-name="{name}" presentation:use-footer-name="f">{over}</draw:page>' for name in "DN"]
    declared = '<presentation:footer-decl presentation:name="f">Company</presentation:footer-decl>'
    parsed = opendocument(tmp_path, "presentation", declared + "".join(pages), styles, members={"Pictures/a.png": "x"})
    assert told(parsed) == [
        ("image", ""),
        ("paragraph", "over it"),
        ("footer", "Company"),
        ("image", ""),
        ("paragraph", "over it"),
    ]


def test_columns_of_a_slide_groups_and_turned_shapes(tmp_path: Path) -> None:
    def frame(text: str, place: str) -> str:
        return f'<draw:frame svg:width="9cm" svg:height="4cm" {place}><draw:text-box>{p(text)}</draw:text-box></draw:frame>'

    def at(x: int, y: int) -> str:
        return f'svg:x="{x}cm" svg:y="{y}cm"'

    group = f"<draw:g>{frame('Tea', at(1, 4))}{frame('green', at(1, 9))}</draw:g>"
    turned = frame("Coffee", 'draw:transform="rotate (0.1) translate (12cm 4cm)"')
    shapes = [frame("black", at(12, 9)), turned, group]
    parsed = opendocument(tmp_path, "presentation", f"<draw:page>{''.join(shapes)}</draw:page>")
    assert [element.text for element in parsed.elements] == ["Tea", "green", "Coffee", "black"]


def test_sheets(tmp_path: Path) -> None:
    rows = f"<table:table-row>{cell('Kind')}{cell('Sum')}</table:table-row>"
    twice = cell("12%", 'table:number-columns-repeated="2"')
    rows += f'<table:table-row table:number-rows-repeated="2">{twice}</table:table-row>'
    rows += (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    hidden = '<style:style style:name="H"><style:table-properties table:display="false"/></style:style>'
    body = f'<table:table table:name="One">{rows}</table:table>'
    body += (
        '<table:table table:name="Two" table:style-name="H">'
        f"<table:table-row>{cell('x')}{cell('y')}</table:table-row></table:table>"
    )
    parsed = opendocument(tmp_path, "spreadsheet", body, hidden)
    assert [(element.text, element.chapter, element.main) for element in parsed.elements if element.kind == "table"] == [
        ("Kind\tSum\n12%\t12%\n12%\t12%", "One", True),
        ("x\ty", "Two", False),
    ]


SLIDE = f'<draw:page><draw:frame svg:y="2cm"><draw:text-box>{p("a box")}</draw:text-box></draw:frame></draw:page>'


NUMBERED = f'<text:list text:style-name="N"><text:list-item>{p("one")}</text:list-item></text:list>'
ROW = f"<table:table-row>{cell('Kind')}{cell('Sum')}</table:table-row>"


@pytest.mark.parametrize(
    ("kind", "body", "first"),
    [
        ("text", f'<text:h text:outline-level="1">Tea</text:h>{NUMBERED}{p("unseen", "H")}', ("heading", "I Tea")),
        ("presentation", SLIDE, ("paragraph", "a box")),
        ("drawing", SLIDE, ("paragraph", "a box")),
        ("spreadsheet", f"<table:table>{ROW}</table:table>", ("table", "Kind\tSum")),
    ],
)
def test_a_flat_document_reads_as_the_zipped_one(tmp_path: Path, kind: str, body: str, first: tuple[str, str]) -> None:
    automatic = '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
    automatic += (
        '<text:list-style style:name="N"><text:list-level-style-number text:level="1" style:num-format="1"/></text:list-style>'
    )
    outline = '<text:outline-style><text:outline-level-style text:level="1" style:num-format="I"/></text:outline-style>'
    common = f"<office:styles>{outline}</office:styles>"
    flat = flat_opendocument(tmp_path, kind, body, automatic, common)
    assert told(flat)[0] == first
    assert flat == opendocument(tmp_path, kind, body, automatic, common)


def test_pictures_and_objects_within_a_flat_document(tmp_path: Path) -> None:
    picture = f"<draw:image><office:binary-data>{base64.b64encode(bytes(9_000_000)).decode()}</office:binary-data></draw:image>"
    formula = '<draw:object><math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math></draw:object>'
    rows = f"<table:table><table:table-row>{cell('Tea')}{cell('3')}</table:table-row></table:table>"
    styles = '<office:automatic-styles><style:style style:name="S"><style:text-properties text:display="none"/></style:style>'
    styles += "</office:automatic-styles>"  # of the chart alone
    chart = f"<chart:chart><chart:title>{p('Sales')}</chart:title>{rows}</chart:chart>"
    chart = f"<office:document>{styles}<office:body><office:chart>{chart}</office:chart></office:body></office:document>"
    frames = f"<draw:frame>{picture}<svg:desc>a cup</svg:desc></draw:frame><draw:frame>{formula}{picture}</draw:frame>"
    frames += f"<draw:frame><draw:object>{chart}</draw:object>{picture}</draw:frame>"
    parsed = flat_opendocument(tmp_path, "text", f"{frames}{p('shown', 'S')}")
    assert told(parsed) == [
        ("image", "a cup"),
        ("formula", "x"),
        ("caption", "Sales"),
        ("table", "Tea\t3"),
        ("paragraph", "shown"),
    ]


def test_what_is_well_formed_is_not_damaged(tmp_path: Path) -> None:
    undeclared = '<text:p other:kind="x"><text:span xmlns:odd="with a blank" xml:id="1">read</text:span></text:p>'
    with pytest.raises(CorruptDocument):
        opendocument(tmp_path, "text", f"{undeclared}<text:p>")
    assert told(flat_opendocument(tmp_path, "text", undeclared)) == [("paragraph", "read")]
    assert told(opendocument(tmp_path, "text", undeclared)) == [("paragraph", "read")]


def test_a_flat_document_is_bounded_as_a_part_of_a_package_is(tmp_path: Path) -> None:
    flat_opendocument(tmp_path, "text", p("x" * 1000))
    with pytest.raises(DocumentTooLarge, match="max_member_bytes"):
        parse(tmp_path / "x.xml", FODT, Window(), Settings(max_member_bytes=1000))


def test_text_in_a_typeface_of_one_width_is_code_unless_most_is(tmp_path: Path) -> None:
    face = '<style:text-properties style:font-name="Liberation Mono1"/>'
    automatic = f'<style:style style:name="M">{face}</style:style>'
    automatic += '<style:style style:name="S" style:parent-style-name="Source_20_Code"/>'
    text = p("Words of a text that is longer than all the code below it is.")
    mono = p("if x:", "M") + p("", "M") + p('<text:s text:c="2"/><text:span text:style-name="M">y()</text:span>', "M")
    within = p('call <text:span text:style-name="M">y()</text:span>') + p("z  = 1", "S")
    found = told(opendocument(tmp_path, "text", text + mono + within, automatic))
    assert found[1:] == [("code", "if x:\n\n  y()"), ("paragraph", "call y()"), ("code", "z = 1")]
    typescript = opendocument(tmp_path, "text", p("A letter in Courier, all of it.", "M") + p("Yours"), automatic)
    assert {element.kind for element in typescript.elements} == {"paragraph"}


def test_what_word_left_in_a_document_that_was_converted(tmp_path: Path) -> None:
    automatic = '<style:style style:name="W"><style:text-properties style:font-name="Wingdings"/></style:style>'
    automatic += '<style:style style:name="P" style:parent-style-name="List_20_Bullet_20_2"/>'
    automatic += '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1"/></text:list-style>'
    body = f'<text:list text:style-name="B"><text:list-item>{p("deep", "P")}{p("more")}</text:list-item></text:list>'
    body += p('<text:span text:style-name="W">\uf0fc</text:span> yes') + p("Table 1", "caption") + p("1) tea") + p("2) milk")
    assert told(opendocument(tmp_path, "text", body, automatic)) == [
        ("list_item", "- deep\nmore @2"),
        ("paragraph", "✓ yes"),
        ("caption", "Table 1"),
        ("list_item", "1) tea"),
        ("list_item", "2) milk"),
    ]


def test_code_on_slides_stands_as_it_is_written_and_titles_in_its_face_are_titles(tmp_path: Path) -> None:
    def frame(kind: str, text: str, at: str) -> str:
        shown = f'presentation:class="{kind}"' if kind else ""
        return f'<draw:frame {shown} svg:x="1cm" svg:y="{at}"><draw:text-box>{text}</draw:text-box></draw:frame>'

    automatic = '<style:style style:name="M"><style:text-properties style:font-name="Liberation Mono1"/></style:style>'
    text = p("Words of a text that is longer than all the code below it is.")
    mono = p("if x:", "M") + p("", "M") + p('<text:s text:c="2"/>y()', "M")
    running = frame("footer", p("", "M") + p("foot", "M"), "16cm")
    page = frame("title", p("x.py", "M"), "1cm") + frame("", text, "3cm") + frame("", mono, "6cm") + running
    parsed = opendocument(tmp_path, "presentation", f"<draw:page>{page}</draw:page>", automatic)
    assert told(parsed) == [
        ("heading", "x.py"),
        ("paragraph", "Words of a text that is longer than all the code below it is."),
        ("code", "if x:\n\n  y()"),
        ("footer", "foot"),
    ]


def test_figures_above_the_line_stay_there(tmp_path: Path) -> None:
    styles = "".join(
        f'<style:style style:name="{name}"><style:text-properties style:text-position="{place}"/></style:style>'
        for name, place in (("S", "super 58%"), ("H", "33% 66%"), ("L", "-33% 66%"), ("N", "0% 100%"))
    )
    styles += '<style:style style:name="A" style:parent-style-name="S"><style:text-properties/></style:style>'
    spans = (
        ("10", "N"),
        ("3", "S"),
        (" m", "N"),
        ("2", "H"),
        (" H", "N"),
        ("2", "L"),
        ("O s", "N"),
        ("-1", "A"),
        (" 1", "N"),
        ("st", "S"),
    )
    text = "".join(f'<text:span text:style-name="{style}">{text}</text:span>' for text, style in spans)
    assert told(opendocument(tmp_path, "text", p(text), styles)) == [("paragraph", "10³ m² H2O s⁻¹ 1st")]
