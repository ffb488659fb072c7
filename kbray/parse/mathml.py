"""MathML → one line of text: the author's TeX or alternative text where there is one, else a linear reading."""

from lxml import etree

from kbray.parse.markup_tree import content, local

_DEEPEST = 100  # formulas nested deeper are read as bare text
_TEX = frozenset(("application/x-tex", "tex", "latex", "application/x-latex"))
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
_LEFT_OUT = frozenset(("annotation", "annotation-xml", "mphantom", "none", "mprescripts"))


def text_of(math: etree._Element) -> str:
    """The text of a `math` element on one line; its TeX source if it carries one."""
    for node in math.iter(etree.Element):
        if local(node.tag) == "annotation" and (node.get("encoding") or "").lower() in _TEX and (source := content(node)):
            return source
    alternative = " ".join((math.get("alttext") or "").split())
    return alternative or " ".join(_linear(math, 0).split())


def _linear(node: etree._Element, depth: int) -> str:
    if depth > _DEEPEST:
        return content(node)
    tag = local(node.tag)
    if tag in _LEFT_OUT:
        return ""
    children = list(node)
    if not children:
        return (node.text or "").strip()
    parts = [_linear(child, depth + 1) for child in children]
    signs = _SCRIPTS.get(tag)
    if signs and len(parts) == len(signs) + 1:
        return parts[0] + "".join(sign + _grouped(part) for sign, part in zip(signs, parts[1:], strict=True))
    if tag in _SEPARATED:
        return _SEPARATED[tag].join(map(_grouped, parts) if tag == "mfrac" else parts)
    operators = [local(child.tag) == "mo" and len(part) == 1 for child, part in zip(children, parts, strict=True)]
    line = "".join(f" {part} " if spaced else part for part, spaced in zip(parts, operators, strict=True))
    return _AROUND.get(tag, "{}").format(line)


def _grouped(part: str) -> str:
    return part if len(part) <= 1 or part.isalnum() else f"({part})"
