"""Elements are frozen like other data of the model, though they are filled before they are."""

import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from kbray.model import Element, Table

ELEMENT = Element("list_item", "tea", 2, marker="-", table=Table(()), formulas=("x",))


def test_an_element_has_its_fields_and_the_rest_by_default() -> None:
    told = {field.name: getattr(ELEMENT, field.name) for field in fields(Element)}
    assert told == {field.name: field.default for field in fields(Element) if field.name not in ("kind",)} | {
        "kind": "list_item",
        "text": "tea",
        "level": 2,
        "marker": "-",
        "table": Table(()),
        "formulas": ("x",),
    }
    assert type(ELEMENT) is Element


def test_an_element_can_not_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        ELEMENT.text = "milk"  # type: ignore[misc]  # what is tested
    with pytest.raises((FrozenInstanceError, TypeError, AttributeError)):
        ELEMENT.sort = "green"  # type: ignore[attr-defined]  # what is tested


def test_elements_are_equal_and_hashed_by_value() -> None:
    again = Element("list_item", "tea", level=2, marker="-", table=Table(()), formulas=("x",))
    assert again == ELEMENT
    assert len({again, ELEMENT, pickle.loads(pickle.dumps(ELEMENT))}) == 1
    assert replace(ELEMENT, text="milk") != ELEMENT


def test_an_element_below_headings_is_the_same_otherwise() -> None:
    assert ELEMENT.below(("Tea", "Kinds")) == replace(ELEMENT, heading_path=("Tea", "Kinds"))


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        Element("paragraph", colour="green")  # type: ignore[call-arg]  # what is tested
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        Element()  # type: ignore[call-arg]  # what is tested
