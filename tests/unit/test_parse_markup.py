import pytest
from lxml import etree

from kbray.model import Element
from kbray.parse import html
from kbray.parse.markup import mathml, trees


def elements(markup: str) -> tuple[Element, ...]:
    root = trees.html(markup)
    assert root is not None
    return html.read(root)


def brief(markup: str) -> list[tuple[str, str]]:
    return [(element.kind, element.text) for element in elements(markup)]


def test_blocks_and_bare_text_between_them() -> None:
    assert brief("one<div>two<p>three</p>four</div>five<h2>six<br>seven</h2>") == [
        ("paragraph", "one"),
        ("paragraph", "two"),
        ("paragraph", "three"),
        ("paragraph", "four"),
        ("paragraph", "five"),
        ("heading", "six seven"),
    ]


def test_inline_elements_may_hold_blocks() -> None:
    assert brief("<a href=x>one<div>two</div></a>three") == [("paragraph", "one"), ("paragraph", "two"), ("paragraph", "three")]


def test_columns_of_signs_and_the_white_space_beside_them_are_none() -> None:
    """As annual reports have them on the web: cells for $, the number, ) or %, and between two numbers."""
    (table,) = elements(
        "<table><tr><th><td>&#160;<th colspan=2>2021<td>&#160;<td>&#160;<th colspan=2>2020<td>"
        "<tr><td>Sales<td><td>$<td>8,086<td><td><td>$<td>(6,489<td>)"
        "<tr><td>Growth<td><td colspan=2>6<td>%<td><td colspan=2>7<td>%</table>"
    )
    assert table.text == "\t2021\t2020\nSales\t$ 8,086\t$ (6,489)\nGrowth\t6 %\t7 %"
    (other,) = elements("<table><tr><th>Unit<th><th>Name<tr><td>%<td><td>Share<tr><td>$<td><td>Sales</table>")
    assert other.table is not None
    assert other.table.columns == 3, "signs are what it tells"


def test_hidden_parts_are_left_out() -> None:
    assert brief(
        "<title>t</title><style>a{}</style><script>x()</script><template>t</template><noscript>n</noscript>"
        "<p>a<span hidden>b</span><span style='color:red; DISPLAY : none'>c</span>d</p><div hidden><p>e</p></div>"
    ) == [("paragraph", "ad")]


def test_lists_have_depth_and_markers() -> None:
    found = elements(
        "<ol start=3 type=a><li>one<ul><li>deep</ul><li value=9><p>nine</p><p>more</p></ol><ol reversed start=2><li>x<li>y</ol>"
    )
    assert [(e.kind, e.level, e.marker, e.text) for e in found] == [
        ("list_item", 1, "c.", "one"),
        ("list_item", 2, "-", "deep"),
        ("list_item", 1, "i.", "nine\nmore"),
        ("list_item", 1, "2.", "x"),
        ("list_item", 1, "1.", "y"),
    ]


def test_absurd_list_numbers() -> None:
    found = elements(f"<ol start={'9' * 5000} type=i><li value=²>a</ol><ol type=I start=1994><li>b</ol>")
    assert [e.marker for e in found] == ["i.", "MCMXCIV."]


def test_markers_follow_the_style_of_a_list_and_tasks_have_boxes() -> None:
    found = elements(
        "<ol style='list-style-type: lower-alpha'><li>a</ol><ol type=a style='list-style: inside Upper-Roman'><li>b</ol>"
        "<ul><li><input type=checkbox disabled> open<li><p><input type=checkbox disabled checked>done<li><input type=checkbox>x"
        "</ul>"
    )
    assert [(e.marker, e.text) for e in found] == [("a.", "a"), ("I.", "b"), ("-", "☐ open"), ("-", "☒ done"), ("-", "x")]


def test_links_of_titles_to_themselves_are_no_text() -> None:
    assert brief("<h2 id=a>Tea<a class=headerlink href=#a>¶</a></h2><p><a href=#a>#</a>1 <a href=b>#</a> <a href=#a>x</a>") == [
        ("heading", "Tea"),
        ("paragraph", "1 # x"),
    ]


