"""Compiled HTML Help (CHM) → elements: topics in the order of the contents, each a chapter, read or lost."""

from functools import partial
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.document.language import detect
from kbray.errors import CorruptDocument, DocumentError, EmptyDocument
from kbray.model import Element, Metadata, Parsed, TocEntry, Unit, Window
from kbray.parse.chm import system
from kbray.parse.chm.binary import FILES, Binary
from kbray.parse.chm.container import Container
from kbray.parse.chm.contents import Entry, entries
from kbray.parse.chm.running import without_running
from kbray.parse.chm.topics import Topics
from kbray.parse.epub.toc import Headings
from kbray.parse.failing import failure
from kbray.parse.markup import prints
from kbray.parse.markup.notes import Notes
from kbray.parse.markup.trees import content
from kbray.parse.markup.typed import with_typed
from kbray.parse.markup.walker import walk

ENGINE = "chm"
_SYSTEM = "#SYSTEM"


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole book, whatever the window. Topics that can't be read are missing units with a failure each.

    Raises: CorruptDocument: none of it can be read; DocumentTooLarge, EmptyDocument.
    """
    with Container(path, limits) as container:
        return _parsed(container)


def _parsed(container: Container) -> Parsed:
    warnings: list[str] = []
    said = system.read(_optional(container, _SYSTEM, warnings), container.language)
    member = _contents(container, said)
    hhc = _optional(container, member, warnings) if member else b""
    topics = Topics(container, said, hhc)
    written, links = list(entries(topics.text(hhc))), [said.default]
    if not written:
        binary = Binary(*(_optional(container, name, warnings) for name in FILES))
        written = [Entry(level, topics.text(title), topics.text(link) or None) for level, title, link in binary.contents()]
        links.extend(binary.links_of_topics())
    toc = tuple(topics.contents(written, member or ""))
    names = topics.ordered(toc, links)
    if not names:
        raise EmptyDocument("There are no topics in the help file.")
    notes, looks = Notes(topics.place), prints.Prints()
    lost: dict[str, DocumentError] = {}
    named, untold = {entry.chapter for entry in toc}, []  # topics that the contents don't name stand below their own titles
    for name in names:
        try:
            root = topics.load(name)
        except CorruptDocument as error:
            lost[name] = error
            continue
        notes.survey(name, root)
        if not prints.has_titles(root):
            looks.survey(name, root, topics.style(name, root))
        if name not in named:
            untold.append(TocEntry(1, _title(root) or name, chapter=name))
    if len(lost) == len(names):
        raise CorruptDocument(f"None of the {len(lost)} topics can be read; the first: {next(iter(lost.values()))}")
    notes.settle()
    titles, headings = looks.titles(), Headings([*toc, *untold])
    made: dict[str, tuple[Element, ...]] = {}
    for name in names:
        if name in lost:
            continue
        root = topics.load(name)
        if name in titles:
            prints.mark(root, topics.style(name, root), titles[name])
        notes.annotate(name, root)
        walked = walk(root, chapter=name, locate=partial(topics.picture, name), mark_texts=notes.texts)
        made[name] = tuple(with_typed(headings.give(name, walked.elements, walked.ids)))
        topics.done(name)
    read = dict(zip(made, without_running(made.values()), strict=True))
    elements = tuple(element for topic in read.values() for element in topic)
    if not elements and not lost:
        raise EmptyDocument("The help file has topics, but there is nothing in them.")
    return Parsed(
        ENGINE,
        elements,
        tuple(Unit(name, sum(len(one.text) for one in read.get(name, ())), produced=name not in lost) for name in names),
        Metadata(title=" ".join(topics.text(said.title).split()) or None, language=_language(elements, said.language)),
        toc,
        failures=tuple(failure(error, chapter=name) for name, error in lost.items()),
        warnings=(*warnings, *topics.warnings),
    )


def _optional(container: Container, name: str, warnings: list[str]) -> bytes:
    """A file that tells something of the book; nothing, if it isn't there or, with a warning, is damaged."""
    found = container.find(name)
    if found is None:
        return b""
    try:
        return container.read(found)
    except CorruptDocument as error:
        warnings.append(f"What it tells of the book is lost: {error.message}")
        return b""


def _contents(container: Container, said: system.System) -> str | None:
    """The file with the table of contents: the one that is named, or the first there is."""
    named = container.find(said.contents.decode("utf-8", "replace")) if said.contents else None
    return named or next((name for name in container.names if name.lower().endswith(".hhc")), None)


def _language(elements: tuple[Element, ...], said: str | None) -> str | None:
    """What the file says is often but the language of the computer it was made on: the text knows better, where it is sure."""
    found = detect(elements)
    return said if found is None or (said or "").partition("-")[0] == found.partition("-")[0] else found


def _title(root: etree._Element) -> str:
    return next((content(node) for node in root.iter("title")), "")
