"""How well are pages read in scripts that the models don't know: by them alone, with Tesseract for these, and by Tesseract alone?

Pages drawn of real text (`--documents CORPUS/bench/retrieval/xquad`, whose folders are languages), as they are and worn. Needs
Tesseract with its data for the scripts; one thread each.
"""

import importlib.util
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from benchmarks.ocr import encoded
from kbray import vision
from kbray.model import PageImage
from kbray.ports import Recogniser
from kbray.vision import Models, tesseract

FILES = 6  # pages of a language
_SCRIPTS = {"ar": "Arabic", "el": "Greek", "ru": "Cyrillic"}
_WIDTH, _HEIGHT, _MARGIN, _SIZE = 1654, 2339, 150, 36  # A4 at 200 dpi, in 13 points


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Errors a character (edits over the length of the truth, white space alike) and seconds a page, means over the pages.

    Raises: SystemExit: no folder was given. ConfigError: Tesseract can't read one of the scripts.
    """
    if documents is None:
        raise SystemExit("This benchmark needs documents: --documents FOLDER")
    languages = {language: script for language, script in _SCRIPTS.items() if (documents / language / "docs").is_dir()}
    own = vision.load(threads=1)
    both = vision.load(models=Models(scripts=tuple(languages.values())), threads=1)
    errors, seconds = defaultdict(list), defaultdict(list)
    for language, script in languages.items():
        for image, truth in _pages(documents / language / "docs", files, script):
            for state, seen in (("plain", image), ("worn", _worn(image))):
                picture = encoded(seen)
                for who in ("models", "with Tesseract", "Tesseract alone"):
                    started = time.perf_counter()
                    recogniser = {"models": own, "with Tesseract": both}.get(who)
                    read = _recognised(recogniser, picture) if recogniser else _tesseract(script, picture)
                    text = " ".join(read.split())
                    seconds[who].append(time.perf_counter() - started)
                    errors[f"{language} {state}, {who}"].append(min(1.0, Levenshtein.distance(text, truth) / len(truth)))
    return {
        **{name: round(mean(values), 4) for name, values in errors.items()},
        **{f"seconds a page, {who}": round(mean(values), 2) for who, values in seconds.items()},
    }


def _recognised(recogniser: Recogniser, picture: bytes) -> str:
    (reading,) = recogniser.recognise([PageImage(1, _WIDTH * 0.36, _HEIGHT * 0.36, picture)])
    return " ".join(element.text for element in reading.elements)


def _tesseract(script: str, picture: bytes) -> str:
    found = tesseract.wanted(script)
    command = [str(found.program), "stdin", "stdout", "-l", "+".join(found.taken(script)), "--psm", "1"]
    done = subprocess.run(command, input=picture, env={"OMP_THREAD_LIMIT": "1"}, capture_output=True, check=True)
    return done.stdout.decode()


def _pages(folder: Path, files: int, script: str) -> Iterator[tuple[Image.Image, str]]:
    """Each the beginning of a text, as far as it goes on a page, and what stands there."""
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    fonts = Path(spec.origin).parent / "mpl-data/fonts/ttf"
    leftwards = script == "Arabic"
    for number, path in enumerate(sorted(folder.iterdir())[:files]):
        name = "DejaVuSerif.ttf" if number % 2 and not leftwards else "DejaVuSans.ttf"
        font = ImageFont.truetype(str(fonts / name), _SIZE)
        image = Image.new("L", (_WIDTH, _HEIGHT), 255)
        canvas = ImageDraw.Draw(image)
        lines = [""]
        for word in path.read_text(encoding="utf-8-sig").split():
            longer = f"{lines[-1]} {word}".strip()
            if canvas.textlength(longer, font=font) <= _WIDTH - 2 * _MARGIN:
                lines[-1] = longer
            else:
                lines.append(word)
        lines = lines[: (_HEIGHT - 2 * _MARGIN) // round(1.6 * _SIZE)]
        for row, line in enumerate(lines):
            left = _WIDTH - _MARGIN - canvas.textlength(line, font=font) if leftwards else _MARGIN
            top = _MARGIN + row * round(1.6 * _SIZE)
            canvas.text((left, top), line, fill=0, font=font, direction="rtl" if leftwards else "ltr")
        yield image, " ".join(lines)


def _worn(image: Image.Image) -> Image.Image:
    """A little askew, blurred, grey and noisy; the same each time."""
    turned = image.rotate(0.8, Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(1.2))
    noise = np.random.default_rng(1).normal(0, 14, (image.height, image.width))
    return Image.fromarray((np.asarray(turned) * 0.72 + 45 + noise).clip(0, 255).astype(np.uint8))
