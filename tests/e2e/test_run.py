"""The main job on the shipped samples, as a user runs it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from kbray.catalogue import embedded
from kbray.library import open_library
from tests.e2e.kbray_process import PATIENCE_S, SAMPLES, Kbray
from tests.integration.s3 import S3Server


def test_a_folder_becomes_documents(ran: Kbray, tmp_path: Path) -> None:
    status = ran.json("status")
    assert status["files"]["failed"] == 1
    assert status["files"]["indexed"] == status["files"]["total"] - 1 >= 7
    assert {"synced", "processing", "processed", "indexing"} <= status["files"].keys()
    assert status["runs"][0]["state"] == "succeeded"

    files = {row["name"]: row for row in ran.json("files")["files"]}
    assert {name: row["error"]["code"] for name, row in files.items() if row["status"] == "failed"} == {
        "torn.epub": "corrupt_document"
    }
    assert all(row["error"] is None for row in files.values() if row["status"] == "indexed")
    assert [problem["code"] for problem in ran.json("errors")["problems"]] == ["corrupt_document"]

    ran.run("export", "--all", "--format", "markdown", "--out", tmp_path)
    exported = {path.stem: path.read_text() for path in tmp_path.glob("*.md")}
    assert len(exported) == len(files) - 1
    assert "[^1]: " in exported["field-guide"]
    assert "notice" in exported["notice-scanned"].lower()
    pictures = [path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("field-guide.pictures/*")]
    assert pictures
    assert all(f"]({picture})" in exported["field-guide"] for picture in pictures)


def test_results_tell_what_they_are(ran: Kbray) -> None:
    for row in ran.json("files", "--status", "indexed")["files"]:
        prefix = ran.home / "objects" / "docs" / row["sha256"] / row["fingerprint"]
        manifest = json.loads((prefix / "document.json").read_text())
        elements = pq.read_table(prefix / "elements.parquet")
        assert manifest["completeness"]["expected"] == manifest["completeness"]["produced"] >= 1
        assert elements.num_rows > 0
        assert (prefix / "document.md").read_text().strip()


def test_what_ray_data_counted_in_a_run_is_kept(ran: Kbray) -> None:
    [(run, parts)] = ran.rows("SELECT run_id, count(*) FROM attempts GROUP BY run_id ORDER BY run_id LIMIT 1")  # that of process
    with open_library(home=ran.home) as kb:
        counted = kb.ray_stats(run).to_pylist()

    parse = next(operator for operator in counted if "parse" in operator["operator"])
    assert parse["rows"] == parts >= 8, "a row a part"
    assert 0 < parse["tasks"] <= parts
    assert parse["bytes"] > 0
    assert 0 < parse["longest_s"] <= parse["task_s"]
    assert "Write" in counted[-1]["operator"], "in the order of the pipeline"


def test_a_second_run_does_nothing(ran: Kbray) -> None:
    before = ran.results()

    again = ran.json("run", SAMPLES)

    assert again["process"]["progress"]["files_total"] == again["index"]["progress"]["files_total"] == 0
    assert ran.results() == before


def test_results_are_the_same_with_one_worker_on_servers_and_from_s3(
    ran: Kbray, fresh: Callable[..., Kbray], s3_server: S3Server, bucket: str
) -> None:
    server = fresh()
    database = embedded.start(server.home)
    elsewhere = fresh(
        KBRAY_WORKERS="1",
        KBRAY_MODEL_ACTORS="1",
        KBRAY_DATABASE_URL=database,
        KBRAY_OBJECTS_URL=f"s3://{bucket}/kbray",
        KBRAY_S3_ENDPOINT_URL=s3_server.endpoint_url,
    )
    elsewhere.run("db", "upgrade")
    client = s3_server.client()
    for sample in SAMPLES.iterdir():
        client.upload_file(str(sample), bucket, f"books/{sample.name}")

    elsewhere.run("run", f"s3://{bucket}/books", expect=1)

    stored = client.list_objects_v2(Bucket=bucket, Prefix="kbray/docs/")["Contents"]
    results = {
        item["Key"].removeprefix("kbray/"): client.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in stored
    }
    assert results == ran.results()


def test_what_fails_is_told_apart_from_what_is_left(kbray: Kbray, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("The first text.")
    (tmp_path / "two.txt").write_text("The second text.")
    (tmp_path / "three.bin").write_bytes(bytes(range(256)) * 40)

    kbray.run("sync", tmp_path)
    process = kbray.start("process", "--max-files", 1)
    _, talk = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert all(re.match(r"\d+ s: files ", line) for line in talk.splitlines()), "only progress: Ray's own words go to a log"
    assert kbray.json("status")["files"]["synced"] == 2
    kbray.run("process", expect=1)

    status = kbray.json("status")["files"]
    assert (status["processed"], status["failed"], status["synced"]) == (2, 1, 0)
    assert kbray.json("files", "--status", "failed")["files"][0]["error"]["code"] == "unsupported_media"


def test_a_ray_that_does_not_start_is_told(kbray: Kbray, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("The first text.")
    kbray.run("sync", tmp_path)

    kbray.settings["RAY_GCS_SERVER_PORT"] = "nowhere"
    process = kbray.start("process")
    _, talk = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 3
    assert "Ray did not start on this machine" in talk
    assert "nowhere" in talk
    assert "Traceback" not in talk
    assert kbray.json("status")["runs"][0]["state"] == "failed"
