"""Where the details of an unexpected error go."""

import os
import tempfile
import time
from pathlib import Path

from kbray.config import load
from kbray.errors import ConfigError


def write_defect(text: str) -> Path | None:
    """Write a log file under `home`/logs, or under the system's temporary folder where that fails; None when neither works."""
    name = f"error-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    for folder in (_log_dir(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return path
    return None


def _log_dir() -> Path:
    from kbray.cli.session import given_flags

    try:
        return load(**given_flags()).log_dir
    except ConfigError:
        return Path(tempfile.gettempdir())
