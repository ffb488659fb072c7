"""The programs that print, where they are installed."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.printing import word
from benchmarks.printing.documents import Document
from benchmarks.printing.html import html
from benchmarks.printing.typst import typst


@dataclass(frozen=True, slots=True)
class Printer:
    name: str
    program: str
    notes: bool  # its prints have footnotes
    print: Callable[[Sequence[Document], Path], list[Path]]  # PDFs in a folder, one a document


def _by_chromium(made: Sequence[Document], folder: Path) -> list[Path]:
    paths = []
    for number, one in enumerate(made):
        page, target = folder / f"chromium-{number:04d}.html", folder / f"chromium-{number:04d}.pdf"
        page.write_text(html(one, notes=False), encoding="utf-8")
        profile = f"--user-data-dir={folder / 'chromium'}"
        _call("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", profile, f"--print-to-pdf={target}", page.as_uri())
        paths.append(target)
    return paths


def _by_weasyprint(made: Sequence[Document], folder: Path) -> list[Path]:
    paths = []
    for number, one in enumerate(made):
        page, target = folder / f"weasyprint-{number:04d}.html", folder / f"weasyprint-{number:04d}.pdf"
        page.write_text(html(one, notes=True), encoding="utf-8")
        _call("weasyprint", "--quiet", str(page), str(target))
        paths.append(target)
    return paths


def _by_typst(made: Sequence[Document], folder: Path) -> list[Path]:
    paths = []
    for number, one in enumerate(made):
        source, target = folder / f"typst-{number:04d}.typ", folder / f"typst-{number:04d}.pdf"
        source.write_text(typst(one), encoding="utf-8")
        _call("typst", "compile", str(source), str(target))
        paths.append(target)
    return paths


def _by_libreoffice(made: Sequence[Document], folder: Path) -> list[Path]:
    sources = [folder / f"libreoffice-{number:04d}.docx" for number in range(len(made))]
    for one, source in zip(made, sources, strict=True):
        word.write(one, source)
    profile = f"-env:UserInstallation={(folder / 'libreoffice').as_uri()}"
    _call("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, sources))
    return [source.with_suffix(".pdf") for source in sources]


def _call(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


PRINTERS = (
    Printer("Chromium", "chromium", False, _by_chromium),
    Printer("LibreOffice", "soffice", False, _by_libreoffice),
    Printer("Typst", "typst", True, _by_typst),
    Printer("WeasyPrint", "weasyprint", True, _by_weasyprint),
)


def printers() -> list[Printer]:
    """Those whose program is here."""
    return [one for one in PRINTERS if shutil.which(one.program)]
