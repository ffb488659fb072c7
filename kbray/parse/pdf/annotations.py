"""What is put on a page of a PDF besides its print: values of form fields, boxes that are ticked, comments, files.

ISO 32000-1, 12.5 and 12.7.
"""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from pypdfium2 import raw

from kbray.document.layout.words import Word
from kbray.geometry import Box
from kbray.parse import comments
from kbray.parse.attached import named
from kbray.parse.comments import Comment
from kbray.parse.pdf.fields import Field, sides_of
from kbray.parse.pdf.files import name_of
from kbray.parse.pdf.text import Frame

MOST = 10_000
"""Annotations of a page that are looked at."""
_OFF = "Off"  # the state of a box that is not ticked
_MOST_LINES = 200  # of a mark
_PRINTED = frozenset((raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_STAMP))
_OVER_TEXT = frozenset((raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_SQUIGGLY, raw.FPDF_ANNOT_STRIKEOUT))
_NOTHING = frozenset((raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP))  # nearly all there are
_NO_COMMENTS = frozenset((raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FILEATTACHMENT))
_NO_VALUES = ("Btn", "Sig")  # kinds of fields: what is written on them is no answer
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_DAY = re.compile(r"D:(\d{4})(\d\d)(\d\d)")
_TICKED, _EMPTY = "☒", "☐"
_BOXES = frozenset("□▢❏❐❑❒☐☑☒◻▫○◯✓✔✗✘")
_LONGEST = 1 << 22  # bytes of a text, in UTF-16
_LINE = 3.0  # so much nearer is what stands on the line of a comment than what stands above or below
_FAR = 3.0  # of the font size: no word so far from a box to be ticked belongs to it
_Sides = np.ndarray[Any, np.dtype[np.float64]]
"""(boxes, 4) left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, and where it stands: the text it marks, or its sign."""

    comment: Comment
    places: tuple[Box, ...]
    marks: bool  # text


@dataclass(slots=True)
class Annotations:
    """Boxes are in the page as displayed."""

    drawn: list[bool] = field(default_factory=list)  # for each value: whether the file says how it looks
    ticks: list[tuple[Box, bool]] = field(default_factory=list)  # of forms, and whether they are ticked
    fields: list[Field] = field(default_factory=list)  # of forms, which may be empty
    remarks: list[Remark] = field(default_factory=list)
    files: list[str] = field(default_factory=list)  # that hang at the page: names
    more: int = 0  # of which nothing is known: a page has no more than `MOST`


def annotations_of(page: Any, frame: Frame) -> Annotations:
    """Of a loaded page (raw pdfium handle)."""
    count = raw.FPDFPage_GetAnnotCount(page)
    found = Annotations(more=max(0, count - MOST))
    for one in _annotations(page):
        kind = raw.FPDFAnnot_GetSubtype(one)
        if kind in _NOTHING or raw.FPDFAnnot_GetFlags(one) & _UNSEEN:
            continue
        drawn = bool(raw.FPDFAnnot_HasKey(one, b"AP"))
        if kind == raw.FPDF_ANNOT_WIDGET and (state := _text(one, b"AS")):
            box = _box(one, frame)
            if box.area > 0:  # or it isn't to be seen, as those that only a program fills in
                found.ticks.append((box, state != _OFF))
        elif kind in _PRINTED:
            found.drawn.append(drawn)
            if kind == raw.FPDF_ANNOT_WIDGET and _text(one, b"FT") not in _NO_VALUES:
                found.fields.append(Field(_box(one, frame), _text(one, b"V")))
        if kind == raw.FPDF_ANNOT_FILEATTACHMENT:
            found.files.append(_file(one, len(found.files) + 1))
        elif kind not in _NO_COMMENTS and not (kind in _PRINTED and drawn) and (said := _said(one)):
            marks = kind in _OVER_TEXT
            found.remarks.append(Remark(said, _marked(one, frame) if marks else (_box(one, frame),), marks))
    return found


def hide_ticks(page: Any) -> None:
    """Boxes to be ticked show no more on the loaded page (raw pdfium handle), for words stand for them."""
    for one in _annotations(page):
        if raw.FPDFAnnot_GetSubtype(one) == raw.FPDF_ANNOT_WIDGET and _text(one, b"AS"):
            raw.FPDFAnnot_SetFlags(one, raw.FPDFAnnot_GetFlags(one) | raw.FPDF_ANNOT_FLAG_HIDDEN)


