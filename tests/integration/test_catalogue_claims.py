"""A part is done once in effect, whoever is slow, dead, repeated or late."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from kbray.catalogue import Catalogue, Committed
from kbray.model import Claim, Effort, FileId, RunId
from tests.integration.pile import (
    BAD,
    GOOD,
    LEASE_S,
    claimed,
    commit,
    epub,
    failure,
    kill,
    pdf,
    processed,
    sql,
    states,
    synced,
    work,
)

pytestmark = pytest.mark.integration


def test_a_part_goes_from_pending_to_done_and_its_file_to_processed(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=2))
    first, second = work(catalogue, run)

    claim = claimed(catalogue, run, first)
    assert (claim.ref, claim.run, claim.attempt, claim.interruptions) == (first, run, 1, 0)
    assert catalogue.file(first.file_id).row.status == "processing"
    assert states(catalogue, first.file_id) == ["claimed", "pending"]
    assert commit(catalogue, claim) == Committed(accepted=True, last=False)
    assert not catalogue.finish(run, first.file_id, GOOD)
    assert commit(catalogue, claimed(catalogue, run, second)) == Committed(accepted=True, last=True)
    assert catalogue.finish(run, first.file_id, GOOD)

    detail = catalogue.file(first.file_id)
    assert (detail.row.status, detail.row.title, detail.row.complete, detail.row.characters) == (
        "processed",
        "A title",
        True,
        1234,
    )
    assert [(part.state, part.fingerprint, part.pages) for part in detail.parts] == [("done", "pdf-now", 16)] * 2
    assert [(one.part, one.attempt, one.outcome, one.pages) for one in detail.attempts] == [
        (0, 1, "done", 16),
        (1, 1, "done", 16),
    ]
    assert detail.attempts[0].effort == Effort(parse_s=1.5, commit_s=0.25, cpu_s=1.25, peak_bytes=2**33)
    assert detail.attempts[0].ended_at is not None
    info = catalogue.run(run)
    assert (info.files_done, info.files_failed, info.parts_done, info.parts_failed, info.pages_done) == (1, 0, 2, 0, 32)


def test_a_file_of_one_part_is_finished_by_its_commit(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, epub("a.epub"), epub("b.epub"))
    good, bad = work(catalogue, run)

    assert commit(catalogue, claimed(catalogue, run, good), result=GOOD) == Committed(accepted=True, last=True)
    assert commit(catalogue, claimed(catalogue, run, bad), failure(), failed=True, result=BAD) == Committed(
        accepted=True, last=True
    )

    assert [row.status for row in catalogue.files()] == ["processed", "failed"]
    assert catalogue.files()[1].error == failure()
    info = catalogue.run(run)
    assert (info.files_done, info.files_failed, info.parts_done, info.parts_failed) == (1, 1, 1, 1)


def test_a_commit_sent_twice_is_accepted_twice_and_counted_once(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=2))
    first, second = work(catalogue, run)
    one, two = claimed(catalogue, run, first), claimed(catalogue, run, second)

    assert [commit(catalogue, one, failure(), failed=True) for _ in range(3)] == [Committed(True, False)] * 3
    assert [commit(catalogue, two) for _ in range(3)] == [Committed(True, True)] * 3
    assert commit(catalogue, one) == Committed(True, False)  # not the last, also when asked after it
    assert [catalogue.finish(run, first.file_id, GOOD, [failure("whole")]) for _ in range(2)] == [True, True]
    assert commit(catalogue, two) == Committed(True, True)

    assert catalogue.failures(first.file_id) == [failure(), failure("whole")]
    info = catalogue.run(run)
    assert (info.files_done, info.parts_done, info.parts_failed, info.pages_done) == (1, 1, 1, 16)


def test_a_part_that_another_run_holds_or_that_is_finished_is_not_given_out(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf"))
    (ref,) = work(catalogue, run)
    other = catalogue.start_run("process", {})
    claim = claimed(catalogue, run, ref)

    assert catalogue.claim(other, ref) is None
    commit(catalogue, claim)
    assert catalogue.claim(other, ref) is None
    assert catalogue.claim(run, ref) is None
    assert catalogue.claim(run, replace(ref, file_id=FileId(999))) is None
    assert catalogue.claim(RunId(999), ref) is None


def test_a_batch_that_ray_does_again_claims_its_parts_anew_and_voids_the_first_claim(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf"))
    (ref,) = work(catalogue, run)
    first = claimed(catalogue, run, ref)

    second = claimed(catalogue, run, ref)

    assert (first.attempt, second.attempt) == (1, 2)
    assert commit(catalogue, first) == Committed(accepted=False, last=False)
    catalogue.release(first)
    assert states(catalogue, ref.file_id) == ["claimed"]
    assert commit(catalogue, second).accepted
    assert commit(catalogue, first) == Committed(accepted=False, last=False)
    assert [(one.attempt, one.outcome) for one in catalogue.file(ref.file_id).attempts] == [(1, "lost"), (2, "done")]


def test_a_commit_of_an_old_claim_is_refused_also_where_the_attempt_has_the_same_number(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf"))
    (ref,) = work(catalogue, run)
    old = claimed(catalogue, run, ref)
    assert catalogue.release_all(run) == 1

    new = claimed(catalogue, run, ref)

    assert (old.attempt, new.attempt) == (1, 1)
    assert not commit(catalogue, old).accepted
    assert commit(catalogue, new).accepted


def test_a_claim_without_its_token_is_a_mistake_of_the_caller(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf"))
    claim = claimed(catalogue, run, work(catalogue, run)[0])

    with pytest.raises(ValueError, match="token"):
        commit(catalogue, replace(claim, token=0))


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "process gone"])
def test_a_run_declared_dead_can_neither_commit_nor_claim_nor_finish(
    catalogue: Catalogue, database_url: str, silent: bool
) -> None:
    synced(catalogue, pdf("a.pdf"), pdf("b.pdf"), pdf("c.pdf"))
    dead, alive = catalogue.start_run("process", {}), catalogue.start_run("process", {})
    held, assembling, free = work(catalogue, dead)
    claim = claimed(catalogue, dead, held)
    assert commit(catalogue, claimed(catalogue, dead, assembling)).last
    kill(database_url, dead, silent=silent)

    assert catalogue.reap(LEASE_S) == [dead]

    assert not commit(catalogue, claim).accepted
    assert catalogue.claim(dead, free) is None
    assert catalogue.claim(dead, held) is None
    assert not catalogue.finish(dead, assembling.file_id, GOOD)
    again = claimed(catalogue, alive, held)
    assert (again.attempt, again.interruptions) == (1, 1)
    assert claimed(catalogue, alive, assembling).interruptions == 1
    assert not commit(catalogue, claim).accepted
    catalogue.release(claim)
    assert states(catalogue, held.file_id) == ["claimed"]
    assert commit(catalogue, again).last
    assert [(one.run, one.outcome) for one in catalogue.file(held.file_id).attempts] == [(dead, "lost"), (alive, "done")]
    assert catalogue.run(dead).parts_done == 1


def test_a_stopping_run_commits_what_it_has_and_claims_nothing(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf"), pdf("b.pdf"))
    first, second = work(catalogue, run)
    claim = claimed(catalogue, run, first)

    catalogue.request_stop(run)

    assert catalogue.beat(run) == "stopping"
    assert catalogue.claim(run, second) is None
    assert catalogue.claim(run, first) is None
    assert commit(catalogue, claim).last
    assert catalogue.finish(run, first.file_id, GOOD)


def test_a_run_has_something_in_hand_until_the_file_is_finished(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf"))
    (ref,) = work(catalogue, run)
    assert not catalogue.holds(run)

    claim = claimed(catalogue, run, ref)

    assert catalogue.holds(run)
    assert not catalogue.holds(catalogue.start_run("process", {}))
    commit(catalogue, claim)
    assert catalogue.holds(run)
    catalogue.finish(run, ref.file_id, GOOD)
    assert not catalogue.holds(run)


def test_a_released_part_is_pending_and_its_attempt_not_counted(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf"))
    (ref,) = work(catalogue, run)
    claim = claimed(catalogue, run, ref)

    catalogue.release(claim)
    catalogue.release(claim)

    assert states(catalogue, ref.file_id) == ["pending"]
    assert not commit(catalogue, claim).accepted
    again = claimed(catalogue, run, ref)
    assert (again.attempt, again.interruptions) == (1, 0)
    catalogue.release(claim)
    assert states(catalogue, ref.file_id) == ["claimed"]
    assert [one.outcome for one in catalogue.file(ref.file_id).attempts] == ["released", "started"]


def test_attempts_grow_with_each_death_of_a_worker_and_not_with_that_of_its_run(catalogue: Catalogue, database_url: str) -> None:
    synced(catalogue, pdf("a.pdf"))
    seen = []
    for deaths in (2, 1, 3):
        run = catalogue.start_run("process", {})
        (ref,) = work(catalogue, run)
        claim = None
        for _ in range(deaths):
            claim = claimed(catalogue, run, ref)  # and its worker dies
        assert claim is not None
        seen.append((claim.attempt, claim.interruptions))
        kill(database_url, run)
        catalogue.reap(LEASE_S)

    assert seen == [(2, 0), (2, 1), (4, 2)]


def test_whoever_dies_while_assembling_leaves_the_last_part_to_be_done_again(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=2))
    first, second = work(catalogue, run)
    commit(catalogue, claimed(catalogue, run, second))
    assert commit(catalogue, claimed(catalogue, run, first)).last

    assert catalogue.release_all(run) == 0

    assert not catalogue.finish(run, first.file_id, GOOD)
    assert states(catalogue, first.file_id) == ["done", "pending"]
    again = claimed(catalogue, run, second)
    assert again.attempt == 2  # counted: a document that kills who assembles it is given up some day
    assert commit(catalogue, again).last
    assert catalogue.finish(run, first.file_id, GOOD)


def test_failures_of_a_part_are_replaced_with_the_part(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=2))
    first, second = work(catalogue, run)
    commit(catalogue, claimed(catalogue, run, second), failure("later page", page=20), failure("a page", page=18))
    commit(catalogue, claimed(catalogue, run, first), failure("text\x00\ud800", page=3))
    catalogue.finish(run, first.file_id, GOOD, [failure("of the whole")])

    assert [(one.message, one.page) for one in catalogue.failures(first.file_id)] == [
        *(("text\ufffd\ufffd", 3), ("a page", 18), ("later page", 20), ("of the whole", None))
    ]
    error = catalogue.files()[0].error
    assert error is not None
    assert error.page == 3

    assert catalogue.reset([first.file_id]) == 1
    assert catalogue.failures(first.file_id) == []
    assert catalogue.files()[0].error is None
    processed(catalogue, run, work(catalogue, run))
    assert catalogue.failures(first.file_id) == []


def test_a_reset_takes_the_part_from_whoever_holds_it(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=2))
    first, second = work(catalogue, run)
    commit(catalogue, claimed(catalogue, run, first))
    claim = claimed(catalogue, run, second)

    catalogue.reset([first.file_id])

    assert not commit(catalogue, claim).accepted
    assert states(catalogue, first.file_id) == ["pending", "pending"]
    assert [one.outcome for one in catalogue.file(first.file_id).attempts] == ["done", "lost"]


def test_of_many_runs_that_claim_a_part_at_once_one_wins(catalogue: Catalogue) -> None:
    synced(catalogue, *(pdf(f"{n}.pdf") for n in range(30)))
    runs = [catalogue.start_run("process", {}) for _ in range(6)]
    refs = work(catalogue, runs[0])
    barrier = threading.Barrier(len(runs))

    def claim_all(run: RunId) -> list[Claim]:
        got = []
        for ref in refs:
            barrier.wait()
            if claim := catalogue.claim(run, ref):
                got.append(claim)
        return got

    with ThreadPoolExecutor(len(runs)) as threads:
        won = [claim for claims in threads.map(claim_all, runs) for claim in claims]

    assert sorted(claim.ref.file_id for claim in won) == [ref.file_id for ref in refs]
    assert {claim.attempt for claim in won} == {1}


def test_of_the_last_commits_of_a_file_exactly_one_is_the_last(catalogue: Catalogue) -> None:
    synced(catalogue, *(pdf(f"{n}.pdf", parts=6) for n in range(20)))
    run = catalogue.start_run("process", {})
    refs = work(catalogue, run)
    claims = {(ref.file_id, ref.part): claimed(catalogue, run, ref) for ref in refs}
    files = sorted({ref.file_id for ref in refs})
    barrier = threading.Barrier(6)

    def commit_part(part: int) -> list[FileId]:
        last = []
        for file_id in files:
            barrier.wait()
            done = commit(catalogue, claims[file_id, part])
            assert done.accepted
            if done.last:
                last.append(file_id)
        return last

    with ThreadPoolExecutor(6) as threads:
        last = [file_id for ids in threads.map(commit_part, range(6)) for file_id in ids]

    assert sorted(last) == files
    assert catalogue.run(run).parts_done == 120
    assert catalogue.run(run).pages_done == 120 * 16


def test_no_claim_slips_in_while_its_run_is_declared_dead(catalogue: Catalogue, database_url: str) -> None:
    synced(catalogue, *(pdf(f"{n}.pdf") for n in range(40)))
    for _ in range(5):
        run = catalogue.start_run("process", {})
        refs = work(catalogue, run)
        kill(database_url, run, silent=False)
        with ThreadPoolExecutor(4) as threads:
            claims = [threads.submit(catalogue.claim, run, ref) for ref in refs]
            reaped = threads.submit(catalogue.reap, LEASE_S)
            assert reaped.result() == [run]
            done = [claim.result() for claim in claims]

        assert sql(database_url, "SELECT count(*) FROM parts WHERE state = 'claimed'") == [(0,)]
        for claim in done:
            assert claim is None or not commit(catalogue, claim).accepted


def test_a_commit_and_the_death_of_its_run_at_the_same_time(catalogue: Catalogue, database_url: str) -> None:
    synced(catalogue, *(pdf(f"{n}.pdf") for n in range(30)))
    run = catalogue.start_run("process", {})
    claims = [claimed(catalogue, run, ref) for ref in work(catalogue, run)]
    kill(database_url, run, silent=False)

    with ThreadPoolExecutor(4) as threads:
        commits = [threads.submit(commit, catalogue, claim) for claim in claims[:15]]
        reaped = threads.submit(catalogue.reap, LEASE_S)
        commits += [threads.submit(commit, catalogue, claim) for claim in claims[15:]]
        accepted = [one.result().accepted for one in commits]
        assert reaped.result() == [run]

    # What was accepted counts; but nobody lives to finish those files, so their parts are pending again like the others.
    assert sql(database_url, "SELECT DISTINCT state FROM parts") == [("pending",)]
    assert catalogue.run(run).parts_done == sum(accepted)
    assert catalogue.status().stuck_parts == 0
    heir = catalogue.start_run("process", {})
    processed(catalogue, heir, work(catalogue, heir))
    assert catalogue.status().files["processed"] == 30
