"""Rules drawn on a page image: what parts the cells of a table, where print has no content stream that tells it."""

import cv2
import numpy as np

from kbray.geometry import Box
from kbray.vision.detection import Pixels, gray

_SHORTEST = 18.0  # points: strokes of large letters are shorter
_THICKEST = 4.0
_AROUND = 6.0  # points on each side with which a rule is compared: it may part shaded cells from white ones
_DARKER = 20  # of 255


def rules_in(page: Pixels, place: Box, scale: float) -> list[Box]:
    """Level and plumb rules in `place` of an upright page, as thin boxes; boxes in points, `scale`: points a pixel."""
    top, left = max(0, round(place.top / scale)), max(0, round(place.left / scale))
    piece = page[top : round(place.bottom / scale), left : round(place.right / scale)]
    if not piece.size:
        return []
    tones = gray(np.ascontiguousarray(piece))
    around = 2 * round(_AROUND / scale) + 1
    dark = cv2.adaptiveThreshold(tones, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, around, _DARKER)
    length = max(9, round(_SHORTEST / scale))
    found = []
    for size in ((length, 1), (1, length)):
        lines = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(size, np.uint8))
        lines = cv2.dilate(lines, np.ones((3, 3), np.uint8))  # pieces of one that was scanned at a slight slope touch
        _, _, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
        for x, y, width, height, _ in stats[1:].tolist():
            if min(width, height) * scale <= _THICKEST:
                box = ((left + x) * scale, (top + y) * scale, (left + x + width) * scale, (top + y + height) * scale)
                found.append(Box(*box))
    return found
