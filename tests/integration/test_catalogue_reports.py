"""What people and commands are told: counts that add up, files found by any name, failures grouped into problems."""

import json
from dataclasses import asdict, replace

import pytest

from kbray.catalogue import Catalogue, Selection
from kbray.model import FILE_STATUSES, Effort, FileId, RunId
from tests.integration.pile import (
    BAD,
    GOOD,
    LEASE_S,
    NOW,
    claimed,
    commit,
    epub,
    failure,
    kill,
    pdf,
    processed,
    sha,
    states,
    synced,
    work,
)

pytestmark = pytest.mark.integration


def test_the_status_of_an_empty_catalogue(catalogue: Catalogue) -> None:
    report = catalogue.status()

    assert report.files == dict.fromkeys(FILE_STATUSES, 0)
    assert (report.total, report.pages, report.pages_done, report.stuck_parts, report.runs) == (0, 0, 0, 0, ())


def test_the_status_counts_files_and_pages(catalogue: Catalogue, run: RunId) -> None:
    sync = synced(catalogue, *(pdf(f"{n}.pdf", parts=2) for n in range(3)), *(epub(f"{n}.epub") for n in range(3)))
    by_name = {catalogue.file(ref.file_id).row.name: ref for ref in work(catalogue, run) if ref.part == 0}
    processed(catalogue, run, [ref for ref in work(catalogue, run) if ref.file_id == by_name["0.pdf"].file_id])
    commit(catalogue, claimed(catalogue, run, by_name["1.pdf"]))
    commit(catalogue, claimed(catalogue, run, by_name["0.epub"]), result=replace(GOOD, complete=False))
    commit(catalogue, claimed(catalogue, run, by_name["1.epub"]), failure(), failed=True, result=BAD)

    report = catalogue.status()

    assert report.files == {"synced": 2, "processing": 1, "processed": 2, "indexing": 0, "indexed": 0, "failed": 1}
    assert (report.total, report.pages, report.pages_done, report.incomplete) == (6, 3 * 32 + 3, 32 + 16 + 1, 1)
    assert [one.id for one in report.runs] == [run, sync]
    assert (report.runs[0].parts_done, report.runs[0].parts_failed, report.runs[0].files_failed) == (4, 1, 1)


def test_stuck_parts_are_those_of_runs_that_do_not_live(catalogue: Catalogue, database_url: str, run: RunId) -> None:
    synced(catalogue, *(pdf(f"{n}.pdf") for n in range(3)))
    for ref in work(catalogue, run)[:2]:
        claimed(catalogue, run, ref)
    assert catalogue.status().stuck_parts == 0

    kill(database_url, run)
    assert catalogue.status(LEASE_S).stuck_parts == 2

    assert catalogue.reap(LEASE_S) == [run]
    assert catalogue.status(LEASE_S).stuck_parts == 0


def test_files_come_in_pages_by_id(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, *(pdf(f"{n}.pdf") for n in range(7)))
    processed(catalogue, run, work(catalogue, run, Selection(max_files=4)))

    assert [row.id for row in catalogue.files(after=2, limit=3)] == [3, 4, 5]
    assert [row.id for row in catalogue.files(status="processed", after=1)] == [2, 3, 4]
    assert [row.id for row in catalogue.files(status="synced", limit=2)] == [5, 6]
    assert catalogue.files(after=7) == []
    assert catalogue.files(only="epub") == []


def test_rows_are_fit_for_json(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("caf\udce9.pdf"))
    commit(catalogue, claimed(catalogue, run, work(catalogue, run)[0]), failure(page=2), failed=True, result=BAD)

    (row,) = catalogue.files()
    text = json.dumps(asdict(row), ensure_ascii=False)

    text.encode()
    assert json.loads(text)["error"] == asdict(failure(page=2))
    assert json.loads(text)["name"] == "caf%E9.pdf"
    json.dumps(asdict(catalogue.file(row.id)), default=str).encode()
    json.dumps(asdict(catalogue.status()), default=str).encode()


