"""Characters of the fonts Symbol and Wingdings, which have no place in Unicode of their own → the ones that look alike."""

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
_WINGDINGS = {
    **{0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x75: "◆", 0x76: "❖", 0x9F: "•", 0xA7: "▪", 0xA8: "◻", 0xFB: "✗"},
    **{0xFC: "✓", 0xFD: "☒", 0xFE: "☑", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0x4A: "☺"},
    **{0x4C: "☹", 0x28: "☎", 0x2A: "✉", 0xD8: "➢", 0xAB: "★", 0x7F: " "},
}
_PRIVATE = re.compile("[\uf020-\uf0ff]")  # where Unicode has room for them


def without_private(text: str, face: str | None) -> str:
    """Text with the characters of a symbol font as everybody knows them; of Symbol, where no face is named."""
    return _PRIVATE.sub(lambda found: symbol(face or "Symbol", f"{ord(found[0]):x}"), text)


def symbol(font: str, code: str) -> str:
    """The character with this hexadecimal number in this font; "" where it means nothing to anybody else."""
    try:
        number = int(code, 16)
        known = (
            _SYMBOL if font.casefold().startswith("symbol") else _WINGDINGS if font.casefold().startswith("wingdings") else None
        )
        if known is not None:
            return known.get(number & 0xFF, "")
        character = chr(number)
    except (ValueError, OverflowError):
        return ""
    return character if character.isprintable() else ""
