"""What comes out of PDFs beside the truth, as opendataloader-bench has it: pdfs/NAME.pdf and ground-truth/NAME.md.

In this process, without Ray and the database; pages and pictures without text are recognised, which is most of the time.
"""

import re
import time
import zlib
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean

from benchmarks.similarity import Scores, scores
from kbray import vision
from kbray.config import Settings
from kbray.document.finish import finish
from kbray.document.recognised import merge
from kbray.model import Parsed, Window
from kbray.parse import parse

FILES = 100_000
MEDIA_TYPE = "application/pdf"
_WHOLE = Window()


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Scores of each document and their means: over all, and over two halves told by a hash of the name.

    Raises: SystemExit: there is no such set below `documents`.
    """
    paths = sorted((documents / "pdfs").glob("*.pdf"))[:files] if documents else []
    if not documents or not paths:
        raise SystemExit("This benchmark needs a judged set: --documents FOLDER with pdfs/NAME.pdf and ground-truth/NAME.md")
    settings = Settings(home=folder)
    found: dict[str, Scores] = {}
    printed: list[Scores] = []
    reader = vision.load(threads=1)
    recognised: list[str] = []
    seconds = pages = 0.0
    for path in paths:
        started = time.process_time()
        parsed = parse(path, MEDIA_TYPE, _WHOLE, settings)
        if parsed.images:
            recognised.append(path.stem)
            parsed = merge(parsed, reader.recognise(parsed.images))
        made = markdown_of(parsed)
        seconds += time.process_time() - started
        pages += len(parsed.units)
        truth = (documents / "ground-truth" / f"{path.stem}.md").read_text(encoding="utf-8")
        found[path.stem] = scores(truth, made)
        printed.append(scores(truth, with_plain_notes(made)))
    return {
        "documents": len(paths),
        "recognised": recognised,
        "cpu_s_a_page": round(seconds / pages, 4),
        **means(found.values()),
        "notes_as_printed": means(printed),
        "halves": [means(one for name, one in found.items() if half(name) == which) for which in (0, 1)],
        "each": {name: _rounded(one) for name, one in found.items()},
    }


def markdown_of(parsed: Parsed) -> str:
    """document.md of a file of one part; empty where nothing could be read."""
    return finish(
        [parsed], sha256="", fingerprint="", media_type=MEDIA_TYPE, expected=[_WHOLE], failures=parsed.failures
    ).markdown.decode()


def with_plain_notes(markdown: str) -> str:
    """Marks and notes as they are printed and as the truth writes them: `3` for `[^3]`, `3 See …` for `[^3]: See …`."""
    notes = re.sub(r"^\[\^(?:\d+-)?(\w+)\]: ", r"\1 ", markdown, flags=re.MULTILINE)
    return re.sub(r"\[\^(?:\d+-)?(\w+)\]", r"\1", notes)


def half(name: str) -> int:
    """0 or 1: which half of the set a document is in; rules are written looking at one only."""
    return zlib.crc32(name.encode()) & 1


def means(found: Iterable[Scores]) -> dict[str, float]:
    """Of each measure over the documents that it applies to."""
    rows = [_rounded(one, 9) for one in found]
    names = ("overall", "nid", "teds", "mhs")
    return {
        name: round(fmean(score for row in rows if (score := row[name]) is not None), 4)
        for name in names
        if any(row[name] is not None for row in rows)
    }


def _rounded(one: Scores, digits: int = 3) -> dict[str, float | None]:
    values = {"overall": one.overall, "nid": one.nid, "teds": one.teds, "mhs": one.mhs}
    return {name: None if value is None else round(value, digits) for name, value in values.items()}
