"""Mailboxes of Outlook (PST, OST) → their messages, each written as mail is sent, in the folders they lie in. By libpff.

The same message always gives the same bytes, whatever else is in the mailbox. Properties by [MS-OXPROPS].
"""

import base64
import datetime as dt
import email.utils
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.header import Header
from functools import partial
from pathlib import Path
from typing import Any

import pypff

from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge, UnsupportedMedia
from kbray.parse.boxes.members import Member, Passed
from kbray.parse.boxes.names import file_name
from kbray.parse.encoding import decode
from kbray.parse.packed_rtf import unpacked

_FOLDERS = 100_000
_SUBJECT, _BODY, _RTF, _HTML, _HEADERS = 0x37, 0x1000, 0x1009, 0x1013, 0x7D
_MESSAGE_ID, _SENDER, _SENDER_ADDRESS, _SENDER_SMTP = 0x1035, 0xC1A, 0xC1F, 0x5D01
_RECIPIENT_KIND, _NAME, _ADDRESS, _SMTP, _TO, _CC = 0xC15, 0x3001, 0x3003, 0x39FE, 0xE04, 0xE03
_LONG_NAME, _SHORT_NAME, _DATA, _MIME, _CONTENT_ID = 0x3707, 0x3704, 0x3701, 0x370E, 0x3712
_METHOD, _MESSAGE = 0x3705, 5  # how something is attached: as a message
_INNER = "Messages and objects that are attached can't be reached by libpff: save them from Outlook as files of their own"
_SUBMITTED, _DELIVERED, _CREATED = 0x39, 0xE06, 0x3007
_CODE_PAGE, _PAGE_OF_HTML = 0x3FFD, 0x3FDE
_UNICODE, _OBJECT = 0x1F, 0x0D
_DAY_0 = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
_OUR_FIELDS = re.compile(r"(?:content-[\w-]*|mime-version|x-ms-tnef-correlator)\s*:", re.IGNORECASE)
_PREFIX = re.compile(r"^\x01.")  # of a subject: how long what stands before it is (Re:)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_ADDRESSED = {1: "To", 2: "Cc"}

_Properties = Mapping[int, tuple[int, bytes]]
_Left = list[tuple[str, DocumentError]]
"""Parts of a message that can't be had, by name, and why."""


def members(path: Path) -> Iterator[Member | Passed]:
    """Raises: CorruptDocument: it can't be opened."""
    file = pypff.file()
    try:
        with path.open("rb") as source:
            file.open_file_object(source)
            yield from _folders(file)
    except OSError as error:
        raise CorruptDocument(f"It is damaged or cut short: {_told(error)}") from None


def _folders(file: Any) -> Iterator[Member | Passed]:
    todo: list[tuple[str, Any]] = [("", file.get_root_folder())]
    seen = 0
    while todo and seen < _FOLDERS:
        name, folder = todo.pop()
        seen += 1
        try:
            messages, folders = folder.get_number_of_sub_messages(), folder.get_number_of_sub_folders()
        except OSError as error:
            yield Passed(name, CorruptDocument(f"It is damaged: {_told(error)}"))
            continue
        for number in range(1, messages + 1):
            try:
                message = folder.get_sub_message(number - 1)
                properties = _properties(message)
            except OSError as error:
                yield Passed(f"{name}{number:06}", CorruptDocument(f"It is damaged: {_told(error)}"))
                continue
            if not isinstance(message, pypff.message):
                yield Passed(f"{name}{number:06}", CorruptDocument("It is damaged: nothing tells what it is"))
                continue
            called = f"{name}{number:06} {file_name(_text(properties, _SUBJECT)) or 'message'}"
            left: _Left = []
            yield Member(f"{called}.eml", partial(_pieces, message, properties, left), _said(properties))
            yield from (Passed(f"{called}/{part}", why) for part, why in left)
        below = []
        for place in range(folders):
            try:
                inner = folder.get_sub_folder(place)
                below.append((f"{name}{file_name(inner.get_name() or '') or 'folder'}/", inner))
            except OSError as error:
                yield Passed(f"{name}folder {place + 1}", CorruptDocument(f"It is damaged: {_told(error)}"))
        todo += reversed(below)
    if todo:
        yield Passed("", DocumentTooLarge(f"It has more than {_FOLDERS:,} folders, and what is in the others is left"))


