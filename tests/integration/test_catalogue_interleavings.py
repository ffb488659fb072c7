"""Whatever several runs do in whatever order, the catalogue is as a simple model says: no part is lost, none finished twice."""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from kbray.catalogue import Catalogue, Committed, Selection
from kbray.model import Claim, FileId, PartRef, RunId
from tests.integration.pile import EVERYTHING, GOOD, LEASE_S, NOW, claimed, commit, kill, pdf, synced

pytestmark = pytest.mark.integration

STATE = """
    SELECT p.file_id, f.status, p.state, p.attempts, p.interruptions, p.token,
           (SELECT count(*) FROM attempts a WHERE a.file_id = p.file_id AND a.part = p.part AND a.outcome = 'started')
    FROM parts p JOIN files f ON f.id = p.file_id ORDER BY p.file_id, p.part
"""


@dataclass
class Part:
    state: str = "pending"
    token: int | None = None
    run: RunId | None = None
    attempts: int = 0
    interruptions: int = 0

    def free(self) -> None:
        self.state, self.token, self.run = "pending", None, None


@dataclass
class File:
    parts: list[Part]
    status: str = "synced"
    assembler: tuple[RunId, int] | None = None  # run and token of the last commit, until it is taken back
    finished_by: RunId | None = None
    times_finished: int = 0

    def whole(self) -> bool:
        return all(part.state == "done" for part in self.parts)

    def unassembled_by(self, run: RunId) -> bool:
        return self.status == "processing" and self.assembler is not None and self.assembler[0] == run

    def reopen(self) -> Part:
        self.assembler = None
        self.parts[-1].free()
        return self.parts[-1]


@dataclass
class Model:
    files: dict[FileId, File] = field(default_factory=dict)
    runs: dict[RunId, str] = field(default_factory=dict)

    def free(self, run: RunId, *, interrupted: bool, assembling_counts: bool) -> int:
        freed = 0
        for file in self.files.values():
            if file.unassembled_by(run):
                part = file.reopen()
                part.attempts = max(part.attempts - (not assembling_counts), 0)
                part.interruptions += interrupted
            for part in file.parts:
                if part.state == "claimed" and part.run == run:
                    part.free()
                    part.attempts -= 1
                    part.interruptions += interrupted
                    freed += 1
        return freed


