"""Zip archives from strangers: names looked up leniently, bytes inflated under limits, nothing ever written to disk."""

import lzma
import posixpath
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast
from unicodedata import normalize

from kbray.config import MiB, Settings
from kbray.errors import CorruptDocument, DocumentTooLarge, EncryptedDocument
from kbray.parse.mended import mended

_CHUNK = 256 * 1024
_ENCRYPTED = 0x1  # general purpose bit 0
_UTF8 = 0x800  # … bit 11: the name is in UTF-8
_UNICODE_PATH = 0x7075
# What zipfile and its decompressors are seen to raise for members that do not follow the format.
_BROKEN = (
    zipfile.BadZipFile,
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


class Archive:
    """A zip file open for reading; what is inflated is counted against `limits` while it is inflated.

    Raises on opening: CorruptDocument (no zip, or no end header), DocumentTooLarge (too many members).
    """

    def __init__(self, path: Path | IO[bytes], limits: Settings) -> None:
        self._limits = limits
        self._file = path.open("rb") if isinstance(path, Path) else path
        try:
            self._zip = _opened(self._file)
        except _BROKEN as error:
            self._file.close()
            raise CorruptDocument(f"The archive can't be opened: {error}. It may have been cut short.") from None
        named = (info for info in self._zip.infolist() if info.filename)  # of one without a name `is_dir` raises IndexError
        self._members = {info.filename: info for info in named if not info.is_dir()}
        self._unpacked: dict[str, int] = {}
        self._total = 0
        count = len(self._zip.infolist())
        if count > limits.max_archive_members:
            self.close()
            raise DocumentTooLarge(f"The archive has {count} members, max_archive_members allows {limits.max_archive_members}.")
        self._folded: dict[str, str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, too."""
        self._zip.close()
        self._file.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names in the order of the archive's directory, each once, folders left out."""
        return tuple(self._members)

    @property
    def duplicates(self) -> tuple[str, ...]:
        """Names that several members bear; the last one is read."""
        seen: set[str] = set()
        twice: dict[str, None] = {}
        for info in self._zip.infolist():
            if info.filename in seen:
                twice[info.filename] = None
            seen.add(info.filename)
        return tuple(twice)

    def find(self, name: str) -> str | None:
        """The member that `name` means: exactly, or without regard to case, Unicode form and `./`, or None."""
        if name in self._members:
            return name
        if self._folded is None:
            self._folded = {}
            for known in self._members:
                self._folded.setdefault(_fold(known), known)
        return self._folded.get(_fold(name))

    def size(self, name: str) -> int:
        """Bytes that a member claims to unpack to."""
        return self._members[name].file_size

    def raw_name(self, name: str) -> bytes:
        """The bytes that name a member; in UTF-8 where the archive says so, else in the code page of whoever made it."""
        info = self._members[name]
        if info.flag_bits & _UTF8:
            return info.orig_filename.encode("utf-8", "surrogateescape")
        return _unicode_path(info.extra) or info.orig_filename.encode("cp437", "replace")

    @property
    def begins_at(self) -> int:
        """Bytes of the file before the first member: 0, unless something was put before the archive."""
        return min((info.header_offset for info in self._zip.infolist()), default=0)

    def is_link(self, name: str) -> bool:
        """Whether a member stands for another place, as archives made on Unix tell."""
        return stat.S_ISLNK(self._members[name].external_attr >> 16)

    def read(self, name: str) -> bytes:
        """The bytes of a member.

        Raises: CorruptDocument (no such member, CRC or compression broken), EncryptedDocument, DocumentTooLarge.
        """
        return b"".join(self.stream(name))

    def stream(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, piece by piece; raises as `read`."""
        info = self._members.get(name)
        if info is None:
            raise CorruptDocument(f"The archive has no member {name!r}.")
        if info.flag_bits & _ENCRYPTED:
            raise EncryptedDocument(f"The member {name!r} is protected by a password.")
        size = 0
        try:
            with self._zip.open(info) as member:
                while piece := member.read(_CHUNK):
                    size += len(piece)
                    self._count(info, size)
                    yield piece
        except _BROKEN as error:
            raise CorruptDocument(f"The member {name!r} is damaged: {str(error) or type(error).__name__}.") from None

    def _count(self, info: zipfile.ZipInfo, size: int) -> None:
        limits, name = self._limits, info.filename
        if size > limits.max_member_bytes:
            raise DocumentTooLarge(
                f"The member {name!r} unpacks to more than max_member_bytes allows ({limits.max_member_bytes})."
            )
        if size > MiB and size > limits.max_unpack_ratio * max(info.compress_size, 1):
            raise DocumentTooLarge(
                f"The member {name!r} unpacks to more than {limits.max_unpack_ratio} times its packed size (max_unpack_ratio)."
            )
        known = self._unpacked.get(name, 0)
        if size > known:  # a member read twice counts once
            self._unpacked[name] = size
            self._total += size - known
        if self._total > limits.max_unpacked_bytes:
            raise DocumentTooLarge(f"The archive unpacks to more than max_unpacked_bytes allows ({limits.max_unpacked_bytes}).")


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    """Raises: those of `_BROKEN`."""
    try:
        return zipfile.ZipFile(file)
    except _BROKEN:
        if (other := mended(file)) is None:
            raise
    return zipfile.ZipFile(cast("IO[bytes]", other))


def _unicode_path(extra: bytes) -> bytes | None:
    """A member's name in UTF-8, as Info-ZIP writes it beside that in a code page (APPNOTE.TXT, 4.6.9)."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == _UNICODE_PATH and size > 5:
            return extra[at + 9 : at + 4 + size]
        at += 4 + size
    return None


def resolve(base: str, href: str) -> str:
    """The path inside the archive that `href`, seen in member `base`, means; it can't climb above the root."""
    joined = posixpath.normpath(posixpath.join("/", posixpath.dirname(base), href.replace("\\", "/")))
    return joined.lstrip("/")


def _fold(name: str) -> str:
    return normalize("NFC", resolve("", name)).casefold()
