"""What runs a model: onnxruntime on a CPU, torch on a GPU, from the same file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kbray import runtimes
from kbray.errors import ConfigError
from kbray.vision.detection import Pixels
from kbray.vision.lean import lean

Arrays = tuple[NDArray[Any], ...]


@dataclass(frozen=True, slots=True)
class Tones:
    """How a model was trained to see colours, in the order of the image's: less their mean, by their deviation; of 255."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


EVEN = Tones((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))
"""From -1 to 1: the models of PP-OCR."""


class Engine(Protocol):
    """Images (n, height, width, 3), blue first → what is made of the model's output, n of each."""

    def __call__(self, images: Pixels) -> Arrays: ...


def batches(shapes: Sequence[tuple[int, int]], pixels: int) -> Iterator[list[int]]:
    """Indices of images that go through a model together: of one (height, width), `pixels` at most, or one image.

    Their number is a power of four, or what is left for one: each shape costs a GPU a second the first time it sees it.
    """
    for height, width in dict.fromkeys(shapes):
        left = [index for index, shape in enumerate(shapes) if shape == (height, width)]
        most = filled(max(1, pixels // (height * width)) // 4 + 1)
        while left:
            size = most
            while 2 * len(left) < size:
                size //= 4
            yield left[:size]
            left = left[size:]


def filled(count: int) -> int:
    """The next power of four."""
    size = 1
    while size < count:
        size *= 4
    return size


class OnnxEngine:
    """A whole model on a CPU; `finish` makes of its outputs what is wanted."""

    def __init__(self, path: Path, finish: Callable[..., Arrays], *, tones: Tones = EVEN, threads: int | None = None) -> None:
        self._run = runtimes.OnnxRuntime(lean(path).SerializeToString(), threads)
        self._finish = finish
        self._tones = tones

    def __call__(self, images: Pixels) -> Arrays:
        return self._finish(*self._run(normalised(images, self._tones)))


def normalised(images: Pixels, tones: Tones = EVEN) -> NDArray[np.float32]:
    """(n, height, width, 3) → (n, 3, height, width), as the models were trained."""
    batch = np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32)
    batch *= 1 / np.array(tones.deviation, np.float32)[:, None, None]
    batch -= (np.array(tones.mean) / tones.deviation).astype(np.float32)[:, None, None]
    return batch


def characters(path: Path) -> list[str]:
    """What the classes of a recognition model stand for: the file tells it itself.

    Raises: ConfigError: it does not, or is no model.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        told = {one.key: str(one.value) for one in onnx.load(str(path)).metadata_props}
    except DecodeError:
        raise ConfigError(f"{path} is no ONNX model: set ocr_recognition to one.") from None
    if "character" not in told:
        raise ConfigError(f"{path} doesn't tell which characters it reads: set ocr_recognition to a recognition model.")
    return told["character"].splitlines()
