"""Pictures of printed documents of known structure: how much of it comes out, by the program that printed them.

As `prints`, but each page is a picture of 200 dpi, as a scan is, and is recognised: 2.5 CPU seconds a page, of which a document
has some fifteen. A text counts as read where one character in twenty, or one at all, is another.
"""

from collections.abc import Sequence
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from benchmarks.printing.printers import PRINTERS
from benchmarks.prints import MEDIA_TYPE, elements, measured
from kbray import vision
from kbray.config import Settings
from kbray.document.recognised import merge
from kbray.model import Element, Window
from kbray.parse import parse

FILES = 4
_MISREAD = 0.05  # of the characters


def run(folder: Path, files: int) -> dict[str, object]:
    """Share of the pieces that are right: of all, and by kind.

    Raises: SystemExit: no program that prints is installed.
    """
    settings, reader = Settings(home=folder, ocr="always"), vision.load(threads=1)

    def read(path: Path) -> Sequence[Element]:
        parsed = parse(path, MEDIA_TYPE, Window(), settings)
        return elements(merge(parsed, reader.recognise(parsed.images)))

    return measured(folder, files, PRINTERS, read, is_read)


def is_read(text: str, truth: str) -> bool:
    most = max(1, int(_MISREAD * max(len(text), len(truth))))
    return Levenshtein.distance(text, truth, score_cutoff=most) <= most
