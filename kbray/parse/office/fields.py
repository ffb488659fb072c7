"""What fields of older Word documents show by their instruction, without a result."""

import re

_RUBY = re.compile(
    r"\s*EQ\b.*\\o(?:\\a[a-z])?\s*\(\s*\\s\\up\s*\d+\s*\((?P<sound>[^()]*)\)\s*[,;]\s*(?P<base>[^()]*)\)\s*", re.DOTALL
)
BOXES = {False: "\u2610", True: "\u2612"}


def told(instruction: str) -> str:
    """Ruby that an equation sets over its base: the base with its sound in parentheses; "" for all other fields."""
    found = _RUBY.fullmatch(instruction)
    return f"{found['base'].strip()}({found['sound'].strip()})" if found else ""
