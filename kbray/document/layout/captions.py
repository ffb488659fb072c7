"""What stands over and under figures and tables."""

import re
from itertools import accumulate

from kbray.document.layout.lines import Line

_CAPTION = re.compile(
    r"(?:figure|fig\.?|(?P<table>table|tabelle|tab\.|tableau|tabla|tabella|таблица)|chart|graph|exhibit|plate|scheme|listing|algorithm"
    r"|box|photo|map|abbildung|abb\.|figura|рис\.|рисунок)\s*(?:[A-Z]?\d+(?:[.\-–]\d+)*[a-z]?|[IVXL]{1,5}(?!\w))"
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


def has_bold_label(line: Line) -> bool:
    """ "**Fig. 3** The …": a caption told by nothing else, as in journals of Springer; not "**Fig. 3** shows …"."""
    found = _CAPTION.match(line.text)
    if found is None:
        return False
    ends = accumulate(len(word.text) for word in line.words)
    label = sum(not character.isspace() for character in found[0])
    within = [word for word, end in zip(line.words, ends, strict=True) if end <= label]
    behind = line.words[len(within) :]
    begins = bool(behind) and not behind[0].bold and (behind[0].text[0].isupper() or behind[0].text[0].isdecimal())
    return begins and all(word.bold for word in within) and sum(len(word.text) for word in within) == label
