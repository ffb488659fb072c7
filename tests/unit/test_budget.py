"""What follows from one bound on memory always fits into it."""

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
