"""Formulas of Office Open XML → MathML."""

from collections.abc import Callable
from unicodedata import name, normalize

from lxml import etree

from kbray.parse.office.ooxml import M

_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_OPERATORS = frozenset("+-−±×·÷=≠<>≤≥≈≡∈∉⊂⊆∪∩∧∨→⇒⇔↔∀∃∂∇∫∑∏,;:|!()[]{}/∗*")


def mathml(formula: etree._Element) -> etree._Element:
    """An `m:oMath` as `math`; what is unknown in it gives its parts in order."""
    return node_of("math", *_parts(formula))


def node_of(tag: str, *children: etree._Element, text: str | None = None) -> etree._Element:
    node = etree.Element(_MATHML + tag, nsmap={None: _MATHML[1:-1]})  # type: ignore[dict-item]  # the stubs know no default namespace
    node.text = text
    node.extend(children)
    return node


def _parts(node: etree._Element) -> list[etree._Element]:
    """What the children say; properties say nothing."""
    found: list[etree._Element] = []
    for child in node.iterchildren(etree.Element):
        tag = etree.QName(child).localname
        if child.tag == M + "r":
            found += tokens("".join(text.text or "" for text in child.iter(M + "t")))
        elif tag in _BUILT and child.tag == M + tag:
            found.append(_BUILT[tag](child))
        elif not tag.endswith("Pr"):
            found += _parts(child)
    return found


def tokens(text: str) -> list[etree._Element]:
    """Numbers whole, signs and letters one by one, as MathML has them."""
    found: list[etree._Element] = []
    number = ""
    for character in f"{text}\0":
        if character.isdecimal() or (number and character in ".,"):
            number += character
            continue
        if number:
            found.append(node_of("mn", text=number))
            number = ""
        if character in _OPERATORS:
            found.append(node_of("mo", text=character))
        elif character.isspace():
            found.append(node_of("mtext", text=" "))
        elif character.isprintable():
            found.append(node_of("mi", text=_upright(character)))
    return found


def _upright(character: str) -> str:
    """The letter itself where it is only written in italics, as MathML shows letters anyway."""
    return normalize("NFKC", character) if "MATHEMATICAL ITALIC" in name(character, "") or character == "ℎ" else character


def _row(node: etree._Element, role: str) -> etree._Element:
    """One argument of a construct."""
    argument = node.find(M + role)
    parts = _parts(argument) if argument is not None else []
    return parts[0] if len(parts) == 1 else node_of("mrow", *parts)


def _construct(tag: str, *roles: str) -> Callable[[etree._Element], etree._Element]:
    return lambda node: node_of(tag, *(_row(node, role) for role in roles))


def _property(node: etree._Element, which: str, default: str) -> str:
    """The value of a property of a construct, where it is given."""
    found = next(node.iter(M + which), None)
    return default if found is None else found.get(M + "val", "")


def _radical(node: etree._Element) -> etree._Element:
    degree = node.find(M + "deg")
    if degree is None or not _parts(degree):
        return node_of("msqrt", _row(node, "e"))
    return node_of("mroot", _row(node, "e"), _row(node, "deg"))


def _large_operator(node: etree._Element) -> etree._Element:
    """A sum or integral with its limits, and what it is taken of."""
    sign = node_of("mo", text=_property(node, "chr", "∫"))
    below, above = _row(node, "sub"), _row(node, "sup")
    given = (len(below) or below.text, len(above) or above.text)
    if all(given):
        sign = node_of("munderover", sign, below, above)
    elif given[0]:
        sign = node_of("munder", sign, below)
    elif given[1]:
        sign = node_of("mover", sign, above)
    return node_of("mrow", sign, _row(node, "e"))


def _delimited(node: etree._Element) -> etree._Element:
    told = node.find(M + "dPr")
    told = node if told is None else told
    start, end, between = (
        _property(told, which, default) for which, default in (("begChr", "("), ("endChr", ")"), ("sepChr", "|"))
    )
    row = node_of("mrow", node_of("mo", text=start))
    for number, argument in enumerate(node.findall(M + "e")):
        if number:
            row.append(node_of("mo", text=between))
        row.extend(_parts(argument))
    row.append(node_of("mo", text=end))
    return row


def _matrix(node: etree._Element) -> etree._Element:
    rows = (node_of("mtr", *(node_of("mtd", *_parts(cell)) for cell in row.findall(M + "e"))) for row in node.findall(M + "mr"))
    return node_of("mtable", *rows)


def _lines(node: etree._Element) -> etree._Element:
    return node_of("mtable", *(node_of("mtr", node_of("mtd", *_parts(line))) for line in node.findall(M + "e")))


def _accented(node: etree._Element) -> etree._Element:
    told = node.find(M + "accPr")
    return node_of("mover", _row(node, "e"), node_of("mo", text=_property(node if told is None else told, "chr", "\u0302")))


def _before(node: etree._Element) -> etree._Element:
    return node_of("mrow", node_of("msubsup", node_of("mrow"), _row(node, "sub"), _row(node, "sup")), _row(node, "e"))


_BUILT: dict[str, Callable[[etree._Element], etree._Element]] = {
    "f": _construct("mfrac", "num", "den"),
    "sSup": _construct("msup", "e", "sup"),
    "sSub": _construct("msub", "e", "sub"),
    "sSubSup": _construct("msubsup", "e", "sub", "sup"),
    "limLow": _construct("munder", "e", "lim"),
    "limUpp": _construct("mover", "e", "lim"),
    "func": _construct("mrow", "fName", "e"),
    "sPre": _before,
    "rad": _radical,
    "nary": _large_operator,
    "d": _delimited,
    "m": _matrix,
    "eqArr": _lines,
    "acc": _accented,
}
