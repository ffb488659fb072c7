"""How large passages should be: a judged set of paragraphs (as `retrieval`, with the answer of each question), put together to
the documents they are from, cut into passages of several sizes, and searched for the answers.
"""

import re
import statistics
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.retrieval import MODES, judged, lines
from benchmarks.session import session
from kbray.library import Library, open_library
from kbray.model import Hit, SearchMode

FILES = 300
"""Questions, here, spread over the set."""
SIZES = (128, 256, 384, 512)
K = 10
TOKENS = 1000
"""What a reader, or the prompt of a language model, has room for: large passages should not win by being large."""
_AROUND = 30  # characters of the sentence beside the answer: `four` alone is everywhere


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Each document of the set becomes a text file; for each size these are indexed anew and searched."""
    if documents is None:
        raise SystemExit("This benchmark needs a judged set with answers: --documents FOLDER, as for `retrieval`")
    corpus = {paragraph["_id"]: paragraph for paragraph in lines(documents / "corpus.jsonl")}
    source = folder / "files"
    source.mkdir()
    for name, paragraphs in _documents(corpus).items():
        (source / f"{name}.txt").write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")
    right = judged(documents / "qrels.tsv")
    queries = [query for query in lines(documents / "queries.jsonl") if query["_id"] in right]
    asked = [
        (query["text"], [place for one in sorted(right[query["_id"]]) for place in _places(corpus[one]["text"], query["answer"])])
        for query in queries[:: max(1, len(queries) // files)]
    ]
    found: dict[str, object] = {"documents": len(list(source.iterdir())), "queries": len(asked)}
    with session(folder) as kbray:
        kbray.timed("sync", source)
        kbray.timed("process")
        for size in SIZES:
            kbray.settings["KBRAY_CHUNK_TOKENS"] = str(size)
            kbray.timed("index", "--stale")
            found[f"{size}_chunks"] = kbray.query("SELECT count(*) FROM chunks")[0][0]
            with open_library(home=kbray.home, chunk_tokens=size) as library:
                found |= {f"{size}_{mode}": _measured(library, asked, mode) for mode in MODES}
    return found


def _documents(corpus: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    documents = defaultdict[str, list[str]](list)
    for paragraph in corpus.values():
        documents[paragraph["doc"]] += (
            [paragraph["text"]] if paragraph["doc"] in documents else [paragraph["title"], paragraph["text"]]
        )
    return documents


def _places(paragraph: str, answer: str) -> list[str]:
    """The answer wherever it stands in the paragraph, with what is beside it in its sentence."""
    sentences = [sentence for sentence in re.split(r"(?<=[.!?]) +", paragraph) if answer in sentence] or [paragraph]
    return [
        _plain(sentence[max(0, at.start() - _AROUND) : at.end() + _AROUND])
        for sentence in sentences
        for at in re.finditer(re.escape(answer), sentence)
    ]


def _measured(library: Library, asked: Sequence[tuple[str, list[str]]], mode: SearchMode) -> dict[str, float]:
    """`in_tokens`: the share of questions whose answer is in the first passages that have room in `TOKENS`."""
    ranks, in_tokens = [], []
    for words, answers in asked:
        hits = library.search(words, K, mode=mode)
        rank = next((n for n, hit in enumerate(hits, start=1) if _answers(hit, answers)), None)
        ranks.append(rank)
        in_tokens.append(rank is not None and sum(hit.chunk.tokens for hit in hits[:rank]) <= TOKENS)
    mean = statistics.mean
    return {
        "mrr_at_10": round(mean(0.0 if rank is None else 1 / rank for rank in ranks), 3),
        "recall_at_1": round(mean(rank == 1 for rank in ranks), 3),
        "recall_at_5": round(mean(rank is not None and rank <= 5 for rank in ranks), 3),
        "in_tokens": round(mean(in_tokens), 3),
    }


def _answers(hit: Hit, answers: Sequence[str]) -> bool:
    text = _plain(hit.chunk.text)
    return any(answer in text for answer in answers)


def _plain(text: str) -> str:
    return " ".join(text.split())
