"""Pipeline efficiency: CPU seconds in the parse stage ÷ (cores × wall time), from the first part claimed to the last commit."""

from pathlib import Path

import psutil

from benchmarks import ordinary
from benchmarks.session import session

FILES = 600


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Those below `documents`, or `files` ordinary ones made here: books and papers, not notes."""
    if documents is None:
        ordinary.make(folder / "pile", files)
        documents = folder / "pile"
    size = sum(path.stat().st_size for path in documents.rglob("*") if path.is_file())
    with session(folder) as kbray:
        kbray.timed("sync", documents)
        files = kbray.json("status")["files"]["total"]
        process_s = kbray.timed("process")
        steady_s, cpu_s, cores = kbray.steady_s(), kbray.cpu_s(), psutil.cpu_count() or 1
        return {
            "files": files,
            "kb_a_file": round(size / files / 1e3),
            "cores": cores,
            "process_s": round(process_s, 1),
            "steady_s": round(steady_s, 1),
            "parse_cpu_s_a_file": round(cpu_s / files, 3),
            "efficiency": round(cpu_s / (cores * steady_s), 3),
            "efficiency_with_start": round(cpu_s / (cores * process_s), 3),
            "slots_busy": round(kbray.parse_s() / (cores * steady_s), 3),
            "files_per_s": round(files / process_s, 2),
            "files_per_s_steady": round(files / steady_s, 2),
        }
