"""How fast passages get vectors, beside bare `SentenceTransformer.encode` on the same texts, and what half precision costs."""

import time
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from benchmarks.session import session
from kbray import embed
from kbray.config import Settings
from kbray.document.chunking import embedded_text

FILES = 3000
"""Passages, here: bare encode takes two minutes for so many."""
NEAREST = 10


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Rates in passages a second; steady: from the first claim to the last vector stored, start-up apart."""
    if documents is None:
        raise SystemExit("This benchmark needs real documents: --documents FOLDER")
    with session(folder) as kbray:
        kbray.timed("run", documents, "--no-vectors")
        rows = kbray.query(f"SELECT heading_path, text FROM chunks ORDER BY md5(text) LIMIT {files}")
        texts = [embedded_text(path, text) for path, text in rows]
        wall_s = kbray.timed("index")
        steady_s = kbray.steady_s()
        stored = kbray.query("SELECT count(*) FROM vectors_1")[0][0]
    bare_s, exact = _bare(texts, torch.float32)
    half_s, half = _bare(texts, torch.bfloat16)
    return {
        "passages": stored,
        "kbray_a_second": round(stored / wall_s, 1),
        "kbray_steady_a_second": round(stored / steady_s, 1),
        "bare_passages": len(texts),
        "bare_a_second": round(len(texts) / bare_s, 1),
        "bare_bfloat16_a_second": round(len(texts) / half_s, 1),
        "times_bare": round(stored / wall_s * bare_s / len(texts), 2),
        "times_bare_bfloat16": round(stored / wall_s * half_s / len(texts), 2),
        "cosine_least": round(float((exact * half).sum(axis=1).min()), 4),
        "recall_at_10_of_bfloat16": round(_recall(exact, half), 3),
    }


def _bare(texts: list[str], dtype: torch.dtype) -> tuple[float, np.ndarray]:
    model = SentenceTransformer(str(embed.model_folder(Settings().embedding_model)), device="cpu", model_kwargs={"dtype": dtype})
    model.encode(texts[:32])
    started = time.perf_counter()
    made = np.asarray(model.encode(texts), np.float32)
    return time.perf_counter() - started, made / np.linalg.norm(made, axis=1, keepdims=True)


def _recall(exact: np.ndarray, half: np.ndarray) -> float:
    """Of the nearest of each passage by the exact vectors, how many are so by the others."""
    best, found = (np.argsort(-(made[:500] @ made.T), axis=1)[:, 1 : NEAREST + 1] for made in (exact, half))
    return float(np.mean([len(set(a) & set(b)) / NEAREST for a, b in zip(best, found, strict=True)]))
