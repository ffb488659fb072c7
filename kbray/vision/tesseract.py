"""Tesseract (4 or 5), where it is installed: lines of print in scripts that the models don't know.

It is run as a program, never imported, and reads strips as the models do: where lines are on a page is told before. Its networks
for whole scripts (`Cyrillic`, `Arabic`, …; https://github.com/tesseract-ocr/tessdata_fast) know figures and Latin letters, too.
"""

import io
import os
import re
import shutil
import socket
import subprocess
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from lxml import etree
from PIL import Image

from kbray.document.scripts import script_of
from kbray.errors import ConfigError, UnreadPage
from kbray.vision.detection import Pixels, gray
from kbray.vision.letters import ink_of
from kbray.vision.strips import Read
from kbray.vision.weights import unicode_name

_LINE = "7"
"""Its mode for images of one line each."""
_DPI = "300"
"""At which lines as high as strips are are usual print; without a word it guesses, and says so."""
_LONGEST_S = 300.0
"""For the lines of a page, which take two seconds."""
_FOLDER = re.compile(r'"(?P<folder>[^"]+)"')
_ITS_OWN = ("TESSDATA_PREFIX", "LD_LIBRARY_PATH")
_PAGE = ".//{*}div[@class='ocr_page']"
_LETTER = ".//{*}span[@class='ocrx_cinfo']"
_TOLD = re.compile(r"x_bboxes (?P<left>\d+) \d+ (?P<right>\d+) \d+; x_conf (?P<confidence>[\d.]+)")
_HOPELESS = 15.0
"""How much less than 100 Tesseract trusts the letters of a line, in the mean, where they are no print at all. So confidences mean
what those of the models do: of worn lines between 0.86 and 0.88 a seventh of the characters was misread (by the models a fifth),
of those between 0.92 and 0.94 one in 27 (one in 11)."""
_RULE = 0.85
"""Of a strip's height: a column with more ink is no letter's, which have white above or below."""
_STROKE = "|"
_EDGES = f" {_STROKE}"
"""At the ends of a line, where a piece of a rule was read."""
_RIGHT_TO_LEFT = ("R", "AL")
_ENGLISH = "eng"
"""Comes with the program. With it Latin words among the others are read better: of Greek pages with such 2 % of the characters
were misread instead of 14, of Korean ones 4 instead of 11. Of Arabic ones it was 15 instead of 9."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The program, and what its networks for scripts are called, by script; `folder`: where these lie, if it tells (since 5)."""

    program: Path
    version: str
    networks: Mapping[str, str]
    folder: Path | None
    english: bool

    def taken(self, script: str) -> list[str]:
        """The networks that read this script together."""
        return [self.networks[script], *([_ENGLISH] if self.english and not _is_leftwards(characters(script)) else [])]

    def files(self, script: str) -> list[Path]:
        return [] if self.folder is None else [self.folder / f"{network}.traineddata" for network in self.taken(script)]


@cache
def installed() -> Installed | None:
    """What there is on this machine."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    told = _told(program, "--version").split()
    heading, *names = _told(program, "--list-langs").splitlines() or [""]
    folder = _FOLDER.search(heading)
    return Installed(
        Path(program),
        told[1] if len(told) > 1 else "?",
        {script: name for name in names if characters(script := name.removeprefix("script/")) and not script.endswith("_vert")},
        Path(folder["folder"]) if folder else None,
        _ENGLISH in names,
    )


def characters(script: str) -> frozenset[str]:
    """The letters of a script, by Tesseract's name of it."""
    return _alphabets().get(unicode_name(script), frozenset())


@cache
def _alphabets() -> Mapping[str, frozenset[str]]:
    found = defaultdict(set)
    for letter in map(chr, range(0x10000)):
        if script := script_of(letter):
            found[script].add(letter)
    return {script: frozenset(letters) for script, letters in found.items()}


def wanted(script: str) -> Installed:
    """Raises: ConfigError: it, or its network for this script, is not on this machine."""
    found = installed()
    there = f"{found.program} has {', '.join(sorted(found.networks)) or 'none'}" if found else "there is no program `tesseract`"
    if found is None or script not in found.networks:
        raise ConfigError(
            f"ocr_scripts names {script}, and on {socket.gethostname()} Tesseract can't read that: {there}. Install it with its "
            f"data for that script on every node (Debian: apt install tesseract-ocr tesseract-ocr-script-…), or leave it out."
        )
    return found


