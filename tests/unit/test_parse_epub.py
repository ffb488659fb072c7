import random
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.document.assemble import assemble
from kbray.errors import CorruptDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument
from kbray.model import Parsed, TocEntry, Unit, Window
from kbray.parse import epub
from tests.writers.epub import CONTAINER, XHTML, book, opf, page, write


def parse(path: Path, limits: Settings | None = None) -> Parsed:
    return epub.parse(path, Window(), limits or Settings())


def texts(parsed: Parsed) -> list[str]:
    return [element.text for element in parsed.elements]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.epub"


def test_spine_order_and_ledger(path: Path) -> None:
    items = [("b", "b.xhtml", XHTML), ("a", "a.xhtml", XHTML), ("n", "n.xhtml", XHTML)]
    package = opf(items, ["n", "a", "b"]).replace('idref="a"', 'idref="a" linear="no"')
    members = {f"OEBPS/{key}.xhtml": page(f"<p>{key}{key}</p>") for key, _, _ in items}
    parsed = parse(write(path, {"META-INF/container.xml": CONTAINER, "OEBPS/content.opf": package, **members}))
    assert texts(parsed) == ["nn", "aa", "bb"]
    assert parsed.engine == "epub"
    assert parsed.units == tuple(Unit(f"OEBPS/{key}.xhtml", 2) for key in "nab")
    assert {element.chapter for element in parsed.elements} == {unit.name for unit in parsed.units}
    assert parsed.warnings == () == parsed.failures


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "iso-8859-1", "windows-1251", "shift_jis"])
def test_encodings(path: Path, encoding: str) -> None:
    word = {"windows-1251": "Война", "shift_jis": "草枕"}.get(encoding, "été")
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    chapter = page(f"<p>{word}</p>").replace('"utf-8"', f'"{declared}"').encode(encoding)
    assert texts(parse(book(path, {"c.xhtml": chapter}))) == [word]


def test_a_declaration_that_lies_about_utf8(path: Path) -> None:
    chapter = page("<p>naïve — “x”</p>").replace('"utf-8"', '"iso-8859-1"').encode()
    assert texts(parse(book(path, {"c.xhtml": chapter}))) == ["naïve — “x”"]


def test_undeclared_entities_and_bare_ampersands(path: Path) -> None:
    body = "<p>a&nbsp;b &eacute;&mdash; AT&T &unknown; &lt;&amp;&#65;</p><!-- &x; --><p><![CDATA[&nbsp;]]></p>"
    parsed = parse(book(path, {"c.xhtml": body}))
    assert texts(parsed) == ["a b é— AT&T &unknown; <&A", "&nbsp;"]
    assert "&unknown;" in parsed.warnings[0]


def test_entities_of_the_document(path: Path) -> None:
    doctype = (
        '<!DOCTYPE html [<!ENTITY me "J. &#38; K."><!ENTITY who "Jane Doe"><!ENTITY x SYSTEM "file:///etc/passwd">'
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    )
    chapter = page("<p>&who; &x; &b;</p>").replace("<!DOCTYPE html>", doctype)
    assert texts(parse(book(path, {"c.xhtml": chapter}))) == ["Jane Doe &x; &b;"]


def test_malformed_chapters_are_read_as_html(path: Path) -> None:
    parsed = parse(
        book(path, {"c.xhtml": "<p>one<p>two <b>three</p><br><section epub:type='footnote'/>four", "d.xhtml": "<p>ok</p>"})
    )
    assert " ".join(texts(parsed)).split() == ["one", "two", "three", "four", "ok"]
    assert len(parsed.warnings) == 1
    assert "not well-formed" in parsed.warnings[0]


