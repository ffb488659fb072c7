"""Reading originals from a bucket: what `kbray sync s3://bucket/prefix` walks."""

from collections.abc import Iterator
from pathlib import Path

from kbray.config import Settings
from kbray.model import Seen
from kbray.objects.client import Store, split
from kbray.objects.transfer import download, listing


def walk_s3(url: str, settings: Settings) -> Iterator[Seen]:
    """The objects below s3://bucket/prefix, in the order of their keys; the markers that stand for folders left out.

    A prefix means a folder (or one object): `books` finds `books/a.epub`, not `bookshelf/b.epub`.
    Raises: ConfigError: no such bucket, or our keys are refused; ObjectStoreUnavailable: it can't be reached.
    """
    bucket, prefix = split(url)
    store = Store(bucket, settings.s3_endpoint_url, settings.patience_s)
    folder = prefix.rstrip("/")
    for entry in listing(store, folder):
        key = entry["Key"]
        if key.endswith("/") or not (folder in ("", key) or key.startswith(f"{folder}/")):
            continue
        modified_ns = int(entry["LastModified"].timestamp()) * 1_000_000_000
        yield Seen(f"s3://{bucket}/{key}", entry["Size"], modified_ns, entry["ETag"].strip('"'))


def fetch_s3(uri: str, path: Path, settings: Settings) -> None:
    """Write the object s3://bucket/key to `path`.

    Raises: FileNotFoundError: it is gone; ConfigError, ObjectStoreUnavailable: as `walk_s3`.
    """
    bucket, key = split(uri)
    store = Store(bucket, settings.s3_endpoint_url, settings.patience_s)
    try:
        download(store, key, path)
    except KeyError:
        raise FileNotFoundError(f"{uri} is gone.") from None
