"""kbray: a pile of files becomes a knowledge base."""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kbray.library import Library

__version__ = "0.1.0"

# kbray sends nothing anywhere. These must stand before the libraries are imported, in every process that imports kbray.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("SCARF_NO_ANALYTICS", "true")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def open(**settings: Any) -> "Library":
    """The knowledge base, for notebooks and programs: `kb.files()`, `kb.document(…)`, `kb.search(…)`.

    Args: settings: as in docs/configuration.md (`home`, `database_url`, …); what isn't given comes from KBRAY_* or kbray.toml.
    Raises: ConfigError: an unknown setting, or a database whose schema isn't this kbray's. DatabaseUnavailable.
    """
    from kbray.library import open_library

    return open_library(**settings)
