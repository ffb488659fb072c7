"""The text of Kindle books → one web page: pieces put together, links to places in the text made links to ids.

Mobipocket's (KF7) is one HTML page, whose links name offsets. KF8's is XHTML files, each cut into a skeleton and fragments that
are to be inserted, whose links name a fragment and an offset in it.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kbray.errors import CorruptDocument
from kbray.parse.mobi.index import entries
from kbray.parse.mobi.index import text as text_at
from kbray.parse.mobi.palm import Database, Header

_FDST, _FRAGMENTS, _SKELETONS = 192, 248, 252  # where the header names their records
_CONTENTS, _KF8 = 244, 8  # likewise; the version of the format
_COUNT, _PLACE = 1, 6  # tags of indexes
_OFFSET, _LABEL, _DEPTH = 1, 3, 4
_FILEPOS = re.compile(rb"\bfilepos\s*=\s*[\"']?(\d{1,12})[\"']?")
_POSITION = re.compile(rb"kindle:pos:fid:([0-9A-V]{1,8}):off:([0-9A-V]{1,12})")
_TAG = re.compile(rb"<((?!mbp:)[A-Za-z][\w:]*+)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>")
_ID = re.compile(rb"\sid\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
_AROUND = re.compile(rb"<\?xml[^<>]*\?>|<!DOCTYPE[^<>]*>|</?(?:html|body)\b[^<>]*>|<mbp:pagebreak[^<>]*>")
_HEAD = re.compile(rb"<head(?:\s[^<>]*?)?(/?)>")
_DRAWING = re.compile(rb"<(?:img|image|object|embed)\b[^<>]*kindle:flow:([0-9A-V]{1,8})\?mime=image/svg\+xml[^<>]*>")
_LONGEST_TAG = 2_000  # bytes
_NEAR = 200  # bytes behind an offset in which a tag is looked for


@dataclass(frozen=True, slots=True)
class _Part:
    """A file of the book: where it begins, and its text."""

    start: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """An entry of the table of contents."""

    position: int
    label: bytes
    depth: int  # from 0

    @property
    def anchor(self) -> str:
        """The id that the page has there."""
        return _anchor(self.position).decode()


def contents_of(database: Database, header: Header) -> list[Content]:
    """Of a book of old, whose titles may be told by nothing else; what is damaged in it is left out."""
    first = header.record(_CONTENTS)
    if header.long(36) == _KF8 or first is None:
        return []
    try:
        return [
            Content(one.number(_OFFSET), text_at(database, first, one.number(_LABEL)), next(iter(one.numbers.get(_DEPTH, ())), 0))
            for one in entries(database, first)
        ]
    except CorruptDocument:
        return []


def page_of(database: Database, header: Header, text: bytes, contents: Sequence[Content]) -> bytes:
    """All files of a book as one page.

    Raises: CorruptDocument: pieces are missing.
    """
    if header.long(36) != _KF8:
        named = [content.position for content in contents]
        return _linked([_Part(0, text)], _FILEPOS, lambda found: int(found[1]), b'href="#%s"', named=named)
    flows = _flows(database, header, text)
    fragments = _fragments(database, header)
    starts = [fragment.insert for fragment in fragments]

    def position(found: re.Match[bytes]) -> int:
        number = int(found[1], 32)
        return starts[number] + int(found[2], 32) if number < len(starts) else -1

    sheets = b"".join(b"<style>%s</style>" % flow for flow in flows[1:] if not flow.lstrip().startswith(b"<"))
    return _with_drawings(_linked(_parts(database, header, flows[0], fragments), _POSITION, position, b"#%s", sheets), flows)


def _with_drawings(page: bytes, flows: Sequence[bytes]) -> bytes:
    """With those (SVG, which may hold text) in the place of their pictures; behind all where there is none."""
    left = {number: _AROUND.sub(b"", flow) for number, flow in enumerate(flows) if number and flow.lstrip().startswith(b"<")}

    def drawn(found: re.Match[bytes]) -> bytes:
        return left.pop(int(found[1], 32), found[0])

    page = _DRAWING.sub(drawn, page)
    return page.replace(b"</body>", b"".join((*left.values(), b"</body>"))) if left else page


def _flows(database: Database, header: Header, text: bytes) -> list[bytes]:
    """The text, its style sheets and drawings."""
    number = header.record(_FDST)
    record = database.record(number) if number is not None and number < len(database.records) else b""
    if record[:4] != b"FDST":
        return [text]
    places = [int.from_bytes(record[at : at + 4], "big") for at in range(12, len(record) - 3, 4)]
    pairs = list(zip(places[::2], places[1::2], strict=False))[: int.from_bytes(record[8:12], "big")]
    return [text[start:end] for start, end in pairs] or [text]


@dataclass(frozen=True, slots=True)
class _Fragment:
    insert: int  # where, in the files put together
    size: int


def _fragments(database: Database, header: Header) -> list[_Fragment]:
    first = header.record(_FRAGMENTS)
    if first is None:
        return []
    found = entries(database, first)
    if not all(one.name.isdigit() for one in found):
        raise CorruptDocument("The book is damaged: a fragment of its text doesn't tell its place.")
    return [_Fragment(int(one.name), one.number(_PLACE, 1)) for one in found]


def _parts(database: Database, header: Header, text: bytes, fragments: Sequence[_Fragment]) -> list[_Part]:
    """The files: each skeleton is followed by its fragments, whose places are where they stand when all before are in."""
    first = header.record(_SKELETONS)
    if first is None:
        return [_Part(0, text)]
    found: list[_Part] = []
    left = iter(fragments)
    end = 0
    for skeleton in entries(database, first):
        start, size = skeleton.number(_PLACE), skeleton.number(_PLACE, 1)
        file, end = bytearray(text[start : start + size]), start + size
        for fragment in (next(left, None) for _ in range(min(skeleton.number(_COUNT), len(fragments)))):
            if fragment is None or not 0 <= fragment.insert - start <= len(file):
                raise CorruptDocument("The book is damaged: a fragment of its text has no place.")
            file[fragment.insert - start : fragment.insert - start] = text[end : end + fragment.size]
            end += fragment.size
        found.append(_Part(start, bytes(file)))
    return [*found, *([_Part(end, text[end:])] if end < len(text) else [])]


def _linked(
    parts: Sequence[_Part],
    link: re.Pattern[bytes],
    position: Callable[[re.Match[bytes]], int],
    written: bytes,
    head: bytes = b"",
    named: Iterable[int] = (),
) -> bytes:
    """One page, in which links to positions are links to ids. named: positions that have ids, too."""
    wanted = sorted({*named, *(position(found) for part in parts for found in link.finditer(part.text))})
    names: dict[int, bytes] = {}
    bodies = []
    for part in parts:
        inside = range(bisect_left(wanted, part.start), bisect_left(wanted, part.start + len(part.text)))
        bodies.append(_named(part, [wanted[place] for place in inside], names))
    text = b"".join(_AROUND.sub(b"", _without_head(body)) for body in bodies)
    linked = link.sub(lambda found: written % names.get(position(found), b""), text)
    return b"<html><head>%s</head><body>%s</body></html>" % (head, linked)


def _anchor(position: int) -> bytes:
    return b"at%d" % position


def _without_head(text: bytes) -> bytes:
    found = _HEAD.search(text)
    if not found:
        return text
    end = text.find(b"</head", found.end())
    behind = found.end() if found[1] or end < 0 else text.find(b">", end) + 1
    return text[: found.start()] + text[behind:]


def _named(part: _Part, positions: Iterable[int], names: dict[int, bytes]) -> bytes:
    """The file with an id at each position, at the element which begins there, or behind it. One of its own gives way.

    For files may have the same ids, and they become one page.
    """
    pieces: list[bytes] = []
    done = 0
    named: tuple[int, bytes] | None = None  # where the last such element begins
    for wanted in positions:
        at = wanted - part.start
        opened = part.text.rfind(b"<", max(0, at - _LONGEST_TAG), at + 1)
        if opened >= 0 and part.text.find(b">", opened, at) < 0:
            at = opened  # in a tag
        tag = _TAG.search(part.text, at, at + _NEAR + _LONGEST_TAG)
        if not tag or tag.start() > at + _NEAR:
            continue
        if named is not None and tag.start() == named[0]:
            names[wanted] = named[1]
            continue
        names[wanted] = _anchor(wanted)
        named = tag.start(), names[wanted]
        own = _ID.search(tag[2])
        start, end = (tag.start(2) + own.start(), tag.start(2) + own.end()) if own else (tag.end(1), tag.end(1))
        pieces += (part.text[done:start], b' id="%s"' % names[wanted])
        done = end
    return b"".join((*pieces, part.text[done:]))
