"""What came out poor, done once more in another way: the better result stays, and nothing goes round in circles."""

from dataclasses import replace

import pytest

from kbray.catalogue import Catalogue, Selection
from kbray.catalogue.moving import _FILES
from kbray.catalogue.selection import AGAIN
from kbray.model import Effort, FileId, FileResult, Grade, PartRef, Quality, Reason, RunId
from tests.integration.pile import (
    EPUB,
    EVERYTHING,
    GOOD,
    NOW,
    PDF,
    claimed,
    commit,
    epub,
    failure,
    kill,
    pdf,
    sql,
    states,
    synced,
)

pytestmark = pytest.mark.integration

WAYS = {**NOW, PDF + AGAIN: "pdf-now-ocr"}
EFFORT = Effort(parse_s=1)
POOR_ONES = Selection(retry_poor=True)


def result(grade: Grade, share: float = 0.2, code: str = "lost-characters", fingerprint: str = "pdf-now") -> FileResult:
    reasons = () if grade == "good" else (Reason(code, "Some of it is\x00 lost.", share),)
    return replace(GOOD, fingerprint=fingerprint, title=f"As {fingerprint} has it", quality=Quality(grade, reasons))


def again(grade: Grade, share: float = 0.2) -> FileResult:
    return result(grade, share, fingerprint="pdf-now-ocr")


def to_do(
    catalogue: Catalogue, run: RunId, selection: Selection = POOR_ONES, fingerprints: dict[str, str] | None = None
) -> list[PartRef]:
    plan = catalogue.prepare(selection, fingerprints or WAYS, run)
    found = catalogue.refs(plan, *EVERYTHING, None, 100)
    assert len(found) == plan.parts
    return found


def do(catalogue: Catalogue, run: RunId, ref: PartRef, made: FileResult) -> None:
    claim = claimed(catalogue, run, ref)
    assert claim.ref.again == ref.again
    done = catalogue.commit(
        claim, fingerprint=made.fingerprint, pages=ref.window.pages, failed=False, failures=(), effort=EFFORT, result=made
    )
    assert done.accepted
    assert done.last


def processed_as(catalogue: Catalogue, run: RunId, *results: FileResult) -> list[FileId]:
    """So many PDFs of one part with these results."""
    synced(catalogue, *(pdf(f"{n}.pdf") for n in range(len(results))))
    refs = to_do(catalogue, run, Selection())
    for ref, made in zip(refs, results, strict=True):
        do(catalogue, run, ref, made)
    return [ref.file_id for ref in refs]


def test_what_is_poor_is_done_again_and_only_that(catalogue: Catalogue, run: RunId) -> None:
    _, _, poor, garbled, doubted = processed_as(
        catalogue,
        run,
        result("good"),
        result("fair"),
        result("poor"),
        result("poor", code="garbled-text"),
        result("poor", code="doubtful-recognition"),
    )
    assert to_do(catalogue, run, Selection()) == []

    refs = to_do(catalogue, run)

    assert [(ref.file_id, ref.again) for ref in refs] == [(poor, True), (garbled, True)]
    row = catalogue.file(poor).row
    assert (row.status, row.quality, row.reasons, row.fingerprint) == ("synced", None, (), None)
    assert catalogue.file(doubted).row.status == "processed", "recognition is what made it doubtful"
    assert [ref.file_id for ref in to_do(catalogue, run, Selection())] == [poor, garbled], "a plain run goes on with it"


def test_bounds_and_choices_hold_for_it(catalogue: Catalogue, run: RunId) -> None:
    first, *_ = processed_as(catalogue, run, *[result("poor")] * 3)
    assert to_do(catalogue, run, replace(POOR_ONES, only="epub")) == []
    assert [ref.file_id for ref in to_do(catalogue, run, replace(POOR_ONES, max_files=1))] == [first]
    assert [row.status for row in catalogue.files()] == ["synced", "processed", "processed"]


def test_a_kind_without_another_way_is_left(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, epub("a.epub"))
    (ref,) = to_do(catalogue, run, Selection())
    do(catalogue, run, ref, result("poor", fingerprint=NOW[EPUB]))
    assert to_do(catalogue, run) == []
    assert catalogue.file(ref.file_id).row.quality == "poor"


def test_the_better_result_is_kept_and_done_once(catalogue: Catalogue, run: RunId) -> None:
    (file_id,) = processed_as(catalogue, run, result("poor"))
    (ref,) = to_do(catalogue, run)
    do(catalogue, run, ref, again("good"))

    detail = catalogue.file(file_id)
    assert (detail.row.status, detail.row.quality, detail.row.fingerprint) == ("processed", "good", "pdf-now-ocr")
    assert detail.again
    for selection in (POOR_ONES, Selection(stale=WAYS), Selection(retry_failed=True), Selection()):
        assert to_do(catalogue, run, selection) == []


@pytest.mark.parametrize("worse", [again("poor", 0.2), again("poor", 0.9), replace(again("poor"), failed=True, quality=None)])
def test_a_result_that_is_no_better_leaves_what_was(
    catalogue: Catalogue, database_url: str, run: RunId, worse: FileResult
) -> None:
    synced(catalogue, pdf("a.pdf"))
    (ref,) = to_do(catalogue, run, Selection())
    made = replace(result("poor"), complete=False, units_produced=39)
    commit(catalogue, claimed(catalogue, run, ref), failure("Page 7 is cut off", page=7), result=made)
    before, failures = catalogue.file(ref.file_id).row, catalogue.failures(ref.file_id)
    assert [one.page for one in failures] == [7]
    (ref,) = to_do(catalogue, run)
    assert catalogue.failures(ref.file_id) == []
    claim = claimed(catalogue, run, ref)
    done = catalogue.commit(
        claim,
        fingerprint="pdf-now-ocr",
        pages=0,
        failed=worse.failed,
        failures=[failure("All is lost")],
        effort=EFFORT,
        result=worse,
    )

    assert done.last
    assert catalogue.file(ref.file_id).row == before
    assert catalogue.failures(ref.file_id) == failures
    assert catalogue.finish(run, ref.file_id, worse), "told twice, it is the same"
    assert catalogue.file(ref.file_id).row == before
    for selection in (POOR_ONES, Selection(stale=WAYS), Selection()):
        assert to_do(catalogue, run, selection) == []
    assert sql(database_url, "SELECT sum(files_done), sum(files_failed) FROM tallies") == [(2, 0)]


