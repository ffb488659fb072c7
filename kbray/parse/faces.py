"""Typefaces whose letters have one width, as code is set in, by their names in PDFs and office files."""

import re

# Many are clones of Courier, which LaTeX sets code in beside Times: Nimbus Mono, TeX Gyre Cursor.
_MONO = re.compile(
    r"courier|mono(?!type)|nimbusmon|gyrecursor|consol|menlo|monaco|typewriter|inconsolata|sourcecode|firacode|cousine"
    r"|letter ?gothic|(?:cm|ec|sf|la|tx|newtx)(?:sl|i)?tt|(?:ec|sf)(?:st|it|tc)\d",
    re.IGNORECASE,
)


def is_mono(name: str) -> bool:
    """All letters have one width."""
    return _MONO.search(name) is not None
