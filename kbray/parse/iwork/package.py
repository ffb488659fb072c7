"""What a document of iWork is kept in: a ZIP archive, another one within it (`Index.zip`), or a folder that somebody zipped."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.parse.archive import Archive
from kbray.parse.failing import readable

XML_NAMES = ("index.apxl", "index.apxl.gz", "presentation.apxl", "presentation.apxl.gz", "index.xml", "index.xml.gz")
_INNER = "Index.zip"
_PREVIEW = "QuickLook/Preview.pdf"


class Package:
    """The members of a document, under the names they have in its own folder.

    Raises on opening: CorruptDocument, DocumentTooLarge.
    """

    def __init__(self, path: Path, limits: Settings) -> None:
        self._archive = Archive(path, limits)
        self._limits = limits
        self._folder = _folder(self._archive.names)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._archive.__exit__(kind, error, trace)

    def components(self) -> Iterator[tuple[str, bytes | None]]:
        """Names and bytes of the IWA files, wherever they lie; None: it is damaged."""
        yield from _components(self._archive, self._folder)
        if (inner := self._archive.find(self._folder + _INNER)) is not None:
            with Archive(io.BytesIO(self._archive.read(inner)), self._limits) as archive:
                yield from _components(archive, "")

    def xml(self) -> str | None:
        """The name of the document as programs until 2012 wrote it; None: it is of a later one."""
        return next((name for name in XML_NAMES if self._archive.find(self._folder + name) is not None), None)

    def has(self, name: str) -> bool:
        return self._archive.find(self._folder + name) is not None

    def read(self, name: str) -> bytes:
        """The bytes of a member; none where it isn't there. Raises: as `Archive.read`."""
        found = self._archive.find(self._folder + name)
        return self._archive.read(found) if found is not None else b""

    def preview(self) -> bytes:
        """The document as a PDF, which some programs put into it; none: there is none. Raises: as `Archive.read`."""
        return self.read(_PREVIEW)


def pictures(path: Path, names: Iterable[str], limits: Settings) -> Iterator[tuple[str, bytes]]:
    """The members of a document with these names, each with its bytes; what can't be read is left out.

    Raises: DocumentError: the document can't be opened.
    """
    with Package(path, limits) as package:
        yield from readable(names, package.read)


def _components(archive: Archive, folder: str) -> Iterator[tuple[str, bytes | None]]:
    for name in archive.names:
        if name.endswith(".iwa"):
            try:
                yield name.removeprefix(folder), archive.read(name)
            except CorruptDocument:
                yield name.removeprefix(folder), None


def _folder(names: tuple[str, ...]) -> str:
    """The folder that all is in where a folder was zipped, with its slash."""
    marks = (*XML_NAMES, _INNER, "Index/Document.iwa", _PREVIEW)
    for name in names:
        folder, slash, rest = name.partition("/")
        if slash and rest in marks and name not in marks:
            return folder + slash
    return ""
