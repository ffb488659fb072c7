"""What the commands say of a catalogue filled by real calls: status, files, show, errors, reset, export, doctor, db."""

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import docx
import pytest
from PIL import Image

import kbray
from kbray import wiring
from kbray.catalogue import Catalogue, Selection
from kbray.config import Settings
from kbray.model import Chunk, Effort, PageImage
from kbray.ops import inspection
from kbray.ops.bylines import note
from kbray.ops.listing import finished
from kbray.wiring import Wiring
from tests.integration.library import ODD_NAME, Library, Run, a_failure, asking
from tests.integration.pile import sql
from tests.writers.epub import book
from tests.writers.pdf import Page, write_pdf

pytestmark = pytest.mark.integration


@pytest.fixture
def library(tmp_path: Path, catalogue: Catalogue, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Library:
    """An empty one; the environment makes the commands use it."""
    monkeypatch.setenv("KBRAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KBRAY_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tree").mkdir()
    return Library(tmp_path / "tree", catalogue, Settings(home=tmp_path / "home", database_url=database_url, patience_s=5))


@pytest.fixture
def filled(library: Library) -> Library:
    """Two good documents, one in two places, one with an odd name, two failures of one kind, one of another."""
    library.page("a/physics.html", "Physics")
    library.page("b/copy of physics.html", "Physics")
    library.page(ODD_NAME, "Odd")
    library.page("broken one.html", "Broken 1")
    library.page("broken two.html", "Broken 2")
    (library.tree / "data.bin").write_bytes(bytes(range(256)) * 8)
    library.sync()
    library.process(
        {
            name: a_failure("corrupt_document", f"The tree of {name!r} is broken.")
            for name in ("broken one.html", "broken two.html")
        }
    )
    return library


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """kbray with these arguments: exit code, stdout, stderr."""
    return asking(capsys)


def parsed(result: tuple[int, str, str]) -> Any:
    code, out, _ = result
    assert code == 0
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


# ---------------------------------------------------------------- sync


def test_sync_tells_what_it_did_and_1_says_that_something_was_wrong(library: Library, run: Run) -> None:
    library.page("a.html", "A")
    code, out, err = run("sync", library.tree)
    assert (code, err) == (0, "")
    assert out.startswith("1 file seen in")
    assert "1 new, 0 unchanged." in out
    (library.tree / "dangling").symlink_to("nowhere")
    (library.tree / ".hidden").touch()
    code, out, _ = run("sync", library.tree)
    assert code == 1
    assert "1 place could not be read (see `kbray errors`)" in out
    assert "1 hidden or system entry skipped." in out
    code, out, _ = run("sync", library.tree, "--json")
    assert code == 1
    found = json.loads(out)
    assert {key: found[key] for key in ("files_seen", "unchanged", "problems", "skipped", "interrupted")} == {
        "files_seen": 1,
        "unchanged": 1,
        "problems": 1,
        "skipped": 1,
        "interrupted": False,
    }


def test_sync_of_a_path_that_does_not_exist_is_a_usage_error_and_no_run(library: Library, run: Run) -> None:
    code, out, err = run("sync", library.tree / "nowhere")
    assert (code, out) == (2, "")
    assert err == f"kbray: {library.tree / 'nowhere'} can't be walked: No such file or directory.\n"
    assert library.catalogue.runs() == []


# ---------------------------------------------------------------- status


def test_status_of_nothing(library: Library, run: Run) -> None:
    found = parsed(run("status", "--json"))
    zeros = dict.fromkeys(("total", "synced", "processing", "processed", "indexing", "indexed", "failed"), 0)
    assert (found["files"], found["pages"], found["runs"]) == (zeros, 0, [])


def test_status_counts_by_the_six_words(filled: Library, run: Run) -> None:
    found = parsed(run("status", "--json"))
    assert found["files"] == {
        "total": 5,
        "synced": 0,
        "processing": 0,
        "processed": 2,
        "indexing": 0,
        "indexed": 0,
        "failed": 3,
    }
    runs = found["runs"]
    assert isinstance(runs, list)
    assert [(one["command"], one["state"]) for one in runs] == [("process", "succeeded"), ("sync", "succeeded")]
    code, out, _ = run("status")
    assert code == 0
    assert "  processed        2\n" in out
    assert "Pages              5   2 done, 3 failed, 0 left" in out
    assert "3 files failed: kbray errors" in out


def test_status_tells_what_an_older_kbray_made_and_the_command_for_it(
    filled: Library, run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert parsed(run("status", "--json"))["stale"] == 4, "all but what there is no reader for: the results are made up"
    with Wiring(filled.settings) as wiring:
        now = wiring.fingerprint("text/html")
    sql(database_url, "UPDATE files SET fingerprint = :now WHERE status = 'processed' OR media_type <> 'text/html'", now=now)
    found = parsed(run("status", "--json"))
    assert (found["stale"], found["stale_index"]) == (2, 0)
    told = "2 files read by an older kbray or with other settings: kbray process --stale, kbray index\n"
    assert told in run("status")[1]
    monkeypatch.setenv("KBRAY_OCR_RECOGNITION", "/nowhere/model.onnx")
    code, out, _ = run("status", "--json")
    assert (code, json.loads(out)["stale"]) == (0, None), "a model that is not there is doctor's to tell"


# ---------------------------------------------------------------- files and show


def test_files_as_json_and_as_lines(filled: Library, run: Run) -> None:
    rows = parsed(run("files", "--json"))["files"]
    assert isinstance(rows, list)
    assert len(rows) == 5
    by_name = {row["name"]: row for row in rows}
    physics = by_name["physics.html"]
    assert {key: physics[key] for key in ("status", "media_type", "pages", "error", "complete", "title")} == {
        "status": "processed",
        "media_type": "text/html",
        "pages": None,
        "error": None,
        "complete": True,
        "title": "Physics",
    }
    assert physics["uri"] == str(filled.tree / "a/physics.html")
    error = by_name["broken one.html"]["error"]
    assert {key: error[key] for key in ("code", "message", "stage", "page")} == {
        "code": "corrupt_document",
        "message": "The tree of 'broken one.html' is broken.",
        "stage": "parse",
        "page": None,
    }
    assert by_name["data.bin"]["error"]["code"] == "unsupported_media"
    assert ODD_NAME in by_name

    code, out, _ = run("files")
    assert code == 0
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[red]odd[bold]" in out
    lines = [line.split("\t") for line in out.splitlines()]
    assert len(lines) == 5
    assert sorted(line[1] for line in lines) == ["failed"] * 3 + ["processed"] * 2
    assert sorted(line[3] for line in lines) == ["application/octet-stream"] + ["html"] * 4


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--status", "failed"), {"broken one.html", "broken two.html", "data.bin"}),
        (("--only", "broken*"), {"broken one.html", "broken two.html"}),
        (("--only", "html", "--status", "processed"), {"physics.html", ODD_NAME}),
        (("--status", "indexed"), set()),
    ],
)
def test_files_can_be_chosen(filled: Library, run: Run, options: tuple[str, ...], names: set[str]) -> None:
    rows = parsed(run("files", "--json", *options))["files"]
    assert isinstance(rows, list)
    assert {row["name"] for row in rows} == names


