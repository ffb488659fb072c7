"""PostScript → a PDF of it, by Ghostscript, a program that is run where `ghostscript` allows it."""

import functools
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from kbray.config import Settings
from kbray.errors import CorruptDocument, EmptyDocument, UnsupportedMedia
from kbray.parse.boxes.members import Member, Passed

PROGRAM = "gs"
_COMMAND = (
    *("-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-dEPSCrop", "-sDEVICE=pdfwrite"),
    *("-dOmitInfoDate=true", "-dOmitID=true", "-dOmitXMP=true"),  # the same file each time
)
_ERROR = re.compile(rb"Error: (/\w+)(?: in ([^\n]{1,60}))?")
_TOLD = 64 * 1024  # bytes of what it says
_CHUNK = 256 * 1024
_SHARE = 0.5  # of the time of a parse child, which would be tried again: a program that never ends would take hours
_ITS_OWN = ("PATH", "LD_LIBRARY_PATH", "GS_LIB", "GS_FONTPATH")


def members(path: Path, limits: Settings) -> Iterator[Member | Passed]:
    """The PDF, called as the file is, and what Ghostscript says is wrong.

    Raises: UnsupportedMedia: it isn't allowed, or isn't on this machine. CorruptDocument: no page comes of it.
            EmptyDocument: it prints no page.
    """
    program = _wanted(limits)
    with TemporaryDirectory(prefix="kbray-postscript-") as folder:
        target = Path(folder) / "out.pdf"
        problem = _converted(program, path, target, _SHARE * limits.parse_timeout_s)
        if not _prints(target):
            if problem is not None:
                raise CorruptDocument(f"No page comes of the PostScript: {problem}.")
            raise EmptyDocument("The PostScript prints nothing.")
        yield Member(".pdf", partial(_pieces, target), "by Ghostscript", target.stat().st_size)
        if problem is not None:
            yield Passed("", CorruptDocument(f"{problem}, and what it prints behind that is missing"))


@functools.cache
def installed() -> Path | None:
    """Where the program is on this machine."""
    found = shutil.which(PROGRAM)
    return Path(found) if found else None


def _wanted(limits: Settings) -> Path:
    program = installed()
    if not limits.ghostscript:
        raise UnsupportedMedia(
            "The file is in PostScript, which kbray reads where Ghostscript is installed and `ghostscript` allows it: set "
            "KBRAY_GHOSTSCRIPT=true and run `kbray sync --reread`, or convert it to PDF, with ps2pdf for one."
        )
    if program is None:
        raise UnsupportedMedia(
            f"The file is in PostScript, and on {socket.gethostname()} there is no program `{PROGRAM}`: install Ghostscript on "
            "every node (Debian: apt install ghostscript) and run `kbray sync --reread`, or convert it to PDF."
        )
    return program


def _converted(program: Path, path: Path, target: Path, longest_s: float) -> str | None:
    """Write the PDF; or what is in it up to an error, which is told."""
    said = target.with_suffix(".txt")
    environment = {name: os.environ[name] for name in _ITS_OWN if name in os.environ}
    environment["TMPDIR"] = str(target.parent)  # where -dSAFER lets programs read and write
    with said.open("wb") as out:
        try:
            done = subprocess.run(
                [str(program), *_COMMAND, f"-sOutputFile={target}", "-f", str(path)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=longest_s,
                check=False,
                env=environment,
            )
        except subprocess.TimeoutExpired:
            return f"Ghostscript took more than {longest_s:.0f} s (half of parse_timeout_s), and was ended"
    if done.returncode == 0:
        return None
    with said.open("rb") as file:
        error = _ERROR.search(file.read(_TOLD))
    if error is None:
        return f"Ghostscript ended with code {done.returncode}"
    where = f" in {error[2].decode('ascii', 'replace').strip()}" if error[2] else ""
    return f"Ghostscript met an error ({error[1].decode()[1:]}{where})"


def _prints(target: Path) -> bool:
    """Whether there is more than the empty page that Ghostscript makes of nothing."""
    from kbray.parse.pdf import opened  # pdfium

    if not target.exists():
        return False
    try:
        with opened(target) as document:
            return len(document) > 1 or any(document[0].get_objects())
    except CorruptDocument:
        return False


def _pieces(target: Path) -> Iterator[bytes]:
    with target.open("rb") as file:
        yield from iter(partial(file.read, _CHUNK), b"")
