"""Text → vectors by sentence-transformers itself: any of its models, and all on a GPU. Importing this loads torch."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer
from sentence_transformers.util import batch_to_device
from transformers.utils import logging

from kbray.embed.light import unit
from kbray.errors import ConfigError, ModelOutOfMemory

_BATCH = {"cpu": 8, "cuda": 256}
"""Texts in one batch. On 2 CPU cores 8 were 1.1 to 1.3 times as fast as 32: less is padded."""


class Encoder:
    """See `ports.Embedder`. Safe to use in threads; they take turns."""

    def __init__(self, folder: Path, *, longest: int, threads: int | None = None, gpu: bool = False) -> None:
        """Args: longest: tokens of a text that are read; the rest is cut off.  threads: on CPU; None: torch's own choice.

        Raises: ConfigError: there is no such model in the folder.
        """
        self._device = "cuda" if gpu else "cpu"
        self._one_at_a_time = threading.Lock()
        if threads is not None:
            torch.set_num_threads(threads)
        logging.disable_progress_bar()
        try:
            self._model = SentenceTransformer(str(folder), device=self._device, model_kwargs={"dtype": _dtype(gpu)})
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            why = str(error).partition("\n")[0]
            raise ConfigError(f"{folder} holds no sentence-transformers model that can be loaded: {why}") from None
        self._model.eval()
        positions = getattr(self._model[0].auto_model.config, "max_position_embeddings", longest)
        self._model.max_seq_length = min(longest, positions)
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        batch = _BATCH[self._device]
        while True:
            try:
                with self._one_at_a_time:
                    return unit(self._model.encode_document(list(texts), batch_size=batch, show_progress_bar=False))
            except torch.OutOfMemoryError:
                torch.cuda.empty_cache()
                if batch == 1:
                    raise ModelOutOfMemory("The embedding model ran out of memory on a single text.") from None
                batch //= 2

    def query(self, text: str) -> NDArray[np.float32]:
        """As `encode_query`, which goes through all modules several times at each call: a sixth of what one question takes."""
        model = self._model
        prompt = model.prompts.get("query", model.prompts.get(model.default_prompt_name))
        with self._one_at_a_time, torch.inference_mode():
            asked = batch_to_device(model.preprocess([text], prompt=prompt, task="query"), torch.device(self._device))
            made: torch.Tensor = model(asked, task="query")["sentence_embedding"]
            return unit(made.float().cpu().numpy()).reshape(-1)


def _dtype(gpu: bool) -> torch.dtype:
    """Half precision where the device computes in it: the vectors are kept in it anyway."""
    if gpu:
        return torch.float16
    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if able.get("amx_bf16") or able.get("avx512_bf16") else torch.float32
