"""A knowledge base moves from one database and object store to others and back; interrupted, damaged, compared, rolled back."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kbray import objects
from kbray.catalogue import Catalogue, Selection, StoredFile, embedded, migrations, programs
from kbray.config import Settings
from kbray.errors import ConfigError, DatabaseUnavailable
from kbray.model import Chunk, Effort
from kbray.ops.cleanup import Cleaner
from kbray.ops.migrate import bundle as bundles
from kbray.ops.migrate.bundle import DUMP, LISTING, MANIFEST, Moved
from kbray.ops.migrate.exporting import Exported, export
from kbray.ops.migrate.importing import Imported, bring, roll_back
from kbray.ops.migrate.verifying import Verified, verify
from kbray.wiring import Wiring
from tests.integration.conftest import at
from tests.integration.library import Library, Run, a_failure, asking
from tests.integration.pile import LEASE_S, pdf, sql, synced
from tests.integration.rewind import rewind
from tests.integration.s3 import S3Server

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),  # botocore and moto
]

TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""


@dataclass
class Side:
    """A database and an object store that a knowledge base is moved from or to."""

    settings: Settings

    @property
    def url(self) -> str:
        assert self.settings.database_url is not None
        return self.settings.database_url

    @property
    def store(self) -> Any:
        return objects.connect(self.settings)

    def names(self) -> set[str]:
        """Of all objects, but the one that says whose store it is, which doesn't travel."""
        return {info.key for info in self.store.list("")} - {"kbray.json"}

    def export(self, bundle: object, **more: Any) -> Exported:
        with Wiring(self.settings) as wired:
            return export(wired, str(bundle), **more)

    def bring(self, bundle: object, **more: Any) -> Imported:
        return bring(self.settings, str(bundle), **more)

    def verify(self, bundle: object, **more: Any) -> Verified:
        with Wiring(self.settings) as wired:
            return verify(wired, str(bundle), **more)

    def rows(self, *without: str) -> dict[str, list[tuple[object, ...]]]:
        """All that is in the database, by table; but for its identity, which doesn't travel either."""
        with psycopg.connect(self.url) as connection:
            names = [name for (name,) in connection.execute(TABLES) if name not in (*without, "identity")]
            return {name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr) for name in names}

    def identity(self) -> str:
        """As its store bears it."""
        with Wiring(self.settings) as wired:
            wired.own_objects()
            return wired.catalogue().identity()

    def kept(self) -> bool:
        return bool(sql(self.url, "SELECT 1 FROM pg_namespace WHERE nspname = 'kbray_before'"))


@dataclass(frozen=True)
class Made:
    """A knowledge base that was made once, since parsing takes a while: a database to copy, and the folders beside it."""

    database: str
    folder: Path


