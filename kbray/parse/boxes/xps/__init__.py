"""XPS and OpenXPS documents → a PDF of each, so that they are read, shown and recognised as what they are: printed pages.

Source: ECMA-388. Drawn are texts, lines, areas of one colour and pictures; gradients, clips and opacity masks are not.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge
from kbray.parse.archive import Archive
from kbray.parse.boxes.members import Member, Passed
from kbray.parse.boxes.xps.canvas import Canvas
from kbray.parse.boxes.xps.package import Package
from kbray.parse.boxes.xps.page import Page

_MOST = 20_000  # pages
_PIECE = 1024 * 1024


def members(path: Path, limits: Settings) -> Iterator[Member | Passed]:
    """The PDF, called as the file is, and the pages that are missing in it.

    Raises: CorruptDocument: no page can be read. DocumentTooLarge: it unpacks to too much.
    """
    problems: dict[int, str] = {}
    with Archive(path, limits) as archive:
        package = Package(archive)
        names = package.pages()
        if len(names) > _MOST:
            raise DocumentTooLarge(f"The XPS document has {len(names):,} pages, more than the {_MOST:,} that are read: split it.")
        canvas = Canvas(package)
        for draw in (canvas.learn, canvas.draw):  # a font is written with all the signs that any page shows of it
            for number, name in enumerate(names, start=1):
                try:
                    page = Page(package, name)
                except DocumentError as error:
                    problems[number] = f"page {number}: {error}"
                    page = None  # those behind it keep their numbers
                draw(page)
        if len(problems) == len(names):
            raise CorruptDocument(f"No page of the XPS document can be read: {next(iter(problems.values()), 'it names none')}.")
        data = canvas.pdf()
    yield Member(".pdf", partial(_pieces, data), "", len(data))
    told = [*problems.values(), *(f"{name} is not in the file" for name in package.missing), *canvas.left]
    if told:
        more = f", and {len(told) - 1} more" if len(told) > 1 else ""
        yield Passed("", CorruptDocument(f"Parts of it can't be read: {told[0]}{more}"))


def _pieces(data: bytes) -> Iterator[bytes]:
    yield from (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))
