"""A file of one part, read and put together where it was read."""

from pathlib import Path

from kbray.config import Settings
from kbray.document.finish import finish
from kbray.model import Finished, Parsed, Window
from kbray.parse import parse


def parse_whole(
    path: Path, media_type: str, window: Window, settings: Settings, sha256: str, fingerprint: str
) -> Finished | Parsed:
    """The document as it is kept; or only what was read, where pages are still to be recognised.

    Raises: as `kbray.parse.parse`.
    """
    parsed = parse(path, media_type, window, settings)
    if parsed.images:
        return parsed
    return finish(
        [parsed], sha256=sha256, fingerprint=fingerprint, media_type=media_type, expected=[window], failures=parsed.failures
    )
