"""Titles of books whose markup doesn't call them so: paragraphs in larger or bolder print, by style sheets, tags and attributes.

Of a style sheet we understand what `styles` does: selectors of one element, outside of `@media` and the like.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from kbray.parse.looks import Look, Shown, titles_of
from kbray.parse.markup.styles import Part, Weight, is_hidden, parts_of, selected
from kbray.parse.markup.trees import content, local

_BASE = 12.0  # points: of text that nobody gave a size
_LEAST = 1000  # characters of a chapter: less is a title page, a dedication, a page of pictures
_MOST = 100  # rules that name one class, tag or id; hostile books have more
_DECLARED = re.compile(r"(?:^|;)\s*font-(size|weight)\s*:([^;!]+)", re.IGNORECASE)
_MEASURED = re.compile(r"([0-9]++(?:\.[0-9]++)?|\.[0-9]++)(em|rem|%|pt|px|pc|in|cm|mm)", re.IGNORECASE)
_POINTS = {"pt": 1.0, "px": 0.75, "pc": 12.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "rem": _BASE}
_NAMED = {"small": 0.83, "x-small": 0.75, "xx-small": 0.6, "medium": 1.0, "large": 1.2, "x-large": 1.5, "xx-large": 2.0}
_RELATIVE = {"smaller": 0.83, "larger": 1.2}
_FONTS = {"1": 0.63, "2": 0.82, "3": 1.0, "4": 1.13, "5": 1.5, "6": 2.0, "7": 3.0}
_BOLD = frozenset(("bold", "bolder", "600", "700", "800", "900"))
_TAGS: Mapping[str, tuple[str, str]] = {  # size and weight
    **dict.fromkeys(("b", "strong", "th"), ("", "bold")),
    **{"big": ("larger", ""), "small": ("smaller", "")},
}
_TITLES = [f"{{*}}{tag}" for tag in ("h1", "h2", "h3", "h4", "h5", "h6")]  # in any namespace, or none
_TEXT = frozenset(("p", "div", "center"))  # blocks that may be titles; those that can't:
_OTHERS = frozenset("li dt dd td th caption figcaption pre aside nav figure svg math blockquote".split())
_LEFT_OUT = frozenset(("head", "script", "style", "template", "title", "rt", "rp"))


@dataclass(frozen=True, slots=True)
class Rule:
    """What a style sheet says of the print of elements of this tag ("" is any) that are all this."""

    tag: str
    parts: frozenset[Part]
    weight: Weight
    size: str
    bold: str


def rules(css: str) -> tuple[Rule, ...]:
    """Those that tell a size or weight, in their order."""
    if "font-" not in css.lower():
        return ()
    return tuple(
        Rule(one.tag, one.parts, one.weight, told.get("size", ""), told.get("weight", ""))
        for one in selected(css)
        if one.whole and (told := _declared(one.body))
    )


def _declared(body: str) -> dict[str, str]:
    return {name.lower(): value.strip().lower() for name, value in _DECLARED.findall(body)}


def has_titles(root: etree._Element) -> bool:
    """Whether markup calls something in it a title."""
    return any(content(node) for node in root.iter(*_TITLES))


class Prints:
    """The blocks of chapters without titles, as they look; in the end, which of them are titles."""

    def __init__(self) -> None:
        self._shown: list[Shown] = []
        self._chapters: list[tuple[str, int, int]] = []  # name, and which blocks it has

    def survey(self, chapter: str, root: etree._Element, style: "Style") -> None:
        found = [shown for _, shown in _blocks(root, style)]
        if sum(len(one.text) for one in found) >= _LEAST:
            self._chapters.append((chapter, len(self._shown), len(self._shown) + len(found)))
            self._shown += found

    def titles(self) -> dict[str, dict[int, int]]:
        """Chapter → which of its blocks are titles, and their levels."""
        levels = titles_of(self._shown)
        told = {name: {at - start: levels[at] for at in range(start, end) if at in levels} for name, start, end in self._chapters}
        return {name: found for name, found in told.items() if found}


def mark(root: etree._Element, style: "Style", titles: Mapping[int, int]) -> None:
    """Write on these blocks of a chapter that they are titles."""
    for place, (node, _) in enumerate(_blocks(root, style)):
        if place in titles:
            node.set("role", "heading")
            node.set("aria-level", str(titles[place]))


@dataclass(slots=True)
class _Block:
    """A block that is open: its text so far, in its quietest print."""

    node: etree._Element
    usual: bool
    item: bool
    pieces: list[str]
    size: float = 0.0
    bold: bool = True
    parted: bool = False  # it holds blocks

    def add(self, text: str, look: Look) -> None:
        if not text.isspace():
            self.size = min(self.size or look.size, look.size)
            self.bold = self.bold and look.bold
        self.pieces.append(text)

    def shown(self) -> Shown:
        text = " ".join("".join(self.pieces).split())
        look = Look(round(self.size, 1), self.bold) if self.usual and not self.parted and text else None
        return Shown(text, look, self.item)


def _blocks(root: etree._Element, style: "Style") -> Iterator[tuple[etree._Element, Shown]]:
    """The blocks in order of their ends, each with its own text."""
    looks = [Look(_BASE, False)]
    open_blocks = [_Block(root, False, False, [])]
    events = etree.iterwalk(root, events=("start", "end"))
    for event, node in events:
        tag = local(node.tag)
        block = open_blocks[-1]
        if event == "start":
            looks.append(style.look(tag, node, looks[-1]))
            if tag in _LEFT_OUT or is_hidden(node.attrib):
                events.skip_subtree()
                continue
            if tag == "br":
                block.pieces.append("\n")
            if tag in _TEXT or tag in _OTHERS:
                block.parted = True
                block = _Block(node, tag in _TEXT and (block.usual or block.node.tag == root.tag), tag in ("li", "dt"), [])
                open_blocks.append(block)
            if node.text:
                block.add(node.text, looks[-1])
        else:
            looks.pop()
            if block.node is node and len(open_blocks) > 1:
                open_blocks.pop()
                yield node, block.shown()
            if node.tail:
                open_blocks[-1].add(node.tail, looks[-1])


class Style:
    """The cascade of some rules, as far as it is about print; chapters with the same style sheets share one."""

    def __init__(self, known: Iterable[Rule]) -> None:
        self._by_part: dict[Part, list[tuple[Weight, int, Rule]]] = defaultdict(list)
        for number, rule in enumerate(known):
            entries = self._by_part[min(rule.parts) if rule.parts else ("", rule.tag)]
            if len(entries) < _MOST:
                entries.append((rule.weight, number, rule))
        self._known: dict[tuple[str, ...], tuple[str, str]] = {}

    def look(self, tag: str, node: etree._Element, around: Look) -> Look:
        named = node.get("id") or ""
        key = (tag, node.get("class") or "", named if ("#", named) in self._by_part else "")
        if key not in self._known:
            self._known[key] = self._told(tag, node)
        size, bold = self._known[key]
        if style := node.get("style"):
            told = _declared(style)
            size, bold = told.get("size", size), told.get("weight", bold)
        if tag == "font" and node.get("size") in _FONTS:
            return Look(_BASE * _FONTS[node.get("size", "3")], around.bold)
        if not size and not bold:
            return around
        return Look(_sized(size, around.size), bold in _BOLD if bold and bold != "inherit" else around.bold)

    def _told(self, tag: str, node: etree._Element) -> tuple[str, str]:
        parts = frozenset(parts_of(node))
        found = [
            entry
            for part in (*parts, ("", tag), ("", ""))
            for entry in self._by_part.get(part, ())
            if entry[2].tag in ("", tag) and entry[2].parts <= parts
        ]
        found.sort(key=lambda entry: entry[:2])
        size, bold = _TAGS.get(tag, ("", ""))
        for _, _, rule in found:
            size, bold = rule.size or size, rule.bold or bold
        return size, bold


def _sized(told: str, around: float) -> float:
    """A size in points; as around it where we don't understand what is told."""
    if told in _NAMED:
        return _BASE * _NAMED[told]
    if told in _RELATIVE:
        return around * _RELATIVE[told]
    found = _MEASURED.fullmatch(told)
    if found is None:
        return around
    number, unit = float(found[1]), found[2].lower()
    return around * number if unit == "em" else around * number / 100 if unit == "%" else number * _POINTS[unit]
