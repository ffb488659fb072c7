"""Feeds (RSS 0.9 to 2.0, Atom, JSON Feed) → each entry under its title: who, when, its text, by the walker of markup.

https://www.rssboard.org/rss-specification, https://web.resource.org/rss/1.0/spec, RFC 4287, https://www.jsonfeed.org/version/1.1/
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

from lxml import etree

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.model import Element, Metadata, Parsed, Window
from kbray.parse.markup import trees
from kbray.parse.markup.trees import content, local
from kbray.parse.markup.walker import walk
from kbray.parse.text import bounded, read, whole

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|\w+);")
_TEXTS = (
    *("encoded", "content", "content_html", "body", "fullitem", "description", "summary", "content_text"),
    *("subtitle", "tagline", "info", "rights", "copyright"),
)
"""Names of what an entry says, the longest form of it first."""
_AUTHORS = ("creator", "author", "authors", "contributor", "managingeditor")
_DATES = ("pubdate", "published", "issued", "date", "date_published", "created", "updated", "modified", "lastbuilddate")
_COMPARED = 20  # texts of an entry
_MEDIA = "search.yahoo.com/mrss"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry, or the feed itself, with HTML in `texts`."""

    title: str
    authors: tuple[str, ...]
    date: str | None
    topics: tuple[str, ...]  # and where it is from
    texts: tuple[etree._Element | str, ...]


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole feed, whatever the window.

    Raises: CorruptDocument: neither XML nor JSON; EmptyDocument: nothing in it.
    """
    data = path.read_bytes()
    text, warnings = read(path)
    if text.lstrip()[:1] == "{":
        feed, entries, language, identifier = _of_json(text)
    else:
        tree = trees.data(data)
        warnings = tree.warnings
        feed, entries, language, identifier = _of_xml(tree.root)
    elements = [*_elements(feed, 1), *(element for entry in entries for element in _elements(entry, 2))]
    metadata = Metadata(feed.title or None, feed.authors, language, None, feed.date, identifier)
    return whole("feed", elements, warnings, metadata)


# ---------------------------------------------------------------- what it is made of


def _of_xml(root: etree._Element) -> tuple[Entry, list[Entry], str | None, str | None]:
    channel = next((node for node in _children(root) if local(node.tag) == "channel"), root)
    about = [node for node in _children(channel) if local(node.tag) not in ("item", "entry", "image", "textinput")]
    entries = [_entry(list(_children(node))) for node in root.iter("*") if local(node.tag) in ("item", "entry")]
    said = {local(node.tag): content(node) for node in reversed(about)}
    language = said.get("language") or root.get(_LANG) or channel.get(_LANG)
    return _entry(about), entries, language or None, said.get("id") or None


def _children(node: etree._Element) -> Iterator[etree._Element]:
    return (child for child in node if isinstance(child.tag, str))


def _entry(nodes: Sequence[etree._Element]) -> Entry:
    named: dict[str, list[etree._Element]] = {}
    for node in nodes:
        name = local(node.tag)
        if _MEDIA in node.tag:
            for one in node.iter("*"):
                if local(one.tag) in ("title", "description"):
                    named.setdefault("description", []).append(one)
        else:
            named.setdefault(name, []).append(node)
    topics = (
        one.get("label") or one.get("term") or content(one) or one.get("text") or ""
        for one in (*named.get("category", ()), *named.get("subject", ()))
    )
    sources = (_named(one, "title") for one in named.get("source", ()))
    titles = [_line(_markup(one)) for one in named.get("title", ())]
    return Entry(
        next(filter(None, titles), ""),
        tuple(dict.fromkeys(filter(None, (_author(one) for name in _AUTHORS for one in named.get(name, ()))))),
        next((content(one) for name in _DATES for one in named.get(name, ()) if content(one)), None),
        tuple(dict.fromkeys(filter(None, (*topics, *(one for one in sources if "://" not in one))))),
        tuple(_markup(one) for name in _TEXTS for one in named.get(name, ())),
    )


def _author(node: etree._Element) -> str:
    """RSS has `address (Name)`."""
    said = _named(node, "name")
    called = re.fullmatch(r"[^\s@]+@\S+ \((.+)\)", said)
    return called[1] if called else said


def _named(node: etree._Element, name: str) -> str:
    """What a child of this name says; of an element without any, what it says itself."""
    children = list(_children(node))
    return " ".join(content(one) for one in children if local(one.tag) == name) if children else content(node)


def _markup(node: etree._Element) -> etree._Element | str:
    """XHTML as a tree, HTML as it is; plain text made HTML."""
    if next(_children(node), None) is not None:
        page = etree.Element("div")  # a title would be one of a page, which doesn't show
        page.text = node.text
        page.extend(deepcopy(one) for one in node)
        return page
    text = node.text or ""
    if node.get("type") in ("text", "text/plain", "TEXT"):
        return _escaped(text)
    return text if _MARKUP.search(text) else _escaped(text)


def _escaped(text: str) -> str:
    """Plain text as HTML whose blank lines part paragraphs."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"<p>{paragraph}</p>" for paragraph in re.split(r"\n\s*\n", text))


