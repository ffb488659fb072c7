"""Archives, compressed files, mailboxes, PostScript → a list of what is in them, which becomes files of their own (`unpack`).

Both read the whole box in the same way, so that the list tells what can be taken out, and what can't, and why.
"""

import hashlib
import importlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kbray.config import MiB, Settings
from kbray.errors import DocumentError, DocumentTooLarge, EmptyDocument
from kbray.model import Element, Failure, Parsed, Unit, Window
from kbray.parse.attached import Names
from kbray.parse.boxes import postscript, sevens, streams, zips
from kbray.parse.boxes.members import Member, Passed
from kbray.parse.failing import failure
from kbray.parse.media import ENEX, MBOX, POSTSCRIPT, PST, RAR, SEVEN_ZIP, TNEF, WARC, XPS, ZIP

ENGINE = "box"
_READERS = {MBOX: "mailbox", PST: "pst", TNEF: "tnef", WARC: "warc", ENEX: "enex"}
"""Modules with libraries of their own, or that only these need: loaded when there is such a box."""
UNNAMED = ""
"""The name of a file of which its box tells none: it is called as the box is, without its suffix. So is one that begins with a
point, which is its suffix."""
_NAMED = 3  # of the files that can't be taken out for one reason
_GROWTH = 2
"""A box may always unpack to so many times its size: a mailbox unpacks to its messages, and these to what is attached to them."""


@dataclass(frozen=True, slots=True)
class _Held:
    name: str
    sha256: str | None  # None: it is empty
    note: str


@dataclass(slots=True)
class _Contents:
    """What was taken out of a box, and what was not. `room`: bytes that may still come out; holes of files count."""

    room: int
    held: list[_Held] = field(default_factory=list)
    left: list[tuple[str, DocumentError]] = field(default_factory=list)  # by name; that of the whole box is empty
    links: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)  # on purpose, by what it is


def allowed_bytes(size: int, limits: Settings) -> int:
    """What a box of so many bytes may unpack to, with what is in the boxes in it."""
    return max(limits.max_unpacked_bytes, _GROWTH * size)


def parse(path: Path, window: Window, limits: Settings, media_type: str) -> Parsed:
    """The list of what is in it, whatever the window; a failure for each reason why something can't be taken out.

    Raises: EmptyDocument: there is no file in it. DocumentError: none in it can be taken out, for that reason.
    """
    contents = _read(path, media_type, limits, None)
    if not contents.held:
        if contents.left:
            name, error = contents.left[0]
            raise type(error)(f"Nothing can be taken out of the {_what(media_type)}: {_sentence([name], error)}")
        passed = contents.left_out.total() + len(contents.links)
        rest = f", only {passed:,} that are left out" if passed else ""
        raise EmptyDocument(f"There is no file in the {_what(media_type)}{rest}.")
    if not contents.left and not any(one.sha256 for one in contents.held):
        raise EmptyDocument(f"There is nothing in the {_what(media_type)} but {len(contents.held):,} empty files.")
    elements = tuple(_told(one) for one in contents.held)
    return Parsed(
        ENGINE,
        elements,
        (Unit("whole", sum(len(element.text) for element in elements)),),
        failures=tuple(_failures(contents, media_type)),
        warnings=tuple(_warnings(contents)),
    )


def unpack(path: Path, media_type: str, folder: Path, limits: Settings) -> tuple[str, ...]:
    """Write what is in it into `folder`, named 0, 1, 2, … Returns the paths they should have below the box, each once.

    Raises: CorruptDocument: it can't be opened. DocumentTooLarge: there is more in it than `max_archive_members`.
    """
    return tuple(one.name for one in _read(path, media_type, limits, folder).held)


