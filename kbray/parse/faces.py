"""Typefaces whose letters have one width, as code is set in, by their names in PDFs and office files."""

import re

_MONO = re.compile(
    r"courier|mono(?!type)|consol|menlo|typewriter|(?:cm|ec|sf|la)tt|inconsolata|sourcecode|firacode", re.IGNORECASE
)


def is_mono(name: str) -> bool:
    """All letters have one width."""
    return _MONO.search(name) is not None
