"""What a pass will do: all that is asked for, nothing else, each part once."""

import pickle
import random
from dataclasses import replace

import pytest

from kbray.catalogue import Catalogue, Plan, Selection
from kbray.model import FileId, PartRef, RunId
from tests.integration.pile import (
    BAD,
    EPUB,
    EVERYTHING,
    GOOD,
    LEASE_S,
    NOW,
    PDF,
    claimed,
    commit,
    epub,
    failure,
    kill,
    pdf,
    processed,
    states,
    synced,
    work,
)

pytestmark = pytest.mark.integration

INCOMPLETE = replace(GOOD, units_produced=20, complete=False)


def named(catalogue: Catalogue, refs: list[PartRef]) -> list[str]:
    return sorted({catalogue.file(ref.file_id).row.name for ref in refs})


def test_a_plan_counts_what_is_to_be_done(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=3), epub("b.epub"))

    plan = catalogue.prepare(Selection(), NOW, run)

    assert (plan.files, plan.parts, plan.pages, plan.bound) == (2, 4, 49, None)
    assert catalogue.remaining(plan) == 4
    assert pickle.loads(pickle.dumps(plan)) == plan
    refs = catalogue.refs(plan, *EVERYTHING, None, 100)
    assert [(ref.file_id, ref.part, ref.window.first_page, ref.parts) for ref in refs] == [
        *((1, 0, 1, 3), (1, 1, 17, 3), (1, 2, 33, 3), (2, 0, None, 1))
    ]
    catalogue.claim(run, refs[0])
    assert catalogue.remaining(plan) == 3
    assert len(catalogue.refs(plan, *EVERYTHING, None, 100)) == 4  # claimed ones too: their run may die


def test_nothing_to_do(catalogue: Catalogue, run: RunId) -> None:
    plan = catalogue.prepare(Selection(), NOW, run)

    assert (plan.files, plan.parts, plan.pages) == (0, 0, 0)
    assert catalogue.ranges(plan, 4) == []
    assert catalogue.refs(plan, *EVERYTHING, None, 10) == []


def test_max_files_takes_the_first_unfinished_ones(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, *(pdf(f"{n}.pdf", parts=2) for n in range(6)))
    processed(catalogue, run, work(catalogue, run, Selection(file_ids=(FileId(2),))))

    plan = catalogue.prepare(Selection(max_files=3), NOW, run)

    assert (plan.bound, plan.files, plan.parts) == (4, 3, 6)
    assert {ref.file_id for ref in catalogue.refs(plan, *EVERYTHING, None, 100)} == {1, 3, 4}
    assert catalogue.prepare(Selection(max_files=0), NOW, run).files == 0
    assert catalogue.prepare(Selection(max_files=100), NOW, run).files == 5


def test_max_files_when_nothing_is_left_means_nothing(catalogue: Catalogue, run: RunId) -> None:
    plan = catalogue.prepare(Selection(max_files=3), NOW, run)
    synced(catalogue, pdf("late.pdf"))

    assert catalogue.refs(plan, *EVERYTHING, None, 10) == []


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ("pdf", ["1.pdf", "2.pdf", "É.pdf"]),
        ("epub", ["1.epub"]),
        ("application/*", ["1.epub", "1.pdf", "2.pdf", "É.pdf"]),
        ("image", []),
        ("1.*", ["1.epub", "1.pdf"]),
        ("*.PDF", ["1.pdf", "2.pdf", "É.pdf"]),
        ("é.pdf", ["É.pdf"]),
        ("books/*.pdf", ["1.pdf", "É.pdf"]),
        ("/more/*", ["2.pdf"]),
        ("?.[pq]df", ["1.pdf", "2.pdf", "É.pdf"]),
    ],
)
def test_only_some(catalogue: Catalogue, run: RunId, only: str, names: list[str]) -> None:
    synced(catalogue, pdf("1.pdf"), epub("1.epub"), pdf("2.pdf", folder="/more"), pdf("É.pdf"))

    assert named(catalogue, work(catalogue, run, Selection(only=only))) == names
    assert sorted(row.name for row in catalogue.files(only=only)) == names


