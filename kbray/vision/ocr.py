"""Lines of print on page images: detection, then recognition of strips of all pages alike (PP-OCR, arXiv 2009.09941)."""

import io
from collections.abc import Generator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from math import inf
from statistics import median
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kbray.document.scripts import letters
from kbray.vision.detection import Pixels, Quad, gray, quads, view_of
from kbray.vision.engines import Arrays, Engine, batches, filled
from kbray.vision.letters import Gap, Sign, font_size, lost_spaces, raised, signs, spread, wide
from kbray.vision.strips import HEIGHT, Read, coloured, strip, whole

LEAST = 0.5
"""Confidence under which a line is taken for no print."""
_SPARSE = 0.3
"""Characters that a line says at least, a square of its height. Of a script that it doesn't know the model sees the spaces and
points, and is sure of them; no line of 2,300 in scripts that it knows was so empty."""
_STROKE = 4
"""Times longer than it is wide, a figure being no longer than three times."""
_DOUBTFUL = 0.9
"""Confidence of a page under which it is looked at upside down, and of a line under which it may be of the back."""
_PROBES = 4
"""Lines by which it is told which way up a page is, and whether its back shines through."""
_BETTER = 0.1
"""So much surer are lines another way round where they stand that way."""
_WORDS = 4
"""Times longer than it is high."""
_STRANGE = 0.1
"""Of a page's print, by its length: where more is read with doubts or not at all, it may be in another script."""
_KNOWN = 0.8
"""Confidence from which lines are in the script that another than the models read them in: of pages in seven scripts Tesseract
had 0.84 to 0.97 in their own, and 0.77 at most in others. A line of less is as often wrong as right."""
_SOME = 0.25
"""Of a line's letters: so many are of a script where that is read."""


@dataclass(frozen=True, slots=True)
class Found:
    """A line on an upright page."""

    quad: Quad
    read: Read
    size: float | None = None  # of its font, in pixels, where its letters tell it
    raised: tuple[tuple[int, int], ...] = ()  # where figures in its text begin and end that stand above the line
    ends: tuple[float, float] = (0.0, 1.0)  # where its print begins and ends along the line
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page that was turned counter-clockwise by `quarter_turns` to stand upright; its size then, in pixels."""

    width: int
    height: int
    quarter_turns: int
    lines: tuple[Found, ...]
    unread: int = 0  # lines that were found beside these, and say too little


def chances(output: NDArray[np.float32]) -> Arrays:
    """(n, 1, height, width) from 0 to 1 → (n, height, width) from 0 to 255."""
    return ((output[:, 0] * 255).round().astype(np.uint8),)


def best(output: NDArray[np.float32]) -> Arrays:
    """(n, steps, classes) → the best class and its chance, (n, steps) each."""
    classes = output.argmax(2)
    return classes, np.take_along_axis(output, classes[:, :, None], 2)[:, :, 0]


class Other(Protocol):
    """Reads lines in a script that the models don't know."""

    @property
    def script(self) -> str: ...

    @property
    def characters(self) -> Set[str]: ...

    def __call__(self, strips: Sequence[Pixels]) -> list[Read]: ...


class _Asked(NamedTuple):
    """Strips to be read, by the models where no `other` is named."""

    strips: list[Pixels]
    other: Other | None = None


_Reads = Generator[_Asked, list[Read], Page]
"""Reads a page: asks, is sent what the strips say, and ends with its lines."""


