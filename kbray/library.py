"""The knowledge base for notebooks and programs: files, documents, search. Nothing is read before it is asked for."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from kbray import config, wiring
from kbray.catalogue import FileRow, RunAttempt
from kbray.catalogue.selection import byline
from kbray.errors import ConfigError, MissingResult
from kbray.model import FILE_STATUSES, GRADES, FileId, FileStatus, Grade, Hit, PageImage, RunId, RunInfo, SearchMode
from kbray.objects import layout
from kbray.ops.find import find_any, find_one, find_passage
from kbray.ops.listing import every_file
from kbray.ops.pages import images
from kbray.ops.results import folder_of
from kbray.ops.search import left_out, load, search, unknown, unspoken
from kbray.wiring import Wiring

if TYPE_CHECKING:
    import pyarrow as pa

    from kbray.model import Element

_PAGE = 1000
_LAST_ID = 2**63 - 1
_COLUMNS = (
    *("id", "name", "uri", "gone", "sha256", "media_type", "size_bytes", "status", "pages", "complete", "title", "language"),
    *("engine", "characters", "units_expected", "units_produced", "quality", "date"),
)
_TRIED_AT = ("file_id", "name", "media_type")
_TRY = ("part", "attempt", "host", "outcome", "started_at", "ended_at", "pages")
_COUNTED = {"operator": "string"} | dict.fromkeys(("tasks", "blocks", "rows", "bytes"), "int64")
_COUNTED |= dict.fromkeys(("seconds", "task_s", "longest_s", "cpu_s"), "float64")
_EFFORT = ("parse_s", "recognise_s", "commit_s", "cpu_s", "peak_bytes")


class Library:
    """What `kbray.open()` gives, to be read only. Close it, or use it in a `with`; from several threads is fine."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def files(
        self,
        *,
        status: FileStatus | None = None,
        only: str | None = None,
        author: str | None = None,
        since: str | int | None = None,
        until: str | int | None = None,
    ) -> "pa.Table":
        """A row a file, by id: `.to_pandas()`, or `polars.from_arrow(…)`.

        Columns: id, name, uri, gone (deleted or replaced since), sha256, media_type, size_bytes, status, pages, complete, title,
        language, engine, characters, units_expected and units_produced (pages or chapters), quality (good, fair, poor), date
        (day, month or year: published or sent, else saved or made), authors, error (code of the first failure).
        Args: only: a kind (`pdf`, `image/*`) or a pattern (`*physics*`).  author, since, until: as in `search`.
        Raises: ConfigError: a date is none.
        """
        import pyarrow as pa

        _require_known(status, None)
        rows = list(every_file(self._wired.catalogue(), status, only, by=byline(author, since, until)))
        columns = {name: [getattr(row, name) for row in rows] for name in _COLUMNS}
        columns |= {"authors": pa.array([row.authors for row in rows], pa.list_(pa.string()))}
        return pa.table(columns | {"error": [row.error.code if row.error else None for row in rows]})

    def document(self, file: str | int) -> "LibraryDocument":
        """A document by path or URI, the start of its SHA-256, its id, or its name.

        Raises: ConfigError: no file, or more than one, is called so.
        """
        catalogue = self._wired.catalogue()
        try:
            row = catalogue.file(FileId(file) if isinstance(file, int) else find_one(catalogue, file)).row
        except KeyError:
            raise ConfigError(f"No file has the id {file}; `kb.files()` lists them all.") from None
        return LibraryDocument(row, self._wired)

    def called(self, name: str, limit: int) -> list[FileRow]:
        """The files that may be meant by a name: as in `document`, or all whose titles or places have its words."""
        catalogue = self._wired.catalogue()
        found = find_any(catalogue, name)
        return [catalogue.file(one).row for one in found[:limit]] if found else self.rows(named=name, limit=limit)

    def search(
        self,
        words: str,
        k: int = 10,
        *,
        mode: SearchMode | None = None,
        only: str | None = None,
        language: str | None = None,
        file_ids: Sequence[int] | None = None,
        author: str | None = None,
        since: str | int | None = None,
        until: str | int | None = None,
        per_file: int | None = None,
    ) -> list[Hit]:
        """The `k` passages that answer best, best first: `hit.chunk.text`, `hit.name`, `hit.chunk.page`, ….

        Args: words: words, "a phrase", -what must not be there, begin*.  mode: "lexical" (by words), "dense" (by meaning) or
              "hybrid"; None: hybrid, where there are vectors.  only: as in `files`.  language: `en`, `pt-BR`.
              file_ids: only in these files.  author: a name or a part of it, as the documents say.  since, until: a day
              (`2019-03-07`), month (`2019-03`) or year (`2019`), both included; files without a date are left out: see `undated`.
              per_file: at most so many passages of each; 1: which documents are about it.
        Raises: ConfigError: by meaning, but there are no vectors, or their model can't be had; `k`, `mode` or a date can't be
                meant.
        """
        ids, by = _ids(file_ids), byline(author, since, until)
        return search(self._wired, words, k, mode=mode, only=only, language=language, file_ids=ids, by=by, per_file=per_file)

    def undated(
        self,
        *,
        only: str | None = None,
        file_ids: Sequence[int] | None = None,
        author: str | None = None,
        since: str | int | None = None,
        until: str | int | None = None,
    ) -> str:
        """A sentence on the files that `search` and `rows` leave out since they have no date; "": there are none."""
        return left_out(self._wired, byline(author, since, until), only=only, file_ids=_ids(file_ids))

    def unknown(self, words: str) -> list[str]:
        """The words of a search that stand in no passage at all."""
        return unknown(self._wired, words)

    def unspoken(self, language: str | None) -> str:
        """A sentence where no passage is in this language, with those that there are; "": there are some."""
        return unspoken(self._wired, language)

    def passage(self, name: str) -> Hit | None:
        """The passage that a hit calls so (`12:3`: file 12, passage 3), without a score; None: it names a file.

        Raises: ConfigError: there is no such passage, nor a file of that name.
        """
        found = find_passage(self._wired.catalogue(), name)
        return None if found is None else found[0]

    def runs(self, limit: int = 20) -> list[RunInfo]:
        """The newest first."""
        return self._wired.catalogue().runs(limit, lease_s=self._wired.settings.lease_s)

    def attempts(self, run: int) -> "pa.Table":
        """What a run tried, a row a try: where its time and memory went.

        Columns: file_id, name, media_type, part (-1: cut into chunks, -2: embedded), attempt, host, outcome, started_at,
        ended_at, pages, parse_s (or of chunking), recognise_s (or of embedding), commit_s, cpu_s (seconds), peak_bytes.
        """
        import pyarrow as pa

        rows = list(self._every_attempt(RunId(run)))
        columns: dict[str, list[object]] = {name: [getattr(row, name) for row in rows] for name in _TRIED_AT}
        columns |= {name: [getattr(row.attempt, name) for row in rows] for name in _TRY}
        columns |= {name: [getattr(row.attempt.effort, name) for row in rows] for name in _EFFORT}
        return pa.table(columns)

    def ray_stats(self, run: int) -> "pa.Table":
        """What Ray Data counted in a run of this machine, a row an operator, pass after pass; no rows: it left nothing here.

        Columns: operator, tasks, blocks, rows and bytes (of its output), seconds (from its first task's start to its last one's
        end), task_s (sum over its tasks), longest_s (of the slowest block), cpu_s.
        """
        import pyarrow as pa

        path = self._wired.settings.stats_of(run)
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
        return pa.Table.from_pylist(rows, pa.schema(_COUNTED))

    def load(self) -> None:
        """Load the model that searches by meaning need; else the first of them does."""
        load(self._wired)

    def close(self) -> None:
        self._wired.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def rows(
        self,
        *,
        status: FileStatus | None = None,
        only: str | None = None,
        quality: Grade | None = None,
        named: str | None = None,
        file_ids: Sequence[int] | None = None,
        author: str | None = None,
        since: str | int | None = None,
        until: str | int | None = None,
        after: int = 0,
        limit: int = _PAGE,
        newest: bool = False,
    ) -> list[FileRow]:
        """A page of files by id, above the id `after`.

        Args: only: as in `files`.  named: words that are in their titles or places.  file_ids: of these.
              author, since, until: as in `search`.  newest: by their dates, the newest first, those without one last; `after` is
              the last of the page before.
        Raises: ConfigError: there is no such status or grade; a date is none; a limit below 0.
        """
        _require_known(status, quality)
        if limit < 0:
            raise ConfigError(f"limit: {limit} files can't be told; give 0 or more.")
        ids, by = _ids(file_ids), byline(author, since, until)
        return self._wired.catalogue().files(
            status, only, after, limit, quality=quality, named=named, file_ids=ids, by=by, newest=newest
        )

    def count(
        self,
        *,
        status: FileStatus | None = None,
        only: str | None = None,
        quality: Grade | None = None,
        named: str | None = None,
        file_ids: Sequence[int] | None = None,
        author: str | None = None,
        since: str | int | None = None,
        until: str | int | None = None,
    ) -> int:
        """How many files there are. Args and errors: as in `rows`."""
        _require_known(status, quality)
        ids, by = _ids(file_ids), byline(author, since, until)
        return self._wired.catalogue().count(status, only, quality=quality, named=named, file_ids=ids, by=by)

    def _every_attempt(self, run: RunId) -> Iterator[RunAttempt]:
        after = 0
        while page := self._wired.catalogue().attempts(run, after, _PAGE):
            yield from page
            after = page[-1].id


