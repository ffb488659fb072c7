"""Jupyter notebooks → text, code and what it put out: Markdown through its reader, tables and pages through the walker.

The format is that of nbformat 2, 3 and 4: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.model import Element, Metadata, Parsed, Window
from kbray.parse import code, markdown
from kbray.parse.markup import trees
from kbray.parse.markup.walker import walk
from kbray.parse.pictured import with_pictures
from kbray.parse.text import elements_of as text_elements
from kbray.parse.text import read, whole

_MOST = 20_000  # characters of one output: what a program logs or lists is no text that anybody reads to its end
_MOST_MARKUP = 2_000_000  # characters of an output in HTML; libraries for charts put megabytes there
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|\x1b")
_OBJECT = re.compile(r"<[^\n]*>|\S+ object at 0x[0-9a-f]+|[\w.]+\([^()]*\)|alt\..*", re.DOTALL)
_PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "png": "png", "jpeg": "jpg"}
_OLD = {"text": "text/plain", "html": "text/html", "svg": "image/svg+xml", "latex": "text/latex", "json": "application/json"}
_ATTACHED = "attachment:"


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole notebook, whatever the window: its cells in order, each with its outputs behind it.

    Raises: CorruptDocument: it is no notebook, or broken; EmptyDocument: there is nothing in its cells.
    """
    text, warnings = read(path)
    notebook = _loaded(text)
    reader = _Reader()
    elements = [element for number, cell in enumerate(_cells(notebook), start=1) for element in reader.cell(number, cell)]
    about = notebook.get("metadata")
    metadata = _metadata(about if isinstance(about, dict) else {}, elements)
    parsed = whole("notebook", elements, (*warnings, *reader.warnings), metadata)
    return with_pictures(parsed, len(reader.pictures), lambda target: _decoded(reader.pictures.get(target, "")), limits)


def _loaded(text: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text, strict=False, parse_int=_number)
    except ValueError as error:
        raise CorruptDocument(f"The notebook is broken: its JSON can't be read ({error}).") from None
    if not isinstance(notebook, dict) or not any(isinstance(notebook.get(name), list) for name in ("cells", "worksheets")):
        raise CorruptDocument("The file is called a notebook, but there are no cells in it.")
    return notebook


def _number(digits: str) -> int | str:
    """Python refuses to make numbers of thousands of digits."""
    return int(digits) if len(digits) < 1000 else digits


