"""XML of a kind nobody told us of → elements, by what is certain of its structure: mixed content is text, leaves are fields.

Fields side by side are a record, `name: value` line by line; leaves that all have one name are a sequence of texts. A few names
mean the same wherever they stand (`p`, `title`, `item`, `row`), those of TEI among them, whose notes, variants and verse are read
as https://tei-c.org/release/doc/tei-p5-doc/en/html/ has them.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from kbray.model import Element, Kind
from kbray.parse.markup import grid, trees
from kbray.parse.markup.trees import local
from kbray.parse.markup.walker import walk
from kbray.parse.text import bounded, lines_bounded
from kbray.parse.text import elements_of as text_elements

DEEPEST = 200  # elements in each other, to which structure is looked at
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XHTML = "{http://www.w3.org/1999/xhtml}"
_TITLES = frozenset(("title", "head", "heading", "subtitle", "caption"))
_PARAGRAPHS = frozenset("p para paragraph simpara ab l line v verse stanza claim-text speaker stage quote figdesc".split())
_ITEMS = frozenset(("item", "li", "listitem"))
_LISTS = frozenset(("list", "ul", "ol", "itemizedlist", "orderedlist"))
_VERSE = frozenset(("lg", "linegroup", "stanza"))
_ROWS, _CELLS = frozenset(("row", "tr")), frozenset(("entry", "cell", "td", "th"))
_INSTEAD = {"sic": "corr", "orig": "reg", "abbr": "expan"}  # of TEI's pairs, what an editor put instead of the other
_PAIRED = 10  # in a `choice` of them, at most
_WORDED = frozenset(("title", "alt", "label", "caption", "description", "summary", "tooltip", "displayname", "heading"))
_NAMED = frozenset(("name", "value", "text", "term"))  # attributes that are words where the element holds nothing
_NAME = re.compile(r"(?:[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+|\w+ [\w-]+)(?:\W|\Z)")
_WORDS = re.compile(r"\b[^\W\d_]{2,40}[^\w\s<>]{0,3}\s[^\w\s<>]{0,3}[^\W\d_]|[\u3040-\u9fff\uac00-\ud7af]{4}")  # in folded text
_LETTERS = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff\uac00-\ud7af]")
_MARKUP = re.compile(r"</(?:p|div|b|i|a|em|strong|ul|li|table|span|h[1-6]|td)>|<(?:br|p|hr)\s*/?>", re.IGNORECASE)
_TOLD = 40  # characters of an attribute that may be a sentence
_SHORT = 60  # characters of texts that are lines of one paragraph
_LONG = 400  # of a field that is a paragraph of its own
_SMALL = 1500  # of a record in which records within are told by their path


class Reader:
    """Reads one tree.

    Args: worded: leave out fields without words, which `left_out` counts: numbers of large data. tei: it is TEI.
    """

    def __init__(self, root: etree._Element, *, worded: bool = False, tei: bool = False) -> None:
        self.left_out = 0
        self._worded = worded
        self._tei = tei
        self._notes = 0
        self._waiting: list[Element] = []  # notes, for the end of the text that they are to
        self._mixed = {node.tag for node in root.iter("*") if _is_mixed(node)}
        self._root = root

    def elements(self) -> Iterator[Element]:
        if depth(self._root) > DEEPEST:
            yield from _flat(self._root)
        else:
            yield from self._block(self._root, 1, 0)

    # ------------------------------------------------------------ blocks

    def _block(self, node: etree._Element, level: int, nested: int) -> Iterator[Element]:
        """An element by what it holds. `level` is that of a title in it, `nested` the depth of an item in it."""
        name = local(node.tag)
        as_item: tuple[Kind, int] = ("list_item", max(1, nested)) if name in _ITEMS else ("paragraph", 0)
        if str(node.tag).startswith(_XHTML) or name == "math":
            yield from walk(node).elements
        elif _is_leaf(node) or (not _holds_blocks(node) and (_is_mixed(node) or node.tag in self._mixed or name in _ITEMS)):
            yield from self._text(node, *as_item)
        elif _is_mixed(node):
            yield from self._running(node, level, nested, *as_item)
        elif _is_table(node):
            yield from self._table(node)
        elif name in _VERSE and any(local(one.tag) in _PARAGRAPHS for one in _children(node)):
            yield from self._verse(node, level)
        else:
            yield from self._container(node, level, nested + (name in _LISTS))

    def _running(self, node: etree._Element, level: int, nested: int, kind: Kind, depth: int) -> Iterator[Element]:
        """A text with lists, tables and the like between its sentences."""
        said = [node.text or ""]

        def told() -> Iterator[Element]:
            yield from (_made(kind, depth, piece, _language(node)) for piece in bounded(_folded("".join(said))))
            yield from self._told_notes()
            said.clear()

        for child in node:
            if isinstance(child.tag, str) and (_is_block(child) or _holds_blocks(child)):
                yield from told()
                yield from self._block(child, level, nested)
            elif isinstance(child.tag, str):
                self._piece(child, said, apart=False)
            said.append(child.tail or "")
        yield from told()

    def _text(self, node: etree._Element, kind: Kind = "paragraph", level: int = 0) -> Iterator[Element]:
        """One text with all that is inside; markup in it that was escaped is read as such."""
        said = self._inside(node)
        language = _language(node)
        if len(_MARKUP.findall(said)) > 1 and (page := trees.html(said)) is not None:
            yield from walk(page).elements
        elif "\n\n" in said.strip() and kind == "paragraph":
            yield from text_elements(said)
        else:
            yield from (_made(kind, level, piece, language) for piece in bounded(_folded(said)))
        yield from self._told_notes()

    def _told_notes(self) -> Iterator[Element]:
        yield from self._waiting
        self._waiting = []

    def _container(self, node: etree._Element, level: int, nested: int) -> Iterator[Element]:
        fields = _Fields(self)
        children = list(_children(node))
        names = Counter(child.tag for child in children if _is_leaf(child))
        held = Counter(child.tag for child in children)
        nameless = len(children) == 1 or (len(names) == 1 and names.total() > 1)  # a sequence: one name for all says nothing
        title = self._title_of(children)
        inner = min(6, level + 1) if title is not None else level
        keyed = local(node.tag) == "dict" and any(local(one.tag) == "key" for one in children)  # a property list
        key = ""
        for child in children:
            if keyed and local(child.tag) == "key":
                fields.label(key)
                key = _folded(self._inside(child))
                continue
            label, key = key, ""
            name = label or etree.QName(child).localname
            fields.worded(child)
            if child is title:
                fields.label(label)
                yield from fields.flushed()
                yield from (Element("heading", piece, level, language=_language(child)) for piece in bounded(self._title(child)))
                yield from self._told_notes()
            elif _is_leaf(child) and child.tag not in self._mixed and local(child.tag) not in _PARAGRAPHS | _ITEMS:
                value = child.text or ""
                if not value.strip() and keyed:
                    value = local(child.tag)  # <true/>
                yield from fields.field("" if nameless and not label else name, value, child)
            elif names and held[child.tag] == 1 and self._is_record(child):
                yield from fields.record(name, child)
            else:
                fields.label(label)
                yield from fields.flushed()
                yield from self._block(child, inner, nested)
        fields.label(key)
        yield from fields.flushed()
        yield from self._told_notes()

    def _title(self, node: etree._Element) -> str:
        return _folded(self._inside(node))

    def _title_of(self, children: list[etree._Element]) -> etree._Element | None:
        """The first child, if it is called a title, and texts or other titles follow: not fields of a record."""
        first = children[0] if children else None
        if first is None or local(first.tag) not in _TITLES or not "".join(map(str, first.itertext())).strip():
            return None
        texts = _PARAGRAPHS | _LISTS | _VERSE | _TITLES
        rest = (one for child in children[1:] if child.tag != first.tag for one in child.iter("*"))
        return first if any(one.tag in self._mixed or local(one.tag) in texts for one in rest) else None

    def _is_record(self, node: etree._Element) -> bool:
        """A few fields that are told with those of the record around: nothing in it is repeated or text."""
        if len(node) == 0 or len(node) > 20 or str(node.tag).startswith(_XHTML):
            return False
        size = 0
        for one in node.iter("*"):
            size += len(one.text or "")
            tags = [child.tag for child in _children(one) if len(child)]
            if size > _SMALL or len(tags) > len(set(tags)) or one.tag in self._mixed:
                return False
            if local(one.tag) in _PARAGRAPHS | _ITEMS | _ROWS | _TITLES | _VERSE or _is_mixed(one):
                return False
        return True

    def _verse(self, node: etree._Element, level: int) -> Iterator[Element]:
        lines: list[str] = []
        for child in _children(node):
            if local(child.tag) in _TITLES | _VERSE or _holds_blocks(child):
                yield from _paragraphs(lines)
                lines = []
                yield from self._block(child, level, 0)
            else:
                lines.append(_folded(self._inside(child)))
        yield from _paragraphs(lines)
        yield from self._told_notes()

    def _table(self, node: etree._Element) -> Iterator[Element]:
        """Rows may stand in a head and a body, whose rows come by themselves."""
        cells = grid.Grid()
        for child in _children(node):
            if local(child.tag) not in _ROWS:
                yield from self._block(child, 6, 0)
                continue
            cells.row()
            head = local(node.tag) == "thead" or child.get("role") == "label"
            for one in _children(child):
                header = head or local(one.tag) == "th" or one.get("role") == "label"
                spans = grid.span(one.get("rowspan") or one.get("rows")), grid.span(one.get("colspan") or one.get("cols"))
                cells.add(cells.place(*spans, header=header), _folded(self._inside(one)))
        table = cells.table()
        if (text := grid.text_of(table)).strip():
            yield Element("table", text, table=table, language=_language(node))
        yield from self._told_notes()

    # ------------------------------------------------------------ text

    def _inside(self, node: etree._Element) -> str:
        """All text in an element, white space as it stands; blocks in it are kept apart, notes are taken out."""
        out: list[str] = []
        self._gather(node, out)
        return "".join(out)

    def _gather(self, node: etree._Element, out: list[str]) -> None:
        out.append(node.text or "")
        apart = self._is_apart(node)
        for child in node:
            if isinstance(child.tag, str):
                self._piece(child, out, apart=apart)
            out.append(child.tail or "")

    def _piece(self, child: etree._Element, out: list[str], *, apart: bool) -> None:
        if self._tei and local(child.tag) == "note":
            self._note(child, out)
        elif self._tei and local(child.tag) == "lb":
            out.append("" if child.get("break") == "no" else " ")
        elif not self._is_replaced(child):
            border = " " if apart or self._is_apart(child) else ""
            out.append(border)
            self._gather(child, out)
            out.append(border)

    def _is_apart(self, node: etree._Element) -> bool:
        """What an element holds are no pieces of one text: white space goes between."""
        if any(local(child.tag) in _PARAGRAPHS for child in _children(node)):
            return True
        shown = [child for child in _children(node) if not self._is_replaced(child)]
        return len(shown) > 1 and not _is_mixed(node)

    def _is_replaced(self, node: etree._Element) -> bool:
        """Something else is put in its place."""
        parent = node.getparent()
        instead = _INSTEAD.get(local(node.tag)) if self._tei else None
        if instead is None or parent is None or local(parent.tag) != "choice":
            return False
        return any(local(one.tag) == instead for one in islice(_children(parent), _PAIRED))

    def _note(self, node: etree._Element, out: list[str]) -> None:
        self._notes += 1
        label = str(self._notes)
        place = len(self._waiting)  # before the notes in it
        said: list[str] = []
        self._gather(node, said)
        out.append(f"[^{label}]")
        self._waiting.insert(place, Element("footnote", _folded("".join(said)), marker=label, language=_language(node)))

    # ------------------------------------------------------------ fields

    def wanted(self, value: str) -> bool:
        if not value.strip():
            return False
        if self._worded and not _LETTERS.search(value):
            self.left_out += 1
            return False
        return True


class _Fields:
    """Fields side by side, until something else comes between."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lines: list[tuple[str, str, str | None]] = []

    def label(self, text: str) -> None:
        """The name of what isn't a field."""
        if text:
            self._lines.append(("", text, None))

    def worded(self, node: etree._Element) -> None:
        """What attributes say in words."""
        for name, value in _worded(node):
            self._lines.append((name, _folded(value), None))

    def field(self, name: str, value: str, node: etree._Element) -> Iterator[Element]:
        if not self._reader.wanted(value):
            return
        if len(value) > _LONG or "\n\n" in value.strip() or len(_MARKUP.findall(value)) > 1:
            yield from self.flushed()
            yield from self._reader._text(node)
        elif not name and len(value) > _SHORT:
            yield from self.flushed()
            yield Element("paragraph", _folded(value), language=_language(node))
        else:
            self._lines.append((name, _folded(value), _language(node)))

    def record(self, name: str, node: etree._Element) -> Iterator[Element]:
        """The fields of a record within, by their path."""
        for child in _children(node):
            self.worded(child)
            path = f"{name}/{etree.QName(child).localname}"
            if len(child):
                yield from self.record(path, child)
            else:
                yield from self.field(path, child.text or "", child)

    def flushed(self) -> Iterator[Element]:
        name, value, language = self._lines[0] if len(self._lines) == 1 else ("", "", None)
        if value and (not name or _WORDS.search(value)):
            yield Element("paragraph", value, language=language)
        else:
            yield from _paragraphs([f"{name}: {value}" if name else value for name, value, _ in self._lines])
        self._lines = []


