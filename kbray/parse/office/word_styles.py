"""Styles and numbering of WordprocessingML: what a paragraph is by its style, and the label that its list gives it."""

import re
from dataclasses import dataclass, field, replace

from lxml import etree

from kbray.parse.faces import CODE_STYLES, is_mono
from kbray.parse.looks import UNTOLD, Look, Print, quietest
from kbray.parse.markup.lists import numeral
from kbray.parse.office.ooxml import W, first, switched_on

_VAL = W + "val"
_DEEPEST = 20  # styles based on styles
_HEADING = re.compile(r"heading ([1-9])")
_LISTED = re.compile(r"list(?: bullet| number| continue)? ([2-9])")
_ENTRY = re.compile(r"(?:toc|table of contents) ([1-9])")
_PLACE = re.compile(r"%([1-9])")
_NUMERALS = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
_TITLES = {"title": 1, "subtitle": 2}


@dataclass(frozen=True, slots=True)
class Numbered:
    """A place in a list: its id, and the level from 0 (None: not told)."""

    list_id: str
    level: int | None


@dataclass(frozen=True, slots=True)
class Style:
    name: str = ""
    heading: int = 0  # 1-6
    numbered: Numbered | None = None
    hidden: bool = False
    is_code: bool = False
    is_mono: bool = False  # in a face of one width
    depth: int = 1  # of a list whose style tells it: List Bullet 2
    entry: int = 0  # of a table of contents: its level, from 1
    is_caption: bool = False
    print: Print = UNTOLD

    @classmethod
    def named(cls, name: str, heading: int, numbered: Numbered | None, hidden: bool, mono: bool, caption: bool) -> "Style":
        listed, entry = _LISTED.fullmatch(name), _ENTRY.fullmatch(name)
        depth, level = int(listed[1]) if listed else 1, int(entry[1]) if entry else 0
        return cls(name, heading, numbered, hidden, name in CODE_STYLES, mono, depth, level, caption)

    @property
    def is_title(self) -> bool:
        """That of the document, not of a part of it."""
        return self.name in _TITLES


_PLAIN = Style()


class Styles:
    """Styles by id, what they are based on taken into account."""

    def __init__(self, root: etree._Element | None) -> None:
        nodes = list(root.iter(W + "style")) if root is not None else []
        self._nodes: dict[str, etree._Element] = {node.get(W + "styleId", ""): node for node in nodes}
        self._known: dict[str, Style] = {}
        basic = (node for node in nodes if node.get(W + "type") == "paragraph" and node.get(W + "default") in ("1", "true", "on"))
        self._basic = next((node.get(W + "styleId") for node in basic), None)
        common = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr") if root is not None else None
        self._print = _print(common)

    def __getitem__(self, style_id: str | None) -> Style:
        """A style nobody defined says nothing."""
        if not style_id:
            return _PLAIN
        if style_id not in self._known:
            self._known[style_id] = self._read(style_id)
        return self._known[style_id]

    def _read(self, style_id: str) -> Style:
        heading, numbered, hidden, mono, own, caption = 0, None, None, None, "", False
        shown = UNTOLD
        node, seen = self._nodes.get(style_id), 0
        while node is not None and seen < _DEEPEST:
            name = _value(node, W + "name").lower()
            own = own or name
            caption = caption or name == "caption"  # programs have styles of their own for those of tables and figures
            properties = node.find(W + "pPr")
            if not heading:
                heading = _TITLES.get(name, 0) or outline(properties) or int((_HEADING.fullmatch(name) or "00")[1])
            numbered = numbered or numbering_of(properties)
            vanish = node.find(f"{W}rPr/{W}vanish")
            hidden = hidden if hidden is not None or vanish is None else switched_on(vanish, _VAL)
            properties = node.find(W + "rPr")
            mono = is_mono_in(properties) if mono is None else mono
            shown = shown.over(_print(properties))
            node, seen = self._nodes.get(_value(node, W + "basedOn")), seen + 1
        named = Style.named(own, min(heading, 6), numbered, bool(hidden), bool(mono), caption)
        return replace(named, print=shown)

    def look(self, paragraph: etree._Element, style_id: str | None) -> Look | None:
        """How the quietest of its text looks; None: it has none."""
        around = self[style_id or self._basic].print.over(self._print)
        runs = (run for run in paragraph.iter(W + "r") if any((text.text or "").strip() for text in run.iter(W + "t")))
        told = (first(run, W + "rPr") for run in runs)
        return quietest(_print(one).over(self[_value(one, W + "rStyle")].print).over(around) for one in told)


def _print(properties: etree._Element | None) -> Print:
    """As properties of a run tell it."""
    size, bold = _value(properties, W + "sz"), first(properties, W + "b") if properties is not None else None
    told = int(size) / 2 if size.isdecimal() and len(size) < 5 else None  # half points
    return Print(told, None if bold is None else switched_on(bold, _VAL))


