"""Does memory grow with the number of files? The driver's at a tenth of the pile and at its end; of all processes the peak."""

from pathlib import Path

from benchmarks import pile
from benchmarks.session import growth, peaks, session

FILES = 3000


def run(folder: Path, files: int) -> dict[str, object]:
    """`files` small files, each different."""
    pile.make(folder / "pile", files)
    with session(folder) as kbray:
        sync_s = kbray.timed("sync", folder / "pile")
        samples, process_s = kbray.watch("process")
        return {
            "files": files,
            "sync_s": round(sync_s, 1),
            "process_s": round(process_s, 1),
            "files_per_s": round(files / process_s, 1),
            "files_per_s_steady": round(files / kbray.steady_s(), 1),
            **growth(samples, files),
            **peaks(samples),
        }
