"""Books of Project Gutenberg: what is theirs in the file, and what they say of the book."""

import re

from kbray.model import Metadata

_START = re.compile(r"^\*{3} ?START OF (?:THE|THIS) PROJECT GUTENBERG.*\n?", re.MULTILINE)
_END = re.compile(
    r"^(?:\*{3} ?END OF (?:THE|THIS) PROJECT GUTENBERG|End of (?:the )?Project Gutenberg(?:'s|’s)? )",
    re.MULTILINE | re.IGNORECASE,
)
_FIELD = re.compile(r"^(Title|Author):[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_HEAD = 20_000  # characters in which a book begins


def parted(text: str) -> tuple[str, str, str]:
    """What stands before the book, the book, and what stands behind it; other texts are all book."""
    start = _START.search(text, 0, _HEAD)
    if start is None:
        return "", text, ""
    end = _END.search(text, start.end())
    behind = len(text) if end is None else end.start()
    if not text[start.end() : behind].strip():
        return "", text, ""
    return text[: start.end()], text[start.end() : behind], text[behind:]


def metadata(head: str) -> Metadata:
    """Title and authors, as they stand before the book."""
    said = {field[1]: " ".join(field[2].split()) for field in _FIELD.finditer(head)}
    return Metadata(title=said.get("Title") or None, authors=tuple(filter(None, [said.get("Author")])))
