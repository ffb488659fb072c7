"""How fast a search answers in a large index, and how much of what an exact search finds.

The index is made of real chunks: those of the documents given, and new ones, each of the halves of two real ones of a language,
so that words are as common as they are in books. Their vectors are made of those of the two. Questions are runs of words of real
chunks.
"""

import math
import random
import shutil
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from benchmarks.session import session
from kbray.catalogue import chunks, embedded, vectors
from kbray.catalogue.connection import Database
from kbray.config import load
from kbray.model import Chunk, EmbeddingModel, FileId
from kbray.ops.search import search
from kbray.wiring import Wiring, connect

FILES = 100_000
"""Chunks, here."""
PER_FILE = 200
SOURCES = 4000
"""Real chunks that are embedded."""
QUESTIONS = 200
ROUNDS = 3
K = 10


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Medians and 95th percentiles in milliseconds, with the time that the model takes for the question."""
    if documents is None:
        raise SystemExit("This benchmark needs real documents: --documents FOLDER")
    chance = random.Random(1)
    with session(folder) as kbray:
        kbray.timed("run", documents, "--no-vectors")
        with connect(load(home=kbray.home)) as wired:
            catalogue = wired.catalogue()
            model = catalogue.open_model(wired.settings.embedding_model, *wired.model())
            embedder = wired.embedder(model.name, model.identity)
            real = kbray.query("SELECT text, language FROM chunks WHERE length > 40 ORDER BY md5(text)")
            sources = real[:SOURCES]
            made = embedder.documents([text for text, _ in sources])
            made_s = _fill(kbray.home, model, sources, made, files)
            catalogue.vacuum(room=shutil.disk_usage(folder).free)  # as `kbray index` ends
            english = [text for text, language in real if (language or "").startswith("en")]
            other = [text for text, language in real if not (language or "en").startswith("en")]
            asked = {
                name: [_question(chance, chance.choice(texts)) for _ in range(QUESTIONS)]
                for name, texts in {"any": [text for text, _ in real], "english": english, "other": other}.items()
            }
            found: dict[str, object] = {"chunks": kbray.query("SELECT count(*) FROM chunks")[0][0], "fill_s": round(made_s, 1)}
            for name, questions, filters in (
                ("all", asked["any"], {}),
                ("by_type", asked["any"], {"only": "text"}),
                ("by_language", asked["english"], {"language": "en"}),
                ("by_another_language", asked["other"], {"language": "en"}),
            ):
                for mode in ("lexical", "dense", "hybrid"):

                    def ask(words: str, mode: Any = mode, filters: Any = filters) -> Sequence[Any]:
                        return search(wired, words, K, mode=mode, **filters)

                    found[f"{name}_{mode}"] = _times(ask, questions)
                found[f"{name}_recall_at_10"] = _recall(wired, questions, filters)
            return found


def _times(ask: Callable[[str], object], asked: Sequence[str]) -> dict[str, float]:
    """Of each question the best of some rounds: others work on the machine, too."""
    best = [math.inf] * len(asked)
    for _ in range(ROUNDS):
        for place, words in enumerate(asked):
            started = time.perf_counter()
            ask(words)
            best[place] = min(best[place], 1000 * (time.perf_counter() - started))
    return {"median_ms": round(statistics.median(best), 1), "p95_ms": round(statistics.quantiles(best, n=20)[-1], 1)}


def _recall(wired: Wiring, asked: Sequence[str], filters: dict[str, Any]) -> float:
    """Of the ten best that an exact search finds, how many are found."""
    shares = []
    for words in asked:
        best, found = (
            {(hit.file_id, hit.ordinal) for hit in search(wired, words, K, mode="hybrid", exact=exact, **filters)}
            for exact in (True, False)
        )
        if best:
            shares.append(len(best & found) / len(best))
    return round(statistics.mean(shares), 3)


def _question(chance: random.Random, text: str) -> str:
    words = [word for word in text.split() if word.isalpha()]
    start = chance.randrange(max(1, len(words) - 8))
    return " ".join(words[start : start + chance.randint(3, 8)])


def _fill(home: Path, model: EmbeddingModel, sources: Sequence[tuple[str, str | None]], made: np.ndarray, wanted: int) -> float:
    """Files of made-up chunks until there are so many; seconds. Args: sources: texts and their languages."""
    url = embedded.start(home)
    database = Database(url, patience_s=5, pool_size=2)
    with psycopg.connect(url) as connection:
        (there,) = connection.execute("SELECT count(*) FROM chunks").fetchone() or (0,)

    of_language = defaultdict[str | None, list[int]](list)
    for number, (_, language) in enumerate(sources):
        of_language[language].append(number)

    def one(number: int) -> None:
        chance = random.Random(number)
        firsts = [chance.randrange(len(sources)) for _ in range(PER_FILE)]
        pairs = [(first, chance.choice(of_language[sources[first][1]])) for first in firsts]
        noise = np.random.default_rng(number).normal(0, 0.02, (PER_FILE, made.shape[1]))
        near = made[[a for a, _ in pairs]] + made[[b for _, b in pairs]] + noise
        near /= np.linalg.norm(near, axis=1, keepdims=True)
        found = [Chunk(_halves(sources[a][0], sources[b][0]), (), 200, 0, 0, language=sources[a][1]) for a, b in pairs]

        def work(connection: Any) -> None:
            file_id = FileId(_file(connection, number))
            chunks.replace(connection, file_id, found)
            vectors.put(connection, model.id, file_id, range(PER_FILE), near.tolist())

        database.transaction(work)

    started = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(max(0, wanted - there) // PER_FILE)))
    database.close()
    return time.monotonic() - started


def _halves(one: str, other: str) -> str:
    return one[: len(one) // 2] + other[len(other) // 2 :]


def _file(connection: Any, number: int) -> int:
    from sqlalchemy import text

    return int(
        connection.scalar(
            text("""
                INSERT INTO files (sha256, uri, media_type, size_bytes, parts, status)
                VALUES (md5(:n) || md5(:n), '/made/' || :n || '.txt', :kind, 1, 1, 'indexed') RETURNING id
            """),
            {"n": str(number), "kind": "text/plain" if number % 2 else "application/pdf"},
        )
    )
