"""Page images → text in reading order. Models are loaded on first use, never by importing this package."""

import hashlib
import socket
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from kbray.errors import ConfigError
from kbray.ports import Recogniser

MODELS = {
    "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
}
"""SHA-256 of the files that come inside the wheel `rapidocr`: detection, recognition."""
SCRIPTS = ("Han", "Latin", "Katakana", "Hiragana")
"""That the recognition model reads, by the characters it knows; a test counts them. What is in others it takes for these."""
VERSION = 3  # of what kbray makes of the models' output; part of every fingerprint
_PIXELS = {"cpu": (0, 48 * 1280), "cuda": (20_000_000, 48 * 40_000)}
"""Of pages and of strips in one batch: large ones gain nothing on a CPU, and fill a GPU."""


def load(device: Literal["cpu", "cuda"] = "cpu", *, threads: int | None = None) -> Recogniser:
    """A recogniser with its models in memory; on a CPU `threads` for each operator (all cores, when not given).

    Raises: ConfigError: the model files are missing, or not those that were released (nothing is downloaded); there is no GPU.
    """
    import cv2  # these and the models are heavy

    from kbray.vision.engines import Engine, OnnxEngine, characters
    from kbray.vision.ocr import Ocr, best, chances
    from kbray.vision.reading import Reader

    detection, recognition = models()
    engines: tuple[Engine, Engine]
    if device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise ConfigError(
                f"The cluster has a GPU, but torch {torch.__version__} on {socket.gethostname()} can't use one: "
                "install torch's CUDA build there, or start that node with --num-gpus=0."
            )
        from kbray.vision.gpu import TorchEngine, best_on_device, chances_on_device

        engines = TorchEngine(detection, chances_on_device), TorchEngine(recognition, best_on_device)
    else:
        if threads is not None:
            cv2.setNumThreads(threads)
        engines = OnnxEngine(detection, chances, threads=threads), OnnxEngine(recognition, best, threads=threads)
    detect, recognise = engines
    return Reader(Ocr(detect, recognise, characters(recognition), pixels=_PIXELS[device]))


def models() -> tuple[Path, Path]:
    """The files of the detection and the recognition model. Raises: ConfigError: as `load`."""
    detection, recognition = (_checked(name) for name in MODELS)
    return detection, recognition


def characters() -> list[str]:
    """What the recognition model knows; reading its file takes a fifth of a second. Raises: ConfigError: as `load`."""
    from kbray.vision import engines

    return engines.characters(models()[1])


@cache
def identity() -> str:
    """16 hex digits that change with the models or with what is made of their output. No model is loaded or read."""
    parts = [
        f"vision {VERSION}",
        f"onnxruntime {metadata.version('onnxruntime')}",
        *(f"{name} {MODELS[name]}" for name in MODELS),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _checked(name: str) -> Path:
    """The model's file, found without importing the package that brings it."""
    spec = find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("The package rapidocr is not installed: install kbray again.")
    path = Path(spec.submodule_search_locations[0]) / "models" / name
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != MODELS[name]:
        raise ConfigError(f"The model {name} in the package rapidocr is missing or not the one released: install rapidocr again.")
    return path
