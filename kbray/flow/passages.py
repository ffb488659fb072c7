"""passages: claim indexed files, read what of their chunks has no vector yet, pack it into batches."""

from collections.abc import Iterator

import pyarrow as pa

from kbray.config import Settings
from kbray.document.chunking import embedded_text
from kbray.flow import deaths, node, rows
from kbray.flow.failures import recorded
from kbray.flow.rows import Passages
from kbray.model import IndexClaim, RunId
from kbray.wiring import Wiring

BATCH = 256
"""Texts in one batch, of one file or many: a few seconds on a core, and enough to sort by length."""


def passages(batch: pa.Table, settings: Settings, run: RunId) -> Iterator[pa.Table]:
    """References → batches of texts, a row each. Files that somebody else has are left out."""
    wired = node.here(settings)
    yield rows.passages_to_table([])
    waiting: list[Passages] = []
    room = BATCH
    for ref in rows.table_to_index_refs(batch):
        claim = wired.catalogue().claim_index(run, ref)
        for piece in _pieces(wired, claim) if claim else ():
            waiting.append(piece)
            room -= len(piece.texts)
            if room <= 0:
                yield rows.passages_to_table([waiting])
                waiting, room = [], BATCH
    if waiting:
        yield rows.passages_to_table([waiting])


def _pieces(wired: Wiring, claim: IndexClaim) -> Iterator[Passages]:
    """The texts of a file; one piece at least, so that a file without any is finished, too."""
    with recorded("embed") as failures:
        deaths.refuse(claim, wired.settings.max_attempts, "embedding this file")
    if failures:
        yield Passages(claim, (), (), tuple(failures))
        return
    after, first = -1, True
    while (found := wired.catalogue().texts_to_embed(claim.ref, after, BATCH)) or first:
        texts = tuple(embedded_text(path, text) for _, path, text in found)
        yield Passages(claim, tuple(ordinal for ordinal, _, _ in found), texts)
        after, first = found[-1][0] if found else after, False
