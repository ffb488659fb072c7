"""The text layer of a PDF page: characters of pdfium with their boxes and fonts → words in the page as displayed."""

import ctypes
import math
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache, partial
from itertools import compress, groupby, repeat, takewhile
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium

from kbray.document.layout.words import Word, is_cjk
from kbray.geometry import Box
from kbray.parse.faces import is_mono
from kbray.parse.pdf import calls
from kbray.parse.pdf.bitmaps import bitmaps_on
from kbray.parse.pdf.downwards import Placed, downwards
from kbray.parse.pdf.fonts import is_bold, is_math, is_slanted, of_one_width
from kbray.parse.pdf.glyphs import by_number
from kbray.parse.pdf.leftwards import (
    gaps,
    is_mark,
    is_mostly_leftwards,
    is_own_mark,
    kind_of,
    marked,
    may_be_leftwards,
    read_leftwards,
)
from kbray.parse.pdf.meanings import (
    accented_letters,
    by_font,
    encircled,
    icon,
    letters_of_tex,
    name_of,
    sign_of_symbols,
    signs_in,
)
from kbray.parse.pdf.recoded import recoded
from kbray.parse.pdf.tex import NAMED_BY_DVIPS, large_sign, sign_of_tex
from kbray.parse.symbols import symbols_of, translated