def test_a_file_is_found_by_what_people_call_it(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("a.pdf", content="x"), pdf("b.pdf", content="x"), pdf("c.pdf", folder="s3://bucket"))
    first, second = (row.id for row in catalogue.files())

    assert catalogue.find("/books/a.pdf") == catalogue.find("/books/b.pdf") == [first]
    assert catalogue.find("s3://bucket/c.pdf") == [second]
    assert catalogue.find(str(second)) == [second]
    assert catalogue.find(sha("x")) == catalogue.find(sha("x")[:6].upper()) == [first]
    for nothing in ("a.pdf", "/books", sha("x")[:5] + "z", sha("x")[:3], "999", "", "\x00", "%", "9" * 30, sha("y")):
        assert catalogue.find(nothing) == [], nothing


def test_a_number_is_an_id_before_it_is_the_beginning_of_a_hash(catalogue: Catalogue) -> None:
    found = replace(pdf("a.pdf"), sha256="123456" + "0" * 58)
    synced(catalogue, found)

    assert catalogue.find("123456") == [FileId(1)]


def test_a_file_that_is_not_there(catalogue: Catalogue) -> None:
    with pytest.raises(KeyError):
        catalogue.file(FileId(1))
    assert catalogue.part_outcomes(FileId(1)) == []


def test_failures_with_one_signature_are_one_problem(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("0-big.pdf", parts=3), *(epub(f"{n}.epub") for n in range(4)))
    refs = work(catalogue, run)
    for ref in refs[:4]:
        commit(catalogue, claimed(catalogue, run, ref), failure("broken"), failed=True, result=BAD)
    broken = failure("broken")
    commit(catalogue, claimed(catalogue, run, refs[4]), failure("other", page=2, code="parse_timeout"))
    for ref in refs[5:]:
        commit(catalogue, claimed(catalogue, run, ref), broken, failure("again", page=1), failed=True, result=BAD)

    problems = catalogue.problems()

    assert [(one.signature, one.code, one.files, one.parts, one.message) for one in problems] == [
        (broken.signature, "corrupt_document", 4, 6, "broken"),
        (failure("again").signature, "corrupt_document", 2, 2, "again"),
        (failure("other", code="parse_timeout").signature, "parse_timeout", 1, 1, "other"),
    ]
    assert problems[0].example.id == 1
    assert problems[0].stage == "parse"
    assert [row.id for row in catalogue.files_with(failure("again").signature)] == [4, 5]


def test_a_long_signature_is_still_one(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, epub("a.epub"))
    long = replace(failure(), signature="s\x00" * 5000)
    commit(catalogue, claimed(catalogue, run, work(catalogue, run)[0]), long, failed=True, result=BAD)

    assert len(catalogue.problems()) == len(catalogue.files_with(long.signature)) == 1


def test_reset_of_failed_files(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, epub("1.epub"), epub("2.epub"), epub("3.epub"))
    refs = work(catalogue, run)
    commit(catalogue, claimed(catalogue, run, refs[0]), failure(), failed=True, result=BAD)
    commit(catalogue, claimed(catalogue, run, refs[1]), result=GOOD)

    assert catalogue.reset(failed=True) == 1
    assert catalogue.reset(failed=True) == 0

    assert [row.status for row in catalogue.files()] == ["synced", "processed", "synced"]
    assert catalogue.problems() == []


def test_reset_of_stuck_files_leaves_the_living_alone_and_keeps_what_is_done(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, *(pdf(f"{n}.pdf", parts=2) for n in range(4)))
    gone = catalogue.start_run("process", {})
    refs = work(catalogue, run)
    claimed(catalogue, run, refs[0])  # alive
    commit(catalogue, claimed(catalogue, gone, refs[2]))  # half done
    for ref in refs[4:6]:
        commit(catalogue, claimed(catalogue, gone, ref))  # all done, not finished
    catalogue.end_run(gone, "failed")

    assert catalogue.reset(stuck=True) == 2
    assert catalogue.reset(stuck=True) == 0

    assert [row.status for row in catalogue.files()] == ["processing", "synced", "synced", "synced"]
    assert [states(catalogue, FileId(n)) for n in (1, 2, 3)] == [["claimed", "pending"], ["done", "pending"], ["done", "pending"]]
    processed(catalogue, run, [ref for ref in work(catalogue, run) if ref != refs[0]][1:])
    assert [row.status for row in catalogue.files()][1:] == ["processed"] * 3


