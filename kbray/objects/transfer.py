"""What is asked of a bucket, each with the store's patience: list, download, delete."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from kbray.config import MiB
from kbray.errors import ConfigError
from kbray.objects.client import Store

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef, ObjectTypeDef


def listing(store: Store, prefix: str) -> "Iterator[ObjectTypeDef]":
    """The objects whose key begins with `prefix`, in the order of keys; one page of 1000 in memory."""
    token: str | None = None
    while True:
        page = store.patiently(lambda token=token: _page(store, prefix, token))  # type: ignore[misc]  # bound now, not later
        yield from page.get("Contents", [])
        if not page["IsTruncated"]:
            return
        token = page["NextContinuationToken"]


def _page(store: Store, prefix: str, token: str | None) -> "ListObjectsV2OutputTypeDef":
    if token is None:
        return store.client.list_objects_v2(Bucket=store.bucket, Prefix=prefix)
    return store.client.list_objects_v2(Bucket=store.bucket, Prefix=prefix, ContinuationToken=token)


def download(store: Store, key: str, path: Path) -> None:
    """Write the object to `path`, from its beginning at each try.

    Raises: KeyError: there is none; OSError: `path` can't be written.
    """

    def fetch() -> None:
        body = store.client.get_object(Bucket=store.bucket, Key=key)["Body"]
        with body, path.open("wb") as file:
            for block in body.iter_chunks(MiB):
                file.write(block)

    store.patiently(fetch)


def delete(store: Store, keys: Sequence[str]) -> None:
    """At most 1000; missing ones are no error."""

    def remove() -> None:
        answer = store.client.delete_objects(
            Bucket=store.bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
        for refused in answer.get("Errors", [])[:1]:  # with status 200
            raise ClientError({"Error": {"Code": refused.get("Code", "")}}, "DeleteObjects")

    store.patiently(remove)


def require_bucket(store: Store) -> None:
    """Raises: ConfigError: there is no such bucket."""
    try:
        store.patiently(lambda: store.client.head_bucket(Bucket=store.bucket))
    except KeyError:
        raise ConfigError(f"There is no bucket {store.bucket!r} at {store.name}: create it, or correct its name.") from None
