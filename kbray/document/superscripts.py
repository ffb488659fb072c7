"""What stands above or below the line, as text that says so."""

import re

FIGURES = "⁰¹²³⁴⁵⁶⁷⁸⁹"
"""Of a raised number, from 0."""
_NUMBERS = re.compile(r"\s*[+−–-]?[0-9]{1,3}(?:[,;–-][0-9]{1,3}){0,9}\s*")
_SUPERSCRIPTS = str.maketrans("0123456789+−–-", f"{FIGURES}⁺⁻⁻⁻")


def raised(text: str) -> str:
    """Figures above the line in characters that say so, for 10³ is not 103; any other text as it is."""
    return text.translate(_SUPERSCRIPTS) if _NUMBERS.fullmatch(text) else text


def grouped(text: str) -> str:
    """An index or exponent as it is written behind its sign: `x_i`, `x^(n−1)`."""
    return text if len(text) <= 1 or text.isalnum() else f"({text})"