# ---------------------------------------------------------------- what a tree is like


def human(root: etree._Element) -> int:
    """How many characters of its texts and attributes are words side by side."""
    texts = (_folded(text) for node in root.iter("*") for text in (node.text, node.tail) if text)
    said = sum(len(text) for text in texts if _WORDS.search(text))
    return said + sum(len(value) for node in root.iter("*") for _, value in _worded(node) if _WORDS.search(value))


def depth(root: etree._Element) -> int:
    deepest = now = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        now += 1 if event == "start" else -1
        deepest = max(deepest, now)
    return deepest


def _children(node: etree._Element) -> Iterator[etree._Element]:
    return (child for child in node if isinstance(child.tag, str))


def _is_mixed(node: etree._Element) -> bool:
    """Words stand beside elements in it."""
    return len(node) > 0 and (bool((node.text or "").strip()) or any((child.tail or "").strip() for child in node))


def _is_leaf(node: etree._Element) -> bool:
    return len(node) == 0


def _is_block(node: etree._Element) -> bool:
    return local(node.tag) in _LISTS | _VERSE | _PARAGRAPHS | {"table"} or _is_table(node)


def _is_table(node: etree._Element) -> bool:
    rows = [one for one in _children(node) if local(one.tag) in _ROWS]
    celled = any(local(one.tag) in _CELLS for row in rows for one in row if isinstance(one.tag, str))
    return celled and not any(map(_is_mixed, (node, *rows)))


