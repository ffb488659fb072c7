"""From files to passages, as a user does it: what is found, and what is left of a run that was killed."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import pile
from tests.e2e.kbray_process import LAST_FILES, PATIENCE_S, Kbray, wait_until

FILES = 60
PASSAGES = "SELECT f.sha256, c.ordinal, c.text, c.lexemes::text FROM chunks c JOIN files f ON f.id = c.file_id ORDER BY 1, 2"
POSTINGS = """
    SELECT p.lexeme, f.sha256, p.ordinals, p.counts, p.lengths FROM postings p JOIN files f ON f.id = p.file_id ORDER BY 1, 2
"""


@pytest.fixture(scope="module")
def folder_of_files() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kbray-test-") as folder:
        pile.make(Path(folder), FILES)
        yield Path(folder)


def test_what_was_run_is_found_with_its_place(ran: Kbray) -> None:
    (first, *_) = ran.json("search", "shelves counted by their shadows")["hits"]  # by words and by meaning
    assert (first["name"], first["title"], first["place"]["page"]) == ("survey-of-shelves.pdf", "A Survey of Shelves", 1)
    assert first["heading_path"] == ["A Survey of Shelves"]
    assert {first["text"][start:end] for start, end in first["matches"]} >= {"counted", "shadows"}
    assert len(first["place"]["box"]) == 4

    (scanned, *_) = ran.json("search", "reading room closed on Monday", "--mode", "lexical")["hits"]
    assert scanned["name"] == "notice-scanned.pdf"

    (book, *_) = ran.json("search", "files that hide", "--type", "epub", "-k", 1, "--mode", "lexical")["hits"]
    assert book["place"]["chapter"].endswith(".xhtml")
    assert [hit["name"] for hit in ran.json("search", "Würzburg", "--lang", "de", "--mode", "lexical")["hits"]] == [
        "brief-aus-wuerzburg.txt"
    ]

    (meant, *_) = ran.json("search", "on which day is the place shut?", "--mode", "dense")["hits"]
    assert meant["name"] == "notice-scanned.pdf", "in other words: The reading room will be closed on Monday"

    told = ran.run("search", "shelves counted by their shadows", "--k", "1", "--mode", "lexical")
    assert told.startswith("1. A Survey of Shelves\n   survey-of-shelves.pdf, page 1 (Grayport Society)   [")
    assert "*shadows*" in told
    assert ran.json("search", "xyzzy", "--mode", "lexical")["hits"] == []


def test_an_index_that_was_killed_ends_as_one_that_was_not(fresh: Callable[..., Kbray], folder_of_files: Path) -> None:
    undisturbed = fresh()
    undisturbed.run("run", folder_of_files)
    kbray = fresh(KBRAY_WORKERS="1")
    kbray.run("sync", folder_of_files)
    kbray.run("process")

    killed = kbray.start("index")
    with kbray.held(LAST_FILES):
        wait_until(lambda: kbray.count("indexed") > 0)
        killed.kill()
        killed.communicate()
    time.sleep(1)  # its workers notice
    assert 0 < kbray.count("indexed") < FILES
    drivers = [kbray.start("index", "--json") for _ in range(2)]
    for driver in drivers:
        out, err = driver.communicate(timeout=PATIENCE_S)
        assert driver.returncode in (0, 1), out + err  # 1: some were left, in the hands of the other

    assert kbray.count("indexed") == FILES
    assert kbray.rows(PASSAGES) == undisturbed.rows(PASSAGES) != []
    assert kbray.rows(POSTINGS) == undisturbed.rows(POSTINGS) != []
    assert kbray.rows("SELECT sum(chunks), sum(length) FROM corpus") == kbray.rows("SELECT count(*), sum(length) FROM chunks")
    twice = "SELECT file_id FROM attempts WHERE part = -1 AND outcome = 'done' GROUP BY 1 HAVING count(*) <> 1"
    assert kbray.rows(twice) == kbray.rows("SELECT id FROM attempts WHERE outcome = 'started'") == []
    assert kbray.json("cleanup", "--auto-fix")["findings"] == []
    assert kbray.run("index") == "Nothing to index.\n"


def test_what_lost_its_result_fails_alone_and_comes_back(fresh: Callable[..., Kbray], folder_of_files: Path) -> None:
    kbray = fresh()
    files = sorted(path for path in folder_of_files.rglob("*") if path.is_file())[:3]
    for file in files:
        kbray.run("sync", file)
    kbray.run("process")
    row = kbray.json("files")["files"][1]
    (kbray.home / "objects" / "docs" / row["sha256"] / row["fingerprint"] / "elements.parquet").unlink()

    told = kbray.json("index", expect=1)["index"]
    assert (told["progress"]["files_done"], told["progress"]["files_failed"]) == (2, 1)
    (problem,) = kbray.json("errors")["problems"]
    assert (problem["code"], problem["stage"], problem["example"]["name"]) == ("missing_result", "chunk", row["name"])

    kbray.run("process", "--retry-failed")
    kbray.run("index")
    assert kbray.count("indexed") == 3


def test_vectors_that_were_killed_are_made_once_and_shared(fresh: Callable[..., Kbray]) -> None:
    kbray = fresh(KBRAY_VECTORS="true")
    with tempfile.TemporaryDirectory(prefix="kbray-test-") as folder:
        for number in range(8):
            words = (f"Sentence {n} of text {number} speaks of {n * n % 97} lamps and {n % 13} ladders." for n in range(200))
            (Path(folder) / f"{number}.txt").write_text("\n\n".join(words))
        kbray.run("run", folder, "--no-vectors")
    assert kbray.count("indexed") == 8
    assert kbray.json("search", "lamps ladders")["hits"], "by words at once"
    wanted = len(kbray.rows("SELECT 1 FROM chunks"))

    killed = kbray.start("index")
    wait_until(lambda: kbray.rows("SELECT to_regclass('vectors_1')") != [(None,)] and _vectors(kbray) > 0)
    killed.kill()
    killed.communicate()
    time.sleep(1)  # its workers notice
    before = _vectors(kbray)
    assert 0 < before < wanted
    drivers = [kbray.start("index", "--json") for _ in range(2)]
    for driver in drivers:
        out, err = driver.communicate(timeout=PATIENCE_S)
        assert driver.returncode in (0, 1), out + err  # 1: some were left, in the hands of the other

    assert _vectors(kbray) == wanted
    assert kbray.rows("SELECT id FROM attempts WHERE outcome = 'started'") == []
    assert kbray.json("status")["files"]["indexed"] == 8
    assert kbray.json("cleanup", "--auto-fix")["findings"] == []


def _vectors(kbray: Kbray) -> int:
    return len(kbray.rows("SELECT 1 FROM vectors_1"))
