"""Page images → text in reading order. Models are loaded on first use, never by importing this package."""

import hashlib
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.ports import Recogniser

MODELS = ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")
VERSION = 1  # of what kbray makes of the models' output; part of every fingerprint


def load(settings: Settings, device: Literal["cpu", "cuda"] = "cpu", *, threads: int | None = None) -> Recogniser:
    """A recogniser with its models in memory; `threads` for each operator (all cores, when not given).

    Raises: ConfigError: the model files are missing; they come inside the wheel `rapidocr`, and nothing is downloaded.
    """
    from kbray.vision.rapid import RapidRecogniser  # onnxruntime and cv2 are heavy

    folder = _folder()
    for name in MODELS:
        if not (folder / name).is_file():
            raise ConfigError(f"The model {name} is missing from the installed package rapidocr: install it again.")
    return RapidRecogniser(folder, MODELS, device=device, threads=threads)


@cache
def identity() -> str:
    """16 hex digits that change with the models or with what is made of their output. No model is loaded or read."""
    parts = [f"vision {VERSION}", f"rapidocr {metadata.version('rapidocr')}", f"onnxruntime {metadata.version('onnxruntime')}"]
    folder = _folder()
    for name in MODELS:
        path = folder / name
        parts.append(f"{name} {path.stat().st_size if path.is_file() else 'missing'}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _folder() -> Path:
    """Where the wheel put the models; found without importing it."""
    spec = find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("The package rapidocr is not installed: install kbray again.")
    return Path(spec.submodule_search_locations[0]) / "models"
