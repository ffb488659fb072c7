"""The last stage of a pipeline: what arrives is made durable, one after the other."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import pyarrow as pa
from ray.data import Datasink
from ray.data._internal.execution.interfaces import TaskContext

from kbray.config import Settings
from kbray.flow import node
from kbray.wiring import Wiring

T = TypeVar("T")


class Sink(Datasink[None]):
    """Unpacks each table by `rows`, and writes each of them but None; what of a run that lost its lease changes nothing.

    Ray calls the stage by the name of `write`.
    """

    def __init__(
        self, settings: Settings, rows: Callable[[pa.Table], Sequence[T | None]], write: Callable[[Wiring, T], None]
    ) -> None:
        self._settings = settings
        self._rows = rows
        self._write: Callable[[Wiring, Any], None] = write

    def get_name(self) -> str:
        return self._write.__name__

    def write(self, blocks: Iterable[pa.Table], ctx: TaskContext) -> None:
        wired = node.here(self._settings)
        for block in blocks:
            for row in self._rows(block):
                if row is not None:
                    self._write(wired, row)
