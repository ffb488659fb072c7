"""Typefaces whose letters have one width, as code is set in, by their names in PDFs and office files; and styles of code."""

import re

_MONO = re.compile(
    r"courier|mono(?!type)|consol|menlo|typewriter|(?:cm|ec|sf|la)tt|inconsolata|sourcecode|firacode", re.IGNORECASE
)

CODE_STYLES = frozenset(("html preformatted", "preformatted text", "source code", "code", "code block", "macro text"))
"""Names of paragraph styles, in lower case."""


def is_mono(name: str) -> bool:
    """All letters have one width."""
    return _MONO.search(name) is not None
