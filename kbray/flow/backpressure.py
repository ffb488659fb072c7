"""What may wait between two operators, bounded in bytes and in blocks.

Ray Data reserves resources for each operator so that none starves; on a machine of few cores that leaves one parse worker
(0.49 of the slots busy in a trial on two cores, 0.98 without). Without the reservation nothing bounds the queues, so this does.
"""

import time
from collections.abc import Mapping

import ray
from ray.data._internal.execution.backpressure_policy import BackpressurePolicy, ConcurrencyCapBackpressurePolicy
from ray.data._internal.execution.interfaces import PhysicalOperator
from ray.data.context import DataContext

_POLICIES = "backpressure_policies.enabled"
_SHARE = 0.2
"""Of the object store, for the outputs of one operator: three of them leave room for blocks in work."""
_BLOCKS_A_CPU = 16
"""Of small parts the share holds thousands: all would be lost with the driver, and what nobody has stored yet is memory."""


_LATELY_S = 2.0


class BoundedQueues(BackpressurePolicy):
    """An operator starts no task while its outputs that nobody has taken are too many, or hold too much of the object store."""

    _cluster: Mapping[str, float] = {}
    _asked_at = float("-inf")

    @property
    def name(self) -> str:
        return "BoundedQueues"

    def can_add_input(self, op: PhysicalOperator) -> bool:
        waiting: int = self._resource_manager.get_mem_op_outputs(op)
        if waiting == 0:
            return True
        cluster = self._resources()
        few = _blocks(op) < _BLOCKS_A_CPU * max(1, int(cluster.get("CPU", 1)))
        return few and waiting < int(_SHARE * cluster.get("object_store_memory", 0))

    def _resources(self) -> Mapping[str, float]:
        """Of the cluster as of lately: this is asked hundreds of times a second, and each answer of Ray's takes a millisecond."""
        now = time.monotonic()
        if now - self._asked_at > _LATELY_S:
            self._cluster, self._asked_at = ray.cluster_resources(), now
        return self._cluster


def _blocks(op: PhysicalOperator) -> int:
    """That `op` has made and the next operator has not begun with."""
    own: int = op.metrics.obj_store_mem_internal_outqueue_blocks + op.metrics.num_external_outqueue_blocks
    return own + sum(int(then.metrics.obj_store_mem_internal_inqueue_blocks) for then in op.output_dependencies)


def apply(context: DataContext) -> None:
    """Make the datasets of `context` bounded by this alone."""
    context.op_resource_reservation_enabled = False
    context.set_config(_POLICIES, [ConcurrencyCapBackpressurePolicy, BoundedQueues])
