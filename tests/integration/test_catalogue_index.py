"""The index: published all at once by who holds the claim, ranked by BM25, gone with its file."""

import math
import random
import threading
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from sqlalchemy import event

from kbray.catalogue import Catalogue, Selection, chunks, languages, migrations, query, search
from kbray.geometry import Box
from kbray.model import Chunk, Effort, FileId, Hit, IndexClaim, IndexRef, RunId
from tests.integration.pile import BAD, GOOD, LEASE_S, epub, failure, kill, pdf, processed, sql, synced, work
from tests.integration.rewind import rewind

pytestmark = pytest.mark.integration

ALL = 2**62


def chunk(text: str, **more: object) -> Chunk:
    return Chunk(text, (), len(text.split()), 0, 0, **more)  # type: ignore[arg-type]  # any of its fields, by name


def library(catalogue: Catalogue, *names: str) -> list[FileId]:
    """These books are processed."""
    synced(catalogue, *map(pdf, names))
    run = catalogue.start_run("process", {})
    processed(catalogue, run, work(catalogue, run))
    catalogue.end_run(run, "succeeded")
    return [catalogue.find(f"/books/{name}")[0] for name in names]


def refs(catalogue: Catalogue, selection: Selection | None = None, *, stale: bool = False) -> list[IndexRef]:
    plan = catalogue.prepare_index(selection or Selection(), "chunks-now", stale=stale)
    found = catalogue.index_refs(plan, ALL, 0, 1000)
    assert plan.files == len(found)
    return found


def claimed(catalogue: Catalogue, run: RunId, ref: IndexRef) -> IndexClaim:
    claim = catalogue.claim_index(run, ref)
    assert claim is not None
    return claim


def publish(catalogue: Catalogue, claim: IndexClaim, *texts: str) -> bool:
    return catalogue.publish(claim, "chunks-now", [chunk(text, language="en") for text in texts], (), Effort(parse_s=1.0))


def indexed(catalogue: Catalogue, books: Mapping[str, Sequence[str]]) -> dict[str, FileId]:
    """Books by name, each with its chunks."""
    ids = library(catalogue, *books)
    run = catalogue.start_run("index", {})
    for ref, texts in zip(refs(catalogue), books.values(), strict=True):
        assert publish(catalogue, claimed(catalogue, run, ref), *texts)
    catalogue.end_run(run, "succeeded")
    return dict(zip(books, ids, strict=True))


def places(hits: Sequence[Hit]) -> list[tuple[str, int]]:
    return [(hit.name, hit.ordinal) for hit in hits]


def in_order(database_url: str) -> bool:
    asked = "SELECT correlation > 0.99 FROM pg_stats WHERE tablename = 'postings' AND attname = 'lexeme'"
    return sql(database_url, asked) == [(True,)]


def table(database_url: str) -> object:
    """The file in which the postings lie."""
    return sql(database_url, "SELECT pg_relation_filenode('postings')")


