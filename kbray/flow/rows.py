"""What streams through the pipelines: references by task, then a row a part or, on the way into the index, a row a file; all of
it typed Arrow.

`parse` and `chunk` give one row for each reference, in order; after them no stage changes the number or the order of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from kbray.document.arrow import CHUNK, FAILURE, FINISHED, PARSED
from kbray.document.columns import Column, ListOf, Plain, Record, Text
from kbray.model import Chunk, Claim, Effort, Failure, Finished, IndexClaim, IndexRef, Parsed, PartRef, Window


@dataclass(frozen=True, slots=True)
class Part:
    """A part on its way: claimed, parsed, perhaps recognised; or the whole of a file, finished by its parser."""

    claim: Claim
    parsed: Parsed | None  # one of the two is there
    finished: Finished | None
    failed: bool  # nothing of it could be read
    effort: Effort


@dataclass(frozen=True, slots=True)
class Chunked:
    """A file on its way into the index: its chunks, or why there are none."""

    claim: IndexClaim
    chunks: tuple[Chunk, ...]
    failures: tuple[Failure, ...]
    effort: Effort


@dataclass(frozen=True, slots=True)
class Passages:
    """Chunks of a file that want vectors; or why it can't have them."""

    claim: IndexClaim
    ordinals: tuple[int, ...]
    texts: tuple[str, ...]
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of some chunks of a file, or why there are none."""

    claim: IndexClaim
    ordinals: tuple[int, ...]
    vectors: bytes  # (ordinals, dimension), float16
    failures: tuple[Failure, ...]
    effort: Effort


_COUNT = Plain(pa.int64())
_SECONDS = Plain(pa.float64())
_WORD = Text(required=True)
_REF = Record(
    PartRef,
    {
        "file_id": _COUNT,
        "part": _COUNT,
        "sha256": _WORD,
        "media_type": _WORD,
        "size_bytes": _COUNT,
        "window": Record(Window, {"first_page": _COUNT, "last_page": _COUNT}),
        "parts": _COUNT,
        "scanned": Plain(pa.bool_()),
        "again": Plain(pa.bool_()),
    },
)
_REFS = ListOf(_REF)
_EFFORT = Record(
    Effort,
    {"parse_s": _SECONDS, "recognise_s": _SECONDS, "commit_s": _SECONDS, "cpu_s": _SECONDS, "peak_bytes": _COUNT},
)
_PART = Record(
    Part,
    {
        "claim": Record(Claim, {"ref": _REF, "run": _COUNT, "attempt": _COUNT, "interruptions": _COUNT, "token": _COUNT}),
        "parsed": PARSED,
        "finished": FINISHED,
        "failed": Plain(pa.bool_()),
        "effort": _EFFORT,
    },
)
_INDEX_REF = Record(
    IndexRef,
    {"file_id": _COUNT, "sha256": _WORD, "fingerprint": _WORD, "language": Text(), "model": _COUNT, "chunks": _COUNT},
)
_INDEX_REFS = ListOf(_INDEX_REF)
_INDEX_CLAIM = Record(IndexClaim, {"ref": _INDEX_REF, "run": _COUNT, "attempt": _COUNT, "interruptions": _COUNT, "token": _COUNT})
_FAILURES = ListOf(FAILURE)
_CHUNKED = Record(Chunked, {"claim": _INDEX_CLAIM, "chunks": ListOf(CHUNK), "failures": _FAILURES, "effort": _EFFORT})
_ORDINALS = ListOf(_COUNT)
_PASSAGES = ListOf(
    Record(Passages, {"claim": _INDEX_CLAIM, "ordinals": _ORDINALS, "texts": ListOf(_WORD), "failures": _FAILURES})
)
_EMBEDDED = ListOf(
    Record(
        Embedded,
        {
            "claim": _INDEX_CLAIM,
            "ordinals": _ORDINALS,
            "vectors": Plain(pa.large_binary()),
            "failures": _FAILURES,
            "effort": _EFFORT,
        },
    )
)


def refs_to_table(tasks: Sequence[Sequence[PartRef]]) -> pa.Table:
    """A row a task: the references that one parse task takes."""
    return pa.table({"refs": _REFS.pack([tuple(refs) for refs in tasks])})


def table_to_refs(table: pa.Table) -> list[PartRef]:
    return [ref for refs in _values(table, "refs", _REFS) for ref in refs]


def parts_to_table(parts: Sequence[Part | None]) -> pa.Table:
    """One row a part; None is a part this run did not get: another has it, or the run is stopping."""
    return pa.table({"part": _PART.pack(parts)})


def table_to_parts(table: pa.Table) -> list[Part | None]:
    return _values(table, "part", _PART)


def index_refs_to_table(tasks: Sequence[Sequence[IndexRef]]) -> pa.Table:
    """A row a task, as `refs_to_table`."""
    return pa.table({"refs": _INDEX_REFS.pack([tuple(refs) for refs in tasks])})


def table_to_index_refs(table: pa.Table) -> list[IndexRef]:
    return [ref for refs in _values(table, "refs", _INDEX_REFS) for ref in refs]


def chunked_to_table(files: Sequence[Chunked | None]) -> pa.Table:
    """One row a file; None is one this run did not get."""
    return pa.table({"file": _CHUNKED.pack(files)})


def table_to_chunked(table: pa.Table) -> list[Chunked | None]:
    return _values(table, "file", _CHUNKED)


def passages_to_table(batches: Sequence[Sequence[Passages]]) -> pa.Table:
    """A row a batch."""
    return pa.table({"passages": _PASSAGES.pack([tuple(batch) for batch in batches])})


def table_to_passages(table: pa.Table) -> list[tuple[Passages, ...]]:
    return _values(table, "passages", _PASSAGES)


def embedded_to_table(batches: Sequence[Sequence[Embedded]]) -> pa.Table:
    """A row a batch."""
    return pa.table({"embedded": _EMBEDDED.pack([tuple(batch) for batch in batches])})


def table_to_embedded(table: pa.Table) -> list[Embedded]:
    return [piece for pieces in _values(table, "embedded", _EMBEDDED) for piece in pieces]


def _values(table: pa.Table, name: str, column: Column) -> list[Any]:
    if not table.num_rows:  # where another run took all of a key range, Ray makes up a block without a column
        return []
    return [value for chunk in table.column(name).chunks for value in column.unpack(chunk)]


def has_images(table: pa.Table) -> bool:
    """Whether a row waits for recognition, told without decoding the rest."""
    parsed = (pc.struct_field(chunk, ["parsed", "images"]) for chunk in table.column("part").chunks)
    return any((pc.sum(pc.list_value_length(images)).as_py() or 0) > 0 for images in parsed)


def recognised(part: Part, parsed: Parsed, recognise_s: float) -> Part:
    """`part` with what recognition made of it."""
    return replace(part, parsed=parsed, effort=replace(part.effort, recognise_s=recognise_s))
