"""Results leave kbray: as Markdown, as a line of JSON an element, or as the element JSON of `unstructured`."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from kbray.catalogue import FileRow
from kbray.config import Settings
from kbray.errors import ConfigError, DocumentError
from kbray.model import FINISHED, FileId
from kbray.objects import layout
from kbray.ops.formats import SUFFIXES, Format
from kbray.parse.media import CHM, DOCX, EPUB, EPUB_PICTURES, HWP, HWPX, IWORK, ODG, ODP, ODS, ODT, PPTX, XLSB, XLSX
from kbray.ports import Objects

PACKAGES = (CHM, EPUB, EPUB_PICTURES, DOCX, PPTX, XLSX, XLSB, ODT, ODP, ODS, ODG, *sorted(IWORK), HWP, HWPX)
"""Kinds whose pictures lie in the file itself, where `target` says."""
MAX_NAME_BYTES = 200  # file systems take 255; a suffix must fit behind
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]')


class NotReady(Exception):
    """The file has no results, or the store has lost them; or a file of the user's lies where it would be written."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """Reads results from the store and writes them in one format; one document in memory at a time."""

    objects: Objects
    format: Format
    settings: Settings

    def text(self, row: FileRow) -> str:
        """The document, ending with a newline. Text that UTF-8 can't hold does not come out of kbray's results.

        Raises: NotReady.
        """
        if self.format == "unstructured":
            return json.dumps(self.dicts(row), ensure_ascii=False, indent=1) + "\n"
        return "".join(self.pieces(row))

    def pieces(self, row: FileRow) -> Iterator[str]:
        """The Markdown in one piece, or JSON Lines one by one, each with the content's SHA-256 in front."""
        if self.format == "markdown":
            yield self._read(row, layout.MARKDOWN).decode()
            return
        from kbray.document import jsonl
        from kbray.document.arrow import elements_from_parquet

        elements = elements_from_parquet(self._read(row, layout.ELEMENTS))
        for line in jsonl.lines(elements):
            yield f'{{"sha256":"{row.sha256}",{line[1:]}'

    def dicts(self, row: FileRow) -> list[dict[str, object]]:
        """What `unstructured.staging.base.elements_from_dicts` reads."""
        from kbray.document.arrow import elements_from_parquet
        from kbray.document.unstructured import to_dicts

        elements = elements_from_parquet(self._read(row, layout.ELEMENTS))
        return to_dicts(elements, filename=row.name, media_type=row.media_type)

    def illustrated(self, row: FileRow, folder: Path) -> str:
        """Markdown that shows the pictures of the file where they lie now: in `folder`, beside it, which is made for them only.

        Raises: NotReady. DocumentError: the original can't be opened. OSError: the folder can't be written.
        """
        from kbray.document import markdown
        from kbray.document.arrow import elements_from_parquet
        from kbray.parse.chm.pictures import pictures as pictures_of_help
        from kbray.parse.epub.chapters import pictures
        from kbray.parse.hangul.hwp_file import pictures as pictures_of_hwp
        from kbray.parse.iwork.package import pictures as pictures_of_iwork

        elements = elements_from_parquet(self._read(row, layout.ELEMENTS))
        shown = dict.fromkeys(element.target for element in elements if element.kind == "image" and element.is_content)
        places: dict[str, str] = {}
        taken: set[str] = set()
        try:
            with self.objects.local(layout.original(row.sha256)) as path:
                of_kinds = {CHM: pictures_of_help, HWP: pictures_of_hwp, **dict.fromkeys(IWORK, pictures_of_iwork)}
                found = of_kinds.get(row.media_type, pictures)
                for name, data in found(path, filter(None, shown), self.settings):
                    plain = PurePosixPath(name)
                    place = folder / free_name(plain.name, hashlib.sha256(name.encode()).hexdigest(), plain.suffix.lower(), taken)
                    folder.mkdir(exist_ok=True)
                    _write(place, data)
                    places[name] = f"{folder.name}/{place.name}"
        except KeyError:
            raise NotReady(f"its original is gone from {self.objects.url}.") from None
        return markdown.render(replace(element, target=places.get(element.target or "", element.target)) for element in elements)

    def _read(self, row: FileRow, name: str) -> bytes:
        if row.status not in FINISHED or row.fingerprint is None:
            reason = f"it failed: {row.error.message}" if row.error else f"its status is {row.status}; run `kbray process` first"
            raise NotReady(f"{row.name} ({row.id}) has no results: {reason}")
        try:
            return self.objects.get(layout.result(row.sha256, row.fingerprint, name))
        except KeyError:
            raise NotReady(
                f"{row.name} ({row.id}) has lost its {name} in {self.objects.url}: run `kbray cleanup --auto-fix`."
            ) from None


@dataclass(frozen=True, slots=True)
class Written:
    """One file written, and its place."""

    id: FileId
    path: str


def write_folder(
    exporter: Exporter, rows: Iterable[FileRow], folder: Path, taken_in: Callable[[Path], bool]
) -> Iterator[Written | NotReady]:
    """Each document as a file of its own, named after its source; what can't be exported is yielded as the reason.

    The pictures that Markdown shows lie in a folder of its name. Where two sources have the same name without its ending, the
    later one keeps the ending, or gets the start of its SHA-256 too. The same export again writes the same names. Files are
    replaced atomically; those that were taken in, never.

    Args: taken_in: whether a file that kbray took in lies there.
    Raises: ConfigError: the folder can't be written.
    """
    taken: set[str] = set()
    suffix = SUFFIXES[exporter.format]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for row in rows:
            try:
                text = exporter.text(row)
            except NotReady as reason:
                yield reason
                continue
            path = folder / free_name(row.name, row.sha256, suffix, taken)
            if taken_in(path):
                yield NotReady(f"{row.name} ({row.id}) would replace {path}, a file that kbray took in: name another folder.")
                continue
            if exporter.format == "markdown" and row.media_type in PACKAGES:
                try:
                    text = exporter.illustrated(row, path.with_suffix(".pictures"))
                except (NotReady, DocumentError) as reason:
                    yield NotReady(f"{row.name} ({row.id}) is exported without its pictures: {reason}")
            _write(path, text.encode())
            yield Written(row.id, str(path))
    except OSError as error:
        raise ConfigError(f"{error.filename or folder} can't be written: {error.strerror}.") from None


def _write(path: Path, data: bytes) -> None:
    """Whole, or not at all."""
    unfinished = path.with_name(f".{hashlib.sha256(path.name.encode()).hexdigest()[:16]}.part")
    unfinished.write_bytes(data)
    unfinished.replace(path)


def free_name(name: str, sha256: str, suffix: str, taken: set[str]) -> str:
    """A file name that no other of this export has, on file systems blind to case too; it is added to `taken`."""
    whole = _shortened(_UNSAFE.sub("_", name).strip(". ") or sha256[:8])
    stem = whole.rsplit(".", 1)[0] or whole
    candidates = (stem, whole, f"{stem}-{sha256[:8]}", f"{stem}-{sha256[:32]}")
    found = next((text + suffix for text in candidates if (text + suffix).casefold() not in taken), f"{sha256}{suffix}")
    taken.add(found.casefold())
    return found


def _shortened(text: str) -> str:
    return text.encode()[:MAX_NAME_BYTES].decode(errors="ignore")