def test_incomplete_documents_are_listed_and_counted(filled: Library, run: Run) -> None:
    filled.page("half.html", "Half")
    filled.sync()
    filled.process({"half.html": a_failure("parse_timeout", "The second half took too long.")}, partly=True)
    rows = parsed(run("files", "--json", "--incomplete"))["files"]
    assert isinstance(rows, list)
    assert [(row["name"], row["status"], row["complete"]) for row in rows] == [("half.html", "processed", False)]
    assert parsed(run("status", "--json"))["incomplete"] == 1
    assert "1 document with pages or chapters missing" in run("status")[1]
    assert "status   processed, incomplete" in run("show", "half.html")[1]


def test_quality_is_counted_listed_and_explained(filled: Library, run: Run) -> None:
    filled.write("wrong.txt", "Déjà vu : l'été dernier, où étiez-vous allés ? ".encode().decode("cp1252", "replace") * 20)
    filled.sync()
    filled.process()
    good = parsed(run("status", "--json"))["quality"]["good"]
    assert parsed(run("status", "--json"))["quality"] == {"good": good, "fair": 0, "poor": 1}
    assert f"{good} good, 0 fair, 1 poor" in run("status")[1]
    assert "1 document of poor quality: kbray files --quality poor" in run("status")[1]

    (row,) = parsed(run("files", "--json", "--quality", "poor"))["files"]
    assert (row["name"], row["quality"], [reason["code"] for reason in row["reasons"]]) == ("wrong.txt", "poor", ["garbled-text"])
    assert len(parsed(run("files", "--json", "--quality", "good"))["files"]) == good
    assert run("files", "--quality", "bad")[0] == 2

    shown = run("show", "wrong.txt")[1]
    assert "quality  poor" in shown
    assert "garbled-text: 100% of the text is in letters that no language mixes so" in shown
    assert parsed(run("show", "wrong.txt", "--json"))["again"] is False


@pytest.mark.parametrize(("ocr", "why"), [("always", "all pages are recognised"), ("never", "recognition is off")])
def test_poor_files_can_be_retried_only_where_there_is_another_way(
    filled: Library, run: Run, monkeypatch: pytest.MonkeyPatch, ocr: str, why: str
) -> None:
    monkeypatch.setenv("KBRAY_OCR", ocr)
    code, _, err = run("process", "--retry-poor")
    assert code == 2
    assert why in err
    monkeypatch.setenv("KBRAY_OCR", "auto")
    code, out, _ = run("process", "--retry-poor")
    assert (code, out) == (0, "Nothing to process.\n")


@pytest.mark.parametrize("command", ["process", "index", "files"])
def test_a_kind_or_name_that_no_file_has_is_told(filled: Library, run: Run, command: str) -> None:
    code, _, err = run(command, "--only", "pfd")
    assert code == 0
    assert "No file is of the kind 'pfd', or called so; `kbray files` lists them all." in err
    assert "No file is" not in run(command, "--only", "broken*")[2]


def test_files_stop_at_the_limit(filled: Library, run: Run) -> None:
    assert len(run("files", "--limit", "2")[1].splitlines()) == 2