def test_postings_of_a_word_are_put_one_behind_the_other_where_that_is_worth_it(
    catalogue: Catalogue, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = " ".join(f"w{'x' * n}q" for n in range(60))
    indexed(catalogue, {f"{number:02d}.pdf": [f"{words} of {number}"] for number in range(30)})
    before = places(catalogue.search("wxxxq 7", 40))

    def vacuumed(room: int) -> bool:
        """Whether they were written anew."""
        there = table(database_url)
        catalogue.vacuum(room=room)
        return table(database_url) != there

    assert not vacuumed(2**40), "all of it is in memory"
    monkeypatch.setattr(chunks, "_SCATTERED_LEAST", 0)
    assert not vacuumed(0)
    assert not vacuumed(4096), "the disk has no room for it"
    assert not in_order(database_url)
    with catalogue._database._connections().begin() as other:
        other.exec_driver_sql("LOCK TABLE postings IN ACCESS SHARE MODE")  # as a search that goes on
        assert not catalogue._do(chunks.put_in_order, 2**40), "nobody is waited for"
    assert vacuumed(2**40)
    assert in_order(database_url)
    assert places(catalogue.search("wxxxq 7", 40)) == before
    assert not vacuumed(2**40), "they are in order"


def test_a_file_goes_from_processed_to_indexed(catalogue: Catalogue) -> None:
    first, second = library(catalogue, "a.pdf", "b.pdf")
    run = catalogue.start_run("index", {})
    ref, other = refs(catalogue)
    assert (ref.file_id, ref.sha256, ref.fingerprint, ref.language) == (first, catalogue.file(first).row.sha256, "pdf-now", "en")

    claim = claimed(catalogue, run, ref)
    assert catalogue.file(first).row.status == "indexing"
    assert publish(catalogue, claim, "One house.", "Two houses.")
    assert publish(catalogue, claim, "One house.", "Two houses."), "the answer was lost, and it is sent again"

    assert [catalogue.file(one).row.status for one in (first, second)] == ["indexed", "processed"]
    assert [one.file_id for one in refs(catalogue)] == [second]
    info = catalogue.run(run)
    assert (info.files_done, info.parts_done, info.files_failed) == (1, 1, 0)
    assert [(a.part, a.outcome, a.effort.parse_s) for a in catalogue.file(first).attempts if a.run == run] == [(-1, "done", 1.0)]
    assert places(catalogue.search("houses")) == [("a.pdf", 0), ("a.pdf", 1)]
    claimed(catalogue, run, other)
    assert catalogue.release_all(run) == 1
    assert catalogue.claim_index(run, other) is not None


def test_what_ranks_is_bm25(catalogue: Catalogue) -> None:
    chance = random.Random(4)
    vocabulary = [f"w{'x' * n}q" for n in range(40)]  # no stems, no stop words
    books = {
        f"{number:02d}.pdf": [
            " ".join(chance.choices(vocabulary, weights=range(1, 41), k=chance.randint(3, 60)))
            for _ in range(chance.randint(1, 7))
        ]
        for number in range(12)
    }
    indexed(catalogue, books)
    everything = {(name, n): Counter(text.split()) for name, texts in books.items() for n, text in enumerate(texts)}
    mean = sum(counts.total() for counts in everything.values()) / len(everything)

    def bm25(words: Sequence[str]) -> list[tuple[tuple[str, int], float]]:
        scores: Counter[tuple[str, int]] = Counter()
        for word in words:  # one that is said twice counts twice
            having = [place for place, counts in everything.items() if word in counts]
            idf = math.log(1 + (len(everything) - len(having) + 0.5) / (len(having) + 0.5))
            for place in having:
                tf, length = everything[place][word], everything[place].total()
                scores[place] += idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / mean))  # type: ignore[assignment]
        return sorted(scores.items(), key=lambda item: (-round(item[1], 9), item[0]))

    for words in (vocabulary[:1], vocabulary[3:6], vocabulary[30:], [vocabulary[0], "unheard", vocabulary[5], vocabulary[5]]):
        hits = catalogue.search(" ".join(words), 1000)
        wanted = bm25(words)
        assert [hit.score for hit in hits] == pytest.approx([score for _, score in wanted])
        assert {place: round(score, 9) for place, score in wanted} == {
            place: pytest.approx(hit.score) for place, hit in zip(places(hits), hits, strict=True)
        }
        assert places(catalogue.search(" ".join(words), 3)) == places(hits)[:3]


