"""Scans with a text layer: are bad layers replaced, and good ones left alone?

Pages of born-digital PDFs (PDFs anywhere under `documents`) and paragraphs of `retrieval/xquad` there as Chromium prints them are
drawn as a scanner sees them (`IMAGES`), and get layers whose truth is known: their own text, as if somebody had corrected it; the
same with mistakes of old recognition; what Tesseract reads in each of the images, with its English model whatever the language.
Each goes through kbray as a PDF of one page. Errors: edits a character of the lines of the truth, where the text has each best.
"""

import csv
import io
import json
import random
import shutil
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from statistics import fmean

import cv2
import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageFilter
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from kbray import vision
from kbray.config import Settings
from kbray.document import layers
from kbray.document.recognised import merge
from kbray.model import Element, Parsed, Reading, Window
from kbray.parse.pdf import parse
from kbray.ports import Recogniser

FILES = 24
"""PDFs, a page of each."""
DPI = 200
LEAST_WORDS = 100
RATES = (0.03, 0.06, 0.12, 0.25)


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """By image and layer: pages, how many were read in full and replaced, errors of the layer and of what is kept.

    Raises: SystemExit: no folder was given.
    """
    if documents is None:
        raise SystemExit("This benchmark needs documents: --documents FOLDER")
    cv2.setNumThreads(1)
    recogniser = vision.load(threads=1)
    found: dict[str, list[Outcome]] = {}
    spent: dict[str, list[float]] = {"sample": [], "page": []}
    for source in chain(printed(documents, folder, 1), islice(born_digital(documents), files)):
        chance = random.Random(source.name)
        drawn = {name: draw(source.image, chance) for name, draw in IMAGES.items()}
        made = {"true": list(source.words)}
        made |= {f"mistakes {rate:.0%}": mistaken(source.words, rate, chance) for rate in RATES}
        if shutil.which("tesseract"):
            made |= {f"tesseract, {name}": tesseract(image, folder) for name, image in drawn.items()}
        for shown, image in drawn.items():
            readings: list[tuple[Reading, Reading]] = []
            for name, words in made.items():
                write(folder / "scan.pdf", source.width, source.height, image, words)
                parsed = parse(folder / "scan.pdf", Window(), Settings(home=folder))
                if parsed.images and parsed.images[0].layered:
                    readings = readings or [_read(recogniser, parsed, spent)]
                    outcome = _outcome(parsed, *readings[0], recogniser, source.lines)
                    found.setdefault(f"{shown}: {name}", []).append(outcome)
    every = [one for some in found.values() for one in some]
    return {
        **{name: _told(some) for name, some in found.items()},
        "replaced, better, worse by half a point": [
            sum(one.replaced for one in every),
            sum(one.after < one.before - 0.005 for one in every),
            sum(one.after > one.before + 0.005 for one in every),
        ],
        **{f"cpu_s_{name}": round(fmean(some), 2) for name, some in spent.items()},
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    doubted: bool
    replaced: bool
    before: float  # errors a character
    after: float


def _read(recogniser: Recogniser, parsed: Parsed, spent: dict[str, list[float]]) -> tuple[Reading, Reading]:
    started = time.process_time()
    (some,) = recogniser.recognise(parsed.images, layers.LINES)
    sampled = time.process_time()
    (whole,) = recogniser.recognise(parsed.images)
    spent["sample"].append(sampled - started)
    spent["page"].append(time.process_time() - sampled)
    return some, whole


def _outcome(parsed: Parsed, some: Reading, whole: Reading, recogniser: Recogniser, lines: Sequence[str]) -> Outcome:
    asked = layers.comparable(parsed, recogniser.characters)
    doubted = bool(asked.images) and layers.is_doubtful(asked, asked.images[0], some)
    kept = merge(asked, [whole]) if doubted else parsed
    replaced = any(element.origin == "ocr" for element in kept.elements)
    return Outcome(doubted, replaced, errors(_text(parsed.elements), lines), errors(_text(kept.elements), lines))


def _text(elements: Sequence[Element]) -> str:
    return " ".join(text for one in elements for text in ([c.text for c in one.table.cells] if one.table else [one.text]))


def _told(some: Sequence[Outcome]) -> str:
    doubted, replaced = sum(one.doubted for one in some), sum(one.replaced for one in some)
    before, after = fmean(one.before for one in some), fmean(one.after for one in some)
    return f"{len(some)} pages, {doubted} read, {replaced} replaced, errors {before:.3f} -> {after:.3f}"


@dataclass(frozen=True, slots=True)
class Printed:
    """A word of a layer, in points from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    width: float
    height: float
    image: Image.Image
    words: tuple[Printed, ...]
    lines: tuple[str, ...]


# ---------------------------------------------------------------- pages


def born_digital(documents: Path) -> Iterator[Source]:
    """The middle page of each PDF that has enough words there."""
    for path in sorted(documents.rglob("*.pdf"), key=lambda path: (len(path.name) * 7919 % 101, path.name)):
        try:
            with pdfium.PdfDocument(path) as pdf:
                yield from _source(path.name, pdf[len(pdf) // 2])
        except pdfium.PdfiumError:
            continue  # a broken one: others are many


def printed(documents: Path, folder: Path, pages: int) -> Iterator[Source]:
    """Paragraphs in each language of XQuAD, printed."""
    for language in sorted(documents.rglob("retrieval/xquad/*")):
        if not language.is_dir() or not shutil.which("chromium"):
            continue
        texts = _paragraphs(language)
        html = "".join(
            f"<div style='page-break-after:always;font:{10 + number % 4}pt/1.4 serif'>"
            + "".join(f"<p>{text}</p>" for text in texts[3 * number : 3 * number + 3])
            + "</div>"
            for number in range(pages)
        )
        (folder / "pages.html").write_text(f"<meta charset=utf-8><body>{html}", encoding="utf-8")
        made = folder / "pages.pdf"
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'chromium'}"]
        command += [f"--print-to-pdf={made}", "--no-pdf-header-footer", str(folder / "pages.html")]
        subprocess.run(command, check=True, capture_output=True)
        with pdfium.PdfDocument(made) as pdf:
            for number in range(min(pages, len(pdf))):
                yield from _source(f"xquad-{language.name}-{number}", pdf[number])


def _paragraphs(language: Path) -> list[str]:
    corpus = (language / "corpus.jsonl").read_text(encoding="utf-8")
    return [str(json.loads(line)["text"]) for line in corpus.splitlines()]


def _source(name: str, page: pdfium.PdfPage) -> Iterator[Source]:
    text = page.get_textpage()
    width, height = page.get_size()
    if len(text.get_text_range().split()) < LEAST_WORDS or page.get_rotation() or max(width, height) > 1200:
        return
    left, bottom, _, _ = page.get_bbox()
    words: list[Printed] = []
    pending, box = "", (0.0, 0.0, 0.0, 0.0)
    for index in range(text.count_chars()):
        character = text.get_text_range(index, 1, errors="ignore")
        if not character.strip():
            if pending:
                words.append(_word(pending, box, left, bottom, height))
            pending = ""
            continue
        x0, y0, x1, y1 = text.get_charbox(index, loose=True)
        if pending and abs(y0 - box[1]) < (y1 - y0):
            box = min(box[0], x0), min(box[1], y0), max(box[2], x1), max(box[3], y1)
            pending += character
        else:
            if pending:
                words.append(_word(pending, box, left, bottom, height))
            pending, box = character, (x0, y0, x1, y1)
    if pending:
        words.append(_word(pending, box, left, bottom, height))
    lines = tuple(" ".join(line.split()) for line in text.get_text_range().splitlines() if len(line.split()) > 2)
    yield Source(name, width, height, page.render(scale=DPI / 72, grayscale=True).to_pil().convert("L"), tuple(words), lines)


def _word(text: str, box: Sequence[float], left: float, bottom: float, height: float) -> Printed:
    return Printed(text, box[0] - left, height - (box[3] - bottom), box[2] - left, height - (box[1] - bottom))


# ---------------------------------------------------------------- what a scanner makes of them


def _fine(image: Image.Image, _: random.Random) -> Image.Image:
    return image


def _poor(image: Image.Image, chance: random.Random) -> Image.Image:
    """80 dpi, noise, and JPEG at its worst."""
    small = image.resize((int(image.width * 0.4), int(image.height * 0.4)), Image.Resampling.BILINEAR)
    noise = np.random.default_rng(chance.randrange(1 << 30)).normal(0, 22, (small.height, small.width))
    noisy = Image.fromarray((np.asarray(small) * 0.7 + 40 + noise).clip(0, 255).astype(np.uint8))
    buffer = io.BytesIO()
    noisy.save(buffer, "JPEG", quality=25)
    return Image.open(buffer).convert("L").resize(image.size, Image.Resampling.BICUBIC)


def _worn(image: Image.Image, chance: random.Random) -> Image.Image:
    """Black and white, letters broken and touching, a little askew: an old book from an archive."""
    soft = image.rotate(chance.uniform(-0.6, 0.6), fillcolor=255, resample=Image.Resampling.BILINEAR)
    soft = soft.filter(ImageFilter.GaussianBlur(1.3))
    grain = np.random.default_rng(chance.randrange(1 << 30)).normal(0, 1, (soft.height // 3 + 1, soft.width // 3 + 1))
    rough = cv2.resize(grain, soft.size, interpolation=cv2.INTER_LINEAR)
    return Image.fromarray((255 * (np.asarray(soft, np.float32) + 45 * rough > 165)).astype(np.uint8))


IMAGES: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {"fine": _fine, "worn": _worn, "poor": _poor}

# ---------------------------------------------------------------- layers

_MISTAKES = {
    **{"h": "b", "e": "c", "c": "e", "i": "l", "l": "1", "o": "0", "s": "5", "n": "u", "u": "n", "t": "f", "f": "t", "a": "o"},
    **{"b": "h", "m": "rn", "d": "cl", "g": "q", "w": "vv", "r": "i", "y": "v", "T": "'I", "I": "l", "B": "8", "S": "5"},
    **{"O": "Q", "E": "£", "H": "U", "A": "\u0410", "p": "\u0440", "x": "\u0445", ".": ",", ",": ".", "0": "O", "1": "l"},
}


def mistaken(words: Sequence[Printed], rate: float, chance: random.Random) -> list[Printed]:
    """With so many mistakes a character as old recognition makes: letters that look alike, words that fall apart."""
    found = []
    for word in words:
        text = "".join(
            (_MISTAKES.get(one, one) if chance.random() < 0.85 else one + " ") if chance.random() < rate else one
            for one in word.text
        )
        found.append(Printed(text, word.left, word.top, word.right, word.bottom))
    return found


def tesseract(image: Image.Image, folder: Path) -> list[Printed]:
    path = folder / "page.png"
    image.save(path, dpi=(DPI, DPI))
    command = ["tesseract", str(path), "-", "--psm", "1", "tsv"]
    told = subprocess.run(
        command, env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    ).stdout
    scale = 72 / DPI
    found = []
    top = bottom = 0.0
    for row in csv.DictReader(io.StringIO(told), delimiter="\t", quoting=csv.QUOTE_NONE):
        left, width = float(row["left"]) * scale, float(row["width"]) * scale
        if row["level"] == "4":  # a line: its words stand on it
            top, bottom = float(row["top"]) * scale, (float(row["top"]) + float(row["height"])) * scale
        elif row["level"] == "5" and (row["text"] or "").strip():
            found.append(Printed(row["text"], left, top, left + width, bottom))
    return found


def write(path: Path, width: float, height: float, image: Image.Image, words: Sequence[Printed]) -> None:
    """A PDF of one page: the image, and over it the words, which don't show."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    drawn = [f"q {width} 0 0 {height} 0 0 cm /Im Do Q BT 3 Tr"]
    for word in words:
        text = "".join(one for one in word.text if ord(one) < 0x10000)
        size = max(1.0, (word.bottom - word.top) * 0.85)
        stretch = 100 * max(0.1, word.right - word.left) / (0.5 * size * max(1, len(text)))
        x, y = word.left, height - word.bottom + 0.2 * size
        drawn.append(
            f"/F {size:.2f} Tf {stretch:.1f} Tz 1 0 0 1 {x:.2f} {y:.2f} Tm <{(text + ' ').encode('utf-16-be').hex()}> Tj"
        )
    drawn.append("ET")
    meaning = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
        "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end end"
    )
    picture = f"<< /Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /ColorSpace /DeviceGray"
    content = zlib.compress("\n".join(drawn).encode())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R "
        "/Resources << /XObject << /Im 5 0 R >> /Font << /F 6 0 R >> >> >>".encode(),
        _stream("<< /Filter /FlateDecode", content),
        _stream(f"{picture} /BitsPerComponent 8 /Filter /DCTDecode", buffer.getvalue()),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /None /Encoding /Identity-H /DescendantFonts [7 0 R] /ToUnicode 8 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /None /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        b"/Supplement 0 >> /DW 500 /FontDescriptor 9 0 R >>",
        _stream("<<", meaning.encode()),
        b"<< /Type /FontDescriptor /FontName /None /Flags 5 /FontBBox [0 0 500 1000] /ItalicAngle 0 /Ascent 1000 /Descent -1 "
        b"/CapHeight 1000 /StemV 80 >>",
    ]
    out, places = bytearray(b"%PDF-1.5\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    path.write_bytes(out)


def _stream(head: str, data: bytes) -> bytes:
    return f"{head} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


# ---------------------------------------------------------------- errors


def errors(text: str, lines: Sequence[str]) -> float:
    """Edits a character of the lines, each where `text` has it best; at most 1. White space doesn't count."""
    wrong = length = 0
    whole = "".join(text.split())
    for line in ("".join(line.split()) for line in lines):
        place = fuzz.partial_ratio_alignment(line, whole) if len(whole) > len(line) else None
        found = whole[place.dest_start : place.dest_end] if place else whole
        wrong += min(len(line), Levenshtein.distance(line, found))
        length += len(line)
    return wrong / max(1, length)
