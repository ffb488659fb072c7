"""XML of any kind: what tests write is what is read."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kbray.config import Settings
from kbray.errors import CorruptDocument, EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import SVG, XML
from kbray.parse.sniff import sniff
from kbray.parse.xml import structure

TEI = """<?xml version="1.0"?><TEI xmlns="http://www.tei-c.org/ns/1.0" xml:lang="de"><teiHeader><fileDesc>
<titleStmt><title>Das Schiff</title>
<author>Ada Rose</author></titleStmt>
<publicationStmt><publisher>Haus</publisher><date>1820</date></publicationStmt></fileDesc></teiHeader>
<text><body><div><head>Erstes <hi>Kapitel</hi></head><pb n="12"/><p>Ein <choice><sic>Shiff</sic><corr>Schiff</corr></choice><note
place="foot">Eine Anmerkung mit <hi>Nachdruck</hi>.</note> fuhr<lb/>aus dem Ha<lb break="no"/>fen.</p>
<lg><l>Raus aus dem <hi>Hafen</hi>,</l><l>weit in das Meer.</l></lg><div><head>Darin</head>
<p>Mehr.</p><list><item>Segel</item><item>Mast und
<hi>Kiel</hi></item></list></div><sp><speaker>Kapitän</speaker><p>Ahoi!</p></sp>
<table><row role="label"><cell>Jahr</cell><cell>Zahl</cell></row>
<row><cell>1820</cell><cell>3</cell></row></table></div></body></text></TEI>"""


def read(folder: Path, text: str | bytes, name: str = "a.xml") -> Parsed:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    kind = sniff(path, name)
    assert kind in (XML, SVG)
    return parse(path, kind, Window(), Settings())


def told(parsed: Parsed) -> list[tuple[str, int, str]]:
    return [(one.kind, one.level, one.text) for one in parsed.elements if one.main]


def test_tei(tmp_path: Path) -> None:
    parsed = read(tmp_path, TEI)
    assert told(parsed) == [
        ("heading", 1, "Erstes Kapitel"),
        ("paragraph", 0, "Ein Schiff[^1] fuhr aus dem Hafen."),
        ("footnote", 0, "Eine Anmerkung mit Nachdruck."),
        ("paragraph", 0, "Raus aus dem Hafen,\nweit in das Meer."),
        ("heading", 2, "Darin"),
        ("paragraph", 0, "Mehr."),
        ("list_item", 1, "Segel"),
        ("list_item", 1, "Mast und Kiel"),
        ("paragraph", 0, "Kapitän"),
        ("paragraph", 0, "Ahoi!"),
        ("table", 0, "Jahr\tZahl\n1820\t3"),
    ]
    said = parsed.metadata
    assert (said.title, said.authors, said.publisher, said.date, said.language) == (
        "Das Schiff",
        ("Ada Rose",),
        "Haus",
        "1820",
        "de",
    )
    assert {one.text for one in parsed.elements if not one.main} == {
        "title: Das Schiff\nauthor: Ada Rose",
        "publisher: Haus\ndate: 1820",
    }
    assert parsed.elements[-1].language == "de"


def test_records_are_told_field_by_field(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        "<shelf><!-- no --><book id='7'><title>The ship at sea</title>"
        "<author><first>Ada</first><last>Rose</last></author><year>1820</year>"
        "<about>&lt;p&gt;A book of &lt;b&gt;ships&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;And ports.&lt;/p&gt;</about></book>"
        "<book title='Told in words'><title>Second of the books</title></book></shelf>",
    )
    assert told(parsed) == [
        ("paragraph", 0, "title: The ship at sea\nauthor/first: Ada\nauthor/last: Rose\nyear: 1820"),
        ("paragraph", 0, "A book of ships."),
        ("paragraph", 0, "And ports."),
        ("paragraph", 0, "Told in words"),
        ("paragraph", 0, "Second of the books"),
    ]


def test_documents_have_titles_and_paragraphs(tmp_path: Path) -> None:
    text = (
        "<doc><head>All of <i>it</i></head><part><title>One</title><t>First text, <e>stressed</e>.</t><t>Second text.</t></part>"
        "<part><title>Two</title><sub><title>Deep</title><t>Third text.</t></sub></part></doc>"
    )
    assert told(read(tmp_path, text)) == [
        ("heading", 1, "All of it"),
        ("heading", 2, "One"),
        ("paragraph", 0, "First text, stressed."),
        ("paragraph", 0, "Second text."),
        ("heading", 2, "Two"),
        ("heading", 3, "Deep"),
        ("paragraph", 0, "Third text."),
    ]


def test_translations_and_property_lists(tmp_path: Path) -> None:
    unit = "<trans-unit id='{0}'><source>The ship {0} sails</source><target>Das Schiff {0} segelt</target></trans-unit>"
    text = f"<xliff version='1.2'><file><body>{unit.format(1)}{unit.format(2)}</body></file></xliff>"
    assert [one[2] for one in told(read(tmp_path, text))] == [
        "source: The ship 1 sails\ntarget: Das Schiff 1 segelt",
        "source: The ship 2 sails\ntarget: Das Schiff 2 segelt",
    ]
    text = "<resources><string>Save the file</string><string name='b'>Open a file now</string><string>OK</string></resources>"
    assert [one[2] for one in told(read(tmp_path, text))] == ["Save the file\nOpen a file now\nOK"]
    text = "<plist><dict><key>Name of it</key><string>A ship at sea</string><key>On</key><true/></dict></plist>"
    assert [one[2] for one in told(read(tmp_path, text))] == ["Name of it: A ship at sea\nOn: true"]


def test_other_kinds(tmp_path: Path) -> None:
    pair = "<tuv xml:lang='en'><seg>Submit</seg></tuv><tuv xml:lang='fr'><seg>Il faut partir</seg></tuv>"
    parsed = read(tmp_path, f"<tmx><body><tu>{pair}</tu></body></tmx>")
    assert [(one.text, one.language) for one in parsed.elements] == [("Submit", "en"), ("Il faut partir", "fr")]
    message = "<message><source>Open a file</source><translation>Datei öffnen</translation></message>"
    text = f"<?xml version='1.0'?><!DOCTYPE TS><TS>{message}</TS>"
    assert [one[2] for one in told(read(tmp_path, text, "a.ts"))] == ["source: Open a file\ntranslation: Datei öffnen"]
    text = "<math xmlns='http://www.w3.org/1998/Math/MathML' display='block'><mi>a</mi><mo>+</mo><mn>1</mn></math>"
    assert [one[0] for one in told(read(tmp_path, text, "a.mml"))] == ["formula"]
    text = (
        "<kml xmlns='http://www.opengis.net/kml/2.2'><Document><Placemark><name>The old port</name>"
        "<description><![CDATA[<p>A port of <b>ships</b>.</p><p>And more.</p>]]></description></Placemark></Document></kml>"
    )
    assert [one[2] for one in told(read(tmp_path, text, "a.kml"))] == ["The old port", "A port of ships.", "And more."]


def test_attributes_that_are_all_there_is(tmp_path: Path) -> None:
    names = "".join(f"<entry id='x{n}' name='Nauruan tongue {n}' code='aaa'/>" for n in range(100))
    parsed = read(tmp_path, f"<?xml version='1.0'?><list>{names}<entry name='some_key'/></list>")
    assert [one[2] for one in told(parsed)] == ["\n".join(f"name: Nauruan tongue {n}" for n in range(100))]
    long = "".join(f"<d>Some words of {n}</d>" for n in range(2000))
    found = [one[2] for one in told(read(tmp_path, f"<?xml version='1.0'?><list>{long}</list>"))]
    assert all(one.startswith("Some words") and len(one) <= 4000 for one in found), "cut between lines"


def test_settings_stay_code(tmp_path: Path) -> None:
    text = "<project>\n  <modelVersion>4.0.0</modelVersion>\n\n  <artifactId>a</artifactId>\n</project>\n"
    assert told(read(tmp_path, text, "pom.xml")) == [("code", 0, text.strip())]


def test_of_large_data_the_words_are_kept(tmp_path: Path) -> None:
    points = "".join(f"<pt lat='{n}.5'><ele>{n}</ele></pt>" for n in range(20_000))
    parsed = read(tmp_path, f"<gpx><trk><name>Around the lake</name>{points}</trk></gpx>", "a.gpx")
    assert told(parsed) == [("paragraph", 0, "Around the lake")]
    assert parsed.warnings == ("Values without words, as numbers and dates, were left out (20000).",)


def test_drawings_give_their_words(tmp_path: Path) -> None:
    start = "<svg xmlns='http://www.w3.org/2000/svg'>"
    text = f"{start}<title>Map</title><defs/><text>The <tspan>port</tspan></text><text>Sea</text></svg>"
    assert told(read(tmp_path, text, "a.svg")) == [("image", 0, "Map"), ("paragraph", 0, "The port"), ("paragraph", 0, "Sea")]
    with pytest.raises(EmptyDocument, match="outlines"):
        read(tmp_path, "<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0'/></svg>", "a.svg")


def test_encodings(tmp_path: Path) -> None:
    for encoding in ("utf-8", "iso-8859-1", "utf-16", "windows-1252"):
        text = f"<?xml version='1.0' encoding='{encoding}'?><d><s>Ein schönes Schiff fährt</s></d>"
        assert [one[2] for one in told(read(tmp_path, text.encode(encoding)))] == ["Ein schönes Schiff fährt"]


def test_hostile_files(tmp_path: Path) -> None:
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "lol">{bomb}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    parsed = read(tmp_path, text + "<d><s>Some words here</s><s>&l11;</s><s>&x; more words</s></d>")
    assert "root:" not in str(parsed.elements)
    assert sum(len(one.text) for one in parsed.elements) < 1000
    deep = "<a>" * 1500 + "some words deep down" * 500 + "</a>" * 1500
    parsed = read(tmp_path, f"<?xml version='1.0'?>{deep}")
    assert sum(one[2].count("words") for one in told(parsed)) == 500
    assert "deep" in parsed.warnings[-1]
    parsed = read(tmp_path, "<?xml version='1.0'?><d><p>First words are read.</p><p>Then <b>it breaks</p></d>")
    assert told(parsed)[0][2] == "First words are read."
    assert "not well-formed" in parsed.warnings[0]
    with pytest.raises(CorruptDocument, match="not XML"):
        read(tmp_path, "<?xml version='1.0'?><!DOCTYPE a>")


def test_long_runs_cost_no_more_than_they_are_long(tmp_path: Path) -> None:
    for filling in (
        "a" * 400_000,
        " " * 400_000,
        "a " * 200_000,
        "a\n" * 200_000,
        "a<b/>" * 80_000,
        "&amp;" * 80_000,
        "'" * 400_000,
    ):
        start = time.thread_time()
        read(tmp_path, f"<?xml version='1.0'?><d><s>some words here</s><s>{filling}</s></d>")
        assert time.thread_time() - start < 5, filling[:10]


NAMES = st.sampled_from(["a", "b", "p", "title", "item", "list", "row", "cell", "note", "dict", "key", "lg", "l", "table"])


@st.composite
def trees(draw: st.DrawFn) -> str:
    count = iter(range(10_000))

    def word() -> str:
        return f" wörd{next(count)} text " if draw(st.booleans()) else ""

    def node(depth: int) -> str:
        name = draw(NAMES)
        children = [node(depth - 1) + word() for _ in range(draw(st.integers(0, 3 if depth else 0)))]
        return f"<{name}>{word()}{''.join(children)}</{name}>"

    return f"<doc>{node(4)}{node(4)}</doc>"


@given(trees())
def test_every_word_comes_out_once(source: str) -> None:
    root = etree.fromstring(source)
    words = [word for word in "".join(map(str, root.itertext())).split() if word.startswith("wörd")]
    for tei in (False, True):
        elements = list(structure.Reader(root, tei=tei).elements())
        found = [piece for one in elements for piece in one.text.replace("[^", " [^").split() if piece.startswith("wörd")]
        assert sorted(found) == sorted(words), elements


@pytest.mark.parametrize("half", ["&#xD800;", "&#55296;", "&#57343;", "&#x0dFFF;"])
def test_half_a_character_is_told_as_one_that_is_missing(tmp_path: Path, half: str) -> None:
    texts = [text for _, _, text in told(read(tmp_path, f"<letter><to>Dear Ada</to><said>so much{half} for tea</said></letter>"))]
    assert "so much\ufffd for tea" in " ".join(texts)
    whole = read(tmp_path, "<letter><to>Dear Ada</to><said>so much &#55295;&#57344; for tea</said></letter>")
    assert "so much \ud7ff\ue000 for tea" in " ".join(text for _, _, text in told(whole))


@pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "hex"])
def test_what_is_no_encoding_of_files_is_not_believed(tmp_path: Path, name: str) -> None:
    text = f'<?xml version="1.0" encoding="{name}"?><letter><said>Tea \\u0041 for two, café</said><to>Ada the elder</to></letter>'
    assert "Tea \\u0041 for two, café" in " ".join(said for _, _, said in told(read(tmp_path, text)))


def test_what_is_too_deep_for_the_parser_is_damage_and_not_nothing(tmp_path: Path) -> None:
    with pytest.raises(CorruptDocument, match=r"There are no words in what can be read of it.*depth"):
        read(tmp_path, '<?xml version="1.0"?>' + "<a>" * 99_000 + "the tea is ready" + "</a>" * 99_000)
