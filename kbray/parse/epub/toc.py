"""Tables of contents: the navigation document of EPUB 3, the NCX of EPUB 2; and their titles where the text has no headings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from kbray.model import Element, TocEntry
from kbray.parse.markup.notes import kinds
from kbray.parse.markup.trees import content, local

Locate = Callable[[str], tuple[str, str] | None]  # href → (chapter, id or "")
_DEEPEST = 6


def from_nav(root: etree._Element, locate: Locate) -> tuple[TocEntry, ...]:
    """Entries of `nav epub:type="toc"`, or of the first nav if none is so called."""
    navs = list(root.iter("{*}nav", "nav"))
    toc = next((nav for nav in navs if not {"toc", "doc-toc"}.isdisjoint(kinds(nav))), navs[0] if navs else None)
    if toc is None:
        return ()
    entries: list[TocEntry] = []
    level = 0
    for event, node in etree.iterwalk(toc, events=("start", "end")):
        tag = local(node.tag)
        if tag in ("ol", "ul"):
            level += 1 if event == "start" else -1
        elif event == "start" and level and tag in ("a", "span") and local(node.getparent().tag) == "li":
            title = content(node) or " ".join(child.get("alt") or "" for child in node.iter("{*}img", "img")).strip()
            _add(entries, level, title, node.get("href"), locate)
    return tuple(entries)


def from_ncx(root: etree._Element, locate: Locate) -> tuple[TocEntry, ...]:
    """Entries of the NCX's navMap."""
    entries: list[TocEntry] = []
    level = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if local(node.tag) != "navpoint":
            continue
        level += 1 if event == "start" else -1
        if event == "start":
            label, source = node.find("{*}navLabel"), node.find("{*}content")
            title = content(label) if label is not None else ""
            _add(entries, level, title, source.get("src") if source is not None else None, locate)
    return tuple(entries)


def pages_of_nav(root: etree._Element, locate: Locate) -> dict[str, dict[str, str]]:
    """Chapter → id in it → page of the printed edition that begins there, of `nav epub:type="page-list"`."""
    links = (
        link
        for nav in root.iter("{*}nav", "nav")
        if not {"page-list", "doc-pagelist"}.isdisjoint(kinds(nav))
        for link in nav.iter("{*}a", "a")
    )
    return _pages(((content(link), link.get("href")) for link in links), locate)


def pages_of_ncx(root: etree._Element, locate: Locate) -> dict[str, dict[str, str]]:
    """The same of the NCX's pageList."""
    found = []
    for target in root.iter("{*}pageTarget"):
        label, source = target.find("{*}navLabel"), target.find("{*}content")
        told = content(label) if label is not None else ""
        found.append((told or target.get("value") or "", source.get("src") if source is not None else None))
    return _pages(found, locate)


def _pages(labelled: Iterable[tuple[str, str | None]], locate: Locate) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for label, href in labelled:
        if label and href and (place := locate(href)):
            found.setdefault(place[0], {}).setdefault(place[1], label)
    return found


def _add(entries: list[TocEntry], level: int, title: str, href: str | None, locate: Locate) -> None:
    if not title:
        return
    place = locate(href) if href else None
    chapter, anchor = place if place else (None, "")
    entries.append(TocEntry(min(level, _DEEPEST), title, chapter=chapter, anchor=anchor or None))


@dataclass(frozen=True, slots=True)
class _Start:
    """Where an entry of the contents begins: all titles down to its own, and those above it that begin in other chapters."""

    entry: TocEntry
    path: tuple[str, ...]
    outside: tuple[str, ...]


class Headings:
    """Joins headings and the table of contents; called chapter by chapter in reading order.

    A chapter without headings gets those that the contents know; one with headings stands below what the contents put it under.
    """

    def __init__(self, toc: Sequence[TocEntry]) -> None:
        self._of: dict[str, list[_Start]] = {}
        above: list[TocEntry] = []
        for entry in toc:
            while above and above[-1].level >= entry.level:
                above.pop()
            above.append(entry)
            if entry.chapter is not None:
                outside = tuple(other.title for other in above if other.chapter != entry.chapter)
                start = _Start(entry, tuple(other.title for other in above), outside)
                self._of.setdefault(entry.chapter, []).append(start)
        self._path: tuple[str, ...] = ()  # what goes on into a chapter that the contents don't name
        self._outside: tuple[str, ...] = ()

    def give(self, chapter: str, elements: Sequence[Element], ids: Mapping[str, int]) -> tuple[Element, ...]:
        """The elements with the path of the entries they stand under; a line that is an entry's title becomes a heading."""
        begun = reversed(self._of.get(chapter, []))
        starts = {min(ids.get(start.entry.anchor or "", 0), len(elements)): start for start in begun}
        levels = [element.level for element in elements if element.kind == "heading"]
        if levels:
            return tuple(self._below(elements, starts, new=not starts and min(levels) == 1))
        made: list[Element] = []
        path = self._path
        for index, element in enumerate(elements):
            start = starts.get(index)
            if start is not None:
                path, self._outside = start.path, start.outside
                if element.kind == "paragraph" and _same(element.text, start.entry.title):
                    element = replace(element, kind="heading", level=start.entry.level)
                    path = start.outside
            made.append(element.below(path) if path else element)
        self._path = path
        return tuple(made)

    def _below(self, elements: Sequence[Element], starts: Mapping[int, _Start], *, new: bool) -> Iterator[Element]:
        """`new`: the contents don't name the chapter, and its heading is of the highest level."""
        if new:
            self._outside = ()
        for index, element in enumerate(elements):
            if index in starts:
                self._outside = starts[index].outside
            yield element.below(self._outside) if self._outside else element
        self._path = self._outside


def _same(text: str, title: str) -> bool:
    return "".join(filter(str.isalnum, text.casefold())) == "".join(filter(str.isalnum, title.casefold())) != ""