ARTIFACT = -1  # in place of a mark: no part of the document, but of the page, as running titles are
_ARTIFACT = "Artifact\0".encode("utf-16-le")
_FIXED_PITCH = 1  # of the font descriptor's flags
_SPACES = frozenset((0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x1680, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)))
_BREAKS = frozenset((0x0A, 0x0D))
_NOT_CODES = _SPACES | NAMED_BY_DVIPS.keys()  # which characters of bitmaps are known to be
_NOTHING = 0x200B
_HYPHENS = frozenset((0x2D, 0x02, 0xFFFE))  # the last two are what pdfium makes of one at a line's end
_SOFT_HYPHEN = 0xAD
_INK = 0.25  # of the height of a letter: a hyphen is lower
# What fonts of symbols have at places of private use: Adobe's, and so TeX's, pieces of brackets; others bullets, mostly.
_PRIVATE = dict(zip(range(0xF8EB, 0xF8FF), "⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪⎮⎞⎟⎠⎤⎥⎦⎫⎬⎭", strict=True))
_PRIVATE |= dict.fromkeys((0xF0B7, 0xF0A7, 0xF0D8, 0xF076, 0xF06E), "•")
# Codes of fonts of symbols that are no characters; Ghostscript counts those of a subset from 1.
_OF_SYMBOLS = frozenset((*range(0xF020, 0xF100), *range(0x80, 0xA0), *range(0x01, 0x09), *range(0x0E, 0x20)))
_DROPPED = frozenset((_NOTHING, 0x200C, 0x2060, 0xFEFF, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_UNSEEN = _SPACES | _DROPPED
# Signs have forms of their own where they stand in columns.
_STAND_FOR = dict.fromkeys(_HYPHENS, "-") | dict(
    zip((*range(0xFE10, 0xFE18), *range(0xFE35, 0xFE45)), "，、。：；！？〖（）｛｝〔〕【】《》〈〉「」『』", strict=True)
)
_MAX_CHARACTERS = 1_000_000  # a page with more is not read further
# Of a word: how far its letters may differ in height, and how far one may stand from the others, as shares of their height.
_SMALLER, _RAISED = 0.98, 0.25  # of the height of the letter before: the number of a note, in print that is hardly smaller
_BESIDE, _SHARED = 0.1, 0.4  # of the larger height: no blank between two words; of the smaller: they stand on one line
_CHANGE, _JUMP, _LEAST_HEIGHT = 0.15, 0.3, 0.5
# What stands so far apart, where the letters beside it touch, are two words, though no space is drawn between them.
_APART, _TOUCH = 0.2, 0.05
_BACK = 0.1  # of the width of a space: behind one that stands, the next letter is not this near to where it begins
_FLAT, _HIGHEST = 0.1, 2.0  # of the font size: letters have tails that are longer, and are not that high
_LEVEL = 0.5  # of the height of the lower of two letters: they share so much of it where they stand beside each other
_ASKEW = 10.0  # degrees: less is a page that was scanned so
_LEAST_SIZE = 0.3  # of the height of a word
_WIDEST = 1.2  # font sizes: the width of a letter
_HANGING = 0.2, 0.6  # … above and below the baseline: what stands so is below it as a whole
_COLUMNS = 3  # quarter turns that make lines of columns which are read from the top down and from the right
_AXIS = 0.25  # … at which what grows with a formula has its middle


@dataclass(frozen=True, slots=True)
class Frame:
    """From PDF user space to points from the top left of the page as displayed, after /Rotate."""

    left: float
    bottom: float
    right: float
    top: float
    quarter: int  # /Rotate in quarter turns, clockwise

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of the page in user space."""
        return self.left, self.bottom, self.right, self.top

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
    askew: list[Word]  # written across the page at another angle, with their boxes in it as displayed
    characters: int  # drawn, white space not counted
    unreadable: int  # of these, without a meaning in Unicode
    marks: Mapping[int, int] = field(default_factory=dict)  # by the order of words: the piece of marked content, or `ARTIFACT`

    @property
    def garbled(self) -> bool:
        """Too many characters mean nothing: the page is better recognised from its picture."""
        return self.unreadable > 0.25 * self.characters


@dataclass(frozen=True, slots=True)
class _Face:
    bold: bool = False
    mono: bool = False
    math: bool = False
    slanted: bool = False
    symbols: str = ""  # the name of the font, where that is one of symbols
    size: float | None = None  # in points; None: as the document tells it
    font: int = 0  # its address


_PLAIN = _Face()


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    quarter: int  # turn, clockwise, that makes the text upright as displayed, or nearly
    sideways: bool  # written along the vertical of user space: its height is across that
    askew: bool = False  # nearly is not enough
    face: _Face = _PLAIN
    downwards: bool = False  # its letters stand upright, one below the other, and are read as if they were turned


class _Reader:
    """Reads one text page; holds the buffers that pdfium writes into."""

    def __init__(self, text_page: Any, frame: Frame, faces: Mapping[int, _Face]) -> None:
        """Args: faces: of fonts (addresses) that don't tell theirs."""
        self.page = calls.pointer(text_page)
        self.frame = frame
        self.matrix = pdfium.FS_MATRIX()
        self.at_matrix = ctypes.byref(self.matrix)
        self.styles: dict[int, _Style] = {}  # by the address of the text object
        self.fonts = dict(faces)  # by that of the font

    def objects(self, indices: Iterable[int]) -> list[int | None]:
        """The text objects of the characters, by address."""
        return list(map(calls.object_of, repeat(self.page), indices))

    def style(self, index: int, text_object: int | None) -> _Style:
        """Of the character of a text object; all of one are alike, and asking pdfium is what costs."""
        if not text_object:
            return self._style(index, _PLAIN)
        style = self.styles.get(text_object)
        if style is None:
            style = self.styles[text_object] = self._style(index, self._face(text_object))
        return style

    def _style(self, index: int, face: _Face) -> _Style:
        if not calls.matrix_at(self.page, index, self.at_matrix):
            return _Style(0.0, 0, self.frame.quarter % 2 == 1)
        m, size = self.matrix, calls.font_size_of(self.page, index)
        return _style_of(m.a, m.b, m.c, m.d, size, self.frame.quarter, face)

    def _face(self, text_object: int) -> _Face:
        address = calls.font_of(text_object)
        if not address:
            return _PLAIN
        if address not in self.fonts:
            font, base = ctypes.cast(address, pdfium.FPDF_FONT), name_of(address)
            weight, angle = pdfium.FPDFFont_GetWeight(font), ctypes.c_int()
            pdfium.FPDFFont_GetItalicAngle(font, angle)
            mono = bool(pdfium.FPDFFont_GetFlags(font) & _FIXED_PITCH) or is_mono(base)
            symbols = base if symbols_of(base) is not None else ""
            self.fonts[address] = _Face(
                is_bold(base, weight), mono, is_math(base), is_slanted(base, angle.value), symbols, font=address
            )
        face = self.fonts[address]
        thickened = calls.render_mode_of(text_object) == pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE
        return replace(face, bold=True) if thickened else face


@lru_cache(1000)  # a page has hundreds of text objects, and a handful of styles
def _style_of(a: float, b: float, c: float, d: float, size: float, page_quarter: int, face: _Face) -> _Style:
    """Args: a, b, c, d: of the text's matrix. size: of its font, before that; one below zero turns the text upside down, too."""
    angle = math.degrees(math.atan2(b, a) if size >= 0 else math.atan2(-b, -a))
    turn = round(angle / 90.0)
    askew = abs(angle - 90.0 * turn) > _ASKEW
    size = face.size or round(abs(size * math.hypot(c, d)), 1)
    return _Style(size, (turn - page_quarter) % 4, turn % 2 == 1, askew, face)


def _is_flat(font: int) -> bool:
    """The font at this address tells nothing below the baseline, where its letters have tails; those of Type 3 tell anything."""
    ascent, descent = ctypes.c_float(), ctypes.c_float()
    of_font = ctypes.cast(font, pdfium.FPDF_FONT)
    known = pdfium.FPDFFont_GetAscent(of_font, 1.0, ascent) and pdfium.FPDFFont_GetDescent(of_font, 1.0, descent)
    return bool(known) and 0 < ascent.value < _HIGHEST and -_FLAT < descent.value < ascent.value


def read_words(page: Any, frame: Frame, *, marked: bool = False) -> PageText:
    """All words of a loaded page (raw pdfium handle), in the order of its content stream. marked: with their marks."""
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        return PageText({}, [], 0, 0)
    try:
        found = _collect(text_page, frame)
        return replace(found, marks=_marks(text_page, found)) if marked else found
    finally:
        pdfium.FPDFText_ClosePage(text_page)


def without(text: PageText, page: Any, gone: Set[int]) -> PageText:
    """The text of a loaded page (raw pdfium handle) but for the words of some text objects (addresses).

    All of it where those are half of it: so a text layer may be hidden, and what it lies over is a picture.
    """
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        return text
    try:
        at = calls.pointer(text_page)

        def left(words: Sequence[Word]) -> list[Word]:
            return [word for word in words if calls.object_of(at, word.order) not in gone]

        words = {quarter: found for quarter, some in text.words.items() if (found := left(some))}
        rest = replace(text, words=words, askew=left(text.askew))
    finally:
        pdfium.FPDFText_ClosePage(text_page)
    return rest if 2 * _letters(rest) > _letters(text) else text


def _letters(text: PageText) -> int:
    return sum(len(word.text) for words in (*text.words.values(), text.askew) for word in words)


def _marks(text_page: Any, found: PageText) -> dict[int, int]:
    orders = [word.order for words in (*found.words.values(), found.askew) for word in words]
    objects = map(calls.object_of, repeat(calls.pointer(text_page)), orders)
    mark = cache(_mark)
    marks = {order: mark(text_object) for order, text_object in zip(orders, objects, strict=True) if text_object}
    return {order: number for order, number in marks.items() if number is not None}


def _mark(text_object: int) -> int | None:
    number = calls.mark_of(text_object)
    if number >= 0:
        return int(number)
    item, length = ctypes.cast(text_object, pdfium.FPDF_PAGEOBJECT), ctypes.c_ulong()
    for index in range(max(0, pdfium.FPDFPageObj_CountMarks(item))):
        name = (ctypes.c_ushort * 16)()  # UTF-16, with a final zero
        mark = pdfium.FPDFPageObj_GetMark(item, index)
        named = pdfium.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), length) and bytes(name).startswith(_ARTIFACT)
        if named and pdfium.FPDFPageObjMark_CountParams(mark) > 0:  # captions in forms are such, too, but of no type
            return ARTIFACT
    return None


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


