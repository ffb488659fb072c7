"""What a DjVu document says of itself: its outline ("NAVM"), and title and authors among the annotations of its pages."""

import re
from collections.abc import Iterator, Mapping, Sequence

from kbray.model import Metadata, TocEntry
from kbray.parse.djvu.container import Form

_MAX_ENTRIES = 20_000
_MAX_DEPTH = 12
_TOKEN = re.compile(r'\(|\)|"((?:[^"\\]|\\.)*+)"?|[^\s()"]+', re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"", b"b": b"", b"f": b" ", b"v": b" "}
_AUTHORS = re.compile(r"\s*[;&]\s*|\s+and\s+")
_YEAR = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_FILE = re.compile(r"(?i)\S+\.(?:docx?|pdf|djvu?|dvi|tex|tiff?|indd)|untitled|none")


def outline_of(data: bytes, forms: Sequence[Form]) -> tuple[tuple[TocEntry, ...], list[str]]:
    """Entries in their order, and warnings. What of a damaged outline comes before the damage is kept.

    Args: data: unpacked. forms: of the document, to which the links point.
    """
    pages = _targets(forms)
    found: list[TocEntry] = []
    open_entries: list[int] = []  # how many are still to come below each
    count, at = int.from_bytes(data[:2]), 2
    for _ in range(count):
        if len(found) >= _MAX_ENTRIES:
            return tuple(found), [f"The outline has more than {_MAX_ENTRIES} entries; the rest was left out."]
        below = data[at : at + 1]
        title, at = _told(data, at + 1)
        link, at = _told(data, at)
        if not below or title is None or link is None:
            return tuple(found), ["The outline is damaged; the rest of it was left out."]
        if title:
            found.append(TocEntry(min(len(open_entries), _MAX_DEPTH - 1) + 1, title, page=_page(link, pages)))
        if open_entries:
            open_entries[-1] -= 1
        open_entries.append(below[0])
        while open_entries and open_entries[-1] <= 0:
            open_entries.pop()
    return tuple(found), []


def metadata_of(annotations: Sequence[str]) -> Metadata:
    """Title, authors and date; names of files that programs leave as titles don't count."""
    values: dict[str, str] = {}
    for text in annotations:
        for key, value in _values(text):
            values.setdefault(key.lower(), " ".join(value.split()))
    title = values.get("title", "")
    date = _YEAR.search(values.get("date", "") or values.get("year", "") or values.get("creationdate", ""))
    return Metadata(
        title=None if _FILE.fullmatch(title) else title or None,
        authors=tuple(name for name in _AUTHORS.split(values.get("author", "")) if name),
        publisher=values.get("publisher") or None,
        date=date.group() if date else None,
    )


def _told(data: bytes, at: int) -> tuple[str | None, int]:
    """A text with its length before it, and where it ends; None: it goes on behind the end."""
    end = at + 3 + int.from_bytes(data[at : at + 3])
    if at + 3 > len(data) or end > len(data):
        return None, end
    text = data[at + 3 : end].decode("utf-8", "replace")
    return " ".join("".join(character if character.isprintable() else " " for character in text).split()), end


def _targets(forms: Sequence[Form]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for number, form in enumerate((form for form in forms if form.is_page), start=1):
        for name in form.names:
            found.setdefault(name, number)
        found[str(number)] = found.get(str(number), number)
    return found


def _page(link: str, pages: Mapping[str, int]) -> int | None:
    """`#name` or `#12`; what else is a link to elsewhere."""
    return pages.get(link[1:]) if link.startswith("#") else None


def _values(text: str) -> Iterator[tuple[str, str]]:
    """The pairs in `(metadata (key "value") …)`, wherever it stands."""
    depth, at, words = 0, -1, list[str]()
    for token in _TOKEN.finditer(text):
        if token.group() == "(":
            depth += 1
            words = []
        elif token.group() == ")":
            if at == depth - 1 and len(words) == 2:
                yield words[0], words[1]
            depth -= 1
            at = -1 if depth < at else at
            words = []
        else:
            quoted = token.group(1)
            words.append(token.group() if quoted is None else _unescaped(quoted))
            if words == ["metadata"] and at < 0:
                at, words = depth, []


def _unescaped(text: str) -> str:
    """As in C, where bytes of UTF-8 may be told by octal numbers."""
    data = text.encode("utf-8", "surrogateescape")

    def plain(found: re.Match[bytes]) -> bytes:
        told = found.group(1)
        return bytes([int(told, 8) & 0xFF]) if told[:1].isdigit() and told < b"8" else _ESCAPED.get(told, told)

    return _ESCAPE.sub(plain, data).decode("utf-8", "replace")
