"""Messages and web pages in one file (MIME): their bytes as programs for mail expect them, and what a part of them holds."""

import base64
import quopri
import re
from email import errors
from email.message import Message

from kbray.parse.encoding import decode, units, unmarked

OUTSIDE = "Text stands outside the parts of the message, where mail programs don't show it; it was read."
CUT = "The message ends before its parts do: it was cut short, and the rest is lost; fetch it again."
_REMARK = 50  # words: "This is a multi-part message in MIME format", and how to read it
_BARE = re.compile(r"\r(?!\n)")
_NO_CODE = re.compile(rb"[^A-Za-z0-9+/]")  # of base64
_ENDLESS = (errors.CloseBoundaryNotFoundDefect, errors.StartBoundaryNotFoundDefect)
_MISWRITTEN = (errors.InvalidBase64PaddingDefect, errors.InvalidBase64CharactersDefect, errors.InvalidBase64LengthDefect)


def ascii_based(data: bytes) -> bytes:
    """A message as it is sent: without the mark that an editor set before it; what it saved in UTF-16 or UTF-32 as UTF-8."""
    return decode(data).text.encode("utf-8", "replace") if units(data) else unmarked(data)[0]


def payload(part: Message | None) -> bytes:
    """What a part holds; nothing where there is none, or it consists of parts."""
    if part is None:
        return b""
    written = part.get_payload()
    if isinstance(written, str) and _BARE.search(written) and _encoding(part) == "quoted-printable":
        # quopri leaves out all from a bare carriage return to the next line feed
        return quopri.decodestring(_BARE.sub("\n", written).encode("utf-8", "surrogateescape"))
    found = part.get_payload(decode=True)
    if any(isinstance(defect, errors.InvalidBase64LengthDefect) for defect in part.defects) and isinstance(found, bytes):
        code = _NO_CODE.sub(b"", found)  # as it is written, since a character is left over
        found = base64.b64decode(code[: len(code) // 4 * 4])
    return found if isinstance(found, bytes) else b""


def is_cut(message: Message) -> bool:
    """Whether it ends before the mark that ends its parts. Parts within it may lack theirs: some programs leave them out."""
    return any(isinstance(defect, _ENDLESS) for defect in message.defects)


def is_miswritten(part: Message) -> bool:
    """Whether the code of its bytes, base64, was found damaged, by `payload`, which gives what can be had."""
    return any(isinstance(defect, _MISWRITTEN) for defect in part.defects)


def outside(message: Message) -> tuple[str, str]:
    """What stands before and behind all parts; empty where it is a remark at most.

    Nothing else belongs there, and programs don't show it; but a mark between parts that was lost leaves them there.
    """
    before, behind = (text if text and len(text.split()) > _REMARK else "" for text in (message.preamble, message.epilogue))
    return before, behind


def _encoding(part: Message) -> str:
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower()
