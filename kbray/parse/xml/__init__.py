"""XML of any kind → its texts in order, or code where it is nothing but settings; drawings (SVG) give their words."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.errors import CorruptDocument, EmptyDocument
from kbray.model import Element, Metadata, Parsed, Window
from kbray.parse import code
from kbray.parse.markup import trees
from kbray.parse.markup.trees import content, local
from kbray.parse.markup.walker import walk
from kbray.parse.text import read, whole
from kbray.parse.xml import structure

_HUMAN = 0.1  # of the characters of a file: with fewer words it is settings or data
_SETTINGS = 200_000  # characters; what is larger is no settings but data
_TEI = frozenset(("tei", "teicorpus", "tei.2"))
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_COMMENTS = re.compile(r"<!--(?:.*?-->|.*\Z)", re.DOTALL)


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole file, whatever the window.

    Raises: CorruptDocument: no XML in it; EmptyDocument: no text in it.
    """
    tree = trees.data(path.read_bytes())
    root = tree.root
    name = local(root.tag)
    if name in ("svg", "math"):
        return _shown(tree)
    if name in _TEI:
        said = _tei_metadata(root)
        return whole("xml", _tei(root), tree.warnings, said)
    text, _ = read(path)
    few = structure.human(root) < _HUMAN * len(re.sub(r"\s+", " ", _COMMENTS.sub("", text)))
    if few and len(text) <= _SETTINGS:
        return whole("xml", code.elements_of(text), tree.warnings)
    reader = structure.Reader(root, worded=few)
    elements = list(reader.elements())
    warnings = list(tree.warnings)
    if reader.left_out:
        warnings.append(f"Values without words, as numbers and dates, were left out ({reader.left_out}).")
    if structure.depth(root) > structure.DEEPEST:
        warnings.append(f"Its elements are nested more than {structure.DEEPEST} deep: only its texts were read, no structure.")
    if not elements and tree.repaired:
        raise CorruptDocument(f"There are no words in what can be read of it. {tree.warnings[-1]}")
    if few and not elements:
        raise EmptyDocument("There are no words in the file, only numbers and names of elements.")
    title = next((one.text for one in elements if one.kind == "heading"), None)
    return whole("xml", elements, warnings, Metadata(title, language=root.get(_LANG)))


def _shown(tree: trees.Tree) -> Parsed:
    """The words of a drawing, as far as they are text in it and no outlines; a formula."""
    page = etree.Element("html")
    page.append(tree.root)
    elements = walk(page).elements
    if not elements:
        raise EmptyDocument("The drawing (SVG) has no text; if it shows some, it is drawn as outlines: convert it to PDF.")
    titles = (content(child) for child in tree.root if isinstance(child.tag, str) and local(child.tag) == "title")
    return whole("xml", elements, tree.warnings, Metadata(next(titles, None) or None))


def _tei(root: etree._Element) -> Iterator[Element]:
    """The text; its header, which tells of the file, beside the main content."""
    for header in _headers(root):
        yield from (replace(one, main=False) for one in structure.Reader(header, tei=True).elements())
        root.remove(header)
    yield from structure.Reader(root, tei=True).elements()


def _headers(root: etree._Element) -> list[etree._Element]:
    return [child for child in root if isinstance(child.tag, str) and local(child.tag) == "teiheader"]


def _tei_metadata(root: etree._Element) -> Metadata:
    """What the header says of the text."""
    said: dict[str, list[str]] = {}
    language = root.get(_LANG)
    for header in _headers(root):
        for node in header.iter("*"):
            said.setdefault(local(node.tag), []).append(content(node))
            if local(node.tag) == "language":
                language = language or node.get("ident")
    first = {name: next(filter(None, values), None) for name, values in said.items()}
    return Metadata(
        first.get("title"),
        tuple(dict.fromkeys(filter(None, said.get("author", ())))),
        language,
        first.get("publisher"),
        first.get("date"),
        first.get("idno"),
    )
