"""publish: the chunks of a file take the place of those that were there, in one fenced transaction."""

from collections.abc import Iterable

import pyarrow as pa
from ray.data import Datasink
from ray.data._internal.execution.interfaces import TaskContext

from kbray.config import Settings
from kbray.flow import deaths, node, rows
from kbray.flow.failures import recorded
from kbray.flow.rows import Chunked
from kbray.wiring import Wiring


class Publish(Datasink[None]):
    """Writes each file that arrives; one whose run lost its lease changes nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def get_name(self) -> str:
        return "publish"

    def write(self, blocks: Iterable[pa.Table], ctx: TaskContext) -> None:
        wired = node.here(self._settings)
        for block in blocks:
            for file in rows.table_to_chunked(block):
                if file is not None:
                    publish(wired, file)


def publish(wired: Wiring, file: Chunked) -> None:
    """Make the file searchable; or failed, with the reason."""
    catalogue, fingerprint = wired.catalogue(), wired.index_fingerprint()
    with recorded("publish") as failures, deaths.counted(wired.settings, file.claim, "publishing the file"):
        catalogue.publish(file.claim, fingerprint, file.chunks, file.failures, file.effort)
    if failures:
        catalogue.publish(file.claim, fingerprint, (), failures, file.effort)