def test_hrefs_with_escapes_dots_and_other_case(path: Path) -> None:
    items = [("a", "../Text/My%20Chapter%C3%A9.xhtml", XHTML), ("b", "TEXT/b.XHTML", XHTML), ("c", "./x/../c%25.xhtml", XHTML)]
    parsed = parse(
        write(
            path,
            {
                "META-INF/container.xml": CONTAINER,
                "OEBPS/content.opf": opf(items, "abc"),
                "Text/My Chapteré.xhtml": page("<p>a</p><img src='../Images/i.png'/>"),
                "OEBPS/Text/b.xhtml": page("<p>b</p>"),
                "OEBPS/c%.xhtml": page("<p>c</p>"),
                "images/I.png": b"\x89PNG",
            },
        )
    )
    assert texts(parsed) == ["a", "", "b", "c"]
    assert parsed.elements[1].target == "images/I.png"


def test_what_the_spine_names_and_nobody_has_is_missing_not_fatal(path: Path) -> None:
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/a.xhtml": page("<p>a</p>")}
    members["OEBPS/content.opf"] = opf([("a", "a.xhtml", XHTML), ("gone", "gone.xhtml", XHTML)], ["ghost", "a", "gone", "a"])
    parsed = parse(write(path, members))
    assert texts(parsed) == ["a"]
    assert [(unit.name, unit.produced) for unit in parsed.units] == [
        ("ghost", False),
        ("OEBPS/a.xhtml", True),
        ("OEBPS/gone.xhtml", False),
    ]
    assert [(failure.code, failure.chapter) for failure in parsed.failures] == [
        ("corrupt_document", "ghost"),
        ("corrupt_document", "OEBPS/gone.xhtml"),
    ]
    assert "twice" in parsed.warnings[0]


def test_a_damaged_chapter_is_missing_and_named(path: Path) -> None:
    book(path, {"a.xhtml": "<p>alpha</p>", "b.xhtml": "<p>beta</p>"})
    raw = bytearray(path.read_bytes())
    start = raw.index(b"OEBPS/a.xhtml") + len("OEBPS/a.xhtml")
    raw[start + 20 : start + 30] = b"\xff" * 10
    path.write_bytes(raw)
    parsed = parse(path)
    assert texts(parsed) == ["beta"]
    assert [unit.produced for unit in parsed.units] == [False, True]
    assert parsed.failures[0].code == "corrupt_document"
    assert "'OEBPS/a.xhtml' is damaged" in parsed.failures[0].message


def test_nothing_readable_is_corrupt(path: Path) -> None:
    with pytest.raises(CorruptDocument, match="None of the book's 2 chapters"):
        parse(book(path, {"a.xhtml": b"", "b.xhtml": b"\x00\x01\x02"}))
    with pytest.raises(CorruptDocument, match="neither"):
        parse(write(path, {"x": "y"}))
    with pytest.raises(EmptyDocument):
        parse(book(path, {"a.xhtml": "<p> &nbsp; </p>"}))


def test_without_container_or_package(path: Path) -> None:
    chapters = {f"OEBPS/ch{n}.xhtml": page(f"<p>{n}</p>") for n in (10, 2, 1)}
    without_container = parse(
        write(path, {"OEBPS/content.opf": opf([("a", "ch2.xhtml", XHTML)], ["a"]), **chapters}, mimetype=False)
    )
    assert texts(without_container) == ["2"]
    without_package = parse(write(path, {"META-INF/container.xml": CONTAINER, **chapters}))
    assert texts(without_package) == ["1", "2", "10"]
    assert "order of the chapters" in without_package.warnings[-1]
    broken_package = parse(write(path, {"META-INF/container.xml": CONTAINER, "OEBPS/content.opf": "garbage", **chapters}))
    assert texts(broken_package) == ["1", "2", "10"]


def test_empty_spine_falls_back_to_the_manifest(path: Path) -> None:
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/a.xhtml": page("<p>a</p>"), "OEBPS/b.xhtml": page("<p>b</p>")}
    members["OEBPS/content.opf"] = opf([("b", "b.xhtml", XHTML), ("a", "a.xhtml", XHTML)], [])
    assert texts(parse(write(path, members))) == ["b", "a"]


