"""Recognised elements put back at their pages."""

from dataclasses import replace

import pytest

from kbray.document.recognised import merge
from kbray.geometry import Box
from kbray.model import Cell, Continuation, Element, PageImage, Parsed, Reading, Table, Unit


def parsed() -> Parsed:
    return Parsed(
        engine="pdf",
        elements=(Element("paragraph", "one", page=1), Element("paragraph", "three", page=3)),
        units=(Unit("1", 3), Unit("2"), Unit("3", 5), Unit("4")),
        images=(PageImage(2, 100, 100, b"x"), PageImage(4, 100, 100, b"y")),
    )


def test_elements_come_at_their_pages_and_units_count_them() -> None:
    found = merge(parsed(), [Reading((Element("heading", "two", 1, page=2), Element("paragraph", "too", page=2))), Reading()])
    assert [element.text for element in found.elements] == ["one", "two", "too", "three"]
    assert found.units == (Unit("1", 3), Unit("2", 6), Unit("3", 5), Unit("4", 0))
    assert found.images == ()


def test_every_image_needs_its_answer() -> None:
    with pytest.raises(ValueError, match="2 pages"):
        merge(parsed(), [Reading()])


def test_print_of_which_nothing_could_be_read_is_a_missing_page_and_a_blank_one_is_not() -> None:
    found = merge(parsed(), [Reading(unread=3), Reading()])
    assert [(unit.name, unit.produced, unit.unread) for unit in found.units] == [
        ("1", True, 0),
        ("2", False, 3),
        ("3", True, 0),
        ("4", True, 0),
    ]
    assert [(failure.code, failure.stage, failure.page) for failure in found.failures] == [("unread_page", "recognise", 2)]


def test_a_page_with_something_on_it_is_there_though_some_of_its_print_is_unread() -> None:
    found = merge(parsed(), [Reading((Element("paragraph", "two", page=2),), unread=1), Reading((Element("image", page=4),))])
    assert not found.failures
    assert all(unit.produced for unit in found.units)
    assert (found.units[1].unread, found.units[1].characters) == (1, 3)


def at(text: str, left: float, top: float, right: float, bottom: float, **more: object) -> Element:
    return replace(Element("paragraph", text, page=1, box=Box(left, top, right, bottom)), **more)  # type: ignore[arg-type]  # fields of Element


def test_what_pictures_say_stands_where_they_are_and_is_no_title() -> None:
    """Two columns: a picture at the head of the right one, another between the paragraphs of the left one."""
    own = (at("left above", 0, 0, 40, 10), at("left below", 0, 50, 40, 60), at("right", 60, 50, 100, 60))
    part = Parsed("pdf", own, (Unit("1", 25),), images=(PageImage(1, 100, 100, b"x", partial=True),))
    said = (
        at("head", 60, 10, 100, 20, kind="heading", level=1, confidence=0.9),
        at("between", 5, 20, 35, 30, kind="list_item", marker="-", confidence=0.9),
        at("in doubt", 5, 30, 35, 40, confidence=0.7),
        at("", 5, 31, 35, 40, kind="table", table=Table(()), confidence=0.9),
        at("f(\n  x)", 5, 40, 35, 45, kind="code"),
        at("below all", 0, 80, 40, 90, confidence=0.9),
    )
    found = merge(part, [Reading(said, unread=4)])
    assert [element.text for element in found.elements] == [
        "left above",
        "between",
        "",
        "f(\n  x)",
        "left below",
        "below all",
        "head",
        "right",
    ]
    assert {element.kind for element in found.elements} == {"paragraph", "table", "code"}
    assert not any(element.marker or element.level for element in found.elements)
    assert found.units == (Unit("1", sum(len(element.text) for element in found.elements)),)


