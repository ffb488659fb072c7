"""What went wrong and stayed wrong, found and mended: dead runs, lost results, objects nobody needs.

Everything is looked at in pages and mended in batches, so neither memory nor a transaction grows with the catalogue.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar, get_args

from kbray.catalogue import Catalogue, FileRow
from kbray.catalogue.selection import is_outdated
from kbray.errors import all_codes
from kbray.model import FileId
from kbray.objects import layout
from kbray.ops.deletion import delete, hindrance, in_threads
from kbray.ops.listing import every_file, finished
from kbray.ports import ObjectInfo, Objects

FindingKind = Literal[
    "dead_run", "retryable_failure", "missing_result", "orphan_object", "missing_original", "incomplete_document"
]
FINDING_KINDS: tuple[FindingKind, ...] = get_args(FindingKind)
WHAT: dict[FindingKind, tuple[str, str]] = {
    "dead_run": ("parts held by runs that are dead", "free them, so that the next run does them"),
    "retryable_failure": ("failures worth another try", "reset these files, so that they are tried again"),
    "missing_result": ("results missing from the object store", "process these files again"),
    "orphan_object": ("objects nothing refers to", "delete them"),
    "missing_original": ("originals missing from the object store", "run `kbray sync --reread` over the folders they came from"),
    "incomplete_document": (
        "documents with pages or chapters missing",
        "`kbray show FILE` tells what is missing; the same bytes would fail the same way",
    ),
}
"""Kind → what it is, and what --auto-fix does about it, or the user can."""
FOR_THE_USER: frozenset[FindingKind] = frozenset({"missing_original", "incomplete_document"})
"""What kbray can't mend by itself."""

