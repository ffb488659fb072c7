"""Vectors: stored piece by piece by who holds the claim, found by nearness, replaced with their chunks or their model."""

import itertools
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbray.catalogue import Catalogue, Question, Selection, migrations, query, vectors
from kbray.errors import ConfigError
from kbray.model import Chunk, Effort, EmbeddingModel, Hit, IndexClaim, IndexRef, RunId
from tests.integration.pile import LEASE_S, failure, kill, sql
from tests.integration.rewind import rewind
from tests.integration.test_catalogue_index import chunk, indexed, library, places, publish, refs
from tests.integration.test_catalogue_index import claimed as claimed_index

pytestmark = pytest.mark.integration

ALL = 2**62
DIMENSION = 8
_number = itertools.count()


def unit(*values: float) -> list[float]:
    found = np.zeros(DIMENSION)
    found[: len(values)] = values
    return (found / np.linalg.norm(found)).tolist()  # type: ignore[no-any-return]


def model_of(catalogue: Catalogue, identity: str = "one") -> EmbeddingModel:
    return catalogue.open_model(f"model {identity}", identity, DIMENSION)


def waiting(catalogue: Catalogue, model: EmbeddingModel, selection: Selection | None = None) -> list[IndexRef]:
    plan = catalogue.prepare_vectors(selection or Selection(), model.id)
    found = catalogue.index_refs(plan, ALL, 0, 1000)
    assert plan.files == len(found) == catalogue.remaining(plan)
    return found


def claimed(catalogue: Catalogue, run: RunId, ref: IndexRef) -> IndexClaim:
    claim = catalogue.claim_index(run, ref)
    assert claim is not None
    return claim


def embedded(catalogue: Catalogue, run: RunId, model: EmbeddingModel, vectors: dict[str, list[list[float]]]) -> None:
    """These files have these vectors, a row a chunk."""
    for ref in waiting(catalogue, model):
        made = vectors[catalogue.file(ref.file_id).row.name]
        assert catalogue.store_vectors(claimed(catalogue, run, ref), range(len(made)), made, (), Effort(recognise_s=1.0))


def near(
    catalogue: Catalogue,
    model: EmbeddingModel,
    vector: list[float],
    words: str = "",
    k: int = 10,
    *,
    only: str | None = None,
    language: str | None = None,
    exact: bool = False,
) -> list[Hit]:
    asked = Question(query.parse(words), only, language)
    return catalogue.hits(asked, catalogue.rank_by_meaning(asked, model, vector, k, k, exact=exact))


def test_vectors_come_piece_by_piece_and_the_last_one_ends_it(catalogue: Catalogue) -> None:
    ids = indexed(catalogue, {"a.pdf": ["one", "two", "three"]})
    model = model_of(catalogue)
    run = catalogue.start_run("index", {})
    (ref,) = waiting(catalogue, model)
    assert (ref.file_id, ref.model, ref.chunks) == (ids["a.pdf"], model.id, 3)
    claim = claimed(catalogue, run, ref)
    assert [text for _, _, text in catalogue.texts_to_embed(ref, -1, 2)] == ["one", "two"]
    assert [ordinal for ordinal, _, _ in catalogue.texts_to_embed(ref, 1, 2)] == [2]

    assert catalogue.store_vectors(claim, (0, 2), [unit(1), unit(0, 0, 1)], (), Effort(recognise_s=2.0))
    assert catalogue.file(ids["a.pdf"]).row.status == "indexed"
    assert catalogue.run(run).parts_done == 0
    assert places(near(catalogue, model, unit(0, 0, 1))) == [("a.pdf", 2), ("a.pdf", 0)], "found before the file is done"
    assert catalogue.without_vectors(model, list(ids.values())) == set(ids.values())
    catalogue.release_all(run)

    claim = claimed(catalogue, run, waiting(catalogue, model)[0])
    assert [ordinal for ordinal, _, _ in catalogue.texts_to_embed(ref, -1, 9)] == [1], "what is there is not made again"
    assert catalogue.store_vectors(claim, (1,), [unit(0, 1)], (), Effort(recognise_s=1.0))
    assert catalogue.store_vectors(claim, (1,), [unit(0, 1)], (), Effort(recognise_s=1.0)), "the answer was lost, sent again"
    assert (catalogue.run(run).files_done, catalogue.run(run).parts_done) == (1, 1)
    tries = [(a.outcome, a.effort.recognise_s) for a in catalogue.file(ids["a.pdf"]).attempts if a.part == -2]
    assert tries == [("released", 2.0), ("done", 1.0)]
    assert waiting(catalogue, model) == []
    assert catalogue.without_vectors(model, list(ids.values())) == set()
    hits = near(catalogue, model, unit(1, 0.5))
    assert [(hit.ordinal, round(hit.score, 2)) for hit in hits] == [(0, 0.89), (1, 0.45), (2, 0.0)]


