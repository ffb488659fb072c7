"""The catalogue: what is known of every file, who works on what, and how it went. PostgreSQL only.

`Catalogue` is the room's face: one method a question or a change, each one transaction that is safe to do twice. The queries lie
by table in the modules beside this one. Outages are waited out (`connection`); strings that PostgreSQL can't hold are described
in `storable`.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection

from kbray.catalogue import (
    adopted,
    attempts,
    bylines,
    chunks,
    failures,
    files,
    identity,
    indexings,
    locations,
    migrations,
    moving,
    parts,
    plans,
    programs,
    query,
    removal,
    reopen,
    reports,
    runs,
    search,
    vectors,
)
from kbray.catalogue.connection import Database
from kbray.catalogue.moving import Before, FoundPassage, Snapshot, StoredFile
from kbray.catalogue.query import Query
from kbray.catalogue.rows import (
    Adopted,
    AttemptRow,
    Committed,
    Cost,
    FileDetail,
    FileRow,
    KnownLocation,
    LocationRow,
    PartRow,
    Problem,
    RunAttempt,
    RunProfile,
    StatusReport,
)
from kbray.catalogue.search import Place, Question, Ranking
from kbray.catalogue.selection import Byline, IndexPlan, Plan, Selection
from kbray.model import (
    Chunk,
    Claim,
    Effort,
    EmbeddingModel,
    Failure,
    FileId,
    FileResult,
    FileStatus,
    Found,
    Grade,
    Hit,
    IndexClaim,
    IndexRef,
    PartRef,
    PartState,
    RunId,
    RunInfo,
    RunState,
    Window,
)
from kbray.signals import held

__all__ = [
    "Adopted",
    "AttemptRow",
    "Before",
    "Byline",
    "Catalogue",
    "Committed",
    "Cost",
    "FileDetail",
    "FileRow",
    "FoundPassage",
    "IndexPlan",
    "KnownLocation",
    "LocationRow",
    "PartRow",
    "Place",
    "Plan",
    "Problem",
    "Question",
    "RunAttempt",
    "RunProfile",
    "Selection",
    "Snapshot",
    "StatusReport",
    "StoredFile",
]

P = ParamSpec("P")
T = TypeVar("T")


class Catalogue:
    """One PostgreSQL database with kbray's tables; connects when first asked. Safe to use from many threads, not to pickle.

    Args: url: postgresql://user:password@host:5432/name; what `embedded.start` returns will do.
          patience_s: how long an outage is waited out within each call.
          pool_size: connections at most.
          read_only: it can't be changed by what is done here.
          waiting: told in a sentence, once a call, that an outage is being waited out.
          revive: called while the server does not answer; it may start it again, or raise DatabaseUnavailable.
    Raises: ConfigError: `url` names no PostgreSQL database.
            Every method: DatabaseUnavailable: an outage outlasted the patience; ConfigError: the server refuses us.
    """

    def __init__(
        self,
        url: str,
        *,
        patience_s: float = 60,
        pool_size: int = 2,
        read_only: bool = False,
        waiting: Callable[[str], None] | None = None,
        revive: Callable[[], object] | None = None,
    ) -> None:
        self._database = Database(
            url, patience_s=patience_s, pool_size=pool_size, read_only=read_only, waiting=waiting, revive=revive
        )

    def _do(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._database.transaction(lambda connection: work(connection, *args, **kwargs))

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ------------------------------------------------------------ schema

    def upgrade(self) -> None:
        """The schema is the newest. Raises: ConfigError: a newer kbray made it."""
        self._do(migrations.upgrade)

    def revision(self) -> tuple[str | None, str]:
        """The schema's revision in the database (None: no schema), and the one this kbray needs."""
        return self._do(migrations.current), migrations.HEAD

    def identity(self) -> str:
        """What names it in the object store that is its own."""
        return self._do(identity.of)

    def filled(self) -> bool:
        """Whether it knows any file."""
        return self._do(identity.filled)

    # ------------------------------------------------------------ sync

    def locations(self, uris: Sequence[str]) -> dict[str, KnownLocation]:
        """What is known of these places; unknown ones are left out."""
        return self._do(locations.known, uris)

    def record(self, run: RunId, found: Sequence[Found]) -> int:
        """Contents and places are known, new contents cut into parts; how many known ones are to be processed anew, since they
        are of another kind, or have other pages, than an earlier census told."""

        def work(connection: Connection) -> int:
            files.put(connection, found)
            locations.put(connection, run, found)
            return files.look_again(connection, found)

        return self._do(work)

    def touch(self, run: RunId, uris: Sequence[str], holders: Sequence[str] = ()) -> int:
        """These known places were seen again, unchanged; with the attachments in `holders`, which are some of them: how many."""

        def work(connection: Connection) -> int:
            inside = locations.touch_inside(connection, run, holders) if holders else 0
            locations.touch(connection, run, uris)
            return inside

        return self._do(work)

    def record_problems(self, run: RunId, problems: Sequence[tuple[str, str]]) -> None:
        """These places (URI, message) could not be read."""
        self._do(locations.put_problems, run, problems)

    def record_mounts(self, run: RunId, drives: Mapping[str, str], *, anew: bool = False) -> None:
        """At these folders file systems are mounted, which have these ids. anew: those before will not come back."""
        self._do(locations.put_mounts, run, drives, anew)

    def exchanged(self, run: RunId, roots: Sequence[str], unseen: Sequence[str]) -> list[tuple[str, int]]:
        """Folders under `roots` at which more than one file system was mounted, sorted; with the number of files' places below
        them, but not below `unseen`, that neither this run nor a later one saw."""
        return self._do(locations.exchanged, run, roots, unseen)

    def unmounted(self, run: RunId, roots: Sequence[str]) -> dict[str, float]:
        """Folders under `roots` where a file system was mounted, and where neither this run nor a later one met one; in the form
        that `vanished` takes."""
        return dict.fromkeys(self._do(locations.unmounted, run, roots), 0.0)

    def vanished(self, run: RunId, folders: Mapping[str, float]) -> list[tuple[str, int]]:
        """Those of `folders`, sorted, at or under which files' places are known, of which neither this run nor a later one saw
        any, and which were seen after the time (seconds since 1970) when the folder changed; with the number of places."""
        return self._do(locations.vanished, run, folders) if folders else []

    def mark_gone(self, run: RunId, roots: Sequence[str], unseen: Sequence[str] = ()) -> int:
        """Places at or under `roots` that neither this run nor a later one saw are marked gone; how many.

        Args: unseen: folders that could not be looked into; what was known below them stays.
        """
        return self._do(locations.mark_gone, run, roots, unseen)

    def remember_adopted(self, said: Sequence[Adopted]) -> None:
        """This is what another system said of these places."""
        self._do(adopted.put, said)

    # ------------------------------------------------------------ runs

    def start_run(self, command: str, arguments: Mapping[str, object]) -> RunId:
        """A run of this process, which must now `beat`. It ends if the user stops the process while it begins."""
        begun: list[RunId] = []
        try:
            with held():
                begun.append(self._do(runs.start, command, arguments, _token()))
        except (KeyboardInterrupt, SystemExit):
            for run in begun:
                self.end_run(run, "interrupted", "It was stopped at once.")
            raise
        return begun[0]

    def beat(self, run: RunId) -> RunState:
        """The run is alive. Raises: FencedOut: it was declared dead, or has ended."""
        return self._do(runs.beat, run)

    def request_stop(self, run: RunId) -> None:
        """The run claims nothing more; what it holds it may commit."""
        self._do(runs.request_stop, run)

    def holds(self, run: RunId) -> bool:
        """Whether parts or files are in the run's hands."""
        return self._do(runs.holds, run)

    def end_run(self, run: RunId, state: RunState, message: str | None = None) -> None:
        """The run is over and holds nothing; its open attempts don't count. One that is over already stays as it is."""
        self._do(runs.end, run, state, message)

    def reap(self, lease_s: float) -> list[RunId]:
        """Runs silent for longer than this, or of an ended process of this machine, are dead; what they held is free."""
        return self._do(runs.reap, lease_s)

    def runs(self, limit: int = 20, *, lease_s: float | None = None) -> list[RunInfo]:
        """Newest first. With a lease, runs silent for longer, or of an ended process of this machine, count as dead."""
        return self._do(runs.latest, limit, lease_s)

    def run(self, run: RunId) -> RunInfo:
        """Raises: KeyError: there is no such run."""
        if (found := self._do(runs.info, run)) is None:
            raise KeyError(run)
        return found

    def profile(self, run: RunId) -> RunProfile:
        """Where the time of a run went. Raises: KeyError: there is no such run."""
        if (found := self._do(reports.profile, run)) is None:
            raise KeyError(run)
        return found

    def attempts(self, run: RunId, after: int = 0, limit: int = 1000) -> list[RunAttempt]:
        """What the run tried, at most `limit` by id, above the id `after`."""
        return self._do(attempts.of_run, run, after, limit)

    # ------------------------------------------------------------ process

    def prepare(self, selection: Selection, fingerprints: Mapping[str, str], run: RunId) -> Plan:
        """All that the selection asks for is pending.

        That includes, in files not finished, parts made with another fingerprint than that of their media type (with AGAIN behind
        it, where the file is done another way since it was poor), and the last part where all are there but nobody lives to
        finish the file. With `max_files`, it is the first so many by id.
        """
        return self._do(plans.prepare, selection, fingerprints, run)

    def ranges(self, plan: Plan, count: int) -> list[tuple[int, int]]:
        """At most `count` ranges (low, high] of file ids with about as many open parts each; none when nothing is open."""
        return self._do(plans.ranges, plan, count)

    def refs(self, plan: Plan, lo: int, hi: int, after: tuple[int, int] | None, limit: int) -> list[PartRef]:
        """A page of the plan's open parts in (lo, hi], by file and part, after the one named; also what others have claimed."""
        return self._do(plans.refs, plan, lo, hi, after, limit)

    def remaining(self, plan: Plan | IndexPlan) -> int:
        """Pending parts, or files to be indexed, of the plan."""
        if isinstance(plan, IndexPlan):
            return self._do(indexings.remaining, plan)
        return self._do(plans.remaining, plan)

    def claim(self, run: RunId, ref: PartRef) -> Claim | None:
        """The part is this run's, the attempt counted; None: another has it, it is finished, or the run takes no more work."""
        return self._do(parts.claim, run, ref, _token())

    def commit(
        self,
        claim: Claim,
        *,
        fingerprint: str,
        pages: int,
        failed: bool,
        failures: Sequence[Failure],
        effort: Effort,
        result: FileResult | None = None,
    ) -> Committed:
        """The part is done or failed, its failures are these. Nothing changes when the claim no longer holds.

        With `result` the file is finished by the same transaction, if this was its last part.

        Raises: ValueError: the claim was not made by `claim`, or lost its token on the way.
        """
        if not claim.token:
            raise ValueError("A commit needs the claim as `claim` gave it, with its token.")
        return self._do(
            parts.commit,
            claim,
            fingerprint=fingerprint,
            pages=pages,
            failed=failed,
            failed_with=failures,
            effort=effort,
            result=result,
        )

    def finish(self, run: RunId, file_id: FileId, result: FileResult, failures: Sequence[Failure] = ()) -> bool:
        """The file is processed or failed; False, and no change, unless this run's commit was the last and still stands.

        `failures` are those of the file as a whole. One that was done again keeps the result it had, where that is not worse.
        """
        return self._do(parts.finish, run, file_id, result, failures)

    def release(self, claim: Claim) -> None:
        """The part is pending again, the attempt not counted."""
        self._do(parts.release, claim)

    def release_all(self, run: RunId) -> int:
        """All that the run holds is pending again, attempts not counted; how many parts.

        So is the last part of files it should have finished and did not; that attempt counts.
        """
        return self._do(runs.free, [run], "released", assembling_counts=True)

    def part_outcomes(self, file_id: FileId) -> list[tuple[int, Window, PartState, str | None]]:
        """Number, window, state and fingerprint of each part, in order."""
        return [(part.part, part.window, part.state, part.fingerprint) for part in self._do(parts.of_file, file_id)]

    def failures(self, file_id: FileId) -> list[Failure]:
        """In the order of parts and pages; those of the file as a whole come last."""
        return self._do(failures.of_file, file_id)

    # ------------------------------------------------------------ index

    def prepare_index(self, selection: Selection, fingerprint: str, *, stale: bool = False) -> IndexPlan:
        """All that the selection asks for waits to be indexed: what is processed; and what failed on the way, or was indexed
        with another fingerprint, where that is asked for."""
        return self._do(indexings.prepare, selection, fingerprint, stale=stale)

    def index_ranges(self, plan: IndexPlan, count: int) -> list[tuple[int, int]]:
        """As `ranges`."""
        return self._do(indexings.ranges, plan, count)

    def index_refs(self, plan: IndexPlan, high: int, after: int, limit: int) -> list[IndexRef]:
        """A page of the plan's open files by id, above `after` and up to `high`; also what others have claimed."""
        return self._do(indexings.refs, plan, high, after, limit)

    def claim_index(self, run: RunId, ref: IndexRef) -> IndexClaim | None:
        """As `claim`."""
        return self._do(indexings.claim, run, ref, _token())

    def publish(
        self,
        claim: IndexClaim,
        fingerprint: str,
        chunks: Sequence[Chunk],
        failures: Sequence[Failure],
        effort: Effort,
    ) -> bool:
        """The file's chunks are these, all at once; with failures it is failed instead. They are searched by their language.
        False, and no change, when the claim no longer holds."""
        return self._do(indexings.publish, claim, fingerprint, chunks, failures, effort)

    def models(self) -> list[EmbeddingModel]:
        """Those that have made vectors, the oldest first."""
        return self._do(vectors.models)

    def open_model(self, name: str, identity: str, dimension: int) -> EmbeddingModel:
        """The model of this identity has its place for vectors; it is active if it is the first.

        Raises: ConfigError: its vectors are too long to be indexed.
        """
        return self._do(vectors.ensure, name, identity, dimension)

    def switch_model(self, model: int) -> bool:
        """The model answers queries, and those before it are gone, if every indexed file has its vectors; whether it does."""
        return self._do(vectors.switch, model)

    def vacuum(self, room: int = 0) -> None:
        """What search reads is as quick to search as it will be: after much was written.

        The server would see to that within minutes; but an embedded one may be stopped before.

        Args: room: bytes of disk that may be written for a while, to put what is searched for words in order.
        """
        self._database.vacuum(self._do(vectors.searched))
        if room and self._do(chunks.put_in_order, room):
            self._database.vacuum(["postings"])

    def prepare_vectors(self, selection: Selection, model: int) -> IndexPlan:
        """All that the selection asks for, and that is indexed, waits for the vectors of the model."""
        return self._do(indexings.prepare_vectors, selection, model)

    def texts_to_embed(self, ref: IndexRef, after: int, limit: int) -> list[tuple[int, tuple[str, ...], str]]:
        """Ordinal, heading path and text of the next chunks of the file above `after` that the model has not done."""
        return self._do(vectors.texts, ref.model, ref.file_id, after, limit)

    def store_vectors(
        self,
        claim: IndexClaim,
        ordinals: Sequence[int],
        made: Sequence[Sequence[float]],
        failures: Sequence[Failure],
        effort: Effort,
    ) -> bool:
        """These chunks have these vectors (of length 1); with the last of them the file is done, with failures it is failed.
        False, and no change, when the claim no longer holds."""
        return self._do(indexings.store, claim, ordinals, made, failures, effort)

    def release_index(self, claim: IndexClaim) -> None:
        """The file waits again, the attempt not counted."""
        self._do(indexings.release, claim)

    def search(self, words: str, k: int = 10, *, only: str | None = None, language: str | None = None) -> list[Hit]:
        """The chunks that answer best by their words, best first.

        Args: words: words, "phrases" (what has them comes first), -what must not be there, begin*.
              only, language: as in Question.
        """
        asked = Question(query.parse(words), only, language)
        found = self.rank_by_words(asked, k, k)
        return self.hits(asked, found.places, found.lexemes)

    def narrowed(self, asked: Question) -> Question:
        """The same, with the ids of the files that authors and dates choose, where these are few: to be ranked in less time."""
        return self._do(search.narrowed, asked)

    def rank_by_words(self, asked: Question, depth: int, least: int, *, exact: bool = False) -> Ranking:
        """The best `depth` chunks by BM25, of which the `least` best must not be missed where there are as many.

        Args: exact: spare nothing that might matter; for measurements.
        """
        return self._do(search.by_words, asked, depth, least, exact)

    def rank_by_meaning(
        self,
        asked: Question,
        model: EmbeddingModel,
        vector: Sequence[float],
        depth: int,
        least: int,
        *,
        exact: bool = False,
    ) -> list[Place]:
        """The `depth` chunks nearest to a vector of length 1 that the model made. Args: as `rank_by_words`."""
        return self._do(search.by_meaning, asked, model, vector, depth, least, exact)

    def hits(self, asked: Question, places: Sequence[Place], lexemes: Sequence[str] | None = None) -> list[Hit]:
        """These chunks in this order, with what is shown of them; those that are gone meanwhile are left out.

        Args: lexemes: what the words are, where that is known from `rank_by_words`.
        """
        return self._do(search.hits, asked, places, lexemes)

    def without_vectors(self, model: EmbeddingModel, file_ids: Sequence[FileId]) -> set[FileId]:
        """Those of the files that don't have all their vectors by this model yet."""
        return self._do(vectors.lacking, model.id, file_ids)

    def languages(self) -> list[str]:
        """Of passages, without script and region: `en`; those of most files first."""
        return self._do(search.spoken)

    def unknown(self, asked: Query) -> list[str]:
        """The words of the query that stand in no passage at all, as they were asked for."""
        return self._do(search.unknown, asked)

    def passages(self, file_id: FileId, first: int, last: int) -> list[Hit]:
        """The chunks of a file from one ordinal to another, both included, as hits without a score."""
        return self._do(search.passages, file_id, first, last)

    # ------------------------------------------------------------ reports

    def status(
        self, lease_s: float = 60, fingerprints: Mapping[str, str] | None = None, index_fingerprint: str | None = None
    ) -> StatusReport:
        """How the pile stands; runs silent for longer than the lease count as dead.

        Args: fingerprints, index_fingerprint: of what is made now; without, it is not told what is stale.
        """
        return self._do(reports.status, lease_s, fingerprints, index_fingerprint)

    def files(
        self,
        status: FileStatus | None = None,
        only: str | None = None,
        after: int = 0,
        limit: int = 1000,
        *,
        quality: Grade | None = None,
        gone: bool = False,
        named: str | None = None,
        file_ids: tuple[FileId, ...] | None = None,
        by: Byline | None = None,
        newest: bool = False,
    ) -> list[FileRow]:
        """At most `limit` files by id, above the id `after`.

        Args: only, file_ids, by: as in Selection.  gone: no longer where they were seen.
              named: words that all are in their title or place.
              newest: by their dates, the newest first, those without one last; `after` is the last of the page before.
        """
        chosen = Selection(only=only, file_ids=file_ids, by=by)
        return self._do(files.page, chosen, status, after, limit, quality, gone=gone, named=named, newest=newest)

    def count(
        self,
        status: FileStatus | None = None,
        only: str | None = None,
        *,
        quality: Grade | None = None,
        named: str | None = None,
        file_ids: tuple[FileId, ...] | None = None,
        by: Byline | None = None,
    ) -> int:
        """How many files there are. Args: as in `files`."""
        return self._do(files.count, Selection(only=only, file_ids=file_ids, by=by), status, quality, named)

    def undated(self, selection: Selection) -> int:
        """How many of the files with results have no date; counted up to 1,001."""
        return self._do(bylines.undated, selection)

    def unsigned(self, after: int, limit: int) -> list[tuple[FileId, str, str]]:
        """Id (above `after`, in order), SHA-256 and fingerprint of files whose results were not asked for authors and date."""
        return self._do(bylines.unsigned, after, limit)

    def sign(self, found: Sequence[tuple[FileId, str, Sequence[str], str | None]]) -> None:
        """Id, fingerprint of the result that says so, authors and date of files; those that have other results now are left."""
        self._do(bylines.sign, found)

    def file(self, file_id: FileId) -> FileDetail:
        """Raises: KeyError: there is no such file."""
        if (found := self._do(files.detail, file_id)) is None:
            raise KeyError(file_id)
        return found

    def find(self, name: str) -> list[FileId]:
        """Files by path or URI where they were seen, catalogue id, or SHA-256 prefix (6 digits or more), tried in this order."""
        return self._do(files.find, name)

    def problems(self) -> list[Problem]:
        """Failures grouped by signature, those of most files first."""
        return self._do(reports.problems)

    def files_with(self, signature: str) -> list[FileRow]:
        """The files that have a failure of this signature."""
        return self._do(files.with_signature, signature)

    def places_with_problems(self) -> list[tuple[str, str]]:
        """URI and message of each place that could not be read."""
        return self._do(locations.with_problems)

    # ------------------------------------------------------------ upkeep

    def reset(self, file_ids: Sequence[FileId] | None = None, *, failed: bool = False, stuck: bool = False) -> int:
        """These files, all failed ones, or those left in `processing` by runs that are over, are synced again; how many.

        Stuck files keep the parts they have, the others begin anew. `reap` first: only ended runs count as over.
        """
        return self._do(reopen.reset, file_ids, failed=failed, stuck=stuck)

    def processed_results(self, after: int, limit: int) -> list[tuple[FileId, str, str]]:
        """Id (above `after`, in order), SHA-256 and fingerprint of files whose results must be in the object store."""
        return self._do(files.processed_results, after, limit)

    def known_sha256(self, batch: Iterable[str]) -> set[str]:
        """Those of `batch` that are in the catalogue."""
        return self._do(files.known_sha256, list(batch))

    def while_nobody_works(self, batch: Iterable[str], work: Callable[[set[str]], None]) -> bool:
        """`work` is done, with those of these SHA-256 that are in the catalogue, and no run begins before its end.

        Done again after an outage. False, and it is not done: a run is at work.
        """

        def alone(connection: Connection) -> bool:
            if not removal.nobody_works(connection):
                return False
            work(files.known_sha256(connection, list(batch)))
            return True

        return self._do(alone)

    def inside(self, file_ids: Sequence[FileId], holders: Iterable[str]) -> list[FileId]:
        """The other files that lie in those among these that may hold others (of these media types), and nowhere else."""
        return self._do(removal.inside, file_ids, holders)

    def forget(self, file_ids: Sequence[FileId], holders: Iterable[str]) -> bool:
        """Nothing is known of these files, nor of places in those among them that may hold others (of these media types).

        False, and no change: a run is at work.
        """
        return self._do(removal.forget, file_ids, holders)

    # ------------------------------------------------------------ moving

    def take(self, dump: Path, files: Callable[[Iterator[StoredFile]], None], searches: Sequence[str] = ()) -> Snapshot:
        """One moment of the catalogue is dumped into the file `dump`, and `files` is given all files of that moment.

        Others go on working. After an outage it begins again, and `files` is called anew.
        Args: searches: whose hits are recorded, besides some of its own.
        Raises: ConfigError: the server is newer than pg_dump.
        """
        return self._do(moving.take, self._database, dump, files, searches)

    def counts(self) -> dict[str, int]:
        """What is compared after a move."""
        return self._do(moving.counts)

    def answers(self, words: str) -> list[FoundPassage]:
        """The best hits by words, in a form that another database can compare."""
        return self._do(moving.answers, words)

    def require_room(self, schema: str, *, vectors: bool) -> None:
        """Raises: ConfigError: a catalogue from a schema of this name, with or without vectors, can't be restored here."""
        self._do(moving.require_room, schema, vectors)

    def restore(self, dump: Path, bundle: str, schema: str, *, vectors: bool) -> None:
        """The catalogue is that of the dump, and the one from before is kept: both or nothing. Then `settle` it.

        Args: bundle: what names the dump, for `before`.
        Raises: DatabaseUnavailable: it could not be done, or a run is at work here.
        """
        first, last = self._do(moving.put_in_place, schema, bundle, vectors)
        programs.restore(self._database, dump, first, last)

    def settle(self) -> int:
        """After `restore`: the schema is the newest, the identity is not the source's, and what runs held that went on there is
        free; how many runs."""
        return self._do(moving.settle)

    def before(self) -> Before | None:
        """The import that could be rolled back."""
        return self._do(moving.before)

    def roll_back(self) -> None:
        """The catalogue is as it was before the last import. Raises: ConfigError: there is none, or a run is at work."""
        self._do(moving.roll_back)

    def forget_before(self) -> None:
        """What was before the last import is given up."""
        self._do(moving.forget)


def _token() -> int:
    return secrets.randbits(62) + 1
