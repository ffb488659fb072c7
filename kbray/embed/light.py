"""Text → vectors on a CPU, without torch: for models whose network `graph` knows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kbray import runtimes
from kbray.embed.graph import Network

_BATCH = 8
"""Texts that go through the model together. More are no faster: less is padded."""


class LightEncoder:
    """See `ports.Embedder`. What it makes is what sentence-transformers makes of the same files, but for rounding."""

    def __init__(self, folder: Path, network: Network, *, longest: int, threads: int | None = None, half: bool = True) -> None:
        """Args: longest: tokens of a text that are read.  threads: None: all cores.  half: as `runtimes.OpenVino`."""
        self._network = network
        self._run = runtimes.OpenVino(network.layers, threads, half=half)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(min(longest, len(network.places)))
        self.dimension = network.words.shape[1]

    def documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        prompt = self._network.prompts.get("document") or ""
        tokens = [one.ids for one in self._tokenizer.encode_batch_fast([prompt + text for text in texts])]
        made = np.empty((len(tokens), self.dimension), np.float32)
        by_length = sorted(range(len(tokens)), key=lambda number: len(tokens[number]))
        for start in range(0, len(tokens), _BATCH):
            batch = by_length[start : start + _BATCH]
            made[batch] = self._vectors([tokens[number] for number in batch])
        return made

    def query(self, text: str) -> NDArray[np.float32]:
        prompt = self._network.prompts.get("query") or ""
        made: NDArray[np.float32] = self._vectors([self._tokenizer.encode(prompt + text).ids])[0]
        return made

    def _vectors(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """(n) rows of tokens → (n, d)."""
        longest = max(1, *map(len, rows))
        tokens = np.full((len(rows), longest), self._network.filling, np.int64)
        seen = np.zeros((len(rows), longest), np.float32)
        for number, row in enumerate(rows):
            tokens[number, : len(row)] = row
            seen[number, : len(row)] = 1
        (hidden,) = self._run(self._network.embedded(tokens), seen)
        if self._network.pooling == "cls":
            return unit(hidden[:, 0])
        return unit(np.einsum("ntd,nt->nd", hidden, seen))


def unit(made: NDArray[np.floating]) -> NDArray[np.float32]:
    """(n, d) → of length 1; half precision leaves them a thousandth off."""
    found = np.asarray(made, np.float32)
    of_length_1: NDArray[np.float32] = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
    return of_length_1