class Ocr:
    """Two models; `pixels`: in one batch of pages, and in one of strips. What they read with doubts may be left to `others`.

    `trimmed`: pages are looked at without their margins. That saves a third of the work, and gives each page a shape of its own.
    """

    def __init__(
        self,
        detect: Engine,
        recognise: Engine,
        characters: Sequence[str],
        *,
        pixels: tuple[int, int],
        trimmed: bool = False,
        others: Sequence[Other] = (),
    ) -> None:
        self._detect = detect
        self._recognise = recognise
        self._others = others
        self.characters = frozenset(characters).union(*(other.characters for other in others))
        self._characters = np.array(["", *characters, " "], dtype=object)  # the first class is none
        self._pixels = pixels
        self._trimmed = trimmed
        self.lines = self.slots = 0

    def pages(self, pixels: Sequence[Pixels], lines: int | None = None) -> list[Page]:
        """The lines of decoded pages, in the order given; those of a page in no particular order; `lines`: so many at most."""
        quads = [_spread(found, lines) for found in self._quads(pixels)]
        readings = [_reading(page, found, self._others) for page, found in zip(pixels, quads, strict=True)]
        pages: list[Page | None] = [None] * len(pixels)
        asked = {}
        for index, reading in enumerate(readings):
            asked[index] = next(reading)
        while asked:
            answers, asked = self._answers(asked), {}
            for index, answer in answers.items():
                try:
                    asked[index] = readings[index].send(answer)
                except StopIteration as end:
                    pages[index] = end.value
        return [page for page in pages if page is not None]

    def _answers(self, asked: Mapping[int, _Asked]) -> dict[int, list[Read]]:
        """What the strips of each page say; those for the models go through them together."""
        own = iter(self._texts([strip for one in asked.values() if one.other is None for strip in one.strips]))
        return {
            index: [next(own) for _ in one.strips] if one.other is None else one.other(one.strips) for index, one in asked.items()
        }

    def _quads(self, pages: Sequence[Pixels]) -> list[list[Quad]]:
        grays = [gray(page) for page in pages]
        views = [view_of(one, trimmed=self._trimmed) for one in grays]
        found: list[list[Quad]] = [[] for _ in pages]
        for batch in batches([view.size for view in views], self._pixels[0]):
            (maps,) = self._detect(np.stack([coloured(views[index].of(pages[index])) for index in batch]))
            for index, one in zip(batch, maps, strict=True):
                view = views[index]
                lines = quads(one, (view.bottom - view.top, view.right - view.left))
                found[index] = [whole(grays[index], view.back(quad)) for quad in lines]
        return found

    def _texts(self, strips: Sequence[Pixels]) -> list[Read]:
        found: list[Read] = [Read("", 0.0)] * len(strips)
        for batch in batches([one.shape[:2] for one in strips], self._pixels[1]):
            classes, confidences = self._recognise(np.stack([strips[index] for index in batch]))
            for index, line, confidence in zip(batch, classes, confidences, strict=True):
                found[index] = self._decoded(line, confidence)
            self.lines += len(batch)
            self.slots += filled(len(batch))
        return found

    def _decoded(self, classes: NDArray[np.int64], chances: NDArray[np.float32]) -> Read:
        """CTC: a class said again in the next step is the same character, unless none comes between."""
        changed = classes[1:] != classes[:-1]
        kept = classes != 0
        kept[1:] &= changed
        if not kept.any():
            return Read("", 0.0)
        first, last = np.flatnonzero(kept), np.flatnonzero(np.append(changed, True))
        middles = (first + last[np.searchsorted(last, first)] + 1) / (2 * len(classes))
        said = self._characters[classes[kept]]
        places = tuple(place for one, place in zip(said, middles.tolist(), strict=True) for _ in one)
        return Read("".join(said), float(chances[kept].mean()), places)


def decoded(image: bytes) -> Pixels:
    """(height, width) of grey, or (height, width, 3), blue first."""
    found = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_ANYCOLOR)
    if found is None:  # a format that OpenCV doesn't know
        with Image.open(io.BytesIO(image)) as opened:
            found = np.asarray(opened.convert("RGB"))[:, :, ::-1]
    return np.ascontiguousarray(found, np.uint8)


