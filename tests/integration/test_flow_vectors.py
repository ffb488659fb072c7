"""passages, embed and store as Ray calls them, without Ray: real PostgreSQL, the real model."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kbray.catalogue import Catalogue, Selection
from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.flow import deaths, drive, node, rows
from kbray.flow.embed import Embed
from kbray.flow.passages import passages
from kbray.flow.rows import Embedded, Passages
from kbray.flow.store import store
from kbray.model import EmbeddingModel, IndexRef, Progress, RunId
from kbray.ops.search import search
from kbray.wiring import Wiring
from tests.integration.test_catalogue_index import indexed

pytestmark = pytest.mark.integration

BOOKS = {
    "cats.pdf": ["The kitten slept on the sofa.", "It was fed with milk."],
    "empty.pdf": [],
    "money.pdf": ["Interest rates rose when the bank met.", "", "Shares fell."],
}


@pytest.fixture
def wired(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    with Wiring(Settings(home=tmp_path, database_url=database_url, patience_s=0)) as wiring:
        monkeypatch.setattr(node, "here", lambda _: wiring)
        yield wiring


def opened(wired: Wiring) -> EmbeddingModel:
    return wired.catalogue().open_model(wired.settings.embedding_model, *wired.model())


def waiting(catalogue: Catalogue, model: EmbeddingModel) -> list[IndexRef]:
    return catalogue.index_refs(catalogue.prepare_vectors(Selection(), model.id), 2**62, 0, 100)


def batches(wired: Wiring, run: RunId, refs: list[IndexRef]) -> list[tuple[Passages, ...]]:
    tables = passages(rows.index_refs_to_table([refs]), wired.settings, run)
    return [batch for table in tables for batch in rows.table_to_passages(table)]


def embedded(wired: Wiring, model: EmbeddingModel, batch: tuple[Passages, ...]) -> list[Embedded]:
    actor = Embed(wired.settings, model, gpu=False)
    return rows.table_to_embedded(actor(rows.passages_to_table([batch])))


@pytest.fixture(autouse=True)
def _as_nice_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.nice", lambda _: 0)  # an actor is a process of its own


def test_what_is_meant_is_found_in_other_words(wired: Wiring) -> None:
    ids = indexed(wired.catalogue(), BOOKS)
    with pytest.raises(ConfigError, match="run `kbray index`"):
        search(wired, "cat", mode="dense")
    assert search(wired, "kitten")[0].name == "cats.pdf", "by words, as long as there are no vectors"
    model = opened(wired)
    assert (model.dimension, model.active) == (384, True)
    run = wired.catalogue().start_run("index", {})
    (batch,) = batches(wired, run, waiting(wired.catalogue(), model))
    assert {piece.claim.ref.file_id: len(piece.texts) for piece in batch} == {ids[name]: len(BOOKS[name]) for name in BOOKS}
    for piece in embedded(wired, model, batch):
        store(wired, piece)

    assert waiting(wired.catalogue(), model) == []
    assert wired.catalogue().run(run).files_done == 3
    hits = search(wired, "a young pet on the couch", 2, mode="dense")
    assert (hits[0].name, hits[0].ordinal) == ("cats.pdf", 0)
    assert search(wired, "finance", mode="lexical") == []
    assert search(wired, "finance")[0].name == "money.pdf"
    assert search(wired, "-finance") == []


def test_vectors_are_those_of_sentence_transformers(wired: Wiring) -> None:
    from sentence_transformers import SentenceTransformer

    from kbray import embed

    texts = ["The kitten slept.", "Shares fell. " * 400, "北京", ""]
    model = opened(wired)
    bare = SentenceTransformer(str(embed.model_folder(wired.settings.embedding_model)), device="cpu")
    wanted = bare.encode(texts, normalize_embeddings=True)
    made = wired.embedder(model.name, model.identity).documents(texts)
    assert made.shape == (4, 384)
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(4), abs=1e-6)
    assert (made * wanted).sum(axis=1) == pytest.approx(np.ones(4), abs=0.01), "half precision, where the CPU has it"
    assert wired.embedder(model.name, model.identity).query(texts[0]) == pytest.approx(made[0], abs=0.05)
    with pytest.raises(ConfigError, match="another version of"):
        wired.embedder(model.name, "not this one")


def test_a_file_that_kills_the_model_is_failed_alone(wired: Wiring) -> None:
    ids = indexed(wired.catalogue(), BOOKS)
    model = opened(wired)
    run = wired.catalogue().start_run("index", {})
    (batch,) = batches(wired, run, waiting(wired.catalogue(), model))
    guilty = next(piece.claim for piece in batch if piece.claim.ref.file_id == ids["money.pdf"])
    dying = [
        deaths.counted(wired.settings, claim, work)
        for work, claim in (("embedding a batch", batch[0].claim), ("embedding the file", guilty))
        for _ in range(deaths.TRIES)
    ]
    for try_ in dying:
        try_.__enter__()  # and the process is gone
    for piece in embedded(wired, model, batch):
        store(wired, piece)

    status = {name: wired.catalogue().file(ids[name]).row.status for name in BOOKS}
    assert status == {"cats.pdf": "indexed", "money.pdf": "failed", "empty.pdf": "indexed"}
    (failure,) = wired.catalogue().failures(ids["money.pdf"])
    assert (failure.code, failure.stage) == ("parser_crashed", "embed")
    assert search(wired, "shares", mode="lexical")[0].name == "money.pdf", "by its words it is found all the same"


def test_what_was_tried_too_often_is_set_aside(wired: Wiring, database_url: str) -> None:
    ids = indexed(wired.catalogue(), {"a.pdf": ["text"]})
    model = opened(wired)
    run = wired.catalogue().start_run("index", {})
    (ref,) = waiting(wired.catalogue(), model)
    for _ in range(wired.settings.max_attempts):
        assert wired.catalogue().claim_index(run, ref)
    (batch,) = batches(wired, run, [ref])
    assert batch[0].texts == ()
    for piece in embedded(wired, model, batch):
        store(wired, piece)
    assert wired.catalogue().file(ids["a.pdf"]).row.status == "failed"


def test_long_files_come_in_pieces_and_short_ones_together(wired: Wiring) -> None:
    indexed(wired.catalogue(), {"long.pdf": [f"text {n}" for n in range(600)], "b.pdf": ["b"], "c.pdf": ["c"]})
    model = opened(wired)
    run = wired.catalogue().start_run("index", {})
    found = batches(wired, run, waiting(wired.catalogue(), model))
    assert [[len(piece.texts) for piece in batch] for batch in found] == [[256], [256], [88, 1, 1]]
    assert [piece.ordinals for batch in found for piece in batch[:1]][1] == tuple(range(256, 512))
    assert batches(wired, wired.catalogue().start_run("index", {}), waiting(wired.catalogue(), model)) == []


def test_by_both_all_is_found_that_either_finds_and_words_are_not_drowned(wired: Wiring) -> None:
    indexed(wired.catalogue(), {"a.pdf": ["Katzen schlafen", "Hunde"], "b.pdf": ["cats sleep", "cats"]})
    model = opened(wired)
    run = wired.catalogue().start_run("index", {})
    for batch in batches(wired, run, waiting(wired.catalogue(), model)):
        for piece in embedded(wired, model, batch):
            store(wired, piece)

    german = search(wired, "Katzen schlafen")
    assert (german[0].name, german[0].ordinal, len(german)) == ("a.pdf", 0, 4), "a language that the model doesn't know"
    assert [hit.ordinal for hit in search(wired, "Katzen schlafen", mode="lexical")] == [0]
    assert [(hit.name, hit.ordinal) for hit in search(wired, "cats sleep")[:2]] == [("b.pdf", 0), ("b.pdf", 1)]
    assert len(search(wired, "nowhere")) == 4


def test_that_what_was_indexed_is_put_in_order_is_told(wired: Wiring) -> None:
    told = list[Progress]()
    progress = Progress(3, 3, 0, 0, 0, 0, 1.0)
    for state in ("interrupted", "succeeded"):
        drive.vacuum(wired, drive.Outcome(wired.catalogue().start_run("index", {}), state, progress, 0), told.append)
    assert [(one.files_done, one.message) for one in told] == [(3, "What was indexed is put in order; searches may wait")]
