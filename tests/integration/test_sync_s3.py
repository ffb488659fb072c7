"""Sync from a bucket, into a bucket."""

from functools import partial
from pathlib import Path

import pytest

from kbray import objects
from kbray.catalogue import Catalogue
from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.ops import sync as syncing
from kbray.ops.runs import RecordedRun
from kbray.ops.sync import SyncOutcome
from kbray.ops.sync.intake import Intake, Reader
from kbray.ops.sync.walk import Place, roots_of
from kbray.parse.sandbox.parent import Sandbox
from tests.integration.s3 import S3Server

pytestmark = pytest.mark.integration


def sync(catalogue: Catalogue, settings: Settings, root: str, *, reread: bool = False) -> SyncOutcome:
    with RecordedRun(catalogue, "sync", {}, lease_s=60, heartbeat_s=5) as run:
        return syncing.sync(
            catalogue, objects.connect(settings), partial(Sandbox, settings), settings, roots_of([root]), run, reread=reread
        )


def test_a_bucket_is_walked_like_a_folder(catalogue: Catalogue, s3_server: S3Server, bucket: str, tmp_path: Path) -> None:
    client = s3_server.client()
    for key, text in {
        "books/a.txt": "alpha",
        "books/ü/b c.txt": "beta",
        "bookshelf/c.txt": "gamma",
        "books/copy": "alpha",
    }.items():
        client.put_object(Bucket=bucket, Key=key, Body=text.encode())
    settings = s3_server.settings(tmp_path, objects_url=f"s3://{bucket}/kbray")
    root = f"s3://{bucket}/books"

    outcome = sync(catalogue, settings, root)
    assert (outcome.files_seen, outcome.new, outcome.copies, outcome.problems) == (3, 2, 1, 0)
    rows = {row.name: row for row in catalogue.files()}
    assert rows["b c.txt"].uri == f"s3://{bucket}/books/ü/b c.txt"
    store = objects.connect(settings)
    assert store.get(f"raw/{rows['b c.txt'].sha256}") == b"beta"

    outcome = sync(catalogue, settings, root)
    assert (outcome.unchanged, outcome.bytes) == (3, 0)

    client.put_object(Bucket=bucket, Key="books/a.txt", Body=b"omega")
    client.delete_object(Bucket=bucket, Key="books/copy")
    outcome = sync(catalogue, settings, root)
    assert (outcome.changed, outcome.unchanged, outcome.gone) == (1, 1, 1)
    assert sync(catalogue, settings, root, reread=True).unchanged == 2


def test_an_object_that_vanishes_before_it_is_read_is_no_problem(
    catalogue: Catalogue, s3_server: S3Server, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = s3_server.client()
    client.put_object(Bucket=bucket, Key="a.txt", Body=b"a")
    client.put_object(Bucket=bucket, Key="b.txt", Body=b"b")
    take = Reader.take

    def vanish(self: Reader, place: Place, in_turn: bool) -> Intake:
        if place.name == "a.txt":
            client.delete_object(Bucket=bucket, Key="a.txt")
        return take(self, place, in_turn)

    monkeypatch.setattr(Reader, "take", vanish)
    outcome = sync(catalogue, s3_server.settings(tmp_path), f"s3://{bucket}")
    assert (outcome.new, outcome.problems) == (1, 0)


def test_a_bucket_that_is_not_there_is_a_configuration_error(catalogue: Catalogue, s3_server: S3Server, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        sync(catalogue, s3_server.settings(tmp_path), "s3://no-such-bucket/books")
    assert catalogue.runs()[0].state == "failed"