def _told(error: OSError) -> str:
    """The last of the steps that libpff tells of, which say where in its source they are."""
    return " ".join(str(error).rpartition(": ")[2].split())[:200]


def _pieces(message: Any, properties: _Properties, left: _Left) -> Iterator[bytes]:
    """Args: left: gets what can't be had of it."""
    try:
        yield _written(message, properties, left)
    except OSError as error:
        raise CorruptDocument(f"It is damaged: {_told(error)}") from None


def _properties(item: Any) -> _Properties:
    """By their number: the type, and the bytes. Raises: OSError."""
    return _of_set(item.get_record_set(0)) if item.get_number_of_record_sets() else {}


def _of_set(record_set: Any) -> dict[int, tuple[int, bytes]]:
    entries = (record_set.get_entry(place) for place in range(record_set.get_number_of_entries()))
    return {one.entry_type: (one.value_type, one.data) for one in entries if one.entry_type is not None and one.data}


def _text(properties: _Properties, identifier: int) -> str:
    """A property as a line of text."""
    return " ".join(_CONTROLS.sub(" ", _PREFIX.sub("", _string(properties, identifier))).split())


def _string(properties: _Properties, identifier: int) -> str:
    kind, data = properties.get(identifier, (0, b""))
    if kind == _UNICODE:
        return data.decode("utf-16-le", "replace").rstrip("\0")
    return decode(data.rstrip(b"\0"), charset=_code_page(properties, _CODE_PAGE)).text if data else ""


def _number(properties: _Properties, identifier: int) -> int:
    return int.from_bytes(properties.get(identifier, (0, b""))[1][:8], "little")


def _code_page(properties: _Properties, identifier: int) -> str | None:
    page = _number(properties, identifier)
    return {0: None, 65001: "utf-8", 20127: "ascii", 28591: "latin-1"}.get(page, f"cp{page}")