def outline(properties: etree._Element | None) -> int:
    """The level of a heading by its outline, from 1; 0: body text."""
    told = _value(properties, W + "outlineLvl")
    return int(told) + 1 if told.isdecimal() and len(told) == 1 and int(told) < 9 else 0


def is_mono_in(properties: etree._Element | None) -> bool | None:
    """Whether the face that properties of a run name has letters of one width; None: they name none."""
    fonts = properties.find(W + "rFonts") if properties is not None else None
    name = fonts.get(W + "ascii") if fonts is not None else None
    return None if name is None else is_mono(name)


def numbering_of(properties: etree._Element | None) -> Numbered | None:
    """The list that paragraph properties name; id 0 says that there is none."""
    told = properties.find(W + "numPr") if properties is not None else None
    if told is None:
        return None
    level = _value(told, W + "ilvl")
    return Numbered(_value(told, W + "numId"), int(level) if level.isdecimal() and len(level) < 3 else None)


@dataclass(slots=True)
class _Level:
    form: str = "decimal"
    text: str = ""
    start: int = 1
    restarts: bool = True
    decimal: bool = False  # all numbers of its label, whatever their levels say
    style: str = ""


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of a document, counting: `label` is called for each of their paragraphs in order."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._lists: dict[str, _List] = {}
        self._named: dict[str, tuple[_List, dict[int, int]]] = {}  # numId → its list, and where its levels start anew
        if root is not None:
            self._read(root, styles)

    def _read(self, root: etree._Element, styles: Styles) -> None:
        by_style: dict[str, _List] = {}
        links: dict[str, str] = {}
        for node in root.iter(W + "abstractNum"):
            number, link = node.get(W + "abstractNumId", ""), _value(node, W + "numStyleLink")
            self._lists[number] = _List({_place(level): _level(level) for level in node.findall(W + "lvl")})
            if link:
                links[number] = link
            elif style := _value(node, W + "styleLink"):
                by_style[style] = self._lists[number]
        for number, link in links.items():
            self._lists[number] = by_style.get(link, self._lists[number])
        for node in root.iter(W + "num"):
            found = self._lists.get(_value(node, W + "abstractNumId"), _List())
            starts: dict[int, int] = {}
            for override in node.findall(W + "lvlOverride"):
                level, start = override.find(W + "lvl"), _value(override, W + "startOverride")
                if level is not None:  # it looks otherwise, but counts on
                    found = _List(found.levels | {_place(override): _level(level)}, found.counts)
                if start.isdecimal() and len(start) < 10:
                    starts[_place(override)] = int(start)
            self._named[node.get(W + "numId", "")] = found, starts

    def level(self, numbered: Numbered, style_id: str | None) -> int:
        """The level of a paragraph, from 0: its own, or the one of the list that is linked with its style."""
        if numbered.level is not None:
            return numbered.level
        found, _ = self._named.get(numbered.list_id, (_List(), {}))
        return next((place for place, level in found.levels.items() if style_id and level.style == style_id), 0)

    def label(self, list_id: str, place: int) -> str | None:
        """The label of the next paragraph there: "-" for a bullet, "" where none is shown; None: there is no such list."""
        if list_id not in self._named:
            return None
        found, starts = self._named[list_id]
        level = found.levels.get(place, _Level(text=f"%{place + 1}."))
        if place in starts:  # once
            found.counts[place] = starts.pop(place) - 1
        found.counts[place] = found.counts.get(place, level.start - 1) + 1
        for deeper in [deeper for deeper in found.counts if deeper > place]:
            if found.levels.get(deeper, level).restarts:
                del found.counts[deeper]
        if level.form == "bullet":
            return "-" if level.text.strip() else ""

        def number(match: re.Match[str]) -> str:
            which = int(match[1]) - 1
            at = found.levels.get(which, level)
            count = found.counts.get(which, at.start)
            return _shown(count, "decimal" if level.decimal else at.form)

        return _PLACE.sub(number, level.text).strip()


def _level(node: etree._Element) -> _Level:
    start = _value(node, W + "start")
    return _Level(
        _value(node, W + "numFmt") or "decimal",
        _value(node, W + "lvlText"),
        int(start) if start.isdecimal() and len(start) < 10 else 1,
        _value(node, W + "lvlRestart") != "0",
        switched_on(node.find(W + "isLgl"), _VAL),
        _value(node, W + "pStyle"),
    )


def _place(node: etree._Element) -> int:
    told = node.get(W + "ilvl", "0")
    return int(told) if told.isdecimal() and len(told) < 3 else 0


def _shown(number: int, form: str) -> str:
    if form == "none":
        return ""
    if form == "decimalZero":
        return f"{number:02}"
    if form == "ordinal":
        last = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{last}"
    return numeral(number, _NUMERALS.get(form, "1"))


def _value(node: etree._Element | None, tag: str) -> str:
    """The value of a property, "" where it is not given."""
    found = node.find(tag) if node is not None else None
    return "" if found is None else found.get(_VAL) or ""
