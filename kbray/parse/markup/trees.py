"""Markup → lxml trees: no entity is expanded, nothing is fetched, and what is malformed or very deep still gives its text."""

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from html.entities import html5

from lxml import etree

from kbray.errors import CorruptDocument
from kbray.parse.encoding import decode

_DEEPEST = 1000  # libxml2 cuts HTML at 2048 levels, text and all
_LARGEST_NODE = 10_000_000  # bytes of a text: of a larger one, libxml2 gives nothing unless it is told that all may be huge
_ENTITY_USES = 10_000  # how often entities that the document defines may be used
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
_OF_HEAD = frozenset("title meta link base style script noscript template".split())
_OF_PAGE = tuple("body p div table h1 h2 h3 h4 h5 h6 ul ol pre".split())
_XML_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*>")
_EMPTY_PAGE = re.compile(r"(<(?:html|body)\b[^<>]*)/>", re.IGNORECASE)  # libxml2 ends the page there, browsers don't
_EARLY_END = re.compile(
    r"</html\b[^<>]*>(?!\s*\Z)", re.IGNORECASE
)  # so it does here, where browsers read on: pages are put together
# Elements whose content is no markup, or is not shown.
_TAKING = "title|style|script|textarea|iframe|noframes|noembed|xmp|template|noscript|datalist|audio|video|canvas"
# The sign that a pattern begins with is looked for in a tenth of the time where letters of both cases count behind it only.
_TAKES = re.compile(rf"<(?:!--|(/?)((?i:{_TAKING}))\b[^<>]*>)|-->")
_TAKEN_TO = re.compile(rf"</((?i:{_TAKING}))\b")
_UNENDED = re.compile(r"</?[A-Za-z]\w*(?:\s+[\w.,;:’-]+){4,}\s*(?=<)")
_BEGIN, _HEAD_END, _END = (re.compile(rf"<{names}[\s>]", re.IGNORECASE) for names in ("html", "/head", "/(?:body|html)"))
_SELF_CLOSED = re.compile(rf"<((?i:{_TAKING}))((?:\s(?:[^<>]*[\"'\s])?)?)/>")  # in XML; in HTML they begin only
_UNQUOTED = re.compile(r"=\"[^\"<>]*>[^\"]*?</?\w[^\"]*(?:\"|\Z)")
_UNMARKED = re.compile(
    r"\b(?i:href|src|class|id|style|lang|charset|name|width|height|border|type|rel)\Z"
)  # no tag stands in these
_DOCTYPE_START = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^\[<>]*(\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_FIRST_ELEMENT = re.compile(r"<[A-Za-z]")
_LOOSE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)")
# Sections where an ampersand is text come first, so that they are stepped over; an unclosed one goes to the end.
_AMPERSAND = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*\Z)|<!--(?:.*?-->|.*\Z)|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)(?:([A-Za-z][\w.-]*);)?",
    re.DOTALL,
)
_HALF = re.compile(r"&#(?:0*5(?:529[6-9]|5[3-9]\d\d|6\d{3}|7[0-2]\d\d|73[0-3]\d|734[0-3])|x0*[dD][89a-fA-F][0-9a-fA-F]{2});")
"""Half of a character, as UTF-16 has them: libxml2 mends a document with it to bytes that are no text."""
_PLAIN_ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z][\w.-]*)\s+(?:"([^"<&%]{0,200})"|'([^'<&%]{0,200})')\s*>""")


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed document. `repaired`: it was not well-formed XML and went through the HTML parser."""

    root: etree._Element
    repaired: bool = False
    warnings: tuple[str, ...] = ()


def xhtml(data: bytes, name: str) -> Tree:
    """An XHTML or SVG document of a container, in any encoding.

    Raises: CorruptDocument: there is no markup in it.
    """
    decoded = decode(data, declared=True)
    if "<" not in decoded.text or decoded.controls * 50 > len(decoded.text):
        raise CorruptDocument(f"{name!r} holds no markup.", chapter=name)
    try:
        root, unknown = _xml_root(decoded.text)
        return Tree(root, warnings=(*decoded.warnings, *_untold(unknown)))
    except etree.XMLSyntaxError:
        mended = html(decoded.text)
    if mended is None:
        raise CorruptDocument(f"{name!r} holds no readable markup.", chapter=name)
    return Tree(mended, repaired=True, warnings=decoded.warnings)


def xml(data: bytes, name: str) -> etree._Element:
    """A package file (OPF, NCX, container): well-formed, or mended as far as the XML parser can.

    Raises: CorruptDocument: not XML at all.
    """
    text = decode(data, declared=True).text
    try:
        return _xml_root(text)[0]
    except etree.XMLSyntaxError:
        pass
    try:
        prepared, _ = _prepared(text)
        root: etree._Element | None = etree.fromstring(prepared, _xml_parser(recover=True, huge=len(prepared) > _LARGEST_NODE))
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise CorruptDocument(f"{name!r} is not XML.")
    return root


def data(content: bytes) -> Tree:
    """A file of XML of any kind, in any encoding; mended as far as the parser can, which is told.

    Raises: CorruptDocument: there is no XML in it.
    """
    decoded = decode(content, declared=True)
    prepared, unknown = _prepared(decoded.text)
    told = (*decoded.warnings, *_untold(unknown))
    try:
        return Tree(etree.fromstring(prepared, _xml_parser(recover=False, huge=True)), warnings=told)
    except etree.XMLSyntaxError as error:
        where, wrong = error.position[0], error.msg
    try:
        root: etree._Element | None = etree.fromstring(prepared, _xml_parser(recover=True, huge=True))
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise CorruptDocument(f"The file is not XML: {wrong}.")
    broken = f"The file is not well-formed XML from line {where} of its content on ({wrong}): text may be missing or misplaced."
    return Tree(root, repaired=True, warnings=(*told, broken))


def html(text: str) -> etree._Element | None:
    """The tree of an HTML document or fragment, or None if there is nothing in it. `unclosed` tags are left out."""
    if (doctype := _doctype(text)) and doctype[1]:  # libxml2 takes its end for text
        text = text[: doctype.start()] + text[doctype.end() :]
    text = _SELF_CLOSED.sub(r"<\1\2></\1>", text)
    if taking := _never_closed(text):
        edges = [0, *(edge for _, *span in taking for edge in span), len(text)]
        text = "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    text = _EARLY_END.sub("", _EMPTY_PAGE.sub(r"\1>", text.replace("\f", " ")))
    data = text.encode("utf-8", errors="replace")
    root, deep = _html_root(data)
    if deep:
        flattener = _Flattener()
        etree.fromstring(data, etree.HTMLParser(target=flattener, encoding="utf-8", huge_tree=True))
        root, _ = _html_root(flattener.close().encode("utf-8", errors="replace"))
    if root is not None:
        _part_from_head(root)
    return root


def _part_from_head(root: etree._Element) -> None:
    """A tag in the head that HTML doesn't know takes the page into it here; browsers end the head there."""
    for head in root.findall("head"):
        taken = [node for node in head if str(node.tag) not in _OF_HEAD and next(node.iter(*_OF_PAGE), None) is not None]
        for node in reversed(taken):
            head.addnext(node)