def test_phrases_exclusions_beginnings_kinds_and_languages(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("a.pdf"), epub("b.epub"))
    run = catalogue.start_run("process", {})
    processed(catalogue, run, work(catalogue, run))
    english, german = refs(catalogue)
    index = catalogue.start_run("index", {})
    first = [
        chunk("The black cat sat on the mat.", language="en-GB", page=3, box=Box(1.5, 2, 3, 4)),
        chunk("A cat that is black. Immunology of catalogues.", language="en"),
    ]
    assert catalogue.publish(claimed(catalogue, index, english), "now", first, (), Effort())
    second = [chunk("Die schwarzen Häuser der Katzen", language="de", chapter="ch1.xhtml", anchor="x")]
    assert catalogue.publish(claimed(catalogue, index, german), "now", second, (), Effort())

    assert places(catalogue.search("black cats")) == [("a.pdf", 0), ("a.pdf", 1)]
    assert places(catalogue.search('is that "sat on the mat"')) == [("a.pdf", 0)]
    assert places(catalogue.search('black "cat that is black"')) == [("a.pdf", 1), ("a.pdf", 0)]
    assert places(catalogue.search('"is nowhere" cats')) == [("a.pdf", 0), ("a.pdf", 1)]
    assert places(catalogue.search("cat -mat")) == [("a.pdf", 1)]
    assert places(catalogue.search('cat -"black cat"')) == [("a.pdf", 1)]
    assert places(catalogue.search("immun*")) == [("a.pdf", 1)]
    assert places(catalogue.search("catalogues*")) == [("a.pdf", 1)]  # the index has its stem only, which doesn't begin so
    assert places(catalogue.search("Haus")) == [("b.epub", 0)]
    assert places(catalogue.search("cat Katze", only="epub")) == [("b.epub", 0)]
    assert places(catalogue.search("cat Katze", only="a*")) == [("a.pdf", 0), ("a.pdf", 1)]
    assert places(catalogue.search("cat Katze", language="de")) == [("b.epub", 0)]
    assert places(catalogue.search("black", language="EN-gb")) == [("a.pdf", 0)]
    assert catalogue.search("the of -cat") == catalogue.search("") == catalogue.search("unheard") == []

    hit = catalogue.search('"black cat"')[0]
    assert hit.chunk == first[0]
    assert [hit.chunk.text[start:end] for start, end in hit.matches] == ["black", "cat"]
    assert (hit.title, hit.uri, hit.media_type) == ("A title", "/books/a.pdf", "application/pdf")
    (hit,) = catalogue.search("Haus")
    assert hit.chunk == second[0]


LANGUAGES = ("en", "de", None, "en-US", "de", "enm", "en-GB-oxendict", "de-AT")


def in_languages(catalogue: Catalogue, *books: tuple[str, Sequence[str | None]]) -> None:
    """Each book has a chunk in each of these languages, of chance words, the first ones rarer."""
    chance = random.Random(7)
    vocabulary = [f"w{'x' * n}q" for n in range(30)]
    library(catalogue, *(name for name, _ in books))
    run = catalogue.start_run("index", {})
    for ref, (_, spoken) in zip(refs(catalogue), books, strict=True):
        made = [chunk(" ".join(chance.choices(vocabulary, weights=range(1, 31), k=20)), language=tag) for tag in spoken]
        assert catalogue.publish(claimed(catalogue, run, ref), "now", made, (), Effort())


@pytest.mark.parametrize("enough", [0, 50, 10_000])
def test_a_filter_by_language_takes_the_others_from_the_ranking(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, enough: int
) -> None:
    """Even where words are taken for common, as long as no candidate is left out."""
    monkeypatch.setattr(search, "_ENOUGH", enough)
    mixed = [(f"{n:02d}.pdf", LANGUAGES[n % 3 :] * (1 + 30 * (n == 4))) for n in range(8)]
    in_languages(catalogue, *mixed, ("german.pdf", ["de"] * 5), ("untold.pdf", [None] * 5))
    of_all = [f"w{'x' * n}q" for n in range(30)]
    for words in (of_all[:2], of_all[2:6], of_all[20:], of_all):
        everything = catalogue.search(" ".join(words), 1000)
        assert len({hit.chunk.language for hit in everything}) == len(set(LANGUAGES))
        for asked, more in (("en", ""), ("EN-gb", ""), ("de", ""), ("de", " -wxxxq"), ("enm", ""), ("e", ""), ("en%", "")):
            wanted = [hit for hit in everything if spoken(hit, asked) and not (more and "wxxxq" in hit.chunk.text.split())]
            found = catalogue.search(" ".join(words) + more, 1000, language=asked)
            assert [(hit.file_id, hit.ordinal) for hit in found] == [(hit.file_id, hit.ordinal) for hit in wanted]
            assert [hit.score for hit in found] == pytest.approx([hit.score for hit in wanted])
            typed = catalogue.search(" ".join(words) + more, 1000, language=asked, only="04.pdf")
            assert places(typed) == [place for place in places(wanted) if place[0] == "04.pdf"]