def encryption(*uris: str, algorithm: str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc") -> str:
    data = "".join(
        f'<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="{algorithm}"/>'
        f'<CipherData><CipherReference URI="{uri}"/></CipherData></EncryptedData>'
        for uri in uris
    )
    return f'<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">{data}</encryption>'


def test_drm(path: Path) -> None:
    chapters: dict[str, str | bytes] = {"a.xhtml": b"\x8f\x01secret", "b.xhtml": "<p>free</p>"}
    some = parse(book(path, chapters, **{"META-INF/encryption.xml": encryption("OEBPS/a.xhtml")}))
    assert texts(some) == ["free"]
    assert [(failure.code, failure.chapter) for failure in some.failures] == [("encrypted_document", "OEBPS/a.xhtml")]
    everything = {"META-INF/encryption.xml": encryption("OEBPS/a.xhtml", "OEBPS/b.xhtml"), "META-INF/rights.xml": "<rights/>"}
    with pytest.raises(EncryptedDocument, match="Adobe ADEPT"):
        parse(book(path, chapters, **everything))
    fonts = encryption("OEBPS/b.xhtml", algorithm="http://www.idpf.org/2008/embedding")
    assert texts(parse(book(path, {"b.xhtml": "<p>free</p>"}, **{"META-INF/encryption.xml": fonts}))) == ["free"]


def test_a_bomb_is_refused(path: Path) -> None:
    with pytest.raises(DocumentTooLarge, match="max_unpack_ratio"):
        parse(book(path, {"a.xhtml": "<p>" + "x" * 3_000_000 + "</p>", "b.xhtml": "<p>b</p>"}))


def test_metadata_of_both_versions(path: Path) -> None:
    metadata = (
        '<dc:title id="s">Sub</dc:title><dc:title id="t">Main</dc:title><meta refines="#t" property="title-type">main</meta>'
        '<dc:creator id="x"> A.  Author </dc:creator><dc:creator id="y">T. Ranslator</dc:creator>'
        '<meta refines="#y" property="role">trl</meta><dc:language>fr</dc:language><dc:publisher>P</dc:publisher>'
        '<dc:date>2001</dc:date><dc:identifier id="other">1</dc:identifier><dc:identifier id="uid">urn:2</dc:identifier>'
    )
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/a.xhtml": page("<p>a</p>")}
    members["OEBPS/content.opf"] = opf([("a", "a.xhtml", XHTML)], ["a"], metadata=metadata)
    found = parse(write(path, members)).metadata
    assert (found.title, found.authors, found.language) == ("Main", ("A. Author",), "fr")
    assert (found.publisher, found.date, found.identifier) == ("P", "2001", "urn:2")
    old = '<dc:creator xmlns:opf="http://www.idpf.org/2007/opf" opf:role="edt">E. Ditor</dc:creator>'
    members["OEBPS/content.opf"] = opf([("a", "a.xhtml", XHTML)], ["a"], metadata=old)
    assert parse(write(path, members)).metadata.authors == ("E. Ditor",)


NAV = (
    '<nav epub:type="landmarks"><ol><li><a href="b.xhtml">Start</a></li></ol></nav><nav epub:type="toc"><ol>'
    '<li><span>Part</span><ol><li><a href="text/a.xhtml">Chapter <b>One</b></a></li>'
    '<li><a href="text/b.xhtml#s2">Two</a></li></ol></li>'
    '<li><a href="text/c.xhtml">Three</a></li></ol></nav>'
)


def test_nav_gives_contents_and_heading_paths_where_the_text_has_none(path: Path) -> None:
    chapters = {
        "text/a.xhtml": '<p class="t">CHAPTER ONE</p><p>a</p>',
        "text/b.xhtml": '<p>still one</p><p id="s2">b</p>',
        "text/c.xhtml": "<h1>III</h1><p>c</p>",
        "text/d.xhtml": "<p>d</p>",
    }
    extra = {"OEBPS/nav.xhtml": page(NAV)}
    book(path, chapters, **extra)
    items = [(f"c{n}", href, XHTML) for n, href in enumerate(chapters)]
    nav = f'<item id="nav" href="nav.xhtml" media-type="{XHTML}" properties="nav"/>'
    extra["OEBPS/content.opf"] = opf(items, [key for key, _, _ in items], manifest=nav)
    parsed = parse(
        write(path, {"META-INF/container.xml": CONTAINER, **{f"OEBPS/{k}": page(v) for k, v in chapters.items()}, **extra})
    )
    assert parsed.toc == (
        TocEntry(1, "Part"),
        TocEntry(2, "Chapter One", chapter="OEBPS/text/a.xhtml"),
        TocEntry(2, "Two", chapter="OEBPS/text/b.xhtml", anchor="s2"),
        TocEntry(1, "Three", chapter="OEBPS/text/c.xhtml"),
    )
    assert [(e.kind, e.text, e.heading_path) for e in parsed.elements] == [
        ("heading", "CHAPTER ONE", ("Part",)),
        ("paragraph", "a", ("Part",)),
        ("paragraph", "still one", ("Part",)),
        ("paragraph", "b", ("Part", "Two")),
        ("heading", "III", ()),
        ("paragraph", "c", ()),
        ("paragraph", "d", ()),
    ]


def test_headings_stand_below_what_the_contents_put_them_under(path: Path) -> None:
    nav = (
        '<nav epub:type="toc"><ol><li><a href="one.xhtml">Part One</a><ol><li><a href="a.xhtml">A</a><ol>'
        '<li><a href="a.xhtml#s">Section</a></li></ol></li><li><a href="b.xhtml">B</a></li></ol></li>'
        '<li><span>Part Two</span><ol><li><a href="c.xhtml">C</a></li></ol></li></ol></nav>'
    )
    chapters = {
        "one.xhtml": "<h1>Part One</h1>",
        "a.xhtml": '<h1>A</h1><p>a</p><h2 id="s">Section</h2><p>s</p>',
        "more.xhtml": "<h3>Detail</h3><p>more</p>",
        "b.xhtml": "<h1>B</h1><p>b</p>",
        "rest.xhtml": "<p>rest</p>",
        "c.xhtml": "<h1>The third</h1><p>c</p>",
        "colophon.xhtml": "<h1>Colophon</h1><p>d</p>",
    }
    items = [(f"c{n}", href, XHTML) for n, href in enumerate(chapters)]
    extra = f'<item id="nav" href="nav.xhtml" media-type="{XHTML}" properties="nav"/>'
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/nav.xhtml": page(nav)}
    members["OEBPS/content.opf"] = opf(items, [key for key, _, _ in items], manifest=extra)
    members |= {f"OEBPS/{href}": page(body) for href, body in chapters.items()}
    parsed = parse(write(path, members))
    document = assemble([parsed], sha256="", fingerprint="", media_type="", expected=[Window()], failures=())
    assert [(e.text, e.heading_path) for e in document.elements if e.kind == "paragraph"] == [
        ("a", ("Part One", "A")),
        ("s", ("Part One", "A", "Section")),
        ("more", ("Part One", "A", "Section", "Detail")),
        ("b", ("Part One", "B")),
        ("rest", ("Part One", "B")),
        ("c", ("Part Two", "The third")),
        ("d", ("Colophon",)),
    ]


def test_ncx(path: Path) -> None:
    ncx = (
        '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">'
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text> One </text></navLabel>'
        '<content src="a.xhtml"/><navPoint><navLabel><text>Sub</text></navLabel><content src="a.xhtml#x"/></navPoint></navPoint>'
        "</navMap></ncx>"
    )
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/a.xhtml": page("<p>a</p>"), "OEBPS/toc.ncx": ncx}
    items = [("a", "a.xhtml", XHTML), ("ncx", "toc.ncx", "application/x-dtbncx+xml")]
    members["OEBPS/content.opf"] = opf(items, ["a"], spine_attributes='toc="ncx"')
    parsed = parse(write(path, members))
    assert [(entry.level, entry.title, entry.chapter, entry.anchor) for entry in parsed.toc] == [
        (1, "One", "OEBPS/a.xhtml", None),
        (2, "Sub", "OEBPS/a.xhtml", "x"),
    ]
    assert parsed.elements[0].heading_path == ("One",)


def test_notes_across_chapters_have_labels_of_their_own(path: Path) -> None:
    parsed = parse(
        book(
            path,
            {
                "one.xhtml": '<p>A<a epub:type="noteref" id="r1" href="notes.xhtml#n1">1</a>, B'
                '<a role="doc-noteref" href="#f">*</a>.</p>'
                '<aside epub:type="footnote" id="f"><p>* Here.</p></aside>',
                "two.xhtml": '<p>C<a epub:type="noteref" id="r1" href="notes.xhtml#n2">1</a>, D'
                '<a epub:type="noteref" href="#gone">9</a>.</p>',
                "notes.xhtml": '<section epub:type="endnotes"><h2>Notes</h2><ol>'
                '<li id="n1" epub:type="endnote"><p>First.</p><p>More. '
                '<a epub:type="backlink" href="one.xhtml#r1">back</a></p></li>'
                '<li id="n2" epub:type="endnote"><p>Second. <a href="two.xhtml#r1">↩︎</a></p></li></ol></section>',
            },
        )
    )
    assert [(e.kind, e.text, e.marker) for e in parsed.elements] == [
        ("paragraph", "A[^1], B[^2].", None),
        ("footnote", "Here.", "2"),
        ("paragraph", "C[^3], D9.", None),
        ("heading", "Notes", None),
        ("footnote", "First.\nMore.", "1"),
        ("footnote", "Second.", "3"),
    ]


def test_pictures_and_drawings_in_the_spine(path: Path) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><title>Map</title><text>Here</text></svg>'
    items = [
        ("i", "i.png", "image/png"),
        ("s", "s.svg", "image/svg+xml"),
        ("w", "w.xhtml", "text/plain"),
        ("p", "p.pdf", "application/pdf"),
    ]
    package = (
        opf(items, "iswp")
        .replace('href="p.pdf"', 'href="p.pdf" fallback="f"')
        .replace("</manifest>", f'<item id="f" href="f.xhtml" media-type="{XHTML}"/></manifest>')
    )
    members: dict[str, str | bytes] = {"META-INF/container.xml": CONTAINER, "OEBPS/content.opf": package}
    members |= {
        "OEBPS/i.png": b"\x89PNG\r\n",
        "OEBPS/s.svg": svg,
        "OEBPS/w.xhtml": page("<p>w</p>"),
        "OEBPS/f.xhtml": page("<p>fallback</p>"),
    }
    parsed = parse(write(path, members))
    assert [(e.kind, e.text, e.target) for e in parsed.elements] == [
        ("image", "", "OEBPS/i.png"),
        ("image", "Map", None),
        ("paragraph", "Here", None),
        ("paragraph", "w", None),
        ("paragraph", "fallback", None),
    ]


def test_a_book_of_pictures_says_so(path: Path) -> None:
    parsed = parse(book(path, {f"{n}.xhtml": f'<div><img src="{n}.png" alt="Page {n}"/></div>' for n in (1, 2)}))
    assert [(e.kind, e.text) for e in parsed.elements] == [("image", "Page 1"), ("image", "Page 2")]
    assert "nothing but pictures" in parsed.warnings[0]


def test_a_book_in_one_huge_and_deep_chapter(path: Path) -> None:
    chance = random.Random(1)
    lines = [f"{number} {chance.random()}" for number in range(30_000)]
    body = "<div>" * 400 + f"<h1>One</h1>{''.join(f'<p>{line}</p>' for line in lines)}" + "</div>" * 400
    assert texts(parse(book(path, {"all.xhtml": body}))) == ["One", *lines]


def test_the_first_rendition_is_read(path: Path) -> None:
    second = '<rootfile full-path="OTHER/content.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    other = {"META-INF/container.xml": CONTAINER.replace("</rootfiles>", second), "OTHER/content.opf": opf([], [])}
    parsed = parse(book(path, {"a.xhtml": "<p>a</p>"}, **other))
    assert texts(parsed) == ["a"]
    assert "2 renditions" in parsed.warnings[0]


def test_switch_shows_one_branch(path: Path) -> None:
    body = (
        '<p>x <epub:switch><epub:case required-namespace="http://www.w3.org/1998/Math/MathML"><math '
        'xmlns="http://www.w3.org/1998/Math/MathML"><mi>m</mi></math></epub:case><epub:default>d</epub:default></epub:switch></p>'
        '<p>y <epub:switch><epub:case required-namespace="urn:cml">c</epub:case><epub:default>d</epub:default></epub:switch></p>'
    )
    assert texts(parse(book(path, {"a.xhtml": body}))) == ["x m", "y d"]


def test_books_larger_than_what_is_kept_come_out_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chapters = {f"{n}.xhtml": f'<p>t{n}<a epub:type="noteref" href="n.xhtml#n{n}">{n}</a></p>' for n in range(5)}
    chapters["n.xhtml"] = "".join(f'<aside epub:type="footnote" id="n{n}">note {n}</aside>' for n in range(5))
    kept = parse(book(path, chapters))
    monkeypatch.setattr(epub, "_KEPT_BYTES", 0)
    assert parse(path) == kept
    assert kept.elements[0].text == "t0[^1]"


def test_captions_of_books_before_html_5(path: Path) -> None:
    markup = (
        '<div class="figure"><p class="caption">Fig. 1 <i>Tea</i></p></div><div class="caption"><h2>No</h2><p>caption</p></div>'
    )
    items = [("a", "a.xhtml", XHTML)]
    parsed = parse(
        write(path, {"META-INF/container.xml": CONTAINER, "OEBPS/content.opf": opf(items, ["a"]), "OEBPS/a.xhtml": page(markup)})
    )
    assert [(element.kind, element.text) for element in parsed.elements] == [
        ("caption", "Fig. 1 Tea"),
        ("heading", "No"),
        ("paragraph", "caption"),
    ]


def test_navigation_around_the_main_part_of_chapters_is_left_out_and_told(path: Path) -> None:
    links = '<div role="navigation"><h3>Navigation</h3><ul><li><a href="b.xhtml">next</a></li></ul></div>'
    text = '<div role="main"><h1>Tea</h1><div role="navigation"><p>Within it</p></div></div>'
    parsed = parse(book(path, {"a.xhtml": links + text + links, "b.xhtml": links}))
    assert [element.text for element in parsed.elements] == ["Tea", "Within it", "Navigation", "next"], "b tells no main part"
    assert any("Links around the text" in warning for warning in parsed.warnings)


def test_lists_typed_by_hand(path: Path) -> None:
    markup = "<p>• tea</p><p>• milk</p><p>– Who is it? – Me.</p><p>– Oh!</p><p id='x'>1. one<br/>2. two</p>"
    items = [("a", "a.xhtml", XHTML)]
    parsed = parse(
        write(path, {"META-INF/container.xml": CONTAINER, "OEBPS/content.opf": opf(items, ["a"]), "OEBPS/a.xhtml": page(markup)})
    )
    assert [(element.kind, element.marker, element.text) for element in parsed.elements] == [
        ("list_item", "-", "tea"),
        ("list_item", "-", "milk"),
        ("paragraph", None, "– Who is it? – Me."),
        ("paragraph", None, "– Oh!"),
        ("list_item", "1.", "one"),
        ("list_item", "2.", "two"),
    ]


def test_pictures_that_the_book_names_and_has_not_are_told(path: Path) -> None:
    items = [("a", "a.xhtml", XHTML), ("p", "map%201.png", "image/png"), ("q", "https://x.example/q.png", "image/png")]
    package = opf(items, ["a"])
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/content.opf": package, "OEBPS/a.xhtml": page("<p>words</p>")}
    parsed = parse(write(path, members))
    assert parsed.warnings == ("Pictures that the book names are not in it (1): map%201.png; it may be damaged or cut short.",)
    assert not parse(write(path, {**members, "OEBPS/map 1.png": b"-"})).warnings
