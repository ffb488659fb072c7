"""What a book hides: the `hidden` attribute and `display: none`, inline or by its style sheets.

Of a style sheet we understand selectors of one element (`aside.note`, `#guide`, `[epub|type~="pagebreak"]`). In doubt text stays:
rules inside `@media` and the like don't count, and a selector that we understand in part (`.answer:target`, `nav .answer`) may
show what another one hides, but hides nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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
Weight = tuple[bool, int, int, bool]  # in the cascade, before the order


@dataclass(frozen=True, slots=True)
class Rule:
    """How elements of this tag ("" is any) that are all this are displayed."""

    tag: str
    parts: frozenset[Part]
    hides: bool
    weight: Weight


_Entry = tuple[Weight, int, Rule]  # with its place among all, of which no two have the same


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
    found: list[Rule] = []
    for one in selected(css) if "display" in css.lower() else ():
        if displays := _DISPLAY.findall(one.body):
            display, important = displays[-1]
            hides = display.lower() == "none"
            if one.whole or not hides:
                found.append(Rule(one.tag, one.parts, hides, (bool(important), *one.weight[1:])))
    return tuple(found)


def hide(root: etree._Element, known: Iterable[Rule]) -> None:
    """Write `hidden` on what the rules hide; the text of a chapter as a whole stays."""
    cascade = [(rule.weight, number, rule) for number, rule in enumerate(known)]
    if len(cascade) > _MOST:
        return
    hiding, by_part = _by_part(entry for entry in cascade if entry[2].hides), _by_part(cascade)
    lasts: dict[tuple[str, frozenset[Part]], Rule | None] = {}
    for node in root.iter(etree.Element) if hiding else ():
        tag, parts = local(node.tag), frozenset(parts_of(node))
        if (tag, parts) not in lasts:
            spoken_of = _that_speak_of(tag, parts, hiding) and _that_speak_of(tag, parts, by_part)
            lasts[tag, parts] = max(spoken_of)[2] if spoken_of else None
        last = lasts[tag, parts]
        if last and last.hides and tag not in ("html", "body") and not _DISPLAY.search(node.get("style") or ""):
            node.set("hidden", "")


def _by_part(cascade: Iterable[_Entry]) -> Mapping[Part, Sequence[_Entry]]:
    """Each rule by one of what it names, or by its tag."""
    found: dict[Part, list[_Entry]] = defaultdict(list)
    for entry in cascade:
        rule = entry[2]
        found[min(rule.parts) if rule.parts else ("", rule.tag)].append(entry)
    return found


def _that_speak_of(tag: str, parts: frozenset[Part], by_part: Mapping[Part, Sequence[_Entry]]) -> list[_Entry]:
    """The rules of elements of this tag that are all this."""
    return [
        entry
        for part in {*parts, ("", tag), ("", "")}
        for entry in by_part.get(part, ())
        if entry[2].tag in ("", tag) and entry[2].parts <= parts
    ]


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


@dataclass(frozen=True, slots=True)
class Selected:
    """What a rule of a style sheet speaks of: elements of this tag ("" is any) that are all this; and what it says."""

    tag: str
    parts: frozenset[Part]
    weight: Weight
    body: str
    whole: bool  # that is all its selector says


def selected(css: str) -> Iterator[Selected]:
    """The rules of a style sheet in their order, one for each selector; of those that depend on more the last element counts."""
    for selectors, body in _blocks(_COMMENT.sub("", css)) if len(css) <= _LARGEST else ():
        for selector in map(str.strip, selectors.split(",")):
            subject = _SUBJECT.search(selector[-_LONGEST:])
            if not subject or not subject[0]:
                continue
            tag, rest = (subject[1] or "*").lower(), subject[2]
            parts = [(found[1] or "", found[2] or found[3]) for found in _PART.finditer(rest)]
            ids = sum(kind == "#" for kind, _ in parts)
            whole = subject[0] == selector and not _PART.sub("", rest)
            yield Selected(tag.replace("*", ""), frozenset(parts), (False, ids, len(parts) - ids, tag != "*"), body, whole)


def parts_of(node: etree._Element) -> Iterator[Part]:
    """What a rule may name of an element beside its tag."""
    yield from ((".", name) for name in (node.get("class") or "").split())
    yield from (("", name) for name in (node.get(f"{{{_OPS}}}type") or "").split())
    if name := node.get("id"):
        yield "#", name