def _reading(pixels: Pixels, found: Sequence[Quad], others: Sequence[Other]) -> _Reads:
    turns = 0
    other: Other | None = None
    probes = sorted(found, key=lambda quad: -max(quad.width, quad.height))[:_PROBES]
    if sum(quad.tall for quad in probes) > len(probes) / 2:
        said = yield _Asked([strip(pixels, quad, turn) for turn in (1, 3) for quad in probes])
        turns = 1 if _trust(said[: len(probes)]) >= _trust(said[len(probes) :]) else 3
    while True:
        upright = np.ascontiguousarray(np.rot90(pixels, turns))
        quads = [_turned(quad, pixels.shape[:2], turns) for quad in found]
        tall = [quad for quad in quads if quad.tall]
        strips = [strip(upright, quad, int(quad.tall)) for quad in quads]
        said = yield _Asked(strips + [strip(upright, quad, 3) for quad in tall])
        lines = {id(quad): read for quad, read in zip(quads, said, strict=False)}
        for quad, turned in zip(tall, said[len(quads) :], strict=True):
            lines[id(quad)] = max(lines[id(quad)], turned, key=lambda read: read.confidence)
        if others and other is None:
            other, more = yield from _known_to(others, upright, _strange([(quad, lines[id(quad)]) for quad in quads]))
            if more:
                turns = (turns + more) % 4
                continue
        if other is not None:
            for quad, read in zip(quads, (yield _Asked(strips, other)), strict=True):
                lines[id(quad)] = _in_script(other.script, lines[id(quad)], read, quad)
        inside = [signs(seen) for seen in strips]
        every = [_found(quad, lines[id(quad)], letters, seen) for quad, letters, seen in zip(quads, inside, strips, strict=True)]
        usual = median([one.size for one in every if one.size is not None] or [inf])
        printed = [one for one, letters in zip(every, inside, strict=True) if not _is_rule(one, letters, usual)]
        if other or turns >= 2 or _trust(list(lines.values())) >= _DOUBTFUL or not quads:
            return (yield from _page(upright, turns, printed))
        probes = sorted(quads, key=lambda quad: -quad.width)[:_PROBES]
        flipped = yield _Asked([strip(upright, quad, 2) for quad in probes])
        if _trust(flipped) <= _trust([lines[id(quad)] for quad in probes]) + _BETTER:
            return (yield from _page(upright, turns, printed))
        turns += 2


def _strange(lines: Sequence[tuple[Quad, Read]]) -> list[Quad]:
    """Those that tell best whether a part of the page is in another script; [] where next to nothing was read with doubts."""
    doubtful = [quad for quad, read in lines if read.confidence < _DOUBTFUL or not _is_read(quad, read)]
    if sum(map(_length, doubtful)) <= _STRANGE * sum(_length(quad) for quad, _ in lines):
        return []
    return sorted(doubtful, key=lambda quad: -_length(quad))[:_PROBES]


def _known_to(
    others: Sequence[Other], upright: Pixels, probes: Sequence[Quad]
) -> Generator[_Asked, list[Read], tuple[Other | None, int]]:
    """Who reads most of these lines, and how many quarter turns further; (None, 0): nobody."""
    if not probes:
        return None, 0
    ways = {turns: [strip(upright, quad, turns + int(quad.tall)) for quad in probes] for turns in (0, 2)}
    flipped = yield _Asked(ways[2])
    if _trust(flipped) >= _DOUBTFUL:  # the models', and it stands on its head
        return None, 0
    for turns, strips in ways.items():
        surest, least = None, _KNOWN
        for other in others:
            said = yield _Asked(strips, other)
            read = [read for quad, read in zip(probes, said, strict=True) if _is_read(quad, read)]
            known = [one for one in read if _share(other.script, one) >= 0.5]
            if 2 * len(known) > len(probes) and _trust(known) >= least:
                surest, least = other, _trust(known)
        if surest:
            return surest, turns
    return None, 0


def _in_script(script: str, own: Read, other: Read, quad: Quad) -> Read:
    """Of a line on a page in this script what was read in it, or, of figures and lines in scripts of the models, by these."""
    if other.confidence >= _KNOWN and _is_read(quad, other) and (_share(script, other) >= _SOME or not _is_read(quad, own)):
        return other
    return own


def _share(script: str, read: Read) -> float:
    """Of a line's letters that are of this script."""
    found = letters(read.text)
    return found[script] / max(1, found.total())


def _length(quad: Quad) -> float:
    return max(quad.width, quad.height)


def _page(upright: Pixels, turns: int, printed: Sequence[Found]) -> _Reads:
    """Of its lines, but those of its back that shine through: they are read better in a mirror."""
    doubtful = sorted((one for one in printed if _shines(one)), key=lambda one: -one.quad.width)
    back: set[int] = set()
    for some in (doubtful[:_PROBES], doubtful[_PROBES:]):
        if some:
            mirrored = yield _Asked([np.ascontiguousarray(strip(upright, one.quad)[:, ::-1]) for one in some])
            back |= {id(one) for one, read in zip(some, mirrored, strict=True) if _is_mirrored(one.read, read)}
            if not back:
                break
    printed = [one for one in printed if id(one) not in back]
    kept = tuple(one for one in printed if _is_read(one.quad, one.read))
    return Page(upright.shape[1], upright.shape[0], turns, kept, len(printed) - len(kept))


