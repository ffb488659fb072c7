"""Letters of right-to-left scripts as pdfium tells them → in the order in which they are read.

pdfium turns a row of glyphs around and mirrors its brackets as if each glyph meant what it looks like. In what is made today a
glyph means what was typed: brackets come mirrored twice, and ligatures of Arabic (lam with alef is everywhere) backwards. And it
takes signs beside a number for part of it. So runs of letters are read here from right to left by their places on the page, and
numbers and foreign words in them turned back.
"""

import itertools
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache

import numpy as np

_MIRRORED = dict(zip("()[]{}«»‹›", ")(][}{»«›‹", strict=True))
_OPENING = frozenset("([{«‹")
_WITHIN = frozenset(".,:/")  # one of them between two digits is the number's
_SIGNS = frozenset("+-\u2212")  # these too, but not among Arabic letters
_ENDS = frozenset(".,;:!?-")  # no word begins with them
# Those that have a code of their own: pdfium takes these apart and leaves their letters as they are read.
_LIGATURES = frozenset(
    text for code in (*range(0xFB1D, 0xFDFC), *range(0xFEF5, 0xFEFD)) if len(text := unicodedata.normalize("NFKC", chr(code))) > 1
)
_NEAR = 300  # letters of the content stream, among which a mark's own is looked for
_STRETCH = 2.0  # heights of a letter: the longest stroke that stretches an Arabic word
_ROOM = 0.05  # of the height of a letter: less is no white space


@dataclass(slots=True)
class _Glyph:
    """A letter with its marks, or a ligature."""

    places: list[int]  # among the letters of the page
    text: str
    box: list[float]  # left, top, right, bottom
    kind: str  # "L", "R" or "AL" for letters, "N" for digits, "T" for what ends numbers (a per cent sign), "" for other signs
    foreign: bool = False  # of a number, or a run written from left to right


@cache
def kind_of(character: str) -> str:
    kind = unicodedata.bidirectional(character)
    return {"L": "L", "R": "R", "AL": "AL", "EN": "N", "AN": "N", "ET": "T"}.get(kind, "")


def may_be_leftwards(codes: Sequence[int]) -> bool:
    return any(0x590 <= code <= 0x8FF or 0xFB1D <= code <= 0xFEFC or 0x10800 <= code <= 0x10FFF for code in set(codes))


def is_mark(character: str) -> bool:
    """A vowel or another sign over, in or under a letter."""
    return unicodedata.category(character) == "Mn"


def is_own_mark(character: str) -> bool:
    """Of a right-to-left script: fonts without meanings give letters as marks of others."""
    return is_mark(character) and may_be_leftwards([ord(character)])


def marked(texts: Sequence[str], boxes: np.ndarray) -> dict[int, int]:
    """Marks of right-to-left letters → the letters that they stand at. Where they are in the text tells little.

    Args: boxes: (letters, 4): left, top, right, bottom.
    """
    letters = np.array([index for index, text in enumerate(texts) if kind_of(text[0]) in ("R", "AL")], int)
    middles, heights = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 1] - boxes[:, 3]
    found: dict[int, int] = {}
    for index, text in enumerate(texts):
        if not is_mark(text[0]):
            continue
        near = letters[slice(*letters.searchsorted((index - _NEAR, index + _NEAR)))]
        away = np.abs(middles[near] - middles[index])
        near, away = near[fits := away[:, 1] <= heights[near]], away[fits]
        inside = away[:, 0] <= (boxes[near, 2] - boxes[near, 0]) / 2 + 0.1 * heights[near]
        if inside.any():
            found[index] = int(near[inside][away[inside].sum(axis=1).argmin()])
    return found


def read_leftwards(
    texts: list[str], boxes: np.ndarray, rows: Sequence[int], runs: Sequence[int], *, spaced: bool, torn: Set[int]
) -> tuple[list[int], bool]:
    """The order in which the letters of a page are read; and whether most of it is written from right to left.

    Their texts (brackets) and boxes (marks have those of their letters) are mended in place.

    Args: boxes: (letters, 4): left, top, right, bottom. rows, runs: of each letter, its line of print and its run without white
        space. spaced: white space between words is told, so that a gap is none. torn: runs of which that isn't true, nor are
        their letters in order: they are read from the right, and what gaps part are runs.
    """
    order: list[int] = []
    turned: list[list[_Glyph]] = []  # by row
    kinds = [kind_of(text[0]) for text in texts]
    mostly = _mostly(kinds)
    at = 0
    for _, row in itertools.groupby(rows):
        upto = at + len(list(row))
        arabic = "AL" in kinds[at:upto]
        leftwards = (arabic or "R" in kinds[at:upto]) and (mostly or _mostly(kinds[at:upto]))
        turned.append([])
        for number, group in itertools.groupby(range(at, upto), key=runs.__getitem__):
            run = sorted(_glyphs(list(group), texts, boxes, kinds), key=lambda glyph: -glyph.box[0] - glyph.box[2])
            for glyphs in _parted(run) if number in torn else [run]:
                own = any(glyph.kind in ("R", "AL") for glyph in glyphs)
                if not _is_sideways(glyphs) and (own or (leftwards and not _is_foreign(glyphs))):
                    if spaced and number not in torn:
                        _close_strokes(glyphs)
                    read = _with_foreign_runs(glyphs, arabic, texts)
                    for glyph in read:
                        boxes[glyph.places] = glyph.box
                        order += glyph.places
                    turned[-1] += read
                elif leftwards and not _is_sideways(glyphs):
                    order += [place for glyph in glyphs[::-1] for place in glyph.places]
                else:
                    order += sorted(place for glyph in glyphs for place in glyph.places)
        at = upto
    _mend_brackets(turned, texts)
    return order, mostly


