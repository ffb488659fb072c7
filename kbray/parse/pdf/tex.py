"""What characters are by their codes, of fonts by TeX, which tell it in no other way."""

import re
from collections.abc import Collection, Mapping

from kbray.parse.pdf.fonts import SUBSET

_EXTENSION = re.compile(r"(?:cm|lm|tx|px|eu|yh|mt|nt)ex[a-z]*\d*$|lmmathextension", re.IGNORECASE)
# What fonts of large signs have at their codes, from 0 on; a space: a piece that adds nothing.
_LARGE_SIGNS = (
    "()[]⌊⌋⌈⌉{}⟨⟩|‖/\\()()[]⌊⌋⌈⌉{}⟨⟩/\\()[]⌊⌋⌈⌉{}⟨⟩/\\/\\⎛⎞⎡⎤⎣⎦⎢⎥⎧⎫⎩⎭⎨⎬⎪|"
    "⎝⎠⎜⎟⟨⟩⨆⨆∮∮⨀⨀⨁⨁⨂⨂∑∏∫⋃⋂⨄⋀⋁∑∏∫⋃⋂⨄⋀⋁∐∐ˆˆˆ˜˜˜[]⌊⌋⌈⌉{}√√√√√  ‖↑↓    ⇑⇓"
)
# Likewise those of signs (OMS), of letters (OML), of the American Mathematical Society, and of text (OT1, its first ones).
# A slash strikes out what comes next.
_SIGNS = (
    (
        re.compile(r"(?:cm|lm|tx|px|nt?x)(?:math)?b?sy[a-z]*\d*$", re.IGNORECASE),
        "−·×∗÷⋄±∓⊕⊖⊗⊘⊙◯∘∙≍≡⊆⊇≤≥≼≽∼≈⊂⊃≪≫≺≻←→↑↓↔↗↘≃⇐⇒⇑⇓⇔↖↙∝′∞∈∋△▽/ ∀∃¬∅ℜℑ⊤⊥ℵABCDEFGHIJKLMNOPQRSTUVWXYZ∪∩⊎∧∨"
        "⊢⊣⌊⌋⌈⌉{}⟨⟩|‖↕⇕\\≀√⨿∇∫⊔⊓⊑⊒§†‡¶♣♢♡♠",
    ),
    (
        re.compile(r"(?:cm|lm|tx|px|nt?x)(?:math)?(?:mi|mib|bmi)[a-z]*\d*$", re.IGNORECASE),
        "ΓΔΘΛΞΠΣΥΦΨΩαβγδϵζηθικλμνξπρστυϕχψωεϑϖϱςφ↼↽⇀⇁  ▷◁0123456789.,</>⋆∂ABCDEFGHIJKLMNOPQRSTUVWXYZ♭♮♯⌣⌢"
        "ℓabcdefghijklmnopqrstuvwxyzıȷ℘",
    ),
    (
        re.compile(r"msam\d", re.IGNORECASE),
        (
            "⊡⊞⊠□■·◊⧫↻↺⇌⇋⊟⊩⊪⊨↠↞⇇⇉⇈⇊↾⇂↿⇃↣↢⇆⇄↰↱⇝↭↫↬≗≿≳⪆⊸∴∵≑≜≾≲⪅⪕⪖⋞⋟≼≦⩽≶‵ ≓≒≽≧⩾≷⊏⊐⊳⊲⊵⊴★≬▼▶◀  △▲▽≖⋚⋛⪋⪌¥⇛⇚✓⊻⊼⩞∠∡∢∝⌣⌢⋐⋑⋓"
            "⋒⋏⋎⋋⋌⫅⫆≏≎⋘⋙⌜⌝®Ⓢ⋔∔∽⋍⌞⌟✠∁⊺⊚⊛⊝"
        ),
    ),
    (
        re.compile(r"msbm\d", re.IGNORECASE),
        (
            "≨≩≰≱≮≯⊀⊁≨≩≰≱⪇⪈⋠⋡⋨⋩⋦⋧≰≱⪵⪶⪹⪺⪉⪊≁≇⟋⟍⊊⊋⊈⊉⫋⫌⫋⫌⊊⊋⊈⊉∦∤∤∦⊬⊮⊭⊯⋭⋬⋪⋫↚↛⇍⇏⇎↮⋇∅∄ABCDEFGHIJKLMNOPQRSTUVWXYZ     Ⅎ⅁   "
            " ℧ð≂ℶℷℸ⋖⋗⋉⋊∣∥∖∼≈≊⪸⪷↶↷ϝϰ𝕜ℏℏ϶"
        ),
    ),
    (re.compile(r"cm(?:r|bx|ti|sl|ss)[a-z]*\d*$", re.IGNORECASE), "ΓΔΘΛΞΠΣΥΦΨΩ"),
)
# What fonts of text have in TeX's encodings where ASCII has nothing, or something else: in OT1, the older one, and in T1.
_OT1 = dict(zip((*range(11, 32), 34, 60, 62, 92, 94, 95, *range(123, 128)), "ﬀﬁﬂﬃﬄıȷ`´ˇ˘¯˚¸ßæœøÆŒØ”¡¿“ˆ˙–—˝˜¨", strict=True))
_T1 = dict(zip((*range(16, 23), *range(25, 32), 189, 190, 191, 215, 247, 255), "“”„«»–—ıȷﬀﬁﬂﬃﬄ¡¿£Œœß", strict=True))
_T1_CAPITALS = dict(zip(range(128, 160), "ĂĄĆČĎĚĘĞĹĽŁŃŇŊŐŔŘŚŠŞŤŢŰŮŸŹŽŻĲİđ§", strict=True))
_T1_SMALL = dict(zip(range(160, 189), "ăąćčďěęğĺľłńňŋőŕřśšşťţűůÿźžżĳ", strict=True))
_ONLY_T1, _LEAST_T1 = frozenset((21, 29, 30, 31)), 16  # a dash and ligatures where OT1 has capitals that hardly come; quotes
_LEAST_OT1 = 11  # below it are Greek capitals, which are in no text
DOUBLED = frozenset((11, 14, 15, 27))
"""Codes for what begins with two f, in OT1 and, the last, in T1, where OT1 has œ."""
NAMED_BY_DVIPS = {0x08: 64, 0x0C: 195, 0x0D: 99, 0x19: 166, 0x1C: 208, 0x1D: 244}
"""Control characters → codes of fonts. dvips names the glyphs of bitmaps by the code and 360 to the base of 36 (tex.pro), and of
these names BS, FF, CR, EM, FS and GS are known, as those of control characters."""
ASCII = {code: chr(code) for code in range(33, 127)}
"""All that fonts of one width by TeX have, and that all of text have in common."""
_LATIN = {code: chr(code) for code in range(192, 255)}
_CYRILLIC = {code: bytes((code,)).decode("cp1251") for code in range(192, 256)} | dict(
    zip((*range(156, 160), *range(188, 192)), "Ё№¤§ё„«»", strict=True)
)
_UKRAINIAN = dict(zip((136, 153, 168, 185, 128, 160), "ЇЄїєҐґ", strict=True))
T2A = ASCII | {code: sign for code, sign in _T1.items() if code < 32} | _CYRILLIC | _UKRAINIAN
"""Code → character of fonts of text by TeX in Russian and Ukrainian (T2A)."""
BULLET, BULLET_OF_SIGNS = 136, 15
"""Their codes in TeX's fonts of text symbols and of signs (OMS)."""
SIGNS, LETTERS = "cmsy10", "cmmi10"
"""Fonts of signs and of letters (OML)."""
_OF_FORMULAS = frozenset(map(ord, "abcdemprstuvwxyz"))  # where fonts of signs have what hardly comes
_ALSO_SIGNS = frozenset(map(ord, "fghijkln"))  # braces, brackets, strokes
_PARTED = frozenset(map(ord, ":;<>"))  # by points and commas


