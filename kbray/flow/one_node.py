"""A cluster that kbray has started itself is one node and stays one: Ray Data is told so, and need not keep asking.

For each of two questions (are more nodes wanted, and on which node is each actor?) it has an actor for as long as the cluster
lasts, which imports all of Ray Data and wakes a hundred times a second. No setting of Ray's leaves them out; so what makes them
is replaced meanwhile. What it won on two cores: docs/trials.md, start-up.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import ray
from ray.data._internal.cluster_autoscaler import ClusterAutoscaler
from ray.data._internal.execution import streaming_executor
from ray.data._internal.execution.interfaces import ExecutionResources
from ray.data._internal.execution.operators import actor_pool_map_operator

from kbray.flow.replaced import replaced


class FixedSize(ClusterAutoscaler):
    """What there is when a pipeline begins is what there will be."""

    def __init__(self, *_: object, execution_id: str) -> None:
        self._all = ExecutionResources.from_resource_dict(ray.cluster_resources())

    def try_trigger_scaling(self) -> None:
        """There is nobody to ask for more."""

    def on_executor_shutdown(self) -> None:
        """Nothing was asked for."""

    def get_total_resources(self) -> ExecutionResources:
        return self._all


class _Untold:
    """Stands where Ray Data's actors tell their node, in the way they call it."""

    def __init__(self) -> None:
        self.update_actor_location = self

    def remote(self, actor: str, node: str) -> None:
        """It is the one there is."""


def _as_before(actors: Sequence[str]) -> dict[str, str]:
    """Where they went to since they were started: Ray Data keeps to what it knew."""
    return {}


_INSTEAD = (
    (streaming_executor, "create_cluster_autoscaler", FixedSize),
    (actor_pool_map_operator, "get_or_create_actor_location_tracker", _Untold),
    (actor_pool_map_operator, "get_actor_locations", _as_before),
)


def told() -> AbstractContextManager[None]:
    """Pipelines that are run inside know it. Raises: AttributeError: of a Ray that names these otherwise."""
    return replaced(*_INSTEAD)
