"""Which grades real documents get, and why: how far the measures of sound ones stay from the bounds.

Without Ray and the database; pages without text are recognised.
"""

from collections import Counter
from pathlib import Path

from kbray import vision
from kbray.config import Settings
from kbray.document import grading, layers, recognised
from kbray.document.assemble import assemble
from kbray.errors import KbrayError
from kbray.model import Document, Window
from kbray.parse.sandbox.parent import Sandbox
from kbray.ports import Recogniser

FILES = 100_000
_QUANTILES = (0.5, 0.9, 0.95, 0.99)


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Grades, what is not good and why, and how each measure is spread over the good ones.

    Raises: SystemExit: no folder was given.
    """
    if documents is None:
        raise SystemExit("This benchmark needs documents: --documents FOLDER")
    grades: Counter[str] = Counter()
    told: dict[str, list[tuple[str, float]]] = {}
    spread: dict[str, list[float]] = {}
    recogniser = vision.load(threads=1)
    with Sandbox(Settings(home=folder)) as sandbox:
        for path in sorted(path for path in documents.rglob("*") if path.is_file())[:files]:
            try:
                document = _document(path, sandbox, recogniser)
            except KbrayError as error:
                grades[error.code] += 1
                continue
            quality = grading.grade(document, vision.scripts())
            grades[quality.grade] += 1
            if quality.reasons:
                told[f"{quality.grade} {path.name}"] = [(reason.code, reason.share) for reason in quality.reasons]
            else:
                for code, share in grading.shares(document, vision.scripts()).items():
                    spread.setdefault(code, []).append(share)
    return {
        "grades": dict(grades.most_common()),
        **{f"{code} of good ones": _quantiles(values) for code, values in spread.items()},
        "not good": told,
    }


def _document(path: Path, sandbox: Sandbox, recogniser: Recogniser) -> Document:
    """Raises: KbrayError: it can't be read, or holds nothing."""
    found = sandbox.census(path, path.name)
    parsed = sandbox.parse(path, found.media_type, Window())
    parsed = layers.comparable(parsed, recogniser.characters)
    parsed = recognised.merge(parsed, [recogniser.recognise([image])[0] for image in parsed.images])
    expected = Window(1, found.pages) if found.pages else Window()
    return assemble(
        [parsed],
        sha256="",
        fingerprint="",
        media_type=found.media_type,
        expected=[expected],
        failures=parsed.failures,
    )


def _quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {f"{share:.0%}": round(ordered[int(share * (len(ordered) - 1))], 4) for share in _QUANTILES} | {
        "most": round(ordered[-1], 4)
    }
