"""Footnotes and endnotes of a book or page: which links are note marks, which blocks are the notes they mean.

Three passes, since a mark may stand chapters before its note: `survey` each tree, `settle` once, `annotate` each tree. What was
found is written on the tree as attributes (`NOTE`, `MARK`, `BACK`), which the walker reads. Marks come typed
(`epub:type="noteref"`, `role="doc-noteref"`), or as a pair of links that point to each other, as in Project Gutenberg's books.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from kbray.parse.markup.styles import show
from kbray.parse.markup.trees import content, local

NOTE = "kbray-note"  # on a block: it is the note of this label
MARK = "kbray-mark"  # on a link: it stands for the mark of this label
BACK = "kbray-back"  # on a link: it leads from a note back to its mark and is no text

Place = tuple[str, str]  # chapter, id

TYPE = "{http://www.idpf.org/2007/ops}type"
_MARKS = frozenset(("noteref", "doc-noteref"))
_NOTES = frozenset(("footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote"))
_BACKS = frozenset(("backlink", "doc-backlink", "referrer"))
_TYPES = _MARKS | _NOTES | _BACKS
_EXTENTS = frozenset(("p", "li", "div", "dd", "dt", "aside", "blockquote", "note"))
_BLOCKS = _EXTENTS | frozenset(
    (
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "td",
        "th",
        "section",
        "article",
        "body",
        "ol",
        "ul",
        "dl",
        "table",
        "nav",
        "pre",
        "header",
    )
)
_SHORT = re.compile(r"[\[(]?\s*(\d{1,4}|[a-z]{1,2}|[ivxlc]{1,7}|[*†‡§¶‖#+]{1,4})\s*[\])]?\.?", re.IGNORECASE)
_ARROWS = re.compile(r"[\s\[(]*(?:[↩↑⤴⏎^↵←]\ufe0e?|back|return|up)[\s\])]*", re.IGNORECASE)
_WORDS = re.compile(r"\w")
_TELLING = frozenset(("id", "name", "role", TYPE, "epub:type", "href", "idref"))
_LINKS = frozenset(("a", "noteref"))
_NEAR = 3  # how many ancestors lend their ids to a link


@dataclass(frozen=True, slots=True)
class _Link:
    near: tuple[Place, ...]  # ids of the link, of what it holds, and of its inline ancestors and block
    target: Place
    text: str
    typed: bool
    leading: bool  # first in its block

    @property
    def short(self) -> bool:
        return bool(_SHORT.fullmatch(self.text))

    @property
    def arrow(self) -> bool:
        return bool(_ARROWS.fullmatch(self.text))


class Notes:
    """`locate(chapter, href)` is the place that a link means, or None if it leads out of the document."""

    def __init__(self, locate: Callable[[str, str], Place | None]) -> None:
        self._locate = locate
        self._links: list[_Link] = []
        self._noteable: set[Place] = set()
        self._labels: dict[Place, str] = {}  # target of marks → label
        self._texts: dict[str, str] = {}  # label → what the mark says in the source
        self._sources: set[Place] = set()  # where the marks stand
        self._concerned: set[str] = set()  # chapters with marks or notes
        self._count = 0

    @property
    def texts(self) -> Mapping[str, str]:
        """Label → the mark's text in the source."""
        return self._texts

    def survey(self, chapter: str, root: etree._Element) -> None:
        """First pass over each tree, in reading order."""
        for node in _telling(root):
            types, tag = kinds(node), local(node.tag)
            if tag == "noteref" or not _TYPES.isdisjoint(types):
                self._concerned.add(chapter)
            name = _id(node)
            if name and _extent(node) is not None:
                self._noteable.add((chapter, name))
            href = (node.get("href") or node.get("idref")) if tag in _LINKS else None
            if not href or not (target := self._locate(chapter, href)) or not target[1]:
                continue
            text = content(node)[:12]
            typed = tag == "noteref" or not _MARKS.isdisjoint(types)
            if typed or _SHORT.fullmatch(text) or _ARROWS.fullmatch(text):
                self._links.append(_Link(_near(chapter, node), target, text, typed, _leading(node)))

    def settle(self) -> None:
        """Decide what is a mark, once every tree was surveyed."""
        backs: dict[Place, list[int]] = {}
        for number, link in enumerate(self._links):
            backs.setdefault(link.target, []).append(number)
        for number, link in enumerate(self._links):
            if link.target in self._noteable and (link.typed or self._paired(number, link, backs)):
                label = self._labels.get(link.target) or self._label()
                self._labels[link.target] = label
                self._texts.setdefault(label, link.text)
                self._sources.update(link.near)
        self._concerned.update(chapter for chapter, _ in (*self._labels, *self._sources))
        self._links.clear()

    def annotate(self, chapter: str, root: etree._Element) -> None:
        """Second pass over each tree, in reading order: write what was settled on it."""
        if chapter not in self._concerned:
            return
        found = _telling(root)
        for node in found:
            name = _id(node)
            label = self._labels.get((chapter, name)) if name else None
            if label is None and not _NOTES.isdisjoint(kinds(node)) and local(node.tag) not in ("section", "body"):
                label = node.get(NOTE) or (None if _within_note(node) else self._label())
                if label:
                    node.set(NOTE, label)
            elif label is not None:
                extent = _extent(node)
                if extent is not None and extent.get(NOTE) is None and not _within_note(extent):
                    extent.set(NOTE, label)
                    show(extent)  # readers hide a note until its mark is touched
                    if name and extent.get("id") is None:
                        extent.set("id", name)  # the place that marks point to
        for node in found:
            if local(node.tag) in _LINKS:
                self._annotate_link(chapter, node)

    def _annotate_link(self, chapter: str, node: etree._Element) -> None:
        types = kinds(node)
        if not _BACKS.isdisjoint(types):
            node.set(BACK, "")
            return
        href = node.get("href") or node.get("idref")
        target = self._locate(chapter, href) if href else None
        if target is None:
            return
        if target in self._sources and _within_note(node):
            text = content(node)[:12]
            if _SHORT.fullmatch(text) or _ARROWS.fullmatch(text) or not text:
                node.set(BACK, "")
                return
        label = self._labels.get(target)
        if label is not None and (
            not _MARKS.isdisjoint(types) or local(node.tag) == "noteref" or any(p in self._sources for p in _near(chapter, node))
        ):
            node.set(MARK, label)

    def _paired(self, number: int, link: _Link, backs: Mapping[Place, list[int]]) -> bool:
        """A short link inside running text whose target links back to it, further on in the document."""
        if not link.short or link.leading:
            return False
        for place in link.near:
            for other in backs.get(place, ())[:8]:
                back = self._links[other]
                if other > number and link.target in back.near and (back.leading or back.arrow):
                    return True
        return False

    def _label(self) -> str:
        self._count += 1
        return str(self._count)


