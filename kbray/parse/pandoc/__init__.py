"""Texts in a markup language (LaTeX, reStructuredText, Org, DocBook, …) → HTML, by pandoc → the reader of web pages.

What pandoc can't read, or would lose too many words of, is read as plain text or as XML of any kind, and the result says so.
"""

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Element, Metadata, Parsed, Unit, Window
from kbray.parse import html, text, xml
from kbray.parse.encoding import decode
from kbray.parse.markup import trees
from kbray.parse.media import LATEX, XML_MARKUP
from kbray.parse.pandoc import articles, latex, program, references, sources

ENGINE = "pandoc"
_LONGEST_S = 60.0  # for pandoc, and no more than a third of what a parser has: the text must still be read in another way
_SHARE = 1 / 3
_LARGEST = 8 * 1024 * 1024  # characters: of more, pandoc takes more memory than it is given
_WORD = re.compile(r"[^\W\d_]{3,}")
_TOLD_SHARE, _TOLD_LEAST = 0.02, 10  # of the words of a text that are missing, from which on it is said
_LOST_SHARE, _LOST_LEAST = 0.25, 25  # and from which on the text is read without pandoc
_EXAMPLES = 5
_INCLUDE = re.compile(r"\[WARNING\] Could not load include file (.+?) at .*?line \d+ column \d+\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Read:
    elements: tuple[Element, ...]
    metadata: Metadata
    warnings: tuple[str, ...]


def parse(path: Path, window: Window, limits: Settings, media_type: str) -> Parsed:
    """The whole text, whatever the window.

    Raises: EmptyDocument; UnsupportedMedia: it is no text; CorruptDocument: it is no XML, either; ConfigError: pandoc is missing.
    """
    data = path.read_bytes()
    decoded = decode(data, declared=media_type in XML_MARKUP)
    if not decoded.text.strip():
        raise EmptyDocument("There is no text in the file.")
    source = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    timeout_s = min(_LONGEST_S, limits.parse_timeout_s * _SHARE)
    try:
        if len(source) > _LARGEST:
            raise program.Refused(f"it has more than {_LARGEST // (1024 * 1024)} million characters")
        read = _read(source, media_type, timeout_s)
    except program.Refused as refused:
        why = f"{sources.NAMES[media_type]} could not be read as such ({refused})"
        return _plain(path, window, limits, media_type, why, ())
    lost, all_words = _lost(source, read.elements, media_type)
    missing = lost.total()
    if missing > max(_LOST_LEAST, _LOST_SHARE * all_words) or not read.elements:
        left = f"{missing} of about {all_words} words would be missing" if read.elements else "nothing of it would be left"
        return _plain(path, window, limits, media_type, f"Read as {sources.NAMES[media_type]}, {left}", read.warnings)
    warnings = [*decoded.warnings, *read.warnings]
    if missing > max(_TOLD_LEAST, _TOLD_SHARE * all_words):
        examples = ", ".join(word for word, _ in lost.most_common(_EXAMPLES))
        warnings.append(f"{missing} of about {all_words} words of the source are not in the text ({examples}, …).")
    return _parsed(read, tuple(warnings))


def _read(source: str, media_type: str, timeout_s: float) -> _Read:
    """Raises: program.Refused."""
    reader = sources.READERS[media_type]
    prepared = sources.prepared(source, media_type)
    if media_type in sources.REFERENCES:
        converted = program.to_csl(prepared, reader, timeout_s)
        return _Read(tuple(references.elements(converted.text)), Metadata(), ())
    converted = _latex(prepared, timeout_s) if media_type == LATEX else program.to_html(prepared, reader, timeout_s)
    root = trees.html(converted.text)
    told = tuple(_told(converted.messages, sources.included(source, media_type)))
    if media_type in XML_MARKUP:
        told = (*articles.told(source), *told)
    if root is None:
        return _Read((), Metadata(), told)
    metadata = html.metadata(root)
    return _Read(html.read(root), metadata, told)


def _latex(prepared: str, timeout_s: float) -> program.Converted:
    """Read again where that gives more: with the sign between authors, which is refused elsewhere, and with what was skipped.

    Raises: program.Refused.
    """
    reader = sources.READERS[LATEX]
    try:
        first = program.to_html(prepared, reader, timeout_s)
    except program.Refused as refused:
        if latex.AND not in str(refused):
            raise
        prepared = latex.with_and(prepared)
        first = program.to_html(prepared, reader, timeout_s)
    again = latex.transparent(prepared, first.messages)
    if again is None:
        return first
    with suppress(program.Refused):
        second = program.to_html(again, reader, timeout_s)
        return max(first, second, key=lambda one: len(one.text))
    return first


def _parsed(read: _Read, warnings: tuple[str, ...]) -> Parsed:
    said = read.metadata
    title = said.title or next((one.text for one in read.elements if one.kind == "heading"), None)
    metadata = Metadata(title, said.authors, said.language, said.publisher, said.date, said.identifier)
    characters = sum(len(element.text) for element in read.elements)
    return Parsed(ENGINE, read.elements, (Unit("whole", characters),), metadata, warnings=warnings)


def _plain(path: Path, window: Window, limits: Settings, media_type: str, why: str, more: tuple[str, ...]) -> Parsed:
    """The text as it stands, or as XML of any kind. Args: more: what is to be told, too.

    Raises: UnsupportedMedia: it is no text. CorruptDocument, EmptyDocument: as the reader of XML.
    """
    is_xml = media_type in XML_MARKUP
    parsed = (xml if is_xml else text).parse(path, window, limits)
    warning = f"{why}; it was read as {'XML of any kind' if is_xml else 'plain text, with its marks'}."
    return Parsed(parsed.engine, parsed.elements, parsed.units, parsed.metadata, warnings=(warning, *more, *parsed.warnings))


def _told(messages: Iterable[str], included: Iterable[str]) -> list[str]:
    """Files that a text wants to include, which nothing is read of."""
    asked = (found[1] for message in messages if (found := _INCLUDE.match(message)) and not _is_style(found[1]))
    names = dict.fromkeys((*asked, *included))
    return [f"It includes other files, which were not read: {', '.join(names)}."] if names else []


def _is_style(name: str) -> bool:
    return name.endswith((".sty", ".cls", ".bst", ".def", ".cfg"))


def _lost(source: str, elements: Iterable[Element], media_type: str) -> tuple[Counter[str], int]:
    """Words of the source that did not come through, and how many words it has, about."""
    wanted = latex.words(source) if media_type == LATEX else sources.words(source, media_type)
    came = Counter(word for one in elements for word in _WORD.findall(one.text))
    for one in elements:
        came.update(_WORD.findall(one.target or ""))
    return wanted - came, wanted.total()