PAGE = 500
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and what names it: a file or keys of objects. `left`: why it must stay as it is for now."""

    kind: FindingKind
    detail: str
    file_id: FileId | None = None
    keys: tuple[str, ...] = ()
    unknown: str | None = None  # SHA-256 of the content that nobody knows
    size_bytes: int = 0
    left: str | None = None
    count: int = 1  # parts of dead runs are one finding


@dataclass(frozen=True, slots=True)
class Summary:
    """All findings of one kind. `fixed` counts those that were mended."""

    kind: FindingKind
    what: str
    action: str
    for_the_user: bool = False  # kbray can't take that action by itself
    found: int = 0
    fixed: int = 0
    size_bytes: int = 0
    examples: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Looks for what is wrong; mends it when `fix` is set."""

    catalogue: Catalogue
    objects: Objects
    fingerprints: Callable[[], dict[str, str]]
    lease_s: float

    def clean(self, *, fix: bool) -> list[Summary]:
        """One summary for each kind of which something was found.

        Raises: ObjectStoreUnavailable, DatabaseUnavailable.
        """
        checks: tuple[Callable[[], Iterator[Finding]], ...] = (
            self._dead_runs,
            self._failures,
            self._results,
            self._originals,
            self._orphans,
        )
        summaries = {kind: Summary(kind, *WHAT[kind], for_the_user=kind in FOR_THE_USER) for kind in FINDING_KINDS}
        for check in checks:
            for batch in _batches(check()):
                for finding in batch:
                    summaries[finding.kind] = _add(summaries[finding.kind], finding)
                if fix:
                    for kind, mended in self._mend(batch).items():
                        summaries[kind] = replace(summaries[kind], fixed=summaries[kind].fixed + mended)
        return [summary for summary in summaries.values() if summary.found]

    # ---------------------------------------------------------------- looking

    def _dead_runs(self) -> Iterator[Finding]:
        stuck = self.catalogue.status(self.lease_s).stuck_parts
        if stuck:
            yield Finding("dead_run", "`kbray status` shows the runs", count=stuck)

    def _failures(self) -> Iterator[Finding]:
        """Failed files and incomplete documents: those that may go well now, and those that will not."""
        current = self.fingerprints()
        for row in every_file(self.catalogue, "failed"):
            reason = self._worth_a_try(row, current)
            if reason:
                yield Finding("retryable_failure", f"{row.name}: {reason}", row.id)
        for row in finished(self.catalogue):
            if row.complete is not False:
                continue
            reason = self._worth_a_try(row, current)
            if reason:
                yield Finding("retryable_failure", f"{row.name}: {reason}", row.id)
            else:
                produced = f"{row.units_produced or 0:,} of {row.units_expected or 0:,}"
                yield Finding("incomplete_document", f"{row.name}: {produced} pages or chapters", row.id)

    def _worth_a_try(self, row: FileRow, current: dict[str, str]) -> str | None:
        if row.fingerprint is not None and is_outdated(row.media_type, row.fingerprint, current):
            return "the parser or its settings changed since"
        codes = all_codes()
        for failure in self.catalogue.failures(row.id):
            if failure.code in codes and codes[failure.code].retryable:
                return f"{failure.code} passes"
        return None

    def _results(self) -> Iterator[Finding]:
        """One listing a file tells what is missing, and what an earlier parser left beside it."""
        left = hindrance(self.catalogue, self.lease_s)
        for sha256s, rows in self._finished():
            listings = in_threads(lambda sha256: list(self.objects.list(layout.results_of(sha256))), sha256s)
            for (file_id, sha256, fingerprint), listing in zip(rows, listings, strict=True):
                expected = layout.results(sha256, fingerprint)
                there = {info.key for info in listing}
                missing = [key for key in expected if key not in there]
                if missing:
                    yield Finding("missing_result", ", ".join(missing), file_id)
                for info in listing:
                    if not info.key.startswith(layout.results_by(sha256, fingerprint)):
                        yield _orphan(info, "made by an earlier parser or other settings", left)

    def _finished(self) -> Iterator[tuple[list[str], list[tuple[FileId, str, str]]]]:
        after = 0
        while page := self.catalogue.processed_results(after, PAGE):
            after = page[-1][0]
            yield [sha256 for _, sha256, _ in page], page

    def _originals(self) -> Iterator[Finding]:
        """Files that wait to be processed need their bytes."""
        for rows in _batches(itertools.chain(every_file(self.catalogue, "synced"), every_file(self.catalogue, "processing"))):
            there = in_threads(lambda row: self.objects.exists(layout.original(row.sha256)), rows)
            for row, exists in zip(rows, there, strict=True):
                if not exists:
                    yield Finding("missing_original", f"{row.name}, seen at {row.uri}", row.id)

    def _orphans(self) -> Iterator[Finding]:
        """Objects of content the catalogue doesn't know, and parts of files that need none any more."""
        left = hindrance(self.catalogue, self.lease_s)
        for room in (layout.ORIGINALS, layout.RESULTS, layout.PARTS):
            for batch in _batches(self.objects.list(room)):
                ours = [(info, sha256) for info in batch if (sha256 := layout.content_of(info.key))]
                known = self.catalogue.known_sha256({sha256 for _, sha256 in ours})
                for info, sha256 in ours:
                    if sha256 not in known:
                        yield _orphan(info, "of content the catalogue does not know", left, unknown=sha256)
                    elif room == layout.PARTS and self._over(sha256):
                        yield _orphan(info, "a part of a document that is complete", left)

    def _over(self, sha256: str) -> bool:
        """Nothing of this file is waiting. Few parts outlive their file, so one look-up each does no harm."""
        return all(
            self.catalogue.file(file_id).row.status not in ("synced", "processing") for file_id in self.catalogue.find(sha256)
        )

    # ---------------------------------------------------------------- mending

    def _mend(self, batch: Sequence[Finding]) -> dict[FindingKind, int]:
        """Mend what can be mended; how many of each kind were."""
        mended: dict[FindingKind, int] = {}
        todo = [finding for finding in batch if finding.left is None and finding.kind not in FOR_THE_USER]
        for kind in FINDING_KINDS:
            findings = [finding for finding in todo if finding.kind == kind]
            if not findings:
                continue
            ids = [finding.file_id for finding in findings if finding.file_id is not None]
            if kind == "dead_run":
                self.catalogue.reap(self.lease_s)
                self.catalogue.reset(stuck=True)
            elif kind in ("retryable_failure", "missing_result"):
                self.catalogue.reset(ids)
            elif not delete(self.catalogue, self.objects, {key: found.unknown for found in findings for key in found.keys}):
                continue  # a run began since they were found
            mended[kind] = sum(finding.count for finding in findings)
        return mended


def _orphan(info: ObjectInfo, why: str, left: str | None, unknown: str | None = None) -> Finding:
    keys = (info.key,)
    return Finding("orphan_object", f"{info.key}: {why}", keys=keys, unknown=unknown, size_bytes=info.size_bytes, left=left)


def _add(summary: Summary, finding: Finding) -> Summary:
    examples = (*summary.examples, finding) if len(summary.examples) < EXAMPLES else summary.examples
    return replace(
        summary, found=summary.found + finding.count, size_bytes=summary.size_bytes + finding.size_bytes, examples=examples
    )


T = TypeVar("T")


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(itertools.islice(items, PAGE)):
        yield batch
