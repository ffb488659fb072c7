"""Beside bare extraction by `kreuzberg` (Rust; `pip install kreuzberg`), which stores nothing, on the same mixed files."""

import asyncio
import time
from pathlib import Path
from types import ModuleType

from benchmarks import pile
from benchmarks.session import session

FILES = 1500


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Those below `documents`, or `files` small ones made here; kbray with all that it does."""
    try:
        import kreuzberg
    except ImportError:
        raise SystemExit("This benchmark needs kreuzberg, which kbray doesn't: pip install kreuzberg") from None

    if documents is None:
        pile.make(folder / "pile", files)
        documents = folder / "pile"
    paths = sorted(path for path in documents.rglob("*") if path.is_file())
    with session(folder) as kbray:
        kbray_s = kbray.timed("sync", documents) + kbray.timed("process")
        steady_s = kbray.steady_s()
        counts = kbray.json("status")["files"]
    started = time.monotonic()
    read = asyncio.run(_extract(kreuzberg, paths))
    bare_s = time.monotonic() - started
    return {
        "files": len(paths),
        "kreuzberg_read": read,
        "kbray_processed": counts["processed"],
        "kreuzberg_files_per_s": round(len(paths) / bare_s, 1),
        "kbray_files_per_s": round(len(paths) / kbray_s, 1),
        "kbray_files_per_s_steady": round(len(paths) / steady_s, 1),
        "ratio": round(bare_s / kbray_s, 2),
        "ratio_steady": round(bare_s / steady_s, 2),
    }


async def _extract(kreuzberg: ModuleType, paths: list[Path]) -> int:
    """One after the other; it uses all cores itself where it can."""
    read = 0
    for path in paths:
        try:
            await kreuzberg.extract_file(path)
        except (kreuzberg.KreuzbergError, RuntimeError):
            continue
        except Exception as error:
            if type(error).__name__ != "RustPanic":  # its module can't be imported
                raise
            continue
        read += 1
    return read
