"""How a font looks, by its name: the weight in PDFs is often made up (1,000 for a regular face, 250 for a bold one)."""

import re

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
_WORD = re.compile(r"(?!font)[a-z]{4}", re.IGNORECASE)
_MADE_UP = re.compile(r"(?:cid|cairo|type_?|embedded)_?font", re.IGNORECASE)
_NUMBER = re.compile(r"\d$")  # a face may have one: YoonGothicPro780
_HEAVY = range(700, 1001)


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