def republished(catalogue: Catalogue, chunks: list[Chunk]) -> None:
    """The one file there is has these chunks instead."""
    anew = f"chunks {next(_number)}"
    (ref,) = catalogue.index_refs(catalogue.prepare_index(Selection(), anew, stale=True), ALL, 0, 9)
    assert catalogue.publish(claimed_index(catalogue, catalogue.start_run("index", {}), ref), anew, chunks, (), Effort())


def test_passages_that_stay_the_same_keep_their_vectors_wherever_they_come_to_stand(catalogue: Catalogue) -> None:
    texts = ["one", "two", "same", "same", "five"]
    indexed(catalogue, {"a.pdf": texts})
    model, other = model_of(catalogue), model_of(catalogue, "another")
    run = catalogue.start_run("index", {})
    made = [unit(1), unit(0, 1), unit(0, 0, 1), unit(0, 0, 1, 0.1), unit(0, 0, 0, 0, 1)]
    for one in (model, other):
        embedded(catalogue, run, one, {"a.pdf": made})

    republished(catalogue, [chunk(text) for text in texts])
    for one in (model, other):
        (ref,) = waiting(catalogue, one)
        assert catalogue.texts_to_embed(ref, -1, 9) == [], "nothing is made anew"
        assert [hit.ordinal for hit in near(catalogue, one, unit(0, 1), k=1)] == [1], "and what is there is found meanwhile"
        assert catalogue.store_vectors(claimed(catalogue, run, ref), (), (), (), Effort())
        assert waiting(catalogue, one) == []

    moved = ["new", "five", "same", "two", "same", "same"]
    republished(catalogue, [chunk(text, language="de" if text == "two" else None) for text in moved])
    (ref,) = waiting(catalogue, model)
    assert [text for _, _, text in catalogue.texts_to_embed(ref, -1, 9)] == ["new", "same"], "there were two of these"
    for vector, ordinal in ((unit(0, 0, 0, 0, 1), 1), (unit(0, 1), 3)):
        (hit,) = near(catalogue, model, vector, k=1)
        assert (hit.ordinal, round(hit.score, 3)) == (ordinal, 1.0)
    (hit,) = near(catalogue, model, unit(0, 1), language="de", k=1)
    assert hit.ordinal == 3, "it is told to be in another language now"
    claim = claimed(catalogue, run, ref)
    assert catalogue.store_vectors(claim, (0, 5), [unit(0, 0, 0, 1), unit(0, 0, 1)], (), Effort())
    assert waiting(catalogue, model) == []
    assert len(near(catalogue, model, unit(1))) == len(moved)

    republished(catalogue, [replace(chunk("two"), heading_path=("A title",)), chunk("five")])
    (ref,) = waiting(catalogue, model)
    assert [text for _, _, text in catalogue.texts_to_embed(ref, -1, 9)] == ["two"], "a title is part of what a vector says"
    assert len(near(catalogue, model, unit(1))) == 1


