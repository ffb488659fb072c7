"""Assembly: the order and the text of the parts are kept, what is missing is told, running titles are set apart."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbray.document import joining, outline
from kbray.document.assemble import assemble, has_content, summarise
from kbray.document.running import mark_running, page_number
from kbray.errors import EmptyDocument
from kbray.geometry import Box
from kbray.model import Document, Element, Failure, Kind, Metadata, Parsed, Table, TocEntry, Unit, Window

WHOLE = Window()


def at(page: int, text: str, top: float = 300, *, kind: Kind = "paragraph", level: int = 0, high: float = 12) -> Element:
    right = 500 if kind == "paragraph" else 72 + 6 * len(text)  # text fills its line, titles don't
    return Element(kind, text, page=page, box=Box(72, top, right, top + high), level=level)


def part(*elements: Element, pages: tuple[int, int] | None = None, **more: object) -> Parsed:
    units = tuple(Unit(str(page)) for page in range(pages[0], pages[1] + 1)) if pages else (Unit("whole"),)
    return replace(Parsed("pdf", elements, units), **more)  # type: ignore[arg-type]  # fields of Parsed


def put_together(
    *parts: Parsed | None, expected: tuple[Window, ...] | None = None, failures: tuple[Failure, ...] = ()
) -> Document:
    windows = expected or tuple(WHOLE for _ in parts)
    return assemble(
        parts, sha256="a" * 64, fingerprint="f" * 16, media_type="application/pdf", expected=windows, failures=failures
    )


def lost(page: int | None = None, chapter: str | None = None) -> Failure:
    return Failure("parse_timeout", "It took too long.", "parse", "sig", page=page, chapter=chapter)


def texts(document: Document, *kinds: str) -> list[str]:
    return [element.text for element in document.elements if not kinds or element.kind in kinds]


# ---------------------------------------------------------------- the ledger


@st.composite
def files(draw: st.DrawFn) -> tuple[list[Window], list[Parsed | None], list[Failure], int]:
    """A file of some pages cut into windows; pages are there, told to be lost, or lost without a word."""
    pages, step = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    windows = [Window(first, min(first + step - 1, pages)) for first in range(1, pages + 1, step)]
    parts: list[Parsed | None] = []
    failures: list[Failure] = []
    for window in windows:
        assert window.first_page is not None
        numbers = range(window.first_page, window.first_page + window.pages)
        fates = {page: draw(st.sampled_from(["there", "there", "told", "untold", "absent"])) for page in numbers}
        if draw(st.integers(0, 4)) == 0:
            parts.append(None)
            failures += [lost(window.first_page)] if draw(st.booleans()) else []
            continue
        units = [Unit(str(page), 0, fate == "there") for page, fate in fates.items() if fate != "absent"]
        elements = [Element("paragraph", f"Text {page}.", page=page) for page, fate in fates.items() if fate == "there"]
        told = tuple(lost(page) for page, fate in fates.items() if fate == "told")
        failures += told if draw(st.booleans()) else ()
        parts.append(Parsed("pdf", tuple(elements), tuple(units), failures=told))
    return windows, parts, failures, pages


@given(files())
@settings(max_examples=200)
def test_the_ledger_is_exact(file: tuple[list[Window], list[Parsed | None], list[Failure], int]) -> None:
    windows, parts, failures, pages = file
    document = put_together(*parts, expected=tuple(windows), failures=tuple(failures))
    assert [unit.name for unit in document.units] == [str(page) for page in range(1, pages + 1)]
    there = {element.page for element in document.elements}
    assert {int(unit.name) for unit in document.units if unit.produced} == there
    assert all(unit.characters == (7 if unit.produced else 0) for unit in document.units)
    assert all(unit.elements == unit.produced for unit in document.units)
    assert document.complete == (len(there) == pages)
    for window, parsed in zip(windows, parts, strict=True):
        assert window.first_page is not None
        for page in range(window.first_page, window.first_page + window.pages):
            reasons = [failure for failure in document.failures if failure.page == page]
            assert len(reasons) <= 1
            assert page in there or reasons or (parsed is None and document.failures)
    assert list(document.failures) == sorted(document.failures, key=lambda failure: failure.page or 0)
    result = summarise(document)
    assert (result.units_expected, result.units_produced) == (pages, len(there))
    assert result.failed == (not there)


@given(files(), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_parts_and_failures_does_not_matter(
    file: tuple[list[Window], list[Parsed | None], list[Failure], int], random: st.DataObject
) -> None:
    windows, parts, failures, _ = file
    pairs = list(zip(windows, parts, strict=True))
    expected = put_together(*parts, expected=tuple(windows), failures=tuple(failures))
    random.shuffle(pairs)  # type: ignore[attr-defined]  # a random.Random
    random.shuffle(failures)  # type: ignore[attr-defined]
    again = put_together(*(p for _, p in pairs), expected=tuple(w for w, _ in pairs), failures=tuple(failures))
    assert again == expected


def test_a_lost_whole_is_told() -> None:
    document = put_together(None)
    assert document.units == (Unit("whole", produced=False),)
    assert [failure.code for failure in document.failures] == ["internal_error"]
    assert document.engine == "none"
    assert summarise(document).failed
    assert put_together(None, failures=(lost(),)).failures == (lost(),)


def test_chapters_are_the_units_of_the_parser() -> None:
    book = Parsed("epub", (Element("paragraph", "Hello", chapter="a.xhtml"),), (Unit("a.xhtml", 5), Unit("b.xhtml", 0, False)))
    document = put_together(book)
    assert document.units == (Unit("a.xhtml", 5, elements=1), Unit("b.xhtml", 0, False))
    assert [(failure.chapter, failure.stage) for failure in document.failures] == [("b.xhtml", "assemble")]
    assert "Chapter b.xhtml is missing" in document.failures[0].message
    told = put_together(replace(book, failures=(lost(chapter="b.xhtml"),)))
    assert told.failures == (lost(chapter="b.xhtml"),)


def test_blank_documents_are_empty() -> None:
    with pytest.raises(EmptyDocument, match="all of its 2 pages are blank"):
        put_together(part(pages=(1, 2)), expected=(Window(1, 2),))
    with pytest.raises(EmptyDocument, match="it is blank"):
        put_together(part(Element("paragraph", " ")))
    assert not put_together(part(pages=(1, 1)), expected=(Window(1, 1),), failures=(lost(1),)).complete
    assert has_content([Element("image")])
    assert has_content([Element("table", table=Table(()))])
    assert put_together(part(Element("image", "", target="a.png"))).complete


def test_parts_are_merged() -> None:
    entry = TocEntry(1, "One", page=1)
    one = part(at(1, "A."), pages=(1, 1), metadata=Metadata(language="fr"), toc=(entry,), warnings=("odd",))
    two = part(at(2, "B."), pages=(2, 2), metadata=Metadata("T", ("X",), "en"), toc=(entry,), warnings=("odd",), engine="image")
    document = put_together(one, two, expected=(Window(1, 1), Window(2, 2)))
    assert document.metadata == Metadata("T", ("X",), "fr")
    assert (document.toc, document.warnings, document.engine) == ((entry,), ("odd",), "pdf+image")
    assert summarise(document).title == "T"


# ---------------------------------------------------------------- running titles


def a_book(pages: int) -> list[Element]:
    found = []
    for page in range(1, pages + 1):
        found += [at(page, "Field guide" if page % 2 else f"Chapter {page // 5}", 40 + page % 2, kind="heading", level=2)]
        word = "abcdefghijklmnop"[page]
        found += [
            at(page, f"Body {word} says its own thing, which is long enough to fill the whole of the line.", 60 + 30 * n)
            for n in range(page % 4 + 12)
        ]
        found += [at(page, str(page + 4), 740)]
    return found


def test_running_titles_and_page_numbers_are_set_apart() -> None:
    marked = mark_running(a_book(12))
    numbers = [element for element in marked if element.text.isdecimal()]
    assert {element.kind for element in numbers} == {"footer"}
    titles = [element for element in marked if element.text.startswith(("Field", "Chapter"))]
    assert [element.kind for element in titles] == ["heading", "heading"] + ["header"] * 10  # each keeps its first place
    body = [element for element in marked if element.text.startswith("Body")]
    assert {element.kind for element in body} == {"paragraph"}
    assert [element.text for element in marked] == [element.text for element in a_book(12)]


def test_what_stands_below_a_title_that_comes_again_with_it_keeps_its_first_place() -> None:
    """The subtitle of a slide that is uncovered step by step was lost."""
    found = []
    for page in (1, 2, 3):
        found += [at(page, "Why?", 20, kind="heading", level=1), at(page, "A motivation", 40), at(page, "Talk", 750)]
        found += [at(page, f"Body {'abc'[page - 1]} says {line}.", 80 + 30 * line) for line in range(20)]
    kinds = [element.kind for element in mark_running(found) if element.text in ("Why?", "A motivation", "Talk")]
    assert kinds == ["heading", "paragraph", "footer"] + ["header", "header", "footer"] * 2


def test_a_running_title_that_was_misread_is_one_where_others_stand() -> None:
    titles = ["Love among the Chickens", "Love arnong the Chickens", "Love among the Chickens", "Love among the Chickens"]
    found = []
    for page, title in enumerate(titles, start=1):
        found += [replace(at(page, title, 40, high=36), origin="ocr")]
        found += [replace(at(page, f"Body {'abcd'[page - 1]} says {line}.", 80 + 30 * line), origin="ocr") for line in range(20)]
    assert [element.text for element in mark_running(found) if element.kind == "header"] == titles
    told = [replace(element, origin="text") for element in found]
    assert len([element for element in mark_running(told) if element.kind == "header"]) == 3, "a text layer misreads nothing"
    lower = [replace(element, box=Box(72, 70, 500, 82)) if element.text == titles[1] else element for element in found]
    assert len([element for element in mark_running(lower) if element.kind == "header"]) == 3


def test_a_title_above_later_pages_of_its_chapter_is_a_running_one() -> None:
    """Chapters of two pages: each title comes once more, in small print, with its number or without."""

    def kinds(*names: str) -> list[tuple[Kind, str]]:
        found = []
        for chapter, name in enumerate(names, 1):
            page = 2 * chapter
            found.append(at(page, f"Chapter {chapter} {name}", 120, kind="heading", level=1, high=20))
            found.append(at(page + 1, f"{chapter}. {name}", 30))
            found += [at(page + more, f"Line {line} of {name} {more}", 160 + 30 * line) for more in (0, 1) for line in range(20)]
        return [(one.kind, one.text) for one in mark_running(found) if not one.text.startswith("Line")]

    assert kinds("Rivers", "Lakes and ponds", "The sea") == [
        ("heading", "Chapter 1 Rivers"),
        ("header", "1. Rivers"),
        ("heading", "Chapter 2 Lakes and ponds"),
        ("header", "2. Lakes and ponds"),
        ("heading", "Chapter 3 The sea"),
        ("header", "3. The sea"),
    ]
    assert "header" not in [kind for kind, _ in kinds("Rivers", "Lakes and ponds")]  # it may be chance


def test_the_first_line_of_a_page_that_may_be_a_running_title_is_one_or_goes_back_to_its_paragraph() -> None:
    def read(*titles: str) -> Document:
        elements = []
        for page, title in enumerate(titles, start=1):
            elements += [replace(at(page, title, 40), origin="ocr", continues=True)]
            elements += [replace(at(page, f"the road {'abcd'[page - 1]} went on.", 55), origin="ocr")]
            elements += [replace(at(page, f"Body {'abcd'[page - 1]} says {n}.", 80 + 30 * n), origin="ocr") for n in range(20)]
        return put_together(part(*elements, pages=(1, len(titles))))

    running = read(*["A Title"] * 4).elements
    assert [element.kind for element in running].count("header") == 4
    assert not any(element.continues for element in running)
    text = read("Some text", "of which", "each line", "is another").elements
    assert [element.text for element in text if "road" in element.text][1:] == [
        "of which the road b went on.",
        "each line the road c went on.",
        "is another the road d went on.",
    ]


def test_numbers_that_do_not_count_pages_stay() -> None:
    rows = [at(page, number, 740) for page, number in enumerate(["17", "3", "256"], start=1)]
    body = [at(page, word, 60) for page, word in enumerate(["Sums", "Rests", "Parts"], start=1)]
    assert {element.kind for element in mark_running(rows + body)} == {"paragraph"}


def test_a_header_is_one_whether_its_ends_are_one_element_or_two() -> None:
    found = []
    for page in (1, 2, 3):
        ends = (
            [("11/27/26, 3:27 PM", 24, 92), ("The title", 320, 372)] if page == 2 else [("11/27/26, 3:27 PM The title", 24, 372)]
        )
        found += [Element("paragraph", text, page=page, box=Box(left, 15, right, 26)) for text, left, right in ends]
        found += [at(page, f"Body {'abc'[page - 1]} says {line}.", 80 + 30 * line) for line in range(20)]
    headers = [element for element in mark_running(found) if element.kind == "header"]
    assert len(headers) == 4


@pytest.mark.parametrize(
    "ends", [("{title}", "Manual of Tools"), ("Manual of Tools", "{title}"), ("{title}", "{page}"), ("{page}", "{title}")]
)
def test_a_header_tells_its_section_and_what_is_the_same_on_all_pages(ends: tuple[str, str]) -> None:
    def wide(page: int, text: str, right: float = 540) -> Element:
        return Element("heading", text, level=4, page=page, box=Box(60, 20, right, 32))

    titles = ["1.1. Tools", "1.2. How to take them", "2.1. Many more", "2.2. All"]
    heads = [wide(page, " ".join(ends).format(title=title, page=page)) for page, title in enumerate(titles, 1)]
    body = [
        at(page, f"What {name} has to tell of it, which is more than a line of it has room for.")
        for page, name in enumerate("abcd", 1)
    ]
    pages = [element for both in zip(heads, body, strict=True) for element in both]
    assert [element.kind for element in mark_running(pages)] == ["header", "paragraph"] * 4
    short = [replace(element, box=Box(60, 20, 60 + 6 * len(element.text), 32)) for element in heads]
    assert {element.kind for element in mark_running(short + body)} == {"heading", "paragraph"}, (
        "titles end where their text does"
    )


def test_entries_of_contents_are_no_headers() -> None:
    def entry(page: int, text: str) -> Element:
        return Element("paragraph", text, page=page, box=Box(60, 20, 540, 32))

    entries = [entry(page, text) for page, text in enumerate(["Tools 12", "All of them 31", "Others 57", "None 90"], 1)]
    assert {element.kind for element in mark_running(entries)} == {"paragraph"}


def test_numbers_of_pages_within_their_section_are_told_by_counting() -> None:
    def pages(*numbers: str) -> list[str]:
        found = []
        for page, number in enumerate(numbers, start=1):
            found += [at(page, f"Body {'abcdefgh'[page - 1]} says {line}.", 60 + 30 * line) for line in range(20)]
            found.append(at(page, number, 740, kind="heading"))
        return [element.kind for element in mark_running(found) if element.text in numbers]

    assert set(pages("A-1", "A-2", "B-1", "C-1", "C-2")) == {"footer"}
    assert set(pages("F-21", "Page F-22", "F - 23")) == {"footer"}
    assert set(pages("2-1", "2-2", "3-1", "3-2", "3-3")) == {"footer"}
    assert set(pages("A-1", "B-7", "C-2", "D-9")) == {"heading"}, "nothing counts"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *[("12", 12), ("- 7 -", 7), ("Page 3 of 10", 3), ("xiv", 14), ("IX", 9), ("", None), ("12 apples", None), ("mild", None)],
        *[("\u0131", None), ("x\u0131v", None), ("\u0661", None), ("\u00b2", None), ("\u2167", None)],
    ],
)
def test_page_numbers(text: str, number: int | None) -> None:
    assert page_number(text) == number


# Letters and digits that fold to others, or are none everywhere: dotless and dotted i, long s, Kelvin, eszett, n with an
# apostrophe, superscript, circled and Roman numbers, fractions, digits of other scripts, a lone mark, what stands for a lost one.
ODD = st.text(
    st.sampled_from(
        "\u0131\u0130\u017f\u212a\u00df\u1e9e\u0149\u01f0\u00b2\u2460\u2167\u00bd\u0663\u0967\U0001d7d8\u0307\ufffd\u00ad\u200f"
        "ivxlcIVXaA0123456789 -.–()[]§*†#"
    ),
    min_size=1,
    max_size=12,
)
KINDS: st.SearchStrategy[Kind] = st.sampled_from(["paragraph", "heading", "list_item", "caption", "footnote", "table", "formula"])


@settings(max_examples=300)
@given(
    st.lists(
        st.lists(st.tuples(KINDS, ODD, st.sampled_from([30.0, 60.0, 400.0, 740.0, 770.0])), max_size=4), min_size=1, max_size=5
    )
)
def test_no_text_breaks_the_assembly(pages: list[list[tuple[Kind, str, float]]]) -> None:
    body = "A line of text that says no more than it has to."
    parts = [
        part(
            *(
                at(page, text, top, kind=kind, level=int(kind == "heading"))
                for kind, text, top in [("paragraph", body, 90.0), *found]
            ),
            pages=(page, page),
        )
        for page, found in enumerate(pages, start=1)
    ]
    document = put_together(*parts, expected=tuple(Window(page, page) for page in range(1, len(pages) + 1)))
    assert document.complete


# ---------------------------------------------------------------- paragraphs over breaks


def test_a_paragraph_goes_on_over_a_page() -> None:
    document = put_together(
        part(at(1, "The hare runs over the", 700), at(1, "A note.", 760, kind="footnote"), pages=(1, 1)),
        part(at(2, "wide field and is gone. It was well-", 60), pages=(2, 2)),
        part(at(3, "known here. The well-known hare rests, not the exam-", 60), at(3, "Figure", kind="image"), pages=(3, 3)),
        part(at(4, "ple of before.", 60), at(4, "Next one", 90), pages=(4, 4)),
        part(at(5, "Begins anew.", 60), pages=(5, 5)),
        expected=tuple(Window(page, page) for page in range(1, 6)),
    )
    assert texts(document, "paragraph") == [
        "The hare runs over the wide field and is gone. It was well-known here. "
        "The well-known hare rests, not the example of before.",
        "Next one",
        "Begins anew.",
    ]
    whole = document.elements[0]
    assert (whole.page, whole.pages) == (1, (1, 2, 3, 4))
    assert [whole.text[part.start :][:5] for part in whole.rest] == ["wide ", "known", "ple o"]
    assert [whole.boxes_on(page)[0].top for page in whole.pages] == [700, 60, 60, 60]
    assert [unit.characters for unit in document.units] == [29, 36, 58, 22, 12]  # counted where it stands


def test_the_parser_knows_better() -> None:
    first = replace(at(1, "It ends with a stop."), continues=True)
    assert [element.text for element in joining.join([first, at(1, "Really.")])] == ["It ends with a stop. Really."]
    wide = replace(at(1, "白い"), continues=True)
    assert [element.text for element in joining.join([wide, at(2, "兎")])] == ["白い兎"]
    soft = replace(at(1, "soft\u00ad"), continues=True)
    assert [element.text for element in joining.join([soft, at(1, "ware")])] == ["software"]


def test_a_paragraph_goes_on_in_the_next_column() -> None:
    def column(left: float, top: float, bottom: float, text: str, kind: Kind = "paragraph") -> Element:
        return Element(kind, text, page=1, box=Box(left, top, left + 200, bottom))

    first = column(50, 400, 700, "It led to security vulnera-")
    second = column(300, 100, 300, "bilities of all kinds")
    note = column(50, 710, 720, "A note.", "footnote")
    third = column(550, 100, 150, "and worse.")
    margin = Element("paragraph", "preprint of 2024", page=1, box=Box(10, 100, 30, 400))
    whole = joining.join([first, note, second])[0]
    assert whole.boxes_on(1) == (first.box, second.box)
    assert [one.text for one in joining.join([first, note, second, margin, third])] == [
        "It led to security vulnerabilities of all kinds and worse.",
        "A note.",
        "preprint of 2024",
    ]
    label = Element("paragraph", "axis of a figure", page=1, box=Box(300, 100, 350, 112))
    assert len(joining.join([second, label])) == 2
    for other in (
        column(300, 690, 740, "in the same row"),
        column(50, 710, 740, "below it"),
        column(300, 100, 300, "Begins anew."),
        Element("paragraph", "nowhere", page=1),
    ):
        assert len(joining.join([first, other])) == 2


def test_an_item_goes_on_in_another_face() -> None:
    item = Element("list_item", "LSAT meeting: This", level=1, page=1, box=Box(80, 100, 400, 120))
    rest = Element("paragraph", "will be about the budget.", page=1, box=Box(95, 121, 400, 160))
    assert [one.text for one in joining.join([item, rest])] == ["LSAT meeting: This will be about the budget."]
    for apart in (
        replace(rest, box=Box(95, 140, 400, 180)),
        replace(rest, box=Box(50, 121, 400, 160)),
        replace(rest, text="Next week"),
    ):
        assert len(joining.join([item, apart])) == 2
    assert len(joining.join([replace(item, kind="paragraph"), rest])) == 2, "the layout parted them"


def test_code_goes_on_over_a_page_with_its_indents() -> None:
    def code(page: int, left: float, top: float, text: str) -> Element:
        return Element("code", text, page=page, box=Box(left, top, left + 5.0 * max(map(len, text.split("\n"))), top + 40))

    first, second = code(1, 50, 700, "for i in ten:\n    if i:"), code(2, 90, 60, "print(i)\nreturn i")
    (whole,) = joining.join([first, second])
    assert whole.text == "for i in ten:\n    if i:\n        print(i)\n        return i"
    assert whole.text[whole.rest[0].start :] == "        print(i)\n        return i"
    beside = code(1, 300, 60, "print(i)")
    assert joining.join([first, beside])[0].text == "for i in ten:\n    if i:\nprint(i)"
    for apart in ([first, at(1, "Then:"), second], [first, code(3, 90, 60, "end")], [first, code(1, 50, 760, "end")]):
        assert joining.join(apart) == apart


def test_a_number_between_two_pages_is_no_half_of_a_paragraph() -> None:
    pieces = [at(1, "Accuracy of any of such", 600), at(1, "12", 640), at(2, "numbers is not told.", 60)]
    assert [one.text for one in joining.join(pieces)] == ["Accuracy of any of such numbers is not told.", "12"]
    told = replace(at(1, "In the year of"), continues=True)
    assert [one.text for one in joining.join([told, at(1, "1914.")])] == ["In the year of 1914."]


def test_what_is_not_joined() -> None:
    open_end = at(1, "It breaks off in the")
    for second in (at(3, "middle"), at(2, "Middle"), at(2, "middle", kind="list_item"), replace(at(2, "middle"), origin="ocr")):
        assert len(joining.join([open_end, second])) == 2
    assert len(joining.join([open_end, at(1, "Heading", kind="heading"), at(2, "middle")])) == 3
    assert len(joining.join([replace(open_end, continues=True), at(3, "middle")], missing={2})) == 2
    endless = at(1, "no end " * 10_000)
    assert len(joining.join([endless, at(2, "more")])) == 2


@given(st.lists(st.tuples(st.sampled_from(["a b", "c-", "d.", "E f", "", "g,"]), st.booleans(), st.integers(0, 1)), max_size=12))
@settings(max_examples=150)
def test_no_letter_is_lost_or_moved(pieces: list[tuple[str, bool, int]]) -> None:
    page, elements = 1, []
    for text, continues, turn in pieces:
        page += turn
        elements.append(replace(at(page, text), continues=continues))
    joined = joining.join(elements)

    def letters(found: list[Element]) -> str:
        return "".join(character for element in found for character in element.text if character.isalpha())

    assert letters(joined) == letters(elements)
    assert sum(not element.text for element in joined) == sum(not text for text, _, _ in pieces)


# ---------------------------------------------------------------- headings


def heading(level: int, title: str, **more: object) -> Element:
    return replace(Element("heading", title, level=level), **more)  # type: ignore[arg-type]  # fields of Element


def test_levels_skip_none_and_paths_follow() -> None:
    elements = (heading(2, "A"), heading(4, "B[^1]"), Element("paragraph", "x"), heading(9, "C"), heading(2, "D"), heading(2, ""))
    document = put_together(part(*elements, Element("list_item", "y")))
    assert [element.level for element in document.elements if element.kind == "heading"] == [1, 2, 3, 1, 1]
    assert [element.heading_path for element in document.elements] == [
        (),
        ("A",),
        ("A", "B"),
        ("A", "B"),
        (),
        ("D",),  # a heading without text is above nothing
        ("D",),
    ]


def test_levels_of_the_outline_stay() -> None:
    toc = (TocEntry(2, "Beds", page=1), TocEntry(2, "Pond", page=2))
    found = outline.settle_levels([[heading(2, "Beds", page=1)], [heading(2, "Pond", page=2), heading(9, "x", page=2)]], toc)
    assert [element.level for element in found] == [2, 2, 6]


def test_windows_parsed_apart_agree_on_levels() -> None:
    one = [at(1, "Title", kind="heading", level=1, high=30), at(1, "Section", kind="heading", level=2, high=18)]
    two = [at(2, "Section", kind="heading", level=1, high=17.6), at(2, "Small", kind="heading", level=2, high=13)]
    assert [element.level for element in outline.settle_levels([one, two], ())] == [1, 2, 2, 3]


def test_titles_around_the_main_content_head_nothing() -> None:
    elements = [
        Element("heading", "Site", level=1, main=False),
        Element("heading", "Article", level=2),
        Element("heading", "Most read", level=2, main=False),
        Element("paragraph", "text"),
        Element("paragraph", "teaser", main=False),
    ]
    found = outline.with_paths(outline.settle_levels([elements], ()))
    assert [(element.level, element.heading_path) for element in found] == [
        (1, ()),
        (1, ()),
        (1, ()),
        (0, ("Article",)),
        (0, ()),
    ]


def test_paths_from_the_contents_come_first() -> None:
    given = ("Part I", "Chapter 2")
    elements = [
        heading(1, "Part I"),
        Element("paragraph", "a", heading_path=given),
        heading(2, "Chapter 2", heading_path=given),
        heading(3, "Inner", heading_path=given),
        Element("paragraph", "b", heading_path=given),
        heading(2, "Chapter 3"),
        Element("paragraph", "c"),
    ]
    assert [element.heading_path for element in outline.with_paths(elements)] == [
        (),
        given,
        ("Part I",),
        given,
        (*given, "Inner"),
        ("Part I",),
        ("Part I", "Chapter 3"),
    ]
