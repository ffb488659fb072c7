"""The node's cache: bounded, shared by processes, and never emptied under a reader."""

import fcntl
import hashlib
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kbray import objects
from kbray.errors import ObjectStoreUnavailable
from kbray.model import Seen
from kbray.objects.cache import Cache, _remove_unused
from kbray.objects.source import fetch_s3, walk_s3
from tests.integration.s3 import S3Server

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),  # botocore and moto
]


class Remote:
    """Counts what is fetched; an object named so-and-so has that many bytes."""

    def __init__(self) -> None:
        self.fetched: list[str] = []

    def fetch(self, name: str, size: int, path: Path) -> None:
        self.fetched.append(name)
        path.write_bytes(name.encode() * size)

    def use(self, cache: Cache, name: str, size: int = 100) -> bytes:
        with cache.file(name, lambda path: self.fetch(name, size, path)) as path:
            return path.read_bytes()


def kept(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if not path.name.startswith("."))


def test_a_second_use_fetches_nothing(tmp_path: Path) -> None:
    remote, cache = Remote(), Cache(tmp_path, 1000)
    assert remote.use(cache, "a") == remote.use(cache, "a") == b"a" * 100
    assert remote.use(Cache(tmp_path, 1000), "a") == b"a" * 100
    assert remote.fetched == ["a"]


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    remote, cache = Remote(), Cache(tmp_path, 1000)
    for name in "abcdefgh":
        remote.use(cache, name)
        time.sleep(0.002)
    remote.use(cache, "a")
    for name in "ijkl":
        remote.use(cache, name)
        time.sleep(0.002)
        assert kept(tmp_path) <= 1000
    remote.fetched.clear()
    remote.use(cache, "a")
    assert remote.fetched == []
    remote.use(cache, "b")
    assert remote.fetched == ["b"]


def test_a_file_in_use_stays(tmp_path: Path) -> None:
    remote, cache = Remote(), Cache(tmp_path, 300)
    with cache.file("a", lambda path: remote.fetch("a", 100, path)) as held:
        for name in "bcdefg":
            remote.use(cache, name)
        assert held.read_bytes() == b"a" * 100
    remote.use(cache, "h")
    assert kept(tmp_path) <= 300


@pytest.mark.parametrize("bound", [0, 50])
def test_what_is_larger_than_the_cache_is_there_for_one_use(tmp_path: Path, bound: int) -> None:
    remote, cache = Remote(), Cache(tmp_path, bound)
    with cache.file("a", lambda path: remote.fetch("a", 100, path)) as first:
        assert remote.use(cache, "a") == first.read_bytes() == b"a" * 100
    assert remote.fetched == ["a"]
    assert kept(tmp_path) == 0


def test_a_failed_fetch_leaves_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyError("raw/a")

    with pytest.raises(KeyError), cache.file("a", fail):
        pass
    assert [path for path in tmp_path.iterdir() if not path.name.startswith(".lock")] == []


def test_a_cache_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ObjectStoreUnavailable, match="cache folder"):
        Remote().use(Cache(tmp_path / "file" / "cache", 1000), "a")


def test_an_error_of_the_reader_is_its_own(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)
    with pytest.raises(OSError, match="mine"), cache.file("a", lambda path: Remote().fetch("a", 1, path)):
        raise OSError("mine")


def test_one_object_wanted_by_many_is_fetched_once(tmp_path: Path) -> None:
    remote, cache = Remote(), Cache(tmp_path, 1000)

    def slow(path: Path) -> None:
        time.sleep(0.1)
        remote.fetch("a", 10, path)

    def use() -> None:
        with cache.file("a", slow) as path:
            assert path.read_bytes() == b"a" * 10

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert remote.fetched == ["a"]


def test_processes_share_it_without_losing_a_file(tmp_path: Path) -> None:
    """Small bound, many files, four processes: each read is whole, and in the end the bound holds."""
    code = f"""
import random, sys
from pathlib import Path
from kbray.objects.cache import Cache, _remove_unused
cache, chance = Cache(Path({str(tmp_path)!r}), 20_000), random.Random(int(sys.argv[1]))
for _ in range(150):
    name = str(chance.randrange(40))
    with cache.file(name, lambda path: path.write_bytes(name.encode() * 1000) and None) as path:
        assert path.read_bytes() == name.encode() * 1000
"""
    running = [subprocess.Popen([sys.executable, "-c", code, str(seed)], stderr=subprocess.PIPE, text=True) for seed in range(4)]
    errors = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0] * 4, errors
    assert kept(tmp_path) <= 20_000 + 4 * (1_000 + 2 * 2_000)  # what each may not have looked at yet, and what each had in use


def test_a_bucket_is_cached(s3_server: S3Server, bucket: str, tmp_path: Path) -> None:
    store = objects.connect(s3_server.settings(tmp_path, f"s3://{bucket}"))
    store.put("raw/a", b"one")
    with store.local("raw/a") as path:
        assert path.is_relative_to(tmp_path / "cache")
    s3_server.client().delete_object(Bucket=bucket, Key="raw/a")
    with store.local("raw/a") as path:
        assert path.read_bytes() == b"one"
    store.delete(["raw/a"])
    with pytest.raises(KeyError), store.local("raw/a"):
        pass
    assert kept(tmp_path / "cache" / "objects") == 0, "what was deleted is not kept on this node"


# ---------------------------------------------------------------- originals in a bucket


def test_a_bucket_is_walked(s3_server: S3Server, bucket: str, tmp_path: Path) -> None:
    client, settings = s3_server.client(), s3_server.settings(tmp_path)
    for key in ("books/a.epub", "books/deep/b ü+&%.pdf", "books/folder/", "bookshelf/c.txt", "d.txt"):
        client.put_object(Bucket=bucket, Key=key, Body=key.encode())

    def keys(prefix: str) -> list[str]:
        return [seen.uri.removeprefix(f"s3://{bucket}/") for seen in walk_s3(f"s3://{bucket}{prefix}", settings)]

    assert keys("/books") == keys("/books/") == ["books/a.epub", "books/deep/b ü+&%.pdf"]
    assert keys("") == keys("/") == ["books/a.epub", "books/deep/b ü+&%.pdf", "bookshelf/c.txt", "d.txt"]
    assert keys("/d.txt") == ["d.txt"]
    assert keys("/none") == []
    seen = next(iter(walk_s3(f"s3://{bucket}/d.txt", settings)))
    etag = hashlib.md5(b"d.txt", usedforsecurity=False).hexdigest()
    assert seen == Seen(f"s3://{bucket}/d.txt", 5, seen.mtime_ns, etag)
    assert abs(seen.mtime_ns / 1e9 - time.time()) < 60
    target = tmp_path / "fetched"
    fetch_s3(f"s3://{bucket}/books/deep/b ü+&%.pdf", target, settings)
    assert target.read_bytes() == "books/deep/b ü+&%.pdf".encode()
    with pytest.raises(FileNotFoundError, match="is gone"):
        fetch_s3(f"s3://{bucket}/gone", target, settings)


def test_what_took_the_place_of_a_removed_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening and locking, another process may remove the file and a third one fetch it anew, and use it."""
    path = tmp_path / "object"
    path.write_bytes(b"old")
    lock = fcntl.flock

    def swapped(file: int, operation: int) -> None:
        path.unlink()
        path.write_bytes(b"new")
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", swapped)
    assert not _remove_unused(path)
    assert path.read_bytes() == b"new"
