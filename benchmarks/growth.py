"""Does a file cost more when there are more of them? Seconds a file in sync and process; seconds of status and cleanup."""

from pathlib import Path

from benchmarks import pile
from benchmarks.session import session

FILES = 3000


def run(folder: Path, files: int) -> dict[str, object]:
    """A tenth of the files, then all of them, each in a home of its own."""
    figures: dict[str, object] = {}
    costs = []
    for count in (files // 10, files):
        place = folder / str(count)
        pile.make(place / "pile", count)
        with session(place) as kbray:
            sync_s = kbray.timed("sync", place / "pile")
            kbray.timed("process")
            steady_s = kbray.steady_s()
            again_s, status_s, cleanup_s = kbray.timed("sync", place / "pile"), kbray.timed("status"), kbray.timed("cleanup")
        costs.append((1000 * sync_s / count, 1000 * steady_s / count))
        figures |= {
            f"{count}_sync_ms_a_file": round(costs[-1][0], 2),
            f"{count}_process_ms_a_file_steady": round(costs[-1][1], 2),
            f"{count}_second_sync_s": round(again_s, 2),
            f"{count}_status_s": round(status_s, 2),
            f"{count}_cleanup_s": round(cleanup_s, 2),
        }
    (sync_before, process_before), (sync_after, process_after) = costs
    return figures | {
        "sync_growth": round(sync_after / sync_before - 1, 3),
        "process_growth": round(process_after / process_before - 1, 3),
    }
