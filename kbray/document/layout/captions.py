"""What stands over and under figures and tables."""

import re

_CAPTION = re.compile(
    r"(?:figure|fig\.?|(?P<table>table|tabelle|tab\.|tableau|tabla|tabella|таблица)|chart|graph|exhibit|plate|scheme|listing|algorithm"
    r"|box|photo|map|abbildung|abb\.|figura|рис\.|рисунок)\s*(?:[A-Z]?\d+(?:[.\-–]\d+)*[a-z]?|[IVXL]{1,5})"
    r"(?P<end>[.:)\]|]|\s[-–—]|$)?",
    re.IGNORECASE,
)


def begins_as_caption(text: str) -> bool:
    """Also "Figure 3 shows …"."""
    return _CAPTION.match(text) is not None


def is_caption(text: str) -> bool:
    """ "Figure 3: …", "Table 2.1. …": but not a sentence that begins with such words."""
    found = _CAPTION.match(text)
    return found is not None and found["end"] is not None


def is_of_table(text: str) -> bool:
    """A caption, and a table's."""
    found = _CAPTION.match(text)
    return found is not None and found["end"] is not None and found["table"] is not None
