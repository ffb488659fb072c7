"""A cluster of one node, with the real Ray: which actors Ray Data keeps beside ours."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import json, sys
from pathlib import Path
import pyarrow as pa, ray
from ray._private import state
from ray.data import ActorPoolStrategy
from ray.data._internal.execution import streaming_executor
from kbray.config import Settings
from kbray.flow import cluster

class Doubled:
    def __call__(self, block):
        return pa.table({"id": [2 * number.as_py() for number in block["id"]]})

home, before = Path(sys.argv[1]), streaming_executor.create_cluster_autoscaler
with cluster.connected(Settings(home=home, ray_dashboard=False), home / "log", models=True):
    pipeline = ray.data.range(8).map_batches(Doubled, batch_format="pyarrow", compute=ActorPoolStrategy(size=2), num_cpus=0)
    doubled = sorted(row["id"] for row in pipeline.iter_rows())
    actors = sorted({actor["ActorClassName"].partition("(")[0] for actor in state.actors().values()})
print(json.dumps({"doubled": doubled, "actors": actors, "as_before": streaming_executor.create_cluster_autoscaler is before}))
"""


def test_no_actor_of_ray_data_is_beside_ours(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, tmp_path], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["doubled"] == [0, 2, 4, 6, 8, 10, 12, 14]
    assert told["actors"] == ["MapWorker"], "without a dashboard nobody asks for statistics either"
    assert told["as_before"], "a cluster that is joined later may grow"
