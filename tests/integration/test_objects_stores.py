"""The folder and the bucket behind one protocol: what holds for one holds for the other."""

import errno
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends

from kbray import objects
from kbray.config import MiB, Settings
from kbray.errors import ConfigError, ObjectStoreUnavailable
from kbray.objects.client import Store
from kbray.objects.folder import Folder
from kbray.ports import ObjectInfo, Objects
from tests.integration.s3 import S3Server
from tests.ports import free_port

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),  # botocore and moto
]


@pytest.fixture(params=["folder", "s3", "s3 with a prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return objects.connect(Settings(home=tmp_path))
    server: S3Server = request.getfixturevalue("s3_server")
    name: str = request.getfixturevalue("bucket")
    prefix = "/some/where/" if "prefix" in request.param else ""
    return objects.connect(server.settings(tmp_path, f"s3://{name}{prefix}"))


def test_what_is_put_can_be_got(store: Objects, tmp_path: Path) -> None:
    store.put("raw/a1", b"one")
    source = tmp_path / "source"
    source.write_bytes(b"two" * MiB)
    store.put_file("docs/b2/elements.parquet", source)
    assert store.get("raw/a1") == b"one"
    assert store.get("docs/b2/elements.parquet") == b"two" * MiB
    with store.local("raw/a1") as path:
        assert path.read_bytes() == b"one"
    assert store.exists("raw/a1")
    assert not store.exists("raw/a")
    assert not store.exists("raw")


def test_empty_objects_and_large_ones(store: Objects, tmp_path: Path) -> None:
    store.put("raw/empty", b"")
    assert store.get("raw/empty") == b""
    source = tmp_path / "source"
    source.write_bytes(os.urandom(35 * MiB))  # in several requests
    store.put_file("raw/large", source)
    with store.local("raw/large") as path:
        assert path.read_bytes() == source.read_bytes()


def test_a_key_can_be_written_again(store: Objects) -> None:
    store.put("parts/x/0", b"old")
    store.put("parts/x/0", b"new")
    assert store.get("parts/x/0") == b"new"
    assert list(store.list("")) == [ObjectInfo("parts/x/0", 3)]


def test_missing_keys(store: Objects) -> None:
    store.put("raw/a", b"x")
    with pytest.raises(KeyError, match="raw/b"):
        store.get("raw/b")
    with pytest.raises(KeyError, match="raw/b"), store.local("raw/b"):
        pass
    with pytest.raises(KeyError):
        store.get("raw")
    with pytest.raises(KeyError):
        store.get("raw/a/b")
    store.delete(["raw/b", "nothing/at/all"])
    assert store.get("raw/a") == b"x"


def test_the_size_of_an_object(store: Objects) -> None:
    store.put("raw/a", b"one")
    store.put("raw/empty", b"")
    assert [store.size(key) for key in ("raw/a", "raw/empty", "raw/b", "raw", "raw/a/b")] == [3, 0, None, None, None]


def test_a_fresh_object_is_the_one_the_store_has_now(store: Objects) -> None:
    store.put("raw/a", b"old")
    with store.local("raw/a") as path:
        assert path.read_bytes() == b"old"
    store.put("raw/a", b"new")
    with store.local("raw/a", fresh=True) as path:
        assert path.read_bytes() == b"new"
    with pytest.raises(KeyError, match="raw/b"), store.local("raw/b", fresh=True):
        pass
    store.delete(["raw/a"])
    assert not path.exists(), "nothing is left of it on this node"


def test_a_file_that_can_not_be_read_is_not_the_store_s_fault(store: Objects, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.put_file("raw/a", tmp_path / "gone")
    with pytest.raises(IsADirectoryError):
        store.put_file("raw/a", tmp_path)
    assert not store.exists("raw/a")


def test_listing_by_prefix(store: Objects) -> None:
    for key in ("raw/aa", "raw/ab", "rawer/x", "docs/aa/1/document.md", "docs/aa/2/document.md"):
        store.put(key, key.encode())

    def keys(prefix: str) -> list[str]:
        return sorted(info.key for info in store.list(prefix))

    assert keys("raw/") == ["raw/aa", "raw/ab"]
    assert keys("raw") == ["raw/aa", "raw/ab", "rawer/x"]
    assert keys("docs/aa/2") == ["docs/aa/2/document.md"]
    assert keys("docs/a") == ["docs/aa/1/document.md", "docs/aa/2/document.md"]
    assert len(keys("")) == 5
    assert keys("none/at/all") == []
    assert {info.key: info.size_bytes for info in store.list("raw/aa")} == {"raw/aa": 6}


def test_many_objects_are_listed_and_deleted(s3_server: S3Server, bucket: str, tmp_path: Path) -> None:
    names = [f"raw/{number:04}" for number in range(1005)]  # more than one page, and more than one request to delete
    for name in names:
        s3_backends["123456789012"]["aws"].put_object(bucket, name, b"x")  # past HTTP, which takes 5 ms for each
    store = objects.connect(s3_server.settings(tmp_path, f"s3://{bucket}"))
    assert [info.key for info in store.list("raw/")] == names
    store.delete(name for name in names[1:])
    assert [info.key for info in store.list("")] == names[:1]


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".tmp/x", "a/./b", "a\x00b", "a b", "ä", "C:\\x", "a\n"]
)
def test_keys_can_not_leave_the_store(store: Objects, key: str) -> None:
    for action in (store.get, store.exists, lambda k: store.put(k, b"x"), lambda k: store.delete([k])):
        with pytest.raises(ValueError, match="no key"):
            action(key)
    with pytest.raises(ValueError, match="no key"), store.local(key):
        pass


@pytest.mark.parametrize("prefix", ["/", "../", "a/..", ".tmp"])
def test_prefixes_can_not_leave_the_store(store: Objects, prefix: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        list(store.list(prefix))


# ---------------------------------------------------------------- the folder


def test_a_folder_leaves_no_rubbish(tmp_path: Path) -> None:
    store = objects.connect(Settings(home=tmp_path, objects_url=f"file://{tmp_path}/my%20objects"))
    store.put("docs/a/1/x", b"1")
    store.delete(["docs/a/1/x"])
    assert sorted(path.name for path in (tmp_path / "my objects").iterdir()) == [".tmp"]
    assert list((tmp_path / "my objects" / ".tmp").iterdir()) == []


def test_a_folder_forgets_what_killed_writers_left(tmp_path: Path) -> None:
    store = Folder(tmp_path / "objects")
    store.put("raw/a", b"x")
    old, young, foreign = (store.root / ".tmp" / name for name in ("object-old", "object-young", "tmp-of-others"))
    for path in (old, young, foreign):
        path.write_bytes(b"x")
    for path in (old, foreign):
        os.utime(path, (time.time() - 100_000,) * 2)
    Folder(store.root).put("raw/a", b"x")
    assert not old.exists()
    assert young.exists()
    assert foreign.exists(), "the folder may be one in which others work"


def test_a_folder_that_is_read_is_left_as_it_is(tmp_path: Path) -> None:
    """A backup may lie where nothing can be written."""
    Folder(tmp_path / "objects").put("raw/a", b"x")
    (tmp_path / "objects" / ".tmp").rmdir()
    store = Folder(tmp_path / "objects")
    assert store.get("raw/a") == b"x"
    assert [path.name for path in (tmp_path / "objects").iterdir()] == ["raw"]


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Folder(tmp_path / "objects")
    store.put("raw/a", b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ObjectStoreUnavailable, match=r"no space left for objects in .*objects"):
        store.put("raw/a", b"new")
    assert store.get("raw/a") == b"old"
    assert list((store.root / ".tmp").iterdir()) == []


def test_a_folder_that_is_gone_is_not_a_missing_object(tmp_path: Path) -> None:
    store = Folder(tmp_path / "disk" / "objects")
    store.put("raw/a", b"x")
    (tmp_path / "disk").rename(tmp_path / "unmounted")
    with pytest.raises(ObjectStoreUnavailable, match="can't be used"):
        store.get("raw/a")
    with pytest.raises(ObjectStoreUnavailable):
        store.exists("raw/a")
    with pytest.raises(ObjectStoreUnavailable):
        store.put("raw/b", b"x")
    with pytest.raises(ObjectStoreUnavailable):
        list(store.list(""))


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ObjectStoreUnavailable, match=r"file.*can't be used"):
        objects.connect(Settings(objects_url=str(tmp_path / "file" / "objects")))


def test_addresses(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="begins with ftp://"):
        objects.connect(Settings(objects_url="ftp://host/x"))
    with pytest.raises(ConfigError, match="names no bucket"):
        objects.connect(Settings(objects_url="s3:///x"))
    assert objects.connect(Settings(home=tmp_path)).url == str(tmp_path / "objects")


def test_readers_see_the_old_or_the_new(tmp_path: Path) -> None:
    store = Folder(tmp_path / "objects")
    versions = [bytes([number]) * 200_000 for number in range(20)]
    store.put("raw/a", versions[0])
    seen: list[bytes] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(store.get("raw/a"))

    reader = threading.Thread(target=read)
    reader.start()
    for version in versions:
        store.put("raw/a", version)
    done.set()
    reader.join()
    assert seen
    assert set(seen) <= set(versions)


# ---------------------------------------------------------------- the bucket


def test_a_missing_bucket_is_told(s3_server: S3Server, tmp_path: Path) -> None:
    store = objects.connect(s3_server.settings(tmp_path, "s3://never-made/x"))
    for action in (
        lambda: store.get("raw/a"),
        lambda: store.put("raw/a", b"x"),
        lambda: store.exists("raw/a"),
        lambda: list(store.list("")),
    ):
        with pytest.raises(ConfigError, match=r"There is no bucket 'never-made' at s3://never-made at http://127"):
            action()


def test_a_server_that_is_not_there_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3_server: S3Server) -> None:
    endpoint = f"http://me:secret@127.0.0.1:{free_port()}"
    settings = Settings(home=tmp_path, objects_url="s3://b", s3_endpoint_url=endpoint, patience_s=0.6)
    started = time.monotonic()
    with pytest.raises(
        ObjectStoreUnavailable, match=r"s3://b at http://127.0.0.1:\d+ did not answer properly for 0.6 seconds"
    ) as caught:
        objects.connect(settings).get("raw/a")
    assert 0.5 < time.monotonic() - started < 5
    assert "secret" not in str(caught.value)
    assert caught.value.retryable


