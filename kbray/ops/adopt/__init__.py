"""Taking over the catalogue of another system: each file it names becomes known here by its content, and what it said is kept.

Nothing of what the other system made is taken: its results are not in kbray's form. So whatever its word for a file was, the file
is synced here, and kbray does the rest. Rows that can't be taken are never dropped in silence: each is counted under its reason.
"""

import os
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Literal

from kbray.catalogue import Adopted, Catalogue, KnownLocation
from kbray.catalogue.foreign import Foreign, ForeignRow, ForeignTable, Totals
from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.objects.source import require_s3, stat_s3
from kbray.ops.adopt.mapping import Mapping, Meaning
from kbray.ops.runs import RecordedRun
from kbray.ops.sync import Report, SyncOutcome, take_in
from kbray.ops.sync.censuses import CensusTaker
from kbray.ops.sync.intake import READ_THREADS
from kbray.ops.sync.walk import Event, Place, Root, Trouble, look, within
from kbray.ports import Objects

PAGE = 1000  # rows of the source a query
STEP = 250  # of these looked at together
STATUSES = 100  # different words that are told at most

Reason = Literal["no_key", "repeated_key", "no_status", "unknown_status", "outside", "gone", "unreadable", "differs", "moving"]

REASONS: dict[Reason, str] = {  # after "3 rows"
    "no_key": "without a key: nothing says where their bytes are",
    "repeated_key": "with a key that another row has, too: the newest one speaks for the file",
    "no_status": 'without a status: say under [statuses] what these are, as in "" = "synced"',
    "unknown_status": "with a status that the mapping doesn't name: add it under [statuses]",
    "outside": "with a key that leads out of `objects`",
    "gone": "of something that is not there any more",
    "unreadable": "of something that can't be read",
    "differs": "of another size or hash than what lies there now: it was replaced since, and is taken as it is today",
    "moving": "that came or went while they were read: run it again when nothing writes to the source",
}
HARMLESS: frozenset[Reason] = frozenset({"repeated_key", "differs"})
"""Reasons to look at a row that don't leave its file behind."""

BECOMES: dict[Meaning | None, str] = {
    "synced": "synced",
    "processing": "synced: it is stuck, whoever worked on it is gone",
    "processed": "synced: the old result is not in kbray's form",
    "indexing": "synced: it is stuck, whoever worked on it is gone",
    "indexed": "synced: the old index is not in kbray's form",
    "failed": "synced: kbray tries it; the old error is kept",
    "skip": "nothing: the mapping leaves it out",
    None: "nothing: the mapping doesn't name it",
}
GONE = "The catalogue it was adopted from names it, but it is not there."


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One status word of the other system."""

    word: str | None
    meaning: Meaning | None  # None: the mapping doesn't say
    said: int | None  # by its own report
    rows: int
    takes: int  # files that are taken
    becomes: str  # and why


@dataclass(frozen=True, slots=True)
class Odd:
    """Rows to look at, for one reason."""

    reason: Reason
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdoptReport:
    """What the source holds and what becomes of it: each row is taken, skipped, or odd for one reason but `differs`."""

    source: str
    table: str
    objects: str
    applied: bool
    rows: int
    keys: int  # different ones
    said_total: int | None
    said_sum: int | None  # of its numbers by status
    takes: int
    here: int  # of those, known to kbray before
    skipped: int
    bytes: int  # of those taken and not known yet
    statuses: tuple[StatusLine, ...]
    errors: tuple[tuple[str | None, int], ...]  # what was said most often of the failed ones
    odd: tuple[Odd, ...]
    sync: SyncOutcome | None = None

    @property
    def left(self) -> int:
        """Rows whose file stays behind although the mapping doesn't say so."""
        return sum(odd.count for odd in self.odd if odd.reason not in HARMLESS)

    @property
    def taken(self) -> int:
        """Of those that could be taken, the ones that could be read, too."""
        told = sum(odd.count for odd in self.odd if odd.reason in ("gone", "unreadable"))
        return self.takes - (max(0, self.sync.problems - told) if self.sync else 0)


@dataclass(slots=True)
class _Tally:
    """What was counted of one pass over the rows."""

    examples_wanted: int
    rows: int = 0  # one a key
    takes: Counter[str | None] = field(default_factory=Counter)  # by word
    here: int = 0
    skipped: int = 0
    bytes: int = 0
    odd: Counter[Reason] = field(default_factory=Counter)
    examples: dict[Reason, list[str]] = field(default_factory=dict)

    def note(self, reason: Reason, example: str, count: int = 1) -> None:
        self.odd[reason] += count
        kept = self.examples.setdefault(reason, [])
        if len(kept) < self.examples_wanted:
            kept.append(example)

    def odds(self) -> Iterator[Odd]:
        for reason in REASONS:
            if self.odd[reason]:
                yield Odd(reason, self.odd[reason], tuple(self.examples.get(reason, ())))


