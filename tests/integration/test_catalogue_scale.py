"""The hot queries walk indexes: with 20,000 parts none of them reads a table from end to end."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, make_url, text

from kbray.catalogue import Byline, Catalogue, IndexPlan, Plan, Question, Selection, query
from kbray.model import Chunk, Effort, FileId, RunId
from tests.integration.pile import EVERYTHING, GOOD, LEASE_S, NOW, claimed, commit, failure, pdf, sql, synced, work

pytestmark = pytest.mark.integration

FILES = 10_000
BIG = ("files", "parts", "locations", "attempts", "failures", "indexings", "chunks", "postings")


@pytest.fixture
def pile(catalogue: Catalogue, database_url: str) -> RunId:
    """10,000 files of two parts, half of them processed, half of these in the index, and a run to work on the rest."""
    run = catalogue.start_run("process", {})
    for statement in (
        """
        INSERT INTO files (sha256, uri, media_type, size_bytes, pages, parts, status, fingerprint, complete, authors, names,
                           dated)
        SELECT lpad(to_hex(n), 64, '0'), '/books/' || n || '.pdf', 'application/pdf', 1000, 32, 2,
               CASE WHEN n % 2 = 0 THEN 'processed' ELSE 'synced' END, CASE WHEN n % 2 = 0 THEN 'pdf-now' END,
               CASE WHEN n % 2 = 0 THEN true END, CASE WHEN n % 2 = 0 AND n < :files THEN ARRAY['Author ' || n % 500] END,
               array_to_tsvector(ARRAY['author' || translate((n % 500)::text, '0123456789', 'abcdefghij')]),
               CASE WHEN n % 2 = 0 THEN (1900 + n % 100)::text || '-01-01' END
        FROM generate_series(1, :files) n
        """,
        """
        INSERT INTO locations (uri, file_id, size_bytes, mtime_ns, seen_run)
        SELECT '/books/' || n || '.pdf', n, 1000, 7, 1 FROM generate_series(1, :files) n
        """,
        """
        INSERT INTO parts (file_id, part, first_page, last_page, state, fingerprint)
        SELECT n, p, 1 + 16 * p, 16 + 16 * p, CASE WHEN n % 2 = 0 THEN 'done' ELSE 'pending' END, 'pdf-now'
        FROM generate_series(1, :files) n, generate_series(0, 1) p
        """,
        """
        INSERT INTO attempts (file_id, part, attempt, run_id, token, host, outcome)
        SELECT n, p, 1, 1, n * 2 + p, 'h', 'done' FROM generate_series(2, :files, 2) n, generate_series(0, 1) p
        """,
        """
        INSERT INTO failures (file_id, part, code, stage, message, signature, traceback, run_id)
        SELECT n, 0, 'x', 'parse', 'm', 's' || n % 100, '', 1 FROM generate_series(2, :files, 4) n
        """,
        "UPDATE files SET status = 'indexed' WHERE id % 4 = 0 AND id <= :files",
        """
        INSERT INTO indexings (file_id, state, fingerprint, chunks)
        SELECT n, CASE WHEN n % 4 = 0 THEN 'done' ELSE 'pending' END, 'chunks-now', 3 FROM generate_series(2, :files, 2) n
        """,
        """
        INSERT INTO chunks (file_id, ordinal, text, heading_path, tokens, first_element, last_element, repeated, config, lexemes,
                            length)
        SELECT n, o, 'word ' || n, '{}', 2, o, o, 0, 'english', to_tsvector('english', 'word number' || n % 1000), 2
        FROM generate_series(4, :files, 4) n, generate_series(0, 2) o
        """,
        """
        INSERT INTO postings (lexeme, file_id, ordinals, counts, lengths)
        SELECT l.lexeme, c.file_id, array_agg(c.ordinal), array_agg(1), array_agg(2) FROM chunks c, unnest(c.lexemes) l
        WHERE c.file_id <= :files GROUP BY 1, 2
        """,
        "INSERT INTO corpus (config, slot, chunks, length) SELECT 'english', 0, 3 * :files / 4, 6 * :files / 4",
    ):
        sql(database_url, statement, **({"files": FILES}))
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return run


def scans(catalogue: Catalogue, call: Callable[[], object]) -> list[str]:
    """Big tables that a statement of `call` reads from end to end, each with the statement; all are explained first."""
    found: list[str] = []

    def explain(connection: Connection, clause: Any, multi: Any, params: Any, options: Any) -> None:
        statement = str(clause)
        if not isinstance(clause, type(text(""))) or "EXPLAIN" in statement or statement.startswith("SET "):
            return
        values = (multi[0] if multi else params) or {}
        answer = connection.scalar(text(f"EXPLAIN (FORMAT JSON) {statement}"), values)
        plan = answer if isinstance(answer, list) else json.loads(str(answer))
        found.extend(f"{table}: {statement}" for table in _scanned(plan[0]["Plan"]))

    engine = catalogue._database._connections()
    event.listen(engine, "before_execute", explain)
    try:
        call()
    finally:
        event.remove(engine, "before_execute", explain)
    return found


def _scanned(node: dict[str, Any]) -> list[str]:
    here = [node["Relation Name"]] if node["Node Type"] == "Seq Scan" and node["Relation Name"] in BIG else []
    return here + [table for child in node.get("Plans", ()) for table in _scanned(child)]


def test_what_is_done_for_each_part_reads_no_table(catalogue: Catalogue, pile: RunId) -> None:
    plan = Plan(Selection(max_files=9000), FileId(9999), 0, 0, 0)
    refs = catalogue.refs(plan, 1000, FILES, None, 100)
    claim = claimed(catalogue, pile, refs[0])

    assert scans(catalogue, lambda: catalogue.refs(plan, 5000, 6000, (5101, 0), 1000)) == []
    assert scans(catalogue, lambda: catalogue.claim(pile, refs[1])) == []
    assert scans(catalogue, lambda: commit(catalogue, claim, failure())) == []
    assert scans(catalogue, lambda: commit(catalogue, claim, failure())) == []  # told again
    assert scans(catalogue, lambda: catalogue.finish(pile, refs[1].file_id, GOOD, [failure()])) == []
    assert scans(catalogue, lambda: catalogue.release(claimed(catalogue, pile, refs[2]))) == []
    assert scans(catalogue, lambda: catalogue.part_outcomes(refs[0].file_id)) == []
    assert scans(catalogue, lambda: catalogue.failures(refs[0].file_id)) == []
    assert scans(catalogue, lambda: catalogue.beat(pile)) == []


def test_what_is_done_for_each_batch_or_run_reads_no_table(catalogue: Catalogue, pile: RunId) -> None:
    uris = [f"/books/{n}.pdf" for n in range(100, 400)]
    claimed(catalogue, pile, catalogue.refs(Plan(Selection(), None, 0, 0, 0), *EVERYTHING, None, 1)[0])

    assert scans(catalogue, lambda: catalogue.locations(uris)) == []
    assert scans(catalogue, lambda: catalogue.record(pile, [pdf(f"new{n}.pdf", parts=2) for n in range(200)])) == []
    assert scans(catalogue, lambda: catalogue.touch(pile, uris)) == []
    assert scans(catalogue, lambda: catalogue.record_problems(pile, [(uri, "no") for uri in uris[:10]])) == []
    assert scans(catalogue, lambda: catalogue.mark_gone(pile, ["/films"])) == []
    assert scans(catalogue, lambda: catalogue.release_all(pile)) == []
    assert scans(catalogue, lambda: catalogue.reap(LEASE_S)) == []
    assert scans(catalogue, lambda: catalogue.end_run(pile, "succeeded")) == []
    assert scans(catalogue, catalogue.runs) == []


def test_what_a_user_asks_of_one_file_reads_no_table(catalogue: Catalogue, pile: RunId) -> None:
    assert scans(catalogue, lambda: catalogue.find("/books/77.pdf")) == []
    assert scans(catalogue, lambda: catalogue.find("77")) == []
    assert scans(catalogue, lambda: catalogue.find("0" * 60 + "00ff")) == []
    assert scans(catalogue, lambda: catalogue.file(FileId(78))) == []
    assert scans(catalogue, lambda: catalogue.files(after=5000, limit=100)) == []
    assert scans(catalogue, lambda: catalogue.files(status="failed", after=5000, limit=100)) == []
    assert scans(catalogue, lambda: catalogue.processed_results(5000, 100)) == []
    assert scans(catalogue, lambda: catalogue.files_with("s7")) == []
    assert scans(catalogue, lambda: catalogue.reset([FileId(7), FileId(8)])) == []


def test_what_is_done_for_each_file_of_the_index_reads_no_table(catalogue: Catalogue, pile: RunId) -> None:
    plan = IndexPlan(Selection(max_files=9000), FileId(9999), 0)
    refs = catalogue.index_refs(plan, FILES, 1000, 100)
    assert scans(catalogue, lambda: catalogue.index_refs(plan, 6000, 5000, 1000)) == []
    assert scans(catalogue, lambda: catalogue.claim_index(pile, refs[1])) == []
    claim = catalogue.claim_index(pile, refs[0])
    assert claim is not None
    chunks = [Chunk(f"word number{n}", (), 2, n, n) for n in range(3)]
    assert scans(catalogue, lambda: catalogue.publish(claim, "chunks-now", chunks, (), Effort())) == []
    assert scans(catalogue, lambda: catalogue.publish(claim, "chunks-now", chunks, (), Effort())) == []  # told again
    again = catalogue.claim_index(pile, refs[2])
    assert again is not None
    assert scans(catalogue, lambda: catalogue.release_index(again)) == []
    assert scans(catalogue, lambda: catalogue.release_all(pile)) == []


def test_a_search_reads_the_postings_of_its_words_alone(catalogue: Catalogue, pile: RunId) -> None:
    assert len(catalogue.search("number4")) == 10
    assert scans(catalogue, lambda: catalogue.search("number4 number8")) == []
    assert scans(catalogue, lambda: catalogue.search('"number4" -number8')) == []
    assert scans(catalogue, lambda: catalogue.search("number4", language="en")) == []
    assert scans(catalogue, lambda: catalogue.passages(FileId(8), 0, 1)) == []


def test_authors_and_dates_lead_to_their_files(catalogue: Catalogue, pile: RunId) -> None:
    somebody, someday = Byline("authorhj"), Byline(since="1950-01", until="1950-01")
    asked = Question(query.parse("number4"), by=Byline("authore"))
    assert [len(catalogue.files(by=by)) for by in (somebody, someday)] == [20, 100]
    assert {place.file_id % 500 for place in catalogue.rank_by_words(asked, 10, 10).places} == {4}

    assert scans(catalogue, lambda: catalogue.files(by=somebody)) == []
    assert scans(catalogue, lambda: catalogue.count(by=someday)) == []
    assert scans(catalogue, lambda: catalogue.narrowed(asked)) == []
    assert scans(catalogue, lambda: catalogue.rank_by_words(asked, 10, 10)) == []
    assert scans(catalogue, lambda: catalogue.rank_by_words(catalogue.narrowed(asked), 10, 10)) == []
    assert scans(catalogue, lambda: catalogue.undated(Selection(by=somebody))) == []
    assert [row[0] for row in catalogue.unsigned(0, 10)] == [FILES]
    assert scans(catalogue, lambda: catalogue.unsigned(5000, 10)) == []
    assert scans(catalogue, lambda: catalogue.sign([(FileId(FILES), "pdf-now", ("Ada",), "1843")])) == []


def test_the_guard_sees_what_it_guards_against(catalogue: Catalogue, pile: RunId) -> None:
    def read_all() -> None:
        catalogue._do(lambda connection: connection.scalar(text("SELECT count(*) FROM parts WHERE pages = :pages"), {"pages": 3}))

    assert scans(catalogue, read_all) == ["parts: SELECT count(*) FROM parts WHERE pages = :pages"]


def test_a_file_of_many_parts_is_committed_in_linear_time(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("huge.pdf", parts=3000))
    run = catalogue.start_run("process", {})
    refs = work(catalogue, run)
    spent = []
    for start in range(0, 3000, 500):
        started = time.process_time()
        for ref in refs[start : start + 500]:
            last = commit(catalogue, claimed(catalogue, run, ref), failure(page=ref.part)).last
        spent.append(time.process_time() - started)

    assert last
    assert catalogue.prepare(Selection(), NOW, run).parts == 1
    # Of this process only; the server's share is measured by benchmarks, where nobody else uses the machine.
    assert max(spent) < 3 * min(spent)
