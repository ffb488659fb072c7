"""What follows from one bound on memory always fits into it."""

import os
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ByteSize

from kbray import budget
from kbray.config import GiB, MiB, Settings, load
from kbray.errors import ConfigError

LEAST = 7 * GiB // 2


def total(settings: Settings, found: budget.Budget, *, models: bool) -> int:
    """All at their limits at once."""
    workers = found.workers * (budget.WORKER_BYTES + found.parse_memory_bytes)
    actors = found.actors * budget.ACTOR_BYTES if models else 0
    return budget.BASE_BYTES + budget.buffers_bytes(settings) + found.store_bytes + workers + actors


@given(st.integers(LEAST, 512 * GiB), st.integers(1, 64), st.integers(1, 64) | st.none(), st.booleans())
def test_all_at_their_limits_fit(memory: int, workers: int, actors: int | None, models: bool) -> None:
    settings = Settings(memory=ByteSize(memory), workers=workers, model_actors=actors)
    found = budget.of(settings, models=models)
    assert total(settings, found, models=models) <= memory
    assert 1 <= found.workers <= workers
    assert 1 <= found.actors <= (actors or workers)
    assert budget.CHILD_BYTES <= found.parse_memory_bytes <= settings.parse_memory_bytes
    assert found.block_bytes * budget.BLOCKS_IN_STORE <= found.store_bytes


@given(st.integers(LEAST, 64 * GiB), st.integers(1, 8 * GiB), st.booleans())
def test_more_memory_never_means_less(memory: int, more: int, models: bool) -> None:
    small, large = (budget.of(Settings(memory=ByteSize(m), workers=32), models=models) for m in (memory, memory + more))
    assert small.workers <= large.workers
    assert small.store_bytes <= large.store_bytes


@given(st.integers(LEAST, 64 * GiB))
def test_without_recognition_its_memory_is_the_parsers(memory: int) -> None:
    settings = Settings(memory=ByteSize(memory), workers=32)
    with_it, without = budget.of(settings, models=True), budget.of(settings, models=False)
    assume(with_it.workers < 32)
    assert without.workers >= with_it.workers


def test_a_large_machine_is_bound_by_its_cores() -> None:
    found = budget.of(Settings(workers=4), models=True, machine_bytes=128 * GiB)
    assert (found.workers, found.actors, found.parse_memory_bytes) == (4, 4, 2 * GiB)
    assert found.block_bytes == 32 * MiB


def test_too_little_is_said() -> None:
    with pytest.raises(ConfigError, match=r"1\.0 GiB of memory are too little for one worker: kbray needs 3\.2 GiB"):
        budget.of(Settings(memory=ByteSize(GiB)), models=True)


def test_sizes_are_written_as_people_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(memory="4GiB").memory == 4 * GiB
    monkeypatch.setenv("KBRAY_MEMORY", "12 GB")
    assert load().memory == 12_000_000_000
    with pytest.raises(ConfigError, match="'memory' from a flag"):
        load(memory="much")


@pytest.mark.parametrize(
    "files",
    [
        {"memory.max": "6442450944\n", "cpu.max": "350000 100000\n"},
        {"memory/memory.limit_in_bytes": "6442450944\n", "cpu/cpu.cfs_quota_us": "350000\n", "cpu/cpu.cfs_period_us": "100000\n"},
    ],
    ids=["second", "first"],
)
def test_a_container_is_as_large_as_it_is_allowed(files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By either kind of control groups: `docker run --memory 6g --cpus 3.5` on a larger machine."""
    machine(monkeypatch, tmp_path, files)
    assert (budget.memory_bytes(), budget.cores()) == (6 * GiB, 3)
    assert budget.of(Settings(), models=False).workers == 3


@pytest.mark.parametrize(
    "files",
    [
        {"memory.max": "max\n", "cpu.max": "max 100000\n"},
        {
            "memory/memory.limit_in_bytes": f"{2**63 - 4096}\n",
            "cpu/cpu.cfs_quota_us": "-1\n",
            "cpu/cpu.cfs_period_us": "100000\n",
        },
        {},
    ],
    ids=["second", "first", "none"],
)
def test_without_a_limit_there_is_the_machine(files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, tmp_path, files)
    assert (budget.memory_bytes(), budget.cores()) == (64 * GiB, 24)


def test_less_than_a_core_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, tmp_path, {"cpu.max": "50000 100000\n"})
    assert budget.cores() == 1


def machine(monkeypatch: pytest.MonkeyPatch, group: Path, files: dict[str, str]) -> None:
    """64 GiB and 32 cores, 24 of which this process is bound to, with these files of a control group."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=64 * GiB))
    monkeypatch.setattr(psutil, "cpu_count", lambda: 32)
    monkeypatch.setattr(os, "cpu_count", lambda: 32)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(24)))
    monkeypatch.setattr(budget, "_CGROUP", group)
    for name, text in files.items():
        (group / name).parent.mkdir(exist_ok=True)
        (group / name).write_text(text)


def node(memory: float, cores: int, gpus: float = 0) -> budget.Node:
    """Args: memory: GiB that Ray gives out there."""
    return budget.Node(cores, gpus, int(memory * GiB), 4 * GiB)


@given(st.floats(1.7, 256), st.integers(1, 64), st.integers(1, 9), st.booleans())
def test_on_nodes_that_are_alike_all_at_their_limits_fit(memory: float, cores: int, count: int, models: bool) -> None:
    each = node(memory, cores)
    found = budget.of_nodes(Settings(), [each] * count, models=models)
    workers, actors = found.workers // count, found.actors // count if models else 0
    assert 1 <= workers <= cores
    assert workers * (budget.WORKER_BYTES + found.parse_memory_bytes) + actors * budget.ACTOR_BYTES <= each.memory_bytes
    assert found.parse_memory_bytes >= budget.CHILD_BYTES


def test_a_node_of_many_cores_and_little_memory_is_bound_by_its_memory() -> None:
    """16 GB, of which Ray gives out what its object store doesn't take."""
    without, with_models = (budget.of_nodes(Settings(), [node(10.5, 32)], models=models) for models in (False, True))
    assert without.workers == 17
    assert (with_models.workers, with_models.actors) == (6, 6)


def test_what_a_parser_may_take_is_that_of_the_node_that_has_most() -> None:
    """A laptop that joins must not make files too large that the PC reads."""
    pc, laptop = node(48, 8), node(5, 7)
    assert budget.of_nodes(Settings(), [pc, laptop], models=True).parse_memory_bytes == 2 * GiB
    assert budget.of_nodes(Settings(), [laptop], models=True).parse_memory_bytes < GiB


def test_actors_go_where_the_gpus_are() -> None:
    pc, laptop = node(16, 8, gpus=1), node(5, 8)
    assert budget.of_nodes(Settings(), [laptop], models=True).workers == 3
    assert budget.of_nodes(Settings(), [pc, laptop], models=True).workers == 8 + 8


def test_memory_bounds_each_node_and_workers_all() -> None:
    nodes = [node(32, 8)] * 3
    assert budget.of_nodes(Settings(memory=ByteSize(2 * GiB)), nodes, models=False).workers == 3 * 3
    assert budget.of_nodes(Settings(workers=5), nodes, models=False).workers == 5


def test_nodes_without_room_for_a_worker_are_told() -> None:
    small = node(1.2, 4)
    with pytest.raises(ConfigError, match=r"kbray needs 1\.6 GiB beside the object store, and the most is 1\.2 GiB"):
        budget.of_nodes(Settings(), [small, small], models=True)
    assert budget.of_nodes(Settings(), [small, node(8, 4)], models=True).workers == 4
