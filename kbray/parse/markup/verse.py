"""Verse of which each line is a block of its own: the lines of a stanza become those of one paragraph.

HTML has no tag for verse. Books of Project Gutenberg and TEI's stylesheets make each line a `div` or `p`, others a `span`, and
leave it to their styles that they stand below each other.
"""

from collections.abc import Iterator

from lxml import etree

from kbray.parse.markup import notes
from kbray.parse.markup.trees import content, local

STANZAS = frozenset(("stanza", "strophe", "linegroup", "lg"))
_POEMS = frozenset(("poem", "poetry", "verse", "verses"))  # which may hold stanzas, or are one
CLASSES = "|".join(sorted(STANZAS | _POEMS))
"""Part of each class that tells of verse."""
_BLOCKS = frozenset(("p", "div"))
_INLINE = frozenset("span a b strong i em small cite sub sup abbr u q br".split())
_NO_LINES = ("title", "head", "author", "attribution", "source", "signature")  # in classes: what isn't one
_FIRST = ("stanza", "strophe", "first", "start")  # … which begin a stanza
_LONGEST = 120  # characters of a line


def join(node: etree._Element) -> None:
    """Turn the lines of a block, if it holds verse, into paragraphs with breaks between."""
    called = set(node.get("class", "").lower().split())
    if not called & (STANZAS | _POEMS):
        return
    kinds = _BLOCKS
    if called & STANZAS and local(node.tag) in _BLOCKS and not any((part or "").strip() for part in _between(node)):
        kinds = _BLOCKS | {"span"}
    runs: list[list[etree._Element]] = [[]]
    for child in node:
        is_line = local(child.tag) in kinds and _is_line(child)
        if not is_line or _is_called(child, _FIRST):
            runs.append([])
        if is_line:
            runs[-1].append(child)
    for run in runs:
        if len(run) > 1:
            _break(run)


def _between(node: etree._Element) -> Iterator[str | None]:
    yield node.text
    yield from (child.tail for child in node)


def _is_called(node: etree._Element, names: tuple[str, ...]) -> bool:
    called = node.get("class", "").lower()
    return any(name in called for name in names)


def _is_line(node: etree._Element) -> bool:
    if notes.NOTE in node.attrib or _is_called(node, _NO_LINES):
        return False
    breaks = 0
    for count, one in enumerate(node.iterdescendants("*")):
        tag = local(one.tag)
        if tag not in _INLINE or count >= _LONGEST:  # the rest isn't looked at, which nested poems would make a square
            return False
        breaks += tag == "br"
    last = node[-1] if len(node) else None
    ended = last is not None and local(last.tag) == "br" and not (last.tail or "").strip()
    return breaks == ended and 0 < len(content(node)) <= _LONGEST


def _break(lines: list[etree._Element]) -> None:
    stanza = etree.Element("p")
    lines[0].addprevious(stanza)
    for line in lines:
        stanza.append(line)
        line.tag = "span"
        line.attrib.pop("style", "")  # which may say that it is a block
        if line is not lines[-1] and (not len(line) or local(line[-1].tag) != "br"):
            etree.SubElement(line, "br")
