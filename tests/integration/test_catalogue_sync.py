"""What sync records: contents once, places as they are, nothing twice, nothing forgotten."""

import threading
from dataclasses import replace

import pytest

from kbray.catalogue import Catalogue, KnownLocation, Selection
from kbray.model import Census, FileId, Found, Seen, Window
from tests.integration.pile import PDF, claimed, commit, epub, pdf, processed, sha, sql, synced, work

pytestmark = pytest.mark.integration


def test_a_new_file_has_its_place_and_its_parts(catalogue: Catalogue) -> None:
    run = catalogue.start_run("sync", {"paths": ["/books"]})

    assert catalogue.record(run, [pdf("a.pdf", parts=3), epub("b.epub")]) == 0

    assert catalogue.status().total == 2

    first = catalogue.find("/books/a.pdf")[0]
    assert catalogue.locations(["/books/a.pdf", "/books/none.pdf"]) == {
        "/books/a.pdf": KnownLocation("/books/a.pdf", first, sha("a.pdf"), 1000, 7, None, "application/pdf")
    }
    assert catalogue.part_outcomes(first) == [
        (0, Window(1, 16), "pending", None),
        (1, Window(17, 32), "pending", None),
        (2, Window(33, 48), "pending", None),
    ]
    assert catalogue.part_outcomes(catalogue.find("/books/b.epub")[0]) == [(0, Window(), "pending", None)]
    row = catalogue.file(first).row
    assert (row.name, row.uri, row.media_type, row.size_bytes, row.status, row.pages) == (
        *("a.pdf", "/books/a.pdf", PDF, 1000, "synced", 48),
    )


def test_recording_twice_changes_nothing(catalogue: Catalogue, database_url: str) -> None:
    run = catalogue.start_run("sync", {})
    found = [pdf("a.pdf", parts=2), epub("b.epub")]
    catalogue.record(run, found)
    before = sql(database_url, "SELECT uri, file_id, size_bytes, mtime_ns, seen_run, problem FROM locations ORDER BY uri")

    assert catalogue.record(run, found) == 0

    assert sql(database_url, "SELECT uri, file_id, size_bytes, mtime_ns, seen_run, problem FROM locations ORDER BY uri") == before
    assert sql(database_url, "SELECT count(*) FROM parts") == [(3,)]


def test_the_same_content_in_three_places_is_one_file(catalogue: Catalogue) -> None:
    run = catalogue.start_run("sync", {})

    catalogue.record(run, [pdf(f"{name}.pdf", content="same") for name in "cab"])

    assert catalogue.status().total == 1
    detail = catalogue.file(catalogue.find(sha("same")[:6])[0])
    assert [place.uri for place in detail.locations] == ["/books/a.pdf", "/books/b.pdf", "/books/c.pdf"]
    assert detail.row.uri == "/books/a.pdf"


def test_which_media_type_wins_does_not_depend_on_the_order(catalogue: Catalogue) -> None:
    places = [
        Found(Seen(f"/notes/{name}", 10, 1), sha(str(n)), Census(media_type), (Window(),))
        for n in range(2)
        for name, media_type in [(f"{n}-b.txt", "text/plain"), (f"{n}-a.md", "text/markdown")]
    ]
    run = catalogue.start_run("sync", {})

    catalogue.record(run, [places[0], places[1], places[3], places[2]])

    assert {row.media_type for row in catalogue.files()} == {"text/markdown"}


def test_a_place_whose_content_changed_leads_to_the_new_file_and_the_old_one_stays(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("a.pdf", content="old"))

    synced(catalogue, pdf("a.pdf", content="new"))

    old, new = catalogue.files()
    assert (old.sha256, new.sha256) == (sha("old"), sha("new"))
    assert catalogue.find("/books/a.pdf") == [new.id]
    assert (old.uri, old.name) == ("/books/a.pdf", "a.pdf")
    assert catalogue.file(old.id).locations == ()


def test_a_file_that_left_is_marked_and_one_that_comes_back_is_not(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("stays.pdf"), pdf("leaves.pdf"), pdf("other.pdf", folder="/books2"), pdf("in.pdf", folder="/books/sub"))
    run = catalogue.start_run("sync", {})
    catalogue.touch(run, ["/books/stays.pdf", "/books/sub/in.pdf"])

    assert catalogue.mark_gone(run, ["/books"]) == 1
    assert catalogue.mark_gone(run, ["/books"]) == 0

    assert catalogue.status().gone == 1
    left = catalogue.file(catalogue.find("/books/leaves.pdf")[0])
    assert left.locations[0].gone_at is not None
    assert left.row.status == "synced"  # still to be processed: its bytes are in the object store
    catalogue.touch(run, ["/books/leaves.pdf"])
    assert catalogue.status().gone == 0