def encoding_of_tex(codes: Collection[int], doubled: Collection[int] = ()) -> Mapping[int, str]:
    """Code → character of fonts of text by TeX that tell none, by all codes of a text in them, each as often as it comes.

    OT1 and T1 have the ligature of f and i, the most frequent, each where the other has what few languages need; without it
    other ligatures and a dash tell T1, those that stand where two f may tell either, and nothing else which it is, nor whether
    something changed the codes of what TeX wrote: then none is known. Capitals with accents come only with small ones: quotes of
    other encodings have their codes.

    Args: doubled: those of `DOUBLED` that stand behind vowels wherever they come.
    """
    old, new = (sum(code == fi for code in codes) for fi in (12, 28))
    least = min(codes, default=0)
    if not old and not new and least >= _LEAST_T1:
        new = sum(code in _ONLY_T1 or code in doubled for code in codes)
    elif not old and not new and least >= _LEAST_OT1 and doubled and DOUBLED.intersection(codes) == set(doubled):
        old = 1
    if old == new:
        return {}
    if old > new:
        return ASCII | _OT1
    capitals = _T1_CAPITALS if any(code in _T1_SMALL for code in codes) else {}
    return ASCII | _LATIN | _T1 | _T1_SMALL | capitals


def font_of_formulas(codes: Collection[int]) -> str | None:
    """`LETTERS` or `SIGNS`, by all codes of a font whose letters make no words, beside text by TeX; None: they don't tell."""
    small = {code for code in codes if ord("a") <= code <= ord("z")}
    letters = len(small & _OF_FORMULAS)
    if letters > 1 or (letters and not _PARTED.isdisjoint(codes)):
        return LETTERS
    opened, closed = (sum(code == ord(brace) for code in codes) for brace in "fg")
    return SIGNS if small <= _ALSO_SIGNS and (min(codes) < ord(" ") or opened == closed > 0) else None


def large_sign(name: str, code: int) -> str | None:
    """The character that a font of TeX's has at this code for what grows with a formula: sums, integrals, brackets, roots.

    "" is a piece that adds nothing; None: the font is no such, or has none there.
    """
    if code >= len(_LARGE_SIGNS) or not _EXTENSION.match(SUBSET.sub("", name)):
        return None
    return _LARGE_SIGNS[code].strip()


def sign_of_tex(name: str, code: int) -> str | None:
    """As `large_sign`, of the fonts of formulas in which signs are as large as letters."""
    face = SUBSET.sub("", name)
    return next((signs[code].strip() for of, signs in _SIGNS if code < len(signs) and of.match(face)), None)