def unclosed(text: str) -> tuple[str, ...]:
    """Sentences for the user where a comment, or an element that is not shown, would take the rest, or tags have no end."""
    found = dict.fromkeys(name for name, *_ in _never_closed(_SELF_CLOSED.sub(r"<\1\2></\1>", text)))
    names = ", ".join("a comment" if name == "!--" else f"<{name}>" for name in found)
    told = [f"The page never closes {names}; what follows there was read as text of the page."] if names else []
    # Who leaves out the ends that HTML lets one leave out ends no head, either.
    if _BEGIN.search(text) and _HEAD_END.search(text) and not _END.search(text):
        told.append("The page has no end (</html>): it may have been cut short; fetch it again.")
    if unended := sum(1 for _ in _UNENDED.finditer(text)):
        told.append(f"Tags that don't end before the next one begins: {unended}; words that stand in them are missing.")
    if unquoted := sum(not one[0].endswith('"') or _is_unmarked(text, one.start()) for one in _UNQUOTED.finditer(text)):
        told.append(f"Tags in which a quote is missing: {unquoted}; words that stand before the next quote are missing.")
    return tuple(told)


def _is_unmarked(text: str, at: int) -> bool:
    """Whether the attribute whose `=` stands there is one that holds no tags."""
    return _UNMARKED.search(text[max(0, at - 9) : at]) is not None


