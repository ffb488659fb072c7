"""pandoc, run as a program: one text in, one page of HTML (or references as JSON) out, and what it says on the way.

It reads no file but what stands beside this module (`--sandbox`; texts that want to include others are told so), writes none,
has no network, and the same text gives the same bytes: no data of a user, one locale, one clock.
"""

import re
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from kbray.parse.programs import inside

_HERE = Path(__file__).parent
_HEAP = "-M768m"  # of its runtime, which then ends with a code of its own
_STACK = "-K128m"
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/nonexistent", "SOURCE_DATE_EPOCH": "0"}
_TO_HTML = (
    *("--to=html5", "--standalone", f"--template={_HERE / 'page.html'}", f"--lua-filter={_HERE / 'page.lua'}"),
    *("--wrap=none", "--syntax-highlighting=none", "--email-obfuscation=none"),
)
_ENDS = {251: "it took too much memory", 2: "it took too much stack"}
_MESSAGE = re.compile(r"^\[(INFO|WARNING)\] ", re.MULTILINE)
_LONGEST = 200  # characters of what is quoted


class Refused(Exception):
    """pandoc could not read the text; the message says why, in its words."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What pandoc made of a text, and its messages, in order."""

    text: str
    messages: tuple[str, ...]


def to_html(text: str, reader: str, timeout_s: float) -> Converted:
    """A page of HTML. Args: reader: as pandoc calls the format. Raises: Refused; ConfigError: there is no pandoc."""
    return _run(text, reader, _TO_HTML, timeout_s)


def to_csl(text: str, reader: str, timeout_s: float) -> Converted:
    """References as JSON (CSL). Args and raises: as `to_html`."""
    return _run(text, reader, ("--to=csljson",), timeout_s)


def _run(text: str, reader: str, options: tuple[str, ...], timeout_s: float) -> Converted:
    command = [str(program()), "--sandbox", "--verbose", f"--from={reader}", *options, "+RTS", _HEAP, _STACK, "-RTS"]
    try:
        done = subprocess.run(
            command,
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env=_ENVIRONMENT,
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"it took more than {timeout_s:.0f} seconds") from None
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        raise Refused(_ENDS.get(done.returncode) or _shortened(_last(said)) or f"it ended with code {done.returncode}")
    return Converted(done.stdout.decode("utf-8", "replace"), _messages(said))


def program() -> Path:
    """Where pandoc is. Raises: ConfigError: it isn't installed."""
    return inside("pypandoc", "files/pandoc", "pandoc, which reads LaTeX, reStructuredText and such,", "pypandoc_binary")


def _messages(said: str) -> tuple[str, ...]:
    starts = [found.start() for found in _MESSAGE.finditer(said)]
    return tuple(said[start:end].rstrip() for start, end in pairwise((*starts, len(said))))


def _last(said: str) -> str:
    """Its error, which follows on the messages."""
    lines = [line for line in said.splitlines() if not line.startswith("[") and line.strip()]
    if lines and lines[-1].strip() == "^":
        lines = lines[:-2]  # the line of the text, with a sign below the place
    return " ".join(lines[-4:])


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST].rstrip() + "…"