class _Moody(BaseHTTPRequestHandler):
    """Answers as its server's list of moods says, one a request; then well."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        moods: list[Any] = self.server.moods  # type: ignore[attr-defined]
        self.server.requests.append(self.command)  # type: ignore[attr-defined]
        mood = moods.pop(0) if moods else 200
        body = b"hello" if self.command == "GET" else b""
        if mood == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
            return
        if mood == "hang up":
            self.connection.close()
            return
        code, word = mood if isinstance(mood, tuple) else (mood, "")
        if word:
            body = f"<Error><Code>{word}</Code><Message>x</Message></Error>".encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def moody(s3_server: S3Server) -> Iterator[ThreadingHTTPServer]:
    """`s3_server` is only asked for its keys in the environment."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Moody)
    server.moods, server.requests = [], []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _bucket_at(server: ThreadingHTTPServer, home: Path, patience_s: float = 5) -> Objects:
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    return objects.connect(Settings(home=home, objects_url="s3://b", s3_endpoint_url=endpoint, patience_s=patience_s))


@pytest.mark.parametrize("mood", [500, 503, (503, "SlowDown"), (429, "429"), "cut", "hang up", (507, "XMinioStorageFull")])
def test_passing_trouble_is_waited_out(moody: ThreadingHTTPServer, tmp_path: Path, mood: object) -> None:
    store = _bucket_at(moody, tmp_path)
    moody.moods[:] = [mood, mood]  # type: ignore[attr-defined]
    assert store.get("raw/a") == b"hello"
    moody.moods[:] = [mood, mood]  # type: ignore[attr-defined]
    with store.local("raw/a") as path:
        assert path.read_bytes() == b"hello"
    if mood != "cut":
        moody.moods[:] = [mood, mood]  # type: ignore[attr-defined]
        moody.requests.clear()  # type: ignore[attr-defined]
        store.put("raw/a", b"x" * 1000)
        assert moody.requests == ["PUT"] * 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mood", "kind", "message"),
    [
        ((403, "AccessDenied"), ConfigError, "refuses our keys"),
        ((403, "SignatureDoesNotMatch"), ConfigError, "SignatureDoesNotMatch"),
        ((404, "NoSuchBucket"), ConfigError, "There is no bucket 'b'"),
        ((400, "InvalidRequest"), ObjectStoreUnavailable, "InvalidRequest"),
    ],
)
def test_lasting_trouble_is_told_at_once(
    moody: ThreadingHTTPServer, tmp_path: Path, mood: object, kind: type[Exception], message: str
) -> None:
    moody.moods[:] = [mood] * 5  # type: ignore[attr-defined]
    with pytest.raises(kind, match=message):
        _bucket_at(moody, tmp_path).get("raw/a")
    assert moody.requests == ["GET"]  # type: ignore[attr-defined]


