"""MathML → one line of text that reads all its signs in order, and its source."""

import re
from copy import deepcopy

from lxml import etree

from kbray.parse.markup.trees import content, local

_DEEPEST = 100  # formulas nested deeper are read as bare text
_TOKENS = frozenset(("mi", "mn", "mo", "mtext", "ms"))
_SCRIPTS = {
    "msup": ("^",),
    "msub": ("_",),
    "msubsup": ("_", "^"),
    "mover": ("^",),
    "munder": ("_",),
    "munderover": ("_", "^"),
    "mroot": ("^1/",),
}
_SEPARATED = {"mfrac": "/", "mtable": "; ", "mtr": ", "}
_AROUND = {"msqrt": "√({})", "mfenced": "({})"}
_WHITE = re.compile(r"\s+")
_UNSEEN = {0x2061: " ", 0x2062: None, 0x2063: None, 0x2064: None}  # what is applied or multiplied, and not written
_LEFT_OUT = frozenset(("annotation", "annotation-xml", "mphantom", "none", "mprescripts"))


def text_of(math: etree._Element) -> str:
    """The text of a `math` element on one line: what is shown of it, else its alternative text."""
    return " ".join(_linear(math, 0).split()) or " ".join((math.get("alttext") or "").split())


def source_of(math: etree._Element) -> str:
    """The `math` element as XML, with the annotations that it carries."""
    alone = deepcopy(math)
    etree.cleanup_namespaces(alone)
    return etree.tostring(alone, encoding="unicode", with_tail=False)


def _linear(node: etree._Element, depth: int) -> str:
    if depth > _DEEPEST:
        return content(node)
    tag = local(node.tag)
    children = list(node)
    if not children or tag in _TOKENS or tag in _LEFT_OUT:
        return _token(node, tag)
    parts = [_linear(child, depth + 1) for child in children]
    signs = _SCRIPTS.get(tag)
    if signs and len(parts) == len(signs) + 1:
        base = _grouped(parts[0]) if tag == "mroot" else parts[0]
        return base + "".join(sign + _grouped(part) for sign, part in zip(signs, parts[1:], strict=True))
    if tag in _SEPARATED:
        return _SEPARATED[tag].join(map(_grouped, parts) if tag == "mfrac" else parts)
    operators = [local(child.tag) == "mo" and len(part) == 1 for child, part in zip(children, parts, strict=True)]
    for number, child in enumerate(children[:-1]):
        if local(child.tag) in _SCRIPTS and parts[number + 1][:1].isalnum():
            parts[number] += " "  # what follows isn't raised, too: e^x dx
    line = "".join(f" {part} " if spaced else part for part, spaced in zip(parts, operators, strict=True))
    return _AROUND.get(tag, "{}").format(line)


def _token(node: etree._Element, tag: str) -> str:
    """What an element without others says; white space is part of what text says, and the rest of a formula has none."""
    if tag == "mtext":
        return _WHITE.sub(" ", "".join(map(str, node.itertext())))
    if tag == "mspace":
        return " "
    return "" if tag in _LEFT_OUT else content(node).translate(_UNSEEN)


def _grouped(part: str) -> str:
    return part if len(part) <= 1 or part.isalnum() else f"({part})"
