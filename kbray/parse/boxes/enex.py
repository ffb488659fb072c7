"""Notes of Evernote (ENEX) → a web page for each, and what is attached to it.

Source: evernote-export3.dtd and enml2.dtd.
"""

import base64
import binascii
import html
import mimetypes
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

from kbray.errors import CorruptDocument
from kbray.parse.boxes.members import Member, Passed
from kbray.parse.boxes.names import file_name

_BODY = re.compile(r"<en-note\b.*", re.DOTALL)
_TASK = re.compile(r"<en-todo\b([^<>]*?)/?>(?:\s{0,100}</en-todo>)?")
_TICKED = re.compile(r"""checked\s*=\s*["']true""")
_SECRET = re.compile(r"<en-crypt\b[^<>]*>[^<]*</en-crypt>")
_SUFFIXES = mimetypes.MimeTypes()  # of Python alone: what a machine knows besides would change names
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")


def members(path: Path) -> Iterator[Member | Passed]:
    """Raises: CorruptDocument: it is damaged."""
    try:
        notes = etree.iterparse(str(path), tag="note", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        for number, (_, note) in enumerate(notes, start=1):
            yield from _note(note, number)
            note.clear(keep_tail=False)
            while note.getprevious() is not None and (parent := note.getparent()) is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        raise CorruptDocument(f"It is damaged or cut short: {error.msg}") from None


def _note(note: etree._Element, number: int) -> Iterator[Member | Passed]:
    title = " ".join((note.findtext("title") or "").split())
    called = file_name(title) or f"note {number}"
    page = _page(note, title).encode("utf-8", "replace")
    yield Member(f"{called}.html", _whole(page), _MOMENT.sub(r"\1-\2-\3", note.findtext("created") or ""), len(page))
    for place, attached in enumerate(note.iterchildren("resource"), start=1):
        kind = (attached.findtext("mime") or "").strip()
        suffix = _SUFFIXES.guess_extension(kind) or ""
        told = file_name(attached.findtext("resource-attributes/file-name") or "") or f"attachment {place}{suffix}"
        name = f"{called}/{told}"
        try:
            data = base64.b64decode(attached.findtext("data") or "")
        except binascii.Error:
            yield Passed(name, CorruptDocument("It is damaged: its code (base64) is none"))
            continue
        yield Member(name, _whole(data), size=len(data))


def _page(note: etree._Element, title: str) -> str:
    """The note as a web page. What was encrypted by its writer is left out, and said to be."""
    found = _BODY.search(note.findtext("content") or "")
    body = _SECRET.sub("[encrypted]", found[0] if found else "")
    body = _TASK.sub(lambda task: f'<input type="checkbox" disabled{" checked" * bool(_TICKED.search(task[1]))}>', body)
    about = (
        ("author", note.findtext("note-attributes/author")),
        ("keywords", ", ".join(tag.text or "" for tag in note.iterchildren("tag"))),
    )
    told = [f'<meta name="{name}" content="{html.escape(value)}">' for name, value in about if value]
    if moment := _MOMENT.match(note.findtext("updated") or note.findtext("created") or ""):
        told.append(f'<meta name="date" content="{moment[1]}-{moment[2]}-{moment[3]}T{moment[4]}:{moment[5]}:{moment[6]}Z">')
    shown = html.escape(title)
    head = f'<meta charset="utf-8"><title>{shown}</title>{"".join(told)}'
    return f"<!DOCTYPE html><html><head>{head}</head><body><h1>{shown}</h1>{body}</body></html>"


def _whole(data: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter((data,))
