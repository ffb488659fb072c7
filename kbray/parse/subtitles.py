"""Subtitles (SubRip, WebVTT, SubViewer, Advanced SubStation) → what is said, in paragraphs that begin with the time.

Cues are joined until somebody pauses or another one speaks. SubRip has no specification; WebVTT: https://www.w3.org/TR/webvtt1/;
SubStation: "Sub Station Alpha v4.00+ Script Format".
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from kbray.config import Settings
from kbray.model import Element, Metadata, Parsed, Window
from kbray.parse import text
from kbray.parse.text import read, whole

_PAUSE = 2.5  # seconds without words, after which a paragraph ends
_LONG = 600  # characters of a paragraph, after which it ends with the next sentence
_LONGEST = 1500
_ROLLING = 4  # lines that are shown again, at most
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_TIME}\s*(?:-->|,)\s*{_TIME}(?:\s(?P<rest>.*))?")
_SETTING = re.compile(r"(?<!\w)[A-Za-z]\w*+:\S*(?:\s+|\Z)")  # behind the times: where the cue stands in the picture
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>\s][^<>]*)>")
_TAG = re.compile(r"</?(?:[ibusvc]|font|lang|ruby|rt|c\.[^>]*|v\.[^>]*|\d[\d:.]*)(?:[\s.][^<>]*)?>", re.IGNORECASE)
_OVERRIDE = re.compile(r"\{[^{}\\]*\\[^{}]*\}")
_DRAWING = re.compile(r"\{[^{}]{0,200}\\p[1-9][^{}]{0,200}\}.*?(?:\{[^{}]{0,200}\\p0[^{}]{0,200}\}|\Z)", re.DOTALL)
_ENDS = re.compile(r"[.!?…。！？♪][\"'”’»)\]]*\Z")
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|\Z)")
_TURN = re.compile(r"[-–—]\s?\S|>>")


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown at a time; seconds from the beginning."""

    start: float
    end: float
    lines: tuple[str, ...]
    speaker: str = ""


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole file, whatever the window. A paragraph begins with its time: `[00:12:31] …`.

    Raises: EmptyDocument: nothing is said in it; UnsupportedMedia: the bytes are no text.
    """
    source, warnings = read(path)
    lines = source.split("\n")
    if lines[0].strip() == "[Script Info]":
        cues, untimed = _substation(lines)
        if untimed:
            warnings = (*warnings, f"Lines of dialogue without a time that can be read stand with those before them: {untimed}.")
        return whole("subtitles", _paragraphs(cues), warnings, Metadata(_script_title(lines)))
    cues, others = _timed(lines)
    if not cues and (not lines[0].startswith("WEBVTT") or _before(lines)):
        return whole("subtitles", text.elements_of(source), (*warnings, "No times of subtitles were found: it was read as text."))
    notes = (Element("paragraph", other) for other in others)
    return whole("subtitles", (*notes, *_paragraphs(cues)), warnings)


def _timed(lines: Sequence[str]) -> tuple[list[Cue], list[str]]:
    """Cues, each below a line with its times, and what else somebody wrote: notes, and what stands before the first cue."""
    web = lines[0].startswith("WEBVTT")
    at = [number for number, line in enumerate(lines) if _TIMES.fullmatch(line)]
    cues = []
    for number, end in zip_longest(at, at[1:]):
        found = _TIMES.fullmatch(lines[number])
        beside = _SETTING.sub("", found["rest"] or "").strip() if found else ""  # whose line end is missing
        below = [*filter(None, (beside,)), *(line.strip() for line in lines[number + 1 : end])]
        if end is not None and below and (below[-1].isdecimal() if below[:-1] in ([], [""]) else below[-1] and not below[-2]):
            below.pop()  # the number or name of the next cue
        blocks = [block for block in re.split(r"\n{2,}", "\n".join(below)) if not (web and _ASIDE.match(block))]
        said = "\n".join(blocks)
        voice = _VOICE.search(said)
        shown = tuple(filter(None, (_plain(line) for line in re.split(r"\n|\[br\]", said))))
        if shown and found:
            start, stop = _seconds(found.groups()[:4]), _seconds(found.groups()[4:8])
            cues.append(Cue(start, stop, shown, voice[1].strip() if voice else ""))
    return cues, [*(_asides(lines) if web else ()), *_before(lines[: at[0]] if at else lines)]


def _before(lines: Sequence[str]) -> list[str]:
    """The blocks that stand before the first cue, whose number, or name in WebVTT, if it has one, is the last line."""
    above = [line.strip() for line in lines]
    web = bool(above) and above[0].startswith("WEBVTT")
    if above and (above[-1].isdecimal() or (web and not "".join(above[-2:-1]))):
        above.pop()
    blocks = re.split(r"\n{2,}", "\n".join(above).strip("\n"))
    if web:
        del blocks[0]  # with what it tells of the file: `Kind: captions`
    said = (" ".join(filter(None, map(_plain, block.split("\n")))) for block in blocks if not _ASIDE.match(block))
    return [one for one in said if one]


def _asides(lines: Sequence[str]) -> list[str]:
    """The title behind `WEBVTT`, and the notes."""
    blocks = re.split(r"\n{2,}|\n(?=NOTE )", "\n".join(line.rstrip() for line in lines))
    title = lines[0].removeprefix("WEBVTT").strip(" \t-")
    notes = (block.removeprefix("NOTE") for block in blocks if re.match(r"NOTE(?:\s|\Z)", block))
    return [" ".join(one.split()) for one in (title, *notes) if one.strip()]


def _substation(lines: Iterable[str]) -> tuple[list[Cue], int]:
    """`Dialogue` lines in the order of their times, and how many have none; drawings and comments are none.

    Players read them outside `[Events]`, too. One without a time that can be read is said with the one before.
    """
    names = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
    cues: list[Cue] = []
    untimed, last = 0, (0.0, 0.0)
    for line in lines:
        key, _, value = line.strip().partition(":")
        if key == "Format":
            told = [name.strip().lower() for name in value.split(",")]
            names = told if "text" in told else names  # or it tells of styles
        elif key == "Dialogue":
            said = dict(zip(names, value.split(",", max(len(names) - 1, 0)), strict=False))
            words = _OVERRIDE.sub("", _DRAWING.sub("", said.get("text", "")))
            shown = tuple(filter(None, (" ".join(one.replace("\\h", " ").split()) for one in re.split(r"\\[Nn]", words))))
            times = [re.fullmatch(_TIME, said.get(name, "").strip()) for name in ("start", "end")]
            if shown:
                if times[0] and times[1]:
                    last = _seconds(times[0].groups()), _seconds(times[1].groups())
                else:
                    untimed += 1
                cues.append(Cue(*last, shown, said.get("name", "").strip()))
    return sorted(cues, key=lambda cue: cue.start), untimed


def _script_title(lines: Iterable[str]) -> str | None:
    return next((line.partition(":")[2].strip() or None for line in lines if line.startswith("Title:")), None)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = parts
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + int(seconds or 0) + float(f"0.{fraction or 0}")


def _plain(line: str) -> str:
    """A line without what says how it looks."""
    return " ".join(html.unescape(_TAG.sub("", _VOICE.sub("", _OVERRIDE.sub("", line)))).split())


def _paragraphs(cues: Iterable[Cue]) -> Iterator[Element]:
    run: list[Cue] = []
    size = 0
    for cue in cues:
        if run and _parts(run, cue, size):
            yield _paragraph(run)
            run, size = [], 0
        shown = _new_lines(run, cue)
        size += sum(map(len, shown))
        run.append(Cue(cue.start, cue.end, shown, cue.speaker))
    if run:
        yield _paragraph(run)


def _parts(run: Sequence[Cue], cue: Cue, size: int) -> bool:
    """Whether a cue begins a paragraph: who speaks changes, nothing was said for a while, or enough is said."""
    last = run[-1]
    ended = bool(last.lines) and _ENDS.search(last.lines[-1]) is not None
    return (
        cue.speaker != last.speaker
        or cue.start - last.end > _PAUSE
        or cue.start < last.start
        or (ended and size > _LONG)
        or size > _LONGEST
    )


def _new_lines(run: Sequence[Cue], cue: Cue) -> tuple[str, ...]:
    """Without those that the cue before ends with: captions that roll up are shown twice."""
    before = [line for one in run[-2:] for line in one.lines]
    close = bool(run) and cue.start - run[-1].end < 0.1
    for count in range(min(len(before), len(cue.lines), _ROLLING) if close else 0, 0, -1):
        if tuple(before[-count:]) == cue.lines[:count]:
            return cue.lines[count:]
    return cue.lines


def _paragraph(run: Sequence[Cue]) -> Element:
    """Lines are joined but where one says that another one speaks."""
    said = ""
    for line in (line for cue in run for line in cue.lines):
        said += line if not said else f"\n{line}" if _TURN.match(line) else f" {line}"
    minutes, seconds = divmod(int(run[0].start), 60)
    hours, minutes = divmod(minutes, 60)
    speaker = f"{run[0].speaker}: " if run[0].speaker else ""
    return Element("paragraph", f"[{hours:02}:{minutes:02}:{seconds:02}] {speaker}{said}")
