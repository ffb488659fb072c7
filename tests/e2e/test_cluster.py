"""A run on a Ray cluster of two nodes, both on this machine."""

import json
import os
import shutil
from pathlib import Path

import pytest

from benchmarks import pile
from tests.e2e import stand_in
from tests.e2e.head import Head, said
from tests.e2e.kbray_process import LAST_FILES, PATIENCE_S, SAMPLES, Kbray, wait_until

FILES = 80


def test_a_node_dies_and_the_run_goes_on_with_the_other(head: Head, tmp_path: Path) -> None:
    kbray, second = head.kbray, head.join()
    pile.make(tmp_path / "pile", FILES)
    kbray.run("sync", tmp_path / "pile")
    driver = head.joining("process", "--json")
    with kbray.held(LAST_FILES):
        wait_until(lambda: kbray.count("processed") > FILES // 4)
        finished = kbray.rows("SELECT id FROM files WHERE status = 'processed' ORDER BY id")
        head.kill(second)
    out, talk = driver.communicate(timeout=PATIENCE_S)

    assert driver.returncode == 0, out + talk
    assert kbray.count("processed") == FILES
    again = kbray.rows("SELECT file_id FROM attempts GROUP BY file_id HAVING count(*) > 1 ORDER BY file_id")
    assert set(again).isdisjoint(finished), "only what was in flight is done again"
    assert kbray.rows("SELECT file_id FROM attempts WHERE outcome = 'done' GROUP BY file_id HAVING count(*) <> 1") == []
    assert kbray.json("status")["stuck_parts"] == 0


def test_a_node_that_is_gone_before_it_answers_is_no_part_of_the_run(head: Head, tmp_path: Path) -> None:
    kbray, second = head.kbray, head.join()
    (tmp_path / "one.txt").write_text("The one and only.")
    kbray.run("sync", tmp_path)
    driver = head.joining("process")
    wait_until(lambda: bool(kbray.rows("SELECT 1 FROM runs WHERE command = 'process'")))
    head.freeze(second)
    out, talk = driver.communicate(timeout=PATIENCE_S)

    assert driver.returncode == 0, out + talk
    assert kbray.count("processed") == 1


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="a node gets a file system of its own, which only root may make"
)
def test_a_node_that_does_not_reach_the_database_is_told_before_any_work(head: Head, tmp_path: Path) -> None:
    kbray = head.kbray
    (tmp_path / "one.txt").write_text("The one and only.")
    kbray.run("sync", tmp_path)
    hide = f'mount -t tmpfs none {kbray.home} && exec "$@"'
    head.join("unshare", "--mount", "--propagation", "private", "sh", "-c", hide, "sh")

    out, talk = (driver := head.joining("process")).communicate(timeout=PATIENCE_S)

    assert driver.returncode == 2, out + talk
    assert "does not reach the database; set database_url to a PostgreSQL server that all nodes reach" in talk
    assert "Traceback" not in talk
    assert kbray.count("synced") == 1


def test_actors_on_a_node_with_a_gpu_make_what_others_make(ran: Kbray, head: Head) -> None:
    kbray = head.kbray
    head.join(gpus=1)
    runtime = {
        "worker_process_setup_hook": f"{stand_in.__name__}.install",
        "env_vars": {"KBRAY_VECTORS": "true", "KBRAY_GPU_SHARE": "0.5"},
    }

    done = head.submit("jobs/run.py", SAMPLES, options=["--runtime-env-json", json.dumps(runtime)])

    assert "exit code 1" in said(done), said(done)  # one sample is broken on purpose
    assert set(stand_in.seen(kbray.home)) == {("recognise:cuda", "0"), ("embed:cuda", "0")}
    assert _texts(kbray) == _texts(ran)
    assert kbray.json("status")["vectors"][0]["files"] == kbray.count("indexed")


def _texts(kbray: Kbray) -> dict[str, bytes]:
    """File and its document.md."""
    return {key.split("/")[1]: text for key, text in kbray.results().items() if key.endswith("document.md")}
