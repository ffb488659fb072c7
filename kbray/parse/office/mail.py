"""Messages → elements: the header as lines, the body by the readers of HTML and text, names of attachments, messages inside it.

Attachments become files of their own (`unpack`): `target` of the element that names one is the SHA-256 of its content.
"""

import email.errors
import email.header
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import unquote

from olefile import OleFileIO
from oxmsg import Message
from oxmsg.attachment import Attachment
from oxmsg.domain.model import UnrecognizedCodePageError, UnsupportedEncodingError
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from kbray.config import Settings
from kbray.model import Element, Metadata, Parsed, Unit
from kbray.parse import attached, html, packed_rtf, text
from kbray.parse.attached import Attached, named
from kbray.parse.encoding import decode, zeroed, zeros_in
from kbray.parse.markup import trees
from kbray.parse.markup.typed import with_typed
from kbray.parse.media import MSG, RTF
from kbray.parse.mime import CUT, OUTSIDE, ascii_based, is_cut, is_miswritten, outside, payload
from kbray.parse.office import rtf
from kbray.parse.office.outlook import INNER_HEAD, MESSAGE_HEAD, mended
from kbray.parse.pictured import with_pictures

ENGINE = "mail"
ERRORS = (UnrecognizedCodePageError, UnsupportedEncodingError)
_MISWRITTEN = "can't be decoded to its end: the code of its bytes (base64) is damaged; fetch the message again."
_FIELDS = ("From", "To", "Cc", "Date", "Subject")
_DEEPEST = 10  # messages within messages
_PARTS = 10_000
_LONGEST = 50_000  # characters of a field: email's parsers take memory and time as the square of it
_LONGEST_OF_PART = 8_000  # … of a field that tells what a part is; the longest name of a file takes 2,300
_LONGEST_ENCODED = 200_000  # … of a field whose encoded words are decoded
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_ATTACHED = "__substg1.0_3701000D"  # the storage of what is attached to a message of Outlook other than as bytes
_PID_RTF, _PID_HTML, _PID_DISPLAY_NAME = 0x1009, 0x1013, 0x3001
_RTF_LOST = "The text of the message is not read: it is there as packed RTF only, which is damaged; save it from Outlook anew."
_RTF_CUT = "The text of the message, which is there as packed RTF only, ends too early: it is damaged; save it from Outlook anew."
_FRAMED = re.compile(rb"([0-9]{1,10}) *\r?\n")  # the bytes of a message; behind it stands a list of properties
_EXCHANGE_ADDRESS = re.compile(r"(?<=\S) </o=[^<>]*>", re.IGNORECASE)  # behind a name; an X.500 name, which nobody can write to
_PLAIN = ("text/plain", "text/html")
_TEXTS = frozenset((*_PLAIN, "text/rtf", RTF))
_REPORTS = frozenset(("message/delivery-status", "message/disposition-notification", "message/feedback-report"))
_SIGNATURES = frozenset(("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"))


@dataclass(frozen=True, slots=True)
class _Body:
    """One text of a message, ready to be read."""

    media_type: str
    content: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message however it was stored."""

    fields: dict[str, str]
    bodies: tuple[_Body, ...]
    attachments: tuple[Attached, ...] = ()
    inner: tuple["_Letter", ...] = ()
    pictures: tuple[MIMEPart, ...] = ()  # that belong to its text
    warnings: tuple[str, ...] = ()


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: ValueError, OSError: it follows no format; RecursionError: parts within parts without end."""
    letter = _letter(path, media_type)
    elements = tuple(_elements(letter, 1))
    characters = sum(len(element.text) for element in elements)
    told = dict.fromkeys(warning for one in _all(letter) for warning in _warnings(one))
    fields = letter.fields
    metadata = Metadata(
        title=fields.get("Subject"),
        authors=(fields["From"],) if "From" in fields else (),
        date=fields.get("Date"),
        identifier=fields.get("Message-ID"),
    )
    parsed = Parsed(ENGINE, elements, (Unit("whole", characters),), metadata, warnings=tuple(told))
    shown = [part for one in _all(letter) for part in one.pictures]
    named = {str(part["Content-ID"]).strip().strip("<>").casefold(): part for part in reversed(shown)}

    def picture(target: str) -> bytes:
        scheme, _, name = target.strip().casefold().partition(":")
        return payload(named.get(name, named.get(unquote(name)))) if scheme == "cid" else b""

    return with_pictures(parsed, len(shown), picture, limits)