def spoken(hit: Hit, asked: str) -> bool:
    return f"{hit.chunk.language}-".startswith(f"{languages.tag(asked) or asked}-")


@pytest.mark.parametrize("spare", [True, False])
def test_what_is_rare_is_what_few_of_the_language_have(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, spare: bool
) -> None:
    """The best of a question in another language are in that; so nothing is asked twice where all has been looked at."""
    monkeypatch.setattr(search, "_ENOUGH", 40 if spare else 10_000)
    monkeypatch.setattr(search, "_LEAST_CANDIDATES", 10)
    monkeypatch.setattr(search, "_CANDIDATES", 1)
    library(catalogue, "a.pdf")
    (ref,) = refs(catalogue)
    made = [chunk("zyxel quartz", language="en" if n % 50 == 49 else "de") for n in range(300)]
    assert catalogue.publish(claimed(catalogue, catalogue.start_run("index", {}), ref), "now", made, (), Effort())
    asked = list[str]()
    engine = catalogue._database._connections()
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(str(told[2])))

    hits = catalogue.search("zyxel quartz", language="en")

    assert [hit.ordinal for hit in hits] == [49, 99, 149, 199, 249, 299]
    assert sum("weighed" in statement for statement in asked) == 1
    asked.clear()
    assert len(catalogue.search("zyxel quartz -nothing", language="en")) == 6
    assert sum("weighed" in statement for statement in asked) == 2, "what is excluded may have been a candidate"


def test_an_index_made_before_there_were_bits_of_languages_gets_them(catalogue: Catalogue, database_url: str) -> None:
    """As 0007 left it."""
    in_languages(catalogue, ("a.pdf", LANGUAGES * 5), ("b.pdf", [None]), ("c.pdf", ["fr"]))
    rows = "SELECT file_id, language, chunks FROM spoken ORDER BY 1, 2"
    definition = "SELECT indexdef FROM pg_indexes WHERE tablename = 'spoken'"
    made, index = sql(database_url, rows), sql(database_url, definition)
    spoken_in = [(language, str(bits)) for _, language, bits in made]
    assert [(language, len(bits), bits.count("1")) for language, bits in spoken_in] == [
        ("de", 40, 10),
        *((tag, 40, 5) for tag in ("de-AT", "en", "en-GB-oxendict", "en-US", "enm")),
        ("fr", 1, 1),
    ]
    rewind(database_url, "0007")

    catalogue.upgrade()

    assert catalogue.revision() == (migrations.HEAD, migrations.HEAD)
    assert (sql(database_url, rows), sql(database_url, definition)) == (made, index)


def test_stop_words_of_the_question_are_no_rare_words_of_other_languages(catalogue: Catalogue) -> None:
    library(catalogue, "a.pdf")
    (ref,) = refs(catalogue)
    chunks = [
        chunk("The signs of the deficiency of iron are these", language="en"),
        chunk("Il dit: what are the signs of the times, of the sea", language="fr"),
        chunk("Ce que disent les autres de la mer", language="fr"),
    ]
    assert catalogue.publish(claimed(catalogue, catalogue.start_run("index", {}), ref), "now", chunks, (), Effort())
    assert [hit.ordinal for hit in catalogue.search("signs of iron deficiency")] == [0, 1]
    assert catalogue.search("the of the sea of the times of deficiency")[0].ordinal == 1
    assert [hit.ordinal for hit in catalogue.search("the of")] == [1]


def test_what_stands_nowhere_is_told_but_of_words_that_a_language_leaves_out_nothing_is_known(catalogue: Catalogue) -> None:
    library(catalogue, "a.pdf")
    run = catalogue.start_run("index", {})
    chunks = [chunk("The owl of the tower.", language="en"), chunk("Die Eule im Turm.", language="de")]
    assert catalogue.publish(claimed(catalogue, run, refs(catalogue)[0]), "chunks-now", chunks, (), Effort(parse_s=1.0))
    asked = query.parse('their owls nirgends "der Turm" -mice nowhere* nirgends, of SKU-77')
    assert catalogue.unknown(asked) == ["nirgends", "SKU-77"]


