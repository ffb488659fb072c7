"""PostScript, which Ghostscript makes PDFs of, where it is installed and allowed."""

import hashlib
import struct
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import CorruptDocument, EmptyDocument, UnsupportedMedia
from kbray.model import Parsed, Window
from kbray.parse import boxes, fingerprint, parse
from kbray.parse.boxes import postscript
from kbray.parse.media import LATEX, POSTSCRIPT, ZIP
from kbray.parse.pdf import parse as parse_pdf
from kbray.parse.sniff import sniff

ALLOWED = Settings(ghostscript=True)
SHOWN = "/Helvetica findfont 12 scalefont setfont 72 {y} moveto ({text}) show"
converted = pytest.mark.skipif(postscript.installed() is None, reason="Ghostscript is not installed")


def printing(*lines: str) -> str:
    """A page with these lines."""
    return "\n".join(SHOWN.format(y=700 - 20 * number, text=line) for number, line in enumerate(lines)) + "\nshowpage\n"


def saved(tmp_path: Path, program: str | bytes, before: bytes = b"%!PS-Adobe-3.0\n") -> Path:
    path = tmp_path / "paper.ps"
    path.write_bytes(before + (program.encode() if isinstance(program, str) else program))
    return path


def read(path: Path) -> Parsed:
    return parse(path, sniff(path, path.name), Window(), ALLOWED)


def texts(tmp_path: Path, path: Path) -> list[str]:
    """What is read of the PDF."""
    (tmp_path / "out").mkdir()
    (name,) = boxes.unpack(path, POSTSCRIPT, tmp_path / "out", ALLOWED)
    assert name == ".pdf"
    return [one.text for one in parse_pdf(tmp_path / "out" / "0", Window(), ALLOWED).elements]


@pytest.mark.parametrize("before", [b"%!PS-Adobe-3.0\n", b"\x04%!PS\n", b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER\r\n%!PS\r\n"])
def test_postscript_is_told_behind_what_printers_want_before_it(tmp_path: Path, before: bytes) -> None:
    path = saved(tmp_path, printing("Hello"), before)
    assert sniff(path, path.name) == POSTSCRIPT


def test_postscript_may_leave_out_its_name_and_is_told_from_comments(tmp_path: Path) -> None:
    assert sniff(saved(tmp_path, printing("Hello"), b"%!\n"), "a.ps") == POSTSCRIPT
    assert sniff(saved(tmp_path, "\\documentclass{article} showpage", b"%! TEX root = main.tex\n"), "a.tex") == LATEX
    assert sniff(saved(tmp_path, "is how a job begins, %!PS is how its program does.", b""), "a.txt") == "text/plain"


def test_it_is_not_read_unless_it_is_allowed(tmp_path: Path) -> None:
    path = saved(tmp_path, printing("Hello"))
    with pytest.raises(UnsupportedMedia, match="set KBRAY_GHOSTSCRIPT=true and run `kbray sync --reread`"):
        parse(path, POSTSCRIPT, Window(), Settings())
    assert fingerprint(POSTSCRIPT, Settings()) != fingerprint(POSTSCRIPT, ALLOWED)
    assert fingerprint(ZIP, Settings()) == fingerprint(ZIP, ALLOWED)


def test_who_has_no_ghostscript_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postscript, "installed", lambda: None)
    with pytest.raises(UnsupportedMedia, match="there is no program `gs`: install Ghostscript on every node"):
        read(saved(tmp_path, printing("Hello")))


@converted
def test_pages_are_read_as_those_of_a_pdf(tmp_path: Path) -> None:
    path = saved(tmp_path, printing("A line of print.") + printing("And of the next page."))
    assert texts(tmp_path, path) == ["A line of print.", "And of the next page."]
    (told,) = read(path).elements
    assert told.text == "Attachment: the PDF that it was converted to (by Ghostscript)"
    assert told.target == hashlib.sha256((tmp_path / "out" / "0").read_bytes()).hexdigest()  # the same each time


@converted
def test_encapsulated_with_a_picture_for_other_systems(tmp_path: Path) -> None:
    program = ("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 60 680 300 720\n" + printing("In a frame.")).encode()
    head = b"\xc5\xd0\xd3\xc6" + struct.pack("<6IH", 30, len(program), 0, 0, 30 + len(program), 4, 0xFFFF)
    path = saved(tmp_path, program + b"II*\0", head)
    assert sniff(path, path.name) == POSTSCRIPT
    assert texts(tmp_path, path) == ["In a frame."]


@converted
def test_what_was_printed_before_an_error_is_kept_and_the_rest_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path, printing("Before it.") + "72 700 moveto nonsense show showpage\n")
    assert texts(tmp_path, path) == ["Before it."]
    (failure,) = read(path).failures
    assert failure.code == "corrupt_document"
    assert "Ghostscript met an error (undefined in nonsense), and what it prints behind that is missing" in failure.message


@converted
def test_without_a_page_it_fails(tmp_path: Path) -> None:
    with pytest.raises(CorruptDocument, match=r"No page comes of the PostScript: .* \(undefined in nonsense\)\."):
        read(saved(tmp_path, "nonsense\n"))
    with pytest.raises(EmptyDocument, match="prints nothing"):
        read(saved(tmp_path, "/one 1 def\n"))


@converted
def test_one_that_never_ends_is_ended(tmp_path: Path) -> None:
    path = saved(tmp_path, printing("A page.") + "{} loop\n")
    with pytest.raises(CorruptDocument, match=r"took more than 1 s \(half of parse_timeout_s\), and was ended"):
        parse(path, POSTSCRIPT, Window(), Settings(ghostscript=True, parse_timeout_s=2))


@converted
@pytest.mark.parametrize(
    "program", ["({secret}) (r) file 1000 string readline pop", "({new}) (w) file", "(%pipe%touch {new}) (w) file"]
)
def test_its_program_reaches_no_other_file_and_no_program(tmp_path: Path, program: str) -> None:
    secret, new = tmp_path / "secret", tmp_path / "new"
    secret.write_text("A secret.")
    run = program.format(secret=secret, new=new)
    with pytest.raises(CorruptDocument, match="invalidfileaccess"):
        read(saved(tmp_path, f"{run}\n/Helvetica findfont 12 scalefont setfont 72 700 moveto show showpage\n"))
    assert not new.exists()
