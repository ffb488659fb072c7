"""Reading originals from a bucket: what `kbray sync s3://bucket/prefix` walks, and `kbray adopt` asks for by name."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from kbray.config import Settings
from kbray.model import Seen
from kbray.objects.client import Store, split
from kbray.objects.transfer import download, listing, require_bucket


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
        yield _seen(f"s3://{bucket}/{key}", entry["Size"], entry["LastModified"], entry["ETag"])


def stat_s3(uri: str, settings: Settings) -> Seen | None:
    """The object s3://bucket/key, as `walk_s3` sees it; None: there is none.

    Raises: ConfigError: our keys are refused; ObjectStoreUnavailable: it can't be reached.
    """
    bucket, key = split(uri)
    store = Store(bucket, settings.s3_endpoint_url, settings.patience_s)
    try:
        found = store.patiently(lambda: store.client.head_object(Bucket=bucket, Key=key))
    except KeyError:
        return None
    return _seen(uri, found["ContentLength"], found["LastModified"], found["ETag"])


def require_s3(url: str, settings: Settings) -> None:
    """Raises: ConfigError: there is no such bucket, or our keys are refused; ObjectStoreUnavailable: it can't be reached."""
    require_bucket(Store(split(url)[0], settings.s3_endpoint_url, settings.patience_s))


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


def _seen(uri: str, size_bytes: int, modified: datetime, etag: str) -> Seen:
    """In whole seconds: a listing tells parts of them, and an answer's header doesn't."""
    return Seen(uri, size_bytes, int(modified.timestamp()) * 1_000_000_000, etag.strip('"'))
