"""Whether a page without print has a picture on it: dust, shadows and the dark rims of scans are none."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kbray.geometry import Box
from kbray.vision.detection import Pixels, gray

_SIDE = 360  # pixels of the long side, 30 dots an inch on A4: what is smaller than a millimetre is averaged away
_EDGE = 40  # of 255 grey levels, between neighbours: a shadow is as dark as ink, but it has no edge
_RIM = 0.04  # of width and height, that scanners leave dark
_SPECK = 10  # pixels, eight millimetres on A4: no stain and no punched hole is as large
_LEAST = 0.004  # of the page is edge: the outline of two by three centimetres on A4


def inked(pixels: Pixels) -> Box | None:
    """Around all ink of a page image, in its pixels; None: there is too little of it for a picture."""
    tones = gray(pixels)
    height, width = tones.shape
    scale = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(tones, size, interpolation=cv2.INTER_AREA)
    around = np.ones((3, 3), np.uint8)
    edges = cv2.dilate(small, around) - cv2.erode(small, around) > _EDGE
    rim_y, rim_x = (round(side * _RIM) for side in edges.shape)
    edges[:rim_y], edges[edges.shape[0] - rim_y :] = False, False
    edges[:, :rim_x], edges[:, edges.shape[1] - rim_x :] = False, False
    edges = _without_specks(edges)
    if edges.mean() < _LEAST:
        return None
    rows, columns = np.flatnonzero(edges.any(axis=1)), np.flatnonzero(edges.any(axis=0))
    across, down = width / size[0], height / size[1]
    left, top, right, bottom = columns[0] * across, rows[0] * down, (columns[-1] + 1) * across, (rows[-1] + 1) * down
    return Box(float(left), float(top), float(right), float(bottom))


def _without_specks(edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, places, sizes, _ = cv2.connectedComponentsWithStats(edges.astype(np.uint8), connectivity=8)
    large = np.maximum(sizes[:, cv2.CC_STAT_WIDTH], sizes[:, cv2.CC_STAT_HEIGHT]) > _SPECK
    large[0] = False  # what is no edge
    kept: NDArray[np.bool_] = large[places]
    return kept
