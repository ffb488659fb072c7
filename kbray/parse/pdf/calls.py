"""Functions of pdfium that are called for each letter and object of a page: what ctypes does about a call costs more than it."""

import ctypes
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium

Pointer = Any
"""What `pointer` gives; it is passed as it stands."""


def _untyped(function: Any, result: Any = ctypes.c_int) -> Any:
    """Takes pointers by `pointer` or `places`, and integers: with nothing to convert, a call takes half the time."""
    return ctypes.PYFUNCTYPE(result)(_address(function))


def _by_address(function: Any, *arguments: Any, result: Any = ctypes.c_int) -> Any:
    """Takes addresses for pointers, and gives them: to make a pointer of each takes a third of the call."""
    return ctypes.PYFUNCTYPE(result, *arguments)(_address(function))


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def pointer(handle: Any) -> Pointer:
    """A raw handle of pdfium, not null, to be passed many times."""
    return ctypes.byref(ctypes.c_char.from_address(_address(handle)))


def places(array: np.ndarray[Any, Any]) -> Iterator[Pointer]:
    """Pointers to the rows of an array (or to the numbers of a flat one), for a function to write into."""
    step = array.strides[0] or 1  # of no rows
    return map(ctypes.byref, repeat(ctypes.c_char.from_address(array.ctypes.data)), range(0, step * len(array), step))


# Of a text page (pointer) and an index.
box_of = _untyped(pdfium.FPDFText_GetLooseCharBox)
ink_of = _untyped(pdfium.FPDFText_GetCharBox)
unicode_of = _untyped(pdfium.FPDFText_GetUnicode, ctypes.c_uint)
is_unmapped = _untyped(pdfium.FPDFText_HasUnicodeMapError)
is_generated = _untyped(pdfium.FPDFText_IsGenerated)
object_of = _untyped(pdfium.FPDFText_GetTextObject, ctypes.c_void_p)
origin_of = _untyped(pdfium.FPDFText_GetCharOrigin)
matrix_at = _untyped(pdfium.FPDFText_GetMatrix)
font_size_of = _untyped(pdfium.FPDFText_GetFontSize, ctypes.c_double)
# Of a page (pointer) and an index.
object_at = _untyped(pdfium.FPDFPage_GetObject, ctypes.c_void_p)
# Of an object (address).
kind_of = _by_address(pdfium.FPDFPageObj_GetType, ctypes.c_void_p)
matrix_of = _by_address(pdfium.FPDFPageObj_GetMatrix, ctypes.c_void_p, ctypes.c_void_p)
bounds_of = _by_address(pdfium.FPDFPageObj_GetBounds, ctypes.c_void_p, *[ctypes.c_void_p] * 4)
font_of = _by_address(pdfium.FPDFTextObj_GetFont, ctypes.c_void_p, result=ctypes.c_void_p)
render_mode_of = _by_address(pdfium.FPDFTextObj_GetTextRenderMode, ctypes.c_void_p)
mark_of = _by_address(pdfium.FPDFPageObj_GetMarkedContentID, ctypes.c_void_p)
count_in = _by_address(pdfium.FPDFFormObj_CountObjects, ctypes.c_void_p)
object_in = _by_address(pdfium.FPDFFormObj_GetObject, ctypes.c_void_p, ctypes.c_ulong, result=ctypes.c_void_p)
draw_mode_of = _by_address(pdfium.FPDFPath_GetDrawMode, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
segments_of = _by_address(pdfium.FPDFPath_CountSegments, ctypes.c_void_p)
segment_of = _by_address(pdfium.FPDFPath_GetPathSegment, ctypes.c_void_p, ctypes.c_int, result=ctypes.c_void_p)
clip_of = _by_address(pdfium.FPDFPageObj_GetClipPath, ctypes.c_void_p, result=ctypes.c_void_p)
# Of a clip path (address).
paths_in = _by_address(pdfium.FPDFClipPath_CountPaths, ctypes.c_void_p)
segments_in = _by_address(pdfium.FPDFClipPath_CountPathSegments, ctypes.c_void_p, ctypes.c_int)
segment_in = _by_address(pdfium.FPDFClipPath_GetPathSegment, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, result=ctypes.c_void_p)
# Of a segment (address).
point_of = _by_address(pdfium.FPDFPathSegment_GetPoint, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
segment_kind_of = _by_address(pdfium.FPDFPathSegment_GetType, ctypes.c_void_p)
is_closed = _by_address(pdfium.FPDFPathSegment_GetClose, ctypes.c_void_p)