_Read = tuple[int, _Style, bool, str, float, float, float, float, float]
"""A word as it was read: the fields of `_Pending`. Most are known at once, and need no object of their own."""


@dataclass(slots=True)
class _Pending:
    """The word being read: its letters, its extent in user space, and the index of its first character."""

    first: int
    style: _Style
    spaced: bool
    text: str
    left: float
    top: float
    right: float
    bottom: float
    height: float  # of the letter read last

    def takes(self, text: str, left: float, top: float, right: float, bottom: float) -> bool:
        """The letter is the word's next; not after a jump or a change of size, though no space stands between."""
        sideways = self.style.sideways
        height = right - left if sideways else top - bottom
        high = max(self.height, _LEAST_HEIGHT)
        if abs(height - self.height) > _CHANGE * high:
            return False
        if text.isdecimal() and not sideways and height < _SMALLER * self.height and bottom - self.bottom > _RAISED * high:
            return False
        if max(left - self.right, self.left - right, bottom - self.top, self.bottom - top) > _JUMP * high:
            return False
        self.left, self.right = min(self.left, left), max(self.right, right)
        self.bottom, self.top = min(self.bottom, bottom), max(self.top, top)
        self.text += text
        self.height = height
        return True

    def read(self) -> _Read:
        return self.first, self.style, self.spaced, self.text, self.left, self.top, self.right, self.bottom, self.height

    def adjoins(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Something upright stands right behind the word, on its line."""
        near = 0.1 * self.height
        gap = self.left - right if kind_of(self.text[0]) in ("R", "AL") else left - self.right
        return (
            not self.style.sideways and -2 * near <= gap <= near and max(abs(bottom - self.bottom), abs(top - self.top)) <= near
        )

    def touches(self, text: str, left: float, top: float, right: float, bottom: float) -> bool:
        """Something raised or lowered, or what stands at that, is right beside the word: the line changes, and there is no blank.

        Between a mark and the word behind it there is one: of an affiliation, of a note.
        """
        size, height = self.top - self.bottom, top - bottom
        if self.style.sideways or (size < height and self.text.isalnum() and text.isalnum()):
            return False
        near = _BESIDE * max(size, height)
        shared = min(top, self.top) - max(bottom, self.bottom)
        return abs(max(left - self.right, self.left - right)) <= near and shared >= _SHARED * min(size, height)


def _begun(index: int, style: _Style, text: str, spaced: bool, left: float, top: float, right: float, bottom: float) -> _Pending:
    """A word that begins with this letter, which has this index and place."""
    height = right - left if style.sideways else top - bottom
    return _Pending(index, style, spaced, text, left, top, right, bottom, height)


def raise_hyphens(codes: Sequence[int], boxes: np.ndarray) -> None:
    """Makes hyphens as high as the letter before, where all that is told of them is how low their ink is, as of some fonts.

    Args: boxes: (letters, 4): left, top, right, bottom in user space; mended in place.
    """
    for place in compress(range(1, len(codes)), map(_HYPHENS.__contains__, codes[1:])):
        (_, top, _, bottom), (_, upper, _, lower) = boxes[place], boxes[place - 1]
        if lower <= bottom <= top <= upper and top - bottom < _INK * (upper - lower):
            boxes[place, [1, 3]] = upper, lower


def parted(texts: Sequence[str], indices: Sequence[int], boxes: np.ndarray, begins: np.ndarray) -> set[int]:
    """Places of letters that begin a word though no white space is there: behind a gap, with none between the letters beside it.

    A word of one letter has a gap on either side.
    Args: indices: of the letters among all characters. boxes: as of `raise_hyphens`. begins: places behind white space.
    """
    left, top, right, bottom = boxes.T
    gaps = (left[1:] - right[:-1]) / np.maximum((top - bottom)[:-1], _LEAST_HEIGHT)
    gaps[begins[1:] - 1] = 0.0
    touch = np.pad((gaps >= -_APART) & (gaps <= _TOUCH), 2, constant_values=True)  # an f leans over what is next
    apart = np.pad(gaps > _APART, 1)
    before, behind = touch[1:-3], touch[3:-1]
    alone = (before & apart[2:] & touch[4:]) | (behind & apart[:-2] & touch[:-4])
    return {
        place + 1
        for place in np.flatnonzero((gaps > _APART) & ((before & behind) | alone)).tolist()
        if indices[place + 1] == indices[place] + 1  # else a sign without meaning stands there
        and texts[place][-1:].isalpha()
        and texts[place + 1][:1].isalpha()
    }


def _hyphens_in_three(codes: Sequence[int]) -> list[int]:
    """Where hyphens begin that mean all that a hyphen may be, as macOS tells of those of Word: one sign, three characters."""
    return [
        index
        for index in (compress(range(len(codes) - 2), map(_SOFT_HYPHEN.__eq__, codes[1:])) if _SOFT_HYPHEN in codes else ())
        if codes[index] == 0x2D and codes[index + 2] == 0x2010
    ]


def _sides(page: calls.Pointer, index: int) -> tuple[float, float]:
    """Left and right of a character; 0 where it has no box."""
    box = np.zeros((1, 4), np.float32)
    calls.box_of(page, index, next(calls.places(box)))
    return float(box[0, 0]), float(box[0, 2])


def _origin(page: calls.Pointer, index: int) -> float:
    """Where a character stands, from the left; some reach back over that."""
    origin = np.zeros(2)
    calls.origin_of(page, index, *calls.places(origin))
    return float(origin[0])


class _Letters:
    """The characters of a page that are drawn and mean something, in the order of its content stream."""

    def __init__(self, text_page: Any, codes: list[int]) -> None:
        page = calls.pointer(text_page)
        unmapped = list(compress(range(len(codes)), map(calls.is_unmapped, repeat(page), range(len(codes)))))
        of_script = recoded(page, codes)
        for index, text in of_script.items():
            codes[index] = ord(text)
        fonts = by_font(page, [index for index in unmapped if index not in of_script])
        numbered = by_number(page, codes, fonts)
        for index, text in numbered.items():
            codes[index] = ord(text[0])
        unmapped = [index for index in unmapped if not (index in of_script or index in numbered)]
        fonts = {font: rest for font, indices in fonts.items() if (rest := [one for one in indices if one not in numbered])}
        bitmaps = bitmaps_on(page, codes)
        unnamed = {font: indices for font, indices in fonts.items() if not name_of(font)}
        for font, indices in bitmaps.fonts.items():
            unknown = set(unnamed.get(font, ()))
            unnamed[font] = [index for index in indices if index in unknown or codes[index] not in _NOT_CODES]
        of_tex, mono = letters_of_tex(page, codes, unnamed)
        for index, text in of_tex.items():
            codes[index] = ord(text)
        accented = accented_letters(text_page, codes, bitmaps.level)
        large = signs_in(codes, fonts, large_sign)
        signs = large | signs_in(codes, fonts, sign_of_tex) | signs_in(codes, fonts, icon)
        signs |= encircled(codes, signs, partial(_sides, page))
        for index, sign in signs.items():
            codes[index] = ord(sign) if sign else _NOTHING
        for index in [] if _OF_SYMBOLS.isdisjoint(codes) else compress(range(len(codes)), map(_OF_SYMBOLS.__contains__, codes)):
            codes[index] = sign_of_symbols(page, index, codes[index])
        hyphens = _hyphens_in_three(codes)
        for index in hyphens:
            codes[index + 1] = codes[index + 2] = _NOTHING
        texts = list(map(_MEANINGS.__getitem__, codes))
        self.characters = len(texts) - texts.count(None)  # drawn, white space not counted
        for index, text in accented.items():
            texts[index] = text
        for index, text in numbered.items():
            if len(text) > 1:
                texts[index] = text
        meant = list(compress(range(len(texts)), texts))
        unmapped = [index for index in unmapped if texts[index] and not (index in signs or index in of_tex or index in accented)]
        self.unreadable = self.characters - len(meant) - list(accented.values()).count("") + len(unmapped)
        boxes = np.empty((len(meant), 4), np.float32)
        known = list(map(calls.box_of, repeat(page), meant, calls.places(boxes)))
        roots = compress(meant, map("√".__eq__, filter(None, texts))) if "√" in texts else ()
        for index in {*filter(texts.__getitem__, large), *roots}:  # they hang
            boxes[bisect_left(meant, index)] = _tight(text_page, index)
        for index in hyphens:
            boxes[bisect_left(meant, index), 2] = _sides(page, index + 2)[1]
        self.indices = list(compress(meant, known))
        self.texts = list(filter(None, texts)) if all(known) else [texts[index] or "" for index in self.indices]
        boxes = boxes if all(known) else boxes[np.array(known, bool)]
        self.boxes = boxes.astype(float)  # (letters, 4): left, top, right, bottom in user space
        self.apart: set[int] = set()  # places of letters that begin a word, though no white space stands before them
        self.spaced: set[int] = set()  # … of these, behind white space that is not in `codes` any more
        bitmaps.level(self.indices, self.boxes)
        self.faces = {font: _Face(mono=font in mono, size=bitmaps.sizes.get(font)) for font in mono | bitmaps.sizes.keys()}
        raise_hyphens([codes[index] for index in self.indices], self.boxes)

    def put_in_order(self, text_page: Any, codes: list[int]) -> bool:
        """As they are read, where some are of right-to-left scripts; True where most are."""
        if not may_be_leftwards(codes):
            return False
        spaces = list(compress(range(len(codes)), map(_SPACES.__contains__, codes)))
        breaks = [index for index in spaces if codes[index] in _BREAKS]
        page = calls.pointer(text_page)
        made_up = set(filter(partial(calls.is_generated, page), spaces))
        torn = self._torn(page, codes, spaces, made_up)
        breaks = [index for index in breaks if index not in torn]
        doubtful = torn.union(self._in_rows_of(torn, breaks, spaces))
        for index in doubtful:
            codes[index] = _NOTHING
        spaces = [index for index in spaces if index not in doubtful]
        letters = self._plain()
        self._put_marks_to_their_letters()
        rows, runs = (np.searchsorted(places, self.indices).tolist() for places in (breaks, spaces))
        in_doubt = set(np.searchsorted(spaces, sorted(doubtful)).tolist())
        spaced = len(made_up - doubtful) < len(spaces)
        order, mostly = read_leftwards(self.texts, self.boxes, rows, runs, spaced=spaced, torn=in_doubt)
        self._take(order)
        self._part(np.array([runs[place] in in_doubt for place in order], bool), letters, sorted(doubtful - torn))
        return mostly

    def _plain(self) -> list[int]:
        """The indices of those that are no marks."""
        return [index for index, text in zip(self.indices, self.texts, strict=True) if not is_mark(text[0])]

    def _in_rows_of(self, torn: Set[int], breaks: Sequence[int], spaces: Sequence[int]) -> Iterable[int]:
        """White space in the rows of that which is torn, where these are written from right to left."""
        rows = np.searchsorted(breaks, self.indices)
        for row in sorted({bisect_left(breaks, index) for index in torn}):
            begin, end = rows.searchsorted((row, row + 1)).tolist()
            if is_mostly_leftwards("".join(self.texts[begin:end])):
                yield from spaces[bisect_left(spaces, self.indices[begin]) : bisect_left(spaces, self.indices[end - 1])]

    def _part(self, in_doubt: np.ndarray, letters: Sequence[int], spaces: Sequence[int]) -> None:
        """Words in runs whose white space is in doubt: behind gaps, and where some is still between the same two letters.

        Args: in_doubt: (letters) those of such runs. letters, spaces: indices of what is no mark, and of white space.
        """
        next_to = np.diff(np.searchsorted(letters, self.indices)) == 1
        told = next_to & (np.diff(np.searchsorted(spaces, self.indices)) > 0) & in_doubt[1:]
        self.spaced = set((np.flatnonzero(told) + 1).tolist())
        self.apart = self.spaced.union((np.flatnonzero(gaps(self.boxes) & in_doubt[1:] & in_doubt[:-1]) + 1).tolist())

    def _torn(self, page: calls.Pointer, codes: Sequence[int], spaces: Sequence[int], made_up: Set[int]) -> set[int]:
        """White space that pdfium made up within a line, perhaps within a word, since a mark is not where its letter is.

        Behind such a mark it takes what goes on for a line of its own, so that there may be some between two letters, too.
        """
        plain = [place for place, text in enumerate(self.texts) if not is_mark(text[0])]
        indices = [self.indices[place] for place in plain]
        by_marks, others = set(), set()
        for index in spaces:
            at = bisect_left(indices, index)
            if not 0 < at < len(plain) or not (index in made_up or _is_thin(page, index)):
                continue
            before, behind = plain[at - 1], plain[at]
            (_, top, _, bottom), (_, upper, _, lower) = self.boxes[before], self.boxes[behind]
            if min(top, upper) - max(bottom, lower) <= _LEVEL * min(top - bottom, upper - lower):
                continue
            leftwards = [is_mostly_leftwards(self.texts[place]) for place in (before, behind)]
            place = bisect_left(self.indices, index)
            if any(leftwards) and (is_own_mark(self.texts[place - 1][0]) or is_own_mark(self.texts[place][0])):
                by_marks.add(index)
            elif all(leftwards) and codes[index] in _BREAKS:
                others.add(index)
        return by_marks | others if by_marks else by_marks

    def level(self, text_page: Any, begins: np.ndarray) -> None:
        """Makes letters that one text object draws beside each other as high as all of them.

        All have one size; but where the font does not tell how low its letters reach, as in prints of LibreOffice 7, the box of a
        letter is as low as its ink, and a p or g would end the word. Args: begins: places of letters behind white space.
        """
        _, top, _, bottom = self.boxes.T
        height = top - bottom
        shared = np.minimum(top[1:], top[:-1]) - np.maximum(bottom[1:], bottom[:-1])
        uneven = np.abs(np.diff(height)) > _CHANGE * np.maximum(height[:-1], _LEAST_HEIGHT)
        uneven &= shared > _LEVEL * np.minimum(height[1:], height[:-1])
        uneven[begins[1:] - 1] = False
        page = calls.pointer(text_page)
        ends = [*begins[1:].tolist(), len(height)]
        is_flat = cache(_is_flat)
        for run in np.unique(begins.searchsorted(np.flatnonzero(uneven), "right") - 1).tolist():
            end = begins[run]
            for drawn, letters in groupby(map(calls.object_of, repeat(page), self.indices[end : ends[run]])):
                at, end = end, end + len(list(letters))
                font = calls.font_of(drawn) if drawn else None
                if font and is_flat(font):
                    self.boxes[at:end, 1], self.boxes[at:end, 3] = top[at:end].max(), bottom[at:end].min()

    def _put_marks_to_their_letters(self) -> None:
        places = marked(self.texts, self.boxes)
        for mark, letter in places.items():
            self.indices[mark] = self.indices[letter]
            self.boxes[mark] = self.boxes[letter]
        self._take(sorted(range(len(self.indices)), key=lambda place: (places.get(place, place), place in places)))

    def _take(self, order: list[int]) -> None:
        self.indices = [self.indices[place] for place in order]
        self.texts = [self.texts[place] for place in order]
        self.boxes = self.boxes[order]

    def translate(self, begin: int, end: int, reader: "_Reader", text_object: int | None, font: str) -> None:
        """Those of the text object, the first of these, from the codes of its font of symbols."""
        symbols = symbols_of(font) or {}
        objects = reader.objects(self.indices[begin:end])
        for place in range(begin, begin + sum(1 for _ in takewhile(text_object.__eq__, objects))):
            letter, accents = self.texts[place][:1], self.texts[place][1:]
            if not accents or is_mark(accents[0]):
                self.texts[place] = translated(symbols, letter) + accents

    def box(self, index: int) -> list[float]:
        found: list[float] = self.boxes[index].tolist()
        return found


_Run = tuple[list[tuple[bool, int]], int, int, bool, tuple[float, float, float, float], float]
"""Letters without white space between them: the white space in front of them (whether it breaks a line, whether pdfium made it
up), the first of them and the one behind the last, whether they are one word, if it is upright, the box around them, the height
of the last."""


def _runs(letters: _Letters, text_page: Any, codes: list[int]) -> Iterable[_Run]:
    """All letters are compared at once, which takes a fraction of the time that one after the other would.

    One that the letter before would take, the word does too: its extent is larger, and its height that of the letter.
    """
    if not letters.indices:
        return ()
    spaces = list(compress(range(len(codes)), map(_SPACES.__contains__, codes)))
    breaks = map(_BREAKS.__contains__, map(codes.__getitem__, spaces))
    told = list(zip(breaks, map(calls.is_generated, repeat(calls.pointer(text_page)), spaces), strict=True))
    passed = np.array(spaces, int).searchsorted(np.array(letters.indices))  # how much white space is before each
    begins = np.flatnonzero(np.diff(passed, prepend=-1))
    letters.level(text_page, begins)
    letters.apart |= parted(letters.texts, letters.indices, letters.boxes, begins)
    left, top, right, bottom = letters.boxes.T
    height = top - bottom
    high = np.maximum(height[:-1], _LEAST_HEIGHT)
    for place in _taken_back(letters, calls.pointer(text_page), spaces, passed):
        told[place] = (False, True)
    jump = np.maximum.reduce([left[1:] - right[:-1], left[:-1] - right[1:], bottom[1:] - top[:-1], bottom[:-1] - top[1:]])
    taken = np.ones(len(height), bool)
    raised = (height[1:] < _SMALLER * height[:-1]) & (np.diff(bottom) > _RAISED * high)
    raised[raised] = [letters.texts[place + 1].isdecimal() for place in np.flatnonzero(raised)]
    taken[1:] = (np.abs(np.diff(height)) <= _CHANGE * high) & (jump <= _JUMP * high) & ~raised
    taken[list(letters.apart)] = False
    taken[begins] = True
    ends = np.append(begins[1:], len(height))
    upto = passed[begins].tolist()
    sides = (np.minimum, left), (np.maximum, top), (np.maximum, right), (np.minimum, bottom)
    return zip(
        [told[before:after] for before, after in zip([0, *upto[:-1]], upto, strict=True)],
        begins.tolist(),
        ends.tolist(),
        np.logical_and.reduceat(taken, begins).tolist(),
        zip(*(extreme.reduceat(side, begins).tolist() for extreme, side in sides), strict=True),
        height[ends - 1].tolist(),
        strict=True,
    )


def _taken_back(letters: _Letters, page: calls.Pointer, spaces: Sequence[int], passed: np.ndarray) -> Iterator[int]:
    """Places of white space within words: troff draws some, and goes back over it. passed: how much is before each letter."""
    left, top, right, bottom = letters.boxes.T
    gaps = (left[1:] - right[:-1]) / np.maximum((top - bottom)[:-1], _LEAST_HEIGHT)
    touch = (np.diff(passed) == 1) & (gaps >= -_APART) & (gaps <= _TOUCH) & (bottom[1:] == bottom[:-1])
    for before in np.flatnonzero(touch).tolist():
        place = int(passed[before])
        begin, end = _sides(page, spaces[place])
        if end > begin and _origin(page, letters.indices[before + 1]) < begin + _BACK * (end - begin):
            yield place


def _collect(text_page: Any, frame: Frame) -> PageText:
    codes = _codes(text_page)
    letters = _Letters(text_page, codes)
    leftwards = letters.put_in_order(text_page, codes)
    indices, texts = letters.indices, letters.texts
    reader = _Reader(text_page, frame, letters.faces)
    found: list[_Read] = []
    spaced, broken, length = True, False, 0
    goes_on = False  # the last of those found, perhaps
    runs = list(_runs(letters, text_page, codes))
    objects = reader.objects([indices[run[1]] for run in runs])
    for (before, begin, end, whole, box, height), text_object in zip(runs, objects, strict=True):
        # Boxes of what is written across the page overlap; but letters along an arc are read one by one.
        by_gap = not (found and found[-1][1].askew and max(length, end - begin) > 1)
        length = end - begin
        for breaks, is_made_up in before:
            made_up = is_made_up and by_gap
            if breaks and made_up and goes_on:
                broken = True  # perhaps: pdfium also breaks a word before a letter that is kerned and drawn by itself
                continue
            goes_on = broken = False
            # A space that pdfium made up counts only where the gap is wide enough for one: small capitals fool it.
            spaced = spaced or breaks or not made_up
        pending = _Pending(*found[-1]) if goes_on else None
        if broken and pending is not None and not pending.adjoins(*letters.box(begin)):
            spaced = not pending.touches(texts[begin], *letters.box(begin))
            pending = None
        broken, goes_on = False, True
        at = begin
        if pending is not None:
            found.pop()
        else:
            style = reader.style(indices[begin], text_object)
            if style.face.symbols:
                letters.translate(begin, end, reader, text_object, style.face.symbols)
            if whole and not style.sideways:
                found.append((indices[begin], style, spaced, "".join(texts[begin:end]), *box, height))
                spaced = False
                continue
            pending, spaced = _begun(indices[begin], style, texts[begin], spaced, *letters.box(begin)), False
            at += 1
        for index in range(at, end):
            place = letters.box(index)
            if index in letters.apart or not pending.takes(texts[index], *place):
                found.append(pending.read())
                (text_object,) = reader.objects([indices[index]])
                style = reader.style(indices[index], text_object)
                if style.face.symbols:
                    letters.translate(index, end, reader, text_object, style.face.symbols)
                pending = _begun(indices[index], style, texts[index], spaced or index in letters.spaced, *place)
                spaced = False
        found.append(pending.read())
    found = _with_fonts_of_one_width(found)
    askew = [word for word in found if word[1].askew]
    upright = [word for word in found if not word[1].askew] if askew else found
    words = _finished(text_page, frame, _with_columns(upright, frame), leftwards)
    return PageText(words, _turned_upright(text_page, frame, 0, askew, False), letters.characters, letters.unreadable)


def _with_fonts_of_one_width(found: list[_Read]) -> list[_Read]:
    words = (
        (style.face.font, text, (right - left) / max(style.size, 0.1))
        for _, style, _, text, left, _, right, _, _ in found
        if style.face.font and not (style.sideways or style.face.mono)
    )
    even = of_one_width(words)
    if not even:
        return found
    return [
        (word[0], replace(word[1], face=replace(word[1].face, mono=True)), *word[2:]) if word[1].face.font in even else word
        for word in found
    ]


def _is_thin(page: calls.Pointer, index: int) -> bool:
    """White space that has no width is not drawn: pdfium took a distance for it."""
    box = np.zeros((1, 4), np.float32)
    return bool(calls.box_of(page, index, next(calls.places(box)))) and bool(box[0, 0] == box[0, 2])


def _with_columns(found: list[_Read], frame: Frame) -> list[_Read]:
    """The same, where columns of letters below each other are words of lines that a quarter turn makes upright."""
    if frame.quarter or not any(is_cjk(word[3][0]) for word in found):
        return found
    columns = [index for index, word in enumerate(found) if word[1].quarter in (0, _COLUMNS)]
    words = [
        Placed(text, style.size, left, top, right, bottom, lying=style.quarter != 0)
        for _, style, _, text, left, top, right, bottom, _ in map(found.__getitem__, columns)
    ]
    told = dict(zip(columns, downwards(words), strict=True))
    if not any(told.values()):
        return found
    turned_words: list[_Read] = []
    latin = False  # the word before was written sideways, as Latin words in columns are
    for index, word in enumerate(found):
        style, spaced = word[1], word[2]
        down = told.get(index, False)
        if down:
            style = replace(style, quarter=_COLUMNS, downwards=True)
        # pdfium breaks the line before each letter.
        spaced = spaced and (style.quarter != _COLUMNS or (latin and not down))
        latin = not down and style.quarter == _COLUMNS
        turned_words.append((word[0], style, spaced, *word[3:]))
    return turned_words


def _tight(text_page: Any, index: int) -> tuple[float, float, float, float]:
    """Around what is drawn of a character: left, top, right, bottom. Of fonts of large signs the loose box tells nothing."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
    return left.value, top.value, right.value, bottom.value


def _codes(text_page: Any) -> list[int]:
    """Of all characters. Where pdfium has a pair of surrogates the second is what both mean, and the first nothing."""
    units = _units(text_page)
    codes: list[int] = units.tolist()
    if np.any(units & 0xF800 == 0xD800):
        high = 0
        for index, code in enumerate(codes):
            if 0xD800 <= code < 0xDC00:
                high, codes[index] = code, _NOTHING
            elif 0xDC00 <= code < 0xE000:
                codes[index] = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0
                high = 0
    return codes


def _units(text_page: Any) -> np.ndarray[Any, Any]:
    """(characters) as pdfium tells them; all at once if it can be: a call for each takes its time."""
    count = min(pdfium.FPDFText_CountChars(text_page), _MAX_CHARACTERS)
    units = np.zeros(count + 1, np.uint16)
    if pdfium.FPDFText_GetText(text_page, 0, count, units.ctypes.data_as(ctypes.POINTER(ctypes.c_ushort))) == count + 1:
        return units[:count]
    return np.fromiter(map(calls.unicode_of, repeat(calls.pointer(text_page)), range(count)), np.uint32, count)


def _finished(text_page: Any, frame: Frame, found: Iterable[_Read], leftwards: bool) -> dict[int, list[Word]]:
    """By quarter turn."""
    turns: dict[int, list[_Read]] = {}
    for word in found:
        turns.setdefault(word[1].quarter, []).append(word)
    return {quarter: _turned_upright(text_page, frame, quarter, words, leftwards) for quarter, words in turns.items()}


def _turned_upright(text_page: Any, frame: Frame, quarter: int, found: Sequence[_Read], leftwards: bool) -> list[Word]:
    """Their places are worked out all at once: here boxes and points have arrays for numbers."""
    if not found:
        return []
    firsts, styles, spaced, texts, *sides, _ = zip(*found, strict=True)
    origins = np.empty((len(found), 2))
    list(map(calls.origin_of, repeat(calls.pointer(text_page)), firsts, calls.places(origins[:, 0]), calls.places(origins[:, 1])))
    left, top, right, bottom = np.array(sides)
    (x0, y0), (x1, y1), (x, y) = frame.point(left, bottom), frame.point(right, top), frame.point(*origins.T)
    displayed = Box(np.minimum(x0, x1), np.minimum(y0, y1), np.maximum(x0, x1), np.maximum(y0, y1))
    box: Any = turned(displayed, quarter, frame.width, frame.height)
    baselines: Any = turned(Box(x, y, x, y), quarter, frame.width, frame.height).top
    letters = np.array(list(map(len, texts)))
    sizes = believed(np.array([style.size for style in styles]), box.height, box.width / letters)
    near = (box.top - sizes <= baselines) & (baselines <= box.bottom + sizes)
    near &= ~np.array([style.downwards for style in styles], bool)  # the baseline of the letter as it stands
    baselines = np.where(near, baselines, box.bottom - 0.2 * sizes)
    # Large signs of TeX's hang from their baseline: they are centred on what stands beside them.
    in_math = np.array([style.face.math for style in styles], bool)
    hanging = in_math & (box.top > baselines - _HANGING[0] * sizes) & (box.bottom > baselines + _HANGING[1] * sizes)
    baselines = np.where(hanging, (box.top + box.bottom) / 2 + _AXIS * sizes, baselines)
    # Fonts tell their ascent and descent as they like; a box holds at least capitals and the tails of letters, and one line.
    told = box.height <= sizes / _LEAST_SIZE
    tops = np.where(told, np.minimum(box.top, baselines - 0.72 * sizes), baselines - 0.72 * sizes)
    bottoms = np.where(told, np.maximum(box.bottom, baselines + 0.2 * sizes), baselines + 0.2 * sizes)
    return list(
        map(
            Word,
            texts,
            map(Box, box.left.tolist(), tops.tolist(), box.right.tolist(), bottoms.tolist()),
            np.maximum(sizes, 0.1).tolist(),
            baselines.tolist(),
            [style.face.bold for style in styles],
            [style.face.mono for style in styles],
            firsts,
            spaced,
            repeat(None),
            repeat(leftwards),
            [style.face.math for style in styles],
            [style.face.slanted for style in styles],
        )
    )


def believed(told: np.ndarray, heights: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Font sizes as the document tells them, or by the height of the word where that says otherwise. Args: widths: of a letter.

    Some boxes are as low as the dot in them, and some as high as all that their font could draw; but a letter is a quarter as
    wide as it is large, at least, and hardly wider.
    """
    sizes = told.copy()
    least = np.minimum(_LEAST_SIZE * heights, widths / _WIDEST)
    for index in np.flatnonzero(~((least <= told) & (told <= np.maximum(3 * heights, 4 * widths)))).tolist():
        sizes[index] = round(float(heights[index]) / 1.2, 1)
    return sizes


def _readable(code: int) -> str:
    """The character as text; empty for what has no meaning (controls, private use, U+FFFD)."""
    if 0x20 < code < 0x7F:
        return chr(code)
    if code in _STAND_FOR:
        return _STAND_FOR[code]
    if 0xE000 <= code <= 0xF8FF:
        return _PRIVATE.get(code, "")
    if code > 0x10FFFF or code == 0xFFFD or 0xD800 <= code <= 0xDFFF:
        return ""
    character = chr(code)
    if 0xFB00 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFC:  # Latin, Hebrew and Arabic ligatures and letter forms
        return unicodedata.normalize("NFKC", character).strip()
    return "" if unicodedata.category(character) in ("Cc", "Cn") else character


class _Meanings(dict[int, str | None]):
    """What characters are as text, worked out once; None for what isn't seen."""

    def __missing__(self, code: int) -> str | None:
        self[code] = None if code in _UNSEEN else _readable(code)
        return self[code]


_MEANINGS = _Meanings()