def test_a_full_server_is_told_in_the_end(moody: ThreadingHTTPServer, tmp_path: Path) -> None:
    moody.moods[:] = [(507, "XMinioStorageFull")] * 100  # type: ignore[attr-defined]
    with pytest.raises(ObjectStoreUnavailable, match="no space left"):
        _bucket_at(moody, tmp_path, patience_s=0.3).put("raw/a", b"x")


def test_without_keys_it_says_which_to_set(moody: ThreadingHTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigError, match="AWS_ACCESS_KEY_ID"):
        _bucket_at(moody, tmp_path).get("raw/a")


def test_the_name_of_a_store_holds_no_password() -> None:
    assert Store("b", "https://u:p@host:9000/x?y", 1).name == "s3://b at https://host:9000/x"
    assert Store("b", None, 1).name == "s3://b"


def test_a_store_is_one_catalogues(store: Objects) -> None:
    objects.require_own(store, "mine", filled=False)
    store.put("raw/a", b"")
    objects.require_own(store, "mine", filled=True)
    with pytest.raises(ConfigError, match=r"belongs to another catalogue.*delete kbray\.json"):
        objects.require_own(store, "other", filled=False)
    with pytest.raises(ConfigError, match="belongs to another catalogue"):
        objects.require_own(store, None, filled=False)
    objects.disown(store)
    objects.require_own(store, "other", filled=False)
    assert store.get("kbray.json") == b'{"catalogue": "other"}'