@given(before=st.lists(st.sampled_from("abcd"), max_size=9), after=st.lists(st.sampled_from("abcde"), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_vector_is_always_that_of_its_text(catalogue: Catalogue, before: list[str], after: list[str]) -> None:
    """Whatever texts a file had, and in whatever order it has them now."""
    if not catalogue.files():
        indexed(catalogue, {"a.pdf": ["x"]})
    model = model_of(catalogue)
    run = catalogue.start_run("index", {})
    vector = {letter: unit(*(float(letter == other) for other in "abcde")) for letter in "abcde"}
    for texts in (before, after):
        republished(catalogue, [chunk(text) for text in texts])
        for ref in waiting(catalogue, model):
            wanted = catalogue.texts_to_embed(ref, -1, 99)
            if texts is after:
                assert Counter(text for _, _, text in wanted) == Counter(after) - Counter(before), "no more than must be"
            numbers, made = [number for number, _, _ in wanted], [vector[text] for _, _, text in wanted]
            assert catalogue.store_vectors(claimed(catalogue, run, ref), numbers, made, (), Effort())
    for letter in set(after):
        hits = near(catalogue, model, vector[letter], k=after.count(letter), exact=True)
        assert {hit.chunk.text for hit in hits} == {letter}
        assert {round(hit.score, 2) for hit in hits} == {1.0}
    catalogue.end_run(run, "succeeded")


def test_what_is_found_is_what_is_nearest(catalogue: Catalogue) -> None:
    chance = np.random.default_rng(7)
    made = {f"{n:02d}.pdf": chance.normal(size=(40, DIMENSION)) for n in range(8)}
    made = {name: rows / np.linalg.norm(rows, axis=1, keepdims=True) for name, rows in made.items()}
    indexed(catalogue, {name: [f"text {n}" for n in range(40)] for name in made})
    model = model_of(catalogue)
    embedded(catalogue, catalogue.start_run("index", {}), model, {name: rows.tolist() for name, rows in made.items()})

    for _ in range(5):
        asked = chance.normal(size=DIMENSION)
        asked /= np.linalg.norm(asked)
        scores = {(name, n): float(row @ asked) for name, rows in made.items() for n, row in enumerate(rows)}
        best = sorted(scores, key=lambda place: -scores[place])
        hits = near(catalogue, model, asked.tolist())
        assert len(set(places(hits)) & set(best[:10])) >= 9, "half precision, and an approximate index"
        assert [hit.score for hit in hits] == pytest.approx([scores[place] for place in places(hits)], abs=1e-2)
        exact = near(catalogue, model, asked.tolist(), exact=True)
        assert places(exact)[:5] == best[:5]
        filtered = near(catalogue, model, asked.tolist(), only="03.pdf", k=40)
        assert {name for name, _ in places(filtered)} == {"03.pdf"}
        assert len(filtered) == 40
        assert places(near(catalogue, model, asked.tolist(), language="de")) == []


LANGUAGES = ("en", "de", "en-US", None, "fr", "de-AT", "eng-Latn", "enm", "ee", "en-GB-oxendict")


def spoken(catalogue: Catalogue, run: RunId, *tags: str | None) -> None:
    """All that waits to be indexed gets a chunk in each of these languages."""
    for ref in refs(catalogue, stale=True):
        made: list[Chunk] = [chunk(f"text {n}", language=tag) for n, tag in enumerate(tags)]
        assert catalogue.publish(claimed_index(catalogue, run, ref), f"chunks-{tags[0]}", made, (), Effort())


@pytest.fixture
def many_languages(catalogue: Catalogue, database_url: str) -> EmbeddingModel:
    """Ten files of 40 chunks, one after the other in each of LANGUAGES, with vectors of which some are much alike."""
    names = [f"{n:02d}.pdf" for n in range(10)]
    library(catalogue, *names)
    run = catalogue.start_run("index", {})
    spoken(catalogue, run, *(LANGUAGES * 4))
    model = model_of(catalogue)
    chance = np.random.default_rng(3)
    middle = chance.normal(size=(8, DIMENSION))
    rows = {name: middle[chance.integers(8, size=40)] + chance.normal(size=(40, DIMENSION)) / 2 for name in names}
    made = {name: (found / np.linalg.norm(found, axis=1, keepdims=True)).tolist() for name, found in rows.items()}
    embedded(catalogue, run, model, made)
    sql(database_url, "ANALYZE")
    return model


@pytest.mark.parametrize("few", [10, 40_000])
@pytest.mark.parametrize(
    ("asked", "languages"),
    [
        ("EN", {"en", "en-US", "en-Latn", "en-GB-oxendict"}),
        ("en-gb", {"en-GB-oxendict"}),
        ("de", {"de", "de-AT"}),
        ("e", set()),
        ("enm", {"enm"}),
        ("xx", set()),
        ("e%", set()),
    ],
)
def test_a_filter_by_language_finds_what_an_exact_search_finds(
    catalogue: Catalogue,
    many_languages: EmbeddingModel,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    languages: set[str],
    few: int,
) -> None:
    monkeypatch.setattr(vectors, "_FEW", few)  # 10: the index is asked first, and gives up on some
    monkeypatch.setattr(vectors, "_LEAST_SCANNED", 50)
    chance = np.random.default_rng(11)
    shares = []
    for _ in range(20):
        vector = unit(*chance.normal(size=DIMENSION))
        exact = near(catalogue, many_languages, vector, k=400, language=asked, exact=True)
        assert {hit.chunk.language for hit in exact} == languages
        assert len(exact) == 40 * len(languages)
        found = near(catalogue, many_languages, vector, language=asked)
        assert len(found) == min(len(exact), 10)
        assert {hit.chunk.language for hit in found} <= languages
        shares.append(len(set(places(found)) & set(places(exact[:10]))) / max(len(found), 1))
        typed = near(catalogue, many_languages, vector, "text -11", k=400, only="03.pdf", language=asked)
        wanted = [place for place in places(exact) if place[0] == "03.pdf" and place[1] != 11]
        assert sorted(places(typed)) == sorted(wanted)
    assert np.mean(shares) >= 0.95 or not languages


def test_a_file_that_is_indexed_again_in_another_language_is_found_by_that(catalogue: Catalogue, database_url: str) -> None:
    library(catalogue, "a.pdf")
    model = model_of(catalogue)
    run = catalogue.start_run("index", {})
    for first, other in (("de", "en-GB"), ("fr", "de"), (None, "fr")):
        spoken(catalogue, run, first, other)
        told = sql(database_url, f"SELECT language FROM codes_{model.id} ORDER BY ordinal")
        assert told == ([] if first == "de" else [(first,), (other,)]), "the vectors of the same texts stayed"
        embedded(catalogue, run, model, {"a.pdf": [unit(1), unit(0, 1)]})
        for asked in ("de", "en", "fr"):
            wanted = [("a.pdf", n) for n, tag in enumerate((first, other)) if (tag or "").startswith(asked)]
            assert places(near(catalogue, model, unit(1), language=asked)) == wanted
            assert places(catalogue.search("text", language=asked)) == wanted
        sql(database_url, "UPDATE indexings SET fingerprint = 'before' WHERE model_id = 0")


def test_an_index_made_before_there_were_codes_gets_them(
    catalogue: Catalogue, many_languages: EmbeddingModel, database_url: str
) -> None:
    """As 0006 left it."""
    table = f"codes_{many_languages.id}"
    rows = f"SELECT * FROM {table} ORDER BY file_id, ordinal"
    definition = f"SELECT indexdef FROM pg_indexes WHERE tablename = '{table}' ORDER BY 1"
    made, indexes = sql(database_url, rows), sql(database_url, definition)
    assert len(made) == 400
    sql(database_url, f"DROP TABLE {table}")
    rewind(database_url, "0006")

    catalogue.upgrade()

    assert catalogue.revision() == (migrations.HEAD, migrations.HEAD)
    assert (sql(database_url, rows), sql(database_url, definition)) == (made, indexes)
    hits = near(catalogue, many_languages, unit(1), language="de", k=40)
    assert places(hits) == places(near(catalogue, many_languages, unit(1), language="de", k=40, exact=True))


def test_the_longest_vectors_have_codes(catalogue: Catalogue) -> None:
    indexed(catalogue, {"a.pdf": ["one", "two"]})
    model = catalogue.open_model("long", "long", vectors.MOST_DIMENSIONS)
    one, other = np.eye(2, vectors.MOST_DIMENSIONS).tolist()
    embedded(catalogue, catalogue.start_run("index", {}), model, {"a.pdf": [one, other]})
    assert places(near(catalogue, model, other, language="en")) == [("a.pdf", 1), ("a.pdf", 0)]


def test_after_a_vacuum_the_planner_knows_what_search_reads(catalogue: Catalogue, database_url: str) -> None:
    indexed(catalogue, {"a.pdf": ["one", "two"], "b.pdf": ["three"]})
    model = model_of(catalogue)
    embedded(catalogue, catalogue.start_run("index", {}), model, {"a.pdf": [unit(1), unit(0, 1)], "b.pdf": [unit(1, 1)]})
    asked = "SELECT relname, reltuples > 0 FROM pg_class WHERE relname = ANY(:names)"
    names = ["chunks", f"codes_{model.id}", "files", "postings", "spoken", f"vectors_{model.id}"]
    assert not any(known for _, known in sql(database_url, asked, names=names))
    catalogue.vacuum()
    assert sorted(sql(database_url, asked, names=names)) == [(name, True) for name in names]


def test_what_is_excluded_is_not_near(catalogue: Catalogue) -> None:
    indexed(catalogue, {"a.pdf": ["black cats sleep", "felines of dark colour"]})
    model = model_of(catalogue)
    embedded(catalogue, catalogue.start_run("index", {}), model, {"a.pdf": [unit(1), unit(1, 1)]})
    assert places(near(catalogue, model, unit(1), "cats")) == [("a.pdf", 0), ("a.pdf", 1)]
    assert places(near(catalogue, model, unit(1), "cats -sleep")) == [("a.pdf", 1)]


def test_new_chunks_have_no_vectors_and_a_late_one_changes_nothing(catalogue: Catalogue, database_url: str) -> None:
    indexed(catalogue, {"a.pdf": ["one", "two"]})
    model = model_of(catalogue)
    run = catalogue.start_run("index", {})
    (ref,) = waiting(catalogue, model)
    late = claimed(catalogue, run, ref)
    assert catalogue.store_vectors(late, (0,), [unit(1)], (), Effort())

    sql(database_url, "UPDATE indexings SET fingerprint = 'chunks-before' WHERE model_id = 0")
    (again,) = refs(catalogue, stale=True)
    assert publish(catalogue, claimed_index(catalogue, run, again), "three")
    assert not catalogue.store_vectors(late, (1,), [unit(1)], (), Effort())
    assert near(catalogue, model, unit(1)) == []
    assert [(one.file_id, one.chunks) for one in waiting(catalogue, model)] == [(ref.file_id, 1)]


def test_a_run_declared_dead_can_not_store(catalogue: Catalogue, database_url: str) -> None:
    indexed(catalogue, {"a.pdf": ["one"]})
    model = model_of(catalogue)
    dead, alive = catalogue.start_run("index", {}), catalogue.start_run("index", {})
    (ref,) = waiting(catalogue, model)
    late = claimed(catalogue, dead, ref)
    assert catalogue.claim_index(alive, ref) is None
    kill(database_url, dead)
    assert catalogue.reap(LEASE_S) == [dead]

    assert not catalogue.store_vectors(late, (0,), [unit(1)], (), Effort())
    claim = claimed(catalogue, alive, ref)
    assert (claim.attempt, claim.interruptions) == (1, 1)
    assert catalogue.store_vectors(claim, (0,), [unit(0, 1)], (), Effort())
    assert [hit.score for hit in near(catalogue, model, unit(0, 1))] == pytest.approx([1.0])


def test_what_fails_is_failed_but_found_by_its_words(catalogue: Catalogue) -> None:
    ids = indexed(catalogue, {"a.pdf": ["one"]})
    model = model_of(catalogue)
    run = catalogue.start_run("index", {})
    lost = failure("The model met its match")
    assert catalogue.store_vectors(claimed(catalogue, run, waiting(catalogue, model)[0]), (), (), (lost,), Effort())

    assert catalogue.file(ids["a.pdf"]).row.status == "failed"
    assert catalogue.failures(ids["a.pdf"]) == [lost]
    assert waiting(catalogue, model) == []
    assert places(catalogue.search("one")) == [("a.pdf", 0)]
    (again,) = refs(catalogue, Selection(retry_failed=True))
    assert publish(catalogue, claimed_index(catalogue, run, again), "one")
    assert [one.file_id for one in waiting(catalogue, model)] == [ids["a.pdf"]]


def test_another_model_is_built_beside_and_takes_over_when_complete(catalogue: Catalogue, database_url: str) -> None:
    indexed(catalogue, {"a.pdf": ["one"], "b.pdf": ["two"]})
    first = model_of(catalogue)
    assert first.active
    run = catalogue.start_run("index", {})
    embedded(catalogue, run, first, {"a.pdf": [unit(1)], "b.pdf": [unit(0, 1)]})
    assert catalogue.switch_model(first.id)

    second = catalogue.open_model("model two", "two", 3)
    assert not second.active
    ref, other = waiting(catalogue, second)
    assert catalogue.store_vectors(claimed(catalogue, run, ref), (0,), [[0.0, 0.0, 1.0]], (), Effort())
    assert not catalogue.switch_model(second.id)
    told = [(one.model, one.active, one.files, one.of) for one in catalogue.status().vectors]
    assert told == [("model one", True, 2, 2), ("model two", False, 1, 2)]
    assert len(near(catalogue, first, unit(1))) == 2, "the old one answers until then"

    assert catalogue.store_vectors(claimed(catalogue, run, other), (0,), [[1.0, 0.0, 0.0]], (), Effort())
    assert catalogue.switch_model(second.id)
    assert [(model.name, model.dimension, model.active) for model in catalogue.models()] == [("model two", 3, True)]
    assert places(near(catalogue, catalogue.models()[0], [1.0, 0.0, 0.0]))[0] == ("b.pdf", 0)
    assert sql(database_url, f"SELECT to_regclass('vectors_{first.id}'), to_regclass('codes_{first.id}')") == [(None, None)]
    assert sql(database_url, "SELECT count(*) FROM indexings WHERE model_id > 0") == [(2,)]


def test_max_files_is_about_those_without_vectors(catalogue: Catalogue) -> None:
    indexed(catalogue, {f"{n}.pdf": ["text"] for n in range(5)})
    model = model_of(catalogue)
    run = catalogue.start_run("index", {})
    for expected in (["0.pdf", "1.pdf"], ["2.pdf", "3.pdf"], ["4.pdf"], []):
        found = waiting(catalogue, model, Selection(max_files=2))
        assert [catalogue.file(ref.file_id).row.name for ref in found] == expected
        for ref in found:
            assert catalogue.store_vectors(claimed(catalogue, run, ref), (0,), [unit(random.random())], (), Effort())


def test_an_empty_file_is_done_at_once(catalogue: Catalogue) -> None:
    indexed(catalogue, {"a.pdf": []})
    model = model_of(catalogue)
    claim = claimed(catalogue, catalogue.start_run("index", {}), waiting(catalogue, model)[0])
    assert catalogue.store_vectors(claim, (), (), (), Effort())
    assert waiting(catalogue, model) == []


def test_vectors_that_are_too_long_are_refused(catalogue: Catalogue) -> None:
    with pytest.raises(ConfigError, match=r"have 5,000 dimensions, and PostgreSQL indexes 4,000"):
        catalogue.open_model("long", "long", 5000)