def gaps(boxes: np.ndarray) -> np.ndarray:
    """(letters - 1) whether there is room behind a letter, be it ever so little. Args: boxes: as of `read_leftwards`."""
    left, top, right, bottom = boxes.T
    found: np.ndarray = np.maximum(left[1:] - right[:-1], left[:-1] - right[1:]) > _ROOM * (top - bottom)[:-1]
    return found


def _parted(glyphs: Sequence[_Glyph]) -> Iterator[list[_Glyph]]:
    ends = np.flatnonzero(gaps(np.array([glyph.box for glyph in glyphs]))) + 1
    for begin, end in itertools.pairwise([0, *ends.tolist(), len(glyphs)]):
        yield list(glyphs[begin:end])


def is_mostly_leftwards(text: str) -> bool:
    return _mostly([kind_of(character) for character in text])


def _mostly(kinds: Sequence[str]) -> bool:
    return kinds.count("R") + kinds.count("AL") > kinds.count("L")


def _is_sideways(glyphs: Sequence[_Glyph]) -> bool:
    """Written along the vertical, whose letters their places from right to left don't order."""
    boxes = np.array([glyph.box for glyph in glyphs])
    across, along = np.ptp(boxes[:, 0] + boxes[:, 2]), np.ptp(boxes[:, 1] + boxes[:, 3])
    return bool(along > across)


def _is_foreign(glyphs: Sequence[_Glyph]) -> bool:
    """A word from left to right with what ends it at its right: it stands in a column beside right-to-left text."""
    return glyphs[0].text in _ENDS and any(glyph.kind == "L" for glyph in glyphs)


def _glyphs(run: Sequence[int], texts: Sequence[str], boxes: np.ndarray, kinds: Sequence[str]) -> Iterator[_Glyph]:
    found: list[_Glyph] = []
    for place in run:
        box = boxes[place].tolist()
        if found and (is_mark(texts[place][0]) or box == found[-1].box):
            found[-1].places.append(place)
        else:
            found.append(_Glyph([place], "", box, kinds[place]))
    for glyph in found:
        letters: list[list[int]] = []  # each with its marks
        for place in glyph.places:
            if letters and is_mark(texts[place][0]):
                letters[-1].append(place)
            else:
                letters.append([place])
        if glyph.kind in ("R", "AL") and "".join(texts[letter[0]] for letter in letters) not in _LIGATURES:
            glyph.places = [place for letter in letters[::-1] for place in letter]
        glyph.text = "".join(texts[place] for place in glyph.places)
        yield glyph


def _close_strokes(glyphs: Sequence[_Glyph]) -> None:
    """A gap inside an Arabic word is a stroke that stretches it, to fill the line; it has no meaning, and so isn't told."""
    for before, after in itertools.pairwise(glyphs):
        left, top, right, bottom = after.box
        if before.kind == after.kind == "AL" and 0 < before.box[0] - right < _STRETCH * (top - bottom):
            after.box = [left, top, before.box[0], bottom]


def _with_foreign_runs(glyphs: Sequence[_Glyph], arabic: bool, texts: list[str]) -> list[_Glyph]:
    """Those read from right to left, but numbers and what is written in other scripts from left to right."""
    found: list[_Glyph] = []
    at = 0
    while at < len(glyphs):
        upto = _end_of_foreign(glyphs, at, arabic)
        foreign = list(glyphs[at:upto][::-1])
        if any(glyph.kind == "L" for glyph in foreign):
            foreign, upto = _with_brackets(foreign, found, glyphs, upto, texts)
        for glyph in foreign:
            glyph.foreign = True
            if glyph.text in _WITHIN:  # perhaps of another font, whose height would divide the number
                glyph.box[1::2] = foreign[0].box[1::2]
        found += foreign
        if upto == at:
            found.append(glyphs[at])
            upto += 1
        at = upto
    return found