def test_a_new_parser_makes_it_stale_and_poor_ones_may_be_done_again(catalogue: Catalogue, run: RunId) -> None:
    (file_id,) = processed_as(catalogue, run, result("poor"))
    (ref,) = to_do(catalogue, run)
    do(catalogue, run, ref, again("poor"))
    new = {**NOW, PDF: "pdf-new", PDF + AGAIN: "pdf-new-ocr"}

    (ref,) = to_do(catalogue, run, Selection(stale=new, retry_poor=True), new)
    assert (ref.file_id, ref.again) == (file_id, False), "as usual first"
    do(catalogue, run, ref, result("poor", fingerprint="pdf-new"))
    (ref,) = to_do(catalogue, run, POOR_ONES, new)
    assert ref.again


def test_a_result_of_another_way_is_stale_by_its_own_fingerprint(catalogue: Catalogue, run: RunId) -> None:
    processed_as(catalogue, run, result("poor"))
    (ref,) = to_do(catalogue, run)
    do(catalogue, run, ref, again("fair"))
    new = {**WAYS, PDF + AGAIN: "pdf-new-ocr"}
    assert (catalogue.status(fingerprints=WAYS).stale, catalogue.status(fingerprints=new).stale) == (0, 1)
    assert to_do(catalogue, run, Selection(stale=WAYS)) == []
    (ref,) = to_do(catalogue, run, Selection(stale=new))
    assert not ref.again


def test_parts_of_the_other_way_are_kept_over_an_interruption(catalogue: Catalogue, database_url: str, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=2))
    first, second = to_do(catalogue, run, Selection())
    commit(catalogue, claimed(catalogue, run, first))
    do(catalogue, run, second, result("poor"))
    first, second = to_do(catalogue, run)
    claim = claimed(catalogue, run, first)
    catalogue.commit(claim, fingerprint="pdf-now-ocr", pages=16, failed=False, failures=(), effort=EFFORT)
    claimed(catalogue, run, second)
    kill(database_url, run)
    catalogue.reap(20)
    later = catalogue.start_run("process", {})

    (left,) = to_do(catalogue, later, Selection())

    assert (left.part, left.again, states(catalogue, left.file_id)) == (1, True, ["done", "pending"])
    do(catalogue, later, left, again("good"))
    assert catalogue.file(left.file_id).row.quality == "good"


def test_where_the_other_way_is_no_more_the_file_is_done_as_usual(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=2))
    first, second = to_do(catalogue, run, Selection())
    commit(catalogue, claimed(catalogue, run, first))
    do(catalogue, run, second, result("poor"))
    first, second = to_do(catalogue, run)
    catalogue.commit(
        claimed(catalogue, run, first), fingerprint="pdf-now-ocr", pages=16, failed=False, failures=(), effort=EFFORT
    )

    refs = to_do(catalogue, run, Selection(), NOW)  # recognition was turned off

    assert [(ref.part, ref.again) for ref in refs] == [(0, False), (1, False)]


def test_a_claim_tells_how_the_part_is_to_be_done_now(catalogue: Catalogue, run: RunId) -> None:
    (file_id,) = processed_as(catalogue, run, result("poor"))
    (ref,) = to_do(catalogue, run)
    catalogue.reset([file_id])
    assert not claimed(catalogue, run, ref).ref.again, "it was reset since it was listed"


def test_a_reset_forgets_that_it_was_done_again(catalogue: Catalogue, run: RunId) -> None:
    (file_id,) = processed_as(catalogue, run, result("poor"))
    (ref,) = to_do(catalogue, run)
    do(catalogue, run, ref, again("poor"))
    assert catalogue.reset([file_id]) == 1
    (ref,) = to_do(catalogue, run, Selection())
    assert not ref.again


def test_results_that_it_may_go_back_to_move_with_it(catalogue: Catalogue, database_url: str, run: RunId) -> None:
    """A bundle taken in the middle has them, too."""
    processed_as(catalogue, run, result("poor"), result("good"))
    to_do(catalogue, run)
    assert [row[2] for row in sql(database_url, _FILES)] == ["pdf-now", "pdf-now"]


def test_documents_are_counted_and_listed_by_quality(catalogue: Catalogue, run: RunId) -> None:
    assert catalogue.status().quality == {"good": 0, "fair": 0, "poor": 0}
    processed_as(catalogue, run, result("good"), result("poor"), result("good"))
    synced(catalogue, pdf("new.pdf"))
    assert catalogue.status().quality == {"good": 2, "fair": 0, "poor": 1}
    assert [row.name for row in catalogue.files(quality="good")] == ["0.pdf", "2.pdf"]
    (row,) = catalogue.files("processed", "pdf", quality="poor")
    assert row.reasons == (Reason("lost-characters", "Some of it is\ufffd lost.", 0.2),)
    assert catalogue.counts()["poor files"] == 1