@dataclass(frozen=True, slots=True)
class Adoption:
    """A source, how it is read, and where its bytes lie.

    Args: settings: kbray's own; the source's objects are fetched with the endpoint of the mapping, where it names one.
          examples: how many rows are shown for each reason.
    """

    source: Foreign
    table: ForeignTable
    mapping: Mapping
    root: Root
    catalogue: Catalogue
    settings: Settings
    examples: int = 5

    def survey(self) -> AdoptReport:
        """What `apply` would do; nothing is changed anywhere.

        Raises: ConfigError: the source or the bucket refuses us; DatabaseUnavailable, ObjectStoreUnavailable.
        """
        tally = _Tally(self.examples)
        for _ in self._events(tally):
            pass
        return self._report(tally)

    def apply(
        self,
        objects: Objects,
        sandbox: Callable[[], CensusTaker],
        *,
        stop: threading.Event | None = None,
        report: Report | None = None,
    ) -> AdoptReport:
        """Every file that can be taken is in the catalogue as if it had been synced, its bytes in the object store.

        What was taken before is not read again. The source is only read.

        Raises: as `survey` and `sync`; ConfigError: nothing of what the source names can be taken.
        """
        before = self.survey()
        if before.rows and not before.takes:
            reasons = "; ".join(f"{odd.count:,} {REASONS[odd.reason]}" for odd in before.odd) or "all are left out"
            raise ConfigError(f"None of the {before.rows:,} rows of {before.table} can be taken: {reasons}.")
        tally = _Tally(self.examples)
        arguments = {"source": before.source, "table": before.table, "objects": before.objects}
        times = {"lease_s": self.settings.lease_s, "heartbeat_s": self.settings.heartbeat_s}
        with (
            RecordedRun(self.catalogue, "adopt", arguments, **times) as run,
            closing(self._events(tally, remember=True)) as events,
        ):
            outcome = take_in(self.catalogue, objects, sandbox, self._foreign_settings, events, run, stop=stop, report=report)
            if outcome.interrupted:
                run.end_as("interrupted", "It was asked to stop.")
        return self._report(tally, outcome)

    @property
    def _foreign_settings(self) -> Settings:
        endpoint = self.mapping.endpoint
        return self.settings.model_copy(update={"s3_endpoint_url": endpoint}) if endpoint is not None else self.settings

    # ------------------------------------------------------------ reading

    def _events(self, tally: _Tally, *, remember: bool = False) -> Generator[Event, None, None]:
        """What a sync is to take in, row by row.

        Args: remember: keep what the other system said of the places.
        """
        if self.root.path is None:
            require_s3(self.root.uri, self._foreign_settings)
        with ThreadPoolExecutor(READ_THREADS, thread_name_prefix="adopt") as threads:
            for rows in self._steps():
                tally.rows += len(rows)
                taken = [judged for row in rows if (judged := self._judge(row, tally)) is not None]
                found = list(threads.map(self._look, [place for _, place in taken]))
                known = self.catalogue.locations([_uri(event) for event in found])
                events: list[Event] = []
                said: list[Adopted] = []
                for (row, _), event in zip(taken, found, strict=True):
                    uri = _uri(event)
                    said.append(Adopted(uri, self.source.place, row.status, row.error))
                    if self._count(row, event, known.get(uri), tally):
                        events.append(event)
                if remember and said:
                    self.catalogue.remember_adopted(said)
                yield from events

    def _steps(self) -> Iterator[list[ForeignRow]]:
        after: str | None = None
        while page := self.source.rows(self.table, self.mapping.columns.of_table(), after, PAGE):
            for start in range(0, len(page), STEP):
                yield page[start : start + STEP]
            after = page[-1].key

    def _judge(self, row: ForeignRow, tally: _Tally) -> tuple[ForeignRow, str] | None:
        """The row and its place, where it is to be taken by what it says."""
        meaning = self.mapping.meaning(row.status)
        if meaning is None:
            blank = row.status is None or not row.status.strip()
            tally.note("no_status" if blank else "unknown_status", row.key if blank else f"{row.key} ({row.status})")
        elif meaning == "skip":
            tally.skipped += 1
        elif (place := locate(row.key, self.root, self.mapping.strip)) is None:
            tally.note("outside", row.key)
        else:
            return row, place
        return None

    def _look(self, place: str) -> Place | Trouble:
        """What lies at the place. A key may have been written in one form of Unicode and the object named in another."""
        for spelling in dict.fromkeys((place, *(unicodedata.normalize(form, place) for form in ("NFC", "NFD")))):
            if self.root.path is not None:
                found = look(spelling)
            else:
                try:
                    seen = stat_s3(spelling, self._foreign_settings)
                except ConfigError as error:  # this object is not ours to read; the others may be
                    found = Trouble(spelling, error.message)
                else:
                    found = None if seen is None else Place(seen, spelling.rsplit("/", 1)[-1], None)
            if found is not None:
                return found
        return Trouble(place, GONE)

    def _count(self, row: ForeignRow, event: Place | Trouble, known: KnownLocation | None, tally: _Tally) -> bool:
        """Count the row; whether there is something to be done for it."""
        here = known is not None and known.file_id is not None
        if isinstance(event, Trouble) and not here:
            tally.note("gone" if event.message == GONE else "unreadable", row.key)
            return True  # a problem to be recorded
        tally.takes[row.status] += 1
        tally.here += here
        if isinstance(event, Trouble):
            return False  # its bytes are here already
        if not here:
            tally.bytes += event.seen.size_bytes
        if differs(row, event, known):
            tally.note("differs", row.key)
        return True

    # ------------------------------------------------------------ telling

    def _report(self, tally: _Tally, outcome: SyncOutcome | None = None) -> AdoptReport:
        columns = self.mapping.columns.of_table()
        totals = self.source.totals(self.table, columns, STATUSES)
        if totals.keyless:
            tally.odd["no_key"] = totals.keyless
        if repeated := totals.rows - totals.keyless - totals.keys:
            examples = self.source.repeated(self.table, columns, self.examples)
            tally.odd["repeated_key"] = repeated
            tally.examples["repeated_key"] = [f"{key} ({times} times)" for key, times in examples]
        if (moved := abs(totals.keys - tally.rows)) and not (outcome and outcome.interrupted):
            tally.note("moving", f"{totals.keys:,} keys at the end, {tally.rows:,} on the way", moved)
        said = {word: number for word, number in self.mapping.said.items() if word != "total"}
        failed = [word for word, _ in totals.statuses if self.mapping.meaning(word) == "failed"]
        told = self.source.errors(self.table, columns, failed, self.examples) if columns.error and failed else []
        return AdoptReport(
            source=self.source.place,
            table=self.table.label,
            objects=self.root.uri,
            applied=outcome is not None,
            rows=totals.rows,
            keys=totals.keys,
            said_total=self.mapping.said.get("total"),
            said_sum=sum(said.values()) if said else None,
            takes=tally.takes.total(),
            here=tally.here,
            skipped=tally.skipped,
            bytes=tally.bytes,
            statuses=self._lines(totals, said, tally.takes),
            errors=tuple(told),
            odd=tuple(tally.odds()),
            sync=outcome,
        )

    def _lines(self, totals: Totals, said: dict[str, int], takes: Counter[str | None]) -> tuple[StatusLine, ...]:
        """A line a word that the rows have, then those that only its report has."""
        rows = dict(totals.statuses)
        words: list[str | None] = [*rows, *(word for word in said if word not in rows)]
        return tuple(self._line(word, said.get(word or ""), rows.get(word, 0), takes[word]) for word in words)

    def _line(self, word: str | None, said: int | None, rows: int, takes: int) -> StatusLine:
        meaning = self.mapping.meaning(word)
        return StatusLine(word, meaning, said, rows, takes, BECOMES[meaning])


def _uri(event: Place | Trouble) -> str:
    return event.seen.uri if isinstance(event, Place) else event.uri


def locate(key: str, root: Root, strip: str) -> str | None:
    """The place that a key of the other system means: below the root, or the whole address of it. None: it leads out of there."""
    key = key.removeprefix(strip)
    if root.path is None:
        place = key if key.startswith("s3://") else f"{root.uri.rstrip('/')}/{key}"
        return place if within(place, root.uri) else None
    place = os.path.normpath(os.path.join(root.path, key))  # noqa: PTH118 - paths stay strings here, as in `walk`
    return place if within(place, root.path) else None


def differs(row: ForeignRow, place: Place, known: KnownLocation | None) -> bool:
    """What lies there is not what the other system saw, as far as size, MD5 (the ETag of a plain upload) or SHA-256 tell."""
    if row.size_bytes is not None and row.size_bytes != place.seen.size_bytes:
        return True
    hashed = (row.hash or "").strip().strip('"').lower()
    have: Sequence[str | None] = (place.seen.version, known.sha256 if known else None)
    return any(value is not None and len(value) == len(hashed) and value.lower() != hashed for value in have)