class Tesseract:
    """Reads one script. Raises: ConfigError: it isn't installed."""

    def __init__(self, script: str) -> None:
        found = wanted(script)
        self.script = unicode_name(script)
        self.characters = characters(script)
        self._command = (
            # Without the last of these it sets a space between any two letters of Hangul and of scripts without spaces; with it,
            # one of ten is lost between words that run to the left.
            *(str(found.program), "stdin"),
            *("-l", "+".join(found.taken(script)), "--psm", _LINE, "--dpi", _DPI),
            *("-c", "hocr_char_boxes=1", "-c", f"preserve_interword_spaces={int(not _is_leftwards(self.characters))}"),
        )

    def __call__(self, strips: Sequence[Pixels]) -> list[Read]:
        """What each strip says. Raises: UnreadPage: the program failed."""
        with TemporaryDirectory(prefix="kbray-tesseract-") as folder:
            self._run(strips, Path(folder) / "read")
            texts = (Path(folder) / "read.txt").read_text(encoding="utf-8").split("\f")
            letters = [_letters(line) for line in etree.parse(Path(folder) / "read.hocr").iterfind(_PAGE)]
        if len(letters) != len(strips):
            raise UnreadPage(f"Tesseract read {len(letters)} of {len(strips)} lines.")
        # Older versions say a form feed behind the last line, too.
        return [
            _read(" ".join(text.split()), found, one.shape[1]) for text, found, one in zip(texts, letters, strips, strict=False)
        ]

    def _run(self, strips: Sequence[Pixels], out: Path) -> None:
        command = (*self._command[:2], str(out), *self._command[2:], "txt", "hocr")
        environment = {name: os.environ[name] for name in _ITS_OWN if name in os.environ}  # and none of our secrets
        environment |= {"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"}  # one thread: there is an actor for each core
        try:
            done = subprocess.run(
                command, input=_tiff(strips), capture_output=True, timeout=_LONGEST_S, check=False, env=environment
            )
        except subprocess.TimeoutExpired:
            raise UnreadPage(f"Tesseract took more than {_LONGEST_S:.0f} s for the lines of a page, and was ended.") from None
        if done.returncode != 0:
            last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise UnreadPage(f"Tesseract ended with code {done.returncode} ({last[:200]}).")


class _Letter(NamedTuple):
    """One character, or some that stand for one sign; where its middle is, in pixels."""

    text: str
    confidence: float  # as Tesseract tells it, up to 100
    middle: float


def _is_leftwards(text: Iterable[str]) -> bool:
    """Whether some of it is written from right to left."""
    return any(unicodedata.bidirectional(one) in _RIGHT_TO_LEFT for one in text)


def _told(program: str, option: str) -> str:
    """On stdout, or on stderr where older ones say it."""
    done = subprocess.run([program, option], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout or done.stderr


def _tiff(strips: Iterable[Pixels]) -> bytes:
    """Of a page each."""
    first, *others = (Image.fromarray(_without_rules(gray(strip))) for strip in strips)
    written = io.BytesIO()
    first.save(written, "TIFF", save_all=True, append_images=others)
    return written.getvalue()


def _without_rules(strip: Pixels) -> Pixels:
    """Those of tables and frames, from top to bottom of the strip (height, width), which it takes for brackets."""
    ink = ink_of(strip)
    ruled = ink.mean(0) >= _RULE
    if not ruled.any():
        return strip
    near = np.convolve(ruled, [1, 1, 1], "same") > 0  # and their blurred edges
    cleaned = strip.copy()
    cleaned[:, near] = np.median(strip[ink == 0]) if (ink == 0).any() else 255
    return cleaned


def _letters(page: etree._Element) -> list[_Letter]:
    """Of an image, from its hOCR, as they are read."""
    found = []
    for one in page.iterfind(_LETTER):
        told = _TOLD.search(one.get("title", ""))
        if told and one.text and not one.text.isspace():
            left, right = float(told["left"]), float(told["right"])
            found.append(_Letter(one.text, float(told["confidence"]), (left + right) / 2))
    return found


def _read(text: str, letters: Sequence[_Letter], width: int) -> Read:
    """Args: text: with its spaces. width: of the strip in pixels."""
    inner = text.strip(_EDGES)
    before, _, after = text.partition(inner) if inner else (text, "", "")
    letters = letters[before.count(_STROKE) : len(letters) - after.count(_STROKE)]
    # The points of Hebrew and Arabic, which are small, are read worse than the letters below them.
    told = [one.confidence for one in letters if not unicodedata.combining(one.text[0])]
    if not told:
        return Read("", 0.0)
    doubt = 100 - sum(told) / len(told)
    return Read(inner, max(0.0, 1 - doubt / _HOPELESS), _places(inner, letters, width))


def _places(text: str, letters: Sequence[_Letter], width: int) -> tuple[float, ...]:
    """Of the middles of its characters; () where they don't run from left to right."""
    middles = [min(1.0, one.middle / width) for one in letters for _ in one.text]
    if _is_leftwards(text) or middles != sorted(middles):
        return ()
    if len(middles) != len(text) - text.count(" "):
        return ()
    found: list[float] = []
    after = iter(middles)
    for one in text:
        found.append(found[-1] if one == " " else next(after))  # of a space: no letter's, and in order
    return tuple(found)
