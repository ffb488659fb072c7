"""An outage shorter than the patience is waited out; a longer one ends in one sentence that gives no secret away."""

import os
import pickle
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from kbray.catalogue import Catalogue, Selection, connection, embedded
from kbray.catalogue.connection import Database
from kbray.errors import ConfigError, DatabaseUnavailable
from tests.integration.pile import GOOD, claimed, commit, pdf, processed, synced, work
from tests.ports import free_port

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kbray-test-") as folder:
        url = embedded.start(Path(folder))
        with Catalogue(url) as catalogue:
            catalogue.upgrade()
        yield Path(folder)
        embedded.stop(Path(folder), force=True)


def back_after(seconds: float, home: Path) -> threading.Thread:
    def start() -> None:
        time.sleep(seconds)
        embedded.start(home)

    thread = threading.Thread(target=start)
    thread.start()
    return thread


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_work_goes_on_when_the_server_comes_back(home: Path, how: str) -> None:
    with Catalogue(embedded.start(home), patience_s=30) as catalogue:
        synced(catalogue, *(pdf(f"{how}-{n}.pdf", parts=2) for n in range(3)))
        run = catalogue.start_run("process", {})
        refs = work(catalogue, run, Selection(only=f"{how}-*.pdf"))
        before = claimed(catalogue, run, refs[0])
        if how == "stopped":
            assert embedded.stop(home, force=True)
        else:
            os.kill(int((home / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        back = back_after(0.5, home)

        started = time.monotonic()
        assert catalogue.beat(run) == "running"
        assert time.monotonic() - started < 20
        assert how == "killed" or time.monotonic() - started > 0.3  # a killed server's sessions may answer once more
        back.join()

        assert commit(catalogue, before).accepted  # claims outlast the outage
        processed(catalogue, run, refs[1:])
        assert catalogue.reap(60) == []
        catalogue.end_run(run, "succeeded")
        assert catalogue.run(run).files_done == 3


def test_threads_in_the_middle_of_their_work_all_go_on(home: Path) -> None:
    with Catalogue(embedded.start(home), patience_s=30, pool_size=4) as catalogue:
        synced(catalogue, *(pdf(f"threads-{n}.pdf") for n in range(60)))
        run = catalogue.start_run("process", {})
        refs = work(catalogue, run, Selection(only="threads-*.pdf"))
        under_way = threading.Event()

        def process(nth: int) -> None:
            for ref in refs[nth::4]:
                commit(catalogue, claimed(catalogue, run, ref), result=GOOD)
                under_way.set()

        threads = [threading.Thread(target=process, args=(nth,)) for nth in range(4)]
        for thread in threads:
            thread.start()
        under_way.wait()
        os.kill(int((home / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        back_after(0.2, home).join()
        for thread in threads:
            thread.join()

        info = catalogue.run(run)
        assert (info.files_done, info.parts_done, info.pages_done) == (60, 60, 960)
        details = [catalogue.file(ref.file_id) for ref in refs]
        assert {detail.parts[0].attempts for detail in details} == {1}
        assert {tuple(one.outcome for one in detail.attempts) for detail in details} == {("done",)}
        catalogue.end_run(run, "succeeded")


def test_an_answer_lost_on_its_way_back_is_given_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection breaks after the server did the work: the second time must change nothing and say the same."""
    with Catalogue(embedded.start(home), patience_s=10) as catalogue:
        synced(catalogue, pdf("lost.pdf", parts=2))
        run = catalogue.start_run("process", {})
        first, second = work(catalogue, run, Selection(only="lost.pdf"))
        monkeypatch.setattr(Database, "transaction", _losing_answers(Database.transaction))

        claim = claimed(catalogue, run, first)
        assert claim.attempt == 1
        assert commit(catalogue, claim).last is False
        assert commit(catalogue, claimed(catalogue, run, second)).last is True
        assert catalogue.finish(run, first.file_id, GOOD)

        detail = catalogue.file(first.file_id)
        assert [(part.attempts, part.state) for part in detail.parts] == [(1, "done")] * 2
        assert [one.outcome for one in detail.attempts] == ["done", "done"]
        info = catalogue.run(run)
        assert (info.files_done, info.parts_done, info.pages_done) == (1, 2, 32)
        assert len([one for one in catalogue.runs() if one.state == "running"]) == 1
        other = catalogue.start_run("process", {})
        assert len([one for one in catalogue.runs() if one.state == "running"]) == 2
        catalogue.end_run(other, "succeeded")
        catalogue.end_run(run, "succeeded")


T = TypeVar("T")
Work = Callable[[Connection], T]


def _losing_answers(transaction: Callable[[Database, Work[T]], T]) -> Callable[[Database, Work[T]], T]:
    """Each transaction is committed, and its connection then breaks once before the caller hears of it."""

    def twice(database: Database, work: Work[T]) -> T:
        heard = False

        def deaf(connection: Connection) -> T:
            nonlocal heard
            answer = work(connection)
            if not heard:
                heard = True
                connection.commit()
                raise OperationalError("COMMIT", None, psycopg.OperationalError("server closed the connection unexpectedly"))
            return answer

        return transaction(database, deaf)

    return twice


def test_patience_ends_in_one_sentence_without_secrets() -> None:
    catalogue = Catalogue("postgresql://me:s3cret@127.0.0.1:1/books?password=s3cret", patience_s=0.3)

    started = time.monotonic()
    with pytest.raises(DatabaseUnavailable) as caught:
        catalogue.status()

    assert 0.2 < time.monotonic() - started < 5
    assert str(caught.value) == "PostgreSQL database books on 127.0.0.1:1 does not answer, after 0.3 s of trying."
    assert caught.value.__cause__ is None
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    catalogue.close()


def test_a_database_that_is_not_there_is_no_outage(server_url: str) -> None:
    url = server_url.replace("/kbray?", "/nowhere?")

    started = time.monotonic()
    with (
        Catalogue(url, patience_s=30) as catalogue,
        pytest.raises(ConfigError, match="refuses the connection to database nowhere"),
    ):
        catalogue.status()

    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("not a url: s3cret", "The database URL can't be read; write postgresql://user:password@host:5432/name."),
        (
            "postgresql://me:s3cret@host:port/x",
            "The database URL can't be read; write postgresql://user:password@host:5432/name.",
        ),
        ("sqlite:///s3cret.db", "The database URL names 'sqlite'; kbray needs postgresql://…."),
        (
            "postgresql://me:s3cret@host:65536/x",
            "The database URL names port 65536, and there is none above 65,535 or below 1.",
        ),
    ],
)
def test_a_url_of_something_else_is_refused_at_once(url: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Catalogue(url)

    assert str(caught.value) == message


def test_a_wait_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_SILENT_S", 0.2)
    port = free_port()
    told: list[str] = []
    url = f"postgresql://me:s3cret@127.0.0.1:{port}/books"

    with Catalogue(url, patience_s=1.5, waiting=told.append) as catalogue, pytest.raises(DatabaseUnavailable):
        catalogue.status()

    assert told == [f"PostgreSQL database books on 127.0.0.1:{port} does not answer yet; it is tried for 1.5 s."]


def test_usual_spellings_of_the_url_are_taken(database_url: str) -> None:
    for scheme in ("postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"):
        with Catalogue(database_url.replace("postgresql:", f"{scheme}:")) as catalogue:
            assert catalogue.status().total == 0


def test_errors_of_ours_are_not_waited_for(database_url: str) -> None:
    database = Database(database_url, patience_s=30)
    calls = 0

    def work(connection: Connection) -> None:
        nonlocal calls
        calls += 1
        raise KeyError("mine")

    with pytest.raises(KeyError):
        database.transaction(work)

    assert calls == 1
    database.close()


def test_two_transactions_that_lock_each_other_out_both_go_through(database_url: str, catalogue: Catalogue) -> None:
    synced(catalogue, pdf("a.pdf"), pdf("b.pdf"))
    database = Database(database_url, patience_s=30)
    barrier = threading.Barrier(2)
    first_try = threading.local()

    def lock(first: int, second: int) -> None:
        def work(connection: Connection) -> None:
            connection.execute(text("UPDATE files SET size_bytes = size_bytes + 1 WHERE id = :id"), {"id": first})
            if not hasattr(first_try, "over"):
                first_try.over = True
                barrier.wait()
            connection.execute(text("UPDATE files SET size_bytes = size_bytes + 1 WHERE id = :id"), {"id": second})

        database.transaction(work)

    threads = [threading.Thread(target=lock, args=ids) for ids in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()

    assert [row.size_bytes for row in catalogue.files()] == [1002, 1002]
