"""Source code, settings, data: lines as they are, in pieces cut where a blank line parts definitions."""

from collections.abc import Iterator
from pathlib import Path

from kbray.config import Settings
from kbray.model import Element, Parsed, Window
from kbray.parse.text import read, whole

_LONGEST = 4000  # characters of one element


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole file, whatever the window.

    Raises: EmptyDocument: white space only; UnsupportedMedia: the bytes are no text.
    """
    text, warnings = read(path)
    return whole("code", elements_of(text.replace("\f", "\n")), warnings)


def elements_of(text: str) -> Iterator[Element]:
    """Pieces of at most 4000 characters, whose lines are those of the text, but for blank ones between pieces."""
    start = 0
    while start < len(text):
        end = len(text) if len(text) - start <= _LONGEST else _cut(text, start + _LONGEST // 2, start + _LONGEST)
        piece = text[start:end].strip("\n").rstrip()
        if piece.strip():
            yield Element("code", piece)
        start = end


def _cut(text: str, middle: int, end: int) -> int:
    """Where a piece ends: before a blank line and what isn't indented, at a blank line, a line, a word, else anywhere."""
    at = end
    while (at := text.rfind("\n\n", middle, at)) >= 0:
        if text[at + 2 : at + 3].strip():
            return at + 2
    for border in ("\n\n", "\n", " ", ","):
        if (at := text.rfind(border, middle, end)) >= 0:
            return at + len(border)
    return end
