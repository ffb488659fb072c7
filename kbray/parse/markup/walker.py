"""One walker from a tree of HTML, XHTML or SVG to elements: EPUB chapters, web pages and rendered Markdown all go through it.

Every visible character of the tree comes out once, in order, but numbers of printed pages, which are told beside the text. The
walk is one loop over start and end events, so depth costs nothing but memory. Blocks put a frame in force that says what the text
in them is; their borders flush the text gathered so far.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from kbray.document.superscripts import raised
from kbray.model import Element
from kbray.parse.markup import grid, lists, mathml, notes, page_breaks, styles, verse, word
from kbray.parse.markup.gather import BREAK, Frame, Gatherer, Item, Sink, folded
from kbray.parse.markup.lists import ListCount
from kbray.parse.markup.trees import content, local

_XLINK = "{http://www.w3.org/1999/xlink}href"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_BLOCK_DISPLAY = re.compile(r"(?:^|;)\s*display\s*:\s*(?:block|list-item|table|flex|grid)", re.IGNORECASE)
_ARROWS = re.compile(r"\A[\^↑]\s+|\s*[↩↑⤴]\ufe0e?\Z")  # what is left of links back from a note

_HIDDEN = frozenset(
    ("head", "script", "style", "template", "noscript", "title", "datalist", "audio", "video", "canvas", "iframe", "rp", "param")
)
_SVG_HIDDEN = frozenset(("desc", "metadata", "defs"))
_BLOCKS = frozenset(
    """
    address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form
    frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav noframes ol optgroup option p plaintext
    pre search section summary table tbody td tfoot th thead tr ul xmp caption
    svg text foreignobject
    dtbook book level1 level2 level3 level4 level5 level6 bodymatter frontmatter rearmatter linegroup line poem sidebar
    prodnote note hd list doctitle docauthor imggroup
    """.split()
)
_PLAIN = frozenset(("p", "div", "body", "section", "blockquote", "html"))  # they say nothing of their text
_LINES = frozenset("p div br span a b strong i em small cite sub sup img abbr u q code".split())
_CODE = frozenset(("pre", "listing", "xmp", "plaintext"))
_LEVELS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "hd": 2, "doctitle": 1}
_ADMONITIONS = frozenset(("note", "tip", "important", "warning", "caution"))
_LISTS = frozenset(("ul", "ol", "menu", "dir", "dl", "list"))
_ITEMS = frozenset(("li", "dt", "dd"))
_TABLE_PARTS = frozenset(("table", "thead", "tbody", "tfoot", "tr", "td", "th"))
_QUOTES = tuple("\"'“”‘’„‚«»‹›「『")
_PERMALINKS = frozenset("¶#§🔗⚓\uf0c1")  # signs of links from a title or term to itself, which show when it is pointed at
_MUTE = "class"  # an element with this attribute alone is read as one without any,
_CAPTION = "caption"
_TELLING_CLASS = re.compile(  # unless it says this
    f"{_CAPTION}|{page_breaks.CLASSES}|{word.CLASSES}|{lists.OF_GOOGLE}|(?i:{verse.CLASSES})"
)

Attributes = Mapping[str, str]
_Closing = Callable[[], None] | None


@dataclass(frozen=True, slots=True)
class Walked:
    """Elements in reading order; `ids` maps each id of the tree to the index of the first element at or after it."""

    elements: tuple[Element, ...]
    ids: Mapping[str, int]
    print_page: str | None = None  # the last one that began


def walk(
    root: etree._Element,
    *,
    chapter: str | None = None,
    locate: Callable[[str], str | None] = lambda href: href or None,
    mark_texts: Mapping[str, str] | None = None,
    print_page: str | None = None,
    print_pages: Mapping[str, str] | None = None,
) -> Walked:
    """The elements of a tree that `notes` may have annotated.

    `locate` turns the source of an image into where its bytes are (None: nowhere); `mark_texts` gives what each note's mark
    says in the source, so that notes which repeat it lose it. `print_page` is the page of the printed edition that the tree
    begins on, `print_pages` the pages that begin at its ids; page breaks that are marked as such tell theirs themselves.
    """
    walker = _Walker(Gatherer(chapter, print_page), chapter, locate, mark_texts or {}, print_pages or {})
    walker.run(root)
    return Walked(tuple(walker.gathered.out), walker.gathered.ids, walker.gathered.next_page)


@dataclass(slots=True)
class _OpenTable:
    grid: grid.Grid | None  # None: it only arranges text
    in_cell: bool = False
    late: list[Element] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)


class _Walker:
    def __init__(
        self,
        gathered: Gatherer,
        chapter: str | None,
        locate: Callable[[str], str | None],
        mark_texts: Mapping[str, str],
        print_pages: Mapping[str, str],
    ) -> None:
        self.gathered = gathered
        self._print_pages = print_pages
        self._chapter = chapter
        self._locate = locate
        self._mark_texts = mark_texts
        self._lists: list[ListCount] = []
        self._tables: list[_OpenTable] = []
        self._svg = 0
        self._quoted_in = 0  # so many quotations
        self._switched: list[bool] = []

    # ------------------------------------------------------------ the walk

    def run(self, root: etree._Element) -> None:
        events = etree.iterwalk(root, events=("start", "end"))
        gathered, add, flush = self.gathered, self.gathered.add, self.gathered.flush
        opened: list[_Closing] = []
        for event, node in events:
            if event == "start":
                tag = local(node.tag)
                items = node.items()
                closing, skip = None, False
                if items and (len(items) > 1 or items[0][0] != _MUTE or _TELLING_CLASS.search(items[0][1])):
                    attributes: Attributes = dict(items)
                    skip = self._turn_page(node, attributes) or notes.BACK in attributes or styles.is_hidden(attributes)
                    if not skip:
                        closing, skip = self._start(tag, node, attributes)
                elif tag in _PLAIN and gathered.frame.kind != "footnote":
                    flush()
                    closing = flush
                elif tag in _TELLING:
                    closing, skip = self._start(tag, node, {})
                opened.append(closing)
                if skip:
                    events.skip_subtree()
                elif text := node.text:
                    add(text)
            else:
                closing = opened.pop()
                if closing is not None:
                    closing()
                if tail := node.tail:
                    add(tail)
        flush()

    def _turn_page(self, node: etree._Element, attributes: Attributes) -> bool:
        """Where an element, be it hidden, begins a page of the printed edition; whether it says no more than which."""
        name = attributes.get("id")
        label, alone = page_breaks.page_at(node, attributes)
        label = (name and self._print_pages.get(name)) or label
        if label and (label := folded(label)):
            self.gathered.turn_page(label)
        if alone:
            for one in node.iter("*"):
                self.gathered.see_id(one.get("id") or one.get("name"), block=False)
        return alone

    def _start(self, tag: str, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        """Enter an element: what to do at its end, and whether to leave its content out."""
        if tag in _HIDDEN or (self._svg and tag in _SVG_HIDDEN):
            return None, True
        handler = _INLINE.get(tag)
        if handler is None:
            style = attributes.get("style")
            if tag in _BLOCKS or notes.NOTE in attributes or (style is not None and _BLOCK_DISPLAY.search(style)):
                return self._block(tag, node, attributes), tag == "hr"
        self.gathered.see_id(attributes.get("id"), block=False)
        return (None, False) if handler is None else handler(self, node, attributes)

    # ------------------------------------------------------------ blocks

    def _block(self, tag: str, node: etree._Element, attributes: Attributes) -> _Closing:
        gathered = self.gathered
        gathered.flush()
        outer, before = gathered.frame, gathered.anchor
        frame = Frame(outer.kind, outer.level, outer.item, outer.language, outer.raw)
        closing: _Closing = None
        if attributes:
            frame.language = attributes.get(_XML_LANG) or attributes.get("xml:lang") or attributes.get("lang") or outer.language
            gathered.see_id(attributes.get("id"), block=True)
            verse.join(node)
        if attributes or tag not in _PLAIN:
            closing = self._enter(tag, node, attributes, frame)
        gathered.frame = frame

        def close() -> None:
            gathered.flush()
            gathered.frame = outer
            if closing is not None:
                closing()
            if frame.kind == "footnote":
                gathered.anchor = before  # what follows a note isn't near it

        return close

    def _enter(self, tag: str, node: etree._Element, attributes: Attributes, frame: Frame) -> _Closing:
        """Make the frame what the block is; the answer is called at its end, after the last flush."""
        if label := attributes.get(notes.NOTE):
            return self._open_note(label, frame)
        if tag in _LISTS:
            self._lists.append(ListCount.opened(tag, attributes))
            return self._close_list
        if tag in _TABLE_PARTS:
            return self._open_table_part(tag, node, attributes, frame)
        if level := _heading_level(tag, attributes):
            if not _is_of_admonition(node):
                frame.become("heading", level)
        elif tag in ("figcaption", "caption") or (tag in ("p", "div") and self._is_caption(node, attributes)):
            frame.become("caption")
        elif tag == "p" and frame.kind == "paragraph" and (meant := word.meant(node, attributes)) is not None:
            frame.become(meant.kind, meant.level, Item(meant.marker, meant.label) if meant.kind == "list_item" else None)
        elif tag in _CODE:
            frame.raw = True
            if frame.kind in ("paragraph", "list_item"):
                frame.become("code")
        elif tag in _ITEMS:
            self._open_item(tag, attributes, frame)
        elif tag == "svg":
            return self._open_svg(node, attributes)
        return None

    def _is_caption(self, node: etree._Element, attributes: Attributes) -> bool:
        """By its class, in a book: EPUB 2 has no tag for it, and web pages call so what is written over pictures that link.

        What has a title, a list, a table in it is none.
        """
        called = self._chapter is not None and _CAPTION in attributes.get("class", "").split()
        return called and all(local(one.tag) in _LINES for one in node.iter("*"))

    def _close_list(self) -> None:
        self._lists.pop()

    def _open_item(self, tag: str, attributes: Attributes, frame: Frame) -> None:
        """A `dd` is an item below its `dt`."""
        count = self._lists[-1] if self._lists else ListCount()
        depth = (count.depth or max(1, len(self._lists))) + (tag == "dd")
        frame.become("list_item", depth, Item(count.marker(attributes.get("value"))))

    def _open_svg(self, node: etree._Element, attributes: Attributes) -> _Closing:
        self._svg += 1
        label = attributes.get("aria-label") or _title(node)
        if label and not any(local(child.tag) == "image" for child in node.iter(etree.Element)):
            self.gathered.add_image(label, None)
        return self._close_svg

    def _close_svg(self) -> None:
        self._svg -= 1

    def _open_note(self, label: str, frame: Frame) -> _Closing:
        frame.become("footnote")
        gathered, sink = self.gathered, Sink(cell=False)
        gathered.sinks.append(sink)
        begun = replace(gathered.element("footnote", ""), marker=label, language=frame.language)

        def close() -> None:
            gathered.sinks.pop()
            text = self._without_mark(sink.text, label)
            gathered.emit(replace(begun, text=text, formulas=tuple(sink.formulas)))
            for element in sink.late:
                gathered.emit(element)

        return close

    def _without_mark(self, text: str, label: str) -> str:
        text = _ARROWS.sub("", text)
        mark = self._mark_texts.get(label, "").strip("[]() .")
        return (
            text
            if not mark
            else re.sub(rf"\A[\[(]?(?:{re.escape(mark)}|{re.escape(raised(mark))})(?:[\])][.:]?|[.:)])?\s+", "", text)
        )

    # ------------------------------------------------------------ tables

    def _open_table_part(self, tag: str, node: etree._Element, attributes: Attributes, frame: Frame) -> _Closing:
        if tag == "table":
            return self._open_table(node)
        table = self._tables[-1] if self._tables else None
        if table is None or table.grid is None:
            return None
        cells, gathered = table.grid, self.gathered
        if table.in_cell:  # XHTML can have cells within cells, without a table between: they are text of the outer one
            frame.become("paragraph")
            return None
        if tag == "tr":
            cells.row()
            return None
        if tag not in ("td", "th"):
            cells.group()
            return cells.group
        frame.become("paragraph")
        header = tag == "th" or _is_in_head(node)
        cell = cells.place(grid.span(attributes.get("rowspan")), grid.span(attributes.get("colspan")), header=header)
        sink = Sink(cell=True)
        gathered.sinks.append(sink)
        table.in_cell = True

        def close() -> None:
            table.in_cell = False
            gathered.sinks.pop()
            cells.add(cell, sink.text)
            table.formulas.extend(sink.formulas)
            table.late.extend(sink.late)

        return close

    def _open_table(self, node: etree._Element) -> _Closing:
        gathered = self.gathered
        in_cell = any(sink.cell for sink in gathered.sinks)
        table = _OpenTable(grid.Grid() if not in_cell and grid.is_data(node) else None)
        self._tables.append(table)
        begun = gathered.element("table", "")

        def close() -> None:
            self._tables.pop()
            if table.grid is not None:
                read = table.grid.table()
                text = grid.text_of(read)
                if text.strip():
                    gathered.emit(replace(begun, text=text, table=read, formulas=tuple(table.formulas)))
            for element in table.late:
                gathered.emit(element)

        return close

    # ------------------------------------------------------------ inline

    def _line_break(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        self.gathered.add(BREAK)
        return None, False

    def _bracketed(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        """Ruby text, in parentheses after its base."""
        if not content(node):
            return None, True
        self.gathered.add("(")
        return lambda: self.gathered.add(")"), False

    def _quoted(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        """A browser puts it in quotation marks, unless a style forbids it, as books do that write their own."""
        text = (node.text or "").lstrip()
        if text[:1] in _QUOTES or not (text or len(node)) or _follows_quote(node):
            return None, False
        first, last = "‘’" if self._quoted_in else "“”"
        self.gathered.add(first)
        self._quoted_in += 1

        def close() -> None:
            self._quoted_in -= 1
            self.gathered.add(last)

        return close, False

    def _raised(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        if len(node) or not node.text or (text := raised(node.text)) == node.text:
            return None, False
        self.gathered.add(text)
        return None, True

    def _spaced(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        self.gathered.add(" ")
        return lambda: self.gathered.add(" "), False

    def _input(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        """The box of a task in a list, which nobody can tick; others are what a page is worked with."""
        task = "disabled" in attributes and attributes.get("type", "").lower() == "checkbox"
        if task and self.gathered.frame.item is not None:
            self.gathered.add("\u2612 " if "checked" in attributes else "\u2610 ")
        return None, True

    def _link(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        self.gathered.see_id(attributes.get("name"), block=False)
        label = attributes.get(notes.MARK)
        if label is None:
            return None, (node.text or "").strip() in _PERMALINKS and attributes.get("href", "").startswith("#") and not len(node)
        self.gathered.add(f"[^{label}]")
        return None, True

    def _image(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        source = attributes.get("src") or attributes.get(_XLINK) or attributes.get("xlink:href") or attributes.get("href")
        alt = attributes.get("alt") or attributes.get("aria-label") or ""
        if len(alt) == 1 and alt.isalpha() and (node.tail or "")[:1].islower() and not self.gathered.has_text:
            self.gathered.add(alt)  # an initial, drawn; its word goes on as text
            return None, self._svg > 0
        if not alt and self._svg:
            parent = node.getparent()
            alt = _title(node) or (_title(parent) if parent is not None else "")
        self._add_image(source or attributes.get("data-src"), alt)
        return None, self._svg > 0

    def _object(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        """A picture is shown, and its content isn't; of any other object we show the content."""
        if not attributes.get("type", "").startswith("image/"):
            return None, False
        self._add_image(attributes.get("data"), content(node))
        return None, True

    def _add_image(self, source: str | None, alt: str) -> None:
        embedded = source is None or source.startswith("data:")
        self.gathered.add_image(alt, None if source is None or embedded else self._locate(source))

    def _math(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        text, source = mathml.text_of(node), mathml.source_of(node)
        if attributes.get("display") == "block" and not self.gathered.sinks:
            self.gathered.flush()
            if text:
                self.gathered.emit(replace(self.gathered.element("formula", text), formulas=(source,)))
        elif text:
            self.gathered.add_formula(text, source)
        return None, True

    def _switch(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        """`epub:switch`: one of its branches is shown, the first we can read."""
        self._switched.append(False)

        def close() -> None:
            self._switched.pop()

        return close, False

    def _case(self, node: etree._Element, attributes: Attributes) -> tuple[_Closing, bool]:
        if not self._switched:
            return None, False
        wanted = attributes.get("required-namespace")
        readable = wanted is None or wanted.endswith(("MathML", "xhtml", "svg"))
        if self._switched[-1] or not readable:
            return None, True
        self._switched[-1] = True
        return None, False


_INLINE: dict[str, Callable[[_Walker, etree._Element, Attributes], tuple[_Closing, bool]]] = {
    "br": _Walker._line_break,
    "rt": _Walker._bracketed,
    "q": _Walker._quoted,
    "sup": _Walker._raised,
    "button": _Walker._spaced,
    "select": _Walker._spaced,
    "textarea": _Walker._spaced,
    "input": _Walker._input,
    "a": _Walker._link,
    "noteref": _Walker._link,
    "img": _Walker._image,
    "image": _Walker._image,
    "object": _Walker._object,
    "math": _Walker._math,
    "switch": _Walker._switch,
    "case": _Walker._case,
    "default": _Walker._case,
}
_TELLING = _HIDDEN | _SVG_HIDDEN | _BLOCKS | _INLINE.keys()


def _heading_level(tag: str, attributes: Attributes) -> int:
    if level := _LEVELS.get(tag, 0):
        return level
    if attributes.get("role") == "heading":
        told = attributes.get("aria-level", "2")
        return min(max(int(told), 1), 6) if told.isdecimal() and len(told) < 3 else 2
    return 0


def _is_of_admonition(title: etree._Element) -> bool:
    """DocBook's `Note` and `Tip` over a remark: they head nothing behind it, and aren't in the table of contents."""
    box = title.getparent()
    return box is not None and title.get("class") == "title" and box.get("class") in _ADMONITIONS


def _is_in_head(cell: etree._Element) -> bool:
    row = cell.getparent()
    group = row.getparent() if row is not None else None
    return group is not None and local(group.tag) == "thead"


def _follows_quote(node: etree._Element) -> bool:
    """Whether a quotation mark is written right before an element."""
    before = node.getprevious()
    around = node.getparent()
    text = before.tail if before is not None else around.text if around is not None else None
    return text is not None and text[-1:] in _QUOTES


def _title(node: etree._Element) -> str:
    """The text of an SVG element's own title."""
    return next((content(child) for child in node if local(child.tag) == "title"), "")
