"""Web pages as browsers save them in one file (MHTML, RFC 2557) → elements, as of the page itself.

The page is the part that the header names, or the first one of HTML; beside it lie its pictures, styles and frames.
"""

import email.policy
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from email.parser import BytesParser
from html import escape
from pathlib import Path

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import html
from kbray.parse.encoding import decode
from kbray.parse.mime import CUT, OUTSIDE, ascii_based, is_cut, is_miswritten, outside, payload
from kbray.parse.text import message as text_of

ENGINE = "mhtml"
_HTML = ("text/html", "application/xhtml+xml")
_MISWRITTEN = "The page can't be decoded to its end: the code of its bytes (base64) is damaged; fetch it again."
_PARTS = 10_000
_LONGEST = 8_000  # characters of the field that tells what a part is: email takes the square of the number of its parameters


class _Policy(email.policy.Compat32):
    """That of `email`, with a bound, and without NULs, which no name of an encoding may have."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST].replace("\0", "") if name.lower() == "content-type" else value


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole page, whatever the window.

    Raises: EmptyDocument: there is no page in it, or nothing to read on it.
    """
    message = BytesParser(policy=_Policy()).parsebytes(ascii_based(path.read_bytes()).lstrip(b"\r\n"))
    pages = [part for part in _parts(message) if part.get_content_type() in _HTML]
    if not pages:
        raise EmptyDocument("There is no web page in the file, only what belongs to one.")
    start = str(message.get_param("start") or "").strip()
    page = next((part for part in pages if start and str(part["Content-ID"]).strip() == start), pages[0])
    decoded = decode(payload(page), declared=True, charset=page.get_content_charset())
    parsed = html.read_page(replace(decoded, text=_local(decoded.text, _line(page["Content-Location"]))))
    frames = sum(bool(payload(part).strip()) for part in pages) - 1
    warnings = [f"Frames within the page are not read: {frames}."] if frames > 0 else []
    beside = [one for text in outside(message) if text for one in text_of(text.encode("utf-8", "surrogateescape"))]
    warnings += [OUTSIDE] if beside else []
    warnings += [CUT] if is_cut(message) else []
    warnings += [_MISWRITTEN] if is_miswritten(page) else []
    identifier = parsed.metadata.identifier or _line(message["Snapshot-Content-Location"] or page["Content-Location"])
    said = replace(parsed.metadata, identifier=identifier)
    elements = (*parsed.elements, *beside)
    return replace(parsed, engine=ENGINE, elements=elements, metadata=said, warnings=(*parsed.warnings, *warnings))


def _parts(message: Message) -> Iterator[Message]:
    """Those that hold something, in order, the first ten thousand."""
    todo, seen = [message], 0
    while todo and seen < _PARTS:
        part = todo.pop()
        seen += 1
        held = part.get_payload()
        if isinstance(held, list):
            todo += reversed([child for child in held if isinstance(child, Message)])
        else:
            yield part


def _local(text: str, location: str | None) -> str:
    """With links within the page, as those to notes, that browsers write with the address of the page before their `#`."""
    return text.replace(f'href="{escape(location, quote=False)}#', 'href="#') if location else text


def _line(value: str | None) -> str | None:
    return " ".join(str(value).split()) or None if value else None
