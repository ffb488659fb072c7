"""What kbray talks about: files, parts, runs, and the elements a document is made of. Standard library only."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, make_dataclass, replace
from datetime import datetime
from functools import wraps
from operator import attrgetter
from typing import Any, Literal, NewType, TypeVar, get_args

from kbray.geometry import Box, union

T = TypeVar("T")

FileId = NewType("FileId", int)
RunId = NewType("RunId", int)

FileStatus = Literal["synced", "processing", "processed", "indexing", "indexed", "failed"]
FILE_STATUSES: tuple[FileStatus, ...] = get_args(FileStatus)
FINISHED: tuple[FileStatus, ...] = ("processed", "indexing", "indexed")
"""Statuses of files that have results."""
PartState = Literal["pending", "claimed", "done", "failed"]
RunState = Literal["running", "stopping", "succeeded", "failed", "interrupted", "dead"]
SearchMode = Literal["hybrid", "dense", "lexical"]
SEARCH_MODES: tuple[SearchMode, ...] = get_args(SearchMode)
Stage = Literal["sync", "census", "parse", "recognise", "commit", "assemble", "chunk", "publish", "embed"]
AttemptOutcome = Literal["started", "done", "failed", "released", "lost"]
Grade = Literal["good", "fair", "poor"]
GRADES: tuple[Grade, ...] = get_args(Grade)

Kind = Literal[
    "heading",
    "paragraph",
    "list_item",
    "table",
    "image",
    "caption",
    "footnote",
    "code",
    "formula",
    "header",
    "footer",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Origin = Literal["text", "ocr"]
NOTE_MARK = re.compile(r"\[\^([^\[\]\s]+)\]")
"""How text refers to the footnote of a label."""
REMARK = re.compile(r"c\d+")
"""The label of a footnote that is a comment to the document."""

# ---------------------------------------------------------------- documents


def made_fast(made: type[T]) -> type[T]:
    """A frozen class of many fields, whose instances are made in half the time.

    While it is filled, an instance is of a twin class that isn't frozen: there a field costs a fifth of `object.__setattr__`.
    """
    frozen: Any = made
    told = [(one.name, one.type, field(default=one.default)) for one in fields(frozen)]
    twin: Any = make_dataclass(made.__name__, told, slots=True)
    fill, turn = twin.__init__, object.__setattr__

    @wraps(fill)
    def init(self: object, *values: object, **named: object) -> None:
        turn(self, "__class__", twin)
        fill(self, *values, **named)
        self.__class__ = made

    frozen.__init__ = init
    return made


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; `row` and `column` start at 0."""

    row: int
    column: int
    text: str = ""
    row_span: int = 1
    column_span: int = 1
    header: bool = False
    page: int | None = None  # from 1
    box: Box | None = None  # points on that page


@dataclass(frozen=True, slots=True)
class Table:
    cells: tuple[Cell, ...]

    @property
    def rows(self) -> int:
        return max((c.row + c.row_span for c in self.cells), default=0)

    @property
    def columns(self) -> int:
        return max((c.column + c.column_span for c in self.cells), default=0)

    def mirrored(self) -> "Table":
        """The table with its last column first."""
        width = self.columns
        turned = (replace(cell, column=width - cell.column - cell.column_span) for cell in self.cells)
        return Table(tuple(sorted(turned, key=lambda cell: (cell.row, cell.column))))

    def moved(self, move: Callable[[Box], Box]) -> "Table":
        """The table with its cells' boxes elsewhere."""
        return Table(tuple(replace(cell, box=cell.box and move(cell.box)) for cell in self.cells))


@dataclass(frozen=True, slots=True)
class Continuation:
    """Where a text goes on behind a page or column break."""

    page: int  # from 1
    box: Box  # points on that page
    start: int  # of it in the text