def _when(properties: _Properties) -> dt.datetime | None:
    """Sent, or received, or written."""
    ticks = next((told for one in (_SUBMITTED, _DELIVERED, _CREATED) if (told := _number(properties, one))), 0)
    try:
        return _DAY_0 + dt.timedelta(microseconds=ticks // 10) if ticks else None
    except OverflowError:
        return None


def _sender(properties: _Properties) -> tuple[str, str]:
    """Name and address; empty where there is none."""
    return _person(_text(properties, _SENDER), _text(properties, _SENDER_SMTP) or _text(properties, _SENDER_ADDRESS))


def _person(name: str, address: str) -> tuple[str, str]:
    """Without an address in Exchange's own directory, to which nobody can write."""
    if "@" not in address or not address.isascii():
        return name, ""
    return (name if name != address else ""), address


def _addressed(name: str, address: str) -> str:
    """As it stands in a header."""
    return email.utils.formataddr((name, address)) if address else name


def _said(properties: _Properties) -> str:
    """What is told of a message in the list: date and sender."""
    when, (name, address) = _when(properties), _sender(properties)
    sender = f"{name} <{address}>" if name and address else name or address
    return ", ".join(filter(None, (email.utils.format_datetime(when) if when else "", sender)))


# ---------------------------------------------------------------- written as mail


@dataclass(frozen=True, slots=True)
class _Part:
    """Of a message: its header, without the length of its lines, and its content."""

    head: tuple[str, ...]
    content: bytes

    def written(self) -> bytes:
        coded = base64.encodebytes(self.content)
        return "".join(f"{line}\n" for line in (*self.head, "Content-Transfer-Encoding: base64")).encode() + b"\n" + coded


def _written(message: Any, properties: _Properties, left: _Left) -> bytes:
    """Raises: OSError: it is damaged."""
    texts = [part.written() for part in _texts(properties, left)]
    body = _joined("alternative", texts) if len(texts) > 1 else texts[0]
    files = list(_attachments(message, left))
    whole = _joined("mixed", [body, *files]) if files else body
    return "".join(f"{line}\n" for line in _fields(message, properties)).encode("utf-8", "replace") + whole


def _joined(kind: str, parts: list[bytes]) -> bytes:
    """Parts behind each other. What parts them is made of them, so that it is always the same and stands in none."""
    mark = hashlib.sha256(b"".join(parts)).hexdigest()[:32]
    lines = b"".join(b"--%b\n%b\n" % (mark.encode(), part) for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\n\n'.encode() + lines + f"--{mark}--\n".encode()


def _texts(properties: _Properties, left: _Left) -> Iterator[_Part]:
    """The text in all forms it has, the poorest first; empty where it has none."""
    plain, page, packed = _string(properties, _BODY), properties.get(_HTML), properties.get(_RTF)
    if plain or not (page or packed):
        yield _Part(('Content-Type: text/plain; charset="utf-8"',), plain.encode("utf-8", "replace"))
    if page is not None:
        kind, data = page
        charset = "utf-16-le" if kind == _UNICODE else _code_page(properties, _PAGE_OF_HTML)
        yield _Part((f'Content-Type: text/html; charset="{charset}"' if charset else "Content-Type: text/html",), data)
    elif packed is not None and not plain:
        yield _Part(("Content-Type: text/rtf",), _rtf(packed[1], left))


def _rtf(packed: bytes, left: _Left) -> bytes:
    try:
        written, whole = unpacked(packed)
    except ValueError:
        written, whole = b"", False
    if not whole:
        left.append(("its text", CorruptDocument("It is damaged or cut short")))
    return written


def _attachments(message: Any, left: _Left) -> Iterator[bytes]:
    for number in range(message.get_number_of_attachments()):
        try:
            properties = _properties(message.get_attachment(number))
        except OSError as error:
            left.append((f"attachment {number + 1}", CorruptDocument(f"It is damaged: {_told(error)}")))
            continue
        names = (_text(properties, one) for one in (_LONG_NAME, _NAME, _SHORT_NAME))
        name = next(filter(None, names), f"attachment {number + 1}")
        form, data = properties.get(_DATA, (0, b""))
        if _number(properties, _METHOD) == _MESSAGE or form == _OBJECT:
            left.append((name, UnsupportedMedia(_INNER)))
            continue
        kind = _text(properties, _MIME)
        content_id = _text(properties, _CONTENT_ID)
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        named = f'filename="{quoted}"' if name.isascii() else f"filename*={email.utils.encode_rfc2231(name, 'utf-8')}"
        head = [f"Content-Type: {kind if _TYPE.fullmatch(kind) else 'application/octet-stream'}"]
        head.append(f"Content-Disposition: {'inline' if content_id else 'attachment'}; {named}")
        head += [f"Content-ID: <{content_id.strip('<>')}>"] if content_id.isascii() and content_id else []
        yield _Part(tuple(head), data).written()


def _fields(message: Any, properties: _Properties) -> Iterator[str]:
    """The header as it came, without what tells of parts; of messages that never were sent one made of their properties."""
    came: list[str] = []
    for line in _string(properties, _HEADERS).splitlines():
        if line[:1] in (" ", "\t") and came:
            came[-1] += f"\n{line}"
        elif ":" in line:
            came.append(line)
    came = [line for line in came if not _OUR_FIELDS.match(line)]
    there = {line.partition(":")[0].strip().lower() for line in came}
    yield from came
    for name, value in _made(message, properties):
        if value and name.lower() not in there:
            yield f"{name}: {value if value.isascii() else Header(value, 'utf-8', maxlinelen=70).encode()}"
    yield "MIME-Version: 1.0"


def _made(message: Any, properties: _Properties) -> Iterator[tuple[str, str]]:
    yield "From", _addressed(*_sender(properties))
    people: dict[str, list[str]] = {name: [] for name in _ADDRESSED.values()}
    for one in _recipients(message):
        if (kind := _ADDRESSED.get(_number(one, _RECIPIENT_KIND))) is not None:
            people[kind].append(_addressed(*_person(_text(one, _NAME), _text(one, _SMTP) or _text(one, _ADDRESS))))
    yield "To", ", ".join(people["To"]) or _text(properties, _TO)
    yield "Cc", ", ".join(people["Cc"]) or _text(properties, _CC)
    when = _when(properties)
    yield "Date", email.utils.format_datetime(when) if when else ""
    yield "Subject", _text(properties, _SUBJECT)
    yield "Message-ID", _text(properties, _MESSAGE_ID)


def _recipients(message: Any) -> Iterator[_Properties]:
    table = message.recipients
    for place in range(table.get_number_of_record_sets() if table is not None else 0):
        yield _of_set(table.get_record_set(place))
