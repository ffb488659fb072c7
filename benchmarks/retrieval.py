"""How well search finds: a judged set (corpus.jsonl, queries.jsonl, qrels.tsv, as BEIR has them), end to end from files.

By words, by meaning and by both.
"""

import csv
import json
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks import metrics
from benchmarks.session import session
from kbray.library import Library, open_library
from kbray.model import SearchMode

FILES = 100_000
DEPTH = 1000
"""Passages of a ranking; files are ranked by their best one."""
MODES: tuple[SearchMode, ...] = ("lexical", "dense", "hybrid")


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Each document of the set becomes a text file; these are synced, processed, indexed and searched."""
    if documents is None:
        raise SystemExit("This benchmark needs a judged set: --documents FOLDER with corpus.jsonl, queries.jsonl and qrels.tsv")
    source = folder / "files"
    source.mkdir()
    corpus = lines(documents / "corpus.jsonl")[:files]
    for document in corpus:
        (source / f"{document['_id']}.txt").write_text(f"{document['title']}\n\n{document['text']}\n", encoding="utf-8")
    relevant = judged(documents / "qrels.tsv")
    queries = [query for query in lines(documents / "queries.jsonl") if query["_id"] in relevant]
    with session(folder) as kbray:
        made_s = kbray.timed("sync", source) + kbray.timed("process")
        index_s = kbray.timed("index", "--no-vectors")
        vectors_s = kbray.timed("index")
        found: dict[str, object] = {
            "documents": len(corpus),
            "indexed": kbray.json("status")["files"]["indexed"],
            "chunks": kbray.query("SELECT count(*) FROM chunks")[0][0],
            "queries": len(queries),
            "process_s": round(made_s, 1),
            "index_s": round(index_s, 1),
            "vectors_s": round(vectors_s, 1),
        }
        with open_library(home=kbray.home) as library:
            return found | {mode: _measured(library, queries, relevant, mode) for mode in MODES}


def _measured(
    library: Library, queries: list[dict[str, Any]], relevant: dict[str, set[str]], mode: SearchMode
) -> dict[str, float]:
    pairs, times = [], []
    for query in queries:
        started = time.perf_counter()
        library.search(query["text"], mode=mode)
        times.append(time.perf_counter() - started)
        hits = library.search(query["text"], DEPTH, mode=mode)
        ranking = list(dict.fromkeys(Path(hit.name).stem for hit in hits))
        pairs.append((ranking, relevant[query["_id"]]))
    mean = statistics.mean
    return {
        "map": round(mean(metrics.average_precision(*pair) for pair in pairs), 3),
        "ndcg_at_10": round(mean(metrics.ndcg(*pair, 10) for pair in pairs), 3),
        "recall_at_5": round(mean(metrics.recall(*pair, 5) for pair in pairs), 3),
        "recall_at_10": round(mean(metrics.recall(*pair, 10) for pair in pairs), 3),
        "mrr": round(mean(metrics.reciprocal_rank(*pair) for pair in pairs), 3),
        "search_ms_median": round(1000 * statistics.median(times), 1),
        "search_ms_p95": round(1000 * statistics.quantiles(times, n=20)[-1], 1),
    }


def lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def judged(path: Path) -> dict[str, set[str]]:
    """Query → the documents that are relevant to it."""
    found = defaultdict[str, set[str]](set)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0:
                found[row["query-id"]].add(row["corpus-id"])
    return dict(found)