def _cells(notebook: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Of its worksheets, before version 4."""
    holders = notebook["worksheets"] if isinstance(notebook.get("worksheets"), list) else []
    for holder in (notebook, *holders):
        cells = holder.get("cells") if isinstance(holder, dict) else None
        yield from (cell if isinstance(cell, dict) else {"source": cell} for cell in (cells if isinstance(cells, list) else ()))


def _metadata(about: Mapping[str, Any], elements: Iterable[Element]) -> Metadata:
    """Its own title, which few have, else the first heading."""
    title = _text(about.get("title")) or next((one.text for one in elements if one.kind == "heading"), None)
    authors = about.get("authors")
    names = (_text(one.get("name") if isinstance(one, dict) else one) for one in (authors if isinstance(authors, list) else ()))
    return Metadata(title or None, tuple(filter(None, names)), date=_text(about.get("date")) or None)


class _Reader:
    """Reads cell by cell; keeps the pictures, and what has to be told."""

    def __init__(self) -> None:
        self.pictures: dict[str, str] = {}  # name → bytes in base 64
        self._anchors: dict[str, int] = {}
        self._cut: list[int] = []
        self._odd: list[int] = []
        self._deep: list[int] = []

    @property
    def warnings(self) -> Iterator[str]:
        for numbers, what in (
            (self._cut, f"Outputs of more than {_MOST} characters were cut in the middle"),
            (self._odd, "There is something else than text where text should be"),
            (self._deep, "Quotes or lists are nested too deeply, so that they were read as plain text"),
        ):
            if numbers:
                cells = list(map(str, dict.fromkeys(numbers)))
                more = f" and {len(cells) - 10} more" if len(cells) > 10 else ""
                yield f"{what} (cell{'s' if len(cells) > 1 else ''} {', '.join(cells[:10])}{more})."

    def cell(self, number: int, cell: Mapping[str, Any]) -> Iterator[Element]:
        kind = cell.get("cell_type")
        given = cell.get("source", cell.get("input"))
        source = _text(given).replace("\r\n", "\n")
        if not _is_text(given):
            self._odd.append(number)
        if kind == "code":
            yield from code.elements_of(source)
            outputs = cell.get("outputs")
            yield from self._outputs(number, outputs if isinstance(outputs, list) else ())
        elif kind == "heading":  # of version 3
            level = cell.get("level")
            marks = "#" * (min(max(level, 1), 6) if isinstance(level, int) else 1)
            yield from self._markdown(number, f"{marks} {' '.join(source.split())}", {})
        elif kind in ("markdown", "html"):
            attachments = cell.get("attachments")
            yield from self._markdown(number, source, attachments if isinstance(attachments, dict) else {})
        else:  # raw, for a program that makes a book of it: which language it is in few tell
            about = cell.get("metadata")
            told = about.get("raw_mimetype", about.get("format")) if isinstance(about, dict) else None
            yield from _walked(source) if told == "text/html" else text_elements(source)

    def _markdown(self, number: int, source: str, attachments: Mapping[str, Any]) -> Iterator[Element]:
        for name, forms in attachments.items():
            for media_type, data in forms.items() if isinstance(forms, dict) else ():
                if media_type in _PICTURES:
                    self.pictures[f"cell{number}-{name}"] = _text(data)

        def locate(href: str) -> str | None:
            return f"cell{number}-{href.removeprefix(_ATTACHED)}" if href.startswith(_ATTACHED) else href or None

        elements = markdown.elements_of(source, self._anchors, locate)
        if elements is None:
            self._deep.append(number)
        yield from text_elements(source) if elements is None else elements

    def _outputs(self, number: int, outputs: Iterable[Any]) -> Iterator[Element]:
        stream = ""
        for place, output in enumerate(outputs, start=1):
            kind = output.get("output_type") if isinstance(output, dict) else None
            if kind == "stream":
                stream += _text(output.get("text"))
                continue
            yield from self._printed(number, stream)
            stream = ""
            if kind in ("error", "pyerr"):
                trace = output.get("traceback")
                lines = "\n".join(map(_text, trace if isinstance(trace, list) else ()))
                yield from self._printed(number, lines or f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}")
            elif kind in ("display_data", "execute_result", "pyout", "update_display_data"):
                data = output.get("data")
                old = {_OLD.get(name, name): value for name, value in output.items()}
                yield from self._shown(number, f"cell{number}-output{place}", data if isinstance(data, dict) else old)
            else:
                self._odd.append(number)
        yield from self._printed(number, stream)

    def _shown(self, number: int, name: str, data: Mapping[str, Any]) -> Iterator[Element]:
        """One of the forms that an output is given in, the one which tells most."""
        plain = _text(data.get("text/plain")).strip()
        markup = _text(data.get("text/html"))
        page = _walked(markup) if len(markup) <= _MOST_MARKUP else []
        picture = next((kind for kind in _PICTURES if kind in data), None)
        if page and (not plain or _OBJECT.fullmatch(plain) or any(one.kind == "table" for one in page)):
            yield from page
        elif said := _text(data.get("text/markdown")).strip():
            yield from self._markdown(number, said, {})
        elif picture is not None:
            target = f"{name}.{_PICTURES[picture]}"
            self.pictures[target] = _text(data[picture])
            yield Element("image", "" if _OBJECT.fullmatch(plain) else plain, target=target)
        elif drawn := _walked(_text(data.get("image/svg+xml"))):
            yield from drawn
        elif formula := _text(data.get("text/latex")).strip():
            yield Element("formula", formula)
        elif plain:
            yield from self._printed(number, plain)
        elif (value := data.get("application/json")) is not None:
            yield from self._printed(number, json.dumps(value, ensure_ascii=False, indent=1))

    def _printed(self, number: int, text: str) -> Iterator[Element]:
        """As a terminal shows it, in its lines; the middle of what is very long is left out."""
        lines = (line.rstrip("\r").rpartition("\r")[2] for line in _ESCAPE.sub("", text).split("\n"))  # the rest is overwritten
        shown = "\n".join(lines).strip("\n")
        if len(shown) > _MOST:
            self._cut.append(number)
            left = f"[… {len(shown) - _MOST} characters …]"
            shown = f"{shown[: _MOST // 2]}\n{left}\n{shown[-_MOST // 2 :]}"
        yield from code.elements_of(shown)


def _walked(markup: str) -> list[Element]:
    root = trees.html(markup) if markup.strip() else None
    return list(walk(root).elements) if root is not None else []


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _text(value: Any) -> str:
    """A string, or the lines of one, which have no line breaks in version 2; what else stands there as JSON."""
    if isinstance(value, list):
        lines = [_text(one) for one in value]
        return ("" if any(line.endswith("\n") for line in lines[:-1]) else "\n").join(lines)
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return b""
