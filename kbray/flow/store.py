"""store: the vectors of a piece of a file are in the index, in one fenced transaction."""

import time
from dataclasses import replace

import numpy as np

from kbray.flow import deaths, metrics
from kbray.flow.failures import recorded
from kbray.flow.rows import Embedded
from kbray.wiring import Wiring


def store(wired: Wiring, piece: Embedded) -> None:
    """These chunks have their vectors; or the file is failed, with the reason."""
    started = time.perf_counter()
    catalogue, failures, held = wired.catalogue(), list(piece.failures), False
    if not failures:
        made = np.frombuffer(piece.vectors, np.float16).reshape(len(piece.ordinals), -1 if piece.ordinals else 0)
        with recorded("embed") as failures, deaths.counted(wired.settings, piece.claim, "storing its vectors"):
            held = catalogue.store_vectors(piece.claim, piece.ordinals, made.tolist(), (), piece.effort)
    if failures:
        held = catalogue.store_vectors(piece.claim, (), (), failures, piece.effort)
    if not held:
        return
    metrics.add("kbray_files", bool(failures), outcome="failed")
    metrics.add("kbray_passages", 0 if failures else len(piece.ordinals), kind="vectors")
    metrics.spent(replace(piece.effort, commit_s=time.perf_counter() - started), recognise="embed", commit="store")
    metrics.failed(failures)
