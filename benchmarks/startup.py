"""How long until something happens: from `kbray process` to the first part in parse, `status`, and a second `sync`."""

import statistics
import time
from pathlib import Path

from benchmarks import pile
from benchmarks.session import session

FILES = 3000
TIMES = 3


def run(folder: Path, files: int) -> dict[str, object]:
    """Medians of three, on a warm disk, with the dashboard, as users have it."""
    pile.make(folder / "pile", files)
    with session(folder, KBRAY_RAY_DASHBOARD="true") as kbray:
        kbray.timed("sync", folder / "pile")
        firsts, wholes = list[float](), list[float]()
        for _ in range(1 + TIMES):
            asked_at = time.time()
            wholes.append(kbray.timed("process", "--max-files", 8))
            sql = "SELECT extract(epoch FROM min(started_at)) FROM attempts WHERE run_id = (SELECT max(id) FROM runs)"
            firsts.append(float(kbray.query(sql)[0][0]) - asked_at)
        return {
            "files": files,
            "first_part_s": round(statistics.median(firsts[1:]), 2),
            "eight_files_s": round(statistics.median(wholes[1:]), 2),
            "status_s": round(statistics.median(kbray.timed("status") for _ in range(TIMES)), 2),
            "second_sync_s": round(statistics.median(kbray.timed("sync", folder / "pile") for _ in range(TIMES)), 2),
            "help_s": round(statistics.median(kbray.timed("--help") for _ in range(TIMES)), 2),
        }
