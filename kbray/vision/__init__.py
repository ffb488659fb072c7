"""Page images → text in reading order. Models are loaded on first use, never by importing this package."""

import hashlib
import socket
from importlib import metadata
from typing import Literal

from kbray import runtimes
from kbray.errors import ConfigError
from kbray.ports import Recogniser
from kbray.vision.weights import LAYOUT_SHA256, Models, layout_path, unicode_name

__all__ = ["DEFAULT", "Models", "characters", "identity", "in_bfloat16", "load", "scripts", "unused_scripts"]

DEFAULT = Models()
_SCRIPTS = ("Han", "Latin", "Katakana", "Hiragana")
"""That the default model reads, by the characters it knows; a test counts them. What is in others it takes for these."""
VERSION = 28  # of what kbray makes of the models' output; part of every fingerprint
_PIXELS = {"cpu": (0, 48 * 1280), "cuda": (20_000_000, 48 * 40_000)}
"""Of pages and of strips in one batch: large ones gain nothing on a CPU, and fill a GPU."""


def load(device: Literal["cpu", "cuda"] = "cpu", models: Models = DEFAULT, *, threads: int | None = None) -> Recogniser:
    """A recogniser with its models in memory; on a CPU `threads` for each operator (all cores, when not given).

    Raises: ConfigError: a model can't be had or is not what it should be; there is no GPU.
    """
    import cv2  # these and the models are heavy

    from kbray.vision.engines import Engine, OnnxEngine, characters
    from kbray.vision.head import SplitRecognition
    from kbray.vision.ocr import Ocr, best, chances
    from kbray.vision.reading import Reader
    from kbray.vision.regions import TONES, Layout, guesses
    from kbray.vision.tesseract import Tesseract

    detection, recognition = models.paths()
    layout = layout_path()
    classes = characters(recognition)
    engines: tuple[Engine, Engine, Engine]
    if device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise ConfigError(
                f"The cluster has a GPU, but torch {torch.__version__} on {socket.gethostname()} can't use one: "
                "install torch's CUDA build there, or start that node with --num-gpus=0."
            )
        from kbray.vision.gpu import TorchEngine, best_on_device, chances_on_device, guesses_on_device

        engines = (
            TorchEngine(detection, chances_on_device, half=models.half),
            TorchEngine(recognition, best_on_device, half=models.half),
            TorchEngine(layout, guesses_on_device, tones=TONES, half=models.half),
        )
    else:
        if threads is not None:
            cv2.setNumThreads(threads)
        ours = models.recognition == DEFAULT.recognition  # what `SplitRecognition` relies on was measured on this model
        # Detection stays in single precision: with its boxes, words move from line to line.
        runtime = runtimes.OpenVino if in_bfloat16(models) else runtimes.OnnxRuntime
        engines = (
            OnnxEngine(detection, chances, threads=threads),
            SplitRecognition(recognition, classes, threads=threads, runtime=runtime)
            if ours
            else OnnxEngine(recognition, best, threads=threads),
            OnnxEngine(layout, guesses, tones=TONES, threads=threads),
        )
    detect, recognise, look = engines
    others = [Tesseract(script) for script in models.scripts]
    ocr = Ocr(detect, recognise, classes, pixels=_PIXELS[device], trimmed=device == "cpu", others=others)
    reader = Reader(ocr, Layout(look, pixels=_PIXELS[device][0]))
    runtimes.trim()
    return reader


def in_bfloat16(models: Models = DEFAULT) -> bool:
    """Whether the processor of this machine reads lines in bfloat16, which no other model than the default was tried in."""
    return models.half and models.recognition == DEFAULT.recognition and runtimes.computes_in_bfloat16()


def characters(models: Models = DEFAULT) -> list[str]:
    """What the recognition model knows; reading its file takes a fifth of a second. Raises: ConfigError: as `load`."""
    from kbray.vision import engines

    return engines.characters(models.paths()[1])


def scripts(models: Models = DEFAULT) -> tuple[str, ...]:
    """Those that are read, by their names in Unicode; (): it is not known without reading the file of the recognition model."""
    others = map(unicode_name, models.scripts)
    return (*_SCRIPTS, *others) if models.recognition == DEFAULT.recognition else ()


def unused_scripts(models: Models = DEFAULT) -> list[str]:
    """Those that Tesseract on this machine could read besides."""
    from kbray.vision import tesseract

    found = tesseract.installed()
    read = {*_SCRIPTS, *models.scripts}
    return sorted(name for name in found.networks if name not in read) if found else []


def identity(models: Models = DEFAULT) -> str:
    """16 hex digits that change with the models or with what is made of their output. No model is loaded or fetched."""
    parts = [
        f"vision {VERSION}",
        *([] if models.half else ["single precision"]),
        f"onnxruntime {metadata.version('onnxruntime')}",
        *models.hashes(),
        LAYOUT_SHA256,
        *models.others(),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