def test_max_files_counts_among_those_chosen(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, *(epub(f"{n}.epub") for n in range(5)), *(pdf(f"{n}.pdf") for n in range(5)))

    assert named(catalogue, work(catalogue, run, Selection(only="pdf", max_files=2))) == ["0.pdf", "1.pdf"]


def test_what_failed_is_left_alone_unless_asked_for(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, epub("1-good.epub"), epub("2-bad.epub"), epub("3-part.epub"), epub("4-new.epub"))
    for ref, result in zip(work(catalogue, run), (GOOD, BAD, INCOMPLETE), strict=False):
        assert commit(catalogue, claimed(catalogue, run, ref), failure(), failed=result is BAD, result=result).last

    assert named(catalogue, work(catalogue, run)) == ["4-new.epub"]
    plan = catalogue.prepare(Selection(retry_failed=True), NOW, run)

    again = catalogue.refs(plan, *EVERYTHING, None, 10)
    assert named(catalogue, again) == ["2-bad.epub", "3-part.epub", "4-new.epub"]
    assert plan.files == 3
    assert [row.status for row in catalogue.files()] == ["processed", "synced", "synced", "synced"]
    assert all(row.error is None and row.characters is None for row in catalogue.files()[1:])
    assert len(catalogue.failures(FileId(1))) == 1  # not touched
    assert claimed(catalogue, run, again[0]).attempt == 1


def test_retries_stay_within_the_bound_and_the_choice(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, *(epub(f"{n}.epub") for n in range(4)), pdf("x.pdf"))
    for ref in work(catalogue, run):
        commit(catalogue, claimed(catalogue, run, ref), failure(), failed=True, result=BAD)

    work(catalogue, run, Selection(retry_failed=True, max_files=2, only="epub"))

    assert [row.status for row in catalogue.files()] == ["synced", "synced", "failed", "failed", "failed"]


def test_stale_is_what_another_parser_made(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, epub("a.epub"), pdf("b.pdf"), epub("c.epub"), epub("d.epub"))
    results = (replace(GOOD, fingerprint="old"), GOOD, replace(GOOD, fingerprint=NOW[EPUB]), replace(BAD, fingerprint="old"))
    for ref, result in zip(work(catalogue, run), results, strict=True):
        commit(catalogue, claimed(catalogue, run, ref), result=result)

    assert work(catalogue, run) == []
    assert catalogue.status().stale is None, "what is made now was not told"
    assert catalogue.status(fingerprints=NOW).stale == 2
    assert catalogue.status(fingerprints={PDF: NOW[PDF]}).stale == 0, "for EPUBs there is no parser any more"
    assert named(catalogue, work(catalogue, run, Selection(stale=NOW))) == ["a.epub", "d.epub"]
    assert [row.status for row in catalogue.files()] == ["synced", "processed", "processed", "synced"]
    assert catalogue.status(fingerprints=NOW).stale == 0


def test_a_media_type_without_a_parser_is_never_stale(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, epub("a.epub"))
    commit(catalogue, claimed(catalogue, run, work(catalogue, run)[0]), result=BAD)

    assert work(catalogue, run, Selection(stale={PDF: "x"})) == []


def test_parts_of_an_unfinished_file_made_by_another_parser_are_done_again(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=3), pdf("done.pdf"))
    refs = work(catalogue, run)
    commit(catalogue, claimed(catalogue, run, refs[0]), failure(page=3))
    commit(catalogue, claimed(catalogue, run, refs[1]), failure(page=20), failed=True)
    processed(catalogue, run, refs[3:])

    plan = catalogue.prepare(Selection(), {PDF: "pdf-new"}, run)

    assert plan.parts == 3
    assert states(catalogue, FileId(1)) == ["pending"] * 3
    assert catalogue.failures(FileId(1)) == []
    assert catalogue.file(FileId(2)).row.status == "processed"
    assert catalogue.prepare(Selection(), {}, run).parts == 3