def _is_mirrored(read: Read, mirrored: Read) -> bool:
    """Words: a row of dashes or stars looks alike both ways."""
    letters = sum(map(str.isalpha, mirrored.text))
    return mirrored.confidence > read.confidence + _BETTER and 2 * letters > len(mirrored.text)


def _shines(found: Found) -> bool:
    """Perhaps, through the paper: some words that say little."""
    return found.read.confidence < _DOUBTFUL and not found.quad.tall and found.quad.width >= _WORDS * found.quad.height


def _spread(found: Sequence[Quad], most: int | None) -> Sequence[Quad]:
    """As many, from all over the page, of the longer half: headings and page numbers tell little."""
    if most is None or len(found) <= most:
        return found
    usual = sorted(max(quad.width, quad.height) for quad in found)[len(found) // 2]
    longer = [quad for quad in found if max(quad.width, quad.height) >= usual]
    return [longer[index * len(longer) // most] for index in range(most)] if len(longer) > most else longer


def _found(quad: Quad, read: Read, inside: Sequence[Sign], seen: Pixels) -> Found:
    """A line of what its strip says and shows."""
    size = font_size(inside, read.text)
    scale = (quad.width if quad.tall else quad.height) / len(seen)
    told = None if size is None else size * scale
    if quad.tall:
        return Found(quad, read, told)
    shape = seen.shape[:2]
    ends, gaps = spread(seen, read.places)
    lost = lost_spaces(read.text, read.places, gaps, shape)
    if lost:
        read = _spaced(read, lost)
        gaps = tuple(gap._replace(behind=gap.behind + sum(one.start <= gap.start for one in lost)) for gap in gaps)
    marks = tuple(raised(inside, read.text, read.places, shape)) if read.places else ()
    return Found(quad, read, told, marks, ends, wide(gaps, len(read.places), shape))


def _spaced(read: Read, lost: Sequence[Gap]) -> Read:
    """With a space in each of the gaps."""
    text, places = read.text, read.places
    for gap in reversed(lost):
        text = f"{text[: gap.behind]} {text[gap.behind :]}"
        places = (*places[: gap.behind], (gap.start + gap.end) / 2, *places[gap.behind :])
    return replace(read, text=text, places=places)


def _is_rule(found: Found, inside: Sequence[Sign], usual: float) -> bool:
    """Nothing but a stroke up or down, which is longer than letters of the `usual` font size (pixels) where it is read upright.

    Recognition takes it for a 1, or for a dash.
    """
    if len("".join(found.read.text.split())) > 1:
        return False
    if found.quad.tall:
        return all(sign.right - sign.left >= _STROKE * sign.height for sign in inside)
    high = [sign.height * found.quad.height / HEIGHT for sign in inside if sign.height >= _STROKE * (sign.right - sign.left)]
    return len(inside) == len(high) == 1 and high[0] >= usual


def _is_read(quad: Quad, read: Read) -> bool:
    if read.confidence < LEAST:
        return False
    squares = max(quad.width, quad.height) / max(1.0, min(quad.width, quad.height))
    characters = len("".join(read.text.split()))
    return characters > 0 and (squares <= 3 or characters >= _SPARSE * squares)


def _trust(reads: Sequence[Read]) -> float:
    """Mean confidence of a character."""
    characters = sum(len(read.text) for read in reads)
    return sum(read.confidence * len(read.text) for read in reads) / characters if characters else 0.0


def _turned(quad: Quad, shape: tuple[int, ...], quarter_turns: int) -> Quad:
    """The line on the page of (height, width) turned counter-clockwise."""
    for _ in range(quarter_turns):
        shape, (x, y) = shape[::-1], (quad.y, shape[1] - quad.x)
        # What ran down runs to the right, and what was right of it is above; what ran to the right runs up.
        curve = tuple(-off for off in quad.curve) if quad.tall else quad.curve[::-1]
        quad = replace(quad, x=x, y=y, width=quad.height, height=quad.width, curve=curve)
    return quad
