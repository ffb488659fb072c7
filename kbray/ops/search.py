"""What a question finds: the index searched by words, by meaning, or by both.

The two rankings are fused by their ranks alone, since their scores can't be compared. (Cormack, Clarke and Büttcher, "Reciprocal
Rank Fusion outperforms Condorcet and individual Rank Learning Methods", 2009.)
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from kbray.catalogue import Place, Question, query
from kbray.errors import ConfigError
from kbray.model import EmbeddingModel, FileId, Hit, SearchMode
from kbray.wiring import Wiring

DEPTH = 100
"""How many of each ranking are fused, at least."""
LOOKED_AT = 10
"""How many of those found by words tell the language of the question."""
FUSION = 60
"""The constant of reciprocal rank fusion, as its authors have it."""


def search(
    wired: Wiring,
    words: str,
    k: int = 10,
    *,
    mode: SearchMode | None = None,
    only: str | None = None,
    language: str | None = None,
    exact: bool = False,
) -> list[Hit]:
    """The `k` passages that answer best, best first.

    Args: mode: by words (lexical), by meaning (dense), or both; None: both, where there are vectors.
          only, language: as in Question.  exact: spare nothing that might matter; for measurements.
    Raises: ConfigError: by meaning, but there are no vectors, or their model can't be had.
    """
    catalogue = wired.catalogue()
    asked = Question(query.parse(words), only, language)
    meant = asked.query.meaning
    if not meant:
        return []
    model = _model(wired, mode)
    if model is None:
        return catalogue.hits(asked, catalogue.rank_by_words(asked, k, k, exact=exact))
    embedder = wired.embedder(model.name, model.identity, threads=1)  # the other cores are the database's
    depth = max(k, DEPTH)

    def by_meaning() -> list[Place]:
        return catalogue.rank_by_meaning(asked, model, embedder.query(meant).tolist(), depth, k, exact=exact)

    if mode == "dense":
        return catalogue.hits(asked, by_meaning()[:k])
    with ThreadPoolExecutor(1) as beside:
        near = beside.submit(by_meaning)
        found = catalogue.rank_by_words(asked, depth, k, exact=exact)
        if not _foreign(wired, model, asked, found[:LOOKED_AT]):
            found = fused(found, near.result())
    return catalogue.hits(asked, found[:k])


def as_json(hit: Hit) -> dict[str, object]:
    """A hit as programs get it from `kbray search --json`; its shape is relied on."""
    chunk = hit.chunk
    box = chunk.box
    return {
        "hit": f"{hit.file_id}:{hit.ordinal}",
        "score": hit.score,
        "file_id": hit.file_id,
        "sha256": hit.sha256,
        "name": hit.name,
        "uri": hit.uri,
        "media_type": hit.media_type,
        "title": hit.title,
        "heading_path": list(chunk.heading_path),
        "place": {
            "page": chunk.page,
            "box": None if box is None else [box.left, box.top, box.right, box.bottom],
            "chapter": chunk.chapter,
            "anchor": chunk.anchor,
            "first_element": chunk.first,
            "last_element": chunk.last,
        },
        "language": chunk.language,
        "text": chunk.text,
        "matches": [list(match) for match in hit.matches],
    }


def load(wired: Wiring) -> None:
    """What takes seconds is done before the first question, if it will be asked by meaning. Raises: ConfigError: as `search`."""
    if model := _model(wired, None):
        wired.embedder(model.name, model.identity, threads=1)


def fused(words: Sequence[Place], meaning: Sequence[Place]) -> list[Place]:
    """Two rankings as one, best first; what has the phrases stays first."""
    scores: dict[tuple[FileId, int], float] = {}
    for ranking in (words, meaning):
        for rank, place in enumerate(ranking, start=1):
            key = (place.file_id, place.ordinal)
            scores[key] = scores.get(key, 0.0) + 1 / (FUSION + rank)
    first = {(place.file_id, place.ordinal) for place in words if place.first}
    places = [Place(*key, score, key in first) for key, score in scores.items()]
    return sorted(places, key=lambda place: (not place.first, -place.score, place.file_id, place.ordinal))


def _model(wired: Wiring, mode: SearchMode | None) -> EmbeddingModel | None:
    """The one that answers; None: search by words alone."""
    if mode == "lexical" or (mode is None and not wired.settings.vectors):
        return None
    model = next((model for model in wired.catalogue().models() if model.active), None)
    if model is None and mode is not None:
        raise ConfigError("There are no vectors to search by meaning: run `kbray index`, or search with --mode lexical.")
    return model


def _foreign(wired: Wiring, model: EmbeddingModel, asked: Question, best: Sequence[Place]) -> bool:
    """Whether the question is in a language that the model doesn't know: what it takes for near is noise (docs/benchmarks.md).

    Its stop words tell; or else most of what was found by its words.
    """
    if model.languages is None:
        return False
    if languages := wired.catalogue().languages_asked_in(asked):
        return languages.isdisjoint(model.languages)
    if not best:
        return False
    unknown = sum(language not in model.languages for language in wired.catalogue().languages_of(best))
    return 2 * unknown > len(best)
