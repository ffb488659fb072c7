"""The programs that print, where they are installed."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.printing import word
from benchmarks.printing.documents import Document
from benchmarks.printing.html import html
from benchmarks.printing.latex import latex
from benchmarks.printing.typst import typst


@dataclass(frozen=True, slots=True)
class Printer:
    name: str
    program: str
    notes: bool  # its prints have footnotes
    print: Callable[[Sequence[Document], Path], list[Path]]  # PDFs in a folder, one a document


def one_by_one(
    name: str, suffix: str, write: Callable[[Document], str], command: Callable[[Path, Path], Sequence[str]], made: str = ".pdf"
) -> Callable[[Sequence[Document], Path], list[Path]]:
    """Args: command: prints one file to another. made: the suffix of that."""

    def run(documents: Sequence[Document], folder: Path) -> list[Path]:
        sources = [folder / f"{name}-{number:04d}{suffix}" for number in range(len(documents))]
        for one, source in zip(documents, sources, strict=True):
            source.write_text(write(one), encoding="utf-8")
            _call(*command(source, source.with_suffix(made)))
        return [source.with_suffix(made) for source in sources]

    return run


def _chromium(source: Path, target: Path) -> list[str]:
    profile = f"--user-data-dir={source.parent / 'profile'}"
    return ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", profile, f"--print-to-pdf={target}", source.as_uri()]


def _weasyprint(source: Path, target: Path) -> list[str]:
    return ["weasyprint", "--quiet", str(source), str(target)]


def _typst(source: Path, target: Path) -> list[str]:
    return ["typst", "compile", str(source), str(target)]


def _pdflatex(source: Path, target: Path) -> list[str]:
    return ["pdflatex", "-interaction=batchmode", f"-output-directory={target.parent}", str(source)]


def by_python(made: Sequence[Document], folder: Path, *, styles: bool = True) -> list[Path]:
    """As DOCX."""
    paths = [folder / f"{'styled' if styles else 'plain'}-{number:04d}.docx" for number in range(len(made))]
    for one, path in zip(made, paths, strict=True):
        word.write(one, path, styles=styles)
    return paths


def by_libreoffice(made: Sequence[Document], folder: Path, kind: str = "pdf", *, styles: bool = True) -> list[Path]:
    """From DOCX to this kind of file."""
    sources = by_python(made, folder, styles=styles)
    profile = f"-env:UserInstallation={(folder / 'libreoffice').as_uri()}"
    _call("soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), *map(str, sources))
    return [source.with_suffix(f".{kind}") for source in sources]


def _call(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


PRINTERS = (
    Printer("Chromium", "chromium", False, one_by_one("chromium", ".html", partial(html, notes=False), _chromium)),
    Printer("LaTeX", "pdflatex", True, one_by_one("latex", ".tex", latex, _pdflatex)),
    Printer("LibreOffice", "soffice", False, by_libreoffice),
    Printer("Typst", "typst", True, one_by_one("typst", ".typ", typst, _typst)),
    Printer("WeasyPrint", "weasyprint", True, one_by_one("weasyprint", ".html", partial(html, notes=True), _weasyprint)),
)


def installed(printers: Sequence[Printer]) -> list[Printer]:
    """Those whose program is here."""
    return [one for one in printers if shutil.which(one.program)]
