"""embed: texts → vectors, in actors that keep the model; on a GPU where the cluster has one."""

import os
import time
from functools import cached_property

import numpy as np
import pyarrow as pa

from kbray.config import Settings
from kbray.flow import deaths, node, rows
from kbray.flow.failures import recorded
from kbray.flow.rows import Embedded, Passages
from kbray.model import Effort, EmbeddingModel, Failure
from kbray.ports import Embedder

NICENESS = 4
"""As in `recognise`."""


class Embed:
    """One actor; the model is loaded at the first text."""

    def __init__(self, settings: Settings, model: EmbeddingModel, gpu: bool) -> None:
        os.nice(NICENESS)
        self._settings = settings
        self._model = model
        self._gpu = gpu

    @cached_property
    def _embedder(self) -> Embedder:
        wired = node.here(self._settings)
        return wired.embedder(self._model.name, self._model.identity, threads=1, gpu=self._gpu)  # an actor a core

    def __call__(self, batch: pa.Table) -> pa.Table:
        return rows.embedded_to_table([self._batch(pieces) for pieces in rows.table_to_passages(batch)])

    def _batch(self, pieces: tuple[Passages, ...]) -> tuple[Embedded, ...]:
        """All texts together. Where they fail together, each file is tried alone, so that the others are not lost with one."""
        done, failures = self._together(pieces, "embedding a batch")
        if not failures:
            return done
        return tuple(one for piece in pieces for one in self._together((piece,), "embedding the file")[0])

    def _together(self, pieces: tuple[Passages, ...], work: str) -> tuple[tuple[Embedded, ...], list[Failure]]:
        texts = [text for piece in pieces for text in piece.texts]
        made = np.empty((0, 0), np.float16)
        embedder = self._embedder  # loaded before time is taken
        started, cpu = time.perf_counter(), time.thread_time()
        with recorded("embed") as failures, deaths.counted(self._settings, pieces[0].claim, work):
            if texts:
                made = embedder.documents(texts).astype(np.float16)
        share = 1 / max(1, len(texts))
        seconds, cpu_seconds = (time.perf_counter() - started) * share, (time.thread_time() - cpu) * share
        done, place = list[Embedded](), 0
        for piece in pieces:
            count = len(piece.texts)
            vectors = made[place : place + count]
            place += count
            effort = Effort(recognise_s=seconds * count, cpu_s=cpu_seconds * count)
            done.append(Embedded(piece.claim, piece.ordinals, vectors.tobytes(), (*piece.failures, *failures), effort))
        return tuple(done), failures
