"""Typefaces whose letters have one width, as code is set in, by their names in PDFs and office files; and styles of code."""

import re

# Many are clones of Courier, which LaTeX sets code in beside Times: Nimbus Mono, TeX Gyre Cursor.
_MONO = re.compile(
    r"courier|mono(?!type)|nimbusmon|gyrecursor|consol|menlo|monaco|typewriter|inconsolata|sourcecode|firacode|cousine"
    r"|letter ?gothic|m(?:\+|plus) ?1mn?|(?<![a-z])hack(?![a-z])|anonymous ?pro|cascadia|iosevka|fixedsys|proggy"
    r"|(?:cm|ec|sf|la|dc|t[1cy]?x|newtx)(?:sl|i|b)?tt|(?:ec|sf)(?:st|it|tc)\d",
    re.IGNORECASE,
)

CODE_STYLES = frozenset(("html preformatted", "preformatted text", "source code", "code", "code block", "macro text"))
"""Names of paragraph styles, in lower case."""


def is_mono(name: str) -> bool:
    """All letters have one width."""
    return _MONO.search(name) is not None
