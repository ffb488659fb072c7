"""JSON and JSON Lines → records, `name: value` line by line, where what they hold is sentences; else code."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from kbray.config import MiB, Settings
from kbray.model import Element, Metadata, Parsed, Window
from kbray.parse import code
from kbray.parse.markup import trees
from kbray.parse.markup.walker import walk
from kbray.parse.text import bounded, lines_bounded, read, whole

_PROSE = 0.3  # of the characters of a file: with fewer in sentences it is settings or data
# Five words, or as much without spaces between.
_SENTENCE = re.compile(r"\b(?:[^\W\d_]{1,40}[^\w\s<>{}]{0,3}\s{1,3}[^\w\s<>{}]{0,3}){4}[^\W\d_]|[\u3040-\u9fff\uac00-\ud7af]{8}")
_MARKUP = re.compile(r"</(?:p|div|ul|ol|li|table|h[1-6]|blockquote|pre)>|<(?:br|p)\s*/?>", re.IGNORECASE)
_CUT = "The file ends within a value of its JSON: it was cut short, and is shown as it is; fetch it again."
_BROKEN_OFF = 5  # characters before the end, of a number, a name or an escape, where JSON that is cut is found to be wrong
_LARGEST = 16 * MiB  # of one JSON document that is looked into: its values take many times as much
_LONG = 400  # characters of a value that is a paragraph of its own


class _Object(tuple[tuple[str, Any], ...]):
    """The pairs of an object, those too whose name comes again."""

    __slots__ = ()


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole file, whatever the window.

    Raises: EmptyDocument: white space only; UnsupportedMedia: the bytes are no text.
    """
    text, warnings = read(path)
    try:
        values = _values(text)
        if sum(map(_prose, values())) >= _PROSE * len(text):
            return whole("records", _elements(values()), warnings, Metadata(_title(values())))
    except (ValueError, RecursionError):  # no JSON, or nested too deeply
        warnings = (*warnings, *((_CUT,) if _is_cut(text) else ()))
    return whole("records", code.elements_of(text), warnings)


def _is_cut(text: str) -> bool:
    """Whether it ends within a value: the document, or the last of its lines where the first is whole."""
    lines = text.strip().split("\n")
    told = [text]
    if len(lines) > 1 and lines[-1].startswith(("{", "[")) and not _ends_within(lines[0]):
        told.append(lines[-1])
    return any(map(_ends_within, told))


def _ends_within(text: str) -> bool:
    try:
        _loaded(text)
    except json.JSONDecodeError as error:
        return error.msg.startswith("Unterminated string") or len(text.rstrip()) - error.pos <= _BROKEN_OFF
    except (ValueError, RecursionError):
        pass
    return False


def _values(text: str) -> Callable[[], Iterable[Any]]:
    """The document, or those of its lines, each made when it is asked for, which raises where it is none."""
    if len(text) <= _LARGEST:
        try:
            document = [_loaded(text)]
            return lambda: document
        except (ValueError, RecursionError):
            pass
    return lambda: map(_loaded, filter(str.strip, text.split("\n")))


def _title(values: Iterable[Any]) -> str | None:
    first = next(iter(values), None)
    pairs = first if isinstance(first, _Object) else ()
    return next((value for name, value in pairs if name == "title" and isinstance(value, str)), None)


def _loaded(text: str) -> Any:
    """Numbers stay as they are written."""
    if len(text) > _LARGEST:
        raise ValueError("It is too large to be looked into.")
    return json.loads(text, object_pairs_hook=_Object, parse_int=str, parse_float=str, strict=False)


def _prose(value: Any) -> int:
    """How many characters of it are sentences."""
    if isinstance(value, str):
        return len(value) if _SENTENCE.search(value) else 0
    if isinstance(value, _Object):
        return sum(_prose(inner) for _, inner in value)
    return sum(map(_prose, value)) if isinstance(value, list) else 0


def _elements(values: Iterable[Any]) -> Iterator[Element]:
    for value in values:
        if isinstance(value, list):
            yield from _elements(value)
        elif isinstance(value, _Object):
            yield from _record("", value)
        elif line := _said(value):
            yield from (Element("paragraph", piece) for piece in bounded(line))


def _record(path: str, record: _Object) -> Iterator[Element]:
    """Lines of a paragraph; long values and those of several paragraphs stand alone, and so does each record of a list in it."""
    lines: list[str] = []

    def flushed() -> Iterator[Element]:
        if lines:
            yield from (Element("paragraph", piece) for piece in lines_bounded(lines))
            lines.clear()

    for name, value in _flattened(path, record):
        if isinstance(value, list):
            yield from flushed()
            for one in value:
                if isinstance(one, _Object):
                    yield from _record(name, one)
                else:
                    yield from _elements([one])
        elif len(_MARKUP.findall(value)) > 1 and (page := trees.html(value)) is not None:
            yield from flushed()
            yield from walk(page).elements
        elif len(value) > _LONG or "\n" in value.strip():
            yield from flushed()
            for number, paragraph in enumerate(re.split(r"\n\s*\n", value.strip())):
                told = f"{name}: {paragraph}" if number == 0 else paragraph
                yield from (Element("paragraph", piece) for piece in bounded(told))
        elif value.strip():
            lines.append(f"{name}: {value.strip()}")
    yield from flushed()


def _flattened(path: str, record: _Object) -> Iterator[tuple[str, Any]]:
    """Its values by their names, those of objects in it behind that of the object; lists only where they hold more than words."""
    for name, value in record:
        name = f"{path}.{name}" if path else name
        if isinstance(value, _Object):
            yield from _flattened(name, value)
        elif isinstance(value, list) and any(isinstance(one, list | _Object) for one in value):
            yield name, value
        elif isinstance(value, list):
            yield name, ("\n\n" if any(len(_said(one)) > _LONG for one in value) else ", ").join(map(_said, value))
        else:
            yield name, _said(value)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)
