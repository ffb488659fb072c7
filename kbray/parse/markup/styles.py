"""What a book hides: the `hidden` attribute and `display: none`, inline or by its style sheets.

Of a style sheet we understand selectors of one element (`aside.note`, `#guide`, `[epub|type~="pagebreak"]`). In doubt text stays:
rules inside `@media` and the like don't count, and a selector that we understand in part (`.answer:target`, `nav .answer`) may
show what another one hides, but hides nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from lxml import etree

from kbray.parse.markup.trees import local

_NO_DISPLAY = re.compile(r"(?:^|;)\s*display\s*:\s*none", re.IGNORECASE)
_DISPLAY = re.compile(r"(?:^|;)\s*display\s*:\s*([a-z-]+)\s*(!\s*important)?", re.IGNORECASE)
_COMMENT = re.compile(r"/\*(?:.*?\*/|.*\Z)", re.DOTALL)
_LARGEST, _LONGEST = 1_000_000, 200  # characters of a style sheet, of a selector
_MOST = 500  # rules of a chapter about display; hostile books have more
_SUBJECT = re.compile(r"([\w-]+|\*)?((?:[.#][\w-]+|\[[^\[\]]*\]|::?[\w-]+(?:\([^()]*\))?)*)\Z")
_PART = re.compile(r"([.#])([\w-]+)|\[\s*epub(?:\||\\:)type\s*~?=\s*[\"']?([\w-]+)[\"']?\s*\]")
_OPS = "http://www.idpf.org/2007/ops"

Part = tuple[str, str]  # (".", class), ("#", id) or ("", epub:type)


@dataclass(frozen=True, slots=True)
class Rule:
    """How elements of this tag ("" is any) that are all this are displayed."""

    tag: str
    parts: frozenset[Part]
    hides: bool
    weight: tuple[bool, int, int, bool]  # in the cascade, before the order


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether an element's own attributes hide it."""
    style = attributes.get("style")
    return "hidden" in attributes or (style is not None and _NO_DISPLAY.search(style) is not None)


def show(node: etree._Element) -> None:
    """Undo what hides a node: on itself, and around it."""
    for current in (node, *node.iterancestors()):
        if current.get("hidden") is not None:
            del current.attrib["hidden"]
        style = current.get("style")
        if style is not None and _NO_DISPLAY.search(style):
            current.set("style", _NO_DISPLAY.sub("", style))


def rules(css: str) -> tuple[Rule, ...]:
    """Those that say how elements are displayed, in their order."""
    blocks = _blocks(_COMMENT.sub("", css)) if len(css) <= _LARGEST and "display" in css.lower() else ()
    return tuple(rule for selectors, body in blocks for rule in _rules(selectors, body))


def hide(root: etree._Element, known: Iterable[Rule]) -> None:
    """Write `hidden` on what the rules hide; the text of a chapter as a whole stays."""
    cascade = [(rule.weight, number, rule) for number, rule in enumerate(known)]
    if len(cascade) > _MOST:
        return
    for path in {_path(rule): None for _, _, rule in cascade if rule.hides}:
        for node in cast(list[etree._Element], root.xpath(path, namespaces={"ops": _OPS})):
            tag, parts = local(node.tag), frozenset(_parts(node))
            last = max(entry for entry in cascade if entry[2].tag in ("", tag) and entry[2].parts <= parts)
            if last[2].hides and tag not in ("html", "body") and not _DISPLAY.search(node.get("style") or ""):
                node.set("hidden", "")


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of each rule that depends on nothing."""
    depth = 0
    for piece in css.split("}"):
        opened = piece.count("{")
        if depth == 0 and opened == 1:
            selectors, _, body = piece.partition("{")
            selectors = selectors.rpartition(";")[2].strip()  # what ends there is @import and the like
            if not selectors.startswith("@"):
                yield selectors, body
        depth = max(0, depth + opened - 1)


def _rules(selectors: str, body: str) -> Iterator[Rule]:
    displays = _DISPLAY.findall(body)
    if not displays:
        return
    display, important = displays[-1]
    hides = display.lower() == "none"
    for selector in map(str.strip, selectors.split(",")):
        subject = _SUBJECT.search(selector[-_LONGEST:])
        if not subject or not subject[0]:
            continue
        tag, rest = (subject[1] or "*").lower(), subject[2]
        parts = [(found[1] or "", found[2] or found[3]) for found in _PART.finditer(rest)]
        if hides and (subject[0] != selector or _PART.sub("", rest)):
            continue
        ids = sum(kind == "#" for kind, _ in parts)
        weight = (bool(important), ids, len(parts) - ids, tag != "*")
        yield Rule(tag.replace("*", ""), frozenset(parts), hides, weight)


def _path(rule: Rule) -> str:
    """XPath of the elements that a rule speaks of."""
    names = {".": "@class", "#": "@id", "": "@ops:type"}
    tests = [f"contains(concat(' ', normalize-space({names[kind]}), ' '), ' {name} ')" for kind, name in sorted(rule.parts)]
    if rule.tag:
        tests.append(f"local-name() = '{rule.tag}'")
    return f"descendant-or-self::*[{' and '.join(tests) or 'true()'}]"


def _parts(node: etree._Element) -> Iterator[Part]:
    yield from ((".", name) for name in (node.get("class") or "").split())
    yield from (("", name) for name in (node.get(f"{{{_OPS}}}type") or "").split())
    if name := node.get("id"):
        yield "#", name
