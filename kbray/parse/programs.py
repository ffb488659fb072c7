"""Programs that come inside Python packages: they are run, never imported."""

import functools
import importlib.util
from pathlib import Path

from kbray.errors import ConfigError


@functools.cache
def inside(package: str, place: str, what: str, distribution: str) -> Path:
    """Where the program is, `place` below its package.

    Args: what: it is, and what it reads. Raises: ConfigError: it isn't installed.
    """
    found = importlib.util.find_spec(package)
    if found is not None and found.origin is not None:
        program = Path(found.origin).parent / place
        if program.exists():
            return program
    raise ConfigError(f"{what} is missing: run `pip install {distribution}`.")