def _telling(root: etree._Element) -> list[etree._Element]:
    """The elements that have a name or a type, or lead somewhere: most have neither."""
    return [node for node in root.iter("*") if not _TELLING.isdisjoint(node.keys())]


def kinds(node: etree._Element) -> tuple[str, ...]:
    """The semantic types of an element: `epub:type` and `role`."""
    return (*(node.get(TYPE) or node.get("epub:type") or "").split(), *(node.get("role") or "").split())


def _id(node: etree._Element) -> str | None:
    return node.get("id") or (node.get("name") if local(node.tag) == "a" else None)


def _extent(node: etree._Element) -> etree._Element | None:
    """The block that an id inside or on it makes a note: the nearest one, or the `div class="footnote"` it begins."""
    current: etree._Element | None = node
    for _ in range(6):
        if current is None:
            return None
        tag = local(current.tag)
        if tag in _EXTENTS or not _NOTES.isdisjoint(kinds(current)):
            parent = current.getparent()
            if (
                parent is not None
                and local(parent.tag) == "div"
                and "note" in (parent.get("class") or "")
                and parent[0] is current
            ):
                first = "notes" not in (parent.get("class") or "")
                return parent if first else current
            return current
        if tag in _BLOCKS:
            return None
        current = current.getparent()
    return None


def _within_note(node: etree._Element) -> bool:
    current: etree._Element | None = node
    for _ in range(12):
        if current is None:
            return False
        if current.get(NOTE) is not None:
            return True
        current = current.getparent()
    return False


def _near(chapter: str, node: etree._Element) -> tuple[Place, ...]:
    names = [_id(node)]
    names.extend(child.get("id") for child in node)
    previous, current = node.getprevious(), node.getparent()
    if previous is not None and not (previous.tail or "").strip() and local(previous.tag) in ("a", "span"):
        names.append(_id(previous))
    for _ in range(_NEAR):
        if current is None or local(current.tag) in ("body", "section", "article", "ol", "ul", "table"):
            break
        names.append(current.get("id"))
        current = current.getparent()
    return tuple((chapter, name) for name in names if name)


def _leading(node: etree._Element) -> bool:
    """No words stand before the node in its block; other marks and arrows may."""
    for _ in range(12):
        previous = node.getprevious()
        for _ in range(20):
            if previous is None:
                break
            before = content(previous)
            if _WORDS.search(previous.tail or "") or (len(before) > 3 and _WORDS.search(before)):
                return False
            previous = previous.getprevious()
        parent = node.getparent()
        if parent is None:
            return True
        if _WORDS.search(parent.text or ""):
            return False
        if local(parent.tag) in _BLOCKS:
            return True
        node = parent
    return True
