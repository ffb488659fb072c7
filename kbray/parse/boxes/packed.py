"""ZIP and TAR archives, and files packed alone, member by member: nothing is ever whole in memory."""

import bz2
import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, cast

from kbray.config import MiB, Settings
from kbray.errors import CorruptDocument, DocumentTooLarge, EncryptedDocument
from kbray.parse.boxes.members import Member, place
from kbray.parse.encoding import decode

_CHUNK = 256 * 1024
_ENCRYPTED, _UTF8 = 0x1, 0x800  # general purpose bits 0 and 11
_USTAR = slice(257, 262)
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,  # a compression Python doesn't know
    struct.error,
    UnicodeDecodeError,
    ValueError,
    OSError,
    RuntimeError,  # of libbzip2
)
"""What the readers of archives are seen to raise where these do not follow the format."""


def in_zip(path: Path, limits: Settings) -> Iterator[Member]:
    """Raises: CorruptDocument: it can't be opened."""
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise CorruptDocument(f"The archive can't be opened: {error}. It may have been cut short.") from None
    with archive:
        infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
        for info, name in zip(infos, _names(infos), strict=True):
            if (below := place(name)) is not None:
                yield Member(below, _told(below), partial(_in_zip, archive, info, below, limits))


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """As they were written: in the code page of a machine where nothing says that they are UTF-8, the same for all."""
    old = [info for info in infos if not info.flag_bits & _UTF8 and not info.filename.isascii()]
    try:
        raw = b"\n".join(info.filename.encode("cp437") for info in old)
    except UnicodeEncodeError:  # told by an extra field
        return [info.filename for info in infos]
    read = decode(raw).text.split("\n") if raw else []
    known = dict(zip(map(id, old), read, strict=False)) if len(read) == len(old) else {}
    return [known.get(id(info), info.filename) for info in infos]


def _in_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limits: Settings) -> Iterator[bytes]:
    if info.flag_bits & _ENCRYPTED:
        raise EncryptedDocument(f"{name!r} in it is protected by a password.")
    try:
        with archive.open(info) as member:
            yield from _inflated(member, info.compress_size, name, limits)
    except _BROKEN as error:
        raise _damaged(name, error) from None


def in_tar(path: Path, limits: Settings) -> Iterator[Member]:
    """Its files; links, devices and pipes are none. Raises: CorruptDocument: it can't be opened."""
    with path.open("rb") as file:
        yield from _members(file, path.stat().st_size, limits)


def in_stream(path: Path, limits: Settings) -> Iterator[Member]:
    """The file that is packed in it alone, or those of a TAR archive that is. Raises: CorruptDocument."""
    packed = path.stat().st_size
    try:
        with _unpacking(path) as stream:
            is_tar = stream.read(512)[_USTAR] == b"ustar"
    except _BROKEN as error:
        raise _damaged("The file", error) from None
    with _unpacking(path) as stream:
        if is_tar:
            yield from _members(stream, packed, limits)
        else:
            yield Member("", _told("contents"), partial(_alone, stream, packed, limits))


def _unpacking(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        head = file.read(3)
    how = gzip.open if head.startswith(b"\x1f\x8b") else bz2.open if head == b"BZh" else lzma.open
    return cast(IO[bytes], how(path))


def _alone(stream: IO[bytes], packed: int, limits: Settings) -> Iterator[bytes]:
    try:
        yield from _inflated(stream, packed, "The file", limits)
    except _BROKEN as error:
        raise _damaged("The file", error) from None


def _members(stream: IO[bytes], packed: int, limits: Settings) -> Iterator[Member]:
    try:
        with tarfile.open(fileobj=stream, mode="r|", errorlevel=0) as archive:
            for info in archive:
                if info.isreg() and (below := place(info.name)) is not None:
                    yield Member(below, _told(below), partial(_in_tar, archive, info, packed, limits))
    except _BROKEN as error:
        raise CorruptDocument(f"The archive is damaged: {_why(error)}. It may have been cut short.") from None


def _in_tar(archive: tarfile.TarFile, info: tarfile.TarInfo, packed: int, limits: Settings) -> Iterator[bytes]:
    try:
        member = archive.extractfile(info)
        if member is not None:
            yield from _inflated(member, packed, info.name, limits)
    except _BROKEN as error:
        raise _damaged(info.name, error) from None


def _inflated(stream: IO[bytes], packed: int, name: str, limits: Settings) -> Iterator[bytes]:
    size = 0
    while piece := stream.read(_CHUNK):
        size += len(piece)
        if size > MiB and size > limits.max_unpack_ratio * max(packed, 1):
            most = f"{limits.max_unpack_ratio} times its packed size"
            raise DocumentTooLarge(f"{name!r} unpacks to more than {most} (max_unpack_ratio).")
        yield piece


def _told(name: str) -> str:
    return f"Attachment: {name}"


def _damaged(name: str, error: Exception) -> CorruptDocument:
    return CorruptDocument(f"{name!r} in it is damaged: {_why(error)}.")


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