def _holds_blocks(node: etree._Element) -> bool:
    """There is a list, a table or verse in it, or paragraphs."""
    names = Counter(local(child.tag) for child in _children(node))
    mixed = _is_mixed(node)
    return any(name in _LISTS | _VERSE | {"table"} for name in names) or any(
        name in _PARAGRAPHS and (not mixed or count > 1) for name, count in names.items()
    )


def _worded(node: etree._Element) -> Iterator[tuple[str, str]]:
    empty = len(node) == 0 and not (node.text or "").strip()
    for name, value in node.items():
        said, plain = str(value), local(str(name))
        worded = (
            (plain in _WORDED and _LETTERS.search(said))
            or (plain in _NAMED and empty and _NAME.match(said))
            or (len(said) > _TOLD and len(_WORDS.findall(said)) > 2)
        )
        if worded and plain not in ("schemalocation", "href"):
            yield plain, said


def _language(node: etree._Element) -> str | None:
    at: etree._Element | None = node
    while at is not None:
        if told := at.get(_LANG):
            return told
        at = at.getparent()
    return None


def _made(kind: Kind, level: int, text: str, language: str | None) -> Element:
    return Element(kind, text, level, marker="-" if kind == "list_item" else None, language=language)


def _paragraphs(lines: list[str]) -> Iterator[Element]:
    yield from (Element("paragraph", piece) for piece in lines_bounded(filter(None, lines)))


def _folded(text: str) -> str:
    return " ".join(text.split())


def _flat(root: etree._Element) -> Iterator[Element]:
    """Each text for itself."""
    for text in root.itertext():
        if said := _folded(str(text)):
            yield from (Element("paragraph", piece) for piece in bounded(said))
