"""Objects in a bucket."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from boto3.s3.transfer import TransferConfig

from kbray.config import MiB, Settings
from kbray.objects.cache import Cache
from kbray.objects.client import Store, split
from kbray.objects.keys import checked, checked_prefix
from kbray.objects.transfer import delete, download, listing, require_bucket
from kbray.ports import ObjectInfo

T = TypeVar("T")

_MULTIPART = TransferConfig(multipart_threshold=32 * MiB, multipart_chunksize=16 * MiB, max_concurrency=4)
_DELETED_AT_ONCE = 1000  # what S3 allows


class Bucket:
    """Objects below a prefix of a bucket. The protocol: ports.Objects; ConfigError where there is no such bucket."""

    def __init__(self, url: str, settings: Settings) -> None:
        bucket, prefix = split(url)
        self.url = url.rstrip("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._store = Store(bucket, settings.s3_endpoint_url, settings.patience_s)
        self._cache = Cache(settings.cache_dir / "objects", settings.cache_bytes)
        self._seen = False  # the bucket is there: a missing object is just that

    def put(self, key: str, data: bytes) -> None:
        where = self._where(key)
        md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        self._store.patiently(
            lambda: self._store.client.put_object(Bucket=self._store.bucket, Key=where, Body=data, ContentMD5=md5)
        )

    def put_file(self, key: str, path: Path) -> None:
        """In several requests at once when it is large. Raises: OSError: `path` can't be read."""
        where = self._where(key)

        def upload() -> None:
            with path.open("rb") as file:
                self._store.client.upload_fileobj(file, self._store.bucket, where, Config=_MULTIPART)

        self._store.patiently(upload)

    def get(self, key: str) -> bytes:
        where = self._where(key)

        def read() -> bytes:
            return self._store.client.get_object(Bucket=self._store.bucket, Key=where)["Body"].read()

        return self._found(key, lambda: self._store.patiently(read))

    def local(self, key: str, *, fresh: bool = False) -> AbstractContextManager[Path]:
        where = self._where(key)

        def fetch(path: Path) -> None:
            self._found(key, lambda: download(self._store, where, path))

        return self._cache.passing(fetch) if fresh else self._cache.file(f"{self.url}/{key}", fetch)

    def exists(self, key: str) -> bool:
        return self.size(key) is not None

    def size(self, key: str) -> int | None:
        where = self._where(key)

        def look() -> int:
            return self._store.client.head_object(Bucket=self._store.bucket, Key=where)["ContentLength"]

        try:
            return self._found(key, lambda: self._store.patiently(look))
        except KeyError:
            return None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Objects whose key begins with `prefix`, in the order of their keys, a page of 1000 in memory."""
        for entry in listing(self._store, self._prefix + checked_prefix(prefix)):
            yield ObjectInfo(entry["Key"].removeprefix(self._prefix), entry["Size"])

    def delete(self, keys: Iterable[str]) -> None:
        """A thousand in one request. What this node has in its cache goes with them."""
        left = iter(keys)
        while batch := list(islice(left, _DELETED_AT_ONCE)):
            delete(self._store, [self._where(key) for key in batch])
            for key in batch:
                self._cache.drop(f"{self.url}/{key}")

    def _where(self, key: str) -> str:
        return self._prefix + checked(key)

    def _found(self, key: str, action: Callable[[], T]) -> T:
        """Raises: KeyError: no such object; ConfigError: nor such a bucket, which looks the same in an answer without a body."""
        try:
            found = action()
        except KeyError:
            if not self._seen:
                require_bucket(self._store)
                self._seen = True
            raise KeyError(key) from None
        self._seen = True
        return found
