"""`kbray forget`: what is forgotten has left every table and the object store, and nothing else has."""

import json
import zipfile
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest

from kbray.catalogue import Adopted, Catalogue, Question, Selection, query
from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.model import Chunk, Effort, FileId, RunId
from kbray.ops import forget
from kbray.ops.cleanup import Cleaner
from kbray.ops.deletion import delete
from kbray.ops.forget import Forgetter, emptied
from tests.integration.library import HTML, Library, Run, asking
from tests.integration.pile import kill, sql

pytestmark = pytest.mark.integration


@pytest.fixture
def library(tmp_path: Path, catalogue: Catalogue, database_url: str) -> Library:
    """Two pages, and a message with an attachment of its own and one that lies beside it, too; all indexed, with vectors."""
    home = tmp_path / "home"
    found = Library(tmp_path / "tree", catalogue, Settings(home=home, database_url=database_url, patience_s=5))
    found.page("secret.html", "secret")
    found.page("shared.html", "shared")
    message = EmailMessage()
    message["Subject"] = "Two attachments"
    message.set_content("See what is attached.")
    for name in ("own", "shared"):
        message.add_attachment(HTML.format(name).encode(), maintype="text", subtype="html", filename=f"{name}.html")
    (found.tree / "letter.eml").write_bytes(message.as_bytes())
    found.sync()
    found.process()
    _index(catalogue)
    return found


def _index(catalogue: Catalogue) -> None:
    run = catalogue.start_run("index", {})
    model = catalogue.open_model("tiny", "identity of tiny", 2)
    for plan in (
        partial(catalogue.prepare_index, Selection(), "chunks-now"),
        partial(catalogue.prepare_vectors, Selection(), model.id),
    ):
        for ref in catalogue.index_refs(plan(), 2**62, 0, 100):
            claim = catalogue.claim_index(run, ref)
            assert claim is not None
            if ref.model:
                assert catalogue.store_vectors(claim, [0], [[1.0, 0.0]], (), Effort())
            else:
                text = f"{catalogue.file(ref.file_id).row.name} says confidential words"
                assert catalogue.publish(claim, "chunks-now", [Chunk(text, (), 4, 0, 0, language="en")], (), Effort())
    catalogue.end_run(run, "succeeded")


