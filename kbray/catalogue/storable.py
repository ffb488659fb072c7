"""Which strings PostgreSQL can hold, and how those are written that it can't.

Text (titles, messages, …): NUL and lone surrogates become U+FFFD.

Places must come back as they were: a path is bytes, and Python shows bytes that are no UTF-8 as surrogates (`os.fsdecode`). In
the stored form of a place such a byte is percent-encoded (`%80` to `%FF`, NUL `%00`), and a `%` of the place itself becomes `%25`
where it would be taken for one of these. All other places are stored as they are; the stored form of a folder is the beginning
of the stored forms of what lies in it.
"""

import hashlib
import re

MAX_URI_BYTES = 2000
"""Longer stored forms are cut and end in their SHA-256, since an index holds no longer ones; they can't be turned back."""
_CUT_BYTES = 70  # for that SHA-256

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
_TO_ESCAPE = re.compile("[\x00\ud800-\udfff]|%(?=25|00|[89A-F][0-9A-F])")
_ESCAPED = re.compile("%(25|00|[89A-F][0-9A-F])")


def text(value: str) -> str:
    """`value` without what PostgreSQL can't hold."""
    return _UNHOLDABLE.sub("\ufffd", value)


def optional(value: str | None) -> str | None:
    return None if value is None else text(value)


def uri(place: str) -> str:
    """The stored form of a path or URI."""
    stored = _TO_ESCAPE.sub(_escape, place)
    data = stored.encode()
    if len(data) <= MAX_URI_BYTES:
        return stored
    head = data[: MAX_URI_BYTES - _CUT_BYTES].decode(errors="ignore")
    return f"{head}…{hashlib.sha256(data).hexdigest()}"


def begins(place: str) -> bool:
    """Whether the stored forms of all that lies in this place, however far down, begin with its own."""
    return len(_TO_ESCAPE.sub(_escape, place).encode()) < MAX_URI_BYTES - _CUT_BYTES


def place(stored: str) -> str:
    """The path or URI whose stored form this is."""
    return _ESCAPED.sub(_unescape, stored)


def shown(stored: str) -> str:
    """The place for people and JSON: as it is; in its stored form only where it holds bytes that are no text."""
    found = place(stored)
    return stored if _UNHOLDABLE.search(found) else found


def name(stored: str) -> str:
    """The last step of the place, for people."""
    return shown(stored).rstrip("/").rsplit("/", 1)[-1] or shown(stored)


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char == "%":
        return "%25"
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"%{code - 0xDC00:02X}"
    return "".join(f"%{byte:02X}" for byte in char.encode(errors="surrogatepass"))


def _unescape(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code if code < 0x80 else 0xDC00 + code)