def with_ticks(words: Sequence[Word], ticks: Sequence[tuple[Box, bool]]) -> list[Word]:
    """The upright words of a page with the boxes to be ticked, in place of those that are printed there.

    Each belongs to the nearest word on its line, and is told with it; the layout of the page is that of its print.
    """
    if not ticks:
        return list(words)
    places = sides_of([box for box, _ in ticks])
    kept = [word for word in words if word.text not in _BOXES or not _overlap(places, word.box)]
    sides = sides_of([word.box for word in kept])
    last = max((word.order + len(word.text) for word in words), default=0)
    alone = list[Word]()
    for number, (box, ticked) in enumerate(ticks):
        sign = sign_of(ticked)
        place = int(_distances(sides, box).argmin()) if kept else None
        if place is None or not _is_label(kept[place], box):
            alone.append(Word(sign, box, box.height, box.bottom, order=last + 2 * number))
            continue
        text = kept[place].text
        behind = box.middle[0] > kept[place].box.middle[0]
        kept[place] = replace(kept[place], text=f"{text} {sign}" if behind else f"{sign} {text}")
    return kept + alone


def sign_of(ticked: bool) -> str:
    """What tells it in the text."""
    return _TICKED if ticked else _EMPTY


def _is_label(word: Word, box: Box) -> bool:
    """Of the box to be ticked that it is the nearest to."""
    apart = max(word.box.left - box.right, box.left - word.box.right)
    return abs(word.box.middle[1] - box.middle[1]) <= word.size and apart <= _FAR * word.size


def with_marks(words: Sequence[Word], remarks: Sequence[Remark]) -> tuple[list[Word], list[Remark]]:
    """The upright words of a page with marks behind what remarks are about; and these, but for those that repeat the text."""
    found, kept, sides = list(words), list[Remark](), sides_of([word.box for word in words])
    for remark in remarks:
        at = _about(sides, remark)
        if at and remark.marks and "".join(_squeezed(words[place].text) for place in at) == _squeezed(remark.comment.text):
            continue  # some programs write what is marked into the mark
        kept.append(remark)
        if at:
            found[at[-1]] = replace(found[at[-1]], text=found[at[-1]].text + comments.mark(len(kept)))
    return found, kept


def _about(sides: _Sides, remark: Remark) -> list[int]:
    """Numbers of the words that it marks, or of the nearest."""
    if not len(sides):
        return []
    if not remark.marks:
        return [int(_distances(sides, remark.places[0]).argmin())]
    x, y = (sides[:, 0] + sides[:, 2]) / 2, (sides[:, 1] + sides[:, 3]) / 2
    inside = [(x >= box.left) & (x <= box.right) & (y >= box.top) & (y <= box.bottom) for box in remark.places[:_MOST_LINES]]
    return [int(place) for place in np.flatnonzero(np.logical_or.reduce(inside))]


def _overlap(sides: _Sides, box: Box) -> bool:
    across = (sides[:, 0] < box.right) & (sides[:, 2] > box.left)
    return bool((across & (sides[:, 1] < box.bottom) & (sides[:, 3] > box.top)).any())


def _distances(sides: _Sides, box: Box) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(words) Points from the box, those down counted thrice: what stands on its line is what it belongs to."""
    across = np.maximum(np.maximum(sides[:, 0] - box.right, box.left - sides[:, 2]), 0.0)
    down = np.maximum(np.maximum(sides[:, 1] - box.bottom, box.top - sides[:, 3]), 0.0)
    return across + _LINE * down


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _annotations(page: Any) -> Iterator[Any]:
    """Each open until the next is asked for."""
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), MOST)):
        if one := raw.FPDFPage_GetAnnot(page, index):
            try:
                yield one
            finally:
                raw.FPDFPage_CloseAnnot(one)


def _said(one: Any) -> Comment | None:
    """What somebody wrote; not that a comment was accepted, which is one as well."""
    text = _text(one, b"Contents").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text or raw.FPDFAnnot_HasKey(one, b"StateModel"):
        return None
    day = _DAY.match(_text(one, b"CreationDate")) or _DAY.match(_text(one, b"M"))
    return Comment(text, _text(one, b"T") or None, "-".join(day.groups()) if day else None)


def _file(one: Any, number: int) -> str:
    attachment = raw.FPDFAnnot_GetFileAttachment(one)
    return named(name_of(attachment) if attachment else None, number)


def _text(one: Any, key: bytes) -> str:
    size = raw.FPDFAnnot_GetStringValue(one, key, None, 0)
    if not 2 < size <= _LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(one, key, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw.decode("utf-16-le", "replace").partition("\0")[0]


def _box(one: Any, frame: Frame) -> Box:
    rectangle = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(one, rectangle)
    return frame.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)


def _marked(one: Any, frame: Frame) -> tuple[Box, ...]:
    """Of each line that is marked."""
    quad, found = raw.FS_QUADPOINTSF(), list[Box]()
    for index in range(raw.FPDFAnnot_CountAttachmentPoints(one)):
        if raw.FPDFAnnot_GetAttachmentPoints(one, index, quad):
            x, y = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            found.append(frame.box(min(x), min(y), max(x), max(y)))
    return tuple(found) or (_box(one, frame),)
