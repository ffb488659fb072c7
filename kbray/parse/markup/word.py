"""What paragraphs are that Word and Outlook write as HTML: by their classes, and items of lists with a label of their own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from kbray.model import Kind

CLASSES = "Mso"  # how theirs begin
_LISTED = re.compile(r"mso-list\s*:\s*l\d+\s+level(\d)", re.IGNORECASE)
_MARGIN = re.compile(r"margin-left\s*:\s*([\d.]+)(in|pt|cm)", re.IGNORECASE)
_INCHES = {"in": 1.0, "pt": 1 / 72, "cm": 1 / 2.54}
_STEP = 0.5  # inches: how much deeper the next level stands
_LABEL = re.compile(r"\s*(\S{1,12}?)\s*\xa0[\xa0\s]+")  # white space that fills up to where the text begins
_KINDS: Mapping[str, tuple[Kind, int]] = {"MsoTitle": ("heading", 1), "MsoSubtitle": ("heading", 2), "MsoCaption": ("caption", 0)}
_ENTRY = re.compile(r"MsoToc([1-9])")


@dataclass(frozen=True, slots=True)
class Meant:
    """`label` is what the source writes before the text of an item."""

    kind: Kind
    level: int = 0
    label: str = ""

    @property
    def marker(self) -> str:
        """Signs alone, and single letters of symbol fonts, are bullets."""
        return self.label if len(self.label) > 1 and any(map(str.isalnum, self.label)) else "-"


def meant(node: etree._Element, attributes: Mapping[str, str]) -> Meant | None:
    """What a paragraph is besides text; None: nothing."""
    name, style = attributes.get("class", ""), attributes.get("style", "")
    if name in _KINDS:
        return Meant(*_KINDS[name])
    if entry := _ENTRY.fullmatch(name):
        return Meant("list_item", int(entry[1]))
    listed = _LISTED.search(style)
    if listed is None and not name.startswith("MsoListParagraph"):
        return None
    label = _LABEL.match("".join(map(str, node.itertext())))
    if label is None:
        return None
    margin = _MARGIN.search(style)
    depth = round(float(margin[1]) * _INCHES[margin[2].lower()] / _STEP) if margin else 1
    return Meant("list_item", int(listed[1]) if listed else max(1, min(depth, 9)), label[1])
