"""Things die while a run is under way: it goes on, or the next one does, and the results are those of an undisturbed run."""

import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from benchmarks import pile
from kbray.catalogue import embedded
from tests.e2e.kbray_process import LAST_FILES, PATIENCE_S, SAMPLES, Kbray, wait_until
from tests.e2e.processes import below, kill
from tests.integration.faulty import FaultyS3
from tests.integration.s3 import S3Server

FILES = 80
SCAN = SAMPLES / "notice-scanned.pdf"


@pytest.fixture(scope="module")
def folder_of_files() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kbray-test-") as folder:
        pile.make(Path(folder), FILES)
        shutil.copy(SCAN, folder)
        yield Path(folder)


@pytest.fixture(scope="module")
def undisturbed(fresh: Callable[..., Kbray], folder_of_files: Path) -> dict[str, bytes]:
    """Key → bytes of what a run that nobody disturbed makes of the folder."""
    kbray = fresh()
    kbray.run("run", folder_of_files)
    return kbray.results()


CLAIMING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE parts p SET%'"
"""Sessions that wait for a part."""


def check(kbray: Kbray, undisturbed: dict[str, bytes], results: dict[str, bytes] | None = None) -> None:
    """Every file ended as in the undisturbed run, each part was committed once, and cleanup finds nothing to do."""
    status = kbray.json("status")
    assert status["files"]["processed"] == status["files"]["total"] == FILES + 1
    assert status["stuck_parts"] == 0
    assert (kbray.results() if results is None else results) == undisturbed
    assert kbray.rows("SELECT file_id, part FROM attempts WHERE outcome = 'done' GROUP BY 1, 2 HAVING count(*) <> 1") == []
    assert kbray.rows("SELECT 1 FROM attempts WHERE outcome = 'started'") == []
    assert kbray.json("cleanup", "--auto-fix")["findings"] == []


WORKERS = r"ray::(?!DashboardAgent|RuntimeEnvAgent)"
"""Parse, recognise, commit, and those that wait. With one of the two agents dies the raylet: that is another test."""


def test_workers_killed_at_random_cost_only_what_they_had_in_hand(
    fresh: Callable[..., Kbray], folder_of_files: Path, undisturbed: dict[str, bytes]
) -> None:
    kbray = fresh(
        KBRAY_MAX_ATTEMPTS="20"
    )  # chance may find the worker of one file three times, which then is given up: as it should
    chance = random.Random(2843)
    kbray.run("sync", folder_of_files)
    driver = kbray.start("process", "--json")
    killed = 0
    with kbray.held(LAST_FILES):
        wait_until(lambda: kbray.count("processed") > 0)
        while killed < 3:
            killed += _kill_one(driver, chance)
    while driver.poll() is None and killed < 12:
        killed += _kill_one(driver, chance)
    out, err = driver.communicate(timeout=PATIENCE_S)

    assert driver.returncode == 0, out + err
    check(kbray, undisturbed)


def _kill_one(driver: "subprocess.Popen[str]", chance: random.Random) -> int:
    """How many workers were killed: none, where there is none just now."""
    alive = below(driver.pid, WORKERS)
    killed = kill(chance.sample(alive, min(1, len(alive))))
    time.sleep(chance.uniform(0.1, 1.0))
    return killed


def test_a_node_that_dies_ends_the_run_with_a_sentence_and_the_next_goes_on(
    kbray: Kbray, folder_of_files: Path, undisturbed: dict[str, bytes]
) -> None:
    kbray.run("sync", folder_of_files)
    driver = kbray.start("process")
    with kbray.held(LAST_FILES):
        wait_until(lambda: kbray.count("processed") > 0)
        assert kill(below(driver.pid, "raylet"))
    out, err = driver.communicate(timeout=PATIENCE_S)

    assert driver.returncode != 0, out
    assert "Nothing is lost: run the same command again" in err
    kbray.run("process")
    check(kbray, undisturbed)


