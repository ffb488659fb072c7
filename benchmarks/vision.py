"""How fast pages are read, on a GPU or a CPU: `python -m benchmarks.vision --device cuda`; without Ray, on pages drawn here."""

import argparse
import io
import json
import multiprocessing as mp
import random
import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from kbray.model import PageImage

ROOT = Path(__file__).parents[1]
DPI = 200
WIDTH, HEIGHT = 1654, 2339
"""A4."""
DISTINCT = 48
MODELS = ("detect", "recognise", "layout")


def words() -> list[str]:
    """Of kbray's own documents."""
    return re.findall(r"[A-Za-z]{2,}[,.;:]?", " ".join(path.read_text() for path in sorted(ROOT.glob("docs/*.md"))))


def draw(number: int, vocabulary: Sequence[str]) -> tuple[bytes, str]:
    """A dense page as PNG, and its text: one or two columns of 8 to 12 points, now and then a table of numbers."""
    chance = random.Random(number)
    picture = Image.new("L", (WIDTH, HEIGHT), 255)
    canvas = ImageDraw.Draw(picture)
    size = chance.choice((22, 25, 28, 31, 33))
    font = ImageFont.load_default(size=size)
    columns = chance.choice((1, 1, 2))
    gap = 70
    width = (WIDTH - 2 * 160 - (columns - 1) * gap) // columns
    text: list[str] = []
    for column in range(columns):
        left, top = 160 + column * (width + gap), 150
        while top < HEIGHT - 170:
            if columns == 1 and chance.random() < 0.1:
                cells = [f"{chance.uniform(0, 9999):,.2f}" for _ in range(6)]
                for place, cell in enumerate(cells):
                    canvas.text((left + place * width // 6, top), cell, fill=0, font=font)
                text += cells
            else:
                line = ""
                while font.getlength(line) < width - 120:
                    line += chance.choice(vocabulary) + " "
                canvas.text((left, top), line.strip(), fill=0, font=font)
                text.append(line.strip())
            top += round(size * 1.45)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue(), " ".join(text)


def score(said: str, true: str) -> float:
    """F1 of words."""
    ours, theirs = Counter(said.split()), Counter(true.split())
    return 2 * sum((ours & theirs).values()) / max(1, sum(ours.values()) + sum(theirs.values()))


def serve(device: str, pages: Sequence[bytes], chunk: int, lanes: int, rounds: int, ready: Any, go: Any, answers: Any) -> None:
    """One process with models of its own: reads its share, in `lanes` threads, `chunk` pages at a time."""
    import cv2

    from kbray import vision

    cv2.setNumThreads(1)
    recogniser = vision.load("cuda" if device == "cuda" else "cpu", threads=1)
    images = [PageImage(1, WIDTH * 72 / DPI, HEIGHT * 72 / DPI, page) for page in pages]
    chunks = [images[start : start + chunk] for start in range(0, len(images), chunk)]
    for _ in range(3 if device == "cuda" else 1):
        for one in chunks:
            found = recogniser.recognise(one)
    said = (
        [" ".join(element.text for element in page.elements) for one in chunks for page in recogniser.recognise(one)]
        if found
        else []
    )
    timers, shapes = _watched(recogniser)
    ready.put(said)
    go.wait()
    cpu = time.process_time()
    with ThreadPoolExecutor(lanes) as pool:
        list(pool.map(recogniser.recognise, chunks * rounds))
    answers.put((len(images) * rounds, time.process_time() - cpu, timers, shapes))


def _watched(recogniser: Any) -> tuple[dict[str, float], Counter[tuple[str, int, int]]]:
    """Seconds within the models (waiting included), and how many images of a size they got; filled as they work."""
    seconds = dict.fromkeys(MODELS, 0.0)
    shapes: Counter[tuple[str, int, int]] = Counter()

    def timed(name: str, engine: Any) -> Any:
        def run(images: Any) -> Any:
            began = time.perf_counter()
            made = engine(images)
            seconds[name] += time.perf_counter() - began
            shapes[name, *images.shape[1:3]] += len(images)
            return made

        return run

    ocr, layout = recogniser._ocr, recogniser._layout
    for name, owner, engine in zip(MODELS, (ocr, ocr, layout), ("_detect", "_recognise", "_engine"), strict=True):
        setattr(owner, engine, timed(name, getattr(owner, engine)))
    return seconds, shapes


def tera_flop(shapes: Counter[tuple[str, int, int]]) -> float:
    """What the models have to compute for images of these sizes, without what fills batches up."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from kbray import vision
    from kbray.vision.graph import Graph
    from kbray.vision.weights import layout_path

    paths = (*vision.DEFAULT.paths(), layout_path())
    graphs = dict(zip(MODELS, (Graph(path).to("meta") for path in paths), strict=True))
    total = 0.0
    for (name, height, width), count in shapes.items():
        with FlopCounterMode(display=False) as counter, torch.inference_mode():
            graphs[name](torch.empty((1, 3, height, width), device="meta"))
        total += counter.get_total_flops() * count
    return total / 1e12


def busy(stop: threading.Event, seen: list[float]) -> None:
    """The share of time in which the GPU had work, sampled."""
    import torch

    while not stop.wait(0.1):
        seen.append(float(torch.cuda.utilization()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vision")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--pages", type=int, default=DISTINCT, help="distinct ones, for each process")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=1)
    parser.add_argument("--chunk", type=int, default=16)
    given = parser.parse_args()
    vocabulary = words()
    drawn = [draw(number, vocabulary) for number in range(given.pages)]
    context = mp.get_context("spawn")
    ready, answers, go = context.Queue(), context.Queue(), context.Event()
    workers = [
        context.Process(
            target=serve,
            args=(given.device, [page for page, _ in drawn], given.chunk, given.lanes, given.rounds, ready, go, answers),
        )
        for _ in range(given.processes)
    ]
    for worker in workers:
        worker.start()
    said, *_ = [ready.get() for _ in workers]
    stop, seen = threading.Event(), []  # type: ignore[var-annotated]
    sampler = threading.Thread(target=busy, args=(stop, seen))
    if given.device == "cuda":
        sampler.start()
    began = time.perf_counter()
    go.set()
    done = [answers.get() for _ in workers]
    wall = time.perf_counter() - began
    stop.set()
    for worker in workers:
        worker.join()
    pages = sum(count for count, *_ in done)
    work = tera_flop(sum((shapes for *_, shapes in done), Counter()))
    scores = [score(text, true) for text, (_, true) in zip(said, drawn, strict=True)]
    figures = {
        "pages_a_second": round(pages / wall, 2),
        "pages": pages,
        "words_f1_mean": round(statistics.mean(scores), 4),
        "words_f1_worst": round(min(scores), 4),
        "cpu_ms_a_page": round(1000 * sum(cpu for _, cpu, *_ in done) / pages, 1),
        **{f"{name}_ms_a_page": round(1000 * sum(timers[name] for _, _, timers, _ in done) / pages, 2) for name in MODELS},
        "gflop_a_page": round(1000 * work / pages),
        "tflop_a_second": round(work / wall, 2),
        "gpu_busy_percent": round(statistics.mean(seen), 1) if seen else None,
    }
    print(json.dumps(vars(given) | figures))


if __name__ == "__main__":
    main()
