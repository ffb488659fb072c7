"""The main content of web pages beside the truth of article-extraction-benchmark: html/NAME.html.gz and ground-truth.json.

Words in fours, a page: how much of what is called main is of the article (precision), how much of the article is called main
(recall). In this process, without Ray and the database; trafilatura reads the same pages, one after the other.
"""

import gzip
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.pdf_quality import half
from kbray.config import Settings
from kbray.model import Element, Window
from kbray.parse import parse

FILES = 100_000
_WORD = re.compile(r"\w+")
_WORST = 8

Shingles = Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Match:
    precision: float
    recall: float


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """F1, precision and recall: of what is main, of that without headlines (the truth has none), of all text, of trafilatura.

    Raises: SystemExit: there is no such set below `documents`.
    """
    if not documents or not (documents / "ground-truth.json").is_file():
        raise SystemExit("This benchmark needs a judged set: --documents FOLDER with html/NAME.html.gz and ground-truth.json")
    truth = json.loads((documents / "ground-truth.json").read_text(encoding="utf-8"))
    names = sorted(truth)[:files]
    pages = {name: gzip.decompress((documents / "html" / f"{name}.html.gz").read_bytes()) for name in names}
    ways: dict[str, Callable[[bytes], str]] = {"trafilatura": _trafilatura(False), "trafilatura_precise": _trafilatura(True)}
    found: dict[str, dict[str, Match]] = {way: {} for way in ("main", "main_without_headline", "all", *ways)}
    seconds: dict[str, float] = defaultdict(float)
    for name, page in pages.items():
        articles = shingles(truth[name]["articleBody"])
        started = time.process_time()
        elements = _elements(page, folder)
        seconds["kbray"] += time.process_time() - started
        main = [element for element in elements if element.main]
        found["main"][name] = match(articles, _text(main))
        found["main_without_headline"][name] = match(articles, _text([one for one in main if not _is_headline(one)]))
        found["all"][name] = match(articles, _text(elements))
        for way, read in ways.items():
            started = time.process_time()
            text = read(page)
            seconds[way] += time.process_time() - started
            found[way][name] = match(articles, text)
    worst = sorted(names, key=lambda name: found["main"][name].precision + found["main"][name].recall)[:_WORST]
    return {
        "pages": len(names),
        **{way: _summary(matches) for way, matches in found.items()},
        "cpu_ms_a_page": {way: round(1000 * spent / len(names), 1) for way, spent in seconds.items()},
        "worst": {truth[name]["url"]: _rounded(found["main"][name]) for name in worst},
        "each": {name: _rounded(one) for name, one in found["main"].items()},
    }


def shingles(text: str) -> Shingles:
    """Each four words that follow each other; a shorter text is one of what it has."""
    words = _WORD.findall(text)
    return Counter(tuple(words[start : start + 4]) for start in range(max(1, len(words) - 3)))


def match(truth: Shingles, text: str) -> Match:
    """Shingles count as often as they occur."""
    found = shingles(text)
    common = (truth & found).total()
    return Match(common / found.total(), common / truth.total())


def _elements(page: bytes, folder: Path) -> tuple[Element, ...]:
    path = folder / "page.html"
    path.write_bytes(page)
    return parse(path, "text/html", Window(), Settings(home=folder)).elements


def _text(elements: list[Element] | tuple[Element, ...]) -> str:
    return "\n".join(element.text for element in elements if element.kind != "image")


def _is_headline(element: Element) -> bool:
    return element.kind == "heading" and element.level == 1


def _trafilatura(precise: bool) -> Callable[[bytes], str]:
    from trafilatura import extract

    return lambda page: extract(page, include_comments=False, favor_precision=precise) or ""


def _summary(matches: Mapping[str, Match]) -> dict[str, object]:
    """Over all, and F1 of the two halves told by a hash of the name."""
    halves = [[one for name, one in matches.items() if half(name) == which] for which in (0, 1)]
    return {**_means(list(matches.values())), "f1_of_halves": [_means(part)["f1"] for part in halves if part]}


def _means(matches: list[Match]) -> dict[str, float]:
    precision, recall = fmean(one.precision for one in matches), fmean(one.recall for one in matches)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4)}


def _rounded(one: Match) -> dict[str, float]:
    return {"precision": round(one.precision, 3), "recall": round(one.recall, 3)}
