"""Beside the system kbray replaces: a thread pool, every result in one dictionary, `unstructured` for EPUB."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from benchmarks import ordinary
from benchmarks.session import session

FILES = 90
PROGRAM = "from benchmarks.old_way import old_way; import sys; old_way(sys.argv[1:])"


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """The same EPUBs both ways, in one run: those below `documents`, or as many as are asked for, made here."""
    if documents is None:
        ordinary.make(folder / "pile", files)
        documents = folder / "pile"
    books = sorted(documents.rglob("*.epub"))
    started = os.times()
    done = subprocess.run([sys.executable, "-c", PROGRAM, *map(str, books)], capture_output=True, text=True, check=True)
    old_s = os.times().elapsed - started.elapsed
    read, kept = done.stdout.split()
    for index, book in enumerate(books):
        place = folder / "books" / f"{index:05d}.epub"
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(book.resolve())
    with session(folder) as kbray:
        new_s = kbray.timed("sync", folder / "books") + kbray.timed("process")
        steady_s = kbray.steady_s()
        counts = kbray.json("status")["files"]
    return {
        "epubs": len(books),
        "old_read": int(read),
        "kbray_processed": counts["processed"],
        "old_s": round(old_s, 1),
        "kbray_s": round(new_s, 1),
        "kbray_steady_s": round(steady_s, 1),
        "times_faster": round(old_s / new_s, 1),
        "times_faster_steady": round(old_s / steady_s, 1),
        "old_kept_mb": int(kept),
    }


def old_way(paths: list[str]) -> None:
    """Prints how many were read, and the megabytes that the dictionary and the library keep.

    With kbray's stand-in for the library's tokenizer: the original fetches a model from the internet, and fails here.
    """
    import psutil

    from benchmarks.unstructured_offline import partitioner

    partition_epub = partitioner("epub")
    results = {}
    with ThreadPoolExecutor(psutil.cpu_count()) as pool:
        future_to_key = {pool.submit(partition_epub, path): path for path in paths}
        for future in as_completed(future_to_key):
            if future.exception() is None:
                results[future_to_key[future]] = future.result()
    print(len(results), psutil.Process().memory_info().rss // 1_000_000)