def _with_brackets(
    foreign: list[_Glyph], before: list[_Glyph], glyphs: Sequence[_Glyph], upto: int, texts: list[str]
) -> tuple[list[_Glyph], int]:
    """A foreign run, as `f(x`, with what closes the brackets that it opens, which ends what is at its right, and what opens those
    that it closes, at its left, from `upto` on; and behind which glyph this ends.
    """
    unopened, unclosed = _unpaired([glyph.text for glyph in foreign])
    while unclosed and before and before[-1].text in (unclosed[-1], _MIRRORED[unclosed[-1]]):
        foreign.append(_shown_as(before.pop(), _MIRRORED[unclosed.pop()], texts))
    opening: list[_Glyph] = []
    while unopened and upto < len(glyphs) and glyphs[upto].text in (unopened[-1], _MIRRORED[unopened[-1]]):
        opening.append(_shown_as(glyphs[upto], _MIRRORED[unopened.pop()], texts))
        upto += 1
    return [*opening[::-1], *foreign], upto


def _unpaired(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """Brackets that close what is not opened, the next to be opened last; and those that open what is not closed, likewise."""
    unopened: list[str] = []
    unclosed: list[str] = []
    for text in texts:
        if text in _OPENING:
            unclosed.append(text)
        elif text in _MIRRORED:
            if unclosed and unclosed[-1] == _MIRRORED[text]:
                unclosed.pop()
            else:
                unopened.append(text)
    return unopened[::-1], unclosed


def _shown_as(glyph: _Glyph, text: str, texts: list[str]) -> _Glyph:
    for place in glyph.places:
        texts[place] = text
    glyph.text = text
    return glyph


def _end_of_foreign(glyphs: Sequence[_Glyph], at: int, arabic: bool) -> int:
    """Behind the last glyph (the leftmost) of the number or foreign word that begins there; the same where none does."""
    own = ("L", "N") if arabic else ("L", "N", "T")
    if glyphs[at].kind not in own:
        return at
    upto = at + 1
    latin = glyphs[at].kind == "L"
    while upto < len(glyphs):
        next_own = next((i for i in range(upto, len(glyphs)) if glyphs[i].kind in own), len(glyphs))
        between = glyphs[upto:next_own]
        if next_own == len(glyphs) or any(glyph.kind in ("R", "AL") for glyph in between):
            break
        signs = "".join(glyph.text for glyph in between)
        joins = not signs or (len(signs) == 1 and (signs in _WITHIN or (signs in _SIGNS and not arabic)))
        if not (joins or latin or glyphs[next_own].kind == "L"):
            break
        latin = latin or glyphs[next_own].kind == "L"
        upto = next_own + 1
    return upto if any(glyph.kind in ("L", "N") for glyph in glyphs[at:upto]) else at


def _mend_brackets(rows: Sequence[Sequence[_Glyph]], texts: list[str]) -> None:
    """Turned around again where most of them open behind what they enclose; and those alone that do so in a row that has more
    of these than of the others: pdfium mirrors some of a row, and others not.
    """
    right = 0
    found: list[list[tuple[_Glyph, bool | None]]] = []  # by row, with whether they open what they stand at, if they show it
    for row in rows:
        signs = [glyph for glyph in row if glyph.text in _MIRRORED and not glyph.foreign]
        sides = [sorted(glyph.box[side] for glyph in row if glyph.kind) for side in (0, 2)] if signs else []
        found.append([(glyph, _opens(glyph, *sides)) for glyph in signs])
        right += sum(1 if (glyph.text in _OPENING) == opens else -1 for glyph, opens in found[-1] if opens is not None)
    if right < 0:
        for glyph, _ in itertools.chain(*found):
            _shown_as(glyph, _MIRRORED[glyph.text], texts)
    for signs_of_row in found:
        more = sum(1 if glyph.text in _OPENING else -1 for glyph, _ in signs_of_row)  # that open than that close
        closing: _Glyph | None = None  # by its looks, at the beginning of something
        for glyph, opens in signs_of_row:
            opening = glyph.text in _OPENING
            if opens != (not opening):
                continue
            if more > 0 if opening else more < 0:
                more += -2 if opening else 2
                _shown_as(glyph, _MIRRORED[glyph.text], texts)
            elif not opening:
                closing = glyph
            elif closing is not None and closing.text == _MIRRORED[glyph.text]:
                _shown_as(closing, glyph.text, texts)
                _shown_as(glyph, _MIRRORED[glyph.text], texts)
                closing = None


def _opens(sign: _Glyph, lefts: Sequence[float], rights: Sequence[float]) -> bool | None:
    """Whether the bracket opens what is at its left, as the only side at which it touches anything; None if that is not so.

    Args: lefts, rights: where letters and digits of its row begin and end, sorted.
    """
    room = _ROOM * (sign.box[1] - sign.box[3])
    at_right, at_left = (
        bisect_left(edges, edge - room) < bisect_right(edges, edge + room)
        for edges, edge in ((lefts, sign.box[2]), (rights, sign.box[0]))
    )
    return at_left if at_left != at_right else None
