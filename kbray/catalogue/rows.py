"""What the catalogue answers with: frozen rows of plain values.

A `uri` in these rows is made for reading (see `storable.shown`): the path or URI as it is, unless its bytes are no text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kbray.model import (
    AttemptOutcome,
    Effort,
    Failure,
    FileId,
    FileStatus,
    Grade,
    PartState,
    Reason,
    RunId,
    RunInfo,
    Stage,
    Window,
)


@dataclass(frozen=True, slots=True)
class KnownLocation:
    """A place met before. Where it could not be read the last time, size and time are -1, so that it never looks unchanged."""

    uri: str  # as it was asked for
    file_id: FileId | None
    sha256: str | None
    size_bytes: int
    mtime_ns: int
    version: str | None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of a commit. `last`: no part of the file is left, and it is for this claim's holder to finish it."""

    accepted: bool
    last: bool


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file as lists show it."""

    id: FileId
    sha256: str
    name: str
    uri: str  # a place where it lies, else one where it was seen
    gone: bool  # it lies at none of the places where it was seen: deleted, moved, or other content has its place
    media_type: str
    size_bytes: int
    status: FileStatus
    pages: int | None
    complete: bool | None  # None: not processed yet
    title: str | None
    language: str | None
    engine: str | None
    fingerprint: str | None
    characters: int | None
    units_expected: int | None
    units_produced: int | None
    quality: Grade | None  # None: not processed yet, failed, or processed before there were grades
    reasons: tuple[Reason, ...]  # why it is not good
    error: Failure | None  # the first one, by part and page
    authors: tuple[str, ...] = ()  # as far as the document says
    date: str | None = None  # day (2019-03-07), month or year: published or sent, else saved or made


@dataclass(frozen=True, slots=True)
class Adopted:
    """What the system before kbray said of a place, in its own words."""

    uri: str
    source: str  # its database, without user and password
    status: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class LocationRow:
    uri: str
    size_bytes: int
    mtime_ns: int
    version: str | None
    seen_at: datetime
    gone_at: datetime | None
    problem: str | None
    adopted: Adopted | None = None


@dataclass(frozen=True, slots=True)
class PartRow:
    part: int
    window: Window
    state: PartState
    attempts: int
    interruptions: int
    run: RunId | None
    fingerprint: str | None
    pages: int | None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try at one part; rows are added and closed, never removed."""

    part: int
    attempt: int
    run: RunId
    host: str
    outcome: AttemptOutcome
    started_at: datetime
    ended_at: datetime | None
    pages: int
    effort: Effort


@dataclass(frozen=True, slots=True)
class RunAttempt:
    """One try of a run, and at what."""

    id: int
    file_id: FileId
    name: str
    media_type: str
    attempt: AttemptRow


@dataclass(frozen=True, slots=True)
class FileDetail:
    row: FileRow
    encrypted: bool
    scanned: bool | None
    again: bool  # it came out poor, and is or was done another way
    locations: tuple[LocationRow, ...]
    parts: tuple[PartRow, ...]
    attempts: tuple[AttemptRow, ...]  # the latest 1000, oldest first
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Failures with one signature: one problem."""

    signature: str
    code: str
    stage: Stage
    files: int
    gone: int  # of these files
    parts: int
    example: FileRow
    message: str  # of the example


@dataclass(frozen=True, slots=True)
class Cost:
    """What attempts of one run cost together: those at files of a kind (`name` is the media type), or at one file."""

    name: str
    file_id: FileId | None  # None: many files
    files: int
    parts: int  # attempts, so a part that was tried twice counts twice
    pages: int
    effort: Effort  # summed over the attempts; `peak_bytes` is the largest


@dataclass(frozen=True, slots=True)
class RunProfile:
    """Where the time of a run went."""

    run: RunInfo
    indexing: bool  # it made chunks or vectors
    kinds: tuple[Cost, ...]  # by media type, the dearest first
    slowest: tuple[Cost, ...]  # files, the dearest first
    problems: tuple[Problem, ...]  # that it met, and that nobody has mended since
    before: "RunProfile | None" = None  # the last one that did the same; what was before that is left out


@dataclass(frozen=True, slots=True)
class VectorsReport:
    """How many of the indexed files have the vectors of a model."""

    model: str
    active: bool
    files: int
    of: int


@dataclass(frozen=True, slots=True)
class StatusReport:
    """How the pile stands. A file that has no pages counts as one."""

    files: Mapping[FileStatus, int]  # all six, zeros too
    total: int
    pages: int
    pages_done: int
    pages_failed: int  # of failed files
    incomplete: int  # files processed with something missing
    quality: Mapping[Grade, int]  # documents, all three, zeros too
    stale: int | None  # files read by an older kbray or with other settings; None: what it would be now was not told
    stale_index: int | None  # files indexed so; None: likewise
    problems: int  # places that could not be read
    gone: int  # files that are no longer where they were seen
    older_census: int  # files that are where they were seen, and were looked at by an older kbray
    stuck_parts: int  # held by runs that do not live
    vectors: tuple[VectorsReport, ...]  # of the active model, and of one that is built beside it
    runs: tuple[RunInfo, ...]  # the live ones, then the latest that ended