def test_paragraphs_of_word_and_outlook() -> None:
    def item(label: str, style: str, text: str, name: str = "MsoListParagraph") -> str:
        fill = '<span style="font:7.0pt">&nbsp;&nbsp; </span>'
        return f"<p class={name} style='text-indent:-18pt;{style}'><span style='mso-list:Ignore'>{label}{fill}</span>{text}</p>"

    markup = item("·", "mso-list:l0 level1 lfo1", "<b>dot</b>") + item("o", "mso-list:l0 level2 lfo1", "ring", "MsoNormal")
    markup += item("iv.", "margin-left:1.0in", "four") + item("", "", "none") + item("§", "margin-left:36.0pt", "")
    markup += "<p class=MsoTitle>Tea</p><p class=MsoCaption>Table 1</p><p class=MsoToc2>Green</p>"
    markup += "<p class=MsoNormal>1.&nbsp;&nbsp; text</p>"
    assert [(e.kind, e.level, e.marker, e.text) for e in elements(markup)] == [
        ("list_item", 1, "-", "dot"),
        ("list_item", 2, "-", "ring"),
        ("list_item", 2, "iv.", "four"),
        ("paragraph", 0, None, "none"),
        ("heading", 1, None, "Tea"),
        ("caption", 0, None, "Table 1"),
        ("list_item", 2, "-", "Green"),
        ("paragraph", 0, None, "1. text"),
    ]


def test_lists_of_google_docs_tell_their_level() -> None:
    found = elements(
        "<ul class='c1 lst-kix_a1b-0 start'><li>a</ul><ul class='lst-kix_a1b-1 start'><li>b</ul><ol class=lst-kix_a1b-0><li>c"
    )
    assert [(e.level, e.text) for e in found] == [(1, "a"), (2, "b"), (1, "c")]


def test_soft_hyphens_are_left_out() -> None:
    assert brief("<p>Tee\u00adblatt &shy; <code>a&shy;b</code></p><pre>c&shy;d</pre>") == [
        ("paragraph", "Teeblatt ab"),
        ("code", "cd"),
    ]


def test_definitions_are_nested_items() -> None:
    found = elements("<dl><dt>Term<dd>one<dd>two</dl>")
    assert [(e.level, e.marker, e.text) for e in found] == [(1, "-", "Term"), (2, "-", "one"), (2, "-", "two")]


def test_line_breaks_are_kept_and_two_part_paragraphs() -> None:
    assert brief("<p>a<br> b <br/>c<br><br>d</p>") == [("paragraph", "a\nb\nc"), ("paragraph", "d")]


def test_titles_over_remarks_of_docbook_head_nothing() -> None:
    note = '<div class="note" style="margin-left: 0.5in"><h3 class="title">Note</h3><p>Mind it.</p></div>'
    page = f"<h2>Ponds</h2>{note}<div class=note><h3>Herons</h3></div><div class=sect1><h3 class=title>Ducks</h3></div>"
    found = [("heading", "Ponds"), ("paragraph", "Note"), ("paragraph", "Mind it."), ("heading", "Herons"), ("heading", "Ducks")]
    assert brief(page) == found


def test_code_keeps_its_lines() -> None:
    assert brief("<pre>\n  a\n\n    <b>b</b>\n</pre><p>x <code>y  z</code>") == [
        ("code", "  a\n\n    b"),
        ("paragraph", "x y z"),
    ]


def test_table_with_spans() -> None:
    caption, table = elements(
        "<table><caption>C</caption><thead><tr><td rowspan=2>A<td colspan=2>B<tr><td>c<td>d</thead>"
        "<tr><td rowspan=0>1<td>2<br>3<td><ul><li>x<li>y</ul><tr><td>4<td colspan=99999>5</table>"
    )
    assert (caption.kind, caption.text) == ("caption", "C")
    assert table.kind == "table"
    assert table.text == "A\tB\nc\td\n1\t2 3\tx y\n4\t5"
    assert table.table is not None
    cells = [(c.row, c.column, c.row_span, c.column_span, c.header) for c in table.table.cells]
    assert cells[:4] == [(0, 0, 2, 1, True), (0, 1, 1, 2, True), (1, 1, 1, 1, True), (1, 2, 1, 1, True)]
    assert cells[4:7] == [(2, 0, 2, 1, False), (2, 1, 1, 1, False), (2, 2, 1, 1, False)]
    assert cells[7] == (3, 1, 1, 1, False)
    assert cells[8][:2] == (3, 2)
    assert table.table.columns <= 1000
    assert table.table.cells[5].text == "2\n3"


def test_layout_tables_are_text_and_inner_tables_stay_tables() -> None:
    found = elements("<table><tr><td>a<td><table><tr><td>1<td>2<tr><td>3<td>4</table></table><table><tr><td>only</table>")
    assert [(e.kind, e.text) for e in found] == [("paragraph", "a"), ("table", "1\t2\n3\t4"), ("paragraph", "only")]


def test_tables_inside_data_tables_become_lines_of_a_cell() -> None:
    (table,) = elements("<table><tr><th>h<th>i<tr><td>a<td><table><tr><td>1<td>2</table></table>")
    assert table.text == "h\ti\na\t1 2"


