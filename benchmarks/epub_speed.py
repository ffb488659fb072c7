"""CPU seconds for the same EPUBs: kbray's own reader up to document.md, kreuzberg, and `unstructured`'s `partition_epub`.

`kbray_stored` makes elements.parquet and document.json, too, which the others don't. One after the other on each book, so that
what else the machine does hits all. Each may use as many threads as it likes: counted are the CPU seconds of the process and of
what it starts (pandoc). It wants kreuzberg, which kbray doesn't need: `pip install kreuzberg`.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.epub_coverage import MEDIA_TYPE
from benchmarks.pdf_quality import markdown_of
from benchmarks.timing import least
from benchmarks.unstructured_offline import partitioner
from kbray.config import Settings
from kbray.document import markdown
from kbray.document.assemble import assemble
from kbray.model import Window
from kbray.parse import parse

FILES = 100_000
_ROUNDS = 3  # the least of so many counts


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Ratios are those of sums over the books that all three read; those that one of them doesn't are named.

    Raises: SystemExit: there is no EPUB below `documents`, or no kreuzberg.
    """
    try:
        import kreuzberg
    except ImportError:
        raise SystemExit("This benchmark needs kreuzberg, which kbray doesn't: pip install kreuzberg") from None
    partition_epub = partitioner("epub")
    paths = sorted(documents.rglob("*.epub"))[:files] if documents else []
    if not paths:
        raise SystemExit("This benchmark needs real books: --documents FOLDER")
    settings = Settings(home=folder)
    settings_of_theirs = kreuzberg.ExtractionConfig(output_format="markdown", use_cache=False)
    readers: dict[str, Callable[[Path], object]] = {
        "kbray": lambda path: _read(path, settings),
        "kbray_stored": lambda path: markdown_of(parse(path, MEDIA_TYPE, Window(), settings)),
        "kreuzberg": lambda path: kreuzberg.extract_file_sync(path, config=settings_of_theirs),
        "unstructured": lambda path: partition_epub(str(path)),
    }
    spent: dict[str, dict[str, float]] = {}
    unread: dict[str, list[str]] = {name: [] for name in readers}
    for path in paths:
        timed = {name: least(read, path, 1 if name == "unstructured" else _ROUNDS, name) for name, read in readers.items()}
        row = {name: told and told[1] for name, told in timed.items()}
        for name, seconds in row.items():
            if seconds is None:
                unread[name].append(path.name)
        told = {name: seconds for name, seconds in row.items() if seconds is not None}
        if len(told) == len(readers):
            spent[path.name] = told
    sums = {name: sum(row[name] for row in spent.values()) for name in readers}
    return {
        "books": len(spent),
        "unread": unread,
        **{f"{name}_cpu_s": round(seconds, 2) for name, seconds in sums.items()},
        **{f"times_{name}": round(sums[name] / sums["kbray"], 2) for name in ("kreuzberg", "unstructured")},
        **{
            f"times_{name}_median": round(median(row[name] / row["kbray"] for row in spent.values()), 2)
            for name in ("kreuzberg", "unstructured")
        },
        "each_ms": {name: {reader: round(seconds * 1000, 1) for reader, seconds in row.items()} for name, row in spent.items()},
    }


def _read(path: Path, settings: Settings) -> str:
    """document.md."""
    whole = Window()
    parsed = parse(path, MEDIA_TYPE, whole, settings)
    document = assemble([parsed], sha256="", fingerprint="", media_type=MEDIA_TYPE, expected=[whole], failures=parsed.failures)
    return markdown.render(document.elements)