class Interleaving:
    """Random steps, each done to the catalogue and to the model, whose answers must be the same."""

    def __init__(self, catalogue: Catalogue, url: str, seed: int) -> None:
        self.draw = random.Random(seed)
        self.catalogue = catalogue
        self.url = url
        self.claims: list[Claim] = []
        self.seen: Counter[str] = Counter()
        sizes = self.draw.choices([1, 2, 3], k=self.draw.randint(1, 4))
        synced(catalogue, *(pdf(f"{n}.pdf", parts=size) for n, size in enumerate(sizes)))
        self.model = Model({FileId(n + 1): File([Part() for _ in range(size)]) for n, size in enumerate(sizes)})
        self.refs = catalogue.refs(catalogue.prepare(Selection(), NOW, RunId(0)), *EVERYTHING, None, 100)
        assert len(self.refs) == sum(sizes)
        self.start_run()

    def step(self) -> None:
        often = {self.claim: 30, self.commit: 25, self.finish: 15, self.release: 3, self.prepare: 4}
        seldom = {self.start_run: 8, self.reset: 5, self.die: 2, self.end_run: 1, self.release_all: 1, self.request_stop: 1}
        steps = {**often, **seldom}
        self.draw.choices(list(steps), list(steps.values()))[0]()
        self.compare()

    # What is picked is likely, not always, something that has an effect.

    def a_run(self) -> RunId:
        live = [run for run, state in self.model.runs.items() if state == "running"]
        return self.draw.choice(live if live and self.draw.random() < 0.8 else list(self.model.runs))

    def a_file(self) -> FileId:
        return self.draw.choice(sorted(self.model.files))

    def a_claim(self) -> Claim | None:
        held = [claim for claim in self.claims if self.part(claim.ref).token == claim.token]
        some = held if held and self.draw.random() < 0.7 else self.claims
        return self.draw.choice(some) if some else None

    def part(self, ref: PartRef) -> Part:
        return self.model.files[ref.file_id].parts[ref.part]

    def start_run(self) -> None:
        self.model.runs[self.catalogue.start_run("process", {})] = "running"

    def claim(self) -> None:
        waiting = [ref for ref in self.refs if self.part(ref).state in ("pending", "claimed")]
        run, ref = self.a_run(), self.draw.choice(waiting if waiting and self.draw.random() < 0.9 else self.refs)
        part = self.part(ref)
        allowed = part.state == "pending" or (part.state == "claimed" and part.run == run)
        claim = self.catalogue.claim(run, ref)
        assert (claim is not None) == (allowed and self.model.runs[run] == "running")
        if claim is not None:
            self.seen["claimed again" if part.state == "claimed" else "claimed"] += 1
            part.state, part.run, part.token, part.attempts = "claimed", run, claim.token, part.attempts + 1
            assert (claim.attempt, claim.interruptions) == (part.attempts, part.interruptions)
            self.model.files[ref.file_id].status = "processing"
            self.claims.append(claim)

    def commit(self) -> None:
        if (claim := self.a_claim()) is None:
            return
        file, part = self.model.files[claim.ref.file_id], self.part(claim.ref)
        mine = part.token == claim.token
        if mine and part.state == "claimed" and self.model.runs[claim.run] in ("running", "stopping"):
            part.state = "done"
            if file.whole():
                file.assembler = (claim.run, claim.token)
            expected = Committed(True, file.whole())
            self.seen["last" if file.whole() else "committed"] += 1
        elif mine and part.state == "done":
            expected = Committed(True, file.assembler is not None and file.assembler[1] == claim.token)
            self.seen["committed twice"] += 1
        else:
            expected = Committed(False, False)
            self.seen["refused"] += 1
        assert commit(self.catalogue, claim) == expected

    def finish(self) -> None:
        waiting = [file_id for file_id, file in self.model.files.items() if file.status == "processing" and file.assembler]
        file_id = self.draw.choice(waiting) if waiting and self.draw.random() < 0.8 else self.a_file()
        file = self.model.files[file_id]
        run = file.assembler[0] if file.assembler and self.draw.random() < 0.6 else self.a_run()
        if file.unassembled_by(run):
            file.status, file.finished_by = "processed", run
            file.times_finished += 1
            expected = True
            self.seen["finished"] += 1
        else:
            expected = file.status == "processed" and file.finished_by == run
            self.seen["finished twice" if expected else "not finished"] += 1
        assert self.catalogue.finish(run, file_id, GOOD) == expected

    def release(self) -> None:
        if (claim := self.a_claim()) is None:
            return
        part = self.part(claim.ref)
        if part.state == "claimed" and part.token == claim.token:
            part.free()
            part.attempts -= 1
            self.seen["released"] += 1
        self.catalogue.release(claim)

    def release_all(self) -> None:
        run = self.a_run()
        assert self.catalogue.release_all(run) == self.model.free(run, interrupted=False, assembling_counts=True)

    def request_stop(self) -> None:
        run = self.a_run()
        self.catalogue.request_stop(run)
        if self.model.runs[run] == "running":
            self.model.runs[run] = "stopping"

    def end_run(self) -> None:
        run = self.a_run()
        self.catalogue.end_run(run, "interrupted")
        if self.model.runs[run] in ("running", "stopping"):
            self.model.runs[run] = "interrupted"
            self.model.free(run, interrupted=False, assembling_counts=False)

    def die(self) -> None:
        run = self.a_run()
        kill(self.url, run, silent=False)
        alive = self.model.runs[run] in ("running", "stopping")
        assert self.catalogue.reap(LEASE_S) == ([run] if alive else [])
        if alive:
            self.model.runs[run] = "dead"
            self.model.free(run, interrupted=True, assembling_counts=False)
            self.seen["died"] += 1

    def prepare(self) -> None:
        run = self.a_run()
        for file in self.model.files.values():
            if file.status == "processing" and file.whole():
                assert file.assembler is not None
                other = file.assembler[0]
                if other == run or self.model.runs[other] not in ("running", "stopping"):
                    file.reopen()
                    self.seen["reopened"] += 1
                else:
                    self.seen["left to its assembler"] += 1
        plan = self.catalogue.prepare(Selection(), NOW, run)
        unfinished = [part for file in self.model.files.values() for part in file.parts if part.state in ("pending", "claimed")]
        assert plan.parts == len(unfinished)
        assert self.catalogue.remaining(plan) == sum(part.state == "pending" for part in unfinished)

    def reset(self) -> None:
        file_id = self.a_file()
        old = self.model.files[file_id]
        self.model.files[file_id] = File([Part() for _ in old.parts], times_finished=old.times_finished)
        assert self.catalogue.reset([file_id]) == 1

    def compare(self) -> None:
        rows = self.catalogue._do(lambda connection: [tuple(row) for row in connection.execute(text(STATE))])
        assert rows == [
            (file_id, file.status, part.state, part.attempts, part.interruptions, part.token, int(part.state == "claimed"))
            for file_id, file in sorted(self.model.files.items())
            for part in file.parts
        ]

    def bring_to_an_end(self) -> None:
        """However it stands now: when all that live have ended, one more run processes the rest, once."""
        for run in self.model.runs:
            self.catalogue.end_run(run, "interrupted")
        heir = self.catalogue.start_run("process", {})
        plan = self.catalogue.prepare(Selection(), NOW, heir)
        for ref in self.catalogue.refs(plan, *EVERYTHING, None, 100):
            if commit(self.catalogue, claimed(self.catalogue, heir, ref)).last:
                assert self.catalogue.finish(heir, ref.file_id, GOOD)
                self.model.files[ref.file_id].times_finished += 1
        assert {row.status for row in self.catalogue.files()} == {"processed"}
        finished = sum(self.catalogue.run(run).files_done for run in (*self.model.runs, heir))
        assert finished == sum(file.times_finished for file in self.model.files.values())


@pytest.mark.parametrize("seed", range(8))
def test_any_interleaving_of_several_runs(catalogue: Catalogue, database_url: str, seed: int) -> None:
    interleaving = Interleaving(catalogue, database_url, seed)

    for _ in range(300):
        interleaving.step()
    interleaving.bring_to_an_end()

    assert {"claimed", "claimed again", "committed twice", "refused", "last", "finished"} <= set(interleaving.seen)
