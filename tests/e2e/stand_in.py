"""A GPU that Ray is told of and that no machine has: what kbray does on one is done by torch on the processor.

Not run by it: CUDA itself, its graphs, and half precision, in which a processor without instructions for it takes minutes.
"""

import functools
import os
from pathlib import Path
from typing import Any

_LOG = "stand-in.log"


def install() -> None:
    """In every worker of a job, as Ray's `worker_process_setup_hook`; what is heavy is loaded by who needs it."""
    from kbray import vision
    from kbray.wiring import Wiring

    vision.load = _load(vision.load)
    Wiring.embedder = _embedder(Wiring.embedder)  # type: ignore[method-assign]  # what workers call is replaced


def seen(home: Path) -> list[tuple[str, str]]:
    """Of each actor that took its models: (what for and where, the GPUs that Ray shows it)."""
    return [(work, gpus) for work, gpus in (line.split() for line in (home / _LOG).read_text().splitlines())]


def _note(work: str) -> None:
    with (Path(os.environ["KBRAY_HOME"]) / _LOG).open("a") as log:
        log.write(f"{work} {os.environ.get('CUDA_VISIBLE_DEVICES', '-')}\n")


def _load(load: Any) -> Any:
    @functools.wraps(load)
    def stand_in(device: str = "cpu", *arguments: Any, **named: Any) -> Any:
        if device == "cuda":
            import torch

            from kbray.vision import gpu

            torch.cuda.is_available = lambda: True
            engine: Any = functools.partial(gpu.TorchEngine, device="cpu")
            gpu.TorchEngine = engine  # type: ignore[misc]  # a class is replaced
        _note(f"recognise:{device}")
        return load(device, *arguments, **named)

    return stand_in


def _embedder(embedder: Any) -> Any:
    @functools.wraps(embedder)
    def stand_in(*arguments: Any, gpu: bool = False, **named: Any) -> Any:
        if gpu:
            from kbray.embed import encoder

            made = functools.partial(_on_processor, encoder.SentenceTransformer)  # type: ignore[attr-defined]  # imported there
            encoder.SentenceTransformer = made  # type: ignore[attr-defined]  # … for itself
        _note(f"embed:{'cuda' if gpu else 'cpu'}")
        return embedder(*arguments, gpu=gpu, **named)

    return stand_in


def _on_processor(transformer: Any, folder: str, **named: Any) -> Any:
    import torch

    return transformer(folder, **named | {"device": "cpu", "model_kwargs": {"dtype": torch.float32}})