def test_a_terminal_is_not_flooded(filled: Library, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kbray.cli.files.ON_TERMINAL", 3)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    _, out, err = run("files")
    assert len([line for line in out.splitlines() if line[:2].strip().isdigit()]) == 3
    assert err.startswith("These are the first 3;")
    _, out, err = run("files", "--limit", "5")
    assert ("data.bin" in out, err) == (True, "")


def test_a_file_may_be_named_in_every_way(filled: Library, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    row = filled.catalogue.file(filled.id_of("physics.html")).row
    (filled.tree / "alias").symlink_to(filled.tree / "a")
    monkeypatch.chdir(filled.tree / "b")
    names = (
        row.uri,
        "../a/physics.html",
        "./copy of physics.html",
        "copy of physics.html",
        filled.tree / "alias/physics.html",
        row.sha256,
        row.sha256[:8],
        row.id,
        "physics.html",
    )
    for name in names:
        assert parsed(run("show", name, "--json"))["id"] == row.id


def test_a_name_nobody_has_and_a_name_that_two_have(library: Library, run: Run) -> None:
    library.page("a/same.html", "One")
    library.page("b/same.html", "Two")
    library.sync()
    code, out, err = run("show", "nothing.html")
    assert (code, out) == (2, "")
    assert "No file is known as 'nothing.html'." in err
    assert "No file is known as 'ame.htm'; perhaps it is 1 ('same.html'), 2 ('same.html')." in run("show", "ame.htm")[2]
    assert "perhaps it is 1 ('same.html')" in run("show", "elsewhere/same")[2]
    assert "perhaps" not in run("show", "zz*")[2] + run("show", "ht")[2]
    code, _, err = run("show", "same.html")
    assert code == 2
    assert "'same.html' fits 2 files" in err
    for row in library.catalogue.files():
        assert f"{row.id} ({row.sha256[:12]}, 'same.html')" in err


def test_show_tells_everything_of_a_file(filled: Library, run: Run) -> None:
    found = parsed(run("show", "physics.html", "--json"))
    places = found["locations"]
    assert isinstance(places, list)
    assert sorted(place["uri"] for place in places) == [
        str(filled.tree / "a/physics.html"),
        str(filled.tree / "b/copy of physics.html"),
    ]
    assert found["parts"][0]["state"] == "done"
    assert found["attempts"][0]["effort"]["parse_s"] == 0.5
    results = found["results"]
    assert isinstance(results, dict)
    assert [key.rsplit("/", 1)[1] for key in results["keys"]] == ["elements.parquet", "document.md", "document.json"]
    assert results["missing"] == []

    code, out, _ = run("show", "physics.html")
    assert code == 0
    assert "copy of physics.html" in out
    assert "part 0, attempt 1, run 2" in out
    code, out, _ = run("show", "broken one.html")
    assert code == 0
    assert "corrupt_document in parse: The tree of 'broken one.html' is broken." in out
    assert "What to do: Fetch the file again" in out


def test_show_tells_when_results_are_lost(filled: Library, run: Run) -> None:
    row = filled.catalogue.file(filled.id_of("physics.html")).row
    filled.store.delete([f"docs/{row.sha256}/{row.fingerprint}/document.md"])
    assert "document.md  MISSING" in run("show", "physics.html")[1]


# ---------------------------------------------------------------- errors


def test_errors_are_grouped_and_explained(filled: Library, run: Run) -> None:
    (filled.tree / "dangling").symlink_to("nowhere")
    filled.sync()
    with Wiring(filled.settings) as wiring:
        now = wiring.fingerprint("text/html")
    outdated = sql(filled.settings.database_url or "", "SELECT DISTINCT fingerprint FROM files WHERE media_type = 'text/html'")
    assert outdated != [(now,)]
    assert "older kbray or other settings read it: try it again first, by `kbray process --stale`" in run("errors")[1]
    sql(filled.settings.database_url or "", f"UPDATE files SET fingerprint = '{now}' WHERE media_type = 'text/html'")

    found = parsed(run("errors", "--json"))
    problems = found["problems"]
    assert isinstance(problems, list)
    assert [(one["code"], one["files"]) for one in problems] == [("corrupt_document", 2), ("unsupported_media", 1)]
    assert problems[0]["example"]["name"] in ("broken one.html", "broken two.html")
    assert problems[0]["advice"].startswith("Fetch the file again")
    assert found["places"] == [{"uri": str(filled.tree / "dangling"), "message": "The link leads to a file that does not exist."}]

    key = problems[0]["key"]
    code, out, _ = run("errors")
    assert code == 0
    assert f"{key}  2 files  corrupt_document in parse" in out
    assert "Traceback" not in out
    explained = run("errors", "--explain")[1]
    assert "What it means: The bytes do not follow the format." in explained
    assert "in the parser" in explained

    for name in (key, problems[0]["signature"]):
        only = parsed(run("errors", "--signature", name, "--json"))["problems"]
        assert isinstance(only, list)
        assert sorted(row["name"] for row in only[0]["file_rows"]) == ["broken one.html", "broken two.html"]
    code, _, err = run("errors", "--signature", "none such")
    assert code == 2
    assert "No failure has the signature" in err


def test_no_errors(library: Library, run: Run) -> None:
    assert run("errors") == (0, "", "Nothing has failed.\n")


# ---------------------------------------------------------------- reset


def test_reset_of_failed_files_and_of_named_ones(filled: Library, run: Run) -> None:
    assert parsed(run("reset", "--failed", "--json")) == {"reset": 3}
    assert parsed(run("status", "--json"))["files"]["synced"] == 3
    assert run("reset", "physics.html", filled.tree / "a/physics.html")[1].startswith("1 file reset.")
    assert filled.catalogue.file(filled.id_of("physics.html")).row.status == "synced"
    assert run("errors")[2] == "Nothing has failed.\n"


def test_reset_of_stuck_files(library: Library, run: Run) -> None:
    library.page("a.html", "A")
    library.sync()
    run_id = library.catalogue.start_run("process", {})
    from kbray.catalogue import Selection

    plan = library.catalogue.prepare(Selection(), {}, run_id)
    (ref,) = library.catalogue.refs(plan, 0, 2**62, None, 10)
    assert library.catalogue.claim(run_id, ref)
    assert parsed(run("reset", "--stuck", "--json")) == {"reset": 0}  # its run lives
    library.catalogue.end_run(run_id, "failed")
    library.catalogue.reset(stuck=True)
    assert library.catalogue.file(ref.file_id).row.status == "synced"


# ---------------------------------------------------------------- export


def test_export_to_stdout_in_three_formats(filled: Library, run: Run) -> None:
    code, out, err = run("export", "physics.html")
    assert (code, err) == (0, "")
    assert out.startswith("# Physics\n")
    assert "Words about Physics." in out

    lines = [json.loads(line) for line in run("export", "physics.html", "--format", "jsonl")[1].splitlines()]
    assert [(line["kind"], line["text"]) for line in lines] == [("heading", "Physics"), ("paragraph", "Words about Physics.")]
    assert {line["sha256"] for line in lines} == {filled.catalogue.file(filled.id_of("physics.html")).row.sha256}

    from unstructured.staging.base import elements_from_dicts

    elements = elements_from_dicts(json.loads(run("export", "physics.html", ODD_NAME, "-f", "unstructured")[1]))
    assert [element.text for element in elements] == ["Physics", "Words about Physics.", "Odd", "Words about Odd."]
    assert elements[0].metadata.filename == "physics.html"


def test_a_file_that_an_index_takes_up_meanwhile_is_listed_once(filled: Library, database_url: str) -> None:
    """An export wrote it twice, or not at all."""
    rows = finished(filled.catalogue)
    first = next(rows)
    sql(database_url, "UPDATE files SET status = 'indexed' WHERE id = :file", file=first.id)
    assert [first.id, *(row.id for row in rows)] == sorted(map(filled.id_of, ("physics.html", ODD_NAME)))


def test_export_of_everything_into_a_folder(filled: Library, run: Run, tmp_path: Path) -> None:
    filled.page("z/physics.html", "Other physics")
    filled.sync()
    filled.process()
    folder = tmp_path / "out"
    for _ in range(2):  # the same names again
        code, out, err = run("export", "--all", "--out", folder, "--json")
        assert (code, err) == (0, "")
        written = json.loads(out)["written"]
        assert len(written) == 3
        names = ["[red]odd[bold] _[31m\u202e name.md", "physics.html.md", "physics.md"]
        assert sorted(path.name for path in folder.iterdir()) == names
    texts = {path.read_text().splitlines()[0] for path in folder.iterdir()}
    assert texts == {"# Physics", "# Other physics", "# Odd"}


def test_an_exported_book_shows_its_pictures(filled: Library, run: Run, tmp_path: Path) -> None:
    pictures = ("i/a%20b.png", "One"), ("i/gone.png", "Gone"), ("j/a b.PNG", "Two")
    body = "<p>Before.</p>" + "".join(f'<p><img src="../{place}" alt="{name}"/></p>' for place, name in pictures)
    held = {"OEBPS/i/a b.png": b"\x89PNG one", "OEBPS/j/a b.PNG": b"\x89PNG two"}
    book(filled.tree / "book.epub", {"text/1.xhtml": body}, **held)
    filled.sync()
    filled.process()
    for _ in range(2):
        assert run("export", "book.epub", "--out", tmp_path / "out") == (0, "", f"1 file written to {tmp_path / 'out'}.\n")
    shown = (tmp_path / "out" / "book.md").read_text()
    found = {path.name: path.read_bytes() for path in (tmp_path / "out" / "book.pictures").iterdir()}
    assert found == {"a b.png": b"\x89PNG one", "a b.PNG.png": b"\x89PNG two"}
    assert "![One](book.pictures/a%20b.png)" in shown
    assert "![Two](book.pictures/a%20b.PNG.png)" in shown
    assert "![Gone]" in shown

    row = filled.catalogue.file(filled.id_of("book.epub")).row
    filled.store.delete([f"raw/{row.sha256}"])
    code, _, err = run("export", "book.epub", "--out", tmp_path / "again")
    assert code == 1
    assert "is exported without its pictures: its original is gone" in err
    assert "Before." in (tmp_path / "again" / "book.md").read_text()


def test_an_exported_office_file_shows_its_pictures(filled: Library, run: Run, tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (2, 2)).save(picture, "PNG")
    document = docx.Document()
    document.add_paragraph("Before.")
    document.add_picture(picture)
    document.save(str(filled.tree / "letter.docx"))
    filled.sync()
    filled.process()
    assert run("export", "letter.docx", "--out", tmp_path / "out")[0] == 0
    (found,) = (tmp_path / "out" / "letter.pictures").iterdir()
    assert found.read_bytes() == picture.getvalue()
    assert f"(letter.pictures/{found.name})" in (tmp_path / "out" / "letter.md").read_text()


def test_export_of_what_has_no_results_tells_why_and_leaves_with_1(filled: Library, run: Run, tmp_path: Path) -> None:
    code, out, err = run("export", "broken one.html", "physics.html")
    assert code == 1
    assert out.startswith("# Physics")
    assert "has no results: it failed: The tree of 'broken one.html' is broken." in err
    row = filled.catalogue.file(filled.id_of("physics.html")).row
    filled.store.delete([f"docs/{row.sha256}/{row.fingerprint}/document.md"])
    code, _, err = run("export", "--all", "--out", tmp_path / "out")
    assert code == 1
    assert "has lost its document.md" in err
    assert "1 file written" in err


def test_export_never_replaces_what_was_taken_in(filled: Library, run: Run, tmp_path: Path) -> None:
    notes = filled.page("physics.md", "Notes on physics")
    before = notes.read_bytes()
    filled.sync()
    filled.process()
    (tmp_path / "link").symlink_to(filled.tree)
    for folder in (filled.tree, tmp_path / "link"):
        code, _, err = run("export", "physics.html", ODD_NAME, "--out", folder)
        assert code == 1
        assert f"would replace {folder / 'physics.md'}, a file that kbray took in: name another folder." in err
        assert "1 file written" in err
    assert notes.read_bytes() == before

    code, _, err = run("inspect", "physics.html", "--out", notes)
    assert code == 2
    assert "is a file that kbray took in, and is not replaced" in err
    assert notes.read_bytes() == before


def test_export_into_a_place_that_is_no_folder(filled: Library, run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, _, err = run("export", "--all", "--out", tmp_path / "file")
    assert code == 2
    assert "can't be written" in err


# ---------------------------------------------------------------- doctor and db


def test_doctor_finds_everything_and_shows_no_password(library: Library, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBRAY_OCR", "never")  # loading the models has its own tests
    found = parsed(run("doctor", "--json"))
    checks = found["checks"]
    assert isinstance(checks, list)
    states = {check["name"]: check["state"] for check in checks}
    assert {states[name] for name in ("versions", "home", "database", "objects", "models", "embedding")} == {"ok"}
    settings = {one["name"]: one for one in found["settings"]}
    assert settings["ocr"]["source"] == "environment (KBRAY_OCR)"
    assert settings["ocr_dpi"] == {"name": "ocr_dpi", "value": "200", "source": "default"}

    monkeypatch.setenv("KBRAY_DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/none")
    monkeypatch.setenv("KBRAY_PATIENCE_S", "0")
    monkeypatch.setenv("KBRAY_EMBEDDING_MODEL", str(library.tree))
    code, out, err = run("doctor")
    assert code == 3
    assert "FAIL  embedding" in out
    assert "FAIL  database" in out
    assert "→ Start the server or correct KBRAY_DATABASE_URL." in out
    assert "secret" not in out + err


def test_doctor_tells_whose_the_store_is(library: Library, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBRAY_OCR", "never")

    def store() -> tuple[str, str]:
        (check,) = [check for check in json.loads(run("doctor", "--json")[1])["checks"] if check["name"] == "store"]
        return check["state"], check["detail"]

    assert store() == ("ok", "nobody's yet: the first command that writes makes it this one's")
    assert store()[0] == "ok", "to look is not to take"
    library.page("one.html", "One")
    assert run("sync", str(library.tree))[0] == 0
    assert store() == ("ok", "this catalogue's own")
    mark = library.settings.home / "objects" / "kbray.json"
    mark.write_text('{"catalogue": "another"}')
    state, detail = store()
    assert (state, run("doctor")[0]) == ("fail", 3)
    assert "belongs to another catalogue" in detail
    monkeypatch.setenv("KBRAY_OBJECTS_URL", str(library.tree.parent / "not mounted"))
    state, detail = store()
    assert state == "fail"
    assert "has none of the originals that the catalogue knows: is its disk mounted" in detail


def test_an_unreachable_database_is_infrastructure(library: Library, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBRAY_DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/none")
    monkeypatch.setenv("KBRAY_PATIENCE_S", "0")
    code, out, err = run("status")
    assert (code, out) == (3, "")
    assert err.startswith("kbray: ")
    assert "secret" not in err


def test_a_server_without_the_schema_asks_for_the_upgrade(
    library: Library, run: Run, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KBRAY_DATABASE_URL", empty_database_url)
    code, _, err = run("status")
    assert code == 2
    assert "run `kbray db upgrade`" in err
    found = parsed(run("db", "upgrade", "--json"))
    assert (found["before"], found["after"]) == (None, found["head"])
    assert "already" in run("db", "upgrade")[1]
    assert run("status")[0] == 0


def test_a_passage_is_shown_with_what_stands_around_it(library: Library, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    library.page("owls.html", "Owls")
    library.sync()
    library.process()
    catalogue = library.catalogue
    (ref,) = catalogue.index_refs(catalogue.prepare_index(Selection(), "now"), 2**62, 0, 10)
    claim = catalogue.claim_index(catalogue.start_run("index", {}), ref)
    assert claim is not None
    texts = ("Owls are awake.", "They hoot at night.", "at night. Foxes don't.")
    chunks = [
        Chunk(text, ("Birds",), 4, n, n, repeated=9 * (n == 2), chapter="one", print_page="xii", language="en")
        for n, text in enumerate(texts)
    ]
    assert catalogue.publish(claim, "now", chunks, (), Effort())

    (hit,) = json.loads(run("search", "hoot", "--json")[1])["hits"]
    code, out, _ = run("show", hit["hit"])
    assert code == 0
    assert out == (
        "Owls › Birds\n   owls.html, one, printed page xii\n\nBefore it\nOwls are awake.\n\nThe passage\nThey hoot at night.\n"
        "\nAfter it\nFoxes don't.\n"
    )
    shown = json.loads(run("show", hit["hit"], "--json")[1])
    assert (shown["text"], shown["before"], shown["after"]) == ("They hoot at night.", "Owls are awake.", "Foxes don't.")
    opened: list[str] = []

    def browse(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr("webbrowser.open", browse)
    assert json.loads(run("show", hit["hit"], "--json", "--open")[1]) == shown
    assert opened == [f"{Path('owls.html.inspect.html').absolute().as_uri()}#e1-1"]
    assert Path("owls.html.inspect.html").is_file()
    assert "index, attempt 1, run " in run("show", "owls.html")[1]
    for command in ("show", "inspect"):
        code, out, err = run(command, f"{ref.file_id}:99")
        assert (code, out) == (2, "")
        assert f"no passage {ref.file_id}:99: those of 'owls.html' go from {ref.file_id}:0 to {ref.file_id}:2" in err
    assert run("search", "hoot", "--k", "1")[1] == (
        f"1. Owls › Birds\n   owls.html, one, printed page xii   [{hit['hit']}, {hit['score']:.3g}]\n   They *hoot* at night.\n"
    )
    assert run("search", "xyzzy")[1:] == ("", "No passage has any of these words; those like `the` are not looked for.\n")


def test_a_search_in_nothing_says_what_to_do(library: Library, run: Run) -> None:
    assert run("search", "owls")[2] == "Nothing is indexed yet: run `kbray index`.\n"


def indexed(library: Library, text: str) -> None:
    """All that is processed is in the index, each file as one passage of these words."""
    catalogue = library.catalogue
    index = catalogue.start_run("index", {})
    for ref in catalogue.index_refs(catalogue.prepare_index(Selection(), "now"), 2**62, 0, 100):
        claim = catalogue.claim_index(index, ref)
        assert claim is not None
        assert catalogue.publish(claim, "now", [Chunk(text, (), 4, 0, 0, language="en")], (), Effort())


def test_a_search_that_finds_nothing_says_why(library: Library, run: Run) -> None:
    library.page("owls.html", "Owls")
    library.sync()
    library.process()
    indexed(library, "Owls hoot.")
    assert run("search", "owls", "--type", "html")[2] == ""
    assert (
        run("search", "owls", "--type", "pfd")[2] == "No file is of the kind 'pfd', or called so; `kbray files` lists them all.\n"
    )
    for words in (("",), ("--", "-owls")):
        assert run("search", *words)[2] == "There is no word to look for; name one besides what must not be there.\n"
    within = "No passage within --type owls* and --lang en has any of these words; those like `the` are not looked for.\n"
    assert run("search", "bats", "--type", "owls*", "--lang", "en")[2] == within
    spoken = "No passage is in 'German': a language is asked for by its tag, and there are en.\n"
    assert run("search", "owls", "--lang", "German")[2] == spoken


def test_a_name_stays_on_its_line(library: Library, run: Run) -> None:
    library.page("owls\n1. forged\x1b[31m.html", "Owls")
    library.sync()
    library.process()
    indexed(library, "Owls hoot.")
    assert run("search", "owls")[1].splitlines()[1].startswith("   owls\\n1. forged\\x1b[31m.html")
    assert run("show", "1:0")[1].splitlines()[1] == "   owls\\n1. forged\\x1b[31m.html"


def test_what_is_no_longer_there_is_told(library: Library, run: Run) -> None:
    library.page("deleted.html", "Old").rename(library.tree / "moved.html")
    for name in ("deleted.html", "replaced.html", "broken.html"):
        library.page(name, name)
    library.sync()
    library.process({"broken.html": a_failure("corrupt_document", "The tree is broken.")})
    indexed(library, "Owls hoot.")
    ids = {row["name"]: row["id"] for row in parsed(run("files", "--json"))["files"]}
    assert "no longer there" not in run("errors")[1] + run("search", "owls")[1]
    (library.tree / "deleted.html").unlink()
    (library.tree / "moved.html").rename(library.tree / "here.html")
    library.page("replaced.html", "New")
    library.page("broken.html", "Mended")
    library.sync()

    gone = {hit["name"]: hit["gone"] for hit in parsed(run("search", "owls", "--json"))["hits"]}
    assert gone == {"deleted.html": True, "here.html": False, "replaced.html": True}
    _, out, _ = run("search", "owls")
    assert "   deleted.html, no longer there   [" in out
    assert "   here.html   [" in out
    marks = {line.split("\t")[0]: line.split("\t")[6] for line in run("files")[1].splitlines()}
    assert [marks[str(ids[name])] for name in ids] == ["corrupt_document", "gone", "", "gone"]
    shown = run("show", ids["replaced.html"])[1]
    assert f"Seen at\n  {library.tree / 'replaced.html'}  other content is there now\n" in shown
    (problem,) = parsed(run("errors", "--json"))["problems"]
    assert (problem["files"], problem["gone"]) == (1, 1)
    assert "1 file, 1 of them no longer there" in run("errors")[1]
    assert "What to do: Nothing: what failed is no longer there." in run("errors")[1]


# ---------------------------------------------------------------- inspect


def test_inspect_shows_pages_with_their_boxes(library: Library, run: Run) -> None:
    write_pdf(library.tree / "paper.pdf", [Page().paragraph(72, 100, ["The words of page 1 </script>."]), Page(), Page()])
    library.sync()
    library.process()

    code, out, err = run("inspect", "paper.pdf", "--pages", "1-2")

    page = Path("paper.pdf.inspect.html")
    assert (code, out.strip()) == (0, str(page.absolute())), err
    data = shown(page)
    assert [(unit["name"], unit.get("elements"), unit["width"]) for unit in data["units"]] == [
        ("Page 1", [0], 612.0),
        ("Page 2", [], 612.0),
        ("Page 3", [], 612.0),
    ]
    (element,) = data["elements"]
    assert (element["kind"], element["text"]) == ("paragraph", "The words of page 1 </script>.")
    assert 70 < element["boxes"]["1"][0][0] < 75 < element["boxes"]["1"][0][2]
    (image,) = re.findall(r'id="image-1">([^<]+)<', page.read_text())
    with Image.open(io.BytesIO(base64.b64decode(image))) as drawn:
        assert abs(drawn.width / 612 * 72 - inspection.DPI) < 1
    assert data["about"] == [
        "paper.pdf · application/pdf · read by pdf",
        "complete: 3 of 3 pages · quality: good · 30 characters",
    ]


def test_inspect_makes_photographs_small() -> None:
    photograph = io.BytesIO()
    Image.new("L", (3000, 1500), 255).save(photograph, "JPEG")
    for width_pt, pixels in ((3000.0, 2000), (720.0, 900)):
        markup = inspection._image(PageImage(7, width_pt, width_pt / 2, photograph.getvalue()))
        (image,) = re.findall(r'id="image-7">([^<]+)<', markup)
        with Image.open(io.BytesIO(base64.b64decode(image))) as drawn:
            assert drawn.size == (pixels, pixels // 2)


def test_inspect_shows_chapters_without_what_runs_or_is_fetched(library: Library, run: Run) -> None:
    picture = io.BytesIO()
    Image.new("L", (4, 4)).save(picture, "PNG")
    body = (
        '<script>alert(1)</script>Heard <img src="p.png" onerror="alert(2)"/> <img src="http://127.0.0.1:1/x.png"/> <b>here</b>.'
    )
    drawing = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'
    body += '<img src="d.svg"/>'
    book(
        library.tree / "book.epub",
        {"one.xhtml": f"<p>{body}</p>"},
        **{"OEBPS/p.png": picture.getvalue(), "OEBPS/d.svg": drawing},
    )
    library.page("page.html", "&lt;script>alert(3)&lt;/script>")
    library.sync()
    library.process()

    assert run("inspect", "book.epub", "--out", "book.html")[0] == 0

    (unit,) = shown(Path("book.html"))["units"]
    assert unit["name"].endswith("one.xhtml")
    assert unit["markup"].count("<img") == 3
    assert re.findall(r'src="([^,"]+)', unit["markup"]) == ["data:image/png;base64", "data:image/svg+xml;base64"]
    pictures = {element.get("target") for element in shown(Path("book.html"))["elements"]}
    assert re.findall(r'data-target="([^"]+)', unit["markup"]) == ["OEBPS/p.png", "OEBPS/d.svg"]
    assert {"OEBPS/p.png", "OEBPS/d.svg"} <= pictures, "so the page finds the picture of an element"
    assert "script" not in unit["markup"]
    assert "onerror" not in unit["markup"]
    assert "Heard" in unit["markup"]
    assert run("inspect", "page.html", "--out", "seen.html")[0] == 0
    assert shown(Path("seen.html"))["title"] == "<script>alert(3)</script>"
    assert "<script>alert" not in Path("seen.html").read_text()


def test_inspect_leaves_what_lies_there_alone(filled: Library, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = filled.tree / "a"
    monkeypatch.chdir(folder)
    before = (folder / "physics.html").read_bytes()
    assert run("inspect", "physics.html")[0] == 0
    assert (folder / "physics.html").read_bytes() == before
    whole = (folder / "physics.html.inspect.html").read_bytes()
    (file_id,) = filled.catalogue.find(str(folder / "physics.html"))
    filled.store.delete([f"raw/{filled.catalogue.file(file_id).row.sha256}"])
    assert run("inspect", "physics.html")[0] != 0
    assert (folder / "physics.html.inspect.html").read_bytes() == whole, "a page that can't be made takes the place of none"
    assert [path.name for path in folder.glob("*.part")] == []


def test_inspect_tells_what_it_can_not_show(filled: Library, run: Run) -> None:
    (known,) = filled.catalogue.find(str(filled.tree / "a/physics.html"))
    for words, told in (
        (("broken one.html",), "broken one.html has no result to look at: The tree of 'broken one.html' is broken."),
        (("physics.html", "--pages", "3-2"), "--pages is '3-2'; write 3 or 3-8."),
        (("physics.html", "--out", "nowhere/page.html"), "can't be written: No such file or directory."),
        (("99:9",), "There is no passage 99:9: no file has the id 99; hits of a search tell how passages are called."),
        ((f"{known}:9",), f"There is no passage {known}:9: 'physics.html' has none, and is processed; "),
    ):
        code, _, err = run("inspect", *words)
        assert (code, told in err) == (2 if words[0] != "broken one.html" else code, True), err


def shown(path: Path) -> Any:
    """What the page of `kbray inspect` holds."""
    (data,) = re.findall(r'<script type="application/json" id="data">([^<]*)</script>', path.read_text())
    return json.loads(data)


def test_search_and_list_by_author_and_date(library: Library, run: Run, database_url: str) -> None:
    """Also what an older kbray processed, of which nobody has noted them."""
    library.write("ann.md", "---\nauthor: Zoë Ann\ndate: 7 March 2019\n---\n# Owls\n\nThey hoot.\n")
    library.page("nobody.html", "Owls")
    library.sync()
    library.process()
    indexed(library, "Owls hoot.")
    noted = parsed(run("files", "--json"))["files"]
    sql(database_url, "UPDATE files SET authors = NULL, names = NULL, dated = NULL")
    told = "Authors and dates of files that an older kbray processed are not noted yet: run `kbray index`.\n"
    assert run("search", "owls", "--author", "ann", "--mode", "lexical") == (0, "", told)

    with wiring.connect(library.settings) as wired:
        counts: list[int] = []
        assert [note(wired, counts.append), note(wired, counts.append)] == [2, 0]
        assert counts == [2]

    assert parsed(run("files", "--json"))["files"] == noted
    undated = "1 file has no date and is left out.\n"
    code, out, err = run("search", "owls", "--author", "ANN, Zoe", "--since", "2019", "--until", "2019-03")
    assert (code, err) == (0, "")
    assert "   ann.md (Zoë Ann, 2019-03-07)   [" in out
    assert "nobody" not in out
    assert run("search", "owls", "--since", "2019-04")[1:] == (
        "",
        f"No file is since 2019-04; `kbray files` tells who and when.\n{undated}",
    )
    assert run("search", "dragons", "--author", "ann")[2] == (
        "No passage within --author ann has any of these words; those like `the` are not looked for.\n"
    )
    (line,) = run("files", "--since", "2019-03-07")[1].splitlines()
    assert line.split("\t")[5:] == ["ann.md", "", "2019-03-07", "Zoë Ann"]
    assert run("files", "--until", "march") == (
        2,
        "",
        "kbray: until: 'march' is no date; give a day (2019-03-07), a month (2019-03) or a year (2019).\n",
    )
    with kbray.open(home=library.settings.home, database_url=database_url) as kb:
        assert [hit.name for hit in kb.search("owls", author="zoe", since=2019, mode="lexical")] == ["ann.md"]
        assert kb.undated(since=2019) == undated.strip()
        assert kb.undated(author="zoe", since=2019) == kb.undated(author="zoe") == ""
        table = kb.files(author="ann").select(["name", "authors", "date"]).to_pylist()
        assert table == [{"name": "ann.md", "authors": ["Zoë Ann"], "date": "2019-03-07"}]
        assert kb.count(until=2018) == 0


def test_a_search_shows_the_newest_first_and_so_many_of_each(library: Library, run: Run, database_url: str) -> None:
    for name in ("a.html", "b.html", "c.html"):
        library.page(name, f"Owls {name}")
    library.sync()
    library.process()
    indexed(library, "Owls hoot.")
    for name, date in (("a.html", "2019-05"), ("c.html", "2020")):
        sql(database_url, "UPDATE files SET dated = :date WHERE id = :id", date=date, id=library.id_of(name))

    def names(*words: str) -> list[str]:
        return [hit["name"] for hit in parsed(run("search", "owls", "--json", *words))["hits"]]

    assert names() == ["a.html", "b.html", "c.html"]
    assert names("--newest") == ["c.html", "a.html", "b.html"]
    assert names("--newest", "-k", "2") == ["a.html", "b.html"], "the best, not the newest of all"

    (run_id, chunk) = library.catalogue.start_run("index", {}), Chunk("Owls hoot.", (), 4, 0, 0, language="en")
    for ref in library.catalogue.index_refs(library.catalogue.prepare_index(Selection(), "later", stale=True), 2**62, 0, 100):
        claim = library.catalogue.claim_index(run_id, ref)
        assert claim is not None
        assert library.catalogue.publish(claim, "later", [chunk, chunk], (), Effort())
    assert names() == ["a.html", "a.html", "b.html", "b.html", "c.html", "c.html"]
    assert names("--per-file", "1") == ["a.html", "b.html", "c.html"]
