"""Parts → the document: in order, running titles told apart, notes labelled, paragraphs and tables joined, gaps told."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace

from kbray.document import byline, continued, footnotes, joining, ledger, outline, running
from kbray.errors import EmptyDocument
from kbray.model import Document, Element, Failure, FileResult, Metadata, Parsed, Quality, Unit, Window

REVISION = 13
"""Raised whenever this room makes something else of the same parts; it is in every fingerprint."""


def assemble(
    parts: Sequence[Parsed | None],
    *,
    sha256: str,
    fingerprint: str,
    media_type: str,
    expected: Sequence[Window],
    failures: Sequence[Failure],
) -> Document:
    """One document of all parts of a file.

    parts: one for each window of `expected`; None where the part failed, its reasons being among `failures`.
    Raises: EmptyDocument: everything was read, and there was nothing: no text, no table, no picture.
    """
    ordered = sorted(zip(expected, parts, strict=True), key=lambda pair: pair[0].first_page or 0)
    found = [part for _, part in ordered if part is not None]
    units, all_failures = ledger.settle(ordered, failures)
    toc = tuple(dict.fromkeys(entry for part in found for entry in part.toc))
    marked = _marked_running(found)
    elements = outline.settle_levels(marked, toc)
    elements = footnotes.settle(elements)
    elements = continued.join(elements)
    elements = joining.join(elements, {int(unit.name) for unit in units if not unit.produced and unit.name.isdecimal()})
    elements = outline.with_paths(elements)
    document = Document(
        sha256=sha256,
        fingerprint=fingerprint,
        media_type=media_type,
        engine=_engine(found),
        elements=tuple(elements),
        units=units,
        metadata=_metadata(found),
        toc=toc,
        failures=all_failures,
        warnings=tuple(dict.fromkeys(warning for part in found for warning in part.warnings)),
    )
    if document.complete and not has_content(elements):
        raise EmptyDocument(_nothing(units))
    return document


def summarise(document: Document, quality: Quality | None = None) -> FileResult:
    """What the catalogue keeps. Failed means that nothing could be read: a document of which a page is left is not."""
    produced = sum(unit.produced for unit in document.units)
    failed = not produced or not has_content(document.elements)
    return FileResult(
        fingerprint=document.fingerprint,
        engine=document.engine,
        title=document.metadata.title or _first_heading(document.elements),
        language=document.metadata.language,
        units_expected=len(document.units),
        units_produced=produced,
        characters=sum(unit.characters for unit in document.units),
        complete=document.complete,
        failed=failed,
        quality=None if failed else quality,
        authors=byline.authors(document.metadata.authors),
        date=byline.day(document.metadata.date),
    )


def has_content(elements: Iterable[Element]) -> bool:
    """Whether there is any text, table or picture."""
    return any(element.kind == "image" or element.table is not None or element.text.strip() for element in elements)


def _marked_running(parts: Sequence[Parsed]) -> list[list[Element]]:
    """Elements by part, as they came; running titles are looked for over all of them."""
    marked = iter(running.mark_running([element for part in parts for element in part.elements]))
    return [[next(marked) for _ in part.elements] for part in parts]


def _engine(parts: Sequence[Parsed]) -> str:
    """Those of the parts, joined by `+` where they differ; `none` without parts."""
    names = dict.fromkeys(part.engine for part in parts if part.engine != "none")
    return "+".join(names) or "none"


def _metadata(parts: Sequence[Parsed]) -> Metadata:
    """Each field from the first part that knows it."""
    found = Metadata()
    for part in parts:
        known = {field.name: getattr(found, field.name) or getattr(part.metadata, field.name) for field in fields(Metadata)}
        found = replace(found, **known)
    return found


def _nothing(units: Sequence[Unit]) -> str:
    if len(units) == 1:
        return "No text could be found in this document: it is blank, or nothing in it could be recognised."
    what = "pages" if all(unit.name.isdecimal() for unit in units) else "chapters"
    return f"No text could be found in this document: all of its {len(units)} {what} are blank, or nothing could be recognised."


def _first_heading(elements: Iterable[Element]) -> str | None:
    return next((title for e in elements if e.kind == "heading" and e.main and (title := outline.heading_title(e.text))), None)