def _of_json(text: str) -> tuple[Entry, list[Entry], str | None, str | None]:
    try:
        feed = json.loads(text, strict=False)
    except ValueError as error:
        raise CorruptDocument(f"The feed is broken: its JSON can't be read ({error}).") from None
    if not isinstance(feed, dict):
        raise CorruptDocument("The file is called a feed, but there is none in it.")
    items = feed.get("items")
    entries = [_json_entry(one) for one in (items if isinstance(items, list) else ()) if isinstance(one, dict)]
    return _json_entry(feed), entries, _said(feed, "language") or None, _said(feed, "feed_url") or None


def _json_entry(item: Mapping[str, Any]) -> Entry:
    authors = item.get("authors", item.get("author"))
    names = (_said(one, "name") for one in (authors if isinstance(authors, list) else [authors]) if isinstance(one, dict))
    tags = item.get("tags")
    texts = (_said(item, name) if name == "content_html" else _escaped(_said(item, name)) for name in _TEXTS)
    return Entry(
        " ".join(_said(item, "title").split()),
        tuple(dict.fromkeys(filter(None, names))),
        next((value for name in _DATES if (value := _said(item, name))), None),
        tuple(tag for tag in (tags if isinstance(tags, list) else ()) if isinstance(tag, str)),
        tuple(filter(None, texts)),
    )


def _said(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------- what comes of it


def _elements(entry: Entry, level: int) -> Iterator[Element]:
    """Its title, a line of who and when, and its texts, those left out that another one repeats."""
    if entry.title:
        yield Element("heading", entry.title, level=level)
    if line := " · ".join(filter(None, (", ".join(entry.authors), entry.date or "", ", ".join(entry.topics)))):
        yield from (Element("paragraph", piece) for piece in bounded(line))
    told = ""
    for number, text in enumerate(entry.texts):
        found = [_lowered(one, level) for one in _walked(text)]
        words = _words(found)
        if number >= _COMPARED or not words or words not in told:
            told += f"\n{words}"
            yield from found


def _words(elements: Iterable[Element]) -> str:
    """To compare texts by: without the dots of one that was cut."""
    return " ".join(" ".join(one.text for one in elements).split()).rstrip(" .…")


def _lowered(element: Element, level: int) -> Element:
    return replace(element, level=min(6, element.level + level)) if element.kind == "heading" else element


def _walked(markup: etree._Element | str) -> tuple[Element, ...]:
    root = trees.html(markup) if isinstance(markup, str) else markup
    return walk(root).elements if root is not None else ()


def _line(markup: etree._Element | str) -> str:
    return " ".join(unescape(" ".join(one.text for one in _walked(markup) if one.kind != "image")).split())
