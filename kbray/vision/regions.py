"""What the parts of a page are, by the layout model (PicoDet, arXiv 2111.00902, trained on the pages of CDLA)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kbray.geometry import Box
from kbray.vision.detection import Pixels
from kbray.vision.engines import Arrays, Engine, Tones, batches
from kbray.vision.strips import coloured

KINDS = (
    "text",
    "title",
    "figure",
    "figure_caption",
    "table",
    "table_caption",
    "header",
    "footer",
    "reference",
    "equation",
)
"""In the order of the model's classes."""
SIZE = (800, 608)
"""Height and width in which the model sees every page, stretched: its file fixes them."""
TONES = Tones((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
STRIDES = (8, 16, 32, 64)
"""Pixels between places where it looks for a region."""
_SAME = 0.5  # of what two regions of a kind cover together: from here on they are one


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page; `confidence` from 0 to 1."""

    kind: str
    box: Box
    confidence: float


def guesses(*outputs: NDArray[np.float32]) -> Arrays:
    """Of each stride (n, places, kinds), then of each (n, places, 4 × steps) → as `found` takes them.

    How far the four sides of a region lie from its place is given as chances of 0, 1, 2, … strides.
    """
    spread = np.concatenate(outputs[len(STRIDES) :], 1)
    spread = spread.reshape(*spread.shape[:2], 4, -1)
    spread = np.exp(spread - spread.max(3, keepdims=True))
    steps = np.arange(spread.shape[3], dtype=np.float32)
    return np.concatenate(outputs[: len(STRIDES)], 1), spread @ steps / spread.sum(3)


class Layout:
    """The model; `pixels`: in one batch of pages. Its file is made for one page, which onnxruntime insists on."""

    def __init__(self, engine: Engine, *, pixels: int) -> None:
        self._engine = engine
        self._pixels = pixels

    def regions(self, pages: Sequence[Pixels], sizes: Sequence[tuple[float, float]], least: float) -> list[list[Region]]:
        """Of upright pages of these widths and heights (points): those as sure as `least`, the surest of a kind first."""
        seen = [coloured(cv2.resize(page, SIZE[::-1], interpolation=cv2.INTER_AREA)) for page in pages]
        made: list[list[Region]] = [[] for _ in pages]
        for batch in batches([SIZE] * len(pages), self._pixels):
            answers = self._engine(np.stack([seen[index] for index in batch]))
            for index, chances, distances in zip(batch, *answers, strict=True):
                made[index] = found(chances, distances, sizes[index], least)
        return made


def found(chances: NDArray[np.float32], distances: NDArray[np.float32], size: tuple[float, float], least: float) -> list[Region]:
    """Of one page of this width and height.

    chances: (places, kinds) that the place is in a region. distances: (places, 4) to its left, top, right and bottom; strides.
    """
    scale = size[0] / SIZE[1], size[1] / SIZE[0]
    boxes = np.concatenate([_MIDDLES - distances[:, :2] * _STRIDE, _MIDDLES + distances[:, 2:] * _STRIDE], 1)
    boxes = boxes.clip(0, (*SIZE[::-1], *SIZE[::-1])) * (*scale, *scale)
    made = []
    for number, kind in enumerate(KINDS):
        sure = np.flatnonzero(chances[:, number] >= least)
        sure = sure[np.argsort(-chances[sure, number], kind="stable")]
        while len(sure):
            first, sure = sure[0], sure[1:]
            made.append(Region(kind, Box(*boxes[first].tolist()), float(chances[first, number])))
            sure = sure[_overlap(boxes[first], boxes[sure]) < _SAME]
    return made


def _overlap(box: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    """What the box shares with each of (n, 4), over what both cover."""
    width = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    height = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    shared = width.clip(0) * height.clip(0)
    area = (box[2] - box[0]) * (box[3] - box[1])
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    ratio: NDArray[Any] = shared / np.maximum(area + areas - shared, 1e-6)
    return ratio


def _places() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(places, 2) x and y of all in what the model sees, row by row, and (places, 1) the strides between them; pixels."""
    middles, strides = [], []
    for stride in STRIDES:
        rows, columns = (-(-side // stride) for side in SIZE)
        y, x = np.divmod(np.arange(rows * columns), columns)
        middles.append((np.stack([x, y], 1) + 0.5) * stride)
        strides.append(np.full((rows * columns, 1), stride))
    return np.concatenate(middles).astype(np.float32), np.concatenate(strides).astype(np.float32)


_MIDDLES, _STRIDE = _places()
