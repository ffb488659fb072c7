"""Recognised elements put back at their pages."""

import pytest

from kbray.document.recognised import merge
from kbray.model import Element, PageImage, Parsed, Unit


def parsed() -> Parsed:
    return Parsed(
        engine="pdf",
        elements=(Element("paragraph", "one", page=1), Element("paragraph", "three", page=3)),
        units=(Unit("1", 3), Unit("2"), Unit("3", 5), Unit("4")),
        images=(PageImage(2, 100, 100, b"x"), PageImage(4, 100, 100, b"y")),
    )


def test_elements_come_at_their_pages_and_units_count_them() -> None:
    found = merge(parsed(), [[Element("heading", "two", 1, page=2), Element("paragraph", "too", page=2)], []])
    assert [element.text for element in found.elements] == ["one", "two", "too", "three"]
    assert found.units == (Unit("1", 3), Unit("2", 6), Unit("3", 5), Unit("4", 0))
    assert found.images == ()


def test_every_image_needs_its_answer() -> None:
    with pytest.raises(ValueError, match="2 pages"):
        merge(parsed(), [[]])
