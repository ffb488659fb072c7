"""Web pages as browsers save them with all that belongs to them (MHTML, RFC 2557) → elements, as `html` reads the page."""

import email
import email.policy
from dataclasses import replace
from pathlib import Path

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.model import Parsed, Window
from kbray.parse import html
from kbray.parse.encoding import Decoded, decode

_DEEPEST = 50  # parts within parts
_FRAMES = "Frames of the page are not read ({})."


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The page that the file is about, whatever the window; frames and pictures in it are named only.

    Raises: CorruptDocument: there is no page in it. EmptyDocument: as `html.parse`.
    """
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32)
    pages = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    if not pages:
        raise CorruptDocument("There is no web page in the file; it may have been cut short.")
    data = pages[0].get_payload(decode=True)
    parsed = html.page(_decoded(data if isinstance(data, bytes) else b"", pages[0].get_content_charset()))
    warnings = (_FRAMES.format(len(pages) - 1),) if len(pages) > 1 else ()
    return replace(parsed, warnings=(*parsed.warnings, *warnings))


def _decoded(data: bytes, charset: str | None) -> Decoded:
    """By what the part says, which is right though the page itself may say what it was before it was saved."""
    try:
        return decode(data.decode(charset or "").encode())
    except (LookupError, ValueError):
        return decode(data, declared=True)
