"""The table of contents of a help file (.hhc): nested lists of objects with a name and a place, in HTML as people write it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

_TAG = re.compile(r"<(/?)(ul|object|param)\b((?:[^<>\"']++|\"[^\"]*\"|'[^']*')*+)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(type|name|value)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", re.IGNORECASE)
_SITEMAP = "text/sitemap"
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Entry:
    level: int  # from 1
    title: str
    place: str | None  # a link: file and, behind a #, the anchor in it
    merged: str | None = None  # another help file, whose contents belong here


def entries(text: str) -> Iterator[Entry]:
    """In order, those without a name and a place left out."""
    depth = 0
    told: dict[str, str] | None = None
    for found in _TAG.finditer(text):
        closes, tag = bool(found[1]), found[2].lower()
        if tag == "ul":
            depth = max(0, depth + (-1 if closes else 1))
        elif tag == "object" and not closes:
            told = {} if _attributes(found[3]).get("type", _SITEMAP).lower() == _SITEMAP else None
        elif tag == "param" and told is not None:
            given = _attributes(found[3])
            told.setdefault(given.get("name", "").lower(), given.get("value", "").strip())
        elif tag == "object" and told is not None:
            title, place, merged = (told.get(name) or None for name in ("name", "local", "merge"))
            if title or place or merged:
                yield Entry(min(max(depth, 1), DEEPEST), " ".join((title or "").split()), place, merged)
            told = None


def _attributes(text: str) -> dict[str, str]:
    return {one[1].lower(): unescape(one[2] or one[3] or one[4] or "") for one in _ATTRIBUTE.finditer(text)}