def test_gone_follows_folders_not_beginnings_of_names(catalogue: Catalogue) -> None:
    synced(catalogue, *(pdf("a.pdf", folder=folder) for folder in ("/b", "/b/c", "/b0", "/b-c", "/B", "/b\udcff")))
    run = catalogue.start_run("sync", {})

    assert catalogue.mark_gone(run, ["/b/", "/B/a.pdf"]) == 3

    gone = {place.uri for row in catalogue.files() for place in catalogue.file(row.id).locations if place.gone_at}
    assert gone == {"/b/a.pdf", "/b/c/a.pdf", "/B/a.pdf"}


def test_everything_lies_under_the_root_folder(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("a.pdf"), pdf("b.pdf", folder="s3://bucket"))
    run = catalogue.start_run("sync", {})

    assert catalogue.mark_gone(run, ["/"]) == 1
    assert catalogue.mark_gone(run, ["s3://bucket"]) == 1


def test_what_a_later_sync_saw_is_not_gone_for_an_earlier_one_that_still_runs(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("a.pdf"))
    slow, fast = catalogue.start_run("sync", {}), catalogue.start_run("sync", {})
    catalogue.touch(fast, ["/books/a.pdf"])

    assert catalogue.mark_gone(slow, ["/books"]) == 0


def test_a_place_that_could_not_be_read_keeps_its_content_and_is_read_again_next_time(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("a.pdf"))
    run = catalogue.start_run("sync", {})

    catalogue.record_problems(run, [("/books/a.pdf", "Permission\x00 denied."), ("/books/locked", "Permission denied.")])
    catalogue.record_problems(run, [("/books/a.pdf", "Permission denied.")])

    assert catalogue.places_with_problems() == [("/books/a.pdf", "Permission denied."), ("/books/locked", "Permission denied.")]
    assert catalogue.status().problems == 2
    known = catalogue.locations(["/books/a.pdf", "/books/locked"])
    assert (known["/books/a.pdf"].sha256, known["/books/a.pdf"].mtime_ns) == (sha("a.pdf"), -1)
    assert known["/books/locked"].file_id is None
    assert catalogue.mark_gone(run, ["/books"]) == 0
    catalogue.record(run, [pdf("a.pdf")])
    assert catalogue.places_with_problems() == [("/books/locked", "Permission denied.")]
    assert catalogue.find("/books/locked") == []


@pytest.mark.parametrize(
    "name",
    [
        "caf\udce9.pdf",
        "100%25 %FF.pdf",
        "Ünïcode 本 😀.pdf",
        "e\u0301.pdf",
        "line\nbreak.pdf",
        "quote'\".pdf",
        "x" * 3000 + ".pdf",
    ],
)
def test_any_name_a_file_can_have(catalogue: Catalogue, name: str) -> None:
    synced(catalogue, pdf(name), pdf("other.pdf"))
    uri = f"/books/{name}"

    assert catalogue.locations([uri])[uri].sha256 == sha(name)
    found = catalogue.find(uri)
    row = catalogue.file(found[0]).row
    assert row.sha256 == sha(name)
    row.uri.encode()
    assert catalogue.find(row.uri) == found
    assert [one.id for one in catalogue.files(only=row.name)] == found


def test_two_names_that_differ_in_normalisation_are_two_places(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("\u00e9.pdf"), pdf("e\u0301.pdf"), pdf("u\u0308.pdf"))

    assert catalogue.locations(["/books/\u00e9.pdf"])["/books/\u00e9.pdf"].sha256 == sha("\u00e9.pdf")
    assert catalogue.locations(["/books/e\u0301.pdf"])["/books/e\u0301.pdf"].sha256 == sha("e\u0301.pdf")
    assert len(catalogue.find("/books/\u00e9.pdf")) == 1
    assert catalogue.find("/books/\u00fc.pdf") == catalogue.find("/books/u\u0308.pdf") != []


