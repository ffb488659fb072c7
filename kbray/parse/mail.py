"""Messages → elements: the header as lines, then the body by the readers of HTML and text, then messages inside it."""

import email.errors
import email.header
import email.policy
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from pathlib import Path

from oxmsg import Message

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Element, Metadata, Parsed, Unit, Window
from kbray.parse import html, markup_tree, text
from kbray.parse.media import MSG

ENGINE = "mail"
ERRORS: tuple[type[Exception], ...] = ()
_FIELDS = ("From", "To", "Cc", "Date", "Subject")
_DEEPEST = 10  # messages within messages
_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class _Body:
    """One text of a message, ready to be read."""

    media_type: str
    content: str


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message however it was stored."""

    fields: dict[str, str]
    bodies: tuple[_Body, ...]
    attachments: tuple[str, ...] = ()
    inner: tuple["_Letter", ...] = ()


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: ValueError, OSError: it follows no format; RecursionError: parts within parts without end."""
    letter = _from_outlook(path) if media_type == MSG else _from_mime(_message(path), 0)
    elements = tuple(_elements(letter, limits, 1))
    characters = sum(len(element.text) for element in elements)
    attached = tuple(_attachments(letter))
    warnings = (f"Attachments are not read ({len(attached)}): {', '.join(attached)[:500]}.",) if attached else ()
    fields = letter.fields
    metadata = Metadata(
        title=fields.get("Subject"),
        authors=(fields["From"],) if "From" in fields else (),
        date=fields.get("Date"),
        identifier=fields.get("Message-ID"),
    )
    return Parsed(ENGINE, elements, (Unit("whole", characters),), metadata, warnings=warnings)


def _message(path: Path) -> EmailMessage:
    """Without the separator line that mailboxes put before a message."""
    data = path.read_bytes().lstrip(b"\r\n")
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    return BytesParser(policy=email.policy.default).parsebytes(data)


def _from_mime(message: MIMEPart, depth: int) -> _Letter:
    bodies: list[_Body] = []
    attachments: list[str] = []
    inner: list[_Letter] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            for payload in part.get_payload() if isinstance(part.get_payload(), list) else []:
                if isinstance(payload, MIMEPart) and depth < _DEEPEST:
                    inner.append(_from_mime(payload, depth + 1))
        elif kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
            bodies.append(_Body(kind, _content(part)))
        else:
            attachments.append(part.get_filename() or kind)
    return _Letter(_fields(message), tuple(bodies), tuple(attachments), tuple(inner))


def _leaves(message: MIMEPart) -> Iterator[MIMEPart]:
    """The parts to be read or named, in order: of alternatives the last we can read, which the sender likes best."""
    todo, seen = [message], 0
    while todo:
        part = todo.pop()
        seen += 1
        if seen > _PARTS:
            raise ValueError(f"more than {_PARTS} parts")
        children = [child for child in part.iter_parts() if isinstance(child, MIMEPart)] if part.is_multipart() else []
        if part.get_content_type() == "message/rfc822" or not part.is_multipart():
            yield part
        elif part.get_content_type() == "multipart/alternative":
            readable = [child for child in children if child.get_content_maintype() == "multipart" or _is_text(child)]
            todo += readable[-1:] or children[-1:]
        else:
            todo += reversed(children)


def _is_text(part: MIMEPart) -> bool:
    return part.get_content_type() in ("text/plain", "text/html")


def _content(part: MIMEPart) -> str:
    """The text of a part; of one with an unknown encoding what can be told of it."""
    try:
        content = part.get_content()
    except (LookupError, ValueError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return content if isinstance(content, str) else ""


def _fields(message: MIMEPart) -> dict[str, str]:
    """The lines of the header that readers see; a field that can't be parsed is left out."""
    found: dict[str, str] = {}
    for name in (*_FIELDS, "Message-ID"):
        try:
            value = " ".join(str(message.get(name) or "").split())
        except (ValueError, LookupError, AttributeError, TypeError):  # email's header parser on malformed fields
            continue
        if value:
            found[name] = value
    return found


def _from_outlook(path: Path) -> _Letter:
    message = Message.load(str(path))
    sent = message.sent_date if message.sent_date and message.sent_date.year > 1970 else None  # 1601: never sent
    to = ", ".join(recipient.name or recipient.email_address for recipient in message.recipients)
    said = {"From": message.sender, "To": to, "Date": sent.isoformat() if sent else None, "Subject": message.subject}
    body = _Body("text/html", message.html_body) if message.html_body else _Body("text/plain", message.body or "")
    attachments = tuple(attachment.file_name or "attachment" for attachment in message.attachments)
    fields = {name: _decoded(" ".join(value.split())) for name, value in said.items() if value and value.strip()}
    return _Letter(fields, (body,), attachments)


def _decoded(value: str) -> str:
    """Without the encoded words that Outlook keeps as they came."""
    try:
        return str(email.header.make_header(email.header.decode_header(value)))
    except (email.errors.HeaderParseError, LookupError, ValueError):
        return value


def _attachments(letter: _Letter) -> Iterator[str]:
    yield from letter.attachments
    for inner in letter.inner:
        yield from _attachments(inner)


def _elements(letter: _Letter, limits: Settings, level: int) -> Iterator[Element]:
    if subject := letter.fields.get("Subject"):
        yield Element("heading", subject, min(level, 6))
    lines = [f"{name}: {letter.fields[name]}" for name in _FIELDS[:-1] if name in letter.fields]
    if lines:
        yield Element("paragraph", "\n".join(lines))
    for body in letter.bodies:
        yield from _read(body, limits)
    for inner in letter.inner:
        yield from _elements(inner, limits, level + 1)


def _read(body: _Body, limits: Settings) -> tuple[Element, ...]:
    if body.media_type == "text/html":
        root = markup_tree.html(body.content)
        return html.read(root) if root is not None else ()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", suffix=".txt") as file:
        file.write(body.content.encode("utf-8", "replace").decode("utf-8"))
        file.flush()
        try:
            return text.parse(Path(file.name), Window(), limits).elements
        except EmptyDocument:
            return ()