def test_a_picture_of_which_nothing_can_be_read_takes_nothing_from_its_page() -> None:
    part = Parsed("pdf", (at("text", 0, 0, 40, 10),), (Unit("1", 4),), images=(PageImage(1, 100, 100, b"x", partial=True),))
    found = merge(part, [Reading(unread=9)])
    assert (found.failures, found.units, found.images) == ((), (Unit("1", 4),), ())
    assert [element.text for element in found.elements] == ["text"]


def shown(target: str, chapter: str | None, page: int | None = None) -> Element:
    return Element("image", "a cup", target=target, chapter=chapter, page=page)


def test_what_pictures_in_a_deck_say_follows_their_first_element() -> None:
    """On the first slide beside text, where it is no title and nothing in doubt counts; the second one is a picture."""
    own = (
        Element("paragraph", "text", page=1, chapter="slide 1"),
        shown("a.png", "slide 1", 1),
        Element("paragraph", "behind", page=1, chapter="slide 1"),
        shown("b.png", "slide 2", 2),
        Element("footer", "foot", page=2, chapter="slide 2"),
        shown("a.png", "slide 2", 2),
    )
    images = (PageImage(1, 100, 100, b"x", target="a.png"), PageImage(2, 100, 100, b"y", target="b.png"))
    table = Table((Cell(0, 0, "cell", page=7, box=Box(1, 1, 9, 9)),))
    first = Reading(
        (
            at("Head", 0, 0, 9, 9, kind="heading", level=1, confidence=0.9, origin="ocr"),
            at("item", 0, 9, 9, 19, kind="list_item", level=1, marker="-", confidence=0.9),
            at("in doubt", 0, 20, 9, 29, confidence=0.7),
            at("cell", 0, 30, 9, 39, kind="table", table=table),
            at("", 0, 40, 9, 49, kind="image"),
        ),
        unread=3,
    )
    second = Reading(
        (at("Title", 0, 0, 9, 9, kind="heading", level=1, confidence=0.7, rest=(Continuation(2, Box(0, 0, 9, 9), 2),)),), unread=2
    )
    units = (Unit("slide 1", 15), Unit("slide 2", 14))
    found = merge(Parsed("slides", own, units, images=images), [first, second])
    assert [(e.kind, e.level, e.text, e.page, e.chapter) for e in found.elements] == [
        ("paragraph", 0, "text", 1, "slide 1"),
        ("image", 0, "a cup", 1, "slide 1"),
        ("paragraph", 0, "Head", 1, "slide 1"),
        ("list_item", 1, "item", 1, "slide 1"),
        ("table", 0, "cell", 1, "slide 1"),
        ("paragraph", 0, "behind", 1, "slide 1"),
        ("image", 0, "a cup", 2, "slide 2"),
        ("heading", 1, "Title", 2, "slide 2"),
        ("footer", 0, "foot", 2, "slide 2"),
        ("image", 0, "a cup", 2, "slide 2"),
    ]
    assert [(element.text, element.origin) for element in found.elements if element.origin == "ocr"] == [("Head", "ocr")]
    assert not any(element.box or element.rest for element in found.elements)
    assert [e.table for e in found.elements if e.table] == [Table((Cell(0, 0, "cell"),))]
    assert found.units == (Unit("slide 1", 15 + 12), Unit("slide 2", 14 + 5, unread=2))
    assert (found.images, found.failures) == ((), ())


def test_a_document_of_nothing_but_pictures_is_their_pages() -> None:
    images = (PageImage(1, 100, 100, b"x", target="a.png"), PageImage(2, 100, 100, b"y", target="b.png"))
    said = [Reading((at(f"Title {n}", 0, 0, 9, 9, kind="heading", level=1, confidence=0.9),), unread=n) for n in (1, 2)]
    own = (shown("a.png", None), shown("b.png", None))
    found = merge(Parsed("word", own, (Unit("whole", 10),), images=images), said)
    assert [(e.kind, e.text) for e in found.elements if e.kind != "image"] == [("heading", "Title 1"), ("heading", "Title 2")]
    assert found.units == (Unit("whole", 10 + 14, unread=3),)


