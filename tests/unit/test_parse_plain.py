"""Plain text: titles, lists and edges of pages, each where it is sure and where it is not."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbray.config import Settings
from kbray.model import Parsed, Window
from kbray.parse import text

PROSE = (
    "It was in July, 1805, and the speaker was the well-known Anna Pavlovna\n"
    "Scherer, maid of honor and favorite of the Empress Marya Fedorovna. With\n"
    "these words she greeted Prince Vasili Kuragin, a man of high rank.\n"
)
INSET = "".join(f"   {line}\n" for line in PROSE.splitlines())


def parse(folder: Path, data: str | bytes) -> Parsed:
    path = folder / "a.txt"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return text.parse(path, Window(), Settings())


def headings(folder: Path, *blocks: str) -> list[tuple[int, str]]:
    return [(e.level, e.text) for e in parse(folder, "\n\n".join(blocks)).elements if e.kind == "heading"]


@pytest.mark.parametrize(
    ("first", "second", "below"),
    [
        ("CHAPTER I", "CHAPTER II", "SECTION 1"),
        ("Chapter One. The Arrival", "Chapter Two. The Return", "Scene 1"),
        ("Livre premier", "Livre deuxième : la fuite", "Chapitre 1"),
        ("Erster Teil", "Zweiter Teil", "Kapitel 1"),
        ("Часть 1", "Часть 2", "Глава 1"),
        ("Часть первая", "Часть вторая. Возвращение", "Глава двадцать третья"),
        ("Primeira parte", "Parte segunda", "Capítulo primero"),
        ("Część pierwsza", "Część druga", "Rozdział X"),
        ("Erstes Buch", "Zweites Buch", "Drittes Kapitel"),
        ("第一章 初雪", "第二章 归来", "第一节"),
        ("Buch 1", "Buch 2", "§ 1 Beginn der Rechtsfähigkeit"),
        ("Teil 1", "Teil 2", "Artikel 4 Freiheit"),
        ("1. Introduction", "2. Scope", "2.1 What is in it"),
        ("1 Introduction", "A. Copying", "A.1. Terms"),
        ("* Changes in 2.0", "* Changes in 1.0", "** Bug fixes"),
        ("Introduction\n============", "Scope\n=====", "Bounds\n------"),
        ("############\nIntroduction\n############", "#####\nScope\n#####", "Bounds\n~~~~~~"),
    ],
)
def test_titles_of_two_levels(tmp_path: Path, first: str, second: str, below: str) -> None:
    found = headings(tmp_path, first, PROSE, second, PROSE, below, PROSE)
    texts = [re.sub(r"\A\*+ |^[#=~-]+$|\n", "", block, flags=re.MULTILINE) for block in (first, second, below)]
    assert found == list(zip((1, 1, 2), texts, strict=True))


def test_capitals_and_lines_left_of_the_text(tmp_path: Path) -> None:
    assert headings(tmp_path, "THE OLD HOUSE", PROSE, PROSE, "A NEW ONE.", PROSE) == [(1, "THE OLD HOUSE"), (1, "A NEW ONE.")]
    assert headings(tmp_path, "MOBY", PROSE, "CHAPTER 1", PROSE, "LOOMINGS", PROSE) == [
        (1, "MOBY"),
        (1, "CHAPTER 1"),
        (2, "LOOMINGS"),
    ]
    manual = ("NAME\n" + INSET, "See also\n" + INSET, INSET, "Options and more\n\n" + INSET)
    assert headings(tmp_path, *manual) == [(1, "NAME"), (1, "See also"), (1, "Options and more")]


@pytest.mark.parametrize("word", ["Chapter", "Kapitel", "Capítulo"])
def test_sections_of_chapters_that_are_titles_of_another_form(tmp_path: Path, word: str) -> None:
    titles = [
        f"{word} 1. Setups",
        "1.1. Email",
        "1.2. git",
        f"{word} 2. ¿Qué es?",
        "2.1. ¿Qué es Linux?",
        "2.1.1. Licences",
        "A.1. Terms",
    ]
    found = headings(tmp_path, *(block for title in titles for block in (title, PROSE)))
    assert found == list(zip((1, 2, 2, 1, 2, 3, 2), titles, strict=True))


def test_sections_of_a_chapter_whose_number_was_not_told_before(tmp_path: Path) -> None:
    titles = ["Capítulo 4. Uso", "4.1. Inicio", "4.2. Fin"]
    assert [text for _, text in headings(tmp_path, *(block for title in titles for block in (title, PROSE)))] == titles


def test_sections_count_on_over_one_that_is_none_by_its_looks(tmp_path: Path) -> None:
    titles = ["1.1. Scope", "1.2. Terms", "1.4. Names", "2.1. Marks"]
    missed = "1.3. All of what stands in it, and more:"
    blocks = [block for title in titles for block in ((missed, PROSE) if title.startswith("1.4") else ()) + (title, PROSE)]
    assert [text for _, text in headings(tmp_path, *blocks)] == titles


def test_sections_in_scripts_without_capitals(tmp_path: Path) -> None:
    prose = "これは長い文章です。" * 12
    titles = ["第1章 はじめに", "1.1. この文書の構成", "1.2. 著作権", "第2章 必要なシステム", "2.1. ハードウェア"]
    found = headings(tmp_path, *(block for title in titles for block in (title, prose)))
    assert found == list(zip((1, 2, 2, 1, 2), titles, strict=True))


def test_quantities_are_no_sections(tmp_path: Path) -> None:
    assert headings(tmp_path, "1.1 million people", PROSE, "1.2 billion people", PROSE, "2. 日本", PROSE, "1. 中国", PROSE) == []


def test_lines_that_begin_with_no_break_spaces_are_not_left_of_the_text(tmp_path: Path) -> None:
    tip = "\u00a0\u00a0\u00a0 If you are new to this, do not worry about the\n    details and look at the picture."
    manual = ("NAME\n" + INSET, "See also\n" + INSET, tip, INSET, "Options and more\n\n" + INSET)
    assert headings(tmp_path, *manual) == [(1, "NAME"), (1, "See also"), (1, "Options and more")]


def test_numbers_alone_and_the_names_below_them(tmp_path: Path) -> None:
    numbered = [block for number in ("I", "II", "III") for block in (number, PROSE)]
    assert headings(tmp_path, *numbered) == [(1, "I"), (1, "II"), (1, "III")]
    named = [block for number, name in (("I", "A Visit"), ("II", "Tea"), ("III.", "Rain")) for block in (number, name, PROSE)]
    assert headings(tmp_path, *named) == [(1, "I"), (2, "A Visit"), (1, "II"), (2, "Tea"), (1, "III."), (2, "Rain")]


def test_chapters_of_a_text_without_blank_lines(tmp_path: Path) -> None:
    novel = "第一章 初雪\n　　他说第二章是最好的一章。\n　　他走了。\n第二章 归来\n　　他来了，没有人看见他。\n"
    assert headings(tmp_path, novel) == [(1, "第一章 初雪"), (1, "第二章 归来")]
    english = f"Chapter 1: Rain 7\nChapter 2 Snow 19\nChapter 1: Rain\n{PROSE}Chapter 2 was long.\nCHAPTER 2\n{PROSE}"
    assert headings(tmp_path, english) == [(1, "Chapter 1: Rain"), (1, "CHAPTER 2")]


@pytest.mark.parametrize(
    "block",
    [
        "Part of it was gone when the others came home from the fields in the evening",
        "Chapter 3 tells how he found his way back to the house of his father.",
        "1. Open the lid.",
        "2. Second of no first",
        "12",
        "THE END,",
        "(LAUGHING.)",
        "--HAMLET",
        "MAX_SIZE = 3",
        "name    size\n------------",
        "I",
        "JOHN@EXAMPLE.ORG",
    ],
)
def test_what_is_no_title(tmp_path: Path, block: str) -> None:
    assert headings(tmp_path, PROSE, block, PROSE, PROSE) == []


def test_who_speaks_is_no_title(tmp_path: Path) -> None:
    speech = "What news, my lord?"
    scene = [part for _ in range(4) for part in ("BRUNO", speech, "THE COURT.", speech)]
    found = headings(tmp_path, "A COMEDY", "Act I", *scene, "A SERVANT", speech, "Act II", *scene)
    assert found == [(1, "A COMEDY"), (1, "Act I"), (1, "Act II")]
    assert headings(tmp_path, "THE HOUSE", *[PROSE, "SCENES"] * 3, PROSE, "THE GARDEN", PROSE, "THE END OF IT", PROSE) == [
        (1, "THE HOUSE"),
        (1, "THE GARDEN"),
        (1, "THE END OF IT"),
    ]


def test_an_east_asian_chapter_over_an_indented_line(tmp_path: Path) -> None:
    elements = parse(
        tmp_path, "第一章　旅立ち\n　夜の底が白くなった。\n\n「もう」\n\n第二章　帰り道\n　その日は雨であった。\n"
    ).elements
    assert [(one.kind, one.text) for one in elements] == [
        ("heading", "第一章 旅立ち"),
        ("paragraph", "夜の底が白くなった。"),
        ("paragraph", "「もう」"),
        ("heading", "第二章 帰り道"),
        ("paragraph", "その日は雨であった。"),
    ]


def test_tables_of_contents_are_no_titles(tmp_path: Path) -> None:
    names = ["CHAPTER I", "CHAPTER II", "CHAPTER III"]
    chapters = [block for name in names for block in (name, PROSE)]
    assert headings(tmp_path, PROSE, *names, PROSE, *chapters) == [(1, name) for name in names]


def test_lists_with_signs_numbers_and_levels(tmp_path: Path) -> None:
    source = (
        "You need:\n  * flour, as much of it as there is in the whole of this large old\n    house;\n"
        "    - white, or\n    - brown\n  * water\n\n"
        "  * salt. A little.\n\n    Not more than that, or nobody will eat it of all that are at\n    home.\n\n"
        "1. Mix.\n2) Not an item of it.\n\n(a) Bake it.\n\n(b) Eat it.\n"
    )
    found = [(e.kind, e.level, e.marker, e.text) for e in parse(tmp_path, f"{source}\n{PROSE}").elements][:-1]
    assert found == [
        ("paragraph", 0, None, "You need:"),
        ("list_item", 1, "-", "flour, as much of it as there is in the whole of this large old house;"),
        ("list_item", 2, "-", "white, or"),
        ("list_item", 2, "-", "brown"),
        ("list_item", 1, "-", "water"),
        ("list_item", 1, "-", "salt. A little."),
        ("paragraph", 0, None, "Not more than that, or nobody will eat it of all that are at home."),
        ("paragraph", 0, None, "1. Mix.\n2) Not an item of it."),
        ("list_item", 1, "(a)", "Bake it."),
        ("list_item", 1, "(b)", "Eat it."),
    ]


@pytest.mark.parametrize("sign", ["*", "+"])
def test_lists_of_sentences_and_with_an_o(tmp_path: Path, sign: str) -> None:
    source = f"  {sign} Take flour.\n  {sign} Take water.\n\n"
    source += "   o  Bake it for as long as it takes to be done and all of it is\n      brown.\n"
    found = [(e.kind, e.text) for e in parse(tmp_path, f"{source}\n{PROSE}").elements][:-1]
    items = ("Take flour.", "Take water.", "Bake it for as long as it takes to be done and all of it is brown.")
    assert found == [("list_item", item) for item in items]


def test_paragraphs_whose_lines_begin_with_different_spaces_are_no_code(tmp_path: Path) -> None:
    lines = [("\u00a0\u00a0\u00a0 " if number % 3 == 0 else "    ") + line for number, line in enumerate(PROSE.splitlines())]
    found = parse(tmp_path, "\n".join(lines)).elements
    assert [(e.kind, e.text) for e in found] == [("paragraph", " ".join(PROSE.split()))]


@pytest.mark.parametrize(
    "source",
    [
        "es suyo\no de nadie",  # a word in some languages
        " * of a comment that\n * goes on. Not so.",
        "- Where is it?\n\n- Here, he said.\n\n- Where?",  # what people say
        "1. One\n\n3. Three",
        "1805. It was in July.",
        "- a sum\nof numbers - three of them",
    ],
)
def test_what_is_no_list(tmp_path: Path, source: str) -> None:
    assert [e.kind for e in parse(tmp_path, source).elements if e.kind == "list_item"] == []


def page(number: int, body: str) -> str:
    return f"Network Working Group              RFC 9{number}\n\n{body}\n\n\nPostel                       [Page {number}]\n\f"


def test_edges_of_pages_are_set_apart_and_paragraphs_go_on_over_them(tmp_path: Path) -> None:
    half, rest = PROSE.splitlines()[:2], PROSE.splitlines()[2]
    parsed = parse(tmp_path, page(1, PROSE + "\n" + "\n".join(half)) + page(2, rest + "\n\nNext.") + page(3, PROSE))
    said = [(e.kind, " ".join(e.text.split())) for e in parsed.elements]
    whole = " ".join(PROSE.split())
    assert [text for kind, text in said if kind == "paragraph"] == [whole, whole, "Next.", whole]
    assert [text for kind, text in said if kind == "header"][:2] == ["Network Working Group RFC 91", "Postel [Page 1]"]
    assert len(said) == 10
    few = parse(tmp_path, page(1, PROSE) + page(2, PROSE))
    assert not any(e.kind == "header" for e in few.elements), "two pages are too few to tell"


def test_what_terminals_and_printers_are_told_is_left_out(tmp_path: Path) -> None:
    parsed = parse(tmp_path, b"\x1b[1mN\bNA\bAM\bME\bE\x1b[0m\n     ls - _\bl_\bi_\bs_\bt e\xcc\x81\xc3\xa9\b\xc3\xa9\n")
    assert [e.text for e in parsed.elements] == ["NAME\n     ls - list e\u0301é"]


def test_rules_between_paragraphs_are_no_text(tmp_path: Path) -> None:
    assert [e.text for e in parse(tmp_path, f"{PROSE}-----\nOther.\n\n* * *\n\n{'=' * 70}\n").elements][1:] == ["Other.", "* * *"]


def test_a_book_of_project_gutenberg(tmp_path: Path) -> None:
    book = (
        "The Project Gutenberg eBook of War\n\nTitle: War and\n       Peace\n\nAuthor: Leo Tolstoy\n\n"
        f"*** START OF THE PROJECT GUTENBERG EBOOK WAR ***\n\nCHAPTER I\n\n{PROSE}\n{PROSE}\n"
        f"*** END OF THE PROJECT GUTENBERG EBOOK WAR ***\n\nFULL LICENSE\n\n{PROSE}"
    )
    parsed = parse(tmp_path, book)
    assert (parsed.metadata.title, parsed.metadata.authors) == ("War and Peace", ("Leo Tolstoy",))
    assert [(e.kind, e.text[:9]) for e in parsed.elements if e.main] == [
        ("heading", "CHAPTER I"),
        ("paragraph", "It was in"),
        ("paragraph", "It was in"),
    ]
    assert sum(len(e.text) for e in parsed.elements if not e.main) > 300
    empty = parse(tmp_path, "Title: No\n\n*** START OF THE PROJECT GUTENBERG EBOOK NO ***\n")
    assert all(e.main for e in empty.elements)


PIECES = st.sampled_from(
    [
        *("Words of it", "CHAPTER I", "I", "=====", "-----", "1. One", "1.1 Two", "2. Three", "* Star", "** Stars", "- dash"),
        *("   inset words", "    - deeper", "a) letter", "NAME", "", "", "", "> quoted", "第一章", "x    y    z", "[Page 1]"),
        *("\ttab", "\f", "THE ONE", "(b) more"),
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_word_is_lost_or_said_twice(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    source = "\n".join(lines)
    if not any(line.strip() for line in lines):
        return
    elements = list(text.elements_of(source, titled=True))
    said = Counter(re.findall(r"\w+", " ".join(f"{e.marker or ''} {e.text}" for e in elements)))
    assert said == Counter(re.findall(r"\w+", source))
