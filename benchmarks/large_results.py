"""Results of 5 MB a file and a small object store: what can't be written yet must wait, or spill, not grow."""

import random
from pathlib import Path

from benchmarks import pile
from benchmarks.session import growth, peaks, session

FILES = 300
MEMORY = "4GiB"


def run(folder: Path, files: int) -> dict[str, object]:
    """`files` texts of 5 MB, with an object store of half a gigabyte."""
    (folder / "pile").mkdir()
    for number in range(files):
        chance = random.Random(number)
        paragraphs = [pile.paragraph(chance) for _ in range(15_000)]
        (folder / "pile" / f"{number}.txt").write_text("\n\n".join(paragraphs))
    size = sum(path.stat().st_size for path in (folder / "pile").iterdir())
    with session(folder, KBRAY_MEMORY=MEMORY) as kbray:
        kbray.timed("sync", folder / "pile")
        samples, process_s = kbray.watch("process")
        return {
            "files": files,
            "mb_a_file": round(size / files / 1e6, 1),
            "memory": MEMORY,
            "process_s": round(process_s, 1),
            **growth(samples, files),
            **peaks(samples),
        }