def pictures(*names: str) -> tuple[PageImage, ...]:
    return tuple(PageImage(number, 100, 100, b"x", target=name) for number, name in enumerate(names, start=1))


def spoken(own: tuple[Element, ...], *said: Reading) -> list[tuple[str, str]]:
    """What is in the document then."""
    names = dict.fromkeys(element.target for element in own if element.target)
    found = merge(Parsed("word", own, (Unit("whole"),), images=pictures(*filter(None, names))), said)
    return [(element.kind, element.text) for element in found.elements]


def test_captions_stay_at_their_pictures() -> None:
    """Below them, or above them, or with other text between."""
    text, first, second = Element("paragraph", "text"), shown("a.png", None), shown("b.png", None)
    one, two = Element("caption", "Figure 1"), Element("caption", "Figure 2")
    said = (Reading((at("North", 0, 0, 9, 9),)), Reading((at("South", 0, 0, 9, 9),)))

    def order(*own: Element) -> list[str]:
        return [what for kind, what in spoken(own, *said) if kind != "image"]

    assert order(text, first, one, second, two) == ["text", "Figure 1", "North", "Figure 2", "South"]
    assert order(text, one, first, two, second) == ["text", "Figure 1", "North", "Figure 2", "South"]
    assert order(first, second, one, text) == ["North", "Figure 1", "South", "text"]
    assert order(first, text, second, one) == ["North", "text", "Figure 1", "South"]


def test_what_a_picture_says_stands_where_it_is_shown_first_as_main_content() -> None:
    own = (replace(shown("a.png", "hidden sheet"), main=False), shown("a.png", "sheet"))
    found = merge(Parsed("workbook", own, images=pictures("a.png")), [Reading((at("North", 0, 0, 9, 9),))])
    assert [(element.kind, element.chapter, element.main) for element in found.elements] == [
        ("image", "hidden sheet", False),
        ("image", "sheet", True),
        ("paragraph", "sheet", True),
    ]


def test_what_a_picture_beside_text_says_is_no_running_title_and_no_note_of_the_document() -> None:
    own = (Element("paragraph", "text[^1]"), shown("a.png", None), Element("footnote", "own", marker="1"))
    said = Reading(
        (
            at("25 °C", 0, 0, 9, 9, kind="header"),
            at("Tea[^1]", 0, 9, 9, 19),
            at("hot[^1]", 0, 20, 9, 29, kind="list_item", level=1, marker="-"),
            at("not hot", 0, 30, 9, 39, kind="footnote", marker="1"),
            at("1970", 0, 40, 9, 49, kind="footer"),
        )
    )
    assert spoken(own, said) == [
        ("paragraph", "text[^1]"),
        ("image", "a cup"),
        ("paragraph", "25 °C"),
        ("paragraph", "Tea1"),
        ("list_item", "hot1"),
        ("paragraph", "1 not hot"),
        ("paragraph", "1970"),
        ("footnote", "own"),
    ]


@pytest.mark.parametrize("own", [(), (Element("paragraph", "text"),)], ids=["alone", "beside text"])
def test_single_signs_on_a_picture_are_no_text(own: tuple[Element, ...]) -> None:
    icon = Reading((at("一", 0, 0, 9, 9, confidence=0.96), at("[O]", 0, 9, 9, 19, confidence=0.9)))
    words = Reading((at("A", 0, 0, 9, 9, confidence=0.96), at("to B", 0, 9, 9, 19, confidence=0.9)))
    said = [what for kind, what in spoken((*own, shown("a.png", None), shown("b.png", None)), icon, words) if kind != "image"]
    assert said == [*(one.text for one in own), "A", "to B"]