def test_what_is_written_without_spaces_is_found(catalogue: Catalogue) -> None:
    (file_id,) = library(catalogue, "a.pdf")
    (ref,) = refs(catalogue)
    texts = ("東京駅は東京の駅である。", "京都の寺は古い。")
    chunks = [chunk(text, language="ja") for text in texts]
    assert catalogue.publish(claimed(catalogue, catalogue.start_run("index", {}), ref), "now", chunks, (), Effort())
    assert places(catalogue.search("東京駅はどこ")) == [("a.pdf", 0)]
    assert places(catalogue.search("古い寺")) == [("a.pdf", 1)]
    assert places(catalogue.search('京 "京都の寺"'))[0] == ("a.pdf", 1)
    assert places(catalogue.search("駅 -東京駅")) == []
    assert places(catalogue.search("寺")) == [("a.pdf", 1)], "one character, which the index holds in pairs only"
    assert catalogue.file(file_id).row.status == "indexed"


def test_the_same_letters_are_found_however_they_are_written(catalogue: Catalogue) -> None:
    library(catalogue, "a.pdf")
    (ref,) = refs(catalogue)
    written = (
        ("Le cafe\u0301 des e\u0301le\u0301phants", "fr", ("café", "éléphant", "éléph*", '"café des éléphants"')),
        ("Die gro\ufb00e Straße der Mo\u0308wen", "de", ("Möwe", "groffe")),
        ("אָמַר רַבִּי יְהוּדָה", "he", ("יהודה", "יְהוּדָה", "יהו*")),
        ("دَخَلَ الوَلَدُ المَدِينَة", "ar", ("المدينة", "الولد")),
        ("کتاب علی در خانه است", "fa", ("كتاب", "کتاب")),
    )
    chunks = [chunk(text, language=language) for text, language, _ in written]
    assert catalogue.publish(claimed(catalogue, catalogue.start_run("index", {}), ref), "now", chunks, (), Effort())
    for ordinal, (_, _, questions) in enumerate(written):
        for question in questions:
            assert [hit.ordinal for hit in catalogue.search(question)][:1] == [ordinal], question


def test_strange_words_and_texts_are_held(catalogue: Catalogue) -> None:
    text = "O'Neill \\ back\x00slash \x02marked\x03 a'b " + "x" * 3000
    indexed(catalogue, {"a.pdf": [text], "b.pdf": [""]})
    for words in ("O'Neill", "slash", "'", "\\", "a'b:*", "((", "marked", "x\x00", "-", '"', "x" * 3000):
        catalogue.search(words)
    (hit,) = catalogue.search("marked")
    assert [hit.chunk.text[start:end] for start, end in hit.matches] == ["marked"]


def test_chunks_are_replaced_as_one_and_nobody_sees_a_gap(catalogue: Catalogue, database_url: str) -> None:
    indexed(catalogue, {"a.pdf": ["old word"] * 50, "b.pdf": ["third word"]})
    run = catalogue.start_run("index", {})
    assert refs(catalogue) == []
    sql(database_url, "UPDATE indexings SET fingerprint = 'chunks-before'")
    assert catalogue.status(index_fingerprint="chunks-now").stale_index == 2
    ref = refs(catalogue, Selection(only="a.pdf"), stale=True)[0]
    assert catalogue.status(index_fingerprint="chunks-now").stale_index == 1
    ended, seen = threading.Event(), set[int]()

    def look() -> None:
        with Catalogue(database_url) as mine:
            while not ended.is_set():
                seen.add(sum(hit.name == "a.pdf" for hit in mine.search("word", 1000)))

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for _ in range(5):
            assert publish(catalogue, claimed(catalogue, run, ref), *["new word"] * 30)
            sql(database_url, "UPDATE indexings SET state = 'pending'; UPDATE files SET status = 'indexing'")
            assert publish(catalogue, claimed(catalogue, run, ref), *["old word"] * 50)
            sql(database_url, "UPDATE indexings SET state = 'pending'; UPDATE files SET status = 'indexing'")
    finally:
        ended.set()
        reader.join()

    assert seen <= {30, 50}
    assert sql(database_url, "SELECT sum(chunks), sum(length) FROM corpus") == [(51, 102)]
    assert sql(database_url, "SELECT lexeme, sum(cardinality(ordinals)) FROM postings GROUP BY 1 ORDER BY 1") == [
        ("old", 50),
        ("third", 1),
        ("word", 51),
    ]


