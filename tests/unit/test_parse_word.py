"""DOCX as Word shows it: labels it counts out, tables with merged cells, text boxes, notes, fields, what is hidden or deleted."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.writers.office import NAMES, relations, told, word


def p(text: str, properties: str = "", run: str = "") -> str:
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def numbered(text: str, level: int, list_id: int = 1) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


def levels(*forms: tuple[str, str]) -> str:
    lines = (
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for place, (form, text) in enumerate(forms)
    )
    return "".join(lines)


NUMBERING = {"numbering.xml": "numbering", "styles.xml": "styles"}


def test_labels_are_counted_out(tmp_path: Path) -> None:
    forms = levels(("decimal", "%1."), ("lowerLetter", "%2)"), ("upperRoman", "%1.%3"))
    restarted = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    part = (
        f'<w:numbering {NAMES}><w:abstractNum w:abstractNumId="0">{forms}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{restarted}</w:numbering>'
    )
    body = [numbered("one", 0), numbered("deeper", 1), numbered("again", 1), numbered("deepest", 2), numbered("two", 0)]
    body += [
        numbered("anew", 1),
        p("between"),
        numbered("three", 0),
        numbered("restarted", 0, 2),
        p("none", '<w:numPr><w:numId w:val="0"/></w:numPr>'),
    ]
    parsed = word(tmp_path, "".join(body), {"numbering.xml": part}, NUMBERING)
    assert told(parsed) == [
        ("list_item", "1. one"),
        ("list_item", "a) deeper @2"),
        ("list_item", "b) again @2"),
        ("list_item", "1.I deepest @3"),
        ("list_item", "2. two"),
        ("list_item", "a) anew @2"),
        ("paragraph", "between"),
        ("list_item", "3. three"),
        ("list_item", "5. restarted"),
        ("paragraph", "none"),
    ]


def test_headings_have_the_numbers_of_their_styles(tmp_path: Path) -> None:
    forms = '<w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/><w:pStyle w:val="A"/></w:lvl>'
    forms += '<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/><w:pStyle w:val="B"/></w:lvl>'
    part = (
        f'<w:numbering {NAMES}><w:abstractNum w:abstractNumId="0">{forms}</w:abstractNum>'
        '<w:num w:numId="7"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    styles = "".join(
        (
            f'<w:style w:styleId="{name}"><w:name w:val="{told}"/>{based}<w:pPr>{more}<w:numPr>'
            '<w:numId w:val="7"/></w:numPr></w:pPr></w:style>'
        )
        for name, told, based, more in (
            ("A", "heading 1", "", '<w:outlineLvl w:val="0"/>'),
            ("B", "My own", '<w:basedOn w:val="H"/>', ""),
        )
    )
    styles += (
        '<w:style w:styleId="H"><w:name w:val="Heading 2"/></w:style><w:style w:styleId="T"><w:name w:val="Title"/></w:style>'
    )
    body = p("Tea", '<w:pStyle w:val="T"/>') + p("Leaves", '<w:pStyle w:val="A"/>') + p("Green", '<w:pStyle w:val="B"/>')
    body += p("by outline", '<w:outlineLvl w:val="2"/>') + p("body text", '<w:outlineLvl w:val="9"/>')
    members = {"numbering.xml": part, "styles.xml": f"<w:styles {NAMES}>{styles}</w:styles>"}
    parsed = word(tmp_path, body, members, NUMBERING)
    assert [(element.kind, element.level, element.text) for element in parsed.elements] == [
        ("heading", 1, "Tea"),
        ("heading", 1, "1 Leaves"),
        ("heading", 2, "1.1 Green"),
        ("heading", 3, "by outline"),
        ("paragraph", 0, "body text"),
    ]


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def test_merged_cells(tmp_path: Path) -> None:
    span, start, on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [cell("both", span) + cell("c"), cell("tall", start) + cell("b2") + cell("c2"), cell("", on) + cell("b3") + cell("c3")]
    head = "<w:trPr><w:tblHeader/></w:trPr>"
    table = "".join(f"<w:tr>{head if number == 0 else ''}{row}</w:tr>" for number, row in enumerate(rows))
    deleted = f"<w:tr><w:trPr><w:del/></w:trPr>{cell('gone')}</w:tr>"
    (element,) = word(tmp_path, f"<w:tbl>{table}{deleted}</w:tbl>").elements
    assert element.table is not None
    cells = [(one.row, one.column, one.text, one.row_span, one.column_span, one.header) for one in element.table.cells]
    assert cells == [
        (0, 0, "both", 1, 2, True),
        (0, 2, "c", 1, 1, True),
        (1, 0, "tall", 2, 1, False),
        (1, 1, "b2", 1, 1, False),
        (1, 2, "c2", 1, 1, False),
        (2, 1, "b3", 1, 1, False),
        (2, 2, "c3", 1, 1, False),
    ]


def test_a_frame_gives_its_content_and_a_table_in_a_table_its_text(tmp_path: Path) -> None:
    inner = f"<w:tbl><w:tr>{cell('x')}{cell('y')}</w:tr></w:tbl>"
    outer = f"<w:tr>{cell('a')}{cell('b')}</w:tr><w:tr>{cell('c')}<w:tc>{inner}{p('below')}</w:tc></w:tr>"
    framed = f"<w:tr><w:tc>{p('boxed')}{inner}</w:tc></w:tr>"
    assert told(word(tmp_path, f"<w:tbl>{framed}</w:tbl><w:tbl>{outer}</w:tbl>")) == [
        ("paragraph", "boxed"),
        ("table", "x\ty"),
        ("table", "a\tb\nc\tx y below"),
    ]


def test_text_boxes_once_and_pictures_with_what_they_show(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{p('in the box')}</w:txbxContent>"
    new = f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
    old = f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
    picture = (
        '<w:drawing><wp:inline><wp:docPr descr="A cup"/><a:graphic><pic:pic>'
        '<a:blip r:embed="media/cup.png"/></pic:pic></a:graphic></wp:inline></w:drawing>'
    )
    text = "<w:r><w:t>before</w:t></w:r>"
    body = f"<w:p>{text}<w:r><mc:AlternateContent>{new}{old}</mc:AlternateContent></w:r></w:p><w:p><w:r>{picture}</w:r></w:p>"
    parsed = word(tmp_path, body, {"media/cup.png": "x"}, {"media/cup.png": "image"})
    assert told(parsed) == [("paragraph", "before"), ("paragraph", "in the box"), ("image", "A cup")]
    assert parsed.elements[2].target == "word/media/cup.png"
    assert parsed.warnings == ("Pictures in the file are not read (1).",)


def test_what_nobody_sees_is_left_out_and_told(tmp_path: Path) -> None:
    body = "<w:p>" + "".join(
        (
            '<w:ins><w:r><w:t xml:space="preserve">added </w:t></w:r></w:ins>',
            "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>",
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>",
            '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>shown </w:t></w:r>',
            '<w:r><w:fldChar w:fldCharType="begin"/><w:t>nested</w:t><w:instrText>REF x</w:instrText>'
            '<w:fldChar w:fldCharType="separate"/><w:t xml:space="preserve">result </w:t><w:fldChar w:fldCharType="end"/></w:r>',
            '<w:r><w:t>no</w:t><w:noBreakHyphen/><w:t>break</w:t><w:br/><w:sym w:font="Symbol" w:char="F061"/></w:r>',
            '<w:r><w:commentReference w:id="1"/></w:r>',
        )
    )
    parsed = word(tmp_path, body + '</w:p><w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>' + p("after an open field"))
    assert told(parsed) == [("paragraph", "added shown result no-break\nα"), ("paragraph", "after an open field")]
    assert parsed.warnings == ("Tracked deletions are left out (1).",)


def test_running_titles_of_sections_once(tmp_path: Path) -> None:
    def section(header: str, more: str = "") -> str:
        refers = f'<w:headerReference w:type="default" r:id="{header}"/><w:headerReference w:type="first" r:id="first.xml"/>'
        return f"<w:sectPr>{refers}{more}</w:sectPr>"

    headers = {
        name: f"<w:hdr {NAMES}>{p(text)}</w:hdr>"
        for name, text in (("one.xml", "One"), ("two.xml", "Two"), ("first.xml", "First"))
    }
    body = p("a", section("one.xml")) + p("b", section("one.xml")) + p("c") + section("two.xml", "<w:titlePg/>")
    assert told(word(tmp_path, body, headers, dict.fromkeys(headers, "header"))) == [
        ("header", "One"),
        ("paragraph", "a"),
        ("paragraph", "b"),
        ("header", "Two"),
        ("header", "First"),
        ("paragraph", "c"),
    ]


def test_notes_in_their_order_with_marks_in_cells(tmp_path: Path) -> None:
    def note(number: int, text: str) -> str:
        return f'<w:footnote w:id="{number}">{p(text)}{p("more")}</w:footnote>'

    line = f'<w:footnote w:type="separator" w:id="0">{p("line")}</w:footnote>'
    notes = f"<w:footnotes {NAMES}>{line}{note(1, 'one')}{note(2, 'two')}{note(3, 'unused')}</w:footnotes>"
    mark = '<w:p><w:r><w:t>x</w:t><w:footnoteReference w:id="{}"/></w:r></w:p>'
    table = f"<w:tbl><w:tr>{cell('a')}<w:tc>{mark.format(2)}</w:tc></w:tr></w:tbl>"
    parsed = word(tmp_path, table + mark.format(1) + mark.format(9), {"footnotes.xml": notes}, {"footnotes.xml": "footnotes"})
    assert told(parsed) == [
        ("table", "a\tx[^1]"),
        ("paragraph", "x[^2]"),
        ("paragraph", "x"),
        ("footnote", "two\nmore"),
        ("footnote", "one\nmore"),
    ]
    assert [element.marker for element in parsed.elements[3:]] == ["1", "2"]


def test_a_chart_is_a_table(tmp_path: Path) -> None:
    def values(tag: str, *told: str) -> str:
        points = "".join(f'<c:pt idx="{place}"><c:v>{value}</c:v></c:pt>' for place, value in enumerate(told))
        return f"<c:{tag}><c:numRef><c:numCache><c:formatCode>0.0</c:formatCode>{points}</c:numCache></c:numRef></c:{tag}>"

    names = '<c:cat><c:strCache><c:pt idx="0"><c:v>Green</c:v></c:pt><c:pt idx="1"><c:v>Black</c:v></c:pt></c:strCache></c:cat>'
    series = (
        f"<c:ser><c:tx><c:strCache><c:pt><c:v>Minutes</c:v></c:pt></c:strCache></c:tx>{names}{values('val', '2', '5.04')}</c:ser>"
    )

    def title(text: str) -> str:
        return f"<c:title><a:p><a:r><a:t>{text}</a:t></a:r></a:p></c:title>"

    axes = f"<c:catAx><c:axId/>{title('Kind')}</c:catAx><c:valAx><c:axId/>{title('Unseen')}<c:delete/></c:valAx>"
    chart = f"<c:chartSpace {NAMES}><c:chart>{title('Brewing')}<c:plotArea>{series}{axes}</c:plotArea></c:chart></c:chartSpace>"
    over = f"<c:userShapes {NAMES}><a:p><a:r><a:t>too</a:t></a:r><a:br/><a:r><a:t>long</a:t></a:r></a:p></c:userShapes>"
    members = {
        "chart.xml": chart,
        "_rels/chart.xml.rels": relations(("o", "chartUserShapes", "over.xml")),
        "over.xml": over,
    }
    body = '<w:p><w:r><w:drawing><a:graphic><c:chart r:id="chart.xml"/></a:graphic></w:drawing></w:r></w:p>'
    parsed = word(tmp_path, body, members, {"chart.xml": "chart"})
    assert told(parsed) == [
        ("caption", "Brewing"),
        ("caption", "Kind"),
        ("table", "Minutes\nGreen\t2.0\nBlack\t5.0"),
        ("paragraph", "too long"),
    ]


def test_texts_of_a_drawing_that_came_from_another_program(tmp_path: Path) -> None:
    texts = "<a:sp><a:txSp><a:txBody><a:p><a:r><a:t>A box</a:t></a:r></a:p></a:txBody></a:txSp></a:sp>"
    body = f"<w:p><w:r><w:drawing><a:graphic><a:graphicData>{texts}</a:graphicData></a:graphic></w:drawing></w:r></w:p>"
    assert told(word(tmp_path, body)) == [("paragraph", "A box")]


def test_lines_of_code_are_one_element(tmp_path: Path) -> None:
    styles = (
        f'<w:styles {NAMES}><w:style w:styleId="C"><w:name w:val="Source Code"/></w:style>'
        '<w:style w:styleId="T"><w:name w:val="toc 2"/></w:style></w:styles>'
    )
    code = '<w:pStyle w:val="C"/>'
    body = p("def f():", code) + p("    return 1", code) + p("Leaves 12", '<w:pStyle w:val="T"/>')
    parsed = word(tmp_path, body, {"styles.xml": styles}, {"styles.xml": "styles"})
    assert told(parsed) == [("code", "def f():\n    return 1"), ("list_item", "- Leaves 12 @2")]


def test_what_word_takes_in_when_it_opens_the_document(tmp_path: Path) -> None:
    page = "<html><body><h2>Tea</h2><ul><li>green</li></ul></body></html>"
    archive = f"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n\n{page}\n--x--\n"
    members = {"a.html": page, "b.mht": archive, "c.rtf": r"{\rtf1 x}"}
    body = "".join(f'<w:altChunk r:id="{name}"/>' for name in (*members, "nothing"))
    parsed = word(tmp_path, p("before") + body, members, dict.fromkeys(members, "aFChunk"))
    assert told(parsed) == [("paragraph", "before"), *[("heading", "Tea"), ("list_item", "- green")] * 2]
    assert parsed.warnings == (
        "Documents inside it are not read (1).",
        "What word/document.xml shows can't be found in the file (1): it is damaged; fetch it again.",
    )


@given(texts=st.lists(st.text("abc äß語\u00a0.", max_size=12), max_size=12), data=st.data())
def test_every_word_comes_out_once_and_in_order(tmp_path_factory, texts: list[str], data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    """Whatever it is wrapped in."""
    wraps = (
        "{}",
        "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>",
        "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>",
        "<w:customXml>{}</w:customXml>",
    )
    body = "".join(data.draw(st.sampled_from(wraps)).format(p(text)) for text in texts)
    path = tmp_path_factory.mktemp("words")
    parsed = word(path, body + p("end"))
    assert " ".join(element.text for element in parsed.elements).split() == [*" ".join(texts).split(), "end"]


def test_relations_may_lead_anywhere(tmp_path: Path) -> None:
    """Out of the package, to nothing, to a broken part's place."""
    members = {"_rels/document.xml.rels": relations(("i", "image", "../../../etc/passwd"), ("n", "numbering", "missing.xml"))}
    body = p("words") + '<w:p><w:r><w:drawing><a:blip r:embed="i"/><a:blip r:embed="nowhere"/></w:drawing></w:r></w:p>'
    parsed = word(tmp_path, body, members)
    assert [(element.kind, element.target) for element in parsed.elements] == [("paragraph", None), ("image", "etc/passwd")]


