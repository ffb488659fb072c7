"""Forms that exist in XML only (dynamic XFA, as Adobe's form designer makes them): the PDF's pages say "Please wait" and no more.

The template has texts and fields in their order, the data what was filled in. It is read without being laid out: scripts, which
may show and hide parts, are not run. XML Forms Architecture 3.3, chapters 2 (template), 3 (objects) and 4 (data).
"""

import ctypes
from collections.abc import Iterator
from typing import Any

from lxml import etree
from pypdfium2 import raw

from kbray.errors import CorruptDocument
from kbray.model import Element
from kbray.parse.markup import trees

_READ = "The form is kept in XML (XFA), and its pages show nothing of it: its texts and values were read without their layout."
_UNREAD = "The form is kept in XML (XFA) that can't be read, and its pages show nothing of it."
_XHTML = "{http://www.w3.org/1999/xhtml}"
_PACKETS = 1_000
_LONGEST = 64 << 20  # bytes of all packets
_DEEPEST = 100  # subforms in each other
_MOST = 100_000  # texts
_HIDDEN = frozenset(("hidden", "inactive", "invisible"))
_GROUPS = frozenset(("subform", "subformset", "area", "exclgroup", "pageset", "pagearea"))
_TICKED, _EMPTY = "☒", "☐"
_BREAKS = frozenset(("p", "br", "li"))


def form_of(document: Any) -> tuple[list[Element], list[str]]:
    """Texts and fields with their values, where the pages of a PDF (pypdfium2) don't show them, and what tells of it."""
    if raw.FPDF_GetFormType(document.raw) != raw.FORMTYPE_XFA_FULL:
        return [], []
    try:
        root = trees.xml(_packets(document), "XFA")
    except CorruptDocument:
        return [], [_UNREAD]
    records = [node for datasets in _named(root, "datasets") for node in datasets.iterchildren("{*}data")]
    walk = _Walk()
    for template in _named(root, "template"):
        for form in template.iterchildren("{*}subform"):
            walk.enter(form, records, 0)
    texts = [*walk.texts, *(line for record in records for line in walk.left_over(record))]
    return [Element("paragraph", text, page=1) for text in texts], [_READ if texts else _UNREAD]


def _packets(document: Any) -> bytes:
    """All of them, which are pieces of one XML document."""
    size, found = ctypes.c_ulong(), bytearray()
    for index in range(min(raw.FPDF_GetXFAPacketCount(document.raw), _PACKETS)):
        raw.FPDF_GetXFAPacketContent(document.raw, index, None, 0, size)
        if len(found) + size.value > _LONGEST:
            break
        buffer = ctypes.create_string_buffer(size.value)
        raw.FPDF_GetXFAPacketContent(document.raw, index, buffer, size.value, size)
        found += buffer.raw
    return bytes(found)


class _Walk:
    """Through the template in its order, with the data that belongs to each part of it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._used: set[etree._Element] = set()

    def enter(self, node: etree._Element, data: list[etree._Element], depth: int) -> None:
        """A part of the template. data: what its names are looked up in."""
        if depth > _DEEPEST or len(self.texts) > _MOST or node.get("presence") in _HIDDEN:
            return
        kind = trees.local(node.tag)
        if kind == "draw":
            self._add(_text(node.find("{*}value")))
        elif kind == "field":
            self._field(node, data)
        elif kind in _GROUPS:
            self._add(_text(node.find("{*}caption/{*}value")))
            for inner in self._records(node, data):
                for child in node.iterchildren("{*}*"):
                    self.enter(child, inner, depth + 1)

    def left_over(self, record: etree._Element) -> Iterator[str]:
        """Values that no field of the template shows."""
        for node in record.iter("{*}*"):
            if len(node) == 0 and node not in self._used and (value := " ".join((node.text or "").split())):
                yield f"{etree.QName(node).localname}: {value}"

    def _records(self, node: etree._Element, data: list[etree._Element]) -> list[list[etree._Element]]:
        """The data of a part that comes once, or as often as there are records of its name."""
        name = _bound(node)
        own = [child for record in data for child in record.iterchildren(f"{{*}}{name}")] if name else []
        return [[one] for one in own] or [data]

    def _field(self, node: etree._Element, data: list[etree._Element]) -> None:
        name, caption = _bound(node), _text(node.find("{*}caption/{*}value"))
        found = [child for record in data for child in record.iterchildren(f"{{*}}{name}")] if name else []
        if name and not found:
            found = [child for record in data for child in record.iter(f"{{*}}{name}") if child not in self._used][:1]
        self._used.update(found)
        values = [_text(child) for child in found] or [_text(node.find("{*}value"))]
        if node.find("{*}ui/{*}checkButton") is not None:
            on = next(iter(_items(node)), "1")
            self._add(f"{_TICKED if on in values else _EMPTY} {caption}" if caption else "")
        elif node.find("{*}ui/{*}button") is None:
            shown = dict(zip(_items(node, saved=True), _items(node), strict=False))
            value = "\n".join(filter(None, (shown.get(value, value) for value in values)))
            self._add(" ".join(filter(None, (caption, value))))

    def _add(self, text: str) -> None:
        if text:
            self.texts.append(text)


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (node for node in root.iter("{*}*") if trees.local(node.tag) == name)


def _bound(node: etree._Element) -> str | None:
    """The name of its data: the last of the path that it is bound to, or its own."""
    bind = node.find("{*}bind")
    if bind is not None and bind.get("match") == "none":
        return None
    path = bind.get("ref") if bind is not None and bind.get("match") == "dataRef" else None
    name = (path or node.get("name") or "").rpartition(".")[2].partition("[")[0].lstrip("$!#")
    return name if name.isidentifier() else None


def _items(node: etree._Element, *, saved: bool = False) -> list[str]:
    """The choices of a field, as they are shown or as the data have them."""
    lists = node.findall("{*}items")
    if not lists or (saved and len(lists) == 1):
        return []
    kept = [one for one in lists if (one.get("save") == "1") is saved] if len(lists) > 1 else lists
    return [_text(item) for item in kept[0]] if kept else []


def _text(node: etree._Element | None) -> str:
    """What it says, lines kept; formatted text is XHTML."""
    if node is None:
        return ""
    pieces: list[str] = []
    for event, one in etree.iterwalk(node, events=("start", "end")):
        if event == "start" and trees.local(one.tag) not in ("image", "arc", "line", "rectangle"):
            pieces.append(_folded(one, one.text))
        elif event == "end" and one is not node:
            pieces.append(("\n" if trees.local(one.tag) in _BREAKS else "") + _folded(one, one.tail))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(filter(None, lines))


def _folded(node: etree._Element, text: str | None) -> str:
    """Lines of XHTML mean nothing."""
    return (text or "").replace("\n", " ") if str(node.tag).startswith(_XHTML) else text or ""