@made_fast
@dataclass(frozen=True, slots=True)
class Element:
    """A piece of a document with its place: page and box, or chapter and anchor. Empty text is legal."""

    kind: Kind
    text: str = ""
    level: int = 0  # heading: 1-6; list item: depth from 1
    page: int | None = None  # from 1
    box: Box | None = None  # points on that page
    chapter: str | None = None  # EPUB: href of the spine item; CHM: path of the topic; office: sheet, slide, or page of a drawing
    anchor: str | None = None  # id inside the chapter, or that of the note
    heading_path: tuple[str, ...] = ()  # titles above this element, outermost first; assembly fills it in
    marker: str | None = None  # list item: "1." or "-"; footnote: its label, which text refers to as [^label]
    target: str | None = None  # image: where its bytes are (href inside the container); file inside a file: its SHA-256
    table: Table | None = None
    language: str | None = None  # BCP 47
    origin: Origin = "text"
    confidence: float | None = None  # 0-1, recognised text only
    continues: bool = False  # the sentence or table goes on in the next element (column or page break)
    main: bool = True  # False: navigation, teasers, comments and the like, around what a web page is about; hidden sheets
    print_page: str | None = None  # EPUB: page of the printed edition on which it begins, as the book says: "xii", "752"
    formulas: tuple[str, ...] = ()  # MathML of the formulas in it, in order; `text` has them to read
    rest: tuple[
        Continuation, ...
    ] = ()  # of a paragraph that goes on over page or column breaks; `page` and `box` are of its beginning

    def below(self, path: tuple[str, ...]) -> "Element":
        """The element with these titles above it; as `replace` does it, in a third of the time: nearly all come by here."""
        values = list(_VALUES(self))
        values[_PATH] = path
        return Element(*values)

    @property
    def is_content(self) -> bool:
        """What Markdown and passages take: no running titles of pages, nothing around the main content."""
        return self.main and self.kind not in ("header", "footer")

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages it stands on, in order: several where it goes on over page breaks."""
        others = {cell.page for cell in self.table.cells} if self.table else {part.page for part in self.rest}
        return tuple(sorted(page for page in {self.page, *others} if page is not None))

    def boxes_on(self, page: int) -> tuple[Box, ...]:
        """Its places on one of its pages, where they are known: several where it goes on in the next column."""
        own = (self.box,) if page == self.page and self.box is not None else ()
        if own and self.table is not None:
            return own
        boxes = [cell.box for cell in self.table.cells if cell.page == page and cell.box is not None] if self.table else []
        return (*own, *(part.box for part in self.rest if part.page == page), *((union(boxes),) if boxes else ()))


_NAMES = [one.name for one in fields(Element)]
_VALUES, _PATH = attrgetter(*_NAMES), _NAMES.index("heading_path")


@dataclass(frozen=True, slots=True)
class Unit:
    """A line of the completeness ledger: a page, a chapter, or the whole of a small file."""

    name: str  # "12" or "text/ch01.xhtml"
    characters: int = 0
    produced: bool = True  # False: it is missing from the result
    elements: int = 0
    lost: int = 0  # characters that stand there and mean nothing in Unicode
    unread: int = 0  # lines of print that were seen and could not be read


@dataclass(frozen=True, slots=True)
class TocEntry:
    level: int
    title: str
    page: int | None = None
    chapter: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the document says of itself."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    publisher: str | None = None
    date: str | None = None  # published or sent; else when the text got its form: saved last (office), made (PDF)
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file, a part or a page is missing. `signature` groups failures that are one problem."""

    code: str
    message: str
    stage: Stage
    signature: str
    page: int | None = None
    chapter: str | None = None
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A rendered page, or a picture in a file that isn't made of pages, on its way to recognition."""

    page: int  # from 1; of a picture: its number among those that go with it
    width_pt: float
    height_pt: float
    image: bytes  # PNG or JPEG; the whole page
    partial: bool = False  # only its pictures are shown: its text is known
    layered: bool = False  # its text is a layer that doesn't show: it is read where that is in doubt
    garbled: bool = False  # its text seems to be coded wrongly: it stays where nothing better is read
    target: str | None = None  # of a picture: what its elements call it


@dataclass(frozen=True, slots=True)
class Reading:
    """What recognition makes of a page: elements in reading order. A page of nothing but a picture has that as its element."""

    elements: tuple[Element, ...] = ()
    unread: int = 0  # lines of print that were seen and could not be read


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser makes of one part. `images` are pages and pictures whose text is still to be recognised."""

    engine: str  # "epub", "pdf", "word", …
    elements: tuple[Element, ...] = ()
    units: tuple[Unit, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)
    toc: tuple[TocEntry, ...] = ()
    images: tuple[PageImage, ...] = ()
    failures: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file, assembled: the truth that `elements.parquet`, `document.md` and `document.json` show."""

    sha256: str
    fingerprint: str
    media_type: str
    engine: str
    elements: tuple[Element, ...]
    units: tuple[Unit, ...]
    metadata: Metadata
    toc: tuple[TocEntry, ...] = ()
    failures: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """No page or chapter is missing."""
        return not self.failures and all(unit.produced for unit in self.units)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a document is not good."""

    code: str  # stable: garbled-text, lost-characters, missing-pages, empty-pages, doubtful-recognition, unread-script
    message: str  # one sentence
    share: float  # of its characters or pages that this is about, 0-1


@dataclass(frozen=True, slots=True)
class Quality:
    """How far the text of a document can be trusted."""

    grade: Grade
    reasons: tuple[Reason, ...] = ()


# ---------------------------------------------------------------- the pile of files


CENSUS = 2
"""Revision of the first look at files: raised when it tells kinds, pages or attachments that it did not tell before."""


@dataclass(frozen=True, slots=True)
class Census:
    """What a first look tells of a file, without reading its content."""

    media_type: str  # by content, "application/octet-stream" when unknown
    pages: int | None = None  # paginated kinds only
    encrypted: bool = False
    scanned: bool | None = None  # paginated kinds: True when no text layer was seen on the sampled pages
    attached: int = 0  # files inside it, of a PDF


@dataclass(frozen=True, slots=True)
class Window:
    """The pages of one part, both ends included, from 1; (None, None) is the whole of an unpaginated file."""

    first_page: int | None = None
    last_page: int | None = None

    @property
    def pages(self) -> int:
        """Weight of the part: its pages, 1 for an unpaginated file."""
        return self.last_page - self.first_page + 1 if self.first_page and self.last_page else 1


@dataclass(frozen=True, slots=True)
class PartRef:
    """What streams through the pipeline: which part of which content, never its bytes."""

    file_id: FileId
    part: int  # from 0
    sha256: str
    media_type: str
    size_bytes: int
    window: Window
    parts: int  # of the whole file
    scanned: bool = False  # the census saw no text layer: its pages are to be recognised
    again: bool = False  # it came out poor: its pages are recognised now, though they have text


@dataclass(frozen=True, slots=True)
class Seen:
    """A place where content was found: a path or an s3:// URI."""

    uri: str
    size_bytes: int
    mtime_ns: int
    version: str | None = None  # S3: the ETag


