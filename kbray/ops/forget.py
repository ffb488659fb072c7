"""Files are taken out of the knowledge base: their text, passages, vectors, results, and our copy of the original."""

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kbray.catalogue import Catalogue, FileRow
from kbray.errors import ConfigError
from kbray.model import FileId
from kbray.objects import layout
from kbray.ops.deletion import delete, hindrance, in_threads
from kbray.ops.listing import every_file
from kbray.parse.media import HOLDERS
from kbray.ports import Objects

BATCH = 100  # files a transaction


@lru_cache(maxsize=1024)  # files of a folder come one after the other
def emptied(folder: str) -> str | None:
    """The empty folder that stands where this one, or one above it, was: perhaps a drive is not mounted. None: none does."""
    place = Path(folder)
    while place != place.parent and not os.path.lexists(place):
        place = place.parent
    return str(place) if place.is_dir() and not any(place.iterdir()) else None


@dataclass(frozen=True, slots=True)
class Forgetter:
    """Names the files that would go, and lets them go. Attachments that lie in a message alone go with it."""

    catalogue: Catalogue
    objects: Objects
    lease_s: float

    def named(self, file_ids: Sequence[FileId]) -> Iterator[FileRow]:
        """These files, and what lies in them."""
        for file_id in (*file_ids, *self.catalogue.inside(file_ids, HOLDERS)):
            yield self.catalogue.file(file_id).row

    def gone(self) -> Iterator[FileRow]:
        """All files that are no longer where they were seen."""
        return every_file(self.catalogue, gone=True)

    def forget(self, rows: Iterator[FileRow]) -> Iterator[FileRow]:
        """The files that went, a batch after the other; what is left when it is cut short was not touched.

        A batch is first forgotten by the catalogue. Objects that are still there when that is cut short are orphans, which
        `cleanup` finds.

        Raises: ConfigError: a run is at work, or an import could be rolled back, which needs the objects.
                ObjectStoreUnavailable, DatabaseUnavailable.
        """
        self.catalogue.reap(self.lease_s)
        if why := hindrance(self.catalogue, self.lease_s):
            raise ConfigError(f"Nothing can be forgotten now: {why}.")
        while batch := list(itertools.islice(rows, BATCH)):
            if not self.catalogue.forget([row.id for row in batch], HOLDERS):
                raise ConfigError("A run began meanwhile: wait until it ends, or stop it, and run this again for what is left.")
            keys = dict(pair for pairs in in_threads(self._objects_of, batch) for pair in pairs)
            if not delete(self.catalogue, self.objects, keys):
                raise ConfigError("A run began meanwhile: when it has ended, `kbray cleanup --auto-fix` deletes what is left.")
            yield from batch

    def _objects_of(self, row: FileRow) -> list[tuple[str, str]]:
        rooms = (layout.results_of(row.sha256), layout.parts_of(row.sha256))
        made = (info.key for room in rooms for info in self.objects.list(room))
        return [(key, row.sha256) for key in (layout.original(row.sha256), *made)]
