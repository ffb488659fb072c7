"""FictionBook: what tests write is what is read."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.config import Settings
from kbray.errors import CorruptDocument, EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import FB2, FB2_ZIPPED
from kbray.parse.sniff import sniff

BOOK = """<?xml version="1.0" encoding="{encoding}"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink"><description><title-info>
<genre>prose</genre><author><first-name>Анна</first-name><last-name>Роза</last-name></author><author><nickname>Bert</nickname></author>
<book-title>Полки</book-title><annotation><p>О книге.</p></annotation><date value="1999-05-01">1999</date><lang>ru</lang>
</title-info><document-info><author><nickname>scanner</nickname></author><id>X-1</id></document-info>
<publish-info><publisher>Дом</publisher><isbn>978</isbn></publish-info></description><body>{body}</body>{more}</FictionBook>"""
TEXT = """<title><p>Анна Роза</p><p>Полки</p></title><epigraph><p>Слово.</p><text-author>Некто</text-author></epigraph>
<section id="one"><title><p>Глава первая</p></title><p>Первый <emphasis>абзац</emphasis> с примечанием<a l:href="#n1"
type="note">[1]</a>.</p><empty-line/><subtitle>* * *</subtitle><subtitle>Вечер</subtitle>
<section><title><p>Часть</p></title><p>Второй.</p><poem><title><p>Песня</p></title><stanza><v>Раз строка</v><v>два строка</v>
</stanza></poem><cite><p>Сказано.</p></cite><image l:href="#a.png" alt="Полка"/>
<table><tr><th>Имя</th><th>Год</th></tr><tr><td>А</td><td>1</td></tr></table></section></section>"""
NOTES = """<body name="notes"><title><p>Примечания</p></title><section id="n1"><title><p>1</p></title>
<p>Сноска о полке.</p></section></body>
<binary id="a.png" content-type="image/png">iVBORw0KGgo=</binary>"""


def book(folder: Path, body: str = TEXT, more: str = NOTES, encoding: str = "utf-8") -> Path:
    (folder / "a.fb2").write_bytes(BOOK.format(encoding=encoding, body=body, more=more).encode(encoding))
    return folder / "a.fb2"


def read(path: Path) -> Parsed:
    return parse(path, sniff(path, path.name), Window(), Settings())


def told(path: Path) -> list[tuple[str, int, str]]:
    return [(one.kind, one.level, one.text) for one in read(path).elements]


WHOLE = [
    ("paragraph", 0, "О книге."),
    ("heading", 1, "Анна Роза Полки"),
    ("paragraph", 0, "Слово."),
    ("paragraph", 0, "Некто"),
    ("heading", 2, "Глава первая"),
    ("paragraph", 0, "Первый абзац с примечанием[^1]."),
    ("paragraph", 0, "* * *"),
    ("heading", 3, "Вечер"),
    ("heading", 3, "Часть"),
    ("paragraph", 0, "Второй."),
    ("paragraph", 0, "Песня"),
    ("paragraph", 0, "Раз строка\nдва строка"),
    ("paragraph", 0, "Сказано."),
    ("image", 0, "Полка"),
    ("table", 0, "Имя\tГод\nА\t1"),
    ("heading", 2, "Примечания"),
    ("footnote", 0, "Сноска о полке."),
]


def test_titles_of_poems_are_headings_where_no_prose_follows(tmp_path: Path) -> None:
    poem = "<poem><title><p>{0}</p></title><subtitle>к {0}</subtitle><stanza><v>Раз</v><v>два</v></stanza></poem>"
    of_both = f"<epigraph><p>Слово.</p></epigraph>{poem.format('А')}<empty-line/>{poem.format('Б')}"
    poems = f"<section><title><p>Стихи</p></title>{of_both}</section>"
    prose = f"<section><title><p>Глава</p></title>{poem.format('В')}<p>Он спел.</p></section>"
    bare = f"<section>{poem.format('Г')}</section>"
    assert [
        one for one in told(book(tmp_path, poems + prose + bare, "")) if one[2] not in ("О книге.", "Слово.", "Раз\nдва")
    ] == [
        ("heading", 1, "Стихи"),
        ("heading", 2, "А"),
        ("paragraph", 0, "к А"),
        ("heading", 2, "Б"),
        ("paragraph", 0, "к Б"),
        ("heading", 1, "Глава"),
        ("paragraph", 0, "В"),
        ("paragraph", 0, "к В"),
        ("paragraph", 0, "Он спел."),
        ("heading", 1, "Г"),
        ("paragraph", 0, "к Г"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "utf-16"])
def test_a_book_is_read_as_it_is_built(tmp_path: Path, encoding: str) -> None:
    path = book(tmp_path, encoding=encoding)
    assert sniff(path, path.name) == FB2
    assert told(path) == WHOLE
    found = read(path)
    said = found.metadata
    assert (said.title, said.authors, said.language, said.publisher) == ("Полки", ("Анна Роза", "Bert"), "ru", "Дом")
    assert (said.date, said.identifier) == ("1999-05-01", "978")
    assert next(one.anchor for one in found.elements if one.text == "Глава первая") == "one"
    assert not found.warnings


def test_bare_text_and_grouped_notes_are_read(tmp_path: Path) -> None:
    body = """<title>Bare <emphasis>title</emphasis></title><section><p>Text<a l:href="#n1" type="note">1</a>.</p>
    <poem><stanza>first <v>second</v>third</stanza></poem></section>"""
    notes = """<body name="notes">loose<section><title><p>Chapter</p></title>
    <section id="n1">bare note</section></section></body>"""
    found = [text for _, _, text in told(book(tmp_path, body, notes))]
    assert found[1:] == ["Bare title", "Text[^1].", "first\nsecond\nthird", "loose", "Chapter", "bare note"]


def test_a_zipped_book_is_the_same(tmp_path: Path) -> None:
    path = book(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.fb2.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "книга.fb2")
    assert sniff(tmp_path / "a.fb2.zip", "a.fb2.zip") == FB2_ZIPPED
    assert told(tmp_path / "a.fb2.zip") == WHOLE


def test_prefixes_and_markup_that_are_broken_lose_no_word(tmp_path: Path) -> None:
    path = book(tmp_path)
    path.write_text(path.read_text("utf-8").replace('xmlns:l="http://www.w3.org/1999/xlink"', ""), "utf-8")
    assert "Первый абзац с примечанием[^1]." in [text for _, _, text in told(path)]
    path.write_text(path.read_text("utf-8").replace("</emphasis>", ""), "utf-8")
    words = " ".join(text for _, _, text in told(path)).split()
    assert {"Первый", "абзац", "Второй.", "Сказано."} <= set(words)
    assert read(path).warnings


@pytest.mark.parametrize("depth", [150, 260, 5000])
def test_deep_sections_end(tmp_path: Path, depth: int) -> None:
    path = book(tmp_path, "<section>" * depth + "<p>Deep</p>" + "</section>" * depth)
    if depth > 200:
        with pytest.raises(CorruptDocument, match="nested too deeply"):
            read(path)
    else:
        assert ("paragraph", 0, "Deep") in told(path)


def test_an_empty_book_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.fb2").write_text("<?xml version='1.0'?><FictionBook><body/></FictionBook>")
    with pytest.raises(EmptyDocument, match="nothing in the book"):
        read(tmp_path / "a.fb2")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.txt", "text")
    with pytest.raises(CorruptDocument, match="no book in the archive"):
        parse(tmp_path / "b.zip", FB2_ZIPPED, Window(), Settings())


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=8)


@given(st.recursive(WORDS, lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=20))
def test_all_words_come_once_and_in_order(tmp_path_factory: pytest.TempPathFactory, tree: str | list[object]) -> None:
    def written(part: object) -> str:
        return f"<p>{part}</p>" if isinstance(part, str) else f"<section>{''.join(map(written, list(part)))}</section>"  # type: ignore[call-overload]

    def words(part: object) -> list[str]:
        return [part] if isinstance(part, str) else [word for one in part for word in words(one)]  # type: ignore[attr-defined]

    path = book(tmp_path_factory.mktemp("book"), f"<section>{written(tree)}</section>", "")
    assert [text for _, _, text in told(path)][1:] == words(tree)


def test_a_text_of_more_than_ten_million_bytes_is_read_whole(tmp_path: Path) -> None:
    picture = f'<binary id="b.png" content-type="image/png">{"iVBORw0KGgo" * 1_000_000}</binary>'
    parsed = read(book(tmp_path, more=picture + NOTES))
    assert parsed.warnings == ()
    assert any(one.text == "Сноска о полке." for one in parsed.elements)