@dataclass(frozen=True, slots=True)
class Found:
    """What sync learnt of one place: which content lies there and into which parts it is cut."""

    seen: Seen
    sha256: str
    census: Census
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a part, good until the run dies or claims it anew. Attempts count from 1."""

    ref: PartRef
    run: RunId
    attempt: int
    interruptions: int  # earlier tries that ended because their run died
    token: int = 0  # names this claim among all that ever were; drawn by the catalogue, and what a commit is fenced by


@dataclass(frozen=True, slots=True)
class Effort:
    """What one attempt cost."""

    parse_s: float = 0.0  # or of cutting chunks
    recognise_s: float = 0.0  # or of embedding
    commit_s: float = 0.0
    cpu_s: float = 0.0  # of the parse stage: the child, what it started, and the worker that waits for it
    peak_bytes: int = 0  # resident memory of the parse child and its children


@dataclass(frozen=True, slots=True)
class FileResult:
    """What the catalogue keeps of an assembled file."""

    fingerprint: str
    engine: str
    title: str | None
    language: str | None
    units_expected: int
    units_produced: int
    characters: int
    complete: bool
    failed: bool  # nothing of it could be read
    quality: Quality | None = None  # None: failed
    authors: tuple[str, ...] | None = ()  # None: not looked for yet
    date: str | None = None  # day (2019-03-07), month (2019-03) or year (2019)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document, as it is searched. `first` and `last` are the elements it is of, by their number there."""

    text: str
    heading_path: tuple[str, ...]
    tokens: int  # of path and text, as they are embedded
    first: int
    last: int
    repeated: int = 0  # characters at the beginning that stand in the chunk before, too
    page: int | None = None  # its place is that of what is new in it
    box: Box | None = None
    chapter: str | None = None
    anchor: str | None = None
    print_page: str | None = None  # EPUB: as of an element
    language: str | None = None  # BCP 47


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that answers a query, and where it stands."""

    score: float
    file_id: FileId
    ordinal: int  # of the chunk in its file
    sha256: str
    name: str
    uri: str
    media_type: str
    title: str | None
    gone: bool  # its file lies at none of the places where it was seen: deleted, moved, or other content has its place
    chunk: Chunk
    matches: tuple[tuple[int, int], ...] = ()  # where words of the query stand in the chunk's text: start, end
    authors: tuple[str, ...] = ()  # of the file
    date: str | None = None  # of the file: day, month or year, in ISO 8601


@dataclass(frozen=True, slots=True)
class IndexRef:
    """A file whose chunks are to be made (model 0), or the vectors of its chunks by a model."""

    file_id: FileId
    sha256: str
    fingerprint: str  # of its result
    language: str | None
    model: int = 0
    chunks: int = 0  # where they are there already

    @property
    def part(self) -> int:
        """In `attempts`, where parts count from 0."""
        return -2 if self.model else -1


@dataclass(frozen=True, slots=True)
class IndexClaim:
    """The right to index a file; good as long as a `Claim`."""

    ref: IndexRef
    run: RunId
    attempt: int
    interruptions: int
    token: int


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """What vectors are made by. The active one answers queries, another may be being built beside it."""

    id: int
    name: str  # as set: a name on the hub, or a folder
    identity: str
    dimension: int
    active: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """A whole file as it is kept. What could not be read at all has no bytes."""

    result: FileResult
    failures: tuple[Failure, ...] = ()
    elements: bytes = b""  # elements.parquet
    markdown: bytes = b""  # document.md
    manifest: bytes = b""  # document.json


@dataclass(frozen=True, slots=True)
class RunInfo:
    id: RunId
    command: str
    state: RunState
    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    ended_at: datetime | None
    ray_job_id: str | None
    files_done: int
    files_failed: int
    parts_done: int
    parts_failed: int
    pages_done: int
    pages_failed: int
    message: str | None  # why it ended as it did

    @property
    def live(self) -> bool:
        """It is at work, or ends in order."""
        return self.state in ("running", "stopping")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far long work has come; totals are those of this run, known before it starts."""

    files_total: int
    files_done: int
    files_failed: int
    pages_total: int
    pages_done: int
    pages_failed: int
    elapsed_s: float
    message: str | None = None  # what is going on beside the work, "Ray is starting"
