"""refs: the references of what waits, read from the catalogue by key range; nothing of it is on the driver."""

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import ray
from ray.data import Dataset, Datasource, ReadTask
from ray.data.block import BlockMetadata

from kbray.catalogue import Catalogue, IndexPlan, Plan
from kbray.config import Settings
from kbray.flow import rows
from kbray.model import IndexRef, PartRef
from kbray.wiring import Wiring

RANGES = 16
"""Of file ids, in one pass; each is read page after page, so this bounds nothing but the balance at the end."""
PAGE = 1000
"""Rows of one query."""
PAGES = 16
"""Of text, which take 0.02 s each, for each part that a task may have. (A task costs a quarter of a second around its work.)"""
RECOGNITION = 32
"""How much more work a page to be recognised is: 4 s on a core. (Not all of it: what takes long is to be committed soon.)"""
CHUNKS = 512
"""In one task of those that are to be embedded: 4 s on two cores."""
PAGE_BYTES = 64 * 1024
"""What of a file without pages counts as one: a task of many parts must not become a block of hundreds of megabytes."""


Pages = Callable[[Catalogue, int, int], Iterator[pa.Table]]
"""Reads a range (low, high] of file ids from the catalogue, page after page; a row is what one task takes."""


class Refs(Datasource):
    """Each read task reads one range of file ids."""

    def __init__(self, settings: Settings, pages: Pages, ranges: list[tuple[int, int]]) -> None:
        super().__init__()
        self._settings = settings
        self._pages = pages
        self._ranges = ranges

    def get_name(self) -> str:
        return "refs"

    def estimate_inmemory_data_size(self) -> int | None:
        return None

    def get_read_tasks(
        self, parallelism: int, per_task_row_limit: int | None = None, data_context: object = None
    ) -> list[ReadTask]:
        unknown = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        return [ReadTask(self._reader(low, high), unknown) for low, high in self._ranges]

    def _reader(self, low: int, high: int) -> Callable[[], Iterator[pa.Table]]:
        settings, pages = self._settings, self._pages

        def read() -> Iterator[pa.Table]:
            with Wiring(settings) as wired:
                yield from pages(wired.catalogue(), low, high)

        return read


def stream(settings: Settings, pages: Pages, ranges: list[tuple[int, int]]) -> Dataset:
    """The references, a block a task. One reader is ahead of all the parsers of a cluster, and each more would be a process."""
    read = ray.data.read_datasource(Refs(settings, pages, ranges), num_cpus=0, concurrency=1, override_num_blocks=len(ranges))
    return read.repartition(target_num_rows_per_block=1)


def parts(plan: Plan, per_task: int) -> Pages:
    """A task takes up to `per_task` parts, or less where they are much work, so that what takes long is committed soon."""

    def pages(catalogue: Catalogue, low: int, high: int) -> Iterator[pa.Table]:
        yield rows.refs_to_table([])  # the column is known, though another run may have taken all of the range
        after: tuple[int, int] | None = None
        while page := catalogue.refs(plan, low, high, after, PAGE):
            yield rows.refs_to_table(tasks_of(page, per_task))
            after = (page[-1].file_id, page[-1].part)

    return pages


def files(plan: IndexPlan, per_task: int) -> Pages:
    """A task takes up to `per_task` files that are to be indexed."""

    def pages(catalogue: Catalogue, low: int, high: int) -> Iterator[pa.Table]:
        yield rows.index_refs_to_table([])
        after = low
        while page := catalogue.index_refs(plan, high, after, PAGE):
            yield rows.index_refs_to_table([page[start : start + per_task] for start in range(0, len(page), per_task)])
            after = page[-1].file_id

    return pages


def indexed(plan: IndexPlan) -> Pages:
    """A task takes files with as many chunks as a few batches, so that whoever shares the work finds some."""

    def pages(catalogue: Catalogue, low: int, high: int) -> Iterator[pa.Table]:
        yield rows.index_refs_to_table([])
        after = low
        while page := catalogue.index_refs(plan, high, after, PAGE):
            tasks: list[list[IndexRef]] = []
            chunks = CHUNKS
            for ref in page:
                if chunks >= CHUNKS:
                    tasks.append([])
                    chunks = 0
                tasks[-1].append(ref)
                chunks += max(1, ref.chunks)
            yield rows.index_refs_to_table(tasks)
            after = page[-1].file_id

    return pages


def tasks_of(refs: Sequence[PartRef], per_task: int) -> list[list[PartRef]]:
    """The references cut into tasks, in order: at most `per_task` parts, and no more work than `PAGES` of text a part."""
    tasks: list[list[PartRef]] = []
    weight = 0
    for ref in refs:
        work = _work(ref)
        if not tasks or len(tasks[-1]) == per_task or weight + work > PAGES * per_task:
            tasks.append([])
            weight = 0
        tasks[-1].append(ref)
        weight += work
    return tasks


def _work(ref: PartRef) -> int:
    """In pages of text."""
    if ref.scanned or ref.again or ref.media_type.startswith("image/"):
        return ref.window.pages * RECOGNITION
    return max(ref.window.pages, ref.size_bytes // ref.parts // PAGE_BYTES)
