"""Compressed files and TAR archives, compressed or not → members, in one pass from the beginning to the end.

A TAR archive has no directory, and what is compressed can't be skipped: so bytes are counted as they are
inflated, not as they are taken.
"""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path
from tarfile import InvalidHeaderError, ReadError, TruncatedHeaderError  # type: ignore[attr-defined]  # not in its stubs
from typing import Protocol, Self

from backports import zstd

from kbray.config import MiB, Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge
from kbray.parse.boxes.members import Member, Passed, told
from kbray.parse.boxes.names import safe
from kbray.parse.media import BZIP2, GZIP, TAR, XZ, ZSTD
from kbray.parse.sniff.tar import BLOCK_BYTES, is_tar

_CHUNK = 256 * 1024
_BROKEN = (
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    zstd.ZstdError,
    EOFError,
    ValueError,
    OSError,
    OverflowError,
    RuntimeError,  # of libbzip2, on some damage
)
_NO_GZIP = "Not a gzipped file"  # the error of a stream that begins with other bytes
_GZIP_NAME, _GZIP_EXTRA = 0x08, 0x04


class _Source(Protocol):
    def read1(self, size: int = -1, /) -> bytes: ...


class _Counted:
    """A file as it is inflated, up to a bound."""

    def __init__(self, source: _Source, packed: int, allowed: int, ratio: int) -> None:
        self._source = source
        self._packed, self._allowed, self._ratio = packed, allowed, ratio
        self._size = 0
        self._begun = b""
        self._ended = False
        self._tail = b""
        self.more = False  # something stands behind the end of what was compressed
        self.problem: DocumentError | None = None  # tarfile takes some errors for the end of the archive

    def peek(self, size: int) -> bytes:
        """The first bytes, which will be read again."""
        while len(self._begun) < size and (piece := self._inflated(size - len(self._begun))):
            self._begun += piece
        return self._begun

    def read(self, size: int = _CHUNK) -> bytes:
        if self._begun:
            piece, self._begun = self._begun[:size], self._begun[size:]
            return piece
        piece = self._inflated(size)
        if not piece and self._ended:  # tarfile would read on for each block of a claimed size, terabytes of nothing
            raise EOFError("unexpected end of data")
        self._ended = not piece
        self._tail = (self._tail + piece)[-BLOCK_BYTES:]
        return piece

    @property
    def is_marked(self) -> bool:
        """Whether the end of a TAR archive was read: a block of zeros, without which it may have been cut between two files."""
        return self._tail == bytes(BLOCK_BYTES)

    def _inflated(self, size: int) -> bytes:
        try:
            piece = self._source.read1(size)  # what stands before damage is given before that is met
        except _BROKEN as error:
            if self._size == 0 or not str(error).startswith(_NO_GZIP):
                self.problem = CorruptDocument(f"It is damaged or cut short: {str(error) or type(error).__name__}")
                raise self.problem from None
            piece, self.more = b"", True
        self._size += len(piece)
        if self._size > self._allowed:
            self.problem = DocumentTooLarge(f"It unpacks to more than {self._allowed:,} bytes (max_unpacked_bytes)")
        elif self._size > MiB and self._size > self._ratio * self._packed:
            self.problem = DocumentTooLarge(f"It unpacks to more than {self._ratio} times its size (max_unpack_ratio)")
        if self.problem is not None:
            raise self.problem
        return piece


def members(path: Path, media_type: str, limits: Settings) -> Iterator[Member | Passed]:
    """What is in a TAR archive; or, of a compressed file that is none, the one file.

    Raises: CorruptDocument: it is damaged. DocumentTooLarge: it unpacks to too much.
    """
    with path.open("rb") as file, _opened(file, media_type) as source:
        counted = _Counted(source, path.stat().st_size, limits.max_unpacked_bytes, limits.max_unpack_ratio)
        if media_type == TAR or is_tar(counted.peek(BLOCK_BYTES)):
            yield from _of_tar(counted)
        else:
            yield Member(_gzip_name(path) if media_type == GZIP else "", lambda: iter(partial(counted.read, _CHUNK), b""))
        if counted.more:
            yield Passed(
                "", CorruptDocument("What stands behind the end of the compressed file is not compressed, and was not read")
            )


def _opened(
    file: BufferedReader, media_type: str
) -> BufferedReader | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile | zstd.ZstdFile:
    match media_type:
        case _ if media_type == GZIP:
            return gzip.GzipFile(fileobj=file)
        case _ if media_type == BZIP2:
            return bz2.BZ2File(file)
        case _ if media_type == XZ:
            return lzma.LZMAFile(file)
        case _ if media_type == ZSTD:
            return zstd.ZstdFile(file)
    return file


class _Header(tarfile.TarInfo):
    """A header of which tarfile tells that it is damaged: it takes it for the end of the archive if it isn't the first."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile)
        except (InvalidHeaderError, TruncatedHeaderError) as error:
            raise ReadError(str(error)) from None


def _of_tar(source: _Counted) -> Iterator[Member | Passed]:
    """Its members, and those of archives that were put behind it (`cat a.tar b.tar`)."""
    try:
        with tarfile.open(  # type: ignore[call-overload]  # it only reads
            fileobj=source, mode="r|", bufsize=_CHUNK, tarinfo=_Header, ignore_zeros=True
        ) as archive:
            number = 0
            while (info := archive.next()) is not None:
                archive.members = []  # which it would keep all
                if info.isdir():
                    continue
                number += 1
                pieces = partial(_pieces, archive, info) if info.isfile() else None
                yield told(info.name.encode("utf-8", "surrogateescape"), number, pieces, info.size)
    except _BROKEN as error:
        raise CorruptDocument(f"It is damaged or cut short: {str(error) or type(error).__name__}") from None
    if source.problem is not None:
        raise source.problem
    if not source.is_marked:
        raise CorruptDocument("It has no mark at its end, so files may be missing that were cut off")


def _pieces(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    try:
        file = archive.extractfile(info)
        size = 0
        while file is not None and (piece := file.read(_CHUNK)):
            size += len(piece)
            yield piece
    except _BROKEN as error:
        raise CorruptDocument(f"It is damaged or cut short: {str(error) or type(error).__name__}") from None
    if size < info.size:
        raise CorruptDocument("It is cut short")


def _gzip_name(path: Path) -> str:
    """The name that a gzip file keeps of what it was made from (RFC 1952, 2.3), or an empty one."""
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    flags, at = head[3] if len(head) > 10 else 0, 10
    if not flags & _GZIP_NAME:
        return ""
    if flags & _GZIP_EXTRA:
        at += 2 + int.from_bytes(head[10:12], "little")
    return safe(head[at:].partition(b"\0")[0]).rpartition("/")[2]
