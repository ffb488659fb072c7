"""How a font looks, by its name: the weight in PDFs is often made up (1,000 for a regular face, 250 for a bold one)."""

import re
from collections.abc import Collection, Mapping

_SUBSET = re.compile(r"[A-Z]{6}\+")
_BOLD = re.compile(
    r"bold|black(?!adder)|heavy|demi(?!light)|blk|[-,.](?:bd|bi?|bol)$|-medi(?:ital)?$|(?-i:[a-z]Bd)(?:it)?$", re.IGNORECASE
)
# Faces that are known by letters: those of TeX (CMBX10, SFSX1200, ECRB1000, CMSSBX10, CMMIB10), Linux Libertine (TB: text, bold).
_LETTERED = re.compile(
    r"(?:cm|lm|ec|sf|tc|dc|la|lh|cs|pl|vn|ae|msa|msb|eu)(?P<face>[a-z]{1,6})\d{1,4}|lin(?:libertine|biolinum)(?P<libertine>[a-z]{2})",
    re.IGNORECASE,
)
_BOLD_FACE = re.compile(r"(?:ss)?b[xil].*|b|rb|sx|bsy|mib|fb|[to][bz]i?", re.IGNORECASE)
_SLANTED = re.compile(r"ital|obli|slant|[-,](?:bold|bd|b)?it?$|(?-i:[a-z]It)$", re.IGNORECASE)
_SLANTED_FACE = re.compile(r"(?:bx|ss|bi)?(?:ti|sl|i)|itt|sltt|bi", re.IGNORECASE)
_WORD = re.compile(r"(?!font)[a-z]{4}", re.IGNORECASE)
_MADE_UP = re.compile(r"(?:cid|cairo|type_?|embedded)_?font", re.IGNORECASE)
_NUMBER = re.compile(r"\d$")  # a face may have one: YoonGothicPro780
_HEAVY = range(700, 1001)
# Faces of formulas: those of TeX and the packages that replace them, MathType's, and OpenType's with a table for mathematics.
_MATH = re.compile(
    r"(?:cm|lm)(?:mi|b?sy|mib|ex)[a-z]*\d{1,2}$|ms[abx]m\d|eu[frsx][mb]\d|rsfs|stmary|wasy|bbold|esint|.*math(?!ilda)"
    r"|n?(?:rp|r?tx|px|zptm|fu|fout|yh|mt)(?:m?mi|b?sy|ex)[a-z]*\d*$|mt-?extra|symbol|standardsym|opensymbol|euclid ?(?:ex|sy)"
    r"|stix(?:general|size|nonunicode|integrals)",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"(?:cm|lm|tx|px|eu|yh|mt|nt)ex[a-z]*\d*$|lmmathextension", re.IGNORECASE)
# What they have at their codes, from 0 on, which is all that PDFs made by TeX tell; a space: a piece that adds nothing.
_LARGE_SIGNS = (
    "()[]⌊⌋⌈⌉{}⟨⟩|‖/\\()()[]⌊⌋⌈⌉{}⟨⟩/\\()[]⌊⌋⌈⌉{}⟨⟩/\\/\\⎛⎞⎡⎤⎣⎦⎢⎥⎧⎫⎩⎭⎨⎬⎪|"
    "⎝⎠⎜⎟⟨⟩⨆⨆∮∮⨀⨀⨁⨁⨂⨂∑∏∫⋃⋂⨄⋀⋁∑∏∫⋃⋂⨄⋀⋁∐∐ˆˆˆ˜˜˜[]⌊⌋⌈⌉{}√√√√√  ‖↑↓    ⇑⇓"
)
# What fonts of text have in TeX's encodings where ASCII has nothing, or something else: in OT1, the older one, and in T1.
_OT1 = dict(zip((*range(11, 32), 34, 60, 62, 92, 94, 95, *range(123, 128)), "ﬀﬁﬂﬃﬄıȷ`´ˇ˘¯˚¸ßæœøÆŒØ”¡¿“ˆ˙–—˝˜¨", strict=True))
_T1 = dict(zip((*range(16, 23), *range(25, 32), 189, 190, 191, 215, 247, 255), "“”„«»–—ıȷﬀﬁﬂﬃﬄ¡¿£Œœß", strict=True))
_T1_CAPITALS = dict(zip(range(128, 160), "ĂĄĆČĎĚĘĞĹĽŁŃŇŊŐŔŘŚŠŞŤŢŰŮŸŹŽŻĲİđ§", strict=True))
_T1_SMALL = dict(zip(range(160, 189), "ăąćčďěęğĺľłńňŋőŕřśšşťţűůÿźžżĳ", strict=True))
ASCII = {code: chr(code) for code in range(33, 127)}
"""All that fonts of one width by TeX have, and that all of text have in common."""
_LATIN = {code: chr(code) for code in range(192, 255)}
BULLET = 136
"""Its code in TeX's fonts of text symbols."""


def is_bold(name: str, weight: int) -> bool:
    """By the name; by the weight where the name tells nothing.

    Args: weight: as pdfium has it from the width of the stems, 0 to some thousands.
    """
    name = _SUBSET.sub("", name)
    if _BOLD.search(name):
        return True
    if lettered := _LETTERED.match(name):
        return _BOLD_FACE.fullmatch(lettered["face"] or lettered["libertine"]) is not None
    return weight in _HEAVY and (_NUMBER.search(name) is not None or _WORD.search(_MADE_UP.sub("", name)) is None)


def is_slanted(name: str, angle: int) -> bool:
    """Args: angle: degrees from the vertical, as the font tells; 0 where it doesn't."""
    name = _SUBSET.sub("", name)
    if angle or _SLANTED.search(name):
        return True
    lettered = _LETTERED.match(name)
    return lettered is not None and _SLANTED_FACE.fullmatch(lettered["face"] or lettered["libertine"]) is not None


def is_math(name: str) -> bool:
    """Its signs are those of formulas."""
    return _MATH.match(_SUBSET.sub("", name)) is not None


def encoding_of_tex(codes: Collection[int]) -> Mapping[int, str]:
    """Code → character of fonts of text by TeX that tell none, by all codes of a text in them, each as often as it comes.

    OT1 and T1 have the ligature of f and i, the most frequent, each where the other has what few languages need; without it
    nothing tells which it is, nor whether something changed the codes of what TeX wrote: then none is known. Capitals with
    accents come only with small ones: quotes of other encodings have their codes.
    """
    old, new = (sum(code == fi for code in codes) for fi in (12, 28))
    if old == new:
        return {}
    if old > new:
        return ASCII | _OT1
    capitals = _T1_CAPITALS if any(code in _T1_SMALL for code in codes) else {}
    return ASCII | _LATIN | _T1 | _T1_SMALL | capitals


def large_sign(name: str, code: int) -> str | None:
    """The character that a font of TeX's has at this code for what grows with a formula: sums, integrals, brackets, roots.

    "" is a piece that adds nothing; None: the font is no such, or has none there.
    """
    if code >= len(_LARGE_SIGNS) or not _EXTENSION.match(_SUBSET.sub("", name)):
        return None
    return _LARGE_SIGNS[code].strip()