def _never_closed(text: str) -> list[tuple[str, int, int]]:
    """The names and places of the tags that begin such elements, in order, where none ends them."""
    last = {tag[1].lower(): tag.start() for tag in _TAKEN_TO.finditer(text)}
    last["!--"] = text.rfind("-->")
    found: list[tuple[str, int, int]] = []
    inside = ""
    for tag in _TAKES.finditer(text):
        name = (tag[2] or "!--").lower()
        if inside:
            if name == inside and (tag[1] or tag[0] == "-->"):
                inside = ""
        elif tag[1] or tag[0] == "-->":
            continue
        elif last.get(name, -1) > tag.start():
            inside = name
        else:
            found.append((name, *tag.span()))
    return found


@lru_cache(maxsize=16384)
def local(tag: str) -> str:
    """`{namespace}Name` or `prefix:name` → `name`."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def content(node: etree._Element) -> str:
    """All text inside a node, white space folded."""
    return " ".join("".join(map(str, node.itertext())).split())


def _xml_root(text: str) -> tuple[etree._Element, list[str]]:
    """The tree, and the entities that stayed what they are because nothing but the document knows them."""
    data, unknown = _prepared(text)
    root: etree._Element = etree.fromstring(data, _xml_parser(recover=False, huge=len(data) > _LARGEST_NODE))
    return root, unknown


def _untold(unknown: list[str]) -> tuple[str, ...]:
    names = ", ".join(f"&{name};" for name in unknown[:3])
    return (f"Entities were left as they stand, since they are neither HTML's nor plain text: {names}.",) if unknown else ()


def _xml_parser(*, recover: bool, huge: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=huge,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def _prepared(text: str) -> tuple[bytes, list[str]]:
    """Without declaration and DOCTYPE, so that no entity is left to expand; names that HTML knows become characters."""
    text = _XML_DECLARATION.sub("", text, count=1).replace("\f", " ").strip()
    own: dict[str, str] = {}
    if doctype := _doctype(text):
        own = {name: one or two for name, one, two in _PLAIN_ENTITY.findall(doctype[1] or "")}
        text = text[: doctype.start()] + text[doctype.end() :]
    text = _HALF.sub("\ufffd", text)
    unknown: dict[str, None] = {}
    if _LOOSE_AMPERSAND.search(text):
        text = _without_entities(text, own, unknown)
    return text.encode("utf-8", errors="replace"), list(unknown)


def _doctype(text: str) -> re.Match[str] | None:
    """That before the first element; its group: what the document declares of its own."""
    first = _FIRST_ELEMENT.search(text)
    start = _DOCTYPE_START.search(text, 0, first.start() if first else len(text))
    return _DOCTYPE.match(text, start.start()) if start else None


def _without_entities(text: str, own: dict[str, str], unknown: dict[str, None]) -> str:
    left = _ENTITY_USES

    def replace(match: re.Match[str]) -> str:
        nonlocal left
        whole, name = match[0], match[1]
        if whole[0] == "<":
            return whole
        if name is None:
            return "&amp;"
        if name in own and left > 0:
            left -= 1
            return escape(own[name])
        character = html5.get(name + ";")
        if character is not None:
            return escape(character)
        unknown[name] = None
        return f"&amp;{name};"

    return _AMPERSAND.sub(replace, text)


def _html_root(data: bytes) -> tuple[etree._Element | None, bool]:
    """The tree, and whether the parser gave up on its depth."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    try:
        root: etree._Element | None = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:  # nothing but white space, comments or controls
        root = None
    return root, any("depth" in entry.message for entry in parser.error_log)


class _Flattener:
    """A parser target that writes the document anew without the tags beyond a depth; line breaks keep their texts apart."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._depth = 0

    def start(self, tag: str | bytes, attrib: dict[str | bytes, str | bytes]) -> None:
        void = tag in _VOID
        if self._depth < _DEEPEST or void:
            given = "".join(f' {name!s}="{escape(str(value))}"' for name, value in attrib.items())
            self._out.append(f"<{tag!s}{given}>")
        else:
            self._out.append("<br>")
        self._depth += not void

    def end(self, tag: str | bytes) -> None:
        if tag in _VOID:
            return
        self._depth -= 1
        if self._depth < _DEEPEST:
            self._out.append(f"</{tag!s}>")

    def data(self, data: str | bytes) -> None:
        self._out.append(escape(str(data), quote=False))

    def comment(self, text: str | bytes) -> None:
        """Comments are no text."""

    def close(self) -> str:
        return "".join(self._out)
