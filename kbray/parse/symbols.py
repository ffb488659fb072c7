"""Fonts of symbols, whose codes mean other characters than Unicode's: Symbol, Wingdings, Webdings → those that look alike."""

import re

_SYMBOL = dict(
    zip(
        (*range(0x22, 0x7F), *range(0xA1, 0xFF)),
        "∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
        "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪"
        "\uf8ff〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭",
        strict=True,
    )
)
# What documents use of them: bullets, boxes, ticks, arrows; of those that look alike the one that fonts have.
_WINGDINGS = {
    **{0x6C: "●", 0x6E: "■", 0x6F: "□", 0x70: "□", 0x71: "❑", 0x72: "❒", 0x73: "◆", 0x74: "◆", 0x75: "◆", 0x76: "❖", 0x77: "◆"},
    **{0x9E: "·", 0x9F: "•", 0xA7: "▪", 0xA8: "◻", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑", 0xAB: "★", 0x7F: " "},
    **{0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0xD8: "➢"},
    **{0x4A: "☺", 0x4C: "☹", 0x28: "☎", 0x2A: "✉"},
}
_WINGDINGS_2 = {
    **{0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x95: "·", 0x96: "•", 0x97: "•", 0x98: "●"},
    **{0x99: "○", 0x9F: "▪", 0xA0: "▪", 0xA1: "■", 0xA2: "■", 0xA3: "□", 0xAE: "◆", 0xAF: "◇"},
}
_WINGDINGS_3 = {
    **dict(zip(range(0x21, 0x25), "←→↑↓", strict=True)),
    **dict(zip(range(0x70, 0x7F), "▲▼△▽◀▶◁▷◣◢◤◥◂▸▴", strict=True)),
    **dict(zip(range(0x89, 0xAB), "←→↑↓" * 7 + "←→" * 3, strict=True)),
}
_WEBDINGS = {0x33: "◀", 0x34: "▶", 0x35: "▲", 0x36: "▼", 0x61: "✓", 0x63: "□", 0x67: "■", 0x6E: "●", 0x72: "✗"}
_EURO = {0x65: "€"}  # of the package eurosym
_FACE = re.compile(
    r"(?:[A-Z]{6}\+)?(?:TeX-)?(symbol(?=$|mt|ps|std|[-,\d])|webdings|wingdings(?:[- ]?[23])?|fey(?=[a-z]{2}\d))", re.IGNORECASE
)
_FACES = {
    "symbol": _SYMBOL,
    "wingdings": _WINGDINGS,
    "wingdings2": _WINGDINGS_2,
    "wingdings3": _WINGDINGS_3,
    "webdings": _WEBDINGS,
    "fey": _EURO,
}
_PRIVATE = re.compile("[\uf020-\uf0ff]")  # where Unicode has room for their codes
_CODE_PAGE = "cp1252"  # of codes that were taken for letters
_BULLET = "•"
_NAMED = "µ"  # Symbol's glyph "mu", after Adobe's list of names


def symbols_of(font: str) -> dict[int, str] | None:
    """Byte → character of a font by its name, that of a subset (`ABCDEF+SymbolMT`), too; None: it is a font of letters."""
    found = _FACE.match(font)
    return _FACES[re.sub("[- ]", "", found[1]).casefold()] if found else None


def symbol(font: str, code: int) -> str:
    """The character with this code in this font; "" where it means nothing to anybody else. code: of a byte, or at U+F000 on."""
    known = symbols_of(font)
    if known is not None:
        return known.get(code & 0xFF, "")
    try:
        character = chr(code)
    except (ValueError, OverflowError):
        return ""
    return character if character.isprintable() else ""


def without_private(text: str, face: str | None) -> str:
    """Text with the characters of a font of symbols, at U+F020 on, as everybody knows them; of Symbol, where no face is named."""
    return _PRIVATE.sub(lambda found: symbol(face or "Symbol", ord(found[0])), text)


def translated(symbols: dict[int, str], character: str) -> str:
    """What was read as this character of such a font, in Unicode; as it is where the font has it, so that it is translated.

    A picture that is not known is a bullet, mostly. It is no letter, anyhow.
    """
    if character in _NAMED or character in symbols.values():
        return character
    code = ord(character)
    if code > 0xFF and not _PRIVATE.fullmatch(character):
        code = (character.encode(_CODE_PAGE, "ignore") or b"\0")[0]
    return symbols.get(code & 0xFF, character if symbols is _SYMBOL or not code else _BULLET)
