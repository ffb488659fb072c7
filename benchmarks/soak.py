"""Hours in small: tens of thousands of files; memory, descriptors, processes, connections and temporary files must stay flat."""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import pile
from benchmarks.session import Sample, peaks, session

FILES = 30_000


def run(folder: Path, files: int) -> dict[str, object]:
    """The medians of the second tenth of the run beside those of its last tenth."""
    pile.make(folder / "pile", files)
    with session(folder) as kbray:
        sync_s = kbray.timed("sync", folder / "pile")
        samples, process_s = kbray.watch("process", every_s=5)
        steady_s = kbray.steady_s()
        status_s, cleanup_s, again_s = kbray.timed("status"), kbray.timed("cleanup"), kbray.timed("sync", folder / "pile")
    early = [sample for sample in samples if 0.1 <= sample.done / files < 0.2]
    late = [sample for sample in samples if 0.85 <= sample.done / files < 0.95]
    return {
        "files": files,
        "sync_s": round(sync_s, 1),
        "sync_ms_a_file": round(1000 * sync_s / files, 2),
        "process_s": round(process_s, 1),
        "process_ms_a_file_steady": round(1000 * steady_s / files, 2),
        "status_s": round(status_s, 2),
        "cleanup_s": round(cleanup_s, 2),
        "second_sync_s": round(again_s, 2),
        **_both("driver_rss_mb", early, late, lambda sample: sample.driver_rss / 1e6),
        **_both("all_processes_pss_mb", early, late, lambda sample: sample.total_pss / 1e6),
        **_both("processes", early, late, lambda sample: sample.processes),
        **_both("files_open", early, late, lambda sample: sample.files_open),
        **peaks(samples),
        "temporary_folders_left": len(list(Path(tempfile.gettempdir()).glob("kbray-parse-*"))),
    }


def _both(name: str, early: list[Sample], late: list[Sample], measure: Callable[[Sample], float]) -> dict[str, object]:
    return {
        f"{name}_early": round(statistics.median(map(measure, early))),
        f"{name}_late": round(statistics.median(map(measure, late))),
    }
