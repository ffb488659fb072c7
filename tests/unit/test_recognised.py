"""Recognised elements put back at their pages."""

import pytest

from kbray.document.recognised import merge
from kbray.model import Element, PageImage, Parsed, Reading, Unit


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
