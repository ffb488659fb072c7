"""S3 by boto3: one client a process, patience with outages, and errors as sentences."""

import functools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit, urlunsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
)

from kbray.errors import ConfigError, ObjectStoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

_POOL = 16  # connections
_CONNECT_S, _READ_S = 5, 30
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0
_MISSING = frozenset({"NoSuchKey", "NotFound", "404"})
_NO_BUCKET = frozenset({"NoSuchBucket"})
_FULL = frozenset({"XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage", "507"})
_BUSY = frozenset(
    {"SlowDown", "RequestTimeout", "Throttling", "ThrottlingException", "InternalError", "ServiceUnavailable", "429"}
)
_REFUSED = frozenset(
    {
        "AccessDenied",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "InvalidToken",
        "AuthorizationHeaderMalformed",
    }
    | {"401", "403"}
)
_PASSING = (ConnectionError, HTTPClientError, IncompleteReadError, FlexibleChecksumError)


@functools.cache
def client(endpoint_url: str | None) -> "S3Client":
    """The client of this process for an endpoint; safe in threads. Keys come from where boto3 looks for them.

    Retries are ours (`Store.patiently`), so that an outage is waited out for as long as the settings say and no longer.
    Raises: ConfigError: the endpoint is no address.
    """
    custom = endpoint_url is not None
    config = Config(
        max_pool_connections=_POOL,
        connect_timeout=_CONNECT_S,
        read_timeout=_READ_S,
        retries={"mode": "standard", "total_max_attempts": 1},
        s3={"addressing_style": "path" if custom else "auto"},  # MinIO and others have no name for each bucket
        request_checksum_calculation="when_required" if custom else "when_supported",  # older servers refuse the trailers
        response_checksum_validation="when_required" if custom else "when_supported",
        user_agent_extra="kbray",
    )
    session = boto3.session.Session()
    region = session.region_name or ("us-east-1" if custom else None)
    try:
        return session.client("s3", endpoint_url=endpoint_url, region_name=region, config=config)
    except ValueError:  # botocore has no class for it
        told = _without_password(endpoint_url or "")
        raise ConfigError(f"s3_endpoint_url is {told!r}, which is no address; write http://host:9000.") from None


@dataclass(frozen=True, slots=True)
class Store:
    """A bucket at an endpoint, and for how long it may be silent."""

    bucket: str
    endpoint_url: str | None
    patience_s: float

    @property
    def client(self) -> "S3Client":
        return client(self.endpoint_url)

    @property
    def name(self) -> str:
        """For messages: never with a password in it."""
        return f"s3://{self.bucket}" + (f" at {_without_password(self.endpoint_url)}" if self.endpoint_url else "")

    def patiently(self, action: Callable[[], T]) -> T:
        """Do it, again and again while the store is out of reach, up to `patience_s`.

        Raises: ObjectStoreUnavailable: it stayed so. ConfigError: no such bucket, or our keys are refused. KeyError: no such
        object.
        """
        ends = time.monotonic() + self.patience_s
        pause = _FIRST_PAUSE_S
        while True:
            try:
                return action()
            except (ClientError, BotoCoreError) as error:
                if not _passes(error):
                    raise self._named(error) from None
                left = ends - time.monotonic()
                if left <= 0:
                    raise self._gave_up(error) from None
            time.sleep(min(pause * random.uniform(0.5, 1.0), left))
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _named(self, error: ClientError | BotoCoreError) -> Exception:
        code, _ = _code(error)
        if code in _MISSING:
            return KeyError(code)
        if code in _NO_BUCKET:
            return ConfigError(f"There is no bucket {self.bucket!r} at {self.name}: create it, or correct its name.")
        if isinstance(error, NoCredentialsError | PartialCredentialsError):
            return ConfigError(f"No keys were found for {self.name}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws.")
        if code in _REFUSED:
            return ConfigError(
                f"{self.name} refuses our keys or what we ask for ({code}): check AWS_ACCESS_KEY_ID and its rights."
            )
        return ObjectStoreUnavailable(f"{self.name} can't be used: {code or type(error).__name__}.")

    def _gave_up(self, error: ClientError | BotoCoreError) -> ObjectStoreUnavailable:
        code, _ = _code(error)
        if code in _FULL:
            return ObjectStoreUnavailable(f"{self.name} has no space left ({code}): free some there.")
        why = code or type(error).__name__
        return ObjectStoreUnavailable(f"{self.name} did not answer properly for {self.patience_s:g} seconds ({why}).")


def _passes(error: ClientError | BotoCoreError) -> bool:
    """The same request may go well later."""
    code, status = _code(error)
    return isinstance(error, _PASSING) or code in _BUSY or code in _FULL or status >= 500


def _code(error: ClientError | BotoCoreError) -> tuple[str, int]:
    """S3's word for the error and the HTTP status; "" and 0 where nothing was answered."""
    if not isinstance(error, ClientError):
        return "", 0
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response.get("Error", {}).get("Code", ""), status


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def split(url: str) -> tuple[str, str]:
    """Bucket and key (or prefix) of s3://bucket/key.

    Raises: ConfigError: it names no bucket.
    """
    if not url.startswith("s3://"):
        raise ConfigError(f"{url!r} is not of the form s3://bucket/prefix.")
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not bucket:
        raise ConfigError(f"{url!r} names no bucket; the form is s3://bucket/prefix.")
    return bucket, key
