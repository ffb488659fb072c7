"""The models on a GPU, by torch."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from kbray.errors import ModelOutOfMemory
from kbray.vision.detection import Pixels
from kbray.vision.engines import EVEN, Arrays, Tones, filled
from kbray.vision.graph import Graph
from kbray.vision.regions import STRIDES


class TorchEngine:
    """torch on `device`, in half precision where that is a GPU; `finish` works on the device, so little of the output travels.

    On a GPU a shape that comes again is captured as a CUDA graph: a pass over a small model is hundreds of operators, and
    starting each from Python takes longer than its work. Batches are filled up to a power of four, so that shapes are few.
    """

    def __init__(
        self,
        path: Path,
        finish: Callable[..., tuple[torch.Tensor, ...]],
        device: str = "cuda",
        *,
        tones: Tones = EVEN,
        half: bool = True,
    ) -> None:
        self._device = torch.device(device)
        self._dtype = torch.float16 if half and self._device.type == "cuda" else torch.float32
        module = Graph(path).eval().to(self._device, self._dtype)
        self._module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
        self._finish = finish
        self._mean = torch.tensor(tones.mean, dtype=self._dtype, device=self._device)
        self._deviation = torch.tensor(tones.deviation, dtype=self._dtype, device=self._device)
        self._turn = threading.Lock()
        self._seen: set[torch.Size] = set()
        self._captured: dict[torch.Size, tuple[torch.cuda.CUDAGraph, torch.Tensor, tuple[torch.Tensor, ...]]] = {}
        if self._device.type == "cuda":
            self._stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]  # torch's own has no types
            self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, images: Pixels) -> Arrays:
        """Raises: ModelOutOfMemory: there is no room on the device for a single image."""
        try:
            with self._turn, torch.inference_mode():
                if self._device.type == "cpu":
                    return tuple(one.numpy() for one in self._pass(torch.from_numpy(images)))
                with torch.cuda.stream(self._stream):
                    return self._on_gpu(images)
        except torch.OutOfMemoryError:
            self._captured.clear()
            torch.cuda.empty_cache()
            if len(images) == 1:
                shape = "×".join(map(str, images.shape[1:3]))
                raise ModelOutOfMemory(f"The GPU has no memory for an image of {shape} pixels.") from None
        half = len(images) // 2
        return tuple(map(np.concatenate, zip(self(images[:half]), self(images[half:]), strict=True)))

    def _pass(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        batch = (images.to(self._dtype) - self._mean) / self._deviation
        return self._finish(*self._module(batch.permute(0, 3, 1, 2)))  # (n, height, width, 3) is `channels_last` already

    def _on_gpu(self, images: Pixels) -> Arrays:
        count = len(images)
        whole = torch.from_numpy(images)
        shape = torch.Size((filled(count), *images.shape[1:]))
        if shape in self._captured:
            graph, static, made = self._captured[shape]
            static[:count].copy_(whole)
            graph.replay()
        else:
            static = torch.zeros(shape, dtype=torch.uint8, device=self._device)
            static[:count].copy_(whole)
            made = self._pass(static)
            if shape in self._seen:  # the pass just made has chosen the device's algorithms for it
                self._capture(shape, static)
            self._seen.add(shape)
        return tuple(one[:count].cpu().numpy() for one in made)

    def _capture(self, shape: torch.Size, static: torch.Tensor) -> None:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"):
            made = self._pass(static)
        self._captured[shape] = (graph, static, made)


def chances_on_device(output: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """As `ocr.chances`."""
    return ((output[:, 0] * 255).round().to(torch.uint8),)


def best_on_device(output: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """As `ocr.best`."""
    chances, classes = output.max(2)
    return classes, chances.float()


def guesses_on_device(*outputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """As `regions.guesses`."""
    spread = torch.cat(outputs[len(STRIDES) :], 1).float()
    spread = spread.reshape(*spread.shape[:2], 4, -1).softmax(3)
    steps = torch.arange(spread.shape[3], dtype=torch.float32, device=spread.device)
    return torch.cat(outputs[: len(STRIDES)], 1).float(), spread @ steps
