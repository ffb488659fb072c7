"""What Ray Data counted while a pass ran, kept beside the run's log: a line of JSON an operator."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from ray.data import Dataset


def keep(dataset: Dataset, path: Path) -> None:
    """Append what there is on each operator of a dataset that was written. What the columns hold: `Library.ray_stats`."""
    lines = [json.dumps(_counted(operator)) + "\n" for operator in _operators(dataset.get_stats_summary())]
    with suppress(OSError), path.open("a", encoding="utf-8") as file:  # a full disk ends runs for better reasons
        file.writelines(lines)


def _operators(summary: Any) -> list[Any]:
    """In the order of the pipeline: a summary holds those of the operators before it."""
    return [operator for before in summary.parents for operator in _operators(before)] + list(summary.operators_stats)


def _counted(operator: Any) -> dict[str, object]:
    wall, cpu, rows, size = operator.wall_time, operator.cpu_time, operator.output_num_rows, operator.output_size_bytes
    return {
        "operator": operator.operator_name,
        "tasks": operator.task_rows.count if operator.task_rows else 0,
        "blocks": wall.count if wall else 0,
        "rows": rows.sum if rows else 0,
        "bytes": size.sum if size else 0,
        "seconds": operator.time_total_s,
        "task_s": wall.sum if wall else 0.0,
        "longest_s": wall.max if wall else 0.0,
        "cpu_s": cpu.sum if cpu else 0.0,
    }
