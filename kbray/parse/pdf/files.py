"""Files that are attached to a PDF as a whole: those of a portfolio, data of an invoice."""

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from kbray.parse.attached import Attached, named

_MOST = 1_000  # files; each is looked up from the first on


def attached_to(document: Any) -> Iterator[Attached]:
    """The files inside it in the order of their names' tree, the first thousand; without bytes where these can't be had."""
    for number in range(min(document.count_attachments(), _MOST)):
        yield _read(document, number)


def left_out(document: Any) -> list[str]:
    """What tells of those behind them."""
    count = document.count_attachments()
    return [f"Of {count:,} files inside it only the first {_MOST:,} are read."] if count > _MOST else []


def _read(document: Any, number: int) -> Attached:
    name, data = None, b""
    with suppress(pdfium.PdfiumError):
        one = document.get_attachment(number)
        name = name_of(one.raw)
        data = bytes(one.get_data())
    return Attached(named(name, number + 1), data)


def name_of(attachment: Any) -> str:
    """As the file has it (raw pdfium handle)."""
    size = raw.FPDFAttachment_GetName(attachment, None, 0)
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAttachment_GetName(attachment, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw.decode("utf-16-le", "replace").partition("\0")[0]
