"""Titles by their looks, where a document of Word, LibreOffice or another program has no styles for them."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kbray.model import Parsed
from kbray.parse.looks import UNTOLD, Look, Print, Shown, quietest, titles_of
from tests.unit.test_parse_rtf import rtf
from tests.unit.test_parse_word97 import read
from tests.writers.doc import Doc, P
from tests.writers.office import NAMES, opendocument, told, word

TEXT, BOLD, LARGE = Look(11, False), Look(11, True), Look(16, True)
BODY = Shown("The shelf stands in the corner, and holds what nobody reads. " * 4, TEXT)


def titles(*blocks: Shown, above: int = 0) -> dict[str, int]:
    return {blocks[place].text: level for place, level in titles_of(blocks, above).items()}


def test_what_is_louder_than_the_text_and_short_is_a_title_the_louder_the_higher() -> None:
    report, shelves, empty = Shown("Report", LARGE), Shown("Shelves", BOLD), Shown("", None)
    assert titles(report, BODY, shelves, empty, BODY) == {"Report": 1, "Shelves": 2}
    assert titles(report, BODY, shelves, BODY, above=1) == {"Report": 2, "Shelves": 3}
    assert titles(Shown("Slightly larger", Look(12, False)), BODY, Shown("Smaller", Look(9, True)), BODY) == {}


def test_what_no_title_can_be() -> None:
    for text in ("Name:", "Dear Sir,", "It is done.", "12-12-13", "Two\nlines", "* A star", "Table 1: Shelves", "long " * 30):
        assert titles(Shown(text, BOLD), BODY) == {}, text
    assert titles(BODY, Shown("Ann Miller", BOLD)) == {}, "nothing follows"
    assert titles(Shown("In a table", None), BODY) == {}


def test_lists_and_addresses_in_bold_are_none() -> None:
    street = [Shown(text, BOLD) for text in ("Ann Miller", "Shelf Street", "Grayport", "Northland")]
    assert titles(*street, BODY, Shown("Shelves", LARGE), BODY) == {"Shelves": 1}
    items = [Shown(text, BOLD, item=True) for text in ("Oak", "Ash", "Elm")]
    assert titles(*items, BODY) == {}
    assert titles(*items[:2], BODY) == {"Oak": 1, "Ash": 1}, "a part, and the first of its parts"


def test_where_much_is_bold_that_says_nothing() -> None:
    blocks = [
        one for number in range(9) for one in (Shown(f"A question of some length, number {number}", BOLD), Shown("Yes", TEXT))
    ]
    assert titles(*blocks) == {}
    assert titles(Shown("Report", BOLD), Shown("All of this is bold. " * 9, BOLD)) == {}


@given(st.lists(st.builds(Shown, st.text("ab .\n"), st.sampled_from([None, TEXT, BOLD, LARGE]), st.booleans()), max_size=12))
def test_titles_are_blocks_with_a_look_and_something_below(blocks: list[Shown]) -> None:
    found = titles_of(blocks)
    assert all(blocks[place].look not in (None, TEXT) and blocks[place].text for place in found)
    assert all(any(below.text for below in blocks[place + 1 :]) for place in found)
    assert all(1 <= level <= 6 for level in found.values())


def test_a_paragraph_looks_as_its_quietest_piece() -> None:
    assert quietest([Print(16, True), Print(None, True)]) == Look(10, True)
    assert quietest([Print(16, True), Print(16, None)]) == Look(16, False)
    assert quietest([]) is None
    assert Print(None, False).over(Print(12, True)).over(UNTOLD) == Print(12, False)


# ---------------------------------------------------------------- formats

LONG = "The shelf stands in the corner, and holds what nobody reads. " * 4
STYLES = (
    f'<w:styles {NAMES}><w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="L"><w:name w:val="Lead"/><w:basedOn w:val="N"/><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 1"/></w:style></w:styles>'
)


def docx(folder: Path, *paragraphs: tuple[str, str, str]) -> Parsed:
    """Of paragraphs as (text, style, properties of its run)."""
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>'
        for text, style, run in paragraphs
    )
    return word(folder, body, {"styles.xml": STYLES}, {"styles.xml": "styles"})


def headings(parsed: Parsed) -> list[tuple[str, int]]:
    return [(element.text, element.level) for element in parsed.elements if element.kind == "heading"]


def test_docx(tmp_path: Path) -> None:
    large, text = '<w:b/><w:sz w:val="32"/>', (LONG, "N", "")
    found = docx(tmp_path, ("Report", "N", large), text, ("By style", "L", ""), text, ("Not bold", "L", '<w:b w:val="0"/>'), text)
    assert headings(found) == [("Report", 1), ("By style", 2)]
    framed = f'<w:p><w:pPr><w:framePr w:x="1"/></w:pPr><w:r><w:rPr>{large}</w:rPr><w:t>Somewhere</w:t></w:r></w:p>'
    framed += f"<w:p><w:r><w:t>{LONG}</w:t></w:r></w:p>"
    assert headings(word(tmp_path, framed)) == []
    assert headings(docx(tmp_path, ("Report", "T", ""), ("Shelves", "N", large), text)) == [("Report", 1), ("Shelves", 2)]
    assert headings(docx(tmp_path, ("Report", "H", ""), ("Shelves", "N", large), text)) == [("Report", 1)], "styles tell them"


def test_rtf(tmp_path: Path) -> None:
    text, large, bold = rf"\pard\plain\fs22 {LONG}\par", r"\pard\plain\b\fs32 ", r"\pard\plain\b\fs22 "
    body = rf"{large}Report\par{text}{bold}{{\listtext 1.\tab}}Shelves\par{text}\pard\plain\fs22 {{\b R}}un\par"
    parsed = rtf(tmp_path, body)
    assert headings(parsed) == [("Report", 1), ("1. Shelves", 2)]
    assert told(parsed)[-1] == ("paragraph", "Run")
    framed = rtf(tmp_path, rf"\pard\plain\absw100\b\fs32 Somewhere\par{large}Report\par{text}")
    assert headings(framed) == [("Report", 1)]
    style = r"{\stylesheet{\s1 heading 1;}}"
    assert headings(rtf(tmp_path, rf"\pard\s1 Report\par{large}Shelves\par{text}", style)) == [("Report", 1)]


def test_odt(tmp_path: Path) -> None:
    def style(name: str, parent: str, *told: str) -> str:
        """Args: told: attributes of its text, as `font-size=11pt`."""
        attributes = (f'fo:{key}="{value}"' for key, value in (one.split("=") for one in told))
        named = f'style:name="{name}" style:family="paragraph" style:parent-style-name="{parent}"'
        return f"<style:style {named}><style:text-properties {' '.join(attributes)}/></style:style>"

    usual = '<style:default-style style:family="paragraph"><style:text-properties fo:font-size="11pt"/></style:default-style>'
    common = f"<office:styles>{usual}{style('Body', '')}{style('Big', '', 'font-size=16pt')}</office:styles>"
    automatic = style("P1", "Body", "font-weight=bold") + style("P2", "Big", "font-size=50%", "font-weight=bold")
    automatic += style("P3", "Big", "font-weight=700")

    def p(text: str, name: str = "Body") -> str:
        return f'<text:p text:style-name="{name}">{text}</text:p>'

    item = f"<text:list><text:list-item>{p('Shelves', 'P1')}</text:list-item></text:list>"
    body = p("Report", "P3") + p(LONG) + item + p(LONG) + p("Half of large", "P2") + p(LONG)
    assert headings(opendocument(tmp_path, "text", body, automatic, common)) == [("Report", 1), ("Shelves", 2)]
    assert headings(opendocument(tmp_path, "text", f"<text:h>One</text:h>{body}", automatic, common)) == [("One", 1)]


def test_doc(tmp_path: Path) -> None:
    bold, against, large, text_size = b"\x35\x08\x01", b"\x35\x08\x81", b"\x43\x4a\x20\x00", b"\x43\x4a\x16\x00"
    styles = [(0, 0xFFF, b"", text_size), (0xFFE, 0, b"", bold), (62, 0, b"", b""), (1, 0, b"", b"")]

    def shown(text: str, style: int = 0, run: bytes = b"") -> P:
        return P(f"{text}\r", style, runs=((0, len(text), run),))

    def found(*paragraphs: P) -> list[tuple[str, int]]:
        return headings(read(Doc(list(paragraphs), styles=styles).write(tmp_path / "a.doc")))

    report, text = shown("Report", 0, bold + large), shown(LONG)
    assert found(report, text, shown("By style", 1), text, shown("Not bold", 1, against), text) == [
        ("Report", 1),
        ("By style", 2),
    ]
    assert found(shown("Report", 2), shown("Shelves", 0, large), text) == [("Report", 1), ("Shelves", 2)]
    assert found(shown("Report", 3), shown("Shelves", 0, large), text) == [("Report", 1)]
