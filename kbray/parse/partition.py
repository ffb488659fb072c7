"""DOCX and PPTX by `unstructured` 0.27.32, without its network and without its guesses.

Two things are changed in it, in the parse child only, before its modules are imported:

- `unstructured.nlp.tokenize` is replaced. The original loads a spaCy model, fetched from the internet on first use, which fails
  offline; it costs two seconds and 250 MB in each child. All that it serves is telling prose from titles in text without a style.
- `text_type.is_possible_title` answers no. A short line is not a heading: headings come from styles and placeholders only.

Languages are not detected (`languages=[""]`): its detector draws lots, so that results would differ from run to run.
"""

import functools
import importlib
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

from kbray.config import Settings
from kbray.document.tables import table_from_html, table_text
from kbray.model import Element, Kind, Parsed, Unit
from kbray.parse.docx_extras import complete
from kbray.parse.media import PPTX
from kbray.parse.ooxml import core_properties

ENGINE = "unstructured"
_KINDS: dict[str, Kind] = {
    "Title": "heading",
    "ListItem": "list_item",
    "Table": "table",
    "Header": "header",
    "Footer": "footer",
    "FigureCaption": "caption",
    "Formula": "formula",
    "CodeSnippet": "code",
    "Image": "image",
    "Footnote": "footnote",
}
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def _library_errors() -> tuple[type[Exception], ...]:
    """The exceptions of the libraries that are their own: no kin of Python's."""
    names = (
        ("docx.opc.exceptions", "OpcError"),
        ("docx.exceptions", "PythonDocxError"),
        ("pptx.exc", "PythonPptxError"),
        ("unstructured.errors", "UnprocessableEntityError"),
    )
    return tuple(getattr(importlib.import_module(module), name) for module, name in names)


ERRORS = _library_errors()


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: those of `ERRORS` and Python's own, as the libraries do for damaged files."""
    metadata = core_properties(path, limits)
    if media_type == PPTX:
        slides = _slides(_elements(_partition("pptx")(filename=str(path), languages=[""]), media_type), path)
        units = tuple(Unit(f"slide {number}", _characters(slide)) for number, slide in enumerate(slides, start=1))
        return Parsed(ENGINE, tuple(chain.from_iterable(slides)), units, metadata)
    completed = complete(path, limits)
    elements = (*_elements(_partition("docx")(file=completed.file, languages=[""]), media_type), *completed.notes)
    warnings = (f"Formulas are given as their characters only ({completed.formulas}).",) if completed.formulas else ()
    return Parsed(ENGINE, elements, (Unit("whole", _characters(elements)),), metadata, warnings=warnings)


@functools.cache
def _partition(kind: str) -> Callable[..., list[Any]]:
    sys.modules["unstructured.nlp.tokenize"] = tokenizer()
    text_type = importlib.import_module("unstructured.partition.text_type")
    text_type.is_possible_title = _no_title  # type: ignore[attr-defined]  # the second change
    function: Callable[..., list[Any]] = getattr(importlib.import_module(f"unstructured.partition.{kind}"), f"partition_{kind}")
    return function


def tokenizer() -> ModuleType:
    """What stands for `unstructured.nlp.tokenize`: sentences by their marks, words by white space, no parts of speech."""
    module = ModuleType("unstructured.nlp.tokenize")
    members: dict[str, object] = {
        "sent_tokenize": lambda text: _SENTENCE.split(text.strip()),
        "word_tokenize": lambda text: re.findall(r"\w+|[^\w\s]", text),
        "pos_tag": lambda text: [],
    }
    module.__dict__.update(members)
    return module


def _no_title(*_: object, **__: object) -> bool:
    return False


def _elements(found: Sequence[Any], media_type: str) -> tuple[Element, ...]:
    """Theirs as ours; what has no text is left out: page breaks, empty sheets."""
    return tuple(element for element in (_element(one, media_type) for one in found) if element.text)


def _element(found: Any, media_type: str) -> Element:
    kind = _KINDS.get(type(found).__name__, "paragraph")
    told = found.metadata
    page = told.page_number if media_type == PPTX else None
    chapter = f"slide {page}" if page else told.page_name
    if kind == "table" and told.text_as_html:
        table = table_from_html(told.text_as_html)
        return Element("table", table_text(table), page=page, chapter=chapter, table=table)
    text = _folded(found.text)
    depth = told.category_depth or 0
    if kind == "heading":
        return Element("heading", text, min(depth + 1, 6), page=page, chapter=chapter)
    if kind == "list_item":
        return Element("list_item", text, depth + 1, page=page, chapter=chapter, marker="-")
    return Element("paragraph" if kind == "table" else kind, text, page=page, chapter=chapter)


def _folded(text: str | None) -> str:
    """White space folded within lines, which are breaks that the author made."""
    lines = (" ".join(line.split()) for line in (text or "").replace("\x0b", "\n").splitlines())
    return "\n".join(line for line in lines if line)


def _slides(elements: tuple[Element, ...], path: Path) -> list[list[Element]]:
    """What each slide shows, and its speaker's notes behind: unstructured would put them before, not to be told apart."""
    import pptx

    slides: list[list[Element]] = []
    for page, slide in enumerate(pptx.Presentation(str(path)).slides, start=1):
        frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        paragraphs = (_folded(paragraph.text) for paragraph in frame.paragraphs) if frame is not None else ()
        notes = [Element("paragraph", text, page=page, chapter=f"slide {page}") for text in paragraphs if text]
        slides.append([element for element in elements if element.page == page] + notes)
    return slides


def _characters(elements: Iterable[Element]) -> int:
    return sum(len(element.text) for element in elements)