def test_a_driver_killed_at_random_moments_again_and_again(
    kbray: Kbray, folder_of_files: Path, undisturbed: dict[str, bytes]
) -> None:
    chance = random.Random(61)
    kbray.run("sync", folder_of_files)
    for _ in range(2):
        driver = kbray.start("process")
        with kbray.held(LAST_FILES):
            _wait_for_more(kbray)
            time.sleep(chance.uniform(0.0, 1.0))
            driver.kill()
            driver.communicate()
        assert kbray.count("processed") < FILES + 1
        assert kbray.json("status")["runs"][0]["state"] == "dead"

    left = FILES + 1 - kbray.count("processed")
    again = kbray.json("process")

    assert again["progress"]["files_total"] <= left, "nothing is done again that was finished"
    check(kbray, undisturbed)
    assert list((kbray.home / "spill").iterdir()) == [], "what the killed drivers spilled is gone"


def test_the_embedded_database_is_killed_and_comes_back(
    kbray: Kbray, folder_of_files: Path, undisturbed: dict[str, bytes]
) -> None:
    kbray.run("sync", folder_of_files)
    driver = kbray.start("process", "--json")
    wait_until(lambda: kbray.count("processed") > 0)
    killed = _kill_database(kbray.home)
    wait_until(lambda: _database(kbray.home) not in (None, killed))
    time.sleep(2.0)
    _kill_database(kbray.home)
    out, err = driver.communicate(timeout=PATIENCE_S)

    assert driver.returncode == 0, out + err
    check(kbray, undisturbed)


def test_a_database_server_is_away_for_a_while(
    fresh: Callable[..., Kbray], folder_of_files: Path, undisturbed: dict[str, bytes]
) -> None:
    server = fresh()
    kbray = fresh(KBRAY_DATABASE_URL=embedded.start(server.home), KBRAY_PATIENCE_S="60")
    kbray.run("db", "upgrade")
    kbray.run("sync", folder_of_files)
    driver = kbray.start("process")
    wait_until(lambda: kbray.count("processed") > 0)
    _kill_database(server.home)
    time.sleep(12)  # a progress line comes every ten seconds
    embedded.start(server.home)
    _, talk = driver.communicate(timeout=PATIENCE_S)

    assert driver.returncode == 0, talk
    assert re.search(r"The database does not answer; waited \d+ of 60 s for it", talk), talk
    check(kbray, undisturbed)


def _wait_for_more(kbray: Kbray) -> None:
    before = kbray.count("processed")
    wait_until(lambda: kbray.count("processed") > before)


def _kill_database(home: Path) -> int | None:
    pid = _database(home)
    psutil.Process(pid).kill()
    return pid


def _database(home: Path) -> int | None:
    """The process that its file names; that of a killed one stays until the next starts and writes its own."""
    with suppress(FileNotFoundError, IndexError):  # it is being written
        return int((home / "postgres" / "postmaster.pid").read_text().split()[0])
    return None


@pytest.fixture
def faulty(s3_server: S3Server) -> Iterator[FaultyS3]:
    proxy = FaultyS3(s3_server.endpoint_url)
    yield proxy
    proxy.close()


def test_an_object_store_that_fails_in_every_way_is_waited_out(
    fresh: Callable[..., Kbray],
    folder_of_files: Path,
    undisturbed: dict[str, bytes],
    faulty: FaultyS3,
    s3_server: S3Server,
    bucket: str,
) -> None:
    kbray = fresh(KBRAY_OBJECTS_URL=f"s3://{bucket}/kbray", KBRAY_S3_ENDPOINT_URL=faulty.endpoint_url, KBRAY_HEARTBEAT_S="1")
    kbray.run("sync", folder_of_files)
    driver = kbray.start("process")
    wait_until(lambda: kbray.count("processed") > 0)
    with faulty.failing("503", 11):  # a progress line comes every ten seconds
        pass
    for fault in ("cut", "500", "slow"):
        with faulty.failing(fault, 3):
            pass
    _, talk = driver.communicate(timeout=PATIENCE_S)

    assert driver.returncode == 0, talk
    assert faulty.refused > 10
    assert re.search(r"\(s3://.*it is waited for\)", talk), talk
    check(kbray, undisturbed, _bucket(s3_server, bucket))


