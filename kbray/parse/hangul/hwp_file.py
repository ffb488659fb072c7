"""What an HWP file is kept in: an OLE2 compound file of streams, mostly compressed; the texts of some are scrambled, too."""

import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import olefile

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentTooLarge
from kbray.model import Metadata
from kbray.parse import ole
from kbray.parse.failing import readable
from kbray.parse.hangul.distributed import unscrambled

_COMPRESSED, _DISTRIBUTED = 1, 1 << 2
_FLAGS = 36  # where they stand in the header
_SECTION = re.compile(r"Section(\d+)")
_SUMMARY = "\x05HwpSummaryInformation"


class HwpFile:
    """The streams of a file, inflated under `limits`.

    Raises on opening: CorruptDocument.
    """

    def __init__(self, path: Path, limits: Settings) -> None:
        self._limits = limits
        self._unpacked = 0
        try:
            self._storage = olefile.OleFileIO(path)
        except ole.ERRORS as error:
            raise CorruptDocument(f"its directory can't be read ({type(error).__name__})") from None
        self._flags = int.from_bytes(self._raw("FileHeader")[_FLAGS : _FLAGS + 4], "little")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._storage.close()

    @property
    def metadata(self) -> Metadata:
        """What is broken in it is left out."""
        try:
            return ole.metadata(self._storage, _SUMMARY)
        except ole.ERRORS:
            return Metadata()

    def styles(self) -> bytes:
        """The stream of what the text refers to."""
        return self._inflated(self._raw("DocInfo"), "DocInfo")

    def sections(self) -> Iterator[bytes]:
        """The streams of the text, in order.

        Raises: CorruptDocument, DocumentTooLarge.
        """
        folder = "ViewText" if self._flags & _DISTRIBUTED else "BodyText"
        names = [entry[1] for entry in self._storage.listdir() if len(entry) == 2 and entry[0] == folder]
        for name in sorted(filter(_SECTION.fullmatch, names), key=lambda name: int(name.removeprefix("Section"))):
            data = self._raw(f"{folder}/{name}")
            yield self._inflated(unscrambled(data) if self._flags & _DISTRIBUTED else data, name)

    def picture(self, name: str) -> bytes:
        """The bytes of a picture by its target, which are compressed or not; none where it isn't there.

        Raises: CorruptDocument, DocumentTooLarge.
        """
        data = self._raw(name)
        try:
            return self._unpack(data, name)
        except zlib.error:
            return data

    def _raw(self, name: str) -> bytes:
        try:
            return ole.stream(self._storage, name)
        except ole.ERRORS:
            raise CorruptDocument(f"its stream {name} can't be read") from None

    def _inflated(self, data: bytes, name: str) -> bytes:
        """Raises: CorruptDocument, DocumentTooLarge."""
        try:
            return self._unpack(data, name) if self._flags & _COMPRESSED else data
        except zlib.error as error:
            raise CorruptDocument(f"its stream {name} can't be inflated ({error})") from None

    def _unpack(self, data: bytes, name: str) -> bytes:
        """Raises: zlib.error, DocumentTooLarge."""
        most = min(self._limits.max_member_bytes, self._limits.max_unpacked_bytes - self._unpacked)
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        unpacked = inflater.decompress(data, max(most, 0) + 1)
        if len(unpacked) > most:
            raise DocumentTooLarge(f"The stream {name!r} unpacks to more than max_member_bytes or max_unpacked_bytes allows.")
        self._unpacked += len(unpacked)
        return unpacked


def pictures(path: Path, names: Iterable[str], limits: Settings) -> Iterator[tuple[str, bytes]]:
    """The pictures of a file by their targets, each with its bytes; what can't be read is left out.

    Raises: CorruptDocument: the file can't be opened.
    """
    with HwpFile(path, limits) as file:
        yield from readable(names, file.picture)
