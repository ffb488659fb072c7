"""The text layer of a PDF page: characters of pdfium with their boxes and fonts → words in the page as displayed."""

import ctypes
import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pypdfium2.raw as pdfium

from kbray.document.layout.words import Word
from kbray.geometry import Box

_BOLD = re.compile(r"bold|black|heavy|demi|[-,.](?:bd|b|bi)$", re.IGNORECASE)
_MONO = re.compile(r"courier|mono|consol|menlo|typewriter|cmtt|inconsolata|sourcecode|firacode", re.IGNORECASE)
_FIXED_PITCH = 1  # of the font descriptor's flags
_ITALIC = re.compile(r"ital|obli|slant", re.IGNORECASE)
_SPACES = frozenset((0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x1680, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)))
_BREAKS = frozenset((0x0A, 0x0D))
_DROPPED = frozenset((0x200B, 0x200C, 0x2060, 0xFEFF, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
# Accents that stand for themselves, as TeX and its like print them over a letter → those that combine with it.
_ACCENTS = dict(
    zip(
        (0x60, 0x2CB, 0xB4, 0x2CA, 0x5E, 0x2C6, 0x7E, 0x2DC, 0xA8, 0xAF, 0x2C9, 0x2D8, 0x2D9, 0x2DA, 0x2DD, 0x2C7, 0xB8, 0x2DB),
        "\u0300\u0300\u0301\u0301\u0302\u0302\u0303\u0303\u0308\u0304\u0304\u0306\u0307\u030a\u030b\u030c\u0327\u0328",
        strict=True,
    )
)
_ROW = 4.0  # points; of letters that are looked for together
_DOTLESS = {"\u0131": "i", "\u0237": "j"}
_MAX_CHARACTERS = 1_000_000  # a page with more is not read further


@dataclass(frozen=True, slots=True)
class Frame:
    """From PDF user space to points from the top left of the page as displayed, after /Rotate."""

    left: float
    bottom: float
    right: float
    top: float
    quarter: int  # /Rotate in quarter turns, clockwise

    @property
    def width(self) -> float:
        return self.right - self.left if self.quarter % 2 == 0 else self.top - self.bottom

    @property
    def height(self) -> float:
        return self.top - self.bottom if self.quarter % 2 == 0 else self.right - self.left

    def point(self, x: float, y: float) -> tuple[float, float]:
        match self.quarter:
            case 0:
                return x - self.left, self.top - y
            case 1:
                return y - self.bottom, x - self.left
            case 2:
                return self.right - x, y - self.bottom
            case _:
                return self.top - y, self.right - x

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        x0, y0 = self.point(left, bottom)
        x1, y1 = self.point(right, top)
        return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


@dataclass(frozen=True, slots=True)
class PageText:
    """Words by the quarter turn (clockwise) that makes them upright, with their boxes in the page so turned."""

    words: dict[int, list[Word]]
    characters: int  # drawn, white space not counted
    unreadable: int  # of these, without a meaning in Unicode

    @property
    def garbled(self) -> bool:
        """Too many characters mean nothing: the page is better recognised from its picture."""
        return self.unreadable > 0.25 * self.characters


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    bold: bool
    italic: bool
    mono: bool
    quarter: int  # turn, clockwise, that makes the text upright as displayed


class _Reader:
    """Reads one text page; holds the buffers that pdfium writes into."""

    def __init__(self, text_page: Any, frame: Frame) -> None:
        self.text_page = text_page
        self.frame = frame
        self.matrix = pdfium.FS_MATRIX()
        self.x, self.y = ctypes.c_double(), ctypes.c_double()
        self.styles: dict[int, _Style] = {}  # by the address of the text object
        self.fonts: dict[int, tuple[bool, bool, bool]] = {}  # by that of the font

    def style(self, index: int) -> _Style:
        """Of the character; all of one text object are alike, and asking pdfium is what costs."""
        text_object = pdfium.FPDFText_GetTextObject(self.text_page, index)
        if not text_object:
            return self._style(index, False, False, False)
        key = ctypes.addressof(text_object.contents)
        if key not in self.styles:
            self.styles[key] = self._style(index, *self._font(text_object))
        return self.styles[key]

    def _style(self, index: int, bold: bool, italic: bool, mono: bool) -> _Style:
        if not pdfium.FPDFText_GetMatrix(self.text_page, index, self.matrix):
            return _Style(0.0, False, False, False, 0)
        m = self.matrix
        size = pdfium.FPDFText_GetFontSize(self.text_page, index) * math.hypot(m.c, m.d)
        turn = round(math.degrees(math.atan2(m.b, m.a)) / 90.0)
        italic = italic or abs(m.c) > 0.15 * abs(m.d) > 0
        return _Style(round(abs(size), 1), bold, italic, mono, (turn - self.frame.quarter) % 4)

    def _font(self, text_object: Any) -> tuple[bool, bool, bool]:
        """Bold, italic, of one width."""
        font = pdfium.FPDFTextObj_GetFont(text_object)
        if not font:
            return False, False, False
        key = ctypes.addressof(font.contents)
        if key not in self.fonts:
            name = ctypes.create_string_buffer(256)
            length = pdfium.FPDFFont_GetBaseFontName(font, name, 256)
            base = name.value.decode("utf-8", "replace") if 0 < length <= 256 else ""
            weight = pdfium.FPDFFont_GetWeight(font)
            mono = bool(pdfium.FPDFFont_GetFlags(font) & _FIXED_PITCH) or bool(_MONO.search(base))
            self.fonts[key] = (bool(_BOLD.search(base)) or weight >= 700, bool(_ITALIC.search(base)), mono)
        bold, italic, mono = self.fonts[key]
        thickened = pdfium.FPDFTextObj_GetTextRenderMode(text_object) == pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE
        return bold or thickened, italic, mono

    def baseline(self, index: int, quarter: int) -> float:
        """Of the character, from the top of the page turned upright."""
        pdfium.FPDFText_GetCharOrigin(self.text_page, index, self.x, self.y)
        x, y = self.frame.point(self.x.value, self.y.value)
        return turned(Box(x, y, x, y), quarter, self.frame.width, self.frame.height).top


def read_words(page: Any, frame: Frame) -> PageText:
    """All words of a loaded page (raw pdfium handle), in the order of its content stream."""
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        return PageText({}, 0, 0)
    try:
        return _collect(text_page, frame)
    finally:
        pdfium.FPDFText_ClosePage(text_page)


def turned(box: Box, quarter: int, width: float, height: float) -> Box:
    """The box after the page of `width` × `height` was turned clockwise by so many quarters."""
    match quarter % 4:
        case 0:
            return box
        case 1:
            return Box(height - box.bottom, box.left, height - box.top, box.right)
        case 2:
            return Box(width - box.right, height - box.bottom, width - box.left, height - box.top)
        case _:
            return Box(box.top, width - box.right, box.bottom, width - box.left)


@dataclass(slots=True)
class _Pending:
    """The word being read: its characters, its extent in user space, and the index of its first character."""

    first: int
    style: _Style
    sideways: bool  # written along the vertical of user space: its height is across that
    spaced: bool
    text: str
    left: float
    bottom: float
    right: float
    top: float
    height: float = 0.0  # of the character read last

    def __post_init__(self) -> None:
        self.height = self.right - self.left if self.sideways else self.top - self.bottom

    def takes(self, text: str, left: float, bottom: float, right: float, top: float) -> bool:
        """The character is the word's next; not after a jump or a change of size, though no space stands between.

        This runs for each character of a document: hence comparisons where min and max would read better.
        """
        height = right - left if self.sideways else top - bottom
        high = self.height if self.height > 0.5 else 0.5
        change, jump = 0.15 * high, 0.3 * high
        if height - self.height > change or self.height - height > change:
            return False
        if left - self.right > jump or self.left - right > jump or bottom - self.top > jump or self.bottom - top > jump:
            return False
        if left < self.left:  # noqa: PLR1730
            self.left = left
        if bottom < self.bottom:  # noqa: PLR1730
            self.bottom = bottom
        if right > self.right:  # noqa: PLR1730
            self.right = right
        if top > self.top:  # noqa: PLR1730
            self.top = top
        self.text += text
        self.height = height
        return True

    def adjoins(self, left: float, bottom: float, top: float) -> bool:
        """Something upright stands right behind the word, on its line."""
        near = 0.1 * self.height
        return (
            not self.sideways
            and -2 * near <= left - self.right <= near
            and max(abs(bottom - self.bottom), abs(top - self.top)) <= near
        )


def _collect(text_page: Any, frame: Frame) -> PageText:
    get_box, has_no_meaning = pdfium.FPDFText_GetLooseCharBox, pdfium.FPDFText_HasUnicodeMapError
    reader = _Reader(text_page, frame)
    rect = pdfium.FS_RECTF()
    words: dict[int, list[Word]] = {}
    pending: _Pending | None = None
    spaced, broken = True, False
    characters = unreadable = 0
    high_surrogate = 0

    def close() -> None:
        if pending is not None:
            word, quarter = _finished(reader, pending)
            words.setdefault(quarter, []).append(word)

    codes = _codes(text_page)
    accented = _accented(text_page, codes)
    for index, code in enumerate(codes):
        if code in _SPACES:
            if code in _BREAKS and pending is not None and pdfium.FPDFText_IsGenerated(text_page, index):
                broken = True  # perhaps: pdfium also breaks a word before a letter that is kerned and drawn by itself
                continue
            close()
            pending, broken = None, False
            # A space that pdfium made up counts only where the gap is wide enough for one: small capitals fool it.
            spaced = spaced or code in _BREAKS or not pdfium.FPDFText_IsGenerated(text_page, index)
            continue
        if code in _DROPPED:
            continue
        characters += 1
        if 0xD800 <= code < 0xDC00:
            high_surrogate = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high_surrogate - 0xD800) << 10) + code - 0xDC00 if high_surrogate else 0
            high_surrogate = 0
        text = accented[index] if index in accented else _readable(code)
        if index not in accented and (not text or has_no_meaning(text_page, index) == 1):
            unreadable += 1
        if not text or not get_box(text_page, index, rect):
            continue
        place = rect.left, rect.bottom, rect.right, rect.top
        if broken and pending is not None and not pending.adjoins(rect.left, rect.bottom, rect.top):
            close()
            pending, spaced = None, True
        broken = False
        if pending is None or not pending.takes(text, *place):
            close()
            style = reader.style(index)
            pending = _Pending(index, style, (style.quarter + frame.quarter) % 2 == 1, spaced, text, *place)
            spaced = False
    close()
    return PageText(words, characters, unreadable)