@pytest.fixture
def kbray(library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("KBRAY_HOME", str(library.settings.home))
    monkeypatch.setenv("KBRAY_DATABASE_URL", library.settings.database_url or "")
    return asking(capsys)


def names(library: Library) -> set[str]:
    return {row.name for row in library.catalogue.files()}


def keys(library: Library, sha256: str = "") -> set[str]:
    return {info.key for room in ("raw", "docs", "parts") for info in library.store.list(f"{room}/{sha256}")}


def hits(library: Library) -> set[str]:
    asked = Question(query.parse("confidential"))
    found = library.catalogue.rank_by_words(asked, 50, 50)
    return {hit.name for hit in library.catalogue.hits(asked, found.places, found.lexemes)}


def traces(database_url: str, file_id: FileId) -> dict[str, int]:
    """Rows with this file, by table."""
    tables = sql(database_url, "SELECT table_name FROM information_schema.columns WHERE column_name = 'file_id' ORDER BY 1")
    count = {
        str(name): sql(database_url, f"SELECT count(*) FROM {name} WHERE file_id = :id", id=file_id)[0][0] for (name,) in tables
    }
    return {name: int(str(number)) for name, number in count.items() if number}


def test_nothing_is_left_of_a_file(library: Library, kbray: Run, database_url: str) -> None:
    file_id = library.id_of("secret.html")
    sha256 = library.catalogue.file(file_id).row.sha256
    library.catalogue.remember_adopted([Adopted(str(library.tree / "secret.html"), "old", "done", None)])
    others = keys(library) - keys(library, sha256)
    assert len(traces(database_url, file_id)) >= 9, "there is something to be forgotten in most tables"
    assert hits(library) == {"secret.html", "shared.html", "own.html", "letter.eml"}

    code, out, err = kbray("forget", "secret.html")
    assert (code, out.split("\t")[3]) == (0, "secret.html")
    assert "would be forgotten" in err
    assert names(library) == {"secret.html", "shared.html", "own.html", "letter.eml"}
    assert keys(library, sha256)

    code, out, err = kbray("forget", "secret.html", "--yes")
    assert (code, err.startswith("Forgotten: 1 file")) == (0, True), err
    assert "takes them in again" in err, "it still lies where it was"
    assert traces(database_url, file_id) == {}
    assert sql(database_url, "SELECT * FROM adopted") == []
    assert keys(library) == others
    assert hits(library) == names(library) == {"shared.html", "own.html", "letter.eml"}
    assert kbray("cleanup")[1] == "Nothing is wrong.\n"

    library.sync()
    assert library.catalogue.file(library.id_of("secret.html")).row.status == "synced", "it begins anew"


def test_an_attachment_goes_with_its_message_unless_it_lies_elsewhere_too(library: Library, kbray: Run) -> None:
    own = library.id_of("own.html")
    told = json.loads(kbray("forget", "letter.eml", "--json")[1])
    assert [row["name"] for row in told["files"]] == ["letter.eml", "own.html"]
    assert kbray("forget", "letter.eml", "--yes")[0] == 0
    assert names(library) == {"secret.html", "shared.html"}
    shared = library.catalogue.file(library.id_of("shared.html"))
    assert [place.uri for place in shared.locations] == [str(library.tree / "shared.html")]
    with pytest.raises(KeyError):
        library.catalogue.file(own)


def test_what_is_in_an_archive_goes_with_it_too(library: Library, kbray: Run) -> None:
    with zipfile.ZipFile(library.tree / "box.zip", "w") as archive:
        archive.write(library.tree / "letter.eml", "mail/letter.eml")
        archive.writestr("deep/within.html", HTML.format("within"))
    library.sync()
    told = json.loads(kbray("forget", "box.zip", "--json")[1])
    assert [row["name"] for row in told["files"]] == ["box.zip", "within.html"]
    assert kbray("forget", "box.zip", "--yes")[0] == 0
    assert names(library) == {"secret.html", "shared.html", "own.html", "letter.eml"}


def test_what_is_gone_from_its_folder_can_be_forgotten(library: Library, kbray: Run) -> None:
    assert kbray("forget", "--gone", "--yes") == (0, "", "There is nothing to forget.\n")
    (library.tree / "letter.eml").unlink()
    (library.tree / "shared.html").rename(library.tree / "moved.html")
    library.page("secret.html", "replaced by something else")
    library.sync()
    gone = {"letter.eml", "own.html", "secret.html"}
    listed = kbray("files", "--gone")[1].splitlines()
    assert {line.split("\t")[5] for line in listed} == gone

    code, out, err = kbray("forget", "--gone", "--yes")
    assert code == 0
    assert {line.split("\t")[3] for line in out.splitlines()} == gone
    assert "takes them in again" not in err
    assert names(library) == {"secret.html", "moved.html"}
    assert kbray("files", "--gone")[1] == ""


def test_before_a_drive_that_is_not_mounted_is_forgotten_it_is_told(library: Library, kbray: Run) -> None:
    drive = library.tree / "drive"
    drive.mkdir()
    (library.tree / "secret.html").rename(drive / "secret.html")
    library.sync()
    (drive / "secret.html").rename(library.settings.home / "unplugged")
    (library.tree / "letter.eml").unlink()
    library.sync()

    err = kbray("forget", "--gone")[2]

    assert f"1 of them lay where nothing is now ({drive} is empty): if that is a drive, mount it and sync first." in err
    (drive / "other").touch()
    emptied.cache_clear()
    assert "mount it" not in kbray("forget", "--gone")[2]


@pytest.mark.parametrize("words", [(), ("secret.html", "--gone")])
def test_it_must_be_said_what(kbray: Run, words: tuple[str, ...]) -> None:
    assert kbray("forget", *words) == (2, "", "kbray: Say what to forget: FILE…, or --gone.\n")


def test_not_while_a_run_is_at_work(library: Library, kbray: Run, database_url: str) -> None:
    run = library.catalogue.start_run("process", {})
    code, _, err = kbray("forget", "secret.html", "--yes")
    assert (code, err) == (2, f"kbray: Nothing can be forgotten now: run {run} (process) is at work.\n")
    assert "secret.html" in names(library)

    kill(database_url, run, silent=False)
    assert kbray("forget", "secret.html", "--yes")[0] == 0, "one that died is in nobody's way"


def test_a_run_that_begins_meanwhile_finds_all_or_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """Forgotten by the catalogue, a batch's objects stay when a run begins that may take in the same content."""
    catalogue = library.catalogue
    monkeypatch.setattr(forget, "BATCH", 1)
    ids = [library.id_of("secret.html"), library.id_of("shared.html")]
    sha256 = catalogue.file(ids[0]).row.sha256
    forgetter = Forgetter(catalogue, library.store, 60)
    began: list[RunId] = []

    def begins(*arguments: object) -> bool:
        began.append(catalogue.start_run("sync", {}))
        return delete(*arguments)  # type: ignore[arg-type]  # as it was given them

    monkeypatch.setattr(forget, "delete", begins)
    with pytest.raises(ConfigError, match="cleanup --auto-fix"):
        list(forgetter.forget(forgetter.named(ids)))
    assert "shared.html" in names(library)
    assert "secret.html" not in names(library)
    assert keys(library, sha256)

    catalogue.end_run(began[0], "succeeded")
    monkeypatch.undo()
    (orphans,) = Cleaner(catalogue, library.store, dict, 60).clean(fix=True)
    assert (orphans.kind, orphans.found, orphans.fixed) == ("orphan_object", 4, 4)
    assert not keys(library, sha256)


def test_orphans_that_were_taken_in_since_are_not_deleted(library: Library) -> None:
    """As a sync does it between the look at an object and its deletion."""
    sha256 = library.catalogue.file(library.id_of("secret.html")).row.sha256
    library.store.put(f"raw/{'0' * 64}", b"nobody's")
    assert delete(library.catalogue, library.store, {f"raw/{sha256}": sha256, f"raw/{'0' * 64}": "0" * 64})
    assert library.store.exists(f"raw/{sha256}")
    assert not library.store.exists(f"raw/{'0' * 64}")


def test_while_objects_are_deleted_no_run_begins(library: Library, database_url: str) -> None:
    other = Catalogue(database_url, patience_s=0)
    refused: list[str] = []

    def meanwhile(_: set[str]) -> None:
        sql(database_url, "ALTER ROLE CURRENT_USER SET lock_timeout = '200ms'")
        try:
            with pytest.raises(Exception, match="too busy"):
                other.start_run("sync", {})
            refused.append("sync")
        finally:
            sql(database_url, "ALTER ROLE CURRENT_USER RESET lock_timeout")

    assert library.catalogue.while_nobody_works((), meanwhile)
    assert refused == ["sync"]
    other.close()
