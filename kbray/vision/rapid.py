"""RapidOCR (PP-OCRv6 small, onnxruntime), one page after the other."""

import io
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, Literal

import numpy as np
from PIL import Image

from kbray.document.layout.lines import lines_of
from kbray.document.layout.paragraphs import blocks_of
from kbray.document.layout.structure import LaidOutPage, elements_of
from kbray.document.layout.words import Word
from kbray.geometry import Box
from kbray.model import Element, PageImage

_BATCH = 2  # lines
_ASCENT = 0.72  # of a recognised line's height: the rest is below the baseline and the margin that detection adds
_EM = 0.78  # font size over the height of a recognised line


class RapidRecogniser:
    """Detection and recognition of printed lines, put into reading order by the same geometry as a PDF's text."""

    def __init__(
        self, folder: Path, models: tuple[str, str], *, device: Literal["cpu", "cuda"] = "cpu", threads: int | None = None
    ) -> None:
        """`models`: file names of the detection and the recognition model in `folder`."""
        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        from rapidocr import RapidOCR

        self._engine: Any = RapidOCR(
            params={
                "Global.log_level": "critical",
                # The line orientation model turns more upright lines over than it mends (13 against 3 of 873).
                "Global.use_cls": False,
                "Global.text_score": 0.5,
                "Det.model_path": str(folder / models[0]),
                "Rec.model_path": str(folder / models[1]),
                "Rec.rec_batch_num": _BATCH,  # large batches pad narrow lines to the widest, and cost more on a CPU
                "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads or -1,
                "EngineConfig.onnxruntime.use_cuda": device == "cuda",
            }
        )
        recogniser = self._engine._load_rec_model().session  # there is no public way; the version is pinned
        self._batches = recogniser.session = _Counting(recogniser.session)
        if device == "cpu":
            detector = self._engine._load_det_model().session
            detector.session = _Shrinking(detector.session)

    @property
    def lines(self) -> int:
        return self._batches.lines

    @property
    def slots(self) -> int:
        return self._batches.runs * _BATCH

    def recognise(self, pages: Sequence[PageImage]) -> list[list[Element]]:
        """Elements in reading order, one list a page; sizes and headings are judged within each page."""
        return [self._page(page) for page in pages]

    def _page(self, page: PageImage) -> list[Element]:
        with Image.open(io.BytesIO(page.image)) as image:
            pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]
        found = self._engine(np.ascontiguousarray(pixels))
        if found.boxes is None or found.txts is None:
            return []
        scale = page.width_pt / pixels.shape[1], page.height_pt / pixels.shape[0]
        words = [
            _word(corners, text, float(score), scale)
            for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
            if text.strip()
        ]
        words = _evened(words)
        laid_out = LaidOutPage(page.page, page.width_pt, page.height_pt, tuple(blocks_of(lines_of(words))), origin="ocr")
        return elements_of([laid_out])


class _Counting:
    """A session of onnxruntime that counts what it was given."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.lines = self.runs = 0

    def run(self, outputs: Sequence[str], inputs: Mapping[str, Any]) -> Any:
        self.runs += 1
        self.lines += len(next(iter(inputs.values())))
        return self._session.run(outputs, inputs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class _Shrinking:
    """A session of onnxruntime that gives back, after each page, what its largest layers took.

    Pages differ in size, and the arena keeps a piece for each: after ten pages an actor had 1,484 MB, and has 488 MB with this,
    in the same time. Lines are small and keep their arena.
    """

    def __init__(self, session: Any) -> None:
        from onnxruntime import RunOptions

        self._session = session
        self._options = RunOptions()
        self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def run(self, outputs: Sequence[str], inputs: Mapping[str, Any]) -> Any:
        return self._session.run(outputs, inputs, self._options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def _evened(words: Sequence[Word]) -> list[Word]:
    """Words with the usual size where theirs comes close: the height of a box depends on which letters the line has."""
    if not words:
        return []
    usual = median(sorted(size for word in words for size in [word.size] * len(word.text)))
    return [replace(word, size=usual) if 0.78 * usual <= word.size <= 1.25 * usual else word for word in words]


def _word(corners: Any, text: str, score: float, scale: tuple[float, float]) -> Word:
    """One recognised line; `corners` are four points in pixels."""
    xs, ys = corners[:, 0] * scale[0], corners[:, 1] * scale[1]
    box = Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))
    height = min(box.height, box.width) if len(text) > 1 else box.height
    return Word(
        text=" ".join(text.split()),
        box=box,
        size=max(1.0, round(height * _EM * 2) / 2),
        baseline=box.top + box.height * _ASCENT,
        confidence=round(score, 4),
    )
