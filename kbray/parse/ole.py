"""OLE2 compound files: what an office file in one says of itself, and a first look at its streams."""

import struct
from pathlib import Path

import olefile  # type: ignore[import-untyped]  # it has no types

from kbray.model import Metadata

ERRORS = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError, MemoryError)
"""What olefile is seen to raise for damaged files."""
_CODECS = {1200: "utf-16-le", 10000: "mac_roman", 65001: "utf-8"}  # code pages whose name isn't their number


def metadata(storage: olefile.OleFileIO) -> Metadata:
    """Title, authors, publisher and date of the property sets; what is broken in them is left out."""
    told = storage.get_metadata()
    page = (told.codepage or 1252) & 0xFFFF
    codec = _CODECS.get(page, f"cp{page}")

    def said(value: object) -> str | None:
        if isinstance(value, bytes):
            try:
                value = value.decode(codec, "replace")
            except LookupError:
                value = value.decode("cp1252", "replace")
        return " ".join(value.replace("\0", " ").split()) or None if isinstance(value, str) else None

    authors = (author.strip() for author in (said(told.author) or "").split(";"))
    date = told.create_time.isoformat() if hasattr(told.create_time, "isoformat") and told.create_time.year > 1970 else None
    return Metadata(
        title=said(told.title), authors=tuple(author for author in authors if author), publisher=said(told.company), date=date
    )


def beginning(path: Path, stream: str, size: int) -> bytes | None:
    """So many bytes of a stream; fewer where it is shorter; None: there is none, or the file is broken."""
    try:
        with olefile.OleFileIO(path) as storage:
            return bytes(storage.openstream(stream).read(size)) if storage.exists(stream) else None
    except ERRORS:
        return None