def test_results_to_check_and_to_make_again(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, *(epub(f"{n}.epub") for n in range(5)))
    for ref in work(catalogue, run)[:4]:
        result = BAD if ref.file_id == 2 else GOOD
        commit(catalogue, claimed(catalogue, run, ref), failed=result is BAD, result=result)

    assert catalogue.processed_results(0, 2) == [(1, sha("0.epub"), "pdf-now"), (3, sha("2.epub"), "pdf-now")]
    assert catalogue.processed_results(3, 2) == [(4, sha("3.epub"), "pdf-now")]
    assert catalogue.reset([FileId(1), FileId(4)]) == 2
    assert catalogue.processed_results(0, 10) == [(3, sha("2.epub"), "pdf-now")]
    assert [ref.file_id for ref in work(catalogue, run)] == [1, 4, 5]
    assert catalogue.prepare(Selection(), NOW, run).parts == 3


def test_a_title_may_hold_anything(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, epub("a.epub"))
    result = replace(GOOD, title="T\x00itle \udc80 本", language="e\x00n")

    commit(catalogue, claimed(catalogue, run, work(catalogue, run)[0]), result=result)

    row = catalogue.files()[0]
    assert (row.title, row.language) == ("T\ufffditle \ufffd 本", "e\ufffdn")


def test_a_profile_adds_up_what_a_run_took(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=2), pdf("b.pdf"), epub("c.epub"))
    for ref in work(catalogue, run):
        seconds = 10.0 if ref.file_id == 2 else 1.0
        catalogue.commit(
            claimed(catalogue, run, ref),
            fingerprint="x",
            pages=ref.window.pages,
            failed=False,
            failures=(),
            effort=Effort(parse_s=seconds, recognise_s=0.5, commit_s=0.25, cpu_s=seconds / 2, peak_bytes=int(seconds)),
        )

    profile = catalogue.profile(run)

    kinds = {cost.name: (cost.files, cost.parts, cost.pages, cost.effort) for cost in profile.kinds}
    assert kinds == {
        "application/pdf": (2, 3, 48, Effort(12.0, 1.5, 0.75, 6.0, 10)),
        "application/epub+zip": (1, 1, 1, Effort(1.0, 0.5, 0.25, 0.5, 1)),
    }
    assert [cost.name for cost in profile.kinds] == ["application/pdf", "application/epub+zip"]
    assert [(cost.name, cost.file_id) for cost in profile.slowest] == [("b.pdf", 2), ("a.pdf", 1), ("c.epub", 3)]
    assert (profile.run.id, profile.problems, profile.before) == (run, (), None)
    with pytest.raises(KeyError):
        catalogue.profile(RunId(99))


def test_a_profile_tells_what_failed_and_how_the_run_before_did(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf"), pdf("b.pdf"))
    (a, b) = work(catalogue, run)
    commit(catalogue, claimed(catalogue, run, a), failure())
    catalogue.end_run(run, "succeeded")
    catalogue.start_run("index", {})
    idle, later = catalogue.start_run("process", {}), catalogue.start_run("process", {})
    commit(catalogue, claimed(catalogue, later, b))

    profile = catalogue.profile(later)

    assert profile.before is not None
    assert (profile.before.run.id, profile.before.before) == (run, None), "the one between did nothing"
    assert [(problem.files, problem.example.name) for problem in profile.before.problems] == [(1, "a.pdf")]
    assert (profile.problems, catalogue.profile(idle).before) == ((), None)