def test_several_syncs_of_the_same_tree_at_once(catalogue: Catalogue, database_url: str) -> None:
    found = [pdf(f"{n}.pdf", parts=2, content=str(n % 60)) for n in range(100)]
    runs = [catalogue.start_run("sync", {}) for _ in range(4)]
    again: list[int] = []

    def sync(nth: int) -> None:
        for start in range(0, 100, 20):
            batch = found[start : start + 20]
            again.append(catalogue.record(runs[nth], batch if nth % 2 else batch[::-1]))
            catalogue.touch(runs[nth], [one.seen.uri for one in batch])

    threads = [threading.Thread(target=sync, args=(nth,)) for nth in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(again) == 0
    assert sql(database_url, "SELECT count(*), count(DISTINCT file_id) FROM locations") == [(100, 60)]
    assert sql(database_url, "SELECT count(*) FROM parts") == [(120,)]


def test_a_file_without_windows_has_one_part(catalogue: Catalogue) -> None:
    synced(catalogue, Found(Seen("/x.bin", 0, 0), sha("x"), Census("application/octet-stream"), ()))
    run = catalogue.start_run("process", {})

    assert [(ref.file_id, ref.part, ref.window, ref.parts) for ref in work(catalogue, run)] == [(FileId(1), 0, Window(), 1)]


def test_known_contents(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("a.pdf"))

    assert catalogue.known_sha256({sha("a.pdf"), sha("b.pdf")}) == {sha("a.pdf")}
    assert catalogue.known_sha256([]) == set()
    assert catalogue.locations([]) == {}
    assert catalogue.prepare(Selection(), {}, catalogue.start_run("process", {})).parts == 1


def test_what_an_older_census_took_for_something_else_is_processed_anew(catalogue: Catalogue, database_url: str) -> None:
    """As its kind, in the parts it has as such; everything else stays as it is."""
    help_file = replace(epub("help.chm"), census=Census("application/octet-stream"))
    synced(catalogue, help_file, pdf("a.pdf", parts=2), pdf("grown.pdf", parts=2))
    sql(database_url, "UPDATE files SET census = 0")
    run = catalogue.start_run("process", {})
    processed(catalogue, run, [ref for ref in work(catalogue, run) if ref.media_type == PDF])
    assert catalogue.status().older_census == 3
    sync = catalogue.start_run("sync", {})

    found = [replace(help_file, census=Census("application/vnd.ms-htmlhelp")), pdf("a.pdf", parts=2), pdf("grown.pdf", parts=3)]
    assert catalogue.record(sync, found) == 2
    assert catalogue.record(sync, found) == 0

    assert catalogue.status().older_census == 0
    rows = {row.name: row for row in catalogue.files()}
    assert rows["help.chm"].media_type == "application/vnd.ms-htmlhelp"
    assert {name: row.status for name, row in rows.items()} == {"help.chm": "synced", "a.pdf": "processed", "grown.pdf": "synced"}
    assert [state for _, _, state, _ in catalogue.part_outcomes(rows["grown.pdf"].id)] == ["pending"] * 3
    assert rows["grown.pdf"].pages == 48


def test_a_late_commit_of_what_turned_out_to_be_another_kind_changes_nothing(catalogue: Catalogue) -> None:
    synced(catalogue, pdf("a.pdf", parts=2))
    run = catalogue.start_run("process", {})
    claim = claimed(catalogue, run, work(catalogue, run)[0])

    assert catalogue.record(catalogue.start_run("sync", {}), [pdf("a.pdf", parts=1)]) == 1

    assert not commit(catalogue, claim).accepted
    assert [state for _, _, state, _ in catalogue.part_outcomes(claim.ref.file_id)] == ["pending"]


def test_a_kind_that_follows_from_the_name_follows_from_the_first_name(catalogue: Catalogue) -> None:
    """Not from that of the copy which is read last; until the first is gone."""
    first, copy = (
        replace(pdf(name, content="same"), census=Census(kind)) for name, kind in (("a.md", "text/markdown"), ("b", "text/plain"))
    )
    synced(catalogue, first)
    run = synced(catalogue, copy)
    assert [row.media_type for row in catalogue.files()] == ["text/markdown"]
    later = catalogue.start_run("sync", {})
    catalogue.touch(later, [copy.seen.uri])
    assert run < later
    catalogue.mark_gone(later, ["/books"])

    assert catalogue.record(later, [copy]) == 1

    assert [row.media_type for row in catalogue.files()] == ["text/plain"]
