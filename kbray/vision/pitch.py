"""Print whose characters all have one width, as code has it: recognition sees no faces, but tells where characters stand."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from math import log
from operator import itemgetter
from statistics import fmean, median

from kbray.document.layout.mono import is_program
from kbray.vision.ocr import Found

_FEWEST = 6  # steps from letter to letter, in a line that tells something
_STRAY = 0.04  # of a line's height: what is read stands so far from where it is told, at least
_TELLING = 20  # … and so many tell by themselves whether they have one width
_LINES = 3  # of code: a long address that is broken has two
_ENOUGH = 2.0  # log of how many times likelier a line is with one width than with widths of its own, on average
_MOST = 0.75  # of the lines are likelier so at all
_AGAINST = -3.0  # … and of one line, at least
_PROSE = 0.1  # of the lines of a page, at most, are so much against it where all of it is code
_ALIKE = 0.08  # lines of one print have the same width within this
_CLOSE = 0.04  # … and so close it tells by itself
_SHARE = 0.53, 0.75  # of the font size: the width of characters that have one
_SHORT = 0.8  # of a character: so much may the length of a line of a page of code stray
_STEP = 2.2  # heights of a line, to the next at most
_ASIDE = 12.0  # … and so far may that stand in
_APART = 1.6  # widths from character to character: a space is between them
# Widths of characters in the usual faces, in em; of capitals and of all others.
_WIDTHS = (
    dict.fromkeys("ijl'.,:;|!", 0.25) | dict.fromkeys('ftrI()[]-"/', 0.33) | dict.fromkeys("mMW@%", 0.85) | {"w": 0.72, "1": 0.5}
)
_CAPITAL, _OTHER = 0.68, 0.53


def pitches(lines: Mapping[int, Found]) -> dict[int, float]:
    """Of lines by number those of one width, three or more below each other: pixels from character to character.

    None where most of the page has one and is a typescript or a receipt, no program.
    """
    told = {number: _evidence(found) for number, found in lines.items()}
    evidence = [one for one in told.values() if one is not None]
    if sum(one > 0 for one in evidence) > 0.5 * len(evidence):
        if not is_program(found.read.text for found in lines.values()):
            return {}
        if sum(one < _AGAINST for one in evidence) <= _PROSE * len(evidence):
            return _of_program(lines)
    maybe = {number: found for number, found in lines.items() if (told[number] or 0.0) > _AGAINST and found.read.places}
    found: dict[int, float] = {}
    for run in _runs(maybe):
        same = _same(run, lines, told)
        width = _width_of(same, lines, told)
        shares = [width / size for number in same if (size := lines[number].size) is not None]
        fits = shares and _SHARE[0] <= median(shares) <= _SHARE[1]
        known = [one for number in same if (one := told[number]) is not None]
        if fits and sum(known) >= _ENOUGH * len(known) and sum(one > 0 for one in known) >= _MOST * len(known):
            found |= dict.fromkeys(same, width)
    return found


def tokens(found: Found, pitch: float) -> Iterator[tuple[str, float, float]]:
    """Characters of a line of one width between white; each with where they begin and end along it, from 0 to 1."""
    width = pitch / found.quad.width
    letters = [(letter, place) for letter, place in zip(found.read.text, found.read.places, strict=True) if not letter.isspace()]
    ends = [end for end in range(1, len(letters)) if letters[end][1] - letters[end - 1][1] >= _APART * width]
    for start, end in itertools.pairwise((0, *ends, len(letters))):
        first = letters[start][1] - width / 2
        yield "".join(letter for letter, _ in letters[start:end]), first, first + (end - start) * width


def _of_program(lines: Mapping[int, Found]) -> dict[int, float]:
    """The lines of a page of code, but for those of another width: titles. Short ones tell theirs badly."""
    steps = {number: len(_steps(found)) for number, found in lines.items()}
    width = median(_step(lines[number]) for number, count in steps.items() if count >= _FEWEST)
    stray = {number: (_ALIKE + _SHORT / max(count, 1)) * width for number, count in steps.items()}
    return {
        number: width
        for number, found in lines.items()
        if found.read.places and (not steps[number] or abs(_step(found) - width) <= stray[number])
    }


def _width_of(run: Sequence[int], lines: Mapping[int, Found], told: Mapping[int, float | None]) -> float:
    """Of most of its lines that seem to have one, or of all where none does; pixels. 0 without lines."""
    likely = [number for number in run if (told[number] or 0.0) > 0.0]
    return median(_step(lines[number]) for number in likely or run) if run else 0.0


def _same(run: Sequence[int], lines: Mapping[int, Found], told: Mapping[int, float | None]) -> list[int]:
    """Its lines of one width, but for those before or behind others of another width that are no code by themselves.

    None where nowhere enough of them are below each other.
    """
    width = _width_of(run, lines, told)
    fits = [(number, _fits(lines[number], told[number], width)) for number in run]
    stretches = [[number for number, _ in some] for fit, some in itertools.groupby(fits, key=itemgetter(1)) if fit]
    code = [_trimmed(some, lines, told, width) for some in stretches]
    return list(itertools.chain.from_iterable(code)) if max(map(len, code), default=0) >= _LINES else []


def _fits(found: Found, evidence: float | None, width: float) -> bool:
    """As wide as the others of its run, the nearer the more letters tell it; what is too short tells nothing."""
    return evidence is None or abs(_step(found) - width) <= min(_ALIKE, _CLOSE + _SHORT / len(_steps(found))) * width


def _trimmed(stretch: Sequence[int], lines: Mapping[int, Found], told: Mapping[int, float | None], width: float) -> list[int]:
    """Lines below each other without those at the ends that are no code by themselves."""
    is_of = [_is_of(lines[number], told[number], width) for number in stretch]
    return list(stretch[is_of.index(True) : len(is_of) - is_of[::-1].index(True)]) if any(is_of) else []


def _is_of(found: Found, evidence: float | None, width: float) -> bool:
    """A first or last line is code by itself, or a short one as wide as the others are, or a bracket alone."""
    if evidence is None:
        return not any(map(str.isalnum, found.read.text))
    return evidence > 0 or (len(_steps(found)) < _TELLING and abs(_step(found) - width) <= _CLOSE * width)


def _steps(found: Found) -> list[tuple[float, float]]:
    """From letter to letter within words: of the line's height, and as the usual faces have it, in em; none without places."""
    text, places = found.read.text, found.read.places
    if not places:
        return []
    scale = found.quad.width / found.quad.height
    pairs = ((index, index + 1) for index in range(len(text) - 1) if not (text[index].isspace() or text[index + 1].isspace()))
    return [((places[after] - places[at]) * scale, (_width(text[at]) + _width(text[after])) / 2) for at, after in pairs]


