"""Recognised elements put back at their pages."""

from dataclasses import replace

import pytest

from kbray.document.recognised import merge
from kbray.geometry import Box
from kbray.model import Element, PageImage, Parsed, Reading, Table, Unit


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
        at("below all", 0, 80, 40, 90, confidence=0.9),
    )
    found = merge(part, [Reading(said, unread=4)])
    assert [element.text for element in found.elements] == [
        "left above",
        "between",
        "",
        "left below",
        "below all",
        "head",
        "right",
    ]
    assert {element.kind for element in found.elements} == {"paragraph", "table"}
    assert not any(element.marker or element.level for element in found.elements)
    assert found.units == (Unit("1", sum(len(element.text) for element in found.elements)),)


def test_a_picture_of_which_nothing_can_be_read_takes_nothing_from_its_page() -> None:
    part = Parsed("pdf", (at("text", 0, 0, 40, 10),), (Unit("1", 4),), images=(PageImage(1, 100, 100, b"x", partial=True),))
    found = merge(part, [Reading(unread=9)])
    assert (found.failures, found.units, found.images) == ((), (Unit("1", 4),), ())
    assert [element.text for element in found.elements] == ["text"]
