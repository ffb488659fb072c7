"""`kbray adopt` on a database and objects made to the old system's description."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kbray.catalogue import Catalogue
from kbray.catalogue.foreign import FileColumns, Foreign
from kbray.errors import ConfigError
from tests.integration.library import Run, asking
from tests.integration.old_system import SAID, OldSystem, Row
from tests.integration.s3 import S3Server

pytestmark = pytest.mark.integration

MAPPING = """
table = "ingest_files"
objects = "{objects}"
{more}
[columns]
key = "s3_key"
status = "status"
error = "error_message"
size = "file_size"
hash = "etag"
updated = "updated_at"
[statuses]
synced = "synced"
processing = "processing"
processed = "processed"
indexed = "indexed"
failed = "failed"
"""
ODD_KEY = "sub/Ünï cödé & 100% #1?.txt"


@pytest.fixture
def run(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """kbray with these arguments, in an empty home and a fresh database: exit code, stdout, stderr."""
    monkeypatch.setenv("KBRAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KBRAY_DATABASE_URL", database_url)
    monkeypatch.setenv("KBRAY_PATIENCE_S", "2")
    monkeypatch.chdir(tmp_path)
    return asking(capsys)


@pytest.fixture
def old(empty_database_url: str) -> Iterator[OldSystem]:
    """The old system's database; whatever a test does, nothing in it changes."""
    system = OldSystem(empty_database_url)
    yield system
    assert system.digest
    assert system.look() == system.digest


def mapped(tmp_path: Path, objects: object, more: str = "", **statuses: str) -> Path:
    path = tmp_path / "adopt.toml"
    extra = "".join(f'{word} = "{meaning}"\n' for word, meaning in statuses.items())
    path.write_text(MAPPING.format(objects=objects, more=more) + extra)
    return path


def odd_of(report: dict[str, Any]) -> dict[str, int]:
    return {odd["reason"]: odd["count"] for odd in report["odd"]}


# ---------------------------------------------------------------- the whole way, 3,275 rows


def pile(tree: Path) -> list[Row]:
    """3,275 rows in the proportions of the old system, the odd ones among them; the files that are there, written."""
    statuses = ["indexed"] * 432 + ["processed"] * 105 + ["synced"] * 2654 + ["failed"] * 61 + ["processing"] * 23
    assert len(statuses) == 3275
    rows = []
    for n, status in enumerate(statuses):
        error = (None if n % 2 else "'NoneType' object has no attribute 'strip'") if status == "failed" else None
        rows.append(Row(f"shelf {n % 9}/book {n:04}.txt", status, error, size=len(f"book {n}"), age_days=n % 20))
    for folder in range(9):
        (tree / f"shelf {folder}").mkdir(parents=True)
    for n, row in enumerate(rows):
        (tree / str(row.key)).write_text(f"book {n}")
    # Among the synced: 5 without a key, 4 without a status, 3 of an unknown one, 6 doubles, 2 that lead out, 7 gone, 1 a folder.
    at = 600
    rows[at : at + 5] = [Row(None, "synced"), Row("", "synced"), Row("   ", "synced"), Row(None, "synced"), Row(None, "synced")]
    rows[at + 5 : at + 9] = [Row(row.key, None) for row in rows[at + 5 : at + 9]]
    rows[at + 9 : at + 12] = [Row(row.key, "quarantined") for row in rows[at + 9 : at + 12]]
    rows[at + 12 : at + 18] = [Row(row.key, "synced", age_days=25) for row in rows[:6]]
    rows[at + 18 : at + 20] = [Row("../secret.txt", "synced"), Row("/etc/hostname", "synced")]
    for row in rows[at + 20 : at + 27]:
        (tree / str(row.key)).unlink()
    rows[at + 27] = Row("shelf 1", "synced")
    (tree / str(rows[at + 28].key)).write_text("longer than it was")
    return rows


