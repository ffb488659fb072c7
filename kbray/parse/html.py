"""HTML and XHTML files → elements: all visible text in order, whatever the encoding and however malformed."""

from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Element, Metadata, Parsed, Unit, Window
from kbray.parse.encoding import Decoded, decode
from kbray.parse.markup import boilerplate, prints, trees
from kbray.parse.markup.notes import Notes
from kbray.parse.markup.trees import content, local
from kbray.parse.markup.typed import with_captions
from kbray.parse.markup.walker import walk

_AUTHOR = ("author", "article:author", "dc.creator", "dcterms.creator", "citation_author", "parsely-author")
_DATE = ("date", "article:published_time", "dc.date", "dcterms.date", "dcterms.issued", "citation_publication_date", "pubdate")
_PUBLISHER = ("publisher", "dc.publisher", "dcterms.publisher", "og:site_name", "citation_publisher")
_IDENTIFIER = ("dc.identifier", "dcterms.identifier", "citation_doi")


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole page or fragment, whatever the window.

    Raises: EmptyDocument: nothing to read and no image in it.
    """
    return read_page(decode(path.read_bytes(), declared=True))


def read_page(decoded: Decoded) -> Parsed:
    """A page from its text. Raises: as `parse`."""
    root = trees.html(decoded.text)
    if root is None:
        raise EmptyDocument("The page is empty.")
    elements = read(root)
    if not elements:
        raise EmptyDocument("The page shows no text and no images; a script may have to fill it in a browser.")
    characters = sum(len(element.text) for element in elements)
    said = metadata(root)
    elements = boilerplate.mark(elements, root, said.title or "")
    return Parsed(
        "html", elements, (Unit("whole", characters),), said, warnings=(*decoded.warnings, *trees.unclosed(decoded.text))
    )


def read(root: etree._Element) -> tuple[Element, ...]:
    """The elements of a page that stands alone, its notes linked; its titles by their looks where its markup calls nothing so."""
    mark_titles(root)
    notes = Notes(_place)
    notes.survey("", root)
    notes.settle()
    notes.annotate("", root)
    return tuple(with_captions(walk(root, mark_texts=notes.texts).elements))


def mark_titles(root: etree._Element) -> None:
    """Those of a page whose markup calls nothing so, by their looks."""
    if prints.has_titles(root):
        return
    style = prints.Style(rule for sheet in root.iter("style", "{*}style") for rule in prints.rules(sheet.text or ""))
    looks = prints.Prints()
    looks.survey("", root, style)
    prints.mark(root, style, looks.titles().get("", {}))


def metadata(root: etree._Element) -> Metadata:
    """What the head of the page says: title, authors, language, publisher, date, identifier."""
    said: dict[str, list[str]] = {}
    for node in root.iter("meta", "{*}meta"):
        name = (node.get("name") or node.get("property") or "").lower()
        value = " ".join((node.get("content") or "").split())
        if name and value:
            said.setdefault(name, []).append(value)
    titles = (content(node) for node in root.iter("title", "{*}title") if _is_of_page(node))
    language = root.get("lang") or root.get("xml:lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")

    def first(names: tuple[str, ...]) -> str | None:
        return next((said[name][0] for name in names if name in said), None)

    authors = next((said[name] for name in _AUTHOR if name in said), [])
    return Metadata(
        title=next(filter(None, titles), None) or first(("og:title", "dc.title", "dcterms.title", "citation_title")),
        authors=tuple(dict.fromkeys(author for author in authors if "://" not in author)),
        language=language or first(("dc.language", "dcterms.language", "content-language")),
        publisher=first(_PUBLISHER),
        date=first(_DATE),
        identifier=first(_IDENTIFIER),
    )


def _is_of_page(title: etree._Element) -> bool:
    parent = title.getparent()
    return parent is None or local(parent.tag) not in ("svg", "g", "symbol", "path")


def _place(chapter: str, href: str) -> tuple[str, str] | None:
    """Links within the page only; a page may also name itself before the `#`, which we can't tell."""
    return (chapter, unquote(href[1:])) if href.startswith("#") else None