@pytest.fixture(scope="module")
def forest(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Three documents, two of them indexed, one with vectors; one that failed; and one that waits."""
    with _making(server_url, "forest", tmp_path_factory) as (made, library):
        for name in ("Owls", "Foxes", "Badgers", "Broken"):
            library.page(f"{name}.html", f"{name} of the forest")
        library.sync()
        library.process({"Broken.html": a_failure("corrupt_document", "It is broken.")})
        index(library, "Owls.html", "Owls are awake.", "They hoot at night.")
        index(library, "Foxes.html", "Foxes sleep at night, mostly.")
        vectors(library, [0.6, 0.8])
        library.page("Late.html", "Latecomers")
        library.sync()
    yield made
    _drop(server_url, "forest")


@pytest.fixture(scope="module")
def town(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """One document."""
    with _making(server_url, "town", tmp_path_factory) as (made, library):
        library.page("Crows.html", "Crows")
        library.sync()
        library.process()
        index(library, "Crows.html", "Crows caw.")
    yield made
    _drop(server_url, "town")


@contextmanager
def _making(server_url: str, name: str, paths: pytest.TempPathFactory) -> Iterator[tuple[Made, Library]]:
    made = Made(name, paths.mktemp(name))
    (made.folder / "tree").mkdir()
    url = at(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template")
    with Catalogue(url) as catalogue:
        settings = Settings(home=made.folder / "home", database_url=url, patience_s=5)
        yield made, Library(made.folder / "tree", catalogue, settings)


def _drop(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _copied(server_url: str, made: Made, url: str, home: Path) -> None:
    """The database of this URL and the objects under this home are as they were made."""
    name = url.rpartition("@/")[2].partition("?")[0]
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {made.database}")
    shutil.copytree(made.folder / "home", home)


@pytest.fixture
def library(tmp_path: Path, server_url: str, database_url: str, forest: Made) -> Iterator[Library]:
    """A copy of the forest."""
    settings = Settings(home=tmp_path / "a", database_url=database_url, patience_s=5)
    _copied(server_url, forest, database_url, settings.home)
    with Catalogue(database_url, patience_s=5) as catalogue:
        yield Library(forest.folder / "tree", catalogue, settings)


def index(library: Library, name: str, *texts: str) -> None:
    catalogue, file_id = library.catalogue, library.id_of(name)
    plan = catalogue.prepare_index(Selection(only=name), "now", stale=True)
    run = catalogue.start_run("index", {})
    (ref,) = [ref for ref in catalogue.index_refs(plan, 2**62, 0, 10) if ref.file_id == file_id]
    claim = catalogue.claim_index(run, ref)
    assert claim is not None
    chunks = [Chunk(text, (), 4, n, n, language="en") for n, text in enumerate(texts)]
    assert catalogue.publish(claim, "now", chunks, (), Effort())
    catalogue.end_run(run, "succeeded")


def vectors(library: Library, vector: list[float]) -> None:
    """The passages of one file have it."""
    catalogue = library.catalogue
    model = catalogue.open_model("a model", "identity", len(vector))
    run = catalogue.start_run("index", {})
    ref = catalogue.index_refs(catalogue.prepare_vectors(Selection(), model.id), 2**62, 0, 10)[0]
    claim = catalogue.claim_index(run, ref)
    assert claim is not None
    assert catalogue.store_vectors(claim, range(ref.chunks), [vector] * ref.chunks, (), Effort())
    catalogue.end_run(run, "succeeded")


@pytest.fixture
def here(library: Library) -> Side:
    """Where the library is."""
    return Side(library.settings)


@pytest.fixture
def there(tmp_path: Path, empty_database_url: str) -> Side:
    """An empty database and a folder of objects."""
    return Side(Settings(home=tmp_path / "b", database_url=empty_database_url, patience_s=5))


@pytest.fixture
def own(there: Side, server_url: str, town: Made) -> Iterator[Library]:
    """What `there` has of its own: a copy of the town."""
    _copied(server_url, town, there.url, there.settings.home)
    with Catalogue(there.url, patience_s=5) as catalogue:
        yield Library(town.folder / "tree", catalogue, there.settings)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects are copied one after the other, so that a test can stop in between."""
    monkeypatch.setattr(bundles, "_UNDER_WAY", 1)


def stopping_after(number: int) -> Callable[[Moved], None]:
    """A report that ends the command once so many objects, or files of an export, are done with."""

    def report(moved: Moved) -> None:
        if moved.total and moved.objects >= number:
            raise KeyboardInterrupt

    return report


def wait_for(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


# ---------------------------------------------------------------- there and back


@pytest.fixture
def home() -> Iterator[Path]:
    """For an embedded server; not under pytest's folder, see conftest."""
    with tempfile.TemporaryDirectory(prefix="kbray-test-") as folder:
        yield Path(folder) / "home"
        embedded.stop(Path(folder) / "home", force=True)


def test_from_a_folder_to_a_bucket_and_back_into_the_embedded_database(
    here: Side, there: Side, s3_server: S3Server, bucket: str, home: Path, tmp_path: Path
) -> None:
    cloud = Side(s3_server.settings(tmp_path / "b", f"s3://{bucket}/objects", database_url=there.url))
    via = Side(here.settings.model_copy(update={"s3_endpoint_url": s3_server.endpoint_url}))
    before = here.rows()
    done = via.export(f"s3://{bucket}/bundle")
    assert (done.manifest.objects, done.copied, done.problems.count) == (5 + 3 * 3, 14, 0)
    assert done.manifest.counts["files indexed"] == 2
    assert all(hits for hits in done.manifest.searches.values())
    assert len(done.manifest.searches) >= 2

    assert cloud.bring(f"s3://{bucket}/bundle").copied == 14
    assert cloud.verify(f"s3://{bucket}/bundle") == Verified(14, len(done.manifest.searches))
    assert cloud.rows() == before
    assert cloud.names() == here.names()

    cloud.export(tmp_path / "bundle")
    shutil.copytree(tmp_path / "bundle", tmp_path / "carried")  # as rsync does
    back = Side(Settings(home=home))
    back.bring(tmp_path / "carried")
    back.settings = back.settings.model_copy(update={"database_url": embedded.start(home)})
    assert back.verify(tmp_path / "carried").same
    assert back.rows() == before
    assert back.names() == here.names()
    with Catalogue(back.url) as catalogue:
        assert catalogue.runs(1)[0].id < catalogue.start_run("process", {}), "numbers go on where they were"


def test_the_bundle_is_one_moment_of_a_catalogue_in_use(library: Library, here: Side, there: Side, tmp_path: Path) -> None:
    before = here.rows()
    seen: list[StoredFile] = []

    def files(found: Iterator[StoredFile]) -> None:
        synced(library.catalogue, pdf("meanwhile.pdf"))
        seen.extend(found)

    taken = library.catalogue.take(tmp_path / "dump", files)
    assert len(library.catalogue.files()) == 6
    assert len(seen) == 5
    assert taken.counts["files synced"] == 1
    with Catalogue(there.url) as catalogue:
        catalogue.restore(tmp_path / "dump", "a bundle", taken.schema, vectors=taken.vectors)
    assert there.rows() == before


def test_what_runs_held_at_the_source_is_free_at_the_target(library: Library, here: Side, there: Side, tmp_path: Path) -> None:
    run = library.catalogue.start_run("process", {})
    plan = library.catalogue.prepare(Selection(), {}, run)
    (ref,) = library.catalogue.refs(plan, 0, 2**62, None, 10)
    assert library.catalogue.claim(run, ref) is not None
    here.export(tmp_path / "bundle")
    done = there.bring(tmp_path / "bundle")
    assert done.left_behind == 1
    with Catalogue(there.url) as catalogue:
        info = catalogue.run(run)
        assert (info.state, info.message) == ("interrupted", "It went on where this catalogue was copied from.")
        (part,) = catalogue.file(ref.file_id).parts
        assert (part.state, part.attempts) == ("pending", 0)
        assert catalogue.claim(catalogue.start_run("process", {}), ref) is not None
    assert library.catalogue.beat(run) == "running"


# ---------------------------------------------------------------- interrupted


@pytest.mark.usefixtures("one_by_one")
def test_an_interrupted_export_is_no_bundle_and_goes_on(here: Side, there: Side, tmp_path: Path) -> None:
    bundle = Side(Settings(home=tmp_path, objects_url=str(tmp_path / "bundle")))
    here.export(tmp_path / "bundle")
    bundle.store.delete([key for key in bundle.names() if key.startswith(("raw/", "docs/"))])
    with pytest.raises(KeyboardInterrupt):
        here.export(tmp_path / "bundle", report=stopping_after(5))
    come = {key for key in bundle.names() if key.startswith(("raw/", "docs/"))}
    assert 0 < len(come) < 14
    with pytest.raises(ConfigError, match=r"is no whole bundle, manifest\.json is missing"):
        there.bring(tmp_path / "bundle")

    times = {key: (tmp_path / "bundle" / key).stat().st_mtime_ns for key in come}
    assert here.export(tmp_path / "bundle").copied == 14 - len(come)
    assert {key: (tmp_path / "bundle" / key).stat().st_mtime_ns for key in come} == times
    assert here.export(tmp_path / "bundle").copied == 0
    there.bring(tmp_path / "bundle")
    assert there.verify(tmp_path / "bundle").same


def test_a_folder_with_other_files_is_no_place_for_a_bundle(here: Side, tmp_path: Path) -> None:
    (tmp_path / "project" / "src").mkdir(parents=True)
    theirs = tmp_path / "project" / MANIFEST
    theirs.write_text('{"name": "a web page"}')
    with pytest.raises(ConfigError, match=r"project holds other files, manifest\.json among them: name a place"):
        here.export(tmp_path / "project")
    assert theirs.read_text() == '{"name": "a web page"}'
    theirs.rename(tmp_path / "project" / "src" / "a page.html")
    with pytest.raises(ConfigError, match=r"other files, src/a page\.html among them"):
        here.export(tmp_path / "project")


@pytest.mark.usefixtures("one_by_one")
def test_an_import_interrupted_among_the_objects_goes_on(here: Side, there: Side, own: Library, tmp_path: Path) -> None:
    here.export(tmp_path / "bundle")
    before = there.rows("runs", "tallies")
    with pytest.raises(KeyboardInterrupt):
        there.bring(tmp_path / "bundle", report=stopping_after(5))
    assert there.rows("runs", "tallies") == before
    assert not there.kept()
    come = len(here.names() & there.names())
    assert 0 < come < 14
    assert there.bring(tmp_path / "bundle").copied == 14 - come
    assert there.rows() == here.rows()


def test_an_import_killed_while_the_catalogue_comes_leaves_the_target_as_it_was(
    here: Side, there: Side, own: Library, tmp_path: Path
) -> None:
    # More than fits a pipe, so that COMMIT has not been said when psql waits.
    sql(here.url, "UPDATE runs SET message = repeat('many words ', 100000) WHERE id = 1")
    here.export(tmp_path / "bundle")
    before = there.rows("runs", "tallies")
    environment = {**os.environ, "KBRAY_HOME": str(there.settings.home), "KBRAY_DATABASE_URL": there.url}
    waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    works = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
    with psycopg.connect(there.url) as reader:
        reader.execute("SELECT count(*) FROM chunks")  # by its name the third to be moved aside
        process = subprocess.Popen(
            [sys.executable, "-m", "kbray", "migrate", "import", str(tmp_path / "bundle")],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(lambda: bool(sql(there.url, waits)))
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    wait_for(lambda: not sql(there.url, works))
    assert there.rows("runs", "tallies") == before
    assert not there.kept()

    there.bring(tmp_path / "bundle")
    assert there.rows() == here.rows()


def test_an_import_that_was_killed_at_its_end_does_not_lose_what_was_before(
    here: Side, there: Side, own: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.export(tmp_path / "bundle")

    def killed(self: Catalogue) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Catalogue, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            there.bring(tmp_path / "bundle")
    done = there.bring(tmp_path / "bundle")
    assert (done.again, done.copied) == (True, 0)
    roll_back(there.settings)
    with Catalogue(there.url) as catalogue:
        assert [row.name for row in catalogue.files()] == ["Crows.html"]


# ---------------------------------------------------------------- damaged


def test_a_damaged_object_is_named_and_the_catalogue_does_not_come(
    here: Side, there: Side, own: Library, tmp_path: Path, run: "Run"
) -> None:
    here.export(tmp_path / "bundle")
    keys = sorted(here.names())
    damaged, lost = tmp_path / "bundle" / keys[0], tmp_path / "bundle" / keys[-1]
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    lost.unlink()
    before = there.rows("runs", "tallies")
    code, out, _ = run(there, "migrate", "import", tmp_path / "bundle")
    assert code == 1
    assert out == (
        f"corrupt: {keys[0]}\nmissing: {keys[-1]}\n2 objects missing or damaged in the bundle: the catalogue is as it was. "
        "Copy them again from where the bundle came, or delete them in it and export again.\n"
    )
    assert there.rows("runs", "tallies") == before
    assert there.store.size(keys[0]) is None

    damaged.unlink()
    assert here.export(tmp_path / "bundle").copied == 2
    assert run(there, "migrate", "import", tmp_path / "bundle")[0] == 0
    assert there.verify(tmp_path / "bundle").same


def test_what_the_source_has_lost_is_told_and_the_rest_moves(here: Side, there: Side, tmp_path: Path, run: "Run") -> None:
    keys = sorted(here.names())
    originals = [key for key in keys if key.startswith("raw/")]
    here.store.delete([keys[0]])
    here.store.put(originals[0], b"something else")
    code, out, _ = run(here, "migrate", "export", tmp_path / "bundle")
    assert code == 1
    assert f"missing: {keys[0]}\n" in out
    assert f"corrupt: {originals[0]}\n" in out
    assert "2 objects missing or damaged in the source" in out
    assert there.bring(tmp_path / "bundle").copied == 14 - 2
    assert there.verify(tmp_path / "bundle").same
    assert there.rows() == here.rows()


@pytest.mark.parametrize("name", [DUMP, LISTING, MANIFEST])
def test_a_bundle_that_was_not_copied_whole_is_refused(here: Side, there: Side, tmp_path: Path, name: str) -> None:
    here.export(tmp_path / "bundle")
    path = tmp_path / "bundle" / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ConfigError, match=rf"{name} in .* copy the bundle again, or export it again\."):
        there.bring(tmp_path / "bundle")
    path.unlink()
    with pytest.raises(ConfigError, match=rf"{name} is missing"):
        there.bring(tmp_path / "bundle")
    assert there.rows() == {}


def test_a_dump_that_ends_too_soon_changes_nothing(here: Side, there: Side, own: Library, tmp_path: Path) -> None:
    here.export(tmp_path / "bundle")
    before = there.rows()
    whole = (tmp_path / "bundle" / DUMP).read_bytes()
    for length in (0, len(whole) // 2, len(whole) - 100):
        (tmp_path / "cut").write_bytes(whole[:length])
        with pytest.raises(DatabaseUnavailable, match=r"^The catalogue (in the bundle can't be read|could not be put into)"):
            own.catalogue.restore(tmp_path / "cut", "a bundle", "public", vectors=True)
    assert there.rows() == before
    assert not there.kept()


def test_a_key_that_is_none_of_kbray_s_is_refused(tmp_path: Path) -> None:
    for row in (
        '{"key": "../../etc/passwd", "size": 1, "sha256": "0"}',
        '{"key": "raw/' + "a" * 64 + '", "size": 1, "sha256": "' + "b" * 64 + '"}',
        "[]",
        "{",
    ):
        (tmp_path / "list").write_text(row + "\n")
        with pytest.raises(ConfigError, match=r"Line 1 of objects\.jsonl"):
            list(bundles.lines(tmp_path / "list"))


# ---------------------------------------------------------------- versions


def changed(bundle: Path, **values: object) -> None:
    found = json.loads((bundle / MANIFEST).read_text())
    (bundle / MANIFEST).write_text(json.dumps(found | values))


def test_a_bundle_of_a_newer_kbray_is_refused(here: Side, there: Side, tmp_path: Path) -> None:
    here.export(tmp_path / "bundle")
    changed(tmp_path / "bundle", revision="9999", kbray="7.0")
    with pytest.raises(ConfigError, match=r"made by kbray 7\.0 with schema 9999, .* upgrade kbray here"):
        there.bring(tmp_path / "bundle")
    changed(tmp_path / "bundle", format=2, something="new")
    with pytest.raises(ConfigError, match=r"made by kbray 7\.0 in format 2, .* upgrade kbray here"):
        there.bring(tmp_path / "bundle")
    assert (there.rows(), there.names()) == ({}, set())


def test_an_older_schema_is_upgraded(here: Side, there: Side, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    here.export(bundle)
    rewind(here.url, "0001")
    sql(here.url, "DROP TABLE vectors_1, codes_1, models, indexings, chunks, postings, corpus, adopted")
    sql(here.url, "ALTER TABLE files DROP quality, DROP reasons, DROP again, DROP before")
    command = [str(embedded.programs() / "pg_dump"), "--format=custom", "--table=public.*", f"--file={bundle / DUMP}", here.url]
    subprocess.run(command, check=True)
    stamp = bundles.stamp_of(bundle / DUMP)
    changed(bundle, revision="0001", vectors=False, catalogue={"size_bytes": stamp.size_bytes, "sha256": stamp.sha256})
    there.bring(bundle)
    with Catalogue(there.url) as catalogue:
        assert catalogue.revision() == (migrations.HEAD, migrations.HEAD)
        assert len(catalogue.files()) == 5
        assert catalogue.search("night") == []
    old, new = here.rows("alembic_version"), there.rows("alembic_version")
    width = len(old["files"][0])
    assert {row[width:] for row in new["files"]} == {(None, None, False, None, 0, None, None, None)}, (
        "what was never graded, nor looked at again"
    )
    new["files"] = [row[:width] for row in new["files"]]
    assert {name: new[name] for name in old} == old


def test_a_bundle_from_before_there_were_codes_and_bits_of_languages_gets_them(here: Side, there: Side, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    here.export(bundle)
    codes, spoken = here.rows()["codes_1"], here.rows()["spoken"]
    rewind(here.url, "0006")
    sql(here.url, "DROP TABLE codes_1")
    command = [str(embedded.programs() / "pg_dump"), "--format=custom", "--table=public.*", f"--file={bundle / DUMP}", here.url]
    subprocess.run(command, check=True)
    stamp = bundles.stamp_of(bundle / DUMP)
    changed(bundle, revision="0006", catalogue={"size_bytes": stamp.size_bytes, "sha256": stamp.sha256})

    there.bring(bundle)

    assert codes
    assert spoken
    assert (there.rows()["codes_1"], there.rows()["spoken"]) == (codes, spoken)
    with Catalogue(there.url) as catalogue:
        assert catalogue.revision() == (migrations.HEAD, migrations.HEAD)


def test_pg_dump_does_not_read_newer_servers() -> None:
    programs.check_version(embedded.VERSION)
    with pytest.raises(ConfigError, match=r"PostgreSQL 99, and this kbray brings pg_dump 18"):
        programs.check_version(99)


# ---------------------------------------------------------------- rolled back


def test_an_import_leaves_the_store_to_whom_it_was(here: Side, there: Side, own: Library, tmp_path: Path) -> None:
    """The catalogue that comes takes the identity of the one whose place it takes; else its own store would refuse it."""
    sql(here.url, "UPDATE identity SET id = gen_random_uuid()")  # tests copy their databases, and that with them
    before = there.identity()
    here.export(tmp_path / "bundle")
    there.bring(tmp_path / "bundle")
    assert there.identity() == before != here.identity()
    with pytest.raises(ConfigError, match="belongs to another catalogue"):
        Side(here.settings.model_copy(update={"objects_url": there.store.url})).identity()
    roll_back(there.settings)
    assert there.identity() == before


def test_an_empty_place_gets_an_identity_of_its_own_and_is_free_again_after_a_rollback(
    here: Side, there: Side, tmp_path: Path
) -> None:
    here.export(tmp_path / "bundle")
    there.bring(tmp_path / "bundle")
    assert (came := there.identity()) != here.identity()
    there.bring(tmp_path / "bundle")
    assert there.identity() == came
    roll_back(there.settings)
    assert not there.store.exists("kbray.json")


def test_a_rollback_gives_back_what_was(here: Side, there: Side, own: Library, tmp_path: Path, run: "Run") -> None:
    before, had = there.rows("runs", "tallies"), there.names()
    assert run(there, "migrate", "rollback")[0] == 2
    here.export(tmp_path / "bundle")
    there.bring(tmp_path / "bundle")
    assert there.rows() == here.rows()
    assert there.names() == here.names() | had
    with Catalogue(there.url) as catalogue:
        (orphans,) = [
            summary
            for summary in Cleaner(catalogue, there.store, dict, LEASE_S).clean(fix=True)
            if summary.kind == "orphan_object"
        ]
        assert orphans.fixed == 0, "a rollback needs them"
        left = orphans.examples[0].left
        assert left is not None
        assert "rolled back" in left

    code, out, _ = run(there, "migrate", "rollback")
    assert code == 0
    assert out.startswith("The catalogue is the one from before the import of 20")
    assert there.rows("runs", "tallies") == before
    assert not there.kept()
    assert there.names() >= had
    assert [hit.name for hit in own.catalogue.search("crows")] == ["Crows.html"]
    synced(own.catalogue, pdf("magpies.pdf"))
    assert len(own.catalogue.files()) == 2
    code, _, err = run(there, "migrate", "rollback")
    assert code == 2
    assert "There is no import to roll back here" in err


def test_what_was_before_can_be_given_up(here: Side, there: Side, own: Library, tmp_path: Path, run: "Run") -> None:
    here.export(tmp_path / "bundle")
    there.bring(tmp_path / "bundle")
    assert there.kept()
    assert run(there, "migrate", "rollback", "--forget")[0] == 0
    assert not there.kept()
    assert there.rows() == here.rows()
    assert run(there, "migrate", "rollback")[0] == 2


def test_a_target_in_use_is_left_alone(here: Side, there: Side, own: Library, tmp_path: Path) -> None:
    here.export(tmp_path / "bundle")
    with Catalogue(there.url) as catalogue:
        run = catalogue.start_run("process", {})
        with pytest.raises(ConfigError, match=rf"Run {run} \(process, .* is at work in the target"):
            there.bring(tmp_path / "bundle")
        assert there.names() == {info.key for info in own.store.list("")}
        with pytest.raises(DatabaseUnavailable, match="which is as it was: a run is at work in it"):  # begun at the last moment
            catalogue.restore(tmp_path / "bundle" / DUMP, "a bundle", "public", vectors=True)
        catalogue.end_run(run, "succeeded")
        there.bring(tmp_path / "bundle")
        run = catalogue.start_run("process", {})
        with pytest.raises(ConfigError, match="A run is at work"):
            roll_back(there.settings)
        catalogue.end_run(run, "succeeded")
    assert there.kept()


# ---------------------------------------------------------------- looked at


def test_verify_finds_what_differs(library: Library, here: Side, there: Side, tmp_path: Path, run: "Run") -> None:
    here.export(tmp_path / "bundle", searches=["night"])
    there.bring(tmp_path / "bundle")
    assert run(there, "migrate", "verify", tmp_path / "bundle")[0] == 0
    assert len(there.verify(tmp_path / "bundle", sample=3).problems.examples) == 0
    assert there.verify(tmp_path / "bundle", sample=3).objects == 3
    with pytest.raises(ConfigError, match="The hits of 'day' are not in the bundle"):
        there.verify(tmp_path / "bundle", searches=["day"])

    lost, damaged = sorted(there.names())[:2]
    there.store.delete([lost])
    path = Path(there.store.url) / damaged
    path.write_bytes(b"x" * path.stat().st_size)
    with Catalogue(there.url) as catalogue:
        moved = Library(library.tree, catalogue, there.settings)
        index(moved, "Badgers.html", "Badgers dig at night.")
    code, out, _ = run(there, "migrate", "verify", tmp_path / "bundle", "--search", "night")
    assert code == 1
    assert set(out.splitlines()) == {
        "files indexed: 2 in the bundle, 3 here",
        "files processed: 1 in the bundle, 0 here",
        "passages: 3 in the bundle, 4 here",
        f"missing: {lost}",
        f"corrupt: {damaged}",
        "2 objects missing or damaged here: delete what is corrupt, then `kbray migrate import` with the same bundle brings it "
        "again.",
        "search 'night': 2 hits in the bundle, 3 here, not the same",
        "Not the same: 14 objects read, 1 search asked.",
    }
    found = json.loads(run(there, "migrate", "verify", tmp_path / "bundle", "--json")[1])
    assert found["same"] is False
    assert found["found"]["problems"]["count"] == 2


# ---------------------------------------------------------------- what is said, and what is not


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """kbray with these arguments on a side: exit code, stdout, stderr."""
    on = asking(capsys)

    def call(side: Side, *arguments: object) -> tuple[int, str, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KBRAY_HOME", str(side.settings.home))
        monkeypatch.setenv("KBRAY_DATABASE_URL", side.url)
        return on(*arguments)

    return call


def test_commands_report_in_json(here: Side, there: Side, tmp_path: Path, run: Run) -> None:
    exported = json.loads(run(here, "migrate", "export", "bundle", "--search", "owls awake", "--json")[1])
    assert exported["manifest"]["objects"] == exported["copied"] == 14
    assert "owls awake" in exported["manifest"]["searches"]
    imported = json.loads(run(there, "migrate", "import", "bundle", "--json")[1])
    assert (imported["copied"], imported["again"], imported["problems"]["count"]) == (14, False, 0)
    assert json.loads(run(there, "migrate", "verify", "bundle", "--json")[1])["same"] is True
    back = json.loads(run(there, "migrate", "rollback", "--json")[1])
    assert back["import"]["bundle"] == exported["manifest"]["id"]
    assert there.rows() == {}
    code, _, err = run(here, "migrate", "export", here.settings.home / "objects")
    assert code == 2
    assert "is where kbray keeps its own objects" in err
    assert run(there, "migrate", "import", "there")[2] == "kbray: There is no bundle there.\n"
    assert not (tmp_path / "there").exists()


def test_no_secret_is_in_a_bundle(
    library: Library, here: Side, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.settings = here.settings.model_copy(update={"database_url": here.url.replace("postgres@", "postgres:hunter2@")})
    monkeypatch.setenv("KBRAY_MCP_TOKEN", "hunter3")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter4")
    assert run(here, "sync", library.tree)[0] == 0
    assert run(here, "migrate", "export", "bundle")[0] == 0
    dumped = subprocess.run(
        [embedded.programs() / "pg_restore", "--file=-", tmp_path / "bundle" / DUMP], check=True, capture_output=True
    ).stdout
    assert b"Owls.html" in dumped
    for data in (dumped, (tmp_path / "bundle" / MANIFEST).read_bytes(), (tmp_path / "bundle" / LISTING).read_bytes()):
        assert b"hunter" not in data
