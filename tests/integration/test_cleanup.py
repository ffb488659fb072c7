"""`kbray cleanup`: what is wrong is found and told; with --auto-fix it is mended, and nothing else is touched."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kbray import parse
from kbray.catalogue import Catalogue, Selection
from kbray.cli import process as processing
from kbray.config import Settings
from kbray.model import FileId, Progress, RunId
from kbray.ops.cleanup import Cleaner, Summary
from tests.integration.library import Library, Run, a_failure, asking
from tests.integration.pile import kill, sql

pytestmark = pytest.mark.integration


@pytest.fixture
def library(tmp_path: Path, catalogue: Catalogue, database_url: str) -> Library:
    """Three good documents."""
    found = Library(tmp_path / "tree", catalogue, Settings(home=tmp_path / "home", database_url=database_url, patience_s=5))
    for name in ("one", "two", "three"):
        found.page(f"{name}.html", name)
    found.sync()
    found.process()
    return found


def clean(library: Library, *, fix: bool = False, settings: Settings | None = None) -> dict[str, Summary]:
    chosen = settings or library.settings
    cleaner = Cleaner(
        library.catalogue,
        library.store,
        lambda: {kind: parse.fingerprint(kind, chosen) for kind in parse.MEDIA_TYPES},
        chosen.lease_s,
    )
    return {summary.kind: summary for summary in cleaner.clean(fix=fix)}


def keys(library: Library) -> set[str]:
    return {info.key for room in ("raw", "docs", "parts") for info in library.store.list(f"{room}/")}


def status(library: Library, file_id: FileId) -> str:
    return library.catalogue.file(file_id).row.status


def test_where_nothing_is_wrong_nothing_is_found(library: Library) -> None:
    before = keys(library)
    assert clean(library) == {}
    assert clean(library, fix=True) == {}
    assert keys(library) == before


def test_parts_of_a_dead_run_are_freed(library: Library, database_url: str) -> None:
    library.page("four.html", "four")
    library.sync()
    run = library.catalogue.start_run("process", {})
    plan = library.catalogue.prepare(Selection(), {}, run)
    (ref,) = library.catalogue.refs(plan, 0, 2**62, None, 10)
    assert library.catalogue.claim(run, ref)
    assert clean(library) == {}
    kill(database_url, run, silent=False)
    found = clean(library)["dead_run"]
    assert (found.found, found.fixed) == (1, 0)
    assert library.catalogue.run(run).state == "running"  # a dry run changes nothing
    assert clean(library, fix=True)["dead_run"].fixed == 1
    assert library.catalogue.run(run).state == "dead"
    assert [part.state for part in library.catalogue.file(ref.file_id).parts] == ["pending"]
    assert clean(library) == {}


def test_only_failures_that_may_pass_are_tried_again(library: Library) -> None:
    library.page("passes.html", "passes")
    library.page("stays.html", "stays")
    library.sync()
    library.process(
        {
            "passes.html": a_failure("model_out_of_memory", "The device had no room."),
            "stays.html": a_failure("corrupt_document", "It is broken."),
        }
    )
    found = clean(library)["retryable_failure"]
    assert [example.detail for example in found.examples] == ["passes.html: model_out_of_memory passes"]
    assert clean(library, fix=True)["retryable_failure"].fixed == 1
    assert status(library, library.id_of("passes.html")) == "synced"
    assert status(library, library.id_of("stays.html")) == "failed"


def test_failures_of_an_older_parser_are_tried_again(library: Library) -> None:
    (library.tree / "p.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    library.sync()
    library.process({"p.png": a_failure("corrupt_document", "It is broken.")})
    assert clean(library) == {}
    changed = library.settings.model_copy(update={"ocr_dpi": 300})
    found = clean(library, settings=changed)["retryable_failure"]
    assert [example.detail for example in found.examples] == ["p.png: the parser or its settings changed since"]


def test_incomplete_documents_are_told_and_left(library: Library) -> None:
    library.page("half.html", "half")
    library.sync()
    library.process({"half.html": a_failure("corrupt_document", "Half of it is broken.")}, partly=True)
    for fix in (False, True):
        found = clean(library, fix=fix)["incomplete_document"]
        assert (found.found, found.fixed) == (1, 0)
    assert status(library, library.id_of("half.html")) == "processed"


def test_lost_results_are_made_again(library: Library) -> None:
    row = library.catalogue.file(library.id_of("two.html")).row
    lost = f"docs/{row.sha256}/{row.fingerprint}/elements.parquet"
    library.store.delete([lost])
    assert clean(library)["missing_result"].examples[0].detail == lost
    assert status(library, row.id) == "processed"
    assert clean(library, fix=True)["missing_result"].fixed == 1
    assert [status(library, one.id) for one in library.catalogue.files()].count("synced") == 1
    library.process()
    assert library.store.exists(lost)
    assert clean(library) == {}


def test_lost_originals_are_told(library: Library) -> None:
    library.page("four.html", "four")
    library.sync()
    row = library.catalogue.file(library.id_of("four.html")).row
    library.store.delete([f"raw/{row.sha256}"])
    found = clean(library, fix=True)["missing_original"]
    assert (found.found, found.fixed) == (1, 0)
    assert str(library.tree / "four.html") in found.examples[0].detail


def test_objects_nobody_refers_to_are_deleted_and_no_others(library: Library) -> None:
    before = keys(library)
    row = library.catalogue.file(library.id_of("one.html")).row
    stranger = "f" * 64
    orphans = {
        f"raw/{stranger}",
        f"docs/{stranger}/0123456789abcdef/document.md",
        f"docs/{row.sha256}/0123456789abcdef/document.md",
        f"parts/{row.sha256}/{row.fingerprint}/0",
    }
    for key in orphans:
        library.store.put(key, b"12345")
    found = clean(library)["orphan_object"]
    assert (found.found, found.size_bytes, found.fixed) == (4, 20, 0)
    assert keys(library) == before | orphans
    assert clean(library, fix=True)["orphan_object"].fixed == 4
    assert keys(library) == before


def test_what_others_keep_beside_it_is_left_alone(library: Library) -> None:
    """A bucket's `docs/` is not kbray's for its name."""
    for key in (
        "docs/manual.pdf",
        "docs/a/b/c.pdf",
        "raw/data.csv",
        f"raw/{'f' * 64}/x",
        f"docs/{'f' * 64}",
        "parts/1",
        "other/2",
    ):
        library.store.put(key, b"theirs")
    before = keys(library)
    assert clean(library, fix=True) == {}
    assert keys(library) == before


def test_parts_of_a_file_under_work_are_no_orphans(library: Library) -> None:
    library.page("four.html", "four")
    library.sync()
    row = library.catalogue.file(library.id_of("four.html")).row
    library.store.put(f"parts/{row.sha256}/0123456789abcdef/0", b"half done")
    assert clean(library, fix=True) == {}
    assert library.store.exists(f"parts/{row.sha256}/0123456789abcdef/0")


def test_while_a_run_works_no_object_is_deleted(library: Library) -> None:
    """It uploads first and records after, so what looks like an orphan may be its newest result."""
    library.store.put(f"raw/{'f' * 64}", b"new")
    run = library.catalogue.start_run("sync", {})
    found = clean(library, fix=True)["orphan_object"]
    assert (found.found, found.fixed) == (1, 0)
    assert found.examples[0].left == f"run {run} (sync) is at work"
    library.catalogue.end_run(run, "succeeded")
    assert clean(library, fix=True)["orphan_object"].fixed == 1


def test_many_findings_are_counted_and_a_few_shown(library: Library) -> None:
    for number in range(1200):  # more than two batches
        library.store.put(f"raw/{number:064x}", b"")
    found = clean(library, fix=True)["orphan_object"]
    assert (found.found, found.fixed, len(found.examples)) == (1200, 1200, 5)
    assert clean(library) == {}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], library: Library, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("KBRAY_HOME", str(library.settings.home))
    monkeypatch.setenv("KBRAY_DATABASE_URL", str(library.settings.database_url))
    return asking(capsys)


def test_the_command_tells_without_the_flag_and_mends_and_processes_with_it(
    library: Library, database_url: str, run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from kbray.flow.drive import Outcome

    assert run("cleanup") == (0, "Nothing is wrong.\n", "")
    row = library.catalogue.file(library.id_of("two.html")).row
    sql(database_url, "UPDATE files SET title = 'kept' WHERE id = :id", id=row.id)
    library.store.delete([f"docs/{row.sha256}/{row.fingerprint}/document.md"])
    code, out, err = run("cleanup")
    assert code == 0
    assert out.startswith("Results missing from the object store: 1\n")
    assert "--auto-fix would process these files again." in out
    assert "Nothing was changed." in err
    assert library.catalogue.file(row.id).row.title == "kept"

    worked: list[Selection] = []

    def work(wiring: object, selection: Selection, *, command: str) -> Outcome:
        worked.append(selection)
        library.process()
        return Outcome(RunId(1), "succeeded", Progress(1, 1, 0, 1, 1, 0, 1.0), 0)

    monkeypatch.setattr(processing, "work", work)
    code, out, _ = run("cleanup", "--auto-fix", "--json")
    assert code == 0
    found = json.loads(out)
    assert [(one["kind"], one["fixed"]) for one in found["findings"]] == [("missing_result", 1)]
    assert found["process"]["progress"]["files_done"] == 1
    assert worked == [Selection()]
    assert run("cleanup")[1] == "Nothing is wrong.\n"