def test_parts_of_the_current_parser_are_kept(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=3))
    refs = work(catalogue, run)
    commit(catalogue, claimed(catalogue, run, refs[1]))

    assert [ref.part for ref in work(catalogue, run)] == [0, 2]


def test_a_file_nobody_finished_has_its_last_part_done_again(catalogue: Catalogue, database_url: str) -> None:
    synced(catalogue, pdf("a.pdf", parts=2))
    dead = catalogue.start_run("process", {})
    for ref in work(catalogue, dead):
        commit(catalogue, claimed(catalogue, dead, ref))
    other = catalogue.start_run("process", {})
    assert work(catalogue, other) == []  # the first run lives, and may still finish it

    kill(database_url, dead)
    assert catalogue.status(LEASE_S).stuck_parts == 1
    assert catalogue.reap(LEASE_S) == [dead]

    assert catalogue.status(LEASE_S).stuck_parts == 0
    assert [ref.part for ref in work(catalogue, other)] == [1]
    assert not catalogue.finish(dead, FileId(1), GOOD)


def test_a_run_may_take_back_what_it_did_not_finish_itself(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, pdf("a.pdf", parts=2))
    for ref in work(catalogue, run):
        commit(catalogue, claimed(catalogue, run, ref))

    again = work(catalogue, run)

    assert [ref.part for ref in again] == [1]
    processed(catalogue, run, again)
    assert catalogue.file(FileId(1)).row.status == "processed"


def test_ranges_and_pages_cover_each_part_once(catalogue: Catalogue, run: RunId) -> None:
    draw = random.Random(7)
    synced(catalogue, *(pdf(f"{n:03}.pdf", parts=draw.choice([1, 1, 1, 2, 9])) for n in range(120)))
    for ref in work(catalogue, run):
        if draw.random() < 0.3:
            commit(catalogue, claimed(catalogue, run, ref))
    plan = catalogue.prepare(Selection(max_files=100), NOW, run)
    everything = catalogue.refs(plan, *EVERYTHING, None, 10_000)
    assert len(everything) == plan.parts

    for count in (1, 2, 3, 7, 50, 1000):
        ranges = catalogue.ranges(plan, count)
        assert len(ranges) <= count
        assert ranges[0][0] == 0
        assert [high for _, high in ranges[:-1]] == [low for low, _ in ranges[1:]]
        sizes = [len(catalogue.refs(plan, low, high, None, 10_000)) for low, high in ranges]
        assert sum(sizes) == plan.parts
        assert max(sizes) <= plan.parts / count + 2 * 9
        limit = draw.randint(1, 40)
        assert [ref for low, high in ranges for ref in pages(catalogue, plan, low, high, limit)] == everything


def pages(catalogue: Catalogue, plan: Plan, low: int, high: int, limit: int) -> list[PartRef]:
    found: list[PartRef] = []
    while page := catalogue.refs(plan, low, high, (found[-1].file_id, found[-1].part) if found else None, limit):
        assert len(page) <= limit
        found += page
    return found


def test_pages_stay_in_order_while_others_take_parts_away(catalogue: Catalogue, run: RunId) -> None:
    synced(catalogue, *(pdf(f"{n:03}.pdf", parts=3) for n in range(20)))
    plan = catalogue.prepare(Selection(), NOW, run)
    seen: list[tuple[int, int]] = []
    while page := catalogue.refs(plan, *EVERYTHING, seen[-1] if seen else None, 7):
        seen += [(ref.file_id, ref.part) for ref in page]
        processed(catalogue, run, page)

    assert seen == [(file_id, part) for file_id in range(1, 21) for part in range(3)]
    assert catalogue.remaining(plan) == 0