def test_text_in_a_typeface_of_one_width_is_code_unless_most_is(tmp_path: Path) -> None:
    def mono(text: str) -> str:
        return p(text, run='<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas"/>')

    text = p("Words of a text that is longer than the code in it.") + p("Call", run='<w:rFonts w:ascii="Arial"/>')
    styles = (
        f'<w:styles {NAMES}><w:style w:type="paragraph" w:styleId="L"><w:name w:val="Listing"/>'
        '<w:rPr><w:rFonts w:ascii="Courier New"/></w:rPr></w:style></w:styles>'
    )
    parts = {"styles.xml": styles}
    body = text + mono("if x:") + mono("    y()") + text + p("z  = 1", '<w:pStyle w:val="L"/>')
    found = word(tmp_path, body, parts, NUMBERING)
    assert [element.text for element in found.elements if element.kind == "code"] == ["if x:\n    y()", "z  = 1"]
    typescript = word(tmp_path, mono("A letter in Courier, all of it.") + p("Yours"), parts, NUMBERING)
    assert {element.kind for element in typescript.elements} == {"paragraph"}


def test_blank_lines_of_a_listing_are_kept(tmp_path: Path) -> None:
    def line(text: str) -> str:
        return p(text, run='<w:rFonts w:ascii="Consolas"/>')

    body = p("Words of a text that is longer than the code.") + p("") + line("a") + p("") + p("") + line(" b") + p("") + p("End")
    found = word(tmp_path, body)
    assert told(found) == [
        ("paragraph", "Words of a text that is longer than the code."),
        ("code", "a\n\n\n b"),
        ("paragraph", "End"),
    ]


