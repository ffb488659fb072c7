"""`kbray forget`: files are taken out of the knowledge base."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from kbray.cli.files import kind_of, write_json
from kbray.cli.options import Json, OptionalFiles, flag
from kbray.cli.render import count, out_table, say, size
from kbray.cli.session import wired
from kbray.errors import ConfigError
from kbray.ops.find import find_all

if TYPE_CHECKING:
    from kbray.catalogue import FileRow

COLUMNS = ("id", "size", "type", "name", "place")


def forget(
    files: OptionalFiles = None,
    gone: Annotated[bool, flag("--gone", help="All files that are no longer where they were seen.")] = False,
    yes: Annotated[bool, flag("--yes", help="Do it.")] = False,
    json: Json = False,
) -> None:
    """Take files out of the knowledge base; with --yes, do it.

    Without the flag nothing is changed: you are told which files would go. With it their text, passages, vectors, results and
    kbray's copy of the original are deleted, and whatever the catalogue knows of them; attachments go with their message,
    files with their archive. Your own files are not touched: what still lies in a folder is taken in again by the next
    `kbray sync` of it. Name files, or give --gone. Not while a run is at work.
    """
    if bool(files) == gone:
        raise ConfigError("Say what to forget: FILE…, or --gone.")
    from kbray.ops.forget import Forgetter

    with wired() as wiring:
        catalogue = wiring.catalogue()
        forgetter = Forgetter(catalogue, wiring.own_objects(), wiring.settings.lease_s)
        rows = forgetter.named(find_all(catalogue, files)) if files else forgetter.gone()
        if yes:
            rows = forgetter.forget(rows)
        told = _Counted(rows)
        if json:
            write_json(iter(told))
        else:
            out_table(COLUMNS, (_columns(row) for row in told), right=("id", "size"))
        if yes and told.files:
            catalogue.vacuum()
    if not json:
        say(_summary(told, done=yes))


class _Counted:
    """Rows as they pass, counted."""

    def __init__(self, rows: "Iterator[FileRow]") -> None:
        self._rows = rows
        self.files = self.size_bytes = self.there = self.unmounted = 0
        self.empty: str | None = None  # a folder without anything in it, below which some of them lay

    def __iter__(self) -> "Iterator[FileRow]":
        from kbray.ops.forget import emptied

        for row in self._rows:
            self.files += 1
            self.size_bytes += row.size_bytes
            self.there += not row.gone
            if row.gone and "://" not in row.uri and (empty := emptied(row.uri.rpartition("/")[0])):
                self.unmounted += 1
                self.empty = empty
            yield row


def _columns(row: "FileRow") -> tuple[object, ...]:
    return (row.id, size(row.size_bytes), kind_of(row.media_type), row.name, "gone" if row.gone else row.uri)


def _summary(told: _Counted, *, done: bool) -> str:
    if not told.files:
        return "There is nothing to forget."
    number = f"{count(told.files, 'file')}, {size(told.size_bytes)}"
    there = f" {told.there:,} of them still lie in their places, and a sync there takes them in again." if told.there else ""
    if done:
        return f"Forgotten: {number}.{there}"
    if told.empty:
        there += (
            f" {told.unmounted:,} of them lay where nothing is now ({told.empty} is empty): if that is a drive, mount it and "
            "sync first."
        )
    return f"{number} would be forgotten.{there} Nothing was changed: run this again with --yes."
