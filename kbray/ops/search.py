"""What a question finds: the index searched by words, by meaning, or by both.

The two rankings are fused by their scores, as shares of the best one, in equal parts: ranks alone would not tell a passage that
is far ahead from one that is just before others. (Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval",
2023; what it gives here: docs/trials.md, ranking.)
"""

from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from kbray.catalogue import Byline, Place, Question, Selection, languages, query, storable
from kbray.catalogue.bylines import MOST_COUNTED
from kbray.errors import ConfigError
from kbray.model import SEARCH_MODES, EmbeddingModel, FileId, Hit, SearchMode
from kbray.wiring import Wiring

DEPTH = 100
"""How many of each ranking are fused, at least."""
_DEPTH_BY_FILE = 1000
"""The same where only so many of each file are wanted: a book on the matter has many."""


def search(
    wired: Wiring,
    words: str,
    k: int = 10,
    *,
    mode: SearchMode | None = None,
    only: str | None = None,
    language: str | None = None,
    file_ids: tuple[FileId, ...] | None = None,
    by: Byline | None = None,
    per_file: int | None = None,
    exact: bool = False,
) -> list[Hit]:
    """The `k` passages that answer best, best first.

    Args: mode: by words (lexical), by meaning (dense), or both; None: both, where there are vectors.
          only, language, file_ids, by: as in Question.  per_file: at most so many of each file.
          exact: spare nothing that might matter; for measurements.
    Raises: ConfigError: by meaning, but there are no vectors, or their model can't be had; `k` or `mode` can't be meant.
    """
    if k < 1:
        raise ConfigError(f"{k} passages can't be found: ask for 1 or more.")
    if mode is not None and mode not in SEARCH_MODES:
        raise ConfigError(f"There is no search mode {mode!r}: it is one of {', '.join(SEARCH_MODES)}.")
    catalogue = wired.catalogue()
    asked = Question(query.parse(words), only, storable.optional(language), file_ids, by)
    meant = asked.query.meaning
    if not meant:
        return []
    asked = catalogue.narrowed(asked)
    model = _model(wired, mode)
    depth = max(k, _DEPTH_BY_FILE) if per_file else k
    if model is None:
        found = catalogue.rank_by_words(asked, depth, k, exact=exact)
        return catalogue.hits(asked, _best(found.places, k, per_file), found.lexemes)
    embedder = wired.embedder(model.name, model.identity, threads=1)  # the other cores are the database's
    depth = max(depth, DEPTH)

    def by_meaning() -> list[Place]:
        return catalogue.rank_by_meaning(asked, model, embedder.query(meant).tolist(), depth, k, exact=exact)

    if mode == "dense":
        return catalogue.hits(asked, _best(by_meaning(), k, per_file))
    with ThreadPoolExecutor(1) as beside:
        near = beside.submit(by_meaning)
        found = catalogue.rank_by_words(asked, depth, k, exact=exact)
        lacking = catalogue.without_vectors(model, sorted({place.file_id for place in found.places}))
        places = fused(found.places, near.result(), depth, lacking)
    return catalogue.hits(asked, _best(places, k, per_file), found.lexemes)


def unknown(wired: Wiring, words: str) -> list[str]:
    """The words asked for that stand in no passage at all."""
    return wired.catalogue().unknown(query.parse(words))


def unspoken(wired: Wiring, language: str | None) -> str:
    """A sentence where no passage is in the language asked for; "": there are some, or none is asked for."""
    if language is None:
        return ""
    there = wired.catalogue().languages()
    if (languages.tag(language) or language).partition("-")[0] in there:
        return ""
    return f"No passage is in {language!r}: a language is asked for by its tag, and there are {', '.join(there) or 'none yet'}."


def left_out(wired: Wiring, by: Byline | None, *, only: str | None = None, file_ids: tuple[FileId, ...] | None = None) -> str:
    """A sentence about the files that have no date, where dates are asked for; "": there are none."""
    if by is None or not (by.since or by.until):
        return ""
    number = wired.catalogue().undated(Selection(only=only, file_ids=file_ids, by=Byline(by.author)))
    if number > MOST_COUNTED:
        return f"More than {MOST_COUNTED:,} files have no date and are left out."
    return (
        f"{number:,} {'file has' if number == 1 else 'files have'} no date and {'is' if number == 1 else 'are'} left out."
        if number
        else ""
    )


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
        "authors": list(hit.authors),
        "date": hit.date,
        "gone": hit.gone,
        "heading_path": list(chunk.heading_path),
        "place": {
            "page": chunk.page,
            "box": None if box is None else [box.left, box.top, box.right, box.bottom],
            "chapter": chunk.chapter,
            "anchor": chunk.anchor,
            "print_page": chunk.print_page,
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


def fused(words: Sequence[Place], meaning: Sequence[Place], depth: int, lacking: Collection[FileId] = frozenset()) -> list[Place]:
    """Two rankings, best first and at most `depth` long, as one; what has the phrases stays first.

    The scores are means of shares (0 to 1) of the best. What is missing in a ranking may have come right after its last one, and
    gets the share of that; but of the words it has none if not even `depth` passages have any. Files `lacking` vectors, which are
    still being made, can't be near by meaning, and count by their words alone.
    """
    by_words, by_meaning = _shares(words), _shares(meaning)
    rest_of_words = min(by_words.values()) if len(by_words) >= depth else 0.0
    rest_of_meaning = min(by_meaning.values(), default=0.0)
    first = {(place.file_id, place.ordinal) for place in words if place.first}
    places = []
    for key in {**by_words, **by_meaning}:
        near = by_meaning.get(key, by_words[key] if key[0] in lacking and key in by_words else rest_of_meaning)
        score = (by_words.get(key, rest_of_words) + near) / 2
        places.append(Place(*key, score, key in first))
    return sorted(places, key=lambda place: (not place.first, -place.score, place.file_id, place.ordinal))


def _best(places: Sequence[Place], k: int, per_file: int | None) -> list[Place]:
    """The first `k`, of each file not more than wanted."""
    if per_file is None:
        return list(places[:k])
    taken, kept = Counter[FileId](), list[Place]()
    for place in places:
        taken[place.file_id] += 1
        if taken[place.file_id] <= per_file:
            kept.append(place)
    return kept[:k]


def _shares(ranking: Sequence[Place]) -> dict[tuple[FileId, int], float]:
    """Chunk → its score as a share of the best one."""
    best = max((place.score for place in ranking), default=0.0)
    return {(place.file_id, place.ordinal): max(place.score / best, 0.0) if best > 0 else 0.0 for place in ranking}


def _model(wired: Wiring, mode: SearchMode | None) -> EmbeddingModel | None:
    """The one that answers; None: search by words alone."""
    if mode == "lexical" or (mode is None and not wired.settings.vectors):
        return None
    model = next((model for model in wired.catalogue().models() if model.active), None)
    if model is None and mode is not None:
        raise ConfigError("There are no vectors to search by meaning: run `kbray index`, or search with --mode lexical.")
    return model