def test_a_picture_of_the_text_beside_it_says_nothing_more() -> None:
    """Its labels are in the text anyway: they stay; and so does all of it where one sentence is new."""
    text = Element("paragraph", "We said: tea is ready, and hot! The milk is cold now. North.")
    one, two = at("Tea is ready and hot", 0, 0, 9, 9), at("The milk\nis cold now.", 0, 9, 9, 19)
    labels, new = (at("Tea", 0, 0, 9, 9), at("north", 0, 9, 9, 19)), at("Nobody is at home.", 0, 20, 9, 29)

    def said(*elements: Element) -> list[str]:
        return [what for kind, what in spoken((text, shown("a.png", None)), Reading(elements)) if kind != "image"][1:]

    assert said(one, two) == []
    assert said(*labels) == ["Tea", "north"]
    assert said(one, new) == [one.text, new.text]
    assert said(at("ea is ready, and hot", 0, 0, 9, 9)) == ["ea is ready, and hot"]


def test_scanned_pages_in_a_document_are_one_text() -> None:
    """Running titles are told apart, a sentence goes on over the page, each note has a label of its own."""

    def page(number: int, *body: str) -> Reading:
        lines = [at(text, 72, 100 + 100 * place, 400, 180 + 100 * place) for place, text in enumerate(body)]
        note = at(f"Note {number}", 72, 700, 400, 710, kind="footnote", marker="1")
        return Reading((at("The Art of Tea", 72, 20, 400, 30), *(replace(one, page=number) for one in lines), note))

    own = tuple(shown(f"{number}.png", None) for number in (1, 2, 3))
    found = spoken(own, page(1, "One[^1].", "Tea is"), page(2, "ready.", "Two[^1]."), page(3, "Three[^1]."))
    assert [what for what in found if what[0] not in ("image", "header")] == [
        ("paragraph", "One[^1-1]."),
        ("paragraph", "Tea is ready."),
        ("footnote", "Note 1"),
        ("paragraph", "Two[^2-1]."),
        ("footnote", "Note 2"),
        ("paragraph", "Three[^3-1]."),
        ("footnote", "Note 3"),
    ]
    assert [kind for kind, text in found if text == "The Art of Tea"] == ["header"] * 3


def garbled() -> Parsed:
    own = tuple(Element("paragraph", text, page=page) for page, text in ((1, "before"), (2, "%&'!$ #%&"), (3, "behind")))
    units = (Unit("1", 6), Unit("2", 9, lost=2), Unit("3", 6))
    return Parsed("pdf", own, units, images=(PageImage(2, 100, 100, b"x", garbled=True),))


def test_a_text_that_is_coded_wrongly_gives_way_to_what_is_read() -> None:
    found = merge(garbled(), [Reading((Element("paragraph", "what is printed", page=2, confidence=0.9),))])
    assert [element.text for element in found.elements] == ["before", "what is printed", "behind"]
    assert found.units[1] == Unit("2", 15)
    assert found.warnings == ("The text layer of these pages is bad, and their print was recognised instead: 2.",)
    assert not found.images


@pytest.mark.parametrize(
    "reading",
    [
        Reading(unread=3),
        Reading(),
        Reading((Element("image", page=2),)),
        Reading((Element("paragraph", "vfrl chol", page=2, confidence=0.7),)),
        Reading((Element("paragraph", "!#$ %&' *+<= >?@ ^`{ |}~ kQ# " * 20, page=2, confidence=0.95),)),
    ],
    ids=["print that can't be read", "nothing", "a picture", "in doubt", "of no language either"],
)
def test_a_text_that_is_coded_wrongly_stays_where_nothing_better_is_read(reading: Reading) -> None:
    found = merge(garbled(), [reading])
    assert [element.text for element in found.elements] == ["before", "%&'!$ #%&", "behind"]
    assert found.units == garbled().units
    assert not found.failures
    (told,) = found.warnings
    assert "seems to be coded wrongly, and stays as it is, since nothing better was recognised: 2." in told