def test_a_run_declared_dead_can_not_publish(catalogue: Catalogue, database_url: str) -> None:
    library(catalogue, "a.pdf")
    dead, alive = catalogue.start_run("index", {}), catalogue.start_run("index", {})
    (ref,) = refs(catalogue)
    late = claimed(catalogue, dead, ref)
    assert catalogue.claim_index(alive, ref) is None
    kill(database_url, dead)
    assert catalogue.reap(LEASE_S) == [dead]

    assert not publish(catalogue, late, "late")
    claim = claimed(catalogue, alive, ref)
    assert (claim.attempt, claim.interruptions) == (1, 1)
    assert publish(catalogue, claim, "in time")
    assert not publish(catalogue, late, "late")
    assert catalogue.search("late") == []


def test_a_file_that_is_processed_anew_is_indexed_anew(catalogue: Catalogue) -> None:
    ids = indexed(catalogue, {"a.pdf": ["earlier"]})
    claim_run = catalogue.start_run("index", {})
    catalogue.reset([ids["a.pdf"]])
    assert refs(catalogue) == []
    assert places(catalogue.search("earlier")) == [("a.pdf", 0)], "it is found until there is something new"

    run = catalogue.start_run("process", {})
    processed(catalogue, run, work(catalogue, run))
    (ref,) = refs(catalogue)
    claim = claimed(catalogue, claim_run, ref)
    catalogue.reset([ids["a.pdf"]])
    assert not publish(catalogue, claim, "of a result that is gone")

    processed(catalogue, run, work(catalogue, run), BAD)
    assert catalogue.file(ids["a.pdf"]).row.status == "failed"
    assert catalogue.search("earlier") == []


def test_what_fails_on_its_way_is_failed_and_tried_again_when_asked(catalogue: Catalogue) -> None:
    (file_id,) = library(catalogue, "a.pdf")
    run = catalogue.start_run("index", {})
    (ref,) = refs(catalogue)
    lost = failure("Its elements are gone")
    assert catalogue.publish(claimed(catalogue, run, ref), "chunks-now", (), (lost,), Effort())

    assert catalogue.file(file_id).row.status == "failed"
    assert catalogue.failures(file_id) == [lost]
    assert refs(catalogue) == []
    assert [one.file_id for one in refs(catalogue, Selection(retry_failed=True))] == [file_id]
    assert catalogue.file(file_id).row.status == "processed"
    assert GOOD.fingerprint == ref.fingerprint


def test_a_run_has_in_hand_what_it_indexes(catalogue: Catalogue, run: RunId) -> None:
    library(catalogue, "a.pdf")
    (ref,) = refs(catalogue)

    claim = claimed(catalogue, run, ref)

    assert catalogue.holds(run)
    catalogue.release_index(claim)
    assert not catalogue.holds(run)


def test_a_plan_is_cut_into_ranges(catalogue: Catalogue) -> None:
    ids = library(catalogue, *(f"{n}.pdf" for n in range(7)))
    plan = catalogue.prepare_index(Selection(max_files=5), "chunks-now")
    assert plan.files == 5
    ranges = catalogue.index_ranges(plan, 2)
    found = [ref.file_id for low, high in ranges for ref in catalogue.index_refs(plan, high, low, 100)]
    assert found == ids[:5]
    assert catalogue.remaining(plan) == 5


def test_a_profile_says_that_a_run_made_chunks(catalogue: Catalogue) -> None:
    indexed(catalogue, {"a.pdf": ["word"], "b.pdf": ["word"]})
    processing, indexing = (run.id for run in reversed(catalogue.runs()[:2]))
    assert [catalogue.profile(run).indexing for run in (processing, indexing)] == [False, True]
    (cost,) = catalogue.profile(indexing).kinds
    assert (cost.files, cost.effort.parse_s) == (2, 2.0)
