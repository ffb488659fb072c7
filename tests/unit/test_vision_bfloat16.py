"""Recognition in bfloat16 reads what it reads in single precision, where the processor has it."""

import platform
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from kbray import runtimes, vision
from kbray.config import Settings
from kbray.vision import DEFAULT, Models
from kbray.vision.detection import Pixels
from kbray.vision.engines import Arrays
from kbray.vision.head import SplitRecognition
from tests.unit.test_vision_reading import TEXT, draw, page

CPU = Path("/proc/cpuinfo")
here = pytest.mark.skipif(not runtimes.computes_in_bfloat16(), reason="This processor does not compute in bfloat16.")


def strips() -> list[Pixels]:
    """Of several widths, one beside others."""
    said = ("The quick brown fox", "37.5 (see above); number", "Würzburg & Paris, 1984", "in a word", "")
    return [np.asarray(draw([(6, 4, 34, text)], (320 + 32 * at, 48)).convert("RGB"))[None] for at, text in enumerate(said)]


def said(best: np.ndarray, classes: list[str]) -> str:
    """What a strip says: a class that lasts for several steps once, the first class being none."""
    return "".join(classes[number - 1] for number, _ in groupby(best[0]) if 0 < number <= len(classes))


@pytest.mark.skipif(not CPU.is_file() or platform.machine() != "x86_64", reason="Linux tells the flags of x86-64.")
def test_the_processor_is_believed() -> None:
    flags = set(CPU.read_text().partition("\nflags")[2].partition("\n")[0].split())
    assert runtimes.computes_in_bfloat16() == bool(flags & {"avx512_bf16", "amx_bf16"})


@here
def test_lines_are_read_as_in_single_precision_and_by_several_threads_at_once() -> None:
    _, recognition = DEFAULT.paths()
    classes = vision.characters()
    single = SplitRecognition(recognition, classes, threads=1)
    half = SplitRecognition(recognition, classes, threads=1, runtime=runtimes.OpenVino)
    wanted = [single(one) for one in strips()]

    def check(found: list[Arrays]) -> None:
        assert [said(best, classes) for best, _ in found] == [said(best, classes) for best, _ in wanted]

    found = [half(one) for one in strips()]
    check(found)
    apart = [np.abs(sure - other).max() for (_, sure), (_, other) in zip(wanted, found, strict=True)]
    assert max(apart) > 1e-5  # not single precision by another name
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: [half(one) for one in strips()], range(8)):
            check(found)


@here
def test_a_page_is_read_the_same_in_both_precisions() -> None:
    half, single = vision.load(threads=1), vision.load(models=Models(half=False), threads=1)
    (found,), (expected,) = (reader.recognise([page(draw(TEXT))]) for reader in (half, single))
    assert [element.text for element in found.elements] == [element.text for element in expected.elements]
    sure = [[element.confidence for element in one.elements] for one in (found, expected)]
    assert sure[0] != sure[1]


def test_the_precision_that_is_set_is_the_one_used_and_changes_the_identity() -> None:
    assert Models.of(Settings()).half
    single = Models.of(Settings(ocr_precision="single"))
    assert not single.half
    assert vision.identity(single) != vision.identity(Models.of(Settings()))