def _read(path: Path, media_type: str, limits: Settings, folder: Path | None) -> _Contents:
    allowed = allowed_bytes(path.stat().st_size, limits)
    largest = min(limits.max_file_bytes, limits.max_unpacked_bytes)
    within = limits.model_copy(update={"max_unpacked_bytes": allowed, "max_member_bytes": largest})
    unpacked = max(MiB, limits.max_unpack_ratio * path.stat().st_size)
    contents, names = _Contents(room=min(allowed, unpacked)), Names()
    try:
        for member in _members(path, media_type, within):
            if len(contents.held) + len(contents.left) + len(contents.links) >= limits.max_archive_members:
                raise DocumentTooLarge(f"It holds more than {limits.max_archive_members:,} files (max_archive_members)")
            if isinstance(member, Passed):
                if member.link:
                    contents.links.append(member.name)
                elif member.why is None:
                    contents.left_out[member.left_out] += 1
                else:
                    contents.left.append((member.name, member.why))
                continue
            target = folder / str(len(contents.held)) if folder is not None else None
            try:
                size, sha256 = _taken(member, target, largest, contents)
            except DocumentError as error:
                contents.left.append((member.name, error))
                if target is not None:
                    target.unlink(missing_ok=True)
                continue
            contents.held.append(_Held(names.add(member.name), sha256 if size else None, member.note))
    except DocumentError as error:
        if not contents.held and not contents.left:
            raise
        contents.left.append(("", error))
    return contents


def _members(path: Path, media_type: str, limits: Settings) -> Iterator[Member | Passed]:
    if media_type == ZIP:
        return zips.members(path, limits)
    if media_type == POSTSCRIPT:
        return postscript.members(path, limits)
    if media_type == XPS:
        from kbray.parse.boxes import xps  # pdfium

        return xps.members(path, limits)
    if media_type in (SEVEN_ZIP, RAR):
        return sevens.members(path, limits)
    if media_type in _READERS:
        found: Iterator[Member | Passed] = importlib.import_module(f"kbray.parse.boxes.{_READERS[media_type]}").members(path)
        return found
    return streams.members(path, media_type, limits)


def _taken(member: Member, target: Path | None, largest: int, contents: _Contents) -> tuple[int, str]:
    """Bytes and SHA-256 of a member, which is written to `target` meanwhile, and takes its room among the contents."""
    if member.size > min(largest, contents.room):  # of which nothing is read: the others keep their room
        raise _too_large(largest) if member.size > largest else _too_much()
    digest, size = hashlib.sha256(), 0
    file = target.open("wb") if target is not None else None
    try:
        for piece in member.pieces():
            size += len(piece)
            if size > largest:
                raise _too_large(largest)
            contents.room -= len(piece)
            if contents.room < 0:
                raise _too_much()
            digest.update(piece)
            if file is not None:
                file.write(piece)
    finally:
        if file is not None:
            file.close()
    return size, digest.hexdigest()


def _too_large(largest: int) -> DocumentTooLarge:
    return DocumentTooLarge(f"It has more than {largest:,} bytes (max_file_bytes and max_unpacked_bytes)")


def _too_much() -> DocumentTooLarge:
    return DocumentTooLarge("The files in it come to more than max_unpacked_bytes and max_unpack_ratio allow")


def _told(one: _Held) -> Element:
    note = f" ({one.note})" if one.note else ""
    name = f"the {one.name[1:].upper()} that it was converted to" if one.name.startswith(".") else one.name
    return Element("paragraph", f"Attachment: {name or 'the file that was compressed'}{note}", target=one.sha256)


def _warnings(contents: _Contents) -> Iterator[str]:
    yield from (f"{what} are left out: {count:,}." for what, count in contents.left_out.items())
    if contents.links:
        yield f"Links and devices are not followed: {_listed(contents.links)}."


def _failures(contents: _Contents, media_type: str) -> Iterator[Failure]:
    """One for each reason."""
    reasons: dict[tuple[str, str], tuple[DocumentError, list[str]]] = {}
    for name, error in contents.left:
        plain = error.message.replace(repr(name), "…")
        reasons.setdefault((error.code, plain), (error, []))[1].append(name)
    for error, names in reasons.values():
        message = f"Not everything could be taken out of the {_what(media_type)}: {_sentence(names, error)}"
        yield failure(error, message=message)


def _sentence(names: list[str], error: DocumentError) -> str:
    """Why these stay where they are; an empty name is the box itself."""
    why = error.message.rstrip(".")
    if isinstance(error, DocumentTooLarge):
        why += "; raise that limit and run `kbray sync --reread`"
    if names == [""]:
        return f"{why}."
    return f"{why} ({_listed(names)})."


def _listed(names: list[str]) -> str:
    return ", ".join(filter(None, names[:_NAMED])) + (f", and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")


def _what(media_type: str) -> str:
    return {
        MBOX: "mailbox",
        PST: "mailbox",
        TNEF: "message",
        WARC: "web archive",
        ENEX: "notebook",
        POSTSCRIPT: "PostScript",
        XPS: "XPS document",
    }.get(media_type, "archive")
