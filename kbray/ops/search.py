"""What a question finds: the index searched by words, by meaning, or by both."""

from kbray.catalogue import query
from kbray.errors import ConfigError
from kbray.model import Hit, SearchMode
from kbray.wiring import Wiring


def search(
    wired: Wiring,
    words: str,
    k: int = 10,
    *,
    mode: SearchMode | None = None,
    only: str | None = None,
    language: str | None = None,
) -> list[Hit]:
    """The `k` passages that answer best, best first.

    Args: mode: by words (lexical), by meaning (dense), or both; None: both, where there are vectors.
    Raises: ConfigError: by meaning, but there are no vectors, or their model can't be had.
    """
    catalogue = wired.catalogue()
    asked = query.parse(words).meaning
    if not asked:
        return []
    if mode == "lexical" or (mode is None and not wired.settings.vectors):
        return catalogue.search(words, k, only=only, language=language)
    model = next((model for model in catalogue.models() if model.active), None)
    if model is None:
        if mode is not None:
            raise ConfigError("There are no vectors to search by meaning: run `kbray index`, or search with --mode lexical.")
        return catalogue.search(words, k, only=only, language=language)
    vector = wired.embedder(model.name, model.identity).query(asked).tolist()
    return catalogue.search(words, k, only=only, language=language, meaning=(model, vector), by_words=mode != "dense")
