"""Where bytes are kept: a local folder, or a bucket of an S3 server (AWS, MinIO and others)."""

from pathlib import Path
from urllib.parse import urlsplit

from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.objects.owner import disown, is_own, require_own, require_there
from kbray.ports import Objects

__all__ = ["connect", "disown", "is_own", "require_own", "require_there"]


def connect(settings: Settings) -> Objects:
    """The store that `objects_url` names. A folder is made where there is none; a bucket is first asked when it is first used.

    Raises: ConfigError: the address is none kbray knows. ObjectStoreUnavailable: the folder can't be made.
    """
    url = settings.objects
    scheme = urlsplit(url).scheme
    if scheme == "s3":
        from kbray.objects.s3 import Bucket

        return Bucket(url, settings)
    from kbray.objects.folder import Folder

    if "://" in url:
        raise ConfigError(f"objects_url begins with {scheme}://; kbray keeps objects in s3://bucket/prefix or in a folder.")
    return Folder(Path(url))