def _width(character: str) -> float:
    return _WIDTHS.get(character, _CAPITAL if character.isupper() else _OTHER)


def _evidence(found: Found) -> float | None:
    """Log of how many times likelier its steps are with one width than with those of the usual faces; None of too few."""
    steps = _steps(found)
    if len(steps) < _FEWEST:
        return None
    mean = fmean(step for step, _ in steps)
    scale = sum(step * width for step, width in steps) / sum(width * width for _, width in steps)
    one = fmean((step - mean) ** 2 for step, _ in steps)
    own = fmean((step - scale * width) ** 2 for step, width in steps)
    return log((own + _STRAY**2) / (one + _STRAY**2)) * len(steps) / 2


def _step(found: Found) -> float:
    """Pixels from character to character, on average."""
    steps = _steps(found)
    return fmean(step for step, _ in steps) * found.quad.height if steps else 0.0


def _runs(lines: Mapping[int, Found]) -> list[list[int]]:
    """Lines closely below each other, from top to bottom."""
    runs: list[list[int]] = []
    for number in sorted(lines, key=lambda number: lines[number].quad.y):
        above = [run for run in runs if _is_below(lines[run[-1]], lines[number])]
        if above:
            min(above, key=lambda run: abs(_left(lines[run[-1]]) - _left(lines[number]))).append(number)
        else:
            runs.append([number])
    return runs


def _is_below(above: Found, below: Found) -> bool:
    height = max(above.quad.height, below.quad.height)
    down, aside = below.quad.y - above.quad.y, abs(_left(above) - _left(below))
    return 0.5 * height < down <= _STEP * height and aside <= _ASIDE * height


def _left(found: Found) -> float:
    return found.quad.x - found.quad.width / 2
