"""What a browser would show of an EPUB's spine, read by lxml alone: a reference that owes nothing to kbray's reader.

Hidden parts are left out: what HTML never shows, the `hidden` attribute, and `display: none`, inline or by rules of the book's
own style sheets whose selector is one element, class, id or `epub:type`.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5
from pathlib import Path
from urllib.parse import unquote

import lxml.etree
import lxml.html

_NEVER_SHOWN = frozenset(
    """
    head title script style template noscript datalist audio video canvas iframe rp
    desc metadata defs annotation annotation-xml
    """.split()
)
_INLINE_NONE = re.compile(r"(?:^|;)\s*display\s*:\s*none", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AT_RULE = re.compile(r"@[^{};]+(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_DISPLAY = re.compile(r"\bdisplay\s*:\s*([\w-]+)", re.IGNORECASE)
_SELECTOR = re.compile(r"""([\w-]+|\*)?(?:([.#])([\w-]+)|\[epub\|type~?=['"]?([\w-]+)['"]?\])?""")
_ENTITY = re.compile(r"&([A-Za-z]\w*);")
_TYPE = "{http://www.idpf.org/2007/ops}type"
_MARK = re.compile(
    r"[\s\[(]*(?:\d{1,4}|[a-z]{1,2}|[ivxlc]{1,7}|[*†‡§¶‖#+]{1,4}|[↩↑⤴⏎^↵←]\ufe0e?|back|return)?[\s\])]*\.?", re.IGNORECASE
)

Hidden = dict[tuple[str, str, str], bool]  # element or "", ".", "#" or "type", its name → whether it is hidden


@dataclass(frozen=True, slots=True)
class Piece:
    """Text between two tags. `mark`: not read with the rest: a short link to a place in the book, as the marks of notes are; or
    a parenthesis around ruby."""

    text: str
    mark: bool = False


def pieces(path: Path) -> Iterator[Piece]:
    """The book's text in the order of its spine, each chapter once; a chapter that is no markup or isn't there gives nothing."""
    with zipfile.ZipFile(path) as archive:
        names = {unquote(name).casefold(): name for name in archive.namelist()}
        for chapter in _spine(archive, names):
            data = archive.read(chapter)
            root = _tree(data) if b"<" in data[:4096].replace(b"\0", b"") else None
            if root is not None:
                yield from _shown(root, _style_sheets(archive, names, chapter, root))


def _spine(archive: zipfile.ZipFile, names: dict[str, str]) -> list[str]:
    """Raises: KeyError, StopIteration: the book has no container or no package."""
    container = lxml.etree.fromstring(archive.read("META-INF/container.xml"), _parser())
    package = next(node.get("full-path", "") for node in container.iter("{*}rootfile"))
    root = lxml.etree.fromstring(archive.read(package), _parser())
    items = {node.get("id"): node for node in root.iter("{*}item")}
    found: dict[str, None] = {}
    for reference in root.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        while item is not None and not re.search("html|svg|xml", item.get("media-type", "")) and item.get("fallback"):
            item = items.get(item.get("fallback"))
        member = names.get(_member(package, item.get("href", ""))) if item is not None else None
        if member:
            found[member] = None
    return list(found)


def _member(base: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(href.partition("#")[0]))).casefold()


def _parser() -> lxml.etree.XMLParser:
    return lxml.etree.XMLParser(recover=True, resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True)


def _tree(data: bytes) -> lxml.etree._Element | None:
    """As XML if it is that, else as browsers read HTML."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    declared = re.search(rb"<\?xml[^>]*encoding=[\"']([\w-]+)", data[:200])
    text = data.decode("utf-16" if wide else declared[1].decode() if declared else "utf-8", errors="replace").lstrip("\ufeff")
    text = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text)
    text = _ENTITY.sub(lambda m: m[0] if m[1] in ("lt", "gt", "amp", "quot", "apos") else html5.get(m[1] + ";", m[0]), text)
    try:
        return lxml.etree.fromstring(
            text.encode(), lxml.etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
        )
    except lxml.etree.XMLSyntaxError:
        return lxml.html.document_fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8", remove_comments=True))


def _style_sheets(archive: zipfile.ZipFile, names: dict[str, str], chapter: str, root: lxml.etree._Element) -> Hidden:
    sheets = [node.text or "" for node in root.iter("{*}style")]
    for link in root.iter("{*}link"):
        if (
            "stylesheet" in link.get("rel", "")
            and "alternate" not in link.get("rel", "")
            and link.get("media") in (None, "all", "screen")
        ):
            member = names.get(_member(chapter, link.get("href") or ""))
            sheets.append(archive.read(member).decode("utf-8", errors="replace") if member else "")
    hidden: Hidden = {}
    for selectors, body in _RULE.findall(_AT_RULE.sub("", _COMMENT.sub("", "\n".join(sheets)))):
        display = _DISPLAY.findall(body)
        for selector in selectors.split(",") if display else ():
            found = _SELECTOR.fullmatch(selector.strip())
            if found and found[0]:
                element = "" if found[1] in (None, "*") else found[1]
                hidden[element, "type" if found[4] else found[2] or "", found[3] or found[4] or ""] = display[-1] == "none"
    return {key: value for key, value in hidden.items() if value}


def _is_hidden(node: lxml.etree._Element, tag: str, hidden: Hidden) -> bool:
    if tag in _NEVER_SHOWN or node.get("hidden") is not None or _INLINE_NONE.search(node.get("style") or ""):
        return True
    names = [("", "")]
    names += [(".", name) for name in (node.get("class") or "").split()]
    names += [("#", node.get("id") or ""), *(("type", name) for name in (node.get(_TYPE) or "").split())]
    return bool(hidden) and any(
        (element, *name) in hidden for name in names for element in (tag, "") if (element, name) != ("", ("", ""))
    )


def _shown(root: lxml.etree._Element, hidden: Hidden) -> Iterator[Piece]:
    stack: list[Piece | tuple[lxml.etree._Element, bool]] = [(root, False)]  # text, or an element and whether a mark is around it
    while stack:
        top = stack.pop()
        if isinstance(top, Piece):
            yield top
            continue
        node, mark = top
        if node is not root:
            stack.append(Piece(node.tail or "", mark))
        tag = _name(node.tag)
        if tag is None:  # an entity that nobody knows stands for itself
            yield Piece(node.text if isinstance(node, lxml.etree._Entity) else "", mark)
            continue
        if _is_hidden(node, tag, hidden):
            continue
        if tag == "rt":
            yield Piece("(", mark=True)
            stack.append(Piece(")", mark=True))
        mark = mark or (
            tag == "a" and "#" in (node.get("href") or "") and _MARK.fullmatch("".join(map(str, node.itertext()))) is not None
        )
        yield Piece(node.text or "", mark)
        stack.extend((child, mark) for child in reversed(node))


def _name(tag: object) -> str | None:
    """Of an element, without its namespace; None for entities and instructions, whose tag is a function."""
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else None
