"""The topics of a help file as trees of HTML: their order, their encodings, what links in them mean."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from kbray.config import MiB
from kbray.errors import CorruptDocument
from kbray.model import TocEntry
from kbray.parse.archive import resolve
from kbray.parse.chm.container import Container
from kbray.parse.chm.contents import Entry
from kbray.parse.chm.system import System
from kbray.parse.encoding import Decoded, declared_encoding, decode
from kbray.parse.epub import PICTURES
from kbray.parse.markup import prints, styles, trees
from kbray.parse.markup.trees import local

_MARKUP = (".htm", ".html", ".xhtml", ".xht", ".shtml", ".asp", ".aspx", ".php", ".jsp")
_TEXT = ".txt"
_NO_TOPICS = (".hhc", ".hhk", ".hhp", ".css", ".js", ".vbs", ".exe", ".dll", ".chm")
_DOCUMENTS = (".pdf", ".doc", ".docx", ".rtf", ".xls", ".xlsx", ".ppt", ".chm", ".hlp", ".zip", ".mht", ".csv")
_ELSEWHERE = re.compile(r"(?:mk:@msitstore|ms-its|its)\s*:(?P<file>[^?#]*?)::/*(?P<path>.*)", re.IGNORECASE | re.DOTALL)
_NO_PART_OF_A_LINK = dict.fromkeys(map(ord, "\t\r\n"))
_KEPT_BYTES = 16 * MiB  # of topics whose trees are kept between the passes
_SAMPLES, _SAMPLE_BYTES = 60, 8 * 1024  # topics that are asked for their encoding, and how much of each
_TOLD = 3  # names in a warning
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


class Topics:
    """Of an open container; `warnings` are sentences for the user, and grow while topics are read."""

    def __init__(self, container: Container, said: System, contents: bytes) -> None:
        self.warnings = dict.fromkeys(container.warnings)
        self._container = container
        self._encoding = said.encoding or self._written_in(contents, latin=said.language is not None)
        self._own = self.text(said.name).casefold()
        self._meant: dict[tuple[str, str], str | None] = {}  # topic and link in it → file
        self._trees: dict[str, etree._Element] = {}
        self._room = _KEPT_BYTES
        self._sheets: dict[str, str] = {}
        self._printing = cache(prints.rules)  # of a style sheet
        self._style: tuple[tuple[str, ...], prints.Style] | None = None  # of the topic before, by its style sheets

    def text(self, data: bytes) -> str:
        """Of titles, names and contents, which don't tell their encoding."""
        return self._decoded(data).text

    def ordered(self, toc: Iterable[TocEntry], before: Iterable[bytes]) -> tuple[str, ...]:
        """All topics: those of the contents, then those of the links `before` the others, then these by their names."""
        named = dict.fromkeys(entry.chapter for entry in toc if entry.chapter)
        others = sorted((name for name in self._container.names if _suffix(name) in (*_MARKUP, _TEXT)), key=_by_name)
        known = frozenset(others)
        linked = (place[0] for link in before if (place := self.place("", self.text(link))) and place[0] in known)
        unread = [name for name in self._container.names if _suffix(name) in _DOCUMENTS]
        if unread:
            self._warn(f"Documents in the file are not read ({_some(unread)}): take them out of it and sync them.")
        return tuple(dict.fromkeys((*named, *linked, *others)))

    def contents(self, entries: Iterable[Entry], base: str) -> Iterator[TocEntry]:
        """The contents; of what they name and isn't there, and of other files that are part of them, a warning."""
        missing: list[str] = []
        merged: dict[str, None] = {}
        for entry in entries:
            place = self.place(base, entry.place) if entry.place else None
            if place is not None and _suffix(place[0]) in _NO_TOPICS:
                place = None
            if entry.merged is not None:
                merged[entry.merged.partition("::")[0]] = None
            elif entry.place and place is None:
                elsewhere = _ELSEWHERE.match(entry.place)
                if elsewhere is not None and not self._is_own(elsewhere["file"]):
                    merged[elsewhere["file"]] = None
                elif "://" not in entry.place:
                    missing.append(entry.place)
            title = entry.title or (place[0] if place else "")
            if title:
                yield TocEntry(entry.level, title, chapter=place and place[0], anchor=(place and place[1]) or None)
        if missing:
            self._warn(f"The contents name {len(missing)} topics that aren't in the file: {_some(missing)}.")
        if merged:
            self._warn(f"The contents go on in other help files, which are read where they are synced: {_some(merged)}.")

    def load(self, name: str) -> etree._Element:
        """The tree of a topic; one that is kept must be given free by `done`.

        Raises: CorruptDocument: the topic is lost. DocumentTooLarge: the file is refused.
        """
        if name in self._trees:
            return self._trees[name]
        try:
            data = self._container.read(name)
        except CorruptDocument as error:
            raise CorruptDocument(error.message, chapter=name) from None
        root = self._tree(name, data)
        hiding: Any = root.xpath("//*[@hidden or @style]")
        for node in hiding:
            if styles.is_hidden(node.attrib):  # what a click unfolds
                styles.show(node)
        if len(data) <= self._room:
            self._room -= len(data)
            self._trees[name] = root
        return root

    def done(self, name: str) -> None:
        """The tree isn't needed any more."""
        self._trees.pop(name, None)

    def place(self, topic: str, href: str) -> tuple[str, str] | None:
        """The file and the id in it that a link in a topic means; None: it leads out of the help file, or nowhere."""
        path, _, fragment = href.strip().translate(_NO_PART_OF_A_LINK).partition("#")
        if (topic, path) not in self._meant:
            self._meant[topic, path] = self._file(topic, path)
        name = self._meant[topic, path]
        return None if name is None else (name, unquote(fragment))

    def picture(self, topic: str, source: str) -> str | None:
        """The file that a picture in a topic is."""
        place = self.place(topic, source) if source.strip() else None
        return place and place[0]

    def style(self, topic: str, root: etree._Element) -> prints.Style:
        """How text in it looks."""
        sheets = tuple(self._css(topic, root))
        if self._style is None or self._style[0] != sheets:
            self._style = sheets, prints.Style(rule for css in sheets for rule in self._printing(css))
        return self._style[1]

    def _css(self, topic: str, root: etree._Element) -> Iterator[str]:
        for node in root.iter("link", "style"):
            if local(node.tag) == "style":
                yield node.text or ""
            elif (node.get("rel") or "").lower() == "stylesheet" and (place := self.place(topic, node.get("href") or "")):
                if place[0] not in self._sheets:
                    try:
                        self._sheets[place[0]] = self.text(self._container.read(place[0]))
                    except CorruptDocument:
                        self._sheets[place[0]] = ""  # that titles are larger can't be told then
                yield self._sheets[place[0]]

    def _tree(self, name: str, data: bytes) -> etree._Element:
        """Of a topic that is a picture or plain text, a page that shows it."""
        if data.startswith(PICTURES):
            return _page(f'<img src="/{escape(name)}">')
        decoded = self._decoded(data)
        for warning in decoded.warnings:
            self._warn(f"{name}: {warning}")
        if decoded.controls * 50 > len(decoded.text):
            raise CorruptDocument(f"{name!r} holds no text.", chapter=name)
        if _suffix(name) == _TEXT or "<" not in decoded.text:
            return _page("".join(f"<p>{escape(line)}</p>" for line in map(str.strip, decoded.text.splitlines()) if line))
        root = trees.html(decoded.text)
        return _page("") if root is None else root

    def _decoded(self, data: bytes) -> Decoded:
        """By its own declaration, as UTF-8, or in the encoding of the file."""
        if declared_encoding(data) or _is_utf8(data):
            return decode(data, declared=True)
        return decode(data, charset=self._encoding)

    def _written_in(self, contents: bytes, *, latin: bool) -> str:
        """The encoding that most topics declare; else the likeliest of what they and the contents are written in.

        latin: the file says that its language is written in Latin letters.
        """
        names = [name for name in self._container.names if _suffix(name) in _MARKUP]
        declared: Counter[str] = Counter()
        undeclared = [contents] if not _is_utf8(contents) else []
        for name in names[:: max(1, len(names) // _SAMPLES)]:
            try:
                data = self._container.read(name)
            except CorruptDocument:
                continue
            told = declared_encoding(data)
            if told:
                declared[told] += told != "utf-8"
            elif (found := _BEYOND_ASCII.search(data)) and not _is_utf8(data):
                undeclared.append(data[max(0, found.start() - _SAMPLE_BYTES // 8) :][:_SAMPLE_BYTES])
        if declared.total():
            return max(sorted(declared), key=declared.__getitem__)
        if not undeclared:
            return "cp1252"
        guessed = decode(b"\n".join(undeclared))
        if guessed.guessed and not (latin and guessed.encoding == "cp1252"):
            self._warn(f"No encoding is declared in the file: {guessed.encoding} was guessed, so characters may be wrong.")
        return guessed.encoding

    def _file(self, topic: str, path: str) -> str | None:
        """What a link without its fragment means."""
        elsewhere = _ELSEWHERE.match(path)
        if elsewhere is not None:
            return self._find("", elsewhere["path"]) if self._is_own(elsewhere["file"]) else None
        try:
            parts = urlsplit(path)
        except ValueError:
            return None
        if parts.scheme or parts.netloc:
            return None
        return self._find(topic, path) if path else topic

    def _find(self, topic: str, path: str) -> str | None:
        meant = (unquote(path), unquote(path, self._encoding), path)
        return next(filter(None, (self._container.find(resolve(topic, one)) for one in meant)), None)

    def _is_own(self, file: str) -> bool:
        stem = posixpath.basename(file.replace("\\", "/")).casefold().removesuffix(".chm")
        return not stem or not self._own or stem == self._own

    def _warn(self, sentence: str) -> None:
        self.warnings[sentence] = None


def _page(body: str) -> etree._Element:
    root = trees.html(f"<html><body>{body}</body></html>")
    assert root is not None
    return root


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _suffix(name: str) -> str:
    return posixpath.splitext(name)[1].lower()


def _by_name(name: str) -> list[tuple[int, str]]:
    """In the order of the numbers in it."""
    pieces = re.split(r"(\d{1,17})", name.casefold())
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in pieces]


def _some(names: Iterable[str]) -> str:
    told = list(names)
    return ", ".join(map(repr, told[:_TOLD])) + (f" and {len(told) - _TOLD} more" if len(told) > _TOLD else "")