def test_the_old_system_is_taken_over(run: Run, catalogue: Catalogue, old: OldSystem, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    old.fill(pile(tree))
    (tmp_path / "secret.txt").write_text("not to be read")

    # Proposed: everything but where the bytes lie, and the words nobody can guess.
    code, _, err = run("adopt", old.url, "--out", "adopt.toml")
    assert code == 0
    assert "Unsure: Where do the bytes lie?" in err
    assert 'What do these words mean: "quarantined"?' in err
    path = tmp_path / "adopt.toml"
    proposed = tomllib.loads(path.read_text())
    assert proposed == {
        "table": "public.ingest_files",
        "columns": {
            "key": "s3_key",
            "status": "status",
            "error": "error_message",
            "size": "file_size",
            "hash": "etag",
            "updated": "updated_at",
        },
        "statuses": {word: word for word in ("synced", "indexed", "processed", "failed", "processing")} | {"": "synced"},
    }
    assert run("adopt", old.url, "--out", "adopt.toml")[0] == 2  # not overwritten
    code, _, err = run("adopt", old.url, "--mapping", path)
    assert (code, err) == (2, f"kbray: {path}: objects is missing. See docs/adopt.md for an example.\n")

    said = "\n".join(f"{word} = {number}" for word, number in SAID.items())
    path.write_text(path.read_text().replace('# objects = "s3://bucket/prefix"', 'objects = "tree"') + f"[said]\n{said}\n")
    path.write_text(path.read_text().replace('"" = "synced"', '# "" = "synced"'))

    # Told, and nothing done.
    code, out, _ = run("adopt", old.url, "--mapping", "adopt.toml", "--json", "--examples", "3")
    assert code == 0
    report = json.loads(out)
    odd = {
        "no_key": 5,
        "repeated_key": 6,
        "no_status": 4,
        "unknown_status": 3,
        "outside": 2,
        "gone": 7,
        "unreadable": 1,
        "differs": 1,
    }
    assert odd_of(report) == odd
    assert (report["rows"], report["keys"], report["takes"], report["here"]) == (3275, 3264, 3247, 0)
    assert report["rows"] == report["takes"] + sum(count for reason, count in odd.items() if reason != "differs")
    assert (report["said_total"], report["said_sum"], report["left"]) == (3275, 3290, 22)
    lines = {line["word"]: (line["said"], line["rows"], line["takes"]) for line in report["statuses"]}
    assert lines == {
        "synced": (2669, 2647, 2626),
        "indexed": (432, 432, 432),
        "processed": (105, 105, 105),
        "failed": (61, 61, 61),
        "processing": (23, 23, 23),
        None: (None, 4, 0),
        "quarantined": (None, 3, 0),
    }
    examples = {one["reason"]: one["examples"] for one in report["odd"]}
    assert examples["outside"] == ["../secret.txt", "/etc/hostname"]
    assert len(examples["gone"]) == 3
    assert report["errors"] == [[None, 31], ["'NoneType' object has no attribute 'strip'", 30]]
    assert catalogue.status().total == 0
    assert catalogue.runs() == []

    code, out, err = run("adopt", old.url, "--mapping", "adopt.toml")
    assert code == 0
    assert "It said 3,275 in all, but what it said by status sums to 3,290 (+15)." in out
    assert "3,247 files would be taken over" in out
    assert "Nothing was changed." in err

    # Done, and again.
    code, out, _ = run("adopt", old.url, "--mapping", "adopt.toml", "--apply", "--json")
    assert code == 1  # some were left
    report = json.loads(out)
    assert (report["takes"], report["sync"]["new"], report["sync"]["problems"]) == (3247, 3247, 8)
    status = catalogue.status()
    assert (status.total, status.files["synced"], status.problems) == (3247, 3247, 8)
    assert catalogue.find(str(tmp_path / "secret.txt")) == []
    (run_info,) = catalogue.runs()
    assert (run_info.command, run_info.state) == ("adopt", "succeeded")

    code, out, _ = run("adopt", old.url, "--mapping", "adopt.toml", "--apply", "--json")
    assert code == 1
    report = json.loads(out)
    assert (report["here"], report["sync"]["unchanged"], report["sync"]["new"], report["sync"]["bytes"]) == (3247, 3247, 0, 0)
    assert catalogue.status().total == 3247
    failed = tree / f"shelf {3192 % 9}" / "book 3192.txt"
    _, out, _ = run("show", failed)
    assert "    before kbray: failed, 'NoneType' object has no attribute 'strip' (by " in out
    place = json.loads(run("show", failed, "--json")[1])["locations"][0]
    assert (place["adopted"]["status"], place["adopted"]["error"]) == ("failed", "'NoneType' object has no attribute 'strip'")


# ---------------------------------------------------------------- a bucket


@pytest.fixture
def old_bucket(s3_server: S3Server, bucket: str) -> Iterator[tuple[str, Any]]:
    """The old system's bucket, which must not change once `watched` has been called."""
    client = s3_server.client()
    for key, text in {
        "raw/a.txt": "alpha",
        f"raw/{ODD_KEY}": "beta",
        "raw/nfd-e\u0301.txt": "gamma",
        "raw/copy.txt": "alpha",
    }.items():
        client.put_object(Bucket=bucket, Key=key, Body=text.encode())
    client.put_object(Bucket=bucket, Key="raw/nobody names it.txt", Body=b"x")
    before = listed(client, bucket)
    yield bucket, client
    assert listed(client, bucket) == before


def listed(client: Any, bucket: str) -> list[tuple[Any, ...]]:
    return [
        (one["Key"], one["ETag"], one["Size"], one["LastModified"]) for one in client.list_objects_v2(Bucket=bucket)["Contents"]
    ]


def test_a_bucket_is_adopted_and_a_later_sync_finds_it_unchanged(
    run: Run, catalogue: Catalogue, old: OldSystem, old_bucket: tuple[str, Any], s3_server: S3Server, tmp_path: Path
) -> None:
    bucket, client = old_bucket
    etag = client.head_object(Bucket=bucket, Key="raw/a.txt")["ETag"]
    old.fill(
        [
            Row("a.txt", "indexed", size=5, etag=etag),
            Row(ODD_KEY, "processing", size=4, etag='"00000000000000000000000000000000"'),
            Row("nfd-\u00e9.txt", "failed", "exit 137"),
            Row(f"s3://{bucket}/raw/copy.txt", "processed"),
            Row("s3://elsewhere/raw/x.txt", "synced"),
            Row("gone.txt", "synced"),
        ],
    )
    endpoint = f'endpoint = "{s3_server.endpoint_url}"'
    path = mapped(tmp_path, f"s3://{bucket}/raw/", endpoint)
    code, out, _ = run("adopt", old.url, "--mapping", path, "--apply", "--json")
    assert code == 1
    report = json.loads(out)
    assert odd_of(report) == {"outside": 1, "gone": 1, "differs": 1}
    assert (report["takes"], report["sync"]["new"], report["sync"]["copies"]) == (4, 3, 1)
    assert {row.uri for row in catalogue.files()} == {f"s3://{bucket}/raw/{key}" for key in ("a.txt", ODD_KEY, "nfd-e\u0301.txt")}
    code, out, _ = run("sync", f"s3://{bucket}/raw", "--json", "--s3-endpoint-url", s3_server.endpoint_url)
    assert code == 0
    found = json.loads(out)
    assert (found["unchanged"], found["new"]) == (4, 1)
    assert catalogue.places_with_problems() == []  # a sync of the bucket knows that `gone.txt` is gone
    (twice,) = (catalogue.file(row.id) for row in catalogue.files() if row.name == "a.txt")
    assert [place.adopted.status for place in twice.locations if place.adopted] == ["indexed", "processed"]

    code, _, err = run("adopt", old.url, "--mapping", mapped(tmp_path, "s3://no-such-bucket", endpoint))
    assert code == 2
    assert "There is no bucket 'no-such-bucket' at s3://no-such-bucket at " in err
    assert "create it, or correct its name." in err
    code, _, err = run("adopt", old.url, "--mapping", mapped(tmp_path, f"s3://{bucket}/wrong", endpoint), "--apply")
    assert code == 2
    assert "None of the 6 rows of public.ingest_files can be taken: 2 with a key that leads out of `objects`" in err
    assert catalogue.runs()[0].command == "sync"  # nothing was begun


def test_what_is_here_stays_when_the_old_bucket_is_gone_and_its_words_are_left_out_when_told(
    run: Run, catalogue: Catalogue, old: OldSystem, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("a", "b", "c"):
        (tree / f"{name}.txt").write_text(name)
    old.fill([Row("store/a.txt", "indexed"), Row("store/b.txt", "FAILED".lower(), "no"), Row("store/c.txt", "synced")])
    path = mapped(tmp_path, tree, 'strip = "store/"')
    path.write_text(path.read_text().replace('failed = "failed"', 'FAILED = "skip"'))
    code, out, _ = run("adopt", old.url, "--mapping", path, "--apply", "--json")
    assert code == 0
    report = json.loads(out)
    assert (report["takes"], report["skipped"], report["left"], report["odd"]) == (2, 1, 0, [])
    (tree / "a.txt").unlink()
    code, out, _ = run("adopt", old.url, "--mapping", path, "--apply", "--json")
    assert code == 0
    report = json.loads(out)
    assert (report["takes"], report["here"], report["sync"]["problems"], report["odd"]) == (2, 2, 0, [])
    assert catalogue.status().problems == 0


def test_an_adoption_that_was_stopped_goes_on(run: Run, catalogue: Catalogue, old: OldSystem, tmp_path: Path) -> None:
    import threading
    from functools import partial

    from kbray import objects
    from kbray.config import Settings
    from kbray.ops.adopt import Adoption
    from kbray.ops.adopt.mapping import load, root_of, table_of
    from kbray.ops.sync import SyncOutcome
    from kbray.parse.sandbox.parent import Sandbox

    tree = tmp_path / "tree"
    tree.mkdir()
    for n in range(600):
        (tree / f"{n}.txt").write_text(str(n))
    old.fill([Row(f"{n}.txt", "synced") for n in range(600)])
    mapping = load(mapped(tmp_path, tree))
    settings = Settings(home=tmp_path / "home", patience_s=2)
    stop = threading.Event()

    def enough(outcome: SyncOutcome) -> None:
        stop.set()

    with Foreign(old.url, patience_s=2) as source:
        adoption = Adoption(source, table_of(source, mapping), mapping, root_of(mapping, tmp_path), catalogue, settings)
        report = adoption.apply(objects.connect(settings), partial(Sandbox, settings), stop=stop, report=enough)
        assert report.sync is not None
        assert report.sync.interrupted
        some = catalogue.status().total
        assert 0 < some < 600
        assert catalogue.runs()[0].state == "interrupted"
        report = adoption.apply(objects.connect(settings), partial(Sandbox, settings))
    assert report.sync is not None
    assert (report.here, report.sync.new, report.sync.unchanged) == (some, 600 - some, some)
    assert catalogue.status().total == 600


# ---------------------------------------------------------------- the source is only read, and what is wrong is said


def test_a_source_can_not_be_changed(old: OldSystem) -> None:
    old.fill([Row("a", "synced")])
    with Foreign(old.url, patience_s=2) as source, pytest.raises(ConfigError, match="cannot execute CREATE TABLE in a read-only"):
        source._read(lambda connection: connection.exec_driver_sql("CREATE TABLE mine (a int)"))


def test_a_user_who_may_only_read_the_table_is_enough(old: OldSystem, tmp_path: Path) -> None:
    old.fill([Row("a.txt", "synced"), Row("b.txt", None)])
    with psycopg.connect(old.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE adopt_reader LOGIN")
        try:
            connection.execute("GRANT SELECT ON ingest_files TO adopt_reader")
            with Foreign(old.url.replace("postgres@", "adopt_reader@"), patience_s=2) as source:
                (table,) = source.tables()
                assert table.label == "public.ingest_files"
                columns = FileColumns("s3_key", "status")
                assert [row.key for row in source.rows(table, columns, None, 1)] == ["a.txt"]
                assert [row.key for row in source.rows(table, columns, "a.txt", 10)] == ["b.txt"]
                assert source.totals(table, columns, 10).statuses == (("synced", 1), (None, 1))
        finally:
            connection.execute("DROP OWNED BY adopt_reader")
            connection.execute("DROP ROLE adopt_reader")


def test_what_is_wrong_is_said_in_a_sentence(run: Run, old: OldSystem, tmp_path: Path) -> None:
    old.fill([Row("a.txt", "synced")])
    tree = tmp_path / "tree"
    tree.mkdir()
    good = mapped(tmp_path, tree).read_text()
    path = tmp_path / "wrong.toml"

    def told(old: str, new: str, url: str = old.url) -> str:
        assert old in good
        path.write_text(good.replace(old, new))
        code, out, err = run("adopt", url, "--mapping", path)
        assert (code, out) == (2, "")
        return err

    assert "There is no table 'ingest_filez' that this user may read in" in told("ingest_files", "ingest_filez")
    assert "there are: public.ingest_files, public.jobs, public.users. Correct `table`" in told("ingest_files", "x")
    assert "has no column 'key3' (columns.key in the mapping); it has id, s3_key, status" in told("s3_key", "key3")
    assert "wrong.toml: statuses.failed is 'broken'; allowed are synced, processing," in told(
        'failed = "failed"', 'failed = "broken"'
    )
    assert "columns.errors is unknown; allowed are key, status, error" in told("error =", "errors =")
    assert "Did you mean error?" in told("error =", "errors =")
    assert "objectz is unknown; allowed are table, objects" in told("objects =", "objectz =")
    assert "is not valid TOML" in told("[statuses]", "[statuses")
    assert "columns.key is wrong: Input should be a valid string." in told('"s3_key"', "3")
    assert "can't be walked: No such file or directory." in told(str(tree), str(tree / "no"))
    assert "must be s3://bucket/prefix or a folder" in told(str(tree), "http://x/y")
    assert "names no bucket" in told(str(tree), "s3:///x")
    code, _, err = run("adopt", old.url, "--mapping", tmp_path / "none.toml")
    assert code == 2
    assert "none.toml can't be read: No such file or directory. `kbray adopt DATABASE_URL --out none.toml` proposes one." in err
    assert run("adopt", old.url, "--apply")[0] == 2
    assert run("adopt", old.url, "--propose", "--mapping", path)[0] == 2
    assert run("adopt", old.url, "--mapping", path, "--out", "x")[0] == 2


def test_a_source_out_of_reach_is_infrastructure_and_no_password_is_told(run: Run, old: OldSystem, tmp_path: Path) -> None:
    old.fill([])
    monster = "postgresql://me:secret@127.0.0.1:1/ai_knowledge_base"
    code, out, err = run("adopt", monster)
    assert (code, out) == (3, "")
    assert "PostgreSQL database ai_knowledge_base on 127.0.0.1:1 does not answer" in err
    assert "secret" not in err
    code, _, err = run("adopt", monster.replace("postgresql", "mysql"))
    assert code == 2
    assert "secret" not in err
    code, _, err = run("adopt", f"{monster}?ssl=require")
    assert code == 2
    assert "secret" not in err


def test_nothing_that_looks_like_files_is_no_guess(run: Run, old: OldSystem) -> None:
    old.fill([])
    with psycopg.connect(old.url) as connection:
        connection.execute("DROP TABLE ingest_files")
    old.digest = old.look()
    code, out, err = run("adopt", old.url)
    assert (code, out) == (2, "")
    assert "looks like a list of files with key and status; there are: public.jobs, public.users." in err