def test_styles_based_on_that_of_captions_are_captions_and_soft_hyphens_are_nothing(tmp_path: Path) -> None:
    styles = (
        f'<w:styles {NAMES}><w:style w:styleId="C"><w:name w:val="caption"/></w:style>'
        '<w:style w:styleId="T"><w:name w:val="Table Caption"/><w:basedOn w:val="C"/></w:style></w:styles>'
    )
    body = p("Table 1", '<w:pStyle w:val="T"/>') + p("Tee\u00adblatt")
    assert told(word(tmp_path, body, {"styles.xml": styles}, NUMBERING)) == [("caption", "Table 1"), ("paragraph", "Teeblatt")]


def test_a_level_that_looks_otherwise_counts_on_and_a_blank_bullet_is_no_label(tmp_path: Path) -> None:
    other = f'<w:lvlOverride w:ilvl="0">{levels(("upperLetter", "%1."))}</w:lvlOverride>'
    part = (
        f'<w:numbering {NAMES}><w:abstractNum w:abstractNumId="0">{levels(("decimal", "%1."), ("bullet", " "))}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{other}</w:num></w:numbering>'
    )
    body = numbered("one", 0) + numbered("its second paragraph", 1) + numbered("two", 0, 2) + numbered("three", 0)
    assert told(word(tmp_path, body, {"numbering.xml": part}, NUMBERING)) == [
        ("list_item", "1. one"),
        ("paragraph", "its second paragraph"),
        ("list_item", "B. two"),
        ("list_item", "3. three"),
    ]


