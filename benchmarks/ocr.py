"""How well and how fast pages are read on a CPU, beside RapidOCR's own loop with the same weights, and Tesseract where it is.

Pages of born-digital PDFs (PDFs anywhere under `documents`), drawn at 200 dpi, every fourth of them turned by a quarter: F1 of
words against the text layer. Page images with a transcription (`bench/ocr-pages` there): errors in a hundred characters. Each
page goes through all readers before the next, on one thread, in CPU seconds: what else the machine does hits all alike.
"""

import csv
import io
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import fmean

import cv2
import numpy as np
import psutil
import pypdfium2 as pdfium
from PIL import Image
from rapidfuzz.distance import Levenshtein

from kbray import vision
from kbray.model import PageImage

FILES = 24
"""PDFs, a page of each."""
LEAST_WORDS = 150
Reader = Callable[[Image.Image], str]


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    if documents is None:
        raise SystemExit("This benchmark needs real documents: --documents FOLDER")
    cv2.setNumThreads(1)
    readers: dict[str, Reader] = {"kbray": _kbray(), "rapidocr": _rapidocr()}
    if shutil.which("tesseract"):
        readers["tesseract"] = _tesseract(folder)
    figures: dict[str, object] = {}
    born = {name: [] for name in readers}  # type: dict[str, list[tuple[float, float, str]]]
    for number, (name, image, truth) in enumerate(islice(_born_digital(documents), files)):
        turned = image.rotate(90, expand=True) if number % 4 == 3 else image
        for reader, read in readers.items():
            text, seconds = _timed(read, turned)
            born[reader].append((_f1(text, truth), seconds, name))
    scanned = {name: [] for name in readers}  # type: dict[str, list[tuple[float, float, str]]]
    for name, image, truth, folded in _transcribed(documents):
        for reader, read in readers.items():
            text, seconds = _timed(read, image)
            scanned[reader].append((_errors(text, truth, folded=folded), seconds, name))
    for reader in readers:
        figures |= _told(f"{reader}_born_digital_f1", born[reader], worst=min)
        figures |= _told(f"{reader}_scanned_cer", scanned[reader], worst=max)
    spent = {reader: fmean(seconds for _, seconds, _ in born[reader]) for reader in readers}
    return figures | {f"times_{reader}": round(spent[reader] / spent["kbray"], 2) for reader in readers}


def _told(
    name: str, made: Sequence[tuple[float, float, str]], worst: Callable[..., tuple[float, float, str]]
) -> dict[str, object]:
    return {
        name: round(fmean(score for score, _, _ in made), 4),
        f"{name}_worst": [(round(score, 2), page) for score, _, page in sorted(made, reverse=worst is max)[:3]],
        f"{name}_cpu_s_a_page": round(fmean(seconds for _, seconds, _ in made), 2),
    }


def _timed(read: Reader, image: Image.Image) -> tuple[str, float]:
    me = psutil.Process()
    before = me.cpu_times()
    text = read(image)
    after = me.cpu_times()
    return text, sum(after[:4]) - sum(before[:4])  # own and of children that ended


def _born_digital(documents: Path) -> Iterator[tuple[str, Image.Image, str]]:
    """The middle page of each PDF that has enough words there."""
    for path in sorted(documents.rglob("*.pdf"), key=lambda path: (len(path.name) * 7919 % 101, path.name)):
        try:
            with pdfium.PdfDocument(path) as pdf:
                page = pdf[len(pdf) // 2]
                text = page.get_textpage().get_text_range()
                if len(text.split()) >= LEAST_WORDS and not page.get_rotation() and max(page.get_size()) < 1200:
                    yield path.name, page.render(scale=200 / 72, grayscale=True).to_pil(), text
        except pdfium.PdfiumError:
            continue  # a broken one: others are many


def _transcribed(documents: Path) -> Iterator[tuple[str, Image.Image, str, bool]]:
    """Image, text, and whether case counts for nothing (the annotators of receipts wrote capitals)."""
    for manifest in documents.rglob("ocr-pages/manifest.csv"):
        with manifest.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                with Image.open(manifest.parent / row["image"]) as image:
                    truth = (manifest.parent / row["ground_truth"]).read_text(encoding="utf-8")
                    yield row["image"], image.convert("RGB"), truth, row["image"].startswith("sroie")


def _f1(text: str, truth: str) -> float:
    ours, theirs = (Counter(re.findall(r"\w+", unicodedata.normalize("NFKC", one).lower())) for one in (text, truth))
    return 2 * sum((ours & theirs).values()) / max(1, sum(ours.values()) + sum(theirs.values()))


def _errors(text: str, truth: str, *, folded: bool) -> float:
    """Edits over the length of the truth, one at most, white space and compatible characters alike."""
    ours, theirs = (" ".join(unicodedata.normalize("NFKC", one).split()) for one in (text, truth))
    if folded:
        ours, theirs = ours.lower(), theirs.lower()
    return min(1.0, Levenshtein.distance(ours, theirs) / max(1, len(theirs)))


def _kbray() -> Reader:
    recogniser = vision.load(threads=1)

    def read(image: Image.Image) -> str:
        (reading,) = recogniser.recognise([PageImage(1, image.width * 0.36, image.height * 0.36, encoded(image))])
        return " ".join(f"{element.marker or ''} {element.text or _cells(element.table)}" for element in reading.elements)

    return read


def _cells(table: object) -> str:
    return " ".join(cell.text for cell in getattr(table, "cells", ()))


def _rapidocr() -> Reader:
    from rapidocr import RapidOCR

    one = {f"EngineConfig.onnxruntime.{name}_op_num_threads": 1 for name in ("intra", "inter")}
    engine = RapidOCR(params={"Global.log_level": "critical"} | one)

    def read(image: Image.Image) -> str:
        found = engine(np.asarray(image.convert("RGB"))[:, :, ::-1])
        if found.txts is None:
            return ""
        boxes = [
            (float(box[:, 1].mean()), float(box[:, 0].min()), float(np.ptp(box[:, 1])), text)
            for box, text in zip(found.boxes, found.txts, strict=True)
        ]
        rows: list[tuple[float, list[tuple[float, str]]]] = []
        for y, x, height, text in sorted(boxes):
            if rows and abs(rows[-1][0] - y) < height / 2:
                rows[-1][1].append((x, text))
            else:
                rows.append((y, [(x, text)]))
        return " ".join(text for _, row in rows for _, text in sorted(row))

    return read


def _tesseract(folder: Path) -> Reader:
    def read(image: Image.Image) -> str:
        path = folder / "page.png"
        image.save(path, dpi=(200, 200))
        command = ["tesseract", str(path), "-", "--psm", "1"]
        return subprocess.run(
            command, env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
        ).stdout

    return read


def encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
