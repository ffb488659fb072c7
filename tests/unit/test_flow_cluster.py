"""What is asked of Ray for tasks and actors, here and on a cluster that was joined."""

import pytest
import ray

from kbray import budget
from kbray.config import GiB, Settings
from kbray.flow import cluster


@pytest.fixture(autouse=True)
def _resources(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node of 32 cores and 16 GB."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray, "cluster_resources", lambda: {"CPU": 32.0, "memory": 10.5 * GiB})


def test_on_a_cluster_that_was_joined_ray_counts_the_memory() -> None:
    joined = Settings(ray_address="auto")
    assert cluster.memory(joined, budget.TASK_BYTES) == budget.TASK_BYTES
    assert cluster.cpus(joined) == 17


def test_a_job_of_the_cluster_has_joined_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:6379")
    assert cluster.memory(Settings(), budget.ACTOR_BYTES) == budget.ACTOR_BYTES


def test_on_this_machine_the_number_of_workers_is_the_bound() -> None:
    assert cluster.memory(Settings(), budget.TASK_BYTES) is None
    assert cluster.cpus(Settings()) == 32