def _accented(text_page: Any, codes: list[int]) -> dict[int, str]:
    """Letters that an accent of its own is printed over, with it; and these accents, as nothing: index → text.

    Where they are in the text tells little: pdfium puts what overlaps to the end of the line.
    """
    if _ACCENTS.keys().isdisjoint(codes):
        return {}
    rect = pdfium.FS_RECTF()
    letters: dict[int, list[tuple[int, float, float, float, float]]] = {}  # by height → index, centre, width, height
    accents: list[tuple[int, float, float, float, float]] = []
    for index, code in enumerate(codes):
        mark = code in _ACCENTS
        if (mark or (code > 0x40 and chr(code).isalpha())) and pdfium.FPDFText_GetLooseCharBox(text_page, index, rect):
            x, y = (rect.left + rect.right) / 2, (rect.bottom + rect.top) / 2
            found = index, x, y, rect.right - rect.left, rect.top - rect.bottom
            accents.append(found) if mark else letters.setdefault(int(y // _ROW), []).append(found)
    texts: dict[int, str] = {}
    for index, x, y, width, height in accents:
        rows = range(int((y - height) // _ROW), int((y + height) // _ROW) + 1)
        near = [
            (abs(x - at), letter)
            for row in rows
            for letter, at, up, wide, high in letters.get(row, ())
            # Next to each other, their centres would be half of both widths apart.
            if abs(x - at) < 0.35 * max(width, wide) and abs(y - up) < 0.35 * max(height, high)
        ]
        if near:
            letter = min(near)[1]
            base = texts.get(letter) or chr(codes[letter])
            texts[letter] = unicodedata.normalize("NFC", _DOTLESS.get(base, base) + _ACCENTS[codes[index]])
            texts[index] = ""
    return texts


def _codes(text_page: Any) -> list[int]:
    """Of all characters, a surrogate where pdfium has one. All at once if it can be: a call for each takes its time."""
    count = min(pdfium.FPDFText_CountChars(text_page), _MAX_CHARACTERS)
    buffer = (ctypes.c_ushort * (count + 1))()
    if pdfium.FPDFText_GetText(text_page, 0, count, buffer) == count + 1:
        return list(buffer[:count])
    return [pdfium.FPDFText_GetUnicode(text_page, index) for index in range(count)]


def _finished(reader: _Reader, pending: _Pending) -> tuple[Word, int]:
    style = pending.style
    frame = reader.frame
    displayed = frame.box(pending.left, pending.bottom, pending.right, pending.top)
    box = turned(displayed, style.quarter, frame.width, frame.height)
    size = style.size if 0.3 * box.height <= style.size <= 3 * box.height else round(box.height / 1.2, 1)
    baseline = reader.baseline(pending.first, style.quarter)
    if not box.top - size <= baseline <= box.bottom + size:
        baseline = box.bottom - 0.2 * size
    # Fonts tell their ascent and descent as they like; a box holds at least capitals and the tails of letters.
    box = Box(box.left, min(box.top, baseline - 0.72 * size), box.right, max(box.bottom, baseline + 0.2 * size))
    word = Word(
        text=pending.text,
        box=box,
        size=max(size, 0.1),
        baseline=baseline,
        bold=style.bold,
        italic=style.italic,
        mono=style.mono,
        order=pending.first,
        spaced=pending.spaced,
    )
    return word, style.quarter


@lru_cache(4096)
def _readable(code: int) -> str:
    """The character as text; empty for what has no meaning (controls, private use, U+FFFD)."""
    if 0x20 < code < 0x7F:
        return chr(code)
    if code in (0x02, 0xFFFE):  # what pdfium makes of a hyphen at a line's end
        return "-"
    if 0xF000 <= code <= 0xF0FF:  # symbol fonts: their bullets are the only ones that come often
        return "•" if code in (0xF0B7, 0xF0A7, 0xF0D8, 0xF076, 0xF06E) else ""
    if code > 0x10FFFF or code == 0xFFFD or 0xE000 <= code <= 0xF8FF or 0xD800 <= code <= 0xDFFF:
        return ""
    character = chr(code)
    if 0xFB00 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFC:  # Latin, Hebrew and Arabic ligatures and letter forms
        return unicodedata.normalize("NFKC", character).strip()
    return "" if unicodedata.category(character) in ("Cc", "Cn") else character
