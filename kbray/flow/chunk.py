"""chunk: claim a file, fetch what was made of it, cut it into passages."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from kbray.config import Settings
from kbray.document import language
from kbray.document.arrow import elements_from_parquet
from kbray.document.chunking import chunk as cut
from kbray.errors import MissingResult, TransientError
from kbray.flow import deaths, node, rows
from kbray.flow.failures import recorded
from kbray.flow.rows import Chunked
from kbray.model import Chunk, Effort, IndexClaim, IndexRef, RunId
from kbray.objects import layout, require_there
from kbray.wiring import Wiring


def chunk(batch: pa.Table, settings: Settings, run: RunId) -> pa.Table:
    """References → files with their chunks, a row each. A file that somebody else has is null."""
    wired = node.here(settings)
    return rows.chunked_to_table([_file(wired, run, ref) for ref in rows.table_to_index_refs(batch)])


def _file(wired: Wiring, run: RunId, ref: IndexRef) -> Chunked | None:
    claim = wired.catalogue().claim_index(run, ref)
    if claim is None:
        return None
    started, cpu = time.perf_counter(), time.thread_time()
    chunks: Sequence[Chunk] = ()
    try:
        with recorded("chunk") as failures:
            chunks = _chunks(wired, claim)
    except TransientError:
        wired.catalogue().release_index(claim)
        raise
    effort = Effort(parse_s=time.perf_counter() - started, cpu_s=time.thread_time() - cpu)
    return Chunked(claim, tuple(chunks), tuple(failures), effort)


def _chunks(wired: Wiring, claim: IndexClaim) -> list[Chunk]:
    deaths.refuse(claim, wired.settings.max_attempts, "indexing this file")
    ref = claim.ref
    try:
        data = wired.objects().get(layout.result(ref.sha256, ref.fingerprint, layout.ELEMENTS))
    except KeyError:
        require_there(wired.objects())
        raise MissingResult("What was made of it is no longer in the object store.") from None
    elements = elements_from_parquet(data)
    known = ref.language or language.detect(elements)
    chunks = cut(elements, wired.tokens().count, size=wired.settings.chunk_tokens)
    return [one if one.language else replace(one, language=known) for one in chunks]