def test_pictures_follow_the_text_they_stand_in() -> None:
    found = elements('<p>a <img src="i.png" alt=" the  i "> b</p><figure><img src="data:image/png;base64,AA"><figcaption>F<p>G')
    assert [(e.kind, e.text, e.target) for e in found] == [
        ("paragraph", "a b", None),
        ("image", "the i", "i.png"),
        ("image", "", None),
        ("caption", "F", None),
        ("caption", "G", None),
    ]


def test_ruby_and_formulas() -> None:
    found = elements(
        "<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字</p>"
        "<p>in <math><mfrac><mi>a</mi><msup><mi>b</mi><mn>2</mn></msup></mfrac></math></p>"
        "<math display=block><semantics><mrow><msub><mi>x</mi><mn>1</mn></msub><mo>+</mo><mi>α</mi></mrow>"
        "<annotation encoding='application/x-tex'>x_1 + \\alpha</annotation></semantics></math>"
        "<math alttext='one half' display=block><mspace/></math>"
    )
    assert [(e.kind, e.text) for e in found] == [
        ("paragraph", "漢(かん)字"),
        ("paragraph", "in a/(b^2)"),
        ("formula", "x_1 + α"),
        ("formula", "one half"),
    ]
    assert [e.formulas[0][:26] for e in found[1:]] == [
        "<math><mfrac><mi>a</mi><ms",
        '<math display="block"><sem',
        '<math alttext="one half" d',
    ]
    assert "x_1 + \\alpha</annotation>" in found[2].formulas[0]


def test_what_follows_a_script_in_a_formula_is_not_raised() -> None:
    power, index = "<msup><mi>e</mi><mi>x</mi></msup>", "<msub><mi>a</mi><mn>1</mn></msub>"
    assert brief(f"<p><math>{power}<mi>d</mi><mi>x</mi><mo>+</mo>{index}<mo>!</mo></math>") == [("paragraph", "e^x dx + a_1 !")]


def test_formulas_go_with_the_text_they_stand_in() -> None:
    math = "<math><mi>{}</mi></math>"
    found = elements(
        f"<ul><li>a {math.format('x')}<p>b {math.format('y')}</p></ul><p>plain</p><table><tr><th>h<td>{math.format('z')}</table>"
        f"<math><mtext>if <i>p</i> then</mtext><mrow><mo>∑</mo><mi>n</mi></mrow></math>"
    )
    assert [(e.kind, e.text, e.formulas) for e in found] == [
        ("list_item", "a x\nb y", (math.format("x"), math.format("y"))),
        ("paragraph", "plain", ()),
        ("table", "h\tz", (math.format("z"),)),
        ("paragraph", "if p then ∑ n", ("<math><mtext>if <i>p</i> then</mtext><mrow><mo>∑</mo><mi>n</mi></mrow></math>",)),
    ]


def test_svg_text_and_title() -> None:
    found = elements("<svg><title>Ship</title><defs><text>no</text></defs><text>a <tspan>b</tspan></text></svg>")
    assert [(e.kind, e.text) for e in found] == [("image", "Ship"), ("paragraph", "a b")]


def test_languages_and_anchors() -> None:
    found = elements(
        "<html lang=en><p>a</p><section id=s lang=de><h1>b</h1><p>c <i lang=fr id=mid>d</i></p><p><a id=e></a>f</p></section><p>g"
    )
    assert [(e.text, e.language, e.anchor) for e in found] == [
        ("a", "en", None),
        ("b", "de", "s"),
        ("c d", "de", "s"),
        ("f", "de", "e"),
        ("g", "en", "e"),
    ]


def test_marks_and_notes_that_point_to_each_other() -> None:
    found = elements(
        '<p>Text<sup><a id="r1" href="#n1">1</a></sup> and<a id="r2" href="#n2">[*]</a>, see <a href="#x">4</a>.</p>'
        '<p id="x">plain</p><hr><div class="footnote"><p><a id="n1" href="#r1">1</a> First.</p><p>On.</p></div>'
        '<ol><li id="n2">Second. <a href="#r2">↩</a></li></ol>'
    )
    assert [(e.kind, e.text, e.marker, e.anchor) for e in found] == [
        ("paragraph", "Text[^1] and[^2], see 4.", None, None),
        ("paragraph", "plain", None, "x"),
        ("footnote", "First.\nOn.", "1", "n1"),
        ("footnote", "Second.", "2", "n2"),
    ]


def test_chapter_numbers_that_link_to_the_contents_and_back_are_no_notes() -> None:
    found = brief('<p><a id="t1" href="#c1">I</a> begin</p><h2 id="c1"><a href="#t1">I</a></h2><p>text</p>')
    assert found == [("paragraph", "I begin"), ("heading", "I"), ("paragraph", "text")]


def test_deep_nesting_loses_no_text() -> None:
    assert brief("<div>" * 30_000 + "deep" + "</div>" * 30_000 + "<p>after") == [("paragraph", "deep"), ("paragraph", "after")]


