"""Tables of contents: the navigation document of EPUB 3, the NCX of EPUB 2; and their titles where the text has no headings."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from lxml import etree

from kbray.model import Element, TocEntry
from kbray.parse.markup_tree import content, local
from kbray.parse.notes import kinds

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


class Headings:
    """Gives chapters without headings those that the table of contents knows; called chapter by chapter in reading order."""

    def __init__(self, toc: Sequence[TocEntry]) -> None:
        self._of: dict[str, list[tuple[TocEntry, tuple[str, ...]]]] = {}
        path: list[TocEntry] = []
        for entry in toc:
            while path and path[-1].level >= entry.level:
                path.pop()
            path.append(entry)
            if entry.chapter is not None:
                self._of.setdefault(entry.chapter, []).append((entry, tuple(above.title for above in path)))
        self._path: tuple[str, ...] = ()  # what goes on into a chapter that the contents don't name

    def give(self, chapter: str, elements: Sequence[Element], ids: Mapping[str, int]) -> tuple[Element, ...]:
        """The elements: a line that is an entry's title becomes a heading; else those after an entry get its path."""
        entries = self._of.get(chapter, [])
        if any(element.kind == "heading" for element in elements):
            self._path = ()  # what follows stands below the text's own headings
            return tuple(elements)
        starts = {min(ids.get(entry.anchor or "", 0), len(elements)): (entry, path) for entry, path in reversed(entries)}
        made: list[Element] = []
        path = self._path
        for index, element in enumerate(elements):
            entry, path = starts.get(index, (None, path))
            if entry is not None and element.kind == "paragraph" and _same(element.text, entry.title):
                element = replace(element, kind="heading", level=entry.level)
                path = ()
            made.append(replace(element, heading_path=path) if path else element)
        self._path = path
        return tuple(made)


def _same(text: str, title: str) -> bool:
    return "".join(filter(str.isalnum, text.casefold())) == "".join(filter(str.isalnum, title.casefold())) != ""
