"""Documents of known structure in the formats people write: how much of it comes out, by format and the program that wrote it.

The documents of `prints`, as python-docx writes them, LibreOffice from that and pandoc from HTML; judged as `prints` are.
"""

import operator
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.printing.documents import Document
from benchmarks.printing.html import html
from benchmarks.printing.printers import Printer, by_libreoffice, by_python, one_by_one
from benchmarks.prints import elements, measured
from kbray.config import Settings
from kbray.model import Element, Window
from kbray.parse import parse
from kbray.parse.sniff import sniff

FILES = 40
_CAPTION = re.compile(
    "<p class=caption>([^<]*)</p><table>(.*?</table>)|<table>((?:(?!<table>).)*?</table>)<p class=caption>([^<]*)</p>"
)


def run(folder: Path, files: int) -> dict[str, object]:
    """Share of the pieces that are right: of all, and by kind.

    Raises: SystemExit: neither LibreOffice nor pandoc is installed.
    """
    settings = Settings(home=folder, ocr="never")

    def read(path: Path) -> Sequence[Element]:
        return elements(parse(path, sniff(path, path.name), Window(), settings))

    return measured(folder, files, WRITERS, read, operator.eq)


def _pandoc(kind: str, source: Path, target: Path) -> list[str]:
    return ["pandoc", "--standalone", "--wrap=none", "--to", kind, "--output", str(target), str(source)]


def _captioned(made: Document) -> str:
    """With captions in their tables, as pandoc has no others."""
    return _CAPTION.sub(
        lambda found: f"<table><caption>{found[1] or found[4]}</caption>{found[2] or found[3]}", html(made, notes=False)
    )


def _by_pandoc(kind: str, suffix: str) -> Printer:
    write = one_by_one(f"pandoc-{kind}", ".html", _captioned, partial(_pandoc, kind), suffix)
    return Printer(f"{kind}, pandoc", "pandoc", False, write)


_OF_PANDOC = {
    **{"docx": ".docx", "odt": ".odt", "rtf": ".rtf", "epub2": ".epub", "epub3": ".epub", "html4": ".htm", "html5": ".htm"},
    **{"gfm": ".md", "commonmark_x": ".md"},
}
WRITERS = (
    Printer("docx, python-docx", "python3", False, by_python),
    Printer("docx without styles, python-docx", "python3", False, partial(by_python, styles=False)),
    *(
        Printer(f"{kind}, LibreOffice", "soffice", False, partial(by_libreoffice, kind=kind))
        for kind in ("odt", "doc", "rtf", "html")
    ),
    *(
        Printer(f"{kind} without styles, LibreOffice", "soffice", False, partial(by_libreoffice, kind=kind, styles=False))
        for kind in ("odt", "doc", "rtf")
    ),
    *(_by_pandoc(kind, suffix) for kind, suffix in _OF_PANDOC.items()),
)