@pytest.mark.parametrize("mark", [b"", b"[]", b'{"of": "a program"}', b"\xff"])
def test_a_mark_that_is_not_kbrays_is_left_alone(store: Objects, mark: bytes) -> None:
    store.put("kbray.json", mark)
    with pytest.raises(ConfigError, match="belongs to another catalogue"):
        objects.require_own(store, "mine", filled=False)
    assert store.get("kbray.json") == mark


def test_a_store_without_a_mark_is_taken_if_it_has_what_was_put_there(store: Objects) -> None:
    """Those of older versions have none; and what others keep in a bucket says nothing."""
    store.put("docs/manual.pdf", b"")
    with pytest.raises(ConfigError, match=r"has none of the originals.*mounted.*sync --reread"):
        objects.require_own(store, "mine", filled=True)
    assert not store.exists("kbray.json")
    store.put("raw/a", b"")
    objects.require_own(store, "mine", filled=True)
    assert store.exists("kbray.json")


def test_a_store_that_lost_its_mark_meanwhile_is_away(store: Objects) -> None:
    objects.require_own(store, "mine", filled=False)
    objects.require_there(store)
    store.delete(["kbray.json"])
    with pytest.raises(ObjectStoreUnavailable, match="still mounted"):
        objects.require_there(store)