def unpack(path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
    """Write the attachments of a message, and of those inside it, into `folder`, named 0, 1, 2, …

    Returns the names they should have, each once.

    Raises: as `read`.
    """
    return attached.unpack((one for letter in _all(_letter(path, media_type)) for one in letter.attachments), folder)


def _letter(path: Path, media_type: str) -> _Letter:
    if media_type != MSG:
        message, cut = _message(path)
        letter = _from_mime(message, 0)
        return replace(letter, warnings=(CUT, *letter.warnings)) if cut and CUT not in letter.warnings else letter
    with OleFileIO(str(path)) as file:
        storage = Storage.from_ole(file)
    return _from_outlook(storage, 0)


def _all(letter: _Letter) -> Iterator[_Letter]:
    """It, and the messages inside it."""
    yield letter
    for inner in letter.inner:
        yield from _all(inner)


def _warnings(letter: _Letter) -> Iterator[str]:
    yield from letter.warnings
    for body in letter.bodies:
        yield from body.warnings
    yield from attached.empty(letter.attachments)


def _message(path: Path) -> tuple[EmailMessage, bool]:
    """Without the separator line that mailboxes put before a message, or what Apple's Mail puts around it, which tells whether
    it was cut short."""
    data = ascii_based(path.read_bytes()).lstrip(b"\r\n")
    cut = False
    if framed := _FRAMED.match(data):
        data = data[framed.end() : framed.end() + int(framed[1])]
        cut = len(data) < int(framed[1])
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    return BytesParser(policy=email.policy.default.clone(header_factory=_field)).parsebytes(data), cut


def _field(name: str, value: str) -> str:
    """One of a header as email parses it, within bounds."""
    if name.lower().startswith("content-"):
        return _field_of_part(name, value[:_LONGEST_OF_PART])
    return email.policy.default.header_factory(name, value) if len(value) <= _LONGEST else _unparsed(value)


@lru_cache(maxsize=64)  # email parses it each time that something asks what a part is
def _field_of_part(name: str, value: str) -> str:
    parsed: str = email.policy.default.header_factory(name, value)
    return parsed


def _from_mime(message: MIMEPart, depth: int) -> _Letter:
    bodies: list[_Body] = []
    attachments: list[Attached] = []
    pictures: list[MIMEPart] = []
    inner: list[_Letter] = []
    warnings = [CUT] if is_cut(message) else []
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            for held in part.get_payload() if isinstance(part.get_payload(), list) else []:
                if isinstance(held, MIMEPart) and depth < _DEEPEST:
                    inner.append(_from_mime(held, depth + 1))
        elif kind in _REPORTS:
            bodies.append(_report(part))
        elif _is_body(part):
            bodies.append(_body(part))
        elif part.get_content_maintype() == "image" and part["Content-ID"] and part.get_content_disposition() != "attachment":
            pictures.append(part)
        elif kind not in _SIGNATURES:
            attachments.append(Attached(named(part.get_filename(), len(attachments) + 1), payload(part)))
            warnings += [f"{attachments[-1].name} {_MISWRITTEN}"] if is_miswritten(part) else []
    before, behind = map(_outside, outside(message))
    written = (*before, *bodies, *behind)
    return _Letter(_fields(message), written, tuple(attachments), tuple(inner), tuple(pictures), tuple(warnings))


def _outside(written: str) -> tuple[_Body, ...]:
    """What stands outside the parts of a message."""
    if not written:
        return ()
    decoded = decode(written.encode("utf-8", "surrogateescape"))
    return (_Body("text/plain", decoded.text, (OUTSIDE, *decoded.warnings)),)


def _leaves(message: MIMEPart) -> Iterator[MIMEPart]:
    """The parts to be read or named, in order: of alternatives the last we can read, which the sender likes best."""
    todo, seen = [message], 0
    while todo:
        part = todo.pop()
        seen += 1
        if seen > _PARTS:
            raise ValueError(f"more than {_PARTS} parts")
        children = [child for child in part.iter_parts() if isinstance(child, MIMEPart)] if part.is_multipart() else []
        if part.get_content_type() in ("message/rfc822", *_REPORTS) or not part.is_multipart():
            yield part
        elif part.get_content_type() == "multipart/alternative":
            readable = [child for child in children if child.get_content_maintype() == "multipart" or _is_text(child)]
            todo += readable[-1:] or children[-1:]
        else:
            todo += reversed(children)


def _is_text(part: MIMEPart) -> bool:
    return part.get_content_type() in _TEXTS


def _is_body(part: MIMEPart) -> bool:
    """Text of the message itself. RTF that has a name is a document."""
    named = part.get_content_type() not in _PLAIN and part.get_filename()
    return _is_text(part) and part.get_content_disposition() != "attachment" and not named


def _body(part: MIMEPart) -> _Body:
    """The text of a part, whose charset may be missing or wrong."""
    kind, data = part.get_content_type(), payload(part)
    damaged = (f"A text of the message {_MISWRITTEN}",) if is_miswritten(part) else ()  # known once it is decoded
    if kind not in _PLAIN:
        return _Body(RTF, data.decode("latin-1"), damaged)
    decoded = decode(data, declared=kind == "text/html", charset=part.get_content_charset())
    told = trees.unclosed(decoded.text) if kind == "text/html" else ()
    return _Body(kind, decoded.text, (*damaged, *decoded.warnings, *told))


def _report(part: MIMEPart) -> _Body:
    """What became of a message, whose lines email takes for headers of messages without text."""
    groups = [group for group in part.iter_parts() if isinstance(group, MIMEPart)]
    return _Body("text/plain", "\n\n".join("\n".join(f"{name}: {value}" for name, value in group.items()) for group in groups))


def _fields(message: MIMEPart) -> dict[str, str]:
    """The lines of the header that readers see; a field that can't be parsed is left out."""
    found: dict[str, str] = {}
    for name in (*_FIELDS, "Message-ID"):
        try:
            value = " ".join(str(message.get(name) or "").split())
        except (ValueError, LookupError, AttributeError, TypeError):  # email's header parser on malformed fields
            continue
        if "\ufffd" in value:
            value = _raw(message, name)
        if value := _CONTROLS.sub("", value):
            found[name] = value
    return found


def _raw(message: MIMEPart, name: str) -> str:
    """A field that isn't ASCII, as it should be, whose bytes email keeps as surrogates."""
    return _unparsed(next(value for known, value in message.raw_items() if known.lower() == name.lower()))


def _unparsed(line: str) -> str:
    return _decoded(" ".join(decode(line.encode("utf-8", "surrogateescape")).text.split()))


def _from_outlook(storage: Storage, depth: int) -> _Letter:
    storage, warnings = mended(storage, INNER_HEAD if depth else MESSAGE_HEAD)
    message = _AttachedMessage(storage) if depth else Message(storage)
    sent = message.sent_date if message.sent_date and message.sent_date.year > 1970 else None  # 1601: never sent
    to = ", ".join(_addressed(recipient.name, recipient.email_address) for recipient in message.recipients)
    said = {"From": message.sender, "To": to, "Date": sent.isoformat() if sent else None, "Subject": message.subject}
    attachments: list[Attached] = []
    inner: list[_Letter] = []
    for part in storage.iter_attachment_storages():
        attached = next((one for one in part.storages if one.name == _ATTACHED and _is_message(one)), None)
        if attached is None:
            attachment = Attachment(part)
            name = attachment.file_name or attachment.properties.str_prop_value(_PID_DISPLAY_NAME)
            attachments.append(Attached(named(name, len(attachments) + 1), attachment.file_bytes or b""))
        elif depth < _DEEPEST:
            inner.append(_from_outlook(attached, depth + 1))
    lines = {name: _CONTROLS.sub("", " ".join(value.split())) for name, value in said.items() if value}
    fields = {name: _EXCHANGE_ADDRESS.sub("", _decoded(line)) for name, line in lines.items() if line}
    return _Letter(fields, (_outlook_body(message),), tuple(attachments), tuple(inner), warnings=warnings)


def _outlook_body(message: Message) -> _Body:
    page = message.properties.binary_prop_value(_PID_HTML)
    if page:
        decoded = decode(page, declared=True, charset=message.properties.body_encoding)
        return _Body("text/html", decoded.text, decoded.warnings)
    kind, content = ("text/html", message.html_body) if message.html_body else ("text/plain", message.body or "")
    packed = message.properties.binary_prop_value(_PID_RTF)
    if packed and not content:
        return _packed_body(packed)
    return _Body(kind, content.replace("\0", ""), zeroed(zeros_in(content)))


def _packed_body(packed: bytes) -> _Body:
    try:
        written, whole = packed_rtf.unpacked(packed)
    except ValueError:
        return _Body("text/plain", "", (_RTF_LOST,))
    return _Body(RTF, written.decode("latin-1"), () if whole else (_RTF_CUT,))


class _AttachedMessage(Message):  # type: ignore[misc]  # it has no types
    """A message inside another, the head of whose properties is shorter than that of a file's."""

    @cached_property
    def properties(self) -> Properties:
        return Properties(self._storage, properties_header_offset=INNER_HEAD)


def _is_message(storage: Storage) -> bool:
    """Not an object of another program, which is attached in the same way."""
    return any(stream.name == "__properties_version1.0" for stream in storage.streams)


def _addressed(name: str | None, address: str | None) -> str:
    """As a header has it."""
    return f"{name} <{address}>" if name and address and name != address else name or address or ""


def _decoded(value: str) -> str:
    """Without the encoded words that Outlook keeps as they came; but with those of a line of no sensible length."""
    if len(value) > _LONGEST_ENCODED:
        return value
    try:
        return str(email.header.make_header(email.header.decode_header(value)))
    except (email.errors.MessageError, LookupError, ValueError):
        return value


def _elements(letter: _Letter, level: int) -> Iterator[Element]:
    if subject := letter.fields.get("Subject"):
        yield Element("heading", subject, min(level, 6))
    lines = [f"{name}: {letter.fields[name]}" for name in _FIELDS[:-1] if name in letter.fields]
    if lines:
        yield Element("paragraph", "\n".join(lines))
    for body in letter.bodies:
        yield from with_typed(_read(body))
    for one in letter.attachments:
        yield one.told()
    for inner in letter.inner:
        yield from _elements(inner, level + 1)


def _read(body: _Body) -> tuple[Element, ...]:
    if body.media_type == RTF:
        return rtf.elements_of(body.content.encode("latin-1"))
    if body.media_type == "text/html":
        root = trees.html(body.content)
        return html.read(root) if root is not None else ()
    return text.message(body.content.encode("utf-8", "replace"))