def test_an_outage_longer_than_the_patience_ends_the_run_and_loses_nothing(
    fresh: Callable[..., Kbray],
    folder_of_files: Path,
    undisturbed: dict[str, bytes],
    faulty: FaultyS3,
    s3_server: S3Server,
    bucket: str,
) -> None:
    kbray = fresh(KBRAY_OBJECTS_URL=f"s3://{bucket}/kbray", KBRAY_S3_ENDPOINT_URL=faulty.endpoint_url, KBRAY_PATIENCE_S="1")
    kbray.run("sync", folder_of_files)
    driver = kbray.start("process")
    wait_until(lambda: kbray.count("processed") > 0)
    faulty.fault = "503"
    _, talk = driver.communicate(timeout=PATIENCE_S)
    faulty.fault = "none"

    assert driver.returncode == 3, talk
    assert "did not answer properly for 1 seconds" in talk
    assert "Traceback" not in talk
    assert kbray.json("status")["files"]["failed"] == 0
    kbray.run("process")
    check(kbray, undisturbed, _bucket(s3_server, bucket))


def _bucket(server: S3Server, bucket: str) -> dict[str, bytes]:
    client = server.client()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="kbray/docs/")
    keys = [entry["Key"] for page in pages for entry in page["Contents"]]
    return {key.removeprefix("kbray/"): client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted, which only root may")
def test_a_full_disk_ends_the_run_with_a_sentence_and_loses_nothing(
    fresh: Callable[..., Kbray], folder_of_files: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(path.stat().st_size for path in folder_of_files.rglob("*") if path.is_file())
    kbray = fresh(KBRAY_OBJECTS_URL=str(disk))
    _call("mount", "-t", "tmpfs", "-o", f"size={size + 3_000_000}", "tmpfs", disk)  # originals, and some results
    try:
        kbray.run("sync", folder_of_files)
        process = kbray.start("process")
        _, talk = process.communicate(timeout=PATIENCE_S)

        assert process.returncode == 3, talk
        assert f"There is no space left for objects in {disk}: free some, or set objects_url." in talk
        assert 0 < kbray.count("processed") < FILES
        _call("mount", "-o", "remount,size=200000000", disk)
        kbray.run("process")
        results = {str(path.relative_to(disk)): path.read_bytes() for path in (disk / "docs").rglob("*") if path.is_file()}
        check(kbray, undisturbed, results)
    finally:
        _call("umount", disk)


def _call(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True)


@pytest.mark.parametrize("count", [2, 4])
def test_runs_at_the_same_time_share_the_work(
    fresh: Callable[..., Kbray], folder_of_files: Path, undisturbed: dict[str, bytes], count: int
) -> None:
    kbray = fresh(KBRAY_WORKERS="1", KBRAY_MODEL_ACTORS="1")
    kbray.run("sync", folder_of_files)
    drivers = [kbray.start("process", "--json") for _ in range(count)]
    with kbray.held("SELECT 1 FROM parts FOR NO KEY UPDATE"):
        wait_until(lambda: len(kbray.rows(CLAIMING)) == count)  # each has one worker
    for driver in drivers:
        out, err = driver.communicate(timeout=PATIENCE_S)
        assert driver.returncode in (0, 1), out + err  # 1: parts were left, in the hands of another run

    runs = [run for run in kbray.json("status")["runs"] if run["command"] == "process"]
    assert [run["state"] for run in runs] == ["succeeded"] * count
    assert sum(run["parts_done"] for run in runs) == FILES + 1
    assert all(run["parts_done"] > 0 for run in runs)
    check(kbray, undisturbed)