def test_initials_and_paragraphs_whose_mark_was_deleted_are_one_with_the_next(tmp_path: Path) -> None:
    deleted = '<w:rPr><w:del w:id="1"/></w:rPr>'
    body = p("O", '<w:framePr w:dropCap="drop" w:lines="3"/>') + p("nce upon a time.") + p("One ", deleted) + p("and the same.")
    gone = f'<w:p><w:pPr>{deleted}</w:pPr><w:del w:id="2"><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>'
    body += gone + p("Before a table", deleted) + "<w:tbl><w:tr><w:tc>" + p("a", deleted) + "</w:tc><w:tc>" + p("b")
    assert told(word(tmp_path, body + "</w:tc></w:tr></w:tbl>" + p("End", deleted))) == [
        ("paragraph", "Once upon a time."),
        ("paragraph", "One and the same."),
        ("paragraph", "Before a table"),
        ("table", "a\tb"),
        ("paragraph", "End"),
    ]


def test_fields_of_forms_and_characters_of_symbol_fonts(tmp_path: Path) -> None:
    def form(field: str, result: str = "") -> str:
        shown = f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{result}</w:t></w:r>' if result else ""
        begin = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{field}</w:ffData></w:fldChar></w:r>'
        return (
            f'<w:p>{begin}{shown}<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> tea</w:t></w:r></w:p>'
        )

    choice = '<w:ddList><w:result w:val="1"/><w:listEntry w:val="green"/><w:listEntry w:val="black"/></w:ddList>'
    body = form('<w:checkBox><w:default w:val="1"/></w:checkBox>')
    body += form('<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>') + form(choice) + form(choice, "white")
    body += p("\uf0fc", run='<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>') + p("\uf0b7 dot")
    assert [text for _, text in told(word(tmp_path, body))] == ["☒ tea", "☐ tea", "black tea", "white tea", "✓", "• dot"]


def test_lists_typed_by_hand(tmp_path: Path) -> None:
    body = (
        p("•\ttea")
        + p("•\tmilk")
        + p("between")
        + p("(a) cup")
        + p("(b) spoon")
        + p("3. no first")
        + p("- Who is there?")
        + p("- Me.")
    )
    assert told(word(tmp_path, body)) == [
        ("list_item", "- tea"),
        ("list_item", "- milk"),
        ("paragraph", "between"),
        ("list_item", "(a) cup"),
        ("list_item", "(b) spoon"),
        ("paragraph", "3. no first"),
        ("paragraph", "- Who is there?"),
        ("paragraph", "- Me."),
    ]


def test_figures_above_the_line_stay_there(tmp_path: Path) -> None:
    above = '<w:vertAlign w:val="superscript"/>'
    runs = "".join(
        f"<w:r><w:rPr>{how}</w:rPr><w:t>{text}</w:t></w:r>" for text, how in (("10", ""), ("3", above), (" 1", ""), ("st", above))
    )
    assert [one.text for one in word(tmp_path, f"<w:p>{runs}</w:p>").elements] == ["10³ 1st"]