def test_self_closed_tags_swallow_nothing() -> None:
    assert brief("<head><title/></head><p>a<a id='x'/>b<script src='x'/></p><p>c</p>")[:1] == [("paragraph", "ab")]


@pytest.mark.parametrize(
    "poem",
    [
        '<div class="poetry"><div class="stanza"><div class="verse">The sea</div><div class="verse">was <i>calm</i>,</div></div>'
        '<div class="stanza"><div class="verse">and all</div><div class="verse">the stars</div></div></div>',
        '<div class="poem"><p class="line">The sea</p><p>was calm,</p><p class="stanza-start">and all</p><p>the stars</p></div>',
        '<div class="lg"><span class="l">The sea</span> <span class="l">was calm,</span></div>\n'
        '<div class="lg"><span class="l">and all<br/></span><span class="l">the stars<br/></span></div>',
        '<div class="linegroup"><div>The sea</div><div id="a">was calm,</div></div>'
        '<div class="linegroup"><div>and all</div><div>the stars</div></div>',
    ],
)
def test_lines_of_verse_are_lines_of_their_stanza(poem: str) -> None:
    assert [text for _, text in brief(f"<p>Before.</p>{poem}<p>Behind.</p>")] == [
        "Before.",
        "The sea\nwas calm,",
        "and all\nthe stars",
        "Behind.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<div class="poem"><h3>To the sea</h3><p class="attribution">One</p></div>',  # no two lines
        f'<div class="poem"><p>To the sea</p><p>{"words of prose " * 10}</p></div>',
        '<div class="verse"><span>To the sea</span> <span>One</span></div>',  # which may be one line
        '<div class="stanza">To <span>the sea</span> <span>One</span></div>',
        '<div class="poem"><div><p>To the sea</p></div><div><p>One</p></div></div>',
        '<div class="reverse"><p>To the sea</p><p>One</p></div>',
    ],
)
def test_what_is_no_line_of_verse_stays_as_it_is(text: str) -> None:
    assert not any("\n" in one for _, one in brief(text))


def test_numbers_of_printed_pages_are_no_words_and_their_names_lead_to_the_text() -> None:
    found = elements(
        '<p>He went to the <span class="pagenum"><a name="Page_12">[Pg 12]</a></span>house and '
        '<span role="doc-pagebreak">xiv</span>slept. <span class="pageno">See below.</span></p>'
        '<p class="pagenum">{15}</p><p>On.</p>'
    )
    assert [(one.text, one.print_page) for one in found] == [("He went to the house and slept. See below.", None), ("On.", "15")]


def test_quotations_have_marks_unless_they_are_written() -> None:
    assert brief("<p>He said <q>yes, <q>sir</q></q> and “<q>no</q>”, <q>‘x’</q>.<q></q></p>") == [
        ("paragraph", "He said “yes, ‘sir’” and “no”, ‘x’.")
    ]


def test_an_initial_that_is_drawn_begins_its_word() -> None:
    assert brief(
        '<p><img src="o.png" alt="O">nce upon</p><p>a <img src="x.png" alt="x">y</p><p><img src="a.png" alt="A"></p>'
    ) == [
        ("paragraph", "Once upon"),
        ("paragraph", "a y"),
        ("image", "x"),
        ("image", "A"),
    ]


def test_figures_above_the_line_stay_there() -> None:
    assert brief(
        "<p>10<sup>3</sup> m<sup>-2</sup>, word<sup>1,2</sup>, 1<sup>st</sup>, H<sub>2</sub>O, x<sup><i>2</i></sup>"
        '</p><p>a<sup><a role="doc-noteref" href="#n">1</a></sup></p><p role="doc-footnote" id="n"><sup>1</sup> A note.</p>'
    ) == [("paragraph", "10³ m⁻², word¹,², 1st, H2O, x2"), ("paragraph", "a[^1]"), ("footnote", "A note.")]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<mi>x</mi><mtext> if </mtext><mi>y</mi>", "x if y"),
        ("<mi>x</mi><mtext>\u00a0for all\u00a0</mtext><mi>y</mi>", "x for all y"),
        ("<mi>x</mi><mspace width='1em'/><mi>y</mi>", "x y"),
        ("<mi>sin</mi><mo>\u2061</mo><mi>x</mi>", "sin x"),
        ("<mn>2</mn><mo>\u2062</mo><mi>x</mi>", "2x"),
        ("<mroot><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow><mn>3</mn></mroot>", "(x + 1)^1/3"),
    ],
)
def test_what_parts_words_in_formulas_is_kept(markup: str, text: str) -> None:
    assert mathml.text_of(etree.fromstring(f"<math>{markup}</math>")) == text