@dataclass(frozen=True)
class LibraryDocument:
    """One file and what was made of it; what is asked for twice is read once."""

    row: FileRow
    _wired: Wiring

    @cached_property
    def markdown(self) -> str:
        """Raises: MissingResult: the file has none, for the reason told."""
        return self._read(layout.MARKDOWN).decode()

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """`document.json`: title, contents, what is there and what is missing. Raises: MissingResult."""
        found: dict[str, Any] = json.loads(self._read(layout.MANIFEST))
        return found

    @cached_property
    def elements(self) -> "Sequence[Element]":
        """In reading order. Raises: MissingResult."""
        from kbray.document.arrow import elements_from_parquet

        return elements_from_parquet(self._read(layout.ELEMENTS))

    @property
    def table(self) -> "pa.Table":
        """The elements as Arrow: `.to_pandas()`. Raises: MissingResult."""
        import io

        import pyarrow.parquet as pq

        return pq.read_table(io.BytesIO(self._read(layout.ELEMENTS)))

    @property
    def passages(self) -> list[Hit]:
        """Its chunks as they are in the index, in order."""
        return self._wired.catalogue().passages(self.row.id, 0, 2**31 - 1)

    def page_image(self, page: int, dpi: int = 150) -> PageImage:
        """A page of a PDF, DjVu or image file as recognition sees it: in grey, `image` is a JPEG, its size is told in points.

        `element.box` is in the same points: times `dpi / 72` it is in pixels.
        Raises: MissingResult: there is no such page, it is blank, or the original is gone. DocumentError: it can't be drawn.
        """
        if not 1 <= page <= (self.row.pages or 0):
            raise MissingResult(f"{self.row.name} has {self.row.pages or 'no'} pages that can be drawn; {page} is none of them.")
        for image in images(self._wired, self.row, page, page, dpi):
            return image
        raise MissingResult(f"Page {page} of {self.row.name} is blank.")

    def _read(self, name: str) -> bytes:
        key = folder_of(self.row, wanted=name) + name
        try:
            return self._wired.objects().get(key)
        except KeyError:
            raise MissingResult(f"The {name} of {self.row.name} is no longer in {self._wired.objects().url}.") from None


def _require_known(status: str | None, quality: str | None) -> None:
    for what, value, known in (("status", status, FILE_STATUSES), ("grade", quality, GRADES)):
        if value is not None and value not in known:
            raise ConfigError(f"There is no {what} {value!r}: it is one of {', '.join(known)}.")


def _ids(file_ids: Sequence[int] | None) -> tuple[FileId, ...] | None:
    """Without those that no file can have."""
    return None if file_ids is None else tuple(FileId(one) for one in file_ids if 0 < one <= _LAST_ID)


def open_library(**settings: Any) -> Library:
    """See `kbray.open`."""
    return Library(wiring.connect(config.load(**settings), read_only=True))
